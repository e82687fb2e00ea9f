//! The `chain` verbs: from the options to a table and a request, and from the answer to a file or the terminal.

use crate::Global;
use crate::answer::{RowFormat, Told, write_tables};
use crate::data::InputOutput;
use crate::failure::Failure;
use crate::firms::Firms;
use crate::output::{draw, format, write_result};
use clap::{Args, Subcommand};
use frame::{LabelledVector, Labels, Language};
use std::path::{Path, PathBuf};
use store::{ImportOptions, PublishedTable, TextRows, read_input_output, read_supply_use};
use strategy::chain_verbs::{
    AggregateRequest, BreakthroughsRequest, ChainTable, ChokepointsRequest, DecompositionRequest, DependenceRequest, EXAMPLES,
    EmbargoRequest, ExposureRequest, ExtractionRequest, FootprintRequest, GvcRequest, HouseholdsRequest, InfluenceRequest,
    MultipliersRequest, NestRequest, PathsRequest, PlanRequest, PositionRequest, ShockRequest, TableChoice, TradeRecords, aggregate,
    balance, breakthroughs, chokepoints, decomposition, dependence, embargo, example_scenario, exposure, extraction, footprint, gvc,
    households, influence, matrix, multipliers, nest, paths, plan, position, shock, supply_use,
};
use strategy::{Answer, Chart, ScenarioFile, StrategyError};

/// Who stands behind a place's production: value chains, exposure, chokepoints, footprints
#[derive(Args)]
pub(crate) struct Chain {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Add regions or sectors up and write the smaller table into a workspace; prints by how much multipliers from it are off
    Aggregate(Box<Made<Aggregate>>),
    /// Bring a table to given row and column totals by RAS or GRAS
    Balance(Box<Balance>),
    /// Which foreign inputs would hurt most if they were lost, sector by sector, and how near the place is to making them
    Breakthroughs(Box<Verb<BreakthroughsRequest>>),
    /// Which foreign suppliers would hurt most if they were cut off, among all cuts
    Chokepoints(Box<Verb<ChokepointsRequest>>),
    /// Why output, or what arises with it, changed between two tables
    Decomposition(Box<Between>),
    /// On which products a country depends on few suppliers from outside (from trade, not from an input-output table)
    Dependence(Box<Dependence>),
    /// What regions would lose if some suppliers stopped delivering to some users
    Embargo(Box<Verb<EmbargoRequest>>),
    /// On whom industries lean, directly and through their suppliers' suppliers
    Exposure(Box<Verb<ExposureRequest>>),
    /// What the world would lose if industries were not there
    Extraction(Box<Verb<ExtractionRequest>>),
    /// Whose failure would cost an economy most: firms and what they sell to each other (a table of links, not an input-output table)
    Firms(Box<Firms>),
    /// What arises behind final demand, and where: value added, emissions, jobs, by pymrio's accounts
    Footprint(Box<Verb<FootprintRequest>>),
    /// Where the value of exports comes from
    Gvc(Box<Verb<GvcRequest>>),
    /// Multipliers with households' spending (Type II)
    Households(Box<Verb<HouseholdsRequest>>),
    /// Which input coefficients the whole system feels most
    Influence(Box<Verb<InfluenceRequest>>),
    /// A matrix by pymrio's name: Z, Y, x, A, L, B, G, v; with --extension F, S, M, D_cba, ...
    Matrix(Box<Verb<Matrix>>),
    /// What one unit of final demand brings about, and how industries are linked
    Multipliers(Box<Verb<MultipliersRequest>>),
    /// Put provinces in place of their country in a world table and write that into a workspace
    Nest(Box<Made<Nest>>),
    /// Along which supply paths something arises behind a final demand
    Paths(Box<Verb<PathsRequest>>),
    /// The cheapest stocks and second sources that keep the loss of cuts within a target, and what each supplier is worth to it
    Plan(Box<Verb<PlanRequest>>),
    /// How far industries stand from final use and from primary inputs
    Position(Box<Verb<PositionRequest>>),
    /// What a scenario of shocks costs by six models side by side: closed forms, inventories day by day, equilibrium
    Shock(Box<ShockArguments>),
    /// Make an input-output table of supply and use tables and write it into a workspace
    SupplyUse(Box<SupplyUse>),
}

#[derive(Args)]
struct ShockArguments {
    /// The scenario: a TOML file, or the name of one that comes with the program (docs/guide/scenarios.md)
    #[arg(value_name = "FILE")]
    scenario: PathBuf,
    #[command(flatten)]
    verb: Verb<ShockRequest>,
    /// Draw the models side by side as SVG into a file; the output day by day goes beside it, into FILE-days.svg
    #[arg(long, value_name = "FILE")]
    picture: Option<PathBuf>,
    /// Print the scenario itself and stop: a file to start your own from
    #[arg(long)]
    print: bool,
}

impl ShockArguments {
    /// The scenario's text: of the file if there is one, else of the example with that name.
    fn text(&self) -> Result<String, Failure> {
        let name = self.scenario.to_string_lossy();
        if let Some((_, text)) = EXAMPLES.iter().find(|(known, _)| *known == name && !self.scenario.exists()) {
            return Ok((*text).to_owned());
        }
        // says which examples there are
        if !self.scenario.exists() && self.scenario.extension().is_none() {
            example_scenario(&name)?;
        }
        scenario_text(&self.scenario)
    }

    fn draw(&self, pictures: &[Chart], language: Language) -> Result<(), Failure> {
        let Some(path) = &self.picture else { return Ok(()) };
        if pictures.is_empty() {
            return Err(Failure::new("one closed form alone makes no picture; run several models"));
        }
        for (chart, suffix) in pictures.iter().zip(["", "-days"]) {
            draw(chart, path, suffix, language)?;
        }
        Ok(())
    }
}

fn scenario_text(path: &Path) -> Result<String, Failure> {
    let bytes = std::fs::read(path).map_err(|error| at(Failure::new(error.to_string()), path))?;
    String::from_utf8(bytes).map_err(|_| at(Failure::new("the scenario is not UTF-8 text"), path))
}

/// A scenario of a file.
pub(crate) fn read_scenario(path: &Path) -> Result<ScenarioFile, Failure> {
    ScenarioFile::parse(&scenario_text(path)?).map_err(|error| at(error.into(), path))
}

/// A verb that makes a table.
#[derive(Args)]
struct Made<R: Args> {
    #[command(flatten)]
    verb: Verb<R>,
    #[command(flatten)]
    into: Into,
}

/// Where a table goes.
#[derive(Args)]
struct Into {
    /// The workspace folder the new table goes into, made when absent
    #[arg(long, value_name = "DIR")]
    into: PathBuf,
    /// The new table's id; the system's name and year without it
    #[arg(long, value_name = "ID")]
    id: Option<String>,
}

impl Into {
    fn write(&self, global: &Global, table: &PublishedTable, answer: &Answer, told: &Told) -> Result<(), Failure> {
        let format = format(global, RowFormat::Table)?;
        let report = store::store_input_output(table, &self.into, self.id.as_deref())?;
        eprintln!("{}: {} rows -> {}", report.table.id, report.table.rows, self.into.join(&report.table.file).display());
        write_tables(global, &answer.tables, format)?;
        told.tell(answer)
    }
}

#[derive(Args)]
struct Aggregate {
    #[command(flatten)]
    request: AggregateRequest,
    /// A file of two columns: sector, and the group it goes to
    #[arg(long, value_name = "FILE")]
    sectors: Option<PathBuf>,
    /// A file of two columns: category of final demand, and the group it goes to
    #[arg(long, value_name = "FILE")]
    categories: Option<PathBuf>,
}

#[derive(Args)]
struct Nest {
    #[command(flatten)]
    request: NestRequest,
    /// The provincial table as published (a file, several, or a folder), or the id of a table of the workspace
    #[arg(long, value_name = "FILE|ID", num_args = 1.., required = true)]
    provinces: Vec<PathBuf>,
    /// A file of two or three columns: sector of the provinces, sector of the country, weight
    #[arg(long, value_name = "FILE")]
    sectors: PathBuf,
}

#[derive(Args)]
struct Matrix {
    /// The matrix
    #[arg(value_name = "NAME")]
    name: String,
    /// The extension it is of
    #[arg(long, value_name = "NAME")]
    extension: Option<String>,
}

#[derive(Args)]
struct Balance {
    /// ras (non-negative tables) or gras (any)
    method: String,
    /// The table: labels of rows in the first column, of columns in the header
    #[arg(long, value_name = "FILE")]
    input: PathBuf,
    /// The row totals: label and total
    #[arg(long, value_name = "FILE")]
    rows: PathBuf,
    /// The column totals: label and total
    #[arg(long, value_name = "FILE")]
    columns: PathBuf,
    /// Cells that keep their value: ROW:COLUMN
    #[arg(long, value_name = "CELL", value_delimiter = ',')]
    known: Vec<String>,
    #[command(flatten)]
    told: Told,
}

#[derive(Args)]
struct SupplyUse {
    /// The make (or supply) and use tables, told apart by their labels
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// The model: A product technology, B industry technology, C fixed industry sales, D fixed product sales
    #[arg(long, default_value = "D")]
    model: String,
    /// The year, where the files do not say it
    #[arg(long, value_name = "YEAR")]
    period: Option<i32>,
    /// Supply and use may differ by this share of the largest output [default: 0.0001]
    #[arg(long, value_name = "SHARE")]
    tolerance: Option<f64>,
    #[command(flatten)]
    into: Into,
    #[command(flatten)]
    told: Told,
}

/// The first columns of a file, as text.
pub(crate) fn cells(path: &Path) -> Result<Vec<Vec<String>>, Failure> {
    let rows = TextRows::read(path, &ImportOptions::default())?;
    let columns = rows.names().map(str::to_owned).collect::<Vec<_>>();
    let columns = columns.iter().map(|name| rows.column(Some(name))).collect::<Result<Vec<_>, _>>()?;
    let length = columns.first().map_or(0, Vec::len);
    Ok((0..length).map(|row| columns.iter().map(|column| column[row].clone()).collect()).collect())
}

/// Two columns of a file.
fn pairs(path: &Path) -> Result<Vec<(String, String)>, Failure> {
    let short = || Failure { location: Some(path.display().to_string()), ..Failure::new("the file has less than two columns") };
    cells(path)?.into_iter().map(|row| Ok((row.first().ok_or_else(short)?.clone(), row.get(1).ok_or_else(short)?.clone()))).collect()
}

/// Label and number of every row of a file.
fn totals(path: &Path) -> Result<LabelledVector, Failure> {
    let rows = TextRows::read(path, &ImportOptions::default())?;
    let names: Vec<String> = rows.names().map(str::to_owned).collect();
    let [label, total, ..] = names.as_slice() else {
        return Err(Failure { location: Some(path.display().to_string()), ..Failure::new("the file has less than two columns") });
    };
    let numbers = rows.numbers(label, total)?;
    let labels = Labels::new("totals", numbers.iter().map(|(label, _)| label.clone()));
    let made = labels.and_then(|labels| LabelledVector::new(labels, numbers.into_iter().map(|(_, total)| total).collect()));
    made.map_err(|error| at(Failure::new(error.to_string()), path))
}

/// The table, from the workspace or from files.
#[derive(Args)]
struct Table {
    #[command(flatten)]
    choice: TableChoice,
    /// A table as published, instead of the workspace's: a file, several, or a folder
    #[arg(long, value_name = "FILE", num_args = 1.., conflicts_with_all = ["table", "system"], help_heading = "Table")]
    input: Vec<PathBuf>,
    /// A file of what industries use or emit: columns region, sector, value, and stressor and unit where there are several; NAME=FILE
    #[arg(long, value_name = "NAME=FILE", value_parser = named_file, help_heading = "Table")]
    satellite: Vec<(String, PathBuf)>,
    #[command(flatten)]
    reading: InputOutput,
}

fn named_file(text: &str) -> Result<(String, PathBuf), String> {
    match text.split_once('=') {
        Some((name, file)) if !name.trim().is_empty() && !file.is_empty() => Ok((name.trim().to_owned(), PathBuf::from(file))),
        _ => Err("expected NAME=FILE".to_owned()),
    }
}

impl Table {
    fn open(&self, global: &Global) -> Result<ChainTable, Failure> {
        self.open_year(global, self.choice.period)
    }

    fn open_year(&self, global: &Global, period: Option<i32>) -> Result<ChainTable, Failure> {
        let choice = TableChoice { period, ..self.choice.clone() };
        let mut table = if self.input.is_empty() {
            ChainTable::of_workspace(&global.workspace()?, &choice)?
        } else {
            let (table, notes) = ChainTable::of_files(&self.input, &self.reading.options("", None, period), &choice)?;
            for note in notes {
                eprintln!("note: {note}");
            }
            table
        };
        for (name, path) in &self.satellite {
            table.add_satellite(name, &TextRows::read(path, &ImportOptions::default())?).map_err(|error| at(error.into(), path))?;
        }
        Ok(table)
    }
}

fn at(failure: Failure, path: &Path) -> Failure {
    Failure { location: failure.location.or_else(|| Some(path.display().to_string())), ..failure }
}

/// What every verb takes: a table, a request, and where to keep the record.
#[derive(Args)]
struct Verb<R: Args> {
    #[command(flatten)]
    table: Table,
    #[command(flatten)]
    request: R,
    #[command(flatten)]
    told: Told,
}

/// Two tables of one system.
#[derive(Args)]
struct Between {
    /// The year of the earlier table; --period is that of the later one
    #[arg(long, value_name = "YEAR")]
    from: i32,
    #[command(flatten)]
    verb: Verb<DecompositionRequest>,
}

/// Records of trade instead of an input-output table.
#[derive(Args)]
struct Dependence {
    /// The table of trade in the workspace; all without it
    #[arg(long, value_name = "ID")]
    table: Option<String>,
    #[command(flatten)]
    request: DependenceRequest,
    #[command(flatten)]
    told: Told,
}

/// Runs a `chain` verb.
pub(crate) fn run(global: &Global, chain: Chain) -> Result<(), Failure> {
    match chain.command {
        Command::Aggregate(arguments) => {
            let Made { verb, into } = *arguments;
            let mut request = verb.request.request;
            for (path, list) in [(&verb.request.sectors, &mut request.sectors), (&verb.request.categories, &mut request.categories)] {
                if let Some(path) = path {
                    *list = pairs(path)?;
                }
            }
            let (made, answer) = aggregate(&verb.table.open(global)?, &request)?;
            into.write(global, &made, &answer, &verb.told)
        }
        Command::Balance(arguments) => {
            let format = format(global, RowFormat::Table)?;
            let table = TextRows::read(&arguments.input, &ImportOptions::default())?.matrix()?;
            let cell = |text: &String| {
                text.split_once(':')
                    .map(|(row, column)| (row.to_owned(), column.to_owned()))
                    .ok_or_else(|| Failure::usage(format!("--known is `{text}`"), "a cell is ROW:COLUMN"))
            };
            let known = arguments.known.iter().map(cell).collect::<Result<Vec<_>, _>>()?;
            let answer = balance(&arguments.method, &table, &totals(&arguments.rows)?, &totals(&arguments.columns)?, &known)?;
            write_tables(global, &answer.tables, format)?;
            arguments.told.tell(&answer)
        }
        Command::Breakthroughs(arguments) => tables(global, *arguments, breakthroughs),
        Command::Chokepoints(arguments) => tables(global, *arguments, chokepoints),
        Command::Decomposition(arguments) => {
            let Between { from, verb } = *arguments;
            let before = verb.table.open_year(global, Some(from))?;
            tables(global, verb, |after, request, language| decomposition(&before, after, request, language))
        }
        Command::Dependence(arguments) => {
            let format = format(global, RowFormat::Table)?;
            let trade = TradeRecords::of_workspace(&global.workspace()?, arguments.table.as_deref())?;
            let answer = dependence(trade, &arguments.request, global.language())?;
            write_tables(global, &answer.tables, format)?;
            arguments.told.tell(&answer)
        }
        Command::Embargo(arguments) => tables(global, *arguments, embargo),
        Command::Exposure(arguments) => tables(global, *arguments, exposure),
        Command::Extraction(arguments) => tables(global, *arguments, extraction),
        Command::Firms(arguments) => arguments.run(global),
        Command::Footprint(arguments) => tables(global, *arguments, footprint),
        Command::Gvc(arguments) => tables(global, *arguments, gvc),
        Command::Households(arguments) => tables(global, *arguments, households),
        Command::Influence(arguments) => tables(global, *arguments, influence),
        Command::Matrix(arguments) => tables(global, *arguments, |table, asked, _| {
            let found = matrix(table, &asked.name, asked.extension.as_deref())?;
            let record = serde_json::json!({"engine": frame::ENGINE_VERSION, "system": table.system.name(), "matrix": asked.name});
            Ok(Answer { tables: vec![found.wide(&asked.name)?], record, notes: Vec::new() })
        }),
        Command::Multipliers(arguments) => tables(global, *arguments, multipliers),
        Command::Nest(arguments) => {
            let Made { verb, into } = *arguments;
            let mut request = verb.request.request;
            for row in cells(&verb.request.sectors)? {
                let weight = row.get(2).map_or(Ok(1.0), |text| text.trim().parse());
                let (Some(from), Some(to), Ok(weight)) = (row.first(), row.get(1), weight) else {
                    let path = verb.request.sectors.display().to_string();
                    return Err(Failure {
                        location: Some(path),
                        ..Failure::new(format!("the row `{}` is no link of sectors", row.join(",")))
                    });
                };
                request.sectors.push((from.clone(), to.clone(), weight));
            }
            let id = verb.request.provinces.first().and_then(|path| path.to_str()).unwrap_or_default().to_owned();
            let provinces = match global.workspace()?.input_output(&id) {
                Ok(stored) => stored,
                Err(_) => read_input_output(&verb.request.provinces, &verb.table.reading.options("", None, None))?.into(),
            };
            let (made, answer) = nest(&verb.table.open(global)?, &provinces, &request)?;
            into.write(global, &made, &answer, &verb.told)
        }
        Command::Paths(arguments) => tables(global, *arguments, paths),
        Command::Plan(arguments) => tables(global, *arguments, plan),
        Command::Position(arguments) => tables(global, *arguments, position),
        Command::Shock(arguments) => {
            let format = format(global, RowFormat::Table)?;
            let text = arguments.text()?;
            if arguments.print {
                return write_result(global, |out| out.write_all(text.as_bytes()));
            }
            let scenario = ScenarioFile::parse(&text).map_err(|error| at(error.into(), &arguments.scenario))?;
            let table = arguments.verb.table.open(global)?;
            let workspace = global.workspace()?;
            let found = shock(&table, &scenario, &arguments.verb.request, Some(&workspace), global.language())?;
            arguments.draw(&found.pictures, global.language())?;
            write_tables(global, &found.answer.tables, format)?;
            arguments.verb.told.tell(&found.answer)
        }
        Command::SupplyUse(arguments) => {
            let read = read_supply_use(&arguments.files, arguments.period)?;
            let (made, answer) = supply_use(&read, &arguments.model, arguments.tolerance)?;
            arguments.into.write(global, &made, &answer, &arguments.told)
        }
    }
}

fn tables<R: Args>(
    global: &Global,
    arguments: Verb<R>,
    answer: impl FnOnce(&ChainTable, &R, Language) -> Result<Answer, StrategyError>,
) -> Result<(), Failure> {
    let format = format(global, RowFormat::Table)?;
    let table = arguments.table.open(global)?;
    let answer = answer(&table, &arguments.request, global.language())?;
    write_tables(global, &answer.tables, format)?;
    arguments.told.tell(&answer)
}
