//! What a place should transform, foster and build, and how its economy is structured.
//!
//! * [`opportunities`]: the three strands for one place, each with its rule in numbers and the evidence of every item;
//! * [`place_type`]: which strategy suits a place, by the Growth Lab's rule;
//! * [`structure`], [`sector_growth`]: location quotients, concentration and growth by sector.

mod error;
mod opportunity;
mod place_type;
mod structure;

pub use error::IndustryError;
pub use opportunity::{
    ActivityStanding, HeldNeighbour, Opportunities, Opportunity, OpportunityInput, OpportunityOptions, Step, Strand, Target, Track,
    opportunities,
};
pub use place_type::{PlaceType, income_controlled_residual, place_type};
pub use structure::{SectorGrowth, SectorGrowthStanding, SectorStanding, Structure, sector_growth, structure};
