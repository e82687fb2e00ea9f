use super::number_text::number;
use crate::{Problem, StoreError};

/// What a cell of text that is not UTF-8 reads as.
pub(crate) const NOT_UTF8: &str = "\u{FFFD}";

/// A cell as a file gives it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum TableCell<'a> {
    Empty,
    /// Trimmed; numbers of a text file come as text.
    Text(&'a str),
    Number(f64),
}

impl TableCell<'_> {
    /// As a number: empty is 0, text must be a finite number.
    pub(crate) fn number(self) -> Option<f64> {
        match self {
            TableCell::Empty => Some(0.0),
            TableCell::Number(value) => value.is_finite().then_some(value),
            TableCell::Text(text) => number(text.as_bytes()).filter(|(_, used)| *used == text.len()).map(|(value, _)| value),
        }
    }
}

/// A cell kept.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum OwnedCell {
    Empty,
    Text(String),
    Number(f64),
}

impl OwnedCell {
    pub(crate) fn from_cell(cell: TableCell<'_>) -> Self {
        match cell {
            TableCell::Empty => OwnedCell::Empty,
            TableCell::Text(text) => OwnedCell::Text(text.to_owned()),
            TableCell::Number(value) => OwnedCell::Number(value),
        }
    }

    pub(crate) fn cell(&self) -> TableCell<'_> {
        match self {
            OwnedCell::Empty => TableCell::Empty,
            OwnedCell::Text(text) => TableCell::Text(text),
            OwnedCell::Number(value) => TableCell::Number(*value),
        }
    }

    pub(crate) fn text(&self) -> Option<&str> {
        match self {
            OwnedCell::Text(text) => Some(text),
            _ => None,
        }
    }

    /// As a label: whole numbers (years, codes of digits in workbooks) are printed.
    pub(crate) fn label(&self) -> String {
        match self {
            OwnedCell::Empty => String::new(),
            OwnedCell::Text(text) => text.trim().to_owned(),
            OwnedCell::Number(value) => format!("{value}"),
        }
    }
}

/// A cell that should be a number and is not, or a row that ends too early.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct NumberFault {
    /// The column in the sheet, from 0.
    pub(crate) column: usize,
    /// What stands there; `None` when the row has ended before.
    pub(crate) found: Option<String>,
}

/// The rows of one sheet, one after the other: a text file, or a sheet of a workbook. All readers feed the same assembler.
pub(crate) trait TableRows {
    /// The file, as errors name it.
    fn file(&self) -> &str;

    /// The sheet's name, where there are sheets.
    fn sheet(&self) -> Option<&str> {
        None
    }

    /// Goes to the next row; false at the end.
    ///
    /// # Errors
    /// A file that cannot be read on (truncated zip, wrong encoding).
    fn advance(&mut self) -> Result<bool, StoreError>;

    /// The number of the current row in the file, from 1.
    fn row(&self) -> u64;

    /// Cells in the current row.
    fn width(&self) -> usize;

    /// A cell of the current row; empty beyond its end.
    fn cell(&self, column: usize) -> TableCell<'_>;

    /// Whether a row may end before the header does because its last cells are empty, as in a workbook; in text that is a truncated row.
    fn ragged(&self) -> bool {
        false
    }

    /// Fills `out` with the numbers of the current row from column `from` on; an empty cell is 0.
    ///
    /// # Errors
    /// The first cell that is no finite number, or the row's end.
    fn numbers(&self, from: usize, out: &mut [f64]) -> Result<(), NumberFault> {
        let width = self.width();
        for (at, value) in out.iter_mut().enumerate() {
            let column = from + at;
            if column >= width && !self.ragged() {
                return Err(NumberFault { column, found: None });
            }
            let cell = self.cell(column);
            *value = cell.number().ok_or_else(|| NumberFault { column, found: Some(OwnedCell::from_cell(cell).label()) })?;
        }
        Ok(())
    }

    /// The first cell of the current row from column `width` on that holds anything, where rows may not be longer than the header: in
    /// text a cell too many means that the cells after a stray separator are not where they belong.
    fn surplus(&self, _width: usize) -> Option<usize> {
        None
    }

    /// An error when the current row holds anything beyond the header's `width` columns.
    fn check_width(&self, width: usize, label: &str) -> Result<(), StoreError> {
        let Some(column) = self.surplus(width) else { return Ok(()) };
        Err(self
            .fault(Problem::Input, format!("row `{label}` has more cells than the header, which has {width}"))
            .column(&super::labelled_sheet::spreadsheet_column(column))
            .value(OwnedCell::from_cell(self.cell(column)).label())
            .next("look for a separator too many, or a cell that lacks its quotes"))
    }

    /// An error when a label is no text.
    fn check_text(&self, label: &str) -> Result<(), StoreError> {
        if label == NOT_UTF8 {
            Err(self.fault(Problem::Encoding, "the text is not UTF-8".to_owned()).next("save it as UTF-8"))
        } else {
            Ok(())
        }
    }

    /// The current row's cells, kept.
    fn owned(&self) -> Vec<OwnedCell> {
        (0..self.width()).map(|column| OwnedCell::from_cell(self.cell(column))).collect()
    }

    /// An error in the current row.
    fn fault(&self, problem: Problem, what: String) -> StoreError {
        let file = match self.sheet() {
            Some(sheet) => format!("{}, sheet {sheet}", self.file()),
            None => self.file().to_owned(),
        };
        StoreError::new(problem, what).file(file).line(self.row())
    }
}

/// How many rows of a sheet are looked at to recognise it.
pub(crate) const HEAD_ROWS: usize = 12;

/// The first rows of a sheet.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct SheetHead {
    pub(crate) sheet: Option<String>,
    pub(crate) rows: Vec<Vec<OwnedCell>>,
}

/// Rows of which the first were looked at and are given again.
pub(crate) struct Peeked {
    pub(crate) head: SheetHead,
    numbers: Vec<u64>,
    /// The row given now, counted from 1; beyond the head the inner rows speak.
    at: usize,
    inner: Box<dyn TableRows>,
}

impl Peeked {
    /// Reads the first rows.
    pub(crate) fn new(mut inner: Box<dyn TableRows>) -> Result<Self, StoreError> {
        let (mut rows, mut numbers) = (Vec::new(), Vec::new());
        while rows.len() < HEAD_ROWS && inner.advance()? {
            let cells = inner.owned();
            for text in cells.iter().filter_map(OwnedCell::text) {
                inner.check_text(text)?;
            }
            rows.push(cells);
            numbers.push(inner.row());
        }
        let head = SheetHead { sheet: inner.sheet().map(str::to_owned), rows };
        Ok(Peeked { head, numbers, at: 0, inner })
    }

    fn kept(&self) -> Option<&Vec<OwnedCell>> {
        self.head.rows.get(self.at.checked_sub(1)?)
    }
}

impl TableRows for Peeked {
    fn file(&self) -> &str {
        self.inner.file()
    }

    fn sheet(&self) -> Option<&str> {
        self.inner.sheet()
    }

    fn ragged(&self) -> bool {
        self.inner.ragged()
    }

    fn advance(&mut self) -> Result<bool, StoreError> {
        self.at += 1;
        if self.at <= self.head.rows.len() { Ok(true) } else { self.inner.advance() }
    }

    fn row(&self) -> u64 {
        self.at.checked_sub(1).and_then(|at| self.numbers.get(at)).copied().unwrap_or_else(|| self.inner.row())
    }

    fn width(&self) -> usize {
        self.kept().map_or_else(|| self.inner.width(), Vec::len)
    }

    fn surplus(&self, width: usize) -> Option<usize> {
        match self.kept() {
            Some(_) if self.inner.ragged() => None,
            Some(row) => (width..row.len()).find(|column| row[*column] != OwnedCell::Empty),
            None => self.inner.surplus(width),
        }
    }

    fn cell(&self, column: usize) -> TableCell<'_> {
        match self.kept() {
            Some(row) => row.get(column).map_or(TableCell::Empty, OwnedCell::cell),
            None => self.inner.cell(column),
        }
    }

    fn numbers(&self, from: usize, out: &mut [f64]) -> Result<(), NumberFault> {
        if self.kept().is_none() {
            return self.inner.numbers(from, out);
        }
        for (at, value) in out.iter_mut().enumerate() {
            let column = from + at;
            if column >= self.width() && !self.inner.ragged() {
                return Err(NumberFault { column, found: None });
            }
            let cell = self.cell(column);
            *value = cell.number().ok_or_else(|| NumberFault { column, found: Some(OwnedCell::from_cell(cell).label()) })?;
        }
        Ok(())
    }
}
