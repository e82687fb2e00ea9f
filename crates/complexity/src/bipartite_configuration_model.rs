use crate::{ComplexityError, PresenceMatrix};
use frame::Labels;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

/// The margins must be met to this much (places or activities, not shares).
const MARGIN: f64 = 1e-10;
const STEPS: usize = 500;

/// The bipartite configuration model: the most random presence matrix that keeps, in expectation, how many activities every place has and
/// how many places have every activity (Saracco, Di Clemente, Gabrielli and Squartini 2015).
///
/// Cells are independent with `p_cp = x_c y_p / (1 + x_c y_p)`. Rows of equal diversity share their fugacity x, columns of equal ubiquity
/// their y. Margins that force cells to be 0 or 1 (a place with everything, an activity nowhere, a perfectly nested block) have no finite
/// fugacities; such cells are set apart first, and the matrix falls into blocks that are solved on their own.
#[derive(Debug, Clone, PartialEq)]
pub struct BipartiteConfigurationModel {
    places: Labels,
    activities: Labels,
    place_class: Vec<usize>,
    activity_class: Vec<usize>,
    /// Place classes × activity classes.
    probabilities: Vec<f64>,
    activity_classes: usize,
    /// Places in every class.
    place_count: Vec<u32>,
    place_fugacity: Vec<f64>,
    activity_fugacity: Vec<f64>,
    /// Blocks with random cells that were solved on their own: 1 unless the margins force cells.
    pub blocks: usize,
    /// Cells that the margins force to be 0 or 1.
    pub forced: usize,
    /// The largest distance between an expected and an observed margin.
    pub residual: f64,
    /// Newton steps over all blocks.
    pub steps: usize,
}

/// Solves the bipartite configuration model of a presence matrix: Newton's method on the logarithms of the fugacities of the classes of
/// equal margins, which minimises the convex `Σ ln(1 + x_c y_p) − Σ d_c ln x_c − Σ u_p ln y_p`, until every margin is met to 1e-10.
///
/// Which cells are forced is found from the margins by the condition of Gale and Ryser: `Σ_{c ≤ k} d_c = k·l + Σ_{p > l} u_p` for the k most
/// diverse places and l most ubiquitous activities means that these k × l cells are all 1 and the cells of the other places and other
/// activities all 0.
///
/// # Errors
/// [`ComplexityError::MarginsNotMet`] when the margins are not met after 500 steps.
///
/// ```
/// use xinzhi_complexity::{PresenceMatrix, bipartite_configuration_model};
/// use frame::Labels;
/// let places = Labels::new("places", ["A", "B", "C"])?;
/// let products = Labels::new("products", ["x", "y", "z"])?;
/// let m = PresenceMatrix::new(places, products, [true, true, false, true, false, true, false, true, false])?;
/// let null = bipartite_configuration_model(&m)?;
/// // place C has one product: its chances add up to 1
/// let sum: f64 = ["x", "y", "z"].iter().filter_map(|p| null.get("C", p)).sum();
/// assert!((sum - 1.0).abs() <= 1e-10 && null.residual <= 1e-10);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn bipartite_configuration_model(presence: &PresenceMatrix) -> Result<BipartiteConfigurationModel, ComplexityError> {
    let (diversity, ubiquity) = (presence.diversity(), presence.ubiquity());
    let (place_degrees, place_count, place_class) = classes(&diversity);
    let (activity_degrees, activity_count, activity_class) = classes(&ubiquity);
    let (r, c) = (place_degrees.len(), activity_degrees.len());
    let mut solved = Solved {
        width: c,
        probabilities: vec![0.0; r * c],
        rows: vec![f64::NAN; r],
        columns: vec![f64::NAN; c],
        blocks: 0,
        free: 0,
        steps: 0,
    };
    let block = Block {
        rows: (0..r).collect(),
        columns: (0..c).collect(),
        row_degree: place_degrees.iter().map(|d| u64::from(*d)).collect(),
        column_degree: activity_degrees.iter().map(|d| u64::from(*d)).collect(),
    };
    let counts = Counts {
        rows: place_count.iter().map(|n| u64::from(*n)).collect(),
        columns: activity_count.iter().map(|n| u64::from(*n)).collect(),
    };
    let mut open = vec![block];
    while let Some(block) = open.pop() {
        if block.rows.is_empty() || block.columns.is_empty() {
            continue;
        }
        match block.forced_part(&counts) {
            Some((k, l)) => open.extend(block.split(k, l, &counts, &mut solved)),
            None => block.solve(&counts, &mut solved)?,
        }
    }
    // over the whole matrix, not block by block
    let row_residual = (0..r).map(|i| {
        let expected: f64 = (0..c).map(|j| solved.probabilities[i * c + j] * f64::from(activity_count[j])).sum();
        (expected - f64::from(place_degrees[i])).abs()
    });
    let column_residual = (0..c).map(|j| {
        let expected: f64 = (0..r).map(|i| solved.probabilities[i * c + j] * f64::from(place_count[i])).sum();
        (expected - f64::from(activity_degrees[j])).abs()
    });
    let residual = row_residual.chain(column_residual).fold(0.0, f64::max);
    if residual > MARGIN || residual.is_nan() {
        return Err(ComplexityError::MarginsNotMet { residual: format!("{residual:.1e}"), steps: solved.steps });
    }
    // what no block of random cells holds has a forced fugacity: everything or nothing
    let limit = |fugacity: f64, full: bool| match (fugacity.is_nan(), full) {
        (false, _) => fugacity,
        (true, true) => f64::INFINITY,
        (true, false) => 0.0,
    };
    let place_fugacity = place_class.iter().map(|i| limit(solved.rows[*i], place_degrees[*i] > 0)).collect();
    let activity_fugacity = activity_class.iter().map(|j| limit(solved.columns[*j], activity_degrees[*j] > 0)).collect();
    Ok(BipartiteConfigurationModel {
        places: presence.places().clone(),
        activities: presence.activities().clone(),
        forced: diversity.len() * ubiquity.len() - solved.free,
        place_class,
        activity_class,
        probabilities: solved.probabilities,
        activity_classes: c,
        place_count,
        place_fugacity,
        activity_fugacity,
        blocks: solved.blocks,
        residual,
        steps: solved.steps,
    })
}

/// Distinct degrees, descending, how many units have each, and the class of every unit.
fn classes(degrees: &[u32]) -> (Vec<u32>, Vec<u32>, Vec<usize>) {
    let mut distinct: Vec<u32> = degrees.to_vec();
    distinct.sort_unstable_by(|a, b| b.cmp(a));
    distinct.dedup();
    let class: Vec<usize> = degrees.iter().map(|d| distinct.partition_point(|e| e > d)).collect();
    let mut count = vec![0; distinct.len()];
    class.iter().for_each(|c| count[*c] += 1);
    (distinct, count, class)
}

struct Counts {
    rows: Vec<u64>,
    columns: Vec<u64>,
}

struct Solved {
    width: usize,
    probabilities: Vec<f64>,
    rows: Vec<f64>,
    columns: Vec<f64>,
    blocks: usize,
    free: usize,
    steps: usize,
}

/// Classes of rows and columns, by descending degree within the block.
struct Block {
    rows: Vec<usize>,
    columns: Vec<usize>,
    row_degree: Vec<u64>,
    column_degree: Vec<u64>,
}

impl Block {
    /// The first k row classes and l column classes whose cells are forced to be 1, those of the rest with the rest to be 0; nothing when
    /// no cell is forced.
    fn forced_part(&self, counts: &Counts) -> Option<(usize, usize)> {
        let columns: u64 = self.columns.iter().map(|j| counts.columns[*j]).sum();
        let (mut rows, mut held) = (0, 0);
        for k in 0..=self.rows.len() {
            // columns of a degree equal to the number of rows may stand on either side
            for l in [self.column_degree.partition_point(|d| *d > rows), self.column_degree.partition_point(|d| *d >= rows)] {
                let left: u64 = self.columns[..l].iter().map(|j| counts.columns[*j]).sum();
                let rest: u64 = self.columns[l..].iter().zip(&self.column_degree[l..]).map(|(j, d)| counts.columns[*j] * d).sum();
                let says_nothing = (k == 0 && left == columns) || (k == self.rows.len() && l == 0);
                if !says_nothing && held == rows * left + rest {
                    return Some((k, l));
                }
            }
            if k < self.rows.len() {
                rows += counts.rows[self.rows[k]];
                held += counts.rows[self.rows[k]] * self.row_degree[k];
            }
        }
        None
    }

    /// The forced cells are written down; what is left are the cells of the first rows with the rest of the columns, and of the rest of
    /// the rows with the first columns.
    fn split(self, k: usize, l: usize, counts: &Counts, solved: &mut Solved) -> [Block; 2] {
        for i in &self.rows[..k] {
            self.columns[..l].iter().for_each(|j| solved.probabilities[i * solved.width + j] = 1.0);
        }
        let full_columns: u64 = self.columns[..l].iter().map(|j| counts.columns[*j]).sum();
        let full_rows: u64 = self.rows[..k].iter().map(|i| counts.rows[*i]).sum();
        let upper = Block {
            rows: self.rows[..k].to_vec(),
            columns: self.columns[l..].to_vec(),
            row_degree: self.row_degree[..k].iter().map(|d| d - full_columns).collect(),
            column_degree: self.column_degree[l..].to_vec(),
        };
        let lower = Block {
            rows: self.rows[k..].to_vec(),
            columns: self.columns[..l].to_vec(),
            row_degree: self.row_degree[k..].to_vec(),
            column_degree: self.column_degree[..l].iter().map(|d| d - full_rows).collect(),
        };
        [upper, lower]
    }

    /// Newton's method with halved steps; the larger side is eliminated, the smaller one solved by Cholesky's method.
    fn solve(&self, counts: &Counts, solved: &mut Solved) -> Result<(), ComplexityError> {
        let turned = self.rows.len() < self.columns.len();
        let side = |classes: &[usize], count: &[u64], degree: &[u64]| Side {
            count: classes.iter().map(|i| count[*i] as f64).collect(),
            degree: degree.iter().map(|d| *d as f64).collect(),
        };
        let rows = side(&self.rows, &counts.rows, &self.row_degree);
        let columns = side(&self.columns, &counts.columns, &self.column_degree);
        let (large, small) = if turned { (&columns, &rows) } else { (&rows, &columns) };
        let (theta, eta, steps) = newton(large, small)?;
        let (row_log, column_log) = if turned { (&eta, &theta) } else { (&theta, &eta) };
        for (i, t) in self.rows.iter().zip(row_log) {
            solved.rows[*i] = t.exp();
            for (j, e) in self.columns.iter().zip(column_log) {
                solved.probabilities[i * solved.width + j] = logistic(t + e);
            }
        }
        self.columns.iter().zip(column_log).for_each(|(j, e)| solved.columns[*j] = e.exp());
        solved.steps += steps;
        solved.blocks += 1;
        solved.free += (rows.count.iter().sum::<f64>() * columns.count.iter().sum::<f64>()) as usize;
        Ok(())
    }
}

/// One side of a block: how many units every class has, and their degree.
struct Side {
    count: Vec<f64>,
    degree: Vec<f64>,
}

/// `1 / (1 + e^-v)` without overflow.
fn logistic(v: f64) -> f64 {
    if v >= 0.0 {
        1.0 / (1.0 + (-v).exp())
    } else {
        let e = v.exp();
        e / (1.0 + e)
    }
}

/// `ln(1 + e^v)` without overflow.
fn log_one_plus(v: f64) -> f64 {
    v.max(0.0) + (-v.abs()).exp().ln_1p()
}

/// The logarithms of the fugacities of both sides, and the steps it took.
fn newton(large: &Side, small: &Side) -> Result<(Vec<f64>, Vec<f64>, usize), ComplexityError> {
    let (n, m) = (large.count.len(), small.count.len());
    let links: f64 = large.count.iter().zip(&large.degree).map(|(c, d)| c * d).sum();
    // the solution of a sparse matrix
    let mut theta: Vec<f64> = large.degree.iter().map(|d| (d / links.sqrt()).ln()).collect();
    let mut eta: Vec<f64> = small.degree.iter().map(|d| (d / links.sqrt()).ln()).collect();
    let value = |theta: &[f64], eta: &[f64]| -> f64 {
        let mut sum = 0.0;
        for (i, t) in theta.iter().enumerate() {
            let row: f64 = eta.iter().zip(&small.count).map(|(e, c)| c * log_one_plus(t + e)).sum();
            sum += large.count[i] * (row - large.degree[i] * t);
        }
        sum - eta.iter().enumerate().map(|(j, e)| small.count[j] * small.degree[j] * e).sum::<f64>()
    };
    let mut known = value(&theta, &eta);
    let mut residual = f64::INFINITY;
    let mut best_of_last = 0;
    for step in 0..STEPS {
        // gradient g and Hessian [D1 B; B' D2] of the convex function
        let mut cross = vec![0.0; n * m];
        let (mut g1, mut g2) = (vec![0.0; n], vec![0.0; m]);
        let (mut d1, mut d2) = (vec![0.0; n], vec![0.0; m]);
        for i in 0..n {
            for j in 0..m {
                let weight = large.count[i] * small.count[j];
                let p = logistic(theta[i] + eta[j]);
                let q = logistic(-theta[i] - eta[j]);
                g1[i] += weight * p;
                g2[j] += weight * p;
                cross[i * m + j] = weight * p * q;
                d1[i] += weight * p * q;
                d2[j] += weight * p * q;
            }
        }
        let mut worst = 0.0_f64;
        for (g, side) in [(&mut g1, large), (&mut g2, small)] {
            for (k, g) in g.iter_mut().enumerate() {
                *g -= side.count[k] * side.degree[k];
                worst = worst.max((*g / side.count[k]).abs());
            }
        }
        // a few more steps than needed cost nothing and reach the last digits
        let improved = worst < residual;
        residual = residual.min(worst);
        if worst <= MARGIN / 4.0 {
            best_of_last += 1;
            if !improved || best_of_last > 2 || worst == 0.0 {
                return Ok((theta, eta, step));
            }
        }
        let (s1, s2) = newton_direction(&cross, &d1, &d2, &g1, &g2);
        let slope: f64 = s1.iter().zip(&g1).chain(s2.iter().zip(&g2)).map(|(s, g)| s * g).sum();
        let mut length = 1.0;
        loop {
            let new_theta: Vec<f64> = theta.iter().zip(&s1).map(|(t, s)| t + length * s).collect();
            let new_eta: Vec<f64> = eta.iter().zip(&s2).map(|(e, s)| e + length * s).collect();
            let new = value(&new_theta, &new_eta);
            // near the minimum the value no longer tells steps apart
            if new <= known + 1e-4 * length * slope + 1e-13 * known.abs() || length < 1e-9 {
                (theta, eta, known) = (new_theta, new_eta, new);
                break;
            }
            length /= 2.0;
        }
    }
    Err(ComplexityError::MarginsNotMet { residual: format!("{residual:.1e}"), steps: STEPS })
}

/// `−H^-1 g` with the last fugacity of the smaller side held: multiplying all x and dividing all y by one number changes nothing.
fn newton_direction(cross: &[f64], d1: &[f64], d2: &[f64], g1: &[f64], g2: &[f64]) -> (Vec<f64>, Vec<f64>) {
    let m = d2.len();
    let free = m - 1;
    // the complement of Schur on the smaller side
    let mut schur = vec![0.0; free * free];
    let mut right: Vec<f64> = g2[..free].iter().map(|g| -g).collect();
    for ((row, d), g) in cross.chunks_exact(m).zip(d1).zip(g1) {
        for j in 0..free {
            let scaled = row[j] / d;
            right[j] += scaled * g;
            schur[j * free..j * free + j + 1].iter_mut().zip(row).for_each(|(cell, b)| *cell -= scaled * b);
        }
    }
    (0..free).for_each(|j| schur[j * free + j] += d2[j]);
    let mut s2 = cholesky_solve(&mut schur, right);
    s2.push(0.0);
    let s1 = cross
        .chunks_exact(m)
        .zip(d1.iter().zip(g1))
        .map(|(row, (d, g))| (-g - row.iter().zip(&s2).map(|(b, s)| b * s).sum::<f64>()) / d)
        .collect();
    (s1, s2)
}

/// Solves `A x = b` for a positive definite A given by its lower half; a pivot that rounding has eaten is lifted a little, which shortens
/// the step in that direction and leaves the solution of the iteration where it is.
fn cholesky_solve(a: &mut [f64], mut b: Vec<f64>) -> Vec<f64> {
    let n = b.len();
    for j in 0..n {
        let diagonal = a[j * n + j];
        let sum: f64 = a[j * n..j * n + j].iter().map(|v| v * v).sum();
        let pivot = (diagonal - sum).max(diagonal.abs() * 1e-14).max(f64::MIN_POSITIVE).sqrt();
        a[j * n + j] = pivot;
        let (top, bottom) = a.split_at_mut((j + 1) * n);
        let row = &top[j * n..j * n + j];
        for i in 0..n - j - 1 {
            let other = &mut bottom[i * n..i * n + j + 1];
            let dot: f64 = other[..j].iter().zip(row).map(|(x, y)| x * y).sum();
            other[j] = (other[j] - dot) / pivot;
        }
    }
    for i in 0..n {
        let dot: f64 = (0..i).map(|k| a[i * n + k] * b[k]).sum();
        b[i] = (b[i] - dot) / a[i * n + i];
    }
    for i in (0..n).rev() {
        let dot: f64 = (i + 1..n).map(|k| a[k * n + i] * b[k]).sum();
        b[i] = (b[i] - dot) / a[i * n + i];
    }
    b
}

impl BipartiteConfigurationModel {
    /// The places.
    pub fn places(&self) -> &Labels {
        &self.places
    }

    /// The activities.
    pub fn activities(&self) -> &Labels {
        &self.activities
    }

    /// The probability that a place has an activity, by position.
    pub fn at(&self, place: usize, activity: usize) -> f64 {
        self.probabilities[self.place_class[place] * self.activity_classes + self.activity_class[activity]]
    }

    /// The probability that a place has an activity, by label.
    pub fn get(&self, place: &str, activity: &str) -> Option<f64> {
        Some(self.at(self.places.position(place)?, self.activities.position(activity)?))
    }

    /// The fugacity x of every place: 0 for a place without activities, infinite for one whose cells are all forced otherwise. Fixed up
    /// to a common factor, within each block; with more than one block take [`BipartiteConfigurationModel::at`] instead.
    pub fn place_fugacities(&self) -> &[f64] {
        &self.place_fugacity
    }

    /// The fugacity y of every activity, as [`BipartiteConfigurationModel::place_fugacities`].
    pub fn activity_fugacities(&self) -> &[f64] {
        &self.activity_fugacity
    }

    /// How many places are expected to have each pair of classes of activities, and the chances of every class of places: what the
    /// distribution of a co-occurrence is made of.
    fn chances(&self, p: usize, q: usize) -> Vec<(f64, u32)> {
        let at = |i: usize| self.probabilities[i * self.activity_classes + p] * self.probabilities[i * self.activity_classes + q];
        self.place_count.iter().enumerate().map(|(i, count)| (at(i), *count)).collect()
    }
}

/// How the distribution of a co-occurrence, a sum of independent places with unequal chances (Poisson binomial), is evaluated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TailMethod {
    /// Exact by convolution where that takes at most some 10^10 additions over all pairs, else by saddle point.
    #[default]
    Automatic,
    /// Exact by convolution, `O(places²)` a pair of classes; relative error about 1e-13, small tails included.
    Exact,
    /// The saddle-point formula of Lugannani and Rice (1980) with Daniels' (1987) correction for whole numbers; relative error under 1 % in
    /// the tests for tails above 1e-30 of a sum with a variance of at least 1, without a proven bound.
    SaddlePoint,
    /// The Poisson distribution of the same mean λ. No probability is wrong by more than `min(1, 1/λ) Σ q_c²` (Barbour and Hall
    /// 1984, sharpening Le Cam 1960); the result carries the largest such bound.
    Poisson,
}

/// How co-occurrences are tested.
///
/// ```
/// assert_eq!(xinzhi_complexity::SignificanceOptions::default().level, 0.05);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct SignificanceOptions {
    /// The false discovery rate α over all pairs.
    pub level: f64,
    /// How the tails are evaluated.
    pub method: TailMethod,
}

impl Default for SignificanceOptions {
    fn default() -> Self {
        SignificanceOptions { level: 0.05, method: TailMethod::Automatic }
    }
}

/// How surprising every co-occurrence of two activities is under the bipartite configuration model.
#[derive(Debug, Clone, PartialEq)]
pub struct CoOccurrenceSignificance {
    activities: Labels,
    /// The upper half, row by row.
    values: Vec<f64>,
    present: Vec<bool>,
    /// Pairs tested: all pairs of activities that some place has.
    pub tests: usize,
    /// Pairs that pass.
    pub validated: usize,
    /// The largest p-value that passes; nothing when no pair does.
    pub threshold: Option<f64>,
    /// The method used, never [`TailMethod::Automatic`].
    pub method: TailMethod,
    /// The largest bound on the error of a p-value, where the method has one: 0 for the exact one.
    pub error_bound: Option<f64>,
    /// What was asked for.
    pub options: SignificanceOptions,
}

/// One-sided p-value of the co-occurrence `C_pq = Σ_c M_cp M_cq` of every pair of activities: the probability of at least as many
/// places with both when cells are independent with the chances of the bipartite configuration model, `C ~ Σ_c Bernoulli(p_cp p_cq)`;
/// then the pairs that pass at false discovery rate α over all pairs (Benjamini and Hochberg 1995). What remains is the part of
/// a proximity that diversity and ubiquity do not explain (Saracco, Straka, Di Clemente, Gabrielli, Caldarelli and Squartini 2017).
///
/// # Errors
/// [`ComplexityError::LabelsDiffer`] for a model of other places or activities, [`ComplexityError::Option`] for a level outside 0..1.
///
/// ```
/// use xinzhi_complexity::*;
/// use frame::Labels;
/// let places = Labels::new("places", ["A", "B"])?;
/// let m = PresenceMatrix::new(places, Labels::new("products", ["x", "y"])?, [true, true, false, false])?;
/// let null = bipartite_configuration_model(&m)?;
/// let found = co_occurrence_significance(&m, &null, &SignificanceOptions::default())?;
/// // a place with everything and one with nothing: the margins leave no other matrix, so nothing is surprising
/// assert_eq!((found.get("x", "y"), found.validated), (Some(1.0), 0));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn co_occurrence_significance(
    presence: &PresenceMatrix,
    null: &BipartiteConfigurationModel,
    options: &SignificanceOptions,
) -> Result<CoOccurrenceSignificance, ComplexityError> {
    use crate::error::require_same;
    require_same("places", ("the presence", presence.places()), ("the null model", null.places()))?;
    require_same("activities", ("the presence", presence.activities()), ("the null model", null.activities()))?;
    if !(options.level > 0.0 && options.level < 1.0) {
        return Err(ComplexityError::Option {
            option: "level",
            value: options.level.to_string(),
            requirement: "a false discovery rate between 0 and 1",
        });
    }
    let n = presence.activities().len();
    let k = null.activity_classes;
    let places = presence.places().len();
    let mut members: Vec<Vec<usize>> = vec![Vec::new(); k];
    null.activity_class.iter().enumerate().for_each(|(p, class)| members[*class].push(p));
    let method = match options.method {
        TailMethod::Automatic => {
            let additions = (k * (k + 1) / 2) as f64 * (places as f64).powi(2) / 2.0;
            if additions <= EXACT_BUDGET { TailMethod::Exact } else { TailMethod::SaddlePoint }
        }
        chosen => chosen,
    };
    let (bits, words) = presence.bits_by_activity();
    let together = |p: usize, q: usize| -> usize {
        let rows = bits[p * words..(p + 1) * words].iter().zip(&bits[q * words..(q + 1) * words]);
        rows.map(|(a, b)| (a & b).count_ones() as usize).sum()
    };
    // all pairs of two classes share one distribution; pairs of classes are independent of each other
    let pairs: Vec<(usize, usize)> = (0..k).flat_map(|a| (a..k).map(move |b| (a, b))).collect();
    let found: Vec<(Vec<Cell>, f64)> = pairs
        .par_iter()
        .map(|(a, b)| {
            let mut seen = Vec::new();
            for (at, p) in members[*a].iter().enumerate() {
                let others = if a == b { &members[*a][at + 1..] } else { &members[*b][..] };
                seen.extend(others.iter().map(|q| (*p.min(q), *p.max(q), together(*p, *q))));
            }
            if seen.is_empty() {
                return (Vec::new(), 0.0);
            }
            let chances = null.chances(*a, *b);
            let needed = seen.iter().map(|s| s.2).max().unwrap_or(0);
            let (tails, bound) = tails(&chances, needed, method, &seen);
            (seen.into_iter().map(|(p, q, count)| (p, q, tails[count])).collect(), bound)
        })
        .collect();
    let mut values = vec![1.0; n * n.saturating_sub(1) / 2];
    let mut bound = 0.0_f64;
    for (cells, error) in found {
        bound = bound.max(error);
        cells.into_iter().for_each(|(p, q, value)| values[upper(n, p, q)] = value);
    }
    let present: Vec<bool> = presence.ubiquity().iter().map(|u| *u > 0).collect();
    let held = present.iter().filter(|p| **p).count();
    let tests = held * held.saturating_sub(1) / 2;
    let threshold = benjamini_hochberg(&values, tests, options.level);
    let validated = threshold.map_or(0, |limit| values.iter().filter(|v| **v <= limit).count());
    let error_bound = match method {
        TailMethod::Exact => Some(0.0),
        TailMethod::Poisson => Some(bound),
        TailMethod::SaddlePoint | TailMethod::Automatic => None,
    };
    Ok(CoOccurrenceSignificance {
        activities: presence.activities().clone(),
        values,
        present,
        tests,
        validated,
        threshold,
        method,
        error_bound,
        options: *options,
    })
}

/// A pair of activities and its p-value.
type Cell = (usize, usize, f64);

/// Additions over all pairs of classes up to which the exact distribution is taken.
const EXACT_BUDGET: f64 = 1e10;

/// Where a pair p < q stands in the upper half.
fn upper(n: usize, p: usize, q: usize) -> usize {
    p * (2 * n - p - 1) / 2 + q - p - 1
}

/// The largest p-value that passes at a false discovery rate. Pairs that are not tested have p = 1 and are never below the line.
fn benjamini_hochberg(values: &[f64], tests: usize, level: f64) -> Option<f64> {
    let mut low: Vec<f64> = values.iter().copied().filter(|v| *v <= level).collect();
    low.sort_unstable_by(f64::total_cmp);
    (0..low.len()).rev().find(|i| low[*i] <= level * (*i as f64 + 1.0) / tests as f64).map(|i| low[i])
}

/// `P(X >= count)` for the counts that were seen, and the bound on the error of any of them.
fn tails(chances: &[(f64, u32)], needed: usize, method: TailMethod, seen: &[(usize, usize, usize)]) -> (Vec<f64>, f64) {
    match method {
        TailMethod::Exact | TailMethod::Automatic => {
            let mass = poisson_binomial(chances);
            let mut tails = vec![0.0; mass.len().max(needed + 1)];
            // from the small end, so that a small tail keeps its digits
            let mut sum = 0.0;
            for (at, m) in mass.iter().enumerate().rev() {
                sum += m;
                tails[at] = f64::min(sum, 1.0);
            }
            tails[0] = 1.0;
            (tails, 0.0)
        }
        TailMethod::Poisson => {
            let mean: f64 = chances.iter().map(|(q, n)| q * f64::from(*n)).sum();
            let squares: f64 = chances.iter().map(|(q, n)| q * q * f64::from(*n)).sum();
            let tails = (0..=needed).map(|count| poisson_tail(mean, count)).collect();
            (tails, (1.0 / mean.max(1.0)) * squares)
        }
        TailMethod::SaddlePoint => {
            let mut tails = vec![1.0; needed + 1];
            let mut counts: Vec<usize> = seen.iter().map(|s| s.2).collect();
            counts.sort_unstable();
            counts.dedup();
            counts.into_iter().for_each(|count| tails[count] = saddle_point_tail(chances, count));
            (tails, 0.0)
        }
    }
}

/// The probabilities of 0, 1, … successes of independent trials with the given chances, each so many times.
///
/// A chance of 1 shifts the distribution, a chance of 0 leaves it; both are exact.
fn poisson_binomial(chances: &[(f64, u32)]) -> Vec<f64> {
    let mut mass = vec![1.0];
    for (q, times) in chances.iter().filter(|(q, _)| *q > 0.0) {
        for _ in 0..*times {
            mass.push(0.0);
            for at in (1..mass.len()).rev() {
                mass[at] = mass[at] * (1.0 - q) + mass[at - 1] * q;
            }
            mass[0] *= 1.0 - q;
        }
    }
    mass
}

/// `P(X >= count)` of a Poisson distribution.
fn poisson_tail(mean: f64, count: usize) -> f64 {
    if count == 0 {
        return 1.0;
    }
    if mean <= 0.0 {
        return 0.0;
    }
    let log_mass = |k: usize| k as f64 * mean.ln() - mean - log_factorial(k);
    if count as f64 > mean {
        // the terms fall from here on
        let (mut term, mut sum, mut at) = (log_mass(count).exp(), 0.0, count);
        while term > sum * 1e-17 && term > 0.0 {
            sum += term;
            at += 1;
            term *= mean / at as f64;
        }
        sum.min(1.0)
    } else {
        (1.0 - (0..count).map(|k| log_mass(k).exp()).sum::<f64>()).clamp(0.0, 1.0)
    }
}

fn log_factorial(k: usize) -> f64 {
    (2..=k).map(|i| (i as f64).ln()).sum()
}

/// `P(X >= count)` by the saddle-point formula for whole numbers.
fn saddle_point_tail(chances: &[(f64, u32)], count: usize) -> f64 {
    let certain: u32 = chances.iter().filter(|(q, _)| *q >= 1.0).map(|(_, n)| n).sum();
    let open: Vec<(f64, f64)> = chances.iter().filter(|(q, _)| *q > 0.0 && *q < 1.0).map(|(q, n)| (*q, f64::from(*n))).collect();
    let most: f64 = open.iter().map(|(_, n)| n).sum();
    let x = count as f64 - f64::from(certain);
    if x <= 0.0 {
        return 1.0;
    }
    if x > most {
        return 0.0;
    }
    if x == most {
        return open.iter().map(|(q, n)| n * q.ln()).sum::<f64>().exp();
    }
    let mean: f64 = open.iter().map(|(q, n)| n * q).sum();
    // the point s where the tilted sum has mean x: increasing in s, so Newton inside a bracket
    let moments = |s: f64| -> (f64, f64) {
        open.iter().fold((0.0, 0.0), |(first, second), (q, n)| {
            let tilted = logistic(s + (q / (1.0 - q)).ln());
            (first + n * tilted, second + n * tilted * (1.0 - tilted))
        })
    };
    let (mut low, mut high) = (-60.0_f64, 60.0_f64);
    let mut s = 0.0;
    for _ in 0..200 {
        let (first, second) = moments(s);
        if first < x {
            low = s;
        } else {
            high = s;
        }
        let newton = s + (x - first) / second;
        let next = if newton > low && newton < high { newton } else { (low + high) / 2.0 };
        if (next - s).abs() <= 1e-13 * (1.0 + s.abs()) {
            s = next;
            break;
        }
        s = next;
    }
    let (_, variance) = moments(s);
    let generating: f64 = open.iter().map(|(q, n)| n * (q * s.exp_m1()).ln_1p()).sum();
    // at the mean itself the formula is 0/0; its limit is the first term of Edgeworth
    if (x - mean).abs() < 1e-3 * variance.sqrt().max(1e-9) {
        let third: f64 = open.iter().map(|(q, n)| n * q * (1.0 - q) * (1.0 - 2.0 * q)).sum();
        let root = (2.0 * std::f64::consts::PI).sqrt();
        return (0.5 - third / (6.0 * root * variance.powf(1.5)) + 0.5 / (root * variance.sqrt())).clamp(0.0, 1.0);
    }
    let w = (2.0 * (s * x - generating)).max(0.0).sqrt() * s.signum();
    let u = -(-s).exp_m1() * variance.sqrt();
    let density = (-w * w / 2.0).exp() / (2.0 * std::f64::consts::PI).sqrt();
    (normal_tail(w) + density * (1.0 / u - 1.0 / w)).clamp(0.0, 1.0)
}

/// `P(Z >= w)` of the standard normal distribution: a series below 3, a continued fraction above; relative error about 1e-14.
fn normal_tail(w: f64) -> f64 {
    let density = (-w * w / 2.0).exp() / (2.0 * std::f64::consts::PI).sqrt();
    if w < 0.0 {
        return 1.0 - normal_tail(-w);
    }
    if w < 3.0 {
        let (mut term, mut sum, mut k) = (w, w, 1.0);
        while term > sum * 1e-17 {
            k += 2.0;
            term *= w * w / k;
            sum += term;
        }
        return 0.5 - density * sum;
    }
    let fraction = (1..=120).rev().fold(w, |below, k| w + f64::from(k) / below);
    density / fraction
}

impl CoOccurrenceSignificance {
    /// The activities.
    pub fn activities(&self) -> &Labels {
        &self.activities
    }

    /// The p-value of two activities by position; nothing for an activity with itself.
    pub fn at(&self, a: usize, b: usize) -> Option<f64> {
        let n = self.activities.len();
        (a != b && a.max(b) < n).then(|| self.values[upper(n, a.min(b), a.max(b))])
    }

    /// The p-value of two activities by label.
    pub fn get(&self, a: &str, b: &str) -> Option<f64> {
        self.at(self.activities.position(a)?, self.activities.position(b)?)
    }

    /// Whether two activities pass the test over all pairs, by position.
    pub fn is_validated_at(&self, a: usize, b: usize) -> bool {
        let tested = a.max(b) < self.present.len() && self.present[a] && self.present[b];
        tested && self.threshold.is_some_and(|limit| self.at(a, b).is_some_and(|p| p <= limit))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The distribution by going through every outcome.
    fn by_enumeration(q: &[f64]) -> Vec<f64> {
        let mut mass = vec![0.0; q.len() + 1];
        for outcome in 0_u32..1 << q.len() {
            let chance: f64 = q.iter().enumerate().map(|(i, q)| if outcome >> i & 1 == 1 { *q } else { 1.0 - q }).product();
            mass[outcome.count_ones() as usize] += chance;
        }
        mass
    }

    #[test]
    fn the_poisson_binomial_equals_enumeration() {
        let q = [0.9, 0.03, 0.4, 0.4, 0.0, 1.0, 0.71, 0.2, 1e-6, 0.55, 0.33];
        let chances: Vec<(f64, u32)> = [(0.4, 2)].into_iter().chain(q.iter().filter(|v| **v != 0.4).map(|v| (*v, 1))).collect();
        let (exact, ours) = (by_enumeration(&q), poisson_binomial(&chances));
        for (k, mass) in exact.iter().enumerate() {
            let own = ours.get(k).copied().unwrap_or(0.0);
            assert!((own - mass).abs() <= 1e-13 * mass, "{k}: {own} {mass}");
        }
        assert_eq!(ours.len(), 11, "a chance of 0 adds no outcome");
    }

    #[test]
    fn the_saddle_point_stays_within_a_hundredth() {
        for (seed, scale) in [(1_u64, 0.9), (2, 0.3), (3, 0.1), (4, 0.03)] {
            let q: Vec<(f64, u32)> = (0..230)
                .map(|i| (crate::communities::split_mix(seed * 1000 + i) as f64 / u64::MAX as f64 * scale, 1))
                .chain([(1.0, 3), (0.0, 5)])
                .collect();
            let variance: f64 = q.iter().map(|(q, n)| f64::from(*n) * q * (1.0 - q)).sum();
            assert!(variance >= 1.0);
            let mass = poisson_binomial(&q);
            let mut exact = 0.0;
            for count in (0..mass.len()).rev() {
                exact += mass[count];
                let own = saddle_point_tail(&q, count);
                if exact > 1e-30 {
                    assert!((own - exact).abs() <= 0.01 * exact, "{seed} {count}: {own:e} {exact:e}");
                }
            }
        }
    }

    #[test]
    fn the_poisson_stays_within_its_bound() {
        let q: Vec<(f64, u32)> = (1..60).map(|i| (0.002 * f64::from(i), 1)).collect();
        let mass = poisson_binomial(&q);
        let (tails, bound) = tails(&q, 20, TailMethod::Poisson, &[]);
        assert!(bound < 0.1 && bound > 0.0);
        let mut exact = 1.0;
        for (count, own) in tails.iter().enumerate() {
            assert!((own - exact).abs() <= bound, "{count}: {own} {exact} {bound}");
            exact -= mass[count];
        }
    }

    #[test]
    fn normal_tails_match_tables() {
        // values of the error function by mpmath-style series: scipy.stats.norm.sf
        for (w, tail) in
            [(0.0, 0.5), (1.0, 0.15865525393145707), (2.5, 0.006209665325776132), (5.0, 2.866515718791933e-7), (-1.0, 0.8413447460685429)]
        {
            assert!((normal_tail(w) - tail).abs() <= 1e-12 * tail, "{w}: {} {tail}", normal_tail(w));
        }
        assert!((normal_tail(30.0) / 4.906713927148187e-198 - 1.0).abs() < 1e-9);
    }

    #[test]
    fn benjamini_and_hochberg_pick_the_last_value_below_the_line() {
        // the example of their paper (15 tests, level 0.05): four pass
        let p = [0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.0];
        assert_eq!(benjamini_hochberg(&p, 15, 0.05), Some(0.0095));
        assert_eq!(benjamini_hochberg(&[0.5, 0.9], 2, 0.05), None);
    }
}
