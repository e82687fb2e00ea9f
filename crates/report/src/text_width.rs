//! How wide a text will be, without a font at hand: good to about a tenth for Latin, exact for Chinese.

/// The width of a character in ems of a common sans-serif face, a little generous because faces differ; Chinese, Japanese and Korean characters are one em wide.
fn ems(c: char) -> f64 {
    match c {
        'i' | 'j' | 'l' | 'I' | '.' | ',' | ':' | ';' | '\'' | '|' | '!' | '·' => 0.28,
        'f' | 't' | 'r' | '(' | ')' | '[' | ']' | '-' | '/' | ' ' => 0.36,
        'm' | 'w' | 'M' | 'W' | '%' | '@' => 0.9,
        'A'..='Z' | '&' | '−' | '–' => 0.7,
        c if is_wide(c) => 1.0,
        _ => 0.58,
    }
}

/// True for characters that fill a whole square: Chinese, Japanese, Korean and their punctuation.
pub(crate) fn is_wide(c: char) -> bool {
    matches!(c as u32, 0x1100..=0x115F | 0x2E80..=0x303E | 0x3041..=0x33FF | 0x3400..=0x4DBF | 0x4E00..=0x9FFF
        | 0xA960..=0xA97F | 0xAC00..=0xD7A3 | 0xF900..=0xFAFF | 0xFE30..=0xFE6F | 0xFF00..=0xFF60 | 0xFFE0..=0xFFE6 | 0x20000..=0x3FFFD)
}

/// The width of a text at a font size, in the same unit as the size.
pub(crate) fn text_width(text: &str, size: f64) -> f64 {
    text.chars().map(ems).sum::<f64>() * size
}

/// The columns a text takes on a terminal.
pub(crate) fn terminal_width(text: &str) -> usize {
    text.chars().map(|c| if is_wide(c) { 2 } else { 1 }).sum()
}

/// The text cut to a width, with … where something is missing.
pub(crate) fn ellipsis(text: &str, size: f64, width: f64) -> String {
    if text_width(text, size) <= width {
        return text.to_owned();
    }
    let mut used = size;
    let kept: String = text
        .chars()
        .take_while(|c| {
            used += ems(*c) * size;
            used <= width
        })
        .collect();
    format!("{}…", kept.trim_end_matches([' ', ',', ';', '(', '，', '、', '（']))
}

/// Where a line may break: after spaces, hyphens and dashes, and around every wide character except before closing punctuation.
fn pieces(text: &str) -> Vec<String> {
    const CLOSING: &str = "，。、；：？！）》”’】%,.;:!?)";
    const OPENING: &str = "（《“‘【";
    let mut pieces: Vec<String> = Vec::new();
    let mut open = false;
    for c in text.chars() {
        let breakable = is_wide(c) && !CLOSING.contains(c);
        match pieces.last_mut() {
            Some(last) if open && !breakable => last.push(c),
            Some(last) if CLOSING.contains(c) => last.push(c),
            // nor does a line end after an opening bracket
            Some(last) if last.ends_with(|end| OPENING.contains(end)) => last.push(c),
            _ => pieces.push(c.to_string()),
        }
        open = !(matches!(c, ' ' | '-' | '–' | '/') || is_wide(c)) || OPENING.contains(c);
    }
    pieces
}

/// The text in lines no wider than `width` by the given measure; a piece that does not fit is a line of its own.
pub(crate) fn wrap_by(text: &str, width: f64, measure: impl Fn(&str) -> f64) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for piece in pieces(text) {
        match lines.last_mut() {
            Some(line) if measure(&format!("{line}{}", piece.trim_end())) <= width => line.push_str(&piece),
            _ => lines.push(piece),
        }
    }
    lines.iter().map(|line| line.trim_end().to_owned()).collect()
}

/// The text in at most `lines` lines of a width, the last one cut with … where it must be.
pub(crate) fn wrap(text: &str, size: f64, width: f64, lines: usize) -> Vec<String> {
    let all = wrap_by(text, width, |line| text_width(line, size));
    let mut out: Vec<String> = all.iter().take(lines).cloned().collect();
    if all.len() > lines
        && let Some(last) = out.last_mut()
    {
        last.push_str(" …");
    }
    out.iter().map(|line| ellipsis(line, size, width)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_cut_and_wrapped_by_what_they_measure() {
        assert_eq!(text_width("集成电路", 10.0), 40.0);
        assert_eq!(terminal_width("a集"), 3);
        assert_eq!(ellipsis("short", 10.0, 100.0), "short");
        let cut = ellipsis("a very long name that will not fit", 10.0, 60.0);
        assert!(cut.ends_with('…') && text_width(&cut, 10.0) <= 70.0, "{cut}");
        let lines = wrap("Machinery and mechanical appliances, not elsewhere specified", 10.0, 120.0, 2);
        assert_eq!(lines.len(), 2);
        assert!(lines[1].ends_with('…'), "{lines:?}");
        // closing punctuation never starts a line
        assert!(wrap("电子，光学，机械，化工，材料", 10.0, 30.0, 9).iter().all(|line| !line.starts_with('，')));
        // and an opening one never ends it
        assert!(wrap("电子（光学）机械（化工）材料", 10.0, 30.0, 9).iter().all(|line| !line.ends_with('（')));
        assert!(wrap("", 10.0, 30.0, 2).is_empty());
    }
}
