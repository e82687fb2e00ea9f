use crate::aggregation::bare_name;
use crate::balancing::multiplier;
use crate::{ChainError, InputOutputSystem, NegativeFlows, SystemOptions};
use frame::{Concordance, FrameError, Labels};
use serde::{Deserialize, Serialize};

/// How much of the evened-out structure is mixed into a national row or column in which some province with output would be empty.
const SEED: f64 = 1e-3;

/// A table of provinces (or other parts) of one country, with their trade with the world apart. Matrices are row by row.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ProvincialTable {
    /// Name of the table.
    pub name: String,
    /// (province, sector) of the k rows and columns.
    pub sectors: Vec<(String, String)>,
    /// Deliveries of domestic goods between them, k × k.
    pub deliveries: Vec<f64>,
    /// (province, category) of the m columns of final demand.
    pub final_demand_columns: Vec<(String, String)>,
    /// Deliveries of domestic goods to final demand, k × m.
    pub final_demand: Vec<f64>,
    /// Exports to other countries, k values.
    pub exports: Vec<f64>,
    /// Imported inputs from other countries by using sector, k values.
    pub imports: Vec<f64>,
    /// Imported goods in final demand, m values.
    pub final_imports: Vec<f64>,
    /// Deliveries to parts of the country that the table does not hold, k values; empty where there are none.
    pub outflows: Vec<f64>,
    /// Inputs from parts of the country that the table does not hold, by using sector, k values; empty where there are none.
    pub inflows: Vec<f64>,
}

/// The parts of the country that a [`ProvincialTable`] does not hold.
#[derive(Debug, Clone, PartialEq)]
pub struct RestOfCountry {
    /// The name its region gets.
    pub region: String,
    /// What a flow of the provincial table is multiplied by to stand in the world table's unit and prices.
    pub scale: f64,
}

/// How [`nest_regions`] works.
#[derive(Debug, Clone, PartialEq)]
pub struct NestingOptions {
    /// Sectors of the provincial table to sectors of the country in the world table, many to many.
    pub sectors: Concordance,
    /// Categories of final demand likewise. Left out, all categories of a province's final demand together are the pattern for each of
    /// the country's.
    pub categories: Option<Concordance>,
    /// Left out, the provincial table holds the whole country, and only its shares are used.
    pub rest_of_country: Option<RestOfCountry>,
    /// The balancing ends when no province's output or input total is off by more than this share. Default of [`NestingOptions::new`]:
    /// 1e-6. National cells are kept exactly in any case.
    pub tolerance: f64,
    /// Rounds of balancing after which it has failed. Default of [`NestingOptions::new`]: 2000.
    pub max_iterations: usize,
}

impl NestingOptions {
    /// The defaults, for a table that holds the whole country.
    pub fn new(sectors: Concordance) -> Self {
        NestingOptions { sectors, categories: None, rest_of_country: None, tolerance: 1e-6, max_iterations: 2000 }
    }
}

/// Where the provincial and the world table disagreed, and what was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NestingStep {
    /// Output of a sector in both tables, the provincial one scaled to the same total: the world table is kept.
    SectorOutput,
    /// A row of the country has flows where the provincial table has none: split by output and input totals.
    WithoutStructure,
    /// A province's sector has output but would have had no delivery or no input left: evened-out structure was mixed in.
    Seeded,
    /// The provinces of the table together exceed the country: nothing is left to the rest of it.
    ExceedsCountry,
    /// Flows of a province changed by the balancing (half of the sum of absolute changes).
    Balancing,
    /// A province's sector whose inputs exceed its output.
    NegativeValueAdded,
    /// Output or inputs of a province's sector still off after balancing.
    Residual,
}

/// One disagreement. Amounts are in the world table's unit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NestingDiscrepancy {
    /// The step it came up in.
    pub step: NestingStep,
    /// Province, sector, or both.
    pub place: String,
    /// What the provincial side, or the state before, says.
    pub before: f64,
    /// What the nested table says.
    pub after: f64,
    /// How much was moved.
    pub moved: f64,
}

/// A world table in which one country is replaced by its provinces.
#[derive(Debug, Clone)]
pub struct NestedRegions {
    /// The system, the provinces in the place of their country.
    pub system: InputOutputSystem,
    /// The provinces, in order; the rest of the country last, if there is one.
    pub provinces: Vec<String>,
    /// Every disagreement, step by step.
    pub discrepancies: Vec<NestingDiscrepancy>,
    /// Rounds of balancing.
    pub iterations: usize,
    /// The largest relative difference between a province's output or inputs and their targets at the end.
    pub residual: f64,
}

/// Nests provinces under their country in a world table.
///
/// 1. The provincial table is carried to the country's sectors by the concordance, on rows and columns.
/// 2. Every cell of the country's rows and columns is split: domestic deliveries by the provincial deliveries of the same sectors,
///    exports to every foreign buyer by the provinces' shares in exports, imports from every foreign seller by their shares in imported
///    inputs. National cells therefore stay as they are. Where there is no provincial structure, shares in output and inputs take its
///    place.
/// 3. Outputs and intermediate inputs of every province's sector are the country's, split by the provincial table. The split cells are
///    balanced to them by GRAS in turn with the national cells (a third set of constraints, so that the aggregate of the result is the
///    world table itself).
///
/// Where the table holds only some provinces, the rest of the country is what they leave: then [`RestOfCountry::scale`] brings flows to
/// the world table's unit, `outflows` and `inflows` link both parts by the national pattern.
///
/// Not known from any table is which foreign country a province trades with: all provinces export a sector's goods to the same
/// countries in the same proportions. An interregional table with partners would say more.
/// Literature: Dietzenbacher, Guilhoto and Imori (2013), The Role of Brazilian Regions in the Global Value Chain; Meng, Wang and
/// Koopman (2013), How Are Global Value Chains Fragmented and Extended in China's Domestic Production Networks?, IDE Discussion Paper
/// 424; Wang, Geschke and Lenzen (2017), Constructing a Time Series of Nested Multiregion Input-Output Tables, International Regional
/// Science Review 40; for GRAS see [`crate::gras`].
///
/// ```
/// use frame::{Concordance, Link};
/// use xinzhi_chain::{Aggregation, InputOutputSystem, NestingOptions, ProvincialTable, SystemOptions, aggregate_system, nest_regions};
/// let pair = |a: &str, b: &str| (a.to_string(), b.to_string());
/// // made-up numbers
/// let world = InputOutputSystem::new(
///     "two regions", 2011, "million USD", vec![pair("A", "all"), pair("B", "all")], vec![10.0, 20.0, 30.0, 40.0],
///     vec![pair("A", "final"), pair("B", "final")], vec![50.0, 20.0, 10.0, 20.0], SystemOptions::default(),
/// )?;
/// let provinces = ProvincialTable {
///     name: "provinces of A".to_string(),
///     sectors: vec![pair("A1", "x"), pair("A2", "x")], deliveries: vec![40.0, 20.0, 10.0, 30.0],
///     final_demand_columns: vec![pair("A1", "f"), pair("A2", "f")], final_demand: vec![200.0, 50.0, 40.0, 210.0],
///     exports: vec![300.0, 100.0], imports: vec![150.0, 150.0], final_imports: vec![60.0, 40.0], ..ProvincialTable::default()
/// };
/// let link = Link { from: "x".to_string(), to: "all".to_string(), weight: 1.0 };
/// let nested = nest_regions(&world, "A", &provinces, &NestingOptions::new(Concordance::new("x", "all", vec![link])?))?;
/// assert_eq!(nested.system.regions().names(), ["A1", "A2", "B"]);
/// let back = aggregate_system(&nested.system, &Aggregation::merge_regions(["A1", "A2"], "A")?)?;
/// assert!(back.deliveries().iter().zip(world.deliveries()).all(|(a, b)| (a - b).abs() < 1e-9));
/// # Ok::<(), xinzhi_chain::ChainError>(())
/// ```
///
/// # Errors
/// [`FrameError::UnknownLabel`] for a country or target sector that is not there, [`ChainError::Unmapped`] for a provincial sector or
/// category without link; [`ChainError::Shape`]; [`ChainError::Refused`] for values that are not finite or negative, names that
/// are regions already, or a scale that is not positive; [`ChainError::NotConverged`].
pub fn nest_regions(
    world: &InputOutputSystem,
    country: &str,
    provincial: &ProvincialTable,
    options: &NestingOptions,
) -> Result<NestedRegions, ChainError> {
    let own = world.range(country)?;
    let mut pattern = Pattern::new(world, country, provincial, options)?;
    let mut discrepancies = Vec::new();
    let national = National::new(world, own.clone(), country);
    if let Some(rest) = &options.rest_of_country {
        pattern.add_rest(&national, provincial, rest, options, &mut discrepancies)?;
    }
    pattern.sector_discrepancies(&national, &mut discrepancies);
    let totals = Totals::new(&pattern, &national);
    let mut split = Split::new(&national, &pattern, &totals, &mut discrepancies);
    let before = split.clone();
    let (iterations, residual, place) = split.balance(&national, &totals, &pattern, options);
    // written so that a NaN fails
    if !(residual <= options.tolerance) {
        return Err(ChainError::NotConverged {
            system: format!("{} with {}", world.name(), provincial.name),
            method: "the balancing of nested provinces",
            iterations,
            place,
            residual,
            next: "compare the provincial table with the country's there, or raise the tolerance to accept the difference",
        });
    }
    split.report(&before, &national, &totals, &pattern, options.tolerance, &mut discrepancies);
    let mut system = split.system(world, &national, &pattern)?;
    if let Some(costs) = world.other_costs() {
        // taxes, margins and the like that are apart from value added: the country's by output, all others as they are
        let value_added: Vec<f64> = residual_value_added(&system)
            .into_iter()
            .zip(split.places(&national, &pattern))
            .map(|(residual, place)| match place {
                At::Foreign(i) => residual - costs[national.foreign[i]],
                At::Province(unit) => residual - totals.output_shares[unit] * costs[national.own.start + unit % pattern.n],
            })
            .collect();
        system = system.with_value_added(&value_added)?;
    }
    Ok(NestedRegions { system, provinces: pattern.provinces, discrepancies, iterations, residual })
}

/// The country's part of the world table. Foreign industries and columns keep their order; N own sectors, C own columns.
struct National {
    own: std::ops::Range<usize>,
    sectors: Vec<String>,
    foreign: Vec<usize>,
    own_columns: Vec<usize>,
    foreign_columns: Vec<usize>,
    /// N × N, N × F, N × C, N × (foreign columns), F × N, F × C.
    domestic: Vec<f64>,
    exported: Vec<f64>,
    domestic_final: Vec<f64>,
    exported_final: Vec<f64>,
    imported: Vec<f64>,
    imported_final: Vec<f64>,
    output: Vec<f64>,
    inputs: Vec<f64>,
}

impl National {
    fn new(world: &InputOutputSystem, own: std::ops::Range<usize>, country: &str) -> Self {
        let n = world.size();
        let foreign: Vec<usize> = (0..n).filter(|i| !own.contains(i)).collect();
        let columns = world.final_demand_columns();
        let m = columns.len();
        let (own_columns, foreign_columns): (Vec<usize>, Vec<usize>) = (0..m).partition(|j| columns[*j].0 == country);
        let y = |i: usize, j: usize| world.final_demand()[i * m + j];
        let block = |rows: &mut dyn Iterator<Item = usize>, columns: &[usize], cell: &dyn Fn(usize, usize) -> f64| -> Vec<f64> {
            rows.flat_map(|i| columns.iter().map(move |j| cell(i, *j)).collect::<Vec<f64>>()).collect()
        };
        let own_list: Vec<usize> = own.clone().collect();
        let z = |i: usize, j: usize| world.delivery(i, j);
        National {
            sectors: own.clone().map(|i| world.sectors()[i].1.clone()).collect(),
            domestic: block(&mut own.clone(), &own_list, &z),
            exported: block(&mut own.clone(), &foreign, &z),
            domestic_final: block(&mut own.clone(), &own_columns, &y),
            exported_final: block(&mut own.clone(), &foreign_columns, &y),
            imported: block(&mut foreign.iter().copied(), &own_list, &z),
            imported_final: block(&mut foreign.iter().copied(), &own_columns, &y),
            output: own.clone().map(|i| world.output()[i]).collect(),
            inputs: own.clone().map(|j| (0..n).map(|i| z(i, j)).sum()).collect(),
            own,
            foreign,
            own_columns,
            foreign_columns,
        }
    }
}

/// The provincial table in the country's sectors and columns; unit (r, w) stands at r N + w. All values are absolute.
struct Pattern {
    provinces: Vec<String>,
    n: usize,
    c: usize,
    /// RN × RN.
    deliveries: Vec<f64>,
    /// RN × RC.
    final_demand: Vec<f64>,
    /// RN: to any final demand at home, each unit once.
    final_total: Vec<f64>,
    exports: Vec<f64>,
    imports: Vec<f64>,
    /// RC.
    final_imports: Vec<f64>,
    outflows: Vec<f64>,
    inflows: Vec<f64>,
    has_rest: bool,
}

impl Pattern {
    fn new(world: &InputOutputSystem, country: &str, table: &ProvincialTable, options: &NestingOptions) -> Result<Self, ChainError> {
        let (k, m) = (table.sectors.len(), table.final_demand_columns.len());
        if k == 0 {
            return Err(ChainError::Empty { system: table.name.clone() });
        }
        let optional = |values: &[f64]| if values.is_empty() { 0 } else { k };
        let blocks = [
            ("deliveries between sectors", &table.deliveries, k * k),
            ("final demand", &table.final_demand, k * m),
            ("exports", &table.exports, k),
            ("imports", &table.imports, k),
            ("imports of final demand", &table.final_imports, m),
            ("outflows", &table.outflows, optional(&table.outflows)),
            ("inflows", &table.inflows, optional(&table.inflows)),
        ];
        for (what, values, expected) in blocks {
            if values.len() != expected {
                return Err(ChainError::Shape { system: table.name.clone(), what: what.to_owned(), expected, found: values.len() });
            }
            let signed = what == "final demand" || what == "imports of final demand";
            if let Some(at) = values.iter().position(|v| !v.is_finite() || (!signed && *v < 0.0)) {
                let (province, code) = match what {
                    "imports of final demand" => &table.final_demand_columns[at],
                    "final demand" => &table.sectors[at / m],
                    "deliveries between sectors" => &table.sectors[at / k],
                    _ => &table.sectors[at],
                };
                let sign = if signed { "" } else { " and not negative" };
                let why = format!("the value at {province} {code} is {}; it must be finite{sign}", values[at]);
                return Err(ChainError::Refused { system: table.name.clone(), what: what.to_owned(), why });
            }
        }
        let mut provinces: Vec<String> = Vec::new();
        for (province, _) in &table.sectors {
            if !provinces.contains(province) {
                provinces.push(province.clone());
            }
        }
        if let Some(rest) = &options.rest_of_country {
            provinces.push(rest.region.clone());
        }
        let region_labels = Labels::new("provinces", provinces.iter().cloned())?;
        if let Some(known) = provinces.iter().find(|p| *p != country && world.regions().position(p).is_some()) {
            let why = format!("the world table has a region {known} already; rename the province");
            return Err(ChainError::Refused { system: table.name.clone(), what: "the provinces".to_owned(), why });
        }
        let sector_labels = world.sectors_of(country)?;
        let own_columns: Vec<&str> = world.final_demand_columns().iter().filter(|c| c.0 == country).map(|c| c.1.as_str()).collect();
        let category_labels = Labels::new(format!("final-demand categories of {country}"), own_columns)?;
        let (n, c, r) = (sector_labels.len(), category_labels.len(), provinces.len());

        let linked = |concordance: &Concordance, code: &str, labels: &Labels, offset: usize| -> Result<Vec<(usize, f64)>, ChainError> {
            let shares = concordance.shares(code);
            if shares.is_empty() {
                let what = format!("{} (concordance to {})", concordance.from_scheme(), concordance.to_scheme());
                return Err(ChainError::Unmapped { what, label: code.to_owned() });
            }
            Ok(shares.into_iter().map(|(to, share)| Ok((offset + labels.require(to)?, share))).collect::<Result<_, FrameError>>()?)
        };
        let mut sector_links = Vec::with_capacity(k);
        for (province, sector) in &table.sectors {
            sector_links.push(linked(&options.sectors, sector, &sector_labels, region_labels.require(province)? * n)?);
        }
        let mut column_links = Vec::with_capacity(m);
        for (province, category) in &table.final_demand_columns {
            let offset = region_labels.require(province)? * c;
            column_links.push(match &options.categories {
                Some(concordance) => linked(concordance, category, &category_labels, offset)?,
                None => (0..c).map(|j| (offset + j, 1.0)).collect(),
            });
        }
        let carried = |values: &[f64], links: &[Vec<(usize, f64)>], width: usize| {
            let mut to = vec![0.0; width];
            for (value, links) in values.iter().zip(links) {
                links.iter().for_each(|(at, share)| to[*at] += value.abs() * share);
            }
            to
        };
        let both = |values: &[f64], links: &[Vec<(usize, f64)>], width: usize| {
            let mut to = vec![0.0; r * n * width];
            if !links.is_empty() {
                for (row, row_links) in values.chunks_exact(links.len()).zip(&sector_links) {
                    let row = carried(row, links, width);
                    for (at, share) in row_links {
                        to[at * width..(at + 1) * width].iter_mut().zip(&row).for_each(|(to, value)| *to += share * value);
                    }
                }
            }
            to
        };
        let row_totals: Vec<f64> = (0..k).map(|i| table.final_demand[i * m..(i + 1) * m].iter().map(|v| v.abs()).sum()).collect();
        Ok(Pattern {
            n,
            c,
            deliveries: both(&table.deliveries, &sector_links, r * n),
            final_demand: both(&table.final_demand, &column_links, r * c),
            final_total: carried(&row_totals, &sector_links, r * n),
            exports: carried(&table.exports, &sector_links, r * n),
            imports: carried(&table.imports, &sector_links, r * n),
            final_imports: carried(&table.final_imports, &column_links, r * c),
            outflows: carried(&table.outflows, &sector_links, r * n),
            inflows: carried(&table.inflows, &sector_links, r * n),
            provinces,
            has_rest: options.rest_of_country.is_some(),
        })
    }

    fn r(&self) -> usize {
        self.provinces.len()
    }

    fn unit(&self, at: usize, national: &National) -> String {
        format!("{} {}", self.provinces[at / self.n], national.sectors[at % self.n])
    }

    /// The rest of the country: what the scaled provinces leave of every national cell.
    fn add_rest(
        &mut self,
        national: &National,
        table: &ProvincialTable,
        rest: &RestOfCountry,
        options: &NestingOptions,
        discrepancies: &mut Vec<NestingDiscrepancy>,
    ) -> Result<(), ChainError> {
        if !(rest.scale > 0.0 && rest.scale.is_finite()) {
            let why = format!("it is {}; give the factor from the provincial table's unit to the world table's", rest.scale);
            return Err(ChainError::Refused { system: table.name.clone(), what: "the scale".to_owned(), why });
        }
        let (n, c, last) = (self.n, self.c, self.r() - 1);
        let (units, columns) = (self.r() * n, self.r() * c);
        for block in [
            &mut self.deliveries,
            &mut self.final_demand,
            &mut self.final_total,
            &mut self.exports,
            &mut self.imports,
            &mut self.final_imports,
            &mut self.outflows,
            &mut self.inflows,
        ] {
            block.iter_mut().for_each(|value| *value *= rest.scale);
        }
        // without categories the same total stands in every column; it is split by the country's own columns
        if options.categories.is_none() {
            for w in 0..n {
                let row = &national.domestic_final[w * c..(w + 1) * c];
                let sum: f64 = row.iter().map(|v| v.abs()).sum();
                for r in 0..last {
                    for (cell, at) in self.final_demand[(r * n + w) * columns..(r * n + w + 1) * columns].iter_mut().zip(0..) {
                        *cell *= if sum > 0.0 { row[at % c].abs() / sum } else { 1.0 / c as f64 };
                    }
                }
            }
            let sums: Vec<f64> = (0..c).map(|j| national.imported_final.iter().skip(j).step_by(c).map(|v| v.abs()).sum()).collect();
            let total: f64 = sums.iter().sum();
            self.final_imports.iter_mut().enumerate().for_each(|(at, v)| {
                *v *= if total > 0.0 { sums[at % c] / total } else { 1.0 / c as f64 };
            });
        }
        // outflows go where the country's goods of that sector go, inflows come in the proportions of the country's inputs
        for w in 0..n {
            let (row, final_row) = (&national.domestic[w * n..(w + 1) * n], &national.domestic_final[w * c..(w + 1) * c]);
            let uses: f64 = row.iter().chain(final_row).map(|v| v.abs()).sum();
            let inputs: f64 = national.domestic.iter().skip(w).step_by(n).sum();
            for unit in (0..last).map(|r| r * n + w) {
                for (j, use_) in row.iter().enumerate().filter(|_| uses > 0.0) {
                    self.deliveries[unit * units + last * n + j] += self.outflows[unit] * use_.abs() / uses;
                }
                for (j, use_) in final_row.iter().enumerate().filter(|_| uses > 0.0) {
                    let part = self.outflows[unit] * use_.abs() / uses;
                    self.final_demand[unit * columns + last * c + j] += part;
                    self.final_total[unit] += part;
                }
                for i in (0..n).filter(|_| inputs > 0.0) {
                    self.deliveries[(last * n + i) * units + unit] += self.inflows[unit] * national.domestic[i * n + w] / inputs;
                }
            }
        }
        self.outflows.iter_mut().chain(self.inflows.iter_mut()).for_each(|v| *v = 0.0);
        // the rest is the complement
        let mut exceeding = vec![0.0; n];
        let mut left = |total: f64, taken: f64, w: usize| {
            if taken > total {
                exceeding[w] += taken - total;
            }
            (total - taken).max(0.0)
        };
        for w in 0..n {
            for v in 0..n {
                let taken: f64 =
                    (0..=last).flat_map(|r| (0..=last).map(move |s| (r * n + w) * units + s * n + v)).map(|at| self.deliveries[at]).sum();
                self.deliveries[(last * n + w) * units + last * n + v] += left(national.domestic[w * n + v], taken, w);
            }
            for j in 0..c {
                let taken: f64 = (0..=last)
                    .flat_map(|r| (0..=last).map(move |s| (r * n + w) * columns + s * c + j))
                    .map(|at| self.final_demand[at])
                    .sum();
                let part = left(national.domestic_final[w * c + j].abs(), taken, w);
                self.final_demand[(last * n + w) * columns + last * c + j] += part;
                self.final_total[last * n + w] += part;
            }
            let (f, g) = (national.foreign.len(), national.foreign_columns.len());
            let exports: f64 = national.exported[w * f..(w + 1) * f].iter().sum::<f64>()
                + national.exported_final[w * g..(w + 1) * g].iter().map(|v| v.abs()).sum::<f64>();
            let taken = (0..last).map(|r| self.exports[r * n + w]).sum();
            self.exports[last * n + w] = left(exports, taken, w);
            let imports = national.imported.iter().skip(w).step_by(n).sum();
            let taken = (0..last).map(|r| self.imports[r * n + w]).sum();
            self.imports[last * n + w] = left(imports, taken, w);
        }
        for j in 0..c {
            let imports: f64 = national.imported_final.iter().skip(j).step_by(c).map(|v| v.abs()).sum();
            let taken: f64 = (0..last).map(|r| self.final_imports[r * c + j]).sum();
            self.final_imports[last * c + j] = (imports - taken).max(0.0);
        }
        for (w, moved) in exceeding.into_iter().enumerate().filter(|(_, moved)| *moved > 0.0) {
            let (before, after) = (national.output[w] + moved, national.output[w]);
            let place = national.sectors[w].clone();
            discrepancies.push(NestingDiscrepancy { step: NestingStep::ExceedsCountry, place, before, after, moved });
        }
        Ok(())
    }

    fn outputs(&self) -> Vec<f64> {
        let units = self.r() * self.n;
        let rows = self.deliveries.chunks_exact(units).map(|row| row.iter().sum::<f64>());
        let others = self.final_total.iter().zip(self.exports.iter().zip(&self.outflows));
        rows.zip(others).map(|(row, (y, (e, o)))| row + y + e + o).collect()
    }

    fn inputs(&self) -> Vec<f64> {
        let units = self.r() * self.n;
        let mut sums: Vec<f64> = self.imports.iter().zip(&self.inflows).map(|(m, i)| m + i).collect();
        for row in self.deliveries.chunks_exact(units) {
            sums.iter_mut().zip(row).for_each(|(sum, value)| *sum += value);
        }
        sums
    }

    fn sector_discrepancies(&self, national: &National, discrepancies: &mut Vec<NestingDiscrepancy>) {
        let outputs = self.outputs();
        let by_sector: Vec<f64> = (0..self.n).map(|w| outputs.iter().skip(w).step_by(self.n).sum()).collect();
        let (all, country) = (by_sector.iter().sum::<f64>(), national.output.iter().sum::<f64>());
        if all > 0.0 && !self.has_rest {
            for (w, sum) in by_sector.iter().enumerate() {
                let (before, after) = (sum / all * country, national.output[w]);
                let place = national.sectors[w].clone();
                discrepancies.push(NestingDiscrepancy {
                    step: NestingStep::SectorOutput,
                    place,
                    before,
                    after,
                    moved: (after - before).abs(),
                });
            }
        }
    }
}

/// What every province's sector is to reach, and the shares that stand in for missing structure.
struct Totals {
    output: Vec<f64>,
    inputs: Vec<f64>,
    output_shares: Vec<f64>,
    input_shares: Vec<f64>,
    /// Shares of provinces in final demand, R.
    size_shares: Vec<f64>,
}

impl Totals {
    fn new(pattern: &Pattern, national: &National) -> Self {
        let (n, r) = (pattern.n, pattern.r());
        let (outputs, inputs) = (pattern.outputs(), pattern.inputs());
        let total: f64 = outputs.iter().sum();
        let size_shares: Vec<f64> = (0..r)
            .map(|p| {
                let own: f64 = outputs[p * n..(p + 1) * n].iter().sum();
                if total > 0.0 { own / total } else { 1.0 / r as f64 }
            })
            .collect();
        let shares = |values: &[f64]| -> Vec<f64> {
            let sums: Vec<f64> = (0..n).map(|w| values.iter().skip(w).step_by(n).sum()).collect();
            let share = |(at, value): (usize, &f64)| if sums[at % n] > 0.0 { value / sums[at % n] } else { size_shares[at / n] };
            values.iter().enumerate().map(share).collect()
        };
        let (output_shares, input_shares) = (shares(&outputs), shares(&inputs));
        let split = |shares: &[f64], totals: &[f64]| shares.iter().enumerate().map(|(at, s)| s * totals[at % n]).collect();
        Totals {
            output: split(&output_shares, &national.output),
            inputs: split(&input_shares, &national.inputs),
            output_shares,
            input_shares,
            size_shares,
        }
    }
}

/// The split rows and columns: RN × F, RN × RN, RN × foreign columns, RN × RC, F × RN, F × RC.
#[derive(Clone)]
struct Split {
    exported: Vec<f64>,
    domestic: Vec<f64>,
    exported_final: Vec<f64>,
    domestic_final: Vec<f64>,
    imported: Vec<f64>,
    imported_final: Vec<f64>,
}

impl Split {
    fn new(national: &National, pattern: &Pattern, totals: &Totals, discrepancies: &mut Vec<NestingDiscrepancy>) -> Self {
        let n = pattern.n;
        let mut seeded = vec![false; pattern.r() * n];
        let mut split = Split::allocated(national, pattern, totals, &seeded, Some(discrepancies));
        let rows = split.row_parts(pattern, national).into_iter().map(|(p, _)| p);
        let columns = split.column_sums(pattern);
        for (at, (row, column)) in rows.zip(columns).enumerate() {
            let without = (row == 0.0 && totals.output[at] > 0.0) || (column == 0.0 && totals.inputs[at] > 0.0);
            if without {
                let (place, after) = (pattern.unit(at, national), totals.output[at]);
                let moved = SEED * after;
                discrepancies.push(NestingDiscrepancy { step: NestingStep::Seeded, place, before: 0.0, after, moved });
                (0..pattern.r()).for_each(|r| seeded[r * n + at % n] = true);
            }
        }
        if seeded.iter().any(|s| *s) {
            split = Split::allocated(national, pattern, totals, &seeded, None);
        }
        split
    }

    fn allocated(
        national: &National,
        pattern: &Pattern,
        totals: &Totals,
        seeded: &[bool],
        discrepancies: Option<&mut Vec<NestingDiscrepancy>>,
    ) -> Self {
        let (n, c, r) = (pattern.n, pattern.c, pattern.r());
        let (units, columns, f, g) = (r * n, r * c, national.foreign.len(), national.foreign_columns.len());
        let mut without = vec![0.0; n];
        let mut split = Split {
            exported: vec![0.0; units * f],
            domestic: vec![0.0; units * units],
            exported_final: vec![0.0; units * g],
            domestic_final: vec![0.0; units * columns],
            imported: vec![0.0; f * units],
            imported_final: vec![0.0; f * columns],
        };
        // the share of cell `at` in its group, mixed with what stands in for it
        let mixed = |weight: f64, sum: f64, fallback: f64, seed: bool| match (sum > 0.0, seed) {
            (true, false) => weight / sum,
            (true, true) => (1.0 - SEED) * weight / sum + SEED * fallback,
            (false, _) => fallback,
        };
        for w in 0..n {
            let group = |p: usize| p * n + w;
            for v in 0..n {
                let value = national.domestic[w * n + v];
                let cell = |p: usize, s: usize| group(p) * units + s * n + v;
                let sum: f64 = (0..r).flat_map(|p| (0..r).map(move |s| cell(p, s))).map(|at| pattern.deliveries[at]).sum();
                if sum == 0.0 {
                    without[w] += value.abs();
                }
                let seed = seeded[w] || seeded[v];
                for p in 0..r {
                    for s in 0..r {
                        let fallback = totals.output_shares[group(p)] * totals.input_shares[s * n + v];
                        split.domestic[cell(p, s)] = value * mixed(pattern.deliveries[cell(p, s)], sum, fallback, seed);
                    }
                }
            }
            for j in 0..c {
                let value = national.domestic_final[w * c + j];
                let cell = |p: usize, s: usize| group(p) * columns + s * c + j;
                let sum: f64 = (0..r).flat_map(|p| (0..r).map(move |s| cell(p, s))).map(|at| pattern.final_demand[at]).sum();
                if sum == 0.0 {
                    without[w] += value.abs();
                }
                for p in 0..r {
                    for s in 0..r {
                        let fallback = totals.output_shares[group(p)] * totals.size_shares[s];
                        split.domestic_final[cell(p, s)] = value * mixed(pattern.final_demand[cell(p, s)], sum, fallback, seeded[w]);
                    }
                }
            }
            let sum: f64 = (0..r).map(|p| pattern.exports[group(p)]).sum();
            for p in 0..r {
                let share = mixed(pattern.exports[group(p)], sum, totals.output_shares[group(p)], seeded[w]);
                for j in 0..f {
                    split.exported[group(p) * f + j] = share * national.exported[w * f + j];
                }
                for j in 0..g {
                    split.exported_final[group(p) * g + j] = share * national.exported_final[w * g + j];
                }
            }
            let sum: f64 = (0..r).map(|p| pattern.imports[group(p)]).sum();
            for p in 0..r {
                let share = mixed(pattern.imports[group(p)], sum, totals.input_shares[group(p)], seeded[w]);
                for i in 0..f {
                    split.imported[i * units + group(p)] = share * national.imported[i * n + w];
                }
            }
        }
        for j in 0..c {
            let sum: f64 = (0..r).map(|p| pattern.final_imports[p * c + j]).sum();
            for p in 0..r {
                let share = mixed(pattern.final_imports[p * c + j], sum, totals.size_shares[p], false);
                for i in 0..f {
                    split.imported_final[i * columns + p * c + j] = share * national.imported_final[i * c + j];
                }
            }
        }
        if let Some(discrepancies) = discrepancies {
            for (w, moved) in without.into_iter().enumerate().filter(|(_, moved)| *moved > 0.0) {
                let place = national.sectors[w].clone();
                discrepancies.push(NestingDiscrepancy { step: NestingStep::WithoutStructure, place, before: 0.0, after: moved, moved });
            }
        }
        split
    }

    fn rows_of(&self, at: usize, units: usize, columns: usize, f: usize, g: usize) -> [&[f64]; 4] {
        [
            &self.exported[at * f..(at + 1) * f],
            &self.domestic[at * units..(at + 1) * units],
            &self.exported_final[at * g..(at + 1) * g],
            &self.domestic_final[at * columns..(at + 1) * columns],
        ]
    }

    /// Sums of positive and of negative cells (in absolute terms) of every province's rows.
    fn row_parts(&self, pattern: &Pattern, national: &National) -> Vec<(f64, f64)> {
        let (units, columns) = (pattern.r() * pattern.n, pattern.r() * pattern.c);
        let (f, g) = (national.foreign.len(), national.foreign_columns.len());
        (0..units)
            .map(|at| {
                let mut parts = (0.0, 0.0);
                for value in self.rows_of(at, units, columns, f, g).into_iter().flatten() {
                    parts.0 += value.max(0.0);
                    parts.1 += (-value).max(0.0);
                }
                parts
            })
            .collect()
    }

    fn column_sums(&self, pattern: &Pattern) -> Vec<f64> {
        let units = pattern.r() * pattern.n;
        let mut sums = vec![0.0; units];
        for row in self.domestic.chunks_exact(units).chain(self.imported.chunks_exact(units)) {
            sums.iter_mut().zip(row).for_each(|(sum, value)| *sum += value);
        }
        sums
    }

    /// Rows, columns and national cells in turn. Gives the rounds, the largest relative miss of rows and columns at the end, and where.
    fn balance(&mut self, national: &National, totals: &Totals, pattern: &Pattern, options: &NestingOptions) -> (usize, f64, String) {
        let (units, columns) = (pattern.r() * pattern.n, pattern.r() * pattern.c);
        let (f, g) = (national.foreign.len(), national.foreign_columns.len());
        let mut iterations = 0;
        loop {
            let rows = self.row_parts(pattern, national);
            let sums = self.column_sums(pattern);
            let (mut residual, mut place) = (0.0, String::new());
            let mut miss = |found: f64, target: f64, mass: f64, what: &str, at: usize| {
                let relative = (found - target).abs() / mass.max(f64::MIN_POSITIVE);
                if target > 0.0 && (relative > residual || relative.is_nan()) {
                    residual = relative;
                    place = format!("{what} of {}", pattern.unit(at, national));
                }
            };
            for (at, (p, q)) in rows.iter().enumerate() {
                miss(p - q, totals.output[at], totals.output[at], "the output", at);
                miss(sums[at], totals.inputs[at], totals.inputs[at], "the inputs", at);
            }
            if residual <= options.tolerance || residual.is_nan() || iterations >= options.max_iterations {
                return (iterations, residual, place);
            }
            iterations += 1;
            for (at, (p, q)) in rows.into_iter().enumerate().filter(|(at, (p, _))| totals.output[*at] > 0.0 && *p > 0.0) {
                let r = multiplier(totals.output[at], p, q);
                let blocks = [
                    &mut self.exported[at * f..(at + 1) * f],
                    &mut self.domestic[at * units..(at + 1) * units],
                    &mut self.exported_final[at * g..(at + 1) * g],
                    &mut self.domestic_final[at * columns..(at + 1) * columns],
                ];
                for value in blocks.into_iter().flatten() {
                    *value = if *value > 0.0 { *value * r } else { *value / r };
                }
            }
            let factors: Vec<f64> = self
                .column_sums(pattern)
                .iter()
                .zip(&totals.inputs)
                .map(|(sum, target)| if *target > 0.0 && *sum > 0.0 { target / sum } else { 1.0 })
                .collect();
            for row in self.domestic.chunks_exact_mut(units).chain(self.imported.chunks_exact_mut(units)) {
                row.iter_mut().zip(&factors).for_each(|(value, factor)| *value *= factor);
            }
            self.restore_national(national, pattern);
        }
    }

    /// All cells of a group have the national cell's sign, so one factor restores it.
    fn restore_national(&mut self, national: &National, pattern: &Pattern) {
        let (n, c, r) = (pattern.n, pattern.c, pattern.r());
        let (f, g) = (national.foreign.len(), national.foreign_columns.len());
        // rows repeat every `rows` lines and columns every `columns` cells of a line
        let restore = |cells: &mut [f64], target: &[f64], rows: usize, columns: usize, width: usize| {
            let mut sums = vec![0.0; target.len()];
            if width == 0 {
                return;
            }
            for (at, line) in cells.chunks_exact(width).enumerate() {
                let to = &mut sums[at % rows * columns..(at % rows + 1) * columns];
                for part in line.chunks_exact(columns) {
                    to.iter_mut().zip(part).for_each(|(sum, value)| *sum += value);
                }
            }
            let factors: Vec<f64> = sums.iter().zip(target).map(|(sum, target)| if *sum != 0.0 { target / sum } else { 1.0 }).collect();
            for (at, line) in cells.chunks_exact_mut(width).enumerate() {
                let from = &factors[at % rows * columns..(at % rows + 1) * columns];
                for part in line.chunks_exact_mut(columns) {
                    part.iter_mut().zip(from).for_each(|(value, factor)| *value *= factor);
                }
            }
        };
        restore(&mut self.exported, &national.exported, n, f, f);
        restore(&mut self.domestic, &national.domestic, n, n, r * n);
        restore(&mut self.exported_final, &national.exported_final, n, g, g);
        restore(&mut self.domestic_final, &national.domestic_final, n, c, r * c);
        restore(&mut self.imported, &national.imported, f, n, r * n);
        restore(&mut self.imported_final, &national.imported_final, f, c, r * c);
    }

    fn report(
        &self,
        before: &Self,
        national: &National,
        totals: &Totals,
        pattern: &Pattern,
        tolerance: f64,
        discrepancies: &mut Vec<NestingDiscrepancy>,
    ) {
        let (n, units, columns) = (pattern.n, pattern.r() * pattern.n, pattern.r() * pattern.c);
        let (f, g) = (national.foreign.len(), national.foreign_columns.len());
        for (p, province) in pattern.provinces.iter().enumerate() {
            let (mut start, mut end, mut changed) = (0.0, 0.0, 0.0);
            for at in p * n..(p + 1) * n {
                let (old, new) = (before.rows_of(at, units, columns, f, g), self.rows_of(at, units, columns, f, g));
                for (old, new) in old.into_iter().flatten().zip(new.into_iter().flatten()) {
                    start += old;
                    end += new;
                    changed += (new - old).abs();
                }
            }
            let moved = 0.5 * changed;
            discrepancies.push(NestingDiscrepancy {
                step: NestingStep::Balancing,
                place: province.clone(),
                before: start,
                after: end,
                moved,
            });
        }
        let (rows, sums) = (self.row_parts(pattern, national), self.column_sums(pattern));
        for at in 0..units {
            let (output, inputs) = (rows[at].0 - rows[at].1, sums[at]);
            let place = pattern.unit(at, national);
            if inputs > output.max(0.0) {
                let step = NestingStep::NegativeValueAdded;
                discrepancies.push(NestingDiscrepancy {
                    step,
                    place: place.clone(),
                    before: output,
                    after: output - inputs,
                    moved: inputs - output,
                });
            }
            let (miss, target) = ((output - totals.output[at]).abs(), totals.output[at]);
            // what the tolerance lets stand is listed where it is more than a tenth of it
            if target > 0.0 && miss > 0.1 * tolerance * target {
                discrepancies.push(NestingDiscrepancy { step: NestingStep::Residual, place, before: target, after: output, moved: miss });
            }
        }
    }

    /// The industries of the nested table: foreign ones before, provinces, foreign ones after.
    fn places(&self, national: &National, pattern: &Pattern) -> Vec<At> {
        let f = national.foreign.len();
        (0..f)
            .filter(|i| national.foreign[*i] < national.own.start)
            .map(At::Foreign)
            .chain((0..pattern.r() * pattern.n).map(At::Province))
            .chain((0..f).filter(|i| national.foreign[*i] >= national.own.end).map(At::Foreign))
            .collect()
    }

    fn system(&self, world: &InputOutputSystem, national: &National, pattern: &Pattern) -> Result<InputOutputSystem, ChainError> {
        let (n, c, r) = (pattern.n, pattern.c, pattern.r());
        let (f, g, units) = (national.foreign.len(), national.foreign_columns.len(), r * n);
        let m = world.final_demand_columns().len();
        let rows = self.places(national, pattern);
        // columns of final demand: every foreign one in its place, the provinces' where the country's first one stood
        let first = national.own_columns.first().copied().unwrap_or(m);
        let columns: Vec<At> = (0..g)
            .filter(|j| national.foreign_columns[*j] < first)
            .map(At::Foreign)
            .chain((0..r * c).map(At::Province))
            .chain((0..g).filter(|j| national.foreign_columns[*j] >= first).map(At::Foreign))
            .collect();
        let name_of_row = |at: &At| match at {
            At::Foreign(i) => world.sectors()[national.foreign[*i]].clone(),
            At::Province(u) => (pattern.provinces[u / n].clone(), national.sectors[u % n].clone()),
        };
        let name_of_column = |at: &At| match at {
            At::Foreign(j) => world.final_demand_columns()[national.foreign_columns[*j]].clone(),
            At::Province(u) => (pattern.provinces[u / c].clone(), world.final_demand_columns()[national.own_columns[u % c]].1.clone()),
        };
        let z = |row: At, column: At| match (row, column) {
            (At::Foreign(i), At::Foreign(j)) => world.delivery(national.foreign[i], national.foreign[j]),
            (At::Foreign(i), At::Province(u)) => self.imported[i * units + u],
            (At::Province(u), At::Foreign(j)) => self.exported[u * f + j],
            (At::Province(u), At::Province(v)) => self.domestic[u * units + v],
        };
        let y = |row: At, column: At| match (row, column) {
            (At::Foreign(i), At::Foreign(j)) => world.final_demand()[national.foreign[i] * m + national.foreign_columns[j]],
            (At::Foreign(i), At::Province(u)) => self.imported_final[i * r * c + u],
            (At::Province(u), At::Foreign(j)) => self.exported_final[u * g + j],
            (At::Province(u), At::Province(v)) => self.domestic_final[u * r * c + v],
        };
        let flows = rows.iter().flat_map(|row| rows.iter().map(|column| z(*row, *column))).collect();
        let demand = rows.iter().flat_map(|row| columns.iter().map(|column| y(*row, *column))).collect();
        InputOutputSystem::new(
            bare_name(world),
            world.period(),
            world.unit(),
            rows.iter().map(name_of_row).collect(),
            flows,
            columns.iter().map(name_of_column).collect(),
            demand,
            SystemOptions { negative_flows: NegativeFlows::Refuse },
        )
    }
}

/// An industry or column of the nested table, by where it comes from.
#[derive(Clone, Copy)]
enum At {
    Foreign(usize),
    Province(usize),
}

/// Output less inputs, 0 where there is no output.
fn residual_value_added(system: &InputOutputSystem) -> Vec<f64> {
    let n = system.size();
    let mut inputs = vec![0.0; n];
    for row in system.deliveries().chunks_exact(n) {
        inputs.iter_mut().zip(row).for_each(|(sum, value)| *sum += value);
    }
    system.output().iter().zip(inputs).map(|(x, inputs)| if *x > 0.0 { x - inputs } else { 0.0 }).collect()
}
