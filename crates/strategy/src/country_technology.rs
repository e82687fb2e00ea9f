//! Layer 1 of a country: where its patents and articles are concentrated, what rises, how complex its technology is.

use crate::engine::Engine;
use crate::figures::{Figures, NewFigure};
use crate::{Cell, Chart, ChartKind, Column, Format, Section, StrategyError, Table, print};
use frame::{LabelledMatrix, Period, Place, Rank, Text, Unit};
use technology::{AdvantageOptions, FieldProfileOptions, KnowledgeComplexityOptions};

/// The last window of patent years, and the first one growth is measured against.
const RECENT: (i32, i32) = (2016, 2020);
const BASE: (i32, i32) = (2006, 2010);
/// Windows of the heat map.
const WINDOWS: &[(i32, i32)] = &[(2001, 2005), (2006, 2010), (2011, 2015), (2016, 2020)];
/// Below this many patent families in five years no profile is drawn.
const ENOUGH: f64 = 50.0;

pub(crate) fn section(engine: &Engine, place: &Place, figures: &mut Figures) -> Result<Section, StrategyError> {
    let mut section = Section {
        id: "technology".into(),
        title: Text::new("Technology: strong, rising, complex", "技术：优势、上升与复杂度"),
        text: Vec::new(),
        charts: Vec::new(),
        tables: Vec::new(),
        missing: Vec::new(),
        source_line: Text::new(
            "NCSES: patent families by WIPO field (1998–2020, all offices, families granted at home only included), scientific articles (2003–2022)",
            "NCSES：按 WIPO 技术领域划分的专利族（1998—2020 年，含各专利局，包括仅在本国授权者）、科学论文（2003—2022 年）",
        ),
    };
    patents(engine, place, figures, &mut section)?;
    articles(engine, place, figures, &mut section)?;
    Ok(section)
}

/// True for the 35 fields, false for their sum and for patents without a field.
pub(crate) fn is_field(code: &str) -> bool {
    code.parse::<u32>().is_ok()
}

/// Place × field counts of one window, the world and the sum over fields left out.
fn window(engine: &Engine, years: (i32, i32)) -> Result<LabelledMatrix, StrategyError> {
    let table = engine.workspace.activity("patents_wipo35")?;
    let counts = table.matrix_where("patents_ipf", Period::span(years.0, years.1), "WIPO35", is_field)?;
    Ok(counts.select_rows(|place| place != "WLD")?)
}

fn patents(engine: &Engine, place: &Place, figures: &mut Figures, section: &mut Section) -> Result<(), StrategyError> {
    let reference = engine.workspace.reference("patents_wipo35")?;
    let recent = window(engine, RECENT)?;
    let Some(row) = recent.rows().position(&place.code).filter(|row| recent.row(*row).iter().sum::<f64>() >= ENOUGH) else {
        section.missing.push(print::fill(
            "No technology profile: the patent table holds few places, and {0} is not among those with at least 50 patent families in 2016–2020.",
            "未作技术画像：专利表所含国家和地区有限，{0}不在 2016—2020 年专利族不少于 50 件者之列。",
            &[&place.name],
        ));
        return Ok(());
    };
    let base = window(engine, BASE)?;
    let fields = engine.workspace.classification("WIPO35")?;
    let period = Period::span(RECENT.0, RECENT.1);
    let profile = technology::field_profile(&base, &recent, &place.code, &FieldProfileOptions::years(BASE, RECENT))?;

    let sums = recent.row_sums();
    let total = sums[row];
    let world: f64 = sums.iter().sum();
    let rank = Rank { rank: 1 + sums.iter().filter(|s| **s > total).count(), of: sums.len() };
    let families = figures.add(NewFigure {
        id: "technology/patent_families",
        label: Text::new("Patent families granted", "授权专利族"),
        value: total,
        unit: Unit::Count,
        period,
        rank: Some(rank),
        tables: vec![reference.clone()],
        method: "technology-profile",
        formula: "sum over 35 fields and five years",
        options: &[("counting", "as in the source: families by first grant at any office, home-only grants included".into())],
        inputs: vec![("families of all places in the table", world, "families")],
    });
    let world_share = figures.add(NewFigure {
        id: "technology/patent_share",
        label: Text::new("Share of the table's patent families", "占表内专利族的份额"),
        value: total / world,
        unit: Unit::Share,
        period,
        rank: Some(rank),
        tables: vec![reference.clone()],
        method: "technology-profile",
        formula: "families of the place / families of all places in the table",
        options: &[],
        inputs: vec![("families of the place", total, "families"), ("families of all places in the table", world, "families")],
    });
    section.text.push(figures.sentence(
        "Inventors in {2} were granted {0} patent families in {3} ({1} of all, {4}); families granted at home only count, which favours places with large offices of their own.",
        "{3}{2}的发明人获授权专利族{0}件（占全部{1}，{4}）；其中包括仅在本国授权者，对拥有大型专利局的国家较为有利。",
        &[&families, &world_share],
        &[&place.name, &print::years(period), &crate::figures::print_rank(rank)],
    ));
    advantage(engine, figures, section, &profile, &reference)?;

    match technology::knowledge_complexity(&recent, &KnowledgeComplexityOptions::default()) {
        Ok(result) => {
            if let Some(value) = result.eci().get(&place.code).filter(|v| v.is_finite()) {
                let of = result.eci().values().iter().filter(|v| v.is_finite()).count();
                let rank = Rank { rank: 1 + result.eci().values().iter().filter(|v| **v > value).count(), of };
                let id = figures.add(NewFigure {
                    id: "technology/knowledge_complexity",
                    label: Text::new("Knowledge complexity index", "知识复杂度指数"),
                    value,
                    unit: Unit::Ratio,
                    period,
                    rank: Some(rank),
                    tables: vec![reference.clone()],
                    method: "economic-complexity",
                    formula: "second eigenvector of the place-field network of relative advantage >= 1, standardised over places",
                    options: &[("presence", "advantage >= 1".into()), ("places", "at least 50 families in the window".into())],
                    inputs: vec![
                        ("second eigenvalue", result.second_eigenvalue(), ""),
                        ("third eigenvalue", result.third_eigenvalue(), ""),
                    ],
                });
                section.text.push(figures.sentence(
                    "Its knowledge complexity index is {0} ({1}): the higher, the rarer the fields in which it has an advantage.",
                    "其知识复杂度指数为{0}（{1}）：数值越高，其具有优势的领域越稀缺。",
                    &[&id],
                    &[&crate::figures::print_rank(rank)],
                ));
            }
        }
        Err(error) => section.missing.push(print::fill(
            "Knowledge complexity is not given: {0}.",
            "未给出知识复杂度：{0}。",
            &[&Text::same(error.to_string())],
        )),
    }

    let windows: Vec<(Period, LabelledMatrix)> =
        WINDOWS.iter().map(|years| Ok((Period::span(years.0, years.1), window(engine, *years)?))).collect::<Result<_, StrategyError>>()?;
    let advantage = technology::advantage_over_time(&windows, &place.code, &AdvantageOptions::default())?;
    section.charts.push(Chart {
        id: "technology-heat-map".into(),
        title: Text::new("Relative technological advantage by field", "各技术领域的相对优势"),
        caption: Text::new(
            "1 means the same weight as in the world's patents; above 1 specialised. Patent families by year of first grant, NCSES.",
            "1 表示与世界专利结构相同；大于 1 表示专业化。按首次授权年份的专利族，资料来源：NCSES。",
        ),
        kind: ChartKind::HeatMap {
            rows: in_order(advantage.rows().iter()).into_iter().map(|(_, code)| fields.name(code)).collect(),
            columns: WINDOWS.iter().map(|(from, to)| Text::same(format!("{from}–{:02}", to % 100))).collect(),
            values: in_order(advantage.rows().iter())
                .into_iter()
                .map(|(row, _)| advantage.row(row).iter().map(|v| v.is_finite().then_some(*v)).collect())
                .collect(),
            midpoint: 1.0,
            format: Format::Decimal(1),
        },
    });
    section.tables.push(Table {
        id: "technology-fields".into(),
        title: Text::new("All 35 fields", "全部 35 个技术领域"),
        columns: vec![
            Column { label: Text::new("Field", "领域"), format: None },
            Column { label: Text::new("Families 2016–2020", "2016—2020 年专利族"), format: Some(Format::Whole) },
            Column { label: Text::new("World share", "世界份额"), format: Some(Format::Percent) },
            Column { label: Text::new("Advantage (1 = world)", "相对优势（1 = 世界）"), format: Some(Format::Decimal(2)) },
            Column {
                label: Text::new("Growth a year since 2006–2010", "较 2006—2010 年年均增长"), format: Some(Format::Percent)
            },
            Column { label: Text::new("World growth", "世界增长"), format: Some(Format::Percent) },
        ],
        rows: in_order(profile.fields.iter().map(|field| field.code.as_str()))
            .into_iter()
            .map(|(at, _)| {
                let field = &profile.fields[at];
                vec![
                    Cell::Text(fields.name(&field.code)),
                    Cell::Number(field.recent),
                    Cell::Number(field.world_share),
                    Cell::Number(field.advantage),
                    field.growth.map_or(Cell::Missing, Cell::Number),
                    field.world_growth.map_or(Cell::Missing, Cell::Number),
                ]
            })
            .collect(),
        note: Text::new(
            "Growth is left blank where a field has fewer than ten families in either window. NCSES, patent families.",
            "任一时段专利族不足十件的领域不计算增长。资料来源：NCSES，专利族。",
        ),
    });
    Ok(())
}

/// Fields by their number, with where they stood.
fn in_order<'a>(codes: impl Iterator<Item = &'a str>) -> Vec<(usize, &'a str)> {
    let mut numbered: Vec<(usize, &str)> = codes.enumerate().collect();
    numbered.sort_by_key(|(_, code)| code.parse::<u32>().unwrap_or(u32::MAX));
    numbered
}

fn advantage(
    engine: &Engine,
    figures: &mut Figures,
    section: &mut Section,
    profile: &technology::FieldProfile,
    reference: &frame::TableReference,
) -> Result<(), StrategyError> {
    let fields = engine.workspace.classification("WIPO35")?;
    let period = Period::span(RECENT.0, RECENT.1);
    let held = profile.fields.iter().filter(|f| f.advantage >= 1.0).count();
    let id = figures.add(NewFigure {
        id: "technology/fields_with_advantage",
        label: Text::new("Fields with a relative advantage (of 35)", "具有相对优势的领域数（共 35 个）"),
        value: held as f64,
        unit: Unit::Count,
        period,
        rank: None,
        tables: vec![reference.clone()],
        method: "technology-profile",
        formula: "number of fields with (P_cf / P_c) / (P_f / P) >= 1",
        options: &[("threshold", "1".into())],
        inputs: vec![],
    });
    let mut strongest: Vec<&technology::FieldStanding> = profile.fields.iter().filter(|f| f.recent >= 10.0).collect();
    strongest.sort_by(|a, b| b.advantage.total_cmp(&a.advantage).then_with(|| a.code.cmp(&b.code)));
    let named = |list: &[&technology::FieldStanding]| -> Vec<Text> {
        list.iter().map(|f| print::fill("{0} ({1})", "{0}（{1}）", &[&fields.name(&f.code), &print::decimal(f.advantage, 1)])).collect()
    };
    let top = named(&strongest[..strongest.len().min(3)]);
    section.text.push(figures.sentence(
        "It has a relative advantage in {0} of 35 fields; the strongest are {1}.",
        "在 35 个领域中的{0}个具有相对优势，最强的是{1}。",
        &[&id],
        &[&print::list(&top)],
    ));
    // rising: the place grows faster than the world in a field where the world itself grows
    let mut rising: Vec<(&technology::FieldStanding, f64)> = profile
        .fields
        .iter()
        .filter_map(|f| match (f.growth, f.world_growth) {
            (Some(own), Some(world)) if world > 0.0 && own > world => Some((f, own - world)),
            _ => None,
        })
        .collect();
    rising.sort_by(|a, b| b.1.total_cmp(&a.1).then_with(|| a.0.code.cmp(&b.0.code)));
    if let Some((first, _)) = rising.first() {
        let growth = figures.add(NewFigure {
            id: "technology/fastest_rise",
            label: print::fill("Growth of patent families: {0}", "专利族增长：{0}", &[&fields.name(&first.code)]),
            value: first.growth.unwrap_or(f64::NAN),
            unit: Unit::AnnualGrowth,
            period: Period::span(BASE.0, RECENT.1),
            rank: None,
            tables: vec![reference.clone()],
            method: "technology-profile",
            formula: "(families 2016-2020 / families 2006-2010)^(1/10) - 1",
            options: &[],
            inputs: vec![("world growth of the field", first.world_growth.unwrap_or(f64::NAN), "a year")],
        });
        let names: Vec<Text> = rising.iter().take(3).map(|(f, _)| fields.name(&f.code)).collect();
        section.text.push(figures.sentence(
            "Rising fastest ahead of the world, in fields that themselves grow: {1}; the first grew by {0}.",
            "在世界总体增长的领域中，领先世界增速最多的是{1}；其中首位{0}增长。",
            &[&growth],
            &[&print::list(&names)],
        ));
    }
    Ok(())
}

fn articles(engine: &Engine, place: &Place, figures: &mut Figures, section: &mut Section) -> Result<(), StrategyError> {
    let table = engine.workspace.activity("articles")?;
    let reference = engine.workspace.reference("articles")?;
    let years = (2018, 2022);
    let period = Period::span(years.0, years.1);
    let totals = table.matrix_where("articles", period, "NCSES-FIELD", |code| code == "TOTAL")?;
    let all = totals.get("WLD", "TOTAL").unwrap_or(f64::NAN);
    let totals = totals.select_rows(|p| p != "WLD")?;
    let sums = totals.row_sums();
    let Some(value) = totals.rows().position(&place.code).map(|row| sums[row]).filter(|v| *v > 0.0) else {
        section.missing.push(print::fill(
            "Scientific articles are left out: the table has none for {0}.",
            "未列科学论文：数据表中没有{0}。",
            &[&place.name],
        ));
        return Ok(());
    };
    let rank = Rank { rank: 1 + sums.iter().filter(|s| **s > value).count(), of: sums.iter().filter(|s| **s > 0.0).count() };
    let count = figures.add(NewFigure {
        id: "technology/articles",
        label: Text::new("Scientific articles", "科学论文"),
        value,
        unit: Unit::Count,
        period,
        rank: Some(rank),
        tables: vec![reference.clone()],
        method: "technology-profile",
        formula: "sum of five years, all fields of science and engineering",
        options: &[],
        inputs: vec![],
    });
    let share = figures.add(NewFigure {
        id: "technology/article_share",
        label: Text::new("World share of scientific articles", "科学论文的世界份额"),
        value: value / all,
        unit: Unit::Share,
        period,
        rank: Some(rank),
        tables: vec![reference.clone()],
        method: "technology-profile",
        formula: "articles of the place / articles of the world",
        options: &[],
        inputs: vec![("articles of the place", value, "articles"), ("articles of the world", all, "articles")],
    });
    let fields = table.matrix_where("articles", period, "NCSES-FIELD", |code| code != "TOTAL")?.select_rows(|p| p != "WLD")?;
    let names = engine.workspace.classification("NCSES-FIELD")?;
    let advantage = complexity::revealed_comparative_advantage(&fields)?;
    let mut ranked: Vec<(f64, &str)> = match fields.rows().position(&place.code) {
        Some(row) => fields
            .columns()
            .iter()
            .enumerate()
            .filter(|(column, _)| fields.at(row, *column) >= 10.0)
            .map(|(column, code)| (advantage.at(row, column), code))
            .collect(),
        None => Vec::new(),
    };
    ranked.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(b.1)));
    let top: Vec<Text> = ranked
        .iter()
        .take(3)
        .map(|(value, code)| print::fill("{0} ({1})", "{0}（{1}）", &[&names.name(code), &print::decimal(*value, 1)]))
        .collect();
    if top.is_empty() {
        section.text.push(figures.sentence(
            "Its researchers published {0} scientific articles in {3} ({1} of the world, {2}).",
            "{3}其研究人员发表科学论文{0}篇（占世界{1}，{2}）。",
            &[&count, &share],
            &[&crate::figures::print_rank(rank), &print::years(period)],
        ));
    } else {
        section.text.push(figures.sentence(
            "Its researchers published {0} scientific articles in {3} ({1} of the world, {2}), with the greatest specialisation in {4}.",
            "{3}其研究人员发表科学论文{0}篇（占世界{1}，{2}），专业化程度最高的是{4}。",
            &[&count, &share],
            &[&crate::figures::print_rank(rank), &print::years(period), &print::list(&top)],
        ));
    }
    Ok(())
}
