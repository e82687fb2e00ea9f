//! Numbers inside sentences, in both languages at once.

use frame::{Language, Period, Text, number};

/// A [`Text`] from a function of the language.
pub(crate) fn both(print: impl Fn(Language) -> String) -> Text {
    Text::new(print(Language::En), print(Language::Zh))
}

/// A share of 1 in percent.
pub(crate) fn share(value: f64) -> Text {
    both(|l| number::percent(value, 1, l))
}

/// A number with the given decimals.
pub(crate) fn decimal(value: f64, decimals: usize) -> Text {
    both(|l| number::decimal(value, decimals, l))
}

/// A whole number.
pub(crate) fn whole(value: f64) -> Text {
    both(|l| number::whole(value, l))
}

/// US dollars, shortened.
pub(crate) fn usd(value: f64) -> Text {
    both(|l| number::usd(value, l))
}

/// Names joined as a list ("a, b and c"; "a、b 和 c").
pub(crate) fn list(names: &[Text]) -> Text {
    match names {
        [] => Text::default(),
        [one] => one.clone(),
        [head @ .., last] => {
            let join = |pick: fn(&Text) -> &str, separator: &str| head.iter().map(pick).collect::<Vec<_>>().join(separator);
            Text::new(format!("{} and {}", join(|t| &t.en, ", "), last.en), format!("{}和{}", join(|t| &t.zh, "、"), last.zh))
        }
    }
}

/// A period as it stands in a sentence.
pub(crate) fn years(period: Period) -> Text {
    if period.from == period.to {
        Text::new(period.to_string(), format!("{period} 年"))
    } else {
        Text::new(format!("{}–{}", period.from, period.to), format!("{}—{} 年", period.from, period.to))
    }
}

/// A sentence with `{0}`, `{1}` … replaced by texts, in both languages. A placeholder without a text stays as it is, so that a slip shows.
pub(crate) fn fill(en: &str, zh: &str, parts: &[&Text]) -> Text {
    let replace = |template: &str, pick: fn(&Text) -> &str| {
        parts.iter().enumerate().fold(template.to_owned(), |text, (i, part)| text.replace(&format!("{{{i}}}"), pick(part)))
    };
    Text::new(replace(en, |t| &t.en), replace(zh, |t| &t.zh))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_and_sentences_are_complete_in_both_languages() {
        let names = [Text::new("steel", "钢铁"), Text::new("cars", "汽车"), Text::new("ships", "船舶")];
        assert_eq!(list(&names), Text::new("steel, cars and ships", "钢铁、汽车和船舶"));
        assert_eq!(list(&names[..1]).en, "steel");
        let filled = fill("It makes {0} in {1}.", "{1}生产{0}。", &[&names[0], &years(Period::year(2017))]);
        assert_eq!(filled, Text::new("It makes steel in 2017.", "2017 年生产钢铁。"));
    }
}
