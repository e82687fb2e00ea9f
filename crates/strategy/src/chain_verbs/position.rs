use super::ChainTable;
use crate::{Answer, StrategyError};
use chain::chain_position;
use frame::Language;
use serde::{Deserialize, Serialize};
use store::RowTable;

/// How far industries stand from final use and from primary inputs.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "clap", derive(clap::Args))]
#[serde(default, deny_unknown_fields)]
pub struct PositionRequest {
    /// Only the industries of these regions
    #[cfg_attr(feature = "clap", arg(long, value_name = "REGION", value_delimiter = ','))]
    pub regions: Vec<String>,
}

/// Upstreamness and downstreamness of every industry: `region, sector, output, upstreamness, downstreamness`.
///
/// # Errors
/// Unknown regions, and what solving the table reports.
pub fn position(table: &ChainTable, request: &PositionRequest, _: Language) -> Result<Answer, StrategyError> {
    for region in &request.regions {
        table.system.range(region)?;
    }
    let mut rows = chain_position(table.factor()?);
    rows.retain(|row| request.regions.is_empty() || request.regions.contains(&row.region));
    let positions = RowTable::new("position")
        .text("region", rows.iter().map(|row| row.region.as_str()))?
        .text("sector", rows.iter().map(|row| row.sector.as_str()))?
        .number("output", rows.iter().map(|row| row.output))?
        .number("upstreamness", rows.iter().map(|row| row.upstreamness.unwrap_or(f64::NAN)))?
        .number("downstreamness", rows.iter().map(|row| row.downstreamness.unwrap_or(f64::NAN)))?;
    Ok(Answer { tables: vec![positions], record: table.record(request), notes: table.notes() })
}
