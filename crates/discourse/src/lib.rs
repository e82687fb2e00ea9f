//! Terms in texts: how often and when first a policy document says a thing, what is said more than elsewhere, and what is said together.
//!
//! Everything here works on text in memory: a [`Dictionary`] of terms finds them ([`Dictionary::find`]), a [`Segmenter`] cuts the rest into
//! words, [`analyse`] does both for one document; [`keyness`], [`association`] and [`deviation_of_proportions`] turn counts into measures.
//!
//! ```
//! use frame::Text;
//! use xinzhi_discourse::{Dictionary, Segmenter, Term, Vocabulary, analyse};
//! let term = |id: &str, zh: &str| Term { id: id.into(), group: "emerging".into(), name: Text::new(id, zh), ..Term::default() };
//! let dictionary = Dictionary::new(vec![term("new energy", "新能源"), term("new energy vehicles", "新能源汽车")])?;
//! let mut vocabulary = Vocabulary::default();
//! let text = ["发展新能源汽车和新能源。".to_owned()];
//! let found = analyse(&text, &dictionary, Segmenter::shared()?, &mut vocabulary);
//! // the longer term is not also a shorter one
//! let counts: Vec<u32> = found.counts(2, false);
//! assert_eq!(counts, [1, 1]);
//! assert_eq!(found.words, 4, "发展 / 新能源汽车 / 和 / 新能源");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod analysis;
mod association;
mod dictionary;
mod dispersion;
mod error;
mod keyness;
mod keyword_in_context;
mod normalised_text;
mod segmentation;
mod term;
mod vocabulary;

pub use analysis::{DocumentAnalysis, Occurrence, analyse};
pub use association::{Association, CoOccurrences, Window, association, co_occurrences};
pub use dictionary::{Dictionary, FoundTerm};
pub use dispersion::deviation_of_proportions;
pub use error::DiscourseError;
pub use keyness::{Keyness, chi_squared_survival, keyness};
pub use keyword_in_context::{KeywordInContext, keyword_in_context};
pub use normalised_text::{is_ideograph, normalised};
pub use segmentation::Segmenter;
pub use term::Term;
pub use vocabulary::Vocabulary;
