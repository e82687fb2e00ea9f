use crate::production_network::range;
use crate::{ChainError, InputRole, InputRoles, ProductionNetwork};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

/// An input that nothing depends on.
const NOWHERE: u32 = u32::MAX;

/// When a cascade ends.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct CascadeOptions {
    /// The cascade ends when no firm's state moves by more than this share of the largest initial loss from one step to the next. The
    /// 0.01 of the published program is the default; losses still to come are left out, so that a stricter one finds a little more.
    pub tolerance: f64,
    /// It ends after so many steps at the latest, which the result says.
    pub max_steps: u32,
    /// A firm passes on what it has lost only when that has grown by more than this share of its output since it last did. With 0 the
    /// result is that of computing every firm anew in every step. With the default, 1e-12, an index differs from it by some 1e-14 and takes
    /// half the time: most links that a cascade reaches carry less.
    pub negligible: f64,
}

impl Default for CascadeOptions {
    fn default() -> Self {
        CascadeOptions { tolerance: 1e-2, max_steps: 1000, negligible: 1e-12 }
    }
}

impl CascadeOptions {
    fn check(&self) -> Result<(), ChainError> {
        let refuse =
            |option: &str, value: String, why: &str| Err(ChainError::Option { option: option.to_owned(), value, why: why.to_owned() });
        if !(self.tolerance > 0.0 && self.tolerance < 1.0) {
            return refuse("tolerance", self.tolerance.to_string(), "it is a share between 0 and 1, both excluded");
        }
        if self.max_steps == 0 {
            return refuse("max_steps", "0".to_owned(), "the first step is the failure itself");
        }
        if !(0.0..1.0).contains(&self.negligible) {
            return refuse("negligible", self.negligible.to_string(), "it is a share, 0 or more and less than 1");
        }
        Ok(())
    }
}

/// A firm that fails, wholly or in part, before anything spreads.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct InitialLoss {
    /// The firm.
    pub firm: u32,
    /// The share of its output that is lost, 1 − ψ: more than 0, at most 1.
    pub loss: f64,
}

impl ProductionNetwork {
    /// Initial losses by the names of firms, for [`cascade`].
    ///
    /// # Errors
    /// [`ChainError::ProductionNetwork`] for a firm that is not there (the nearest are named) or stands twice, and a loss that is not
    /// between 0 and 1.
    pub fn initial_losses<'a>(&self, failing: impl IntoIterator<Item = (&'a str, f64)>) -> Result<Vec<InitialLoss>, ChainError> {
        let losses = failing.into_iter().map(|(name, loss)| Ok(InitialLoss { firm: self.firm(name)?, loss }));
        let losses = losses.collect::<Result<Vec<_>, ChainError>>()?;
        self.check_losses(&losses)?;
        Ok(losses)
    }

    fn check_losses(&self, losses: &[InitialLoss]) -> Result<(), ChainError> {
        let refuse = |firm: u32, what: String, next: &str| {
            let place = if (firm as usize) < self.len() {
                format!("the failing firm {}", self.firms().name(firm))
            } else {
                format!("the failing firm {firm}")
            };
            Err(ChainError::ProductionNetwork { place, what, next: next.to_owned() })
        };
        let mut firms: Vec<u32> = losses.iter().map(|failing| failing.firm).collect();
        firms.sort_unstable();
        if let Some(pair) = firms.windows(2).find(|pair| pair[0] == pair[1]) {
            return refuse(pair[0], "it stands twice".to_owned(), "name it once, with its whole loss");
        }
        for failing in losses {
            if failing.firm as usize >= self.len() {
                return refuse(failing.firm, format!("there are only {} firms", self.len()), "positions come from the same network");
            }
            if !(failing.loss > 0.0 && failing.loss <= 1.0) {
                return refuse(
                    failing.firm,
                    format!("its loss is {}", failing.loss),
                    "give the share of its output that is lost, more than 0 and at most 1",
                );
            }
        }
        if losses.is_empty() {
            let place = "a cascade".to_owned();
            return Err(ChainError::ProductionNetwork { place, what: "no firm fails".to_owned(), next: "name at least one".to_owned() });
        }
        Ok(())
    }
}

/// What a failure comes to in the end.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CascadeTotal {
    /// Lost output of all firms over all output, Σ s_i (1 − h_i) / Σ s_i with h_i = min(h_i^d, h_i^u): for one firm that fails wholly its
    /// economic systemic risk index.
    pub loss: f64,
    /// The same with h^d alone: what comes of missing inputs (and of the failure itself).
    pub downstream: f64,
    /// The same with h^u alone: what comes of missing demand (and of the failure itself).
    pub upstream: f64,
    /// Firms that lose something, those that failed included.
    pub firms: u32,
    /// Steps made; the failure itself is the first.
    pub steps: u32,
    /// False when `max_steps` ended it.
    pub converged: bool,
}

/// What every firm loses when some fail.
#[derive(Debug, Clone, PartialEq)]
pub struct Cascade {
    /// The whole.
    pub total: CascadeTotal,
    /// The share of its output that every firm loses for want of inputs, 1 − h^d.
    pub downstream: Vec<f64>,
    /// The share it loses for want of demand, 1 − h^u.
    pub upstream: Vec<f64>,
}

impl Cascade {
    /// The share of its output that a firm loses: the larger of both.
    pub fn loss(&self, firm: u32) -> f64 {
        self.downstream[firm as usize].max(self.upstream[firm as usize])
    }
}

/// A link as deliveries pass along it.
#[derive(Debug, Clone, Copy)]
struct Delivery {
    customer: u32,
    /// Which of the customer's inputs it is part of; [`NOWHERE`] for none that matters.
    input: u32,
    /// The supplier's share in that input.
    share: f64,
}

/// A network made ready for cascades: what a missing delivery or a missing order does to whom.
///
/// State is what is lost, 0 or more, where the published formulas have what is left; so nothing is lost exactly where nothing failed. An
/// essential input is what a buyer buys from one supplying sector; everything that is not essential is one further input, measured by all
/// purchases. A step passes on only what changed in the step before: lost output to customers, lost demand to suppliers, and, because the
/// replaceability of a supplier depends on what is left of its sector, all that is lost already in sectors that lost more. Losses only
/// grow, so sums grow with them and nothing is ever taken back.
///
/// Firms are ranked by their number of links, for the memory of those that nearly every cascade meets to lie together.
#[derive(Debug, Clone)]
pub struct CascadeModel<'a> {
    network: &'a ProductionNetwork,
    options: CascadeOptions,
    /// The rank of every firm; all below is by rank.
    ranks: Vec<u32>,
    sector_of: Vec<u32>,
    size: Vec<f64>,
    /// Where the deliveries of a supplier begin; one more than firms.
    delivery_starts: Vec<u32>,
    deliveries: Vec<Delivery>,
    /// Where the orders of a buyer begin; one more than firms.
    order_starts: Vec<u32>,
    order_suppliers: Vec<u32>,
    /// The buyer's share in the supplier's demand.
    order_shares: Vec<f64>,
    /// Where the inputs of a buyer begin; one more than firms.
    input_starts: Vec<u32>,
    sector_size: Vec<f64>,
    total_size: f64,
}

/// Firms, a bit each.
struct FirmSet(Vec<u64>);

impl FirmSet {
    fn new(firms: usize) -> Self {
        FirmSet(vec![0; firms.div_ceil(64)])
    }

    fn insert(&mut self, firm: usize) {
        self.0[firm >> 6] |= 1 << (firm & 63);
    }

    fn clear(&mut self) {
        self.0.fill(0);
    }

    /// The firms in ascending order.
    fn iter(&self) -> impl Iterator<Item = usize> + '_ {
        self.0.iter().enumerate().filter(|(_, word)| **word != 0).flat_map(|(at, word)| {
            let mut rest = *word;
            std::iter::from_fn(move || {
                if rest == 0 {
                    return None;
                }
                let bit = rest.trailing_zeros() as usize;
                rest &= rest - 1;
                Some(at << 6 | bit)
            })
        })
    }
}

/// What a cascade is worked out in, all zero between two cascades.
struct Workspace {
    down: Vec<f64>,
    up: Vec<f64>,
    /// What is missing of every input.
    missing: Vec<f64>,
    /// What is missing of every firm's demand.
    missing_demand: Vec<f64>,
    /// What of its lost output, times replaceability, a firm has passed on, and of its lost orders.
    passed_down: Vec<f64>,
    passed_up: Vec<f64>,
    /// What every sector has lost, and whether it lost more in the last step.
    sector_loss: Vec<f64>,
    sector_changed: Vec<bool>,
    /// Firms that have lost output, and demand.
    damaged_down: FirmSet,
    damaged_up: FirmSet,
    /// Firms whose demand fell in the last step.
    changed_up: FirmSet,
    /// Firms that something was passed on to in this step.
    reached_down: FirmSet,
    reached_up: FirmSet,
}

impl Workspace {
    fn new(firms: usize, inputs: usize, sectors: usize) -> Self {
        let zeros = |length: usize| vec![0.0; length];
        let none = || FirmSet::new(firms);
        Workspace {
            down: zeros(firms),
            up: zeros(firms),
            missing: zeros(inputs),
            missing_demand: zeros(firms),
            passed_down: zeros(firms),
            passed_up: zeros(firms),
            sector_loss: zeros(sectors),
            sector_changed: vec![false; sectors],
            damaged_down: none(),
            damaged_up: none(),
            changed_up: none(),
            reached_down: none(),
            reached_up: none(),
        }
    }
}

impl<'a> CascadeModel<'a> {
    /// Makes a network ready.
    ///
    /// # Errors
    /// [`ChainError::Option`] for options that make no sense.
    pub fn new(network: &'a ProductionNetwork, roles: &InputRoles, options: CascadeOptions) -> Result<Self, ChainError> {
        options.check()?;
        let count = network.len();
        let degree =
            |firm: u32| range(&network.customer_starts, firm as usize).len() + range(&network.supplier_starts, firm as usize).len();
        let mut firms: Vec<u32> = (0..count as u32).collect();
        firms.sort_by_key(|firm| std::cmp::Reverse(degree(*firm)));
        let mut ranks = vec![0; count];
        for (rank, firm) in firms.iter().enumerate() {
            ranks[*firm as usize] = rank as u32;
        }
        let mut delivery_starts = vec![0u32; count + 1];
        for (rank, firm) in firms.iter().enumerate() {
            delivery_starts[rank + 1] = delivery_starts[rank] + range(&network.customer_starts, *firm as usize).len() as u32;
        }
        let mut deliveries = vec![Delivery { customer: 0, input: NOWHERE, share: 0.0 }; network.links()];
        let (mut order_suppliers, mut order_shares) = (Vec::with_capacity(network.links()), Vec::with_capacity(network.links()));
        let (mut order_starts, mut input_starts) = (Vec::with_capacity(count + 1), Vec::with_capacity(count + 1));
        let mut inputs = 0u32;
        for (rank, buyer) in firms.iter().copied().enumerate() {
            input_starts.push(inputs);
            order_starts.push(order_shares.len() as u32);
            let mut linear = NOWHERE;
            for group in network.input_groups(buyer) {
                let Some(first) = group.clone().next() else { continue };
                let supplying = network.sector_of[network.suppliers[first] as usize] as usize;
                let (input, whole) = match roles.role(supplying, network.sector(buyer)) {
                    InputRole::Essential => {
                        inputs += 1;
                        (inputs - 1, group.clone().map(|at| network.bought(at)).sum())
                    }
                    InputRole::NonEssential => {
                        if linear == NOWHERE {
                            linear = inputs;
                            inputs += 1;
                        }
                        (linear, network.purchases(buyer))
                    }
                    InputRole::Ignored => (NOWHERE, 1.0),
                };
                for at in group {
                    let supplier = network.suppliers[at];
                    let within = network.supply_link[at] - network.customer_starts[supplier as usize];
                    let delivery = &mut deliveries[(delivery_starts[ranks[supplier as usize] as usize] + within) as usize];
                    *delivery = Delivery { customer: rank as u32, input, share: network.bought(at) / whole };
                    // demand from outside the network does not fail; a size that is less than sales measures something else
                    let demand = network.size(supplier).max(network.sales(supplier));
                    order_suppliers.push(ranks[supplier as usize]);
                    order_shares.push(network.bought(at) / demand);
                }
            }
        }
        input_starts.push(inputs);
        order_starts.push(order_shares.len() as u32);
        let mut sector_size = vec![0.0; network.sectors().len()];
        for (sector, size) in network.sector_of.iter().zip(&network.size) {
            sector_size[*sector as usize] += size;
        }
        let total_size: f64 = network.size.iter().sum();
        if !(total_size > 0.0 && total_size.is_finite()) {
            let what = format!("the sizes of all firms sum to {total_size}");
            let next = "give sizes of which some are positive, or none at all";
            return Err(ChainError::ProductionNetwork { place: network.name().to_owned(), what, next: next.to_owned() });
        }
        let sector_of = firms.iter().map(|firm| network.sector_of[*firm as usize]).collect();
        let size = firms.iter().map(|firm| network.size[*firm as usize]).collect();
        Ok(CascadeModel {
            network,
            options,
            ranks,
            sector_of,
            size,
            delivery_starts,
            deliveries,
            order_starts,
            order_suppliers,
            order_shares,
            input_starts,
            sector_size,
            total_size,
        })
    }

    /// The network.
    pub fn network(&self) -> &'a ProductionNetwork {
        self.network
    }

    fn workspace(&self) -> Workspace {
        let inputs = self.input_starts.last().map_or(0, |end| *end as usize);
        Workspace::new(self.network.len(), inputs, self.sector_size.len())
    }

    /// What is lost when some firms fail, wholly or in part.
    ///
    /// # Errors
    /// [`ChainError::ProductionNetwork`] for losses that are none, and firms that are not there or stand twice.
    pub fn cascade(&self, failing: &[InitialLoss]) -> Result<Cascade, ChainError> {
        self.network.check_losses(failing)?;
        let mut space = self.workspace();
        let total = self.spread(failing, &mut space);
        let by_firm = |lost: &[f64]| self.ranks.iter().map(|rank| lost[*rank as usize]).collect();
        Ok(Cascade { total, downstream: by_firm(&space.down), upstream: by_firm(&space.up) })
    }

    /// What is lost when each of some firms fails alone and wholly: their economic systemic risk. `watch` is told how many are done and
    /// says whether to go on; when it does not, firms not yet done come without result.
    ///
    /// # Errors
    /// [`ChainError::ProductionNetwork`] for firms that are not there.
    pub fn each_alone(&self, firms: &[u32], watch: &(dyn Fn(usize) -> bool + Sync)) -> Result<Vec<Option<CascadeTotal>>, ChainError> {
        if let Some(firm) = firms.iter().find(|firm| **firm as usize >= self.network.len()) {
            self.network.check_losses(&[InitialLoss { firm: *firm, loss: 1.0 }])?;
        }
        // a workspace a thread, lent from cascade to cascade
        let idle: Mutex<Vec<Workspace>> = Mutex::new(Vec::new());
        let done = AtomicUsize::new(0);
        let stopped = AtomicBool::new(false);
        let one = |firm: &u32| {
            if stopped.load(Ordering::Relaxed) {
                return None;
            }
            let lent = idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
            let mut space = lent.unwrap_or_else(|| self.workspace());
            let total = self.spread(&[InitialLoss { firm: *firm, loss: 1.0 }], &mut space);
            self.clear(&mut space);
            idle.lock().unwrap_or_else(PoisonError::into_inner).push(space);
            if !watch(done.fetch_add(1, Ordering::Relaxed) + 1) {
                stopped.store(true, Ordering::Relaxed);
            }
            Some(total)
        };
        Ok(firms.par_iter().map(one).collect())
    }

    /// Works a cascade out in a workspace, which holds its state afterwards.
    fn spread(&self, failing: &[InitialLoss], space: &mut Workspace) -> CascadeTotal {
        let mut largest: f64 = 0.0;
        for InitialLoss { firm, loss } in failing {
            let at = self.ranks[*firm as usize] as usize;
            (space.down[at], space.up[at]) = (*loss, *loss);
            let sector = self.sector_of[at] as usize;
            space.sector_loss[sector] += self.size[at] * loss;
            space.sector_changed[sector] = true;
            for set in [&mut space.damaged_down, &mut space.damaged_up, &mut space.changed_up] {
                set.insert(at);
            }
            largest = largest.max(*loss);
        }
        // the failure is the first step
        let mut growth = largest;
        let mut steps = 1;
        while growth > self.options.tolerance * largest && steps < self.options.max_steps {
            self.pass_down(space);
            self.pass_up(space);
            growth = self.advance(space);
            steps += 1;
        }
        self.total(space, steps, growth <= self.options.tolerance * largest)
    }

    /// Lost output to customers, from all firms of sectors that lost more in the step before.
    fn pass_down(&self, space: &mut Workspace) {
        for supplier in space.damaged_down.iter() {
            let sector = self.sector_of[supplier] as usize;
            if !space.sector_changed[sector] {
                continue;
            }
            let (size, left) = (self.size[supplier], self.sector_size[sector] - space.sector_loss[sector]);
            // a firm as large as what is left of its sector, or larger, cannot be replaced at all
            let replaceability = if size >= left { 1.0 } else { size / left };
            let whole = replaceability * space.down[supplier];
            let more = whole - space.passed_down[supplier];
            if more <= self.options.negligible {
                continue;
            }
            space.passed_down[supplier] = whole;
            for delivery in &self.deliveries[range(&self.delivery_starts, supplier)] {
                if delivery.input != NOWHERE {
                    space.missing[delivery.input as usize] += more * delivery.share;
                    space.reached_down.insert(delivery.customer as usize);
                }
            }
        }
        space.sector_changed.fill(false);
    }

    /// Lost orders to suppliers, from all firms that lost more demand in the step before.
    fn pass_up(&self, space: &mut Workspace) {
        for buyer in space.changed_up.iter() {
            let whole = space.up[buyer];
            let more = whole - space.passed_up[buyer];
            if more <= self.options.negligible {
                continue;
            }
            space.passed_up[buyer] = whole;
            let orders = range(&self.order_starts, buyer);
            for (supplier, share) in self.order_suppliers[orders.clone()].iter().zip(&self.order_shares[orders]) {
                space.missing_demand[*supplier as usize] += more * share;
                space.reached_up.insert(*supplier as usize);
            }
        }
        space.changed_up.clear();
    }

    /// Takes over the losses of firms that something was passed on to; returns the largest growth.
    fn advance(&self, space: &mut Workspace) -> f64 {
        let mut growth: f64 = 0.0;
        for firm in space.reached_down.iter() {
            let before = space.down[firm];
            // shares add up to 1 but for rounding
            let lost = space.missing[range(&self.input_starts, firm)].iter().fold(before, |lost, missing| lost.max(*missing)).min(1.0);
            if lost > before {
                growth = growth.max(lost - before);
                let sector = self.sector_of[firm] as usize;
                space.sector_loss[sector] += self.size[firm] * (lost - before);
                space.sector_changed[sector] = true;
                space.damaged_down.insert(firm);
                space.down[firm] = lost;
            }
        }
        for firm in space.reached_up.iter() {
            let before = space.up[firm];
            let lost = space.missing_demand[firm].min(1.0);
            if lost > before {
                growth = growth.max(lost - before);
                space.changed_up.insert(firm);
                space.damaged_up.insert(firm);
                space.up[firm] = lost;
            }
        }
        space.reached_down.clear();
        space.reached_up.clear();
        growth
    }

    /// All zero again. Sums are only where something was lost, for a firm whose input is missing has lost by it.
    fn clear(&self, space: &mut Workspace) {
        for firm in space.damaged_down.iter() {
            (space.down[firm], space.passed_down[firm]) = (0.0, 0.0);
            space.missing[range(&self.input_starts, firm)].fill(0.0);
        }
        for firm in space.damaged_up.iter() {
            (space.up[firm], space.passed_up[firm], space.missing_demand[firm]) = (0.0, 0.0, 0.0);
        }
        space.sector_loss.fill(0.0);
        space.sector_changed.fill(false);
        for set in [&mut space.damaged_down, &mut space.damaged_up, &mut space.changed_up] {
            set.clear();
        }
    }

    fn total(&self, space: &Workspace, steps: u32, converged: bool) -> CascadeTotal {
        let (mut loss, mut downstream, mut upstream, mut firms) = (0.0, 0.0, 0.0, 0);
        let damaged = space.damaged_down.0.iter().zip(&space.damaged_up.0).map(|(down, up)| down | up);
        for firm in FirmSet(damaged.collect()).iter() {
            let (size, down, up) = (self.size[firm], space.down[firm], space.up[firm]);
            loss += size * down.max(up);
            downstream += size * down;
            upstream += size * up;
            firms += 1;
        }
        let share = |sum: f64| sum / self.total_size;
        CascadeTotal { loss: share(loss), downstream: share(downstream), upstream: share(upstream), firms, steps, converged }
    }
}

/// What every firm loses when some fail, wholly or in part: the loss spreads to customers for want of inputs and to suppliers for want of
/// demand, until nothing moves.
///
/// With w_ji what i buys from j, s_j the size of j, p(j) its sector, ψ_i what is left of i at first (1 but for firms that fail):
///
/// * replaceability σ_j = min(1, s_j / Σ_{k in p(j)} s_k h_k^d);
/// * downstream h_i^d = min(ψ_i, 1 − max over essential sectors k of Σ_{j in k} σ_j (w_ji / Σ_{j in k} w_ji)(1 − h_j^d),
///   1 − Σ_{j not essential} σ_j (w_ji / Σ_j w_ji)(1 − h_j^d));
/// * upstream h_i^u = min(ψ_i, 1 − Σ_m (w_im / s_i)(1 − h_m^u)), where s_i is not less than the firm's sales in the network.
///
/// All start at 1 and are computed from those of the step before. The two directions do not act on each other: a firm loses the larger.
///
/// ```
/// use xinzhi_chain::{FirmRegister, InputRoles, Link, ProductionNetwork, cascade};
/// let mut firms = FirmRegister::default();
/// for (firm, sector) in [("farm", "x"), ("mill", "y"), ("bakery", "z")] {
///     firms.add(firm, sector, None, 1)?;
/// }
/// let links = [(0, 1), (1, 2)].map(|(supplier, buyer)| Link { supplier, buyer, value: 1.0, row: 1 });
/// let network = ProductionNetwork::new("an example", firms, links.into_iter(), &Default::default())?;
/// let roles = InputRoles::new(&network, None);
/// let found = cascade(&network, &roles, &network.initial_losses([("mill", 0.5)])?, &Default::default())?;
/// assert_eq!((found.downstream[2], found.upstream[0], found.total.loss), (0.5, 0.5, 0.5));
/// # Ok::<(), xinzhi_chain::ChainError>(())
/// ```
///
/// # Errors
/// [`ChainError::ProductionNetwork`] for losses that are none, firms that are not there or stand twice; [`ChainError::Option`] for options
/// that make no sense.
///
/// # Source
/// Diem, Borsos, Reisch, Kertész, Thurner (2022), Scientific Reports 12: 7719.
pub fn cascade(
    network: &ProductionNetwork,
    roles: &InputRoles,
    failing: &[InitialLoss],
    options: &CascadeOptions,
) -> Result<Cascade, ChainError> {
    CascadeModel::new(network, roles, *options)?.cascade(failing)
}

/// The economic systemic risk index of every firm: the share of all output that is lost when it alone fails wholly (see [`cascade`] for the
/// formulas). Firms are done in parallel; each result is the same for any number of threads.
///
/// ```
/// use xinzhi_chain::{FirmRegister, InputRoles, Link, ProductionNetwork, economic_systemic_risk};
/// let mut firms = FirmRegister::default();
/// for (firm, sector) in [("farm", "x"), ("mill", "y"), ("bakery", "z")] {
///     firms.add(firm, sector, None, 1)?;
/// }
/// let links = [(0, 1), (1, 2)].map(|(supplier, buyer)| Link { supplier, buyer, value: 1.0, row: 1 });
/// let network = ProductionNetwork::new("an example", firms, links.into_iter(), &Default::default())?;
/// let risk = economic_systemic_risk(&network, &InputRoles::new(&network, None), &Default::default())?;
/// assert!(risk.iter().all(|firm| firm.loss == 1.0));
/// # Ok::<(), xinzhi_chain::ChainError>(())
/// ```
///
/// # Errors
/// [`ChainError::Option`] for options that make no sense.
pub fn economic_systemic_risk(
    network: &ProductionNetwork,
    roles: &InputRoles,
    options: &CascadeOptions,
) -> Result<Vec<CascadeTotal>, ChainError> {
    let firms: Vec<u32> = (0..network.len() as u32).collect();
    let all = CascadeModel::new(network, roles, *options)?.each_alone(&firms, &|_| true)?;
    Ok(all.into_iter().flatten().collect())
}
