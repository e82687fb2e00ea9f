//! Layer 3 of a country: whose value stands in its exports, who stands behind its inputs, which single cuts hurt most, where it sells.

use crate::engine::{ChainYear, Engine, WorldChain, average_position, manufacturing};
use crate::figures::{Figures, NewFigure, print_rank};
use crate::{
    BarRow, Cell, Chart, ChartKind, Column, Format, LineSeries, Section, StrategyError, Table, print, resilience_section,
    value_added_accounts,
};
use chain::{CutOptions, Leontief};
use frame::{Period, Place, Rank, Text, Unit};
use std::collections::BTreeMap;

/// How many partners are drawn by name.
const PARTNERS: usize = 10;
/// The code of all goods in the bilateral table.
const TOTAL_GOODS: &str = "_T";
/// How many cuts are listed.
const CUTS: usize = 10;

/// `history` is the place in every world table, see [`Engine::chain_over_time`].
pub(crate) fn section(engine: &Engine, place: &Place, history: &[ChainYear], figures: &mut Figures) -> Result<Section, StrategyError> {
    let mut section = Section {
        id: "chain".into(),
        title: Text::new("Chains: who stands behind the inputs", "产业链：投入背后是谁"),
        text: Vec::new(),
        charts: Vec::new(),
        tables: Vec::new(),
        missing: Vec::new(),
        source_line: Text::new(
            "World input-output tables, WIOD 2013 release (1995, 2000, 2005, 2011); OECD BTIGE bilateral trade (2021–2023); USGS minerals (2023–2024)",
            "世界投入产出表 WIOD 2013 版（1995、2000、2005、2011 年）；OECD BTIGE 双边贸易（2021—2023 年）；USGS 矿产（2023—2024 年）",
        ),
    };
    if engine.in_world_table(&place.code)? {
        let world = engine.world_chain()?;
        value_added(engine, &world, place, history, figures, &mut section)?;
        participation_chart(history, &mut section);
        exposure(engine, &world, place, figures, &mut section)?;
        position(engine, &world, place, history, figures, &mut section)?;
        cuts(engine, &world, place, figures, &mut section)?;
        value_added_accounts::footprint(engine, &world, place, figures, &mut section)?;
        value_added_accounts::flow(engine, &world, place, &mut section)?;
        section.missing.push(Text::new(
            "No carbon or energy footprint: the workspace at hand has no emissions or energy use by industry for its world table. The footprint is of value added.",
            "未给出碳足迹或能源足迹：现有工作区没有与世界表行业对应的排放或能源数据，本节足迹以增加值计。",
        ));
    } else {
        section.missing.push(print::fill(
            "No look-through exposure, value added in exports or cuts: the world input-output table of 2011 holds 40 economies and {0} is inside its \"rest of the world\".",
            "未给出穿透依赖、出口增加值与断供损失：2011 年世界投入产出表仅含 40 个经济体，{0}包含在“世界其他地区”中。",
            &[&place.name],
        ));
    }
    markets(engine, place, figures, &mut section)?;
    minerals(engine, place, figures, &mut section)?;
    Ok(section)
}

/// The rank of a place among the named regions of the world table.
fn rank_of(values: &[(String, f64)], place: &Place) -> Option<Rank> {
    let named: Vec<(String, f64)> = values.iter().filter(|(region, _)| region != "ROW").cloned().collect();
    measure::rank(&named, &place.code, measure::Direction::HigherIsBetter).map(|r| Rank { rank: r.rank, of: r.of })
}

fn value_added(
    engine: &Engine,
    world: &WorldChain,
    place: &Place,
    history: &[ChainYear],
    figures: &mut Figures,
    section: &mut Section,
) -> Result<(), StrategyError> {
    let Some(own) = history.last().map(|y| &y.exports).filter(|e| e.exgr > 0.0) else { return Ok(()) };
    let rank = rank_of(&world.foreign_content, place);
    let year = world.factor().system().period();
    let reference = engine.workspace.reference(world.table())?;
    let framework = [("framework", "Borin-Mancini, source based, country perspective".to_owned())];
    let exports = figures.add(NewFigure {
        id: "chain/gross_exports",
        label: Text::new("Gross exports of goods and services", "货物与服务总出口"),
        value: own.exgr * 1e6,
        unit: Unit::Usd,
        period: Period::year(year),
        rank: None,
        tables: vec![reference.clone()],
        method: "value-added-in-exports",
        formula: "E_s = sum over other regions of intermediate and final deliveries",
        options: &[],
        inputs: vec![],
    });
    let foreign = figures.add(NewFigure {
        id: "chain/foreign_content",
        label: Text::new("Foreign content of exports", "出口中的国外含量"),
        value: own.fc / own.exgr,
        unit: Unit::Share,
        period: Period::year(year),
        rank,
        tables: vec![reference.clone()],
        method: "value-added-in-exports",
        formula: "FC / E_s, FC = sum over t != s of v_t L_ts E_s",
        options: &framework,
        inputs: vec![
            ("gross exports E", own.exgr, "million USD"),
            ("domestic content DC", own.dc, "million USD"),
            ("foreign content FC", own.fc, "million USD"),
        ],
    });
    let domestic = figures.add(NewFigure {
        id: "chain/domestic_value_added",
        label: Text::new("Domestic value added in exports", "出口中的国内增加值"),
        value: own.dva / own.exgr,
        unit: Unit::Share,
        period: Period::year(year),
        rank: None,
        tables: vec![reference.clone()],
        method: "value-added-in-exports",
        formula: "DVA / E_s, DVA = v_s (I - A_ss)^-1 E_s",
        options: &framework,
        inputs: vec![
            ("gross exports E", own.exgr, "million USD"),
            ("domestic value added DVA", own.dva, "million USD"),
            ("domestic double counting DDC", own.ddc, "million USD"),
        ],
    });
    section.text.push(figures.sentence(
        "Of {0} of exports of goods and services in {4}, {1} was value added at home and {2} came from abroad ({3} by foreign content).",
        "{4}货物与服务出口{0}，其中国内增加值占{1}，来自国外的占{2}（按国外含量由高到低{3}）。",
        &[&exports, &domestic, &foreign],
        &[&rank.map(print_rank).unwrap_or_default(), &print::years(Period::year(year))],
    ));
    Ok(())
}

/// What of the exports was value added at home, and what crossed more than one border, over the years.
fn participation_chart(history: &[ChainYear], section: &mut Section) {
    let years: Vec<&ChainYear> = history.iter().filter(|y| y.exports.exgr > 0.0).collect();
    if years.len() < 2 {
        return;
    }
    let line = |en: &str, zh: &str, pick: fn(&chain::ValueAddedInExports) -> f64, highlighted: bool| LineSeries {
        label: Text::new(en, zh),
        values: years.iter().map(|y| Some(pick(&y.exports) / y.exports.exgr)).collect(),
        highlighted,
    };
    section.charts.push(Chart {
        id: "export-content".into(),
        title: Text::new("Domestic value added in exports, and what crosses more than one border", "出口中的国内增加值与多次跨境部分"),
        caption: Text::new(
            "Shares of gross exports. Backward: content from abroad, and domestic content that crossed the border before. Forward: domestic value added that the buyer exports again. Borin–Mancini, source based; WIOD 2013 release.",
            "占总出口的份额。后向参与：来自国外及曾经跨境的国内含量；前向参与：由进口方再出口的国内增加值。Borin–Mancini 来源法；资料来源：WIOD 2013 版。",
        ),
        kind: ChartKind::Lines {
            years: years.iter().map(|y| y.year).collect(),
            format: Format::Percent,
            series: vec![
                line("Domestic value added", "国内增加值", |e| e.dva, true),
                line("Backward participation", "后向参与", |e| e.gvcb, false),
                line("Forward participation", "前向参与", |e| e.gvcf, false),
            ],
        },
    });
}

/// How far its industries stand from final use and from primary inputs, now and since the first table.
fn position(
    engine: &Engine,
    world: &WorldChain,
    place: &Place,
    history: &[ChainYear],
    figures: &mut Figures,
    section: &mut Section,
) -> Result<(), StrategyError> {
    let (Some(first), Some(last)) = (history.first(), history.last()) else { return Ok(()) };
    let (Some(up), Some(down)) = (last.upstreamness, last.downstreamness) else { return Ok(()) };
    let reference = engine.workspace.reference(world.table())?;
    let regions = world.factor().system().regions().iter();
    let averages: Vec<(String, f64)> =
        regions.filter_map(|r| average_position(&world.positions, r).0.map(|stages| (r.to_owned(), stages))).collect();
    let rank = rank_of(&averages, place);
    let stages = Unit::Named(Text::new("stages", "个环节"));
    let upstreamness = figures.add(NewFigure {
        id: "chain/upstreamness",
        label: Text::new("Distance of its industries to final use", "各行业到最终使用的平均距离"),
        value: up,
        unit: stages.clone(),
        period: Period::year(last.year),
        rank,
        tables: vec![reference.clone()],
        method: "chain-position",
        formula: "sum over industries of x_i (G 1)_i / sum of x_i, G = (I - B)^-1, B = output shares of deliveries",
        options: &[("weights", "output of the industries of the place".into())],
        inputs: vec![("in the first table", first.upstreamness.unwrap_or(f64::NAN), "stages")],
    });
    let downstreamness = figures.add(NewFigure {
        id: "chain/downstreamness",
        label: Text::new("Distance of its industries to primary inputs", "各行业到初始投入的平均距离"),
        value: down,
        unit: stages,
        period: Period::year(last.year),
        rank: None,
        tables: vec![reference.clone()],
        method: "chain-position",
        formula: "sum over industries of x_j (1' L)_j / sum of x_j, L = (I - A)^-1",
        options: &[("weights", "output of the industries of the place".into())],
        inputs: vec![("in the first table", first.downstreamness.unwrap_or(f64::NAN), "stages")],
    });
    let e = &last.exports;
    let participation = |figures: &mut Figures, id: &str, en: &str, zh: &str, value: f64, formula: &str| {
        figures.add(NewFigure {
            id,
            label: Text::new(en, zh),
            value: value / e.exgr,
            unit: Unit::Share,
            period: Period::year(last.year),
            rank: None,
            tables: vec![reference.clone()],
            method: "value-added-in-exports",
            formula,
            options: &[("framework", "Borin-Mancini, source based, country perspective".to_owned())],
            inputs: vec![("gross exports E", e.exgr, "million USD"), ("trade in value chains", value, "million USD")],
        })
    };
    let backward = participation(
        figures,
        "chain/gvc_backward",
        "Backward participation in value chains",
        "全球价值链后向参与",
        e.gvcb,
        "GVCB / E_s, GVCB = FC + DDC",
    );
    let forward = participation(
        figures,
        "chain/gvc_forward",
        "Forward participation in value chains",
        "全球价值链前向参与",
        e.gvcf,
        "GVCF / E_s, GVCF = DVA - DAVAX (domestic value added that the direct importer exports again)",
    );
    section.text.push(figures.sentence(
        "On average its industries stood {0} from final use ({5}, most upstream first) and {1} from primary inputs in {4}. Of its exports {2} took part in value chains backward (made with what had already crossed a border) and {3} forward (exported again by the buyer).",
        "{4}其各行业到最终使用平均相距{0}（按上游程度由高到低{5}），到初始投入平均相距{1}。出口中后向参与全球价值链（含有此前已跨境的投入）的占{2}，前向参与（被进口方再出口）的占{3}。",
        &[&upstreamness, &downstreamness, &backward, &forward],
        &[&print::years(Period::year(last.year)), &rank.map(print_rank).unwrap_or_default()],
    ));
    if history.len() > 1 {
        let line = |en: &str, zh: &str, pick: fn(&ChainYear) -> Option<f64>, highlighted: bool| LineSeries {
            label: Text::new(en, zh),
            values: history.iter().map(pick).collect(),
            highlighted,
        };
        section.charts.push(Chart {
            id: "chain-position".into(),
            title: Text::new("Position in world chains", "在世界产业链中的位置"),
            caption: Text::new(
                "Average number of production stages, weighted with output: to final use (upstreamness) and from primary inputs (downstreamness). Longer chains raise both. WIOD 2013 release.",
                "以产出加权的平均生产环节数：到最终使用（上游度）与到初始投入（下游度）。产业链变长时两者均上升。资料来源：WIOD 2013 版。",
            ),
            kind: ChartKind::Lines {
                years: history.iter().map(|y| y.year).collect(),
                format: Format::Decimal(2),
                series: vec![
                    line("Stages to final use", "到最终使用", |y| y.upstreamness, true),
                    line("Stages from primary inputs", "到初始投入", |y| y.downstreamness, false),
                ],
            },
        });
    }
    Ok(())
}

fn exposure(engine: &Engine, world: &WorldChain, place: &Place, figures: &mut Figures, section: &mut Section) -> Result<(), StrategyError> {
    let exposure = chain::look_through_exposure(world.factor(), &place.code, &manufacturing())?;
    let year = world.factor().system().period();
    let places = engine.places()?;
    let sectors = engine.workspace.classification("WIOD35")?;
    let reference = engine.workspace.reference(world.table())?;
    let rank = rank_of(&world.reliance, place);
    let mut partners: Vec<(&str, f64, f64)> = exposure
        .look_through
        .iter()
        .zip(exposure.face_value.values())
        .filter(|((region, _), _)| *region != place.code)
        .map(|((region, share), face)| (region, share, *face))
        .collect();
    partners.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(b.0)));
    let (total, face) = (exposure.foreign(), exposure.foreign_face_value());
    let scope = [("scope", "manufacturing industries (WIOD c3-c16), weighted by output; all supplying industries".to_owned())];
    let look_through = figures.add(NewFigure {
        id: "chain/look_through_exposure",
        label: Text::new("Look-through exposure of manufacturing to foreign suppliers", "制造业对国外供应方的穿透依赖"),
        value: total,
        unit: Unit::Share,
        period: Period::year(year),
        rank,
        tables: vec![reference.clone()],
        method: "look-through-exposure",
        formula: "sum over foreign i of L_ij / sum over all i of L_ij, output-weighted over the manufacturing industries j",
        options: &scope,
        inputs: vec![("face value", face, "share"), ("hidden part", total - face, "share")],
    });
    let at_face = figures.add(NewFigure {
        id: "chain/face_value_exposure",
        label: Text::new("Face-value exposure of manufacturing to foreign suppliers", "制造业对国外供应方的直接依赖"),
        value: face,
        unit: Unit::Share,
        period: Period::year(year),
        rank: None,
        tables: vec![reference.clone()],
        method: "look-through-exposure",
        formula: "sum over foreign i of (I + A)_ij / sum over all i of L_ij, output-weighted over the manufacturing industries j",
        options: &scope,
        inputs: vec![],
    });
    let hidden = figures.add(NewFigure {
        id: "chain/hidden_exposure",
        label: Text::new("Hidden part of the exposure of manufacturing", "制造业依赖中的隐藏部分"),
        value: total - face,
        unit: Unit::Share,
        period: Period::year(year),
        rank: None,
        tables: vec![reference.clone()],
        method: "look-through-exposure",
        formula: "look-through share less face-value share",
        options: &scope,
        inputs: vec![("look-through", total, "share"), ("face value", face, "share")],
    });
    // the rest of the world is not a partner one could name
    if let Some((first, share, direct)) = partners.iter().copied().find(|p| p.0 != "ROW") {
        let top = figures.add(NewFigure {
            id: "chain/largest_supplier",
            label: print::fill("Look-through exposure of manufacturing to {0}", "制造业对{0}的穿透依赖", &[&places.name(first)]),
            value: share,
            unit: Unit::Share,
            period: Period::year(year),
            rank: None,
            tables: vec![reference.clone()],
            method: "look-through-exposure",
            formula: "sum over i of the supplier of L_ij / sum over all i of L_ij, output-weighted over the manufacturing industries j",
            options: &scope,
            inputs: vec![("face value", direct, "share"), ("hidden part", share - direct, "share")],
        });
        section.text.push(figures.sentence(
            "Looking through all tiers, foreign industries did {0} of the production that stood behind a unit of its manufacturing output in {5}; direct purchases show only {1} and the other {2} is hidden in earlier tiers. The largest named supplier was {4} with {3}.",
            "穿透各级供应商来看，{5}每单位制造业产出背后的生产有{0}在国外完成，直接采购中可见的仅为{1}，其余{2}隐藏于上游环节。最大的单一供应方是{4}，占{3}。",
            &[&look_through, &at_face, &hidden, &top],
            &[&places.name(first), &print::years(Period::year(year))],
        ));
    }
    section.charts.push(Chart {
        id: "exposure-partners".into(),
        title: Text::new("Who stands behind manufacturing inputs", "制造业投入背后的国家和地区"),
        caption: print::fill(
            "Share of all production behind a unit of the place's manufacturing output, {0}: direct purchases, and what is hidden in earlier tiers. WIOD 2013 release.",
            "{0}每单位制造业产出背后全部生产中的份额：直接采购，以及隐藏在上游环节的部分。资料来源：WIOD 2013 版。",
            &[&print::years(Period::year(year))],
        ),
        kind: ChartKind::Bars {
            format: Format::Percent,
            series: vec![Text::new("Visible in direct purchases", "直接采购可见"), Text::new("Hidden in earlier tiers", "隐藏于上游")],
            rows: partners
                .iter()
                .take(PARTNERS)
                .map(|(region, share, face)| BarRow {
                    label: places.name(region),
                    values: vec![Some(*face), Some(share - face)],
                    highlighted: false,
                })
                .collect(),
        },
    });
    let table = &exposure.by_industry;
    let own_column = table.columns().position(&place.code);
    let mut industries: Vec<(f64, Vec<Cell>)> = table
        .rows()
        .iter()
        .enumerate()
        .map(|(row, sector)| {
            let abroad = |values: &[f64]| values.iter().enumerate().filter(|(c, _)| Some(*c) != own_column).map(|(_, v)| v).sum::<f64>();
            let largest = table
                .columns()
                .iter()
                .zip(table.row(row))
                .filter(|(region, _)| *region != place.code && *region != "ROW")
                .max_by(|a, b| a.1.total_cmp(b.1).then(b.0.cmp(a.0)))
                .map_or((Cell::Missing, Cell::Missing), |(region, share)| (Cell::Text(places.name(region)), Cell::Number(*share)));
            let (share, face) = (abroad(table.row(row)), abroad(exposure.by_industry_face_value.row(row)));
            (share, vec![Cell::Text(sectors.name(sector)), Cell::Number(share), Cell::Number(face), largest.0, largest.1])
        })
        .filter(|(share, _)| share.is_finite())
        .collect();
    // a stable sort: equal shares stay in the order of the table
    industries.sort_by(|a, b| b.0.total_cmp(&a.0));
    section.tables.push(Table {
        id: "exposure-industries".into(),
        title: Text::new("Exposure by industry", "各行业的依赖程度"),
        columns: vec![
            Column { label: Text::new("Industry", "行业"), format: None },
            Column { label: Text::new("Foreign, look-through", "国外穿透依赖"), format: Some(Format::Percent) },
            Column { label: Text::new("of it direct", "其中直接"), format: Some(Format::Percent) },
            Column { label: Text::new("Largest named supplier", "最大单一供应方"), format: None },
            Column { label: Text::new("Its share", "其份额"), format: Some(Format::Percent) },
        ],
        rows: industries.into_iter().map(|(_, row)| row).collect(),
        note: print::fill(
            "Manufacturing industries, {0}. WIOD 2013 release.",
            "制造业各行业，{0}。资料来源：WIOD 2013 版。",
            &[&print::years(Period::year(year))],
        ),
    });
    Ok(())
}

fn cuts(engine: &Engine, world: &WorldChain, place: &Place, figures: &mut Figures, section: &mut Section) -> Result<(), StrategyError> {
    let year = world.factor().system().period();
    let places = engine.places()?;
    let sectors = engine.workspace.classification("WIOD35")?;
    let reference = engine.workspace.reference(world.table())?;
    let all = chain::single_cuts(world.factor(), &place.code, CutOptions { top: None })?;
    let named: Vec<&chain::Cut> = all.cuts.iter().filter(|c| c.region != "ROW").take(CUTS).collect();
    let Some(worst) = named.first() else { return Ok(()) };
    let supplier = |cut: &chain::Cut| print::fill("{0} ({1})", "{0}“{1}”", &[&places.name(&cut.region), &sectors.name(&cut.sector)]);
    let loss = figures.add(NewFigure {
        id: "chain/worst_cut",
        label: print::fill("Value added lost if one supplier stopped: {0}", "单一供应方断供的增加值损失：{0}", &[&supplier(worst)]),
        value: worst.value_added_loss_share,
        unit: Unit::Share,
        period: Period::year(year),
        rank: None,
        tables: vec![reference.clone()],
        method: "single-cuts",
        formula: "dx' = -x_k (b'G) / (1 + b'G e_k), loss = sum over the user's industries of v_j dx_j / value added of the user",
        options: &[(
            "model",
            "Ghosh: shortages pass on in proportion to value, no substitution; ranks cuts, does not forecast them".into(),
        )],
        inputs: vec![
            ("flow cut", worst.flow, "million USD"),
            ("value added lost", worst.value_added_loss, "million USD"),
            ("value added of the place", all.value_added, "million USD"),
            ("supplier's share of the place's imports of these inputs", worst.share_of_imports, "share"),
        ],
    });
    section.text.push(figures.sentence(
        "Of all single foreign suppliers the one whose stop would cost most was {1}: {0} of value added, with nothing replaced (a supply-side estimate).",
        "在所有单一国外供应方中，断供损失最大的是{1}：在完全没有替代的情况下，损失相当于增加值的{0}（供给侧估算）。",
        &[&loss],
        &[&supplier(worst)],
    ));
    section.tables.push(Table {
        id: "worst-cuts".into(),
        title: Text::new("The ten worst single cuts", "损失最大的十个单一断供"),
        columns: vec![
            Column { label: Text::new("Supplier", "供应方"), format: None },
            Column { label: Text::new("Industry", "行业"), format: None },
            Column { label: Text::new("Flow cut", "中断流量"), format: Some(Format::Usd) },
            Column { label: Text::new("Value added lost", "增加值损失"), format: Some(Format::Percent) },
            Column { label: Text::new("Share of imports of these inputs", "占该类进口投入的份额"), format: Some(Format::Percent) },
            Column { label: Text::new("Concentration of those imports (HHI)", "该类进口集中度（HHI）"), format: Some(Format::Decimal(2)) },
        ],
        rows: named
            .iter()
            .map(|c| {
                vec![
                    Cell::Text(places.name(&c.region)),
                    Cell::Text(sectors.name(&c.sector)),
                    Cell::Number(c.flow * 1e6),
                    Cell::Number(c.value_added_loss_share),
                    Cell::Number(c.share_of_imports),
                    Cell::Number(c.import_concentration),
                ]
            })
            .collect(),
        note: print::fill(
            "Each row removes the sales of inputs of one foreign industry to the place, {0}. Supply-side (Ghosh) closed form: shortages pass on in proportion to value and nothing is replaced. Losses rank cuts rather than forecast them: too high where an input can be replaced, too low where a cheap part cannot. The rest of the world as a supplier is left out. WIOD 2013 release.",
            "每行表示一个国外行业停止向本地出售投入品，{0}。采用供给侧（Ghosh）解析解：短缺按价值比例传导且无替代。损失用于排序而非预测：投入可替代时偏高，廉价而不可替代的部件则偏低。不含“世界其他地区”作为供应方。资料来源：WIOD 2013 版。",
            &[&print::years(Period::year(year))],
        ),
    });
    resilience_section::cut_range(engine, world, place, &named, figures, section)?;
    resilience_section::breakthrough_list(engine, place, figures, section)?;
    resilience_section::cheapest_plan(engine, place, figures, section)
}

/// What nine large importers buy from the place.
fn markets(engine: &Engine, place: &Place, figures: &mut Figures, section: &mut Section) -> Result<(), StrategyError> {
    let table = engine.workspace.trade("trade_btige")?;
    let reference = engine.workspace.reference("trade_btige")?;
    let places = engine.places()?;
    let Some(year) = table.periods().last().copied() else { return Ok(()) };
    let mut by_market: Vec<(String, f64)> = table
        .rows()
        .filter(|r| r.exporter == place.code && r.period == year && r.code == TOTAL_GOODS)
        .map(|r| (r.importer.to_owned(), r.value))
        .collect();
    by_market.sort_by(|a, b| b.1.total_cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    let total: f64 = by_market.iter().map(|m| m.1).sum();
    if total <= 0.0 {
        section.missing.push(print::fill(
            "Sales to large importers are left out: the bilateral table has none reported by {0}.",
            "未列对主要进口方的出口：双边贸易表中没有{0}的申报数据。",
            &[&place.name],
        ));
        return Ok(());
    }
    let Some((first, value)) = by_market.first().cloned() else { return Ok(()) };
    let share = figures.add(NewFigure {
        id: "chain/largest_market_share",
        label: print::fill(
            "Share of {0} in goods sold to nine large importers",
            "{0}在对九大进口方货物出口中的份额",
            &[&places.name(&first)],
        ),
        value: value / total,
        unit: Unit::Share,
        period: Period::year(year),
        rank: None,
        tables: vec![reference.clone()],
        method: "market-concentration",
        formula: "exports to the largest / exports to all of AUS, DEU, FRA, GBR, ISR, JPN, KOR, TWN, USA but the place itself, as reported by the exporter",
        options: &[],
        inputs: vec![("exports to the largest", value, "USD"), ("exports to all of them", total, "USD")],
    });
    let sum = figures.add(NewFigure {
        id: "chain/nine_markets",
        label: Text::new("Goods sold to large importers", "对主要进口方的货物出口"),
        value: total,
        unit: Unit::Usd,
        period: Period::year(year),
        rank: None,
        tables: vec![reference.clone()],
        method: "market-concentration",
        formula: "sum over the importers of the table",
        options: &[],
        inputs: vec![],
    });
    section.text.push(figures.sentence(
        "In {3} it sold {1} of goods to the large importers of the OECD bilateral table; {2} took {0} of that.",
        "{3}其对 OECD 双边贸易表中的主要进口方出口货物{1}，其中{2}占{0}。",
        &[&share, &sum],
        &[&places.name(&first), &print::years(Period::year(year))],
    ));
    section.charts.push(Chart {
        id: "markets".into(),
        title: Text::new("Sales to large importers", "对主要进口方的出口"),
        caption: print::fill(
            "Goods, {0}, as reported by the exporter; China and other markets are not in the table at hand. OECD BTIGE.",
            "货物，{0}，出口方申报；现有数据表不含中国等其他市场。资料来源：OECD BTIGE。",
            &[&print::years(Period::year(year))],
        ),
        kind: ChartKind::Bars {
            format: Format::Usd,
            series: vec![Text::new("Exports", "出口额")],
            rows: by_market
                .iter()
                .map(|(market, value)| BarRow { label: places.name(market), values: vec![Some(*value)], highlighted: false })
                .collect(),
        },
    });
    Ok(())
}

/// Minerals of which the place mines a visible part.
fn minerals(engine: &Engine, place: &Place, figures: &mut Figures, section: &mut Section) -> Result<(), StrategyError> {
    let table = engine.workspace.activity("minerals_usgs")?;
    let names = engine.workspace.classification("USGS")?;
    let places = engine.places()?;
    let Some(year) = table.rows().filter(|r| r.measure == "mine_production").map(|r| r.period).max() else { return Ok(()) };
    // every mineral has its own unit, so cells are compared within a mineral only
    let mut cells: BTreeMap<&str, BTreeMap<&str, f64>> = BTreeMap::new();
    for row in table.rows().filter(|r| r.measure == "mine_production" && r.period == year) {
        cells.entry(row.code).or_default().insert(row.place, row.value);
    }
    let mut rows = Vec::new();
    for (code, producers) in &cells {
        // the world total is the source's own; without it there is no share
        let (Some(own), Some(all)) = (producers.get(place.code.as_str()), producers.get("WLD").filter(|all| **all > 0.0)) else { continue };
        let largest = producers
            .iter()
            .filter(|(p, _)| !matches!(**p, "WLD" | "OTHER"))
            .max_by(|a, b| a.1.total_cmp(b.1).then(b.0.cmp(a.0)))
            .map(|(p, value)| (places.name(p), value / all));
        rows.push((own / all, (*code).to_owned(), largest));
    }
    rows.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
    rows.retain(|(share, _, _)| *share >= 0.01);
    if rows.is_empty() {
        section.missing.push(print::fill(
            "{0} mines at least 1% of the world's output of none of the minerals in the table.",
            "在数据表所列矿产中，{0}没有一种的矿山产量达到世界的 1%。",
            &[&place.name],
        ));
        return Ok(());
    }
    figures.uses([engine.workspace.reference("minerals_usgs")?]);
    section.tables.push(Table {
        id: "minerals".into(),
        title: Text::new("Minerals it mines", "其开采的矿产"),
        columns: vec![
            Column { label: Text::new("Mineral", "矿产"), format: None },
            Column { label: Text::new("Share of world mine production", "占世界矿山产量"), format: Some(Format::Percent) },
            Column { label: Text::new("Largest producer", "最大生产国"), format: None },
            Column { label: Text::new("Its share", "其份额"), format: Some(Format::Percent) },
        ],
        rows: rows
            .into_iter()
            .take(15)
            .map(|(share, code, largest)| {
                let (name, largest_share) = largest.map_or((Cell::Missing, Cell::Missing), |(name, share)| (Cell::Text(name), Cell::Number(share)));
                vec![Cell::Text(names.name(&code)), Cell::Number(share), name, largest_share]
            })
            .collect(),
        note: print::fill(
            "Minerals of which the place mines at least 1% of the world, {0}. USGS Mineral Commodity Summaries 2025; withheld figures count as absent.",
            "矿山产量占世界 1% 及以上的矿产，{0}。资料来源：USGS《矿产品概要 2025》；未公布的数据视为缺失。",
            &[&print::years(Period::year(year))],
        ),
    });
    Ok(())
}
