//! Flows between columns of nodes (a Sankey diagram): the height of a node is the larger of what enters and what leaves it.

use crate::colour::{ACCENT, INK, MUTED, group_colours};
use crate::drawing::{Anchor, Drawing, coordinate, escape};
use crate::number::format_number;
use crate::text_width::wrap;
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
    let margin = (drawing.width * 0.26).min(170.0);
    let gap = (drawing.width - 2.0 * margin - BAR) / last.max(1) as f64;
    let middle_room = (gap - BAR - 12.0).max(40.0);

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
    let slot = |n: usize| (sizes[n] * scale).max(LINE * labels[n].len() as f64) + 8.0;
    let height = columns.values().map(|members| members.iter().map(|n| slot(*n)).sum::<f64>()).fold(0.0, f64::max);
    let mut at: Vec<(f64, f64)> = vec![(0.0, 0.0); nodes.len()];
    for (column, members) in &columns {
        let x = margin + gap * place[column] as f64;
        let mut y = top + (height - members.iter().map(|n| slot(*n)).sum::<f64>()) / 2.0;
        for n in members {
            at[*n] = (x, y + (slot(*n) - sizes[*n] * scale) / 2.0);
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
        let thick = (link.value * scale).max(0.8);
        let (x1, x2) = (at[link.from].0 + BAR, at[link.to].0);
        let (y1, y2) = (from + link.value * scale / 2.0, to + link.value * scale / 2.0);
        let bend = (x1 + x2) / 2.0;
        let title = format!(
            "{} → {}: {}",
            nodes[link.from].label.get(language),
            nodes[link.to].label.get(language),
            format_number(link.value, format, language)
        );
        drawing.raw(&format!(
            r#"<path d="M{} {}C{} {} {} {} {} {}" fill="none" stroke="{}" stroke-opacity="0.32" stroke-width="{}"><title>{}</title></path>"#,
            coordinate(x1),
            coordinate(y1),
            coordinate(bend),
            coordinate(y1),
            coordinate(bend),
            coordinate(y2),
            coordinate(x2),
            coordinate(y2),
            colour(link.from),
            coordinate(thick.max(0.8)),
            escape(&title)
        ));
    }
    for (column, members) in &columns {
        let i = place[column];
        for n in members {
            let (x, y) = at[*n];
            let thick = sizes[*n] * scale;
            let printed = format_number(sizes[*n], format, language);
            drawing.rect((x, y), (BAR, thick.max(1.0)), colour(*n), &format!("{}: {printed}", nodes[*n].label.get(language)));
            let (tx, anchor) = if i == 0 { (x - 6.0, Anchor::End) } else { (x + BAR + 6.0, Anchor::Start) };
            let lines = &labels[*n];
            for (l, line) in lines.iter().enumerate() {
                let baseline = y + thick / 2.0 + 4.5 + LINE * (l as f64 - (lines.len() as f64 - 1.0) / 2.0);
                let is_value = l + 1 == lines.len();
                let halo = r##"stroke="#fff" stroke-width="3" stroke-linejoin="round" paint-order="stroke""##;
                let style = if i == 0 || i == last { "" } else { halo };
                drawing.text(
                    (tx, baseline),
                    anchor,
                    SIZE,
                    if is_value { MUTED } else { INK },
                    style,
                    if is_value { &printed } else { line },
                );
            }
        }
    }
    Some(top + height + 4.0)
}
