use crate::text_documents::{RefusedText, TextDocument, bytes_hash};
use crate::workspace::read_parquet;
use crate::{Problem, StoreError, write_file};
use arrow_array::cast::AsArray;
use arrow_array::types::Int64Type;
use arrow_array::{Array, ArrayRef, Int64Array, LargeBinaryArray, LargeStringArray, RecordBatch};
use bytes::Bytes;
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::metadata::KeyValue;
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use std::io;
use std::path::Path;
use std::sync::Arc;

/// What an index file begins with; the number is its version.
const MAGIC: &[u8] = b"xinzhi-discourse-1\n";
const HASH: usize = 64;
const FILE: i64 = 0;
const DOCUMENT: i64 = 1;
const REFUSED: i64 = 2;
const WORDS: i64 = 3;
const ROWS_A_BATCH: usize = 2048;

/// A document as it is kept.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct IndexedText {
    /// The document as it was read.
    pub document: TextDocument,
    /// What was found in it, as bytes of whoever found it.
    pub analysis: Vec<u8>,
}

/// A file as it is kept.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct IndexedFile {
    /// Its path in the folder.
    pub name: String,
    /// SHA-256 of its bytes.
    pub hash: String,
    /// Its documents.
    pub documents: Vec<IndexedText>,
    /// What of it could not be read.
    pub refused: Vec<RefusedText>,
}

/// What is kept of a folder of texts, so that the next run reads only what is new or changed.
///
/// One file: a line that says what it is, the SHA-256 of the rest, and a Parquet table (zstd) of files, documents and words. It is written
/// in one step, so a run that ends early leaves the old one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TextIndex {
    /// How texts were read; a run that reads otherwise cannot use the documents.
    pub reading: String,
    /// What was looked for in them; a run that looks for something else cannot use the analyses.
    pub looked_for: String,
    /// The words that analyses refer to by number.
    pub words: Vec<String>,
    /// The files.
    pub files: Vec<IndexedFile>,
}

fn damaged(path: &Path, what: impl std::fmt::Display) -> StoreError {
    StoreError::new(Problem::Damaged, format!("the index is no index or damaged: {what}")).file(path)
}

impl TextIndex {
    /// Reads an index; `None` where there is none yet.
    ///
    /// # Errors
    /// [`Problem::Damaged`] for a file that is none or was changed.
    ///
    /// ```
    /// use xinzhi_store::{IndexedFile, TextIndex};
    /// let folder = tempfile::tempdir()?;
    /// let path = folder.path().join("texts.index");
    /// assert_eq!(TextIndex::read(&path)?, None);
    /// let file = IndexedFile { name: "a.txt".into(), hash: "ab".into(), ..IndexedFile::default() };
    /// let index = TextIndex { reading: "usual".into(), words: vec!["创新".into()], files: vec![file], ..TextIndex::default() };
    /// index.write(&path)?;
    /// assert_eq!(TextIndex::read(&path)?, Some(index));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn read(path: impl AsRef<Path>) -> Result<Option<Self>, StoreError> {
        let path = path.as_ref();
        let bytes = match std::fs::read(path) {
            Ok(bytes) => Bytes::from(bytes),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(damaged(path, error)),
        };
        let start = MAGIC.len() + HASH;
        if !bytes.starts_with(MAGIC) || bytes.len() < start {
            return Err(damaged(path, "it begins otherwise"));
        }
        let body = bytes.slice(start..);
        if bytes_hash(&body)?.as_bytes() != &bytes[MAGIC.len()..start] {
            return Err(damaged(path, "its hash is another"));
        }
        let table = read_parquet(body, false).map_err(|error| damaged(path, error))?;
        let of = |key: &str| table.metadata.get(key).cloned().unwrap_or_default();
        let mut out = TextIndex { reading: of("reading"), looked_for: of("looked_for"), ..TextIndex::default() };
        for batch in table.batches {
            let batch = batch.map_err(|error| damaged(path, error))?;
            out.take_in(&batch).ok_or_else(|| damaged(path, "its columns are others"))?;
        }
        Ok(Some(out))
    }

    fn take_in(&mut self, batch: &RecordBatch) -> Option<()> {
        let kinds = batch.column_by_name("kind")?.as_primitive_opt::<Int64Type>()?;
        let texts = |name: &str| batch.column_by_name(name)?.as_string_opt::<i64>();
        let (names, titles, dates, notes, bodies) = (texts("name")?, texts("title")?, texts("date")?, texts("note")?, texts("text")?);
        let analyses = batch.column_by_name("analysis")?.as_binary_opt::<i64>()?;
        for row in 0..batch.num_rows() {
            let name = names.value(row).to_owned();
            match kinds.value(row) {
                FILE => self.files.push(IndexedFile { name, hash: notes.value(row).to_owned(), ..IndexedFile::default() }),
                DOCUMENT => self.files.last_mut()?.documents.push(IndexedText {
                    document: TextDocument {
                        name,
                        title: titles.value(row).to_owned(),
                        date: (!dates.is_null(row)).then(|| dates.value(row).to_owned()),
                        paragraphs: bodies.value(row).split('\n').map(str::to_owned).collect(),
                        note: notes.value(row).to_owned(),
                    },
                    analysis: analyses.value(row).to_vec(),
                }),
                REFUSED => self.files.last_mut()?.refused.push(RefusedText { name, reason: notes.value(row).to_owned() }),
                WORDS => self.words = bodies.value(row).split('\n').filter(|word| !word.is_empty()).map(str::to_owned).collect(),
                _ => return None,
            }
        }
        Some(())
    }

    /// Writes the index in one step.
    ///
    /// # Errors
    /// [`Problem::Write`] when it cannot be written; what was there before still is.
    pub fn write(&self, path: impl AsRef<Path>) -> Result<(), StoreError> {
        let path = path.as_ref();
        let wrong =
            |error: &dyn std::fmt::Display| StoreError::new(Problem::Write, format!("the index cannot be made: {error}")).file(path);
        let words = self.words.join("\n");
        let mut rows: Vec<Row<'_>> = vec![Row { kind: WORDS, body: vec![&words], ..Row::default() }];
        for file in &self.files {
            rows.push(Row { kind: FILE, name: &file.name, note: &file.hash, ..Row::default() });
            rows.extend(file.documents.iter().map(|one| Row {
                kind: DOCUMENT,
                name: &one.document.name,
                title: &one.document.title,
                date: one.document.date.as_deref(),
                note: &one.document.note,
                body: one.document.paragraphs.iter().map(String::as_str).collect(),
                analysis: &one.analysis,
            }));
            rows.extend(file.refused.iter().map(|one| Row { kind: REFUSED, name: &one.name, note: &one.reason, ..Row::default() }));
        }
        let pairs = [("reading", &self.reading), ("looked_for", &self.looked_for)];
        let properties = WriterProperties::builder()
            .set_compression(Compression::ZSTD(ZstdLevel::try_new(1).unwrap_or_default()))
            .set_dictionary_enabled(false)
            .set_statistics_enabled(EnabledStatistics::None)
            .set_key_value_metadata(Some(pairs.map(|(key, value)| KeyValue::new(key.to_owned(), value.clone())).to_vec()))
            .build();
        let mut body = Vec::new();
        let mut writer =
            ArrowWriter::try_new(&mut body, batch(&[]).map_err(|e| wrong(&e))?.schema(), Some(properties)).map_err(|e| wrong(&e))?;
        for part in rows.chunks(ROWS_A_BATCH) {
            writer.write(&batch(part).map_err(|e| wrong(&e))?).map_err(|e| wrong(&e))?;
        }
        writer.close().map_err(|e| wrong(&e))?;
        let hash = bytes_hash(&body)?;
        write_file(path, |out| {
            out.write_all(MAGIC)?;
            out.write_all(hash.as_bytes())?;
            out.write_all(&body)
        })
    }
}

#[derive(Default)]
struct Row<'a> {
    kind: i64,
    name: &'a str,
    title: &'a str,
    date: Option<&'a str>,
    note: &'a str,
    body: Vec<&'a str>,
    analysis: &'a [u8],
}

fn batch(rows: &[Row<'_>]) -> Result<RecordBatch, arrow_schema::ArrowError> {
    let text = |pick: fn(&Row<'_>) -> Option<String>| -> ArrayRef { Arc::new(LargeStringArray::from_iter(rows.iter().map(pick))) };
    RecordBatch::try_from_iter_with_nullable([
        ("kind", Arc::new(Int64Array::from_iter_values(rows.iter().map(|row| row.kind))) as ArrayRef, false),
        ("name", text(|row| Some(row.name.to_owned())), true),
        ("title", text(|row| Some(row.title.to_owned())), true),
        ("date", text(|row| row.date.map(str::to_owned)), true),
        ("note", text(|row| Some(row.note.to_owned())), true),
        ("text", text(|row| Some(row.body.join("\n"))), true),
        ("analysis", Arc::new(LargeBinaryArray::from_iter_values(rows.iter().map(|row| row.analysis))) as ArrayRef, true),
    ])
}
