use crate::{ChangeMade, Day, EventKind, PolicyDate, PolicyError, PolicyEvent, Registry, Strategy};
use frame::Text;
use std::collections::BTreeSet;

/// Which events and plans are asked for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TimelineQuery {
    /// From this day.
    pub from: Option<Day>,
    /// To this day.
    pub to: Option<Day>,
    /// Events of these kinds only; all without any.
    pub kinds: Vec<EventKind>,
    /// Only what these jurisdictions did; all without any.
    pub jurisdictions: Vec<String>,
    /// Only barriers that can touch these places: aimed at them, or at every place but the one that sets them.
    pub against: Vec<String>,
    /// Only what touches one of these industries; all without any.
    pub industries: Vec<String>,
    /// Strategies too, as spans from their date to their last day.
    pub strategies: bool,
}

/// What an entry of a timeline is.
#[derive(Debug, Clone, Copy)]
pub enum TimelineWhat<'a> {
    /// An event.
    Event(&'a PolicyEvent),
    /// A strategy, for as long as it stands.
    Strategy(&'a Strategy),
}

/// An entry of a timeline.
#[derive(Debug, Clone)]
pub struct TimelineEntry<'a> {
    /// What it is.
    pub what: TimelineWhat<'a>,
    /// When it began.
    pub date: PolicyDate,
    /// Its last day, where it has one.
    pub until: Option<PolicyDate>,
    /// Whose it is.
    pub jurisdiction: &'a str,
    /// The industries it touches: those of the event, and those that the lists of its strategies name.
    pub industries: Vec<&'a str>,
}

impl<'a> TimelineEntry<'a> {
    /// The id of the event or strategy.
    pub fn id(&self) -> &'a str {
        match self.what {
            TimelineWhat::Event(event) => &event.id,
            TimelineWhat::Strategy(strategy) => &strategy.id,
        }
    }

    /// Its title.
    pub fn title(&self) -> &'a Text {
        match self.what {
            TimelineWhat::Event(event) => &event.title,
            TimelineWhat::Strategy(strategy) => &strategy.name,
        }
    }
}

/// What of a barrier stands on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BarrierStatus {
    /// It has not begun.
    NotYet,
    /// It stands.
    InForce,
    /// It is suspended, until a day where one is known.
    Suspended(Option<PolicyDate>),
    /// It was suspended until a day that is over, and what followed is not known.
    UnknownSince(PolicyDate),
    /// It has ended.
    Ended,
}

impl BarrierStatus {
    /// Its word.
    pub fn word(self) -> &'static str {
        match self {
            BarrierStatus::NotYet => "not yet",
            BarrierStatus::InForce => "in force",
            BarrierStatus::Suspended(_) => "suspended",
            BarrierStatus::UnknownSince(_) => "unknown",
            BarrierStatus::Ended => "ended",
        }
    }

    /// The same for a reader.
    pub fn text(self) -> Text {
        match self {
            BarrierStatus::NotYet => Text::new("not yet", "尚未生效"),
            BarrierStatus::InForce => Text::new("in force", "有效"),
            BarrierStatus::Suspended(None) => Text::new("suspended", "暂停"),
            BarrierStatus::Suspended(Some(until)) => Text::new(format!("suspended until {until}"), format!("暂停至 {until}")),
            BarrierStatus::UnknownSince(day) => {
                Text::new(format!("suspended until {day}; what followed is not known"), format!("曾暂停至 {day}，其后情况未知"))
            }
            BarrierStatus::Ended => Text::new("ended", "已终止"),
        }
    }
}

/// What of a barrier stands on a day, from its own end and from what later events of the registry did to it. The registry may not know of
/// every change: *in force* means that no end and no suspension is held.
pub fn barrier_status(registry: &Registry, event: &PolicyEvent, day: Day) -> BarrierStatus {
    if event.date.last_day() > day {
        return BarrierStatus::NotYet;
    }
    let changes = |made: ChangeMade| {
        registry
            .events()
            .iter()
            .filter(move |other| other.date.last_day() <= day && other.changes.iter().any(|(kind, id)| *kind == made && *id == event.id))
    };
    if changes(ChangeMade::Ends).next().is_some() || event.until.is_some_and(|until| until.last_day() < day) {
        return BarrierStatus::Ended;
    }
    match changes(ChangeMade::Suspends).next_back() {
        Some(suspension) => match suspension.until {
            Some(until) if until.last_day() < day => BarrierStatus::UnknownSince(until),
            until => BarrierStatus::Suspended(until),
        },
        None => BarrierStatus::InForce,
    }
}

impl PolicyEvent {
    /// True for a barrier that can touch a place: aimed at it, or at every place but the one that set it.
    pub fn touches(&self, place: &str) -> bool {
        self.against.iter().any(|a| a == place || a == "*" && self.jurisdiction != place)
    }
}

/// Plans and measures in time: events, and with them strategies as spans, by their first day.
///
/// # Errors
/// [`PolicyError::Unknown`] for a jurisdiction or an industry that the registry does not hold, with the nearest.
pub fn timeline<'a>(registry: &'a Registry, query: &TimelineQuery) -> Result<Vec<TimelineEntry<'a>>, PolicyError> {
    for code in &query.jurisdictions {
        registry.jurisdiction(code)?;
    }
    let mut wanted = BTreeSet::new();
    for asked in &query.industries {
        wanted.insert(registry.find_industry(asked)?.id.as_str());
    }
    let named_by = |strategy: &str| {
        let items = registry.items().iter().filter(|i| i.strategy == strategy).collect::<Vec<_>>();
        items.into_iter().flat_map(|i| registry.industries_named(&i.id)).map(|(i, _)| i.id.as_str()).collect::<BTreeSet<&str>>()
    };
    let mut entries: Vec<TimelineEntry<'a>> = Vec::new();
    for event in registry.events() {
        let mut industries: BTreeSet<&str> = event.industries.iter().map(String::as_str).collect();
        industries.extend(event.strategies.iter().flat_map(|s| named_by(s)));
        entries.push(TimelineEntry {
            what: TimelineWhat::Event(event),
            date: event.date,
            until: event.until,
            jurisdiction: &event.jurisdiction,
            industries: industries.into_iter().collect(),
        });
    }
    if query.strategies {
        entries.extend(registry.strategies().iter().map(|strategy| TimelineEntry {
            what: TimelineWhat::Strategy(strategy),
            date: strategy.date,
            until: strategy.until,
            jurisdiction: &strategy.jurisdiction,
            industries: named_by(&strategy.id).into_iter().collect(),
        }));
    }
    entries.retain(|entry| {
        let kind = match entry.what {
            TimelineWhat::Event(event) => {
                (query.kinds.is_empty() || query.kinds.contains(&event.kind))
                    && (query.against.is_empty() || query.against.iter().any(|place| event.touches(place)))
            }
            TimelineWhat::Strategy(_) => query.kinds.is_empty() && query.against.is_empty(),
        };
        // a span that stands on some day asked for belongs there; an event by its own day
        let end = match entry.what {
            TimelineWhat::Event(_) => entry.date.last_day(),
            TimelineWhat::Strategy(_) => {
                entry.until.map_or_else(|| query.to.unwrap_or(entry.date.last_day()).max(entry.date.last_day()), PolicyDate::last_day)
            }
        };
        kind && query.from.is_none_or(|from| end >= from)
            && query.to.is_none_or(|to| entry.date.first_day() <= to)
            && (query.jurisdictions.is_empty() || query.jurisdictions.iter().any(|j| j == entry.jurisdiction))
            && (wanted.is_empty() || entry.industries.iter().any(|i| wanted.contains(i)))
    });
    entries.sort_by_key(|e| (e.date.first_day(), e.date.last_day()));
    Ok(entries)
}
