use super::edition::BalanceRules;
use super::published::DraftTable;
use crate::{Problem, StoreError};

/// How far a table's sums are from the totals it states.
#[derive(Debug, Clone, Default, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(default)]
pub struct BalanceReport {
    /// Largest difference between a row's deliveries and its stated output; 0 where none is stated.
    pub largest_row_difference: f64,
    /// The label of that row.
    pub row: String,
    /// Largest difference between an industry's inputs with primary inputs and its output; 0 where there are no primary inputs.
    pub largest_column_difference: f64,
    /// The label of that industry.
    pub column: String,
    /// The difference between all primary inputs and all final demand, as a share of final demand; absent without primary inputs.
    pub primary_less_final: Option<f64>,
    /// Industries whose inputs from industries are as large as their output or larger: (label, inputs over output).
    pub inputs_exceed_output: Vec<(String, f64)>,
    /// What the sums were compared within: relative and absolute.
    pub tolerance: (f64, f64),
}

fn printed((region, sector): &(String, String)) -> String {
    format!("{region} {sector}")
}

/// Remembers the largest difference and the first beyond the tolerance.
struct Comparison<'a> {
    rules: &'a BalanceRules,
    largest: (f64, usize),
    first: Option<usize>,
}

impl Comparison<'_> {
    fn of<'a>(rules: &'a BalanceRules, sums: &[f64], totals: &[f64]) -> Comparison<'a> {
        let mut comparison = Comparison { rules, largest: (0.0, 0), first: None };
        for (at, (sum, total)) in sums.iter().zip(totals).enumerate() {
            let difference = (sum - total).abs();
            if difference > comparison.largest.0 {
                comparison.largest = (difference, at);
            }
            let allowed = comparison.rules.absolute + comparison.rules.relative * sum.abs().max(total.abs());
            if difference > allowed && comparison.first.is_none() {
                comparison.first = Some(at);
            }
        }
        comparison
    }

    fn check(&self, draft: &DraftTable, what: &str, sums: &[f64], totals: &[f64]) -> Result<(), StoreError> {
        let Some(at) = self.first else { return Ok(()) };
        let label = printed(&draft.industries[at]);
        Err(StoreError::new(
            Problem::Value,
            format!("the table does not balance: {what} of `{label}` add up to {}, the table states {}", sums[at], totals[at]),
        )
        .file(&draft.file)
        .value(format!("{:e}", sums[at] - totals[at]))
        .next(format!(
            "allowed are {} + {} of the total; get the file again, or allow more with --tolerance",
            self.rules.absolute, self.rules.relative
        )))
    }
}

/// Sums of the rows and columns of a draft.
pub(crate) struct Sums {
    /// Of the deliveries to industries, by row.
    pub(crate) intermediate: Vec<f64>,
    /// Of the deliveries to final demand, by row.
    pub(crate) final_demand: Vec<f64>,
    /// Of the inputs, by column.
    pub(crate) inputs: Vec<f64>,
}

impl Sums {
    /// One pass over the table.
    pub(crate) fn of(draft: &DraftTable) -> Sums {
        let (n, m) = (draft.industries.len(), draft.final_demand.len());
        let mut inputs = vec![0.0; n];
        let mut intermediate = Vec::with_capacity(n);
        for row in draft.z.chunks_exact(n.max(1)) {
            intermediate.push(add(row));
            for (sum, value) in inputs.iter_mut().zip(row) {
                *sum += value;
            }
        }
        let final_demand = if m == 0 { vec![0.0; n] } else { draft.y.chunks_exact(m).map(add).collect() };
        Sums { intermediate, final_demand, inputs }
    }

    /// Output by row: all deliveries.
    pub(crate) fn output(&self) -> Vec<f64> {
        self.intermediate.iter().zip(&self.final_demand).map(|(a, b)| a + b).collect()
    }
}

/// A sum in eight lanes: fast, and the same on every machine.
pub(crate) fn add(values: &[f64]) -> f64 {
    let mut lanes = [0.0; 8];
    let (whole, rest) = values.as_chunks::<8>();
    for chunk in whole {
        for (lane, value) in lanes.iter_mut().zip(chunk) {
            *lane += value;
        }
    }
    rest.iter().fold(lanes.iter().sum::<f64>(), |sum, value| sum + value)
}

/// Compares a table's sums with the totals it states.
///
/// # Errors
/// [`Problem::Value`] naming the first label whose sum is not within the tolerance, its sum and its stated total.
pub(crate) fn check(draft: &DraftTable, rules: &BalanceRules) -> Result<BalanceReport, StoreError> {
    let n = draft.industries.len();
    let sums = Sums::of(draft);
    let mut report = BalanceReport { tolerance: (rules.relative, rules.absolute), ..BalanceReport::default() };
    let totals = &draft.totals;
    let mut rows = sums.output();
    for (_, column) in &draft.discrepancies {
        rows.iter_mut().zip(column).for_each(|(sum, value)| *sum += value);
    }
    let label = |at: usize| draft.industries.get(at).map(printed).unwrap_or_default();
    for (what, sums, stated) in [
        ("the deliveries to industries", &sums.intermediate, &totals.row_intermediate),
        ("the deliveries to final demand", &sums.final_demand, &totals.row_final),
        ("the inputs", &sums.inputs, &totals.column_intermediate),
    ] {
        Comparison::of(rules, sums, stated).check(draft, what, sums, stated)?;
    }
    if !totals.row_output.is_empty() {
        let found = Comparison::of(rules, &rows, &totals.row_output);
        found.check(draft, "all deliveries", &rows, &totals.row_output)?;
        (report.largest_row_difference, report.row) = (found.largest.0, label(found.largest.1));
    }
    let output = if totals.row_output.is_empty() { &rows } else { &totals.row_output };
    if !draft.primary.is_empty() {
        let mut primary = vec![0.0; n];
        for row in &draft.primary {
            primary.iter_mut().zip(&row.industries).for_each(|(sum, value)| *sum += value);
        }
        Comparison::of(rules, &primary, &totals.column_primary).check(draft, "the primary inputs", &primary, &totals.column_primary)?;
        let columns: Vec<f64> = sums.inputs.iter().zip(&primary).map(|(a, b)| a + b).collect();
        let found = Comparison::of(rules, &columns, output);
        if rules.columns {
            found.check(draft, "all inputs", &columns, output)?;
        }
        (report.largest_column_difference, report.column) = (found.largest.0, label(found.largest.1));
        if !totals.column_output.is_empty() && rules.columns {
            Comparison::of(rules, &columns, &totals.column_output).check(draft, "all inputs", &columns, &totals.column_output)?;
        }
        let demand = add(&draft.y) + draft.discrepancies.iter().map(|(_, column)| add(column)).sum::<f64>();
        if demand != 0.0 {
            report.primary_less_final = Some((add(&primary) - demand) / demand);
        }
    } else if !totals.column_output.is_empty() {
        // without primary inputs a stated column total can only be the row total
        Comparison::of(rules, output, &totals.column_output).check(draft, "all deliveries", output, &totals.column_output)?;
    }
    for (at, (inputs, made)) in sums.inputs.iter().zip(output).enumerate() {
        if *made > 0.0 && inputs >= made {
            report.inputs_exceed_output.push((label(at), inputs / made));
        }
    }
    Ok(report)
}
