use super::edition::{Edition, FinalDemandRule, LabelOrder, LabelRole};
use super::pattern::any;
use super::published::{DraftTable, PrimaryInput, PublishedExtension};
use super::table_rows::{Peeked, TableRows};
use crate::{Problem, StoreError};
use std::collections::{HashMap, HashSet};

/// What a column of the sheet is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Target {
    Industry,
    FinalDemand,
    Output,
    Intermediate,
    FinalTotal,
    Discrepancy,
    Ignored,
}

/// Columns side by side that are the same thing: `len` of the sheet from `from`, to the positions from `to`.
#[derive(Debug, Clone, Copy)]
struct Run {
    target: Target,
    from: usize,
    to: usize,
    len: usize,
}

/// A label as it stands and as it splits.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Label {
    /// As it stands, or the parts joined by the separator.
    whole: String,
    region: String,
    sector: String,
    splits: bool,
}

impl Label {
    /// What names a row or column that is no industry: without a region before it, which says nothing (`TOT r64`, the region of a table of
    /// one), unless both are one text.
    fn bare(&self, roles: &[LabelRole]) -> String {
        if roles.contains(&LabelRole::Label) || self.sector.is_empty() { self.whole.clone() } else { self.sector.clone() }
    }

    /// The texts patterns are tested on.
    fn texts(&self) -> [&str; 2] {
        [&self.whole, if self.splits { &self.sector } else { &self.whole }]
    }
}

/// Joins the cells of one header column or of one row's label columns.
fn label(edition: &Edition, roles: &[LabelRole], cells: &[String], order: LabelOrder) -> Label {
    let find = |role: LabelRole| roles.iter().zip(cells).find(|(known, cell)| **known == role && !cell.is_empty()).map(|(_, cell)| cell);
    if let Some(whole) = find(LabelRole::Label) {
        return match (edition.split(whole, order), &edition.labels.region) {
            (_, Some(region)) if !roles.contains(&LabelRole::Region) => {
                Label { whole: whole.clone(), region: region.clone(), sector: whole.clone(), splits: true }
            }
            (Some((region, sector)), _) => {
                Label { whole: whole.clone(), region: region.to_owned(), sector: sector.to_owned(), splits: true }
            }
            (None, _) => Label { whole: whole.clone(), region: String::new(), sector: String::new(), splits: false },
        };
    }
    let own = find(LabelRole::Region).cloned().unwrap_or_default();
    let region = if own.is_empty() { edition.labels.region.clone().unwrap_or_default() } else { own.clone() };
    let sector = find(LabelRole::Sector).or_else(|| find(LabelRole::Name)).cloned().unwrap_or_default();
    let sector = match find(LabelRole::Origin) {
        Some(origin) if !sector.is_empty() && !edition.labels.domestic.contains(origin) => format!("{origin} {sector}"),
        _ => sector,
    };
    match (region.is_empty(), sector.is_empty()) {
        (false, false) => {
            let whole = format!("{region}{}{sector}", edition.labels.separator);
            Label { whole, region, sector, splits: true }
        }
        // totals and primary inputs often stand under one of the two alone
        _ => Label { whole: format!("{own}{sector}"), region, sector, splits: false },
    }
}

/// Where the table begins, what its columns are, and the labels met.
struct Plan {
    first_row: usize,
    /// The sheet's first data column, and how many there are up to the last that is needed.
    first_column: usize,
    width: usize,
    /// Columns of the sheet's header, the label columns included.
    header_width: usize,
    runs: Vec<Run>,
    ignored: HashSet<usize>,
    industries: Vec<(String, String)>,
    whole: Vec<String>,
    final_demand: Vec<(String, String)>,
    /// Columns of final demand that are taken from the others.
    subtracted: Vec<usize>,
    discrepancies: Vec<String>,
    stated: [bool; 3],
}

fn wrong(rows: &dyn TableRows, problem: Problem, what: String) -> StoreError {
    StoreError::new(problem, what).file(match rows.sheet() {
        Some(sheet) => format!("{}, sheet {sheet}", rows.file()),
        None => rows.file().to_owned(),
    })
}

impl Plan {
    fn new(edition: &Edition, rows: &Peeked) -> Result<Plan, StoreError> {
        let head = &rows.head.rows;
        let label_columns = edition.labels.label_columns.len();
        // labels stand before it, so that it is not among the first cells
        let anchor = head.iter().enumerate().find_map(|(at, row)| {
            let mut cells = row.iter().enumerate().skip(label_columns);
            cells.find(|(_, cell)| any(&edition.detect.anchor, &[&cell.label()])).map(|(column, _)| (at, column))
        });
        let (anchor_row, first_column) = anchor.ok_or_else(|| {
            let sought: Vec<&str> = edition.detect.anchor.iter().map(|pattern| pattern.text()).collect();
            wrong(rows, Problem::Input, format!("no header cell is one of {}", sought.join(", ")))
        })?;
        let roles = &edition.labels.header_rows;
        let Some(start) = anchor_row.checked_sub(edition.detect.anchor_row) else {
            return Err(wrong(
                rows,
                Problem::Input,
                format!(
                    "the header begins at row {}, column {}: there is no room for the labels before it",
                    anchor_row + 1,
                    first_column + 1
                ),
            )
            .next(format!("edition `{}` has {} header rows and {label_columns} label columns", edition.name, roles.len())));
        };
        let first_row = start + roles.len();
        if head.len() < first_row {
            return Err(wrong(rows, Problem::Input, "the sheet ends within its header".to_owned()));
        }
        let header: Vec<Vec<String>> = head[start..first_row].iter().map(|row| row.iter().map(|cell| cell.label()).collect()).collect();
        let width = header.iter().map(Vec::len).max().unwrap_or(0);

        let mut plan = Plan {
            first_row,
            first_column,
            width: 0,
            header_width: width,
            runs: Vec::new(),
            ignored: HashSet::new(),
            industries: Vec::new(),
            whole: Vec::new(),
            final_demand: Vec::new(),
            subtracted: Vec::new(),
            discrepancies: Vec::new(),
            stated: [false; 3],
        };
        let mut filled: Vec<String> = vec![String::new(); roles.len()];
        let (mut seen, mut seen_final) = (HashSet::new(), HashSet::new());
        for column in first_column..width {
            let cells: Vec<String> = (0..roles.len())
                .map(|at| {
                    let cell = header[at].get(column).cloned().unwrap_or_default();
                    if edition.labels.fill.contains(&roles[at]) {
                        if !cell.is_empty() {
                            filled[at].clone_from(&cell);
                        }
                        return filled[at].clone();
                    }
                    cell
                })
                .collect();
            let at = column - first_column;
            let found = label(edition, roles, &cells, edition.labels.order);
            let at_fault = |problem, what: String| {
                wrong(rows, problem, what).line((start + 1) as u64).column(&spreadsheet_column(column)).value(&found.whole)
            };
            if found.whole.is_empty() {
                // an empty column is none; the rows may hold notes there
                plan.ignored.insert(at);
                plan.push(Target::Ignored, at, 0);
                continue;
            }
            let rules = &edition.columns;
            let texts = found.texts();
            let target = [
                (&rules.ignored, Target::Ignored),
                (&rules.output, Target::Output),
                (&rules.intermediate, Target::Intermediate),
                (&rules.final_total, Target::FinalTotal),
                (&rules.discrepancy, Target::Discrepancy),
            ]
            .into_iter()
            .find(|(patterns, _)| any(patterns, &texts))
            .map(|(_, target)| target);
            if let Some(target) = target {
                let to = match target {
                    Target::Output => 0,
                    Target::Intermediate => 1,
                    Target::FinalTotal => 2,
                    Target::Discrepancy => plan.discrepancies.len(),
                    _ => 0,
                };
                match target {
                    Target::Ignored => _ = plan.ignored.insert(at),
                    Target::Discrepancy => plan.discrepancies.push(found.bare(roles)),
                    _ if plan.stated[to] => {
                        return Err(at_fault(Problem::Duplicate, format!("the total `{}` stands twice in the header", found.whole)));
                    }
                    _ => plan.stated[to] = true,
                }
                plan.push(target, at, to);
                if target != Target::Ignored {
                    plan.width = at + 1;
                }
                continue;
            }
            if let Some((region, category)) = final_column(edition, roles, &cells, &found) {
                if !seen_final.insert((region.clone(), category.clone())) {
                    return Err(at_fault(Problem::Duplicate, format!("the column `{}` stands twice", found.whole)));
                }
                if any(&rules.subtracted, &texts) {
                    plan.subtracted.push(plan.final_demand.len());
                }
                plan.push(Target::FinalDemand, at, plan.final_demand.len());
                plan.final_demand.push((region, category));
                plan.width = at + 1;
                continue;
            }
            if !found.splits {
                return Err(at_fault(
                    Problem::Input,
                    format!("the column `{}` is unknown: no industry, final demand or total of edition `{}`", found.whole, edition.name),
                )
                .next("add its label to a copy of the edition and name that with --edition FILE.toml"));
            }
            let sector: String = found.sector.chars().skip(edition.labels.sector_skip).collect();
            let pair = (edition.region(&found.region), sector);
            if !seen.insert(pair.clone()) {
                return Err(at_fault(Problem::Duplicate, format!("the column `{}` stands twice", found.whole)));
            }
            plan.push(Target::Industry, at, plan.industries.len());
            plan.industries.push(pair);
            plan.whole.push(found.whole);
            plan.width = at + 1;
        }
        if plan.industries.is_empty() {
            return Err(wrong(rows, Problem::Input, "the header names no industry".to_owned()));
        }
        Ok(plan)
    }

    /// Adds a column to the last run where it continues it.
    fn push(&mut self, target: Target, from: usize, to: usize) {
        if let Some(run) = self.runs.last_mut()
            && run.target == target
            && run.from + run.len == from
            && (target == Target::Ignored || run.to + run.len == to)
        {
            run.len += 1;
        } else {
            self.runs.push(Run { target, from, to, len: 1 });
        }
    }
}

/// `A`, `B`, ..., `Z`, `AA`: how spreadsheets name columns.
pub(crate) fn spreadsheet_column(mut column: usize) -> String {
    let mut name = Vec::new();
    loop {
        name.push(b'A' + (column % 26) as u8);
        if column < 26 {
            break;
        }
        column = column / 26 - 1;
    }
    name.reverse();
    String::from_utf8_lossy(&name).into_owned()
}

/// Region and category of a column of final demand, if it is one.
fn final_column(edition: &Edition, roles: &[LabelRole], cells: &[String], found: &Label) -> Option<(String, String)> {
    let turned = edition.labels.final_demand_order.map(|order| label(edition, roles, cells, order));
    let found = turned.as_ref().unwrap_or(found);
    let rule = edition.columns.final_demand.iter().find(|rule| found.texts().iter().any(|text| rule.pattern().matches(text)))?;
    let (region, category) = match rule {
        FinalDemandRule::Category(_) => (None, None),
        FinalDemandRule::Named { region, category, .. } => (region.clone(), category.clone()),
    };
    let sector = if found.splits { &found.sector } else { &found.whole };
    let region = region.unwrap_or_else(|| if found.region.is_empty() { found.whole.clone() } else { edition.region(&found.region) });
    Some((region, category.unwrap_or_else(|| sector.clone())))
}

/// What a row of the sheet is.
enum RowKind {
    Industry,
    Primary(String),
    Extension(usize),
    Output,
    Intermediate,
    PrimaryTotal,
    Ignored,
}

/// Reads a sheet as its edition describes it.
///
/// # Errors
/// What is wrong with the header or the rows, naming the label: unknown, repeated or out of order, text where a number should be,
/// a row that ends early or is longer than the header, an industry without a row.
pub(crate) fn read(edition: &Edition, rows: &mut Peeked) -> Result<DraftTable, StoreError> {
    let plan = Plan::new(edition, rows)?;
    let (n, m) = (plan.industries.len(), plan.final_demand.len());
    let too_large = || wrong(rows, Problem::Input, format!("a table of {n} industries does not fit into memory"));
    let mut z: Vec<f64> = Vec::new();
    z.try_reserve_exact(n.checked_mul(n).ok_or_else(too_large)?).map_err(|_| too_large())?;
    let mut draft = DraftTable {
        file: match rows.sheet() {
            Some(sheet) => format!("{}, sheet {sheet}", rows.file()),
            None => rows.file().to_owned(),
        },
        z,
        y: Vec::with_capacity(n * m),
        discrepancies: plan.discrepancies.iter().map(|label| (label.clone(), Vec::with_capacity(n))).collect(),
        ..DraftTable::default()
    };
    let positions: HashMap<&str, usize> = plan.whole.iter().enumerate().map(|(at, whole)| (whole.as_str(), at)).collect();
    let roles = &edition.labels.label_columns;
    let first_label = plan.first_column - roles.len();
    let mut filled: Vec<String> = vec![String::new(); roles.len()];
    let mut scratch = vec![0.0; plan.width];
    let mut found_rows = 0;
    let mut primary_labels = HashSet::new();
    for _ in 0..plan.first_row {
        rows.advance()?;
    }
    while rows.advance()? {
        let cells: Vec<String> = (0..roles.len())
            .map(|at| {
                let cell = super::table_rows::OwnedCell::from_cell(rows.cell(first_label + at)).label();
                if edition.labels.fill.contains(&roles[at]) {
                    if !cell.is_empty() {
                        filled[at].clone_from(&cell);
                    }
                    return filled[at].clone();
                }
                cell
            })
            .collect();
        cells.iter().try_for_each(|cell| rows.check_text(cell))?;
        let found = label(edition, roles, &cells, edition.labels.order);
        if found.whole.is_empty() {
            if let Some((column, value)) = first_number(rows, plan.first_column, plan.width) {
                return Err(rows
                    .fault(Problem::Input, "a row has numbers and no label".to_owned())
                    .column(&spreadsheet_column(column))
                    .value(value));
            }
            continue;
        }
        let texts = found.texts();
        let rules = &edition.rows;
        let kind = if any(&rules.ignored, &texts) {
            RowKind::Ignored
        } else if positions.contains_key(found.whole.as_str()) {
            RowKind::Industry
        } else if let Some(rule) = rules.primary.iter().find(|rule| texts.iter().any(|text| rule.label.matches(text))) {
            RowKind::Primary(rule.kind.clone())
        } else if let Some(at) = rules.extensions.iter().position(|rule| texts.iter().any(|text| rule.label.matches(text))) {
            RowKind::Extension(at)
        } else if any(&rules.output, &texts) {
            RowKind::Output
        } else if any(&rules.intermediate, &texts) {
            RowKind::Intermediate
        } else if any(&rules.primary_total, &texts) {
            RowKind::PrimaryTotal
        } else {
            return Err(rows
                .fault(
                    Problem::Input,
                    format!(
                        "the row `{}` is unknown: no industry of the header, primary input or total of edition `{}`",
                        found.whole, edition.name
                    ),
                )
                .next("add its label to a copy of the edition and name that with --edition FILE.toml"));
        };
        if let RowKind::Ignored = kind {
            continue;
        }
        if let RowKind::Industry = kind {
            let expected = plan.whole.get(found_rows);
            if expected != Some(&found.whole) {
                let at = positions.get(found.whole.as_str()).copied().unwrap_or(0);
                let (problem, what) = if at < found_rows {
                    (Problem::Duplicate, format!("the row `{}` stands twice", found.whole))
                } else {
                    let wanted = expected.map_or("a total", String::as_str);
                    (Problem::Input, format!("the row `{}` is out of order: the header has `{wanted}` in its place", found.whole))
                };
                return Err(rows
                    .fault(problem, what)
                    .value(&found.whole)
                    .next("rows and columns of a table must stand in the same order; get the file again"));
            }
            found_rows += 1;
        }
        read_numbers(rows, &plan, &mut scratch, &found.whole)?;
        let part = |run: &Run| &scratch[run.from..run.from + run.len];
        match kind {
            RowKind::Industry => {
                for run in &plan.runs {
                    match run.target {
                        Target::Industry => draft.z.extend_from_slice(part(run)),
                        Target::FinalDemand => draft.y.extend_from_slice(part(run)),
                        Target::Output => draft.totals.row_output.extend_from_slice(part(run)),
                        Target::Intermediate => draft.totals.row_intermediate.extend_from_slice(part(run)),
                        Target::FinalTotal => draft.totals.row_final.extend_from_slice(part(run)),
                        Target::Discrepancy => {
                            for (column, value) in draft.discrepancies[run.to..].iter_mut().zip(part(run)) {
                                column.1.push(*value);
                            }
                        }
                        Target::Ignored => {}
                    }
                }
                let row = draft.y.len() - m;
                plan.subtracted.iter().for_each(|at| draft.y[row + at] = -draft.y[row + at]);
            }
            RowKind::Extension(at) => {
                let rule = &rules.extensions[at];
                let of = |target: Target| {
                    let mut values = Vec::new();
                    plan.runs.iter().filter(|run| run.target == target).for_each(|run| values.extend_from_slice(part(run)));
                    values
                };
                let (flows, final_demand_flows) = (of(Target::Industry), Some(of(Target::FinalDemand)));
                let stressors = vec![(found.whole, rule.unit.clone())];
                draft.extensions.push(PublishedExtension { name: rule.name.clone(), stressors, flows, final_demand_flows });
            }
            RowKind::Primary(kind) => {
                if !primary_labels.insert(found.whole.clone()) {
                    return Err(rows.fault(Problem::Duplicate, format!("the row `{}` stands twice", found.whole)).value(&found.whole));
                }
                let of = |target: Target| {
                    let mut values = Vec::new();
                    plan.runs.iter().filter(|run| run.target == target).for_each(|run| values.extend_from_slice(part(run)));
                    values
                };
                let (industries, final_demand) = (of(Target::Industry), of(Target::FinalDemand));
                let label = found.bare(roles);
                draft.primary.push(PrimaryInput { label, kind, industries, final_demand });
            }
            RowKind::Output | RowKind::Intermediate | RowKind::PrimaryTotal => {
                let into = match kind {
                    RowKind::Output => &mut draft.totals.column_output,
                    RowKind::Intermediate => &mut draft.totals.column_intermediate,
                    _ => &mut draft.totals.column_primary,
                };
                if !into.is_empty() {
                    return Err(rows.fault(Problem::Duplicate, format!("the total `{}` stands twice", found.whole)).value(&found.whole));
                }
                plan.runs.iter().filter(|run| run.target == Target::Industry).for_each(|run| into.extend_from_slice(part(run)));
            }
            RowKind::Ignored => {}
        }
    }
    if let Some(missing) = plan.whole.get(found_rows) {
        return Err(wrong(rows, Problem::Damaged, format!("the table breaks off: industry `{missing}` has a column and no row"))
            .line(rows.row())
            .value(missing)
            .next("the file is truncated, or the edition does not know a column: get it again, or look at its header"));
    }
    draft.industries = plan.industries;
    draft.final_demand = plan.final_demand;
    Ok(draft)
}

fn first_number(rows: &dyn TableRows, first: usize, width: usize) -> Option<(usize, f64)> {
    (first..first + width).find_map(|column| match rows.cell(column) {
        super::table_rows::TableCell::Empty => None,
        cell => cell.number().map(|value| (column, value)),
    })
}

/// The numbers of the current row; text in columns that are not needed is passed over.
fn read_numbers(rows: &dyn TableRows, plan: &Plan, scratch: &mut [f64], label: &str) -> Result<(), StoreError> {
    let mut from = 0;
    while from < scratch.len() {
        let Err(fault) = rows.numbers(plan.first_column + from, &mut scratch[from..]) else { break };
        let at = fault.column - plan.first_column;
        match fault.found {
            Some(_) if plan.ignored.contains(&at) => {
                scratch[at] = 0.0;
                from = at + 1;
            }
            Some(found) => {
                let column = column_name(plan, at).unwrap_or_else(|| spreadsheet_column(fault.column));
                return Err(rows
                    .fault(Problem::Value, format!("the cell of row `{label}`, column `{column}` is not a finite number"))
                    .column(&spreadsheet_column(fault.column))
                    .value(found)
                    .next("correct the file or get it again"));
            }
            None => {
                let what = format!("row `{label}` has {at} numbers, the header has {}", scratch.len());
                return Err(rows
                    .fault(Problem::Damaged, what)
                    .value(label)
                    .next("the file is truncated or a separator is missing: get it again"));
            }
        }
    }
    rows.check_width(plan.header_width, label)
}

/// What a data column is called.
fn column_name(plan: &Plan, at: usize) -> Option<String> {
    let run = plan.runs.iter().find(|run| (run.from..run.from + run.len).contains(&at))?;
    let to = run.to + at - run.from;
    match run.target {
        Target::Industry => plan.whole.get(to).cloned(),
        Target::FinalDemand => plan.final_demand.get(to).map(|(region, category)| format!("{region} {category}")),
        Target::Discrepancy => plan.discrepancies.get(to).cloned(),
        Target::Output => Some("total".to_owned()),
        _ => None,
    }
}
