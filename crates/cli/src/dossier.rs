//! The verbs `dossier` and `explain`.

use crate::Global;
use crate::failure::Failure;
use crate::output::{align, format, write_result};
use clap::{Args, ValueEnum};
use frame::Language;
use std::io::{self, IsTerminal, Write};
use std::path::PathBuf;
use strategy::{Dossier, Engine, StrategyError};

/// Write the dossier of a place: what to transform, foster and build, its chains, technology and enablers
#[derive(Args)]
pub(crate) struct DossierOf {
    /// Country or province: code or name, in English or Chinese (CHN, Korea, 德国, CN-LN, Liaoning, 辽宁)
    place: String,
}

/// Compute a figure of a dossier again and print what it was computed from
#[derive(Args)]
pub(crate) struct Explain {
    /// Id of the figure, e.g. CHN/chain/foreign_content; the evidence of a dossier lists them
    figure: String,
}

#[derive(Clone, Copy, PartialEq, ValueEnum)]
enum DossierFormat {
    /// One self-contained page, written to dossier-PLACE.html unless --out names a file (- for standard output)
    Html,
    /// Markdown, to standard output
    Md,
    /// JSON after docs/dossier.schema.json, to standard output
    Json,
    /// An Excel workbook, written to dossier-PLACE.xlsx
    Xlsx,
}

#[derive(Clone, Copy, ValueEnum)]
enum ExplainFormat {
    /// For reading
    Table,
    /// For programs
    Json,
}

impl From<StrategyError> for Failure {
    fn from(error: StrategyError) -> Self {
        match error {
            StrategyError::Store(error) => error.into(),
            error => Failure { next: error.next(), ..Failure::new(error.to_string()) },
        }
    }
}

/// Where a dossier goes when `--out` does not say.
fn default_file(dossier: &Dossier, language: Language, extension: &str) -> PathBuf {
    let suffix = match language {
        Language::En => "",
        Language::Zh => "-zh",
    };
    PathBuf::from(format!("dossier-{}{suffix}.{extension}", dossier.place.code))
}

pub(crate) fn run(global: &Global, arguments: &DossierOf) -> Result<(), Failure> {
    let chosen = format(global, DossierFormat::Html)?;
    let language = global.language();
    let dossier = Engine::new(global.workspace()?).dossier(&arguments.place)?;
    let (content, extension) = match chosen {
        DossierFormat::Html => (report::html(&dossier, language).into_bytes(), "html"),
        DossierFormat::Md => (report::markdown(&dossier, language).into_bytes(), "md"),
        DossierFormat::Json => (report::json(&dossier).into_bytes(), "json"),
        DossierFormat::Xlsx => {
            (report::workbook(&dossier, language).map_err(|error| Failure::new(format!("the workbook cannot be made: {error}")))?, "xlsx")
        }
    };
    let to_file = matches!(chosen, DossierFormat::Html | DossierFormat::Xlsx);
    let path = match &global.out {
        Some(path) if path.as_os_str() == "-" => None,
        Some(path) => Some(path.clone()),
        None => to_file.then(|| default_file(&dossier, language, extension)),
    };
    match path {
        None => write_result(&Global { out: None, ..global.clone() }, |out| out.write_all(&content)),
        Some(path) => {
            store::write_file(&path, |out: &mut dyn Write| out.write_all(&content))?;
            if io::stderr().is_terminal() {
                eprintln!("{}", report::summary_for_terminal(&dossier, language, 100));
            }
            // an absolute path can be clicked in most terminals
            let shown = std::fs::canonicalize(&path).unwrap_or(path);
            match writeln!(io::stdout(), "{}", shown.display()) {
                Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
                    Err(Failure::new(format!("the file is written, but its path cannot be printed: {error}")))
                }
                _ => Ok(()),
            }
        }
    }
}

pub(crate) fn explain(global: &Global, arguments: &Explain) -> Result<(), Failure> {
    let chosen = format(global, ExplainFormat::Table)?;
    let language = global.language();
    let explanation = Engine::new(global.workspace()?).explain(&arguments.figure)?;
    let figure = &explanation.figure;
    match chosen {
        ExplainFormat::Json => {
            let value = serde_json::json!({ "figure": figure, "sources": explanation.sources });
            write_result(global, |out| writeln!(out, "{value:#}"))
        }
        ExplainFormat::Table => {
            let say = |en: &str, zh: &str| match language {
                Language::En => en.to_owned(),
                Language::Zh => zh.to_owned(),
            };
            let mut rows = vec![
                vec![say("figure", "数据"), figure.id.clone()],
                vec![say("what", "含义"), figure.label.get(language).to_owned()],
                vec![
                    say("value, computed now", "现算数值"),
                    match (figure.value, &figure.refusal) {
                        (Some(value), _) => format!("{}  ({value:?})", strategy::print_value(value, &figure.unit).get(language)),
                        (None, Some(why)) => why.get(language).to_owned(),
                        (None, None) => "–".to_owned(),
                    },
                ],
                vec![say("year", "年份"), figure.period.to_string()],
            ];
            if let Some(rank) = figure.rank {
                rows.push(vec![
                    say("rank", "位次"),
                    say(&format!("{} of {}", rank.rank, rank.of), &format!("{} 个中第 {}", rank.of, rank.rank)),
                ]);
            }
            rows.push(vec![say("method", "方法"), format!("{}  (docs/methods/{0}.md)", figure.evidence.method)]);
            rows.push(vec![say("formula", "公式"), figure.evidence.formula.clone()]);
            for (name, value) in &figure.evidence.options {
                rows.push(vec![format!("{} {name}", say("option", "选项")), value.clone()]);
            }
            for input in &figure.evidence.inputs {
                rows.push(vec![say("input", "输入"), format!("{} = {:?} {}", input.name, input.value, input.unit)]);
            }
            for table in &figure.evidence.tables {
                rows.push(vec![say("table", "数据表"), format!("{}  sha256 {}", table.table, table.sha256)]);
            }
            for source in &explanation.sources {
                rows.push(vec![say("source", "来源"), format!("{} ({}; {})", source.citation, source.licence, source.licence_status)]);
            }
            rows.push(vec![say("engine", "引擎"), figure.evidence.engine.clone()]);
            write_result(global, |out| out.write_all(align(&rows).as_bytes()))
        }
    }
}
