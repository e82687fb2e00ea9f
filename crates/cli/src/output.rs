use crate::Global;
use crate::failure::Failure;
use clap::ValueEnum;
use frame::Language;
use std::io::{self, Write};
use std::path::Path;
use strategy::Chart;

/// Writes a result to standard output or to the file of `--out`; the file is replaced in one step.
pub(crate) fn write_result(global: &Global, content: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<(), Failure> {
    if let Some(path) = &global.out {
        return Ok(store::write_file(path, content)?);
    }
    let mut out = io::BufWriter::new(io::stdout().lock());
    match content(&mut out).and_then(|()| out.flush()) {
        // whoever reads has enough (`| head`)
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        Err(error) => {
            Err(Failure { location: Some("standard output".to_owned()), ..Failure::new(format!("the result cannot be written: {error}")) })
        }
        Ok(()) => Ok(()),
    }
}

/// Draws a chart as SVG into a file; one that stands beside another has its suffix in the file's name.
pub(crate) fn draw(chart: &Chart, path: &Path, suffix: &str, language: Language) -> Result<(), Failure> {
    let stem = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
    let to = if suffix.is_empty() { path.to_owned() } else { path.with_file_name(format!("{stem}{suffix}.svg")) };
    let drawing = report::svg(chart, language, &report::ChartStyle::default());
    store::write_file(&to, |out| out.write_all(drawing.as_bytes()))?;
    eprintln!("picture: {}", to.display());
    Ok(())
}

/// The format of `--format` among those a verb can write, or the verb's default.
pub(crate) fn format<F: ValueEnum>(global: &Global, default: F) -> Result<F, Failure> {
    let Some(name) = &global.format else { return Ok(default) };
    F::from_str(name, true).map_err(|_| {
        let names: Vec<_> =
            F::value_variants().iter().filter_map(|format| Some(format.to_possible_value()?.get_name().to_owned())).collect();
        Failure::usage(format!("this verb cannot write `--format {name}`"), format!("formats here: {}", names.join(", ")))
    })
}

/// How wide a text stands in a terminal: Chinese characters take two columns.
fn width(text: &str) -> usize {
    text.chars().map(|character| if character >= '\u{1100}' { 2 } else { 1 }).sum()
}

/// Lines up columns of text; the last one is not padded, and no column is padded beyond what its longest cell needs.
pub(crate) fn align(rows: &[Vec<String>]) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let widths: Vec<usize> =
        (0..columns).map(|at| rows.iter().filter_map(|row| row.get(at)).map(|cell| width(cell)).max().unwrap_or(0)).collect();
    let mut text = String::new();
    for row in rows {
        let mut line = String::new();
        for (cell, wanted) in row.iter().zip(&widths) {
            line.push_str(cell);
            line.extend(std::iter::repeat_n(' ', wanted - width(cell) + 2));
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}
