//! The `xinzhi` program.

mod answer;
mod chain;
mod data;
mod discourse;
mod dossier;
mod failure;
mod firms;
mod industry;
mod output;
mod policy;

use clap::{Args, Parser, Subcommand, ValueEnum};
use failure::Failure;
use frame::Language;
use std::path::PathBuf;
use std::process::ExitCode;
use store::Workspace;

/// An open engine for industrial strategy: what a place can transform, foster and build, what its supply chains depend on, and
/// which enabler lags. Every number can be recomputed.
#[derive(Parser)]
#[command(name = "xinzhi", version, propagate_version = true)]
struct Program {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    verb: Verb,
}

/// Options that every verb takes.
#[derive(Args, Clone)]
pub(crate) struct Global {
    /// Workspace folder; without it the built-in workspace is used
    #[arg(long, global = true, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Output format; the verb says which it can write
    #[arg(long, global = true, value_name = "FORMAT")]
    format: Option<String>,
    /// Write the result to a file instead of standard output
    #[arg(long, global = true, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Language of the output
    #[arg(long, global = true, value_name = "LANGUAGE", default_value = "en")]
    lang: OutputLanguage,
    /// Number of threads; all cores without it
    #[arg(long, global = true, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    threads: Option<u16>,
}

#[derive(Clone, Copy, ValueEnum)]
enum OutputLanguage {
    /// English
    En,
    /// Chinese
    Zh,
}

impl Global {
    /// The language of the output.
    pub(crate) fn language(&self) -> Language {
        match self.lang {
            OutputLanguage::En => Language::En,
            OutputLanguage::Zh => Language::Zh,
        }
    }

    /// The workspace asked for.
    pub(crate) fn workspace(&self) -> Result<Workspace, Failure> {
        Ok(match &self.data {
            Some(folder) => Workspace::open(folder)?,
            None => Workspace::embedded()?,
        })
    }
}

#[derive(Subcommand)]
enum Verb {
    /// Write the dossier of a place: what to transform, foster and build, its chains, technology and enablers
    Dossier(dossier::DossierOf),
    /// Compute a figure of a dossier again and print what it was computed from
    Explain(dossier::Explain),
    /// List, describe, check, import and export the tables of a workspace
    Data(data::Data),
    /// What a place can make next, and how sure that is
    Industry(industry::Industry),
    /// Who stands behind a place's production: value chains, exposure, chokepoints, footprints
    Chain(chain::Chain),
    /// What is on the lists, since when, in which codes, who else wants it, and what is written about it
    Policy(policy::Policy),
}

fn run(program: Program) -> Result<(), Failure> {
    if let Some(threads) = program.global.threads {
        rayon::ThreadPoolBuilder::new()
            .num_threads(usize::from(threads))
            .build_global()
            .map_err(|error| Failure::new(format!("{threads} threads cannot be started: {error}")))?;
    }
    match program.verb {
        Verb::Dossier(place) => dossier::run(&program.global, &place),
        Verb::Explain(figure) => dossier::explain(&program.global, &figure),
        Verb::Data(data) => data::run(&program.global, data),
        Verb::Industry(industry) => industry::run(&program.global, industry),
        Verb::Chain(chain) => chain::run(&program.global, chain),
        Verb::Policy(verb) => policy::run(&program.global, verb),
    }
}

fn main() -> ExitCode {
    match run(Program::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("{failure}");
            ExitCode::from(if failure.usage { 2 } else { 1 })
        }
    }
}
