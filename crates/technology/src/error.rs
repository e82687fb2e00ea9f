use complexity::ComplexityError;
use frame::{FrameError, Period};
use thiserror::Error;

/// What can go wrong in this room: what, where, and what to do next.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum TechnologyError {
    /// The labelled data themselves are wrong, or the place is not there.
    #[error(transparent)]
    Frame(#[from] FrameError),
    /// Specialisation or complexity could not be computed.
    #[error(transparent)]
    Complexity(#[from] ComplexityError),
    /// Growth is asked for between windows that do not follow each other.
    #[error("the window {base} does not lie before {recent}: growth needs an earlier window and a later one")]
    Windows {
        /// The window growth is measured from.
        base: Period,
        /// The window it is measured to.
        recent: Period,
    },
    /// The two windows have no field in common.
    #[error("the tables of {base} and {recent} have no field in common: bring both to one scheme of fields first")]
    NoCommonField {
        /// The window growth is measured from.
        base: Period,
        /// The window it is measured to.
        recent: Period,
    },
    /// Nothing to compute on.
    #[error("there is no period to compare: give at least one table")]
    NoPeriods,
    /// Too few places have enough patents.
    #[error(
        "only {kept} of {places} places have at least {minimum} patents: complexity needs at least 2; lower the minimum or take a longer window"
    )]
    TooFewPlaces {
        /// Places kept.
        kept: usize,
        /// Places in the table.
        places: usize,
        /// The minimum asked for.
        minimum: String,
    },
}
