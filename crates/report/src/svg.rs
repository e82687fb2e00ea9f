use crate::chart_heat_map::HeatMap;
use crate::chart_map::Map;
use crate::chart_network::Network;
use crate::chart_scatter::Scatter;
use crate::chart_timeline::Timeline;
use crate::colour::{INK, MUTED};
use crate::drawing::{Anchor, Drawing};
use crate::text_width::wrap;
use crate::{chart_bars, chart_flow, chart_heat_map, chart_lines, chart_map, chart_network, chart_scatter, chart_timeline};
use frame::Language;
use strategy::{Chart, ChartKind};

/// How a chart is drawn.
#[derive(Debug, Clone, PartialEq)]
pub struct ChartStyle {
    /// Width of the drawing in its own units (pixels at full size). Text is 13 or 14 high: below 520 a chart rearranges itself for a phone.
    pub width: f64,
    /// Draw title and caption inside: for a chart that stands alone, in a file or on a slide.
    pub heading: bool,
    /// Give every mark a title to show on hover. Costs a hundred bytes a mark.
    pub hover: bool,
}

impl Default for ChartStyle {
    /// A chart that stands alone: 720 wide, with heading and hover titles.
    fn default() -> Self {
        ChartStyle { width: 720.0, heading: true, hover: true }
    }
}

/// A chart as one SVG element; the empty string when the chart has nothing to show (never an empty frame).
///
/// ```
/// use frame::{Language, Text};
/// use strategy::{BarRow, Chart, ChartKind, Format};
/// use xinzhi_report::{ChartStyle, svg};
/// let mut chart = Chart {
///     id: "shares".into(),
///     title: Text::new("Shares", "份额"),
///     caption: Text::new("An example", "示例"),
///     kind: ChartKind::Bars {
///         format: Format::Percent,
///         series: vec![Text::new("share", "份额")],
///         rows: vec![BarRow { label: Text::same("A < B"), values: vec![Some(0.25)], highlighted: false }],
///     },
/// };
/// let drawn = svg(&chart, Language::En, &ChartStyle::default());
/// assert!(drawn.starts_with("<svg") && drawn.contains("25.0%") && drawn.contains("A &lt; B"));
/// chart.kind = ChartKind::Bars { format: Format::Percent, series: vec![], rows: vec![] };
/// assert_eq!(svg(&chart, Language::En, &ChartStyle::default()), "");
/// ```
pub fn svg(chart: &Chart, language: Language, style: &ChartStyle) -> String {
    let width = if style.width.is_finite() { style.width.clamp(280.0, 4000.0) } else { ChartStyle::default().width };
    let mut drawing = Drawing::new(&format!("{}-{width:.0}", chart.id), width, style.hover, language);
    let mut top = 2.0;
    if style.heading {
        for line in wrap(chart.title.get(language), 18.0, width, 3) {
            drawing.text((0.0, top + 18.0), Anchor::Start, 18.0, INK, r#"font-weight="700""#, &line);
            top += 24.0;
        }
        top += 6.0;
    }
    let end = match &chart.kind {
        ChartKind::Scatter { x_label, y_label, x_format, y_format, groups, points } => {
            let scatter = Scatter { x_label, y_label, x_format: *x_format, y_format: *y_format, groups, points };
            chart_scatter::draw(&mut drawing, top, &scatter)
        }
        ChartKind::Bars { format, series, rows } => chart_bars::draw(&mut drawing, top, *format, series, rows),
        ChartKind::Flow { format, nodes, links } => chart_flow::draw(&mut drawing, top, *format, nodes, links),
        ChartKind::HeatMap { rows, columns, values, midpoint, format } => {
            chart_heat_map::draw(&mut drawing, top, &HeatMap { rows, columns, values, midpoint: *midpoint, format: *format })
        }
        ChartKind::Lines { years, format, series } => chart_lines::draw(&mut drawing, top, years, *format, series),
        ChartKind::Map { legend, format, projection, shapes } => {
            chart_map::draw(&mut drawing, top, &Map { legend, format: *format, projection, shapes })
        }
        ChartKind::Network { size_label, size_format, present_label, absent_label, groups, frame, nodes, links } => {
            let network =
                Network { size_label, size_format: *size_format, present_label, absent_label, groups, frame: *frame, nodes, links };
            chart_network::draw(&mut drawing, top, &network)
        }
        ChartKind::Timeline { kinds, lanes, known_to, entries } => {
            chart_timeline::draw(&mut drawing, top, &Timeline { kinds, lanes, known_to: *known_to, entries })
        }
    };
    let Some(mut bottom) = end else { return String::new() };
    if style.heading {
        for line in wrap(chart.caption.get(language), 12.0, width, 8) {
            drawing.text((0.0, bottom + 18.0), Anchor::Start, 12.0, MUTED, "", &line);
            bottom += 16.0;
        }
        bottom += 10.0;
    }
    drawing.finish(bottom, chart.title.get(language))
}
