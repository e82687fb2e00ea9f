use crate::{
    ChainError, DAYS_OF_YEAR, Disturbance, InputOutputSystem, Invariant, Leontief, Replacement, Scenario, ScenarioLoss, leontief::BLOCK,
};
use frame::{LabelledVector, Text};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

/// Which of the closed forms answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClosedFormModel {
    /// Demand side (Leontief): whoever cannot deliver loses sales, its suppliers theirs, and so on. Users go on without the input.
    #[default]
    Demand,
    /// Supply side (Ghosh, primary inputs fixed): whoever does not get its inputs makes less, its customers too, and so on.
    Supply,
    /// The demand side, where users turn to others of the same sector for what does not arrive. [`Replacement::None`] is refused: that
    /// is [`Demand`](Self::Demand).
    Replacement(Replacement),
}

impl ClosedFormModel {
    /// The model's name in results that stand side by side: `leontief`, `ghosh` or `replacement`.
    pub fn name(self) -> &'static str {
        match self {
            ClosedFormModel::Demand => "leontief",
            ClosedFormModel::Supply => "ghosh",
            ClosedFormModel::Replacement(_) => "replacement",
        }
    }
}

/// How much of a shock a model feels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Felt {
    /// All of it.
    Fully,
    /// A part.
    Partly,
    /// Nothing.
    Ignored,
}

/// What a model makes of one shock of a scenario.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ShockReading {
    /// The name of the shock.
    pub shock: String,
    /// How much of it is felt.
    pub felt: Felt,
    /// How it is read, or why it is not felt.
    pub why: Text,
}

/// The answer of a closed form to a scenario. Losses are those over the horizon, in the unit of the table; gains are negative.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ClosedForm {
    /// The model.
    pub model: ClosedFormModel,
    /// The horizon.
    pub days: usize,
    /// Output lost by every industry, in the system's order.
    pub output_loss: Vec<f64>,
    /// Value added lost by every industry, v_j Δx_j.
    pub value_added_loss: Vec<f64>,
    /// Final demand of every region that is not met: deliveries that do not arrive and nobody replaces, final demand that is not asked
    /// for, and sales that capacity does not allow, of which final buyers go without first.
    pub final_demand_loss: Vec<f64>,
    /// Inputs that do not arrive, net of those that others replace, at the outputs after the shock. Demand side: users do without.
    /// Supply side: the inputs withheld, the first cause of the loss.
    pub inputs_not_delivered: f64,
    /// Supply side: inputs that arrive, primary inputs included, and that a lack of capacity leaves idle. Otherwise zero.
    pub inputs_left_idle: f64,
    /// Purchases to be replaced for which no other supplier was found, at the flows of the table. Zero without replacement.
    pub not_replaced: f64,
    /// Industries whose lost capacity holds their output down, ascending. Others with a lost capacity make less than it allows.
    pub capacity_binds: Vec<usize>,
    /// What the model makes of every shock, in the scenario's order.
    pub shocks: Vec<ShockReading>,
    /// A proven upper bound of the spectral radius of A after the shock, below 1.
    pub spectral_radius_at_most: f64,
    /// The identities kept.
    pub invariants: Vec<Invariant>,
}

impl ClosedForm {
    /// The losses in the terms that all models share.
    pub fn loss(&self) -> ScenarioLoss {
        ScenarioLoss {
            model: self.model.name().to_owned(),
            output_loss: self.output_loss.clone(),
            value_added_loss: self.value_added_loss.clone(),
            final_demand_loss: self.final_demand_loss.clone(),
            invariants: self.invariants.clone(),
        }
    }

    /// Loss of output of the whole world.
    pub fn total_output_loss(&self) -> f64 {
        self.output_loss.iter().sum()
    }

    /// Loss of value added of the whole world.
    pub fn total_value_added_loss(&self) -> f64 {
        self.value_added_loss.iter().sum()
    }
}

/// How far an identity may be missed: solutions are made to some 1e-13 of the largest cause.
const TOLERANCE: f64 = 1e-10;

/// What a scenario costs by input-output accounting alone, in closed form on the shared factor: any mix of shocks, with any number of
/// suppliers and users.
///
/// Shocks are taken at their mean over the horizon, and the loss of a year of such shocks at days / 365. With s_kj the share of k's
/// deliveries to j that is lost (shares of several shocks add up, at most to 1), the table after the shock has a*_kj = (1 − s_kj) a_kj and
/// y*_kr = (1 − s_kr)(1 − δ_kr) y_kr, δ being the demand that is not asked for. Industries K lose the shares ℓ of their capacity.
///
/// **Demand.** x* is the largest output with x* ≤ A*x* + y* and x*_k ≤ (1 − ℓ_k) x_k for K. Where capacity binds (B), sales u are held back
/// and x*_B is given, elsewhere x* = A*x* + y*. Since I − A* is an M-matrix there is exactly one such B, and it is found by letting go, round
/// by round, of the industries that would have to be forced to make as much (Chandrasekaran). With capacity shocks alone, all binding,
/// Δx = L_·K (L_KK)⁻¹ (ℓ∘x)_K, the extraction of [`crate::hypothetical_extraction`] in part; all lost, it is the same. An
/// industry that loses all capacity is held at zero.
///
/// **Supply.** B* = x̂⁻¹Z scaled likewise, x*' = x*'B* + p' − u' with primary inputs p fixed and u inputs left idle, x*_k ≤ (1 − ℓ_k) x_k. With
/// capacity shocks alone Δx' = (ℓ∘x)_K' (G_KK)⁻¹ G_K·. Final demand is not a cause on this side: demand that is not asked for, and final
/// deliveries that do not arrive, are not felt; [`ClosedForm::shocks`] says so.
///
/// **Replacement.** As demand, but what user j misses of a sector is bought from others of the sector, in proportion to what j buys from
/// each already (the rule of [`crate::extraction_with_replacement`]); who is cut off from j himself, or has lost capacity, replaces
/// nobody. Lost capacity is here a loss of deliveries too: j misses the share 1 − (1 − ℓ_k) / (1 − ℓ_j) of what k delivers where
/// ℓ_k > ℓ_j, since j needs only 1 − ℓ_j of it, and final buyers miss ℓ_k; what others then ask of k beyond its capacity is held back.
/// Demand that is not asked for goes to nobody. A closed market is a flow shock: its exporters lose and those who replace them gain.
///
/// Value added is lost in proportion to output (v_j Δx_j). On the demand side it equals, with other costs where value added is
/// given apart, the final deliveries lost plus the inputs that users do without, 1'(I − A) Δx = 1'Δy + 1'(A − A*) x* + 1'u: a user that goes
/// without an input does not keep what it saves. Sales held back are missing to final buyers first, and to industries beyond that. On the
/// supply side final deliveries lost equal the inputs withheld plus those left idle.
///
/// **Cost.** (I − A*) Δx = Δy + (A − A*) x is solved by GMRES with the factor as preconditioner: the operator is I plus a matrix of the rank
/// of the smaller side, so that a shock to r suppliers or r users takes at most r + 1 solves in exact arithmetic. Residuals are
/// checked on the table itself.
///
/// ```
/// # use xinzhi_chain::{Factor, InputOutputSystem, SystemOptions};
/// use xinzhi_chain::{ClosedFormModel, Course, Disturbance, Scenario, Shock, closed_form};
/// # let pair = |a: &str, b: &str| (a.to_string(), b.to_string());
/// # let system = InputOutputSystem::new(
/// #     "two regions", 2011, "million USD", vec![pair("A", "all"), pair("B", "all")], vec![10.0, 20.0, 30.0, 40.0],
/// #     vec![pair("A", "final"), pair("B", "final")], vec![50.0, 20.0, 10.0, 20.0], SystemOptions::default(),
/// # )?;
/// let factor = Factor::new(&system)?;
/// let embargo = Disturbance::Flow { suppliers: vec![1], losses: vec![1.0], users: vec![0], final_users: vec![0] };
/// let shock = Shock { name: "B against A".into(), disturbance: embargo, course: Course::always(365) };
/// let scenario = Scenario::new(&system, "embargo", 365, vec![shock])?;
/// let loss = closed_form(&factor, &scenario, ClosedFormModel::Demand)?;
/// // B keeps its final demand at home: 20 / (1 − 0.4), instead of 100
/// assert!((loss.output_loss[1] - (100.0 - 20.0 / 0.6)).abs() < 1e-9);
/// assert!(loss.invariants.iter().all(|invariant| invariant.holds()));
/// # Ok::<(), xinzhi_chain::ChainError>(())
/// ```
///
/// Source: Miller and Blair (2009), Input-Output Analysis, chapters 12 (Ghosh, extraction) and 13 (mixed models, in which the output of
/// some sectors is given); Dietzenbacher, van Burken and Kondo (2019), Economic Systems Research 31 (replacement); Chandrasekaran (1970), A
/// special case of the complementary pivot problem, Opsearch 7; Saad (1993), A flexible inner-outer preconditioned GMRES algorithm.
///
/// # Errors
/// [`ChainError::Option`] for [`Replacement::None`] as replacement; [`ChainError::Shock`] for a scenario made for a larger table;
/// [`ChainError::NotProductive`] where purchases from others lead to a table that uses up more than it makes;
/// [`ChainError::NotConverged`].
pub fn closed_form(leontief: &impl Leontief, scenario: &Scenario, model: ClosedFormModel) -> Result<ClosedForm, ChainError> {
    let system = leontief.system();
    let disturbances = scenario.mean_disturbances();
    check(system, scenario, &disturbances, model)?;
    let shares = LostShares::new(system, &disturbances);
    let table = AfterShock::new(system, &shares, model)?;
    let spectral_radius_at_most = spectral_radius(leontief, &table.changes)?;
    let answer = match model {
        ClosedFormModel::Supply => supply_side(leontief, &shares, &table)?,
        _ => demand_side(leontief, &shares, &table)?,
    };
    let year = scenario.days() as f64 / DAYS_OF_YEAR;
    let over_horizon = |losses: Vec<f64>| losses.into_iter().map(|loss| loss * year).collect::<Vec<f64>>();
    let value_added: Vec<f64> = answer.losses.iter().zip(system.value_added_coefficients()).map(|(x, v)| v * x).collect();
    let mut invariants = answer.invariants;
    if let ClosedFormModel::Replacement(_) = model {
        invariants.push(Invariant {
            name: "no user's inputs per unit of output rise when others replace",
            residual: table.rise_of_inputs(system.size()),
            tolerance: TOLERANCE,
        });
    }
    let readings = scenario.shocks().iter().map(|shock| reading(system, &shock.name, &shock.disturbance, model));
    Ok(ClosedForm {
        model,
        days: scenario.days(),
        output_loss: over_horizon(answer.losses),
        value_added_loss: over_horizon(value_added),
        final_demand_loss: over_horizon(answer.final_losses),
        inputs_not_delivered: answer.inputs_not_delivered * year,
        inputs_left_idle: answer.inputs_left_idle * year,
        not_replaced: table.not_replaced * year,
        capacity_binds: answer.binds,
        shocks: readings.collect(),
        spectral_radius_at_most,
        invariants,
    })
}

fn check(system: &InputOutputSystem, scenario: &Scenario, disturbances: &[Disturbance], model: ClosedFormModel) -> Result<(), ChainError> {
    if model == ClosedFormModel::Replacement(Replacement::None) {
        return Err(ChainError::Option {
            option: "replacement".to_owned(),
            value: "none".to_owned(),
            why: "somebody has to replace; choose imports or all suppliers, or ask for the demand side".to_owned(),
        });
    }
    for (disturbance, shock) in disturbances.iter().zip(scenario.shocks()) {
        let none: &[usize] = &[];
        let (first, second, regions) = match disturbance {
            Disturbance::Capacity { industries, .. } => (industries.as_slice(), none, none),
            Disturbance::Flow { suppliers, users, final_users, .. } => (suppliers.as_slice(), users.as_slice(), final_users.as_slice()),
            Disturbance::Demand { suppliers, final_users, .. } => (suppliers.as_slice(), none, final_users.as_slice()),
            Disturbance::Tariff { suppliers, importers, .. } => (suppliers.as_slice(), none, importers.as_slice()),
        };
        if first.iter().chain(second).any(|i| *i >= system.size()) || regions.iter().any(|r| *r >= system.regions().len()) {
            return Err(ChainError::Shock {
                scenario: scenario.name().to_owned(),
                shock: shock.name.clone(),
                why: format!("it was made for a larger table than {}; make the scenario for this one", system.name()),
            });
        }
    }
    Ok(())
}

fn reading(system: &InputOutputSystem, shock: &str, disturbance: &Disturbance, model: ClosedFormModel) -> ShockReading {
    let supply = model == ClosedFormModel::Supply;
    let (felt, why) = match disturbance {
        Disturbance::Tariff { .. } => {
            (Felt::Ignored, Text::new("a duty changes prices, and this model has none", "关税改变价格，而此模型没有价格"))
        }
        Disturbance::Demand { .. } if supply => (
            Felt::Ignored,
            Text::new(
                "on the supply side primary inputs decide, not demand: output that is not asked for is made all the same",
                "供给侧由初始投入而非需求决定产出：没有需求的产出照样生产",
            ),
        ),
        Disturbance::Demand { .. } => {
            (Felt::Fully, Text::new("final demand that is gone; nobody else gets it", "最终需求消失，不转向他人"))
        }
        Disturbance::Capacity { industries, .. } => {
            if industries.iter().all(|i| system.output()[*i] <= 0.0) {
                let why = Text::new("none of its industries has output to lose", "所涉行业均无产出可失");
                (Felt::Ignored, why)
            } else if supply {
                (Felt::Fully, Text::new("output at most what is left; inputs beyond that lie idle", "产出不超过剩余产能，多余投入闲置"))
            } else if model == ClosedFormModel::Demand {
                (
                    Felt::Fully,
                    Text::new("output at most what is left; the sales beyond that are lost", "产出不超过剩余产能，超出部分的销售损失"),
                )
            } else {
                (
                    Felt::Fully,
                    Text::new(
                        "output at most what is left; buyers turn to others for what they miss",
                        "产出不超过剩余产能，买方所缺部分转向其他供应者",
                    ),
                )
            }
        }
        Disturbance::Flow { suppliers, users, final_users, .. } => {
            let inputs = suppliers.iter().any(|k| users.iter().any(|j| system.delivery(*k, *j) != 0.0));
            let finals = suppliers.iter().any(|k| final_users.iter().any(|r| system.final_delivery(*k, *r) != 0.0));
            match (supply, inputs, finals) {
                (true, true, false) => (Felt::Fully, Text::new("the users' output falls with their inputs", "用户产出随投入减少")),
                (true, true, true) => (
                    Felt::Partly,
                    Text::new(
                        "the users' output falls with their inputs; final deliveries have nobody downstream and are not felt",
                        "用户产出随投入减少；最终交付没有下游，不计入",
                    ),
                ),
                (true, false, _) => (
                    Felt::Ignored,
                    Text::new(
                        "it stops final deliveries only, which have nobody downstream on the supply side",
                        "仅中断最终交付，供给侧没有下游",
                    ),
                ),
                (false, _, _) if model == ClosedFormModel::Demand => (
                    Felt::Fully,
                    Text::new("the suppliers lose these sales; users go on without", "供应者失去这些销售；用户在缺少的情况下继续生产"),
                ),
                (false, _, _) => (
                    Felt::Fully,
                    Text::new(
                        "the suppliers lose these sales; users buy from others of the same sector",
                        "供应者失去这些销售；用户转向同一部门的其他供应者",
                    ),
                ),
            }
        }
    };
    ShockReading { shock: shock.to_owned(), felt, why }
}

/// The shares of flows, capacity and demand that the shocks of a scenario take together.
struct LostShares<'a> {
    /// For every industry the flow shocks that name it, and its loss in each.
    flows_of: Vec<Vec<(usize, f64)>>,
    /// Users and regions of every flow shock.
    users_of: Vec<(&'a [usize], &'a [usize])>,
    /// For every industry the demand shocks that name it, and its loss in each.
    demands_of: Vec<Vec<(&'a [usize], f64)>>,
    /// Of every industry; zero where there is no output to lose.
    capacity: Vec<f64>,
}

impl<'a> LostShares<'a> {
    fn new(system: &InputOutputSystem, disturbances: &'a [Disturbance]) -> Self {
        let n = system.size();
        let mut shares =
            LostShares { flows_of: vec![Vec::new(); n], users_of: Vec::new(), demands_of: vec![Vec::new(); n], capacity: vec![0.0; n] };
        for disturbance in disturbances {
            match disturbance {
                Disturbance::Capacity { industries, losses } => {
                    for (k, loss) in industries.iter().zip(losses).filter(|(k, _)| system.output()[**k] > 0.0) {
                        shares.capacity[*k] = (shares.capacity[*k] + loss).min(1.0);
                    }
                }
                Disturbance::Flow { suppliers, losses, users, final_users } => {
                    let at = shares.users_of.len();
                    shares.users_of.push((users, final_users));
                    for (k, loss) in suppliers.iter().zip(losses).filter(|(_, loss)| **loss > 0.0) {
                        shares.flows_of[*k].push((at, *loss));
                    }
                }
                Disturbance::Demand { suppliers, losses, final_users } => {
                    for (k, loss) in suppliers.iter().zip(losses).filter(|(_, loss)| **loss > 0.0) {
                        shares.demands_of[*k].push((final_users, *loss));
                    }
                }
                Disturbance::Tariff { .. } => {}
            }
        }
        shares
    }

    /// The shares of k's deliveries to every industry and to every region's final demand that are lost; `None` where none is. With
    /// `capacity_too`, a lost capacity is a loss of deliveries beyond what the users' own loss leaves them in need of.
    fn of_deliveries(&self, k: usize, regions: usize, capacity_too: bool) -> Option<(Vec<f64>, Vec<f64>)> {
        let own = if capacity_too { self.capacity[k] } else { 0.0 };
        if self.flows_of[k].is_empty() && own <= 0.0 {
            return None;
        }
        let (mut of_users, mut of_regions) = (vec![0.0f64; self.capacity.len()], vec![0.0f64; regions]);
        for (shock, loss) in &self.flows_of[k] {
            let (users, final_users) = self.users_of[*shock];
            users.iter().for_each(|j| of_users[*j] = (of_users[*j] + loss).min(1.0));
            final_users.iter().for_each(|r| of_regions[*r] = (of_regions[*r] + loss).min(1.0));
        }
        if own > 0.0 {
            let users = of_users.iter_mut().zip(&self.capacity).filter(|(_, loss)| **loss < own);
            users.for_each(|(share, loss)| *share = 1.0 - (1.0 - *share) * (1.0 - own) / (1.0 - loss));
            of_regions.iter_mut().for_each(|share| *share = 1.0 - (1.0 - *share) * (1.0 - own));
        }
        Some((of_users, of_regions))
    }
}

/// What changes in one row of A: D = A* − A where it is not zero.
struct ChangedRow {
    supplier: usize,
    cells: Cells,
}

/// Rows that change nearly everywhere are kept whole, which is faster to multiply with.
enum Cells {
    Whole(Vec<f64>),
    Sparse(Vec<u32>, Vec<f64>),
}

impl ChangedRow {
    /// `None` for a row that does not change.
    fn new(supplier: usize, row: Vec<f64>) -> Option<Self> {
        let count = row.iter().filter(|by| **by != 0.0).count();
        let cells = if 2 * count > row.len() {
            Cells::Whole(row)
        } else {
            let (users, by) = (0u32..).zip(row).filter(|(_, by)| *by != 0.0).unzip();
            Cells::Sparse(users, by)
        };
        (count > 0).then_some(ChangedRow { supplier, cells })
    }

    fn times(&self, vector: &[f64]) -> f64 {
        match &self.cells {
            Cells::Whole(row) => dot(row, vector),
            Cells::Sparse(users, by) => users.iter().zip(by).map(|(j, by)| by * vector[*j as usize]).sum(),
        }
    }

    /// Adds the row, weighed.
    fn add_to(&self, sums: &mut [f64], weight: f64) {
        match &self.cells {
            Cells::Whole(row) => sums.iter_mut().zip(row).for_each(|(sum, by)| *sum += weight * by),
            Cells::Sparse(users, by) => users.iter().zip(by).for_each(|(j, by)| sums[*j as usize] += weight * by),
        }
    }
}

/// The table after the shocks: what differs from A, and final demand.
struct AfterShock {
    /// Ascending by supplier.
    changes: Vec<ChangedRow>,
    /// n × regions.
    final_demand: Vec<f64>,
    not_replaced: f64,
}

impl AfterShock {
    fn new(system: &InputOutputSystem, shares: &LostShares<'_>, model: ClosedFormModel) -> Result<Self, ChainError> {
        let (n, regions) = (system.size(), system.regions().len());
        let mut final_demand: Vec<f64> =
            (0..n).flat_map(|k| (0..regions).map(move |r| (k, r))).map(|(k, r)| system.final_delivery(k, r)).collect();
        if model != ClosedFormModel::Supply {
            for (demands, row) in shares.demands_of.iter().zip(final_demand.chunks_exact_mut(regions)) {
                let mut gone = vec![0.0f64; regions];
                demands.iter().for_each(|(users, loss)| users.iter().for_each(|r| gone[*r] = (gone[*r] + loss).min(1.0)));
                row.iter_mut().zip(gone).filter(|(_, gone)| *gone > 0.0).for_each(|(y, gone)| *y *= 1.0 - gone);
            }
        }
        if let ClosedFormModel::Replacement(replacement) = model {
            return Self::with_replacement(system, shares, replacement, final_demand);
        }
        let mut rows: Vec<(usize, &mut [f64])> = final_demand.chunks_exact_mut(regions).enumerate().collect();
        let changed = |(k, finals): &mut (usize, &mut [f64])| {
            // on the supply side an industry without positive output has no sales coefficients
            if model == ClosedFormModel::Supply && system.output()[*k] <= 0.0 {
                return None;
            }
            let (of_users, of_regions) = shares.of_deliveries(*k, regions, false)?;
            if model == ClosedFormModel::Demand {
                finals.iter_mut().zip(&of_regions).filter(|(_, share)| **share > 0.0).for_each(|(y, share)| *y *= 1.0 - share);
            }
            let row = of_users.iter().enumerate();
            let row = row.map(|(j, share)| if *share > 0.0 { -share * system.input_coefficient(*k, j) } else { 0.0 });
            ChangedRow::new(*k, row.collect())
        };
        let changes = rows.par_iter_mut().filter_map(changed).collect();
        Ok(AfterShock { changes, final_demand, not_replaced: 0.0 })
    }

    fn with_replacement(
        system: &InputOutputSystem,
        shares: &LostShares<'_>,
        replacement: Replacement,
        mut final_demand: Vec<f64>,
    ) -> Result<Self, ChainError> {
        let (n, regions, region_of) = (system.size(), system.regions().len(), system.region_positions());
        let (codes, code_of) = system.sector_codes()?;
        let mut members = vec![Vec::new(); codes.len()];
        code_of.iter().enumerate().for_each(|(k, code)| members[*code].push(k));
        let asked = &final_demand;
        let sector = |members: &Vec<usize>| {
            let lost: Vec<_> = members.iter().map(|k| shares.of_deliveries(*k, regions, true)).collect();
            if lost.iter().all(Option::is_none) {
                return None;
            }
            let of_users: Vec<Option<&[f64]>> = lost.iter().map(|lost| lost.as_ref().map(|(users, _)| users.as_slice())).collect();
            let of_regions: Vec<Option<&[f64]>> = lost.iter().map(|lost| lost.as_ref().map(|(_, regions)| regions.as_slice())).collect();
            let may = |k: usize, region: usize| shares.capacity[k] <= 0.0 && replacement.allows(region_of[k], region);
            let bought = |k: usize, j: usize| system.input_coefficient(k, j);
            let inputs = reallocate(members, &of_users, n, bought, |k, j| may(k, region_of[j]));
            let finals = reallocate(members, &of_regions, regions, |k, r| asked[k * regions + r], may);
            // users that have lost capacity themselves do not miss what they cannot use
            let needed = |j: usize| (1.0 - shares.capacity[j]) * system.output()[j].max(0.0);
            let inputs_missing: f64 = inputs.missing.iter().enumerate().map(|(j, missing)| missing * needed(j)).sum();
            let rows: Vec<ChangedRow> = members.iter().zip(inputs.changes).filter_map(|(k, row)| ChangedRow::new(*k, row)).collect();
            let not_replaced = inputs_missing + finals.missing.iter().sum::<f64>();
            Some((rows, members.iter().copied().zip(finals.changes).collect::<Vec<_>>(), not_replaced))
        };
        let sectors: Vec<_> = members.par_iter().filter_map(sector).collect();
        let (mut changes, mut not_replaced) = (Vec::new(), 0.0);
        for (rows, finals, missing) in sectors {
            changes.extend(rows);
            for (k, row) in finals {
                let demand = &mut final_demand[k * regions..(k + 1) * regions];
                demand.iter_mut().zip(row).filter(|(_, by)| *by != 0.0).for_each(|(y, by)| *y += by);
            }
            not_replaced += missing;
        }
        changes.sort_by_key(|row| row.supplier);
        Ok(AfterShock { changes, final_demand, not_replaced })
    }

    /// The largest rise of a column sum of A.
    fn rise_of_inputs(&self, n: usize) -> f64 {
        times_transposed(&self.changes, &vec![1.0; n]).into_iter().fold(0.0, f64::max)
    }
}

/// How the purchases of one sector change.
struct Reallocated {
    /// By member and user.
    changes: Vec<Vec<f64>>,
    /// What nobody replaces, by user.
    missing: Vec<f64>,
}

/// The purchases of one sector by all users at once: lost shares go to the other members that may replace, in proportion to what the
/// user buys from each. Negative purchases are lost and not replaced, and take no part in the proportions.
fn reallocate(
    members: &[usize],
    lost: &[Option<&[f64]>],
    users: usize,
    buys: impl Fn(usize, usize) -> f64,
    may_replace: impl Fn(usize, usize) -> bool,
) -> Reallocated {
    let (mut missing, mut others) = (vec![0.0; users], vec![0.0; users]);
    for (k, lost) in members.iter().zip(lost) {
        if let Some(lost) = lost {
            let cells = missing.iter_mut().zip(lost.iter()).enumerate().filter(|(_, (_, share))| **share > 0.0);
            cells.for_each(|(j, (missing, share))| *missing += share * buys(*k, j).max(0.0));
        }
    }
    let replaces = |at: usize, j: usize| missing[j] > 0.0 && lost[at].is_none_or(|lost| lost[j] <= 0.0) && may_replace(members[at], j);
    for (at, k) in members.iter().enumerate() {
        (0..users).filter(|j| replaces(at, *j)).for_each(|j| others[j] += buys(*k, j).max(0.0));
    }
    let change = |at: usize, k: usize, j: usize| match lost[at] {
        Some(lost) if lost[j] > 0.0 => -lost[j] * buys(k, j),
        _ if others[j] > 0.0 && replaces(at, j) => missing[j] * buys(k, j).max(0.0) / others[j],
        _ => 0.0,
    };
    let changes = members.iter().enumerate().map(|(at, k)| (0..users).map(|j| change(at, *k, j)).collect()).collect();
    missing.iter_mut().zip(&others).filter(|(_, others)| **others > 0.0).for_each(|(missing, _)| *missing = 0.0);
    Reallocated { changes, missing }
}

/// D d.
fn times(changes: &[ChangedRow], vector: &[f64]) -> Vec<f64> {
    let parts: Vec<f64> = changes.par_iter().map(|row| row.times(vector)).collect();
    let mut product = vec![0.0; vector.len()];
    changes.iter().zip(parts).for_each(|(row, part)| product[row.supplier] = part);
    product
}

/// D'd.
fn times_transposed(changes: &[ChangedRow], vector: &[f64]) -> Vec<f64> {
    let mut product = vec![0.0; vector.len()];
    for row in changes.iter().filter(|row| vector[row.supplier] != 0.0) {
        row.add_to(&mut product, vector[row.supplier]);
    }
    product
}

fn largest(values: &[f64]) -> f64 {
    // a NaN is the largest of all, so that no check passes it
    values.iter().fold(0.0, |largest: f64, value| if value.is_nan() || largest.is_nan() { f64::NAN } else { largest.max(value.abs()) })
}

/// Sums over a row in a fixed order that can be done side by side.
fn dot(a: &[f64], b: &[f64]) -> f64 {
    let mut lanes = [0.0; 8];
    let (a_blocks, b_blocks) = (a.chunks_exact(8), b.chunks_exact(8));
    let rest: f64 = a_blocks.remainder().iter().zip(b_blocks.remainder()).map(|(a, b)| a * b).sum();
    for (a, b) in a_blocks.zip(b_blocks) {
        lanes.iter_mut().zip(a.iter().zip(b)).for_each(|(lane, (a, b))| *lane += a * b);
    }
    lanes.iter().sum::<f64>() + rest
}

/// I − A* or its transpose.
struct Operator<'a, L> {
    leontief: &'a L,
    changes: &'a [ChangedRow],
    transposed: bool,
}

/// A solution d and (I − A*) d.
struct Solved {
    solution: Vec<f64>,
    image: Vec<f64>,
}

/// Directions after which GMRES starts anew.
const DIRECTIONS: usize = 80;

/// How often it starts anew at most.
const RESTARTS: usize = 6;

/// The residual aimed at, of the largest entry of the right-hand side.
const AIM: f64 = 2e-13;

/// The residual beyond which a solution is refused.
const REFUSED: f64 = 1e-11;

impl<L: Leontief> Operator<'_, L> {
    fn change(&self, vector: &[f64]) -> Vec<f64> {
        if self.transposed { times_transposed(self.changes, vector) } else { times(self.changes, vector) }
    }

    fn precondition(&self, vector: &[f64]) -> Vec<f64> {
        if self.transposed { self.leontief.solve_transposed(vector.to_vec()) } else { self.leontief.solve(vector.to_vec()) }
    }

    /// (I − A*) d on the table itself.
    fn image(&self, vector: &[f64]) -> Vec<f64> {
        let (system, n) = (self.leontief.system(), vector.len());
        let (z, inverse) = (system.deliveries(), system.inverse_output());
        let inputs: Vec<f64> = if self.transposed {
            let mut sums = vec![0.0; n];
            for (row, weight) in z.chunks_exact(n).zip(vector).filter(|(_, weight)| **weight != 0.0) {
                sums.iter_mut().zip(row).for_each(|(sum, z)| *sum += weight * z);
            }
            sums.iter().zip(inverse).map(|(sum, inverse)| sum * inverse).collect()
        } else {
            let per_unit: Vec<f64> = vector.iter().zip(inverse).map(|(d, inverse)| d * inverse).collect();
            z.par_chunks_exact(n).map(|row| dot(row, &per_unit)).collect()
        };
        vector.iter().zip(&inputs).zip(self.change(vector)).map(|((d, inputs), change)| d - inputs - change).collect()
    }

    /// Solves (I − A*) d = g, in place of whose equations for the held industries stands d = g.
    fn solve(&self, held: &[bool], right: &[f64], start: Vec<f64>) -> Result<Solved, ChainError> {
        let scale = largest(right);
        if scale == 0.0 {
            return Ok(Solved { solution: vec![0.0; right.len()], image: vec![0.0; right.len()] });
        }
        let mut solution = start;
        let (mut before, mut restarts) = (f64::INFINITY, 0);
        loop {
            let image = self.image(&solution);
            let left = |i: usize| right[i] - if held[i] { solution[i] } else { image[i] };
            let residual: Vec<f64> = (0..right.len()).map(left).collect();
            let size = largest(&residual);
            if size <= AIM * scale || restarts == RESTARTS || size.is_nan() || size > 0.5 * before {
                if size <= REFUSED * scale {
                    return Ok(Solved { solution, image });
                }
                let system = self.leontief.system();
                let at = residual.iter().position(|r| r.abs() == size).unwrap_or_default();
                return Err(ChainError::NotConverged {
                    system: system.name().to_owned(),
                    method: "GMRES on the table after the shock",
                    iterations: restarts * DIRECTIONS,
                    place: system.industry(at),
                    residual: size / scale,
                    next: "the table after the shock is nearly singular, or the factor too rough: take a dense factor (method lu)",
                });
            }
            before = size;
            restarts += 1;
            let correction = self.correction(held, &residual, 0.1 * AIM * scale);
            solution.iter_mut().zip(correction).for_each(|(d, c)| *d += c);
        }
    }

    /// Flexible GMRES with L (or L') as the preconditioner: a correction that takes the residual down to a size.
    fn correction(&self, held: &[bool], residual: &[f64], aim: f64) -> Vec<f64> {
        let size = dot(residual, residual).sqrt();
        let mut basis: Vec<Vec<f64>> = vec![residual.iter().map(|r| r / size).collect()];
        let mut preconditioned: Vec<Vec<f64>> = Vec::new();
        // the triangular factor column by column, its rotations, and the residual in the basis
        let (mut triangle, mut rotations): (Vec<Vec<f64>>, Vec<(f64, f64)>) = (Vec::new(), Vec::new());
        let mut remainder = vec![size];
        for step in 0..DIRECTIONS.min(residual.len()) {
            let direction = self.precondition(&basis[step]);
            let change = self.change(&direction);
            let mut next: Vec<f64> = basis[step].iter().zip(&change).map(|(v, change)| v - change).collect();
            next.iter_mut().zip(&direction).zip(held).filter(|(_, held)| **held).for_each(|((next, d), _)| *next = *d);
            preconditioned.push(direction);
            let mut column = Vec::with_capacity(step + 2);
            for v in &basis {
                let along = dot(v, &next);
                next.iter_mut().zip(v).for_each(|(next, v)| *next -= along * v);
                column.push(along);
            }
            let below = dot(&next, &next).sqrt();
            for (i, (cosine, sine)) in rotations.iter().enumerate() {
                (column[i], column[i + 1]) = (cosine * column[i] + sine * column[i + 1], cosine * column[i + 1] - sine * column[i]);
            }
            let last = column[step];
            let length = last.hypot(below);
            if length == 0.0 {
                preconditioned.pop();
                break;
            }
            let (cosine, sine) = (last / length, below / length);
            column[step] = length;
            triangle.push(column);
            rotations.push((cosine, sine));
            let carried = remainder[step];
            remainder[step] = cosine * carried;
            remainder.push(-sine * carried);
            if (sine * carried).abs() <= aim || below <= f64::EPSILON * length {
                break;
            }
            basis.push(next.iter().map(|next| next / below).collect());
        }
        let steps = triangle.len();
        let mut weights = vec![0.0; steps];
        for i in (0..steps).rev() {
            let known: f64 = (i + 1..steps).map(|j| triangle[j][i] * weights[j]).sum();
            weights[i] = (remainder[i] - known) / triangle[i][i];
        }
        let mut correction = vec![0.0; residual.len()];
        for (direction, weight) in preconditioned.iter().zip(&weights) {
            correction.iter_mut().zip(direction).for_each(|(c, d)| *c += weight * d);
        }
        correction
    }

    /// The solution under capacities: `lost` is what each industry loses at least where it has lost capacity, and `closed` those held at
    /// it whatever they would make. Gives the solution, who is held, and what is held back.
    fn settle(&self, free: &[f64], lost: &[Option<f64>], closed: &[bool]) -> Result<Settled, ChainError> {
        let mut held: Vec<bool> = lost.iter().map(Option::is_some).collect();
        let mut start: Vec<f64> = lost.iter().map(|lost| lost.unwrap_or(0.0)).collect();
        loop {
            let right: Vec<f64> = (0..free.len()).map(|i| lost[i].filter(|_| held[i]).unwrap_or(free[i])).collect();
            let Solved { solution, image } = self.solve(&held, &right, start)?;
            let slack = 1e-12 * largest(&right).max(largest(free));
            let held_back: Vec<f64> = (0..free.len()).map(|i| if held[i] { image[i] - free[i] } else { 0.0 }).collect();
            let let_go: Vec<usize> = (0..free.len()).filter(|i| held[*i] && !closed[*i] && held_back[*i] < -slack).collect();
            if let_go.is_empty() {
                return Ok(Settled { solution, image, held, held_back });
            }
            let_go.into_iter().for_each(|i| held[i] = false);
            start = solution;
        }
    }
}

struct Settled {
    solution: Vec<f64>,
    image: Vec<f64>,
    held: Vec<bool>,
    held_back: Vec<f64>,
}

impl Settled {
    fn binds(&self) -> Vec<usize> {
        (0..self.held.len()).filter(|i| self.held[*i]).collect()
    }

    /// By how much the equations of the industries that are not held are missed.
    fn residual(&self, free: &[f64]) -> f64 {
        let missed = |i: usize| if self.held[i] { 0.0 } else { free[i] - self.image[i] };
        largest(&(0..free.len()).map(missed).collect::<Vec<f64>>())
    }

    /// By how much capacity is exceeded, or not used in full where something is held back.
    fn capacity_missed(&self, lost: &[Option<f64>], closed: &[bool]) -> f64 {
        let missed = |i: usize| {
            lost[i].map_or(0.0, |lost| {
                let forced = if self.held[i] && !closed[i] { (-self.held_back[i]).max(0.0) } else { 0.0 };
                let exceeded = if self.held[i] { (lost - self.solution[i]).abs() } else { (lost - self.solution[i]).max(0.0) };
                forced.max(exceeded)
            })
        };
        largest(&(0..lost.len()).map(missed).collect::<Vec<f64>>())
    }
}

/// What either side makes of the table after the shock, a year of it.
struct Answer {
    losses: Vec<f64>,
    final_losses: Vec<f64>,
    inputs_not_delivered: f64,
    inputs_left_idle: f64,
    binds: Vec<usize>,
    invariants: Vec<Invariant>,
}

const CAPACITY: &str = "no industry exceeds its capacity, and where it holds something back it is used in full";

fn relative(residual: f64, scale: f64) -> f64 {
    if residual == 0.0 { 0.0 } else { residual / scale }
}

/// Δy + (A − A*) x: what every industry loses in sales at the outputs of the table.
fn lost_sales(system: &InputOutputSystem, table: &AfterShock) -> Vec<f64> {
    let regions = system.regions().len();
    let inputs = times(&table.changes, system.output());
    let finals = table.final_demand.chunks_exact(regions).enumerate();
    let sales = finals.zip(inputs).map(|((k, row), inputs)| {
        let finals: f64 = row.iter().enumerate().map(|(r, y)| system.final_delivery(k, r) - y).sum();
        finals - inputs
    });
    sales.collect()
}

fn demand_side(leontief: &impl Leontief, shares: &LostShares<'_>, table: &AfterShock) -> Result<Answer, ChainError> {
    let (system, n) = (leontief.system(), leontief.system().size());
    let (x, regions) = (system.output(), system.regions().len());
    let free = lost_sales(system, table);
    let lost: Vec<Option<f64>> = shares.capacity.iter().zip(x).map(|(loss, x)| (*loss > 0.0).then_some(loss * x)).collect();
    let closed: Vec<bool> = shares.capacity.iter().map(|loss| *loss >= 1.0).collect();
    let settled = Operator { leontief, changes: &table.changes, transposed: false }.settle(&free, &lost, &closed)?;
    let losses = &settled.solution;
    let after: Vec<f64> = x.iter().zip(losses).map(|(x, loss)| x - loss).collect();
    // as in the mixed model, sales held back are missing to final buyers first, and to industries only beyond that
    let mut final_losses = vec![0.0; regions];
    let mut held_back_from_industries = 0.0;
    for (k, row) in table.final_demand.chunks_exact(regions).enumerate() {
        let (back, asked) = (settled.held_back[k], row.iter().sum::<f64>());
        let share = if closed[k] {
            1.0
        } else if asked > 0.0 {
            (back / asked).clamp(0.0, 1.0)
        } else {
            0.0
        };
        let mut finals = 0.0;
        for (r, y) in row.iter().enumerate() {
            finals += share * y;
            final_losses[r] += system.final_delivery(k, r) - y + share * y;
        }
        held_back_from_industries += back - finals;
    }
    let inputs_not_delivered = held_back_from_industries - times(&table.changes, &after).iter().sum::<f64>();
    // 1'(I − A) Δx, with 1 − 1'A the share of value added and other costs
    let other = system.other_costs();
    let cost_share = |j: usize| {
        if x[j] > 0.0 {
            system.value_added_coefficients()[j] + other.map_or(0.0, |other| other[j] * system.inverse_output()[j])
        } else {
            1.0
        }
    };
    let costs: f64 = (0..n).map(|j| cost_share(j) * losses[j]).sum();
    let causes = final_losses.iter().sum::<f64>() + inputs_not_delivered;
    // the scale of sums that may cancel: what is moved, not the net
    let scale = largest(losses).max(largest(&free));
    let moved = losses.iter().map(|loss| loss.abs()).sum::<f64>();
    let invariants = vec![
        Invariant {
            name: "output after the shock = what users ask for less what capacity holds back",
            residual: relative(settled.residual(&free), scale),
            tolerance: TOLERANCE,
        },
        Invariant { name: CAPACITY, residual: relative(settled.capacity_missed(&lost, &closed), scale), tolerance: TOLERANCE },
        Invariant {
            name: "value added and other costs lost = final deliveries lost + inputs that users do without",
            residual: relative((costs - causes).abs(), moved),
            tolerance: TOLERANCE,
        },
    ];
    let binds = settled.binds();
    Ok(Answer { losses: settled.solution, final_losses, inputs_not_delivered, inputs_left_idle: 0.0, binds, invariants })
}

fn supply_side(leontief: &impl Leontief, shares: &LostShares<'_>, table: &AfterShock) -> Result<Answer, ChainError> {
    let (system, n) = (leontief.system(), leontief.system().size());
    let (x, regions) = (system.output(), system.regions().len());
    // in shares of output, δ = Δx / x, the equations of the supply side are (I − A*)'δ = (A − A*)'1
    let free: Vec<f64> = times_transposed(&table.changes, &vec![1.0; n]).into_iter().map(|change| 0.0 - change).collect();
    let lost: Vec<Option<f64>> = shares.capacity.iter().map(|loss| (*loss > 0.0).then_some(*loss)).collect();
    let closed: Vec<bool> = shares.capacity.iter().map(|loss| *loss >= 1.0).collect();
    let settled = Operator { leontief, changes: &table.changes, transposed: true }.settle(&free, &lost, &closed)?;
    // an industry without output has none to lose
    let shares_lost = &settled.solution;
    let losses: Vec<f64> = shares_lost.iter().zip(x).map(|(share, x)| if *x > 0.0 { share * x } else { 0.0 }).collect();
    let mut final_losses = vec![0.0; regions];
    for (k, share) in shares_lost.iter().enumerate().filter(|(k, share)| x[*k] > 0.0 && **share != 0.0) {
        final_losses.iter_mut().enumerate().for_each(|(r, loss)| *loss += share * system.final_delivery(k, r));
    }
    // what would have arrived with the sales coefficients of the table, at the outputs after the shock
    let after: Vec<f64> = shares_lost.iter().map(|share| 1.0 - share).collect();
    let withheld = times_transposed(&table.changes, &after);
    let inputs_not_delivered: f64 = withheld.iter().zip(x).map(|(change, x)| 0.0 - change * x.max(0.0)).sum();
    let inputs_left_idle: f64 = settled.held_back.iter().zip(x).map(|(back, x)| back * x).sum();
    // industries without output get less too, and have nothing to make of it
    let without: Vec<usize> = (0..n).filter(|j| x[*j] <= 0.0).collect();
    let to_industries_without: f64 = (0..n)
        .filter(|k| x[*k] > 0.0 && shares_lost[*k] != 0.0)
        .map(|k| shares_lost[k] * without.iter().map(|j| system.delivery(k, *j)).sum::<f64>())
        .sum();
    let effects = final_losses.iter().sum::<f64>() + to_industries_without;
    let moved = losses.iter().map(|loss| loss.abs()).sum::<f64>();
    let scale = largest(shares_lost).max(largest(&free));
    let invariants = vec![
        Invariant {
            name: "output after the shock = inputs that arrive + primary inputs - what capacity leaves idle",
            residual: relative(settled.residual(&free), scale),
            tolerance: TOLERANCE,
        },
        Invariant { name: CAPACITY, residual: relative(settled.capacity_missed(&lost, &closed), scale), tolerance: TOLERANCE },
        Invariant {
            name: "deliveries lost by final buyers = inputs that do not arrive + inputs left idle",
            residual: relative((effects - inputs_not_delivered - inputs_left_idle).abs(), moved),
            tolerance: TOLERANCE,
        },
    ];
    Ok(Answer { losses, final_losses, inputs_not_delivered, inputs_left_idle, binds: settled.binds(), invariants })
}

/// A bound of the spectral radius of A* below 1, proven by a vector p > 0 with A*'p < p (Collatz-Wielandt). Without replacement A* ≤ A
/// and p = L'1 always does; replacement leaves column sums as they are, but a table with column sums above 1 might have got worse.
fn spectral_radius(leontief: &impl Leontief, changes: &[ChangedRow]) -> Result<f64, ChainError> {
    let (system, n) = (leontief.system(), leontief.system().size());
    let bound = |p: &[f64], image: &[f64]| {
        let ratios = p.iter().zip(image).map(|(p, image)| (p - image) / p);
        ratios.fold(0.0, |bound: f64, ratio| if ratio.is_nan() || bound.is_nan() { f64::NAN } else { bound.max(ratio) })
    };
    let p = leontief.solve_transposed(vec![1.0; n]);
    // (I − A)'p = 1
    let image: Vec<f64> = times_transposed(changes, &p).into_iter().map(|change| 1.0 - change).collect();
    let first = bound(&p, &image);
    if first < 1.0 && p.iter().all(|p| *p > 0.0) {
        return Ok(first);
    }
    let operator = Operator { leontief, changes, transposed: true };
    let Solved { solution, image } = operator.solve(&vec![false; n], &vec![1.0; n], p)?;
    match solution.iter().zip(&image).position(|(p, image)| !(*p > 0.0 && *image > 0.5)) {
        None => Ok(bound(&solution, &image)),
        Some(j) => Err(ChainError::NotProductive {
            system: format!("{} after the shock, others replacing", system.name()),
            industry: system.industry(j),
        }),
    }
}

/// One industry that loses markets, or gains them by replacing others (then all values are negative).
#[derive(Debug, Clone, PartialEq)]
pub struct LostMarket {
    /// Its position in the system.
    pub industry: usize,
    /// Its region.
    pub region: String,
    /// Its sector.
    pub sector: String,
    /// The exports lost, at the flows of the table: deliveries to other regions' industries and final demand.
    pub lost_exports: f64,
    /// All sales lost as a first cause, at the outputs after the shock: exports, and deliveries in its own region if the shock takes
    /// them. This is what the losses of value added follow from.
    pub lost_sales: f64,
    /// The value added it loses by that itself.
    pub own_value_added: f64,
    /// The value added that its suppliers, theirs and so on lose by that, region by region; other industries of its own region are in
    /// that region's place.
    pub value_added_of_others: LabelledVector,
}

/// Who loses with the exporters when markets close. In the unit of the table, over the horizon.
#[derive(Debug, Clone, PartialEq)]
pub struct MarketClosure {
    /// Who replaces.
    pub replacement: Replacement,
    /// The industries whose sales change, in the system's order.
    pub markets: Vec<LostMarket>,
    /// The identities kept.
    pub invariants: Vec<Invariant>,
}

/// The flow and demand shocks of a scenario seen from the exporters: what each loses in exports, and which regions' value added goes with
/// it. Capacity and tariffs are left out.
///
/// With w = (I − A) Δx the sales lost as a first cause, Δx = Lw, so that the loss of value added is split without rest: exporter k stands
/// for v_i l_ik w_k in every industry i, for i = k its own. The sum over exporters is the loss of [`closed_form`] on the demand side
/// ([`Replacement::None`]) or with replacement, where industries that replace have negative rows.
///
/// One column of L for every industry whose sales change; or, where they are many, the sums of L by region and its diagonal.
///
/// ```
/// # use xinzhi_chain::{Factor, InputOutputSystem, SystemOptions};
/// use xinzhi_chain::{Course, Disturbance, Replacement, Scenario, Shock, market_closure};
/// # let pair = |a: &str, b: &str| (a.to_string(), b.to_string());
/// # let system = InputOutputSystem::new(
/// #     "two regions", 2011, "million USD", vec![pair("A", "all"), pair("B", "all")], vec![10.0, 20.0, 30.0, 40.0],
/// #     vec![pair("A", "final"), pair("B", "final")], vec![50.0, 20.0, 10.0, 20.0], SystemOptions::default(),
/// # )?;
/// let closed = Disturbance::Flow { suppliers: vec![1], losses: vec![1.0], users: vec![], final_users: vec![0] };
/// let shock = Shock { name: "A closes its market".into(), disturbance: closed, course: Course::always(365) };
/// let scenario = Scenario::new(&system, "closed market", 365, vec![shock])?;
/// let closure = market_closure(&Factor::new(&system)?, &scenario, Replacement::None)?;
/// let exporter = &closure.markets[0];
/// assert!((exporter.lost_exports - 10.0).abs() < 1e-12);
/// // without inputs from anywhere cut, all of the lost exports are somebody's value added: 10 = B's own + A's part
/// let others: f64 = exporter.value_added_of_others.values().iter().sum();
/// assert!((exporter.own_value_added + others - 10.0).abs() < 1e-9);
/// # Ok::<(), xinzhi_chain::ChainError>(())
/// ```
///
/// # Errors
/// As for [`closed_form`].
pub fn market_closure(leontief: &impl Leontief, scenario: &Scenario, replacement: Replacement) -> Result<MarketClosure, ChainError> {
    let system = leontief.system();
    let (n, regions, region_of) = (system.size(), system.regions().len(), system.region_positions());
    let model = if replacement == Replacement::None { ClosedFormModel::Demand } else { ClosedFormModel::Replacement(replacement) };
    let mut disturbances = scenario.mean_disturbances();
    check(system, scenario, &disturbances, model)?;
    disturbances.retain(|disturbance| matches!(disturbance, Disturbance::Flow { .. } | Disturbance::Demand { .. }));
    let shares = LostShares::new(system, &disturbances);
    let table = AfterShock::new(system, &shares, model)?;
    spectral_radius(leontief, &table.changes)?;
    let free = lost_sales(system, &table);
    let operator = Operator { leontief, changes: &table.changes, transposed: false };
    let losses = operator.solve(&vec![false; n], &free, vec![0.0; n])?.solution;
    let sales: Vec<f64> = free.iter().zip(times(&table.changes, &losses)).map(|(free, fed_back)| free + fed_back).collect();

    let v = system.value_added_coefficients();
    let year = scenario.days() as f64 / DAYS_OF_YEAR;
    let mut exports = vec![0.0; n];
    for row in &table.changes {
        let own = system.range_at(region_of[row.supplier]);
        let abroad: Vec<f64> = system.output().iter().enumerate().map(|(j, x)| if own.contains(&j) { 0.0 } else { *x }).collect();
        exports[row.supplier] -= row.times(&abroad);
    }
    for (k, row) in table.final_demand.chunks_exact(regions).enumerate() {
        let abroad = row.iter().enumerate().filter(|(r, _)| *r != region_of[k]);
        exports[k] += abroad.map(|(r, y)| system.final_delivery(k, r) - y).sum::<f64>();
    }
    let touched: Vec<usize> = (0..n).filter(|k| sales[*k] != 0.0 || exports[*k] != 0.0).collect();
    let embodied = embodied_value_added(leontief, &touched);
    let (mut markets, mut total) = (Vec::with_capacity(touched.len()), 0.0);
    for (k, (own, by_region)) in touched.iter().zip(embodied) {
        let lost = sales[*k] * year;
        let others = by_region.iter().enumerate().map(|(r, value)| lost * if r == region_of[*k] { value - own } else { *value });
        let others: Vec<f64> = others.collect();
        let (region, sector) = system.sectors()[*k].clone();
        total += lost * own + others.iter().sum::<f64>();
        markets.push(LostMarket {
            industry: *k,
            region,
            sector,
            lost_exports: exports[*k] * year,
            lost_sales: lost,
            own_value_added: lost * own,
            value_added_of_others: LabelledVector::new(system.regions().clone(), others)?,
        });
    }
    let (mut expected, mut moved) = (0.0, 0.0);
    for (loss, v) in losses.iter().zip(v) {
        expected += loss * v * year;
        moved += (loss * v * year).abs();
    }
    let invariants = vec![Invariant {
        name: "the losses of value added behind every exporter add up to that of the model",
        residual: relative((total - expected).abs(), moved),
        tolerance: TOLERANCE,
    }];
    Ok(MarketClosure { replacement, markets, invariants })
}

/// v_k l_kk and v'_t L_tk of every region t, for some industries k: what a unit of final demand for k brings k itself and every region.
fn embodied_value_added(leontief: &impl Leontief, industries: &[usize]) -> Vec<(f64, Vec<f64>)> {
    let system = leontief.system();
    let (n, regions, v) = (system.size(), system.regions().len(), system.value_added_coefficients());
    let columns = |block: &[usize]| {
        let mut units = vec![0.0; n * block.len()];
        units.chunks_exact_mut(n).zip(block).for_each(|(unit, k)| unit[*k] = 1.0);
        let columns = leontief.solve(units);
        let value = |(column, k): (&[f64], &usize)| {
            let by_region = (0..regions).map(|r| system.range_at(r).map(|i| v[i] * column[i]).sum());
            (v[*k] * column[*k], by_region.collect())
        };
        columns.chunks_exact(n).zip(block).map(value).collect::<Vec<(f64, Vec<f64>)>>()
    };
    // one column for each, unless they are so many that the sums of all columns and the diagonal come cheaper
    if 3 * industries.len() <= n {
        return industries.chunks(BLOCK).flat_map(columns).collect();
    }
    let mut masks = vec![0.0; regions * n];
    for (r, mask) in masks.chunks_exact_mut(n).enumerate() {
        system.range_at(r).for_each(|i| mask[i] = v[i]);
    }
    let (sums, diagonal) = (leontief.solve_transposed(masks), leontief.diagonal());
    industries.iter().map(|k| (v[*k] * diagonal[*k], (0..regions).map(|r| sums[r * n + k]).collect())).collect()
}
