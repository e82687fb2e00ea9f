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

/// How near two activities are, from the places that have them. With `C_pq = Σ_c M_cp M_cq` the places that have both, u the ubiquity, d
/// the diversity, `s_p = Σ_{q≠p} C_pq` and `t = Σ_p s_p`:
///
/// | kind | `φ_pq` | source |
/// |---|---|---|
/// | `minimum` (default) | `C / max(u_p, u_q)` | Hidalgo, Klinger, Barabási and Hausmann 2007 |
/// | `asymmetric` | `C / u_p`, the probability of q given p | the same, before the minimum is taken |
/// | `correlation` | `(1 + corr(RCA_p, RCA_q)) / 2` over places | Growth Lab, "continuous" |
/// | `cosine` | `C / √(u_p u_q)` | OEC, "sqrt" |
/// | `jaccard` | `C / (u_p + u_q − C)` | Jaccard 1901 |
/// | `association` | `C t / (s_p s_q)` | van Eck and Waltman 2009 |
/// | `probability` | `C / [(s_p/t · s_q/(t−s_p) + s_q/t · s_p/(t−s_q)) t/2]` | Steijn 2017, EconGeo's default |
/// | `taxonomy` | `Σ_c (M_cp M_cq / d_c) / max(u_p, u_q)` | Zaccaria, Cristelli, Tacchella and Pietronero 2014 |
///
/// Convention: EconGeo computes cosine and Jaccard from s instead of u; here both are those of the presence vectors.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ProximityKind {
    /// The smaller of the two conditional probabilities.
    #[default]
    Minimum,
    /// The probability of the neighbour given the activity itself; not symmetric.
    Asymmetric,
    /// Correlation of specialisation over places.
    Correlation,
    /// Cosine of the presence vectors.
    Cosine,
    /// Places with both over places with either.
    Jaccard,
    /// Co-occurrence over what independence would give.
    Association,
    /// The same counting combinations without repetition.
    Probability,
    /// Co-occurrence in which diverse places weigh less.
    Taxonomy,
}

impl ProximityKind {
    /// All of them, the default first.
    pub const ALL: [ProximityKind; 8] = [
        ProximityKind::Minimum,
        ProximityKind::Asymmetric,
        ProximityKind::Correlation,
        ProximityKind::Cosine,
        ProximityKind::Jaccard,
        ProximityKind::Association,
        ProximityKind::Probability,
        ProximityKind::Taxonomy,
    ];

    /// The name users type and results carry.
    pub fn name(self) -> &'static str {
        match self {
            ProximityKind::Minimum => "minimum",
            ProximityKind::Asymmetric => "asymmetric",
            ProximityKind::Correlation => "correlation",
            ProximityKind::Cosine => "cosine",
            ProximityKind::Jaccard => "jaccard",
            ProximityKind::Association => "association",
            ProximityKind::Probability => "probability",
            ProximityKind::Taxonomy => "taxonomy",
        }
    }

    /// The kind of a name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// Whether `φ_pq = φ_qp`.
    pub fn is_symmetric(self) -> bool {
        self != ProximityKind::Asymmetric
    }
}

/// Proximity of activities, activities × activities; `at(p, q)` is the weight of q among the neighbours of p.
#[derive(Debug, Clone, PartialEq)]
pub struct Proximity {
    activities: Labels,
    kind: ProximityKind,
    diagonal: Diagonal,
    values: Vec<f64>,
}

/// Proximity of every pair of activities (Hidalgo, Klinger, Barabási and Hausmann 2007): the smaller of the two probabilities that a
/// place with one also has the other, `φ_pq = Σ_c M_cp M_cq / max(u_p, u_q)`. An activity that no place has is near to nothing (0).
/// [`proximity_of`] gives the other kinds.
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
    ProximitySource::from_presence(presence, ProximityKind::Minimum, diagonal).materialise()
}

/// Proximity of every pair of activities by any [`ProximityKind`]. `specialisation` (RCA or RPOP over the same places and activities) is
/// used by the correlation only. An activity that no place has, or whose specialisation does not vary, is near to nothing (0).
///
/// # Errors
/// [`ComplexityError::NeedsSpecialisation`] for a correlation without it, [`ComplexityError::LabelsDiffer`].
///
/// ```
/// use xinzhi_complexity::{Diagonal, PresenceMatrix, ProximityKind, proximity_of};
/// use frame::Labels;
/// let cells = [true, true, false, true, true, true];
/// let m = PresenceMatrix::new(Labels::new("places", ["A", "B"])?, Labels::new("products", ["x", "y", "z"])?, cells)?;
/// let near = proximity_of(ProximityKind::Asymmetric, &m, None, Diagonal::Zero)?;
/// assert_eq!((near.get("z", "x"), near.get("x", "z")), (Some(1.0), Some(0.5)));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn proximity_of(
    kind: ProximityKind,
    presence: &PresenceMatrix,
    specialisation: Option<&LabelledMatrix>,
    diagonal: Diagonal,
) -> Result<Proximity, ComplexityError> {
    Ok(ProximitySource::new(kind, presence, specialisation, diagonal)?.materialise())
}

impl Proximity {
    /// The activities.
    pub fn activities(&self) -> &Labels {
        &self.activities
    }

    /// Which kind it is.
    pub fn kind(&self) -> ProximityKind {
        self.kind
    }

    /// What stands on the diagonal.
    pub fn diagonal(&self) -> Diagonal {
        self.diagonal
    }

    /// The weight of `b` among the neighbours of `a`, by position.
    pub fn at(&self, a: usize, b: usize) -> f64 {
        self.values[a * self.activities.len() + b]
    }

    /// The weight of `b` among the neighbours of `a`, by label.
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

/// Activities worked on at a time: their sums stay in registers.
pub(crate) const TILE: usize = 16;
/// Rows of a tile worked on at a time: 16 kB, which stay in the nearest cache.
pub(crate) const ROWS: usize = 128;
/// Bytes of a cache line, at whose beginning a tile starts.
const LINE: usize = 64;

/// Room for the proximities of all activities to those of one tile, `cells[q * TILE + j]`.
pub(crate) struct Tile {
    storage: Vec<f64>,
    start: usize,
    activities: usize,
}

impl Tile {
    fn new(activities: usize) -> Self {
        let storage = vec![0.0_f64; activities.next_multiple_of(ROWS) * TILE + LINE / size_of::<f64>()];
        let start = storage.as_ptr().align_offset(LINE).min(LINE / size_of::<f64>());
        Tile { storage, start, activities }
    }

    /// A row of 16 an activity.
    pub(crate) fn cells(&self) -> &[f64] {
        &self.storage[self.start..][..self.activities * TILE]
    }

    /// The same to write to.
    pub(crate) fn cells_mut(&mut self) -> &mut [f64] {
        &mut self.storage[self.start..][..self.activities * TILE]
    }

    /// The rows in blocks of [`ROWS`], the last one filled up with zeros.
    pub(crate) fn blocks(&self) -> &[[[f64; TILE]; ROWS]] {
        let whole = &self.storage[self.start..][..self.activities.next_multiple_of(ROWS) * TILE];
        whole.as_chunks::<TILE>().0.as_chunks::<ROWS>().0
    }
}

/// Where the tiles of a proximity come from: computed on the fly (the whole matrix never stands in memory) or taken from one that does.
pub(crate) enum Tiles<'a> {
    Computed(&'a ProximitySource),
    Stored(&'a Proximity),
    /// Tiles of a symmetric proximity, computed once because they fit.
    Kept(Vec<Vec<f64>>, usize),
}

/// Up to so many activities the tiles of a symmetric proximity are kept (33 MB) instead of computed twice.
const KEPT: usize = 2048;

impl<'a> Tiles<'a> {
    pub(crate) fn activities(&self) -> usize {
        match self {
            Tiles::Computed(source) => source.activities.len(),
            Tiles::Stored(proximity) => proximity.activities.len(),
            Tiles::Kept(_, activities) => *activities,
        }
    }

    /// Tiles computed as they are asked for, or once for all where that is quicker and fits.
    pub(crate) fn of(source: &'a ProximitySource) -> Self {
        let n = source.activities.len();
        let computed = Tiles::Computed(source);
        if n > KEPT || !source.kind.is_symmetric() {
            return computed;
        }
        let starts: Vec<usize> = (0..n).step_by(TILE).collect();
        let tile = |from: usize| {
            let mut tile = vec![0.0; n * TILE];
            source.fill(from, &mut tile, false);
            tile
        };
        Tiles::Kept(starts.into_par_iter().map(tile).collect(), n)
    }

    /// Fills `tile[q * TILE + j]` with the weight of q among the neighbours of `from + j`; 0 beyond the last activity.
    pub(crate) fn neighbours_of(&self, from: usize, tile: &mut [f64]) {
        match self {
            Tiles::Computed(source) => source.fill(from, tile, false),
            Tiles::Kept(tiles, _) => tile.copy_from_slice(&tiles[from / TILE]),
            Tiles::Stored(proximity) => {
                let n = proximity.activities.len();
                tile.fill(0.0);
                for j in 0..TILE.min(n - from) {
                    for (q, value) in proximity.row(from + j).iter().enumerate() {
                        tile[q * TILE + j] = *value;
                    }
                }
            }
        }
    }

    /// Fills `tile[q * TILE + j]` with the weight of `from + j` among the neighbours of q; 0 beyond the last activity.
    pub(crate) fn as_neighbour(&self, from: usize, tile: &mut [f64]) {
        match self {
            Tiles::Computed(source) => source.fill(from, tile, true),
            Tiles::Kept(tiles, _) => tile.copy_from_slice(&tiles[from / TILE]),
            Tiles::Stored(proximity) => {
                let n = proximity.activities.len();
                let width = TILE.min(n - from);
                for (q, cells) in tile.chunks_exact_mut(TILE).enumerate() {
                    cells.fill(0.0);
                    cells[..width].copy_from_slice(&proximity.row(q)[from..from + width]);
                }
            }
        }
    }

    /// The sum of proximities of every activity over all its neighbours.
    pub(crate) fn totals(&self) -> Vec<f64> {
        let sums = self.each(|from, tile| {
            self.neighbours_of(from, tile.cells_mut());
            crate::density::sum_all(tile.cells())
        });
        sums.into_iter().flatten().take(self.activities()).collect()
    }

    /// Calls `work` for every tile in parallel, with room for it, and returns what it made, in order.
    pub(crate) fn each<T: Send>(&self, work: impl Fn(usize, &mut Tile) -> T + Sync + Send) -> Vec<T> {
        let starts: Vec<usize> = (0..self.activities()).step_by(TILE).collect();
        // one tile a thread, used again and again: fresh memory would cost more than the work
        let tile = || Tile::new(self.activities());
        starts.into_par_iter().map_init(tile, |tile, from| work(from, tile)).collect()
    }
}

/// Everything that the proximity of any pair follows from, in a form that is quick to go through.
pub(crate) struct ProximitySource {
    activities: Labels,
    kind: ProximityKind,
    diagonal: Diagonal,
    /// One row of bits over the places an activity, padded with empty activities to whole tiles.
    words: usize,
    bits: Vec<u64>,
    ubiquity: Vec<f64>,
    /// For `association` and `probability`: s and t.
    occurrences: Vec<f64>,
    all_occurrences: f64,
    /// For `correlation` and `taxonomy`: one vector over the places an activity, whose dot products are wanted.
    vectors: Vec<f64>,
    /// For `correlation`: whether the vector is not zero.
    varies: Vec<bool>,
    places: usize,
}

impl ProximitySource {
    pub(crate) fn new(
        kind: ProximityKind,
        presence: &PresenceMatrix,
        specialisation: Option<&LabelledMatrix>,
        diagonal: Diagonal,
    ) -> Result<Self, ComplexityError> {
        let mut source = Self::from_presence(presence, kind, diagonal);
        if kind == ProximityKind::Correlation {
            let Some(specialisation) = specialisation else { return Err(ComplexityError::NeedsSpecialisation) };
            require_same("activities", ("the presence", presence.activities()), ("the specialisation", specialisation.columns()))?;
            require_same("places", ("the presence", presence.places()), ("the specialisation", specialisation.rows()))?;
            source.vectors = unit_deviations(specialisation, source.ubiquity.len());
            let places = source.places.max(1);
            source.varies = source.vectors.chunks_exact(places).map(|vector| vector.iter().any(|v| *v != 0.0)).collect();
        }
        Ok(source)
    }

    /// All kinds but the correlation, which needs more than the presence.
    pub(crate) fn from_presence(presence: &PresenceMatrix, kind: ProximityKind, diagonal: Diagonal) -> Self {
        let (mut bits, words) = presence.bits_by_activity();
        let n = presence.activities().len();
        let padded = n.next_multiple_of(TILE);
        bits.resize(padded * words, 0);
        let mut ubiquity: Vec<f64> = presence.ubiquity().into_iter().map(f64::from).collect();
        ubiquity.resize(padded, 0.0);
        let diversity: Vec<f64> = presence.diversity().into_iter().map(f64::from).collect();
        let places = diversity.len();
        let mut occurrences = Vec::new();
        let mut all_occurrences = 0.0;
        let mut vectors = Vec::new();
        match kind {
            ProximityKind::Association | ProximityKind::Probability => {
                occurrences = vec![0.0; padded];
                for (place, diversity) in diversity.iter().enumerate() {
                    presence.held(place).for_each(|p| occurrences[p] += diversity - 1.0);
                }
                all_occurrences = occurrences.iter().sum();
            }
            ProximityKind::Taxonomy => {
                vectors = vec![0.0; padded * places];
                for (place, diversity) in diversity.iter().enumerate() {
                    let root = 1.0 / diversity.sqrt();
                    presence.held(place).for_each(|p| vectors[p * places + place] = root);
                }
            }
            _ => {}
        }
        let activities = presence.activities().clone();
        ProximitySource {
            activities,
            kind,
            diagonal,
            words,
            bits,
            ubiquity,
            occurrences,
            all_occurrences,
            vectors,
            varies: Vec::new(),
            places,
        }
    }

    fn fill(&self, from: usize, tile: &mut [f64], turned: bool) {
        struct Fill<'a>(&'a ProximitySource, usize, &'a mut [f64], bool);
        impl pulp::NullaryFnOnce for Fill<'_> {
            type Output = ();
            #[inline(always)]
            fn call(self) {
                self.0.fill_tile(self.1, self.2, self.3);
            }
        }
        pulp::Arch::new().dispatch(Fill(self, from, tile, turned));
    }

    /// How many places have both, for every activity and those of a tile.
    pub(crate) fn counts(&self, from: usize, tile: &mut [f64]) {
        struct Count<'a>(&'a ProximitySource, usize, &'a mut [f64]);
        impl pulp::NullaryFnOnce for Count<'_> {
            type Output = ();
            #[inline(always)]
            fn call(self) {
                self.0.count(self.1, self.2, &self.0.ubiquity, |count, _, _| count);
            }
        }
        pulp::Arch::new().dispatch(Count(self, from, tile));
    }

    #[inline(always)]
    fn fill_tile(&self, from: usize, tile: &mut [f64], turned: bool) {
        let u = self.ubiquity.as_slice();
        match self.kind {
            ProximityKind::Minimum => self.count(from, tile, u, |c, q, j| c / q.max(j).max(1.0)),
            // φ of p to q is C/u_p: the denominator is that of the activity whose neighbours are looked at
            ProximityKind::Asymmetric if turned => self.count(from, tile, u, |c, q, _| c / q.max(1.0)),
            ProximityKind::Asymmetric => self.count(from, tile, u, |c, _, j| c / j.max(1.0)),
            ProximityKind::Cosine => self.count(from, tile, u, |c, q, j| c / (q * j).max(1.0).sqrt()),
            ProximityKind::Jaccard => self.count(from, tile, u, |c, q, j| c / (q + j - c).max(1.0)),
            ProximityKind::Association => {
                let t = self.all_occurrences;
                self.count(from, tile, &self.occurrences, |c, q, j| positive(c * t, q * j));
            }
            ProximityKind::Probability => {
                let t = self.all_occurrences;
                self.count(from, tile, &self.occurrences, |c, q, j| {
                    let expected = (positive(q, t) * positive(j, t - q) + positive(j, t) * positive(q, t - j)) * t / 2.0;
                    positive(c, expected)
                });
            }
            ProximityKind::Correlation => {
                self.multiply(from, tile, |dot, q, j| if self.varies[q] && self.varies[from + j] { (1.0 + dot) / 2.0 } else { 0.0 })
            }
            ProximityKind::Taxonomy => self.multiply(from, tile, |dot, q, j| dot / u[q].max(u[from + j]).max(1.0)),
        }
        let last = self.activities.len().min(from + TILE);
        for p in from..last {
            tile[p * TILE + p - from] = match self.diagonal {
                Diagonal::Zero => 0.0,
                Diagonal::One => f64::from(u8::from(u[p] > 0.0)),
            };
        }
    }

    /// The counts of a tile, and from each with the `known` number of either activity its value. The usual numbers of places (up to 256)
    /// have code of their own, in which the words of a row are a fixed number.
    #[inline(always)]
    fn count(&self, from: usize, tile: &mut [f64], known: &[f64], value: impl Fn(f64, f64, f64) -> f64) {
        match self.words {
            1 => self.count_words::<1>(from, tile, known, value),
            2 => self.count_words::<2>(from, tile, known, value),
            3 => self.count_words::<3>(from, tile, known, value),
            4 => self.count_words::<4>(from, tile, known, value),
            words => {
                let block = &self.bits[from * words..(from + TILE) * words];
                let own = own_numbers(known, from);
                let (cells, _) = tile.as_chunks_mut::<TILE>();
                for ((cells, row), of_row) in cells.iter_mut().zip(self.bits.chunks_exact(words.max(1))).zip(known) {
                    for (cell, other) in cells.iter_mut().zip(block.chunks_exact(words.max(1))) {
                        let both: u32 = row.iter().zip(other).map(|(a, b)| (a & b).count_ones()).sum();
                        *cell = f64::from(both);
                    }
                    for j in 0..TILE {
                        cells[j] = value(cells[j], *of_row, own[j]);
                    }
                }
            }
        }
    }

    #[inline(always)]
    fn count_words<const WORDS: usize>(&self, from: usize, tile: &mut [f64], known: &[f64], value: impl Fn(f64, f64, f64) -> f64) {
        let (rows, _) = self.bits.as_chunks::<WORDS>();
        let mut block = [[0_u64; WORDS]; TILE];
        block.copy_from_slice(&rows[from..from + TILE]);
        let own = own_numbers(known, from);
        let (cells, _) = tile.as_chunks_mut::<TILE>();
        for (cells, row) in cells.iter_mut().zip(rows) {
            for j in 0..TILE {
                let mut both = 0_u32;
                for w in 0..WORDS {
                    both = both.wrapping_add((row[w] & block[j][w]).count_ones());
                }
                cells[j] = f64::from(both as i32);
            }
        }
        // apart from the counts, so that the divisions of a row run side by side
        for (cells, of_row) in cells.iter_mut().zip(known) {
            for j in 0..TILE {
                cells[j] = value(cells[j], *of_row, own[j]);
            }
        }
    }

    #[inline(always)]
    fn multiply(&self, from: usize, tile: &mut [f64], value: impl Fn(f64, usize, usize) -> f64) {
        let places = self.places;
        // the tile's vectors lie side by side, so that all its dot products run at once
        let mut block = vec![0.0; places * TILE];
        for j in 0..TILE {
            for (c, v) in self.vectors[(from + j) * places..(from + j + 1) * places].iter().enumerate() {
                block[c * TILE + j] = *v;
            }
        }
        for (q, cells) in tile.chunks_exact_mut(TILE).enumerate() {
            let mut sums = [0.0; TILE];
            for (v, others) in self.vectors[q * places..(q + 1) * places].iter().zip(block.chunks_exact(TILE)) {
                if *v != 0.0 {
                    sums.iter_mut().zip(others).for_each(|(sum, other)| *sum += v * other);
                }
            }
            for (j, cell) in cells.iter_mut().enumerate() {
                *cell = value(sums[j], q, j);
            }
        }
    }

    pub(crate) fn materialise(&self) -> Proximity {
        let n = self.activities.len();
        let mut values = vec![0.0; n * n];
        values.par_chunks_mut((TILE * n).max(1)).enumerate().for_each(|(block, rows)| {
            let mut tile = vec![0.0; n * TILE];
            self.fill(block * TILE, &mut tile, false);
            for (j, row) in rows.chunks_exact_mut(n.max(1)).enumerate() {
                row.iter_mut().enumerate().for_each(|(q, cell)| *cell = tile[q * TILE + j]);
            }
        });
        Proximity { activities: self.activities.clone(), kind: self.kind, diagonal: self.diagonal, values }
    }
}

/// The numbers of a tile's activities; the arrays are padded to whole tiles.
#[inline(always)]
fn own_numbers(known: &[f64], from: usize) -> [f64; TILE] {
    let mut own = [0.0; TILE];
    own.copy_from_slice(&known[from..from + TILE]);
    own
}

#[inline(always)]
fn positive(value: f64, by: f64) -> f64 {
    if by > 0.0 { value / by } else { 0.0 }
}

/// For every activity its values over the places, less their mean and scaled to length 1, so that dot products are correlations; zeros
/// where they do not vary. Values that are not finite count as 0.
fn unit_deviations(specialisation: &LabelledMatrix, padded: usize) -> Vec<f64> {
    let (places, n) = (specialisation.rows().len(), specialisation.columns().len());
    let mut vectors = vec![0.0; padded * places];
    for place in 0..places {
        for (p, value) in specialisation.row(place).iter().enumerate() {
            vectors[p * places + place] = if value.is_finite() { *value } else { 0.0 };
        }
    }
    for vector in vectors.chunks_exact_mut(places.max(1)).take(n) {
        let mean = vector.iter().sum::<f64>() / places as f64;
        let largest = vector.iter().fold(0.0_f64, |most, v| most.max(v.abs()));
        vector.iter_mut().for_each(|v| *v -= mean);
        let length = vector.iter().map(|v| v * v).sum::<f64>().sqrt();
        // rounding of a constant is no variation
        let scale = if length > 1e-14 * largest * (places as f64).sqrt() { 1.0 / length } else { 0.0 };
        vector.iter_mut().for_each(|v| *v *= scale);
    }
    vectors
}
