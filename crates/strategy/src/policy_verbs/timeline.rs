use super::{day, joined, jurisdiction_name, jurisdictions, places, words};
use crate::{Answer, Chart, ChartKind, Engine, StrategyError, TimelineEntry as Drawn, print, year_of_day};
use frame::{Language, Places, Text};
use policy::{BarrierStatus, Day, EventKind, PolicyDate, Registry, Strand, TimelineEntry, TimelineQuery, TimelineWhat, barrier_status};
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::RowTable;

/// Plans and measures in time.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "clap", derive(clap::Args))]
#[serde(default, deny_unknown_fields)]
pub struct TimelineRequest {
    /// From this day, month or year
    #[cfg_attr(feature = "clap", arg(long, value_name = "DATE"))]
    pub from: Option<String>,
    /// To this day, month or year
    #[cfg_attr(feature = "clap", arg(long, value_name = "DATE"))]
    pub to: Option<String>,
    /// Only events of these kinds: domestic_policy, foreign_strategy, nqpf, export_control, trade_barrier, statistics, evaluation, diplomacy
    #[cfg_attr(feature = "clap", arg(long, value_name = "KIND", value_delimiter = ','))]
    pub kind: Vec<String>,
    /// Only what these jurisdictions did: codes or names of places, EU
    #[cfg_attr(feature = "clap", arg(long, value_name = "PLACE", value_delimiter = ','))]
    pub jurisdiction: Vec<String>,
    /// Only barriers that can touch these places
    #[cfg_attr(feature = "clap", arg(long, value_name = "PLACE", value_delimiter = ','))]
    pub against: Vec<String>,
    /// Only what touches these industries: ids, or names in either language
    #[cfg_attr(feature = "clap", arg(long, value_name = "INDUSTRY", value_delimiter = ','))]
    pub industry: Vec<String>,
    /// Only what touches industries of these strands: traditional, emerging, future
    #[cfg_attr(feature = "clap", arg(long, value_name = "STRAND", value_delimiter = ','))]
    pub strand: Vec<String>,
    /// Plans and lists too, as spans from their date to their last day
    #[cfg_attr(feature = "clap", arg(long))]
    pub plans: bool,
    /// The day on which barriers are said to stand, to be suspended or to have ended [default: today]
    #[cfg_attr(feature = "clap", arg(long, value_name = "DATE"))]
    pub at: Option<String>,
}

/// A timeline as a table and as a picture.
#[derive(Debug, Clone)]
pub struct TimelineAnswer {
    /// The table.
    pub answer: Answer,
    /// The picture; absent where the timeline is empty.
    pub picture: Option<Chart>,
    /// The entries as a calendar shows them.
    pub calendar: Vec<CalendarDay>,
    /// The last day of the registry: the date of the calendar.
    pub made: (i32, u32, u32),
}

/// An entry of a timeline as a calendar shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CalendarDay {
    /// The id of the event or strategy.
    pub id: String,
    /// First day: year, month, day.
    pub start: (i32, u32, u32),
    /// Last day, where the date is a month or a year only; an event is not drawn over the time for which it stands.
    pub end: Option<(i32, u32, u32)>,
    /// Title.
    pub title: Text,
    /// What there is to say besides.
    pub description: Text,
    /// The kind.
    pub kind: Text,
    /// An address where it can be read.
    pub url: Option<String>,
}

/// Events, and with `plans` also strategies, by day.
///
/// # Errors
/// Dates, kinds, jurisdictions, places, industries and strands that are not known, with the nearest.
pub fn timeline(engine: &Engine, request: &TimelineRequest, language: Language) -> Result<TimelineAnswer, StrategyError> {
    let registry = engine.policy_registry()?;
    let at = day(request.at.as_deref(), &registry)?;
    let date = |text: &Option<String>| text.as_deref().map(PolicyDate::parse).transpose();
    let (from, to) = (date(&request.from)?.map(PolicyDate::first_day), date(&request.to)?.map(PolicyDate::last_day));
    let strands = words("strand", &request.strand, Strand::ALL, |s| s.word())?;
    let mut industries = request.industry.clone();
    industries.extend(registry.industries().iter().filter(|i| strands.contains(&i.strand)).map(|i| i.id.clone()));
    let query = TimelineQuery {
        from,
        to,
        kinds: words("kind", &request.kind, EventKind::ALL, |k| k.word())?,
        jurisdictions: jurisdictions(engine, &registry, &request.jurisdiction)?,
        against: places(engine, &request.against)?,
        industries,
        strategies: request.plans,
    };
    let entries = policy::timeline(&registry, &query)?;
    let mut notes = Vec::new();
    let last = super::last_day(&registry);
    if at > last {
        notes.push(format!("the registry ends on {last}: what happened later is not known to it"));
    }
    let names = engine.places()?;
    let record = json!({ "verb": "policy timeline", "at": at.to_string(), "request": request });
    let (year, month, day) = (last.year(), u32::from(last.month()), u32::from(last.day()));
    Ok(TimelineAnswer {
        answer: Answer { tables: vec![table(&registry, &entries, at, language)?], record, notes },
        picture: picture(&registry, &entries, at.min(last), &names),
        calendar: entries.iter().map(|entry| calendar_day(&registry, entry, at)).collect(),
        made: (year, month, day),
    })
}

fn kind(entry: &TimelineEntry<'_>) -> &'static str {
    match entry.what {
        TimelineWhat::Event(event) => event.kind.word(),
        TimelineWhat::Strategy(_) => "plan",
    }
}

fn kind_name(entry: &TimelineEntry<'_>) -> Text {
    match entry.what {
        TimelineWhat::Event(event) => event.kind.name(),
        TimelineWhat::Strategy(_) => Text::new("plan or list, while it stands", "规划或清单的适用期"),
    }
}

fn against<'a>(entry: &TimelineEntry<'a>) -> &'a [String] {
    match entry.what {
        TimelineWhat::Event(event) => &event.against,
        TimelineWhat::Strategy(_) => &[],
    }
}

/// What of the entry stands on the day: barriers and plans only.
fn status(registry: &Registry, entry: &TimelineEntry<'_>, at: Day) -> Option<Text> {
    match entry.what {
        TimelineWhat::Event(event) if event.kind.is_barrier() => Some(barrier_status(registry, event, at).text()),
        TimelineWhat::Event(_) => None,
        TimelineWhat::Strategy(strategy) => Some(if !strategy.is_issued(at) {
            BarrierStatus::NotYet.text()
        } else if strategy.is_lapsed(at) {
            Text::new("ended", "已到期")
        } else {
            Text::new("stands", "适用中")
        }),
    }
}

fn table(registry: &Registry, entries: &[TimelineEntry<'_>], at: Day, language: Language) -> Result<RowTable, StrategyError> {
    let changes = |entry: &TimelineEntry<'_>| match entry.what {
        TimelineWhat::Event(event) => event.changes.iter().map(|(made, id)| format!("{} {id}", made.word())).collect::<Vec<_>>().join("; "),
        TimelineWhat::Strategy(strategy) => strategy.replaced_by.as_ref().map(|by| format!("replaced by {by}")).unwrap_or_default(),
    };
    let details = |entry: &TimelineEntry<'_>| match entry.what {
        TimelineWhat::Event(event) => (event.confidence.word(), event.note.get(language).to_owned(), event.sources.join("; ")),
        TimelineWhat::Strategy(strategy) => ("", strategy.note.get(language).to_owned(), strategy.sources.join("; ")),
    };
    let details: Vec<_> = entries.iter().map(details).collect();
    Ok(RowTable::new("timeline")
        .text("date", entries.iter().map(|e| e.date.to_string()))?
        .text("until", entries.iter().map(|e| e.until.map(|d| d.to_string()).unwrap_or_default()))?
        .text("id", entries.iter().map(|e| e.id()))?
        .text("jurisdiction", entries.iter().map(|e| e.jurisdiction))?
        .text("kind", entries.iter().map(kind))?
        .text("title_en", entries.iter().map(|e| e.title().en.as_str()))?
        .text("title_zh", entries.iter().map(|e| e.title().zh.as_str()))?
        .text("against", entries.iter().map(|e| against(e).join("; ")))?
        .text("status", entries.iter().map(|e| status(registry, e, at).map(|t| t.get(language).to_owned()).unwrap_or_default()))?
        .text("industries", entries.iter().map(|e| joined(e.industries.iter().copied())))?
        .text("changes", entries.iter().map(changes))?
        .text("confidence", details.iter().map(|d| d.0))?
        .text("note", details.iter().map(|d| d.1.as_str()))?
        .text("sources", details.iter().map(|d| d.2.as_str()))?)
}

fn plain(day: Day) -> (i32, u32, u32) {
    (day.year(), u32::from(day.month()), u32::from(day.day()))
}

fn calendar_day(registry: &Registry, entry: &TimelineEntry<'_>, at: Day) -> CalendarDay {
    let (note, sources) = match entry.what {
        TimelineWhat::Event(event) => (&event.note, &event.sources),
        TimelineWhat::Strategy(strategy) => (&strategy.note, &strategy.sources),
    };
    let industries: Vec<Text> =
        entry.industries.iter().filter_map(|id| registry.industry(id).ok()).map(|industry| industry.name.clone()).collect();
    let mut parts = Vec::new();
    if let Some(status) = status(registry, entry, at) {
        parts.push(print::fill("On {0}: {1}.", "截至 {0}：{1}。", &[&Text::same(at.to_string()), &status]));
    }
    if !industries.is_empty() {
        parts.push(print::fill("Industries: {0}.", "涉及产业：{0}。", &[&print::list(&industries)]));
    }
    if !note.en.is_empty() {
        parts.push(note.clone());
    }
    let url = sources.iter().find_map(|id| registry.sources().iter().find(|s| s.id == *id && !s.url.is_empty())).map(|s| s.url.clone());
    let whole = (entry.date.precision() != "day").then(|| plain(entry.date.last_day()));
    CalendarDay {
        id: entry.id().to_owned(),
        start: plain(entry.date.first_day()),
        end: whole,
        title: entry.title().clone(),
        description: Text::new(joined(parts.iter().map(|p| p.en.as_str())), parts.iter().map(|p| p.zh.as_str()).collect::<String>()),
        kind: kind_name(entry),
        url,
    }
}

/// The timeline drawn: a lane a jurisdiction, a colour a kind.
fn picture(registry: &Registry, entries: &[TimelineEntry<'_>], at: Day, places: &Places) -> Option<Chart> {
    if entries.is_empty() {
        return None;
    }
    let mut lanes: Vec<&str> = Vec::new();
    let mut kinds: Vec<(&str, Text)> = Vec::new();
    for entry in entries {
        if !lanes.contains(&entry.jurisdiction) {
            lanes.push(entry.jurisdiction);
        }
        if kinds.iter().all(|(word, _)| *word != kind(entry)) {
            kinds.push((kind(entry), kind_name(entry)));
        }
    }
    let fraction = |day: Day| year_of_day(day.year(), u32::from(day.month()), u32::from(day.day()));
    // the end of the day
    let known_to = fraction(at.next());
    let drawn = entries
        .iter()
        .map(|entry| {
            let span = match entry.what {
                TimelineWhat::Strategy(_) => true,
                TimelineWhat::Event(event) => event.kind.is_barrier(),
            };
            let change = |made: policy::ChangeMade| {
                let makes = |other: &&policy::PolicyEvent| {
                    other.date.last_day() <= at && other.changes.iter().any(|(kind, id)| *kind == made && id == entry.id())
                };
                registry.events().iter().find(makes).map(|other| other.date.first_day())
            };
            // what is suspended is not drawn as if it stood
            let broken = change(policy::ChangeMade::Suspends).filter(|_| span);
            let ended = match entry.what {
                TimelineWhat::Event(event) if span => {
                    let by = change(policy::ChangeMade::Ends);
                    event.until.map(|u| u.last_day().next()).or(by)
                }
                _ => entry.until.filter(|_| span).map(|u| u.last_day().next()),
            };
            let when = match entry.until.filter(|_| span) {
                Some(until) => Text::new(format!("{} to {until}", entry.date), format!("{} 至 {until}", entry.date)),
                None => Text::same(entry.date.to_string()),
            };
            Drawn {
                label: entry.title().clone(),
                when,
                lane: lanes.iter().position(|l| *l == entry.jurisdiction).unwrap_or(0),
                kind: kinds.iter().position(|(word, _)| *word == kind(entry)).unwrap_or(0),
                start: fraction(entry.date.first_day()),
                end: broken.or(ended).map(fraction),
                open: span && (ended.is_none() || broken.is_some()),
            }
        })
        .collect();
    Some(Chart {
        id: "policy-timeline".into(),
        title: Text::new("Plans and measures", "规划与措施"),
        caption: print::fill(
            "Dots are days, bars are plans and barriers while they stand, arrows have no end that is known; a bar stops where the barrier was suspended. The registry as of {0}.",
            "圆点为单日事件，横条为规划或壁垒的适用期，箭头表示终止日未知；横条止于暂停之日。登记表截至 {0}。",
            &[&Text::same(at.to_string())],
        ),
        kind: ChartKind::Timeline {
            kinds: kinds.into_iter().map(|(_, name)| name).collect(),
            lanes: lanes.into_iter().map(|code| jurisdiction_name(places, code)).collect(),
            known_to: Some(known_to),
            entries: drawn,
        },
    })
}
