//! Dated entries in lanes over an axis of time: a dot for a day, a bar for a period, an arrow where no end is known. Names stand beside
//! or under their marks and are stacked so that none meets another.

use crate::colour::{AXIS, GRID, INK, MUTED, QUIET, many_group_colours, paler};
use crate::drawing::{Anchor, Drawing, coordinate, escape};
use crate::text_width::{text_width, wrap};
use crate::wording::pick;
use frame::Text;
use strategy::{TimelineEntry, day_of_year, year_of_day};

const SIZE: f64 = 13.0;
const LINE: f64 = 15.5;
const RADIUS: f64 = 5.0;
const BAR: f64 = 8.0;
/// What an arrow takes beyond the end of its bar.
const ARROW: f64 = 16.0;
/// Room kept free between neighbours.
const GAP: f64 = 8.0;

/// What a timeline shows.
pub(crate) struct Timeline<'a> {
    pub(crate) kinds: &'a [Text],
    pub(crate) lanes: &'a [Text],
    pub(crate) known_to: Option<f64>,
    pub(crate) entries: &'a [TimelineEntry],
}

/// The room of an entry in its lane: mark and name together.
#[derive(Clone, Copy)]
struct Room {
    left: f64,
    right: f64,
    top: f64,
    height: f64,
}

/// Where the name of an entry stands.
#[derive(Clone, Copy)]
enum Side {
    Right,
    Left,
    Below,
}

struct Placed<'a> {
    entry: &'a TimelineEntry,
    room: Room,
    side: Side,
    /// From where to where the mark goes, without its arrow.
    mark: (f64, f64),
    lines: Vec<String>,
    /// Where the lines begin, or end when they stand to the left of the mark.
    text_at: f64,
}

/// Linear in time from `left` to `right`.
struct Axis {
    low: f64,
    high: f64,
    left: f64,
    right: f64,
}

impl Axis {
    fn at(&self, day: f64) -> f64 {
        self.left + (day - self.low) / (self.high - self.low) * (self.right - self.left)
    }

    /// Starts of years, or of months where the range is short, about a label's width apart, with their names.
    fn ticks(&self, count: usize) -> Vec<(f64, String)> {
        let span = self.high - self.low;
        let rough = span / count.max(1) as f64;
        if rough < 0.55 {
            let months = [1, 2, 3, 6].into_iter().find(|m| f64::from(*m) / 12.0 >= rough).unwrap_or(6);
            let years = self.low.floor() as i32..=self.high.ceil() as i32;
            let starts = years.flat_map(|year| (0..12 / months).map(move |i| (year, 1 + i * months)));
            return starts
                .map(|(year, month)| (year_of_day(year, month, 1), format!("{year}-{month:02}")))
                .filter(|(day, _)| (self.low..=self.high).contains(day))
                .collect();
        }
        let step = [1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0].into_iter().find(|s| *s >= rough).unwrap_or(1000.0);
        let first = (self.low / step).ceil() as i64;
        let last = (self.high / step).floor() as i64;
        (first..=last).map(|i| i as f64 * step).map(|year| (year, format!("{year:.0}"))).collect()
    }
}

/// Draws the lanes below `top` and returns where they end; `None` when there is no entry.
pub(crate) fn draw(drawing: &mut Drawing, top: f64, timeline: &Timeline<'_>) -> Option<f64> {
    let Timeline { kinds, lanes, known_to, entries } = *timeline;
    let known_to = known_to.filter(|day| day.is_finite());
    let end = |e: &TimelineEntry| e.end.filter(|day| day.is_finite() && *day >= e.start);
    let mut shown: Vec<&TimelineEntry> =
        entries.iter().filter(|e| e.start.is_finite() && e.lane < lanes.len() && e.kind < kinds.len()).collect();
    shown.sort_by(|a, b| a.start.total_cmp(&b.start));
    let low = shown.first()?.start;
    let high = shown.iter().flat_map(|e| [Some(e.start), end(e)]).flatten().chain(known_to).fold(low, f64::max);
    let pad = if high > low { 0.0 } else { 0.5 };
    let width = drawing.width;
    let narrow = drawing.is_narrow();
    let any_open = shown.iter().any(|e| e.open);
    let axis = Axis { low: low - pad, high: high + pad, left: RADIUS + 1.0, right: width - if any_open { ARROW } else { RADIUS } - 2.0 };
    let colours = many_group_colours(kinds);

    let mut y = top;
    let used: Vec<(String, String)> = (0..kinds.len())
        .filter(|k| shown.iter().any(|e| e.kind == *k))
        .map(|k| (colours[k].to_owned(), drawing.get(&kinds[k]).to_owned()))
        .collect();
    y += drawing.legend(y, &used);
    y += marks_explained(drawing, y, &shown, known_to);

    let ticks = axis.ticks((width / if narrow { 80.0 } else { 66.0 }) as usize);
    year_names(drawing, y + 14.0, &axis, &ticks);
    let plot_top = y + 20.0;
    // where everything goes has to be known before the lines behind it can be drawn
    let mut placed_lanes: Vec<(usize, f64, f64, Vec<Placed<'_>>)> = Vec::new();
    y = plot_top;
    for lane in 0..lanes.len() {
        let mut placed: Vec<Placed<'_>> = Vec::new();
        for entry in shown.iter().filter(|e| e.lane == lane) {
            let mark = (axis.at(entry.start), stands_to(entry, end(entry), known_to).map_or(axis.at(entry.start), |day| axis.at(day)));
            let spot = place(drawing, entry, mark, &placed, narrow);
            placed.push(spot);
        }
        if !placed.is_empty() {
            let height = 26.0 + placed.iter().map(|p| p.room.top + p.room.height).fold(0.0, f64::max) + 6.0;
            placed_lanes.push((lane, y, height, placed));
            y += height;
        }
    }
    for (n, (_, lane_top, height, _)) in placed_lanes.iter().enumerate() {
        if n % 2 == 0 {
            drawing.rect((0.0, *lane_top), (width, *height), "#f6f8f9", "");
        }
    }
    for (day, _) in &ticks {
        drawing.line((axis.at(*day), plot_top), (axis.at(*day), y), GRID, 1.0);
    }
    if let Some(day) = known_to {
        dashed(drawing, (axis.at(day), plot_top), (axis.at(day), y));
    }
    for (lane, lane_top, _, placed) in &placed_lanes {
        drawing.line((0.0, *lane_top), (width, *lane_top), AXIS, 1.0);
        for (i, line) in wrap(drawing.get(&lanes[*lane]), SIZE * 1.1, width, 1).iter().enumerate() {
            drawing.text((4.0, lane_top + 17.0 + LINE * i as f64), Anchor::Start, SIZE, INK, &format!("font-weight=\"700\"{HALO}"), line);
        }
        for p in placed {
            entry_mark(drawing, p, lane_top + 26.0, colours[p.entry.kind], end(p.entry).is_some() || p.entry.open);
        }
        for p in placed {
            entry_name(drawing, p, lane_top + 26.0);
        }
    }
    drawing.line((0.0, y), (width, y), AXIS, 1.0);
    year_names(drawing, y + 16.0, &axis, &ticks);
    Some(y + 24.0)
}

const HALO: &str = r##" stroke="#fff" stroke-width="3" stroke-linejoin="round" paint-order="stroke""##;

/// To where an entry is drawn: its end, or the last day known when it goes on without one.
fn stands_to(entry: &TimelineEntry, end: Option<f64>, known_to: Option<f64>) -> Option<f64> {
    end.or_else(|| known_to.filter(|day| entry.open && *day > entry.start))
}

/// The place of an entry that is highest in the lane among the sides on which its name fits.
fn place<'a>(drawing: &Drawing, entry: &'a TimelineEntry, mark: (f64, f64), placed: &[Placed<'a>], narrow: bool) -> Placed<'a> {
    let width = drawing.width;
    let text = format!("{} {}", drawing.get(&entry.when), drawing.get(&entry.label));
    let is_bar = mark.1 - mark.0 > 2.0 * RADIUS || entry.open;
    // what the mark takes, its arrow included
    let (from, to) =
        if is_bar { (mark.0, mark.1.max(mark.0 + 3.0) + if entry.open { ARROW } else { 0.0 }) } else { (mark.0 - RADIUS, mark.0 + RADIUS) };
    let narrowest_first = if narrow { [0.62, 0.8, 1.0] } else { [0.34, 0.48, 0.62] };
    let mut best: Option<Placed<'a>> = None;
    for part in narrowest_first {
        let lines = wrap(&text, SIZE, width * part, 4);
        // the date is heavier than the estimate knows
        let text_width = lines.iter().map(|line| text_width(line, SIZE)).fold(0.0, f64::max) + 4.0;
        let text_height = LINE * lines.len() as f64;
        let (fits_right, fits_left) = (to + 5.0 + text_width <= width, from - 5.0 - text_width >= 0.0);
        for side in [Side::Right, Side::Left, Side::Below] {
            let (fits, text_at, left, right, height) = match side {
                Side::Right => (fits_right, to + 5.0, from, to + 5.0 + text_width, text_height),
                Side::Left => (fits_left, from - 5.0, from - 5.0 - text_width, to, text_height),
                Side::Below => {
                    let start = from.min(width - text_width).max(0.0);
                    // under a mark that is long, or when there is no room beside it: there is always room under it
                    let fits = narrow || to - from > 60.0 || !(fits_right || fits_left);
                    (fits, start, start.min(from), to.max(start + text_width), 2.0 * RADIUS + 4.0 + text_height)
                }
            };
            if fits {
                let room = free_room(left, right, height + 5.0, placed);
                let end = room.top + room.height;
                if best.as_ref().is_none_or(|b| end < b.room.top + b.room.height - 1e-9) {
                    best = Some(Placed { entry, room, side, mark, lines: lines.clone(), text_at });
                }
            }
        }
    }
    best.unwrap_or_else(|| {
        let room = free_room(0.0, width, 2.0 * RADIUS + 9.0 + LINE, placed);
        Placed { entry, room, side: Side::Below, mark, lines: wrap(&text, SIZE, width, 1), text_at: 0.0 }
    })
}

/// The highest free room of a size between two sides.
fn free_room(left: f64, right: f64, height: f64, placed: &[Placed<'_>]) -> Room {
    let beside: Vec<Room> = placed.iter().map(|p| p.room).filter(|r| r.left < right + GAP && left < r.right + GAP).collect();
    let mut tops: Vec<f64> = std::iter::once(0.0).chain(beside.iter().map(|r| r.top + r.height)).collect();
    tops.sort_by(f64::total_cmp);
    let free = |top: f64| beside.iter().all(|r| r.top + r.height <= top + 1e-9 || top + height <= r.top + 1e-9);
    let top = tops.into_iter().find(|top| free(*top)).unwrap_or(0.0);
    Room { left, right, top, height }
}

fn entry_mark(drawing: &mut Drawing, p: &Placed<'_>, lane_top: f64, colour: &str, is_period: bool) {
    let middle = lane_top + p.room.top + 7.5;
    let language = drawing.language;
    let title = format!("{}: {}", p.entry.when.get(language), p.entry.label.get(language));
    if !is_period || (p.mark.1 - p.mark.0 <= 2.0 * RADIUS && !p.entry.open) {
        drawing.circle((p.mark.0, middle), RADIUS, &format!(r##"fill="{colour}" stroke="#fff" stroke-width="1""##), &title);
        return;
    }
    let end = p.mark.1.max(p.mark.0 + 3.0);
    drawing.rect((p.mark.0, middle - BAR / 2.0), (end - p.mark.0, BAR), colour, &title);
    if p.entry.open {
        arrow(drawing, (end, middle), colour);
    }
}

/// The end of a bar that goes on: paler, to a point.
fn arrow(drawing: &mut Drawing, (x, middle): (f64, f64), colour: &str) {
    let [start, shoulder, tip] = [x, x + 4.0, x + ARROW - 2.0].map(coordinate);
    let [upper, lower, wide_upper, wide_lower, y] =
        [middle - BAR / 2.0, middle + BAR / 2.0, middle - BAR * 0.8, middle + BAR * 0.8, middle].map(coordinate);
    let fill = paler(colour, 0.45);
    drawing.raw(&format!(
        r#"<path d="M{start} {upper}H{shoulder}V{wide_upper}L{tip} {y}L{shoulder} {wide_lower}V{lower}H{start}Z" fill="{fill}"/>"#
    ));
}

fn entry_name(drawing: &mut Drawing, p: &Placed<'_>, lane_top: f64) {
    let first = lane_top + p.room.top + if matches!(p.side, Side::Below) { 2.0 * RADIUS + 4.0 } else { 0.0 } + 12.0;
    let when = p.entry.when.get(drawing.language).to_owned();
    let (x, anchor) = (p.text_at, if matches!(p.side, Side::Left) { r#" text-anchor="end""# } else { "" });
    for (i, line) in p.lines.iter().enumerate() {
        let (x, y) = (coordinate(x), coordinate(first + LINE * i as f64));
        let body = match line.strip_prefix(&when) {
            Some(rest) if i == 0 && !when.is_empty() => format!(r#"<tspan fill="{MUTED}">{}</tspan>{}"#, escape(&when), escape(rest)),
            _ => escape(line),
        };
        drawing.raw(&format!(r#"<text x="{x}" y="{y}" font-size="{SIZE}" fill="{INK}"{anchor}{HALO}>{body}</text>"#));
    }
}

fn year_names(drawing: &mut Drawing, y: f64, axis: &Axis, ticks: &[(f64, String)]) {
    for (day, name) in ticks {
        let half = text_width(name, SIZE) / 2.0;
        let x = axis.at(*day).clamp(half, (drawing.width - half).max(half));
        drawing.text((x, y), Anchor::Middle, SIZE, MUTED, "", name);
    }
}

fn dashed(drawing: &mut Drawing, (x1, y1): (f64, f64), (x2, y2): (f64, f64)) {
    let [x1, y1, x2, y2] = [x1, y1, x2, y2].map(coordinate);
    drawing.raw(&format!(r#"<path d="M{x1} {y1}L{x2} {y2}" stroke="{MUTED}" stroke-width="1" stroke-dasharray="4 3" fill="none"/>"#));
}

/// What the marks mean, those that are there; returns the height taken.
fn marks_explained(drawing: &mut Drawing, top: f64, shown: &[&TimelineEntry], known_to: Option<f64>) -> f64 {
    let language = drawing.language;
    let is_period = |e: &&&TimelineEntry| e.open || e.end.is_some_and(f64::is_finite);
    let (mut x, mut y) = (0.0, top);
    let mut keys: Vec<(u8, String)> = Vec::new();
    if shown.iter().any(|e| !is_period(&e)) {
        keys.push((0, pick(language, "a day", "某日").to_owned()));
    }
    if shown.iter().any(|e| is_period(&e) && !e.open) {
        keys.push((1, pick(language, "a period", "期间").to_owned()));
    }
    if shown.iter().any(|e| e.open) {
        keys.push((2, pick(language, "no end, or what follows is not known", "无截止日，或后续不详").to_owned()));
    }
    if let Some(d) = known_to {
        // the end of a day is the start of the next
        let (year, month, day) = day_of_year(d - 0.5 / 366.0);
        keys.push((3, format!("{} {year}-{month:02}-{day:02}", pick(language, "data to", "数据截至"))));
    }
    for (mark, label) in keys {
        let width = 42.0 + text_width(&label, SIZE);
        if x > 0.0 && x + width > drawing.width {
            (x, y) = (0.0, y + 20.0);
        }
        let middle = y + 8.0;
        match mark {
            0 => drawing.circle((x + 6.0, middle), RADIUS, &format!(r#"fill="{QUIET}""#), ""),
            1 => drawing.rect((x, middle - BAR / 2.0), (20.0, BAR), QUIET, ""),
            2 => {
                drawing.rect((x, middle - BAR / 2.0), (10.0, BAR), QUIET, "");
                arrow(drawing, (x + 10.0, middle), QUIET);
            }
            _ => dashed(drawing, (x + 8.0, middle - 8.0), (x + 8.0, middle + 8.0)),
        }
        drawing.text((x + 30.0, y + 12.5), Anchor::Start, SIZE, INK, "", &label);
        x += width + 18.0;
    }
    y - top + 28.0
}
