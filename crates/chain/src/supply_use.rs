use crate::leontief::Lu;
use crate::{ChainError, InputOutputSystem, NegativeFlows, SystemOptions};
use faer::Mat;
use serde::{Deserialize, Serialize};

/// How supply and use become input-output, by the letters of the Eurostat manual.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SupplyUseModel {
    /// A, product by product: each product is made in its own way wherever it is made. Needs as many products as industries; may give
    /// negative flows.
    ProductTechnology,
    /// B, product by product: each industry makes all its products in one way.
    IndustryTechnology,
    /// C, industry by industry: each industry sells in its own way whatever it makes. Needs as many products as industries; may give
    /// negative flows.
    FixedIndustrySales,
    /// D, industry by industry: each product is sold in its own way, whoever makes it; the usual choice for industry tables.
    FixedProductSales,
}

impl SupplyUseModel {
    /// Whether rows and columns of the result are products (industries otherwise).
    pub fn by_product(self) -> bool {
        matches!(self, SupplyUseModel::ProductTechnology | SupplyUseModel::IndustryTechnology)
    }

    fn name(self) -> &'static str {
        match self {
            SupplyUseModel::ProductTechnology => "model A (product technology)",
            SupplyUseModel::IndustryTechnology => "model B (industry technology)",
            SupplyUseModel::FixedIndustrySales => "model C (fixed industry sales structure)",
            SupplyUseModel::FixedProductSales => "model D (fixed product sales structure)",
        }
    }
}

/// Supply and use tables of one year at basic prices, of one or several regions. Matrices are row by row.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct SupplyUseTables {
    /// Name of the tables.
    pub name: String,
    /// Year.
    pub period: i32,
    /// Unit of all flows.
    pub unit: String,
    /// (region, product) of the p products.
    pub products: Vec<(String, String)>,
    /// (region, industry) of the k industries.
    pub industries: Vec<(String, String)>,
    /// Make matrix V, the transposed supply table: what every industry (k rows) makes of every product (p columns).
    pub make: Vec<f64>,
    /// Use table U: what every industry (k columns) uses of every product (p rows).
    pub intermediate_use: Vec<f64>,
    /// (region, category) of the m columns of final use.
    pub final_use_columns: Vec<(String, String)>,
    /// Final use Y, p × m. Imports are a negative column where the use table counts imported goods.
    pub final_use: Vec<f64>,
    /// Rows of value added with their names, k values each (imports used by industries may stand here as well).
    pub value_added: Vec<(String, Vec<f64>)>,
}

/// A negative flow that a model gave.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NegativeFlow {
    /// The selling (region, product or industry).
    pub row: (String, String),
    /// The buying one.
    pub column: (String, String),
    /// The flow.
    pub value: f64,
}

/// An input-output table made of supply and use tables.
#[derive(Debug, Clone, PartialEq)]
pub struct TransformedTable {
    /// Name of the tables it comes from, with the model.
    pub name: String,
    /// Year.
    pub period: i32,
    /// Unit.
    pub unit: String,
    /// The model.
    pub model: SupplyUseModel,
    /// (region, product) or (region, industry) of rows and columns.
    pub sectors: Vec<(String, String)>,
    /// Flows between them, n × n.
    pub deliveries: Vec<f64>,
    /// Columns of final demand.
    pub final_demand_columns: Vec<(String, String)>,
    /// Deliveries to final demand, n × m.
    pub final_demand: Vec<f64>,
    /// Value added by row, n values each.
    pub value_added: Vec<(String, Vec<f64>)>,
    /// Output: q of products or g of industries.
    pub output: Vec<f64>,
    /// Negative flows between sectors, most negative first.
    pub negative_flows: Vec<NegativeFlow>,
    /// Their sum.
    pub negative_mass: f64,
    /// Products that no industry makes (non-comparable imports), with their use by industries. Their rows carry no domestic output; in
    /// industry tables the inputs stand in a row of value added named "inputs without domestic producer".
    pub without_producer: Vec<(String, String, f64)>,
    /// The largest |row sum − output|, in the table's unit.
    pub row_residual: f64,
    /// The largest |inputs + value added − output|.
    pub column_residual: f64,
}

impl TransformedTable {
    /// The table as a system. Negative flows are refused or set to zero, as the option says.
    ///
    /// # Errors
    /// As [`InputOutputSystem::new`].
    pub fn system(&self, negative_flows: NegativeFlows) -> Result<InputOutputSystem, ChainError> {
        InputOutputSystem::new(
            self.name.clone(),
            self.period,
            self.unit.clone(),
            self.sectors.clone(),
            self.deliveries.clone(),
            self.final_demand_columns.clone(),
            self.final_demand.clone(),
            SystemOptions { negative_flows },
        )
    }
}

/// Input-output tables from supply and use tables.
///
/// With V the make matrix (industry × product), q = V'1 and g = V1 outputs of products and industries, U intermediate use, Y final use
/// and W value added, the transformations T of Eurostat (2008), Manual of Supply, Use and Input-Output Tables, chapter 11 are
///
/// | model | T | flows | final demand | value added |
/// | --- | --- | --- | --- | --- |
/// | A product technology | V'⁻¹ q̂ | U T | Y | W T |
/// | B industry technology | ĝ⁻¹ V | U T | Y | W T |
/// | C fixed industry sales | ĝ V'⁻¹ | T U | T Y | W |
/// | D fixed product sales | V q̂⁻¹ | T U | T Y | W |
///
/// The tables must balance: what is made of a product is used (within `tolerance` of the largest output), and an industry's inputs and
/// value added add up to what it makes. B and D take any number of products and industries.
///
/// ```
/// use xinzhi_chain::{NegativeFlows, SupplyUseModel, SupplyUseTables, input_output_from_supply_use};
/// let pairs = |codes: [&str; 2]| codes.map(|code| ("A".to_string(), code.to_string())).to_vec();
/// let tables = SupplyUseTables {
///     name: "made up".to_string(), period: 2020, unit: "units".to_string(),
///     products: pairs(["p1", "p2"]), industries: pairs(["i1", "i2"]),
///     make: vec![90.0, 10.0, 0.0, 100.0], intermediate_use: vec![20.0, 10.0, 30.0, 40.0],
///     final_use_columns: vec![("A".to_string(), "final".to_string())], final_use: vec![60.0, 40.0],
///     value_added: vec![("value added".to_string(), vec![50.0, 50.0])],
/// };
/// let table = input_output_from_supply_use(&tables, SupplyUseModel::FixedProductSales, 1e-6)?;
/// // industry 2 makes 100 of the 110 units of product 2, so it delivers 100/110 of every use of it
/// assert!((table.deliveries[2] - 30.0 * 100.0 / 110.0).abs() < 1e-12);
/// let system = table.system(NegativeFlows::Refuse)?;
/// assert!((system.output()[1] - 100.0).abs() < 1e-12);
/// # Ok::<(), xinzhi_chain::ChainError>(())
/// ```
///
/// # Errors
/// [`ChainError::Empty`], [`ChainError::Shape`]; [`ChainError::Refused`] for a value that is not finite, for models A and C with unequal
/// numbers of products and industries, and for a product whose supply is not used; [`ChainError::Balance`] for an industry;
/// [`ChainError::Singular`] when the make matrix cannot be inverted (A, C).
pub fn input_output_from_supply_use(
    tables: &SupplyUseTables,
    model: SupplyUseModel,
    tolerance: f64,
) -> Result<TransformedTable, ChainError> {
    let name = format!("{} {}", tables.name, tables.period);
    let (p, k, m) = (tables.products.len(), tables.industries.len(), tables.final_use_columns.len());
    let checked = Checked::new(tables, &name, tolerance)?;
    let (q, g) = (&checked.product_output, &checked.industry_output);
    let inverted = matches!(model, SupplyUseModel::ProductTechnology | SupplyUseModel::FixedIndustrySales);
    if inverted && p != k {
        let why = format!("it needs as many products as industries, but there are {p} and {k}; aggregate one side, or choose model B or D");
        return Err(ChainError::Refused { system: name, what: model.name().to_owned(), why });
    }

    // T is industry × product in all four models
    let transformation: Vec<f64> = match model {
        SupplyUseModel::IndustryTechnology => scale_rows(&tables.make, p, g),
        SupplyUseModel::FixedProductSales => scale_columns(&tables.make, p, q),
        SupplyUseModel::ProductTechnology | SupplyUseModel::FixedIndustrySales => {
            // solves V' T = q̂, or T' from V T' = ĝ, with V row by row read column-major as V'
            let singular = || ChainError::Singular { system: name.clone(), what: "the make matrix".to_owned() };
            let lu = Lu::new(Mat::from_fn(p, p, |product, industry| tables.make[industry * p + product])).ok_or_else(singular)?;
            let outputs = if model == SupplyUseModel::ProductTechnology { q } else { g };
            let mut columns = vec![0.0; p * p];
            outputs.iter().enumerate().for_each(|(j, output)| columns[j * p + j] = *output);
            if model == SupplyUseModel::ProductTechnology {
                lu.solve(&mut columns);
                transposed(&columns, p, p)
            } else {
                // the columns of (ĝ V'⁻¹)' = V⁻¹ ĝ stand one after the other, which is ĝ V'⁻¹ row by row
                lu.solve_transposed(&mut columns);
                columns
            }
        }
    };

    let (sectors, output, deliveries, final_demand, mut value_added);
    if model.by_product() {
        sectors = tables.products.clone();
        output = q.clone();
        deliveries = product(&tables.intermediate_use, &transformation, p, k, p);
        final_demand = tables.final_use.clone();
        let rows = tables.value_added.iter();
        value_added = rows.map(|(name, row)| (name.clone(), product(row, &transformation, 1, k, p))).collect::<Vec<_>>();
    } else {
        sectors = tables.industries.clone();
        output = g.clone();
        deliveries = product(&transformation, &tables.intermediate_use, k, p, k);
        final_demand = product(&transformation, &tables.final_use, k, p, m);
        value_added = tables.value_added.clone();
        if !checked.without_producer.is_empty() {
            let mut row = vec![0.0; k];
            for at in &checked.without_producer {
                let used = &tables.intermediate_use[at * k..(at + 1) * k];
                row.iter_mut().zip(used).for_each(|(sum, value)| *sum += value);
            }
            value_added.push(("inputs without domestic producer".to_owned(), row));
        }
    }

    let n = sectors.len();
    let mut negative_flows: Vec<NegativeFlow> = Vec::new();
    // what rounding leaves of a zero is no flow
    let least = 1e-12 * output.iter().fold(0.0_f64, |a, b| a.max(b.abs()));
    for (i, row) in deliveries.chunks_exact(n).enumerate() {
        for (j, value) in row.iter().enumerate().filter(|(_, value)| **value < -least) {
            negative_flows.push(NegativeFlow { row: sectors[i].clone(), column: sectors[j].clone(), value: *value });
        }
    }
    negative_flows.sort_by(|a, b| a.value.total_cmp(&b.value));
    let residuals = |sums: Vec<f64>| sums.iter().zip(&output).map(|(s, x)| (s - x).abs()).fold(0.0, f64::max);
    let row_sums =
        (0..n).map(|i| deliveries[i * n..(i + 1) * n].iter().sum::<f64>() + final_demand[i * m..(i + 1) * m].iter().sum::<f64>()).collect();
    let column_sums = (0..n)
        .map(|j| deliveries.iter().skip(j).step_by(n).sum::<f64>() + value_added.iter().map(|(_, row)| row[j]).sum::<f64>())
        .collect();
    let unproduced = |at: &usize| {
        let (region, code) = tables.products[*at].clone();
        (region, code, tables.intermediate_use[at * k..(at + 1) * k].iter().sum())
    };
    Ok(TransformedTable {
        name: format!("{}, {}", tables.name, model.name()),
        period: tables.period,
        unit: tables.unit.clone(),
        model,
        row_residual: residuals(row_sums),
        column_residual: residuals(column_sums),
        negative_mass: negative_flows.iter().map(|flow| flow.value).sum(),
        negative_flows,
        without_producer: checked.without_producer.iter().map(unproduced).collect(),
        final_demand_columns: tables.final_use_columns.clone(),
        sectors,
        deliveries,
        final_demand,
        value_added,
        output,
    })
}

struct Checked {
    product_output: Vec<f64>,
    industry_output: Vec<f64>,
    without_producer: Vec<usize>,
}

impl Checked {
    fn new(tables: &SupplyUseTables, name: &str, tolerance: f64) -> Result<Self, ChainError> {
        let (p, k, m) = (tables.products.len(), tables.industries.len(), tables.final_use_columns.len());
        if p == 0 || k == 0 {
            return Err(ChainError::Empty { system: name.to_owned() });
        }
        let printed = |(region, code): &(String, String)| format!("{region} {code}");
        let blocks = [
            ("the make matrix", &tables.make, k, p, &tables.industries),
            ("intermediate use", &tables.intermediate_use, p, k, &tables.products),
            ("final use", &tables.final_use, p, m, &tables.products),
        ];
        for (what, values, rows, columns, labels) in blocks {
            if values.len() != rows * columns {
                let (system, what, expected) = (name.to_owned(), what.to_owned(), rows * columns);
                return Err(ChainError::Shape { system, what, expected, found: values.len() });
            }
            if let Some(at) = values.iter().position(|value| !value.is_finite()) {
                let what = format!("{what}, row {}", printed(&labels[at / columns]));
                let why = format!("cell {} is {}; flows must be finite numbers", at % columns + 1, values[at]);
                return Err(ChainError::Refused { system: name.to_owned(), what, why });
            }
        }
        for (row, values) in &tables.value_added {
            if values.len() != k {
                let (system, what) = (name.to_owned(), format!("the row {row}"));
                return Err(ChainError::Shape { system, what, expected: k, found: values.len() });
            }
        }
        let mut product_output = vec![0.0; p];
        let mut industry_output = Vec::with_capacity(k);
        for row in tables.make.chunks_exact(p) {
            product_output.iter_mut().zip(row).for_each(|(sum, value)| *sum += value);
            industry_output.push(row.iter().sum::<f64>());
        }
        let largest = product_output.iter().chain(&industry_output).fold(0.0_f64, |a, b| a.max(b.abs()));
        for (i, made) in product_output.iter().enumerate() {
            let intermediate: f64 = tables.intermediate_use[i * k..(i + 1) * k].iter().sum();
            let used = intermediate + tables.final_use[i * m..(i + 1) * m].iter().sum::<f64>();
            // written so that a NaN fails
            if !((made - used).abs() <= tolerance * largest) {
                let what = format!("product {}", printed(&tables.products[i]));
                let why =
                    format!("{made} is made of it and {used} used; supply must equal use (at basic prices, imports as a negative use)");
                return Err(ChainError::Refused { system: name.to_owned(), what, why });
            }
        }
        for (j, output) in industry_output.iter().enumerate() {
            let inputs: f64 = tables.intermediate_use.iter().skip(j).step_by(k).sum();
            let costs = inputs + tables.value_added.iter().map(|(_, row)| row[j]).sum::<f64>();
            if !((output - costs).abs() <= tolerance * largest) {
                let sector = printed(&tables.industries[j]);
                return Err(ChainError::Balance { system: name.to_owned(), sector, output: *output, costs });
            }
        }
        let without_producer = (0..p).filter(|i| tables.make.iter().skip(*i).step_by(p).all(|made| *made == 0.0)).collect();
        Ok(Checked { product_output, industry_output, without_producer })
    }
}

fn reciprocal(value: f64) -> f64 {
    if value == 0.0 { 0.0 } else { 1.0 / value }
}

fn scale_rows(matrix: &[f64], columns: usize, divisors: &[f64]) -> Vec<f64> {
    let rows = matrix.chunks_exact(columns).zip(divisors);
    rows.flat_map(|(row, divisor)| row.iter().map(move |value| value * reciprocal(*divisor))).collect()
}

fn scale_columns(matrix: &[f64], columns: usize, divisors: &[f64]) -> Vec<f64> {
    matrix.chunks_exact(columns).flat_map(|row| row.iter().zip(divisors).map(|(value, divisor)| value * reciprocal(*divisor))).collect()
}

fn transposed(matrix: &[f64], rows: usize, columns: usize) -> Vec<f64> {
    (0..columns).flat_map(|j| (0..rows).map(move |i| matrix[i * columns + j])).collect()
}

/// a (r × c) times b (c × w), row by row.
fn product(a: &[f64], b: &[f64], r: usize, c: usize, w: usize) -> Vec<f64> {
    let mut result = vec![0.0; r * w];
    if w > 0 && c > 0 {
        for (row, to) in a.chunks_exact(c).zip(result.chunks_exact_mut(w)) {
            for (factor, from) in row.iter().zip(b.chunks_exact(w)).filter(|(factor, _)| **factor != 0.0) {
                to.iter_mut().zip(from).for_each(|(to, from)| *to += factor * from);
            }
        }
    }
    result
}
