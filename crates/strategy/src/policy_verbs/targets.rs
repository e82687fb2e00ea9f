use super::{day, words};
use crate::{Answer, Engine, StrategyError};
use frame::Language;
use policy::{Observation, TargetStatus, target_progress};
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::RowTable;

/// How far the quantified targets of strategies are.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "clap", derive(clap::Args))]
#[serde(default, deny_unknown_fields)]
pub struct TargetsRequest {
    /// As known in this year, or on this day [default: today]
    #[cfg_attr(feature = "clap", arg(long, value_name = "DATE"))]
    pub at: Option<String>,
    /// Only targets of these strategies
    #[cfg_attr(feature = "clap", arg(long, value_name = "ID", value_delimiter = ','))]
    pub strategy: Vec<String>,
    /// Only targets that stand so: met, missed, open, unknown
    #[cfg_attr(feature = "clap", arg(long, value_name = "STATUS", value_delimiter = ','))]
    pub status: Vec<String>,
}

/// The targets with their bases, the latest figures known, what is missing, and whether they were met; what is not known is `unknown`.
///
/// # Errors
/// Dates, strategies and statuses that are not known, with the nearest.
pub fn targets(engine: &Engine, request: &TargetsRequest, language: Language) -> Result<Answer, StrategyError> {
    let registry = engine.policy_registry()?;
    let at = day(request.at.as_deref(), &registry)?;
    for id in &request.strategy {
        registry.strategy(id)?;
    }
    let all = [TargetStatus::Met, TargetStatus::Missed, TargetStatus::Open, TargetStatus::Unknown];
    let statuses = words("status", &request.status, &all, |s| s.word())?;
    let rows: Vec<_> = target_progress(&registry, at.year())
        .into_iter()
        .filter(|p| request.strategy.is_empty() || request.strategy.contains(&p.target.strategy))
        .filter(|p| statuses.is_empty() || statuses.contains(&p.status))
        .collect();
    let count = |status: TargetStatus| rows.iter().filter(|p| p.status == status).count();
    let mut notes = vec![format!(
        "as known in {}: {} met, {} missed, {} open, {} unknown of {} targets",
        at.year(),
        count(TargetStatus::Met),
        count(TargetStatus::Missed),
        count(TargetStatus::Open),
        count(TargetStatus::Unknown),
        rows.len()
    )];
    if count(TargetStatus::Unknown) > 0 {
        notes.push("unknown: the year is over and no figure of that year is held, or one that does not decide".to_owned());
    }
    let value = |o: Option<&Observation>| o.map_or(f64::NAN, |o| o.value);
    let year = |o: Option<&Observation>| o.map(|o| i64::from(o.year));
    let of = |o: Option<&Observation>| o.map_or("", |o| o.comparison.word());
    let note = |p: &policy::TargetProgress<'_>| {
        let parts = [p.target.note.get(language), p.latest.map_or("", |o| o.note.get(language))];
        super::joined(parts.into_iter().filter(|part| !part.is_empty()))
    };
    let sources = |p: &policy::TargetProgress<'_>| {
        let mut all: Vec<&str> = Vec::new();
        let observed = [p.base, p.latest].into_iter().flatten().flat_map(|o| &o.sources);
        for source in p.target.sources.iter().chain(observed) {
            if !all.contains(&source.as_str()) {
                all.push(source);
            }
        }
        super::joined(all)
    };
    let table = RowTable::new("targets")
        .text("target", rows.iter().map(|p| p.target.id.as_str()))?
        .text("strategy", rows.iter().map(|p| p.target.strategy.as_str()))?
        .text("indicator", rows.iter().map(|p| p.target.indicator.get(language)))?
        .text("op", rows.iter().map(|p| p.target.comparison.word()))?
        .number("value", rows.iter().map(|p| p.target.value))?
        .text("unit", rows.iter().map(|p| p.target.unit.get(language)))?
        .integer("year", rows.iter().map(|p| Some(i64::from(p.target.year))))?
        .integer("base_year", rows.iter().map(|p| year(p.base)))?
        .text("base_op", rows.iter().map(|p| of(p.base)))?
        .number("base", rows.iter().map(|p| value(p.base)))?
        .integer("latest_year", rows.iter().map(|p| year(p.latest)))?
        .text("latest_op", rows.iter().map(|p| of(p.latest)))?
        .number("latest", rows.iter().map(|p| value(p.latest)))?
        .number("distance", rows.iter().map(|p| p.distance.unwrap_or(f64::NAN)))?
        .text("status", rows.iter().map(|p| p.status.word()))?
        .text("note", rows.iter().map(note))?
        .text("sources", rows.iter().map(sources))?;
    let record = json!({ "verb": "policy targets", "at": at.to_string(), "request": request });
    Ok(Answer { tables: vec![table], record, notes })
}
