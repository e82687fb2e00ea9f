//! Where a place is strong in technology, what rises there, and how complex its knowledge is.
//!
//! * [`field_profile`]: counts, shares, relative advantage and growth by field, against all places;
//! * [`advantage_over_time`]: relative advantage by field and period, for a heat map;
//! * [`knowledge_complexity`]: the complexity of places by the fields they patent in.

mod error;
mod knowledge_complexity;
mod specialisation;

pub use error::TechnologyError;
pub use knowledge_complexity::{KnowledgeComplexity, KnowledgeComplexityOptions, knowledge_complexity};
pub use specialisation::{AdvantageOptions, FieldProfile, FieldProfileOptions, FieldStanding, advantage_over_time, field_profile};
