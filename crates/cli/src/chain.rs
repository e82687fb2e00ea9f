//! The `chain` verbs: from the options to a table and a request, and from the answer to a file or the terminal.

use crate::Global;
use crate::answer::{RowFormat, Told, write_tables};
use crate::data::InputOutput;
use crate::failure::Failure;
use crate::output::format;
use clap::{Args, Subcommand};
use frame::Language;
use std::path::{Path, PathBuf};
use store::{ImportOptions, TextRows};
use strategy::chain_verbs::{
    ChainTable, ChokepointsRequest, DecompositionRequest, DependenceRequest, EmbargoRequest, ExposureRequest, ExtractionRequest,
    FootprintRequest, GvcRequest, HouseholdsRequest, InfluenceRequest, MultipliersRequest, PathsRequest, PositionRequest, TableChoice,
    TradeRecords, chokepoints, decomposition, dependence, embargo, exposure, extraction, footprint, gvc, households, influence,
    multipliers, paths, position,
};
use strategy::{Answer, StrategyError};

/// Who stands behind a place's production: value chains, exposure, chokepoints, footprints
#[derive(Args)]
pub(crate) struct Chain {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
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
    /// What arises behind final demand, and where: value added, emissions, jobs, by pymrio's accounts
    Footprint(Box<Verb<FootprintRequest>>),
    /// Where the value of exports comes from
    Gvc(Box<Verb<GvcRequest>>),
    /// Multipliers with households' spending (Type II)
    Households(Box<Verb<HouseholdsRequest>>),
    /// Which input coefficients the whole system feels most
    Influence(Box<Verb<InfluenceRequest>>),
    /// What one unit of final demand brings about, and how industries are linked
    Multipliers(Box<Verb<MultipliersRequest>>),
    /// Along which supply paths something arises behind a final demand
    Paths(Box<Verb<PathsRequest>>),
    /// How far industries stand from final use and from primary inputs
    Position(Box<Verb<PositionRequest>>),
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
        Command::Footprint(arguments) => tables(global, *arguments, footprint),
        Command::Gvc(arguments) => tables(global, *arguments, gvc),
        Command::Households(arguments) => tables(global, *arguments, households),
        Command::Influence(arguments) => tables(global, *arguments, influence),
        Command::Multipliers(arguments) => tables(global, *arguments, multipliers),
        Command::Paths(arguments) => tables(global, *arguments, paths),
        Command::Position(arguments) => tables(global, *arguments, position),
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
