//! The tables of an R file as table rows: data frames, matrices with names, lists of them, and the lists that WIOD 2013 comes in.

use super::source_files::SourceFile;
use super::table_rows::{OwnedCell, TableCell, TableRows};
use crate::r_data::{self, RObject, RValue};
use crate::{Problem, StoreError};

/// The five columns of final demand of a country in the WIOD 2013 release, which the R package leaves without names.
const WIOD_FINAL_DEMAND: [&str; 5] = ["c37", "c38", "c39", "c41", "c42"];

/// Rows held in memory.
pub(crate) struct HeldRows {
    file: String,
    sheet: String,
    rows: Vec<Vec<OwnedCell>>,
    /// The current row, counted from 1.
    at: usize,
}

impl HeldRows {
    pub(crate) fn new(file: &str, sheet: &str, rows: Vec<Vec<OwnedCell>>) -> Self {
        HeldRows { file: file.to_owned(), sheet: sheet.to_owned(), rows, at: 0 }
    }
}

impl TableRows for HeldRows {
    fn file(&self) -> &str {
        &self.file
    }

    fn sheet(&self) -> Option<&str> {
        Some(&self.sheet)
    }

    fn advance(&mut self) -> Result<bool, StoreError> {
        // rows gone by are not needed again
        if let Some(row) = self.at.checked_sub(1).and_then(|at| self.rows.get_mut(at)) {
            *row = Vec::new();
        }
        self.at += 1;
        Ok(self.at <= self.rows.len())
    }

    fn row(&self) -> u64 {
        self.at as u64
    }

    fn width(&self) -> usize {
        self.at.checked_sub(1).and_then(|at| self.rows.get(at)).map_or(0, Vec::len)
    }

    fn cell(&self, column: usize) -> TableCell<'_> {
        self.at.checked_sub(1).and_then(|at| self.rows.get(at)?.get(column)).map_or(TableCell::Empty, OwnedCell::cell)
    }
}

/// The tables of an R file, each ready to give its rows; what is no table is passed over.
pub(crate) fn tables(file: &SourceFile) -> Result<Vec<Box<dyn TableRows>>, StoreError> {
    let objects = r_data::read(file.open()?).map_err(|error| error.file(&file.name))?;
    let mut found = Vec::new();
    for (name, object) in &objects {
        collect(&file.name, name, object, &mut found)?;
    }
    Ok(found.into_iter().map(|rows| Box::new(rows) as Box<dyn TableRows>).collect())
}

fn collect(file: &str, name: &str, object: &RObject, found: &mut Vec<HeldRows>) -> Result<(), StoreError> {
    if object.is("data.frame") {
        found.push(HeldRows::new(file, name, frame_rows(object).map_err(|error| error.file(file).column(name))?));
    } else if object.shape().is_some() {
        if let Some(rows) = matrix_rows(object) {
            found.push(HeldRows::new(file, name, rows));
        }
    } else if let RValue::List(elements) = &object.value {
        if ["inter", "final", "output", "countries", "industries"].iter().all(|part| object.element(part).is_some()) {
            found.push(HeldRows::new(file, name, wiod_rows(object).map_err(|error| error.file(file).column(name))?));
            return Ok(());
        }
        let names = object.names().unwrap_or_default();
        for (at, element) in elements.iter().enumerate() {
            collect(file, names.get(at).map_or(name, String::as_str), element, found)?;
        }
    }
    Ok(())
}

fn text(text: &str) -> OwnedCell {
    match text.trim() {
        "" => OwnedCell::Empty,
        text => OwnedCell::Text(text.to_owned()),
    }
}

fn number(value: f64) -> OwnedCell {
    // a missing number is an empty cell, as a spreadsheet would have it; an infinite one is found where it stands
    if value.is_nan() { OwnedCell::Empty } else { OwnedCell::Number(value) }
}

fn schema(what: impl Into<String>) -> StoreError {
    StoreError::new(Problem::Schema, what)
}

/// The names of the columns, then the rows; names of rows stand first where the frame has its own.
fn frame_rows(frame: &RObject) -> Result<Vec<Vec<OwnedCell>>, StoreError> {
    let RValue::List(columns) = &frame.value else { return Ok(Vec::new()) };
    let names = frame.names().unwrap_or_default();
    if names.len() != columns.len() {
        return Err(schema(format!("a data frame of {} columns has {} names", columns.len(), names.len())));
    }
    let height = columns.first().map_or(0, RObject::len);
    let own = frame
        .row_names()
        .filter(|names| names.len() == height && !names.iter().enumerate().all(|(at, name)| *name == (at + 1).to_string()));
    let mut rows = vec![Vec::with_capacity(columns.len() + 1); height + 1];
    if let Some(own) = &own {
        rows[0].push(OwnedCell::Empty);
        rows[1..].iter_mut().zip(own).for_each(|(row, name)| row.push(text(name)));
    }
    for (name, column) in names.iter().zip(columns) {
        if column.len() != height {
            return Err(schema(format!("column `{name}` has {} rows, the first has {height}", column.len())));
        }
        rows[0].push(text(name));
        if let Some(values) = column.numbers() {
            rows[1..].iter_mut().zip(values).for_each(|(row, value)| row.push(number(value)));
        } else if let Some(texts) = column.texts() {
            rows[1..].iter_mut().zip(&texts).for_each(|(row, label)| row.push(text(label)));
        } else {
            return Err(schema(format!("column `{name}` holds neither numbers nor text")));
        }
    }
    Ok(rows)
}

/// A matrix with names on both sides.
fn matrix_rows(matrix: &RObject) -> Option<Vec<Vec<OwnedCell>>> {
    let (height, width) = matrix.shape()?;
    let (down, across) = (matrix.dimension_names(0)?, matrix.dimension_names(1)?);
    let values = matrix.numbers()?;
    let mut rows = vec![Vec::with_capacity(width + 1); height + 1];
    rows[0].push(OwnedCell::Empty);
    rows[0].extend(across.iter().map(|name| text(name)));
    rows[1..].iter_mut().zip(&down).for_each(|(row, name)| row.push(text(name)));
    for column in values.chunks_exact(height.max(1)) {
        rows[1..].iter_mut().zip(column).for_each(|(row, value)| row.push(number(*value)));
    }
    Some(rows)
}

/// A list of year, countries, industries, inter, final and output as a sheet of WIOD 2013: two header rows and two label columns.
fn wiod_rows(list: &RObject) -> Result<Vec<Vec<OwnedCell>>, StoreError> {
    let need = |name: &str| list.element(name).ok_or_else(|| schema(format!("the list lacks `{name}`")));
    let labels = |name: &str| need(name)?.texts().ok_or_else(|| schema(format!("`{name}` holds no text")));
    let (countries, industries) = (labels("countries")?, labels("industries")?);
    let n = countries.len() * industries.len();
    let matrix = |name: &str, width: usize| {
        let object = need(name)?;
        if object.shape() != Some((n, width)) {
            let shape = object.shape().map_or("no matrix".to_owned(), |(rows, columns)| format!("{rows} x {columns}"));
            return Err(schema(format!(
                "`{name}` is {shape}, {} countries of {} industries need {n} x {width}",
                countries.len(),
                industries.len()
            )));
        }
        object.numbers().ok_or_else(|| schema(format!("`{name}` holds no numbers")))
    };
    let inter = matrix("inter", n)?;
    let last = matrix("final", countries.len() * WIOD_FINAL_DEMAND.len())?;
    let output =
        need("output")?.numbers().filter(|output| output.len() == n).ok_or_else(|| schema(format!("`output` holds no {n} numbers")))?;
    let year = need("year").ok().and_then(RObject::numbers).and_then(|years| years.first().copied());
    let mut rows = vec![Vec::with_capacity(n + last.len() / n.max(1) + 3); n + 2];
    let title = year.map_or(OwnedCell::Empty, |year| text(&format!("WIOD {year}")));
    rows[0].extend([title, OwnedCell::Empty]);
    rows[1].extend([OwnedCell::Empty, OwnedCell::Empty]);
    for country in &countries {
        for industry in &industries {
            rows[0].push(text(country));
            rows[1].push(text(industry));
        }
    }
    for country in &countries {
        for category in WIOD_FINAL_DEMAND {
            rows[0].push(text(country));
            rows[1].push(text(category));
        }
    }
    rows[0].push(text("TOT"));
    rows[1].push(text("c60"));
    let pairs = countries.iter().flat_map(|country| industries.iter().map(move |industry| (country, industry)));
    rows[2..].iter_mut().zip(pairs).for_each(|(row, (country, industry))| row.extend([text(country), text(industry)]));
    for column in inter.chunks_exact(n).chain(last.chunks_exact(n)).chain([output.as_slice()]) {
        rows[2..].iter_mut().zip(column).for_each(|(row, value)| row.push(number(*value)));
    }
    Ok(rows)
}
