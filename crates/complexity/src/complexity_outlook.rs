use crate::density::{Held, join_tiles, sum_all};
use crate::error::require_same;
use crate::proximity::{TILE, Tile, Tiles};
use crate::{ComplexityError, EconomicComplexity, PresenceMatrix, Proximity};
use frame::{LabelledMatrix, LabelledVector};
use serde::{Deserialize, Serialize};

/// Which published definition of the outlook gain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OutlookGain {
    /// `(1 − M_cp) Σ_q (1 − M_cq) k_q φ_qp / Σ_r φ_qr`: how much nearer the place would be to what it lacks (Growth Lab's packages, which
    /// leave out the Atlas book's further term).
    #[default]
    GrowthLab,
    /// `Σ_q (1 − M_cq) PCI_q φ_qp / Σ_r φ_rp − density_cp PCI_p`, for what the place has and lacks alike (the OEC's package).
    Oec,
}

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
/// * `COG_cp = (1 − M_cp) Σ_q (1 − M_cq) k_q φ_qp / Σ_r φ_qr`.
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
    require_same("activities", ("the presence", presence.activities()), ("the proximity", proximity.activities()))?;
    outlook(presence, density, &Tiles::Stored(proximity), &proximity.totals(), complexity, OutlookGain::GrowthLab)
}

pub(crate) fn outlook(
    presence: &PresenceMatrix,
    density: &LabelledMatrix,
    tiles: &Tiles<'_>,
    totals: &[f64],
    complexity: &EconomicComplexity,
    definition: OutlookGain,
) -> Result<ComplexityOutlook, ComplexityError> {
    let activities = ("the presence", presence.activities());
    require_same("activities", activities, ("the density", density.columns()))?;
    require_same("activities", activities, ("the complexity", complexity.kp.labels()))?;
    require_same("places", ("the presence", presence.places()), ("the density", density.rows()))?;
    let weights: Vec<f64> = complexity.outlook_weights().iter().map(|k| if k.is_finite() { *k } else { 0.0 }).collect();
    let n = weights.len();
    let cog = match definition {
        OutlookGain::GrowthLab => gains(presence, tiles, totals, &weights),
        OutlookGain::Oec => gains_less_own(presence, density, tiles, complexity.pci.values()),
    };
    let mut raw = vec![f64::NAN; presence.places().len()];
    for (place, diversity) in presence.diversity().into_iter().enumerate() {
        if diversity > 0 {
            let missing = density.row(place).iter().enumerate().filter(|(p, near)| !presence.at(place, *p) && near.is_finite());
            raw[place] = missing.map(|(p, near)| near * weights[p]).sum();
        }
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
    debug_assert_eq!(cog.len(), n * raw.len());
    Ok(ComplexityOutlook {
        coi: LabelledVector::new(presence.places().clone(), coi)?,
        coi_raw: LabelledVector::new(presence.places().clone(), raw)?,
        cog: LabelledMatrix::new(presence.places().clone(), presence.activities().clone(), cog)?,
    })
}

/// The Growth Lab's gain. Σ over what is missing = Σ over all − Σ over what is there; the first is the same for all places.
fn gains(presence: &PresenceMatrix, tiles: &Tiles<'_>, totals: &[f64], weights: &[f64]) -> Vec<f64> {
    let (places, n) = (presence.places().len(), weights.len());
    let per_total: Vec<f64> = weights.iter().zip(totals).map(|(k, total)| if *total > 0.0 { k / total } else { 0.0 }).collect();
    let held = Held::new(presence);
    let made = tiles.each(|from, tile| {
        tiles.as_neighbour(from, tile.cells_mut());
        let mut out = vec![0.0; places * TILE];
        pulp::Arch::new().dispatch(TileGains { tile, per_total: &per_total, held: &held, out: &mut out });
        out
    });
    let mut cog = join_tiles(&made, places, n);
    for (place, (gains, held)) in cog.chunks_exact_mut(n.max(1)).zip(&held.lists).enumerate() {
        if held.is_empty() {
            gains.fill(f64::NAN);
        }
        presence.held(place).for_each(|p| gains[p] = 0.0);
    }
    cog
}

/// The gains of one tile before what is held gets 0; the tile is used up.
struct TileGains<'a> {
    tile: &'a mut Tile,
    per_total: &'a [f64],
    held: &'a Held,
    out: &'a mut [f64],
}

impl pulp::NullaryFnOnce for TileGains<'_> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        for (row, weight) in self.tile.cells_mut().chunks_exact_mut(TILE).zip(self.per_total) {
            row.iter_mut().for_each(|value| *value *= weight);
        }
        let all = sum_all(self.tile.cells());
        self.held.add_listed(self.tile, self.out);
        for cells in self.out.chunks_exact_mut(TILE) {
            for j in 0..TILE {
                cells[j] = all[j] - cells[j];
            }
        }
    }
}

/// The OEC's gain.
fn gains_less_own(presence: &PresenceMatrix, density: &LabelledMatrix, tiles: &Tiles<'_>, pci: &[f64]) -> Vec<f64> {
    let (places, n) = (presence.places().len(), pci.len());
    let known: Vec<f64> = pci.iter().map(|v| if v.is_finite() { *v } else { 0.0 }).collect();
    let made = tiles.each(|from, tile| {
        tiles.neighbours_of(from, tile.cells_mut());
        let tile = tile.cells();
        let mut out = vec![0.0; places * TILE];
        let totals = sum_all(tile);
        for (place, cells) in out.chunks_exact_mut(TILE).enumerate() {
            let mut sums = [0.0; TILE];
            for (q, row) in tile.chunks_exact(TILE).enumerate() {
                let weight = if presence.at(place, q) { 0.0 } else { known[q] };
                sums.iter_mut().zip(row).for_each(|(sum, value)| *sum += weight * value);
            }
            for j in 0..TILE {
                cells[j] = sums[j] / totals[j];
            }
        }
        out
    });
    let mut cog = join_tiles(&made, places, n);
    for (place, gains) in cog.chunks_exact_mut(n.max(1)).enumerate() {
        for (p, gain) in gains.iter_mut().enumerate() {
            *gain -= density.at(place, p) * pci[p];
        }
    }
    cog
}
