//! Decimal text to the nearest double, at the speed tables of a gigabyte need. Exact: the result is what `str::parse` gives.
//!
//! Few digits and a small power of ten divide or multiply exactly (Clinger 1990); more digits go through one product with a
//! power of five of 128 bits (Lemire 2021, Number parsing at a gigabyte per second, Software: Practice and Experience 51(8));
//! what neither can decide goes to the standard library.

/// Powers of ten that a double holds exactly.
const TENS: [f64; 23] =
    [1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22];

/// The powers of five from 5^-LOWEST to 5^HIGHEST, normalised to 128 bits: exact ones as they are, reciprocals rounded.
const LOWEST: i64 = 40;
const HIGHEST: i64 = 40;
const FIVES: [u128; (LOWEST + HIGHEST + 1) as usize] = fives();

const fn fives() -> [u128; (LOWEST + HIGHEST + 1) as usize] {
    let mut table = [0; (LOWEST + HIGHEST + 1) as usize];
    let mut at = 0;
    while at < table.len() {
        let exponent = at as i64 - LOWEST;
        let mut power: u128 = 1;
        let mut times = 0;
        while times < exponent.abs() {
            power *= 5;
            times += 1;
        }
        table[at] = if exponent >= 0 {
            power << power.leading_zeros()
        } else {
            // long division of a power of two, bit by bit, until the quotient has 128 bits
            let (mut quotient, mut remainder): (u128, u128) = (0, 1);
            while quotient >> 127 == 0 {
                remainder <<= 1;
                quotient <<= 1;
                if remainder >= power {
                    remainder -= power;
                    quotient |= 1;
                }
            }
            // the first are rounded up, as the proof of the method has them
            if exponent >= -27 { quotient + 1 } else { quotient }
        };
        at += 1;
    }
    table
}

/// The double nearest to `digits · 10^exponent`, when one product decides it; `digits` is not 0.
#[inline(always)]
fn product(digits: u64, exponent: i64) -> Option<f64> {
    let power = *FIVES.get(usize::try_from(exponent.wrapping_add(LOWEST)).ok()?)?;
    let zeros = digits.leading_zeros();
    let normal = digits << zeros;
    // the product's upper 128 bits, the lower part of the power only where it may matter
    let wide = u128::from(normal).wrapping_mul(power >> 64);
    let (mut low, mut high) = (wide as u64, (wide >> 64) as u64);
    if high & 0x1FF == 0x1FF {
        let rest = (u128::from(normal).wrapping_mul(power & u128::from(u64::MAX)) >> 64) as u64;
        low = low.wrapping_add(rest);
        high = high.wrapping_add(u64::from(rest > low));
    }
    if low == u64::MAX && !(-27..=55).contains(&exponent) {
        return None;
    }
    let upper = high >> 63;
    let shift = upper + 64 - 52 - 3;
    let mut mantissa = high >> shift;
    // 217706/2^16 is log2(10): the binary exponent of 10^exponent
    let binary = ((exponent.wrapping_mul(217_706)) >> 16).wrapping_add(63 + 1023 + upper as i64).wrapping_sub(i64::from(zeros));
    if low <= 1 && (-4..=23).contains(&exponent) && mantissa & 3 == 1 && mantissa << shift == high {
        mantissa &= !1;
    }
    mantissa = mantissa.wrapping_add(mantissa & 1) >> 1;
    let (mut mantissa, mut binary) = (mantissa, binary);
    if mantissa >= 2 << 52 {
        mantissa = 1 << 52;
        binary = binary.wrapping_add(1);
    }
    // far from subnormal and infinite: the exponents of the table are small
    (0 < binary && binary < 2047).then(|| f64::from_bits((mantissa & !(1 << 52)) | ((binary as u64) << 52)))
}

/// The number that eight digits write, given less `0` each, the first in the lowest byte.
#[inline(always)]
fn eight_value(word: u64) -> u64 {
    let pairs = word.wrapping_mul(10).wrapping_add(word >> 8);
    let low = (pairs & 0x0000_00FF_0000_00FF).wrapping_mul(0x000F_4240_0000_0064);
    let high = ((pairs >> 16) & 0x0000_00FF_0000_00FF).wrapping_mul(0x0000_2710_0000_0001);
    low.wrapping_add(high) >> 32
}

/// What a number is multiplied by when so many digits, up to eight, follow.
const SHIFTS: [u64; 9] = [1, 10, 100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000];

/// Adds the digits at the start of `bytes` to `value`; returns how many there are.
#[inline(always)]
fn digits(bytes: &[u8], value: &mut u64) -> usize {
    let mut used: usize = 0;
    while let Some(word) = bytes.get(used..).and_then(|rest| rest.first_chunk::<8>()) {
        let word = u64::from_le_bytes(*word) ^ 0x3030_3030_3030_3030;
        // the upper bit of the lowest byte that is no digit; above that byte carries may say anything
        let other = (word.wrapping_add(0x7676_7676_7676_7676) | word) & 0x8080_8080_8080_8080;
        if other == 0 {
            *value = value.wrapping_mul(100_000_000).wrapping_add(eight_value(word));
            used = used.wrapping_add(8);
            continue;
        }
        let count = (other.trailing_zeros() / 8) as usize & 7;
        if count > 0 {
            // what follows goes out at the top, zeros come in before
            let only = word.wrapping_shl(64 - 8 * count as u32);
            *value = value.wrapping_mul(SHIFTS[count]).wrapping_add(eight_value(only));
        }
        return used.wrapping_add(count);
    }
    if let Some(rest) = bytes.get(used..) {
        for byte in rest {
            let digit = byte.wrapping_sub(b'0');
            if digit > 9 {
                break;
            }
            *value = value.wrapping_mul(10).wrapping_add(u64::from(digit));
            used = used.wrapping_add(1);
        }
    }
    used
}

/// The finite number that `bytes` begin with, and how many bytes it takes; `None` when they do not begin with one.
#[inline(always)]
pub(crate) fn number(bytes: &[u8]) -> Option<(f64, usize)> {
    let negative = bytes.first() == Some(&b'-');
    let sign = usize::from(negative || bytes.first() == Some(&b'+'));
    let mut at = sign;
    let mut mantissa = 0;
    let whole = digits(bytes.get(at..)?, &mut mantissa);
    at = at.wrapping_add(whole);
    let mut behind = 0;
    if bytes.get(at) == Some(&b'.') {
        behind = digits(bytes.get(at.wrapping_add(1)..)?, &mut mantissa);
        at = at.wrapping_add(1).wrapping_add(behind);
    }
    let count = whole.wrapping_add(behind);
    if count == 0 {
        return None;
    }
    let mut exponent = -(behind as i64);
    if let Some(b'e' | b'E') = bytes.get(at) {
        let (written, used) = power(bytes.get(at.wrapping_add(1)..)?)?;
        exponent = exponent.wrapping_add(written);
        at = at.wrapping_add(1).wrapping_add(used);
    }
    let value = if count > 19 && significant(bytes.get(sign..at)?) > 19 {
        None
    } else if mantissa == 0 {
        Some(0.0)
    } else if mantissa < 1 << 53 && (-22..=22).contains(&exponent) {
        let ten = TENS[exponent.unsigned_abs() as usize];
        Some(if exponent < 0 { mantissa as f64 / ten } else { mantissa as f64 * ten })
    } else {
        product(mantissa, exponent)
    };
    match value {
        Some(value) => Some((if negative { -value } else { value }, at)),
        None => standard(bytes.get(..at)?).map(|value| (value, at)),
    }
}

/// How many digits there are from the first that is not 0 on, in front of an `e`: zeros before it do not make the number longer.
#[inline(never)]
fn significant(bytes: &[u8]) -> usize {
    let digits = bytes.iter().take_while(|byte| !matches!(byte, b'e' | b'E')).filter(|byte| **byte != b'.');
    digits.skip_while(|byte| **byte == b'0').count()
}

/// The number behind an `e`.
#[inline(never)]
fn power(bytes: &[u8]) -> Option<(i64, usize)> {
    let sign = usize::from(matches!(bytes.first(), Some(b'-' | b'+')));
    let mut value = 0;
    let used = digits(bytes.get(sign..)?, &mut value);
    // more digits than any double has
    if used == 0 || used > 9 {
        return None;
    }
    let value = value as i64;
    Some((if bytes.first() == Some(&b'-') { -value } else { value }, sign.wrapping_add(used)))
}

#[inline(never)]
fn standard(bytes: &[u8]) -> Option<f64> {
    std::str::from_utf8(bytes).ok()?.parse().ok().filter(|value: &f64| value.is_finite())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use proptest::prelude::*;

    fn same(text: &str) {
        let expected: f64 = text.parse().unwrap();
        if expected.is_finite() {
            let (value, used) = number(text.as_bytes()).unwrap();
            assert_eq!((value.to_bits(), used), (expected.to_bits(), text.len()), "{text}: {value:e} instead of {expected:e}");
        } else {
            assert_eq!(number(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn numbers_end_where_they_end_and_nothing_else_is_one() {
        assert_eq!(number(b"12.5,7"), Some((12.5, 4)));
        assert_eq!(number(b"-1e3\t"), Some((-1000.0, 4)));
        assert_eq!(number(b"5.\n"), Some((5.0, 2)));
        for text in ["", "-", ".", "x", "inf", "NaN", "-inf", "1e", "1e+", "e5", "1e9999999999", "1e400"] {
            assert_eq!(number(text.as_bytes()), None, "{text}");
        }
        // the digits end; what follows is the caller's to judge
        assert_eq!(number(b"1x"), Some((1.0, 1)));
        assert_eq!(number(b"-0").map(|(value, _)| value.to_bits()), Some((-0.0f64).to_bits()));
    }

    #[test]
    fn hard_cases_are_exact() {
        for text in [
            "9007199254740993",
            "9007199254740991.5",
            "0.1",
            "1.7976931348623157e308",
            "2.2250738585072014e-308",
            "4.9406564584124654e-324",
            "5e-324",
            "1e-400",
            "123456789012345678901234567890",
            "0.000000000000000000000000000000000000000012345678901234567890",
            "8.5",
            "1e23",
            "8.9e22",
            "9223372036854775807",
            "18446744073709551615",
            "0.30000000000000004",
            "6.0221407600000003e23",
            "9007199254740992.5",
            "9007199254740993.5",
            "4503599627370496.5",
            "4503599627370497.5",
            "0.00000000000000000000000000000000000001",
        ] {
            same(text);
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(20_000))]
        #[test]
        fn as_the_standard_library_reads_them(value in any::<f64>(), digits in any::<u64>(), exponent in -60i64..60, places in 0usize..18) {
            if value.is_finite() {
                same(&format!("{value}"));
                same(&format!("{value:e}"));
            }
            same(&format!("{digits}e{exponent}"));
            let small = (digits >> 11) as f64 / 1e9;
            same(&format!("{small:.places$}"));
            same(&format!("{small}"));
            // halfway between two doubles, to the last digit
            let half = u128::from(digits >> 11) * 2 + 1;
            same(&format!("{half}"));
            same(&format!("{half}.5"));
        }
    }
}
