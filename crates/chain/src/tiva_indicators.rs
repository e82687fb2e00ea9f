use crate::export_content::{ExportContent, Flow, final_demand_columns, for_each_flow, sum_of_columns};
use crate::exporter::{find_exporters, names};
use crate::trade_decomposition::SectorRows;
use crate::{ChainError, Leontief, TradeDecomposition, TradeOptions};
use frame::{LabelledMatrix, Labels};

/// Indicators that have a partner: gross flows and their balance, value added in exports and imports, value added in final demand,
/// participation.
const WITH_PARTNER: [&str; 20] = [
    "EXGR",
    "EXGR_FNL",
    "EXGR_INT",
    "EXGR_DVA",
    "EXGR_FNLDVA",
    "EXGR_INTDVA",
    "EXGR_DDC",
    "EXGR_IDC",
    "EXGR_RIM",
    "EXGR_FVA",
    "IMGR",
    "IMGR_FNL",
    "IMGR_INT",
    "IMGR_DVA",
    "BALGR",
    "FFD_DVA",
    "DFD_FVA",
    "BALVAFD",
    "DEXFVAP",
    "FEXDVAP",
];

/// Those of a region as such.
const WITHOUT_PARTNER: [&str; 7] = ["DOM", "DOM_FNL", "DOM_INT", "DXD_DVA", "FD_VA", "VALU", "PROD"];

/// Shares of gross exports that [`tiva_shares`] gives: domestic and foreign value added, backward and forward participation and their sum.
pub const TIVA_SHARES: [&str; 5] = ["EXGR_DVASH", "EXGR_FVASH", "DEXFVAPSH", "FEXDVAPSH", "GVC"];

/// The indicators of the OECD's Trade in Value Added database, by region or group of regions, partner and sector, in the unit of the
/// table.
///
/// With v the value-added coefficients, L the world inverse, L° = (I − A_ss)⁻¹, Y final demand, E gross exports by industry; for
/// region s and partner r:
///
/// * by exporting sector and importer, e = what industry i of s delivers to r: `EXGR` = e, of it `EXGR_INT` to industries and
///   `EXGR_FNL` to final demand; `EXGR_DVA` = (v_s L_ss)_i e, domestic value added, of it `EXGR_DDC` = v_i L°_ii e direct, `EXGR_IDC`
///   = (v_s L°)_i e − EXGR_DDC through domestic suppliers and `EXGR_RIM` the rest, re-imported; `EXGR_INTDVA` and `EXGR_FNLDVA` the
///   domestic value added of the two kinds; `EXGR_FVA` = Σ_{t≠s} (v_t L_ts)_i e;
/// * by the sector and region that sells: `IMGR`, `IMGR_INT`, `IMGR_FNL` imports; `IMGR_DVA` = (v_s L_sr)_j times imports from j,
///   domestic value added that comes back; `BALGR` = EXGR − IMGR;
/// * by sector and region that add the value: `FFD_DVA` = v̂_s (L Y)_sr, domestic value added in foreign final demand; `DFD_FVA` =
///   v̂_r (L Y)_rs, foreign value added in domestic final demand; `BALVAFD` = FFD_DVA − DFD_FVA, which summed equals BALGR; `DEXFVAP` =
///   v̂_r L_rs E_s, backward participation by origin; `FEXDVAP` = v̂_s L_sr E_r, forward participation by exporter;
/// * without partners also `DOM`, `DOM_INT`, `DOM_FNL` deliveries at home; `DXD_DVA` = v̂_s (L Y)_ss; `FD_VA` = FFD_DVA + DXD_DVA;
///   `VALU` value added; `PROD` output; by region also `REF` = EXGR_DVA − EXGR_RIM − FFD_DVA, value added that returns home for good.
///
/// Summed over everything EXGR_FVA equals DEXFVAP; by sector the first goes by who exports, the second by who adds the value. Groups
/// are one region: what members deliver to each other is domestic. Source: OECD (2023), Guide to OECD Trade in Value Added
/// Indicators; names and conventions as in exvatools, method `oecd`.
///
/// ```
/// # use xinzhi_chain::{Factor, InputOutputSystem, SystemOptions};
/// use xinzhi_chain::{TradeOptions, tiva_indicators};
/// # let pair = |a: &str, b: &str| (a.to_string(), b.to_string());
/// # let system = InputOutputSystem::new(
/// #     "two regions", 2011, "million USD", vec![pair("A", "all"), pair("B", "all")], vec![10.0, 20.0, 30.0, 40.0],
/// #     vec![pair("A", "final"), pair("B", "final")], vec![50.0, 20.0, 10.0, 20.0], SystemOptions::default(),
/// # )?;
/// let tiva = tiva_indicators(&Factor::new(&system)?, &TradeOptions::default())?;
/// let of_a = |indicator| tiva.get("A", None, None, indicator).unwrap();
/// assert_eq!((of_a("EXGR"), of_a("IMGR"), of_a("VALU")), (40.0, 40.0, 60.0));
/// // 0.6 · 1.25 · 40 of its own value added in the exports
/// assert!((of_a("EXGR_DVA") - 30.0).abs() < 1e-12 && (of_a("BALVAFD") - of_a("BALGR")).abs() < 1e-12);
/// # Ok::<(), xinzhi_chain::ChainError>(())
/// ```
///
/// # Errors
/// [`frame::FrameError`] for regions that are unknown or named twice, [`ChainError::Singular`].
pub fn tiva_indicators(leontief: &impl Leontief, options: &TradeOptions) -> Result<TradeDecomposition, ChainError> {
    let system = leontief.system();
    let (n, regions) = (system.size(), system.regions().len());
    let (labels, sector_of) = names(system)?;
    let blocks = find_exporters(system, &options.exporters, &sector_of)?;
    let content = ExportContent::new(leontief);
    let v = system.value_added_coefficients();
    let value_added = system.value_added();
    let made_for = leontief.solve(final_demand_columns(system));
    let mut exports = vec![0.0; n * regions];
    for (r, column) in exports.chunks_exact_mut(n).enumerate() {
        column[system.range_at(r)].copy_from_slice(&system.gross_exports_at(r));
    }
    let made_for_exports = leontief.solve(exports);
    let (by_partner, by_sector) = (options.breakdown.by_partner(), options.breakdown.by_sector());
    let mut terms = WITH_PARTNER.to_vec();
    if !by_partner {
        terms.extend(WITHOUT_PARTNER);
        terms.extend((!by_sector).then_some("REF"));
    }
    TradeDecomposition::new("tiva", options.breakdown, &terms, labels, &blocks, SectorRows::All, |b, rows| {
        let block = &blocks[b];
        let m = content.multipliers(block);
        let own = content.of(block);
        // without partners in the rows any of them names the same row
        let Some(some_partner) = block.partners.first().copied().or(block.regions.first().copied()) else { return Ok(()) };
        let mut inverse = vec![0.0; block.industries.len() * block.industries.len()];
        inverse.iter_mut().step_by(block.industries.len() + 1).for_each(|entry| *entry = 1.0);
        block.local.solve(&mut inverse);
        let direct: Vec<f64> =
            block.industries.iter().zip(inverse.iter().step_by(block.industries.len() + 1)).map(|(i, l)| v[*i] * l).collect();
        for_each_flow(system, block, [], |flow: Flow<0>| {
            let (domestic, local, direct) = (m.domestic[flow.local], m.local[flow.local], direct[flow.local]);
            let e = flow.intermediate + flow.last;
            let values = [
                e,
                flow.last,
                flow.intermediate,
                domestic * e,
                domestic * flow.last,
                domestic * flow.intermediate,
                direct * e,
                (local - direct) * e,
                (domestic - local) * e,
                m.foreign[flow.local] * e,
            ];
            rows.add(block.sectors[flow.local], flow.partner, &values);
        });
        let absorbed = sum_of_columns(&made_for, n, &block.regions);
        let for_own_exports = match block.regions.as_slice() {
            [region] => made_for_exports[region * n..(region + 1) * n].to_vec(),
            _ => leontief.solve(block.embed(&block.exports(system), n)),
        };
        for r in &block.partners {
            for j in system.range_at(*r) {
                let sold = &system.deliveries()[j * n..(j + 1) * n];
                let intermediate: f64 = block.industries.iter().map(|i| sold[*i]).sum();
                let last: f64 = block.regions.iter().map(|s| system.final_delivery(j, *s)).sum();
                let imports = intermediate + last;
                let row = rows.row(sector_of[j], *r);
                let values = [imports, last, intermediate, own[j] * imports];
                row[10..14].iter_mut().zip(values).for_each(|(sum, value)| *sum += value);
                row[16] += v[j] * absorbed[j];
                row[18] += v[j] * for_own_exports[j];
            }
            for (i, sector) in block.industries.iter().zip(&block.sectors) {
                let row = rows.row(*sector, *r);
                row[15] += v[*i] * made_for[r * n + i];
                row[19] += v[*i] * made_for_exports[r * n + i];
            }
        }
        if !by_partner {
            for (i, sector) in block.industries.iter().zip(&block.sectors) {
                let sold = &system.deliveries()[i * n..(i + 1) * n];
                let intermediate: f64 = block.industries.iter().map(|j| sold[*j]).sum();
                let last: f64 = block.regions.iter().map(|s| system.final_delivery(*i, *s)).sum();
                let values = [intermediate + last, last, intermediate, v[*i] * absorbed[*i], 0.0, value_added[*i], system.output()[*i]];
                let row = rows.row(*sector, some_partner);
                row[20..27].iter_mut().zip(values).for_each(|(sum, value)| *sum += value);
            }
        }
        for row in rows.values().chunks_exact_mut(terms.len()) {
            row[14] = row[0] - row[10];
            row[17] = row[15] - row[16];
            if !by_partner {
                row[24] = row[15] + row[23];
            }
            if !by_partner && !by_sector {
                row[27] = row[3] - row[8] - row[15];
            }
        }
        Ok(())
    })
}

/// Shares of gross exports, [`TIVA_SHARES`], of every region or group of a table by [`tiva_indicators`]: region × share, as parts of 1.
/// Regions without exports are left out. `GVC` is the sum of backward and forward participation (Koopman, Powers, Wang and Wei 2010).
///
/// ```
/// # use xinzhi_chain::{Factor, InputOutputSystem, SystemOptions};
/// use xinzhi_chain::{TradeOptions, tiva_indicators, tiva_shares};
/// # let pair = |a: &str, b: &str| (a.to_string(), b.to_string());
/// # let system = InputOutputSystem::new(
/// #     "two regions", 2011, "million USD", vec![pair("A", "all"), pair("B", "all")], vec![10.0, 20.0, 30.0, 40.0],
/// #     vec![pair("A", "final"), pair("B", "final")], vec![50.0, 20.0, 10.0, 20.0], SystemOptions::default(),
/// # )?;
/// let shares = tiva_shares(&tiva_indicators(&Factor::new(&system)?, &TradeOptions::default())?)?;
/// assert!((shares.get("A", "EXGR_DVASH").unwrap() - 0.75).abs() < 1e-12);
/// # Ok::<(), xinzhi_chain::ChainError>(())
/// ```
///
/// # Errors
/// [`ChainError::Breakdown`] for a table of another method.
pub fn tiva_shares(indicators: &TradeDecomposition) -> Result<LabelledMatrix, ChainError> {
    if indicators.method != "tiva" {
        return Err(ChainError::Breakdown {
            method: indicators.method,
            breakdown: "TiVA shares",
            next: "they are taken of the table that tiva_indicators gives",
        });
    }
    let totals = indicators.by_exporter()?;
    let (mut kept, mut values) = (Vec::new(), Vec::new());
    for region in totals.rows().iter() {
        let of = |term: &str| totals.get(region, term).unwrap_or(0.0);
        let exports = of("EXGR");
        if exports > 0.0 {
            kept.push(region.to_owned());
            let (backward, forward) = (of("DEXFVAP") / exports, of("FEXDVAP") / exports);
            values.extend([of("EXGR_DVA") / exports, of("EXGR_FVA") / exports, backward, forward, backward + forward]);
        }
    }
    Ok(LabelledMatrix::new(Labels::new("regions", kept)?, Labels::new("shares", TIVA_SHARES)?, values)?)
}
