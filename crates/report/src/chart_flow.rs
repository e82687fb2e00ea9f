//! Flows between columns of nodes (a Sankey diagram): the height of a node is the larger of what enters and what leaves it.

use crate::colour::{ACCENT, INK, MUTED, group_colours};
use crate::drawing::{Anchor, Drawing, coordinate};
use crate::number::format_number;
use crate::text_width::{text_width, wrap};
use frame::Text;
use std::collections::BTreeMap;
use strategy::{FlowLink, FlowNode, Format};

const SIZE: f64 = 13.0;
const LINE: f64 = 16.0;
const BAR: f64 = 10.0;

/// Draws the flows below `top` and returns where they end; `None` when no link has a positive value.
pub(crate) fn draw(drawing: &mut Drawing, top: f64, format: Format, nodes: &[FlowNode], links: &[FlowLink]) -> Option<f64> {
    let links: Vec<&FlowLink> = links
        .iter()
        .filter(|l| l.value.is_finite() && l.value > 0.0 && l.from < nodes.len() && l.to < nodes.len() && l.from != l.to)
        .collect();
    if links.is_empty() {
        return None;
    }
    let language = drawing.language;
    let narrow = drawing.is_narrow();
    let sum = |pick: fn(&FlowLink) -> usize, node: usize| links.iter().filter(|l| pick(l) == node).map(|l| l.value).sum::<f64>();
    let sizes: Vec<f64> = (0..nodes.len()).map(|n| sum(|l| l.from, n).max(sum(|l| l.to, n))).collect();
    let mut columns: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (n, node) in nodes.iter().enumerate().filter(|(n, _)| sizes[*n] > 0.0) {
        columns.entry(node.column).or_default().push(n);
    }
    let place: BTreeMap<usize, usize> = columns.keys().enumerate().map(|(i, c)| (*c, i)).collect();
    let last = place.len().saturating_sub(1);
    // no more margin than the names at the ends want
    let printed: Vec<String> = sizes.iter().map(|size| format_number(*size, format, language)).collect();
    let wanted = |n: usize| text_width(nodes[n].label.get(language), SIZE).max(text_width(&printed[n], SIZE));
    let ends = columns.iter().filter(|(column, _)| matches!(place.get(*column), Some(i) if *i == 0 || *i == last));
    let widest = ends.flat_map(|(_, members)| members.iter().map(|n| wanted(*n))).fold(0.0, f64::max);
    let margin = (drawing.width * 0.26).min(170.0).min(widest + 10.0);
    let gap = (drawing.width - 2.0 * margin - BAR) / last.max(1) as f64;
    // a name between two columns stands beside its node, or above it where there is no room beside
    let above = narrow;
    let middle_room = if above { 2.0 * gap - 24.0 } else { gap - BAR - 16.0 }.max(40.0);
    let is_middle = |node: usize| place.get(&nodes[node].column).is_some_and(|i| *i != 0 && *i != last);

    // every node gets the room its label needs, so labels never meet
    let labels: Vec<Vec<String>> = nodes
        .iter()
        .map(|node| {
            let i = place.get(&node.column).copied().unwrap_or(0);
            let room = if i == 0 || i == last { margin - 6.0 } else { middle_room };
            let mut lines = wrap(node.label.get(language), SIZE, room, if narrow { 3 } else { 2 });
            lines.push(String::new());
            lines
        })
        .collect();
    let largest = columns.values().map(|members| members.iter().map(|n| sizes[*n]).sum::<f64>()).fold(0.0, f64::max);
    let scale = 280.0 / largest;
    let label_height = |n: usize| LINE * labels[n].len() as f64;
    let slot = |n: usize| match above && is_middle(n) {
        true => (sizes[n] * scale).max(1.0) + label_height(n) + 14.0,
        false => (sizes[n] * scale).max(label_height(n)) + 8.0,
    };
    let height = columns.values().map(|members| members.iter().map(|n| slot(*n)).sum::<f64>()).fold(0.0, f64::max);
    let mut at: Vec<(f64, f64)> = vec![(0.0, 0.0); nodes.len()];
    for (column, members) in &columns {
        let x = margin + gap * place[column] as f64;
        let mut y = top + (height - members.iter().map(|n| slot(*n)).sum::<f64>()) / 2.0;
        for n in members {
            let below = if above && is_middle(*n) { label_height(*n) + 10.0 } else { (slot(*n) - sizes[*n] * scale) / 2.0 };
            at[*n] = (x, y + below);
            y += slot(*n);
        }
    }

    let sources: Vec<usize> = columns.values().next().cloned().unwrap_or_default();
    let names: Vec<Text> = sources.iter().map(|n| nodes[*n].label.clone()).collect();
    let palette = group_colours(&names);
    let colour = |n: usize| sources.iter().position(|s| *s == n).map_or(if sources.len() > 1 { MUTED } else { ACCENT }, |i| palette[i]);
    let (mut leaving, mut entering) = (vec![0.0; nodes.len()], vec![0.0; nodes.len()]);
    let mut ends: Vec<(f64, f64)> = vec![(0.0, 0.0); links.len()];
    let mut order: Vec<usize> = (0..links.len()).collect();
    order.sort_by(|a, b| at[links[*a].to].1.total_cmp(&at[links[*b].to].1).then(a.cmp(b)));
    for i in &order {
        ends[*i].0 = at[links[*i].from].1 + leaving[links[*i].from];
        leaving[links[*i].from] += links[*i].value * scale;
    }
    order.sort_by(|a, b| at[links[*a].from].1.total_cmp(&at[links[*b].from].1).then(a.cmp(b)));
    for i in &order {
        ends[*i].1 = at[links[*i].to].1 + entering[links[*i].to];
        entering[links[*i].to] += links[*i].value * scale;
    }
    for (link, (from, to)) in links.iter().zip(&ends) {
        // a filled band, not a broad stroke: a stroke bulges past its ends where it is broader than the bend
        let thick = (link.value * scale).max(0.8);
        let (x1, x2) = (at[link.from].0 + BAR, at[link.to].0);
        let middle = (x1 + x2) / 2.0;
        let title = format!(
            "{} → {}: {}",
            nodes[link.from].label.get(language),
            nodes[link.to].label.get(language),
            format_number(link.value, format, language)
        );
        let [x1, x2, middle] = [x1, x2, middle].map(coordinate);
        let [upper1, upper2, lower1, lower2] = [*from, *to, from + thick, to + thick].map(coordinate);
        let title = drawing.title(&title);
        drawing.raw(&format!(
            r#"<path d="M{x1} {upper1}C{middle} {upper1} {middle} {upper2} {x2} {upper2}V{lower2}C{middle} {lower2} {middle} {lower1} {x1} {lower1}Z" fill="{}" fill-opacity="0.3">{title}</path>"#,
            colour(link.from),
        ));
    }
    for (column, members) in &columns {
        let i = place[column];
        for n in members {
            let (x, y) = at[*n];
            let thick = sizes[*n] * scale;
            let printed = &printed[*n];
            drawing.rect((x, y), (BAR, thick.max(1.0)), colour(*n), &format!("{}: {printed}", nodes[*n].label.get(language)));
            let lines = &labels[*n];
            let middle = is_middle(*n);
            let (tx, anchor, first) = match (i == 0, middle && above) {
                (true, _) => (x - 6.0, Anchor::End, y + thick / 2.0 - label_height(*n) / 2.0),
                (_, true) => (x + BAR / 2.0, Anchor::Middle, y - label_height(*n) - 4.0),
                _ => (x + BAR + 6.0, Anchor::Start, y + thick / 2.0 - label_height(*n) / 2.0),
            };
            let text_of = |l: usize| if l + 1 == lines.len() { printed.as_str() } else { lines[l].as_str() };
            if middle {
                // flows pass behind: a plate keeps the name readable
                let width = (0..lines.len()).map(|l| text_width(text_of(l), SIZE)).fold(0.0, f64::max) + 6.0;
                let left = if above { tx - width / 2.0 } else { tx - 3.0 };
                drawing.raw(&format!(
                    r##"<rect x="{}" y="{}" width="{}" height="{}" rx="3" fill="#fff" fill-opacity="0.78"/>"##,
                    coordinate(left),
                    coordinate(first),
                    coordinate(width),
                    coordinate(label_height(*n) + 1.0)
                ));
            }
            for l in 0..lines.len() {
                let colour = if l + 1 == lines.len() { MUTED } else { INK };
                drawing.text((tx, first + 12.5 + LINE * l as f64), anchor, SIZE, colour, "", text_of(l));
            }
        }
    }
    Some(top + height + 4.0)
}
