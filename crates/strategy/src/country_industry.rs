//! Layer 2 of a country: where it stands in the product space, and what to transform, foster and build.

use crate::engine::{Engine, ProductSpace, TRADE_TABLE, TRADE_YEAR};
use crate::figures::{Figures, NewFigure, print_rank};
use crate::industry_verbs::{ItemEvidence, TypeOfPlace};
use crate::product_space_picture::sections_of;
use crate::world_industry::{ChangeOfCore, EARLIER_TABLE, FOLDS, REPLICATES, WorldIndustry, other_borders};
use crate::{
    BarRow, Cell, Chart, ChartKind, Column, Format, MapShape, Metric, Point, Section, Strand, StrandItem, StrategyError, Table, print,
};
use frame::{Classification, Period, Place, Rank, TableReference, Text, Unit};
use industry::{Backtest, EntryModelKind, Opportunities, Opportunity, Track};
use policy::{Confidence, Coverage, Registry};
use std::collections::{BTreeMap, BTreeSet};

/// Candidates drawn in the scatter besides the recommended ones: those with the largest world markets.
const DRAWN: usize = 300;

pub(crate) fn section(engine: &Engine, place: &Place, figures: &mut Figures) -> Result<(Vec<Strand>, Section), StrategyError> {
    let mut section = Section {
        id: "industry".into(),
        title: Text::new("Industry: what it makes and what it could make", "产业：现有与可能"),
        text: Vec::new(),
        charts: Vec::new(),
        tables: Vec::new(),
        missing: Vec::new(),
        source_line: Text::new(
            "Exports by HS heading (1,221 headings), 2017 and 1980, mirrored from importers; GDP and population 2017",
            "2017 年与 1980 年按 HS 品目（1,221 个）出口额，采用进口方镜像数据；2017 年 GDP 与人口",
        ),
    };
    let space = engine.product_space()?;
    let row = space.exports.rows().position(&place.code).filter(|row| space.presence.held(*row).next().is_some());
    let Some(row) = row else {
        let why = print::fill(
            "The table of exports by product of 2017 does not hold {0}, so nothing can be said of its products.",
            "2017 年按产品出口表不含{0}，因此无法对其产品作出判断。",
            &[&place.name],
        );
        section.missing.push(why.clone());
        let empty =
            |id: &str| Strand { id: id.into(), title: title(id), rule: Text::default(), items: Vec::new(), missing: Some(why.clone()) };
        return Ok((vec![empty("transform"), empty("foster"), empty("build")], section));
    };
    let headings = engine.workspace.classification("HS4")?;
    let registry = engine.policy_registry()?;
    let reference = engine.workspace.reference(TRADE_TABLE)?;
    let world = engine.world_industry()?;
    let found = world.tracks.of_place(&place.code, None)?;
    let opportunities = &found.tracks;
    // which places are in the core depends on their population
    let with_core = vec![reference.clone(), engine.workspace.reference("indicators_world_2017")?];
    standing(&world, &space, place, row, figures, &mut section, &with_core)?;
    place_type(&space, place, &found.place_type, figures, &mut section, &with_core);
    if let Some(change) = &world.change {
        let mut tables = with_core.clone();
        tables.push(engine.workspace.reference(EARLIER_TABLE)?);
        over_time(change, &space, place, figures, &mut section, &tables);
        match &found.backtest {
            Some(_) if world.core.position(&place.code).is_none() => section.missing.push(print::fill(
                "No probabilities of entry: the models are fitted on the places of the core, and {0} is too small for it.",
                "未给出进入概率：模型以核心样本拟合，而{0}规模过小。",
                &[&place.name],
            )),
            Some(backtest) => entry_models(backtest, figures, &mut section, &tables),
            None => section.missing.extend(
                found
                    .no_model
                    .iter()
                    .map(|why| print::fill("No probabilities of entry: {0}.", "未给出进入概率：{0}。", &[&Text::same(why.clone())])),
            ),
        }
    } else {
        section.missing.push(Text::new(
            "The workspace has no earlier table of exports by product, so nothing can be said of change or of the probability of entry.",
            "工作区没有更早的按产品出口表，因此无法说明变化与进入概率。",
        ));
    }
    crate::country_peers::write(&world, place, &headings, &with_core, figures, &mut section)?;
    let at = &world.tracks.standing;
    let own = at.values.rows().require(&place.code)?;
    section.charts.push(world.picture.marked(place, at, own));
    section.charts.push(opportunity_scatter(opportunities, &headings));
    section.charts.push(sections_chart(engine, &space, row)?);
    section.charts.push(complexity_map(engine, &space, place)?);
    section.tables.insert(0, largest_products(opportunities, &headings));
    figures.uses([engine.workspace.reference("activities")?, engine.workspace.reference("map_world")?]);
    let context = Context { engine, world: &world, place, headings: &headings, registry: &registry, mean: opportunities.mean_complexity };
    let strands = [("transform", &opportunities.transform), ("foster", &opportunities.foster), ("build", &opportunities.build)]
        .into_iter()
        .zip(&found.evidence)
        .map(|((id, track), evidence)| strand(id, track, evidence, &context))
        .collect::<Result<_, _>>()?;
    Ok((strands, section))
}

/// What the texts of an item need besides its numbers.
struct Context<'a> {
    engine: &'a Engine,
    world: &'a WorldIndustry,
    place: &'a Place,
    headings: &'a Classification,
    registry: &'a Registry,
    /// The mean PCI of what the place has.
    mean: f64,
}

fn title(id: &str) -> Text {
    match id {
        "transform" => Text::new("Transform", "改造提升"),
        "foster" => Text::new("Foster", "培育壮大"),
        _ => Text::new("Build", "布局建设"),
    }
}

fn standing(
    world_industry: &WorldIndustry,
    space: &ProductSpace,
    place: &Place,
    row: usize,
    figures: &mut Figures,
    section: &mut Section,
    with_core: &[TableReference],
) -> Result<(), StrategyError> {
    let reference = &with_core[0];
    let period = Period::year(TRADE_YEAR);
    let totals = space.exports.row_sums();
    let world: f64 = totals.iter().sum();
    let in_core = space.core.position(&place.code).is_some();
    let rank_among_core = |value: f64, all: &mut dyn Iterator<Item = f64>| {
        let values: Vec<f64> = all.filter(|v| v.is_finite()).collect();
        Rank { rank: 1 + values.iter().filter(|v| **v > value).count(), of: values.len() }
    };
    let core_rows: Vec<usize> = space.core.iter().filter_map(|p| space.exports.rows().position(p)).collect();
    let diversity = space.presence.diversity();
    let universe = [(
        "universe",
        format!(
            "{} places with at least 1 million people and 1 billion USD of exports; others are projected on their products",
            space.core.len()
        ),
    )];
    let exports = figures.add(NewFigure {
        id: "industry/exports",
        label: Text::new("Goods exports (mirror data)", "货物出口（镜像数据）"),
        value: totals[row],
        unit: Unit::Usd,
        period,
        rank: Some(rank_among_core(totals[row], &mut totals.iter().copied())),
        tables: vec![reference.clone()],
        method: "revealed-comparative-advantage",
        formula: "sum over headings",
        options: &[("left_out", "9999 (goods not specified by kind)".into())],
        inputs: vec![("world", world, "USD")],
    });
    let share = figures.add(NewFigure {
        id: "industry/export_share",
        label: Text::new("Share of world goods exports", "占世界货物出口的份额"),
        value: totals[row] / world,
        unit: Unit::Share,
        period,
        rank: None,
        tables: vec![reference.clone()],
        method: "revealed-comparative-advantage",
        formula: "exports of the place / exports of all places in the table",
        options: &[],
        inputs: vec![("exports of the place", totals[row], "USD"), ("exports of all places", world, "USD")],
    });
    let held = f64::from(diversity[row]);
    let diversity_rank = in_core.then(|| rank_among_core(held, &mut core_rows.iter().map(|r| f64::from(diversity[*r]))));
    let products = figures.add(NewFigure {
        id: "industry/diversity",
        label: Text::new("Products with comparative advantage (diversity)", "具有比较优势的产品数（多样性）"),
        value: held,
        unit: Unit::Count,
        period,
        rank: diversity_rank,
        tables: with_core.to_vec(),
        method: "revealed-comparative-advantage",
        formula: "number of headings with RCA = (X_cp / X_c) / (X_p / X) >= 1",
        options: &universe,
        inputs: vec![("headings", space.exports.columns().len() as f64, "headings")],
    });
    section.text.push(figures.sentence(
        "{3} exported {0} of goods in {4} ({1} of the world) and has a revealed comparative advantage in {2} of {5} product headings.",
        "{4}{3}出口货物{0}（占世界{1}），在 {5} 个产品品目中的{2}个具有显示性比较优势。",
        &[&exports, &share, &products],
        &[&place.name, &print::years(period), &print::whole(space.exports.columns().len() as f64)],
    ));
    let eci_value = space.eci.get(&place.code).unwrap_or(f64::NAN);
    let eci_rank = in_core.then(|| rank_among_core(eci_value, &mut space.complexity.eci.values().iter().copied()));
    let eci = figures.add(NewFigure {
        id: "industry/eci",
        label: Text::new("Economic complexity index", "经济复杂度指数"),
        value: eci_value,
        unit: Unit::Ratio,
        period,
        rank: eci_rank,
        tables: with_core.to_vec(),
        method: "economic-complexity",
        formula: "second eigenvector of the place-product network of RCA >= 1, standardised over the core; equal to the mean PCI of the products held",
        options: &[("convention", "growth-lab (RCA >= 1, PCI on the scale of ECI, population deviation)".into()), (universe[0].0, universe[0].1.clone())],
        inputs: vec![
            ("second eigenvalue", space.complexity.second_eigenvalue(), ""),
            ("third eigenvalue", space.complexity.third_eigenvalue(), ""),
            ("products held", held, "headings"),
        ],
    });
    let coi_value = space.coi.get(&place.code).unwrap_or(f64::NAN);
    let coi_rank = in_core.then(|| rank_among_core(coi_value, &mut space.core.iter().map(|p| space.coi.get(p).unwrap_or(f64::NAN))));
    let coi = figures.add(NewFigure {
        id: "industry/coi",
        label: Text::new("Complexity outlook index", "复杂度前景指数"),
        value: coi_value,
        unit: Unit::Ratio,
        period,
        rank: coi_rank,
        tables: with_core.to_vec(),
        method: "economic-complexity",
        formula: "COI_c = sum over p of density_cp (1 - M_cp) k_p, standardised over places",
        options: &universe,
        inputs: vec![],
    });
    section.text.push(match (eci_rank, coi_rank) {
        (Some(eci_rank), Some(coi_rank)) => match world_industry.interval(&place.code) {
            Some((index, ranks)) => {
                let low = bound(figures, "eci_low", Text::new("Economic complexity, lower end", "经济复杂度下限"), index[0], Unit::Ratio, with_core);
                let high = bound(figures, "eci_high", Text::new("Economic complexity, upper end", "经济复杂度上限"), index[1], Unit::Ratio, with_core);
                let best = bound(figures, "eci_rank_best", Text::new("Rank by complexity, best", "复杂度位次上限"), ranks[0], Unit::Count, with_core);
                let worst = bound(figures, "eci_rank_worst", Text::new("Rank by complexity, worst", "复杂度位次下限"), ranks[1], Unit::Count, with_core);
                figures.sentence(
                    "Its economic complexity index is {0} ({6}); with the places drawn anew {8} times, 90% of the results lie between {1} and {2} and between ranks {3} and {4}. Its complexity outlook, the value of what lies near, is {5} ({7}).",
                    "其经济复杂度指数为{0}（{6}）；将地区重新抽样 {8} 次，90% 的结果介于{1}与{2}之间、位次介于第{3}与第{4}之间。复杂度前景指数（邻近机会的价值）为{5}（{7}）。",
                    &[&eci, &low, &high, &best, &worst, &coi],
                    &[&print_rank(eci_rank), &print_rank(coi_rank), &print::whole(f64::from(world_industry.intervals.replicates))],
                )
            }
            None => figures.sentence(
                "Its economic complexity index is {0} ({2}); its complexity outlook, the value of what lies near, is {1} ({3}).",
                "其经济复杂度指数为{0}（{2}）；复杂度前景指数（邻近机会的价值）为{1}（{3}）。",
                &[&eci, &coi],
                &[&print_rank(eci_rank), &print_rank(coi_rank)],
            ),
        },
        _ => figures.sentence(
            "Projected on the products of larger economies its economic complexity index is {0} and its complexity outlook {1}; it is too small (under 1 million people or 1 billion USD of exports) to be ranked, and no interval is drawn for it.",
            "按较大经济体的产品投影，其经济复杂度指数为{0}，复杂度前景指数为{1}；因规模过小（人口不足 100 万或出口不足 10 亿美元）不参与排名，也不给出区间。",
            &[&eci, &coi],
            &[],
        ),
    });
    Ok(())
}

/// One end of a bootstrap interval.
fn bound(figures: &mut Figures, id: &str, label: Text, value: f64, unit: Unit, tables: &[TableReference]) -> String {
    figures.add(NewFigure {
        id: &format!("industry/{id}"),
        label,
        value,
        unit,
        period: Period::year(TRADE_YEAR),
        rank: None,
        tables: tables.to_vec(),
        method: "complexity-intervals",
        formula: "percentile of the index, or of the rank by it, over bootstrap replicates that draw as many places of the core with replacement; ranks rounded outwards",
        options: &[("replicates", REPLICATES.to_string()), ("interval", "90 %".into()), ("seed", "1".into())],
        inputs: vec![],
    })
}

/// The type by the Growth Lab's rule; small places have no rank and so no type.
fn place_type(
    space: &ProductSpace,
    place: &Place,
    found: &TypeOfPlace,
    figures: &mut Figures,
    section: &mut Section,
    tables: &[TableReference],
) {
    let Some(kind) = found.kind.filter(|_| space.core.position(&place.code).is_some()) else { return };
    let beyond = figures.add(NewFigure {
        id: "industry/eci_beyond_income",
        label: Text::new("Complexity beyond what income suggests", "超出收入所对应水平的复杂度"),
        value: found.eci_residual,
        unit: Unit::Ratio,
        period: Period::year(TRADE_YEAR),
        rank: None,
        tables: tables.to_vec(),
        method: "strands",
        formula: "residual of the least-squares line ECI = a + b ln(GDP / population) over the core",
        options: &[],
        inputs: vec![("ECI", found.eci, "")],
    });
    let rule = &found.rule;
    section.text.push(if found.eci_residual.is_finite() {
        figures.sentence(
            "Its index stands {0} from what its income suggests (positive: above). By the Growth Lab's rule its type is \"{1}\": {2}. (The rule: {3}.)",
            "其指数与收入所对应水平之差为{0}（正值为高于）。按 Growth Lab 规则，其类型为“{1}”：{2}。（规则：{3}。）",
            &[&beyond],
            &[&kind.name(), &kind.advice(), rule],
        )
    } else {
        figures.sentence(
            "By the Growth Lab's rule its type is \"{0}\": {1}. (The rule: {2}.)",
            "按 Growth Lab 规则，其类型为“{0}”：{1}。（规则：{2}。）",
            &[],
            &[&kind.name(), &kind.advice(), rule],
        )
    });
}

/// The place then and now, among the same places and headings.
fn over_time(
    change: &ChangeOfCore,
    space: &ProductSpace,
    place: &Place,
    figures: &mut Figures,
    section: &mut Section,
    tables: &[TableReference],
) {
    let (earlier, later) = (Text::same(change.earlier.to_string()), Text::same(TRADE_YEAR.to_string()));
    let at = change.places.position(&place.code);
    let ranks = (change.rank(&place.code, 0), change.rank(&place.code, 1));
    let (Some(at), (Some(before), Some(after))) = (at, ranks) else {
        let why = if space.core.position(&place.code).is_none() {
            print::fill(
                "Nothing is said of {0}: the two years are compared over the places of the core, and {1} is too small for it.",
                "未与 {0} 年比较：两年仅在核心样本内比较，而{1}规模过小。",
                &[&earlier, &place.name],
            )
        } else {
            print::fill(
                "{1} is not in the table of {0} (it did not exist, was part of another state, or was not reported), so nothing can be said of how it changed.",
                "{0} 年的数据表不含{1}（当时尚未成立、属于其他国家或未有报告），因此无法说明其变化。",
                &[&earlier, &place.name],
            )
        };
        section.missing.push(why);
        return;
    };
    let mut then = |id: &str, label: Text, value: f64, unit: Unit, rank: Option<Rank>, year: i32, formula: &str| {
        figures.add(NewFigure {
            id: &format!("industry/{id}"),
            label,
            value,
            unit,
            period: Period::year(year),
            rank,
            tables: tables.to_vec(),
            method: "complexity-over-time",
            formula,
            options: &[
                ("places", format!("{} places of the core of {TRADE_YEAR} that the table of {} has", change.places.len(), change.earlier)),
                ("headings", format!("{} headings traded in both years", change.headings)),
            ],
            inputs: vec![],
        })
    };
    let index = "economic complexity index over the places and headings that both years have, standardised in each year";
    let count = "headings with RCA >= 1 among those that both years have";
    let value = |which: usize| change.eci[which].get(&place.code).unwrap_or(f64::NAN);
    let held = |which: usize| f64::from(change.diversity[which][at]);
    let eci_then = then(
        "eci_earlier",
        Text::new("Economic complexity, earlier", "经济复杂度（早年）"),
        value(0),
        Unit::Ratio,
        Some(before),
        change.earlier,
        index,
    );
    let eci_now = then(
        "eci_comparable",
        Text::new("Economic complexity, same places and headings", "经济复杂度（同口径）"),
        value(1),
        Unit::Ratio,
        Some(after),
        TRADE_YEAR,
        index,
    );
    let had =
        then("diversity_earlier", Text::new("Diversity, earlier", "多样性（早年）"), held(0), Unit::Count, None, change.earlier, count);
    let has = then(
        "diversity_comparable",
        Text::new("Diversity, same headings", "多样性（同口径）"),
        held(1),
        Unit::Count,
        None,
        TRADE_YEAR,
        count,
    );
    let counted = |list: &[u32]| list.get(at).map_or(f64::NAN, |n| f64::from(*n));
    let moves = "headings with RCA under 1 in one year and at least 1 in the other";
    let entered = then(
        "entered",
        Text::new("Headings entered", "新进入的品目"),
        counted(&change.changes.entered_by_place),
        Unit::Count,
        None,
        TRADE_YEAR,
        moves,
    );
    let left = then(
        "left",
        Text::new("Headings left", "退出的品目"),
        counted(&change.changes.left_by_place),
        Unit::Count,
        None,
        TRADE_YEAR,
        moves,
    );
    section.text.push(figures.sentence(
        "In {6} its index was {0} ({8}) with {1} headings of comparative advantage; in {7}, over the same {10} places and {11} headings, it is {2} ({9}) with {3}. It entered {4} headings and left {5}. Compare the ranks, not the levels: the index is standardised anew in each year.",
        "{6} 年其指数为{0}（{8}），具有比较优势的品目{1}个；{7} 年在相同的 {10} 个地区与 {11} 个品目上为{2}（{9}），品目{3}个。期间新进入{4}个、退出{5}个。指数逐年标准化，应比较位次而非数值。",
        &[&eci_then, &had, &eci_now, &has, &entered, &left],
        &[
            &earlier,
            &later,
            &print_rank(before),
            &print_rank(after),
            &print::whole(change.places.len() as f64),
            &print::whole(change.headings as f64),
        ],
    ));
    if let Some(other) = other_borders(&place.code) {
        section.missing.push(other);
    }
}

/// How well entry could have been told, beside the baselines.
fn entry_models(backtest: &Backtest, figures: &mut Figures, section: &mut Section, tables: &[TableReference]) {
    let Some(span) = backtest.transitions.last() else { return };
    let chosen = backtest.model.kind;
    let mut score = |kind: EntryModelKind, measure: &str, label: Text, value: f64, unit: Unit, n: usize| {
        figures.add(NewFigure {
            id: &format!("industry/entry_{measure}_{}", kind.code()),
            label: print::fill("{0}: {1}", "{0}：{1}", &[&label, &kind.name()]),
            value,
            unit,
            period: Period { from: span.from.parse().unwrap_or(TRADE_YEAR), to: span.to.parse().unwrap_or(TRADE_YEAR) },
            rank: None,
            tables: tables.to_vec(),
            method: "entry-backtest",
            formula: "out of sample: candidate cells (RCA < 1) of places the model had not seen, entered when RCA >= 1 in the later year",
            options: &[
                ("left_out", format!("places in {FOLDS} groups")),
                ("models", "level of RCA, density, logistic regression; no trees, to keep the dossier fast".into()),
            ],
            inputs: vec![("candidates", n as f64, "cells")],
        })
    };
    let area = || Text::new("Area under the curve", "曲线下面积");
    let precision = || Text::new("Average precision", "平均精度");
    let top = || Text::new("Entered among the first ten", "前十项的进入比例");
    let (mut areas, mut rows) = (BTreeMap::new(), Vec::new());
    for m in &backtest.models {
        areas.insert(
            m.model.code(),
            [
                score(m.model, "auc", area(), m.auc, Unit::Ratio, m.n),
                score(m.model, "ap", precision(), m.average_precision, Unit::Ratio, m.n),
                score(m.model, "p10", top(), m.precision_at_top.mean, Unit::Share, m.n),
            ],
        );
        rows.push(vec![
            Cell::Text(m.model.name()),
            Cell::Number(m.auc),
            Cell::Number(m.average_precision),
            Cell::Number(m.precision_at_top.mean),
            Cell::Number(m.brier),
        ]);
    }
    let of = |kind: EntryModelKind| areas.get(kind.code());
    let (Some(best), Some(level), Some(density)) = (of(chosen), of(EntryModelKind::RcaLevel), of(EntryModelKind::Density)) else { return };
    let difference = backtest.scores(EntryModelKind::Density).map(|m| m.auc_over_level);
    let clear = difference.is_some_and(|d| d.difference.abs() > 2.0 * d.standard_error);
    let (en, zh) = match difference {
        Some(d) if clear && d.difference > 0.0 => ("Density tells entries better than the level.", "密度的预测能力优于显性比较优势水平。"),
        Some(_) if clear => (
            "Density tells entries worse than the level: what a place nearly has is a better guide than what lies near.",
            "密度的预测能力不如显性比较优势水平：已接近具备的产品比邻近的产品更能预示进入。",
        ),
        _ => (
            "Density does not clearly beat the level (difference within two standard errors).",
            "密度并不明显优于显性比较优势水平（差异在两倍标准误之内）。",
        ),
    };
    let mut quoted: Vec<&String> = best.iter().collect();
    quoted.extend([&level[0], &level[1], &level[2], &density[0], &density[1], &density[2]]);
    let (base, n) = (span.base_rate, backtest.models.first().map_or(0, |m| m.n));
    section.text.push(figures.sentence(
        "How well could entries from {9} to {10} have been told? On {11} candidates of the core that the models had not seen, {12} of which were entered, the probabilities below ({13}) have an area under the curve of {0}, an average precision of {1} and {2} of every first ten right; the level of specialisation alone {3}, {4} and {5}, density alone {6}, {7} and {8}. {14}",
        "{9} 至 {10} 年的进入能预测到何种程度？在模型未见过的核心样本 {11} 个候选项（其中{12}实现进入）上，下文概率（{13}）的曲线下面积为{0}、平均精度{1}、前十项命中{2}；仅用显性比较优势水平为{3}、{4}与{5}，仅用密度为{6}、{7}与{8}。{14}",
        &quoted,
        &[
            &Text::same(span.from.clone()),
            &Text::same(span.to.clone()),
            &print::whole(n as f64),
            &print::share(base),
            &chosen.name(),
            &Text::new(en, zh),
        ],
    ));
    section.tables.push(Table {
        id: "entry-models".into(),
        title: Text::new("How well entry can be told", "进入的可预测程度"),
        columns: vec![
            Column { label: Text::new("Model", "模型"), format: None },
            Column { label: Text::new("Area under the curve", "曲线下面积"), format: Some(Format::Decimal(3)) },
            Column { label: Text::new("Average precision", "平均精度"), format: Some(Format::Decimal(3)) },
            Column { label: Text::new("Right among the first ten", "前十项命中"), format: Some(Format::Percent) },
            Column { label: Text::new("Brier score", "布里尔分数"), format: Some(Format::Decimal(4)) },
        ],
        rows,
        note: print::fill(
            "Entries from {0} to {1}, the same for every country; places left out in {2} groups. Chance is 0.5 for the area and the base rate, {3}, for the precisions. `xinzhi industry backtest` adds boosted trees.",
            "{0} 至 {1} 年的进入，各国相同；地区分 {2} 组轮流剔除。随机水平：曲线下面积为 0.5，精度为基准率 {3}。`xinzhi industry backtest` 另含提升树。",
            &[&Text::same(span.from.clone()), &Text::same(span.to.clone()), &print::whole(f64::from(FOLDS)), &print::share(base)],
        ),
    });
}

/// Listed industries whose codes touch a heading, surest first.
fn listed(registry: &Registry, code: &str) -> Vec<(String, Text)> {
    let mut found = registry.industries_of("HS2017", code, Confidence::Medium);
    found.sort_by_key(|(_, coverage)| u8::from(*coverage != Coverage::Whole));
    found.into_iter().take(3).map(|(industry, _)| (industry.id.clone(), industry.name.clone())).collect()
}

fn strand(id: &str, track: &Track, evidence: &[ItemEvidence], context: &Context<'_>) -> Result<Strand, StrategyError> {
    let rule = match &track.caveat {
        Some(caveat) => print::fill("{0} {1}", "{0}{1}", &[&track.rule, caveat]),
        None => track.rule.clone(),
    };
    let items = track.items.iter().zip(evidence).map(|(item, evidence)| strand_item(id, item, evidence, context));
    Ok(Strand { id: id.into(), title: title(id), rule, items: items.collect::<Result<_, _>>()?, missing: track.missing.clone() })
}

/// Sentences on what stands behind an item besides its numbers.
fn behind(id: &str, item: &Opportunity, evidence: &ItemEvidence, context: &Context<'_>) -> Result<Vec<Text>, StrategyError> {
    let Context { engine, world, place, headings, .. } = context;
    let mut lines = Vec::new();
    if id == "transform" && !item.held.is_empty() {
        let held: Vec<Text> = item
            .held
            .iter()
            .map(|h| print::fill("{0} ({1})", "{0}（{1}）", &[&headings.name(&h.code), &print::decimal(h.proximity, 2)]))
            .collect();
        lines.push(print::fill("Of what it has, nearest by proximity: {0}.", "现有产品中邻近度最高的：{0}。", &[&print::list(&held)]));
    }
    if let (Some(probability), Some(hit)) = (evidence.probability, evidence.hit_rate) {
        lines.push(print::fill(
            "Probability {0} ({1}). Of the {2} cells that the model had not seen and gave about as much, {3} were entered (95% interval {4} to {5}).",
            "进入概率 {0}（{1}）。模型未见过且概率相近的 {2} 个候选项中，{3}实现进入（95% 区间 {4} 至 {5}）。",
            &[
                &print::share(probability),
                &world.tracks.entry.backtest.as_ref().map_or_else(Text::default, |b| b.model.horizon.clone()),
                &print::whole(hit.n as f64),
                &print::share(hit.rate),
                &print::share(hit.low),
                &print::share(hit.high),
            ],
        ));
    }
    let Some(change) = &world.change else { return Ok(lines) };
    let earlier = Text::same(change.earlier.to_string());
    if world.core.position(&place.code).is_none() {
        return Ok(lines);
    }
    if evidence.comparators.is_empty() {
        lines.push(if item.standing.rca_before.is_nan() {
            print::fill(
                "The table of {0} does not show this heading, so who entered it is not known.",
                "{0} 年的数据表未显示该品目，故不知哪些地区进入。",
                &[&earlier],
            )
        } else {
            print::fill(
                "No other place of the core entered it between {0} and {1}.",
                "{0} 至 {1} 年间核心样本中没有其他地区进入。",
                &[&earlier, &Text::same(TRADE_YEAR.to_string())],
            )
        });
        return Ok(lines);
    }
    let places = engine.places()?;
    let others: Vec<Text> = evidence
        .comparators
        .iter()
        .map(|c| {
            let (name, before, after) = (places.name(&c.place), print::decimal(c.rca_before, 2), print::decimal(c.rca_after, 2));
            print::fill("{0} (RCA {1} to {2})", "{0}（RCA 由 {1} 至 {2}）", &[&name, &before, &after])
        })
        .collect();
    let years = (&earlier, &Text::same(TRADE_YEAR.to_string()));
    lines.push(if change.places.position(&place.code).is_some() {
        print::fill(
            "Entered between {0} and {1} by {2}: those most like it in {0}.",
            "{0} 至 {1} 年间进入者：{2}，均为 {0} 年与其结构最相近的地区。",
            &[years.0, years.1, &print::list(&others)],
        )
    } else {
        print::fill(
            "Entered between {0} and {1} by {2}: those that in {0} were most like what it is now.",
            "{0} 至 {1} 年间进入者：{2}，其 {0} 年的结构与该地现状最相近。",
            &[years.0, years.1, &print::list(&others)],
        )
    });
    Ok(lines)
}

fn strand_item(id: &str, item: &Opportunity, evidence: &ItemEvidence, context: &Context<'_>) -> Result<StrandItem, StrategyError> {
    let (headings, registry) = (context.headings, context.registry);
    let s = &item.standing;
    let reason = match id {
        "transform" => {
            // the rule takes what is simpler than the place's mean or loses its share of the world; say which it was
            let (simpler, losing) = (s.pci < context.mean, s.share_change < 0.0);
            let (en, zh) = match (simpler, losing) {
                (true, true) => (
                    "{0} of its exports, {1} of the world's, less than in the earlier year; simpler than its average product (PCI {2}).",
                    "占其出口的{0}、世界的{1}，低于早年；复杂度低于其平均产品（PCI {2}）。",
                ),
                (false, _) => (
                    "{0} of its exports, {1} of the world's, less than in the earlier year (PCI {2}).",
                    "占其出口的{0}、世界的{1}，低于早年（PCI {2}）。",
                ),
                _ => (
                    "{0} of its exports, {1} of the world's; simpler than its average product (PCI {2}).",
                    "占其出口的{0}、世界的{1}；复杂度低于其平均产品（PCI {2}）。",
                ),
            };
            print::fill(en, zh, &[&print::share(s.share), &print::share(s.world_share), &print::decimal(s.pci, 2)])
        }
        "foster" => print::fill(
            "Present at {0} of the world's weight, more complex than its average product (PCI {1}); {2} of what it takes is at hand.",
            "目前为世界平均权重的{0}，复杂度高于其平均产品（PCI {1}）；所需能力已具备{2}。",
            &[&print::share(s.rca), &print::decimal(s.pci, 2), &print::share(s.density)],
        ),
        _ => print::fill(
            "A world market of {0}, among the most complex quarter (PCI {1}); only {2} of what it takes is at hand.",
            "世界市场规模{0}，属最复杂的四分之一（PCI {1}）；所需能力仅具备{2}。",
            &[&print::usd(s.world), &print::decimal(s.pci, 2), &print::share(s.density)],
        ),
    };
    let metric =
        |en: &str, zh: &str, value: f64, format: Format| value.is_finite().then(|| Metric { label: Text::new(en, zh), value, format });
    let metrics = [
        metric("exports", "出口额", s.value, Format::Usd),
        metric("RCA", "RCA", s.rca, Format::Decimal(2)),
        metric("PCI", "PCI", s.pci, Format::Decimal(2)),
        metric("density", "密度", s.density, Format::Percent),
        if id == "transform" { None } else { metric("outlook gain", "前景增益", s.cog, Format::Decimal(2)) },
        metric("world market", "世界市场", s.world, Format::Usd),
        metric("RCA in 1980", "1980 年 RCA", s.rca_before, Format::Decimal(2)),
        metric("probability of entry", "进入概率", evidence.probability.unwrap_or(f64::NAN), Format::Percent),
        metric("effort", "所需努力", evidence.effort.filter(|_| id != "transform").unwrap_or(f64::NAN), Format::Decimal(2)),
    ];
    let near = if id == "transform" {
        item.targets
            .iter()
            .map(|t| {
                print::fill("→ {0} (PCI +{1})", "→ {0}（PCI +{1}）", &[&headings.name(&t.code), &print::decimal(t.complexity_gain, 2)])
            })
            .collect()
    } else {
        item.held
            .iter()
            .map(|h| print::fill("{0} ({1})", "{0}（{1}）", &[&headings.name(&h.code), &print::decimal(h.proximity, 2)]))
            .collect()
    };
    Ok(StrandItem {
        scheme: "HS4".into(),
        code: s.code.clone(),
        name: headings.name(&s.code),
        listed: listed(registry, &s.code),
        reason,
        metrics: metrics.into_iter().flatten().collect(),
        near,
        evidence: behind(id, item, evidence, context)?,
    })
}

fn opportunity_scatter(opportunities: &Opportunities, headings: &Classification) -> Chart {
    let group_of: BTreeMap<&str, usize> = [(1, &opportunities.transform), (2, &opportunities.foster), (3, &opportunities.build)]
        .into_iter()
        .flat_map(|(group, track)| track.items.iter().map(move |item| (item.standing.code.as_str(), group)))
        .collect();
    let labelled: BTreeSet<&str> = [&opportunities.foster, &opportunities.build]
        .into_iter()
        .flat_map(|track| track.items.iter().take(3).map(|item| item.standing.code.as_str()))
        .collect();
    let drawable = |s: &&industry::ActivityStanding| s.pci.is_finite() && s.density.is_finite();
    // a few headings that hardly anyone makes lie so far out that they would flatten the rest
    let mut indices: Vec<f64> = opportunities.activities.iter().filter(drawable).map(|s| s.pci).collect();
    indices.sort_by(f64::total_cmp);
    let lowest = indices.get(indices.len() / 100).copied().unwrap_or(f64::NEG_INFINITY);
    let mut rest: Vec<&industry::ActivityStanding> = opportunities
        .activities
        .iter()
        .filter(drawable)
        .filter(|s| !s.present && s.pci >= lowest && !group_of.contains_key(s.code.as_str()))
        .collect();
    rest.sort_by(|a, b| b.world.total_cmp(&a.world).then_with(|| a.code.cmp(&b.code)));
    rest.truncate(DRAWN);
    let recommended = opportunities.activities.iter().filter(drawable).filter(|s| group_of.contains_key(s.code.as_str()));
    let points = rest
        .into_iter()
        .chain(recommended)
        .map(|s| Point {
            label: headings.name(&s.code),
            x: s.density,
            y: s.pci,
            size: s.world,
            group: group_of.get(s.code.as_str()).copied().unwrap_or(0),
            labelled: labelled.contains(s.code.as_str()),
        })
        .collect();
    Chart {
        id: "opportunities".into(),
        title: Text::new("Opportunities: near or far, simple or complex", "机会图：远近与复杂程度"),
        caption: Text::new(
            "Each dot is a product heading, its area the world market. To the right: more of the needed capabilities are at hand (density). Up: more complex (PCI). Of the headings it lacks besides, the 300 with the largest world markets are drawn, the simplest 1% left out. Exports 2017.",
            "每个圆点为一个产品品目，面积为世界市场规模。越靠右，所需能力具备越多（密度）；越靠上，越复杂（PCI）。其余尚未具备的品目绘出世界市场最大的 300 个，最简单的 1% 未绘出。2017 年出口。",
        ),
        kind: ChartKind::Scatter {
            x_label: Text::new("Density: share of related products held", "密度：已具备的相关产品比例"),
            y_label: Text::new("Product complexity index", "产品复杂度指数"),
            x_format: Format::Percent,
            y_format: Format::Decimal(1),
            groups: vec![Text::new("Other products it lacks", "其他尚未具备的产品"), title("transform"), title("foster"), title("build")],
            points,
        },
    }
}

fn sections_chart(engine: &Engine, space: &ProductSpace, row: usize) -> Result<Chart, StrategyError> {
    let sections = engine.workspace.classification("HS-SECTION")?;
    let section_of = sections_of(engine, space.exports.columns())?;
    let (own, world) = (space.exports.row(row), space.exports.column_sums());
    let (total, world_total) = (own.iter().sum::<f64>(), world.iter().sum::<f64>());
    let mut sums: BTreeMap<String, (f64, f64)> = BTreeMap::new();
    for (column, section) in section_of.into_iter().enumerate() {
        let entry = sums.entry(section).or_default();
        entry.0 += own[column];
        entry.1 += world[column];
    }
    let mut rows: Vec<(String, f64, f64)> = sums.into_iter().map(|(s, (own, all))| (s, own / total, all / world_total)).collect();
    rows.sort_by(|a, b| b.1.total_cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    Ok(Chart {
        id: "export-structure".into(),
        title: Text::new("What it exports", "出口结构"),
        caption: Text::new("Share of goods exports by HS section, 2017; the ten largest.", "按 HS 类划分的货物出口份额，2017 年；前十类。"),
        kind: ChartKind::Bars {
            format: Format::Percent,
            series: vec![Text::new("Share of its exports", "占其出口的份额")],
            rows: rows
                .into_iter()
                .take(10)
                .map(|(section, share, world_share)| BarRow {
                    label: print::fill("{0} (world {1})", "{0}（世界 {1}）", &[&sections.name(&section), &print::share(world_share)]),
                    values: vec![Some(share)],
                    highlighted: false,
                })
                .collect(),
        },
    })
}

fn complexity_map(engine: &Engine, space: &ProductSpace, place: &Place) -> Result<Chart, StrategyError> {
    let places = engine.places()?;
    let shapes = engine
        .workspace
        .map("map_world")?
        .iter()
        .map(|(code, rings)| MapShape {
            place: code.clone(),
            label: places.name(code),
            rings: rings.clone(),
            value: space.complexity.eci.get(code).filter(|v| v.is_finite()),
            highlighted: *code == place.code,
        })
        .collect();
    Ok(Chart {
        id: "complexity-map".into(),
        title: Text::new("Economic complexity of the world", "世界经济复杂度"),
        caption: Text::new(
            "Economic complexity index, 2017; grey: not in the core or no data. Boundaries: Natural Earth, not an endorsement of any claim.",
            "经济复杂度指数，2017 年；灰色：不在核心样本或无数据。边界来自 Natural Earth，不代表对任何主张的认可。",
        ),
        kind: ChartKind::Map {
            legend: Text::new("Economic complexity index", "经济复杂度指数"),
            format: Format::Decimal(1),
            projection: "world".into(),
            shapes,
        },
    })
}

fn largest_products(opportunities: &Opportunities, headings: &Classification) -> Table {
    let mut held: Vec<&industry::ActivityStanding> = opportunities.activities.iter().filter(|s| s.value > 0.0).collect();
    held.sort_by(|a, b| b.value.total_cmp(&a.value).then_with(|| a.code.cmp(&b.code)));
    Table {
        id: "largest-products".into(),
        title: Text::new("Largest exports", "主要出口产品"),
        columns: vec![
            Column { label: Text::new("HS", "HS"), format: None },
            Column { label: Text::new("Product", "产品"), format: None },
            Column { label: Text::new("Exports", "出口额"), format: Some(Format::Usd) },
            Column { label: Text::new("Share of its exports", "占其出口"), format: Some(Format::Percent) },
            Column { label: Text::new("World share", "世界份额"), format: Some(Format::Percent) },
            Column { label: Text::new("RCA", "RCA"), format: Some(Format::Decimal(2)) },
            Column { label: Text::new("PCI", "PCI"), format: Some(Format::Decimal(2)) },
        ],
        rows: held
            .into_iter()
            .take(15)
            .map(|s| {
                vec![
                    Cell::Text(Text::same(s.code.clone())),
                    Cell::Text(headings.name(&s.code)),
                    Cell::Number(s.value),
                    Cell::Number(s.share),
                    Cell::Number(s.world_share),
                    Cell::Number(s.rca),
                    if s.pci.is_finite() { Cell::Number(s.pci) } else { Cell::Missing },
                ]
            })
            .collect(),
        note: Text::new("Mirror data of 2017: levels stand above official exports.", "2017 年镜像数据：数值高于官方出口额。"),
    }
}
