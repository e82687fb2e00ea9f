use thiserror::Error;

/// What can go wrong with labelled data: what, where, and what to do next.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum FrameError {
    /// The same label stands twice where labels must be unique.
    #[error("label \"{label}\" appears twice among the {what}: labels must be unique, merge or rename one of them")]
    DuplicateLabel {
        /// The label.
        label: String,
        /// What the labels name.
        what: String,
    },
    /// A label that is not there.
    #[error("there is no \"{label}\" among the {what}{}", suggestion(.nearest))]
    UnknownLabel {
        /// The label asked for.
        label: String,
        /// What the labels name.
        what: String,
        /// The nearest labels that exist.
        nearest: Vec<String>,
    },
    /// Numbers and labels do not fit together.
    #[error("{what} holds {found} values, but its labels ask for {expected}")]
    Shape {
        /// The vector or matrix.
        what: String,
        /// How many values the labels ask for.
        expected: usize,
        /// How many values came.
        found: usize,
    },
    /// A value that is not a finite number, or is negative where it must not be.
    #[error("{what}: the value at row \"{row}\", column \"{column}\" is {value}; {requirement}")]
    Value {
        /// The vector or matrix.
        what: String,
        /// Row label.
        row: String,
        /// Column label.
        column: String,
        /// The offending value, printed.
        value: String,
        /// What was required of it.
        requirement: String,
    },
    /// A concordance weight that is not a positive finite number.
    #[error("the link {from} -> {to} has weight {weight}: weights must be finite and positive")]
    Weight {
        /// Code linked from.
        from: String,
        /// Code linked to.
        to: String,
        /// The weight, printed.
        weight: String,
    },
}

fn suggestion(nearest: &[String]) -> String {
    if nearest.is_empty() { String::new() } else { format!("; nearest: {}", nearest.join(", ")) }
}
