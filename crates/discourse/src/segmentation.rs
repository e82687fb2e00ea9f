use crate::normalised_text::{is_ideograph, is_spaced_letter};
use crate::{DiscourseError, FoundTerm};
use flate2::read::GzDecoder;
use jieba_rs::Jieba;
use std::io::BufReader;
use std::sync::OnceLock;

/// The word list of jieba (MIT; see data/segmentation/README.md).
const WORDS: &[u8] = include_bytes!("../../../data/segmentation/words.txt.gz");

/// Cuts text into words: Chinese by jieba's word list and its hidden Markov model for words that are not on it, other scripts at what is
/// no letter, digit or apostrophe.
///
/// A term of the dictionary is one word wherever it counts: it is taken out first and what lies between terms is cut, so that words and
/// terms agree and the dictionary need not be added to the word list. What has no letter (numbers, signs) is no word. Words are in lower
/// case.
#[derive(Debug)]
pub struct Segmenter {
    chinese: Jieba,
}

static SHARED: OnceLock<Result<Segmenter, DiscourseError>> = OnceLock::new();

impl Segmenter {
    /// Reads the word list (some tenths of a second).
    ///
    /// # Errors
    /// [`DiscourseError::WordList`] for one that cannot be read.
    pub fn new() -> Result<Self, DiscourseError> {
        let mut words = BufReader::with_capacity(1 << 16, GzDecoder::new(WORDS));
        let chinese = Jieba::with_dict(&mut words).map_err(|error| DiscourseError::WordList { why: error.to_string() })?;
        Ok(Segmenter { chinese })
    }

    /// One for the whole program, read on first use.
    ///
    /// # Errors
    /// As [`Segmenter::new`].
    pub fn shared() -> Result<&'static Segmenter, DiscourseError> {
        SHARED.get_or_init(Segmenter::new).as_ref().map_err(Clone::clone)
    }

    /// Hands the words of a normalised text to `word`, one after the other; `found` are the terms in it ([`crate::Dictionary::find`]).
    ///
    /// ```
    /// use xinzhi_discourse::Segmenter;
    /// let mut words = Vec::new();
    /// Segmenter::shared()?.words("加快发展数字经济 (5G and AI) in 2024", &[], &mut |word| words.push(word.to_owned()));
    /// assert_eq!(words, ["加快", "发展", "数字", "经济", "5g", "and", "ai", "in"]);
    /// # Ok::<(), xinzhi_discourse::DiscourseError>(())
    /// ```
    pub fn words(&self, text: &str, found: &[FoundTerm], word: &mut dyn FnMut(&str)) {
        let mut at = 0;
        let mut lower = String::new();
        for term in found.iter().filter(|term| !term.nested) {
            self.between(&text[at..term.start], &mut lower, word);
            in_lower_case(&text[term.start..term.end], &mut lower, word);
            at = term.end;
        }
        self.between(&text[at..], &mut lower, word);
    }

    fn between(&self, text: &str, lower: &mut String, word: &mut dyn FnMut(&str)) {
        let mut rest = text;
        while let Some(first) = rest.chars().next() {
            let kind = kind_of(first);
            let end = rest.find(|c| kind_of(c) != kind).unwrap_or(rest.len());
            let (run, after) = rest.split_at(end);
            rest = after;
            match kind {
                Kind::Ideograph => self.chinese.cut(run, true).iter().for_each(|token| word(token.word)),
                Kind::Letter if run.chars().any(char::is_alphabetic) => {
                    let run = run.trim_matches('\'');
                    in_lower_case(run, lower, word);
                }
                _ => {}
            }
        }
    }
}

fn in_lower_case(text: &str, lower: &mut String, word: &mut dyn FnMut(&str)) {
    if text.chars().any(char::is_uppercase) {
        lower.clear();
        text.chars().for_each(|c| lower.extend(c.to_lowercase()));
        word(lower);
    } else {
        word(text);
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Ideograph,
    Letter,
    Other,
}

fn kind_of(character: char) -> Kind {
    if character == '\'' || is_spaced_letter(character) {
        Kind::Letter
    } else if is_ideograph(character) {
        Kind::Ideograph
    } else {
        Kind::Other
    }
}
