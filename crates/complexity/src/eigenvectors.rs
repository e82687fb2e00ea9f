//! Eigenvectors of symmetric matrices, on one thread, so that the bytes do not depend on how many there are.

use faer::linalg::evd::{ComputeEigenvectors, self_adjoint_evd, self_adjoint_evd_scratch};
use faer::{Mat, Par};

/// All eigenvalues, ascending, and their vectors by column, of the symmetric matrix whose lower half is given. Nothing when the solver
/// does not converge.
pub(crate) fn symmetric_eigenvectors(matrix: &Mat<f64>) -> Option<(Vec<f64>, Mat<f64>)> {
    let n = matrix.nrows();
    let mut values = Mat::<f64>::zeros(n, 1);
    let mut vectors = Mat::<f64>::zeros(n, n);
    let scratch = self_adjoint_evd_scratch::<f64>(n, ComputeEigenvectors::Yes, Par::Seq, Default::default());
    self_adjoint_evd(
        matrix.as_ref(),
        values.col_mut(0).as_diagonal_mut(),
        Some(vectors.as_mut()),
        Par::Seq,
        faer::dyn_stack::MemStack::new(&mut faer::dyn_stack::MemBuffer::new(scratch)),
        Default::default(),
    )
    .ok()?;
    Some(((0..n).map(|i| values[(i, 0)]).collect(), vectors))
}

/// Steps after which the Lanczos method gives up.
const STEPS: usize = 400;

/// The `count` largest eigenvalues, descending, and their vectors (of unit length) of a symmetric operator on the space orthogonal to the
/// `known` unit vectors, by the Lanczos method with full reorthogonalisation (Parlett 1980). Nothing when they are not accurate to
/// `tolerance`, relative to the largest, within 400 steps. Of eigenvalues that coincide one is found.
pub(crate) fn largest_eigenvectors(
    n: usize,
    count: usize,
    tolerance: f64,
    known: &[Vec<f64>],
    mut apply: impl FnMut(&[f64], &mut [f64]),
) -> Option<(Vec<f64>, Vec<Vec<f64>>)> {
    let space = n.checked_sub(known.len()).filter(|space| *space > 0)?;
    let count = count.min(space);
    let mut basis: Vec<Vec<f64>> = Vec::new();
    let (mut diagonal, mut beside): (Vec<f64>, Vec<f64>) = (Vec::new(), Vec::new());
    let mut next: Vec<f64> = (0..n as u64).map(|i| crate::random::uniform(0x004c_616e_637a_6f73, 0, i) - 0.5).collect();
    orthogonalise(&mut next, known, &basis);
    let mut length = norm(&next);
    let mut scale = 0.0_f64;
    for step in 0..STEPS.min(space) {
        if length <= f64::EPSILON * scale.max(f64::MIN_POSITIVE) {
            break;
        }
        next.iter_mut().for_each(|v| *v /= length);
        let current = next.clone();
        basis.push(current);
        let mut image = vec![0.0; n];
        apply(&basis[step], &mut image);
        let along = dot(&image, &basis[step]);
        diagonal.push(along);
        next = image;
        orthogonalise(&mut next, known, &basis);
        length = norm(&next);
        scale = scale.max(along.abs()).max(length);
        let complete = step + 1 == space || length <= f64::EPSILON * scale;
        if step + 1 >= count
            && ((step + 1).is_multiple_of(8) || complete)
            && let Some(found) = ritz(&diagonal, &beside, &basis, count, (!complete).then_some(length), tolerance)
        {
            return Some(found);
        }
        beside.push(length);
    }
    // an invariant space smaller than asked for
    ritz(&diagonal, &beside, &basis, count.min(diagonal.len()), None, tolerance).filter(|_| basis.len() < STEPS)
}

/// The largest eigenpairs of the operator on the basis, if the residual, known from the length of what the basis lacks, is small enough.
fn ritz(
    diagonal: &[f64],
    beside: &[f64],
    basis: &[Vec<f64>],
    count: usize,
    length: Option<f64>,
    tolerance: f64,
) -> Option<(Vec<f64>, Vec<Vec<f64>>)> {
    let m = diagonal.len();
    let mut small = Mat::<f64>::zeros(m, m);
    for i in 0..m {
        small[(i, i)] = diagonal[i];
        if i + 1 < m {
            small[(i + 1, i)] = beside[i];
        }
    }
    let (values, vectors) = symmetric_eigenvectors(&small)?;
    let largest = values[m - 1].abs().max(values[0].abs());
    let exact = |k: usize| length.is_none_or(|length| (length * vectors[(m - 1, k)]).abs() <= tolerance * largest);
    if !(m - count..m).all(exact) {
        return None;
    }
    let vector = |k: usize| {
        let mut sum = vec![0.0; basis[0].len()];
        for (i, column) in basis.iter().enumerate() {
            sum.iter_mut().zip(column).for_each(|(sum, v)| *sum += vectors[(i, k)] * v);
        }
        let length = norm(&sum);
        sum.iter_mut().for_each(|v| *v /= length);
        sum
    };
    let order: Vec<usize> = (m - count..m).rev().collect();
    Some((order.iter().map(|k| values[*k]).collect(), order.iter().map(|k| vector(*k)).collect()))
}

/// Takes out of a vector what it has in common with the others, twice, because once leaves rounding behind.
fn orthogonalise(vector: &mut [f64], known: &[Vec<f64>], basis: &[Vec<f64>]) {
    for _ in 0..2 {
        for other in known.iter().chain(basis) {
            let part = dot(vector, other);
            vector.iter_mut().zip(other).for_each(|(v, o)| *v -= part * o);
        }
    }
}

/// A dot product in eight fixed lanes, which is quick and always the same.
pub(crate) fn dot(a: &[f64], b: &[f64]) -> f64 {
    let mut lanes = [0.0; 8];
    let (left, right) = (a.chunks_exact(8), b.chunks_exact(8));
    let rest: f64 = left.remainder().iter().zip(right.remainder()).map(|(x, y)| x * y).sum();
    for (x, y) in left.zip(right) {
        for k in 0..8 {
            lanes[k] += x[k] * y[k];
        }
    }
    lanes.iter().sum::<f64>() + rest
}

fn norm(v: &[f64]) -> f64 {
    dot(v, v).sqrt()
}
