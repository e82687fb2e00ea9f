//! The `chain` verbs: labelled flows in, an input-output table that stays on this side, tables and matrices out.

use crate::industry::{Crossing, crossing, interruptible};
use crate::{error, language};
use pyo3::prelude::*;
use pyo3::types::PyBytes;
use serde_json::Value;
use std::path::PathBuf;
use std::sync::Arc;
use store::Workspace;
use strategy::chain_verbs::{self, Flows, Satellite};

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

#[pymethods]
impl ChainTable {
    /// A table of a workspace.
    #[staticmethod]
    fn of_workspace(py: Python<'_>, choice: &str, data: Option<PathBuf>) -> PyResult<Self> {
        let choice: chain_verbs::TableChoice = understood(choice)?;
        let inner = interruptible(py, false, move |_| {
            let workspace = data.map_or_else(Workspace::embedded, Workspace::open)?;
            chain_verbs::ChainTable::of_workspace(&workspace, &choice)
        })?;
        Ok(ChainTable { inner: Arc::new(inner) })
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
