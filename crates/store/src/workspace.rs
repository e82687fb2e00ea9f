use crate::columns::Columns;
use crate::manifest::MANIFEST_FILE;
use crate::{Manifest, Problem, Schema, StoreError, TableEntry};
use arrow_array::{ArrayRef, RecordBatch, StringArray};
use arrow_schema::{ArrowError, DataType, Field, Schema as ArrowSchema};
use bytes::Bytes;
use frame::TableReference;
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_reader::{ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReaderBuilder};
use parquet::file::reader::ChunkReader;
use sha2::{Digest, Sha256};
use std::any::{Any, TypeId};
use std::collections::{HashMap, HashSet};
use std::fs::File;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

mod embedded {
    include!(concat!(env!("OUT_DIR"), "/embedded.rs"));
}
pub(crate) use embedded::{REGISTRY_SCHEMAS, REGISTRY_TABLES};

/// A workspace: a folder of tables with a manifest, or the default one compiled into the program. Cheap to clone and safe to share
/// between threads; a table is parsed once and kept.
///
/// A table of a folder is checked when it is first read: SHA-256 of the file, number of rows, columns and their types, values that
/// its schema does not allow, keys that stand twice. The compiled-in tables were checked when the program was tested.
///
/// ```
/// use xinzhi_store::Workspace;
/// let workspace = Workspace::embedded()?;
/// for table in &workspace.manifest().tables {
///     println!("{}: {} rows", table.id, table.rows);
/// }
/// assert!(Workspace::open("no/such/folder").is_err());
/// # Ok::<(), xinzhi_store::StoreError>(())
/// ```
#[derive(Debug, Clone)]
pub struct Workspace {
    inner: Arc<Inner>,
}

type Slot = Arc<Mutex<Option<Arc<dyn Any + Send + Sync>>>>;

struct Inner {
    /// `None`: compiled in.
    folder: Option<PathBuf>,
    manifest: Manifest,
    /// What was parsed, by type and table.
    parsed: Mutex<HashMap<(TypeId, String), Slot>>,
    /// Files whose hash was found right.
    verified: Mutex<HashSet<String>>,
}

impl std::fmt::Debug for Inner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Workspace").field("folder", &self.folder).field("manifest", &self.manifest.name).finish_non_exhaustive()
    }
}

/// A panic in another thread leaves nothing half done here: every insertion is one step.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The SHA-256 of what a reader gives, in hex.
pub(crate) fn sha256(mut input: impl Read) -> io::Result<String> {
    let mut hash = Sha256::new();
    let mut buffer = vec![0; 1 << 16];
    loop {
        match input.read(&mut buffer)? {
            0 => return Ok(hex(&hash.finalize())),
            read => hash.update(&buffer[..read]),
        }
    }
}

/// What a table's file says and gives.
pub(crate) struct TableReader {
    pub(crate) schema: Arc<ArrowSchema>,
    pub(crate) rows: u64,
    pub(crate) metadata: HashMap<String, String>,
    pub(crate) batches: Box<dyn Iterator<Item = Result<RecordBatch, ArrowError>>>,
}

fn parquet_error(error: impl std::fmt::Display) -> StoreError {
    StoreError::new(Problem::Damaged, format!("not a whole Parquet file: {error}"))
        .next("the file is truncated or not Parquet: get it again")
}

fn dictionary() -> DataType {
    DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8))
}

/// Opens a Parquet file; with `as_dictionary` text comes as dictionaries, which the pages hold already.
pub(crate) fn read_parquet<T: ChunkReader + 'static>(input: T, as_dictionary: bool) -> Result<TableReader, StoreError> {
    let mut metadata = ArrowReaderMetadata::load(&input, ArrowReaderOptions::new()).map_err(parquet_error)?;
    let pairs = metadata.metadata().file_metadata().key_value_metadata();
    let pairs = pairs.into_iter().flatten().filter_map(|pair| Some((pair.key.clone(), pair.value.clone()?))).collect();
    let schema = metadata.schema().clone();
    let lists = schema.fields().iter().any(|field| field.data_type().is_nested());
    if as_dictionary {
        let fields: Vec<Field> = schema
            .fields()
            .iter()
            .map(|field| match field.data_type() {
                DataType::Utf8 => field.as_ref().clone().with_data_type(dictionary()),
                _ => field.as_ref().clone(),
            })
            .collect();
        let wanted = Arc::new(ArrowSchema::new_with_metadata(fields, schema.metadata().clone()));
        metadata = ArrowReaderMetadata::try_new(metadata.metadata().clone(), ArrowReaderOptions::new().with_schema(wanted))
            .map_err(parquet_error)?;
    }
    let rows = metadata.metadata().file_metadata().num_rows().max(0) as u64;
    let batches = ParquetRecordBatchReaderBuilder::new_with_metadata(input, metadata)
        // rows with lists are thousands of numbers wide
        .with_batch_size(if lists { 128 } else { 1 << 16 })
        .build()
        .map_err(parquet_error)?;
    Ok(TableReader { schema, rows, metadata: pairs, batches: Box::new(batches) })
}

/// A table that is compiled in as text.
fn is_text(entry: &TableEntry) -> bool {
    entry.file.ends_with(".csv")
}

fn is_registry_table(id: &str) -> bool {
    id.strip_prefix("policy_").is_some_and(|table| REGISTRY_TABLES.contains(&table))
}

/// A table of texts from CSV.
fn read_text(bytes: &[u8]) -> Result<TableReader, StoreError> {
    let wrong = |error: csv::Error| StoreError::new(Problem::Damaged, format!("the text does not read as CSV: {error}"));
    let mut reader = csv::Reader::from_reader(bytes);
    let names: Vec<String> = reader.headers().map_err(wrong)?.iter().map(str::to_owned).collect();
    let mut columns: Vec<Vec<Option<String>>> = vec![Vec::new(); names.len()];
    let mut rows = 0;
    for record in reader.records() {
        let record = record.map_err(wrong)?;
        for (column, cell) in columns.iter_mut().zip(&record) {
            column.push(Some(cell.to_owned()).filter(|cell| !cell.is_empty()));
        }
        rows += 1;
    }
    let fields: Vec<Field> = names.iter().map(|name| Field::new(name, DataType::Utf8, true)).collect();
    let schema = Arc::new(ArrowSchema::new(fields));
    let arrays: Vec<ArrayRef> = columns.into_iter().map(|column| Arc::new(StringArray::from(column)) as ArrayRef).collect();
    let batch = RecordBatch::try_new(schema.clone(), arrays).map_err(parquet_error)?;
    Ok(TableReader { schema, rows, metadata: HashMap::new(), batches: Box::new(std::iter::once(Ok(batch))) })
}

fn text_as_parquet(bytes: &[u8], out: &mut dyn Write) -> Result<(), StoreError> {
    let table = read_text(bytes)?;
    let failed = |error: parquet::errors::ParquetError| StoreError::new(Problem::Write, format!("the result cannot be written: {error}"));
    let mut parquet = Vec::new();
    let mut writer = ArrowWriter::try_new(&mut parquet, table.schema, None).map_err(failed)?;
    for batch in table.batches {
        writer.write(&batch.map_err(parquet_error)?).map_err(failed)?;
    }
    writer.close().map_err(failed)?;
    out.write_all(&parquet).map_err(|error| StoreError::new(Problem::Write, format!("the result cannot be written: {error}")).io(&error))
}

impl Workspace {
    fn new(folder: Option<PathBuf>, manifest: Manifest) -> Self {
        Workspace { inner: Arc::new(Inner { folder, manifest, parsed: Mutex::default(), verified: Mutex::default() }) }
    }

    /// The default workspace, compiled into the program.
    ///
    /// # Errors
    /// [`Problem::Manifest`] if the compiled-in manifest does not read, which the tests rule out.
    pub fn embedded() -> Result<Self, StoreError> {
        static READ: OnceLock<Manifest> = OnceLock::new();
        let manifest = match READ.get() {
            Some(manifest) => manifest.clone(),
            None => {
                let manifest = Manifest::parse(embedded::MANIFEST)?;
                READ.get_or_init(|| manifest).clone()
            }
        };
        Ok(Workspace::new(None, manifest))
    }

    /// Opens a workspace's folder: reads the manifest and sees that the files it lists are there. Tables are checked when first read.
    ///
    /// # Errors
    /// [`Problem::Manifest`] for a manifest that is absent or wrong, [`Problem::Damaged`] naming a file that is absent.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, StoreError> {
        let folder = path.as_ref();
        let manifest = read_manifest(folder)?.ok_or_else(|| {
            let what = if folder.is_dir() { "the folder is not a workspace: it has no xinzhi.toml" } else { "there is no such folder" };
            StoreError::new(Problem::Manifest, what)
                .file(folder)
                .next("`xinzhi data import long FILE... --into DIR` makes a workspace; without --data the built-in one is used")
        })?;
        for table in &manifest.tables {
            let path = folder.join(&table.file);
            if !path.is_file() {
                return Err(StoreError::new(Problem::Damaged, format!("the manifest lists table `{}`, whose file is absent", table.id))
                    .file(path)
                    .next("put the file back, import the table again, or take its entry out of xinzhi.toml"));
            }
        }
        Ok(Workspace::new(Some(folder.to_owned()), manifest))
    }

    /// What the workspace holds.
    pub fn manifest(&self) -> &Manifest {
        &self.inner.manifest
    }

    /// The workspace's folder; `None` for the compiled-in one.
    pub fn folder(&self) -> Option<&Path> {
        self.inner.folder.as_deref()
    }

    /// The reference to a table that a result carries as evidence.
    ///
    /// # Errors
    /// [`Problem::Unknown`].
    pub fn reference(&self, table_id: &str) -> Result<TableReference, StoreError> {
        // the registry stands beside the tables of a folder
        let built_in = if self.folder().is_some() && is_registry_table(table_id) { Some(Workspace::embedded()?) } else { None };
        let entry = built_in.as_ref().unwrap_or(self).manifest().table(table_id)?;
        Ok(TableReference { table: entry.id.clone(), sha256: entry.sha256.clone(), sources: entry.sources.clone() })
    }

    /// The table as Arrow batches, with the types it is stored in.
    ///
    /// # Errors
    /// [`Problem::Unknown`], or whatever is wrong with the file.
    pub fn table(&self, table_id: &str) -> Result<Vec<RecordBatch>, StoreError> {
        let entry = self.manifest().table(table_id)?;
        let reader = self.read(entry, false)?;
        reader.batches.collect::<Result<_, _>>().map_err(|error| parquet_error(error).file(self.path(entry)))
    }

    /// The name of a table's file, for messages.
    pub(crate) fn path(&self, entry: &TableEntry) -> PathBuf {
        self.folder().map_or_else(|| Path::new("built-in").join(&entry.file), |folder| folder.join(&entry.file))
    }

    fn embedded_bytes(&self, entry: &TableEntry) -> Result<Bytes, StoreError> {
        self.embedded_text(entry).map(Bytes::from_static)
    }

    /// The bytes of a compiled-in file, which live as long as the program.
    pub(crate) fn embedded_text(&self, entry: &TableEntry) -> Result<&'static [u8], StoreError> {
        let found = embedded::FILES.iter().find(|(file, _)| *file == entry.file).map(|(_, bytes)| *bytes);
        found.ok_or_else(|| StoreError::new(Problem::Damaged, format!("table `{}` is not compiled in", entry.id)).file(self.path(entry)))
    }

    fn open_file(&self, path: &Path) -> Result<File, StoreError> {
        File::open(path).map_err(|error| {
            StoreError::new(Problem::Damaged, format!("the table's file cannot be opened: {error}"))
                .file(path)
                .next("if the workspace was written to meanwhile, run the command again")
        })
    }

    /// Opens a table's file; that of a folder only after its hash was found right.
    pub(crate) fn read(&self, entry: &TableEntry, as_dictionary: bool) -> Result<TableReader, StoreError> {
        let path = self.path(entry);
        let reader = match self.folder() {
            None if is_text(entry) => read_text(&self.embedded_bytes(entry)?),
            None => read_parquet(self.embedded_bytes(entry)?, as_dictionary),
            Some(_) => {
                self.verify(entry)?;
                read_parquet(self.open_file(&path)?, as_dictionary)
            }
        };
        let reader = reader.map_err(|error| error.file(&path))?;
        if reader.rows != entry.rows {
            let what = format!("table `{}` has {} rows, the manifest says {}", entry.id, reader.rows, entry.rows);
            return Err(StoreError::new(Problem::Damaged, what).file(path));
        }
        Ok(reader)
    }

    /// The key-value pairs in a table's footer, without reading the table.
    pub(crate) fn footer(&self, entry: &TableEntry) -> Result<HashMap<String, String>, StoreError> {
        let path = self.path(entry);
        let reader = match self.folder() {
            None if is_text(entry) => return Ok(HashMap::new()),
            None => read_parquet(self.embedded_bytes(entry)?, false),
            Some(_) => read_parquet(self.open_file(&path)?, false),
        };
        Ok(reader.map_err(|error| error.file(path))?.metadata)
    }

    /// Compares the SHA-256 of a table's file with the manifest's.
    pub(crate) fn verify(&self, entry: &TableEntry) -> Result<(), StoreError> {
        if lock(&self.inner.verified).contains(&entry.id) {
            return Ok(());
        }
        let path = self.path(entry);
        let found = match self.folder() {
            None => sha256(self.embedded_bytes(entry)?.as_ref()),
            Some(_) => sha256(self.open_file(&path)?),
        };
        let found = found.map_err(|error| StoreError::new(Problem::Damaged, format!("the file cannot be read: {error}")).file(&path))?;
        if !found.eq_ignore_ascii_case(&entry.sha256) {
            return Err(StoreError::new(Problem::Damaged, format!("the file is not the one the manifest describes: table `{}`", entry.id))
                .file(path)
                .value(format!("sha256 {}… instead of {}…", &found[..12], entry.sha256.chars().take(12).collect::<String>()))
                .next("put the original file back or import the table again"));
        }
        lock(&self.inner.verified).insert(entry.id.clone());
        Ok(())
    }

    /// Copies a table's file as it is.
    pub(crate) fn copy_file(&self, entry: &TableEntry, out: &mut dyn Write) -> Result<(), StoreError> {
        if is_text(entry) {
            return text_as_parquet(&self.embedded_bytes(entry)?, out);
        }
        let copied = match self.folder() {
            None => out.write_all(&self.embedded_bytes(entry)?),
            Some(_) => {
                self.verify(entry)?;
                io::copy(&mut self.open_file(&self.path(entry))?, out).map(|_| ())
            }
        };
        copied.map_err(|error| StoreError::new(Problem::Write, format!("the result cannot be written: {error}")).io(&error))
    }

    /// A table in memory.
    pub(crate) fn columns(&self, entry: &TableEntry, check: bool) -> Result<Columns, StoreError> {
        let path = self.path(entry);
        let reader = self.read(entry, true)?;
        let mut columns = Columns::for_file(Schema::find(&entry.schema)?, &reader.schema).map_err(|error| error.file(&path))?;
        for batch in reader.batches {
            columns.append(&batch.map_err(|error| parquet_error(error).file(&path))?).map_err(|error| error.file(&path))?;
        }
        if check {
            columns.check().map_err(|error| error.file(&path))?;
        }
        Ok(columns)
    }

    /// A table in memory, which must be of a schema; checked unless compiled in.
    pub(crate) fn columns_of(&self, table_id: &str, schema: &str) -> Result<Columns, StoreError> {
        let entry = self.manifest().table(table_id)?;
        if entry.schema != schema {
            let what = format!("table `{table_id}` has the schema `{}`, not `{schema}`", entry.schema);
            return Err(StoreError::new(Problem::Schema, what).file(self.path(entry)));
        }
        self.columns(entry, self.folder().is_some())
    }

    /// All tables of a schema in memory, in the manifest's order; at least one.
    pub(crate) fn columns_with(&self, schema: &str) -> Result<Vec<(String, Columns)>, StoreError> {
        let tables: Vec<_> = self
            .manifest()
            .with_schema(schema)
            .map(|entry| Ok((entry.id.clone(), self.columns_of(&entry.id, schema)?)))
            .collect::<Result<_, StoreError>>()?;
        if tables.is_empty() {
            return Err(StoreError::new(
                Problem::Unknown,
                format!("the workspace `{}` has no table of schema `{schema}`", self.manifest().name),
            )
            .next("import one, or leave --data out to use the built-in workspace"));
        }
        Ok(tables)
    }

    /// What `parse` makes, made once for a name and kept.
    pub(crate) fn kept<T: Any + Send + Sync>(
        &self,
        name: &str,
        parse: impl FnOnce() -> Result<T, StoreError>,
    ) -> Result<Arc<T>, StoreError> {
        let slot = lock(&self.inner.parsed).entry((TypeId::of::<T>(), name.to_owned())).or_default().clone();
        let mut held = lock(&slot);
        if let Some(value) = held.clone().and_then(|value| value.downcast::<T>().ok()) {
            return Ok(value);
        }
        let value = Arc::new(parse()?);
        *held = Some(value.clone());
        Ok(value)
    }
}

/// The manifest in a folder, `None` when there is none.
pub(crate) fn read_manifest(folder: &Path) -> Result<Option<Manifest>, StoreError> {
    let path = folder.join(MANIFEST_FILE);
    match std::fs::read_to_string(&path) {
        Ok(text) => Manifest::parse(&text).map(Some).map_err(|error| error.file(path)),
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => Ok(None),
        Err(error) => Err(StoreError::new(Problem::Manifest, format!("the manifest cannot be read: {error}")).file(path)),
    }
}
