use super::choices::refuse;
use super::standing::{History, Standing};
use super::{Answer, Choices, Panel, as_json};
use crate::StrategyError;
use frame::{LabelledMatrix, LabelledVector, Language};
use industry::{
    ComplexityTarget, GrowthCoefficients, PortfolioInput, PortfolioOptions, PortfolioOutcome, SteppingStoneOptions,
    calibrate_stepping_stone, gap_effort, portfolios, standardised_log, stepping_stone_effort,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use store::RowTable;

/// The least-effort set of activities that takes places to a complexity.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "clap", derive(clap::Args))]
#[serde(default, deny_unknown_fields)]
pub struct PortfolioRequest {
    /// Places to print the portfolio of; all without it
    #[cfg_attr(feature = "clap", arg(value_name = "PLACE"))]
    pub places: Vec<String>,
    /// How indicators are computed.
    #[cfg_attr(feature = "clap", command(flatten))]
    pub choices: Choices,
    /// The period; the last one without it
    #[cfg_attr(feature = "clap", arg(long, value_name = "PERIOD"))]
    pub period: Option<String>,
    /// Reach so much above each place's own ECI [default: 0.1]
    #[cfg_attr(feature = "clap", arg(long, value_name = "ECI"))]
    pub gain: Option<f64>,
    /// Reach this ECI
    #[cfg_attr(feature = "clap", arg(long, value_name = "ECI", conflicts_with = "gain"))]
    pub target: Option<f64>,
    /// Reach the ECI that this growth of income a year asks for; needs --growth-coefficients and the income of places
    #[cfg_attr(feature = "clap", arg(long, value_name = "RATE", conflicts_with_all = ["gain", "target"]))]
    pub growth: Option<f64>,
    /// a1,a2,a3,constant of growth = a1 ECI + a2 z + a3 ECI z + constant, with z the standardised logarithm of income
    #[cfg_attr(feature = "clap", arg(long, value_name = "A1,A2,A3,C", value_delimiter = ',', allow_hyphen_values = true))]
    pub growth_coefficients: Vec<f64>,
    /// Effort of entry: stepping-stone (calibrated on three or more periods), gap (one period), or auto (default)
    #[cfg_attr(feature = "clap", arg(long, value_name = "RULE"))]
    pub effort: Option<String>,
    /// The places over which activities get their index; all without it
    #[cfg_attr(feature = "clap", arg(skip))]
    pub universe: Option<Vec<String>>,
}

/// The effort of every entry, how it was found, and for the record.
fn effort(panel: &Panel, request: &PortfolioRequest, standing: &Standing) -> Result<(LabelledMatrix, String, Value), StrategyError> {
    let all = &standing.all;
    let gap =
        || -> Result<(LabelledMatrix, Value), StrategyError> { Ok((gap_effort(&all.rca, &all.density, 1.0)?, json!({"effort": "gap"}))) };
    let stone = || -> Result<(LabelledMatrix, Value), StrategyError> {
        let history = History::new(panel, standing.period, &request.choices, request.universe.as_deref())?;
        let Some(years) = history.years() else {
            return refuse("effort", "stepping-stone", "used with periods that are years");
        };
        let options = SteppingStoneOptions::default();
        let model = calibrate_stepping_stone(&years, &options)?;
        let effort = stepping_stone_effort(&model, &all.rca, &all.density)?;
        let record = json!({"effort": "stepping-stone", "horizon": model.horizon, "stepping_stone": model.stepping_stone,
            "entry": as_json(&model.entry), "exit": as_json(&model.exit)});
        Ok((effort, record))
    };
    match request.effort.as_deref() {
        Some("gap") => gap().map(|(effort, record)| (effort, "the gap in specialisation times the distance".to_owned(), record)),
        Some("stepping-stone") => stone().map(|(effort, record)| (effort, "the calibrated stepping stone".to_owned(), record)),
        None | Some("auto") => match stone() {
            Ok((effort, record)) => Ok((effort, "the calibrated stepping stone".to_owned(), record)),
            Err(reason) => {
                let (effort, record) = gap()?;
                Ok((
                    effort,
                    format!("the gap in specialisation times the distance, because the stepping stone cannot be calibrated: {reason}"),
                    record,
                ))
            }
        },
        Some(other) => refuse("effort", other, "auto, stepping-stone or gap"),
    }
}

/// The portfolios of places of a panel: one row a chosen activity, and one a place.
///
/// # Errors
/// Unknown places or periods, options that make no sense, and what the methods report.
pub fn portfolios_of_panel(panel: &Panel, request: &PortfolioRequest, language: Language) -> Result<Answer, StrategyError> {
    let period = panel.period(request.period.as_deref())?;
    let standing = Standing::new(panel, period, &request.choices, request.universe.as_deref())?;
    for place in &request.places {
        standing.values.rows().require(place)?;
    }
    let (effort, how, effort_record) = effort(panel, request, &standing)?;
    let input = PortfolioInput { presence: &standing.all.presence, pci: &standing.pci, effort: &effort };
    let levels: LabelledVector;
    let target = match (request.target, request.growth) {
        (Some(level), _) => ComplexityTarget::Level(level),
        (None, Some(growth)) => {
            levels = growth_levels(panel, request, &standing, growth)?;
            ComplexityTarget::Levels(&levels)
        }
        (None, None) => ComplexityTarget::Gain(request.gain.unwrap_or(0.1)),
    };
    let found = portfolios(&input, target, &PortfolioOptions::default())?;
    let wanted = |place: &str| request.places.is_empty() || request.places.iter().any(|p| p == place);
    let shown: Vec<_> = found.iter().filter(|p| wanted(&p.place)).collect();
    let chosen: Vec<_> = shown.iter().flat_map(|p| p.chosen.iter().map(move |c| (p.place.as_str(), c))).collect();
    let at = |place: &str, code: &str, matrix: &LabelledMatrix| matrix.get(place, code).unwrap_or(f64::NAN);
    let activities = RowTable::new("portfolio")
        .text("place", chosen.iter().map(|(place, _)| *place))?
        .text("activity", chosen.iter().map(|(_, c)| c.activity.as_str()))?
        .text("name", chosen.iter().map(|(_, c)| panel.name(&c.activity, language)))?
        .number("effort", chosen.iter().map(|(_, c)| c.effort))?
        .number("pci", chosen.iter().map(|(_, c)| c.pci))?
        .number("rca", chosen.iter().map(|(place, c)| at(place, &c.activity, &standing.all.rca)))?
        .number("density", chosen.iter().map(|(place, c)| at(place, &c.activity, &standing.all.density)))?;
    let outcome = |outcome: PortfolioOutcome| match outcome {
        PortfolioOutcome::Reached => "reached",
        PortfolioOutcome::AlreadyReached => "already_reached",
        PortfolioOutcome::BestReachable => "best_reachable",
        PortfolioOutcome::NoTarget => "no_target",
    };
    let places = RowTable::new("places")
        .text("place", shown.iter().map(|p| p.place.as_str()))?
        .text("outcome", shown.iter().map(|p| outcome(p.outcome)))?
        .number("eci_before", shown.iter().map(|p| p.eci_before))?
        .number("target", shown.iter().map(|p| p.target))?
        .number("eci_after", shown.iter().map(|p| p.eci_after))?
        .number("best_reachable_eci", shown.iter().map(|p| p.best_reachable_eci))?
        .count("activities", shown.iter().map(|p| p.chosen.len()))?
        .number("effort", shown.iter().map(|p| p.effort))?
        .number("lower_bound", shown.iter().map(|p| p.lower_bound))?
        .number("gap", shown.iter().map(|p| p.gap))?
        .count("candidates", shown.iter().map(|p| p.candidates))?
        .integer("nodes", shown.iter().map(|p| i64::try_from(p.nodes).ok()))?;
    let mut notes = vec![format!("effort is {how}")];
    let short = shown.iter().filter(|p| p.outcome == PortfolioOutcome::BestReachable).count();
    if short > 0 {
        notes.push(format!("{short} places cannot reach the target: theirs is the portfolio that comes nearest"));
    }
    let open = shown.iter().filter(|p| p.gap > 0.0).count();
    notes.push(if open == 0 {
        "every portfolio is proven to be the cheapest (gap 0)".to_owned()
    } else {
        format!("{open} portfolios are not proven to be the cheapest: their gap says by how much they may miss")
    });
    let record = json!({
        "engine": frame::ENGINE_VERSION, "source": panel.source, "input_sha256": panel.table.sha256(), "request": as_json(request),
        "period": panel.period_name(period), "run": as_json(&standing.all.record), "effort": effort_record,
    });
    Ok(Answer { tables: vec![activities, places], record, notes })
}

fn growth_levels(panel: &Panel, request: &PortfolioRequest, standing: &Standing, growth: f64) -> Result<LabelledVector, StrategyError> {
    let [complexity, income, interaction, period] = request.growth_coefficients[..] else {
        let given = format!("{} numbers", request.growth_coefficients.len());
        return refuse("growth-coefficients", &given, "four numbers: a1, a2, a3 and the constant");
    };
    let coefficients = GrowthCoefficients { complexity, income, interaction, period };
    let Some(incomes) = panel.of_places(&panel.income, standing.period)? else {
        return refuse("growth", &growth.to_string(), "used together with the income of places (--income)");
    };
    let standardised = standardised_log(&incomes)?;
    let levels = standardised
        .values()
        .iter()
        .map(|z| if z.is_finite() { coefficients.complexity_for(growth, *z).unwrap_or(f64::NAN) } else { f64::NAN });
    Ok(LabelledVector::new(standardised.labels().clone(), levels.collect())?)
}
