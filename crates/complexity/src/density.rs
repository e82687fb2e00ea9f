use crate::error::require_same;
use crate::proximity::{ProximitySource, ROWS, TILE, Tile, Tiles};
use crate::{ComplexityError, PresenceMatrix, Proximity, ProximityKind};
use frame::LabelledMatrix;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

/// Only the k nearest neighbours of an activity count in its densities, each with its proximity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Nearest {
    /// How many; neighbours as near as the last one stay in.
    pub k: usize,
    /// Whether to repeat the Stata package's rounding of the smallest proximity kept, which loses all ties at some values (0.6 and 5/6
    /// among them); only to reproduce its numbers.
    pub stata_rounding: bool,
}

/// What lies around an activity in a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DensityOf {
    /// The presence of its neighbours (0 or 1): the density is between 0 and 1.
    #[default]
    Presence,
    /// Their specialisation (RCA or RPOP), as the Growth Lab's packages do with the correlation; the density has no upper end.
    Specialisation,
}

/// Density of every activity around every place (Hidalgo et al. 2007), places × activities, from 0 to 1: the part of an activity's
/// proximity that lies in what the place has, `density_cp = Σ_q M_cq φ_pq / Σ_q φ_pq`.
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
    density_with(presence, None, proximity, None)
}

/// Density with choices: only the `nearest` neighbours, and the specialisation of neighbours instead of their presence where
/// `specialisation` is given (see [`DensityOf`]).
///
/// # Errors
/// [`ComplexityError::LabelsDiffer`], [`ComplexityError::Option`] for k = 0.
///
/// ```
/// use xinzhi_complexity::{Diagonal, Nearest, PresenceMatrix, density_with, proximity};
/// use frame::Labels;
/// let cells = [true, true, false, true, true, true];
/// let m = PresenceMatrix::new(Labels::new("places", ["A", "B"])?, Labels::new("products", ["x", "y", "z"])?, cells)?;
/// let nearest = Nearest { k: 1, stata_rounding: false };
/// let density = density_with(&m, None, &proximity(&m, Diagonal::Zero), Some(nearest))?;
/// assert_eq!(density.get("A", "x"), Some(1.0), "its one nearest neighbour, y, is there");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn density_with(
    presence: &PresenceMatrix,
    specialisation: Option<&LabelledMatrix>,
    proximity: &Proximity,
    nearest: Option<Nearest>,
) -> Result<LabelledMatrix, ComplexityError> {
    require_same("activities", ("the presence", presence.activities()), ("the proximity", proximity.activities()))?;
    if let Some(specialisation) = specialisation {
        require_same("activities", ("the presence", presence.activities()), ("the specialisation", specialisation.columns()))?;
        require_same("places", ("the presence", presence.places()), ("the specialisation", specialisation.rows()))?;
    }
    let around = Around { presence, specialisation, nearest };
    let (values, _) = around.densities(&Tiles::Stored(proximity))?;
    Ok(LabelledMatrix::new(presence.places().clone(), presence.activities().clone(), values)?)
}

/// Density in which the proximity around each place is taken without the place itself, so that a place's own basket cannot vouch for what
/// it has: with C the counts of both and u the ubiquity,
/// `φ^(−c)_pq = (C_pq − M_cp M_cq) / max(u_p − M_cp, u_q − M_cq)`. For the minimum proximity; the presence is that which the proximity comes
/// from.
///
/// # Errors
/// None beyond those of the labels.
///
/// ```
/// use xinzhi_complexity::{Diagonal, PresenceMatrix, density_without_own_place};
/// use frame::Labels;
/// let cells = [true, true, false, true, true, true, true, false, true];
/// let places = Labels::new("places", ["A", "B", "C"])?;
/// let m = PresenceMatrix::new(places, Labels::new("products", ["x", "y", "z"])?, cells)?;
/// // without A, x goes with y in one of two places and with z in both; A has y only
/// let expected = 0.5 / (0.5 + 1.0);
/// assert!((density_without_own_place(&m, Diagonal::Zero)?.get("A", "x").unwrap_or(0.0) - expected).abs() < 1e-15);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn density_without_own_place(presence: &PresenceMatrix, diagonal: crate::Diagonal) -> Result<LabelledMatrix, ComplexityError> {
    let values = leave_place_out(presence, diagonal);
    Ok(LabelledMatrix::new(presence.places().clone(), presence.activities().clone(), values)?)
}

/// [`density_without_own_place`] around what places lack only, with 0 on the diagonal, at a fraction of the cost; NaN for what a place has.
///
/// Around an activity the place lacks, M_cp = 0 and `φ^(−c)` differs from φ only where q is held and more ubiquitous than p, by the factor
/// `u_q / (u_q − 1)`: no proximity is computed again, and the work is places × presences × activities.
///
/// # Errors
/// None beyond those of the labels.
///
/// ```
/// use xinzhi_complexity::{PresenceMatrix, density_of_lacking_without_own_place};
/// use frame::Labels;
/// let cells = [true, false, true, true, true, true];
/// let m = PresenceMatrix::new(Labels::new("places", ["A", "B"])?, Labels::new("products", ["x", "y", "z"])?, cells)?;
/// // without A, B alone has everything: y is as near to x as to z, and A has both of them
/// assert_eq!(density_of_lacking_without_own_place(&m)?.get("A", "y"), Some(1.0));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn density_of_lacking_without_own_place(presence: &PresenceMatrix) -> Result<LabelledMatrix, ComplexityError> {
    let near = crate::proximity(presence, crate::Diagonal::Zero);
    let totals = near.totals();
    let ubiquity: Vec<f64> = presence.ubiquity().into_iter().map(f64::from).collect();
    let n = totals.len();
    let mut values = vec![f64::NAN; presence.places().len() * n];
    values.par_chunks_mut(n.max(1)).enumerate().for_each(|(place, row)| {
        let (mut held, mut without) = (vec![0.0; n], vec![0.0; n]);
        // held by this place alone: near to nothing it lacks
        for q in presence.held(place).filter(|q| ubiquity[*q] > 1.0) {
            let factor = ubiquity[q] / (ubiquity[q] - 1.0);
            for (((held, without), phi), u) in held.iter_mut().zip(without.iter_mut()).zip(near.row(q)).zip(&ubiquity) {
                *held += phi;
                *without += phi * if *u < ubiquity[q] { factor } else { 1.0 };
            }
        }
        for (p, cell) in row.iter_mut().enumerate() {
            let total = (totals[p] - held[p]) + without[p];
            if !presence.at(place, p) && total > 0.0 {
                // a difference of sums may leave the last digit over 1
                *cell = (without[p] / total).min(1.0);
            }
        }
    });
    Ok(LabelledMatrix::new(presence.places().clone(), presence.activities().clone(), values)?)
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

/// What a place has around an activity.
pub(crate) struct Around<'a> {
    pub(crate) presence: &'a PresenceMatrix,
    pub(crate) specialisation: Option<&'a LabelledMatrix>,
    pub(crate) nearest: Option<Nearest>,
}

/// Positions held by every place.
pub(crate) fn held_lists(presence: &PresenceMatrix) -> Vec<Vec<u32>> {
    (0..presence.places().len()).map(|place| presence.held(place).map(|p| p as u32).collect()).collect()
}

/// Places whose sums are worked on at a time.
const PLACES: usize = 48;

/// What every place holds, and its list cut into blocks of [`ROWS`] activities, each activity by its position in the block.
pub(crate) struct Held {
    pub(crate) lists: Vec<Vec<u32>>,
    within: Vec<Vec<u8>>,
    starts: Vec<Vec<u32>>,
}

impl Held {
    pub(crate) fn new(presence: &PresenceMatrix) -> Self {
        let lists = held_lists(presence);
        let blocks = presence.activities().len().div_ceil(ROWS);
        let starts = |list: &Vec<u32>| (0..=blocks).map(|b| list.partition_point(|p| (*p as usize) < b * ROWS) as u32).collect();
        let within = |list: &Vec<u32>| list.iter().map(|p| (*p as usize % ROWS) as u8).collect();
        Held { starts: lists.iter().map(starts).collect(), within: lists.iter().map(within).collect(), lists }
    }

    /// Adds `Σ_q tile_qj` over what each place holds to the place's row of `out`, q ascending, in pairs.
    #[inline(always)]
    pub(crate) fn add_listed(&self, tile: &Tile, out: &mut [f64]) {
        let (sums, _) = out.as_chunks_mut::<TILE>();
        // the mask says no more than that positions are below ROWS, which spares a check of each
        let row = |rows: &[[f64; TILE]; ROWS], q: u8| rows[q as usize & (ROWS - 1)];
        // the sums of a group of places and a block of rows lie in the nearest cache together
        let groups = sums.chunks_mut(PLACES).zip(self.within.chunks(PLACES)).zip(self.starts.chunks(PLACES));
        for ((sums, within), starts) in groups {
            for (block, rows) in tile.blocks().iter().enumerate() {
                for ((sums, within), starts) in sums.iter_mut().zip(within).zip(starts) {
                    let mut sum = *sums;
                    // two rows at a time, so that additions need not wait for each other
                    let (pairs, rest) = within[starts[block] as usize..starts[block + 1] as usize].as_chunks::<2>();
                    for [p, q] in pairs {
                        let (first, second) = (row(rows, *p), row(rows, *q));
                        for j in 0..TILE {
                            sum[j] += first[j] + second[j];
                        }
                    }
                    for q in rest {
                        let row = row(rows, *q);
                        for j in 0..TILE {
                            sum[j] += row[j];
                        }
                    }
                    *sums = sum;
                }
            }
        }
    }
}

/// Writes what tiles made, `places × TILE` each, into one matrix `places × activities`.
pub(crate) fn join_tiles(tiles: &[Vec<f64>], places: usize, activities: usize) -> Vec<f64> {
    let mut joined = vec![0.0; places * activities];
    for (block, tile) in tiles.iter().enumerate() {
        let from = block * TILE;
        let width = TILE.min(activities - from);
        for (place, cells) in tile.chunks_exact(TILE).enumerate() {
            joined[place * activities + from..][..width].copy_from_slice(&cells[..width]);
        }
    }
    joined
}

/// `Σ_q tile_qj` over all q.
#[inline(always)]
pub(crate) fn sum_all(tile: &[f64]) -> [f64; TILE] {
    let (rows, _) = tile.as_chunks::<TILE>();
    let mut sums = [0.0; TILE];
    for row in rows {
        for j in 0..TILE {
            sums[j] += row[j];
        }
    }
    sums
}

#[inline(always)]
fn sum_weighted(tile: &[f64], weights: &[f64]) -> [f64; TILE] {
    let (rows, _) = tile.as_chunks::<TILE>();
    let mut sums = [0.0; TILE];
    for (row, weight) in rows.iter().zip(weights) {
        for j in 0..TILE {
            sums[j] += weight * row[j];
        }
    }
    sums
}

impl Around<'_> {
    /// Densities, place after place, and the sum of proximities of every activity over all its neighbours.
    pub(crate) fn densities(&self, tiles: &Tiles<'_>) -> Result<(Vec<f64>, Vec<f64>), ComplexityError> {
        let (places, n) = (self.presence.places().len(), tiles.activities());
        if self.nearest.is_some_and(|nearest| nearest.k == 0) {
            return Err(ComplexityError::Option { option: "nearest", value: "0".into(), requirement: "at least 1 neighbour" });
        }
        let held = Held::new(self.presence);
        let made = tiles.each(|from, tile| {
            tiles.neighbours_of(from, tile.cells_mut());
            let totals = sum_all(tile.cells());
            if let Some(nearest) = self.nearest {
                keep_nearest(tile.cells_mut(), from, nearest);
            }
            let mut out = vec![0.0; places * TILE];
            pulp::Arch::new().dispatch(TileDensities { around: self, tile, held: &held, out: &mut out });
            (out, totals)
        });
        let (made, totals): (Vec<Vec<f64>>, Vec<[f64; TILE]>) = made.into_iter().unzip();
        Ok((join_tiles(&made, places, n), totals.into_iter().flatten().take(n).collect()))
    }
}

/// The densities of one tile. A type of its own rather than a closure, because only what is inlined into the dispatch is compiled for the
/// widest registers.
struct TileDensities<'a> {
    around: &'a Around<'a>,
    tile: &'a Tile,
    held: &'a Held,
    out: &'a mut [f64],
}

impl pulp::NullaryFnOnce for TileDensities<'_> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        let totals = sum_all(self.tile.cells());
        match self.around.specialisation {
            None => self.held.add_listed(self.tile, self.out),
            Some(specialisation) => {
                for (place, cells) in self.out.chunks_exact_mut(TILE).enumerate() {
                    cells.copy_from_slice(&sum_weighted(self.tile.cells(), specialisation.row(place)));
                }
            }
        }
        let whole = if self.around.specialisation.is_none() { 1.0 } else { f64::INFINITY };
        for cells in self.out.chunks_exact_mut(TILE) {
            for j in 0..TILE {
                let part = cells[j] / totals[j];
                // the parts are added in another order than the whole, which may leave the last digit over 1
                cells[j] = if part > whole { whole } else { part };
            }
        }
    }
}

/// Zero for all but the k nearest of every column; the activity itself is no neighbour of its own.
fn keep_nearest(tile: &mut [f64], from: usize, nearest: Nearest) {
    let n = tile.len() / TILE;
    let mut column = vec![0.0; n];
    for j in 0..TILE.min(n - from) {
        column.iter_mut().enumerate().for_each(|(q, value)| *value = tile[q * TILE + j]);
        column[from + j] = 0.0;
        let kept = nearest.k.min(n);
        let (_, smallest, _) = column.select_nth_unstable_by(kept - 1, |a, b| b.total_cmp(a));
        let mut smallest = *smallest;
        if nearest.stata_rounding {
            smallest = (smallest - 1.0 + (smallest + 1.0).abs()) / 2.0;
        }
        for q in 0..n {
            let cell = &mut tile[q * TILE + j];
            if *cell < smallest || q == from + j {
                *cell = 0.0;
            }
        }
    }
}

/// Densities with every place's proximity taken without it.
pub(crate) fn leave_place_out(presence: &PresenceMatrix, diagonal: crate::Diagonal) -> Vec<f64> {
    let source = ProximitySource::from_presence(presence, ProximityKind::Minimum, diagonal);
    let tiles = Tiles::Computed(&source);
    let (places, n) = (presence.places().len(), tiles.activities());
    let mut ubiquity: Vec<f64> = presence.ubiquity().into_iter().map(f64::from).collect();
    ubiquity.resize(n.next_multiple_of(TILE), 0.0);
    let rows: Vec<Vec<f64>> =
        (0..places).map(|place| (0..n).map(|p| f64::from(u8::from(presence.at(place, p)))).collect::<Vec<f64>>()).collect();
    let own_counts = f64::from(u8::from(diagonal == crate::Diagonal::One));
    let made = tiles.each(|from, counts| {
        source.counts(from, counts.cells_mut());
        let mut out = vec![0.0; places * TILE];
        pulp::Arch::new().dispatch(WithoutOwnPlace {
            counts: counts.cells(),
            rows: &rows,
            ubiquity: &ubiquity,
            from,
            own_counts,
            out: &mut out,
        });
        out
    });
    join_tiles(&made, places, n)
}

/// The densities of one tile, every place's from the others' counts.
struct WithoutOwnPlace<'a> {
    counts: &'a [f64],
    rows: &'a [Vec<f64>],
    ubiquity: &'a [f64],
    from: usize,
    own_counts: f64,
    out: &'a mut [f64],
}

impl pulp::NullaryFnOnce for WithoutOwnPlace<'_> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        let (counts, _) = self.counts.as_chunks::<TILE>();
        let from = self.from;
        let mut here = [0.0; TILE];
        here.copy_from_slice(&self.ubiquity[from..from + TILE]);
        for (cells, row) in self.out.chunks_exact_mut(TILE).zip(self.rows) {
            let mut own = [0.0; TILE];
            own.iter_mut().zip(row.iter().skip(from)).for_each(|(own, there)| *own = *there);
            let (mut sums, mut totals) = ([0.0; TILE], [0.0; TILE]);
            for (q, ((counts, there), u)) in counts.iter().zip(row).zip(self.ubiquity).enumerate() {
                let mut near = [0.0; TILE];
                for j in 0..TILE {
                    let largest = (u - there).max(here[j] - own[j]).max(1.0);
                    near[j] = (counts[j] - there * own[j]) / largest;
                }
                if q >= from && q < from + TILE {
                    near[q - from] = self.own_counts;
                }
                for j in 0..TILE {
                    totals[j] += near[j];
                    sums[j] += there * near[j];
                }
            }
            for j in 0..TILE {
                cells[j] = sums[j] / totals[j];
            }
        }
    }
}
