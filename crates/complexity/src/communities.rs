use crate::ComplexityError;
use crate::relatedness_network::{label_order, number_by_size};
use frame::{FrameError, Labels};
use serde::{Deserialize, Serialize};

/// How communities are sought.
///
/// ```
/// assert_eq!(xinzhi_complexity::CommunityOptions::default().resolution, 1.0);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct CommunityOptions {
    /// The weight γ of the null model; above 1 gives smaller communities, below 1 larger ones.
    pub resolution: f64,
    /// How many visiting orders are tried; the best result is kept, the first of equals. The first order is by label, the others are
    /// shuffled by a counter, so that every run is the same.
    pub starts: usize,
}

impl Default for CommunityOptions {
    fn default() -> Self {
        CommunityOptions { resolution: 1.0, starts: 8 }
    }
}

/// Communities of a network.
#[derive(Debug, Clone, PartialEq)]
pub struct Communities {
    labels: Labels,
    /// The community of every node, numbered from 0, the largest first, equals by their first label; nothing for a node without links.
    pub membership: Vec<Option<usize>>,
    /// How many nodes each community has.
    pub sizes: Vec<usize>,
    /// `Q = Σ_c [w_c / W − γ (s_c / 2W)²]`: w_c the weight of links inside c, s_c the sum of its nodes' strengths, W of all links.
    /// 0 without links.
    pub modularity: f64,
    /// What was asked for.
    pub options: CommunityOptions,
}

/// Communities of a weighted network that make the modularity (Newman and Girvan 2004, weighted by Newman 2004) large, by the Leiden
/// algorithm (Traag, Waltman and van Eck 2019): nodes move to the neighbouring community that gains most, communities are refined
/// into connected parts, the parts become the nodes of the next round; repeated until nothing improves. Every community is connected.
/// The largest modularity is not guaranteed (finding it is NP-hard). Deterministic: fixed visiting orders, equal gains go to the lower label.
///
/// Links are `(from, to, weight)` by position; parallel links add up; weight 0 is no link; a link of a node with itself counts once as
/// inside weight and twice in its strength.
///
/// # Errors
/// [`ComplexityError::Frame`] for a position beyond the labels or a weight that is negative or not finite, [`ComplexityError::Option`]
/// for a resolution that is not a positive number or no start.
///
/// ```
/// use xinzhi_complexity::{CommunityOptions, communities};
/// use frame::Labels;
/// let labels = Labels::new("products", ["a", "b", "c", "x", "y", "z", "alone"])?;
/// let links = [(0, 1, 1.0), (1, 2, 1.0), (0, 2, 1.0), (3, 4, 1.0), (4, 5, 1.0), (3, 5, 1.0), (2, 3, 1.0)];
/// let found = communities(&labels, &links, &CommunityOptions::default())?;
/// assert_eq!(found.membership, [Some(0), Some(0), Some(0), Some(1), Some(1), Some(1), None]);
/// assert!((found.modularity - 2.0 * (3.0 / 7.0 - 0.25)).abs() < 1e-15);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn communities(labels: &Labels, links: &[(usize, usize, f64)], options: &CommunityOptions) -> Result<Communities, ComplexityError> {
    if !(options.resolution.is_finite() && options.resolution > 0.0) {
        return Err(ComplexityError::Option {
            option: "resolution",
            value: options.resolution.to_string(),
            requirement: "a finite number above 0",
        });
    }
    if options.starts == 0 {
        return Err(ComplexityError::Option { option: "starts", value: "0".to_owned(), requirement: "at least 1" });
    }
    check_links(labels, links)?;
    let order = label_order(labels);
    let graph = Graph::new(&order, links);
    let mut best: Option<(f64, Vec<usize>)> = None;
    for start in 0..options.starts {
        let found = leiden(&graph, options.resolution, start as u64);
        let value = graph.modularity(&found, options.resolution);
        // a gain in the last digits is none
        if best.as_ref().is_none_or(|(known, _)| value > known + 1e-12) {
            best = Some((value, found));
        }
    }
    let (modularity, found) = best.unwrap_or_default();
    let mut group = vec![None; labels.len()];
    for (rank, at) in order.iter().enumerate() {
        group[*at] = (!graph.neighbours[rank].is_empty() || graph.inside[rank] > 0.0).then(|| found[rank]);
    }
    let (membership, count) = number_by_size(&order, &group);
    let mut sizes = vec![0; count];
    membership.iter().flatten().for_each(|c| sizes[*c] += 1);
    Ok(Communities { labels: labels.clone(), membership, sizes, modularity, options: *options })
}

/// Modularity of a given division of a weighted network, by the formula of [`Communities::modularity`]; a node without a community
/// is one of its own.
///
/// # Errors
/// As [`communities`]; [`ComplexityError::Frame`] when the division has another length than the labels.
///
/// ```
/// let labels = frame::Labels::new("products", ["a", "b"])?;
/// assert_eq!(xinzhi_complexity::modularity(&labels, &[(0, 1, 2.0)], &[Some(0), Some(0)], 1.0)?, 0.0);
/// assert_eq!(xinzhi_complexity::modularity(&labels, &[(0, 1, 2.0)], &[Some(0), Some(1)], 1.0)?, -0.5);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn modularity(
    labels: &Labels,
    links: &[(usize, usize, f64)],
    membership: &[Option<usize>],
    resolution: f64,
) -> Result<f64, ComplexityError> {
    check_links(labels, links)?;
    if membership.len() != labels.len() {
        let what = format!("a division of {}", labels.what());
        return Err(FrameError::Shape { what, expected: labels.len(), found: membership.len() }.into());
    }
    let order = label_order(labels);
    let mut dense = std::collections::BTreeMap::new();
    let groups: Vec<usize> = order
        .iter()
        .enumerate()
        .map(|(rank, at)| {
            let key = membership[*at].map_or((1, rank), |c| (0, c));
            let next = dense.len();
            *dense.entry(key).or_insert(next)
        })
        .collect();
    Ok(Graph::new(&order, links).modularity(&groups, resolution))
}

pub(crate) fn check_links(labels: &Labels, links: &[(usize, usize, f64)]) -> Result<(), ComplexityError> {
    for (at, (a, b, weight)) in links.iter().enumerate() {
        let name = |i: usize| if i < labels.len() { labels.name(i).to_owned() } else { format!("position {i}") };
        let requirement = if *a.max(b) >= labels.len() {
            format!("positions must be below {}, the number of {}", labels.len(), labels.what())
        } else if !weight.is_finite() || *weight < 0.0 {
            "weights must be finite and not negative".to_owned()
        } else {
            continue;
        };
        let what = format!("link {at} of the network");
        return Err(FrameError::Value { what, row: name(*a), column: name(*b), value: weight.to_string(), requirement }.into());
    }
    Ok(())
}

impl Communities {
    /// The nodes, in the order of the membership.
    pub fn labels(&self) -> &Labels {
        &self.labels
    }

    /// The community of a node by its label.
    pub fn get(&self, label: &str) -> Option<usize> {
        self.labels.position(label).and_then(|at| self.membership[at])
    }
}

/// A weighted network; nodes in the order of their labels.
struct Graph {
    /// Neighbours and weights, ascending, without loops.
    neighbours: Vec<Vec<(usize, f64)>>,
    /// Weight of the loops of each node.
    inside: Vec<f64>,
    strength: Vec<f64>,
    /// Twice the weight of all links.
    doubled: f64,
}

impl Graph {
    fn new(order: &[usize], links: &[(usize, usize, f64)]) -> Self {
        let mut rank = vec![0; order.len()];
        order.iter().enumerate().for_each(|(r, at)| rank[*at] = r);
        let links = links.iter().map(|(a, b, w)| (rank[*a], rank[*b], *w)).collect();
        Graph::from_links(order.len(), vec![0.0; order.len()], links)
    }

    fn from_links(n: usize, mut inside: Vec<f64>, links: Vec<(usize, usize, f64)>) -> Self {
        let mut links: Vec<(usize, usize, f64)> =
            links.into_iter().filter(|l| l.2 > 0.0).map(|(a, b, w)| (a.min(b), a.max(b), w)).collect();
        links.sort_by(|x, y| (x.0, x.1).cmp(&(y.0, y.1)).then(x.2.total_cmp(&y.2)));
        let mut neighbours: Vec<Vec<(usize, f64)>> = vec![Vec::new(); n];
        for same in links.chunk_by(|x, y| (x.0, x.1) == (y.0, y.1)) {
            let (a, b) = (same[0].0, same[0].1);
            let weight: f64 = same.iter().map(|l| l.2).sum();
            if a == b {
                inside[a] += weight;
            } else {
                neighbours[a].push((b, weight));
                neighbours[b].push((a, weight));
            }
        }
        neighbours.iter_mut().for_each(|list| list.sort_unstable_by_key(|l| l.0));
        let strength: Vec<f64> =
            neighbours.iter().zip(&inside).map(|(list, own)| list.iter().map(|l| l.1).sum::<f64>() + 2.0 * own).collect();
        let doubled = strength.iter().sum();
        Graph { neighbours, inside, strength, doubled }
    }

    fn len(&self) -> usize {
        self.neighbours.len()
    }

    fn modularity(&self, groups: &[usize], resolution: f64) -> f64 {
        if self.doubled <= 0.0 {
            return 0.0;
        }
        let count = groups.iter().max().map_or(0, |g| g + 1);
        let (mut within, mut strength) = (vec![0.0; count], vec![0.0; count]);
        for (node, list) in self.neighbours.iter().enumerate() {
            let own = groups[node];
            within[own] += 2.0 * self.inside[node] + list.iter().filter(|l| groups[l.0] == own).map(|l| l.1).sum::<f64>();
            strength[own] += self.strength[node];
        }
        within.iter().zip(&strength).map(|(w, s)| w / self.doubled - resolution * (s / self.doubled).powi(2)).sum()
    }

    /// The network whose nodes are the groups.
    fn merged(&self, groups: &[usize], count: usize) -> Graph {
        let mut inside = vec![0.0; count];
        let mut links = Vec::new();
        for (node, list) in self.neighbours.iter().enumerate() {
            inside[groups[node]] += self.inside[node];
            links.extend(list.iter().filter(|l| l.0 > node).map(|l| (groups[node], groups[l.0], l.1)));
        }
        Graph::from_links(count, inside, links)
    }
}

/// A pseudo-random number of a counter (SplitMix64; Steele, Lea and Flood 2014).
pub(crate) fn split_mix(counter: u64) -> u64 {
    let mut z = counter.wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

/// The visiting order of a start: by label, or shuffled by the counter.
fn visiting_order(n: usize, start: u64) -> Vec<usize> {
    let mut order: Vec<usize> = (0..n).collect();
    if start > 0 {
        order.sort_by_key(|i| split_mix(split_mix(start) ^ *i as u64));
    }
    order
}

/// Groups renumbered from 0 in the order in which they appear, and how many there are.
fn compact(groups: &mut [usize]) -> usize {
    let mut new = vec![usize::MAX; groups.iter().max().map_or(0, |g| g + 1)];
    let mut count = 0;
    for group in groups.iter_mut() {
        if new[*group] == usize::MAX {
            new[*group] = count;
            count += 1;
        }
        *group = new[*group];
    }
    count
}

fn leiden(graph: &Graph, resolution: f64, start: u64) -> Vec<usize> {
    let mut groups: Vec<usize> = (0..graph.len()).collect();
    let mut value = graph.modularity(&groups, resolution);
    loop {
        // one full pass: from the nodes up to where nothing merges any more
        let mut current: Graph = graph.merged(&(0..graph.len()).collect::<Vec<_>>(), graph.len());
        // which node of the current network each node of the first one belongs to
        let mut part: Vec<usize> = (0..graph.len()).collect();
        let mut division = groups.clone();
        let mut first = true;
        loop {
            let moved = move_nodes(&current, &mut division, resolution, start);
            compact(&mut division);
            if !moved && !first {
                break;
            }
            first = false;
            let mut refined = refine(&current, &division, resolution, start);
            let count = compact(&mut refined);
            if count == current.len() {
                break;
            }
            let mut above = vec![0; count];
            refined.iter().zip(&division).for_each(|(r, d)| above[*r] = *d);
            current = current.merged(&refined, count);
            part.iter_mut().for_each(|p| *p = refined[*p]);
            division = above;
        }
        let mut next: Vec<usize> = part.iter().map(|p| division[*p]).collect();
        // whole communities last: parts of them moved one by one do not find every merger that gains
        loop {
            next = connected_parts(graph, &next);
            let count = compact(&mut next);
            let whole = graph.merged(&next, count);
            let mut above: Vec<usize> = (0..count).collect();
            if !move_nodes(&whole, &mut above, resolution, start) {
                break;
            }
            next.iter_mut().for_each(|group| *group = above[*group]);
        }
        let next_value = graph.modularity(&next, resolution);
        if next_value <= value + 1e-12 {
            return groups;
        }
        (groups, value) = (next, next_value);
    }
}

/// Moves nodes to the neighbouring group with the largest gain until none gains; whether any moved.
fn move_nodes(graph: &Graph, groups: &mut [usize], resolution: f64, start: u64) -> bool {
    let n = graph.len();
    let mut total = vec![0.0; n.max(groups.iter().max().map_or(0, |g| g + 1))];
    groups.iter().zip(&graph.strength).for_each(|(g, s)| total[*g] += s);
    let mut members = vec![0_usize; total.len()];
    groups.iter().for_each(|g| members[*g] += 1);
    let mut queue: std::collections::VecDeque<usize> = visiting_order(n, start).into();
    let mut queued = vec![true; n];
    let mut towards = vec![0.0; total.len()];
    let mut moved = false;
    while let Some(node) = queue.pop_front() {
        queued[node] = false;
        let own = groups[node];
        let strength = graph.strength[node];
        total[own] -= strength;
        members[own] -= 1;
        let mut near: Vec<usize> = Vec::with_capacity(graph.neighbours[node].len() + 1);
        for (other, weight) in &graph.neighbours[node] {
            let group = groups[*other];
            if towards[group] == 0.0 {
                near.push(group);
            }
            towards[group] += weight;
        }
        // gain of joining a group, over that of standing alone, times W
        let gain = |group: usize, weight: f64| weight - resolution * strength * total[group] / graph.doubled;
        let (mut best, mut most) = (own, gain(own, towards[own]));
        near.sort_unstable();
        for group in near.iter().copied().filter(|g| *g != own) {
            let value = gain(group, towards[group]);
            if value > most + 1e-12 * graph.doubled {
                (best, most) = (group, value);
            }
        }
        if most < -1e-12 * graph.doubled
            && let Some(empty) = members.iter().position(|m| *m == 0)
        {
            best = empty;
        }
        near.iter().for_each(|g| towards[*g] = 0.0);
        total[best] += strength;
        members[best] += 1;
        if best != own {
            moved = true;
            groups[node] = best;
            for (other, _) in &graph.neighbours[node] {
                if groups[*other] != best && !std::mem::replace(&mut queued[*other], true) {
                    queue.push_back(*other);
                }
            }
        }
    }
    moved
}

/// Parts of the groups that hang together: nodes alone join the neighbouring part of their group with the largest gain.
fn refine(graph: &Graph, groups: &[usize], resolution: f64, start: u64) -> Vec<usize> {
    let n = graph.len();
    let mut part: Vec<usize> = (0..n).collect();
    let mut total = graph.strength.clone();
    let mut size = vec![1_usize; n];
    let mut towards = vec![0.0; n];
    for node in visiting_order(n, start) {
        if size[part[node]] > 1 {
            continue;
        }
        let own = part[node];
        let mut near: Vec<usize> = Vec::new();
        for (other, weight) in graph.neighbours[node].iter().filter(|l| groups[l.0] == groups[node]) {
            if towards[part[*other]] == 0.0 {
                near.push(part[*other]);
            }
            towards[part[*other]] += weight;
        }
        near.sort_unstable();
        let (mut best, mut most) = (own, 1e-12 * graph.doubled);
        for candidate in &near {
            let value = towards[*candidate] - resolution * graph.strength[node] * total[*candidate] / graph.doubled;
            if value > most {
                (best, most) = (*candidate, value);
            }
        }
        near.iter().for_each(|p| towards[*p] = 0.0);
        if best != own {
            total[best] += graph.strength[node];
            total[own] -= graph.strength[node];
            size[best] += 1;
            size[own] -= 1;
            part[node] = best;
        }
    }
    part
}

/// Groups split into what hangs together inside them: a group that does not can only lose by staying whole.
fn connected_parts(graph: &Graph, groups: &[usize]) -> Vec<usize> {
    let mut part = vec![usize::MAX; graph.len()];
    let mut count = 0;
    for first in 0..graph.len() {
        if part[first] != usize::MAX {
            continue;
        }
        part[first] = count;
        let mut open = vec![first];
        while let Some(node) = open.pop() {
            for (other, _) in &graph.neighbours[node] {
                if groups[*other] == groups[node] && part[*other] == usize::MAX {
                    part[*other] = count;
                    open.push(*other);
                }
            }
        }
        count += 1;
    }
    part
}
