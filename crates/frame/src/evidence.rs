use crate::{Period, Text};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A table a result was computed from.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct TableReference {
    /// The table's id in its workspace.
    pub table: String,
    /// SHA-256 of the table's file, in hex.
    pub sha256: String,
    /// Sources the table was made from (ids in the manifest).
    pub sources: Vec<String>,
}

/// What a figure was computed from and how: enough to repeat it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Evidence {
    /// The tables.
    pub tables: Vec<TableReference>,
    /// The method's name, as in `docs/methods`.
    pub method: String,
    /// The formula, in plain characters.
    pub formula: String,
    /// Options and conventions by name.
    pub options: BTreeMap<String, String>,
    /// The values that went into the formula.
    pub inputs: Vec<Input>,
    /// The version of the engine.
    pub engine: String,
}

/// A value that went into a figure.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Input {
    /// What it is.
    pub name: String,
    /// Its value.
    pub value: f64,
    /// Its unit.
    pub unit: String,
}

/// The unit of a figure, and with it the way it is printed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// A share of 1, printed in percent.
    Share,
    /// A growth rate a year (0.05 is 5 % a year).
    AnnualGrowth,
    /// A plain ratio or index, printed with two or three digits.
    Ratio,
    /// A count.
    Count,
    /// A year.
    Year,
    /// US dollars at current prices.
    Usd,
    /// Anything else, named.
    Named(Text),
}

/// A place's rank among those that have the figure (1 is the highest value unless the figure says otherwise).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rank {
    /// The rank, from 1.
    pub rank: usize,
    /// Among how many.
    pub of: usize,
}

/// One number of a result, with everything needed to read and repeat it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Figure {
    /// The id, e.g. `CHN/chain/foreign_value_added_share`; `xinzhi explain ID` repeats it.
    pub id: String,
    /// What it is.
    pub label: Text,
    /// The value; absent where the method refuses, and then `refusal` says why.
    pub value: Option<f64>,
    /// Its unit.
    pub unit: Unit,
    /// The year or years it is about.
    pub period: Period,
    /// Its rank among comparable places.
    pub rank: Option<Rank>,
    /// Why there is no value.
    pub refusal: Option<Text>,
    /// Where it comes from.
    pub evidence: Evidence,
}
