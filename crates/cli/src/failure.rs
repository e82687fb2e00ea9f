use std::fmt;
use store::StoreError;

/// Why the program stops: what went wrong, where, and what to do next.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) what: String,
    pub(crate) location: Option<String>,
    pub(crate) next: Option<String>,
    /// The command was not understood (exit status 2), rather than not carried out (1).
    pub(crate) usage: bool,
}

impl Failure {
    pub(crate) fn new(what: impl Into<String>) -> Self {
        Failure { what: what.into(), location: None, next: None, usage: false }
    }

    pub(crate) fn usage(what: impl Into<String>, next: impl Into<String>) -> Self {
        Failure { next: Some(next.into()), usage: true, ..Failure::new(what) }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "error: {}", self.what)?;
        if let Some(location) = &self.location {
            write!(f, "\n  where: {location}")?;
        }
        if let Some(next) = &self.next {
            write!(f, "\n  next: {next}")?;
        }
        Ok(())
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Failure {
            what: error.what().to_owned(),
            location: error.location(),
            next: error.next_step().map(str::to_owned),
            usage: error.problem() == store::Problem::Options,
        }
    }
}
