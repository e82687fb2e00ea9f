use crate::IndustryError;
use complexity::{
    Diagonal, EconomicComplexityOptions, Presence, PresenceMatrix, density, economic_complexity, presence, proximity,
    revealed_comparative_advantage,
};
use frame::{LabelledMatrix, Labels, Text};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

/// The values of one period: exports, output or employment, places × activities.
#[derive(Debug, Clone, Copy)]
pub struct PeriodTable<'a> {
    /// The period's label, such as `2017`.
    pub period: &'a str,
    /// The values, not negative; places and activities may differ from those of other periods and stand in any order.
    pub values: &'a LabelledMatrix,
}

/// What counts as a candidate and as an entry, and what is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct EntryOptions {
    /// An activity under this RCA is a candidate for entry (1; 0.5 leaves out those that are nearly there).
    pub candidate_rca: f64,
    /// An activity that reaches this RCA is present (1).
    pub entry_rca: f64,
    /// Whether an entry must still be present one period later, where there is one (no).
    pub must_stay: bool,
    /// Whether the diversity of the place is among the features (no).
    pub diversity: bool,
}

impl Default for EntryOptions {
    fn default() -> Self {
        EntryOptions { candidate_rca: 1.0, entry_rca: 1.0, must_stay: false, diversity: false }
    }
}

/// What a model of entry looks at, in every candidate cell of a place and an activity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EntryFeature {
    /// ln(1 + RCA).
    Level,
    /// Density of the place around the activity, from the proximity of the period without the place's fold.
    Density,
    /// Product complexity index, standardised over the activities of the period.
    Pci,
    /// Share of the places that have the activity.
    Ubiquity,
    /// Share of the activities that the place has.
    Diversity,
    /// Change of the level since the period before, a year where the periods are years; 0 where there is none before.
    Growth,
    /// 1 where there is a period before, 0 where not.
    GrowthKnown,
}

impl EntryFeature {
    /// Its code, as in the outputs.
    pub fn code(self) -> &'static str {
        match self {
            EntryFeature::Level => "level",
            EntryFeature::Density => "density",
            EntryFeature::Pci => "pci",
            EntryFeature::Ubiquity => "ubiquity",
            EntryFeature::Diversity => "diversity",
            EntryFeature::Growth => "growth",
            EntryFeature::GrowthKnown => "growth_known",
        }
    }

    /// Its name.
    pub fn name(self) -> Text {
        match self {
            EntryFeature::Level => Text::new("level of RCA, ln(1 + RCA)", "显性比较优势水平 ln(1+RCA)"),
            EntryFeature::Density => Text::new("density", "密度"),
            EntryFeature::Pci => Text::new("product complexity", "产品复杂度"),
            EntryFeature::Ubiquity => Text::new("share of places that have it", "普遍度（具备该产品的地区占比）"),
            EntryFeature::Diversity => Text::new("share of activities the place has", "多样化程度（该地具备的产品占比）"),
            EntryFeature::Growth => Text::new("growth of the level", "显性比较优势水平的变化"),
            EntryFeature::GrowthKnown => Text::new("an earlier period exists", "存在更早时期"),
        }
    }
}

/// Why places, activities or cells of a transition are not looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EntryExclusionReason {
    /// Not in the table of the earlier period.
    NotInEarlierPeriod,
    /// Not in the table of the later period.
    NotInLaterPeriod,
    /// Nothing but zeros in the earlier period.
    NoValueInEarlierPeriod,
    /// Nothing but zeros in the later period.
    NoValueInLaterPeriod,
    /// An activity that no place has in the earlier period: it has no complexity and no neighbours.
    NowherePresent,
    /// A candidate cell whose activity has no neighbours once the places of the cell's fold are left out.
    NoNeighbours,
}

impl EntryExclusionReason {
    /// The reason in words.
    pub fn name(self) -> Text {
        match self {
            EntryExclusionReason::NotInEarlierPeriod => Text::new("not in the table of the earlier period", "较早时期的数据表中没有"),
            EntryExclusionReason::NotInLaterPeriod => Text::new("not in the table of the later period", "较晚时期的数据表中没有"),
            EntryExclusionReason::NoValueInEarlierPeriod => Text::new("no value in the earlier period", "较早时期全部为零"),
            EntryExclusionReason::NoValueInLaterPeriod => Text::new("no value in the later period", "较晚时期全部为零"),
            EntryExclusionReason::NowherePresent => Text::new("no place has it in the earlier period", "较早时期没有任何地区具备"),
            EntryExclusionReason::NoNeighbours => {
                Text::new("no neighbouring activity once the place is left out", "剔除该地区后没有邻近产品")
            }
        }
    }
}

/// Places, activities or cells left out of a transition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EntryExclusion {
    /// `places`, `activities` or `cells`.
    pub what: String,
    /// Why.
    pub reason: EntryExclusionReason,
    /// How many.
    pub count: usize,
    /// Which, sorted; empty for cells.
    pub labels: Vec<String>,
}

/// Two neighbouring periods: what could be entered and what was.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Transition {
    /// The earlier period.
    pub from: String,
    /// The later one.
    pub to: String,
    /// Years between them, where both labels are numbers.
    pub years: Option<f64>,
    /// Places looked at.
    pub places: usize,
    /// Activities looked at.
    pub activities: usize,
    /// Candidate cells.
    pub candidates: usize,
    /// Those entered.
    pub entries: usize,
    /// `entries / candidates`.
    pub base_rate: f64,
    /// What was left out and why.
    pub exclusions: Vec<EntryExclusion>,
}

/// Density of every place from the proximity of the places of other folds only; `fold` gives one number a place.
pub(crate) fn density_without_fold(presence: &PresenceMatrix, fold: &[u32], folds: u32) -> Result<LabelledMatrix, IndustryError> {
    let n = presence.activities().len();
    let by_fold = (0..folds).into_par_iter().map(|f| {
        let names = |own: bool| presence.places().iter().zip(fold).filter(move |(_, k)| (**k == f) == own).map(|(name, _)| name);
        let near = proximity(&presence.select_places(names(false))?, Diagonal::Zero);
        Ok(density(&presence.select_places(names(true))?, &near)?)
    });
    let mut values = vec![f64::NAN; presence.places().len() * n];
    for own in by_fold.collect::<Vec<Result<LabelledMatrix, IndustryError>>>() {
        let own = own?;
        for (row, name) in own.rows().iter().enumerate() {
            let place = presence.places().require(name)?;
            values[place * n..(place + 1) * n].copy_from_slice(own.row(row));
        }
    }
    Ok(LabelledMatrix::new(presence.places().clone(), presence.activities().clone(), values)?)
}

/// One period over the sorted union of the places and activities of all periods, so that positions mean the same in each and the
/// order of the input does not matter.
pub(crate) struct Snapshot {
    pub(crate) period: String,
    pub(crate) rca: LabelledMatrix,
    pub(crate) presence: PresenceMatrix,
    /// Standardised; nothing where the period has no index of complexity.
    pci: Option<Vec<f64>>,
    /// Why not.
    pub(crate) no_pci: Option<String>,
    ubiquity: Vec<u32>,
    diversity: Vec<u32>,
    live_places: f64,
    live_activities: f64,
    place_state: Vec<State>,
    activity_state: Vec<State>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    NotThere,
    Empty,
    Live,
}

/// All periods of a back-test on common labels.
pub(crate) struct Panel {
    pub(crate) places: Labels,
    pub(crate) activities: Labels,
    pub(crate) snapshots: Vec<Snapshot>,
    /// Years from each period to the next; nothing where labels are not numbers.
    pub(crate) years: Vec<Option<f64>>,
}

/// A candidate cell.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Cell {
    pub(crate) transition: u32,
    pub(crate) place: u32,
    pub(crate) activity: u32,
    pub(crate) entered: bool,
}

pub(crate) fn check_entry_options(options: &EntryOptions) -> Result<(), IndustryError> {
    let (candidate, entry) = (options.candidate_rca, options.entry_rca);
    if !(entry.is_finite() && entry > 0.0) {
        return Err(IndustryError::Option { option: "entry_rca", value: entry.to_string(), requirement: "a positive number" });
    }
    if !(candidate > 0.0 && candidate <= entry) {
        let value = candidate.to_string();
        return Err(IndustryError::Option { option: "candidate_rca", value, requirement: "over 0 and at most entry_rca" });
    }
    Ok(())
}

impl Panel {
    pub(crate) fn new(periods: &[PeriodTable<'_>], entry_rca: f64) -> Result<Self, IndustryError> {
        let times: Vec<Option<f64>> = periods.iter().map(|p| p.period.trim().parse::<f64>().ok().filter(|t| t.is_finite())).collect();
        let numbers = times.iter().all(Option::is_some);
        let mut years = Vec::new();
        for k in 1..periods.len() {
            let (before, after) = (periods[k - 1].period, periods[k].period);
            let span = times[k].zip(times[k - 1]).filter(|_| numbers).map(|(b, a)| b - a);
            if span.is_some_and(|s| s <= 0.0) || periods[..k].iter().any(|p| p.period == after) {
                return Err(IndustryError::PeriodOrder { before: before.to_owned(), after: after.to_owned() });
            }
            years.push(span);
        }
        let union = |pick: fn(&LabelledMatrix) -> &Labels| {
            let mut names: Vec<&str> = periods.iter().flat_map(|p| pick(p.values).iter()).collect();
            names.sort_unstable();
            names.dedup();
            let what = periods.first().map_or("labels", |p| pick(p.values).what());
            Labels::new(what, names)
        };
        let (places, activities) = (union(LabelledMatrix::rows)?, union(LabelledMatrix::columns)?);
        let snapshots = periods.iter().map(|p| Snapshot::new(p, &places, &activities, entry_rca)).collect::<Result<_, _>>()?;
        Ok(Panel { places, activities, snapshots, years })
    }

    /// The features every cell has.
    pub(crate) fn features(&self, options: &EntryOptions, transitions: usize) -> Vec<EntryFeature> {
        let mut features = vec![EntryFeature::Level, EntryFeature::Density];
        if self.snapshots.iter().all(|s| s.pci.is_some()) {
            features.push(EntryFeature::Pci);
        }
        features.push(EntryFeature::Ubiquity);
        if options.diversity {
            features.push(EntryFeature::Diversity);
        }
        if transitions >= 2 {
            features.extend([EntryFeature::Growth, EntryFeature::GrowthKnown]);
        }
        features
    }

    /// Candidate cells of a transition with their outcome, and what was left out.
    pub(crate) fn candidates(&self, transition: usize, options: &EntryOptions) -> (Vec<Cell>, Transition) {
        let (before, after) = (&self.snapshots[transition], &self.snapshots[transition + 1]);
        let stays = self.snapshots.get(transition + 2).filter(|_| options.must_stay);
        let mut exclusions = Vec::new();
        let places = live(("places", &self.places), &before.place_state, &after.place_state, &mut exclusions);
        let mut activities = live(("activities", &self.activities), &before.activity_state, &after.activity_state, &mut exclusions);
        let nowhere: Vec<usize> = activities.iter().copied().filter(|p| before.ubiquity[*p] == 0 || !before.has_pci(*p)).collect();
        activities.retain(|p| before.ubiquity[*p] > 0 && before.has_pci(*p));
        exclude("activities", EntryExclusionReason::NowherePresent, &self.activities, &nowhere, &mut exclusions);
        let mut cells = Vec::new();
        for place in &places {
            for activity in &activities {
                if before.rca.at(*place, *activity) < options.candidate_rca {
                    let entered = after.presence.at(*place, *activity) && stays.is_none_or(|later| later.presence.at(*place, *activity));
                    cells.push(Cell { transition: transition as u32, place: *place as u32, activity: *activity as u32, entered });
                }
            }
        }
        let summary = Transition {
            from: before.period.clone(),
            to: after.period.clone(),
            years: self.years[transition],
            places: places.len(),
            activities: activities.len(),
            candidates: 0,
            entries: 0,
            base_rate: f64::NAN,
            exclusions,
        };
        (cells, summary)
    }

    /// Candidates of the last period, whose outcome nobody knows yet.
    pub(crate) fn open_cells(&self, options: &EntryOptions) -> Vec<Cell> {
        let Some(last) = self.snapshots.len().checked_sub(1) else { return Vec::new() };
        let now = &self.snapshots[last];
        let mut cells = Vec::new();
        for place in (0..self.places.len()).filter(|c| now.place_state[*c] == State::Live) {
            for activity in 0..self.activities.len() {
                let known = now.activity_state[activity] == State::Live && now.ubiquity[activity] > 0 && now.has_pci(activity);
                if known && now.rca.at(place, activity) < options.candidate_rca {
                    cells.push(Cell { transition: last as u32, place: place as u32, activity: activity as u32, entered: false });
                }
            }
        }
        cells
    }

    /// The features of one cell, with the density given from outside.
    pub(crate) fn push_features(&self, cell: &Cell, features: &[EntryFeature], density: f64, into: &mut Vec<f64>) {
        let (t, place, activity) = (cell.transition as usize, cell.place as usize, cell.activity as usize);
        let now = &self.snapshots[t];
        let level = |s: &Snapshot| s.rca.at(place, activity).ln_1p();
        let before = t.checked_sub(1).map(|b| &self.snapshots[b]).filter(|b| b.place_state[place] == State::Live);
        for feature in features {
            into.push(match feature {
                EntryFeature::Level => level(now),
                EntryFeature::Density => density,
                EntryFeature::Pci => now.pci.as_ref().map_or(0.0, |pci| pci[activity]),
                EntryFeature::Ubiquity => f64::from(now.ubiquity[activity]) / now.live_places,
                EntryFeature::Diversity => f64::from(now.diversity[place]) / now.live_activities,
                EntryFeature::Growth => match before {
                    Some(before) => (level(now) - level(before)) / self.years[t - 1].unwrap_or(1.0),
                    None => 0.0,
                },
                EntryFeature::GrowthKnown => f64::from(u8::from(before.is_some())),
            });
        }
    }
}

impl Snapshot {
    fn new(table: &PeriodTable<'_>, places: &Labels, activities: &Labels, entry_rca: f64) -> Result<Self, IndustryError> {
        let values = table.values;
        values.require_non_negative(&format!("the table of {}", table.period))?;
        let columns: Vec<usize> = values.columns().iter().map(|name| activities.require(name)).collect::<Result<_, _>>()?;
        let mut all = vec![0.0; places.len() * activities.len()];
        let mut place_state = vec![State::NotThere; places.len()];
        let mut activity_state = vec![State::NotThere; activities.len()];
        columns.iter().for_each(|p| activity_state[*p] = State::Empty);
        for (r, name) in values.rows().iter().enumerate() {
            let place = places.require(name)?;
            place_state[place] = State::Empty;
            for (value, p) in values.row(r).iter().zip(&columns) {
                all[place * activities.len() + p] = *value;
                if *value > 0.0 {
                    (place_state[place], activity_state[*p]) = (State::Live, State::Live);
                }
            }
        }
        let rca = revealed_comparative_advantage(&LabelledMatrix::new(places.clone(), activities.clone(), all)?)?;
        let presence = presence(&rca, Presence { threshold: entry_rca, strict: false });
        let (pci, no_pci) = match economic_complexity(&presence, &EconomicComplexityOptions::default()) {
            Ok(complexity) => (standardised(complexity.pci.values()), None),
            Err(error) => (None, Some(error.to_string())),
        };
        let live = |states: &[State]| states.iter().filter(|s| **s == State::Live).count() as f64;
        Ok(Snapshot {
            period: table.period.to_owned(),
            ubiquity: presence.ubiquity(),
            diversity: presence.diversity(),
            live_places: live(&place_state),
            live_activities: live(&activity_state),
            rca,
            presence,
            pci,
            no_pci,
            place_state,
            activity_state,
        })
    }

    /// Whether the place and the activity both have values in this period.
    pub(crate) fn has_values(&self, place: usize, activity: usize) -> bool {
        self.place_state[place] == State::Live && self.activity_state[activity] == State::Live
    }

    fn has_pci(&self, activity: usize) -> bool {
        self.pci.as_ref().is_none_or(|pci| pci[activity].is_finite())
    }
}

/// Mean 0 and deviation 1 over the finite values; nothing when they do not differ.
fn standardised(values: &[f64]) -> Option<Vec<f64>> {
    let finite: Vec<f64> = values.iter().copied().filter(|v| v.is_finite()).collect();
    let n = finite.len() as f64;
    let mean = finite.iter().sum::<f64>() / n;
    let deviation = (finite.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / n).sqrt();
    (deviation > 0.0).then(|| values.iter().map(|v| (v - mean) / deviation).collect())
}

/// What has values in both periods; the rest is counted.
fn live((what, labels): (&str, &Labels), before: &[State], after: &[State], exclusions: &mut Vec<EntryExclusion>) -> Vec<usize> {
    let of = |wanted: fn(State, State) -> bool| (0..labels.len()).filter(|i| wanted(before[*i], after[*i])).collect::<Vec<usize>>();
    use EntryExclusionReason::{NoValueInEarlierPeriod, NoValueInLaterPeriod, NotInEarlierPeriod, NotInLaterPeriod};
    // each label counts once, under the first reason that holds
    exclude(what, NotInEarlierPeriod, labels, &of(|a, b| a == State::NotThere && b != State::NotThere), exclusions);
    exclude(what, NotInLaterPeriod, labels, &of(|a, b| a != State::NotThere && b == State::NotThere), exclusions);
    exclude(what, NoValueInEarlierPeriod, labels, &of(|a, b| a == State::Empty && b != State::NotThere), exclusions);
    exclude(what, NoValueInLaterPeriod, labels, &of(|a, b| a == State::Live && b == State::Empty), exclusions);
    of(|a, b| a == State::Live && b == State::Live)
}

fn exclude(what: &str, reason: EntryExclusionReason, labels: &Labels, positions: &[usize], exclusions: &mut Vec<EntryExclusion>) {
    if positions.is_empty() {
        return;
    }
    let labels = positions.iter().map(|i| labels.name(*i).to_owned()).collect();
    exclusions.push(EntryExclusion { what: what.to_owned(), reason, count: positions.len(), labels });
}
