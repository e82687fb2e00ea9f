use crate::eigenvectors::{largest_eigenvectors, symmetric_eigenvectors};
use crate::{ComplexityError, PresenceMatrix};
use faer::Mat;
use frame::{LabelledVector, Labels};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

/// How the complexity index is solved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Solution {
    /// The exact second eigenvector.
    #[default]
    Eigenvector,
    /// The method of reflections of Hidalgo and Hausmann (2009), stopped early as the R and OEC packages do: of `n` iterations places
    /// take number n−2 and activities number n−1, counted from diversity and ubiquity as number 0. Its error falls only like
    /// (λ3/λ2)^(n/2); it is here to reproduce what others published.
    Reflections {
        /// An even number of at least 4.
        iterations: u32,
    },
}

/// How the raw vectors become indices.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standardisation {
    /// `ECI = (kc − m) / s` and `PCI = (kp − m) / s` with the mean and population standard deviation of kc over the N places. A place's
    /// ECI is then the mean PCI of its activities; PCI has neither mean 0 nor deviation 1.
    #[default]
    Population,
    /// The same with the sample deviation over the N·P rows of the long table, i.e. s·√(NP/(NP−1)).
    LongSample,
    /// Each index by its own mean and sample standard deviation (divided by n−1).
    EachSample,
}

/// Options of [`economic_complexity`]; [`crate::Convention`] names the published ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct EconomicComplexityOptions {
    /// How the index is solved.
    pub solution: Solution,
    /// How the raw vectors become indices.
    pub standardisation: Standardisation,
}

/// Which end of the index is the complex one. The eigenvector has no sign of its own.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SignRule {
    /// The end towards which diversity rises (all packages but the Growth Lab's own production).
    #[default]
    Diversity,
    /// The end at which the named places stand: their mean lies above the mean of all (the Growth Lab's production names one place).
    /// Right outside trade, where diversity may fall with complexity.
    Anchor(Vec<String>),
    /// The end towards which a number known of the places rises, such as income a head; places without it do not count.
    Column {
        /// What it is called.
        name: String,
        /// Its value by place.
        values: Vec<(String, f64)>,
    },
}

impl std::fmt::Display for SignRule {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            SignRule::Diversity => f.write_str("diversity"),
            SignRule::Anchor(places) => write!(f, "anchor:{}", places.join("+")),
            SignRule::Column { name, .. } => write!(f, "column:{name}"),
        }
    }
}

/// A place or activity for which there is no index.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exclusion {
    /// Its label.
    pub label: String,
    /// Why.
    pub reason: ExclusionReason,
}

/// Why there is no index.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ExclusionReason {
    /// The place has no activity, or no place has the activity.
    NoPresence,
    /// There is no value at all in the period.
    NoValue,
    /// Presence is decided from the population, which is not known.
    NoPopulation,
}

impl ExclusionReason {
    /// The reason as it stands in result tables.
    pub fn code(self) -> &'static str {
        match self {
            ExclusionReason::NoPresence => "no_presence",
            ExclusionReason::NoValue => "no_value",
            ExclusionReason::NoPopulation => "no_population",
        }
    }
}

/// What a reader must know before trusting the index.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(tag = "warning", rename_all = "snake_case")]
#[non_exhaustive]
pub enum ComplexityWarning {
    /// Places and activities fall into groups without anything in common: λ2 = 1 and the index only says which group a place is in.
    Disconnected {
        /// How many groups.
        components: usize,
    },
    /// λ2 and λ3 are so close (relative difference under 1 %) that a small change in the data may swap their vectors.
    SmallGap {
        /// The second eigenvalue.
        second: f64,
        /// The third.
        third: f64,
    },
    /// The index hardly moves with what its sign was taken from (|correlation| under 0.2), so which end is "complex" is not certain.
    WeakSign {
        /// The correlation of kc with diversity or the column named, after the sign was chosen.
        correlation: f64,
    },
}

impl std::fmt::Display for ComplexityWarning {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            ComplexityWarning::Disconnected { components } => {
                write!(f, "places and activities form {components} groups without a link: the index only tells the groups apart")
            }
            ComplexityWarning::SmallGap { second, third } => {
                write!(
                    f,
                    "the second and third eigenvalues nearly coincide ({second:.6}, {third:.6}): the index may turn on small changes in the data"
                )
            }
            ComplexityWarning::WeakSign { correlation } => {
                write!(
                    f,
                    "the index hardly moves with what its sign is taken from (correlation {correlation:.2}): which end is complex is not certain"
                )
            }
        }
    }
}

/// The complexity of places and activities, with what is needed to doubt it.
#[derive(Debug, Clone, PartialEq)]
pub struct EconomicComplexity {
    /// Economic complexity index of every place; NaN where it is excluded.
    pub eci: LabelledVector,
    /// Product complexity index of every activity; NaN where it is excluded.
    pub pci: LabelledVector,
    /// The place vector before standardisation (for the eigenvector: the mean of `kp` over the place's activities).
    pub kc: LabelledVector,
    /// The activity vector before standardisation (for the eigenvector: of unit length).
    pub kp: LabelledVector,
    /// λ1 (1 up to rounding) to λ4 of the place–place (or activity–activity) matrix, as many as there are.
    pub eigenvalues: Vec<f64>,
    /// λ2 − λ3.
    pub gap: f64,
    /// Groups of places and activities without a link between them; 1 is what the method assumes.
    pub components: usize,
    /// `‖T k − λ2 k‖ / ‖k‖` with T the activity–activity matrix and k the activity vector without its constant part: how far the
    /// solution is from the eigenvector.
    pub residual: f64,
    /// Correlation of kc, after the sign was chosen, with what the sign was taken from: diversity, or the column named. For an anchor it is
    /// that with diversity, which then decides nothing.
    pub sign_correlation: f64,
    /// What the sign was taken from.
    pub sign: SignRule,
    /// Places without an index.
    pub excluded_places: Vec<Exclusion>,
    /// Activities without an index.
    pub excluded_activities: Vec<Exclusion>,
    /// What a reader must know.
    pub warnings: Vec<ComplexityWarning>,
    /// The options used.
    pub options: EconomicComplexityOptions,
    place_scale: Scale,
    activity_scale: Scale,
}

#[derive(Debug, Clone, Copy, PartialEq)]
struct Scale {
    mean: f64,
    deviation: f64,
}

/// Sparse presence without empty rows and columns: for every node of one side the positions on the other.
struct Network {
    /// Positions of the kept places and activities among all.
    places: Vec<usize>,
    activities: Vec<usize>,
    by_place: Vec<Vec<usize>>,
    by_activity: Vec<Vec<usize>>,
}

/// Relative distance of λ2 and λ3 under which the vector is called unstable.
const SMALL_GAP: f64 = 0.01;
/// Correlation with diversity under which the sign is called weak.
const WEAK_SIGN: f64 = 0.2;
/// Second eigenvalues and correlations under this are rounding.
const ROUNDING: f64 = 1e-12;

/// Economic complexity index (ECI) of places and product complexity index (PCI) of activities (Hidalgo and Hausmann 2009; Hausmann,
/// Hidalgo et al. 2014).
///
/// With M the presence, d = M·1 diversity and u = Mᵀ·1 ubiquity, kp is the second eigenvector of `D_u⁻¹ Mᵀ D_d⁻¹ M`, of unit length,
/// and `kc = D_d⁻¹ M kp`; both carry the sign that makes kc rise with diversity. They are found from the symmetric matrix
/// `D_d^-½ M D_u⁻¹ Mᵀ D_d^-½` (or its counterpart over activities, whichever is smaller), which has the same eigenvalues
/// 1 = λ1 ≥ λ2 ≥ … ≥ 0, after its known first vector √d is taken out. Then the [`Standardisation`] applies. Dimensionless; levels of
/// different years are not comparable.
///
/// Places without activities and activities without places get NaN, are listed, and do not touch the others. A table that falls
/// apart, a small gap and a weak sign are reported as [`ComplexityWarning`]s.
///
/// # Errors
/// [`ComplexityError::TooSmall`], [`ComplexityError::NoStructure`] when all places have the same activities,
/// [`ComplexityError::Iterations`], [`ComplexityError::NotConverged`].
///
/// ```
/// // the example network of Hidalgo and Hausmann's supplement
/// use xinzhi_complexity::{EconomicComplexityOptions, PresenceMatrix, economic_complexity};
/// use frame::Labels;
/// let cells = [1, 1, 1, 1, 0, 1, 0, 0, 0, 0, 1, 1, 0, 0, 0, 1].map(|b| b == 1);
/// let m = PresenceMatrix::new(Labels::new("places", ["C1", "C2", "C3", "C4"])?, Labels::new("products", ["P1", "P2", "P3", "P4"])?, cells)?;
/// let complexity = economic_complexity(&m, &EconomicComplexityOptions::default())?;
/// assert!((complexity.second_eigenvalue() - 0.542133713179).abs() < 1e-12);
/// assert!(complexity.eci.values().iter().zip([-0.0754, -1.6029, 0.7478, 0.9305]).all(|(a, b)| (a - b).abs() < 1e-4));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn economic_complexity(presence: &PresenceMatrix, options: &EconomicComplexityOptions) -> Result<EconomicComplexity, ComplexityError> {
    economic_complexity_signed(presence, options, &SignRule::Diversity)
}

/// [`economic_complexity`] with another rule for which end of the index is the complex one. ECI and PCI always keep the same sign.
///
/// # Errors
/// As [`economic_complexity`]; also [`ComplexityError::Anchor`], and [`ComplexityError::Option`] for a column known of fewer than three
/// places.
///
/// ```
/// use xinzhi_complexity::{EconomicComplexityOptions, PresenceMatrix, SignRule, economic_complexity_signed};
/// use frame::Labels;
/// let cells = [1, 1, 1, 1, 0, 1, 0, 0, 0, 0, 1, 1, 0, 0, 0, 1].map(|b| b == 1);
/// let m = PresenceMatrix::new(Labels::new("places", ["C1", "C2", "C3", "C4"])?, Labels::new("products", ["P1", "P2", "P3", "P4"])?, cells)?;
/// let anchor = SignRule::Anchor(vec!["C2".to_owned()]);
/// let complexity = economic_complexity_signed(&m, &EconomicComplexityOptions::default(), &anchor)?;
/// assert!(complexity.eci.get("C2") > Some(1.6));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn economic_complexity_signed(
    presence: &PresenceMatrix,
    options: &EconomicComplexityOptions,
    sign: &SignRule,
) -> Result<EconomicComplexity, ComplexityError> {
    let (diversity, ubiquity) = (presence.diversity(), presence.ubiquity());
    let network = Network::new(presence, &diversity, &ubiquity);
    let (n, p) = (network.places.len(), network.activities.len());
    if n < 2 || p < 2 {
        return Err(ComplexityError::TooSmall { places: n, activities: p });
    }
    let components = network.components();
    // each index on the smaller side costs less, and both sides have the same eigenvalues
    let on_places = n <= p;
    let (eigenvalues, vector) = if on_places {
        second_eigenvector(&network.by_place, &network.by_activity)?
    } else {
        second_eigenvector(&network.by_activity, &network.by_place)?
    };
    let second = eigenvalues[1];
    if second < ROUNDING {
        return Err(ComplexityError::NoStructure { second_eigenvalue: format!("{second:.1e}") });
    }

    let kept_diversity: Vec<f64> = network.by_place.iter().map(|held| held.len() as f64).collect();
    let kept_ubiquity: Vec<f64> = network.by_activity.iter().map(|makers| makers.len() as f64).collect();
    let (kc, kp) = match options.solution {
        Solution::Eigenvector => {
            let mut kp = if on_places { means(&network.by_activity, &vector) } else { vector };
            let length = kp.iter().map(|v| v * v).sum::<f64>().sqrt();
            kp.iter_mut().for_each(|v| *v /= length);
            let mut kc = means(&network.by_place, &kp);
            let negative = points_down(sign, presence.places(), &network.places, &kept_diversity, &kc)?;
            if negative {
                kc.iter_mut().chain(kp.iter_mut()).for_each(|v| *v = -*v);
            }
            (kc, kp)
        }
        Solution::Reflections { iterations } => {
            if iterations < 4 || !iterations.is_multiple_of(2) {
                return Err(ComplexityError::Iterations { iterations });
            }
            let (mut kc, mut kp) = (kept_diversity.clone(), kept_ubiquity.clone());
            let mut places = kc.clone();
            for step in 1..iterations {
                (kc, kp) = (means(&network.by_place, &kp), means(&network.by_activity, &kc));
                if step == iterations - 2 {
                    places.clone_from(&kc);
                }
            }
            (places, kp)
        }
    };

    let sign_correlation = match sign {
        SignRule::Column { values, .. } => {
            let (known, kc) = known_values(values, presence.places(), &network.places, &kc);
            correlation(&known, &kc)
        }
        _ => correlation(&kept_diversity, &kc),
    };
    let (place_scale, activity_scale) = scales(options.standardisation, &kc, &kp);
    if place_scale.deviation <= 0.0 || activity_scale.deviation <= 0.0 {
        return Err(ComplexityError::NoStructure { second_eigenvalue: format!("{second:.1e}") });
    }
    let mut warnings = Vec::new();
    let third = eigenvalues.get(2).copied();
    if components > 1 {
        warnings.push(ComplexityWarning::Disconnected { components });
    }
    if let Some(third) = third.filter(|third| (second - third) / second < SMALL_GAP) {
        warnings.push(ComplexityWarning::SmallGap { second, third });
    }
    // an anchor is a fact about a place, not a correlation
    if !matches!(sign, SignRule::Anchor(_)) && (sign_correlation.is_nan() || sign_correlation.abs() < WEAK_SIGN) {
        warnings.push(ComplexityWarning::WeakSign { correlation: sign_correlation });
    }
    let residual = residual(&network, &kept_ubiquity, &kp, second);
    let spread_out = |labels: &Labels, kept: &[usize], values: &[f64], scale: Option<Scale>| {
        let mut all = vec![f64::NAN; labels.len()];
        for (at, value) in kept.iter().zip(values) {
            all[*at] = scale.map_or(*value, |s| s.apply(*value));
        }
        LabelledVector::new(labels.clone(), all)
    };
    Ok(EconomicComplexity {
        eci: spread_out(presence.places(), &network.places, &kc, Some(place_scale))?,
        pci: spread_out(presence.activities(), &network.activities, &kp, Some(activity_scale))?,
        kc: spread_out(presence.places(), &network.places, &kc, None)?,
        kp: spread_out(presence.activities(), &network.activities, &kp, None)?,
        gap: second - third.unwrap_or(0.0),
        eigenvalues,
        components,
        residual,
        sign_correlation,
        sign: sign.clone(),
        excluded_places: excluded(presence.places(), &diversity),
        excluded_activities: excluded(presence.activities(), &ubiquity),
        warnings,
        options: *options,
        place_scale,
        activity_scale,
    })
}

impl EconomicComplexity {
    /// λ2.
    pub fn second_eigenvalue(&self) -> f64 {
        self.eigenvalues[1]
    }

    /// λ3, 0 where there is none.
    pub fn third_eigenvalue(&self) -> f64 {
        self.eigenvalues.get(2).copied().unwrap_or(0.0)
    }

    /// ECI of other places on the activities of this table: `(mean of kp over the place's activities − m) / s` with this table's m and s.
    /// For the places of the table itself it is their ECI. NaN for a place none of whose activities has an index.
    ///
    /// # Errors
    /// [`ComplexityError::LabelsDiffer`] for other activities, [`ComplexityError::ProjectionOfReflections`].
    pub fn project(&self, presence: &PresenceMatrix) -> Result<LabelledVector, ComplexityError> {
        crate::error::require_same("activities", ("the presence", presence.activities()), ("the complexity", self.kp.labels()))?;
        if self.options.solution != Solution::Eigenvector {
            return Err(ComplexityError::ProjectionOfReflections);
        }
        let kp = self.kp.values();
        let eci = (0..presence.places().len()).map(|place| {
            let (sum, count) =
                presence.held(place).filter(|p| kp[*p].is_finite()).fold((0.0, 0_u32), |(sum, count), p| (sum + kp[p], count + 1));
            self.place_scale.apply(sum / f64::from(count))
        });
        Ok(LabelledVector::new(presence.places().clone(), eci.collect())?)
    }

    /// The complexity of a table whose activities have an index from elsewhere: `PCI` as given, ECI the mean PCI of what the place has.
    /// There is no eigenvalue and no scale: both indices are in the units given.
    pub(crate) fn from_given(presence: &PresenceMatrix, pci: &LabelledVector) -> Result<Self, ComplexityError> {
        crate::error::require_same("activities", ("the presence", presence.activities()), ("the given complexity", pci.labels()))?;
        let place_scale = Scale { mean: 0.0, deviation: 1.0 };
        let (diversity, ubiquity) = (presence.diversity(), presence.ubiquity());
        let network = Network::new(presence, &diversity, &ubiquity);
        let mut given = EconomicComplexity {
            eci: pci.clone(),
            pci: pci.clone(),
            kc: pci.clone(),
            kp: pci.clone(),
            eigenvalues: Vec::new(),
            gap: f64::NAN,
            components: network.components(),
            residual: f64::NAN,
            sign_correlation: f64::NAN,
            sign: SignRule::Diversity,
            excluded_places: excluded(presence.places(), &diversity),
            excluded_activities: excluded(presence.activities(), &ubiquity),
            warnings: Vec::new(),
            options: EconomicComplexityOptions::default(),
            place_scale,
            activity_scale: place_scale,
        };
        given.eci = given.project(presence)?;
        given.kc = given.eci.clone();
        let (diversities, eci): (Vec<f64>, Vec<f64>) =
            diversity.iter().zip(given.eci.values()).filter(|(_, e)| e.is_finite()).map(|(d, e)| (f64::from(*d), *e)).unzip();
        given.sign_correlation = correlation(&diversities, &eci);
        Ok(given)
    }

    /// What the outlook weighs activities with: kp over the deviation of the PCI without its mean taken out, as the Growth Lab does;
    /// reflections, which have no zero of their own, enter with their PCI.
    pub(crate) fn outlook_weights(&self) -> Vec<f64> {
        match self.options.solution {
            Solution::Eigenvector => self.kp.values().iter().map(|v| v / self.activity_scale.deviation).collect(),
            Solution::Reflections { .. } => self.pci.values().to_vec(),
        }
    }
}

fn excluded(labels: &Labels, counts: &[u32]) -> Vec<Exclusion> {
    let without = labels.iter().zip(counts).filter(|(_, count)| **count == 0);
    without.map(|(label, _)| Exclusion { label: label.to_owned(), reason: ExclusionReason::NoPresence }).collect()
}

/// The values known of the kept places, and their kc.
fn known_values(values: &[(String, f64)], places: &Labels, kept: &[usize], kc: &[f64]) -> (Vec<f64>, Vec<f64>) {
    let by_place: HashMap<&str, f64> = values.iter().map(|(place, value)| (place.as_str(), *value)).collect();
    let known = kept.iter().zip(kc).filter_map(|(at, k)| {
        let value = by_place.get(places.name(*at)).copied()?;
        value.is_finite().then_some((value, *k))
    });
    known.unzip()
}

/// Whether the complex end of kc, by the rule, is its negative one.
fn points_down(sign: &SignRule, places: &Labels, kept: &[usize], diversity: &[f64], kc: &[f64]) -> Result<bool, ComplexityError> {
    let height = match sign {
        SignRule::Diversity => correlation(diversity, kc),
        SignRule::Column { name, values } => {
            let (known, kc) = known_values(values, places, kept, kc);
            if known.len() < 3 {
                let value = format!("{name}, known of {} places", known.len());
                return Err(ComplexityError::Option { option: "sign", value, requirement: "known of at least 3 places with an index" });
            }
            correlation(&known, &kc)
        }
        SignRule::Anchor(anchors) => {
            let missing = |place: &String, reason| ComplexityError::Anchor { place: place.clone(), reason };
            let mut sum = 0.0;
            for place in anchors {
                let at = places.position(place).ok_or_else(|| missing(place, "it is not among the places"))?;
                sum += kc[kept.iter().position(|k| *k == at).ok_or_else(|| missing(place, "it has no activity"))?];
            }
            if anchors.is_empty() {
                return Err(missing(&String::new(), "none is named"));
            }
            sum / anchors.len() as f64 - kc.iter().sum::<f64>() / kc.len() as f64
        }
    };
    // where the rule says nothing, the first place that is not average gets the positive end: arbitrary, but always the same
    Ok(if height.abs() > ROUNDING { height < 0.0 } else { kc.iter().find(|v| v.abs() > ROUNDING).is_some_and(|v| *v < 0.0) })
}

impl Scale {
    fn apply(self, value: f64) -> f64 {
        (value - self.mean) / self.deviation
    }
}

impl Standardisation {
    /// Mean and deviation of the values of `places` when there are `activities`, by this rule.
    pub(crate) fn mean_and_deviation(self, values: &[f64], activities: usize) -> (f64, f64) {
        let n = values.len() as f64;
        let mean = values.iter().sum::<f64>() / n;
        let squares = values.iter().map(|v| (v - mean).powi(2)).sum::<f64>();
        let rows = n * activities as f64;
        let deviation = match self {
            Standardisation::Population => (squares / n).sqrt(),
            Standardisation::LongSample => (squares / n * rows / (rows - 1.0)).sqrt(),
            Standardisation::EachSample => (squares / (n - 1.0)).sqrt(),
        };
        (mean, deviation)
    }
}

fn scales(rule: Standardisation, kc: &[f64], kp: &[f64]) -> (Scale, Scale) {
    let (mean, deviation) = rule.mean_and_deviation(kc, kp.len());
    let places = Scale { mean, deviation };
    match rule {
        Standardisation::Population | Standardisation::LongSample => (places, places),
        Standardisation::EachSample => {
            let (mean, deviation) = rule.mean_and_deviation(kp, kc.len());
            (places, Scale { mean, deviation })
        }
    }
}

impl Network {
    fn new(presence: &PresenceMatrix, diversity: &[u32], ubiquity: &[u32]) -> Self {
        let kept = |counts: &[u32]| -> Vec<usize> { (0..counts.len()).filter(|i| counts[*i] > 0).collect() };
        let (places, activities) = (kept(diversity), kept(ubiquity));
        let mut compact = vec![0; ubiquity.len()];
        activities.iter().enumerate().for_each(|(new, old)| compact[*old] = new);
        let by_place: Vec<Vec<usize>> = places.iter().map(|c| presence.held(*c).map(|p| compact[p]).collect()).collect();
        let mut by_activity = vec![Vec::new(); activities.len()];
        for (c, held) in by_place.iter().enumerate() {
            held.iter().for_each(|p| by_activity[*p].push(c));
        }
        Network { places, activities, by_place, by_activity }
    }

    /// Connected groups of the bipartite graph.
    fn components(&self) -> usize {
        let mut seen = vec![false; self.by_place.len()];
        let mut reached = vec![false; self.by_activity.len()];
        let mut groups = 0;
        for start in 0..self.by_place.len() {
            if std::mem::replace(&mut seen[start], true) {
                continue;
            }
            groups += 1;
            let mut open = vec![start];
            while let Some(place) = open.pop() {
                for p in &self.by_place[place] {
                    if !std::mem::replace(&mut reached[*p], true) {
                        open.extend(self.by_activity[*p].iter().filter(|c| !std::mem::replace(&mut seen[**c], true)));
                    }
                }
            }
        }
        groups
    }
}

/// The mean of `values` over each node's neighbours.
fn means(neighbours: &[Vec<usize>], values: &[f64]) -> Vec<f64> {
    neighbours.iter().map(|list| list.iter().map(|i| values[*i]).sum::<f64>() / list.len() as f64).collect()
}

/// Sides up to this size are solved by a dense method, which also sees eigenvalues that coincide; larger ones by Lanczos.
const DENSE: usize = 700;
/// Relative accuracy asked of the Lanczos method.
const TOLERANCE: f64 = 1e-13;

/// λ1..λ4 and the second eigenvector, in the scaling D^-½ v, of the side given by `own` against `other`.
fn second_eigenvector(own: &[Vec<usize>], other: &[Vec<usize>]) -> Result<(Vec<f64>, Vec<f64>), ComplexityError> {
    let n = own.len();
    let root: Vec<f64> = own.iter().map(|list| (list.len() as f64).sqrt()).collect();
    let norm = own.iter().map(|list| list.len() as f64).sum::<f64>().sqrt();
    let not_converged = || ComplexityError::NotConverged { size: n };
    // the known first vector is √d, with eigenvalue 1 up to rounding
    let trivial: Vec<f64> = root.iter().map(|r| r / norm).collect();
    if n > DENSE {
        let apply = |from: &[f64], to: &mut [f64]| {
            let scaled: Vec<f64> = from.iter().zip(&root).map(|(v, r)| v / r).collect();
            let inner = means(other, &scaled);
            for ((to, list), r) in to.iter_mut().zip(own).zip(&root) {
                *to = list.iter().map(|i| inner[*i]).sum::<f64>() / r;
            }
        };
        let mut image = vec![0.0; n];
        apply(&trivial, &mut image);
        let first: f64 = image.iter().zip(&trivial).map(|(a, b)| a * b).sum();
        let (values, vectors) = largest_eigenvectors(n, 3, TOLERANCE, &[trivial], apply).ok_or_else(not_converged)?;
        let eigenvalues = std::iter::once(first).chain(values.into_iter().map(|v| v.max(0.0))).collect();
        return Ok((eigenvalues, vectors[0].iter().zip(&root).map(|(v, r)| v / r).collect()));
    }
    let similarity = &mut shared_neighbours(n, &root, other);
    let mut first = 0.0;
    for j in 0..n {
        for i in j..n {
            let value = similarity[(i, j)];
            first += value * trivial[i] * trivial[j] * if i == j { 1.0 } else { 2.0 };
            // only the lower half is read by the solver
            similarity[(i, j)] = value - trivial[i] * trivial[j];
        }
    }
    let (values, vectors) = symmetric_eigenvectors(similarity).ok_or_else(not_converged)?;
    // ascending; the vector taken out now has eigenvalue 0 and stands among the lowest
    let mut eigenvalues = vec![first];
    eigenvalues.extend((1..n).take(3).map(|k| values[n - k].max(0.0)));
    let vector = (0..n).map(|i| vectors[(i, n - 1)] / root[i]).collect();
    Ok((eigenvalues, vector))
}

/// The lower half of `D^-½ A D^-½` with `A_ij = Σ_p 1/u_p` over the neighbours p that i and j share. Presence is sparse, so that adding up
/// pairs costs less than a product of matrices.
fn shared_neighbours(n: usize, root: &[f64], other: &[Vec<usize>]) -> Mat<f64> {
    let mut shared = vec![0.0; n * n];
    for members in other {
        let weight = 1.0 / members.len() as f64;
        for (k, i) in members.iter().enumerate() {
            // lists ascend, so that row i gets its columns up to i
            let row = &mut shared[i * n..i * n + i + 1];
            members[..=k].iter().for_each(|j| row[*j] += weight);
        }
    }
    Mat::from_fn(n, n, |i, j| if j <= i { shared[i * n + j] / (root[i] * root[j]) } else { 0.0 })
}

pub(crate) fn correlation(a: &[f64], b: &[f64]) -> f64 {
    let n = a.len() as f64;
    let (mean_a, mean_b) = (a.iter().sum::<f64>() / n, b.iter().sum::<f64>() / n);
    let product = |x: &[f64], mean_x: f64, y: &[f64], mean_y: f64| x.iter().zip(y).map(|(x, y)| (x - mean_x) * (y - mean_y)).sum::<f64>();
    let scale = (product(a, mean_a, a, mean_a) * product(b, mean_b, b, mean_b)).sqrt();
    if scale > 0.0 { product(a, mean_a, b, mean_b) / scale } else { 0.0 }
}

fn residual(network: &Network, ubiquity: &[f64], kp: &[f64], second: f64) -> f64 {
    // the constant part belongs to λ1; its left eigenvector is ubiquity
    let constant = kp.iter().zip(ubiquity).map(|(k, u)| k * u).sum::<f64>() / ubiquity.iter().sum::<f64>();
    let k: Vec<f64> = kp.iter().map(|v| v - constant).collect();
    let moved = means(&network.by_activity, &means(&network.by_place, &k));
    let norm = |v: &mut dyn Iterator<Item = f64>| v.map(|x| x * x).sum::<f64>().sqrt();
    norm(&mut moved.iter().zip(&k).map(|(m, v)| m - second * v)) / norm(&mut k.iter().copied())
}
