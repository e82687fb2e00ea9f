//! The numbers behind a chart as a table, for outputs that show numbers rather than drawings.

use frame::Text;
use strategy::{Cell, Chart, ChartKind, Column, Format, Table};

fn column(en: &str, zh: &str, format: Option<Format>) -> Column {
    Column { label: Text::new(en, zh), format }
}

fn named(label: &Text, format: Format) -> Column {
    Column { label: label.clone(), format: Some(format) }
}

fn cell(value: Option<f64>) -> Cell {
    value.map_or(Cell::Missing, Cell::Number)
}

/// The table of a chart's numbers, with the chart's id, title and caption.
pub(crate) fn chart_table(chart: &Chart) -> Table {
    let (columns, rows): (Vec<Column>, Vec<Vec<Cell>>) = match &chart.kind {
        ChartKind::Scatter { x_label, y_label, x_format, y_format, groups, points } => (
            vec![column("Name", "名称", None), column("Group", "组别", None), named(x_label, *x_format), named(y_label, *y_format)],
            points
                .iter()
                .map(|p| {
                    let group = groups.get(p.group).map_or(Cell::Missing, |g| Cell::Text(g.clone()));
                    vec![Cell::Text(p.label.clone()), group, Cell::Number(p.x), Cell::Number(p.y)]
                })
                .collect(),
        ),
        ChartKind::Bars { format, series, rows } => (
            std::iter::once(column("Name", "名称", None)).chain(series.iter().map(|s| named(s, *format))).collect(),
            rows.iter()
                .map(|row| {
                    let values = (0..series.len()).map(|s| cell(row.values.get(s).copied().flatten()));
                    std::iter::once(Cell::Text(row.label.clone())).chain(values).collect()
                })
                .collect(),
        ),
        ChartKind::Flow { format, nodes, links } => {
            let node = |n: usize| nodes.get(n).map_or(Cell::Missing, |node| Cell::Text(node.label.clone()));
            (
                vec![column("From", "起点", None), column("To", "终点", None), column("Value", "数值", Some(*format))],
                links.iter().map(|l| vec![node(l.from), node(l.to), Cell::Number(l.value)]).collect(),
            )
        }
        ChartKind::HeatMap { rows, columns, values, format, .. } => (
            std::iter::once(column("Name", "名称", None)).chain(columns.iter().map(|c| named(c, *format))).collect(),
            rows.iter()
                .enumerate()
                .map(|(r, row)| {
                    let value = |c: usize| cell(values.get(r).and_then(|row| row.get(c)).copied().flatten());
                    std::iter::once(Cell::Text(row.clone())).chain((0..columns.len()).map(value)).collect()
                })
                .collect(),
        ),
        ChartKind::Lines { years, format, series } => (
            std::iter::once(column("Year", "年份", Some(Format::Year))).chain(series.iter().map(|s| named(&s.label, *format))).collect(),
            years
                .iter()
                .enumerate()
                .map(|(i, year)| {
                    let values = series.iter().map(|s| cell(s.values.get(i).copied().flatten()));
                    std::iter::once(Cell::Number(f64::from(*year))).chain(values).collect()
                })
                .collect(),
        ),
        ChartKind::Map { legend, format, shapes, .. } => (
            vec![column("Code", "代码", None), column("Name", "名称", None), named(legend, *format)],
            shapes.iter().map(|s| vec![Cell::Text(Text::same(&s.place)), Cell::Text(s.label.clone()), cell(s.value)]).collect(),
        ),
        ChartKind::Network { size_label, size_format, present_label, absent_label, groups, nodes, links, .. } => {
            let mut degree = vec![0_u32; nodes.len()];
            for end in links.iter().flat_map(|l| [l.from, l.to]) {
                if let Some(count) = degree.get_mut(end) {
                    *count += 1;
                }
            }
            (
                vec![
                    column("Code", "代码", None),
                    column("Name", "名称", None),
                    column("Group", "组别", None),
                    column("Presence", "是否具备", None),
                    named(size_label, *size_format),
                    column("Links", "连线数", Some(Format::Whole)),
                ],
                nodes
                    .iter()
                    .zip(degree)
                    .map(|(n, degree)| {
                        vec![
                            Cell::Text(Text::same(&n.code)),
                            Cell::Text(n.label.clone()),
                            groups.get(n.group).map_or(Cell::Missing, |g| Cell::Text(g.clone())),
                            Cell::Text(if n.present { present_label.clone() } else { absent_label.clone() }),
                            Cell::Number(n.size),
                            Cell::Number(f64::from(degree)),
                        ]
                    })
                    .collect(),
            )
        }
        ChartKind::Timeline { kinds, lanes, entries, .. } => {
            let text = |names: &[Text], i: usize| names.get(i).map_or(Cell::Missing, |name| Cell::Text(name.clone()));
            // in the order of the drawing: by lane, then by time
            let mut order: Vec<&strategy::TimelineEntry> = entries.iter().collect();
            order.sort_by(|a, b| a.lane.cmp(&b.lane).then(a.start.total_cmp(&b.start)));
            (
                vec![
                    column("Date", "日期", None),
                    column("Entry", "事项", None),
                    column("Row", "所在行", None),
                    column("Kind", "类型", None),
                ],
                order
                    .into_iter()
                    .map(|e| vec![Cell::Text(e.when.clone()), Cell::Text(e.label.clone()), text(lanes, e.lane), text(kinds, e.kind)])
                    .collect(),
            )
        }
    };
    Table { id: chart.id.clone(), title: chart.title.clone(), columns, rows, note: chart.caption.clone() }
}
