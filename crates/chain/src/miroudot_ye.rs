use crate::borin_mancini::{PERIMETER_TERMS, multipliers_once};
use crate::export_content::{ExportContent, for_each_flow};
use crate::exporter::{find_exporters, names};
use crate::trade_decomposition::SectorRows;
use crate::{ChainError, Leontief, Perspective, TradeDecomposition, TradeOptions};

/// Exports by partner and exporting sector in the terms of Miroudot and Ye: domestic and foreign value added, each once and double
/// counted, relative to any border.
///
/// With A* the input coefficients without the deliveries that cross the border the [`Perspective`] looks at, L* = (I − A*)⁻¹ and
/// A° = A − A*; for exports e from industry i of s: `DVA` = (v_s L*_ss)_i e, `DDC` = (v_s (L* A° L)_ss)_i e,
/// `FVA` = Σ_{t≠s} (v_t L*_ts)_i e, `FDC` = Σ_{t≠s} (v_t (L* A° L)_ts)_i e, `DC` = DVA + DDC, `FC` = FVA + FDC, `EXGR` their sum.
/// Seen from the exporter these are the terms of [`crate::borin_mancini_source`]. From the world's perspective FVA is 0, since foreign
/// value added has crossed a border already, and FDC is split in two: `FDC1` = Σ_{t≠s} (v_t (L* A° L*)_ts)_i e crosses its second
/// border, `FDC2` a later one.
///
/// Source: Miroudot and Ye (2021), Decomposing Value Added in Gross Exports, Economic Systems Research 33.
///
/// ```
/// # use xinzhi_chain::{Factor, InputOutputSystem, SystemOptions};
/// use xinzhi_chain::{Perspective, TradeOptions, miroudot_ye};
/// # let pair = |a: &str, b: &str| (a.to_string(), b.to_string());
/// # let system = InputOutputSystem::new(
/// #     "two regions", 2011, "million USD", vec![pair("A", "all"), pair("B", "all")], vec![10.0, 20.0, 30.0, 40.0],
/// #     vec![pair("A", "final"), pair("B", "final")], vec![50.0, 20.0, 10.0, 20.0], SystemOptions::default(),
/// # )?;
/// let table = miroudot_ye(&Factor::new(&system)?, Perspective::World, &TradeOptions::default())?;
/// // 0.4/0.6 of B's value added is in each unit it makes, A uses 0.3 of it for each of 1/0.9 units it makes for 40 of exports
/// assert!((table.get("A", None, None, "FDC1").unwrap() - 0.4 / 0.6 * 0.3 / 0.9 * 40.0).abs() < 1e-12);
/// # Ok::<(), xinzhi_chain::ChainError>(())
/// ```
///
/// # Errors
/// [`frame::FrameError`] for exporters that are unknown or named twice, [`ChainError::Singular`].
pub fn miroudot_ye(leontief: &impl Leontief, perspective: Perspective, options: &TradeOptions) -> Result<TradeDecomposition, ChainError> {
    let system = leontief.system();
    let (labels, sector_of) = names(system);
    let blocks = find_exporters(system, &options.exporters, &sector_of)?;
    let content = ExportContent::new(leontief);
    let once = multipliers_once(&content, &blocks, perspective)?;
    let world = perspective == Perspective::World;
    let mut terms = PERIMETER_TERMS.to_vec();
    if world {
        terms.extend(["FDC1", "FDC2"]);
    }
    // v_t (I − A_tt)⁻¹ of all regions, which takes every region alone; the members of a group are one block only where they export
    let alone = if world { local_multipliers(leontief, &find_exporters(system, &[], &sector_of)?) } else { Vec::new() };
    TradeDecomposition::new("my", options.breakdown, &terms, labels, &blocks, SectorRows::OfExporter, |b, rows| {
        let block = &blocks[b];
        let m = content.multipliers(block);
        let second = if world {
            let mut inputs = vec![0.0; block.industries.len()];
            for r in &block.partners {
                for j in system.range_at(*r) {
                    inputs.iter_mut().zip(&block.industries).for_each(|(sum, i)| *sum += alone[j] * system.input_coefficient(j, *i));
                }
            }
            block.local.solve_transposed(&mut inputs);
            inputs
        } else {
            Vec::new()
        };
        for_each_flow(system, block, [], |flow: crate::export_content::Flow<0>| {
            let e = flow.intermediate + flow.last;
            let (domestic, foreign) = once[b].at(flow.local, flow.partner);
            let (dc, fc) = (m.domestic[flow.local] * e, m.foreign[flow.local] * e);
            let mut values = vec![e, dc, domestic * e, dc - domestic * e, fc, foreign * e, fc - foreign * e];
            if let Some(second) = second.get(flow.local) {
                values.extend([second * e, fc - second * e]);
            }
            rows.add(block.sectors[flow.local], flow.partner, &values);
        });
        Ok(())
    })
}

fn local_multipliers(leontief: &impl Leontief, regions: &[crate::exporter::ExporterBlock]) -> Vec<f64> {
    let v = leontief.system().value_added_coefficients();
    let one = |region: &crate::exporter::ExporterBlock| {
        let mut local = region.restrict(v);
        region.local.solve_transposed(&mut local);
        local
    };
    regions.iter().flat_map(one).collect()
}
