use super::{ChainTable, refuse};
use crate::{Answer, StrategyError};
use chain::{PathOptions, structural_paths};
use frame::Language;
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::RowTable;

/// Along which supply paths something arises behind a final demand.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "clap", derive(clap::Args))]
#[serde(default, deny_unknown_fields)]
pub struct PathsRequest {
    /// What is followed: an extension of the table, value_added (default) or output
    #[cfg_attr(feature = "clap", arg(long, value_name = "NAME"))]
    pub extension: Option<String>,
    /// Its row; the first without it
    #[cfg_attr(feature = "clap", arg(long, value_name = "NAME"))]
    pub stressor: Option<String>,
    /// The region whose final demand is followed; the world's without it
    #[cfg_attr(feature = "clap", arg(long, value_name = "REGION"))]
    pub place: Option<String>,
    /// Only final demand for the goods of these industries: REGION:SECTOR, or SECTOR of any region
    #[cfg_attr(feature = "clap", arg(long, value_name = "INDUSTRY", value_delimiter = ','))]
    pub goods: Vec<String>,
    /// How many paths to list [default: 50]
    #[cfg_attr(feature = "clap", arg(long, value_name = "N"))]
    pub top: Option<usize>,
    /// Stop when the listed paths make up this share of the whole
    #[cfg_attr(feature = "clap", arg(long, value_name = "SHARE"))]
    pub coverage: Option<f64>,
}

/// The largest supply paths behind a final demand, proven to be the largest, in order.
///
/// # Errors
/// Extensions, rows, regions and industries that are not known, and what solving the table reports.
pub fn paths(table: &ChainTable, request: &PathsRequest, _: Language) -> Result<Answer, StrategyError> {
    let system = &table.system;
    let (stressor, unit) = table.stressor(request.extension.as_deref().unwrap_or("value_added"), request.stressor.as_deref())?;
    let stressor: Vec<f64> = stressor.iter().zip(system.inverse_output()).map(|(flow, inverse)| flow * inverse).collect();
    let regions = match &request.place {
        None => 0..system.regions().len(),
        Some(place) => {
            let at = system.regions().require(place)?;
            at..at + 1
        }
    };
    for goods in &request.goods {
        match goods.split_once(':') {
            Some((region, sector)) => drop(system.position(region, sector)?),
            None if system.sectors().iter().any(|(_, sector)| sector == goods) => {}
            None => return refuse("goods", goods, "REGION:SECTOR, or a sector of the table"),
        }
    }
    let wanted = |(region, sector): &(String, String)| {
        request.goods.is_empty()
            || request.goods.iter().any(|goods| match goods.split_once(':') {
                Some(pair) => pair == (region.as_str(), sector.as_str()),
                None => goods == sector,
            })
    };
    let demand: Vec<f64> = system
        .sectors()
        .iter()
        .enumerate()
        .map(|(i, industry)| if wanted(industry) { regions.clone().map(|r| system.final_delivery(i, r)).sum() } else { 0.0 })
        .collect();
    let options = PathOptions { paths: request.top.unwrap_or(50), coverage: request.coverage.unwrap_or(1.0) };
    let found = structural_paths(table.factor()?, &stressor, &demand, &options)?;
    let printed = |industries: &[(String, String)]| {
        industries.iter().rev().map(|(region, sector)| format!("{region} {sector}")).collect::<Vec<_>>().join(" > ")
    };
    let rows = RowTable::new("paths")
        .count("order", 1..=found.paths.len())?
        .text("path", found.paths.iter().map(|path| printed(&path.industries)))?
        .count("stages", found.paths.iter().map(|path| path.industries.len()))?
        .number("contribution", found.paths.iter().map(|path| path.contribution))?
        .number("share", found.paths.iter().map(|path| path.share.unwrap_or(f64::NAN)))?
        .number("with_all_above", found.paths.iter().map(|path| path.with_all_above))?;
    let mut notes = table.notes();
    notes.push(format!(
        "paths run from where it arises to the industry that sells to final demand, in {unit}; the whole is {}, the listed paths {} ({:.1} %); no other path is larger than {:.6}",
        found.total,
        found.listed,
        100.0 * found.coverage.unwrap_or(f64::NAN),
        found.largest_missing
    ));
    let mut record = table.record(request);
    record["total"] = json!(found.total);
    record["listed"] = json!(found.listed);
    record["largest_missing"] = json!(found.largest_missing);
    record["nodes"] = json!(found.nodes);
    Ok(Answer { tables: vec![rows], record, notes })
}
