use super::refuse;
use crate::{Answer, StrategyError};
use chain::{BalancingOptions, gras, ras};
use frame::{LabelledMatrix, LabelledVector};
use serde_json::json;
use store::RowTable;

/// A table brought to given row and column totals by `ras` or `gras`: the table, wide, its first column the labels of the rows; then the
/// multipliers.
///
/// # Errors
/// A method that is not known, totals that cannot be reached, labels that do not fit, no convergence.
pub fn balance(
    method: &str,
    table: &LabelledMatrix,
    row_totals: &LabelledVector,
    column_totals: &LabelledVector,
    known: &[(String, String)],
) -> Result<Answer, StrategyError> {
    let options = BalancingOptions { known: known.to_vec(), ..BalancingOptions::default() };
    let found = match method {
        "ras" => ras(table, row_totals, column_totals, &options)?,
        "gras" => gras(table, row_totals, column_totals, &options)?,
        other => return refuse("method", other, "ras or gras"),
    };
    let matrix = &found.matrix;
    let (rows, columns) = (matrix.rows(), matrix.columns());
    let mut wide = RowTable::new("balanced").text("row", rows.iter())?;
    for (at, column) in columns.iter().enumerate() {
        wide = wide.number(column, (0..rows.len()).map(|row| matrix.at(row, at)))?;
    }
    let sides = || rows.iter().map(|label| ("row", label)).chain(columns.iter().map(|label| ("column", label)));
    let multipliers = RowTable::new("multipliers")
        .text("side", sides().map(|(side, _)| side))?
        .text("label", sides().map(|(_, label)| label))?
        .number("multiplier", found.row_multipliers.values().iter().chain(found.column_multipliers.values()).copied())?;
    let notes = vec![format!(
        "{} iterations; largest difference of a row {:e}, of a column {:e}; {} moved in all",
        found.iterations, found.row_residual, found.column_residual, found.moved
    )];
    let record = json!({
        "engine": frame::ENGINE_VERSION, "method": method, "iterations": found.iterations, "last_change": found.last_change,
        "row_residual": found.row_residual, "column_residual": found.column_residual, "moved": found.moved,
        "sign_changes": found.sign_changes, "known": known,
    });
    Ok(Answer { tables: vec![wide, multipliers], record, notes })
}
