use super::{day, joined, jurisdiction_name, jurisdictions, words};
use crate::{Answer, Engine, StrategyError};
use frame::{Language, Text};
use policy::{ListItem, ListOverlap, OverlapColumn, OverlapRows, Registry, Strategy, list_overlap};
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::{Problem, RowTable, StoreError};

/// Which lists name the same, at the level of titles.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "clap", derive(clap::Args))]
#[serde(default, deny_unknown_fields)]
pub struct OverlapRequest {
    /// The day on which the lists must stand [default: today]
    #[cfg_attr(feature = "clap", arg(long, value_name = "DATE"))]
    pub at: Option<String>,
    /// A column each for these jurisdictions [default: CHN, USA, GBR, EU, KOR, AUS, JPN, INT (ASPI)]
    #[cfg_attr(feature = "clap", arg(long, value_name = "PLACE", value_delimiter = ','))]
    pub jurisdiction: Vec<String>,
    /// A column each for these strategies, in place of jurisdictions
    #[cfg_attr(feature = "clap", arg(long, value_name = "ID", value_delimiter = ',', conflicts_with = "jurisdiction"))]
    pub strategy: Vec<String>,
    /// What the rows are: themes, or industries of the registry [default: themes]
    #[cfg_attr(feature = "clap", arg(long, value_name = "ROWS"))]
    pub rows: Option<String>,
    /// The table to give first: matrix, pairs, alone or outside [default: matrix]
    #[cfg_attr(feature = "clap", arg(long, value_name = "TABLE"))]
    pub by: Option<String>,
    /// Lists that no longer stand on the day count too
    #[cfg_attr(feature = "clap", arg(long))]
    pub lapsed: bool,
}

/// The columns without a choice: who publishes lists of technologies or industries that the registry holds.
const JURISDICTIONS: [&str; 8] = ["CHN", "USA", "GBR", "EU", "KOR", "AUS", "JPN", "INT"];

#[derive(Clone, Copy, PartialEq)]
enum By {
    Matrix,
    Pairs,
    Alone,
    Outside,
}

/// A matrix of what falls under each theme or industry, list by list; the similarity of every two; what each has alone; and the items that
/// fall under no row.
///
/// # Errors
/// Dates, jurisdictions and strategies that are not known, and jurisdictions without a standing list.
pub fn overlap(engine: &Engine, request: &OverlapRequest, language: Language) -> Result<Answer, StrategyError> {
    let registry = engine.policy_registry()?;
    let at = day(request.at.as_deref(), &registry)?;
    let rows = match request.rows.as_deref() {
        None | Some("themes") => OverlapRows::Themes,
        Some("industries") => OverlapRows::Industries,
        Some(other) => {
            return Err(StoreError::new(Problem::Options, format!("rows is \"{other}\"")).next("use themes or industries").into());
        }
    };
    let by = request.by.clone().into_iter().collect::<Vec<_>>();
    let tables = [By::Matrix, By::Pairs, By::Alone, By::Outside];
    let word = |by: &By| match by {
        By::Matrix => "matrix",
        By::Pairs => "pairs",
        By::Alone => "alone",
        By::Outside => "outside",
    };
    let first = words("by", &by, &tables, word)?.first().copied().unwrap_or(By::Matrix);
    let stands = |s: &&Strategy| {
        s.is_issued(at) && (request.lapsed || !s.is_lapsed(at)) && registry.items().iter().any(|item| item.strategy == s.id)
    };
    let columns = if request.strategy.is_empty() {
        let chosen = jurisdictions(engine, &registry, &request.jurisdiction)?;
        let places = engine.places()?;
        let all: Vec<String> = if chosen.is_empty() {
            let standing = |code: &&&str| registry.strategies().iter().any(|s| s.jurisdiction == **code && stands(&s));
            JURISDICTIONS.iter().filter(standing).map(|code| (*code).to_owned()).collect()
        } else {
            chosen
        };
        all.into_iter()
            .map(|code| OverlapColumn {
                name: jurisdiction_name(&places, &code),
                // what a researcher says of a country's lists is not a list of the country
                strategies: registry
                    .strategies()
                    .iter()
                    .filter(|s| s.jurisdiction == code && s.level != "analysis")
                    .filter(stands)
                    .collect(),
                id: code,
            })
            .collect()
    } else {
        request
            .strategy
            .iter()
            .map(|id| {
                let strategy = registry.strategy(id)?;
                Ok(OverlapColumn { id: id.clone(), name: strategy.name.clone(), strategies: vec![strategy] })
            })
            .collect::<Result<Vec<_>, StrategyError>>()?
    };
    let found = list_overlap(&registry, columns, rows)?;
    let mut notes = vec![
        "titles only, our reading: two items under one title need not have the same scope, and a list that names nothing under a theme may hold it under a wider title"
            .to_owned(),
    ];
    for column in &found.columns {
        let partial: Vec<&str> = column.strategies.iter().filter(|s| s.completeness == "partial").map(|s| s.id.as_str()).collect();
        if !partial.is_empty() {
            notes.push(format!("{}: held in part only: {}", column.id, partial.join(", ")));
        }
    }
    let (mut ordered, mut rest) = (Vec::new(), Vec::new());
    for which in tables {
        let table = match which {
            By::Matrix => matrix(&found, language)?,
            By::Pairs => pairs(&found)?,
            By::Alone => alone(&found, language)?,
            By::Outside => outside(&registry, &found)?,
        };
        if which == first { ordered.push(table) } else { rest.push(table) }
    }
    ordered.append(&mut rest);
    let lists: serde_json::Map<String, serde_json::Value> =
        found.columns.iter().map(|c| (c.id.clone(), json!(c.strategies.iter().map(|s| s.id.as_str()).collect::<Vec<_>>()))).collect();
    let record = json!({ "verb": "policy overlap", "at": at.to_string(), "lists": lists, "request": request });
    Ok(Answer { tables: ordered, record, notes })
}

/// Names of items, each once, in the language of the output.
fn names(items: &[&ListItem], language: Language) -> String {
    let mut all: Vec<&str> = Vec::new();
    for item in items {
        let name = item.name.get(language);
        if !all.contains(&name) {
            all.push(name);
        }
    }
    joined(all)
}

fn matrix(found: &ListOverlap<'_>, language: Language) -> Result<RowTable, StrategyError> {
    let mut table = RowTable::new("matrix")
        .text("row", found.rows.iter().map(|r| r.id))?
        .text("name_en", found.rows.iter().map(|r| r.name.en.as_str()))?
        .text("name_zh", found.rows.iter().map(|r| r.name.zh.as_str()))?
        .count("columns", found.rows.iter().map(|r| r.columns()))?;
    for (at, column) in found.columns.iter().enumerate() {
        table = table.text(&column.id, found.rows.iter().map(|r| names(&r.cells[at], language)))?;
    }
    Ok(table)
}

fn pairs(found: &ListOverlap<'_>) -> Result<RowTable, StrategyError> {
    let pairs = &found.pairs;
    let id = |column: usize| found.columns[column].id.as_str();
    Ok(RowTable::new("pairs")
        .text("first", pairs.iter().map(|p| id(p.columns.0)))?
        .text("second", pairs.iter().map(|p| id(p.columns.1)))?
        .count("first_rows", pairs.iter().map(|p| p.first))?
        .count("second_rows", pairs.iter().map(|p| p.second))?
        .count("shared", pairs.iter().map(|p| p.shared))?
        .number("jaccard", pairs.iter().map(|p| p.jaccard.unwrap_or(f64::NAN)))?
        .number("overlap_coefficient", pairs.iter().map(|p| p.overlap.unwrap_or(f64::NAN)))?)
}

/// What each column of a pair has that the other has not, and what both have.
fn alone(found: &ListOverlap<'_>, language: Language) -> Result<RowTable, StrategyError> {
    let name = |row: &usize| found.rows[*row].name.get(language);
    let both = |p: &policy::OverlapPair| -> Vec<usize> {
        let (a, b) = p.columns;
        (0..found.rows.len()).filter(|r| !found.rows[*r].cells[a].is_empty() && !found.rows[*r].cells[b].is_empty()).collect()
    };
    let pairs = &found.pairs;
    Ok(RowTable::new("alone")
        .text("first", pairs.iter().map(|p| found.columns[p.columns.0].id.as_str()))?
        .text("second", pairs.iter().map(|p| found.columns[p.columns.1].id.as_str()))?
        .text("first_alone", pairs.iter().map(|p| joined(p.first_alone.iter().map(name))))?
        .text("second_alone", pairs.iter().map(|p| joined(p.second_alone.iter().map(name))))?
        .text("shared", pairs.iter().map(|p| joined(both(p).iter().map(name))))?)
}

fn outside(registry: &Registry, found: &ListOverlap<'_>) -> Result<RowTable, StrategyError> {
    let rows: Vec<(&str, &ListItem)> =
        found.columns.iter().zip(&found.outside).flat_map(|(c, items)| items.iter().map(move |item| (c.id.as_str(), *item))).collect();
    let document = |item: &ListItem| registry.strategy(&item.strategy).map_or_else(|_| Text::default(), |s| s.name.clone());
    Ok(RowTable::new("outside")
        .text("column", rows.iter().map(|(c, _)| *c))?
        .text("strategy", rows.iter().map(|(_, i)| i.strategy.as_str()))?
        .text("item", rows.iter().map(|(_, i)| i.id.as_str()))?
        .text("name_en", rows.iter().map(|(_, i)| i.name.en.as_str()))?
        .text("name_zh", rows.iter().map(|(_, i)| i.name.zh.as_str()))?
        .text("document", rows.iter().map(|(_, i)| document(i).en))?)
}
