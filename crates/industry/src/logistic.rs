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
const LAST_STEP: f64 = 1e-7;
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
/// [`IndustryError::Cases`], [`IndustryError::OneOutcome`] when all or none entered, [`IndustryError::Option`],
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
            return problem.model(beta, iteration, options);
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
        let d = beta.len();
        let inverse: Vec<f64> = self.deviations.iter().map(|s| if *s > 0.0 { 1.0 / s } else { 0.0 }).collect();
        let mut at = Evaluation {
            loss: 0.0,
            gradient: vec![0.0; d],
            information: vec![0.0; d * (d + 1) / 2],
            largest_miss: 0.0,
            highest_without: f64::NEG_INFINITY,
            lowest_with: f64::INFINITY,
        };
        let mut x = vec![1.0; d];
        // Σ ln(1 + e) as logarithms of products of 64 factors between 1 and 2: one logarithm in 64 cases
        let mut product = 1.0;
        for (k, r) in self.rows.iter().enumerate() {
            let r = *r as usize;
            let mut eta = beta[0];
            for (j, v) in self.features.row(r).iter().enumerate() {
                x[j + 1] = (v - self.means[j]) * inverse[j];
                eta += beta[j + 1] * x[j + 1];
            }
            let e = (-eta.abs()).exp();
            let p = if eta >= 0.0 { 1.0 / (1.0 + e) } else { e / (1.0 + e) };
            product *= 1.0 + e;
            if k % 64 == 63 {
                at.loss += product.ln();
                product = 1.0;
            }
            let miss = if self.entered[r] {
                at.loss += (-eta).max(0.0);
                at.lowest_with = at.lowest_with.min(eta);
                p - 1.0
            } else {
                at.loss += eta.max(0.0);
                at.highest_without = at.highest_without.max(eta);
                p
            };
            at.largest_miss = at.largest_miss.max(miss.abs());
            // p(1 − p) without cancelling when p is near 1
            let weight = e / ((1.0 + e) * (1.0 + e));
            let mut cell = 0;
            for i in 0..d {
                at.gradient[i] += miss * x[i];
                let weighted = weight * x[i];
                for v in &x[..=i] {
                    at.information[cell] += weighted * v;
                    cell += 1;
                }
            }
        }
        at.loss += product.ln();
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
                    return Err(IndustryError::Collinear { feature: self.features.names().name(i - 1).to_owned() });
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

    fn model(&self, beta: Vec<f64>, iterations: u32, options: &LogisticOptions) -> Result<LogisticModel, IndustryError> {
        let last = self.evaluate(&beta);
        Ok(LogisticModel {
            names: self.features.names().clone(),
            means: self.means.to_vec(),
            deviations: self.deviations.to_vec(),
            intercept: beta[0],
            coefficients: beta[1..].to_vec(),
            iterations,
            separated: last.lowest_with > last.highest_without,
            options: *options,
        })
    }
}
