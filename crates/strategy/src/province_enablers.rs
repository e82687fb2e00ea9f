//! The enablers of a Chinese province: growth and what carried it, people, public money, the market for technology.

use crate::enablers::{Enabler, rank_table};
use crate::engine::Engine;
use crate::figures::{Figures, NewFigure, print_rank};
use crate::{Chart, ChartKind, Format, LineSeries, Section, StrategyError, print};
use frame::{Period, Place, Rank, Text, Unit};
use measure::Direction;
use std::collections::BTreeMap;

const NATION: &str = "CHN";
/// Benchmark years of the provincial accounts.
const BENCHMARKS: &[i32] = &[1997, 2002, 2007, 2012, 2017];

pub(crate) fn section(engine: &Engine, place: &Place, figures: &mut Figures) -> Result<Section, StrategyError> {
    let mut section = Section {
        id: "enablers".into(),
        title: Text::new("Enablers: growth, people, reform", "支撑要素：增长、人才与改革"),
        text: Vec::new(),
        charts: Vec::new(),
        tables: Vec::new(),
        missing: vec![
            Text::new(
                "Environment: emissions of provinces are not in the embedded data (their licence does not allow it).",
                "环境：内置数据不含分省排放（许可不允许再分发）。",
            ),
            Text::new(
                "Growth is nominal: no price index and no capital stock of provinces is embedded, so productivity growth is not split off.",
                "增长为名义值：内置数据没有分省价格指数与资本存量，因此不分解全要素生产率。",
            ),
        ],
        source_line: Text::new(
            "Provincial accounts of the interprovincial input-output database (1997–2017); China Statistical Yearbook on Science and Technology (2010–2023)",
            "省际投入产出数据库分省账户（1997—2017 年）；《中国科技统计年鉴》（2010—2023 年）",
        ),
    };
    growth(engine, place, figures, &mut section)?;
    rank_table(engine, place, figures, &mut section, enablers(engine)?)?;
    Ok(section)
}

fn growth(engine: &Engine, place: &Place, figures: &mut Figures, section: &mut Section) -> Result<(), StrategyError> {
    let table = engine.workspace.indicators()?;
    let reference = engine.workspace.reference("province_accounts")?;
    let gdp: BTreeMap<i32, f64> = table.series(&place.code, "prov_gdp").into_iter().collect();
    let nation: BTreeMap<i32, f64> = table.series(NATION, "prov_gdp").into_iter().collect();
    let (Some(last), Some(previous)) = (BENCHMARKS.last().copied(), BENCHMARKS.iter().rev().nth(1).copied()) else { return Ok(()) };
    let (Some(end), Some(start), Some(nation_end), Some(nation_start)) =
        (gdp.get(&last), gdp.get(&previous), nation.get(&last), nation.get(&previous))
    else {
        section.missing.push(print::fill("No provincial accounts for {0}.", "没有{0}的分省账户数据。", &[&place.name]));
        return Ok(());
    };
    let annual = |end: f64, start: f64| (end / start).powf(1.0 / f64::from(last - previous)) - 1.0;
    let growths: Vec<(String, f64)> = table
        .cross_section("prov_gdp", last)
        .into_iter()
        .filter(|(p, _)| p != NATION)
        .filter_map(|(p, end)| table.get(&p, "prov_gdp", previous).filter(|start| *start > 0.0).map(|start| (p, annual(end, start))))
        .collect();
    let rank = measure::rank(&growths, &place.code, Direction::HigherIsBetter).map(|r| Rank { rank: r.rank, of: r.of });
    let yuan = Unit::Named(Text::new("100 million yuan", "亿元"));
    let size = figures.add(NewFigure {
        id: "enablers/gdp",
        label: Text::new("Gross regional product (nominal)", "地区生产总值（名义）"),
        value: *end,
        unit: yuan,
        period: Period::year(last),
        rank: measure::rank(
            &table.cross_section("prov_gdp", last).into_iter().filter(|(p, _)| p != NATION).collect::<Vec<_>>(),
            &place.code,
            Direction::HigherIsBetter,
        )
        .map(|r| Rank { rank: r.rank, of: r.of }),
        tables: vec![reference.clone()],
        method: "indicator-ranks",
        formula: "prov_gdp (balanced provincial accounts)",
        options: &[],
        inputs: vec![("nation", *nation_end, "100 million yuan")],
    });
    let own = figures.add(NewFigure {
        id: "enablers/growth",
        label: Text::new("Nominal growth of gross regional product", "地区生产总值名义增长"),
        value: annual(*end, *start),
        unit: Unit::AnnualGrowth,
        period: Period::span(previous, last),
        rank,
        tables: vec![reference.clone()],
        method: "growth-rates",
        formula: "(GDP_2017 / GDP_2012)^(1/5) - 1",
        options: &[("prices", "current".into())],
        inputs: vec![("GDP at the start", *start, "100 million yuan"), ("GDP at the end", *end, "100 million yuan")],
    });
    let country = figures.add(NewFigure {
        id: "enablers/growth_nation",
        label: Text::new("Nominal growth of China's GDP", "全国 GDP 名义增长"),
        value: annual(*nation_end, *nation_start),
        unit: Unit::AnnualGrowth,
        period: Period::span(previous, last),
        rank: None,
        tables: vec![reference.clone()],
        method: "growth-rates",
        formula: "(GDP_2017 / GDP_2012)^(1/5) - 1",
        options: &[("prices", "current".into())],
        inputs: vec![("GDP at the start", *nation_start, "100 million yuan"), ("GDP at the end", *nation_end, "100 million yuan")],
    });
    let rank_text = rank.map(print_rank).unwrap_or_default();
    section.text.push(figures.sentence(
        "Gross regional product was {0} in {3}; over {4} it changed by {1} in current prices ({5} of provinces), the nation's by {2}.",
        "{3}地区生产总值{0}；按当年价格计，{4}变化{1}（各省份中{5}），全国为{2}。",
        &[&size, &own, &country],
        &[&print::years(Period::year(last)), &print::years(Period::span(previous, last)), &rank_text],
    ));
    let mut shares = Vec::new();
    for (id, label, indicator) in [
        ("enablers/investment_rate", Text::new("Fixed capital formation in GDP", "固定资本形成占 GDP"), "prov_fixed_capital_formation"),
        ("enablers/labour_share", Text::new("Labour compensation in GDP", "劳动者报酬占 GDP"), "prov_labour_compensation"),
    ] {
        let value = |p: &str| Some(table.get(p, indicator, last)? / table.get(p, "prov_gdp", last)?);
        let all: Vec<(String, f64)> = table
            .cross_section("prov_gdp", last)
            .into_iter()
            .filter(|(p, _)| p != NATION)
            .filter_map(|(p, _)| value(&p).map(|v| (p, v)))
            .collect();
        let Some(result) = measure::rank(&all, &place.code, Direction::HigherIsBetter) else { continue };
        let rank = Rank { rank: result.rank, of: result.of };
        let id = figures.add(NewFigure {
            id,
            label,
            value: result.value,
            unit: Unit::Share,
            period: Period::year(last),
            rank: Some(rank),
            tables: vec![reference.clone()],
            method: "indicator-ranks",
            formula: "component / GDP, balanced provincial accounts",
            options: &[("component", indicator.to_owned())],
            inputs: vec![("median of provinces", result.median, "share")],
        });
        shares.push((id, rank, result.median));
    }
    if let [(investment, investment_rank, median), (labour, _, labour_median)] = shares.as_slice() {
        section.text.push(figures.sentence(
            "Growth leaned on investment to this degree: fixed capital formation was {0} of output ({2}; median of provinces {3}); labour received {1} (median {4}).",
            "增长对投资的依赖：固定资本形成占{0}（由高到低{2}；各省中位数{3}）；劳动者报酬占{1}（中位数{4}）。",
            &[investment, labour],
            &[&print_rank(*investment_rank), &print::share(*median), &print::share(*labour_median)],
        ));
    }
    let years: Vec<i32> = BENCHMARKS.iter().copied().filter(|y| gdp.contains_key(y) && nation.contains_key(y)).collect();
    if years.len() > 1 {
        section.charts.push(Chart {
            id: "gdp-share".into(),
            title: Text::new("Share of the nation's output", "占全国经济总量的份额"),
            caption: Text::new(
                "Gross regional product over the sum of provinces, current prices, benchmark years. Interprovincial input-output database.",
                "地区生产总值占各省合计的份额，当年价格，基准年份。资料来源：省际投入产出数据库。",
            ),
            kind: ChartKind::Lines {
                series: vec![LineSeries {
                    label: place.name.clone(),
                    values: years.iter().map(|y| Some(gdp.get(y)? / nation.get(y)?)).collect(),
                    highlighted: true,
                }],
                years,
                format: Format::Percent,
            },
        });
    }
    Ok(())
}

/// Every enabler the embedded data can rank provinces on.
fn enablers(engine: &Engine) -> Result<Vec<Enabler>, StrategyError> {
    let table = engine.workspace.indicators()?;
    let ratio = |top: &str, top_year: i32, bottom: &str, bottom_year: i32, scale: f64| -> Vec<(String, f64)> {
        table
            .cross_section(top, top_year)
            .into_iter()
            .filter(|(p, _)| p != NATION)
            .filter_map(|(p, value)| table.get(&p, bottom, bottom_year).filter(|b| *b > 0.0).map(|b| (p, value / b * scale)))
            .collect()
    };
    let better = Direction::HigherIsBetter;
    let year = table.latest_year("st_rd_personnel_fte").unwrap_or(2022);
    let budget_year = table.latest_year("st_public_budget_science_technology").unwrap_or(2022);
    let market_year =
        table.latest_year("st_technology_market_value").unwrap_or(2022).min(table.latest_year("st_rd_expenditure").unwrap_or(2022));
    Ok(vec![
        Enabler {
            id: "research_people",
            dimension: "talent",
            label: Text::new("R&D personnel per 100 million yuan of GDP", "每亿元 GDP 研发人员"),
            unit: Unit::Named(Text::new("person-years", "人年")),
            direction: better,
            period: Period::year(2017),
            tables: &["province_st", "province_accounts"],
            formula: "st_rd_personnel_fte 2017 / prov_gdp 2017",
            values: ratio("st_rd_personnel_fte", 2017, "prov_gdp", 2017, 1.0),
        },
        Enabler {
            id: "researcher_share",
            dimension: "talent",
            label: Text::new("Researchers among R&D personnel", "研发人员中研究人员占比"),
            unit: Unit::Share,
            direction: better,
            period: Period::year(year),
            tables: &["province_st"],
            formula: "st_researchers_fte / st_rd_personnel_fte",
            values: ratio("st_researchers_fte", year, "st_rd_personnel_fte", year, 1.0),
        },
        Enabler {
            id: "rd_intensity",
            dimension: "technology",
            label: Text::new("R&D expenditure in GDP", "研发经费投入强度"),
            unit: Unit::Share,
            direction: better,
            period: Period::year(year),
            tables: &["province_st"],
            formula: "st_rd_intensity / 100",
            values: table
                .cross_section("st_rd_intensity", year)
                .into_iter()
                .filter(|(p, _)| p != NATION)
                .map(|(p, v)| (p, v / 100.0))
                .collect(),
        },
        Enabler {
            id: "patents_per_researcher",
            dimension: "technology",
            label: Text::new("Invention patents granted per 1,000 R&D person-years", "每千研发人年发明专利授权数"),
            unit: Unit::Named(Text::new("patents", "件")),
            direction: better,
            period: Period::year(year),
            tables: &["province_st"],
            formula: "1000 x st_invention_patents_granted / st_rd_personnel_fte",
            values: ratio("st_invention_patents_granted", year, "st_rd_personnel_fte", year, 1000.0),
        },
        Enabler {
            id: "technology_turnover",
            dimension: "reform",
            label: Text::new("Technology sold per yuan of R&D", "技术合同成交额与研发经费之比"),
            unit: Unit::Ratio,
            direction: better,
            period: Period::year(market_year),
            tables: &["province_st"],
            formula: "st_technology_market_value / st_rd_expenditure",
            values: ratio("st_technology_market_value", market_year, "st_rd_expenditure", market_year, 1.0),
        },
        Enabler {
            id: "science_budget",
            dimension: "reform",
            label: Text::new("Science and technology in the public budget", "财政科技支出占比"),
            unit: Unit::Share,
            direction: better,
            period: Period::year(budget_year),
            tables: &["province_st"],
            formula: "st_public_budget_science_technology / st_public_budget",
            values: ratio("st_public_budget_science_technology", budget_year, "st_public_budget", budget_year, 1.0),
        },
    ])
}
