use crate::elimination::Elimination;
use crate::leontief::{refusal, residual};
use crate::{ChainError, InputOutputSystem};
use faer::linalg::matmul::matmul;
use faer::{Accum, MatMut, MatRef, Par};

/// Sweeps over all regions after which no more is tried.
pub(crate) const SWEEPS: usize = 500;

/// Solves (I − A) x = y region by region: x_r ← (I − A_rr)⁻¹ (y_r + Σ_{s≠r} A_rs x_s) with the latest x_s, until the residual is small.
///
/// Block Gauss-Seidel on an M-matrix is a regular splitting, so it converges whenever the system is productive, and faster the less
/// regions trade (Varga 1962, Matrix Iterative Analysis, theorem 3.29 and section 3.4). Only the domestic factors are stored, Σ_r N_r² numbers; a sweep reads
/// the table once.
pub(crate) struct RegionalIteration {
    /// Of (I − A_rr)'.
    local: Vec<Elimination<f64>>,
}

impl RegionalIteration {
    pub(crate) fn new(system: &InputOutputSystem) -> Result<Self, ChainError> {
        let (n, inverse) = (system.size(), system.inverse_output());
        let mut local = Vec::with_capacity(system.regions().len());
        for r in 0..system.regions().len() {
            let own = system.range_at(r);
            let mut packed = Vec::with_capacity(own.len().pow(2));
            for i in own.clone() {
                let row = &system.deliveries()[i * n..(i + 1) * n];
                packed.extend(own.clone().map(|j| f64::from(u8::from(i == j)) - row[j] * inverse[j]));
            }
            let shifted = |mut pivot: crate::elimination::Pivot| {
                pivot.position += own.start;
                refusal(system, &pivot)
            };
            local.push(Elimination::new(own.len(), packed).map_err(shifted)?);
        }
        Ok(RegionalIteration { local })
    }

    /// Solves in place, for vectors that stand one after the other. Where the sweeps do not suffice the vectors become NaN: a wrong
    /// number must not look right.
    pub(crate) fn solve(&self, system: &InputOutputSystem, vectors: &mut [f64], transposed: bool, accuracy: f64) {
        let n = system.size();
        let b = vectors.to_vec();
        let largest = |values: &[f64]| {
            values.iter().fold(0.0, |largest: f64, value| if value.is_nan() { f64::NAN } else { largest.max(value.abs()) })
        };
        let whole: Vec<f64> = b.chunks_exact(n).map(largest).collect();
        // x as the products take it: over output for A, as it is for A'
        let mut factors = vec![0.0; vectors.len()];
        vectors.fill(0.0);
        let mut previous = f64::INFINITY;
        for sweep in 1..=SWEEPS {
            let change = self.sweep(system, vectors, &mut factors, &b, &whole, transposed);
            // what later sweeps still add, were they to shrink as the last two did
            let rate = (change / previous).min(0.99);
            previous = change;
            if change.is_nan() {
                break;
            }
            if change * rate > accuracy && sweep % 16 != 0 {
                continue;
            }
            let left = residual(system, vectors, &b, transposed);
            if left.chunks_exact(n).zip(&whole).all(|(left, whole)| largest(left) <= accuracy * whole) {
                return;
            }
        }
        vectors.fill(f64::NAN);
    }

    /// One sweep; gives the largest change, relative to the right-hand side.
    fn sweep(&self, system: &InputOutputSystem, x: &mut [f64], factors: &mut [f64], b: &[f64], whole: &[f64], transposed: bool) -> f64 {
        let n = system.size();
        let k = x.len() / n;
        let z = MatRef::from_row_major_slice(system.deliveries(), n, n);
        let inverse = system.inverse_output();
        let mut change: f64 = 0.0;
        for (r, local) in self.local.iter().enumerate() {
            let own = system.range_at(r);
            let size = own.len();
            let mut rhs = vec![0.0; size * k];
            for (place, part) in [(Accum::Replace, 0..own.start), (Accum::Add, own.end..n)] {
                let to = MatMut::from_column_major_slice_mut(&mut rhs, size, k);
                let from = MatRef::from_column_major_slice(factors, n, k).subrows(part.start, part.len());
                if transposed {
                    matmul(to, place, z.submatrix(part.start, own.start, part.len(), size).transpose(), from, 1.0, Par::Seq);
                } else {
                    matmul(to, place, z.submatrix(own.start, part.start, size, part.len()), from, 1.0, Par::Seq);
                }
            }
            for (rhs, b) in rhs.chunks_exact_mut(size).zip(b.chunks_exact(n)) {
                if transposed {
                    rhs.iter_mut().zip(&inverse[own.clone()]).for_each(|(rhs, inverse)| *rhs *= inverse);
                }
                rhs.iter_mut().zip(&b[own.clone()]).for_each(|(rhs, b)| *rhs += b);
            }
            if transposed {
                local.solve(&mut rhs, 0);
            } else {
                local.solve_transposed(&mut rhs);
            }
            let vectors = x.chunks_exact_mut(n).zip(factors.chunks_exact_mut(n)).zip(rhs.chunks_exact(size)).zip(whole);
            for (((x, factors), new), whole) in vectors {
                for (((x, factor), new), inverse) in
                    x[own.clone()].iter_mut().zip(&mut factors[own.clone()]).zip(new).zip(&inverse[own.clone()])
                {
                    let moved = (new - *x).abs();
                    if moved.is_nan() {
                        return f64::NAN;
                    }
                    change = change.max(if *whole > 0.0 { moved / whole } else { 0.0 });
                    *x = *new;
                    *factor = if transposed { *new } else { new * inverse };
                }
            }
        }
        change
    }
}
