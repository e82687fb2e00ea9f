use crate::columns::number_text;
use crate::{ExportFormat, Problem, StoreError};
use arrow_array::{ArrayRef, BooleanArray, Float64Array, Int64Array, RecordBatch, StringArray};
use arrow_schema::{DataType, Field, Schema as ArrowSchema};
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::WriterProperties;
use rust_xlsxwriter::Workbook;
use serde_json::{Map, Value};
use std::io::{self, Write};
use std::sync::Arc;

/// A result of some rows: named columns of equal length, written as any format or handed over as Arrow. For results with a row for every
/// period, place and activity, which may be millions, see the matrix blocks.
///
/// ```
/// use xinzhi_store::RowTable;
/// let table = RowTable::new("places").text("place", ["CHN", "DEU"])?.number("eci", [1.25, f64::NAN])?;
/// let mut csv = Vec::new();
/// table.write(xinzhi_store::ExportFormat::Csv, &mut csv)?;
/// assert_eq!(String::from_utf8(csv)?, "place,eci\nCHN,1.25\nDEU,\n");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct RowTable {
    name: String,
    columns: Vec<(String, RowColumn)>,
    rows: usize,
}

/// One column of a [`RowTable`].
#[derive(Debug, Clone, PartialEq)]
pub enum RowColumn {
    /// Text; empty is written as nothing.
    Text(Vec<String>),
    /// Numbers; what is not a number is written as nothing.
    Number(Vec<f64>),
    /// Whole numbers; absent is written as nothing.
    Integer(Vec<Option<i64>>),
    /// Yes or no.
    Flag(Vec<bool>),
}

impl RowColumn {
    fn len(&self) -> usize {
        match self {
            RowColumn::Text(values) => values.len(),
            RowColumn::Number(values) => values.len(),
            RowColumn::Integer(values) => values.len(),
            RowColumn::Flag(values) => values.len(),
        }
    }

    fn print(&self, row: usize) -> String {
        match self {
            RowColumn::Text(values) => values[row].clone(),
            RowColumn::Number(values) if values[row].is_nan() => String::new(),
            RowColumn::Number(values) => number_text(values[row]),
            RowColumn::Integer(values) => values[row].map(|v| v.to_string()).unwrap_or_default(),
            RowColumn::Flag(values) => values[row].to_string(),
        }
    }

    fn json(&self, row: usize) -> Value {
        match self {
            RowColumn::Text(values) if values[row].is_empty() => Value::Null,
            RowColumn::Text(values) => Value::from(values[row].as_str()),
            // what is not finite has no place in JSON
            RowColumn::Number(values) => serde_json::Number::from_f64(values[row]).map_or(Value::Null, Value::Number),
            RowColumn::Integer(values) => values[row].map_or(Value::Null, Value::from),
            RowColumn::Flag(values) => Value::from(values[row]),
        }
    }
}

impl RowTable {
    /// An empty table with a name, to which columns are added.
    pub fn new(name: impl Into<String>) -> Self {
        RowTable { name: name.into(), columns: Vec::new(), rows: 0 }
    }

    /// Adds a column.
    ///
    /// # Errors
    /// [`Problem::Schema`] when its length differs from that of the columns before.
    pub fn column(mut self, name: &str, column: RowColumn) -> Result<Self, StoreError> {
        if !self.columns.is_empty() && column.len() != self.rows {
            let what = format!("column `{name}` of the result `{}` has {} rows, the others {}", self.name, column.len(), self.rows);
            return Err(StoreError::new(Problem::Schema, what));
        }
        self.rows = column.len();
        self.columns.push((name.to_owned(), column));
        Ok(self)
    }

    /// Adds a column of text.
    ///
    /// # Errors
    /// As [`RowTable::column`].
    pub fn text<S: Into<String>>(self, name: &str, values: impl IntoIterator<Item = S>) -> Result<Self, StoreError> {
        self.column(name, RowColumn::Text(values.into_iter().map(Into::into).collect()))
    }

    /// Adds a column of numbers.
    ///
    /// # Errors
    /// As [`RowTable::column`].
    pub fn number(self, name: &str, values: impl IntoIterator<Item = f64>) -> Result<Self, StoreError> {
        self.column(name, RowColumn::Number(values.into_iter().collect()))
    }

    /// Adds a column of whole numbers.
    ///
    /// # Errors
    /// As [`RowTable::column`].
    pub fn integer(self, name: &str, values: impl IntoIterator<Item = Option<i64>>) -> Result<Self, StoreError> {
        self.column(name, RowColumn::Integer(values.into_iter().collect()))
    }

    /// Adds a column of counts.
    ///
    /// # Errors
    /// As [`RowTable::column`].
    pub fn count(self, name: &str, values: impl IntoIterator<Item = usize>) -> Result<Self, StoreError> {
        self.integer(name, values.into_iter().map(|v| i64::try_from(v).ok()))
    }

    /// Adds a column of yes and no.
    ///
    /// # Errors
    /// As [`RowTable::column`].
    pub fn flag(self, name: &str, values: impl IntoIterator<Item = bool>) -> Result<Self, StoreError> {
        self.column(name, RowColumn::Flag(values.into_iter().collect()))
    }

    /// The rows of another table of the same columns put under these.
    ///
    /// # Errors
    /// [`Problem::Schema`] when the columns differ.
    pub fn under(mut self, other: RowTable) -> Result<Self, StoreError> {
        let same = self.columns.len() == other.columns.len() && self.names().eq(other.names());
        let differs = || StoreError::new(Problem::Schema, "two parts of a result have different columns");
        if !same {
            return Err(differs());
        }
        for ((_, column), (_, more)) in self.columns.iter_mut().zip(other.columns) {
            match (column, more) {
                (RowColumn::Text(all), RowColumn::Text(more)) => all.extend(more),
                (RowColumn::Number(all), RowColumn::Number(more)) => all.extend(more),
                (RowColumn::Integer(all), RowColumn::Integer(more)) => all.extend(more),
                (RowColumn::Flag(all), RowColumn::Flag(more)) => all.extend(more),
                _ => return Err(differs()),
            }
        }
        self.rows += other.rows;
        Ok(self)
    }

    /// The table with these columns only, in this order.
    ///
    /// # Errors
    /// [`Problem::Options`] for a column that it does not have, with the nearest and all there are.
    ///
    /// ```
    /// use xinzhi_store::RowTable;
    /// let table = RowTable::new("places").text("place", ["CHN"])?.number("eci", [1.25])?.count("rank", [1])?;
    /// assert_eq!(table.select(&["rank", "place"])?.names().collect::<Vec<_>>(), ["rank", "place"]);
    /// assert!(table.select(&["plaec"]).unwrap_err().to_string().contains("place"));
    /// # Ok::<(), xinzhi_store::StoreError>(())
    /// ```
    pub fn select(&self, names: &[&str]) -> Result<Self, StoreError> {
        let mut columns = Vec::new();
        for name in names {
            let Some(found) = self.columns.iter().find(|(column, _)| column == name) else {
                let near = crate::error::nearest(name, self.names()).map_or_else(String::new, |near| format!("nearest: {near}; "));
                return Err(StoreError::new(Problem::Options, format!("the table {} has no column `{name}`", self.name))
                    .next(format!("{near}its columns are: {}", self.names().collect::<Vec<_>>().join(", "))));
            };
            columns.push(found.clone());
        }
        Ok(RowTable { name: self.name.clone(), columns, rows: self.rows })
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// How many rows there are.
    pub fn len(&self) -> usize {
        self.rows
    }

    /// True when there is none.
    pub fn is_empty(&self) -> bool {
        self.rows == 0
    }

    /// The names of the columns.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.columns.iter().map(|(name, _)| name.as_str())
    }

    /// The columns.
    pub fn columns(&self) -> &[(String, RowColumn)] {
        &self.columns
    }

    /// Header and rows as text for a terminal: numbers shortened to `digits` decimals, at most `rows` rows.
    pub fn lines(&self, rows: usize, digits: usize) -> Vec<Vec<String>> {
        let cell = |column: &RowColumn, row: usize| match column {
            RowColumn::Number(values) if values[row].is_finite() => match values[row].abs() {
                v if v != 0.0 && !(1e-4..1e7).contains(&v) => format!("{:.*e}", digits, values[row]),
                _ => format!("{:.*}", digits, values[row]),
            },
            other => other.print(row),
        };
        let header = self.names().map(str::to_owned).collect();
        let body = (0..self.rows.min(rows)).map(|row| self.columns.iter().map(|(_, column)| cell(column, row)).collect());
        std::iter::once(header).chain(body).collect()
    }

    /// The rows as a JSON array of objects; what is not a number is null.
    pub fn json(&self) -> Value {
        let row = |at: usize| -> Map<String, Value> { self.columns.iter().map(|(name, c)| (name.clone(), c.json(at))).collect() };
        Value::Array((0..self.rows).map(|at| Value::Object(row(at))).collect())
    }

    /// The table as an Arrow record batch.
    ///
    /// # Errors
    /// [`Problem::Schema`] for a table without columns.
    pub fn to_batch(&self) -> Result<RecordBatch, StoreError> {
        let fields: Vec<Field> = self
            .columns
            .iter()
            .map(|(name, column)| {
                let kind = match column {
                    RowColumn::Text(_) => DataType::Utf8,
                    RowColumn::Number(_) => DataType::Float64,
                    RowColumn::Integer(_) => DataType::Int64,
                    RowColumn::Flag(_) => DataType::Boolean,
                };
                Field::new(name, kind, true)
            })
            .collect();
        let arrays = self.columns.iter().map(|(_, column)| -> ArrayRef {
            match column {
                RowColumn::Text(values) => Arc::new(StringArray::from_iter(values.iter().map(|v| (!v.is_empty()).then_some(v)))),
                RowColumn::Number(values) => Arc::new(Float64Array::from_iter(values.iter().map(|v| (!v.is_nan()).then_some(*v)))),
                RowColumn::Integer(values) => Arc::new(Int64Array::from(values.clone())),
                RowColumn::Flag(values) => Arc::new(BooleanArray::from(values.clone())),
            }
        });
        RecordBatch::try_new(Arc::new(ArrowSchema::new(fields)), arrays.collect())
            .map_err(|error| StoreError::new(Problem::Schema, format!("the result `{}` is no table: {error}", self.name)))
    }

    /// Writes the table; numbers in CSV with the fewest digits that read back the same.
    ///
    /// # Errors
    /// [`Problem::Write`] when `out` fails.
    pub fn write(&self, format: ExportFormat, out: &mut dyn Write) -> Result<(), StoreError> {
        let failed = |error: io::Error| StoreError::new(Problem::Write, format!("the result cannot be written: {error}")).io(&error);
        match format {
            ExportFormat::Csv => {
                let mut writer = csv::WriterBuilder::new().from_writer(out);
                let cause = |error: csv::Error| match error.into_kind() {
                    csv::ErrorKind::Io(error) => error,
                    other => io::Error::other(format!("{other:?}")),
                };
                writer.write_record(self.names()).map_err(|error| failed(cause(error)))?;
                for row in 0..self.rows {
                    let cells = self.columns.iter().map(|(_, column)| column.print(row));
                    writer.write_record(cells.collect::<Vec<_>>()).map_err(|error| failed(cause(error)))?;
                }
                writer.flush().map_err(failed)
            }
            ExportFormat::Json => {
                serde_json::to_writer_pretty(&mut *out, &self.json()).map_err(|error| failed(error.into()))?;
                out.write_all(b"\n").map_err(failed)
            }
            ExportFormat::Parquet => {
                let batch = self.to_batch()?;
                let mut bytes = Vec::new();
                let level = ZstdLevel::try_new(3).unwrap_or_default();
                let properties = WriterProperties::builder().set_compression(Compression::ZSTD(level)).build();
                let wrong = |error: parquet::errors::ParquetError| {
                    StoreError::new(Problem::Write, format!("the result cannot be written as Parquet: {error}"))
                };
                let mut writer = ArrowWriter::try_new(&mut bytes, batch.schema(), Some(properties)).map_err(wrong)?;
                writer.write(&batch).map_err(wrong)?;
                writer.close().map_err(wrong)?;
                out.write_all(&bytes).map_err(failed)
            }
            ExportFormat::Xlsx => out.write_all(&workbook(std::slice::from_ref(self))?).map_err(failed),
        }
    }
}

/// Several results as sheets of one workbook.
///
/// # Errors
/// [`Problem::Options`] for more rows than a sheet holds, [`Problem::Write`] when the workbook cannot be made.
pub fn workbook(tables: &[RowTable]) -> Result<Vec<u8>, StoreError> {
    let mut book = Workbook::new();
    let wrong = |error: rust_xlsxwriter::XlsxError| StoreError::new(Problem::Write, format!("the workbook cannot be made: {error}"));
    for table in tables {
        if table.rows > 1_048_575 {
            let what = format!("the result `{}` has {} rows, a sheet holds 1048575", table.name, table.rows);
            return Err(StoreError::new(Problem::Options, what).next("write it as csv or parquet"));
        }
        let sheet = book.add_worksheet();
        let name: String = table.name.chars().filter(|c| !"[]:*?/\\".contains(*c)).take(31).collect();
        sheet.set_name(name).map_err(wrong)?;
        for (at, (name, column)) in table.columns.iter().enumerate() {
            let at = at as u16;
            sheet.write(0, at, name).map_err(wrong)?;
            for row in 0..table.rows {
                let line = row as u32 + 1;
                match column {
                    RowColumn::Text(values) if values[row].is_empty() => {}
                    RowColumn::Text(values) => drop(sheet.write(line, at, &values[row]).map_err(wrong)?),
                    RowColumn::Number(values) if !values[row].is_finite() => {}
                    RowColumn::Number(values) => drop(sheet.write(line, at, values[row]).map_err(wrong)?),
                    RowColumn::Integer(values) => {
                        if let Some(value) = values[row] {
                            sheet.write(line, at, value as f64).map_err(wrong)?;
                        }
                    }
                    RowColumn::Flag(values) => drop(sheet.write(line, at, values[row]).map_err(wrong)?),
                }
            }
        }
    }
    book.save_to_buffer().map_err(wrong)
}
