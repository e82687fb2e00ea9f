//! The `chain` verbs: from the options to a table and a request, and from the answer to a file or the terminal.

use crate::Global;
use crate::answer::{RowFormat, Told, write_tables};
use crate::failure::Failure;
use crate::output::format;
use clap::{Args, Subcommand};
use frame::Language;
use strategy::chain_verbs::{
    ChainTable, ChokepointsRequest, EmbargoRequest, ExposureRequest, ExtractionRequest, GvcRequest, PositionRequest, TableChoice,
    chokepoints, embargo, exposure, extraction, gvc, position,
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
    /// What regions would lose if some suppliers stopped delivering to some users
    Embargo(Box<Verb<EmbargoRequest>>),
    /// On whom industries lean, directly and through their suppliers' suppliers
    Exposure(Box<Verb<ExposureRequest>>),
    /// What the world would lose if industries were not there
    Extraction(Box<Verb<ExtractionRequest>>),
    /// Where the value of exports comes from
    Gvc(Box<Verb<GvcRequest>>),
    /// How far industries stand from final use and from primary inputs
    Position(Box<Verb<PositionRequest>>),
}

/// What every verb takes: a table, a request, and where to keep the record.
#[derive(Args)]
struct Verb<R: Args> {
    #[command(flatten)]
    table: TableChoice,
    #[command(flatten)]
    request: R,
    #[command(flatten)]
    told: Told,
}

/// Runs a `chain` verb.
pub(crate) fn run(global: &Global, chain: Chain) -> Result<(), Failure> {
    match chain.command {
        Command::Chokepoints(arguments) => tables(global, *arguments, chokepoints),
        Command::Embargo(arguments) => tables(global, *arguments, embargo),
        Command::Extraction(arguments) => tables(global, *arguments, extraction),
        Command::Exposure(arguments) => tables(global, *arguments, exposure),
        Command::Gvc(arguments) => tables(global, *arguments, gvc),
        Command::Position(arguments) => tables(global, *arguments, position),
    }
}

fn tables<R: Args>(
    global: &Global,
    arguments: Verb<R>,
    answer: impl FnOnce(&ChainTable, &R, Language) -> Result<Answer, StrategyError>,
) -> Result<(), Failure> {
    let format = format(global, RowFormat::Table)?;
    let table = ChainTable::of_workspace(&global.workspace()?, &arguments.table)?;
    let answer = answer(&table, &arguments.request, global.language())?;
    write_tables(global, &answer.tables, format)?;
    arguments.told.tell(&answer)
}
