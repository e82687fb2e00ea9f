use crate::IndustryError;
use crate::features::{Features, all_rows};
use frame::Labels;
use serde::{Deserialize, Serialize};

/// Options of [`logistic_regression`].
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct LogisticOptions {
    /// The weight of the penalty `ridge/2 · Σ β²` on the coefficients of standardised features, against the sum of the losses of all
    /// cases (1: the same as scikit-learn's default `C = 1`; hardly felt with thousands of cases, but it keeps separated or collinear
    /// features finite). 0 is maximum likelihood.
    pub ridge: f64,
    /// Iterations after which the fit is refused as not converging (100).
    pub maximum_iterations: u32,
}

impl Default for LogisticOptions {
    fn default() -> Self {
        LogisticOptions { ridge: 1.0, maximum_iterations: 100 }
    }
}

/// A fitted logistic regression.
#[derive(Debug, Clone, PartialEq)]
pub struct LogisticModel {
    names: Labels,
    /// Mean of every feature over the training cases.
    pub means: Vec<f64>,
    /// Population standard deviation of every feature over the training cases; 0 for one that does not vary, whose coefficient is 0.
    pub deviations: Vec<f64>,
    /// The log odds of a case with average features.
    pub intercept: f64,
    /// Change of the log odds for one standard deviation of every feature.
    pub coefficients: Vec<f64>,
    /// Iterations taken.
    pub iterations: u32,
    /// True when the fitted score tells all entries from all others: the coefficients are then set by the penalty alone.
    pub separated: bool,
    /// The options used.
    pub options: LogisticOptions,
}

/// Steps under this in every coefficient end the iterations: Newton's method then errs by the square of it.
const LAST_STEP: f64 = 1e-5;
/// Features one regression takes.
const MOST_FEATURES: usize = 31;
/// Pivots of the information matrix below this part of its diagonal are rounding.
const SINGULAR: f64 = 1e-12;

/// Logistic regression `P(entered) = 1 / (1 + exp(−(a + Σ_j b_j z_j)))` on features standardised over the training cases, by iteratively
/// reweighted least squares (Newton's method) with the penalty `ridge/2 · Σ b_j²`; the intercept is free. A step that does not lower
/// the penalised loss is halved.
///
/// Separated cases (a score that tells all entries apart has no finite maximum of likelihood) stay finite under a positive ridge and are
/// flagged; with `ridge: 0` they are refused, as are features that are combinations of others.
///
/// # Errors
/// [`IndustryError::Cases`] (more than 31 features), [`IndustryError::OneOutcome`] when all or none entered, [`IndustryError::Option`],
/// [`IndustryError::Collinear`] and [`IndustryError::Separated`] without a ridge, [`IndustryError::NoConvergence`].
///
/// Source: Cox (1958); Hastie, Tibshirani and Friedman, *The Elements of Statistical Learning* (2009), section 4.4.
///
/// ```
/// use frame::Labels;
/// use xinzhi_industry::{Features, LogisticOptions, logistic_regression};
/// // entered in 1 of 4 cases at x = 0 and in 3 of 4 at x = 1: the odds are 1/3 and 3
/// let x = Features::new(Labels::new("features", ["x"])?, vec![0.0, 0.0, 0.0, 0.0, 1.0, 1.0, 1.0, 1.0])?;
/// let entered = [true, false, false, false, true, true, true, false];
/// let model = logistic_regression(&x, &entered, &LogisticOptions { ridge: 0.0, ..Default::default() })?;
/// assert!((model.probability(&[0.0]) - 0.25).abs() < 1e-9 && (model.probability(&[1.0]) - 0.75).abs() < 1e-9);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn logistic_regression(features: &Features, entered: &[bool], options: &LogisticOptions) -> Result<LogisticModel, IndustryError> {
    fit(features, entered, &all_rows(features.len()), options, None)
}

/// The same on some rows, from the solution of a similar fit where there is one.
pub(crate) fn fit(
    features: &Features,
    entered: &[bool],
    rows: &[u32],
    options: &LogisticOptions,
    start: Option<&LogisticModel>,
) -> Result<LogisticModel, IndustryError> {
    if !options.ridge.is_finite() || options.ridge < 0.0 {
        return Err(IndustryError::Option {
            option: "ridge",
            value: options.ridge.to_string(),
            requirement: "a number that is not negative",
        });
    }
    features.require_outcomes(entered, rows)?;
    if features.names().len() > MOST_FEATURES {
        let found = features.names().len().to_string();
        return Err(IndustryError::Cases { what: "features", found, requirement: "at most 31" });
    }
    let (means, deviations) = moments(features, rows);
    let problem = Problem { features, entered, rows, means: &means, deviations: &deviations, ridge: options.ridge };
    let mut beta = match start {
        Some(model) => model.on_scale(&means, &deviations),
        None => {
            let share = rows.iter().filter(|r| entered[**r as usize]).count() as f64 / rows.len() as f64;
            let mut beta = vec![0.0; means.len() + 1];
            beta[0] = (share / (1.0 - share)).ln();
            beta
        }
    };
    let mut at = problem.evaluate(&beta);
    for iteration in 1..=options.maximum_iterations {
        let step = problem.newton_step(&at)?;
        let size = step.iter().fold(0.0_f64, |m, s| m.max(s.abs()));
        if size <= LAST_STEP {
            beta.iter_mut().zip(&step).for_each(|(b, s)| *b -= s);
            return Ok(problem.model(beta, &at, iteration, options));
        }
        let mut length = 1.0;
        loop {
            let next: Vec<f64> = beta.iter().zip(&step).map(|(b, s)| b - length * s).collect();
            let there = problem.evaluate(&next);
            // rounding may hide the last decreases
            if there.loss <= at.loss + 1e-12 * at.loss.abs() || length < 1e-6 {
                (beta, at) = (next, there);
                break;
            }
            length /= 2.0;
        }
        if options.ridge == 0.0 && at.largest_miss < 1e-6 {
            return Err(IndustryError::Separated);
        }
    }
    Err(IndustryError::NoConvergence { iterations: options.maximum_iterations })
}

impl LogisticModel {
    /// The features, in the order of a row.
    pub fn names(&self) -> &Labels {
        &self.names
    }

    /// The probability of entry of one case, from its features in the units they were fitted in.
    pub fn probability(&self, row: &[f64]) -> f64 {
        let terms = row.iter().zip(&self.means).zip(&self.deviations).zip(&self.coefficients);
        sigmoid(terms.fold(self.intercept, |eta, (((v, mean), sd), b)| if *sd > 0.0 { eta + b * ((v - mean) / sd) } else { eta }))
    }

    /// The probabilities of all cases.
    ///
    /// # Errors
    /// [`IndustryError::LabelsDiffer`] for features of other names.
    pub fn probabilities(&self, features: &Features) -> Result<Vec<f64>, IndustryError> {
        features.require_names(&self.names)?;
        Ok((0..features.len()).map(|case| self.probability(features.row(case))).collect())
    }

    /// Intercept and coefficients of the same line for features of other means and deviations.
    fn on_scale(&self, means: &[f64], deviations: &[f64]) -> Vec<f64> {
        let mut beta = vec![self.intercept];
        for j in 0..means.len() {
            let slope = if self.deviations[j] > 0.0 { self.coefficients[j] / self.deviations[j] } else { 0.0 };
            beta[0] += slope * (means[j] - self.means[j]);
            beta.push(slope * deviations[j]);
        }
        beta
    }
}

pub(crate) fn sigmoid(eta: f64) -> f64 {
    // exp of a negative number only, so that nothing overflows
    let e = (-eta.abs()).exp();
    if eta >= 0.0 { 1.0 / (1.0 + e) } else { e / (1.0 + e) }
}

fn moments(features: &Features, rows: &[u32]) -> (Vec<f64>, Vec<f64>) {
    let (width, n) = (features.names().len(), rows.len() as f64);
    let (mut means, mut squares) = (vec![0.0; width], vec![0.0; width]);
    for r in rows {
        means.iter_mut().zip(features.row(*r as usize)).for_each(|(sum, v)| *sum += v);
    }
    means.iter_mut().for_each(|sum| *sum /= n);
    for r in rows {
        squares.iter_mut().zip(features.row(*r as usize)).zip(&means).for_each(|((sum, v), mean)| *sum += (v - mean).powi(2));
    }
    // a deviation that is rounding of the mean is none
    let deviation = |(sum, mean): (&f64, &f64)| {
        let deviation = (sum / n).sqrt();
        if deviation > 1e-12 * mean.abs() { deviation } else { 0.0 }
    };
    let deviations = squares.iter().zip(&means).map(deviation).collect();
    (means, deviations)
}

struct Problem<'a> {
    features: &'a Features,
    entered: &'a [bool],
    rows: &'a [u32],
    means: &'a [f64],
    deviations: &'a [f64],
    ridge: f64,
}

/// The penalised loss at some coefficients, with its first and second derivatives.
struct Evaluation {
    loss: f64,
    gradient: Vec<f64>,
    /// Lower half, row by row.
    information: Vec<f64>,
    largest_miss: f64,
    /// Highest score of a case without entry and lowest of one with.
    highest_without: f64,
    lowest_with: f64,
}

impl Problem<'_> {
    fn evaluate(&self, beta: &[f64]) -> Evaluation {
        // sums over arrays of known length, filled up with zeros, are several times as fast
        match beta.len() {
            0..=2 => self.evaluate_in::<2>(beta),
            3..=4 => self.evaluate_in::<4>(beta),
            5..=6 => self.evaluate_in::<6>(beta),
            7..=8 => self.evaluate_in::<8>(beta),
            9..=16 => self.evaluate_in::<16>(beta),
            _ => self.evaluate_in::<{ MOST_FEATURES + 1 }>(beta),
        }
    }

    fn evaluate_in<const D: usize>(&self, beta: &[f64]) -> Evaluation {
        let (mut b, mut means, mut inverse) = ([0.0; D], [0.0; D], [0.0; D]);
        b.iter_mut().zip(beta).for_each(|(to, from)| *to = *from);
        means.iter_mut().skip(1).zip(self.means).for_each(|(to, from)| *to = *from);
        inverse.iter_mut().skip(1).zip(self.deviations).filter(|(_, s)| **s > 0.0).for_each(|(to, s)| *to = 1.0 / s);
        let (mut gradient, mut information) = ([0.0; D], [[0.0; D]; D]);
        let (mut loss, mut largest_miss) = (0.0_f64, 0.0_f64);
        let (mut highest_without, mut lowest_with) = (f64::NEG_INFINITY, f64::INFINITY);
        // Σ ln(1 + e) as logarithms of products of 64 factors between 1 and 2: one logarithm in 64 cases
        let mut product = 1.0;
        for (k, r) in self.rows.iter().enumerate() {
            let mut x = [0.0; D];
            x.iter_mut().skip(1).zip(self.features.row(*r as usize)).for_each(|(to, from)| *to = *from);
            for i in 0..D {
                x[i] = (x[i] - means[i]) * inverse[i];
            }
            x[0] = 1.0;
            let eta: f64 = (0..D).map(|i| b[i] * x[i]).sum();
            let e = (-eta.abs()).exp();
            let p = if eta >= 0.0 { 1.0 / (1.0 + e) } else { e / (1.0 + e) };
            product *= 1.0 + e;
            if k % 64 == 63 {
                loss += product.ln();
                product = 1.0;
            }
            let miss = if self.entered[*r as usize] {
                loss += (-eta).max(0.0);
                lowest_with = lowest_with.min(eta);
                p - 1.0
            } else {
                loss += eta.max(0.0);
                highest_without = highest_without.max(eta);
                p
            };
            largest_miss = largest_miss.max(miss.abs());
            // p(1 − p) without cancelling when p is near 1
            let weight = e / ((1.0 + e) * (1.0 + e));
            for i in 0..D {
                gradient[i] += miss * x[i];
                let weighted = weight * x[i];
                for j in 0..D {
                    information[i][j] += weighted * x[j];
                }
            }
        }
        loss += product.ln();
        let mut at = Evaluation {
            loss,
            gradient: gradient[..beta.len()].to_vec(),
            information: (0..beta.len()).flat_map(|i| information[i][..=i].to_vec()).collect(),
            largest_miss,
            highest_without,
            lowest_with,
        };
        for (j, b) in beta.iter().enumerate().skip(1) {
            at.loss += self.ridge / 2.0 * b * b;
            at.gradient[j] += self.ridge * b;
            at.information[j * (j + 1) / 2 + j] += self.ridge;
        }
        at
    }

    /// Solves information · step = gradient by Cholesky; features that do not vary get no step.
    fn newton_step(&self, at: &Evaluation) -> Result<Vec<f64>, IndustryError> {
        let d = at.gradient.len();
        let cell = |i: usize, j: usize| i * (i + 1) / 2 + j;
        let mut root = at.information.clone();
        let mut step = at.gradient.clone();
        for i in 0..d {
            if i > 0 && self.deviations[i - 1] == 0.0 {
                // a row of its own, whatever the ridge
                (0..i).for_each(|j| root[cell(i, j)] = 0.0);
                (root[cell(i, i)], step[i]) = (1.0, 0.0);
                continue;
            }
            for j in 0..=i {
                let sum: f64 = (0..j).map(|k| root[cell(i, k)] * root[cell(j, k)]).sum();
                let rest = root[cell(i, j)] - sum;
                if i != j {
                    root[cell(i, j)] = rest / root[cell(j, j)];
                } else if rest > SINGULAR * at.information[cell(i, i)] {
                    root[cell(i, i)] = rest.sqrt();
                } else if i == 0 {
                    // all probabilities are 0 or 1 to the last digit
                    return Err(IndustryError::Separated);
                } else {
                    return Err(IndustryError::Collinear { what: "logistic", regressor: self.features.names().name(i - 1).to_owned() });
                }
            }
        }
        for i in 0..d {
            let sum: f64 = (0..i).map(|k| root[cell(i, k)] * step[k]).sum();
            step[i] = (step[i] - sum) / root[cell(i, i)];
        }
        for i in (0..d).rev() {
            let sum: f64 = (i + 1..d).map(|k| root[cell(k, i)] * step[k]).sum();
            step[i] = (step[i] - sum) / root[cell(i, i)];
        }
        Ok(step)
    }

    fn model(&self, beta: Vec<f64>, last: &Evaluation, iterations: u32, options: &LogisticOptions) -> LogisticModel {
        LogisticModel {
            names: self.features.names().clone(),
            means: self.means.to_vec(),
            deviations: self.deviations.to_vec(),
            intercept: beta[0],
            coefficients: beta[1..].to_vec(),
            iterations,
            separated: last.lowest_with > last.highest_without,
            options: *options,
        }
    }
}
