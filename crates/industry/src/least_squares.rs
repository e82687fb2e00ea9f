use crate::IndustryError;
use serde::{Deserialize, Serialize};

/// One coefficient of a regression with two measures of its doubt.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Coefficient {
    /// The regressor.
    pub regressor: String,
    /// The estimate.
    pub estimate: f64,
    /// Its standard error when all observations are independent and equally noisy.
    pub standard_error: f64,
    /// Its standard error when the observations of one place hang together (sandwich over places, with the factor
    /// `G/(G−1) · (n−1)/(n−k)` for G places); NaN where there are fewer than two places, or where the estimate is a mean over periods.
    pub clustered_error: f64,
}

/// A fitted linear regression.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Regression {
    /// The coefficients in the order of the formula.
    pub coefficients: Vec<Coefficient>,
    /// How many observations.
    pub observations: usize,
    /// How many places they come from.
    pub places: usize,
    /// Share of the variance about the mean that is explained; NaN where the explained variable does not vary.
    pub r_squared: f64,
    /// Standard deviation of the residuals, `√(RSS/(n−k))`.
    pub residual_deviation: f64,
}

impl Regression {
    /// The estimate of a regressor, by name.
    pub fn estimate(&self, regressor: &str) -> Option<f64> {
        self.coefficients.iter().find(|c| c.regressor == regressor).map(|c| c.estimate)
    }

    pub(crate) fn estimates<const K: usize>(&self) -> [f64; K] {
        let mut estimates = [f64::NAN; K];
        estimates.iter_mut().zip(&self.coefficients).for_each(|(e, c)| *e = c.estimate);
        estimates
    }
}

/// Rows folded into the triangle at a time.
const BLOCK: usize = 512;
/// A column whose own part is smaller than this share of it is a combination of the columns before.
const COLLINEAR: f64 = 1e-10;

/// Ordinary least squares one row at a time: a Householder triangle of `[X y]`, so that the squares of the regressors are never
/// formed, and sums per place for the errors that let a place's observations hang together.
pub(crate) struct LeastSquares {
    regressors: Vec<String>,
    /// (k+1) × (k+1), row by row.
    triangle: Vec<f64>,
    block: Vec<f64>,
    observations: usize,
    mean: f64,
    squares: f64,
    places: Vec<PlaceSums>,
}

#[derive(Clone)]
struct PlaceSums {
    observations: usize,
    xx: Vec<f64>,
    xy: Vec<f64>,
}

impl LeastSquares {
    pub(crate) fn new(regressors: Vec<String>, places: usize) -> Self {
        let k = regressors.len();
        let sums = PlaceSums { observations: 0, xx: vec![0.0; k * k], xy: vec![0.0; k] };
        LeastSquares {
            regressors,
            triangle: vec![0.0; (k + 1) * (k + 1)],
            block: Vec::with_capacity(BLOCK * (k + 1)),
            observations: 0,
            mean: 0.0,
            squares: 0.0,
            places: vec![sums; places],
        }
    }

    pub(crate) fn add(&mut self, place: usize, x: &[f64], y: f64) {
        let k = self.regressors.len();
        self.observations += 1;
        let away = y - self.mean;
        self.mean += away / self.observations as f64;
        self.squares += away * (y - self.mean);
        let sums = &mut self.places[place];
        sums.observations += 1;
        for (i, a) in x.iter().enumerate() {
            sums.xy[i] += a * y;
            sums.xx[i * k..(i + 1) * k].iter_mut().zip(x).for_each(|(sum, b)| *sum += a * b);
        }
        self.block.extend_from_slice(x);
        self.block.push(y);
        if self.block.len() == BLOCK * (k + 1) {
            self.fold();
        }
    }

    /// Turns the triangle with the block below it into a new triangle.
    fn fold(&mut self) {
        let width = self.regressors.len() + 1;
        for column in 0..width {
            let diagonal = self.triangle[column * width + column];
            let below: f64 = self.block.chunks_exact(width).map(|row| row[column] * row[column]).sum();
            if below == 0.0 {
                continue;
            }
            let norm = (diagonal * diagonal + below).sqrt();
            let head = if diagonal > 0.0 { diagonal + norm } else { diagonal - norm };
            let square = head * head + below;
            for other in column..width {
                let dot = head * self.triangle[column * width + other]
                    + self.block.chunks_exact(width).map(|row| row[column] * row[other]).sum::<f64>();
                let scale = 2.0 * dot / square;
                self.triangle[column * width + other] -= scale * head;
                // the reflector itself stands in its column until the others are done
                if other > column {
                    self.block.chunks_exact_mut(width).for_each(|row| row[other] -= scale * row[column]);
                }
            }
        }
        self.block.clear();
    }

    pub(crate) fn finish(mut self, what: &'static str) -> Result<Regression, IndustryError> {
        self.fold();
        let (k, n) = (self.regressors.len(), self.observations);
        if n <= k {
            return Err(IndustryError::TooFewObservations { what, observations: n, coefficients: k });
        }
        let r = |i: usize, j: usize| self.triangle[i * (k + 1) + j];
        for j in 0..k {
            let length = (0..=j).map(|i| r(i, j).powi(2)).sum::<f64>().sqrt();
            if r(j, j).abs() <= COLLINEAR * length || length == 0.0 {
                return Err(IndustryError::Collinear { what, regressor: self.regressors[j].clone() });
            }
        }
        // the inverse of the triangle, column by column
        let mut inverse = vec![0.0; k * k];
        for j in 0..k {
            for i in (0..=j).rev() {
                let known: f64 = (i + 1..=j).map(|m| r(i, m) * inverse[m * k + j]).sum();
                inverse[i * k + j] = (if i == j { 1.0 } else { 0.0 } - known) / r(i, i);
            }
        }
        let estimates: Vec<f64> = (0..k).map(|i| (i..k).map(|j| inverse[i * k + j] * r(j, k)).sum()).collect();
        let rest = r(k, k).powi(2);
        let variance = rest / (n - k) as f64;
        let mut spread = vec![0.0; k * k];
        for i in 0..k {
            for j in 0..k {
                spread[i * k + j] = (i.max(j)..k).map(|m| inverse[i * k + m] * inverse[j * k + m]).sum();
            }
        }
        let clustered = self.clustered(&spread, &estimates);
        let coefficients = self.regressors.iter().enumerate().map(|(i, regressor)| Coefficient {
            regressor: regressor.clone(),
            estimate: estimates[i],
            standard_error: (variance * spread[i * k + i]).sqrt(),
            clustered_error: clustered[i],
        });
        Ok(Regression {
            coefficients: coefficients.collect(),
            observations: n,
            places: self.places.iter().filter(|p| p.observations > 0).count(),
            r_squared: if self.squares > 0.0 { 1.0 - rest / self.squares } else { f64::NAN },
            residual_deviation: variance.sqrt(),
        })
    }

    fn clustered(&self, spread: &[f64], estimates: &[f64]) -> Vec<f64> {
        let (k, n) = (estimates.len(), self.observations as f64);
        let used: Vec<&PlaceSums> = self.places.iter().filter(|p| p.observations > 0).collect();
        if used.len() < 2 {
            return vec![f64::NAN; k];
        }
        let mut meat = vec![0.0; k * k];
        for place in &used {
            let score: Vec<f64> = (0..k).map(|i| place.xy[i] - (0..k).map(|j| place.xx[i * k + j] * estimates[j]).sum::<f64>()).collect();
            for i in 0..k {
                (0..k).for_each(|j| meat[i * k + j] += score[i] * score[j]);
            }
        }
        let groups = used.len() as f64;
        let factor = groups / (groups - 1.0) * (n - 1.0) / (n - k as f64);
        let at = |i: usize| -> f64 {
            (0..k).map(|a| (0..k).map(|b| spread[i * k + a] * meat[a * k + b] * spread[i * k + b]).sum::<f64>()).sum()
        };
        (0..k).map(|i| (factor * at(i)).max(0.0).sqrt()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// NIST StRD "Norris" (certified values), an easy linear regression with 36 observations.
    #[test]
    fn norris_is_certified() {
        let y = [
            0.1, 338.8, 118.1, 888.0, 9.2, 228.1, 668.5, 998.5, 449.1, 778.9, 559.2, 0.3, 0.1, 778.1, 668.8, 339.3, 448.9, 10.8, 557.7,
            228.3, 998.0, 888.8, 119.6, 0.3, 0.6, 557.6, 339.3, 888.0, 998.5, 778.9, 10.2, 117.6, 228.9, 668.4, 449.2, 0.2,
        ];
        let x = [
            0.2, 337.4, 118.2, 884.6, 10.1, 226.5, 666.3, 996.3, 448.6, 777.0, 558.2, 0.4, 0.6, 775.5, 666.9, 338.0, 447.5, 11.6, 556.0,
            228.1, 995.8, 887.6, 120.2, 0.3, 0.3, 556.8, 339.1, 887.2, 999.0, 779.0, 11.1, 118.3, 229.2, 669.1, 448.9, 0.5,
        ];
        let mut fit = LeastSquares::new(vec!["constant".into(), "x".into()], 1);
        x.iter().zip(y).for_each(|(x, y)| fit.add(0, &[1.0, *x], y));
        let fit = fit.finish("Norris").unwrap();
        let close = |a: f64, b: f64| assert!((a / b - 1.0).abs() < 1e-11, "{a} {b}");
        close(fit.coefficients[0].estimate, -0.262323073774029);
        close(fit.coefficients[1].estimate, 1.00211681802045);
        close(fit.coefficients[0].standard_error, 0.232818234301152);
        close(fit.coefficients[1].standard_error, 0.429796848199937e-3);
        close(fit.residual_deviation, 0.884796396144373);
        close(fit.r_squared, 0.999993745883712);
        assert!(fit.coefficients[0].clustered_error.is_nan(), "one place");
    }

    #[test]
    fn more_rows_than_a_block_and_what_cannot_be_told_apart() {
        let rows: Vec<(usize, [f64; 3], f64)> = (0..3 * BLOCK + 7)
            .map(|i| {
                let (a, b) = ((i as f64 * 0.7).sin(), (i as f64 * 1.3).cos());
                (i % 5, [1.0, a, b], 3.0 - 2.0 * a + 0.5 * b)
            })
            .collect();
        let mut fit = LeastSquares::new(vec!["constant".into(), "a".into(), "b".into()], 5);
        rows.iter().for_each(|(place, x, y)| fit.add(*place, x, *y));
        let fit = fit.finish("test").unwrap();
        assert!(fit.estimates::<3>().iter().zip([3.0, -2.0, 0.5]).all(|(a, b)| (a - b).abs() < 1e-12));
        assert_eq!((fit.observations, fit.places), (rows.len(), 5));
        let mut twice = LeastSquares::new(vec!["constant".into(), "a".into(), "again".into()], 5);
        rows.iter().for_each(|(place, x, y)| twice.add(*place, &[1.0, x[1], 2.0 * x[1] - 1.0], *y));
        assert_eq!(twice.finish("test"), Err(IndustryError::Collinear { what: "test", regressor: "again".into() }));
        let mut few = LeastSquares::new(vec!["constant".into(), "a".into()], 1);
        few.add(0, &[1.0, 2.0], 1.0);
        few.add(0, &[1.0, 3.0], 1.0);
        assert_eq!(few.finish("test"), Err(IndustryError::TooFewObservations { what: "test", observations: 2, coefficients: 2 }));
    }

    /// With one observation a place the clustered errors are the heteroskedasticity-robust ones with the factor n/(n−k).
    #[test]
    fn clusters_of_one_are_robust_errors() {
        let (x, y) = ([0.0_f64, 1.0, 2.0, 4.0], [1.0, 0.0, 3.0, 5.0]);
        let mut fit = LeastSquares::new(vec!["constant".into(), "x".into()], 4);
        x.iter().zip(y).enumerate().for_each(|(i, (x, y))| fit.add(i, &[1.0, *x], y));
        let fit = fit.finish("test").unwrap();
        let mean = x.iter().sum::<f64>() / 4.0;
        let sxx: f64 = x.iter().map(|x| (x - mean).powi(2)).sum();
        let [a, b] = fit.estimates::<2>();
        let meat: f64 = x.iter().zip(y).map(|(x, y)| ((x - mean) * (y - a - b * x)).powi(2)).sum();
        let expected = (meat / (sxx * sxx) * (4.0 / 3.0) * (3.0 / 2.0)).sqrt();
        assert!((fit.coefficients[1].clustered_error - expected).abs() < 1e-12);
    }
}
