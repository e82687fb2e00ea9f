use super::balance::{Sums, add};
use super::edition::Edition;
use super::published::DraftTable;
use crate::error::unknown;
use crate::{Problem, StoreError};
use std::collections::BTreeMap;

/// The repairs there are: name, the choices of those that have several, what they do.
pub const REPAIRS: &[(&str, &[&str], &str)] = &[
    ("zero-output", &[], "the inputs of industries whose output is zero or negative are set to zero"),
    ("negative-flows", &[], "negative deliveries between industries are set to zero; output becomes the row sum"),
    ("negative-final-demand", &[], "negative deliveries to final demand (inventories) are set to zero; output becomes the row sum"),
    (
        "discrepancy",
        &["own-region", "region", "outside", "drop"],
        "a column of discrepancies becomes final demand of each row's own region (own-region) or of a region of its own (region), or \
         goes (drop); an industry of discrepancies (Eora26) stays (region), becomes final demand and primary input (outside), or goes (drop)",
    ),
    ("merge-splits", &[], "regions published in parts (CN1, CN2, MX1, ...) are added up before anything is computed"),
    ("rounding", &[], "the stated output is replaced by the row sum, from which it differs by rounding"),
];

/// A repair made to a table, and how much it moved.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct RepairMade {
    /// The repair's name, with `=choice` where it has choices.
    pub name: String,
    /// Cells or labels it touched.
    pub count: usize,
    /// The sum of what was moved, left out or set to zero, in the table's unit (absolute values for `rounding`).
    pub mass: f64,
    /// The labels touched, the first twenty.
    pub labels: Vec<String>,
}

/// The repairs to make: name → choice (empty where there are none).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Repairs(BTreeMap<String, String>);

fn parse(text: &str) -> Result<(String, String), StoreError> {
    let (name, choice) = text.split_once('=').unwrap_or((text, ""));
    let names = || REPAIRS.iter().map(|(name, _, _)| *name);
    let (_, choices, _) = REPAIRS.iter().find(|(known, _, _)| *known == name).ok_or_else(|| unknown("repair", name, names()))?;
    let choice = if choice.is_empty() { choices.first().copied().unwrap_or_default() } else { choice };
    if !(choices.contains(&choice) || choices.is_empty() && choice.is_empty()) {
        return Err(StoreError::new(Problem::Options, format!("the repair `{name}` has no choice `{choice}`"))
            .next(if choices.is_empty() { "it has none".to_owned() } else { format!("there are: {}", choices.join(", ")) }));
    }
    Ok((name.to_owned(), choice.to_owned()))
}

impl Repairs {
    /// Those of the edition, with those of `wanted` and without those of `unwanted`.
    ///
    /// # Errors
    /// [`Problem::Unknown`] or [`Problem::Options`] for a name or choice that does not exist or is asked for and ruled out.
    pub(crate) fn choose(edition: &[String], wanted: &[String], unwanted: &[String]) -> Result<Repairs, StoreError> {
        let mut chosen = BTreeMap::new();
        for text in edition {
            let (name, choice) = parse(text)?;
            chosen.insert(name, choice);
        }
        let mut ruled_out = Vec::new();
        for text in unwanted {
            let (name, _) = parse(text)?;
            chosen.remove(&name);
            ruled_out.push(name);
        }
        for text in wanted {
            let (name, choice) = parse(text)?;
            if ruled_out.contains(&name) {
                return Err(StoreError::new(Problem::Options, format!("the repair `{name}` is both asked for and ruled out")));
            }
            chosen.insert(name, choice);
        }
        Ok(Repairs(chosen))
    }

    fn on(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    fn choice(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }
}

const NAMED: usize = 20;

struct Record {
    name: String,
    count: usize,
    mass: f64,
    labels: Vec<String>,
}

impl Record {
    fn new(name: impl Into<String>) -> Record {
        Record { name: name.into(), count: 0, mass: 0.0, labels: Vec::new() }
    }

    fn add(&mut self, mass: f64, label: impl FnOnce() -> String) {
        self.count += 1;
        self.mass += mass;
        if self.labels.len() < NAMED {
            self.labels.push(label());
        }
    }

    fn done(self) -> RepairMade {
        RepairMade { name: self.name, count: self.count, mass: self.mass, labels: self.labels }
    }
}

fn printed((region, sector): &(String, String)) -> String {
    format!("{region} {sector}")
}

/// Makes the repairs chosen, in a fixed order, and gives what each moved; also the output after them.
pub(crate) fn make(draft: &mut DraftTable, edition: &Edition, repairs: &Repairs) -> Result<(Vec<RepairMade>, Vec<f64>), StoreError> {
    let mut made = Vec::new();
    // output follows the rows once they change
    let mut restate = discrepancies(draft, repairs, &mut made)?;
    if repairs.on("merge-splits") && !edition.splits.is_empty() {
        merge(draft, edition, &mut made);
    }
    let (n, m) = (draft.industries.len(), draft.final_demand.len());
    if repairs.on("negative-flows") {
        let mut record = Record::new("negative-flows");
        for (at, value) in draft.z.iter_mut().enumerate() {
            if *value < 0.0 {
                record.add(*value, || format!("{} -> {}", printed(&draft.industries[at / n]), printed(&draft.industries[at % n])));
                *value = 0.0;
            }
        }
        restate |= record.count > 0;
        made.push(record.done());
    }
    if repairs.on("negative-final-demand") {
        let mut record = Record::new("negative-final-demand");
        for (at, value) in draft.y.iter_mut().enumerate() {
            if *value < 0.0 {
                record.add(*value, || format!("{} -> {}", printed(&draft.industries[at / m]), printed(&draft.final_demand[at % m])));
                *value = 0.0;
            }
        }
        restate |= record.count > 0;
        made.push(record.done());
    }
    let sums = Sums::of(draft);
    let mut output = if draft.totals.row_output.is_empty() { sums.output() } else { std::mem::take(&mut draft.totals.row_output) };
    if restate {
        output = sums.output();
    } else if repairs.on("rounding") {
        let mut record = Record::new("rounding");
        for (at, (stated, sum)) in output.iter_mut().zip(sums.output()).enumerate() {
            if *stated != sum {
                record.add((*stated - sum).abs(), || printed(&draft.industries[at]));
                *stated = sum;
            }
        }
        // nearly every row differs in the last digit: their names say nothing
        record.labels.clear();
        made.push(record.done());
    }
    if repairs.on("zero-output") {
        let mut record = Record::new("zero-output");
        let mut listed = vec![false; n];
        let mut sums = sums;
        loop {
            let empty: Vec<usize> = (0..n).filter(|j| output[*j] <= 0.0 && !listed[*j]).collect();
            let moved = empty.iter().any(|j| sums.inputs[*j] != 0.0);
            for j in &empty {
                listed[*j] = true;
                record.add(sums.inputs[*j], || printed(&draft.industries[*j]));
                draft.z.iter_mut().skip(*j).step_by(n).for_each(|value| *value = 0.0);
            }
            if !moved {
                break;
            }
            // what the empty columns took is no longer sold: output follows the rows, and more may be without any
            sums = Sums::of(draft);
            output = sums.output();
        }
        made.push(record.done());
    }
    Ok((made, output))
}

/// Deals with discrepancies; true when rows changed.
fn discrepancies(draft: &mut DraftTable, repairs: &Repairs, made: &mut Vec<RepairMade>) -> Result<bool, StoreError> {
    let mut changed = false;
    let chosen = repairs.choice("discrepancy");
    let columns = std::mem::take(&mut draft.discrepancies);
    if !columns.is_empty() {
        let choice = chosen.unwrap_or("drop");
        let mut record = Record::new(format!("discrepancy={choice}"));
        let regions = region_order(&draft.industries);
        let n = draft.industries.len();
        let m = draft.final_demand.len();
        for (label, values) in &columns {
            record.add(add(values), || label.clone());
        }
        let (mut new_columns, mut cells): (Vec<(String, String)>, Vec<Vec<f64>>) = (Vec::new(), vec![Vec::new(); n]);
        for (label, values) in &columns {
            match choice {
                "own-region" => {
                    for region in &regions {
                        new_columns.push((region.clone(), label.clone()));
                        for (i, row) in cells.iter_mut().enumerate() {
                            row.push(if draft.industries[i].0 == *region { values[i] } else { 0.0 });
                        }
                    }
                }
                "region" | "outside" => {
                    new_columns.push((label.clone(), label.clone()));
                    cells.iter_mut().zip(values).for_each(|(row, value)| row.push(*value));
                }
                _ => changed = true,
            }
        }
        if !new_columns.is_empty() {
            let mut y = Vec::with_capacity(n * (m + new_columns.len()));
            for (i, row) in cells.iter().enumerate() {
                y.extend_from_slice(&draft.y[i * m..(i + 1) * m]);
                y.extend_from_slice(row);
            }
            draft.y = y;
            let more = new_columns.len();
            draft.final_demand.extend(new_columns);
            draft.primary.iter_mut().for_each(|row| row.final_demand.extend(std::iter::repeat_n(0.0, more)));
        }
        made.push(record.done());
    }
    let industries = std::mem::take(&mut draft.discrepancy_industries);
    let choice = chosen.unwrap_or("region");
    if industries.is_empty() || ["region", "own-region"].contains(&choice) {
        return Ok(changed);
    }
    let mut record = Record::new(format!("discrepancy={choice}"));
    let (n, m) = (draft.industries.len(), draft.final_demand.len());
    let kept: Vec<usize> = (0..n).filter(|i| !industries.contains(i)).collect();
    let mut extra: Vec<Vec<f64>> = Vec::new();
    for at in &industries {
        let column: Vec<f64> = kept.iter().map(|i| draft.z[i * n + at]).collect();
        let row: Vec<f64> = kept.iter().map(|j| draft.z[at * n + j]).collect();
        let (region, sector) = draft.industries[*at].clone();
        record.add(add(&column) + add(&row), || format!("{region} {sector}"));
        if choice == "outside" {
            draft.primary.push(super::published::PrimaryInput {
                label: format!("{region} {sector}"),
                kind: "adjustment".to_owned(),
                industries: draft.z[at * n..(at + 1) * n].to_vec(),
                final_demand: draft.y[at * m..(at + 1) * m].to_vec(),
            });
            extra.push(column);
            draft.final_demand.push((region, sector));
        } else {
            changed = true;
        }
    }
    let mut kept_rows = Vec::with_capacity(kept.len() * (m + extra.len()));
    for (at, i) in kept.iter().enumerate() {
        kept_rows.extend_from_slice(&draft.y[i * m..(i + 1) * m]);
        kept_rows.extend(extra.iter().map(|column| column[at]));
    }
    draft.y = kept_rows;
    // in place: a row's new place is never behind its old one
    let mut to = 0;
    for i in &kept {
        for j in &kept {
            draft.z[to] = draft.z[i * n + j];
            to += 1;
        }
    }
    draft.z.truncate(to);
    let more = extra.len();
    for row in &mut draft.primary {
        row.industries = kept.iter().map(|j| row.industries[*j]).collect();
        row.final_demand.extend(std::iter::repeat_n(0.0, more));
    }
    for extension in &mut draft.extensions {
        extension.flows = extension.flows.chunks_exact(n).flat_map(|row| kept.iter().map(|j| row[*j])).collect();
        if let Some(flows) = &mut extension.final_demand_flows {
            *flows = flows.chunks_exact(m.max(1)).flat_map(|row| row.iter().copied().chain(std::iter::repeat_n(0.0, more))).collect();
        }
    }
    let totals = &mut draft.totals;
    for values in [
        &mut totals.row_output,
        &mut totals.row_intermediate,
        &mut totals.row_final,
        &mut totals.column_output,
        &mut totals.column_intermediate,
        &mut totals.column_primary,
    ] {
        if !values.is_empty() {
            *values = kept.iter().map(|i| values[*i]).collect();
        }
    }
    draft.industries = kept.iter().map(|i| draft.industries[*i].clone()).collect();
    made.push(record.done());
    Ok(changed)
}

fn region_order(industries: &[(String, String)]) -> Vec<String> {
    let mut regions: Vec<String> = Vec::new();
    for (region, _) in industries {
        if regions.last() != Some(region) && !regions.contains(region) {
            regions.push(region.clone());
        }
    }
    regions
}

/// Adds the parts of split regions up: rows and columns of Z and Y, primary inputs and extensions.
fn merge(draft: &mut DraftTable, edition: &Edition, made: &mut Vec<RepairMade>) {
    let whole_of = |region: &str| {
        edition
            .splits
            .iter()
            .find(|(_, parts)| parts.iter().any(|part| part == region))
            .map_or(region.to_owned(), |(whole, _)| whole.clone())
    };
    let n = draft.industries.len();
    let target = |pairs: &[(String, String)]| {
        let mut names: Vec<(String, String)> = Vec::new();
        let mut places = std::collections::HashMap::new();
        let to: Vec<usize> = pairs
            .iter()
            .map(|(region, sector)| {
                let pair = (whole_of(region), sector.clone());
                *places.entry(pair.clone()).or_insert_with(|| {
                    names.push(pair);
                    names.len() - 1
                })
            })
            .collect();
        (names, to)
    };
    let (industries, to) = target(&draft.industries);
    let (final_demand, to_final) = target(&draft.final_demand);
    if industries.len() == n && final_demand.len() == draft.final_demand.len() {
        return;
    }
    let mut record = Record::new("merge-splits");
    for (i, (region, _)) in draft.industries.iter().enumerate() {
        if whole_of(region) != *region {
            let row = add(&draft.z[i * n..(i + 1) * n]);
            record.add(row, || format!("{region} -> {}", whole_of(region)));
        }
    }
    record.labels.dedup();
    let (k, m) = (industries.len(), draft.final_demand.len());
    let gather = |values: &[f64], to: &[usize], size: usize| {
        let mut sums = vec![0.0; size];
        values.iter().zip(to).for_each(|(value, to)| sums[*to] += value);
        sums
    };
    let mut z = vec![0.0; k * k];
    for (row, at) in draft.z.chunks_exact(n).zip(&to) {
        let into = &mut z[at * k..(at + 1) * k];
        row.iter().zip(&to).for_each(|(value, to)| into[*to] += value);
    }
    let columns = final_demand.len();
    let mut y = vec![0.0; k * columns];
    for (row, at) in draft.y.chunks_exact(m.max(1)).zip(&to) {
        let into = &mut y[at * columns..(at + 1) * columns];
        row.iter().zip(&to_final).for_each(|(value, to)| into[*to] += value);
    }
    for row in &mut draft.primary {
        row.industries = gather(&row.industries, &to, k);
        row.final_demand = gather(&row.final_demand, &to_final, columns);
    }
    for extension in &mut draft.extensions {
        extension.flows = extension.flows.chunks_exact(n).flat_map(|row| gather(row, &to, k)).collect();
        if let Some(flows) = &mut extension.final_demand_flows {
            *flows = flows.chunks_exact(m.max(1)).flat_map(|row| gather(row, &to_final, columns)).collect();
        }
    }
    if !draft.totals.row_output.is_empty() {
        draft.totals.row_output = gather(&draft.totals.row_output, &to, k);
    }
    (draft.z, draft.y, draft.industries, draft.final_demand) = (z, y, industries, final_demand);
    made.push(record.done());
}
