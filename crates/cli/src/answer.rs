//! What a verb found, written where the user wants it.

use crate::Global;
use crate::failure::Failure;
use crate::output::{align, write_result};
use clap::{Args, ValueEnum};
use std::io::{self, IsTerminal};
use std::path::PathBuf;
use store::{ExportFormat, RowTable};
use strategy::Answer;

/// Options of the result.
#[derive(Args)]
pub(crate) struct Told {
    /// Write the record of the run (options, input hash, eigenvalues, exclusions, warnings) to a file as JSON
    #[arg(long, value_name = "FILE")]
    record: Option<PathBuf>,
}

impl Told {
    /// Notes to standard error, the record to its file.
    pub(crate) fn tell(&self, answer: &Answer) -> Result<(), Failure> {
        const SHOWN: usize = 12;
        for note in answer.notes.iter().take(SHOWN) {
            eprintln!("note: {note}");
        }
        if answer.notes.len() > SHOWN {
            eprintln!("note: {} more; --record FILE keeps all of them", answer.notes.len() - SHOWN);
        }
        if let Some(path) = &self.record {
            let mut record = answer.record.clone();
            record["notes"] = serde_json::json!(answer.notes);
            store::write_file(path, |out| {
                serde_json::to_writer_pretty(&mut *out, &record)?;
                out.write_all(b"\n")
            })?;
        }
        Ok(())
    }
}

/// What rows can be written as.
#[derive(Clone, Copy, PartialEq, ValueEnum)]
pub(crate) enum RowFormat {
    Table,
    Csv,
    Json,
    Parquet,
    Xlsx,
}

/// Writes the tables of an answer: the first alone as CSV, JSON or Parquet, all of them to the terminal and as sheets.
pub(crate) fn write_tables(global: &Global, tables: &[RowTable], format: RowFormat) -> Result<(), Failure> {
    let one = |format: ExportFormat| -> Result<(), Failure> {
        let Some(first) = tables.first() else { return Err(Failure::new("the answer has no table")) };
        let mut bytes = Vec::new();
        first.write(format, &mut bytes)?;
        write_result(global, |out| out.write_all(&bytes))
    };
    match format {
        RowFormat::Csv => one(ExportFormat::Csv),
        RowFormat::Parquet => one(ExportFormat::Parquet),
        RowFormat::Json => {
            let all: serde_json::Map<String, serde_json::Value> =
                tables.iter().map(|table| (table.name().to_owned(), table.json())).collect();
            let value = if let [table] = tables { table.json() } else { serde_json::Value::Object(all) };
            write_result(global, |out| {
                serde_json::to_writer_pretty(&mut *out, &value)?;
                out.write_all(b"\n")
            })
        }
        RowFormat::Xlsx => {
            let bytes = store::workbook(tables)?;
            write_result(global, |out| out.write_all(&bytes))
        }
        RowFormat::Table => {
            let shown = if global.out.is_some() || !io::stdout().is_terminal() { usize::MAX } else { 60 };
            let mut text = String::new();
            for (at, table) in tables.iter().enumerate() {
                if at > 0 {
                    text.push('\n');
                }
                if tables.len() > 1 {
                    text.push_str(&format!("{}\n", table.name()));
                }
                text.push_str(&align(&table.lines(shown, 4)));
                if table.len() > shown {
                    text.push_str(&format!("... {} more rows (--format csv gives all)\n", table.len() - shown));
                }
            }
            write_result(global, |out| out.write_all(text.as_bytes()))
        }
    }
}
