use crate::normalised_text::{is_ideograph, normalised};
use crate::{Dictionary, DiscourseError, Segmenter, Vocabulary};
use std::collections::HashMap;

/// Characters that are written so in traditional text only, and often.
const TRADITIONAL: &str = "國發會經這個們來時對學產業開關無電車東長門問題為與從後說語讀書寫馬見觀點實質體機構進過還運動務勞計劃設戰爭農區總統導級組織線結廣應該內網術軍歷黨辦義濟變頭萬勝條約權資環護領讓認證議論調幾樣當場處邊連轉際";

/// Where a term stands in a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Occurrence {
    /// Position of the term in the dictionary.
    pub term: u32,
    /// The paragraph, counted from 0.
    pub paragraph: u32,
    /// The sentence in its paragraph, counted from 0.
    pub sentence: u32,
    /// First character in the paragraph, counted from 0.
    pub start: u32,
    /// Character after the last.
    pub end: u32,
    /// It lies inside a longer term, which counts instead of it.
    pub nested: bool,
}

/// What one document says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DocumentAnalysis {
    /// The terms, in the order of the text.
    pub occurrences: Vec<Occurrence>,
    /// How often each word stands in it: number in the vocabulary and count, by number.
    pub frequencies: Vec<(u32, u32)>,
    /// Its words; a term is one word.
    pub words: u64,
    /// Its characters without white space.
    pub characters: u64,
    /// Of these Chinese characters, kana and hangul.
    pub ideographs: u64,
    /// Of these such as only traditional text has (of a list of some 130 that are frequent).
    pub traditional: u64,
    /// Letters of other scripts.
    pub letters: u64,
    /// Paragraphs with a letter in them.
    pub paragraphs: u32,
    /// Sentences with a letter in them.
    pub sentences: u32,
}

/// Ends a sentence: the signs 。！？；…, a line break, and `.` before a space or the end. (`.` of an abbreviation ends one too.)
fn ends_sentence(character: char, next: Option<char>) -> bool {
    match character {
        '。' | '!' | '?' | ';' | '…' | '！' | '？' | '；' | '\n' => true,
        '.' => next.is_none_or(char::is_whitespace),
        _ => false,
    }
}

/// Finds the terms of a document, cuts it into words and counts.
///
/// `text` are its paragraphs. New words go to `vocabulary`; the counts of words refer to it. Positions are characters of the paragraph as
/// it was given.
pub fn analyse(text: &[String], dictionary: &Dictionary, segmenter: &Segmenter, vocabulary: &mut Vocabulary) -> DocumentAnalysis {
    let mut out = DocumentAnalysis::default();
    let mut counts: HashMap<u32, u32> = HashMap::new();
    for (at, paragraph) in text.iter().enumerate() {
        let plain = normalised(paragraph);
        let found = dictionary.find(&plain);
        segmenter.words(&plain, &found, &mut |word| {
            out.words += 1;
            *counts.entry(vocabulary.number(word)).or_insert(0) += 1;
        });
        let first = out.occurrences.len();
        out.occurrences.extend(found.iter().map(|f| Occurrence {
            term: f.term as u32,
            paragraph: at as u32,
            sentence: 0,
            // bytes until the walk below knows the characters
            start: f.start as u32,
            end: f.end as u32,
            nested: f.nested,
        }));
        let mut starts: Vec<(u32, usize)> = (first..out.occurrences.len()).map(|i| (out.occurrences[i].start, i)).collect();
        let mut ends: Vec<(u32, usize)> = (first..out.occurrences.len()).map(|i| (out.occurrences[i].end, i)).collect();
        starts.sort_unstable();
        ends.sort_unstable();
        let (mut next_start, mut next_end) = (0, 0);
        let (mut sentence, mut says_something, mut any) = (0, false, false);
        let mut characters = plain.char_indices().peekable();
        let mut position = 0;
        while let Some((byte, character)) = characters.next() {
            while let Some((_, i)) = starts.get(next_start).filter(|(start, _)| *start as usize == byte) {
                (out.occurrences[*i].start, out.occurrences[*i].sentence) = (position, sentence);
                next_start += 1;
            }
            position += 1;
            let end = byte + character.len_utf8();
            while let Some((_, i)) = ends.get(next_end).filter(|(last, _)| *last as usize == end) {
                out.occurrences[*i].end = position;
                next_end += 1;
            }
            if character != ' ' {
                out.characters += 1;
                if is_ideograph(character) {
                    out.ideographs += 1;
                    out.traditional += u64::from(is_traditional(character));
                    says_something = true;
                } else if character.is_alphanumeric() {
                    out.letters += u64::from(character.is_alphabetic());
                    says_something = true;
                }
            }
            if ends_sentence(character, characters.peek().map(|(_, next)| *next)) && says_something {
                (sentence, says_something, any) = (sentence + 1, false, true);
            }
        }
        out.sentences += sentence + u32::from(says_something);
        out.paragraphs += u32::from(says_something || any);
    }
    out.frequencies = counts.into_iter().collect();
    out.frequencies.sort_unstable();
    out
}

fn is_traditional(character: char) -> bool {
    use std::sync::OnceLock;
    static SORTED: OnceLock<Vec<char>> = OnceLock::new();
    let sorted = SORTED.get_or_init(|| {
        let mut all: Vec<char> = TRADITIONAL.chars().collect();
        all.sort_unstable();
        all
    });
    sorted.binary_search(&character).is_ok()
}

impl DocumentAnalysis {
    /// How often each of `terms` terms is said; with `nested` also inside longer terms.
    pub fn counts(&self, terms: usize, nested: bool) -> Vec<u32> {
        let mut counts = vec![0; terms];
        for one in self.occurrences.iter().filter(|one| nested || !one.nested) {
            if let Some(count) = counts.get_mut(one.term as usize) {
                *count += 1;
            }
        }
        counts
    }

    /// `zh`, `en` (Latin and other spaced scripts), `mixed`, or nothing when there are no letters. A Chinese character weighs as much as
    /// three letters; mixed is where the smaller part is more than a fifth.
    pub fn language(&self) -> &'static str {
        let (chinese, other) = (3 * self.ideographs, self.letters);
        match (chinese, other) {
            (0, 0) => "",
            (a, b) if b * 5 <= a + b => "zh",
            (a, b) if a * 5 <= a + b => "en",
            _ => "mixed",
        }
    }

    /// True where more than a thirtieth of the Chinese characters are such as only traditional text has.
    pub fn is_traditional(&self) -> bool {
        self.ideographs > 0 && self.traditional * 30 > self.ideographs
    }

    /// Gives words other numbers: `numbers` holds the new number of each old one.
    pub fn renumber(&mut self, numbers: &[u32]) {
        for (word, _) in &mut self.frequencies {
            *word = numbers.get(*word as usize).copied().unwrap_or(*word);
        }
        self.frequencies.sort_unstable();
    }

    /// The analysis as bytes, for an index; [`DocumentAnalysis::from_bytes`] reads them.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(64 + 8 * self.occurrences.len() + 3 * self.frequencies.len());
        let mut put = |mut value: u64| {
            while value >= 0x80 {
                out.push(value as u8 | 0x80);
                value >>= 7;
            }
            out.push(value as u8);
        };
        for value in [self.words, self.characters, self.ideographs, self.traditional, self.letters] {
            put(value);
        }
        put(self.paragraphs.into());
        put(self.sentences.into());
        put(self.occurrences.len() as u64);
        for one in &self.occurrences {
            put(u64::from(one.term) << 1 | u64::from(one.nested));
            for value in [one.paragraph, one.sentence, one.start, one.end.wrapping_sub(one.start)] {
                put(value.into());
            }
        }
        put(self.frequencies.len() as u64);
        let mut last = 0;
        for (word, count) in &self.frequencies {
            put(u64::from(word.wrapping_sub(last)));
            put(u64::from(*count));
            last = *word;
        }
        out
    }

    /// The analysis that was made bytes.
    ///
    /// # Errors
    /// [`DiscourseError::Damaged`] for bytes that are none.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, DiscourseError> {
        let mut rest = bytes;
        let short = || DiscourseError::Damaged { why: "it breaks off" };
        let mut take = || -> Result<u64, DiscourseError> {
            let (mut value, mut shift) = (0u64, 0);
            loop {
                let (byte, after) = rest.split_first().ok_or_else(short)?;
                rest = after;
                if shift > 63 {
                    return Err(DiscourseError::Damaged { why: "a number is too long" });
                }
                value |= u64::from(byte & 0x7f) << shift;
                shift += 7;
                if byte & 0x80 == 0 {
                    return Ok(value);
                }
            }
        };
        let small = |value: u64| u32::try_from(value).map_err(|_| DiscourseError::Damaged { why: "a number is too large" });
        let mut out = DocumentAnalysis {
            words: take()?,
            characters: take()?,
            ideographs: take()?,
            traditional: take()?,
            letters: take()?,
            paragraphs: small(take()?)?,
            sentences: small(take()?)?,
            ..DocumentAnalysis::default()
        };
        let occurrences = take()?;
        for _ in 0..occurrences {
            let term = take()?;
            let (paragraph, sentence, start) = (small(take()?)?, small(take()?)?, small(take()?)?);
            let end = start.checked_add(small(take()?)?).ok_or(DiscourseError::Damaged { why: "a position is too large" })?;
            out.occurrences.push(Occurrence { term: small(term >> 1)?, paragraph, sentence, start, end, nested: term & 1 == 1 });
        }
        let frequencies = take()?;
        let mut last = 0u32;
        for _ in 0..frequencies {
            last = last.checked_add(small(take()?)?).ok_or(DiscourseError::Damaged { why: "a word is too large" })?;
            out.frequencies.push((last, small(take()?)?));
        }
        if rest.is_empty() { Ok(out) } else { Err(DiscourseError::Damaged { why: "it goes on after its end" }) }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::Term;
    use frame::Text;

    fn dictionary() -> Dictionary {
        let term = |id: &str, en: &str, zh: &str| Term { id: id.into(), name: Text::new(en, zh), ..Term::default() };
        Dictionary::new(vec![term("nqpf", "new quality productive forces", "新质生产力"), term("ai", "AI", "人工智能")]).unwrap()
    }

    fn of(text: &[&str]) -> (DocumentAnalysis, Vocabulary) {
        let text: Vec<String> = text.iter().map(|p| (*p).to_owned()).collect();
        let mut vocabulary = Vocabulary::default();
        (analyse(&text, &dictionary(), Segmenter::shared().unwrap(), &mut vocabulary), vocabulary)
    }

    #[test]
    fn positions_are_characters_and_sentences_are_counted() {
        let (found, _) = of(&["", "加快发展新质生产力。ＡＩ赋能！", "New quality productive forces, e.g. AI. Done"]);
        let seen: Vec<_> = found.occurrences.iter().map(|o| (o.term, o.paragraph, o.sentence, o.start, o.end)).collect();
        assert_eq!(seen, [(0, 1, 0, 4, 9), (1, 1, 1, 10, 12), (0, 2, 0, 0, 29), (1, 2, 1, 36, 38)]);
        assert_eq!((found.paragraphs, found.sentences), (2, 5));
        assert_eq!(found.counts(2, false), [2, 2]);
        assert_eq!(found.language(), "mixed");
    }

    #[test]
    fn bytes_read_back_and_damaged_ones_are_refused() {
        let (mut found, vocabulary) = of(&["加快发展新质生产力，人工智能与 AI 和 growth growth。"]);
        let bytes = found.to_bytes();
        assert_eq!(DocumentAnalysis::from_bytes(&bytes).unwrap(), found);
        for cut in 0..bytes.len() {
            assert!(DocumentAnalysis::from_bytes(&bytes[..cut]).is_err());
        }
        assert!(DocumentAnalysis::from_bytes(&[bytes.as_slice(), &[0]].concat()).is_err());
        let mut all = Vocabulary::default();
        all.number("growth");
        let numbers = all.absorb(&vocabulary);
        found.renumber(&numbers);
        assert_eq!(found.frequencies[0], (0, 2));
    }

    #[test]
    fn traditional_text_is_told() {
        assert!(of(&["國務院總理在會議上作報告，經濟發展與產業結構調整。"]).0.is_traditional());
        assert!(!of(&["国务院总理在会议上作报告，经济发展与产业结构调整。"]).0.is_traditional());
    }
}
