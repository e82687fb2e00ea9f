use crate::inverse_diagonal::inverse_diagonal;
use crate::{ChainError, InputOutputSystem};
use faer::dyn_stack::{MemBuffer, MemStack};
use faer::linalg::lu::partial_pivoting::{factor, solve};
use faer::perm::PermRef;
use faer::{Mat, MatMut, MatRef, Par};
use rayon::prelude::*;
use std::ops::Range;

/// How many right-hand sides are solved together: fixed, so that results do not depend on the number of threads.
const BLOCK: usize = 64;

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
        let n = self.system().size();
        let mut diagonal = Vec::with_capacity(n);
        for start in (0..n).step_by(BLOCK) {
            let block = start..(start + BLOCK).min(n);
            let columns = self.columns(block.clone());
            diagonal.extend(columns.chunks_exact(n).zip(block).map(|(column, i)| column[i]));
        }
        diagonal
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

fn unit_vectors(n: usize, range: Range<usize>) -> Vec<f64> {
    let mut vectors = vec![0.0; n * range.len()];
    for (k, i) in range.enumerate() {
        vectors[k * n + i] = 1.0;
    }
    vectors
}

/// The LU factor of I − A, in double precision: solves for any final demand without forming the inverse.
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
    /// Of (I − A)', which stands in memory the way the table does, so that it is filled without striding.
    transposed: Lu,
}

impl Factor {
    /// Factorises I − A and proves that the system is productive.
    ///
    /// For A ≥ 0 the inverse exists and is non-negative, which is the same as a spectral radius below 1, exactly when
    /// (I − A) z = 1 has a positive solution z (the Hawkins-Simon condition in the form of Nikaidô); that one solve is made here.
    ///
    /// # Errors
    /// [`ChainError::Singular`], [`ChainError::NotProductive`].
    pub fn new(system: &InputOutputSystem) -> Result<Self, ChainError> {
        let n = system.size();
        let matrix = Mat::from_fn(n, n, |j, i| f64::from(u8::from(i == j)) - system.input_coefficient(i, j));
        let Some(transposed) = Lu::new(matrix) else {
            return Err(ChainError::Singular { system: system.name().to_owned(), what: "I − A".to_owned() });
        };
        let factor = Factor { system: system.clone(), transposed };
        let certificate = factor.solve(vec![1.0; n]);
        // z ≥ 1 in exact arithmetic
        match certificate.iter().position(|z| z.is_nan() || *z < 0.999_999) {
            None => Ok(factor),
            Some(i) => Err(ChainError::NotProductive { system: system.name().to_owned(), industry: system.industry(i) }),
        }
    }

    /// The full inverse, n × n.
    pub fn leontief_inverse(&self) -> LeontiefInverse {
        let n = self.system.size();
        LeontiefInverse { system: self.system.clone(), columns: self.columns(0..n) }
    }
}

impl Leontief for Factor {
    fn system(&self) -> &InputOutputSystem {
        &self.system
    }

    fn solve(&self, mut vectors: Vec<f64>) -> Vec<f64> {
        vectors.par_chunks_mut(BLOCK * self.system.size()).for_each(|block| self.transposed.solve_transposed(block));
        vectors
    }

    fn solve_transposed(&self, mut vectors: Vec<f64>) -> Vec<f64> {
        vectors.par_chunks_mut(BLOCK * self.system.size()).for_each(|block| self.transposed.solve(block));
        vectors
    }

    fn diagonal(&self) -> Vec<f64> {
        self.transposed.inverse_diagonal()
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
            faer::linalg::matmul::matmul(to, faer::Accum::Replace, inverse, from, 1.0, Par::Seq);
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
