//! Imports by product, published beside a table that has them as one row: the row gives way to one a product.

use super::edition::BalanceRules;
use super::published::{DraftTable, PrimaryInput};
use super::table_rows::{OwnedCell, Peeked, TableRows};
use crate::{Problem, StoreError};

/// The label of sums in the details.
const SUM: &str = "SUM";

/// Puts a sheet of imports by product (a header row of industries and categories, a label column of products) in the place of the row of
/// imports whose values are the sums over its products.
///
/// # Errors
/// [`Problem::Input`] for a column that the table does not have, [`Problem::Value`] for text in a cell, or when the sums are those of no row.
pub(crate) fn detail_imports(draft: &mut DraftTable, sheet: &mut Peeked, rules: &BalanceRules) -> Result<(), StoreError> {
    let (n, m) = (draft.industries.len(), draft.final_demand.len());
    sheet.advance()?;
    let mut places = Vec::new();
    for (column, cell) in sheet.owned().iter().enumerate().skip(1) {
        let label = cell.label();
        let of = |names: &[(String, String)]| names.iter().position(|(_, name)| *name == label);
        match of(&draft.industries).or_else(|| of(&draft.final_demand).map(|at| n + at)) {
            Some(at) => places.push((column, at)),
            None if label == SUM => {}
            None => return Err(sheet.fault(Problem::Input, format!("the table has no column `{label}`")).value(label)),
        }
    }
    let mut products: Vec<(String, Vec<f64>)> = Vec::new();
    while sheet.advance()? {
        let product = OwnedCell::from_cell(sheet.cell(0)).label();
        if product == SUM || product.is_empty() {
            continue;
        }
        let mut values = vec![0.0; n + m];
        for (column, at) in &places {
            values[*at] = sheet.cell(*column).number().ok_or_else(|| {
                sheet
                    .fault(Problem::Value, format!("the imports of `{product}` are not a finite number"))
                    .value(OwnedCell::from_cell(sheet.cell(*column)).label())
            })?;
        }
        products.push((product, values));
    }
    let mut sums = vec![0.0; n + m];
    for (_, values) in &products {
        sums.iter_mut().zip(values).for_each(|(sum, value)| *sum += value);
    }
    let same = |row: &PrimaryInput| {
        let stated = row.industries.iter().chain(&row.final_demand);
        sums.iter().zip(stated).all(|(sum, stated)| (sum - stated).abs() <= rules.absolute + rules.relative * stated.abs())
    };
    let at = draft.primary.iter().position(|row| row.kind == "imports" && same(row)).ok_or_else(|| {
        sheet
            .fault(Problem::Value, "the imports by product add up to no row of the table".to_owned())
            .next("give the files of one table and year")
    })?;
    let row = draft.primary.remove(at);
    let rows = products.into_iter().map(|(product, values)| PrimaryInput {
        label: format!("{}: {product}", row.label),
        kind: row.kind.clone(),
        industries: values[..n].to_vec(),
        final_demand: values[n..].to_vec(),
    });
    draft.primary.splice(at..at, rows);
    Ok(())
}
