//! Draws a dossier: HTML, Markdown, JSON and workbook, charts as SVG.

mod axis;
mod chart_bars;
mod chart_flow;
mod chart_heat_map;
mod chart_lines;
mod chart_map;
mod chart_scatter;
mod colour;
mod drawing;
mod number;
mod svg;
mod text_width;

pub use number::format_number;
pub use svg::{ChartStyle, svg};
