//! Tables published as several files of numbers: what is common to reading them.

use super::delimited_rows::DelimitedRows;
use super::source_files::SourceFile;
use super::table_rows::TableRows;
use crate::{Problem, StoreError};

/// The first file whose name is one of these, any case.
pub(super) fn named<'a>(sources: &'a [SourceFile], names: &[&str]) -> Option<&'a SourceFile> {
    sources.iter().find(|source| source.is_text() && names.iter().any(|name| source.base().eq_ignore_ascii_case(name)))
}

/// An error at a file as a whole.
pub(super) fn wrong(file: &SourceFile, problem: Problem, what: impl Into<String>) -> StoreError {
    StoreError::new(problem, what).file(&file.name)
}

/// A labelled matrix in text: header rows of region and code, label columns, numbers.
pub(super) struct LabelledNumbers {
    /// The cells of the label columns, by row.
    pub(super) rows: Vec<Vec<String>>,
    /// The cells of the header rows, by column.
    pub(super) columns: Vec<Vec<String>>,
    /// The numbers, row by row.
    pub(super) values: Vec<f64>,
}

/// Reads a labelled matrix as programs write multi-level labels: `header` rows of which the first cell names the level, after them a row
/// that names the levels of the rows and is otherwise empty, or none. Where all labels of columns stand in one row, `labels` says how many
/// columns are labels; otherwise the first row of the header does.
///
/// # Errors
/// Text where a number should be, and rows that end early.
pub(super) fn labelled_numbers(file: &SourceFile, header: usize, labels: Option<usize>) -> Result<LabelledNumbers, StoreError> {
    let mut rows = DelimitedRows::open(file, Some('\t'))?;
    let mut heads: Vec<Vec<String>> = Vec::new();
    while heads.len() < header && rows.advance()? {
        heads.push(rows.owned().iter().map(|cell| cell.label()).collect());
    }
    let width = heads.first().map_or(0, Vec::len);
    let Some(first) =
        labels.or_else(|| heads.first().and_then(|head| (1..width).find(|at| !head[*at].is_empty()))).filter(|at| *at < width)
    else {
        return Err(wrong(file, Problem::Input, "the first rows hold no labels of columns"));
    };
    let columns: Vec<Vec<String>> =
        (first..width).map(|at| heads.iter().map(|head| head.get(at).cloned().unwrap_or_default()).collect()).collect();
    let mut matrix = LabelledNumbers { rows: Vec::new(), columns, values: Vec::new() };
    let mut scratch = vec![0.0; width - first];
    let mut at_start = true;
    while rows.advance()? {
        if std::mem::take(&mut at_start) && (first..rows.width()).all(|at| rows.cell(at) == super::table_rows::TableCell::Empty) {
            continue;
        }
        let labels: Vec<String> = (0..first).map(|at| super::table_rows::OwnedCell::from_cell(rows.cell(at)).label()).collect();
        labels.iter().try_for_each(|label| rows.check_text(label))?;
        rows.numbers(first, &mut scratch).map_err(|fault| fault_of(&rows, fault, &labels))?;
        rows.check_width(width, &labels.join(" "))?;
        matrix.rows.push(labels);
        matrix.values.extend_from_slice(&scratch);
    }
    Ok(matrix)
}

fn fault_of(rows: &DelimitedRows, fault: super::table_rows::NumberFault, labels: &[String]) -> StoreError {
    let column = super::labelled_sheet::spreadsheet_column(fault.column);
    match fault.found {
        Some(found) => rows
            .fault(Problem::Value, format!("the cell of row `{}` is not a finite number", labels.join(" ")))
            .column(&column)
            .value(found)
            .next("correct the file or get it again"),
        None => rows
            .fault(Problem::Damaged, format!("row `{}` ends before column {column}", labels.join(" ")))
            .next("the file is truncated or a separator is missing: get it again"),
    }
}

/// Reads a matrix without labels: of the rows that `row` says yes to, the cells that `keep` says yes to.
///
/// # Errors
/// Text where a number should be, rows of another width than `width` (where it is known).
pub(super) fn bare_numbers(
    file: &SourceFile,
    width: Option<usize>,
    row: impl Fn(usize) -> bool,
    keep: impl Fn(usize) -> bool,
) -> Result<(usize, Vec<f64>), StoreError> {
    let mut rows = DelimitedRows::open(file, None)?;
    let (mut values, mut scratch, mut at) = (Vec::new(), Vec::new(), 0);
    let mut kept: Vec<usize> = Vec::new();
    while rows.advance()? {
        if scratch.is_empty() {
            let found = rows.width();
            if width.is_some_and(|width| width != found) {
                let what = format!("the rows have {found} numbers, the labels ask for {}", width.unwrap_or_default());
                return Err(wrong(file, Problem::Input, what).next("the labels are those of another edition: put the right ones beside it"));
            }
            scratch = vec![0.0; found];
            kept = (0..found).filter(|at| keep(*at)).collect();
        }
        if row(at) {
            rows.numbers(0, &mut scratch).map_err(|fault| fault_of(&rows, fault, &[format!("{}", at + 1)]))?;
            if rows.width() != scratch.len() {
                return Err(rows.fault(Problem::Input, format!("the row has {} numbers, the first has {}", rows.width(), scratch.len())));
            }
            values.extend(kept.iter().map(|at| scratch[*at]));
        }
        at += 1;
    }
    Ok((at, values))
}
