//! A grid of coloured cells around a midpoint; absent cells are hatched.

use crate::colour::{Diverging, INK, MUTED, text_on};
use crate::drawing::{Anchor, Drawing, coordinate, escape};
use crate::number::format_number;
use crate::text_width::{ellipsis, text_width, wrap};
use frame::Text;
use strategy::Format;

const SIZE: f64 = 13.0;

/// What a heat map shows.
pub(crate) struct HeatMap<'a> {
    pub(crate) rows: &'a [Text],
    pub(crate) columns: &'a [Text],
    pub(crate) values: &'a [Vec<Option<f64>>],
    pub(crate) midpoint: f64,
    pub(crate) format: Format,
}

/// Draws the grid below `top` and returns where it ends; `None` when no cell has a value.
pub(crate) fn draw(drawing: &mut Drawing, top: f64, map: &HeatMap<'_>) -> Option<f64> {
    let HeatMap { rows, columns, values, midpoint, format } = *map;
    let cell = |r: usize, c: usize| values.get(r).and_then(|row| row.get(c)).copied().flatten().filter(|v| v.is_finite());
    let all: Vec<f64> = (0..rows.len()).flat_map(|r| (0..columns.len()).filter_map(move |c| cell(r, c))).collect();
    if all.is_empty() {
        return None;
    }
    let language = drawing.language;
    let scale = Diverging::new(all.iter().copied(), midpoint);
    let narrow = drawing.is_narrow();

    let widest = rows.iter().map(|row| text_width(drawing.get(row), SIZE)).fold(0.0, f64::max);
    let left = widest.min(drawing.width * if narrow { 0.34 } else { 0.3 }) + 8.0;
    let column_width = ((drawing.width - left) / columns.len() as f64).min(120.0);
    let row_height = if narrow { 34.0 } else { 32.0 };
    let flat = columns.iter().all(|column| text_width(drawing.get(column), SIZE) <= 2.6 * (column_width - 4.0) && column_width >= 44.0);

    let mut y = top;
    let legend_width = 150.0_f64.min(drawing.width * 0.4);
    let steps = 30;
    let low_label = format!("{}{}", if scale.low_cut { "≤ " } else { "" }, format_number(scale.low, format, language));
    let high_label = format!("{}{}", if scale.high_cut { "≥ " } else { "" }, format_number(scale.high, format, language));
    let start = text_width(&low_label, SIZE) + 6.0;
    drawing.text((0.0, y + 12.0), Anchor::Start, SIZE, MUTED, "", &low_label);
    // the bar shows each side in its own half, as the colours do; a side without values is not shown
    let (from, to) = (if scale.low < midpoint { -1.0 } else { 0.0 }, if scale.high > midpoint { 1.0 } else { 0.0 });
    for i in 0..steps {
        let t = from + (to - from) * (f64::from(i) + 0.5) / f64::from(steps);
        let value = if t < 0.0 { midpoint + t * (midpoint - scale.low) } else { midpoint + t * (scale.high - midpoint) };
        let width = legend_width / f64::from(steps);
        drawing.rect((start + f64::from(i) * width, y + 1.0), (width + 0.4, 13.0), &scale.colour(value), "");
    }
    drawing.text((start + legend_width + 6.0, y + 12.0), Anchor::Start, SIZE, MUTED, "", &high_label);
    if from < 0.0 && to > 0.0 {
        let x = start + legend_width / 2.0;
        drawing.line((x, y), (x, y + 17.0), MUTED, 1.0);
        drawing.text((x, y + 29.0), Anchor::Middle, SIZE, MUTED, "", &format_number(midpoint, format, language));
    }
    y += 42.0;

    if flat {
        let heads: Vec<Vec<String>> = columns.iter().map(|column| wrap(drawing.get(column), SIZE, column_width - 4.0, 3)).collect();
        let lines = heads.iter().map(Vec::len).max().unwrap_or(0);
        for (c, head) in heads.iter().enumerate() {
            for (i, line) in head.iter().enumerate() {
                let baseline = y + 13.0 + 16.0 * (lines - head.len() + i) as f64;
                drawing.text((left + column_width * (c as f64 + 0.5), baseline), Anchor::Middle, SIZE, INK, "", line);
            }
        }
        y += 16.0 * lines as f64 + 6.0;
    } else {
        let longest = columns.iter().map(|column| text_width(drawing.get(column), SIZE)).fold(0.0, f64::max).min(130.0);
        for (c, column) in columns.iter().enumerate() {
            let (x, baseline) = (left + column_width * (c as f64 + 0.5) + 4.0, y + longest + 2.0);
            drawing.raw(&format!(
                r#"<text transform="translate({} {}) rotate(-90)" font-size="{SIZE}" fill="{INK}">{}</text>"#,
                coordinate(x),
                coordinate(baseline),
                escape(&ellipsis(drawing.get(column), SIZE, 130.0))
            ));
        }
        y += longest + 10.0;
    }

    for (r, row) in rows.iter().enumerate() {
        let lines = wrap(drawing.get(row), SIZE, left - 8.0, 2);
        for (i, line) in lines.iter().enumerate() {
            let baseline = y + row_height / 2.0 + 4.5 + 15.0 * (i as f64 - (lines.len() as f64 - 1.0) / 2.0);
            drawing.text((left - 8.0, baseline), Anchor::End, SIZE, INK, "", line);
        }
        for (c, column) in columns.iter().enumerate() {
            let at = (left + column_width * c as f64 + 1.0, y + 1.0);
            let size = (column_width - 2.0, row_height - 2.0);
            let value = cell(r, c);
            let printed = format_number(value.unwrap_or(f64::NAN), format, language);
            let title = format!("{} · {}: {printed}", drawing.get(row), drawing.get(column));
            match value {
                None => drawing.hatched(at, size, &title),
                Some(value) => {
                    let colour = scale.colour(value);
                    drawing.rect(at, size, &colour, &title);
                    if text_width(&printed, SIZE) <= size.0 - 2.0 {
                        let middle = (at.0 + size.0 / 2.0, at.1 + size.1 / 2.0 + 4.5);
                        drawing.text(middle, Anchor::Middle, SIZE, text_on(&colour), r#"pointer-events="none""#, &printed);
                    }
                }
            }
        }
        y += row_height;
    }
    Some(y + 4.0)
}
