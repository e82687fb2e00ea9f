//! The `industry` verbs: frames in through the Arrow C stream interface, a panel and a request to the engine, tables out.

use crate::{Table, error, language, strategy_message};
use arrow_array::ffi_stream::{ArrowArrayStreamReader, FFI_ArrowArrayStream};
use arrow_array::{
    Array, ArrayRef, Float64Array, RecordBatch, RecordBatchReader, StringArray,
    cast::AsArray,
    types::{Float64Type, Int32Type},
};
use arrow_schema::{ArrowError, DataType, Field, Schema};
use frame::Language;
use pyo3::prelude::*;
use pyo3::types::{PyCapsule, PyCapsuleMethods};
use serde::Deserialize;
use serde_json::Value;
use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{RecvTimeoutError, sync_channel};
use std::time::Duration;
use store::{Duplicates, LongTable, LongTableOptions, Missing, Problem, RowTable, StoreError, Workspace};
use strategy::industry_verbs::{Panel, PlaceValues, WorkspaceTables, answer, complexity_of_panel, space_of_panel};
use strategy::{Answer, StrategyError};

/// How often a long call looks whether the user wants it to end.
const GLANCE: Duration = Duration::from_millis(50);
/// Stands in for the column that a frame of places or of activities does not have.
const EVERYTHING: &str = "(all)";
/// Stands in for the values of a frame that is read for another column.
const ONES: &str = "(one)";

/// Where a panel comes from, besides frames.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Source {
    path: Option<PathBuf>,
    world_path: Option<PathBuf>,
    data: Option<PathBuf>,
    tables: Vec<String>,
    measure: String,
    scheme: String,
    time: Option<String>,
    place: String,
    activity: String,
    value: String,
    duplicates: String,
    missing: String,
    population: Option<Known>,
    income: Option<Known>,
    pci: Option<Vec<(String, f64)>>,
}

/// What is known of places, when it is no frame of its own.
#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum Known {
    /// A column of the table.
    Column(String),
    /// Period (empty for all), place and number.
    Rows(Vec<(String, String, f64)>),
}

/// The frames, as streams not yet read.
struct Streams {
    table: Option<ArrowArrayStreamReader>,
    world: Option<ArrowArrayStreamReader>,
    population: Option<ArrowArrayStreamReader>,
    income: Option<ArrowArrayStreamReader>,
    pci: Option<ArrowArrayStreamReader>,
}

/// Takes over the stream of an object that has the Arrow PyCapsule interface.
pub(crate) fn stream(frame: Option<Bound<'_, PyAny>>) -> PyResult<Option<ArrowArrayStreamReader>> {
    let Some(frame) = frame else { return Ok(None) };
    let exported = frame.call_method0("__arrow_c_stream__")?;
    let capsule = exported.cast::<PyCapsule>()?;
    let pointer = capsule.pointer_checked(Some(c"arrow_array_stream"))?;
    // SAFETY: the interface promises that a capsule of this name points to an `ArrowArrayStream`, and the capsule, which owns it, lives
    // until the end of this function. `from_raw` moves the stream out and leaves a released one behind, which the capsule's destructor
    // accepts. There is no safe way across this border.
    #[allow(unsafe_code)]
    let stream = unsafe { FFI_ArrowArrayStream::from_raw(pointer.as_ptr().cast()) };
    ArrowArrayStreamReader::try_new(stream).map(Some).map_err(|fault| error(format!("the table cannot be read: {fault}")))
}

/// The batches of a stream until the user wants an end.
pub(crate) fn batches<'a>(
    stream: ArrowArrayStreamReader,
    stop: &'a AtomicBool,
) -> impl Iterator<Item = Result<RecordBatch, ArrowError>> + use<'a> {
    stream.take_while(|_| !stop.load(Ordering::Relaxed))
}

/// A batch with two more columns, each of one value: a long table has places, activities and values.
fn completed(batch: RecordBatch) -> Result<RecordBatch, ArrowError> {
    let rows = batch.num_rows();
    let mut fields: Vec<_> = batch.schema().fields().iter().cloned().collect();
    fields.push(Arc::new(Field::new(EVERYTHING, DataType::Utf8, false)));
    fields.push(Arc::new(Field::new(ONES, DataType::Float64, false)));
    let mut columns = batch.columns().to_vec();
    columns.push(Arc::new(StringArray::from_iter_values(std::iter::repeat_n(EVERYTHING, rows))));
    columns.push(Arc::new(Float64Array::from(vec![1.0; rows])));
    RecordBatch::try_new(Arc::new(Schema::new(fields)), columns)
}

impl Source {
    fn options(&self) -> Result<LongTableOptions, StrategyError> {
        let refuse = |option: &str, given: &str, known: &str| {
            Err(StoreError::new(Problem::Options, format!("{option} is \"{given}\"")).next(format!("use {known}")).into())
        };
        Ok(LongTableOptions {
            time: self.time.clone(),
            place: self.place.clone(),
            activity: self.activity.clone(),
            value: self.value.clone(),
            duplicates: match self.duplicates.as_str() {
                "error" => Duplicates::Error,
                "sum" => Duplicates::Sum,
                other => return refuse("duplicates", other, "\"error\" or \"sum\""),
            },
            missing: match self.missing.as_str() {
                "error" => Missing::Error,
                "zero" => Missing::Zero,
                "drop" => Missing::Drop,
                other => return refuse("missing", other, "\"error\", \"zero\" or \"drop\""),
            },
            ..LongTableOptions::default()
        })
    }

    fn panel(&self, streams: Streams, stop: &AtomicBool) -> Result<Panel, StrategyError> {
        let options = self.options()?;
        let mut extra = Vec::new();
        for known in [&self.population, &self.income] {
            if let Some(Known::Column(name)) = known
                && !extra.contains(name)
            {
                extra.push(name.clone());
            }
        }
        let with_extra = LongTableOptions { extra, ..options.clone() };
        let mut panel = match (streams.table, &self.path) {
            (Some(stream), _) => Panel::new(LongTable::from_batches(batches(stream, stop), &with_extra)?, "a table in memory"),
            (None, Some(path)) => {
                let name = path.file_name().map_or_else(|| path.display().to_string(), |name| name.to_string_lossy().into_owned());
                Panel::new(LongTable::read(path, &with_extra)?, name)
            }
            (None, None) => {
                let workspace = self.data.as_ref().map_or_else(Workspace::embedded, Workspace::open)?;
                let wanted = WorkspaceTables { tables: self.tables.clone(), measure: self.measure.clone(), scheme: self.scheme.clone() };
                Panel::of_workspace(&workspace, &wanted)?
            }
        };
        let known = |panel: &Panel, known: &Option<Known>, stream: Option<ArrowArrayStreamReader>, value: &str| {
            if let Some(stream) = stream {
                return self.of_frame(stream, &options, value, stop).map(Some);
            }
            match known {
                None => Ok(None),
                Some(Known::Rows(rows)) => Ok(Some(PlaceValues::new(rows.iter().cloned()))),
                Some(Known::Column(name)) => {
                    let mut rows = Vec::new();
                    for (at, period) in panel.table.periods().iter().enumerate() {
                        let numbers = panel.table.by_place(name, at)?;
                        rows.extend(numbers.iter().filter(|(_, v)| !v.is_nan()).map(|(place, v)| (period.clone(), place.to_owned(), v)));
                    }
                    Ok::<_, StrategyError>(Some(PlaceValues::new(rows)))
                }
            }
        };
        panel.population = known(&panel, &self.population, streams.population, "population")?.or(panel.population);
        panel.income = known(&panel, &self.income, streams.income, "income")?.or(panel.income);
        panel.world = match (streams.world, &self.world_path) {
            (Some(stream), _) => Some(LongTable::from_batches(batches(stream, stop), &options)?),
            (None, Some(path)) => Some(LongTable::read(path, &options)?),
            (None, None) => None,
        };
        panel.pci = match (streams.pci, &self.pci) {
            (Some(stream), _) => Some(self.index_of_activities(stream, &options, stop)?),
            (None, Some(pairs)) => Some(pairs.iter().cloned().collect()),
            (None, None) => None,
        };
        Ok(panel)
    }

    /// Numbers of places from a frame with the columns of places and of the numbers and, where it has one, of periods.
    fn of_frame(
        &self,
        stream: ArrowArrayStreamReader,
        options: &LongTableOptions,
        value: &str,
        stop: &AtomicBool,
    ) -> Result<PlaceValues, StrategyError> {
        let schema = stream.schema();
        let time = self.time.clone().filter(|name| schema.field_with_name(name).is_ok());
        let options =
            LongTableOptions { time, activity: EVERYTHING.to_owned(), value: value.to_owned(), missing: Missing::Drop, ..options.clone() };
        let table = LongTable::from_batches(batches(stream, stop).map(|batch| batch.and_then(completed)), &options)?;
        Ok(PlaceValues::of_table(&table))
    }

    /// The index of activities from a frame with the column of activities and `pci`, which may be negative.
    fn index_of_activities(
        &self,
        stream: ArrowArrayStreamReader,
        options: &LongTableOptions,
        stop: &AtomicBool,
    ) -> Result<HashMap<String, f64>, StrategyError> {
        let options = LongTableOptions {
            time: None,
            place: EVERYTHING.to_owned(),
            value: ONES.to_owned(),
            extra: vec!["pci".to_owned()],
            ..options.clone()
        };
        let table = LongTable::from_batches(batches(stream, stop).map(|batch| batch.and_then(completed)), &options)?;
        let numbers = table.extra("pci").unwrap_or_default();
        let named = table.cells(0).zip(numbers).filter(|(_, number)| !number.is_nan());
        Ok(named.map(|(cell, number)| (table.activities().name(cell.activity).to_owned(), *number)).collect())
    }
}

/// The same batch with its text written out, for data frames would make categories of dictionaries, each batch its own, and with null
/// where a number is NaN.
fn plain(batch: &RecordBatch) -> Result<RecordBatch, ArrowError> {
    let schema = batch.schema();
    let mut fields = Vec::with_capacity(batch.num_columns());
    let mut columns: Vec<ArrayRef> = Vec::with_capacity(batch.num_columns());
    for (field, column) in schema.fields().iter().zip(batch.columns()) {
        let written = column.as_dictionary_opt::<Int32Type>().and_then(|dictionary| {
            let words = dictionary.values().as_string_opt::<i32>()?;
            let keys = dictionary.keys();
            Some((0..keys.len()).map(|row| keys.is_valid(row).then(|| words.value(keys.value(row) as usize))).collect::<StringArray>())
        });
        match written {
            Some(text) => {
                fields.push(Arc::new(Field::new(field.name(), DataType::Utf8, field.is_nullable())));
                columns.push(Arc::new(text));
            }
            None => {
                fields.push(field.clone());
                columns.push(match column.as_primitive_opt::<Float64Type>() {
                    Some(numbers) if numbers.values().iter().any(|number| number.is_nan()) => {
                        Arc::new(numbers.iter().map(|number| number.filter(|number| !number.is_nan())).collect::<Float64Array>())
                    }
                    _ => column.clone(),
                });
            }
        }
    }
    RecordBatch::try_new(Arc::new(Schema::new(fields)), columns)
}

fn no_table(fault: ArrowError) -> StrategyError {
    StoreError::new(Problem::Schema, format!("the result does not make a table: {fault}")).into()
}

/// The tables of an answer with their names.
fn plain_tables(found: &Answer) -> Result<Vec<(String, Table)>, StrategyError> {
    let plain = |table: &RowTable| -> Result<_, StrategyError> {
        let batch = plain(&table.to_batch()?).map_err(no_table)?;
        Ok((table.name().to_owned(), Table { schema: batch.schema(), batches: vec![batch] }))
    };
    found.tables.iter().map(plain).collect()
}

/// An answer on its way to Python.
pub(crate) fn crossing(found: Answer) -> PyResult<Crossing> {
    let tables = plain_tables(&found).map_err(|fault| error(strategy_message(fault)))?;
    Ok((tables, found.record.to_string(), found.notes.iter().map(|note| in_python(note)).collect(), Vec::new()))
}

/// What a verb found, ready for Python.
struct Found {
    tables: Vec<(String, Table)>,
    record: Value,
    notes: Vec<String>,
    documents: Vec<(String, String)>,
}

/// Names of places in a request become their codes.
fn with_codes(panel: &Panel, mut request: Value) -> Value {
    for field in ["place", "mark"] {
        if let Some(Value::String(place)) = request.get_mut(field) {
            *place = panel.place_code(place);
        }
    }
    if let Some(Value::Array(places)) = request.get_mut("places") {
        for place in places {
            if let Value::String(place) = place {
                *place = panel.place_code(place);
            }
        }
    }
    request
}

fn run(verb: &str, panel: &Panel, request: Value, language: Language, stop: &AtomicBool) -> Result<Found, StrategyError> {
    let misunderstood = |fault: serde_json::Error| StoreError::new(Problem::Options, format!("the options are not understood: {fault}"));
    let request = with_codes(panel, request);
    let mut cells = Vec::new();
    let mut documents = Vec::new();
    let found = match verb {
        "complexity" => {
            let request = serde_json::from_value(request).map_err(misunderstood)?;
            complexity_of_panel(panel, &request, &mut |block| {
                if stop.load(Ordering::Relaxed) {
                    return Err(StoreError::new(Problem::Options, "interrupted").into());
                }
                cells.push(plain(&block.record_batch()?).map_err(no_table)?);
                Ok(())
            })?
        }
        "space" => {
            let request = serde_json::from_value(request).map_err(misunderstood)?;
            let space = space_of_panel(panel, &request)?;
            let style = report::ChartStyle { width: 1280.0, ..report::ChartStyle::default() };
            documents.push(("svg".to_owned(), report::svg(&space.picture, language, &style)));
            documents.push(("graphml".to_owned(), space.graphml));
            space.answer
        }
        _ => answer(verb, panel, request, language)?,
    };
    let mut tables = Vec::new();
    if let Some(first) = cells.first() {
        tables.push(("cells".to_owned(), Table { schema: first.schema(), batches: cells }));
    }
    tables.extend(plain_tables(&found)?);
    Ok(Found { tables, record: found.record, notes: found.notes, documents })
}

/// Runs work in a thread of its own and looks now and then whether the user pressed Ctrl-C. Python's own threads run meanwhile.
///
/// On Ctrl-C the work is told to stop. With `wait` this returns when it has: what it holds belongs to Python. Without, this returns at
/// once, and the thread, which touches nothing of Python's, goes on behind the scenes until it looks: the cells of complexity look after
/// every period; everything else has no such place, runs to its end, and its result is dropped.
pub(crate) fn interruptible<T: Send + 'static>(
    py: Python<'_>,
    wait: bool,
    work: impl FnOnce(&AtomicBool) -> Result<T, StrategyError> + Send + 'static,
) -> PyResult<T> {
    let stop = Arc::new(AtomicBool::new(false));
    let told = stop.clone();
    let (done, mut result) = sync_channel(1);
    let thread = std::thread::Builder::new().name("xinzhi".into()).spawn(move || {
        // nobody takes the result of work that was interrupted
        let _ = done.send(work(&told));
    });
    thread.map_err(|fault| error(format!("no thread can be started: {fault}")))?;
    loop {
        let (back, received) = py.detach(move || {
            let received = result.recv_timeout(GLANCE);
            (result, received)
        });
        result = back;
        match received {
            Ok(found) => return found.map_err(|fault| error(in_python(&strategy_message(fault)))),
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => {
                return Err(error("the computation broke off; this is a defect of xinzhi, please report the input"));
            }
        }
        if let Err(interrupt) = py.check_signals() {
            stop.store(true, Ordering::Relaxed);
            if wait {
                py.detach(move || drop(result.recv()));
            }
            return Err(interrupt);
        }
    }
}

/// Advice that names the program's options, in the words of this package: `--missing zero` is `missing="zero"`.
fn in_python(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut words = text.split(' ').peekable();
    while let Some(word) = words.next() {
        if !out.is_empty() {
            out.push(' ');
        }
        let (before, option) = match word.find("--") {
            Some(at) if word[at + 2..].starts_with(|c: char| c.is_ascii_lowercase()) => (&word[..at], &word[at + 2..]),
            _ => {
                out.push_str(word);
                continue;
            }
        };
        let end = option.find(|c: char| !(c.is_ascii_lowercase() || c == '-')).unwrap_or(option.len());
        out.push_str(before);
        // further columns of numbers have these names here
        let name = if &option[..end] == "extra" { "population or income" } else { &option[..end] };
        out.push_str(&name.replace('-', "_"));
        out.push_str(&option[end..]);
        let choice = words.peek().filter(|next| end == option.len() && ["error", "sum", "zero", "drop", "COLUMN"].contains(next)).copied();
        if let Some(choice) = choice {
            words.next();
            match choice {
                "COLUMN" if name.contains(' ') => {}
                "COLUMN" => out.push_str("=COLUMN"),
                choice => out.push_str(&format!("=\"{choice}\"")),
            }
        }
    }
    out
}

/// A verb's tables with their names, the record as JSON, notes, and documents with their names.
pub(crate) type Crossing = (Vec<(String, Table)>, String, Vec<String>, Vec<(String, String)>);

/// Answers a verb of the industry layer.
#[pyfunction]
#[pyo3(signature = (verb, request, source, lang, table=None, world=None, population=None, income=None, pci=None))]
#[allow(clippy::too_many_arguments)]
pub(crate) fn industry(
    py: Python<'_>,
    verb: &str,
    request: &str,
    source: &str,
    lang: &str,
    table: Option<Bound<'_, PyAny>>,
    world: Option<Bound<'_, PyAny>>,
    population: Option<Bound<'_, PyAny>>,
    income: Option<Bound<'_, PyAny>>,
    pci: Option<Bound<'_, PyAny>>,
) -> PyResult<Crossing> {
    let language = language(lang)?;
    let misunderstood = |fault: serde_json::Error| error(format!("the options are not understood: {fault}"));
    let request: Value = serde_json::from_str(request).map_err(misunderstood)?;
    let source: Source = serde_json::from_str(source).map_err(misunderstood)?;
    let streams = Streams {
        table: stream(table)?,
        world: stream(world)?,
        population: stream(population)?,
        income: stream(income)?,
        pci: stream(pci)?,
    };
    let panel = interruptible(py, true, move |stop| source.panel(streams, stop))?;
    let verb = verb.to_owned();
    let found = interruptible(py, false, move |stop| run(&verb, &panel, request, language, stop))?;
    let notes = found.notes.iter().map(|note| in_python(note)).collect();
    Ok((found.tables, found.record.to_string(), notes, found.documents))
}
