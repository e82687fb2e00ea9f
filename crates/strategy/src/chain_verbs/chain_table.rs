use crate::StrategyError;
use crate::answer::as_json;
use chain::{Extension, Factor, FactorMethod, FactorOptions, InputOutputSystem, NegativeFlows, SystemOptions};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::collections::HashSet;
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};
use store::{InputOutputOptions, Problem, StoreError, StoredInputOutput, TextRows, Workspace, read_input_output};

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
    /// Where value added comes from: residual (output less inputs; default), or rows (the table's own rows, taxes apart; default where imports
    /// are rows of their own)
    #[cfg_attr(feature = "clap", arg(long, value_name = "RULE", help_heading = "Table"))]
    pub value_added: Option<String>,
    /// How it is solved: auto (by size; default), lu (double precision), single (single precision, refined), iterative (large tables)
    #[cfg_attr(feature = "clap", arg(long, value_name = "METHOD", help_heading = "Table"))]
    pub solver: Option<String>,
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

/// The extension that holds a table's own rows of primary inputs.
const PRIMARY_INPUTS: &str = "primary_inputs";

/// The sector of a region that only buys.
const ONLY_BUYS: &str = "(none)";

/// A table in which every region that final demand belongs to has an industry: those that have none (a rest of the world that only buys, a
/// discrepancy kept outside) get one without output, sector `(none)`. `None` where there is no such region.
fn with_industries_for_final_demand(stored: &StoredInputOutput) -> Option<StoredInputOutput> {
    let known: HashSet<&str> = stored.industries.iter().map(|(region, _)| region.as_str()).collect();
    let mut added: Vec<&str> = Vec::new();
    for (region, _) in &stored.final_demand {
        if !known.contains(region.as_str()) && !added.contains(&region.as_str()) {
            added.push(region);
        }
    }
    if added.is_empty() {
        return None;
    }
    let (n, m, more) = (stored.industries.len(), stored.final_demand.len(), added.len());
    let widened = |values: &[f64]| -> Vec<f64> {
        values.chunks_exact(n.max(1)).flat_map(|row| row.iter().copied().chain(std::iter::repeat_n(0.0, more))).collect()
    };
    let mut z = widened((*stored.z).as_ref());
    z.resize((n + more) * (n + more), 0.0);
    let mut made = stored.clone();
    made.z = Arc::new(z);
    made.y.resize((n + more) * m, 0.0);
    made.output.resize(n + more, 0.0);
    made.industries.extend(added.iter().map(|region| ((*region).to_owned(), ONLY_BUYS.to_owned())));
    made.primary.iter_mut().for_each(|row| row.industries.resize(n + more, 0.0));
    for extension in &mut made.extensions {
        extension.flows = Arc::new(widened((*extension.flows).as_ref()));
    }
    Some(made)
}

/// The built-in world tables.
const WORLD_SYSTEM: &str = "wiod2013";

/// An input-output system with where it comes from, and its factor once it was needed.
pub struct ChainTable {
    /// The system.
    pub system: InputOutputSystem,
    extensions: Vec<Extension>,
    source: serde_json::Value,
    solver: FactorOptions,
    factor: OnceLock<Factor>,
    workspace: Option<Workspace>,
}

impl ChainTable {
    /// A system, and what a record of a run says of its origin.
    pub fn new(system: InputOutputSystem, extensions: Vec<Extension>, source: serde_json::Value) -> Self {
        ChainTable { system, extensions, source, solver: FactorOptions::default(), factor: OnceLock::new(), workspace: None }
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

    /// The flows of one row of an extension, the first without a name, and their unit.
    ///
    /// # Errors
    /// As [`extension`](Self::extension), and for a row that is not there.
    pub(super) fn stressor(&self, extension: &str, row: Option<&str>) -> Result<(Vec<f64>, String), StrategyError> {
        let extension = self.extension(extension)?;
        let at = row.map_or(Ok(0), |row| extension.stressors().require(row))?;
        let n = self.system.size();
        let flows = extension.flows().get(at * n..(at + 1) * n).unwrap_or_default().to_vec();
        Ok((flows, extension.units().get(at).cloned().unwrap_or_default()))
    }

    /// The extensions that came with the table or were added.
    pub(super) fn own_extensions(&self) -> &[Extension] {
        &self.extensions
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
                let systems = workspace.io_systems()?;
                let named = |name: &str| systems.iter().find(|(system, _)| system == name);
                let found = match (choice.system.as_deref(), systems.as_slice()) {
                    (Some(name), _) => named(name),
                    (None, [only]) => Some(only),
                    (None, _) => named(WORLD_SYSTEM),
                };
                let Some((system, tables)) = found else {
                    let what = match &choice.system {
                        Some(name) => format!("the workspace has no input-output tables of the system `{name}`"),
                        None if systems.is_empty() => "the workspace has no input-output tables".to_owned(),
                        None => "the workspace has input-output tables of several systems: name one with --system".to_owned(),
                    };
                    let names: Vec<&str> = systems.iter().map(|(system, _)| system.as_str()).collect();
                    let next = if names.is_empty() {
                        "`xinzhi data import io FILE --into DIR`".to_owned()
                    } else {
                        format!("there are: {}", names.join(", "))
                    };
                    return Err(StoreError::new(Problem::Unknown, what).next(next).into());
                };
                let found = match choice.period {
                    Some(period) => tables.iter().find(|(year, _)| *year == period),
                    None => tables.last(),
                };
                let Some((_, id)) = found else {
                    let years: Vec<String> = tables.iter().map(|(year, _)| year.to_string()).collect();
                    let what = format!("the system `{system}` has no table of {}", choice.period.unwrap_or_default());
                    return Err(StoreError::new(Problem::Unknown, what).next(format!("there are: {}", years.join(", "))).into());
                };
                id.clone()
            }
        };
        let sha256 = workspace.manifest().table(&id)?.sha256.clone();
        let table = Self::of_stored(&workspace.input_output(&id)?, choice, json!({"table": id, "sha256": sha256}))?;
        Ok(ChainTable { workspace: Some(workspace.clone()), ..table })
    }

    /// A table read from files as published, and what a reader should be told of how it was read.
    ///
    /// # Errors
    /// What is wrong with the files or their flows; see [`store::read_input_output`].
    pub fn of_files(files: &[PathBuf], reading: &InputOutputOptions, choice: &TableChoice) -> Result<(Self, Vec<String>), StrategyError> {
        let read = read_input_output(files, reading)?;
        let notes = read.told();
        let source = json!({"files": read.files, "edition": read.edition, "repairs": read.repairs, "balance": read.balance});
        Ok((Self::of_stored(&StoredInputOutput::from(read), choice, source)?, notes))
    }

    /// A table as stored or read from files.
    ///
    /// # Errors
    /// What is wrong with its flows, with label and value; rules that are not known.
    pub fn of_stored(stored: &StoredInputOutput, choice: &TableChoice, source: serde_json::Value) -> Result<Self, StrategyError> {
        let completed = with_industries_for_final_demand(stored);
        let stored = completed.as_ref().unwrap_or(stored);
        let mut system = InputOutputSystem::from_shared(
            stored.system.clone(),
            stored.period,
            stored.unit.clone(),
            stored.industries.clone(),
            stored.z.clone(),
            stored.final_demand.clone(),
            stored.y.clone(),
            system_options(choice.negative_flows.as_deref())?,
        )?;
        let imports_apart = stored.primary.iter().any(|row| row.kind == "imports");
        let from_rows = match choice.value_added.as_deref() {
            None => imports_apart,
            Some("residual") => false,
            Some("rows") => true,
            Some(other) => return super::refuse("value-added", other, "residual or rows"),
        };
        if from_rows {
            let kept: &[&str] = if imports_apart { &["value-added", "taxes", "adjustment"] } else { &["value-added"] };
            let mut sums = vec![0.0; stored.industries.len()];
            for row in stored.primary.iter().filter(|row| kept.contains(&row.kind.as_str())) {
                sums.iter_mut().zip(&row.industries).for_each(|(sum, value)| *sum += value);
            }
            if stored.primary.is_empty() {
                return super::refuse("value-added", "rows", "residual: this table has no rows of primary inputs");
            }
            if system.repairs().reordered {
                return super::refuse("value-added", "rows", "residual: the rows of this table had to be put in order");
            }
            system = system.with_value_added(&sums)?;
        }
        let mut extensions = Vec::new();
        for of in &stored.extensions {
            let final_demand = of.final_demand_flows.as_ref().map(|flows| (**flows).as_ref().to_vec());
            extensions.push(Extension::new(&system, &of.name, of.stressors.clone(), (*of.flows).as_ref().to_vec(), final_demand)?);
        }
        let inputs = stored.primary.iter().map(|row| row.industries.as_slice()).collect::<Vec<_>>().concat();
        if !stored.primary.is_empty() && !system.repairs().reordered {
            let labels = stored.primary.iter().map(|row| (row.label.clone(), stored.unit.clone())).collect();
            extensions.push(Extension::new(&system, PRIMARY_INPUTS, labels, inputs, None)?);
        }
        let method = match choice.solver.as_deref() {
            None | Some("auto") => FactorMethod::Auto,
            Some("lu") => FactorMethod::Lu,
            Some("single") => FactorMethod::LuSingle,
            Some("iterative") => FactorMethod::Iterative,
            Some(other) => return super::refuse("solver", other, "auto, lu, single or iterative"),
        };
        Ok(ChainTable { solver: FactorOptions { method, ..FactorOptions::default() }, ..ChainTable::new(system, extensions, source) })
    }

    /// Adds an extension of a file with one value a row: columns `region`, `sector`, `value`, and where there are several rows an industry
    /// `stressor`, and `unit`. Industries without a row have 0.
    ///
    /// # Errors
    /// Columns, industries or numbers that are not right, and an industry that stands twice.
    pub fn add_satellite(&mut self, name: &str, rows: &TextRows) -> Result<(), StrategyError> {
        let there: Vec<&str> = rows.names().collect();
        let optional = |column: &str| if there.contains(&column) { rows.column(Some(column)).map(Some) } else { Ok(None) };
        let (region, sector, value) = (rows.column(Some("region"))?, rows.column(Some("sector"))?, rows.column(Some("value"))?);
        let (stressor, unit) = (optional("stressor")?, optional("unit")?);
        let n = self.system.size();
        let mut stressors: Vec<(String, String)> = Vec::new();
        let (mut flows, mut seen): (Vec<f64>, Vec<bool>) = (Vec::new(), Vec::new());
        for at in 0..value.len() {
            let label = stressor.as_ref().map_or(name, |column| column[at].as_str());
            let k = match stressors.iter().position(|(known, _)| known == label) {
                Some(k) => k,
                None => {
                    stressors.push((label.to_owned(), unit.as_ref().map_or(String::new(), |column| column[at].clone())));
                    flows.resize(flows.len() + n, 0.0);
                    seen.resize(seen.len() + n, false);
                    stressors.len() - 1
                }
            };
            let wrong = |problem, what: String| StoreError::new(problem, format!("row {}: {what}: `{}`", at + 1, value[at]));
            let cell = k * n + self.system.position(&region[at], &sector[at])?;
            let number = value[at].trim().parse::<f64>().ok().filter(|number| number.is_finite());
            flows[cell] =
                number.ok_or_else(|| wrong(Problem::Value, format!("the value of {} {} is not a number", region[at], sector[at])))?;
            if std::mem::replace(&mut seen[cell], true) {
                return Err(wrong(Problem::Duplicate, format!("{} {} stands twice for `{label}`", region[at], sector[at])).into());
            }
        }
        self.extensions.push(Extension::new(&self.system, name, stressors, flows, None)?);
        Ok(())
    }

    /// The workspace that the table came from.
    pub(super) fn workspace(&self) -> Option<&Workspace> {
        self.workspace.as_ref()
    }

    /// The factor of I − A, made at the first call.
    ///
    /// # Errors
    /// [`chain::ChainError::Singular`], [`chain::ChainError::NotProductive`].
    pub fn factor(&self) -> Result<&Factor, StrategyError> {
        self.factor_for(None)
    }

    /// The same, where about so many vectors will be solved for: what is best for few is not best for many.
    pub(super) fn factor_for(&self, solves: Option<usize>) -> Result<&Factor, StrategyError> {
        if let Some(factor) = self.factor.get() {
            return Ok(factor);
        }
        let factor = Factor::with_options(&self.system, FactorOptions { solves, ..self.solver })?;
        Ok(self.factor.get_or_init(|| factor))
    }

    /// How a result was computed: source, system, repairs and the request.
    pub(super) fn record<T: Serialize>(&self, request: &T) -> serde_json::Value {
        json!({
            "engine": frame::ENGINE_VERSION, "source": self.source, "system": self.system.name(), "unit": self.system.unit(),
            "industries": self.system.size(), "regions": self.system.regions().len(), "repairs": as_json(self.system.repairs()), "solver": self.factor.get().map(|factor| as_json(factor.certificate())),
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
