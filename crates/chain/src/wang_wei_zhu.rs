use crate::export_content::{ExportContent, export_supply, final_demand_columns, for_each_flow, own_supply, sum_of_columns};
use crate::exporter::{ExporterBlock, find_exporters, names};
use crate::koopman_wang_wei::KOOPMAN_WANG_WEI_TERMS;
use crate::trade_decomposition::SectorRows;
use crate::{ChainError, InputOutputSystem, Leontief, TradeDecomposition, TradeOptions};
use faer::{Accum, MatMut, MatRef, Par};
use rayon::prelude::*;

/// The sixteen terms of Wang, Wei and Zhu, in the order and under the names of decompr.
pub const WANG_WEI_ZHU_TERMS: [&str; 16] = [
    "DVA_FIN",
    "DVA_INT",
    "DVA_INTrexI1",
    "DVA_INTrexF",
    "DVA_INTrexI2",
    "RDV_INT",
    "RDV_FIN",
    "RDV_FIN2",
    "OVA_FIN",
    "MVA_FIN",
    "OVA_INT",
    "MVA_INT",
    "DDC_FIN",
    "DDC_INT",
    "ODC",
    "MDC",
];

/// The gross exports of regions, or groups of regions, by partner and sector in the sixteen terms of Wang, Wei and Zhu.
///
/// With v the value-added coefficients, L the world inverse, L°_r = (I − A_rr)⁻¹, Y_sr what s delivers to the final demand of r, E gross
/// exports and x output; for exports from industry i of s to r, with t, u other than s and r:
///
/// * α = v_s L_ss, β = v_s L°_s, μ = v_r L_rs (the importer's value added), ω = Σ_t v_t L_ts (that of third regions);
/// * `DVA_FIN` = α_i Y_sr; `DVA_INT` = β_i A_sr L_rr Y_rr; `DVA_INTrexI1` = β_i A_sr Σ_t L_rt Y_tt;
///   `DVA_INTrexF` = β_i A_sr L_rr Σ_t Y_rt; `DVA_INTrexI2` = β_i A_sr Σ_t L_rt Σ_{u≠s,t} Y_tu (u may be r);
/// * `RDV_FIN` = β_i A_sr L_rr Y_rs; `RDV_FIN2` = β_i A_sr Σ_t L_rt Y_ts; `RDV_INT` = β_i A_sr L_rs Y_ss;
/// * `DDC_FIN` = β_i A_sr L_rs Σ_{t≠s} Y_st; `DDC_INT` = (α − β)_i A_sr x_r;
/// * `MVA_FIN` = μ_i Y_sr; `OVA_FIN` = ω_i Y_sr; `MVA_INT` = μ_i A_sr L°_r Y_rr; `OVA_INT` = ω_i A_sr L°_r Y_rr;
///   `MDC` = μ_i A_sr L°_r E_r; `ODC` = ω_i A_sr L°_r E_r.
///
/// They add up to the exports of each industry to each partner, but for industries without positive output that still deliver (see
/// [`crate::Repairs`]). Domestic terms are seen from the exporter, foreign ones from the world, which is why the foreign value added is
/// smaller than that of Borin and Mancini. Source: Wang, Wei and Zhu (2013), Quantifying International Production Sharing at the
/// Bilateral and Sector Levels, NBER Working Paper 19677.
///
/// ```
/// # use xinzhi_chain::{Factor, InputOutputSystem, SystemOptions};
/// use xinzhi_chain::{Breakdown, TradeOptions, wang_wei_zhu};
/// # let pair = |a: &str, b: &str| (a.to_string(), b.to_string());
/// # let system = InputOutputSystem::new(
/// #     "two regions", 2011, "million USD", vec![pair("A", "all"), pair("B", "all")], vec![10.0, 20.0, 30.0, 40.0],
/// #     vec![pair("A", "final"), pair("B", "final")], vec![50.0, 20.0, 10.0, 20.0], SystemOptions::default(),
/// # )?;
/// let options = TradeOptions { breakdown: Breakdown::RegionPartner, ..TradeOptions::default() };
/// let wwz = wang_wei_zhu(&Factor::new(&system)?, &options)?;
/// // 0.6 · 1.25 of what A sells to final demand in B is A's own value added
/// assert!((wwz.get("A", Some("B"), None, "DVA_FIN").unwrap() - 15.0).abs() < 1e-12);
/// # Ok::<(), xinzhi_chain::ChainError>(())
/// ```
///
/// # Errors
/// [`frame::FrameError`] for exporters that are unknown or named twice, [`ChainError::Singular`].
pub fn wang_wei_zhu(leontief: &impl Leontief, options: &TradeOptions) -> Result<TradeDecomposition, ChainError> {
    let system = leontief.system();
    let (n, regions) = (system.size(), system.regions().len());
    let (labels, sector_of) = names(system);
    let blocks = find_exporters(system, &options.exporters, &sector_of)?;
    let content = ExportContent::new(leontief);
    let (supply, supply_of_exports) = (own_supply(system)?, export_supply(system)?);
    let made_for = leontief.solve(final_demand_columns(system));
    let own_round = own_block_output(leontief);
    // the outputs that all regions' final demand for their own goods calls for, and that for each other's
    let everywhere = |value: &dyn Fn(usize, usize) -> f64| -> Vec<f64> {
        leontief.solve((0..regions).flat_map(|r| system.range_at(r).map(move |i| value(i, r))).collect())
    };
    let all_own = everywhere(&|i, r| system.final_delivery(i, r));
    let all_abroad = everywhere(&|i, r| (0..regions).filter(|u| *u != r).map(|u| system.final_delivery(i, u)).sum());
    // the same of each exporter alone
    let of_exporters = leontief.solve(blocks.iter().flat_map(|block| demand_for_exporter(system, block, true)).collect());
    let of_exporters_abroad = leontief.solve(blocks.iter().flat_map(|block| demand_for_exporter(system, block, false)).collect());

    TradeDecomposition::new("wwz", options.breakdown, &WANG_WEI_ZHU_TERMS, labels, &blocks, SectorRows::OfExporter, |b, rows| {
        let block = &blocks[b];
        let m = content.multipliers(block);
        let at_home = &of_exporters[b * n..(b + 1) * n];
        let sent_abroad = &of_exporters_abroad[b * n..(b + 1) * n];
        let absorbed = sum_of_columns(&made_for, n, &block.regions);
        // what the members of a group sell to each other's final demand is at home for the group, abroad for the members
        let within = if block.regions.len() > 1 { Some(leontief.solve(within_group(system, block))) } else { None };
        let mut vectors: [Vec<f64>; 8] = std::array::from_fn(|_| vec![0.0; n]);
        for r in &block.partners {
            for j in system.range_at(*r) {
                let row = &own_round[j * regions..(j + 1) * regions];
                let own: f64 = row[*r];
                let back: f64 = block.regions.iter().map(|s| row[*s]).sum();
                let third: f64 = block.partners.iter().filter(|u| *u != r).map(|u| row[*u]).sum();
                let among_members = within.as_ref().map_or(0.0, |w| w[j]);
                // Σ_{t≠s,r} L_rt Y_tt: members' own demand and their demand for each other are both demand of s for its own goods
                let third_own = all_own[j] - own - (at_home[j] - among_members);
                let back_by_third = absorbed[j] - at_home[j] - back;
                // Σ_t L_rt Σ_{u≠t} Y_tu less t = r and t = s, where the members' demand for each other counts as abroad
                let third_abroad = all_abroad[j] - (third + back) - (sent_abroad[j] + among_members);
                let values = [own, third_own, third, third_abroad - back_by_third, at_home[j], back, back_by_third, sent_abroad[j]];
                vectors.iter_mut().zip(values).for_each(|(vector, value)| vector[j] = value);
            }
        }
        let [own, third_own, third, third_third, home, back, back_by_third, abroad] = &vectors;
        let products: [&[f64]; 11] =
            [own, third_own, third, third_third, home, back, back_by_third, abroad, system.output(), &supply, &supply_of_exports];
        for_each_flow(system, block, products, |flow| {
            let (alpha, beta) = (m.domestic[flow.local], m.local[flow.local]);
            let mu = content.of_region(flow.partner)[flow.industry];
            let omega = m.foreign[flow.local] - mu;
            let p = flow.products;
            let terms = [
                alpha * flow.last,
                beta * p[0],
                beta * p[1],
                beta * p[2],
                beta * p[3],
                beta * p[4],
                beta * p[5],
                beta * p[6],
                omega * flow.last,
                mu * flow.last,
                omega * p[9],
                mu * p[9],
                beta * p[7],
                (alpha - beta) * p[8],
                omega * p[10],
                mu * p[10],
            ];
            rows.add(block.sectors[flow.local], flow.partner, &terms);
        });
        Ok(())
    })
}

/// The terms of Wang, Wei and Zhu gathered to those of Koopman, Wang and Wei: `DVA_INT` with `DVA_INTrexI1`, `DVA_INTrexF` with
/// `DVA_INTrexI2`, the two of each pair of `RDV_FIN`, `DDC`, and importer with third regions in the foreign terms (table E2 of
/// Wang, Wei and Zhu). `None` for a row that does not have sixteen terms. By exporter they equal [`crate::koopman_wang_wei`]; in finer
/// rows they are Wang, Wei and Zhu's own terms under the older names.
///
/// ```
/// let sixteen: Vec<f64> = (1..=16).map(f64::from).collect();
/// let nine = xinzhi_chain::wang_wei_zhu_to_koopman_wang_wei(&sixteen).unwrap();
/// assert_eq!(nine, [1.0, 5.0, 9.0, 15.0, 6.0, 27.0, 19.0, 23.0, 31.0]);
/// ```
pub fn wang_wei_zhu_to_koopman_wang_wei(values: &[f64]) -> Option<[f64; KOOPMAN_WANG_WEI_TERMS.len()]> {
    let [fin, int, i1, f, i2, rdv_int, rdv_fin, rdv_fin2, ova_fin, mva_fin, ova_int, mva_int, ddc_fin, ddc_int, odc, mdc] = *values else {
        return None;
    };
    Some([fin, int + i1, f + i2, rdv_fin + rdv_fin2, rdv_int, ddc_fin + ddc_int, ova_fin + mva_fin, ova_int + mva_int, odc + mdc])
}

/// Final deliveries of an exporter to itself, or to all others.
fn demand_for_exporter(system: &InputOutputSystem, block: &ExporterBlock, at_home: bool) -> Vec<f64> {
    let to = if at_home { &block.regions } else { &block.partners };
    let values: Vec<f64> = block.industries.iter().map(|i| to.iter().map(|r| system.final_delivery(*i, *r)).sum()).collect();
    block.embed(&values, system.size())
}

/// Final deliveries of a group's members to each other.
fn within_group(system: &InputOutputSystem, block: &ExporterBlock) -> Vec<f64> {
    let mut demand = vec![0.0; system.size()];
    for s in &block.regions {
        for i in system.range_at(*s) {
            demand[i] = block.regions.iter().filter(|r| *r != s).map(|r| system.final_delivery(i, *r)).sum();
        }
    }
    demand
}

/// L_rr Y_ru for every region r and every region u, n × regions: what a region's own block of the inverse makes of its deliveries to the
/// final demand of each region. The columns of the inverse are formed one region at a time and not kept.
fn own_block_output(leontief: &impl Leontief) -> Vec<f64> {
    let system = leontief.system();
    let (n, regions) = (system.size(), system.regions().len());
    let parts: Vec<Vec<f64>> = (0..regions)
        .into_par_iter()
        .map(|r| {
            let own = system.range_at(r);
            let (k, start) = (own.len(), own.start);
            let columns = leontief.columns(own.clone());
            let block = MatRef::from_column_major_slice(&columns, n, k).subrows(start, k);
            let demand: Vec<f64> = own.flat_map(|i| (0..regions).map(move |u| system.final_delivery(i, u))).collect();
            let mut made = vec![0.0; k * regions];
            faer::linalg::matmul::matmul(
                MatMut::from_row_major_slice_mut(&mut made, k, regions),
                Accum::Replace,
                block,
                MatRef::from_row_major_slice(&demand, k, regions),
                1.0,
                Par::Seq,
            );
            made
        })
        .collect();
    parts.concat()
}
