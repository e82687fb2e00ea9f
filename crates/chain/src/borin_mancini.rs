use crate::export_content::{
    ExportContent, Multipliers, columns_of, demand_once_across, final_demand_columns, for_each_flow, once_across_the_border, own_factor,
    own_supply, sum_of_columns,
};
use crate::exporter::{ExporterBlock, find_exporters, names};
use crate::leontief::{Lu, identity_minus_coefficients};
use crate::trade_decomposition::SectorRows;
use crate::{ChainError, Exporter, InputOutputSystem, Leontief, TradeDecomposition, TradeOptions, ValueAddedInExports};
use faer::{Accum, Mat, MatRef, Par};
use frame::{FrameError, LabelledVector, Labels};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

/// The terms of the exporter's perspective, the same as [`ValueAddedInExports::TERMS`]. The first nine are those of the other
/// perspectives that look at one exporter's flows.
pub const BORIN_MANCINI_TERMS: [&str; 13] = ValueAddedInExports::TERMS;

/// Those of perspectives that ask only what crosses a border more than once.
pub(crate) const PERIMETER_TERMS: [&str; 7] = ["EXGR", "DC", "DVA", "DDC", "FC", "FVA", "FDC"];

const SINK_TERMS: [&str; 10] = ["EXGR", "DC", "DVA", "VAX", "VAXIM", "REF", "DDC", "FC", "FVA", "FDC"];

const ORIGIN_TERMS: [&str; 12] = ["DC", "DVA", "VAX", "REF", "DDC", "FC", "FVA", "FDC", "DAVAX", "GVC", "GVCB", "GVCF"];

/// At which border value added is counted once: what crosses it again is double counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Perspective {
    /// The border of the exporter, all its exports together.
    #[default]
    Exporter,
    /// Exports of each sector of the exporter apart.
    Sector,
    /// Exports to each partner apart.
    Bilateral,
    /// Exports of each sector to each partner apart.
    BilateralSector,
    /// The border of each partner: all it imports, from whomever.
    Importer,
    /// Any border: value added counts in the exports of the region where it was made, when it first leaves it.
    World,
}

/// Exports of regions, or groups of regions, by partner and exporting sector: the source-based decomposition of Borin and Mancini.
///
/// With v the value-added coefficients, A the input coefficients, L the world inverse and L* = (I − A*)⁻¹, where A* is A without the
/// deliveries of inputs that cross the border the [`Perspective`] looks at; for exports e from industry i of s to r:
///
/// * `EXGR` = e; `DC` = (v_s L_ss)_i e; `DVA` = (v_s L*_ss)_i e; `DDC` = DC − DVA;
/// * `FC` = Σ_{t≠s} (v_t L_ts)_i e; `FVA` = Σ_{t≠s} (v_t L*_ts)_i e; `FDC` = FC − FVA;
/// * `REF` = (v_s L*_ss)_i A_sr (L Y)_rs, what the exporter itself absorbs in the end; `VAX` = DVA − REF;
/// * `DAVAX` = (v_s L*_ss)_i (Y_sr + A_sr L°_r Y_rr), absorbed by the importer itself, L°_r = (I − A_rr)⁻¹; `GVC` = EXGR − DAVAX;
///   `GVCB` = FC + DDC, the backward part; `GVCF` = DVA − DAVAX, the forward part.
///
/// Exporter's perspective: thirteen terms. Sector, bilateral, and both: the nine up to `FDC`, each flow seen from its own border, so
/// that added up over sectors or partners they exceed the exporter's perspective. Importer and world: the seven without absorption.
/// By whatever perspective DC and FC, and the sum of the terms, are the same. By exporter the terms are those of
/// [`crate::value_added_in_exports`], but where industries without positive output deliver (see [`crate::Repairs`]): there VAX is taken
/// from final demand abroad, here REF from what returns flow by flow, and the other of the two is the rest of DVA.
///
/// No second inverse is formed: taking the rows I of A to the columns of R out of A turns the multipliers w_I into w_I (I + A_IR L_RI)⁻¹.
/// Exporter and world perspective need solves only; the others the columns of L, which are formed exporter by exporter and not kept.
///
/// Source: Borin and Mancini (2019), Measuring What Matters in Global Value Chains and Value-Added Trade, World Bank Policy Research
/// Working Paper 8804; Borin and Mancini (2023), Measuring What Matters in Value-Added Trade, Economic Systems Research 35.
///
/// ```
/// # use xinzhi_chain::{Factor, InputOutputSystem, SystemOptions};
/// use xinzhi_chain::{Breakdown, Perspective, TradeOptions, borin_mancini_source};
/// # let pair = |a: &str, b: &str| (a.to_string(), b.to_string());
/// # let system = InputOutputSystem::new(
/// #     "two regions", 2011, "million USD", vec![pair("A", "all"), pair("B", "all")], vec![10.0, 20.0, 30.0, 40.0],
/// #     vec![pair("A", "final"), pair("B", "final")], vec![50.0, 20.0, 10.0, 20.0], SystemOptions::default(),
/// # )?;
/// let options = TradeOptions { breakdown: Breakdown::RegionPartnerSector, ..TradeOptions::default() };
/// let table = borin_mancini_source(&Factor::new(&system)?, Perspective::Exporter, &options)?;
/// // without inputs from abroad A adds 0.6/0.9 to each unit of its 40 of exports
/// assert!((table.get("A", Some("B"), Some("all"), "DVA").unwrap() - 40.0 * 0.6 / 0.9).abs() < 1e-12);
/// # Ok::<(), xinzhi_chain::ChainError>(())
/// ```
///
/// # Errors
/// [`FrameError`] for exporters that are unknown or named twice, [`ChainError::Singular`].
pub fn borin_mancini_source(
    leontief: &impl Leontief,
    perspective: Perspective,
    options: &TradeOptions,
) -> Result<TradeDecomposition, ChainError> {
    let terms: &[&'static str] = match perspective {
        Perspective::Exporter => &BORIN_MANCINI_TERMS,
        Perspective::Importer | Perspective::World => &PERIMETER_TERMS,
        _ => &BORIN_MANCINI_TERMS[..9],
    };
    let absorption = terms.len() > PERIMETER_TERMS.len();
    let system = leontief.system();
    let n = system.size();
    let (labels, sector_of) = names(system)?;
    let blocks = find_exporters(system, &options.exporters, &sector_of)?;
    let content = ExportContent::new(leontief);
    let once = multipliers_once(&content, &blocks, perspective)?;
    let made_for = if absorption { leontief.solve(final_demand_columns(system)) } else { Vec::new() };
    let supply = if absorption { own_supply(system)? } else { Vec::new() };
    TradeDecomposition::new("bm-src", options.breakdown, terms, labels, &blocks, SectorRows::OfExporter, |b, rows| {
        let block = &blocks[b];
        let m = content.multipliers(block);
        let flow_terms = |local: usize, partner: usize, e: f64| {
            let (domestic, foreign) = once[b].at(local, partner);
            let (dc, fc) = (m.domestic[local] * e, m.foreign[local] * e);
            (domestic, [e, dc, domestic * e, dc - domestic * e, fc, foreign * e, fc - foreign * e])
        };
        if !absorption {
            for_each_flow(system, block, [], |flow: crate::export_content::Flow<0>| {
                let (_, values) = flow_terms(flow.local, flow.partner, flow.intermediate + flow.last);
                rows.add(block.sectors[flow.local], flow.partner, &values);
            });
            return Ok(());
        }
        let absorbed = sum_of_columns(&made_for, n, &block.regions);
        for_each_flow(system, block, [&supply, &absorbed], |flow| {
            let (multiplier, [e, dc, dva, ddc, fc, fva, fdc]) = flow_terms(flow.local, flow.partner, flow.intermediate + flow.last);
            let reflection = multiplier * flow.products[1];
            let davax = multiplier * (flow.last + flow.products[0]);
            let values = [e, dc, dva, dva - reflection, reflection, ddc, fc, fva, fdc, davax, e - davax, fc + ddc, dva - davax];
            rows.add(block.sectors[flow.local], flow.partner, &values[..terms.len()]);
        });
        Ok(())
    })
}

/// Exports by partner and exporting sector: the sink-based decomposition of Borin and Mancini, seen from the exporter. Value added
/// counts when it leaves the exporter for the last time, not the first.
///
/// With L* the inverse without the exporter's deliveries of inputs to others and Y* final demand without its deliveries of final goods
/// to others; for exports e from industry i of s to r, α = v_s L_ss and ω = Σ_{t≠s} v_t L_ts:
///
/// * `EXGR` = e; `DC` = α_i e; `FC` = ω_i e;
/// * `DDC` = α_i A_sr L*_rs E_s, what passes through the exporter's exports again; `FDC` = ω_i A_sr L*_rs E_s; `FVA` = FC − FDC;
/// * `REF` = α_i A_sr (L* Y*)_rs, absorbed by the exporter; `DVA` = DC − DDC; `VAX` = DVA − REF;
/// * `VAXIM` = α_i (Y_sr + A_sr (L* Y*)_rr), absorbed by the importer.
///
/// By exporter all terms but VAXIM equal the source-based ones; by partner and sector they do not. Computed from the columns of L,
/// exporter by exporter. Source: as [`borin_mancini_source`].
///
/// ```
/// # use xinzhi_chain::{Factor, InputOutputSystem, SystemOptions};
/// use xinzhi_chain::{TradeOptions, borin_mancini_sink};
/// # let pair = |a: &str, b: &str| (a.to_string(), b.to_string());
/// # let system = InputOutputSystem::new(
/// #     "two regions", 2011, "million USD", vec![pair("A", "all"), pair("B", "all")], vec![10.0, 20.0, 30.0, 40.0],
/// #     vec![pair("A", "final"), pair("B", "final")], vec![50.0, 20.0, 10.0, 20.0], SystemOptions::default(),
/// # )?;
/// let table = borin_mancini_sink(&Factor::new(&system)?, &TradeOptions::default())?;
/// assert!((table.get("A", None, None, "DVA").unwrap() - 40.0 * 0.6 / 0.9).abs() < 1e-12);
/// # Ok::<(), xinzhi_chain::ChainError>(())
/// ```
///
/// # Errors
/// [`FrameError`] for exporters that are unknown or named twice, [`ChainError::Singular`].
pub fn borin_mancini_sink(leontief: &impl Leontief, options: &TradeOptions) -> Result<TradeDecomposition, ChainError> {
    let system = leontief.system();
    let n = system.size();
    let (labels, sector_of) = names(system)?;
    let blocks = find_exporters(system, &options.exporters, &sector_of)?;
    let content = ExportContent::new(leontief);
    let made_for = leontief.solve(final_demand_columns(system));
    TradeDecomposition::new("bm-snk", options.breakdown, &SINK_TERMS, labels, &blocks, SectorRows::OfExporter, |b, rows| {
        let block = &blocks[b];
        let m = content.multipliers(block);
        let columns = columns_of(leontief, block);
        let own = own_factor(system, block, &columns)?;
        // (L* E)_· = L_·s K⁻¹ E with K⁻¹ = L_ss⁻¹ (I − A_ss)⁻¹
        let mut weights = block.exports(system);
        block.local.solve(&mut weights);
        own.solve(&mut weights);
        let passing = combine(&columns, n, &weights);
        // L* y = L y − L_·s L_ss⁻¹ ((L y)_s − (I − A_ss)⁻¹ y_s), here for y = Y*_·s
        let absorbed = sum_of_columns(&made_for, n, &block.regions);
        let mut at_home: Vec<f64> =
            block.industries.iter().map(|i| block.regions.iter().map(|s| system.final_delivery(*i, *s)).sum()).collect();
        block.local.solve(&mut at_home);
        let mut excess: Vec<f64> = block.restrict(&absorbed).iter().zip(&at_home).map(|(made, home)| made - home).collect();
        own.solve(&mut excess);
        let returned: Vec<f64> = absorbed.iter().zip(combine(&columns, n, &excess)).map(|(made, by_exporter)| made - by_exporter).collect();
        // the same for y = Y*_·r, which has nothing from s: only the rows of r are needed
        let mut for_importer = vec![0.0; n];
        for r in &block.partners {
            let made = &made_for[r * n..(r + 1) * n];
            let mut excess = block.restrict(made);
            own.solve(&mut excess);
            for j in system.range_at(*r) {
                let by_exporter: f64 = columns.chunks_exact(n).zip(&excess).map(|(column, weight)| column[j] * weight).sum();
                for_importer[j] = made[j] - by_exporter;
            }
        }
        for_each_flow(system, block, [&passing, &returned, &for_importer], |flow| {
            let (alpha, omega) = (m.domestic[flow.local], m.foreign[flow.local]);
            let e = flow.intermediate + flow.last;
            let [passing, returned, for_importer] = flow.products;
            let (dc, fc, ddc, fdc) = (alpha * e, omega * e, alpha * passing, omega * passing);
            let (dva, reflection) = (dc - ddc, alpha * returned);
            let values = [e, dc, dva, dva - reflection, alpha * (flow.last + for_importer), reflection, ddc, fc, fc - fdc, fdc];
            rows.add(block.sectors[flow.local], flow.partner, &values);
        });
        Ok(())
    })
}

/// The source-based decomposition of exports, seen from the exporter, by where the value added comes from instead of by what is
/// exported.
///
/// By region, or region and sector (of origin): DC, DVA, VAX, REF, DDC, FC, FVA, FDC, DAVAX, GVC, GVCB, GVCF of
/// [`borin_mancini_source`], the domestic ones by the exporter's sectors that add the value, the foreign ones by the sectors abroad that
/// do. By partner (region of origin, abroad), with or without its sector: FC, FVA, FDC. Each sums to the exporter's total; GVC is here
/// GVCB + GVCF, since gross exports have no origin. Source: as [`borin_mancini_source`].
///
/// ```
/// # use xinzhi_chain::{Factor, InputOutputSystem, SystemOptions};
/// use xinzhi_chain::{Breakdown, TradeOptions, borin_mancini_by_origin};
/// # let pair = |a: &str, b: &str| (a.to_string(), b.to_string());
/// # let system = InputOutputSystem::new(
/// #     "two regions", 2011, "million USD", vec![pair("A", "all"), pair("B", "all")], vec![10.0, 20.0, 30.0, 40.0],
/// #     vec![pair("A", "final"), pair("B", "final")], vec![50.0, 20.0, 10.0, 20.0], SystemOptions::default(),
/// # )?;
/// let options = TradeOptions { breakdown: Breakdown::RegionPartner, ..TradeOptions::default() };
/// let origins = borin_mancini_by_origin(&Factor::new(&system)?, &options)?;
/// assert!((origins.get("A", Some("B"), None, "FC").unwrap() - 10.0).abs() < 1e-12);
/// # Ok::<(), xinzhi_chain::ChainError>(())
/// ```
///
/// # Errors
/// [`FrameError`] for exporters that are unknown or named twice, [`ChainError::Singular`].
pub fn borin_mancini_by_origin(leontief: &impl Leontief, options: &TradeOptions) -> Result<TradeDecomposition, ChainError> {
    let system = leontief.system();
    let n = system.size();
    let v = system.value_added_coefficients();
    let (labels, sector_of) = names(system)?;
    let blocks = find_exporters(system, &options.exporters, &sector_of)?;
    let exports: Vec<Vec<f64>> = blocks.iter().map(|block| block.exports(system)).collect();
    let made = leontief.solve(blocks.iter().zip(&exports).flat_map(|(block, e)| block.embed(e, n)).collect());
    let once = demand_once_across(leontief, &blocks, exports)?;
    let made_once = leontief.solve(blocks.iter().zip(&once).flat_map(|(block, e)| block.embed(e, n)).collect());
    let by_partner = options.breakdown.by_partner();
    let terms: &[&'static str] = if by_partner { &["FC", "FVA", "FDC"] } else { &ORIGIN_TERMS };
    let made_for = if by_partner { Vec::new() } else { leontief.solve(final_demand_columns(system)) };
    let supply = if by_partner { Vec::new() } else { own_supply(system)? };
    TradeDecomposition::new("bm-src-origin", options.breakdown, terms, labels, &blocks, SectorRows::All, |b, rows| {
        let block = &blocks[b];
        let (made, made_once) = (&made[b * n..(b + 1) * n], &made_once[b * n..(b + 1) * n]);
        for r in &block.partners {
            for j in system.range_at(*r) {
                let (fc, fva) = (v[j] * made[j], v[j] * made_once[j]);
                if by_partner {
                    rows.add(sector_of[j], *r, &[fc, fva, fc - fva]);
                } else {
                    rows.add(sector_of[j], *r, &[0.0, 0.0, 0.0, 0.0, 0.0, fc, fva, fc - fva, 0.0, fc, fc, 0.0]);
                }
            }
        }
        if by_partner {
            return Ok(());
        }
        let absorbed = sum_of_columns(&made_for, n, &block.regions);
        let (mut returned, mut direct) = (vec![0.0; block.industries.len()], vec![0.0; block.industries.len()]);
        for_each_flow(system, block, [&supply, &absorbed], |flow| {
            direct[flow.local] += flow.last + flow.products[0];
            returned[flow.local] += flow.products[1];
        });
        block.local.solve(&mut returned);
        block.local.solve(&mut direct);
        let partner = block.partners.first().copied();
        for (local, i) in block.industries.iter().enumerate() {
            let (dc, dva) = (v[*i] * made[*i], v[*i] * made_once[*i]);
            let (reflection, davax) = (v[*i] * returned[local], v[*i] * direct[local]);
            let (ddc, gvcf) = (dc - dva, dva - davax);
            let values = [dc, dva, dva - reflection, reflection, ddc, 0.0, 0.0, 0.0, davax, ddc + gvcf, ddc, gvcf];
            // without partners in the rows any of them names the same row
            if let Some(partner) = partner {
                rows.add(sector_of[*i], partner, &values);
            }
        }
        Ok(())
    })
}

/// Exports of some sectors of an exporter to some partners, taken as one flow.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TradeFlow {
    /// The exporter.
    pub exporter: Exporter,
    /// Its exporting sectors; none means all.
    #[serde(default)]
    pub sectors: Vec<String>,
    /// The partners, regions outside the exporter; none means all.
    #[serde(default)]
    pub partners: Vec<String>,
}

/// One flow of exports, for instance of all manufactures to a group of partners, seen from its own border: the nine terms EXGR to FDC of
/// [`borin_mancini_source`], where only what is part of this very flow more than once is double counted. Costs the columns of L of the
/// exporting industries alone.
///
/// ```
/// # use xinzhi_chain::{Exporter, Factor, InputOutputSystem, SystemOptions};
/// use xinzhi_chain::{TradeFlow, value_added_in_flow};
/// # let pair = |a: &str, b: &str| (a.to_string(), b.to_string());
/// # let system = InputOutputSystem::new(
/// #     "two regions", 2011, "million USD", vec![pair("A", "all"), pair("B", "all")], vec![10.0, 20.0, 30.0, 40.0],
/// #     vec![pair("A", "final"), pair("B", "final")], vec![50.0, 20.0, 10.0, 20.0], SystemOptions::default(),
/// # )?;
/// let flow = TradeFlow { exporter: Exporter::region("A"), sectors: vec!["all".into()], partners: vec!["B".into()] };
/// let terms = value_added_in_flow(&Factor::new(&system)?, &flow)?;
/// assert!((terms.get("DVA").unwrap() - 40.0 * 0.6 / 0.9).abs() < 1e-12);
/// # Ok::<(), xinzhi_chain::ChainError>(())
/// ```
///
/// # Errors
/// [`FrameError::UnknownLabel`] for an unknown region or sector, [`FrameError::DuplicateLabel`] for one named twice,
/// [`ChainError::Nothing`] for a partner inside the exporter, [`ChainError::Singular`].
pub fn value_added_in_flow(leontief: &impl Leontief, flow: &TradeFlow) -> Result<LabelledVector, ChainError> {
    let system = leontief.system();
    let n = system.size();
    let (labels, sector_of) = names(system)?;
    let block = find_exporters(system, std::slice::from_ref(&flow.exporter), &sector_of)?.remove(0);
    let sectors = Labels::new("sectors", flow.sectors.iter().cloned())?;
    for sector in sectors.iter() {
        if !block.sectors.iter().any(|s| labels.sectors[*s] == sector) {
            return Err(FrameError::UnknownLabel {
                label: sector.to_owned(),
                what: format!("sectors of {}", block.name),
                nearest: block.sector_list().into_iter().map(|s| labels.sectors[s].clone()).take(5).collect(),
            }
            .into());
        }
    }
    let asked = Labels::new("partners", flow.partners.iter().cloned())?;
    let mut partners = asked.iter().map(|r| system.regions().require(r)).collect::<Result<Vec<_>, _>>()?;
    if let Some(inside) = partners.iter().find(|r| block.inside[**r]) {
        return Err(ChainError::Nothing {
            system: system.name().to_owned(),
            what: format!("what {} exports", block.name),
            place: format!("its own region {}", system.regions().name(*inside)),
        });
    }
    if partners.is_empty() {
        partners.clone_from(&block.partners);
    }
    partners.sort_unstable();
    let within: Vec<usize> = (0..block.industries.len())
        .filter(|k| sectors.is_empty() || sectors.position(&labels.sectors[block.sectors[*k]]).is_some())
        .collect();
    let industries: Vec<usize> = within.iter().map(|k| block.industries[*k]).collect();
    let columns: Vec<f64> = industries.iter().flat_map(|i| leontief.columns(*i..*i + 1)).collect();
    let v = system.value_added_coefficients();
    let value = |column: &[f64], of: &dyn Fn(usize) -> bool| -> f64 {
        column.iter().zip(v).enumerate().filter(|(i, _)| of(*i)).map(|(_, (l, v))| l * v).sum()
    };
    let mut own = vec![false; n];
    block.industries.iter().for_each(|i| own[*i] = true);
    let domestic: Vec<f64> = columns.chunks_exact(n).map(|column| value(column, &|i| own[i])).collect();
    let foreign: Vec<f64> = columns.chunks_exact(n).map(|column| value(column, &|i| !own[i])).collect();
    let positions: Vec<usize> = (0..industries.len()).collect();
    let feedback = feedback(system, &industries, &columns, &positions, &partners);
    let (mut domestic_once, mut foreign_once) = (domestic.clone(), foreign.clone());
    let factor = Lu::new(feedback)
        .ok_or_else(|| ChainError::Singular { system: system.name().to_owned(), what: format!("the feedback of {}", block.name) })?;
    factor.solve_transposed(&mut domestic_once);
    factor.solve_transposed(&mut foreign_once);
    let absorbed = leontief.solve((0..n).map(|i| block.regions.iter().map(|s| system.final_delivery(i, *s)).sum()).collect());
    let mut is_partner = vec![false; system.regions().len()];
    partners.iter().for_each(|r| is_partner[*r] = true);
    let mut position = vec![None; block.industries.len()];
    within.iter().enumerate().for_each(|(at, k)| position[*k] = Some(at));
    let mut terms = [0.0; 9];
    for_each_flow(system, &block, [&absorbed], |flow| {
        let (Some(at), true) = (position[flow.local], is_partner[flow.partner]) else { return };
        let e = flow.intermediate + flow.last;
        let (dc, fc, dva, fva) = (domestic[at] * e, foreign[at] * e, domestic_once[at] * e, foreign_once[at] * e);
        let reflection = domestic_once[at] * flow.products[0];
        let values = [e, dc, dva, dva - reflection, reflection, dc - dva, fc, fva, fc - fva];
        terms.iter_mut().zip(values).for_each(|(sum, value)| *sum += value);
    });
    Ok(LabelledVector::new(Labels::new("terms", BORIN_MANCINI_TERMS[..9].iter().copied())?, terms.to_vec())?)
}

/// Multipliers of an exporter's industries without double counting, one for each industry, or for each industry and partner.
pub(crate) struct Once {
    domestic: Vec<f64>,
    foreign: Vec<f64>,
    /// How many regions there are, where partners differ.
    regions: Option<usize>,
}

impl Once {
    pub(crate) fn at(&self, local: usize, partner: usize) -> (f64, f64) {
        let at = self.regions.map_or(local, |regions| local * regions + partner);
        (self.domestic[at], self.foreign[at])
    }
}

/// v_s L*_ss and Σ_{t≠s} v_t L*_ts of every exporter, L* by perspective.
pub(crate) fn multipliers_once<L: Leontief>(
    content: &ExportContent<L>,
    blocks: &[ExporterBlock],
    perspective: Perspective,
) -> Result<Vec<Once>, ChainError> {
    let multipliers = blocks.iter().map(|block| content.multipliers(block));
    match perspective {
        Perspective::World => {
            Ok(multipliers.map(|m| Once { foreign: vec![0.0; m.local.len()], domestic: m.local, regions: None }).collect())
        }
        Perspective::Exporter => {
            let (domestic, foreign): (Vec<_>, Vec<_>) = multipliers.map(|m| (m.local, m.foreign)).unzip();
            let foreign = once_across_the_border(content.leontief, blocks, foreign)?;
            Ok(domestic.into_iter().zip(foreign).map(|(domestic, foreign)| Once { domestic, foreign, regions: None }).collect())
        }
        Perspective::Importer => once_into_importers(content, blocks),
        Perspective::Sector | Perspective::Bilateral | Perspective::BilateralSector => {
            let by_sector = perspective != Perspective::Bilateral;
            let by_partner = perspective != Perspective::Sector;
            let one = |block| once_in_flows(content, block, &content.multipliers(block), by_sector, by_partner);
            blocks.par_iter().map(one).collect()
        }
    }
}

/// By the border of each flow of one exporter.
fn once_in_flows<L: Leontief>(
    content: &ExportContent<L>,
    block: &ExporterBlock,
    multipliers: &Multipliers,
    by_sector: bool,
    by_partner: bool,
) -> Result<Once, ChainError> {
    let system = content.system;
    let (k, regions) = (block.industries.len(), system.regions().len());
    let columns = columns_of(content.leontief, block);
    let flows: Vec<Vec<usize>> = if by_sector {
        let of_sector = |sector: usize| (0..k).filter(|i| block.sectors[*i] == sector).collect();
        block.sector_list().into_iter().map(of_sector).collect()
    } else {
        vec![(0..k).collect()]
    };
    let perimeters: Vec<Vec<usize>> =
        if by_partner { block.partners.iter().map(|r| vec![*r]).collect() } else { vec![block.partners.clone()] };
    let width = if by_partner { regions } else { 1 };
    let mut once = Once { domestic: vec![0.0; k * width], foreign: vec![0.0; k * width], regions: by_partner.then_some(regions) };
    for perimeter in &perimeters {
        for flow in &flows {
            let mut domestic: Vec<f64> = flow.iter().map(|i| multipliers.domestic[*i]).collect();
            let mut foreign: Vec<f64> = flow.iter().map(|i| multipliers.foreign[*i]).collect();
            let matrix = feedback(system, &block.industries, &columns, flow, perimeter);
            if flow.len() == 1 {
                domestic[0] /= matrix[(0, 0)];
                foreign[0] /= matrix[(0, 0)];
            } else {
                let factor = Lu::new(matrix).ok_or_else(|| ChainError::Singular {
                    system: system.name().to_owned(),
                    what: format!("the feedback of the exporter ({})", block.name),
                })?;
                factor.solve_transposed(&mut domestic);
                factor.solve_transposed(&mut foreign);
            }
            for ((i, domestic), foreign) in flow.iter().zip(domestic).zip(foreign) {
                let at = if by_partner { i * width + perimeter.first().copied().unwrap_or(0) } else { *i };
                once.domestic[at] = domestic;
                once.foreign[at] = foreign;
            }
        }
    }
    Ok(once)
}

/// I + A_IR L_RI for the industries I at some positions of a list, whose columns of L are given, and the regions R.
fn feedback(system: &InputOutputSystem, industries: &[usize], columns: &[f64], positions: &[usize], partners: &[usize]) -> Mat<f64> {
    let n = system.size();
    let k = positions.len();
    let mut sum = Mat::identity(k, k);
    for r in partners {
        let range = system.range_at(*r);
        if k == 1 {
            let column = &columns[positions[0] * n..(positions[0] + 1) * n];
            let i = industries[positions[0]];
            sum[(0, 0)] += range.map(|j| system.input_coefficient(i, j) * column[j]).sum::<f64>();
        } else {
            let a = Mat::from_fn(k, range.len(), |i, j| system.input_coefficient(industries[positions[i]], range.start + j));
            let l = Mat::from_fn(range.len(), k, |j, i| columns[positions[i] * n + range.start + j]);
            faer::linalg::matmul::matmul(sum.as_mut(), Accum::Add, a.as_ref(), l.as_ref(), 1.0, Par::Seq);
        }
    }
    sum
}

/// By the border of each importer r: L* = L − (L_·r (I − A_rr) − I_·r) J⁻¹ L_r· with J = L_rr (I − A_rr).
fn once_into_importers<L: Leontief>(content: &ExportContent<L>, blocks: &[ExporterBlock]) -> Result<Vec<Once>, ChainError> {
    let system = content.system;
    let (n, regions) = (system.size(), system.regions().len());
    let own_content: Vec<Vec<f64>> = blocks.iter().map(|block| content.of(block)).collect();
    let by_importer = (0..regions)
        .into_par_iter()
        .map(|r| {
            let range = system.range_at(r);
            let rows = content.leontief.rows(range.clone());
            let local = identity_minus_coefficients(system, range.clone());
            let own = Mat::from_fn(range.len(), range.len(), |i, j| rows[i * n + range.start + j]);
            let factor = Lu::new(&own * &local).ok_or_else(|| ChainError::Singular {
                system: system.name().to_owned(),
                what: format!("the feedback of the importer ({})", system.regions().name(r)),
            })?;
            let without = |content: &[f64], less: &[f64], at: &[usize]| -> Vec<f64> {
                let mut weights: Vec<f64> =
                    (0..range.len()).map(|j| (0..range.len()).map(|i| content[range.start + i] * local[(i, j)]).sum()).collect();
                weights.iter_mut().zip(less).for_each(|(weight, less)| *weight -= less);
                factor.solve_transposed(&mut weights);
                at.iter().map(|i| content[*i] - rows.chunks_exact(n).zip(&weights).map(|(row, w)| row[*i] * w).sum::<f64>()).collect()
            };
            let all: Vec<usize> = (0..n).collect();
            let total = without(content.total(), &system.value_added_coefficients()[range.clone()], &all);
            let one = |(block, own): (&ExporterBlock, &Vec<f64>)| {
                if block.inside[r] {
                    return (Vec::new(), Vec::new());
                }
                let domestic = without(own, &[], &block.industries);
                let foreign = block.industries.iter().zip(&domestic).map(|(i, domestic)| total[*i] - domestic).collect();
                (domestic, foreign)
            };
            Ok(blocks.iter().zip(&own_content).map(one).collect::<Vec<(Vec<f64>, Vec<f64>)>>())
        })
        .collect::<Result<Vec<_>, ChainError>>()?;
    let gather = |(b, block): (usize, &ExporterBlock)| {
        let size = block.industries.len() * regions;
        let mut once = Once { domestic: vec![0.0; size], foreign: vec![0.0; size], regions: Some(regions) };
        for r in &block.partners {
            let (domestic, foreign) = &by_importer[*r][b];
            for (i, (domestic, foreign)) in domestic.iter().zip(foreign).enumerate() {
                once.domestic[i * regions + r] = *domestic;
                once.foreign[i * regions + r] = *foreign;
            }
        }
        once
    };
    Ok(blocks.iter().enumerate().map(gather).collect())
}

/// Σ_k weight_k column_k.
fn combine(columns: &[f64], n: usize, weights: &[f64]) -> Vec<f64> {
    let mut sum = vec![0.0; n];
    let (columns, weights) =
        (MatRef::from_column_major_slice(columns, n, weights.len()), MatRef::from_column_major_slice(weights, weights.len(), 1));
    let to = faer::MatMut::from_column_major_slice_mut(&mut sum, n, 1);
    faer::linalg::matmul::matmul(to, Accum::Replace, columns, weights, 1.0, Par::Seq);
    sum
}
