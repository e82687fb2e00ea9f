use crate::exact_hat_calibration::{Economy, HatRepairs};
use crate::exact_hat_changes::{Changes, PooledCuts};
use crate::exact_hat_solution::{Counterfactual, DeficitRule, Equilibrium, GivenUp, Impossible};
use crate::{ChainError, DAYS_OF_YEAR, InputOutputSystem, Invariant, Scenario, ScenarioLoss, TradeElasticities};
use frame::{LabelledMatrix, LabelledVector};
use serde::{Deserialize, Serialize};

/// What becomes of trade deficits, which the model does not explain. Parts of the world that no longer trade with each other always
/// lose the deficits between them: each region's share in its part's total in proportion to what it earns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TradeDeficits {
    /// They stay what they are as a share of what the world earns.
    #[default]
    Fixed,
    /// They grow with what their region earns; what is missing to a sum of zero is shared out in proportion to it.
    Scaled,
    /// They are done away with first: the base is the equilibrium of the same world without deficits (Caliendo and Parro 2015, section
    /// 5), and so are all losses.
    Balanced,
}

/// Conventions of [`exact_hat_equilibrium`].
#[derive(Debug, Clone, PartialEq)]
pub struct HatOptions {
    /// Trade elasticities θ by sector.
    pub elasticities: TradeElasticities,
    /// What becomes of trade deficits.
    pub deficits: TradeDeficits,
    /// Duties that are levied in the table's year already, as shares of value: for every industry in table order the rate of every
    /// region, industries × regions, row by row. None by default: world input-output tables show deliveries at basic prices.
    pub base_tariffs: Option<Vec<f64>>,
    /// At least this share of every flow stays at unchanged prices, whatever the scenario cuts. Default: 0; then what is cut off
    /// altogether is exactly zero, and a scenario is refused that leaves a region without any source of something it uses, since its
    /// price would be infinite, or that lets it only sell or only buy.
    pub floor: f64,
    /// The largest excess demand for any region's factors, relative to what there is of them. Default: 1e-10.
    pub tolerance: f64,
    /// After so many wages tried it has failed. Default: 2,000.
    pub max_iterations: usize,
}

impl Default for HatOptions {
    fn default() -> Self {
        HatOptions {
            elasticities: TradeElasticities::default(),
            deficits: TradeDeficits::default(),
            base_tariffs: None,
            floor: 0.0,
            tolerance: 1e-10,
            max_iterations: 2000,
        }
    }
}

/// A region's change of welfare by cause, as shares of its income in the base: terms of first order, and what remains.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct WelfareChange {
    /// Ŵ − 1, all together.
    pub total: f64,
    /// Σ_j Σ_i (E_nij (ĉ_nj − 1) − M_nij (ĉ_ij − 1)) / I_n: what it sells becomes dearer against what it buys.
    pub terms_of_trade: f64,
    /// Σ_j Σ_i τ_nij M_nij (M̂_nij − ĉ_ij) / I_n: it buys more of what it levied duties on already. Zero where no duties were levied.
    pub volume_of_trade: f64,
    /// Σ_j Y_nj (Â_nj − 1) / I_n: its industries make less of the same inputs.
    pub productivity: f64,
    /// The rest: what cut deliveries cost directly, and everything of higher order.
    pub rest: f64,
}

/// An equilibrium in changes, from one base to another. Hats are new over old; money is in units of what the world earns, which stays
/// the same, and otherwise in the table's unit over a year.
#[derive(Debug, Clone, PartialEq)]
pub struct HatEquilibrium {
    /// The scenario.
    pub scenario: String,
    /// The horizon in days: losses of [`loss`](Self::loss) are over it, all else over a year.
    pub days: usize,
    /// θ of every sector.
    pub elasticities: LabelledVector,
    /// ŵ of every region; 1 where nothing is earned. Parts of the world without trade between them cannot be compared: each earns as
    /// much as before.
    pub wage_hats: LabelledVector,
    /// P̂_n: what the region's final demand costs.
    pub consumer_price_hats: LabelledVector,
    /// P̂_nj: what region n pays for sector j, duties included; regions × sectors, 1 where it buys nothing of it.
    pub price_hats: LabelledMatrix,
    /// Final spending in the base.
    pub spending: LabelledVector,
    /// Final spending over what it was.
    pub spending_hats: LabelledVector,
    /// Ŵ_n = Î_n / P̂_n: real final demand of every region over what it was; 1 where there is none.
    pub welfare_hats: LabelledVector,
    /// The change of welfare of every region by cause.
    pub welfare_changes: Vec<WelfareChange>,
    /// Imports less exports, before.
    pub deficits_before: LabelledVector,
    /// Imports less exports, after.
    pub deficits_after: LabelledVector,
    /// Duties levied (subsidies not taken off), before.
    pub duties_before: LabelledVector,
    /// Duties levied, after.
    pub duties_after: LabelledVector,
    /// Deliveries from region (row) to region (column) without duties, before.
    pub trade_before: LabelledMatrix,
    /// Deliveries from region to region without duties, after.
    pub trade_after: LabelledMatrix,
    /// ĉ: the price of every industry's goods where they are made, in table order; 1 where it makes nothing.
    pub cost_hats: Vec<f64>,
    /// Output of every industry in the base.
    pub output_before: Vec<f64>,
    /// Its value after.
    pub output_after: Vec<f64>,
    /// Its volume after, at the prices of the base.
    pub real_output_after: Vec<f64>,
    /// Value added of every industry in the base.
    pub value_added_before: Vec<f64>,
    /// Its value after in terms of what its region's final demand cost in the base.
    pub real_value_added_after: Vec<f64>,
    /// What of the table had to be counted otherwise.
    pub repairs: HatRepairs,
    /// Cuts of some users only that the model spreads over all of a region's.
    pub pooled_cuts: PooledCuts,
    /// Regions and sectors that would be left without any source but for [`HatOptions::floor`].
    pub floored: Vec<(String, String)>,
    /// How many wages were tried.
    pub iterations: usize,
    /// The identities it keeps.
    pub invariants: Vec<Invariant>,
}

impl HatEquilibrium {
    /// The losses in the terms that all models share, over the horizon: of output its volume at base prices; of value added its
    /// purchasing power over the region's final goods; of final demand the loss of real consumption (equivalent variation at the prices
    /// of the base, I_n (1 − Ŵ_n)).
    pub fn loss(&self) -> ScenarioLoss {
        let years = self.days as f64 / DAYS_OF_YEAR;
        let lost = |before: &[f64], after: &[f64]| before.iter().zip(after).map(|(b, a)| (b - a) * years).collect();
        let welfare = self.spending.values().iter().zip(self.welfare_hats.values());
        ScenarioLoss {
            model: "exact hat".to_owned(),
            output_loss: lost(&self.output_before, &self.real_output_after),
            value_added_loss: lost(&self.value_added_before, &self.real_value_added_after),
            final_demand_loss: welfare.map(|(spending, hat)| spending * (1.0 - hat) * years).collect(),
            invariants: self.invariants.clone(),
        }
    }

    /// The change of real final demand of the world: Σ_n I_n (Ŵ_n − 1) / Σ_n I_n.
    pub fn world_welfare_change(&self) -> f64 {
        let spending = self.spending.values();
        let gain: f64 = spending.iter().zip(self.welfare_hats.values()).map(|(spending, hat)| spending * (hat - 1.0)).sum();
        gain / spending.iter().sum::<f64>()
    }
}

/// How far an invariant may be missed.
const TOLERANCE: f64 = 1e-8;
const METHOD: &str = "the equilibrium in changes";

/// General equilibrium in changes ("exact hat algebra") of the model of Caliendo and Parro: what tariffs, embargoes, lost capacity and
/// lost demand do to prices, wages, trade and welfare of every region, when all prices and quantities have adjusted.
///
/// With n the destination, i the source, j and k sectors, hats for new over old and primes for new:
///
/// * ĉ_nj = ŵ_n^γ_nj Π_k P̂_nk^γ_n,kj / Â_nj,
/// * P̂_nj = (Σ_i π_nij (κ̂_nij ĉ_ij)^−θ_j)^(−1/θ_j), π'_nij = π_nij (κ̂_nij ĉ_ij / P̂_nj)^−θ_j, κ̂ = d̂ (1 + τ') / (1 + τ),
/// * X'_nj = Σ_k γ_n,jk Σ_m π'_mnk X'_mk / (1 + τ'_mnk) + α_nj I'_n, I'_n = ŵ_n w_n L_n + R'_n + D'_n,
/// * ŵ_n w_n L_n = Σ_j γ_nj Σ_m π'_mnj X'_mj / (1 + τ'_mnj), Σ_n ŵ_n w_n L_n = Σ_n w_n L_n,
/// * Ŵ_n = Î_n / Π_j P̂_nj^α_nj.
///
/// Everything but θ comes from the table: factors are what is left of output after inputs, move freely between a region's industries
/// and not between regions, and are fully used.
///
/// Shocks, at the mean of their course over the horizon: a *tariff* is added to the duties levied before. A *flow* of which a share s
/// is lost bears iceberg costs d̂ = (1 − s)^(−1/θ), so that it falls by s at unchanged prices; what is cut off altogether has a share of
/// exactly zero. Inputs and final goods of a region come from one pool, so cuts of some of its users only become a smaller cut of all of
/// them ([`HatEquilibrium::pooled_cuts`]). Lost *capacity* is lost productivity, Â = 1 − loss: with the same factors and inputs that
/// much less is made; an industry that loses all sells nothing. Lost *demand* is a change of taste: at unchanged prices a region's final
/// demand for these goods falls by the loss, and the money is spent on all its other final goods in proportion; welfare is measured by
/// the new taste before and after.
///
/// Sources: Caliendo and Parro (2015), Estimates of the Trade and Welfare Effects of NAFTA, Review of Economic Studies 82(1), 1-44;
/// Dekle, Eaton and Kortum (2008), Global Rebalancing with Gravity, IMF Staff Papers 55.
///
/// ```
/// # use xinzhi_chain::{InputOutputSystem, SystemOptions};
/// use xinzhi_chain::{Course, Disturbance, HatOptions, Scenario, Shock, TradeElasticities, exact_hat_equilibrium};
/// # let pair = |a: &str, b: &str| (a.to_string(), b.to_string());
/// # let system = InputOutputSystem::new(
/// #     "two regions", 2011, "million USD", vec![pair("A", "all"), pair("B", "all")], vec![0.0; 4],
/// #     vec![pair("A", "final"), pair("B", "final")], vec![80.0, 20.0, 20.0, 80.0], SystemOptions::default(),
/// # )?;
/// // all trade stops, in a world of two regions alike that buy four fifths at home
/// let stops = |supplier: usize, user: usize| Shock {
///     name: format!("no deliveries of {supplier}"),
///     disturbance: Disturbance::Flow { suppliers: vec![supplier], losses: vec![1.0], users: vec![user], final_users: vec![user] },
///     course: Course::always(365),
/// };
/// let scenario = Scenario::new(&system, "autarky", 365, vec![stops(0, 1), stops(1, 0)])?;
/// let options = HatOptions { elasticities: TradeElasticities::Uniform(5.0), ..HatOptions::default() };
/// let hats = exact_hat_equilibrium(&system, &scenario, &options)?;
/// // Arkolakis, Costinot and Rodríguez-Clare (2012): the gain from trade is the share bought at home to the power of −1/θ
/// assert!((hats.welfare_hats.values()[0] - 0.8f64.powf(1.0 / 5.0)).abs() < 1e-9);
/// assert!(hats.invariants.iter().all(|invariant| invariant.holds()));
/// # Ok::<(), xinzhi_chain::ChainError>(())
/// ```
///
/// # Errors
/// [`ChainError::Option`] for elasticities that are not positive, a base duty of −1 or less, or other options that make no sense;
/// [`ChainError::Shape`] for too few base duties; [`ChainError::Shock`] for a duty that becomes −1 or less; [`ChainError::Refused`] where
/// a region loses every source of something it uses, would only sell or only buy, has no final demand, or would have to pay a surplus
/// larger than its income; [`ChainError::NotConverged`] with the region.
pub fn exact_hat_equilibrium(system: &InputOutputSystem, scenario: &Scenario, options: &HatOptions) -> Result<HatEquilibrium, ChainError> {
    check(system, options)?;
    let elasticities = options.elasticities.of(system)?;
    let (mut economy, repairs) = Economy::calibrated(system, elasticities.values(), options.base_tariffs.as_deref())?;
    let mut iterations = 0;
    if options.deficits == TradeDeficits::Balanced {
        if let Some(n) = (0..economy.regions).find(|n| economy.spending[*n] > 0.0 && economy.factor_income[*n] <= 0.0) {
            return Err(refused(
                system,
                n,
                "it earns nothing and lives on its deficit, so deficits cannot be done away with first".to_owned(),
            ));
        }
        let (unshocked, _) =
            Counterfactual::new(&economy, &Changes::none(&economy), DeficitRule::Zero, 0.0).map_err(|why| impossible(system, why))?;
        let balanced = solved(system, &unshocked, options)?;
        iterations = balanced.iterations;
        let shares = unshocked.final_shares.clone();
        economy = economy.moved_to(&balanced, shares);
    }
    let rule = match options.deficits {
        TradeDeficits::Fixed => DeficitRule::Fixed,
        TradeDeficits::Scaled => DeficitRule::Scaled,
        TradeDeficits::Balanced => DeficitRule::Zero,
    };
    let (changes, pooled_cuts) = Changes::of(system, &economy, scenario)?;
    let (counterfactual, floored) = Counterfactual::new(&economy, &changes, rule, options.floor).map_err(|why| impossible(system, why))?;
    let equilibrium = solved(system, &counterfactual, options)?;
    let regions = system.regions();
    let codes = elasticities.labels();
    let floored = floored.into_iter().map(|(n, j)| (regions.name(n).to_owned(), codes.name(j).to_owned())).collect();

    let (count, sectors) = (economy.regions, economy.sectors);
    let vector = |values: Vec<f64>| LabelledVector::new(regions.clone(), values);
    let by_industry = |of: &dyn Fn(usize) -> f64| economy.pairs.iter().map(|pair| of(*pair)).collect::<Vec<f64>>();
    let makes = |pair: usize| economy.produced[pair] > 0.0;
    let log_consumer_prices: Vec<f64> = (0..count)
        .map(|n| (n * sectors..(n + 1) * sectors).map(|pair| counterfactual.final_shares[pair] * equilibrium.log_prices[pair]).sum())
        .collect();
    let hat = |new: f64, old: f64| if old > 0.0 { new / old } else { 1.0 };
    let spending_hats: Vec<f64> = (0..count).map(|n| hat(equilibrium.spending[n], economy.spending[n])).collect();
    let consumes = |n: usize| economy.spending[n] > 0.0;
    let consumer_price_hats: Vec<f64> = (0..count).map(|n| if consumes(n) { log_consumer_prices[n].exp() } else { 1.0 }).collect();
    let welfare_hats: Vec<f64> = spending_hats.iter().zip(&consumer_price_hats).map(|(income, price)| income / price).collect();
    let output = |sales: &[f64], pair: usize| economy.produced[pair] * sales[pair];
    let output_before = by_industry(&|pair| output(&economy.sales, pair));
    let output_after = by_industry(&|pair| output(&equilibrium.sales, pair));
    let cost_hats = by_industry(&|pair| if makes(pair) { equilibrium.log_costs[pair].exp() } else { 1.0 });
    let real_output_after = output_after.iter().zip(&cost_hats).map(|(value, price)| value / price).collect();
    let coefficients = system.value_added_coefficients();
    let value_added_before = output_before.iter().zip(coefficients).map(|(x, v)| x * v).collect();
    let real_value_added_after = output_after
        .iter()
        .zip(coefficients)
        .zip(&economy.pairs)
        .map(|((x, v), pair)| x * v / consumer_price_hats[pair / sectors])
        .collect();

    let after = |triple: usize| {
        let (j, n, _) = economy.pair_of_triple(triple);
        equilibrium.shares[triple] * equilibrium.purchases[n * sectors + j] / (1.0 + counterfactual.tariffs[triple])
    };
    let mut trade = [vec![0.0; count * count], vec![0.0; count * count]];
    let mut duties = [vec![0.0; count], vec![0.0; count]];
    let mut causes = vec![[0.0; 3]; count];
    for triple in 0..economy.shares.len() {
        let (j, n, i) = economy.pair_of_triple(triple);
        let flows = [economy.flow(triple), after(triple)];
        let rates = [economy.tariffs[triple], counterfactual.tariffs[triple]];
        for at in 0..2 {
            trade[at][i * count + n] += flows[at];
            duties[at][n] += rates[at] * flows[at];
        }
        if flows[0] > 0.0 {
            let cost = equilibrium.log_costs[i * sectors + j].exp();
            causes[i][0] += flows[0] * (cost - 1.0);
            causes[n][0] -= flows[0] * (cost - 1.0);
            causes[n][1] += rates[0] * flows[0] * (flows[1] / flows[0] - cost);
        }
    }
    for pair in (0..count * sectors).filter(|pair| makes(*pair)) {
        causes[pair / sectors][2] += output(&economy.sales, pair) * (changes.productivity[pair] - 1.0);
    }
    let welfare_changes = (0..count)
        .map(|n| {
            let total = welfare_hats[n] - 1.0;
            let [terms_of_trade, volume_of_trade, productivity] =
                causes[n].map(|term| if consumes(n) { term / economy.spending[n] } else { 0.0 });
            WelfareChange {
                total,
                terms_of_trade,
                volume_of_trade,
                productivity,
                rest: total - terms_of_trade - volume_of_trade - productivity,
            }
        })
        .collect();
    let [trade_before, trade_after] = trade;
    let [duties_before, duties_after] = duties;
    let invariants = invariants(&economy, &counterfactual, &equilibrium, &trade_after, &duties_after);
    let price_hats = equilibrium.log_prices.iter().zip(&economy.purchases).map(|(price, x)| if *x > 0.0 { price.exp() } else { 1.0 });
    Ok(HatEquilibrium {
        scenario: scenario.name().to_owned(),
        days: scenario.days(),
        wage_hats: vector(equilibrium.log_wages.iter().map(|wage| wage.exp()).collect())?,
        consumer_price_hats: vector(consumer_price_hats)?,
        price_hats: LabelledMatrix::new(regions.clone(), codes.clone(), price_hats.collect())?,
        spending: vector(economy.spending.clone())?,
        spending_hats: vector(spending_hats)?,
        welfare_hats: vector(welfare_hats)?,
        welfare_changes,
        deficits_before: vector(economy.deficits.clone())?,
        deficits_after: vector(equilibrium.deficits.clone())?,
        duties_before: vector(duties_before)?,
        duties_after: vector(duties_after)?,
        trade_before: LabelledMatrix::new(regions.clone(), regions.clone(), trade_before)?,
        trade_after: LabelledMatrix::new(regions.clone(), regions.clone(), trade_after)?,
        cost_hats,
        output_before,
        output_after,
        real_output_after,
        value_added_before,
        real_value_added_after,
        repairs,
        pooled_cuts,
        floored,
        iterations: iterations + equilibrium.iterations,
        invariants,
        elasticities,
    })
}

fn check(system: &InputOutputSystem, options: &HatOptions) -> Result<(), ChainError> {
    let wrong = |option: &str, value: f64, why: &str| {
        Err(ChainError::Option { option: option.to_owned(), value: value.to_string(), why: why.to_owned() })
    };
    if !(0.0..1.0).contains(&options.floor) {
        return wrong("floor", options.floor, "it is the share of a cut flow that stays, at least 0 and less than 1");
    }
    if !(options.tolerance > 0.0 && options.tolerance <= TOLERANCE) {
        return wrong("tolerance", options.tolerance, "it must be positive and at most 1e-8, which the identities are held to");
    }
    if let Some(rates) = &options.base_tariffs {
        let regions = system.regions().len();
        if rates.len() != system.size() * regions {
            let (system_name, what) = (system.name().to_owned(), "the base duties (industries × regions)".to_owned());
            return Err(ChainError::Shape { system: system_name, what, expected: system.size() * regions, found: rates.len() });
        }
        if let Some(at) = rates.iter().position(|rate| !(*rate > -1.0 && rate.is_finite())) {
            let option = format!("base duty of {} on {}", system.regions().name(at % regions), system.industry(at / regions));
            return wrong(&option, rates[at], "a duty is a share of value and must be more than −1");
        }
    }
    Ok(())
}

fn refused(system: &InputOutputSystem, region: usize, why: String) -> ChainError {
    ChainError::Refused { system: system.name().to_owned(), what: format!("{METHOD} for {}", system.regions().name(region)), why }
}

fn impossible(system: &InputOutputSystem, why: Impossible) -> ChainError {
    match why {
        Impossible::NoSource { region, sector } => {
            let code = system.sector_codes().map(|(labels, _)| labels.name(sector).to_owned()).unwrap_or_default();
            let why = format!(
                "it uses sector {code} and would be left without any source of it, so its price would be infinite; cut a little less, or \
                 set the option floor to the share that stays"
            );
            refused(system, region, why)
        }
        Impossible::OneWay { region, sells } => {
            let (still, no_more) = if sells { ("sell to others", "buy from") } else { ("buy from others", "sell to") };
            let why = format!(
                "it would still {still} but have nobody to {no_more}, and no wages balance its trade that way; cut both directions, or set \
                 the option floor to the share that stays"
            );
            refused(system, region, why)
        }
        Impossible::NothingAsked { region } => {
            refused(system, region, "none of its final demand would be left, so there is nothing to spend its income on".to_owned())
        }
    }
}

fn solved(system: &InputOutputSystem, counterfactual: &Counterfactual<'_>, options: &HatOptions) -> Result<Equilibrium, ChainError> {
    let failed = |given_up: GivenUp| {
        if given_up.nothing_to_spend {
            let why = "its surplus, held fixed, would exceed its income; let deficits be scaled or balanced".to_owned();
            return refused(system, given_up.region, why);
        }
        ChainError::NotConverged {
            system: system.name().to_owned(),
            method: METHOD,
            iterations: given_up.iterations,
            place: format!("the demand for factors of {}", system.regions().name(given_up.region)),
            residual: given_up.residual,
            next: "try a smaller shock, smaller elasticities, or more iterations",
        }
    };
    counterfactual.solve(options.tolerance, options.max_iterations).map_err(failed)
}

impl Economy {
    /// The same economy at another of its equilibria.
    fn moved_to(self, at: &Equilibrium, final_shares: Vec<f64>) -> Economy {
        Economy {
            shares: at.shares.clone(),
            purchases: at.purchases.clone(),
            sales: at.sales.clone(),
            factor_income: self.factor_income.iter().zip(&at.log_wages).map(|(income, wage)| income * wage.exp()).collect(),
            spending: at.spending.clone(),
            deficits: at.deficits.clone(),
            final_shares,
            ..self
        }
    }
}

/// Every equation of the model once more, from the results.
fn invariants(
    economy: &Economy,
    counterfactual: &Counterfactual<'_>,
    equilibrium: &Equilibrium,
    trade: &[f64],
    duties: &[f64],
) -> Vec<Invariant> {
    let (regions, sectors) = (economy.regions, economy.sectors);
    let largest = |values: &mut dyn Iterator<Item = f64>| {
        values.map(f64::abs).fold(0.0, |most: f64, value| if value.is_nan() { f64::INFINITY } else { most.max(value) })
    };
    let earned: Vec<f64> = (0..regions).map(|n| economy.factor_income[n] * equilibrium.log_wages[n].exp()).collect();

    let (mut costs, mut prices) = (equilibrium.log_costs.clone(), equilibrium.log_prices.clone());
    let mut shares = equilibrium.shares.clone();
    counterfactual.costs(&equilibrium.log_wages, &equilibrium.log_prices, &mut costs);
    counterfactual.prices(&equilibrium.log_wages, &equilibrium.log_costs, &mut prices, Some(&mut shares));
    let zero_profit = largest(&mut costs.iter().zip(&equilibrium.log_costs).map(|(new, old)| new - old))
        .max(largest(&mut prices.iter().zip(&equilibrium.log_prices).map(|(new, old)| new - old)))
        .max(largest(&mut shares.iter().zip(&equilibrium.shares).map(|(new, old)| new - old)));

    // what is bought, from inputs and incomes worked out anew
    let flows: Vec<f64> = shares
        .iter()
        .enumerate()
        .map(|(triple, share)| {
            let (j, n, _) = economy.pair_of_triple(triple);
            share * equilibrium.purchases[n * sectors + j] / (1.0 + counterfactual.tariffs[triple])
        })
        .collect();
    let mut sales = vec![0.0; regions * sectors];
    for (triple, flow) in flows.iter().enumerate() {
        let (j, _, i) = economy.pair_of_triple(triple);
        sales[i * sectors + j] += flow;
    }
    let (mut goods, mut factors, mut budget, mut balance) = (0.0f64, 0.0f64, 0.0f64, 0.0f64);
    for n in 0..regions {
        let own = n * sectors..(n + 1) * sectors;
        let made = |pair: usize| economy.produced[pair] * sales[pair];
        let costs = |pair: usize| (1.0 + economy.subsidies[pair]) * made(pair);
        let paid: f64 = own.clone().map(|pair| economy.factor_shares[pair] * costs(pair)).sum();
        let subsidies: f64 = own.clone().map(|pair| economy.subsidies[pair] * made(pair)).sum();
        let inputs = |k: usize| own.clone().map(|pair| economy.input_shares[pair * sectors + k] * costs(pair)).sum::<f64>();
        let (mut spent, mut from_own_stocks) = (0.0, 0.0);
        for k in 0..sectors {
            let pair = n * sectors + k;
            let consumed = counterfactual.final_shares[pair] * equilibrium.spending[n];
            let used = inputs(k) + consumed;
            spent += consumed;
            from_own_stocks += (1.0 - economy.bought[pair]) * used;
            let expected = economy.bought[pair] * used;
            if expected > 0.0 {
                goods = goods.max((equilibrium.purchases[pair] / expected - 1.0).abs());
            }
        }
        if earned[n] > 0.0 {
            factors = factors.max((paid / earned[n] - 1.0).abs());
        }
        let stocks_abroad: f64 = economy.stocks.iter().filter(|stock| stock.0 == n).map(|(_, pair, share)| share * sales[*pair]).sum();
        let income = earned[n] + duties[n] - subsidies + stocks_abroad + from_own_stocks + equilibrium.deficits[n];
        let scale = earned[n] + equilibrium.spending[n].abs();
        if scale > 0.0 {
            budget = budget.max(((spent - income) / scale).abs());
            // what others' stocks of the region's goods bring in leaves it, as its stocks of others' goods bring in money
            let not_made: f64 = own.map(|pair| (1.0 - economy.produced[pair]) * sales[pair]).sum();
            let imports: f64 = (0..regions).filter(|i| *i != n).map(|i| trade[i * regions + n]).sum();
            let exports: f64 = (0..regions).filter(|m| *m != n).map(|m| trade[n * regions + m]).sum();
            let gap = imports - exports - stocks_abroad + not_made - equilibrium.deficits[n];
            balance = balance.max(gap.abs() / scale);
        }
    }
    let world: f64 = economy.factor_income.iter().sum();
    let sum_of_deficits = equilibrium.deficits.iter().sum::<f64>() / world;
    let numeraire = earned.iter().sum::<f64>() / world - 1.0;
    let residuals = [
        ("costs and prices: zero profits", zero_profit),
        ("goods markets: what is bought is used", goods),
        ("factor markets: no excess demand", factors),
        ("budgets: final spending is income", budget),
        ("trade balances: imports less exports are the deficit", balance),
        ("deficits of the world add up to zero", sum_of_deficits.abs()),
        ("numeraire: the world earns what it earned", numeraire.abs()),
    ];
    residuals.map(|(name, residual)| Invariant { name, residual, tolerance: TOLERANCE }).to_vec()
}
