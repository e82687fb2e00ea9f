use super::matrix_files::{bare_numbers, wrong};
use super::published::{DraftTable, PrimaryInput, PublishedExtension};
use super::source_files::SourceFile;
use super::table_rows::TableRows;
use crate::{Problem, StoreError};

/// Sectors of every region where no read-me says otherwise.
const SECTORS: usize = 120;
/// Rows of value added, and columns of final demand, of every region.
const CATEGORIES: usize = 6;

/// What the read-me says.
#[derive(Default)]
struct ReadMe {
    regions: Vec<String>,
    sectors: Vec<String>,
    value_added: Vec<String>,
    final_demand: Vec<String>,
    satellites: Vec<(String, String)>,
}

impl ReadMe {
    fn read(sources: &[SourceFile]) -> Result<Self, StoreError> {
        let mut found = ReadMe::default();
        for source in sources.iter().filter(|source| source.is_workbook() && source.base().contains("ReadMe")) {
            for mut sheet in super::workbook_rows::sheets(source)? {
                let mut columns = Columns::new(sheet.as_mut());
                match sheet_name(&columns) {
                    "Regions" => found.regions = columns.take("Region_acronyms")?,
                    "Sectors" => found.sectors = columns.take("Sector_names")?,
                    "Value added and final demand" => {
                        let rows = columns.rows()?;
                        (found.value_added, found.final_demand) = (of(&rows, "Value_added_names"), of(&rows, "Final_demand_names"));
                    }
                    "Satellites" => {
                        let rows = columns.rows()?;
                        found.satellites = of(&rows, "Sat_indicator").into_iter().zip(of(&rows, "Sat_unit")).collect();
                    }
                    _ => {}
                }
            }
        }
        Ok(found)
    }
}

/// A sheet with a header in its first row.
struct Columns<'a> {
    sheet: &'a mut dyn TableRows,
    name: String,
}

fn sheet_name<'a>(columns: &'a Columns<'_>) -> &'a str {
    columns.name.trim()
}

/// A column of rows by the name in the first; nothing where it is not there.
fn of(rows: &[Vec<String>], name: &str) -> Vec<String> {
    let Some((header, rows)) = rows.split_first() else { return Vec::new() };
    let Some(at) = header.iter().position(|cell| cell.eq_ignore_ascii_case(name)) else { return Vec::new() };
    rows.iter().filter_map(|row| row.get(at)).filter(|cell| !cell.is_empty()).cloned().collect()
}

impl<'a> Columns<'a> {
    fn new(sheet: &'a mut dyn TableRows) -> Self {
        let name = sheet.sheet().unwrap_or_default().to_owned();
        Columns { sheet, name }
    }

    fn rows(&mut self) -> Result<Vec<Vec<String>>, StoreError> {
        let mut rows = Vec::new();
        while self.sheet.advance()? {
            rows.push(self.sheet.owned().iter().map(|cell| cell.label()).collect());
        }
        Ok(rows)
    }

    fn take(&mut self, name: &str) -> Result<Vec<String>, StoreError> {
        Ok(of(&self.rows()?, name))
    }
}

/// Reads GLORIA: `*_T-Results_*`, `*_Y-Results_*`, `*_V-Results_*`, and of the satellites `*_TQ-Results_*`, `*_YQ-Results_*`, in basic
/// prices (`Markup001`), without labels; regions, sectors and stressors from the read-me workbook where it is beside them.
///
/// Rows and columns of T are, region by region, first the industries and then the products. Industries make one product each (the supply
/// is diagonal), so that the table of products by products is the use of products by industries. `None` where the files are not there.
///
/// # Errors
/// Numbers that do not fit the labels, and what is wrong in a file.
pub(super) fn gloria(sources: &[SourceFile]) -> Result<Option<DraftTable>, StoreError> {
    let part = |name: &str| {
        let here = |source: &&SourceFile| source.base().contains(name) && source.is_text();
        sources.iter().filter(here).find(|source| source.base().contains("Markup001"))
    };
    let (Some(t), Some(y)) = (part("_T-Results_"), part("_Y-Results_")) else { return Ok(None) };
    let said = ReadMe::read(sources)?;
    let sectors = if said.sectors.is_empty() { SECTORS } else { said.sectors.len() };
    let mut width = 0;
    {
        let mut first = super::delimited_rows::DelimitedRows::open(t, None)?;
        if first.advance()? {
            width = first.width();
        }
    }
    let regions = width / (2 * sectors);
    if width == 0 || regions * 2 * sectors != width || (!said.regions.is_empty() && said.regions.len() != regions) {
        let what = format!("a row has {width} numbers, which are not {} regions of {sectors} industries and products", said.regions.len());
        return Err(wrong(t, Problem::Input, what).next("put the read-me workbook of the same release beside the tables"));
    }
    let name = |names: &[String], at: usize, letter: char| names.get(at).cloned().unwrap_or_else(|| format!("{letter}{:03}", at + 1));
    let is_industry = |at: usize| (at / sectors).is_multiple_of(2);
    let n = regions * sectors;
    let numbered = |count: usize, names: &[String], letter: char| -> Vec<(String, String)> {
        let names: Vec<String> = (0..count).map(|at| name(names, at, letter)).collect();
        (0..regions)
            .flat_map(|r| names.iter().map(move |code| (r, code.clone())))
            .map(|(r, code)| (name(&said.regions, r, 'R'), code))
            .collect()
    };
    let categories = if said.final_demand.is_empty() { CATEGORIES } else { said.final_demand.len() };
    let industries = numbered(sectors, &said.sectors, 'S');
    let final_demand = numbered(categories, &said.final_demand, 'F');
    let m = final_demand.len();
    let (rows, z) = bare_numbers(t, Some(width), |at| !is_industry(at), is_industry)?;
    if rows != width {
        return Err(
            wrong(t, Problem::Damaged, format!("there are {rows} rows and {width} columns")).next("the file is truncated: get it again")
        );
    }
    let (rows, values) = bare_numbers(y, Some(m), |at| !is_industry(at), |_| true)?;
    if rows != width {
        return Err(
            wrong(y, Problem::Damaged, format!("there are {rows} rows, the table has {width}")).next("the file is truncated: get it again")
        );
    }
    let mut draft = DraftTable { file: t.name.clone(), z, y: values, ..DraftTable::default() };
    if let Some(v) = part("_V-Results_") {
        let (rows, values) = bare_numbers(v, Some(width), |_| true, is_industry)?;
        let kinds = if said.value_added.is_empty() { CATEGORIES } else { said.value_added.len() };
        if rows != regions * kinds {
            return Err(wrong(
                v,
                Problem::Input,
                format!("there are {rows} rows, {regions} regions of {kinds} kinds of value added have {}", regions * kinds),
            ));
        }
        // every region has rows of its own, which pay in its own columns: added up they are one row a kind
        for kind in 0..kinds {
            let mut industries = vec![0.0; n];
            for row in (kind..rows).step_by(kinds) {
                industries.iter_mut().zip(&values[row * n..(row + 1) * n]).for_each(|(sum, value)| *sum += value);
            }
            let label = name(&said.value_added, kind, 'V');
            draft.primary.push(PrimaryInput { label, kind: "value-added".to_owned(), industries, final_demand: vec![0.0; m] });
        }
    }
    if let Some(tq) = part("_TQ-Results_") {
        let (rows, flows) = bare_numbers(tq, Some(width), |_| true, is_industry)?;
        let final_demand_flows = match part("_YQ-Results_") {
            None => None,
            Some(file) => {
                let (found, values) = bare_numbers(file, Some(m), |_| true, |_| true)?;
                if found != rows {
                    return Err(wrong(file, Problem::Input, format!("there are {found} rows, the satellites of industries have {rows}")));
                }
                Some(values)
            }
        };
        if !said.satellites.is_empty() && said.satellites.len() != rows {
            let what = format!("there are {rows} rows, the read-me names {} satellites", said.satellites.len());
            return Err(wrong(tq, Problem::Input, what).next("put the read-me workbook of the same release beside the tables"));
        }
        let stressors =
            (0..rows).map(|at| said.satellites.get(at).cloned().unwrap_or_else(|| (format!("Q{:04}", at + 1), String::new()))).collect();
        draft.extensions.push(PublishedExtension { name: "satellites".to_owned(), stressors, flows, final_demand_flows });
    }
    draft.industries = industries;
    draft.final_demand = final_demand;
    Ok(Some(draft))
}
