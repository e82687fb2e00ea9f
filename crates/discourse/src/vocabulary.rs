use std::collections::HashMap;

/// Words and the numbers that stand for them.
///
/// ```
/// let mut words = xinzhi_discourse::Vocabulary::default();
/// assert_eq!((words.number("创新"), words.number("growth"), words.number("创新")), (0, 1, 0));
/// assert_eq!(words.word(1), "growth");
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Vocabulary {
    words: Vec<Box<str>>,
    numbers: HashMap<Box<str>, u32>,
}

impl Vocabulary {
    /// The number of a word, a new one if it was not there.
    pub fn number(&mut self, word: &str) -> u32 {
        if let Some(known) = self.numbers.get(word) {
            return *known;
        }
        let number = self.words.len() as u32;
        self.words.push(word.into());
        self.numbers.insert(word.into(), number);
        number
    }

    /// The word of a number; empty for a number that stands for none.
    pub fn word(&self, number: u32) -> &str {
        self.words.get(number as usize).map_or("", |word| word)
    }

    /// How many words there are.
    pub fn len(&self) -> usize {
        self.words.len()
    }

    /// True when there is none.
    pub fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    /// The words in the order of their numbers.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.words.iter().map(|word| &**word)
    }

    /// Takes in the words of another vocabulary and gives the new number of each of its numbers.
    pub fn absorb(&mut self, other: &Vocabulary) -> Vec<u32> {
        other.iter().map(|word| self.number(word)).collect()
    }
}
