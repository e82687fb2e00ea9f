//! Listed industries in the tables of the workspace: exports, patents and output of a place, each as a lower and an upper bound.

use crate::StrategyError;
use crate::engine::{Engine, NOT_A_PRODUCT, TRADE_TABLE};
use frame::{LabelledVector, Labels, PlaceLevel, TableReference, Text};
use policy::{BoundsOptions, CodeCoverage, Confidence, Coverage, IndustryBounds, PolicyError, Registry, Strand};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use store::ActivityTable;

/// The table of exports that goes before [`TRADE_TABLE`].
const EARLIER_TRADE_TABLE: &str = "exports_hs4_1980";
const PATENT_TABLE: &str = "patents_wipo35";
const OUTPUT_TABLE: &str = "output_wiod2013";
const PROVINCE_TABLE: &str = "province_output_trade";
/// The sector list that is linked to divisions.
const PROVINCE_SCHEME: &str = "CN42-2017";
/// The scheme of divisions that ties sectors to listed industries.
pub(crate) const HOST_SCHEME: &str = "NACE2";
/// The world in tables that publish it.
const WORLD: &str = "WLD";

/// What a place does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ActivityMeasure {
    /// Exports by HS heading (countries; 1980 and 2017).
    Exports,
    /// Patent families by technology field (36 places; 1998-2020).
    Patents,
    /// Gross output by sector (40 countries and the rest of the world, 1995-2011; provinces of China, 2017).
    Output,
}

impl ActivityMeasure {
    /// All of them.
    pub const ALL: [ActivityMeasure; 3] = [ActivityMeasure::Exports, ActivityMeasure::Patents, ActivityMeasure::Output];

    /// Its word.
    pub fn word(self) -> &'static str {
        match self {
            ActivityMeasure::Exports => "exports",
            ActivityMeasure::Patents => "patents",
            ActivityMeasure::Output => "output",
        }
    }

    /// Its name.
    pub fn name(self) -> Text {
        match self {
            ActivityMeasure::Exports => Text::new("exports", "出口额"),
            ActivityMeasure::Patents => Text::new("patents", "专利"),
            ActivityMeasure::Output => Text::new("output", "总产出"),
        }
    }

    /// From its word.
    ///
    /// # Errors
    /// [`StrategyError::Policy`] with the words there are.
    pub fn parse(word: &str) -> Result<Self, StrategyError> {
        Self::ALL.into_iter().find(|m| m.word() == word).ok_or_else(|| {
            let allowed = Self::ALL.map(ActivityMeasure::word).join(", ");
            PolicyError::UnknownWord { what: "measure", found: word.to_owned(), allowed }.into()
        })
    }
}

/// Which industries, where, of what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActivityQuery {
    /// The place: code, or name in English or Chinese.
    pub place: String,
    /// Exports, patents or output.
    pub measure: ActivityMeasure,
    /// The year; the newest that the workspace holds without one.
    pub period: Option<i32>,
    /// Industries by id or name; all (of the strand) without any.
    pub industries: Vec<String>,
    /// Only the industries of a strand.
    pub strand: Option<Strand>,
    /// Rows of the crosswalk below this confidence are left out. Above low, the upper bound bounds only what is surely listed.
    pub minimum_confidence: Confidence,
}

impl ActivityQuery {
    /// All industries of a place, with every row of the crosswalk.
    pub fn new(place: impl Into<String>, measure: ActivityMeasure) -> Self {
        ActivityQuery {
            place: place.into(),
            measure,
            period: None,
            industries: Vec::new(),
            strand: None,
            minimum_confidence: Confidence::Low,
        }
    }
}

/// What a row of [`industry_activity`] is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ActivitySubject {
    /// One industry: its id.
    Industry(String),
    /// All industries of a strand together.
    Strand(Strand),
    /// The industries asked for, together.
    Together(Vec<String>),
}

/// What the bounds bound.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BoundsOf {
    /// The industry's own value.
    Industry,
    /// The patents in the technology fields that the industry's patents lie in: an upper bound of its patents, the lower is 0.
    TechnologyFields,
}

/// How bounds grew, a year on average, in the unit and prices of the table.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct GrowthBounds {
    /// From this year.
    pub from: i32,
    /// To this.
    pub to: i32,
    /// Growth of the sum of the codes that are wholly the industry; absent where that is 0 in either year.
    pub low_sum: Option<f64>,
    /// Growth of the sum of all codes that hold it.
    pub high_sum: Option<f64>,
    /// The same two for the world.
    pub world_low_sum: Option<f64>,
    /// For all codes.
    pub world_high_sum: Option<f64>,
    /// The least that the industry can have grown: from the upper bound to the lower. -1 where the lower bound is 0 at the end.
    pub least: Option<f64>,
    /// The most: from the lower bound to the upper; absent where the lower bound is 0 at the start, because there is then no most.
    pub most: Option<f64>,
}

/// A listed industry, or several together, in one table of the workspace.
#[derive(Debug, Clone, PartialEq)]
pub struct ActivityBounds {
    /// Industry, strand, or those asked for together.
    pub subject: ActivitySubject,
    /// Its name.
    pub name: Text,
    /// The strand; absent for industries of several together.
    pub strand: Option<Strand>,
    /// The place's code.
    pub place: String,
    /// What is measured.
    pub measure: ActivityMeasure,
    /// The unit of the values.
    pub unit: String,
    /// The year.
    pub period: i32,
    /// What the bounds bound.
    pub of: BoundsOf,
    /// The tables used, the values' first.
    pub tables: Vec<TableReference>,
    /// The bounds, or why there are none.
    pub bounds: Result<IndustryBounds, PolicyError>,
    /// Growth since the first year held that can be compared; absent where there is none.
    pub growth: Option<GrowthBounds>,
    /// Table codes that the earlier year does not hold for any place, which are left out of the growth.
    pub not_in_earlier: Vec<String>,
}

impl ActivitySubject {
    /// The id of the industry, the word of the strand, or the ids joined.
    pub fn id(&self) -> String {
        match self {
            ActivitySubject::Industry(id) => id.clone(),
            ActivitySubject::Strand(strand) => strand.word().to_owned(),
            ActivitySubject::Together(ids) => ids.join("+"),
        }
    }
}

/// The values of one year: the place's and the world's, over the same codes.
struct Year {
    year: i32,
    place: LabelledVector,
    world: LabelledVector,
}

/// One table as it is joined: years oldest first (the last is the one asked for), and how codes are read.
pub(crate) struct JoinedTable {
    years: Vec<Year>,
    unit: String,
    of: BoundsOf,
    options: BoundsOptions,
    tables: Vec<TableReference>,
    /// Sectors of the table and the divisions that each holds, where the crosswalk reaches the table through divisions.
    through: Option<Vec<(String, Vec<String>)>>,
}

/// Listed industries of a place in the workspace: exports, patents by technology field, or output, each as a lower and an upper bound and
/// never as a value.
///
/// One row an industry, in the order of the registry, then one a strand that was asked for as a whole (or one for the industries asked
/// for, together, where there are several): of the union of their codes, so that a code of two industries counts once. Bounds are those of
/// [`policy::industry_bounds`]. Which codes are read:
///
/// * exports: HS headings (the table is in HS 2007), matched at the heading by the HS 2012 rows of an industry where it has some, else by
///   its HS 2017 rows; without heading 9999;
/// * patents: WIPO technology fields. They hold the industry's patents among others, so the lower bound is 0 and the upper is the fields';
/// * output of a country: WIOD sectors that are the industry (`core`) or host it; world: the sum of the table's regions;
/// * output of a province of China: 42 sectors, wholly the industry where all NACE divisions linked to a sector are; "world": the sum of the
///   provinces.
///
/// Growth is from the first year held to the year asked for, a year on average, over the codes that both years hold for some place.
///
/// # Errors
/// [`StrategyError::UnknownPlace`]; [`StrategyError::Policy`] for an unknown industry, with the nearest; [`StrategyError::NoActivity`] where
/// the workspace holds nothing of the place or year.
///
/// ```
/// use xinzhi_strategy::{ActivityMeasure, ActivityQuery, Engine, industry_activity};
/// let engine = Engine::new(store::Workspace::embedded()?);
/// let query = ActivityQuery { industries: vec!["E-IC".into()], ..ActivityQuery::new("KOR", ActivityMeasure::Exports) };
/// let chips = &industry_activity(&engine, &query)?[0];
/// let bounds = chips.bounds.as_ref().map_err(Clone::clone)?;
/// assert!(bounds.value.low > 0.0 && bounds.value.low <= bounds.value.high);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn industry_activity(engine: &Engine, query: &ActivityQuery) -> Result<Vec<ActivityBounds>, StrategyError> {
    let place = engine.find_place(&query.place)?;
    // neither waits for the other
    let (registry, table) = rayon::join(|| engine.policy_registry(), || joined(engine, &place.code, place.level, query));
    let (registry, table) = (registry?, table?);
    let mut subjects: Vec<(ActivitySubject, Text, Option<Strand>, Vec<&str>)> = Vec::new();
    let mut chosen = Vec::new();
    if query.industries.is_empty() {
        chosen.extend(registry.industries().iter().filter(|i| query.strand.is_none_or(|strand| i.strand == strand)));
    } else {
        for asked in &query.industries {
            let industry = registry.find_industry(asked)?;
            if query.strand.is_none_or(|strand| industry.strand == strand) && chosen.iter().all(|c: &&policy::Industry| c.id != industry.id)
            {
                chosen.push(industry);
            }
        }
    }
    for industry in &chosen {
        subjects.push((
            ActivitySubject::Industry(industry.id.clone()),
            industry.name.clone(),
            Some(industry.strand),
            vec![industry.id.as_str()],
        ));
    }
    if query.industries.is_empty() {
        for strand in Strand::ALL.iter().filter(|s| query.strand.is_none_or(|only| only == **s)) {
            let ids: Vec<&str> = registry.strand(*strand).map(|i| i.id.as_str()).collect();
            if !ids.is_empty() {
                subjects.push((ActivitySubject::Strand(*strand), strand.name(), Some(*strand), ids));
            }
        }
    } else if chosen.len() > 1 {
        let ids: Vec<&str> = chosen.iter().map(|i| i.id.as_str()).collect();
        let name = Text::new("these industries together", "上述产业合计");
        subjects.push((ActivitySubject::Together(ids.iter().map(|id| (*id).to_owned()).collect()), name, None, ids));
    }
    subjects
        .into_iter()
        .map(|(subject, name, strand, ids)| {
            let (bounds, growth, not_in_earlier) = table.bounds(&registry, &ids)?;
            let year = table.years.last().map_or(0, |y| y.year);
            Ok(ActivityBounds {
                subject,
                name,
                strand,
                place: place.code.clone(),
                measure: query.measure,
                unit: table.unit.clone(),
                period: year,
                of: table.of,
                tables: table.tables.clone(),
                bounds,
                growth,
                not_in_earlier,
            })
        })
        .collect()
}

impl JoinedTable {
    /// Bounds of industries together in the last year, their growth since the first, and the codes that the first year lacks.
    #[allow(clippy::type_complexity)]
    fn bounds(
        &self,
        registry: &Registry,
        industries: &[&str],
    ) -> Result<(Result<IndustryBounds, PolicyError>, Option<GrowthBounds>, Vec<String>), StrategyError> {
        let Some(last) = self.years.last() else { return Ok((Err(PolicyError::DifferentCodes), None, Vec::new())) };
        let coverage = match self.coverage(registry, industries, last.world.labels()) {
            Ok(coverage) => coverage,
            // an industry that the classification cannot show is an answer; one that does not exist is a mistake
            Err(refusal @ (PolicyError::NoCodes { .. } | PolicyError::CodesNotInTable { .. })) => {
                return Ok((Err(refusal), None, Vec::new()));
            }
            Err(error) => return Err(error.into()),
        };
        let bounds = policy::coverage_bounds(&coverage, &last.place, &last.world)?;
        let first = self.years.first().filter(|first| first.year < last.year);
        let Some(first) = first else { return Ok((Ok(bounds), None, Vec::new())) };
        let (growth, missing) = growth(&coverage, first, last);
        Ok((Ok(bounds), growth, missing))
    }

    fn coverage(&self, registry: &Registry, industries: &[&str], labels: &Labels) -> Result<CodeCoverage, PolicyError> {
        let Some(sectors) = &self.through else { return policy::code_coverage(registry, industries, labels, &self.options) };
        let mut divisions: Vec<&str> = sectors.iter().flat_map(|(_, divisions)| divisions).map(String::as_str).collect();
        divisions.sort_unstable();
        divisions.dedup();
        let different = |_| PolicyError::DifferentCodes;
        let named = Labels::new("divisions", divisions.iter().copied()).map_err(different)?;
        let by_division = policy::code_coverage(registry, industries, &named, &self.options)?;
        let mut codes = BTreeMap::new();
        for (sector, held) in sectors {
            let Some(at) = labels.position(sector) else { continue };
            let found: Vec<Option<Coverage>> =
                held.iter().map(|d| named.position(d).and_then(|at| by_division.codes.get(&at).copied())).collect();
            if found.iter().any(Option::is_some) {
                let whole = found.iter().all(|c| *c == Some(Coverage::Whole));
                codes.insert(at, if whole { Coverage::Whole } else { Coverage::Part });
            }
        }
        Ok(CodeCoverage { codes, ..by_division })
    }
}

fn growth(coverage: &CodeCoverage, first: &Year, last: &Year) -> (Option<GrowthBounds>, Vec<String>) {
    let labels = last.world.labels();
    let value = |of: &LabelledVector, code: &str| of.labels().position(code).map_or(0.0, |at| of.values()[at]);
    let mut missing = Vec::new();
    // sums over whole codes and over all, of the place and the world, first and last
    let (mut low, mut high) = ([[0.0_f64; 2]; 2], [[0.0_f64; 2]; 2]);
    let mut any = false;
    for (at, covered) in &coverage.codes {
        let code = labels.name(*at);
        if value(&first.world, code) <= 0.0 {
            missing.push(code.to_owned());
            continue;
        }
        any = true;
        for (when, year) in [first, last].into_iter().enumerate() {
            for (whose, of) in [&year.place, &year.world].into_iter().enumerate() {
                let v = value(of, code);
                high[whose][when] += v;
                if *covered == Coverage::Whole {
                    low[whose][when] += v;
                }
            }
        }
    }
    if !any {
        return (None, missing);
    }
    let years = f64::from(last.year - first.year);
    let a_year = |from: f64, to: f64| (from > 0.0).then(|| (to / from).powf(1.0 / years) - 1.0);
    let sums = |of: [f64; 2]| a_year(of[0], of[1]).filter(|_| of[1] > 0.0);
    let growth = GrowthBounds {
        from: first.year,
        to: last.year,
        low_sum: sums(low[0]),
        high_sum: sums(high[0]),
        world_low_sum: sums(low[1]),
        world_high_sum: sums(high[1]),
        least: a_year(high[0][0], low[0][1]),
        most: a_year(low[0][0], high[0][1]),
    };
    (Some(growth), missing)
}

/// The table that answers a question.
pub(crate) fn joined(engine: &Engine, place: &str, level: PlaceLevel, query: &ActivityQuery) -> Result<JoinedTable, StrategyError> {
    let options = |schemes: &[&str], technologies: bool| BoundsOptions {
        schemes: schemes.iter().map(|s| (*s).to_owned()).collect(),
        minimum_confidence: query.minimum_confidence,
        technologies,
    };
    let no_activity = |held: Vec<i32>, places: &'static str| StrategyError::NoActivity {
        measure: query.measure.word(),
        place: place.to_owned(),
        period: query.period,
        held,
        places,
    };
    match (query.measure, level) {
        (ActivityMeasure::Exports, PlaceLevel::Province) => Err(no_activity(Vec::new(), "countries; for a province ask for `output`")),
        (ActivityMeasure::Exports, _) => {
            let mut years = Vec::new();
            let mut tables = Vec::new();
            let mut unit = String::new();
            let mut held = Vec::new();
            let held_here: Vec<&str> =
                [TRADE_TABLE, EARLIER_TRADE_TABLE].into_iter().filter(|id| engine.workspace.manifest().table(id).is_ok()).collect();
            let years_in = |id: &&str| -> Result<Vec<(i32, String, Option<Year>)>, StrategyError> {
                let table = engine.workspace.activity(id)?;
                let unit = table.unit("exports")?.to_owned();
                let keep = |code: &str| !NOT_A_PRODUCT.contains(&code);
                let read = |year: i32| match query.period.is_none_or(|asked| year <= asked) {
                    true => year_of(&table, "exports", "HS4", year, place, None, keep),
                    false => Ok(None),
                };
                table.periods().into_iter().map(|year| Ok((year, unit.clone(), read(year)?))).collect()
            };
            for (id, found) in held_here.iter().zip(held_here.par_iter().map(years_in).collect::<Result<Vec<_>, _>>()?) {
                for (year, of, values) in found {
                    held.push(year);
                    unit = of;
                    if let Some(values) = values {
                        years.push(values);
                        tables.push(engine.workspace.reference(id)?);
                    }
                }
            }
            let newest = held.iter().max().copied();
            years.sort_by_key(|y: &Year| y.year);
            let wanted = query.period.or(newest);
            if years.last().map(|y| y.year) != wanted {
                return Err(no_activity(held, "countries"));
            }
            through_crosswalk(engine, &mut tables)?;
            Ok(JoinedTable { years, unit, of: BoundsOf::Industry, options: options(&["HS2012", "HS2017"], false), tables, through: None })
        }
        (ActivityMeasure::Patents, _) => {
            let table = engine.workspace.activity(PATENT_TABLE)?;
            let measure = "patents_ipf";
            let keep = |code: &str| code.parse::<u32>().is_ok();
            let years = years_of(&table, measure, "WIPO35", place, Some(WORLD), keep, query.period)?
                .ok_or_else(|| no_activity(table.periods(), "36 countries with many patents"))?;
            let mut tables = vec![engine.workspace.reference(PATENT_TABLE)?];
            through_crosswalk(engine, &mut tables)?;
            let unit = table.unit(measure)?.to_owned();
            Ok(JoinedTable { years, unit, of: BoundsOf::TechnologyFields, options: options(&["WIPO35"], true), tables, through: None })
        }
        (ActivityMeasure::Output, PlaceLevel::Province) => {
            let table = engine.workspace.activity(PROVINCE_TABLE)?;
            let held: Vec<i32> = vec![2017];
            let year = query.period.unwrap_or(2017);
            let found =
                (year == 2017).then(|| year_of(&table, "output", PROVINCE_SCHEME, year, place, None, |_| true)).transpose()?.flatten();
            let years = vec![found.ok_or_else(|| no_activity(held, "provinces"))?];
            let links = engine.workspace.concordance(PROVINCE_SCHEME, HOST_SCHEME)?;
            let sectors = years[0].world.labels().iter();
            let through =
                sectors.map(|s| (s.to_owned(), links.shares(s).into_iter().map(|(division, _)| division.to_owned()).collect())).collect();
            let mut tables = vec![engine.workspace.reference(PROVINCE_TABLE)?, engine.workspace.reference("links")?];
            through_crosswalk(engine, &mut tables)?;
            let unit = table.unit("output")?.to_owned();
            Ok(JoinedTable { years, unit, of: BoundsOf::Industry, options: options(&[HOST_SCHEME], false), tables, through: Some(through) })
        }
        (ActivityMeasure::Output, _) => {
            let table = engine.workspace.activity(OUTPUT_TABLE)?;
            let years = years_of(&table, "output", "WIOD35", place, None, |_| true, query.period)?
                .ok_or_else(|| no_activity(table.periods(), "40 countries and the rest of the world (ROW)"))?;
            let mut tables = vec![engine.workspace.reference(OUTPUT_TABLE)?];
            through_crosswalk(engine, &mut tables)?;
            let unit = table.unit("output")?.to_owned();
            Ok(JoinedTable { years, unit, of: BoundsOf::Industry, options: options(&["WIOD2013"], false), tables, through: None })
        }
    }
}

fn through_crosswalk(engine: &Engine, tables: &mut Vec<TableReference>) -> Result<(), StrategyError> {
    for id in ["policy_crosswalk", "policy_industries"] {
        tables.push(engine.workspace.reference(id)?);
    }
    Ok(())
}

/// The first year and the one asked for (the newest without one); nothing where the place or the year is not held.
fn years_of(
    table: &ActivityTable,
    measure: &str,
    scheme: &str,
    place: &str,
    world: Option<&str>,
    keep: impl Fn(&str) -> bool + Copy,
    period: Option<i32>,
) -> Result<Option<Vec<Year>>, StrategyError> {
    let held = table.periods();
    let Some(wanted) = period.or(held.last().copied()).filter(|year| held.contains(year)) else { return Ok(None) };
    let Some(last) = year_of(table, measure, scheme, wanted, place, world, keep)? else { return Ok(None) };
    let mut years = Vec::new();
    for year in held.into_iter().filter(|year| *year < wanted) {
        if let Some(first) = year_of(table, measure, scheme, year, place, world, keep)? {
            years.push(first);
            break;
        }
    }
    years.push(last);
    Ok(Some(years))
}

/// One year of a place and of the world (a row of the table, or the sum of all places); nothing where the place has no row.
fn year_of(
    table: &ActivityTable,
    measure: &str,
    scheme: &str,
    year: i32,
    place: &str,
    world: Option<&str>,
    keep: impl Fn(&str) -> bool,
) -> Result<Option<Year>, StrategyError> {
    // one pass, without the matrix of all places: an answer is wanted at once
    let (Some(measure), Some(scheme), Some(own_code)) =
        (table.measure.position(measure), table.scheme.position(scheme), table.place.position(place))
    else {
        return Ok(None);
    };
    let world_code = world.map(|world| table.place.position(world));
    if world_code == Some(None) {
        return Ok(None);
    }
    let names: Vec<&str> = table.code.words().collect();
    let kept: Vec<bool> = names.iter().map(|code| keep(code)).collect();
    let (mut own, mut all, mut held) = (vec![0.0; names.len()], vec![0.0; names.len()], vec![false; names.len()]);
    let mut any = false;
    for row in 0..table.len() {
        let code = table.code.code(row) as usize;
        if table.period[row] != year || !kept[code] || table.measure.code(row) != measure || table.scheme.code(row) != scheme {
            continue;
        }
        let (at, value) = (table.place.code(row), table.value[row]);
        held[code] = true;
        if at == own_code {
            any = true;
            own[code] += value;
        }
        if world_code.is_none_or(|world| Some(at) == world) {
            all[code] += value;
        }
    }
    if !any {
        return Ok(None);
    }
    let mut codes: Vec<usize> = (0..names.len()).filter(|code| held[*code]).collect();
    codes.sort_unstable_by_key(|code| names[*code]);
    let labels = Labels::new("activities", codes.iter().map(|code| names[*code]))?;
    let vector = |values: &[f64]| LabelledVector::new(labels.clone(), codes.iter().map(|code| values[*code]).collect());
    Ok(Some(Year { year, place: vector(&own)?, world: vector(&all)? }))
}
