use crate::exact_hat_calibration::Economy;
use crate::exact_hat_changes::Changes;
use crate::leontief::Lu;
use faer::Mat;
use rayon::prelude::*;

/// Past this exponent a sum of exponentials is taken relative to its largest term.
const LARGE_EXPONENT: f64 = 300.0;
/// Prices are found when none moves by more than this, in logarithms and relative to the largest.
const PRICE_TOLERANCE: f64 = 1e-14;
/// Spending is found when none moves by more than this share of itself, or of all spending of its region over a hundred.
const SPENDING_TOLERANCE: f64 = 1e-14;
/// How often a step is halved that leads to a region with nothing to spend.
const HALVINGS: usize = 40;
/// Moves below this that no longer shrink are rounding.
const STALLED: f64 = 1e-12;
/// Passes over prices or over spending after which no more is tried.
const PASSES: usize = 5_000;
/// How many steps back the acceleration looks.
const MEMORY: usize = 8;
/// After so many iterations without getting nearer, the accelerated steps are given up.
const PATIENCE: usize = 15;
/// The step of a finite difference, in logarithms.
const DIFFERENCE: f64 = 1e-6;
/// The largest step of a wage in one iteration, in logarithms.
const LARGEST_STEP: f64 = 0.7;

/// How imports less exports move.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum DeficitRule {
    Fixed,
    Scaled,
    Zero,
}

/// An economy after changes that are not prices yet.
pub(crate) struct Counterfactual<'a> {
    economy: &'a Economy,
    /// π̃ κ^−θ: what the shares would be in proportion to at unchanged costs.
    weights: Vec<f64>,
    /// Their logarithms, for exponents that are too large.
    log_weights: Vec<f64>,
    /// Σ_i weights − 1, by destination, at j·N + n.
    gaps: Vec<f64>,
    /// Per sector, the largest exponent in its weights.
    exponents: Vec<f64>,
    pub(crate) tariffs: Vec<f64>,
    pub(crate) log_productivity: Vec<f64>,
    pub(crate) final_shares: Vec<f64>,
    rule: DeficitRule,
    /// The part of the world every region belongs to: parts have no trade between them.
    pub(crate) parts: Vec<usize>,
    part_income: Vec<f64>,
}

/// Prices and quantities in the end.
#[derive(Debug, Clone)]
pub(crate) struct Equilibrium {
    pub(crate) log_wages: Vec<f64>,
    /// P̂_nj.
    pub(crate) log_prices: Vec<f64>,
    /// ĉ_nj.
    pub(crate) log_costs: Vec<f64>,
    pub(crate) shares: Vec<f64>,
    pub(crate) purchases: Vec<f64>,
    pub(crate) sales: Vec<f64>,
    /// What is used of a sector, from purchases and stocks.
    pub(crate) used: Vec<f64>,
    pub(crate) spending: Vec<f64>,
    pub(crate) deficits: Vec<f64>,
    /// Duties less subsidies.
    pub(crate) revenue: Vec<f64>,
    /// What stocks bring in.
    pub(crate) stock_income: Vec<f64>,
    pub(crate) iterations: usize,
}

/// Where an iteration stood when it was given up.
#[derive(Debug, Clone, Copy)]
pub(crate) struct GivenUp {
    pub(crate) iterations: usize,
    pub(crate) region: usize,
    pub(crate) residual: f64,
    /// The region's surplus is more than its income wherever wages were tried.
    pub(crate) nothing_to_spend: bool,
}

/// A region's sector that is used but has no source left; or a region whose trade cannot balance.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Impossible {
    NoSource { region: usize, sector: usize },
    OneWay { region: usize, sells: bool },
    NothingAsked { region: usize },
}

/// Watches an iteration that contracts until rounding stops it.
struct Progress {
    tolerance: f64,
    least: f64,
    passes: usize,
    since_least: usize,
}

impl Progress {
    fn new(tolerance: f64) -> Self {
        Progress { tolerance, least: f64::INFINITY, passes: 0, since_least: 0 }
    }

    /// Whether it ended well or badly by the size of its last move; `None` while it goes on.
    fn after(&mut self, moved: f64) -> Option<bool> {
        self.passes += 1;
        self.since_least += 1;
        if moved < self.least {
            (self.least, self.since_least) = (moved, 0);
        }
        // moves that have become small and no longer shrink are rounding
        if moved <= self.tolerance || (self.least <= STALLED && self.since_least >= 10) {
            return Some(true);
        }
        (self.passes == PASSES || !moved.is_finite()).then_some(false)
    }
}

/// The sum of products in eight lanes, so that its order is fixed and the machine can work on several at once.
fn dot(a: &[f64], b: &[f64]) -> f64 {
    let mut lanes = [0.0; 8];
    let (a_chunks, b_chunks) = (a.chunks_exact(8), b.chunks_exact(8));
    let tail: f64 = a_chunks.remainder().iter().zip(b_chunks.remainder()).map(|(a, b)| a * b).sum();
    for (a, b) in a_chunks.zip(b_chunks) {
        lanes.iter_mut().zip(a.iter().zip(b)).for_each(|(lane, (a, b))| *lane += a * b);
    }
    lanes.iter().sum::<f64>() + tail
}

impl<'a> Counterfactual<'a> {
    /// Checks that the changed economy can be in equilibrium at all. `floor` is the share that stays of every flow; the regions and sectors
    /// that would have no source without it are returned.
    pub(crate) fn new(
        economy: &'a Economy,
        changes: &Changes,
        rule: DeficitRule,
        floor: f64,
    ) -> Result<(Self, Vec<(usize, usize)>), Impossible> {
        let (regions, sectors) = (economy.regions, economy.sectors);
        let tariffs: Vec<f64> = economy.tariffs.iter().zip(&changes.duties).map(|(base, added)| base + added).collect();
        let mut final_shares: Vec<f64> =
            economy.final_shares.iter().zip(&changes.final_taste).map(|(share, taste)| share * taste).collect();
        for (n, of) in final_shares.chunks_exact_mut(sectors).enumerate() {
            let all: f64 = of.iter().sum();
            if all <= 0.0 && economy.spending[n] > 0.0 {
                return Err(Impossible::NothingAsked { region: n });
            }
            if changes.final_taste[n * sectors..(n + 1) * sectors].iter().any(|taste| *taste != 1.0) {
                of.iter_mut().for_each(|share| *share /= all);
            }
        }
        let shut: Vec<bool> = changes.productivity.iter().map(|left| *left <= 0.0).collect();
        // which sectors a region uses, once industries are shut
        let mut uses: Vec<bool> = final_shares.iter().map(|share| *share > 0.0).collect();
        for pair in (0..regions * sectors).filter(|pair| economy.produced[*pair] > 0.0 && !shut[*pair]) {
            for (k, share) in economy.input_shares[pair * sectors..(pair + 1) * sectors].iter().enumerate() {
                uses[pair / sectors * sectors + k] |= *share > 0.0;
            }
        }

        let triples = economy.shares.len();
        let (mut weights, mut log_weights) = (vec![0.0; triples], vec![f64::NEG_INFINITY; triples]);
        let mut gaps = vec![0.0; sectors * regions];
        let mut exponents = vec![0.0f64; sectors];
        let mut floored = Vec::new();
        for (row, gap) in gaps.iter_mut().enumerate() {
            let (j, n) = (row / regions, row % regions);
            let at = row * regions..(row + 1) * regions;
            let pair = n * sectors + j;
            if economy.purchases[pair] <= 0.0 {
                continue;
            }
            let shares = &economy.shares[at.clone()];
            let taste = &changes.taste[at.clone()];
            let asked: f64 = if taste.iter().all(|left| *left == 1.0) { 1.0 } else { shares.iter().zip(taste).map(|(s, t)| s * t).sum() };
            let shifted = |i: usize| if asked > 0.0 { shares[i] * taste[i] / asked } else { shares[i] };
            let left = |i: usize| if shut[i * sectors + j] { 0.0 } else { changes.left[at.start + i] };
            if uses[pair] && (0..regions).all(|i| shifted(i) * left(i) <= 0.0) {
                if floor <= 0.0 {
                    return Err(Impossible::NoSource { region: n, sector: j });
                }
                floored.push((n, j));
            }
            for i in 0..regions {
                let (share, left) = (shifted(i), left(i).max(floor));
                if share <= 0.0 {
                    continue;
                }
                if left <= 0.0 {
                    *gap -= share;
                    continue;
                }
                let duty = ((1.0 + tariffs[at.start + i]) / (1.0 + economy.tariffs[at.start + i])).ln();
                let exponent = left.ln() - economy.theta[j] * duty;
                *gap += share * exponent.exp_m1();
                weights[at.start + i] = share * exponent.exp();
                log_weights[at.start + i] = share.ln() + exponent;
                exponents[j] = exponents[j].max(exponent.abs());
            }
        }
        let log_productivity = changes.productivity.iter().map(|left| if *left > 0.0 { left.ln() } else { 0.0 }).collect();
        let mut made = Counterfactual {
            economy,
            weights,
            log_weights,
            gaps,
            exponents,
            tariffs,
            log_productivity,
            final_shares,
            rule,
            parts: Vec::new(),
            part_income: Vec::new(),
        };
        made.find_parts(&uses)?;
        Ok((made, floored))
    }

    /// Whether region i still sells to region n.
    fn trades(&self, uses: &[bool], n: usize, i: usize) -> bool {
        let (regions, sectors) = (self.economy.regions, self.economy.sectors);
        (0..sectors).any(|j| uses[n * sectors + j] && self.log_weights[(j * regions + n) * regions + i] > f64::NEG_INFINITY)
    }

    /// Splits the world into parts without trade between them, and refuses those in which some only sell or only buy.
    fn find_parts(&mut self, uses: &[bool]) -> Result<(), Impossible> {
        let regions = self.economy.regions;
        let sells: Vec<bool> = (0..regions * regions).map(|at| self.trades(uses, at % regions, at / regions)).collect();
        let reach = |from: usize, edge: &dyn Fn(usize, usize) -> bool| {
            let (mut reached, mut next) = (vec![false; regions], vec![from]);
            reached[from] = true;
            while let Some(a) = next.pop() {
                for (b, reached) in reached.iter_mut().enumerate() {
                    if !*reached && edge(a, b) {
                        *reached = true;
                        next.push(b);
                    }
                }
            }
            reached
        };
        let mut parts = vec![usize::MAX; regions];
        let mut count = 0;
        for n in 0..regions {
            if parts[n] == usize::MAX {
                let together = reach(n, &|a, b| sells[a * regions + b] || sells[b * regions + a]);
                together.iter().zip(&mut parts).filter(|(in_it, _)| **in_it).for_each(|(_, part)| *part = count);
                count += 1;
            }
        }
        self.part_income = vec![0.0; count];
        parts.iter().zip(&self.economy.factor_income).for_each(|(part, income)| self.part_income[*part] += income);
        self.parts = parts;
        // circles whose regions reach each other by deliveries, and that nobody outside sells to although they sell, or the reverse
        let deficits = self.deficits(&vec![0.0; regions]);
        let mut one_way: Option<(usize, Impossible)> = None;
        for n in 0..regions {
            let buyers = reach(n, &|a, b| sells[a * regions + b]);
            let suppliers = reach(n, &|a, b| sells[b * regions + a]);
            let circle: Vec<usize> = (0..regions).filter(|m| buyers[*m] && suppliers[*m]).collect();
            let (reaches, fed) = (buyers.iter().filter(|r| **r).count(), suppliers.iter().filter(|r| **r).count());
            let deficit: f64 = circle.iter().map(|m| deficits[*m]).sum();
            let only_sells = fed == circle.len() && reaches > circle.len() && deficit >= 0.0;
            let only_buys = reaches == circle.len() && fed > circle.len() && deficit <= 0.0;
            if (only_sells || only_buys) && one_way.is_none_or(|(smallest, _)| circle.len() < smallest) {
                one_way = Some((circle.len(), Impossible::OneWay { region: n, sells: only_sells }));
            }
        }
        one_way.map_or(Ok(()), |(_, why)| Err(why))
    }

    /// D at given wages: those of every part of the world add up to zero.
    fn deficits(&self, log_wages: &[f64]) -> Vec<f64> {
        let scale = |n: usize| if self.rule == DeficitRule::Scaled { log_wages[n].exp() } else { 1.0 };
        if self.rule == DeficitRule::Zero {
            return vec![0.0; self.economy.regions];
        }
        let count = self.part_income.len();
        let (mut gaps, mut sizes) = (vec![0.0; count], vec![0.0; count]);
        for (n, part) in self.parts.iter().enumerate() {
            gaps[*part] += self.economy.deficits[n] * scale(n);
            sizes[*part] += self.economy.factor_income[n] * scale(n);
        }
        let one = count == 1 && self.rule == DeficitRule::Fixed;
        let share =
            |n: usize| if sizes[self.parts[n]] > 0.0 { self.economy.factor_income[n] * scale(n) / sizes[self.parts[n]] } else { 0.0 };
        let balanced = |n: usize| self.economy.deficits[n] * scale(n) - if one { 0.0 } else { gaps[self.parts[n]] * share(n) };
        (0..self.economy.regions).map(balanced).collect()
    }

    fn no_change(&self) -> Equilibrium {
        let economy = self.economy;
        let pairs = economy.purchases.len();
        Equilibrium {
            log_wages: vec![0.0; economy.regions],
            log_prices: vec![0.0; pairs],
            log_costs: vec![0.0; pairs],
            shares: vec![0.0; economy.shares.len()],
            purchases: economy.purchases.clone(),
            sales: economy.sales.clone(),
            used: vec![0.0; pairs],
            spending: economy.spending.clone(),
            deficits: vec![0.0; economy.regions],
            revenue: vec![0.0; economy.regions],
            stock_income: vec![0.0; economy.regions],
            iterations: 0,
        }
    }

    /// Unit costs at given wages and prices.
    pub(crate) fn costs(&self, log_wages: &[f64], log_prices: &[f64], log_costs: &mut [f64]) {
        let sectors = self.economy.sectors;
        for (pair, cost) in log_costs.iter_mut().enumerate().filter(|(pair, _)| self.economy.produced[*pair] > 0.0) {
            let n = pair / sectors;
            let inputs = dot(&self.economy.input_shares[pair * sectors..(pair + 1) * sectors], &log_prices[n * sectors..(n + 1) * sectors]);
            *cost = self.economy.factor_shares[pair] * log_wages[n] + inputs - self.log_productivity[pair];
        }
    }

    /// Prices at given costs, and with `shares` the shares that go with them; returns by how much a price moved at most.
    pub(crate) fn prices(&self, log_wages: &[f64], log_costs: &[f64], log_prices: &mut [f64], mut shares: Option<&mut [f64]>) -> f64 {
        let (regions, sectors) = (self.economy.regions, self.economy.sectors);
        let mut moved = 0.0f64;
        let (mut growth, mut level) = (vec![0.0; regions], vec![0.0; regions]);
        for j in 0..sectors {
            let theta = self.economy.theta[j];
            let makers = || (0..regions).filter(|i| self.economy.produced[i * sectors + j] > 0.0).map(|i| log_costs[i * sectors + j]);
            let (least, most) = makers().fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), c| (a.min(c), b.max(c)));
            let middle = if least <= most { 0.5 * (least + most) } else { 0.0 };
            let plain = self.exponents[j] < LARGE_EXPONENT && theta * (most - middle) < LARGE_EXPONENT;
            if plain {
                for i in 0..regions {
                    // both apart: 1 + (e^x − 1) has no digits of a small e^x
                    let exponent = -theta * (log_costs[i * sectors + j] - middle);
                    (growth[i], level[i]) = (exponent.exp_m1(), exponent.exp());
                }
            }
            for (n, wage) in log_wages.iter().enumerate() {
                let pair = n * sectors + j;
                let row = (j * regions + n) * regions..(j * regions + n + 1) * regions;
                let mut found = *wage;
                if self.economy.purchases[pair] > 0.0 && plain {
                    let weights = &self.weights[row.clone()];
                    let gap = self.gaps[j * regions + n] + dot(weights, &growth);
                    // the sum of growth keeps its digits near no change, the sum of levels far from it
                    let total = if gap.abs() < 0.5 { 1.0 + gap } else { dot(weights, &level) };
                    if total > 0.0 {
                        found = middle - if gap.abs() < 0.5 { gap.ln_1p() } else { total.ln() } / theta;
                        if let Some(shares) = shares.as_deref_mut() {
                            let to = shares[row.clone()].iter_mut().zip(weights.iter().zip(&level));
                            to.for_each(|(share, (weight, level))| *share = weight * level / total);
                        }
                    }
                } else if self.economy.purchases[pair] > 0.0 {
                    let start = row.start;
                    let term = |i: usize| self.log_weights[start + i] - theta * log_costs[i * sectors + j];
                    let largest = (0..regions).map(term).fold(f64::NEG_INFINITY, f64::max);
                    if largest > f64::NEG_INFINITY {
                        let total: f64 = (0..regions).map(|i| (term(i) - largest).exp()).sum();
                        found = -(largest + total.ln()) / theta;
                        if let Some(shares) = shares.as_deref_mut() {
                            shares[row].iter_mut().enumerate().for_each(|(i, share)| *share = (term(i) - largest).exp() / total);
                        }
                    }
                }
                moved = moved.max((found - log_prices[pair]).abs());
                log_prices[pair] = found;
            }
        }
        moved
    }

    /// Prices, shares and spending at given wages, from where they stood; or the region where that fails.
    fn evaluate(&self, state: &mut Equilibrium) -> Result<(), usize> {
        let mut progress = Progress::new(PRICE_TOLERANCE);
        loop {
            self.costs(&state.log_wages, &state.log_prices, &mut state.log_costs);
            let moved = self.prices(&state.log_wages, &state.log_costs, &mut state.log_prices, None);
            let largest = state.log_prices.iter().fold(1.0f64, |largest, price| largest.max(price.abs()));
            match progress.after(moved / largest) {
                Some(true) => break,
                Some(false) => return Err(0),
                None => {}
            }
        }
        self.prices(&state.log_wages, &state.log_costs, &mut state.log_prices, Some(&mut state.shares));
        state.deficits = self.deficits(&state.log_wages);
        let flow_shares: Vec<f64> = state.shares.iter().zip(&self.tariffs).map(|(share, tariff)| share / (1.0 + tariff)).collect();
        let mut purchases = vec![0.0; state.purchases.len()];
        let mut progress = Progress::new(SPENDING_TOLERANCE);
        loop {
            self.spend(&flow_shares, state, &mut purchases);
            let sectors = self.economy.sectors;
            let moved = purchases.chunks_exact(sectors).zip(state.purchases.chunks_exact(sectors)).map(|(new, old)| {
                let floor = 0.01 * new.iter().map(|x| x.abs()).sum::<f64>();
                new.iter().zip(old).map(|(new, old)| (new - old).abs() / new.abs().max(floor).max(f64::MIN_POSITIVE)).fold(0.0, f64::max)
            });
            let moved = moved.fold(0.0, |most: f64, moved| if moved.is_nan() { moved } else { most.max(moved) });
            std::mem::swap(&mut state.purchases, &mut purchases);
            match progress.after(moved) {
                Some(true) => break,
                Some(false) => return Err(0),
                None => {}
            }
        }
        // a surplus that is held fixed can be more than a region earns
        let broke = |n: &usize| self.economy.spending[*n] > 0.0 && state.spending[*n] <= 0.0;
        (0..self.economy.regions).find(broke).map_or(Ok(()), Err)
    }

    /// One round of money: what purchases become sales, incomes, and purchases again.
    pub(crate) fn spend(&self, flow_shares: &[f64], state: &mut Equilibrium, purchases: &mut [f64]) {
        let (economy, regions, sectors) = (self.economy, self.economy.regions, self.economy.sectors);
        let mut by_sector = vec![0.0; regions];
        state.revenue.fill(0.0);
        state.stock_income.fill(0.0);
        for j in 0..sectors {
            by_sector.fill(0.0);
            for n in 0..regions {
                let spent = state.purchases[n * sectors + j];
                if spent != 0.0 {
                    let row = &flow_shares[(j * regions + n) * regions..(j * regions + n + 1) * regions];
                    let mut kept = 0.0;
                    by_sector.iter_mut().zip(row).for_each(|(sales, share)| {
                        kept += share;
                        *sales += share * spent;
                    });
                    state.revenue[n] += spent * (1.0 - kept);
                }
            }
            by_sector.iter().enumerate().for_each(|(i, sales)| state.sales[i * sectors + j] = *sales);
        }
        for (owner, pair, share) in &economy.stocks {
            state.stock_income[*owner] += share * state.sales[*pair];
        }
        let mut used = vec![0.0; sectors];
        for n in 0..regions {
            used.fill(0.0);
            for j in 0..sectors {
                let pair = n * sectors + j;
                let value = economy.produced[pair] * state.sales[pair];
                state.revenue[n] -= economy.subsidies[pair] * value;
                let costs = (1.0 + economy.subsidies[pair]) * value;
                if costs != 0.0 {
                    let shares = &economy.input_shares[pair * sectors..(pair + 1) * sectors];
                    used.iter_mut().zip(shares).for_each(|(used, share)| *used += share * costs);
                }
            }
            let inputs = |k: usize| (1.0 - economy.bought[n * sectors + k]) * used[k];
            // stocks of a sector are sold to the region's own industries only: its final demand for it is zero
            state.stock_income[n] += (0..sectors).map(inputs).sum::<f64>();
            state.spending[n] =
                economy.factor_income[n] * state.log_wages[n].exp() + state.revenue[n] + state.stock_income[n] + state.deficits[n];
            for (k, inputs) in used.iter().enumerate() {
                let pair = n * sectors + k;
                state.used[pair] = inputs + self.final_shares[pair] * state.spending[n];
                purchases[pair] = economy.bought[pair] * state.used[pair];
            }
        }
    }

    /// What a region's industries pay for factors, over what its factors earn; 1 where it has none.
    pub(crate) fn factor_demand(&self, state: &Equilibrium) -> Vec<f64> {
        let (economy, sectors) = (self.economy, self.economy.sectors);
        let demand = |n: usize| {
            let paid: f64 = (n * sectors..(n + 1) * sectors)
                .map(|pair| economy.factor_shares[pair] * (1.0 + economy.subsidies[pair]) * economy.produced[pair] * state.sales[pair])
                .sum();
            let earned = economy.factor_income[n] * state.log_wages[n].exp();
            if earned > 0.0 { paid / earned } else { 1.0 }
        };
        (0..economy.regions).map(demand).collect()
    }

    /// By how much about a region's demand for factors falls when its wage rises by 1 %: what a step is divided by.
    fn stiffness(&self, state: &Equilibrium) -> Vec<f64> {
        let (economy, regions, sectors) = (self.economy, self.economy.regions, self.economy.sectors);
        let (mut lost, mut at_home, mut all) = (vec![0.0; regions], vec![0.0; regions], vec![0.0; regions]);
        for (triple, share) in state.shares.iter().enumerate().filter(|(_, share)| **share > 0.0) {
            let (j, n, i) = economy.pair_of_triple(triple);
            let paid = share * state.purchases[n * sectors + j] / (1.0 + self.tariffs[triple])
                * economy.factor_shares[i * sectors + j]
                * economy.produced[i * sectors + j];
            all[i] += paid;
            lost[i] += paid * economy.theta[j] * (1.0 - share);
            if n == i {
                at_home[i] += paid;
            }
        }
        (0..regions).map(|n| if all[n] > 0.0 { ((lost[n] + all[n] - at_home[n]) / all[n]).max(1e-9) } else { 1.0 }).collect()
    }

    /// Wages such that every part of the world earns as much as before.
    fn normalise(&self, log_wages: &mut [f64]) {
        let mut earned = vec![0.0; self.part_income.len()];
        for (n, part) in self.parts.iter().enumerate() {
            earned[*part] += self.economy.factor_income[n] * log_wages[n].exp();
        }
        for (wage, part) in log_wages.iter_mut().zip(&self.parts) {
            if earned[*part] > 0.0 {
                *wage -= (earned[*part] / self.part_income[*part]).ln();
            }
        }
        self.economy.factor_income.iter().zip(log_wages).filter(|(income, _)| **income <= 0.0).for_each(|(_, wage)| *wage = 0.0);
    }

    /// The wages at which every region's factors are in demand as much as there are of them.
    ///
    /// Wages move with the excess demand for factors (Alvarez and Lucas 2007), each divided by its own approximate elasticity; the steps
    /// are accelerated by the method of Anderson (1965). Where that gets stuck, Newton's method goes on from the best point.
    pub(crate) fn solve(&self, tolerance: f64, max_iterations: usize) -> Result<Equilibrium, GivenUp> {
        let mut search = Search { iterations: 0, max_iterations, tolerance };
        match self.accelerated(&mut search) {
            Accelerated::Found(state) => Ok(*state),
            Accelerated::Stuck(state) => self.newton(*state, &mut search),
            Accelerated::Failed(given_up) => Err(given_up),
        }
    }

    fn accelerated(&self, search: &mut Search) -> Accelerated {
        let mut state = self.no_change();
        let mut history: Vec<(Vec<f64>, Vec<f64>)> = Vec::new();
        let (mut damping, mut halvings, mut since_better) = (1.0f64, 0, 0);
        let mut best: Option<(f64, Box<Equilibrium>)> = None;
        loop {
            if search.iterations == search.max_iterations || since_better == PATIENCE {
                let Some((residual, state)) = best else {
                    return Accelerated::Failed(GivenUp::at(search, &[]));
                };
                if search.iterations == search.max_iterations {
                    let demand = self.factor_demand(&state);
                    return Accelerated::Failed(GivenUp { residual, ..GivenUp::at(search, &demand) });
                }
                return Accelerated::Stuck(state);
            }
            search.iterations += 1;
            if let Err(region) = self.evaluate(&mut state) {
                // half the way from the last point where there was something to spend
                halvings += 1;
                let Some((_, good)) = best.as_ref().filter(|_| halvings < HALVINGS) else {
                    let nothing_to_spend = state.spending[region] <= 0.0;
                    return Accelerated::Failed(GivenUp { region, nothing_to_spend, ..GivenUp::at(search, &[]) });
                };
                let half = state.log_wages.iter().zip(&good.log_wages).map(|(a, b)| 0.5 * (a + b)).collect();
                state = Equilibrium { log_wages: half, ..(**good).clone() };
                self.normalise(&mut state.log_wages);
                history.clear();
                damping = (0.5 * damping).max(0.05);
                continue;
            }
            halvings = 0;
            let demand = self.factor_demand(&state);
            let residual = largest_excess(&demand).1;
            if residual <= search.tolerance {
                state.iterations = search.iterations - 1;
                return Accelerated::Found(Box::new(state));
            }
            let stiffness = self.stiffness(&state);
            let step = |(d, s): (&f64, &f64)| (damping * d.max(1e-12).ln() / s).clamp(-LARGEST_STEP, LARGEST_STEP);
            let step: Vec<f64> = demand.iter().zip(&stiffness).map(step).collect();
            let least = best.as_ref().map_or(f64::INFINITY, |(least, _)| *least);
            since_better = if residual < 0.9 * least { 0 } else { since_better + 1 };
            if residual > 10.0 * least {
                history.clear();
                damping = (0.5 * damping).max(0.05);
            }
            history.push((state.log_wages.clone(), step));
            if history.len() > MEMORY + 1 {
                history.remove(0);
            }
            if residual < least {
                best = Some((residual, Box::new(state.clone())));
            }
            state.log_wages = next_point(&history);
            self.normalise(&mut state.log_wages);
        }
    }

    /// Newton's method for the excess demand for factors, with derivatives by finite differences and steps halved until the sum of
    /// squares falls.
    fn newton(&self, mut state: Equilibrium, search: &mut Search) -> Result<Equilibrium, GivenUp> {
        let earns: Vec<usize> = (0..self.economy.regions).filter(|n| self.economy.factor_income[*n] > 0.0).collect();
        // as a share of what each region earned in the base
        let excess = |state: &Equilibrium| -> Vec<f64> {
            let demand = self.factor_demand(state);
            earns.iter().map(|n| (demand[*n] - 1.0) * state.log_wages[*n].exp()).collect()
        };
        let at = |log_wages: Vec<f64>, from: &Equilibrium| {
            let mut state = Equilibrium { log_wages, ..from.clone() };
            self.normalise(&mut state.log_wages);
            match self.evaluate(&mut state) {
                Ok(()) => Ok(state),
                Err(region) => Err((region, state.spending[region] <= 0.0)),
            }
        };
        let mut gap = excess(&state);
        loop {
            let demand = self.factor_demand(&state);
            if largest_excess(&demand).1 <= search.tolerance {
                state.iterations = search.iterations - 1;
                return Ok(state);
            }
            if search.iterations + earns.len() >= search.max_iterations {
                return Err(GivenUp::at(search, &demand));
            }
            search.iterations += earns.len();
            let column = |n: &usize| {
                let mut wages = state.log_wages.clone();
                wages[*n] += DIFFERENCE;
                at(wages, &state).ok().map(|moved| excess(&moved))
            };
            let columns: Vec<Option<Vec<f64>>> = earns.par_iter().map(column).collect();
            let Some(columns) = columns.into_iter().collect::<Option<Vec<_>>>() else {
                return Err(GivenUp::at(search, &demand));
            };
            // In every part of the world the level of wages is free and, by Walras' law, the excess demands weighed by what was earned
            // add up to zero. Adding a product of the two null vectors makes the matrix regular and leaves the solution what it is.
            let share = |n: usize| self.economy.factor_income[n] / self.part_income[self.parts[n]];
            let derivative = |r: usize, c: usize| {
                let together = if self.parts[earns[r]] == self.parts[earns[c]] { share(earns[c]) } else { 0.0 };
                share(earns[r]) * ((columns[c][r] - gap[r]) / DIFFERENCE) - together
            };
            let mut step: Vec<f64> = earns.iter().zip(&gap).map(|(n, gap)| -share(*n) * gap).collect();
            let Some(lu) = Lu::new(Mat::from_fn(earns.len(), earns.len(), derivative)) else {
                return Err(GivenUp::at(search, &demand));
            };
            lu.solve(&mut step);
            let longest = step.iter().fold(LARGEST_STEP, |longest, s| longest.max(s.abs()));
            let (mut length, mut broke) = (LARGEST_STEP / longest, None);
            loop {
                search.iterations += 1;
                let mut wages = state.log_wages.clone();
                earns.iter().zip(&step).for_each(|(n, s)| wages[*n] += length * s);
                match at(wages, &state) {
                    Ok(tried) => {
                        let new = excess(&tried);
                        if dot(&new, &new) < (1.0 - 0.1 * length) * dot(&gap, &gap) {
                            (state, gap) = (tried, new);
                            break;
                        }
                    }
                    Err((region, nothing_to_spend)) => broke = Some(region).filter(|_| nothing_to_spend),
                }
                length *= 0.5;
                if length < 1e-6 || search.iterations >= search.max_iterations {
                    // steps towards the solution end where a region has nothing to spend
                    let given_up = GivenUp::at(search, &demand);
                    return Err(broke.map_or(given_up, |region| GivenUp { region, nothing_to_spend: true, ..given_up }));
                }
            }
        }
    }
}

/// How long and how far wages are looked for.
struct Search {
    iterations: usize,
    max_iterations: usize,
    tolerance: f64,
}

enum Accelerated {
    Found(Box<Equilibrium>),
    Stuck(Box<Equilibrium>),
    Failed(GivenUp),
}

impl GivenUp {
    fn at(search: &Search, demand: &[f64]) -> Self {
        let (region, residual) = if demand.is_empty() { (0, f64::NAN) } else { largest_excess(demand) };
        GivenUp { iterations: search.iterations, region, residual, nothing_to_spend: false }
    }
}

/// The region whose demand for factors is furthest from what there is of them, and by how much.
fn largest_excess(demand: &[f64]) -> (usize, f64) {
    demand.iter().enumerate().fold((0, 0.0), |(at, most), (n, d)| {
        let off = (d - 1.0).abs();
        if off > most || off.is_nan() { (n, off) } else { (at, most) }
    })
}

/// The next point by the method of Anderson: the combination of the last points whose steps, combined alike, are smallest, and that step.
fn next_point(history: &[(Vec<f64>, Vec<f64>)]) -> Vec<f64> {
    let Some(((point, step), before)) = history.split_last() else { return Vec::new() };
    // differences of steps made orthogonal one after the other (modified Gram-Schmidt), newest first
    let mut basis: Vec<(Vec<f64>, Vec<f64>)> = Vec::new();
    for (old_point, old_step) in before.iter().rev() {
        let mut of_steps: Vec<f64> = step.iter().zip(old_step).map(|(new, old)| new - old).collect();
        let mut of_points: Vec<f64> = point.iter().zip(old_point).map(|(new, old)| new - old).collect();
        let size_before = dot(&of_steps, &of_steps);
        for (steps, points) in &basis {
            let along = dot(steps, &of_steps);
            of_steps.iter_mut().zip(steps).for_each(|(a, b)| *a -= along * b);
            of_points.iter_mut().zip(points).for_each(|(a, b)| *a -= along * b);
        }
        let length = dot(&of_steps, &of_steps);
        // what is left of a nearly dependent difference is noise
        if length > 1e-16 * size_before && length > 0.0 {
            let scale = length.sqrt().recip();
            of_steps.iter_mut().chain(&mut of_points).for_each(|value| *value *= scale);
            basis.push((of_steps, of_points));
        }
    }
    let (mut rest, mut next) = (step.clone(), point.clone());
    for (steps, points) in &basis {
        let along = dot(steps, &rest);
        rest.iter_mut().zip(steps).for_each(|(a, b)| *a -= along * b);
        next.iter_mut().zip(points).for_each(|(a, b)| *a -= along * b);
    }
    // a step far beyond the last point is not trusted
    let far = next.iter().zip(&rest).zip(point).map(|((n, r), p)| (n + r - p).abs()).fold(0.0, f64::max);
    let trust = if far > LARGEST_STEP { LARGEST_STEP / far } else { 1.0 };
    next.iter().zip(&rest).zip(point).map(|((n, r), p)| p + trust * (n + r - p)).collect()
}
