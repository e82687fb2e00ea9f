use faer::linalg::matmul::matmul;
use faer::linalg::triangular_solve as triangular;
use faer::reborrow::*;
use faer::traits::RealField;
use faer::{Accum, MatMut, MatRef, Par};
use rayon::prelude::*;
use std::ops::{Div, Mul, MulAssign, Neg, Sub};

/// Up to this size elimination goes column by column.
const LEAF: usize = 16;
/// How many columns or rows are worked on as one task. Tasks are cut the same way for any number of threads, so that results are too.
const TILE: usize = 512;

/// Single or double precision.
pub(crate) trait Number:
    RealField + Copy + Send + Sync + PartialOrd + Neg<Output = Self> + Mul<Output = Self> + Div<Output = Self> + Sub<Output = Self> + MulAssign
{
    const ZERO: Self;
    const ONE: Self;
    /// A pivot below this is taken for zero; those of I − A are at most 1.
    const SMALLEST_PIVOT: Self;
    fn from_f64(value: f64) -> Self;
    fn to_f64(self) -> f64;
}

impl Number for f64 {
    const ZERO: f64 = 0.0;
    const ONE: f64 = 1.0;
    const SMALLEST_PIVOT: f64 = 64.0 * f64::EPSILON;
    fn from_f64(value: f64) -> Self {
        value
    }
    fn to_f64(self) -> f64 {
        self
    }
}

impl Number for f32 {
    const ZERO: f32 = 0.0;
    const ONE: f32 = 1.0;
    const SMALLEST_PIVOT: f32 = 64.0 * f32::EPSILON;
    #[expect(clippy::cast_possible_truncation, reason = "rounding to single precision is the point")]
    fn from_f64(value: f64) -> Self {
        value as f32
    }
    fn to_f64(self) -> f64 {
        f64::from(self)
    }
}

/// The factors of a matrix P = (I − A)' with A ≥ 0, found without exchanging rows, packed in one column-major n × n array.
///
/// When the system is productive P is a non-singular M-matrix: elimination without exchanges then meets positive pivots only, in any
/// order, adds no numbers of different sign off the diagonal, and does not grow (Berman and Plemmons 1994, Nonnegative Matrices in the
/// Mathematical Sciences, chapter 6). A pivot that is not positive proves that the system is not productive.
pub(crate) struct Elimination<T> {
    n: usize,
    packed: Vec<T>,
}

/// Where elimination stopped.
pub(crate) struct Pivot {
    pub(crate) position: usize,
    /// Zero to working precision, else negative.
    pub(crate) zero: bool,
}

impl<T: Number> Elimination<T> {
    /// Factorises a column-major n × n array in place.
    pub(crate) fn new(n: usize, mut packed: Vec<T>) -> Result<Self, Pivot> {
        eliminate(MatMut::from_column_major_slice_mut(&mut packed, n, n), 0)?;
        Ok(Elimination { n, packed })
    }

    /// The factors, packed in one matrix.
    pub(crate) fn matrix(&self) -> MatRef<'_, T> {
        MatRef::from_column_major_slice(&self.packed, self.n, self.n)
    }

    /// Solves P X = B for vectors that stand one after the other and are zero before `first`.
    pub(crate) fn solve(&self, vectors: &mut [T], first: usize) {
        let p = self.matrix();
        let mut rhs = MatMut::from_column_major_slice_mut(vectors, self.n, vectors.len() / self.n);
        let below = p.submatrix(first, first, self.n - first, self.n - first);
        triangular::solve_unit_lower_triangular_in_place(below, rhs.rb_mut().get_mut(first.., ..), Par::Seq);
        triangular::solve_upper_triangular_in_place(p, rhs, Par::Seq);
    }

    /// Solves P' X = B for vectors that stand one after the other.
    pub(crate) fn solve_transposed(&self, vectors: &mut [T]) {
        let p = self.matrix();
        let mut rhs = MatMut::from_column_major_slice_mut(vectors, self.n, vectors.len() / self.n);
        triangular::solve_lower_triangular_in_place(p.transpose(), rhs.rb_mut(), Par::Seq);
        triangular::solve_unit_upper_triangular_in_place(p.transpose(), rhs, Par::Seq);
    }
}

/// P = 𝓛𝓤 in place, 𝓛 with a unit diagonal: halves, so that nearly all work is products of large matrices.
fn eliminate<T: Number>(mut p: MatMut<'_, T>, offset: usize) -> Result<(), Pivot> {
    let n = p.nrows();
    if n <= LEAF {
        for k in 0..n {
            let pivot = p[(k, k)];
            // written so that a NaN counts as zero
            let (positive, negative) = (pivot > T::SMALLEST_PIVOT, pivot < -T::SMALLEST_PIVOT);
            if !positive {
                return Err(Pivot { position: offset + k, zero: !negative });
            }
            let (_, row, mut column, rest) = p.rb_mut().split_at_mut(k + 1, k + 1);
            let inverse = T::ONE / pivot;
            for i in 0..n - k - 1 {
                column[(i, k)] *= inverse;
            }
            matmul(rest, Accum::Add, column.rb().col(k).as_mat(), row.rb().row(k).as_mat(), -T::ONE, Par::Seq);
        }
        return Ok(());
    }
    let half = (n / 2).next_multiple_of(LEAF.min((n / 2).next_power_of_two()));
    let (mut p11, mut p12, mut p21, mut p22) = p.split_at_mut(half, half);
    eliminate(p11.rb_mut(), offset)?;
    let p11 = p11.rb();
    if n <= 2 * TILE {
        triangular::solve_unit_lower_triangular_in_place(p11, p12.rb_mut(), Par::Seq);
        triangular::solve_lower_triangular_in_place(p11.transpose(), p21.rb_mut().transpose_mut(), Par::Seq);
        matmul(p22.rb_mut(), Accum::Add, p21.rb(), p12.rb(), -T::ONE, Par::Seq);
    } else {
        p12.rb_mut().par_col_chunks_mut(TILE).for_each(|columns| triangular::solve_unit_lower_triangular_in_place(p11, columns, Par::Seq));
        p21.rb_mut()
            .par_row_chunks_mut(TILE)
            .for_each(|rows| triangular::solve_lower_triangular_in_place(p11.transpose(), rows.transpose_mut(), Par::Seq));
        let (p12, p21) = (p12.rb(), p21.rb());
        p22.rb_mut()
            .par_col_chunks_mut(TILE)
            .zip(p12.par_col_chunks(TILE))
            .for_each(|(rest, columns)| matmul(rest, Accum::Add, p21, columns, -T::ONE, Par::Seq));
    }
    eliminate(p22, offset + half)
}
