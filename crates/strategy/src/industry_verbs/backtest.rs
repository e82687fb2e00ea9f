use super::choices::refuse;
use super::standing::History;
use super::{Answer, Choices, Panel, as_json};
use crate::StrategyError;
use frame::Language;
use industry::{Backtest, BacktestOptions, EntryOptions, Folds, ModelScores};
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::RowTable;

/// How well entries could have been told before they were made, beside the baselines.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "clap", derive(clap::Args))]
#[serde(default, deny_unknown_fields)]
pub struct BacktestRequest {
    /// How indicators are computed (the core applies; presence is RCA >= 1).
    #[cfg_attr(feature = "clap", command(flatten))]
    pub choices: Choices,
    /// How entries are tested.
    #[cfg_attr(feature = "clap", command(flatten))]
    pub entry: EntryChoices,
    /// Periods to use; all without it
    #[cfg_attr(feature = "clap", arg(long = "period", value_name = "PERIOD", value_delimiter = ','))]
    pub periods: Vec<String>,
    /// The places that count; all without it
    #[cfg_attr(feature = "clap", arg(skip))]
    pub universe: Option<Vec<String>>,
}

/// What counts as an entry, and how places are left out.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "clap", derive(clap::Args))]
#[serde(default, deny_unknown_fields)]
pub struct EntryChoices {
    /// An activity below this RCA is a candidate for entry: 1 (default), or 0.5 to leave out those nearly there
    #[cfg_attr(feature = "clap", arg(long, value_name = "RCA", help_heading = "Entry"))]
    pub candidate_rca: Option<f64>,
    /// An entry must still be present one period later, where there is one
    #[cfg_attr(feature = "clap", arg(long, help_heading = "Entry"))]
    pub must_stay: bool,
    /// Put the diversity of the place among the features
    #[cfg_attr(feature = "clap", arg(long, help_heading = "Entry"))]
    pub with_diversity: bool,
    /// Leave places out in so many groups instead of one at a time (trees always take groups, 10 without it)
    #[cfg_attr(feature = "clap", arg(long, value_name = "K", help_heading = "Entry"))]
    pub folds: Option<u32>,
}

impl EntryChoices {
    pub(crate) fn options(&self) -> Result<BacktestOptions, StrategyError> {
        let usual = BacktestOptions::default();
        if let Some(folds) = self.folds.filter(|folds| *folds < 2) {
            return refuse("folds", &folds.to_string(), "at least 2");
        }
        Ok(BacktestOptions {
            entry: EntryOptions {
                candidate_rca: self.candidate_rca.unwrap_or(usual.entry.candidate_rca),
                must_stay: self.must_stay,
                diversity: self.with_diversity,
                ..usual.entry
            },
            folds: self.folds.map_or(usual.folds, Folds::Places),
            tree_folds: self.folds.unwrap_or(usual.tree_folds),
            ..usual
        })
    }
}

/// Back-tests entry prediction on the periods of a panel.
///
/// # Errors
/// [`industry::IndustryError`] with the reason where the panel cannot bear it: one period, no entries, too few places.
pub fn backtest_of_panel(panel: &Panel, request: &BacktestRequest, language: Language) -> Result<Answer, StrategyError> {
    let last = match request.periods.last() {
        Some(name) => panel.period(Some(name))?,
        None => panel.period(None)?,
    };
    let history = History::new(panel, last, &request.choices, request.universe.as_deref())?;
    let wanted: Vec<_> = history
        .periods()
        .into_iter()
        .filter(|table| request.periods.is_empty() || request.periods.iter().any(|name| name == table.period))
        .collect();
    let found = industry::backtest(&wanted, &request.entry.options()?)?;
    let mut notes = vec![found.verdict.get(language).to_owned(), found.selection_rule.get(language).to_owned()];
    notes.extend(found.notes.iter().map(|note| note.get(language).to_owned()));
    let mut tables = vec![models(&found.models, "models", language)?, calibration(&found.models)?, transitions(&found)?];
    if let Some(test) = &found.over_time {
        tables.push(models(&test.models, "over_time", language)?);
    }
    let record = json!({
        "engine": frame::ENGINE_VERSION,
        "source": panel.source,
        "input_sha256": panel.table.sha256(),
        "request": as_json(request),
        "options": as_json(&found.options),
        "chosen": found.model.kind.code(),
        "features": found.features.iter().map(|f| f.code()).collect::<Vec<_>>(),
        "transitions": as_json(&found.transitions),
        "models": as_json(&found.models),
        "over_time": as_json(&found.over_time),
        "verdict": found.verdict.get(language),
    });
    Ok(Answer { tables, record, notes })
}

fn models(models: &[ModelScores], name: &str, language: Language) -> Result<RowTable, StrategyError> {
    let of = |pick: fn(&ModelScores) -> f64| models.iter().map(pick).collect::<Vec<f64>>();
    Ok(RowTable::new(name)
        .text("model", models.iter().map(|m| m.model.code()))?
        .text("scheme", models.iter().map(|m| m.scheme.get(language)))?
        .count("n", models.iter().map(|m| m.n))?
        .number("base_rate", of(|m| m.base_rate))?
        .number("auc", of(|m| m.auc))?
        .number("auc_se", of(|m| m.auc_standard_error))?
        .number("average_precision", of(|m| m.average_precision))?
        .number("p_at_10", of(|m| m.precision_at_top.mean))?
        .number("p_at_10_best_possible", of(|m| m.precision_at_top.best_possible))?
        .number("brier", of(|m| m.brier))?
        .number("brier_skill", of(|m| m.brier_skill))?
        .number("log_loss", of(|m| m.log_loss))?
        .number("calibration_error", of(|m| m.expected_calibration_error))?)
}

fn calibration(models: &[ModelScores]) -> Result<RowTable, StrategyError> {
    let bins: Vec<_> = models.iter().flat_map(|m| m.calibration.iter().map(|bin| (m.model.code(), bin))).collect();
    Ok(RowTable::new("calibration")
        .text("model", bins.iter().map(|(model, _)| *model))?
        .number("from", bins.iter().map(|(_, b)| b.from))?
        .number("to", bins.iter().map(|(_, b)| b.to))?
        .count("n", bins.iter().map(|(_, b)| b.n))?
        .count("entries", bins.iter().map(|(_, b)| b.entries))?
        .number("predicted", bins.iter().map(|(_, b)| b.mean_predicted))?
        .number("observed", bins.iter().map(|(_, b)| b.observed))?
        .number("low", bins.iter().map(|(_, b)| b.low))?
        .number("high", bins.iter().map(|(_, b)| b.high))?)
}

fn transitions(found: &Backtest) -> Result<RowTable, StrategyError> {
    let all = &found.transitions;
    Ok(RowTable::new("transitions")
        .text("from", all.iter().map(|t| t.from.as_str()))?
        .text("to", all.iter().map(|t| t.to.as_str()))?
        .count("places", all.iter().map(|t| t.places))?
        .count("activities", all.iter().map(|t| t.activities))?
        .count("candidates", all.iter().map(|t| t.candidates))?
        .count("entries", all.iter().map(|t| t.entries))?
        .number("base_rate", all.iter().map(|t| t.base_rate))?)
}
