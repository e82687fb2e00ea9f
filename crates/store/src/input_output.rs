mod balance;
mod delimited_rows;
mod dense_table;
mod edition;
mod eora_files;
mod exiobase_files;
mod gloria_files;
mod import_details;
mod labelled_sheet;
mod long_regions;
mod matrix_files;
mod number_text;
mod pattern;
mod published;
mod r_rows;
mod reading;
mod repairs;
mod source_files;
mod stacked_regions;
mod stored_table;
mod supply_use;
mod table_rows;
mod wiod_2016_rows;
mod workbook_rows;

pub use balance::BalanceReport;
pub use dense_table::SharedNumbers;
pub use edition::{Edition, Layout};
pub use published::{PrimaryInput, PublishedExtension, PublishedTable, ReadFile};
pub use reading::{InputOutputOptions, read_input_output};
pub use repairs::{REPAIRS, RepairMade};
pub(crate) use stored_table::DENSE;
pub use stored_table::{StoredExtension, StoredInputOutput, StoredReport, store_input_output};
pub use supply_use::{PublishedSupplyUse, read_supply_use};

use crate::{Problem, StoreError, Workspace};
use std::collections::HashMap;
use std::sync::Arc;

/// An input-output table as stored: n industries by columns, m columns of final demand, and rows of one or more kinds.
#[derive(Debug, Clone, PartialEq)]
pub struct InputOutputRows {
    /// The table's id.
    pub table: String,
    /// The system it belongs to, e.g. `wiod2013`.
    pub system: String,
    /// The year.
    pub period: i32,
    /// The unit of all values.
    pub unit: String,
    /// The scheme of the sectors, where stated.
    pub scheme: Option<String>,
    /// Region and sector of the n columns of Z.
    pub columns: Vec<(String, String)>,
    /// Region and category of the m columns of Y.
    pub final_demand: Vec<(String, String)>,
    /// The rows by kind, in the order met: `domestic`, `import`, `value_added`.
    pub blocks: Vec<InputOutputBlock>,
}

/// The rows of one kind.
#[derive(Debug, Clone, PartialEq)]
pub struct InputOutputBlock {
    /// `domestic`, `import` or `value_added`.
    pub kind: String,
    /// Region and sector of the rows.
    pub rows: Vec<(String, String)>,
    /// Deliveries to the industries, rows × n, row by row.
    pub z: Vec<f64>,
    /// Deliveries to final demand, rows × m, row by row.
    pub y: Vec<f64>,
    /// Row totals; empty where the table gives none.
    pub x: Vec<f64>,
}

impl InputOutputRows {
    /// The rows of a kind.
    pub fn block(&self, kind: &str) -> Option<&InputOutputBlock> {
        self.blocks.iter().find(|block| block.kind == kind)
    }
}

/// What the footer of an `io` file must say.
struct Footer {
    system: String,
    period: i32,
    scheme: Option<String>,
    columns: Vec<(String, String)>,
    final_demand: Vec<(String, String)>,
}

impl Footer {
    fn read(pairs: &HashMap<String, String>) -> Result<Self, StoreError> {
        let need = |key: &str| {
            pairs.get(key).ok_or_else(|| StoreError::new(Problem::Schema, format!("the file's key-value metadata has no `{key}`")))
        };
        let wrong = |key: &str, value: &str| {
            StoreError::new(Problem::Schema, format!("the file's key-value metadata `{key}` cannot be read")).value(value)
        };
        let pairs_of = |key: &str| -> Result<Vec<(String, String)>, StoreError> {
            let text = need(key)?;
            serde_json::from_str(text).map_err(|_| wrong(key, text))
        };
        let period = need("xinzhi.period")?;
        Ok(Footer {
            system: need("xinzhi.table")?.clone(),
            period: period.parse().map_err(|_| wrong("xinzhi.period", period))?,
            scheme: pairs.get("xinzhi.scheme").cloned(),
            columns: pairs_of("xinzhi.columns")?,
            final_demand: pairs_of("xinzhi.final_demand")?,
        })
    }
}

impl Workspace {
    /// The tables of an input-output system: (year, table id), sorted by year; empty when the workspace has none.
    ///
    /// # Errors
    /// Whatever is wrong with the footer of a table of schema `io`.
    ///
    /// ```
    /// let workspace = xinzhi_store::Workspace::embedded()?;
    /// for (year, id) in workspace.io_tables("wiod2013")? {
    ///     assert_eq!(workspace.io(&id)?.period, year);
    /// }
    /// assert!(workspace.io_tables("no such system")?.is_empty());
    /// # Ok::<(), xinzhi_store::StoreError>(())
    /// ```
    pub fn io_tables(&self, system: &str) -> Result<Vec<(i32, String)>, StoreError> {
        let all = self.all_io_tables()?;
        Ok(all.iter().filter(|(found, _, _)| found == system).map(|(_, year, id)| (*year, id.clone())).collect())
    }

    /// System, year and id of every input-output table, sorted.
    #[allow(clippy::type_complexity, reason = "system, year, id")]
    pub(crate) fn all_io_tables(&self) -> Result<Arc<Vec<(String, i32, String)>>, StoreError> {
        self.kept("systems", || {
            let mut all: Vec<(String, i32, String)> = Vec::new();
            for entry in self.manifest().with_schema("io") {
                let footer = Footer::read(&self.footer(entry)?).map_err(|error| error.file(self.path(entry)))?;
                all.push((footer.system, footer.period, entry.id.clone()));
            }
            for entry in self.manifest().with_schema(DENSE) {
                let header = self.dense(entry)?.header;
                all.push((header.system, header.period, entry.id.clone()));
            }
            all.sort();
            Ok(all)
        })
    }

    /// An input-output table.
    ///
    /// # Errors
    /// [`Problem::Schema`] when the lists do not fit the columns the footer names, [`Problem::Units`] when rows differ in unit, or
    /// whatever else is wrong with the table.
    pub fn io(&self, table_id: &str) -> Result<Arc<InputOutputRows>, StoreError> {
        self.kept(table_id, || self.read_io(table_id))
    }

    /// The region and sector of the columns of an input-output table, read from its footer without reading the table.
    ///
    /// ```
    /// let workspace = xinzhi_store::Workspace::embedded()?;
    /// if let Some((_, newest)) = workspace.io_tables("wiod2013")?.last() {
    ///     assert_eq!(workspace.io_columns(newest)?, workspace.io(newest)?.columns);
    /// }
    /// # Ok::<(), xinzhi_store::StoreError>(())
    /// ```
    ///
    /// # Errors
    /// [`Problem::Unknown`] for a table that is not there, or whatever is wrong with its footer.
    pub fn io_columns(&self, table_id: &str) -> Result<Vec<(String, String)>, StoreError> {
        let entry = self.manifest().table(table_id)?;
        Ok(Footer::read(&self.footer(entry)?).map_err(|error| error.file(self.path(entry)))?.columns)
    }

    /// An input-output table that is not kept: for one that is large and wanted once.
    ///
    /// # Errors
    /// As [`io`](Self::io).
    pub fn read_io(&self, table_id: &str) -> Result<InputOutputRows, StoreError> {
        let mut columns = self.columns_of(table_id, "io")?;
        let entry = self.manifest().table(table_id)?;
        let file = self.path(entry);
        let footer = Footer::read(&self.footer(entry)?).map_err(|error| error.file(&file))?;
        let (kind, region, sector) = (columns.take_text("kind")?, columns.take_text("region")?, columns.take_text("sector")?);
        let unit = columns.take_text("unit")?;
        let (z, y, x) = (columns.take_lists("z")?, columns.take_lists("y")?, columns.take_numbers("x")?);
        let mut blocks: Vec<InputOutputBlock> = Vec::new();
        for (row, total) in x.iter().enumerate() {
            let at = |problem, what: String, column: &str| StoreError::new(problem, what).file(&file).row(row as u64 + 1).column(column);
            if unit.code(row) != unit.code(0) {
                return Err(at(Problem::Units, format!("the table mixes the units `{}` and `{}`", unit.text(0), unit.text(row)), "unit"));
            }
            let (z, y) = (&z.values[z.starts[row]..z.starts[row + 1]], &y.values[y.starts[row]..y.starts[row + 1]]);
            for (name, found, expected) in [("z", z.len(), footer.columns.len()), ("y", y.len(), footer.final_demand.len())] {
                if found != expected {
                    return Err(at(Problem::Schema, format!("the list holds {found} numbers, the footer names {expected} columns"), name));
                }
            }
            let at_block = blocks.iter().position(|block| block.kind == kind.text(row)).unwrap_or_else(|| {
                blocks.push(InputOutputBlock {
                    kind: kind.text(row).to_owned(),
                    rows: Vec::new(),
                    z: Vec::new(),
                    y: Vec::new(),
                    x: Vec::new(),
                });
                blocks.len() - 1
            });
            let block = &mut blocks[at_block];
            if total.is_nan() {
                if block.kind != "value_added" || !block.x.is_empty() {
                    return Err(at(Problem::Value, "the row total is empty".to_owned(), "x"));
                }
            } else if block.x.len() == block.rows.len() {
                block.x.push(*total);
            } else {
                return Err(at(Problem::Value, "some rows of this kind have a total and some have none".to_owned(), "x"));
            }
            block.rows.push((region.text(row).to_owned(), sector.text(row).to_owned()));
            block.z.extend_from_slice(z);
            block.y.extend_from_slice(y);
        }
        Ok(InputOutputRows {
            table: table_id.to_owned(),
            system: footer.system,
            period: footer.period,
            unit: if unit.is_empty() { String::new() } else { unit.text(0).to_owned() },
            scheme: footer.scheme,
            columns: footer.columns,
            final_demand: footer.final_demand,
            blocks,
        })
    }
}
