//! What all decompositions of exports rest on: the value-added content of a unit of exports, with and without what crosses a border
//! again, and sums of Z by industry and partner.

use crate::exporter::{ExporterBlock, reciprocal};
use crate::leontief::{Lu, identity_minus_coefficients};
use crate::{ChainError, InputOutputSystem, Leontief};
use faer::Mat;
use rayon::prelude::*;

/// How often the feedback of exports through other regions is followed before the block of the inverse is formed instead. Each round
/// gains about the share of exports that returns, so world tables need 6 to 12.
const ROUNDS: usize = 60;

/// A system with v̂L summed to regions of origin.
pub(crate) struct ExportContent<'a, L: Leontief> {
    pub(crate) leontief: &'a L,
    pub(crate) system: &'a InputOutputSystem,
    /// v_r L_r· for every region r, one after the other: what of one unit of final demand is value added in r.
    by_region: Vec<f64>,
    /// Their sum v'L: 1 but for industries without positive output and value added that was given.
    total: Vec<f64>,
}

/// Value-added multipliers of an exporter's industries: per unit of its exports.
pub(crate) struct Multipliers {
    /// v_s L_ss: all value added at home, what crosses its border again included.
    pub(crate) domestic: Vec<f64>,
    /// v_s (I − A_ss)⁻¹: at home, without inputs from abroad.
    pub(crate) local: Vec<f64>,
    /// Σ_{t≠s} v_t L_ts: all value added abroad.
    pub(crate) foreign: Vec<f64>,
}

impl<'a, L: Leontief> ExportContent<'a, L> {
    pub(crate) fn new(leontief: &'a L) -> Self {
        let system = leontief.system();
        let (n, regions) = (system.size(), system.regions().len());
        let v = system.value_added_coefficients();
        let mut weights = vec![0.0; n * regions];
        for (r, row) in weights.chunks_exact_mut(n).enumerate() {
            let own = system.range_at(r);
            row[own.clone()].copy_from_slice(&v[own]);
        }
        let by_region = leontief.solve_transposed(weights);
        let mut total = vec![0.0; n];
        for row in by_region.chunks_exact(n) {
            total.iter_mut().zip(row).for_each(|(sum, value)| *sum += value);
        }
        ExportContent { leontief, system, by_region, total }
    }

    /// v_r L_r· of a region.
    pub(crate) fn of_region(&self, region: usize) -> &[f64] {
        let n = self.system.size();
        &self.by_region[region * n..(region + 1) * n]
    }

    /// v_s L_s· of an exporter.
    pub(crate) fn of(&self, block: &ExporterBlock) -> Vec<f64> {
        let mut sum = vec![0.0; self.system.size()];
        for r in &block.regions {
            sum.iter_mut().zip(self.of_region(*r)).for_each(|(sum, value)| *sum += value);
        }
        sum
    }

    /// v'L, the sum over all regions.
    pub(crate) fn total(&self) -> &[f64] {
        &self.total
    }

    pub(crate) fn multipliers(&self, block: &ExporterBlock) -> Multipliers {
        let domestic = block.restrict(&self.of(block));
        let foreign = block.industries.iter().zip(&domestic).map(|(i, own)| self.total[*i] - own).collect();
        let mut local = block.restrict(self.system.value_added_coefficients());
        block.local.solve_transposed(&mut local);
        Multipliers { domestic, local, foreign }
    }
}

/// w K⁻¹ for every exporter, w one value for each of its industries and K = (I − A_ss) L_ss = I + Σ_{r≠s} A_sr L_rs.
///
/// Multiplying by K⁻¹ takes out of a multiplier of exports what leaves the exporter more than once, since L*_·s = L_·s K⁻¹ for the
/// inverse L* of the world in which the exporter delivers no inputs to others.
pub(crate) fn once_across_the_border(
    leontief: &impl Leontief,
    blocks: &[ExporterBlock],
    w: Vec<Vec<f64>>,
) -> Result<Vec<Vec<f64>>, ChainError> {
    let (system, n) = (leontief.system(), leontief.system().size());
    let solved = solve_together(w.clone(), |vectors| {
        let embedded = vectors.par_iter().flat_map_iter(|(b, p)| blocks[*b].embed(&blocks[*b].local_transposed(system, p), n));
        let made = leontief.solve_transposed(embedded.collect());
        made.chunks_exact(n).zip(vectors).map(|(made, (b, _))| blocks[*b].restrict(made)).collect()
    });
    let finish = |((found, block), mut rhs): ((Option<Vec<f64>>, &ExporterBlock), Vec<f64>)| match found {
        Some(solution) => Ok(solution),
        None => {
            own_factor(system, block, &columns_of(leontief, block))?.solve_transposed(&mut rhs);
            block.local.solve_transposed(&mut rhs);
            Ok(rhs)
        }
    };
    solved.into_iter().zip(blocks).zip(w).map(finish).collect()
}

/// K⁻¹ e for every exporter, e one value for each of its industries: the demand that, put to the world as it is, leaves the
/// exporter's border e times one.
pub(crate) fn demand_once_across(
    leontief: &impl Leontief,
    blocks: &[ExporterBlock],
    e: Vec<Vec<f64>>,
) -> Result<Vec<Vec<f64>>, ChainError> {
    let (system, n) = (leontief.system(), leontief.system().size());
    let solved = solve_together(e.clone(), |vectors| {
        let embedded = vectors.iter().flat_map(|(b, p)| blocks[*b].embed(p, n)).collect();
        let made = leontief.solve(embedded);
        let made: Vec<&[f64]> = made.chunks_exact(n).collect();
        let product = |(made, (b, _)): (&&[f64], &(usize, &[f64]))| blocks[*b].local_product(system, &blocks[*b].restrict(made));
        made.par_iter().zip(vectors).map(product).collect()
    });
    let finish = |((found, block), mut rhs): ((Option<Vec<f64>>, &ExporterBlock), Vec<f64>)| match found {
        Some(solution) => Ok(solution),
        None => {
            block.local.solve(&mut rhs);
            own_factor(system, block, &columns_of(leontief, block))?.solve(&mut rhs);
            Ok(rhs)
        }
    };
    solved.into_iter().zip(blocks).zip(e).map(finish).collect()
}

/// The columns of L of an exporter's industries.
pub(crate) fn columns_of(leontief: &impl Leontief, block: &ExporterBlock) -> Vec<f64> {
    let system = leontief.system();
    block.regions.iter().flat_map(|r| leontief.columns(system.range_at(*r))).collect()
}

/// The factor of L_ss from the columns of L of the exporter.
pub(crate) fn own_factor(system: &InputOutputSystem, block: &ExporterBlock, columns: &[f64]) -> Result<Lu, ChainError> {
    let (n, k) = (system.size(), block.industries.len());
    let own = Mat::from_fn(k, k, |i, j| columns[j * n + block.industries[i]]);
    let name = &block.name;
    Lu::new(own)
        .ok_or_else(|| ChainError::Singular { system: system.name().to_owned(), what: format!("the block of the inverse ({name})") })
}

/// (I − A_rr)⁻¹ Y_rr of every region r, one after the other: the output that its final demand for its own goods calls for at home.
pub(crate) fn own_supply(system: &InputOutputSystem) -> Result<Vec<f64>, ChainError> {
    local_output(system, |region| system.range_at(region).map(|i| system.final_delivery(i, region)).collect())
}

/// (I − A_rr)⁻¹ E_r of every region r, one after the other: the output that its exports call for at home.
pub(crate) fn export_supply(system: &InputOutputSystem) -> Result<Vec<f64>, ChainError> {
    local_output(system, |region| system.gross_exports_at(region))
}

fn local_output(system: &InputOutputSystem, demand: impl Fn(usize) -> Vec<f64> + Sync) -> Result<Vec<f64>, ChainError> {
    let one = |region: usize| {
        let mut made = demand(region);
        let factor = Lu::new(identity_minus_coefficients(system, system.range_at(region))).ok_or_else(|| ChainError::Singular {
            system: system.name().to_owned(),
            what: format!("I − A of the region ({})", system.regions().name(region)),
        })?;
        factor.solve(&mut made);
        Ok(made)
    };
    Ok((0..system.regions().len()).into_par_iter().map(one).collect::<Result<Vec<_>, ChainError>>()?.concat())
}

/// Final demand of every region, one column after the other.
pub(crate) fn final_demand_columns(system: &InputOutputSystem) -> Vec<f64> {
    (0..system.regions().len()).flat_map(|r| (0..system.size()).map(move |i| system.final_delivery(i, r))).collect()
}

/// Σ of several columns of a matrix stored column by column.
pub(crate) fn sum_of_columns(columns: &[f64], n: usize, which: &[usize]) -> Vec<f64> {
    let mut sum = vec![0.0; n];
    for r in which {
        sum.iter_mut().zip(&columns[r * n..(r + 1) * n]).for_each(|(sum, value)| *sum += value);
    }
    sum
}

/// What one industry of an exporter delivers to one partner, and products of the same block of A.
pub(crate) struct Flow<const K: usize> {
    /// Position among the exporter's industries.
    pub(crate) local: usize,
    /// The industry.
    pub(crate) industry: usize,
    /// The partner region.
    pub(crate) partner: usize,
    /// Deliveries to the partner's industries.
    pub(crate) intermediate: f64,
    /// Deliveries to its final demand.
    pub(crate) last: f64,
    /// Σ_{j in partner} a_ij h_j for each of the vectors h.
    pub(crate) products: [f64; K],
}

/// Calls `visit` for every industry of an exporter and every partner, in order, with products of the rows of A and `vectors`.
pub(crate) fn for_each_flow<const K: usize>(
    system: &InputOutputSystem,
    block: &ExporterBlock,
    vectors: [&[f64]; K],
    mut visit: impl FnMut(Flow<K>),
) {
    let n = system.size();
    let weights: Vec<[f64; K]> = system
        .output()
        .iter()
        .enumerate()
        .map(|(j, x)| {
            let scale = reciprocal(*x);
            vectors.map(|vector| vector[j] * scale)
        })
        .collect();
    for (local, industry) in block.industries.iter().copied().enumerate() {
        let row = &system.deliveries()[industry * n..(industry + 1) * n];
        for partner in block.partners.iter().copied() {
            let range = system.range_at(partner);
            let mut intermediate = 0.0;
            let mut products = [0.0; K];
            for (flow, weight) in row[range.clone()].iter().zip(&weights[range]) {
                intermediate += flow;
                products.iter_mut().zip(weight).for_each(|(sum, h)| *sum += flow * h);
            }
            visit(Flow { local, industry, partner, intermediate, last: system.final_delivery(industry, partner), products });
        }
    }
}

/// Solves systems M_k u_k = b_k of different sizes, the matrices being known only by M_k times a vector, all of which are asked for
/// together: the generalised minimal residual method (Saad and Schultz 1986, SIAM Journal on Scientific and Statistical Computing 7).
/// Meant for M close to the identity. `None` for a system that is not solved to 15 digits after [`ROUNDS`] rounds.
pub(crate) fn solve_together(
    right_hand_sides: Vec<Vec<f64>>,
    apply: impl Fn(&[(usize, &[f64])]) -> Vec<Vec<f64>>,
) -> Vec<Option<Vec<f64>>> {
    let mut systems: Vec<Krylov> = right_hand_sides.into_iter().map(Krylov::new).collect();
    for _ in 0..ROUNDS {
        let next: Vec<(usize, &[f64])> = systems.iter().enumerate().filter_map(|(k, system)| Some((k, system.next()?))).collect();
        if next.is_empty() {
            break;
        }
        let which: Vec<usize> = next.iter().map(|(k, _)| *k).collect();
        for (k, image) in which.into_iter().zip(apply(&next)) {
            systems[k].step(image);
        }
    }
    systems.into_iter().map(|system| system.solution).collect()
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// One system on its way.
struct Krylov {
    /// Orthonormal vectors.
    basis: Vec<Vec<f64>>,
    /// Columns of the triangular factor of the projected matrix.
    triangle: Vec<Vec<f64>>,
    /// The plane rotations (cosine, sine) that made it triangular.
    rotations: Vec<(f64, f64)>,
    /// The rotated right-hand side; its last entry is the residual.
    rotated: Vec<f64>,
    size: f64,
    solution: Option<Vec<f64>>,
}

impl Krylov {
    fn new(mut rhs: Vec<f64>) -> Self {
        let size = dot(&rhs, &rhs).sqrt();
        let solution = (size == 0.0).then(|| rhs.clone());
        rhs.iter_mut().for_each(|value| *value /= size);
        Krylov { basis: vec![rhs], triangle: Vec::new(), rotations: Vec::new(), rotated: vec![size], size, solution }
    }

    fn next(&self) -> Option<&[f64]> {
        if self.solution.is_some() { None } else { self.basis.last().map(Vec::as_slice) }
    }

    fn step(&mut self, mut image: Vec<f64>) {
        let mut column = vec![0.0; self.basis.len()];
        // twice is enough to be orthogonal to working precision
        for _ in 0..2 {
            for (entry, vector) in column.iter_mut().zip(&self.basis) {
                let part = dot(&image, vector);
                *entry += part;
                image.iter_mut().zip(vector).for_each(|(value, v)| *value -= part * v);
            }
        }
        let rest = dot(&image, &image).sqrt();
        for (k, (c, s)) in self.rotations.iter().enumerate() {
            let (upper, lower) = (column[k], column[k + 1]);
            column[k] = c * upper + s * lower;
            column[k + 1] = c * lower - s * upper;
        }
        let last = self.rotations.len();
        let length = column[last].hypot(rest);
        let (c, s) = (column[last] / length, rest / length);
        column[last] = length;
        let carried = self.rotated[last];
        self.rotated[last] = c * carried;
        self.rotated.push(-s * carried);
        self.rotations.push((c, s));
        self.triangle.push(column);
        if (s * carried).abs() <= 1e-15 * self.size || self.basis.len() == image.len() {
            self.solution = self.solve();
        } else {
            image.iter_mut().for_each(|value| *value /= rest);
            self.basis.push(image);
        }
    }

    fn solve(&self) -> Option<Vec<f64>> {
        let count = self.triangle.len();
        let mut weights = self.rotated[..count].to_vec();
        for k in (0..count).rev() {
            weights[k] /= self.triangle[k][k];
            let weight = weights[k];
            weights[..k].iter_mut().zip(&self.triangle[k]).for_each(|(w, entry)| *w -= weight * entry);
        }
        let mut solution = vec![0.0; self.basis[0].len()];
        for (weight, vector) in weights.iter().zip(&self.basis) {
            solution.iter_mut().zip(vector).for_each(|(sum, v)| *sum += weight * v);
        }
        solution.iter().all(|value| value.is_finite()).then_some(solution)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn systems_of_different_sizes_are_solved_together() {
        let matrices =
            [vec![vec![2.0, 1.0], vec![0.5, 3.0]], vec![vec![1.5]], vec![vec![1.0, 0.0, 0.2], vec![0.1, 1.1, 0.0], vec![0.0, 0.3, 0.9]]];
        let solutions = [vec![1.0, -2.0], vec![4.0], vec![3.0, 0.0, -1.0]];
        let times = |k: usize, u: &[f64]| matrices[k].iter().map(|row| dot(row, u)).collect::<Vec<f64>>();
        let rhs = (0..3).map(|k| times(k, &solutions[k])).collect();
        let found = solve_together(rhs, |asked| asked.iter().map(|(k, u)| times(*k, u)).collect());
        for (found, expected) in found.iter().zip(&solutions) {
            let found = found.as_ref().unwrap();
            found.iter().zip(expected).for_each(|(f, e)| assert!((f - e).abs() < 1e-14, "{found:?} {expected:?}"));
        }
        assert_eq!(solve_together(vec![vec![0.0; 2]], |_| vec![]), [Some(vec![0.0; 2])]);
    }

    #[test]
    fn a_system_that_does_not_settle_is_given_up() {
        // a shift of 100 places: the residual stays until the last round
        let n = 100;
        let shift =
            |asked: &[(usize, &[f64])]| -> Vec<Vec<f64>> { asked.iter().map(|(_, u)| (0..n).map(|i| u[(i + 1) % n]).collect()).collect() };
        let mut rhs = vec![0.0; n];
        rhs[0] = 1.0;
        assert_eq!(solve_together(vec![rhs], shift), [None]);
    }
}
