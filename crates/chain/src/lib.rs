//! Input-output systems: value added in exports, look-through exposure, cuts.
//!
//! * [`InputOutputSystem`]: a multi-regional table Z, Y with its output x recomputed, and what had to be repaired in it;
//! * [`Factor`], [`LeontiefInverse`]: L = (I − A)⁻¹ by solving or in full, both behind the trait [`Leontief`];
//! * [`Extension`]: what industries use or emit beside their inputs (emissions, energy, jobs, value added);
//! * [`value_added_in_exports`]: where the value of a region's exports comes from (Borin and Mancini, source perspective);
//! * [`borin_mancini_source`], [`borin_mancini_sink`], [`koopman_wang_wei`], [`wang_wei_zhu`], [`miroudot_ye`]: exports decomposed by
//!   partner and sector, from any perspective, groups of regions as one exporter; [`tiva_indicators`]: the indicators of the OECD;
//! * [`chokepoints`]: every cut of one foreign industry from one user region, ranked by loss, concentration and barriers;
//! * [`exposure_matrix`], [`regional_exposure`], [`foreign_input_reliance`], [`foreign_market_reliance`]: look-through and face value of
//!   any user and any supplier;
//! * [`hypothetical_extraction`], [`single_extractions`], [`extraction_with_replacement`]: what the world loses without an industry;
//! * [`embargo`], [`bilateral_embargoes`]: what every region loses when one stops delivering to another;
//! * [`TradeAccumulator`], [`DependenceRule`]: strategic dependence product by product, from trade records;
//! * [`look_through_exposure`]: on whom a region's industries lean, directly and through their suppliers' suppliers;
//! * [`foreign_content_of_exports`]: the foreign content of all regions' exports at once, to rank by;
//! * [`single_cuts`], [`cut_effect`]: what a region would lose if a foreign supplier were cut off;
//! * [`footprints`], [`emission_scopes`]: multipliers and accounts of any extension, by production, consumption and trade;
//! * [`bilateral_trade`], [`emissions_in_bilateral_trade`]: gross trade of every pair of regions, and what is embodied in it (EEBT);
//! * [`multipliers`], [`linkages`]: what one unit of final demand sets in motion, and how industries hang together;
//! * [`chain_position`], [`open_economy_position`]: distance to final use (upstreamness) and to primary inputs (downstreamness);
//! * [`value_added_origin`], [`value_added_destination`], [`value_added_absorbed`]: value flows into and out of a region;
//! * [`export_flows`]: exports from the origin of their value through the exporting industry to the buyer;
//! * [`province_suppliers`], [`province_cuts`]: the foreign suppliers behind a province and their cuts, estimated through its country;
//! * [`NationalSystem`]: single-country tables with imports apart, and a province's import dependence estimated from them;
//! * [`aggregate_system`], [`Groups`], [`aggregation_bias`]: regions, sectors and categories put together, before or after solving;
//! * [`nest_regions`]: a country of a world table replaced by its provinces;
//! * [`ClosedSystem`]: households made endogenous (Type II multipliers);
//! * [`structural_paths`]: the largest supply paths behind a final demand, proven to be the largest;
//! * [`structural_decomposition`], [`logarithmic_mean_divisia`]: what changed between two years, by cause;
//! * [`Scenario`]: shocks to capacity, deliveries, demand and tariffs with their course in time, which all models of shocks take;
//! * [`closed_form`], [`market_closure`]: a scenario by accounting alone: Leontief, Ghosh, and the demand side with others replacing;
//! * [`exact_hat_equilibrium`]: tariffs, embargoes and lost capacity in general equilibrium, with prices and welfare (Caliendo and Parro);
//! * [`adaptive_regional_input_output`], [`partially_binding_leontief`]: the world day by day after a shock, with inventories
//!   ([`DailyRun`]), one scenario or many at once, with a guard against instability ([`RunStability`], [`order_step_radius`]);
//! * [`ario_options_of_draw`], [`loss_quantiles`]: Monte Carlo over what is uncertain in them;
//! * [`ProductionNetwork`]: firms and what they sell to each other; [`components`], [`supplier_standing`];
//! * [`cascade`], [`economic_systemic_risk`]: what all firms lose when some, or each alone, fail;
//! * [`breakthroughs`]: the foreign inputs of a place whose loss hurts most, sector by sector, with what it can do itself;
//! * [`resilience_plan`], [`resilience_frontier`]: the cheapest stocks and second sources for a loss target, and what each supplier is worth;
//! * [`ras`], [`gras`]: tables brought to given totals;
//! * [`input_output_from_supply_use`]: supply and use tables made input-output tables, by the four models;
//! * [`field_of_influence`]: the input coefficients that the whole system feels most.
//!
//! Order is region-major: all industries of the first region, then of the second. Z[i,j] is what i sells to j. Everything is pure
//! computation and gives the same bytes on any number of threads.

mod adaptive_regional_input_output;
mod aggregation;
mod balancing;
mod bilateral_trade;
mod borin_mancini;
mod breakthroughs;
mod cheapest_cover;
mod chokepoints;
mod cuts;
mod daily_market;
mod daily_run;
mod economic_systemic_risk;
mod elimination;
mod embargo;
mod error;
mod exact_hat_calibration;
mod exact_hat_changes;
mod exact_hat_equilibrium;
mod exact_hat_solution;
mod export_content;
mod export_flows;
mod exporter;
mod exposure;
mod extension;
mod field_of_influence;
mod firm_names;
mod flows;
mod footprints;
mod foreign_content;
mod hypothetical_extraction;
mod industry_group;
mod input_roles;
mod inverse_diagonal;
mod koopman_wang_wei;
mod leontief;
mod linear_program;
mod miroudot_ye;
mod multipliers;
mod national;
mod nested_regions;
mod order_step_radius;
mod partially_binding_leontief;
mod position;
mod production_network;
mod province_exposure;
mod regional_iteration;
mod resilience_plan;
mod scenario;
mod scenario_closed_form;
mod scenario_draws;
mod stoppage;
mod strategic_dependence;
mod structural_decomposition;
mod structural_paths;
mod supplier_shares;
mod supply_cuts;
mod supply_use;
mod system;
mod tiva_indicators;
mod trade_decomposition;
mod trade_elasticities;
mod type_two;
mod value_added_in_exports;
mod wang_wei_zhu;

pub use adaptive_regional_input_output::{
    ArioConvention, ArioOptions, Rebuilding, adaptive_regional_input_output, adaptive_regional_input_output_batch,
};
pub use aggregation::{
    Aggregation, AggregationBias, GroupBias, Grouping, Groups, Unmapped, aggregate_extension, aggregate_matrix, aggregate_system,
    aggregate_vector, aggregation_bias,
};
pub use balancing::{Balanced, BalancingOptions, gras, ras};
pub use bilateral_trade::{BilateralTrade, bilateral_trade, emissions_in_bilateral_trade};
pub use borin_mancini::{
    BORIN_MANCINI_TERMS, Perspective, TradeFlow, borin_mancini_by_origin, borin_mancini_sink, borin_mancini_source, value_added_in_flow,
};
pub use breakthroughs::{Breakthrough, BreakthroughCriterion, BreakthroughOptions, BreakthroughReason, Breakthroughs, breakthroughs};
pub use chokepoints::{Barrier, Chokepoint, ChokepointCriterion, ChokepointOptions, Chokepoints, chokepoints};
pub use cuts::{Cut, CutEffect, CutOptions, SingleCuts, cut_effect, single_cuts};
pub use daily_market::{Ordering, SectorDays};
pub use daily_run::{DailyRun, DailyTreatment, RunStability};
pub use economic_systemic_risk::{Cascade, CascadeModel, CascadeOptions, CascadeTotal, InitialLoss, cascade, economic_systemic_risk};
pub use embargo::{BilateralEmbargo, Embargo, EmbargoModel, EmbargoOptions, bilateral_embargoes, embargo};
pub use error::ChainError;
pub use exact_hat_calibration::HatRepairs;
pub use exact_hat_changes::PooledCuts;
pub use exact_hat_equilibrium::{HatEquilibrium, HatOptions, TradeDeficits, WelfareChange, exact_hat_equilibrium};
pub use export_flows::{ExportFlows, export_flows};
pub use exporter::Exporter;
pub use exposure::{
    ExposureMatrix, ExposureOptions, ExposureRow, ICIO45_MANUFACTURING, LookThroughExposure, Reliance, Scope, SupplierExposure,
    WIOD35_MANUFACTURING, exposure_matrix, foreign_input_reliance, foreign_market_reliance, look_through_exposure, look_through_exposures,
    regional_exposure,
};
pub use extension::Extension;
pub use field_of_influence::{CoefficientInfluence, InfluenceOrder, field_of_influence};
pub use firm_names::FirmNames;
pub use flows::{FlowBasis, ValueAddedFlow, value_added_absorbed, value_added_destination, value_added_origin};
pub use footprints::{EmissionScopes, FootprintOptions, Footprints, RegionalAccounts, emission_scopes, footprints};
pub use foreign_content::foreign_content_of_exports;
pub use hypothetical_extraction::{
    Extraction, ExtractionKind, Loss, Replacement, SingleExtraction, extraction_with_replacement, hypothetical_extraction,
    leontief_diagonal, single_extractions,
};
pub use industry_group::IndustryGroup;
pub use input_roles::{InputRole, InputRoles, InputRule};
pub use koopman_wang_wei::{KOOPMAN_WANG_WEI_TERMS, koopman_wang_wei};
pub use leontief::{Factor, FactorCertificate, FactorMethod, FactorOptions, Leontief, LeontiefInverse};
pub use miroudot_ye::miroudot_ye;
pub use multipliers::{Linkage, LinkageOptions, Multipliers, linkages, multipliers};
pub use national::{FinalDemandContent, ImportDependence, NationalSystem, NationalTable, ProvinceEstimate, province_estimate};
pub use nested_regions::{NestedRegions, NestingDiscrepancy, NestingOptions, NestingStep, ProvincialTable, RestOfCountry, nest_regions};
pub use order_step_radius::order_step_radius;
pub use partially_binding_leontief::{
    BindingRule, PartiallyBindingOptions, assumed_criticality, output_allowed_by_inventories, partially_binding_leontief,
    partially_binding_leontief_batch,
};
pub use position::{OpenPosition, Position, chain_position, open_economy_position};
pub use production_network::{
    Components, Connection, FirmRegister, InputDependence, Link, NetworkReport, ProductionNetwork, ProductionNetworkOptions,
    SupplierStanding, UNKNOWN_SECTOR, components, input_dependence, supplier_standing,
};
pub use province_exposure::{ProvinceCut, ProvinceSuppliers, province_cuts, province_suppliers};
pub use resilience_plan::{
    ChokepointPrice, Criticality, FrontierPoint, LossTarget, PlanEffort, PlanMeasure, PlanOptions, PlanStatus, PlannedCut, Rationing,
    ResiliencePlan, Risk, bottleneck_losses, resilience_frontier, resilience_plan,
};
pub use scenario::{Course, DAYS_OF_YEAR, Disturbance, Invariant, Recovery, Scenario, ScenarioLoss, Shock};
pub use scenario_closed_form::{ClosedForm, ClosedFormModel, Felt, LostMarket, MarketClosure, ShockReading, closed_form, market_closure};
pub use scenario_draws::{
    ArioDraws, Distribution, InventoryDraws, LossQuantiles, PartiallyBindingDraws, ario_options_of_draw, loss_quantiles,
    partially_binding_options_of_draw,
};
pub use strategic_dependence::{
    DependenceCriteria, DependenceList, DependenceRule, DependenceStability, ExportBasis, ImportingRegion, ProductDependence,
    StrategicDependence, TradeAccumulator, TradeRecord, WorldExporters,
};
pub use structural_decomposition::{
    DecompositionMethod, DecompositionOptions, DemandFactors, LogarithmicMeanDivisia, StructuralDecomposition, logarithmic_mean_divisia,
    structural_decomposition,
};
pub use structural_paths::{PathOptions, StructuralPath, StructuralPaths, structural_paths};
pub use supply_cuts::{CutOff, LostSupply, SupplyCut, supply_cuts};
pub use supply_use::{NegativeFlow, SupplyUseModel, SupplyUseTables, TransformedTable, input_output_from_supply_use};
pub use system::{InputOutputSystem, NegativeFlows, Repairs, SharedCells, SystemOptions};
pub use tiva_indicators::{TIVA_SHARES, tiva_indicators, tiva_shares};
pub use trade_decomposition::{Breakdown, DecompositionRow, TradeDecomposition, TradeOptions};
pub use trade_elasticities::TradeElasticities;
pub use type_two::{ClosedSystem, HouseholdClosure, HouseholdMultiplier, HouseholdMultipliers, Measure, Spending};
pub use value_added_in_exports::{ValueAddedInExports, value_added_in_all_exports, value_added_in_exports};
pub use wang_wei_zhu::{WANG_WEI_ZHU_TERMS, wang_wei_zhu, wang_wei_zhu_to_koopman_wang_wei};
