//! The `policy` verbs: a request in, tables out.

use crate::industry::{Crossing, crossing};
use crate::{engine, error, language, strategy_message};
use frame::Language;
use pyo3::prelude::*;
use serde_json::Value;
use std::path::PathBuf;
use strategy::policy_verbs::{self, TimelineRequest};
use strategy::{StrategyError, policy_verbs::timeline};

fn told(fault: StrategyError) -> PyErr {
    error(strategy_message(fault))
}

/// Answers a verb of the policy layer; a timeline comes with its picture.
#[pyfunction]
#[pyo3(signature = (verb, request, lang, data=None))]
pub(crate) fn policy(py: Python<'_>, verb: &str, request: &str, lang: &str, data: Option<PathBuf>) -> PyResult<Crossing> {
    let language = language(lang)?;
    let misunderstood = |fault: serde_json::Error| error(format!("the options are not understood: {fault}"));
    let (found, documents) = py.detach(|| -> PyResult<_> {
        let engine = engine(data)?;
        if verb == "timeline" {
            let request: TimelineRequest = serde_json::from_str(request).map_err(misunderstood)?;
            let found = timeline(&engine, &request, language).map_err(told)?;
            let picture = found.picture.as_ref().map(|chart| report::svg(chart, language, &report::ChartStyle::default()));
            let mut documents: Vec<(String, String)> = picture.into_iter().map(|svg| ("svg".to_owned(), svg)).collect();
            documents.push(("ics".to_owned(), calendar(&found, language)?));
            return Ok((found.answer, documents));
        }
        let request: Value = serde_json::from_str(request).map_err(misunderstood)?;
        Ok((policy_verbs::answer(verb, &engine, request, language).map_err(told)?, Vec::new()))
    })?;
    let (tables, record, notes, _) = crossing(found)?;
    Ok((tables, record, notes, documents))
}

fn calendar(found: &policy_verbs::TimelineAnswer, language: Language) -> PyResult<String> {
    report::timeline_calendar(found, language).map_err(error)
}
