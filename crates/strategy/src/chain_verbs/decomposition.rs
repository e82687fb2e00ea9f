use super::{ChainTable, refuse};
use crate::{Answer, StrategyError};
use chain::{DecompositionMethod, DecompositionOptions, DemandFactors, structural_decomposition};
use frame::Language;
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::RowTable;

/// Why output, or what arises with it, changed between two tables.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "clap", derive(clap::Args))]
#[serde(default, deny_unknown_fields)]
pub struct DecompositionRequest {
    /// What changed: an extension of both tables, value_added, or output (default)
    #[cfg_attr(feature = "clap", arg(long, value_name = "NAME"))]
    pub extension: Option<String>,
    /// Its row; the first without it
    #[cfg_attr(feature = "clap", arg(long, value_name = "NAME"))]
    pub stressor: Option<String>,
    /// How the order of changes is settled: all-orders (default) or two-polar
    #[cfg_attr(feature = "clap", arg(long, value_name = "NAME"))]
    pub method: Option<String>,
    /// Into what final demand is taken apart: structure (level, destination, structure; default), composition (level, composition), whole
    #[cfg_attr(feature = "clap", arg(long, value_name = "PARTS"))]
    pub demand: Option<String>,
    /// The rows: region (default), industry or total
    #[cfg_attr(feature = "clap", arg(long, value_name = "ROWS"))]
    pub by: Option<String>,
}

/// Structural decomposition between two tables with the same labels: a column a factor, and their sum, the change.
///
/// # Errors
/// Names that are not known, tables that differ in their labels, and what solving them reports.
pub fn decomposition(
    before: &ChainTable,
    after: &ChainTable,
    request: &DecompositionRequest,
    _: Language,
) -> Result<Answer, StrategyError> {
    let options = DecompositionOptions {
        method: match request.method.as_deref() {
            None | Some("all-orders") => DecompositionMethod::AllOrders,
            Some("two-polar") => DecompositionMethod::TwoPolar,
            Some(other) => return refuse("method", other, "all-orders or two-polar"),
        },
        demand: match request.demand.as_deref() {
            None | Some("structure") => DemandFactors::LevelDestinationStructure,
            Some("composition") => DemandFactors::LevelAndComposition,
            Some("whole") => DemandFactors::Whole,
            Some(other) => return refuse("demand", other, "structure, composition or whole"),
        },
    };
    let flows = |table: &ChainTable| match request.extension.as_deref() {
        None | Some("output") => Ok(None),
        Some(name) => table.stressor(name, request.stressor.as_deref()).map(|(flows, _)| Some(flows)),
    };
    let (first, second) = (flows(before)?, flows(after)?);
    let found = structural_decomposition(before.factor()?, first.as_deref(), after.factor()?, second.as_deref(), &options)?;
    let (system, factors) = (&after.system, found.effects.labels());
    let groups: Vec<(String, String, std::ops::Range<usize>)> = match request.by.as_deref() {
        None | Some("region") => {
            (0..system.regions().len()).map(|r| (system.regions().name(r).to_owned(), String::new(), system.range_at(r))).collect()
        }
        Some("industry") => {
            system.sectors().iter().enumerate().map(|(i, (region, sector))| (region.clone(), sector.clone(), i..i + 1)).collect()
        }
        Some("total") => vec![("all".to_owned(), String::new(), 0..system.size())],
        Some(other) => return refuse("by", other, "region, industry or total"),
    };
    let effect = |range: &std::ops::Range<usize>, at: usize| -> f64 { range.clone().map(|i| found.by_industry.at(i, at)).sum() };
    let mut rows = RowTable::new("decomposition").text("region", groups.iter().map(|(region, ..)| region.as_str()))?;
    if request.by.as_deref() == Some("industry") {
        rows = rows.text("sector", groups.iter().map(|(_, sector, _)| sector.as_str()))?;
    }
    for (at, factor) in factors.iter().enumerate() {
        rows = rows.number(&factor.replace(' ', "_"), groups.iter().map(|(.., range)| effect(range, at)))?;
    }
    let rows = rows.number("change", groups.iter().map(|(.., range)| (0..factors.len()).map(|at| effect(range, at)).sum::<f64>()))?;
    let mut notes = after.notes();
    notes.push(format!(
        "from {} to {} ({} to {}); residual {:e}; both tables are in their own prices unless they were deflated before",
        found.before,
        found.after,
        before.system.name(),
        system.name(),
        found.residual
    ));
    let mut record = after.record(request);
    record["before"] = before.record(&());
    record["residual"] = json!(found.residual);
    Ok(Answer { tables: vec![rows], record, notes })
}
