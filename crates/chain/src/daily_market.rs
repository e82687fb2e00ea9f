use crate::daily_run::{DailyRun, DailyTreatment, Frame, Recorder};
use crate::scenario::{DAYS_OF_YEAR, Disturbance, Scenario};
use crate::supplier_shares::{ChunkWork, SupplierShares, USERS, UserRule, Weights};
use crate::{ChainError, InputOutputSystem};
use frame::Labels;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Who gets the orders for an input.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ordering {
    /// Suppliers of the same sector, by what they sold the user before, weighed with what they can make today beside what they made
    /// before (x_cap / x⁰, BoARIO's "alt") and with the share of deliveries that is not blocked. Final demand leaves blocked suppliers,
    /// too, but does not follow capacity.
    #[default]
    Alternative,
    /// The same suppliers in the same proportions always (BoARIO's "noalt"); what is blocked is not delivered.
    Proportional,
}

/// Days for every supplying sector: the same for all, but for those named.
///
/// ```
/// use xinzhi_chain::SectorDays;
/// // 30 days of everything, never short of services
/// let days = SectorDays { default: 30.0, by_sector: [("M".to_string(), f64::INFINITY)].into() };
/// assert_eq!(SectorDays::from(90.0).default, 90.0);
/// # let _ = days;
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SectorDays {
    /// Days for sectors not named.
    pub default: f64,
    /// Days by sector code.
    #[serde(default)]
    pub by_sector: BTreeMap<String, f64>,
}

impl From<f64> for SectorDays {
    fn from(default: f64) -> Self {
        SectorDays { default, by_sector: BTreeMap::new() }
    }
}

impl SectorDays {
    /// Days of every sector, or an error naming the option, for a sector that the table has not or days that are not allowed.
    pub(crate) fn resolved(&self, option: &str, sectors: &Labels, infinite: bool) -> Result<Vec<f64>, ChainError> {
        let fine = |days: f64| days > 0.0 && (infinite || days.is_finite());
        let why = if infinite { "give a positive number of days, or infinity" } else { "give a positive number of days" };
        positive(option, self.default, fine, why)?;
        let mut days = vec![self.default; sectors.len()];
        for (code, value) in &self.by_sector {
            positive(&format!("{option} of {code}"), *value, fine, why)?;
            days[sectors.require(code)?] = *value;
        }
        Ok(days)
    }
}

/// An error where an option is not what it may be.
pub(crate) fn positive(option: &str, value: f64, fine: impl Fn(f64) -> bool, why: &str) -> Result<(), ChainError> {
    if fine(value) {
        return Ok(());
    }
    Err(ChainError::Option { option: option.to_owned(), value: value.to_string(), why: why.to_owned() })
}

/// A table on a day without shock.
pub(crate) struct DailyTable {
    pub(crate) system: InputOutputSystem,
    pub(crate) shares: SupplierShares,
    pub(crate) region_of: Vec<usize>,
    /// x⁰, 0 where output is not positive.
    pub(crate) output: Vec<f64>,
    /// Goods drawn from stock.
    drawn: Vec<f64>,
    /// Final demand by region, n × regions, not negative.
    final_demand: Vec<f64>,
    /// Purchases of industries without output.
    given: Vec<f64>,
    treatment: DailyTreatment,
}

impl DailyTable {
    pub(crate) fn new(system: &InputOutputSystem) -> Result<Self, ChainError> {
        let (n, regions) = (system.size(), system.regions().len());
        let daily = |flow: f64| flow / DAYS_OF_YEAR;
        let mut final_demand = Vec::with_capacity(n * regions);
        let mut drawn = vec![0.0; n];
        for (i, drawn) in drawn.iter_mut().enumerate() {
            for r in 0..regions {
                let flow = daily(system.final_delivery(i, r));
                final_demand.push(flow.max(0.0));
                *drawn -= flow.min(0.0);
            }
        }
        let without: Vec<usize> = (0..n).filter(|j| system.output()[*j] <= 0.0).collect();
        let given: Vec<f64> = (0..n).map(|i| daily(without.iter().map(|j| system.delivery(i, *j)).sum())).collect();
        let treatment = DailyTreatment {
            drawn_from_stock: drawn.iter().sum(),
            bought_without_output: given.iter().sum(),
            negative_output: system.output().iter().map(|x| daily(x.min(0.0))).sum(),
            negative_value_added: system.value_added().iter().map(|v| daily(v.min(0.0))).sum(),
        };
        Ok(DailyTable {
            shares: SupplierShares::new(system)?,
            region_of: system.region_positions(),
            output: system.output().iter().map(|x| daily(x.max(0.0))).collect(),
            drawn,
            final_demand,
            given,
            treatment,
            system: system.clone(),
        })
    }

    fn frame(&self) -> Frame<'_> {
        Frame { system: &self.system, baseline: &self.output, region_of: &self.region_of, treatment: self.treatment }
    }
}

/// Final demand of a region that a shock touches: what it asks for and what it orders of every industry.
struct TouchedRegion {
    region: usize,
    asked: Vec<f64>,
    orders: Vec<f64>,
}

/// The demand side of one scenario: final demand, and which deliveries are blocked.
struct Market<'a> {
    scenario: &'a Scenario,
    ordering: Ordering,
    /// By slot: the flow shocks that users of the slot feel, in order.
    slots: Vec<Vec<usize>>,
    slot_of: Vec<u8>,
    /// Final demand of regions no shock touches, and what industries without output buy, of every industry.
    untouched: Vec<f64>,
    touched: Vec<TouchedRegion>,
}

impl<'a> Market<'a> {
    fn new(table: &DailyTable, scenario: &'a Scenario, ordering: Ordering) -> Result<Self, ChainError> {
        let (n, regions) = (table.shares.size, table.system.regions().len());
        let mut felt = vec![Vec::new(); n];
        let mut touched = vec![false; regions];
        for (at, shock) in scenario.shocks().iter().enumerate() {
            match &shock.disturbance {
                Disturbance::Flow { users, final_users, .. } => {
                    users.iter().for_each(|f| felt[*f].push(at));
                    final_users.iter().for_each(|r| touched[*r] = true);
                }
                Disturbance::Demand { final_users, .. } => final_users.iter().for_each(|r| touched[*r] = true),
                Disturbance::Capacity { .. } | Disturbance::Tariff { .. } => {}
            }
        }
        let mut slots: Vec<Vec<usize>> = vec![Vec::new()];
        let mut slot_of = vec![0u8; table.shares.padded()];
        for (f, felt) in felt.into_iter().enumerate() {
            let slot = slots.iter().position(|slot| *slot == felt).unwrap_or_else(|| {
                slots.push(felt);
                slots.len() - 1
            });
            slot_of[f] = slot as u8;
            if slots.len() > 60 {
                return Err(ChainError::Refused {
                    system: table.system.name().to_owned(),
                    what: format!("{} day by day", scenario.name()),
                    why: "its flow shocks have more than 60 different sets of users; join those that have the same users".to_owned(),
                });
            }
        }
        let untouched = (0..n)
            .map(|i| {
                let row = &table.final_demand[i * regions..(i + 1) * regions];
                table.given[i] + row.iter().zip(&touched).filter(|(_, touched)| !**touched).map(|(flow, _)| flow).sum::<f64>()
            })
            .collect();
        let touched = (0..regions)
            .filter(|r| touched[*r])
            .map(|region| {
                let asked: Vec<f64> = (0..n).map(|i| table.final_demand[i * regions + region]).collect();
                TouchedRegion { region, orders: asked.clone(), asked }
            })
            .collect();
        Ok(Market { scenario, ordering, slots, slot_of, untouched, touched })
    }

    /// The share of deliveries to users of a slot that is not blocked, by supplier.
    fn open(&self, slot: usize, n: usize, day: usize) -> Vec<f64> {
        let mut open = vec![1.0; n];
        for at in self.slots.get(slot).into_iter().flatten() {
            let shock = &self.scenario.shocks()[*at];
            if let Disturbance::Flow { suppliers, losses, .. } = &shock.disturbance {
                let intensity = shock.course.intensity(day);
                suppliers.iter().zip(losses).for_each(|(i, loss)| open[*i] *= 1.0 - loss * intensity);
            }
        }
        open
    }

    /// The final demand of a day, of every industry; with it, what the touched regions ask for and order.
    fn final_orders(&mut self, table: &DailyTable, day: usize) -> Vec<f64> {
        let (n, regions) = (table.shares.size, table.system.regions().len());
        let mut orders = self.untouched.clone();
        for touched in &mut self.touched {
            let mut open = vec![1.0; n];
            for i in 0..n {
                touched.asked[i] = table.final_demand[i * regions + touched.region];
            }
            for shock in self.scenario.shocks() {
                let intensity = shock.course.intensity(day);
                match &shock.disturbance {
                    Disturbance::Flow { suppliers, losses, final_users, .. } if final_users.contains(&touched.region) => {
                        suppliers.iter().zip(losses).for_each(|(i, loss)| open[*i] *= 1.0 - loss * intensity);
                    }
                    Disturbance::Demand { suppliers, losses, final_users } if final_users.contains(&touched.region) => {
                        suppliers.iter().zip(losses).for_each(|(i, loss)| touched.asked[*i] *= 1.0 - loss * intensity);
                    }
                    _ => {}
                }
            }
            touched.orders.iter_mut().zip(&touched.asked).zip(&open).for_each(|((order, asked), open)| *order = asked * open);
            if self.ordering == Ordering::Alternative {
                for s in 0..table.shares.sectors.len() {
                    let suppliers = &table.shares.order[table.shares.starts[s]..table.shares.starts[s + 1]];
                    if suppliers.iter().all(|i| open[*i] == 1.0) {
                        continue;
                    }
                    let asked: f64 = suppliers.iter().map(|i| touched.asked[*i]).sum();
                    let ordered: f64 = suppliers.iter().map(|i| touched.orders[*i]).sum();
                    if ordered > 0.0 {
                        suppliers.iter().for_each(|i| touched.orders[*i] *= asked / ordered);
                    }
                }
            }
            orders.iter_mut().zip(&touched.orders).for_each(|(all, order)| *all += order);
        }
        orders
    }

    /// Adds the day's final demand that is not delivered and that is not asked for, by region.
    fn unmet(&self, table: &DailyTable, delivered: &[f64], recorder: &mut Recorder) {
        let regions = table.system.regions().len();
        let mut unmet = vec![0.0; regions];
        for (i, share) in delivered.iter().enumerate().filter(|(_, share)| **share < 1.0) {
            let row = &table.final_demand[i * regions..(i + 1) * regions];
            unmet.iter_mut().zip(row).for_each(|(unmet, flow)| *unmet += flow * (1.0 - share));
        }
        for touched in &self.touched {
            let got = touched.orders.iter().zip(delivered).map(|(order, share)| order * share);
            // industry by industry of the asked sum is not what counts: other suppliers may stand in
            unmet[touched.region] = touched.asked.iter().zip(got).map(|(asked, got)| asked - got).sum::<f64>().max(0.0);
            let wanted: f64 = (0..delivered.len()).map(|i| table.final_demand[i * regions + touched.region] - touched.asked[i]).sum();
            recorder.not_asked[touched.region] += wanted;
        }
        recorder.unmet.iter_mut().zip(unmet).for_each(|(sum, unmet)| *sum += unmet);
    }
}

/// What a pass does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Stage {
    /// The orders of the day before the first: users order what they use.
    #[default]
    First,
    /// Receive, use, order.
    Day,
    /// Receive and use only; what is ordered does not count.
    Receive,
    /// Order only.
    Order,
}

/// What was counted of the users of a chunk on one day, by supplying sector.
#[derive(Debug, Clone)]
pub(crate) struct Counted<const L: usize> {
    pub(crate) received: Vec<[f64; L]>,
    pub(crate) used: Vec<[f64; L]>,
    /// Inputs that count, used beyond what was there.
    pub(crate) overdrawn: [f64; L],
}

impl<const L: usize> Counted<L> {
    pub(crate) fn new(sectors: usize) -> Self {
        Counted { received: vec![[0.0; L]; sectors], used: vec![[0.0; L]; sectors], overdrawn: [0.0; L] }
    }
}

/// One model for L scenarios side by side.
pub(crate) trait DailyModel<const L: usize>: Sync {
    type Rule: UserRule<L>;

    fn rule(&self) -> &Self::Rule;
    fn stage(&mut self, stage: Stage);
    /// The state of a chunk's users before the first day.
    fn state(&self, table: &DailyTable, chunk: usize) -> <Self::Rule as UserRule<L>>::State;
    /// Demand of a day beside orders and final demand, of every industry.
    fn added_demand(&mut self, day: usize) -> Option<&[[f64; L]]>;
    /// Output of a day, for the orders received and what of them has to be made (orders less stocks drawn).
    fn produce(&mut self, table: &DailyTable, day: usize, orders: &[[f64; L]], to_make: &[[f64; L]]);
    /// Output of every industry.
    fn output(&self) -> &[[f64; L]];
    /// What capacities allow the world to make.
    fn able(&self, lane: usize) -> f64;
    /// Whether an industry is short of an input.
    fn short(&self, lane: usize) -> bool;
    /// Weights of suppliers in the next orders, by industry.
    fn order_weights(&self, weights: &mut [[f64; L]]);
    /// Learns which share of orders is delivered.
    fn delivered(&mut self, table: &DailyTable, shares: &[[f64; L]]);
    /// Whether what all users received decides what each does.
    fn two_stages(&self) -> bool {
        false
    }
    /// Between the two stages.
    fn between<'s>(&mut self, _: &DailyTable, _: impl Iterator<Item = &'s mut <Self::Rule as UserRule<L>>::State>)
    where
        <Self::Rule as UserRule<L>>::State: 's,
    {
    }
    /// Takes from a chunk's users what limits their output, and what was counted.
    fn collect(&mut self, table: &DailyTable, chunk: usize, state: &mut <Self::Rule as UserRule<L>>::State) -> Counted<L>;
    /// Inventories of a chunk by supplying sector.
    fn inventories(&self, table: &DailyTable, chunk: usize, state: &<Self::Rule as UserRule<L>>::State) -> Vec<[f64; L]>;
}

/// One scenario to run: shocks, who gets orders, whether a diverging run goes on, days on which all industries are written down.
pub(crate) struct Lane<'a> {
    pub(crate) scenario: &'a Scenario,
    pub(crate) ordering: Ordering,
    pub(crate) keep_going: bool,
    pub(crate) record: &'a [usize],
    pub(crate) warnings: Vec<String>,
}

/// L scenarios side by side, and their model.
pub(crate) struct LaneSet<'a, const L: usize, M> {
    pub(crate) lanes: [Lane<'a>; L],
    pub(crate) model: M,
}

struct SetState<'a, const L: usize> {
    markets: Vec<Market<'a>>,
    recorders: Vec<Recorder>,
    weights: Weights<L>,
    /// Orders of industries, of every industry.
    ordered: Vec<[f64; L]>,
    /// All demand.
    demand: Vec<[f64; L]>,
    shares: Vec<[f64; L]>,
    to_make: Vec<[f64; L]>,
    next: Vec<[f64; L]>,
}

/// Runs sets of scenarios day by day, all in the same passes over the table; runs come back set by set and lane by lane.
pub(crate) fn run_days<const L: usize, M: DailyModel<L>>(
    table: &DailyTable,
    name: &str,
    mut sets: Vec<LaneSet<'_, L, M>>,
) -> Result<Vec<DailyRun>, ChainError> {
    let (n, sectors, frame) = (table.shares.size, table.shares.sectors.len(), table.frame());
    let mut states = Vec::with_capacity(sets.len());
    for set in &sets {
        let markets: Vec<Market<'_>> =
            set.lanes.iter().map(|lane| Market::new(table, lane.scenario, lane.ordering)).collect::<Result<_, _>>()?;
        let recorders = set.lanes.iter().map(|l| Recorder::new(&frame, l.scenario, sectors, l.keep_going, l.record)).collect();
        let slots = markets.iter().map(|market| market.slots.len()).max().unwrap_or(1);
        let mut weights: Weights<L> = Weights {
            delivered: vec![vec![[0.0; L]; n]; slots],
            next: vec![vec![[1.0; L]; n]; slots],
            slot_of: vec![[0; L]; table.shares.padded()],
            slots_of_tile: vec![0; table.shares.tiles()],
        };
        for (f, slots) in weights.slot_of.iter_mut().enumerate() {
            for (slot, market) in slots.iter_mut().zip(&markets) {
                *slot = market.slot_of[f];
                weights.slots_of_tile[f / USERS] |= 1 << *slot;
            }
        }
        let zero = vec![[0.0; L]; n];
        let mut state = SetState {
            markets,
            recorders,
            weights,
            ordered: zero.clone(),
            demand: zero.clone(),
            shares: zero.clone(),
            to_make: zero.clone(),
            next: vec![[1.0; L]; n],
        };
        state.open_weights(table, 0);
        states.push(state);
    }
    let mut work: Vec<Vec<ChunkWork<<M::Rule as UserRule<L>>::State, L>>> = (0..table.shares.chunks())
        .map(|chunk| {
            sets.iter()
                .zip(&states)
                .map(|(set, state)| ChunkWork {
                    state: set.model.state(table, chunk),
                    ordered: vec![vec![[0.0; L]; n]; state.weights.next.len()],
                })
                .collect()
        })
        .collect();
    let inventories = |sets: &[LaneSet<'_, L, M>], work: &[Vec<ChunkWork<<M::Rule as UserRule<L>>::State, L>>], set: usize| {
        let mut sum = vec![[0.0; L]; sectors];
        for (chunk, work) in work.iter().enumerate() {
            for (sum, of) in sum.iter_mut().zip(sets[set].model.inventories(table, chunk, &work[set].state)) {
                (0..L).for_each(|l| sum[l] += of[l]);
            }
        }
        sum
    };
    let first: Vec<Vec<[f64; L]>> = (0..sets.len()).map(|set| inventories(&sets, &work, set)).collect();
    sets.iter_mut().for_each(|set| set.model.stage(Stage::First));
    one_pass(table, &sets, &states, &mut work);
    collect(table, &mut sets, &mut states, &mut work, false);
    let days = sets.iter().flat_map(|set| set.lanes.iter().map(|lane| lane.scenario.days())).max().unwrap_or(0);
    // inventories at the end of each scenario's own days
    let mut last = first.clone();
    for day in 0..days {
        for (set, state) in sets.iter_mut().zip(&mut states) {
            state.trade(table, set, &frame, day);
        }
        if sets.iter().any(|set| set.model.two_stages()) {
            sets.iter_mut().for_each(|set| set.model.stage(Stage::Receive));
            one_pass(table, &sets, &states, &mut work);
            for (at, set) in sets.iter_mut().enumerate() {
                set.model.between(table, work.iter_mut().map(|work| &mut work[at].state));
                set.model.stage(Stage::Order);
            }
        } else {
            sets.iter_mut().for_each(|set| set.model.stage(Stage::Day));
        }
        one_pass(table, &sets, &states, &mut work);
        let ending: Vec<[bool; L]> = states.iter().map(|state| std::array::from_fn(|l| state.recorders[l].ends_on(day))).collect();
        collect(table, &mut sets, &mut states, &mut work, true);
        for (at, ending) in ending.iter().enumerate().filter(|(_, ending)| ending.iter().any(|ends| *ends)) {
            let now = inventories(&sets, &work, at);
            for l in (0..L).filter(|l| ending[*l]) {
                last[at].iter_mut().zip(&now).for_each(|(last, now)| last[l] = now[l]);
            }
        }
        if states.iter().all(|state| state.recorders.iter().all(|recorder| recorder.done)) {
            break;
        }
    }
    let mut runs = Vec::with_capacity(sets.len() * L);
    for (at, (set, state)) in sets.into_iter().zip(states).enumerate() {
        for (l, (lane, recorder)) in set.lanes.into_iter().zip(state.recorders).enumerate() {
            let gap = (0..sectors).map(|s| {
                let (start, end) = (first[at][s][l], last[at][s][l]);
                let scale = start + recorder.received[s].abs() + recorder.used[s].abs();
                if scale > 0.0 { (end - start - recorder.received[s] + recorder.used[s]).abs() / scale } else { 0.0 }
            });
            let gap = gap.fold(0.0, f64::max);
            runs.push(recorder.finish(&frame, name, lane.scenario, lane.warnings, gap)?);
        }
    }
    Ok(runs)
}

type Work<M, const L: usize> = Vec<Vec<ChunkWork<<<M as DailyModel<L>>::Rule as UserRule<L>>::State, L>>>;

fn one_pass<const L: usize, M: DailyModel<L>>(
    table: &DailyTable,
    sets: &[LaneSet<'_, L, M>],
    states: &[SetState<'_, L>],
    work: &mut Work<M, L>,
) {
    let with: Vec<(&Weights<L>, &M::Rule)> = sets.iter().zip(states).map(|(set, state)| (&state.weights, set.model.rule())).collect();
    table.shares.pass(&with, work);
}

/// Adds up what a pass ordered, and writes down what was counted.
fn collect<const L: usize, M: DailyModel<L>>(
    table: &DailyTable,
    sets: &mut [LaneSet<'_, L, M>],
    states: &mut [SetState<'_, L>],
    work: &mut Work<M, L>,
    count: bool,
) {
    let shares = &table.shares;
    for (at, (set, state)) in sets.iter_mut().zip(states).enumerate() {
        let mut received = vec![[0.0; L]; shares.sectors.len()];
        for (chunk, work) in work.iter_mut().enumerate() {
            let counted = set.model.collect(table, chunk, &mut work[at].state);
            if !count {
                continue;
            }
            for (l, recorder) in state.recorders.iter_mut().enumerate().filter(|(_, recorder)| recorder.counts()) {
                recorder.received.iter_mut().zip(&counted.received).for_each(|(sum, of)| *sum += of[l]);
                recorder.used.iter_mut().zip(&counted.used).for_each(|(sum, of)| *sum += of[l]);
                recorder.overdrawn += counted.overdrawn[l];
            }
            received.iter_mut().zip(&counted.received).for_each(|(sum, of)| (0..L).for_each(|l| sum[l] += of[l]));
        }
        if count {
            state.check_deliveries(table, &received);
        }
        state.ordered.fill([0.0; L]);
        for slot in 0..state.weights.next.len() {
            let ordered = shares.ordered(work, at, slot);
            for ((k, i), ordered) in shares.order.iter().enumerate().zip(ordered) {
                let weights = &state.weights.next[slot][k];
                (0..L).for_each(|l| state.ordered[*i][l] += weights[l] * ordered[l]);
            }
        }
        state.recorders.iter_mut().for_each(|recorder| recorder.close());
    }
}

impl<const L: usize> SetState<'_, L> {
    /// A day's demand, output and deliveries; and the weights for the pass that follows.
    fn trade<M: DailyModel<L>>(&mut self, table: &DailyTable, set: &mut LaneSet<'_, L, M>, frame: &Frame<'_>, day: usize) {
        let shares = &table.shares;
        self.demand.copy_from_slice(&self.ordered);
        for (l, market) in self.markets.iter_mut().enumerate() {
            self.demand.iter_mut().zip(market.final_orders(table, day)).for_each(|(demand, order)| demand[l] += order);
        }
        if let Some(added) = set.model.added_demand(day) {
            self.demand.iter_mut().zip(added).for_each(|(demand, added)| (0..L).for_each(|l| demand[l] += added[l]));
        }
        for ((to_make, demand), drawn) in self.to_make.iter_mut().zip(&self.demand).zip(&table.drawn) {
            (0..L).for_each(|l| to_make[l] = (demand[l] - drawn).max(0.0));
        }
        set.model.produce(table, day, &self.demand, &self.to_make);
        let output = set.model.output();
        for (i, share) in self.shares.iter_mut().enumerate() {
            for l in 0..L {
                let (demand, made) = (self.demand[i][l], output[i][l]);
                // exactly 1 where all that was asked for is there
                share[l] = if made == self.to_make[i][l] || demand <= 0.0 { 1.0 } else { (made + table.drawn[i]) / demand };
            }
        }
        for l in 0..L {
            if self.recorders[l].done {
                continue;
            }
            let recorder = &mut self.recorders[l];
            recorder.day(frame, output.iter().take(shares.size).map(|x| x[l]), set.model.able(l));
            if recorder.first_shortage.is_none() && set.model.short(l) {
                recorder.first_shortage = Some(day);
            }
            let delivered: Vec<f64> = self.shares.iter().map(|share| share[l]).collect();
            self.markets[l].unmet(table, &delivered, recorder);
        }
        set.model.delivered(table, &self.shares);
        for slot in 0..self.weights.next.len() {
            let (next, delivered) = (&self.weights.next[slot], &mut self.weights.delivered[slot]);
            for (k, i) in shares.order.iter().enumerate() {
                (0..L).for_each(|l| delivered[k][l] = next[k][l] * self.shares[*i][l]);
            }
        }
        let mut next = std::mem::take(&mut self.next);
        set.model.order_weights(&mut next);
        self.next = next;
        self.open_weights(table, day + 1);
    }

    /// Weights of the orders for a day: those of the model times what is open.
    fn open_weights(&mut self, table: &DailyTable, day: usize) {
        for slot in 0..self.weights.next.len() {
            for (k, i) in table.shares.order.iter().enumerate() {
                self.weights.next[slot][k] = self.next[*i];
            }
            for (l, market) in self.markets.iter().enumerate() {
                if market.slots.get(slot).is_some_and(|felt| !felt.is_empty()) {
                    let open = market.open(slot, table.shares.size, day);
                    for (k, i) in table.shares.order.iter().enumerate() {
                        self.weights.next[slot][k][l] *= open[*i];
                    }
                }
            }
        }
    }

    /// What sectors delivered to industries against what industries received of them.
    fn check_deliveries(&mut self, table: &DailyTable, received: &[[f64; L]]) {
        for (l, recorder) in self.recorders.iter_mut().enumerate() {
            if !recorder.counts() {
                continue;
            }
            for (s, received) in received.iter().enumerate() {
                let suppliers = &table.shares.order[table.shares.starts[s]..table.shares.starts[s + 1]];
                let delivered: f64 = suppliers.iter().map(|i| self.shares[*i][l] * self.ordered[*i][l]).sum();
                let made: f64 = suppliers.iter().map(|i| table.output[*i]).sum();
                let scale = delivered.abs().max(made);
                if scale > 0.0 {
                    recorder.delivery_gap = recorder.delivery_gap.max((delivered - received[l]).abs() / scale);
                }
            }
        }
    }
}
