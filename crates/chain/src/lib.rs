//! Input-output systems: value added in exports, look-through exposure, cuts.
//!
//! * [`InputOutputSystem`]: a multi-regional table Z, Y with its output x recomputed, and what had to be repaired in it;
//! * [`Factor`], [`LeontiefInverse`]: L = (I − A)⁻¹ by solving or in full, both behind the trait [`Leontief`];
//! * [`Extension`]: what industries use or emit beside their inputs (emissions, energy, jobs, value added);
//! * [`value_added_in_exports`]: where the value of a region's exports comes from (Borin and Mancini, source perspective);
//! * [`look_through_exposure`]: on whom a region's industries lean, directly and through their suppliers' suppliers;
//! * [`single_cuts`], [`cut_effect`]: what a region would lose if a foreign supplier were cut off;
//! * [`chain_position`]: distance to final use (upstreamness) and to primary inputs (downstreamness);
//! * [`value_added_origin`], [`value_added_destination`]: value flows into and out of a region;
//! * [`NationalSystem`]: single-country tables with imports apart, and a province's import dependence estimated from them;
//! * [`aggregate_system`], [`Groups`], [`aggregation_bias`]: regions, sectors and categories put together, before or after solving;
//! * [`nest_regions`]: a country of a world table replaced by its provinces;
//! * [`ClosedSystem`]: households made endogenous (Type II multipliers);
//! * [`structural_paths`]: the largest supply paths behind a final demand, proven to be the largest;
//! * [`structural_decomposition`], [`logarithmic_mean_divisia`]: what changed between two years, by cause;
//! * [`ras`], [`gras`]: tables brought to given totals;
//! * [`input_output_from_supply_use`]: supply and use tables made input-output tables, by the four models;
//! * [`field_of_influence`]: the input coefficients that the whole system feels most.
//!
//! Order is region-major: all industries of the first region, then of the second. Z[i,j] is what i sells to j. Everything is pure
//! computation and gives the same bytes on any number of threads.

mod aggregation;
mod balancing;
mod cuts;
mod error;
mod exposure;
mod extension;
mod field_of_influence;
mod flows;
mod leontief;
mod national;
mod nested_regions;
mod position;
mod structural_decomposition;
mod structural_paths;
mod supply_use;
mod system;
mod type_two;
mod value_added_in_exports;

pub use aggregation::{
    Aggregation, AggregationBias, GroupBias, Grouping, Groups, Unmapped, aggregate_extension, aggregate_matrix, aggregate_system,
    aggregate_vector, aggregation_bias,
};
pub use balancing::{Balanced, BalancingOptions, gras, ras};
pub use cuts::{Cut, CutEffect, CutOptions, SingleCuts, cut_effect, single_cuts};
pub use error::ChainError;
pub use exposure::{
    ExposureOptions, LookThroughExposure, Scope, SupplierExposure, WIOD35_MANUFACTURING, look_through_exposure, look_through_exposures,
};
pub use extension::Extension;
pub use field_of_influence::{CoefficientInfluence, InfluenceOrder, field_of_influence};
pub use flows::{FlowBasis, ValueAddedFlow, value_added_destination, value_added_origin};
pub use leontief::{Factor, Leontief, LeontiefInverse};
pub use national::{ImportDependence, NationalSystem, NationalTable, ProvinceEstimate, province_estimate};
pub use nested_regions::{NestedRegions, NestingDiscrepancy, NestingOptions, NestingStep, ProvincialTable, RestOfCountry, nest_regions};
pub use position::{Position, chain_position};
pub use structural_decomposition::{
    DecompositionMethod, DecompositionOptions, DemandFactors, LogarithmicMeanDivisia, StructuralDecomposition, logarithmic_mean_divisia,
    structural_decomposition,
};
pub use structural_paths::{PathOptions, StructuralPath, StructuralPaths, structural_paths};
pub use supply_use::{NegativeFlow, SupplyUseModel, SupplyUseTables, TransformedTable, input_output_from_supply_use};
pub use system::{InputOutputSystem, NegativeFlows, Repairs, SharedCells, SystemOptions};
pub use type_two::{ClosedSystem, HouseholdClosure, HouseholdMultiplier, HouseholdMultipliers, Measure, Spending};
pub use value_added_in_exports::{ValueAddedInExports, value_added_in_all_exports, value_added_in_exports};
