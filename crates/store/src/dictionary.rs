use std::collections::HashMap;
use std::sync::Arc;

const EMPTY: u32 = u32::MAX;

/// A column of text in which every different word is held once and a row holds its number.
#[derive(Debug, Clone, Default)]
pub struct DictionaryColumn {
    codes: Vec<u32>,
    words: Vec<Arc<str>>,
    index: HashMap<Arc<str>, u32>,
}

impl DictionaryColumn {
    /// How many rows there are.
    pub fn len(&self) -> usize {
        self.codes.len()
    }

    /// True when there is none.
    pub fn is_empty(&self) -> bool {
        self.codes.is_empty()
    }

    /// The text of a row; `None` where it is empty.
    pub fn get(&self, row: usize) -> Option<&str> {
        let code = self.codes[row];
        (code != EMPTY).then(|| &*self.words[code as usize])
    }

    /// The text of a row, empty text where it is empty.
    pub fn text(&self, row: usize) -> &str {
        self.get(row).unwrap_or("")
    }

    /// The number of a row's word.
    pub fn code(&self, row: usize) -> u32 {
        self.codes[row]
    }

    /// The words in the order met; a word's position is its number.
    pub fn words(&self) -> impl ExactSizeIterator<Item = &str> {
        self.words.iter().map(|word| &**word)
    }

    /// The number of a word.
    pub fn position(&self, word: &str) -> Option<u32> {
        self.index.get(word).copied()
    }

    /// The number of a word, which is taken in when it is new.
    pub(crate) fn intern(&mut self, word: &str) -> u32 {
        if let Some(code) = self.index.get(word) {
            return *code;
        }
        let code = self.words.len() as u32;
        let word: Arc<str> = word.into();
        self.words.push(word.clone());
        self.index.insert(word, code);
        code
    }

    pub(crate) fn push_code(&mut self, code: Option<u32>) {
        self.codes.push(code.unwrap_or(EMPTY));
    }

    /// The words in use, sorted.
    pub(crate) fn sorted(&self) -> Vec<&str> {
        let mut words: Vec<&str> = self.words().collect();
        words.sort_unstable();
        words
    }
}
