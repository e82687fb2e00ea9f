use crate::IndustryError;
use crate::effort::listed;
use crate::least_squares::{LeastSquares, Regression};
use frame::{LabelledVector, Labels};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// How growth depends on complexity and income: `g = a1 ECI + a2 z + a3 ECI·z + γ` (Stojkoski and Hidalgo 2026, after Hausmann, Hidalgo
/// et al. 2014), with g the growth of the logarithm of income a year and z the standardised logarithm of income.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct GrowthCoefficients {
    /// a1.
    pub complexity: f64,
    /// a2; convergence makes it negative.
    pub income: f64,
    /// a3.
    pub interaction: f64,
    /// γ of the period.
    pub period: f64,
}

impl GrowthCoefficients {
    /// Growth a year that goes with a complexity and a standardised log income.
    ///
    /// ```
    /// use xinzhi_industry::GrowthCoefficients;
    /// let growth = GrowthCoefficients { complexity: 0.02, income: -0.01, interaction: 0.0, period: 0.03 };
    /// assert!((growth.expected(1.0, 2.0) - 0.03).abs() < 1e-15);
    /// ```
    pub fn expected(&self, eci: f64, income: f64) -> f64 {
        self.complexity * eci + self.income * income + self.interaction * eci * income + self.period
    }

    /// The complexity that goes with a growth a year at a standardised log income: `ECI* = (g − a2 z − γ) / (a1 + a3 z)`.
    ///
    /// # Errors
    /// [`IndustryError::GrowthDoesNotRise`] when `a1 + a3 z` is not positive: then less complexity would mean more growth, and a portfolio
    /// that reaches ECI* from below would miss the target.
    ///
    /// ```
    /// use xinzhi_industry::GrowthCoefficients;
    /// let growth = GrowthCoefficients { complexity: 0.02, income: -0.01, interaction: -0.01, period: 0.03 };
    /// let eci = growth.complexity_for(0.035, 1.0)?;
    /// assert!((eci - 1.5).abs() < 1e-12);
    /// assert!(growth.complexity_for(0.035, 2.0).is_err());
    /// # Ok::<(), xinzhi_industry::IndustryError>(())
    /// ```
    pub fn complexity_for(&self, growth: f64, income: f64) -> Result<f64, IndustryError> {
        let slope = self.complexity + self.interaction * income;
        if slope.is_nan() || slope <= 1e-12 {
            return Err(IndustryError::GrowthDoesNotRise { income: format!("{income:.3}"), slope: format!("{slope:.3e}") });
        }
        Ok((growth - self.income * income - self.period) / slope)
    }
}

/// The logarithm of income (or any positive figure) standardised over the places that have one, by mean and sample deviation; NaN for the
/// others, and for all when they do not differ.
///
/// # Errors
/// None beyond those of the labels.
///
/// ```
/// use frame::{LabelledVector, Labels};
/// let income = LabelledVector::new(Labels::new("places", ["A", "B", "C"])?, vec![1.0, 100.0, f64::NAN])?;
/// let z = xinzhi_industry::standardised_log(&income)?;
/// assert!((z.values()[1] - 0.5_f64.sqrt()).abs() < 1e-12 && z.values()[2].is_nan());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn standardised_log(income: &LabelledVector) -> Result<LabelledVector, IndustryError> {
    let logs: Vec<f64> = income.values().iter().map(|v| if *v > 0.0 && v.is_finite() { v.ln() } else { f64::NAN }).collect();
    let (mean, deviation) = mean_and_sample_deviation(&logs);
    let values = logs.iter().map(|v| if deviation > 0.0 { (v - mean) / deviation } else { f64::NAN }).collect();
    Ok(LabelledVector::new(income.labels().clone(), values)?)
}

fn mean_and_sample_deviation(values: &[f64]) -> (f64, f64) {
    let known: Vec<f64> = values.iter().copied().filter(|v| v.is_finite()).collect();
    let n = known.len() as f64;
    let mean = known.iter().sum::<f64>() / n;
    (mean, (known.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / (n - 1.0)).sqrt())
}

/// One period of a growth panel.
#[derive(Debug, Clone, Copy)]
pub struct GrowthPeriod<'a> {
    /// The period.
    pub period: i32,
    /// Income a head in constant prices; NaN where unknown.
    pub income: &'a LabelledVector,
    /// ECI; NaN where unknown.
    pub eci: &'a LabelledVector,
}

/// The growth regression of a panel.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GrowthModel {
    /// The coefficients of complexity, income, their product and one constant a first period.
    pub regression: Regression,
    /// Periods growth is measured over.
    pub horizon: i32,
    /// The first periods used, ascending.
    pub first_periods: Vec<i32>,
    /// First periods left out because fewer than five places have every figure, or all have the same income.
    pub left_out: Vec<i32>,
}

impl GrowthModel {
    /// The coefficients with the constant of the latest first period, which is the usual choice for today.
    pub fn latest(&self) -> GrowthCoefficients {
        let at = |i: usize| self.regression.coefficients.get(i).map_or(f64::NAN, |c| c.estimate);
        GrowthCoefficients {
            complexity: at(0),
            income: at(1),
            interaction: at(2),
            period: self.regression.coefficients.last().map_or(f64::NAN, |c| c.estimate),
        }
    }

    /// The coefficients with the constant of one first period; nothing for a period that was not used.
    pub fn of_period(&self, period: i32) -> Option<GrowthCoefficients> {
        let at = self.first_periods.iter().position(|t| *t == period)?;
        Some(GrowthCoefficients { period: self.regression.coefficients.get(3 + at)?.estimate, ..self.latest() })
    }
}

/// Places a first period must have for its cross-section to count.
const FEWEST_PLACES: usize = 5;

/// Regresses growth on complexity and income over a panel (ordinary least squares): the growth of the logarithm of income a year from t to
/// t+Δ on ECI, z and ECI·z at t with one constant a first period; z is standardised over the places used in that period (sample
/// deviation). Places are matched by label; those without a figure at either end are not used.
///
/// Convention: z of another year is that year's own ([`standardised_log`]); econcomplex measures today's income against the mean and
/// deviation of the last first period, which moves every place up as the world grows.
///
/// # Errors
/// [`IndustryError::TooFewPeriods`], [`IndustryError::RepeatedPeriod`], [`IndustryError::Option`] for a horizon that is not positive,
/// [`IndustryError::TooFewObservations`], [`IndustryError::Collinear`].
///
/// ```
/// use frame::{LabelledVector, Labels};
/// use xinzhi_industry::{GrowthPeriod, calibrate_growth};
/// let places = Labels::new("places", (0..8).map(|c| format!("c{c}")))?;
/// let eci = LabelledVector::new(places.clone(), (0..8).map(|c| f64::from(c * 5 % 8) - 4.0).collect())?;
/// let income = LabelledVector::new(places.clone(), (0..8).map(|c| 1000.0 * f64::from(c + 1)).collect())?;
/// let z = xinzhi_industry::standardised_log(&income)?;
/// let grown = (0..8).map(|c| income.values()[c] * (10.0 * (0.01 * eci.values()[c] - 0.02 * z.values()[c] + 0.03)).exp());
/// let later = LabelledVector::new(places.clone(), grown.collect())?;
/// let panel = [GrowthPeriod { period: 2000, income: &income, eci: &eci }, GrowthPeriod { period: 2010, income: &later, eci: &eci }];
/// let model = calibrate_growth(&panel, 10)?;
/// let growth = model.latest();
/// assert!((growth.complexity - 0.01).abs() < 1e-12 && (growth.income + 0.02).abs() < 1e-12 && (growth.period - 0.03).abs() < 1e-12);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn calibrate_growth(panel: &[GrowthPeriod<'_>], horizon: i32) -> Result<GrowthModel, IndustryError> {
    if horizon <= 0 {
        return Err(IndustryError::Option { option: "horizon", value: horizon.to_string(), requirement: "at least 1" });
    }
    let mut periods: BTreeMap<i32, &GrowthPeriod<'_>> = BTreeMap::new();
    for period in panel {
        if periods.insert(period.period, period).is_some() {
            return Err(IndustryError::RepeatedPeriod { period: period.period });
        }
    }
    let known = |vector: &LabelledVector, place: &str| vector.get(place).filter(|v| v.is_finite());
    let positive = |vector: &LabelledVector, place: &str| known(vector, place).filter(|v| *v > 0.0);
    let (mut rows, mut first_periods, mut left_out) = (Vec::new(), Vec::new(), Vec::new());
    for (t, first) in &periods {
        let Some(last) = periods.get(&(t + horizon)) else { continue };
        let used: Vec<(&str, f64, f64, f64)> = first
            .income
            .labels()
            .iter()
            .filter_map(|place| {
                let (from, to) = (positive(first.income, place)?.ln(), positive(last.income, place)?.ln());
                Some((place, known(first.eci, place)?, from, (to - from) / f64::from(horizon)))
            })
            .collect();
        let (mean, deviation) = mean_and_sample_deviation(&used.iter().map(|u| u.2).collect::<Vec<_>>());
        if used.len() < FEWEST_PLACES || deviation <= 0.0 {
            left_out.push(*t);
            continue;
        }
        let at = first_periods.len();
        first_periods.push(*t);
        rows.extend(used.into_iter().map(|(place, eci, log, growth)| (at, place, eci, (log - mean) / deviation, growth)));
    }
    if first_periods.is_empty() {
        return Err(IndustryError::TooFewPeriods {
            what: "the calibration of growth",
            needed: format!("a period t with t+{horizon} in the panel and {FEWEST_PLACES} places that have every figure"),
            periods: listed(&periods.keys().copied().collect::<Vec<_>>()),
        });
    }
    let places = Labels::new("places", rows.iter().map(|row| row.1).collect::<BTreeSet<_>>())?;
    let names = ["complexity", "income", "complexity_income"].map(str::to_owned).into_iter();
    let mut fit = LeastSquares::new(names.chain(first_periods.iter().map(|t| format!("period_{t}"))).collect(), places.len());
    for (at, place, eci, z, growth) in rows {
        let mut row = vec![0.0; 3 + first_periods.len()];
        row[..3].copy_from_slice(&[eci, z, eci * z]);
        row[3 + at] = 1.0;
        fit.add(places.require(place)?, &row, growth);
    }
    Ok(GrowthModel { regression: fit.finish("growth")?, horizon, first_periods, left_out })
}
