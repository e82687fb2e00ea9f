use super::rows::{Builder, ends};
use super::{LongCounts, LongTableOptions, read_rows};
use crate::{Problem, StoreError};
use arrow_array::RecordBatch;
use arrow_schema::ArrowError;
use std::path::Path;
use std::sync::Arc;

/// A row of a [`LinkTable`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LinkRow {
    /// The supplier, by its position among the names.
    pub supplier: u32,
    /// The buyer.
    pub buyer: u32,
    /// The value: finite, not negative.
    pub value: f64,
    /// The data row it stands in, counted from 1.
    pub row: u64,
}

/// A table of links between firms (supplier, buyer, value) in memory: 16 bytes a row in the order of the file, every name once.
///
/// It is read like a [`LongTable`](super::LongTable), at the same speed and under the same rules, with the column of suppliers as that of
/// places and the column of buyers as that of activities. Rows of the same two firms stay apart.
///
/// ```
/// use xinzhi_store::{LinkTable, LongTableOptions};
/// let folder = tempfile::tempdir()?;
/// let file = folder.path().join("links.csv");
/// std::fs::write(&file, "from,to,sales\nfarm,mill,5\nmill,bakery,8\n")?;
/// let options =
///     LongTableOptions { place: "from".into(), activity: "to".into(), value: "sales".into(), ..Default::default() };
/// let table = LinkTable::read(&file, &options)?;
/// let second = table.rows().nth(1).ok_or("two rows")?;
/// assert_eq!((table.name(second.supplier), table.name(second.buyer), second.value, second.row), ("mill", "bakery", 8.0, 2));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct LinkTable {
    pub(super) names: Vec<Arc<str>>,
    /// Key and value.
    pub(super) cells: Vec<(u64, f64)>,
    /// Rows that have no cell, ascending.
    pub(super) passed: Vec<u64>,
    pub(super) counts: LongCounts,
    pub(super) encoding: Option<&'static str>,
}

impl LinkTable {
    /// Reads a file of any type that [`LongTable::read`](super::LongTable::read) reads.
    ///
    /// # Errors
    /// As [`LongTable::read`](super::LongTable::read), but for rows of the same key.
    pub fn read(path: impl AsRef<Path>, options: &LongTableOptions) -> Result<Self, StoreError> {
        let path = path.as_ref();
        let (builder, encoding) = read_rows(path, options, || Builder::of_links(options, Some(path)))?;
        Ok(LinkTable { encoding, ..builder.finish_links()? })
    }

    /// Takes in Arrow record batches, such as another program hands over.
    ///
    /// # Errors
    /// As [`LinkTable::read`], without a file name.
    pub fn from_batches(
        batches: impl IntoIterator<Item = Result<RecordBatch, ArrowError>>,
        options: &LongTableOptions,
    ) -> Result<Self, StoreError> {
        let mut builder = Builder::of_links(options, None)?;
        for batch in batches {
            let batch = batch.map_err(|error| StoreError::new(Problem::Input, format!("a batch of rows cannot be read: {error}")))?;
            builder.batch(&batch)?;
        }
        builder.finish_links()
    }

    /// How many different names there are. Some may be in no row: those of rows left out, and of categories that nothing has.
    pub fn names(&self) -> usize {
        self.names.len()
    }

    /// The name at a position.
    pub fn name(&self, position: u32) -> &str {
        &self.names[position as usize]
    }

    /// How many rows there are.
    pub fn len(&self) -> usize {
        self.cells.len()
    }

    /// True when there is none, which [`LinkTable::read`] does not let happen.
    pub fn is_empty(&self) -> bool {
        self.cells.is_empty()
    }

    /// What became of the rows.
    pub fn counts(&self) -> LongCounts {
        self.counts
    }

    /// The encoding of delimited text where it was not UTF-8.
    pub fn encoding(&self) -> Option<&'static str> {
        self.encoding
    }

    /// The rows in the order of the file.
    pub fn rows(&self) -> impl Iterator<Item = LinkRow> + Clone + '_ {
        let (mut row, mut passed) = (0, 0);
        self.cells.iter().map(move |(key, value)| {
            row += 1;
            while self.passed.get(passed) == Some(&row) {
                (row, passed) = (row + 1, passed + 1);
            }
            let (supplier, buyer) = ends(*key);
            LinkRow { supplier, buyer, value: *value, row }
        })
    }
}
