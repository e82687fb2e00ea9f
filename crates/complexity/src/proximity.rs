use crate::error::require_same;
use crate::{ComplexityError, PresenceMatrix};
use frame::{LabelledMatrix, Labels};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

/// What stands on the diagonal of the proximity: whether an activity counts as a neighbour of itself in densities.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Diagonal {
    /// 0: having an activity says nothing about its own density (Growth Lab, Stata, EconGeo, OEC).
    #[default]
    Zero,
    /// 1: it counts in full (py-ecomplexity, the R package economiccomplexity).
    One,
}

/// Proximity of activities: symmetric, activities × activities, from 0 to 1.
#[derive(Debug, Clone, PartialEq)]
pub struct Proximity {
    activities: Labels,
    diagonal: Diagonal,
    values: Vec<f64>,
}

/// Proximity of every pair of activities (Hidalgo, Klinger, Barabási and Hausmann 2007): the smaller of the two probabilities that a
/// place with one also has the other, `φ_pq = Σ_c M_cp M_cq / max(u_p, u_q)`. An activity that no place has is near to nothing (0).
///
/// ```
/// use xinzhi_complexity::{Diagonal, PresenceMatrix, proximity};
/// use frame::Labels;
/// let cells = [true, true, false, true, true, true];
/// let m = PresenceMatrix::new(Labels::new("places", ["A", "B"])?, Labels::new("products", ["x", "y", "z"])?, cells)?;
/// let near = proximity(&m, Diagonal::Zero);
/// assert_eq!((near.get("x", "y"), near.get("y", "z"), near.get("x", "x")), (Some(1.0), Some(0.5), Some(0.0)));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn proximity(presence: &PresenceMatrix, diagonal: Diagonal) -> Proximity {
    let (bits, words) = presence.bits_by_activity();
    let ubiquity = presence.ubiquity();
    let n = presence.activities().len();
    let mut values = vec![0.0; n * n];
    values.par_chunks_mut(n.max(1)).enumerate().for_each(|(p, row)| {
        let own = &bits[p * words..(p + 1) * words];
        for (q, cell) in row.iter_mut().enumerate().skip(p) {
            let other = &bits[q * words..(q + 1) * words];
            let both: u32 = own.iter().zip(other).map(|(a, b)| (a & b).count_ones()).sum();
            if both > 0 {
                *cell = f64::from(both) / f64::from(ubiquity[p].max(ubiquity[q]));
            }
        }
        if diagonal == Diagonal::Zero {
            row[p] = 0.0;
        }
    });
    // the lower half is the upper one turned over, in squares that fit the cache
    for corner in (0..n).step_by(COLUMNS) {
        for p in corner..n {
            for q in corner..p.min(corner + COLUMNS) {
                values[p * n + q] = values[q * n + p];
            }
        }
    }
    Proximity { activities: presence.activities().clone(), diagonal, values }
}

impl Proximity {
    /// The activities.
    pub fn activities(&self) -> &Labels {
        &self.activities
    }

    /// What stands on the diagonal.
    pub fn diagonal(&self) -> Diagonal {
        self.diagonal
    }

    /// The proximity of two activities by position.
    pub fn at(&self, a: usize, b: usize) -> f64 {
        self.values[a * self.activities.len() + b]
    }

    /// The proximity of two activities by label.
    pub fn get(&self, a: &str, b: &str) -> Option<f64> {
        Some(self.at(self.activities.position(a)?, self.activities.position(b)?))
    }

    /// The proximities of one activity to all.
    pub fn row(&self, activity: usize) -> &[f64] {
        let n = self.activities.len();
        &self.values[activity * n..(activity + 1) * n]
    }

    /// The sum of proximities of every activity.
    pub fn totals(&self) -> Vec<f64> {
        (0..self.activities.len()).map(|p| self.row(p).iter().sum()).collect()
    }
}

/// Density of every activity around every place (Hidalgo et al. 2007), places × activities, from 0 to 1: the part of an activity's
/// proximity that lies in what the place has, `density_cp = Σ_q M_cq φ_qp / Σ_q φ_qp`.
///
/// The presence may hold other places than those the proximity comes from, over the same activities. NaN for an activity without any
/// neighbour.
///
/// # Errors
/// [`ComplexityError::LabelsDiffer`] for other activities.
///
/// ```
/// use xinzhi_complexity::{Diagonal, PresenceMatrix, density, proximity};
/// use frame::Labels;
/// let cells = [true, true, false, true, true, true];
/// let m = PresenceMatrix::new(Labels::new("places", ["A", "B"])?, Labels::new("products", ["x", "y", "z"])?, cells)?;
/// let density = density(&m, &proximity(&m, Diagonal::Zero))?;
/// assert_eq!((density.get("A", "z"), density.get("A", "x")), (Some(1.0), Some(1.0 / 1.5)));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn density(presence: &PresenceMatrix, proximity: &Proximity) -> Result<LabelledMatrix, ComplexityError> {
    require_same("activities", ("the presence", presence.activities()), ("the proximity", &proximity.activities))?;
    let totals = proximity.totals();
    let mut held = sums_over_held(presence, proximity, &vec![1.0; totals.len()]);
    for row in held.chunks_mut(totals.len().max(1)) {
        row.iter_mut().zip(&totals).for_each(|(value, total)| *value /= total);
    }
    Ok(LabelledMatrix::new(presence.places().clone(), presence.activities().clone(), held)?)
}

/// Distance of every activity from every place, `1 − density`.
///
/// # Errors
/// None beyond those of the labels.
///
/// ```
/// use frame::LabelledMatrix;
/// let density = LabelledMatrix::from_triplets("places", "products", [("A", "x", 0.25)])?;
/// assert_eq!(xinzhi_complexity::distance(&density)?.get("A", "x"), Some(0.75));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn distance(density: &LabelledMatrix) -> Result<LabelledMatrix, ComplexityError> {
    let values = density.values().iter().map(|v| 1.0 - v).collect();
    Ok(LabelledMatrix::new(density.rows().clone(), density.columns().clone(), values)?)
}

/// Places worked on at a time, and columns of the proximity held in the cache meanwhile.
const PLACES: usize = 32;
const COLUMNS: usize = 64;

/// `Σ_q M_cq w_q φ_qp` for every place c and activity p. Every sum runs over q ascending whatever the number of threads.
pub(crate) fn sums_over_held(presence: &PresenceMatrix, proximity: &Proximity, weights: &[f64]) -> Vec<f64> {
    let n = proximity.activities.len();
    let mut sums = vec![0.0; presence.places().len() * n];
    sums.par_chunks_mut((PLACES * n).max(1)).enumerate().for_each(|(block, sums)| {
        let held: Vec<Vec<usize>> = (0..sums.len() / n).map(|place| presence.held(block * PLACES + place).collect()).collect();
        for from in (0..n).step_by(COLUMNS) {
            let to = (from + COLUMNS).min(n);
            let near = |q: usize| (weights[q], &proximity.row(q)[from..to]);
            for (place, held) in held.iter().enumerate() {
                let sums = &mut sums[place * n + from..place * n + to];
                // four rows at once, so that a sum is loaded and stored a quarter as often; the order of additions stays
                let fours = held.chunks_exact(4);
                let rest = fours.remainder();
                for four in fours {
                    let ((w0, r0), (w1, r1), (w2, r2), (w3, r3)) = (near(four[0]), near(four[1]), near(four[2]), near(four[3]));
                    for ((((sum, v0), v1), v2), v3) in sums.iter_mut().zip(r0).zip(r1).zip(r2).zip(r3) {
                        *sum = *sum + w0 * v0 + w1 * v1 + w2 * v2 + w3 * v3;
                    }
                }
                for q in rest {
                    let (weight, row) = near(*q);
                    sums.iter_mut().zip(row).for_each(|(sum, value)| *sum += weight * value);
                }
            }
        }
    });
    sums
}
