use crate::{ChainError, Leontief, Scope};
use frame::LabelledVector;
use serde::{Deserialize, Serialize};

/// Whose value is traced back to its origins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FlowBasis {
    /// The final goods and services that the region's industries deliver, to any region.
    #[default]
    FinalOutput,
    /// The region's gross exports, of inputs and of final goods.
    Exports,
}

/// A value and the regions it comes from or goes to, in the unit of the table.
#[derive(Debug, Clone, PartialEq)]
pub struct ValueAddedFlow {
    /// The region the flow is about.
    pub region: String,
    /// The value that is traced.
    pub total: f64,
    /// Its parts by region, the region itself included. They sum to the total, but for industries without positive output that still
    /// deliver (see [`crate::Repairs`]).
    pub by_region: LabelledVector,
}

impl ValueAddedFlow {
    /// The share of the region itself, or `None` when nothing is traced.
    pub fn own_share(&self) -> Option<f64> {
        let own = self.by_region.get(&self.region)?;
        (self.total > 0.0).then(|| own / self.total)
    }

    /// The `count` other regions with the largest parts, largest first (ties in region order), and what the rest adds up to.
    pub fn top(&self, count: usize) -> (Vec<(String, f64)>, f64) {
        let mut others: Vec<(&str, f64)> = self.by_region.iter().filter(|(region, _)| *region != self.region).collect();
        others.sort_by(|a, b| b.1.total_cmp(&a.1));
        let rest = others.iter().skip(count).map(|(_, value)| value).sum();
        (others.into_iter().take(count).map(|(region, value)| (region.to_owned(), value)).collect(), rest)
    }
}

/// Where the value added in a region's final output or exports was created: v̂ L d summed to regions, with d what the region's
/// industries in scope deliver. For exports in full scope, the region's own part is the domestic content and the others add up to the
/// foreign content of [`crate::ValueAddedInExports`]; for final output it is the decomposition of Los, Timmer and de Vries (2015), How
/// Global Are Global Value Chains?, Journal of Regional Science 55.
///
/// ```
/// # use xinzhi_chain::{Factor, InputOutputSystem, SystemOptions};
/// use xinzhi_chain::{FlowBasis, Scope, value_added_origin};
/// # let pair = |a: &str, b: &str| (a.to_string(), b.to_string());
/// # let system = InputOutputSystem::new(
/// #     "two regions", 2011, "million USD", vec![pair("A", "all"), pair("B", "all")], vec![10.0, 20.0, 30.0, 40.0],
/// #     vec![pair("A", "final"), pair("B", "final")], vec![50.0, 20.0, 10.0, 20.0], SystemOptions::default(),
/// # )?;
/// let origin = value_added_origin(&Factor::new(&system)?, "A", FlowBasis::FinalOutput, &Scope::All)?;
/// assert_eq!(origin.total, 70.0);
/// assert!((origin.own_share().unwrap() - 0.75).abs() < 1e-12);
/// # Ok::<(), xinzhi_chain::ChainError>(())
/// ```
///
/// # Errors
/// [`frame::FrameError::UnknownLabel`].
pub fn value_added_origin(leontief: &impl Leontief, region: &str, basis: FlowBasis, scope: &Scope) -> Result<ValueAddedFlow, ChainError> {
    let system = leontief.system();
    let own = system.range(region)?;
    let mask = scope.mask(system)?;
    let delivered: Vec<f64> = match basis {
        FlowBasis::FinalOutput => own.clone().map(|i| (0..system.regions().len()).map(|r| system.final_delivery(i, r)).sum()).collect(),
        FlowBasis::Exports => system.gross_exports(region)?,
    };
    let mut demand = vec![0.0; system.size()];
    for (i, value) in own.zip(delivered).filter(|(i, _)| mask[*i]) {
        demand[i] = value;
    }
    let total = demand.iter().sum();
    let made = leontief.solve(demand);
    let value_added: Vec<f64> = made.iter().zip(system.value_added_coefficients()).map(|(x, v)| x * v).collect();
    Ok(ValueAddedFlow { region: region.to_owned(), total, by_region: system.by_region(&value_added)? })
}

/// By whose final demand a region's value added is absorbed: v_s L_s· Y_r for every region r (value-added trade of Johnson and
/// Noguera 2012, Journal of International Economics 86). The traced total is the region's value added; what others absorb is its VAX.
///
/// ```
/// # use xinzhi_chain::{Factor, InputOutputSystem, SystemOptions};
/// use xinzhi_chain::value_added_destination;
/// # let pair = |a: &str, b: &str| (a.to_string(), b.to_string());
/// # let system = InputOutputSystem::new(
/// #     "two regions", 2011, "million USD", vec![pair("A", "all"), pair("B", "all")], vec![10.0, 20.0, 30.0, 40.0],
/// #     vec![pair("A", "final"), pair("B", "final")], vec![50.0, 20.0, 10.0, 20.0], SystemOptions::default(),
/// # )?;
/// let destination = value_added_destination(&Factor::new(&system)?, "A")?;
/// // 0.6 · (1.25 · 50 + 0.41667 · 10) stays at home
/// assert!((destination.by_region.get("A").unwrap() - 40.0).abs() < 1e-9);
/// assert!((destination.total - 60.0).abs() < 1e-12);
/// # Ok::<(), xinzhi_chain::ChainError>(())
/// ```
///
/// # Errors
/// [`frame::FrameError::UnknownLabel`].
pub fn value_added_destination(leontief: &impl Leontief, region: &str) -> Result<ValueAddedFlow, ChainError> {
    let system = leontief.system();
    let own = system.range(region)?;
    let total = own.clone().map(|i| system.value_added_coefficients()[i] * system.output()[i]).sum();
    let mut weights = vec![0.0; system.size()];
    weights[own.clone()].copy_from_slice(&system.value_added_coefficients()[own]);
    let content = leontief.solve_transposed(weights);
    let absorbed = (0..system.regions().len())
        .map(|r| content.iter().enumerate().map(|(i, share)| share * system.final_delivery(i, r)).sum())
        .collect();
    Ok(ValueAddedFlow { region: region.to_owned(), total, by_region: LabelledVector::new(system.regions().clone(), absorbed)? })
}

/// Whose value added a region's final demand absorbs: v̂ L Y_r summed to regions, the consumption account of value added. What other
/// regions hold of it are the region's imports of value added; against [`value_added_destination`], which is its production account, the
/// balance is that of its trade. The traced total is the region's final demand.
///
/// ```
/// # use xinzhi_chain::{Factor, InputOutputSystem, SystemOptions};
/// use xinzhi_chain::value_added_absorbed;
/// # let pair = |a: &str, b: &str| (a.to_string(), b.to_string());
/// # let system = InputOutputSystem::new(
/// #     "two regions", 2011, "million USD", vec![pair("A", "all"), pair("B", "all")], vec![10.0, 20.0, 30.0, 40.0],
/// #     vec![pair("A", "final"), pair("B", "final")], vec![50.0, 20.0, 10.0, 20.0], SystemOptions::default(),
/// # )?;
/// let absorbed = value_added_absorbed(&Factor::new(&system)?, "A")?;
/// // A buys 60 of final goods; 40 of that value it added itself, see `value_added_destination`
/// assert_eq!(absorbed.total, 60.0);
/// assert!((absorbed.by_region.get("A").unwrap() - 40.0).abs() < 1e-9);
/// # Ok::<(), xinzhi_chain::ChainError>(())
/// ```
///
/// # Errors
/// [`frame::FrameError::UnknownLabel`].
pub fn value_added_absorbed(leontief: &impl Leontief, region: &str) -> Result<ValueAddedFlow, ChainError> {
    let system = leontief.system();
    let at = system.regions().require(region)?;
    let demand: Vec<f64> = (0..system.size()).map(|i| system.final_delivery(i, at)).collect();
    let total = demand.iter().sum();
    let made = leontief.solve(demand);
    let value_added: Vec<f64> = made.iter().zip(system.value_added_coefficients()).map(|(x, v)| x * v).collect();
    Ok(ValueAddedFlow { region: region.to_owned(), total, by_region: system.by_region(&value_added)? })
}
