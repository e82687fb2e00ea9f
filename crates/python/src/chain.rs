//! The `chain` verbs: labelled flows in, an input-output table that stays on this side, tables and matrices out.

use crate::industry::{Crossing, crossing, interruptible};
use crate::{error, language};
use frame::{LabelledMatrix, LabelledVector, Labels};
use pyo3::prelude::*;
use pyo3::types::PyBytes;
use serde::Deserialize;
use serde_json::Value;
use std::path::PathBuf;
use std::sync::Arc;
use store::{InputOutputOptions, PublishedTable, StoredInputOutput, Workspace, read_input_output, read_supply_use};
use strategy::chain_verbs::{self, Flows, Satellite, TableChoice};
use strategy::{Answer, StrategyError};

/// An input-output table made ready for computing; its factor is made once, when first needed.
#[pyclass(frozen, module = "xinzhi.chain")]
pub(crate) struct ChainTable {
    inner: Arc<chain_verbs::ChainTable>,
}

/// Labels of rows and of columns with the names of their levels, and the numbers row by row.
type Matrix<'py> = (Vec<String>, Vec<Vec<String>>, Vec<String>, Vec<Vec<String>>, Bound<'py, PyBytes>);

fn numbers(bytes: &[u8]) -> Vec<f64> {
    bytes.as_chunks::<8>().0.iter().map(|chunk| f64::from_le_bytes(*chunk)).collect()
}

fn understood<T: serde::de::DeserializeOwned>(text: &str) -> PyResult<T> {
    serde_json::from_str(text).map_err(|fault| error(format!("the options are not understood: {fault}")))
}

/// How files are read.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Reading {
    edition: Option<String>,
    period: Option<i32>,
    sheet: Option<String>,
    unit: Option<String>,
    repair: Vec<String>,
    no_repair: Vec<String>,
    tolerance: Option<f64>,
    value_added: Option<String>,
    negative_flows: Option<String>,
}

impl Reading {
    fn options(&self) -> InputOutputOptions {
        InputOutputOptions {
            edition: self.edition.clone(),
            period: self.period,
            sheet: self.sheet.clone(),
            unit: self.unit.clone(),
            repair: self.repair.clone(),
            no_repair: self.no_repair.clone(),
            tolerance: self.tolerance,
            ..InputOutputOptions::default()
        }
    }
}

/// A table that a verb made, with what the verb tells.
fn made((table, answer): (PublishedTable, Answer)) -> Result<(chain_verbs::ChainTable, Answer), StrategyError> {
    let source = serde_json::json!({"made": table.title});
    let table = chain_verbs::ChainTable::of_stored(&StoredInputOutput::from(table), &TableChoice::default(), source)?;
    Ok((table, answer))
}

fn told((table, answer): (chain_verbs::ChainTable, Answer)) -> PyResult<(ChainTable, Crossing)> {
    Ok((ChainTable { inner: Arc::new(table) }, crossing(answer)?))
}

/// An input-output table of supply and use tables.
#[pyfunction]
#[pyo3(signature = (files, model, period=None, tolerance=None))]
pub(crate) fn supply_use(
    py: Python<'_>,
    files: Vec<PathBuf>,
    model: String,
    period: Option<i32>,
    tolerance: Option<f64>,
) -> PyResult<(ChainTable, Crossing)> {
    told(interruptible(py, false, move |_| made(chain_verbs::supply_use(&read_supply_use(&files, period)?, &model, tolerance)?))?)
}

/// A scenario that comes with the package, as JSON.
#[pyfunction]
pub(crate) fn example_scenario(name: &str) -> PyResult<String> {
    let found = chain_verbs::example_scenario(name).map_err(crate::strategy_error)?;
    serde_json::to_string(&found).map_err(|fault| error(fault.to_string()))
}

/// A table brought to totals: labels of rows and columns, the numbers and the totals as bytes of doubles, cells that keep their value.
#[pyfunction]
#[allow(clippy::too_many_arguments)]
pub(crate) fn balance(
    py: Python<'_>,
    method: String,
    rows: Vec<String>,
    columns: Vec<String>,
    values: &[u8],
    row_totals: &[u8],
    column_totals: &[u8],
    known: Vec<(String, String)>,
) -> PyResult<Crossing> {
    let (values, row_totals, column_totals) = (numbers(values), numbers(row_totals), numbers(column_totals));
    crossing(interruptible(py, false, move |_| {
        let (rows, columns) = (Labels::new("rows", rows)?, Labels::new("columns", columns)?);
        let table = LabelledMatrix::new(rows.clone(), columns.clone(), values)?;
        let (u, v) = (LabelledVector::new(rows, row_totals)?, LabelledVector::new(columns, column_totals)?);
        chain_verbs::balance(&method, &table, &u, &v, &known)
    })?)
}

/// Strategic dependence product by product, from the tables of trade of a workspace.
#[pyfunction]
#[pyo3(signature = (request, lang, table=None, data=None))]
pub(crate) fn dependence(py: Python<'_>, request: &str, lang: &str, table: Option<String>, data: Option<PathBuf>) -> PyResult<Crossing> {
    let language = language(lang)?;
    let request = understood(request)?;
    crossing(interruptible(py, false, move |_| {
        let workspace = data.map_or_else(Workspace::embedded, Workspace::open)?;
        let trade = chain_verbs::TradeRecords::of_workspace(&workspace, table.as_deref())?;
        chain_verbs::dependence(trade, &request, language)
    })?)
}

#[pymethods]
impl ChainTable {
    /// A table of a workspace.
    #[staticmethod]
    fn of_workspace(py: Python<'_>, choice: &str, data: Option<PathBuf>) -> PyResult<Self> {
        let choice: TableChoice = understood(choice)?;
        let inner = interruptible(py, false, move |_| {
            let workspace = data.map_or_else(Workspace::embedded, Workspace::open)?;
            chain_verbs::ChainTable::of_workspace(&workspace, &choice)
        })?;
        Ok(ChainTable { inner: Arc::new(inner) })
    }

    /// A table read from files, and what a reader should be told of it.
    #[staticmethod]
    fn of_files(py: Python<'_>, files: Vec<PathBuf>, options: &str) -> PyResult<(Self, Vec<String>)> {
        let options: Reading = understood(options)?;
        let reading = options.options();
        let (inner, notes) = interruptible(py, false, move |_| {
            let choice = TableChoice { value_added: options.value_added, negative_flows: options.negative_flows, ..TableChoice::default() };
            chain_verbs::ChainTable::of_files(&files, &reading, &choice)
        })?;
        Ok((ChainTable { inner: Arc::new(inner) }, notes))
    }

    /// A table of flows: `flows` and `satellites` are JSON without the numbers, which come as bytes of doubles, row by row.
    #[staticmethod]
    #[pyo3(signature = (flows, z, y, satellites=Vec::new()))]
    fn of_flows(py: Python<'_>, flows: &str, z: &[u8], y: &[u8], satellites: Vec<(String, Vec<u8>, Option<Vec<u8>>)>) -> PyResult<Self> {
        let mut flows: Flows = understood(flows)?;
        (flows.z, flows.y) = (numbers(z), numbers(y));
        for (head, f, f_y) in satellites {
            let mut satellite: Satellite = understood(&head)?;
            (satellite.flows, satellite.final_demand_flows) = (numbers(&f), f_y.map(|bytes| numbers(&bytes)));
            flows.satellites.push(satellite);
        }
        let inner = interruptible(py, false, move |_| chain_verbs::ChainTable::of_flows(flows))?;
        Ok(ChainTable { inner: Arc::new(inner) })
    }

    /// Answers a verb.
    fn answer(&self, py: Python<'_>, verb: &str, request: &str, lang: &str) -> PyResult<Crossing> {
        let language = language(lang)?;
        let request: Value = understood(request)?;
        let (table, verb) = (self.inner.clone(), verb.to_owned());
        crossing(interruptible(py, false, move |_| chain_verbs::answer(&verb, &table, request, language))?)
    }

    /// A smaller table, and by how much multipliers from it are off.
    fn aggregate(&self, py: Python<'_>, request: &str) -> PyResult<(Self, Crossing)> {
        let request = understood(request)?;
        let table = self.inner.clone();
        told(interruptible(py, false, move |_| made(chain_verbs::aggregate(&table, &request)?))?)
    }

    /// This table with the provinces of another, read from files, in place of their country.
    fn nest(&self, py: Python<'_>, files: Vec<PathBuf>, options: &str, request: &str) -> PyResult<(Self, Crossing)> {
        let (options, request): (Reading, _) = (understood(options)?, understood(request)?);
        let (table, reading) = (self.inner.clone(), options.options());
        told(interruptible(py, false, move |_| made(chain_verbs::nest(&table, &read_input_output(&files, &reading)?.into(), &request)?))?)
    }

    /// What changed from this table to another.
    fn decomposition(&self, py: Python<'_>, after: &Self, request: &str, lang: &str) -> PyResult<Crossing> {
        let language = language(lang)?;
        let request = understood(request)?;
        let (before, after) = (self.inner.clone(), after.inner.clone());
        crossing(interruptible(py, false, move |_| chain_verbs::decomposition(&before, &after, &request, language))?)
    }

    /// Runs a scenario, given as JSON, through the models; shares of products come from a workspace.
    #[pyo3(signature = (scenario, request, lang, data=None))]
    fn shock(&self, py: Python<'_>, scenario: &str, request: &str, lang: &str, data: Option<PathBuf>) -> PyResult<Crossing> {
        let language = language(lang)?;
        let scenario: Value = understood(scenario)?;
        let request = understood(request)?;
        let table = self.inner.clone();
        let (answer, pictures) = interruptible(py, false, move |_| {
            let scenario = match scenario {
                Value::String(text) => strategy::ScenarioFile::parse(&text)?,
                fields => strategy::ScenarioFile::from_json(fields)?,
            };
            let workspace = data.map_or_else(Workspace::embedded, Workspace::open)?;
            let found = chain_verbs::shock(&table, &scenario, &request, Some(&workspace), language)?;
            Ok((found.answer, found.pictures))
        })?;
        let (tables, record, notes, mut documents) = crossing(answer)?;
        for chart in &pictures {
            documents.push((chart.id.clone(), report::svg(chart, language, &report::ChartStyle::default())));
        }
        Ok((tables, record, notes, documents))
    }

    /// A matrix by pymrio's name.
    #[pyo3(signature = (name, extension=None))]
    fn matrix<'py>(&self, py: Python<'py>, name: &str, extension: Option<String>) -> PyResult<Matrix<'py>> {
        let (table, name) = (self.inner.clone(), name.to_owned());
        let found = interruptible(py, false, move |_| chain_verbs::matrix(&table, &name, extension.as_deref()))?;
        let bytes = PyBytes::new_with(py, found.values.len() * 8, |to| {
            for (to, value) in to.as_chunks_mut::<8>().0.iter_mut().zip(&found.values) {
                *to = value.to_le_bytes();
            }
            Ok(())
        })?;
        Ok((found.row_levels, found.rows, found.column_levels, found.columns, bytes))
    }

    /// Name with year, unit, number of industries, regions, names of extensions.
    fn describe(&self) -> (String, String, usize, Vec<String>, Vec<String>) {
        let system = &self.inner.system;
        let regions = system.regions().iter().map(str::to_owned).collect();
        (system.name().to_owned(), system.unit().to_owned(), system.size(), regions, self.inner.extension_names())
    }
}
