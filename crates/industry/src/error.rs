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
    /// Cases, scores or outcomes that do not fit together.
    #[error("{what}: {found}; needed: {requirement}")]
    Cases {
        /// What is wrong.
        what: &'static str,
        /// What came.
        found: String,
        /// What is needed.
        requirement: &'static str,
    },
    /// All cases or none entered, so that there is nothing to tell apart.
    #[error(
        "{entries} of {cases} cases entered: a model of entry needs some that did and some that did not; take other periods or another threshold of RCA"
    )]
    OneOutcome {
        /// Cases that entered.
        entries: usize,
        /// All cases.
        cases: usize,
    },
    /// A feature that is a combination of others.
    #[error("the feature {feature} is a combination of those before it: leave it out or give a positive ridge")]
    Collinear {
        /// The feature.
        feature: String,
    },
    /// A score tells all entries from all other cases.
    #[error("the features tell all entries from all other cases, so the likelihood has no maximum: give a positive ridge")]
    Separated,
    /// A regression that did not settle.
    #[error("the logistic regression did not settle in {iterations} iterations: give a larger ridge or allow more iterations")]
    NoConvergence {
        /// Iterations taken.
        iterations: u32,
    },
    /// Fewer than two periods.
    #[error("entries are seen between two periods and there are {periods}: give at least two tables")]
    TooFewPeriods {
        /// How many there are.
        periods: usize,
    },
    /// Periods that do not follow one another.
    #[error("period {after} does not come after {before}: give every period once, earliest first")]
    PeriodOrder {
        /// The one before.
        before: String,
        /// The one after.
        after: String,
    },
    /// Too few places to leave some out.
    #[error(
        "a back-test leaves places out in turn: it needs at least {needed} places with candidates in two neighbouring periods, there are {places}"
    )]
    TooFewPlacesToTest {
        /// How many there are.
        places: usize,
        /// How many are needed.
        needed: usize,
    },
    /// All entries lie in places that are left out together.
    #[error("all {entries} entries lie in places that are left out together ({places}): nothing is left to learn from")]
    EntriesTogether {
        /// How many.
        entries: usize,
        /// Where.
        places: String,
    },
    /// Too few places for a regression.
    #[error("the complexity expected of an income needs at least 3 places with different incomes, there are {places}")]
    TooFewPlaces {
        /// How many have both figures.
        places: usize,
    },
}
