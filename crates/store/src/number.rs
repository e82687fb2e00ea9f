/// Words that stand for a missing number in the output of R, pandas, Stata exports and statistical offices.
const MISSING: &[&str] = &["na", "n/a", "nan", "null", ".."];

/// How a number is written.
#[derive(Debug, Clone, Copy)]
pub(crate) struct NumberStyle {
    pub(crate) decimal: char,
    pub(crate) thousands: Option<char>,
}

/// True for text that stands for "no number".
pub(crate) fn is_missing(text: &str) -> bool {
    text.is_empty() || MISSING.iter().any(|word| text.eq_ignore_ascii_case(word))
}

/// Reads a number; what does not follow the style is an error in words, with what to do where that is clear.
pub(crate) fn parse_number(text: &str, style: NumberStyle) -> Result<f64, (&'static str, Option<&'static str>)> {
    let mut plain = text.to_owned();
    if let Some(separator) = style.thousands.filter(|separator| text.contains(*separator)) {
        let (whole, rest) = plain.split_at(plain.find(style.decimal).unwrap_or(plain.len()));
        let digits = whole.trim_start_matches(['-', '+']);
        let grouped = digits.split(separator).enumerate().all(|(at, group)| {
            group.bytes().all(|b| b.is_ascii_digit()) && (group.len() == 3 || (at == 0 && (1..3).contains(&group.len())))
        });
        if !grouped || rest.contains(separator) {
            return Err(("is not a number with thousands in groups of three", None));
        }
        plain = whole.replace(separator, "") + rest;
    }
    if style.decimal != '.' {
        if plain.contains('.') {
            return Err((
                "has a point, but `--decimal` says numbers have another decimal sign",
                Some("give --thousands . if points separate thousands"),
            ));
        }
        plain = plain.replace(style.decimal, ".");
    } else if plain.contains(',') {
        return Err(("is not a number: it has a comma", Some("give --thousands , or --decimal , to say what the comma means")));
    }
    // Rust also reads "inf" and "infinity", which no table should hold
    match plain.parse::<f64>() {
        Ok(value) if value.is_finite() && plain.bytes().all(|b| b.is_ascii_digit() || b"+-.eE".contains(&b)) => Ok(value),
        Ok(_) => Err(("is not a finite number", None)),
        Err(_) => Err(("is not a number", None)),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn numbers_follow_the_style_or_are_refused() {
        let plain = NumberStyle { decimal: '.', thousands: None };
        let german = NumberStyle { decimal: ',', thousands: Some('.') };
        let english = NumberStyle { decimal: '.', thousands: Some(',') };
        assert_eq!(parse_number("-1.5e3", plain), Ok(-1500.0));
        assert_eq!(parse_number("0.1", plain).unwrap().to_bits(), 0.1f64.to_bits());
        assert_eq!(parse_number("1.234.567,5", german), Ok(1_234_567.5));
        assert_eq!(parse_number("-1,234", english), Ok(-1234.0));
        for (text, style) in [
            ("1,234", plain),
            ("inf", plain),
            ("NaN", plain),
            ("1e999", plain),
            ("12 kg", plain),
            ("0x10", plain),
            ("12,34", english),
            (",123", english),
            ("1,234.5,6", english),
            ("1.5", NumberStyle { decimal: ',', thousands: None }),
        ] {
            assert!(parse_number(text, style).is_err(), "{text}");
        }
    }
}
