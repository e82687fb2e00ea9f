use crate::import::{Cell, RowSink, read_rows};
use crate::{ImportOptions, Problem, StoreError};
use frame::{LabelledMatrix, Labels};
use std::path::Path;

/// The rows of a small file as text: a list of places, a number an activity.
///
/// ```
/// let folder = tempfile::tempdir()?;
/// let file = folder.path().join("pci.csv");
/// std::fs::write(&file, "hs4,pci\n8542,1.5\n0101,-0.25\n")?;
/// let rows = xinzhi_store::TextRows::read(&file, &Default::default())?;
/// assert_eq!(rows.column(None)?, ["8542", "0101"]);
/// assert_eq!(rows.numbers("hs4", "pci")?[1], ("0101".to_owned(), -0.25));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TextRows {
    file: String,
    header: Vec<String>,
    rows: Vec<Vec<String>>,
}

impl RowSink for TextRows {
    fn header(&mut self, names: &[String]) -> Result<(), StoreError> {
        self.header = names.to_vec();
        Ok(())
    }

    fn row(&mut self, _row: u64, _line: Option<u64>, cells: &[Cell<'_>]) -> Result<(), StoreError> {
        self.rows.push(cells.iter().map(|cell| cell.printed().into_owned()).collect());
        Ok(())
    }
}

impl TextRows {
    /// Reads a file of any type that tables are imported from.
    ///
    /// # Errors
    /// [`Problem::Input`] or [`Problem::Encoding`] for a file that cannot be read.
    pub fn read(path: impl AsRef<Path>, options: &ImportOptions) -> Result<Self, StoreError> {
        let path = path.as_ref();
        let mut rows = TextRows { file: path.display().to_string(), ..TextRows::default() };
        read_rows(path, options, &mut rows).map_err(|error| error.file(path))?;
        Ok(rows)
    }

    /// The names of the columns.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.header.iter().map(String::as_str)
    }

    fn position(&self, name: &str) -> Result<usize, StoreError> {
        self.header.iter().position(|known| known == name).ok_or_else(|| {
            StoreError::new(Problem::Schema, format!("there is no column `{name}`"))
                .file(&self.file)
                .next(format!("the columns are {}", self.header.join(", ")))
        })
    }

    /// A column by name, the first one without.
    ///
    /// # Errors
    /// [`Problem::Schema`] for a column that is not there.
    pub fn column(&self, name: Option<&str>) -> Result<Vec<String>, StoreError> {
        let at = name.map_or(Ok(0), |name| self.position(name))?;
        Ok(self.rows.iter().map(|row| row[at].clone()).collect())
    }

    /// The rows as a matrix: the first column holds their labels, the header those of the columns. An empty cell is 0.
    ///
    /// # Errors
    /// [`Problem::Value`] for a cell that is no finite number, [`Problem::Duplicate`] for a label that stands twice.
    pub fn matrix(&self) -> Result<LabelledMatrix, StoreError> {
        let width = self.header.len();
        let mut values = Vec::with_capacity(self.rows.len() * width.saturating_sub(1));
        for (at, row) in self.rows.iter().enumerate() {
            for column in 1..width {
                let cell = row.get(column).map_or("", |cell| cell.trim());
                let number = if cell.is_empty() { Some(0.0) } else { cell.parse::<f64>().ok().filter(|value| value.is_finite()) };
                values.push(number.ok_or_else(|| {
                    StoreError::new(Problem::Value, "the cell is not a finite number")
                        .file(&self.file)
                        .row(at as u64 + 1)
                        .column(&self.header[column])
                        .value(cell)
                })?);
            }
        }
        let labels = |what: &str, names: Vec<String>| {
            Labels::new(what, names).map_err(|error| StoreError::new(Problem::Duplicate, error.to_string()).file(&self.file))
        };
        let rows = labels("rows", self.rows.iter().map(|row| row.first().cloned().unwrap_or_default()).collect())?;
        let columns = labels("columns", self.header.iter().skip(1).cloned().collect())?;
        LabelledMatrix::new(rows, columns, values).map_err(|error| StoreError::new(Problem::Schema, error.to_string()).file(&self.file))
    }

    /// One number, which may be negative, for every key.
    ///
    /// # Errors
    /// [`Problem::Schema`] for a column that is not there, [`Problem::Value`] for what is no finite number, [`Problem::Duplicate`] for a key
    /// that stands twice.
    pub fn numbers(&self, key: &str, value: &str) -> Result<Vec<(String, f64)>, StoreError> {
        let (key_at, value_at) = (self.position(key)?, self.position(value)?);
        let mut seen = std::collections::HashSet::new();
        let mut numbers = Vec::with_capacity(self.rows.len());
        for (at, row) in self.rows.iter().enumerate() {
            let wrong = |problem, what: String| {
                StoreError::new(problem, what).file(&self.file).row(at as u64 + 1).column(value).value(row[value_at].clone())
            };
            let number = row[value_at].parse::<f64>().ok().filter(|v| v.is_finite());
            let number = number.ok_or_else(|| wrong(Problem::Value, format!("the value of `{value}` is not a number")))?;
            if !seen.insert(row[key_at].as_str()) {
                return Err(wrong(Problem::Duplicate, format!("`{}` stands twice in column `{key}`", row[key_at])));
            }
            numbers.push((row[key_at].clone(), number));
        }
        Ok(numbers)
    }
}
