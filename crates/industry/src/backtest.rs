use crate::IndustryError;
use crate::boosted_trees::{self, BoostedTrees, BoostedTreesOptions};
use crate::entry::{
    Cell, EntryExclusion, EntryExclusionReason, EntryFeature, EntryOptions, Panel, PeriodTable, Transition, check_entry_options,
    density_without_fold,
};
use crate::features::{Features, all_rows};
use crate::isotonic_calibration::{IsotonicCalibration, pooled, rising};
use crate::logistic::{self, LogisticModel, LogisticOptions};
use crate::ranking_scores::{
    CalibrationBin, CurveDifference, PrecisionAtTop, area_under_curve, average_precision, brier_score, calibration_table, difference_of,
    expected_calibration_error, log_loss, placements, precision_at_top, table_cut_at,
};
use complexity::density_of_lacking_without_own_place;
use frame::{LabelledMatrix, Labels, Language, Text, number};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

/// Which places are left out together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Folds {
    /// Every place on its own.
    LeaveOnePlaceOut,
    /// As many groups as said; the k-th place in the order of the labels goes to group k modulo that number.
    Places(u32),
}

/// Options of [`backtest`].
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct BacktestOptions {
    /// What counts as a candidate and as an entry.
    pub entry: EntryOptions,
    /// Which places are left out together (every place on its own).
    pub folds: Folds,
    /// Groups of places for the trees where `folds` is one place at a time: they cost too much for that (10).
    pub tree_folds: u32,
    /// Options of the logistic regressions.
    pub logistic: LogisticOptions,
    /// Options of the trees.
    pub trees: BoostedTreesOptions,
    /// Whether the trees are tried at all (yes): they take most of the time.
    pub with_trees: bool,
    /// Whether probabilities may go through a rising map fitted on other places, if that lowers their Brier score (yes).
    pub calibrate: bool,
    /// Bins of the calibration tables (10).
    pub calibration_bins: usize,
    /// How many of the best of every list the precision is taken of (10).
    pub top: usize,
}

impl BacktestOptions {
    /// The models that are tried, simplest first: the trees come last, so leaving them out moves no other.
    fn kinds(&self) -> impl Iterator<Item = EntryModelKind> {
        let with_trees = self.with_trees;
        EntryModelKind::ALL.into_iter().filter(move |kind| with_trees || *kind != EntryModelKind::BoostedTrees)
    }
}

impl Default for BacktestOptions {
    fn default() -> Self {
        BacktestOptions {
            entry: EntryOptions::default(),
            folds: Folds::LeaveOnePlaceOut,
            tree_folds: 10,
            logistic: LogisticOptions::default(),
            trees: BoostedTreesOptions::default(),
            with_trees: true,
            calibrate: true,
            calibration_bins: 10,
            top: 10,
        }
    }
}

/// The models that are tried, simplest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EntryModelKind {
    /// The level of RCA alone: ranked by it, probability by a logistic regression on it.
    RcaLevel,
    /// Density alone, likewise.
    Density,
    /// Logistic regression on all features.
    Logistic,
    /// Gradient-boosted trees on all features.
    BoostedTrees,
}

impl EntryModelKind {
    /// All, simplest first.
    pub const ALL: [EntryModelKind; 4] =
        [EntryModelKind::RcaLevel, EntryModelKind::Density, EntryModelKind::Logistic, EntryModelKind::BoostedTrees];

    /// Its code, as in the outputs.
    pub fn code(self) -> &'static str {
        match self {
            EntryModelKind::RcaLevel => "rca_level",
            EntryModelKind::Density => "density",
            EntryModelKind::Logistic => "logistic",
            EntryModelKind::BoostedTrees => "boosted_trees",
        }
    }

    /// Its name.
    pub fn name(self) -> Text {
        match self {
            EntryModelKind::RcaLevel => Text::new("level of RCA alone", "仅用显性比较优势水平"),
            EntryModelKind::Density => Text::new("density alone", "仅用密度"),
            EntryModelKind::Logistic => Text::new("logistic regression on all features", "全特征逻辑回归"),
            EntryModelKind::BoostedTrees => Text::new("boosted trees on all features", "全特征提升树"),
        }
    }
}

/// How well one model told entries before they were made, on cells it had not seen.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ModelScores {
    /// The model.
    pub model: EntryModelKind,
    /// How cells were kept from it.
    pub scheme: Text,
    /// Cells scored.
    pub n: usize,
    /// Those entered.
    pub entries: usize,
    /// `entries / n`: what a precision is to be compared with.
    pub base_rate: f64,
    /// Area under the curve; 0.5 is chance.
    pub auc: f64,
    /// Its standard error with whole places as the independent units; NaN where it cannot be told.
    pub auc_standard_error: f64,
    /// Its area minus that of the level of RCA alone on the same cells.
    pub auc_over_level: CurveDifference,
    /// Its area minus that of density alone on the same cells.
    pub auc_over_density: CurveDifference,
    /// Average precision.
    pub average_precision: f64,
    /// Precision among the first 10 of every place's list.
    pub precision_at_top: PrecisionAtTop,
    /// Brier score of the probabilities.
    pub brier: f64,
    /// The same of the probabilities as the model gave them, before calibration.
    pub brier_uncalibrated: f64,
    /// Part by which the score is below that of the base rate for every cell, 1 − brier / (b (1 − b)); negative is worse than it.
    pub brier_skill: f64,
    /// Log loss of the probabilities.
    pub log_loss: f64,
    /// Whether the probabilities went through a rising map fitted on other places, because that lowered the Brier score.
    pub calibrated: bool,
    /// What was said against what happened.
    pub calibration: Vec<CalibrationBin>,
    /// Expected calibration error over that table.
    pub expected_calibration_error: f64,
    /// All this in one line.
    pub verdict: Text,
}

/// Scores on the last transition by models that saw the earlier ones only.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TimeTest {
    /// The transition tested, as a position in [`Backtest::transitions`].
    pub tested: usize,
    /// The scores, simplest model first.
    pub models: Vec<ModelScores>,
}

/// What a back-test of entry found.
#[derive(Debug, Clone)]
pub struct Backtest {
    /// The transitions, with what was left out of them.
    pub transitions: Vec<Transition>,
    /// What the models of all features look at.
    pub features: Vec<EntryFeature>,
    /// What a reader must know.
    pub notes: Vec<Text>,
    /// Scores with places left out, simplest model first.
    pub models: Vec<ModelScores>,
    /// Scores with the last transition left out, where there are at least two.
    pub over_time: Option<TimeTest>,
    /// Whether density beats the level of RCA, and which model is best.
    pub verdict: Text,
    /// How the model for probabilities was chosen.
    pub selection_rule: Text,
    /// The chosen model, fitted on all cells.
    pub model: EntryModel,
    /// The logistic regression of all features, fitted on all cells: its coefficients say what goes with entry.
    pub logistic: LogisticModel,
    /// The options used.
    pub options: BacktestOptions,
    places: Labels,
    activities: Labels,
    cells: Vec<Cell>,
    /// Per model, in the order of [`EntryModelKind::ALL`].
    probabilities: Vec<Vec<f64>>,
}

/// A model of entry fitted on all transitions, with the record it earned out of sample.
#[derive(Debug, Clone)]
pub struct EntryModel {
    /// Which model.
    pub kind: EntryModelKind,
    /// The features of a cell, in order.
    pub features: Vec<EntryFeature>,
    /// The rising map its probabilities go through, where that made them better out of sample.
    pub calibration: Option<IsotonicCalibration>,
    /// What it said out of sample against what happened: [`EntryModel::hit_rate`] reads from here.
    pub record: Vec<CalibrationBin>,
    /// By when: the time its probabilities are about.
    pub horizon: Text,
    /// What counts as a candidate and as an entry.
    pub options: EntryOptions,
    fitted: Fitted,
}

/// How often cells of such a probability were entered, out of sample.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct HitRate {
    /// The share that entered.
    pub rate: f64,
    /// Of how many cells.
    pub n: usize,
    /// Lower end of Wilson's 95 % interval.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

#[derive(Debug, Clone)]
enum Fitted {
    One { feature: usize, model: LogisticModel },
    Logistic(LogisticModel),
    Trees(BoostedTrees),
}

impl Fitted {
    fn probability(&self, row: &[f64]) -> f64 {
        match self {
            Fitted::One { feature, model } => model.probability(&row[*feature..=*feature]),
            Fitted::Logistic(model) => model.probability(row),
            Fitted::Trees(model) => model.probability(row),
        }
    }
}

impl EntryModel {
    /// The observed out-of-sample rate of entry of the calibration bin a probability falls into (the first bin that reaches up to it, or
    /// else the highest).
    ///
    /// Nothing for a number that is not finite.
    pub fn hit_rate(&self, probability: f64) -> Option<HitRate> {
        if !probability.is_finite() {
            return None;
        }
        let bin = self.record.iter().find(|bin| probability <= bin.to).or(self.record.last())?;
        Some(HitRate { rate: bin.observed, n: bin.n, low: bin.low, high: bin.high })
    }

    /// The probability of a cell from its features, in the order of [`EntryModel::features`].
    fn probability(&self, row: &[f64]) -> f64 {
        let raw = self.fitted.probability(row);
        self.calibration.as_ref().map_or(raw, |map| map.calibrated(raw))
    }
}

/// Fewer places say nothing about a place not seen.
const FEWEST_PLACES: usize = 5;
/// Groups of places the rising map is fitted without in turn.
const CALIBRATION_GROUPS: usize = 10;
/// Places of the features that the baselines use.
const LEVEL: usize = 0;
const DENSITY: usize = 1;

/// Cells, outcomes and what the cells of one way of leaving places out look like.
struct Scheme {
    /// Per place of the panel.
    fold: Vec<u32>,
    folds: u32,
    features: Features,
    name: Text,
}

/// Out-of-sample prediction of entry, beside two baselines: what models could have known of entries before they were made.
///
/// A cell (place, activity) is a candidate at t when its RCA is under `candidate_rca`, and entered when its RCA at the next period
/// reaches `entry_rca`. Four models ([`EntryModelKind`]; three without the trees) are fitted with places left out in turn, one by one or in groups, and score the cells of
/// the places left out. The density of every cell comes from a proximity without the places of its own fold (exact leave-one-place-out:
/// [`complexity::density_of_lacking_without_own_place`]); RCA, PCI and ubiquity are those of the period's whole table, which hold nothing of the outcome. With three
/// periods or more the models are also fitted on the earlier transitions and tested on the last one.
///
/// Growth of the level is among the features when there are at least three periods; in the first transition it is 0 and an indicator
/// says so. Features are standardised over the training cells of each fit.
///
/// Each model's probabilities go through an isotonic map, fitted on other places, if that lowers their Brier score. The model with the
/// lowest Brier score is chosen (within 1e-12 the simpler), fitted again on all cells and returned with its record.
///
/// Tables need not hold the same places and activities, nor in one order; what is in one period of a transition only, or empty, is
/// left out of it and counted. The result does not depend on the order of the input or the number of threads.
///
/// # Errors
/// [`IndustryError::TooFewPeriods`], [`IndustryError::PeriodOrder`], [`IndustryError::TooFewPlacesToTest`] (fewer than 5, or than there are
/// folds), [`IndustryError::OneOutcome`] when nothing or everything was entered, [`IndustryError::EntriesTogether`],
/// [`IndustryError::Option`], [`IndustryError::Frame`] for a negative or missing value, and those of the fits.
///
/// Source: density after Hidalgo, Klinger, Barabási and Hausmann (2007), left-out places as in the Growth Lab's Stata package; the page
/// `entry-backtest` of `docs/methods` names those of the models and scores.
///
/// ```
/// use frame::{LabelledMatrix, Labels};
/// use xinzhi_industry::{BacktestOptions, PeriodTable, backtest, entry_probabilities};
/// // made up: 12 places on a ring of 24 products; each makes 8 neighbouring ones and moves one product on
/// let table = |shift: usize| {
///     let places = Labels::new("places", (0..12).map(|c| format!("place {c:02}")))?;
///     let products = Labels::new("products", (0..24).map(|p| format!("product {p:02}")))?;
///     let value = |c: usize, p: usize| if (p + 48 - 2 * c - shift) % 24 < 8 { 10.0 } else { 0.0 };
///     LabelledMatrix::new(places, products, (0..12).flat_map(|c| (0..24).map(move |p| value(c, p))).collect())
/// };
/// let (before, after) = (table(0)?, table(1)?);
/// let periods = [PeriodTable { period: "2000", values: &before }, PeriodTable { period: "2010", values: &after }];
/// let found = backtest(&periods, &BacktestOptions::default())?;
/// assert!(found.models.iter().all(|m| m.n == 12 * 16 && m.entries == 12));
/// assert!(found.models[1].auc > 0.8, "density knows");
/// let probable = entry_probabilities(&found.model, &periods)?;
/// assert!(probable.get("place 00", "product 09").is_some_and(|p| p > 0.1));
/// assert!(probable.get("place 00", "product 05").is_some_and(f64::is_nan), "it has that one");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn backtest(periods: &[PeriodTable<'_>], options: &BacktestOptions) -> Result<Backtest, IndustryError> {
    check_entry_options(&options.entry)?;
    if periods.len() < 2 {
        return Err(too_few_periods(periods));
    }
    let panel = Panel::new(periods, options.entry.entry_rca)?;
    let count = periods.len() - 1;
    let features = panel.features(&options.entry, count);
    let (mut cells, mut transitions) = (Vec::new(), Vec::new());
    for t in 0..count {
        let (own, transition) = panel.candidates(t, &options.entry);
        cells.extend(own);
        transitions.push(transition);
    }
    let main = fold_of_places(&panel, &cells, options.folds)?;
    let grouped = match options.folds {
        Folds::LeaveOnePlaceOut => Some(fold_of_places(&panel, &cells, Folds::Places(options.tree_folds.min(main.1)))?),
        Folds::Places(_) => None,
    };
    let own = own_place_densities(&panel, count)?;
    let by_main = match options.folds {
        Folds::LeaveOnePlaceOut => own.clone(),
        Folds::Places(_) => fold_densities(&panel, count, &main)?,
    };
    let by_group = grouped.as_ref().map(|folds| fold_densities(&panel, count, folds)).transpose()?;
    // every model is scored on the same cells: those with a density in every scheme
    let at =
        |densities: &[LabelledMatrix], cell: &Cell| densities[cell.transition as usize].at(cell.place as usize, cell.activity as usize);
    let mut without = vec![0_usize; count];
    cells.retain(|cell| {
        let known = [Some(&own), Some(&by_main), by_group.as_ref()].into_iter().flatten().all(|d| at(d, cell).is_finite());
        without[cell.transition as usize] += usize::from(!known);
        known
    });
    for (transition, count) in transitions.iter_mut().zip(without).filter(|(_, count)| *count > 0) {
        let reason = EntryExclusionReason::NoNeighbours;
        transition.exclusions.push(EntryExclusion { what: "cells".to_owned(), reason, count, labels: Vec::new() });
    }
    for cell in &cells {
        let transition = &mut transitions[cell.transition as usize];
        transition.candidates += 1;
        transition.entries += usize::from(cell.entered);
    }
    transitions.iter_mut().for_each(|t| t.base_rate = t.entries as f64 / t.candidates as f64);
    let entered: Vec<bool> = cells.iter().map(|cell| cell.entered).collect();
    let table = |densities: &[LabelledMatrix]| -> Result<Features, IndustryError> {
        let mut values = Vec::with_capacity(cells.len() * features.len());
        cells.iter().for_each(|cell| panel.push_features(cell, &features, at(densities, cell), &mut values));
        Features::new(Labels::new("features", features.iter().map(|f| f.code()))?, values)
    };
    let own_features = table(&own)?;
    let scheme = |(fold, folds): (Vec<u32>, u32), features, name| Scheme { fold, folds, features, name };
    let main = match options.folds {
        Folds::LeaveOnePlaceOut => scheme(main, own_features.clone(), Text::new("each place left out in turn", "逐一剔除每个地区")),
        Folds::Places(k) => scheme(main, table(&by_main)?, groups_left_out(k)),
    };
    let grouped = match (grouped, by_group) {
        (Some(folds), Some(densities)) => {
            let name = groups_left_out(folds.1);
            Some(scheme(folds, table(&densities)?, name))
        }
        _ => None,
    };
    let for_trees = grouped.as_ref().unwrap_or(&main);
    for scheme in [&main, for_trees] {
        require_outcomes_apart(&panel, &cells, scheme)?;
    }
    let judge = Judge::new(&panel, &cells, entered, &main.features, options)?;
    let (mut models, mut probabilities, mut maps) = (Vec::new(), Vec::new(), Vec::new());
    for kind in options.kinds() {
        let scheme = if kind == EntryModelKind::BoostedTrees { for_trees } else { &main };
        let raw = out_of_sample(kind, scheme, &cells, &judge.entered, options)?;
        let (scores, probability, map) = judge.score(kind, raw, &scheme.name, options.calibrate)?;
        models.push(scores);
        probabilities.push(probability);
        maps.push(map);
    }
    let chosen = choose(&models);
    let all = all_rows(cells.len());
    let fitted = fit(EntryModelKind::ALL[chosen], &own_features, &judge.entered, &all, options, None)?;
    let logistic = logistic::fit(&own_features, &judge.entered, &all, &options.logistic, None)?;
    let mut notes = notes(&panel, &transitions, &features, &logistic, options);
    let over_time = match time_test(&own_features, &panel, &cells, &judge.entered, &transitions, options) {
        Ok(test) => test,
        Err(error) => {
            notes.push(Text::new(format!("No test over time: {error}."), format!("无法进行跨期检验：{error}。")));
            None
        }
    };
    let model = EntryModel {
        kind: EntryModelKind::ALL[chosen],
        features: features.clone(),
        calibration: maps.swap_remove(chosen),
        record: record(&probabilities[chosen], &judge.entered),
        horizon: horizon(&transitions),
        options: options.entry,
        fitted,
    };
    Ok(Backtest {
        verdict: verdict(&models, chosen),
        selection_rule: Text::new(
            "The model with the lowest Brier score on places it had not seen; of equal ones the simplest. Its probabilities go through a rising map fitted on other places where that lowers the score.",
            "选取在未见过的地区上布里尔分数最低的模型，相同者取最简单的；若用其他地区拟合的单调映射能降低该分数，则概率经其校准。",
        ),
        transitions,
        features,
        notes,
        models,
        over_time,
        model,
        logistic,
        options: *options,
        places: panel.places.clone(),
        activities: panel.activities.clone(),
        cells,
        probabilities,
    })
}

impl Backtest {
    /// The scores of a model with places left out.
    pub fn scores(&self, kind: EntryModelKind) -> Option<&ModelScores> {
        self.models.iter().find(|m| m.model == kind)
    }

    /// The out-of-sample probability of every scored cell of a transition, over all places and activities sorted by label; NaN elsewhere,
    /// and everywhere for a model that was not tried.
    ///
    /// # Errors
    /// None beyond those of the labels.
    pub fn out_of_sample(&self, kind: EntryModelKind, transition: usize) -> Result<LabelledMatrix, IndustryError> {
        let of = EntryModelKind::ALL.iter().position(|k| *k == kind).unwrap_or(0);
        let mut values = vec![f64::NAN; self.places.len() * self.activities.len()];
        let probabilities = self.probabilities.get(of).map_or(&[][..], Vec::as_slice);
        for (cell, p) in self.cells.iter().zip(probabilities).filter(|(cell, _)| cell.transition as usize == transition) {
            values[cell.place as usize * self.activities.len() + cell.activity as usize] = *p;
        }
        Ok(LabelledMatrix::new(self.places.clone(), self.activities.clone(), values)?)
    }
}

/// The probability of entry by the next period of every candidate cell of the last period given, over its places and activities in its
/// order; NaN where the place has the activity already (or is nearly there, with a `candidate_rca` under 1), and where nothing can be
/// said: an activity nobody has or without neighbours, an empty place.
///
/// The periods are those of the back-test, or at least the last two of them, whose growth is a feature of some models.
///
/// # Errors
/// [`IndustryError::TooFewPeriods`] without any, [`IndustryError::Cases`] when the period has no product complexity and the model needs it,
/// and those of [`backtest`]'s input.
///
/// See the example of [`backtest`].
pub fn entry_probabilities(model: &EntryModel, periods: &[PeriodTable<'_>]) -> Result<LabelledMatrix, IndustryError> {
    let Some(last) = periods.last() else { return Err(too_few_periods(periods)) };
    let panel = Panel::new(periods, model.options.entry_rca)?;
    let now = &panel.snapshots[periods.len() - 1];
    if let (Some(reason), true) = (&now.no_pci, model.features.contains(&EntryFeature::Pci)) {
        let found = format!("no product complexity for {}: {reason}", last.period);
        return Err(IndustryError::Cases { what: "features", found, requirement: "all features the model was fitted on" });
    }
    let density = density_of_lacking_without_own_place(&now.presence)?;
    let (rows, columns) = (last.values.rows(), last.values.columns());
    let place = positions(&panel.places, rows);
    let activity = positions(&panel.activities, columns);
    let mut values = vec![f64::NAN; rows.len() * columns.len()];
    let mut row = Vec::with_capacity(model.features.len());
    for cell in panel.open_cells(&model.options) {
        let near = density.at(cell.place as usize, cell.activity as usize);
        let (Some(r), Some(c)) = (place[cell.place as usize], activity[cell.activity as usize]) else { continue };
        if near.is_finite() {
            row.clear();
            panel.push_features(&cell, &model.features, near, &mut row);
            values[r * columns.len() + c] = model.probability(&row);
        }
    }
    Ok(LabelledMatrix::new(rows.clone(), columns.clone(), values)?)
}

/// Where each label of one list stands in another.
fn positions(of: &Labels, within: &Labels) -> Vec<Option<usize>> {
    of.iter().map(|name| within.position(name)).collect()
}

fn groups_left_out(k: u32) -> Text {
    Text::new(format!("places left out in {k} groups"), format!("地区分 {k} 组轮流剔除"))
}

/// The fold of every place of the panel and their number; places without candidates are dealt out after the others.
fn fold_of_places(panel: &Panel, cells: &[Cell], folds: Folds) -> Result<(Vec<u32>, u32), IndustryError> {
    let tested = tested_places(panel, cells);
    let places = tested.iter().filter(|t| **t).count();
    let wanted = match folds {
        Folds::LeaveOnePlaceOut => places,
        Folds::Places(k) => k as usize,
    };
    if wanted < 2 && folds != Folds::LeaveOnePlaceOut {
        return Err(IndustryError::Option { option: "folds", value: wanted.to_string(), requirement: "at least 2" });
    }
    let needed = FEWEST_PLACES.max(wanted);
    if places < needed {
        return Err(IndustryError::TooFewPlacesToTest { places, needed });
    }
    let mut order: Vec<usize> = (0..tested.len()).collect();
    order.sort_by_key(|c| !tested[*c]);
    let mut fold = vec![0; tested.len()];
    order.into_iter().enumerate().for_each(|(k, c)| fold[c] = (k % wanted) as u32);
    Ok((fold, wanted as u32))
}

fn tested_places(panel: &Panel, cells: &[Cell]) -> Vec<bool> {
    let mut tested = vec![false; panel.places.len()];
    cells.iter().for_each(|cell| tested[cell.place as usize] = true);
    tested
}

fn own_place_densities(panel: &Panel, transitions: usize) -> Result<Vec<LabelledMatrix>, IndustryError> {
    panel.snapshots[..transitions].iter().map(|s| Ok(density_of_lacking_without_own_place(&s.presence)?)).collect()
}

fn fold_densities(panel: &Panel, transitions: usize, (fold, folds): &(Vec<u32>, u32)) -> Result<Vec<LabelledMatrix>, IndustryError> {
    panel.snapshots[..transitions].iter().map(|s| density_without_fold(&s.presence, fold, *folds)).collect()
}

/// With any fold left out there must be entries and other cells to learn from.
fn require_outcomes_apart(panel: &Panel, cells: &[Cell], scheme: &Scheme) -> Result<(), IndustryError> {
    let entries = cells.iter().filter(|cell| cell.entered).count();
    if entries == 0 || entries == cells.len() {
        return Err(IndustryError::OneOutcome { entries, cases: cells.len() });
    }
    for outcome in [true, false] {
        let mut with = cells.iter().filter(|cell| cell.entered == outcome).map(|cell| scheme.fold[cell.place as usize]);
        let first = with.next();
        if with.all(|fold| Some(fold) == first) {
            let own = (0..panel.places.len()).filter(|c| Some(scheme.fold[*c]) == first).map(|c| panel.places.name(c));
            return Err(IndustryError::EntriesTogether { entries, places: own.collect::<Vec<_>>().join(", ") });
        }
    }
    Ok(())
}

fn fit(
    kind: EntryModelKind,
    features: &Features,
    entered: &[bool],
    rows: &[u32],
    options: &BacktestOptions,
    start: Option<&Fitted>,
) -> Result<Fitted, IndustryError> {
    let one = |feature: usize| -> Result<Fitted, IndustryError> {
        Ok(Fitted::One { feature, model: logistic::fit(&features.only(feature)?, entered, rows, &options.logistic, None)? })
    };
    match kind {
        EntryModelKind::RcaLevel => one(LEVEL),
        EntryModelKind::Density => one(DENSITY),
        EntryModelKind::Logistic => {
            let start = start.and_then(|s| if let Fitted::Logistic(model) = s { Some(model) } else { None });
            Ok(Fitted::Logistic(logistic::fit(features, entered, rows, &options.logistic, start)?))
        }
        EntryModelKind::BoostedTrees => Ok(Fitted::Trees(boosted_trees::fit(features, entered, rows, &options.trees)?)),
    }
}

/// The probability of every cell by a model that did not see its fold.
fn out_of_sample(
    kind: EntryModelKind,
    scheme: &Scheme,
    cells: &[Cell],
    entered: &[bool],
    options: &BacktestOptions,
) -> Result<Vec<f64>, IndustryError> {
    // the baselines look at one column: taken out once, not in every fold
    let narrowed;
    let features = match kind {
        EntryModelKind::RcaLevel | EntryModelKind::Density => {
            narrowed = scheme.features.only(if kind == EntryModelKind::RcaLevel { LEVEL } else { DENSITY })?;
            &narrowed
        }
        EntryModelKind::Logistic | EntryModelKind::BoostedTrees => &scheme.features,
    };
    let shared_start = match kind {
        EntryModelKind::BoostedTrees => None,
        _ => Some(logistic::fit(features, entered, &all_rows(cells.len()), &options.logistic, None)?),
    };
    let mut by_fold = vec![Vec::new(); scheme.folds as usize];
    cells.iter().zip(0_u32..).for_each(|(cell, i)| by_fold[scheme.fold[cell.place as usize] as usize].push(i));
    let predicted = (0..scheme.folds).into_par_iter().map(|fold| -> Result<Vec<f64>, IndustryError> {
        let own = &by_fold[fold as usize];
        if own.is_empty() {
            return Ok(Vec::new());
        }
        let others: Vec<u32> =
            cells.iter().zip(0_u32..).filter(|(cell, _)| scheme.fold[cell.place as usize] != fold).map(|(_, i)| i).collect();
        Ok(match &shared_start {
            Some(start) => {
                let model = logistic::fit(features, entered, &others, &options.logistic, Some(start))?;
                own.iter().map(|i| model.probability(features.row(*i as usize))).collect()
            }
            None => {
                let model = boosted_trees::fit(features, entered, &others, &options.trees)?;
                own.iter().map(|i| model.probability(features.row(*i as usize))).collect()
            }
        })
    });
    let mut probabilities = vec![f64::NAN; cells.len()];
    for (own, predicted) in by_fold.iter().zip(predicted.collect::<Vec<_>>()) {
        own.iter().zip(predicted?).for_each(|(i, p)| probabilities[*i as usize] = p);
    }
    Ok(probabilities)
}

/// What the scores of all models are taken against.
struct Judge {
    entered: Vec<bool>,
    place: Vec<u32>,
    /// One list a place and transition.
    list: Vec<u32>,
    /// Group of places in which the rising map is not fitted.
    group: Vec<u32>,
    level: Vec<f64>,
    density: Vec<f64>,
    level_placements: Vec<f64>,
    density_placements: Vec<f64>,
    bins: usize,
    top: usize,
}

impl Judge {
    fn new(
        panel: &Panel,
        cells: &[Cell],
        entered: Vec<bool>,
        features: &Features,
        options: &BacktestOptions,
    ) -> Result<Self, IndustryError> {
        let mut group = vec![0; panel.places.len()];
        let tested = tested_places(panel, cells);
        let places = (0..tested.len()).filter(|c| tested[*c]);
        places.enumerate().for_each(|(k, c)| group[c] = (k % CALIBRATION_GROUPS) as u32);
        let width = panel.places.len() as u32;
        let (level, density): (Vec<f64>, Vec<f64>) = features.column(LEVEL).zip(features.column(DENSITY)).unzip();
        Ok(Judge {
            level_placements: placements(&level, &entered)?,
            density_placements: placements(&density, &entered)?,
            level,
            density,
            entered,
            place: cells.iter().map(|cell| cell.place).collect(),
            list: cells.iter().map(|cell| cell.transition * width + cell.place).collect(),
            group: cells.iter().map(|cell| group[cell.place as usize]).collect(),
            bins: options.calibration_bins,
            top: options.top,
        })
    }

    /// Scores, the probabilities they are about, and the map from raw ones where one is used.
    fn score(
        &self,
        kind: EntryModelKind,
        raw: Vec<f64>,
        scheme: &Text,
        may_calibrate: bool,
    ) -> Result<(ModelScores, Vec<f64>, Option<IsotonicCalibration>), IndustryError> {
        let entered = &self.entered;
        let brier_uncalibrated = brier_score(&raw, entered)?;
        let (mut probabilities, mut map) = (raw, None);
        if may_calibrate {
            let calibrated = self.calibrated_elsewhere(&probabilities);
            if brier_score(&calibrated, entered)? < brier_uncalibrated {
                map = Some(pooled(&rising(&probabilities), &probabilities, entered));
                probabilities = calibrated;
            }
        }
        // a single number needs no model to rank by
        let ranking = match kind {
            EntryModelKind::RcaLevel => &self.level,
            EntryModelKind::Density => &self.density,
            EntryModelKind::Logistic | EntryModelKind::BoostedTrees => &probabilities,
        };
        let entries = entered.iter().filter(|e| **e).count();
        let base_rate = entries as f64 / entered.len() as f64;
        let calibration = calibration_table(&probabilities, entered, self.bins)?;
        let brier = brier_score(&probabilities, entered)?;
        let own = placements(ranking, entered)?;
        let mut scores = ModelScores {
            model: kind,
            scheme: scheme.clone(),
            n: entered.len(),
            entries,
            base_rate,
            auc: area_under_curve(ranking, entered)?,
            auc_standard_error: difference_of(&own, &vec![0.5; own.len()], entered, &self.place)?.standard_error,
            auc_over_level: difference_of(&own, &self.level_placements, entered, &self.place)?,
            auc_over_density: difference_of(&own, &self.density_placements, entered, &self.place)?,
            average_precision: average_precision(ranking, entered)?,
            precision_at_top: precision_at_top(self.top, ranking, entered, &self.list)?,
            brier,
            brier_uncalibrated,
            brier_skill: 1.0 - brier / (base_rate * (1.0 - base_rate)),
            log_loss: log_loss(&probabilities, entered)?,
            calibrated: map.is_some(),
            expected_calibration_error: expected_calibration_error(&calibration),
            calibration,
            verdict: Text::default(),
        };
        scores.verdict = line(&scores);
        Ok((scores, probabilities, map))
    }

    /// Every probability through a rising map fitted without its group of places.
    fn calibrated_elsewhere(&self, raw: &[f64]) -> Vec<f64> {
        let order = rising(raw);
        let mut calibrated = raw.to_vec();
        for group in 0..CALIBRATION_GROUPS as u32 {
            let (own, others): (Vec<usize>, Vec<usize>) = order.iter().partition(|i| self.group[**i] == group);
            if others.is_empty() || own.is_empty() {
                continue;
            }
            let map = pooled(&others, raw, &self.entered);
            own.into_iter().for_each(|i| calibrated[i] = map.calibrated(raw[i]));
        }
        calibrated
    }
}

/// Fitted on all transitions but the last, scored on the last.
fn time_test(
    features: &Features,
    panel: &Panel,
    cells: &[Cell],
    entered: &[bool],
    transitions: &[Transition],
    options: &BacktestOptions,
) -> Result<Option<TimeTest>, IndustryError> {
    let Some(tested) = transitions.len().checked_sub(1).filter(|t| *t > 0) else { return Ok(None) };
    let (late, early): (Vec<u32>, Vec<u32>) =
        all_rows(cells.len()).into_iter().partition(|i| cells[*i as usize].transition as usize == tested);
    let late_cells: Vec<Cell> = late.iter().map(|i| cells[*i as usize]).collect();
    let late_values = late.iter().flat_map(|i| features.row(*i as usize)).copied().collect();
    let late_features = Features::new(features.names().clone(), late_values)?;
    let outcomes: Vec<bool> = late_cells.iter().map(|cell| cell.entered).collect();
    let judge = Judge::new(panel, &late_cells, outcomes, &late_features, options)?;
    let first = &transitions[0].from;
    let (until, to) = (&transitions[tested].from, &transitions[tested].to);
    let scheme = Text::new(
        format!("fitted on entries from {first} to {until}, tested on those until {to}"),
        format!("以 {first} 至 {until} 年的进入拟合，以 {to} 年前的进入检验"),
    );
    let mut models = Vec::new();
    for kind in options.kinds() {
        let model = fit(kind, features, entered, &early, options, None)?;
        let raw = (0..late_features.len()).map(|i| model.probability(late_features.row(i))).collect();
        models.push(judge.score(kind, raw, &scheme, false)?.0);
    }
    Ok(Some(TimeTest { tested, models }))
}

/// Parts of the cells under the upper ends of the bins of a record: recommendations lie at the top, so the bins are narrow there.
const RECORD_CUTS: [f64; 15] = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995, 0.999, 1.0];
/// A bin of fewer cells joins the one before it.
const SMALLEST_RECORD: usize = 50;

fn record(probabilities: &[f64], entered: &[bool]) -> Vec<CalibrationBin> {
    let n = probabilities.len();
    let mut ends: Vec<usize> = Vec::new();
    for cut in RECORD_CUTS {
        let end = if cut < 1.0 { (cut * n as f64).round() as usize } else { n };
        let wide = end >= ends.last().copied().unwrap_or(0) + SMALLEST_RECORD;
        if wide && (n - end >= SMALLEST_RECORD || end == n) {
            ends.push(end);
        }
    }
    if ends.last() != Some(&n) {
        ends.push(n);
    }
    table_cut_at(probabilities, entered, ends.into_iter())
}

/// The position of the lowest Brier score; models come simplest first, and rounding is no merit.
fn choose(models: &[ModelScores]) -> usize {
    let mut best = 0;
    for (k, model) in models.iter().enumerate() {
        if model.brier < models[best].brier - 1e-12 {
            best = k;
        }
    }
    best
}

fn line(s: &ModelScores) -> Text {
    let say = |language: Language| {
        let d = |v: f64, decimals| number::decimal(v, decimals, language);
        let error = if s.auc_standard_error.is_finite() { d(s.auc_standard_error, 3) } else { number::ABSENT.to_owned() };
        let (top, mean, best) = (s.precision_at_top.k, s.precision_at_top.mean, s.precision_at_top.best_possible);
        let (mean, best) = (d(mean * top as f64, 1), d(best * top as f64, 1));
        let skill = number::percent(s.brier_skill.abs(), 1, language);
        let (auc, ap, base, brier) = (d(s.auc, 3), d(s.average_precision, 3), d(s.base_rate, 3), d(s.brier, 4));
        let name = s.model.name().get(language).to_owned();
        match language {
            Language::En => {
                let side = if s.brier_skill >= 0.0 { "below" } else { "above" };
                format!(
                    "{name}: AUC {auc} (standard error {error}), average precision {ap} where chance is {base}; {mean} of the first {top} of a place's list were entered ({best} at best); Brier score {brier}, {skill} {side} that of the base rate."
                )
            }
            Language::Zh => {
                let side = if s.brier_skill >= 0.0 { "低" } else { "高" };
                format!(
                    "{name}：AUC {auc}（标准误 {error}），平均精度 {ap}（随机水平 {base}）；每地清单前 {top} 项平均有 {mean} 项实现进入（至多 {best} 项）；布里尔分数 {brier}，比只用基准率{side} {skill}。"
                )
            }
        }
    };
    Text::new(say(Language::En), say(Language::Zh))
}

fn verdict(models: &[ModelScores], chosen: usize) -> Text {
    let of = |kind: EntryModelKind| models.iter().find(|m| m.model == kind);
    let (Some(level), Some(density)) = (of(EntryModelKind::RcaLevel), of(EntryModelKind::Density)) else { return Text::default() };
    let CurveDifference { difference, standard_error } = density.auc_over_level;
    let d = |v: f64| number::decimal(v, 3, Language::En);
    let figures_en =
        format!("AUC {} against {}; difference {}, standard error {}", d(density.auc), d(level.auc), d(difference), d(standard_error));
    let figures_zh = format!("AUC 分别为 {} 与 {}；相差 {}，标准误 {}", d(density.auc), d(level.auc), d(difference), d(standard_error));
    // two standard errors, and never a claim without one
    let clear = difference.abs() > 2.0 * standard_error;
    let (en, zh) = if clear && difference < 0.0 {
        (
            format!(
                "On these data density alone tells entries worse than the level of RCA alone ({figures_en}): what a place nearly has is a better guide here than what lies near to it."
            ),
            format!(
                "在这组数据上，仅用密度预测进入不如仅用显性比较优势水平（{figures_zh}）：此处“已接近具备”比“与现有产品邻近”更能预示进入。"
            ),
        )
    } else if clear {
        (
            format!("On these data density alone tells entries better than the level of RCA alone ({figures_en})."),
            format!("在这组数据上，仅用密度预测进入优于仅用显性比较优势水平（{figures_zh}）。"),
        )
    } else {
        (
            format!("On these data density alone and the level of RCA alone tell entries about equally well ({figures_en})."),
            format!("在这组数据上，仅用密度与仅用显性比较优势水平的预测能力难分高下（{figures_zh}）。"),
        )
    };
    let best = &models[chosen];
    let (auc, brier) = (d(best.auc), number::decimal(best.brier, 4, Language::En));
    let no_skill = best.brier_skill <= 0.0;
    let (caution_en, caution_zh) = if no_skill {
        (" No model is better than saying the base rate for every cell.", "没有任何模型优于对所有单元一律给出基准率。")
    } else {
        ("", "")
    };
    let name = best.model.name();
    Text::new(
        format!("{en} Probabilities come from the {} (AUC {auc}, Brier score {brier}).{caution_en}", name.en),
        format!("{zh}概率取自{}（AUC {auc}，布里尔分数 {brier}）。{caution_zh}", name.zh),
    )
}

fn notes(
    panel: &Panel,
    transitions: &[Transition],
    features: &[EntryFeature],
    fit: &LogisticModel,
    options: &BacktestOptions,
) -> Vec<Text> {
    let mut notes = Vec::new();
    let first = &transitions[0];
    if features.contains(&EntryFeature::Growth) {
        notes.push(Text::new(
            format!("Growth of the level is not known for {} to {}: there is no earlier period.", first.from, first.to),
            format!("{} 至 {} 没有更早的时期，故无显性比较优势变化这一特征。", first.from, first.to),
        ));
    } else {
        notes.push(Text::new(
            "Growth of the level is not among the features: with two periods there is none before the first.",
            "仅有两个时期，第一个时期之前没有数据，故特征中不含显性比较优势的变化。",
        ));
    }
    for snapshot in &panel.snapshots {
        if let Some(reason) = &snapshot.no_pci {
            notes.push(Text::new(
                format!("Product complexity is not among the features: in {} {reason}.", snapshot.period),
                format!("特征中不含产品复杂度：{} 无法计算（{reason}）。", snapshot.period),
            ));
        }
    }
    let years: Vec<f64> = transitions.iter().filter_map(|t| t.years).collect();
    let (least, most) = years.iter().fold((f64::INFINITY, 0.0_f64), |(a, b), y| (a.min(*y), b.max(*y)));
    if most > 1.5 * least {
        notes.push(Text::new(
            format!("The periods are from {least} to {most} years apart, so the rates of entry mix different horizons."),
            format!("各时期相隔 {least} 至 {most} 年不等，故进入率混合了不同的时间跨度。"),
        ));
    }
    if options.entry.must_stay {
        notes.push(Text::new(
            "Entries of the last transition cannot be checked for staying: there is no period after it.",
            "最后一次变迁之后没有数据，无法检验进入是否得以保持。",
        ));
    }
    if fit.separated {
        notes.push(Text::new(
            "The features tell all entries from all other cells: the size of the coefficients is set by the penalty.",
            "各特征可将进入与未进入完全分开：系数大小由惩罚项决定。",
        ));
    }
    notes
}

fn horizon(transitions: &[Transition]) -> Text {
    let mut years: Vec<f64> = transitions.iter().filter_map(|t| t.years).collect();
    years.sort_by(f64::total_cmp);
    match (years.first(), years.last()) {
        (Some(a), Some(b)) if years.len() == transitions.len() && a == b => Text::new(format!("within {a} years"), format!("{a} 年内")),
        (Some(a), Some(b)) if years.len() == transitions.len() => Text::new(format!("within {a} to {b} years"), format!("{a} 至 {b} 年内")),
        _ => Text::new("by the next period", "到下一时期"),
    }
}

pub(crate) fn too_few_periods(periods: &[PeriodTable<'_>]) -> IndustryError {
    let names: Vec<&str> = periods.iter().map(|table| table.period).collect();
    IndustryError::TooFewPeriods {
        what: "a back-test",
        needed: "two periods, between which entries are seen".to_owned(),
        periods: if names.is_empty() { "none".to_owned() } else { names.join(", ") },
    }
}
