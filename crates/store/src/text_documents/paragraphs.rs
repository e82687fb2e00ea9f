use super::{Content, date_in};

/// From so many columns on a line may have been broken to fit a page; a Chinese character takes two.
const WRAPPED: usize = 40;

/// White space made single spaces, none at the ends.
pub(super) fn single_spaced(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(word);
    }
    out
}

fn is_wide(character: char) -> bool {
    character >= '\u{2e80}'
}

/// Puts a line behind a paragraph that it goes on: without a space between wide characters and after a hyphen.
fn join(paragraph: &mut String, line: &str) {
    let (last, first) = (paragraph.chars().next_back(), line.chars().next());
    let close = last.is_none_or(|c| is_wide(c) || c == '-') && (last == Some('-') || first.is_none_or(is_wide));
    if !close {
        paragraph.push(' ');
    }
    paragraph.push_str(line);
}

/// The paragraphs of plain text.
///
/// A paragraph ends at an empty line. It also ends at the end of a line, unless that line looks broken to fit a page: at least 40 columns
/// wide, not followed by an indented line, and, where it ends in a wide character, not at the end of a sentence.
pub(super) fn of_text(text: &str) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    let mut goes_on = false;
    for raw in text.split(['\n', '\r', '\u{b}', '\u{c}', '\u{2028}', '\u{2029}']) {
        let line = single_spaced(raw.trim_start_matches('\u{feff}'));
        if line.is_empty() {
            // a carriage return before a newline leaves nothing between them, which is no empty line
            goes_on = goes_on && raw.is_empty() && text.contains('\r');
            continue;
        }
        let indented = raw.starts_with(['\u{3000}', '\t']) || raw.starts_with("  ");
        match out.last_mut().filter(|_| goes_on && !indented) {
            Some(paragraph) => join(paragraph, &line),
            None => out.push(line.clone()),
        }
        let columns: usize = line.chars().map(|c| if is_wide(c) { 2 } else { 1 }).sum();
        let last = line.chars().next_back();
        goes_on = columns >= WRAPPED && !last.is_some_and(|c| "。！？；：…”』」）".contains(c));
    }
    out
}

/// The paragraphs of Markdown without its marks; `title` and `date` of the front matter, or the first heading.
pub(super) fn of_markdown(text: &str) -> Content {
    let mut content = Content::default();
    let mut body = text.trim_start_matches('\u{feff}');
    if let Some(rest) = body.strip_prefix("---\n").or_else(|| body.strip_prefix("---\r\n"))
        && let Some(end) = rest.find("\n---")
    {
        for line in rest[..end].lines() {
            if let Some((key, value)) = line.split_once(':') {
                let value = value.trim().trim_matches(['"', '\'']);
                match key.trim() {
                    "title" => content.title = value.to_owned(),
                    "date" => content.date = date_in(value),
                    _ => {}
                }
            }
        }
        body = rest[end + 4..].trim_start_matches('-');
    }
    let mut plain = String::with_capacity(body.len());
    for line in body.lines() {
        let trimmed = line.trim();
        let is_rule = trimmed.len() >= 3 && trimmed.chars().all(|c| "-=*_|: ".contains(c));
        if is_rule || trimmed.starts_with("```") || trimmed.starts_with("~~~") {
            plain.push_str("\n\n");
            continue;
        }
        let heading = trimmed.trim_start_matches('#');
        let is_heading = heading.len() < trimmed.len() && heading.starts_with([' ', '\t']);
        let shown = without_marks(if is_heading { heading } else { trimmed });
        let item = trimmed.starts_with("- ") || trimmed.starts_with("* ") || trimmed.starts_with("+ ");
        if is_heading {
            if content.title.is_empty() {
                content.title = single_spaced(&shown);
            }
            plain.push_str(&format!("\n\n{shown}\n\n"));
        } else if item || trimmed.starts_with(['|', '>']) {
            plain.push_str(&format!("\n\n{}\n", shown.trim_start_matches(['-', '*', '+', '>', ' '])));
        } else {
            plain.push_str(&shown);
            plain.push('\n');
        }
    }
    content.paragraphs = of_text(&plain);
    content
}

/// A line of Markdown as it is read: links and pictures by their text, no emphasis, no tags.
fn without_marks(line: &str) -> String {
    let mut out = String::with_capacity(line.len());
    let mut rest = line;
    while let Some(character) = rest.chars().next() {
        let after = &rest[character.len_utf8()..];
        match character {
            '!' if after.starts_with('[') => rest = after,
            '[' => {
                let target = after.find(']').filter(|end| after[end + 1..].starts_with('('));
                let close = target.and_then(|end| after[end..].find(')').map(|close| (end, end + close)));
                match close {
                    Some((end, close)) => {
                        out.push_str(&without_marks(&after[..end]));
                        rest = &after[close + 1..];
                    }
                    None => {
                        out.push('[');
                        rest = after;
                    }
                }
            }
            '<' => {
                let tag = after.starts_with(|c: char| c.is_ascii_alphabetic() || c == '/' || c == '!');
                rest = match after.find('>').filter(|_| tag) {
                    Some(end) => &after[end + 1..],
                    None => {
                        out.push('<');
                        after
                    }
                };
            }
            '|' => {
                out.push(' ');
                rest = after;
            }
            '*' | '`' => rest = after,
            '\\' => {
                let kept = after.chars().next();
                out.extend(kept);
                rest = &after[kept.map_or(0, char::len_utf8)..];
            }
            other => {
                out.push(other);
                rest = after;
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn broken_lines_are_joined_and_paragraphs_kept() {
        let text = "各位代表：\n我們第一届全國人民代表大會第一次會議，在聽了劉少奇同志\n關於憲法草案的報告。\n　　第二段。\n\nNew quality productive forces are driven by\ninnovation.\r\nShort\nlines\n";
        assert_eq!(
            of_text(text),
            [
                "各位代表：",
                "我們第一届全國人民代表大會第一次會議，在聽了劉少奇同志關於憲法草案的報告。",
                "第二段。",
                "New quality productive forces are driven by innovation.",
                "Short",
                "lines"
            ]
        );
        assert_eq!(
            of_text("the advanced manufacturing industries and low-\r\naltitude economy"),
            ["the advanced manufacturing industries and low-altitude economy"]
        );
        assert_eq!(of_text(" \n\u{feff}\n"), Vec::<String>::new());
    }

    #[test]
    fn markdown_is_read_without_its_marks() {
        let found = of_markdown(
            "---\ntitle: \"A plan\"\ndate: 2024-03-05\n---\n# Heading\nSee **new** [energy](http://x.y/新能源) ![pic](a.png) <b>now</b>.\n\n| a | b |\n|---|---|\n| 低空经济 | 2 |\n- item\n",
        );
        assert_eq!((found.title.as_str(), found.date.as_deref()), ("A plan", Some("2024-03-05")));
        assert_eq!(found.paragraphs, ["Heading", "See new energy pic now.", "a b", "低空经济 2", "item"]);
    }
}
