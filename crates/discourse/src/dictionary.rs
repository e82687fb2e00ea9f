use crate::normalised_text::{is_spaced_letter, normalised};
use crate::{DiscourseError, Term};
use aho_corasick::{AhoCorasick, MatchKind};
use std::collections::HashMap;

/// A dictionary made ready for searching: all forms of all terms at once (Aho and Corasick 1975).
///
/// What counts as a form:
/// * forms and text are compared in their normalised form ([`crate::normalised`]), Latin letters without regard to case, except that a form
///   whose letters are all capitals (`AI`, `6G`) has to be written so;
/// * where a form begins or ends with a letter or digit, the text must not go on with another (`AI` is not in `CHAIN`, `6G` not in `16G`);
///   between Chinese characters there are no such borders: `新能源` is found in `创新能源` too;
/// * forms do not overlap: of those that begin first the longest counts, and the search goes on behind it, so that `新能源汽车` is not
///   also `新能源`. What lies wholly inside a form that counts is found as [`FoundTerm::nested`].
///
/// ```
/// use frame::Text;
/// use xinzhi_discourse::{Dictionary, Term, normalised};
/// let term = |id: &str, zh: &str| Term { id: id.into(), name: Text::new(id, zh), ..Term::default() };
/// let dictionary = Dictionary::new(vec![term("AI", "人工智能"), term("low-altitude economy", "低空经济")])?;
/// let text = normalised("The Low Altitude Economy needs AI, not a CHAIN or ai.");
/// let found: Vec<&str> = dictionary.find(&text).iter().map(|f| &text[f.start..f.end]).collect();
/// assert_eq!(found, ["Low Altitude Economy", "AI"]);
/// # Ok::<(), xinzhi_discourse::DiscourseError>(())
/// ```
#[derive(Debug, Clone)]
pub struct Dictionary {
    terms: Vec<Term>,
    patterns: Vec<Pattern>,
    automaton: AhoCorasick,
}

#[derive(Debug, Clone)]
struct Pattern {
    term: usize,
    text: String,
    /// Only as it is written.
    exact: bool,
    border_before: bool,
    border_after: bool,
}

/// A term where it stands in a normalised text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FoundTerm {
    /// Position of the term in the dictionary.
    pub term: usize,
    /// First byte.
    pub start: usize,
    /// Byte after the last.
    pub end: usize,
    /// It lies inside a longer term, which counts instead of it.
    pub nested: bool,
}

/// A form as it is searched for: normalised, with single spaces.
fn searched(form: &str) -> String {
    normalised(form).split_whitespace().collect::<Vec<_>>().join(" ")
}

impl Dictionary {
    /// A dictionary of terms; their order is kept.
    ///
    /// # Errors
    /// [`DiscourseError::DuplicateTerm`], [`DiscourseError::NoForm`], [`DiscourseError::SharedForm`], and [`DiscourseError::Dictionary`]
    /// for one that is too large.
    pub fn new(terms: Vec<Term>) -> Result<Self, DiscourseError> {
        let mut patterns: Vec<Pattern> = Vec::new();
        let mut ids = HashMap::new();
        let mut owners: HashMap<String, usize> = HashMap::new();
        for (at, term) in terms.iter().enumerate() {
            if ids.insert(term.id.as_str(), at).is_some() {
                return Err(DiscourseError::DuplicateTerm { id: term.id.clone() });
            }
            let before = patterns.len();
            for form in term.forms() {
                let text = searched(form);
                if !text.chars().any(char::is_alphabetic) {
                    continue;
                }
                match owners.get(&text.to_lowercase()) {
                    Some(owner) if *owner == at => continue,
                    Some(owner) => {
                        let (first, second) = (terms[*owner].id.clone(), term.id.clone());
                        return Err(DiscourseError::SharedForm { form: form.to_owned(), first, second });
                    }
                    None => owners.insert(text.to_lowercase(), at),
                };
                let letters = || text.chars().filter(char::is_ascii_alphabetic);
                patterns.push(Pattern {
                    term: at,
                    exact: letters().next().is_some() && letters().all(|c| c.is_ascii_uppercase()),
                    border_before: text.chars().next().is_some_and(is_spaced_letter),
                    border_after: text.chars().next_back().is_some_and(is_spaced_letter),
                    text,
                });
            }
            if patterns.len() == before {
                return Err(DiscourseError::NoForm { id: term.id.clone() });
            }
        }
        // every match is wanted, because the longest may not stand between borders while a shorter one does
        let automaton = AhoCorasick::builder()
            .ascii_case_insensitive(true)
            .match_kind(MatchKind::Standard)
            .build(patterns.iter().map(|pattern| &pattern.text))
            .map_err(|error| DiscourseError::Dictionary { why: error.to_string() })?;
        Ok(Dictionary { terms, patterns, automaton })
    }

    /// The terms, in their order.
    pub fn terms(&self) -> &[Term] {
        &self.terms
    }

    /// The position of a term by its id or by any of its forms.
    pub fn position(&self, name: &str) -> Option<usize> {
        let wanted = searched(name);
        self.terms.iter().position(|term| term.id == name.trim()).or_else(|| {
            let same = |pattern: &&Pattern| pattern.text.to_lowercase() == wanted.to_lowercase();
            self.patterns.iter().find(same).map(|pattern| pattern.term)
        })
    }

    /// The terms in a normalised text, in the order of their first bytes; nested ones follow the term they lie in.
    pub fn find(&self, text: &str) -> Vec<FoundTerm> {
        let mut found: Vec<FoundTerm> = self
            .automaton
            .find_overlapping_iter(text)
            .filter_map(|hit| {
                let pattern = &self.patterns[hit.pattern().as_usize()];
                let (before, after) = (&text[..hit.start()], &text[hit.end()..]);
                let broken = (pattern.border_before && before.chars().next_back().is_some_and(is_spaced_letter))
                    || (pattern.border_after && after.chars().next().is_some_and(is_spaced_letter))
                    || (pattern.exact && text[hit.start()..hit.end()] != pattern.text);
                (!broken).then_some(FoundTerm { term: pattern.term, start: hit.start(), end: hit.end(), nested: false })
            })
            .collect();
        found.sort_unstable_by(|a, b| a.start.cmp(&b.start).then(b.end.cmp(&a.end)).then(a.term.cmp(&b.term)));
        let mut kept: Vec<FoundTerm> = Vec::with_capacity(found.len());
        let mut outer: Option<FoundTerm> = None;
        for mut one in found {
            match outer {
                Some(over) if one.start < over.end => {
                    one.nested = true;
                    // what reaches beyond the term before it is cut, and a term is not inside itself
                    if one.end <= over.end && one.term != over.term {
                        kept.push(one);
                    }
                }
                _ => {
                    outer = Some(one);
                    kept.push(one);
                }
            }
        }
        kept
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use frame::Text;

    fn term(id: &str, forms: &[&str]) -> Term {
        Term { id: id.into(), name: Text::same(""), forms_zh: forms.iter().map(|f| (*f).to_owned()).collect(), ..Term::default() }
    }

    fn seen(dictionary: &Dictionary, text: &str) -> Vec<(String, bool)> {
        let text = normalised(text);
        dictionary.find(&text).iter().map(|f| (text[f.start..f.end].to_owned(), f.nested)).collect()
    }

    #[test]
    fn the_longest_counts_and_what_lies_inside_is_nested() {
        let dictionary = Dictionary::new(vec![term("a", &["新能源"]), term("b", &["新能源汽车"]), term("c", &["汽车产业"])]).unwrap();
        assert_eq!(seen(&dictionary, "新能源汽车产业"), [("新能源汽车".to_owned(), false), ("新能源".to_owned(), true)]);
        assert_eq!(seen(&dictionary, "新能源、汽车产业"), [("新能源".to_owned(), false), ("汽车产业".to_owned(), false)]);
    }

    #[test]
    fn where_the_longest_breaks_a_border_the_shorter_one_counts() {
        let dictionary = Dictionary::new(vec![term("a", &["green"]), term("b", &["green hydro"])]).unwrap();
        assert_eq!(
            seen(&dictionary, "Green hydrogen, green hydro"),
            [("Green".to_owned(), false), ("green hydro".to_owned(), false), ("green".to_owned(), true)]
        );
    }

    #[test]
    fn capitals_full_width_and_hyphens() {
        let dictionary = Dictionary::new(vec![term("a", &["6G"]), term("b", &["Low-altitude economy"])]).unwrap();
        assert_eq!(seen(&dictionary, "６Ｇ、16G、6g、6G网络"), [("6G".to_owned(), false), ("6G".to_owned(), false)]);
        assert_eq!(seen(&dictionary, "LOW‑ALTITUDE ECONOMY").len(), 1);
    }

    #[test]
    fn a_dictionary_that_is_none_is_refused() {
        assert!(matches!(Dictionary::new(vec![term("a", &["x"]), term("a", &["y"])]), Err(DiscourseError::DuplicateTerm { .. })));
        assert!(matches!(Dictionary::new(vec![term("a", &["x y"]), term("b", &["X-Y"])]), Err(DiscourseError::SharedForm { .. })));
        assert!(matches!(Dictionary::new(vec![term("a", &["2025"])]), Err(DiscourseError::NoForm { .. })));
        let dictionary = Dictionary::new(vec![term("a", &["新质生产力", "NQPF"])]).unwrap();
        assert_eq!((dictionary.position("a"), dictionary.position("nqpf"), dictionary.position("b")), (Some(0), Some(0), None));
    }

    #[test]
    fn an_empty_dictionary_finds_nothing() {
        assert_eq!(Dictionary::new(Vec::new()).unwrap().find("anything"), []);
    }
}
