use crate::{CoOccurrenceSignificance, Communities, ComplexityError, Proximity};
use frame::{FrameError, LabelledMatrix, Labels};
use serde::{Deserialize, Serialize};
use std::cmp::Ordering;

/// Which links of a proximity make up the network.
///
/// ```
/// let usual = xinzhi_complexity::RelatednessNetworkOptions::default();
/// assert_eq!((usual.tree, usual.threshold, usual.mean_degree), (true, Some(0.55), None));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct RelatednessNetworkOptions {
    /// Keep the maximum spanning tree, so that nothing related to anything stands alone (yes by default).
    pub tree: bool,
    /// Keep links of at least this proximity; 0.55 by default (Hidalgo et al. 2007). Nothing: no such condition.
    pub threshold: Option<f64>,
    /// Keep the strongest links until the related activities have this many on average, tree included. Links of equal proximity enter
    /// together or not at all, whichever comes nearer to the target. With a threshold besides, a link must meet both. Nothing: no such condition.
    pub mean_degree: Option<f64>,
    /// Compute the betweenness of every node (`O(nodes × links)`; not by default).
    pub betweenness: bool,
}

impl Default for RelatednessNetworkOptions {
    fn default() -> Self {
        RelatednessNetworkOptions { tree: true, threshold: Some(0.55), mean_degree: None, betweenness: false }
    }
}

/// One activity of the network.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RelatednessNode {
    /// The activity.
    pub activity: String,
    /// How many links it has.
    pub degree: usize,
    /// The sum of the proximities of its links.
    pub strength: f64,
    /// The part of the pairs of other activities whose shortest paths (counted in links) lead through it, shared among equally short paths;
    /// from 0 to 1 over all pairs of nodes (Freeman 1977). Only when asked for.
    pub betweenness: Option<f64>,
    /// The community, numbered from 0, the largest first; nothing before [`RelatednessNetwork::set_communities`] and for an isolated activity.
    pub community: Option<usize>,
    /// The connected component of the network, numbered from 0, the largest first, equals by their first label.
    pub component: usize,
    /// Without any link. The activity stays in the list all the same.
    pub isolated: bool,
}

/// One link of the network.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RelatednessEdge {
    /// Position of the activity with the lower label.
    pub a: usize,
    /// Position of the activity with the higher label.
    pub b: usize,
    /// The proximity of the two.
    pub proximity: f64,
    /// Part of the maximum spanning tree (or forest).
    pub in_tree: bool,
    /// How likely so many places would have both activities by chance, given how many activities each place has and how many places each
    /// activity; nothing before [`RelatednessNetwork::set_significance`].
    pub significance: Option<f64>,
    /// Whether the link passes the test at the level of the whole set of pairs; nothing before [`RelatednessNetwork::set_significance`].
    pub validated: Option<bool>,
}

/// The relatedness network ("product space"): activities and the links worth drawing.
#[derive(Debug, Clone, PartialEq)]
pub struct RelatednessNetwork {
    activities: Labels,
    /// One node an activity, in the order of the proximity.
    pub nodes: Vec<RelatednessNode>,
    /// The links, strongest first, equals by their labels.
    pub edges: Vec<RelatednessEdge>,
    /// Connected components, isolated activities included.
    pub components: usize,
    /// Activities without any link.
    pub isolated: usize,
    /// Trees in the spanning forest over activities that have any proximity at all; more than 1 says that the proximity itself is
    /// disconnected, so that there is no spanning tree.
    pub trees: usize,
    /// The smallest proximity outside the tree, where there is one.
    pub weakest_extra: Option<f64>,
    /// What was asked for.
    pub options: RelatednessNetworkOptions,
}

/// The relatedness network of a proximity: its maximum spanning tree plus its strongest links (Hidalgo, Klinger, Barabási and Hausmann 2007).
///
/// The tree holds, of all trees over the activities, the largest sum of proximities (Prim's algorithm in `O(n²)`); among links of equal
/// proximity the one with the lower labels comes first, so that the tree does not depend on the order of the table. A disconnected
/// proximity has a spanning forest, one tree a component ([`RelatednessNetwork::trees`] says how many). Proximity 0 is no link.
/// Activities without any link stay as nodes and are flagged.
///
/// # Errors
/// [`ComplexityError::Option`] for a threshold or a mean degree that is not a finite number of at least 0.
///
/// ```
/// use xinzhi_complexity::{Diagonal, PresenceMatrix, RelatednessNetworkOptions, proximity, relatedness_network};
/// use frame::Labels;
/// let places = Labels::new("places", ["A", "B", "C"])?;
/// let products = Labels::new("products", ["chips", "ships", "wheat"])?;
/// let m = PresenceMatrix::new(places, products, [true, true, false, true, true, true, false, true, true])?;
/// let network = relatedness_network(&proximity(&m, Diagonal::Zero), &RelatednessNetworkOptions::default())?;
/// // both ties of "ships" are 2/3; chips and wheat share one place of two, 0.5, and are not linked
/// assert_eq!((network.edges.len(), network.trees, network.nodes[1].degree), (2, 1, 2));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn relatedness_network(proximity: &Proximity, options: &RelatednessNetworkOptions) -> Result<RelatednessNetwork, ComplexityError> {
    network(proximity.activities(), |p| proximity.row(p), options)
}

/// The relatedness network of any symmetric matrix of similarities (cosine, Jaccard, a published proximity). The diagonal is not looked at.
///
/// # Errors
/// [`ComplexityError::LabelsDiffer`] when rows and columns are not the same list, [`ComplexityError::NotSymmetric`],
/// [`ComplexityError::Frame`] for a value that is negative or not finite, [`ComplexityError::Option`] as for [`relatedness_network`].
///
/// ```
/// use xinzhi_complexity::{RelatednessNetworkOptions, relatedness_network_from_matrix};
/// use frame::{LabelledMatrix, Labels};
/// let fields = Labels::new("fields", ["optics", "sensors", "tea"])?;
/// let similar = LabelledMatrix::new(fields.clone(), fields, vec![1.0, 0.7, 0.0, 0.7, 1.0, 0.0, 0.0, 0.0, 1.0])?;
/// let network = relatedness_network_from_matrix(&similar, &RelatednessNetworkOptions::default())?;
/// assert_eq!((network.edges.len(), network.isolated, network.nodes[2].isolated), (1, 1, true));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn relatedness_network_from_matrix(
    similarity: &LabelledMatrix,
    options: &RelatednessNetworkOptions,
) -> Result<RelatednessNetwork, ComplexityError> {
    crate::error::require_same("activities", ("the rows", similarity.rows()), ("the columns", similarity.columns()))?;
    let labels = similarity.rows();
    for p in 0..labels.len() {
        for q in p + 1..labels.len() {
            let (upper, lower) = (similarity.at(p, q), similarity.at(q, p));
            if !upper.is_finite() || upper < 0.0 {
                return Err(FrameError::Value {
                    what: "the similarity".to_owned(),
                    row: labels.name(p).to_owned(),
                    column: labels.name(q).to_owned(),
                    value: upper.to_string(),
                    requirement: "similarities must be finite and not negative; shift or square them first".to_owned(),
                }
                .into());
            }
            // what two orders of summation may leave between the halves
            if (upper - lower).abs() > 1e-12 * upper.abs().max(1.0) || lower.is_nan() {
                return Err(ComplexityError::NotSymmetric {
                    a: labels.name(p).to_owned(),
                    b: labels.name(q).to_owned(),
                    upper: upper.to_string(),
                    lower: lower.to_string(),
                });
            }
        }
    }
    network(labels, |p| similarity.row(p), options)
}

/// A link before it has a place in the result: proximity, and the ranks of its labels, lower first.
type Link = (f64, u32, u32);

/// Stronger first, equals by their labels: a strict order, so that the tree is unique.
fn stronger(a: &Link, b: &Link) -> Ordering {
    b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)).then(a.2.cmp(&b.2))
}

fn network<'a>(
    labels: &Labels,
    row: impl Fn(usize) -> &'a [f64],
    options: &RelatednessNetworkOptions,
) -> Result<RelatednessNetwork, ComplexityError> {
    for (name, value) in [("threshold", options.threshold), ("mean_degree", options.mean_degree)] {
        if let Some(value) = value.filter(|v| !v.is_finite() || *v < 0.0) {
            return Err(ComplexityError::Option { option: name, value: value.to_string(), requirement: "a finite number of at least 0" });
        }
    }
    let n = labels.len();
    let order = label_order(labels);
    let mut rank = vec![0_u32; n];
    order.iter().enumerate().for_each(|(r, at)| rank[*at] = r as u32);
    let link = |p: usize, q: usize, value: f64| -> Link { (value, rank[p].min(rank[q]), rank[p].max(rank[q])) };

    let (tree, trees) = spanning_forest(&order, &row, &link);
    let mut in_tree: Vec<(u32, u32)> = tree.iter().map(|l| (l.1, l.2)).collect();
    in_tree.sort_unstable();
    let is_in_tree = |l: &Link| in_tree.binary_search(&(l.1, l.2)).is_ok();

    let mut extra: Vec<Link> = Vec::new();
    if options.threshold.is_some() || options.mean_degree.is_some() {
        let least = options.threshold.unwrap_or(0.0);
        for p in 0..n {
            let row = row(p);
            let strong = (p + 1..n).filter(|q| row[*q] >= least && row[*q] > 0.0).map(|q| link(p, q, row[q]));
            extra.extend(strong.filter(|l| !options.tree || !is_in_tree(l)));
        }
        extra.sort_unstable_by(stronger);
    }
    let kept_of_tree = if options.tree { tree.len() } else { 0 };
    if let Some(target) = options.mean_degree {
        let related = (0..n).filter(|p| row(*p).iter().enumerate().any(|(q, v)| q != *p && *v > 0.0)).count();
        let wanted = (target * related as f64 / 2.0 - kept_of_tree as f64).max(0.0);
        extra.truncate(cut_between_equals(&extra, wanted));
    }
    let weakest_extra = extra.last().map(|l| l.0);
    let mut links = extra;
    if options.tree {
        links.extend(tree.iter().copied());
    }
    links.sort_unstable_by(stronger);

    let edges: Vec<RelatednessEdge> = links
        .iter()
        .map(|l| RelatednessEdge {
            a: order[l.1 as usize],
            b: order[l.2 as usize],
            proximity: l.0,
            in_tree: is_in_tree(l),
            significance: None,
            validated: None,
        })
        .collect();
    let (component, components) = components(&order, &edges);
    let mut nodes: Vec<RelatednessNode> = labels
        .iter()
        .zip(component)
        .map(|(activity, component)| RelatednessNode {
            activity: activity.to_owned(),
            degree: 0,
            strength: 0.0,
            betweenness: None,
            community: None,
            component,
            isolated: true,
        })
        .collect();
    for edge in &edges {
        for end in [edge.a, edge.b] {
            let node = &mut nodes[end];
            (node.degree, node.strength, node.isolated) = (node.degree + 1, node.strength + edge.proximity, false);
        }
    }
    if options.betweenness {
        for (node, value) in nodes.iter_mut().zip(betweenness(&order, &edges)) {
            node.betweenness = Some(value);
        }
    }
    let isolated = nodes.iter().filter(|node| node.isolated).count();
    Ok(RelatednessNetwork { activities: labels.clone(), nodes, edges, components, isolated, trees, weakest_extra, options: *options })
}

/// Positions in the order of their labels: what everything runs over, so that a shuffled table gives the same network.
pub(crate) fn label_order(labels: &Labels) -> Vec<usize> {
    let mut order: Vec<usize> = (0..labels.len()).collect();
    order.sort_unstable_by(|a, b| labels.name(*a).cmp(labels.name(*b)));
    order
}

/// The maximum spanning forest (Prim 1957) and how many trees with at least one link it has.
fn spanning_forest<'a>(
    order: &[usize],
    row: &impl Fn(usize) -> &'a [f64],
    link: &impl Fn(usize, usize, f64) -> Link,
) -> (Vec<Link>, usize) {
    let n = order.len();
    // the best link of every activity outside to the tree so far
    let mut best: Vec<Option<Link>> = vec![None; n];
    let mut outside: Vec<usize> = order.to_vec();
    let (mut forest, mut trees) = (Vec::with_capacity(n.saturating_sub(1)), 0);
    let mut fresh = true;
    while !outside.is_empty() {
        let nearest = (0..outside.len()).filter_map(|slot| best[outside[slot]].map(|l| (slot, l))).min_by(|a, b| stronger(&a.1, &b.1));
        let slot = match nearest {
            Some((slot, link)) => {
                trees += usize::from(std::mem::replace(&mut fresh, false));
                forest.push(link);
                slot
            }
            // nothing outside is related to the tree: the next one begins at the first label left
            None => {
                fresh = true;
                0
            }
        };
        // `remove` keeps the order of labels
        let new = outside.remove(slot);
        let near = row(new);
        for other in &outside {
            let value = near[*other];
            if value > 0.0 {
                let candidate = link(new, *other, value);
                if best[*other].is_none_or(|known| stronger(&candidate, &known) == Ordering::Less) {
                    best[*other] = Some(candidate);
                }
            }
        }
    }
    (forest, trees)
}

/// How many of the sorted links come nearest to the number wanted without parting equals; the smaller number of two equally near.
fn cut_between_equals(links: &[Link], wanted: f64) -> usize {
    let mut cut = 0;
    let mut at = 0;
    while at < links.len() {
        let end = at + links[at..].iter().take_while(|l| l.0 == links[at].0).count();
        if (end as f64 - wanted).abs() >= (cut as f64 - wanted).abs() {
            break;
        }
        (cut, at) = (end, end);
    }
    cut
}

/// The component of every node and how many there are.
fn components(order: &[usize], edges: &[RelatednessEdge]) -> (Vec<usize>, usize) {
    let n = order.len();
    let mut parent: Vec<usize> = (0..n).collect();
    fn root(parent: &mut [usize], mut at: usize) -> usize {
        while parent[at] != at {
            parent[at] = parent[parent[at]];
            at = parent[at];
        }
        at
    }
    for edge in edges {
        let (a, b) = (root(&mut parent, edge.a), root(&mut parent, edge.b));
        parent[a] = b;
    }
    let roots: Vec<usize> = (0..n).map(|at| root(&mut parent, at)).collect();
    let (number, count) = number_by_size(order, &roots.iter().map(|r| Some(*r)).collect::<Vec<_>>());
    (number.into_iter().map(|c| c.unwrap_or(0)).collect(), count)
}

/// Groups renumbered from 0, the largest first, equals by their first label, and how many there are.
pub(crate) fn number_by_size(order: &[usize], group: &[Option<usize>]) -> (Vec<Option<usize>>, usize) {
    let mut size = std::collections::BTreeMap::<usize, (usize, usize)>::new();
    for (rank, at) in order.iter().enumerate() {
        if let Some(g) = group[*at] {
            size.entry(g).or_insert((0, rank)).0 += 1;
        }
    }
    let mut sorted: Vec<(usize, usize, usize)> = size.into_iter().map(|(g, (count, first))| (count, first, g)).collect();
    sorted.sort_unstable_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(&b.1)));
    let new: std::collections::BTreeMap<usize, usize> = sorted.iter().enumerate().map(|(i, s)| (s.2, i)).collect();
    (group.iter().map(|g| g.and_then(|g| new.get(&g).copied())).collect(), sorted.len())
}

/// Betweenness of every node by Brandes' (2001) accumulation, over all pairs of other nodes.
fn betweenness(order: &[usize], edges: &[RelatednessEdge]) -> Vec<f64> {
    let n = order.len();
    let mut neighbours = vec![Vec::new(); n];
    for edge in edges {
        neighbours[edge.a].push(edge.b);
        neighbours[edge.b].push(edge.a);
    }
    let mut total = vec![0.0; n];
    let (mut paths, mut depth, mut dependency) = (vec![0.0; n], vec![usize::MAX; n], vec![0.0; n]);
    for source in order {
        paths.fill(0.0);
        depth.fill(usize::MAX);
        dependency.fill(0.0);
        (paths[*source], depth[*source]) = (1.0, 0);
        let mut reached = vec![*source];
        let mut next = 0;
        while next < reached.len() {
            let at = reached[next];
            next += 1;
            for to in &neighbours[at] {
                if depth[*to] == usize::MAX {
                    depth[*to] = depth[at] + 1;
                    reached.push(*to);
                }
                if depth[*to] == depth[at] + 1 {
                    paths[*to] += paths[at];
                }
            }
        }
        for at in reached.iter().rev() {
            for to in neighbours[*at].iter().filter(|to| depth[**to] == depth[*at] + 1) {
                dependency[*at] += paths[*at] / paths[*to] * (1.0 + dependency[*to]);
            }
            if at != source {
                total[*at] += dependency[*at];
            }
        }
    }
    // every pair was met from both ends
    let pairs = (n as f64 - 1.0) * (n as f64 - 2.0);
    total.into_iter().map(|t| if pairs > 0.0 { t / pairs } else { 0.0 }).collect()
}

impl RelatednessNetwork {
    /// The activities, in the order of the nodes.
    pub fn activities(&self) -> &Labels {
        &self.activities
    }

    /// True when one tree spans all activities that have any proximity.
    pub fn is_connected(&self) -> bool {
        self.trees <= 1
    }

    /// The links as positions and weights, for [`crate::communities`] and [`crate::graph_layout`].
    pub fn weighted_edges(&self) -> Vec<(usize, usize, f64)> {
        self.edges.iter().map(|e| (e.a, e.b, e.proximity)).collect()
    }

    /// Writes the community of every node into the network.
    ///
    /// # Errors
    /// [`ComplexityError::LabelsDiffer`] for communities of other activities.
    pub fn set_communities(&mut self, communities: &Communities) -> Result<(), ComplexityError> {
        crate::error::require_same("activities", ("the network", &self.activities), ("the communities", communities.labels()))?;
        self.nodes.iter_mut().zip(&communities.membership).for_each(|(node, community)| node.community = *community);
        Ok(())
    }

    /// Writes the significance of every link into the network.
    ///
    /// # Errors
    /// [`ComplexityError::LabelsDiffer`] for a significance over other activities.
    pub fn set_significance(&mut self, significance: &CoOccurrenceSignificance) -> Result<(), ComplexityError> {
        crate::error::require_same("activities", ("the network", &self.activities), ("the significance", significance.activities()))?;
        for edge in &mut self.edges {
            edge.significance = significance.at(edge.a, edge.b);
            edge.validated = Some(significance.is_validated_at(edge.a, edge.b));
        }
        Ok(())
    }
}
