//! Which listed traditional, emerging and future industries a place holds, as bounds.

use crate::engine::{Engine, TRADE_YEAR};
use crate::figures::{Figures, NewFigure};
use crate::{BarRow, Cell, Chart, ChartKind, Column, Format, Section, Sentence, StrategyError, Table, print};
use frame::{LabelledVector, Period, Place, TableReference, Text, Unit};
use policy::{BoundsOptions, CrosswalkRow, Industry, IndustryBounds, PolicyError, Registry, Role, Strand};
use std::sync::Arc;

/// The scheme of the crosswalk that trade headings begin with, and the one industry sectors are linked to.
const TRADE_SCHEME: &str = "HS2017";
const STRANDS: [Strand; 3] = [Strand::Traditional, Strand::Emerging, Strand::Future];

/// The registry of the workspace.
pub(crate) fn registry(engine: &Engine) -> Result<Arc<Registry>, StrategyError> {
    engine.policy_registry()
}

fn references(engine: &Engine, data: &str) -> Result<Vec<TableReference>, StrategyError> {
    ["policy_industries", "policy_crosswalk", data].iter().map(|id| Ok(engine.workspace.reference(id)?)).collect()
}

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

/// One listed industry with its bounds, or why it has none.
struct Standing<'a> {
    industry: &'a Industry,
    bounds: Result<IndustryBounds, PolicyError>,
}

/// How many industries of a strand are surely, and at most, present with a specialisation of 1 or more.
struct Held {
    surely: usize,
    at_most: usize,
    unknown: usize,
}

fn held(standings: &[Standing<'_>], strand: Strand) -> Held {
    let mut held = Held { surely: 0, at_most: 0, unknown: 0 };
    for standing in standings.iter().filter(|s| s.industry.strand == strand) {
        match standing.bounds.as_ref().ok().and_then(|b| b.specialisation) {
            Some(range) => {
                held.surely += usize::from(range.low >= 1.0);
                held.at_most += usize::from(range.high >= 1.0);
            }
            None => held.unknown += 1,
        }
    }
    held
}

/// Exports of one place as a vector over headings, and the world's.
pub(crate) fn country_section(engine: &Engine, place: &Place, figures: &mut Figures) -> Result<Section, StrategyError> {
    let mut section = empty_section(Text::new(
        "Registry of 54 industries consolidated from China's official lists (to 2026); exports by HS heading, 2017",
        "由中国官方清单归并的 54 个产业登记表（至 2026 年）；2017 年按 HS 品目出口额",
    ));
    let space = engine.product_space()?;
    let Some(row) = space.exports.rows().position(&place.code) else {
        section.missing.push(print::fill(
            "No bounds on listed industries: the table of exports by product of 2017 does not hold {0}.",
            "未给出清单产业的上下限：2017 年按产品出口表不含{0}。",
            &[&place.name],
        ));
        return Ok(section);
    };
    let own = LabelledVector::new(space.exports.columns().clone(), space.exports.row(row).to_vec())?;
    let world = LabelledVector::new(space.exports.columns().clone(), space.exports.column_sums())?;
    let registry = registry(engine)?;
    let options = BoundsOptions { schemes: vec![TRADE_SCHEME.into()], ..BoundsOptions::default() };
    let standings: Vec<Standing<'_>> = registry
        .industries()
        .iter()
        .map(|industry| Standing { industry, bounds: policy::industry_bounds(&registry, &industry.id, &own, &world, &options) })
        .collect();
    let references = references(engine, "exports_hs4_2017")?;
    write(&mut section, figures, &standings, &references, Period::year(TRADE_YEAR));
    section.tables.push(table(&standings));
    section.charts.extend(chart(&standings));
    Ok(section)
}

fn write(section: &mut Section, figures: &mut Figures, standings: &[Standing<'_>], references: &[TableReference], period: Period) {
    for strand in STRANDS {
        let counts = held(standings, strand);
        let of = standings.iter().filter(|s| s.industry.strand == strand).count();
        let word = match strand {
            Strand::Traditional => "traditional",
            Strand::Emerging => "emerging",
            Strand::Future => "future",
        };
        let mut count = |kind: &str, label: Text, value: usize| {
            figures.add(NewFigure {
                id: &format!("policy/{word}_{kind}"),
                label,
                value: value as f64,
                unit: Unit::Count,
                period,
                rank: None,
                tables: references.to_vec(),
                method: "listed-industry-bounds",
                formula: "number of listed industries whose specialisation (world share of the industry over world share of all exports) is at least 1: surely by its lower bound, possibly by its upper bound",
                options: &[("scheme", TRADE_SCHEME.into()), ("minimum_confidence", "low".into())],
                inputs: vec![("industries in the strand", of as f64, "industries"), ("without bounds", counts.unknown as f64, "industries")],
            })
        };
        let name = strand.name();
        let surely = count("surely", print::fill("{0} surely held", "确定具备的{0}", &[&name]), counts.surely);
        let at_most = count("possibly", print::fill("{0} possibly held", "可能具备的{0}", &[&name]), counts.at_most);
        section.text.push(figures.sentence(
            "Of {2} listed {3}, trade codes are fine enough to judge {5}: it is specialised in {0} of these for certain and in {1} at most. For the other {4} the classification is too coarse.",
            "清单所列的 {2} 个{3}中，贸易编码足以判断的有 {5} 个：其中确定具有专业化优势的{0}个，至多{1}个；其余 {4} 个因分类过粗而无法判断。",
            &[&surely, &at_most],
            &[&Text::same(of.to_string()), &name, &Text::same(counts.unknown.to_string()), &Text::same((of - counts.unknown).to_string())],
        ));
    }
}

fn range(low: f64, high: f64, print: impl Fn(f64) -> Text) -> Text {
    let (low, high) = (print(low), print(high));
    if low == high { low } else { print::fill("{0} to {1}", "{0} 至 {1}", &[&low, &high]) }
}

fn table(standings: &[Standing<'_>]) -> Table {
    Table {
        id: "listed-industries".into(),
        title: Text::new("Listed industries in its exports, lower and upper bound", "出口中的清单产业：下限与上限"),
        columns: vec![
            Column { label: Text::new("Strand", "类别"), format: None },
            Column { label: Text::new("Industry", "产业"), format: None },
            Column { label: Text::new("Exports", "出口额"), format: None },
            Column { label: Text::new("World share", "世界份额"), format: None },
            Column { label: Text::new("Specialisation (1 = world)", "专业化（1 = 世界）"), format: None },
        ],
        rows: standings
            .iter()
            .map(|s| {
                let strand = strand_word(s.industry.strand);
                match &s.bounds {
                    Ok(b) => vec![
                        Cell::Text(strand),
                        Cell::Text(s.industry.name.clone()),
                        Cell::Text(range(b.value.low, b.value.high, print::usd)),
                        b.world_share.map_or(Cell::Missing, |w| Cell::Text(range(w.low, w.high, print::share))),
                        b.specialisation.map_or(
                            Cell::Text(Text::new("unknown: no code is wholly this industry", "未知：没有完全对应的编码")),
                            |w| Cell::Text(range(w.low, w.high, |v| print::decimal(v, 2))),
                        ),
                    ],
                    Err(_) => vec![
                        Cell::Text(strand),
                        Cell::Text(s.industry.name.clone()),
                        Cell::Text(Text::new("classification too coarse", "分类过粗")),
                        Cell::Missing,
                        Cell::Missing,
                    ],
                }
            })
            .collect(),
        note: Text::new(
            "The lower bound counts HS codes that are wholly the industry, the upper bound also codes of which only a part belongs to it; codes of inputs, equipment and proxies are not counted. Codes are of HS 2017, exports of HS 2007: they meet at the heading. The list consolidates China's official documents and is not itself official. Exports of 2017.",
            "下限仅计入完全属于该产业的 HS 编码，上限还包括仅部分属于该产业的编码；投入品、设备与替代指标编码不计入。编码为 HS 2017 版，出口为 HS 2007 版，按品目对应。清单由中国官方文件归并而成，本身并非官方清单。2017 年出口。",
        ),
    }
}

/// The short name of a strand in a table.
fn strand_word(strand: Strand) -> Text {
    match strand {
        Strand::Traditional => Text::new("traditional", "传统"),
        Strand::Emerging => Text::new("emerging", "新兴"),
        Strand::Future => Text::new("future", "未来"),
    }
}

/// The largest world shares by upper bound.
fn chart(standings: &[Standing<'_>]) -> Option<Chart> {
    let mut rows: Vec<(f64, f64, &Industry)> = standings
        .iter()
        .filter_map(|s| s.bounds.as_ref().ok().and_then(|b| b.world_share).map(|w| (w.low, w.high, s.industry)))
        .filter(|r| r.1 > 0.0)
        .collect();
    rows.sort_by(|a, b| b.0.total_cmp(&a.0).then(b.1.total_cmp(&a.1)).then_with(|| a.2.id.cmp(&b.2.id)));
    if rows.is_empty() {
        return None;
    }
    Some(Chart {
        id: "listed-industries-chart".into(),
        title: Text::new("World share of exports of listed industries", "清单产业出口的世界份额"),
        caption: Text::new(
            "Lower bound, and how much more it could be. The fifteen largest lower bounds. Exports of 2017 by HS heading, crosswalk of the registry.",
            "下限，以及可能高出的部分。按下限排列的前十五个产业。2017 年按 HS 品目出口，登记表对照。",
        ),
        kind: ChartKind::Bars {
            format: Format::Percent,
            series: vec![Text::new("At least", "至少"), Text::new("At most this much more", "至多再高")],
            rows: rows
                .into_iter()
                .take(15)
                .map(|(low, high, industry)| BarRow {
                    label: print::fill("{0} ({1})", "{0}（{1}）", &[&industry.name, &strand_word(industry.strand)]),
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

/// For a province: the sectors that host listed industries. A 42-sector list is too coarse for more than an upper bound.
pub(crate) fn province_section(engine: &Engine, place: &Place, figures: &mut Figures) -> Result<Section, StrategyError> {
    let mut section = empty_section(Text::new(
        "Registry of 54 industries consolidated from China's official lists (to 2026); output by 42 sectors, 2017",
        "由中国官方清单归并的 54 个产业登记表（至 2026 年）；2017 年 42 部门产出",
    ));
    let outputs = crate::province_chain::outputs(engine)?;
    let Some(row) = outputs.rows().position(&place.code) else {
        section.missing.push(print::fill("No sector outputs for {0}.", "没有{0}的分部门产出数据。", &[&place.name]));
        return Ok(section);
    };
    let registry = registry(engine)?;
    let links = engine.workspace.concordance("CN42-2017", HOST_SCHEME)?;
    let sectors = engine.workspace.classification("CN42-2017")?;
    let total: f64 = outputs.row(row).iter().sum();
    let nation = outputs.column_sums();
    let nation_total: f64 = nation.iter().sum();
    figures.uses(references(engine, "province_output_trade")?);
    figures.uses([engine.workspace.reference("links")?]);
    let mut rows = Vec::new();
    for industry in registry.industries() {
        let divisions: Vec<&CrosswalkRow> =
            registry.codes(&industry.id)?.iter().filter(|r| r.scheme == HOST_SCHEME && r.role.holds_the_industry()).collect();
        if divisions.is_empty() {
            continue;
        }
        // a sector is wholly the industry when every division in it is, and may hold it when any does
        let (mut low, mut high, mut low_nation, mut high_nation) = (0.0, 0.0, 0.0, 0.0);
        let mut hosts = Vec::new();
        for (column, sector) in outputs.columns().iter().enumerate() {
            let shares = links.shares(sector);
            let core = |division: &str| divisions.iter().any(|r| r.code == division && r.role == Role::Core);
            let any = |division: &str| divisions.iter().any(|r| r.code == division);
            if shares.iter().any(|(division, _)| any(division)) {
                high += outputs.at(row, column);
                high_nation += nation[column];
                hosts.push(sectors.name(sector));
                if shares.iter().all(|(division, _)| core(division)) {
                    low += outputs.at(row, column);
                    low_nation += nation[column];
                }
            }
        }
        if hosts.is_empty() {
            continue;
        }
        let quotient = |own: f64, all: f64| if all > 0.0 { Cell::Number((own / total) / (all / nation_total)) } else { Cell::Missing };
        let shown: Vec<Text> = hosts.iter().take(3).cloned().collect();
        rows.push(vec![
            Cell::Text(strand_word(industry.strand)),
            Cell::Text(industry.name.clone()),
            Cell::Text(print::list(&shown)),
            Cell::Text(range(low / total, high / total, print::share)),
            if low_nation > 0.0 { quotient(low, low_nation) } else { quotient(high, high_nation) },
        ]);
    }
    section.text.push(Sentence {
        text: Text::new(
            "Forty-two sectors are too coarse to find most listed industries: the table shows which sectors host them, and the share of output they can have at most.",
            "42 个部门过粗，难以识别多数清单产业：下表列出其所在部门，以及其产出份额的上限。",
        ),
        figures: Vec::new(),
    });
    if rows.is_empty() {
        section.missing.push(Text::new("No listed industry could be tied to a sector.", "没有可与部门对应的清单产业。"));
        return Ok(section);
    }
    section.tables.push(Table {
        id: "listed-industries".into(),
        title: Text::new("Sectors that host listed industries", "清单产业所在部门"),
        columns: vec![
            Column { label: Text::new("Strand", "类别"), format: None },
            Column { label: Text::new("Industry", "产业"), format: None },
            Column { label: Text::new("Host sectors", "所在部门"), format: None },
            Column { label: Text::new("Share of output", "产出份额"), format: None },
            Column { label: Text::new("Location quotient of the host sectors", "所在部门区位商"), format: Some(Format::Decimal(2)) },
        ],
        rows,
        note: Text::new(
            "Lower bound: sectors that are wholly the industry; upper bound: every sector that may hold a part. The location quotient is of the host sectors, not of the industry. Output of 2017; links of sectors to NACE divisions are our own reading of titles.",
            "下限：完全属于该产业的部门；上限：可能包含该产业的全部部门。区位商为所在部门的区位商，而非该产业本身。2017 年产出；部门与 NACE 大类的对应由本项目按名称判读。",
        ),
    });
    Ok(section)
}

/// The scheme of divisions that ties sectors to listed industries.
const HOST_SCHEME: &str = "NACE2";
