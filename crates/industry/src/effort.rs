use crate::IndustryError;
use crate::least_squares::{Coefficient, LeastSquares, Regression};
use complexity::{Diagonal, Presence, density, presence, proximity, revealed_comparative_advantage};
use frame::{LabelledMatrix, Labels};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// One period of a panel: values (exports, output, employment), places × activities.
#[derive(Debug, Clone, Copy)]
pub struct YearTable<'a> {
    /// The period, usually a year.
    pub period: i32,
    /// The values; every period has the same places and activities, zero where there is nothing.
    pub values: &'a LabelledMatrix,
}

/// How far ahead the calibration looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Horizon {
    /// The longest the panel allows, up to the ten periods of the paper, with the period nearest to half way as the stepping stone
    /// (the earlier of two equally near ones).
    #[default]
    Longest,
    /// Exactly these.
    Given {
        /// Periods from the first to the last observation (Δ).
        horizon: i32,
        /// Periods from the first observation to the stepping stone (τ), fewer than the horizon.
        stepping_stone: i32,
    },
}

/// The horizon of the paper.
const LONGEST_HORIZON: i32 = 10;

/// How several first periods become one set of coefficients.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Pooling {
    /// One regression on the cells of all first periods together.
    #[default]
    Pooled,
    /// One regression a first period, then the mean of the coefficients (econcomplex). With two first periods or more the standard error
    /// is their deviation over the root of their number, which overlapping horizons make too small.
    MeanOfPeriods,
}

/// Options of [`calibrate_stepping_stone`].
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct SteppingStoneOptions {
    /// How far ahead.
    pub horizon: Horizon,
    /// Revealed comparative advantage from which a place has an activity (1): below it a cell belongs to the entry regression.
    pub threshold: f64,
    /// Diagonal of the proximity behind the relatedness.
    pub diagonal: Diagonal,
    /// One regression or a mean over first periods.
    pub pooling: Pooling,
}

impl Default for SteppingStoneOptions {
    fn default() -> Self {
        SteppingStoneOptions { horizon: Horizon::Longest, threshold: 1.0, diagonal: Diagonal::Zero, pooling: Pooling::Pooled }
    }
}

/// The calibrated model of how specialisation changes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SteppingStone {
    /// Cells in which the activity is absent at first.
    pub entry: Regression,
    /// Cells in which it is present at first.
    pub exit: Regression,
    /// Periods from the first to the last observation (Δ).
    pub horizon: i32,
    /// Periods from the first observation to the stepping stone (τ).
    pub stepping_stone: i32,
    /// The first periods used.
    pub first_periods: Vec<i32>,
    /// Cells left out because the activity had no neighbour at first, so that its relatedness is not defined.
    pub without_relatedness: usize,
    /// The options used.
    pub options: SteppingStoneOptions,
}

const REGRESSORS: [&str; 5] = ["stepping_stone", "level", "relatedness", "relative_relatedness", "constant"];

/// Relatedness of every cell against what the place lacks (Pinheiro et al. 2022): `ω̃_cp = (ω_cp − m_c) / s_c` with the mean and the
/// population deviation of the density ω over the place's option set, the activities with RCA under the threshold. Cells the place has
/// are put on the same scale. 0 where the option set is empty or its densities do not differ; NaN where the density is.
///
/// # Errors
/// [`IndustryError::LabelsDiffer`].
///
/// ```
/// use frame::LabelledMatrix;
/// let table = |a: f64, b: f64, c: f64| LabelledMatrix::from_triplets("places", "products", [("A", "x", a), ("A", "y", b), ("A", "z", c)]);
/// let relative = xinzhi_industry::relative_relatedness(&table(2.0, 0.5, 0.0)?, &table(0.9, 0.4, 0.2)?, 1.0)?;
/// assert!(relative.values().iter().zip([6.0, 1.0, -1.0]).all(|(a, b)| (a - b).abs() < 1e-12));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn relative_relatedness(rca: &LabelledMatrix, density: &LabelledMatrix, threshold: f64) -> Result<LabelledMatrix, IndustryError> {
    same_cells("density", density, rca)?;
    let mut values = Vec::with_capacity(rca.values().len());
    for c in 0..rca.rows().len() {
        let (own, near) = (rca.row(c), density.row(c));
        let options = || own.iter().zip(near).filter(|(r, w)| **r < threshold && w.is_finite()).map(|(_, w)| *w);
        let n = options().count() as f64;
        let mean = options().sum::<f64>() / n;
        let deviation = (options().map(|w| (w - mean).powi(2)).sum::<f64>() / n).sqrt();
        let score = |w: f64| {
            if deviation > 0.0 {
                (w - mean) / deviation
            } else if w.is_finite() {
                0.0
            } else {
                f64::NAN
            }
        };
        values.extend(near.iter().map(|w| score(*w)));
    }
    Ok(LabelledMatrix::new(rca.rows().clone(), rca.columns().clone(), values)?)
}

fn same_cells(input: &'static str, found: &LabelledMatrix, wanted: &LabelledMatrix) -> Result<(), IndustryError> {
    let differs = |what| Err(IndustryError::LabelsDiffer { input, what, reference: "specialisation" });
    if found.rows() != wanted.rows() {
        return differs("places");
    }
    if found.columns() != wanted.columns() { differs("activities") } else { Ok(()) }
}

/// How specialisation changes with a stepping stone on the way (Stojkoski and Hidalgo 2026), by ordinary least squares on a panel:
///
/// `r(t+Δ) = b1 r(t+τ) + b2 r(t) + b3 ω(t) + b4 ω̃(t) + b0`, with `r = ln(1 + RCA)`, ω the density (0 to 1) and ω̃ the
/// [`relative_relatedness`], apart for cells absent (*entry*, RCA(t) under the threshold) and present at first (*exit*). Every period t
/// for which t+τ and t+Δ are in the panel is a first period.
///
/// Convention: the cells of all first periods enter one regression ([`Pooling::Pooled`]); econcomplex averages coefficients. RCA is over
/// the places of each table. Cells of one place are not independent, so read the clustered errors.
///
/// # Errors
/// [`IndustryError::TooFewPeriods`] when no first period exists, [`IndustryError::RepeatedPeriod`], [`IndustryError::LabelsDiffer`],
/// [`IndustryError::Option`], [`IndustryError::Complexity`] for a bad value, [`IndustryError::TooFewObservations`] and
/// [`IndustryError::Collinear`] when the regressions cannot be fitted.
///
/// ```
/// use frame::{LabelledMatrix, Labels};
/// use xinzhi_industry::{YearTable, SteppingStoneOptions, calibrate_stepping_stone};
/// // made up: 8 places, 9 products, three years
/// let places = Labels::new("places", (0..8).map(|c| format!("c{c}")))?;
/// let products = Labels::new("products", (0..9).map(|p| format!("p{p}")))?;
/// let year = |t: usize| {
///     let cell = |at: usize| ((at * 37 + t * 11) % 23) as f64 + ((at / 9 * (at % 9)) % 7) as f64 * (1.0 + t as f64);
///     LabelledMatrix::new(places.clone(), products.clone(), (0..72).map(cell).collect())
/// };
/// let (a, b, c) = (year(0)?, year(1)?, year(2)?);
/// let panel = [(2000, &a), (2005, &b), (2010, &c)].map(|(period, values)| YearTable { period, values });
/// let model = calibrate_stepping_stone(&panel, &SteppingStoneOptions::default())?;
/// assert_eq!((model.horizon, model.stepping_stone, model.first_periods.as_slice()), (10, 5, [2000].as_slice()));
/// assert_eq!(model.entry.observations + model.exit.observations, 72);
/// assert!(calibrate_stepping_stone(&panel[..2], &SteppingStoneOptions::default()).is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn calibrate_stepping_stone(panel: &[YearTable<'_>], options: &SteppingStoneOptions) -> Result<SteppingStone, IndustryError> {
    positive("threshold", options.threshold)?;
    let mut tables: BTreeMap<i32, &LabelledMatrix> = BTreeMap::new();
    for table in panel {
        if tables.insert(table.period, table.values).is_some() {
            return Err(IndustryError::RepeatedPeriod { period: table.period });
        }
    }
    let periods: Vec<i32> = tables.keys().copied().collect();
    let (horizon, stepping_stone) = horizons(&periods, options.horizon)?;
    let first_periods: Vec<i32> =
        periods.iter().copied().filter(|t| tables.contains_key(&(t + stepping_stone)) && tables.contains_key(&(t + horizon))).collect();
    let (Some(first), false) = (tables.values().next(), first_periods.is_empty()) else {
        let needed = format!("a period t with t+{stepping_stone} and t+{horizon} in the panel");
        return Err(IndustryError::TooFewPeriods { what: "the calibration of effort", needed, periods: listed(&periods) });
    };
    let mut specialisation = BTreeMap::new();
    for (period, values) in &tables {
        let differs = |what| Err(IndustryError::LabelsDiffer { input: "table of a later period", what, reference: "table of the first" });
        if values.rows() != first.rows() {
            return differs("places");
        }
        if values.columns() != first.columns() {
            return differs("activities");
        }
        if first_periods.iter().any(|t| [*t, t + stepping_stone, t + horizon].contains(period)) {
            specialisation.insert(*period, revealed_comparative_advantage(values)?);
        }
    }
    let places = first.rows().len();
    let empty = || LeastSquares::new(REGRESSORS.map(str::to_owned).to_vec(), places);
    let mut fits: Vec<(LeastSquares, LeastSquares)> = Vec::new();
    let mut without_relatedness = 0;
    for t in &first_periods {
        if fits.is_empty() || options.pooling == Pooling::MeanOfPeriods {
            fits.push((empty(), empty()));
        }
        let Some((entry, exit)) = fits.last_mut() else { continue };
        let (rca, step, last) = (&specialisation[t], &specialisation[&(t + stepping_stone)], &specialisation[&(t + horizon)]);
        let here = presence(rca, Presence { threshold: options.threshold, strict: false });
        let near = density(&here, &proximity(&here, options.diagonal))?;
        let relative = relative_relatedness(rca, &near, options.threshold)?;
        let width = rca.columns().len();
        for (at, level) in rca.values().iter().enumerate() {
            let related = near.values()[at];
            if !related.is_finite() {
                without_relatedness += 1;
                continue;
            }
            let row = [step.values()[at].ln_1p(), level.ln_1p(), related, relative.values()[at], 1.0];
            let fit = if *level < options.threshold { &mut *entry } else { &mut *exit };
            fit.add(at / width, &row, last.values()[at].ln_1p());
        }
    }
    let mut entries = Vec::new();
    let mut exits = Vec::new();
    for (entry, exit) in fits {
        entries.push(entry.finish("entry")?);
        exits.push(exit.finish("exit")?);
    }
    Ok(SteppingStone {
        entry: mean_of_periods(entries),
        exit: mean_of_periods(exits),
        horizon,
        stepping_stone,
        first_periods,
        without_relatedness,
        options: *options,
    })
}

fn positive(option: &'static str, value: f64) -> Result<(), IndustryError> {
    if value.is_finite() && value > 0.0 {
        return Ok(());
    }
    Err(IndustryError::Option { option, value: value.to_string(), requirement: "a positive number" })
}

pub(crate) fn listed(periods: &[i32]) -> String {
    if periods.is_empty() { "none".to_owned() } else { periods.iter().map(i32::to_string).collect::<Vec<_>>().join(", ") }
}

/// The horizon and the stepping stone.
fn horizons(periods: &[i32], horizon: Horizon) -> Result<(i32, i32), IndustryError> {
    match horizon {
        Horizon::Given { horizon, stepping_stone } if stepping_stone > 0 && stepping_stone < horizon => Ok((horizon, stepping_stone)),
        Horizon::Given { horizon, stepping_stone } => Err(IndustryError::Option {
            option: "stepping_stone",
            value: stepping_stone.to_string(),
            requirement: if horizon > 1 { "at least 1 and less than the horizon" } else { "at least 1, and the horizon at least 2" },
        }),
        Horizon::Longest => {
            let spans = periods.iter().flat_map(|from| {
                let within = move |to: &&i32| **to > *from && **to - *from <= LONGEST_HORIZON;
                periods.iter().filter(within).flat_map(move |to| {
                    periods.iter().filter(move |via| **via > *from && **via < *to).map(move |via| (to - from, via - from))
                })
            });
            // the longest, then nearest to half way, then the earlier
            spans.min_by_key(|(horizon, step)| (-horizon, (2 * step - horizon).abs(), *step)).ok_or_else(|| IndustryError::TooFewPeriods {
                what: "the calibration of effort",
                needed: format!("three periods that span at most {LONGEST_HORIZON}"),
                periods: listed(periods),
            })
        }
    }
}

/// One regression stays as it is; of several the coefficients are averaged.
fn mean_of_periods(mut fits: Vec<Regression>) -> Regression {
    if fits.len() == 1 {
        return fits.swap_remove(0);
    }
    let n = fits.len() as f64;
    let mean = |pick: &dyn Fn(&Regression) -> f64| fits.iter().map(pick).sum::<f64>() / n;
    let coefficients = REGRESSORS.iter().enumerate().map(|(i, regressor)| {
        let estimate = mean(&|fit| fit.coefficients[i].estimate);
        let squares = mean(&|fit| (fit.coefficients[i].estimate - estimate).powi(2));
        Coefficient {
            regressor: (*regressor).to_owned(),
            estimate,
            standard_error: (squares / (n - 1.0)).sqrt(),
            clustered_error: f64::NAN,
        }
    });
    Regression {
        coefficients: coefficients.collect(),
        observations: fits.iter().map(|fit| fit.observations).sum(),
        places: fits.iter().map(|fit| fit.places).max().unwrap_or(0),
        r_squared: mean(&|fit| fit.r_squared),
        residual_deviation: mean(&|fit| fit.residual_deviation),
    }
}

/// The effort that entry takes (Stojkoski and Hidalgo 2026), places × activities, in units of RCA: how much more RCA the place needs at
/// the stepping stone for the calibrated model to reach the threshold θ (1) at the horizon,
///
/// `W_cp = exp[(ln(1+θ) − b0 − b2 r − b3 ω − b4 ω̃) / b1] − 1 − RCA_cp`, with the coefficients of the entry regression.
///
/// At most 0 where the model expects entry without a push. NaN where the activity is present, its relatedness is not defined, or the
/// effort is beyond any number.
///
/// # Errors
/// [`IndustryError::NoReturnToEffort`] when b1 is not positive, [`IndustryError::LabelsDiffer`].
///
/// ```
/// # use frame::{LabelledMatrix, Labels};
/// # use xinzhi_industry::*;
/// # let places = Labels::new("places", (0..8).map(|c| format!("c{c}")))?;
/// # let products = Labels::new("products", (0..9).map(|p| format!("p{p}")))?;
/// # let year = |t: usize| {
/// #     let cell = |at: usize| ((at * 37) % 23) as f64 * (1.0 + t as f64) + ((at / 9 * (at % 9)) % 7) as f64 * (at % 4 + t) as f64;
/// #     LabelledMatrix::new(places.clone(), products.clone(), (0..72).map(cell).collect())
/// # };
/// # let (a, b, c) = (year(0)?, year(1)?, year(2)?);
/// # let panel = [(2000, &a), (2005, &b), (2010, &c)].map(|(period, values)| YearTable { period, values });
/// let model = calibrate_stepping_stone(&panel, &SteppingStoneOptions::default())?; // of a panel, as above
/// let rca = complexity::revealed_comparative_advantage(&c)?;
/// let here = complexity::presence(&rca, complexity::Presence::default());
/// let density = complexity::density(&here, &complexity::proximity(&here, complexity::Diagonal::Zero))?;
/// let effort = stepping_stone_effort(&model, &rca, &density)?;
/// assert!(effort.values().iter().zip(rca.values()).all(|(w, r)| w.is_nan() || *r < 1.0));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn stepping_stone_effort(
    model: &SteppingStone,
    rca: &LabelledMatrix,
    density: &LabelledMatrix,
) -> Result<LabelledMatrix, IndustryError> {
    let [b1, b2, b3, b4, b0] = model.entry.estimates::<5>();
    if b1.is_nan() || b1 <= 0.0 {
        return Err(IndustryError::NoReturnToEffort { estimate: format!("{b1:.3e}") });
    }
    let threshold = model.options.threshold;
    let relative = relative_relatedness(rca, density, threshold)?;
    let values = rca.values().iter().zip(density.values()).zip(relative.values()).map(|((rca, near), relative)| {
        let needed = ((threshold.ln_1p() - b0 - b2 * rca.ln_1p() - b3 * near - b4 * relative) / b1).exp_m1() - rca;
        if *rca < threshold && needed.is_finite() { needed } else { f64::NAN }
    });
    Ok(LabelledMatrix::new(rca.rows().clone(), rca.columns().clone(), values.collect())?)
}

/// What specialisation the calibrated model expects at the horizon when nobody pushes, places × activities, as RCA:
/// `RCA(t+Δ) = max(0, exp[b0 + (b1 + b2) r + b3 ω + b4 ω̃] − 1)`, absent cells by the entry, present ones by the exit regression. NaN
/// where the relatedness is not defined.
///
/// Convention: without a push the stepping stone is today's level, r(t+τ) = r(t), as in econcomplex.
///
/// # Errors
/// [`IndustryError::LabelsDiffer`].
///
/// ```no_run
/// # use frame::LabelledMatrix;
/// # fn f(model: &xinzhi_industry::SteppingStone, rca: &LabelledMatrix, density: &LabelledMatrix) -> Result<(), Box<dyn std::error::Error>> {
/// let later = xinzhi_industry::expected_specialisation(model, rca, density)?;
/// let present_later = complexity::presence(&later, complexity::Presence::default());
/// # Ok(()) }
/// ```
pub fn expected_specialisation(
    model: &SteppingStone,
    rca: &LabelledMatrix,
    density: &LabelledMatrix,
) -> Result<LabelledMatrix, IndustryError> {
    let (entry, exit) = (model.entry.estimates::<5>(), model.exit.estimates::<5>());
    let threshold = model.options.threshold;
    let relative = relative_relatedness(rca, density, threshold)?;
    let values = rca.values().iter().zip(density.values()).zip(relative.values()).map(|((rca, near), relative)| {
        let [b1, b2, b3, b4, b0] = if *rca < threshold { entry } else { exit };
        let level = b0 + (b1 + b2) * rca.ln_1p() + b3 * near + b4 * relative;
        if level.is_nan() { f64::NAN } else { level.max(0.0).exp_m1() }
    });
    Ok(LabelledMatrix::new(rca.rows().clone(), rca.columns().clone(), values.collect())?)
}

/// A stand-in for the calibrated effort where there is one period only, places × activities, without a unit:
/// `W_cp = ln[(1+θ) / (1+RCA_cp)] · (1 − density_cp)`, the logarithmic gap to the threshold θ times the distance.
///
/// This is a ranking by what is missing and how unrelated it is, not a calibrated cost: two portfolios may be compared by it, but the
/// numbers have no scale. NaN where the activity is present or its density is not defined. The rule is this project's own.
///
/// # Errors
/// [`IndustryError::LabelsDiffer`], [`IndustryError::Option`] for a threshold that is not positive.
///
/// ```
/// use frame::LabelledMatrix;
/// let table = |a: f64, b: f64| LabelledMatrix::from_triplets("places", "products", [("A", "x", a), ("A", "y", b)]);
/// let effort = xinzhi_industry::gap_effort(&table(0.0, 1.5)?, &table(0.25, 0.5)?, 1.0)?;
/// assert_eq!(effort.get("A", "x"), Some(2.0_f64.ln() * 0.75));
/// assert!(effort.get("A", "y").is_some_and(f64::is_nan));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn gap_effort(rca: &LabelledMatrix, density: &LabelledMatrix, threshold: f64) -> Result<LabelledMatrix, IndustryError> {
    positive("threshold", threshold)?;
    same_cells("density", density, rca)?;
    let values = rca
        .values()
        .iter()
        .zip(density.values())
        .map(|(rca, near)| if *rca < threshold { ((1.0 + threshold) / (1.0 + rca)).ln() * (1.0 - near) } else { f64::NAN });
    Ok(LabelledMatrix::new(rca.rows().clone(), rca.columns().clone(), values.collect())?)
}

/// Labels of both sides of a matrix against those of a presence.
pub(crate) fn same_labels(
    input: &'static str,
    reference: &'static str,
    found: (&Labels, &Labels),
    wanted: (&Labels, &Labels),
) -> Result<(), IndustryError> {
    if found.0 != wanted.0 {
        return Err(IndustryError::LabelsDiffer { input, what: "places", reference });
    }
    if found.1 != wanted.1 { Err(IndustryError::LabelsDiffer { input, what: "activities", reference }) } else { Ok(()) }
}
