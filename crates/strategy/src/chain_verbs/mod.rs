//! What the program's `chain` verbs and the Python package's functions of the same names do: a [`ChainTable`] and a request in, tables out.
//!
//! The requests' fields are the program's options and the functions' arguments, so that each has one name and one default.

mod balance;
mod breakthroughs;
mod chain_table;
mod chokepoints;
mod decomposition;
mod dependence;
mod embargo;
mod exposure;
mod extraction;
mod firms;
mod footprint;
mod gvc;
mod households;
mod influence;
mod made_tables;
mod matrices;
mod multipliers;
mod paths;
mod plan;
mod position;
mod region_groups;
mod shock;
mod shock_models;

pub use balance::balance;
pub use breakthroughs::{BreakthroughsRequest, breakthroughs};
pub use chain_table::{ChainTable, Flows, Satellite, TableChoice};
pub use chokepoints::{ChokepointsRequest, chokepoints};
pub use decomposition::{DecompositionRequest, decomposition};
pub use dependence::{DependenceRequest, TradeRecords, dependence};
pub use embargo::{EmbargoRequest, embargo};
pub use exposure::{ExposureRequest, exposure};
pub use extraction::{ExtractionRequest, extraction};
pub use firms::{FirmNetwork, FirmsRequest, NetworkChoice, firms};
pub use footprint::{FootprintRequest, footprint};
pub use gvc::{GvcRequest, gvc};
pub use households::{HouseholdsRequest, households};
pub use influence::{InfluenceRequest, influence};
pub use made_tables::{AggregateRequest, NestRequest, aggregate, nest, supply_use};
pub use matrices::{LabelledCells, matrix};
pub use multipliers::{MultipliersRequest, multipliers};
pub use paths::{PathsRequest, paths};
pub use plan::{PlanRequest, plan, plan_for};
pub use position::{PositionRequest, position};
pub(crate) use region_groups::known_members;
pub use shock::{EXAMPLES, ShockAnswer, ShockRequest, example_scenario, shock};
pub(crate) use shock_models::ModelRun;

use crate::StrategyError;
use crate::answer::{Answer, read_request};
use frame::Language;
use store::{Problem, StoreError};

/// Answers a verb by name, with its request as JSON.
///
/// # Errors
/// [`Problem::Options`] for a verb or a field of the request that is not known, and what the verb reports.
///
/// ```
/// use xinzhi_strategy::chain_verbs::{ChainTable, answer};
/// let table = ChainTable::of_workspace(&store::Workspace::embedded()?, &Default::default())?;
/// let found = answer("position", &table, serde_json::json!({}), frame::Language::En)?;
/// assert_eq!(found.tables[0].len(), 1435);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn answer(verb: &str, table: &ChainTable, request: serde_json::Value, language: Language) -> Result<Answer, StrategyError> {
    match verb {
        "breakthroughs" => breakthroughs(table, &read_request(request)?, language),
        "chokepoints" => chokepoints(table, &read_request(request)?, language),
        "embargo" => embargo(table, &read_request(request)?, language),
        "extraction" => extraction(table, &read_request(request)?, language),
        "exposure" => exposure(table, &read_request(request)?, language),
        "footprint" => footprint(table, &read_request(request)?, language),
        "multipliers" => multipliers(table, &read_request(request)?, language),
        "gvc" => gvc(table, &read_request(request)?, language),
        "households" => households(table, &read_request(request)?, language),
        "influence" => influence(table, &read_request(request)?, language),
        "paths" => paths(table, &read_request(request)?, language),
        "plan" => plan(table, &read_request(request)?, language),
        "position" => position(table, &read_request(request)?, language),
        other => {
            let what = format!("there is no verb `{other}`");
            Err(StoreError::new(Problem::Options, what)
                .next("breakthroughs, chokepoints, embargo, exposure, extraction, footprint, gvc, households, influence, multipliers, paths, plan or position")
                .into())
        }
    }
}

/// An option that has another value than those it knows.
fn refuse<T>(option: &str, value: &str, known: &str) -> Result<T, StrategyError> {
    Err(StoreError::new(Problem::Options, format!("{option} is \"{value}\"")).next(format!("use {known}")).into())
}
