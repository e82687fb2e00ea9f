//! Which listed traditional, emerging and future industries matter at a place, as bounds, and what lists and barriers say of them.

use crate::engine::Engine;
use crate::figures::{Figures, NewFigure};
use crate::industry_activity::HOST_SCHEME;
use crate::lists_and_barriers::{self, Around};
use crate::{
    ActivityBounds, ActivityMeasure, ActivityQuery, ActivitySubject, BarRow, Cell, Chart, ChartKind, Column, Format, GrowthBounds, Section,
    StrategyError, Table, industry_activity, print,
};
use frame::{Period, Place, TableReference, Text, Unit};
use policy::{CrosswalkRow, IndustryBounds, Registry, Strand};
use std::collections::BTreeSet;

const STRANDS: [Strand; 3] = [Strand::Traditional, Strand::Emerging, Strand::Future];
/// An industry with at least this share of the place's total for certain matters by its size.
const LARGE_SHARE: f64 = 0.02;
/// An industry that may be specialised in matters perhaps from this share on, taken at its upper bound.
const POSSIBLE_SHARE: f64 = 0.01;
/// Sectors of a province are so wide that their specialisation has to be clear before an industry that they host may matter.
const PROVINCE_QUOTIENT: f64 = 1.5;
/// Rows of the table of industries that matter.
const ROWS: usize = 10;

fn empty_section(source_line: Text) -> Section {
    Section {
        id: "policy".into(),
        title: Text::new("Listed industries: traditional, emerging, future", "清单产业：传统、新兴与未来"),
        text: Vec::new(),
        charts: Vec::new(),
        tables: Vec::new(),
        missing: Vec::new(),
        source_line,
    }
}

/// How surely an industry matters at a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Weight {
    /// By a lower bound.
    Certain,
    /// By an upper bound.
    Possible,
    /// Not by any.
    No,
    /// The classification cannot show the industry.
    Unknown,
}

/// A listed industry of the place, with what makes it matter.
struct Standing {
    row: ActivityBounds,
    weight: Weight,
    reasons: Vec<Text>,
}

impl Standing {
    fn of(row: ActivityBounds) -> Self {
        let Ok(bounds) = &row.bounds else { return Standing { row, weight: Weight::Unknown, reasons: Vec::new() } };
        let share = bounds.share_of_place.unwrap_or(policy::Interval { low: 0.0, high: 0.0 });
        let mut reasons = Vec::new();
        if share.low >= LARGE_SHARE {
            reasons.push(Text::new("share", "份额"));
        }
        if bounds.specialisation.is_some_and(|s| s.low >= 1.0) {
            reasons.push(Text::new("specialisation", "专业化"));
        }
        let certain = !reasons.is_empty();
        // growth alone does not make an industry matter: from little, growth is easily fast
        let worth = certain || share.high >= POSSIBLE_SHARE;
        if worth && row.growth.is_some_and(faster_than_the_world) {
            reasons.push(Text::new("growth", "增长"));
        }
        let all_codes = bounds.specialisation.map_or(bounds.specialisation_all_codes, |s| Some(s.high));
        // an upper bound that comes from hosts says something of the industry only where the hosts stand out
        let (of_codes, least) = match row.measure {
            ActivityMeasure::Output => (bounds.specialisation_all_codes, PROVINCE_QUOTIENT),
            _ => (all_codes, 1.0),
        };
        let weight = if certain {
            Weight::Certain
        } else if share.high >= POSSIBLE_SHARE && of_codes.is_some_and(|s| s >= least) {
            Weight::Possible
        } else {
            Weight::No
        };
        Standing { row, weight, reasons }
    }

    fn bounds(&self) -> Option<&IndustryBounds> {
        self.row.bounds.as_ref().ok()
    }

    fn id(&self) -> String {
        self.row.subject.id()
    }

    fn matters(&self) -> bool {
        self.weight <= Weight::Possible
    }
}

/// Growth faster than the world's both in the codes that are wholly the industry (where there are some) and in all.
fn faster_than_the_world(growth: GrowthBounds) -> bool {
    let above = |own: Option<f64>, world: Option<f64>| own.zip(world).map(|(own, world)| own > world);
    above(growth.high_sum, growth.world_high_sum) == Some(true) && above(growth.low_sum, growth.world_low_sum) != Some(false)
}

/// The industries that matter, surest and largest first.
fn those_that_matter(standings: &[Standing]) -> Vec<&Standing> {
    let mut found: Vec<&Standing> = standings.iter().filter(|s| s.matters()).collect();
    let share = |s: &Standing| s.bounds().and_then(|b| b.share_of_place).map_or((0.0, 0.0), |share| (share.low, share.high));
    found.sort_by(|a, b| {
        let (x, y) = (share(a), share(b));
        a.weight.cmp(&b.weight).then(y.0.total_cmp(&x.0)).then(y.1.total_cmp(&x.1)).then_with(|| a.id().cmp(&b.id()))
    });
    found
}

/// Bounds of every listed industry; nothing where the workspace has no such data of the place.
fn standings(engine: &Engine, place: &Place, measure: ActivityMeasure) -> Result<Option<Vec<Standing>>, StrategyError> {
    match industry_activity(engine, &ActivityQuery::new(&place.code, measure)) {
        Ok(rows) => Ok(Some(rows.into_iter().filter(|r| matches!(r.subject, ActivitySubject::Industry(_))).map(Standing::of).collect())),
        Err(StrategyError::NoActivity { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

/// The listed industries of a country, from its exports; then what lists and barriers say.
pub(crate) fn country_section(engine: &Engine, place: &Place, figures: &mut Figures) -> Result<Section, StrategyError> {
    let registry = engine.policy_registry()?;
    let as_of = registry.last_day();
    let mut section = empty_section(print::fill(
        "Registry of {0} industries consolidated from China's official lists, with lists and measures of others, to {1}; exports by HS heading, 2017",
        "由中国官方清单归并的 {0} 个产业登记表，兼收他国清单与措施，至 {1}；2017 年按 HS 品目出口额",
        &[&Text::same(registry.industries().len().to_string()), &Text::same(as_of.map_or_else(String::new, |d| d.to_string()))],
    ));
    let standings = standings(engine, place, ActivityMeasure::Exports)?;
    match &standings {
        None => section.missing.push(print::fill(
            "No bounds on listed industries: the table of exports by product of 2017 does not hold {0}.",
            "未给出清单产业的上下限：2017 年按产品出口表不含{0}。",
            &[&place.name],
        )),
        Some(standings) => {
            strands(&mut section, figures, standings);
            matter(&mut section, figures, standings);
            section.tables.extend(matter_table(standings));
            section.charts.extend(chart(standings));
        }
    }
    let matter: BTreeSet<String> = standings.iter().flatten().filter(|s| s.matters()).map(Standing::id).collect();
    lists_and_barriers::write(engine, &Around { place, registry: &registry, matter: &matter }, figures, &mut section)?;
    Ok(section)
}

fn references(standings: &[Standing]) -> Vec<TableReference> {
    standings.first().map(|s| s.row.tables.clone()).unwrap_or_default()
}

fn period(standings: &[Standing]) -> Period {
    Period::year(standings.first().map_or(0, |s| s.row.period))
}

fn schemes(standings: &[Standing]) -> String {
    let used: BTreeSet<&str> = standings.iter().filter_map(Standing::bounds).flat_map(|b| &b.schemes).map(String::as_str).collect();
    used.into_iter().collect::<Vec<_>>().join(", ")
}

/// How many industries of a strand are surely, and at most, present with a specialisation of 1 or more.
fn strands(section: &mut Section, figures: &mut Figures, standings: &[Standing]) {
    for strand in STRANDS {
        let of: Vec<&Standing> = standings.iter().filter(|s| s.row.strand == Some(strand)).collect();
        let known: Vec<policy::Interval> = of.iter().filter_map(|s| s.bounds().and_then(|b| b.specialisation)).collect();
        let unknown = of.len() - known.len();
        let word = strand.word();
        let mut count = |kind: &str, label: Text, value: usize| {
            figures.add(NewFigure {
                id: &format!("policy/{word}_{kind}"),
                label,
                value: value as f64,
                unit: Unit::Count,
                period: period(standings),
                rank: None,
                tables: references(standings),
                method: "listed-industry-bounds",
                formula: "number of listed industries whose specialisation (world share of the industry over world share of all exports) is at least 1: surely by its lower bound, possibly by its upper bound",
                options: &[("schemes", schemes(standings)), ("minimum_confidence", "low".into())],
                inputs: vec![("industries in the strand", of.len() as f64, "industries"), ("without bounds", unknown as f64, "industries")],
            })
        };
        let name = strand.name();
        let surely = known.iter().filter(|s| s.low >= 1.0).count();
        let possibly = known.iter().filter(|s| s.high >= 1.0).count();
        let surely = count("surely", print::fill("{0} surely held", "确定具备的{0}", &[&name]), surely);
        let at_most = count("possibly", print::fill("{0} possibly held", "可能具备的{0}", &[&name]), possibly);
        section.text.push(figures.sentence(
            "Of {2} listed {3}, trade codes are fine enough to judge {5}: it is specialised in {0} of these for certain and in {1} at most. For the other {4} the classification is too coarse.",
            "清单所列的 {2} 个{3}中，贸易编码足以判断的有 {5} 个：其中确定具有专业化优势的{0}个，至多{1}个；其余 {4} 个因分类过粗而无法判断。",
            &[&surely, &at_most],
            &[
                &Text::same(of.len().to_string()),
                &name,
                &Text::same(unknown.to_string()),
                &Text::same(known.len().to_string()),
            ],
        ));
    }
}

/// How many matter, and the surest of them with its bounds.
fn matter(section: &mut Section, figures: &mut Figures, standings: &[Standing]) {
    let number = |weight: Weight| standings.iter().filter(|s| s.weight == weight).count();
    let of_place = measured(standings);
    let province = standings.first().is_some_and(|s| s.row.measure == ActivityMeasure::Output);
    let rule = if province {
        "matters for certain: at least 2 % of the place's total, or a specialisation of at least 1, by the lower bound; perhaps: at least 1 % by the upper bound and a location quotient of the host sectors of at least 1.5"
    } else {
        "matters for certain: at least 2 % of the place's total, or a specialisation of at least 1, by the lower bound; perhaps: at least 1 % and a specialisation of at least 1 by the upper bound"
    };
    let mut count = |kind: &str, label: Text, value: usize| {
        figures.add(NewFigure {
            id: &format!("policy/matter_{kind}"),
            label,
            value: value as f64,
            unit: Unit::Count,
            period: period(standings),
            rank: None,
            tables: references(standings),
            method: "listed-industry-bounds",
            formula: rule,
            options: &[("schemes", schemes(standings)), ("minimum_confidence", "low".into())],
            inputs: vec![
                ("listed industries", standings.len() as f64, "industries"),
                ("without a code that holds them", number(Weight::Unknown) as f64, "industries"),
            ],
        })
    };
    let certain = count("certain", Text::new("listed industries that matter for certain", "确定重要的清单产业"), number(Weight::Certain));
    let possible = count("possible", Text::new("listed industries that may matter", "可能重要的清单产业"), number(Weight::Possible));
    section.text.push(figures.sentence(
        "{0} of the {2} listed industries matter here for certain (at least 2 % of {4}, or a specialisation of at least 1, even by the lower bound) and {1} more may (by {6}). {3} do not; for {5} no code holds them.",
        "{2} 个清单产业中，确定重要的有 {0} 个（即使取下限，也占{4}的 2% 以上或专业化不低于 1），另有 {1} 个可能重要（{6}）；{3} 个不重要，{5} 个没有包含该产业的编码。",
        &[&certain, &possible],
        &[
            &Text::same(standings.len().to_string()),
            &Text::same(number(Weight::No).to_string()),
            &of_place,
            &Text::same(number(Weight::Unknown).to_string()),
            &if province {
                Text::new(
                    "the upper bound, where the sectors that host them have a location quotient of at least 1.5",
                    "取上限，且所在部门区位商不低于 1.5",
                )
            } else {
                Text::new("the upper bound", "取上限")
            },
        ],
    ));
    let Some(first) = those_that_matter(standings).into_iter().next() else { return };
    let Some(bounds) = first.bounds() else { return };
    let Some(share) = bounds.share_of_place else { return };
    let mut bound = |kind: &str, label: Text, value: f64, formula: &str| {
        figures.add(NewFigure {
            id: &format!("policy/first_{kind}"),
            label: print::fill("{0}: {1}", "{0}：{1}", &[&first.row.name, &label]),
            value,
            unit: Unit::Share,
            period: period(standings),
            rank: None,
            tables: references(standings),
            method: "listed-industry-bounds",
            formula,
            options: &[("industry", first.id()), ("schemes", bounds.schemes.join(", ")), ("minimum_confidence", "low".into())],
            inputs: vec![
                ("lower bound of its value", bounds.value.low, ""),
                ("upper bound of its value", bounds.value.high, ""),
                ("codes wholly the industry", bounds.whole.len() as f64, "codes"),
                ("codes partly the industry", bounds.part.len() as f64, "codes"),
            ],
        })
    };
    let low = bound(
        "share_low",
        Text::new("share of the total, lower bound", "占总额比重下限"),
        share.low,
        "sum over codes wholly the industry / total",
    );
    let high = bound(
        "share_high",
        Text::new("share of the total, upper bound", "占总额比重上限"),
        share.high,
        "sum over codes wholly or partly the industry / total",
    );
    // bounds that meet are told once
    let (en, zh) = if figures.printed(&low) == figures.printed(&high) {
        ("The first of them is {2}: {0} of {3}, by the lower bound and the upper.", "居首的是{2}：占{3}的 {0}，上下限相同。")
    } else {
        ("The first of them is {2}: between {0} and {1} of {3}.", "居首的是{2}：占{3}的 {0} 至 {1}。")
    };
    section.text.push(figures.sentence(en, zh, &[&low, &high], &[&first.row.name, &of_place]));
}

/// What the bounds are shares of.
fn measured(standings: &[Standing]) -> Text {
    match standings.first().map(|s| s.row.measure) {
        Some(ActivityMeasure::Output) => Text::new("output", "总产出"),
        _ => Text::new("exports", "出口"),
    }
}

fn range(low: f64, high: f64, print: impl Fn(f64) -> Text) -> Text {
    let (low, high) = (print(low), print(high));
    if low == high { low } else { print::fill("{0} to {1}", "{0} 至 {1}", &[&low, &high]) }
}

fn growth_cell(row: &ActivityBounds) -> Cell {
    let Some(growth) = row.growth else { return Cell::Missing };
    match (growth.low_sum, growth.high_sum) {
        (Some(low), Some(high)) => Cell::Text(range(low.min(high), low.max(high), print::share)),
        (None, Some(high)) => Cell::Text(print::fill("all codes {0}", "全部编码 {0}", &[&print::share(high)])),
        _ => Cell::Missing,
    }
}

/// The industries that matter, one line each.
fn matter_table(standings: &[Standing]) -> Option<Table> {
    let found = those_that_matter(standings);
    if found.is_empty() {
        return None;
    }
    let rest = found.len().saturating_sub(ROWS);
    let rows = found
        .iter()
        .take(ROWS)
        .filter_map(|s| {
            let b = s.bounds()?;
            Some(vec![
                Cell::Text(industry_with_strand(s)),
                b.share_of_place.map_or(Cell::Missing, |w| Cell::Text(range(w.low, w.high, print::share))),
                b.world_share.map_or(Cell::Text(Text::new("not known", "未知")), |w| Cell::Text(range(w.low, w.high, print::share))),
                b.specialisation
                    .map_or(Cell::Text(Text::new("not known", "未知")), |w| Cell::Text(range(w.low, w.high, |v| print::decimal(v, 2)))),
                growth_cell(&s.row),
                Cell::Text(match s.weight {
                    Weight::Certain => print::list(&s.reasons),
                    _ if s.reasons.is_empty() => Text::new("perhaps", "或许"),
                    _ => print::fill("perhaps; {0}", "或许；{0}", &[&print::list(&s.reasons)]),
                }),
            ])
        })
        .collect();
    let more = match rest {
        0 => Text::default(),
        rest => print::fill(" {0} more may matter and are left out.", "另有 {0} 个可能重要，未列出。", &[&Text::same(rest.to_string())]),
    };
    Some(Table {
        id: "listed-industries".into(),
        title: Text::new("Listed industries that matter here, lower and upper bound", "本地重要的清单产业：下限与上限"),
        columns: vec![
            Column { label: Text::new("Industry", "产业"), format: None },
            Column { label: Text::new("Share of exports", "占出口"), format: None },
            Column { label: Text::new("World share", "世界份额"), format: None },
            Column { label: Text::new("Specialisation (1 = world)", "专业化（1 = 世界）"), format: None },
            Column { label: Text::new("Growth a year, 1980–2017", "1980—2017 年均增长"), format: None },
            Column { label: Text::new("Matters by", "重要性依据"), format: None },
        ],
        rows,
        note: print::fill(
            "Lower bound: HS codes that are wholly the industry; upper: also codes of which a part is. Codes of HS 2012 (HS 2017 where there are none) meet the headings of HS 2007. Not known: no code is wholly the industry. Growth of the two sums, current prices, over headings held in 1980; it counts where faster than the world's. The list is not itself official.{0}",
            "下限：完全属于该产业的 HS 编码；上限：另含部分属于该产业的编码。HS 2012 版编码（无则用 HS 2017 版）按品目对应 HS 2007 版出口。未知：没有完全属于该产业的编码。增长为两项合计的年均增长（当年价格），只计 1980 年也有的品目；快于世界时记入。清单归并本身并非官方清单。{0}",
            &[&more],
        ),
    })
}

fn industry_with_strand(s: &Standing) -> Text {
    match s.row.strand {
        Some(strand) => print::fill("{0} ({1})", "{0}（{1}）", &[&s.row.name, &strand_word(strand)]),
        None => s.row.name.clone(),
    }
}

/// The short name of a strand in a table.
pub(crate) fn strand_word(strand: Strand) -> Text {
    match strand {
        Strand::Traditional => Text::new("traditional", "传统"),
        Strand::Emerging => Text::new("emerging", "新兴"),
        Strand::Future => Text::new("future", "未来"),
    }
}

/// The largest world shares by lower bound.
fn chart(standings: &[Standing]) -> Option<Chart> {
    let mut rows: Vec<(f64, f64, &Standing)> =
        standings.iter().filter_map(|s| s.bounds().and_then(|b| b.world_share).map(|w| (w.low, w.high, s))).filter(|r| r.1 > 0.0).collect();
    rows.sort_by(|a, b| b.0.total_cmp(&a.0).then(b.1.total_cmp(&a.1)).then_with(|| a.2.id().cmp(&b.2.id())));
    if rows.is_empty() {
        return None;
    }
    Some(Chart {
        id: "listed-industries-chart".into(),
        title: Text::new("World share of exports of listed industries", "清单产业出口的世界份额"),
        caption: Text::new(
            "Lower bound, and how much more it could be. The six largest lower bounds. Exports of 2017 by HS heading, crosswalk of the registry.",
            "下限，以及可能高出的部分。按下限排列的前六个产业。2017 年按 HS 品目出口，登记表对照。",
        ),
        kind: ChartKind::Bars {
            format: Format::Percent,
            series: vec![Text::new("At least", "至少"), Text::new("At most this much more", "至多再高")],
            rows: rows
                .into_iter()
                .take(6)
                .map(|(low, high, s)| BarRow {
                    label: industry_with_strand(s),
                    values: vec![Some(low), Some(high - low)],
                    highlighted: false,
                })
                .collect(),
        },
    })
}

/// Listed industries that a sector of the 42 hosts: by strand and id, three at most.
pub(crate) fn hosted(engine: &Engine, registry: &Registry, sector: &str) -> Result<Vec<(String, Text)>, StrategyError> {
    let links = engine.workspace.concordance("CN42-2017", HOST_SCHEME)?;
    let divisions: Vec<&str> = links.shares(sector).into_iter().map(|(division, _)| division).collect();
    let mut found = Vec::new();
    for industry in registry.industries() {
        let touches =
            |row: &CrosswalkRow| row.scheme == HOST_SCHEME && row.role.holds_the_industry() && divisions.contains(&row.code.as_str());
        if found.len() < 3 && registry.codes(&industry.id)?.iter().any(touches) {
            found.push((industry.id.clone(), industry.name.clone()));
        }
    }
    Ok(found)
}

/// For a province: the sectors that host listed industries, its own list, and what the nation's lists and barriers say. A 42-sector list is
/// too coarse for more than an upper bound of most.
pub(crate) fn province_section(engine: &Engine, place: &Place, figures: &mut Figures) -> Result<Section, StrategyError> {
    let registry = engine.policy_registry()?;
    let as_of = registry.last_day();
    let mut section = empty_section(print::fill(
        "Registry of {0} industries consolidated from China's official lists, with lists and measures of others, to {1}; output by 42 sectors, 2017",
        "由中国官方清单归并的 {0} 个产业登记表，兼收他国清单与措施，至 {1}；2017 年 42 部门产出",
        &[&Text::same(registry.industries().len().to_string()), &Text::same(as_of.map_or_else(String::new, |d| d.to_string()))],
    ));
    let standings = standings(engine, place, ActivityMeasure::Output)?;
    match &standings {
        None => section.missing.push(print::fill("No sector outputs for {0}.", "没有{0}的分部门产出数据。", &[&place.name])),
        Some(standings) => {
            section.text.push(crate::Sentence {
                text: Text::new(
                    "Forty-two sectors are too coarse to find most listed industries: what follows shows which sectors host them, and the share of output they can have at most.",
                    "42 个部门过粗，难以识别多数清单产业：以下列出其所在部门，以及其产出份额的上限。",
                ),
                figures: Vec::new(),
            });
            matter(&mut section, figures, standings);
            match hosts_table(engine, standings)? {
                Some(table) => section.tables.push(table),
                None => section
                    .missing
                    .push(Text::new("No listed industry that matters could be tied to a sector.", "没有可与部门对应的重要清单产业。")),
            }
        }
    }
    let matter: BTreeSet<String> = standings.iter().flatten().filter(|s| s.matters()).map(Standing::id).collect();
    lists_and_barriers::write(engine, &Around { place, registry: &registry, matter: &matter }, figures, &mut section)?;
    Ok(section)
}

/// The sectors that host the industries that matter.
fn hosts_table(engine: &Engine, standings: &[Standing]) -> Result<Option<Table>, StrategyError> {
    let sectors = engine.workspace.classification("CN42-2017")?;
    let found = those_that_matter(standings);
    let rest = found.len().saturating_sub(ROWS);
    let rows: Vec<Vec<Cell>> = found
        .iter()
        .take(ROWS)
        .filter_map(|s| {
            let b = s.bounds()?;
            let hosts: Vec<Text> = b.whole.iter().chain(&b.part).take(3).map(|sector| sectors.name(sector)).collect();
            let quotient = b.specialisation_whole_codes.filter(|_| b.value.low > 0.0).or(b.specialisation_all_codes);
            Some(vec![
                Cell::Text(industry_with_strand(s)),
                Cell::Text(print::list(&hosts)),
                b.share_of_place.map_or(Cell::Missing, |share| Cell::Text(range(share.low, share.high, print::share))),
                quotient.map_or(Cell::Missing, Cell::Number),
            ])
        })
        .collect();
    let more = match rest {
        0 => Text::default(),
        rest => print::fill(" {0} more may matter and are left out.", "另有 {0} 个可能重要，未列出。", &[&Text::same(rest.to_string())]),
    };
    Ok((!rows.is_empty()).then(|| Table {
        id: "listed-industries".into(),
        title: Text::new("Sectors that host listed industries that matter here", "本地重要清单产业的所在部门"),
        columns: vec![
            Column { label: Text::new("Industry", "产业"), format: None },
            Column { label: Text::new("Host sectors", "所在部门"), format: None },
            Column { label: Text::new("Share of output", "产出份额"), format: None },
            Column { label: Text::new("Location quotient of the host sectors", "所在部门区位商"), format: Some(Format::Decimal(2)) },
        ],
        rows,
        note: print::fill(
            "Lower bound: sectors that are wholly the industry; upper bound: every sector that may hold a part. The location quotient is of the host sectors, not of the industry. Output of 2017; links of sectors to NACE divisions are our own reading of titles.{0}",
            "下限：完全属于该产业的部门；上限：可能包含该产业的全部部门。区位商为所在部门的区位商，而非该产业本身。2017 年产出；部门与 NACE 大类的对应由本项目按名称判读。{0}",
            &[&more],
        ),
    }))
}
