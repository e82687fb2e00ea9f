//! The registry of listed industries and their bounds in codes.
//!
//! * [`Registry`]: the industries of the three strands ([`Strand`]), and the codes each has in the classifications ([`CrosswalkRow`]);
//! * [`industry_bounds`]: what a listed industry is worth at a place, as a lower and an upper bound, because most codes hold either
//!   more or less than the industry.
//!
//! Industries and codes come from tables; nothing is listed here.

mod bounds;
mod error;
mod registry;

pub use bounds::{BoundsOptions, IndustryBounds, Interval, industry_bounds};
pub use error::PolicyError;
pub use registry::{Confidence, Coverage, CrosswalkRow, Industry, Registry, Role, Strand};
