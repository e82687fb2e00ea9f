use crate::leontief::{Lu, identity_minus_coefficients};
use crate::{ChainError, Extension, InputOutputSystem};
use frame::LabelledMatrix;

/// Gross trade between regions, in the table's unit; what stays at home is zero.
#[derive(Debug, Clone)]
pub struct BilateralTrade {
    /// What every industry (row) sells to each region (column), inputs and final goods together.
    pub by_sector: LabelledMatrix,
    /// Inputs: exporter × importer.
    pub intermediate: LabelledMatrix,
    /// Final goods: exporter × importer.
    pub final_goods: LabelledMatrix,
    /// Both: exporter × importer. Row sums are exports, column sums imports.
    pub total: LabelledMatrix,
}

/// Gross bilateral trade of all regions, in one pass over the table.
///
/// e_i,s = Σ_{j in s} z_ij + Σ_{f in s} y_if for industries i outside s. Source: Peters (2008), From Production-Based to
/// Consumption-Based National Emission Inventories, Ecological Economics 65; pymrio's `calc_gross_trade` gives the same.
///
/// ```
/// # use xinzhi_chain::{InputOutputSystem, SystemOptions};
/// use xinzhi_chain::bilateral_trade;
/// # let pair = |a: &str, b: &str| (a.to_string(), b.to_string());
/// # let system = InputOutputSystem::new(
/// #     "two regions", 2011, "million USD", vec![pair("A", "all"), pair("B", "all")], vec![10.0, 20.0, 30.0, 40.0],
/// #     vec![pair("A", "final"), pair("B", "final")], vec![50.0, 20.0, 10.0, 20.0], SystemOptions::default(),
/// # )?;
/// let trade = bilateral_trade(&system)?;
/// assert_eq!((trade.intermediate.get("B", "A"), trade.final_goods.get("B", "A")), (Some(30.0), Some(10.0)));
/// # Ok::<(), xinzhi_chain::ChainError>(())
/// ```
///
/// # Errors
/// None today beyond those of the labels.
pub fn bilateral_trade(system: &InputOutputSystem) -> Result<BilateralTrade, ChainError> {
    let (n, g) = (system.size(), system.regions().len());
    let (mut by_sector, mut intermediate, mut final_goods) = (vec![0.0; n * g], vec![0.0; g * g], vec![0.0; g * g]);
    for (r, i) in (0..g).flat_map(|r| system.range_at(r).map(move |i| (r, i))) {
        let row = &system.deliveries()[i * n..(i + 1) * n];
        for s in (0..g).filter(|s| *s != r) {
            let (inputs, goods) = (row[system.range_at(s)].iter().sum::<f64>(), system.final_delivery(i, s));
            by_sector[i * g + s] = inputs + goods;
            intermediate[r * g + s] += inputs;
            final_goods[r * g + s] += goods;
        }
    }
    let total = intermediate.iter().zip(&final_goods).map(|(inputs, goods)| inputs + goods).collect();
    let regions = |cells| LabelledMatrix::new(system.regions().clone(), system.regions().clone(), cells);
    Ok(BilateralTrade {
        by_sector: LabelledMatrix::new(system.industry_labels()?, system.regions().clone(), by_sector)?,
        intermediate: regions(intermediate)?,
        final_goods: regions(final_goods)?,
        total: regions(total)?,
    })
}

/// Emissions embodied in bilateral trade (EEBT), one exporter × importer matrix a stressor.
///
/// S_r (I − A_rr)⁻¹ e_rs: what region r emits in making its gross exports to s with its domestic inputs only; on the diagonal what it
/// emits for its own final demand in the same way. Rows add up to production (D_pba without F_Y); inputs that are imported, worked up
/// and exported again count where they were first made, so columns are not footprints (see [`footprints`](crate::footprints)).
/// Source: Peters (2008), From Production-Based to Consumption-Based National Emission Inventories, Ecological Economics 65, section 3.
///
/// ```
/// # use xinzhi_chain::{InputOutputSystem, SystemOptions};
/// use xinzhi_chain::{Extension, emissions_in_bilateral_trade};
/// # let pair = |a: &str, b: &str| (a.to_string(), b.to_string());
/// # let system = InputOutputSystem::new(
/// #     "two regions", 2011, "million USD", vec![pair("A", "all"), pair("B", "all")], vec![10.0, 20.0, 30.0, 40.0],
/// #     vec![pair("A", "final"), pair("B", "final")], vec![50.0, 20.0, 10.0, 20.0], SystemOptions::default(),
/// # )?;
/// let carbon = Extension::new(&system, "emissions (made up)", vec![("CO2".into(), "kt".into())], vec![20.0, 50.0], None)?;
/// let traded = &emissions_in_bilateral_trade(&carbon)?[0];
/// // B exports 40, makes 1 / (1 − 0.4) for each of them and emits 0.5 for each of those
/// assert!((traded.get("B", "A").unwrap() - 0.5 * 40.0 / 0.6).abs() < 1e-12);
/// # Ok::<(), xinzhi_chain::ChainError>(())
/// ```
///
/// # Errors
/// [`ChainError::Singular`] for a region whose domestic inputs alone cannot be solved.
pub fn emissions_in_bilateral_trade(extension: &Extension) -> Result<Vec<LabelledMatrix>, ChainError> {
    let system = extension.system();
    let (n, g, k) = (system.size(), system.regions().len(), extension.stressors().len());
    let trade = bilateral_trade(system)?.by_sector;
    let mut cells = vec![vec![0.0; g * g]; k];
    for r in 0..g {
        let own = system.range_at(r);
        let Some(local) = Lu::new(identity_minus_coefficients(system, own.clone())) else {
            let what = format!("I − A of {} alone", system.regions().name(r));
            return Err(ChainError::Singular { system: system.name().to_owned(), what });
        };
        let mut multipliers: Vec<f64> = extension.coefficients().chunks_exact(n).flat_map(|s| s[own.clone()].to_vec()).collect();
        local.solve_transposed(&mut multipliers);
        for (cells, multipliers) in cells.iter_mut().zip(multipliers.chunks_exact(own.len())) {
            for (i, multiplier) in own.clone().zip(multipliers) {
                for s in 0..g {
                    let sold = if s == r { system.final_delivery(i, r) } else { trade.at(i, s) };
                    cells[r * g + s] += multiplier * sold;
                }
            }
        }
    }
    let labelled = |cells| Ok(LabelledMatrix::new(system.regions().clone(), system.regions().clone(), cells)?);
    cells.into_iter().map(labelled).collect()
}
