use frame::{Figure, Period, Text};
use serde::{Deserialize, Serialize};

/// The version of the dossier's published schema (`docs/dossier.schema.json`).
pub const SCHEMA_VERSION: u32 = 1;

/// Everything the engine has to say about one place: a plain value, in both languages, with the evidence of every figure.
/// `report` draws it; nothing is computed after this point.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Dossier {
    /// [`SCHEMA_VERSION`].
    pub schema_version: u32,
    /// The version of the engine that computed it.
    pub engine: String,
    /// The name of the workspace.
    pub workspace: String,
    /// The place.
    pub place: PlaceHeader,
    /// One screen of plain language: each sentence with the figures it quotes.
    pub summary: Vec<Sentence>,
    /// The few numbers that stand at the top.
    pub headline: Vec<String>,
    /// What to transform, foster and build.
    pub strands: Vec<Strand>,
    /// The layers, in reading order.
    pub sections: Vec<Section>,
    /// Every figure quoted anywhere, sorted by id.
    pub figures: Vec<Figure>,
    /// The sources behind the tables used, sorted by id.
    pub sources: Vec<Source>,
    /// What a reader must know about the data and methods as a whole.
    pub limits: Vec<Text>,
}

/// Which place the dossier is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlaceHeader {
    /// ISO code.
    pub code: String,
    /// Name.
    pub name: Text,
    /// `country`, `province` or `aggregate`.
    pub level: String,
    /// The parent's name, for a province.
    pub parent: Option<Text>,
}

/// A sentence and the ids of the figures it quotes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Sentence {
    /// The sentence.
    pub text: Text,
    /// Figure ids.
    pub figures: Vec<String>,
}

/// One of the three strands (transform, foster, build).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Strand {
    /// `transform`, `foster` or `build`.
    pub id: String,
    /// Title.
    pub title: Text,
    /// The rule that put items here, in words and numbers.
    pub rule: Text,
    /// The items, best first.
    pub items: Vec<StrandItem>,
    /// Why the list is empty or short, where it is.
    pub missing: Option<Text>,
}

/// One recommended activity with the numbers that put it there.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StrandItem {
    /// Scheme of the code.
    pub scheme: String,
    /// Code of the activity.
    pub code: String,
    /// Its name.
    pub name: Text,
    /// Listed industries it belongs to (ids and names).
    pub listed: Vec<(String, Text)>,
    /// One line: what the numbers say.
    pub reason: Text,
    /// The numbers.
    pub metrics: Vec<Metric>,
    /// Held activities it is nearest to (for `transform`: where the capability could move).
    pub near: Vec<Text>,
    /// What stands behind it besides: who made the same entry and when, how often a model was right at its probability.
    pub evidence: Vec<Text>,
}

/// A named number of a strand item.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Metric {
    /// Short label.
    pub label: Text,
    /// The value.
    pub value: f64,
    /// How to print it.
    pub format: Format,
}

/// How a number in a table or chart is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// A share of 1 as percent with one decimal.
    Percent,
    /// With the given decimals.
    Decimal(u8),
    /// Whole number with thousands separators.
    Whole,
    /// US dollars, shortened (billion, 亿).
    Usd,
    /// A year, without separators.
    Year,
}

/// One layer of the dossier.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Section {
    /// `technology`, `industry`, `chain`, `enablers`, `policy`, `structure`.
    pub id: String,
    /// Title.
    pub title: Text,
    /// Paragraphs of plain language, each with its figures.
    pub text: Vec<Sentence>,
    /// Charts.
    pub charts: Vec<Chart>,
    /// Tables.
    pub tables: Vec<Table>,
    /// One sentence for everything that could not be said, and why.
    pub missing: Vec<Text>,
    /// Year and source of the layer, printed under its title.
    pub source_line: Text,
}

/// A chart: what to draw, not how. `caption` carries year and source.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Chart {
    /// Unique in the dossier.
    pub id: String,
    /// Title: what the reader should see.
    pub title: Text,
    /// Year, source, how to read it.
    pub caption: Text,
    /// The content.
    pub kind: ChartKind,
}

/// The content of a chart.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ChartKind {
    /// Points in a plane, sized and coloured by group.
    Scatter {
        /// Horizontal axis title.
        x_label: Text,
        /// Vertical axis title.
        y_label: Text,
        /// How x values are printed.
        x_format: Format,
        /// How y values are printed.
        y_format: Format,
        /// Names of the groups points refer to.
        groups: Vec<Text>,
        /// The points.
        points: Vec<Point>,
    },
    /// Horizontal bars, one row a label, stacked when there is more than one series. Negative values go left of zero.
    Bars {
        /// How values are printed.
        format: Format,
        /// Names of the series.
        series: Vec<Text>,
        /// Rows, top first.
        rows: Vec<BarRow>,
    },
    /// Flows between columns of nodes (a Sankey diagram), left to right.
    Flow {
        /// How values are printed.
        format: Format,
        /// Nodes.
        nodes: Vec<FlowNode>,
        /// Links between nodes, by index.
        links: Vec<FlowLink>,
    },
    /// A grid of coloured cells.
    HeatMap {
        /// Row labels.
        rows: Vec<Text>,
        /// Column labels.
        columns: Vec<Text>,
        /// Values, one list a row; absent cells are drawn hatched.
        values: Vec<Vec<Option<f64>>>,
        /// The value drawn neutral: below is cool, above is warm.
        midpoint: f64,
        /// How values are printed.
        format: Format,
    },
    /// Lines over years.
    Lines {
        /// The years.
        years: Vec<i32>,
        /// How values are printed.
        format: Format,
        /// The lines.
        series: Vec<LineSeries>,
    },
    /// Shapes coloured by value.
    Map {
        /// What the colour means.
        legend: Text,
        /// How values are printed.
        format: Format,
        /// `world` or `china`.
        projection: String,
        /// The shapes.
        shapes: Vec<MapShape>,
    },
    /// A network drawn where its nodes were placed: sized by area, coloured by group, strong where the place has them and pale where not.
    Network {
        /// What the area of a node means.
        size_label: Text,
        /// How sizes are printed.
        size_format: Format,
        /// What a strongly drawn node means ("China has it").
        present_label: Text,
        /// What a pale node means.
        absent_label: Text,
        /// Names of the groups nodes refer to.
        groups: Vec<Text>,
        /// Width and height of the box that the positions lie in.
        frame: (f64, f64),
        /// The nodes.
        nodes: Vec<NetworkNode>,
        /// The links.
        links: Vec<NetworkLink>,
    },
    /// Dated entries in lanes, coloured by kind: a dot for a day, a bar for what stands for a period, an arrow where no end is known.
    Timeline {
        /// Names of the kinds entries refer to.
        kinds: Vec<Text>,
        /// Names of the lanes, top first.
        lanes: Vec<Text>,
        /// The last day the data speak of, as a year with a fraction ([`year_of_day`]): marked, and what stands without an end is drawn to it.
        known_to: Option<f64>,
        /// The entries.
        entries: Vec<TimelineEntry>,
    },
}

/// A point of a scatter.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Point {
    /// Its name, drawn only when `labelled`, shown on hover always.
    pub label: Text,
    /// Horizontal value.
    pub x: f64,
    /// Vertical value.
    pub y: f64,
    /// Area of the mark, relative to the largest.
    pub size: f64,
    /// Index into the groups.
    pub group: usize,
    /// Drawn with its label.
    pub labelled: bool,
}

/// A node of a network.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NetworkNode {
    /// Code of the activity.
    pub code: String,
    /// Its name, drawn only when `labelled` and where there is room, shown on hover always.
    pub label: Text,
    /// From the left edge of the frame.
    pub x: f64,
    /// From its upper edge.
    pub y: f64,
    /// Radius in the unit of the frame; positions were chosen so that circles of this radius do not overlap.
    pub radius: f64,
    /// What the area stands for.
    pub size: f64,
    /// Index into the groups.
    pub group: usize,
    /// The place has it.
    pub present: bool,
    /// Its name is wanted in the drawing.
    pub labelled: bool,
}

/// A link of a network.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NetworkLink {
    /// Index of one node.
    pub from: usize,
    /// Index of the other.
    pub to: usize,
    /// How related they are.
    pub weight: f64,
    /// Part of the spanning tree: drawn stronger.
    pub in_tree: bool,
}

/// An entry of a timeline. Days are years with a fraction ([`year_of_day`]).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TimelineEntry {
    /// What happened or stands.
    pub label: Text,
    /// Its dates as they are known, for reading: `2009`, `2023-10-01`, `2021-03-12 to 2025-12-31`.
    pub when: Text,
    /// Index into the lanes.
    pub lane: usize,
    /// Index into the kinds.
    pub kind: usize,
    /// First day.
    pub start: f64,
    /// The end of its last day that is known; absent for a single day, or where it stands without an end.
    pub end: Option<f64>,
    /// It goes on after `end`, or has no end, or what follows is not known.
    pub open: bool,
}

/// A day as a year with a fraction: 1 January is the whole year, each later day adds its part of the year's 365 or 366 days. Months are
/// 1 to 12, days from 1; the end of a day is the start of the next, which day 32 of a month of 31 days also says.
///
/// ```
/// assert_eq!(xinzhi_strategy::year_of_day(2024, 1, 1), 2024.0);
/// assert_eq!(xinzhi_strategy::year_of_day(2024, 7, 1), 2024.0 + 182.0 / 366.0);
/// assert_eq!(xinzhi_strategy::year_of_day(2025, 12, 32), 2026.0);
/// ```
pub fn year_of_day(year: i32, month: u32, day: u32) -> f64 {
    let leap = u32::from(year % 4 == 0 && (year % 100 != 0 || year % 400 == 0));
    let before = MONTHS.iter().take(month.clamp(1, 12) as usize - 1).sum::<u32>() + if month > 2 { leap } else { 0 };
    f64::from(year) + f64::from(before + day.max(1) - 1) / f64::from(365 + leap)
}

/// The day in which a year with a fraction falls, the inverse of [`year_of_day`]: year, month, day.
///
/// ```
/// assert_eq!(xinzhi_strategy::day_of_year(xinzhi_strategy::year_of_day(2024, 2, 29)), (2024, 2, 29));
/// ```
pub fn day_of_year(time: f64) -> (i32, u32, u32) {
    // a thousandth of a day, so that what was rounded down in the fraction does not fall into the day before
    let time = time + 1e-3 / 366.0;
    let year = time.floor() as i32;
    let month = (1..=12).rev().find(|month| year_of_day(year, *month, 1) <= time).unwrap_or(1);
    let day = (1..=31).rev().find(|day| year_of_day(year, month, *day) <= time).unwrap_or(1);
    (year, month, day)
}

const MONTHS: [u32; 12] = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/// A row of bars.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BarRow {
    /// Row label.
    pub label: Text,
    /// One value a series.
    pub values: Vec<Option<f64>>,
    /// Drawn in a stronger colour.
    pub highlighted: bool,
}

/// A node of a flow.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FlowNode {
    /// Name.
    pub label: Text,
    /// Column from the left, from 0.
    pub column: usize,
}

/// A link of a flow.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FlowLink {
    /// Index of the node it leaves.
    pub from: usize,
    /// Index of the node it reaches.
    pub to: usize,
    /// Its size.
    pub value: f64,
}

/// One line.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LineSeries {
    /// Name.
    pub label: Text,
    /// One value a year.
    pub values: Vec<Option<f64>>,
    /// Drawn in a stronger colour.
    pub highlighted: bool,
}

/// A shape of a map.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MapShape {
    /// Place code.
    pub place: String,
    /// Name.
    pub label: Text,
    /// Rings of longitude and latitude in degrees.
    pub rings: Vec<Vec<(f32, f32)>>,
    /// Colour value; absent is drawn grey.
    pub value: Option<f64>,
    /// The dossier's own place: drawn with an outline.
    pub highlighted: bool,
}

/// A table.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Table {
    /// Unique in the dossier.
    pub id: String,
    /// Title.
    pub title: Text,
    /// Columns.
    pub columns: Vec<Column>,
    /// Rows.
    pub rows: Vec<Vec<Cell>>,
    /// Year, source, conventions.
    pub note: Text,
}

/// A column of a table.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Column {
    /// Header.
    pub label: Text,
    /// How its numbers are printed; absent for a column of text.
    pub format: Option<Format>,
}

/// A cell of a table.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Cell {
    /// A number.
    Number(f64),
    /// Text.
    Text(Text),
    /// Nothing known.
    Missing,
}

/// A source behind the tables used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Source {
    /// Id in the manifest.
    pub id: String,
    /// Who made the data.
    pub producer: String,
    /// What it is called.
    pub title: String,
    /// Which edition.
    pub vintage: String,
    /// Under which licence.
    pub licence: String,
    /// `stated` (read at the source) or `expected` (not read).
    pub licence_status: String,
    /// How to cite it.
    pub citation: String,
    /// Where it is.
    pub url: String,
    /// Tables of this dossier made from it.
    pub tables: Vec<String>,
}

/// The years a section speaks of, for its source line.
pub fn period_list(periods: &[Period]) -> String {
    let mut sorted: Vec<Period> = periods.to_vec();
    sorted.sort();
    sorted.dedup();
    sorted.iter().map(Period::to_string).collect::<Vec<_>>().join(", ")
}
