//! Specialisation, complexity and relatedness of any place × activity table: products exported, technologies patented, research
//! published, people employed.
//!
//! * [`period_complexity`]: all of the following for one table, in little memory, with a record of the run;
//! * [`revealed_comparative_advantage`], [`revealed_population_advantage`]: how specialised each place is in each activity;
//! * [`presence`], [`PresenceMatrix`], [`PresenceRule`]: which places count as having which activities;
//! * [`economic_complexity`]: the economic and product complexity indices, with what is needed to doubt them;
//! * [`fitness_complexity`], [`genepy`]: the other indices of the literature;
//! * [`proximity`], [`density`], [`distance`]: how near activities are to each other and to a place;
//! * [`complexity_outlook`]: what a place could gain from what it lacks;
//! * [`complexity_intervals`]: how sure an index and a rank are;
//! * [`prody`], [`expy`], [`presence_weighted_mean`]: incomes (or anything known of places) that go with activities;
//! * [`entries_and_exits`]: what changed between two periods;
//! * [`Convention`], [`ComplexityOptions`]: the published definitions by name, and every choice. The field has several of each; the choice is
//!   written into the result.
//! * [`relatedness_network`], [`communities`], [`graph_layout`], [`graphml`]: the links worth drawing, the groups they form, where to draw them;
//! * [`bipartite_configuration_model`], [`co_occurrence_significance`]: which links diversity and ubiquity do not explain;
//!
//! ```
//! use xinzhi_complexity::*;
//! use frame::LabelledMatrix;
//! let exports = LabelledMatrix::from_triplets("places", "products", [
//!     ("A", "wheat", 9.0), ("A", "ships", 1.0), ("B", "ships", 5.0), ("B", "chips", 5.0),
//!     ("C", "wheat", 3.0), ("C", "chips", 7.0), ("C", "ships", 4.0),
//! ])?;
//! let convention = Convention::GrowthLab;
//! let present = presence(&revealed_comparative_advantage(&exports)?, convention.presence());
//! let complexity = economic_complexity(&present, &convention.options())?;
//! let near = proximity(&present, convention.diagonal());
//! let density = density(&present, &near)?;
//! let outlook = complexity_outlook(&present, &density, &near, &complexity)?;
//! assert!(complexity.eci.get("A") < complexity.eci.get("B"));
//! assert_eq!(outlook.cog.get("B", "chips"), Some(0.0), "nothing to gain from what it has");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod bipartite_configuration_model;
mod communities;
mod complexity_intervals;
mod complexity_outlook;
mod convention;
mod density;
mod economic_complexity;
mod eigenvectors;
mod entry_exit;
mod error;
mod fitness;
mod genepy;
mod graph_layout;
mod graphml;
mod period_complexity;
mod presence;
mod proximity;
mod random;
mod relatedness_network;
mod sophistication;
mod specialisation;

pub use bipartite_configuration_model::{
    BipartiteConfigurationModel, CoOccurrenceSignificance, SignificanceOptions, TailMethod, bipartite_configuration_model,
    co_occurrence_significance,
};
pub use communities::{Communities, CommunityOptions, communities, modularity};
pub use complexity_intervals::{BootstrapOptions, ComplexityIntervals, Interval, RankInterval, Resampling, complexity_intervals, quantile};
pub use complexity_outlook::{ComplexityOutlook, OutlookGain, complexity_outlook};
pub use convention::{ComplexityOptions, Convention};
pub use density::{DensityOf, Nearest, density, density_of_lacking_without_own_place, density_with, density_without_own_place, distance};
pub use economic_complexity::{
    ComplexityWarning, EconomicComplexity, EconomicComplexityOptions, Exclusion, ExclusionReason, SignRule, Solution, Standardisation,
    economic_complexity, economic_complexity_signed,
};
pub use entry_exit::{Change, EntriesAndExits, entries_and_exits};
pub use error::ComplexityError;
pub use fitness::{FitnessComplexity, FitnessEnd, FitnessMap, FitnessOptions, fitness_complexity};
pub use genepy::{Genepy, genepy};
pub use graph_layout::{GraphLayout, GraphLayoutOptions, graph_layout};
pub use graphml::{NodeAttribute, graphml};
pub use period_complexity::{Core, PeriodComplexity, RunRecord, period_complexity};
pub use presence::{Presence, PresenceMatrix, PresenceRule, presence};
pub use proximity::{Diagonal, Proximity, ProximityKind, proximity, proximity_of};
pub use relatedness_network::{
    RelatednessEdge, RelatednessNetwork, RelatednessNetworkOptions, RelatednessNode, relatedness_network, relatedness_network_from_matrix,
};
pub use sophistication::{expy, presence_weighted_mean, prody};
pub use specialisation::{revealed_comparative_advantage, revealed_comparative_advantage_over, revealed_population_advantage};
