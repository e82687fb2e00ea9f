use crate::chart_data::chart_table;
use crate::number::{format_number, format_plain};
use crate::text_width::terminal_width;
use crate::wording::{kind, level, licence, numbered, pick, table as table_name, value};
use crate::{ChartStyle, svg};
use frame::{Figure, Language, number};
use maud::{DOCTYPE, Markup, PreEscaped, html};
use std::collections::BTreeMap;
use strategy::{Cell, Chart, Dossier, Section, Sentence, Source, Strand, StrandItem, Table};

const STYLE: &str = include_str!("report.css");

type Figures<'a> = BTreeMap<&'a str, (usize, &'a Figure)>;

/// A dossier as one self-contained page: no script, no network, charts inside. It reads on a phone and prints to A4; every quoted figure
/// leads to its evidence at the end.
pub fn html(dossier: &Dossier, language: Language) -> String {
    let word = |en: &'static str, zh: &'static str| pick(language, en, zh);
    let figures = numbered(dossier);
    let place = &dossier.place;
    let name = place.name.get(language);
    let other_name = place.name.get(match language {
        Language::En => Language::Zh,
        Language::Zh => Language::En,
    });
    let title = format!("{name} · {}", kind(language));
    let strands = word("Transform, foster, build", "改造提升、培育壮大、布局建设");
    let contents: Vec<(String, &str)> = [("summary".to_owned(), word("Summary", "摘要"))]
        .into_iter()
        .chain((!dossier.strands.is_empty()).then(|| ("strands".to_owned(), strands)))
        .chain(dossier.sections.iter().map(|s| (anchor(&s.id), s.title.get(language))))
        .chain((!dossier.limits.is_empty()).then(|| ("limits".to_owned(), word("Read with care", "使用须知"))))
        .chain((!dossier.figures.is_empty()).then(|| ("evidence".to_owned(), word("Evidence", "依据"))))
        .chain((!dossier.sources.is_empty()).then(|| ("sources".to_owned(), word("Sources", "数据来源"))))
        .collect();
    let page = html! {
        (DOCTYPE)
        html lang=(language.tag()) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="generator" content={ "xinzhi " (dossier.engine) };
                title { (title) }
                style { (PreEscaped(STYLE)) (PreEscaped(page_header(&title))) }
            }
            body {
                a.skip href="#content" { (word("Skip to the content", "跳到正文")) }
                header.band {
                    div {
                        p.kind { (kind(language)) }
                        h1 {
                            (name)
                            @if !other_name.is_empty() && other_name != name { " " span.other { (other_name) } }
                        }
                        p.meta {
                            span { (place.code) }
                            span { (level(&place.level, language)) }
                            @if let Some(parent) = &place.parent { span { (parent.get(language)) } }
                            span { (dossier.workspace) }
                            span { "xinzhi " (dossier.engine) }
                        }
                    }
                }
                div.page {
                    nav.contents aria-label=(word("Contents", "目录")) {
                        h2 { (word("Contents", "目录")) }
                        ol { @for (id, title) in &contents { li { a href={ "#" (id) } { (title) } } } }
                    }
                    main #content {
                        section #summary {
                            h2 { (word("Summary", "摘要")) }
                            (headline(dossier, &figures, language))
                            div.lead { @for s in &dossier.summary { p { (sentence(s, &figures, language)) } } }
                        }
                        @if !dossier.strands.is_empty() {
                            section #strands {
                                h2 { (strands) }
                                div.strands { @for s in &dossier.strands { (strand(s, language)) } }
                            }
                        }
                        @for s in &dossier.sections { (section(s, &figures, language)) }
                        @if !dossier.limits.is_empty() {
                            section #limits {
                                h2 { (word("Read with care", "使用须知")) }
                                ul { @for limit in &dossier.limits { li { (limit.get(language)) } } }
                            }
                        }
                        @if !dossier.figures.is_empty() {
                            section #evidence {
                                h2 { (word("Evidence", "依据")) }
                                p.source { (word(
                                    "Every figure quoted above, with what it was computed from. The command repeats the computation.",
                                    "上文引用的全部指标及其计算依据。所列命令可复算该指标。",
                                )) }
                                div.proofs { @for (i, figure) in dossier.figures.iter().enumerate() { (evidence(i + 1, figure, language)) } }
                            }
                        }
                        @if !dossier.sources.is_empty() {
                            section #sources {
                                h2 { (word("Sources", "数据来源")) }
                                ol.sources { @for s in &dossier.sources { (source(s, language)) } }
                            }
                        }
                    }
                }
                footer { (title) " · " (dossier.workspace) " · xinzhi " (dossier.engine) }
            }
        }
    };
    page.into_string()
}

/// An id for a link inside the page.
/// A chart as a page of its own, with its numbers in a table under it: no script, no network.
///
/// ```
/// use frame::{Language, Text};
/// use strategy::{Chart, ChartKind, Format};
/// use xinzhi_report::chart_page;
/// let kind = ChartKind::Bars { format: Format::Whole, series: vec![Text::new("made up", "虚构")], rows: vec![] };
/// let chart = Chart { id: "example".into(), title: Text::new("An example", "示例"), caption: Text::default(), kind };
/// assert!(chart_page(&chart, Language::Zh).contains("<title>示例</title>"));
/// ```
pub fn chart_page(of: &Chart, language: Language) -> String {
    let page = html! {
        (DOCTYPE)
        html lang=(language.tag()) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="generator" content={ "xinzhi " (frame::ENGINE_VERSION) };
                title { (of.title.get(language)) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                // no column of contents stands beside it
                main #content style="margin:auto;padding:0 28px 40px" {
                    section {
                        (chart(of, language))
                        (table(&chart_table(of), language))
                    }
                }
            }
        }
    };
    page.into_string()
}

fn anchor(id: &str) -> String {
    let clean: String = id.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' }).collect();
    format!("section-{clean}")
}

/// The running head of the printed page. Inside a style element `<` and quotes must not end what they stand in.
fn page_header(title: &str) -> String {
    let safe: String = title
        .chars()
        .filter(|c| !c.is_control())
        .map(|c| if "\\\"<>&".contains(c) { format!("\\{:x} ", c as u32) } else { c.to_string() })
        .collect();
    format!("@page{{@top-left{{content:\"{safe}\"}}}}@page:first{{@top-left{{content:\"\"}}}}")
}

fn headline(dossier: &Dossier, figures: &Figures<'_>, language: Language) -> Markup {
    let cards: Vec<&(usize, &Figure)> = dossier.headline.iter().filter_map(|id| figures.get(id.as_str())).collect();
    // rows of equal length where the number of cards allows it
    let columns = match cards.len() {
        n @ 0..=5 => n,
        6 | 9 => 3,
        _ => 4,
    };
    html! {
        @if !cards.is_empty() {
            ul class={ "cards of-" (columns) } {
                @for (n, figure) in cards {
                    li {
                        a href={ "#evidence-" (n) } {
                            span.label { (figure.label.get(language)) }
                            @match figure.value {
                                Some(_) => strong { (value(figure, language)) },
                                None => span.refused { (value(figure, language)) },
                            }
                            span.rank {
                                @if let Some(rank) = figure.rank { b { (number::rank(rank, language)) } " · " }
                                (figure.period)
                            }
                        }
                    }
                }
            }
        }
    }
}

/// Where `wanted` stands in `text` as a number of its own, not as a part of a longer number.
fn find_number(text: &str, wanted: &str, taken: &[(usize, usize, usize)]) -> Option<usize> {
    let part_of_number = |c: Option<char>| c.is_some_and(|c| c.is_ascii_digit());
    text.match_indices(wanted).map(|(at, _)| at).find(|at| {
        let end = at + wanted.len();
        let mut before = text[..*at].chars().rev();
        let mut after = text[end..].chars();
        let last = before.next();
        let next = after.next();
        let longer_before = part_of_number(last) || (matches!(last, Some('.' | ',')) && part_of_number(before.next())) || last == Some('−');
        let longer_after = part_of_number(next) || (matches!(next, Some('.' | ',')) && part_of_number(after.next()));
        !longer_before && !longer_after && taken.iter().all(|(a, b, _)| end <= *a || at >= b)
    })
}

/// A sentence whose figures lead to their evidence: the printed value itself where the sentence quotes it, a raised number otherwise.
fn sentence(sentence: &Sentence, figures: &Figures<'_>, language: Language) -> Markup {
    let text = sentence.text.get(language);
    let mut links: Vec<(usize, usize, usize)> = Vec::new();
    let mut raised: Vec<(usize, &Figure)> = Vec::new();
    for (n, figure) in sentence.figures.iter().filter_map(|id| figures.get(id.as_str())) {
        let printed = value(figure, language);
        let found = figure.value.and_then(|_| find_number(text, &printed, &links));
        match found {
            Some(at) => links.push((at, at + printed.len(), *n)),
            None => raised.push((*n, figure)),
        }
    }
    links.sort_unstable();
    let ends: Vec<usize> = std::iter::once(0).chain(links.iter().map(|(_, to, _)| *to)).collect();
    html! {
        @for ((from, to, n), end) in links.iter().zip(&ends) {
            (text[*end..*from])
            a.figure href={ "#evidence-" (n) } { (text[*from..*to]) }
        }
        (text[ends[links.len()]..])
        @for (n, figure) in &raised { sup { a href={ "#evidence-" (n) } title=(figure.label.get(language)) { (n) } } }
    }
}

fn strand(strand: &Strand, language: Language) -> Markup {
    html! {
        article.strand.(strand_class(&strand.id)) {
            header {
                h3 { (strand.title.get(language)) }
                p.rule { (strand.rule.get(language)) }
            }
            @if !strand.items.is_empty() { ol { @for i in &strand.items { (item(i, language)) } } }
            @if let Some(missing) = &strand.missing { p.missing { (missing.get(language)) } }
        }
    }
}

/// Only the three known strands have a colour of their own.
fn strand_class(id: &str) -> &'static str {
    match id {
        "transform" => "transform",
        "foster" => "foster",
        "build" => "build",
        _ => "other",
    }
}

fn item(item: &StrandItem, language: Language) -> Markup {
    let near: Vec<&str> = item.near.iter().map(|name| name.get(language)).collect();
    html! {
        li {
            h4 { (item.name.get(language)) " " span.code { (item.scheme) " " (item.code) } }
            @if !item.listed.is_empty() { p.badges { @for (id, name) in &item.listed { span title=(id) { (name.get(language)) } " " } } }
            p { (item.reason.get(language)) }
            @if !item.metrics.is_empty() {
                dl {
                    @for metric in &item.metrics {
                        div { dt { (metric.label.get(language)) } dd { (format_number(metric.value, metric.format, language)) } }
                    }
                }
            }
            @if !near.is_empty() { p.near { b { (pick(language, "Near to: ", "邻近：")) } (near.join(pick(language, "; ", "；"))) } }
            @if !item.evidence.is_empty() {
                details {
                    summary { (pick(language, "What stands behind it", "依据")) }
                    @for line in &item.evidence { p.near { (line.get(language)) } }
                }
            }
        }
    }
}

fn section(section: &Section, figures: &Figures<'_>, language: Language) -> Markup {
    html! {
        section id=(anchor(&section.id)) {
            h2 { (section.title.get(language)) }
            @if !section.source_line.is_empty() { p.source { (section.source_line.get(language)) } }
            @for s in &section.text { p { (sentence(s, figures, language)) } }
            @for c in &section.charts { (chart(c, language)) }
            @for t in section.tables.iter().filter(|t| !t.rows.is_empty()) { (table(t, language)) }
            @if !section.missing.is_empty() {
                aside.missing aria-label=(pick(language, "What could not be said", "未能得出的结论")) {
                    b { (pick(language, "Not said here", "本节未给出")) }
                    ul { @for missing in &section.missing { li { (missing.get(language)) } } }
                }
            }
        }
    }
}

/// A chart in two drawings: one for the width of a page, one for a phone; the style sheet shows the one that fits.
fn chart(chart: &Chart, language: Language) -> Markup {
    // inside HTML the element needs no namespace
    let draw = |width: f64, hover: bool| {
        svg(chart, language, &ChartStyle { width, heading: false, hover }).replacen(r#" xmlns="http://www.w3.org/2000/svg""#, "", 1)
    };
    let wide = draw(720.0, true);
    html! {
        @if !wide.is_empty() {
            figure.chart id={ "chart-" (anchor(&chart.id)) } {
                h3 { (chart.title.get(language)) }
                div.wide { (PreEscaped(wide)) }
                div.narrow { (PreEscaped(draw(360.0, false))) }
                figcaption { (chart.caption.get(language)) }
            }
        }
    }
}

fn table(table: &Table, language: Language) -> Markup {
    // a column of names keeps room for them; a column of codes needs none
    let is_wordy =
        |i: usize| table.rows.iter().any(|row| matches!(row.get(i), Some(Cell::Text(text)) if terminal_width(text.get(language)) > 20));
    let column_class = |i: usize| match table.columns.get(i).and_then(|c| c.format) {
        Some(_) => Some("number"),
        None => is_wordy(i).then_some("words"),
    };
    html! {
        div.scroll role="region" tabindex="0" aria-label=(table.title.get(language)) {
            table {
                caption { (table.title.get(language)) }
                thead { tr { @for (i, c) in table.columns.iter().enumerate() { th scope="col" class=[column_class(i)] { (c.label.get(language)) } } } }
                tbody {
                    @for row in &table.rows {
                        tr {
                            @for (i, column) in table.columns.iter().enumerate() {
                                @match (row.get(i), column.format) {
                                    (Some(Cell::Text(text)), _) if i == 0 => th scope="row" { (text.get(language)) },
                                    (Some(Cell::Text(text)), _) => td { (text.get(language)) },
                                    (Some(Cell::Number(v)), Some(format)) => td.number { (format_number(*v, format, language)) },
                                    (Some(Cell::Number(v)), None) => td.number { (format_plain(*v, language)) },
                                    (_, format) => td class=[format.map(|_| "number")] { (number::ABSENT) },
                                }
                            }
                        }
                    }
                }
            }
        }
        @if !table.note.is_empty() { p.note { (table.note.get(language)) } }
    }
}

fn evidence(n: usize, figure: &Figure, language: Language) -> Markup {
    let word = |en: &'static str, zh: &'static str| pick(language, en, zh);
    let evidence = &figure.evidence;
    html! {
        article.proof id={ "evidence-" (n) } {
            h3 { span.n { (n) } " " (figure.label.get(language)) }
            p.value {
                b { (value(figure, language)) }
                " · " (figure.period)
                @if let Some(rank) = figure.rank { " · " (number::rank(rank, language)) }
            }
            dl {
                @if !evidence.method.is_empty() { dt { (word("Method", "方法")) } dd { (evidence.method) } }
                @if !evidence.formula.is_empty() { dt { (word("Formula", "公式")) } dd { code { (evidence.formula) } } }
                @if !evidence.options.is_empty() {
                    dt { (word("Options", "选项")) }
                    dd { @for (name, value) in &evidence.options { span.pair { (name) " = " (value) } " " } }
                }
                @if !evidence.inputs.is_empty() {
                    dt { (word("Inputs", "输入")) }
                    dd { @for input in &evidence.inputs { span.pair { (input.name) " = " (format_plain(input.value, language)) " " (input.unit) } " " } }
                }
                @if !evidence.tables.is_empty() {
                    dt { (word("Tables", "数据表")) }
                    dd { @for table in &evidence.tables { span.pair title=(table.sources.join(", ")) { (table_name(table)) } " " } }
                }
                dt { (word("Repeat", "复算")) }
                dd { code { "xinzhi explain " (figure.id) } }
            }
        }
    }
}

fn source(source: &Source, language: Language) -> Markup {
    // an address of any other kind (javascript:, data:) is text, not a link
    let is_link = source.url.starts_with("https://") || source.url.starts_with("http://");
    html! {
        li id={ "source-" (anchor(&source.id)) } {
            b { (source.title) } ". " (source.producer)
            @if !source.vintage.is_empty() { ", " (source.vintage) }
            ". "
            span.licence { (pick(language, "Licence: ", "许可：")) (licence(source, language)) } ". "
            (source.citation) " "
            @if is_link { a href=(source.url) rel="noopener noreferrer" { (source.url) } } @else { (source.url) }
            @if !source.tables.is_empty() { p.tables { @for t in &source.tables { code { (t) } " " } } }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_found_only_as_a_whole() {
        assert_eq!(find_number("rose from 112.3% to 12.3%.", "12.3%", &[]), Some(20));
        assert_eq!(find_number("−12.3% is not it", "12.3%", &[]), None);
        assert_eq!(find_number("in 1,234 of them", "234", &[]), None);
        assert_eq!(find_number("5 and 5", "5", &[(0, 1, 9)]), Some(6));
        assert_eq!(find_number("占 12.3%，其中", "12.3%", &[]), Some(4));
    }

    #[test]
    fn the_running_head_cannot_leave_its_style_element() {
        let css = page_header("a\"</style><script>");
        assert!(!css.contains('<') && css.matches('"').count() == 4, "{css}");
    }
}
