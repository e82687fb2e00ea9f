use crate::IndustryError;
use serde::{Deserialize, Serialize};

/// A rising map from scores to observed rates.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct IsotonicCalibration {
    /// Mean score of every block, rising.
    pub scores: Vec<f64>,
    /// Rate of entry of every block, rising.
    pub rates: Vec<f64>,
}

/// Cases the smallest block starts from: a rate of fewer says little.
const SMALLEST_BLOCK: usize = 50;

/// The rising step function nearest to the outcomes in least squares (pool adjacent violators), between the mean scores of whose
/// steps the map runs straight.
///
/// Conventions: cases are first put into groups of at least 50 neighbouring scores (equal scores together), and a rate of exactly 0 or
/// 1 of n cases becomes 0.5/(n + 1) or 1 minus that: that something never happened in n cases does not make it impossible.
///
/// # Errors
/// [`IndustryError::Cases`].
///
/// Source: Zadrozny and Elkan (2002), KDD; Barlow et al. (1972), *Statistical Inference under Order Restrictions*.
///
/// ```
/// // a model that says 0.8 where half of the cases enter, and 0.2 where a tenth does
/// let scores: Vec<f64> = (0..200).map(|i| if i < 100 { 0.2 } else { 0.8 }).collect();
/// let entered: Vec<bool> = (0..200).map(|i| if i < 100 { i % 10 == 0 } else { i % 2 == 0 }).collect();
/// let map = xinzhi_industry::isotonic_calibration(&scores, &entered)?;
/// assert!((map.calibrated(0.2) - 0.1).abs() < 1e-12 && (map.calibrated(0.9) - 0.5).abs() < 1e-12);
/// assert!((map.calibrated(0.5) - 0.3).abs() < 1e-12);
/// # Ok::<(), xinzhi_industry::IndustryError>(())
/// ```
pub fn isotonic_calibration(scores: &[f64], entered: &[bool]) -> Result<IsotonicCalibration, IndustryError> {
    if scores.len() != entered.len() || scores.is_empty() || scores.iter().any(|s| !s.is_finite()) {
        let found = format!("{} scores for {} outcomes", scores.len(), entered.len());
        return Err(IndustryError::Cases { what: "scores", found, requirement: "one finite number for every outcome, and at least one" });
    }
    Ok(pooled(&rising(scores), scores, entered))
}

/// Cases by rising score, equal ones in their order.
pub(crate) fn rising(scores: &[f64]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..scores.len()).collect();
    order.sort_unstable_by(|a, b| scores[*a].total_cmp(&scores[*b]).then(a.cmp(b)));
    order
}

/// The map for cases in rising order.
pub(crate) fn pooled(order: &[usize], scores: &[f64], entered: &[bool]) -> IsotonicCalibration {
    // cases, entries and sum of scores of every block
    let mut blocks: Vec<(f64, f64, f64)> = Vec::new();
    let mut open = (0.0, 0.0, 0.0);
    for (k, i) in order.iter().enumerate() {
        open = (open.0 + 1.0, open.1 + f64::from(u8::from(entered[*i])), open.2 + scores[*i]);
        let next_differs = order.get(k + 1).is_none_or(|next| scores[*next] != scores[*i]);
        let enough = open.0 >= SMALLEST_BLOCK as f64 && order.len() - k > SMALLEST_BLOCK;
        if !(next_differs && enough) && k + 1 < order.len() {
            continue;
        }
        blocks.push(std::mem::take(&mut open));
        while let [.., before, last] = blocks.as_mut_slice() {
            if before.1 / before.0 < last.1 / last.0 {
                break;
            }
            *before = (before.0 + last.0, before.1 + last.1, before.2 + last.2);
            blocks.pop();
        }
    }
    let mut rates: Vec<f64> = blocks.iter().map(|b| (b.1 / b.0).clamp(0.5 / (b.0 + 1.0), 1.0 - 0.5 / (b.0 + 1.0))).collect();
    for k in 1..rates.len() {
        rates[k] = rates[k].max(rates[k - 1]);
    }
    IsotonicCalibration { scores: blocks.iter().map(|b| b.2 / b.0).collect(), rates }
}

impl IsotonicCalibration {
    /// The rate at a score; beyond the first and last block that of the block.
    pub fn calibrated(&self, score: f64) -> f64 {
        let above = self.scores.partition_point(|s| *s < score);
        match (above.checked_sub(1), self.scores.get(above)) {
            (Some(below), Some(upper)) => {
                let part = (score - self.scores[below]) / (upper - self.scores[below]);
                self.rates[below] + (self.rates[above] - self.rates[below]) * part
            }
            (Some(below), None) => self.rates[below],
            (None, _) => self.rates.first().copied().unwrap_or(f64::NAN),
        }
    }
}
