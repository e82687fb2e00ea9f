//! Holds what all places share (the world's product space, its input-output system), computed once and kept.

use crate::StrategyError;
use crate::world_industry::WorldIndustry;
use chain::{InputOutputSystem, LeontiefInverse, ValueAddedInExports};
use complexity::{Convention, EconomicComplexity, PresenceMatrix};
use frame::{LabelledMatrix, LabelledVector, Labels, Period, Places};
use std::sync::{Arc, Mutex, PoisonError};
use store::Workspace;

/// The world input-output system used.
const WORLD_SYSTEM: &str = "wiod2013";
/// The year of the product trade table.
pub(crate) const TRADE_YEAR: i32 = 2017;
/// That table.
pub(crate) const TRADE_TABLE: &str = "exports_hs4_2017";
/// Headings that are no product: goods not specified by kind.
pub(crate) const NOT_A_PRODUCT: &[&str] = &["9999"];
/// A place joins the core on which complexity is computed with at least this many inhabitants …
pub(crate) const CORE_POPULATION: f64 = 1e6;
/// … and at least these exports (USD). Smaller places are projected on the core's products.
pub(crate) const CORE_EXPORTS: f64 = 1e9;

/// Computes dossiers on one workspace. Cheap to clone; what places share is computed once.
///
/// ```
/// let engine = xinzhi_strategy::Engine::new(store::Workspace::embedded()?);
/// let dossier = engine.dossier("Liaoning")?;
/// assert_eq!(dossier.place.code, "CN-LN");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Engine {
    pub(crate) workspace: Workspace,
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    products: Slot<ProductSpace>,
    industry: Slot<WorldIndustry>,
    world: Slot<WorldChain>,
}

type Slot<T> = Mutex<Option<Arc<T>>>;

fn once<T>(slot: &Slot<T>, compute: impl FnOnce() -> Result<T, StrategyError>) -> Result<Arc<T>, StrategyError> {
    let mut held = slot.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(value) = &*held {
        return Ok(value.clone());
    }
    let value = Arc::new(compute()?);
    *held = Some(value.clone());
    Ok(value)
}

/// The world's exports by product with everything that does not depend on the place asked for.
pub(crate) struct ProductSpace {
    /// Exports, place × HS heading, USD.
    pub exports: LabelledMatrix,
    /// Presence (RCA ≥ 1) of every place.
    pub presence: PresenceMatrix,
    /// Complexity computed on the core.
    pub complexity: EconomicComplexity,
    /// Economic complexity of every place: core places have their own, others are projected on the core's products.
    pub eci: LabelledVector,
    /// Which places are in the core.
    pub core: Labels,
    /// Complexity outlook index of every place.
    pub coi: LabelledVector,
}

/// The newest world table, solved.
pub(crate) struct WorldChain {
    /// The Leontief inverse of the newest system.
    pub inverse: LeontiefInverse,
    /// Its table's id.
    pub table: String,
    /// Value added in the exports of every region.
    pub exports: Vec<ValueAddedInExports>,
}

impl Engine {
    /// An engine on a workspace.
    pub fn new(workspace: Workspace) -> Self {
        Engine { workspace, shared: Arc::new(Shared::default()) }
    }

    /// The workspace.
    pub fn workspace(&self) -> &Workspace {
        &self.workspace
    }

    pub(crate) fn places(&self) -> Result<Arc<Places>, StrategyError> {
        Ok(self.workspace.places()?)
    }

    /// The product space of the trade year.
    ///
    /// Complexity, proximity and world totals are taken over the core, because the erratic baskets of territories with a few thousand
    /// people would otherwise weigh as much as a continent's; every other place is projected on the result.
    pub(crate) fn product_space(&self) -> Result<Arc<ProductSpace>, StrategyError> {
        once(&self.shared.products, || {
            let table = self.workspace.activity(TRADE_TABLE)?;
            let exports = table.matrix_where("exports", Period::year(TRADE_YEAR), "HS4", |code| !NOT_A_PRODUCT.contains(&code))?;
            let indicators = self.workspace.indicators()?;
            let totals = exports.row_sums();
            let in_core = |place: &str| {
                exports.rows().position(place).is_some_and(|row| totals[row] >= CORE_EXPORTS)
                    && indicators.get(place, "population", TRADE_YEAR).is_some_and(|p| p >= CORE_POPULATION)
            };
            let core_exports = exports.select_rows(in_core)?;
            let core = core_exports.rows().clone();
            let world = LabelledVector::new(exports.columns().clone(), core_exports.column_sums())?;
            let rca = complexity::revealed_comparative_advantage_over(&exports, &world)?;
            let presence = complexity::presence(&rca, Convention::GrowthLab.presence());
            let core_presence = presence.select_places(core.iter())?;
            let complexity = complexity::economic_complexity(&core_presence, &Convention::GrowthLab.options())?;
            let proximity = complexity::proximity(&core_presence, Convention::GrowthLab.diagonal());
            let density = complexity::density(&presence, &proximity)?;
            let coi = complexity::complexity_outlook(&presence, &density, &proximity, &complexity)?.coi;
            let eci = complexity.project(&presence)?;
            Ok(ProductSpace { exports, presence, complexity, eci, core, coi })
        })
    }

    /// The industry layer of all places: intervals, change since the earlier table, entry models, picture.
    pub(crate) fn world_industry(&self) -> Result<Arc<WorldIndustry>, StrategyError> {
        once(&self.shared.industry, || WorldIndustry::of(self))
    }

    fn world_system(&self, table: &str) -> Result<InputOutputSystem, StrategyError> {
        let rows = self.workspace.io(table)?;
        let block = rows
            .block("domestic")
            .ok_or_else(|| store::StoreError::new(store::Problem::Schema, format!("table `{table}` holds no rows of kind `domestic`")))?;
        Ok(InputOutputSystem::new(
            rows.system.clone(),
            rows.period,
            rows.unit.clone(),
            rows.columns.clone(),
            block.z.clone(),
            rows.final_demand.clone(),
            block.y.clone(),
            chain::SystemOptions::default(),
        )?)
    }

    /// Whether the newest world table has the place as a region of its own; costs no solving.
    pub(crate) fn in_world_table(&self, region: &str) -> Result<bool, StrategyError> {
        Ok(match self.workspace.io_tables(WORLD_SYSTEM)?.last() {
            Some((_, table)) => self.workspace.io(table)?.columns.iter().any(|(r, _)| r == region),
            None => false,
        })
    }

    /// The newest world table, solved, with the decomposition of every region's exports.
    pub(crate) fn world_chain(&self) -> Result<Arc<WorldChain>, StrategyError> {
        once(&self.shared.world, || {
            let tables = self.workspace.io_tables(WORLD_SYSTEM)?;
            let (_, table) = tables.last().cloned().ok_or_else(|| {
                store::StoreError::new(store::Problem::Unknown, format!("the workspace holds no input-output table of `{WORLD_SYSTEM}`"))
            })?;
            let system = self.world_system(&table)?;
            let inverse = chain::Factor::new(&system)?.leontief_inverse();
            let exports = chain::value_added_in_all_exports(&inverse)?;
            Ok(WorldChain { inverse, table, exports })
        })
    }

    /// Value added in the exports of one region in every world table, oldest first.
    pub(crate) fn export_content_over_time(&self, region: &str) -> Result<Vec<(i32, ValueAddedInExports)>, StrategyError> {
        let newest = self.world_chain()?;
        let mut history = Vec::new();
        for (year, table) in self.workspace.io_tables(WORLD_SYSTEM)? {
            if table == newest.table {
                history.extend(newest.exports.iter().find(|e| e.region == region).map(|e| (year, e.clone())));
                continue;
            }
            let system = self.world_system(&table)?;
            let factor = chain::Factor::new(&system)?;
            history.push((year, chain::value_added_in_exports(&factor, region)?));
        }
        Ok(history)
    }
}
