use super::choices::refuse;
use super::standing::Standing;
use super::{Answer, Choices, Panel, as_json};
use crate::StrategyError;
use frame::Language;
use industry::{FitReference, PeerInput, PeerOptions, PeerWeights, Quadrant, StructureMeasure, peers, strengths_and_weaknesses};
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::RowTable;

/// The places most like one, and how it stands against them.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "clap", derive(clap::Args))]
#[serde(default, deny_unknown_fields)]
pub struct PeersRequest {
    /// The place
    #[cfg_attr(feature = "clap", arg(value_name = "PLACE"))]
    pub place: String,
    /// How indicators are computed.
    #[cfg_attr(feature = "clap", command(flatten))]
    pub choices: Choices,
    /// The period; the last one without it
    #[cfg_attr(feature = "clap", arg(long, value_name = "PERIOD"))]
    pub period: Option<String>,
    /// How many peers [default: 10]
    #[cfg_attr(feature = "clap", arg(long, value_name = "N"))]
    pub count: Option<usize>,
    /// Weights of structure, income and size in the combined list [default: 1,1,1; what is not known counts nothing]
    #[cfg_attr(feature = "clap", arg(long, value_name = "S,I,P", value_delimiter = ','))]
    pub weights: Vec<f64>,
    /// How structures are compared: cosine-shares (default), cosine-presence, jaccard-presence
    #[cfg_attr(feature = "clap", arg(long, value_name = "MEASURE"))]
    pub measure: Option<String>,
    /// Technological fit against the peers' median density (peers, default) or the place's own mean (own)
    #[cfg_attr(feature = "clap", arg(long, value_name = "REFERENCE"))]
    pub fit: Option<String>,
    /// The places over which proximity is taken; all without it
    #[cfg_attr(feature = "clap", arg(skip))]
    pub universe: Option<Vec<String>>,
}

/// The peers of one place of a panel, and its strengths, opportunities, weaknesses and threats against them.
///
/// # Errors
/// Unknown places or periods, options that make no sense, and what the methods report.
pub fn peers_of_place(panel: &Panel, request: &PeersRequest, language: Language) -> Result<Answer, StrategyError> {
    let period = panel.period(request.period.as_deref())?;
    let standing = Standing::new(panel, period, &request.choices, request.universe.as_deref())?;
    let income = panel.of_places(&panel.income, period)?;
    let size = panel.of_places(&panel.population, period)?;
    let usual = PeerOptions::default();
    let structure = match request.measure.as_deref() {
        None | Some("cosine-shares") => StructureMeasure::CosineShares,
        Some("cosine-presence") => StructureMeasure::CosinePresence,
        Some("jaccard-presence") => StructureMeasure::JaccardPresence,
        Some(other) => return refuse("measure", other, "cosine-shares, cosine-presence or jaccard-presence"),
    };
    let weights = match request.weights[..] {
        [] => PeerWeights { structure: 1.0, income: f64::from(u8::from(income.is_some())), size: f64::from(u8::from(size.is_some())) },
        [structure, income, size] => PeerWeights { structure, income, size },
        _ => return refuse("weights", &format!("{} numbers", request.weights.len()), "three numbers: structure, income, size"),
    };
    let options = PeerOptions { structure, weights, count: request.count.unwrap_or(usual.count) };
    standing.values.rows().require(&request.place)?;
    // peers come from the core where there is one: a territory of a few thousand people is nobody's peer
    let core = standing.core_presence.places();
    let comparable = |place: &str| place == request.place || core.position(place).is_some();
    let values = standing.values.select_rows(comparable)?;
    let density = standing.all.density.select_rows(comparable)?;
    let presence = standing.all.presence.select_places(values.rows().iter())?;
    let input = PeerInput { values: &values, presence: &presence, income: income.as_ref(), size: size.as_ref() };
    let found = peers(&input, &request.place, &options)?;
    let fit = match request.fit.as_deref() {
        None | Some("peers") => FitReference::PeersMedian,
        Some("own") => FitReference::OwnMean,
        Some(other) => return refuse("fit", other, "peers or own"),
    };
    let lists = [("combined", &found.combined), ("structure", &found.by_structure), ("income", &found.by_income), ("size", &found.by_size)];
    let rows: Vec<_> = lists.iter().flat_map(|(name, list)| list.peers.iter().enumerate().map(move |(at, p)| (*name, at + 1, p))).collect();
    let peer_table = RowTable::new("peers")
        .text("list", rows.iter().map(|(name, ..)| *name))?
        .count("order", rows.iter().map(|(_, order, _)| *order))?
        .text("place", rows.iter().map(|(.., p)| p.place.as_str()))?
        .text("name", rows.iter().map(|(.., p)| panel.name(&p.place, language)))?
        .number("distance", rows.iter().map(|(.., p)| p.distance))?
        .number("similarity", rows.iter().map(|(.., p)| p.similarity))?
        .number("income_difference", rows.iter().map(|(.., p)| p.income_difference))?
        .number("size_difference", rows.iter().map(|(.., p)| p.size_difference))?
        .number("eci", rows.iter().map(|(.., p)| standing.all.eci.get(&p.place).unwrap_or(f64::NAN)))?;
    let names: Vec<&str> = found.combined.peers.iter().map(|p| p.place.as_str()).collect();
    let mut tables = vec![peer_table];
    let mut notes: Vec<String> = lists.iter().map(|(name, list)| format!("{name}: {}", list.rule.get(language))).collect();
    notes.extend(lists.iter().filter_map(|(name, list)| Some(format!("{name}: {}", list.missing.as_ref()?.get(language)))));
    if names.is_empty() {
        notes.push("there are no peers to hold the place against".to_owned());
    } else {
        let stands = strengths_and_weaknesses(&values, &density, &request.place, &names, fit)?;
        notes.extend(stands.quadrants.iter().map(|list| format!("{}: {}", list.quadrant.name().get(language), list.rule.get(language))));
        let activities: Vec<_> = stands.quadrants.iter().flat_map(|list| list.activities.iter().map(move |a| (list.quadrant, a))).collect();
        let code = |quadrant: Quadrant| quadrant.name().en.replace(' ', "_");
        tables.push(
            RowTable::new("standing")
                .text("quadrant", activities.iter().map(|(quadrant, _)| code(*quadrant)))?
                .text("activity", activities.iter().map(|(_, a)| a.activity.as_str()))?
                .text("name", activities.iter().map(|(_, a)| panel.name(&a.activity, language)))?
                .number("share", activities.iter().map(|(_, a)| a.share))?
                .number("peers_share", activities.iter().map(|(_, a)| a.peers_share))?
                .number("relative_presence", activities.iter().map(|(_, a)| a.relative_presence))?
                .number("density", activities.iter().map(|(_, a)| a.density))?
                .number("fit", activities.iter().map(|(_, a)| a.fit))?
                .count("peers_with_it", activities.iter().map(|(_, a)| a.peers_with_it))?,
        );
    }
    let record = json!({
        "engine": frame::ENGINE_VERSION, "source": panel.source, "input_sha256": panel.table.sha256(), "request": as_json(request),
        "period": panel.period_name(period), "run": as_json(&standing.all.record), "options": as_json(&options),
        "excluded": lists.iter().map(|(name, list)| json!({"list": name, "places": as_json(&list.excluded)})).collect::<Vec<_>>(),
    });
    Ok(Answer { tables, record, notes })
}
