use super::pattern::{Pattern, any};
use super::table_rows::SheetHead;
use crate::error::unknown;
use crate::{Problem, StoreError};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::Path;

/// The editions compiled in, most particular first: the first whose description fits a header is taken.
const COMPILED_IN: &[(&str, &str)] = &[
    ("wiod-2013-r", include_str!("../../editions/wiod-2013-r.toml")),
    ("wiod-2013", include_str!("../../editions/wiod-2013.toml")),
    ("wiod-2016", include_str!("../../editions/wiod-2016.toml")),
    ("wiod-2016-r", include_str!("../../editions/wiod-2016-r.toml")),
    ("adb-mrio", include_str!("../../editions/adb-mrio.toml")),
    ("ceads-provincial", include_str!("../../editions/ceads-provincial.toml")),
    ("cn-provincial", include_str!("../../editions/cn-provincial.toml")),
    ("cn-interregional", include_str!("../../editions/cn-interregional.toml")),
    ("cn-national-imports-apart", include_str!("../../editions/cn-national-imports-apart.toml")),
    ("cn-national-sheet", include_str!("../../editions/cn-national-sheet.toml")),
    ("cn-national", include_str!("../../editions/cn-national.toml")),
    ("oecd-national", include_str!("../../editions/oecd-national.toml")),
    ("finland-regional", include_str!("../../editions/finland-regional.toml")),
    ("icio-2016", include_str!("../../editions/icio-2016.toml")),
    ("icio", include_str!("../../editions/icio.toml")),
    ("figaro", include_str!("../../editions/figaro.toml")),
    ("exiobase3", include_str!("../../editions/exiobase3.toml")),
    ("eora26", include_str!("../../editions/eora26.toml")),
    ("gloria", include_str!("../../editions/gloria.toml")),
    ("io-csv-two-labels", include_str!("../../editions/io-csv-two-labels.toml")),
    ("io-csv-label", include_str!("../../editions/io-csv-label.toml")),
];

/// How an edition of an input-output database is laid out: what a schema file (TOML) says.
///
/// The files of `crates/store/editions` are compiled in; a user adds one with `--edition FILE.toml`. See `docs/guide/chain-data.md`.
///
/// ```
/// use xinzhi_store::Edition;
/// let names: Vec<String> = Edition::compiled_in()?.into_iter().map(|edition| edition.name).collect();
/// assert!(names.contains(&"icio".to_string()));
/// assert!(Edition::parse("name = \"mine\"").is_err());
/// # Ok::<(), xinzhi_store::StoreError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Edition {
    /// The edition's name, e.g. `icio`.
    pub name: String,
    /// The command's word for the database: `icio`, `figaro`, `exiobase3`, ...
    pub family: String,
    /// The title a reader sees.
    pub title: String,
    /// Who publishes it.
    pub publisher: String,
    /// The system that tables of it belong to in a workspace; the name when absent.
    #[serde(default)]
    system: Option<String>,
    /// The unit of all values.
    pub unit: String,
    /// What a reader of its tables must know.
    #[serde(default)]
    pub note: String,
    /// The terms of the publisher, where known.
    #[serde(default)]
    pub licence: String,
    /// Where the tables are published.
    #[serde(default)]
    pub url: String,
    /// How the files are laid out.
    pub layout: Layout,
    /// Whether several sheets of one file are the regions of one table, each a block of its own without deliveries to the others.
    #[serde(default)]
    pub(crate) stack: bool,
    /// By what a header is recognised.
    #[serde(default)]
    pub(crate) detect: Detect,
    /// Where labels stand and how they split.
    #[serde(default)]
    pub(crate) labels: LabelRules,
    /// What columns are.
    #[serde(default)]
    pub(crate) columns: ColumnRules,
    /// What rows are.
    #[serde(default)]
    pub(crate) rows: RowRules,
    /// Regions under another name in the files → the name they get.
    #[serde(default)]
    pub(crate) regions: BTreeMap<String, String>,
    /// Regions published in parts → the parts.
    #[serde(default)]
    pub(crate) splits: BTreeMap<String, Vec<String>>,
    /// The repairs made unless switched off, as `name` or `name=choice`.
    #[serde(default)]
    pub(crate) repairs: Vec<String>,
    /// How far sums may be from the stated totals.
    #[serde(default)]
    pub(crate) balance: BalanceRules,
    /// Where the year stands.
    #[serde(default)]
    pub(crate) period: PeriodRules,
}

/// How the files of an edition are laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Layout {
    /// One sheet (text or a workbook's) with header rows, label columns, industries, final demand, primary inputs and totals.
    LabelledSheet,
    /// A folder or zip of labelled tab-separated matrices (`Z.txt` or `A.txt`, `Y.txt`, `x.txt`, extensions in folders).
    Exiobase,
    /// A folder or zip of matrices without labels beside files of labels (`*_T.txt`, `*_FD.txt`, `labels_T.txt`, ...).
    Eora,
    /// Supply-use tables without labels, industries and products in turn for every region, labels in a workbook.
    Gloria,
}

/// Patterns a header must and must not hold, each tested on every cell of the first rows.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Detect {
    pub(crate) have: Vec<Pattern>,
    pub(crate) lack: Vec<Pattern>,
    /// The first data cell of the first header row below: the first cell that matches says where the table begins.
    pub(crate) anchor: Vec<Pattern>,
    /// Which header row (from 0) the anchor stands in.
    pub(crate) anchor_row: usize,
    /// Patterns of the sheets' names, where a workbook has several; any when empty.
    pub(crate) sheet: Vec<Pattern>,
}

/// What a header row or label column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum LabelRole {
    /// Region and sector in one.
    Label,
    Region,
    Sector,
    /// A name that stands for the sector where the sector's cell is empty.
    Name,
    /// Where the goods of a row come from: what is not named in `domestic` is put before the sector (`Imports 01`).
    Origin,
    /// Not needed.
    Ignore,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum SplitAt {
    #[default]
    First,
    Last,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum LabelOrder {
    #[default]
    RegionFirst,
    RegionLast,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct LabelRules {
    /// The header rows, from the top.
    pub(crate) header_rows: Vec<LabelRole>,
    /// The label columns, from the left; they end where the anchor stands.
    pub(crate) label_columns: Vec<LabelRole>,
    pub(crate) separator: String,
    pub(crate) split: SplitAt,
    pub(crate) order: LabelOrder,
    /// In columns of final demand.
    pub(crate) final_demand_order: Option<LabelOrder>,
    /// Empty cells take the label before them (merged cells).
    pub(crate) fill: Vec<LabelRole>,
    /// The region of rows and columns without one (single-region tables).
    pub(crate) region: Option<String>,
    /// Where in the sheet's name that region stands: `??{region}` finds Beijing in `01Beijing`.
    pub(crate) region_in_sheet: Option<String>,
    /// Characters left out at the beginning of an industry's sector (`A001`, where A is the region).
    pub(crate) sector_skip: usize,
    /// Words in a column of origin that say a row is of home-made goods, or of all.
    pub(crate) domestic: Vec<String>,
}

impl Default for LabelRules {
    fn default() -> Self {
        LabelRules {
            header_rows: vec![LabelRole::Label],
            label_columns: vec![LabelRole::Label],
            separator: "_".to_owned(),
            split: SplitAt::default(),
            order: LabelOrder::default(),
            final_demand_order: None,
            fill: Vec::new(),
            region: None,
            region_in_sheet: None,
            sector_skip: 0,
            domestic: Vec::new(),
        }
    }
}

/// A column of final demand: its pattern alone, or with the region and category it gets.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub(crate) enum FinalDemandRule {
    Category(Pattern),
    Named { label: Pattern, region: Option<String>, category: Option<String> },
}

impl FinalDemandRule {
    pub(crate) fn pattern(&self) -> &Pattern {
        match self {
            FinalDemandRule::Category(pattern) | FinalDemandRule::Named { label: pattern, .. } => pattern,
        }
    }
}

/// Patterns of columns, tested on the whole label and on the sector or category alone; what matches none is an industry.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct ColumnRules {
    pub(crate) final_demand: Vec<FinalDemandRule>,
    /// Those of them that are published above zero and taken from the others (imports).
    pub(crate) subtracted: Vec<Pattern>,
    /// Row totals: intermediate and final deliveries together.
    pub(crate) output: Vec<Pattern>,
    /// Sums of intermediate deliveries.
    pub(crate) intermediate: Vec<Pattern>,
    /// Sums of final deliveries.
    pub(crate) final_total: Vec<Pattern>,
    /// A statistical discrepancy.
    pub(crate) discrepancy: Vec<Pattern>,
    pub(crate) ignored: Vec<Pattern>,
}

/// A row of primary inputs.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PrimaryRule {
    pub(crate) label: Pattern,
    /// `value-added`, `taxes`, `imports`, `adjustment`.
    pub(crate) kind: String,
}

/// A row of flows that are no deliveries.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ExtensionRule {
    pub(crate) label: Pattern,
    pub(crate) name: String,
    pub(crate) unit: String,
}

/// Patterns of rows; what matches none is an industry.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct RowRules {
    pub(crate) primary: Vec<PrimaryRule>,
    /// Flows that are no deliveries (emissions, jobs).
    pub(crate) extensions: Vec<ExtensionRule>,
    /// Column totals: deliveries and primary inputs together.
    pub(crate) output: Vec<Pattern>,
    /// Sums of the deliveries.
    pub(crate) intermediate: Vec<Pattern>,
    /// Sums of the primary inputs.
    pub(crate) primary_total: Vec<Pattern>,
    pub(crate) ignored: Vec<Pattern>,
}

/// A sum may differ from the stated total by `absolute + relative · |total|`.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct BalanceRules {
    pub(crate) relative: f64,
    pub(crate) absolute: f64,
    /// Whether inputs and primary inputs of an industry must add up to its output.
    pub(crate) columns: bool,
}

impl Default for BalanceRules {
    fn default() -> Self {
        BalanceRules { relative: 1e-4, absolute: 1e-3, columns: true }
    }
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum WhichYear {
    First,
    #[default]
    Last,
}

/// Where the year of a table is looked for after `--period`: above the header, in the sheet's name, in the file's name.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct PeriodRules {
    /// Whether years in the rows above the header count.
    pub(crate) above_header: bool,
    pub(crate) sheet: bool,
    /// Which of several years in a file's name.
    pub(crate) file: WhichYear,
    /// A prefix before two digits in the file's name (`wiot` in `wiot95_row.xlsx`).
    pub(crate) two_digits_after: Option<String>,
}

impl Default for PeriodRules {
    fn default() -> Self {
        PeriodRules { above_header: false, sheet: true, file: WhichYear::Last, two_digits_after: None }
    }
}

/// Most cells of the first rows are numbers, which need not be compared with patterns. Short ones may be codes (`01.13`).
fn is_number(text: &str) -> bool {
    text.len() > 7 && super::number_text::number(text.as_bytes()).is_some_and(|(_, used)| used == text.len()) && text.contains('.')
}

impl Edition {
    /// The editions compiled in, in the order in which a header is compared with them.
    ///
    /// # Errors
    /// [`Problem::Schema`] if a compiled-in file does not read, which the tests rule out.
    pub fn compiled_in() -> Result<Vec<Edition>, StoreError> {
        COMPILED_IN.iter().map(|(name, text)| Edition::parse(text).map_err(|error| error.file(format!("{name}.toml")))).collect()
    }

    /// An edition from the text of a schema file.
    ///
    /// # Errors
    /// [`Problem::Schema`] naming the line and what is wrong with it.
    pub fn parse(text: &str) -> Result<Edition, StoreError> {
        let edition: Edition = toml::from_str(text).map_err(|error| {
            let line = error.span().map_or(1, |span| text[..span.start.min(text.len())].matches('\n').count() as u64 + 1);
            StoreError::new(Problem::Schema, format!("the edition does not read as one: {}", error.message())).line(line)
        })?;
        let refuse = |what: &str| Err(StoreError::new(Problem::Schema, format!("edition `{}`: {what}", edition.name)));
        let id = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-".contains(&b));
        if !id(&edition.name) || !id(edition.system()) {
            return refuse("name and system are letters, digits, _ and -");
        }
        let rules = &edition.labels;
        for (what, roles) in [("header_rows", &rules.header_rows), ("label_columns", &rules.label_columns)] {
            let holds = |role| roles.contains(&role);
            let region = holds(LabelRole::Region) || rules.region.is_some() || rules.region_in_sheet.is_some();
            if edition.layout == Layout::LabelledSheet && !holds(LabelRole::Label) && !(holds(LabelRole::Sector) && region) {
                return refuse(&format!("{what} must hold `label`, or `region` and `sector`"));
            }
        }
        if edition.layout == Layout::LabelledSheet && (edition.detect.have.is_empty() || edition.detect.anchor.is_empty()) {
            return refuse("[detect] needs `have` (what the header holds) and `anchor` (its first data cell)");
        }
        if edition.detect.anchor_row >= rules.header_rows.len().max(1) {
            return refuse("anchor_row is not one of the header rows");
        }
        if rules.separator.is_empty() {
            return refuse("the separator is empty");
        }
        super::repairs::Repairs::choose(&edition.repairs, &[], &[])?;
        Ok(edition)
    }

    /// An edition by the name of a compiled-in one, or by the path of a schema file.
    ///
    /// # Errors
    /// [`Problem::Unknown`] listing the editions there are, [`Problem::Schema`] for a file that does not read as one.
    pub fn find(name: &str) -> Result<Edition, StoreError> {
        if Path::new(name).extension().is_some_and(|ending| ending.eq_ignore_ascii_case("toml")) {
            let text = std::fs::read_to_string(name)
                .map_err(|error| StoreError::new(Problem::Input, format!("the edition cannot be read: {error}")).file(name))?;
            return Edition::parse(&text).map_err(|error| error.file(name));
        }
        match COMPILED_IN.iter().find(|(known, _)| *known == name) {
            Some((_, text)) => Edition::parse(text),
            None => Err(unknown("edition", name, COMPILED_IN.iter().map(|(known, _)| *known))),
        }
    }

    /// The system that tables of this edition belong to in a workspace.
    pub fn system(&self) -> &str {
        self.system.as_deref().unwrap_or(&self.name)
    }

    /// Whether a header is this edition's.
    pub(crate) fn fits(&self, head: &SheetHead) -> bool {
        if self.layout != Layout::LabelledSheet {
            return false;
        }
        let texts = || head.rows.iter().flatten().filter_map(|cell| cell.text()).filter(|text| !is_number(text));
        self.layout == Layout::LabelledSheet
            && self.detect.have.iter().all(|pattern| texts().any(|text| pattern.matches(text)))
            && !texts().any(|text| any(&self.detect.lack, &[text]))
            && (self.detect.sheet.is_empty() || head.sheet.as_deref().is_none_or(|sheet| any(&self.detect.sheet, &[sheet])))
    }

    /// Region and sector of a label: `None` when it does not split.
    pub(crate) fn split<'a>(&self, label: &'a str, order: LabelOrder) -> Option<(&'a str, &'a str)> {
        let separator = self.labels.separator.as_str();
        let (first, second) = match self.labels.split {
            SplitAt::First => label.split_once(separator)?,
            SplitAt::Last => label.rsplit_once(separator)?,
        };
        let (region, sector) = if order == LabelOrder::RegionFirst { (first, second) } else { (second, first) };
        (!region.is_empty() && !sector.is_empty()).then_some((region, sector))
    }

    /// The region that a sheet's name gives, where the edition says how.
    pub(crate) fn region_of_sheet(&self, sheet: &str) -> Option<String> {
        let (before, after) = self.labels.region_in_sheet.as_deref()?.split_once("{region}")?;
        let (before, after) = (Pattern::new(before), Pattern::new(after));
        let places: Vec<usize> = sheet.char_indices().map(|(at, _)| at).chain([sheet.len()]).collect();
        // the longest name between what stands before and behind it
        places.iter().filter(|start| before.matches(&sheet[..**start])).find_map(|start| {
            let ends = places.iter().rev().take_while(|end| *end > start);
            ends.into_iter().find(|end| after.matches(&sheet[**end..])).map(|end| self.region(sheet[*start..*end].trim()))
        })
    }

    /// The name a region gets.
    pub(crate) fn region(&self, name: &str) -> String {
        self.regions.get(name).map_or(name, String::as_str).to_owned()
    }
}
