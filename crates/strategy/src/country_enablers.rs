//! The enablers of a country: where its growth came from, and how it ranks in talent, environment and technology.

use crate::enablers::{Enabler, rank_table};
use crate::engine::Engine;
use crate::figures::{Figures, NewFigure};
use crate::{BarRow, Chart, ChartKind, Format, Section, StrategyError, print};
use frame::{Period, Place, Text, Unit};
use measure::{Direction, GrowthAccountingOptions, GrowthContributions, GrowthSeries};
use std::collections::BTreeMap;

/// Sub-periods shown in the growth chart.
const DECADES: &[(i32, i32)] = &[(1990, 2000), (2000, 2010), (2010, 2019)];

pub(crate) fn section(engine: &Engine, place: &Place, figures: &mut Figures) -> Result<Section, StrategyError> {
    let mut section = Section {
        id: "enablers".into(),
        title: Text::new("Enablers: growth, talent, environment", "支撑要素：增长、人才与环境"),
        text: Vec::new(),
        charts: Vec::new(),
        tables: Vec::new(),
        missing: Vec::new(),
        source_line: Text::new(
            "Penn World Table 10.01 (1990–2019); NCSES patents of the US office (to 2020), green patents and articles (to 2022)",
            "佩恩世界表 10.01（1990—2019 年）；NCSES 美国专利局授权专利（至 2020 年）、绿色专利与论文（至 2022 年）",
        ),
    };
    growth(engine, place, figures, &mut section)?;
    indicators(engine, place, figures, &mut section)?;
    section.missing.push(Text::new(
        "Reform of the economic and innovation systems has no direct measure in the embedded data; productivity growth is shown as its outcome.",
        "内置数据没有直接衡量经济体制与创新体制改革的指标；此处以全要素生产率增长作为其结果呈现。",
    ));
    Ok(section)
}

/// The years for which output, capital, employment and the labour share are all known.
fn growth_series(engine: &Engine, place: &str) -> Result<Option<GrowthSeries>, StrategyError> {
    let table = engine.workspace.indicators()?;
    let series = |indicator: &str| -> BTreeMap<i32, f64> { table.series(place, indicator).into_iter().collect() };
    let (output, capital, employment, labour_share, human_capital) =
        (series("pwt_rgdpna"), series("pwt_rnna"), series("pwt_emp"), series("pwt_labsh"), series("pwt_hc"));
    let years: Vec<i32> =
        output.keys().copied().filter(|year| [&capital, &employment, &labour_share].iter().all(|s| s.contains_key(year))).collect();
    if years.len() < 2 {
        return Ok(None);
    }
    let pick = |s: &BTreeMap<i32, f64>| -> Vec<f64> { years.iter().filter_map(|year| s.get(year).copied()).collect() };
    // without a complete series of human capital its part stays in productivity, and the chart says so by leaving it out
    let human_capital = pick(&human_capital);
    Ok(Some(GrowthSeries {
        output: pick(&output),
        capital: pick(&capital),
        employment: pick(&employment),
        human_capital: (human_capital.len() == years.len()).then_some(human_capital),
        labour_share: pick(&labour_share),
        hours: None,
        years,
    }))
}

fn growth(engine: &Engine, place: &Place, figures: &mut Figures, section: &mut Section) -> Result<(), StrategyError> {
    let table = engine.workspace.reference("indicators_pwt")?;
    let Some(series) = growth_series(engine, &place.code)? else {
        section.missing.push(print::fill(
            "Growth accounting is left out: the Penn World Table holds no series of output, capital, employment and labour share for {0}.",
            "未作增长核算：佩恩世界表没有{0}完整的产出、资本、就业与劳动份额序列。",
            &[&place.name],
        ));
        return Ok(());
    };
    let (Some(first), Some(last)) = (series.years.first().copied(), series.years.last().copied()) else { return Ok(()) };
    let options = GrowthAccountingOptions {
        sub_periods: DECADES.iter().filter(|(from, to)| *from >= first && *to <= last).map(|(from, to)| Period::span(*from, *to)).collect(),
        ..GrowthAccountingOptions::default()
    };
    let accounting = match measure::growth_accounting(&series, first, last, &options) {
        Ok(accounting) => accounting,
        Err(error) => {
            section.missing.push(print::fill(
                "Growth accounting is left out: {0}.",
                "未作增长核算：{0}。",
                &[&Text::same(error.to_string())],
            ));
            return Ok(());
        }
    };
    let labour = if series.human_capital.is_some() {
        "pwt_emp x pwt_hc"
    } else {
        "pwt_emp (no human capital index: its part stays in productivity)"
    };
    let add = |figures: &mut Figures, id: &str, label: Text, value: f64, unit: Unit, part: &GrowthContributions| {
        figures.add(NewFigure {
            id,
            label,
            value,
            unit,
            period: part.period,
            rank: None,
            tables: vec![table.clone()],
            method: "growth-accounting",
            formula: "dlnY = a_K dlnK + a_L (dlnL + dlnh) + dlnA, year by year with the mean labour share a_L of the two years, a_K = 1 - a_L, averaged over the period",
            options: &[
                ("growth", "mean annual log difference".into()),
                ("output", "pwt_rgdpna".into()),
                ("capital", "pwt_rnna".into()),
                ("labour", labour.into()),
                ("labour_share", "pwt_labsh, two-year means (Toernqvist)".into()),
            ],
            inputs: vec![
                ("growth of output", part.output, "log points a year"),
                ("contribution of capital", part.capital, "log points a year"),
                ("contribution of employment", part.employment, "log points a year"),
                ("contribution of human capital", part.human_capital.unwrap_or(f64::NAN), "log points a year"),
                ("total factor productivity", part.productivity, "log points a year"),
            ],
        })
    };
    let whole = &accounting.total;
    let output = add(figures, "enablers/growth", Text::new("Growth of real GDP", "实际 GDP 增长"), whole.output, Unit::AnnualGrowth, whole);
    let capital = add(
        figures,
        "enablers/growth_capital",
        Text::new("Contribution of capital", "资本的贡献"),
        whole.capital,
        Unit::AnnualGrowth,
        whole,
    );
    let productivity = add(
        figures,
        "enablers/growth_productivity",
        Text::new("Growth of total factor productivity", "全要素生产率增长"),
        whole.productivity,
        Unit::AnnualGrowth,
        whole,
    );
    section.text.push(figures.sentence(
        "Over {3} real GDP changed by {0} (mean log growth): capital contributed {1} and total factor productivity {2}; employment and human capital account for the rest.",
        "{3}实际 GDP 变化{0}（对数增长均值）：资本贡献{1}，全要素生产率贡献{2}，其余来自就业与人力资本。",
        &[&output, &capital, &productivity],
        &[&print::years(whole.period)],
    ));
    if let Some(latest) = accounting.sub_periods.last() {
        let recent_output = add(
            figures,
            "enablers/growth_recent",
            Text::new("Growth of real GDP, last decade", "近十年实际 GDP 增长"),
            latest.output,
            Unit::AnnualGrowth,
            latest,
        );
        let recent = add(
            figures,
            "enablers/growth_productivity_recent",
            Text::new("Growth of total factor productivity, last decade", "近十年全要素生产率增长"),
            latest.productivity,
            Unit::AnnualGrowth,
            latest,
        );
        section.text.push(match latest.intensive_share {
            Some(share) => {
                let share = add(
                    figures,
                    "enablers/intensive_share",
                    Text::new("Share of growth from human capital and productivity, last decade", "近十年增长中来自人力资本与生产率的份额"),
                    share,
                    Unit::Share,
                    latest,
                );
                figures.sentence(
                    "Over {3} growth was {0}, of which total factor productivity {1}. Human capital and productivity together contributed {2} of growth, more capital and more workers the rest.",
                    "{3}增长为{0}，其中全要素生产率为{1}。人力资本与生产率合计贡献增长的{2}，其余来自资本和劳动数量的增加。",
                    &[&recent_output, &recent, &share],
                    &[&print::years(latest.period)],
                )
            }
            None => figures.sentence(
                "Over {2} output changed by {0} and total factor productivity by {1}; output hardly grew, so shares of growth would mislead.",
                "{2}产出变化{0}，全要素生产率变化{1}；产出几乎没有增长，给出增长份额会造成误导。",
                &[&recent_output, &recent],
                &[&print::years(latest.period)],
            ),
        });
    }
    if !accounting.sub_periods.is_empty() {
        let with_human_capital = series.human_capital.is_some();
        let mut names = vec![Text::new("Capital", "资本"), Text::new("Employment", "就业")];
        if with_human_capital {
            names.push(Text::new("Human capital", "人力资本"));
        }
        names.push(Text::new("Total factor productivity", "全要素生产率"));
        section.charts.push(Chart {
            id: "growth-decomposition".into(),
            title: Text::new("Where growth came from", "增长从何而来"),
            caption: Text::new(
                "Contributions to the growth of real GDP a year. Capital and employment are the extensive part, human capital and total factor productivity the intensive part. Penn World Table 10.01.",
                "对实际 GDP 年均增长的贡献。资本与就业为粗放部分，人力资本与全要素生产率为集约部分。资料来源：佩恩世界表 10.01。",
            ),
            kind: ChartKind::Bars {
                format: Format::Percent,
                series: names,
                rows: accounting
                    .sub_periods
                    .iter()
                    .map(|part| {
                        let mut values = vec![Some(part.capital), Some(part.employment)];
                        if with_human_capital {
                            values.push(part.human_capital);
                        }
                        values.push(Some(part.productivity));
                        BarRow { label: Text::same(format!("{}–{}", part.period.from, part.period.to)), values, highlighted: false }
                    })
                    .collect(),
            },
        });
    }
    Ok(())
}

/// Growth of total factor productivity of every country that has the series.
fn productivity_growth(engine: &Engine, from: i32, to: i32) -> Result<Vec<(String, f64)>, StrategyError> {
    let mut growth = Vec::new();
    for (place, _) in engine.workspace.indicators()?.cross_section("pwt_rgdpna", to) {
        if let Some(series) = growth_series(engine, &place)? {
            // a country without the years asked for has no rank; it is not an error of this dossier
            if let Ok(accounting) = measure::growth_accounting(&series, from, to, &GrowthAccountingOptions::default()) {
                growth.push((place, accounting.total.productivity));
            }
        }
    }
    Ok(growth)
}

/// Every enabler the embedded data can rank countries on.
fn enablers(engine: &Engine) -> Result<Vec<Enabler>, StrategyError> {
    let workspace = &engine.workspace;
    let indicators = workspace.indicators()?;
    let population =
        |year: i32| -> std::collections::BTreeMap<String, f64> { indicators.cross_section("pwt_pop", year).into_iter().collect() };
    // the Penn World Table ends in 2019: later counts are divided by the population of 2019
    let people = population(2019);
    let per_million = |counts: Vec<(String, f64)>| -> Vec<(String, f64)> {
        counts.into_iter().filter_map(|(place, count)| people.get(&place).filter(|p| **p >= 1.0).map(|p| (place, count / p))).collect()
    };
    let total = |matrix: &frame::LabelledMatrix| -> Vec<(String, f64)> {
        matrix.rows().iter().map(str::to_owned).zip(matrix.row_sums()).filter(|(place, _)| place != "WLD").collect()
    };
    let articles = workspace.activity("articles")?;
    let green = workspace.activity("patents_green")?;
    let patents = workspace.activity("patents_wipo35")?;
    let is_total = |code: &str| code == "TOTAL";
    let article_counts = total(&articles.matrix_where("articles", Period::span(2018, 2022), "NCSES-FIELD", is_total)?);
    let uspto = total(&patents.matrix_where("patents_uspto", Period::span(2016, 2020), "WIPO35", crate::country_technology::is_field)?);
    let families = total(&patents.matrix_where("patents_ipf", Period::span(2016, 2020), "WIPO35", crate::country_technology::is_field)?);
    let green_counts = total(&green.matrix_where("patents_uspto", Period::span(2018, 2022), "NCSES-GREEN", is_total)?);
    let green_overlap = total(&green.matrix_where("patents_uspto", Period::span(2016, 2020), "NCSES-GREEN", is_total)?);
    let green_share: Vec<(String, f64)> = green_overlap
        .iter()
        .filter_map(|(place, count)| uspto.iter().find(|(p, all)| p == place && *all >= 100.0).map(|(_, all)| (place.clone(), count / all)))
        .collect();
    let hc_year = indicators.latest_year("pwt_hc").unwrap_or(2019);
    let per_million_unit = Unit::Named(Text::new("per million people", "件（篇）/百万人"));
    Ok(vec![
        Enabler {
            id: "human_capital",
            dimension: "talent",
            label: Text::new("Human capital index (schooling and its returns)", "人力资本指数（受教育年限及其回报）"),
            unit: Unit::Ratio,
            direction: Direction::HigherIsBetter,
            period: Period::year(hc_year),
            tables: &["indicators_pwt"],
            formula: "pwt_hc",
            values: indicators.cross_section("pwt_hc", hc_year),
        },
        Enabler {
            id: "articles_per_million",
            dimension: "talent",
            label: Text::new("Scientific articles per million people", "每百万人科学论文数"),
            unit: per_million_unit.clone(),
            direction: Direction::HigherIsBetter,
            period: Period::span(2018, 2022),
            tables: &["articles", "indicators_pwt"],
            formula: "sum of articles 2018-2022 / population 2019 (places under one million people left out)",
            values: per_million(article_counts),
        },
        Enabler {
            id: "patents_per_million",
            dimension: "technology",
            label: Text::new("Patents granted by the US office per million people", "每百万人美国专利局授权专利数"),
            unit: per_million_unit.clone(),
            direction: Direction::HigherIsBetter,
            period: Period::span(2016, 2020),
            tables: &["patents_wipo35", "indicators_pwt"],
            formula: "sum of patents_uspto 2016-2020 / population 2019 (places under one million people left out)",
            values: per_million(uspto.clone()),
        },
        Enabler {
            id: "families_per_million",
            dimension: "technology",
            label: Text::new("Patent families (all offices) per million people", "每百万人专利族数（各专利局）"),
            unit: per_million_unit.clone(),
            direction: Direction::HigherIsBetter,
            period: Period::span(2016, 2020),
            tables: &["patents_wipo35", "indicators_pwt"],
            formula: "sum of patents_ipf 2016-2020 / population 2019 (places under one million people left out)",
            values: per_million(families),
        },
        Enabler {
            id: "productivity_growth",
            dimension: "growth",
            label: Text::new("Growth of total factor productivity", "全要素生产率增长"),
            unit: Unit::AnnualGrowth,
            direction: Direction::HigherIsBetter,
            period: Period::span(2010, 2019),
            tables: &["indicators_pwt"],
            formula: "growth accounting 2010-2019, as in the text above",
            values: productivity_growth(engine, 2010, 2019)?,
        },
        Enabler {
            id: "productivity_level",
            dimension: "growth",
            label: Text::new("Total factor productivity, USA = 1", "全要素生产率（美国 = 1）"),
            unit: Unit::Ratio,
            direction: Direction::HigherIsBetter,
            period: Period::year(2019),
            tables: &["indicators_pwt"],
            formula: "pwt_ctfp",
            values: indicators.cross_section("pwt_ctfp", 2019),
        },
        Enabler {
            id: "green_patents_per_million",
            dimension: "environment",
            label: Text::new("Green patents (US office) per million people", "每百万人绿色专利数（美国专利局）"),
            unit: per_million_unit,
            direction: Direction::HigherIsBetter,
            period: Period::span(2018, 2022),
            tables: &["patents_green", "indicators_pwt"],
            formula: "sum of environmental-sustainability patents 2018-2022 / population 2019 (places under one million people left out)",
            values: per_million(green_counts),
        },
        Enabler {
            id: "green_share",
            dimension: "environment",
            label: Text::new("Green share of patents (US office)", "绿色专利占比（美国专利局）"),
            unit: Unit::Share,
            direction: Direction::HigherIsBetter,
            period: Period::span(2016, 2020),
            tables: &["patents_green", "patents_wipo35"],
            formula: "environmental-sustainability patents / all patents, 2016-2020 (places with at least 100 patents)",
            values: green_share,
        },
    ])
}

fn indicators(engine: &Engine, place: &Place, figures: &mut Figures, section: &mut Section) -> Result<(), StrategyError> {
    let all = enablers(engine)?;
    rank_table(engine, place, figures, section, all)
}
