use crate::{ChainError, Extension, Factor, InputOutputSystem, Leontief, SystemOptions};
use frame::{LabelledMatrix, LabelledVector, Labels};
use std::collections::{BTreeMap, HashMap};

/// What becomes of a label that a [`Grouping`] does not name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Unmapped {
    /// It stays itself.
    #[default]
    Keep,
    /// It is an error that names it.
    Refuse,
}

/// A many-to-one map of labels onto named groups.
///
/// ```
/// use xinzhi_chain::{Grouping, Unmapped};
/// let europe = Grouping::new("regions", [("DEU", "EU"), ("FRA", "EU")], Unmapped::Keep)?;
/// assert_eq!((europe.group("DEU")?, europe.group("CHN")?), ("EU", "CHN"));
/// # Ok::<(), xinzhi_chain::ChainError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Grouping {
    what: String,
    groups: BTreeMap<String, String>,
    unmapped: Unmapped,
    /// Where everything unnamed goes, if anywhere.
    rest: Option<String>,
}

impl Grouping {
    /// A grouping from (label, group) pairs. `what` names the labels in messages ("regions", "sectors", "final-demand categories").
    ///
    /// # Errors
    /// [`frame::FrameError::DuplicateLabel`] for a label that is put into two groups.
    pub fn new<A: Into<String>, B: Into<String>>(
        what: impl Into<String>,
        pairs: impl IntoIterator<Item = (A, B)>,
        unmapped: Unmapped,
    ) -> Result<Self, ChainError> {
        let what = what.into();
        let mut groups = BTreeMap::new();
        for (label, group) in pairs {
            let (label, group) = (label.into(), group.into());
            if groups.insert(label.clone(), group.clone()).is_some_and(|before| before != group) {
                return Err(frame::FrameError::DuplicateLabel { label, what: format!("{what} to be grouped") }.into());
            }
        }
        Ok(Grouping { what, groups, unmapped, rest: None })
    }

    /// Every label stays itself.
    pub fn identity(what: impl Into<String>) -> Self {
        Grouping { what: what.into(), groups: BTreeMap::new(), unmapped: Unmapped::Keep, rest: None }
    }

    /// The labels of `keep` stay themselves, all others go into one group.
    pub fn keeping<S: Into<String>>(what: impl Into<String>, keep: impl IntoIterator<Item = S>, rest: impl Into<String>) -> Self {
        let groups = keep.into_iter().map(Into::into).map(|label: String| (label.clone(), label)).collect();
        Grouping { what: what.into(), groups, unmapped: Unmapped::Keep, rest: Some(rest.into()) }
    }

    /// Everything in one group.
    pub fn total(what: impl Into<String>, group: impl Into<String>) -> Self {
        Grouping::keeping(what, Vec::<String>::new(), group)
    }

    /// The group of a label.
    ///
    /// # Errors
    /// [`ChainError::Unmapped`] where the grouping refuses what it does not name.
    pub fn group<'a>(&'a self, label: &'a str) -> Result<&'a str, ChainError> {
        match (self.groups.get(label), &self.rest, self.unmapped) {
            (Some(group), _, _) => Ok(group),
            (None, Some(rest), _) => Ok(rest),
            (None, None, Unmapped::Keep) => Ok(label),
            (None, None, Unmapped::Refuse) => Err(ChainError::Unmapped { what: self.what.clone(), label: label.to_owned() }),
        }
    }

    /// Refuses names that are not among the labels there are: a misspelt label would otherwise be passed over in silence.
    fn check<'a>(&self, labels: impl Iterator<Item = &'a str>) -> Result<(), ChainError> {
        let mut distinct: Vec<&str> = labels.collect();
        distinct.sort_unstable();
        distinct.dedup();
        let known = Labels::new(self.what.clone(), distinct)?;
        self.groups.keys().try_for_each(|label| known.require(label).map(|_| ()))?;
        Ok(())
    }
}

/// What to put together in a system: regions, sectors and categories of final demand, each by its own [`Grouping`].
#[derive(Debug, Clone, PartialEq)]
pub struct Aggregation {
    /// Regions.
    pub regions: Grouping,
    /// Sectors, the same in every region.
    pub sectors: Grouping,
    /// Categories of final demand.
    pub categories: Grouping,
}

impl Default for Aggregation {
    /// Everything stays itself.
    fn default() -> Self {
        Aggregation {
            regions: Grouping::identity("regions"),
            sectors: Grouping::identity("sectors"),
            categories: Grouping::identity("final-demand categories"),
        }
    }
}

impl Aggregation {
    /// Keeps some regions and merges all others into a rest of the world: how regions are removed from a table without unbalancing it.
    pub fn keep_regions<S: Into<String>>(keep: impl IntoIterator<Item = S>, rest: impl Into<String>) -> Self {
        Aggregation { regions: Grouping::keeping("regions", keep, rest), ..Aggregation::default() }
    }

    /// Merges some regions into one (usually the table's own rest of the world).
    ///
    /// # Errors
    /// None for distinct names.
    pub fn merge_regions<S: Into<String>>(regions: impl IntoIterator<Item = S>, into: &str) -> Result<Self, ChainError> {
        let pairs = regions.into_iter().map(|region| (region.into(), into.to_owned()));
        Ok(Aggregation { regions: Grouping::new("regions", pairs, Unmapped::Keep)?, ..Aggregation::default() })
    }
}

/// An [`Aggregation`] worked out for one system: for every industry and column of final demand the group it goes to.
///
/// Use it on results: solve on the full table and aggregate what comes out. Aggregating the table first changes every multiplier
/// ([`aggregation_bias`] says by how much). Flows are summed; coefficients and multipliers are averaged with weights.
///
/// ```
/// # use xinzhi_chain::{Factor, InputOutputSystem, Leontief, SystemOptions};
/// use xinzhi_chain::{Aggregation, Groups};
/// # let pair = |a: &str, b: &str| (a.to_string(), b.to_string());
/// # let system = InputOutputSystem::new(
/// #     "two regions", 2011, "million USD", vec![pair("A", "all"), pair("B", "all")], vec![10.0, 20.0, 30.0, 40.0],
/// #     vec![pair("A", "final"), pair("B", "final")], vec![50.0, 20.0, 10.0, 20.0], SystemOptions::default(),
/// # )?;
/// let groups = Groups::new(&system, &Aggregation::keep_regions(["A"], "ROW"))?;
/// let output = Factor::new(&system)?.solve(vec![1.0, 0.0]);
/// assert_eq!(groups.industries(), [pair("A", "all"), pair("ROW", "all")]);
/// assert_eq!(groups.sum(&output)?, output);
/// # Ok::<(), xinzhi_chain::ChainError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Groups {
    system: String,
    industries: Vec<(String, String)>,
    industry_groups: Vec<usize>,
    columns: Vec<(String, String)>,
    column_groups: Vec<usize>,
    /// For every old region, the group it goes to, and the names of these groups.
    regions: Labels,
}

impl Groups {
    /// Works out the groups. They stand in the order in which their first members do, region by region.
    ///
    /// # Errors
    /// [`ChainError::Unmapped`]; [`frame::FrameError::UnknownLabel`] for a grouped label that the system does not have.
    pub fn new(system: &InputOutputSystem, aggregation: &Aggregation) -> Result<Self, ChainError> {
        let Aggregation { regions, sectors, categories } = aggregation;
        regions.check(system.regions().iter())?;
        sectors.check(system.sectors().iter().map(|s| s.1.as_str()))?;
        categories.check(system.final_demand_columns().iter().map(|c| c.1.as_str()))?;
        let (names, _) = distinct(system.regions().iter().map(|region| regions.group(region).map(str::to_owned)))?;
        let regions_after = Labels::new("regions", names)?;
        let (mut industries, mut industry_groups) = distinct(
            system.sectors().iter().map(|(region, sector)| Ok((regions.group(region)?.to_owned(), sectors.group(sector)?.to_owned()))),
        )?;
        // region by region, as systems are: members of a group of regions may stand far apart
        let region_of = |pair: &(String, String)| regions_after.position(&pair.0);
        let mut order: Vec<usize> = (0..industries.len()).collect();
        order.sort_by_key(|g| region_of(&industries[*g]));
        let mut rank = vec![0; order.len()];
        order.iter().enumerate().for_each(|(new, old)| rank[*old] = new);
        industries = order.iter().map(|g| industries[*g].clone()).collect();
        industry_groups.iter_mut().for_each(|g| *g = rank[*g]);
        let (columns, column_groups) = distinct(
            system
                .final_demand_columns()
                .iter()
                .map(|(region, category)| Ok((regions.group(region)?.to_owned(), categories.group(category)?.to_owned()))),
        )?;
        let system = system.name().to_owned();
        Ok(Groups { system, industries, industry_groups, columns, column_groups, regions: regions_after })
    }

    /// The (region, sector) pairs after aggregation.
    pub fn industries(&self) -> &[(String, String)] {
        &self.industries
    }

    /// The (region, category) pairs of final demand after aggregation.
    pub fn final_demand_columns(&self) -> &[(String, String)] {
        &self.columns
    }

    /// The regions after aggregation.
    pub fn regions(&self) -> &Labels {
        &self.regions
    }

    /// For every industry of the system, the position of its group in [`industries`](Self::industries).
    pub fn industry_groups(&self) -> &[usize] {
        &self.industry_groups
    }

    /// Sums of flows over industries: k rows of n values become k rows of the aggregated length (an extension's F, footprints by
    /// industry, solved outputs one after the other).
    ///
    /// # Errors
    /// [`ChainError::Shape`] when the values do not fill whole rows.
    pub fn sum(&self, rows: &[f64]) -> Result<Vec<f64>, ChainError> {
        summed(&self.system, "values by industry", rows, &self.industry_groups, self.industries.len())
    }

    /// Sums over columns of final demand: k rows of m values (an extension's F_Y).
    ///
    /// # Errors
    /// [`ChainError::Shape`].
    pub fn sum_final_demand(&self, rows: &[f64]) -> Result<Vec<f64>, ChainError> {
        summed(&self.system, "values by final-demand column", rows, &self.column_groups, self.columns.len())
    }

    /// Weighted means over industries, for what must not be summed (coefficients, multipliers, prices): Σ w value / Σ w. Outputs are the
    /// usual weights; a group without weight is `None`.
    ///
    /// # Errors
    /// [`ChainError::Shape`].
    pub fn mean(&self, values: &[f64], weights: &[f64]) -> Result<Vec<Option<f64>>, ChainError> {
        let products: Vec<f64> = values.iter().zip(weights).map(|(value, weight)| value * weight).collect();
        let (sums, weights) = (self.sum(&products)?, self.sum(weights)?);
        Ok(sums.into_iter().zip(weights).map(|(sum, weight)| (weight != 0.0).then(|| sum / weight)).collect())
    }

    /// The n × n flows between industries, aggregated on both sides.
    ///
    /// # Errors
    /// [`ChainError::Shape`].
    pub fn sum_both(&self, matrix: &[f64]) -> Result<Vec<f64>, ChainError> {
        let narrow = self.sum(matrix)?;
        Ok(self.sum_rows(&narrow, self.industries.len()))
    }

    /// Adds up whole rows of a matrix with one row for every industry.
    fn sum_rows(&self, matrix: &[f64], width: usize) -> Vec<f64> {
        let mut result = vec![0.0; self.industries.len() * width];
        if width > 0 {
            for (row, group) in matrix.chunks_exact(width).zip(&self.industry_groups) {
                add(&mut result[group * width..(group + 1) * width], row);
            }
        }
        result
    }
}

fn add(to: &mut [f64], from: &[f64]) {
    to.iter_mut().zip(from).for_each(|(to, from)| *to += from);
}

/// Distinct items in order of appearance, and for every item which of them it is.
fn distinct<T: Clone + Eq + std::hash::Hash>(
    items: impl Iterator<Item = Result<T, ChainError>>,
) -> Result<(Vec<T>, Vec<usize>), ChainError> {
    let (mut names, mut positions, mut which) = (Vec::new(), HashMap::new(), Vec::new());
    for item in items {
        let item = item?;
        let at = *positions.entry(item.clone()).or_insert_with(|| {
            names.push(item);
            names.len() - 1
        });
        which.push(at);
    }
    Ok((names, which))
}

fn summed(system: &str, what: &str, rows: &[f64], groups: &[usize], width: usize) -> Result<Vec<f64>, ChainError> {
    let n = groups.len();
    if n == 0 || !rows.len().is_multiple_of(n) {
        let expected = n * rows.len().div_ceil(n.max(1));
        return Err(ChainError::Shape { system: system.to_owned(), what: what.to_owned(), expected, found: rows.len() });
    }
    let mut result = vec![0.0; rows.len() / n * width];
    for (from, to) in rows.chunks_exact(n).zip(result.chunks_exact_mut(width)) {
        for (value, group) in from.iter().zip(groups) {
            to[*group] += value;
        }
    }
    Ok(result)
}

/// The aggregated system: Z and Y summed over the groups, everything else recomputed.
///
/// Answers from it differ from those of the full system; prefer to aggregate results ([`Groups`]), and see [`aggregation_bias`].
///
/// ```
/// # use xinzhi_chain::{InputOutputSystem, SystemOptions};
/// use xinzhi_chain::{Aggregation, Grouping, aggregate_system};
/// # let pair = |a: &str, b: &str| (a.to_string(), b.to_string());
/// # let system = InputOutputSystem::new(
/// #     "two regions", 2011, "million USD", vec![pair("A", "all"), pair("B", "all")], vec![10.0, 20.0, 30.0, 40.0],
/// #     vec![pair("A", "final"), pair("B", "final")], vec![50.0, 20.0, 10.0, 20.0], SystemOptions::default(),
/// # )?;
/// let world = aggregate_system(&system, &Aggregation { regions: Grouping::total("regions", "world"), ..Aggregation::default() })?;
/// assert_eq!((world.output(), world.name()), (&[200.0][..], "two regions 2011"));
/// # Ok::<(), xinzhi_chain::ChainError>(())
/// ```
///
/// # Errors
/// As [`Groups::new`].
pub fn aggregate_system(system: &InputOutputSystem, aggregation: &Aggregation) -> Result<InputOutputSystem, ChainError> {
    let groups = Groups::new(system, aggregation)?;
    let z = groups.sum_both(system.deliveries())?;
    let y = if groups.columns.is_empty() {
        Vec::new()
    } else {
        let narrow = groups.sum_final_demand(system.final_demand())?;
        groups.sum_rows(&narrow, groups.columns.len())
    };
    let value_added = if system.other_costs().is_some() { Some(groups.sum(&system.value_added())?) } else { None };
    let (sectors, columns) = (groups.industries, groups.columns);
    let coarse =
        InputOutputSystem::new(bare_name(system), system.period(), system.unit(), sectors, z, columns, y, SystemOptions::default())?;
    match value_added {
        Some(value_added) => coarse.with_value_added(&value_added),
        None => Ok(coarse),
    }
}

/// An extension of the aggregated system: flows F and F_Y summed over the groups, stressors and units kept. `coarse` is what
/// [`aggregate_system`] made of the extension's own system by the same aggregation.
///
/// ```
/// # use xinzhi_chain::{InputOutputSystem, SystemOptions};
/// use xinzhi_chain::{Aggregation, Extension, Grouping, aggregate_extension, aggregate_system};
/// # let pair = |a: &str, b: &str| (a.to_string(), b.to_string());
/// # let system = InputOutputSystem::new(
/// #     "two regions", 2011, "million USD", vec![pair("A", "all"), pair("B", "all")], vec![10.0, 20.0, 30.0, 40.0],
/// #     vec![pair("A", "final"), pair("B", "final")], vec![50.0, 20.0, 10.0, 20.0], SystemOptions::default(),
/// # )?;
/// let carbon = Extension::new(&system, "emissions (made up)", vec![("CO2".into(), "kt".into())], vec![20.0, 50.0], None)?;
/// let world = Aggregation { regions: Grouping::total("regions", "world"), ..Aggregation::default() };
/// let of_the_world = aggregate_extension(&carbon, &aggregate_system(&system, &world)?, &world)?;
/// assert_eq!((of_the_world.flows(), of_the_world.units()), ([70.0].as_slice(), carbon.units()));
/// # Ok::<(), xinzhi_chain::ChainError>(())
/// ```
///
/// # Errors
/// As [`Groups::new`]; [`ChainError::Different`] when `coarse` has other industries or columns than the aggregation gives.
pub fn aggregate_extension(extension: &Extension, coarse: &InputOutputSystem, aggregation: &Aggregation) -> Result<Extension, ChainError> {
    let groups = Groups::new(extension.system(), aggregation)?;
    let pairs = [
        ("industries", coarse.sectors(), groups.industries()),
        ("final-demand columns", coarse.final_demand_columns(), groups.final_demand_columns()),
    ];
    for (what, found, expected) in pairs {
        if found != expected {
            let label = match found.iter().zip(expected).find(|(a, b)| a != b) {
                Some((a, b)) => format!("{} {} against {} {}", a.0, a.1, b.0, b.1),
                None => format!("{} against {}", found.len(), expected.len()),
            };
            let (first, second) = (coarse.name().to_owned(), format!("the aggregation of {}", extension.system().name()));
            return Err(ChainError::Different { first, second, what, label });
        }
    }
    let stressors = extension.stressors().iter().map(str::to_owned).zip(extension.units().iter().cloned()).collect();
    let final_demand = extension.final_demand_flows().map(|flows| groups.sum_final_demand(flows)).transpose()?;
    Extension::new(coarse, extension.name(), stressors, groups.sum(extension.flows())?, final_demand)
}

/// The name without the period that every system carries at its end.
pub(crate) fn bare_name(system: &InputOutputSystem) -> String {
    let period = format!(" {}", system.period());
    system.name().strip_suffix(&period).unwrap_or(system.name()).to_owned()
}

/// Sums a labelled result over groups of its rows, its columns, or both, keeping the groups' names.
///
/// ```
/// use xinzhi_chain::{Grouping, aggregate_matrix};
/// use frame::{LabelledMatrix, Labels};
/// let regions = Labels::new("regions", ["DEU", "FRA", "CHN"])?;
/// let trade = LabelledMatrix::new(regions.clone(), regions, vec![0.0, 1.0, 2.0, 3.0, 0.0, 4.0, 5.0, 6.0, 0.0])?;
/// let rest = Grouping::keeping("regions", ["CHN"], "others");
/// let by_group = aggregate_matrix(&trade, Some(&rest), Some(&rest))?;
/// assert_eq!(by_group.get("CHN", "others"), Some(11.0));
/// # Ok::<(), xinzhi_chain::ChainError>(())
/// ```
///
/// # Errors
/// [`ChainError::Unmapped`]; [`frame::FrameError::UnknownLabel`] for a grouped label that the matrix does not have.
pub fn aggregate_matrix(
    matrix: &LabelledMatrix,
    rows: Option<&Grouping>,
    columns: Option<&Grouping>,
) -> Result<LabelledMatrix, ChainError> {
    let grouped = |labels: &Labels, grouping: Option<&Grouping>| {
        let Some(grouping) = grouping else { return Ok((labels.clone(), (0..labels.len()).collect())) };
        grouping.check(labels.iter())?;
        let (names, which) = distinct(labels.iter().map(|label| grouping.group(label).map(str::to_owned)))?;
        Ok::<_, ChainError>((Labels::new(labels.what(), names)?, which))
    };
    let (row_labels, row_groups) = grouped(matrix.rows(), rows)?;
    let (column_labels, column_groups) = grouped(matrix.columns(), columns)?;
    let width = column_labels.len();
    let mut values = vec![0.0; row_labels.len() * width];
    for (r, group) in row_groups.iter().enumerate() {
        for (value, column) in matrix.row(r).iter().zip(&column_groups) {
            values[group * width + column] += value;
        }
    }
    Ok(LabelledMatrix::new(row_labels, column_labels, values)?)
}

/// Sums a labelled vector over groups, keeping the groups' names.
///
/// ```
/// use frame::{LabelledVector, Labels};
/// use xinzhi_chain::{Grouping, Unmapped, aggregate_vector};
/// let footprint = LabelledVector::new(Labels::new("regions", ["DEU", "FRA", "CHN"])?, vec![1.0, 2.0, 4.0])?;
/// let europe = Grouping::new("regions", [("DEU", "EU"), ("FRA", "EU")], Unmapped::Keep)?;
/// assert_eq!(aggregate_vector(&footprint, &europe)?.get("EU"), Some(3.0));
/// # Ok::<(), xinzhi_chain::ChainError>(())
/// ```
///
/// # Errors
/// As [`aggregate_matrix`].
pub fn aggregate_vector(vector: &LabelledVector, grouping: &Grouping) -> Result<LabelledVector, ChainError> {
    let one = Labels::new("values", ["value"])?;
    let matrix = LabelledMatrix::new(vector.labels().clone(), one, vector.values().to_vec())?;
    let result = aggregate_matrix(&matrix, Some(grouping), None)?;
    Ok(LabelledVector::new(result.rows().clone(), result.values().to_vec())?)
}

/// One group's share in [`AggregationBias`].
#[derive(Debug, Clone, PartialEq)]
pub struct GroupBias {
    /// The region after aggregation.
    pub region: String,
    /// The sector after aggregation.
    pub sector: String,
    /// What the full system says, aggregated afterwards.
    pub solved_then_aggregated: f64,
    /// What the aggregated system says.
    pub aggregated_then_solved: f64,
}

impl GroupBias {
    /// aggregated first − solved first.
    pub fn bias(&self) -> f64 {
        self.aggregated_then_solved - self.solved_then_aggregated
    }
}

/// What an answer loses when the table is aggregated before it is solved.
#[derive(Debug, Clone, PartialEq)]
pub struct AggregationBias {
    /// Every group after aggregation, in order.
    pub groups: Vec<GroupBias>,
    /// Σ over groups of the full system's answer.
    pub total: f64,
    /// Σ of the biases, with their signs.
    pub total_bias: f64,
    /// Σ |bias| / Σ |full answer|: the share of the answer that lands in the wrong place or is missing. `None` when the answer is zero.
    pub relative: Option<f64>,
}

/// The aggregation bias of the output (or stressor) that stands behind a final demand.
///
/// With S the summing matrix, L* the inverse of the aggregated system and y a final demand: bias = ŝ* L* S y − S ŝ L y, for every
/// group, where s are stressor coefficients F x̂⁻¹ (1 for output itself) and s* the same of the groups. It is zero for the y of the
/// table itself when the answer is output, because the aggregated coefficients are weighted with its outputs, and zero for all y when
/// the industries of each group buy alike. Source: Theil (1957), Linear Aggregation in Input-Output Analysis, Econometrica 25;
/// Morimoto (1970), Review of Economic Studies 37; Miller and Blair (2009), section 4.9.
///
/// `demand` has one value for every industry; `stressor` (flows F, one for every industry) may be left out.
///
/// ```
/// # use xinzhi_chain::{Factor, InputOutputSystem, SystemOptions};
/// use xinzhi_chain::{Aggregation, Grouping, aggregation_bias};
/// # let pair = |a: &str, b: &str| (a.to_string(), b.to_string());
/// # let system = InputOutputSystem::new(
/// #     "two regions", 2011, "million USD", vec![pair("A", "all"), pair("B", "all")], vec![10.0, 20.0, 30.0, 40.0],
/// #     vec![pair("A", "final"), pair("B", "final")], vec![50.0, 20.0, 10.0, 20.0], SystemOptions::default(),
/// # )?;
/// let world = Aggregation { regions: Grouping::total("regions", "world"), ..Aggregation::default() };
/// let bias = aggregation_bias(&Factor::new(&system)?, &world, &[1.0, 0.0], None)?;
/// // one unit from A takes 1.25 + 0.625 units of output; the world as one industry says 1 / (1 − 0.5)
/// assert!((bias.total - 1.875).abs() < 1e-12 && (bias.total_bias - 0.125).abs() < 1e-12);
/// # Ok::<(), xinzhi_chain::ChainError>(())
/// ```
///
/// # Errors
/// As [`Groups::new`]; [`ChainError::Shape`]; [`ChainError::Singular`] and [`ChainError::NotProductive`] of the aggregated system.
pub fn aggregation_bias(
    leontief: &impl Leontief,
    aggregation: &Aggregation,
    demand: &[f64],
    stressor: Option<&[f64]>,
) -> Result<AggregationBias, ChainError> {
    let system = leontief.system();
    for (what, values) in [("the final demand", Some(demand)), ("the stressor", stressor)] {
        if let Some(found) = values.map(<[f64]>::len).filter(|found| *found != system.size()) {
            return Err(ChainError::Shape { system: system.name().to_owned(), what: what.to_owned(), expected: system.size(), found });
        }
    }
    let groups = Groups::new(system, aggregation)?;
    let coarse = aggregate_system(system, aggregation)?;
    let weigh = |made: &mut [f64], stressor: &[f64], output: &[f64]| {
        for (made, (stressor, output)) in made.iter_mut().zip(stressor.iter().zip(output)) {
            *made *= if *output > 0.0 { stressor / output } else { 0.0 };
        }
    };
    let mut fine = leontief.solve(demand.to_vec());
    let mut aggregated_first = Factor::new(&coarse)?.solve(groups.sum(demand)?);
    if let Some(stressor) = stressor {
        weigh(&mut fine, stressor, system.output());
        weigh(&mut aggregated_first, &groups.sum(stressor)?, coarse.output());
    }
    let solved_first = groups.sum(&fine)?;
    let rows: Vec<GroupBias> = groups
        .industries
        .into_iter()
        .zip(solved_first.iter().zip(&aggregated_first))
        .map(|((region, sector), (solved, aggregated))| GroupBias {
            region,
            sector,
            solved_then_aggregated: *solved,
            aggregated_then_solved: *aggregated,
        })
        .collect();
    let mass: f64 = solved_first.iter().map(|v| v.abs()).sum();
    Ok(AggregationBias {
        total: solved_first.iter().sum(),
        total_bias: rows.iter().map(GroupBias::bias).sum(),
        relative: (mass > 0.0).then(|| rows.iter().map(|r| r.bias().abs()).sum::<f64>() / mass),
        groups: rows,
    })
}
