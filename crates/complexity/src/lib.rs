//! Specialisation, complexity and relatedness of any place × activity table: products exported, technologies patented, research
//! published, people employed.
//!
//! * [`revealed_comparative_advantage`]: how specialised each place is in each activity;
//! * [`presence`], [`PresenceMatrix`]: which places count as having which activities;
//! * [`economic_complexity`]: the economic and product complexity indices, with what is needed to doubt them;
//! * [`proximity`], [`density`], [`distance`]: how near activities are to each other and to a place;
//! * [`complexity_outlook`]: what a place could gain from what it lacks;
//! * [`relatedness_network`], [`communities`], [`graph_layout`], [`graphml`]: the links worth drawing, the groups they form, where to draw them;
//! * [`bipartite_configuration_model`], [`co_occurrence_significance`]: which links diversity and ubiquity do not explain;
//! * [`Convention`]: the published definitions by name. The field has several of each; the choice is written into the result.
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
mod complexity_outlook;
mod convention;
mod economic_complexity;
mod error;
mod graph_layout;
mod graphml;
mod presence;
mod proximity;
mod relatedness_network;
mod specialisation;

pub use bipartite_configuration_model::{
    BipartiteConfigurationModel, CoOccurrenceSignificance, SignificanceOptions, TailMethod, bipartite_configuration_model,
    co_occurrence_significance,
};
pub use communities::{Communities, CommunityOptions, communities, modularity};
pub use complexity_outlook::{ComplexityOutlook, complexity_outlook};
pub use convention::Convention;
pub use economic_complexity::{
    ComplexityWarning, EconomicComplexity, EconomicComplexityOptions, Exclusion, ExclusionReason, Solution, Standardisation,
    economic_complexity,
};
pub use error::ComplexityError;
pub use graph_layout::{GraphLayout, GraphLayoutOptions, graph_layout};
pub use graphml::{NodeAttribute, graphml};
pub use presence::{Presence, PresenceMatrix, presence};
pub use proximity::{Diagonal, Proximity, density, distance, proximity};
pub use relatedness_network::{
    RelatednessEdge, RelatednessNetwork, RelatednessNetworkOptions, RelatednessNode, relatedness_network, relatedness_network_from_matrix,
};
pub use specialisation::{revealed_comparative_advantage, revealed_comparative_advantage_over};
