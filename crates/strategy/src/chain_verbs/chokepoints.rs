use super::ChainTable;
use crate::{Answer, StrategyError};
use chain::{CutOptions, single_cuts};
use frame::Language;
use serde::{Deserialize, Serialize};
use store::RowTable;

/// Which foreign suppliers would hurt a place most if they were cut off.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "clap", derive(clap::Args))]
#[serde(default, deny_unknown_fields)]
pub struct ChokepointsRequest {
    /// The user region; all without it
    #[cfg_attr(feature = "clap", arg(long, value_name = "REGION"))]
    pub place: Option<String>,
    /// How many cuts to list [default: 50]
    #[cfg_attr(feature = "clap", arg(long, value_name = "N"))]
    pub top: Option<usize>,
}

/// Every cut of one foreign industry from one user region, the worst first.
///
/// # Errors
/// Unknown regions, and what solving the table reports.
pub fn chokepoints(table: &ChainTable, request: &ChokepointsRequest, _: Language) -> Result<Answer, StrategyError> {
    let users: Vec<String> = match &request.place {
        Some(place) => vec![place.clone()],
        None => table.system.regions().iter().map(str::to_owned).collect(),
    };
    let options = CutOptions { top: Some(request.top.unwrap_or(50)) };
    let mut cuts = Vec::new();
    for user in &users {
        let found = single_cuts(table.factor()?, user, options)?;
        cuts.extend(found.cuts.into_iter().map(|cut| (user, cut)));
    }
    let rows = RowTable::new("chokepoints")
        .text("user", cuts.iter().map(|(user, _)| user.as_str()))?
        .text("region", cuts.iter().map(|(_, cut)| cut.region.as_str()))?
        .text("sector", cuts.iter().map(|(_, cut)| cut.sector.as_str()))?
        .number("value_added_loss", cuts.iter().map(|(_, cut)| cut.value_added_loss))?;
    Ok(Answer { tables: vec![rows], record: table.record(request), notes: table.notes() })
}
