use crate::ComplexityError;
use crate::communities::{check_links, split_mix};
use crate::relatedness_network::label_order;
use frame::{FrameError, Labels};
use serde::{Deserialize, Serialize};

/// Into what box a network is laid out, and how.
///
/// ```
/// let usual = xinzhi_complexity::GraphLayoutOptions::default();
/// assert_eq!((usual.width, usual.height), (1200.0, 800.0));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct GraphLayoutOptions {
    /// Width of the box, in the unit of the radii.
    pub width: f64,
    /// Height of the box.
    pub height: f64,
    /// Space kept between two nodes.
    pub gap: f64,
    /// Sweeps over all pairs of nodes.
    pub sweeps: usize,
}

impl Default for GraphLayoutOptions {
    fn default() -> Self {
        GraphLayoutOptions { width: 1200.0, height: 800.0, gap: 1.0, sweeps: 40 }
    }
}

/// Where the nodes of a network stand.
#[derive(Debug, Clone, PartialEq)]
pub struct GraphLayout {
    labels: Labels,
    /// From the left edge, one a node.
    pub x: Vec<f64>,
    /// From the upper edge.
    pub y: Vec<f64>,
    /// Pairs of nodes that still overlap: 0 unless the box is too full.
    pub overlaps: usize,
    /// `Σ (|x_i − x_j| / d_ij − 1)² / pairs` over the pairs of the largest component at the best scale, before nodes are pushed apart: 0 when
    /// every distance in the plane equals the distance along the links.
    pub stress: f64,
    /// What was asked for.
    pub options: GraphLayoutOptions,
}

/// Lays a network out in a box: nodes stand as far apart as the shortest path between them is long (stress; Kamada and Kawai 1989),
/// found by stochastic gradient descent over all pairs (Zheng, Pawar and Goodman 2018); links inside a crowd are longer (Gansner, Koren and
/// North 2005), so that dense parts get room; crowded stretches of either axis are widened; components are packed, the largest above, nodes without links in rows below; overlapping
/// nodes are pushed apart.
///
/// `radii` are in the unit of the box. Links are `(from, to, weight)` by position; weights do not change the lengths. Deterministic: the
/// order of sweeps comes from a counter, nodes are taken in the order of their labels. `O(nodes²)` a sweep; memory 4 bytes a pair.
///
/// # Errors
/// [`ComplexityError::Frame`] for a link that names no node or radii of another number, [`ComplexityError::Option`] for a box or a radius that
/// is not a positive number.
///
/// ```
/// use xinzhi_complexity::{GraphLayoutOptions, graph_layout};
/// use frame::Labels;
/// let labels = Labels::new("products", ["a", "b", "c"])?;
/// let placed = graph_layout(&labels, &[(0, 1, 1.0), (1, 2, 1.0)], &[5.0, 5.0, 5.0], &GraphLayoutOptions::default())?;
/// // a chain lies stretched out along the width, its middle in the middle
/// assert!((placed.x[1] - (placed.x[0] + placed.x[2]) / 2.0).abs() < 20.0);
/// assert_eq!(placed.overlaps, 0);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn graph_layout(
    labels: &Labels,
    links: &[(usize, usize, f64)],
    radii: &[f64],
    options: &GraphLayoutOptions,
) -> Result<GraphLayout, ComplexityError> {
    check_links(labels, links)?;
    let n = labels.len();
    if radii.len() != n {
        let what = format!("the radii of {}", labels.what());
        return Err(FrameError::Shape { what, expected: n, found: radii.len() }.into());
    }
    let positive = [("width", options.width), ("height", options.height)];
    let not_negative = std::iter::once(("gap", options.gap)).chain(radii.iter().map(|r| ("radius", *r)));
    let bad = positive.into_iter().find(|(_, v)| !(v.is_finite() && *v > 0.0));
    if let Some((name, value)) = bad.or(not_negative.into_iter().find(|(_, v)| !(v.is_finite() && *v >= 0.0))) {
        return Err(ComplexityError::Option {
            option: name,
            value: value.to_string(),
            requirement: "a finite, positive length in the unit of the box",
        });
    }
    let order = label_order(labels);
    let mut rank = vec![0; n];
    order.iter().enumerate().for_each(|(r, at)| rank[*at] = r);
    let mut neighbours: Vec<Vec<usize>> = vec![Vec::new(); n];
    for (a, b, _) in links.iter().filter(|(a, b, _)| a != b) {
        neighbours[rank[*a]].push(rank[*b]);
        neighbours[rank[*b]].push(rank[*a]);
    }
    for list in &mut neighbours {
        list.sort_unstable();
        list.dedup();
    }
    let radius: Vec<f64> = order.iter().map(|at| radii[*at]).collect();

    let mut groups = connected(&neighbours);
    groups.sort_by(|a, b| b.len().cmp(&a.len()).then(a[0].cmp(&b[0])));
    let mut stress = 0.0;
    let mut boxes: Vec<Placed> = Vec::new();
    for (i, group) in groups.iter().enumerate().filter(|(_, group)| group.len() > 1) {
        let (mut at, value) = by_stress(&neighbours, group, options.sweeps);
        if i == 0 {
            stress = value;
        }
        turn_lengthwise(&mut at);
        even_out(&mut at);
        boxes.push(Placed::new(group.clone(), at));
    }
    let alone: Vec<usize> = groups.iter().filter(|group| group.len() == 1).map(|group| group[0]).collect();
    let mut at = pack(&boxes, &alone, &radius, options);
    push_apart(&mut at, &radius, options);
    let overlaps = count_overlaps(&at, &radius);
    let mut layout = GraphLayout { labels: labels.clone(), x: vec![0.0; n], y: vec![0.0; n], overlaps, stress, options: *options };
    for (r, p) in order.iter().enumerate() {
        (layout.x[*p], layout.y[*p]) = at[r];
    }
    Ok(layout)
}

impl GraphLayout {
    /// The nodes, in the order of the positions.
    pub fn labels(&self) -> &Labels {
        &self.labels
    }
}

type Point = (f64, f64);

/// A component laid out in a plane of its own, from (0, 0).
struct Placed {
    nodes: Vec<usize>,
    at: Vec<Point>,
    width: f64,
    height: f64,
}

impl Placed {
    fn new(nodes: Vec<usize>, at: Vec<Point>) -> Self {
        let (x0, y0, x1, y1) = bounds(&at);
        let at = at.into_iter().map(|(x, y)| (x - x0, y - y0)).collect();
        Placed { nodes, at, width: x1 - x0, height: y1 - y0 }
    }
}

fn bounds(at: &[Point]) -> (f64, f64, f64, f64) {
    at.iter().fold((f64::INFINITY, f64::INFINITY, f64::NEG_INFINITY, f64::NEG_INFINITY), |b, p| {
        (b.0.min(p.0), b.1.min(p.1), b.2.max(p.0), b.3.max(p.1))
    })
}

fn connected(neighbours: &[Vec<usize>]) -> Vec<Vec<usize>> {
    let mut seen = vec![false; neighbours.len()];
    let mut groups = Vec::new();
    for first in 0..neighbours.len() {
        if std::mem::replace(&mut seen[first], true) {
            continue;
        }
        let mut group = vec![first];
        let mut next = 0;
        while next < group.len() {
            group.extend(neighbours[group[next]].iter().filter(|to| !std::mem::replace(&mut seen[**to], true)));
            next += 1;
        }
        group.sort_unstable();
        groups.push(group);
    }
    groups
}

/// The length of a link: longer the more neighbours only one of its ends has, so that a hub's leaves and a dense core spread out.
fn length(a: &[usize], b: &[usize]) -> f64 {
    let shared = a.iter().filter(|x| b.binary_search(x).is_ok()).count();
    ((a.len() + b.len() - 2 * shared) as f64).max(1.0).sqrt()
}

/// Lengths of the shortest paths between all nodes of a component (Dijkstra from each), row by row.
fn distances(neighbours: &[Vec<usize>], group: &[usize]) -> Vec<f32> {
    let n = group.len();
    let mut local = std::collections::HashMap::with_capacity(n);
    group.iter().enumerate().for_each(|(i, node)| {
        local.insert(*node, i);
    });
    let near: Vec<Vec<(usize, f64)>> = group
        .iter()
        .map(|node| neighbours[*node].iter().map(|to| (local[to], length(&neighbours[*node], &neighbours[*to]))).collect())
        .collect();
    let mut all = vec![f32::INFINITY; n * n];
    for (source, row) in all.chunks_exact_mut(n).enumerate() {
        let mut known = vec![f64::INFINITY; n];
        known[source] = 0.0;
        // lengths are not negative, so their bits order as they do
        let mut open = std::collections::BinaryHeap::from([(std::cmp::Reverse(0_u64), source)]);
        while let Some((std::cmp::Reverse(bits), node)) = open.pop() {
            let distance = f64::from_bits(bits);
            if distance > known[node] {
                continue;
            }
            for (to, step) in &near[node] {
                let new = distance + step;
                if new < known[*to] {
                    known[*to] = new;
                    open.push((std::cmp::Reverse(new.to_bits()), *to));
                }
            }
        }
        row.iter_mut().zip(&known).for_each(|(cell, d)| *cell = *d as f32);
    }
    all
}

/// Positions of a component by stress, and the stress left.
fn by_stress(neighbours: &[Vec<usize>], group: &[usize], sweeps: usize) -> (Vec<Point>, f64) {
    let n = group.len();
    let ideal = distances(neighbours, group);
    let far = ideal.iter().copied().fold(0.0_f32, f32::max);
    let near = ideal.iter().copied().filter(|d| *d > 0.0).fold(f32::INFINITY, f32::min);
    let (far, near) = (f64::from(far), f64::from(near));
    let unit = |counter: usize| split_mix(counter as u64) as f64 / u64::MAX as f64;
    let mut at: Vec<Point> = (0..n).map(|i| (far * unit(2 * i), far * unit(2 * i + 1))).collect();
    // the step falls from where every pair may jump to its distance to a tenth of the shortest link's
    let (first, last) = (far * far, 0.1 * near * near);
    let decay = if sweeps > 1 { (first / last).ln() / (sweeps as f64 - 1.0) } else { 0.0 };
    // an even number of seats: every round of the tournament pairs all of them
    let seats = n + n % 2;
    for sweep in 0..sweeps {
        let step = first * (-decay * sweep as f64).exp();
        let mut order: Vec<usize> = (0..n).collect();
        order.sort_by_key(|i| split_mix(((sweep as u64 + 1) << 32) ^ *i as u64));
        for round in 0..seats - 1 {
            for table in 0..seats / 2 {
                let (i, j) = if table == 0 {
                    (seats - 1, round)
                } else {
                    ((round + table) % (seats - 1), (round + seats - 1 - table) % (seats - 1))
                };
                if i >= n || j >= n {
                    continue;
                }
                let (i, j) = (order[i], order[j]);
                let d = f64::from(ideal[i * n + j]);
                let move_by = (step / (d * d)).min(1.0);
                let (dx, dy) = (at[i].0 - at[j].0, at[i].1 - at[j].1);
                let apart = (dx * dx + dy * dy).sqrt().max(1e-9);
                let half = move_by * (apart - d) / (2.0 * apart);
                at[i] = (at[i].0 - half * dx, at[i].1 - half * dy);
                at[j] = (at[j].0 + half * dx, at[j].1 + half * dy);
            }
        }
    }
    let ratio = |i: usize, j: usize| ((at[i].0 - at[j].0).powi(2) + (at[i].1 - at[j].1).powi(2)).sqrt() / f64::from(ideal[i * n + j]);
    let (mut sum, mut squares) = (0.0, 0.0);
    for i in 0..n {
        for j in i + 1..n {
            let r = ratio(i, j);
            sum += r;
            squares += r * r;
        }
    }
    let pairs = (n * (n - 1) / 2) as f64;
    // min over the scale s of Σ (s r − 1)²
    let stress = if squares > 0.0 { 1.0 - sum * sum / (squares * pairs) } else { 0.0 };
    (at, stress.max(0.0))
}

/// Turns the cloud so that it is longest along the width.
fn turn_lengthwise(at: &mut [Point]) {
    let n = at.len() as f64;
    let (mx, my) = at.iter().fold((0.0, 0.0), |(x, y), p| (x + p.0 / n, y + p.1 / n));
    let (mut xx, mut xy, mut yy) = (0.0, 0.0, 0.0);
    for (x, y) in at.iter() {
        let (dx, dy) = (x - mx, y - my);
        (xx, xy, yy) = (xx + dx * dx, xy + dx * dy, yy + dy * dy);
    }
    let (sin, cos) = (0.5 * (2.0 * xy).atan2(xx - yy)).sin_cos();
    for p in at.iter_mut() {
        let (dx, dy) = (p.0 - mx, p.1 - my);
        *p = (dx * cos + dy * sin, dy * cos - dx * sin);
    }
}

/// How far positions move towards even spacing along each axis.
const EVEN: f64 = 0.5;

/// Spreads a crowded middle: along each axis a position moves half way to where it would stand if all were evenly spaced. Who is left of and
/// above whom stays.
fn even_out(at: &mut [Point]) {
    let n = at.len();
    // few nodes are no crowd
    let part = EVEN * (n as f64 / 100.0).min(1.0);
    let (x0, y0, x1, y1) = bounds(at);
    let even = |values: Vec<f64>, low: f64, high: f64| -> Vec<f64> {
        let mut order: Vec<usize> = (0..n).collect();
        order.sort_by(|a, b| values[*a].total_cmp(&values[*b]).then(a.cmp(b)));
        let mut out = values.clone();
        for (rank, i) in order.into_iter().enumerate() {
            out[i] += part * (low + (high - low) * rank as f64 / (n - 1).max(1) as f64 - values[i]);
        }
        out
    };
    let x = even(at.iter().map(|p| p.0).collect(), x0, x1);
    let y = even(at.iter().map(|p| p.1).collect(), y0, y1);
    at.iter_mut().zip(x.into_iter().zip(y)).for_each(|(p, new)| *p = new);
}

/// A component in a row: which one, its left edge, its scale, its height.
type Slot = (usize, f64, f64, f64);

/// The components into the box: the largest on top over the full width, smaller ones in rows below, nodes without links in rows at the foot.
fn pack(boxes: &[Placed], alone: &[usize], radius: &[f64], options: &GraphLayoutOptions) -> Vec<Point> {
    let mut at = vec![(options.width / 2.0, options.height / 2.0); radius.len()];
    let margin = radius.iter().copied().fold(0.0, f64::max) + options.gap;
    let inner = (options.width - 2.0 * margin).max(1.0);
    // rows at the foot
    let mut bottom = options.height;
    if !alone.is_empty() {
        let cell = 2.0 * alone.iter().map(|i| radius[*i]).fold(0.0, f64::max) + 3.0 * options.gap + 1.0;
        let columns = ((options.width / cell).floor() as usize).max(1);
        let rows = alone.len().div_ceil(columns);
        bottom -= rows as f64 * cell;
        let columns = alone.len().div_ceil(rows);
        let left = (options.width - columns as f64 * cell) / 2.0;
        for (k, node) in alone.iter().enumerate() {
            at[*node] = (left + (k % columns) as f64 * cell + cell / 2.0, bottom + (k / columns) as f64 * cell + cell / 2.0);
        }
        bottom = (bottom - cell / 2.0).max(options.height * 0.3);
    }
    let Some((first, rest)) = boxes.split_first() else { return at };
    // small components keep the scale of the largest where they can: as wide a cell as their share of the nodes asks for
    let total: f64 = boxes.iter().map(|b| b.nodes.len() as f64).sum();
    let unit = (inner * bottom / total).sqrt();
    let (mut x, mut row_height) = (0.0_f64, 0.0_f64);
    let mut rows: Vec<(f64, Vec<Slot>)> = Vec::new();
    let mut row: Vec<Slot> = Vec::new();
    for (k, placed) in rest.iter().enumerate() {
        let side = unit * (placed.nodes.len() as f64).sqrt();
        let scale = side / placed.width.max(placed.height).max(1e-9);
        let (width, height) = (placed.width * scale + 2.0 * margin, placed.height * scale + 2.0 * margin);
        if x > 0.0 && x + width > options.width {
            rows.push((row_height, std::mem::take(&mut row)));
            (x, row_height) = (0.0, 0.0);
        }
        row.push((k, x, scale, height));
        x += width;
        row_height = row_height.max(height);
    }
    if !row.is_empty() {
        rows.push((row_height, row));
    }
    let asked: f64 = rows.iter().map(|r| r.0).sum();
    // the largest keeps at least half of the height
    let shrink = if asked > bottom / 2.0 { bottom / 2.0 / asked } else { 1.0 };
    let mut y = bottom - asked * shrink;
    let top = y;
    for (height, row) in rows {
        for (k, x, scale, own) in row {
            let down = y + (height - own) * shrink / 2.0 + margin * shrink;
            for (node, p) in rest[k].nodes.iter().zip(&rest[k].at) {
                at[*node] = (x + margin + p.0 * scale, down + p.1 * scale * shrink);
            }
        }
        y += height * shrink;
    }
    // the largest is stretched to its box, by no more than half as much again
    let (wide, high) = (inner / first.width.max(1e-9), (top - 2.0 * margin).max(1.0) / first.height.max(1e-9));
    let (wide, high) = (wide.min(1.5 * high), high.min(1.5 * wide));
    let (left, above) = ((options.width - first.width * wide) / 2.0, (top - first.height * high) / 2.0);
    for (node, p) in first.nodes.iter().zip(&first.at) {
        at[*node] = (left + p.0 * wide, above + p.1 * high);
    }
    at
}

/// Pushes overlapping nodes apart, the smaller one further, and keeps all inside the box.
fn push_apart(at: &mut [Point], radius: &[f64], options: &GraphLayoutOptions) {
    let largest = radius.iter().copied().fold(0.0, f64::max);
    let cell = (2.0 * largest + options.gap).max(1e-9);
    for round in 0..400 {
        let mut moved = false;
        for (i, j) in close_pairs(at, cell) {
            let (dx, dy) = (at[j].0 - at[i].0, at[j].1 - at[i].1);
            let apart = (dx * dx + dy * dy).sqrt();
            let wanted = radius[i] + radius[j] + options.gap;
            if apart >= wanted - 1e-9 {
                continue;
            }
            moved = true;
            // two nodes on one spot part in a direction of their own
            let (ux, uy) = if apart > 1e-9 {
                (dx / apart, dy / apart)
            } else {
                let turn = split_mix((i * radius.len() + j) as u64) as f64 / u64::MAX as f64 * std::f64::consts::TAU;
                (turn.cos(), turn.sin())
            };
            let weight = |r: f64| r * r + 1e-9;
            let share = weight(radius[j]) / (weight(radius[i]) + weight(radius[j]));
            // a little more than needed, so that it comes to rest
            let push = (wanted - apart) * if round < 300 { 1.0 } else { 1.05 } + 1e-6;
            at[i] = (at[i].0 - ux * push * share, at[i].1 - uy * push * share);
            at[j] = (at[j].0 + ux * push * (1.0 - share), at[j].1 + uy * push * (1.0 - share));
        }
        for (p, r) in at.iter_mut().zip(radius) {
            // a node larger than the box stands in its middle
            let inside = |v: f64, end: f64| if 2.0 * r >= end { end / 2.0 } else { v.clamp(*r, end - r) };
            *p = (inside(p.0, options.width), inside(p.1, options.height));
        }
        if !moved {
            break;
        }
    }
}

/// Pairs of nodes in the same or touching cells of a grid, ascending.
fn close_pairs(at: &[Point], cell: f64) -> Vec<(usize, usize)> {
    let key = |p: &Point| ((p.0 / cell).floor() as i64, (p.1 / cell).floor() as i64);
    let mut grid: std::collections::HashMap<(i64, i64), Vec<usize>> = std::collections::HashMap::new();
    at.iter().enumerate().for_each(|(i, p)| grid.entry(key(p)).or_default().push(i));
    let mut pairs = Vec::new();
    for (i, p) in at.iter().enumerate() {
        let (kx, ky) = key(p);
        for x in kx - 1..=kx + 1 {
            for y in ky - 1..=ky + 1 {
                let others = grid.get(&(x, y)).into_iter().flatten().filter(|j| **j > i);
                pairs.extend(others.map(|j| (i, *j)));
            }
        }
    }
    pairs
}

fn count_overlaps(at: &[Point], radius: &[f64]) -> usize {
    let cell = (2.0 * radius.iter().copied().fold(0.0, f64::max)).max(1e-9);
    let apart = |i: usize, j: usize| ((at[i].0 - at[j].0).powi(2) + (at[i].1 - at[j].1).powi(2)).sqrt();
    close_pairs(at, cell).into_iter().filter(|(i, j)| apart(*i, *j) < radius[*i] + radius[*j] - 1e-6).count()
}
