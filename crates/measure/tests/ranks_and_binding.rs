//! Ranks, growth rates and the enabler that lags.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use proptest::prelude::*;
use xinzhi_measure::{BindingOptions, Direction, MeasureError, NothingBinds, annual_growth, binding_dimension, rank};

fn section(values: &[f64]) -> Vec<(String, f64)> {
    values.iter().enumerate().map(|(i, v)| (format!("P{i}"), *v)).collect()
}

/// Indicators of a dimension, in the form the rule takes.
fn dimension(id: &'static str, percentiles: &[f64]) -> Vec<(&'static str, &'static str, f64)> {
    percentiles.iter().map(|p| (id, "indicator", *p)).collect()
}

#[test]
fn competition_ranks_turn_with_the_direction() {
    let values = section(&[10.0, 20.0, 20.0, 40.0, f64::NAN, f64::INFINITY]);
    let high = rank(&values, "P1", Direction::HigherIsBetter).unwrap();
    assert_eq!((high.rank, high.of, high.ties, high.excluded, high.median), (2, 4, 1, 2, 20.0));
    let low = rank(&values, "P0", Direction::LowerIsBetter).unwrap();
    assert_eq!((low.rank, low.percentile), (1, 1.0));
    assert_eq!(rank(&values, "P3", Direction::LowerIsBetter).unwrap().percentile, 0.0);
    assert!(rank(&values, "P4", Direction::HigherIsBetter).is_none());
    assert!(rank(&values, "nowhere", Direction::HigherIsBetter).is_none());
    assert!(rank(&section(&[1.0, f64::NAN]), "P0", Direction::HigherIsBetter).is_none());
}

#[test]
fn growth_refuses_a_base_of_zero_and_turned_years() {
    let g = annual_growth(2010, 100.0, 2012, 121.0).unwrap();
    assert!((g.compound - 0.1).abs() < 1e-14 && (g.logarithmic - 1.1f64.ln()).abs() < 1e-14 && g.years == 2);
    assert!(matches!(annual_growth(2010, -1.0, 2012, 1.0), Err(MeasureError::NotPositive { year: 2010, .. })));
    assert!(matches!(annual_growth(2010, 1.0, 2012, f64::NAN), Err(MeasureError::NotPositive { year: 2012, .. })));
    assert!(matches!(annual_growth(2012, 1.0, 2012, 1.0), Err(MeasureError::PeriodOrder { .. })));
}

#[test]
fn the_lagging_dimension_is_named_only_beyond_the_spread() {
    let options = BindingOptions::default();
    // means 0.9, 0.2, 0.6; pooled s^2 = (0.02 + 0.02 + 0.02) / 3; required = max(0.1, sqrt(0.02) * 1) = 0.1414
    let clear = [dimension("talent", &[0.8, 1.0]), dimension("reform", &[0.1, 0.3]), dimension("technology", &[0.5, 0.7])].concat();
    let result = binding_dimension(&clear, &options).unwrap();
    assert_eq!((result.dimension.as_str(), result.next.as_str()), ("reform", "technology"));
    assert!((result.gap - 0.4).abs() < 1e-12 && (result.required_gap - 0.02f64.sqrt()).abs() < 1e-12);
    assert!(binding_dimension(&clear, &BindingOptions { standard_errors: 3.0, ..options }).is_err());
    // two that agree by chance are still held to the smallest gap
    let agreed = [dimension("talent", &[0.5, 0.5]), dimension("reform", &[0.55, 0.55])].concat();
    let refused = binding_dimension(&agreed, &options).unwrap_err();
    assert!(refused.to_string().contains("nothing binds clearly") && refused.text().zh.contains("人才"));
}

#[test]
fn thin_dimensions_are_shown_but_not_compared() {
    let thin = [dimension("talent", &[0.8, 0.9]), dimension("reform", &[0.01]), dimension("environment", &[f64::NAN, 1.7, 0.2])].concat();
    let NothingBinds::TooFew { compared, minimum, dimensions } = binding_dimension(&thin, &BindingOptions::default()).unwrap_err() else {
        panic!("one dimension cannot be compared with itself")
    };
    assert_eq!((compared, minimum), (1, 2));
    let seen: Vec<_> = dimensions.iter().map(|d| (d.id.as_str(), d.compared, d.indicators, d.excluded)).collect();
    assert_eq!(seen, [("environment", false, 1, 2), ("reform", false, 1, 0), ("talent", true, 2, 0)]);
    assert!(binding_dimension(&[], &BindingOptions::default()).is_err());
}

proptest! {
    /// Turning the direction mirrors the rank: best rank + worst rank + ties = places + 1; percentiles sum to 1.
    #[test]
    fn directions_mirror(values in prop::collection::vec(prop_oneof![0..6i32, Just(9)], 2..40), at in 0..40usize) {
        let values: Vec<f64> = values.into_iter().map(f64::from).collect();
        let place = format!("P{}", at % values.len());
        let high = rank(&section(&values), &place, Direction::HigherIsBetter).unwrap();
        let low = rank(&section(&values), &place, Direction::LowerIsBetter).unwrap();
        prop_assert_eq!(high.rank + low.rank + high.ties, values.len() + 1);
        prop_assert!((high.percentile + low.percentile - 1.0).abs() < 1e-12);
        prop_assert!((0.0..=1.0).contains(&high.percentile));
    }

    /// A named dimension has the lowest mean of those compared, and no mean of those compared lies within the required gap of it.
    #[test]
    fn the_named_dimension_is_the_lowest(standings in prop::collection::vec((0..4usize, 0.0..=1.0f64), 0..16)) {
        let names = ["talent", "environment", "reform", "technology"];
        let standings: Vec<(&str, &str, f64)> = standings.iter().map(|(d, p)| (names[*d], "indicator", *p)).collect();
        if let Ok(binding) = binding_dimension(&standings, &BindingOptions::default()) {
            for other in binding.dimensions.iter().filter(|d| d.compared && d.id != binding.dimension) {
                prop_assert!(other.mean.unwrap() > binding.mean + binding.required_gap - 1e-12);
                prop_assert!(other.mean.unwrap() >= binding.next_mean);
            }
        }
    }
}
