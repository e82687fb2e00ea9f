use crate::{Problem, StoreError};
use arrow_array::types::Int32Type;
use arrow_array::{
    ArrayRef, BooleanArray, DictionaryArray, Float64Array, Int64Array, PrimitiveArray, RecordBatch, StringArray, UInt32Array,
};
use arrow_schema::{DataType, Field, Schema};
use frame::number::ABSENT;
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::schema::types::ColumnPath;
use std::io::{self, Write};
use std::ops::Range;
use std::sync::Arc;

/// Cells made into one Arrow batch, or bytes collected, before they are handed on.
const BATCH: usize = 1 << 15;
/// A Parquet row group ends with a block once it holds this many rows, and in any case at [`GROUP_END`].
const GROUP: usize = 1 << 17;
const GROUP_END: usize = 1 << 19;

/// What a column of a [`ResultBlock`] changes with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Axis {
    /// One value for the whole block (the period).
    Block,
    /// One value for every row of the block's matrix (a place).
    Row,
    /// One value for every column of the block's matrix (an activity).
    Column,
    /// One value for every cell, row by row.
    Cell,
}

/// The values of a column of a [`ResultBlock`], as many as its [`Axis`] asks for.
#[derive(Clone, Copy)]
pub enum ColumnValues<'a> {
    /// Text.
    Text(&'a [String]),
    /// Whole numbers.
    Integers(&'a [i64]),
    /// Counts.
    Counts(&'a [u32]),
    /// Numbers; NaN is a number that is not there.
    Numbers(&'a [f64]),
    /// Truth values, `1` and `0` in CSV.
    Flags(&'a [bool]),
    /// Numbers worked out from the row and the column of a cell when they are written; for [`Axis::Cell`] only.
    NumberOf(&'a dyn Fn(usize, usize) -> f64),
    /// Truth values worked out likewise.
    FlagOf(&'a dyn Fn(usize, usize) -> bool),
}

impl ColumnValues<'_> {
    fn len(&self) -> Option<usize> {
        match self {
            ColumnValues::Text(values) => Some(values.len()),
            ColumnValues::Integers(values) => Some(values.len()),
            ColumnValues::Counts(values) => Some(values.len()),
            ColumnValues::Numbers(values) => Some(values.len()),
            ColumnValues::Flags(values) => Some(values.len()),
            ColumnValues::NumberOf(_) | ColumnValues::FlagOf(_) => None,
        }
    }

    fn data_type(&self) -> DataType {
        match self {
            ColumnValues::Text(_) => DataType::Dictionary(DataType::Int32.into(), DataType::Utf8.into()),
            ColumnValues::Integers(_) => DataType::Int64,
            ColumnValues::Counts(_) => DataType::UInt32,
            ColumnValues::Numbers(_) | ColumnValues::NumberOf(_) => DataType::Float64,
            ColumnValues::Flags(_) | ColumnValues::FlagOf(_) => DataType::Boolean,
        }
    }
}

/// Part of a long result table: one line for every cell of a matrix, row by row, without any column being written out in memory.
///
/// A table of places alone is a block with one column; its columns vary by [`Axis::Row`].
///
/// ```
/// use xinzhi_store::{Axis, ColumnValues, ResultBlock, ResultFormat, ResultWriter};
/// let (places, activities) = (["CHN".to_string(), "DEU".to_string()], ["8542".to_string(), "8703".to_string()]);
/// let rca = [0.5, 1.25, f64::NAN, 2.0];
/// let present = |row: usize, column: usize| rca[row * 2 + column] >= 1.0;
/// let block = ResultBlock::new(2, 2)
///     .with("time", Axis::Block, ColumnValues::Integers(&[2020]))
///     .with("place", Axis::Row, ColumnValues::Text(&places))
///     .with("activity", Axis::Column, ColumnValues::Text(&activities))
///     .with("rca", Axis::Cell, ColumnValues::Numbers(&rca))
///     .with("mcp", Axis::Cell, ColumnValues::FlagOf(&present));
/// let mut out = Vec::new();
/// let mut writer = ResultWriter::new(&mut out, ResultFormat::Csv);
/// writer.write(&block)?;
/// writer.finish()?;
/// assert_eq!(
///     String::from_utf8(out)?,
///     "time,place,activity,rca,mcp\n2020,CHN,8542,0.5,0\n2020,CHN,8703,1.25,1\n2020,DEU,8542,,0\n2020,DEU,8703,2,1\n"
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct ResultBlock<'a> {
    rows: usize,
    columns: usize,
    fields: Vec<(&'a str, Axis, ColumnValues<'a>)>,
}

impl<'a> ResultBlock<'a> {
    /// A block of `rows` × `columns` cells, without any column of the table yet.
    pub fn new(rows: usize, columns: usize) -> Self {
        ResultBlock { rows, columns, fields: Vec::new() }
    }

    /// Adds a column to the table; columns are written in the order added.
    #[must_use]
    pub fn with(mut self, name: &'a str, axis: Axis, values: ColumnValues<'a>) -> Self {
        self.fields.push((name, axis, values));
        self
    }

    /// How many lines of the table the block holds.
    pub fn len(&self) -> usize {
        self.rows * self.columns
    }

    /// True when it holds none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn check(&self) -> Result<(), StoreError> {
        for (name, axis, values) in &self.fields {
            let wanted = match axis {
                Axis::Block => 1,
                Axis::Row => self.rows,
                Axis::Column => self.columns,
                Axis::Cell => self.len(),
            };
            let fault = match values.len() {
                Some(found) if found != wanted => format!("a result column has {found} values where {wanted} belong"),
                None if *axis != Axis::Cell => "only a column by cell can be worked out when written".to_owned(),
                _ => continue,
            };
            return Err(StoreError::new(Problem::Schema, fault).column(name));
        }
        Ok(())
    }

    fn schema(&self) -> Arc<Schema> {
        let field = |(name, _, values): &(&str, Axis, ColumnValues<'_>)| {
            let kind = values.data_type();
            let absent = kind == DataType::Float64;
            Field::new(*name, kind, absent)
        };
        Arc::new(Schema::new(self.fields.iter().map(field).collect::<Vec<_>>()))
    }

    /// The block as an Arrow record batch: text as dictionaries, numbers that are not there as null.
    ///
    /// # Errors
    /// [`Problem::Schema`] when a column has not as many values as its axis.
    ///
    /// ```
    /// use xinzhi_store::{Axis, ColumnValues, ResultBlock};
    /// let block = ResultBlock::new(2, 1).with("eci", Axis::Row, ColumnValues::Numbers(&[0.5, f64::NAN]));
    /// let batch = block.record_batch()?;
    /// assert_eq!((batch.num_rows(), batch.column(0).null_count()), (2, 1));
    /// # Ok::<(), xinzhi_store::StoreError>(())
    /// ```
    pub fn record_batch(&self) -> Result<RecordBatch, StoreError> {
        self.check()?;
        self.batch(0..self.rows, &self.schema())
    }

    /// Some rows of the matrix as a record batch.
    fn batch(&self, rows: Range<usize>, schema: &Arc<Schema>) -> Result<RecordBatch, StoreError> {
        let arrays = self.fields.iter().map(|(_, axis, values)| self.array(*axis, values, &rows)).collect::<Result<Vec<_>, _>>()?;
        RecordBatch::try_new(schema.clone(), arrays).map_err(arrow_fault)
    }

    /// What a function of the position among the values gives for every cell of some rows.
    fn spread<T: Clone>(&self, axis: Axis, rows: &Range<usize>, value: impl Fn(usize) -> T) -> Vec<T> {
        let mut out = Vec::with_capacity(rows.len() * self.columns);
        match axis {
            Axis::Block => out.resize(rows.len() * self.columns, value(0)),
            Axis::Row => rows.clone().for_each(|row| out.resize(out.len() + self.columns, value(row))),
            Axis::Column => rows.clone().for_each(|_| out.extend((0..self.columns).map(&value))),
            Axis::Cell => out.extend((rows.start * self.columns..rows.end * self.columns).map(value)),
        }
        out
    }

    fn array(&self, axis: Axis, values: &ColumnValues<'_>, rows: &Range<usize>) -> Result<ArrayRef, StoreError> {
        let cells = || rows.clone().flat_map(|row| (0..self.columns).map(move |column| (row, column)));
        Ok(match values {
            ColumnValues::Text(words) => {
                let start = if axis == Axis::Cell { rows.start * self.columns } else { 0 };
                let used = if axis == Axis::Cell { &words[start..rows.end * self.columns] } else { words };
                let keys = PrimitiveArray::<Int32Type>::from(self.spread(axis, rows, |at| (at - start) as i32));
                let words = Arc::new(StringArray::from_iter_values(used));
                Arc::new(DictionaryArray::try_new(keys, words).map_err(arrow_fault)?)
            }
            ColumnValues::Integers(values) => Arc::new(Int64Array::from(self.spread(axis, rows, |at| values[at]))),
            ColumnValues::Counts(values) => Arc::new(UInt32Array::from(self.spread(axis, rows, |at| values[at]))),
            ColumnValues::Numbers(values) => numbers(self.spread(axis, rows, |at| values[at])),
            ColumnValues::Flags(values) => Arc::new(BooleanArray::from(self.spread(axis, rows, |at| values[at]))),
            ColumnValues::NumberOf(value) => numbers(cells().map(|(row, column)| value(row, column)).collect()),
            ColumnValues::FlagOf(value) => {
                Arc::new(BooleanArray::from(cells().map(|(row, column)| value(row, column)).collect::<Vec<_>>()))
            }
        })
    }
}

fn arrow_fault(error: arrow_schema::ArrowError) -> StoreError {
    StoreError::new(Problem::Schema, format!("the result does not make a table: {error}"))
}

/// Numbers with those that are not there as null.
fn numbers(values: Vec<f64>) -> ArrayRef {
    if values.iter().any(|value| value.is_nan()) {
        Arc::new(values.into_iter().map(|value| (!value.is_nan()).then_some(value)).collect::<Float64Array>())
    } else {
        Arc::new(Float64Array::from(values))
    }
}

/// What a result table is written as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ResultFormat {
    /// Comma-separated with a header: numbers with the fewest digits that read back the same, empty where there is none.
    Csv,
    /// One JSON object a line.
    JsonLines,
    /// A JSON array with one object a line.
    Json,
    /// Parquet, compressed with zstd.
    Parquet,
    /// The first so many rows lined up for reading, rounded to six digits, with a note on how many there are.
    Screen(usize),
}

/// Writes a long result table block by block; only one block is ever in memory (of Parquet, a row group).
///
/// All blocks must have the same columns. See [`ResultBlock`] for an example.
pub struct ResultWriter<W: Write> {
    out: W,
    format: ResultFormat,
    schema: Option<Arc<Schema>>,
    parquet: Option<ArrowWriter<Vec<u8>>>,
    buffer: Vec<u8>,
    /// Lines of the table so far.
    lines: u64,
    /// What is shown on a screen.
    shown: Vec<Vec<String>>,
}

/// The text of a column, or of several side by side, for every row, every column or every cell of the block's matrix.
enum Piece<'p, 'a> {
    Keyed { by_row: bool, bytes: Vec<u8>, ends: Vec<usize> },
    Cell { before: Vec<u8>, values: &'p ColumnValues<'a>, after: &'static [u8] },
}

impl<W: Write> ResultWriter<W> {
    /// A writer of one table.
    pub fn new(out: W, format: ResultFormat) -> Self {
        ResultWriter { out, format, schema: None, parquet: None, buffer: Vec::new(), lines: 0, shown: Vec::new() }
    }

    /// Appends a block.
    ///
    /// # Errors
    /// [`Problem::Schema`] when a column has not as many values as its axis or the columns are not those of the first block,
    /// [`Problem::Write`] when `out` fails.
    pub fn write(&mut self, block: &ResultBlock<'_>) -> Result<(), StoreError> {
        block.check()?;
        let schema = block.schema();
        match &self.schema {
            None => {
                self.schema = Some(schema.clone());
                self.begin(block, &schema)?;
            }
            Some(first) if *first != schema => {
                let names = |schema: &Schema| schema.fields().iter().map(|field| field.name().as_str()).collect::<Vec<_>>().join(", ");
                let what = format!("the columns of a block are not those of the first: {}, not {}", names(&schema), names(first));
                return Err(StoreError::new(Problem::Schema, what));
            }
            Some(_) => {}
        }
        if block.is_empty() {
            return Ok(());
        }
        match self.format {
            ResultFormat::Csv | ResultFormat::Json | ResultFormat::JsonLines => self.write_text(block)?,
            ResultFormat::Parquet => self.write_parquet(block, &schema)?,
            ResultFormat::Screen(most) => self.show(block, most),
        }
        self.lines += block.len() as u64;
        Ok(())
    }

    fn begin(&mut self, block: &ResultBlock<'_>, schema: &Arc<Schema>) -> Result<(), StoreError> {
        match self.format {
            ResultFormat::Csv => {
                for (at, (name, ..)) in block.fields.iter().enumerate() {
                    if at > 0 {
                        self.buffer.push(b',');
                    }
                    csv_text(name, &mut self.buffer);
                }
                self.buffer.push(b'\n');
            }
            ResultFormat::Parquet => {
                let level = ZstdLevel::try_new(1).map_err(parquet_fault)?;
                let mut properties = WriterProperties::builder()
                    .set_compression(Compression::ZSTD(level))
                    .set_statistics_enabled(EnabledStatistics::Chunk)
                    .set_max_row_group_row_count(Some(GROUP_END));
                for (name, _, values) in &block.fields {
                    // numbers that repeat pack as well without a dictionary, which costs more to look up than to do without
                    if !matches!(values, ColumnValues::Text(_)) {
                        properties = properties.set_column_dictionary_enabled(ColumnPath::from(*name), false);
                    }
                }
                self.parquet = Some(ArrowWriter::try_new(Vec::new(), schema.clone(), Some(properties.build())).map_err(parquet_fault)?);
            }
            _ => {}
        }
        Ok(())
    }

    fn flush(&mut self) -> Result<(), StoreError> {
        self.out.write_all(&self.buffer).map_err(write_fault)?;
        self.buffer.clear();
        Ok(())
    }

    fn write_text(&mut self, block: &ResultBlock<'_>) -> Result<(), StoreError> {
        let pieces = self.pieces(block);
        // every object of an array but the first follows a comma
        let mut surplus = if self.format == ResultFormat::Json && self.lines == 0 { 2 } else { 0 };
        if surplus > 0 {
            self.out.write_all(b"[").map_err(write_fault)?;
        }
        let json = self.format != ResultFormat::Csv;
        let mut buffer = std::mem::take(&mut self.buffer);
        for row in 0..block.rows {
            for column in 0..block.columns {
                for piece in &pieces {
                    match piece {
                        Piece::Keyed { by_row, bytes, ends } => {
                            let key = if *by_row { row } else { column };
                            let start = if key == 0 { 0 } else { ends[key - 1] };
                            buffer.extend_from_slice(&bytes[start..ends[key]]);
                        }
                        Piece::Cell { before, values, after } => {
                            buffer.extend_from_slice(before);
                            print(values, row * block.columns + column, (row, column), json, &mut buffer);
                            buffer.extend_from_slice(after);
                        }
                    }
                }
                if buffer.len() >= BATCH {
                    self.out.write_all(&buffer[surplus..]).map_err(write_fault)?;
                    surplus = 0;
                    buffer.clear();
                }
            }
        }
        self.out.write_all(buffer.get(surplus..).unwrap_or_default()).map_err(write_fault)?;
        buffer.clear();
        self.buffer = buffer;
        Ok(())
    }

    /// Prints everything that is not by cell, once; columns side by side with the same key become one piece.
    fn pieces<'p, 'a>(&self, block: &'p ResultBlock<'a>) -> Vec<Piece<'p, 'a>> {
        let json = self.format != ResultFormat::Csv;
        let last = block.fields.len().saturating_sub(1);
        // the columns of a piece, and whether they are by row; `None` while all are by block
        let mut runs: Vec<(Option<bool>, Vec<usize>)> = Vec::new();
        for (at, (_, axis, _)) in block.fields.iter().enumerate() {
            let by_row = match axis {
                Axis::Block => None,
                Axis::Row => Some(true),
                Axis::Column => Some(false),
                Axis::Cell => {
                    runs.push((None, vec![at]));
                    continue;
                }
            };
            match runs.last_mut() {
                Some((known, run)) if block.fields[run[0]].1 != Axis::Cell && (known.is_none() || by_row.is_none() || *known == by_row) => {
                    *known = known.or(by_row);
                    run.push(at);
                }
                _ => runs.push((by_row, vec![at])),
            }
        }
        let before = |at: usize| {
            let mut text = Vec::new();
            if json {
                let start: &[u8] = match (at, self.format) {
                    (0, ResultFormat::Json) => b",\n{",
                    (0, _) => b"{",
                    _ => b"",
                };
                text.extend_from_slice(start);
                json_text(block.fields[at].0, &mut text);
                text.push(b':');
            }
            text
        };
        let after = |at: usize| -> &'static [u8] {
            match (at == last, self.format) {
                (true, ResultFormat::Csv) => b"\n",
                (true, ResultFormat::Json) => b"}",
                (true, _) => b"}\n",
                (false, _) => b",",
            }
        };
        let piece = |(by_row, run): (Option<bool>, Vec<usize>)| {
            let first = run[0];
            if block.fields[first].1 == Axis::Cell {
                return Piece::Cell { before: before(first), values: &block.fields[first].2, after: after(first) };
            }
            let by_row = by_row.unwrap_or(true);
            let (mut bytes, mut ends) = (Vec::new(), Vec::new());
            for key in 0..if by_row { block.rows } else { block.columns } {
                for at in &run {
                    let (_, axis, values) = &block.fields[*at];
                    bytes.extend_from_slice(&before(*at));
                    print(values, if *axis == Axis::Block { 0 } else { key }, (0, 0), json, &mut bytes);
                    bytes.extend_from_slice(after(*at));
                }
                ends.push(bytes.len());
            }
            Piece::Keyed { by_row, bytes, ends }
        };
        runs.into_iter().map(piece).collect()
    }

    fn write_parquet(&mut self, block: &ResultBlock<'_>, schema: &Arc<Schema>) -> Result<(), StoreError> {
        let Some(parquet) = &mut self.parquet else { return Ok(()) };
        let step = (BATCH / block.columns).max(1);
        for from in (0..block.rows).step_by(step) {
            let batch = block.batch(from..(from + step).min(block.rows), schema)?;
            parquet.write(&batch).map_err(parquet_fault)?;
            let done = parquet.inner_mut();
            self.out.write_all(done).map_err(write_fault)?;
            done.clear();
        }
        if parquet.in_progress_rows() >= GROUP {
            parquet.flush().map_err(parquet_fault)?;
        }
        Ok(())
    }

    fn show(&mut self, block: &ResultBlock<'_>, most: usize) {
        for row in 0..block.rows {
            for column in 0..block.columns {
                if self.shown.len() >= most {
                    return;
                }
                let cell = |(_, axis, values): &(&str, Axis, ColumnValues<'_>)| {
                    let at = match axis {
                        Axis::Block => 0,
                        Axis::Row => row,
                        Axis::Column => column,
                        Axis::Cell => row * block.columns + column,
                    };
                    let number = match values {
                        ColumnValues::Numbers(values) => values[at],
                        ColumnValues::NumberOf(value) => value(row, column),
                        other => {
                            let mut text = Vec::new();
                            match other {
                                ColumnValues::Text(words) => text.extend_from_slice(words[at].as_bytes()),
                                other => print(other, at, (row, column), false, &mut text),
                            }
                            return String::from_utf8_lossy(&text).into_owned();
                        }
                    };
                    if number.is_finite() { six_digits(number) } else { ABSENT.to_owned() }
                };
                self.shown.push(block.fields.iter().map(cell).collect());
            }
        }
    }

    /// Writes what is still held and gives back what was written to. Without any block there is no header; JSON is `[]`.
    ///
    /// # Errors
    /// [`Problem::Write`] when `out` fails.
    pub fn finish(mut self) -> Result<W, StoreError> {
        match self.format {
            ResultFormat::Json if self.lines == 0 => self.buffer.extend_from_slice(b"[]\n"),
            ResultFormat::Json => self.buffer.extend_from_slice(b"]\n"),
            ResultFormat::Parquet => {
                if let Some(parquet) = self.parquet.take() {
                    self.buffer = parquet.into_inner().map_err(parquet_fault)?;
                }
            }
            ResultFormat::Screen(_) => {
                let text = self.screen();
                self.buffer.extend_from_slice(text.as_bytes());
            }
            _ => {}
        }
        self.flush()?;
        self.out.flush().map_err(write_fault)?;
        Ok(self.out)
    }

    fn screen(&self) -> String {
        let Some(schema) = &self.schema else { return String::new() };
        let names = schema.fields().iter().map(|field| field.name().clone()).collect();
        let rows: Vec<&Vec<String>> = std::iter::once(&names).chain(&self.shown).collect();
        // Chinese characters take two columns
        let width = |text: &str| text.chars().map(|character| if character >= '\u{1100}' { 2 } else { 1 }).sum::<usize>();
        let widths: Vec<usize> = (0..names.len()).map(|at| rows.iter().map(|row| width(&row[at])).max().unwrap_or(0)).collect();
        let mut text = String::new();
        for row in &rows {
            let mut line = String::new();
            for (at, (cell, wanted)) in row.iter().zip(&widths).enumerate() {
                let gap = std::iter::repeat_n(' ', wanted - width(cell));
                // words to the left, numbers to the right
                if matches!(schema.field(at).data_type(), DataType::Dictionary(..)) {
                    line.push_str(cell);
                    line.extend(gap);
                } else {
                    line.extend(gap);
                    line.push_str(cell);
                }
                line.push_str("  ");
            }
            text.push_str(line.trim_end());
            text.push('\n');
        }
        if self.lines > self.shown.len() as u64 {
            text.push_str(&format!(
                "The first {} of {} rows; --format csv, json or parquet gives all.\n",
                self.shown.len(),
                frame::number::whole(self.lines as f64, frame::Language::En)
            ));
        }
        text
    }
}

/// Six significant digits.
fn six_digits(value: f64) -> String {
    if value == 0.0 || !(1e-4..1e15).contains(&value.abs()) {
        return if value == 0.0 { "0".to_owned() } else { format!("{value:.5e}") };
    }
    let decimals = (5 - value.abs().log10().floor() as i32).clamp(0, 9) as usize;
    let text = format!("{value:.decimals$}");
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}

/// Prints a value: the one at a position, or the one of a cell.
fn print(values: &ColumnValues<'_>, at: usize, cell: (usize, usize), json: bool, out: &mut Vec<u8>) {
    match values {
        ColumnValues::Text(words) if json => json_text(&words[at], out),
        ColumnValues::Text(words) => csv_text(&words[at], out),
        ColumnValues::Integers(values) => out.extend_from_slice(values[at].to_string().as_bytes()),
        ColumnValues::Counts(values) => out.extend_from_slice(values[at].to_string().as_bytes()),
        ColumnValues::Numbers(values) => print_number(values[at], json, out),
        ColumnValues::NumberOf(value) => print_number(value(cell.0, cell.1), json, out),
        ColumnValues::Flags(values) => print_flag(values[at], json, out),
        ColumnValues::FlagOf(value) => print_flag(value(cell.0, cell.1), json, out),
    }
}

fn print_flag(value: bool, json: bool, out: &mut Vec<u8>) {
    let text: &[u8] = match (json, value) {
        (false, true) => b"1",
        (false, false) => b"0",
        (true, true) => b"true",
        (true, false) => b"false",
    };
    out.extend_from_slice(text);
}

/// The fewest digits that read back as the same number.
fn print_number(value: f64, json: bool, out: &mut Vec<u8>) {
    if value == 0.0 {
        out.push(b'0');
    } else if value.is_finite() {
        let mut buffer = zmij::Buffer::new();
        let text = buffer.format_finite(value).as_bytes();
        out.extend_from_slice(text.strip_suffix(b".0").unwrap_or(text));
    } else if json {
        out.extend_from_slice(b"null");
    } else if !value.is_nan() {
        out.extend_from_slice(if value > 0.0 { b"inf" } else { b"-inf" });
    }
}

fn csv_text(text: &str, out: &mut Vec<u8>) {
    if !text.bytes().any(|byte| b",\"\r\n".contains(&byte)) {
        return out.extend_from_slice(text.as_bytes());
    }
    out.push(b'"');
    out.extend_from_slice(text.replace('"', "\"\"").as_bytes());
    out.push(b'"');
}

fn json_text(text: &str, out: &mut Vec<u8>) {
    out.extend_from_slice(serde_json::Value::from(text).to_string().as_bytes());
}

fn write_fault(error: io::Error) -> StoreError {
    StoreError::new(Problem::Write, format!("the result cannot be written: {error}")).io(&error)
}

fn parquet_fault(error: parquet::errors::ParquetError) -> StoreError {
    StoreError::new(Problem::Write, format!("the result cannot be written as Parquet: {error}"))
}
