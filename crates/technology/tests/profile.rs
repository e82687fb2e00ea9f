//! Profiles, heat maps and knowledge complexity on counts worked out by hand.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use frame::{LabelledMatrix, Labels, Period};
use proptest::prelude::*;
use xinzhi_technology::*;

fn counts(places: &[&str], fields: &[&str], values: &[f64]) -> LabelledMatrix {
    let rows = Labels::new("places", places.iter().copied()).unwrap();
    LabelledMatrix::new(rows, Labels::new("fields", fields.iter().copied()).unwrap(), values.to_vec()).unwrap()
}

const YEARS: ((i32, i32), (i32, i32)) = ((2006, 2010), (2016, 2020));

#[test]
fn growth_is_measured_against_the_world_and_refused_on_few_counts() {
    let fields = ["big", "few", "new", "shrinking"];
    let base = counts(&["A", "B"], &fields, &[100.0, 4.0, 2.0, 50.0, 100.0, 200.0, 100.0, 150.0]);
    let recent = counts(&["A", "B"], &fields, &[400.0, 5.0, 60.0, 90.0, 200.0, 100.0, 200.0, 10.0]);
    let profile = field_profile(&base, &recent, "A", &FieldProfileOptions::years(YEARS.0, YEARS.1)).unwrap();
    let [big, few, new, shrinking] = &profile.fields[..] else { panic!("four fields") };
    let annual = |ratio: f64| ratio.powf(0.1) - 1.0;
    assert!((big.growth.unwrap() - annual(4.0)).abs() < 1e-12 && (big.world_growth.unwrap() - annual(3.0)).abs() < 1e-12);
    assert_eq!(big.rising, Some(true));
    assert_eq!((big.rank.unwrap().rank, big.rank.unwrap().of), (1, 2));
    let (low, high) = big.growth_interval.unwrap();
    // log ratio ln 4 ± 1.96·√(1/400 + 1/100), over ten years
    let half = 1.959_963_984_540_054 * (1.0_f64 / 400.0 + 1.0 / 100.0).sqrt();
    assert!((low - (((4.0_f64.ln() - half) / 10.0).exp() - 1.0)).abs() < 1e-12);
    assert!((high - (((4.0_f64.ln() + half) / 10.0).exp() - 1.0)).abs() < 1e-12);
    assert!(few.growth.is_none() && few.rising.is_none() && few.refusal.as_ref().unwrap().en.contains("4 in 2006-2010 and 5 in 2016-2020"));
    assert!(few.advantage < 0.2, "five where the world's mix would give 55: small, but known");
    assert!(new.growth.is_none() && new.refusal.is_some(), "two counts are no base for a growth rate");
    assert!(new.advantage.is_finite());
    assert_eq!(shrinking.rising, Some(false), "the place grows, the world shrinks");
    assert!((profile.world_share - 555.0 / 1065.0).abs() < 1e-12);
    let total: f64 = profile.fields.iter().map(|f| f.share).sum();
    assert!((total - 1.0).abs() < 1e-12);
}

#[test]
fn windows_of_different_length_compare_years() {
    let base = counts(&["A"], &["f"], &[100.0]);
    let recent = counts(&["A"], &["f"], &[200.0]);
    // 50 a year in 2009–2010, 40 a year in 2016–2020: 8.5 years between the middles
    let profile = field_profile(&base, &recent, "A", &FieldProfileOptions::years((2009, 2010), (2016, 2020))).unwrap();
    assert!((profile.fields[0].growth.unwrap() - (0.8_f64.powf(1.0 / 8.5) - 1.0)).abs() < 1e-12);
}

#[test]
fn advantage_on_too_few_counts_is_not_given() {
    let table = counts(&["A", "B"], &["f", "g"], &[4.0, 4.0, 100.0, 900.0]);
    let profile = field_profile(&table, &table, "A", &FieldProfileOptions::years(YEARS.0, YEARS.1)).unwrap();
    assert!(profile.fields.iter().all(|f| f.advantage.is_nan()));
    let map = advantage_over_time(&[(Period::year(2020), table)], "A", &AdvantageOptions { minimum_count: 4.0 }).unwrap();
    assert!((map.get("f", "2020").unwrap() - 0.5 / (104.0 / 1008.0)).abs() < 1e-12);
}

#[test]
fn a_heat_map_covers_all_fields_of_all_windows() {
    let early = counts(&["B"], &["f", "g"], &[50.0, 50.0]);
    let late = counts(&["A", "B"], &["h", "f"], &[30.0, 10.0, 10.0, 30.0]);
    let windows = [(Period::span(2001, 2005), early), (Period::span(2006, 2010), late)];
    let map = advantage_over_time(&windows, "A", &AdvantageOptions::default()).unwrap();
    assert_eq!(map.rows().names(), ["f", "g", "h"]);
    assert!(map.get("f", "2001-2005").unwrap().is_nan() && map.get("g", "2006-2010").unwrap().is_nan());
    assert_eq!(map.get("h", "2006-2010"), Some(1.5));
    assert!(advantage_over_time(&windows, "Z", &AdvantageOptions::default()).is_err());
    assert_eq!(advantage_over_time(&[], "A", &AdvantageOptions::default()), Err(TechnologyError::NoPeriods));
}

#[test]
fn refusals_name_the_reason() {
    let table = counts(&["A", "B"], &["f", "g"], &[40.0, 4.0, 100.0, 900.0]);
    let options = FieldProfileOptions::years(YEARS.1, YEARS.0);
    assert!(matches!(field_profile(&table, &table, "A", &options), Err(TechnologyError::Windows { .. })));
    let options = FieldProfileOptions::years(YEARS.0, YEARS.1);
    let other = counts(&["A"], &["x"], &[1.0]);
    assert!(matches!(field_profile(&other, &table, "A", &options), Err(TechnologyError::NoCommonField { .. })));
    assert!(field_profile(&table, &table, "Z", &options).is_err());
    assert!(field_profile(&table, &counts(&["A"], &["f"], &[-1.0]), "A", &options).is_err());
    let knowledge = KnowledgeComplexityOptions { minimum_patents: 500.0, ..Default::default() };
    assert!(matches!(knowledge_complexity(&table, &knowledge), Err(TechnologyError::TooFewPlaces { kept: 1, places: 2, .. })));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    /// Dropping small places by the option is the same as never having had them.
    #[test]
    fn dropped_places_leave_no_trace(values in proptest::collection::vec(0.0..100.0_f64, 30)) {
        let places = ["A", "B", "C", "D", "E"];
        let fields = ["f", "g", "h", "i", "j", "k"];
        let mut all = values.clone();
        all.extend([1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
        let with = counts(&[&places[..], &["small"]].concat(), &fields, &all);
        let without = counts(&places, &fields, &values);
        let options = KnowledgeComplexityOptions::default();
        let (Ok(with), Ok(without)) = (knowledge_complexity(&with, &options), knowledge_complexity(&without, &options)) else { return Ok(()) };
        prop_assert_eq!(with.eci(), without.eci());
        prop_assert!(with.dropped.iter().any(|(place, count)| place == "small" && *count == 21.0));
    }
}
