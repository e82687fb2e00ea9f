//! Points in a plane, sized and coloured by group; labels are set where they hide neither each other nor the points they name.

use crate::axis::Axis;
use crate::colour::{ACCENT, AXIS, GRID, INK, MUTED, group_colours};
use crate::drawing::{Anchor, Drawing, coordinate};
use crate::number::{format_number, format_tick};
use crate::text_width::{ellipsis, text_width, wrap};
use frame::Text;
use strategy::{Format, Point};

const SIZE: f64 = 13.0;
/// From so many points on, unlabelled ones lose their hover title and share a path a group: the page stays small.
const MANY: usize = 1500;
const MANY_NARROW: usize = 60;

/// What a scatter shows.
pub(crate) struct Scatter<'a> {
    pub(crate) x_label: &'a Text,
    pub(crate) y_label: &'a Text,
    pub(crate) x_format: Format,
    pub(crate) y_format: Format,
    pub(crate) groups: &'a [Text],
    pub(crate) points: &'a [Point],
}

/// A rectangle: left, top, right, bottom.
#[derive(Clone, Copy)]
pub(crate) struct Area(pub(crate) f64, pub(crate) f64, pub(crate) f64, pub(crate) f64);

impl Area {
    pub(crate) fn overlap(self, other: Area) -> f64 {
        let width = self.2.min(other.2) - self.0.max(other.0);
        let height = self.3.min(other.3) - self.1.max(other.1);
        if width > 0.0 && height > 0.0 { width * height } else { 0.0 }
    }
}

/// Draws the points below `top` and returns where the chart ends; `None` when there is no point.
pub(crate) fn draw(drawing: &mut Drawing, top: f64, scatter: &Scatter<'_>) -> Option<f64> {
    let language = drawing.language;
    let narrow = drawing.is_narrow();
    let mut points: Vec<&Point> = scatter.points.iter().filter(|p| p.x.is_finite() && p.y.is_finite()).collect();
    // large marks first so that small ones lie on top, labelled ones over all
    points.sort_by(|a, b| a.labelled.cmp(&b.labelled).then(b.size.total_cmp(&a.size)));
    let colours = group_colours(scatter.groups);
    let colour = |group: usize| colours.get(group).copied().unwrap_or(ACCENT);
    let largest = points.iter().map(|p| p.size).filter(|s| s.is_finite()).fold(0.0, f64::max);
    let (smallest_radius, largest_radius) = if narrow { (1.8, 9.0) } else { (2.4, 13.0) };
    let radius = |p: &Point| {
        let part = if largest > 0.0 && p.size.is_finite() { (p.size.max(0.0) / largest).sqrt() } else { 0.3 };
        (largest_radius * part).max(smallest_radius)
    };

    let mut y = top;
    let used: Vec<(String, String)> = scatter
        .groups
        .iter()
        .enumerate()
        .filter(|(g, _)| scatter.groups.len() > 1 && points.iter().any(|p| p.group == *g))
        .map(|(g, name)| (colour(g).to_owned(), drawing.get(name).to_owned()))
        .collect();
    if points.is_empty() {
        return None;
    }
    y += drawing.legend(y, &used);
    for line in wrap(&format!("↑ {}", drawing.get(scatter.y_label)), SIZE, drawing.width, 2) {
        drawing.text((0.0, y + 13.0), Anchor::Start, SIZE, MUTED, "", &line);
        y += 17.0;
    }
    let height = if narrow { 330.0 } else { 430.0 };
    let (plot_top, plot_bottom) = (y + 8.0, y + 8.0 + height);
    let vertical = Axis::new(points.iter().map(|p| p.y), if narrow { 5 } else { 6 }, plot_bottom, plot_top)?;
    let y_ticks: Vec<String> = vertical.ticks.iter().map(|t| format_tick(*t, vertical.step, scatter.y_format, language)).collect();
    let left = y_ticks.iter().map(|t| text_width(t, SIZE)).fold(0.0, f64::max) + 8.0;
    let right = drawing.width - 14.0;
    let horizontal = Axis::new(points.iter().map(|p| p.x), if narrow { 4 } else { 7 }, left, right)?;
    for (tick, printed) in vertical.ticks.iter().zip(&y_ticks) {
        let y = vertical.at(*tick);
        drawing.line((left, y), (right, y), if *tick == 0.0 { AXIS } else { GRID }, 1.0);
        drawing.text((left - 8.0, y + 4.5), Anchor::End, SIZE, MUTED, "", printed);
    }
    for tick in &horizontal.ticks {
        let x = horizontal.at(*tick);
        drawing.line((x, plot_top), (x, plot_bottom), if *tick == 0.0 { AXIS } else { GRID }, 1.0);
        let printed = format_tick(*tick, horizontal.step, scatter.x_format, language);
        drawing.text((x, plot_bottom + 19.0), Anchor::Middle, SIZE, MUTED, "", &printed);
    }
    let x_title = wrap(&format!("{} →", drawing.get(scatter.x_label)), SIZE, drawing.width, 2);
    for (i, line) in x_title.iter().enumerate() {
        drawing.text((right, plot_bottom + 40.0 + 17.0 * i as f64), Anchor::End, SIZE, MUTED, "", line);
    }
    let bottom = plot_bottom + 30.0 + 17.0 * x_title.len() as f64;

    let at = |p: &Point| (horizontal.at(p.x), vertical.at(p.y));
    let describe = |p: &Point| {
        format!(
            "{} ({}: {}; {}: {})",
            p.label.get(language),
            scatter.x_label.get(language),
            format_number(p.x, scatter.x_format, language),
            scatter.y_label.get(language),
            format_number(p.y, scatter.y_format, language)
        )
    };
    let together = points.len() > if narrow { MANY_NARROW } else { MANY };
    if together {
        for (g, radius_class, path) in shared_paths(points.iter().filter(|p| !p.labelled).map(|p| (p.group, radius(p), at(p)))) {
            drawing.raw(&format!(
                r#"<path d="{path}" stroke="{}" stroke-width="{}" stroke-linecap="round" stroke-opacity="0.55" fill="none"/>"#,
                colour(g),
                radius_class * 2
            ));
        }
    }
    for p in points.iter().filter(|p| p.labelled || !together) {
        let opacity = if p.labelled { "0.9" } else { "0.5" };
        let style = format!(r##"fill="{}" fill-opacity="{opacity}" stroke="#fff" stroke-width="0.7""##, colour(p.group));
        drawing.circle(at(p), radius(p), &style, &describe(p));
    }

    let marks: Vec<Area> = points.iter().map(|p| around(at(p), radius(p))).collect();
    let mut taken: Vec<Area> = Vec::new();
    let room = if narrow { 150.0 } else { 210.0 };
    let mut labelled: Vec<&Point> = points.iter().copied().filter(|p| p.labelled).collect();
    labelled.sort_by(|a, b| b.size.total_cmp(&a.size).then_with(|| a.label.en.cmp(&b.label.en)));
    for p in labelled {
        let text = ellipsis(drawing.get(&p.label), SIZE, room);
        let width = text_width(&text, SIZE);
        let (x, y) = at(p);
        let r = radius(p);
        let best = candidates(x, y, r, width)
            .into_iter()
            .filter(|(area, _)| area.0 >= 0.0 && area.2 <= drawing.width && area.1 >= plot_top - 6.0 && area.3 <= plot_bottom)
            .filter(|(area, _)| taken.iter().all(|other| area.overlap(*other) == 0.0))
            .map(|(area, leader)| {
                (marks.iter().map(|mark| mark.overlap(area)).sum::<f64>() + if leader { 60.0 } else { 0.0 }, area, leader)
            })
            // the first of the best: `min_by` keeps the earlier of equals
            .min_by(|a, b| a.0.total_cmp(&b.0));
        // no free place: the name stays in the hover title and the table
        if let Some((_, area, leader)) = best {
            if leader {
                let tip = ((x).clamp(area.0, area.2), if area.1 > y { area.1 + 2.0 } else { area.3 - 2.0 });
                drawing.line((x, y), tip, MUTED, 0.8);
            }
            let halo = r##"stroke="#fff" stroke-width="3" stroke-linejoin="round" paint-order="stroke""##;
            drawing.text((area.0, area.3 - 4.0), Anchor::Start, SIZE, INK, halo, &text);
            taken.push(area);
        }
    }
    Some(bottom)
}

pub(crate) fn around((x, y): (f64, f64), radius: f64) -> Area {
    Area(x - radius, y - radius, x + radius, y + radius)
}

/// Where the label of a mark may stand, best place first; the second ring needs a line to its mark.
fn candidates(x: f64, y: f64, r: f64, width: f64) -> Vec<(Area, bool)> {
    let height = SIZE + 4.0;
    let place = |left: f64, top: f64| Area(left, top, left + width, top + height);
    let mut out = vec![
        (place(x + r + 3.0, y - height / 2.0), false),
        (place(x - r - 3.0 - width, y - height / 2.0), false),
        (place(x - width / 2.0, y - r - height), false),
        (place(x - width / 2.0, y + r), false),
        (place(x + r * 0.7 + 2.0, y - r * 0.7 - height), false),
        (place(x - r * 0.7 - 2.0 - width, y - r * 0.7 - height), false),
        (place(x + r * 0.7 + 2.0, y + r * 0.7), false),
        (place(x - r * 0.7 - 2.0 - width, y + r * 0.7), false),
    ];
    for far in [22.0, 44.0, 66.0] {
        for side in [0.0, 0.5, 1.0] {
            out.push((place(x - width * side, y - r - far - height), true));
            out.push((place(x - width * side, y + r + far), true));
        }
    }
    out
}

/// Dots of one group and size class as one path of zero-length strokes.
fn shared_paths(dots: impl Iterator<Item = (usize, f64, (f64, f64))>) -> Vec<(usize, u32, String)> {
    let mut paths: std::collections::BTreeMap<(usize, u32), String> = std::collections::BTreeMap::new();
    for (group, radius, (x, y)) in dots {
        let class = radius.round().max(1.0) as u32;
        paths.entry((group, class)).or_default().push_str(&format!("M{} {}h0", coordinate(x), coordinate(y)));
    }
    paths.into_iter().rev().map(|((group, class), path)| (group, class, path)).collect()
}
