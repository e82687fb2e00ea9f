use crate::density::held_lists;
use crate::{ComplexityError, PresenceMatrix};
use frame::LabelledVector;
use serde::{Deserialize, Serialize};

/// Which map is iterated.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FitnessMap {
    /// Tacchella, Cristelli, Caldarelli, Gabrielli and Pietronero (2012): `F_c = Σ_p M_cp Q_p`, `Q_p = 1 / Σ_c M_cp / F_c`, both from the step
    /// before, each divided by its mean.
    #[default]
    Classic,
    /// Servedio, Buttà, Mazzilli, Tacchella and Pietronero (2018): `F_c = δ + Σ_p M_cp Q_p`, `Q_p = 1 / (1 + Σ_c M_cp / F_c)`, not divided by
    /// anything. It converges for every table, to positive values.
    Servedio {
        /// The shift δ, positive and small (0.001).
        delta: f64,
    },
}

/// Options of [`fitness_complexity`].
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct FitnessOptions {
    /// Which map is iterated.
    pub map: FitnessMap,
    /// The largest change of any value in a step, relative to 1, at which the iteration has converged (1e-12).
    pub tolerance: f64,
    /// Steps after which it stops in any case (2,000).
    pub steps: u32,
}

impl Default for FitnessOptions {
    fn default() -> Self {
        FitnessOptions { map: FitnessMap::Classic, tolerance: 1e-12, steps: 2000 }
    }
}

/// How the iteration ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FitnessEnd {
    /// No value changes any more.
    Converged,
    /// Some fitness falls towards 0 for ever, as it does where the table is badly nested (Pugliese, Zaccaria and Pietronero 2016), but the
    /// order of the places has not changed for a hundred steps: read ranks, not levels.
    RanksSettled,
    /// Neither: the allowed steps were used up.
    StepsUsedUp,
}

/// Fitness of places and complexity of activities.
#[derive(Debug, Clone, PartialEq)]
pub struct FitnessComplexity {
    /// Fitness of every place, mean 1 in the classic map; NaN for a place without activities.
    pub fitness: LabelledVector,
    /// Complexity of every activity, mean 1 in the classic map; NaN for an activity without places.
    pub complexity: LabelledVector,
    /// How the iteration ended.
    pub end: FitnessEnd,
    /// After how many steps.
    pub steps: u32,
    /// Places whose fitness is below 1e-9 of the largest: on their way to 0.
    pub vanishing: usize,
}

/// Steps without a change of order after which vanishing values no longer matter.
const SETTLED: u32 = 100;
/// Part of the largest fitness under which a place counts as vanishing.
const VANISHING: f64 = 1e-9;

/// Fitness of places and complexity of activities (Tacchella et al. 2012), iterated to convergence. Starts from ones. Places and activities
/// without presence get NaN and touch nobody else.
///
/// # Errors
/// [`ComplexityError::Option`] for a shift that is not positive; [`ComplexityError::TooSmall`] when nothing is present.
///
/// ```
/// use xinzhi_complexity::{FitnessEnd, FitnessOptions, PresenceMatrix, fitness_complexity};
/// use frame::Labels;
/// // perfectly nested, every place with one more activity than the next
/// let cells = [1, 1, 1, 1, 1, 0].map(|b| b == 1);
/// let m = PresenceMatrix::new(Labels::new("places", ["A", "B"])?, Labels::new("products", ["x", "y", "z"])?, cells)?;
/// let result = fitness_complexity(&m, &FitnessOptions::default())?;
/// assert!(result.fitness.get("A") > result.fitness.get("B"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn fitness_complexity(presence: &PresenceMatrix, options: &FitnessOptions) -> Result<FitnessComplexity, ComplexityError> {
    let held = held_lists(presence);
    let ubiquity = presence.ubiquity();
    let kept_places = held.iter().filter(|list| !list.is_empty()).count() as f64;
    let kept_activities = ubiquity.iter().filter(|u| **u > 0).count() as f64;
    if kept_places == 0.0 {
        return Err(ComplexityError::TooSmall { places: 0, activities: 0 });
    }
    let (shift, added, normalised) = match options.map {
        FitnessMap::Classic => (0.0, 0.0, true),
        FitnessMap::Servedio { delta } if delta.is_finite() && delta > 0.0 => (delta, 1.0, false),
        FitnessMap::Servedio { delta } => {
            return Err(ComplexityError::Option { option: "delta", value: delta.to_string(), requirement: "a small positive number" });
        }
    };
    let mut fitness: Vec<f64> = held.iter().map(|list| f64::from(u8::from(!list.is_empty()))).collect();
    let mut complexity: Vec<f64> = ubiquity.iter().map(|u| f64::from(u8::from(*u > 0))).collect();
    let mut order = ranking(&fitness);
    let (mut end, mut steps, mut unchanged) = (FitnessEnd::StepsUsedUp, 0, 0);
    let mut difficulty = vec![0.0; complexity.len()];
    while steps < options.steps {
        steps += 1;
        difficulty.fill(0.0);
        let mut next: Vec<f64> = Vec::with_capacity(fitness.len());
        for (list, own) in held.iter().zip(&fitness) {
            let inverse = 1.0 / own;
            // four sums, so that additions need not wait for each other
            let mut sums = [0.0; 4];
            let (fours, rest) = list.as_chunks::<4>();
            for four in fours {
                for (sum, p) in sums.iter_mut().zip(four) {
                    *sum += complexity[*p as usize];
                    difficulty[*p as usize] += inverse;
                }
            }
            for p in rest {
                sums[0] += complexity[*p as usize];
                difficulty[*p as usize] += inverse;
            }
            next.push(if list.is_empty() { 0.0 } else { shift + (sums[0] + sums[1]) + (sums[2] + sums[3]) });
        }
        let mut next_complexity: Vec<f64> =
            difficulty.iter().zip(&ubiquity).map(|(d, u)| if *u > 0 { 1.0 / (added + d) } else { 0.0 }).collect();
        if normalised {
            let (mean, mean_complexity) = (next.iter().sum::<f64>() / kept_places, next_complexity.iter().sum::<f64>() / kept_activities);
            next.iter_mut().for_each(|v| *v /= mean);
            next_complexity.iter_mut().for_each(|v| *v /= mean_complexity);
        }
        let change = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| (a - b).abs() / a.abs().max(1.0)).fold(0.0, f64::max);
        let moved = change(&next, &fitness).max(change(&next_complexity, &complexity));
        (fitness, complexity) = (next, next_complexity);
        if moved <= options.tolerance {
            end = FitnessEnd::Converged;
            break;
        }
        if steps % 10 == 0 {
            let now = ranking(&fitness);
            unchanged = if now == order { unchanged + 10 } else { 0 };
            order = now;
            if unchanged >= SETTLED && vanishing(&fitness, &held) > 0 {
                end = FitnessEnd::RanksSettled;
                break;
            }
        }
    }
    let vanishing = vanishing(&fitness, &held);
    let known = |values: Vec<f64>, there: &mut dyn Iterator<Item = bool>| -> Vec<f64> {
        values.into_iter().zip(there).map(|(v, there)| if there { v } else { f64::NAN }).collect()
    };
    let fitness = known(fitness, &mut held.iter().map(|list| !list.is_empty()));
    let complexity = known(complexity, &mut ubiquity.iter().map(|u| *u > 0));
    Ok(FitnessComplexity {
        fitness: LabelledVector::new(presence.places().clone(), fitness)?,
        complexity: LabelledVector::new(presence.activities().clone(), complexity)?,
        end,
        steps,
        vanishing,
    })
}

fn vanishing(fitness: &[f64], held: &[Vec<u32>]) -> usize {
    let most = fitness.iter().copied().fold(0.0, f64::max);
    fitness.iter().zip(held).filter(|(f, list)| !list.is_empty() && **f < VANISHING * most).count()
}

fn ranking(values: &[f64]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|a, b| values[*b].total_cmp(&values[*a]));
    order
}
