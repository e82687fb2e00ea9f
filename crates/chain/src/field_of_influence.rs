use crate::{ChainError, Leontief};
use serde::{Deserialize, Serialize};

/// How much the whole system feels one input coefficient.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CoefficientInfluence {
    /// The selling region.
    pub from_region: String,
    /// The selling sector.
    pub from_sector: String,
    /// The buying region.
    pub to_region: String,
    /// The buying sector.
    pub to_sector: String,
    /// a_ij.
    pub coefficient: f64,
    /// The sum of the first-order field of influence, 1'F(i,j)1 = (1'L)_i (L1)_j.
    pub field: f64,
    /// By how much the sum of all outputs grows when a_ij grows by the share asked for, final demand unchanged (exactly, by Sherman and
    /// Morrison).
    pub output_change: f64,
}

/// The coefficients whose fields of influence are largest, or whose change moves output most.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InfluenceOrder {
    /// By the field's sum: where a change of coefficients by one and the same amount is felt most (Sonis and Hewings).
    Field,
    /// By the change in total output that a change by one and the same share brings about: weighs how large the coefficient is.
    #[default]
    OutputChange,
}

/// The first-order field of influence of the input coefficients, the `top` largest among those that are not zero.
///
/// When a_ij grows by e, L grows by e L_·i L_j· / (1 − e l_ji); the matrix F(i,j) = L_·i L_j· is the field of influence of the
/// coefficient. Its sum needs no inverse, only the column sums and row sums of L, which are two solves; the exact output change for a
/// relative rise `share` of a coefficient takes the l_ji of the listed ones as well.
/// Source: Sonis and Hewings (1992), Coefficient Change in Input-Output Models: Theory and Applications, Economic Systems Research 4;
/// Sherman and Morrison (1950).
///
/// ```
/// # use xinzhi_chain::{Factor, InputOutputSystem, SystemOptions};
/// use xinzhi_chain::{InfluenceOrder, field_of_influence};
/// # let pair = |a: &str, b: &str| (a.to_string(), b.to_string());
/// # let system = InputOutputSystem::new(
/// #     "two regions", 2011, "million USD", vec![pair("A", "all"), pair("B", "all")], vec![10.0, 20.0, 30.0, 40.0],
/// #     vec![pair("A", "final"), pair("B", "final")], vec![50.0, 20.0, 10.0, 20.0], SystemOptions::default(),
/// # )?;
/// let strongest = field_of_influence(&Factor::new(&system)?, 0.01, 1, InfluenceOrder::Field)?;
/// assert_eq!((strongest[0].from_region.as_str(), strongest[0].to_region.as_str()), ("B", "B"));
/// # Ok::<(), xinzhi_chain::ChainError>(())
/// ```
///
/// # Errors
/// [`ChainError::Refused`] for a share that is not finite, or so large that the system stops being productive.
pub fn field_of_influence(
    leontief: &impl Leontief,
    share: f64,
    top: usize,
    order: InfluenceOrder,
) -> Result<Vec<CoefficientInfluence>, ChainError> {
    let system = leontief.system();
    let n = system.size();
    let refused =
        |why: String| ChainError::Refused { system: system.name().to_owned(), what: "the change of a coefficient".to_owned(), why };
    if !share.is_finite() {
        return Err(refused(format!("it is {share}; give a finite share")));
    }
    let column_sums = leontief.solve_transposed(vec![1.0; n]);
    let row_sums = leontief.solve(vec![1.0; n]);
    // L y of the table's own final demand, so that industries without output count as they do everywhere
    let regions = system.regions().len();
    let made = leontief.solve((0..n).map(|i| (0..regions).map(|r| system.final_delivery(i, r)).sum()).collect());

    // the field times e x_j, to first order; the exact denominator comes with the listed ones
    let mut ranked: Vec<(f64, usize)> = Vec::new();
    let mut least = 0.0;
    for i in 0..n {
        for j in 0..n {
            let coefficient = system.input_coefficient(i, j);
            if coefficient == 0.0 {
                continue;
            }
            let key = match order {
                InfluenceOrder::Field => column_sums[i] * row_sums[j],
                InfluenceOrder::OutputChange => column_sums[i] * (coefficient * made[j]).abs(),
            };
            if key >= least {
                ranked.push((key, i * n + j));
            }
        }
        if ranked.len() > 4 * top + n {
            keep_largest(&mut ranked, top);
            least = ranked.last().map_or(0.0, |last| last.0);
        }
    }
    keep_largest(&mut ranked, top);

    let mut rows = Vec::with_capacity(ranked.len());
    let mut columns: std::collections::HashMap<usize, Vec<f64>> = std::collections::HashMap::new();
    for (_, at) in ranked {
        let (i, j) = (at / n, at % n);
        let coefficient = system.input_coefficient(i, j);
        let change = share * coefficient;
        let column = columns.entry(i).or_insert_with(|| leontief.columns(i..i + 1));
        let denominator = 1.0 - change * column[j];
        if denominator <= 0.0 {
            let why = format!(
                "with {} of {} raised by the share {share} the system is not productive; choose a smaller share",
                system.industry(i),
                system.industry(j)
            );
            return Err(refused(why));
        }
        let (from, to) = (system.sectors()[i].clone(), system.sectors()[j].clone());
        rows.push(CoefficientInfluence {
            from_region: from.0,
            from_sector: from.1,
            to_region: to.0,
            to_sector: to.1,
            coefficient,
            field: column_sums[i] * row_sums[j],
            output_change: change * column_sums[i] * made[j] / denominator,
        });
    }
    Ok(rows)
}

fn keep_largest(ranked: &mut Vec<(f64, usize)>, top: usize) {
    ranked.sort_unstable_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    ranked.truncate(top);
}
