//! How numbers are printed, in both languages, in sentences, tables and charts alike.
//!
//! ```
//! use xinzhi_frame::{Language, number};
//! assert_eq!(number::percent(0.2346, 1, Language::En), "23.5%");
//! assert_eq!(number::whole(30782.9, Language::En), "30,783");
//! assert_eq!(number::usd(2.948e12, Language::En), "$2.95 trillion");
//! assert_eq!(number::usd(2.948e12, Language::Zh), "2.95 万亿美元");
//! assert_eq!(number::decimal(f64::NAN, 2, Language::En), "–");
//! ```

use crate::{Language, Rank, Unit};

/// What stands for a value that is not there.
pub const ABSENT: &str = "–";

/// Thousands separated by commas, a real minus sign, the given number of decimals.
pub fn decimal(value: f64, decimals: usize, _language: Language) -> String {
    if !value.is_finite() {
        return ABSENT.to_owned();
    }
    let digits = format!("{:.*}", decimals, value.abs());
    let (whole, fraction) = digits.split_once('.').unwrap_or((&digits, ""));
    let mut grouped = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, digit) in whole.chars().enumerate() {
        if i > 0 && (whole.len() - i) % 3 == 0 {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    if !fraction.is_empty() {
        grouped.push('.');
        grouped.push_str(fraction);
    }
    let is_zero = digits.chars().all(|c| matches!(c, '0' | '.'));
    if value < 0.0 && !is_zero { format!("−{grouped}") } else { grouped }
}

/// A whole number with separators.
pub fn whole(value: f64, language: Language) -> String {
    decimal(value, 0, language)
}

/// A share of 1 in percent.
pub fn percent(share: f64, decimals: usize, language: Language) -> String {
    if share.is_finite() { format!("{}%", decimal(share * 100.0, decimals, language)) } else { ABSENT.to_owned() }
}

/// US dollars, shortened to three digits or so: million, billion, trillion in English; 万, 亿, 万亿 in Chinese.
pub fn usd(value: f64, language: Language) -> String {
    if !value.is_finite() {
        return ABSENT.to_owned();
    }
    let steps: &[(f64, &str)] = match language {
        Language::En => &[(1e12, " trillion"), (1e9, " billion"), (1e6, " million"), (1.0, "")],
        Language::Zh => &[(1e12, " 万亿"), (1e8, " 亿"), (1e4, " 万"), (1.0, " ")],
    };
    // 999,999,999 is "1.00 billion", not "1,000 million"
    let (size, name) = steps.iter().find(|(size, _)| value.abs() >= size * 0.9995).copied().unwrap_or((1.0, steps[steps.len() - 1].1));
    let scaled = value / size;
    let decimals = if size == 1.0 || scaled.abs() >= 99.95 {
        0
    } else if scaled.abs() >= 9.995 {
        1
    } else {
        2
    };
    let printed = decimal(scaled, decimals, language);
    match language {
        Language::En => match printed.strip_prefix('−') {
            Some(positive) => format!("−${positive}{name}"),
            None => format!("${printed}{name}"),
        },
        Language::Zh => format!("{printed}{name}美元"),
    }
}

/// A value as its unit asks.
pub fn with_unit(value: f64, unit: &Unit, language: Language) -> String {
    match unit {
        Unit::Share => percent(value, 1, language),
        Unit::AnnualGrowth => match language {
            Language::En => format!("{} a year", percent(value, 1, language)),
            Language::Zh => format!("年均 {}", percent(value, 1, language)),
        },
        Unit::Ratio => decimal(value, 2, language),
        Unit::Count => whole(value, language),
        Unit::Year => format!("{value:.0}"),
        Unit::Usd => usd(value, language),
        Unit::Named(name) => {
            let decimals = match value.abs() {
                v if v >= 1000.0 => 0,
                v if v >= 10.0 => 1,
                _ => 2,
            };
            format!("{} {}", decimal(value, decimals, language), name.get(language))
        }
    }
}

/// A rank among comparable places.
///
/// ```
/// use xinzhi_frame::{Language, Rank, number};
/// assert_eq!(number::rank(Rank { rank: 3, of: 143 }, Language::En), "3rd of 143");
/// assert_eq!(number::rank(Rank { rank: 112, of: 143 }, Language::En), "112th of 143");
/// assert_eq!(number::rank(Rank { rank: 3, of: 143 }, Language::Zh), "143 个中第 3 位");
/// ```
pub fn rank(rank: Rank, language: Language) -> String {
    let Rank { rank, of } = rank;
    match language {
        Language::En => {
            let suffix = match (rank % 10, rank % 100) {
                (_, 11..=13) => "th",
                (1, _) => "st",
                (2, _) => "nd",
                (3, _) => "rd",
                _ => "th",
            };
            format!("{rank}{suffix} of {of}")
        }
        Language::Zh => format!("{of} 个中第 {rank} 位"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Text;

    #[test]
    fn signs_separators_and_steps() {
        assert_eq!(decimal(-1234567.891, 2, Language::En), "−1,234,567.89");
        assert_eq!(decimal(-0.0001, 2, Language::En), "0.00");
        assert_eq!(decimal(100.0, 0, Language::En), "100");
        assert_eq!(usd(999_999_999.0, Language::En), "$1.00 billion");
        assert_eq!(usd(-2.5e9, Language::En), "−$2.50 billion");
        assert_eq!(usd(2.5e9, Language::Zh), "25.0 亿美元");
        assert_eq!(usd(250.0, Language::En), "$250");
        assert_eq!(usd(f64::INFINITY, Language::En), ABSENT);
        assert_eq!(percent(-0.051, 1, Language::Zh), "−5.1%");
        assert_eq!(with_unit(2017.0, &Unit::Year, Language::En), "2017");
        let unit = Unit::Named(Text::new("100 million yuan", "亿元"));
        assert_eq!(with_unit(30782.9, &unit, Language::Zh), "30,783 亿元");
    }
}
