use super::{ChainTable, refuse};
use crate::{Answer, StrategyError};
use chain::{ExposureOptions, Scope, WIOD35_MANUFACTURING, look_through_exposures};
use frame::Language;
use serde::{Deserialize, Serialize};
use store::RowTable;

/// On whom the industries of regions lean, directly and through their suppliers' suppliers.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "clap", derive(clap::Args))]
#[serde(default, deny_unknown_fields)]
pub struct ExposureRequest {
    /// The users' and suppliers' industries: all (default), manufacturing, or codes of sectors separated by commas
    #[cfg_attr(feature = "clap", arg(long, value_name = "SCOPE"))]
    pub scope: Option<String>,
}

impl ExposureRequest {
    fn scope(&self, table: &ChainTable) -> Result<Scope, StrategyError> {
        Ok(match self.scope.as_deref() {
            None | Some("all") => Scope::All,
            Some("manufacturing") => {
                let known = |code: &&str| table.system.sectors().iter().any(|(_, sector)| sector == code);
                if !WIOD35_MANUFACTURING.iter().all(|code| known(&code)) {
                    return refuse("scope", "manufacturing", "codes of sectors: which of this table's are manufacturing is not known");
                }
                Scope::sectors(WIOD35_MANUFACTURING)
            }
            Some(codes) => Scope::sectors(codes.split(',').map(str::trim)),
        })
    }
}

/// Look-through and face-value exposure of every region's industries in scope to every region's.
///
/// # Errors
/// A scope with unknown sectors, and what solving the table reports.
pub fn exposure(table: &ChainTable, request: &ExposureRequest, _: Language) -> Result<Answer, StrategyError> {
    let scope = request.scope(table)?;
    let options = ExposureOptions { user_industries: scope, ..ExposureOptions::default() };
    let found = look_through_exposures(table.factor()?, &options)?;
    let pairs = || found.iter().flat_map(|user| user.look_through.iter().map(move |(supplier, _)| (user, supplier)));
    let of = |vector: &frame::LabelledVector, supplier: &str| vector.get(supplier).unwrap_or(f64::NAN);
    let rows = RowTable::new("exposure")
        .text("user", pairs().map(|(user, _)| user.user.as_str()))?
        .text("supplier", pairs().map(|(_, supplier)| supplier))?
        .number("look_through", pairs().map(|(user, supplier)| of(&user.look_through, supplier)))?
        .number("face_value", pairs().map(|(user, supplier)| of(&user.face_value, supplier)))?
        .number("hidden", pairs().map(|(user, supplier)| of(&user.hidden, supplier)))?;
    Ok(Answer { tables: vec![rows], record: table.record(request), notes: table.notes() })
}
