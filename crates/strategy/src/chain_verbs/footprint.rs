use super::{ChainTable, refuse};
use crate::{Answer, StrategyError};
use chain::{EmissionScopes, FootprintOptions, Footprints, bilateral_trade, emission_scopes, emissions_in_bilateral_trade, footprints};
use frame::{LabelledMatrix, Language};
use serde::{Deserialize, Serialize};
use store::RowTable;

/// What arises behind final demand, and where.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "clap", derive(clap::Args))]
#[serde(default, deny_unknown_fields)]
pub struct FootprintRequest {
    /// What is accounted for: an extension of the table, value_added (default) or output
    #[cfg_attr(feature = "clap", arg(long, value_name = "NAME"))]
    pub extension: Option<String>,
    /// Only these rows of the extension
    #[cfg_attr(feature = "clap", arg(long, value_name = "NAME", value_delimiter = ','))]
    pub stressors: Vec<String>,
    /// The rows: region (default), the accounts of consumption, production, imports and exports; sector, the same by industry; bilateral,
    /// from where to where; eebt, embodied in bilateral trade; scopes, of every industry; trade, gross flows of the table itself
    #[cfg_attr(feature = "clap", arg(long, value_name = "ROWS"))]
    pub by: Option<String>,
    /// With scopes: the sectors that sell electricity, steam and heat
    #[cfg_attr(feature = "clap", arg(long, value_name = "SECTOR", value_delimiter = ','))]
    pub energy: Vec<String>,
    /// With sector: consumption-based imports by product too, at one solve a stressor and region
    #[cfg_attr(feature = "clap", arg(long))]
    pub imports_by_sector: bool,
}

/// Footprints: accounts under pymrio's names, in the extension's units.
///
/// # Errors
/// Extensions, rows and sectors that are not known, and what solving the table reports.
pub fn footprint(table: &ChainTable, request: &FootprintRequest, _: Language) -> Result<Answer, StrategyError> {
    let by = request.by.as_deref().unwrap_or("region");
    if by == "trade" {
        let rows = gross_trade(table)?;
        return Ok(Answer { tables: vec![rows], record: table.record(request), notes: table.notes() });
    }
    let extension = table.extension(request.extension.as_deref().unwrap_or("value_added"))?;
    for stressor in &request.stressors {
        extension.stressors().require(stressor)?;
    }
    let kept: Vec<usize> = (0..extension.stressors().len())
        .filter(|k| request.stressors.is_empty() || request.stressors.iter().any(|name| name == extension.stressors().name(*k)))
        .collect();
    let stressors = Stressors { names: extension.stressors().names().to_vec(), units: extension.units().to_vec(), kept };
    let mut notes = table.notes();
    let rows = match by {
        "eebt" => stressors.between("eebt", &emissions_in_bilateral_trade(&extension)?)?,
        "region" | "sector" | "bilateral" | "scopes" => {
            let options = FootprintOptions { imports_by_sector: request.imports_by_sector, ..FootprintOptions::default() };
            let (regions, rows) = (table.system.regions().len(), extension.stressors().len());
            let imports = if request.imports_by_sector { regions * rows } else { 0 };
            let found = footprints(table.factor_for(Some(regions + 2 * rows + imports))?, &extension, &options)?;
            match by {
                "region" => {
                    notes.push(
                        "regional accounts of consumption and production hold what final demand emits itself (F_Y); those of imports and exports do not"
                            .to_owned(),
                    );
                    stressors.regions(&found)?
                }
                "sector" => stressors.sectors(&found)?,
                "bilateral" => stressors.between("footprint", &found.bilateral)?,
                _ => {
                    if request.energy.is_empty() {
                        return refuse("energy", "", "the codes of the sectors that sell electricity, steam and heat");
                    }
                    let codes: Vec<&str> = request.energy.iter().map(String::as_str).collect();
                    stressors.scopes(&found, &emission_scopes(&table.system, &found, &codes)?)?
                }
            }
        }
        other => return refuse("by", other, "region, sector, bilateral, eebt, scopes or trade"),
    };
    Ok(Answer { tables: vec![rows], record: table.record(request), notes })
}

/// The rows of an extension that are asked for.
struct Stressors {
    names: Vec<String>,
    units: Vec<String>,
    kept: Vec<usize>,
}

impl Stressors {
    /// A table with a row for every stressor kept and every column of a matrix.
    fn rows(&self, name: &str, columns: usize) -> Result<(RowTable, Vec<(usize, usize)>), StrategyError> {
        let pairs: Vec<(usize, usize)> = self.kept.iter().flat_map(|k| (0..columns).map(move |c| (*k, c))).collect();
        let rows = RowTable::new(name)
            .text("stressor", pairs.iter().map(|(k, _)| self.names[*k].as_str()))?
            .text("unit", pairs.iter().map(|(k, _)| self.units[*k].as_str()))?;
        Ok((rows, pairs))
    }

    fn regions(&self, found: &Footprints) -> Result<RowTable, StrategyError> {
        let accounts = &found.regional;
        let regions = accounts.d_cba.columns();
        let (rows, pairs) = self.rows("footprint", regions.len())?;
        let mut rows = rows.text("region", pairs.iter().map(|(_, r)| regions.name(*r)))?;
        for (name, matrix) in
            [("D_cba", &accounts.d_cba), ("D_pba", &accounts.d_pba), ("D_imp", &accounts.d_imp), ("D_exp", &accounts.d_exp)]
        {
            rows = rows.number(name, pairs.iter().map(|(k, r)| matrix.at(*k, *r)))?;
        }
        Ok(rows)
    }

    fn sectors(&self, found: &Footprints) -> Result<RowTable, StrategyError> {
        let industries = found.m.columns();
        let (rows, pairs) = self.rows("footprint", industries.len())?;
        let (regions, sectors): (Vec<&str>, Vec<&str>) =
            pairs.iter().map(|(_, i)| industries.name(*i).split_once(' ').unwrap_or((industries.name(*i), ""))).unzip();
        let mut rows = rows.text("region", regions)?.text("sector", sectors)?;
        let mut columns: Vec<(&str, &LabelledMatrix)> = vec![
            ("S", &found.s),
            ("M", &found.m),
            ("M_up", &found.m_up),
            ("M_down", &found.m_down),
            ("D_cba", &found.d_cba),
            ("D_pba", &found.d_pba),
            ("D_exp", &found.d_exp),
        ];
        columns.extend(found.d_imp.as_ref().map(|matrix| ("D_imp", matrix)));
        for (name, matrix) in columns {
            rows = if matrix.columns().len() == industries.len() {
                rows.number(name, pairs.iter().map(|(k, i)| matrix.at(*k, *i)))?
            } else {
                // consuming region and product; not every region makes every product
                let of = |i: usize| matrix.columns().position(industries.name(i));
                rows.number(name, pairs.iter().map(|(k, i)| of(*i).map_or(0.0, |at| matrix.at(*k, at))))?
            };
        }
        Ok(rows)
    }

    fn between(&self, name: &str, matrices: &[LabelledMatrix]) -> Result<RowTable, StrategyError> {
        let Some(first) = matrices.first() else { return Ok(RowTable::new(name)) };
        let (from, to) = (first.rows(), first.columns());
        let (rows, pairs) = self.rows(name, from.len() * to.len())?;
        Ok(rows
            .text("from", pairs.iter().map(|(_, c)| from.name(c / to.len())))?
            .text("to", pairs.iter().map(|(_, c)| to.name(c % to.len())))?
            .number("value", pairs.iter().map(|(k, c)| matrices[*k].at(c / to.len(), c % to.len())))?)
    }

    fn scopes(&self, found: &Footprints, scopes: &EmissionScopes) -> Result<RowTable, StrategyError> {
        let industries = found.m.columns();
        let (rows, pairs) = self.rows("scopes", industries.len())?;
        let mut rows = rows.text("industry", pairs.iter().map(|(_, i)| industries.name(*i)))?;
        for (name, matrix) in [
            ("scope_1", &scopes.scope_1),
            ("scope_2", &scopes.scope_2),
            ("scope_3_upstream", &scopes.scope_3_upstream),
            ("scope_3_downstream", &scopes.scope_3_downstream),
        ] {
            rows = rows.number(name, pairs.iter().map(|(k, i)| matrix.at(*k, *i)))?;
        }
        Ok(rows)
    }
}

fn gross_trade(table: &ChainTable) -> Result<RowTable, StrategyError> {
    let trade = bilateral_trade(&table.system)?;
    let regions = trade.total.rows();
    let pairs: Vec<(usize, usize)> =
        (0..regions.len()).flat_map(|r| (0..regions.len()).map(move |s| (r, s))).filter(|(r, s)| r != s).collect();
    Ok(RowTable::new("trade")
        .text("from", pairs.iter().map(|(r, _)| regions.name(*r)))?
        .text("to", pairs.iter().map(|(_, s)| regions.name(*s)))?
        .number("inputs", pairs.iter().map(|(r, s)| trade.intermediate.at(*r, *s)))?
        .number("final_goods", pairs.iter().map(|(r, s)| trade.final_goods.at(*r, *s)))?
        .number("total", pairs.iter().map(|(r, s)| trade.total.at(*r, *s)))?)
}
