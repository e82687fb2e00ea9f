//! Layer 1 of a Chinese province: research spending, people, patents and the market for technology.

use crate::engine::Engine;
use crate::figures::{Figures, NewFigure, print_rank};
use crate::{Chart, ChartKind, Format, LineSeries, Section, StrategyError, print};
use frame::{Period, Place, Rank, Text, Unit};
use measure::Direction;
use std::collections::BTreeMap;

/// The nation's code in the tables.
const NATION: &str = "CHN";

pub(crate) fn section(engine: &Engine, place: &Place, figures: &mut Figures) -> Result<Section, StrategyError> {
    let mut section = Section {
        id: "technology".into(),
        title: Text::new("Technology: research, patents, technology market", "技术：研发、专利与技术市场"),
        text: Vec::new(),
        charts: Vec::new(),
        tables: Vec::new(),
        missing: vec![Text::new(
            "Patents of provinces by technology field are not in the embedded data; the profile by field exists for countries only.",
            "内置数据没有分省、分技术领域的专利；分领域画像仅适用于国家。",
        )],
        source_line: Text::new("China Statistical Yearbook on Science and Technology (2010–2023)", "《中国科技统计年鉴》（2010—2023 年）"),
    };
    let table = engine.workspace.indicators()?;
    let reference = engine.workspace.reference("province_st")?;
    let Some(year) = table.series(&place.code, "st_rd_expenditure").last().map(|(year, _)| *year) else {
        section.missing.push(print::fill("No research statistics for {0}.", "没有{0}的科技统计数据。", &[&place.name]));
        return Ok(section);
    };
    let yuan = Unit::Named(Text::new("100 million yuan", "亿元"));
    let add =
        |figures: &mut Figures, id: &str, label: Text, indicator: &str, year: i32, unit: Unit, scale: f64| -> Option<(String, Rank)> {
            let values: Vec<(String, f64)> =
                table.cross_section(indicator, year).into_iter().filter(|(p, _)| p != NATION).map(|(p, v)| (p, v * scale)).collect();
            let result = measure::rank(&values, &place.code, Direction::HigherIsBetter)?;
            let rank = Rank { rank: result.rank, of: result.of };
            let nation = table.get(NATION, indicator, year).unwrap_or(f64::NAN) * scale;
            let id = figures.add(NewFigure {
                id,
                label,
                value: result.value,
                unit,
                period: Period::year(year),
                rank: Some(rank),
                tables: vec![reference.clone()],
                method: "indicator-ranks",
                formula: &if scale == 1.0 { indicator.to_owned() } else { format!("{indicator} x {scale}") },
                options: &[("places", "31 provinces".into())],
                inputs: vec![("nation", nation, ""), ("median of provinces", result.median, "")],
            });
            Some((id, rank))
        };
    let spending =
        add(figures, "technology/rd_expenditure", Text::new("R&D expenditure", "研发经费"), "st_rd_expenditure", year, yuan.clone(), 1.0);
    let intensity = add(
        figures,
        "technology/rd_intensity",
        Text::new("R&D expenditure as a share of GDP", "研发经费投入强度（占 GDP）"),
        "st_rd_intensity",
        year,
        Unit::Share,
        0.01,
    );
    if let (Some((spending, spending_rank)), Some((intensity, intensity_rank))) = (&spending, &intensity) {
        let nation = table.get(NATION, "st_rd_intensity", year).unwrap_or(f64::NAN) / 100.0;
        section.text.push(figures.sentence(
            "In {3} {2} spent {0} on research and development ({4} by amount), {1} of GDP ({5} by intensity; nation {6}).",
            "{3}{2}研发经费{0}（总量{4}），占地区生产总值的{1}（强度{5}；全国{6}）。",
            &[spending, intensity],
            &[
                &place.name,
                &print::years(Period::year(year)),
                &print_rank(*spending_rank),
                &print_rank(*intensity_rank),
                &print::share(nation),
            ],
        ));
    }
    let patents = add(
        figures,
        "technology/invention_patents",
        Text::new("Invention patents in force", "有效发明专利"),
        "st_invention_patents_in_force",
        year,
        Unit::Count,
        1.0,
    );
    let market = add(
        figures,
        "technology/technology_market",
        Text::new("Technology market contract value (sellers)", "技术市场成交额（卖方）"),
        "st_technology_market_value",
        year,
        yuan,
        1.0,
    );
    if let (Some((patents, patent_rank)), Some((market, market_rank))) = (&patents, &market) {
        section.text.push(figures.sentence(
            "It held {0} invention patents in force ({2}) and sold technology contracts worth {1} ({3}).",
            "拥有有效发明专利{0}件（{2}），技术合同成交额{1}（{3}）。",
            &[patents, market],
            &[&print_rank(*patent_rank), &print_rank(*market_rank)],
        ));
    }
    let own: BTreeMap<i32, f64> = table.series(&place.code, "st_rd_intensity").into_iter().collect();
    let nation: BTreeMap<i32, f64> = table.series(NATION, "st_rd_intensity").into_iter().collect();
    let years: Vec<i32> = own.keys().copied().collect();
    if years.len() > 1 {
        let values = |s: &BTreeMap<i32, f64>| years.iter().map(|y| s.get(y).map(|v| v / 100.0)).collect();
        section.charts.push(Chart {
            id: "rd-intensity".into(),
            title: Text::new("R&D expenditure as a share of GDP", "研发经费投入强度"),
            caption: Text::new("China Statistical Yearbook on Science and Technology.", "资料来源：《中国科技统计年鉴》。"),
            kind: ChartKind::Lines {
                series: vec![
                    LineSeries { label: place.name.clone(), values: values(&own), highlighted: true },
                    LineSeries { label: Text::new("China", "全国"), values: values(&nation), highlighted: false },
                ],
                years,
                format: Format::Percent,
            },
        });
    }
    Ok(section)
}
