use super::{day, joined, jurisdictions, words};
use crate::{Answer, Engine, StrategyError};
use frame::Language;
use policy::{
    Day, ListChange, ListChangeKind, ListQuery, ListStrand, PolicyDate, Registry, StandingItem, Strategy, list_changes, standing_lists,
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::RowTable;

/// What was on the lists on a day and who said it, or what changed since another.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "clap", derive(clap::Args))]
#[serde(default, deny_unknown_fields)]
pub struct ListsRequest {
    /// The day: 2026, 2026-03 or 2026-03-12, a year or a month meaning its last day [default: today]
    #[cfg_attr(feature = "clap", arg(long, value_name = "DATE"))]
    pub at: Option<String>,
    /// Tell what was added, dropped, renamed and moved between strands since this day, or against this strategy
    #[cfg_attr(feature = "clap", arg(long, value_name = "DATE|STRATEGY"))]
    pub since: Option<String>,
    /// Only these strategies (their lists are given also when they no longer stand)
    #[cfg_attr(feature = "clap", arg(long, value_name = "ID", value_delimiter = ','))]
    pub strategy: Vec<String>,
    /// Only these strands: traditional, emerging, pillar, future, critical_technology, sector, net_zero_technology, strategic_raw_material,
    /// critical_raw_material
    #[cfg_attr(feature = "clap", arg(long, value_name = "STRAND", value_delimiter = ','))]
    pub strand: Vec<String>,
    /// Only lists of these jurisdictions: codes or names of places, EU, INT
    #[cfg_attr(feature = "clap", arg(long, value_name = "PLACE", value_delimiter = ','))]
    pub jurisdiction: Vec<String>,
    /// Lists of the jurisdictions' provinces too
    #[cfg_attr(feature = "clap", arg(long))]
    pub within: bool,
    /// Only items that name one of these industries of the registry (id, or name in either language)
    #[cfg_attr(feature = "clap", arg(long, value_name = "INDUSTRY", value_delimiter = ','))]
    pub industry: Vec<String>,
    /// Items under other items too (groups under fields, technologies under areas)
    #[cfg_attr(feature = "clap", arg(long))]
    pub all_levels: bool,
    /// Lists that no longer stand too
    #[cfg_attr(feature = "clap", arg(long))]
    pub lapsed: bool,
    /// With --since: what did not change too
    #[cfg_attr(feature = "clap", arg(long))]
    pub kept: bool,
}

/// `pillar` beside the strands.
const PILLAR: &str = "pillar";

impl ListsRequest {
    fn query(&self, engine: &Engine, registry: &Registry, at: Day) -> Result<ListQuery, StrategyError> {
        // `pillar` stands beside the strands: a tier of the emerging one
        let all: Vec<Option<ListStrand>> = ListStrand::ALL.iter().copied().map(Some).chain([None]).collect();
        let chosen = words("strand", &self.strand, &all, |strand| strand.map_or(PILLAR, ListStrand::word))?;
        Ok(ListQuery {
            strategies: self.strategy.clone(),
            strands: chosen.iter().copied().flatten().collect(),
            pillars: chosen.contains(&None),
            jurisdictions: jurisdictions(engine, registry, &self.jurisdiction)?,
            within: self.within,
            every_level: self.all_levels || !self.industry.is_empty(),
            lapsed: self.lapsed,
            ..ListQuery::at(at)
        })
    }
}

/// The lists as they stood on a day: one row an item. With `since`: one row an industry that changed.
///
/// # Errors
/// Dates, strategies, strands, jurisdictions and industries that are not known, each with the nearest that are.
pub fn lists(engine: &Engine, request: &ListsRequest, language: Language) -> Result<Answer, StrategyError> {
    let registry = engine.policy_registry()?;
    let at = day(request.at.as_deref(), &registry)?;
    let query = request.query(engine, &registry, at)?;
    let mut wanted = Vec::new();
    for asked in &request.industry {
        wanted.push(registry.find_industry(asked)?.id.clone());
    }
    let of = |query: &ListQuery| -> Result<Vec<StandingItem<'_>>, StrategyError> {
        let mut found = standing_lists(&registry, query)?;
        found.retain(|item| wanted.is_empty() || item.industries.iter().any(|(industry, _)| wanted.contains(&industry.id)));
        Ok(found)
    };
    let found = of(&query)?;
    let mut notes = Vec::new();
    if let Some(since) = &request.since {
        let before = match registry.strategy(since) {
            Ok(strategy) => {
                let day = strategy.date.last_day();
                ListQuery { strategies: vec![strategy.id.clone()], jurisdictions: Vec::new(), at: day, ..query.clone() }
            }
            Err(unknown) => match PolicyDate::parse(since) {
                Ok(date) => ListQuery { at: date.last_day(), ..query.clone() },
                // a word with letters was meant as a strategy
                Err(_) if since.contains(|c: char| c.is_ascii_alphabetic()) => return Err(unknown.into()),
                Err(error) => return Err(error.into()),
            },
        };
        let from = of(&before)?;
        let changes = list_changes(&from, &found);
        let shown: Vec<&ListChange<'_>> = changes.iter().filter(|c| request.kept || c.kind != ListChangeKind::Kept).collect();
        notes.push(format!(
            "compared: {} items of {} on {} with {} items of {} on {at}; items are compared through the industries of the registry that they name",
            from.len(),
            documents(&from),
            before.at,
            found.len(),
            documents(&found),
        ));
        let record = json!({ "verb": "policy lists", "at": at.to_string(), "since": before.at.to_string(), "request": request });
        return Ok(Answer { tables: vec![changes_table(&shown, language)?, came_and_went(&from, &found)?], record, notes });
    }
    if found.is_empty() {
        let earlier =
            registry.strategies().iter().filter(|s| registry.items().iter().any(|i| i.strategy == s.id)).min_by_key(|s| s.date.last_day());
        notes.push(match earlier {
            Some(first) => format!("no list that was asked for stood on {at}; the first of the registry is {} of {}", first.id, first.date),
            None => "the registry has no list".to_owned(),
        });
    }
    let lapsed: Vec<&str> = {
        let mut ids: Vec<&str> = found.iter().filter(|i| i.lapsed).map(|i| i.strategy.id.as_str()).collect();
        ids.dedup();
        ids
    };
    if !lapsed.is_empty() {
        notes.push(format!("no longer standing on {at}: {}", lapsed.join(", ")));
    }
    for strategy in partly_held(&found) {
        notes.push(format!("{} is held in part ({}): {}", strategy.id, strategy.completeness, strategy.note.get(language)));
    }
    let record = json!({ "verb": "policy lists", "at": at.to_string(), "request": request });
    Ok(Answer { tables: vec![items_table(&found, language)?], record, notes })
}

fn partly_held<'a>(found: &[StandingItem<'a>]) -> Vec<&'a Strategy> {
    let mut strategies: Vec<&'a Strategy> = found.iter().map(|i| i.strategy).filter(|s| s.completeness == "partial").collect();
    strategies.dedup_by_key(|s| s.id.as_str());
    strategies
}

fn documents(items: &[StandingItem<'_>]) -> String {
    let mut ids: Vec<&str> = items.iter().map(|i| i.strategy.id.as_str()).collect();
    ids.dedup();
    match ids.len() {
        0 => "no list".to_owned(),
        1 => ids[0].to_owned(),
        n => format!("{n} lists"),
    }
}

fn items_table(found: &[StandingItem<'_>], language: Language) -> Result<RowTable, StrategyError> {
    Ok(RowTable::new("lists")
        .text("strategy", found.iter().map(|i| i.strategy.id.as_str()))?
        .integer("order", found.iter().map(|i| Some(i64::from(i.item.order))))?
        .text("item", found.iter().map(|i| i.item.id.as_str()))?
        .text("name_en", found.iter().map(|i| i.item.name.en.as_str()))?
        .text("name_zh", found.iter().map(|i| i.item.name.zh.as_str()))?
        .text("strand", found.iter().map(|i| i.item.strand.word()))?
        .text("tier", found.iter().map(|i| if i.item.pillar { PILLAR } else { "" }))?
        .text("level", found.iter().map(|i| i.item.level.as_str()))?
        .text("parent", found.iter().map(|i| i.item.parent.as_deref().unwrap_or("")))?
        .text("industries", found.iter().map(|i| joined(i.industries.iter().map(|(industry, _)| industry.id.as_str()))))?
        .text("jurisdiction", found.iter().map(|i| i.strategy.jurisdiction.as_str()))?
        .text("date", found.iter().map(|i| i.strategy.date.to_string()))?
        .text("until", found.iter().map(|i| i.strategy.until.map(|d| d.to_string()).unwrap_or_default()))?
        .text("confidence", found.iter().map(|i| i.item.confidence.word()))?
        .text(
            "translated_here",
            found.iter().map(|i| match i.item.ours {
                Some(Language::En) => "en",
                Some(Language::Zh) => "zh",
                None => "",
            }),
        )?
        .text("document", found.iter().map(|i| i.strategy.name.get(language)))?
        .text("issuer", found.iter().map(|i| i.strategy.issuer.get(language)))?
        .text("note", found.iter().map(|i| i.item.note.get(language)))?
        .text("sources", found.iter().map(|i| i.item.sources.join("; ")))?)
}

fn changes_table(changes: &[&ListChange<'_>], language: Language) -> Result<RowTable, StrategyError> {
    let strategies = |of: &[&Strategy]| joined(of.iter().map(|s| s.id.as_str()));
    let names = |of: &[frame::Text]| joined(of.iter().map(|n| n.get(language)));
    Ok(RowTable::new("changes")
        .text("change", changes.iter().map(|c| c.kind.word()))?
        .text("jurisdiction", changes.iter().map(|c| c.jurisdiction))?
        .text("industry", changes.iter().map(|c| c.subject.id()))?
        .text("name_en", changes.iter().map(|c| c.subject.name().en.as_str()))?
        .text("name_zh", changes.iter().map(|c| c.subject.name().zh.as_str()))?
        .text("from_strands", changes.iter().map(|c| joined(c.from.standings.iter().copied())))?
        .text("to_strands", changes.iter().map(|c| joined(c.to.standings.iter().copied())))?
        .text("on", changes.iter().map(|c| c.on.map(|d| d.to_string()).unwrap_or_default()))?
        .text("from_names", changes.iter().map(|c| names(&c.from.names)))?
        .text("to_names", changes.iter().map(|c| names(&c.to.names)))?
        .text("from_strategies", changes.iter().map(|c| strategies(&c.from.strategies)))?
        .text("to_strategies", changes.iter().map(|c| strategies(&c.to.strategies)))?)
}

/// Which documents are on one side only.
fn came_and_went(from: &[StandingItem<'_>], to: &[StandingItem<'_>]) -> Result<RowTable, StrategyError> {
    let on = |side: &[StandingItem<'_>], id: &str| side.iter().any(|i| i.strategy.id == id);
    let mut rows: Vec<(&str, &Strategy)> = Vec::new();
    rows.extend(to.iter().filter(|i| !on(from, &i.strategy.id)).map(|i| ("came", i.strategy)));
    rows.extend(from.iter().filter(|i| !on(to, &i.strategy.id)).map(|i| ("ended", i.strategy)));
    rows.dedup_by_key(|(change, strategy)| (*change, strategy.id.as_str()));
    Ok(RowTable::new("documents")
        .text("change", rows.iter().map(|(change, _)| *change))?
        .text("strategy", rows.iter().map(|(_, s)| s.id.as_str()))?
        .text("jurisdiction", rows.iter().map(|(_, s)| s.jurisdiction.as_str()))?
        .text("name_en", rows.iter().map(|(_, s)| s.name.en.as_str()))?
        .text("name_zh", rows.iter().map(|(_, s)| s.name.zh.as_str()))?
        .text("date", rows.iter().map(|(_, s)| s.date.to_string()))?
        .text("until", rows.iter().map(|(_, s)| s.until.map(|d| d.to_string()).unwrap_or_default()))?)
}
