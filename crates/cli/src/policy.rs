//! `xinzhi policy`: what is on the lists, since when, in which codes, who else wants it, and what is written about it.

use crate::Global;
use crate::discourse::Discourse;
use crate::failure::Failure;
use clap::{Args, Subcommand};

#[derive(Args)]
pub(crate) struct Policy {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Terms in a folder of texts: how often, since when, with what, and where
    Discourse(Box<Discourse>),
}

/// Runs a `policy` verb.
pub(crate) fn run(global: &Global, policy: Policy) -> Result<(), Failure> {
    match policy.command {
        // the registry's terms go in here once there are some
        Command::Discourse(arguments) => arguments.run(global, Vec::new()),
    }
}
