//! How a number is written, in one place, so that a sentence, a table and a chart never disagree.
//!
//! House style: thousands separated by commas, a true minus sign (−), shares as percent with one decimal, US dollars shortened to
//! three digits (bn and trn in English, 亿 and 万亿 in Chinese). What is not a finite number is written –.

use crate::{Language, Rank, Unit};

/// What stands where there is no number.
pub const ABSENT: &str = "–";

/// A number with the given decimals and thousands separators.
///
/// ```
/// use xinzhi_frame::{Language, number};
/// assert_eq!(number::decimal(-1234.567, 2, Language::En), "−1,234.57");
/// assert_eq!(number::decimal(-0.001, 2, Language::En), "0.00");
/// assert_eq!(number::decimal(f64::NAN, 2, Language::Zh), "–");
/// ```
pub fn decimal(value: f64, decimals: u8, _language: Language) -> String {
    if !value.is_finite() {
        return ABSENT.to_string();
    }
    let digits = format!("{:.*}", usize::from(decimals), value.abs());
    let (whole, fraction) = digits.split_once('.').unwrap_or((&digits, ""));
    let mut out = String::with_capacity(digits.len() + digits.len() / 3 + 4);
    // A number that rounds to zero has no sign.
    if value < 0.0 && digits.bytes().any(|b| (b'1'..=b'9').contains(&b)) {
        out.push('−');
    }
    for (i, digit) in whole.chars().enumerate() {
        if i > 0 && (whole.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    if !fraction.is_empty() {
        out.push('.');
        out.push_str(fraction);
    }
    out
}

/// A whole number with thousands separators.
///
/// ```
/// use xinzhi_frame::{Language, number};
/// assert_eq!(number::whole(1_234_567.4, Language::En), "1,234,567");
/// ```
pub fn whole(value: f64, language: Language) -> String {
    decimal(value, 0, language)
}

/// A share of 1 as percent with one decimal.
///
/// ```
/// use xinzhi_frame::{Language, number};
/// assert_eq!(number::percent(0.1234, Language::En), "12.3%");
/// assert_eq!(number::percent(-0.02, Language::Zh), "−2.0%");
/// ```
pub fn percent(share: f64, language: Language) -> String {
    if share.is_finite() { format!("{}%", decimal(share * 100.0, 1, language)) } else { ABSENT.to_string() }
}

/// A ratio or index: two decimals from 1 up, three below.
///
/// ```
/// use xinzhi_frame::{Language, number};
/// assert_eq!(number::ratio(1.2345, Language::En), "1.23");
/// assert_eq!(number::ratio(0.1234, Language::En), "0.123");
/// ```
pub fn ratio(value: f64, language: Language) -> String {
    decimal(value, if value.abs() < 1.0 { 3 } else { 2 }, language)
}

/// A year: no separators.
///
/// ```
/// use xinzhi_frame::{Language, number};
/// assert_eq!(number::year(2017.0, Language::En), "2017");
/// ```
pub fn year(value: f64, _language: Language) -> String {
    if value.is_finite() { format!("{value:.0}").replace('-', "−") } else { ABSENT.to_string() }
}

/// An amount of US dollars, shortened to three digits.
///
/// ```
/// use xinzhi_frame::{Language, number};
/// assert_eq!(number::usd(1.2345e12, Language::En), "$1.23trn");
/// assert_eq!(number::usd(45.678e9, Language::En), "$45.7bn");
/// assert_eq!(number::usd(-7.8e6, Language::En), "−$7.80m");
/// assert_eq!(number::usd(1234.0, Language::En), "$1,234");
/// assert_eq!(number::usd(1.2345e12, Language::Zh), "1.23万亿美元");
/// assert_eq!(number::usd(45.678e9, Language::Zh), "457亿美元");
/// assert_eq!(number::usd(7.8e6, Language::Zh), "780万美元");
/// ```
pub fn usd(value: f64, language: Language) -> String {
    if !value.is_finite() {
        return ABSENT.to_string();
    }
    let size = value.abs();
    // 999.5 of one unit would print as 1,000 of it: the next unit takes over there.
    let (scale, unit) = match language {
        Language::En if size >= 999.5e9 => (1e12, "trn"),
        Language::En if size >= 999.5e6 => (1e9, "bn"),
        Language::En if size >= 999.5e3 => (1e6, "m"),
        Language::Zh if size >= 9999.5e8 => (1e12, "万亿"),
        Language::Zh if size >= 9999.5e4 => (1e8, "亿"),
        Language::Zh if size >= 9999.5 => (1e4, "万"),
        _ => (1.0, ""),
    };
    let scaled = size / scale;
    let decimals = match scaled {
        _ if scale == 1.0 => 0,
        s if s < 9.995 => 2,
        s if s < 99.95 => 1,
        _ => 0,
    };
    let digits = decimal(scaled, decimals, language);
    let sign = if value < 0.0 && digits != "0" { "−" } else { "" };
    match language {
        Language::En => format!("{sign}${digits}{unit}"),
        Language::Zh => format!("{sign}{digits}{unit}美元"),
    }
}

/// A figure's value in its unit; a named unit stands behind the number.
///
/// ```
/// use xinzhi_frame::{Language, Text, Unit, number};
/// assert_eq!(number::in_unit(0.25, &Unit::Share, Language::En), "25.0%");
/// assert_eq!(number::in_unit(0.05, &Unit::AnnualGrowth, Language::En), "5.0% a year");
/// assert_eq!(number::in_unit(0.05, &Unit::AnnualGrowth, Language::Zh), "每年5.0%");
/// assert_eq!(number::in_unit(12.0, &Unit::Named(Text::new("weeks", "周")), Language::Zh), "12.0周");
/// ```
pub fn in_unit(value: f64, unit: &Unit, language: Language) -> String {
    if !value.is_finite() {
        return ABSENT.to_string();
    }
    match (unit, language) {
        (Unit::Named(name), Language::En) => format!("{} {}", plain(value, language), name.en),
        (Unit::Named(name), Language::Zh) => format!("{}{}", plain(value, language), name.zh),
        (Unit::AnnualGrowth, Language::En) => format!("{} a year", percent(value, language)),
        (Unit::AnnualGrowth, Language::Zh) => format!("每年{}", percent(value, language)),
        _ => bare(value, unit, language),
    }
}

/// A figure's value as it stands in a sentence that names the unit itself: the number alone, with % and $ where they belong to it.
///
/// ```
/// use xinzhi_frame::{Language, Unit, number};
/// assert_eq!(number::bare(0.05, &Unit::AnnualGrowth, Language::En), "5.0%");
/// ```
pub fn bare(value: f64, unit: &Unit, language: Language) -> String {
    match unit {
        Unit::Share | Unit::AnnualGrowth => percent(value, language),
        Unit::Ratio => ratio(value, language),
        Unit::Count => whole(value, language),
        Unit::Year => year(value, language),
        Unit::Usd => usd(value, language),
        Unit::Named(_) => plain(value, language),
    }
}

/// A number whose size is not known beforehand: fewer decimals the larger it is.
///
/// ```
/// use xinzhi_frame::{Language, number};
/// assert_eq!(number::plain(12345.6, Language::En), "12,346");
/// assert_eq!(number::plain(12.34, Language::En), "12.3");
/// assert_eq!(number::plain(0.01234, Language::En), "0.012");
/// ```
pub fn plain(value: f64, language: Language) -> String {
    let decimals = match value.abs() {
        size if size >= 99.95 => 0,
        size if size >= 9.995 => 1,
        size if size >= 0.9995 => 2,
        _ => 3,
    };
    decimal(value, decimals, language)
}

/// A rank among comparable places.
///
/// ```
/// use xinzhi_frame::{Language, Rank, number};
/// assert_eq!(number::rank(Rank { rank: 3, of: 143 }, Language::En), "3rd of 143");
/// assert_eq!(number::rank(Rank { rank: 12, of: 143 }, Language::En), "12th of 143");
/// assert_eq!(number::rank(Rank { rank: 3, of: 143 }, Language::Zh), "143个中第3位");
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
        Language::Zh => format!("{of}个中第{rank}位"),
    }
}
