//! A small SVG pen: every number passes through one gate (two decimals, never NaN), every text through one escape.

use crate::text_width::text_width;
use frame::{Language, Text};

/// Where a text stands relative to its point.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Anchor {
    Start,
    Middle,
    End,
}

impl Anchor {
    fn name(self) -> &'static str {
        match self {
            Anchor::Start => "start",
            Anchor::Middle => "middle",
            Anchor::End => "end",
        }
    }
}

/// A drawing under construction.
pub(crate) struct Drawing {
    pub(crate) width: f64,
    pub(crate) language: Language,
    /// Prefix of the ids inside, unique in the page.
    pub(crate) id: String,
    /// Draw hover titles for every mark.
    pub(crate) hover: bool,
    body: String,
    hatched: bool,
}

/// A coordinate as text: one decimal, and 0 for what is not finite (marks that are not finite are left out before they get here).
pub(crate) fn coordinate(value: f64) -> String {
    let rounded = (value * 10.0).round() / 10.0;
    if rounded.is_finite() && rounded != 0.0 { rounded.to_string() } else { "0".to_owned() }
}

/// Text made safe for XML content and attributes; characters XML does not allow are left out.
pub(crate) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\t' | '\n' | '\r' => out.push(' '),
            c if (c as u32) < 0x20 || matches!(c, '\u{FFFE}' | '\u{FFFF}') => {}
            c => out.push(c),
        }
    }
    out
}

impl Drawing {
    pub(crate) fn new(id: &str, width: f64, hover: bool, language: Language) -> Self {
        let id = id.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
        Drawing { width, language, id, hover, body: String::new(), hatched: false }
    }

    /// True when the drawing is for a narrow screen.
    pub(crate) fn is_narrow(&self) -> bool {
        self.width < 520.0
    }

    pub(crate) fn get<'a>(&self, text: &'a Text) -> &'a str {
        text.get(self.language)
    }

    /// A finished piece of SVG (used for what the shapes below cannot say).
    pub(crate) fn raw(&mut self, svg: &str) {
        self.body.push_str(svg);
    }

    /// A hover title, or nothing.
    pub(crate) fn title(&self, title: &str) -> String {
        if self.hover && !title.is_empty() { format!("<title>{}</title>", escape(title)) } else { String::new() }
    }

    pub(crate) fn line(&mut self, (x1, y1): (f64, f64), (x2, y2): (f64, f64), colour: &str, width: f64) {
        self.body.push_str(&format!(
            r#"<line x1="{}" y1="{}" x2="{}" y2="{}" stroke="{colour}" stroke-width="{width}"/>"#,
            coordinate(x1),
            coordinate(y1),
            coordinate(x2),
            coordinate(y2)
        ));
    }

    pub(crate) fn rect(&mut self, (x, y): (f64, f64), (width, height): (f64, f64), fill: &str, title: &str) {
        let title = self.title(title);
        let end = if title.is_empty() { "/>".to_owned() } else { format!(">{title}</rect>") };
        self.body.push_str(&format!(
            r#"<rect x="{}" y="{}" width="{}" height="{}" fill="{fill}"{end}"#,
            coordinate(x),
            coordinate(y),
            coordinate(width.max(0.0)),
            coordinate(height.max(0.0))
        ));
    }

    /// A box for a value that is not there.
    pub(crate) fn hatched(&mut self, at: (f64, f64), size: (f64, f64), title: &str) {
        self.hatched = true;
        let fill = format!("url(#{}-absent)", self.id);
        self.rect(at, size, &fill, title);
    }

    pub(crate) fn circle(&mut self, (x, y): (f64, f64), radius: f64, style: &str, title: &str) {
        let title = self.title(title);
        let end = if title.is_empty() { "/>".to_owned() } else { format!(">{title}</circle>") };
        self.body.push_str(&format!(r#"<circle cx="{}" cy="{}" r="{}" {style}{end}"#, coordinate(x), coordinate(y), coordinate(radius)));
    }

    /// Text; `style` holds further attributes such as `font-weight="600"`.
    pub(crate) fn text(&mut self, (x, y): (f64, f64), anchor: Anchor, size: f64, colour: &str, style: &str, text: &str) {
        let anchor = if anchor == Anchor::Start { String::new() } else { format!(r#" text-anchor="{}""#, anchor.name()) };
        let space = if style.is_empty() { "" } else { " " };
        self.body.push_str(&format!(
            r#"<text x="{}" y="{}" font-size="{size}" fill="{colour}"{anchor}{space}{style}>{}</text>"#,
            coordinate(x),
            coordinate(y),
            escape(text)
        ));
    }

    /// Colour keys in a row, wrapped at the width, from the left edge; returns the height they took.
    pub(crate) fn legend(&mut self, top: f64, keys: &[(String, String)]) -> f64 {
        let (size, row) = (13.0, 20.0);
        let (mut x, mut y) = (0.0, top);
        for (colour, label) in keys {
            let label = crate::text_width::ellipsis(label, size, self.width - 24.0);
            let width = 18.0 + text_width(&label, size) + 18.0;
            if x > 0.0 && x + width - 18.0 > self.width {
                x = 0.0;
                y += row;
            }
            self.rect((x, y + 2.0), (12.0, 12.0), colour, "");
            self.text((x + 18.0, y + 12.5), Anchor::Start, size, super::colour::INK, "", &label);
            x += width;
        }
        if keys.is_empty() { 0.0 } else { y - top + row + 6.0 }
    }

    /// The finished SVG element. `label` is what a screen reader says.
    pub(crate) fn finish(self, height: f64, label: &str) -> String {
        let hatch = if self.hatched {
            format!(
                r##"<defs><pattern id="{}-absent" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><rect width="6" height="6" fill="#f4f5f6"/><rect width="2" height="6" fill="#c3cad1"/></pattern></defs>"##,
                self.id
            )
        } else {
            String::new()
        };
        format!(
            r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {w} {h}" width="{w}" height="{h}" role="img" aria-label="{label}" font-family="{font}"><title>{label}</title>{hatch}{body}</svg>"#,
            w = coordinate(self.width),
            h = coordinate(height),
            label = escape(label),
            font = FONTS,
            body = self.body
        )
    }
}

/// Sans-serif faces found on the common systems, Chinese ones included.
pub(crate) const FONTS: &str = "'Helvetica Neue', Helvetica, 'Segoe UI', Arial, 'Liberation Sans', 'PingFang SC', 'Microsoft YaHei', 'Noto Sans CJK SC', 'Source Han Sans SC', sans-serif";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_texts_are_safe() {
        assert_eq!(coordinate(f64::NAN), "0");
        assert_eq!(coordinate(-0.01), "0");
        assert_eq!(coordinate(12.345), "12.3");
        assert_eq!(escape("<a href=\"x\">\u{1}&"), "&lt;a href=&quot;x&quot;&gt;&amp;");
    }
}
