//! What a place should transform, foster and build, and how its economy is structured.
//!
//! * [`opportunities`]: the three strands for one place, each with its rule in numbers and the evidence of every item;
//! * [`place_type`]: which strategy suits a place, by the Growth Lab's rule;
//! * [`calibrate_stepping_stone`], [`stepping_stone_effort`], [`gap_effort`]: how much effort an entry takes;
//! * [`portfolio`], [`portfolios`]: the least effort that reaches a complexity; [`calibrate_growth`]: the complexity a growth asks for;
//! * [`entry_sequence`]: the order of entries that takes the least time when neighbours ease the way;
//! * [`peers`], [`strengths_and_weaknesses`]: the places most like one, and how it stands against them;
//! * [`backtest`], [`entry_probabilities`], [`comparators`]: which activities a place will enter, how well that could have been told
//!   before, and who did it;
//! * [`structure`], [`sector_growth`]: location quotients, concentration and growth by sector.

mod backtest;
mod boosted_trees;
mod comparators;
mod effort;
mod entry;
mod error;
mod features;
mod growth_target;
mod isotonic_calibration;
mod knapsack;
mod least_squares;
mod logistic;
mod opportunity;
mod peers;
mod place_type;
mod portfolio;
mod ranking_scores;
mod sequence;
mod structure;

pub use backtest::{
    Backtest, BacktestOptions, EntryModel, EntryModelKind, Folds, HitRate, ModelScores, TimeTest, backtest, entry_probabilities,
};
pub use boosted_trees::{BoostedTrees, BoostedTreesOptions, boosted_trees};
pub use comparators::{Comparator, Comparators, ComparedStructure, comparators};
pub use effort::{
    Horizon, Pooling, SteppingStone, SteppingStoneOptions, YearTable, calibrate_stepping_stone, expected_specialisation, gap_effort,
    relative_relatedness, stepping_stone_effort,
};
pub use entry::{EntryExclusion, EntryExclusionReason, EntryFeature, EntryOptions, PeriodTable, Transition};
pub use error::IndustryError;
pub use features::Features;
pub use growth_target::{GrowthCoefficients, GrowthModel, GrowthPeriod, calibrate_growth, standardised_log};
pub use isotonic_calibration::{IsotonicCalibration, isotonic_calibration};
pub use least_squares::{Coefficient, Regression};
pub use logistic::{LogisticModel, LogisticOptions, logistic_regression};
pub use opportunity::{
    ActivityStanding, EarlierPeriod, HeldNeighbour, Opportunities, Opportunity, OpportunityInput, OpportunityOptions, Step, Strand, Target,
    Track, opportunities,
};
pub use peers::{
    ActivityAgainstPeers, ExcludedPlace, FitReference, Peer, PeerInput, PeerList, PeerOptions, PeerWeights, Peers, Quadrant, QuadrantList,
    StrengthsAndWeaknesses, StructureMeasure, peers, strengths_and_weaknesses,
};
pub use place_type::{PlaceType, income_controlled_residual, place_type};
pub use portfolio::{
    ChosenActivity, ComplexityTarget, Portfolio, PortfolioInput, PortfolioOptions, PortfolioOutcome, portfolio, portfolios,
};
pub use ranking_scores::{
    CalibrationBin, CurveDifference, PrecisionAtTop, area_under_curve, average_precision, brier_score, calibration_table, curve_difference,
    expected_calibration_error, log_loss, precision_at, precision_at_top, wilson_interval,
};
pub use sequence::{
    Contagion, ContagionNetwork, EntrySequence, EntryStep, HubWindow, SequenceOptions, SequenceTargets, Unreachable, UnreachableReason,
    entry_sequence,
};
pub use structure::{SectorGrowth, SectorGrowthStanding, SectorStanding, Structure, sector_growth, structure};
