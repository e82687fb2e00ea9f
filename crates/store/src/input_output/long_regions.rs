//! Tables of one value a line, `REG;COM;IND;value`, as one sheet a region.

use super::r_rows::HeldRows;
use super::table_rows::{OwnedCell, Peeked, SheetHead, TableCell, TableRows};
use crate::{Problem, StoreError};
use std::collections::HashMap;

/// The header: region, row, column, value.
const HEADER: [&str; 4] = ["REG", "COM", "IND", "value"];

/// Whether a header is of that form.
pub(crate) fn is_long(head: &SheetHead) -> bool {
    head.rows.first().is_some_and(|row| row.len() == HEADER.len() && HEADER.iter().zip(row).all(|(name, cell)| cell.text() == Some(name)))
}

/// Names in the order met.
#[derive(Default)]
struct Names {
    places: HashMap<String, usize>,
    names: Vec<String>,
}

impl Names {
    fn place(&mut self, name: String) -> usize {
        *self.places.entry(name).or_insert_with_key(|name| {
            self.names.push(name.clone());
            self.names.len() - 1
        })
    }
}

/// Every region's values as a sheet of a header row and a label column; places without a line are empty.
///
/// # Errors
/// [`Problem::Value`] for a value that is no number, [`Problem::Duplicate`] for two values in one place.
pub(crate) fn long_regions(mut lines: Peeked) -> Result<Vec<HeldRows>, StoreError> {
    let (mut regions, mut rows, mut columns) = (Names::default(), Names::default(), Names::default());
    let mut values: HashMap<(usize, usize, usize), f64> = HashMap::new();
    lines.advance()?;
    while lines.advance()? {
        let label = |column: usize| OwnedCell::from_cell(lines.cell(column)).label();
        let place = (regions.place(label(0)), rows.place(label(1)), columns.place(label(2)));
        let value = match lines.cell(3) {
            TableCell::Empty => continue,
            cell => cell.number().ok_or_else(|| {
                let what = format!("the value of `{}`, `{}`, `{}` is not a finite number", label(0), label(1), label(2));
                lines.fault(Problem::Value, what).column("value").value(label(3))
            })?,
        };
        if values.insert(place, value).is_some() {
            let what = format!("`{}`, `{}`, `{}` stands twice", label(0), label(1), label(2));
            return Err(lines.fault(Problem::Duplicate, what).value(value));
        }
    }
    let text = |text: &String| OwnedCell::Text(text.clone());
    let sheet = |region: usize| {
        let header = std::iter::once(OwnedCell::Empty).chain(columns.names.iter().map(text)).collect();
        let body = rows.names.iter().enumerate().map(|(row, name)| {
            let cell = |column| values.get(&(region, row, column)).map_or(OwnedCell::Empty, |value| OwnedCell::Number(*value));
            std::iter::once(text(name)).chain((0..columns.names.len()).map(cell)).collect()
        });
        std::iter::once(header).chain(body).collect()
    };
    Ok(regions.names.iter().enumerate().map(|(at, name)| HeldRows::new(lines.file(), name, sheet(at))).collect())
}
