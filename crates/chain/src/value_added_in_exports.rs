use crate::export_content::{ExportContent, for_each_flow, once_across_the_border, own_supply};
use crate::exporter::{ExporterBlock, find_exporters, names};
use crate::{ChainError, Exporter, InputOutputSystem, Leontief};
use frame::{LabelledMatrix, LabelledVector, Labels};
use rayon::prelude::*;

/// Where the value of a region's gross exports comes from: the source-based decomposition of Borin and Mancini, seen from the
/// exporting country. All terms are in the unit of the table.
///
/// With E the region s's gross exports by industry, v the value-added coefficients, L the world inverse, L* the inverse of the world
/// in which s's deliveries of inputs to others are cut (A with the off-diagonal blocks of the rows of s zeroed) and L°
/// = (I − A_ss)⁻¹ the region's own inverse:
///
/// * `exgr` gross exports, `dc` = v_s L_ss E domestic content, `fc` = Σ_{t≠s} v_t L_ts E foreign content;
/// * `dva` = v_s L*_ss E domestic value added, `ddc` = dc − dva domestic double counting;
/// * `fva` = Σ_{t≠s} v_t L*_ts E foreign value added, `fdc` = fc − fva foreign double counting;
/// * `vax` = domestic value added absorbed abroad (Johnson and Noguera), `ref` = dva − vax value added that returns home (reflection);
/// * `davax` = v_s L° Σ_{r≠s} (Y_sr + A_sr L°_r Y_rr): domestic value added absorbed by the direct importer;
/// * `gvc` = exgr − davax trade in global value chains, `gvcb` = fc + ddc backward, `gvcf` = dva − davax forward.
///
/// Computed without any inverse: L*_ss = L° and L*_·s = L_·s L_ss⁻¹ L°, and L_ss⁻¹ L° is applied by following what returns of the
/// exports until nothing does, with one solve for all exporters each time.
///
/// Source: Borin and Mancini (2019), Measuring What Matters in Global Value Chains and Value-Added Trade, World Bank Policy Research
/// Working Paper 8804; Borin and Mancini (2023), Economic Systems Research 35. Term names follow that literature.
#[derive(Debug, Clone, PartialEq)]
pub struct ValueAddedInExports {
    /// The exporter.
    pub region: String,
    /// Gross exports.
    pub exgr: f64,
    /// Domestic content.
    pub dc: f64,
    /// Domestic value added.
    pub dva: f64,
    /// Domestic value added absorbed abroad.
    pub vax: f64,
    /// Domestic value added that returns home.
    pub reflection: f64,
    /// Domestic double counting.
    pub ddc: f64,
    /// Foreign content.
    pub fc: f64,
    /// Foreign value added.
    pub fva: f64,
    /// Foreign double counting.
    pub fdc: f64,
    /// Domestic value added absorbed by the direct importer.
    pub davax: f64,
    /// Trade in global value chains: what crosses more than one border.
    pub gvc: f64,
    /// Its backward part.
    pub gvcb: f64,
    /// Its forward part.
    pub gvcf: f64,
    /// What of the exports has no value added behind it (exgr − dc − fc): not zero only where industries without positive output
    /// still deliver, see [`crate::Repairs`].
    pub residual: f64,
    /// The content of the exports by region of origin, the exporter's own being `dc` and the others adding up to `fc`.
    pub origins: LabelledVector,
}

impl ValueAddedInExports {
    /// The names of the thirteen terms, in the order of [`terms`](Self::terms).
    pub const TERMS: [&'static str; 13] = ["EXGR", "DC", "DVA", "VAX", "REF", "DDC", "FC", "FVA", "FDC", "DAVAX", "GVC", "GVCB", "GVCF"];

    /// The thirteen terms in order.
    pub fn terms(&self) -> [f64; 13] {
        let t = self;
        [t.exgr, t.dc, t.dva, t.vax, t.reflection, t.ddc, t.fc, t.fva, t.fdc, t.davax, t.gvc, t.gvcb, t.gvcf]
    }

    /// The terms as shares of gross exports, or `None` for a region that exports nothing.
    pub fn shares(&self) -> Option<[f64; 13]> {
        (self.exgr > 0.0).then(|| self.terms().map(|term| term / self.exgr))
    }

    /// Several exporters as a table, region × term.
    ///
    /// # Errors
    /// [`frame::FrameError::DuplicateLabel`] when an exporter stands twice.
    pub fn table(exporters: &[ValueAddedInExports]) -> Result<LabelledMatrix, ChainError> {
        let regions = Labels::new("exporters", exporters.iter().map(|e| e.region.clone()))?;
        let values = exporters.iter().flat_map(ValueAddedInExports::terms).collect();
        Ok(LabelledMatrix::new(regions, Labels::new("terms", Self::TERMS)?, values)?)
    }
}

/// Decomposes the gross exports of one region; see [`ValueAddedInExports`].
///
/// ```
/// # use xinzhi_chain::{Factor, InputOutputSystem, SystemOptions};
/// use xinzhi_chain::value_added_in_exports;
/// # let pair = |a: &str, b: &str| (a.to_string(), b.to_string());
/// # let system = InputOutputSystem::new(
/// #     "two regions", 2011, "million USD", vec![pair("A", "all"), pair("B", "all")], vec![10.0, 20.0, 30.0, 40.0],
/// #     vec![pair("A", "final"), pair("B", "final")], vec![50.0, 20.0, 10.0, 20.0], SystemOptions::default(),
/// # )?;
/// let exports = value_added_in_exports(&Factor::new(&system)?, "A")?;
/// // A's 40 of exports hold 0.6 · 1.25 · 40 of its own value added and 0.4 · 0.625 · 40 of B's
/// assert!((exports.dc - 30.0).abs() < 1e-12 && (exports.fc - 10.0).abs() < 1e-12);
/// assert!((exports.dva + exports.ddc - exports.dc).abs() < 1e-12);
/// # Ok::<(), xinzhi_chain::ChainError>(())
/// ```
///
/// # Errors
/// [`frame::FrameError::UnknownLabel`], [`ChainError::Singular`].
pub fn value_added_in_exports(leontief: &impl Leontief, exporter: &str) -> Result<ValueAddedInExports, ChainError> {
    let system = leontief.system();
    let region = system.regions().require(exporter)?;
    let (_, sectors) = names(system);
    let block = find_exporters(system, &[Exporter::region(exporter)], &sectors)?;
    let v = system.value_added_coefficients();
    let mut weights = block[0].embed(&block[0].restrict(v), system.size());
    weights.extend(v);
    let content = leontief.solve_transposed(weights);
    let (own, total) = content.split_at(system.size());
    let foreign = system.range_at(region).map(|i| total[i] - own[i]).collect();
    let foreign_once = once_across_the_border(leontief, &block, vec![foreign])?;
    let made = leontief.solve(block[0].embed(&block[0].exports(system), system.size()));
    let origins: Vec<f64> = made.iter().zip(v).map(|(x, v)| x * v).collect();
    let origins = system.by_region(&origins)?.values().to_vec();
    decompose(system, region, &block[0], own, &foreign_once[0], origins, &own_supply(system)?)
}

/// Decomposes the gross exports of every region, in region order; the same as calling [`value_added_in_exports`] for each, faster.
///
/// ```
/// # use xinzhi_chain::{Factor, InputOutputSystem, SystemOptions};
/// use xinzhi_chain::{ValueAddedInExports, value_added_in_all_exports};
/// # let pair = |a: &str, b: &str| (a.to_string(), b.to_string());
/// # let system = InputOutputSystem::new(
/// #     "two regions", 2011, "million USD", vec![pair("A", "all"), pair("B", "all")], vec![10.0, 20.0, 30.0, 40.0],
/// #     vec![pair("A", "final"), pair("B", "final")], vec![50.0, 20.0, 10.0, 20.0], SystemOptions::default(),
/// # )?;
/// let table = ValueAddedInExports::table(&value_added_in_all_exports(&Factor::new(&system)?)?)?;
/// assert_eq!(table.get("B", "EXGR"), Some(40.0));
/// # Ok::<(), xinzhi_chain::ChainError>(())
/// ```
///
/// # Errors
/// [`ChainError::Singular`].
pub fn value_added_in_all_exports(leontief: &impl Leontief) -> Result<Vec<ValueAddedInExports>, ChainError> {
    let system = leontief.system();
    let (_, sectors) = names(system);
    let blocks = find_exporters(system, &[], &sectors)?;
    let content = ExportContent::new(leontief);
    let foreign = blocks.iter().map(|block| content.multipliers(block).foreign).collect();
    let foreign_once = once_across_the_border(leontief, &blocks, foreign)?;
    let supply = own_supply(system)?;
    blocks
        .par_iter()
        .zip(&foreign_once)
        .enumerate()
        .map(|(r, (block, foreign_once))| {
            let exports = block.exports(system);
            let share = |t| system.range_at(r).zip(&exports).map(|(i, e)| content.of_region(t)[i] * e).sum();
            let origins = (0..blocks.len()).map(share).collect();
            decompose(system, r, block, content.of_region(r), foreign_once, origins, &supply)
        })
        .collect()
}

/// `own` is v_s L_s·, `foreign_once` the foreign value added per unit of exports without double counting, `origins` the content of the
/// exports by region, `supply` the output that each region's final demand for its own goods calls for at home.
fn decompose(
    system: &InputOutputSystem,
    region: usize,
    block: &ExporterBlock,
    own: &[f64],
    foreign_once: &[f64],
    origins: Vec<f64>,
    supply: &[f64],
) -> Result<ValueAddedInExports, ChainError> {
    let exports = block.exports(system);
    let mut local = block.restrict(system.value_added_coefficients());
    block.local.solve_transposed(&mut local);
    let product = |multipliers: &[f64]| -> f64 { multipliers.iter().zip(&exports).map(|(m, e)| m * e).sum() };
    let exgr: f64 = exports.iter().sum();
    let dc = origins[region];
    let fc: f64 = origins.iter().enumerate().filter(|(r, _)| *r != region).map(|(_, value)| value).sum();
    let (dva, fva) = (product(&local), product(foreign_once));
    let abroad = |(i, share): (usize, &f64)| share * block.partners.iter().map(|r| system.final_delivery(i, *r)).sum::<f64>();
    let vax: f64 = own.iter().enumerate().map(abroad).sum();
    let mut davax = 0.0;
    for_each_flow(system, block, [supply], |flow| davax += local[flow.local] * (flow.last + flow.products[0]));
    Ok(ValueAddedInExports {
        region: block.name.clone(),
        exgr,
        dc,
        dva,
        vax,
        reflection: dva - vax,
        ddc: dc - dva,
        fc,
        fva,
        fdc: fc - fva,
        davax,
        gvc: exgr - davax,
        gvcb: fc + dc - dva,
        gvcf: dva - davax,
        residual: exgr - dc - fc,
        origins: LabelledVector::new(system.regions().clone(), origins)?,
    })
}
