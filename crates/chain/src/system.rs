use crate::ChainError;
use frame::{FrameError, LabelledVector, Labels};
use serde::{Deserialize, Serialize};
use std::collections::HashSet;
use std::ops::Range;
use std::sync::Arc;

/// What to do with a negative delivery between industries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NegativeFlows {
    /// Refuse the table, naming the first such cell.
    #[default]
    Refuse,
    /// Set it to zero and report how many and how much; output is recomputed after that.
    SetToZero,
}

/// Conventions of an [`InputOutputSystem`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct SystemOptions {
    /// Negative deliveries between industries. Negative final demand (inventories) is always kept and reported.
    pub negative_flows: NegativeFlows,
}

/// What was done to a table to make it a system, and what in it a reader must know. All masses are in the table's unit.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Repairs {
    /// The rows came in another order than region by region and were sorted (regions by first appearance).
    pub reordered: bool,
    /// Industries whose output is zero: their column of A is zero.
    pub without_output: Vec<(String, String)>,
    /// Industries whose row sum is negative (inventories run down), with that sum: their column of A is zero.
    pub negative_output: Vec<(String, String, f64)>,
    /// Inputs of the industries of the two lists above, which the zero columns leave out.
    pub inputs_left_out: f64,
    /// How many deliveries between industries were negative and set to zero.
    pub negative_flows: usize,
    /// Their sum before that (negative).
    pub negative_flow_mass: f64,
    /// How many cells of final demand are negative; they are kept.
    pub negative_final_demand: usize,
    /// Their sum (negative).
    pub negative_final_demand_mass: f64,
    /// Industries whose inputs exceed their output, with their value added; they are kept.
    pub negative_value_added: Vec<(String, String, f64)>,
}

/// A multi-regional input-output table made ready for computing. Cheap to clone.
///
/// With Z (n × n, deliveries between industries) and Y (n × m, deliveries to final demand):
/// output x = Z1 + Y1, recomputed from the rows; input coefficients A = Z x̂⁻¹, with a zero column where x ≤ 0; value-added
/// coefficients v = 1 − 1'A where x > 0, else 0, so that taxes on products and margins that stand in rows of their own belong to
/// value added. Source: Miller and Blair (2009), Input-Output Analysis, chapters 2 and 3.
///
/// ```
/// use xinzhi_chain::{InputOutputSystem, SystemOptions};
/// let pair = |a: &str, b: &str| (a.to_string(), b.to_string());
/// let system = InputOutputSystem::new(
///     "two regions", 2011, "million USD",
///     vec![pair("A", "all"), pair("B", "all")], vec![10.0, 20.0, 30.0, 40.0],
///     vec![pair("A", "final"), pair("B", "final")], vec![50.0, 20.0, 10.0, 20.0],
///     SystemOptions::default(),
/// )?;
/// assert_eq!(system.output(), [100.0, 100.0]);
/// assert_eq!(system.input_coefficient(1, 0), 0.3);
/// assert_eq!(system.value_added_by_region()?.get("B"), Some(40.0));
/// assert_eq!(system.gross_exports("A")?, [40.0]);
/// # Ok::<(), xinzhi_chain::ChainError>(())
/// ```
#[derive(Debug, Clone)]
pub struct InputOutputSystem {
    inner: Arc<Inner>,
    /// v, residual or given.
    value_added_coefficients: Arc<Vec<f64>>,
    /// What of output is neither inputs nor value added; absent where value added is the residual.
    other_costs: Option<Arc<Vec<f64>>>,
}

/// Cells that stand in memory once and are read by many: a memory map, or a vector.
pub type SharedCells = Arc<dyn AsRef<[f64]> + Send + Sync>;

/// Owned cells are read without an indirect call, which single cells feel.
enum Cells {
    Owned(Vec<f64>),
    Shared(SharedCells),
}

impl Cells {
    fn slice(&self) -> &[f64] {
        match self {
            Cells::Owned(cells) => cells,
            Cells::Shared(cells) => (**cells).as_ref(),
        }
    }
}

impl std::fmt::Debug for Cells {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let kind = match self {
            Cells::Owned(_) => "owned",
            Cells::Shared(_) => "shared",
        };
        write!(f, "{} {kind} cells", self.slice().len())
    }
}

/// How many rows are summed side by side: each in its own order, so that the sums are those of one row after the other.
const ROWS: usize = 8;

/// Row and column sums of n rows of n cells, and whether every cell is finite and not negative, in one pass over memory.
fn sums_and_check(z: &[f64], n: usize) -> (Vec<f64>, Vec<f64>, bool) {
    let (mut row_sums, mut column_sums, mut fine) = (Vec::with_capacity(n), vec![0.0; n], true);
    for tile in z.chunks(ROWS * n) {
        let mut rows = tile.chunks_exact(n);
        if tile.len() == ROWS * n
            && let (Some(a), Some(b), Some(c), Some(d)) = (rows.next(), rows.next(), rows.next(), rows.next())
            && let (Some(e), Some(f), Some(g), Some(h)) = (rows.next(), rows.next(), rows.next(), rows.next())
        {
            let mut sums = [0.0; ROWS];
            let left = a.iter().zip(b).zip(c.iter().zip(d));
            for (((a, b), (c, d)), ((e, f), (g, h))) in left.zip(e.iter().zip(f).zip(g.iter().zip(h))) {
                for (sum, flow) in sums.iter_mut().zip([a, b, c, d, e, f, g, h]) {
                    *sum += flow;
                }
            }
            row_sums.extend(sums);
        } else {
            row_sums.extend(rows.map(|row| row.iter().sum::<f64>()));
        }
        for row in tile.chunks_exact(n) {
            let mut all = true;
            for (sum, flow) in column_sums.iter_mut().zip(row) {
                all &= *flow >= 0.0 && *flow < f64::INFINITY;
                *sum += flow;
            }
            fine &= all;
        }
    }
    (row_sums, column_sums, fine)
}

#[derive(Debug)]
struct Inner {
    name: String,
    period: i32,
    unit: String,
    regions: Labels,
    /// Where each region's industries start; one more than there are regions.
    starts: Vec<usize>,
    sectors: Vec<(String, String)>,
    z: Cells,
    final_demand: Vec<(String, String)>,
    y: Vec<f64>,
    /// Final demand summed to regions, n × regions.
    y_by_region: Vec<f64>,
    output: Vec<f64>,
    /// 1/x, 0 where x ≤ 0.
    inverse_output: Vec<f64>,
    /// x less inputs, 0 where x ≤ 0.
    residual_value_added: Vec<f64>,
    repairs: Repairs,
}

impl InputOutputSystem {
    /// A system from a table.
    ///
    /// `sectors` are the (region, sector) pairs of rows and columns, `z` the n × n deliveries row by row, `final_demand` the
    /// (region, category) pairs of the m columns of final demand, `y` the n × m deliveries to them row by row. Rows need not come
    /// region by region; where they do not, they are put in that order (see [`Repairs::reordered`]).
    ///
    /// # Errors
    /// [`ChainError::Empty`], [`ChainError::Shape`], [`ChainError::Flow`] for a cell that is not finite, or negative between industries
    /// unless the options allow it; [`ChainError::FinalDemandRegion`]; [`FrameError::DuplicateLabel`] for a repeated pair.
    #[expect(clippy::too_many_arguments, reason = "one argument for each part of the published table")]
    pub fn new(
        name: impl Into<String>,
        period: i32,
        unit: impl Into<String>,
        sectors: Vec<(String, String)>,
        z: Vec<f64>,
        final_demand: Vec<(String, String)>,
        y: Vec<f64>,
        options: SystemOptions,
    ) -> Result<Self, ChainError> {
        Self::build(format!("{} {period}", name.into()), period, unit.into(), sectors, Cells::Owned(z), final_demand, y, options)
    }

    /// A system over deliveries that stand in memory already, such as a memory map; arguments as for [`new`](Self::new).
    ///
    /// The cells are not copied unless rows have to be put in order or negative flows set to zero.
    ///
    /// ```
    /// use std::sync::Arc;
    /// use xinzhi_chain::{InputOutputSystem, SharedCells, SystemOptions};
    /// let cells: SharedCells = Arc::new(vec![10.0, 20.0, 30.0, 40.0]);
    /// let pair = |a: &str, b: &str| (a.to_string(), b.to_string());
    /// let system = InputOutputSystem::from_shared(
    ///     "two regions", 2011, "million USD", vec![pair("A", "all"), pair("B", "all")], cells.clone(),
    ///     vec![pair("A", "final"), pair("B", "final")], vec![50.0, 20.0, 10.0, 20.0], SystemOptions::default(),
    /// )?;
    /// assert_eq!(system.deliveries().as_ptr(), (*cells).as_ref().as_ptr());
    /// # Ok::<(), xinzhi_chain::ChainError>(())
    /// ```
    ///
    /// # Errors
    /// As for [`new`](Self::new).
    #[expect(clippy::too_many_arguments, reason = "one argument for each part of the published table")]
    pub fn from_shared(
        name: impl Into<String>,
        period: i32,
        unit: impl Into<String>,
        sectors: Vec<(String, String)>,
        z: SharedCells,
        final_demand: Vec<(String, String)>,
        y: Vec<f64>,
        options: SystemOptions,
    ) -> Result<Self, ChainError> {
        Self::build(format!("{} {period}", name.into()), period, unit.into(), sectors, Cells::Shared(z), final_demand, y, options)
    }

    #[expect(clippy::too_many_arguments, reason = "one argument for each part of the published table")]
    fn build(
        name: String,
        period: i32,
        unit: String,
        sectors: Vec<(String, String)>,
        z: Cells,
        final_demand: Vec<(String, String)>,
        y: Vec<f64>,
        options: SystemOptions,
    ) -> Result<Self, ChainError> {
        let (n, m) = (sectors.len(), final_demand.len());
        if n == 0 {
            return Err(ChainError::Empty { system: name });
        }
        for (what, expected, found) in [("deliveries between industries", n * n, z.slice().len()), ("final demand", n * m, y.len())] {
            if expected != found {
                return Err(ChainError::Shape { system: name, what: what.to_owned(), expected, found });
            }
        }
        for (what, pairs) in [("industries", &sectors), ("final-demand columns", &final_demand)] {
            let mut seen = HashSet::with_capacity(pairs.len());
            if let Some((region, code)) = pairs.iter().find(|pair| !seen.insert(*pair)) {
                return Err(FrameError::DuplicateLabel { label: format!("{region} {code}"), what: what.to_owned() }.into());
            }
        }

        let mut region_names: Vec<&str> = Vec::new();
        let mut known: HashSet<&str> = HashSet::new();
        for (region, _) in &sectors {
            if known.insert(region) {
                region_names.push(region);
            }
        }
        let regions = Labels::new("regions", region_names)?;
        let region_of = |region: &str| regions.require(region);
        let row_regions = sectors.iter().map(|(region, _)| region_of(region)).collect::<Result<Vec<_>, _>>()?;
        let mut column_regions = Vec::with_capacity(m);
        for (region, category) in &final_demand {
            column_regions.push(regions.position(region).ok_or_else(|| ChainError::FinalDemandRegion {
                system: name.clone(),
                region: region.clone(),
                category: category.clone(),
            })?);
        }

        let mut repairs = Repairs { reordered: !row_regions.is_sorted(), ..Repairs::default() };
        let (sectors, mut z, y) = if repairs.reordered {
            let mut order: Vec<usize> = (0..n).collect();
            order.sort_by_key(|i| row_regions[*i]);
            let rows = order.iter().map(|i| &z.slice()[i * n..(i + 1) * n]);
            let reordered_z = Cells::Owned(rows.flat_map(|row| order.iter().map(move |j| row[*j])).collect());
            let reordered_y = order.iter().flat_map(|i| y[i * m..(i + 1) * m].iter().copied()).collect();
            (order.iter().map(|i| sectors[*i].clone()).collect(), reordered_z, reordered_y)
        } else {
            (sectors, z, y)
        };
        let mut starts = vec![0; regions.len() + 1];
        for region in &row_regions {
            starts[region + 1] += 1;
        }
        for r in 0..regions.len() {
            starts[r + 1] += starts[r];
        }

        let printed = |(region, code): &(String, String)| format!("{region} {code}");
        let (mut row_sums, mut inputs, fine) = sums_and_check(z.slice(), n);
        if !fine {
            let refused = |flow: f64| {
                if !flow.is_finite() {
                    Some("flows must be finite numbers")
                } else if flow < 0.0 && options.negative_flows == NegativeFlows::Refuse {
                    Some("flows between industries must not be negative; correct it, or choose the option that sets such flows to zero")
                } else {
                    None
                }
            };
            if let Some((at, next)) = z.slice().iter().enumerate().find_map(|(at, flow)| Some((at, refused(*flow)?))) {
                return Err(ChainError::Flow {
                    system: name,
                    what: "the delivery",
                    row: printed(&sectors[at / n]),
                    column: printed(&sectors[at % n]),
                    value: z.slice()[at],
                    next,
                });
            }
            let mut cells = match z {
                Cells::Owned(cells) => cells,
                Cells::Shared(cells) => (*cells).as_ref().to_vec(),
            };
            for flow in cells.iter_mut().filter(|flow| **flow < 0.0) {
                repairs.negative_flows += 1;
                repairs.negative_flow_mass += *flow;
                *flow = 0.0;
            }
            (row_sums, inputs, _) = sums_and_check(&cells, n);
            z = Cells::Owned(cells);
        }
        for (at, flow) in y.iter().enumerate() {
            if !flow.is_finite() {
                return Err(ChainError::Flow {
                    system: name,
                    what: "the final delivery",
                    row: printed(&sectors[at / m]),
                    column: printed(&final_demand[at % m]),
                    value: *flow,
                    next: "flows must be finite numbers",
                });
            }
            if *flow < 0.0 {
                repairs.negative_final_demand += 1;
                repairs.negative_final_demand_mass += *flow;
            }
        }

        let mut y_by_region = vec![0.0; n * regions.len()];
        let mut output = Vec::with_capacity(n);
        for i in 0..n {
            let final_row = &y[i * m..(i + 1) * m];
            for (value, region) in final_row.iter().zip(&column_regions) {
                y_by_region[i * regions.len() + region] += value;
            }
            output.push(row_sums[i] + final_row.iter().sum::<f64>());
        }
        let mut inverse_output = vec![0.0; n];
        let (mut value_added_coefficients, mut residual_value_added) = (vec![0.0; n], vec![0.0; n]);
        for j in 0..n {
            let (region, sector) = sectors[j].clone();
            if output[j] > 0.0 {
                inverse_output[j] = 1.0 / output[j];
                value_added_coefficients[j] = 1.0 - inputs[j] / output[j];
                residual_value_added[j] = output[j] - inputs[j];
                if inputs[j] > output[j] {
                    repairs.negative_value_added.push((region, sector, output[j] - inputs[j]));
                }
            } else {
                repairs.inputs_left_out += inputs[j];
                if output[j] < 0.0 {
                    repairs.negative_output.push((region, sector, output[j]));
                } else {
                    repairs.without_output.push((region, sector));
                }
            }
        }
        let inner = Inner {
            name,
            period,
            unit,
            regions,
            starts,
            sectors,
            z,
            final_demand,
            y,
            y_by_region,
            output,
            inverse_output,
            residual_value_added,
            repairs,
        };
        Ok(InputOutputSystem { inner: Arc::new(inner), value_added_coefficients: Arc::new(value_added_coefficients), other_costs: None })
    }

    /// The same system with value added as published instead of the residual, so that taxes on products, margins and whatever else
    /// stands in rows of its own are apart (see [`other_costs`](Self::other_costs)). The table is shared, not copied.
    ///
    /// `value_added` is the sum of the value-added rows for every industry, in the order of [`sectors`](Self::sectors); v_j is its
    /// share in output where x_j > 0, else 0. Negative value added is kept.
    ///
    /// ```
    /// # use xinzhi_chain::{InputOutputSystem, SystemOptions};
    /// # let pair = |a: &str, b: &str| (a.to_string(), b.to_string());
    /// # let system = InputOutputSystem::new(
    /// #     "two regions", 2011, "million USD", vec![pair("A", "all"), pair("B", "all")], vec![10.0, 20.0, 30.0, 40.0],
    /// #     vec![pair("A", "final"), pair("B", "final")], vec![50.0, 20.0, 10.0, 20.0], SystemOptions::default(),
    /// # )?;
    /// let apart = system.with_value_added(&[58.0, 40.0])?;
    /// assert_eq!(apart.value_added_coefficients(), [0.58, 0.4]);
    /// assert_eq!(apart.other_costs(), Some([2.0, 0.0].as_slice()));
    /// # Ok::<(), xinzhi_chain::ChainError>(())
    /// ```
    ///
    /// # Errors
    /// [`ChainError::Shape`]; [`ChainError::Flow`] for a value that is not finite.
    pub fn with_value_added(&self, value_added: &[f64]) -> Result<Self, ChainError> {
        let inner = &self.inner;
        let (system, n) = (|| inner.name.clone(), self.size());
        if value_added.len() != n {
            return Err(ChainError::Shape { system: system(), what: "value added".to_owned(), expected: n, found: value_added.len() });
        }
        if let Some(j) = value_added.iter().position(|value| !value.is_finite()) {
            return Err(ChainError::Flow {
                system: system(),
                what: "value added",
                row: "value added".to_owned(),
                column: self.industry(j),
                value: value_added[j],
                next: "value added must be a finite number",
            });
        }
        let coefficients = value_added.iter().zip(&inner.inverse_output).map(|(value, inverse)| value * inverse).collect();
        let others = inner
            .residual_value_added
            .iter()
            .zip(value_added)
            .zip(&inner.output)
            .map(|((r, v), x)| if *x > 0.0 { r - v } else { 0.0 })
            .collect();
        Ok(InputOutputSystem {
            inner: inner.clone(),
            value_added_coefficients: Arc::new(coefficients),
            other_costs: Some(Arc::new(others)),
        })
    }

    /// The system's name and period, for messages and evidence.
    pub fn name(&self) -> &str {
        &self.inner.name
    }

    /// The year.
    pub fn period(&self) -> i32 {
        self.inner.period
    }

    /// The unit of all flows.
    pub fn unit(&self) -> &str {
        &self.inner.unit
    }

    /// The regions, in order.
    pub fn regions(&self) -> &Labels {
        &self.inner.regions
    }

    /// The (region, sector) pair of every row and column, region by region.
    pub fn sectors(&self) -> &[(String, String)] {
        &self.inner.sectors
    }

    /// The (region, category) pair of every column of final demand.
    pub fn final_demand_columns(&self) -> &[(String, String)] {
        &self.inner.final_demand
    }

    /// How many industries (region × sector) there are.
    pub fn size(&self) -> usize {
        self.inner.sectors.len()
    }

    /// The positions of a region's industries.
    ///
    /// # Errors
    /// [`FrameError::UnknownLabel`] with the nearest regions.
    pub fn range(&self, region: &str) -> Result<Range<usize>, ChainError> {
        Ok(self.range_at(self.inner.regions.require(region)?))
    }

    /// The positions of the industries of the region at a position of [`regions`](Self::regions).
    pub fn range_at(&self, region: usize) -> Range<usize> {
        self.inner.starts[region]..self.inner.starts[region + 1]
    }

    /// Where the industry (region, sector) stands.
    ///
    /// # Errors
    /// [`FrameError::UnknownLabel`].
    pub fn position(&self, region: &str, sector: &str) -> Result<usize, ChainError> {
        let range = self.range(region)?;
        let found = range.clone().find(|i| self.inner.sectors[*i].1 == sector);
        found.ok_or_else(|| {
            let nearest = self.inner.sectors[range].iter().map(|s| s.1.clone()).filter(|s| s.starts_with(sector)).take(5).collect();
            FrameError::UnknownLabel { label: sector.to_owned(), what: format!("sectors of {region}"), nearest }.into()
        })
    }

    /// The sector labels of a region.
    ///
    /// # Errors
    /// [`FrameError::UnknownLabel`].
    pub fn sectors_of(&self, region: &str) -> Result<Labels, ChainError> {
        Ok(Labels::new(format!("sectors of {region}"), self.inner.sectors[self.range(region)?].iter().map(|s| s.1.clone()))?)
    }

    /// Deliveries between industries, n × n, row by row.
    pub fn deliveries(&self) -> &[f64] {
        self.inner.z.slice()
    }

    /// What industry i sells to industry j.
    pub fn delivery(&self, i: usize, j: usize) -> f64 {
        self.inner.z.slice()[i * self.size() + j]
    }

    /// Final demand, n × m, row by row, as it came.
    pub fn final_demand(&self) -> &[f64] {
        &self.inner.y
    }

    /// What industry i sells to the final demand of the region at a position.
    pub fn final_delivery(&self, i: usize, region: usize) -> f64 {
        self.inner.y_by_region[i * self.inner.regions.len() + region]
    }

    /// Output x, the sum of each row.
    pub fn output(&self) -> &[f64] {
        &self.inner.output
    }

    /// a_ij = z_ij / x_j, 0 where x_j ≤ 0.
    pub fn input_coefficient(&self, i: usize, j: usize) -> f64 {
        self.delivery(i, j) * self.inner.inverse_output[j]
    }

    /// v = 1 − 1'A, or value added as given over output; 0 where x ≤ 0.
    pub fn value_added_coefficients(&self) -> &[f64] {
        &self.value_added_coefficients
    }

    /// Value added v_j x_j of every industry.
    pub fn value_added(&self) -> Vec<f64> {
        self.value_added_coefficients.iter().zip(&self.inner.output).map(|(v, x)| v * x).collect()
    }

    /// Value added of every region.
    ///
    /// # Errors
    /// None today beyond those of the labels.
    pub fn value_added_by_region(&self) -> Result<LabelledVector, ChainError> {
        self.by_region(&self.value_added())
    }

    /// Output of every region.
    ///
    /// # Errors
    /// None today beyond those of the labels.
    pub fn output_by_region(&self) -> Result<LabelledVector, ChainError> {
        self.by_region(&self.inner.output)
    }

    /// The sum of all final demand, which equals the world's value added but for [`Repairs`].
    pub fn total_final_demand(&self) -> f64 {
        self.inner.y.iter().sum()
    }

    /// Gross exports of every industry of a region: deliveries to industries and to final demand of other regions.
    ///
    /// # Errors
    /// [`FrameError::UnknownLabel`].
    pub fn gross_exports(&self, region: &str) -> Result<Vec<f64>, ChainError> {
        Ok(self.gross_exports_at(self.inner.regions.require(region)?))
    }

    pub(crate) fn gross_exports_at(&self, region: usize) -> Vec<f64> {
        let (own, n) = (self.range_at(region), self.size());
        own.clone()
            .map(|i| {
                let row = &self.inner.z.slice()[i * n..(i + 1) * n];
                let to_industries: f64 = row[..own.start].iter().sum::<f64>() + row[own.end..].iter().sum::<f64>();
                let to_final: f64 = (0..self.inner.regions.len()).filter(|r| *r != region).map(|r| self.final_delivery(i, r)).sum();
                to_industries + to_final
            })
            .collect()
    }

    /// What had to be repaired, and what a reader must know.
    pub fn repairs(&self) -> &Repairs {
        &self.inner.repairs
    }

    /// Sums of a value of every industry, by region.
    pub(crate) fn by_region(&self, values: &[f64]) -> Result<LabelledVector, ChainError> {
        let sums = (0..self.inner.regions.len()).map(|r| values[self.range_at(r)].iter().sum()).collect();
        Ok(LabelledVector::new(self.inner.regions.clone(), sums)?)
    }

    /// The printed name of an industry.
    pub(crate) fn industry(&self, i: usize) -> String {
        let (region, sector) = &self.inner.sectors[i];
        format!("{region} {sector}")
    }

    /// 1/x of every industry, 0 where x ≤ 0.
    pub fn inverse_output(&self) -> &[f64] {
        &self.inner.inverse_output
    }

    /// What of every industry's output is neither inputs nor the value added given (taxes less subsidies on products, margins, ...);
    /// `None` where value added is the residual and holds all of that.
    pub fn other_costs(&self) -> Option<&[f64]> {
        self.other_costs.as_ref().map(|costs| costs.as_slice())
    }

    /// Labels of the industries, "region sector", in table order.
    ///
    /// # Errors
    /// [`FrameError::DuplicateLabel`] where two pairs print alike.
    pub fn industry_labels(&self) -> Result<Labels, ChainError> {
        Ok(Labels::new("industries", (0..self.size()).map(|i| self.industry(i)))?)
    }

    /// The position in [`regions`](Self::regions) of every industry.
    pub(crate) fn region_positions(&self) -> Vec<usize> {
        (0..self.inner.regions.len()).flat_map(|r| self.range_at(r).map(move |_| r)).collect()
    }

    /// The position in [`regions`](Self::regions) of every column of final demand.
    pub(crate) fn final_demand_regions(&self) -> Vec<usize> {
        self.inner.final_demand.iter().filter_map(|(region, _)| self.inner.regions.position(region)).collect()
    }

    /// The sector codes, in order of first appearance, and the position in them of every industry's.
    pub(crate) fn sector_codes(&self) -> Result<(Labels, Vec<usize>), ChainError> {
        let mut seen = HashSet::new();
        let codes: Vec<&str> = self.inner.sectors.iter().map(|(_, code)| code.as_str()).filter(|code| seen.insert(*code)).collect();
        let labels = Labels::new("sectors", codes)?;
        let positions = self.inner.sectors.iter().map(|(_, code)| labels.require(code)).collect::<Result<_, _>>()?;
        Ok((labels, positions))
    }

    /// Final demand of a region, one value for every industry.
    pub(crate) fn final_demand_of(&self, region: usize) -> Vec<f64> {
        self.inner.y_by_region.iter().skip(region).step_by(self.inner.regions.len()).copied().collect()
    }

    /// Final demand of all regions together, one value for every industry.
    pub(crate) fn all_final_demand(&self) -> Vec<f64> {
        self.inner.y_by_region.chunks_exact(self.inner.regions.len()).map(|row| row.iter().sum()).collect()
    }
}
