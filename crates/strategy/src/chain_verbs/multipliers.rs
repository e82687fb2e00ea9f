use super::ChainTable;
use crate::{Answer, StrategyError};
use chain::{LinkageOptions, linkages, multipliers as of_extension};
use frame::Language;
use serde::{Deserialize, Serialize};
use store::RowTable;

/// What one unit of final demand brings about, and how industries are linked.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "clap", derive(clap::Args))]
#[serde(default, deny_unknown_fields)]
pub struct MultipliersRequest {
    /// Multipliers of this extension beside output: value_added (default), or one of the table
    #[cfg_attr(feature = "clap", arg(long, value_name = "NAME"))]
    pub extension: Option<String>,
    /// Coefficients of variation of the linkages too, which need the inverse column by column
    #[cfg_attr(feature = "clap", arg(long))]
    pub variation: bool,
}

/// Multipliers and linkages of every industry: output multiplier (total backward linkage), total forward linkage (Ghosh), power and
/// sensitivity of dispersion, whether it is a key sector; and for the extension direct, total and total over direct.
///
/// # Errors
/// An extension that is not known, and what solving the table reports.
pub fn multipliers(table: &ChainTable, request: &MultipliersRequest, _: Language) -> Result<Answer, StrategyError> {
    let extension = table.extension(request.extension.as_deref().unwrap_or("value_added"))?;
    let factor = table.factor()?;
    let found = linkages(factor, LinkageOptions { variation: request.variation });
    let mut rows = RowTable::new("multipliers")
        .text("region", found.iter().map(|one| one.region.as_str()))?
        .text("sector", found.iter().map(|one| one.sector.as_str()))?
        .number("output", found.iter().map(|one| one.output))?
        .number("output_multiplier", found.iter().map(|one| one.total_backward))?
        .number("direct_backward", found.iter().map(|one| one.direct_backward))?
        .number("power_of_dispersion", found.iter().map(|one| one.power_of_dispersion))?
        .number("direct_forward", found.iter().map(|one| one.direct_forward))?
        .number("total_forward", found.iter().map(|one| one.total_forward))?
        .number("sensitivity_of_dispersion", found.iter().map(|one| one.sensitivity_of_dispersion))?
        .flag("key_sector", found.iter().map(|one| one.is_key()))?;
    if request.variation {
        rows = rows
            .number("backward_variation", found.iter().map(|one| one.backward_variation.unwrap_or(f64::NAN)))?
            .number("forward_variation", found.iter().map(|one| one.forward_variation.unwrap_or(f64::NAN)))?;
    }
    let of = of_extension(factor, &extension)?;
    // linkages leave out industries without output, multipliers do not
    let at = found.iter().map(|one| Ok(table.system.position(&one.region, &one.sector)?)).collect::<Result<Vec<usize>, StrategyError>>()?;
    for (k, stressor) in extension.stressors().iter().enumerate() {
        let name = |what: &str| format!("{stressor}_{what}").replace(' ', "_");
        rows = rows
            .number(&name("direct"), at.iter().map(|i| of.direct.at(k, *i)))?
            .number(&name("multiplier"), at.iter().map(|i| of.total.at(k, *i)))?
            .number(&name("type_one"), at.iter().map(|i| of.type_one.at(k, *i)))?;
    }
    Ok(Answer { tables: vec![rows], record: table.record(request), notes: table.notes() })
}
