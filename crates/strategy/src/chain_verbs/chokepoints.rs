use super::{ChainTable, refuse};
use crate::answer::as_json;
use crate::{Answer, StrategyError};
use chain::{Barrier, ChokepointCriterion, ChokepointOptions, chokepoints as scan};
use frame::Language;
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::RowTable;

/// Which foreign suppliers would hurt most if they were cut off.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "clap", derive(clap::Args))]
#[serde(default, deny_unknown_fields)]
pub struct ChokepointsRequest {
    /// The user region; all of them without it
    #[cfg_attr(feature = "clap", arg(long, value_name = "REGION"))]
    pub place: Option<String>,
    /// Regions whose deliveries are at risk, in your judgement; REGION=WEIGHT orders among them
    #[cfg_attr(feature = "clap", arg(long, value_name = "REGION", value_delimiter = ','))]
    pub barriers: Vec<String>,
    /// What decides the order, the first first: loss, barrier, single-source, share, concentration, alternatives [default: loss]
    #[cfg_attr(feature = "clap", arg(long, value_name = "CRITERION", value_delimiter = ','))]
    pub order: Vec<String>,
    /// From which share of the user's imports of a sector a supplier is its single source [default: 0.8]
    #[cfg_attr(feature = "clap", arg(long, value_name = "SHARE"))]
    pub single_source: Option<f64>,
    /// Supplier regions not to list, such as a rest of the world
    #[cfg_attr(feature = "clap", arg(long, value_name = "REGION", value_delimiter = ','))]
    pub unlisted: Vec<String>,
    /// How many cuts to list [default: 50]
    #[cfg_attr(feature = "clap", arg(long, value_name = "N"))]
    pub top: Option<usize>,
    /// At most so many cuts of each user
    #[cfg_attr(feature = "clap", arg(long, value_name = "N"))]
    pub top_per_user: Option<usize>,
}

/// Barriers as a user writes them: REGION, or REGION=WEIGHT.
pub(super) fn barriers_of(texts: &[String]) -> Result<Vec<Barrier>, StrategyError> {
    let mut barriers = Vec::new();
    for text in texts {
        let (region, weight) = match text.split_once('=') {
            None => (text.as_str(), 1.0),
            Some((region, number)) => match number.trim().parse() {
                Ok(weight) => (region, weight),
                Err(_) => return refuse("barriers", text, "REGION, or REGION=WEIGHT with a number"),
            },
        };
        barriers.push(Barrier { region: region.trim().to_owned(), weight });
    }
    Ok(barriers)
}

/// Every cut of one foreign industry from one user region: its closed-form loss, how concentrated the supply is, whether the supplier
/// stands on the list of barriers, and who else could deliver; in the order asked for.
///
/// # Errors
/// Regions and criteria that are not known, and what solving the table reports.
pub fn chokepoints(table: &ChainTable, request: &ChokepointsRequest, _: Language) -> Result<Answer, StrategyError> {
    let usual = ChokepointOptions::default();
    let barriers = barriers_of(&request.barriers)?;
    let mut order = Vec::new();
    for name in &request.order {
        order.push(match name.as_str() {
            "loss" => ChokepointCriterion::Loss,
            "barrier" => ChokepointCriterion::Barrier,
            "single-source" => ChokepointCriterion::SingleSource,
            "share" => ChokepointCriterion::ShareOfImports,
            "concentration" => ChokepointCriterion::Concentration,
            "alternatives" => ChokepointCriterion::AlternativeExports,
            other => return refuse("order", other, "loss, barrier, single-source, share, concentration or alternatives"),
        });
    }
    let options = ChokepointOptions {
        users: request.place.iter().cloned().collect(),
        barriers,
        unlisted: request.unlisted.clone(),
        single_source_share: request.single_source.unwrap_or(usual.single_source_share),
        order: if order.is_empty() { usual.order } else { order },
        top_per_user: request.top_per_user,
        top: Some(request.top.unwrap_or(50)),
    };
    let found = scan(table.factor()?, &options)?;
    let cuts = &found.cuts;
    let rows = RowTable::new("chokepoints")
        .text("user", cuts.iter().map(|cut| cut.user.as_str()))?
        .text("region", cuts.iter().map(|cut| cut.region.as_str()))?
        .text("sector", cuts.iter().map(|cut| cut.sector.as_str()))?
        .number("value_added_loss", cuts.iter().map(|cut| cut.value_added_loss))?
        .number("value_added_loss_share", cuts.iter().map(|cut| cut.value_added_loss_share))?
        .number("output_loss", cuts.iter().map(|cut| cut.output_loss))?
        .number("output_loss_share", cuts.iter().map(|cut| cut.output_loss_share))?
        .number("flow", cuts.iter().map(|cut| cut.flow))?
        .number("share_of_imports", cuts.iter().map(|cut| cut.share_of_imports))?
        .number("share_of_use", cuts.iter().map(|cut| cut.share_of_use))?
        .number("import_concentration", cuts.iter().map(|cut| cut.import_concentration))?
        .number("barrier", cuts.iter().map(|cut| cut.barrier))?
        .flag("single_source", cuts.iter().map(|cut| cut.single_source))?
        .count("other_suppliers", cuts.iter().map(|cut| cut.other_suppliers))?
        .count("able_exporters", cuts.iter().map(|cut| cut.able_exporters))?
        .number("alternative_exports_over_flow", cuts.iter().map(|cut| cut.alternative_exports_over_flow))?;
    let mut notes = table.notes();
    notes.push(format!(
        "{} cuts weighed; losses are closed forms of the supply-side model in which nobody finds another supplier: value at risk, not a forecast",
        found.weighed
    ));
    if !found.users_left_out.is_empty() {
        notes.push(format!("without output or value added and left out: {}", found.users_left_out.join(", ")));
    }
    let mut record = table.record(request);
    record["options"] = as_json(&options);
    record["weighed"] = json!(found.weighed);
    record["suppliers_left_out"] = as_json(&found.suppliers_left_out);
    Ok(Answer { tables: vec![rows], record, notes })
}
