//! What the dossier of a country takes from planning: the breakthrough list and the cheapest plan for a target, on the newest world table.

use crate::chain_verbs::PlanRequest;
use crate::sector_feasibility::{Feasibility, SectorFeasibility};
use crate::{Engine, StrategyError};
use chain::{BreakthroughOptions, Breakthroughs, Leontief, LossTarget, PlanOptions, ResiliencePlan, resilience_plan};
use std::collections::BTreeMap;

/// How many cuts the plan of a dossier prepares for.
const CUTS: usize = 100;
/// A rest of the world is no supplier that anyone can name, nor one that a decision cuts off.
const REST_OF_WORLD: &str = "ROW";

/// The breakthrough list of a country with how near it is to the products behind each sector.
#[derive(Debug, Clone)]
pub struct CountryBreakthroughs {
    /// The sectors in the order asked for.
    pub found: Breakthroughs,
    /// Feasibility by sector; services have none.
    pub feasibility: BTreeMap<String, Feasibility>,
    /// Why nothing can be said of feasibility, where that is so.
    pub no_feasibility: Option<String>,
    /// The id of the world table.
    pub table: String,
    /// The year of that table.
    pub year: i32,
}

/// The cheapest plan of a country, with what was assumed.
#[derive(Debug, Clone)]
pub struct CountryPlan {
    /// The plan with its certificates.
    pub plan: ResiliencePlan,
    /// What was assumed: costs, what can be stored, what is critical.
    pub options: PlanOptions,
    /// The id of the world table.
    pub table: String,
    /// The year of that table.
    pub year: i32,
}

impl Engine {
    /// The foreign inputs of a country whose loss would hurt most, on the newest world table; see [`chain::breakthroughs`].
    ///
    /// ```
    /// let engine = xinzhi_strategy::Engine::new(store::Workspace::embedded()?);
    /// let list = engine.breakthroughs("CHN", &chain::BreakthroughOptions::default())?;
    /// assert_eq!(list.year, 2011);
    /// assert!(list.feasibility.contains_key(&list.found.sectors[0].sector));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// A place that is no region of the table, options that make no sense.
    pub fn breakthroughs(&self, place: &str, options: &BreakthroughOptions) -> Result<CountryBreakthroughs, StrategyError> {
        let world = self.world_factor()?;
        let mut options = options.clone();
        if options.unlisted.is_empty() && world.factor.system().regions().position(REST_OF_WORLD).is_some() {
            options.unlisted.push(REST_OF_WORLD.to_owned());
        }
        let found = chain::breakthroughs(&world.factor, place, &options)?;
        let (feasibility, no_feasibility) = match SectorFeasibility::of(self, place, &found.sectors)? {
            Ok(known) => (known.sectors, None),
            Err(why) => (BTreeMap::new(), Some(why)),
        };
        let year = world.factor.system().period();
        Ok(CountryBreakthroughs { found, feasibility, no_feasibility, table: world.table.clone(), year })
    }

    /// The cheapest stocks and second sources of a country against the cuts of 90 days by one foreign industry (the 100 with the largest
    /// loss, a rest of the world left out), on the newest world table; see [`chain::resilience_plan`]. Costs and critical inputs are the
    /// defaults of `xinzhi chain plan`, services are not stored.
    ///
    /// ```
    /// let engine = xinzhi_strategy::Engine::new(store::Workspace::embedded()?);
    /// let cheapest = engine.cheapest_plan("DEU", chain::LossTarget::Share(0.5))?;
    /// assert!(cheapest.plan.loss_with <= 0.500001 * cheapest.plan.loss_without);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// A place that is no region of the table, a target that makes no sense. A target out of reach is told by the plan's status.
    pub fn cheapest_plan(&self, place: &str, target: LossTarget) -> Result<CountryPlan, StrategyError> {
        let world = self.world_factor()?;
        let system = world.factor.system();
        let without = system.regions().position(REST_OF_WORLD).map(|_| REST_OF_WORLD.to_owned());
        let request = PlanRequest {
            place: place.to_owned(),
            most_cuts: Some(CUTS),
            without: without.into_iter().collect(),
            ..PlanRequest::default()
        };
        let options = PlanOptions { target, ..request.options(system, &mut Vec::new())? };
        let plan = resilience_plan(system, place, &request.cuts(system)?, &options)?;
        Ok(CountryPlan { plan, options, table: world.table.clone(), year: system.period() })
    }
}
