use crate::chart_data::chart_table;
use crate::number::{format_number, format_plain};
use crate::wording::{kind, level, licence, numbered, pick, table as table_name, value};
use frame::{Figure, Language, number};
use std::collections::BTreeMap;
use std::fmt::Write;
use strategy::{Cell, Dossier, Sentence, Table};

/// Charts with more rows than this are named, not printed: Markdown has no drawings, and nobody reads a thousand lines.
const CHART_ROWS: usize = 40;

/// Text that Markdown, or HTML inside it, would read as markup is escaped.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '\n' | '\r' => out.push(' '),
            '\\' | '|' | '*' | '_' | '[' | ']' | '`' | '#' => {
                out.push('\\');
                out.push(c);
            }
            c => out.push(c),
        }
    }
    out
}

/// Code between backticks, which must not stand inside it.
fn code(text: &str) -> String {
    format!("`{}`", text.replace(['`', '\n', '\r'], " "))
}

fn sentence(sentence: &Sentence, figures: &BTreeMap<&str, (usize, &Figure)>, language: Language) -> String {
    let mut out = escape(sentence.text.get(language));
    for (n, _) in sentence.figures.iter().filter_map(|id| figures.get(id.as_str())) {
        let _ = write!(out, "[^{n}]");
    }
    out
}

fn table(out: &mut String, table: &Table, language: Language) {
    let line = |cells: Vec<String>| format!("| {} |\n", cells.join(" | "));
    out.push_str(&line(table.columns.iter().map(|c| escape(c.label.get(language))).collect()));
    out.push_str(&line(table.columns.iter().map(|c| if c.format.is_some() { "---:" } else { "---" }.to_owned()).collect()));
    for row in &table.rows {
        let cells = table.columns.iter().enumerate().map(|(i, column)| match (row.get(i), column.format) {
            (Some(Cell::Number(v)), Some(format)) => format_number(*v, format, language),
            (Some(Cell::Number(v)), None) => format_plain(*v, language),
            (Some(Cell::Text(text)), _) => escape(text.get(language)),
            (Some(Cell::Missing) | None, _) => number::ABSENT.to_owned(),
        });
        out.push_str(&line(cells.collect()));
    }
    out.push('\n');
}

/// A dossier as Markdown (GitHub's flavour): every quoted figure is a footnote with its evidence.
pub fn markdown(dossier: &Dossier, language: Language) -> String {
    let word = |en: &'static str, zh: &'static str| pick(language, en, zh);
    let figures = numbered(dossier);
    let place = &dossier.place;
    let mut out = format!("# {} ({})\n\n", escape(place.name.get(language)), escape(&place.code));
    let parent = place.parent.as_ref().map_or_else(String::new, |parent| format!(" · {}", escape(parent.get(language))));
    let _ = writeln!(
        out,
        "{} · {}{parent} · {} · xinzhi {}\n",
        kind(language),
        escape(&level(&place.level, language)),
        escape(&dossier.workspace),
        escape(&dossier.engine)
    );
    let _ = writeln!(out, "## {}\n", word("Summary", "摘要"));
    for s in &dossier.summary {
        let _ = writeln!(out, "- {}", sentence(s, &figures, language));
    }
    out.push('\n');
    let headline: Vec<_> = dossier.headline.iter().filter_map(|id| figures.get(id.as_str())).collect();
    if !headline.is_empty() {
        let _ = writeln!(
            out,
            "| {} | {} | {} | {} |\n| --- | ---: | --- | --- |",
            word("Figure", "指标"),
            word("Value", "数值"),
            word("Rank", "排名"),
            word("Year", "年份")
        );
        for (n, figure) in headline {
            let rank = figure.rank.map_or_else(|| number::ABSENT.to_owned(), |rank| number::rank(rank, language));
            let label = escape(figure.label.get(language));
            let _ = writeln!(out, "| {label}[^{n}] | {} | {rank} | {} |", escape(&value(figure, language)), figure.period);
        }
        out.push('\n');
    }
    if !dossier.strands.is_empty() {
        let _ = writeln!(out, "## {}\n", word("Transform, foster, build", "改造提升、培育壮大、布局建设"));
    }
    for strand in &dossier.strands {
        let _ = writeln!(out, "### {}\n\n{}\n", escape(strand.title.get(language)), escape(strand.rule.get(language)));
        for (i, item) in strand.items.iter().enumerate() {
            let code = code(&format!("{} {}", item.scheme, item.code));
            let _ = write!(out, "{}. **{}** ({code}). {}", i + 1, escape(item.name.get(language)), escape(item.reason.get(language)));
            let metrics: Vec<String> = item
                .metrics
                .iter()
                .map(|m| format!("{} {}", escape(m.label.get(language)), format_number(m.value, m.format, language)))
                .collect();
            let names = |texts: Vec<&str>| texts.into_iter().map(escape).collect::<Vec<_>>().join(word("; ", "；"));
            if !metrics.is_empty() {
                let _ = write!(out, " — {}", metrics.join(word("; ", "；")));
            }
            if !item.listed.is_empty() {
                let _ = write!(
                    out,
                    " — {}{}",
                    word("Listed: ", "列入："),
                    names(item.listed.iter().map(|(_, name)| name.get(language)).collect())
                );
            }
            if !item.near.is_empty() {
                let _ =
                    write!(out, " — {}{}", word("Near to: ", "邻近："), names(item.near.iter().map(|name| name.get(language)).collect()));
            }
            for line in &item.evidence {
                let _ = write!(out, " — {}", escape(line.get(language)));
            }
            out.push('\n');
        }
        if let Some(missing) = &strand.missing {
            let _ = writeln!(out, "\n> {}", escape(missing.get(language)));
        }
        out.push('\n');
    }
    for section in &dossier.sections {
        let _ = writeln!(out, "## {}\n\n*{}*\n", escape(section.title.get(language)), escape(section.source_line.get(language)));
        for s in &section.text {
            let _ = writeln!(out, "{}\n", sentence(s, &figures, language));
        }
        for chart in section.charts.iter().map(chart_table).filter(|chart| !chart.rows.is_empty()) {
            let _ = writeln!(out, "**{}**\n", escape(chart.title.get(language)));
            if chart.rows.len() <= CHART_ROWS {
                table(&mut out, &chart, language);
            } else {
                let rows = number::whole(chart.rows.len() as f64, language);
                let _ = match language {
                    Language::En => writeln!(out, "(A chart of {rows} values: see the HTML report, or the numbers in the workbook.)\n"),
                    Language::Zh => writeln!(out, "（图含 {rows} 个数值，见 HTML 报告；数据见工作簿。）\n"),
                };
            }
            let _ = writeln!(out, "{}\n", escape(chart.note.get(language)));
        }
        for t in section.tables.iter().filter(|t| !t.rows.is_empty()) {
            let _ = writeln!(out, "**{}**\n", escape(t.title.get(language)));
            table(&mut out, t, language);
            let _ = writeln!(out, "{}\n", escape(t.note.get(language)));
        }
        for missing in &section.missing {
            let _ = writeln!(out, "> {}\n", escape(missing.get(language)));
        }
    }
    if !dossier.limits.is_empty() {
        let _ = writeln!(out, "## {}\n", word("Read with care", "使用须知"));
        for limit in &dossier.limits {
            let _ = writeln!(out, "- {}", escape(limit.get(language)));
        }
        out.push('\n');
    }
    if !dossier.sources.is_empty() {
        let _ = writeln!(out, "## {}\n", word("Sources", "数据来源"));
        for source in &dossier.sources {
            let _ = writeln!(
                out,
                "- **{}** ({}, {}). {}: {}. {} <{}> {}",
                escape(&source.title),
                escape(&source.producer),
                escape(&source.vintage),
                word("Licence", "许可"),
                escape(&licence(source, language)),
                escape(&source.citation),
                source.url.replace(['<', '>', ' ', '\n'], ""),
                source.tables.iter().map(|t| code(t)).collect::<Vec<_>>().join(", ")
            );
        }
        out.push('\n');
    }
    if !dossier.figures.is_empty() {
        let _ = writeln!(out, "## {}\n", word("Evidence", "依据"));
    }
    for (i, figure) in dossier.figures.iter().enumerate() {
        let evidence = &figure.evidence;
        let rank = figure.rank.map_or_else(String::new, |rank| format!("; {}", number::rank(rank, language)));
        let _ = write!(
            out,
            "[^{}]: **{}**: {}{rank} ({}). {}: {}. {}",
            i + 1,
            escape(figure.label.get(language)),
            escape(&value(figure, language)),
            figure.period,
            word("Method", "方法"),
            escape(&evidence.method),
            code(&evidence.formula)
        );
        let options: Vec<String> = evidence.options.iter().map(|(name, value)| format!("{} = {}", escape(name), escape(value))).collect();
        let inputs: Vec<String> = evidence
            .inputs
            .iter()
            .map(|i| format!("{} = {} {}", escape(&i.name), format_plain(i.value, language), escape(&i.unit)))
            .collect();
        for (title, list) in [(word("Options", "选项"), options), (word("Inputs", "输入"), inputs)] {
            if !list.is_empty() {
                let _ = write!(out, " {title}: {}.", list.join("; "));
            }
        }
        let tables: Vec<String> = evidence.tables.iter().map(|t| escape(&table_name(t))).collect();
        let _ = writeln!(out, " {}: {}. {}", word("Tables", "数据表"), tables.join("; "), code(&format!("xinzhi explain {}", figure.id)));
    }
    out
}
