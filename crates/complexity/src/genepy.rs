use crate::density::held_lists;
use crate::eigenvectors::largest_eigenvectors;
use crate::{ComplexityError, PresenceMatrix};
use frame::LabelledVector;

/// GENEPY of places and activities.
#[derive(Debug, Clone, PartialEq)]
pub struct Genepy {
    /// Of every place; NaN for a place without activities.
    pub places: LabelledVector,
    /// Of every activity; NaN for an activity without places.
    pub activities: LabelledVector,
}

/// The generalised economic complexity index (Sciarra, Chiarotti, Ridolfi and Laio 2020), which joins the ideas of ECI and fitness: with
/// `k'_p = Σ_c M_cp / d_c`, `W_cp = M_cp / (d_c k'_p)`, `N = W Wᵀ` and `G = Wᵀ W` with zero diagonals, and λ_i, E_i their two largest
/// eigenvalues and unit vectors, `score = (Σ_i λ_i E_i²)² + 2 Σ_i λ_i² E_i²`. Not negative, dimensionless.
///
/// # Errors
/// [`ComplexityError::TooSmall`] for fewer than three places or activities with a presence; [`ComplexityError::NotConverged`].
///
/// ```
/// use xinzhi_complexity::{PresenceMatrix, genepy};
/// use frame::Labels;
/// let cells = [1, 1, 1, 1, 1, 0, 1, 0, 0].map(|b| b == 1);
/// let m = PresenceMatrix::new(Labels::new("places", ["A", "B", "C"])?, Labels::new("products", ["x", "y", "z"])?, cells)?;
/// let scores = genepy(&m)?;
/// assert!(scores.places.values().iter().all(|v| *v >= 0.0));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn genepy(presence: &PresenceMatrix) -> Result<Genepy, ComplexityError> {
    let held = held_lists(presence);
    let ubiquity = presence.ubiquity();
    let kept = |counts: &mut dyn Iterator<Item = bool>| counts.filter(|there| *there).count();
    let places = kept(&mut held.iter().map(|list| !list.is_empty()));
    let activities = kept(&mut ubiquity.iter().map(|u| *u > 0));
    if places < 3 || activities < 3 {
        return Err(ComplexityError::TooSmall { places, activities });
    }
    let mut weighted_ubiquity = vec![0.0; ubiquity.len()];
    for list in &held {
        list.iter().for_each(|p| weighted_ubiquity[*p as usize] += 1.0 / list.len() as f64);
    }
    // W by its rows, and the diagonals that are taken out
    let weight = |list: &[u32], p: u32| 1.0 / (list.len() as f64 * weighted_ubiquity[p as usize]);
    let (mut own_place, mut own_activity) = (vec![0.0; held.len()], vec![0.0; ubiquity.len()]);
    for (c, list) in held.iter().enumerate() {
        for p in list {
            let square = weight(list, *p).powi(2);
            own_place[c] += square;
            own_activity[*p as usize] += square;
        }
    }
    let to_activities = |from: &[f64]| {
        let mut sums = vec![0.0; ubiquity.len()];
        for (list, v) in held.iter().zip(from) {
            list.iter().for_each(|p| sums[*p as usize] += weight(list, *p) * v);
        }
        sums
    };
    let to_places = |from: &[f64]| -> Vec<f64> {
        held.iter().map(|list| list.iter().map(|p| weight(list, *p) * from[*p as usize]).sum::<f64>()).collect()
    };
    let of_places = scores(held.len(), |from, to| {
        let image = to_places(&to_activities(from));
        for (i, cell) in to.iter_mut().enumerate() {
            *cell = image[i] - own_place[i] * from[i];
        }
    })?;
    let of_activities = scores(ubiquity.len(), |from, to| {
        let image = to_activities(&to_places(from));
        for (i, cell) in to.iter_mut().enumerate() {
            *cell = image[i] - own_activity[i] * from[i];
        }
    })?;
    let only = |scores: Vec<f64>, there: &mut dyn Iterator<Item = bool>| -> Vec<f64> {
        scores.into_iter().zip(there).map(|(v, there)| if there { v } else { f64::NAN }).collect()
    };
    let of_places = only(of_places, &mut held.iter().map(|list| !list.is_empty()));
    let of_activities = only(of_activities, &mut ubiquity.iter().map(|u| *u > 0));
    Ok(Genepy {
        places: LabelledVector::new(presence.places().clone(), of_places)?,
        activities: LabelledVector::new(presence.activities().clone(), of_activities)?,
    })
}

fn scores(n: usize, apply: impl FnMut(&[f64], &mut [f64])) -> Result<Vec<f64>, ComplexityError> {
    let (values, vectors) = largest_eigenvectors(n, 2, 1e-12, &[], apply).ok_or(ComplexityError::NotConverged { size: n })?;
    let score = |at: usize| {
        let terms = values.iter().zip(&vectors).map(|(value, vector)| (value * vector[at].powi(2), (value * vector[at]).powi(2)));
        let (first, second) = terms.fold((0.0, 0.0), |sums, term| (sums.0 + term.0, sums.1 + term.1));
        first * first + 2.0 * second
    };
    Ok((0..n).map(score).collect())
}
