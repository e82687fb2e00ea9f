use crate::StrategyError;
use crate::answer::as_json;
use chain::{Extension, Factor, InputOutputSystem, NegativeFlows, SystemOptions};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::sync::OnceLock;
use store::{Problem, StoreError, Workspace};

/// Which input-output table of a workspace, and how it is made ready.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "clap", derive(clap::Args))]
#[serde(default, deny_unknown_fields)]
pub struct TableChoice {
    /// The table's id in the workspace
    #[cfg_attr(feature = "clap", arg(long, value_name = "ID", conflicts_with_all = ["system", "period"], help_heading = "Table"))]
    pub table: Option<String>,
    /// The system of tables in the workspace, such as wiod2013; the only one, or the built-in world tables, without it
    #[cfg_attr(feature = "clap", arg(long, value_name = "NAME", help_heading = "Table"))]
    pub system: Option<String>,
    /// The year; the last one without it
    #[cfg_attr(feature = "clap", arg(long, value_name = "YEAR", help_heading = "Table"))]
    pub period: Option<i32>,
    /// What to do about negative deliveries between industries: refuse (default) or zero
    #[cfg_attr(feature = "clap", arg(long, value_name = "RULE", help_heading = "Table"))]
    pub negative_flows: Option<String>,
}

/// An input-output table as its owner has it in memory; all numbers row by row.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Flows {
    /// What it is called.
    pub name: String,
    /// The year.
    pub period: i32,
    /// The unit of all flows.
    pub unit: String,
    /// Region and sector of every row and column of Z.
    pub industries: Vec<(String, String)>,
    /// Region and category of every column of Y.
    pub final_demand: Vec<(String, String)>,
    /// Z, deliveries between industries.
    #[serde(skip)]
    pub z: Vec<f64>,
    /// Y, deliveries to final demand.
    #[serde(skip)]
    pub y: Vec<f64>,
    /// What to do about negative deliveries between industries: `refuse` or `zero`.
    pub negative_flows: Option<String>,
    /// What industries use or emit beside their inputs.
    #[serde(skip)]
    pub satellites: Vec<Satellite>,
}

/// An extension as its owner has it in memory; see [`Extension`].
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Satellite {
    /// What it is called.
    pub name: String,
    /// Label and unit of every row.
    pub stressors: Vec<(String, String)>,
    /// F, stressors × industries.
    #[serde(skip)]
    pub flows: Vec<f64>,
    /// F_Y, stressors × columns of final demand.
    #[serde(skip)]
    pub final_demand_flows: Option<Vec<f64>>,
}

fn system_options(negative_flows: Option<&str>) -> Result<SystemOptions, StrategyError> {
    Ok(SystemOptions {
        negative_flows: match negative_flows {
            None | Some("refuse") => NegativeFlows::Refuse,
            Some("zero") => NegativeFlows::SetToZero,
            Some(other) => return super::refuse("negative-flows", other, "refuse or zero"),
        },
    })
}

/// The built-in world tables.
const WORLD_SYSTEM: &str = "wiod2013";

/// An input-output system with where it comes from, and its factor once it was needed.
pub struct ChainTable {
    /// The system.
    pub system: InputOutputSystem,
    extensions: Vec<Extension>,
    source: serde_json::Value,
    factor: OnceLock<Factor>,
}

impl ChainTable {
    /// A system, and what a record of a run says of its origin.
    pub fn new(system: InputOutputSystem, extensions: Vec<Extension>, source: serde_json::Value) -> Self {
        ChainTable { system, extensions, source, factor: OnceLock::new() }
    }

    /// A table of flows in memory.
    ///
    /// # Errors
    /// What is wrong with the flows, with label and value.
    pub fn of_flows(flows: Flows) -> Result<Self, StrategyError> {
        let options = system_options(flows.negative_flows.as_deref())?;
        let source = json!({"flows": flows.name});
        let Flows { name, period, unit, industries, final_demand, z, y, satellites, .. } = flows;
        let system = InputOutputSystem::new(name, period, unit, industries, z, final_demand, y, options)?;
        let extensions = satellites
            .into_iter()
            .map(|of| Extension::new(&system, &of.name, of.stressors, of.flows, of.final_demand_flows))
            .collect::<Result<_, _>>()?;
        Ok(ChainTable::new(system, extensions, source))
    }

    /// An extension by name. Value added and output are there for every table, as `value_added` and `output`.
    ///
    /// # Errors
    /// [`Problem::Unknown`] with the names that there are.
    pub fn extension(&self, name: &str) -> Result<Extension, StrategyError> {
        if let Some(found) = self.extensions.iter().find(|extension| extension.name() == name) {
            return Ok(found.clone());
        }
        match name {
            "value_added" => Ok(Extension::value_added(&self.system)?),
            "output" => Ok(Extension::output(&self.system)?),
            other => {
                let what = format!("{} has no extension `{other}`", self.system.name());
                Err(StoreError::new(Problem::Unknown, what).next(format!("there are: {}", self.extension_names().join(", "))).into())
            }
        }
    }

    /// The names of the extensions there are.
    pub fn extension_names(&self) -> Vec<String> {
        let own = self.extensions.iter().map(|extension| extension.name().to_owned());
        own.chain(["value_added".to_owned(), "output".to_owned()]).collect()
    }

    /// The table of a workspace that a choice asks for.
    ///
    /// # Errors
    /// [`Problem::Unknown`] for a table, system or year that the workspace does not have, and what is wrong with the table.
    pub fn of_workspace(workspace: &Workspace, choice: &TableChoice) -> Result<Self, StrategyError> {
        let id = match &choice.table {
            Some(id) => id.clone(),
            None => {
                let system = choice.system.as_deref().unwrap_or(WORLD_SYSTEM);
                let tables = workspace.io_tables(system)?;
                let found = match choice.period {
                    Some(period) => tables.iter().find(|(year, _)| *year == period),
                    None => tables.last(),
                };
                let Some((_, id)) = found else {
                    let years: Vec<String> = tables.iter().map(|(year, _)| year.to_string()).collect();
                    let (what, next) = match (choice.period, years.is_empty()) {
                        (Some(period), false) => (format!("the system `{system}` has no table of {period}"), years.join(", ")),
                        _ => (format!("the workspace has no input-output tables of the system `{system}`"), "`xinzhi data list`".into()),
                    };
                    return Err(StoreError::new(Problem::Unknown, what).next(format!("there are: {next}")).into());
                };
                id.clone()
            }
        };
        let rows = workspace.io(&id)?;
        let Some(block) = rows.block("domestic") else {
            return Err(StoreError::new(Problem::Schema, format!("table `{id}` holds no rows of kind `domestic`")).into());
        };
        let system = InputOutputSystem::new(
            rows.system.clone(),
            rows.period,
            rows.unit.clone(),
            rows.columns.clone(),
            block.z.clone(),
            rows.final_demand.clone(),
            block.y.clone(),
            system_options(choice.negative_flows.as_deref())?,
        )?;
        let sha256 = workspace.manifest().table(&id)?.sha256.clone();
        Ok(ChainTable::new(system, Vec::new(), json!({"table": id, "sha256": sha256})))
    }

    /// The factor of I − A, made at the first call.
    ///
    /// # Errors
    /// [`chain::ChainError::Singular`], [`chain::ChainError::NotProductive`].
    pub fn factor(&self) -> Result<&Factor, StrategyError> {
        if let Some(factor) = self.factor.get() {
            return Ok(factor);
        }
        let factor = Factor::new(&self.system)?;
        Ok(self.factor.get_or_init(|| factor))
    }

    /// How a result was computed: source, system, repairs and the request.
    pub(super) fn record<T: Serialize>(&self, request: &T) -> serde_json::Value {
        json!({
            "engine": frame::ENGINE_VERSION, "source": self.source, "system": self.system.name(), "unit": self.system.unit(),
            "industries": self.system.size(), "regions": self.system.regions().len(), "repairs": as_json(self.system.repairs()),
            "request": as_json(request),
        })
    }

    /// What was repaired in the table, for the reader.
    pub(super) fn notes(&self) -> Vec<String> {
        let (repairs, unit) = (self.system.repairs(), self.system.unit());
        let mut notes = Vec::new();
        let without = repairs.without_output.len() + repairs.negative_output.len();
        if without > 0 {
            notes.push(format!(
                "{without} industries have no positive output ({} of them negative); their columns of A are zero, which leaves out inputs of {} {unit}",
                repairs.negative_output.len(),
                repairs.inputs_left_out,
            ));
        }
        if repairs.negative_flows > 0 {
            notes.push(format!(
                "{} negative deliveries between industries, {} {unit} in all, were set to zero",
                repairs.negative_flows, repairs.negative_flow_mass
            ));
        }
        if repairs.negative_final_demand > 0 {
            notes.push(format!(
                "{} cells of final demand are negative, {} {unit} in all; they are kept",
                repairs.negative_final_demand, repairs.negative_final_demand_mass
            ));
        }
        notes
    }
}
