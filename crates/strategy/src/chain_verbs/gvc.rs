use super::{ChainTable, refuse};
use crate::{Answer, StrategyError};
use chain::{ValueAddedInExports, value_added_in_all_exports};
use frame::Language;
use serde::{Deserialize, Serialize};
use store::RowTable;

/// Where the value of exports comes from.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "clap", derive(clap::Args))]
#[serde(default, deny_unknown_fields)]
pub struct GvcRequest {
    /// The decomposition: bm-src (default)
    #[cfg_attr(feature = "clap", arg(long, value_name = "NAME"))]
    pub method: Option<String>,
}

/// Decomposes the gross exports of every region, one row a region, in the unit of the table.
///
/// # Errors
/// A method that is not known, and what solving the table reports.
pub fn gvc(table: &ChainTable, request: &GvcRequest, _: Language) -> Result<Answer, StrategyError> {
    match request.method.as_deref() {
        None | Some("bm-src") => {}
        Some(other) => return refuse("method", other, "bm-src"),
    }
    let found = value_added_in_all_exports(table.factor()?)?;
    let mut rows = RowTable::new("gvc").text("region", found.iter().map(|row| row.region.as_str()))?;
    for (at, term) in ValueAddedInExports::TERMS.iter().enumerate() {
        rows = rows.number(term, found.iter().map(|row| row.terms()[at]))?;
    }
    Ok(Answer { tables: vec![rows], record: table.record(request), notes: table.notes() })
}
