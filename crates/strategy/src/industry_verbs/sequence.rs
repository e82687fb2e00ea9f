use super::standing::Standing;
use super::{Answer, Choices, Panel, PortfolioRequest, as_json, portfolios_of_panel};
use crate::StrategyError;
use frame::Language;
use industry::{Contagion, ContagionNetwork, SequenceOptions, SequenceTargets, UnreachableReason, entry_sequence};
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::{RowColumn, RowTable};

/// The order of entries that takes the least time when every entry eases the next.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "clap", derive(clap::Args))]
#[serde(default, deny_unknown_fields)]
pub struct SequenceRequest {
    /// The place
    #[cfg_attr(feature = "clap", arg(value_name = "PLACE"))]
    pub place: String,
    /// How indicators are computed.
    #[cfg_attr(feature = "clap", command(flatten))]
    pub choices: Choices,
    /// The period; the last one without it
    #[cfg_attr(feature = "clap", arg(long, value_name = "PERIOD"))]
    pub period: Option<String>,
    /// Activities to enter; everything the place lacks without it
    #[cfg_attr(feature = "clap", arg(long = "targets", value_name = "CODES", value_delimiter = ','))]
    pub targets: Vec<String>,
    /// Enter the least-effort portfolio that gains so much ECI
    #[cfg_attr(feature = "clap", arg(long, value_name = "ECI", conflicts_with = "targets"))]
    pub portfolio_gain: Option<f64>,
    /// Activities are linked from this proximity on [default: 0.55]
    #[cfg_attr(feature = "clap", arg(long, value_name = "PROXIMITY"))]
    pub threshold: Option<f64>,
    /// B of the probability of entry B (related / neighbours)^alpha [default: 0.16, fitted to products]
    #[cfg_attr(feature = "clap", arg(long, value_name = "B"))]
    pub scale: Option<f64>,
    /// Alpha of the probability of entry [default: 1.03]
    #[cfg_attr(feature = "clap", arg(long, value_name = "ALPHA"))]
    pub exponent: Option<f64>,
    /// The places over which proximity is taken; all without it
    #[cfg_attr(feature = "clap", arg(skip))]
    pub universe: Option<Vec<String>>,
}

/// The order of entries of one place of a panel.
///
/// # Errors
/// Unknown places, targets or periods, and what the methods report.
pub fn sequence_of_place(panel: &Panel, request: &SequenceRequest, language: Language) -> Result<Answer, StrategyError> {
    let period = panel.period(request.period.as_deref())?;
    let standing = Standing::new(panel, period, &request.choices, request.universe.as_deref())?;
    let network = ContagionNetwork::from_proximity(&standing.proximity, request.threshold.unwrap_or(0.55))?;
    let targets: Vec<String> = match request.portfolio_gain {
        None => request.targets.clone(),
        Some(gain) => {
            let wanted = PortfolioRequest {
                places: vec![request.place.clone()],
                choices: request.choices.clone(),
                period: request.period.clone(),
                gain: Some(gain),
                universe: request.universe.clone(),
                ..PortfolioRequest::default()
            };
            let found = portfolios_of_panel(panel, &wanted, language)?;
            let codes = found.tables.first().and_then(|table| table.columns().iter().find(|(name, _)| name == "activity"));
            match codes {
                Some((_, RowColumn::Text(codes))) => codes.clone(),
                _ => Vec::new(),
            }
        }
    };
    let given: Vec<&str> = targets.iter().map(String::as_str).collect();
    let everything = given.is_empty() && request.portfolio_gain.is_none();
    let wanted = if everything { SequenceTargets::Missing } else { SequenceTargets::Given(&given) };
    let usual = Contagion::PRODUCTS;
    let contagion = Contagion { scale: request.scale.unwrap_or(usual.scale), exponent: request.exponent.unwrap_or(usual.exponent) };
    let options = SequenceOptions { contagion, ..SequenceOptions::default() };
    let found = entry_sequence(&network, &standing.all.presence, &request.place, wanted, &options)?;
    let steps = &found.steps;
    let sequence = RowTable::new("sequence")
        .count("order", 1..=steps.len())?
        .text("activity", steps.iter().map(|s| s.activity.as_str()))?
        .text("name", steps.iter().map(|s| panel.name(&s.activity, language)))?
        .count("related", steps.iter().map(|s| s.related))?
        .count("neighbours", steps.iter().map(|s| s.degree))?
        .number("probability", steps.iter().map(|s| s.probability))?
        .number("time", steps.iter().map(|s| s.time))?
        .number("cumulative_time", steps.iter().map(|s| s.cumulative_time))?
        .number("pci", steps.iter().map(|s| standing.pci.get(&s.activity).unwrap_or(f64::NAN)))?;
    let unreachable = RowTable::new("unreachable")
        .text("activity", found.unreachable.iter().map(|u| u.activity.as_str()))?
        .text("name", found.unreachable.iter().map(|u| panel.name(&u.activity, language)))?
        .text(
            "reason",
            found.unreachable.iter().map(|u| match u.reason {
                UnreachableReason::Isolated => "isolated",
                UnreachableReason::NoPath => "no_path",
            }),
        )?;
    let mut notes = vec![format!(
        "expected time {:.2}, greedy {:.2}, no order takes less than {:.2} (gap {:.2} %{})",
        found.total_time,
        found.greedy_time,
        found.lower_bound,
        found.gap * 100.0,
        if found.exact { ", proven the best" } else { "" }
    )];
    notes.extend(found.hubs.iter().map(|hubs| hubs.rule.get(language).to_owned()));
    if !found.unreachable.is_empty() {
        notes.push(format!("{} targets cannot be entered in this network; the table `unreachable` says why", found.unreachable.len()));
    }
    let record = json!({
        "engine": frame::ENGINE_VERSION, "source": panel.source, "input_sha256": panel.table.sha256(), "request": as_json(request),
        "period": panel.period_name(period), "run": as_json(&standing.all.record),
        "total_time": found.total_time, "greedy_time": found.greedy_time, "lower_bound": found.lower_bound, "gap": found.gap,
        "exact": found.exact, "already_present": found.already_present, "hubs": as_json(&found.hubs), "options": as_json(&found.options),
    });
    Ok(Answer { tables: vec![sequence, unreachable], record, notes })
}
