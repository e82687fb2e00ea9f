use crate::elimination::{Elimination, Number, Pivot};
use crate::leontief::{refusal, residual};
use crate::{ChainError, InputOutputSystem};
use faer::linalg::matmul::matmul;
use faer::reborrow::*;
use faer::{Accum, MatMut, MatRef, Par};
use rayon::prelude::*;
use std::ops::Range;

/// Sweeps over all regions after which no more is tried, in one round.
pub(crate) const SWEEPS: usize = 500;
/// Rounds of refinement after which no more is tried.
const ROUNDS: usize = 40;
/// How many rows of a product are worked on as one task: fixed, so that results do not depend on the number of threads.
const ROWS: usize = 128;
/// What a round in single precision can be asked to gain.
const SINGLE: f32 = 2.5e-7;

/// Solves (I − A) x = y region by region: x_r ← (I − A_rr)⁻¹ (y_r + Σ_{s≠r} A_rs x_s) with the latest x_s. Sweeps are made in single
/// precision, and what they leave is found from the table itself in double precision and solved for again, until it is small enough.
///
/// Block Gauss-Seidel on an M-matrix is a regular splitting, so it converges whenever the system is productive, and faster the less
/// regions trade (Varga 1962, Matrix Iterative Analysis, theorem 3.29 and section 3.4). Stored are the domestic factors and one copy of
/// A in single precision, half the size of the table, which a sweep reads once.
pub(crate) struct RegionalIteration {
    ranges: Vec<Range<usize>>,
    /// A without its domestic blocks, row by row.
    trade: Vec<f32>,
    /// Of (I − A_rr)'.
    local: Vec<Elimination<f64>>,
}

impl RegionalIteration {
    pub(crate) fn new(system: &InputOutputSystem) -> Result<Self, ChainError> {
        let (n, inverse) = (system.size(), system.inverse_output());
        let ranges: Vec<Range<usize>> = (0..system.regions().len()).map(|r| system.range_at(r)).collect();
        let mut local = Vec::with_capacity(ranges.len());
        for own in &ranges {
            let mut packed = Vec::with_capacity(own.len().pow(2));
            for i in own.clone() {
                let row = &system.deliveries()[i * n..(i + 1) * n];
                packed.extend(own.clone().map(|j| f64::from(u8::from(i == j)) - row[j] * inverse[j]));
            }
            let shifted = |mut pivot: Pivot| {
                pivot.position += own.start;
                refusal(system, &pivot)
            };
            local.push(Elimination::new(own.len(), packed).map_err(shifted)?);
        }
        let mut trade = vec![0.0; n * n];
        let home = system.region_positions();
        trade.par_chunks_mut(n).zip(system.deliveries().par_chunks(n)).zip(&home).for_each(|((to, row), home)| {
            for ((to, flow), inverse) in to.iter_mut().zip(row).zip(inverse) {
                *to = f32::from_f64(flow * inverse);
            }
            to[ranges[*home].clone()].fill(0.0);
        });
        Ok(RegionalIteration { ranges, trade, local })
    }

    /// Solves in place, for vectors that stand one after the other. Where the rounds do not suffice the vectors become NaN: a wrong
    /// number must not look right.
    pub(crate) fn solve(&self, system: &InputOutputSystem, vectors: &mut [f64], transposed: bool, accuracy: f64) {
        let n = system.size();
        let b = vectors.to_vec();
        let whole: Vec<f64> = b.chunks_exact(n).map(largest).collect();
        vectors.fill(0.0);
        let (mut left, mut worst) = (b.clone(), 1.0);
        for _ in 0..ROUNDS {
            let goal = f32::from_f64(0.25 * accuracy / worst).max(SINGLE);
            self.add_solution(&left, vectors, transposed, goal);
            left = residual(system, vectors, &b, transposed);
            let relative = left.chunks_exact(n).zip(&whole).map(|(left, whole)| if *whole > 0.0 { largest(left) / whole } else { 0.0 });
            let now = relative.fold(0.0, |worst: f64, one| if one.is_nan() { f64::NAN } else { worst.max(one) });
            if now <= accuracy {
                return;
            }
            // written so that a NaN stops
            let better = now < 0.5 * worst;
            if !better {
                break;
            }
            worst = now;
        }
        vectors.fill(f64::NAN);
    }

    /// Adds to vectors the solution for what is left, in single precision.
    fn add_solution(&self, left: &[f64], vectors: &mut [f64], transposed: bool, goal: f32) {
        let n = self.n();
        let scale_of = |left: &[f64]| if largest(left) > 0.0 { largest(left) } else { 1.0 };
        let scales: Vec<f64> = left.chunks_exact(n).map(scale_of).collect();
        let scaled = left.chunks_exact(n).zip(&scales).flat_map(|(left, s)| left.iter().map(move |v| f32::from_f64(v / s)));
        let b: Vec<f32> = scaled.collect();
        let mut x = vec![0.0f32; b.len()];
        let mut previous = f32::INFINITY;
        for sweep in 0..SWEEPS {
            let (change, size) = self.sweep(&mut x, &b, transposed, sweep == 0);
            let rate = change / previous;
            previous = change;
            // what later sweeps still add, were they to shrink as the last two did
            let rest = if sweep == 0 { f32::INFINITY } else { change * rate / (1.0 - rate.min(0.99)) };
            let at_rounding = rate >= 1.0 && change < 1e3 * SINGLE * size;
            if rest <= goal * size || at_rounding || !change.is_finite() {
                break;
            }
        }
        for ((to, x), scale) in vectors.chunks_exact_mut(n).zip(x.chunks_exact(n)).zip(&scales) {
            to.iter_mut().zip(x).for_each(|(to, x)| *to += x.to_f64() * scale);
        }
    }

    fn n(&self) -> usize {
        self.ranges.last().map_or(0, |last| last.end)
    }

    /// One sweep; gives the largest change and the largest value. From zero nothing is bought yet from regions that come later.
    fn sweep(&self, x: &mut [f32], b: &[f32], transposed: bool, from_zero: bool) -> (f32, f32) {
        let n = self.n();
        let k = x.len() / n;
        let trade = MatRef::from_row_major_slice(&self.trade, n, n);
        let (mut change, mut largest): (f32, f32) = (0.0, 0.0);
        for (own, local) in self.ranges.iter().zip(&self.local) {
            let size = own.len();
            let mut bought = vec![0.0f32; size * k];
            let known = if from_zero { own.start } else { n };
            let from = MatRef::from_column_major_slice(x, n, k).subrows(0, known);
            let rows = if transposed {
                trade.submatrix(0, own.start, known, size).transpose()
            } else {
                trade.submatrix(own.start, 0, size, known)
            };
            MatMut::from_column_major_slice_mut(&mut bought, size, k)
                .rb_mut()
                .par_row_chunks_mut(ROWS)
                .zip(rows.par_row_chunks(ROWS))
                .for_each(|(to, rows)| matmul(to, Accum::Replace, rows, from, 1.0, Par::Seq));
            let sums = bought.chunks_exact(size).zip(b.chunks_exact(n));
            let mut rhs: Vec<f64> =
                sums.flat_map(|(bought, b)| bought.iter().zip(&b[own.clone()]).map(|(bought, b)| bought.to_f64() + b.to_f64())).collect();
            if transposed {
                local.solve(&mut rhs, 0);
            } else {
                local.solve_transposed(&mut rhs);
            }
            for (x, new) in x.chunks_exact_mut(n).zip(rhs.chunks_exact(size)) {
                for (x, new) in x[own.clone()].iter_mut().zip(new) {
                    let new = f32::from_f64(*new);
                    let moved = (new - *x).abs();
                    if !moved.is_finite() {
                        return (f32::NAN, largest);
                    }
                    change = change.max(moved);
                    largest = largest.max(new.abs());
                    *x = new;
                }
            }
        }
        (change, largest)
    }
}

/// The largest entry by absolute value; NaN where there is one.
fn largest(values: &[f64]) -> f64 {
    values.iter().fold(0.0, |largest: f64, value| if value.is_nan() { f64::NAN } else { largest.max(value.abs()) })
}
