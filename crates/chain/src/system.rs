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
    z: Vec<f64>,
    final_demand: Vec<(String, String)>,
    y: Vec<f64>,
    /// Final demand summed to regions, n × regions.
    y_by_region: Vec<f64>,
    output: Vec<f64>,
    /// 1/x, 0 where x ≤ 0.
    inverse_output: Vec<f64>,
    value_added_coefficients: Vec<f64>,
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
        let name = format!("{} {period}", name.into());
        let (n, m) = (sectors.len(), final_demand.len());
        if n == 0 {
            return Err(ChainError::Empty { system: name });
        }
        for (what, expected, found) in [("deliveries between industries", n * n, z.len()), ("final demand", n * m, y.len())] {
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
            let rows = order.iter().map(|i| &z[i * n..(i + 1) * n]);
            let reordered_z = rows.flat_map(|row| order.iter().map(move |j| row[*j])).collect();
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
        for (at, flow) in z.iter_mut().enumerate() {
            let refused = if !flow.is_finite() {
                "flows must be finite numbers"
            } else if *flow < 0.0 && options.negative_flows == NegativeFlows::Refuse {
                "flows between industries must not be negative; correct it, or choose the option that sets such flows to zero"
            } else {
                if *flow < 0.0 {
                    repairs.negative_flows += 1;
                    repairs.negative_flow_mass += *flow;
                    *flow = 0.0;
                }
                continue;
            };
            return Err(ChainError::Flow {
                system: name,
                what: "the delivery",
                row: printed(&sectors[at / n]),
                column: printed(&sectors[at % n]),
                value: *flow,
                next: refused,
            });
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
            output.push(z[i * n..(i + 1) * n].iter().sum::<f64>() + final_row.iter().sum::<f64>());
        }
        let mut inputs = vec![0.0; n];
        for row in z.chunks_exact(n) {
            for (sum, flow) in inputs.iter_mut().zip(row) {
                *sum += flow;
            }
        }
        let mut inverse_output = vec![0.0; n];
        let mut value_added_coefficients = vec![0.0; n];
        for j in 0..n {
            let (region, sector) = sectors[j].clone();
            if output[j] > 0.0 {
                inverse_output[j] = 1.0 / output[j];
                value_added_coefficients[j] = 1.0 - inputs[j] / output[j];
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
            unit: unit.into(),
            regions,
            starts,
            sectors,
            z,
            final_demand,
            y,
            y_by_region,
            output,
            inverse_output,
            value_added_coefficients,
            repairs,
        };
        Ok(InputOutputSystem { inner: Arc::new(inner) })
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
        &self.inner.z
    }

    /// What industry i sells to industry j.
    pub fn delivery(&self, i: usize, j: usize) -> f64 {
        self.inner.z[i * self.size() + j]
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

    /// v = 1 − 1'A, 0 where x ≤ 0.
    pub fn value_added_coefficients(&self) -> &[f64] {
        &self.inner.value_added_coefficients
    }

    /// Value added v_j x_j of every industry.
    pub fn value_added(&self) -> Vec<f64> {
        self.inner.value_added_coefficients.iter().zip(&self.inner.output).map(|(v, x)| v * x).collect()
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
                let row = &self.inner.z[i * n..(i + 1) * n];
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

    /// What industry i sells to all final demand.
    pub(crate) fn final_demand_at(&self, i: usize) -> f64 {
        let m = self.inner.final_demand.len();
        self.inner.y[i * m..(i + 1) * m].iter().sum()
    }

    /// For every industry, the position of its region.
    pub(crate) fn region_positions(&self) -> Vec<usize> {
        (0..self.inner.regions.len()).flat_map(|r| self.range_at(r).map(move |_| r)).collect()
    }
}
