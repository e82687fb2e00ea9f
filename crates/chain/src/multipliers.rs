use crate::footprints::require_same;
use crate::{ChainError, Extension, Leontief};
use frame::LabelledMatrix;
use serde::{Deserialize, Serialize};

/// Multipliers of an extension, stressors × industries, for one unit of final demand for an industry's output.
#[derive(Debug, Clone)]
pub struct Multipliers {
    /// The direct effect: S.
    pub direct: LabelledMatrix,
    /// Direct and indirect, all regions together: M = S L (the textbook's simple multiplier).
    pub total: LabelledMatrix,
    /// Total over direct (Type I); NaN where the direct effect is zero.
    pub type_one: LabelledMatrix,
}

/// Multipliers of any extension: of value added, income, jobs, emissions; of output with [`Extension::output`].
///
/// One transposed solve a stressor. With households made part of the system see [`ClosedSystem`](crate::ClosedSystem).
/// Source: Miller and Blair (2009), Input-Output Analysis, section 6.2.
///
/// ```
/// # use xinzhi_chain::{InputOutputSystem, SystemOptions};
/// use xinzhi_chain::{Extension, Factor, multipliers};
/// // Miller and Blair, table 2.3: output multipliers 1.518 and 1.452
/// let pair = |a: &str, b: &str| (a.to_string(), b.to_string());
/// let system = InputOutputSystem::new(
///     "Miller and Blair", 2009, "dollars", vec![pair("A", "1"), pair("A", "2")], vec![150.0, 500.0, 200.0, 100.0],
///     vec![pair("A", "final")], vec![350.0, 1700.0], SystemOptions::default(),
/// )?;
/// let output = multipliers(&Factor::new(&system)?, &Extension::output(&system)?)?;
/// assert!((output.total.at(0, 0) - 1.518).abs() < 5e-4 && (output.total.at(0, 1) - 1.452).abs() < 5e-4);
/// # Ok::<(), xinzhi_chain::ChainError>(())
/// ```
///
/// # Errors
/// [`ChainError::Different`] for an extension of another system.
pub fn multipliers(leontief: &impl Leontief, extension: &Extension) -> Result<Multipliers, ChainError> {
    require_same(leontief.system(), extension)?;
    let direct = extension.coefficients();
    let total = leontief.solve_transposed(direct.to_vec());
    let ratio = |(total, direct): (&f64, &f64)| if *direct == 0.0 { f64::NAN } else { total / direct };
    let type_one = total.iter().zip(direct).map(ratio).collect();
    Ok(Multipliers {
        direct: extension.over_industries(direct.to_vec())?,
        total: extension.over_industries(total)?,
        type_one: extension.over_industries(type_one)?,
    })
}

/// How an industry hangs together with the others, as a buyer (backward) and as a seller (forward).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Linkage {
    /// The region.
    pub region: String,
    /// The sector.
    pub sector: String,
    /// Its output.
    pub output: f64,
    /// Inputs per unit of output: the column sum of A.
    pub direct_backward: f64,
    /// The column sum of L: the output of all for one unit of final demand for this one.
    pub total_backward: f64,
    /// Power of dispersion: total backward linkage over the mean of all industries; above 1 it pulls more than the average.
    pub power_of_dispersion: f64,
    /// The part of output sold to industries: the row sum of B = x̂⁻¹ Z.
    pub direct_forward: f64,
    /// The row sum of the Ghosh inverse G.
    pub total_forward: f64,
    /// Sensitivity of dispersion: total forward linkage over the mean of all industries.
    pub sensitivity_of_dispersion: f64,
    /// Rasmussen's own index of sensitivity: the row sum of L over the mean of all industries. It weighs small and large buyers alike.
    pub sensitivity_by_leontief: f64,
    /// Coefficient of variation of the column of L: the smaller, the more evenly the pull spreads over industries. Absent unless asked
    /// for.
    pub backward_variation: Option<f64>,
    /// Coefficient of variation of the row of G. Absent unless asked for.
    pub forward_variation: Option<f64>,
}

impl Linkage {
    /// A key industry has both power and sensitivity of dispersion above 1 (Rasmussen, Hirschman).
    pub fn is_key(&self) -> bool {
        self.power_of_dispersion > 1.0 && self.sensitivity_of_dispersion > 1.0
    }
}

/// What [`linkages`] computes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct LinkageOptions {
    /// Whether coefficients of variation are computed: they need every entry of the inverse, one solve an industry.
    pub variation: bool,
}

/// Backward and forward linkages of every industry with positive output, in table order.
///
/// Backward linkages come from L, forward ones from the Ghosh inverse G = x̂⁻¹ L x̂, which needs no factor of its own. Means are over the
/// industries with positive output; coefficients of variation are sample standard deviation (n − 1) over mean.
/// Sources: Rasmussen (1956), Studies in Inter-Sectoral Relations; Hazari (1970), Empirical Identification of Key Sectors in the Indian
/// Economy, Review of Economics and Statistics 52; Jones (1976), The Measurement of Hirschmanian Linkages, Quarterly Journal of
/// Economics 90 (the Ghosh form of forward linkages); Miller and Blair (2009), section 12.2.
///
/// ```
/// # use xinzhi_chain::{InputOutputSystem, SystemOptions};
/// use xinzhi_chain::{Factor, LinkageOptions, linkages};
/// # let pair = |a: &str, b: &str| (a.to_string(), b.to_string());
/// # let system = InputOutputSystem::new(
/// #     "Miller and Blair", 2009, "dollars", vec![pair("A", "1"), pair("A", "2")], vec![150.0, 500.0, 200.0, 100.0],
/// #     vec![pair("A", "final")], vec![350.0, 1700.0], SystemOptions::default(),
/// # )?;
/// let rows = linkages(&Factor::new(&system)?, LinkageOptions::default());
/// assert!((rows[0].direct_backward - 0.35).abs() < 1e-12 && (rows[0].direct_forward - 0.65).abs() < 1e-12);
/// assert!((rows[0].power_of_dispersion + rows[1].power_of_dispersion - 2.0).abs() < 1e-12);
/// # Ok::<(), xinzhi_chain::ChainError>(())
/// ```
pub fn linkages(leontief: &impl Leontief, options: LinkageOptions) -> Vec<Linkage> {
    let system = leontief.system();
    let (n, x, inverse) = (system.size(), system.output(), system.inverse_output());
    let backward = leontief.solve_transposed(vec![1.0; n]);
    let sums = leontief.solve([x, &vec![1.0; n]].concat());
    let (ghosh, rows): (Vec<f64>, &[f64]) = (sums[..n].iter().zip(inverse).map(|(made, inverse)| made * inverse).collect(), &sums[n..]);

    let (mut inputs, mut sold) = (vec![0.0; n], Vec::with_capacity(n));
    for (row, own) in system.deliveries().chunks_exact(n).zip(inverse) {
        inputs.iter_mut().zip(row).for_each(|(sum, flow)| *sum += flow);
        sold.push(row.iter().sum::<f64>() * own);
    }
    let with_output: Vec<usize> = (0..n).filter(|i| x[*i] > 0.0).collect();
    let mean = |values: &[f64]| with_output.iter().map(|i| values[*i]).sum::<f64>() / with_output.len() as f64;
    let (backward_mean, forward_mean, row_mean) = (mean(&backward), mean(&ghosh), mean(rows));
    let variation = (options.variation && n > 1).then(|| variations(leontief, &backward, &ghosh));

    let linkage = |i: &usize| {
        let i = *i;
        let (region, sector) = system.sectors()[i].clone();
        Linkage {
            region,
            sector,
            output: x[i],
            direct_backward: inputs[i] * inverse[i],
            total_backward: backward[i],
            power_of_dispersion: backward[i] / backward_mean,
            direct_forward: sold[i],
            total_forward: ghosh[i],
            sensitivity_of_dispersion: ghosh[i] / forward_mean,
            sensitivity_by_leontief: rows[i] / row_mean,
            backward_variation: variation.as_ref().map(|v| v.0[i]),
            forward_variation: variation.as_ref().map(|v| v.1[i]),
        }
    };
    with_output.iter().map(linkage).collect()
}

/// Coefficients of variation of the columns of L and the rows of G, whose sums are known, from one pass over the columns of L.
fn variations(leontief: &impl Leontief, backward: &[f64], ghosh: &[f64]) -> (Vec<f64>, Vec<f64>) {
    /// How many columns are held at once.
    const COLUMNS: usize = 256;
    let system = leontief.system();
    let (n, x) = (system.size(), system.output());
    let (mut of_columns, mut of_rows) = (Vec::with_capacity(n), vec![0.0; n]);
    for start in (0..n).step_by(COLUMNS) {
        let end = (start + COLUMNS).min(n);
        let columns = leontief.columns(start..end);
        for (j, column) in (start..end).zip(columns.chunks_exact(n)) {
            let mut squares = 0.0;
            for (entry, sum) in column.iter().zip(&mut of_rows) {
                let square = entry * entry;
                squares += square;
                *sum += square * x[j] * x[j];
            }
            of_columns.push(squares);
        }
    }
    let size = n as f64;
    let variation = |squares: f64, sum: f64| {
        let mean = sum / size;
        ((squares - size * mean * mean).max(0.0) / (size - 1.0)).sqrt() / mean
    };
    let backward = of_columns.iter().zip(backward).map(|(squares, sum)| variation(*squares, *sum)).collect();
    let forward = of_rows.iter().zip(system.inverse_output()).zip(ghosh);
    let forward = forward.map(|((squares, inverse), sum)| variation(squares * inverse * inverse, *sum)).collect();
    (backward, forward)
}
