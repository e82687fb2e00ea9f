use super::{ChainTable, refuse};
use crate::StrategyError;
use chain::{Extension, FootprintOptions, Leontief, footprints};
use store::RowTable;

/// A matrix whose rows and columns have labels of one or more levels.
#[derive(Debug, Clone, PartialEq)]
pub struct LabelledCells {
    /// The names of the levels of the rows.
    pub row_levels: Vec<String>,
    /// The labels of the rows, a level each.
    pub rows: Vec<Vec<String>>,
    /// The names of the levels of the columns.
    pub column_levels: Vec<String>,
    /// The labels of the columns, a level each.
    pub columns: Vec<Vec<String>>,
    /// The numbers, row by row.
    pub values: Vec<f64>,
}

impl LabelledCells {
    /// The matrix as a wide table: a column a level of the rows, then one column each, its levels joined by blanks.
    ///
    /// # Errors
    /// [`store::Problem::Schema`] for columns of the same name.
    pub fn wide(&self, name: &str) -> Result<RowTable, StrategyError> {
        let mut table = RowTable::new(name);
        for (at, level) in self.row_levels.iter().enumerate() {
            table = table.text(level, self.rows.iter().map(|label| label[at].as_str()))?;
        }
        for (at, label) in self.columns.iter().enumerate() {
            table = table.number(&label.join(" "), (0..self.rows.len()).map(|row| self.values[row * self.columns.len() + at]))?;
        }
        Ok(table)
    }
}

/// Labels with the names of their levels.
struct Axis(Vec<&'static str>, Vec<Vec<String>>);

impl Axis {
    fn pairs(levels: [&'static str; 2], pairs: &[(String, String)]) -> Self {
        Axis(levels.to_vec(), pairs.iter().map(|(first, second)| vec![first.clone(), second.clone()]).collect())
    }

    fn one(label: &str) -> Self {
        Axis(vec!["name"], vec![vec![label.to_owned()]])
    }
}

fn cells(rows: Axis, columns: Axis, values: Vec<f64>) -> LabelledCells {
    let levels = |levels: Vec<&str>| levels.into_iter().map(str::to_owned).collect();
    LabelledCells { row_levels: levels(rows.0), rows: rows.1, column_levels: levels(columns.0), columns: columns.1, values }
}

/// The names of the matrices that need no extension.
const PLAIN: &str = "Z, Y, x, A, L, B, G or v";
/// Those of an extension.
const ACCOUNTS: &str = "F, F_Y, S, M, M_up, M_down, D_cba, D_pba, D_imp, D_exp, D_cba_reg, D_pba_reg, D_imp_reg or D_exp_reg";

/// A matrix of a table by the name pymrio gives it.
///
/// Without an extension: `Z` deliveries between industries, `Y` final demand, `x` output, `A` = Z x̂⁻¹, `L` = (I − A)⁻¹, `B` = x̂⁻¹ Z,
/// `G` = (I − B)⁻¹ = x̂⁻¹ L x̂, `v` value-added coefficients. Rows and columns of industries without positive output are 0 in `B`, and
/// those of the identity in `G`.
///
/// # Errors
/// A name that is not known, an extension that is not there, and what solving the table reports.
///
/// ```
/// use xinzhi_strategy::chain_verbs::{ChainTable, Flows, matrix};
/// let pair = |a: &str, b: &str| (a.to_string(), b.to_string());
/// let table = ChainTable::of_flows(Flows {
///     name: "two regions".into(), industries: vec![pair("A", "all"), pair("B", "all")], z: vec![10.0, 20.0, 30.0, 40.0],
///     final_demand: vec![pair("A", "final"), pair("B", "final")], y: vec![50.0, 20.0, 10.0, 20.0], ..Flows::default()
/// })?;
/// assert_eq!(matrix(&table, "A", None)?.values, [0.1, 0.2, 0.3, 0.4]);
/// # Ok::<(), xinzhi_strategy::StrategyError>(())
/// ```
pub fn matrix(table: &ChainTable, name: &str, extension: Option<&str>) -> Result<LabelledCells, StrategyError> {
    if let Some(extension) = extension {
        return of_extension(table, name, &table.extension(extension)?);
    }
    let system = &table.system;
    let (n, x) = (system.size(), system.output());
    let industries = || Axis::pairs(["region", "sector"], system.sectors());
    let square = |values: Vec<f64>| cells(industries(), industries(), values);
    let column = |label: &str, values: Vec<f64>| cells(industries(), Axis::one(label), values);
    Ok(match name {
        "Z" => square(system.deliveries().to_vec()),
        "Y" => cells(industries(), Axis::pairs(["region", "category"], system.final_demand_columns()), system.final_demand().to_vec()),
        "x" => column("x", x.to_vec()),
        "v" => column("v", system.value_added_coefficients().to_vec()),
        "A" => {
            let inverse = system.inverse_output();
            square(system.deliveries().chunks_exact(n).flat_map(|row| row.iter().zip(inverse).map(|(z, inverse)| z * inverse)).collect())
        }
        "B" => {
            let rows = system.deliveries().chunks_exact(n).zip(system.inverse_output());
            square(rows.flat_map(|(row, inverse)| row.iter().map(move |z| z * inverse)).collect())
        }
        "L" => square(table.factor()?.rows(0..n)),
        "G" => {
            let mut rows = table.factor()?.rows(0..n);
            for (i, (row, inverse)) in rows.chunks_exact_mut(n).zip(system.inverse_output()).enumerate() {
                for (j, (l, x)) in row.iter_mut().zip(x).enumerate() {
                    *l = if i == j && *inverse == 0.0 { 1.0 } else { *l * inverse * x.max(0.0) };
                }
            }
            square(rows)
        }
        other => return refuse("name", other, PLAIN),
    })
}

fn of_extension(table: &ChainTable, name: &str, extension: &Extension) -> Result<LabelledCells, StrategyError> {
    let system = &table.system;
    let stressors = || {
        Axis(vec!["stressor", "unit"], {
            extension.stressors().iter().zip(extension.units()).map(|(label, unit)| vec![label.to_owned(), unit.clone()]).collect()
        })
    };
    let by_industry = |values: Vec<f64>| cells(stressors(), Axis::pairs(["region", "sector"], system.sectors()), values);
    Ok(match name {
        "F" => by_industry(extension.flows().to_vec()),
        "S" => by_industry(extension.coefficients().to_vec()),
        "F_Y" => match extension.final_demand_flows() {
            Some(flows) => cells(stressors(), Axis::pairs(["region", "category"], system.final_demand_columns()), flows.to_vec()),
            None => return refuse("name", name, "another: the extension has no flows of final demand"),
        },
        "M" => by_industry(table.factor()?.solve_transposed(extension.coefficients().to_vec())),
        "M_up" | "M_down" | "D_cba" | "D_pba" | "D_imp" | "D_exp" | "D_cba_reg" | "D_pba_reg" | "D_imp_reg" | "D_exp_reg" => {
            let options = FootprintOptions { imports_by_sector: name == "D_imp", ..FootprintOptions::default() };
            let found = footprints(table.factor()?, extension, &options)?;
            let accounts = &found.regional;
            let matrix = match name {
                "M_up" => Some(&found.m_up),
                "M_down" => Some(&found.m_down),
                "D_cba" => Some(&found.d_cba),
                "D_pba" => Some(&found.d_pba),
                "D_imp" => found.d_imp.as_ref(),
                "D_exp" => Some(&found.d_exp),
                "D_cba_reg" => Some(&accounts.d_cba),
                "D_pba_reg" => Some(&accounts.d_pba),
                "D_imp_reg" => Some(&accounts.d_imp),
                _ => Some(&accounts.d_exp),
            };
            let Some(matrix) = matrix else { return refuse("name", name, ACCOUNTS) };
            let by_region = name.ends_with("_reg");
            let levels = if by_region { vec!["region"] } else { vec!["region", "sector"] };
            let labels = matrix.columns().iter().map(|label| match label.split_once(' ') {
                Some((region, sector)) if !by_region => vec![region.to_owned(), sector.to_owned()],
                _ => vec![label.to_owned()],
            });
            cells(stressors(), Axis(levels, labels.collect()), matrix.values().to_vec())
        }
        other => return refuse("name", other, ACCOUNTS),
    })
}
