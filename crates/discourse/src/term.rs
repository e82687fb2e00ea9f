use frame::Text;
use serde::{Deserialize, Serialize};

/// A term to be counted: its names and every further spelling that counts as it.
///
/// ```
/// use frame::Text;
/// use xinzhi_discourse::Term;
/// let term = Term {
///     id: "6g".into(),
///     group: "future".into(),
///     name: Text::new("6G", "6G"),
///     forms_zh: vec!["第六代移动通信".into()],
///     ..Term::default()
/// };
/// assert_eq!(term.forms().collect::<Vec<_>>(), ["6G", "第六代移动通信"]);
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Term {
    /// Its id.
    pub id: String,
    /// What kind of term it is: `concept`, `layer`, `enabler`, `traditional`, `emerging`, `future`, `instrument`, or the user's own word.
    pub group: String,
    /// Its name, which is a form in both languages.
    pub name: Text,
    /// Further English spellings.
    pub forms_en: Vec<String>,
    /// Further Chinese spellings.
    pub forms_zh: Vec<String>,
}

impl Default for Term {
    fn default() -> Self {
        Term { id: String::new(), group: String::new(), name: Text::same(""), forms_en: Vec::new(), forms_zh: Vec::new() }
    }
}

impl Term {
    /// Every spelling once, the names first; empty ones left out.
    pub fn forms(&self) -> impl Iterator<Item = &str> {
        let names = [self.name.en.as_str(), self.name.zh.as_str()];
        let all: Vec<&str> = names
            .into_iter()
            .chain(self.forms_en.iter().chain(&self.forms_zh).map(String::as_str))
            .filter(|f| !f.trim().is_empty())
            .collect();
        let first = |at: usize| all[..at].iter().all(|before| *before != all[at]);
        let kept: Vec<&str> = (0..all.len()).filter(|at| first(*at)).map(|at| all[at]).collect();
        kept.into_iter()
    }
}
