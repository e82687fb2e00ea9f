//! What a place should transform, foster and build, and how its economy is structured.
//!
//! * [`opportunities`]: the three strands for one place, each with its rule in numbers and the evidence of every item;
//! * [`place_type`]: which strategy suits a place, by the Growth Lab's rule;
//! * [`backtest`], [`entry_probabilities`], [`comparators`]: which activities a place will enter, how well that could have been told
//!   before, and who did it;
//! * [`structure`], [`sector_growth`]: location quotients, concentration and growth by sector.

mod backtest;
mod boosted_trees;
mod comparators;
mod entry;
mod error;
mod features;
mod isotonic_calibration;
mod logistic;
mod opportunity;
mod place_type;
mod ranking_scores;
mod structure;

pub use backtest::{
    Backtest, BacktestOptions, EntryModel, EntryModelKind, Folds, HitRate, ModelScores, TimeTest, backtest, entry_probabilities,
};
pub use boosted_trees::{BoostedTrees, BoostedTreesOptions, boosted_trees};
pub use comparators::{Comparator, Comparators, ComparedStructure, comparators};
pub use entry::{EntryExclusion, EntryExclusionReason, EntryFeature, EntryOptions, PeriodTable, Transition, density_without_own_place};
pub use error::IndustryError;
pub use features::Features;
pub use isotonic_calibration::{IsotonicCalibration, isotonic_calibration};
pub use logistic::{LogisticModel, LogisticOptions, logistic_regression};
pub use opportunity::{
    ActivityStanding, HeldNeighbour, Opportunities, Opportunity, OpportunityInput, OpportunityOptions, Step, Strand, Target, Track,
    opportunities,
};
pub use place_type::{PlaceType, income_controlled_residual, place_type};
pub use ranking_scores::{
    CalibrationBin, CurveDifference, PrecisionAtTop, area_under_curve, average_precision, brier_score, calibration_table, curve_difference,
    expected_calibration_error, log_loss, precision_at, precision_at_top, wilson_interval,
};
pub use structure::{SectorGrowth, SectorGrowthStanding, SectorStanding, Structure, sector_growth, structure};
