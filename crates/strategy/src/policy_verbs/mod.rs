//! What the program's `policy` verbs and the Python package's functions of the same names do: an engine and a request in, tables out.
//!
//! The requests' fields are the program's options and the functions' arguments, so that each has one name and one default.

mod crosswalk;
mod definition;
mod discourse;
mod discourse_corpus;
mod discourse_network;
mod discourse_terms;
mod lists;
mod overlap;
mod targets;
mod timeline;

pub use crosswalk::{CrosswalkRequest, crosswalk};
pub use definition::{DefinitionRequest, definition};
pub use discourse::{DISCOURSE_TABLES, DiscourseAnswer, DiscourseRequest, DiscourseSources, discourse};
pub use discourse_corpus::{Corpus, CorpusDocument, Progress, read_corpus};
pub use discourse_network::{DiscourseLink, DiscourseNetwork, DiscourseNode};
pub use discourse_terms::{join_terms, registry_terms, terms_of_rows};
pub use lists::{ListsRequest, lists};
pub use overlap::{OverlapRequest, overlap};
pub use targets::{TargetsRequest, targets};
pub use timeline::{TimelineAnswer, TimelineRequest, timeline};

use crate::answer::{Answer, read_request};
use crate::{Engine, StrategyError};
use frame::{Language, Text};
use policy::{Day, PolicyDate, PolicyError, Registry, nearest};
use store::{Problem, StoreError};

/// Answers a verb by name, with its request as JSON.
///
/// # Errors
/// [`Problem::Options`] for a verb or a field of the request that is not known, and what the verb reports.
///
/// ```
/// use xinzhi_strategy::{Engine, policy_verbs::answer};
/// let engine = Engine::new(store::Workspace::embedded()?);
/// let request = serde_json::json!({ "at": "2025-10-28", "strategy": ["cn-rec15-2025"] });
/// let found = answer("lists", &engine, request, frame::Language::En)?;
/// assert_eq!(found.tables[0].len(), 18);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn answer(verb: &str, engine: &Engine, request: serde_json::Value, language: Language) -> Result<Answer, StrategyError> {
    match verb {
        "lists" => lists(engine, &read_request(request)?, language),
        "overlap" => overlap(engine, &read_request(request)?, language),
        "timeline" => timeline(engine, &read_request(request)?, language).map(|found| found.answer),
        "crosswalk" => crosswalk(engine, &read_request(request)?, language),
        "targets" => targets(engine, &read_request(request)?, language),
        "definition" => definition(engine, &read_request(request)?, language),
        other => {
            let what = format!("there is no verb `{other}`");
            Err(StoreError::new(Problem::Options, what).next("lists, overlap, timeline, crosswalk, targets or definition").into())
        }
    }
}

/// The last day that a date can mean, or the last day of the registry where none is given.
fn day(asked: Option<&str>, registry: &Registry) -> Result<Day, StrategyError> {
    Ok(match asked {
        Some(text) => PolicyDate::parse(text)?.last_day(),
        None => last_day(registry),
    })
}

/// The registry's own last day; a registry without events and strategies has none, and speaks of the first day of 1970.
fn last_day(registry: &Registry) -> Day {
    registry.last_day().unwrap_or_else(|| Day::of_unix_time(0))
}

/// Words of an option as the values they stand for; one that is not known is refused with those that are.
fn words<T>(option: &str, given: &[String], all: &[T], word: impl Fn(&T) -> &'static str) -> Result<Vec<T>, StrategyError>
where
    T: Copy,
{
    given
        .iter()
        .map(|asked| {
            let plain = asked.to_lowercase().replace([' ', '-'], "_");
            all.iter().find(|value| word(value) == plain).copied().ok_or_else(|| {
                let known: Vec<&str> = all.iter().map(&word).collect();
                let near = nearest(asked, known.iter().map(|k| (*k, "")));
                let near = if near.is_empty() { String::new() } else { format!("nearest: {}; ", near.join(", ")) };
                StoreError::new(Problem::Options, format!("{option} is \"{asked}\"")).next(format!("{near}use {}", known.join(", "))).into()
            })
        })
        .collect()
}

/// Jurisdictions as the registry names them: codes of places, or names in either language of places that the workspace knows.
fn jurisdictions(engine: &Engine, registry: &Registry, given: &[String]) -> Result<Vec<String>, StrategyError> {
    // what people call them and the register of places does not
    let usual = |asked: &str| match asked.to_lowercase().as_str() {
        "eu" | "european union" | "欧盟" => Some("EU"),
        "uk" | "英国" => Some("GBR"),
        "us" => Some("USA"),
        "aspi" => Some("INT"),
        _ => None,
    };
    given
        .iter()
        .map(|asked| {
            if let Ok(code) = registry.jurisdiction(asked) {
                return Ok(code.to_owned());
            }
            if let Some(code) = usual(asked).and_then(|code| registry.jurisdiction(code).ok()) {
                return Ok(code.to_owned());
            }
            let places = engine.places()?;
            match places.find(asked).map(|place| place.code.clone()) {
                Some(code) if registry.jurisdiction(&code).is_ok() => Ok(code),
                Some(code) => Err(PolicyError::Unknown {
                    what: "strategy or event of",
                    found: code,
                    nearest: registry.jurisdictions().into_iter().map(str::to_owned).collect(),
                }
                .into()),
                None => {
                    let known: Vec<(&str, Text)> =
                        registry.jurisdictions().into_iter().map(|code| (code, jurisdiction_name(&places, code))).collect();
                    let near = nearest(asked, known.iter().flat_map(|(code, name)| [(*code, name.en.as_str()), (*code, name.zh.as_str())]));
                    Err(PolicyError::Unknown { what: "jurisdiction", found: asked.clone(), nearest: near }.into())
                }
            }
        })
        .collect()
}

/// The name of a jurisdiction.
pub(crate) fn jurisdiction_name(places: &frame::Places, code: &str) -> Text {
    match code {
        "EU" => Text::new("European Union", "欧盟"),
        "INT" => Text::new("think tanks", "智库"),
        code => places.name(code),
    }
}

/// Codes of places that barriers can be aimed at: any place of the workspace.
fn places(engine: &Engine, given: &[String]) -> Result<Vec<String>, StrategyError> {
    given
        .iter()
        .map(|asked| match asked.as_str() {
            "EU" => Ok("EU".to_owned()),
            _ => engine.find_place(asked).map(|place| place.code),
        })
        .collect()
}

fn joined<'a>(parts: impl IntoIterator<Item = &'a str>) -> String {
    parts.into_iter().collect::<Vec<_>>().join("; ")
}
