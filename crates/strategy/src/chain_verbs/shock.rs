use super::shock_models::{Draws, Model, ModelRun, run};
use super::{ChainTable, refuse};
use crate::answer::as_json;
use crate::scenario_file::{Names, nearest_names};
use crate::{Answer, Chart, ResolvedScenario, ScenarioFile, StrategyError, shock_picture};
use chain::{DAYS_OF_YEAR, InputOutputSystem, LostMarket, Replacement, market_closure};
use frame::{Language, Text};
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::{Problem, RowTable, StoreError, Workspace};

/// What a scenario costs by every model of shocks.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "clap", derive(clap::Args))]
#[serde(default, deny_unknown_fields)]
pub struct ShockRequest {
    /// leontief, replacement, ghosh, pbl, ario, hat, or all [default: all]
    #[cfg_attr(feature = "clap", arg(long, value_name = "MODEL", value_delimiter = ','))]
    pub model: Vec<String>,
    /// The region whose losses are followed; that of the scenario, or the world, without it
    #[cfg_attr(feature = "clap", arg(long, value_name = "REGION"))]
    pub place: Option<String>,
    /// One table instead of the overview: models, why, checks, shocks, regions, industries, days, markets (who loses with the
    /// exporters whose markets close)
    #[cfg_attr(feature = "clap", arg(long, value_name = "TABLE"))]
    pub by: Option<String>,
    /// Draws of inventories, criticality and elasticities (ario, pbl, hat): low and high are then the 5th and 95th percentile [default: 0]
    #[cfg_attr(feature = "clap", arg(long, value_name = "N"))]
    pub draws: Option<usize>,
    /// The seed of the draws [default: 1]
    #[cfg_attr(feature = "clap", arg(long, value_name = "N"))]
    pub seed: Option<u64>,
    /// How many industries are listed [default: 20]
    #[cfg_attr(feature = "clap", arg(long, value_name = "N"))]
    pub top: Option<usize>,
}

/// A scenario's losses by model, and the picture of them.
pub struct ShockAnswer {
    /// The tables, record and notes.
    pub answer: Answer,
    /// The models side by side, ready to be drawn.
    pub pictures: Vec<Chart>,
}

/// The scenarios that come with the program: name and text.
pub const EXAMPLES: [(&str, &str); 6] = [
    ("machine-tool-embargo", include_str!("../../scenarios/machine-tool-embargo.toml")),
    ("chip-cut", include_str!("../../scenarios/chip-cut.toml")),
    ("rare-earth-export-control", include_str!("../../scenarios/rare-earth-export-control.toml")),
    ("closed-ev-market", include_str!("../../scenarios/closed-ev-market.toml")),
    ("port-closure", include_str!("../../scenarios/port-closure.toml")),
    ("earthquake", include_str!("../../scenarios/earthquake.toml")),
];

/// A scenario that comes with the program.
///
/// # Errors
/// [`Problem::Unknown`] with the nearest names.
///
/// ```
/// use xinzhi_strategy::chain_verbs::example_scenario;
/// assert_eq!(example_scenario("chip-cut")?.place.as_deref(), Some("CHN"));
/// assert!(example_scenario("chipcut").is_err_and(|error| error.to_string().contains("chip-cut")));
/// # Ok::<(), xinzhi_strategy::StrategyError>(())
/// ```
pub fn example_scenario(name: &str) -> Result<ScenarioFile, StrategyError> {
    match EXAMPLES.iter().find(|(known, _)| *known == name) {
        Some((_, text)) => ScenarioFile::parse(text),
        None => {
            let near = nearest_names(name, EXAMPLES.iter().map(|(known, _)| (*known, "")));
            let all: Vec<&str> = EXAMPLES.iter().map(|(known, _)| *known).collect();
            let next =
                format!("{}the examples are {}", near.first().map(|near| format!("nearest: {near}; ")).unwrap_or_default(), all.join(", "));
            Err(StoreError::new(Problem::Unknown, format!("there is no file and no example scenario \"{name}\"")).next(next).into())
        }
    }
}

const TABLES: [&str; 8] = ["models", "why", "checks", "shocks", "regions", "industries", "days", "markets"];
/// Those that are told without being asked for.
const TOLD: usize = 4;

/// Runs a scenario through the models and puts what they say side by side, with the assumption that sets each apart.
///
/// # Errors
/// Models and tables that are not known; what is wrong with the scenario ([`ScenarioFile::resolve`]), before anything is computed; and what
/// solving the table reports. A run that diverges is stopped and told, not an error.
pub fn shock(
    table: &ChainTable,
    file: &ScenarioFile,
    request: &ShockRequest,
    workspace: Option<&Workspace>,
    language: Language,
) -> Result<ShockAnswer, StrategyError> {
    let models = models(&request.model)?;
    let wanted = match request.by.as_deref() {
        None => &TABLES[..TOLD],
        Some(by) => match TABLES.iter().position(|known| *known == by) {
            Some(at) => &TABLES[at..=at],
            None => return refuse("by", by, &TABLES.join(", ")),
        },
    };
    let system = &table.system;
    let resolved = file.resolve(table, workspace)?;
    let place = match request.place.as_ref().or(file.place.as_ref()) {
        None => None,
        Some(region) => Some(system.regions().require(region).map_err(|_| {
            let names = Names::of(system, workspace);
            StoreError::new(Problem::Unknown, format!("the table has no region \"{region}\"")).next(names.nearest_region(region))
        })?),
    };
    if resolved.scenario.shocks().is_empty() {
        let what = "all shocks of the scenario are to firms, which a table of industries does not have".to_owned();
        return Err(StoreError::new(Problem::Options, what)
            .next("run `xinzhi chain firms --scenario FILE` on a production network")
            .into());
    }
    let draws = Draws { count: request.draws.unwrap_or(0), seed: request.seed.unwrap_or(1) };
    let runs = run(table, file, &resolved, &models, &draws)?;
    let mut notes = table.notes();
    notes.extend(resolved.notes.iter().cloned());
    if let Some(note) = if language == Language::Zh { file.note_zh.as_ref().or(file.note.as_ref()) } else { file.note.as_ref() } {
        notes.insert(0, note.clone());
    }
    if !resolved.firms.is_empty() {
        notes.push(format!("{} shocks to firms are not felt here: `xinzhi chain firms --scenario FILE`", resolved.firms.len()));
    }
    for of in &runs {
        let name = of.model.name();
        notes.extend(of.ignored.iter().map(|what| format!("{name}: {what}")));
        notes.extend(of.warnings.iter().map(|what| format!("{name}: {what}")));
        for check in of.loss.iter().flat_map(|loss| &loss.invariants).filter(|check| !check.holds()) {
            notes.push(format!("{name}: \"{}\" is off by {:e}, more than {:e}", check.name, check.residual, check.tolerance));
        }
    }
    let focus = Focus { system, place, years: file.days as f64 / DAYS_OF_YEAR };
    let top = request.top.unwrap_or(20);
    let made = |name: &&str| match *name {
        "models" => focus.models(&runs),
        "why" => focus.why(&runs, language),
        "checks" => focus.checks(&runs),
        "shocks" => shocks(&resolved),
        "regions" => focus.regions(&runs),
        "industries" => focus.industries(&runs, top),
        "days" => focus.days(&runs),
        _ => markets(table, &resolved, top),
    };
    let tables = wanted.iter().map(made).collect::<Result<Vec<_>, _>>()?;
    let mut record = table.record(request);
    record["scenario"] = as_json(file);
    record["touched"] = as_json(&resolved.touched);
    record["models"] = runs.iter().map(|run| (run.model.name().to_owned(), run.record.clone())).collect::<serde_json::Map<_, _>>().into();
    record["why"] = runs.iter().map(|run| json!({"model": run.model.name(), "assumption": run.model.assumption().en})).collect();
    let region = place.map(|at| system.regions().name(at).to_owned());
    let label = match &region {
        Some(code) => workspace.and_then(|w| w.places().ok()).map_or_else(|| Text::same(code), |places| places.name(code)),
        None => Text::new("the world", "全球"),
    };
    let pictures = shock_picture::pictures(file, &runs, system.unit(), place, &label);
    Ok(ShockAnswer { answer: Answer { tables, record, notes }, pictures })
}

fn models(names: &[String]) -> Result<Vec<Model>, StrategyError> {
    if names.is_empty() || names.iter().any(|name| name == "all") {
        return Ok(Model::ALL.to_vec());
    }
    let mut models = Vec::new();
    for name in names {
        match Model::ALL.into_iter().find(|model| model.name() == name) {
            Some(model) if models.contains(&model) => {}
            Some(model) => models.push(model),
            None => {
                let near = nearest_names(name, Model::ALL.iter().map(|model| (model.name(), "")));
                let known = Model::ALL.map(Model::name).join(", ");
                return refuse(
                    "model",
                    name,
                    &format!("{known} or all{}", near.first().map(|n| format!("; nearest: {n}")).unwrap_or_default()),
                );
            }
        }
    }
    Ok(models)
}

fn shocks(resolved: &ResolvedScenario) -> Result<RowTable, StrategyError> {
    let touched = &resolved.touched;
    Ok(RowTable::new("shocks")
        .text("shock", touched.iter().map(|one| one.shock.as_str()))?
        .text("what", touched.iter().map(|one| one.what))?
        .count("industries", touched.iter().map(|one| one.industries))?
        .number("flow_a_year", touched.iter().map(|one| one.flow))?
        .number("lost_at_its_height", touched.iter().map(|one| one.lost))?
        .number("mean_intensity", touched.iter().map(|one| one.mean_intensity))?)
}

/// Who loses with the exporters whose deliveries or demand are lost: their own value added, and that of their suppliers.
fn markets(table: &ChainTable, resolved: &ResolvedScenario, top: usize) -> Result<RowTable, StrategyError> {
    let closure = market_closure(table.factor()?, &resolved.scenario, Replacement::None)?;
    let mut markets = closure.markets;
    markets.sort_by(|a, b| b.lost_exports.total_cmp(&a.lost_exports).then(a.industry.cmp(&b.industry)));
    markets.truncate(top);
    let at_home = |market: &LostMarket| market.value_added_of_others.get(&market.region).unwrap_or(0.0);
    let abroad = |market: &LostMarket| market.value_added_of_others.values().iter().sum::<f64>() - at_home(market);
    let largest = |market: &LostMarket| {
        let others = market.value_added_of_others.iter().filter(|(region, _)| *region != market.region);
        others.max_by(|a, b| a.1.total_cmp(&b.1).then(b.0.cmp(a.0))).map(|(region, loss)| (region.to_owned(), loss)).unwrap_or_default()
    };
    Ok(RowTable::new("markets")
        .text("region", markets.iter().map(|market| market.region.as_str()))?
        .text("sector", markets.iter().map(|market| market.sector.as_str()))?
        .number("lost_exports", markets.iter().map(|market| market.lost_exports))?
        .number("own_value_added_loss", markets.iter().map(|market| market.own_value_added))?
        .number("value_added_loss_at_home", markets.iter().map(at_home))?
        .number("value_added_loss_abroad", markets.iter().map(abroad))?
        .text("largest_loser_abroad", markets.iter().map(|market| largest(market).0))?
        .number("its_loss", markets.iter().map(|market| largest(market).1))?)
}

/// Output, value added and final demand of every region over the horizon without the shocks.
struct Base {
    output: Vec<f64>,
    value_added: Vec<f64>,
    final_demand: Vec<f64>,
}

struct Focus<'a> {
    system: &'a InputOutputSystem,
    place: Option<usize>,
    years: f64,
}

impl Focus<'_> {
    fn by_region(&self, values: &[f64]) -> Vec<f64> {
        (0..self.system.regions().len()).map(|r| values[self.system.range_at(r)].iter().sum()).collect()
    }

    fn base(&self) -> Base {
        let (system, n) = (self.system, self.system.size());
        let over = |values: Vec<f64>| values.into_iter().map(|value| value * self.years).collect();
        let demand = (0..system.regions().len()).map(|r| (0..n).map(|i| system.final_delivery(i, r)).sum()).collect();
        Base {
            output: over(self.by_region(system.output())),
            value_added: over(self.by_region(&system.value_added())),
            final_demand: over(demand),
        }
    }

    fn models(&self, runs: &[ModelRun]) -> Result<RowTable, StrategyError> {
        let base = self.base();
        let pick = |values: &[f64]| self.place.map_or_else(|| values.iter().sum(), |at| values[at]);
        let of = |pick: &dyn Fn(&ModelRun) -> Option<f64>| runs.iter().map(|run| pick(run).unwrap_or(f64::NAN)).collect::<Vec<f64>>();
        let value = of(&|run| run.loss.as_ref().map(|loss| pick(&self.by_region(&loss.value_added_loss))));
        let output = of(&|run| run.loss.as_ref().map(|loss| pick(&self.by_region(&loss.output_loss))));
        let demand = of(&|run| run.loss.as_ref().map(|loss| pick(&loss.final_demand_loss)));
        let share = |values: &[f64], base: &[f64]| values.iter().map(|value| value / pick(base)).collect::<Vec<f64>>();
        let day = |of: &dyn Fn(&ModelRun) -> Option<usize>| runs.iter().map(|run| of(run).map(|day| day as i64)).collect::<Vec<_>>();
        let region = self.place.map_or("world", |at| self.system.regions().name(at));
        let mut rows = RowTable::new("models")
            .text("model", runs.iter().map(|run| run.model.name()))?
            .text("region", runs.iter().map(|_| region))?
            .number("value_added_loss", value.clone())?
            .number("value_added_loss_share", share(&value, &base.value_added))?;
        if runs.iter().any(|run| run.drawn.is_some()) {
            rows = rows
                .number("low", of(&|run| run.drawn.as_ref().map(|drawn| pick_drawn(&drawn.low, self.place))))?
                .number("high", of(&|run| run.drawn.as_ref().map(|drawn| pick_drawn(&drawn.high, self.place))))?;
        }
        Ok(rows
            .number("output_loss", output.clone())?
            .number("output_loss_share", share(&output, &base.output))?
            .number("final_demand_loss", demand.clone())?
            .number("final_demand_loss_share", share(&demand, &base.final_demand))?
            .number("world_value_added_loss", of(&|run| run.loss.as_ref().map(|loss| loss.value_added_loss.iter().sum())))?
            .integer("lowest_day", day(&|run| run.lowest_day(self.place)))?
            .integer("recovered_on_day", day(&|run| run.recovered(self.place)))?
            .text("state", runs.iter().map(|run| run.state.as_str()))?
            .number(
                "largest_residual",
                of(&|run| run.loss.as_ref().map(|loss| loss.invariants.iter().map(|i| i.residual).fold(0.0, f64::max))),
            )?)
    }

    /// What each model assumes, and what its loss of value added is beside that of the model before.
    fn why(&self, runs: &[ModelRun], language: Language) -> Result<RowTable, StrategyError> {
        let losses: Vec<f64> = runs.iter().map(|run| run.value_added_loss(self.place).unwrap_or(f64::NAN)).collect();
        let before = |at: usize| (0..at).rev().find(|before| losses[*before].is_finite());
        Ok(RowTable::new("why")
            .text("model", runs.iter().map(|run| run.model.name()))?
            .text("compared_with", (0..runs.len()).map(|at| before(at).map_or("", |before| runs[before].model.name())))?
            .number("difference", (0..runs.len()).map(|at| before(at).map_or(f64::NAN, |before| losses[at] - losses[before])))?
            .text("assumption", runs.iter().map(|run| run.model.assumption().get(language).to_owned()))?)
    }

    fn regions(&self, runs: &[ModelRun]) -> Result<RowTable, StrategyError> {
        let base = self.base();
        let labels = self.system.regions();
        let mut order: Vec<usize> = (0..labels.len()).collect();
        // the place followed comes first
        order.sort_by_key(|at| Some(*at) != self.place);
        let (mut model, mut region) = (Vec::new(), Vec::new());
        let mut columns: [Vec<f64>; 8] = Default::default();
        let (mut lowest, mut recovered) = (Vec::new(), Vec::new());
        for run in runs {
            let Some(loss) = &run.loss else { continue };
            let (output, value) = (self.by_region(&loss.output_loss), self.by_region(&loss.value_added_loss));
            for at in &order {
                model.push(run.model.name());
                region.push(labels.name(*at));
                let numbers = [
                    value[*at],
                    value[*at] / base.value_added[*at],
                    run.drawn.as_ref().map_or(f64::NAN, |drawn| drawn.low[*at]),
                    run.drawn.as_ref().map_or(f64::NAN, |drawn| drawn.high[*at]),
                    output[*at],
                    output[*at] / base.output[*at],
                    loss.final_demand_loss[*at],
                    loss.final_demand_loss[*at] / base.final_demand[*at],
                ];
                columns.iter_mut().zip(numbers).for_each(|(column, number)| column.push(number));
                lowest.push(run.lowest_day(Some(*at)).map(|day| day as i64));
                recovered.push(run.recovered(Some(*at)).map(|day| day as i64));
            }
        }
        let [value, value_share, low, high, output, output_share, demand, demand_share] = columns;
        let mut rows = RowTable::new("regions")
            .text("model", model)?
            .text("region", region)?
            .number("value_added_loss", value)?
            .number("value_added_loss_share", value_share)?;
        if runs.iter().any(|run| run.drawn.is_some()) {
            rows = rows.number("low", low)?.number("high", high)?;
        }
        Ok(rows
            .number("output_loss", output)?
            .number("output_loss_share", output_share)?
            .number("final_demand_loss", demand)?
            .number("final_demand_loss_share", demand_share)?
            .integer("lowest_day", lowest)?
            .integer("recovered_on_day", recovered)?)
    }

    fn industries(&self, runs: &[ModelRun], top: usize) -> Result<RowTable, StrategyError> {
        let range = self.place.map_or(0..self.system.size(), |at| self.system.range_at(at));
        let value_added = self.system.value_added();
        let (mut model, mut region, mut sector) = (Vec::new(), Vec::new(), Vec::new());
        let (mut value, mut value_share, mut output) = (Vec::new(), Vec::new(), Vec::new());
        for run in runs {
            let Some(loss) = &run.loss else { continue };
            let mut order: Vec<usize> = range.clone().collect();
            order.sort_by(|a, b| loss.value_added_loss[*b].total_cmp(&loss.value_added_loss[*a]).then(a.cmp(b)));
            for i in order.into_iter().take(top) {
                let (of, code) = &self.system.sectors()[i];
                model.push(run.model.name());
                region.push(of.as_str());
                sector.push(code.as_str());
                value.push(loss.value_added_loss[i]);
                value_share.push(loss.value_added_loss[i] / (value_added[i] * self.years));
                output.push(loss.output_loss[i]);
            }
        }
        Ok(RowTable::new("industries")
            .text("model", model)?
            .text("region", region)?
            .text("sector", sector)?
            .number("value_added_loss", value)?
            .number("value_added_loss_share", value_share)?
            .number("output_loss", output)?)
    }

    /// Output of every day as a share of that without the shocks.
    fn days(&self, runs: &[ModelRun]) -> Result<RowTable, StrategyError> {
        let (mut model, mut day, mut own, mut world) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        for run in runs {
            let Some(path) = &run.path else { continue };
            for (at, (place, all)) in path.of(self.place).into_iter().zip(path.of(None)).enumerate() {
                model.push(run.model.name());
                day.push(Some(at as i64));
                own.push(place);
                world.push(all);
            }
        }
        Ok(RowTable::new("days")
            .text("model", model)?
            .integer("day", day)?
            .number("output_share", own)?
            .number("world_output_share", world)?)
    }

    fn checks(&self, runs: &[ModelRun]) -> Result<RowTable, StrategyError> {
        let all: Vec<_> =
            runs.iter().flat_map(|run| run.loss.iter().flat_map(|loss| &loss.invariants).map(|check| (run.model.name(), check))).collect();
        Ok(RowTable::new("checks")
            .text("model", all.iter().map(|(model, _)| *model))?
            .text("invariant", all.iter().map(|(_, check)| check.name))?
            .number("residual", all.iter().map(|(_, check)| check.residual))?
            .number("tolerance", all.iter().map(|(_, check)| check.tolerance))?
            .flag("holds", all.iter().map(|(_, check)| check.holds()))?)
    }
}

/// Quantiles hold one value a region and, last, that of the world, which is no sum of quantiles.
fn pick_drawn(values: &[f64], place: Option<usize>) -> f64 {
    place.map_or_else(|| values.last().copied().unwrap_or(f64::NAN), |at| values[at])
}
