use super::chokepoints::barriers_of;
use super::{ChainTable, refuse};
use crate::answer::as_json;
use crate::sector_feasibility::SectorFeasibility;
use crate::{Answer, Engine, StrategyError};
use chain::{Breakthrough, BreakthroughCriterion, BreakthroughOptions, BreakthroughReason, breakthroughs as scan};
use frame::Language;
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::collections::BTreeMap;
use store::RowTable;

/// The foreign inputs whose loss would hurt most, sector by sector, and how near the place is to making them.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "clap", derive(clap::Args))]
#[serde(default, deny_unknown_fields)]
pub struct BreakthroughsRequest {
    /// The place: a region of the table
    #[cfg_attr(feature = "clap", arg(long, value_name = "REGION"))]
    pub place: String,
    /// Regions whose deliveries are at risk, in your judgement
    #[cfg_attr(feature = "clap", arg(long, value_name = "REGION", value_delimiter = ','))]
    pub barriers: Vec<String>,
    /// What decides the order, the first first: loss, barrier-loss, leading-loss, barrier, concentration, foreign-share, imports-over-exports
    /// [default: loss; with barriers: barrier-loss, loss]
    #[cfg_attr(feature = "clap", arg(long, value_name = "CRITERION", value_delimiter = ','))]
    pub order: Vec<String>,
    /// Supplier regions not to name as the leading one, such as a rest of the world
    #[cfg_attr(feature = "clap", arg(long, value_name = "REGION", value_delimiter = ','))]
    pub unlisted: Vec<String>,
    /// From which Herfindahl-Hirschman index on imports are concentrated [default: 0.4]
    #[cfg_attr(feature = "clap", arg(long, value_name = "INDEX"))]
    pub concentrated: Option<f64>,
    /// From which share of imports a supplier is the single source [default: 0.8]
    #[cfg_attr(feature = "clap", arg(long, value_name = "SHARE"))]
    pub single_source: Option<f64>,
    /// From which foreign share in use a sector is mostly foreign [default: 0.5]
    #[cfg_attr(feature = "clap", arg(long, value_name = "SHARE"))]
    pub mostly_foreign: Option<f64>,
    /// How many sectors to list; all without it
    #[cfg_attr(feature = "clap", arg(long, value_name = "N"))]
    pub top: Option<usize>,
}

fn reason(of: BreakthroughReason) -> &'static str {
    match of {
        BreakthroughReason::Concentrated => "concentrated",
        BreakthroughReason::SingleSource => "single source",
        BreakthroughReason::BehindBarrier => "behind a barrier",
        BreakthroughReason::MostlyForeign => "mostly foreign",
        BreakthroughReason::ImportsExceedExports => "imports exceed exports",
    }
}

/// Sector by sector: the loss without any foreign supplier, without those behind a barrier and without the leading one; concentration; what
/// the place can do itself; why it is on the list; and, where the workspace has exports by product, how near its products are.
///
/// # Errors
/// Regions and criteria that are not known, and what solving the table reports.
pub fn breakthroughs(table: &ChainTable, request: &BreakthroughsRequest, _: Language) -> Result<Answer, StrategyError> {
    let usual = BreakthroughOptions::default();
    let mut order = Vec::new();
    for name in &request.order {
        order.push(match name.as_str() {
            "loss" => BreakthroughCriterion::Loss,
            "barrier-loss" => BreakthroughCriterion::BarrierLoss,
            "leading-loss" => BreakthroughCriterion::LeadingLoss,
            "barrier" => BreakthroughCriterion::Barrier,
            "concentration" => BreakthroughCriterion::Concentration,
            "foreign-share" => BreakthroughCriterion::ForeignShare,
            "imports-over-exports" => BreakthroughCriterion::ImportsOverExports,
            other => {
                let known = "loss, barrier-loss, leading-loss, barrier, concentration, foreign-share or imports-over-exports";
                return refuse("order", other, known);
            }
        });
    }
    if order.is_empty() && !request.barriers.is_empty() {
        order.push(BreakthroughCriterion::BarrierLoss);
    }
    if order.is_empty() || order == [BreakthroughCriterion::BarrierLoss] {
        order.push(BreakthroughCriterion::Loss);
    }
    let options = BreakthroughOptions {
        barriers: barriers_of(&request.barriers)?,
        unlisted: request.unlisted.clone(),
        order,
        concentrated: request.concentrated.unwrap_or(usual.concentrated),
        single_source_share: request.single_source.unwrap_or(usual.single_source_share),
        mostly_foreign: request.mostly_foreign.unwrap_or(usual.mostly_foreign),
        top: request.top,
    };
    let found = scan(table.factor()?, &request.place, &options)?;
    let mut notes = table.notes();
    notes.push(
        "losses are closed forms of the supply-side model in which nobody finds another supplier: value at risk, not a forecast".to_owned(),
    );
    let known = match table.workspace() {
        Some(workspace) => SectorFeasibility::of(&Engine::new(workspace.clone()), &request.place, &found.sectors)?,
        None => Err("the table does not come from a workspace".to_owned()),
    };
    let (feasibility, year) = match known {
        Ok(known) => (known.sectors, Some(known.year)),
        Err(why) => {
            notes.push(format!("nothing is said of feasibility (the last columns are empty): {why}"));
            (BTreeMap::new(), None)
        }
    };
    if let Some(year) = year {
        notes.push(format!(
            "feasibility is of the product headings behind a sector, exports of {year}, weighted with world trade; it is empty for sectors without products (most services)"
        ));
    }
    let sectors = &found.sectors;
    let of =
        |one: &Breakthrough, pick: fn(&crate::sector_feasibility::Feasibility) -> f64| feasibility.get(&one.sector).map_or(f64::NAN, pick);
    let rows = RowTable::new("breakthroughs")
        .text("sector", sectors.iter().map(|one| one.sector.as_str()))?
        .number("value_added_loss", sectors.iter().map(|one| one.value_added_loss))?
        .number("value_added_loss_share", sectors.iter().map(|one| one.value_added_loss_share))?
        .number("barrier_loss", sectors.iter().map(|one| one.barrier_loss))?
        .number("barrier_loss_share", sectors.iter().map(|one| one.barrier_loss_share))?
        .text("leading_supplier", sectors.iter().map(|one| one.leading.as_ref().map_or("", |cut| cut.region.as_str())))?
        .number("leading_share_of_imports", sectors.iter().map(|one| one.leading.as_ref().map_or(f64::NAN, |cut| cut.share_of_imports)))?
        .number("leading_loss", sectors.iter().map(|one| one.leading.as_ref().map_or(f64::NAN, |cut| cut.value_added_loss)))?
        .number("imports", sectors.iter().map(|one| one.imports))?
        .number("import_concentration", sectors.iter().map(|one| one.import_concentration))?
        .number("barrier_share", sectors.iter().map(|one| one.barrier_share))?
        .number("domestic_share_of_use", sectors.iter().map(|one| one.domestic_share_of_use))?
        .number("own_exports", sectors.iter().map(|one| one.own_exports))?
        .number("own_export_share", sectors.iter().map(|one| one.own_export_share))?
        .count("suppliers", sectors.iter().map(|one| one.suppliers))?
        .text("reasons", sectors.iter().map(|one| one.reasons.iter().map(|r| reason(*r)).collect::<Vec<_>>().join("; ")))?
        .number("products_held_share", sectors.iter().map(|one| of(one, |f| f.held_share)))?
        .number("density", sectors.iter().map(|one| of(one, |f| f.density)))?
        .number("entry_effort", sectors.iter().map(|one| of(one, |f| f.effort)))?
        .text("nearest_products", sectors.iter().map(|one| feasibility.get(&one.sector).map_or(String::new(), |f| f.nearest.join(" "))))?;
    let mut record = table.record(request);
    record["options"] = as_json(&options);
    record["weighed"] = json!(found.weighed);
    record["suppliers_left_out"] = as_json(&found.suppliers_left_out);
    record["feasibility_year"] = json!(year);
    Ok(Answer { tables: vec![rows], record, notes })
}
