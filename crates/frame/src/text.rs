use serde::{Deserialize, Serialize};

/// The language of an output.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    /// English.
    #[default]
    En,
    /// Chinese (simplified).
    Zh,
}

impl Language {
    /// The BCP 47 tag, as HTML wants it.
    ///
    /// ```
    /// assert_eq!(xinzhi_frame::Language::Zh.tag(), "zh-Hans");
    /// ```
    pub fn tag(self) -> &'static str {
        match self {
            Language::En => "en",
            Language::Zh => "zh-Hans",
        }
    }
}

/// A piece of text in both languages. Every text a user sees is one of these, so that neither language is ever half done.
///
/// ```
/// use xinzhi_frame::{Language, Text};
/// let name = Text::new("Germany", "德国");
/// assert_eq!(name.get(Language::Zh), "德国");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub struct Text {
    /// English.
    pub en: String,
    /// Chinese.
    pub zh: String,
}

impl Text {
    /// A text from its two versions.
    pub fn new(en: impl Into<String>, zh: impl Into<String>) -> Self {
        Text { en: en.into(), zh: zh.into() }
    }

    /// The same in both languages: codes, numbers, proper names.
    pub fn same(both: impl Into<String>) -> Self {
        let both = both.into();
        Text { en: both.clone(), zh: both }
    }

    /// The text in one language.
    pub fn get(&self, language: Language) -> &str {
        match language {
            Language::En => &self.en,
            Language::Zh => &self.zh,
        }
    }

    /// True when both versions are empty.
    pub fn is_empty(&self) -> bool {
        self.en.is_empty() && self.zh.is_empty()
    }
}
