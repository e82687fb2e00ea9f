use crate::error::{StoreError, nearest};
use crate::workspace::REGISTRY_SCHEMAS;
use crate::{Problem, error};

/// What the values of a column are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ColumnKind {
    /// UTF-8 text.
    Text,
    /// Whole numbers (years, ring numbers, directions); stored as Int64, held as `i32`.
    Integer,
    /// Float64.
    Number,
    /// A list of numbers in every row.
    Numbers,
}

impl ColumnKind {
    /// The kind's name.
    pub fn name(self) -> &'static str {
        match self {
            ColumnKind::Text => "text",
            ColumnKind::Integer => "whole number",
            ColumnKind::Number => "number",
            ColumnKind::Numbers => "list of numbers",
        }
    }
}

/// One column of a schema.
#[derive(Debug, Clone, Copy)]
pub struct Column {
    /// The column's name.
    pub name: &'static str,
    /// What its values are.
    pub kind: ColumnKind,
    /// Part of the key: no two rows may agree in all key columns.
    pub key: bool,
    /// May be absent from a table, and then may be empty in a row.
    pub optional: bool,
    /// May be empty in a row.
    pub null: bool,
    /// May be negative.
    pub negative: bool,
    /// The words allowed; empty when any is.
    pub words: &'static [&'static str],
}

/// The declared columns of a kind of table.
#[derive(Debug, Clone, Copy)]
pub struct Schema {
    /// The schema's name.
    pub id: &'static str,
    /// Its columns, in order.
    pub columns: &'static [Column],
    /// Rows with one key may be added up when asked (`--duplicates sum`).
    pub additive: bool,
}

const fn text(name: &'static str) -> Column {
    Column { name, kind: ColumnKind::Text, key: false, optional: false, null: false, negative: true, words: &[] }
}

pub(crate) const fn key(name: &'static str) -> Column {
    Column { key: true, ..text(name) }
}

pub(crate) const fn optional(name: &'static str) -> Column {
    Column { optional: true, null: true, ..text(name) }
}

const fn words(name: &'static str, words: &'static [&'static str]) -> Column {
    Column { words, ..text(name) }
}

const fn integer(name: &'static str) -> Column {
    Column { kind: ColumnKind::Integer, ..text(name) }
}

const fn period() -> Column {
    Column { key: true, ..integer("period") }
}

const fn number(name: &'static str) -> Column {
    Column { kind: ColumnKind::Number, ..text(name) }
}

const fn amount(name: &'static str) -> Column {
    Column { negative: false, ..number(name) }
}

const fn numbers(name: &'static str) -> Column {
    Column { kind: ColumnKind::Numbers, ..text(name) }
}

const fn schema(id: &'static str, columns: &'static [Column]) -> Schema {
    Schema { id, columns, additive: false }
}

/// Every schema that a table can be imported as, as `docs/architecture.md` lists them. Those of the policy registry's tables come beside
/// them: they are texts of their own, not imported ([`crate::RegistryFile`]).
pub const SCHEMAS: &[Schema] = &[
    schema(
        "places",
        &[
            key("place"),
            words("level", &["world", "country", "aggregate", "province"]),
            optional("parent"),
            optional("alpha2"),
            optional("numeric"),
            text("name_en"),
            text("name_zh"),
            optional("aliases"),
        ],
    ),
    schema("activities", &[key("scheme"), key("code"), text("name_en"), text("name_zh"), optional("parent")]),
    schema(
        "links",
        &[key("from_scheme"), key("from_code"), key("to_scheme"), key("to_code"), amount("weight"), text("confidence"), text("source")],
    ),
    Schema {
        additive: true,
        ..schema("activity", &[key("place"), key("scheme"), key("code"), period(), key("measure"), amount("value"), text("unit")])
    },
    Schema {
        additive: true,
        ..schema(
            "trade",
            &[
                key("exporter"),
                key("importer"),
                key("scheme"),
                key("code"),
                period(),
                amount("value"),
                Column { optional: true, null: true, ..amount("quantity") },
            ],
        )
    },
    Schema { additive: true, ..schema("indicators", &[key("place"), key("indicator"), period(), number("value"), text("unit")]) },
    schema(
        "indicator_definitions",
        &[
            key("indicator"),
            words("dimension", &["talent", "environment", "reform", "technology", "growth", "size"]),
            integer("direction"),
            text("name_en"),
            text("name_zh"),
            text("unit"),
        ],
    ),
    schema(
        "method_error",
        &[key("check"), period(), key("measure"), key("statistic"), key("area"), optional("places"), number("value"), text("unit")],
    ),
    schema("map", &[key("map"), key("place"), Column { key: true, ..integer("ring") }, text("path")]),
    schema(
        "io",
        &[
            Column { key: true, ..words("kind", &["domestic", "import", "value_added"]) },
            key("region"),
            key("sector"),
            text("unit"),
            numbers("z"),
            numbers("y"),
            Column { null: true, ..number("x") },
        ],
    ),
    // a dense file of its own layout, opened by mapping it; it has no columns
    schema("io_dense", &[]),
];

impl Schema {
    /// A schema by name.
    ///
    /// # Errors
    /// [`Problem::Unknown`], listing the schemas there are.
    ///
    /// ```
    /// use xinzhi_store::Schema;
    /// let activity = Schema::find("activity")?;
    /// let key: Vec<_> = activity.key().map(|column| column.name).collect();
    /// assert_eq!(key, ["place", "scheme", "code", "period", "measure"]);
    /// assert!(Schema::find("activitys").is_err());
    /// # Ok::<(), xinzhi_store::StoreError>(())
    /// ```
    pub fn find(id: &str) -> Result<&'static Schema, StoreError> {
        let all = || SCHEMAS.iter().chain(REGISTRY_SCHEMAS);
        all().find(|schema| schema.id == id).ok_or_else(|| error::unknown("schema", id, all().map(|s| s.id)))
    }

    /// The key columns, in order.
    pub fn key(&self) -> impl Iterator<Item = &'static Column> {
        self.columns.iter().filter(|column| column.key)
    }

    /// Where a column stands.
    pub fn position(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|column| column.name == name)
    }

    /// A column by name, or an error that lists the columns of the schema.
    pub(crate) fn require(&self, name: &str) -> Result<&'static Column, StoreError> {
        self.columns.iter().find(|column| column.name == name).ok_or_else(|| {
            let names: Vec<_> = self.columns.iter().map(|column| column.name).collect();
            let near = nearest(name, names.iter().copied()).map_or_else(String::new, |near| format!("nearest: {near}; "));
            StoreError::new(Problem::Options, format!("schema `{}` has no column `{name}`", self.id))
                .next(format!("{near}its columns are: {}", names.join(", ")))
        })
    }
}
