use crate::elimination::{Elimination, Number, Pivot};
use crate::inverse_diagonal::inverse_diagonal;
use crate::regional_iteration::{RegionalIteration, SWEEPS};
use crate::{ChainError, InputOutputSystem};
use faer::dyn_stack::{MemBuffer, MemStack};
use faer::linalg::lu::partial_pivoting::{factor, solve};
use faer::linalg::matmul::matmul;
use faer::perm::PermRef;
use faer::{Accum, Mat, MatMut, MatRef, Par};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use std::ops::Range;

/// How many right-hand sides are solved together: fixed, so that results do not depend on the number of threads.
pub(crate) const BLOCK: usize = 128;

/// An LU factorisation with partial pivoting, L and U packed in one matrix. Always sequential: the same bytes on any machine load.
pub(crate) struct Lu {
    packed: Mat<f64>,
    forward: Vec<usize>,
    inverse: Vec<usize>,
}

impl Lu {
    /// Factorises, or gives `None` where the matrix is singular to working precision.
    pub(crate) fn new(mut matrix: Mat<f64>) -> Option<Self> {
        let n = matrix.nrows();
        let (mut forward, mut inverse) = (vec![0; n], vec![0; n]);
        let mut memory = MemBuffer::new(factor::lu_in_place_scratch::<usize, f64>(n, n, Par::Seq, Default::default()));
        factor::lu_in_place(matrix.as_mut(), &mut forward, &mut inverse, Par::Seq, MemStack::new(&mut memory), Default::default());
        let pivots = || (0..n).map(|i| matrix[(i, i)].abs());
        let largest = pivots().fold(0.0, f64::max);
        let threshold = largest * n as f64 * f64::EPSILON;
        // written so that a NaN pivot counts as singular
        if pivots().all(|pivot| pivot > threshold && pivot.is_finite()) { Some(Lu { packed: matrix, forward, inverse }) } else { None }
    }

    fn with(&self, vectors: &mut [f64], transposed: bool) {
        let n = self.forward.len();
        let k = vectors.len() / n;
        let permutation = PermRef::new_checked(&self.forward, &self.inverse, n);
        let (lu, rhs) = (self.packed.as_ref(), MatMut::from_column_major_slice_mut(vectors, n, k));
        if transposed {
            let mut memory = MemBuffer::new(solve::solve_transpose_in_place_scratch::<usize, f64>(n, k, Par::Seq));
            solve::solve_transpose_in_place(lu, lu, permutation, rhs, Par::Seq, MemStack::new(&mut memory));
        } else {
            let mut memory = MemBuffer::new(solve::solve_in_place_scratch::<usize, f64>(n, k, Par::Seq));
            solve::solve_in_place(lu, lu, permutation, rhs, Par::Seq, MemStack::new(&mut memory));
        }
    }

    /// Solves M X = B for vectors that stand one after the other.
    pub(crate) fn solve(&self, vectors: &mut [f64]) {
        self.with(vectors, false);
    }

    /// Solves M' X = B for vectors that stand one after the other.
    pub(crate) fn solve_transposed(&self, vectors: &mut [f64]) {
        self.with(vectors, true);
    }

    /// The diagonal of M⁻¹.
    #[cfg(test)]
    pub(crate) fn inverse_diagonal(&self) -> Vec<f64> {
        inverse_diagonal(self.packed.as_ref(), |row| self.inverse[row])
    }
}

/// I − A restricted to a range of industries.
pub(crate) fn identity_minus_coefficients(system: &InputOutputSystem, range: Range<usize>) -> Mat<f64> {
    let start = range.start;
    Mat::from_fn(range.len(), range.len(), |i, j| f64::from(u8::from(i == j)) - system.input_coefficient(start + i, start + j))
}

/// Whatever can apply L = (I − A)⁻¹: a [`Factor`] or a [`LeontiefInverse`]. All functions of this crate take either.
///
/// Vectors are passed one after the other in one slice, each of the length of the system.
pub trait Leontief: Sync {
    /// The system.
    fn system(&self) -> &InputOutputSystem;

    /// L y for every vector y: the output that final demand y calls for.
    fn solve(&self, vectors: Vec<f64>) -> Vec<f64>;

    /// L' w for every vector w.
    fn solve_transposed(&self, vectors: Vec<f64>) -> Vec<f64>;

    /// L' w for vectors w that are zero before industry `first`: as [`solve_transposed`](Self::solve_transposed), with less work where
    /// that can be used.
    fn solve_transposed_from(&self, _first: usize, vectors: Vec<f64>) -> Vec<f64> {
        self.solve_transposed(vectors)
    }

    /// The relative accuracy solutions are made to: differences of solutions that are nearly equal lose as many digits as they agree in.
    fn accuracy(&self) -> f64 {
        f64::EPSILON
    }

    /// The columns of L of some industries, one after the other: what all industries make for one unit of final demand for each.
    fn columns(&self, range: Range<usize>) -> Vec<f64> {
        self.solve(unit_vectors(self.system().size(), range))
    }

    /// The rows of L of some industries, one after the other.
    fn rows(&self, range: Range<usize>) -> Vec<f64> {
        self.solve_transposed(unit_vectors(self.system().size(), range))
    }

    /// The diagonal of L.
    fn diagonal(&self) -> Vec<f64> {
        diagonal_by_columns(self)
    }

    /// G w for every vector w, with the Ghosh inverse G = (I − x̂⁻¹ Z)⁻¹ = x̂⁻¹ L x̂: no second factor. Industries without positive
    /// output have a row of the identity.
    fn ghosh_solve(&self, mut vectors: Vec<f64>) -> Vec<f64> {
        let (n, x, inverse) = (self.system().size(), self.system().output(), self.system().inverse_output());
        let own = vectors.clone();
        vectors.chunks_exact_mut(n).for_each(|w| w.iter_mut().zip(x).for_each(|(w, x)| *w *= x));
        let mut solved = self.solve(vectors);
        for (solved, own) in solved.chunks_exact_mut(n).zip(own.chunks_exact(n)) {
            let cells = solved.iter_mut().zip(own).zip(inverse);
            cells.for_each(|((solved, own), inverse)| *solved = if *inverse > 0.0 { *solved * inverse } else { *own });
        }
        solved
    }

    /// G' v for every vector v: the output that primary inputs v bring about with the supply-side (Ghosh) model.
    fn ghosh_solve_transposed(&self, mut vectors: Vec<f64>) -> Vec<f64> {
        let (n, x, inverse) = (self.system().size(), self.system().output(), self.system().inverse_output());
        let own = vectors.clone();
        vectors.chunks_exact_mut(n).for_each(|v| v.iter_mut().zip(inverse).for_each(|(v, inverse)| *v *= inverse));
        let mut solved = self.solve_transposed(vectors);
        for (solved, own) in solved.chunks_exact_mut(n).zip(own.chunks_exact(n)) {
            let cells = solved.iter_mut().zip(own).zip(x);
            cells.for_each(|((solved, own), x)| *solved = if *x > 0.0 { *solved * x } else { *own });
        }
        solved
    }

    /// The columns of L of a region's industries.
    ///
    /// # Errors
    /// [`frame::FrameError::UnknownLabel`].
    fn leontief_columns(&self, region: &str) -> Result<Vec<f64>, ChainError> {
        Ok(self.columns(self.system().range(region)?))
    }

    /// The rows of L of a region's industries.
    ///
    /// # Errors
    /// [`frame::FrameError::UnknownLabel`].
    fn leontief_rows(&self, region: &str) -> Result<Vec<f64>, ChainError> {
        Ok(self.rows(self.system().range(region)?))
    }
}

/// The diagonal of L from its columns, a block at a time.
fn diagonal_by_columns(leontief: &(impl Leontief + ?Sized)) -> Vec<f64> {
    let n = leontief.system().size();
    let mut diagonal = Vec::with_capacity(n);
    for start in (0..n).step_by(BLOCK) {
        let block = start..(start + BLOCK).min(n);
        let columns = leontief.columns(block.clone());
        diagonal.extend(columns.chunks_exact(n).zip(block).map(|(column, i)| column[i]));
    }
    diagonal
}

fn unit_vectors(n: usize, range: Range<usize>) -> Vec<f64> {
    let mut vectors = vec![0.0; n * range.len()];
    for (k, i) in range.enumerate() {
        vectors[k * n + i] = 1.0;
    }
    vectors
}

impl<T: Leontief + ?Sized + Send> Leontief for Box<T> {
    fn system(&self) -> &InputOutputSystem {
        (**self).system()
    }
    fn solve(&self, vectors: Vec<f64>) -> Vec<f64> {
        (**self).solve(vectors)
    }
    fn solve_transposed(&self, vectors: Vec<f64>) -> Vec<f64> {
        (**self).solve_transposed(vectors)
    }
    fn solve_transposed_from(&self, first: usize, vectors: Vec<f64>) -> Vec<f64> {
        (**self).solve_transposed_from(first, vectors)
    }
    fn accuracy(&self) -> f64 {
        (**self).accuracy()
    }
    fn columns(&self, range: Range<usize>) -> Vec<f64> {
        (**self).columns(range)
    }
    fn rows(&self, range: Range<usize>) -> Vec<f64> {
        (**self).rows(range)
    }
    fn diagonal(&self) -> Vec<f64> {
        (**self).diagonal()
    }
}

/// How I − A is solved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FactorMethod {
    /// By size and use: [`Iterative`](Self::Iterative) when [`FactorOptions::solves`] are few against the size (n over 72); else
    /// [`Lu`](Self::Lu) up to 4,000 industries and [`LuSingle`](Self::LuSingle) above.
    #[default]
    Auto,
    /// A dense factor in double precision: n² × 8 bytes.
    Lu,
    /// A dense factor in single precision, half the memory and the time, and solutions refined in double precision until they meet
    /// [`FactorOptions::accuracy`]; an accuracy that single precision has by itself is had without refinement.
    LuSingle,
    /// No dense factor: block Gauss-Seidel over regions, whose own blocks are solved directly, in single precision with refinement in
    /// double, until the residual meets [`FactorOptions::accuracy`]. Stored are the domestic blocks and A in single precision. The
    /// fastest way to a few dozen solutions of a large system, and the slowest to thousands.
    Iterative,
}

/// Options of [`Factor::with_options`].
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct FactorOptions {
    /// How to solve. Default: by size.
    pub method: FactorMethod,
    /// The largest residual of a solution, |y − (I − A) x| over |y| (largest entries), that refinement and iteration leave. Default:
    /// 1e-12. The double-precision factor always reaches rounding.
    pub accuracy: f64,
    /// About how many vectors will be solved for, for [`FactorMethod::Auto`] to weigh: footprints solve for as many as there are
    /// regions and twice the stressors. Default: `None`, as many as there are industries.
    pub solves: Option<usize>,
}

impl Default for FactorOptions {
    fn default() -> Self {
        FactorOptions { method: FactorMethod::Auto, accuracy: 1e-12, solves: None }
    }
}

/// What was proven and measured about a [`Factor`] when it was made.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct FactorCertificate {
    /// How I − A is solved: never [`FactorMethod::Auto`].
    pub method: FactorMethod,
    /// A proven upper bound of the spectral radius of A, below 1: with a vector z > 0, ρ(A) ≤ max_i (A z)_i / z_i (Collatz-Wielandt).
    pub spectral_radius_at_most: f64,
    /// The residual, relative to the right-hand side, that solving reached on two probes: (I − A) z = 1 and (I − A)' p = 1. Iteration,
    /// which checks the residual of every solution, takes the first alone and solves it to 1e-6.
    pub residual: f64,
    /// What the factor alone, without refinement, reached on the probes: the larger of residual and relative error of an entry.
    pub unrefined: f64,
}

/// The factor of I − A: solves for any final demand without forming the inverse.
///
/// ```
/// use xinzhi_chain::{Factor, InputOutputSystem, Leontief, SystemOptions};
/// // the two-sector example of Miller and Blair (2009), table 2.3
/// let pair = |a: &str, b: &str| (a.to_string(), b.to_string());
/// let system = InputOutputSystem::new(
///     "Miller and Blair", 2009, "dollars", vec![pair("A", "1"), pair("A", "2")], vec![150.0, 500.0, 200.0, 100.0],
///     vec![pair("A", "final")], vec![350.0, 1700.0], SystemOptions::default(),
/// )?;
/// let factor = Factor::new(&system)?;
/// // the book's new final demand (600, 1500) calls for output (1247.5, 1841.6)
/// let output = factor.solve(vec![600.0, 1500.0]);
/// assert!((output[0] - 1247.5).abs() < 0.05 && (output[1] - 1841.6).abs() < 0.05);
/// # Ok::<(), xinzhi_chain::ChainError>(())
/// ```
pub struct Factor {
    system: InputOutputSystem,
    kind: Kind,
    accuracy: f64,
    /// By how much one refinement shrinks a residual, with a margin.
    contraction: f64,
    certificate: FactorCertificate,
}

/// The dense factors are of (I − A)', which stands in memory the way the table does, so that it is filled without striding.
enum Kind {
    Double(Elimination<f64>),
    Single(Elimination<f32>),
    Iterative(RegionalIteration),
}

/// How far iteration solves the probe.
const PROBE_ACCURACY: f64 = 1e-6;

/// Refinements beyond which a solution does not get better.
const REFINEMENTS: usize = 12;

/// Up to this size a factor in double precision is the default.
const LARGEST_DOUBLE: usize = 4000;

/// What a solution by iteration costs, in passes over the table, rounded up: LU costs n / 3 of them, once.
const SWEEPS_PER_SOLUTION: usize = 24;

impl Factor {
    /// Factorises I − A in double precision and proves that the system is productive.
    ///
    /// # Errors
    /// [`ChainError::Singular`], [`ChainError::NotProductive`].
    pub fn new(system: &InputOutputSystem) -> Result<Self, ChainError> {
        Self::with_options(system, FactorOptions { method: FactorMethod::Lu, ..FactorOptions::default() })
    }

    /// Prepares to solve with I − A and proves that the system is productive.
    ///
    /// For A ≥ 0 the inverse exists and is non-negative, which is the same as a spectral radius below 1, exactly when some z > 0 has
    /// (I − A) z > 0 (the Hawkins-Simon condition in the form of Nikaidô; Berman and Plemmons 1994, theorem 6.2.3). In every mode such
    /// a z is found by solving (I − A) z = 1, and (I − A) z > 0 is checked on the table itself in double precision.
    ///
    /// ```
    /// # use xinzhi_chain::{InputOutputSystem, SystemOptions};
    /// use xinzhi_chain::{Factor, FactorMethod, FactorOptions, Leontief};
    /// # let pair = |a: &str, b: &str| (a.to_string(), b.to_string());
    /// # let system = InputOutputSystem::new(
    /// #     "Miller and Blair", 2009, "dollars", vec![pair("A", "1"), pair("A", "2")], vec![150.0, 500.0, 200.0, 100.0],
    /// #     vec![pair("A", "final")], vec![350.0, 1700.0], SystemOptions::default(),
    /// # )?;
    /// let single = Factor::with_options(&system, FactorOptions { method: FactorMethod::LuSingle, ..FactorOptions::default() })?;
    /// assert!((single.solve(vec![350.0, 1700.0])[0] - 1000.0).abs() < 1e-8);
    /// assert!(single.certificate().residual < 1e-12 && single.certificate().spectral_radius_at_most < 1.0);
    /// # Ok::<(), xinzhi_chain::ChainError>(())
    /// ```
    ///
    /// # Errors
    /// [`ChainError::Singular`], [`ChainError::NotProductive`]; [`ChainError::NotConverged`] where iteration cannot prove either;
    /// [`ChainError::Option`] for an accuracy that is not between 0 and 1.
    pub fn with_options(system: &InputOutputSystem, options: FactorOptions) -> Result<Self, ChainError> {
        if !(options.accuracy > 0.0 && options.accuracy < 1.0) {
            return Err(ChainError::Option {
                option: "accuracy".to_owned(),
                value: options.accuracy.to_string(),
                why: "the accuracy of a factor must lie between 0 and 1, such as 1e-12".to_owned(),
            });
        }
        let n = system.size();
        let method = match options.method {
            FactorMethod::Auto if options.solves.is_some_and(|solves| SWEEPS_PER_SOLUTION * solves < n / 3) => FactorMethod::Iterative,
            FactorMethod::Auto if n <= LARGEST_DOUBLE => FactorMethod::Lu,
            FactorMethod::Auto => FactorMethod::LuSingle,
            method => method,
        };
        // nothing is gained by asking for more than rounding gives
        let accuracy = options.accuracy.max(32.0 * f64::EPSILON);
        let kind = match method {
            FactorMethod::LuSingle => Elimination::new(n, identity_minus_transposed::<f32>(system)).ok().map(Kind::Single),
            FactorMethod::Iterative => Some(Kind::Iterative(RegionalIteration::new(system)?)),
            FactorMethod::Auto | FactorMethod::Lu => None,
        };
        let certificate = FactorCertificate { method, spectral_radius_at_most: f64::NAN, residual: f64::NAN, unrefined: f64::NAN };
        if let Some(kind) = kind {
            let mut factor = Factor { system: system.clone(), kind, accuracy, contraction: 0.0, certificate };
            if factor.certify().is_none() {
                return Ok(factor);
            }
            if method == FactorMethod::Iterative {
                return Err(ChainError::NotConverged {
                    system: system.name().to_owned(),
                    method: "iteration region by region",
                    iterations: SWEEPS,
                    place: "the solution for final demand of 1 everywhere".to_owned(),
                    residual: factor.certificate.residual,
                    next: "the system is not productive or nearly so: a dense factor (method lu) says which, or ask for less accuracy",
                });
            }
        }
        // asked for, or single precision was not enough to tell
        let double = Elimination::new(n, identity_minus_transposed::<f64>(system)).map_err(|pivot| refusal(system, &pivot))?;
        let certificate = FactorCertificate { method: FactorMethod::Lu, ..certificate };
        let mut factor = Factor { system: system.clone(), kind: Kind::Double(double), accuracy, contraction: 0.0, certificate };
        match factor.certify() {
            None => Ok(factor),
            Some(industry) => Err(ChainError::NotProductive { system: system.name().to_owned(), industry: system.industry(industry) }),
        }
    }

    /// Solves the two probes, measures what solving reaches and proves ρ(A) < 1; gives the first industry where the proof fails.
    fn certify(&mut self) -> Option<usize> {
        let n = self.system.size();
        let ones = vec![1.0; n];
        let largest = |values: &[f64]| {
            values.iter().fold(0.0, |largest: f64, value| if value.is_nan() { f64::NAN } else { largest.max(value.abs()) })
        };
        let (mut unrefined, mut contraction, mut residual): (f64, f64, f64) = (0.0, 0.0, 0.0);
        let mut proof = (0, f64::INFINITY);
        let iterative = matches!(self.kind, Kind::Iterative(_));
        for transposed in [false, true] {
            // iteration checks every solution by itself; the proof needs no more than a rough one
            if iterative && transposed {
                break;
            }
            let mut x = ones.clone();
            match &self.kind {
                Kind::Iterative(iteration) => iteration.solve(&self.system, &mut x, false, self.accuracy.max(PROBE_ACCURACY)),
                _ => self.coarse(&mut x, transposed, 0),
            }
            let mut left = self.residual(&x, &ones, transposed);
            let first = largest(&left);
            let mut last = first;
            let mut error = first;
            if matches!(self.kind, Kind::Single(_)) {
                for round in 0..REFINEMENTS {
                    if last <= self.accuracy && round > 0 {
                        break;
                    }
                    let mut correction = left;
                    self.coarse(&mut correction, transposed, 0);
                    let change = x.iter().zip(&correction).map(|(x, c)| (c / x).abs());
                    if round == 0 {
                        error = error.max(change.fold(0.0, f64::max));
                    }
                    x.iter_mut().zip(&correction).for_each(|(x, c)| *x += c);
                    left = self.residual(&x, &ones, transposed);
                    let next = largest(&left);
                    if round == 0 {
                        contraction = contraction.max(next / first);
                    }
                    last = next;
                }
            }
            unrefined = unrefined.max(error);
            residual = if last.is_nan() { last } else { residual.max(last) };
            if !transposed {
                // (I − A) z = 1 − residual
                let (mut at, mut bound): (usize, f64) = (0, 0.0);
                let fails = |z: &f64, r: &f64| !(*z > 0.0 && z.is_finite() && *r < 0.5);
                if let Some(i) = x.iter().zip(&left).position(|(z, r)| fails(z, r)) {
                    return Some(i);
                }
                for (i, (z, r)) in x.iter().zip(&left).enumerate() {
                    let one = 1.0 - (1.0 - r) / z;
                    if one > bound {
                        (at, bound) = (i, one);
                    }
                }
                proof = (at, bound);
            }
        }
        self.contraction = 16.0 * contraction.max(f64::EPSILON);
        self.certificate.spectral_radius_at_most = proof.1;
        self.certificate.residual = residual;
        self.certificate.unrefined = unrefined;
        // rounding of the check itself is some n × 1e-16
        let met = !matches!(self.kind, Kind::Single(_)) || residual <= self.accuracy.max(1e-9);
        (!met || proof.1 >= 1.0 || proof.1.is_nan()).then_some(proof.0)
    }

    /// What was proven and measured when the factor was made.
    pub fn certificate(&self) -> &FactorCertificate {
        &self.certificate
    }

    /// Solves once, without refinement, in place.
    fn coarse(&self, vectors: &mut [f64], transposed: bool, first: usize) {
        match &self.kind {
            // transposed factor: its own solve is the transposed one of the system
            Kind::Double(factor) if transposed => factor.solve(vectors, first),
            Kind::Double(factor) => factor.solve_transposed(vectors),
            Kind::Single(factor) => {
                let n = self.system.size();
                let scale_of = |vector: &[f64]| vector.iter().fold(0.0, |largest: f64, value| largest.max(value.abs()));
                let scales: Vec<f64> = vectors.chunks_exact(n).map(scale_of).map(|s| if s > 0.0 { s } else { 1.0 }).collect();
                let scaled = vectors.chunks_exact(n).zip(&scales).flat_map(|(vector, s)| vector.iter().map(move |v| f32::from_f64(v / s)));
                let mut single: Vec<f32> = scaled.collect();
                if transposed {
                    factor.solve(&mut single, first)
                } else {
                    factor.solve_transposed(&mut single)
                }
                for ((to, from), scale) in vectors.chunks_exact_mut(n).zip(single.chunks_exact(n)).zip(&scales) {
                    to.iter_mut().zip(from).for_each(|(to, from)| *to = from.to_f64() * scale);
                }
            }
            Kind::Iterative(iteration) => iteration.solve(&self.system, vectors, transposed, self.accuracy),
        }
    }

    /// b − (I − A) x, or b − (I − A)' x, from the table itself.
    fn residual(&self, x: &[f64], b: &[f64], transposed: bool) -> Vec<f64> {
        residual(&self.system, x, b, transposed)
    }

    fn refined(&self, vectors: &mut [f64], transposed: bool, first: usize) {
        let unrefined = !matches!(self.kind, Kind::Single(_)) || 4.0 * self.certificate.unrefined <= self.accuracy;
        if unrefined {
            return self.coarse(vectors, transposed, first);
        }
        let n = self.system.size();
        let b = vectors.to_vec();
        self.coarse(vectors, transposed, first);
        let largest = |vector: &[f64]| vector.iter().fold(0.0, |largest: f64, value| largest.max(value.abs()));
        for _ in 0..REFINEMENTS {
            let mut left = self.residual(vectors, &b, transposed);
            let relative = left.chunks_exact(n).zip(b.chunks_exact(n)).map(|(left, b)| {
                let whole = largest(b);
                if whole > 0.0 { largest(left) / whole } else { 0.0 }
            });
            let worst = relative.fold(0.0, f64::max);
            if worst <= self.accuracy {
                return;
            }
            self.coarse(&mut left, transposed, 0);
            vectors.iter_mut().zip(&left).for_each(|(x, correction)| *x += correction);
            if worst * self.contraction <= self.accuracy {
                return;
            }
        }
    }

    /// The full inverse, n × n.
    pub fn leontief_inverse(&self) -> LeontiefInverse {
        let n = self.system.size();
        LeontiefInverse { system: self.system.clone(), columns: self.columns(0..n) }
    }
}

/// Where elimination found no positive pivot, the system is not productive, or so close to it that the inverse does not exist.
pub(crate) fn refusal(system: &InputOutputSystem, pivot: &Pivot) -> ChainError {
    if pivot.zero {
        ChainError::Singular { system: system.name().to_owned(), what: "I − A".to_owned() }
    } else {
        ChainError::NotProductive { system: system.name().to_owned(), industry: system.industry(pivot.position) }
    }
}

/// (I − A)' column by column, that is I − A row by row.
fn identity_minus_transposed<T: Number>(system: &InputOutputSystem) -> Vec<T> {
    let n = system.size();
    let mut packed = vec![T::ZERO; n * n];
    let inverse = system.inverse_output();
    packed.par_chunks_mut(n).zip(system.deliveries().par_chunks(n)).enumerate().for_each(|(i, (to, row))| {
        for ((to, flow), inverse) in to.iter_mut().zip(row).zip(inverse) {
            *to = T::from_f64(-flow * inverse);
        }
        to[i] = T::from_f64(1.0 - row[i] * inverse[i]);
    });
    packed
}

/// b − (I − A) x, or b − (I − A)' x, for vectors that stand one after the other.
pub(crate) fn residual(system: &InputOutputSystem, x: &[f64], b: &[f64], transposed: bool) -> Vec<f64> {
    let n = system.size();
    let k = x.len() / n;
    let z = MatRef::from_row_major_slice(system.deliveries(), n, n);
    let inverse = system.inverse_output();
    let mut left = vec![0.0; x.len()];
    let to = MatMut::from_column_major_slice_mut(&mut left, n, k);
    if transposed {
        matmul(to, Accum::Replace, z.transpose(), MatRef::from_column_major_slice(x, n, k), 1.0, Par::Seq);
        left.chunks_exact_mut(n).for_each(|left| left.iter_mut().zip(inverse).for_each(|(left, inverse)| *left *= inverse));
    } else {
        let scaled: Vec<f64> = x.chunks_exact(n).flat_map(|x| x.iter().zip(inverse).map(|(x, inverse)| x * inverse)).collect();
        matmul(to, Accum::Replace, z, MatRef::from_column_major_slice(&scaled, n, k), 1.0, Par::Seq);
    }
    left.iter_mut().zip(x.iter().zip(b)).for_each(|(left, (x, b))| *left += b - x);
    left
}

impl Leontief for Factor {
    fn system(&self) -> &InputOutputSystem {
        &self.system
    }

    fn solve(&self, mut vectors: Vec<f64>) -> Vec<f64> {
        vectors.par_chunks_mut(BLOCK * self.system.size()).for_each(|block| self.refined(block, false, 0));
        vectors
    }

    fn solve_transposed(&self, vectors: Vec<f64>) -> Vec<f64> {
        self.solve_transposed_from(0, vectors)
    }

    fn solve_transposed_from(&self, first: usize, mut vectors: Vec<f64>) -> Vec<f64> {
        vectors.par_chunks_mut(BLOCK * self.system.size()).for_each(|block| self.refined(block, true, first));
        vectors
    }

    fn diagonal(&self) -> Vec<f64> {
        match &self.kind {
            Kind::Double(factor) => inverse_diagonal(factor.matrix(), |row| row),
            Kind::Single(_) | Kind::Iterative(_) => diagonal_by_columns(self),
        }
    }

    fn accuracy(&self) -> f64 {
        match self.kind {
            Kind::Double(_) => f64::EPSILON,
            Kind::Single(_) | Kind::Iterative(_) => self.accuracy,
        }
    }
}

/// The Leontief inverse L = (I − A)⁻¹ in full: l_ij is what industry i makes, all rounds together, for one unit of final demand for j.
///
/// ```
/// # use xinzhi_chain::{Factor, InputOutputSystem, SystemOptions};
/// # let pair = |a: &str, b: &str| (a.to_string(), b.to_string());
/// # let system = InputOutputSystem::new(
/// #     "Miller and Blair", 2009, "dollars", vec![pair("A", "1"), pair("A", "2")], vec![150.0, 500.0, 200.0, 100.0],
/// #     vec![pair("A", "final")], vec![350.0, 1700.0], SystemOptions::default(),
/// # )?;
/// let inverse = Factor::new(&system)?.leontief_inverse();
/// assert!((inverse.at(0, 1) - 0.330033).abs() < 1e-6);
/// # Ok::<(), xinzhi_chain::ChainError>(())
/// ```
pub struct LeontiefInverse {
    system: InputOutputSystem,
    /// Column by column.
    columns: Vec<f64>,
}

impl LeontiefInverse {
    /// l_ij.
    pub fn at(&self, i: usize, j: usize) -> f64 {
        self.columns[j * self.system.size() + i]
    }

    fn multiply(&self, vectors: &[f64], transposed: bool) -> Vec<f64> {
        let n = self.system.size();
        let inverse = MatRef::from_column_major_slice(&self.columns, n, n);
        let inverse = if transposed { inverse.transpose() } else { inverse };
        let mut result = vec![0.0; vectors.len()];
        result.par_chunks_mut(BLOCK * n).zip(vectors.par_chunks(BLOCK * n)).for_each(|(to, from)| {
            let k = from.len() / n;
            let (to, from) = (MatMut::from_column_major_slice_mut(to, n, k), MatRef::from_column_major_slice(from, n, k));
            matmul(to, Accum::Replace, inverse, from, 1.0, Par::Seq);
        });
        result
    }
}

impl Leontief for LeontiefInverse {
    fn system(&self) -> &InputOutputSystem {
        &self.system
    }

    fn solve(&self, vectors: Vec<f64>) -> Vec<f64> {
        self.multiply(&vectors, false)
    }

    fn solve_transposed(&self, vectors: Vec<f64>) -> Vec<f64> {
        self.multiply(&vectors, true)
    }

    fn columns(&self, range: Range<usize>) -> Vec<f64> {
        let n = self.system.size();
        self.columns[range.start * n..range.end * n].to_vec()
    }

    fn rows(&self, range: Range<usize>) -> Vec<f64> {
        let n = self.system.size();
        range.flat_map(|i| (0..n).map(move |j| self.at(i, j))).collect()
    }

    fn diagonal(&self) -> Vec<f64> {
        (0..self.system.size()).map(|i| self.at(i, i)).collect()
    }
}
