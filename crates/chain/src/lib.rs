//! Input-output systems: value added in exports, look-through exposure, cuts.
//!
//! * [`InputOutputSystem`]: a multi-regional table Z, Y with its output x recomputed, and what had to be repaired in it;
//! * [`Factor`], [`LeontiefInverse`]: L = (I − A)⁻¹ by solving or in full, both behind the trait [`Leontief`];
//! * [`value_added_in_exports`]: where the value of a region's exports comes from (Borin and Mancini, source perspective);
//! * [`look_through_exposure`]: on whom a region's industries lean, directly and through their suppliers' suppliers;
//! * [`foreign_content_of_exports`], [`foreign_input_reliance`]: the foreign shares of all regions at once, to rank by;
//! * [`single_cuts`], [`cut_effect`]: what a region would lose if a foreign supplier were cut off;
//! * [`chain_position`]: distance to final use (upstreamness) and to primary inputs (downstreamness);
//! * [`value_added_origin`], [`value_added_destination`], [`value_added_absorbed`]: value flows into and out of a region;
//! * [`export_flows`]: exports from the origin of their value through the exporting industry to the buyer;
//! * [`province_suppliers`], [`province_cuts`]: the foreign suppliers behind a province and their cuts, estimated through its country;
//! * [`NationalSystem`]: single-country tables with imports apart, and a province's import dependence estimated from them.
//!
//! Order is region-major: all industries of the first region, then of the second. Z[i,j] is what i sells to j. Everything is pure
//! computation and gives the same bytes on any number of threads.

mod cuts;
mod error;
mod export_flows;
mod exposure;
mod flows;
mod foreign_shares;
mod leontief;
mod national;
mod position;
mod province_exposure;
mod system;
mod value_added_in_exports;

pub use cuts::{Cut, CutEffect, CutOptions, SingleCuts, cut_effect, single_cuts};
pub use error::ChainError;
pub use export_flows::{ExportFlows, export_flows};
pub use exposure::{
    ExposureOptions, LookThroughExposure, Scope, SupplierExposure, WIOD35_MANUFACTURING, look_through_exposure, look_through_exposures,
};
pub use flows::{FlowBasis, ValueAddedFlow, value_added_absorbed, value_added_destination, value_added_origin};
pub use foreign_shares::{foreign_content_of_exports, foreign_input_reliance};
pub use leontief::{Factor, Leontief, LeontiefInverse};
pub use national::{FinalDemandContent, ImportDependence, NationalSystem, NationalTable, ProvinceEstimate, province_estimate};
pub use position::{Position, chain_position};
pub use province_exposure::{ProvinceCut, ProvinceSuppliers, province_cuts, province_suppliers};
pub use system::{InputOutputSystem, NegativeFlows, Repairs, SystemOptions};
pub use value_added_in_exports::{ValueAddedInExports, value_added_in_all_exports, value_added_in_exports};
