//! Layer 2 of a Chinese province: structure, specialisation among provinces, and what to transform, foster and build.

use crate::engine::Engine;
use crate::figures::{Figures, NewFigure, print_rank};
use crate::{Cell, Chart, ChartKind, Column, Format, MapShape, Metric, Point, Section, Strand, StrandItem, StrategyError, Table, print};
use frame::{Classification, Period, Place, Rank, Text, Unit};
use industry::{SectorGrowth, SectorGrowthStanding, SectorStanding, Structure};
use measure::Direction;

const SCHEME: &str = "CN42-2017";
const FROM: i32 = 2012;
const TO: i32 = 2017;
/// Sectors whose output follows the people who live there, not a strategy: utilities, construction, trade, household and public services.
const LOCAL: &[&str] = &["24", "25", "26", "27", "28", "30", "33", "37", "38", "39", "40", "41", "42"];
const ITEMS: usize = 8;

/// A sector with its standing and growth.
struct Candidate<'a> {
    standing: &'a SectorStanding,
    growth: &'a SectorGrowthStanding,
}

pub(crate) fn section(engine: &Engine, place: &Place, figures: &mut Figures) -> Result<(Vec<Strand>, Section), StrategyError> {
    let mut section = Section {
        id: "industry".into(),
        title: Text::new("Industry: structure and specialisation among provinces", "产业：结构与省际专业化"),
        text: Vec::new(),
        charts: Vec::new(),
        tables: Vec::new(),
        missing: Vec::new(),
        source_line: Text::new(
            "Gross output by province and 42 sectors, 2012 and 2017 (interprovincial input-output database)",
            "2012 年与 2017 年分省 42 部门总产出（省际投入产出数据库）",
        ),
    };
    let outputs = crate::province_chain::outputs(engine)?;
    if outputs.rows().position(&place.code).is_none() {
        section.missing.push(print::fill("No sector outputs for {0}.", "没有{0}的分部门产出数据。", &[&place.name]));
        return Ok((Vec::new(), section));
    }
    let earlier = engine.workspace.activity("province_output_trade")?.matrix("output", Period::year(FROM), "CN42-2012")?;
    let concordance = engine.workspace.concordance("CN42-2012", SCHEME)?;
    let structure = industry::structure(&outputs, &place.code)?;
    let growth = industry::sector_growth(&earlier, &outputs, &place.code, f64::from(TO - FROM), Some(&concordance))?;
    let sectors = engine.workspace.classification(SCHEME)?;
    text(engine, place, &outputs, &structure, &growth, &sectors, figures, &mut section)?;
    let candidates: Vec<Candidate<'_>> = structure
        .sectors
        .iter()
        .zip(&growth.sectors)
        .filter(|(s, _)| !LOCAL.contains(&s.code.as_str()))
        .map(|(standing, growth)| Candidate { standing, growth })
        .collect();
    let mut strands = strands(&candidates, &sectors);
    let registry = engine.policy_registry()?;
    for item in strands.iter_mut().flat_map(|s| &mut s.items) {
        item.listed = crate::listed_industries::hosted(engine, &registry, &item.code)?;
    }
    section.charts.push(scatter(&candidates, &strands, &sectors));
    section.charts.push(map(engine, place)?);
    section.tables.push(table(&structure, &growth, &sectors));
    figures.uses([engine.workspace.reference("links")?, engine.workspace.reference("map_china")?]);
    Ok((strands, section))
}

#[expect(clippy::too_many_arguments, reason = "one argument for each input of the text")]
fn text(
    engine: &Engine,
    place: &Place,
    outputs: &frame::LabelledMatrix,
    structure: &Structure,
    growth: &SectorGrowth,
    sectors: &Classification,
    figures: &mut Figures,
    section: &mut Section,
) -> Result<(), StrategyError> {
    let reference = engine.workspace.reference("province_output_trade")?;
    let indices: Vec<(String, f64)> = outputs
        .rows()
        .iter()
        .map(|p| Ok((p.to_owned(), industry::structure(outputs, p)?.krugman)))
        .collect::<Result<_, StrategyError>>()?;
    let rank = measure::rank(&indices, &place.code, Direction::HigherIsBetter).map(|r| Rank { rank: r.rank, of: r.of });
    let krugman = figures.add(NewFigure {
        id: "industry/specialisation",
        label: Text::new("Krugman specialisation index (0 like the rest, 2 unlike)", "克鲁格曼专业化指数（0 与其他地区相同，2 完全不同）"),
        value: structure.krugman,
        unit: Unit::Ratio,
        period: Period::year(TO),
        rank,
        tables: vec![reference.clone()],
        method: "location-quotient",
        formula: "sum over sectors of |share of the sector in the province - share in the rest of the nation|",
        options: &[("measure", "gross output".into())],
        inputs: vec![
            ("Herfindahl index of the province", structure.herfindahl, ""),
            ("Herfindahl index of the nation", structure.national_herfindahl, ""),
        ],
    });
    let share = figures.add(NewFigure {
        id: "industry/output_share",
        label: Text::new("Share of the nation's gross output", "占全国总产出的份额"),
        value: structure.share_of_nation,
        unit: Unit::Share,
        period: Period::year(TO),
        rank: None,
        tables: vec![reference.clone()],
        method: "location-quotient",
        formula: "gross output of the province / sum over 31 provinces",
        options: &[],
        inputs: vec![("gross output", structure.total, "100 million yuan")],
    });
    let mut specialised: Vec<&SectorStanding> =
        structure.sectors.iter().filter(|s| s.location_quotient >= 1.0 && s.share >= 0.005 && !LOCAL.contains(&s.code.as_str())).collect();
    specialised.sort_by(|a, b| b.location_quotient.total_cmp(&a.location_quotient).then_with(|| a.code.cmp(&b.code)));
    let names: Vec<Text> = specialised
        .iter()
        .take(4)
        .map(|s| print::fill("{0} ({1})", "{0}（{1}）", &[&sectors.name(&s.code), &print::decimal(s.location_quotient, 1)]))
        .collect();
    section.text.push(figures.sentence(
        "{2} made {0} of the nation's gross output in {3}; its specialisation index is {1} ({4} of provinces). Most specialised (location quotient): {5}.",
        "{3}{2}占全国总产出的{0}；专业化指数为{1}（{4}）。专业化程度最高的部门（区位商）：{5}。",
        &[&share, &krugman],
        &[&place.name, &print::years(Period::year(TO)), &rank.map(print_rank).unwrap_or_default(), &print::list(&names)],
    ));
    if let (Some(own), Some(nation)) = (growth.growth, growth.national_growth) {
        let id = figures.add(NewFigure {
            id: "industry/output_growth",
            label: Text::new("Nominal growth of gross output", "总产出名义增长"),
            value: own,
            unit: Unit::AnnualGrowth,
            period: Period::span(FROM, TO),
            rank: None,
            tables: vec![reference, engine.workspace.reference("links")?],
            method: "growth-rates",
            formula: "(output 2017 / output 2012)^(1/5) - 1",
            options: &[("prices", "current".into())],
            inputs: vec![("nation", nation, "a year"), ("share of output without a link", growth.loss.share, "share")],
        });
        section.text.push(figures.sentence(
            "Over {1} its gross output changed by {0} in current prices, the nation's by {2}.",
            "按当年价格计，{1}其总产出变化{0}，全国为{2}。",
            &[&id],
            &[&print::years(Period::span(FROM, TO)), &print::share(nation)],
        ));
    }
    Ok(())
}

fn median(mut values: Vec<f64>) -> f64 {
    values.retain(|v| v.is_finite());
    values.sort_by(f64::total_cmp);
    if values.is_empty() { f64::NAN } else { (values[(values.len() - 1) / 2] + values[values.len() / 2]) / 2.0 }
}

fn strands(candidates: &[Candidate<'_>], sectors: &Classification) -> Vec<Strand> {
    let density = |c: &Candidate<'_>| c.standing.density.unwrap_or(f64::NAN);
    let lead = |c: &Candidate<'_>| Some(c.growth.growth? - c.growth.national_growth?);
    let middle_density = median(candidates.iter().map(density).collect());
    let national = |c: &Candidate<'_>| c.growth.national_growth.unwrap_or(f64::NAN);
    let middle_growth = median(candidates.iter().map(national).collect());
    let pick = |keep: &dyn Fn(&Candidate<'_>) -> bool, score: &dyn Fn(&Candidate<'_>) -> f64, id: &str| -> Vec<StrandItem> {
        let mut kept: Vec<&Candidate<'_>> = candidates.iter().filter(|c| keep(c)).collect();
        kept.sort_by(|a, b| score(b).total_cmp(&score(a)).then_with(|| a.standing.code.cmp(&b.standing.code)));
        kept.into_iter().take(ITEMS).map(|c| item(c, id, sectors)).collect()
    };
    let transform = pick(&|c| c.standing.location_quotient >= 1.0 && lead(c).is_some_and(|l| l < 0.0), &|c| c.standing.value, "transform");
    let foster = pick(
        &|c| (0.5..1.0).contains(&c.standing.location_quotient) && density(c) >= middle_density && national(c) > middle_growth,
        &|c| lead(c).unwrap_or(f64::NEG_INFINITY),
        "foster",
    );
    let build = pick(
        &|c| c.standing.location_quotient < 0.75 && density(c) < middle_density && national(c) > middle_growth,
        &|c| national(c),
        "build",
    );
    let none = |items: &Vec<StrandItem>| items.is_empty().then(|| Text::new("No sector meets the rule.", "没有部门符合该规则。"));
    let strand =
        |id: &str, title: Text, rule: Text, items: Vec<StrandItem>| Strand { id: id.into(), title, rule, missing: none(&items), items };
    vec![
        strand(
            "transform",
            Text::new("Transform", "改造提升"),
            print::fill(
                "Specialised (location quotient of at least 1) and growing more slowly than the sector does in the nation over {0}; by output. Utilities, construction, trade, household and public services are left out.",
                "具有专业化优势（区位商不低于 1），且{0}增速低于全国同部门；按产出排序。不含公用事业、建筑、商贸、居民与公共服务。",
                &[&print::years(Period::span(FROM, TO))],
            ),
            transform,
        ),
        strand(
            "foster",
            Text::new("Foster", "培育壮大"),
            print::fill(
                "Not yet specialised (location quotient 0.5 to 1), at least {0} of related sectors at hand, in a sector that grew faster than {1} a year in the nation over {2} (the medians); by the province's lead over the sector's national growth.",
                "尚未形成专业化（区位商 0.5 至 1），相关部门具备程度不低于{0}，且该部门{2}全国年均增速高于{1}（中位数）；按本省相对全国同部门的增速差排序。",
                &[&print::share(middle_density), &print::share(middle_growth), &print::years(Period::span(FROM, TO))],
            ),
            foster,
        ),
        strand(
            "build",
            Text::new("Build", "布局建设"),
            print::fill(
                "Hardly present (location quotient under 0.75), less than {0} of related sectors at hand, in a sector that grew faster than {1} a year in the nation over {2} (the medians); by national growth.",
                "基础薄弱（区位商低于 0.75），相关部门具备程度低于{0}，且该部门{2}全国年均增速高于{1}（中位数）；按全国增速排序。",
                &[&print::share(middle_density), &print::share(middle_growth), &print::years(Period::span(FROM, TO))],
            ),
            build,
        ),
    ]
}

fn item(candidate: &Candidate<'_>, id: &str, sectors: &Classification) -> StrandItem {
    let (s, g) = (candidate.standing, candidate.growth);
    let rate = |v: Option<f64>| v.map_or_else(|| Text::same("–"), print::share);
    let reason = match id {
        "transform" => print::fill(
            "{0} of output, location quotient {1}; grew {2} a year against {3} in the nation.",
            "占产出的{0}，区位商{1}；年均增长{2}，全国为{3}。",
            &[&print::share(s.share), &print::decimal(s.location_quotient, 2), &rate(g.growth), &rate(g.national_growth)],
        ),
        "foster" => print::fill(
            "Location quotient {0}; grew {1} a year against {2} in the nation.",
            "区位商{0}；年均增长{1}，全国为{2}。",
            &[&print::decimal(s.location_quotient, 2), &rate(g.growth), &rate(g.national_growth)],
        ),
        _ => print::fill(
            "Location quotient {0}; the sector grew {1} a year in the nation.",
            "区位商{0}；该部门全国年均增长{1}。",
            &[&print::decimal(s.location_quotient, 2), &rate(g.national_growth)],
        ),
    };
    let metric = |en: &str, zh: &str, value: Option<f64>, format: Format| {
        value.filter(|v| v.is_finite()).map(|value| Metric { label: Text::new(en, zh), value, format })
    };
    StrandItem {
        scheme: SCHEME.into(),
        code: s.code.clone(),
        name: sectors.name(&s.code),
        listed: Vec::new(),
        reason,
        metrics: [
            metric("share of output", "产出份额", Some(s.share), Format::Percent),
            metric("location quotient", "区位商", Some(s.location_quotient), Format::Decimal(2)),
            metric("density", "密度", s.density, Format::Percent),
            metric("growth", "增速", g.growth, Format::Percent),
            metric("growth in the nation", "全国增速", g.national_growth, Format::Percent),
        ]
        .into_iter()
        .flatten()
        .collect(),
        near: Vec::new(),
        evidence: Vec::new(),
    }
}

fn scatter(candidates: &[Candidate<'_>], strands: &[Strand], sectors: &Classification) -> Chart {
    let group = |code: &str| strands.iter().position(|s| s.items.iter().any(|i| i.code == code)).map_or(0, |i| i + 1);
    Chart {
        id: "opportunities".into(),
        title: Text::new("Sectors: specialised or not, growing or not", "部门：专业化与增长"),
        caption: Text::new(
            "Each dot is a sector, its area the province's output. To the right: more specialised than the nation (location quotient above 1). Up: the province outgrew the sector's national growth, 2012–2017, current prices.",
            "每个圆点为一个部门，面积为本省产出。越靠右，专业化程度越高（区位商大于 1）；越靠上，本省增速超过全国同部门越多（2012—2017 年，当年价格）。",
        ),
        kind: ChartKind::Scatter {
            x_label: Text::new("Location quotient", "区位商"),
            y_label: Text::new("Growth less the sector's growth in the nation, a year", "与全国同部门年均增速之差"),
            x_format: Format::Decimal(1),
            y_format: Format::Percent,
            groups: std::iter::once(Text::new("Other sectors", "其他部门")).chain(strands.iter().map(|s| s.title.clone())).collect(),
            points: candidates
                .iter()
                .filter_map(|c| {
                    let group = group(&c.standing.code);
                    Some(Point {
                        label: sectors.name(&c.standing.code),
                        x: c.standing.location_quotient,
                        y: c.growth.growth? - c.growth.national_growth?,
                        size: c.standing.value,
                        group,
                        labelled: group > 0,
                    })
                })
                .collect(),
        },
    }
}

fn map(engine: &Engine, place: &Place) -> Result<Chart, StrategyError> {
    let places = engine.places()?;
    let indicators = engine.workspace.indicators()?;
    let year = indicators.latest_year("st_rd_intensity").unwrap_or(TO);
    let shapes = engine
        .workspace
        .map("map_china")?
        .iter()
        .map(|(code, rings)| MapShape {
            place: code.clone(),
            label: places.name(code),
            rings: rings.clone(),
            value: indicators.get(code, "st_rd_intensity", year).map(|v| v / 100.0),
            highlighted: *code == place.code,
        })
        .collect();
    Ok(Chart {
        id: "province-map".into(),
        title: Text::new("R&D expenditure as a share of GDP", "研发经费投入强度"),
        caption: print::fill(
            "{0}; grey: no data. The outline is a simplified drawing for orientation, not an approved map.",
            "{0}；灰色：无数据。轮廓为示意性简化图形，非审定地图。",
            &[&print::years(Period::year(year))],
        ),
        kind: ChartKind::Map { legend: Text::new("Share of GDP", "占 GDP"), format: Format::Percent, projection: "china".into(), shapes },
    })
}

fn table(structure: &Structure, growth: &SectorGrowth, sectors: &Classification) -> Table {
    let mut rows: Vec<(&SectorStanding, &SectorGrowthStanding)> = structure.sectors.iter().zip(&growth.sectors).collect();
    rows.sort_by(|a, b| b.0.value.total_cmp(&a.0.value).then_with(|| a.0.code.cmp(&b.0.code)));
    Table {
        id: "sectors".into(),
        title: Text::new("All 42 sectors", "全部 42 个部门"),
        columns: vec![
            Column { label: Text::new("Sector", "部门"), format: None },
            Column { label: Text::new("Share of output", "产出份额"), format: Some(Format::Percent) },
            Column { label: Text::new("Share of the nation's sector", "占全国同部门"), format: Some(Format::Percent) },
            Column { label: Text::new("Location quotient", "区位商"), format: Some(Format::Decimal(2)) },
            Column { label: Text::new("Growth a year 2012–2017", "2012—2017 年均增长"), format: Some(Format::Percent) },
            Column { label: Text::new("Nation", "全国"), format: Some(Format::Percent) },
        ],
        rows: rows
            .into_iter()
            .map(|(s, g)| {
                vec![
                    Cell::Text(sectors.name(&s.code)),
                    Cell::Number(s.share),
                    Cell::Number(s.share_of_nation),
                    Cell::Number(s.location_quotient),
                    g.growth.map_or(Cell::Missing, Cell::Number),
                    g.national_growth.map_or(Cell::Missing, Cell::Number),
                ]
            })
            .collect(),
        note: Text::new(
            "Current prices. The sector lists of 2012 and 2017 differ; the earlier one is carried over by our own reading of titles (weights sum to 1).",
            "当年价格。2012 年与 2017 年部门分类不同，前者按部门名称由本项目判读转换（权重合计为 1）。",
        ),
    }
}
