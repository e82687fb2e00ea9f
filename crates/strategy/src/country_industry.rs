//! Layer 2 of a country: where it stands in the product space, and what to transform, foster and build.

use crate::engine::{Engine, ProductSpace, TRADE_YEAR};
use crate::figures::{Figures, NewFigure, print_rank};
use crate::{
    BarRow, Cell, Chart, ChartKind, Column, Format, MapShape, Metric, Point, Section, Strand, StrandItem, StrategyError, Table, print,
};
use frame::{Classification, LabelledVector, Period, Place, Rank, TableReference, Text, Unit};
use industry::{Opportunities, Opportunity, OpportunityInput, OpportunityOptions, Track};
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
            "Exports by HS heading (1,221 headings), 2017, mirrored from importers; GDP and population 2017",
            "2017 年按 HS 品目（1,221 个）出口额，采用进口方镜像数据；2017 年 GDP 与人口",
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
    let registry = crate::listed_industries::registry(engine)?;
    let reference = engine.workspace.reference("exports_hs4_2017")?;
    let pci = pci_of_all(&space)?;
    let opportunities = industry::opportunities(
        &OpportunityInput {
            exports: &space.exports,
            rca: &space.rca,
            presence: &space.presence,
            pci: &pci,
            density: &space.density,
            cog: &space.outlook.cog,
            proximity: &space.proximity,
            earlier: None,
            probability: None,
        },
        &place.code,
        &OpportunityOptions::default(),
    )?;
    standing(engine, &space, place, row, figures, &mut section, &reference)?;
    section.charts.push(opportunity_scatter(&opportunities, &headings));
    section.charts.push(sections_chart(engine, &space, row)?);
    section.charts.push(complexity_map(engine, &space, place)?);
    section.tables.push(largest_products(&opportunities, &headings));
    figures.uses([engine.workspace.reference("activities")?, engine.workspace.reference("map_world")?]);
    let strands = [("transform", &opportunities.transform), ("foster", &opportunities.foster), ("build", &opportunities.build)]
        .into_iter()
        .map(|(id, track)| strand(id, track, &headings, &registry))
        .collect();
    Ok((strands, section))
}

/// PCI over all headings; those nobody in the core exports have none.
fn pci_of_all(space: &ProductSpace) -> Result<LabelledVector, StrategyError> {
    let values = space.exports.columns().iter().map(|code| space.complexity.pci.get(code).unwrap_or(f64::NAN)).collect();
    Ok(LabelledVector::new(space.exports.columns().clone(), values)?)
}

fn title(id: &str) -> Text {
    match id {
        "transform" => Text::new("Transform", "改造提升"),
        "foster" => Text::new("Foster", "培育壮大"),
        _ => Text::new("Build", "布局建设"),
    }
}

fn standing(
    engine: &Engine,
    space: &ProductSpace,
    place: &Place,
    row: usize,
    figures: &mut Figures,
    section: &mut Section,
    reference: &TableReference,
) -> Result<(), StrategyError> {
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
    // which places are in the core depends on their population
    let with_core = vec![reference.clone(), engine.workspace.reference("indicators_world_2017")?];
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
        tables: with_core.clone(),
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
        tables: with_core.clone(),
        method: "economic-complexity",
        formula: "second eigenvector of the place-product network of RCA >= 1, standardised over the core; equal to the mean PCI of the products held",
        options: &[("convention", "growth-lab (RCA >= 1, PCI on the scale of ECI, population deviation)".into()), (universe[0].0, universe[0].1.clone())],
        inputs: vec![
            ("second eigenvalue", space.complexity.second_eigenvalue(), ""),
            ("third eigenvalue", space.complexity.third_eigenvalue(), ""),
            ("products held", held, "headings"),
        ],
    });
    let coi_value = space.outlook.coi.get(&place.code).unwrap_or(f64::NAN);
    let coi_rank =
        in_core.then(|| rank_among_core(coi_value, &mut space.core.iter().map(|p| space.outlook.coi.get(p).unwrap_or(f64::NAN))));
    let coi = figures.add(NewFigure {
        id: "industry/coi",
        label: Text::new("Complexity outlook index", "复杂度前景指数"),
        value: coi_value,
        unit: Unit::Ratio,
        period,
        rank: coi_rank,
        tables: with_core.clone(),
        method: "economic-complexity",
        formula: "COI_c = sum over p of density_cp (1 - M_cp) k_p, standardised over places",
        options: &universe,
        inputs: vec![],
    });
    section.text.push(match (eci_rank, coi_rank) {
        (Some(eci_rank), Some(coi_rank)) => figures.sentence(
            "Its economic complexity index is {0} ({2}); its complexity outlook, the value of what lies near, is {1} ({3}).",
            "其经济复杂度指数为{0}（{2}）；复杂度前景指数（邻近机会的价值）为{1}（{3}）。",
            &[&eci, &coi],
            &[&print_rank(eci_rank), &print_rank(coi_rank)],
        ),
        _ => figures.sentence(
            "Projected on the products of larger economies its economic complexity index is {0} and its complexity outlook {1}; it is too small (under 1 million people or 1 billion USD of exports) to be ranked.",
            "按较大经济体的产品投影，其经济复杂度指数为{0}，复杂度前景指数为{1}；因规模过小（人口不足 100 万或出口不足 10 亿美元）不参与排名。",
            &[&eci, &coi],
            &[],
        ),
    });
    place_type(engine, space, place, eci_rank, coi_value, section)
}

fn place_type(
    engine: &Engine,
    space: &ProductSpace,
    place: &Place,
    eci_rank: Option<Rank>,
    coi: f64,
    section: &mut Section,
) -> Result<(), StrategyError> {
    let Some(rank) = eci_rank else { return Ok(()) };
    let indicators = engine.workspace.indicators()?;
    let income: Vec<f64> = space
        .complexity
        .eci
        .labels()
        .iter()
        .map(|p| match (indicators.get(p, "gdp", TRADE_YEAR), indicators.get(p, "population", TRADE_YEAR)) {
            (Some(gdp), Some(people)) if people > 0.0 => gdp / people,
            _ => f64::NAN,
        })
        .collect();
    let residual =
        industry::income_controlled_residual(&space.complexity.eci, &LabelledVector::new(space.complexity.eci.labels().clone(), income)?)?;
    let Some(kind) = residual.get(&place.code).and_then(|r| industry::place_type(rank.rank, coi, r)) else { return Ok(()) };
    section.text.push(crate::Sentence {
        text: print::fill(
            "By the Growth Lab's rule (complexity rank, outlook, complexity against income) its type is \"{0}\": {1}.",
            "按 Growth Lab 规则（复杂度排名、前景指数、相对收入的复杂度），其类型为“{0}”：{1}。",
            &[&kind.name(), &kind.advice()],
        ),
        figures: Vec::new(),
    });
    Ok(())
}

/// Listed industries whose codes touch a heading, surest first.
fn listed(registry: &Registry, code: &str) -> Vec<(String, Text)> {
    let mut found = registry.industries_of("HS2017", code, Confidence::Medium);
    found.sort_by_key(|(_, coverage)| u8::from(*coverage != Coverage::Whole));
    found.into_iter().take(3).map(|(industry, _)| (industry.id.clone(), industry.name.clone())).collect()
}

fn strand(id: &str, track: &Track, headings: &Classification, registry: &Registry) -> Strand {
    let rule = match &track.caveat {
        Some(caveat) => print::fill("{0} {1}", "{0}{1}", &[&track.rule, caveat]),
        None => track.rule.clone(),
    };
    Strand {
        id: id.into(),
        title: title(id),
        rule,
        items: track.items.iter().map(|item| strand_item(id, item, headings, registry)).collect(),
        missing: track.missing.clone(),
    }
}

fn strand_item(id: &str, item: &Opportunity, headings: &Classification, registry: &Registry) -> StrandItem {
    let s = &item.standing;
    let reason = match id {
        "transform" => print::fill(
            "{0} of its exports, {1} of the world's; simpler than its average product (PCI {2}).",
            "占其出口的{0}、世界的{1}；复杂度低于其平均产品（PCI {2}）。",
            &[&print::share(s.share), &print::share(s.world_share), &print::decimal(s.pci, 2)],
        ),
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
    ];
    let near = if id == "transform" {
        item.targets
            .iter()
            .map(|t| {
                print::fill("→ {0} (PCI +{1})", "→ {0}（PCI +{1}）", &[&headings.name(&t.code), &print::decimal(t.complexity_gain, 2)])
            })
            .collect()
    } else {
        item.held.iter().map(|h| headings.name(&h.code)).collect()
    };
    StrandItem {
        scheme: "HS4".into(),
        code: s.code.clone(),
        name: headings.name(&s.code),
        listed: listed(registry, &s.code),
        reason,
        metrics: metrics.into_iter().flatten().collect(),
        near,
    }
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
    let headings = engine.workspace.classification("HS4")?;
    let chapters = engine.workspace.classification("HS2")?;
    let sections = engine.workspace.classification("HS-SECTION")?;
    let section_of = |code: &str| -> Option<String> {
        let chapter = headings.get(code)?.parent.clone()?;
        chapters.get(&chapter)?.parent.clone()
    };
    let (own, world) = (space.exports.row(row), space.exports.column_sums());
    let (total, world_total) = (own.iter().sum::<f64>(), world.iter().sum::<f64>());
    let mut sums: BTreeMap<String, (f64, f64)> = BTreeMap::new();
    for (column, code) in space.exports.columns().iter().enumerate() {
        let entry = sums.entry(section_of(code).unwrap_or_else(|| "?".into())).or_default();
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
