//! Draws a dossier. Nothing is computed here: a `strategy::Dossier` goes in, a document comes out, the same bytes every time.
//!
//! * [`html`]: one self-contained page, for a screen of any width and for A4;
//! * [`markdown`], [`json`], [`workbook`]: for an editor, a program, a spreadsheet;
//! * [`summary_for_terminal`]: the first screen, as plain text;
//! * [`svg`]: one chart;
//! * [`calendar`]: dated entries for a calendar program;
//! * [`format_number`]: how a number of a table or chart is printed.

mod axis;
mod calendar;
mod chart_bars;
mod chart_data;
mod chart_flow;
mod chart_heat_map;
mod chart_lines;
mod chart_map;
mod chart_network;
mod chart_scatter;
mod chart_timeline;
mod colour;
mod drawing;
mod error;
mod html;
mod json;
mod markdown;
mod number;
mod svg;
mod terminal;
mod text_width;
mod wording;
mod workbook;

pub use calendar::{CalendarEntry, Day, calendar, timeline_calendar};
pub use error::ReportError;
pub use html::{chart_page, html};
pub use json::json;
pub use markdown::markdown;
pub use number::format_number;
pub use svg::{ChartStyle, svg};
pub use terminal::summary_for_terminal;
pub use workbook::workbook;
