//! What the program's `industry` verbs and the Python package's functions of the same names do: a [`Panel`] and a request in, tables out.
//!
//! The requests' fields are the program's options and the functions' arguments, so that each has one name and one default.

mod choices;
mod complexity;
mod panel;

pub use choices::{Bootstrap, Choices};
pub use complexity::{ComplexityRequest, complexity_of_panel};
pub use panel::{Panel, PlaceValues, WorkspaceTables};

use serde::Serialize;
use store::RowTable;

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

pub(crate) fn as_json<T: Serialize>(value: &T) -> serde_json::Value {
    serde_json::to_value(value).unwrap_or(serde_json::Value::Null)
}
