use super::reading::{sheets, years};
use super::source_files::source_files;
use super::table_rows::{OwnedCell, TableCell, TableRows};
use crate::{Problem, StoreError};
use std::collections::HashMap;
use std::path::PathBuf;

/// Supply and use tables as published, labelled: p products, k industries, m columns of final use. Matrices are row by row.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PublishedSupplyUse {
    /// The title a reader sees.
    pub title: String,
    /// The year.
    pub period: i32,
    /// The unit of all values.
    pub unit: String,
    /// Region and code of the p products.
    pub products: Vec<(String, String)>,
    /// Region and code of the k industries.
    pub industries: Vec<(String, String)>,
    /// Make matrix V: what every industry (k rows) makes of every product (p columns).
    pub make: Vec<f64>,
    /// Use table U: what every industry (k columns) uses of every product (p rows), home-made and imported together.
    pub intermediate_use: Vec<f64>,
    /// Region and code of the m columns of final use.
    pub final_use_columns: Vec<(String, String)>,
    /// Final use Y, p × m; imports are a negative column.
    pub final_use: Vec<f64>,
    /// Rows of value added by code, k values each.
    pub value_added: Vec<(String, Vec<f64>)>,
    /// What of the use is imported, where that table was given: p × k, then p × m.
    pub imports: Option<(Vec<f64>, Vec<f64>)>,
    /// Largest difference between a product's uses and its supply, with its code.
    pub largest_product_difference: (f64, String),
    /// Largest difference between an industry's inputs with value added and its output, with its code.
    pub largest_industry_difference: (f64, String),
}

/// A labelled matrix as a sheet gives it.
struct Sheet {
    file: String,
    name: String,
    columns: Vec<String>,
    rows: Vec<(String, Vec<f64>)>,
}

/// What a sheet is, by its labels.
#[derive(PartialEq)]
enum Kind {
    Make,
    Use,
    Imports,
}

fn is_final_use(code: &str) -> bool {
    let mut characters = code.chars();
    characters.next() == Some('F') && code.len() >= 4 && characters.next().is_some_and(|c| c.is_ascii_digit())
}

fn is_value_added(code: &str) -> bool {
    code.len() >= 4 && code.starts_with('V') && code[1..].bytes().all(|byte| byte.is_ascii_digit())
}

/// Totals of the published tables: `T001`, `T008`, `Total ...`, and the unnamed last columns of the detail tables.
fn is_total(code: &str) -> bool {
    let numbered = code.len() == 4 && code.starts_with('T') && code[1..].bytes().all(|byte| byte.is_ascii_digit());
    numbered || code.starts_with("Total ") || ["", "NA", "NA.1"].contains(&code)
}

impl Sheet {
    fn read(rows: &mut dyn TableRows) -> Result<Option<Self>, StoreError> {
        if !rows.advance()? {
            return Ok(None);
        }
        let header = rows.owned();
        if header.first().is_some_and(|cell| *cell != OwnedCell::Empty) {
            return Ok(None);
        }
        let columns: Vec<String> = header[1..].iter().map(OwnedCell::label).collect();
        let mut read = Vec::new();
        while rows.advance()? {
            let label = OwnedCell::from_cell(rows.cell(0)).label();
            let mut values = vec![0.0; columns.len()];
            for (at, value) in values.iter_mut().enumerate() {
                let cell = rows.cell(at + 1);
                *value = match cell {
                    TableCell::Empty => 0.0,
                    cell => cell.number().ok_or_else(|| {
                        rows.fault(Problem::Value, format!("the cell of row `{label}`, column `{}` is not a finite number", columns[at]))
                            .value(OwnedCell::from_cell(cell).label())
                    })?,
                };
            }
            read.push((label, values));
        }
        let (file, name) = (rows.file().to_owned(), rows.sheet().unwrap_or_default().to_owned());
        Ok(Some(Sheet { file, name, columns, rows: read }))
    }

    fn kind(&self) -> Option<Kind> {
        let value_added = self.rows.iter().any(|(label, _)| is_value_added(label));
        let final_use = self.columns.iter().any(|label| is_final_use(label));
        match (value_added, final_use) {
            (true, true) => Some(Kind::Use),
            (false, true) => Some(Kind::Imports),
            (false, false) => Some(Kind::Make),
            (true, false) => None,
        }
    }

    fn fault(&self, problem: Problem, what: String) -> StoreError {
        StoreError::new(problem, what).file(format!("{}, table {}", self.file, self.name))
    }

    /// The positions of columns by label; a label that stands twice is an error.
    fn column_places(&self) -> Result<HashMap<&str, usize>, StoreError> {
        let mut places = HashMap::new();
        for (at, label) in self.columns.iter().enumerate().filter(|(_, label)| !is_total(label)) {
            if places.insert(label.as_str(), at).is_some() {
                return Err(self.fault(Problem::Duplicate, format!("the column `{label}` stands twice")));
            }
        }
        Ok(places)
    }

    /// The part of the named rows and columns, row by row.
    fn part<'a>(&self, rows: &[(String, String)], columns: impl Iterator<Item = &'a str> + Clone) -> Result<Vec<f64>, StoreError> {
        let places = self.column_places()?;
        let mut by_label = HashMap::new();
        for (label, values) in &self.rows {
            if by_label.insert(label.as_str(), values).is_some() {
                return Err(self.fault(Problem::Duplicate, format!("the row `{label}` stands twice")));
            }
        }
        let mut part = Vec::new();
        for (_, label) in rows {
            let values = by_label.get(label.as_str()).ok_or_else(|| self.fault(Problem::Input, format!("there is no row `{label}`")))?;
            for column in columns.clone() {
                let at = places.get(column).ok_or_else(|| self.fault(Problem::Input, format!("there is no column `{column}`")))?;
                part.push(values[*at]);
            }
        }
        Ok(part)
    }
}

/// Reads the make and use tables of the United States (Bureau of Economic Analysis, before or after redefinitions, summary or detail, as R
/// files with a data frame each or as sheets with a header row and a label column), told apart by their labels; a table of imports may stand
/// beside them.
///
/// Rows of value added begin with `V`, columns of final use with `F` (`F050` is imports, negative). Published values are whole millions, so
/// sums may differ from totals by half a million a summand; the largest differences are reported, larger ones are refused.
///
/// # Errors
/// [`Problem::Input`] when a table is missing or stands twice or labels do not fit together, [`Problem::Duplicate`] for a repeated label,
/// [`Problem::Value`] for text in a cell or tables that do not balance, naming the label.
///
/// ```
/// let folder = tempfile::tempdir()?;
/// let (make, used) = (folder.path().join("make 2019.csv"), folder.path().join("use 2019.csv"));
/// std::fs::write(&make, ",11,22\n11,50,10\n22,0,90\n")?;
/// std::fs::write(&used, ",11,22,F01000\n11,5,10,35\n22,20,30,50\nV00100,35,50,0\n")?;
/// let table = xinzhi_store::read_supply_use(&[make, used], None)?;
/// assert_eq!((table.period, table.intermediate_use), (2019, vec![5.0, 10.0, 20.0, 30.0]));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn read_supply_use(files: &[PathBuf], period: Option<i32>) -> Result<PublishedSupplyUse, StoreError> {
    let (mut make, mut used, mut imports) = (None, None, None);
    for source in source_files(files)? {
        for mut rows in sheets(&source)? {
            let Some(sheet) = Sheet::read(rows.as_mut())? else { continue };
            let place = match sheet.kind() {
                Some(Kind::Make) => &mut make,
                Some(Kind::Use) => &mut used,
                Some(Kind::Imports) => &mut imports,
                None => continue,
            };
            if let Some(first) = place.replace(sheet) {
                return Err(first.fault(Problem::Input, "two tables of one kind were given, of which this is the first".to_owned()));
            }
        }
    }
    let lacking = |what: &str| {
        StoreError::new(Problem::Input, format!("no {what} table is among the files"))
            .next("name a make table and a use table of one year and one kind")
    };
    let (make, used): (Sheet, Sheet) = (make.ok_or_else(|| lacking("make"))?, used.ok_or_else(|| lacking("use"))?);
    let year = |text: &str| years(text).last().copied();
    let found = year(&make.name).or_else(|| year(&make.file));
    let other = year(&used.name).or_else(|| year(&used.file));
    if period.is_none() && found != other {
        return Err(used.fault(Problem::Input, format!("the make table is of {found:?}, the use table of {other:?}")));
    }
    let period = period.or(found).ok_or_else(|| {
        make.fault(Problem::Options, "neither the table's nor the file's name says which year it is of".to_owned())
            .next("say it with --period YEAR")
    })?;
    const REGION: &str = "USA";
    let pair = |label: &String| (REGION.to_owned(), label.clone());
    let industries: Vec<(String, String)> = make.rows.iter().map(|(label, _)| label).filter(|label| !is_total(label)).map(pair).collect();
    let products: Vec<(String, String)> = make.columns.iter().filter(|label| !is_total(label)).map(pair).collect();
    let final_use_columns: Vec<(String, String)> = used.columns.iter().filter(|label| is_final_use(label)).map(pair).collect();
    for label in used.column_places()?.keys() {
        if !is_final_use(label) && !industries.iter().any(|(_, known)| known == label) {
            return Err(used.fault(Problem::Input, format!("the column `{label}` is neither an industry of the make table nor final use")));
        }
    }
    for (label, _) in &used.rows {
        if !(is_value_added(label) || is_total(label) || products.iter().any(|(_, known)| known == label)) {
            return Err(used.fault(Problem::Input, format!("the row `{label}` is neither a product of the make table nor value added")));
        }
    }
    let names = |pairs: &'_ [(String, String)]| pairs.iter().map(|(_, label)| label.clone()).collect::<Vec<_>>();
    let (industry_names, product_names, final_names) = (names(&industries), names(&products), names(&final_use_columns));
    let value_added: Vec<(String, String)> =
        used.rows.iter().map(|(label, _)| label).filter(|label| is_value_added(label)).map(pair).collect();
    let added = used.part(&value_added, industry_names.iter().map(String::as_str))?;
    let k = industries.len();
    let imports = match imports {
        Some(sheet) => Some((
            sheet.part(&products, industry_names.iter().map(String::as_str))?,
            sheet.part(&products, final_names.iter().map(String::as_str))?,
        )),
        None => None,
    };
    let mut table = PublishedSupplyUse {
        title: format!("Make and use tables of the United States {period}"),
        period,
        unit: "million USD".to_owned(),
        make: make.part(&industries, product_names.iter().map(String::as_str))?,
        intermediate_use: used.part(&products, industry_names.iter().map(String::as_str))?,
        final_use: used.part(&products, final_names.iter().map(String::as_str))?,
        value_added: value_added.iter().zip(added.chunks_exact(k.max(1))).map(|((_, label), row)| (label.clone(), row.to_vec())).collect(),
        products,
        industries,
        final_use_columns,
        imports,
        ..PublishedSupplyUse::default()
    };
    table.balance(&used)?;
    Ok(table)
}

impl PublishedSupplyUse {
    /// Compares uses with supply and inputs with output.
    fn balance(&mut self, used: &Sheet) -> Result<(), StoreError> {
        let (k, p, m) = (self.industries.len(), self.products.len(), self.final_use_columns.len());
        let mut off = vec![(0.0, 0.0, 0usize); p + k];
        let summand = |(sum, _, count): &mut (f64, f64, usize), value: f64| {
            *sum += value;
            *count += usize::from(value != 0.0);
        };
        for (i, row) in self.make.chunks_exact(p.max(1)).enumerate() {
            for (j, value) in row.iter().enumerate() {
                summand(&mut off[j], -value);
                off[j].1 += value;
                summand(&mut off[p + i], -value);
                off[p + i].1 += value;
            }
        }
        for (j, row) in self.intermediate_use.chunks_exact(k.max(1)).enumerate() {
            for (i, value) in row.iter().enumerate() {
                summand(&mut off[j], *value);
                summand(&mut off[p + i], *value);
            }
        }
        for (j, row) in self.final_use.chunks_exact(m.max(1)).enumerate() {
            row.iter().for_each(|value| summand(&mut off[j], *value));
        }
        for (_, row) in &self.value_added {
            row.iter().enumerate().for_each(|(i, value)| summand(&mut off[p + i], *value));
        }
        let labels: Vec<&String> = self.products.iter().chain(&self.industries).map(|(_, label)| label).collect();
        let mut largest = [(0.0, String::new()), (0.0, String::new())];
        for (at, ((sum, total, count), label)) in off.iter().zip(labels).enumerate() {
            let (what, side) = if at < p { ("uses of product", 0) } else { ("inputs of industry", 1) };
            if sum.abs() > largest[side].0 {
                largest[side] = (sum.abs(), label.clone());
            }
            if sum.abs() > 0.5 * (*count as f64) + 1e-6 * total.abs() {
                return Err(used
                    .fault(
                        Problem::Value,
                        format!("the tables do not balance: the {what} `{label}` and its output {total} differ by {sum}"),
                    )
                    .value(sum)
                    .next("the tables must be of one year and both before or both after redefinitions"));
            }
        }
        [self.largest_product_difference, self.largest_industry_difference] = largest;
        Ok(())
    }
}
