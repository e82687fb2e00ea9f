//! The `industry` verbs: from the options to a panel and a request, and from the answer to a file or the terminal.

use crate::Global;
use crate::answer::{RowFormat, Told, write_tables};
use crate::data::MissingRule;
use crate::failure::Failure;
use crate::output::{format, write_result};
use clap::{Args, Subcommand, ValueEnum};
use frame::Language;
use std::io;
use std::path::{Path, PathBuf};
use store::{Duplicates, ImportOptions, LongTable, LongTableOptions, ResultFormat, ResultWriter, TextRows};
use strategy::StrategyError;
use strategy::industry_verbs::{
    Answer, BacktestRequest, ComplexityRequest, OpportunitiesRequest, Panel, PeersRequest, PlaceValues, PortfolioRequest, SequenceRequest,
    SpaceRequest, WorkspaceTables, backtest_of_panel, complexity_of_panel, opportunities_of_place, peers_of_place, portfolios_of_panel,
    sequence_of_place, space_of_panel,
};

/// What a place can make next, and how sure that is: complexity, product space, opportunities, back-test, portfolio, sequence, peers
#[derive(Args)]
pub(crate) struct Industry {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// All indicators of specialisation, complexity and relatedness, one row a period, place and activity
    Complexity(Box<Verb<ComplexityRequest>>),
    /// The relatedness network: spanning tree and strongest links, communities, significance (--format csv, json, xlsx, graphml or svg)
    Space(Box<Verb<SpaceRequest>>),
    /// What a place should transform, foster and build, with the evidence of every item
    Opportunities(Box<Verb<OpportunitiesRequest>>),
    /// How well entries could have been told before they were made, beside the baselines
    Backtest(Box<Verb<BacktestRequest>>),
    /// The least-effort activities that take places to a complexity, proven cheapest
    Portfolio(Box<Verb<PortfolioRequest>>),
    /// The order of entries that takes the least time when every entry eases the next
    Sequence(Box<Verb<SequenceRequest>>),
    /// The places most like one, and its strengths, opportunities, weaknesses and threats against them
    Peers(Box<Verb<PeersRequest>>),
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

/// The table, and what is known of its places.
#[derive(Args)]
struct Table {
    /// A table of one observation a row (csv, tsv, parquet, xlsx, ...); without it the workspace's exports by product
    #[arg(long, value_name = "FILE", help_heading = "Table")]
    input: Option<PathBuf>,
    /// The column of periods
    #[arg(long, value_name = "COLUMN", help_heading = "Table")]
    time: Option<String>,
    /// The column of places
    #[arg(id = "place_column", long = "place", value_name = "COLUMN", default_value = "place", help_heading = "Table")]
    place: String,
    /// The column of activities: products, industries, technologies
    #[arg(long, value_name = "COLUMN", default_value = "activity", help_heading = "Table")]
    activity: String,
    /// The column of values
    #[arg(long, value_name = "COLUMN", default_value = "value", help_heading = "Table")]
    value: String,
    /// What to do about a period, place and activity that stand in several rows
    #[arg(long, value_name = "RULE", default_value = "error", help_heading = "Table")]
    duplicates: DuplicatesRule,
    /// What to do about missing values
    #[arg(long, value_name = "RULE", default_value = "error", help_heading = "Table")]
    missing: MissingRule,
    /// The separator of the columns: one character, or `tab`; found out without it
    #[arg(long, value_parser = crate::data::separator, help_heading = "Table")]
    delimiter: Option<char>,
    /// The encoding of text; found out without it
    #[arg(long, help_heading = "Table")]
    encoding: Option<String>,
    /// The sheet of a workbook
    #[arg(long, help_heading = "Table")]
    sheet: Option<String>,
    /// The population of places: a column of the table, or a file with the columns of --time (where given), --place and `population`
    #[arg(long, value_name = "COLUMN|FILE", help_heading = "Table")]
    population: Option<String>,
    /// The income a head of places: a column of the table, or a file with the columns of --time (where given), --place and `income`
    #[arg(long, value_name = "COLUMN|FILE", help_heading = "Table")]
    income: Option<String>,
    /// A table of the world with the same columns: indices and proximities come from it, and the places of the input are measured by them
    #[arg(long, value_name = "FILE", requires = "input", help_heading = "Table")]
    world: Option<PathBuf>,
    /// A file with the columns of --activity and `pci`: the activities' index is taken from it
    #[arg(long, value_name = "FILE", help_heading = "Table")]
    pci: Option<PathBuf>,
    /// A file whose first column lists the places over which activities get their index and the world its totals
    #[arg(long, value_name = "FILE", help_heading = "Table")]
    universe: Option<PathBuf>,
    /// Tables of the workspace, instead of --input; all with the measure and scheme without it
    #[arg(long = "table", value_name = "ID", value_delimiter = ',', conflicts_with = "input", help_heading = "Table")]
    tables: Vec<String>,
    /// The measure of the workspace's tables
    #[arg(long, default_value = "exports", help_heading = "Table")]
    measure: String,
    /// The scheme of the workspace's activities
    #[arg(long, default_value = "HS4", help_heading = "Table")]
    scheme: String,
}

#[derive(Clone, Copy, ValueEnum)]
enum DuplicatesRule {
    /// Stop, naming the rows
    Error,
    /// Add the numbers up, and count them
    Sum,
}

impl Table {
    fn options(&self) -> LongTableOptions {
        LongTableOptions {
            time: self.time.clone(),
            place: self.place.clone(),
            activity: self.activity.clone(),
            value: self.value.clone(),
            extra: Vec::new(),
            duplicates: match self.duplicates {
                DuplicatesRule::Error => Duplicates::Error,
                DuplicatesRule::Sum => Duplicates::Sum,
            },
            missing: self.missing.rule(),
            delimiter: self.delimiter,
            encoding: self.encoding.clone(),
            sheet: self.sheet.clone(),
            ..LongTableOptions::default()
        }
    }

    fn small(&self, path: &Path) -> Result<TextRows, Failure> {
        let options = ImportOptions { delimiter: self.delimiter, encoding: self.encoding.clone(), ..ImportOptions::default() };
        Ok(TextRows::read(path, &options)?)
    }

    /// The panel, with the places of `--universe`.
    fn panel(&self, global: &Global) -> Result<(Panel, Option<Vec<String>>), Failure> {
        let options = self.options();
        let mut panel = match &self.input {
            Some(path) => {
                let is_column = |name: &&String| !Path::new(name.as_str()).is_file();
                let extra: Vec<String> = [&self.population, &self.income].into_iter().flatten().filter(is_column).cloned().collect();
                let table = LongTable::read(path, &LongTableOptions { extra, ..options.clone() })?;
                let name = path.file_name().map_or_else(|| path.display().to_string(), |name| name.to_string_lossy().into_owned());
                Panel::new(table, name)
            }
            None => {
                let wanted = WorkspaceTables { tables: self.tables.clone(), measure: self.measure.clone(), scheme: self.scheme.clone() };
                Panel::of_workspace(&global.workspace()?, &wanted)?
            }
        };
        let known = |panel: &Panel, of: &Option<String>, value: &str| -> Result<Option<PlaceValues>, Failure> {
            let Some(of) = of else { return Ok(None) };
            if Path::new(of).is_file() {
                return Ok(Some(PlaceValues::read(of, &options, value)?));
            }
            let mut rows = Vec::new();
            for (at, period) in panel.table.periods().iter().enumerate() {
                let numbers = panel.table.by_place(of, at)?;
                rows.extend(numbers.iter().filter(|(_, v)| !v.is_nan()).map(|(place, v)| (period.clone(), place.to_owned(), v)));
            }
            Ok(Some(PlaceValues::new(rows)))
        };
        panel.population = known(&panel, &self.population, "population")?.or(panel.population);
        panel.income = known(&panel, &self.income, "income")?.or(panel.income);
        if let Some(path) = &self.world {
            panel.world = Some(LongTable::read(path, &options)?);
        }
        if let Some(path) = &self.pci {
            panel.pci = Some(self.small(path)?.numbers(&self.activity, "pci")?.into_iter().collect());
        }
        let universe = self.universe.as_deref().map(|path| self.small(path)?.column(None).map_err(Failure::from)).transpose()?;
        Ok((panel, universe))
    }
}

/// Runs an `industry` verb.
pub(crate) fn run(global: &Global, industry: Industry) -> Result<(), Failure> {
    match industry.command {
        Command::Complexity(arguments) => complexity(global, *arguments),
        Command::Space(arguments) => space(global, *arguments),
        Command::Opportunities(arguments) => tables(global, *arguments, |panel, mut request, universe, language| {
            request.universe = universe;
            request.place = panel.place_code(&request.place);
            opportunities_of_place(panel, &request, language)
        }),
        Command::Backtest(arguments) => tables(global, *arguments, |panel, mut request, universe, language| {
            request.universe = universe;
            backtest_of_panel(panel, &request, language)
        }),
        Command::Portfolio(arguments) => tables(global, *arguments, |panel, mut request, universe, language| {
            request.universe = universe;
            request.places = request.places.iter().map(|place| panel.place_code(place)).collect();
            portfolios_of_panel(panel, &request, language)
        }),
        Command::Sequence(arguments) => tables(global, *arguments, |panel, mut request, universe, language| {
            request.universe = universe;
            request.place = panel.place_code(&request.place);
            sequence_of_place(panel, &request, language)
        }),
        Command::Peers(arguments) => tables(global, *arguments, |panel, mut request, universe, language| {
            request.universe = universe;
            request.place = panel.place_code(&request.place);
            peers_of_place(panel, &request, language)
        }),
    }
}

/// A verb whose answer is tables.
fn tables<R: Args>(
    global: &Global,
    arguments: Verb<R>,
    answer: impl FnOnce(&Panel, R, Option<Vec<String>>, Language) -> Result<Answer, StrategyError>,
) -> Result<(), Failure> {
    let format = format(global, RowFormat::Table)?;
    let (panel, universe) = arguments.table.panel(global)?;
    let answer = answer(&panel, arguments.request, universe, global.language())?;
    write_tables(global, &answer.tables, format)?;
    arguments.told.tell(&answer)
}

#[derive(Clone, Copy, PartialEq, ValueEnum)]
enum SpaceFormat {
    Table,
    Csv,
    Json,
    Parquet,
    Xlsx,
    Graphml,
    Svg,
}

fn space(global: &Global, arguments: Verb<SpaceRequest>) -> Result<(), Failure> {
    let format = format(global, SpaceFormat::Table)?;
    let (panel, universe) = arguments.table.panel(global)?;
    let mut request = SpaceRequest { universe, ..arguments.request };
    request.mark = request.mark.map(|place| panel.place_code(&place));
    let found = space_of_panel(&panel, &request)?;
    let rows = match format {
        SpaceFormat::Graphml => {
            write_result(global, |out| out.write_all(found.graphml.as_bytes()))?;
            return arguments.told.tell(&found.answer);
        }
        SpaceFormat::Svg => {
            let style = report::ChartStyle { width: 1280.0, ..report::ChartStyle::default() };
            let drawing = report::svg(&found.picture, global.language(), &style);
            write_result(global, |out| out.write_all(drawing.as_bytes()))?;
            return arguments.told.tell(&found.answer);
        }
        SpaceFormat::Table => RowFormat::Table,
        SpaceFormat::Csv => RowFormat::Csv,
        SpaceFormat::Json => RowFormat::Json,
        SpaceFormat::Parquet => RowFormat::Parquet,
        SpaceFormat::Xlsx => RowFormat::Xlsx,
    };
    write_tables(global, &found.answer.tables, rows)?;
    arguments.told.tell(&found.answer)
}

/// Rows of a long result that a terminal is shown.
const ROWS_SHOWN: usize = 20;

fn complexity(global: &Global, arguments: Verb<ComplexityRequest>) -> Result<(), Failure> {
    let format = format(global, RowFormat::Csv)?;
    let (panel, universe) = arguments.table.panel(global)?;
    let request = ComplexityRequest { universe, ..arguments.request };
    let streamed = matches!(request.what.as_deref(), None | Some("cells")) && format != RowFormat::Xlsx;
    let mut answer = None;
    if streamed {
        let written = match format {
            RowFormat::Csv => ResultFormat::Csv,
            RowFormat::Json => ResultFormat::Json,
            RowFormat::Parquet => ResultFormat::Parquet,
            RowFormat::Table | RowFormat::Xlsx => ResultFormat::Screen(ROWS_SHOWN),
        };
        let mut failed = None;
        let result = write_result(global, |out| {
            let mut writer = ResultWriter::new(out, written);
            let mut broken = false;
            let found = complexity_of_panel(&panel, &request, &mut |block| {
                if !broken && let Err(error) = writer.write(block) {
                    broken = true;
                    return Err(StrategyError::Store(error));
                }
                Ok(())
            });
            match found {
                Ok(found) => answer = Some(found),
                Err(error) => {
                    let pipe = broken_pipe(&error);
                    failed = Some(error);
                    return Err(if pipe { io::ErrorKind::BrokenPipe.into() } else { io::Error::other("the computation failed") });
                }
            }
            writer.finish().map(|_| ()).map_err(|error| io::Error::other(error.to_string()))
        });
        if let Some(error) = failed.filter(|error| !broken_pipe(error)) {
            return Err(error.into());
        }
        result?;
    } else {
        if format == RowFormat::Xlsx && matches!(request.what.as_deref(), None | Some("cells")) {
            return Err(Failure::usage("cells are too many rows for a sheet", "formats of cells: table, csv, json, parquet"));
        }
        let found = complexity_of_panel(&panel, &request, &mut |_| Ok(()))?;
        write_tables(global, &found.tables, format)?;
        answer = Some(found);
    }
    match answer {
        Some(answer) => arguments.told.tell(&answer),
        None => Ok(()),
    }
}

fn broken_pipe(error: &StrategyError) -> bool {
    matches!(error, StrategyError::Store(error) if error.io_kind() == Some(io::ErrorKind::BrokenPipe))
}
