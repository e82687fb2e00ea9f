//! A network where its nodes were placed: strong where the place has an activity, pale where not; names where they hide nothing.

use crate::chart_scatter::{Area, around};
use crate::colour::{ACCENT, INK, MUTED, darker, many_group_colours, paler};
use crate::drawing::{Anchor, Drawing, coordinate};
use crate::number::format_number;
use crate::text_width::{ellipsis, text_width, wrap};
use frame::Text;
use strategy::{Format, NetworkLink, NetworkNode};

const SIZE: f64 = 12.0;
const LINE: f64 = 13.5;
/// What a line from a name to its node costs, in hidden area.
const LEADER: f64 = 90.0;
const TREE: &str = "#a9b4be";
const EXTRA: &str = "#d3dae0";
/// How far a pale node is from its colour to white.
const PALE: f64 = 0.72;
/// From so many nodes on, pale ones lose their hover title: the page stays small.
const MANY: usize = 2500;

/// What a network shows.
pub(crate) struct Network<'a> {
    pub(crate) size_label: &'a Text,
    pub(crate) size_format: Format,
    pub(crate) present_label: &'a Text,
    pub(crate) absent_label: &'a Text,
    pub(crate) groups: &'a [Text],
    pub(crate) frame: (f64, f64),
    pub(crate) nodes: &'a [NetworkNode],
    pub(crate) links: &'a [NetworkLink],
}

fn drawable(node: &NetworkNode) -> bool {
    node.x.is_finite() && node.y.is_finite() && node.radius.is_finite() && node.radius > 0.0
}

/// Draws the network below `top` and returns where it ends; `None` when there is no node.
pub(crate) fn draw(drawing: &mut Drawing, top: f64, network: &Network<'_>) -> Option<f64> {
    let (width, height) = network.frame;
    let has_room = width > 0.0 && height > 0.0 && width.is_finite() && height.is_finite();
    if !has_room || !network.nodes.iter().any(drawable) {
        return None;
    }
    let narrow = drawing.is_narrow();
    let colours = many_group_colours(network.groups);
    let colour = |group: usize| colours.get(group).copied().unwrap_or(ACCENT);
    let scale = drawing.width / width;
    let radius = |node: &NetworkNode| (node.radius * scale).max(if narrow { 0.8 } else { 1.2 });

    let mut y = top;
    let used: Vec<(String, String)> = network
        .groups
        .iter()
        .enumerate()
        .filter(|(g, _)| network.nodes.iter().any(|n| n.group == *g && drawable(n)))
        .map(|(g, name)| (colour(g).to_owned(), drawing.get(name).to_owned()))
        .collect();
    if network.groups.len() > 1 {
        y += drawing.legend(y, &used);
    }
    y = key(drawing, y, network, scale) + 6.0;

    let at = |node: &NetworkNode| (node.x * scale, y + node.y * scale);
    let mut paths = [String::new(), String::new()];
    for link in network.links {
        let ends = (network.nodes.get(link.from), network.nodes.get(link.to));
        let (Some(from), Some(to)) = ends else { continue };
        if !drawable(from) || !drawable(to) {
            continue;
        }
        let ((x1, y1), (x2, y2)) = (at(from), at(to));
        paths[usize::from(link.in_tree)].push_str(&format!("M{} {}L{} {}", coordinate(x1), coordinate(y1), coordinate(x2), coordinate(y2)));
    }
    let thin = if narrow { 0.5 } else { 1.0 };
    for (path, colour, line) in [(&paths[0], EXTRA, 0.6), (&paths[1], TREE, 0.9)] {
        if !path.is_empty() {
            drawing.raw(&format!(r#"<path d="{path}" stroke="{colour}" stroke-width="{}" fill="none"/>"#, line * thin));
        }
    }

    // pale ones below, large ones first, so that small ones lie on top
    let mut nodes: Vec<&NetworkNode> = network.nodes.iter().filter(|n| drawable(n)).collect();
    nodes.sort_by(|a, b| a.present.cmp(&b.present).then(b.radius.total_cmp(&a.radius)).then_with(|| a.code.cmp(&b.code)));
    let titled = |n: &NetworkNode| nodes.len() <= MANY || n.present || n.labelled;
    for node in &nodes {
        let own = colour(node.group);
        let title = if titled(node) { describe(drawing, network, node) } else { String::new() };
        drawing.circle(at(node), radius(node), &style(own, node.present, narrow), &title);
    }

    let marks: Vec<(Area, f64)> =
        nodes.iter().map(|n| (around(at(n), radius(n)), if n.present || n.labelled { 1.0 } else { 0.5 })).collect();
    let mut taken: Vec<Area> = Vec::new();
    let room = if narrow { 84.0 } else { 112.0 };
    let mut labelled: Vec<&NetworkNode> = nodes.iter().copied().filter(|n| n.labelled).collect();
    labelled.sort_by(|a, b| b.radius.total_cmp(&a.radius).then_with(|| a.code.cmp(&b.code)));
    for node in labelled.into_iter().take((drawing.width / if narrow { 30.0 } else { 16.0 }) as usize) {
        let lines = balanced(drawing.get(&node.label), room);
        let (centre, own) = (at(node), radius(node));
        let wide = lines.iter().map(|line| text_width(line, SIZE)).fold(0.0, f64::max);
        let high = LINE * lines.len() as f64;
        let best = places(centre, own, (wide, high))
            .into_iter()
            .filter(|(area, _)| area.0 >= 0.0 && area.2 <= drawing.width && area.1 >= y - 4.0 && area.3 <= y + height * scale + 14.0)
            .filter(|(area, _)| taken.iter().all(|other| area.overlap(*other) == 0.0))
            .map(|(area, leader)| {
                let hidden: f64 = marks.iter().map(|(mark, weight)| mark.overlap(area) * weight).sum();
                (hidden + if leader { LEADER } else { 0.0 }, area, leader)
            })
            .min_by(|a, b| a.0.total_cmp(&b.0));
        // a name that would hide a crowd stays in the hover title and the table
        if let Some((hidden, area, leader)) = best
            && hidden <= 0.16 * wide * high + if leader { LEADER } else { 0.0 }
        {
            let (anchor, text_x) = if area.0 + 1.0 >= centre.0 {
                (Anchor::Start, area.0)
            } else if area.2 - 1.0 <= centre.0 {
                (Anchor::End, area.2)
            } else {
                (Anchor::Middle, (area.0 + area.2) / 2.0)
            };
            if leader {
                let end = if area.1 > centre.1 { area.1 + 2.0 } else { area.3 };
                let start = centre.1 + own * (end - centre.1).signum();
                drawing.line((centre.0, start), (centre.0.clamp(area.0 + 4.0, (area.2 - 4.0).max(area.0 + 4.0)), end), MUTED, 0.7);
            }
            let weight = if node.present { r#" font-weight="600""# } else { "" };
            let halo = format!(r##"stroke="#fff" stroke-width="3" stroke-linejoin="round" paint-order="stroke"{weight}"##);
            let ink = if node.present { INK } else { MUTED };
            for (i, line) in lines.iter().enumerate() {
                drawing.text((text_x, area.1 + LINE * (i as f64 + 1.0) - 3.0), anchor, SIZE, ink, &halo, line);
            }
            taken.push(area);
        }
    }
    Some(y + height * scale + 8.0)
}

/// A name in at most two lines of about equal length.
fn balanced(name: &str, room: f64) -> Vec<String> {
    let lines = wrap(name, SIZE, room, 2);
    if lines.len() < 2 {
        return lines;
    }
    let half = wrap(name, SIZE, text_width(name, SIZE) / 2.0 + 1.5 * SIZE, 2);
    let whole = |lines: &[String]| !lines.iter().any(|line| line.ends_with('…'));
    if whole(&lines) && whole(&half) { half } else { lines }
}

/// Where the name of a node may stand, best place first; the last ones need a line to their node.
fn places((x, y): (f64, f64), r: f64, (wide, high): (f64, f64)) -> Vec<(Area, bool)> {
    let place = |left: f64, top: f64| Area(left, top, left + wide, top + high);
    let slant = r * 0.72;
    let mut out = vec![
        (place(x + r + 3.0, y - high / 2.0), false),
        (place(x - r - 3.0 - wide, y - high / 2.0), false),
        (place(x - wide / 2.0, y - r - high - 1.0), false),
        (place(x - wide / 2.0, y + r + 1.0), false),
        (place(x + slant + 2.0, y - slant - high), false),
        (place(x - slant - 2.0 - wide, y - slant - high), false),
        (place(x + slant + 2.0, y + slant), false),
        (place(x - slant - 2.0 - wide, y + slant), false),
    ];
    for far in [18.0, 34.0, 50.0] {
        for side in [0.5, 0.0, 1.0] {
            out.push((place(x - wide * side, y - r - far - high), true));
            out.push((place(x - wide * side, y + r + far), true));
        }
    }
    out
}

fn style(colour: &str, present: bool, narrow: bool) -> String {
    let line = if narrow { 0.5 } else { 1.0 };
    if present {
        format!(r#"fill="{colour}" stroke="{}" stroke-width="{line}""#, darker(colour, 0.55))
    } else {
        format!(r#"fill="{}" stroke="{}" stroke-width="{}""#, paler(colour, PALE), paler(colour, 0.45), line * 0.6)
    }
}

fn describe(drawing: &Drawing, network: &Network<'_>, node: &NetworkNode) -> String {
    let presence = if node.present { network.present_label } else { network.absent_label };
    let group = network.groups.get(node.group).map_or("", |g| drawing.get(g));
    format!(
        "{} {} · {} · {}: {} · {}",
        node.code,
        drawing.get(&node.label),
        group,
        drawing.get(network.size_label),
        format_number(node.size, network.size_format, drawing.language),
        drawing.get(presence)
    )
}

/// What strong, pale, large and linked mean, wrapped at the width; returns where it ends.
fn key(drawing: &mut Drawing, top: f64, network: &Network<'_>, scale: f64) -> f64 {
    let grey = "#5d6d7d";
    let largest = network.nodes.iter().filter(|n| drawable(n)).max_by(|a, b| a.radius.total_cmp(&b.radius));
    let (x0, row) = (0.0, 22.0);
    let (mut x, mut y) = (x0, top);
    let mut place = |drawing: &Drawing, mark: f64, label: &str| -> (f64, f64, String) {
        let label = ellipsis(label, 13.0, drawing.width - mark - 8.0);
        let wide = mark + 6.0 + text_width(&label, 13.0) + 18.0;
        if x > x0 && x + wide - 18.0 > drawing.width {
            (x, y) = (x0, y + row);
        }
        let here = x;
        x += wide;
        (here, y, label)
    };
    for (present, label) in [(true, network.present_label), (false, network.absent_label)] {
        let text = drawing.get(label).to_owned();
        if text.is_empty() {
            continue;
        }
        let (at, line, label) = place(drawing, 14.0, &text);
        drawing.circle((at + 7.0, line + 8.0), 6.0, &style(grey, present, false), "");
        drawing.text((at + 20.0, line + 12.5), Anchor::Start, 13.0, INK, "", &label);
    }
    if let Some(node) = largest.filter(|n| n.size > 0.0 && n.size.is_finite()) {
        let own = (node.radius * scale).clamp(2.0, 10.0);
        // the size of a circle drawn that large
        let value = node.size * (own / (node.radius * scale)).powi(2);
        let text = format!("{}: {}", drawing.get(network.size_label), format_number(value, network.size_format, drawing.language));
        let (at, line, label) = place(drawing, 2.0 * own, &text);
        drawing.circle((at + own, line + 8.0), own, &format!(r#"fill="none" stroke="{grey}" stroke-width="1""#), "");
        drawing.text((at + 2.0 * own + 6.0, line + 12.5), Anchor::Start, 13.0, INK, "", &label);
    }
    for (in_tree, en, zh) in
        [(true, "strongest link (spanning tree)", "最强联系（最大生成树）"), (false, "other strong link", "其他强联系")]
    {
        if network.links.iter().any(|l| l.in_tree == in_tree) {
            let (at, line, label) = place(drawing, 20.0, crate::wording::pick(drawing.language, en, zh));
            drawing.line((at, line + 8.0), (at + 20.0, line + 8.0), if in_tree { TREE } else { EXTRA }, if in_tree { 1.6 } else { 1.2 });
            drawing.text((at + 26.0, line + 12.5), Anchor::Start, 13.0, INK, "", &label);
        }
    }
    y + row
}
