use super::{ChainTable, refuse};
use crate::{Answer, StrategyError};
use chain::{ClosedSystem, HouseholdClosure, Measure, Spending};
use frame::{LabelledVector, Language};
use serde::{Deserialize, Serialize};
use store::RowTable;

/// Multipliers with households' spending (Type II).
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "clap", derive(clap::Args))]
#[serde(default, deny_unknown_fields)]
pub struct HouseholdsRequest {
    /// What industries pay to households: EXTENSION or EXTENSION:ROW of the table
    #[cfg_attr(feature = "clap", arg(long, value_name = "NAME"))]
    pub wages: String,
    /// The categories of final demand that are household consumption
    #[cfg_attr(feature = "clap", arg(long, value_name = "CATEGORY", value_delimiter = ','))]
    pub consumption: Vec<String>,
    /// This share of every unit earned is spent; without it all consumption is paid out of wages
    #[cfg_attr(feature = "clap", arg(long, value_name = "SHARE"))]
    pub share: Option<f64>,
    /// Further measures: EXTENSION or EXTENSION:ROW
    #[cfg_attr(feature = "clap", arg(long, value_name = "NAME", value_delimiter = ','))]
    pub measures: Vec<String>,
}

/// Type I and Type II multipliers of output, income and other measures: `region, sector, measure, direct, simple, total, type_one,
/// type_two`.
///
/// # Errors
/// Extensions, rows and categories that are not known, closures that make no sense, and what solving the table reports.
pub fn households(table: &ChainTable, request: &HouseholdsRequest, _: Language) -> Result<Answer, StrategyError> {
    let named = |text: &str| {
        let (extension, row) = text.split_once(':').map_or((text, None), |(extension, row)| (extension, Some(row)));
        table.stressor(extension, row).map(|(flows, _)| flows)
    };
    if request.wages.is_empty() || request.consumption.is_empty() {
        return refuse("wages or consumption", "", "both: what industries pay to households, and the categories that households buy");
    }
    let wages = named(&request.wages)?;
    let spending = match request.share {
        Some(share) => Spending::Share(share),
        None => {
            let regions = table.system.regions();
            let income = (0..regions.len()).map(|r| wages[table.system.range_at(r)].iter().sum()).collect();
            Spending::OutOfIncome(LabelledVector::new(regions.clone(), income)?)
        }
    };
    let measures = request
        .measures
        .iter()
        .map(|name| Ok(Measure { name: name.clone(), flows: named(name)? }))
        .collect::<Result<Vec<_>, StrategyError>>()?;
    let closure = HouseholdClosure { wages, consumption: request.consumption.clone(), spending, between_households: None };
    let found = ClosedSystem::new(table.factor()?, &closure)?.multipliers(&measures)?;
    let rows = RowTable::new("households")
        .text("region", found.rows.iter().map(|row| row.region.as_str()))?
        .text("sector", found.rows.iter().map(|row| row.sector.as_str()))?
        .text("measure", found.rows.iter().map(|row| row.measure.as_str()))?
        .number("direct", found.rows.iter().map(|row| row.direct))?
        .number("simple", found.rows.iter().map(|row| row.simple))?
        .number("total", found.rows.iter().map(|row| row.total))?
        .number("type_one", found.rows.iter().map(|row| row.type_one.unwrap_or(f64::NAN)))?
        .number("type_two", found.rows.iter().map(|row| row.type_two.unwrap_or(f64::NAN)))?;
    let propensity = RowTable::new("propensity")
        .text("region", found.propensity.iter().map(|(region, _)| region.as_str()))?
        .number("spent_of_income", found.propensity.iter().map(|(_, share)| *share))?
        .number("income_generated", found.income_generated.iter().map(|(_, income)| *income))?;
    Ok(Answer { tables: vec![rows, propensity], record: table.record(request), notes: table.notes() })
}
