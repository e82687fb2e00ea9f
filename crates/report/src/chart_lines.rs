//! Lines over years: gaps where values are absent, names at the right end (above the chart on a narrow screen).

use crate::axis::Axis;
use crate::colour::{ACCENT, AXIS, GRID, INK, MUTED, QUIET, group_colours};
use crate::drawing::{Anchor, Drawing, coordinate, escape};
use crate::number::{format_number, format_tick};
use crate::text_width::{ellipsis, text_width};
use frame::Text;
use strategy::{Format, LineSeries};

const SIZE: f64 = 13.0;
/// More lines than this are drawn quiet, all but the highlighted.
const MANY: usize = 6;

/// Draws the lines below `top` and returns where they end; `None` when there is no value.
pub(crate) fn draw(drawing: &mut Drawing, top: f64, years: &[i32], format: Format, series: &[LineSeries]) -> Option<f64> {
    let (first_year, last_year) = (*years.iter().min()?, *years.iter().max()?);
    let value = |line: &LineSeries, i: usize| line.values.get(i).copied().flatten().filter(|v| v.is_finite());
    let all = || series.iter().flat_map(|line| (0..years.len()).filter_map(move |i| value(line, i)));
    // lines that stay far from zero keep their own range; those near it show zero
    let (low, high) = all().fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), v| (a.min(v), b.max(v)));
    let zero = (low > 0.0 && low < 0.4 * high).then_some(0.0);
    let language = drawing.language;
    let narrow = drawing.is_narrow();
    let highlighted = series.iter().any(|line| line.highlighted);
    let names: Vec<Text> = series.iter().map(|line| line.label.clone()).collect();
    let palette = group_colours(&names);
    let quiet = |line: &LineSeries| highlighted && !line.highlighted && series.len() > MANY;
    let colour = |s: usize| match &series[s] {
        line if line.highlighted && series.iter().filter(|l| l.highlighted).count() == 1 => ACCENT,
        line if quiet(line) => QUIET,
        // the accent belongs to the highlighted line
        _ if highlighted && palette[s] == ACCENT => "#8a6d1d",
        _ => palette[s],
    };
    let named: Vec<usize> =
        (0..series.len()).filter(|s| !quiet(&series[*s]) && (0..years.len()).any(|i| value(&series[*s], i).is_some())).collect();

    let mut y = top;
    let label_width = if narrow || named.len() > 14 {
        let keys: Vec<(String, String)> =
            named.iter().map(|s| (colour(*s).to_owned(), drawing.get(&series[*s].label).to_owned())).collect();
        y += drawing.legend(y, &keys);
        0.0
    } else {
        named.iter().map(|s| text_width(drawing.get(&series[*s].label), SIZE * 1.1)).fold(0.0, f64::max).min(drawing.width * 0.28) + 10.0
    };
    let height = if narrow { 220.0 } else { 300.0 };
    let (plot_top, plot_bottom) = (y + 8.0, y + 8.0 + height);
    let vertical = Axis::new(all().chain(zero), 5, plot_bottom, plot_top)?;
    let ticks: Vec<String> = vertical.ticks.iter().map(|t| format_tick(*t, vertical.step, format, language)).collect();
    let left = ticks.iter().map(|t| text_width(t, SIZE)).fold(0.0, f64::max) + 8.0;
    let right = drawing.width - label_width.max(14.0);
    let horizontal = Axis::years(first_year, last_year, if narrow { 4 } else { 8 }, left, right);
    for (tick, printed) in vertical.ticks.iter().zip(&ticks) {
        let y = vertical.at(*tick);
        drawing.line((left, y), (right, y), if *tick == 0.0 { AXIS } else { GRID }, 1.0);
        drawing.text((left - 8.0, y + 4.5), Anchor::End, SIZE, MUTED, "", printed);
    }
    for tick in &horizontal.ticks {
        let x = horizontal.at(*tick);
        drawing.line((x, plot_bottom), (x, plot_bottom + 4.0), AXIS, 1.0);
        drawing.text((x, plot_bottom + 19.0), Anchor::Middle, SIZE, MUTED, "", &format_number(*tick, Format::Year, language));
    }

    let mut order: Vec<usize> = (0..years.len()).collect();
    order.sort_by_key(|i| years[*i]);
    let mut drawn: Vec<usize> = (0..series.len()).collect();
    drawn.sort_by_key(|s| (!quiet(&series[*s]), series[*s].highlighted));
    let mut ends: Vec<(f64, f64, usize)> = Vec::new();
    for s in drawn {
        let line = &series[s];
        let width = if line.highlighted { 3.0 } else { 1.8 };
        let name = drawing.get(&line.label).to_owned();
        let mut path = String::new();
        let mut joined = false;
        for i in &order {
            match value(line, *i) {
                Some(v) => {
                    let (x, y) = (horizontal.at(f64::from(years[*i])), vertical.at(v));
                    path.push_str(&format!("{}{} {}", if joined { 'L' } else { 'M' }, coordinate(x), coordinate(y)));
                    joined = true;
                }
                None => joined = false,
            }
        }
        if path.is_empty() {
            continue;
        }
        drawing.raw(&format!(
            r#"<path d="{path}" fill="none" stroke="{}" stroke-width="{width}" stroke-linejoin="round" stroke-linecap="round"><title>{}</title></path>"#,
            colour(s),
            escape(&name)
        ));
        for i in &order {
            if let Some(v) = value(line, *i)
                && !quiet(line)
            {
                let title = format!("{name}, {}: {}", years[*i], format_number(v, format, language));
                drawing.circle((horizontal.at(f64::from(years[*i])), vertical.at(v)), width, &format!(r#"fill="{}""#, colour(s)), &title);
            }
        }
        if let Some(i) = order.iter().rev().find(|i| value(line, **i).is_some())
            && let Some(v) = value(line, *i)
            && !quiet(line)
        {
            ends.push((vertical.at(v), horizontal.at(f64::from(years[*i])), s));
        }
    }
    if label_width > 0.0 {
        ends.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.2.cmp(&b.2)));
        let mut placed: Vec<f64> = Vec::new();
        for (y, _, _) in &ends {
            placed.push(placed.last().map_or(*y, |last| y.max(last + 16.0)));
        }
        // pushed past the bottom: move the pile up again
        let mut limit = plot_bottom;
        for y in placed.iter_mut().rev() {
            *y = y.min(limit);
            limit = *y - 16.0;
        }
        for ((_, _, s), y) in ends.iter().zip(placed) {
            let weight = if series[*s].highlighted { r#"font-weight="700""# } else { "" };
            let name = ellipsis(drawing.get(&series[*s].label), SIZE, label_width - 8.0);
            drawing.text((right + 8.0, y + 4.5), Anchor::Start, SIZE, if series[*s].highlighted { INK } else { colour(*s) }, weight, &name);
        }
    }
    Some(plot_bottom + 26.0)
}
