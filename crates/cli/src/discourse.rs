//! `xinzhi policy discourse`: terms in a folder of texts, with a line on the terminal that says how far it is.

use crate::Global;
use crate::answer::{RowFormat, Told, write_tables};
use crate::failure::Failure;
use crate::output::{draw, format};
use clap::Args;
use discourse::Term;
use frame::Language;
use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use store::{ImportOptions, TextRows};
use strategy::Chart;
use strategy::policy_verbs::{DiscourseNetwork, DiscourseRequest, DiscourseSources, discourse, terms_of_rows};

/// A folder of texts, and a question.
#[derive(Args)]
pub(crate) struct Discourse {
    /// The texts: a folder (or one file) of txt, md, html, docx, pdf, jsonl, and zip archives of these; a table dates.csv (file,date) in it
    /// dates what its name does not
    #[arg(value_name = "FOLDER")]
    folder: PathBuf,
    /// Texts to compare with: what is said more here than there
    #[arg(long, value_name = "FOLDER")]
    reference: Option<PathBuf>,
    /// Keep what was found in this folder, and read only new and changed files the next time
    #[arg(long, value_name = "DIR")]
    index: Option<PathBuf>,
    /// Your own terms: a table with the columns term, group, name_en, name_zh, forms_en, forms_zh; a term or a name is enough
    #[arg(long, value_name = "FILE")]
    terms: Option<PathBuf>,
    #[command(flatten)]
    request: DiscourseRequest,
    /// Write the network of terms to a file: .graphml or .json
    #[arg(long, value_name = "FILE")]
    network: Option<PathBuf>,
    /// Draw the terms over the years as SVG into a file; their network goes beside it, into FILE-network.svg
    #[arg(long, value_name = "FILE")]
    picture: Option<PathBuf>,
    #[command(flatten)]
    told: Told,
}

impl Discourse {
    /// Reads, counts and writes; `registry` are the terms that are counted without being named.
    pub(crate) fn run(self, global: &Global, registry: Vec<Term>) -> Result<(), Failure> {
        let format = format(global, RowFormat::Table)?;
        if let Some(path) = &self.network
            && !["graphml", "json"].contains(&ending(path).as_str())
        {
            return Err(Failure::usage(format!("--network is `{}`", path.display()), "end the name in .graphml or .json"));
        }
        let own = match &self.terms {
            Some(path) => terms_of_rows(&TextRows::read(path, &ImportOptions::default())?)
                .map_err(|error| Failure { location: Some(path.display().to_string()), ..error.into() })?,
            None => Vec::new(),
        };
        let sources = DiscourseSources { folder: &self.folder, reference: self.reference.as_deref(), index: self.index.as_deref() };
        let found = discourse(&sources, registry, own, &self.request, global.language(), &progress())?;
        write_tables(global, &found.answer.tables, format)?;
        if let Some(path) = &self.network {
            write_network(path, &found.network)?;
        }
        if let Some(path) = &self.picture {
            draw_all(path, &found.pictures, global.language())?;
        }
        self.told.tell(&found.answer)
    }
}

fn ending(path: &Path) -> String {
    path.extension().map(|ending| ending.to_string_lossy().to_lowercase()).unwrap_or_default()
}

fn write_network(path: &Path, network: &DiscourseNetwork) -> Result<(), Failure> {
    store::write_file(path, |out| match ending(path).as_str() {
        "json" => {
            serde_json::to_writer_pretty(&mut *out, network)?;
            out.write_all(b"\n")
        }
        _ => out.write_all(network.graphml().as_bytes()),
    })?;
    eprintln!("network: {} terms, {} links -> {}", network.nodes.len(), network.links.len(), path.display());
    Ok(())
}

fn draw_all(path: &Path, pictures: &[Chart], language: Language) -> Result<(), Failure> {
    if pictures.is_empty() {
        return Err(Failure::new("none of the terms occurs in a dated document, and none with another: there is nothing to draw"));
    }
    for chart in pictures {
        draw(chart, path, if chart.id == "discourse_years" { "" } else { "-network" }, language)?;
    }
    Ok(())
}

/// Says on a terminal how far it is; says nothing of work that is done at once.
fn progress() -> impl Fn(&str, usize, usize) -> bool + Sync {
    let shown = io::stderr().is_terminal();
    let last = AtomicUsize::new(0);
    move |what, done, all| {
        const WORTH_IT: usize = 500;
        if shown && all >= WORTH_IT {
            let percent = done * 100 / all;
            if last.swap(percent, Ordering::Relaxed) != percent {
                let end = if done == all { "\r\u{1b}[K" } else { "" };
                // a terminal that does not take it loses a line of no consequence
                let _ = write!(io::stderr(), "\r{what}: {percent} % of {all}{end}");
            }
        }
        true
    }
}
