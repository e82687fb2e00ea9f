use crate::error::unknown;
use crate::{Problem, Schema, StoreError};
use frame::Text;
use serde::{Deserialize, Serialize};
use std::collections::HashSet;

/// The name of the manifest in a workspace's folder.
pub const MANIFEST_FILE: &str = "xinzhi.toml";
/// The version of the workspace's layout.
const FORMAT: u32 = 1;

/// What a workspace holds and where it comes from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Manifest {
    /// The workspace's name.
    pub name: String,
    /// Its tables, in the manifest's order.
    pub tables: Vec<TableEntry>,
    /// The sources the tables were made from.
    pub sources: Vec<SourceEntry>,
}

/// One table of a workspace.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TableEntry {
    /// The id, unique in the workspace.
    pub id: String,
    /// The schema's name.
    pub schema: String,
    /// The file's name in the workspace's folder.
    pub file: String,
    /// Rows in the table.
    pub rows: u64,
    /// SHA-256 of the file, in hex.
    pub sha256: String,
    /// What the table is.
    pub title: Text,
    /// Caveats that a reader of any figure must know; may be empty.
    #[serde(default)]
    pub note: Text,
    /// The sources it was made from, by id.
    #[serde(default)]
    pub sources: Vec<String>,
}

/// Where numbers come from, and on what terms.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SourceEntry {
    /// The id, unique in the workspace.
    pub id: String,
    /// Who made it.
    pub producer: String,
    /// Its title.
    pub title: String,
    /// Which release, or which years.
    #[serde(default)]
    pub vintage: String,
    /// The licence.
    #[serde(default)]
    pub licence: String,
    /// `stated` when the licence's text came with the data, `expected` when the producer is known to publish under it.
    #[serde(default)]
    pub licence_status: String,
    /// How to cite it.
    #[serde(default)]
    pub citation: String,
    /// Where to get it.
    #[serde(default)]
    pub url: String,
    /// What was done to it on the way into the table.
    #[serde(default)]
    pub done: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ManifestFile {
    workspace: Header,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    table: Vec<TableEntry>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    source: Vec<SourceEntry>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Header {
    name: String,
    format: u32,
}

impl Manifest {
    /// Reads a manifest and checks it against itself: known schemas, unique ids, plain file names, sources that exist.
    ///
    /// # Errors
    /// [`Problem::Manifest`] saying what is wrong with which entry.
    ///
    /// ```
    /// let manifest = xinzhi_store::Manifest::parse("[workspace]\nname = \"mine\"\nformat = 1\n")?;
    /// assert_eq!((manifest.name.as_str(), manifest.tables.len()), ("mine", 0));
    /// # Ok::<(), xinzhi_store::StoreError>(())
    /// ```
    pub fn parse(text: &str) -> Result<Self, StoreError> {
        let wrong = |what: String| StoreError::new(Problem::Manifest, what);
        let file: ManifestFile = toml::from_str(text).map_err(|error| {
            let line = error.span().map(|span| text[..span.start.min(text.len())].matches('\n').count() as u64 + 1);
            let failure = wrong(format!("the manifest does not read as one: {}", error.message()));
            line.map_or(failure.clone(), |line| failure.line(line))
        })?;
        if file.workspace.format != FORMAT {
            return Err(wrong(format!("the workspace has format {}, this program reads format {FORMAT}", file.workspace.format))
                .next("use the version of the program that wrote it"));
        }
        let (mut tables, mut sources) = (HashSet::new(), HashSet::new());
        for source in &file.source {
            if !sources.insert(source.id.as_str()) {
                return Err(wrong(format!("the manifest lists source `{}` twice", source.id)));
            }
        }
        for table in &file.table {
            if !tables.insert(table.id.as_str()) {
                return Err(wrong(format!("the manifest lists table `{}` twice", table.id)));
            }
            Schema::find(&table.schema).map_err(|_| wrong(format!("table `{}` has the unknown schema `{}`", table.id, table.schema)))?;
            if table.file.is_empty() || table.file.starts_with('.') || table.file.contains(['/', '\\']) {
                return Err(wrong(format!("table `{}` names the file `{}`", table.id, table.file))
                    .next("a table's file is a plain name in the workspace's own folder"));
            }
            if let Some(source) = table.sources.iter().find(|source| !sources.contains(source.as_str())) {
                return Err(wrong(format!("table `{}` names the source `{source}`, which the manifest does not list", table.id)));
            }
        }
        Ok(Manifest { name: file.workspace.name, tables: file.table, sources: file.source })
    }

    /// The manifest as text.
    pub(crate) fn to_toml(&self) -> Result<String, StoreError> {
        let file = ManifestFile {
            workspace: Header { name: self.name.clone(), format: FORMAT },
            table: self.tables.clone(),
            source: self.sources.clone(),
        };
        toml::to_string(&file).map_err(|error| StoreError::new(Problem::Manifest, format!("the manifest cannot be written: {error}")))
    }

    /// A table by id.
    ///
    /// # Errors
    /// [`Problem::Unknown`] with the nearest id.
    pub fn table(&self, id: &str) -> Result<&TableEntry, StoreError> {
        self.tables.iter().find(|table| table.id == id).ok_or_else(|| unknown("table", id, self.tables.iter().map(|t| t.id.as_str())))
    }

    /// The tables of a schema, in the manifest's order.
    pub fn with_schema<'a>(&'a self, schema: &'a str) -> impl Iterator<Item = &'a TableEntry> {
        self.tables.iter().filter(move |table| table.schema == schema)
    }

    /// A source by id.
    pub fn source(&self, id: &str) -> Option<&SourceEntry> {
        self.sources.iter().find(|source| source.id == id)
    }
}
