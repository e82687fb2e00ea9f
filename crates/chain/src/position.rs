use crate::Leontief;
use serde::{Deserialize, Serialize};

/// How far an industry stands from final use and from primary inputs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Position {
    /// The region.
    pub region: String,
    /// The sector.
    pub sector: String,
    /// Its output.
    pub output: f64,
    /// Output upstreamness: the average number of stages to final use, at least 1. Absent for an industry without positive output.
    pub upstreamness: Option<f64>,
    /// Input downstreamness: the average number of stages from primary inputs. Absent for an industry without positive output.
    pub downstreamness: Option<f64>,
}

/// Upstreamness and downstreamness of every industry.
///
/// Upstreamness is the row sum of the Ghosh inverse, G1 = x̂⁻¹ L x; downstreamness the column sum of the Leontief inverse, 1'L, that
/// is its total backward linkage. Both count every border crossing and every domestic round alike. Being made for a closed world
/// table, they need no correction for trade; inventories are taken as final use.
/// Source: Miller and Temurshoev (2017), Output Upstreamness and Input Downstreamness of Industries/Countries in World Production,
/// International Regional Science Review 40; the first is the measure of Antràs, Chor, Fally and Hillberry (2012), American Economic
/// Review 102.
///
/// ```
/// # use xinzhi_chain::{Factor, InputOutputSystem, SystemOptions};
/// use xinzhi_chain::chain_position;
/// # let pair = |a: &str, b: &str| (a.to_string(), b.to_string());
/// # let system = InputOutputSystem::new(
/// #     "two regions", 2011, "million USD", vec![pair("A", "all"), pair("B", "all")], vec![10.0, 20.0, 30.0, 40.0],
/// #     vec![pair("A", "final"), pair("B", "final")], vec![50.0, 20.0, 10.0, 20.0], SystemOptions::default(),
/// # )?;
/// let positions = chain_position(&Factor::new(&system)?);
/// assert!((positions[0].downstreamness.unwrap() - 1.875).abs() < 1e-12);
/// assert!((positions[0].upstreamness.unwrap() - 5.0 / 3.0).abs() < 1e-12);
/// # Ok::<(), xinzhi_chain::ChainError>(())
/// ```
pub fn chain_position(leontief: &impl Leontief) -> Vec<Position> {
    let system = leontief.system();
    let made = leontief.solve(system.output().to_vec());
    let multipliers = leontief.solve_transposed(vec![1.0; system.size()]);
    let industries = system.sectors().iter().zip(system.output()).zip(made.iter().zip(&multipliers));
    industries
        .map(|(((region, sector), output), (made, multiplier))| Position {
            region: region.clone(),
            sector: sector.clone(),
            output: *output,
            upstreamness: (*output > 0.0).then(|| made / output),
            downstreamness: (*output > 0.0).then_some(*multiplier),
        })
        .collect()
}
