//! What the models of shocks have in common: each runs a scenario and says its losses, its path and its state in the same terms.

use super::ChainTable;
use crate::ModelSettings;
use crate::answer::as_json;
use crate::{ResolvedScenario, ScenarioFile, StrategyError};
use chain::{
    ArioDraws, ArioOptions, BindingRule, ChainError, ClosedFormModel, DAYS_OF_YEAR, DailyRun, Distribution, Disturbance, Felt, HatOptions,
    Ordering, PartiallyBindingDraws, PartiallyBindingOptions, Replacement, RunStability, ScenarioLoss, SectorDays, TradeElasticities,
    adaptive_regional_input_output_batch, ario_options_of_draw, closed_form, exact_hat_equilibrium, loss_quantiles,
    partially_binding_leontief_batch, partially_binding_options_of_draw,
};
use frame::{LabelledVector, Text};
use rayon::prelude::*;
use serde_json::json;

/// A model of shocks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Model {
    /// Demand side in closed form.
    Leontief,
    /// The same with other suppliers taking over.
    Replacement,
    /// Supply side in closed form.
    Ghosh,
    /// Partially binding Leontief, day by day.
    PartiallyBinding,
    /// ARIO with inventories, day by day.
    Inventories,
    /// Exact-hat general equilibrium.
    ExactHat,
}

impl Model {
    /// In the order of what they assume: from nobody adjusting to everybody.
    pub const ALL: [Model; 6] =
        [Model::Leontief, Model::Replacement, Model::Ghosh, Model::PartiallyBinding, Model::Inventories, Model::ExactHat];

    /// As the user names it.
    pub fn name(self) -> &'static str {
        match self {
            Model::Leontief => "leontief",
            Model::Replacement => "replacement",
            Model::Ghosh => "ghosh",
            Model::PartiallyBinding => "pbl",
            Model::Inventories => "ario",
            Model::ExactHat => "hat",
        }
    }

    /// Its name for people.
    pub fn label(self) -> Text {
        match self {
            Model::Leontief => Text::new("Leontief (demand side)", "Leontief（需求侧）"),
            Model::Replacement => Text::new("Leontief with replacement", "Leontief（可替代）"),
            Model::Ghosh => Text::new("Ghosh (supply side)", "Ghosh（供给侧）"),
            Model::PartiallyBinding => Text::new("Partially binding Leontief", "部分约束 Leontief（PBL）"),
            Model::Inventories => Text::new("ARIO with inventories", "ARIO 库存动态"),
            Model::ExactHat => Text::new("Exact-hat equilibrium", "一般均衡（exact hat）"),
        }
    }

    /// The assumption that sets it apart: why its figure differs from the others'.
    pub fn assumption(self) -> Text {
        match self {
            Model::Leontief => Text::new(
                "who cannot sell makes less, and so do its suppliers; users go on without the input; nobody finds another buyer or seller",
                "卖不出者减产，其供应方随之减产；使用方缺了投入仍照常生产；没有人另找买方或卖方",
            ),
            Model::Replacement => Text::new(
                "as leontief, but users buy the same sector elsewhere, in proportion to what they bought: what is left is a shift between suppliers",
                "同 leontief，但使用方按原比例转向同行业其他供应方：剩下的是供应方之间的转移",
            ),
            Model::Ghosh => Text::new(
                "users lose the input and pass the shortage on to all who buy from them, in proportion to its value; nothing is stocked or replaced: value at risk",
                "使用方失去投入，并按价值比例将短缺传给所有下游；无库存、无替代：为风险价值",
            ),
            Model::PartiallyBinding => Text::new(
                "users work from stocks until an input that binds runs out; which inputs bind is the rule's; demand falls back through orders",
                "使用方先用库存，直至有约束力的投入用尽；哪些投入有约束力由规则决定；需求经订单回落",
            ),
            Model::Inventories => Text::new(
                "every input binds once its stock falls short, but users order elsewhere, suppliers work over capacity, and stocks bridge short cuts",
                "任一投入库存不足即受约束，但使用方可另行订货，供应方可超产，库存可度过短期中断",
            ),
            Model::ExactHat => Text::new(
                "after all prices have moved and everybody has turned to other suppliers, with labour fixed: what lasts is lost real income, not lost output",
                "价格充分调整、各方另寻供应、劳动力不变之后：留下的是实际收入损失，而非产出损失",
            ),
        }
    }
}

/// How many draws of uncertain options are made.
pub struct Draws {
    /// How many; the models run once without.
    pub count: usize,
    /// Their seed.
    pub seed: u64,
}

/// Output day by day: of every region and of the world, as a share of that without the shocks.
pub struct OutputPath {
    /// Day by day, one value a region.
    pub regions: Vec<Vec<f64>>,
    /// Day by day.
    pub world: Vec<f64>,
}

impl OutputPath {
    /// The path of a region, or of the world.
    pub fn of(&self, place: Option<usize>) -> Vec<f64> {
        match place {
            None => self.world.clone(),
            Some(at) => self.regions.iter().map(|day| day[at]).collect(),
        }
    }
}

/// The 5th and 95th percentile of value added lost over draws: one value a region and, last, that of the world.
pub struct Drawn {
    /// The 5th percentile.
    pub low: Vec<f64>,
    /// The 95th.
    pub high: Vec<f64>,
}

/// What one model says of a scenario.
pub struct ModelRun {
    /// The model.
    pub model: Model,
    /// Its losses; none where it does not feel the scenario or did not end.
    pub loss: Option<ScenarioLoss>,
    /// Output day by day.
    pub path: Option<OutputPath>,
    /// Losses over draws.
    pub drawn: Option<Drawn>,
    /// "stable", "diverging on day 37", "closed form", "not felt".
    pub state: String,
    /// Shocks that it does not feel, each with the reason.
    pub ignored: Vec<String>,
    /// What a reader should be warned of.
    pub warnings: Vec<String>,
    /// Its options and diagnostics.
    pub record: serde_json::Value,
    value_added_by_region: Vec<f64>,
}

/// Output within this share of its level without shocks counts as recovered.
const RECOVERED: f64 = 0.99;

impl ModelRun {
    /// Value added lost of a region or of the world.
    pub fn value_added_loss(&self, place: Option<usize>) -> Option<f64> {
        self.loss.as_ref()?;
        Some(place.map_or_else(|| self.value_added_by_region.iter().sum(), |at| self.value_added_by_region[at]))
    }

    /// The day of least output; none where output never falls by a hundred-thousandth, or there are no days.
    pub fn lowest_day(&self, place: Option<usize>) -> Option<usize> {
        let path = self.path.as_ref()?.of(place);
        let (day, least) = path.iter().enumerate().min_by(|a, b| a.1.total_cmp(b.1))?;
        (*least < 1.0 - 1e-5).then_some(day)
    }

    /// The first day from which on output stays within 1 % of its level without shocks: 0 where it always does, none where it does not
    /// come back within the horizon, or there are no days.
    pub fn recovered(&self, place: Option<usize>) -> Option<usize> {
        let path = self.path.as_ref()?.of(place);
        let last = path.iter().rposition(|share| *share < RECOVERED);
        match last {
            None => Some(0),
            Some(day) if day + 1 < path.len() => Some(day + 1),
            Some(_) => None,
        }
    }
}

impl ModelRun {
    fn new(table: &ChainTable, model: Model, loss: ScenarioLoss) -> Self {
        let system = &table.system;
        let value_added_by_region = (0..system.regions().len()).map(|r| loss.value_added_loss[system.range_at(r)].iter().sum()).collect();
        ModelRun {
            model,
            loss: Some(loss),
            path: None,
            drawn: None,
            state: String::new(),
            ignored: Vec::new(),
            warnings: Vec::new(),
            record: serde_json::Value::Null,
            value_added_by_region,
        }
    }

    /// A model that feels no shock of the scenario.
    fn not_felt(table: &ChainTable, model: Model, why: &str) -> Self {
        ModelRun {
            model,
            loss: None,
            path: None,
            drawn: None,
            state: format!("not felt: {why}"),
            ignored: Vec::new(),
            warnings: Vec::new(),
            record: serde_json::Value::Null,
            value_added_by_region: vec![f64::NAN; table.system.regions().len()],
        }
    }
}

/// Runs the models asked for, in their order.
pub(super) fn run(
    table: &ChainTable,
    file: &ScenarioFile,
    resolved: &ResolvedScenario,
    models: &[Model],
    draws: &Draws,
) -> Result<Vec<ModelRun>, StrategyError> {
    let alone = models.len() == 1;
    models
        .iter()
        .map(|model| match run_one(table, file, resolved, *model, draws) {
            // beside others, a model that refuses a scenario says why instead of taking the others down
            Err(StrategyError::Chain(refusal))
                if !alone
                    && matches!(
                        *refusal,
                        ChainError::Refused { .. } | ChainError::NotConverged { .. } | ChainError::NotProductive { .. }
                    ) =>
            {
                let mut run = ModelRun::not_felt(table, *model, "");
                run.state = "refused".to_owned();
                run.warnings.push(refusal.to_string());
                Ok(run)
            }
            found => found,
        })
        .collect()
}

fn run_one(
    table: &ChainTable,
    file: &ScenarioFile,
    resolved: &ResolvedScenario,
    model: Model,
    draws: &Draws,
) -> Result<ModelRun, StrategyError> {
    match model {
        Model::Leontief => closed(table, resolved, model, ClosedFormModel::Demand),
        Model::Replacement => {
            let rule = match file.models.replacement.as_deref() {
                None | Some("imports") => Replacement::Imports,
                Some("all") => Replacement::AllSuppliers,
                Some(other) => return super::refuse("models.replacement", other, "imports or all"),
            };
            closed(table, resolved, model, ClosedFormModel::Replacement(rule))
        }
        Model::Ghosh => closed(table, resolved, model, ClosedFormModel::Supply),
        Model::Inventories => {
            let options = ario_options(&file.models)?;
            let drawn = |draw| ario_options_of_draw(&table.system, &options, &ArioDraws::default(), draws.seed, draw);
            let drawn = (0..draws.count as u64).map(drawn).collect::<Result<Vec<_>, _>>()?;
            daily(table, resolved, model, as_json(&options), draws.count, || {
                let cases: Vec<_> = std::iter::once(&options).chain(&drawn).map(|options| (&resolved.scenario, options)).collect();
                Ok(adaptive_regional_input_output_batch(&table.system, &cases)?)
            })
        }
        Model::PartiallyBinding => {
            let options = partially_binding_options(&file.models)?;
            let usual = PartiallyBindingDraws::default();
            let drawn = |draw| partially_binding_options_of_draw(&table.system, &options, &usual, draws.seed, draw);
            let drawn = (0..draws.count as u64).map(drawn).collect::<Result<Vec<_>, _>>()?;
            let told = json!({"rule": options.rule, "criticality": "assumed (see the method's page)", "ordering": options.ordering,
                "inventories": options.inventories, "restoration": options.restoration, "hiring_days": options.hiring_days,
                "firing_days": options.firing_days});
            daily(table, resolved, model, told, draws.count, || {
                let cases: Vec<_> = std::iter::once(&options).chain(&drawn).map(|options| (&resolved.scenario, options)).collect();
                Ok(partially_binding_leontief_batch(&table.system, &cases)?)
            })
        }
        Model::ExactHat => equilibrium(table, resolved, hat_options(table, &file.models)?, draws),
    }
}

/// The range within which nine of ten draws lie.
const QUANTILES: [f64; 2] = [0.05, 0.95];

/// Low and high of value added lost over draws; `None` without draws. Draws that gave no loss are counted by the caller.
fn drawn_range(table: &ChainTable, losses: &[ScenarioLoss]) -> Result<Option<Drawn>, StrategyError> {
    if losses.is_empty() {
        return Ok(None);
    }
    let found = loss_quantiles(&table.system, losses, &QUANTILES)?;
    let column = |at: usize| {
        let regions = (0..table.system.regions().len()).map(|r| found.value_added_loss.at(r, at));
        regions.chain([found.world_value_added_loss[at]]).collect()
    };
    Ok(Some(Drawn { low: column(0), high: column(1) }))
}

fn hat_options(table: &ChainTable, settings: &ModelSettings) -> Result<HatOptions, StrategyError> {
    let usual = HatOptions::default();
    let base = settings.elasticity.map_or(usual.elasticities.clone(), TradeElasticities::Uniform);
    if settings.elasticity_by_sector.is_empty() {
        return Ok(HatOptions { elasticities: base, ..usual });
    }
    let known = base.of(&table.system)?;
    let mut values = known.values().to_vec();
    for (sector, theta) in &settings.elasticity_by_sector {
        values[known.labels().require(sector)?] = *theta;
    }
    Ok(HatOptions { elasticities: TradeElasticities::BySector(values), ..usual })
}

/// Half to twice every sector's elasticity, most often near it: a range that is assumed, not measured.
const ELASTICITY_FACTOR: Distribution = Distribution::Triangular { low: 0.5, mode: 1.0, high: 2.0 };

fn equilibrium(table: &ChainTable, resolved: &ResolvedScenario, options: HatOptions, draws: &Draws) -> Result<ModelRun, StrategyError> {
    let found = exact_hat_equilibrium(&table.system, &resolved.scenario, &options)?;
    let mut warnings = Vec::new();
    let theta = found.elasticities.values();
    // a stream of its own, away from those of the other models
    let factor = |draw: u64, sector: usize| ELASTICITY_FACTOR.draw(draws.seed, draw, (1 << 40) + sector as u64);
    let tried: Vec<Option<ScenarioLoss>> = (0..draws.count as u64)
        .into_par_iter()
        .map(|draw| {
            let values = theta.iter().enumerate().map(|(sector, theta)| theta * factor(draw, sector)).collect();
            let options = HatOptions { elasticities: TradeElasticities::BySector(values), ..options.clone() };
            exact_hat_equilibrium(&table.system, &resolved.scenario, &options).map(|found| found.loss()).ok()
        })
        .collect();
    let losses: Vec<ScenarioLoss> = tried.into_iter().flatten().collect();
    if losses.len() < draws.count {
        warnings.push(format!(
            "{} of {} draws found no equilibrium and are left out of low and high",
            draws.count - losses.len(),
            draws.count
        ));
    }
    let drawn = drawn_range(table, &losses)?;
    if found.pooled_cuts.spread > 0.0 {
        warnings.push(format!(
            "{:.1} % of the deliveries cut are cut from some users of a region only; the model knows one pool of each sector for a region and spreads them",
            100.0 * found.pooled_cuts.spread / found.pooled_cuts.cut
        ));
    }
    for (region, sector) in &found.floored {
        warnings.push(format!("{region} {sector}: every source is cut; a floor of each flow is kept"));
    }
    let by_region =
        |vector: &LabelledVector| vector.iter().map(|(region, value)| (region.to_owned(), json!(value))).collect::<serde_json::Map<_, _>>();
    let record = json!({
        "elasticities": by_region(&found.elasticities), "welfare_hats": by_region(&found.welfare_hats), "wage_hats": by_region(&found.wage_hats),
        "consumer_price_hats": by_region(&found.consumer_price_hats), "repairs": as_json(&found.repairs), "pooled_cuts": as_json(&found.pooled_cuts),
        "iterations": found.iterations,
    });
    Ok(ModelRun { state: "equilibrium".to_owned(), drawn, warnings, record, ..ModelRun::new(table, Model::ExactHat, found.loss()) })
}

fn closed(table: &ChainTable, resolved: &ResolvedScenario, model: Model, form: ClosedFormModel) -> Result<ModelRun, StrategyError> {
    let found = closed_form(table.factor()?, &resolved.scenario, form)?;
    let ignored: Vec<String> = found
        .shocks
        .iter()
        .filter(|reading| reading.felt != Felt::Fully)
        .map(|reading| format!("{}: {}", reading.shock, reading.why.en))
        .collect();
    if found.shocks.iter().all(|reading| reading.felt == Felt::Ignored) {
        let mut run = ModelRun::not_felt(table, model, "no shock of the scenario is one that this model has");
        run.ignored = ignored;
        return Ok(run);
    }
    let record = json!({
        "inputs_not_delivered": found.inputs_not_delivered, "inputs_left_idle": found.inputs_left_idle, "not_replaced": found.not_replaced,
        "capacity_binds": found.capacity_binds.iter().map(|i| &table.system.sectors()[*i]).collect::<Vec<_>>(),
        "spectral_radius_at_most": found.spectral_radius_at_most, "shocks": as_json(&found.shocks),
    });
    Ok(ModelRun { state: "closed form".to_owned(), ignored, record, ..ModelRun::new(table, model, found.loss()) })
}

fn partially_binding_options(settings: &ModelSettings) -> Result<PartiallyBindingOptions, StrategyError> {
    let usual = PartiallyBindingOptions::default();
    Ok(PartiallyBindingOptions {
        rule: match settings.rule.as_deref() {
            None => usual.rule,
            Some("leontief") => BindingRule::Leontief,
            Some("strongly-critical") => BindingRule::StronglyCritical,
            Some("half-critical") => BindingRule::HalfCritical,
            Some("weakly-critical") => BindingRule::WeaklyCritical,
            Some("linear") => BindingRule::Linear,
            Some(other) => {
                return super::refuse("models.rule", other, "leontief, strongly-critical, half-critical, weakly-critical or linear");
            }
        },
        inventories: inventories(settings, &usual.inventories),
        restoration: settings.restoration_days.map_or(usual.restoration, SectorDays::from),
        ..usual
    })
}

fn inventories(settings: &ModelSettings, usual: &SectorDays) -> SectorDays {
    SectorDays { default: settings.inventory_days.unwrap_or(usual.default), by_sector: settings.inventory_days_by_sector.clone() }
}

fn ario_options(settings: &ModelSettings) -> Result<ArioOptions, StrategyError> {
    let usual = ArioOptions::default();
    Ok(ArioOptions {
        ordering: match settings.ordering.as_deref() {
            None | Some("alternative") => Ordering::Alternative,
            Some("fixed") => Ordering::Proportional,
            Some(other) => return super::refuse("models.ordering", other, "alternative or fixed"),
        },
        inventories: inventories(settings, &usual.inventories),
        restoration: settings.restoration_days.map_or(usual.restoration, SectorDays::from),
        ..usual
    })
}

/// Whether any shock is one that models without prices feel.
fn felt_without_prices(resolved: &ResolvedScenario) -> bool {
    resolved.scenario.shocks().iter().any(|shock| !matches!(shock.disturbance, Disturbance::Tariff { .. }))
}

fn daily(
    table: &ChainTable,
    resolved: &ResolvedScenario,
    model: Model,
    options: serde_json::Value,
    draws: usize,
    run: impl FnOnce() -> Result<Vec<DailyRun>, StrategyError>,
) -> Result<ModelRun, StrategyError> {
    if !felt_without_prices(resolved) {
        return Ok(ModelRun::not_felt(table, model, "all shocks are tariffs, and this model has no prices"));
    }
    let mut found = run()?;
    let stable = |run: &DailyRun| !matches!(run.stability, RunStability::Diverging { .. });
    let losses: Vec<ScenarioLoss> = found.drain(1..).filter(stable).map(|run| run.loss()).collect();
    let drawn = drawn_range(table, &losses)?;
    let Some(found) = found.pop() else {
        return Ok(ModelRun::not_felt(table, model, "nothing was run"));
    };
    let baseline: Vec<f64> = (0..table.system.regions().len())
        .map(|r| table.system.output()[table.system.range_at(r)].iter().map(|x| x.max(0.0)).sum::<f64>() / DAYS_OF_YEAR)
        .collect();
    let regions = (0..found.days)
        .map(|day| found.output_by_region.row(day).iter().zip(&baseline).map(|(output, base)| output / base).collect())
        .collect();
    let world = found.world_output.iter().map(|output| output / found.baseline_output).collect();
    let mut warnings = found.warnings.clone();
    if losses.len() < draws {
        warnings.push(format!("{} of {draws} draws diverge and are left out of low and high", draws - losses.len()));
    }
    let state = match found.stability {
        RunStability::Stable => "stable".to_owned(),
        RunStability::Oscillating { swings, largest } => {
            warnings.push(format!(
                "output swings {swings} times, by up to {:.1} % of its level: stocks are rebuilt too fast for what they are",
                100.0 * largest
            ));
            "oscillating".to_owned()
        }
        RunStability::Overshooting { day, above } => {
            warnings.push(format!(
                "after the shocks output overshoots its level by {:.1} % (day {day}) as all stocks are filled up at once: longer restoration-days calm it",
                100.0 * above
            ));
            "overshooting".to_owned()
        }
        RunStability::Diverging { day } => {
            warnings.push(format!("the run diverges on day {day} and was stopped: its losses are those until then, not of the horizon"));
            format!("diverging on day {day}")
        }
    };
    let record = json!({"options": options, "days": found.days, "stability": as_json(&found.stability), "first_shortage": found.first_shortage,
        "treatment": as_json(&found.treatment), "trough": found.trough});
    Ok(ModelRun { path: Some(OutputPath { regions, world }), drawn, state, warnings, record, ..ModelRun::new(table, model, found.loss()) })
}
