use crate::number::format_number;
use crate::text_width::{terminal_width, wrap_by};
use crate::wording::{kind, level, numbered, pick, value};
use frame::{Language, number};
use strategy::Dossier;

/// How many items of a strand a terminal shows.
const ITEMS: usize = 5;

/// The summary, the headline figures and the top of each strand as plain text, no line wider than `width` columns (Chinese characters
/// take two; a single word wider than that stands whole).
pub fn summary_for_terminal(dossier: &Dossier, language: Language, width: usize) -> String {
    let width = width.max(30);
    let mut out = String::new();
    let mut paragraph = |first: &str, indent: &str, text: &str| {
        let room = (width - terminal_width(first).max(terminal_width(indent))) as f64;
        for (i, line) in wrap_by(text, room, |line| terminal_width(line) as f64).iter().enumerate() {
            out.push_str(if i == 0 { first } else { indent });
            out.push_str(line);
            out.push('\n');
        }
    };
    let place = &dossier.place;
    paragraph("", "", &format!("{} ({}) · {}", place.name.get(language), place.code, level(&place.level, language)));
    paragraph("", "", &format!("{} · {} · xinzhi {}", kind(language), dossier.workspace, dossier.engine));
    paragraph("", "", " ");
    for sentence in &dossier.summary {
        paragraph("• ", "  ", sentence.text.get(language));
    }
    let figures = numbered(dossier);
    let headline: Vec<_> = dossier.headline.iter().filter_map(|id| figures.get(id.as_str())).collect();
    if !headline.is_empty() {
        paragraph("", "", " ");
    }
    for (_, figure) in headline {
        let rank = figure.rank.map_or_else(String::new, |rank| format!(", {}", number::rank(rank, language)));
        paragraph("  ", "    ", &format!("{}: {}{rank} ({})", figure.label.get(language), value(figure, language), figure.period));
    }
    for strand in &dossier.strands {
        paragraph("", "", " ");
        paragraph("", "", &format!("{} ({})", strand.title.get(language), strand.items.len()));
        for item in strand.items.iter().take(ITEMS) {
            let metrics: Vec<String> = item
                .metrics
                .iter()
                .take(3)
                .map(|m| format!("{} {}", m.label.get(language), format_number(m.value, m.format, language)))
                .collect();
            let metrics = if metrics.is_empty() { String::new() } else { format!(" · {}", metrics.join(" · ")) };
            paragraph("  ", "      ", &format!("{} {}{metrics}", item.code, item.name.get(language)));
        }
        if let Some(missing) = &strand.missing {
            paragraph("  ", "  ", missing.get(language));
        }
    }
    if !dossier.limits.is_empty() {
        paragraph("", "", " ");
        paragraph("", "", pick(language, "Read with care", "使用须知"));
    }
    for limit in &dossier.limits {
        paragraph("• ", "  ", limit.get(language));
    }
    out
}
