use crate::IndustryError;
use complexity::{PresenceMatrix, Proximity};
use frame::{Labels, Language, Text, number};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeSet, VecDeque};

/// Which activities ease each other's entry: undirected, without weights.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContagionNetwork {
    activities: Labels,
    /// Ascending.
    neighbours: Vec<Vec<usize>>,
}

impl ContagionNetwork {
    /// A link wherever the proximity of two activities is at least the threshold (0.55 in Hidalgo et al. 2007 and Alshamsi et al. 2018).
    ///
    /// # Errors
    /// [`IndustryError::Option`] for a threshold that is not above 0.
    ///
    /// ```
    /// use complexity::{Diagonal, PresenceMatrix, proximity};
    /// use frame::Labels;
    /// let cells = [true, true, false, true, true, true];
    /// let m = PresenceMatrix::new(Labels::new("places", ["A", "B"])?, Labels::new("products", ["x", "y", "z"])?, cells)?;
    /// let network = xinzhi_industry::ContagionNetwork::from_proximity(&proximity(&m, Diagonal::Zero), 0.55)?;
    /// assert_eq!((network.degree(0), network.degree(2)), (1, 0));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn from_proximity(proximity: &Proximity, threshold: f64) -> Result<Self, IndustryError> {
        if threshold.is_nan() || threshold <= 0.0 {
            return Err(IndustryError::Option { option: "proximity_threshold", value: threshold.to_string(), requirement: "above 0" });
        }
        let near = |p: usize| proximity.row(p).iter().enumerate().filter(move |(q, phi)| *q != p && **phi >= threshold).map(|(q, _)| q);
        let neighbours = (0..proximity.activities().len()).map(|p| near(p).collect()).collect();
        Ok(ContagionNetwork { activities: proximity.activities().clone(), neighbours })
    }

    /// The links given; each counts in both directions, a repeated one once, one from an activity to itself not at all.
    ///
    /// # Errors
    /// [`IndustryError::Frame`] for an unknown activity.
    ///
    /// ```
    /// use frame::Labels;
    /// let network = xinzhi_industry::ContagionNetwork::from_links(Labels::new("products", ["x", "y"])?, [("x", "y"), ("y", "x")])?;
    /// assert_eq!(network.degree(0), 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn from_links<'a>(activities: Labels, links: impl IntoIterator<Item = (&'a str, &'a str)>) -> Result<Self, IndustryError> {
        let mut sets = vec![BTreeSet::new(); activities.len()];
        for (a, b) in links {
            let (a, b) = (activities.require(a)?, activities.require(b)?);
            if a != b {
                sets[a].insert(b);
                sets[b].insert(a);
            }
        }
        Ok(ContagionNetwork { activities, neighbours: sets.into_iter().map(|set| set.into_iter().collect()).collect() })
    }

    /// The activities.
    pub fn activities(&self) -> &Labels {
        &self.activities
    }

    /// How many neighbours an activity has.
    pub fn degree(&self, activity: usize) -> usize {
        self.neighbours[activity].len()
    }

    /// The neighbours of an activity, ascending.
    pub fn neighbours(&self, activity: usize) -> &[usize] {
        &self.neighbours[activity]
    }
}

/// How related presence becomes a probability of entry in a unit of time: `p_i = B (Σ_j a_ij M_j / k_i)^α`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Contagion {
    /// B, the probability when all neighbours are present: above 0, at most 1.
    pub scale: f64,
    /// α, above 0; above 1 a few neighbours help less than in proportion.
    pub exponent: f64,
}

impl Contagion {
    /// Fitted by Alshamsi, Pinheiro and Hidalgo (2018) to exported products.
    pub const PRODUCTS: Contagion = Contagion { scale: 0.16, exponent: 1.03 };
    /// Fitted by them to areas of research.
    pub const RESEARCH: Contagion = Contagion { scale: 0.74, exponent: 1.09 };

    fn probability(&self, related: usize, degree: usize) -> f64 {
        if related == 0 { 0.0 } else { self.scale * (related as f64 / degree as f64).powf(self.exponent) }
    }
}

impl Default for Contagion {
    fn default() -> Self {
        Contagion::PRODUCTS
    }
}

/// What is to be entered.
#[derive(Debug, Clone, Copy)]
pub enum SequenceTargets<'a> {
    /// Everything the place does not have.
    Missing,
    /// These, e.g. a portfolio. Nothing else is entered on the way.
    Given(&'a [&'a str]),
}

/// Options of [`entry_sequence`].
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct SequenceOptions {
    /// How relatedness becomes a probability.
    pub contagion: Contagion,
    /// Groups of linked targets of at most this many are solved exactly (18; at most 20, for the work doubles with each).
    pub exact_up_to: usize,
    /// Rounds of local improvement at most (50).
    pub rounds: usize,
    /// Quantile of degree over the targets from which a target is called a hub (0.9).
    pub hub_quantile: f64,
}

impl Default for SequenceOptions {
    fn default() -> Self {
        SequenceOptions { contagion: Contagion::PRODUCTS, exact_up_to: 18, rounds: 50, hub_quantile: 0.9 }
    }
}

/// One entry.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EntryStep {
    /// The activity.
    pub activity: String,
    /// Neighbours present when its turn comes.
    pub related: usize,
    /// All its neighbours (k).
    pub degree: usize,
    /// Probability of entry in a unit of time.
    pub probability: f64,
    /// Expected time `1/p`.
    pub time: f64,
    /// Expected time from the start to its entry.
    pub cumulative_time: f64,
}

/// Why a target cannot be entered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UnreachableReason {
    /// It has no neighbour in the network at all.
    Isolated,
    /// No chain of links leads to it from what the place has through other targets.
    NoPath,
}

/// A target the model gives no chance.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unreachable {
    /// The activity.
    pub activity: String,
    /// Why.
    pub reason: UnreachableReason,
}

/// When the hubs are entered.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct HubWindow {
    /// Targets of at least this degree are hubs.
    pub degree: usize,
    /// How many.
    pub hubs: usize,
    /// The middle half of their places in the order, each from 0 (first) to 1 (last): the recommended window.
    pub window: (f64, f64),
    /// Share of the hubs in the first third of the order.
    pub early_share: f64,
    /// The same window when the most related target always comes first.
    pub greedy_window: (f64, f64),
    /// The same share then.
    pub greedy_early_share: f64,
    /// The advice in words.
    pub rule: Text,
}

/// An order of entries and how good it is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EntrySequence {
    /// The place.
    pub place: String,
    /// The entries in order.
    pub steps: Vec<EntryStep>,
    /// Expected time of all.
    pub total_time: f64,
    /// Expected time when the most related target always comes first.
    pub greedy_time: f64,
    /// No order takes less time.
    pub lower_bound: f64,
    /// `(total − lower bound) / total`; 0 where the order was proven the best.
    pub gap: f64,
    /// Whether every group of linked targets was solved exactly.
    pub exact: bool,
    /// Targets without a chance.
    pub unreachable: Vec<Unreachable>,
    /// Targets the place has already.
    pub already_present: Vec<String>,
    /// When the hubs come; nothing where nothing is entered.
    pub hubs: Option<HubWindow>,
    /// The options used.
    pub options: SequenceOptions,
}

/// The order in which to enter activities when each entry eases the next (strategic diffusion; Alshamsi, Pinheiro and Hidalgo 2018).
///
/// An activity with k neighbours of which h are present is entered with probability `p = B (h/k)^α` a unit of time, so the order takes
/// `Σ 1/p` units in expectation, one entry after the other. Always taking the most related next (greedy) is not the best: hubs entered
/// early make much else easier.
///
/// * Targets fall into groups without a link between them, which do not touch each other's times. Groups of at most
///   [`SequenceOptions::exact_up_to`] are solved exactly (dynamic programming over subsets).
/// * Larger groups start from the greedy order and from greedy orders that also count what an entry saves its neighbours, are improved
///   by moving single targets and exchanging pairs until nothing helps, and keep the best. The result is never worse than greedy.
/// * The lower bound lets each link serve whichever of its ends gains most, at prices that are improved step by step, and lets the target at place t
///   of the order count at most t − 1 others as present; or takes each target's time with all others present, if that is more.
/// * Targets without a chance come back apart with the reason.
///
/// Only targets are entered: a stepping stone outside the set is not. Ties are broken by code.
///
/// # Errors
/// [`IndustryError::Frame`] for an unknown place or target or one given twice, [`IndustryError::LabelsDiffer`],
/// [`IndustryError::Option`].
///
/// ```
/// use complexity::PresenceMatrix;
/// use frame::Labels;
/// use xinzhi_industry::*;
/// let products = Labels::new("products", ["base", "hub", "leaf1", "leaf2", "alone"])?;
/// let links = [("base", "hub"), ("base", "leaf1"), ("hub", "leaf1"), ("hub", "leaf2")];
/// let network = ContagionNetwork::from_links(products.clone(), links)?;
/// let present = PresenceMatrix::new(Labels::new("places", ["A"])?, products, [true, false, false, false, false])?;
/// let contagion = Contagion { scale: 1.0, exponent: 1.0 };
/// let options = SequenceOptions { contagion, ..SequenceOptions::default() };
/// let found = entry_sequence(&network, &present, "A", SequenceTargets::Missing, &options)?;
/// // leaf1 at 1/2 first, then the hub at 2/3, then leaf2 at 1: 2 + 1.5 + 1
/// assert_eq!(found.steps.iter().map(|s| s.activity.as_str()).collect::<Vec<_>>(), ["leaf1", "hub", "leaf2"]);
/// assert_eq!((found.total_time, found.gap, found.unreachable[0].reason), (4.5, 0.0, UnreachableReason::Isolated));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn entry_sequence(
    network: &ContagionNetwork,
    presence: &PresenceMatrix,
    place: &str,
    targets: SequenceTargets<'_>,
    options: &SequenceOptions,
) -> Result<EntrySequence, IndustryError> {
    check(options)?;
    if presence.activities() != &network.activities {
        return Err(IndustryError::LabelsDiffer { input: "network", what: "activities", reference: "presence" });
    }
    let row = presence.places().require(place)?;
    let n = network.activities.len();
    let mut held = vec![false; n];
    presence.held(row).for_each(|p| held[p] = true);
    let wanted: Vec<usize> = match targets {
        SequenceTargets::Missing => (0..n).filter(|p| !held[*p]).collect(),
        SequenceTargets::Given(codes) => {
            let codes = Labels::new("targets", codes.iter().copied())?;
            let mut found = codes.iter().map(|code| network.activities.require(code)).collect::<Result<Vec<_>, _>>()?;
            found.sort_unstable();
            found
        }
    };
    let name = |p: usize| network.activities.name(p);
    let (present, missing): (Vec<usize>, Vec<usize>) = wanted.into_iter().partition(|p| held[*p]);
    let (reached, unreached) = reachable(network, &held, &missing);
    let unreachable = unreached.into_iter().map(|p| Unreachable {
        activity: name(p).to_owned(),
        reason: if network.degree(p) == 0 { UnreachableReason::Isolated } else { UnreachableReason::NoPath },
    });

    let groups: Vec<Group> = groups(network, &reached).into_iter().map(|members| Group::new(network, &held, members, options)).collect();
    let (mut orders, mut greedy, mut bound, mut exact) = (Vec::new(), Vec::new(), 0.0, true);
    for group in &groups {
        let simple = group.greedy(0.0);
        let small = group.members.len() <= options.exact_up_to;
        let better = if small { group.exact() } else { group.improved(&simple, options) };
        let order = if group.total(&better) < group.total(&simple) * (1.0 - SAME) { better } else { simple.clone() };
        bound += if small { group.total(&order) } else { group.lower_bound(&order) };
        exact &= small;
        orders.push(order);
        greedy.push(simple);
    }
    let greedy_order = merged(&groups, &greedy);
    let order = merged(&groups, &orders);
    let greedy_time = steps(network, &held, &greedy_order, options.contagion).last().map_or(0.0, |s| s.cumulative_time);
    let steps = steps(network, &held, &order, options.contagion);
    let total_time = steps.last().map_or(0.0, |s| s.cumulative_time);
    let lower_bound = if exact { total_time } else { bound.min(total_time) };
    Ok(EntrySequence {
        place: place.to_owned(),
        hubs: hub_window(network, &order, &greedy_order, options.hub_quantile),
        steps,
        total_time,
        greedy_time,
        lower_bound,
        gap: if total_time > 0.0 { (total_time - lower_bound) / total_time } else { 0.0 },
        exact,
        unreachable: unreachable.collect(),
        already_present: present.into_iter().map(|p| name(p).to_owned()).collect(),
        options: *options,
    })
}

/// Times that differ by less than this share are the same.
const SAME: f64 = 1e-12;
/// Pairs farther apart in the order are not exchanged.
const EXCHANGE: usize = 40;
/// How much of what an entry saves its neighbours the starting orders count.
const FORESIGHT: [f64; 4] = [0.05, 0.15, 0.4, 1.0];
/// Steps by which the prices of the lower bound are improved.
const PRICE_STEPS: usize = 80;

fn check(options: &SequenceOptions) -> Result<(), IndustryError> {
    let Contagion { scale, exponent } = options.contagion;
    let refuse = |option, value: String, requirement| Err(IndustryError::Option { option, value, requirement });
    if scale.is_nan() || scale <= 0.0 || scale > 1.0 {
        return refuse("contagion scale", scale.to_string(), "above 0 and at most 1, for it is a probability");
    }
    if !exponent.is_finite() || exponent <= 0.0 {
        return refuse("contagion exponent", exponent.to_string(), "a positive number");
    }
    if options.exact_up_to > 20 {
        return refuse("exact_up_to", options.exact_up_to.to_string(), "at most 20");
    }
    if !(0.0..=1.0).contains(&options.hub_quantile) {
        return refuse("hub_quantile", options.hub_quantile.to_string(), "between 0 and 1");
    }
    Ok(())
}

/// The targets a chain of links leads to, ascending, and the others.
fn reachable(network: &ContagionNetwork, held: &[bool], missing: &[usize]) -> (Vec<usize>, Vec<usize>) {
    let mut wanted = vec![false; held.len()];
    missing.iter().for_each(|p| wanted[*p] = true);
    let touches = |p: &usize| network.neighbours[*p].iter().any(|q| held[*q]);
    let mut open: VecDeque<usize> = missing.iter().copied().filter(touches).collect();
    let mut reached = vec![false; held.len()];
    open.iter().for_each(|p| reached[*p] = true);
    while let Some(p) = open.pop_front() {
        for q in &network.neighbours[p] {
            if wanted[*q] && !std::mem::replace(&mut reached[*q], true) {
                open.push_back(*q);
            }
        }
    }
    missing.iter().partition(|p| reached[**p])
}

/// Targets that hang together by links among themselves; ascending, by first member.
fn groups(network: &ContagionNetwork, targets: &[usize]) -> Vec<Vec<usize>> {
    let mut left = vec![false; network.activities.len()];
    targets.iter().for_each(|p| left[*p] = true);
    let mut groups = Vec::new();
    for first in targets {
        if !std::mem::replace(&mut left[*first], false) {
            continue;
        }
        let (mut members, mut open) = (vec![*first], vec![*first]);
        while let Some(p) = open.pop() {
            for q in &network.neighbours[p] {
                if std::mem::replace(&mut left[*q], false) {
                    members.push(*q);
                    open.push(*q);
                }
            }
        }
        members.sort_unstable();
        groups.push(members);
    }
    groups
}

/// Linked targets, numbered from 0.
struct Group {
    members: Vec<usize>,
    /// Rank of each member by code, for ties.
    rank: Vec<usize>,
    near: Vec<Vec<usize>>,
    /// The time of a member when so many of its neighbours in the group are present, besides those the place has; infinite when it has no
    /// present neighbour at all.
    time: Vec<Vec<f64>>,
}

impl Group {
    fn new(network: &ContagionNetwork, held: &[bool], members: Vec<usize>, options: &SequenceOptions) -> Self {
        let near: Vec<Vec<usize>> =
            members.iter().map(|p| network.neighbours[*p].iter().filter_map(|q| members.binary_search(q).ok()).collect()).collect();
        let time = members.iter().zip(&near).map(|(p, near): (&usize, &Vec<usize>)| {
            let base = network.neighbours[*p].iter().filter(|q| held[**q]).count();
            let degree = network.degree(*p);
            (0..=near.len()).map(|more| 1.0 / options.contagion.probability(base + more, degree)).collect()
        });
        let time = time.collect();
        let mut by_code: Vec<usize> = (0..members.len()).collect();
        by_code.sort_by_key(|v| network.activities.name(members[*v]));
        let mut rank = vec![0; members.len()];
        by_code.iter().enumerate().for_each(|(place, v)| rank[*v] = place);
        Group { members, rank, near, time }
    }

    /// Places in the order, and group neighbours present at each one's turn.
    fn unfold(&self, order: &[usize]) -> (Vec<usize>, Vec<usize>) {
        let mut place = vec![0; order.len()];
        order.iter().enumerate().for_each(|(at, v)| place[*v] = at);
        let before = (0..order.len()).map(|v| self.near[v].iter().filter(|u| place[**u] < place[v]).count()).collect();
        (place, before)
    }

    fn total(&self, order: &[usize]) -> f64 {
        let (_, before) = self.unfold(order);
        order.iter().map(|v| self.time[*v][before[*v]]).sum()
    }

    /// What one more present neighbour saves; where there is none yet, what the second one saves.
    fn saving(&self, v: usize, before: usize) -> f64 {
        let time = &self.time[v];
        match time.get(before + 1) {
            None => 0.0,
            Some(next) if time[before].is_finite() => time[before] - next,
            Some(next) => time.get(before + 2).map_or(0.0, |after| next - after),
        }
    }

    /// Always the target with the least time less what it saves its neighbours times the foresight; 0 is the greedy order.
    fn greedy(&self, foresight: f64) -> Vec<usize> {
        let n = self.members.len();
        let mut before = vec![0_usize; n];
        let mut open: Vec<usize> = (0..n).collect();
        let mut done = vec![false; n];
        let mut savings: Vec<f64> = (0..n).map(|v| self.saving(v, 0)).collect();
        let mut help: Vec<f64> = (0..n).map(|v| self.near[v].iter().map(|u| savings[*u]).sum()).collect();
        let mut order = Vec::with_capacity(n);
        while !open.is_empty() {
            let score = |v: usize| if foresight > 0.0 { self.time[v][before[v]] - foresight * help[v] } else { self.time[v][before[v]] };
            let can = |v: &usize| self.time[*v][before[*v]].is_finite();
            let best =
                open.iter().copied().filter(can).min_by(|a, b| score(*a).total_cmp(&score(*b)).then(self.rank[*a].cmp(&self.rank[*b])));
            // every member can be reached, so there is always one
            let Some(best) = best else { break };
            open.retain(|v| *v != best);
            done[best] = true;
            order.push(best);
            if foresight > 0.0 {
                self.near[best].iter().for_each(|w| help[*w] -= savings[best]);
            }
            for u in &self.near[best] {
                before[*u] += 1;
                if foresight > 0.0 && !done[*u] {
                    let now = self.saving(*u, before[*u]);
                    self.near[*u].iter().for_each(|w| help[*w] += now - savings[*u]);
                    savings[*u] = now;
                }
            }
        }
        order
    }

    /// The best order, by dynamic programming over the sets already entered.
    fn exact(&self) -> Vec<usize> {
        let n = self.members.len();
        let near: Vec<u32> = self.near.iter().map(|list| list.iter().fold(0, |bits, u| bits | 1 << u)).collect();
        let mut time = vec![f64::INFINITY; 1 << n];
        let mut last = vec![0_u8; 1 << n];
        time[0] = 0.0;
        for set in 0..1_u32 << n {
            let so_far = time[set as usize];
            if !so_far.is_finite() {
                continue;
            }
            for v in (0..n).filter(|v| set >> v & 1 == 0) {
                let next = so_far + self.time[v][(near[v] & set).count_ones() as usize];
                let with = (set | 1 << v) as usize;
                if next < time[with] {
                    time[with] = next;
                    last[with] = v as u8;
                }
            }
        }
        let mut set = (1_usize << n) - 1;
        let mut order = Vec::with_capacity(n);
        while set != 0 {
            let v = usize::from(last[set]);
            order.push(v);
            set &= !(1 << v);
        }
        order.reverse();
        order
    }

    /// The best of the improved starting orders.
    fn improved(&self, greedy: &[usize], options: &SequenceOptions) -> Vec<usize> {
        let starts = std::iter::once(greedy.to_vec()).chain(FORESIGHT.iter().map(|f| self.greedy(*f)));
        let mut best: Option<(f64, Vec<usize>)> = None;
        for mut order in starts {
            self.improve(&mut order, options.rounds);
            let total = self.total(&order);
            if best.as_ref().is_none_or(|(least, _)| total < *least * (1.0 - SAME)) {
                best = Some((total, order));
            }
        }
        best.map_or_else(|| greedy.to_vec(), |(_, order)| order)
    }

    /// Moves single targets and exchanges pairs until nothing helps.
    fn improve(&self, order: &mut [usize], rounds: usize) {
        let (mut place, mut before) = self.unfold(order);
        let worth = -SAME * self.total(order);
        for _ in 0..rounds {
            let mut moved = false;
            for v in 0..order.len() {
                moved |= self.move_one(v, order, &mut place, &mut before, worth);
            }
            if !moved && !self.exchange_pairs(order, &mut place, &mut before, worth) {
                break;
            }
        }
    }

    /// Puts one target where it serves best. Only its neighbours' times and its own change, each when it passes one of them.
    fn move_one(&self, v: usize, order: &mut [usize], place: &mut [usize], before: &mut [usize], worth: f64) -> bool {
        let here = place[v];
        let mut near = self.near[v].clone();
        near.sort_unstable_by_key(|u| place[*u]);
        let split = near.partition_point(|u| place[*u] < here);
        let own = self.time[v][before[v]];
        let mut best = (worth, here);
        let mut others = 0.0;
        for (passed, u) in near[..split].iter().rev().enumerate() {
            others += self.time[*u][before[*u] + 1] - self.time[*u][before[*u]];
            let change = others + self.time[v][before[v] - passed - 1] - own;
            if change < best.0 {
                best = (change, place[*u]);
            }
        }
        others = 0.0;
        for (passed, u) in near[split..].iter().enumerate() {
            others += self.time[*u][before[*u] - 1] - self.time[*u][before[*u]];
            if !others.is_finite() {
                break;
            }
            let change = others + self.time[v][before[v] + passed + 1] - own;
            if change < best.0 {
                best = (change, place[*u]);
            }
        }
        if best.1 == here {
            return false;
        }
        let (from, to) = (here.min(best.1), here.max(best.1));
        for u in &near {
            if place[*u] >= from && place[*u] <= to {
                if best.1 < here {
                    before[*u] += 1;
                    before[v] -= 1;
                } else {
                    before[*u] -= 1;
                    before[v] += 1;
                }
            }
        }
        if best.1 < here {
            order[from..=to].rotate_right(1)
        } else {
            order[from..=to].rotate_left(1)
        }
        order[from..=to].iter().enumerate().for_each(|(at, u)| place[*u] = from + at);
        true
    }

    fn exchange_pairs(&self, order: &mut [usize], place: &mut [usize], before: &mut [usize], worth: f64) -> bool {
        let n = order.len();
        let mut shift = vec![0_i32; n];
        let mut moved = false;
        for from in 0..n {
            for to in from + 1..n.min(from + 1 + EXCHANGE) {
                let (v, w) = (order[from], order[to]);
                // w comes before all of v's neighbours between them, v after all of w's
                let mut touched = Vec::with_capacity(8);
                for (mover, gain) in [(v, -1), (w, 1)] {
                    for u in &self.near[mover] {
                        if place[*u] > from && place[*u] < to {
                            shift[*u] += gain;
                            shift[mover] -= gain;
                            touched.push(*u);
                        }
                    }
                }
                if self.near[v].binary_search(&w).is_ok() {
                    shift[v] += 1;
                    shift[w] -= 1;
                }
                touched.extend([v, w]);
                touched.sort_unstable();
                touched.dedup();
                let after = |u: usize| before[u].saturating_add_signed(shift[u] as isize);
                let change: f64 = touched.iter().map(|u| self.time[*u][after(*u)] - self.time[*u][before[*u]]).sum();
                if change < worth {
                    touched.iter().for_each(|u| before[*u] = before[*u].saturating_add_signed(shift[*u] as isize));
                    order.swap(from, to);
                    (place[v], place[w]) = (to, from);
                    moved = true;
                }
                touched.iter().for_each(|u| shift[*u] = 0);
            }
        }
        moved
    }

    /// No order of this group takes less time; see [`entry_sequence`].
    fn lower_bound(&self, order: &[usize]) -> f64 {
        let n = order.len();
        let all_present: f64 = (0..n).map(|v| self.time[v][self.near[v].len()]).sum();
        let (place, mut before) = self.unfold(order);
        // each link serves one end: turn links over while that saves time, cycles allowed
        let mut links: Vec<(usize, usize)> = Vec::new();
        for v in 0..n {
            links.extend(self.near[v].iter().filter(|u| place[**u] < place[v]).map(|u| (*u, v)));
        }
        for _ in 0..20 {
            let mut turned = false;
            for (giver, taker) in &mut links {
                let (g, t) = (*giver, *taker);
                let change = self.time[g][before[g] + 1] - self.time[g][before[g]] + self.time[t][before[t] - 1] - self.time[t][before[t]];
                if change < -SAME * all_present {
                    before[g] += 1;
                    before[t] -= 1;
                    (*giver, *taker) = (t, g);
                    turned = true;
                }
            }
            if !turned {
                break;
            }
        }
        let price = |v: usize| {
            let saved = before[v].checked_sub(1).map(|less| self.time[v][less] - self.time[v][before[v]]).filter(|s| s.is_finite());
            let saves = self.time[v].get(before[v] + 1).map(|more| self.time[v][before[v]] - more);
            match (saved, saves) {
                (Some(a), Some(b)) => (a + b) / 2.0,
                (Some(one), None) | (None, Some(one)) => one,
                (None, None) => 0.0,
            }
        };
        let mut prices: Vec<f64> = (0..n).map(price).collect();
        let mut best = (all_present, 0.0);
        for scale in (0..=24).map(|step| f64::from(step) / 20.0) {
            let bound = self.priced_bound(&prices, &links, scale);
            if bound > best.0 {
                best = (bound, scale);
            }
        }
        prices.iter_mut().for_each(|price| *price *= best.1);
        best.0.max(self.raised_bound(prices, &links, self.total(order)))
    }

    /// Prices raised where a target would take more links than it gets and lowered where fewer (subgradient steps towards the time of
    /// the order found, shorter whenever the bound does not rise); the best bound on the way.
    fn raised_bound(&self, mut prices: Vec<f64>, links: &[(usize, usize)], total: f64) -> f64 {
        let mut best = f64::NEG_INFINITY;
        let mut pace = 1.0;
        for _ in 0..PRICE_STEPS {
            let bound = self.priced_bound(&prices, links, 1.0);
            if bound > best {
                best = bound;
            } else {
                pace *= 0.9;
            }
            let mut slope: Vec<f64> = (0..prices.len()).map(|v| self.cheapest(v, prices[v]).0 as f64).collect();
            for (a, b) in links {
                slope[if prices[*a] > prices[*b] { *a } else { *b }] -= 1.0;
            }
            let square: f64 = slope.iter().map(|s| s * s).sum();
            if square == 0.0 || total - bound <= SAME * total {
                break;
            }
            let step = pace * (total - bound) / square;
            prices.iter_mut().zip(&slope).for_each(|(price, s)| *price = (*price + step * s).max(0.0));
        }
        best
    }

    /// How many group neighbours a target takes before it at a price each, and its time and price then.
    fn cheapest(&self, v: usize, price: f64) -> (usize, f64) {
        let all = self.time[v].iter().enumerate().map(|(e, time)| (e, time + price * e as f64));
        all.fold((0, f64::INFINITY), |best, next| if next.1 < best.1 { next } else { best })
    }

    /// Every link may serve its ends at a price: `Σ_v min_e [time_v(e) + π_v e] − Σ_links max(π)` is below any order's time whatever the
    /// prices, for a link serves one end only. Who stands at place t has at most t − 1 before it; the least that costs anybody is added.
    fn priced_bound(&self, prices: &[f64], links: &[(usize, usize)], scale: f64) -> f64 {
        let n = prices.len();
        let at = |v: usize, e: usize| self.time[v][e] + scale * prices[v] * e as f64;
        let free: Vec<(usize, f64)> = (0..n).map(|v| self.cheapest(v, scale * prices[v])).collect();
        let mut bound = free.iter().map(|f| f.1).sum::<f64>();
        bound -= links.iter().map(|(a, b)| scale * prices[*a].max(prices[*b])).sum::<f64>();
        for earlier in 0..n {
            // time and price are convex in e, so under a cap below the best e the cap itself is best
            let penalty = |v: usize| if free[v].0 <= earlier { 0.0 } else { at(v, earlier) - free[v].1 };
            let least = (0..n).map(penalty).fold(f64::INFINITY, f64::min);
            if least <= 0.0 {
                break;
            }
            bound += least;
        }
        bound
    }
}

/// The orders of all groups as one: always the group whose next target takes the least time.
fn merged(groups: &[Group], orders: &[Vec<usize>]) -> Vec<usize> {
    let mut next = vec![0_usize; groups.len()];
    let before: Vec<Vec<usize>> = groups.iter().zip(orders).map(|(group, order)| group.unfold(order).1).collect();
    let mut all = Vec::with_capacity(orders.iter().map(Vec::len).sum());
    loop {
        let heads = (0..groups.len()).filter_map(|g| orders[g].get(next[g]).map(|v| (groups[g].time[*v][before[g][*v]], g, *v)));
        let Some((_, g, v)) = heads.min_by(|a, b| a.0.total_cmp(&b.0).then(groups[a.1].members[a.2].cmp(&groups[b.1].members[b.2]))) else {
            return all;
        };
        next[g] += 1;
        all.push(groups[g].members[v]);
    }
}

fn steps(network: &ContagionNetwork, held: &[bool], order: &[usize], contagion: Contagion) -> Vec<EntryStep> {
    let mut there = held.to_vec();
    let mut cumulative_time = 0.0;
    let step = |p: &usize| {
        let related = network.neighbours[*p].iter().filter(|q| there[**q]).count();
        let degree = network.degree(*p);
        let probability = contagion.probability(related, degree);
        cumulative_time += 1.0 / probability;
        there[*p] = true;
        let activity = network.activities.name(*p).to_owned();
        EntryStep { activity, related, degree, probability, time: 1.0 / probability, cumulative_time }
    };
    order.iter().map(step).collect()
}

fn hub_window(network: &ContagionNetwork, order: &[usize], greedy: &[usize], quantile: f64) -> Option<HubWindow> {
    let mut degrees: Vec<usize> = order.iter().map(|p| network.degree(*p)).collect();
    degrees.sort_unstable();
    let degree = *degrees.get(((degrees.len().checked_sub(1)?) as f64 * quantile).ceil() as usize)?;
    let places = |order: &[usize]| -> Vec<f64> {
        let last = order.len().saturating_sub(1).max(1) as f64;
        order.iter().enumerate().filter(|(_, p)| network.degree(**p) >= degree).map(|(at, _)| at as f64 / last).collect()
    };
    // ascending already; the nearest of the hubs' own places, not an interpolation
    let window = |places: &[f64]| {
        let at = |q: f64| places.get(((places.len() - 1) as f64 * q).round() as usize).copied().unwrap_or(f64::NAN);
        (at(0.25), at(0.75))
    };
    let early = |places: &[f64]| places.iter().filter(|at| **at <= 1.0 / 3.0).count() as f64 / places.len() as f64;
    let (own, plain) = (places(order), places(greedy));
    let (window, greedy_window) = (window(&own), window(&plain));
    let percent = |share: f64| number::percent(share, 0, Language::En);
    let rule = Text::new(
        format!(
            "Enter the {} hubs (targets with at least {degree} neighbours) between {} and {} of the way through the order; taking the most related first would enter them between {} and {}.",
            own.len(),
            percent(window.0),
            percent(window.1),
            percent(greedy_window.0),
            percent(greedy_window.1)
        ),
        format!(
            "在进入顺序的 {} 至 {} 之间进入 {} 个枢纽活动（邻居不少于 {degree} 个）；若总是先进入最相关的活动，则其位置在 {} 至 {} 之间。",
            percent(window.0),
            percent(window.1),
            own.len(),
            percent(greedy_window.0),
            percent(greedy_window.1)
        ),
    );
    Some(HubWindow { degree, hubs: own.len(), window, early_share: early(&own), greedy_window, greedy_early_share: early(&plain), rule })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(ProptestConfig { cases: 1500, ..ProptestConfig::default() })]
        /// The bound itself, before it is cut to the time found, against the best order.
        #[test]
        fn the_bound_is_below_the_best_order(
            links in prop::collection::vec((0..13_usize, 0..13_usize), 4..60), held in 1..4_usize, exponent in prop::sample::select(vec![0.5, 1.0, 1.09, 3.0]),
        ) {
            let activities = Labels::new("activities", (0..13).map(|i| format!("a{i:02}"))).unwrap();
            let named: Vec<(String, String)> = links.iter().map(|(a, b)| (format!("a{a:02}"), format!("a{b:02}"))).collect();
            let network = ContagionNetwork::from_links(activities, named.iter().map(|(a, b)| (a.as_str(), b.as_str()))).unwrap();
            let there: Vec<bool> = (0..13).map(|i| i < held).collect();
            let (reached, _) = reachable(&network, &there, &(held..13).collect::<Vec<_>>());
            let options = SequenceOptions { contagion: Contagion { scale: 0.5, exponent }, ..SequenceOptions::default() };
            for members in groups(&network, &reached) {
                let group = Group::new(&network, &there, members, &options);
                let best = group.total(&group.exact());
                for order in [group.greedy(0.0), group.greedy(0.4), group.exact()] {
                    let bound = group.lower_bound(&order);
                    prop_assert!(bound <= best * (1.0 + 1e-9), "bound {bound} above {best}");
                }
            }
        }
    }
}
