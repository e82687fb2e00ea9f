use thiserror::Error;

/// What can go wrong with a dictionary of terms or an analysis that was kept: what, where, and what to do next.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum DiscourseError {
    /// Two terms have one id.
    #[error("the term \"{id}\" stands twice in the dictionary: rename or merge one of them")]
    DuplicateTerm {
        /// The id.
        id: String,
    },
    /// A term that nothing can be found by.
    #[error("the term \"{id}\" has no form with a letter in it: give it a name or a spelling")]
    NoForm {
        /// The id.
        id: String,
    },
    /// One spelling would count for two terms.
    #[error("\"{form}\" is a form of both \"{first}\" and \"{second}\": a spelling counts for one term, drop it from one of them")]
    SharedForm {
        /// The spelling.
        form: String,
        /// The term that has it already.
        first: String,
        /// The other.
        second: String,
    },
    /// The dictionary is too large to search with.
    #[error("the dictionary cannot be searched with: {why}")]
    Dictionary {
        /// What the search reports.
        why: String,
    },
    /// The word list of the segmentation cannot be read.
    #[error("the word list of the segmentation is damaged: {why}")]
    WordList {
        /// What reading it reports.
        why: String,
    },
    /// A kept analysis that is not one.
    #[error("the kept analysis is damaged: {why}")]
    Damaged {
        /// What is wrong.
        why: &'static str,
    },
}
