use super::{ChainTable, refuse};
use crate::{Answer, StrategyError};
use chain::{InfluenceOrder, field_of_influence};
use frame::Language;
use serde::{Deserialize, Serialize};
use store::RowTable;

/// Which input coefficients the whole system feels most.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "clap", derive(clap::Args))]
#[serde(default, deny_unknown_fields)]
pub struct InfluenceRequest {
    /// By which share of itself a coefficient grows [default: 0.01]
    #[cfg_attr(feature = "clap", arg(long, value_name = "SHARE"))]
    pub rise: Option<f64>,
    /// How many coefficients to list [default: 50]
    #[cfg_attr(feature = "clap", arg(long, value_name = "N"))]
    pub top: Option<usize>,
    /// By what: output-change (default) or field
    #[cfg_attr(feature = "clap", arg(long, value_name = "ORDER"))]
    pub order: Option<String>,
}

/// The first-order field of influence of input coefficients, the largest first.
///
/// # Errors
/// Options that make no sense, and what solving the table reports.
pub fn influence(table: &ChainTable, request: &InfluenceRequest, _: Language) -> Result<Answer, StrategyError> {
    let order = match request.order.as_deref() {
        None | Some("output-change") => InfluenceOrder::OutputChange,
        Some("field") => InfluenceOrder::Field,
        Some(other) => return refuse("order", other, "output-change or field"),
    };
    let found = field_of_influence(table.factor()?, request.rise.unwrap_or(0.01), request.top.unwrap_or(50), order)?;
    let rows = RowTable::new("influence")
        .text("from_region", found.iter().map(|one| one.from_region.as_str()))?
        .text("from_sector", found.iter().map(|one| one.from_sector.as_str()))?
        .text("to_region", found.iter().map(|one| one.to_region.as_str()))?
        .text("to_sector", found.iter().map(|one| one.to_sector.as_str()))?
        .number("coefficient", found.iter().map(|one| one.coefficient))?
        .number("field", found.iter().map(|one| one.field))?
        .number("output_change", found.iter().map(|one| one.output_change))?;
    Ok(Answer { tables: vec![rows], record: table.record(request), notes: table.notes() })
}
