use crate::{Confidence, Coverage, CrosswalkRow, PolicyError, Registry, Role};
use frame::{LabelledVector, Labels};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A lower and an upper bound.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Interval {
    /// Lower bound.
    pub low: f64,
    /// Upper bound.
    pub high: f64,
}

/// Which rows of the crosswalk count.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BoundsOptions {
    /// Schemes of the crosswalk whose codes the table's codes begin with, the preferred first (default `HS2017` alone). Each industry is
    /// read in the first in which it has a row that counts, so that the editions of a classification are not mixed within an industry.
    pub schemes: Vec<String>,
    /// Rows below this confidence are left out (default low: only rows without any code are left out). With a higher threshold the
    /// upper bound bounds only what is surely listed, no longer the industry.
    pub minimum_confidence: Confidence,
    /// Count codes of technologies too, each as an unknown part (default no). For fields of patents, where every code is one: the upper
    /// bound is then of the technology fields in which the industry's patents lie, and the lower bound is 0.
    pub technologies: bool,
}

impl Default for BoundsOptions {
    fn default() -> Self {
        BoundsOptions { schemes: vec!["HS2017".to_owned()], minimum_confidence: Confidence::Low, technologies: false }
    }
}

/// What a listed industry is worth at a place, as bounds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct IndustryBounds {
    /// The industries, one or several together.
    pub industries: Vec<String>,
    /// The schemes of the crosswalk used: one for one industry.
    pub schemes: Vec<String>,
    /// Value at the place, in the unit of the table.
    pub value: Interval,
    /// Value in the world.
    pub world_value: Interval,
    /// Share of the place's total.
    pub share_of_place: Option<Interval>,
    /// The place's share of the world's industry; absent where no code is wholly the industry, because it is then only known to lie
    /// between 0 and 1.
    pub world_share: Option<Interval>,
    /// Specialisation (revealed comparative advantage, Balassa): the world share over the place's share of the world's total. Absent
    /// likewise.
    pub specialisation: Option<Interval>,
    /// Specialisation in the codes that are wholly the industry, `(low_c / X_c) / (low_w / X_w)`: a point, not a bound.
    pub specialisation_whole_codes: Option<f64>,
    /// Specialisation in all codes used, `(high_c / X_c) / (high_w / X_w)`: a point, not a bound.
    pub specialisation_all_codes: Option<f64>,
    /// Table codes that are wholly the industry.
    pub whole: Vec<String>,
    /// Table codes of which an unknown part is the industry.
    pub part: Vec<String>,
    /// Crosswalk codes that hold the industry but meet no code of the table (another edition). Where there are some, the upper bound may
    /// be too low.
    pub not_in_table: Vec<String>,
    /// Codes of the industry's inputs, equipment, proxies and technologies, which are not counted.
    pub excluded: Vec<(String, Role)>,
    /// Codes left out for their confidence.
    pub below_confidence: Vec<String>,
    /// Industries without a code that counts: not in either bound.
    pub without_codes: Vec<String>,
}

/// Bounds of a listed industry at a place.
///
/// `place` and `world` hold the values of one activity table (exports by HS heading, say) over the same codes; the world includes the
/// place. With `W` the codes wholly the industry and `P` those of which it is an unknown part ([`CrosswalkRow::coverage`]; a code that is
/// both counts as whole):
///
/// * value: `low = Σ_W v`, `high = Σ_W v + Σ_P v`, for the place (`low_c`, `high_c`) and the world (`low_w`, `high_w`);
/// * world share: `low = low_c / (low_c + high_w − high_c)` (all of the others' `P`, none of the place's), `high = high_c / (high_c + low_w −
///   low_c)`. These are the tightest bounds when nothing is known of `P`;
/// * specialisation: the world share over `X_c / X_w`, with totals `X` over all codes of the table.
///
/// The bounds hold for the classification as it is read in the crosswalk: they are not confidence intervals, and a wrong reading is not
/// covered. Codes of inputs, equipment, proxies and technologies are listed and not counted.
///
/// # Errors
/// [`PolicyError::NoCodes`] where the classification is too coarse for the industry, [`PolicyError::CodesNotInTable`] where its codes are
/// missing from the table, [`PolicyError::DifferentCodes`], [`PolicyError::Value`], [`PolicyError::Unknown`].
///
/// ```
/// use frame::{LabelledVector, Labels, Text};
/// use xinzhi_policy::{BoundsOptions, Confidence, CrosswalkRow, Industry, Registry, Role, Strand, industry_bounds};
/// let steel = Industry { id: "T-STEEL".into(), strand: Strand::Traditional, name: Text::new("Iron and steel", "钢铁"), named_in: vec![] };
/// let row = |code: &str, role| CrosswalkRow::new("T-STEEL", "HS2017", code, role, Confidence::High);
/// let registry = Registry::new(vec![steel], vec![row("72", Role::Core), row("7326", Role::Partial)])?;
/// let codes = Labels::new("headings", ["7207", "7208", "7326", "8703"])?;
/// let place = LabelledVector::new(codes.clone(), vec![1.0, 2.0, 3.0, 4.0])?;
/// let world = LabelledVector::new(codes, vec![10.0, 10.0, 10.0, 10.0])?;
/// let bounds = industry_bounds(&registry, "T-STEEL", &place, &world, &BoundsOptions::default())?;
/// assert_eq!((bounds.value.low, bounds.value.high), (3.0, 6.0));
/// assert_eq!(bounds.world_share.map(|s| s.low), Some(3.0 / 27.0));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn industry_bounds(
    registry: &Registry,
    industry: &str,
    place: &LabelledVector,
    world: &LabelledVector,
    options: &BoundsOptions,
) -> Result<IndustryBounds, PolicyError> {
    joint_bounds(registry, &[industry], place, world, options)
}

/// Bounds of several listed industries together (a strand, say): of the union of their codes, so that a code that two of them share counts
/// once. A code counts as whole when it is wholly one of the industries, and as a part otherwise; an industry without codes adds nothing
/// to either bound, so where there is one the upper bound bounds the others only. Everything else is as in [`industry_bounds`].
///
/// # Errors
/// As [`industry_bounds`]; [`PolicyError::NoCodes`] only where none of the industries has a code.
///
/// ```
/// use frame::{LabelledVector, Labels, Text};
/// use xinzhi_policy::{BoundsOptions, Confidence, CrosswalkRow, Industry, Registry, Role, Strand, joint_bounds};
/// let industry = |id: &str| Industry { id: id.into(), strand: Strand::Emerging, name: Text::same(id), named_in: vec![] };
/// let row = |id: &str, code: &str| CrosswalkRow::new(id, "HS2017", code, Role::Core, Confidence::High);
/// let registry = Registry::new(vec![industry("IC"), industry("IT")], vec![row("IC", "8542"), row("IT", "85")])?;
/// let codes = Labels::new("headings", ["8541", "8542", "8703"])?;
/// let place = LabelledVector::new(codes.clone(), vec![1.0, 2.0, 4.0])?;
/// let world = LabelledVector::new(codes, vec![10.0, 10.0, 10.0])?;
/// let both = joint_bounds(&registry, &["IC", "IT"], &place, &world, &BoundsOptions::default())?;
/// assert_eq!(both.value.low, 3.0, "8542 counts once");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn joint_bounds(
    registry: &Registry,
    industries: &[&str],
    place: &LabelledVector,
    world: &LabelledVector,
    options: &BoundsOptions,
) -> Result<IndustryBounds, PolicyError> {
    coverage_bounds(&code_coverage(registry, industries, world.labels(), options)?, place, world)
}

/// Which codes of a table are listed industries, wholly or in part.
#[derive(Debug, Clone, PartialEq)]
pub struct CodeCoverage {
    /// The industries.
    pub industries: Vec<String>,
    /// The schemes of the crosswalk used.
    pub schemes: Vec<String>,
    /// How much of a code is one of the industries, by its position in the table.
    pub codes: BTreeMap<usize, Coverage>,
    /// Codes of the crosswalk that meet no code of the table.
    pub not_in_table: Vec<String>,
    /// Codes that are not counted, with their roles.
    pub excluded: Vec<(String, Role)>,
    /// Codes left out for their confidence.
    pub below_confidence: Vec<String>,
    /// Industries without a code that counts.
    pub without_codes: Vec<String>,
}

/// Which codes of a table are one of the industries: the first half of [`joint_bounds`], for several years of one table, or for a table
/// whose codes reach those of the crosswalk through another list.
///
/// # Errors
/// [`PolicyError::NoCodes`], [`PolicyError::CodesNotInTable`], [`PolicyError::Unknown`].
pub fn code_coverage(
    registry: &Registry,
    industries: &[&str],
    labels: &Labels,
    options: &BoundsOptions,
) -> Result<CodeCoverage, PolicyError> {
    let counts = |row: &CrosswalkRow| row.role.holds_the_industry() || options.technologies && row.role == Role::Tech;
    let sure = |row: &CrosswalkRow| row.confidence >= options.minimum_confidence;
    let mut used: Vec<&CrosswalkRow> = Vec::new();
    let (mut schemes, mut excluded, mut below_confidence, mut without_codes) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for industry in industries {
        let all = registry.codes(industry)?;
        let first = options.schemes.iter().find(|scheme| all.iter().any(|row| row.scheme == **scheme && counts(row) && sure(row)));
        if first.is_none() {
            without_codes.push((*industry).to_owned());
        }
        // without a row that counts, what does not count is told for the preferred scheme
        let Some(scheme) = first.or(options.schemes.first()) else { continue };
        let rows: Vec<&CrosswalkRow> = all.iter().filter(|row| row.scheme == *scheme).collect();
        excluded.extend(rows.iter().filter(|row| !counts(row) && row.role != Role::None).map(|row| (row.code.clone(), row.role)));
        below_confidence.extend(rows.iter().filter(|row| counts(row) && !sure(row)).map(|row| row.code.clone()));
        used.extend(rows.iter().filter(|row| counts(row) && sure(row)));
        if first.is_some() && !schemes.contains(scheme) {
            schemes.push(scheme.clone());
        }
    }
    if used.is_empty() {
        return Err(PolicyError::NoCodes {
            industry: industries.join(", "),
            scheme: options.schemes.join(", "),
            excluded: excluded.len(),
            below_confidence: below_confidence.len(),
        });
    }
    let mut codes: BTreeMap<usize, Coverage> = BTreeMap::new();
    let mut not_in_table = Vec::new();
    for row in used {
        let mut met = false;
        for (at, code) in labels.iter().enumerate() {
            let technology = || (row.role == Role::Tech && row.meets(code).is_some()).then_some(Coverage::Part);
            if let Some(found) = row.coverage(code).or_else(technology) {
                met = true;
                codes.entry(at).and_modify(|c| *c = found.min(*c)).or_insert(found);
            }
        }
        if !met && !not_in_table.contains(&row.code) {
            not_in_table.push(row.code.clone());
        }
    }
    if codes.is_empty() {
        return Err(PolicyError::CodesNotInTable { industry: industries.join(", "), scheme: schemes.join(", "), codes: not_in_table });
    }
    let industries = industries.iter().map(|industry| (*industry).to_owned()).collect();
    Ok(CodeCoverage { industries, schemes, codes, not_in_table, excluded, below_confidence, without_codes })
}

/// Bounds from the codes that are known to be the industries: the second half of [`joint_bounds`]. Place and world are over the codes to
/// which the positions in `coverage` belong.
///
/// # Errors
/// [`PolicyError::DifferentCodes`], [`PolicyError::Value`].
pub fn coverage_bounds(coverage: &CodeCoverage, place: &LabelledVector, world: &LabelledVector) -> Result<IndustryBounds, PolicyError> {
    check(place, world)?;
    let labels = world.labels();
    let CodeCoverage { codes: covered, .. } = coverage;
    if covered.keys().any(|at| *at >= labels.len()) {
        return Err(PolicyError::DifferentCodes);
    }
    let codes = |wanted: Coverage| covered.iter().filter(|(_, c)| **c == wanted).map(|(at, _)| labels.name(*at).to_owned()).collect();
    let interval = |values: &[f64]| {
        let sum = |wanted: Coverage| covered.iter().filter(|(_, c)| **c == wanted).map(|(at, _)| values[*at]).sum::<f64>();
        let low = sum(Coverage::Whole);
        Interval { low, high: low + sum(Coverage::Part) }
    };
    let (value, world_value) = (interval(place.values()), interval(world.values()));
    let (total, world_total) = (place.values().iter().sum::<f64>(), world.values().iter().sum::<f64>());
    let over = |a: Interval, divisor: f64| Interval { low: a.low / divisor, high: a.high / divisor };
    // differences of sums may fall below zero by rounding
    let (others_low, others_high) = ((world_value.low - value.low).max(0.0), (world_value.high - value.high).max(0.0));
    let world_share = (world_value.low > 0.0).then(|| Interval {
        low: ratio(value.low, value.low + others_high).unwrap_or(0.0),
        high: ratio(value.high, value.high + others_low).unwrap_or(0.0),
    });
    let place_share = ratio(total, world_total).filter(|share| *share > 0.0);
    let point = |own: f64, of_world: f64| Some(ratio(own, of_world)? / place_share?);
    Ok(IndustryBounds {
        industries: coverage.industries.clone(),
        schemes: coverage.schemes.clone(),
        value,
        world_value,
        share_of_place: (total > 0.0).then(|| over(value, total)),
        world_share,
        specialisation: world_share.zip(place_share).map(|(share, of)| over(share, of)),
        specialisation_whole_codes: point(value.low, world_value.low),
        specialisation_all_codes: point(value.high, world_value.high),
        whole: codes(Coverage::Whole),
        part: codes(Coverage::Part),
        not_in_table: coverage.not_in_table.clone(),
        excluded: coverage.excluded.clone(),
        below_confidence: coverage.below_confidence.clone(),
        without_codes: coverage.without_codes.clone(),
    })
}

fn ratio(part: f64, whole: f64) -> Option<f64> {
    (whole > 0.0).then(|| part / whole)
}

fn check(place: &LabelledVector, world: &LabelledVector) -> Result<(), PolicyError> {
    if place.labels() != world.labels() {
        return Err(PolicyError::DifferentCodes);
    }
    for ((code, own), of_world) in place.iter().zip(world.values()) {
        let value = |whose, value, requirement| Err(PolicyError::Value { whose, code: code.to_owned(), value, requirement });
        if !own.is_finite() || own < 0.0 {
            return value("place's", own, "it must be finite and not negative");
        }
        if !of_world.is_finite() || *of_world < 0.0 {
            return value("world's", *of_world, "it must be finite and not negative");
        }
        // the world may be a sum in another order
        if own > of_world * (1.0 + 1e-9) {
            return value("place's", own, "it must not exceed the world's value, which includes it");
        }
    }
    Ok(())
}
