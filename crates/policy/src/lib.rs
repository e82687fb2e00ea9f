//! The registry of industrial strategies: what is on the lists, since when, in which codes, and who else wants it.
//!
//! * [`Registry`]: strategies, the items of their lists, the industries that these name ([`Strand`]), codes ([`CrosswalkRow`]), themes,
//!   events, targets, terms and sources, read from text tables and checked ([`Registry::read`]);
//! * [`standing_lists`]: what was on the lists on a day; [`list_changes`]: what changed between two;
//! * [`list_overlap`]: which lists name the same;
//! * [`timeline`]: plans and measures in time, and what of a barrier stands on a day ([`barrier_status`]);
//! * [`target_progress`]: how far a target is, or that it is not known;
//! * [`crosswalk_rows`]: the codes of industries, and the industries of codes;
//! * [`industry_bounds`]: what a listed industry is worth at a place, as a lower and an upper bound, because most codes hold either
//!   more or less than the industry; [`joint_bounds`]: the same for several together.
//!
//! Everything comes from tables; nothing is listed here.

mod bounds;
mod crosswalk_rows;
mod date;
mod error;
mod list_changes;
mod list_overlap;
mod nearest;
mod registry;
mod registry_reading;
mod registry_rows;
mod registry_words;
mod standing_lists;
mod target_progress;
mod timeline;
mod word;

pub use bounds::{BoundsOptions, CodeCoverage, IndustryBounds, Interval, code_coverage, coverage_bounds, industry_bounds, joint_bounds};
pub use crosswalk_rows::{CrosswalkQuery, crosswalk_rows};
pub use date::{Day, PolicyDate};
pub use error::PolicyError;
pub use list_changes::{ListChange, ListChangeKind, ListSide, Subject, list_changes};
pub use list_overlap::{ListOverlap, OverlapColumn, OverlapPair, OverlapRow, OverlapRows, list_overlap};
pub use nearest::nearest;
pub use registry::Registry;
pub use registry_reading::{Fault, RegistryTable, RegistryText};
pub use registry_rows::{
    CrosswalkRow, DefinitionElement, Industry, ListItem, Membership, Observation, PolicyEvent, PolicySource, PolicyTerm, Strategy, Target,
    Theme,
};
pub use registry_words::{
    ChangeMade, Comparison, Confidence, DefinitionKind, EventKind, ListStrand, ObservationKind, Relation, Role, Strand, TermGroup,
};
pub use standing_lists::{ListQuery, StandingItem, standing_lists};
pub use target_progress::{TargetProgress, TargetStatus, target_progress};
pub use timeline::{BarrierStatus, TimelineEntry, TimelineQuery, TimelineWhat, barrier_status, timeline};

use serde::{Deserialize, Serialize};

/// How much of a table's code is a listed industry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Coverage {
    /// All of it.
    Whole,
    /// An unknown part of it.
    Part,
}
