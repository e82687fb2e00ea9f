use crate::columns::{Columns, Key, Values, number_fault, word_fault};
use crate::error::nearest;
use crate::number::{NumberStyle, is_missing, parse_number};
use crate::schema::{Column, ColumnKind};
use crate::workspace::sha256;
use crate::write::add_table;
use crate::{Problem, Schema, SourceEntry, StoreError, TableEntry, delimited, spreadsheet};
use frame::Text;
use serde::Deserialize;
use std::borrow::Cow;
use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, HashMap};
use std::fs::File;
use std::path::{Path, PathBuf};

/// What to do with a row that lacks a value its schema requires.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Missing {
    /// Stop with an error that names the row.
    #[default]
    Error,
    /// Leave the row out, and count it.
    Drop,
    /// Take a missing number for 0, and count it; missing text is still an error.
    Zero,
}

/// What to do with a row whose key stood before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Duplicates {
    /// Stop with an error that names both rows.
    #[default]
    Error,
    /// Add the numbers up, and count it; text that is not part of the key (the unit) must agree.
    Sum,
    /// Keep the first, and count it.
    First,
}

/// How to read foreign files into a table.
///
/// A column of the schema is filled from the file's column that `map` names, else with the constant that `set` gives, else from
/// the file's column of the same name. Text is trimmed. A number is missing when its cell is empty or says `NA`, `N/A`, `NaN`,
/// `null` or `..`; infinite numbers are always an error.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ImportOptions {
    /// The table's id: letters, digits, `_` and `-`.
    pub id: String,
    /// The schema's name.
    pub schema: String,
    /// Schema column → file column.
    pub map: BTreeMap<String, String>,
    /// Schema column → constant.
    pub set: BTreeMap<String, String>,
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
    /// What to do about missing values.
    pub missing: Missing,
    /// What to do about keys that stand twice.
    pub duplicates: Duplicates,
    /// The table's title; the id when absent.
    pub title: Option<Text>,
    /// A caveat for readers; what the import did is added to it.
    pub note: Option<Text>,
    /// Where the numbers come from.
    pub source: Option<SourceEntry>,
}

/// What an import did.
#[derive(Debug, Clone)]
pub struct ImportReport {
    /// The entry written into the manifest.
    pub table: TableEntry,
    /// The entry it replaced.
    pub replaced: Option<TableEntry>,
    /// Data rows read from the files.
    pub read: u64,
    /// Rows left out because a value was missing.
    pub dropped: u64,
    /// Missing numbers taken for 0.
    pub zeroed: u64,
    /// Rows added to a row with the same key.
    pub summed: u64,
    /// Rows left out because a row with the same key stood before.
    pub repeated: u64,
    /// What a reader should know: encodings found out, counts of the above.
    pub remarks: Vec<Text>,
}

/// A cell as a file gives it.
pub(crate) enum Cell<'a> {
    Text(&'a str),
    Integer(i64),
    Number(f64),
    Empty,
    /// What no schema holds (a date, an error of a formula), in words.
    Odd(String),
}

impl Cell<'_> {
    pub(crate) fn printed(&self) -> Cow<'_, str> {
        match self {
            Cell::Text(text) => Cow::Borrowed(text),
            Cell::Integer(value) => Cow::Owned(value.to_string()),
            Cell::Number(value) => Cow::Owned(crate::columns::number_text(*value)),
            Cell::Empty => Cow::Borrowed(""),
            Cell::Odd(what) => Cow::Borrowed(what),
        }
    }
}

/// Takes in the header and then the rows of a file. `row` counts data rows from 1, `line` is the line in the file where it has lines.
pub(crate) trait RowSink {
    fn header(&mut self, names: &[String]) -> Result<(), StoreError>;
    fn row(&mut self, row: u64, line: Option<u64>, cells: &[Cell<'_>]) -> Result<(), StoreError>;
}

/// Where a schema column comes from.
enum Origin {
    /// A file column: its position and name.
    File(usize, String),
    Constant(String),
    Absent,
}

/// A cell made ready for its column.
#[derive(Clone, Copy)]
enum Ready {
    Word(Option<u32>),
    Integer(i32),
    Number(f64),
}

struct Builder<'a> {
    schema: &'static Schema,
    options: &'a ImportOptions,
    style: NumberStyle,
    path: &'a Path,
    file: usize,
    origins: Vec<Origin>,
    columns: Columns,
    /// File, row and line of every row taken in.
    positions: Vec<(usize, u64, Option<u64>)>,
    seen: HashMap<Key, usize>,
    ready: Vec<Ready>,
    read: u64,
    dropped: u64,
    zeroed: u64,
    summed: u64,
    repeated: u64,
}

/// Reads foreign files (csv, tsv, txt, parquet, xlsx, xlsm, xls, xlsb, ods) into one table of a workspace's folder, which is made
/// when absent. A table with the same id and schema is replaced. The workspace changes in one step at the end, or not at all.
///
/// # Errors
/// A [`StoreError`] naming file, row, line, column and value of the first thing that is wrong.
///
/// ```
/// use xinzhi_store::{ImportOptions, Workspace, import};
/// let folder = tempfile::tempdir()?;
/// let file = folder.path().join("exports.csv");
/// std::fs::write(&file, "iso3;hs4;usd\nCHN;8542;1.5\nDEU;8703;2\n")?;
/// let pairs = |pairs: &[(&str, &str)]| pairs.iter().map(|(a, b)| (a.to_string(), b.to_string())).collect();
/// let options = ImportOptions {
///     id: "mine".into(),
///     schema: "activity".into(),
///     map: pairs(&[("place", "iso3"), ("code", "hs4"), ("value", "usd")]),
///     set: pairs(&[("scheme", "HS4"), ("measure", "exports"), ("unit", "USD"), ("period", "2020")]),
///     ..Default::default()
/// };
/// let report = import(&[file], &folder.path().join("workspace"), &options)?;
/// assert_eq!(report.table.rows, 2);
/// let table = Workspace::open(folder.path().join("workspace"))?.activity("mine")?;
/// assert_eq!(table.rows().next().map(|row| row.value), Some(1.5));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn import(files: &[PathBuf], into: &Path, options: &ImportOptions) -> Result<ImportReport, StoreError> {
    let schema = Schema::find(&options.schema)?;
    let refuse = |what: String| StoreError::new(Problem::Options, what);
    if options.id.is_empty() || !options.id.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-".contains(&b)) || options.id.starts_with('-')
    {
        return Err(refuse(format!("`{}` cannot be a table's id", options.id)).next("use letters, digits, _ and -"));
    }
    if schema.columns.iter().any(|column| column.kind == ColumnKind::Numbers) {
        return Err(refuse(format!("a long file cannot be read into schema `{}`, whose rows hold lists", schema.id)));
    }
    if options.duplicates == Duplicates::Sum && !schema.additive {
        return Err(refuse(format!("rows of schema `{}` cannot be added up", schema.id)).next("use --duplicates error or first"));
    }
    let style = NumberStyle { decimal: options.decimal.unwrap_or('.'), thousands: options.thousands };
    if style.thousands == Some(style.decimal) {
        return Err(refuse("the decimal and the thousands sign are the same".to_owned()));
    }
    for name in options.map.keys().chain(options.set.keys()) {
        schema.require(name)?;
    }
    if let Some(name) = options.map.keys().find(|name| options.set.contains_key(*name)) {
        return Err(refuse(format!("column `{name}` is both mapped and set")));
    }
    if files.is_empty() {
        return Err(refuse("there is no file to import".to_owned()));
    }

    let mut remarks = Vec::new();
    let mut builder = Builder::new(schema, options, style, &files[0]);
    for (at, path) in files.iter().enumerate() {
        builder.path = path;
        builder.file = at;
        let before = builder.read;
        let encoding = read_rows(path, options, &mut builder)?;
        if builder.read == before {
            return Err(StoreError::new(Problem::Input, "the file has a header but no data rows").file(path));
        }
        remarks.push(provenance(path, encoding)?);
    }
    let Builder { mut columns, read, dropped, zeroed, summed, repeated, .. } = builder;
    if columns.rows == 0 {
        return Err(StoreError::new(Problem::Input, format!("no row is left: all {read} rows have missing values")).file(&files[0]));
    }
    // an optional column that no row fills is left out
    for (column, values) in schema.columns.iter().zip(&mut columns.values) {
        let unused = matches!(values, Some(Values::Number(numbers)) if numbers.iter().all(|number| number.is_nan()))
            || matches!(values, Some(Values::Text(words)) if (0..words.len()).all(|row| words.get(row).is_none()));
        if column.optional && unused {
            *values = None;
        }
    }
    for (count, en, zh) in [
        (dropped, "rows left out because a value was missing", "行因缺失值而略去"),
        (zeroed, "missing numbers taken for 0", "个缺失数值按 0 处理"),
        (summed, "rows added to a row with the same key", "行与同键的行相加"),
        (repeated, "rows left out because their key stood before", "行因键重复而略去"),
    ] {
        if count > 0 {
            remarks.push(Text::new(format!("{count} of {read} {en}."), format!("{read} 行中有 {count} {zh}。")));
        }
    }
    let mut note = options.note.clone().unwrap_or_default();
    for remark in &remarks {
        note.en = format!("{} {}", note.en, remark.en).trim().to_owned();
        note.zh = format!("{}{}", note.zh, remark.zh);
    }
    let entry = TableEntry {
        id: options.id.clone(),
        schema: schema.id.to_owned(),
        file: String::new(),
        rows: 0,
        sha256: String::new(),
        title: options.title.clone().unwrap_or_else(|| Text::same(&options.id)),
        note,
        sources: options.source.iter().map(|source| source.id.clone()).collect(),
    };
    let (table, replaced) = add_table(into, entry, options.source.as_slice(), &columns)?;
    Ok(ImportReport { table, replaced, read, dropped, zeroed, summed, repeated, remarks })
}

const EXTENSIONS: &str = "csv, tsv, txt, parquet, xlsx, xlsm, xls, xlsb, ods";

/// Reads one file by its extension; returns the encoding of text that is not UTF-8.
pub(crate) fn read_rows(path: &Path, options: &ImportOptions, builder: &mut dyn RowSink) -> Result<Option<&'static str>, StoreError> {
    let wrong = |what: &str| StoreError::new(Problem::Input, what).file(path);
    let found = std::fs::metadata(path).map_err(|error| wrong(&format!("the file cannot be opened: {error}")))?;
    if found.is_dir() {
        return Err(wrong("this is a folder, not a file"));
    }
    if found.is_file() && found.len() == 0 {
        return Err(wrong("the file is empty").next("it needs a header line and data rows"));
    }
    let extension = path.extension().map(|extension| extension.to_string_lossy().to_lowercase()).unwrap_or_default();
    match extension.as_str() {
        "csv" | "tsv" | "txt" => {
            let encoding = delimited::read(path, options, builder)?;
            Ok((encoding != "UTF-8").then_some(encoding))
        }
        "parquet" => spreadsheet::read_parquet_rows(path, builder).map(|()| None),
        "xlsx" | "xlsm" | "xls" | "xlsb" | "ods" => spreadsheet::read_workbook(path, options, builder).map(|()| None),
        other => Err(wrong(&format!("files of type `{other}` are not read")).next(format!("the types read are {EXTENSIONS}"))),
    }
}

/// Which file a table was made from, for the manifest.
fn provenance(path: &Path, encoding: Option<&str>) -> Result<Text, StoreError> {
    let name = path.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
    let failed = |error: std::io::Error| StoreError::new(Problem::Input, format!("the file cannot be read: {error}")).file(path);
    let hash = File::open(path).and_then(sha256).map_err(failed)?;
    let (en, zh) = encoding.map_or_else(Default::default, |encoding| (format!(", read as {encoding}"), format!("，按 {encoding} 读取")));
    Ok(Text::new(
        format!("Imported from {name} (SHA-256 {}…{en}).", &hash[..12]),
        format!("导入自 {name}（SHA-256 {}…{zh}）。", &hash[..12]),
    ))
}

impl<'a> Builder<'a> {
    fn new(schema: &'static Schema, options: &'a ImportOptions, style: NumberStyle, path: &'a Path) -> Self {
        let mut columns = Columns::new(schema);
        columns.values = schema.columns.iter().map(|column| Some(Values::new(column.kind))).collect();
        Builder {
            schema,
            options,
            style,
            path,
            file: 0,
            origins: Vec::new(),
            columns,
            positions: Vec::new(),
            seen: HashMap::new(),
            ready: Vec::new(),
            read: 0,
            dropped: 0,
            zeroed: 0,
            summed: 0,
            repeated: 0,
        }
    }

    /// Makes one cell ready; `Ok(None)` when its value is missing.
    fn make_ready(&mut self, at: usize, cell: &Cell<'_>) -> Result<Option<Ready>, Fault> {
        let column: &'static Column = &self.schema.columns[at];
        if let Cell::Odd(what) = cell {
            return Err(Fault::new(format!("is {what}, not a {}", column.kind.name())));
        }
        match column.kind {
            ColumnKind::Text => {
                let word = cell.printed();
                if word.is_empty() {
                    return Ok(column.null.then_some(Ready::Word(None)));
                }
                if let Some(fault) = word_fault(column, &word) {
                    return Err(Fault::new(fault));
                }
                match &mut self.columns.values[at] {
                    Some(Values::Text(words)) => Ok(Some(Ready::Word(Some(words.intern(&word))))),
                    _ => Ok(None),
                }
            }
            ColumnKind::Integer | ColumnKind::Number => {
                let value = match cell {
                    Cell::Empty => return Ok(column.null.then_some(Ready::Number(f64::NAN))),
                    Cell::Number(value) if value.is_nan() => return Ok(column.null.then_some(Ready::Number(f64::NAN))),
                    Cell::Text(text) if is_missing(text) => return Ok(column.null.then_some(Ready::Number(f64::NAN))),
                    Cell::Text(text) => parse_number(text, self.style).map_err(|(fault, next)| Fault { fault: fault.to_owned(), next })?,
                    Cell::Integer(value) => *value as f64,
                    Cell::Number(value) => *value,
                    Cell::Odd(_) => return Ok(None),
                };
                if let Some(fault) = number_fault(column, value) {
                    return Err(Fault::new(fault.to_owned()));
                }
                if column.kind == ColumnKind::Number {
                    return Ok(Some(Ready::Number(value)));
                }
                if value.fract() != 0.0 || value.abs() > f64::from(i32::MAX) {
                    return Err(Fault::new("is not a whole number".to_owned()));
                }
                Ok(Some(Ready::Integer(value as i32)))
            }
            ColumnKind::Numbers => Ok(None),
        }
    }

    fn error(&self, row: u64, line: Option<u64>, problem: Problem, what: String) -> StoreError {
        let error = StoreError::new(problem, what).file(self.path).row(row);
        line.map_or(error.clone(), |line| error.line(line))
    }

    /// The name a column has in the file, for messages.
    fn file_name(&self, at: usize) -> &str {
        match &self.origins[at] {
            Origin::File(_, name) => name,
            _ => self.schema.columns[at].name,
        }
    }

    fn push(&mut self) {
        for (values, ready) in self.columns.values.iter_mut().zip(&self.ready) {
            match (values, ready) {
                (Some(Values::Text(out)), Ready::Word(code)) => out.push_code(*code),
                (Some(Values::Integer(out)), Ready::Integer(value)) => out.push(*value),
                (Some(Values::Number(out)), Ready::Number(value)) => out.push(*value),
                _ => {}
            }
        }
        self.columns.rows += 1;
    }

    /// The key of the row made ready.
    fn key(&self) -> Key {
        let mut key = Key::default();
        let cells = self.schema.columns.iter().zip(&self.ready).filter(|(column, _)| column.key);
        for (cell, (_, ready)) in key.iter_mut().zip(cells) {
            *cell = match ready {
                Ready::Word(code) => code.unwrap_or(u32::MAX),
                Ready::Integer(value) => *value as u32,
                Ready::Number(_) => 0,
            };
        }
        key
    }

    /// Adds the row made ready to an earlier one.
    fn add_to(&mut self, first: usize) -> Result<(), &'static str> {
        for (column, (values, ready)) in self.schema.columns.iter().zip(self.columns.values.iter_mut().zip(&self.ready)) {
            match (values, ready) {
                (Some(Values::Number(out)), Ready::Number(value)) => {
                    // an unknown quantity stays unknown only when both are
                    out[first] = match (out[first].is_nan(), value.is_nan()) {
                        (true, _) => *value,
                        (_, true) => out[first],
                        _ => out[first] + value,
                    };
                }
                (Some(Values::Text(words)), Ready::Word(code)) if !column.key && words.code(first) != code.unwrap_or(u32::MAX) => {
                    return Err(column.name);
                }
                _ => {}
            }
        }
        Ok(())
    }
}

/// What is wrong with a cell, to be said of "the value".
struct Fault {
    fault: String,
    next: Option<&'static str>,
}

impl Fault {
    fn new(fault: String) -> Self {
        Fault { fault, next: None }
    }
}

impl RowSink for Builder<'_> {
    fn header(&mut self, names: &[String]) -> Result<(), StoreError> {
        self.origins.clear();
        for column in self.schema.columns {
            if let Some(value) = self.options.set.get(column.name) {
                self.origins.push(Origin::Constant(value.trim().to_owned()));
                continue;
            }
            let mapped = self.options.map.get(column.name);
            let wanted = mapped.map_or(column.name, String::as_str);
            let mut found = names.iter().enumerate().filter(|(_, name)| *name == wanted).map(|(at, _)| at);
            match (found.next(), found.next()) {
                (Some(_), Some(_)) => {
                    return Err(StoreError::new(Problem::Input, format!("two columns are called `{wanted}`"))
                        .file(self.path)
                        .column(wanted));
                }
                (Some(at), None) => self.origins.push(Origin::File(at, wanted.to_owned())),
                (None, _) if mapped.is_none() && column.optional => self.origins.push(Origin::Absent),
                (None, _) => {
                    let near =
                        nearest(wanted, names.iter().map(String::as_str)).map_or_else(String::new, |near| format!("nearest: {near}; "));
                    let what = if mapped.is_some() {
                        format!("the file has no column `{wanted}`, which is mapped to `{}`", column.name)
                    } else {
                        format!("the file has no column `{wanted}`, which schema `{}` requires", self.schema.id)
                    };
                    return Err(StoreError::new(Problem::Schema, what).file(self.path).column(wanted).next(format!(
                        "{near}columns present: {}; name another with --map {}=COLUMN or give one value with --set {}=VALUE",
                        names.join(", "),
                        column.name,
                        column.name
                    )));
                }
            }
        }
        Ok(())
    }

    fn row(&mut self, row: u64, line: Option<u64>, cells: &[Cell<'_>]) -> Result<(), StoreError> {
        self.read += 1;
        self.ready.clear();
        for (at, column) in self.schema.columns.iter().enumerate() {
            let constant;
            let cell = match &self.origins[at] {
                Origin::File(position, _) => cells.get(*position).unwrap_or(&Cell::Empty),
                Origin::Absent => &Cell::Empty,
                Origin::Constant(value) => {
                    constant = value.clone();
                    &Cell::Text(&constant)
                }
            };
            let ready = self.make_ready(at, cell).map_err(|fault| {
                let what = format!("the value of `{}` {}", column.name, fault.fault);
                let error = self.error(row, line, Problem::Value, what).column(self.file_name(at)).value(cell.printed());
                fault.next.map_or(error.clone(), |next| error.next(next))
            })?;
            match ready {
                Some(ready) => self.ready.push(ready),
                None if self.options.missing == Missing::Drop => {
                    self.dropped += 1;
                    return Ok(());
                }
                None if self.options.missing == Missing::Zero && column.kind == ColumnKind::Number => {
                    self.zeroed += 1;
                    self.ready.push(Ready::Number(0.0));
                }
                None => {
                    let what = format!("the value of `{}` is missing", column.name);
                    let next = "--missing drop leaves such rows out and counts them; --missing zero takes a missing number for 0";
                    return Err(self.error(row, line, Problem::Value, what).column(self.file_name(at)).value(cell.printed()).next(next));
                }
            }
        }
        let key = self.key();
        let first = match self.seen.entry(key) {
            Entry::Vacant(slot) => {
                slot.insert(self.columns.rows);
                self.positions.push((self.file, row, line));
                self.push();
                return Ok(());
            }
            Entry::Occupied(first) => *first.get(),
        };
        let (first_file, first_row, first_line) = self.positions[first];
        let place = |here: bool| {
            let line = first_line.map_or_else(String::new, |line| format!(" (line {line})"));
            if here { format!("row {first_row}{line}") } else { format!("row {first_row}{line} of file {}", first_file + 1) }
        };
        match self.options.duplicates {
            Duplicates::First => self.repeated += 1,
            Duplicates::Sum => {
                if let Err(column) = self.add_to(first) {
                    let what = format!("the row cannot be added to {}: they differ in `{column}`", place(first_file == self.file));
                    return Err(self.error(row, line, Problem::Units, what).column(column));
                }
                self.summed += 1;
            }
            Duplicates::Error => {
                let names: Vec<_> = self.schema.key().map(|column| column.name).collect();
                let what = format!("two rows have the same key: {} and row {row}", place(first_file == self.file));
                let error = self.error(row, line, Problem::Duplicate, what).column(&names.join(", ")).value(self.columns.key_text(first));
                return Err(error.next("--duplicates sum adds such rows up, --duplicates first keeps the first; both are counted"));
            }
        }
        Ok(())
    }
}
