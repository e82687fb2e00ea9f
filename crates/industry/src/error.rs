use complexity::ComplexityError;
use frame::FrameError;
use thiserror::Error;

/// What can go wrong in this room: what, where, and what to do next.
#[derive(Debug, Clone, PartialEq, Error)]
#[non_exhaustive]
pub enum IndustryError {
    /// The labelled data themselves are wrong, or the place is not there.
    #[error(transparent)]
    Frame(#[from] FrameError),
    /// Specialisation or proximity could not be computed.
    #[error(transparent)]
    Complexity(#[from] ComplexityError),
    /// Two inputs of one computation speak of different things.
    #[error("the {input} does not have the same {what} as the {reference}, in the same order: compute all inputs from one table")]
    LabelsDiffer {
        /// The input.
        input: &'static str,
        /// Places, activities or sectors.
        what: &'static str,
        /// What it was compared with.
        reference: &'static str,
    },
    /// A place in which nothing is present, so that nothing can be said about what is near.
    #[error("{place} has no activity with a presence and an index of complexity: its table is too small for recommendations")]
    NothingPresent {
        /// The place.
        place: String,
    },
    /// A place without any value.
    #[error("{place} has no value in any sector: there is no structure to describe")]
    NoValues {
        /// The place.
        place: String,
    },
    /// An option that makes no sense.
    #[error("the option {option} is {value}, it must be {requirement}")]
    Option {
        /// Its name.
        option: &'static str,
        /// What was given.
        value: String,
        /// What is allowed.
        requirement: &'static str,
    },
    /// Too few places for a regression.
    #[error("the complexity expected of an income needs at least 3 places with different incomes, there are {places}")]
    TooFewPlaces {
        /// How many have both figures.
        places: usize,
    },
}
