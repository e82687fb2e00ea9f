use super::balance;
use super::delimited_rows::DelimitedRows;
use super::edition::{Edition, Layout, WhichYear};
use super::eora_files::eora;
use super::exiobase_files::exiobase;
use super::gloria_files::gloria;
use super::import_details::detail_imports;
use super::labelled_sheet;
use super::long_regions::{is_long, long_regions};
use super::published::{DraftTable, PublishedTable, ReadFile};
use super::r_rows;
use super::repairs::{self, Repairs};
use super::source_files::{SourceFile, source_files};
use super::stacked_regions;
use super::table_rows::{Peeked, TableRows};
use super::wiod_2016_rows::{Wiod2016Rows, is_wiod_2016};
use crate::error::unknown;
use crate::{Problem, StoreError};
use std::path::PathBuf;

/// How to read an input-output table.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct InputOutputOptions {
    /// The edition, by name or as the path of a schema file; found out from the header when absent.
    pub edition: Option<String>,
    /// Which family of editions to consider when the edition is found out: `icio`, `figaro`, ...; all when absent.
    pub family: Option<String>,
    /// The year: chooses among the tables of a zip, and says it where the files do not.
    pub period: Option<i32>,
    /// The sheet of a workbook or the table of an R file, where several hold tables.
    pub sheet: Option<String>,
    /// The unit, where the files do not say it.
    pub unit: Option<String>,
    /// Repairs to make besides the edition's, as `name` or `name=choice`: see [`REPAIRS`](crate::REPAIRS).
    pub repair: Vec<String>,
    /// Repairs of the edition's not to make.
    pub no_repair: Vec<String>,
    /// Sums may differ from stated totals by this share of the total; the edition's when absent.
    pub tolerance: Option<f64>,
}

/// Reads an input-output table as published, from csv, zip, workbook or folder: finds out the edition from the header's content,
/// compares sums with the stated totals, makes the edition's repairs. Nothing is written.
///
/// # Errors
/// [`Problem::Input`] when no edition fits or a label is unknown or out of order, [`Problem::Duplicate`] for a repeated label,
/// [`Problem::Value`] for text in a cell or a table that does not balance (naming label and value), [`Problem::Damaged`] for a
/// truncated file, [`Problem::Options`] for options that do not fit.
///
/// ```
/// let folder = tempfile::tempdir()?;
/// let file = folder.path().join("two regions 2020.csv");
/// std::fs::write(&file, "region,,A,B,A,B\n,sector,all,all,final,final\nA,all,10,20,50,20\nB,all,30,40,10,20\n")?;
/// let table = xinzhi_store::read_input_output(&[file], &Default::default())?;
/// assert_eq!((table.edition.as_str(), table.period), ("io-csv-two-labels", 2020));
/// assert_eq!(table.output, [100.0, 100.0]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn read_input_output(files: &[PathBuf], options: &InputOutputOptions) -> Result<PublishedTable, StoreError> {
    if options.tolerance.is_some_and(|tolerance| !(0.0..1.0).contains(&tolerance)) {
        return Err(StoreError::new(Problem::Options, "the tolerance is a share: at least 0 and below 1"));
    }
    let sources = of_the_year(source_files(files)?, options.period);
    if let Some((edition, mut draft)) = several_files(&sources, options)? {
        let chosen = Repairs::choose(&edition.repairs, &options.repair, &options.no_repair)?;
        draft.period = sources.iter().find_map(|source| file_year(&edition, &source.name));
        return finish(&mut draft, edition, &chosen, options, &sources);
    }
    let found = detect(&sources, options)?;
    let edition = found.edition.clone();
    let chosen = Repairs::choose(&edition.repairs, &options.repair, &options.no_repair)?;
    let mut draft = match found.content {
        Content::Sheet(mut rows) => read_sheet(&edition, &mut rows)?,
        Content::Regions { regions, mut details } => {
            let mut blocks = Vec::with_capacity(regions.len());
            for mut rows in regions {
                let mut block = read_sheet(&edition, &mut rows)?;
                for detail in details.iter_mut().filter(|detail| detail.sheet() == rows.sheet()) {
                    detail_imports(&mut block, detail, &edition.balance)?;
                }
                blocks.push(block);
            }
            stacked_regions::stack(blocks)?
        }
    };
    finish(&mut draft, edition, &chosen, options, &sources)
}

/// Without the files whose names end in another year, where there are some of the year asked for: a zip or folder of many years.
fn of_the_year(mut sources: Vec<SourceFile>, period: Option<i32>) -> Vec<SourceFile> {
    let year_of = |source: &SourceFile| years(source.base()).last().copied();
    if period.is_some() && sources.iter().any(|source| year_of(source) == period) {
        sources.retain(|source| year_of(source).is_none() || year_of(source) == period);
    }
    sources
}

/// A table that several files make together, where they are of such an edition.
fn several_files(sources: &[SourceFile], options: &InputOutputOptions) -> Result<Option<(Edition, DraftTable)>, StoreError> {
    let editions = match &options.edition {
        Some(name) => vec![Edition::find(name)?],
        None => Edition::compiled_in()?,
    };
    for edition in editions.into_iter().filter(|edition| options.family.as_ref().is_none_or(|family| *family == edition.family)) {
        let draft = match edition.layout {
            Layout::LabelledSheet => continue,
            Layout::Exiobase => exiobase(sources)?,
            Layout::Eora => eora(sources)?,
            Layout::Gloria => gloria(sources)?,
        };
        if let Some(draft) = draft {
            return Ok(Some((edition, draft)));
        }
    }
    Ok(None)
}

/// Reads one sheet, with the year and the region that its name gives.
fn read_sheet(edition: &Edition, rows: &mut Peeked) -> Result<DraftTable, StoreError> {
    let (file, sheet) = (rows.file().to_owned(), rows.sheet().map(str::to_owned));
    let mut draft = match sheet.as_deref().and_then(|sheet| edition.region_of_sheet(sheet)) {
        Some(region) => {
            let mut edition = edition.clone();
            edition.labels.region = Some(region);
            labelled_sheet::read(&edition, rows)?
        }
        None => labelled_sheet::read(edition, rows)?,
    };
    draft.period = period(edition, rows, sheet.as_deref(), &file);
    Ok(draft)
}

/// What was recognised.
struct Detected {
    edition: Edition,
    content: Content,
}

enum Content {
    Sheet(Peeked),
    /// Every sheet is a region of one table; others give the imports of these regions by product.
    Regions {
        regions: Vec<Peeked>,
        details: Vec<Peeked>,
    },
}

/// The sheets of a file; files that are neither text nor workbooks have none.
pub(super) fn sheets(file: &SourceFile) -> Result<Vec<Box<dyn TableRows>>, StoreError> {
    if file.is_workbook() {
        super::workbook_rows::sheets(file)
    } else if file.is_text() {
        Ok(vec![Box::new(DelimitedRows::open(file, None)?)])
    } else if file.is_r_data() {
        r_rows::tables(file)
    } else {
        Ok(Vec::new())
    }
}

/// The first rows of every sheet of a file; forms that are no sheets of labels are turned into such.
fn peeked(file: &SourceFile) -> Result<Vec<Peeked>, StoreError> {
    let mut all = Vec::new();
    for rows in sheets(file)? {
        let peeked = Peeked::new(rows)?;
        if is_wiod_2016(&peeked.head) {
            all.push(Peeked::new(Box::new(Wiod2016Rows::new(peeked)?))?);
        } else if is_long(&peeked.head) {
            for region in long_regions(peeked)? {
                all.push(Peeked::new(Box::new(region))?);
            }
        } else {
            all.push(peeked);
        }
    }
    Ok(all)
}

fn detect(sources: &[SourceFile], options: &InputOutputOptions) -> Result<Detected, StoreError> {
    let named = options.edition.is_some();
    let editions = match &options.edition {
        Some(name) => vec![Edition::find(name)?],
        None => {
            let all = Edition::compiled_in()?;
            let kept: Vec<Edition> = match &options.family {
                Some(family) => all.iter().filter(|edition| edition.family == *family).cloned().collect(),
                None => all.clone(),
            };
            if kept.is_empty() {
                return Err(StoreError::new(Problem::Options, "no edition is of that family"));
            }
            kept
        }
    };
    let mut fitting: Vec<(Edition, Peeked)> = Vec::new();
    let mut passed: Option<StoreError> = None;
    let mut passed_sheets: Vec<String> = Vec::new();
    let mut details: Vec<Peeked> = Vec::new();
    for source in sources {
        let several = sources.len() > 1;
        let opened = match peeked(source) {
            Ok(opened) => opened,
            // a read-me beside the table may be what it likes; a table alone may not
            Err(error) if several => {
                passed.get_or_insert(error);
                continue;
            }
            Err(error) => return Err(error),
        };
        for peeked in opened {
            if options.sheet.as_deref().is_some_and(|sheet| peeked.sheet() != Some(sheet)) {
                passed_sheets.extend(peeked.sheet().map(str::to_owned));
                continue;
            }
            let fits = editions.iter().find(|edition| edition.fits(&peeked.head));
            if let Some(edition) = fits {
                fitting.push((edition.clone(), peeked));
            } else if several && peeked.sheet().is_some() && source.is_text() {
                details.push(peeked);
            }
        }
    }
    // a file of many years, each a sheet
    if fitting.len() > 1 && options.period.is_some() {
        let of = |(edition, rows): &(Edition, Peeked)| period(edition, rows, rows.sheet(), rows.file());
        if fitting.iter().any(|table| of(table) == options.period) {
            fitting.retain(|table| of(table) == options.period);
        }
    }
    let first = fitting.first().map(|(edition, rows)| (edition.name.clone(), rows.file().to_owned()));
    if fitting.len() > 1
        && let Some((name, file)) = first
        && fitting.iter().all(|(edition, rows)| edition.stack && edition.name == name && rows.file() == file)
    {
        let edition = fitting[0].0.clone();
        return Ok(Detected {
            edition,
            content: Content::Regions { regions: fitting.into_iter().map(|(_, rows)| rows).collect(), details },
        });
    }
    if fitting.len() > 1 {
        let names: Vec<&str> = fitting.iter().map(|(_, rows)| rows.sheet().unwrap_or_else(|| rows.file())).collect();
        return Err(StoreError::new(Problem::Options, format!("the files hold {} tables", fitting.len()))
            .value(names.join(", "))
            .next("choose one with --period YEAR or --sheet NAME, or name one file"));
    }
    match fitting.pop() {
        Some((edition, rows)) => Ok(Detected { edition, content: Content::Sheet(rows) }),
        None => {
            if let Some(error) = passed {
                return Err(error);
            }
            if let Some(sheet) =
                options.sheet.as_deref().filter(|sheet| !passed_sheets.is_empty() && !passed_sheets.iter().any(|known| known == sheet))
            {
                return Err(unknown("sheet", sheet, passed_sheets.iter().map(String::as_str)));
            }
            let names: Vec<&str> = editions.iter().map(|edition| edition.name.as_str()).collect();
            let what = if named {
                format!("the header is not that of edition `{}`", names.join(", "))
            } else {
                "the header is that of no known edition".to_owned()
            };
            let error = StoreError::new(Problem::Input, what);
            let error = match sources.first() {
                Some(first) => error.file(&first.name),
                None => error,
            };
            Err(error
                .next(format!("known are: {}; describe another in a schema file and name it with --edition FILE.toml", names.join(", "))))
        }
    }
}

/// The years a text holds: four digits on their own, 1900 to 2100.
pub(super) fn years(text: &str) -> Vec<i32> {
    text.split(|c: char| !c.is_ascii_digit())
        .filter(|run| run.len() == 4)
        .filter_map(|run| run.parse().ok())
        .filter(|year| (1900..=2100).contains(year))
        .collect()
}

/// The year by the edition's rules: above the header, the sheet's name, the file's name.
fn period(edition: &Edition, rows: &Peeked, sheet: Option<&str>, file: &str) -> Option<i32> {
    let rules = &edition.period;
    if rules.above_header {
        let cells = rows.head.rows.iter().take(edition.labels.header_rows.len() + 4).flatten();
        if let Some(year) = cells.flat_map(|cell| years(&cell.label())).next() {
            return Some(year);
        }
    }
    if rules.sheet
        && let Some(year) = sheet.and_then(|sheet| years(sheet).first().copied())
    {
        return Some(year);
    }
    file_year(edition, file)
}

/// The year in a file's name.
pub(super) fn file_year(edition: &Edition, file: &str) -> Option<i32> {
    let base = file.rsplit(['/', '\\']).next().unwrap_or(file).to_lowercase();
    if let Some(prefix) = &edition.period.two_digits_after
        && let Some((_, rest)) = base.split_once(&prefix.to_lowercase())
    {
        let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
        if let (2, Ok(two)) = (digits.len(), digits.parse::<i32>()) {
            return Some(if two < 60 { 2000 + two } else { 1900 + two });
        }
    }
    // the folder or archive nearest to the file where its own name says nothing
    let found = file.rsplit(['/', '\\']).map(years).find(|found| !found.is_empty()).unwrap_or_default();
    if edition.period.file == WhichYear::First { found.first().copied() } else { found.last().copied() }
}

/// Checks, repairs, and gives the table.
fn finish(
    draft: &mut DraftTable,
    edition: Edition,
    chosen: &Repairs,
    options: &InputOutputOptions,
    sources: &[SourceFile],
) -> Result<PublishedTable, StoreError> {
    let period = options.period.or(draft.period).ok_or_else(|| {
        StoreError::new(Problem::Options, "neither the header nor the file's name says which year the table is of")
            .file(&draft.file)
            .next("say it with --period YEAR")
    })?;
    let mut rules = edition.balance.clone();
    if let Some(tolerance) = options.tolerance {
        rules.relative = tolerance;
    }
    let balance = balance::check(draft, &rules)?;
    let (made, output) = repairs::make(draft, &edition, chosen)?;
    region_major_final_demand(draft);
    let unit = options.unit.clone().or(draft.unit.take()).unwrap_or_else(|| edition.unit.clone());
    let draft = std::mem::take(draft);
    Ok(PublishedTable {
        system: edition.system().to_owned(),
        edition: edition.name,
        title: format!("{} {period}", edition.title),
        period,
        unit,
        industries: draft.industries,
        final_demand: draft.final_demand,
        z: draft.z,
        y: draft.y,
        primary: draft.primary,
        output,
        extensions: draft.extensions,
        repairs: made,
        balance,
        files: read_files(sources)?,
    })
}

/// Puts the columns of final demand in the order of the regions (ICIO 2016 has them category by category).
fn region_major_final_demand(draft: &mut DraftTable) {
    let mut places = std::collections::HashMap::new();
    for (region, _) in draft.industries.iter().chain(&draft.final_demand) {
        let next = places.len();
        places.entry(region.clone()).or_insert(next);
    }
    let m = draft.final_demand.len();
    let mut order: Vec<usize> = (0..m).collect();
    order.sort_by_key(|at| places.get(&draft.final_demand[*at].0).copied());
    if order.is_sorted() {
        return;
    }
    let arrange = |values: &[f64]| -> Vec<f64> { values.chunks_exact(m).flat_map(|row| order.iter().map(|at| row[*at])).collect() };
    draft.y = arrange(&draft.y);
    draft.primary.iter_mut().for_each(|row| row.final_demand = arrange(&row.final_demand));
    for extension in &mut draft.extensions {
        extension.final_demand_flows = extension.final_demand_flows.as_deref().map(arrange);
    }
    draft.final_demand = order.iter().map(|at| draft.final_demand[*at].clone()).collect();
}

/// Name, length and hash of what was read; a folder's files each, an archive once.
fn read_files(sources: &[SourceFile]) -> Result<Vec<ReadFile>, StoreError> {
    let mut files: Vec<&SourceFile> = sources.iter().collect();
    files.sort_by_key(|source| source.path());
    files.dedup_by_key(|source| source.path());
    files
        .into_iter()
        .map(|source| {
            let name = source.path().file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
            let (bytes, sha256) = source.length_and_hash()?;
            Ok(ReadFile { name, bytes, sha256 })
        })
        .collect()
}
