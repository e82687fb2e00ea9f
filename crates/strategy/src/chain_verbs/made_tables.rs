//! Tables made of others: aggregated, with provinces nested in their country, or from supply and use. They are written where tables as
//! published are.

use super::region_groups::RegionGroup;
use super::{ChainTable, refuse};
use crate::answer::as_json;
use crate::{Answer, StrategyError};
use chain::{
    Aggregation, Extension, Grouping, InputOutputSystem, NestingOptions, ProvincialTable, SupplyUseModel, SupplyUseTables, Unmapped,
    aggregate_extension, aggregate_system, aggregation_bias, input_output_from_supply_use, nest_regions,
};
use frame::{Concordance, Link};
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::{PrimaryInput, PublishedExtension, PublishedSupplyUse, PublishedTable, RowTable, StoredInputOutput};

/// A system and its extensions as a table to be stored.
fn published(system: &InputOutputSystem, name: &str, title: &str, extensions: &[Extension]) -> PublishedTable {
    PublishedTable {
        edition: "made-by-xinzhi".to_owned(),
        system: name.to_owned(),
        title: title.to_owned(),
        period: system.period(),
        unit: system.unit().to_owned(),
        industries: system.sectors().to_vec(),
        final_demand: system.final_demand_columns().to_vec(),
        z: system.deliveries().to_vec(),
        y: system.final_demand().to_vec(),
        primary: Vec::new(),
        output: system.output().to_vec(),
        extensions: extensions
            .iter()
            .map(|of| PublishedExtension {
                name: of.name().to_owned(),
                stressors: of.stressors().iter().map(str::to_owned).zip(of.units().iter().cloned()).collect(),
                flows: of.flows().to_vec(),
                final_demand_flows: of.final_demand_flows().map(<[f64]>::to_vec),
            })
            .collect(),
        repairs: Vec::new(),
        balance: store::BalanceReport::default(),
        files: Vec::new(),
    }
}

/// Which regions and sectors to add up.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "clap", derive(clap::Args))]
#[serde(default, deny_unknown_fields)]
pub struct AggregateRequest {
    /// Regions to put together: NAME=REGION+REGION, or EU27, ASEAN, NAFTA, BRICS, G7
    #[cfg_attr(feature = "clap", arg(long = "group", value_name = "GROUP", value_delimiter = ','))]
    pub groups: Vec<String>,
    /// Keep only these regions (and groups); all others become one
    #[cfg_attr(feature = "clap", arg(long, value_name = "REGION", value_delimiter = ','))]
    pub keep: Vec<String>,
    /// The name of that one [default: ROW]
    #[cfg_attr(feature = "clap", arg(long, value_name = "NAME"))]
    pub rest: Option<String>,
    /// Sector and the group it goes to; sectors without a group stay themselves.
    #[cfg_attr(feature = "clap", arg(skip))]
    pub sectors: Vec<(String, String)>,
    /// Category of final demand and the group it goes to.
    #[cfg_attr(feature = "clap", arg(skip))]
    pub categories: Vec<(String, String)>,
    /// The name of the new system [default: the old one's with -aggregated]
    #[cfg_attr(feature = "clap", arg(long, value_name = "NAME"))]
    pub name: Option<String>,
}

/// The aggregated table, and by how much output multipliers from it differ from those of the full one.
///
/// # Errors
/// Regions, sectors and groups that are not known or stand twice.
pub fn aggregate(table: &ChainTable, request: &AggregateRequest) -> Result<(PublishedTable, Answer), StrategyError> {
    let system = &table.system;
    let mut notes = table.notes();
    let mut regions: Vec<(String, String)> = Vec::new();
    // whose final demand the bias is shown on: that of all regions together would show none, since tables hold it exactly
    let mut shown: Option<RegionGroup> = None;
    for text in &request.groups {
        let group = RegionGroup::parse(text, system, &mut notes)?;
        shown.get_or_insert_with(|| group.clone());
        regions.extend(group.regions.into_iter().map(|region| (region, group.name.clone())));
    }
    if !request.keep.is_empty() {
        let rest = request.rest.clone().unwrap_or_else(|| "ROW".to_owned());
        let grouped = |region: &str| regions.iter().any(|(known, _)| known == region);
        for region in &request.keep {
            system.range(region)?;
        }
        let others: Vec<(String, String)> = system
            .regions()
            .iter()
            .filter(|region| !grouped(region) && !request.keep.iter().any(|kept| kept == region))
            .map(|region| (region.to_owned(), rest.clone()))
            .collect();
        regions.extend(others);
    } else if request.rest.is_some() {
        return refuse("rest", request.rest.as_deref().unwrap_or_default(), "it together with --keep");
    }
    let aggregation = Aggregation {
        regions: Grouping::new("regions", regions, Unmapped::Keep)?,
        sectors: Grouping::new("sectors", request.sectors.clone(), Unmapped::Keep)?,
        categories: Grouping::new("final-demand categories", request.categories.clone(), Unmapped::Keep)?,
    };
    let coarse = aggregate_system(system, &aggregation)?;
    let extensions =
        table.own_extensions().iter().map(|of| aggregate_extension(of, &coarse, &aggregation)).collect::<Result<Vec<_>, _>>()?;
    let of = |r: usize| (0..system.size()).map(|i| system.final_delivery(i, r)).sum::<f64>();
    let largest = || (0..system.regions().len()).max_by(|a, b| of(*a).total_cmp(&of(*b))).map(|r| system.regions().name(r).to_owned());
    let shown = shown.unwrap_or_else(|| {
        let name = largest().unwrap_or_default();
        RegionGroup { regions: vec![name.clone()], name }
    });
    let members: Vec<usize> = shown.regions.iter().filter_map(|region| system.regions().position(region)).collect();
    let demand: Vec<f64> = (0..system.size()).map(|i| members.iter().map(|r| system.final_delivery(i, *r)).sum()).collect();
    let bias = aggregation_bias(table.factor()?, &aggregation, &demand, None)?;
    notes.push(format!(
        "{} industries became {}; output called for by the final demand of {} is {} by solving first; aggregating first changes it by {} in all, and by the column bias group by group: prefer to solve the full table and aggregate results",
        system.size(),
        coarse.size(),
        shown.name,
        bias.total,
        bias.total_bias
    ));
    let groups = &bias.groups;
    let rows = RowTable::new("aggregation_bias")
        .text("region", groups.iter().map(|group| group.region.as_str()))?
        .text("sector", groups.iter().map(|group| group.sector.as_str()))?
        .number("solved_then_aggregated", groups.iter().map(|group| group.solved_then_aggregated))?
        .number("aggregated_then_solved", groups.iter().map(|group| group.aggregated_then_solved))?
        .number("bias", groups.iter().map(chain::GroupBias::bias))?;
    let old = system.name().rsplit_once(' ').map_or(system.name(), |(name, _)| name);
    let name = request.name.clone().unwrap_or_else(|| format!("{old}-aggregated"));
    let title = format!("{} aggregated to {} regions, {} industries", system.name(), coarse.regions().len(), coarse.size());
    let record = table.record(request);
    Ok((published(&coarse, &name, &title, &extensions), Answer { tables: vec![rows], record, notes }))
}

/// How the provinces of a table are nested in their country.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "clap", derive(clap::Args))]
#[serde(default, deny_unknown_fields)]
pub struct NestRequest {
    /// The country's region in the world table
    #[cfg_attr(feature = "clap", arg(long, value_name = "REGION", default_value = "CHN"))]
    pub country: String,
    /// The categories of the provincial table that are exports to other countries
    #[cfg_attr(feature = "clap", arg(long, value_name = "CATEGORY", value_delimiter = ',', default_value = "EX"))]
    pub exports: Vec<String>,
    /// The categories that are no demand, such as columns of differences
    #[cfg_attr(feature = "clap", arg(long, value_name = "CATEGORY", value_delimiter = ','))]
    pub ignored: Vec<String>,
    /// Sector of the provinces, sector of the country, weight.
    #[cfg_attr(feature = "clap", arg(skip))]
    pub sectors: Vec<(String, String, f64)>,
    /// The name of the new system [default: the world table's with -nested]
    #[cfg_attr(feature = "clap", arg(long, value_name = "NAME"))]
    pub name: Option<String>,
}

/// The world table in which provinces stand in place of their country, and every discrepancy that was moved.
///
/// # Errors
/// Labels that do not fit, and a balancing that does not end.
pub fn nest(world: &ChainTable, provinces: &StoredInputOutput, request: &NestRequest) -> Result<(PublishedTable, Answer), StrategyError> {
    let (n, m) = (provinces.industries.len(), provinces.final_demand.len());
    let is = |list: &[String], at: usize| list.iter().any(|category| *category == provinces.final_demand[at].1);
    let exported: Vec<usize> = (0..m).filter(|at| is(&request.exports, *at)).collect();
    if exported.is_empty() {
        return refuse("exports", &request.exports.join(","), "a category of the provincial table's final demand");
    }
    let demand: Vec<usize> = (0..m).filter(|at| !is(&request.exports, *at) && !is(&request.ignored, *at)).collect();
    let imports: Vec<&PrimaryInput> = provinces.primary.iter().filter(|row| row.kind == "imports").collect();
    let row = |i: usize, columns: &[usize]| columns.iter().map(|at| provinces.y[i * m + at]).collect::<Vec<f64>>();
    let provincial = ProvincialTable {
        name: format!("{} {}", provinces.system, provinces.period),
        sectors: provinces.industries.clone(),
        deliveries: (*provinces.z).as_ref().to_vec(),
        final_demand_columns: demand.iter().map(|at| provinces.final_demand[*at].clone()).collect(),
        final_demand: (0..n).flat_map(|i| row(i, &demand)).collect(),
        exports: (0..n).map(|i| row(i, &exported).iter().sum()).collect(),
        imports: (0..n).map(|j| imports.iter().map(|row| row.industries[j]).sum()).collect(),
        final_imports: demand.iter().map(|at| imports.iter().map(|row| row.final_demand[*at]).sum()).collect(),
        ..ProvincialTable::default()
    };
    let links = request.sectors.iter().map(|(from, to, weight)| Link { from: from.clone(), to: to.clone(), weight: *weight }).collect();
    let sectors = Concordance::new("sectors of the provinces", "sectors of the country", links)?;
    let found = nest_regions(&world.system, &request.country, &provincial, &NestingOptions::new(sectors))?;
    let moved = &found.discrepancies;
    let step = |step: &chain::NestingStep| as_json(step).as_str().unwrap_or_default().to_owned();
    let rows = RowTable::new("discrepancies")
        .text("step", moved.iter().map(|one| step(&one.step)))?
        .text("place", moved.iter().map(|one| one.place.as_str()))?
        .number("before", moved.iter().map(|one| one.before))?
        .number("after", moved.iter().map(|one| one.after))?
        .number("moved", moved.iter().map(|one| one.moved))?;
    let mut notes = world.notes();
    notes.push(format!(
        "{} provinces stand in place of {}; balanced in {} rounds to {:e}; which foreign country a province trades with is not known: every province sells a sector's goods abroad in the country's proportions",
        found.provinces.len(),
        request.country,
        found.iterations,
        found.residual
    ));
    let old = world.system.name().rsplit_once(' ').map_or(world.system.name(), |(name, _)| name);
    let name = request.name.clone().unwrap_or_else(|| format!("{old}-nested"));
    let title = format!("{} with the provinces of {} from {}", world.system.name(), request.country, provincial.name);
    Ok((published(&found.system, &name, &title, &[]), Answer { tables: vec![rows], record: world.record(request), notes }))
}

/// The input-output table behind supply and use tables, by a model of the Eurostat manual: `A` product technology, `B` industry technology,
/// `C` fixed industry sales, `D` fixed product sales.
///
/// # Errors
/// A model that is not known, and what the transformation reports.
pub fn supply_use(tables: &PublishedSupplyUse, model: &str, tolerance: Option<f64>) -> Result<(PublishedTable, Answer), StrategyError> {
    let chosen = match model {
        "A" | "a" => SupplyUseModel::ProductTechnology,
        "B" | "b" => SupplyUseModel::IndustryTechnology,
        "C" | "c" => SupplyUseModel::FixedIndustrySales,
        "D" | "d" => SupplyUseModel::FixedProductSales,
        other => return refuse("model", other, "A, B, C or D"),
    };
    let input = SupplyUseTables {
        name: tables.title.clone(),
        period: tables.period,
        unit: tables.unit.clone(),
        products: tables.products.clone(),
        industries: tables.industries.clone(),
        make: tables.make.clone(),
        intermediate_use: tables.intermediate_use.clone(),
        final_use_columns: tables.final_use_columns.clone(),
        final_use: tables.final_use.clone(),
        value_added: tables.value_added.clone(),
    };
    let made = input_output_from_supply_use(&input, chosen, tolerance.unwrap_or(1e-4))?;
    let m = made.final_demand_columns.len();
    let table = PublishedTable {
        edition: "made-by-xinzhi".to_owned(),
        system: format!("supply-use-{}", model.to_uppercase()),
        title: format!("{}, model {}", tables.title, model.to_uppercase()),
        period: made.period,
        unit: made.unit.clone(),
        industries: made.sectors.clone(),
        final_demand: made.final_demand_columns.clone(),
        z: made.deliveries.clone(),
        y: made.final_demand.clone(),
        primary: made
            .value_added
            .iter()
            .map(|(label, industries)| PrimaryInput {
                label: label.clone(),
                kind: "value-added".to_owned(),
                industries: industries.clone(),
                final_demand: vec![0.0; m],
            })
            .collect(),
        output: made.output.clone(),
        extensions: Vec::new(),
        repairs: Vec::new(),
        balance: store::BalanceReport::default(),
        files: Vec::new(),
    };
    let negative = &made.negative_flows;
    let rows = RowTable::new("negative_flows")
        .text("row", negative.iter().map(|one| format!("{} {}", one.row.0, one.row.1)))?
        .text("column", negative.iter().map(|one| format!("{} {}", one.column.0, one.column.1)))?
        .number("value", negative.iter().map(|one| one.value))?;
    let mut notes = vec![format!(
        "{} rows and columns; {} negative flows, {} {} in all; largest difference of a row {} and of a column {}",
        made.sectors.len(),
        negative.len(),
        made.negative_mass,
        made.unit,
        made.row_residual,
        made.column_residual
    )];
    notes.extend(made.without_producer.iter().map(|(region, code, mass)| format!("{region} {code} is used ({mass}) and made by nobody")));
    let record = json!({"engine": frame::ENGINE_VERSION, "model": model, "title": tables.title, "negative_mass": made.negative_mass});
    Ok((table, Answer { tables: vec![rows], record, notes }))
}
