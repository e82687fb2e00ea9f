//! What the program's `policy` verbs and the Python package's functions of the same names do.

mod discourse;
mod discourse_corpus;
mod discourse_network;
mod discourse_terms;

pub use discourse::{DISCOURSE_TABLES, DiscourseAnswer, DiscourseRequest, DiscourseSources, discourse};
pub use discourse_corpus::{Corpus, CorpusDocument, Progress, read_corpus};
pub use discourse_network::{DiscourseLink, DiscourseNetwork, DiscourseNode};
pub use discourse_terms::{join_terms, terms_of_rows};
