//! Ranks, growth rates and the enabler that lags.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use proptest::prelude::*;
use xinzhi_measure::{BindingOptions, Dimension, Direction, MeasureError, annual_growth, lagging_dimension, rank};

fn section(values: &[f64]) -> Vec<(String, f64)> {
    values.iter().enumerate().map(|(i, v)| (format!("P{i}"), *v)).collect()
}

fn dimension(id: &str, percentiles: &[f64]) -> Dimension {
    Dimension { id: id.into(), indicators: percentiles.iter().enumerate().map(|(i, p)| (format!("{id}{i}"), *p)).collect() }
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
    let clear = [dimension("talent", &[0.8, 1.0]), dimension("reform", &[0.1, 0.3]), dimension("technology", &[0.5, 0.7])];
    let result = lagging_dimension(&clear, &options);
    assert_eq!(result.lagging.as_deref(), Some("reform"));
    assert!((result.gap.unwrap() - 0.4).abs() < 1e-12 && (result.required_gap.unwrap() - 0.02f64.sqrt()).abs() < 1e-12);
    let strict = BindingOptions { standard_errors: 3.0, ..options };
    assert!(lagging_dimension(&clear, &strict).lagging.is_none());
    // two that agree by chance are still held to the smallest gap
    let agreed = [dimension("talent", &[0.5, 0.5]), dimension("b", &[0.55, 0.55])];
    let refused = lagging_dimension(&agreed, &options);
    let reason = refused.refusal.unwrap();
    assert!(refused.lagging.is_none() && reason.en.contains("nothing binds clearly") && reason.zh.contains("人才"));
}

#[test]
fn thin_dimensions_are_shown_but_not_compared() {
    let thin = [dimension("talent", &[0.8, 0.9]), dimension("reform", &[0.01]), dimension("environment", &[f64::NAN, 1.7, 0.2])];
    let result = lagging_dimension(&thin, &BindingOptions::default());
    assert!(result.lagging.is_none() && result.gap.is_none() && result.refusal.is_some());
    assert_eq!(
        result.dimensions.iter().map(|d| (d.compared, d.indicators, d.excluded)).collect::<Vec<_>>(),
        [(true, 2, 0), (false, 1, 0), (false, 1, 2)]
    );
    assert!(lagging_dimension(&[], &BindingOptions::default()).refusal.is_some());
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

    /// A named dimension has the lowest mean of those compared, whatever the order in which they come.
    #[test]
    fn order_does_not_matter(percentiles in prop::collection::vec(prop::collection::vec(0.0..=1.0f64, 0..5), 1..5)) {
        let forward: Vec<Dimension> = percentiles.iter().enumerate().map(|(i, p)| dimension(&format!("d{i}"), p)).collect();
        let backward: Vec<Dimension> = forward.iter().rev().cloned().collect();
        let a = lagging_dimension(&forward, &BindingOptions::default());
        let b = lagging_dimension(&backward, &BindingOptions::default());
        prop_assert_eq!(a.lagging.is_some(), a.refusal.is_none());
        if let (Some(x), Some(y)) = (&a.lagging, &b.lagging) {
            prop_assert_eq!(x, y);
            let lowest = a.dimensions.iter().filter(|d| d.compared).filter_map(|d| d.mean).fold(f64::INFINITY, f64::min);
            prop_assert_eq!(a.dimensions.iter().find(|d| &d.id == x).unwrap().mean.unwrap(), lowest);
        }
    }
}
