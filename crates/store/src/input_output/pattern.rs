use serde::Deserialize;

/// A label with `*` for any run of characters and `?` for one: `*_DPABR`, `CN?`, `OUT`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub(crate) struct Pattern(String);

impl Pattern {
    pub(crate) fn new(text: &str) -> Self {
        Pattern(text.to_owned())
    }

    pub(crate) fn matches(&self, text: &str) -> bool {
        // the classic walk: on a mismatch the last star takes one character more
        let pattern = self.0.as_str();
        let (mut at, mut here, mut star) = (0, 0, None);
        while let Some(next) = text[here..].chars().next() {
            match pattern[at..].chars().next() {
                Some('*') => {
                    star = Some((at, here));
                    at += 1;
                }
                Some(one) if one == '?' || one == next => {
                    at += one.len_utf8();
                    here += next.len_utf8();
                }
                _ => match star {
                    Some((back, taken)) => {
                        let longer = taken + text[taken..].chars().next().map_or(1, char::len_utf8);
                        at = back + 1;
                        here = longer;
                        star = Some((back, longer));
                    }
                    None => return false,
                },
            }
        }
        pattern[at..].chars().all(|one| one == '*')
    }

    pub(crate) fn text(&self) -> &str {
        &self.0
    }
}

/// True when one of the patterns matches one of the texts.
pub(crate) fn any(patterns: &[Pattern], texts: &[&str]) -> bool {
    patterns.iter().any(|pattern| texts.iter().any(|text| pattern.matches(text)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stars_and_question_marks() {
        let matches = |pattern: &str, text: &str| Pattern(pattern.to_owned()).matches(text);
        assert!(matches("*_DPABR", "AUS_DPABR") && matches("CN?", "CN1") && matches("OUT", "OUT") && matches("*", ""));
        assert!(matches("消费*", "消费合计") && matches("*合?", "消费合计") && matches("?计", "合计") && !matches("?计", "消费合计"));
        assert!(matches("*_A01*", "AUS_A01_02") && matches("a*b*c", "a-b-bc"));
        assert!(!matches("CN?", "CN") && !matches("OUT", "OUTPUT") && !matches("*_A01", "AUS_A01_02") && !matches("a*b*c", "abcd"));
    }
}
