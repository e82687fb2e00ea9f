use crate::export_content::{ExportContent, export_supply, for_each_flow, own_supply};
use crate::exporter::{find_exporters, names};
use crate::trade_decomposition::SectorRows;
use crate::{Breakdown, ChainError, Leontief, TradeDecomposition, TradeOptions};

/// The nine terms of Koopman, Wang and Wei, in their order.
pub const KOOPMAN_WANG_WEI_TERMS: [&str; 9] =
    ["DVA_FIN", "DVA_INT", "DVA_INTrex", "RDV_FIN", "RDV_INT", "DDC", "FVA_FIN", "FVA_INT", "FDC"];

/// The gross exports of regions, or groups of regions, in the nine terms of Koopman, Wang and Wei.
///
/// With v the value-added coefficients, L the world inverse, L°_r = (I − A_rr)⁻¹, Y_sr what s delivers to the final demand of r and E
/// gross exports, for exporter s and r, t ≠ s:
///
/// * `DVA_FIN` = v_s L_ss Σ_r Y_sr, in exports of final goods; `DVA_INT` = v_s Σ_r L_sr Y_rr, in inputs for what the importer uses
///   itself; `DVA_INTrex` = VAX − DVA_FIN − DVA_INT, in inputs that third regions use in the end, VAX = v_s Σ_r (L Y)_sr;
/// * `RDV_FIN` = v_s Σ_r L_sr Y_rs, back home in final goods; `RDV_INT` = v_s Σ_r L_sr A_rs L°_s Y_ss, back home in inputs;
///   `DDC` = v_s Σ_r L_sr A_rs L°_s E_s, double counted;
/// * `FVA_FIN` = Σ_t v_t L_ts Σ_r Y_sr; `FVA_INT` = Σ_t v_t L_ts Σ_r A_sr L°_r Y_rr; `FDC` = Σ_t v_t L_ts Σ_r A_sr L°_r E_r: foreign
///   value added in exports of final goods, of inputs, and double counted.
///
/// They add up to gross exports, but for industries without positive output that still deliver (see [`crate::Repairs`]). The method
/// holds for whole exporters only: by sector its terms mix the sector of origin with the sector of export and the last can be
/// negative, so any breakdown but [`Breakdown::Region`] is refused; [`crate::wang_wei_zhu`] gives the same terms, finer, by partner
/// and sector. Source: Koopman, Wang and Wei (2014), Tracing Value-Added and Double Counting in Gross Exports, American Economic
/// Review 104, equation 36.
///
/// ```
/// # use xinzhi_chain::{Factor, InputOutputSystem, SystemOptions};
/// use xinzhi_chain::{TradeOptions, koopman_wang_wei};
/// # let pair = |a: &str, b: &str| (a.to_string(), b.to_string());
/// # let system = InputOutputSystem::new(
/// #     "two regions", 2011, "million USD", vec![pair("A", "all"), pair("B", "all")], vec![10.0, 20.0, 30.0, 40.0],
/// #     vec![pair("A", "final"), pair("B", "final")], vec![50.0, 20.0, 10.0, 20.0], SystemOptions::default(),
/// # )?;
/// let kww = koopman_wang_wei(&Factor::new(&system)?, &TradeOptions::default())?;
/// let row = kww.rows().next().unwrap();
/// assert_eq!((row.exporter, row.values.len()), ("A", 9));
/// assert!((row.values.iter().sum::<f64>() - 40.0).abs() < 1e-12);
/// # Ok::<(), xinzhi_chain::ChainError>(())
/// ```
///
/// # Errors
/// [`ChainError::Breakdown`] for another breakdown than regions, [`frame::FrameError`] for exporters that are unknown or named twice,
/// [`ChainError::Singular`].
pub fn koopman_wang_wei(leontief: &impl Leontief, options: &TradeOptions) -> Result<TradeDecomposition, ChainError> {
    let system = leontief.system();
    if options.breakdown != Breakdown::Region {
        return Err(ChainError::Breakdown {
            method: "Koopman, Wang and Wei",
            breakdown: options.breakdown.name(),
            next: "its terms have no meaning below the exporter: ask for region, or use Wang, Wei and Zhu",
        });
    }
    let (labels, sector_of) = names(system);
    let blocks = find_exporters(system, &options.exporters, &sector_of)?;
    let content = ExportContent::new(leontief);
    let (supply, supply_of_exports) = (own_supply(system)?, export_supply(system)?);
    TradeDecomposition::new("kww", options.breakdown, &KOOPMAN_WANG_WEI_TERMS, labels, &blocks, SectorRows::OfExporter, |b, rows| {
        let block = &blocks[b];
        let m = content.multipliers(block);
        let own = content.of(block);
        let mut terms = [0.0; 9];
        for_each_flow(system, block, [&supply, &supply_of_exports], |flow| {
            terms[0] += m.domestic[flow.local] * flow.last;
            terms[6] += m.foreign[flow.local] * flow.last;
            terms[7] += m.foreign[flow.local] * flow.products[0];
            terms[8] += m.foreign[flow.local] * flow.products[1];
        });
        for r in &block.partners {
            for j in system.range_at(*r) {
                terms[1] += own[j] * system.final_delivery(j, *r);
                terms[3] += own[j] * block.regions.iter().map(|s| system.final_delivery(j, *s)).sum::<f64>();
            }
        }
        let absorbed = |r: &usize| own.iter().enumerate().map(|(i, share)| share * system.final_delivery(i, *r)).sum::<f64>();
        terms[2] = block.partners.iter().map(absorbed).sum::<f64>() - terms[0] - terms[1];
        // v_s Σ_r L_sr A_rs = v_s L_ss (I − A_ss) − v_s, so that times L°_s it is v_s (L_ss − L°_s)
        let exports = block.exports(system);
        for ((domestic, local), (i, e)) in m.domestic.iter().zip(&m.local).zip(block.industries.iter().zip(&exports)) {
            terms[4] += (domestic - local) * block.regions.iter().map(|s| system.final_delivery(*i, *s)).sum::<f64>();
            terms[5] += (domestic - local) * e;
        }
        rows.values().copy_from_slice(&terms);
        Ok(())
    })
}
