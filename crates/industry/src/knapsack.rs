/// What was found.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Cover {
    /// Positions taken, ascending.
    pub(crate) chosen: Vec<usize>,
    /// The sum of their costs.
    pub(crate) cost: f64,
    /// No cover costs less than this; the cost itself where that was proven.
    pub(crate) lower_bound: f64,
    /// Partial choices looked at.
    pub(crate) nodes: u64,
}

/// Costs that differ by less than this share are the same.
const SAME: f64 = 1e-12;
/// No partial choice before.
const ROOT: u32 = u32::MAX;

/// A partial choice: the items of the linear solution, some of them turned over.
#[derive(Debug, Clone, Copy)]
struct Node {
    /// Gain beyond the need; negative while it is not met.
    surplus: f64,
    cost: f64,
    trail: u32,
}

/// The cheapest set that gains enough: min Σ cost x, Σ gain x ≥ need, x ∈ {0, 1} - the 0–1 knapsack turned round - with real numbers.
///
/// Costs are not negative, gains positive, `0 < need ≤ Σ gain`. Exact by branch and bound: items stand in the order of cost per gain; the
/// linear relaxation takes the first ones and a part of the next (Dantzig 1957), whose price per gain gives every other item a reduced
/// cost. Branching turns items over in the order of that cost, breadth first; a partial choice dies when another costs no more and gains
/// as much, or when its linear bound over the items still open is not below the best cover found. When the next reduced cost alone
/// closes the gap, every item left keeps its value (Pisinger 1997 calls the items before it the core).
pub(crate) fn cheapest_cover(costs: &[f64], gains: &[f64], need: f64, node_limit: u64) -> Cover {
    let n = costs.len();
    let mut order: Vec<usize> = (0..n).collect();
    let ratio = |i: usize| costs[i] / gains[i];
    order.sort_by(|a, b| ratio(*a).total_cmp(&ratio(*b)).then(gains[*b].total_cmp(&gains[*a])).then(a.cmp(b)));

    let (mut surplus, mut cost, mut split) = (-need, 0.0, 0);
    while split < n && surplus + gains[order[split]] < 0.0 {
        surplus += gains[order[split]];
        cost += costs[order[split]];
        split += 1;
    }
    if split == n {
        // everything is needed; that it is enough was the caller's promise, up to rounding
        let chosen: Vec<usize> = (0..n).collect();
        let cost = costs.iter().sum();
        return Cover { chosen, cost, lower_bound: cost, nodes: 0 };
    }
    let price = ratio(order[split]);
    let relaxed = cost - surplus * price;
    let mut best = first_cover(costs, gains, &order, split, surplus);
    let mut best_cost = best.iter().map(|i| costs[*i]).sum::<f64>();
    let mut best_trail = None;

    // the position in the order of every item by how much turning it over costs the relaxation
    let turn = |at: usize| (costs[order[at]] - price * gains[order[at]]).abs();
    let mut core: Vec<usize> = (0..n).collect();
    core.sort_by(|a, b| turn(*a).total_cmp(&turn(*b)).then(a.cmp(b)));
    let open = Open::new(&core, split, |at| ratio(order[at]), |at| gains[order[at]]);

    let enough = |best: f64| best - SAME * best;
    let mut trails: Vec<(u32, u32)> = Vec::new();
    let mut nodes = vec![Node { surplus, cost, trail: ROOT }];
    let mut turned: Vec<Node> = Vec::new();
    let mut looked_at = 1_u64;
    // no cover costs less; the best one itself once every branch has died
    let mut floor = f64::INFINITY;
    for (step, at) in core.iter().enumerate() {
        if nodes.is_empty() || relaxed + turn(*at) >= enough(best_cost) {
            break;
        }
        if looked_at >= node_limit {
            floor = nodes.iter().map(|node| open.bound(step, node)).fold(floor, f64::min).max(relaxed);
            break;
        }
        let sign = if *at < split { -1.0 } else { 1.0 };
        let (gain, extra) = (sign * gains[order[*at]], sign * costs[order[*at]]);
        turned.clear();
        for node in &nodes {
            let next = Node { surplus: node.surplus + gain, cost: node.cost + extra, trail: node.trail };
            looked_at += 1;
            let improves = next.surplus >= 0.0 && next.cost < enough(best_cost);
            if improves || open.bound(step + 1, &next) < enough(best_cost) {
                trails.push((node.trail, *at as u32));
                let next = Node { trail: (trails.len() - 1) as u32, ..next };
                if improves {
                    best_cost = next.cost;
                    best_trail = Some(next.trail);
                }
                turned.push(next);
            }
        }
        nodes = undominated(&nodes, &turned);
        nodes.retain(|node| open.bound(step + 1, node) < enough(best_cost));
    }
    if let Some(mut trail) = best_trail {
        let mut taken: Vec<bool> = (0..n).map(|at| at < split).collect();
        while trail != ROOT {
            let (before, at) = trails[trail as usize];
            taken[at as usize] = !taken[at as usize];
            trail = before;
        }
        best = (0..n).filter(|at| taken[*at]).map(|at| order[at]).collect();
    }
    best.sort_unstable();
    let cost: f64 = best.iter().map(|i| costs[*i]).sum();
    Cover { chosen: best, cost, lower_bound: floor.min(cost), nodes: looked_at }
}

/// What the items still open after every step can do at best.
struct Open {
    /// The highest cost per gain that taking an item out could save.
    saving: Vec<f64>,
    /// The lowest cost per gain at which an item could be put in.
    adding: Vec<f64>,
    /// The gain of all that could be put in.
    reserve: Vec<f64>,
}

impl Open {
    fn new(core: &[usize], split: usize, ratio: impl Fn(usize) -> f64, gain: impl Fn(usize) -> f64) -> Self {
        let n = core.len();
        let mut open = Open { saving: vec![0.0; n + 1], adding: vec![f64::INFINITY; n + 1], reserve: vec![0.0; n + 1] };
        for (step, at) in core.iter().enumerate().rev() {
            let (saving, adding, reserve) = (open.saving[step + 1], open.adding[step + 1], open.reserve[step + 1]);
            let taken = *at < split;
            open.saving[step] = if taken { saving.max(ratio(*at)) } else { saving };
            open.adding[step] = if taken { adding } else { adding.min(ratio(*at)) };
            open.reserve[step] = if taken { reserve } else { reserve + gain(*at) };
        }
        open
    }

    /// No cover that goes on from here costs less. What is put in costs at least `adding` a unit of gain, what is taken out saves at most
    /// `saving`, which is no more: so a surplus is at best sold off, a lack at best bought.
    fn bound(&self, step: usize, node: &Node) -> f64 {
        if node.surplus >= 0.0 {
            node.cost - node.surplus * self.saving[step]
        } else if -node.surplus > self.reserve[step] * (1.0 + SAME) {
            f64::INFINITY
        } else {
            node.cost - node.surplus * self.adding[step]
        }
    }
}

/// The better of two simple covers, with what it does not need taken out again, dearest first: the items of the linear solution with the
/// whole of the split item, and the same with the cheapest single item that is enough instead.
fn first_cover(costs: &[f64], gains: &[f64], order: &[usize], split: usize, surplus: f64) -> Vec<usize> {
    let last = order[split..].iter().copied().filter(|i| surplus + gains[*i] >= 0.0).min_by(|a, b| costs[*a].total_cmp(&costs[*b]));
    let covers = [Some(order[split]), last].into_iter().flatten().map(|extra| {
        let mut left = surplus + gains[extra];
        let mut taken: Vec<usize> = order[..split].iter().copied().chain([extra]).collect();
        taken.sort_by(|a, b| costs[*b].total_cmp(&costs[*a]).then(a.cmp(b)));
        taken.retain(|i| {
            let unneeded = gains[*i] <= left;
            if unneeded {
                left -= gains[*i];
            }
            !unneeded
        });
        taken
    });
    let cost = |set: &Vec<usize>| set.iter().map(|i| costs[*i]).sum::<f64>();
    covers.min_by(|a, b| cost(a).total_cmp(&cost(b))).unwrap_or_default()
}

/// Both lists, from most surplus to least, without what costs no less than something with as much surplus.
fn undominated(stay: &[Node], turned: &[Node]) -> Vec<Node> {
    let mut kept: Vec<Node> = Vec::with_capacity(stay.len() + turned.len());
    let (mut a, mut b) = (stay.iter().peekable(), turned.iter().peekable());
    loop {
        let first = match (a.peek(), b.peek()) {
            (None, None) => return kept,
            (Some(_), None) => a.next(),
            (None, Some(_)) => b.next(),
            (Some(x), Some(y)) if x.surplus > y.surplus || (x.surplus == y.surplus && x.cost <= y.cost) => a.next(),
            _ => b.next(),
        };
        if let Some(node) = first
            && kept.last().is_none_or(|last| node.cost < last.cost)
        {
            kept.push(*node);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn by_hand(costs: &[f64], gains: &[f64], need: f64) -> f64 {
        let n = costs.len();
        let sum = |values: &[f64], set: u32| (0..n).filter(|i| set >> i & 1 == 1).map(|i| values[i]).sum::<f64>();
        (0..1_u32 << n).filter(|set| sum(gains, *set) >= need).map(|set| sum(costs, set)).fold(f64::INFINITY, f64::min)
    }

    #[test]
    fn a_limit_leaves_an_honest_gap() {
        // cost and gain go together, so that the linear bound tells little apart
        let gains: Vec<f64> = (0..60).map(|i| 1.0 + f64::from(i * i * 7919 % 1009) / 1009.0).collect();
        let costs: Vec<f64> = gains.iter().map(|g| g + 0.1).collect();
        let need = gains.iter().sum::<f64>() * 0.37;
        let full = cheapest_cover(&costs, &gains, need, 50_000_000);
        let limited = cheapest_cover(&costs, &gains, need, 50);
        assert!(limited.lower_bound <= full.cost + 1e-9 && limited.cost >= full.cost - 1e-9, "{limited:?} {full:?}");
        assert!(limited.lower_bound < limited.cost && limited.nodes < 200);
        assert!(limited.chosen.iter().map(|i| gains[*i]).sum::<f64>() >= need);
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 4000, ..ProptestConfig::default() })]
        #[test]
        fn every_cover_is_the_cheapest(
            // eighths add up without rounding, so ties and exact covers happen
            items in prop::collection::vec((0..24_u32, 1..24_u32), 1..13), share in 1..=64_u32, kind in 0..4,
        ) {
            let gains: Vec<f64> = items.iter().map(|(_, g)| f64::from(*g) / 8.0).collect();
            let costs: Vec<f64> = items.iter().zip(&gains).map(|((c, _), g)| match kind {
                0 => f64::from(*c) / 8.0,
                1 => 1.0,
                2 => *g,
                _ => g + 0.25,
            }).collect();
            let need = gains.iter().sum::<f64>() * f64::from(share) / 64.0;
            let found = cheapest_cover(&costs, &gains, need, u64::MAX);
            let best = by_hand(&costs, &gains, need);
            prop_assert!((found.cost - best).abs() <= 1e-12 * best.max(1.0), "{} instead of {best}", found.cost);
            prop_assert_eq!(found.lower_bound, found.cost);
            prop_assert!(found.chosen.iter().map(|i| gains[*i]).sum::<f64>() >= need);
        }
    }
}
