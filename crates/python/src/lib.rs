//! The native half of the `xinzhi` Python package. It carries values over the border and computes nothing itself; the Python half
//! (`python/xinzhi`) gives them their public shape.
//!
//! What has a fixed shape crosses as JSON text, which the Python half parses; tables cross as Arrow without copying. Every long call lets
//! other Python threads run; those of the industry and chain layers can be interrupted.

mod chain;
mod discourse;
mod firms;
mod industry;
mod policy;

use arrow_array::ffi_stream::FFI_ArrowArrayStream;
use arrow_array::{RecordBatch, RecordBatchIterator};
use frame::Language;
use pyo3::create_exception;
use pyo3::exceptions::{PyUserWarning, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyCapsule, PyString};
use serde::Serialize;
use std::path::PathBuf;
use std::sync::OnceLock;
use store::Workspace;
use strategy::{Engine, StrategyError};

create_exception!(xinzhi, XinzhiError, PyValueError, "What went wrong, where, and what to do next.");
create_exception!(xinzhi, XinzhiWarning, PyUserWarning, "What a reader of a result should be told.");

/// The engine on the built-in workspace, kept so that a second call reuses what all places share.
static EMBEDDED: OnceLock<Engine> = OnceLock::new();

fn error(error: impl std::fmt::Display) -> PyErr {
    XinzhiError::new_err(error.to_string())
}

fn strategy_error(error: StrategyError) -> PyErr {
    XinzhiError::new_err(strategy_message(error))
}

fn strategy_message(error: StrategyError) -> String {
    let next = match &error {
        // the program's own advice names its commands; here the same list is a function
        StrategyError::UnknownPlace { nearest, .. } => {
            let nearest: Vec<String> = nearest.iter().map(|(code, en, zh)| format!("{code} ({en}, {zh})")).collect();
            format!("; nearest: {}; xinzhi.places() lists all", nearest.join("; "))
        }
        StrategyError::UnknownFigure { nearest, .. } => {
            format!("; nearest: {}; a dossier lists all under \"figures\"", nearest.join(", "))
        }
        _ => String::new(),
    };
    format!("{error}{next}")
}

/// The workspace in a folder, opened anew each time because its files may change, or the built-in one.
fn engine(data: Option<PathBuf>) -> PyResult<Engine> {
    match data {
        Some(folder) => Ok(Engine::new(Workspace::open(folder).map_err(error)?)),
        None => match EMBEDDED.get() {
            Some(engine) => Ok(engine.clone()),
            None => {
                let engine = Engine::new(Workspace::embedded().map_err(error)?);
                Ok(EMBEDDED.get_or_init(|| engine).clone())
            }
        },
    }
}

fn workspace(data: Option<PathBuf>) -> PyResult<Workspace> {
    data.map_or_else(Workspace::embedded, Workspace::open).map_err(error)
}

fn language(name: &str) -> PyResult<Language> {
    match name {
        "en" => Ok(Language::En),
        "zh" => Ok(Language::Zh),
        other => Err(error(format!("lang is \"{other}\": use \"en\" or \"zh\""))),
    }
}

fn json<T: Serialize + ?Sized>(value: &T) -> PyResult<String> {
    serde_json::to_string(value).map_err(error)
}

/// A dossier as a document: text for `json`, `html` and `md`, bytes for `xlsx`.
#[pyfunction]
fn dossier<'py>(py: Python<'py>, place: &str, lang: &str, format: &str, data: Option<PathBuf>) -> PyResult<Bound<'py, PyAny>> {
    let language = language(lang)?;
    if !["json", "html", "md", "xlsx"].contains(&format) {
        return Err(error(format!("format is \"{format}\": use \"dict\", \"json\", \"html\", \"md\" or \"xlsx\"")));
    }
    let bytes = py.detach(|| -> PyResult<Vec<u8>> {
        let dossier = engine(data)?.dossier(place).map_err(strategy_error)?;
        Ok(match format {
            "html" => report::html(&dossier, language).into_bytes(),
            "md" => report::markdown(&dossier, language).into_bytes(),
            "xlsx" => report::workbook(&dossier, language).map_err(error)?,
            _ => report::json(&dossier).into_bytes(),
        })
    })?;
    if format == "xlsx" {
        return Ok(PyBytes::new(py, &bytes).into_any());
    }
    Ok(PyString::new(py, std::str::from_utf8(&bytes).map_err(error)?).into_any())
}

/// A figure computed again and the sources behind it, as JSON.
#[pyfunction]
fn explain(py: Python<'_>, figure: &str, data: Option<PathBuf>) -> PyResult<String> {
    #[derive(Serialize)]
    struct Explained {
        figure: frame::Figure,
        sources: Vec<strategy::Source>,
    }
    py.detach(|| {
        let explanation = engine(data)?.explain(figure).map_err(strategy_error)?;
        json(&Explained { figure: explanation.figure, sources: explanation.sources })
    })
}

/// The places a dossier can be made of, as JSON.
#[pyfunction]
fn places(py: Python<'_>, data: Option<PathBuf>) -> PyResult<String> {
    py.detach(|| json(&engine(data)?.dossier_places().map_err(strategy_error)?))
}

/// The tables of a workspace, as JSON.
#[pyfunction]
fn tables(data: Option<PathBuf>) -> PyResult<String> {
    json(&workspace(data)?.manifest().tables)
}

/// The sources of a workspace, as JSON.
#[pyfunction]
fn sources(data: Option<PathBuf>) -> PyResult<String> {
    json(&workspace(data)?.manifest().sources)
}

/// A table of a workspace.
#[pyfunction]
fn table(py: Python<'_>, id: &str, data: Option<PathBuf>) -> PyResult<Table> {
    py.detach(|| {
        let batches = workspace(data)?.table(id).map_err(error)?;
        let schema = batches.first().map(RecordBatch::schema).ok_or_else(|| error(format!("the table \"{id}\" has no rows")))?;
        Ok(Table { schema, batches })
    })
}

/// A table that Arrow-compatible libraries take without copying.
#[pyclass(frozen, module = "xinzhi.data")]
struct Table {
    schema: arrow_schema::SchemaRef,
    batches: Vec<RecordBatch>,
}

#[pymethods]
impl Table {
    /// The names of the columns.
    #[getter]
    fn column_names(&self) -> Vec<String> {
        self.schema.fields().iter().map(|field| field.name().clone()).collect()
    }

    /// The number of rows.
    #[getter]
    fn num_rows(&self) -> usize {
        self.batches.iter().map(RecordBatch::num_rows).sum()
    }

    fn __len__(&self) -> usize {
        self.num_rows()
    }

    fn __repr__(&self) -> String {
        format!("<xinzhi.data.Table: {} rows, columns {}>", self.num_rows(), self.column_names().join(", "))
    }

    /// The Arrow PyCapsule interface: a stream of record batches. The columns keep their stored types whatever schema is asked for, which
    /// the interface allows.
    #[pyo3(signature = (requested_schema=None))]
    fn __arrow_c_stream__<'py>(&self, py: Python<'py>, requested_schema: Option<Bound<'py, PyAny>>) -> PyResult<Bound<'py, PyCapsule>> {
        let _ = requested_schema;
        let batches = RecordBatchIterator::new(self.batches.clone().into_iter().map(Ok), self.schema.clone());
        PyCapsule::new_with_value(py, FFI_ArrowArrayStream::new(Box::new(batches)), c"arrow_array_stream")
    }
}

#[pymodule]
fn _native(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add("__version__", frame::ENGINE_VERSION)?;
    module.add("XinzhiError", module.py().get_type::<XinzhiError>())?;
    module.add("XinzhiWarning", module.py().get_type::<XinzhiWarning>())?;
    module.add_class::<Table>()?;
    module.add_class::<chain::ChainTable>()?;
    module.add_function(wrap_pyfunction!(dossier, module)?)?;
    module.add_function(wrap_pyfunction!(explain, module)?)?;
    module.add_function(wrap_pyfunction!(places, module)?)?;
    module.add_function(wrap_pyfunction!(tables, module)?)?;
    module.add_function(wrap_pyfunction!(sources, module)?)?;
    module.add_function(wrap_pyfunction!(table, module)?)?;
    module.add_function(wrap_pyfunction!(industry::industry, module)?)?;
    module.add_function(wrap_pyfunction!(chain::balance, module)?)?;
    module.add_function(wrap_pyfunction!(chain::dependence, module)?)?;
    module.add_function(wrap_pyfunction!(chain::example_scenario, module)?)?;
    module.add_function(wrap_pyfunction!(chain::supply_use, module)?)?;
    module.add_function(wrap_pyfunction!(firms::firms, module)?)?;
    module.add_function(wrap_pyfunction!(policy::policy, module)?)?;
    module.add_function(wrap_pyfunction!(discourse::discourse, module)?)?;
    Ok(())
}
