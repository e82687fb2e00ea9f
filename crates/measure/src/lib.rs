//! Growth accounting, ranks of indicators and the enabler that lags.
//!
//! * [`annual_growth`]: the growth rate between two years, logarithmic and compound;
//! * [`growth_accounting`]: what growth came from (capital, employment, human capital, productivity), by Törnqvist weights;
//! * [`rank`]: where a place stands in a cross-section;
//! * [`lagging_dimension`]: the enabler that lags behind the others, or the reason why none does clearly.
//!
//! Every function is pure and runs in a fixed order, so the same input gives the same bytes.

mod binding;
mod error;
mod growth;
mod growth_accounting;
mod ranking;

pub use binding::{Binding, BindingOptions, Dimension, DimensionScore, lagging_dimension};
pub use error::MeasureError;
pub use growth::{AnnualGrowth, annual_growth};
pub use growth_accounting::{
    GrowthAccounting, GrowthAccountingOptions, GrowthContributions, GrowthSeries, LabourShare, ProductivityComparison, YearContributions,
    compare_productivity, decades, growth_accounting,
};
pub use ranking::{Direction, RankResult, rank};
