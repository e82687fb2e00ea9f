use super::number_text::number;
use super::source_files::SourceFile;
use super::table_rows::{NOT_UTF8, NumberFault, TableCell, TableRows};
use crate::{Problem, StoreError, delimited};
use memchr::{memchr, memchr2};
use std::cell::Cell;
use std::io::{ErrorKind, Read};

/// How much of a file is held at a time; a longer line makes it grow.
const BLOCK: usize = 1 << 18;

/// The rows of a text file with separators, parsed from its bytes as they come.
///
/// Quotes may enclose whole cells on one line. The text is UTF-8.
pub(crate) struct DelimitedRows {
    name: String,
    input: Box<dyn Read + Send>,
    delimiter: u8,
    block: Vec<u8>,
    /// Where the unread bytes begin and end.
    from: usize,
    filled: usize,
    ended: bool,
    /// The current line, its end mark not included.
    line: std::ops::Range<usize>,
    number: u64,
    /// How far the numbers of the current line were read: the column after them and where in the line it begins.
    reached: Cell<(usize, usize)>,
}

impl DelimitedRows {
    /// Opens a text file; without a separator the one that its first line holds most often is taken.
    pub(crate) fn open(file: &SourceFile, delimiter: Option<char>) -> Result<Self, StoreError> {
        let mut rows = DelimitedRows {
            name: file.name.clone(),
            input: file.open()?,
            delimiter: b',',
            block: vec![0; BLOCK],
            from: 0,
            filled: 0,
            ended: false,
            line: 0..0,
            number: 0,
            reached: Cell::new((0, 0)),
        };
        rows.fill()?;
        if rows.block[..rows.filled].starts_with(b"\xEF\xBB\xBF") {
            rows.from = 3;
        }
        if rows.block[..rows.filled].starts_with(b"\xFF\xFE") || rows.block[..rows.filled].starts_with(b"\xFE\xFF") {
            return Err(StoreError::new(Problem::Encoding, "the text is UTF-16").file(&rows.name).next("save it as UTF-8"));
        }
        let start = &rows.block[rows.from..rows.filled];
        let header = &start[..memchr(b'\n', start).unwrap_or(start.len())];
        let sniffed = delimiter.unwrap_or_else(|| delimited::sniff(&String::from_utf8_lossy(header)));
        rows.delimiter = u8::try_from(sniffed).ok().filter(u8::is_ascii).unwrap_or(b',');
        Ok(rows)
    }

    /// Reads on until the block is full or the file ends.
    fn fill(&mut self) -> Result<(), StoreError> {
        while self.filled < self.block.len() && !self.ended {
            match self.input.read(&mut self.block[self.filled..]) {
                Ok(0) => self.ended = true,
                Ok(read) => self.filled += read,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => {
                    return Err(StoreError::new(Problem::Damaged, format!("the file cannot be read to its end: {error}"))
                        .file(&self.name)
                        .line(self.number + 1)
                        .next("it is truncated or damaged: get it again"));
                }
            }
        }
        Ok(())
    }

    /// The bytes of a cell as they stand, quotes included, and where the next begins.
    fn raw(&self, start: usize) -> (&[u8], usize) {
        let line = &self.block[self.line.clone()];
        let rest = line.get(start..).unwrap_or_default();
        let end = if rest.first() == Some(&b'"') {
            let mut at = 1;
            loop {
                match memchr(b'"', rest.get(at..).unwrap_or_default()) {
                    // a doubled quote is one of the cell's own
                    Some(quote) if rest.get(at + quote + 1) == Some(&b'"') => at += quote + 2,
                    Some(quote) => break at + quote + 1,
                    None => break rest.len(),
                }
            }
        } else {
            0
        };
        let end = memchr(self.delimiter, &rest[end..]).map_or(rest.len(), |more| end + more);
        (&rest[..end], start + end + 1)
    }

    /// Where a cell begins in the line; `None` beyond its end.
    fn start_of(&self, column: usize) -> Option<usize> {
        let mut start = 0;
        for _ in 0..column {
            start = self.raw(start).1;
            if start > self.line.len() {
                return None;
            }
        }
        Some(start)
    }

    fn text(raw: &[u8]) -> TableCell<'_> {
        let Ok(text) = std::str::from_utf8(raw) else { return TableCell::Text(NOT_UTF8) };
        let text = text.trim();
        let text = text.strip_prefix('"').and_then(|text| text.strip_suffix('"')).map_or(text, str::trim);
        if text.is_empty() { TableCell::Empty } else { TableCell::Text(text) }
    }
}

/// The rows of a small text file, as text.
///
/// # Errors
/// A file that cannot be read.
pub(crate) fn text_rows(file: &SourceFile, delimiter: char) -> Result<Vec<Vec<String>>, StoreError> {
    let mut rows = DelimitedRows::open(file, Some(delimiter))?;
    let mut all = Vec::new();
    while rows.advance()? {
        all.push(rows.owned().iter().map(|cell| cell.label()).collect());
    }
    Ok(all)
}

impl TableRows for DelimitedRows {
    fn file(&self) -> &str {
        &self.name
    }

    fn advance(&mut self) -> Result<bool, StoreError> {
        let mut searched = 0;
        loop {
            let unread = &self.block[self.from..self.filled];
            let end = memchr(b'\n', &unread[searched..]).map(|end| searched + end);
            let (end, after) = match end {
                Some(end) => (end, end + 1),
                None if self.ended && unread.is_empty() => return Ok(false),
                None if self.ended => (unread.len(), unread.len()),
                None => {
                    searched = unread.len();
                    self.block.copy_within(self.from..self.filled, 0);
                    self.filled -= self.from;
                    self.from = 0;
                    if self.filled == self.block.len() {
                        self.block.resize(self.block.len() * 2, 0);
                    }
                    self.fill()?;
                    continue;
                }
            };
            let returned = usize::from(end > 0 && self.block[self.from + end - 1] == b'\r');
            self.line = self.from..self.from + end - returned;
            self.from += after;
            self.number += 1;
            self.reached.set((0, 0));
            if self.line.is_empty() {
                searched = 0;
                continue;
            }
            return Ok(true);
        }
    }

    fn row(&self) -> u64 {
        self.number
    }

    fn width(&self) -> usize {
        let (mut count, mut start) = (0, 0);
        while start <= self.line.len() {
            start = self.raw(start).1;
            count += 1;
        }
        count
    }

    fn cell(&self, column: usize) -> TableCell<'_> {
        self.start_of(column).map_or(TableCell::Empty, |start| DelimitedRows::text(self.raw(start).0))
    }

    fn owned(&self) -> Vec<super::table_rows::OwnedCell> {
        let (mut cells, mut start) = (Vec::new(), 0);
        while start <= self.line.len() {
            let (raw, next) = self.raw(start);
            cells.push(super::table_rows::OwnedCell::from_cell(DelimitedRows::text(raw)));
            start = next;
        }
        cells
    }

    fn numbers(&self, from: usize, out: &mut [f64]) -> Result<(), NumberFault> {
        let Some(start) = self.start_of(from) else {
            return if out.is_empty() { Ok(()) } else { Err(NumberFault { column: from, found: None }) };
        };
        let line = &self.block[self.line.clone()];
        let delimiter = self.delimiter;
        let mut rest = Some(line.get(start..).unwrap_or_default());
        for (at, value) in out.iter_mut().enumerate() {
            let Some(bytes) = rest else { return Err(NumberFault { column: from + at, found: None }) };
            // most cells are a number and nothing else
            if let Some((found, used)) = number(bytes) {
                match bytes.get(used) {
                    Some(byte) if *byte == delimiter => {
                        *value = found;
                        rest = bytes.get(used.wrapping_add(1)..);
                        continue;
                    }
                    None => {
                        *value = found;
                        rest = None;
                        continue;
                    }
                    Some(_) => {}
                }
            }
            let end = if bytes.first() == Some(&b'"') {
                bytes.get(1..).and_then(|inner| memchr2(b'"', b'\n', inner)).map_or(bytes.len(), |quote| {
                    let after = quote + 2;
                    memchr(delimiter, bytes.get(after..).unwrap_or_default()).map_or(bytes.len(), |more| after + more)
                })
            } else {
                memchr(delimiter, bytes).unwrap_or(bytes.len())
            };
            let cell = DelimitedRows::text(&bytes[..end]);
            *value = cell.number().ok_or_else(|| NumberFault {
                column: from + at,
                found: Some(match cell {
                    TableCell::Text(text) => text.to_owned(),
                    _ => String::new(),
                }),
            })?;
            rest = bytes.get(end + 1..);
        }
        // beyond the line's end where the last cell was the last of the line
        let at = rest.map_or(line.len() + 1, |rest| line.len() - rest.len());
        self.reached.set((from + out.len(), at));
        Ok(())
    }

    fn surplus(&self, width: usize) -> Option<usize> {
        let (mut column, mut start) = self.reached.get();
        if column > width {
            (column, start) = (0, 0);
        }
        while start <= self.line.len() {
            let (raw, next) = self.raw(start);
            if column >= width && DelimitedRows::text(raw) != TableCell::Empty {
                return Some(column);
            }
            (column, start) = (column + 1, next);
        }
        None
    }
}
