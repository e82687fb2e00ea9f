use crate::error::require_same;
use crate::proximity::sums_over_held;
use crate::{ComplexityError, EconomicComplexity, PresenceMatrix, Proximity};
use frame::{LabelledMatrix, LabelledVector};

/// What places could gain from what they lack.
#[derive(Debug, Clone, PartialEq)]
pub struct ComplexityOutlook {
    /// Complexity outlook index of every place: how much complexity lies near to it, standardised over the places the complexity was
    /// computed on; NaN for a place without activities.
    pub coi: LabelledVector,
    /// The same before standardisation.
    pub coi_raw: LabelledVector,
    /// Complexity outlook gain of every place and activity: how much nearer to complex activities the place would be with it; 0 for
    /// what it has, NaN for a place without activities.
    pub cog: LabelledMatrix,
}

/// Complexity outlook index and gain (Hausmann, Hidalgo et al. 2014) as the Growth Lab's packages compute them:
///
/// * `COI_c = Σ_p density_cp (1 − M_cp) k_p`, then standardised over places;
/// * `COG_cp = (1 − M_cp) Σ_q (1 − M_cq) φ_pq k_q / Σ_r φ_rq`.
///
/// `k` is the raw activity vector over the deviation that scales the PCI, without the shift by its mean. Convention: the Atlas book's
/// further term − density·PCI is left out, as in the packages. Activities without an index or without neighbours count nothing.
/// The presence and density may hold other places than those the complexity was computed on.
///
/// # Errors
/// [`ComplexityError::LabelsDiffer`] when the inputs are not over the same places and activities.
///
/// See the example at the top of this crate.
pub fn complexity_outlook(
    presence: &PresenceMatrix,
    density: &LabelledMatrix,
    proximity: &Proximity,
    complexity: &EconomicComplexity,
) -> Result<ComplexityOutlook, ComplexityError> {
    let activities = ("the presence", presence.activities());
    require_same("activities", activities, ("the density", density.columns()))?;
    require_same("activities", activities, ("the proximity", proximity.activities()))?;
    require_same("activities", activities, ("the complexity", complexity.kp.labels()))?;
    require_same("places", ("the presence", presence.places()), ("the density", density.rows()))?;
    let weights: Vec<f64> = complexity.outlook_weights().iter().map(|k| if k.is_finite() { *k } else { 0.0 }).collect();
    let per_total: Vec<f64> = weights.iter().zip(proximity.totals()).map(|(k, total)| if total > 0.0 { k / total } else { 0.0 }).collect();
    let n = weights.len();
    // Σ over what is missing = Σ over all − Σ over what is there; the first is the same for all places
    let mut all = vec![0.0; n];
    for (q, weight) in per_total.iter().enumerate() {
        all.iter_mut().zip(proximity.row(q)).for_each(|(sum, value)| *sum += weight * value);
    }
    let mut cog = sums_over_held(presence, proximity, &per_total);
    let mut raw = vec![f64::NAN; presence.places().len()];
    for (place, diversity) in presence.diversity().into_iter().enumerate() {
        let gains = &mut cog[place * n..(place + 1) * n];
        if diversity == 0 {
            gains.fill(f64::NAN);
            continue;
        }
        gains.iter_mut().zip(&all).for_each(|(held, all)| *held = all - *held);
        presence.held(place).for_each(|p| gains[p] = 0.0);
        let missing = density.row(place).iter().enumerate().filter(|(p, near)| !presence.at(place, *p) && near.is_finite());
        raw[place] = missing.map(|(p, near)| near * weights[p]).sum();
    }
    let reference: Vec<f64> = presence
        .places()
        .iter()
        .zip(&raw)
        .filter(|(place, value)| value.is_finite() && complexity.eci.get(place).is_some_and(f64::is_finite))
        .map(|(_, value)| *value)
        .collect();
    let kept = complexity.pci.values().iter().filter(|v| v.is_finite()).count();
    let (mean, deviation) = complexity.options.standardisation.mean_and_deviation(&reference, kept);
    let coi = raw.iter().map(|v| (v - mean) / deviation).collect();
    Ok(ComplexityOutlook {
        coi: LabelledVector::new(presence.places().clone(), coi)?,
        coi_raw: LabelledVector::new(presence.places().clone(), raw)?,
        cog: LabelledMatrix::new(presence.places().clone(), presence.activities().clone(), cog)?,
    })
}
