use crate::hypothetical_extraction::SupplyChange;
use crate::industry_group::rows_at;
use crate::leontief::Lu;
use crate::{ChainError, IndustryGroup, InputOutputSystem, Leontief, Replacement};
use faer::linalg::matmul::matmul;
use faer::{Accum, Mat, MatRef, Par};
use frame::LabelledVector;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

/// Which side's loss an embargo is followed through.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EmbargoModel {
    /// Demand side (Leontief): the supplier loses its sales, its suppliers theirs, and so on. Final goods count too, and the users may
    /// replace ([`Replacement`]).
    #[default]
    Demand,
    /// Supply side (Ghosh, primary inputs fixed): the users lose their inputs, their customers theirs, and so on. Deliveries to final
    /// demand do not matter, and nobody replaces: in this model a supplier can only give to one what it takes from another.
    Supply,
}

/// Conventions of [`embargo`] and [`bilateral_embargoes`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct EmbargoOptions {
    /// Whose loss.
    pub model: EmbargoModel,
    /// Who takes over what the supplier does not deliver. Only for [`EmbargoModel::Demand`]. Default: nobody.
    pub replacement: Replacement,
    /// Whether deliveries to the final demand of the users' regions stop as well (when the users are all of a region's industries or
    /// some of them alike). Only for [`EmbargoModel::Demand`]. Default: yes.
    pub final_demand: bool,
}

impl Default for EmbargoOptions {
    fn default() -> Self {
        EmbargoOptions { model: EmbargoModel::Demand, replacement: Replacement::None, final_demand: true }
    }
}

/// What the world loses when some suppliers stop delivering to some users, in the unit of the table; losses are positive, gains of
/// replacing suppliers negative.
#[derive(Debug, Clone, PartialEq)]
pub struct Embargo {
    /// The name of the suppliers.
    pub suppliers: String,
    /// The name of the users.
    pub users: String,
    /// The inputs that are not delivered.
    pub flow_of_inputs: f64,
    /// The final goods that are not delivered; 0 where they are not cut.
    pub flow_of_final_goods: f64,
    /// Of both, what was to be replaced and is not, because the user bought from no other supplier.
    pub not_replaced: f64,
    /// Loss of output of every industry, in the system's order.
    pub output_loss_by_industry: Vec<f64>,
    /// Loss of output of every region.
    pub output_loss: LabelledVector,
    /// Loss of value added of every region.
    pub value_added_loss: LabelledVector,
    /// Suppliers left out on the supply side because their own output is not positive.
    pub left_out: Vec<(String, String)>,
}

/// The losses when some suppliers stop delivering to some users, in closed form on the shared factor.
///
/// **Demand side.** Let C be the users' industries, D = A* − A the change of the input coefficients, which stands in the columns of C
/// only: the suppliers' rows set to zero there and, with replacement, others of the same sector raised by the rule of
/// [`crate::extraction_with_replacement`]; and Δy the change of final demand of the users' regions. By the Woodbury formula
///
/// x* = x⁰ + L D_·C (I − L_C· D_·C)⁻¹ x⁰_C with x⁰ = x + LΔy,
///
/// so that |C| solves, a system of |C| × |C| and one more solve give the losses x − x* of all industries of the world.
///
/// **Supply side.** The deliveries B_RC of the suppliers R are zero and primary inputs stay; with h' (I + L_CR A_RC) = 1' A_RC the
/// relative losses are Δx_j / x_j = h' L_Cj. For one user region these are the losses of [`crate::cut_effect`], here for every region.
///
/// Value added is lost in proportion to output (v_j Δx_j), so its coefficients stay as they are: a user that goes without an input does
/// not keep what it saves. Source: as [`crate::hypothetical_extraction`] for a block instead of a row and column; Dietzenbacher, van der
/// Linden and Steenge (1993), The regional extraction method, Economic Systems Research 5.
///
/// ```
/// # use xinzhi_chain::{Factor, InputOutputSystem, SystemOptions};
/// use xinzhi_chain::{EmbargoModel, EmbargoOptions, IndustryGroup, embargo};
/// # let pair = |a: &str, b: &str| (a.to_string(), b.to_string());
/// # let system = InputOutputSystem::new(
/// #     "two regions", 2011, "million USD", vec![pair("A", "all"), pair("B", "all")], vec![10.0, 20.0, 30.0, 40.0],
/// #     vec![pair("A", "final"), pair("B", "final")], vec![50.0, 20.0, 10.0, 20.0], SystemOptions::default(),
/// # )?;
/// let factor = Factor::new(&system)?;
/// let (from, to) = (IndustryGroup::region("B"), IndustryGroup::region("A"));
/// let sales = embargo(&factor, &from, &to, EmbargoOptions::default())?;
/// // B keeps its final demand at home: 20 / (1 − 0.4), instead of 100
/// assert!((sales.output_loss.get("B").unwrap() - (100.0 - 20.0 / 0.6)).abs() < 1e-9);
/// let inputs = embargo(&factor, &from, &to, EmbargoOptions { model: EmbargoModel::Supply, ..EmbargoOptions::default() })?;
/// assert!((inputs.output_loss.get("A").unwrap() - 100.0 / 3.0).abs() < 1e-9);
/// # Ok::<(), xinzhi_chain::ChainError>(())
/// ```
///
/// # Errors
/// Those of [`IndustryGroup::positions`]; [`ChainError::Cut`] for a supplier of a region of the users, and for a replacement on the supply
/// side; [`ChainError::Singular`].
pub fn embargo(
    leontief: &impl Leontief,
    suppliers: &IndustryGroup,
    users: &IndustryGroup,
    options: EmbargoOptions,
) -> Result<Embargo, ChainError> {
    let system = leontief.system();
    let n = system.size();
    check(system, options, &suppliers.name, &users.name)?;
    let (set, columns) = (suppliers.positions(system)?, users.positions(system)?);
    let region_of = system.region_positions();
    let mut demanding: Vec<usize> = columns.iter().map(|j| region_of[*j]).collect();
    demanding.dedup();
    if let Some(k) = set.iter().find(|k| demanding.contains(&region_of[**k])) {
        return Err(ChainError::Cut {
            system: system.name().to_owned(),
            supplier: system.industry(*k),
            user: users.name.clone(),
            why: "it belongs to a region of the users".to_owned(),
        });
    }
    let (rows, purchases) = (rows_at(leontief, &columns), purchases_of(system, &columns));
    let case =
        Case { system, region_of: &region_of, columns: &columns, rows: &rows, purchases: &purchases, demanding: &demanding, options };
    let singular = || singular(system, &suppliers.name, &users.name);
    let flows = case.flows(&set);
    let (losses, not_replaced, left_out) = match options.model {
        EmbargoModel::Demand => {
            let change = case.demand_side(&set).ok_or_else(singular)?;
            let mut vector = vec![0.0; n];
            change.positions.iter().zip(&change.demand).for_each(|(i, d)| vector[*i] = 0.0 - d);
            (leontief.solve(vector), change.not_replaced, Vec::new())
        }
        EmbargoModel::Supply => {
            let (able, left_out): (Vec<usize>, Vec<usize>) = set.iter().partition(|k| system.output()[**k] > 0.0);
            let mut losses = vec![0.0; n];
            let weights = case.supply_side(&able).ok_or_else(singular)?;
            for (row, weight) in rows.chunks_exact(n).zip(&weights) {
                losses.iter_mut().zip(row).for_each(|(loss, l)| *loss += weight * l);
            }
            losses.iter_mut().zip(system.output()).for_each(|(loss, output)| *loss *= output.max(0.0));
            (losses, 0.0, left_out.into_iter().map(|k| system.sectors()[k].clone()).collect())
        }
    };
    let value: Vec<f64> = losses.iter().zip(system.value_added_coefficients()).map(|(x, v)| v * x).collect();
    Ok(Embargo {
        suppliers: suppliers.name.clone(),
        users: users.name.clone(),
        flow_of_inputs: flows.0,
        flow_of_final_goods: flows.1,
        not_replaced,
        output_loss: system.by_region(&losses)?,
        value_added_loss: system.by_region(&value)?,
        output_loss_by_industry: losses,
        left_out,
    })
}

fn check(system: &InputOutputSystem, options: EmbargoOptions, supplier: &str, user: &str) -> Result<(), ChainError> {
    if options.model == EmbargoModel::Supply && options.replacement != Replacement::None {
        return Err(ChainError::Cut {
            system: system.name().to_owned(),
            supplier: supplier.to_owned(),
            user: user.to_owned(),
            why: "the supply-side model has no replacement; ask for the demand side, or for no replacement".to_owned(),
        });
    }
    Ok(())
}

fn singular(system: &InputOutputSystem, supplier: &str, user: &str) -> ChainError {
    ChainError::Singular { system: system.name().to_owned(), what: format!("I − A after the embargo of {supplier} against {user}") }
}

/// Users C with their rows of L, against whom embargoes are worked out.
struct Case<'a> {
    system: &'a InputOutputSystem,
    region_of: &'a [usize],
    columns: &'a [usize],
    /// |C| × n, row by row.
    rows: &'a [f64],
    /// A'_·C, |C| × n, user by user: what each buys from every industry for one unit of output.
    purchases: &'a [f64],
    /// The regions whose final demand is cut off too.
    demanding: &'a [usize],
    options: EmbargoOptions,
}

/// The change of demand, direct and through the users' production, that stands for the embargo: the loss is −L times it.
struct DemandChange {
    positions: Vec<usize>,
    demand: Vec<f64>,
    not_replaced: f64,
}

impl Case<'_> {
    /// The flows of inputs and of final goods from a set of suppliers.
    fn flows(&self, set: &[usize]) -> (f64, f64) {
        let inputs = set.iter().map(|k| self.columns.iter().map(|j| self.system.delivery(*k, *j)).sum::<f64>()).sum();
        let finals = || set.iter().map(|k| self.demanding.iter().map(|r| self.system.final_delivery(*k, *r)).sum::<f64>()).sum();
        (inputs, if self.cuts_final_demand() { finals() } else { 0.0 })
    }

    fn cuts_final_demand(&self) -> bool {
        self.options.final_demand && self.options.model == EmbargoModel::Demand
    }

    /// The columns of a |C| × n matrix at some positions.
    fn at(&self, matrix: &[f64], positions: &[usize]) -> Mat<f64> {
        let n = self.system.size();
        Mat::from_fn(self.columns.len(), positions.len(), |c, k| matrix[c * n + positions[k]])
    }

    /// `None` where the system is singular.
    fn demand_side(&self, set: &[usize]) -> Option<DemandChange> {
        let (system, users, n) = (self.system, self.columns.len(), self.system.size());
        let replaced = self.options.replacement != Replacement::None;
        let change = if replaced {
            let mut falls_away = vec![false; system.size()];
            set.iter().for_each(|k| falls_away[*k] = true);
            SupplyChange::new(system, set, &falls_away)
        } else {
            SupplyChange::only(set)
        };
        let allowed = |k: usize, user: usize| self.options.replacement.allows(self.region_of[k], user);
        let mut coefficients = Mat::<f64>::zeros(change.rows.len(), users);
        let (mut demand, mut not_replaced) = (vec![0.0; change.rows.len()], 0.0);
        for (c, (j, purchases)) in self.columns.iter().zip(self.purchases.chunks_exact(n)).enumerate() {
            let region = self.region_of[*j];
            let lost = change.reallocate(|k| purchases[k], |k| allowed(k, region), |at, by| coefficients[(at, c)] = by);
            not_replaced += lost * system.output()[*j].max(0.0);
        }
        if self.cuts_final_demand() {
            for r in self.demanding {
                not_replaced += change.reallocate(|k| system.final_delivery(k, *r), |k| allowed(k, *r), |at, by| demand[at] += by);
            }
        }
        let gathered;
        let through = if change.rows.len() == n {
            MatRef::from_row_major_slice(self.rows, users, n)
        } else {
            gathered = self.at(self.rows, &change.rows);
            gathered.as_ref()
        };
        let mut matrix = Mat::<f64>::identity(users, users);
        matmul(matrix.as_mut(), Accum::Add, through, coefficients.as_ref(), -1.0, Par::Seq);
        let mut outputs: Vec<f64> = self.columns.iter().map(|j| system.output()[*j]).collect();
        multiply_add(&mut outputs, through, &demand);
        Lu::new(matrix)?.solve(&mut outputs);
        multiply_add(&mut demand, coefficients.as_ref(), &outputs);
        Some(DemandChange { positions: change.rows, demand, not_replaced: if replaced { not_replaced } else { 0.0 } })
    }

    /// h with h'(I + L_CR A_RC) = 1' A_RC: the relative losses of all industries are h' L_C·.
    fn supply_side(&self, set: &[usize]) -> Option<Vec<f64>> {
        let users = self.columns.len();
        let coefficients = self.at(self.purchases, set);
        let through = self.at(self.rows, set);
        let mut matrix = Mat::<f64>::identity(users, users);
        matmul(matrix.as_mut(), Accum::Add, through.as_ref(), coefficients.transpose(), 1.0, Par::Seq);
        let mut weights: Vec<f64> = (0..users).map(|c| (0..set.len()).map(|k| coefficients[(c, k)]).sum()).collect();
        Lu::new(matrix)?.solve_transposed(&mut weights);
        Some(weights)
    }
}

/// A'_·C, user by user.
pub(crate) fn purchases_of(system: &InputOutputSystem, columns: &[usize]) -> Vec<f64> {
    let n = system.size();
    let mut purchases = vec![0.0; columns.len() * n];
    for k in 0..n {
        for (c, j) in columns.iter().enumerate() {
            purchases[c * n + k] = system.input_coefficient(k, *j);
        }
    }
    purchases
}

fn multiply_add(to: &mut [f64], matrix: MatRef<'_, f64>, vector: &[f64]) {
    for (column, value) in matrix.col_iter().zip(vector) {
        to.iter_mut().zip(column.iter()).for_each(|(sum, entry)| *sum += entry * value);
    }
}

/// One region's embargo against another.
#[derive(Debug, Clone, PartialEq)]
pub struct BilateralEmbargo {
    /// The region that stops delivering.
    pub supplier: String,
    /// The region that is cut off.
    pub user: String,
    /// The inputs that are not delivered.
    pub flow_of_inputs: f64,
    /// The final goods that are not delivered.
    pub flow_of_final_goods: f64,
    /// Of both, what was to be replaced and is not.
    pub not_replaced: f64,
    /// Loss of output of every region, in the system's order.
    pub output_loss: Vec<f64>,
    /// Loss of value added of every region.
    pub value_added_loss: Vec<f64>,
}

impl BilateralEmbargo {
    /// Loss of value added of the whole world.
    pub fn world_value_added_loss(&self) -> f64 {
        self.value_added_loss.iter().sum()
    }

    /// Loss of output of the whole world.
    pub fn world_output_loss(&self) -> f64 {
        self.output_loss.iter().sum()
    }
}

/// Every embargo of one region against another: G (G − 1) of them, the suppliers in the system's order and the users in order within
/// each.
///
/// The convention is that of [`embargo`]. The rows of L of each user region are asked for once, and the sums of L over the industries of
/// each region, 1'_t L and v'_t L, once for all (demand side), or those of L_s· x̂ for each user (supply side); each pair then costs a
/// system of the size of one region. Regions that deliver nothing to each other have losses of zero. On the supply side industries
/// without positive output are left out as suppliers.
///
/// ```
/// # use xinzhi_chain::{Factor, InputOutputSystem, SystemOptions};
/// use xinzhi_chain::{EmbargoOptions, bilateral_embargoes};
/// # let pair = |a: &str, b: &str| (a.to_string(), b.to_string());
/// # let system = InputOutputSystem::new(
/// #     "two regions", 2011, "million USD", vec![pair("A", "all"), pair("B", "all")], vec![10.0, 20.0, 30.0, 40.0],
/// #     vec![pair("A", "final"), pair("B", "final")], vec![50.0, 20.0, 10.0, 20.0], SystemOptions::default(),
/// # )?;
/// let all = bilateral_embargoes(&Factor::new(&system)?, EmbargoOptions::default())?;
/// assert_eq!((all[1].supplier.as_str(), all[1].user.as_str()), ("B", "A"));
/// assert!((all[1].output_loss[1] - (100.0 - 20.0 / 0.6)).abs() < 1e-9);
/// # Ok::<(), xinzhi_chain::ChainError>(())
/// ```
///
/// # Errors
/// [`ChainError::Cut`] for a replacement on the supply side; [`ChainError::Singular`].
pub fn bilateral_embargoes(leontief: &impl Leontief, options: EmbargoOptions) -> Result<Vec<BilateralEmbargo>, ChainError> {
    let system = leontief.system();
    let (n, regions) = (system.size(), system.regions().len());
    check(system, options, "any region", "another")?;
    let region_of = system.region_positions();
    let v = system.value_added_coefficients();
    // 1'_t L and v'_t L, 2G × n
    let sums = match options.model {
        EmbargoModel::Demand => {
            let mut masks = vec![0.0; 2 * regions * n];
            for (i, t) in region_of.iter().enumerate() {
                masks[t * n + i] = 1.0;
                masks[(regions + t) * n + i] = v[i];
            }
            leontief.solve_transposed(masks)
        }
        EmbargoModel::Supply => Vec::new(),
    };
    let against = |user: usize| -> Result<Vec<BilateralEmbargo>, ChainError> {
        let columns: Vec<usize> = system.range_at(user).collect();
        let (rows, purchases) = (leontief.rows(system.range_at(user)), purchases_of(system, &columns));
        let case =
            Case { system, region_of: &region_of, columns: &columns, rows: &rows, purchases: &purchases, demanding: &[user], options };
        // L_s· x̂ and L_s· v̂ x̂ summed over the industries of each region, |s| × 2G
        let weighed: Vec<f64> = match options.model {
            EmbargoModel::Demand => Vec::new(),
            EmbargoModel::Supply => rows
                .chunks_exact(n)
                .flat_map(|row| {
                    let carried = |i: usize| row[i] * system.output()[i].max(0.0);
                    let output: Vec<f64> = (0..regions).map(|t| system.range_at(t).map(carried).sum()).collect();
                    let value = (0..regions).map(|t| system.range_at(t).map(|i| v[i] * carried(i)).sum());
                    output.iter().copied().chain(value).collect::<Vec<f64>>()
                })
                .collect(),
        };
        let pair = |supplier: usize| -> Result<BilateralEmbargo, ChainError> {
            let (from, to) = (system.regions().name(supplier), system.regions().name(user));
            let set: Vec<usize> = system.range_at(supplier).collect();
            let (flow_of_inputs, flow_of_final_goods) = case.flows(&set);
            let mut not_replaced = 0.0;
            let mut losses = vec![0.0; 2 * regions];
            match options.model {
                EmbargoModel::Demand => {
                    let change = case.demand_side(&set).ok_or_else(|| singular(system, from, to))?;
                    not_replaced = change.not_replaced;
                    for (loss, sum) in losses.iter_mut().zip(sums.chunks_exact(n)) {
                        *loss -= change.positions.iter().zip(&change.demand).map(|(i, d)| sum[*i] * d).sum::<f64>();
                    }
                }
                EmbargoModel::Supply => {
                    let able: Vec<usize> = set.into_iter().filter(|k| system.output()[*k] > 0.0).collect();
                    let weights = case.supply_side(&able).ok_or_else(|| singular(system, from, to))?;
                    for (row, weight) in weighed.chunks_exact(2 * regions).zip(&weights) {
                        losses.iter_mut().zip(row).for_each(|(loss, l)| *loss += weight * l);
                    }
                }
            }
            let value_added_loss = losses.split_off(regions);
            Ok(BilateralEmbargo {
                supplier: from.to_owned(),
                user: to.to_owned(),
                flow_of_inputs,
                flow_of_final_goods,
                not_replaced,
                output_loss: losses,
                value_added_loss,
            })
        };
        (0..regions).filter(|supplier| *supplier != user).map(pair).collect()
    };
    let by_user = (0..regions).into_par_iter().map(against).collect::<Result<Vec<_>, _>>()?;
    let mut by_user: Vec<_> = by_user.into_iter().map(Vec::into_iter).collect();
    let mut all = Vec::with_capacity(regions * regions.saturating_sub(1));
    for supplier in 0..regions {
        for user in (0..regions).filter(|user| *user != supplier) {
            all.extend(by_user[user].next());
        }
    }
    Ok(all)
}
