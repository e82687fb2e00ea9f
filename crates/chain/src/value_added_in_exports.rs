use crate::leontief::{Lu, identity_minus_coefficients};
use crate::{ChainError, InputOutputSystem, Leontief};
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
/// Computed without a second world inverse: L*_ss = L° and L*_·s = L_·s L_ss⁻¹ L°.
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
    let supply = own_supply(system)?;
    let absorbed = leontief.solve(foreign_final_demand(system, region));
    decompose(leontief, region, &supply, &absorbed)
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
    let (n, regions) = (system.size(), system.regions().len());
    let supply = own_supply(system)?;
    let absorbed = leontief.solve((0..regions).flat_map(|r| foreign_final_demand(system, r)).collect());
    (0..regions).into_par_iter().map(|r| decompose(leontief, r, &supply, &absorbed[r * n..(r + 1) * n])).collect()
}

/// (I − A_rr)⁻¹ Y_rr of every region r, one after the other: the output that its final demand for its own goods calls for at home.
fn own_supply(system: &InputOutputSystem) -> Result<Vec<f64>, ChainError> {
    let mut supply = Vec::with_capacity(system.size());
    for region in 0..system.regions().len() {
        let mut own: Vec<f64> = system.range_at(region).map(|i| system.final_delivery(i, region)).collect();
        local_factor(system, region)?.solve(&mut own);
        supply.append(&mut own);
    }
    Ok(supply)
}

fn local_factor(system: &InputOutputSystem, region: usize) -> Result<Lu, ChainError> {
    Lu::new(identity_minus_coefficients(system, system.range_at(region))).ok_or_else(|| singular(system, region, "I − A of the region"))
}

fn singular(system: &InputOutputSystem, region: usize, what: &str) -> ChainError {
    ChainError::Singular { system: system.name().to_owned(), what: format!("{what} ({})", system.regions().name(region)) }
}

fn foreign_final_demand(system: &InputOutputSystem, region: usize) -> Vec<f64> {
    let others = || (0..system.regions().len()).filter(|r| *r != region);
    (0..system.size()).map(|i| others().map(|r| system.final_delivery(i, r)).sum()).collect()
}

/// `supply` is that of all regions, `absorbed` the output L f that foreign final demand f calls for.
fn decompose(leontief: &impl Leontief, region: usize, supply: &[f64], absorbed: &[f64]) -> Result<ValueAddedInExports, ChainError> {
    let system = leontief.system();
    let (n, own) = (system.size(), system.range_at(region));
    let v = system.value_added_coefficients();
    let exports = system.gross_exports_at(region);
    let columns = leontief.columns(own.clone());

    let local = local_factor(system, region)?;
    // q = L_ss⁻¹ L° E, so that L*_·s E = L_·s q
    let mut q = exports.clone();
    local.solve(&mut q);
    let block = faer::Mat::from_fn(own.len(), own.len(), |i, j| columns[j * n + own.start + i]);
    Lu::new(block).ok_or_else(|| singular(system, region, "the block of the inverse"))?.solve(&mut q);

    let value_added_of = |weights: &[f64]| -> Vec<f64> {
        let mut content = vec![0.0; n];
        for (column, weight) in columns.chunks_exact(n).zip(weights) {
            for (sum, l) in content.iter_mut().zip(column) {
                *sum += l * weight;
            }
        }
        content.iter_mut().zip(v).for_each(|(sum, v)| *sum *= v);
        content
    };
    let origins = system.by_region(&value_added_of(&exports))?;
    let without_double_counting = system.by_region(&value_added_of(&q))?;
    let foreign = |by_region: &LabelledVector| -> f64 {
        by_region.values().iter().enumerate().filter(|(r, _)| *r != region).map(|(_, value)| value).sum()
    };
    let exgr: f64 = exports.iter().sum();
    let (dc, fc) = (origins.values()[region], foreign(&origins));
    let (dva, fva) = (without_double_counting.values()[region], foreign(&without_double_counting));
    let vax: f64 = own.clone().map(|i| v[i] * absorbed[i]).sum();

    let mut direct: Vec<f64> = own
        .clone()
        .map(|i| {
            (0..system.regions().len())
                .filter(|r| *r != region)
                .map(|r| system.final_delivery(i, r) + system.range_at(r).map(|j| system.input_coefficient(i, j) * supply[j]).sum::<f64>())
                .sum()
        })
        .collect();
    local.solve(&mut direct);
    let davax: f64 = own.zip(&direct).map(|(i, x)| v[i] * x).sum();

    Ok(ValueAddedInExports {
        region: system.regions().name(region).to_owned(),
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
        origins,
    })
}
