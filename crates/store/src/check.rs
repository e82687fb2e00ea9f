use crate::columns::Columns;
use crate::input_output::DENSE;
use crate::{Manifest, Problem, StoreError, TableEntry, Workspace};
use frame::Text;
use std::collections::HashSet;

/// What was found in one table.
#[derive(Debug, Clone)]
pub struct TableCheck {
    /// The table's id.
    pub table: String,
    /// Rows the manifest says it has.
    pub rows: u64,
    /// The first thing wrong with it.
    pub error: Option<StoreError>,
    /// Places, activities and indicators it mentions and the workspace does not describe.
    pub warnings: Vec<Text>,
}

/// Everything the workspace describes.
#[derive(Default)]
struct Known {
    places: HashSet<String>,
    activities: HashSet<(String, String)>,
    indicators: HashSet<String>,
}

/// Reads tables (all when `ids` is empty) and checks hash, number of rows, columns and types, values and keys; then whether the
/// places, activities and indicators they mention are described. A table that cannot be read is a [`TableCheck::error`].
///
/// # Errors
/// [`Problem::Unknown`](crate::Problem::Unknown) for an id that is not there.
///
/// ```
/// use xinzhi_store::{Workspace, check};
/// let found = check(&Workspace::embedded()?, &[])?;
/// assert!(found.iter().all(|table| table.error.is_none()));
/// # Ok::<(), xinzhi_store::StoreError>(())
/// ```
pub fn check(workspace: &Workspace, ids: &[String]) -> Result<Vec<TableCheck>, StoreError> {
    let manifest = workspace.manifest();
    let entries: Vec<&TableEntry> = match ids {
        [] => manifest.tables.iter().collect(),
        ids => ids.iter().map(|id| manifest.table(id)).collect::<Result<_, _>>()?,
    };
    let known = known(workspace, manifest);
    Ok(entries
        .into_iter()
        .map(|entry| {
            if entry.schema == DENSE {
                let error = dense(workspace, entry).err();
                return TableCheck { table: entry.id.clone(), rows: entry.rows, error, warnings: Vec::new() };
            }
            let found = read(workspace, entry);
            let (error, warnings) = match found {
                Ok(columns) => (None, unknown_names(&columns, &known)),
                Err(error) => (Some(error), Vec::new()),
            };
            TableCheck { table: entry.id.clone(), rows: entry.rows, error, warnings }
        })
        .collect())
}

fn read(workspace: &Workspace, entry: &TableEntry) -> Result<Columns, StoreError> {
    workspace.verify(entry)?;
    let columns = workspace.columns(entry, true)?;
    // these two hold more than their columns say
    match entry.schema.as_str() {
        "io" => _ = workspace.io(&entry.id)?,
        "map" => _ = workspace.map(&entry.id)?,
        _ => {}
    }
    Ok(columns)
}

/// The hash of a dense table, and that its numbers are finite.
fn dense(workspace: &Workspace, entry: &TableEntry) -> Result<(), StoreError> {
    workspace.verify(entry)?;
    let table = workspace.input_output(&entry.id)?;
    let n = table.industries.len();
    for (values, columns) in [((*table.z).as_ref(), &table.industries), (table.y.as_slice(), &table.final_demand)] {
        if let Some(at) = values.iter().position(|value| !value.is_finite()) {
            let (row, column) = (&table.industries[(at / columns.len().max(1)).min(n - 1)], &columns[at % columns.len().max(1)]);
            return Err(StoreError::new(Problem::Value, "a delivery is not a finite number")
                .file(workspace.path(entry))
                .value(format!("{} from {} {} to {} {}", values[at], row.0, row.1, column.0, column.1)));
        }
    }
    Ok(())
}

/// What tables describe; one that cannot be read describes nothing, and has an error of its own.
fn known(workspace: &Workspace, manifest: &Manifest) -> Known {
    let mut known = Known::default();
    for entry in &manifest.tables {
        if !["places", "activities", "indicator_definitions"].contains(&entry.schema.as_str()) {
            continue;
        }
        let Ok(columns) = workspace.columns(entry, false) else { continue };
        let words = |name: &str| columns.text(name).into_iter().flat_map(|column| column.words().map(str::to_owned));
        match entry.schema.as_str() {
            "places" => known.places.extend(words("place")),
            "activities" => known.activities.extend(pairs(&columns, "scheme", "code")),
            _ => known.indicators.extend(words("indicator")),
        }
    }
    known
}

fn pairs(columns: &Columns, first: &str, second: &str) -> HashSet<(String, String)> {
    let (Some(first), Some(second)) = (columns.text(first), columns.text(second)) else { return HashSet::new() };
    let coded: HashSet<(u32, u32)> = (0..columns.rows).map(|row| (first.code(row), second.code(row))).collect();
    let (first, second): (Vec<&str>, Vec<&str>) = (first.words().collect(), second.words().collect());
    coded.into_iter().filter_map(|(a, b)| Some(((*first.get(a as usize)?).to_owned(), (*second.get(b as usize)?).to_owned()))).collect()
}

fn unknown_names(columns: &Columns, known: &Known) -> Vec<Text> {
    let mut warnings = Vec::new();
    let mut warn = |mut unknown: Vec<String>, en: &str, zh: &str| {
        unknown.sort_unstable();
        unknown.dedup();
        if !unknown.is_empty() {
            let (count, first) = (unknown.len(), unknown.iter().take(5).cloned().collect::<Vec<_>>().join(", "));
            let more = if count > 5 { ", …" } else { "" };
            warnings.push(Text::new(
                format!("{count} {en} not described in the workspace: {first}{more}"),
                format!("{count} 个{zh}在工作区中没有说明：{first}{more}"),
            ));
        }
    };
    let words = |names: &[&str]| -> Vec<String> {
        names.iter().filter_map(|name| columns.text(name)).flat_map(|column| column.words().map(str::to_owned)).collect()
    };
    // the registry's codes are of schemes that no table describes, and it is checked as a whole
    if columns.schema.id.starts_with("policy_") {
        return warnings;
    }
    {
        let mentioned = words(if columns.schema.id == "places" { &["parent"] } else { &["place", "exporter", "importer", "region"] });
        warn(mentioned.into_iter().filter(|place| !known.places.contains(place)).collect(), "places", "地区");
    }
    if columns.schema.id != "activities" {
        let mentioned = [("scheme", "code"), ("from_scheme", "from_code"), ("to_scheme", "to_code")];
        let mentioned = mentioned.iter().flat_map(|(scheme, code)| pairs(columns, scheme, code));
        let unknown = mentioned.filter(|pair| !known.activities.contains(pair)).map(|(scheme, code)| format!("{scheme} {code}"));
        warn(unknown.collect(), "activities", "活动");
    }
    if columns.schema.id == "indicators" {
        warn(words(&["indicator"]).into_iter().filter(|name| !known.indicators.contains(name)).collect(), "indicators", "指标");
    }
    warnings
}
