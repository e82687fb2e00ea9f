use crate::daily_market::{Counted, DailyModel, DailyTable, Lane, LaneSet, Ordering, SectorDays, Stage, positive, run_days};
use crate::daily_run::DailyRun;
use crate::scenario::{DAYS_OF_YEAR, Disturbance, Scenario};
use crate::supplier_shares::{Block, Lanes, USERS, UserRule, lanes};
use crate::{ChainError, InputOutputSystem};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// How the formulas are read.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ArioConvention {
    /// As published: an input limits output where A^sec exceeds 1e-5; scarcity is what is missing of a day's own demand; inventories and
    /// orders move however little.
    #[default]
    AsPublished,
    /// As BoARIO 0.7.2 computes them, to repeat its runs: an input limits output from A^sec above 1e-5 / 365 (annual inputs are held
    /// against daily output); scarcity sets a day's output against the next day's demand and may be negative; inventories stay as they
    /// are on days on which all deliveries are within 1e-8 + 1e-5 × use of use, and no orders fill them up while all are that near their
    /// target; after rebuilding deliveries, the target of inventories is that for the demand still open; capital still destroyed is
    /// rounded every day.
    BoarioAsCoded {
        /// Capital for a year's value added, 4 in BoARIO. It does not matter but for rounding.
        capital_to_value_added: f64,
        /// Decimals of the table's unit that capital destroyed is rounded to: 1 + log10 of BoARIO's monetary factor of the event.
        decimals: u32,
    },
}

impl ArioConvention {
    fn as_coded(&self) -> bool {
        matches!(self, ArioConvention::BoarioAsCoded { .. })
    }

    /// Capital in the table's unit, rounded where BoARIO rounds it.
    fn rounded(&self, capital: f64) -> f64 {
        match self {
            ArioConvention::AsPublished => capital,
            ArioConvention::BoarioAsCoded { decimals, .. } => {
                let unit = 10f64.powi(i32::try_from(*decimals).unwrap_or(15).min(15));
                (capital * unit).round_ties_even() / unit
            }
        }
    }
}

/// Capital that shocks to capacity destroy and that has to be rebuilt, instead of a recovery by the calendar.
///
/// From the end of a capacity shock on (its recovery is ignored), rebuilding the capital that is still missing over τ days is demand for
/// the goods of the rebuilding sectors, from the suppliers each industry bought them from before. What is delivered is capital again.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Rebuilding {
    /// Days over which what is missing is asked for.
    pub days: f64,
    /// The share of each sector, by code; they add up to 1.
    pub sectors: BTreeMap<String, f64>,
    /// Capital for a year's value added.
    pub capital_to_value_added: f64,
}

/// Conventions of [`adaptive_regional_input_output`]. The defaults are those of BoARIO, but for the convention.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ArioOptions {
    /// Who gets the orders.
    pub ordering: Ordering,
    /// How the formulas are read.
    pub convention: ArioConvention,
    /// ψ, between 0 and 1: inventories below this share of their target limit output.
    pub psi: f64,
    /// Inventories in days of use, by supplying sector; infinite where users are never short. One day or less is taken as two.
    pub inventories: SectorDays,
    /// Days over which inventories are filled up, by supplying sector.
    pub restoration: SectorDays,
    /// What of their target inventories hold on the first day.
    pub initial_inventories: f64,
    /// α_max, what industries can make at most, beside what they made.
    pub overproduction_max: f64,
    /// τ_α, days.
    pub overproduction_days: f64,
    /// Capital destroyed and rebuilt; by default capacity comes back by the shock's own course.
    pub rebuilding: Option<Rebuilding>,
    /// Whether a run that diverges goes on to its last day. By default it is stopped.
    pub keep_going: bool,
    /// Days on which the output of every industry is written down.
    pub record: Vec<usize>,
}

impl Default for ArioOptions {
    fn default() -> Self {
        ArioOptions {
            ordering: Ordering::Alternative,
            convention: ArioConvention::AsPublished,
            psi: 0.8,
            inventories: 90.0.into(),
            restoration: 60.0.into(),
            initial_inventories: 1.0,
            overproduction_max: 1.25,
            overproduction_days: 365.0,
            rebuilding: None,
            keep_going: false,
            record: Vec::new(),
        }
    }
}

/// A^sec from which an input limits output.
const INPUT_THRESHOLD: f64 = 1e-5;
/// Scenarios that share registers.
const LANES: usize = 4;
/// Sets of scenarios that share a pass over the table.
const SETS: usize = 8;
/// Fewer days than this to fill inventories up let orders swing.
const SHORT_RESTORATION: f64 = 3.0;

/// The path of the world after shocks, day by day, with inventories (ARIO: adaptive regional input-output).
///
/// Flows of a day are a 365th of the year's; x⁰ is output, A^sec the inputs by supplying sector, S_sf what user f holds of sector s,
/// s days of use at first. Every day:
///
/// 1. capacity x_cap = x⁰ (1 − Δ) α, with Δ the share lost; output for the demand d, x_opt = min(d, x_cap), and with inventories
///    x = x_opt min(1, min_s S_sf / (ψ s A^sec x_opt));
/// 2. deliveries in proportion to orders, ρ = x / d, final demand and rebuilding alike;
/// 3. S += received − A^sec x;
/// 4. orders for the next day G_sf = A^sec x + max(s A^sec x_opt − S, 0) / τ, split among suppliers by [`Ordering`];
/// 5. α += (α_max − α) ζ / τ_α with ζ = (d − x) / d, or (1 − α) / τ_α where ζ is 0.
///
/// Shocks: capacity lost (Δ), deliveries blocked (a supplier takes no order of which it could not deliver its part on the next day;
/// others of the sector take it over with [`Ordering::Alternative`]), final demand not asked for. Duties are not felt.
///
/// Output that is zero or negative is taken as zero, and what such industries buy as demand that stays; final demand of a region below
/// zero is drawn from stock at a constant rate ([`crate::DailyTreatment`]). Losses over the horizon are positive, in the unit of the table.
/// See [`crate::RunStability`] for the guard against instability and [`order_step_radius`] for an estimate beforehand.
///
/// Source: Hallegatte (2014), Modeling the role of inventories and heterogeneity in the assessment of the economic costs of natural
/// disasters, Risk Analysis 34; Guan et al. (2020), Nature Human Behaviour 4 (alternative suppliers); BoARIO 0.7.2 (Juhel 2024), whose
/// runs [`ArioConvention::BoarioAsCoded`] repeats.
///
/// ```
/// # use xinzhi_chain::{InputOutputSystem, SystemOptions};
/// use xinzhi_chain::{ArioOptions, Course, Disturbance, RunStability, Scenario, Shock, adaptive_regional_input_output};
/// # let pair = |a: &str, b: &str| (a.to_string(), b.to_string());
/// # let system = InputOutputSystem::new(
/// #     "two regions", 2011, "million USD", vec![pair("A", "all"), pair("B", "all")], vec![10.0, 20.0, 30.0, 40.0],
/// #     vec![pair("A", "final"), pair("B", "final")], vec![50.0, 20.0, 10.0, 20.0], SystemOptions::default(),
/// # )?;
/// let half = Disturbance::Capacity { industries: vec![1], losses: vec![0.5] };
/// let shock = Shock { name: "half of B".into(), disturbance: half, course: Course { start: 5, end: 35, recovery: Default::default() } };
/// let run = adaptive_regional_input_output(&system, &Scenario::new(&system, "B", 365, vec![shock])?, &ArioOptions::default())?;
/// assert_eq!(run.stability, RunStability::Stable);
/// // A makes 100 as before and B half of it; later B makes good a part, to fill up inventories
/// assert!((run.world_output[5] - 150.0 / 365.0).abs() < 1e-12);
/// assert!(run.output_loss[1] > 0.0 && run.output_loss[1] < 30.0 * 50.0 / 365.0);
/// assert!(run.invariants.iter().all(|invariant| invariant.holds()));
/// # Ok::<(), xinzhi_chain::ChainError>(())
/// ```
///
/// # Errors
/// [`ChainError::Option`] for ψ outside 0 to 1, days that are not positive, α_max below 1, shares of rebuilding sectors that do not add
/// up to 1; [`frame::FrameError::UnknownLabel`] for a sector the table has not.
pub fn adaptive_regional_input_output(
    system: &InputOutputSystem,
    scenario: &Scenario,
    options: &ArioOptions,
) -> Result<DailyRun, ChainError> {
    let mut runs = adaptive_regional_input_output_batch(system, &[(scenario, options)])?;
    runs.pop().ok_or_else(|| ChainError::Empty { system: system.name().to_owned() })
}

/// Many runs of [`adaptive_regional_input_output`] in shared passes over the table: the same bytes as one by one, for less time each.
///
/// ```
/// # use xinzhi_chain::{InputOutputSystem, SystemOptions};
/// use xinzhi_chain::{ArioOptions, Scenario, adaptive_regional_input_output, adaptive_regional_input_output_batch};
/// # let pair = |a: &str, b: &str| (a.to_string(), b.to_string());
/// # let system = InputOutputSystem::new(
/// #     "two regions", 2011, "million USD", vec![pair("A", "all"), pair("B", "all")], vec![10.0, 20.0, 30.0, 40.0],
/// #     vec![pair("A", "final"), pair("B", "final")], vec![50.0, 20.0, 10.0, 20.0], SystemOptions::default(),
/// # )?;
/// let (calm, options) = (Scenario::new(&system, "no shock", 30, vec![])?, ArioOptions::default());
/// let runs = adaptive_regional_input_output_batch(&system, &[(&calm, &options), (&calm, &options)])?;
/// assert_eq!(runs[1], adaptive_regional_input_output(&system, &calm, &options)?);
/// # Ok::<(), xinzhi_chain::ChainError>(())
/// ```
///
/// # Errors
/// As [`adaptive_regional_input_output`], before anything is run.
pub fn adaptive_regional_input_output_batch(
    system: &InputOutputSystem,
    cases: &[(&Scenario, &ArioOptions)],
) -> Result<Vec<DailyRun>, ChainError> {
    let table = DailyTable::new(system)?;
    let cases: Vec<Case<'_>> = cases.iter().map(|(scenario, options)| Case::new(&table, scenario, options)).collect::<Result<_, _>>()?;
    // what the rounded comparisons of BoARIO decide for all users at once cannot be decided side by side
    let alone = |case: &Case<'_>| case.options.convention.as_coded();
    let together: Vec<usize> = (0..cases.len()).filter(|at| !alone(&cases[*at])).collect();
    let mut runs: Vec<Option<DailyRun>> = vec![None; cases.len()];
    let mut put = |positions: &[usize], found: Vec<DailyRun>| {
        positions.iter().zip(found).for_each(|(at, run)| runs[*at] = Some(run));
    };
    for at in (0..cases.len()).filter(|at| alone(&cases[*at])) {
        put(&[at], run_sets::<1>(&table, &cases, &[at])?);
    }
    let (mut left, full) = (together.as_slice(), LANES * SETS);
    while !left.is_empty() {
        let take = if left.len() < LANES { left.len() } else { (left.len() / LANES * LANES).min(full) };
        let (now, rest) = left.split_at(take);
        put(now, if take < LANES { run_sets::<1>(&table, &cases, now)? } else { run_sets::<LANES>(&table, &cases, now)? });
        left = rest;
    }
    Ok(runs.into_iter().flatten().collect())
}

fn run_sets<const L: usize>(table: &DailyTable, cases: &[Case<'_>], positions: &[usize]) -> Result<Vec<DailyRun>, ChainError> {
    let sets = positions.chunks_exact(L).map(|of| {
        let cases: [&Case<'_>; L] = std::array::from_fn(|l| &cases[of[l]]);
        LaneSet { lanes: cases.map(Case::lane), model: Ario::new(table, cases) }
    });
    run_days(table, "adaptive regional input-output", sets.collect())
}

/// A scenario with its options, checked.
struct Case<'a> {
    scenario: &'a Scenario,
    options: &'a ArioOptions,
    /// s by sector.
    inventories: Vec<f64>,
    restoration: Vec<f64>,
    /// Sectors whose inventories were lengthened.
    raised: usize,
    sites: Vec<Site>,
}

/// An industry whose capital was destroyed.
struct Site {
    industry: usize,
    shock: usize,
    capital: f64,
    destroyed: f64,
    /// What is to be delivered still, by supplier.
    missing: Vec<(usize, f64)>,
}

/// Inventories and restoration in days by sector, after all options were checked. Inventories of a day or less are taken as two.
pub(crate) fn days_of(table: &DailyTable, options: &ArioOptions) -> Result<(Vec<f64>, Vec<f64>), ChainError> {
    let sectors = &table.shares.sectors;
    positive("psi", options.psi, |psi| psi > 0.0 && psi <= 1.0, "give a share above 0 and up to 1")?;
    let most = "industries can always make what they made: give 1 or more";
    positive("overproduction_max", options.overproduction_max, |most| most >= 1.0 && most.is_finite(), most)?;
    positive("overproduction_days", options.overproduction_days, |days| days >= 1.0 && days.is_finite(), "give one day or more")?;
    positive("initial_inventories", options.initial_inventories, |share| share > 0.0 && share.is_finite(), "give a positive share")?;
    let mut inventories = options.inventories.resolved("inventories", sectors, true)?;
    let restoration = options.restoration.resolved("restoration", sectors, false)?;
    positive(
        "restoration",
        restoration.iter().copied().fold(f64::INFINITY, f64::min),
        |days| days >= 1.0,
        "inventories cannot be filled up in less than a day, which is the step of the model",
    )?;
    inventories.iter_mut().filter(|days| **days <= 1.0).for_each(|days| *days = 2.0);
    Ok((inventories, restoration))
}

impl<'a> Case<'a> {
    fn new(table: &DailyTable, scenario: &'a Scenario, options: &'a ArioOptions) -> Result<Self, ChainError> {
        let (inventories, restoration) = days_of(table, options)?;
        let given = options.inventories.resolved("inventories", &table.shares.sectors, true)?;
        let raised = given.iter().filter(|days| **days <= 1.0).count();
        let sites = match &options.rebuilding {
            Some(rebuilding) => sites(table, scenario, rebuilding)?,
            None => Vec::new(),
        };
        Ok(Case { scenario, options, inventories, restoration, raised, sites })
    }

    fn lane(&self) -> Lane<'a> {
        let mut warnings = Vec::new();
        let shortest = self.restoration.iter().copied().fold(f64::INFINITY, f64::min);
        if shortest < SHORT_RESTORATION {
            warnings.push(format!("inventories are filled up in {shortest} days: below {SHORT_RESTORATION} orders overshoot, and what swings may be the method"));
        }
        if self.raised > 0 {
            warnings.push(format!("inventories of {} sectors were one day or less and are taken as two", self.raised));
        }
        Lane {
            scenario: self.scenario,
            ordering: self.options.ordering,
            keep_going: self.options.keep_going,
            record: &self.options.record,
            warnings,
        }
    }
}

fn sites(table: &DailyTable, scenario: &Scenario, rebuilding: &Rebuilding) -> Result<Vec<Site>, ChainError> {
    positive("rebuilding.days", rebuilding.days, |days| days >= 1.0 && days.is_finite(), "give one day or more")?;
    positive(
        "rebuilding.capital_to_value_added",
        rebuilding.capital_to_value_added,
        |k| k > 0.0 && k.is_finite(),
        "give a positive ratio",
    )?;
    let all: f64 = rebuilding.sectors.values().sum();
    positive("rebuilding.sectors", all, |sum| (sum - 1.0).abs() < 1e-6, "the shares of the rebuilding sectors must add up to 1")?;
    let (shares, system) = (&table.shares, &table.system);
    let mut sectors = Vec::new();
    for (code, share) in &rebuilding.sectors {
        positive(&format!("rebuilding share of {code}"), *share, |share| (0.0..=1.0).contains(&share), "give a share between 0 and 1")?;
        sectors.push((shares.sectors.require(code)?, *share));
    }
    let value_added = system.value_added();
    let mut sites = Vec::new();
    for (at, shock) in scenario.shocks().iter().enumerate() {
        let Disturbance::Capacity { industries, losses } = &shock.disturbance else { continue };
        for (industry, loss) in industries.iter().zip(losses) {
            let capital = value_added[*industry].max(0.0) * rebuilding.capital_to_value_added;
            let mut missing = Vec::new();
            for (s, share) in &sectors {
                let suppliers = &shares.order[shares.starts[*s]..shares.starts[s + 1]];
                let bought: f64 = suppliers.iter().map(|i| system.delivery(*i, *industry)).sum();
                if bought <= 0.0 {
                    // nobody to rebuild: where an industry never bought from a rebuilding sector, the sector's output says who does
                    let made: f64 = suppliers.iter().map(|i| table.output[*i]).sum();
                    missing.extend(suppliers.iter().map(|i| (*i, share * loss * capital * table.output[*i] / made)).filter(|m| m.1 > 0.0));
                } else {
                    let part = |i: &usize| (*i, share * loss * capital * system.delivery(*i, *industry) / bought);
                    missing.extend(suppliers.iter().map(part).filter(|m| m.1 > 0.0));
                }
            }
            sites.push(Site { industry: *industry, shock: at, capital, destroyed: loss * capital, missing });
        }
    }
    Ok(sites)
}

/// What users do with what they receive.
struct ArioRule<const L: usize> {
    stage: Stage,
    /// x and x_opt of every user.
    output: Vec<[f64; L]>,
    best: Vec<[f64; L]>,
    /// s, 0 where infinite, and 1/τ, by sector.
    days: Vec<[f64; L]>,
    rate: Vec<[f64; L]>,
    /// 1 / the days of use that output at full speed needs to be there: ψ s, but never less than the day itself.
    per_needed: Vec<[f64; L]>,
    /// A^sec above which the input limits output; infinite for infinite inventories.
    threshold: Vec<[f64; L]>,
    /// 1 where shares are brought to a sum of 1 again after weighing.
    alternative: [f64; L],
    /// BoARIO: nobody's inventories are short of target.
    near: bool,
}

/// What the users of a chunk hold.
struct ArioState<const L: usize> {
    inventories: Vec<Lanes<L>>,
    /// The last orders, for one unit of weight.
    orders: Vec<Lanes<L>>,
    /// min_s S_sf / (A^sec needed), by user.
    limit: Vec<[f64; L]>,
    counted: Counted<L>,
    /// BoARIO: what was received less what was used, and whether that is next to nothing.
    change: Vec<Lanes<L>>,
    close: bool,
}

impl<const L: usize> UserRule<L> for ArioRule<L> {
    type State = ArioState<L>;

    #[inline(always)]
    fn update(&self, state: &mut ArioState<L>, block: Block<'_>, delivered: &Lanes<L>, weight: &Lanes<L>) -> Lanes<L> {
        match self.stage {
            Stage::Day => self.step::<true>(state, block, delivered, weight),
            Stage::First | Stage::Order => self.step::<false>(state, block, delivered, weight),
            Stage::Receive => {
                let output = &self.output[block.tile * USERS..(block.tile + 1) * USERS];
                let (orders, change) = (&state.orders[block.at], &mut state.change[block.at]);
                for u in 0..USERS {
                    for l in 0..L {
                        let (add, take) = (orders[u][l] * delivered[u][l], block.coefficients[u] * output[u][l]);
                        change[u][l] = add - take;
                        state.close &= (add - take).abs() <= 1e-8 + 1e-5 * take;
                        state.counted.received[block.sector][l] += add;
                        state.counted.used[block.sector][l] += take;
                    }
                }
                [[0.0; L]; USERS]
            }
        }
    }
}

impl<const L: usize> ArioRule<L> {
    /// Receive and use (on a `DAY`), and order. Straight loops over users and lanes without branches, for the widest registers there are.
    #[inline(always)]
    fn step<const DAY: bool>(&self, state: &mut ArioState<L>, block: Block<'_>, delivered: &Lanes<L>, weight: &Lanes<L>) -> Lanes<L> {
        let s = block.sector;
        let first = block.tile * USERS;
        let (output, best) = (&self.output[first..first + USERS], &self.best[first..first + USERS]);
        let (days, rate, per_needed) = (&self.days[s], &self.rate[s], &self.per_needed[s]);
        let (threshold, alternative) = (&self.threshold[s], &self.alternative);
        let (held, orders) = (&mut state.inventories[block.at], &mut state.orders[block.at]);
        let limit = &mut state.limit[block.tile_in_chunk * USERS..(block.tile_in_chunk + 1) * USERS];
        let fill_up = if self.near || self.stage == Stage::First { 0.0 } else { 1.0 };
        let a = |u: usize| block.coefficients[u];
        let tracked: [f64; L] = std::array::from_fn(|l| if threshold[l] < f64::INFINITY { 1.0 } else { 0.0 });
        let use_of: Lanes<L> = lanes(|u, l| a(u) * output[u][l]);
        if DAY {
            let add: Lanes<L> = lanes(|u, l| orders[u][l] * delivered[u][l]);
            let after: Lanes<L> = lanes(|u, l| held[u][l] + add[u][l] - use_of[u][l]);
            *held = lanes(|u, l| tracked[l] * if after[u][l] < 0.0 { 0.0 } else { after[u][l] });
            // rounding may leave less than nothing; anything more is counted
            let short: Lanes<L> = lanes(|u, l| if after[u][l] < 0.0 { 0.0 - after[u][l] } else { 0.0 });
            let counts: Lanes<L> = lanes(|u, l| if a(u) > threshold[l] { short[u][l] } else { 0.0 });
            let taken: Lanes<L> = lanes(|u, l| use_of[u][l] - short[u][l]);
            for u in 0..USERS {
                for l in 0..L {
                    state.counted.received[s][l] += tracked[l] * add[u][l];
                    state.counted.used[s][l] += tracked[l] * taken[u][l];
                    state.counted.overdrawn[l] += counts[u][l];
                }
            }
        }
        let gap: Lanes<L> = lanes(|u, l| days[l] * (a(u) * best[u][l]) - held[u][l]);
        let gap: Lanes<L> = lanes(|u, l| if gap[u][l] > 0.0 { gap[u][l] } else { 0.0 });
        let order: Lanes<L> = lanes(|u, l| use_of[u][l] + fill_up * (gap[u][l] * rate[l]));
        let over: Lanes<L> = lanes(|u, l| if alternative[l] > 0.0 { weight[u][l] } else { 1.0 });
        // where every supplier is out, nothing is ordered
        let divisor: Lanes<L> = lanes(|u, l| if over[u][l] > 0.0 { over[u][l] } else { f64::INFINITY });
        *orders = lanes(|u, l| order[u][l] / divisor[u][l]);
        let enough: Lanes<L> = lanes(|u, l| held[u][l] * block.per_coefficient[u] * per_needed[l]);
        let enough: Lanes<L> = lanes(|u, l| if a(u) > threshold[l] { enough[u][l] } else { f64::INFINITY });
        for u in 0..USERS {
            for l in 0..L {
                let before = if s == 0 { f64::INFINITY } else { limit[u][l] };
                limit[u][l] = if enough[u][l] < before { enough[u][l] } else { before };
            }
        }
        *orders
    }
}

/// The model for L scenarios.
struct Ario<'a, const L: usize> {
    rule: ArioRule<L>,
    cases: [&'a Case<'a>; L],
    as_coded: bool,
    limit: Vec<[f64; L]>,
    overproduction: Vec<[f64; L]>,
    /// x_cap.
    capacity: Vec<[f64; L]>,
    /// x_cap / x⁰.
    relative: Vec<[f64; L]>,
    able: [f64; L],
    short: [bool; L],
    /// What is to be delivered still to every industry that rebuilds, by supplier.
    missing: [Vec<Vec<(usize, f64)>>; L],
    /// Demand of the day for rebuilding, and all demand, of every industry.
    rebuilding: Vec<[f64; L]>,
    demand: Vec<[f64; L]>,
    day: usize,
}

impl<'a, const L: usize> Ario<'a, L> {
    fn new(table: &DailyTable, cases: [&'a Case<'a>; L]) -> Self {
        let (shares, sectors) = (&table.shares, table.shares.sectors.len());
        let n = shares.size;
        let as_coded = cases.iter().any(|case| case.options.convention.as_coded());
        let lanes = |of: &dyn Fn(&Case<'_>, usize) -> f64| -> Vec<[f64; L]> {
            (0..sectors).map(|s| std::array::from_fn(|l| of(cases[l], s))).collect()
        };
        let finite = |case: &Case<'_>, s: usize| case.inventories[s].is_finite();
        let threshold = if as_coded { INPUT_THRESHOLD / DAYS_OF_YEAR } else { INPUT_THRESHOLD };
        let mut baseline: Vec<[f64; L]> = table.output.iter().map(|x| [*x; L]).collect();
        baseline.resize(shares.padded(), [0.0; L]);
        Ario {
            rule: ArioRule {
                stage: Stage::First,
                best: baseline.clone(),
                output: baseline,
                days: lanes(&|case, s| if finite(case, s) { case.inventories[s] } else { 0.0 }),
                rate: lanes(&|case, s| 1.0 / case.restoration[s]),
                per_needed: lanes(&|case, s| if finite(case, s) { 1.0 / (case.options.psi * case.inventories[s]).max(1.0) } else { 1.0 }),
                threshold: lanes(&|case, s| if finite(case, s) { threshold } else { f64::INFINITY }),
                alternative: cases.map(|case| if case.options.ordering == Ordering::Alternative { 1.0 } else { 0.0 }),
                near: false,
            },
            as_coded,
            limit: vec![[f64::INFINITY; L]; shares.padded()],
            overproduction: vec![[1.0; L]; n],
            capacity: vec![[0.0; L]; n],
            relative: vec![[1.0; L]; n],
            able: [0.0; L],
            short: [false; L],
            missing: cases.map(|case| case.sites.iter().map(|site| site.missing.clone()).collect()),
            rebuilding: vec![[0.0; L]; n],
            demand: vec![[0.0; L]; n],
            day: 0,
            cases,
        }
    }

    /// The share of every industry's capacity that is lost on a day.
    fn lost(&self, table: &DailyTable, lane: usize, day: usize) -> Vec<f64> {
        let (case, size) = (self.cases[lane], table.shares.size);
        let mut lost = vec![0.0; size];
        match (case.options.convention, &case.options.rebuilding) {
            (ArioConvention::AsPublished, None) => return case.scenario.capacity_loss(size, day),
            (ArioConvention::BoarioAsCoded { capital_to_value_added, .. }, None) => {
                let v = table.system.value_added_coefficients();
                for shock in case.scenario.shocks() {
                    let Disturbance::Capacity { industries, losses } = &shock.disturbance else { continue };
                    let intensity = shock.course.intensity(day);
                    for (i, loss) in industries.iter().zip(losses).filter(|(i, _)| v[**i] > 0.0) {
                        let capital = capital_to_value_added * v[*i] * table.system.output()[*i];
                        let gone = loss * capital * intensity;
                        lost[*i] += if intensity < 1.0 { case.options.convention.rounded(gone) } else { gone } / capital;
                    }
                }
                return lost;
            }
            _ => {}
        }
        for (site, missing) in case.sites.iter().zip(&self.missing[lane]) {
            let course = case.scenario.shocks()[site.shock].course;
            if day >= course.start && site.capital > 0.0 {
                let gone = if day < course.end { site.destroyed } else { missing.iter().map(|(_, missing)| missing).sum() };
                lost[site.industry] += gone / site.capital;
            }
        }
        lost
    }

    /// Adjusts how much more than before industries can make, to what was missing of a demand.
    fn adjust_overproduction(&mut self, demand: impl Iterator<Item = [f64; L]>) {
        for ((alpha, demand), output) in self.overproduction.iter_mut().zip(demand).zip(&self.rule.output) {
            for l in 0..L {
                let options = self.cases[l].options;
                let scarcity = if demand[l] != 0.0 { (demand[l] - output[l]) / demand[l] } else { 0.0 };
                let towards = if scarcity == 0.0 { 1.0 - alpha[l] } else { (options.overproduction_max - alpha[l]) * scarcity };
                alpha[l] = (alpha[l] + towards / options.overproduction_days).max(1.0);
            }
        }
    }
}

impl<const L: usize> DailyModel<L> for Ario<'_, L> {
    type Rule = ArioRule<L>;

    fn rule(&self) -> &ArioRule<L> {
        &self.rule
    }

    fn stage(&mut self, stage: Stage) {
        self.rule.stage = stage;
    }

    fn state(&self, table: &DailyTable, chunk: usize) -> ArioState<L> {
        let shares = &table.shares;
        let users = shares.tiles_of_chunk(chunk).len() * USERS;
        let inventories: Vec<Lanes<L>> = shares
            .blocks(chunk)
            .map(|block| {
                std::array::from_fn(|u| {
                    std::array::from_fn(|l| {
                        let use_of = block.coefficients[u] * self.rule.output[block.tile * USERS + u][l];
                        use_of * self.rule.days[block.sector][l] * self.cases[l].options.initial_inventories
                    })
                })
            })
            .collect();
        ArioState {
            orders: vec![[[0.0; L]; USERS]; inventories.len()],
            limit: vec![[f64::INFINITY; L]; users],
            counted: Counted::new(shares.sectors.len()),
            change: if self.as_coded { vec![[[0.0; L]; USERS]; inventories.len()] } else { Vec::new() },
            close: true,
            inventories,
        }
    }

    fn added_demand(&mut self, day: usize) -> Option<&[[f64; L]]> {
        if self.cases.iter().all(|case| case.sites.is_empty()) {
            return None;
        }
        self.rebuilding.fill([0.0; L]);
        for (l, case) in self.cases.iter().enumerate() {
            let Some(rebuilding) = &case.options.rebuilding else { continue };
            for (site, missing) in case.sites.iter().zip(&self.missing[l]) {
                if day >= case.scenario.shocks()[site.shock].course.end {
                    missing.iter().for_each(|(i, missing)| self.rebuilding[*i][l] += missing / rebuilding.days);
                }
            }
        }
        Some(&self.rebuilding)
    }

    fn produce(&mut self, table: &DailyTable, day: usize, orders: &[[f64; L]], to_make: &[[f64; L]]) {
        let n = table.shares.size;
        self.day = day;
        if self.as_coded && day > 1 {
            self.adjust_overproduction(orders.iter().copied());
        }
        let lost: [Vec<f64>; L] = std::array::from_fn(|l| self.lost(table, l, day));
        (self.able, self.short) = ([0.0; L], [false; L]);
        for i in 0..n {
            for l in 0..L {
                let left = (1.0 - lost[l][i]).max(0.0);
                self.able[l] += table.output[i] * left;
                self.capacity[i][l] = table.output[i] * left * self.overproduction[i][l];
                self.relative[i][l] = if table.output[i] > 0.0 { left * self.overproduction[i][l] } else { 1.0 };
                let best = to_make[i][l].min(self.capacity[i][l]);
                self.short[l] |= self.limit[i][l] < best;
                self.rule.best[i][l] = best;
                self.rule.output[i][l] = best.min(self.limit[i][l]);
            }
        }
        self.demand.copy_from_slice(to_make);
        if !self.as_coded {
            self.adjust_overproduction(to_make.iter().copied());
        }
    }

    fn output(&self) -> &[[f64; L]] {
        &self.rule.output
    }

    fn able(&self, lane: usize) -> f64 {
        self.able[lane]
    }

    fn short(&self, lane: usize) -> bool {
        self.short[lane]
    }

    fn order_weights(&self, weights: &mut [[f64; L]]) {
        for (weight, relative) in weights.iter_mut().zip(&self.relative) {
            for l in 0..L {
                weight[l] = if self.rule.alternative[l] > 0.0 { relative[l] } else { 1.0 };
            }
        }
    }

    fn delivered(&mut self, _: &DailyTable, shares: &[[f64; L]]) {
        for (l, case) in self.cases.iter().enumerate() {
            let Some(rebuilding) = &case.options.rebuilding else { continue };
            for (site, missing) in case.sites.iter().zip(&mut self.missing[l]) {
                if self.day >= case.scenario.shocks()[site.shock].course.end {
                    for (i, missing) in missing.iter_mut() {
                        let left = *missing - *missing / rebuilding.days * shares[*i][l];
                        *missing = case.options.convention.rounded(left).max(0.0);
                    }
                }
            }
        }
        if self.as_coded {
            for (i, shares) in shares.iter().enumerate() {
                for (l, share) in shares.iter().enumerate() {
                    let open = self.demand[i][l] - self.rebuilding[i][l] * share;
                    self.rule.best[i][l] = open.min(self.capacity[i][l]);
                }
            }
        }
    }

    fn two_stages(&self) -> bool {
        self.as_coded
    }

    fn between<'s>(&mut self, table: &DailyTable, states: impl Iterator<Item = &'s mut ArioState<L>>)
    where
        ArioState<L>: 's,
    {
        let mut states: Vec<&mut ArioState<L>> = states.collect();
        let still = states.iter().all(|state| state.close);
        self.rule.near = true;
        for (chunk, state) in states.iter_mut().enumerate() {
            state.close = true;
            let ArioState { inventories, change, .. } = &mut **state;
            for ((block, inventories), change) in table.shares.blocks(chunk).zip(inventories).zip(change) {
                let s = block.sector;
                for u in 0..USERS {
                    for l in 0..L {
                        if !still && self.rule.threshold[s][l] < f64::INFINITY {
                            inventories[u][l] = (inventories[u][l] + change[u][l]).max(0.0);
                        }
                        let target = self.rule.days[s][l] * block.coefficients[u] * self.rule.best[block.tile * USERS + u][l];
                        self.rule.near &= (inventories[u][l] - target).abs() <= 1e-8 + 1e-5 * target;
                    }
                }
            }
        }
    }

    fn collect(&mut self, table: &DailyTable, chunk: usize, state: &mut ArioState<L>) -> Counted<L> {
        let first = table.shares.tiles_of_chunk(chunk).start * USERS;
        self.limit[first..first + state.limit.len()].copy_from_slice(&state.limit);
        std::mem::replace(&mut state.counted, Counted::new(table.shares.sectors.len()))
    }

    fn inventories(&self, table: &DailyTable, chunk: usize, state: &ArioState<L>) -> Vec<[f64; L]> {
        let mut sum = vec![[0.0; L]; table.shares.sectors.len()];
        for (block, inventories) in table.shares.blocks(chunk).zip(&state.inventories) {
            for lanes in inventories {
                (0..L).for_each(|l| sum[block.sector][l] += lanes[l]);
            }
        }
        sum
    }
}
