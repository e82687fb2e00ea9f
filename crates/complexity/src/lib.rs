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
mod period_complexity;
mod presence;
mod proximity;
mod random;
mod sophistication;
mod specialisation;

pub use complexity_intervals::{BootstrapOptions, ComplexityIntervals, Interval, RankInterval, Resampling, complexity_intervals};
pub use complexity_outlook::{ComplexityOutlook, OutlookGain, complexity_outlook};
pub use convention::{ComplexityOptions, Convention};
pub use density::{DensityOf, Nearest, density, density_with, density_without_own_place, distance};
pub use economic_complexity::{
    ComplexityWarning, EconomicComplexity, EconomicComplexityOptions, Exclusion, ExclusionReason, SignRule, Solution, Standardisation,
    economic_complexity, economic_complexity_signed,
};
pub use entry_exit::{Change, EntriesAndExits, entries_and_exits};
pub use error::ComplexityError;
pub use fitness::{FitnessComplexity, FitnessEnd, FitnessMap, FitnessOptions, fitness_complexity};
pub use genepy::{Genepy, genepy};
pub use period_complexity::{Core, PeriodComplexity, RunRecord, period_complexity};
pub use presence::{Presence, PresenceMatrix, PresenceRule, presence};
pub use proximity::{Diagonal, Proximity, ProximityKind, proximity, proximity_of};
pub use sophistication::{expy, presence_weighted_mean, prody};
pub use specialisation::{revealed_comparative_advantage, revealed_comparative_advantage_over, revealed_population_advantage};
