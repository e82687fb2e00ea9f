use crate::columns::{Columns, Values};
use crate::input_output::DENSE;
use crate::{InputOutputRows, Problem, StoreError, TableEntry, Workspace};
use rust_xlsxwriter::Workbook;
use serde_json::{Map, Value};
use std::io::{self, Write};

/// What a table is written as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExportFormat {
    /// Comma-separated, UTF-8, numbers with the fewest digits that read back the same.
    Csv,
    /// A JSON array with one object a row.
    Json,
    /// The Parquet file.
    Parquet,
    /// A workbook for spreadsheet programs.
    Xlsx,
}

/// Rows a sheet can hold, the header not counted.
const SHEET_ROWS: usize = 1_048_575;

/// Writes a table in full precision. In CSV and workbooks an input-output table gets one column for every industry and category
/// (`z:REGION.SECTOR`, `y:REGION.CATEGORY`).
///
/// # Errors
/// [`Problem::Unknown`], whatever is wrong with the table, or [`Problem::Write`] when `out` fails.
///
/// ```
/// use xinzhi_store::{ExportFormat, Workspace, export};
/// let workspace = Workspace::embedded()?;
/// if workspace.manifest().table("places").is_ok() {
///     let mut csv = Vec::new();
///     export(&workspace, "places", ExportFormat::Csv, &mut csv)?;
///     assert!(csv.starts_with(b"place,level,"));
/// }
/// # Ok::<(), xinzhi_store::StoreError>(())
/// ```
pub fn export(workspace: &Workspace, table_id: &str, format: ExportFormat, out: &mut dyn Write) -> Result<(), StoreError> {
    let entry = workspace.manifest().table(table_id)?;
    if entry.schema == DENSE {
        return dense(workspace, entry, format, out);
    }
    if format == ExportFormat::Parquet {
        return workspace.copy_file(entry, out);
    }
    let columns = workspace.columns(entry, workspace.folder().is_some())?;
    let wide = if entry.schema == "io" { Some(workspace.io(table_id)?) } else { None };
    let failed =
        |error: io::Error| -> StoreError { StoreError::new(Problem::Write, format!("the result cannot be written: {error}")).io(&error) };
    match format {
        ExportFormat::Csv => {
            let mut writer = csv::WriterBuilder::new().from_writer(out);
            // the system's word for the failure matters: a closed pipe is not an error to the program
            let cause = |error: csv::Error| match error.into_kind() {
                csv::ErrorKind::Io(error) => error,
                other => io::Error::other(format!("{other:?}")),
            };
            let write = |writer: &mut csv::Writer<_>, cells: &[String]| writer.write_record(cells).map_err(|error| failed(cause(error)));
            write(&mut writer, &header(&columns, wide.as_deref()))?;
            for row in 0..columns.rows {
                let cells: Vec<String> = flat_row(&columns, row).iter().map(|cell| cell.print()).collect();
                write(&mut writer, &cells)?;
            }
            writer.flush().map_err(failed)
        }
        ExportFormat::Json => {
            for row in 0..columns.rows {
                out.write_all(if row == 0 { b"[" } else { b",\n" }).map_err(failed)?;
                serde_json::to_writer(&mut *out, &object(&columns, row)).map_err(|error| failed(error.into()))?;
            }
            out.write_all(if columns.rows == 0 { b"[]\n" } else { b"]\n" }).map_err(failed)
        }
        ExportFormat::Xlsx => {
            if columns.rows > SHEET_ROWS {
                let what = format!("table `{table_id}` has {} rows, a sheet holds {SHEET_ROWS}", columns.rows);
                return Err(StoreError::new(Problem::Options, what).next("export it as csv or parquet"));
            }
            let bytes = workbook(&columns, wide.as_deref())
                .map_err(|error| StoreError::new(Problem::Write, format!("the workbook cannot be made: {error}")))?;
            out.write_all(&bytes).map_err(failed)
        }
        ExportFormat::Parquet => Ok(()),
    }
}

/// A dense table as labelled CSV, which reads back as `io-csv`: two rows of column labels, two columns of row labels.
fn dense(workspace: &Workspace, entry: &TableEntry, format: ExportFormat, out: &mut dyn Write) -> Result<(), StoreError> {
    if format != ExportFormat::Csv {
        let what = format!("table `{}` is a dense input-output table, which is exported as csv only", entry.id);
        return Err(StoreError::new(Problem::Options, what).next("--format csv"));
    }
    let table = workspace.input_output(&entry.id)?;
    let (n, m) = (table.industries.len(), table.final_demand.len());
    let mut writer = csv::WriterBuilder::new().from_writer(out);
    let columns = || table.industries.iter().chain(&table.final_demand);
    let first = ["region".to_owned(), String::new()].into_iter().chain(columns().map(|(region, _)| region.clone()));
    let second = [String::new(), "sector".to_owned()].into_iter().chain(columns().map(|(_, code)| code.clone()));
    let failed = |error: csv::Error| {
        let error = match error.into_kind() {
            csv::ErrorKind::Io(error) => error,
            other => io::Error::other(format!("{other:?}")),
        };
        StoreError::new(Problem::Write, format!("the result cannot be written: {error}")).io(&error)
    };
    writer.write_record(first.collect::<Vec<_>>()).map_err(failed)?;
    writer.write_record(second.collect::<Vec<_>>()).map_err(failed)?;
    let write = |writer: &mut csv::Writer<_>, labels: (&str, &str), z: &[f64], y: &[f64]| {
        let numbers = z.iter().chain(y).map(|value| crate::columns::number_text(*value));
        writer.write_record([labels.0.to_owned(), labels.1.to_owned()].into_iter().chain(numbers).collect::<Vec<_>>()).map_err(failed)
    };
    let z = (*table.z).as_ref();
    for (i, (region, sector)) in table.industries.iter().enumerate() {
        write(&mut writer, (region, sector), &z[i * n..(i + 1) * n], &table.y[i * m..(i + 1) * m])?;
    }
    for row in &table.primary {
        write(&mut writer, ("", &row.label), &row.industries, &row.final_demand)?;
    }
    writer.flush().map_err(|error| StoreError::new(Problem::Write, format!("the result cannot be written: {error}")).io(&error))
}

enum Flat<'a> {
    Text(&'a str),
    Integer(i32),
    Number(f64),
    Empty,
}

impl Flat<'_> {
    fn print(&self) -> String {
        match self {
            Flat::Text(text) => (*text).to_owned(),
            Flat::Integer(value) => value.to_string(),
            Flat::Number(value) => crate::columns::number_text(*value),
            Flat::Empty => String::new(),
        }
    }
}

fn number(value: f64) -> Flat<'static> {
    if value.is_nan() { Flat::Empty } else { Flat::Number(value) }
}

fn header(columns: &Columns, wide: Option<&InputOutputRows>) -> Vec<String> {
    let mut names = Vec::new();
    for (column, values) in columns.schema.columns.iter().zip(&columns.values) {
        match (values, wide) {
            (None, _) => {}
            (Some(Values::Numbers(_)), Some(table)) => {
                let of = if column.name == "z" { &table.columns } else { &table.final_demand };
                names.extend(of.iter().map(|(region, sector)| format!("{}:{region}.{sector}", column.name)));
            }
            _ => names.push(column.name.to_owned()),
        }
    }
    names
}

fn flat_row(columns: &Columns, row: usize) -> Vec<Flat<'_>> {
    let mut cells = Vec::new();
    for values in columns.values.iter().flatten() {
        match values {
            Values::Text(values) => cells.push(values.get(row).map_or(Flat::Empty, Flat::Text)),
            Values::Integer(values) => cells.push(Flat::Integer(values[row])),
            Values::Number(values) => cells.push(number(values[row])),
            Values::Numbers(lists) => {
                cells.extend(lists.values[lists.starts[row]..lists.starts[row + 1]].iter().map(|value| Flat::Number(*value)))
            }
        }
    }
    cells
}

fn object(columns: &Columns, row: usize) -> Map<String, Value> {
    let of = |value: f64| if value.is_nan() { Value::Null } else { Value::from(value) };
    let mut object = Map::new();
    for (column, values) in columns.schema.columns.iter().zip(&columns.values) {
        let value = match values {
            None => continue,
            Some(Values::Text(values)) => values.get(row).map_or(Value::Null, Value::from),
            Some(Values::Integer(values)) => Value::from(values[row]),
            Some(Values::Number(values)) => of(values[row]),
            Some(Values::Numbers(lists)) => Value::from(lists.values[lists.starts[row]..lists.starts[row + 1]].to_vec()),
        };
        object.insert(column.name.to_owned(), value);
    }
    object
}

fn workbook(columns: &Columns, wide: Option<&InputOutputRows>) -> Result<Vec<u8>, rust_xlsxwriter::XlsxError> {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    for (at, name) in header(columns, wide).iter().enumerate() {
        sheet.write(0, at as u16, name)?;
    }
    for row in 0..columns.rows {
        for (at, cell) in flat_row(columns, row).into_iter().enumerate() {
            let (row, at) = (row as u32 + 1, at as u16);
            match cell {
                Flat::Text(text) => sheet.write(row, at, text)?,
                Flat::Integer(value) => sheet.write(row, at, value)?,
                Flat::Number(value) => sheet.write(row, at, value)?,
                Flat::Empty => continue,
            };
        }
    }
    book.save_to_buffer()
}
