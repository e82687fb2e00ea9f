//! Terms in a folder of texts.

use crate::industry::{Crossing, crossing, interruptible};
use crate::{engine, error, language};
use pyo3::prelude::*;
use serde::Deserialize;
use std::path::PathBuf;
use std::sync::atomic::Ordering;
use store::{ImportOptions, TextRows};
use strategy::policy_verbs::{self, DiscourseRequest, DiscourseSources};

/// Where texts and terms are.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Source {
    folder: PathBuf,
    reference: Option<PathBuf>,
    index: Option<PathBuf>,
    terms: Option<PathBuf>,
    /// The workspace whose registry gives the terms.
    data: Option<PathBuf>,
}

/// Counts terms in texts: tables, record, notes, and the pictures and the network as documents.
#[pyfunction]
pub(crate) fn discourse(py: Python<'_>, request: &str, source: &str, lang: &str) -> PyResult<Crossing> {
    let language = language(lang)?;
    let misunderstood = |fault: serde_json::Error| error(format!("the options are not understood: {fault}"));
    let request: DiscourseRequest = serde_json::from_str(request).map_err(misunderstood)?;
    let source: Source = serde_json::from_str(source).map_err(misunderstood)?;
    let engine = engine(source.data.clone())?;
    let found = interruptible(py, false, move |stop| {
        let own = match &source.terms {
            Some(path) => policy_verbs::terms_of_rows(&TextRows::read(path, &ImportOptions::default())?)?,
            None => Vec::new(),
        };
        let sources = DiscourseSources { folder: &source.folder, reference: source.reference.as_deref(), index: source.index.as_deref() };
        let registry = policy_verbs::registry_terms(&engine)?;
        policy_verbs::discourse(&sources, registry, own, &request, language, &|_, _, _| !stop.load(Ordering::Relaxed))
    })?;
    let (tables, record, notes, mut documents) = crossing(found.answer)?;
    for chart in &found.pictures {
        documents.push((chart.id.clone(), report::svg(chart, language, &report::ChartStyle::default())));
    }
    documents.push(("graphml".to_owned(), found.network.graphml()));
    Ok((tables, record, notes, documents))
}
