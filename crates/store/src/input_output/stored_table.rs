use super::InputOutputRows;
use super::balance::BalanceReport;
use super::dense_table::{DenseTable, SharedNumbers, write_dense};
use super::edition::Edition;
use super::published::{PrimaryInput, PublishedTable, ReadFile};
use super::repairs::RepairMade;
use crate::write::add_file;
use crate::{Problem, SourceEntry, StoreError, TableEntry, Workspace};
use std::path::Path;
use std::sync::Arc;

/// The schema's name of tables that are opened by mapping them.
pub(crate) const DENSE: &str = "io_dense";

/// An extension of a stored table; shapes as in [`PublishedExtension`](crate::PublishedExtension).
#[derive(Clone)]
pub struct StoredExtension {
    /// The name.
    pub name: String,
    /// Label and unit of the k stressors.
    pub stressors: Vec<(String, String)>,
    /// Flows of the industries, k × n, row by row.
    pub flows: SharedNumbers,
    /// Flows of final demand, k × m, row by row.
    pub final_demand_flows: Option<SharedNumbers>,
}

/// An input-output table ready for computing, from a workspace or read from files: n industries, m columns of final demand.
#[derive(Clone)]
pub struct StoredInputOutput {
    /// The table's id, or the name of the first file.
    pub table: String,
    /// The edition it was read as; empty for tables that were stored without one.
    pub edition: String,
    /// The system it belongs to.
    pub system: String,
    /// The year.
    pub period: i32,
    /// The unit of all values.
    pub unit: String,
    /// Region and sector of the n industries.
    pub industries: Vec<(String, String)>,
    /// Region and category of the m columns of final demand.
    pub final_demand: Vec<(String, String)>,
    /// Deliveries between industries, n × n, row by row; not copied from the file where it is mapped.
    pub z: SharedNumbers,
    /// Deliveries to final demand, n × m, row by row.
    pub y: Vec<f64>,
    /// Rows of primary inputs; imports of a table that keeps them apart are among them, a product each.
    pub primary: Vec<PrimaryInput>,
    /// Output of the n industries as stated, or the row sums.
    pub output: Vec<f64>,
    /// Flows that are not deliveries.
    pub extensions: Vec<StoredExtension>,
    /// The repairs made when it was read.
    pub repairs: Vec<RepairMade>,
    /// How far its sums were from its stated totals.
    pub balance: BalanceReport,
    /// The files it was read from.
    pub files: Vec<ReadFile>,
}

impl std::fmt::Debug for StoredInputOutput {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let size = (self.industries.len(), self.final_demand.len());
        f.debug_struct("StoredInputOutput").field("table", &self.table).field("size", &size).finish_non_exhaustive()
    }
}

impl From<PublishedTable> for StoredInputOutput {
    fn from(table: PublishedTable) -> Self {
        let extensions = table
            .extensions
            .into_iter()
            .map(|of| StoredExtension {
                name: of.name,
                stressors: of.stressors,
                flows: Arc::new(of.flows),
                final_demand_flows: of.final_demand_flows.map(|flows| Arc::new(flows) as SharedNumbers),
            })
            .collect();
        StoredInputOutput {
            table: table.files.first().map_or_else(|| table.system.clone(), |file| file.name.clone()),
            edition: table.edition,
            system: table.system,
            period: table.period,
            unit: table.unit,
            industries: table.industries,
            final_demand: table.final_demand,
            z: Arc::new(table.z),
            y: table.y,
            primary: table.primary,
            output: table.output,
            extensions,
            repairs: table.repairs,
            balance: table.balance,
            files: table.files,
        }
    }
}

impl StoredInputOutput {
    fn of_rows(rows: &InputOutputRows) -> Result<Self, StoreError> {
        let Some(block) = rows.block("domestic") else {
            return Err(StoreError::new(Problem::Schema, format!("table `{}` holds no rows of kind `domestic`", rows.table)));
        };
        let mut primary = Vec::new();
        let (n, m) = (rows.columns.len(), rows.final_demand.len());
        for (kind, stored) in [("imports", "import"), ("value-added", "value_added")] {
            let Some(block) = rows.block(stored) else { continue };
            for (at, (_, sector)) in block.rows.iter().enumerate() {
                primary.push(PrimaryInput {
                    label: sector.clone(),
                    kind: kind.to_owned(),
                    industries: block.z[at * n..(at + 1) * n].to_vec(),
                    final_demand: block.y[at * m..(at + 1) * m].to_vec(),
                });
            }
        }
        if block.rows != rows.columns {
            let what = format!("the rows of table `{}` have other labels than its columns, or another order", rows.table);
            return Err(StoreError::new(Problem::Schema, what));
        }
        Ok(StoredInputOutput {
            table: rows.table.clone(),
            edition: String::new(),
            system: rows.system.clone(),
            period: rows.period,
            unit: rows.unit.clone(),
            industries: rows.columns.clone(),
            final_demand: rows.final_demand.clone(),
            z: Arc::new(block.z.clone()),
            y: block.y.clone(),
            primary,
            output: block.x.clone(),
            extensions: Vec::new(),
            repairs: Vec::new(),
            balance: BalanceReport::default(),
            files: Vec::new(),
        })
    }

    fn of_dense(id: &str, dense: &DenseTable) -> Self {
        let header = dense.header.clone();
        let extensions = header
            .extensions
            .into_iter()
            .enumerate()
            .map(|(at, of)| StoredExtension {
                name: of.name,
                stressors: of.stressors,
                flows: dense.block(5 + 2 * at),
                final_demand_flows: of.with_final_demand.then(|| dense.block(6 + 2 * at)),
            })
            .collect();
        StoredInputOutput {
            table: id.to_owned(),
            edition: header.edition,
            system: header.system,
            period: header.period,
            unit: header.unit,
            industries: header.industries,
            final_demand: header.final_demand,
            z: dense.z(),
            y: dense.y(),
            primary: dense.primary(),
            output: dense.output(),
            extensions,
            repairs: header.repairs,
            balance: header.balance,
            files: header.files,
        }
    }
}

/// What was written by [`store_input_output`].
#[derive(Debug, Clone)]
pub struct StoredReport {
    /// The entry of the table.
    pub table: TableEntry,
    /// The entry it replaced.
    pub replaced: Option<TableEntry>,
}

/// Writes a table as read into a workspace's folder, where [`Workspace::input_output`] opens it without reading it. `id` is the system
/// and year without one.
///
/// # Errors
/// [`Problem::Options`] for an id that is no name of a file; [`Problem::Write`]; the workspace then is what it was.
///
/// ```
/// let folder = tempfile::tempdir()?;
/// let file = folder.path().join("two regions 2020.csv");
/// std::fs::write(&file, "region,,A,B,A,B\n,sector,all,all,final,final\nA,all,10,20,50,20\nB,all,30,40,10,20\n")?;
/// let read = xinzhi_store::read_input_output(&[file], &Default::default())?;
/// let workspace = folder.path().join("mine");
/// let report = xinzhi_store::store_input_output(&read, &workspace, Some("two"))?;
/// let opened = xinzhi_store::Workspace::open(&workspace)?.input_output("two")?;
/// assert_eq!((*opened.z).as_ref(), [10.0, 20.0, 30.0, 40.0]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn store_input_output(table: &PublishedTable, folder: &Path, id: Option<&str>) -> Result<StoredReport, StoreError> {
    let id = id.map_or_else(|| format!("{}-{}", table.system, table.period), str::to_owned);
    // tables that were made here, not read, have no edition
    let edition = Edition::find(&table.edition).ok();
    let of = |field: fn(&Edition) -> &String| edition.as_ref().map(field).cloned().unwrap_or_default();
    let producer = of(|edition| &edition.publisher);
    let licence = of(|edition| &edition.licence);
    let source = SourceEntry {
        id: format!("file-{id}"),
        producer: if producer.is_empty() { table.title.clone() } else { producer },
        title: table.files.iter().map(|file| file.name.as_str()).collect::<Vec<_>>().join(", "),
        vintage: table.period.to_string(),
        licence_status: if licence.is_empty() { String::new() } else { "expected".to_owned() },
        licence,
        url: of(|edition| &edition.url),
        done: table
            .repairs
            .iter()
            .filter(|made| made.count > 0)
            .map(|made| format!("{} ({} cells or labels, {} {})", made.name, made.count, made.mass, table.unit))
            .collect::<Vec<_>>()
            .join("; "),
        ..SourceEntry::default()
    };
    let entry = TableEntry {
        id,
        schema: DENSE.to_owned(),
        file: String::new(),
        rows: table.industries.len() as u64,
        sha256: String::new(),
        title: frame::Text::same(table.title.clone()),
        note: frame::Text::same(of(|edition| &edition.note)),
        sources: vec![source.id.clone()],
    };
    let (table, replaced) = add_file(folder, entry, &[source], "xio", |out| write_dense(table, out))?;
    Ok(StoredReport { table, replaced })
}

impl Workspace {
    /// An input-output table by its id, of either kind: mapped (schema `io_dense`), or stored by rows (schema `io`).
    ///
    /// # Errors
    /// [`Problem::Unknown`], [`Problem::Schema`] for a table of another schema or whose rows are not those of its columns,
    /// [`Problem::Damaged`] for a file that is not whole.
    ///
    /// ```
    /// let workspace = xinzhi_store::Workspace::embedded()?;
    /// let table = workspace.input_output("io_wiod2013_2011")?;
    /// assert_eq!((table.industries.len(), table.period), (1435, 2011));
    /// # Ok::<(), xinzhi_store::StoreError>(())
    /// ```
    pub fn input_output(&self, table_id: &str) -> Result<StoredInputOutput, StoreError> {
        let entry = self.manifest().table(table_id)?;
        if entry.schema == DENSE {
            return Ok(StoredInputOutput::of_dense(table_id, &self.dense(entry)?));
        }
        StoredInputOutput::of_rows(&*self.io(table_id)?).map_err(|error| error.file(self.path(entry)))
    }

    pub(crate) fn dense(&self, entry: &TableEntry) -> Result<DenseTable, StoreError> {
        let path = self.path(entry);
        if self.folder().is_none() {
            return Err(StoreError::new(Problem::Damaged, "dense tables are not compiled in").file(path));
        }
        let dense = DenseTable::open(&path)?;
        if dense.header.industries.len() as u64 != entry.rows {
            let what = format!("table `{}` has {} rows, the manifest says {}", entry.id, dense.header.industries.len(), entry.rows);
            return Err(StoreError::new(Problem::Damaged, what).file(path));
        }
        Ok(dense)
    }

    /// The input-output systems there are, by name: year and id of every table, sorted by year.
    ///
    /// # Errors
    /// Whatever is wrong with the header of such a table.
    ///
    /// ```
    /// let systems = xinzhi_store::Workspace::embedded()?.io_systems()?;
    /// assert!(systems.iter().any(|(system, tables)| system == "wiod2013" && tables.len() == 4));
    /// # Ok::<(), xinzhi_store::StoreError>(())
    /// ```
    #[allow(clippy::type_complexity, reason = "system, then year and id")]
    pub fn io_systems(&self) -> Result<Vec<(String, Vec<(i32, String)>)>, StoreError> {
        let mut systems: Vec<(String, Vec<(i32, String)>)> = Vec::new();
        for (system, year, id) in self.all_io_tables()?.iter() {
            match systems.last_mut() {
                Some((last, tables)) if last == system => tables.push((*year, id.clone())),
                _ => systems.push((system.clone(), vec![(*year, id.clone())])),
            }
        }
        Ok(systems)
    }
}
