use super::region_groups::RegionGroup;
use super::{ChainTable, refuse};
use crate::{Answer, StrategyError};
use chain::{
    Breakdown, Exporter, Perspective, TradeDecomposition, TradeOptions, borin_mancini_by_origin, borin_mancini_sink, borin_mancini_source,
    koopman_wang_wei, miroudot_ye, tiva_indicators, wang_wei_zhu,
};
use frame::Language;
use serde::{Deserialize, Serialize};
use store::RowTable;

/// Where the value of exports comes from.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "clap", derive(clap::Args))]
#[serde(default, deny_unknown_fields)]
pub struct GvcRequest {
    /// The decomposition: bm-src (Borin-Mancini, source; default), bm-snk (sink), bm-origin (by the sector that adds the value), kww, wwz,
    /// my (Miroudot-Ye) or tiva (indicators)
    #[cfg_attr(feature = "clap", arg(long, value_name = "NAME"))]
    pub method: Option<String>,
    /// The rows: region (default), partner, sector, or partner-sector
    #[cfg_attr(feature = "clap", arg(long, value_name = "ROWS"))]
    pub by: Option<String>,
    /// At which border value added counts once, with bm-src or my: exporter (default), sector, bilateral, bilateral-sector, importer or world
    #[cfg_attr(feature = "clap", arg(long, value_name = "BORDER"))]
    pub perspective: Option<String>,
    /// Only these exporters
    #[cfg_attr(feature = "clap", arg(long, value_name = "REGION", value_delimiter = ','))]
    pub exporters: Vec<String>,
    /// Regions as one exporter, what they deliver to each other being domestic: NAME=REGION+REGION, or EU27, ASEAN, NAFTA, BRICS, G7
    #[cfg_attr(feature = "clap", arg(long = "group", value_name = "GROUP", value_delimiter = ','))]
    pub groups: Vec<String>,
}

/// Gross exports decomposed, in the unit of the table: a row an exporter, and partner and sector where asked, a column a term. The terms
/// are those of the method ([`chain::BORIN_MANCINI_TERMS`], [`chain::KOOPMAN_WANG_WEI_TERMS`], [`chain::WANG_WEI_ZHU_TERMS`], ...).
///
/// # Errors
/// Methods, regions and groups that are not known, rows that a method does not have, and what solving the table reports.
pub fn gvc(table: &ChainTable, request: &GvcRequest, _: Language) -> Result<Answer, StrategyError> {
    let mut notes = table.notes();
    let breakdown = match request.by.as_deref() {
        None | Some("region") => Breakdown::Region,
        Some("partner") => Breakdown::RegionPartner,
        Some("sector") => Breakdown::RegionSector,
        Some("partner-sector") => Breakdown::RegionPartnerSector,
        Some(other) => return refuse("by", other, "region, partner, sector or partner-sector"),
    };
    let perspective = match request.perspective.as_deref() {
        None | Some("exporter") => Perspective::Exporter,
        Some("sector") => Perspective::Sector,
        Some("bilateral") => Perspective::Bilateral,
        Some("bilateral-sector") => Perspective::BilateralSector,
        Some("importer") => Perspective::Importer,
        Some("world") => Perspective::World,
        Some(other) => return refuse("perspective", other, "exporter, sector, bilateral, bilateral-sector, importer or world"),
    };
    let mut exporters: Vec<Exporter> = request.exporters.iter().map(Exporter::region).collect();
    for text in &request.groups {
        let group = RegionGroup::parse(text, &table.system, &mut notes)?;
        exporters.push(Exporter::group(group.name, group.regions));
    }
    let options = TradeOptions { exporters, breakdown };
    let method = request.method.as_deref().unwrap_or("bm-src");
    if request.perspective.is_some() && !matches!(method, "bm-src" | "my") {
        return refuse("perspective", request.perspective.as_deref().unwrap_or_default(), "it with --method bm-src or my only");
    }
    let factor = table.factor()?;
    let found = match method {
        "bm-src" => borin_mancini_source(factor, perspective, &options)?,
        "bm-snk" => borin_mancini_sink(factor, &options)?,
        "bm-origin" => borin_mancini_by_origin(factor, &options)?,
        "kww" => koopman_wang_wei(factor, &options)?,
        "wwz" => wang_wei_zhu(factor, &options)?,
        "my" => miroudot_ye(factor, perspective, &options)?,
        "tiva" => tiva_indicators(factor, &options)?,
        other => return refuse("method", other, "bm-src, bm-snk, bm-origin, kww, wwz, my or tiva"),
    };
    notes.extend(left_over(table, &found)?);
    Ok(Answer { tables: vec![decomposed(&found)?], record: table.record(request), notes })
}

/// Says by how much terms miss gross exports: industries without positive output that deliver all the same have no value added.
fn left_over(table: &ChainTable, found: &TradeDecomposition) -> Result<Option<String>, StrategyError> {
    let sums = found.by_exporter()?;
    let (mut worst, mut at) = (0.0, "");
    for (e, exporter) in found.exporters().iter().enumerate() {
        let term = |name: &str| sums.columns().position(name).map(|at| sums.at(e, at));
        let (whole, parts) = match (found.method, table.system.gross_exports(exporter)) {
            ("kww" | "wwz", Ok(exports)) => (exports.iter().sum::<f64>(), sums.row(e).iter().sum::<f64>()),
            ("bm-src" | "bm-snk" | "my", _) => match (term("EXGR"), term("DC"), term("FC")) {
                (Some(whole), Some(domestic), Some(foreign)) => (whole, domestic + foreign),
                _ => continue,
            },
            _ => continue,
        };
        let miss = (whole - parts).abs();
        if miss > 1e-9 * whole.abs() && miss > worst {
            (worst, at) = (miss, exporter);
        }
    }
    let unit = table.system.unit();
    Ok((worst > 0.0).then(|| {
        format!("the terms miss gross exports by up to {worst} {unit} ({at}): industries without positive output deliver and have no value added")
    }))
}

fn decomposed(found: &TradeDecomposition) -> Result<RowTable, StrategyError> {
    let mut rows = RowTable::new("gvc").text("region", found.rows().map(|row| row.exporter))?;
    if found.breakdown.by_partner() {
        rows = rows.text("partner", found.rows().map(|row| row.partner.unwrap_or_default()))?;
    }
    if found.breakdown.by_sector() {
        rows = rows.text("sector", found.rows().map(|row| row.sector.unwrap_or_default()))?;
    }
    for (at, term) in found.terms.iter().enumerate() {
        rows = rows.number(term, found.rows().map(|row| row.values[at]))?;
    }
    Ok(rows)
}
