//! The R and csv form of the WIOD 2016 release, which names columns by country and position (`vAUS1`, ..., `vAUS61`, `TOT`).

use super::table_rows::{NumberFault, OwnedCell, Peeked, SheetHead, TableCell, TableRows};
use crate::{Problem, StoreError};

/// The final demand of a country, behind its industries.
const FINAL_DEMAND: [&str; 5] = ["CONS_h", "CONS_np", "CONS_g", "GFCF", "INVEN"];
/// The label columns in their order.
const LABELS: [&str; 5] = ["IndustryCode", "IndustryDescription", "Country", "RNr", "Year"];

/// Whether a header is of that form.
pub(crate) fn is_wiod_2016(head: &SheetHead) -> bool {
    head.rows.first().is_some_and(|row| LABELS.iter().zip(row).all(|(label, cell)| cell.text() == Some(label)) && row.len() > LABELS.len())
}

/// The same rows with a header row of countries and one of codes instead of the one of positions.
pub(crate) struct Wiod2016Rows {
    /// The two header rows, then the rows of the first country, whose codes name the columns.
    held: Vec<Vec<OwnedCell>>,
    numbers: Vec<u64>,
    /// The row given now, counted from 1; beyond those held the inner rows speak.
    at: usize,
    inner: Peeked,
}

impl Wiod2016Rows {
    pub(crate) fn new(mut inner: Peeked) -> Result<Self, StoreError> {
        inner.advance()?;
        let header = inner.owned();
        let (mut rows, mut numbers, mut codes) = (Vec::new(), vec![inner.row(), inner.row()], Vec::new());
        let mut country = None;
        while inner.advance()? {
            let row = inner.owned();
            numbers.push(inner.row());
            let here = row.get(2).map(OwnedCell::label);
            let first = country.get_or_insert_with(|| here.clone()).clone();
            if here == first {
                codes.push(row.first().map(OwnedCell::label).unwrap_or_default());
            }
            rows.push(row);
            if here != first {
                break;
            }
        }
        let text = |text: &str| OwnedCell::Text(text.to_owned());
        let (mut regions, mut sectors) = (vec![OwnedCell::Empty; LABELS.len()], vec![OwnedCell::Empty; LABELS.len()]);
        // the year stands in its column of every row: above the header as well, where it is looked for
        if let Some(year) = rows.first().and_then(|row| row.get(4)) {
            regions[4] = year.clone();
        }
        for cell in &header[LABELS.len()..] {
            let name = cell.label();
            if name == "TOT" {
                regions.push(text("TOT"));
                sectors.push(text("GO"));
                continue;
            }
            let digits = name.trim_end_matches(|c: char| c.is_ascii_digit()).len();
            let position = name[digits..].parse::<usize>().ok().and_then(|position| position.checked_sub(1));
            let region = name[..digits].strip_prefix('v').unwrap_or(&name[..digits]);
            let code = position.and_then(|at| match at.checked_sub(codes.len()) {
                None => codes.get(at).map(String::as_str),
                Some(at) => FINAL_DEMAND.get(at).copied(),
            });
            let (Some(code), false) = (code, region.is_empty()) else {
                return Err(inner.fault(Problem::Input, format!("the column `{name}` is not a country with a position")).value(&name));
            };
            regions.push(text(region));
            sectors.push(text(code));
        }
        let held = [regions, sectors].into_iter().chain(rows).collect();
        Ok(Wiod2016Rows { held, numbers, at: 0, inner })
    }

    fn kept(&self) -> Option<&Vec<OwnedCell>> {
        self.held.get(self.at.checked_sub(1)?)
    }
}

impl TableRows for Wiod2016Rows {
    fn file(&self) -> &str {
        self.inner.file()
    }

    fn sheet(&self) -> Option<&str> {
        self.inner.sheet()
    }

    fn advance(&mut self) -> Result<bool, StoreError> {
        self.at += 1;
        if self.at <= self.held.len() { Ok(true) } else { self.inner.advance() }
    }

    fn row(&self) -> u64 {
        self.at.checked_sub(1).and_then(|at| self.numbers.get(at)).copied().unwrap_or_else(|| self.inner.row())
    }

    fn width(&self) -> usize {
        self.kept().map_or_else(|| self.inner.width(), Vec::len)
    }

    fn cell(&self, column: usize) -> TableCell<'_> {
        match self.kept() {
            Some(row) => row.get(column).map_or(TableCell::Empty, OwnedCell::cell),
            None => self.inner.cell(column),
        }
    }

    fn numbers(&self, from: usize, out: &mut [f64]) -> Result<(), NumberFault> {
        let Some(row) = self.kept() else { return self.inner.numbers(from, out) };
        for (at, value) in out.iter_mut().enumerate() {
            let column = from + at;
            let cell = row.get(column).map(OwnedCell::cell).ok_or(NumberFault { column, found: None })?;
            *value = cell.number().ok_or_else(|| NumberFault { column, found: Some(OwnedCell::from_cell(cell).label()) })?;
        }
        Ok(())
    }
}
