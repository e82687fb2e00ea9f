use super::backtest::EntryChoices;
use super::standing::{History, Standing};
use super::{Answer, Choices, Panel, as_json};
use crate::StrategyError;
use frame::{LabelledMatrix, LabelledVector, Language, Text};
use industry::{
    Backtest, BacktestOptions, Comparators, ComparedStructure, EarlierPeriod, EntryOptions, Folds, HitRate, Opportunities, Opportunity,
    OpportunityInput, OpportunityOptions, PlaceType, Track, gap_effort, income_controlled_residual, place_type,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::sync::Arc;
use store::RowTable;

/// What a place should transform, foster and build, with the evidence of every item.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "clap", derive(clap::Args))]
#[serde(default, deny_unknown_fields)]
pub struct OpportunitiesRequest {
    /// The place: its code in the table
    #[cfg_attr(feature = "clap", arg(value_name = "PLACE"))]
    pub place: String,
    /// How indicators are computed.
    #[cfg_attr(feature = "clap", command(flatten))]
    pub choices: Choices,
    /// How entries are told.
    #[cfg_attr(feature = "clap", command(flatten))]
    pub entry: EntryChoices,
    /// The period; the last one without it. Earlier periods say what rises, who entered and how well entry can be told
    #[cfg_attr(feature = "clap", arg(long, value_name = "PERIOD"))]
    pub period: Option<String>,
    /// Items of each track [default: 10]
    #[cfg_attr(feature = "clap", arg(long, value_name = "N"))]
    pub items: Option<usize>,
    /// Leave out the model of entry: no probabilities, foster is ordered by density and outlook gain
    #[cfg_attr(feature = "clap", arg(long))]
    pub no_model: bool,
    /// The places over which activities get their index; all without it
    #[cfg_attr(feature = "clap", arg(skip))]
    pub universe: Option<Vec<String>>,
}

/// The three tracks of one place with everything that stands behind them.
pub struct TracksOfPlace {
    /// The tracks with their rules.
    pub tracks: Opportunities,
    /// The evidence of every item, in the order transform, foster, build.
    pub evidence: Vec<Vec<ItemEvidence>>,
    /// The type of the place, and the numbers behind it.
    pub place_type: TypeOfPlace,
    /// The back-test behind the probabilities, where there are periods enough.
    pub backtest: Option<Arc<Backtest>>,
    /// Why there are no probabilities.
    pub no_model: Option<String>,
}

/// What stands behind one item besides its own numbers.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ItemEvidence {
    /// Other places that entered it, most similar first.
    pub comparators: Vec<industry::Comparator>,
    /// Effort by the gap in specialisation, ln((1 + 1)/(1 + RCA)) (1 − density); nothing where present.
    pub effort: Option<f64>,
    /// Probability of entry by the chosen model.
    pub probability: Option<f64>,
    /// How often cells of such a probability were entered, out of sample.
    pub hit_rate: Option<HitRate>,
}

/// The type of a place by the Growth Lab's rule, and the numbers it was decided from.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TypeOfPlace {
    /// The type; nothing where a number is not known.
    pub kind: Option<PlaceType>,
    /// Rank by ECI in the core.
    pub rank: Option<(usize, usize)>,
    /// ECI.
    pub eci: f64,
    /// Complexity outlook index.
    pub coi: f64,
    /// ECI beyond what income suggests; not a number where income is not known.
    pub eci_residual: f64,
    /// The rule in words.
    pub rule: Text,
}

/// Groups of places left out in turn for the probabilities.
const FOLDS: u32 = 10;
/// Comparators quoted.
const COMPARATORS: usize = 3;

/// The model of entry of a panel, computed once for all its places.
pub(crate) struct EntryOfPanel {
    pub(crate) backtest: Option<Arc<Backtest>>,
    pub(crate) probability: Option<LabelledMatrix>,
    pub(crate) no_model: Option<String>,
}

impl EntryOfPanel {
    pub(crate) fn new(history: &History, standing: &Standing, entry: &EntryChoices) -> Result<Self, StrategyError> {
        let options = entry.options()?;
        let options = BacktestOptions { folds: entry.folds.map_or(Folds::Places(FOLDS), Folds::Places), ..options };
        let periods = history.periods();
        match industry::backtest(&periods, &options) {
            Ok(found) => {
                // the model was fitted on the core; its probabilities are for every place of the period
                let mut all = periods;
                if let Some(last) = all.last_mut() {
                    last.values = &standing.values;
                }
                let probability = industry::entry_probabilities(&found.model, &all)?;
                Ok(EntryOfPanel { backtest: Some(Arc::new(found)), probability: Some(probability), no_model: None })
            }
            Err(reason) => Self::refused(reason),
        }
    }

    /// With probabilities for the places of the core only, which costs half as much.
    pub(crate) fn of_core(history: &History, standing: &Standing, options: &BacktestOptions) -> Result<Self, StrategyError> {
        let periods = history.periods();
        match industry::backtest(&periods, options) {
            Ok(found) => {
                let of_core = industry::entry_probabilities(&found.model, &periods)?;
                let (places, activities) = (standing.values.rows(), standing.values.columns());
                let mut values = Vec::with_capacity(places.len() * activities.len());
                for place in places.iter() {
                    match of_core.rows().position(place) {
                        Some(row) => values.extend_from_slice(of_core.row(row)),
                        None => values.extend(std::iter::repeat_n(f64::NAN, activities.len())),
                    }
                }
                let probability = LabelledMatrix::new(places.clone(), activities.clone(), values)?;
                Ok(EntryOfPanel { backtest: Some(Arc::new(found)), probability: Some(probability), no_model: None })
            }
            Err(reason) => Self::refused(reason),
        }
    }

    /// Data that a back-test cannot bear are no error: the reason is kept.
    fn refused(reason: industry::IndustryError) -> Result<Self, StrategyError> {
        match reason {
            industry::IndustryError::Frame(error) => Err(error.into()),
            reason => Ok(Self::none(&reason.to_string())),
        }
    }

    pub(crate) fn none(reason: &str) -> Self {
        EntryOfPanel { backtest: None, probability: None, no_model: Some(reason.to_owned()) }
    }
}

/// Proximity from which activities are linked in the model of contagion (Alshamsi, Pinheiro and Hidalgo 2018).
const LINKED: f64 = 0.55;

/// The tracks, the record of the run, and when unrelated bets on hubs pay: the window of the best order of everything the place lacks.
fn found_with_window(
    panel: &Panel,
    request: &OpportunitiesRequest,
) -> Result<(TracksOfPlace, Value, Option<industry::HubWindow>), StrategyError> {
    let period = panel.period(request.period.as_deref())?;
    let standing = Standing::new(panel, period, &request.choices, request.universe.as_deref())?;
    let network = industry::ContagionNetwork::from_proximity(&standing.proximity, LINKED)?;
    let order = industry::entry_sequence(
        &network,
        &standing.all.presence,
        &request.place,
        industry::SequenceTargets::Missing,
        &industry::SequenceOptions::default(),
    )?;
    let (found, run) = tracks_of_standing(panel, request, standing)?;
    Ok((found, run, order.hubs))
}

fn tracks_of_standing(panel: &Panel, request: &OpportunitiesRequest, standing: Standing) -> Result<(TracksOfPlace, Value), StrategyError> {
    let history = History::new(panel, standing.period, &request.choices, request.universe.as_deref())?;
    let entry = if request.no_model {
        EntryOfPanel::none("it was left out by request")
    } else {
        EntryOfPanel::new(&history, &standing, &request.entry)?
    };
    let run = as_json(&standing.all.record);
    let options = request.entry.options()?.entry;
    Ok((TracksOfPanel::new(panel, standing, &history, entry, &options)?.of_place(&request.place, request.items)?, run))
}

/// The period before, measured by its own world totals.
struct Before {
    name: String,
    values: LabelledMatrix,
    rca: LabelledMatrix,
    years: f64,
}

impl Before {
    fn of(panel: &Panel, standing: &Standing) -> Result<Option<Self>, StrategyError> {
        let Ok(year) = panel.period_name(standing.period).parse::<i32>() else { return Ok(None) };
        for earlier in (0..standing.period).rev() {
            let values = panel.matrix(earlier)?;
            let name = panel.period_name(earlier).to_owned();
            if let (Ok(then), true) = (name.parse::<i32>(), values.values().iter().any(|v| *v > 0.0)) {
                let rca = complexity::revealed_comparative_advantage(&values)?;
                return Ok(Some(Before { name, values, rca, years: f64::from(year - then) }));
            }
        }
        Ok(None)
    }
}

/// Everything the tracks of all places of a panel share.
pub(crate) struct TracksOfPanel {
    pub(crate) standing: Standing,
    pub(crate) entry: EntryOfPanel,
    before: Option<Before>,
    effort: LabelledMatrix,
    comparators: Option<Comparators>,
    residual: Option<LabelledVector>,
}

impl TracksOfPanel {
    pub(crate) fn new(
        panel: &Panel,
        standing: Standing,
        history: &History,
        entry: EntryOfPanel,
        options: &EntryOptions,
    ) -> Result<Self, StrategyError> {
        let threshold = 1.0;
        let effort = gap_effort(&standing.all.rca, &standing.all.density, threshold)?;
        let periods = history.periods();
        let comparators = if periods.len() > 1 { Comparators::new(&periods, options).ok() } else { None };
        // what income suggests is learned from the core: the erratic baskets of small territories would bend the line
        let income = panel.of_places(&panel.income, standing.period)?;
        let core = standing.core_presence.places();
        let eci = LabelledVector::new(core.clone(), core.iter().map(|p| standing.all.eci.get(p).unwrap_or(f64::NAN)).collect())?;
        let residual = income.and_then(|income| income_controlled_residual(&eci, &income).ok());
        Ok(TracksOfPanel { before: Before::of(panel, &standing)?, effort, comparators, residual, standing, entry })
    }

    /// The tracks of one place.
    pub(crate) fn of_place(&self, place: &str, items: Option<usize>) -> Result<TracksOfPlace, StrategyError> {
        let (standing, entry, before) = (&self.standing, &self.entry, &self.before);
        let all = &standing.all;
        let input = OpportunityInput {
            exports: &standing.values,
            rca: &all.rca,
            presence: &all.presence,
            pci: &standing.pci,
            density: &all.density,
            cog: &all.cog,
            proximity: &standing.proximity,
            earlier: before.as_ref().map(|b| EarlierPeriod { exports: &b.values, rca: &b.rca, years: b.years, period: &b.name }),
            // a place without any probability is ordered as if there were no model
            probability: entry
                .probability
                .as_ref()
                .filter(|m| m.rows().position(place).is_some_and(|row| m.row(row).iter().any(|p| p.is_finite()))),
        };
        let usual = OpportunityOptions::default();
        let options = OpportunityOptions { items: items.unwrap_or(usual.items), ..usual };
        let found = industry::opportunities(&input, place, &options)?;
        let evidence = |item: &Opportunity| -> ItemEvidence {
            let code = item.standing.code.as_str();
            let probability = Some(item.standing.probability).filter(|p| p.is_finite());
            let others = self.comparators.as_ref().and_then(|c| {
                // a place outside the core is compared by what it has now, or not at all
                let same = c.find(place, code, COMPARATORS, ComparedStructure::SamePeriod).ok()?;
                if same.is_empty() { c.find(place, code, COMPARATORS, ComparedStructure::LastPeriod).ok() } else { Some(same) }
            });
            ItemEvidence {
                comparators: others.unwrap_or_default(),
                effort: self.effort.get(place, code).filter(|w| w.is_finite()),
                probability,
                hit_rate: probability.and_then(|p| entry.backtest.as_ref()?.model.hit_rate(p)),
            }
        };
        let evidence = [&found.transform, &found.foster, &found.build].map(|track| track.items.iter().map(evidence).collect()).to_vec();
        let eci_residual = self.residual.as_ref().and_then(|r| r.get(place)).unwrap_or(f64::NAN);
        let (eci, coi) = (all.eci.get(place).unwrap_or(f64::NAN), all.coi.get(place).unwrap_or(f64::NAN));
        let rank = standing.rank(place);
        let kind = rank.and_then(|(rank, _)| place_type(rank, coi, eci_residual));
        let rule = Text::new(
            "frontier when the rank by ECI is at most 9; otherwise long jump when COI is at most 0; otherwise low-hanging fruit when ECI is at least what income suggests, else balanced portfolio",
            "经济复杂度位次不低于第 9 者为前沿型；其余前景指数不高于 0 者为远跳型；其余复杂度不低于收入所对应水平者为近果型，否则为均衡组合型",
        );
        Ok(TracksOfPlace {
            tracks: found,
            evidence,
            place_type: TypeOfPlace { kind, rank, eci, coi, eci_residual, rule },
            no_model: entry.no_model.clone(),
            backtest: entry.backtest.clone(),
        })
    }
}

/// The tracks of one place as tables.
///
/// # Errors
/// An unknown place or period, and what the methods report. That entry cannot be told is no error: a note says why.
pub fn opportunities_of_place(panel: &Panel, request: &OpportunitiesRequest, language: Language) -> Result<Answer, StrategyError> {
    let (found, run, window) = found_with_window(panel, request)?;
    let tracks = [("transform", &found.tracks.transform), ("foster", &found.tracks.foster), ("build", &found.tracks.build)];
    let mut notes = Vec::new();
    let kind = &found.place_type;
    let named =
        kind.kind.map_or_else(|| "not known".to_owned(), |kind| format!("{}: {}", kind.name().get(language), kind.advice().get(language)));
    notes.push(format!(
        "place type {named} (ECI {:.2}, rank {}, COI {:.2}, ECI beyond income {:.2}; rule: {})",
        kind.eci,
        kind.rank.map_or_else(|| "unknown".to_owned(), |(rank, of)| format!("{rank} of {of}")),
        kind.coi,
        kind.eci_residual,
        kind.rule.get(language)
    ));
    for (name, track) in tracks {
        notes.push(format!("{name}: {}", track.rule.get(language)));
        notes.extend(track.caveat.iter().chain(&track.missing).map(|note| format!("{name}: {}", note.get(language))));
    }
    if let Some(window) = &window {
        notes.push(format!("build, when: {}", window.rule.get(language)));
    }
    match (&found.backtest, &found.no_model) {
        (Some(backtest), _) => notes.push(format!(
            "probabilities come from the model {}, {} {}",
            backtest.model.kind.name().get(language),
            backtest.selection_rule.get(language),
            backtest.verdict.get(language)
        )),
        (None, Some(reason)) => notes.push(format!("there are no probabilities of entry: {reason}")),
        (None, None) => {}
    }
    let table = table(panel, &tracks, &found.evidence, language)?;
    let full: Vec<Value> =
        tracks.iter().zip(&found.evidence).map(|((name, track), evidence)| as_track(panel, name, track, evidence, language)).collect();
    let record = json!({
        "engine": frame::ENGINE_VERSION,
        "source": panel.source,
        "input_sha256": panel.table.sha256(),
        "request": as_json(request),
        "run": run,
        "place_type": as_json(&found.place_type),
        "mean_complexity": found.tracks.mean_complexity,
        "options": as_json(&found.tracks.options),
        "tracks": full,
        "build_window": as_json(&window),
        "backtest": found.backtest.as_ref().map(|b| json!({"model": b.model.kind.code(), "scores": as_json(&b.models), "verdict": b.verdict.get(language)})),
        "no_model": found.no_model,
    });
    Ok(Answer { tables: vec![table], record, notes })
}

fn table(panel: &Panel, tracks: &[(&str, &Track)], evidence: &[Vec<ItemEvidence>], language: Language) -> Result<RowTable, StrategyError> {
    let items: Vec<(&str, usize, &Opportunity, &ItemEvidence)> = tracks
        .iter()
        .zip(evidence)
        .flat_map(|((name, track), evidence)| track.items.iter().zip(evidence).enumerate().map(|(at, (item, e))| (*name, at + 1, item, e)))
        .collect();
    let number = |pick: fn(&Opportunity) -> f64| items.iter().map(|(_, _, item, _)| pick(item)).collect::<Vec<f64>>();
    let listed = |words: Vec<String>| words.join("; ");
    Ok(RowTable::new("opportunities")
        .text("track", items.iter().map(|(track, ..)| *track))?
        .count("order", items.iter().map(|(_, order, ..)| *order))?
        .text("activity", items.iter().map(|(_, _, item, _)| item.standing.code.as_str()))?
        .text("name", items.iter().map(|(_, _, item, _)| panel.name(&item.standing.code, language)))?
        .number("value", number(|item| item.standing.value))?
        .number("rca", number(|item| item.standing.rca))?
        .number("rca_before", number(|item| item.standing.rca_before))?
        .number("pci", number(|item| item.standing.pci))?
        .number("density", number(|item| item.standing.density))?
        .number("cog", number(|item| item.standing.cog))?
        .number("world", number(|item| item.standing.world))?
        .number("world_growth", number(|item| item.standing.world_growth))?
        .number("share_change", number(|item| item.standing.share_change))?
        .number("score", number(|item| item.score))?
        .number("effort", items.iter().map(|(.., e)| e.effort.unwrap_or(f64::NAN)))?
        .number("entry_prob", items.iter().map(|(.., e)| e.probability.unwrap_or(f64::NAN)))?
        .number("hit_rate", items.iter().map(|(.., e)| e.hit_rate.map_or(f64::NAN, |h| h.rate)))?
        .number("hit_rate_low", items.iter().map(|(.., e)| e.hit_rate.map_or(f64::NAN, |h| h.low)))?
        .number("hit_rate_high", items.iter().map(|(.., e)| e.hit_rate.map_or(f64::NAN, |h| h.high)))?
        .text(
            "nearest_held",
            items.iter().map(|(_, _, item, _)| listed(item.held.iter().map(|h| format!("{} {:.2}", h.code, h.proximity)).collect())),
        )?
        .text(
            "towards",
            items.iter().map(|(_, _, item, _)| listed(item.targets.iter().map(|t| format!("{} {:.2}", t.code, t.proximity)).collect())),
        )?
        .text(
            "comparators",
            items.iter().map(|(.., e)| listed(e.comparators.iter().map(|c| format!("{} {}-{}", c.place, c.from, c.to)).collect())),
        )?)
}

fn as_track(panel: &Panel, name: &str, track: &Track, evidence: &[ItemEvidence], language: Language) -> Value {
    let items: Vec<Value> = track
        .items
        .iter()
        .zip(evidence)
        .map(|(item, evidence)| {
            let held: Vec<Value> = item
                .held
                .iter()
                .map(|h| json!({"activity": h.code, "name": panel.name(&h.code, language), "proximity": h.proximity}))
                .collect();
            let towards: Vec<Value> = item
                .targets
                .iter()
                .map(|t| {
                    json!({"activity": t.code, "name": panel.name(&t.code, language), "proximity": t.proximity,
                    "complexity_gain": t.complexity_gain, "present": t.present})
                })
                .collect();
            json!({"activity": item.standing.code, "name": panel.name(&item.standing.code, language), "score": item.score,
                "held": held, "towards": towards, "evidence": as_json(evidence)})
        })
        .collect();
    json!({
        "track": name,
        "rule": track.rule.get(language),
        "steps": track.steps.iter().map(|step| json!({"condition": step.condition.get(language), "left": step.left})).collect::<Vec<_>>(),
        "caveat": track.caveat.as_ref().map(|t| t.get(language)),
        "missing": track.missing.as_ref().map(|t| t.get(language)),
        "items": items,
    })
}
