use crate::error::nearest;
use crate::import::{Cell, ImportOptions, RowSink};
use crate::long_table::{EXTENSIONS, extension_of};
use crate::number::{NumberStyle, is_missing, parse_number};
use crate::{Problem, StoreError, delimited, spreadsheet};
use arrow_array::RecordBatch;
use arrow_schema::ArrowError;
use std::path::Path;

/// Which columns of a table of firms are what, and how it is read.
#[derive(Debug, Clone, Default)]
pub struct FirmColumns {
    /// The column of names.
    pub firm: String,
    /// The column of sectors.
    pub sector: String,
    /// The column of sizes, if there is one.
    pub size: Option<String>,
    /// The separator of delimited text; found out from the header when absent.
    pub delimiter: Option<char>,
    /// The encoding of delimited text; found out when absent.
    pub encoding: Option<String>,
    /// The sheet of a workbook; needed when it has several.
    pub sheet: Option<String>,
}

/// A firm as a table gives it.
#[derive(Debug, Clone, PartialEq)]
pub struct FirmRow {
    /// Its name; may be empty.
    pub firm: String,
    /// Its sector; may be empty.
    pub sector: String,
    /// Its size, where there is one: any finite number.
    pub size: Option<f64>,
    /// The data row it stands in, counted from 1.
    pub row: u64,
}

/// A table of firms: name, sector and perhaps size; other columns are passed over.
///
/// ```
/// use xinzhi_store::{FirmColumns, FirmTable};
/// let folder = tempfile::tempdir()?;
/// let file = folder.path().join("firms.csv");
/// std::fs::write(&file, "id,nace,sales\nfarm,A01,5\nmill,C10,\n")?;
/// let columns = FirmColumns { firm: "id".into(), sector: "nace".into(), size: Some("sales".into()), ..Default::default() };
/// let table = FirmTable::read(&file, &columns)?;
/// assert_eq!((table.rows[0].size, table.rows[1].size), (Some(5.0), None));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq)]
pub struct FirmTable {
    /// The rows in the order of the file.
    pub rows: Vec<FirmRow>,
}

struct Sink<'a> {
    columns: &'a FirmColumns,
    path: Option<&'a Path>,
    /// Where firm, sector and size stand.
    positions: (usize, usize, Option<usize>),
    rows: Vec<FirmRow>,
}

impl Sink<'_> {
    fn error(&self, problem: Problem, what: impl Into<String>) -> StoreError {
        let error = StoreError::new(problem, what);
        self.path.map_or(error.clone(), |path| error.file(path))
    }
}

impl RowSink for Sink<'_> {
    fn header(&mut self, names: &[String]) -> Result<(), StoreError> {
        let find = |option: &str, wanted: &str| {
            names.iter().position(|name| name == wanted).ok_or_else(|| {
                let near = nearest(wanted, names.iter().map(String::as_str)).map_or_else(String::new, |near| format!("nearest: {near}; "));
                let next = format!("{near}columns present: {}; name one with --{option} COLUMN", names.join(", "));
                self.error(Problem::Schema, format!("the table of firms has no column `{wanted}`")).next(next)
            })
        };
        let size = self.columns.size.as_ref().map(|name| find("size", name)).transpose()?;
        self.positions = (find("firm", &self.columns.firm)?, find("sector", &self.columns.sector)?, size);
        Ok(())
    }

    fn row(&mut self, row: u64, line: Option<u64>, cells: &[Cell<'_>]) -> Result<(), StoreError> {
        let (firm, sector, size) = self.positions;
        let printed = |at: usize| cells.get(at).map(|cell| cell.printed().trim().to_owned()).unwrap_or_default();
        let wrong = |why: &str, value: &str| {
            let error = self.error(Problem::Value, format!("the size {why}")).row(row);
            let error = line.map_or(error.clone(), |line| error.line(line));
            error.column(self.columns.size.as_deref().unwrap_or("")).value(value)
        };
        let size = match size.and_then(|at| cells.get(at)) {
            None | Some(Cell::Empty) => None,
            Some(Cell::Integer(value)) => Some(*value as f64),
            Some(Cell::Number(value)) if value.is_nan() => None,
            Some(Cell::Number(value)) => Some(*value),
            Some(Cell::Text(text)) if is_missing(text) => None,
            Some(Cell::Text(text)) => {
                let style = NumberStyle { decimal: '.', thousands: None };
                Some(parse_number(text, style).map_err(|(why, _)| wrong(why, text))?)
            }
            Some(Cell::Odd(what)) => return Err(wrong("is not a number", what)),
        };
        if let Some(size) = size.filter(|size| !(0.0..f64::INFINITY).contains(size)) {
            return Err(wrong("is negative or not finite", &size.to_string()));
        }
        self.rows.push(FirmRow { firm: printed(firm), sector: printed(sector), size, row });
        Ok(())
    }
}

impl FirmTable {
    /// Reads a file: delimited text (csv, tsv, txt, also packed as .gz), Parquet, or a sheet of a workbook.
    ///
    /// # Errors
    /// [`Problem::Schema`] for a column that is not there, [`Problem::Input`] or [`Problem::Encoding`] for a file that cannot be read or has
    /// no rows, [`Problem::Value`] for a size that is no number, negative or not finite.
    pub fn read(path: impl AsRef<Path>, columns: &FirmColumns) -> Result<Self, StoreError> {
        let path = path.as_ref();
        let mut sink = Sink { columns, path: Some(path), positions: (0, 0, None), rows: Vec::new() };
        let options = ImportOptions {
            delimiter: columns.delimiter,
            encoding: columns.encoding.clone(),
            sheet: columns.sheet.clone(),
            ..ImportOptions::default()
        };
        match extension_of(path)?.as_str() {
            "csv" | "tsv" | "txt" | "csv.gz" | "tsv.gz" | "txt.gz" => {
                delimited::read(path, &options, &mut sink)?;
            }
            "parquet" => spreadsheet::read_parquet_rows(path, &mut sink)?,
            "xlsx" | "xlsm" | "xls" | "xlsb" | "ods" => spreadsheet::read_workbook(path, &options, &mut sink)?,
            other => {
                let what = format!("files of type `{}` are not read", other.trim_end_matches(".gz"));
                return Err(sink.error(Problem::Input, what).next(format!("the types read are {EXTENSIONS}")));
            }
        }
        Self::of(sink)
    }

    /// Takes in Arrow record batches, such as another program hands over.
    ///
    /// # Errors
    /// As [`FirmTable::read`], without a file name.
    pub fn from_batches(
        batches: impl IntoIterator<Item = Result<RecordBatch, ArrowError>>,
        columns: &FirmColumns,
    ) -> Result<Self, StoreError> {
        let mut sink = Sink { columns, path: None, positions: (0, 0, None), rows: Vec::new() };
        let mut number = 0;
        for batch in batches {
            let batch = batch.map_err(|error| StoreError::new(Problem::Input, format!("a batch of rows cannot be read: {error}")))?;
            let names: Vec<String> = batch.schema_ref().fields().iter().map(|field| field.name().clone()).collect();
            sink.header(&names)?;
            spreadsheet::read_batch(&batch, &mut number, &mut sink)?;
        }
        Self::of(sink)
    }

    fn of(sink: Sink<'_>) -> Result<Self, StoreError> {
        if sink.rows.is_empty() {
            return Err(sink
                .error(Problem::Input, "there are no data rows")
                .next("the table of firms needs at least one row below its header"));
        }
        Ok(FirmTable { rows: sink.rows })
    }
}
