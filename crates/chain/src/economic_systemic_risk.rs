use crate::production_network::range;
use crate::{ChainError, InputRole, InputRoles, ProductionNetwork};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use std::sync::atomic::{AtomicUsize, Ordering};
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
    /// A change of a firm's output smaller than this (as a share of its output) is not passed on until it has grown to it. 0 passes on
    /// everything: the result is then that of computing every firm anew in every step.
    pub negligible: f64,
}

impl Default for CascadeOptions {
    fn default() -> Self {
        CascadeOptions { tolerance: 1e-2, max_steps: 1000, negligible: 0.0 }
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
#[derive(Debug, Clone)]
pub struct CascadeModel<'a> {
    network: &'a ProductionNetwork,
    options: CascadeOptions,
    /// By supplier, as the network's links.
    deliveries: Vec<Delivery>,
    /// Shares of a buyer in its suppliers' demand, by buyer as the network's links.
    demand_shares: Vec<f64>,
    inputs: usize,
    sector_size: Vec<f64>,
    total_size: f64,
}

/// What a cascade is worked out in, all zero between two cascades.
struct Workspace {
    down: Vec<f64>,
    next_down: Vec<f64>,
    up: Vec<f64>,
    next_up: Vec<f64>,
    /// What is missing of every input.
    missing: Vec<f64>,
    /// What is missing of every firm's demand.
    missing_demand: Vec<f64>,
    /// What of its lost output, times replaceability, a firm has passed on, and of its lost orders.
    passed_down: Vec<f64>,
    passed_up: Vec<f64>,
    /// What every sector has lost.
    sector_loss: Vec<f64>,
    sector_changed: Vec<bool>,
    /// Firms of every sector that have lost output.
    sector_damaged: Vec<Vec<u32>>,
    damaged_sectors: Vec<u32>,
    changed_sectors: Vec<u32>,
    damaged_down: Vec<u32>,
    damaged_up: Vec<u32>,
    touched_inputs: Vec<u32>,
    changed_down: Vec<u32>,
    changed_up: Vec<u32>,
    coming_down: Vec<u32>,
    coming_up: Vec<u32>,
}

impl Workspace {
    fn new(firms: usize, inputs: usize, sectors: usize) -> Self {
        let zeros = || vec![0.0; firms];
        Workspace {
            down: zeros(),
            next_down: zeros(),
            up: zeros(),
            next_up: zeros(),
            missing: vec![0.0; inputs],
            missing_demand: zeros(),
            passed_down: zeros(),
            passed_up: zeros(),
            sector_loss: vec![0.0; sectors],
            sector_changed: vec![false; sectors],
            sector_damaged: vec![Vec::new(); sectors],
            damaged_sectors: Vec::new(),
            changed_sectors: Vec::new(),
            damaged_down: Vec::new(),
            damaged_up: Vec::new(),
            touched_inputs: Vec::new(),
            changed_down: Vec::new(),
            changed_up: Vec::new(),
            coming_down: Vec::new(),
            coming_up: Vec::new(),
        }
    }

    /// Takes over the new state of firms whose losses grew; returns the largest growth.
    fn advance(&mut self, network: &ProductionNetwork) -> f64 {
        let mut growth: f64 = 0.0;
        for firm in &self.changed_down {
            let at = *firm as usize;
            let grown = self.next_down[at] - self.down[at];
            growth = growth.max(grown);
            let sector = network.sector_of[at] as usize;
            if self.down[at] == 0.0 {
                self.damaged_down.push(*firm);
                if self.sector_damaged[sector].is_empty() {
                    self.damaged_sectors.push(sector as u32);
                }
                self.sector_damaged[sector].push(*firm);
            }
            if !self.sector_changed[sector] {
                self.sector_changed[sector] = true;
                self.changed_sectors.push(sector as u32);
            }
            self.sector_loss[sector] += network.size[at] * grown;
            self.down[at] = self.next_down[at];
        }
        for firm in &self.changed_up {
            let at = *firm as usize;
            growth = growth.max(self.next_up[at] - self.up[at]);
            if self.up[at] == 0.0 {
                self.damaged_up.push(*firm);
            }
            self.up[at] = self.next_up[at];
        }
        growth
    }

    /// All zero again.
    fn clear(&mut self) {
        for firm in self.damaged_down.drain(..) {
            let at = firm as usize;
            (self.down[at], self.next_down[at], self.passed_down[at]) = (0.0, 0.0, 0.0);
        }
        for firm in self.damaged_up.drain(..) {
            let at = firm as usize;
            (self.up[at], self.next_up[at], self.passed_up[at], self.missing_demand[at]) = (0.0, 0.0, 0.0, 0.0);
        }
        for input in self.touched_inputs.drain(..) {
            self.missing[input as usize] = 0.0;
        }
        for sector in self.damaged_sectors.drain(..) {
            let at = sector as usize;
            (self.sector_loss[at], self.sector_changed[at]) = (0.0, false);
            self.sector_damaged[at].clear();
        }
        for list in [&mut self.changed_sectors, &mut self.changed_down, &mut self.changed_up, &mut self.coming_down, &mut self.coming_up] {
            list.clear();
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
        let mut deliveries = vec![Delivery { customer: 0, input: NOWHERE, share: 0.0 }; network.links()];
        let mut demand_shares = vec![0.0; network.links()];
        let mut inputs = 0u32;
        for buyer in 0..network.len() as u32 {
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
                for at in group.clone() {
                    let share = network.bought(at) / whole;
                    deliveries[network.supply_link[at] as usize] = Delivery { customer: buyer, input, share };
                }
            }
            for at in range(&network.supplier_starts, buyer as usize) {
                let supplier = network.suppliers[at];
                // demand from outside the network does not fail; a size that is less than sales measures something else
                demand_shares[at] = network.bought(at) / network.size(supplier).max(network.sales(supplier));
            }
        }
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
        Ok(CascadeModel { network, options, deliveries, demand_shares, inputs: inputs as usize, sector_size, total_size })
    }

    /// The network.
    pub fn network(&self) -> &'a ProductionNetwork {
        self.network
    }

    fn workspace(&self) -> Workspace {
        Workspace::new(self.network.len(), self.inputs, self.sector_size.len())
    }

    /// What is lost when some firms fail, wholly or in part.
    ///
    /// # Errors
    /// [`ChainError::ProductionNetwork`] for losses that are none, and firms that are not there or stand twice.
    pub fn cascade(&self, failing: &[InitialLoss]) -> Result<Cascade, ChainError> {
        self.network.check_losses(failing)?;
        let mut space = self.workspace();
        let total = self.spread(failing, &mut space);
        Ok(Cascade { total, downstream: space.down, upstream: space.up })
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
        let idle: Mutex<Vec<Workspace>> = Mutex::new(Vec::new());
        let done = AtomicUsize::new(0);
        let stopped = std::sync::atomic::AtomicBool::new(false);
        let one = |firm: &u32| {
            if stopped.load(Ordering::Relaxed) {
                return None;
            }
            let lent = idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
            let mut space = lent.unwrap_or_else(|| self.workspace());
            let total = self.spread(&[InitialLoss { firm: *firm, loss: 1.0 }], &mut space);
            space.clear();
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
        let network = self.network;
        let mut largest: f64 = 0.0;
        for InitialLoss { firm, loss } in failing {
            (space.next_down[*firm as usize], space.next_up[*firm as usize]) = (*loss, *loss);
            space.changed_down.push(*firm);
            space.changed_up.push(*firm);
            largest = largest.max(*loss);
        }
        let enough = self.options.tolerance * largest;
        let mut steps = 1;
        let mut growth = space.advance(network);
        while growth > enough && steps < self.options.max_steps {
            self.pass_down(space);
            self.pass_up(space);
            std::mem::swap(&mut space.changed_down, &mut space.coming_down);
            std::mem::swap(&mut space.changed_up, &mut space.coming_up);
            space.coming_down.clear();
            space.coming_up.clear();
            growth = space.advance(network);
            steps += 1;
        }
        self.total(space, steps, growth <= enough)
    }

    /// Lost output to customers, from all firms of sectors that lost more in the step before.
    fn pass_down(&self, space: &mut Workspace) {
        let network = self.network;
        let Workspace { down, next_down, missing, passed_down, coming_down, touched_inputs, .. } = space;
        for sector in space.changed_sectors.drain(..) {
            let at = sector as usize;
            space.sector_changed[at] = false;
            let left = self.sector_size[at] - space.sector_loss[at];
            for firm in &space.sector_damaged[at] {
                let supplier = *firm as usize;
                let size = network.size[supplier];
                // a firm as large as what is left of its sector, or larger, cannot be replaced at all
                let replaceability = if size >= left { 1.0 } else { size / left };
                let whole = replaceability * down[supplier];
                let more = whole - passed_down[supplier];
                if more <= self.options.negligible {
                    continue;
                }
                passed_down[supplier] = whole;
                for delivery in &self.deliveries[range(&network.customer_starts, supplier)] {
                    if delivery.input == NOWHERE {
                        continue;
                    }
                    let sum = &mut missing[delivery.input as usize];
                    if *sum == 0.0 {
                        touched_inputs.push(delivery.input);
                    }
                    *sum += more * delivery.share;
                    let customer = delivery.customer as usize;
                    // shares add up to 1 but for rounding
                    let lost = sum.min(1.0);
                    if lost > next_down[customer] {
                        if next_down[customer] == down[customer] {
                            coming_down.push(delivery.customer);
                        }
                        next_down[customer] = lost;
                    }
                }
            }
        }
    }

    /// Lost orders to suppliers, from all firms that lost more demand in the step before.
    fn pass_up(&self, space: &mut Workspace) {
        let network = self.network;
        let Workspace { up, next_up, missing_demand, passed_up, coming_up, changed_up, .. } = space;
        for firm in changed_up.iter() {
            let buyer = *firm as usize;
            let more = up[buyer] - passed_up[buyer];
            if more <= self.options.negligible {
                continue;
            }
            passed_up[buyer] = up[buyer];
            for at in range(&network.supplier_starts, buyer) {
                let supplier = network.suppliers[at] as usize;
                let sum = &mut missing_demand[supplier];
                *sum += more * self.demand_shares[at];
                let lost = sum.min(1.0);
                if lost > next_up[supplier] {
                    if next_up[supplier] == up[supplier] {
                        coming_up.push(supplier as u32);
                    }
                    next_up[supplier] = lost;
                }
            }
        }
    }

    fn total(&self, space: &Workspace, steps: u32, converged: bool) -> CascadeTotal {
        let size = &self.network.size;
        let (mut loss, mut downstream, mut upstream) = (0.0, 0.0, 0.0);
        let mut firms = space.damaged_down.len();
        for firm in &space.damaged_down {
            let at = *firm as usize;
            loss += size[at] * space.down[at].max(space.up[at]);
            downstream += size[at] * space.down[at];
        }
        for firm in &space.damaged_up {
            let at = *firm as usize;
            upstream += size[at] * space.up[at];
            if space.down[at] == 0.0 {
                loss += size[at] * space.up[at];
                firms += 1;
            }
        }
        let share = |sum: f64| sum / self.total_size;
        CascadeTotal { loss: share(loss), downstream: share(downstream), upstream: share(upstream), firms: firms as u32, steps, converged }
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
