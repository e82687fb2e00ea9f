//! Texts in a folder: what each document says, paragraph by paragraph, whatever it is packed in.

mod archives;
mod dates;
mod encoded_text;
mod paragraphs;
mod portable_document;
mod web_page;
mod word_document;

pub use dates::date_in;

use crate::workspace::sha256;
use crate::{ImportOptions, Problem, StoreError, TextRows};
use std::collections::BTreeMap;
use std::io::Cursor;
use std::path::{Path, PathBuf};

/// The file in a folder that says when its documents are from: columns `file` and `date`.
const DATES: &str = "dates.csv";
/// What is read, by the ending of the name.
const ENDINGS: [&str; 11] = ["txt", "text", "md", "markdown", "html", "htm", "docx", "pdf", "jsonl", "ndjson", "zip"];

/// How texts are read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextOptions {
    /// The field of a JSON line that holds the text; `text`, `content`, `body`, `正文` or `内容` without it.
    pub text_field: Option<String>,
    /// The field of its title; `title`, `name` or `标题` without it.
    pub title_field: Option<String>,
    /// The field of its date or year; `date`, `published`, `pubdate`, `year`, `日期`, `发布日期` or `年份` without it.
    pub date_field: Option<String>,
    /// Files whose path in the folder contains one of these are left out.
    pub exclude: Vec<String>,
    /// A document that unpacks to more bytes than this is refused (default 256 MiB).
    pub largest_document: u64,
    /// Of an archive no more than this is unpacked (default 4 GiB).
    pub largest_archive: u64,
}

impl Default for TextOptions {
    fn default() -> Self {
        TextOptions {
            text_field: None,
            title_field: None,
            date_field: None,
            exclude: Vec::new(),
            largest_document: 256 << 20,
            largest_archive: 4 << 30,
        }
    }
}

/// One document.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TextDocument {
    /// Where it stands: the file's path in the folder with `/`; inside an archive `ARCHIVE.zip/MEMBER`, in a file of JSON lines
    /// `FILE.jsonl#LINE`.
    pub name: String,
    /// Its title: as the document says, else the file's name without its ending.
    pub title: String,
    /// Its date as found: `YYYY`, `YYYY-MM` or `YYYY-MM-DD`.
    pub date: Option<String>,
    /// Its paragraphs: no empty ones, white space made single spaces.
    pub paragraphs: Vec<String>,
    /// What a reader should know of how it was read; empty for nothing.
    pub note: String,
}

/// A document or file that could not be read.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct RefusedText {
    /// Where it stands.
    pub name: String,
    /// Why.
    pub reason: String,
}

/// What one file holds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TextReading {
    /// The documents.
    pub documents: Vec<TextDocument>,
    /// What could not be read.
    pub refused: Vec<RefusedText>,
}

/// A file of a folder that is read as text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextFile {
    /// Its path in the folder, with `/`.
    pub name: String,
    path: PathBuf,
}

/// The files of a folder.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TextFolder {
    /// Those that are read, in the order of their names.
    pub files: Vec<TextFile>,
    /// Those of other kinds.
    pub others: Vec<String>,
    /// The dates that `dates.csv` gives, by the name of a document, or of a file for all documents in it.
    pub dates: BTreeMap<String, String>,
}

impl TextFile {
    /// Its bytes.
    ///
    /// # Errors
    /// [`Problem::Input`] for a file that cannot be read.
    pub fn bytes(&self) -> Result<Vec<u8>, StoreError> {
        std::fs::read(&self.path)
            .map_err(|error| StoreError::new(Problem::Input, format!("the file cannot be read: {error}")).file(&self.path).io(&error))
    }
}

/// SHA-256 of bytes, in hexadecimal.
///
/// # Errors
/// None that memory gives; the type is that of reading.
pub fn bytes_hash(bytes: &[u8]) -> Result<String, StoreError> {
    sha256(&mut Cursor::new(bytes)).map_err(|error| StoreError::new(Problem::Input, error.to_string()))
}

/// The files of a folder and of those inside it that are read as text (txt, md, html, docx, pdf, jsonl, zip), or the one file. Hidden
/// files and links to folders are left out.
///
/// # Errors
/// [`Problem::Input`] for a folder that is not there or cannot be listed, and what is wrong with its `dates.csv`.
///
/// ```
/// let folder = tempfile::tempdir()?;
/// std::fs::write(folder.path().join("2024-03-05 report.txt"), "加快发展新质生产力。\n")?;
/// let found = xinzhi_store::text_folder(folder.path(), &Default::default())?;
/// let file = &found.files[0];
/// let read = xinzhi_store::read_text_file(&file.name, &file.bytes()?, &Default::default());
/// assert_eq!(read.documents[0].date.as_deref(), Some("2024-03-05"));
/// assert_eq!(read.documents[0].paragraphs, ["加快发展新质生产力。"]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn text_folder(path: impl AsRef<Path>, options: &TextOptions) -> Result<TextFolder, StoreError> {
    let path = path.as_ref();
    let mut out = TextFolder::default();
    let failed = |path: &Path| {
        let path = path.to_owned();
        move |error: std::io::Error| StoreError::new(Problem::Input, format!("the folder cannot be read: {error}")).file(&path).io(&error)
    };
    if std::fs::metadata(path).map_err(failed(path))?.is_file() {
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        out.files.push(TextFile { name, path: path.to_owned() });
        return Ok(out);
    }
    let mut folders = vec![(path.to_owned(), String::new())];
    while let Some((folder, prefix)) = folders.pop() {
        for entry in std::fs::read_dir(&folder).map_err(failed(&folder))? {
            let entry = entry.map_err(failed(&folder))?;
            let file = entry.file_name().to_string_lossy().into_owned();
            let name = if prefix.is_empty() { file.clone() } else { format!("{prefix}/{file}") };
            // `~$` is what an editor leaves beside an open document
            if file.starts_with('.') || file.starts_with("~$") || options.exclude.iter().any(|part| name.contains(part.as_str())) {
                continue;
            }
            let kind = entry.file_type().map_err(failed(&folder))?;
            if kind.is_dir() {
                folders.push((entry.path(), name));
            } else if prefix.is_empty() && file == DATES {
                out.dates = dates_of(&entry.path())?;
            } else if kind.is_file() || std::fs::metadata(entry.path()).is_ok_and(|to| to.is_file()) {
                if ENDINGS.contains(&ending(&file).as_str()) {
                    out.files.push(TextFile { name, path: entry.path() });
                } else {
                    out.others.push(name);
                }
            }
        }
    }
    out.files.sort_by(|a, b| a.name.cmp(&b.name));
    out.others.sort();
    Ok(out)
}

fn dates_of(path: &Path) -> Result<BTreeMap<String, String>, StoreError> {
    let rows = TextRows::read(path, &ImportOptions::default())?;
    let (files, dates) = (rows.column(Some("file"))?, rows.column(Some("date"))?);
    let mut out = BTreeMap::new();
    for (row, (file, date)) in files.into_iter().zip(dates).enumerate() {
        let wrong = |what: &str, problem| StoreError::new(problem, what).file(path).row(row as u64 + 1);
        let found = date_in(&date).ok_or_else(|| {
            wrong("the date is none", Problem::Value).column("date").value(&date).next("write 2024, 2024-03 or 2024-03-05")
        })?;
        if out.insert(file.clone(), found).is_some() {
            return Err(wrong("the file stands twice", Problem::Duplicate).column("file").value(file));
        }
    }
    Ok(out)
}

fn ending(name: &str) -> String {
    name.rsplit_once('.').map(|(_, ending)| ending.to_lowercase()).unwrap_or_default()
}

/// The documents in the bytes of a file; what it is, its name says. Never fails as a whole: what cannot be read is told.
pub fn read_text_file(name: &str, bytes: &[u8], options: &TextOptions) -> TextReading {
    let mut out = TextReading::default();
    match ending(name).as_str() {
        "zip" => archives::read_zip(name, bytes, options, &mut out),
        "jsonl" | "ndjson" => archives::read_json_lines(name, bytes, options, &mut out),
        _ => one(name, bytes, options, &mut out),
    }
    out
}

/// What a kind of file gives: title, date and paragraphs as far as it says them, and a note.
#[derive(Debug, Default)]
pub(crate) struct Content {
    pub(crate) title: String,
    pub(crate) date: Option<String>,
    pub(crate) paragraphs: Vec<String>,
    pub(crate) note: String,
}

/// A file that is one document.
fn one(name: &str, bytes: &[u8], options: &TextOptions, out: &mut TextReading) {
    let file = name.rsplit('/').next().unwrap_or(name);
    let content = match ending(file).as_str() {
        _ if bytes.len() as u64 > options.largest_document => Err(format!("it has more than {} bytes", options.largest_document)),
        "txt" | "text" => encoded_text::decode(bytes).map(|text| Content { paragraphs: paragraphs::of_text(&text), ..Content::default() }),
        "md" | "markdown" => encoded_text::decode(bytes).map(|text| paragraphs::of_markdown(&text)),
        "html" | "htm" => encoded_text::decode_page(bytes).map(|text| web_page::read(&text)),
        "docx" => word_document::read(bytes, options.largest_document),
        "pdf" => portable_document::read(bytes, options.largest_document),
        "zip" => Err("a zip inside a zip is not read; unpack it".to_owned()),
        other => Err(format!("files of the kind .{other} are not read")),
    };
    let content = match content {
        Ok(content) if content.paragraphs.is_empty() => Err("there is no text in it".to_owned()),
        other => other,
    };
    match content {
        Ok(content) => {
            let stem = file.rsplit_once('.').map_or(file, |(stem, _)| stem);
            let title = if content.title.trim().is_empty() { stem.to_owned() } else { content.title };
            let date = content.date.or_else(|| date_in(stem)).or_else(|| date_in(&title));
            out.documents.push(TextDocument { name: name.to_owned(), title, date, paragraphs: content.paragraphs, note: content.note });
        }
        Err(reason) => out.refused.push(RefusedText { name: name.to_owned(), reason }),
    }
}
