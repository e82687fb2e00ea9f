use crate::IndustryError;
use crate::effort::same_labels;
use crate::knapsack::cheapest_cover;
use complexity::PresenceMatrix;
use frame::{LabelledMatrix, LabelledVector};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

/// What portfolios are chosen from, all over the same places and activities.
#[derive(Debug, Clone, Copy)]
pub struct PortfolioInput<'a> {
    /// What the places have: today, or at the horizon by [`crate::expected_specialisation`].
    pub presence: &'a PresenceMatrix,
    /// Product complexity index of that presence, on a scale on which a place's ECI is the mean PCI of what it has; NaN where an activity
    /// has none, which then counts for nothing.
    pub pci: &'a LabelledVector,
    /// Effort of entry, from [`crate::stepping_stone_effort`] or [`crate::gap_effort`]; NaN where an activity is not to be chosen. Negative
    /// efforts (entry is expected anyway) count as 0.
    pub effort: &'a LabelledMatrix,
}

/// The complexity to reach.
#[derive(Debug, Clone, Copy)]
pub enum ComplexityTarget<'a> {
    /// So much above each place's own ECI.
    Gain(f64),
    /// The same level for every place.
    Level(f64),
    /// A level a place, found by label, e.g. from [`crate::GrowthCoefficients::complexity_for`]; NaN or missing is no target.
    Levels(&'a LabelledVector),
}

/// Options of [`portfolio`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct PortfolioOptions {
    /// Partial portfolios looked at before the search for one place stops with the gap that is left (10,000,000).
    pub node_limit: u64,
}

impl Default for PortfolioOptions {
    fn default() -> Self {
        PortfolioOptions { node_limit: 10_000_000 }
    }
}

/// How it ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PortfolioOutcome {
    /// The portfolio reaches the target.
    Reached,
    /// The place is there already; the portfolio is empty.
    AlreadyReached,
    /// No set of candidates reaches the target; the portfolio is the one that comes nearest.
    BestReachable,
    /// There is no target: none was given, or it is a gain and the place has no ECI to gain on.
    NoTarget,
}

/// One activity of a portfolio.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ChosenActivity {
    /// Its code.
    pub activity: String,
    /// Its effort as given; counted as 0 where negative.
    pub effort: f64,
    /// Its product complexity index.
    pub pci: f64,
}

/// The least-effort way of one place to a complexity.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Portfolio {
    /// The place.
    pub place: String,
    /// How it ended.
    pub outcome: PortfolioOutcome,
    /// The ECI to reach; NaN without a target.
    pub target: f64,
    /// Mean PCI of what the place has; NaN where it has nothing.
    pub eci_before: f64,
    /// Mean PCI of what it has with the portfolio.
    pub eci_after: f64,
    /// The highest ECI any set of candidates leads to.
    pub best_reachable_eci: f64,
    /// The portfolio, least effort first, ties by code.
    pub chosen: Vec<ChosenActivity>,
    /// The sum of its efforts.
    pub effort: f64,
    /// No portfolio that does as much takes less effort than this.
    pub lower_bound: f64,
    /// `(effort − lower bound) / effort`; 0 means that no cheaper portfolio exists (to a relative 1e-12).
    pub gap: f64,
    /// Activities that could be chosen: absent, with an index and an effort.
    pub candidates: usize,
    /// Partial portfolios looked at.
    pub nodes: u64,
}

/// A target counts as reached within this part of it (of 1 for targets under 1), so that rounding does not buy an activity.
const REACHED: f64 = 1e-12;

/// The least-effort set of activities that takes one place to a complexity (ECI optimisation; Stojkoski and Hidalgo 2026).
///
/// A place's ECI is the mean PCI of what it has. With x_p = 1 where an activity is added, the mean reaches the target T when
/// `Σ_p (PCI_p − T) x_p ≥ Σ_held (T − PCI_p)`, so the least effort `Σ W_p x_p` is a 0–1 knapsack turned round; it is solved exactly, by
/// branch and bound over the core with reals, not by rounding to integers. PCI is held fixed: in truth new entrants shift it a little.
///
/// * Activities with PCI of at most T cannot help and are never chosen, free ones neither.
/// * A place that is there already gets an empty portfolio; a place that cannot get there the one with the highest ECI (all candidates
///   above the mean they bring about), which is the least-effort way to that ECI.
/// * A place that has nothing has no ECI; with a level as target it gets the cheapest single activity of at least that PCI.
///
/// # Errors
/// [`IndustryError::Frame`] for an unknown place, [`IndustryError::LabelsDiffer`], [`IndustryError::Option`] for a target that is not
/// finite or a node limit of 0.
///
/// ```
/// use complexity::PresenceMatrix;
/// use frame::{LabelledMatrix, LabelledVector, Labels};
/// use xinzhi_industry::*;
/// let products = Labels::new("products", ["held", "near", "far", "simple"])?;
/// let presence = PresenceMatrix::new(Labels::new("places", ["A"])?, products.clone(), [true, false, false, false])?;
/// let pci = LabelledVector::new(products.clone(), vec![0.0, 1.0, 3.0, -1.0])?;
/// let effort = LabelledMatrix::new(presence.places().clone(), products, vec![f64::NAN, 1.0, 1.5, 0.0])?;
/// let input = PortfolioInput { presence: &presence, pci: &pci, effort: &effort };
/// // 1 needs gains of (PCI − 1) of at least 1: "far" alone has 2
/// let found = portfolio(&input, "A", ComplexityTarget::Level(1.0), &PortfolioOptions::default())?;
/// assert_eq!((found.chosen[0].activity.as_str(), found.effort, found.eci_after, found.gap), ("far", 1.5, 1.5, 0.0));
/// // 2 is out of reach: with "far" the mean is 1.5, "near" would lower it
/// let found = portfolio(&input, "A", ComplexityTarget::Level(2.0), &PortfolioOptions::default())?;
/// assert_eq!((found.outcome, found.eci_after), (PortfolioOutcome::BestReachable, 1.5));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn portfolio(
    input: &PortfolioInput<'_>,
    place: &str,
    target: ComplexityTarget<'_>,
    options: &PortfolioOptions,
) -> Result<Portfolio, IndustryError> {
    check(input, target, options)?;
    let row = input.presence.places().require(place)?;
    Ok(least_effort(input, row, target, options))
}

/// The portfolios of all places, in the order of the table; see [`portfolio`]. The places are shared out over the threads and no result
/// depends on how many there are. Every place comes back, whatever its outcome.
///
/// # Errors
/// [`IndustryError::LabelsDiffer`], [`IndustryError::Option`].
///
/// ```
/// # use complexity::PresenceMatrix;
/// # use frame::{LabelledMatrix, LabelledVector, Labels};
/// # use xinzhi_industry::*;
/// let products = Labels::new("products", ["x", "y"])?;
/// let presence = PresenceMatrix::new(Labels::new("places", ["A", "B"])?, products.clone(), [true, false, false, false])?;
/// let pci = LabelledVector::new(products.clone(), vec![0.0, 1.0])?;
/// let effort = LabelledMatrix::new(presence.places().clone(), products, vec![f64::NAN, 2.0, 1.0, 2.0])?;
/// let input = PortfolioInput { presence: &presence, pci: &pci, effort: &effort };
/// let found = portfolios(&input, ComplexityTarget::Gain(0.25), &PortfolioOptions::default())?;
/// assert_eq!(found[0].outcome, PortfolioOutcome::Reached);
/// assert_eq!(found[1].outcome, PortfolioOutcome::NoTarget, "B has nothing to gain on");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn portfolios(
    input: &PortfolioInput<'_>,
    target: ComplexityTarget<'_>,
    options: &PortfolioOptions,
) -> Result<Vec<Portfolio>, IndustryError> {
    check(input, target, options)?;
    Ok((0..input.presence.places().len()).into_par_iter().map(|row| least_effort(input, row, target, options)).collect())
}

fn check(input: &PortfolioInput<'_>, target: ComplexityTarget<'_>, options: &PortfolioOptions) -> Result<(), IndustryError> {
    let wanted = (input.presence.places(), input.presence.activities());
    same_labels("effort", "presence", (input.effort.rows(), input.effort.columns()), wanted)?;
    same_labels("complexity", "presence", (wanted.0, input.pci.labels()), wanted)?;
    if let ComplexityTarget::Gain(value) | ComplexityTarget::Level(value) = target
        && !value.is_finite()
    {
        return Err(IndustryError::Option { option: "target", value: value.to_string(), requirement: "a finite number" });
    }
    if options.node_limit == 0 {
        return Err(IndustryError::Option { option: "node_limit", value: "0".to_owned(), requirement: "at least 1" });
    }
    Ok(())
}

fn least_effort(input: &PortfolioInput<'_>, row: usize, target: ComplexityTarget<'_>, options: &PortfolioOptions) -> Portfolio {
    let (place, pci, effort) = (input.presence.places().name(row), input.pci.values(), input.effort.row(row));
    let held: Vec<f64> = input.presence.held(row).map(|p| pci[p]).filter(|v| v.is_finite()).collect();
    let (sum, count) = (held.iter().sum::<f64>(), held.len() as f64);
    let before = if held.is_empty() { f64::NAN } else { sum / count };
    let level = match target {
        ComplexityTarget::Gain(gain) => before + gain,
        ComplexityTarget::Level(level) => level,
        ComplexityTarget::Levels(levels) => levels.get(place).filter(|v| v.is_finite()).unwrap_or(f64::NAN),
    };
    let could = |p: &usize| !input.presence.at(row, *p) && pci[*p].is_finite() && effort[*p].is_finite();
    let candidates: Vec<usize> = (0..pci.len()).filter(could).collect();
    let highest = highest_mean(&candidates, pci, sum, count);
    let mean_with = |set: &[usize]| {
        if set.is_empty() { before } else { (sum + set.iter().map(|p| pci[*p]).sum::<f64>()) / (count + set.len() as f64) }
    };
    let best_reachable_eci = mean_with(&highest);

    let enough = level - REACHED * level.abs().max(1.0);
    let cost = |p: usize| effort[p].max(0.0);
    // anything but reached: no search, and the bound is what the set itself costs
    let settled = |set: Vec<usize>| {
        let total = set.iter().map(|p| cost(*p)).sum::<f64>();
        (set, total, 0)
    };
    let (outcome, (mut chosen, lower_bound, nodes)) = if level.is_nan() {
        (PortfolioOutcome::NoTarget, settled(Vec::new()))
    } else if before >= enough {
        (PortfolioOutcome::AlreadyReached, settled(Vec::new()))
    } else if highest.is_empty() || best_reachable_eci < enough {
        (PortfolioOutcome::BestReachable, settled(highest))
    } else {
        // what costs nothing and helps comes first, most helpful first, as far as it is needed
        let helpful = candidates.iter().copied().filter(|p| pci[*p] > enough || (held.is_empty() && pci[*p] >= enough));
        let (mut free, paid): (Vec<usize>, Vec<usize>) = helpful.partition(|p| cost(*p) == 0.0);
        free.sort_by(|a, b| pci[*b].total_cmp(&pci[*a]).then(a.cmp(b)));
        let mut need: f64 = held.iter().map(|v| enough - v).sum();
        let mut set = Vec::new();
        for p in free {
            if need <= 0.0 && !(held.is_empty() && set.is_empty()) {
                break;
            }
            need -= pci[p] - enough;
            set.push(p);
        }
        let (bound, nodes) = if held.is_empty() && set.is_empty() {
            set.extend(paid.iter().copied().min_by(|a, b| cost(*a).total_cmp(&cost(*b)).then(pci[*b].total_cmp(&pci[*a]))));
            (set.iter().map(|p| cost(*p)).sum(), 0)
        } else if need > 0.0 {
            let (costs, gains): (Vec<f64>, Vec<f64>) = paid.iter().map(|p| (cost(*p), pci[*p] - enough)).unzip();
            let cover = cheapest_cover(&costs, &gains, need, options.node_limit);
            set.extend(cover.chosen.iter().map(|i| paid[*i]));
            (cover.lower_bound, cover.nodes)
        } else {
            (0.0, 0)
        };
        (PortfolioOutcome::Reached, (set, bound, nodes))
    };
    let eci_after = mean_with(&chosen);
    let total: f64 = {
        chosen.sort_unstable();
        chosen.iter().map(|p| cost(*p)).sum()
    };
    let name = |p: usize| input.presence.activities().name(p);
    chosen.sort_by(|a, b| effort[*a].total_cmp(&effort[*b]).then_with(|| name(*a).cmp(name(*b))));
    // sums in another order differ in the last digit, which is not a gap
    let lower_bound = if total - lower_bound <= REACHED * total { total } else { lower_bound };
    Portfolio {
        place: place.to_owned(),
        outcome,
        target: level,
        eci_before: before,
        eci_after,
        best_reachable_eci,
        chosen: chosen.iter().map(|p| ChosenActivity { activity: name(*p).to_owned(), effort: effort[*p], pci: pci[*p] }).collect(),
        effort: total,
        lower_bound,
        gap: if total > lower_bound { (total - lower_bound) / total } else { 0.0 },
        candidates: candidates.len(),
        nodes,
    }
}

/// The candidates that lead to the highest mean: the most complex first, as long as each is above the mean of all before it.
fn highest_mean(candidates: &[usize], pci: &[f64], sum: f64, count: f64) -> Vec<usize> {
    let mut sorted = candidates.to_vec();
    sorted.sort_by(|a, b| pci[*b].total_cmp(&pci[*a]).then(a.cmp(b)));
    let (mut sum, mut count) = (sum, count);
    let mut set = Vec::new();
    for p in sorted {
        if count > 0.0 && pci[p] <= sum / count {
            break;
        }
        sum += pci[p];
        count += 1.0;
        set.push(p);
    }
    set
}
