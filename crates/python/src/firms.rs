//! Firms and their links: frames in through the Arrow C stream interface, tables out.

use crate::industry::{Crossing, batches, crossing, interruptible, stream};
use crate::{error, language};
use pyo3::prelude::*;
use serde::Deserialize;
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;
use store::{FirmColumns, FirmRow, FirmTable, LinkTable, LongTableOptions, Missing, Problem, StoreError};
use strategy::StrategyError;
use strategy::chain_verbs::{self, FirmNetwork, FirmsRequest, NetworkChoice};

/// Where links and firms come from, besides frames.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Source {
    #[serde(default)]
    links_path: Option<PathBuf>,
    #[serde(default)]
    firms_path: Option<PathBuf>,
    /// Firms and their sectors.
    #[serde(default)]
    firms: Option<Vec<(String, String)>>,
    supplier: String,
    buyer: String,
    value: String,
    firm: String,
    sector: String,
    size: Option<String>,
    missing: String,
    choice: NetworkChoice,
}

impl Source {
    fn link_options(&self) -> Result<LongTableOptions, StrategyError> {
        Ok(LongTableOptions {
            place: self.supplier.clone(),
            activity: self.buyer.clone(),
            value: self.value.clone(),
            missing: match self.missing.as_str() {
                "error" => Missing::Error,
                "zero" => Missing::Zero,
                "drop" => Missing::Drop,
                other => {
                    let what = format!("missing is \"{other}\"");
                    return Err(StoreError::new(Problem::Options, what).next("use \"error\", \"zero\" or \"drop\"").into());
                }
            },
            ..LongTableOptions::default()
        })
    }

    fn firm_columns(&self) -> FirmColumns {
        FirmColumns { firm: self.firm.clone(), sector: self.sector.clone(), size: self.size.clone(), ..FirmColumns::default() }
    }

    fn named(path: Option<&Path>) -> String {
        let name = path.and_then(Path::file_name).map(|name| name.to_string_lossy().into_owned());
        name.unwrap_or_else(|| "a table in memory".to_owned())
    }
}

/// Whose failure would cost an economy most.
#[pyfunction]
#[pyo3(signature = (request, source, lang, links=None, firms=None))]
pub(crate) fn firms(
    py: Python<'_>,
    request: &str,
    source: &str,
    lang: &str,
    links: Option<Bound<'_, PyAny>>,
    firms: Option<Bound<'_, PyAny>>,
) -> PyResult<Crossing> {
    let language = language(lang)?;
    let misunderstood = |fault: serde_json::Error| error(format!("the options are not understood: {fault}"));
    let request: FirmsRequest = serde_json::from_str(request).map_err(misunderstood)?;
    let source: Source = serde_json::from_str(source).map_err(misunderstood)?;
    let (links, firms) = (stream(links)?, stream(firms)?);
    // frames belong to Python, so this waits when it is interrupted
    let network = interruptible(py, true, move |stop| {
        let columns = source.firm_columns();
        let firms = match (firms, &source.firms_path, &source.firms) {
            (Some(stream), ..) => Some(FirmTable::from_batches(batches(stream, stop), &columns)?),
            (None, Some(path), _) => Some(FirmTable::read(path, &columns)?),
            (None, None, Some(rows)) => {
                let row = |(at, (firm, sector)): (usize, &(String, String))| FirmRow {
                    firm: firm.clone(),
                    sector: sector.clone(),
                    size: None,
                    row: at as u64 + 1,
                };
                Some(FirmTable { rows: rows.iter().enumerate().map(row).collect() })
            }
            (None, None, None) => None,
        };
        let options = source.link_options()?;
        let links = match (links, &source.links_path) {
            (Some(stream), _) => LinkTable::from_batches(batches(stream, stop), &options)?,
            (None, Some(path)) => LinkTable::read(path, &options)?,
            (None, None) => return Err(StoreError::new(Problem::Options, "there are no links").into()),
        };
        let origin = serde_json::json!({
            "links": Source::named(source.links_path.as_deref()),
            "firms": firms.as_ref().map(|_| Source::named(source.firms_path.as_deref())),
        });
        FirmNetwork::new(&links, firms.as_ref(), &source.choice, origin)
    })?;
    crossing(interruptible(py, false, move |stop| chain_verbs::firms(&network, &request, language, &|_, _| !stop.load(Ordering::Relaxed)))?)
}
