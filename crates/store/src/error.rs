use frame::FrameError;
use std::path::Path;
use std::{fmt, io};
use thiserror::Error;

/// What kind of thing went wrong, for programs that decide on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Problem {
    /// The manifest cannot be read or contradicts itself.
    Manifest,
    /// A table, scheme, measure or other name that is not there.
    Unknown,
    /// A file that is absent, truncated, or not the one the manifest describes.
    Damaged,
    /// A table without a required column, or with a column of the wrong type.
    Schema,
    /// A value that its column does not allow.
    Value,
    /// Two rows with one key.
    Duplicate,
    /// Values in more than one unit that would have to be added up.
    Units,
    /// Text that is not in the encoding it should be in.
    Encoding,
    /// A file to import that cannot be read as what it claims to be.
    Input,
    /// Options that are unknown, missing or contradict each other.
    Options,
    /// Writing failed; what was there before still is.
    Write,
    /// Another program is writing to the workspace.
    Locked,
}

/// What went wrong, where (file, row, line, column, value) and what to do next.
///
/// A *row* is a data row counted from 1, the header not counted; a *line* is a line of the file counted from 1.
///
/// ```
/// use xinzhi_store::{Problem, Workspace};
/// let error = Workspace::embedded()?.activity("exports").unwrap_err();
/// assert_eq!(error.problem(), Problem::Unknown);
/// assert!(error.to_string().contains("exports"));
/// # Ok::<(), xinzhi_store::StoreError>(())
/// ```
#[derive(Debug, Clone, Error)]
#[error("{0}")]
pub struct StoreError(Box<Details>);

#[derive(Debug, Clone)]
struct Details {
    problem: Problem,
    what: String,
    file: Option<String>,
    row: Option<u64>,
    line: Option<u64>,
    column: Option<String>,
    value: Option<String>,
    next: Option<String>,
    io_kind: Option<io::ErrorKind>,
}

impl fmt::Display for Details {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)?;
        if let Some(location) = self.location() {
            write!(f, " ({location})")?;
        }
        self.next.as_ref().map_or(Ok(()), |next| write!(f, "; {next}"))
    }
}

impl Details {
    fn location(&self) -> Option<String> {
        let mut parts = Vec::new();
        parts.extend(self.file.clone());
        parts.extend(self.row.map(|row| format!("row {row}")));
        parts.extend(self.line.map(|line| format!("line {line}")));
        parts.extend(self.column.as_ref().map(|column| format!("column `{column}`")));
        parts.extend(self.value.as_ref().map(|value| format!("value `{value}`")));
        (!parts.is_empty()).then(|| parts.join(", "))
    }
}

impl StoreError {
    /// An error of a kind, in words.
    pub fn new(problem: Problem, what: impl Into<String>) -> Self {
        StoreError(Box::new(Details {
            problem,
            what: what.into(),
            file: None,
            row: None,
            line: None,
            column: None,
            value: None,
            next: None,
            io_kind: None,
        }))
    }

    /// The kind.
    pub fn problem(&self) -> Problem {
        self.0.problem
    }

    /// What went wrong, without where and what next.
    pub fn what(&self) -> &str {
        &self.0.what
    }

    /// Where, printed: file, row, line, column and value as far as known.
    pub fn location(&self) -> Option<String> {
        self.0.location()
    }

    /// What to do next.
    pub fn next_step(&self) -> Option<&str> {
        self.0.next.as_deref()
    }

    /// The operating system's word for a failure to read or write, where there is one.
    pub fn io_kind(&self) -> Option<io::ErrorKind> {
        self.0.io_kind
    }

    pub(crate) fn io(mut self, error: &io::Error) -> Self {
        self.0.io_kind = Some(error.kind());
        self
    }

    pub(crate) fn file(mut self, file: impl AsRef<Path>) -> Self {
        self.0.file = Some(file.as_ref().display().to_string());
        self
    }

    pub(crate) fn row(mut self, row: u64) -> Self {
        self.0.row = Some(row);
        self
    }

    pub(crate) fn line(mut self, line: u64) -> Self {
        self.0.line = Some(line);
        self
    }

    pub(crate) fn column(mut self, column: &str) -> Self {
        self.0.column = Some(column.to_owned());
        self
    }

    pub(crate) fn value(mut self, value: impl fmt::Display) -> Self {
        let text = value.to_string();
        let short: String = text.chars().take(80).collect();
        self.0.value = Some(if short.len() < text.len() { format!("{short}…") } else { short });
        self
    }

    /// Adds what the user can do about it.
    #[must_use]
    pub fn next(mut self, next: impl Into<String>) -> Self {
        self.0.next = Some(next.into());
        self
    }
}

impl From<FrameError> for StoreError {
    fn from(error: FrameError) -> Self {
        StoreError::new(Problem::Value, error.to_string())
    }
}

/// The name nearest to the one asked for, if any comes near.
pub(crate) fn nearest<'a>(name: &str, among: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let wanted = name.to_lowercase();
    among
        .into_iter()
        .map(|candidate| {
            let other = candidate.to_lowercase();
            let contained = other.contains(&wanted) || (!other.is_empty() && wanted.contains(&other));
            (strsim::normalized_damerau_levenshtein(&wanted, &other) + if contained { 0.3 } else { 0.0 }, candidate)
        })
        .filter(|(likeness, _)| *likeness >= 0.45)
        .max_by(|a, b| a.0.total_cmp(&b.0).then(b.1.cmp(a.1)))
        .map(|(_, candidate)| candidate)
}

/// An error for a name that is not among those that exist: it names the nearest, or lists them when there are few.
pub(crate) fn unknown<'a>(what: &str, name: &str, among: impl IntoIterator<Item = &'a str>) -> StoreError {
    let mut names: Vec<&str> = among.into_iter().collect();
    names.sort_unstable();
    names.dedup();
    let error = StoreError::new(Problem::Unknown, format!("there is no {what} `{name}`"));
    let listed = if names.len() <= 40 { names.join(", ") } else { format!("{}, … ({} in all)", names[..40].join(", "), names.len()) };
    match nearest(name, names.iter().copied()) {
        _ if names.is_empty() => error.next(format!("there is no {what} at all")),
        Some(near) => error.next(format!("nearest: {near}; there are: {listed}")),
        None => error.next(format!("there are: {listed}")),
    }
}
