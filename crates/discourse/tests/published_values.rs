//! Measures against published values and against fifty digits.
#![allow(clippy::excessive_precision, clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use proptest::prelude::*;
use xinzhi_discourse::{association, deviation_of_proportions, keyness};

/// The formula of the UCREL calculator (Rayson and Garside 2000), worked out with fifty decimal digits.
#[test]
fn keyness_agrees_with_fifty_digits() {
    for (a, b, c, d, value) in [
        (110, 20, 5_000, 8_000, 118.008_844_835_343_812_528),
        (3, 0, 1_000, 4_000, 9.656_627_474_604_602_247),
        (1_200, 900, 1_000_000, 1_000_000, 43.004_118_609_789_347_824),
        (52, 61, 92_457, 287_365, 25.045_895_905_970_137_391),
    ] {
        let found = keyness(a, b, c, d).unwrap().log_likelihood;
        assert!((found - value).abs() < 1e-9, "{a} {b} {c} {d}: {found}, not {value}");
    }
}

/// Dunning (1993), bigrams by the likelihood ratio ("the swiss", "can be", "previous year", "mineral water"): counts and −2 log λ as printed,
/// and with fifty digits.
#[test]
fn association_agrees_with_dunning() {
    for (both, first_only, second_only, neither, printed, value) in [
        (110, 2_442, 111, 29_114, 270.72, 270.721_876_936_232_555_662),
        (29, 13, 123, 31_612, 263.90, 263.896_626_067_557_968_114),
        (31, 23, 139, 31_584, 256.84, 256.836_501_579_314_511_549),
        (10, 0, 3, 31_764, 167.23, 167.229_803_910_516_766_899),
    ] {
        let windows = both + first_only + second_only + neither;
        let found = association(both, both + first_only, both + second_only, windows).unwrap().log_likelihood;
        assert!((found - value).abs() < 1e-8, "{found}, not {value}");
        assert!((found - printed).abs() < 0.005, "{found}, printed {printed}");
    }
}

/// A word in five parts of 9, 10, 10, 10 and 11 words, 1 to 5 times, by hand.
#[test]
fn dispersion_by_hand() {
    let found = deviation_of_proportions(&[1, 2, 3, 4, 5], &[9, 10, 10, 10, 11]).unwrap();
    // shares of words .18 .2 .2 .2 .22, of the word 1/15 2/15 3/15 4/15 5/15: (17 + 10 + 0 + 10 + 17) / 150 / 2
    assert!((found - 0.18).abs() < 1e-12, "{found}");
}

proptest! {
    #[test]
    fn keyness_is_not_negative_and_turns_with_its_sides(a in 0u64..500, b in 0u64..500, c in 500u64..100_000, d in 500u64..100_000) {
        let (one, other) = (keyness(a, b, c, d).unwrap(), keyness(b, a, d, c).unwrap());
        prop_assert!(one.log_likelihood >= 0.0 && (0.0..=1.0).contains(&one.p_value));
        prop_assert!((one.log_likelihood - other.log_likelihood).abs() < 1e-9);
        prop_assert!((one.log_ratio + other.log_ratio).abs() < 1e-9);
    }

    #[test]
    fn normalised_information_stays_within_one(both in 0u64..50, a in 0u64..50, b in 0u64..50, rest in 0u64..1000) {
        if let Some(found) = association(both, both + a, both + b, both + a + b + rest) {
            prop_assert!((-1.0 - 1e-9..=1.0 + 1e-9).contains(&found.normalised_mutual_information));
            prop_assert!(found.log_likelihood >= 0.0);
        }
    }
}
