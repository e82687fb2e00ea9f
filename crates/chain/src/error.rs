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
    /// A breakdown that a method does not have.
    #[error("{method}: no breakdown by {breakdown}: {next}")]
    Breakdown {
        /// The method.
        method: &'static str,
        /// The breakdown asked for.
        breakdown: &'static str,
        /// What to do.
        next: &'static str,
    },
    /// An option that makes no sense.
    #[error("the option {option} cannot be {value}: {why}")]
    Option {
        /// The option.
        option: String,
        /// Its value.
        value: String,
        /// What is wrong with it.
        why: String,
    },
    /// A trade record that cannot be counted.
    #[error("{period}, product {product}, {exporter} to {importer}: the value is {value}; trade values must be finite and not negative")]
    Trade {
        /// The period.
        period: i32,
        /// The product.
        product: String,
        /// The exporter.
        exporter: String,
        /// The importer.
        importer: String,
        /// The offending value.
        value: f64,
    },
    /// A total that a table cannot be made to reach.
    #[error("{table}: the {side} \"{label}\" cannot reach its total of {target}: {why}")]
    Target {
        /// The table.
        table: String,
        /// Row, column or block.
        side: &'static str,
        /// Its label.
        label: String,
        /// The total asked for.
        target: f64,
        /// The reason.
        why: String,
    },
    /// An iteration that did not end.
    #[error("{system}: {method} did not converge in {iterations} iterations: {place} is still off by {residual:e} (relative); {next}")]
    NotConverged {
        /// The system or table.
        system: String,
        /// The method.
        method: &'static str,
        /// How many iterations were made.
        iterations: usize,
        /// Where the largest relative residual stands.
        place: String,
        /// That residual.
        residual: f64,
        /// What to do.
        next: &'static str,
    },
    /// A label that a grouping says nothing about, where everything must be said.
    #[error("the grouping of {what} says nothing about \"{label}\": add it, or choose the option that keeps such labels as they are")]
    Unmapped {
        /// What is grouped.
        what: String,
        /// The label.
        label: String,
    },
    /// Two systems that ought to have the same labels.
    #[error("{first} and {second} differ in their {what}: {label}; bring both to the same labels first (see aggregation)")]
    Different {
        /// The first system.
        first: String,
        /// The second system.
        second: String,
        /// Industries or final-demand columns.
        what: &'static str,
        /// The first difference.
        label: String,
    },
    /// A question that cannot be asked of this system.
    #[error("{system}: {what}: {why}")]
    Refused {
        /// The system or table.
        system: String,
        /// What was asked for.
        what: String,
        /// Why not, and what to do.
        why: String,
    },
    /// A scenario that cannot be run.
    #[error("{scenario}, {shock}: {why}")]
    Shock {
        /// The scenario.
        scenario: String,
        /// The shock.
        shock: String,
        /// What is wrong with it, and what to do.
        why: String,
    },
    /// A firm, a link or a sector of a production network that cannot be.
    #[error("{place}: {what}; {next}")]
    ProductionNetwork {
        /// The firm, link or sector, with its row where it has one.
        place: String,
        /// What is wrong.
        what: String,
        /// What to do.
        next: String,
    },
}
