/// How much more (or less) often something is said in one corpus than in another.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Keyness {
    /// `G² = 2 (a ln(a/E₁) + b ln(b/E₂))` (Dunning 1993; Rayson and Garside 2000).
    pub log_likelihood: f64,
    /// Probability of a G² at least so large where both corpora use it alike: χ² with one degree of freedom.
    pub p_value: f64,
    /// Log ratio (Hardie 2014): `log₂((a/c) / (b/d))`, where a count of 0 is taken as 0.5.
    pub log_ratio: f64,
    /// %DIFF (Gabrielatos and Marchi 2012): `100 (a/c − b/d) / (b/d)`; not a number where the reference does not have it.
    pub percent_difference: f64,
    /// True where the share in the corpus is larger than in the reference.
    pub more: bool,
}

/// Keyness of something that stands `a` times in a corpus of `c` words and `b` times in a reference of `d` words.
///
/// The expected counts are `E₁ = c (a + b) / (c + d)` and `E₂ = d (a + b) / (c + d)`; `0 ln 0 = 0`. The sum runs over the two cells of the
/// counts, not over all four of the table, as Rayson and Garside define it. `None` for an empty corpus or counts above its words.
///
/// ```
/// use xinzhi_discourse::keyness;
/// let same = keyness(10, 20, 1_000, 2_000).unwrap();
/// assert!(same.log_likelihood.abs() < 1e-12 && same.p_value > 0.999 && same.log_ratio == 0.0);
/// // twice the share is a log ratio of 1 and a difference of 100 %
/// let twice = keyness(20, 10, 1_000, 1_000).unwrap();
/// assert_eq!((twice.log_ratio, twice.percent_difference, twice.more), (1.0, 100.0, true));
/// assert_eq!(keyness(3, 0, 0, 10), None);
/// ```
pub fn keyness(a: u64, b: u64, c: u64, d: u64) -> Option<Keyness> {
    if c == 0 || d == 0 || a > c || b > d {
        return None;
    }
    let [x, y, n, m] = [a, b, c, d].map(|v| v as f64);
    let share = (x + y) / (n + m);
    let term = |count: f64, expected: f64| if count > 0.0 { count * (count / expected).ln() } else { 0.0 };
    // rounding may put a sum of almost nothing below 0
    let log_likelihood = (2.0 * (term(x, n * share) + term(y, m * share))).max(0.0);
    let half = |count: f64| if count > 0.0 { count } else { 0.5 };
    let (here, there) = (x / n, y / m);
    Some(Keyness {
        log_likelihood,
        p_value: chi_squared_survival(log_likelihood),
        log_ratio: if a == 0 && b == 0 { 0.0 } else { ((half(x) / n) / (half(y) / m)).log2() },
        percent_difference: if b == 0 { f64::NAN } else { 100.0 * (here - there) / there },
        more: here > there,
    })
}

/// The probability that χ² with one degree of freedom is at least `x`: `erfc(√(x/2))`.
///
/// ```
/// use xinzhi_discourse::chi_squared_survival;
/// assert!((chi_squared_survival(3.841458820694124) - 0.05).abs() < 1e-14);
/// assert!((chi_squared_survival(10.827566170662733) - 0.001).abs() < 1e-15);
/// ```
pub fn chi_squared_survival(x: f64) -> f64 {
    if x.is_nan() { f64::NAN } else { complementary_error_function((x.max(0.0) / 2.0).sqrt()) }
}

/// erfc(x) for x ≥ 0: one less the series of erf (Abramowitz and Stegun 7.1.6) below 2, the continued fraction (7.1.14) above.
fn complementary_error_function(x: f64) -> f64 {
    let root_pi = std::f64::consts::PI.sqrt();
    if x < 2.0 {
        // 2/√π e^(−x²) Σ 2ⁿ x^(2n+1) / (1·3·…·(2n+1)): all terms are positive
        let (mut term, mut sum, mut n) = (x, x, 0.0);
        while term > sum * 1e-18 {
            n += 1.0;
            term *= 2.0 * x * x / (2.0 * n + 1.0);
            sum += term;
        }
        return 1.0 - 2.0 / root_pi * (-x * x).exp() * sum;
    }
    // evaluated from far inside outwards
    let mut fraction = x;
    for k in (1..=120).rev() {
        fraction = x + f64::from(k) / 2.0 / fraction;
    }
    (-x * x).exp() / (root_pi * fraction)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn the_complementary_error_function_has_its_tabulated_values() {
        // Abramowitz and Stegun, table 7.1, and Python's math.erfc
        for (x, value) in [
            (0.0, 1.0),
            (0.5, 0.4795001221869535),
            (1.0, 0.15729920705028513),
            (1.9999, 0.004679802092970608),
            (2.0, 0.004677734981047266),
            (3.0, 2.209049699858544e-05),
            (5.0, 1.5374597944280347e-12),
        ] {
            let found = complementary_error_function(x);
            let tolerance = if x < 1.99 { 1e-15 } else { value * 1e-12 };
            assert!((found - value).abs() <= tolerance.max(1e-16), "erfc({x}) = {found}, not {value}");
        }
        assert_eq!(chi_squared_survival(f64::INFINITY), 0.0);
    }

    #[test]
    fn what_is_absent_on_one_side_has_a_finite_log_ratio() {
        let only_here = keyness(8, 0, 1000, 4000).unwrap();
        assert!((only_here.log_ratio - (8.0 / 1000.0 / (0.5 / 4000.0_f64)).log2()).abs() < 1e-12);
        assert!((only_here.log_likelihood - 2.0 * 8.0 * 5.0_f64.ln()).abs() < 1e-12);
        assert!(only_here.percent_difference.is_nan());
        assert!(!keyness(0, 8, 1000, 4000).unwrap().more);
    }
}
