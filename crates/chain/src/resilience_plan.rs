use crate::cheapest_cover::{Cover, CoverProblem, Solved, TARGET_TOLERANCE};
use crate::stoppage::CriticalInputs;
use crate::{ChainError, DAYS_OF_YEAR, InputOutputSystem, Invariant, Scope, SupplyCut};
use frame::{LabelledMatrix, Labels};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::ops::Range;

/// Which inputs stop an industry when they run short. What is not critical is ignored.
#[derive(Debug, Clone, PartialEq)]
pub enum Criticality {
    /// Inputs of which an industry uses at least a share of its output, from all regions together, of some sectors.
    InputShare {
        /// The share of output.
        at_least: f64,
        /// The sectors whose goods can be critical.
        sectors: Scope,
    },
    /// Sector codes of inputs (rows) × sector codes of the place's industries (columns); what is not 0 is critical. What a table of
    /// opinions (such as the survey behind Pichler et al. 2022) says stands here.
    Matrix(LabelledMatrix),
}

impl Default for Criticality {
    /// A hundredth of output or more, of any sector: a choice of this engine, not a published threshold.
    fn default() -> Self {
        Criticality::InputShare { at_least: 0.01, sectors: Scope::All }
    }
}

impl Criticality {
    /// Codes × users of a place, row by row, from what they use.
    pub(crate) fn of(&self, system: &InputOutputSystem, own: Range<usize>, codes: &Labels, used: &[f64]) -> Result<Vec<bool>, ChainError> {
        let users = own.len();
        match self {
            Criticality::InputShare { at_least, sectors } => {
                if !(0.0..=1.0).contains(at_least) {
                    return Err(refused("criticality", at_least, "it is a share of output, from 0 to 1"));
                }
                let listed: Vec<bool> = match sectors {
                    Scope::All => vec![true; codes.len()],
                    Scope::Sectors(asked) => {
                        let mut listed = vec![false; codes.len()];
                        for code in asked {
                            listed[codes.require(code)?] = true;
                        }
                        listed
                    }
                };
                let output = &system.output()[own];
                Ok((0..codes.len() * users)
                    .map(|cell| listed[cell / users] && used[cell] > 0.0 && used[cell] >= at_least * output[cell % users])
                    .collect())
            }
            Criticality::Matrix(table) => {
                let mut critical = vec![false; codes.len() * users];
                let places_own: Vec<&str> = system.sectors()[own].iter().map(|(_, code)| code.as_str()).collect();
                for (c, column) in table.columns().iter().enumerate() {
                    let user = places_own.iter().position(|code| *code == column);
                    for (r, row) in table.rows().iter().enumerate() {
                        let value = table.at(r, c);
                        if !value.is_finite() {
                            return Err(refused("criticality", value, "it must be a finite number; 0 says that an input is not critical"));
                        }
                        let input = codes.require(row)?;
                        if let Some(user) = user {
                            critical[input * users + user] = value != 0.0;
                        } else {
                            codes.require(column)?;
                        }
                    }
                }
                Ok(critical)
            }
        }
    }
}

/// Who goes short when an industry of the place makes less.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rationing {
    /// Final users and buyers abroad; the place's industries only when what is made does not do for all of them, and then alike.
    #[default]
    IndustriesFirst,
    /// All customers in proportion. Round by round this makes a small shortage of something that an industry and its suppliers use from
    /// each other a large one, up to the share of the supplier in the imports.
    Proportional,
}

/// What the loss is brought down to.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LossTarget {
    /// At most this share of the loss without a plan.
    Share(f64),
    /// At most this value, in the unit of the table.
    Value(f64),
}

/// Which number of the distribution of losses over the cuts is to reach the target.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Risk {
    /// The mean.
    #[default]
    Expected,
    /// The mean of the worst 1 − β of the probability (conditional value at risk; Rockafellar and Uryasev 2000).
    ConditionalValueAtRisk {
        /// β, from 0 (the mean) to below 1.
        beta: f64,
    },
}

/// What a plan may do, at what cost, for what; see [`resilience_plan`].
///
/// The costs are assumptions, not data: give your own.
#[derive(Debug, Clone, PartialEq)]
pub struct PlanOptions {
    /// What the loss is brought down to. Default: half of the loss without a plan.
    pub target: LossTarget,
    /// Which loss. Default: the mean.
    pub risk: Risk,
    /// Which inputs stop an industry. Default: those of a hundredth of its output or more.
    pub criticality: Criticality,
    /// Who goes short when an industry of the place makes less. Default: final users first.
    pub rationing: Rationing,
    /// Cost of the capital bound in a stock, as a share of the stock's value a year. Assumed by default: 0.05.
    pub capital_cost: f64,
    /// Cost of keeping a stock (warehouse, insurance, spoilage), as a share of its value a year. Assumed by default: 0.05.
    pub storage_cost: f64,
    /// Cost of holding a second source ready (qualification, option fees, dearer deliveries), as a share of the contracted deliveries of a
    /// year. Assumed by default: 0.05.
    pub second_source_cost: f64,
    /// At most so many days of use in stock. Default: as many as the longest cut.
    pub most_stock_days: Option<f64>,
    /// At most this share of the use of an input from second sources. Default: 1.
    pub most_second_source: f64,
    /// Sectors whose goods cannot be put in stock (services, electricity). Default: none.
    pub not_storable: Vec<String>,
    /// Sectors for whose goods there is no second source. Default: none.
    pub no_second_source: Vec<String>,
    /// At most so many cuts, those with the largest probability × loss without a plan; the weights of the others are dropped. Default: all.
    pub most_cuts: Option<usize>,
}

impl Default for PlanOptions {
    fn default() -> Self {
        PlanOptions {
            target: LossTarget::Share(0.5),
            risk: Risk::Expected,
            criticality: Criticality::default(),
            rationing: Rationing::default(),
            capital_cost: 0.05,
            storage_cost: 0.05,
            second_source_cost: 0.05,
            most_stock_days: None,
            most_second_source: 1.0,
            not_storable: Vec::new(),
            no_second_source: Vec::new(),
            most_cuts: None,
        }
    }
}

/// How planning ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum PlanStatus {
    /// The cheapest plan.
    Cheapest,
    /// The loss is within the target without any measure.
    NothingToDo,
    /// No plan within the limits reaches the target; [`ResiliencePlan::best_reachable`] says how far one can get.
    OutOfReach,
}

/// What one industry of the place keeps of one input. Values in the unit of the table.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PlanMeasure {
    /// The sector of the input.
    pub input: String,
    /// The industry that holds it, a sector of the place.
    pub user: String,
    /// What it uses of the input a year.
    pub used: f64,
    /// Days of use in stock.
    pub stock_days: f64,
    /// The value of that stock.
    pub stock_value: f64,
    /// The share of its use that second sources stand ready to deliver.
    pub second_source_share: f64,
    /// That as deliveries of a year.
    pub second_source_value: f64,
    /// What both cost a year.
    pub cost: f64,
}

/// What a supplier's deliveries are worth to the plan.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ChokepointPrice {
    /// The supplying region.
    pub region: String,
    /// The supplying sector.
    pub sector: String,
    /// The shadow price: what the plan would cost less a year for each unit (100 %) of what the supplier does not deliver in the cuts that
    /// came after all, at the margin; a hundredth of it for one percent.
    pub price: f64,
    /// That as a share of the sum over all suppliers.
    pub share: f64,
}

/// One cut without and with the plan, in the unit of the table.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PlannedCut {
    /// Its name.
    pub name: String,
    /// Its probability, given that one of the cuts comes.
    pub probability: f64,
    /// Its length in days.
    pub days: f64,
    /// Value added lost without a plan.
    pub loss_without: f64,
    /// Value added lost with it.
    pub loss_with: f64,
}

/// A cheapest plan with its proof. Values in the unit of the table, costs a year.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ResiliencePlan {
    /// The place.
    pub place: String,
    /// The unit.
    pub unit: String,
    /// How it ended.
    pub status: PlanStatus,
    /// The loss (as [`PlanOptions::risk`] measures it) without a plan.
    pub loss_without: f64,
    /// The target.
    pub target: f64,
    /// The smallest loss that the limits on stocks and second sources allow at any cost.
    pub best_reachable: f64,
    /// The loss with the plan.
    pub loss_with: f64,
    /// The mean loss without a plan.
    pub expected_without: f64,
    /// The mean loss with the plan.
    pub expected_with: f64,
    /// What the plan costs a year.
    pub cost: f64,
    /// Of that, the stocks.
    pub stock_cost: f64,
    /// Of that, the second sources.
    pub second_source_cost: f64,
    /// The value of the stocks.
    pub stock_value: f64,
    /// What the last unit of loss avoided costs a year (the multiplier of the target).
    pub marginal_cost: f64,
    /// What is kept, dearest first.
    pub measures: Vec<PlanMeasure>,
    /// The suppliers by shadow price, the highest first; those with none are not listed.
    pub chokepoints: Vec<ChokepointPrice>,
    /// The cuts prepared for, in the order given.
    pub cuts: Vec<PlannedCut>,
    /// How many cuts were left out by [`PlanOptions::most_cuts`], and their share in the probability × loss of all.
    pub cuts_left_out: (usize, f64),
    /// Industries of the place with negative value added, the loss of which counts as nothing.
    pub without_value: Vec<String>,
    /// What proves the plan: the target kept, a lower bound of the cost from the multipliers, complementary slackness.
    pub certificates: Vec<Invariant>,
    /// No plan costs less than this a year; proven by the multipliers.
    pub lower_bound: f64,
    /// Variables and rows of the last linear program, how many were solved, and interior point iterations in all.
    pub effort: PlanEffort,
}

/// How much work a plan was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct PlanEffort {
    /// Variables of the last linear program.
    pub variables: usize,
    /// Its rows, of all that there are.
    pub rows: usize,
    /// All rows that could bind.
    pub rows_of_all: usize,
    /// Linear programs solved, each with the rows that the one before broke.
    pub rounds: usize,
    /// Interior point iterations in all.
    pub iterations: usize,
}

/// One point of the frontier of cost against loss.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FrontierPoint {
    /// The target.
    pub target: f64,
    /// That as a share of the loss without a plan.
    pub target_share: f64,
    /// How planning ended for it.
    pub status: PlanStatus,
    /// The loss with the plan.
    pub loss: f64,
    /// What the plan costs a year.
    pub cost: f64,
    /// What the last unit of loss avoided costs a year.
    pub marginal_cost: f64,
    /// The relative distance between the cost and its proven lower bound.
    pub gap: f64,
}

pub(crate) fn refused(option: &str, value: impl ToString, why: &str) -> ChainError {
    ChainError::Option { option: option.to_owned(), value: value.to_string(), why: why.to_owned() }
}

/// The cheapest stocks and second sources with which a place loses no more than a target when its foreign supplies are cut.
///
/// **Model of a cut.** While a cut lasts, an industry makes at most what each of its critical inputs allows (Leontief); other inputs are
/// ignored. Of input i (all goods of a sector, whoever made them) industry j uses the share h_ij from the place's own industry i, and the
/// cut k takes the share l_kij away. With u_j the share of its output that j does not make,
///
/// u_kj ≥ h_ij r_i(u_ki) + l_kij − d_ij − s_ij / D_k for every critical input i of j, u_kj ≥ own capacity lost, 0 ≤ u_kj ≤ 1
///
/// where s_ij are the days of use that j has in stock, d_ij the share of its use that second sources stand ready to deliver from outside
/// the cut, and D_k its days. r_i(u_i) is the share of the own industry's deliveries to the place's industries that is missing (the cascade):
/// max(0, u_i − φ_i) / (1 − φ_i) where final users and buyers abroad, who take the share φ_i of its output, go short first, u_i where all
/// customers go short alike ([`Rationing`]). Output stays below what was demanded before. The least u is the least for every industry at once, so no planner's choice between industries
/// hides in it. The loss is L_k = D_k/365 Σ_j v_j x_j u_kj; negative value added counts as nothing.
///
/// **Program.** min Σ_ij (c^s_ij s_ij + c^d_ij d_ij) where the mean Σ_k p_k L_k, or η + Σ_k p_k (L_k − η)⁺ / (1 − β), is at most the
/// target, 0 ≤ s ≤ most days, 0 ≤ d ≤ most share. A day of stock costs (capital + storage) z_ij/365 a year, a second source its rate on
/// z_ij d_ij a year. The loss is compared with the target, never added to the cost: nobody has to price a loss, and the probabilities are
/// those given that one of the cuts comes.
///
/// **Solution.** A linear program for an interior point method that starts with the rows which bind without a plan and gets those that
/// its solution breaks until none is broken. The multipliers μ of the rows price the suppliers: Σ_k Σ_j μ_kij l_kij, split by supplier,
/// is what the plan would cost less if what each does not deliver came after all. The certificates say by how much the target is missed,
/// how far the cost can lie above the minimum (a bound that holds for any multipliers), and the largest product of a multiplier with its
/// slack.
///
/// **What it does not see.** Time within a cut (stocks last as if spread evenly), refilling, prices, what runs short for final demand,
/// stocks that are there already (a table of flows holds none), and second sources that the same cut would hit.
///
/// No published method or package does this; the model is the linear case of the inventory models of Hallegatte (2014, Risk Analysis 34)
/// and Pichler et al. (2022, Journal of Economic Dynamics and Control 144) seen over a cut as a whole, the risk measure is that of
/// Rockafellar and Uryasev (2000, Journal of Risk 2).
///
/// ```
/// # use xinzhi_chain::{InputOutputSystem, SystemOptions};
/// use xinzhi_chain::{CutOff, LossTarget, PlanOptions, resilience_plan, supply_cuts};
/// # let pair = |a: &str, b: &str| (a.to_string(), b.to_string());
/// # let system = InputOutputSystem::new(
/// #     "two regions", 2011, "million USD", vec![pair("A", "all"), pair("B", "all")], vec![0.0, 20.0, 36.5, 40.0],
/// #     vec![pair("A", "final"), pair("B", "final")], vec![53.0, 27.0, 10.0, 20.0], SystemOptions::default(),
/// # )?;
/// let cuts = supply_cuts(&system, "A", CutOff::Industries, 73.0, &[], &[])?;
/// let options = PlanOptions { target: LossTarget::Share(0.0), second_source_cost: 0.5, ..PlanOptions::default() };
/// let plan = resilience_plan(&system, "A", &cuts, &options)?;
/// // all of the input comes from B: A stands still for 73 days, or bridges them with 73 days of stock at 10 % of 0.1 a day
/// assert!((plan.loss_without - 63.5 * 0.2).abs() < 1e-9);
/// assert!((plan.measures[0].stock_days - 73.0).abs() < 1e-4 && (plan.cost - 0.73).abs() < 1e-6);
/// # Ok::<(), xinzhi_chain::ChainError>(())
/// ```
///
/// # Errors
/// [`frame::FrameError::UnknownLabel`]; [`ChainError::Option`] for costs that are negative or not finite, a target that is negative, above
/// all of the loss, or not a number, β outside 0 to 1, limits or criticality out of range; [`ChainError::Cut`] for a cut without days or
/// with a weight, share or supplier that cannot be; [`ChainError::NotConverged`]. A target that no plan reaches is no error: see
/// [`PlanStatus::OutOfReach`].
pub fn resilience_plan(
    system: &InputOutputSystem,
    place: &str,
    cuts: &[SupplyCut],
    options: &PlanOptions,
) -> Result<ResiliencePlan, ChainError> {
    check(options)?;
    let inputs = CriticalInputs::new(system, place, &options.criticality, options.rationing)?;
    let kept = kept_cuts(&inputs, place, cuts, options)?;
    let mut problem = CoverProblem::new(&inputs, &kept.cuts, options)?;
    let target = value_of(options.target, problem.risk_alone)?;
    let (status, solved) = reach(&mut problem, target)?;
    told(&problem, place, options, &kept, target, status, &solved)
}

/// The cost of the cheapest plan for each of some targets, on the place's cuts; the frontier of cost against loss, which is convex.
///
/// The model and options are those of [`resilience_plan`], whose target is not looked at; what was learnt about one target serves the next.
///
/// ```
/// # use xinzhi_chain::{InputOutputSystem, SystemOptions};
/// use xinzhi_chain::{CutOff, LossTarget, PlanOptions, resilience_frontier, supply_cuts};
/// # let pair = |a: &str, b: &str| (a.to_string(), b.to_string());
/// # let system = InputOutputSystem::new(
/// #     "two regions", 2011, "million USD", vec![pair("A", "all"), pair("B", "all")], vec![0.0, 20.0, 36.5, 40.0],
/// #     vec![pair("A", "final"), pair("B", "final")], vec![53.0, 27.0, 10.0, 20.0], SystemOptions::default(),
/// # )?;
/// let cuts = supply_cuts(&system, "A", CutOff::Industries, 73.0, &[], &[])?;
/// let targets = [LossTarget::Share(1.0), LossTarget::Share(0.5), LossTarget::Share(0.0)];
/// let points = resilience_frontier(&system, "A", &cuts, &PlanOptions::default(), &targets)?;
/// assert!(points[0].cost == 0.0 && (points[2].cost - 2.0 * points[1].cost).abs() < 1e-6);
/// # Ok::<(), xinzhi_chain::ChainError>(())
/// ```
///
/// # Errors
/// Those of [`resilience_plan`].
pub fn resilience_frontier(
    system: &InputOutputSystem,
    place: &str,
    cuts: &[SupplyCut],
    options: &PlanOptions,
    targets: &[LossTarget],
) -> Result<Vec<FrontierPoint>, ChainError> {
    check(options)?;
    let inputs = CriticalInputs::new(system, place, &options.criticality, options.rationing)?;
    let kept = kept_cuts(&inputs, place, cuts, options)?;
    let mut problem = CoverProblem::new(&inputs, &kept.cuts, options)?;
    let mut points = Vec::with_capacity(targets.len());
    for target in targets {
        let target = value_of(*target, problem.risk_alone)?;
        let (status, solved) = reach(&mut problem, target)?;
        points.push(FrontierPoint {
            target,
            target_share: if problem.risk_alone > 0.0 { target / problem.risk_alone } else { 0.0 },
            status,
            loss: if status == PlanStatus::OutOfReach { problem.best_reachable } else { solved.risk },
            cost: solved.cost,
            marginal_cost: solved.marginal_cost,
            gap: gap(&solved),
        });
    }
    Ok(points)
}

/// What every cut costs a place when nothing is prepared, in value added: the model of [`resilience_plan`] without its plan.
///
/// ```
/// # use xinzhi_chain::{InputOutputSystem, SystemOptions};
/// use xinzhi_chain::{Criticality, CutOff, Rationing, bottleneck_losses, supply_cuts};
/// # let pair = |a: &str, b: &str| (a.to_string(), b.to_string());
/// # let system = InputOutputSystem::new(
/// #     "two regions", 2011, "million USD", vec![pair("A", "all"), pair("B", "all")], vec![10.0, 20.0, 30.0, 40.0],
/// #     vec![pair("A", "final"), pair("B", "final")], vec![50.0, 20.0, 10.0, 20.0], SystemOptions::default(),
/// # )?;
/// let cuts = supply_cuts(&system, "A", CutOff::Industries, 365.0, &[], &[])?;
/// let loss = |rationing| bottleneck_losses(&system, "A", &cuts, &Criticality::default(), rationing);
/// // three quarters of the input are gone; what A itself makes of it still does for A's industry, which needs a tenth of its output
/// assert!((loss(Rationing::IndustriesFirst)?[0] - 0.75 * 60.0).abs() < 1e-9);
/// // or falls with its output: u = 0.25 u + 0.75
/// assert!((loss(Rationing::Proportional)?[0] - 60.0).abs() < 1e-9);
/// # Ok::<(), xinzhi_chain::ChainError>(())
/// ```
///
/// # Errors
/// Those of [`resilience_plan`] about cuts and criticality.
pub fn bottleneck_losses(
    system: &InputOutputSystem,
    place: &str,
    cuts: &[SupplyCut],
    criticality: &Criticality,
    rationing: Rationing,
) -> Result<Vec<f64>, ChainError> {
    let inputs = CriticalInputs::new(system, place, criticality, rationing)?;
    cuts.iter()
        .map(|cut| {
            check_cut(&inputs, place, cut)?;
            Ok(inputs.loss(&inputs.stoppage(&inputs.shortfall(cut), |_| 0.0), cut.years()))
        })
        .collect()
}

fn check(options: &PlanOptions) -> Result<(), ChainError> {
    for (option, cost) in
        [("capital_cost", options.capital_cost), ("storage_cost", options.storage_cost), ("second_source_cost", options.second_source_cost)]
    {
        if !(cost >= 0.0 && cost.is_finite()) {
            return Err(refused(option, cost, "a cost must be a finite number and not negative, a share of value a year such as 0.05"));
        }
    }
    match options.target {
        LossTarget::Share(share) if !(0.0..=1.0).contains(&share) => {
            return Err(refused("target", share, "a target is a share of the loss without a plan, from 0 to 1"));
        }
        LossTarget::Value(value) if !(value >= 0.0 && value.is_finite()) => {
            return Err(refused("target", value, "a target must be a finite loss and not negative"));
        }
        _ => {}
    }
    if let Risk::ConditionalValueAtRisk { beta } = options.risk
        && !(0.0..1.0).contains(&beta)
    {
        return Err(refused("beta", beta, "it lies between 0 (the mean) and 1, which is left out; 0.9 is the worst tenth"));
    }
    if let Some(days) = options.most_stock_days
        && !(days >= 0.0 && days.is_finite())
    {
        return Err(refused("most_stock_days", days, "it must be a finite number of days and not negative"));
    }
    if !(0.0..=1.0).contains(&options.most_second_source) {
        return Err(refused("most_second_source", options.most_second_source, "it is a share of use, from 0 to 1"));
    }
    if options.most_cuts == Some(0) {
        return Err(refused("most_cuts", 0, "there has to be at least one cut to prepare for"));
    }
    Ok(())
}

fn check_cut(inputs: &CriticalInputs<'_>, place: &str, cut: &SupplyCut) -> Result<(), ChainError> {
    let system = inputs.system;
    let refuse = |supplier: String, why: &str| {
        Err(ChainError::Cut { system: system.name().to_owned(), supplier, user: place.to_owned(), why: why.to_owned() })
    };
    if !(cut.days > 0.0 && cut.days.is_finite()) {
        return refuse(cut.name.clone(), &format!("it lasts {} days; give a positive number", cut.days));
    }
    if !(cut.weight >= 0.0 && cut.weight.is_finite()) {
        return refuse(cut.name.clone(), &format!("its weight is {}; give a finite number that is not negative", cut.weight));
    }
    for lost in &cut.losses {
        if lost.supplier >= system.size() || lost.users.iter().any(|j| !inputs.own.contains(j)) {
            return refuse(cut.name.clone(), "it names a supplier that is not in the table, or a user that is not of the place");
        }
        if inputs.own.contains(&lost.supplier) {
            return refuse(system.industry(lost.supplier), "it belongs to the place; give its loss as own_capacity");
        }
        if !(0.0..=1.0).contains(&lost.share) {
            return refuse(
                system.industry(lost.supplier),
                &format!("it loses {} of its deliveries; a share lies between 0 and 1", lost.share),
            );
        }
    }
    for (i, share) in &cut.own_capacity {
        if !inputs.own.contains(i) || !(0.0..=1.0).contains(share) {
            return refuse(cut.name.clone(), "own_capacity names industries of the place, with a share between 0 and 1");
        }
    }
    Ok(())
}

struct KeptCuts<'a> {
    /// With their probabilities.
    cuts: Vec<(&'a SupplyCut, f64)>,
    left_out: (usize, f64),
}

fn kept_cuts<'a>(
    inputs: &CriticalInputs<'_>,
    place: &str,
    cuts: &'a [SupplyCut],
    options: &PlanOptions,
) -> Result<KeptCuts<'a>, ChainError> {
    for cut in cuts {
        check_cut(inputs, place, cut)?;
    }
    let mut kept: Vec<usize> = (0..cuts.len()).filter(|k| cuts[*k].weight > 0.0).collect();
    let mut left_out = (0, 0.0);
    if let Some(most) = options.most_cuts.filter(|most| *most < kept.len()) {
        let alone = |k: usize| inputs.loss(&inputs.stoppage(&inputs.shortfall(&cuts[k]), |_| 0.0), cuts[k].years());
        let weighted: HashMap<usize, f64> = kept.iter().map(|k| (*k, cuts[*k].weight * alone(*k))).collect();
        kept.sort_by(|a, b| weighted[b].total_cmp(&weighted[a]).then(a.cmp(b)));
        let sum = |of: &[usize]| -> f64 { of.iter().map(|k| weighted[k]).sum() };
        let all = sum(&kept);
        left_out = (kept.len() - most, if all > 0.0 { sum(&kept[most..]) / all } else { 0.0 });
        kept.truncate(most);
        kept.sort_unstable();
    }
    let weight: f64 = kept.iter().map(|k| cuts[*k].weight).sum();
    Ok(KeptCuts { cuts: kept.into_iter().map(|k| (&cuts[k], cuts[k].weight / weight)).collect(), left_out })
}

fn value_of(target: LossTarget, alone: f64) -> Result<f64, ChainError> {
    match target {
        LossTarget::Share(share) if !(0.0..=1.0).contains(&share) => {
            Err(refused("target", share, "a target is a share of the loss without a plan, from 0 to 1"))
        }
        LossTarget::Share(share) => Ok(share * alone),
        LossTarget::Value(value) if !(value >= 0.0 && value.is_finite()) => {
            Err(refused("target", value, "a target must be a finite loss and not negative"))
        }
        LossTarget::Value(value) => Ok(value),
    }
}

/// The cheapest cover for a target; whether one is needed and possible is known before any program is solved.
fn reach(problem: &mut CoverProblem<'_>, target: f64) -> Result<(PlanStatus, Solved), ChainError> {
    let scale = problem.risk_alone;
    if target >= scale || scale <= 0.0 {
        return Ok((PlanStatus::NothingToDo, problem.nothing()));
    }
    if problem.best_reachable > target + TARGET_TOLERANCE * scale {
        return Ok((PlanStatus::OutOfReach, problem.nothing()));
    }
    Ok((PlanStatus::Cheapest, problem.solve(target.max(problem.best_reachable))?))
}

fn gap(solved: &Solved) -> f64 {
    if solved.cost > 0.0 { ((solved.cost - solved.lower_bound) / solved.cost).abs() } else { 0.0 }
}

fn told(
    problem: &CoverProblem<'_>,
    place: &str,
    options: &PlanOptions,
    kept: &KeptCuts<'_>,
    target: f64,
    status: PlanStatus,
    solved: &Solved,
) -> Result<ResiliencePlan, ChainError> {
    let (inputs, system) = (problem.inputs, problem.inputs.system);
    let (codes, _) = system.sector_codes()?;
    let sector = |user: usize| system.sectors()[inputs.own.start + user].1.clone();
    let Cover { stock, second } = &solved.cover;
    let measure = |link: usize| {
        let of = &inputs.links[link];
        let (stock_value, second_value) = (stock[link] * of.used / DAYS_OF_YEAR, second[link] * of.used);
        PlanMeasure {
            input: codes.name(of.input).to_owned(),
            user: sector(of.user),
            used: of.used,
            stock_days: stock[link],
            stock_value,
            second_source_share: second[link],
            second_source_value: second_value,
            cost: (options.capital_cost + options.storage_cost) * stock_value + options.second_source_cost * second_value,
        }
    };
    let mut measures: Vec<PlanMeasure> =
        (0..inputs.links.len()).filter(|link| stock[*link] > 0.0 || second[*link] > 0.0).map(measure).collect();
    measures.sort_by(|a, b| b.cost.total_cmp(&a.cost));
    let stock_value: f64 = measures.iter().map(|one| one.stock_value).sum();
    let stock_cost = (options.capital_cost + options.storage_cost) * stock_value;
    let expected = |losses: &mut dyn Iterator<Item = f64>| -> f64 { losses.zip(&kept.cuts).map(|(loss, (_, p))| loss * p).sum() };
    let without_value = inputs.own.clone().filter(|i| system.value_added()[*i] < 0.0).map(|i| system.sectors()[i].1.clone());
    let scale = if problem.risk_alone > 0.0 { problem.risk_alone } else { 1.0 };
    let planned = status == PlanStatus::Cheapest;
    let mut certificates = Vec::new();
    if planned {
        let cost = if solved.cost > 0.0 { solved.cost } else { 1.0 };
        certificates = vec![
            Invariant {
                name: "loss above the target, of the loss without a plan",
                residual: ((solved.risk - target) / scale).max(0.0),
                tolerance: 2.0 * TARGET_TOLERANCE,
            },
            Invariant { name: "cost above its proven lower bound", residual: gap(solved), tolerance: 1e-5 },
            Invariant { name: "multiplier times slack, of the cost", residual: solved.slackness / cost, tolerance: 1e-5 },
        ];
    }
    Ok(ResiliencePlan {
        place: place.to_owned(),
        unit: system.unit().to_owned(),
        status,
        loss_without: problem.risk_alone,
        target,
        best_reachable: problem.best_reachable,
        loss_with: solved.risk,
        expected_without: expected(&mut problem.cases.iter().map(|case| case.loss)),
        expected_with: expected(&mut solved.losses.iter().copied()),
        cost: solved.cost,
        stock_cost,
        second_source_cost: solved.cost - stock_cost,
        stock_value,
        marginal_cost: solved.marginal_cost,
        measures,
        chokepoints: prices(problem, kept, solved),
        cuts: kept
            .cuts
            .iter()
            .zip(problem.cases.iter().zip(&solved.losses))
            .map(|((cut, probability), (case, loss))| PlannedCut {
                name: cut.name.clone(),
                probability: *probability,
                days: cut.days,
                loss_without: case.loss,
                loss_with: *loss,
            })
            .collect(),
        cuts_left_out: kept.left_out,
        without_value: without_value.collect(),
        certificates,
        lower_bound: solved.lower_bound,
        effort: PlanEffort {
            variables: solved.variables,
            rows: solved.rows,
            rows_of_all: problem.rows_of_all,
            rounds: solved.rounds,
            iterations: solved.iterations,
        },
    })
}

/// What the scarcity multipliers say of every supplier: Σ_k Σ_j μ_kij l_kij, each l split by who does not deliver.
fn prices(problem: &CoverProblem<'_>, kept: &KeptCuts<'_>, solved: &Solved) -> Vec<ChokepointPrice> {
    let inputs = problem.inputs;
    let mut by_case: Vec<HashMap<usize, f64>> = vec![HashMap::new(); problem.cases.len()];
    for (k, link, multiplier) in &solved.scarcity {
        *by_case[*k].entry(*link).or_default() += *multiplier;
    }
    let mut price = vec![0.0; inputs.system.size()];
    for ((cut, _), multipliers) in kept.cuts.iter().zip(&by_case).filter(|(_, multipliers)| !multipliers.is_empty()) {
        for (link, supplier, share) in inputs.takes(cut) {
            price[supplier] += share * multipliers.get(&link).copied().unwrap_or(0.0);
        }
    }
    let sum: f64 = price.iter().sum();
    // what the interior point method leaves of multipliers that are zero is no price
    let mut found: Vec<usize> = (0..price.len()).filter(|k| price[*k] > 1e-7 * sum).collect();
    found.sort_by(|a, b| price[*b].total_cmp(&price[*a]).then(a.cmp(b)));
    let named = |k: usize| {
        let (region, sector) = inputs.system.sectors()[k].clone();
        ChokepointPrice { region, sector, price: price[k], share: price[k] / sum }
    };
    found.into_iter().map(named).collect()
}
