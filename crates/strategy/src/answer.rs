use crate::StrategyError;
use serde::Serialize;
use serde::de::DeserializeOwned;
use store::{Problem, RowTable, StoreError};

/// What a verb found: tables, a record of the run, and what a reader should be told.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The tables, the main one first.
    pub tables: Vec<RowTable>,
    /// How it was computed: input hash, options, diagnostics.
    pub record: serde_json::Value,
    /// Sentences for the reader: warnings, rules, refusals of a part.
    pub notes: Vec<String>,
}

pub(crate) fn read_request<T: DeserializeOwned>(request: serde_json::Value) -> Result<T, StrategyError> {
    serde_json::from_value(request)
        .map_err(|error| StoreError::new(Problem::Options, format!("the request is not understood: {error}")).into())
}

pub(crate) fn as_json<T: Serialize>(value: &T) -> serde_json::Value {
    serde_json::to_value(value).unwrap_or(serde_json::Value::Null)
}
