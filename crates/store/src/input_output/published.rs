use super::balance::BalanceReport;
use super::repairs::RepairMade;

/// A row of primary inputs: value added, taxes less subsidies, imports of a single-region table.
#[derive(Debug, Clone, PartialEq)]
pub struct PrimaryInput {
    /// The row's label, e.g. `VA`, `TLS`, `AUS_TAXSUB`.
    pub label: String,
    /// `value-added`, `taxes`, `imports` or `adjustment`.
    pub kind: String,
    /// Payments of the n industries.
    pub industries: Vec<f64>,
    /// Payments of the m columns of final demand.
    pub final_demand: Vec<f64>,
}

/// Flows that are not deliveries: emissions, energy, jobs, materials.
#[derive(Debug, Clone, PartialEq)]
pub struct PublishedExtension {
    /// The name, e.g. `satellite`, `air_emissions`, `Q`.
    pub name: String,
    /// Label and unit of the k stressors.
    pub stressors: Vec<(String, String)>,
    /// Flows of the industries, k × n, row by row.
    pub flows: Vec<f64>,
    /// Flows of final demand, k × m, row by row, where published.
    pub final_demand_flows: Option<Vec<f64>>,
}

/// A file that a table was read from.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct ReadFile {
    /// Its name without folders.
    pub name: String,
    /// Its length in bytes.
    pub bytes: u64,
    /// SHA-256 in hex.
    pub sha256: String,
}

/// An input-output table as published, checked and repaired as asked: n industries, m columns of final demand.
#[derive(Debug, Clone, PartialEq)]
pub struct PublishedTable {
    /// The edition's name.
    pub edition: String,
    /// The system it belongs to.
    pub system: String,
    /// The title a reader sees.
    pub title: String,
    /// The year.
    pub period: i32,
    /// The unit of all values.
    pub unit: String,
    /// Region and sector of the n industries.
    pub industries: Vec<(String, String)>,
    /// Region and category of the m columns of final demand.
    pub final_demand: Vec<(String, String)>,
    /// Deliveries between industries, n × n, row by row.
    pub z: Vec<f64>,
    /// Deliveries to final demand, n × m, row by row.
    pub y: Vec<f64>,
    /// Rows of primary inputs.
    pub primary: Vec<PrimaryInput>,
    /// Output of the n industries: as stated where the table states it, else the row sums.
    pub output: Vec<f64>,
    /// Flows that are not deliveries.
    pub extensions: Vec<PublishedExtension>,
    /// The repairs made, with their masses.
    pub repairs: Vec<RepairMade>,
    /// How far the table's sums are from its stated totals.
    pub balance: BalanceReport,
    /// What was read.
    pub files: Vec<ReadFile>,
}

impl PublishedTable {
    /// What was read, repaired and compared, as sentences for the reader.
    pub fn told(&self) -> Vec<String> {
        let mut lines = vec![format!(
            "edition {}: {} industries, {} columns of final demand, {}, {}",
            self.edition,
            self.industries.len(),
            self.final_demand.len(),
            self.period,
            self.unit
        )];
        // differences are of the order of rounding: three digits say enough
        let short = |value: f64| if value == 0.0 || value.abs() >= 1e-3 { format!("{value:.3}") } else { format!("{value:.2e}") };
        for made in &self.repairs {
            if made.count == 0 {
                lines.push(format!("repair {}: nothing to do", made.name));
                continue;
            }
            let more = if made.labels.len() < made.count { ", ..." } else { "" };
            let otherwise = match made.name.split_once('=') {
                Some((name, _)) => format!("--repair {name}=CHOICE does otherwise"),
                None => format!("--no-repair {} leaves it", made.name),
            };
            lines.push(format!(
                "repair {}: {} cells or labels, {} {} ({}{more}); {otherwise}",
                made.name,
                made.count,
                made.mass,
                self.unit,
                made.labels.iter().take(5).cloned().collect::<Vec<_>>().join(", "),
            ));
        }
        let balance = &self.balance;
        if !balance.row.is_empty() {
            lines.push(format!(
                "largest difference of a row from its stated total: {} ({})",
                short(balance.largest_row_difference),
                balance.row
            ));
        }
        if !balance.column.is_empty() {
            lines.push(format!(
                "largest difference of a column from its output: {} ({})",
                short(balance.largest_column_difference),
                balance.column
            ));
        }
        if let Some(share) = balance.primary_less_final {
            lines.push(format!("primary inputs less final demand: {share:.2e} of final demand"));
        }
        if !balance.inputs_exceed_output.is_empty() {
            let first: Vec<String> =
                balance.inputs_exceed_output.iter().take(5).map(|(label, ratio)| format!("{label} {ratio:.3}")).collect();
            lines.push(format!(
                "{} industries use up as much as they make or more: {}",
                balance.inputs_exceed_output.len(),
                first.join(", ")
            ));
        }
        lines
    }
}

/// A table as its files give it, not yet checked.
#[derive(Debug, Clone, Default)]
pub(crate) struct DraftTable {
    /// The file, for errors.
    pub(crate) file: String,
    pub(crate) industries: Vec<(String, String)>,
    pub(crate) final_demand: Vec<(String, String)>,
    pub(crate) z: Vec<f64>,
    pub(crate) y: Vec<f64>,
    pub(crate) primary: Vec<PrimaryInput>,
    pub(crate) totals: StatedTotals,
    /// Discrepancy columns: label and the n values.
    pub(crate) discrepancies: Vec<(String, Vec<f64>)>,
    /// Industries that are a discrepancy (the last of Eora26), by position.
    pub(crate) discrepancy_industries: Vec<usize>,
    pub(crate) extensions: Vec<PublishedExtension>,
    /// The year, as far as the content tells it.
    pub(crate) period: Option<i32>,
    pub(crate) unit: Option<String>,
}

/// The totals a table states, empty where it states none: they are compared with the sums and dropped.
#[derive(Debug, Clone, Default)]
pub(crate) struct StatedTotals {
    /// By row: all deliveries; to industries; to final demand.
    pub(crate) row_output: Vec<f64>,
    pub(crate) row_intermediate: Vec<f64>,
    pub(crate) row_final: Vec<f64>,
    /// By column of an industry: inputs and primary inputs; inputs; primary inputs.
    pub(crate) column_output: Vec<f64>,
    pub(crate) column_intermediate: Vec<f64>,
    pub(crate) column_primary: Vec<f64>,
}
