use frame::{FrameError, Labels};
use thiserror::Error;

/// What can go wrong in this room: what, where, and what to do next.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ComplexityError {
    /// The labelled data themselves are wrong.
    #[error(transparent)]
    Frame(#[from] FrameError),
    /// Two inputs of one computation speak of different things.
    #[error(
        "{left} and {right} do not have the same {what} in the same order ({detail}): compute both from one table, or bring them to one list first"
    )]
    LabelsDiffer {
        /// Which labels.
        what: String,
        /// The first input.
        left: String,
        /// The second input.
        right: String,
        /// The first difference.
        detail: String,
    },
    /// Fewer than two places or activities have any presence.
    #[error(
        "complexity needs at least 2 places and 2 activities with a presence, there are {places} and {activities}: lower the threshold of presence or take a larger table"
    )]
    TooSmall {
        /// Places with at least one activity.
        places: usize,
        /// Activities present somewhere.
        activities: usize,
    },
    /// Every place has the same activities, so nothing tells them apart.
    #[error(
        "complexity is not defined: the second eigenvalue is {second_eigenvalue}, so no place differs from the others in what it has; raise the threshold of presence"
    )]
    NoStructure {
        /// The second eigenvalue.
        second_eigenvalue: String,
    },
    /// The eigenvalue solver did not converge.
    #[error("the eigenvalue problem of {size} rows did not converge: please report it with the table")]
    NotConverged {
        /// The size of the problem.
        size: usize,
    },
    /// The method of reflections was asked for with an unusable number of iterations.
    #[error("the method of reflections needs an even number of iterations of at least 4, not {iterations}")]
    Iterations {
        /// What was asked for.
        iterations: u32,
    },
    /// A presence rule on the value a head without any population.
    #[error("no place has a known population: give one for the places, or decide presence from RCA alone")]
    NoPopulation,
    /// A correlation of specialisations that are not there.
    #[error(
        "the correlation proximity needs the specialisation (RCA or RPOP) of the places: a given presence has none; choose another proximity"
    )]
    NeedsSpecialisation,
    /// The place that should show which end is complex is not there or has no index.
    #[error("the anchor place \"{place}\" has no index of complexity here ({reason}): name another one, or use the diversity for the sign")]
    Anchor {
        /// The place.
        place: String,
        /// Why not.
        reason: &'static str,
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
    /// Reflections of different order cannot be carried over to other places.
    #[error(
        "the complexity of other places needs the eigenvector solution: reflections of places and activities are of different order; compute with Solution::Eigenvector"
    )]
    ProjectionOfReflections,
    /// A similarity that differs between its two halves.
    #[error(
        "the similarity of \"{a}\" and \"{b}\" is {upper} one way and {lower} the other: a network needs a symmetric matrix, take the smaller, the larger or the mean of both first"
    )]
    NotSymmetric {
        /// The row.
        a: String,
        /// The column.
        b: String,
        /// The value at (a, b), printed.
        upper: String,
        /// The value at (b, a), printed.
        lower: String,
    },
    /// The null model does not reproduce the margins.
    #[error(
        "the bipartite configuration model is {residual} off the diversities and ubiquities after {steps} steps: please report it with the table"
    )]
    MarginsNotMet {
        /// The largest distance, printed.
        residual: String,
        /// Steps taken.
        steps: usize,
    },
}

/// Labels must be the same in the same order.
pub(crate) fn require_same(what: &str, left: (&str, &Labels), right: (&str, &Labels)) -> Result<(), ComplexityError> {
    if left.1 == right.1 {
        return Ok(());
    }
    let detail = match left.1.iter().zip(right.1.iter()).find(|(a, b)| a != b) {
        Some((a, b)) => format!("first difference: \"{a}\" against \"{b}\""),
        None => format!("{} against {}", left.1.len(), right.1.len()),
    };
    Err(ComplexityError::LabelsDiffer { what: what.to_owned(), left: left.0.to_owned(), right: right.0.to_owned(), detail })
}
