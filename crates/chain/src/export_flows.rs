use crate::{ChainError, Leontief};
use frame::{LabelledMatrix, Labels};

/// A region's gross exports by exporting industry, seen from both ends: whose value they hold and who buys them. In the unit of the table.
#[derive(Debug, Clone, PartialEq)]
pub struct ExportFlows {
    /// The exporter.
    pub exporter: String,
    /// Region where the value was added × exporting industry: v̂ L Ê summed to regions. Columns sum to the exports of the industry, but
    /// for industries without positive output that still deliver (see [`crate::Repairs`]).
    pub origins: LabelledMatrix,
    /// Exporting industry × region that buys, for its industries or its final demand; the exporter's own column is zero.
    pub buyers: LabelledMatrix,
}

/// The exports of one region by origin of value, exporting industry and buyer, so that a good can be followed through the region.
///
/// With E_j the exports of industry j of region s: origins_tj = Σ_{i in t} v_i L_ij E_j and buyers_jr = Σ_{k in r} Z_jk + Y_jr for r ≠ s.
/// Summed over industries the origins are those of [`crate::ValueAddedInExports`] (domestic content at home, foreign content abroad).
/// The value is that of gross exports, so value that crosses the border of s twice counts twice.
///
/// ```
/// # use xinzhi_chain::{Factor, InputOutputSystem, SystemOptions};
/// use xinzhi_chain::export_flows;
/// # let pair = |a: &str, b: &str| (a.to_string(), b.to_string());
/// # let system = InputOutputSystem::new(
/// #     "two regions", 2011, "million USD", vec![pair("A", "all"), pair("B", "all")], vec![10.0, 20.0, 30.0, 40.0],
/// #     vec![pair("A", "final"), pair("B", "final")], vec![50.0, 20.0, 10.0, 20.0], SystemOptions::default(),
/// # )?;
/// let flows = export_flows(&Factor::new(&system)?, "A")?;
/// assert!((flows.origins.get("B", "all").unwrap() - 10.0).abs() < 1e-12);
/// assert_eq!(flows.buyers.get("all", "B"), Some(40.0));
/// # Ok::<(), xinzhi_chain::ChainError>(())
/// ```
///
/// # Errors
/// [`frame::FrameError::UnknownLabel`].
pub fn export_flows(leontief: &impl Leontief, exporter: &str) -> Result<ExportFlows, ChainError> {
    let system = leontief.system();
    let region = system.regions().require(exporter)?;
    let (n, own, regions) = (system.size(), system.range_at(region), system.regions().len());
    let exports = system.gross_exports_at(region);
    let v = system.value_added_coefficients();
    let columns = leontief.columns(own.clone());
    let mut origins = vec![0.0; regions * own.len()];
    for (j, (column, exported)) in columns.chunks_exact(n).zip(&exports).enumerate() {
        for r in 0..regions {
            let content: f64 = system.range_at(r).map(|i| v[i] * column[i]).sum();
            origins[r * own.len() + j] = content * exported;
        }
    }
    let mut buyers = Vec::with_capacity(own.len() * regions);
    for i in own.clone() {
        buyers.extend((0..regions).map(|r| {
            if r == region { 0.0 } else { system.range_at(r).map(|j| system.delivery(i, j)).sum::<f64>() + system.final_delivery(i, r) }
        }));
    }
    let industries = Labels::new(format!("industries of {exporter}"), system.sectors()[own].iter().map(|s| s.1.clone()))?;
    Ok(ExportFlows {
        exporter: exporter.to_owned(),
        origins: LabelledMatrix::new(system.regions().clone(), industries.clone(), origins)?,
        buyers: LabelledMatrix::new(industries, system.regions().clone(), buyers)?,
    })
}
