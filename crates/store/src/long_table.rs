mod batches;
mod lines;
mod links;
mod rows;

pub use links::{LinkRow, LinkTable};

use crate::import::{ImportOptions, RowSink};
use crate::{Duplicates, Missing, Problem, StoreError, delimited, spreadsheet};
use arrow_array::RecordBatch;
use arrow_schema::ArrowError;
use frame::{LabelledMatrix, LabelledVector, Labels};
use rows::Builder;
use sha2::{Digest, Sha256};
use std::path::Path;

/// Which columns of a long table are what, and what to do about rows that are not whole or stand twice.
///
/// Nothing is left out, added up or taken for zero unless asked for, and what was is counted in [`LongCounts`].
#[derive(Debug, Clone, Default)]
pub struct LongTableOptions {
    /// The column of periods; without one all rows belong to one period, whose name is empty.
    pub time: Option<String>,
    /// The column of places.
    pub place: String,
    /// The column of activities (products, industries, technologies).
    pub activity: String,
    /// The column of values: amounts, not negative.
    pub value: String,
    /// Further columns of numbers, such as population; a missing number is NaN there.
    pub extra: Vec<String>,
    /// What to do about a period, place and activity that stand in several rows. [`Duplicates::First`] is refused: which row is the
    /// first would depend on the order of the rows.
    pub duplicates: Duplicates,
    /// What to do about a missing value (empty, `NA`, `N/A`, `NaN`, `null`, `..`, null). A missing period, place or activity cannot be
    /// taken for zero, only [dropped](Missing::Drop).
    pub missing: Missing,
    /// The separator of delimited text; found out from the header when absent.
    pub delimiter: Option<char>,
    /// The encoding of delimited text; found out when absent (UTF-8, UTF-16 with a mark, GB18030).
    pub encoding: Option<String>,
    /// The decimal sign of numbers written as text; `.` when absent.
    pub decimal: Option<char>,
    /// The thousands sign of numbers written as text; none when absent.
    pub thousands: Option<char>,
    /// The sheet of a workbook; needed when it has several.
    pub sheet: Option<String>,
}

/// What became of the rows of a long table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct LongCounts {
    /// Data rows read.
    pub read: u64,
    /// Rows added to a row of the same period, place and activity.
    pub summed: u64,
    /// Missing values taken for 0.
    pub zeroed: u64,
    /// Rows left out because something was missing.
    pub dropped: u64,
    /// Cells whose value is 0, whether it stood so or was taken for 0.
    pub zero: u64,
}

/// A value of a long table, by the positions of its place and activity.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LongCell {
    /// Position among the places.
    pub place: usize,
    /// Position among the activities.
    pub activity: usize,
    /// The value: finite, not negative.
    pub value: f64,
}

/// One long table (period, place, activity, value) in memory: 16 bytes a row, sorted by period, place and activity.
///
/// Periods are sorted as whole numbers when all are such, else as text; places and activities are sorted as text. The order of the
/// rows in the file makes no difference to anything here: rows that are [summed](Duplicates::Sum) are added from the least to the
/// greatest.
///
/// ```
/// use xinzhi_store::{LongTable, LongTableOptions};
/// let folder = tempfile::tempdir()?;
/// let file = folder.path().join("exports.csv");
/// std::fs::write(&file, "year,iso3,hs4,usd\n2020,DEU,8703,2\n2020,CHN,8542,1.5\n")?;
/// let options = LongTableOptions {
///     time: Some("year".into()),
///     place: "iso3".into(),
///     activity: "hs4".into(),
///     value: "usd".into(),
///     ..Default::default()
/// };
/// let table = LongTable::read(&file, &options)?;
/// assert_eq!(table.periods(), ["2020"]);
/// let exports = table.matrix(0)?;
/// assert_eq!(exports.get("CHN", "8542"), Some(1.5));
/// assert_eq!(exports.get("CHN", "8703"), Some(0.0));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct LongTable {
    periods: Vec<String>,
    places: Labels,
    activities: Labels,
    /// Position of the cell in the dense cube (period, place, activity), and its value; ascending.
    cells: Vec<(u64, f64)>,
    /// Where the cells of a period begin; one more than periods.
    starts: Vec<usize>,
    extra: Vec<(String, Vec<f64>)>,
    counts: LongCounts,
    encoding: Option<&'static str>,
}

/// The types of file read.
pub(crate) const EXTENSIONS: &str = "csv, tsv, txt (also .gz), parquet, xlsx, xlsm, xls, xlsb, ods";

impl LongTable {
    /// Reads a file: delimited text (csv, tsv, txt, also packed as .gz), Parquet, or a sheet of a workbook (xlsx, xlsm, xls, xlsb,
    /// ods). In Parquet and workbooks a period, place or activity may be a whole number; it is taken as it is printed.
    ///
    /// # Errors
    /// [`Problem::Options`] for options that contradict each other, [`Problem::Schema`] for a column that is not there,
    /// [`Problem::Input`] or [`Problem::Encoding`] for a file that cannot be read, is empty or has rows of unequal length,
    /// [`Problem::Value`] for values that are missing, negative, infinite or not numbers, [`Problem::Duplicate`] for keys that stand
    /// twice. All rows are read before a value is complained of, so that the error counts them and names the first few.
    pub fn read(path: impl AsRef<Path>, options: &LongTableOptions) -> Result<Self, StoreError> {
        let path = path.as_ref();
        let (builder, encoding) = read_rows(path, options, || Builder::new(options, Some(path)))?;
        Ok(LongTable { encoding, ..builder.finish()? })
    }

    /// Takes in Arrow record batches, such as another program hands over. Text may be any of Arrow's kinds of text or a dictionary of
    /// it; values may be any kind of number.
    ///
    /// # Errors
    /// As for [`LongTable::read`], without a file name.
    ///
    /// ```
    /// use arrow_array::{ArrayRef, Float64Array, Int32Array, RecordBatch, StringArray};
    /// use std::sync::Arc;
    /// use xinzhi_store::{LongTable, LongTableOptions};
    /// let batch = RecordBatch::try_from_iter([
    ///     ("place", Arc::new(StringArray::from(vec!["CHN", "DEU"])) as ArrayRef),
    ///     ("hs4", Arc::new(Int32Array::from(vec![8542, 8703])) as ArrayRef),
    ///     ("usd", Arc::new(Float64Array::from(vec![1.5, 2.0])) as ArrayRef),
    /// ])?;
    /// let options =
    ///     LongTableOptions { place: "place".into(), activity: "hs4".into(), value: "usd".into(), ..Default::default() };
    /// let table = LongTable::from_batches([Ok(batch)], &options)?;
    /// assert_eq!(table.matrix(0)?.get("DEU", "8703"), Some(2.0));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn from_batches(
        batches: impl IntoIterator<Item = Result<RecordBatch, ArrowError>>,
        options: &LongTableOptions,
    ) -> Result<Self, StoreError> {
        let mut builder = Builder::new(options, None)?;
        for batch in batches {
            let batch = batch.map_err(|error| StoreError::new(Problem::Input, format!("a batch of rows cannot be read: {error}")))?;
            builder.batch(&batch)?;
        }
        builder.finish()
    }

    /// Takes in rows of (period, place, activity, value) that are already in memory, under the same rules as a file's. The column
    /// names of the options serve for messages only; there are no extra columns.
    ///
    /// # Errors
    /// As for [`LongTable::read`], without a file name.
    ///
    /// ```
    /// use xinzhi_store::{LongTable, LongTableOptions};
    /// let options = LongTableOptions::default();
    /// let table = LongTable::from_rows([("2020", "CHN", "8542", 1.5), ("2020", "DEU", "8703", 2.0)], &options)?;
    /// assert_eq!(table.len(), 2);
    /// # Ok::<(), xinzhi_store::StoreError>(())
    /// ```
    pub fn from_rows<'a>(
        rows: impl IntoIterator<Item = (&'a str, &'a str, &'a str, f64)>,
        options: &LongTableOptions,
    ) -> Result<Self, StoreError> {
        let or = |name: &str, otherwise: &str| if name.is_empty() { otherwise.to_owned() } else { name.to_owned() };
        let options = LongTableOptions {
            time: Some(or(options.time.as_deref().unwrap_or(""), "time")),
            place: or(&options.place, "place"),
            activity: or(&options.activity, "activity"),
            value: or(&options.value, "value"),
            extra: Vec::new(),
            ..options.clone()
        };
        let mut builder = Builder::new(&options, None)?;
        let names = [options.time.clone().unwrap_or_default(), options.place.clone(), options.activity.clone(), options.value.clone()];
        builder.header(&names)?;
        for (row, (period, place, activity, value)) in rows.into_iter().enumerate() {
            let at = rows::At { row: row as u64 + 1, line: None };
            let key = builder.key(period.trim(), place.trim(), activity.trim(), at)?;
            builder.number(key, value, at);
        }
        builder.finish()
    }

    /// The periods, sorted.
    pub fn periods(&self) -> &[String] {
        &self.periods
    }

    /// The places, sorted.
    pub fn places(&self) -> &Labels {
        &self.places
    }

    /// The activities, sorted.
    pub fn activities(&self) -> &Labels {
        &self.activities
    }

    /// How many cells have a row.
    pub fn len(&self) -> usize {
        self.cells.len()
    }

    /// True when there is none, which [`LongTable::read`] does not let happen.
    pub fn is_empty(&self) -> bool {
        self.cells.is_empty()
    }

    /// What became of the rows.
    pub fn counts(&self) -> LongCounts {
        self.counts
    }

    /// The encoding of delimited text where it was not UTF-8.
    pub fn encoding(&self) -> Option<&'static str> {
        self.encoding
    }

    /// The position of a period.
    ///
    /// # Errors
    /// [`Problem::Unknown`], naming the periods there are.
    pub fn require_period(&self, period: &str) -> Result<usize, StoreError> {
        let position = self.periods.iter().position(|known| known == period);
        position.ok_or_else(|| crate::error::unknown("period", period, self.periods.iter().map(String::as_str)))
    }

    fn period_cells(&self, period: usize) -> &[(u64, f64)] {
        match (self.starts.get(period), self.starts.get(period + 1)) {
            (Some(from), Some(to)) => &self.cells[*from..*to],
            _ => &[],
        }
    }

    fn wide(&self) -> u64 {
        self.places.len() as u64 * self.activities.len() as u64
    }

    /// The cells of a period that have a row, by place and activity.
    pub fn cells(&self, period: usize) -> impl ExactSizeIterator<Item = LongCell> + '_ {
        let (base, across) = (period as u64 * self.wide(), self.activities.len() as u64);
        self.period_cells(period).iter().map(move |(at, value)| {
            let at = at - base;
            LongCell { place: (at / across) as usize, activity: (at % across) as usize, value: *value }
        })
    }

    /// Places × activities of a period, over all places and activities of the table; 0 where there is no row.
    ///
    /// # Errors
    /// [`Problem::Unknown`] for a position that no period has.
    pub fn matrix(&self, period: usize) -> Result<LabelledMatrix, StoreError> {
        let mut values = vec![0.0; self.places.len() * self.activities.len()];
        self.fill(period, &mut values)?;
        Ok(LabelledMatrix::new(self.places.clone(), self.activities.clone(), values)?)
    }

    /// [`LongTable::matrix`] into memory that is already there, row by row; every value is overwritten.
    ///
    /// # Errors
    /// [`Problem::Unknown`] for a position that no period has, [`Problem::Options`] when `values` is not places × activities long.
    pub fn fill(&self, period: usize, values: &mut [f64]) -> Result<(), StoreError> {
        if period >= self.periods.len() {
            return Err(StoreError::new(Problem::Unknown, format!("there is no period {period}; there are {}", self.periods.len())));
        }
        if values.len() as u64 != self.wide() {
            let what = format!("a matrix of {} cells cannot take {} × {}", values.len(), self.places.len(), self.activities.len());
            return Err(StoreError::new(Problem::Options, what));
        }
        values.fill(0.0);
        let base = period as u64 * self.wide();
        for (at, value) in self.period_cells(period) {
            values[(at - base) as usize] = *value;
        }
        Ok(())
    }

    /// An extra column of a period, one number for every place: what its rows say, NaN where they say nothing.
    ///
    /// # Errors
    /// [`Problem::Unknown`] for a column that was not read as extra or a position that no period has, [`Problem::Value`] when rows of
    /// one place disagree.
    pub fn by_place(&self, column: &str, period: usize) -> Result<LabelledVector, StoreError> {
        let known = self.extra.iter().find(|(name, _)| name == column);
        let (_, numbers) = known.ok_or_else(|| crate::error::unknown("extra column", column, self.extra.iter().map(|e| e.0.as_str())))?;
        let Some(name) = self.periods.get(period) else {
            return Err(StoreError::new(Problem::Unknown, format!("there is no period {period}; there are {}", self.periods.len())));
        };
        let mut values = vec![f64::NAN; self.places.len()];
        let numbers = &numbers[self.starts[period]..self.starts[period + 1]];
        for (cell, number) in self.cells(period).zip(numbers).filter(|(_, number)| !number.is_nan()) {
            let value = &mut values[cell.place];
            if !value.is_nan() && *value != *number {
                let at = [name.as_str(), self.places.name(cell.place)].join(" ");
                let what = format!("the rows of {} have different numbers, {value} and {number}", at.trim());
                return Err(StoreError::new(Problem::Value, what).column(column).next("a column by place needs one number for each place"));
            }
            *value = *number;
        }
        Ok(LabelledVector::new(self.places.clone(), values)?)
    }

    /// An extra column, one number for every cell that has a row, in the order of [`LongTable::cells`] period after period.
    pub fn extra(&self, column: &str) -> Option<&[f64]> {
        self.extra.iter().find(|(name, _)| name == column).map(|(_, numbers)| numbers.as_slice())
    }

    /// The SHA-256 of the content, in hex: periods, places, activities, cells and extra columns in their sorted order. It does not
    /// depend on the order of the rows, the kind of file or the names of the columns; it does depend on rows that are 0.
    ///
    /// Hashed are, as bytes: `xinzhi long table 1` and a line feed; for periods, places and activities their number and each label's
    /// length and UTF-8; the number of cells; for each cell its distance from the one before in the dense cube and the value; for
    /// each extra column all numbers. Counts and distances are LEB128, values little-endian IEEE 754 doubles with one NaN.
    pub fn sha256(&self) -> String {
        let mut hash = Sha256::new();
        let mut bytes = b"xinzhi long table 1\n".to_vec();
        let labels: [&[String]; 3] = [&self.periods, self.places.names(), self.activities.names()];
        for names in labels {
            count_bytes(names.len() as u64, &mut bytes);
            for name in names {
                count_bytes(name.len() as u64, &mut bytes);
                bytes.extend_from_slice(name.as_bytes());
            }
        }
        count_bytes(self.cells.len() as u64, &mut bytes);
        let mut before = 0;
        for cells in self.cells.chunks(1 << 12) {
            for (at, value) in cells {
                count_bytes(at - before, &mut bytes);
                bytes.extend_from_slice(&value.to_le_bytes());
                before = *at;
            }
            hash.update(&bytes);
            bytes.clear();
        }
        for (_, numbers) in &self.extra {
            for number in numbers {
                let number = if number.is_nan() { f64::NAN } else { *number };
                hash.update(number.to_le_bytes());
            }
        }
        crate::workspace::hex(&hash.finalize())
    }
}

/// A count in LEB128.
fn count_bytes(mut count: u64, out: &mut Vec<u8>) {
    while count >= 0x80 {
        out.push(count as u8 | 0x80);
        count >>= 7;
    }
    out.push(count as u8);
}

/// What the readers shared with the import need to know.
fn import_options(options: &LongTableOptions) -> ImportOptions {
    ImportOptions {
        delimiter: options.delimiter,
        encoding: options.encoding.clone(),
        sheet: options.sheet.clone(),
        ..ImportOptions::default()
    }
}

/// Reads a file into a builder; returns also the encoding of delimited text where it was not UTF-8.
fn read_rows<'a>(
    path: &Path,
    options: &LongTableOptions,
    fresh: impl Fn() -> Result<Builder<'a>, StoreError>,
) -> Result<(Builder<'a>, Option<&'static str>), StoreError> {
    let wrong = |what: String| StoreError::new(Problem::Input, what).file(path);
    let mut builder = fresh()?;
    match extension_of(path)?.as_str() {
        "csv" | "tsv" | "txt" | "csv.gz" | "tsv.gz" | "txt.gz" => {
            if lines::read(path, options, &mut builder)? {
                return Ok((builder, None));
            }
            // quotes or an encoding that only the thorough reader understands: from the start
            builder = fresh()?;
            let encoding = delimited::read(path, &import_options(options), &mut builder)?;
            Ok((builder, (encoding != "UTF-8").then_some(encoding)))
        }
        "parquet" => {
            batches::read_parquet(path, &mut builder)?;
            Ok((builder, None))
        }
        "xlsx" | "xlsm" | "xls" | "xlsb" | "ods" => {
            spreadsheet::read_workbook(path, &import_options(options), &mut builder)?;
            Ok((builder, None))
        }
        other => {
            let inner = other.trim_end_matches(".gz");
            Err(wrong(format!("files of type `{inner}` are not read")).next(format!("the types read are {EXTENSIONS}")))
        }
    }
}

/// What follows the last point of a file's name, with `.gz` where it is packed, of a file that is there and holds anything.
pub(crate) fn extension_of(path: &Path) -> Result<String, StoreError> {
    let wrong = |what: String| StoreError::new(Problem::Input, what).file(path);
    let found = std::fs::metadata(path).map_err(|error| wrong(format!("the file cannot be opened: {error}")).io(&error))?;
    if found.is_dir() {
        return Err(wrong("this is a folder, not a file".to_owned()));
    }
    if found.is_file() && found.len() == 0 {
        return Err(wrong("the file is empty".to_owned()).next("it needs a header line and data rows"));
    }
    let name = path.file_name().map(|name| name.to_string_lossy().to_lowercase()).unwrap_or_default();
    let inner = name.strip_suffix(".gz").unwrap_or(&name);
    let extension = inner.rsplit_once('.').map_or("", |(_, extension)| extension);
    Ok(if inner.len() < name.len() { format!("{extension}.gz") } else { extension.to_owned() })
}
