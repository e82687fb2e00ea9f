//! `xinzhi chain firms`: from tables of links and firms to a network, with a line on the terminal that says how far it is.

use crate::Global;
use crate::answer::{RowFormat, Told, write_tables};
use crate::chain::{cells, read_scenario};
use crate::data::MissingRule;
use crate::failure::Failure;
use crate::output::format;
use clap::Args;
use serde_json::json;
use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use store::{FirmColumns, FirmTable, LinkTable, LongTableOptions};
use strategy::chain_verbs::{FirmNetwork, FirmsRequest, NetworkChoice, firms};

/// Tables of links and firms, and a question.
#[derive(Args)]
pub(crate) struct Firms {
    /// The links: a table with a supplier, a buyer and a value in every row (csv, tsv, parquet, xlsx, ...; also .gz)
    #[arg(long, value_name = "FILE", help_heading = "Tables")]
    input: PathBuf,
    /// The column of suppliers
    #[arg(long, value_name = "COLUMN", default_value = "supplier", help_heading = "Tables")]
    supplier: String,
    /// The column of buyers
    #[arg(long, value_name = "COLUMN", default_value = "buyer", help_heading = "Tables")]
    buyer: String,
    /// The column of values: what the buyer pays the supplier
    #[arg(long, value_name = "COLUMN", default_value = "value", help_heading = "Tables")]
    value: String,
    /// The firms: a table with a firm and its sector in every row
    #[arg(long, value_name = "FILE", help_heading = "Tables")]
    sectors: Option<PathBuf>,
    /// The column of firms in that table
    #[arg(long, value_name = "COLUMN", default_value = "firm", requires = "sectors", help_heading = "Tables")]
    firm: String,
    /// The column of sectors
    #[arg(long, value_name = "COLUMN", default_value = "sector", requires = "sectors", help_heading = "Tables")]
    sector: String,
    /// The column of sizes: output or sales in the unit of the links; without it sales in the network
    #[arg(long, value_name = "COLUMN", requires = "sectors", help_heading = "Tables")]
    size: Option<String>,
    /// A file of three columns: supplying sector, buying sector, and essential, non-essential or ignored; * stands for every sector
    #[arg(long, value_name = "FILE", help_heading = "Tables")]
    essential: Option<PathBuf>,
    /// What to do about missing suppliers, buyers and values
    #[arg(long, value_name = "RULE", default_value = "error", help_heading = "Tables")]
    missing: MissingRule,
    /// The separator of the columns: one character, or `tab`; found out without it
    #[arg(long, value_parser = crate::data::separator, help_heading = "Tables")]
    delimiter: Option<char>,
    /// The encoding of text; found out without it
    #[arg(long, help_heading = "Tables")]
    encoding: Option<String>,
    /// A scenario whose shocks name firms (docs/guide/scenarios.md), in place of --failing
    #[arg(long, value_name = "FILE", conflicts_with = "failing")]
    scenario: Option<PathBuf>,
    #[command(flatten)]
    choice: NetworkChoice,
    #[command(flatten)]
    request: FirmsRequest,
    #[command(flatten)]
    told: Told,
}

impl Firms {
    /// Reads, computes and writes.
    pub(crate) fn run(self, global: &Global) -> Result<(), Failure> {
        let format = format(global, RowFormat::Table)?;
        let mut request = self.request.clone();
        if let Some(path) = &self.essential {
            for row in cells(path)? {
                let [supplying, buying, role, ..] = row.as_slice() else {
                    let what = "the table of essential inputs needs three columns: supplying sector, buying sector, role";
                    return Err(Failure { location: Some(path.display().to_string()), ..Failure::new(what) });
                };
                request.essential.push((supplying.clone(), buying.clone(), role.clone()));
            }
        }
        if let Some(path) = &self.scenario {
            let scenario = read_scenario(path)?;
            request.failing = scenario.failing_firms()?.into_iter().map(|(firm, loss)| format!("{firm}={loss}")).collect();
        }
        let network = self.network()?;
        let answer = firms(&network, &request, global.language(), &progress())?;
        write_tables(global, &answer.tables, format)?;
        self.told.tell(&answer)
    }

    fn network(&self) -> Result<FirmNetwork, Failure> {
        let options = LongTableOptions {
            place: self.supplier.clone(),
            activity: self.buyer.clone(),
            value: self.value.clone(),
            missing: self.missing.rule(),
            delimiter: self.delimiter,
            encoding: self.encoding.clone(),
            ..LongTableOptions::default()
        };
        let columns = FirmColumns {
            firm: self.firm.clone(),
            sector: self.sector.clone(),
            size: self.size.clone(),
            delimiter: self.delimiter,
            encoding: self.encoding.clone(),
            sheet: None,
        };
        let firms = self.sectors.as_ref().map(|path| FirmTable::read(path, &columns)).transpose()?;
        let links = LinkTable::read(&self.input, &options)?;
        let name = |path: &Path| path.file_name().map(|name| name.to_string_lossy().into_owned());
        let source = json!({"links": name(&self.input), "firms": self.sectors.as_deref().and_then(name)});
        Ok(FirmNetwork::new(&links, firms.as_ref(), &self.choice, source)?)
    }
}

/// Says on a terminal how many firms are done, a hundred times in all; says nothing of work that is done at once.
fn progress() -> impl Fn(usize, usize) -> bool + Sync {
    let shown = io::stderr().is_terminal();
    let last = AtomicUsize::new(0);
    move |done, all| {
        const WORTH_IT: usize = 5000;
        if shown && all >= WORTH_IT {
            let percent = done * 100 / all;
            if last.fetch_max(percent, Ordering::Relaxed) < percent {
                let end = if done == all { "\r\u{1b}[K" } else { "" };
                // a terminal that does not take it loses a line of no consequence
                let _ = write!(io::stderr(), "\r{percent} % of {all} firms{end}");
            }
        }
        true
    }
}
