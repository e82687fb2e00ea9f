//! Horizontal bars, stacked when there is more than one series; negative values go left of zero, absent ones are hatched.

use crate::colour::{ACCENT, AXIS, INK, MUTED, QUIET, group_colours, strand_colour};
use crate::drawing::{Anchor, Drawing};
use crate::number::format_number;
use crate::text_width::{text_width, wrap};
use frame::Text;
use strategy::{BarRow, Format};

const SIZE: f64 = 14.0;

/// Draws the bars below `top` and returns where they end; `None` when no row has a value.
pub(crate) fn draw(drawing: &mut Drawing, top: f64, format: Format, series: &[Text], rows: &[BarRow]) -> Option<f64> {
    let finite = |row: &BarRow| -> Vec<Option<f64>> {
        (0..series.len().max(1)).map(|s| row.values.get(s).copied().flatten().filter(|v| v.is_finite())).collect()
    };
    let values: Vec<Vec<Option<f64>>> = rows.iter().map(finite).collect();
    let ends = |row: &[Option<f64>]| {
        row.iter().flatten().fold((0.0, 0.0), |(low, high), v| if *v < 0.0 { (low + v, high) } else { (low, high + v) })
    };
    let (low, high) = values.iter().map(|row| ends(row)).fold((0.0_f64, 0.0_f64), |(a, b), (low, high)| (a.min(low), b.max(high)));
    if !values.iter().flatten().any(Option::is_some) {
        return None;
    }
    let language = drawing.language;
    let single = series.len() <= 1;
    let any_highlighted = rows.iter().any(|row| row.highlighted);
    let colours = group_colours(series);
    let strong = series.first().and_then(|name| strand_colour(&name.en)).unwrap_or(ACCENT);
    // bold is wider
    let size = |row: &BarRow| if row.highlighted { SIZE * 1.1 } else { SIZE };
    let printed: Vec<String> = values
        .iter()
        .map(|row| match row.iter().copied().collect::<Option<Vec<f64>>>() {
            Some(all) => format_number(all.iter().sum(), format, language),
            None if single => format_number(f64::NAN, format, language),
            None => String::new(),
        })
        .collect();
    let value_width = printed.iter().zip(rows).map(|(text, row)| text_width(text, size(row))).fold(0.0, f64::max) + 8.0;
    let label_width = if drawing.is_narrow() {
        0.0
    } else {
        rows.iter().map(|row| text_width(drawing.get(&row.label), size(row))).fold(0.0, f64::max).min(drawing.width * 0.38) + 10.0
    };
    let left = label_width + if low < 0.0 { value_width } else { 0.0 };
    let right = drawing.width - if high > 0.0 || low == 0.0 { value_width } else { 0.0 };
    let scale = (right - left) / (high - low).max(f64::MIN_POSITIVE);
    let at = |value: f64| left + (value - low) * scale;

    let mut y = top;
    if !single {
        let keys: Vec<(String, String)> =
            colours.iter().zip(series).map(|(c, name)| ((*c).to_owned(), drawing.get(name).to_owned())).collect();
        y += drawing.legend(y, &keys);
    }
    let first = y;
    for ((row, values), printed) in rows.iter().zip(&values).zip(&printed) {
        let name = drawing.get(&row.label).to_owned();
        let weight = if row.highlighted { r#"font-weight="700""# } else { "" };
        let (bar_top, thickness, below) = if drawing.is_narrow() {
            let lines = wrap(&name, size(row), drawing.width, 2);
            for (i, line) in lines.iter().enumerate() {
                drawing.text((0.0, y + 13.0 + 17.0 * i as f64), Anchor::Start, SIZE, INK, weight, line);
            }
            (y + 17.0 * lines.len() as f64 + 3.0, 13.0, 10.0)
        } else {
            let lines = wrap(&name, size(row), label_width - 10.0, 2);
            let height = 24.0_f64.max(16.0 * lines.len() as f64 + 6.0);
            for (i, line) in lines.iter().enumerate() {
                let baseline = y + height / 2.0 + 5.0 + 16.0 * (i as f64 - (lines.len() as f64 - 1.0) / 2.0);
                drawing.text((label_width - 10.0, baseline), Anchor::End, SIZE, INK, weight, line);
            }
            (y + (height - 15.0) / 2.0, 15.0, (height - 15.0) / 2.0)
        };
        let (mut negative, mut positive) = (0.0, 0.0);
        for (s, value) in values.iter().enumerate() {
            let title = match series.get(s) {
                Some(series) if !series.is_empty() => {
                    format!("{name} · {}: {}", drawing.get(series), format_number(value.unwrap_or(f64::NAN), format, language))
                }
                _ => format!("{name}: {}", format_number(value.unwrap_or(f64::NAN), format, language)),
            };
            let Some(value) = *value else {
                if single {
                    drawing.hatched((at(0.0), bar_top), (28.0, thickness), &title);
                }
                continue;
            };
            let start = if value < 0.0 { &mut negative } else { &mut positive };
            let (from, to) = (at(*start), at(*start + value));
            *start += value;
            let colour = match single {
                true if any_highlighted && !row.highlighted => QUIET,
                true => strong,
                false => colours.get(s).copied().unwrap_or(ACCENT),
            };
            drawing.rect((from.min(to), bar_top), ((to - from).abs().max(0.8), thickness), colour, &title);
        }
        let absent = single && values[0].is_none();
        let (x, anchor) = match (negative < 0.0 && positive == 0.0, absent) {
            (_, true) => (at(0.0) + 34.0, Anchor::Start),
            (true, _) => (at(negative) - 5.0, Anchor::End),
            _ => (at(positive) + 5.0, Anchor::Start),
        };
        let colour = if row.highlighted { INK } else { MUTED };
        drawing.text((x, bar_top + thickness / 2.0 + 5.0), anchor, SIZE, colour, weight, printed);
        y = bar_top + thickness + below;
    }
    drawing.line((at(0.0), first), (at(0.0), y), AXIS, 1.0);
    Some(y + 4.0)
}
