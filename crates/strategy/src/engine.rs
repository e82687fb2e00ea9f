//! Holds what all places share (the world's product space, its input-output system), computed once and kept.

use crate::StrategyError;
use crate::world_industry::WorldIndustry;
use chain::{ExposureOptions, Factor, InputOutputSystem, Position, Scope, ValueAddedInExports, WIOD35_MANUFACTURING};
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
    registry: Slot<policy::Registry>,
    products: Slot<ProductSpace>,
    industry: Slot<WorldIndustry>,
    world_factor: Slot<WorldFactor>,
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
    /// Revealed comparative advantage over the core's world.
    pub rca: LabelledMatrix,
    /// Density of every place around every heading.
    pub density: LabelledMatrix,
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

/// The newest world table, factorised: enough for questions about one country.
pub(crate) struct WorldFactor {
    /// The factor of the newest system.
    pub factor: Factor,
    /// Its table's id.
    pub table: String,
}

/// The newest world table, with what ranks countries. Everything else about a country is solved for when it is asked: the full inverse
/// would take longer than all of it.
pub(crate) struct WorldChain {
    /// The factorised table.
    pub world: Arc<WorldFactor>,
    /// Foreign content of every region's exports, as a share of them.
    pub foreign_content: Vec<(String, f64)>,
    /// Look-through exposure of every region's manufacturing to all foreign suppliers.
    pub reliance: Vec<(String, f64)>,
    /// Where the industries of every region stand.
    pub positions: Vec<Position>,
}

impl WorldChain {
    /// The factor of the table.
    pub(crate) fn factor(&self) -> &Factor {
        &self.world.factor
    }

    /// The table's id.
    pub(crate) fn table(&self) -> &str {
        &self.world.table
    }
}

/// Exposure of manufacturing to all suppliers.
pub(crate) fn manufacturing() -> ExposureOptions {
    ExposureOptions { user_industries: Scope::sectors(WIOD35_MANUFACTURING), ..ExposureOptions::default() }
}

/// A region in one year's world table.
pub(crate) struct ChainYear {
    /// The year.
    pub year: i32,
    /// What its exports hold.
    pub exports: ValueAddedInExports,
    /// Stages between its industries and final use, averaged with output as weight; absent where there is no output.
    pub upstreamness: Option<f64>,
    /// Stages between primary inputs and its industries, averaged with output as weight.
    pub downstreamness: Option<f64>,
}

/// Averages over the industries of a region with output as weight: upstreamness and downstreamness.
pub(crate) fn average_position(positions: &[Position], region: &str) -> (Option<f64>, Option<f64>) {
    let average = |pick: fn(&Position) -> Option<f64>| {
        let own = positions.iter().filter(|p| p.region == region).filter_map(|p| pick(p).map(|stages| (p.output, stages)));
        let (weighted, output) = own.fold((0.0, 0.0), |(sum, all), (output, stages)| (sum + output * stages, all + output));
        (output > 0.0).then(|| weighted / output)
    };
    (average(|p| p.upstreamness), average(|p| p.downstreamness))
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

    /// The policy registry: the built-in one with the rows of the workspace over it, read and checked once.
    ///
    /// # Errors
    /// [`StrategyError::Policy`] with every fault of the tables by file and line; what reading the workspace reports.
    ///
    /// ```
    /// let engine = xinzhi_strategy::Engine::new(store::Workspace::embedded()?);
    /// assert_eq!(engine.policy_registry()?.industry("E-IC")?.name.en, "Integrated circuits");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn policy_registry(&self) -> Result<Arc<policy::Registry>, StrategyError> {
        once(&self.shared.registry, || {
            let files = self.workspace.registry_files()?;
            let texts = files
                .iter()
                .map(|file| {
                    let table = policy::RegistryTable::parse(file.table)?;
                    Ok(policy::RegistryText { table, origin: &file.origin, text: &file.text })
                })
                .collect::<Result<Vec<_>, policy::PolicyError>>()?;
            Ok(policy::Registry::read(&texts)?)
        })
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
            Ok(ProductSpace { exports, rca, density, presence, complexity, eci, core, coi })
        })
    }

    /// The industry layer of all places: intervals, change since the earlier table, entry models, picture.
    pub(crate) fn world_industry(&self) -> Result<Arc<WorldIndustry>, StrategyError> {
        once(&self.shared.industry, || WorldIndustry::of(self))
    }

    fn world_system(&self, table: &str) -> Result<InputOutputSystem, StrategyError> {
        // not kept: the system holds the numbers, and the earlier tables are wanted once a dossier
        let rows = self.workspace.read_io(table)?;
        let block =
            rows.blocks.into_iter().find(|block| block.kind == "domestic").ok_or_else(|| {
                store::StoreError::new(store::Problem::Schema, format!("table `{table}` holds no rows of kind `domestic`"))
            })?;
        let (columns, demand) = (rows.columns, rows.final_demand);
        Ok(InputOutputSystem::new(rows.system, rows.period, rows.unit, columns, block.z, demand, block.y, chain::SystemOptions::default())?)
    }

    /// Whether the workspace holds a world table.
    pub(crate) fn has_world_table(&self) -> Result<bool, StrategyError> {
        Ok(!self.workspace.io_tables(WORLD_SYSTEM)?.is_empty())
    }

    /// Whether the newest world table has the place as a region of its own; costs no solving.
    pub(crate) fn in_world_table(&self, region: &str) -> Result<bool, StrategyError> {
        Ok(match self.workspace.io_tables(WORLD_SYSTEM)?.last() {
            Some((_, table)) => self.workspace.io_columns(table)?.iter().any(|(r, _)| r == region),
            None => false,
        })
    }

    /// The newest world table, factorised.
    pub(crate) fn world_factor(&self) -> Result<Arc<WorldFactor>, StrategyError> {
        once(&self.shared.world_factor, || {
            let tables = self.workspace.io_tables(WORLD_SYSTEM)?;
            let (_, table) = tables.last().cloned().ok_or_else(|| {
                store::StoreError::new(store::Problem::Unknown, format!("the workspace holds no input-output table of `{WORLD_SYSTEM}`"))
            })?;
            Ok(WorldFactor { factor: Factor::new(&self.world_system(&table)?)?, table })
        })
    }

    /// The newest world table, with what ranks countries.
    pub(crate) fn world_chain(&self) -> Result<Arc<WorldChain>, StrategyError> {
        once(&self.shared.world, || {
            let world = self.world_factor()?;
            let (content, exports) = chain::foreign_content_of_exports(&world.factor)?;
            let shares = content.iter().zip(exports.values()).filter(|(_, exports)| **exports > 0.0);
            let foreign_content = shares.map(|((region, content), exports)| (region.to_owned(), content / exports)).collect();
            let exposure = chain::regional_exposure(&world.factor, &manufacturing())?.look_through;
            let (users, suppliers) = (exposure.rows(), exposure.columns());
            let abroad =
                |u: usize| -> f64 { (0..suppliers.len()).filter(|s| suppliers.name(*s) != users.name(u)).map(|s| exposure.at(u, s)).sum() };
            let reliance = (0..users.len()).map(|u| (users.name(u).to_owned(), abroad(u))).collect();
            let positions = chain::chain_position(&world.factor);
            Ok(WorldChain { world, foreign_content, reliance, positions })
        })
    }

    /// One region in every world table, oldest first; nothing for a place that the newest table has no region for.
    pub(crate) fn chain_over_time(&self, region: &str) -> Result<Vec<ChainYear>, StrategyError> {
        if !self.in_world_table(region)? {
            return Ok(Vec::new());
        }
        let newest = self.world_chain()?;
        let mut years = Vec::new();
        // one table after the other: each is large, and the other thread has the industry layer to compute
        for (year, table) in self.workspace.io_tables(WORLD_SYSTEM)? {
            let (exports, (upstreamness, downstreamness)) = if table == newest.table() {
                (chain::value_added_in_exports(newest.factor(), region)?, average_position(&newest.positions, region))
            } else {
                let factor = Factor::new(&self.world_system(&table)?)?;
                (chain::value_added_in_exports(&factor, region)?, average_position(&chain::chain_position(&factor), region))
            };
            years.push(ChainYear { year, exports, upstreamness, downstreamness });
        }
        Ok(years)
    }
}
