use frame::{Language, number};
use strategy::Format;

/// A number of a table or chart as its column or axis asks; what is not a finite number is written –.
///
/// ```
/// use frame::Language;
/// use strategy::Format;
/// use xinzhi_report::format_number;
/// assert_eq!(format_number(0.1234, Format::Percent, Language::En), "12.3%");
/// assert_eq!(format_number(-1234.5, Format::Decimal(2), Language::En), "−1,234.50");
/// assert_eq!(format_number(2017.0, Format::Year, Language::Zh), "2017");
/// assert_eq!(format_number(f64::NAN, Format::Whole, Language::En), "–");
/// ```
pub fn format_number(value: f64, format: Format, language: Language) -> String {
    match format {
        Format::Percent => number::percent(value, 1, language),
        Format::Decimal(decimals) => number::decimal(value, usize::from(decimals), language),
        Format::Whole => number::whole(value, language),
        Format::Usd => number::usd(value, language),
        Format::Year if value.is_finite() => format!("{value:.0}"),
        Format::Year => number::ABSENT.to_owned(),
    }
}

/// A number at an axis tick: as few decimals as keep neighbouring ticks `step` apart distinct, and US dollars at their shortest.
pub(crate) fn format_tick(value: f64, step: f64, format: Format, language: Language) -> String {
    let decimals =
        |step: f64| (0..=6).find(|d| ((step * 10f64.powi(*d)).round() / 10f64.powi(*d) - step).abs() < step * 1e-6).unwrap_or(6) as usize;
    match format {
        Format::Percent => number::percent(value, decimals(step * 100.0), language),
        Format::Decimal(_) | Format::Whole => number::decimal(value, decimals(step), language),
        Format::Usd if value == 0.0 => "0".to_owned(),
        Format::Usd | Format::Year => format_number(value, format, language),
    }
}

/// A number of which only the value is known (an input of a figure): enough digits to recognise it, not more than it deserves.
pub(crate) fn format_plain(value: f64, language: Language) -> String {
    match value.abs() {
        size if size >= 1e15 || (size > 0.0 && size < 1e-4) => format!("{value:.3e}").replace('-', "−"),
        size if size >= 1000.0 => number::decimal(value, if value.fract() == 0.0 { 0 } else { 1 }, language),
        _ if value.fract() == 0.0 => number::decimal(value, 0, language),
        _ => number::decimal(value, 4, language),
    }
}
