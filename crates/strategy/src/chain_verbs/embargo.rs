use super::extraction::{industries, replacement};
use super::{ChainTable, refuse};
use crate::{Answer, StrategyError};
use chain::{EmbargoModel, EmbargoOptions, bilateral_embargoes, embargo as one_embargo};
use frame::Language;
use serde::{Deserialize, Serialize};
use store::RowTable;

/// What regions would lose if some suppliers stopped delivering to some users.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "clap", derive(clap::Args))]
#[serde(default, deny_unknown_fields)]
pub struct EmbargoRequest {
    /// Who stops delivering: REGION, REGION:SECTOR, or a group of regions; with --to. Every region against every other without both
    #[cfg_attr(feature = "clap", arg(long, value_name = "INDUSTRY", value_delimiter = ','))]
    pub from: Vec<String>,
    /// Who is cut off: the same
    #[cfg_attr(feature = "clap", arg(long, value_name = "INDUSTRY", value_delimiter = ','))]
    pub to: Vec<String>,
    /// Whose loss is followed: demand (the supplier's sales; default) or supply (the user's inputs)
    #[cfg_attr(feature = "clap", arg(long, value_name = "MODEL"))]
    pub model: Option<String>,
    /// Who takes over, on the demand side: nobody (default), imports (from other regions) or all suppliers
    #[cfg_attr(feature = "clap", arg(long, value_name = "RULE"))]
    pub replacement: Option<String>,
    /// Deliveries to final demand go on
    #[cfg_attr(feature = "clap", arg(long))]
    pub inputs_only: bool,
}

/// Losses of output and value added of every region under one embargo; or, for every embargo of one region against another, those of the
/// supplier, the user and the world.
///
/// # Errors
/// Industries, models and rules that are not known or do not go together, and what solving the table reports.
pub fn embargo(table: &ChainTable, request: &EmbargoRequest, _: Language) -> Result<Answer, StrategyError> {
    let mut notes = table.notes();
    let model = match request.model.as_deref() {
        None | Some("demand") => EmbargoModel::Demand,
        Some("supply") => EmbargoModel::Supply,
        Some(other) => return refuse("model", other, "demand or supply"),
    };
    let options = EmbargoOptions { model, replacement: replacement(request.replacement.as_deref())?, final_demand: !request.inputs_only };
    let rows = match (request.from.is_empty(), request.to.is_empty()) {
        (true, true) => {
            let found = bilateral_embargoes(table.factor()?, options)?;
            let regions = table.system.regions();
            let own = |of: &str, losses: &[f64]| regions.position(of).map_or(f64::NAN, |r| losses[r]);
            RowTable::new("embargo")
                .text("from", found.iter().map(|one| one.supplier.as_str()))?
                .text("to", found.iter().map(|one| one.user.as_str()))?
                .number("flow_of_inputs", found.iter().map(|one| one.flow_of_inputs))?
                .number("flow_of_final_goods", found.iter().map(|one| one.flow_of_final_goods))?
                .number("not_replaced", found.iter().map(|one| one.not_replaced))?
                .number("from_value_added_loss", found.iter().map(|one| own(&one.supplier, &one.value_added_loss)))?
                .number("to_value_added_loss", found.iter().map(|one| own(&one.user, &one.value_added_loss)))?
                .number("world_value_added_loss", found.iter().map(|one| one.world_value_added_loss()))?
                .number("from_output_loss", found.iter().map(|one| own(&one.supplier, &one.output_loss)))?
                .number("to_output_loss", found.iter().map(|one| own(&one.user, &one.output_loss)))?
                .number("world_output_loss", found.iter().map(|one| one.world_output_loss()))?
        }
        (false, false) => {
            let (from, to) = (industries(table, &request.from, &mut notes)?, industries(table, &request.to, &mut notes)?);
            let found = one_embargo(table.factor()?, &from, &to, options)?;
            notes.push(format!(
                "not delivered: inputs of {} and final goods of {} {}; not replaced: {}",
                found.flow_of_inputs,
                found.flow_of_final_goods,
                table.system.unit(),
                found.not_replaced
            ));
            if !found.left_out.is_empty() {
                notes.push(format!("{} suppliers without positive output are left out", found.left_out.len()));
            }
            RowTable::new("embargo")
                .text("region", found.output_loss.iter().map(|(region, _)| region))?
                .number("output_loss", found.output_loss.iter().map(|(_, loss)| loss))?
                .number("value_added_loss", found.value_added_loss.iter().map(|(_, loss)| loss))?
        }
        _ => return refuse("from and to", "only one of them", "both, or none for every region against every other"),
    };
    Ok(Answer { tables: vec![rows], record: table.record(request), notes })
}
