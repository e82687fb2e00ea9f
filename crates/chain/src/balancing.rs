use crate::ChainError;
use frame::{FrameError, LabelledMatrix, LabelledVector};
use std::collections::HashSet;

/// How [`ras`] and [`gras`] end, and what they leave alone.
#[derive(Debug, Clone, PartialEq)]
pub struct BalancingOptions {
    /// The iteration ends when no column multiplier moves by more than this (in absolute terms, the convention of the published
    /// algorithm). Default: 1e-12.
    pub tolerance: f64,
    /// After so many iterations it has failed. Default: 10,000.
    pub max_iterations: usize,
    /// By how much, as a share of the total of all rows in absolute terms, the totals of rows and of columns may differ, and by how much
    /// a row or column may miss its total at the end (as a share of the sum of its cells in absolute terms). Default: 1e-9.
    pub total_tolerance: f64,
    /// Cells (row, column) whose value is known: they keep it, and the others share what remains of the totals.
    pub known: Vec<(String, String)>,
}

impl Default for BalancingOptions {
    fn default() -> Self {
        BalancingOptions { tolerance: 1e-12, max_iterations: 10_000, total_tolerance: 1e-9, known: Vec::new() }
    }
}

/// A table brought to given totals.
#[derive(Debug, Clone, PartialEq)]
pub struct Balanced {
    /// The table.
    pub matrix: LabelledMatrix,
    /// What positive cells of every row were multiplied by, and negative ones divided by. Row and column multipliers are defined up to
    /// one common factor; they start from row multipliers of 1. A row or column that had to be emptied has 0.
    pub row_multipliers: LabelledVector,
    /// The same of every column.
    pub column_multipliers: LabelledVector,
    /// How many iterations (a pass over rows, then over columns) it took after the first column multipliers.
    pub iterations: usize,
    /// How far the column multipliers moved in the last of them.
    pub last_change: f64,
    /// The largest difference between a row's sum and its total, in the table's unit.
    pub row_residual: f64,
    /// The largest difference between a column's sum and its total.
    pub column_residual: f64,
    /// Σ |new − old| over all cells.
    pub moved: f64,
    /// Cells that changed sign: none by either method, unless a row or column had to be emptied (then 0 counts as no change).
    pub sign_changes: usize,
}

/// RAS: the non-negative table nearest to another (least Kullback-Leibler information) with given row and column sums.
///
/// X = r̂ X₀ ŝ, rows and columns scaled in turn. Zero cells stay zero. The algorithm is that of Stone (1961) and Bacharach (1970),
/// Biproportional Matrices and Input-Output Change; textbook: Miller and Blair (2009), section 7.4. To update input coefficients, pass
/// Z₀ = A₀ x̂₁ and divide the result by x₁.
///
/// ```
/// use frame::{LabelledMatrix, LabelledVector, Labels};
/// use xinzhi_chain::{BalancingOptions, ras};
/// let (rows, columns) = (Labels::new("rows", ["a", "b"])?, Labels::new("columns", ["c", "d"])?);
/// let table = LabelledMatrix::new(rows.clone(), columns.clone(), vec![1.0, 1.0, 1.0, 1.0])?;
/// let totals = |labels: &Labels, values: [f64; 2]| LabelledVector::new(labels.clone(), values.to_vec());
/// let balanced = ras(&table, &totals(&rows, [30.0, 70.0])?, &totals(&columns, [40.0, 60.0])?, &BalancingOptions::default())?;
/// assert!((balanced.matrix.get("a", "d").unwrap() - 18.0).abs() < 1e-9);
/// # Ok::<(), xinzhi_chain::ChainError>(())
/// ```
///
/// # Errors
/// [`FrameError::Value`] for a negative cell (use [`gras`]) or one that is not finite; [`FrameError::UnknownLabel`] where totals or known
/// cells are labelled otherwise; [`ChainError::Target`] for a total that cannot be reached (a negative one; an empty row with a total;
/// Σ rows ≠ Σ columns); [`ChainError::NotConverged`].
pub fn ras(
    table: &LabelledMatrix,
    row_totals: &LabelledVector,
    column_totals: &LabelledVector,
    options: &BalancingOptions,
) -> Result<Balanced, ChainError> {
    table.require_non_negative("the table for RAS (for tables with negative cells use GRAS)")?;
    balanced("RAS", table, row_totals, column_totals, options)
}

/// GRAS: RAS for tables with negative cells, which keep their sign.
///
/// With X₀ = P − N (positive and negative parts), p_j = Σ_i P_ij r_i and n_j = Σ_i N_ij / r_i, the column multipliers are
/// s_j = (v_j + √(v_j² + 4 p_j n_j)) / 2 p_j, or −n_j / v_j where p_j = 0; rows alike; X = r̂Pŝ − r̂⁻¹Nŝ⁻¹. A row of one sign whose total
/// is zero is emptied. Source: Junius and Oosterhaven (2003), Economic Systems Research 15; with the objective and the treatment of
/// rows without positive cells of Lenzen, Wood and Gallego (2007) and Temurshoev, Miller and Bouwmeester (2013), A Note on the GRAS
/// Method, Economic Systems Research 25.
///
/// ```
/// use frame::{LabelledMatrix, LabelledVector, Labels};
/// use xinzhi_chain::{BalancingOptions, gras};
/// // the example of Junius and Oosterhaven
/// let (rows, columns) = (Labels::new("rows", ["1", "2", "3"])?, Labels::new("columns", ["1", "2", "3", "4"])?);
/// let values = vec![7.0, 3.0, 5.0, -3.0, 2.0, 9.0, 8.0, 1.0, -2.0, 0.0, 2.0, 1.0];
/// let table = LabelledMatrix::new(rows.clone(), columns.clone(), values)?;
/// let (u, v) = (LabelledVector::new(rows, vec![15.0, 26.0, -1.0])?, LabelledVector::new(columns, vec![9.0, 16.0, 17.0, -2.0])?);
/// let balanced = gras(&table, &u, &v, &BalancingOptions::default())?;
/// assert!((balanced.matrix.at(0, 0) - 8.976440).abs() < 5e-7);
/// assert_eq!(balanced.iterations, 19);
/// # Ok::<(), xinzhi_chain::ChainError>(())
/// ```
///
/// # Errors
/// As [`ras`], but negative cells and totals are welcome.
pub fn gras(
    table: &LabelledMatrix,
    row_totals: &LabelledVector,
    column_totals: &LabelledVector,
    options: &BalancingOptions,
) -> Result<Balanced, ChainError> {
    let columns = table.columns().len();
    if let Some(at) = table.values().iter().position(|value| !value.is_finite()) {
        return Err(FrameError::Value {
            what: "the table for GRAS".to_owned(),
            row: table.rows().name(at / columns).to_owned(),
            column: table.columns().name(at % columns).to_owned(),
            value: table.values()[at].to_string(),
            requirement: "values must be finite".to_owned(),
        }
        .into());
    }
    balanced("GRAS", table, row_totals, column_totals, options)
}

/// The multiplier m > 0 with p m − n / m = total, in the form that does not cancel. Zero where p > 0 and n = 0 leave no other choice.
pub(crate) fn multiplier(total: f64, p: f64, n: f64) -> f64 {
    let root = (total * total + 4.0 * p * n).sqrt();
    if total >= 0.0 { (total + root) / (2.0 * p) } else { 2.0 * n / (root - total) }
}

/// Values of `vector` in the order of `labels`.
fn aligned(vector: &LabelledVector, labels: &frame::Labels) -> Result<Vec<f64>, ChainError> {
    if let Some(extra) = vector.labels().iter().find(|label| labels.position(label).is_none()) {
        labels.require(extra)?;
    }
    Ok(labels.iter().map(|label| Ok(vector.values()[vector.labels().require(label)?])).collect::<Result<_, FrameError>>()?)
}

fn balanced(
    method: &'static str,
    table: &LabelledMatrix,
    row_totals: &LabelledVector,
    column_totals: &LabelledVector,
    options: &BalancingOptions,
) -> Result<Balanced, ChainError> {
    let (rows, columns) = (table.rows(), table.columns());
    let (m, n) = (rows.len(), columns.len());
    let name = format!("{method} of {} by {}", rows.what(), columns.what());
    if m == 0 || n == 0 {
        return Err(ChainError::Empty { system: name });
    }
    let (mut u, mut v) = (aligned(row_totals, rows)?, aligned(column_totals, columns)?);
    for (side, labels, totals) in [("row", rows, &u), ("column", columns, &v)] {
        if let Some(i) = totals.iter().position(|t| !t.is_finite() || (method == "RAS" && *t < 0.0)) {
            let why = if totals[i].is_finite() { "RAS knows no negative totals, use GRAS" } else { "totals must be finite numbers" };
            let label = labels.name(i).to_owned();
            return Err(ChainError::Target { table: name, side, label, target: totals[i], why: why.to_owned() });
        }
    }
    let (mass, difference) = (u.iter().map(|t| t.abs()).sum::<f64>(), u.iter().sum::<f64>() - v.iter().sum::<f64>());
    if difference.abs() > options.total_tolerance * mass {
        let why = format!("the columns' totals sum to {}; make both sums equal first", v.iter().sum::<f64>());
        return Err(ChainError::Target { table: name, side: "row", label: "all rows".to_owned(), target: u.iter().sum(), why });
    }

    // known cells leave the table with their part of the totals, and come back at the end
    let mut values = table.values().to_vec();
    let mut known = HashSet::with_capacity(options.known.len());
    for (row, column) in &options.known {
        let (i, j) = (rows.require(row)?, columns.require(column)?);
        if known.insert(i * n + j) {
            u[i] -= values[i * n + j];
            v[j] -= values[i * n + j];
            values[i * n + j] = 0.0;
        }
    }
    // a remainder that is nothing but rounding is nothing
    for (rest, full) in u.iter_mut().zip(aligned(row_totals, rows)?).chain(v.iter_mut().zip(aligned(column_totals, columns)?)) {
        if *rest != full && rest.abs() < full.abs() * 1e-14 {
            *rest = 0.0;
        }
    }

    let (empty_rows, empty_columns) = emptied(&name, table, &mut values, &u, &v, !known.is_empty())?;
    let mut iteration =
        Iteration { values: &values, columns: n, r: vec![1.0; m], s: vec![0.0; n], u: &u, v: &v, empty_rows, empty_columns };
    iteration.scale_columns();
    let (mut iterations, mut change) = (0, f64::INFINITY);
    while change > options.tolerance && iterations < options.max_iterations {
        let before = iteration.s.clone();
        iteration.scale_rows();
        iteration.scale_columns();
        // f64::max would pass over a multiplier that grew until it stopped being a number
        change = before.iter().zip(&iteration.s).map(|(a, b)| (a - b).abs()).fold(0.0, |a, b| if b > a || b.is_nan() { b } else { a });
        iterations += 1;
    }
    let Iteration { r, s, .. } = iteration;

    let mut result = Vec::with_capacity(m * n);
    for (row, r) in values.chunks_exact(n).zip(&r) {
        result.extend(row.iter().zip(&s).map(|(value, s)| scaled(*value, *r, *s)));
    }
    for at in known {
        result[at] = table.values()[at];
    }
    let matrix = LabelledMatrix::new(rows.clone(), columns.clone(), result)?;
    let absolute = LabelledMatrix::new(rows.clone(), columns.clone(), matrix.values().iter().map(|v| v.abs()).collect())?;
    let misses = |sums: Vec<f64>, totals: Vec<f64>| sums.iter().zip(totals).map(|(s, t)| (s - t).abs()).collect::<Vec<f64>>();
    let row_misses = misses(matrix.row_sums(), aligned(row_totals, rows)?);
    let column_misses = misses(matrix.column_sums(), aligned(column_totals, columns)?);
    let mut worst = (0.0, String::new());
    for (side, labels, misses, masses) in
        [("row", rows, &row_misses, absolute.row_sums()), ("column", columns, &column_misses, absolute.column_sums())]
    {
        for (i, (miss, mass)) in misses.iter().zip(masses).enumerate() {
            let relative = if *miss == 0.0 { 0.0 } else { miss / mass.max(f64::MIN_POSITIVE) };
            if relative > worst.0 || (relative.is_nan() && !worst.0.is_nan()) {
                worst = (relative, format!("the {side} \"{}\"", labels.name(i)));
            }
        }
    }
    // written so that a NaN fails
    if !(worst.0 <= options.total_tolerance && change <= options.tolerance) {
        let next = "look for zero cells that leave a row or column no way to its total, or relax the tolerance";
        let place = if worst.1.is_empty() { "a column multiplier".to_owned() } else { worst.1 };
        let residual = if worst.0 <= options.total_tolerance { change } else { worst.0 };
        return Err(ChainError::NotConverged { system: name, method, iterations, place, residual, next });
    }
    let pairs = || table.values().iter().zip(matrix.values());
    Ok(Balanced {
        moved: pairs().map(|(old, new)| (new - old).abs()).sum(),
        sign_changes: pairs().filter(|(old, new)| *old * *new < 0.0).count(),
        row_multipliers: LabelledVector::new(rows.clone(), r)?,
        column_multipliers: LabelledVector::new(columns.clone(), s)?,
        iterations,
        last_change: change,
        row_residual: row_misses.into_iter().fold(0.0, f64::max),
        column_residual: column_misses.into_iter().fold(0.0, f64::max),
        matrix,
    })
}

fn scaled(value: f64, r: f64, s: f64) -> f64 {
    if value > 0.0 {
        value * r * s
    } else if value < 0.0 {
        value / (r * s)
    } else {
        0.0
    }
}

/// Empties rows and columns of one sign whose total is zero, again and again as that may leave others empty; names what cannot reach
/// its total.
fn emptied(
    name: &str,
    table: &LabelledMatrix,
    values: &mut [f64],
    u: &[f64],
    v: &[f64],
    with_known: bool,
) -> Result<(Vec<bool>, Vec<bool>), ChainError> {
    let (m, n) = (u.len(), v.len());
    let mut empty = [vec![false; m], vec![false; n]];
    loop {
        let mut positive = [vec![false; m], vec![false; n]];
        let mut negative = [vec![false; m], vec![false; n]];
        for (i, row) in values.chunks_exact(n).enumerate() {
            for (j, value) in row.iter().enumerate() {
                positive[0][i] |= *value > 0.0;
                positive[1][j] |= *value > 0.0;
                negative[0][i] |= *value < 0.0;
                negative[1][j] |= *value < 0.0;
            }
        }
        let mut again = false;
        for (side, (word, labels, totals)) in [("row", table.rows(), u), ("column", table.columns(), v)].into_iter().enumerate() {
            for (i, total) in totals.iter().enumerate() {
                let (up, down) = (positive[side][i], negative[side][i]);
                if (*total > 0.0 && !up) || (*total < 0.0 && !down) {
                    let beside = if with_known { " beside the known ones" } else { "" };
                    let why = match (up, down) {
                        (false, false) => format!("it has no cells other than zero{beside}, and zero cells stay zero"),
                        (false, true) => format!("it has only negative cells{beside}, and cells keep their sign"),
                        (true, _) => format!("it has only positive cells{beside}, and cells keep their sign"),
                    };
                    let label = labels.name(i).to_owned();
                    return Err(ChainError::Target { table: name.to_owned(), side: word, label, target: *total, why });
                }
                if *total == 0.0 && up != down {
                    again = true;
                    let cells = if side == 0 { (i * n..(i + 1) * n).step_by(1) } else { (i..m * n).step_by(n) };
                    cells.for_each(|at| values[at] = 0.0);
                }
                if *total == 0.0 && !(up && down) {
                    empty[side][i] = true;
                }
            }
        }
        if !again {
            let [rows, columns] = empty;
            return Ok((rows, columns));
        }
    }
}

struct Iteration<'a> {
    values: &'a [f64],
    columns: usize,
    r: Vec<f64>,
    s: Vec<f64>,
    u: &'a [f64],
    v: &'a [f64],
    empty_rows: Vec<bool>,
    empty_columns: Vec<bool>,
}

impl Iteration<'_> {
    fn scale_rows(&mut self) {
        // an emptied column has only zero cells, so what its reciprocal is does not matter as long as it is finite
        let reciprocal: Vec<f64> = self.s.iter().map(|s| if *s > 0.0 { 1.0 / s } else { 0.0 }).collect();
        for (i, row) in self.values.chunks_exact(self.columns).enumerate() {
            if self.empty_rows[i] {
                self.r[i] = 0.0;
                continue;
            }
            let (mut p, mut n) = (0.0, 0.0);
            for (value, (s, inverse)) in row.iter().zip(self.s.iter().zip(&reciprocal)) {
                p += value.max(0.0) * s;
                n += (-value).max(0.0) * inverse;
            }
            self.r[i] = multiplier(self.u[i], p, n);
        }
    }

    fn scale_columns(&mut self) {
        let (mut p, mut n) = (vec![0.0; self.columns], vec![0.0; self.columns]);
        for (row, r) in self.values.chunks_exact(self.columns).zip(&self.r) {
            let inverse = if *r > 0.0 { 1.0 / r } else { 0.0 };
            for (value, (p, n)) in row.iter().zip(p.iter_mut().zip(n.iter_mut())) {
                *p += value.max(0.0) * r;
                *n += (-value).max(0.0) * inverse;
            }
        }
        for (j, s) in self.s.iter_mut().enumerate() {
            *s = if self.empty_columns[j] { 0.0 } else { multiplier(self.v[j], p[j], n[j]) };
        }
    }
}
