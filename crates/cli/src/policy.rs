//! The `policy` verbs: from the options to a request, and from the answer to a file or the terminal.

use crate::Global;
use crate::answer::{RowFormat, Told, write_tables};
use crate::discourse::Discourse;
use crate::failure::Failure;
use crate::output::{format, write_result};
use clap::{Args, Subcommand};
use frame::Language;
use policy::{Day, RegistryTable};
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};
use strategy::policy_verbs::{
    CrosswalkRequest, DefinitionRequest, ListsRequest, OverlapRequest, TargetsRequest, TimelineAnswer, TimelineRequest, crosswalk,
    definition, lists, overlap, registry_terms, targets, timeline,
};
use strategy::{Answer, Engine, StrategyError};

/// What is on the lists, since when, in which codes, who else wants it, and what is written about it
#[derive(Args)]
pub(crate) struct Policy {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Read the registry with the workspace's own rows and tell every fault by file and line
    Check,
    /// Listed industries in the codes of trade, industry and patent classifications, and the industries of a code
    Crosswalk(Box<Verb<CrosswalkRequest>>),
    /// The framework of new quality productive forces: definition, layers, enablers, strands, outcome
    Definition(Box<Verb<DefinitionRequest>>),
    /// What is written: terms of the registry and your own in a folder of texts, how often, since when, with what, and where
    Discourse(Box<Discourse>),
    /// What was on the lists on a day and who said it; with --since what was added, dropped, renamed and moved
    Lists(Box<Verb<ListsRequest>>),
    /// Who else wants the same: themes or industries by jurisdiction, how alike lists are, what each has alone
    Overlap(Box<Verb<OverlapRequest>>),
    /// Write the registry's tables as text files into the folder DIR/policy, to correct or extend them
    Registry(Registry),
    /// Quantified targets: base, latest value known, distance, met, missed, open or unknown
    Targets(Box<Verb<TargetsRequest>>),
    /// Plans, export controls, tariffs and other measures in time: table, calendar (ICS), picture (SVG, HTML)
    Timeline(Box<Timeline>),
}

#[derive(Args)]
struct Registry {
    /// The workspace folder
    #[arg(long, value_name = "DIR")]
    into: PathBuf,
    /// Only these tables; all without any
    #[arg(value_name = "TABLE")]
    tables: Vec<String>,
}

#[derive(Args)]
struct Timeline {
    #[command(flatten)]
    verb: Verb<TimelineRequest>,
    /// Write the entries into a calendar file (.ics) too
    #[arg(long, value_name = "FILE")]
    ics: Option<PathBuf>,
    /// Draw the entries into a file too: .svg, or .html with the table under the picture
    #[arg(long, value_name = "FILE")]
    picture: Option<PathBuf>,
}

/// What every verb takes: a request, which columns to write, and where to keep the record.
#[derive(Args)]
struct Verb<R: Args> {
    #[command(flatten)]
    request: R,
    /// Only these columns of the first table, in this order; without it all of them, on the terminal those that fit
    #[arg(long, value_name = "COLUMN", value_delimiter = ',')]
    columns: Vec<String>,
    #[command(flatten)]
    told: Told,
}

/// Today, UTC: what a verb without a date speaks of.
fn today() -> String {
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    Day::of_unix_time(i64::try_from(seconds).unwrap_or(0)).to_string()
}

/// A typo is a matter of usage.
fn failure(error: StrategyError) -> Failure {
    let usage = matches!(&error, StrategyError::Policy(error) if matches!(
        **error,
        policy::PolicyError::Unknown { .. } | policy::PolicyError::Date { .. } | policy::PolicyError::UnknownWord { .. }
    ));
    let failure = Failure::from(error);
    Failure { usage: failure.usage || usage, ..failure }
}

/// Runs a verb.
pub(crate) fn run(global: &Global, verb: Policy) -> Result<(), Failure> {
    let engine = || -> Result<Engine, Failure> { Ok(Engine::new(global.workspace()?)) };
    match verb.command {
        Command::Check => check(global, &engine()?),
        Command::Crosswalk(verb) => {
            let answer = crosswalk(&engine()?, &verb.request, global.language()).map_err(failure)?;
            let name = name_column(global);
            let columns: &[&str] = if verb.request.place.is_empty() {
                &["industry", name, "scheme", "code", "role", "confidence", "label"]
            } else {
                &[
                    "place",
                    "industry",
                    name,
                    "period",
                    "unit",
                    "low",
                    "high",
                    "share_low",
                    "share_high",
                    "world_share_low",
                    "world_share_high",
                    "specialisation_low",
                    "specialisation_high",
                ]
            };
            write(global, answer, &verb, columns)
        }
        Command::Definition(verb) => {
            let answer = definition(&engine()?, &verb.request, global.language()).map_err(failure)?;
            let (name, text) = (name_column(global), if zh(global) { "text_zh" } else { "text_en" });
            write(global, answer, &verb, &["kind", name, text, "date"])
        }
        Command::Discourse(arguments) => {
            let terms = registry_terms(&engine()?).map_err(failure)?;
            arguments.run(global, terms)
        }
        Command::Lists(mut verb) => {
            verb.request.at.get_or_insert_with(today);
            let answer = lists(&engine()?, &verb.request, global.language()).map_err(failure)?;
            let name = name_column(global);
            let columns: &[&str] = match verb.request.since {
                Some(_) => {
                    &["change", "jurisdiction", "industry", name, "from_strands", "to_strands", "on", "from_strategies", "to_strategies"]
                }
                None => &["strategy", "date", "strand", "tier", "level", "order", name, "industries"],
            };
            write(global, answer, &verb, columns)
        }
        Command::Overlap(mut verb) => {
            verb.request.at.get_or_insert_with(today);
            let answer = overlap(&engine()?, &verb.request, global.language()).map_err(failure)?;
            // a cell of the matrix may hold many names
            let drop = if zh(global) { "name_en" } else { "name_zh" };
            let columns: Vec<String> = match answer.tables.first() {
                Some(table) => table.names().filter(|c| *c != drop && *c != "row").map(str::to_owned).collect(),
                None => Vec::new(),
            };
            let columns: Vec<&str> = columns.iter().map(String::as_str).collect();
            write(global, answer, &verb, &columns)
        }
        Command::Registry(registry) => export(global, &registry),
        Command::Targets(mut verb) => {
            verb.request.at.get_or_insert_with(today);
            let answer = targets(&engine()?, &verb.request, global.language()).map_err(failure)?;
            let columns = [
                "strategy",
                "indicator",
                "op",
                "value",
                "unit",
                "year",
                "base",
                "base_year",
                "latest_op",
                "latest",
                "latest_year",
                "distance",
                "status",
            ];
            write(global, answer, &verb, &columns)
        }
        Command::Timeline(mut asked) => {
            asked.verb.request.at.get_or_insert_with(today);
            let found = timeline(&engine()?, &asked.verb.request, global.language()).map_err(failure)?;
            let (ics, picture) = (asked.ics.take(), asked.picture.take());
            if let Some(path) = ics {
                calendar(&found, &path, global.language())?;
            }
            if let Some(path) = picture {
                draw(&found, &path, global.language())?;
            }
            let title = if zh(global) { "title_zh" } else { "title_en" };
            write(global, found.answer, &asked.verb, &["date", "until", "jurisdiction", "kind", "status", "against", title])
        }
    }
}

fn zh(global: &Global) -> bool {
    global.language() == Language::Zh
}

fn name_column(global: &Global) -> &'static str {
    if zh(global) { "name_zh" } else { "name_en" }
}

fn write<R: Args>(global: &Global, mut answer: Answer, verb: &Verb<R>, on_terminal: &[&str]) -> Result<(), Failure> {
    let format = format(global, RowFormat::Table)?;
    let chosen: Vec<&str> = match format {
        _ if !verb.columns.is_empty() => verb.columns.iter().map(String::as_str).collect(),
        RowFormat::Table => on_terminal.to_vec(),
        _ => Vec::new(),
    };
    if !chosen.is_empty()
        && let Some(first) = answer.tables.first_mut()
    {
        *first = first.select(&chosen)?;
    }
    // the terminal shows the table that was asked for; files and programs get them all
    if matches!(format, RowFormat::Table) {
        answer.tables.truncate(1);
    }
    write_tables(global, &answer.tables, format)?;
    verb.told.tell(&answer)
}

fn check(global: &Global, engine: &Engine) -> Result<(), Failure> {
    let registry = engine.policy_registry().map_err(failure)?;
    let counts = [
        ("strategies", "战略文件", registry.strategies().len()),
        ("items", "条目", registry.items().len()),
        ("industries", "产业", registry.industries().len()),
        ("codes", "编码", registry.crosswalk().count()),
        ("events", "事件", registry.events().len()),
        ("targets", "目标", registry.targets().len()),
        ("terms", "术语", registry.terms().len()),
        ("sources", "来源", registry.sources().len()),
    ];
    let line = if zh(global) {
        format!("登记表无误：{}\n", counts.map(|(_, name, count)| format!("{name} {count}")).join("、"))
    } else {
        format!("the registry holds together: {}\n", counts.map(|(name, _, count)| format!("{count} {name}")).join(", "))
    };
    for source in registry.uncited_sources() {
        eprintln!("note: no row cites the source {}", source.id);
    }
    write_result(global, |out| out.write_all(line.as_bytes()))
}

fn export(global: &Global, registry: &Registry) -> Result<(), Failure> {
    let mut wanted = Vec::new();
    for name in &registry.tables {
        let table = RegistryTable::parse(name).map_err(|error| failure(error.into()))?;
        wanted.push(table.word());
    }
    let folder = registry.into.join("policy");
    std::fs::create_dir_all(&folder).map_err(|error| Failure {
        location: Some(folder.display().to_string()),
        ..Failure::new(format!("the folder cannot be made: {error}"))
    })?;
    for file in global.workspace()?.registry_files()? {
        if !wanted.is_empty() && !wanted.contains(&file.table) {
            continue;
        }
        let path = folder.join(format!("{}.csv", file.table));
        if path.exists() {
            return Err(Failure {
                location: Some(path.display().to_string()),
                next: Some("move it away, or name another folder".to_owned()),
                ..Failure::new("there is such a file already, and it is left as it is")
            });
        }
        store::write_file(&path, |out| out.write_all(file.text.as_bytes()))?;
        eprintln!("{}", path.display());
    }
    Ok(())
}

fn calendar(found: &TimelineAnswer, path: &Path, language: Language) -> Result<(), Failure> {
    let text = report::timeline_calendar(found, language).map_err(|error| Failure::new(error.to_string()))?;
    store::write_file(path, |out| out.write_all(text.as_bytes()))?;
    eprintln!("calendar: {}", path.display());
    Ok(())
}

fn draw(found: &TimelineAnswer, path: &Path, language: Language) -> Result<(), Failure> {
    let Some(chart) = &found.picture else { return Err(Failure::new("nothing was found, so there is nothing to draw")) };
    let html = path.extension().is_some_and(|e| e.eq_ignore_ascii_case("html") || e.eq_ignore_ascii_case("htm"));
    if !html {
        return crate::output::draw(chart, path, "", language);
    }
    let page = report::chart_page(chart, language);
    store::write_file(path, |out| out.write_all(page.as_bytes()))?;
    eprintln!("picture: {}", path.display());
    Ok(())
}
