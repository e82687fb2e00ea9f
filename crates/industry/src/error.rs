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
    /// A score tells all entries from all other cases.
    #[error("the features tell all entries from all other cases, so the likelihood has no maximum: give a positive ridge")]
    Separated,
    /// A regression that did not settle.
    #[error("the logistic regression did not settle in {iterations} iterations: give a larger ridge or allow more iterations")]
    NoConvergence {
        /// Iterations taken.
        iterations: u32,
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
    /// A regression with fewer observations than it needs.
    #[error("the {what} regression has {observations} observations for {coefficients} coefficients: it needs a larger panel")]
    TooFewObservations {
        /// Which regression.
        what: &'static str,
        /// How many observations.
        observations: usize,
        /// How many coefficients.
        coefficients: usize,
    },
    /// A regressor that the ones before it determine.
    #[error("the {what} regression cannot tell {regressor} apart from the other regressors: it does not vary, or follows from them")]
    Collinear {
        /// Which regression.
        what: &'static str,
        /// The regressor.
        regressor: String,
    },
    /// One period stands twice in a panel.
    #[error("the period {period} stands twice in the panel: give one table a period")]
    RepeatedPeriod {
        /// The period.
        period: i32,
    },
    /// The panel has no periods that are as far apart as a calibration needs.
    #[error("{what} needs {needed}; the panel has {periods}")]
    TooFewPeriods {
        /// The calibration.
        what: &'static str,
        /// What it needs.
        needed: String,
        /// The periods there are.
        periods: String,
    },
    /// The calibrated model says that a push today does not raise specialisation later.
    #[error(
        "effort is not defined: the stepping-stone coefficient of the entry regression is {estimate}, it must be positive; calibrate with other horizons or a larger panel, or use the gap effort"
    )]
    NoReturnToEffort {
        /// b1.
        estimate: String,
    },
    /// More complexity does not raise growth at this income, so that no complexity follows from a growth target.
    #[error(
        "no complexity follows from a growth target: at the standardised income {income} growth changes by {slope} with a unit of complexity, it must rise"
    )]
    GrowthDoesNotRise {
        /// Standardised log income.
        income: String,
        /// a1 + a3 z.
        slope: String,
    },
}
