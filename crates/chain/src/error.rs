use frame::FrameError;
use thiserror::Error;

/// What can go wrong with an input-output system: what, where, and what to do next.
#[derive(Debug, Clone, PartialEq, Error)]
#[non_exhaustive]
pub enum ChainError {
    /// Labels that are missing or stand twice.
    #[error(transparent)]
    Frame(#[from] FrameError),
    /// Numbers and labels do not fit together.
    #[error("{system}: {what} holds {found} values, but its labels ask for {expected}")]
    Shape {
        /// The system.
        system: String,
        /// The block of the table.
        what: String,
        /// How many values the labels ask for.
        expected: usize,
        /// How many values came.
        found: usize,
    },
    /// A system without industries.
    #[error("{system}: the table has no industries; give at least one row")]
    Empty {
        /// The system.
        system: String,
    },
    /// A cell that must not be what it is.
    #[error("{system}: {what} from {row} to {column} is {value}; {next}")]
    Flow {
        /// The system.
        system: String,
        /// The block of the table.
        what: &'static str,
        /// Row label.
        row: String,
        /// Column label.
        column: String,
        /// The offending value.
        value: f64,
        /// What to do.
        next: &'static str,
    },
    /// A final-demand column of a region that has no industries.
    #[error(
        "{system}: the final-demand column {category} belongs to {region}, which has no industries; rename the region or merge the column"
    )]
    FinalDemandRegion {
        /// The system.
        system: String,
        /// The region.
        region: String,
        /// The category.
        category: String,
    },
    /// I − A cannot be solved.
    #[error(
        "{system}: {what} is singular, so outputs are not determined by final demand; look for industries that buy only from themselves"
    )]
    Singular {
        /// The system.
        system: String,
        /// Which matrix.
        what: String,
    },
    /// The spectral radius of A is 1 or more.
    #[error(
        "{system}: the system is not productive (the spectral radius of A is 1 or more; first shown by {industry}): its industries use up more than they make, \
         check the inputs of that industry and its suppliers"
    )]
    NotProductive {
        /// The system.
        system: String,
        /// Where it shows: this industry and those before it, in table order, use up more than they make; or its gross multiplier is
        /// not positive.
        industry: String,
    },
    /// A question about something that is not there.
    #[error("{system}: {what} is zero for {place}, so there is nothing to take shares of")]
    Nothing {
        /// The system.
        system: String,
        /// What is zero.
        what: String,
        /// The region or industry asked about.
        place: String,
    },
    /// A cut that is no cut.
    #[error("{system}: {supplier} cannot be cut off from {user}: {why}")]
    Cut {
        /// The system.
        system: String,
        /// The supplier.
        supplier: String,
        /// The user.
        user: String,
        /// The reason.
        why: String,
    },
    /// A national table whose column does not add up to output.
    #[error("{system}: sector {sector} has output {output} but costs (inputs and value added) of {costs}; a column must add up to its row")]
    Balance {
        /// The system.
        system: String,
        /// The sector.
        sector: String,
        /// Its row sum.
        output: f64,
        /// Its column sum.
        costs: f64,
    },
    /// An option that makes no sense.
    #[error("{what}; {next}")]
    Options {
        /// The option and its value.
        what: String,
        /// What it must be.
        next: String,
    },
    /// An iteration that found no solution.
    #[error(
        "{system}: iteration did not solve the system to a residual of {accuracy}, so it is not productive or nearly so; \
         a dense factor (method lu) says which, or ask for less accuracy"
    )]
    NotConverged {
        /// The system.
        system: String,
        /// The residual asked for.
        accuracy: f64,
    },
}
