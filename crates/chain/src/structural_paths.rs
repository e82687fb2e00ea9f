use crate::{ChainError, InputOutputSystem, Leontief};
use serde::{Deserialize, Serialize};
use std::cmp::Ordering;
use std::collections::{BinaryHeap, HashMap};

/// Bounds are raised by this share before they are compared, so that rounding cannot let a path overtake a larger one.
const ROUNDING: f64 = 1e-12;

/// When [`structural_paths`] ends.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct PathOptions {
    /// How many paths to list at most. Default: 100.
    pub paths: usize,
    /// Stop once the listed paths make up this share of the whole (in absolute terms). Default: 1, that is not before.
    pub coverage: f64,
}

impl Default for PathOptions {
    fn default() -> Self {
        PathOptions { paths: 100, coverage: 1.0 }
    }
}

/// One supply path, from the industry that delivers to final demand up to the one where the stressor arises.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StructuralPath {
    /// (region, sector) of every stage, the industry that sells to final demand first, the one with the stressor last.
    pub industries: Vec<(String, String)>,
    /// Positions of the same in the system.
    pub positions: Vec<usize>,
    /// Purchases of the last industry's output that the path stands for: y a … a.
    pub purchases: f64,
    /// What arises in the last industry along the path: coefficient × purchases.
    pub contribution: f64,
    /// contribution / total of the whole account; absent where that total is zero.
    pub share: Option<f64>,
    /// Everything that arises in the last industry and above it along this path: purchases × multiplier of the last industry.
    pub with_all_above: f64,
}

/// The largest supply paths behind a final demand.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StructuralPaths {
    /// The paths, largest contribution (in absolute terms) first.
    pub paths: Vec<StructuralPath>,
    /// f' L y, all paths together.
    pub total: f64,
    /// Σ |f|' L |y|: the same without cancelling signs; equal to the total when nothing is negative.
    pub absolute_total: f64,
    /// Σ of the listed contributions.
    pub listed: f64,
    /// Σ |listed contributions| / absolute total. Absent where that is zero.
    pub coverage: Option<f64>,
    /// No path that is not listed is larger than this (in absolute terms); zero when all paths are listed.
    pub largest_missing: f64,
    /// How many tree nodes were looked at.
    pub nodes: usize,
}

/// Structural path analysis: the N largest paths, proven to be the largest, in order.
///
/// The account f' L y = Σ_k f' A^k y is a sum over paths i₀ ← i₁ ← … ← i_k with contributions f_{i_k} a_{i_k i_{k−1}} … a_{i₁ i₀} y_{i₀}
/// (Defourny and Thorbecke 1984, Economic Journal 94; Lenzen 2003, Environmentally important paths, linkages and key sectors in the
/// Australian economy, Structural Change and Economic Dynamics 14). Their tree is searched best first. The key of a node is what the
/// largest single path at or above it contributes: with purchases w of industry i that is w b_i, where b is the fixed point of
/// b_i = max(|f_i|, max_j a_ji b_j). It exists because a cycle multiplies to less than 1 when the spectral radius is below 1, and is
/// never above the multiplier (f'L)_i that usual searches prune with, so nothing is visited that does not lead to a listed path.
/// A node's children are taken one by one in the order of their keys. When a path leaves the queue no other can be larger, and the key
/// at its head is the largest path still missing: no threshold has to be guessed.
///
/// `stressor` are coefficients per unit of output (n values, 1 for output itself), `demand` final demand by industry; both may hold
/// negative values, which are ordered by their size.
///
/// ```
/// # use xinzhi_chain::{Factor, InputOutputSystem, SystemOptions};
/// use xinzhi_chain::{PathOptions, structural_paths};
/// # let pair = |a: &str, b: &str| (a.to_string(), b.to_string());
/// # let system = InputOutputSystem::new(
/// #     "two regions", 2011, "million USD", vec![pair("A", "all"), pair("B", "all")], vec![10.0, 20.0, 30.0, 40.0],
/// #     vec![pair("A", "final"), pair("B", "final")], vec![50.0, 20.0, 10.0, 20.0], SystemOptions::default(),
/// # )?;
/// let paths = structural_paths(&Factor::new(&system)?, &[0.0, 1.0], &[100.0, 0.0], &PathOptions { paths: 2, coverage: 1.0 })?;
/// // B sells 0.3 a unit to A; next comes B's own use of its output on the same path
/// assert!((paths.paths[0].contribution - 30.0).abs() < 1e-12);
/// assert_eq!(paths.paths[1].positions, [0, 1, 1]);
/// assert!((paths.paths[1].contribution - 12.0).abs() < 1e-12);
/// assert!((paths.total - 62.5).abs() < 1e-12 && (paths.largest_missing - 4.8).abs() < 1e-9);
/// # Ok::<(), xinzhi_chain::ChainError>(())
/// ```
///
/// # Errors
/// [`ChainError::Shape`]; [`ChainError::Refused`] for a value that is not finite; [`ChainError::NotConverged`] when the bounds do not
/// settle, which happens only where the system is not productive.
pub fn structural_paths(
    leontief: &impl Leontief,
    stressor: &[f64],
    demand: &[f64],
    options: &PathOptions,
) -> Result<StructuralPaths, ChainError> {
    let system = leontief.system();
    let n = system.size();
    for (what, values) in [("the stressor coefficients", stressor), ("the final demand", demand)] {
        if values.len() != n {
            return Err(ChainError::Shape { system: system.name().to_owned(), what: what.to_owned(), expected: n, found: values.len() });
        }
        if let Some(i) = values.iter().position(|v| !v.is_finite()) {
            let why = format!("the value of {} is {}; give finite numbers", system.industry(i), values[i]);
            return Err(ChainError::Refused { system: system.name().to_owned(), what: what.to_owned(), why });
        }
    }
    let absolute: Vec<f64> = stressor.iter().map(|f| f.abs()).collect();
    let signed = stressor.iter().any(|f| *f < 0.0);
    let mut vectors = absolute.clone();
    if signed {
        vectors.extend_from_slice(stressor);
    }
    let multipliers = leontief.solve_transposed(vectors);
    let (absolute_multipliers, multipliers) = (&multipliers[..n], &multipliers[multipliers.len() - n..]);
    let total: f64 = multipliers.iter().zip(demand).map(|(m, y)| m * y).sum();
    let absolute_total: f64 = absolute_multipliers.iter().zip(demand).map(|(m, y)| m * y.abs()).sum();

    let bounds = largest_path_bounds(system, &absolute)?;
    let mut search = Search { system, bounds, nodes: Vec::new(), suppliers: HashMap::new(), heap: BinaryHeap::new(), sequence: 0 };
    let mut starts: Vec<u32> = (0..n as u32).filter(|i| demand[*i as usize] != 0.0).collect();
    let key = |i: u32| demand[i as usize].abs() * search.bounds[i as usize];
    starts.sort_by(|a, b| key(*b).total_cmp(&key(*a)).then(a.cmp(b)));
    search.suppliers.insert(ROOT, starts);
    search.push_child(ROOT, 0, demand);

    let (mut paths, mut listed, mut listed_absolute) = (Vec::new(), 0.0, 0.0);
    while paths.len() < options.paths && !(absolute_total > 0.0 && listed_absolute >= options.coverage * absolute_total) {
        let Some(next) = search.heap.pop() else { break };
        match next.step {
            Step::Child { parent, rank } => search.visit(parent, rank, demand, &absolute),
            Step::Path { node } => {
                let path = search.path(node, stressor, multipliers, total);
                listed += path.contribution;
                listed_absolute += path.contribution.abs();
                paths.push(path);
            }
        }
    }
    paths.sort_by(|a, b| {
        let larger = b.contribution.abs().total_cmp(&a.contribution.abs());
        larger.then(a.positions.len().cmp(&b.positions.len())).then_with(|| a.positions.cmp(&b.positions))
    });
    Ok(StructuralPaths {
        paths,
        total,
        absolute_total,
        listed,
        coverage: (absolute_total > 0.0).then(|| listed_absolute / absolute_total),
        largest_missing: search.heap.peek().map_or(0.0, |next| next.key),
        nodes: search.nodes.len(),
    })
}

/// b_i = max(f_i, max_j a_ji b_j): what the largest path at or above one unit of industry i's output contributes.
fn largest_path_bounds(system: &InputOutputSystem, stressor: &[f64]) -> Result<Vec<f64>, ChainError> {
    let n = system.size();
    let z = system.deliveries();
    let inverse: Vec<f64> = system.output().iter().map(|x| if *x > 0.0 { 1.0 / x } else { 0.0 }).collect();
    let mut bounds = stressor.to_vec();
    // the bound of every row when it was last passed on to its users
    let mut passed = vec![0.0; n];
    for _ in 0..=n {
        let mut settled = true;
        for j in 0..n {
            let own = bounds[j];
            if own <= passed[j] {
                continue;
            }
            settled = false;
            passed[j] = own;
            for (bound, (flow, inverse)) in bounds.iter_mut().zip(z[j * n..(j + 1) * n].iter().zip(&inverse)) {
                let through = flow * inverse * own;
                *bound = if through > *bound { through } else { *bound };
            }
        }
        if settled {
            return Ok(bounds);
        }
    }
    Err(ChainError::NotConverged {
        system: system.name().to_owned(),
        method: "the bound of structural paths",
        iterations: n + 1,
        place: "a cycle of industries".to_owned(),
        residual: 1.0,
        next: "some industries use up more than they make: check the table",
    })
}

const ROOT: u32 = u32::MAX;

struct Node {
    parent: u32,
    industry: u32,
    /// y a … a.
    purchases: f64,
}

enum Step {
    /// The child of a node that stands at a rank among its suppliers, by descending bound.
    Child { parent: u32, rank: u32 },
    /// The path that ends at a node.
    Path { node: u32 },
}

struct Next {
    key: f64,
    sequence: u64,
    step: Step,
}

impl Ord for Next {
    fn cmp(&self, other: &Self) -> Ordering {
        // the earlier one first among equals
        self.key.total_cmp(&other.key).then(other.sequence.cmp(&self.sequence))
    }
}

impl PartialOrd for Next {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Next {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Next {}

struct Search<'a> {
    system: &'a InputOutputSystem,
    bounds: Vec<f64>,
    nodes: Vec<Node>,
    /// For an industry met on the way (or the root, final demand), its suppliers by descending bound, those without effect left out.
    suppliers: HashMap<u32, Vec<u32>>,
    heap: BinaryHeap<Next>,
    sequence: u64,
}

impl Search<'_> {
    fn push(&mut self, key: f64, step: Step) {
        if key > 0.0 {
            self.heap.push(Next { key, sequence: self.sequence, step });
            self.sequence += 1;
        }
    }

    /// Purchases of `supplier` that one step below `parent` makes.
    fn purchases(&self, parent: u32, supplier: u32, demand: &[f64]) -> f64 {
        if parent == ROOT {
            return demand[supplier as usize];
        }
        let node = &self.nodes[parent as usize];
        node.purchases * self.system.input_coefficient(supplier as usize, node.industry as usize)
    }

    fn push_child(&mut self, parent: u32, rank: u32, demand: &[f64]) {
        let industry = if parent == ROOT { ROOT } else { self.nodes[parent as usize].industry };
        let Some(supplier) = self.suppliers.get(&industry).and_then(|list| list.get(rank as usize)).copied() else { return };
        let bound = self.purchases(parent, supplier, demand).abs() * self.bounds[supplier as usize] * (1.0 + ROUNDING);
        self.push(bound, Step::Child { parent, rank });
    }

    /// Makes a node of a child, and queues its path, its own first child and its next sibling.
    fn visit(&mut self, parent: u32, rank: u32, demand: &[f64], stressor: &[f64]) {
        self.push_child(parent, rank + 1, demand);
        let from = if parent == ROOT { ROOT } else { self.nodes[parent as usize].industry };
        let industry = self.suppliers[&from][rank as usize];
        let purchases = self.purchases(parent, industry, demand);
        let node = self.nodes.len() as u32;
        self.nodes.push(Node { parent, industry, purchases });
        self.push(purchases.abs() * stressor[industry as usize], Step::Path { node });
        self.suppliers.entry(industry).or_insert_with(|| suppliers_by_bound(self.system, &self.bounds, industry as usize));
        self.push_child(node, 0, demand);
    }

    fn path(&self, node: u32, stressor: &[f64], multipliers: &[f64], total: f64) -> StructuralPath {
        let mut positions = Vec::new();
        let mut at = node;
        while at != ROOT {
            positions.push(self.nodes[at as usize].industry as usize);
            at = self.nodes[at as usize].parent;
        }
        let (last, purchases) = (positions[0], self.nodes[node as usize].purchases);
        positions.reverse();
        let contribution = stressor[last] * purchases;
        StructuralPath {
            industries: positions.iter().map(|i| self.system.sectors()[*i].clone()).collect(),
            positions,
            purchases,
            contribution,
            share: (total != 0.0).then(|| contribution / total),
            with_all_above: multipliers[last] * purchases,
        }
    }
}

fn suppliers_by_bound(system: &InputOutputSystem, bounds: &[f64], industry: usize) -> Vec<u32> {
    let mut keyed: Vec<(f64, u32)> = bounds
        .iter()
        .enumerate()
        .map(|(i, bound)| (system.input_coefficient(i, industry) * bound, i as u32))
        .filter(|(key, _)| *key > 0.0)
        .collect();
    keyed.sort_unstable_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    keyed.into_iter().map(|(_, i)| i).collect()
}
