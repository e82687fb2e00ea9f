//! Growth accounting on the Penn World Table 10.01 (see `data/README.md`) and on made series.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use frame::Period;
use proptest::prelude::*;
use xinzhi_measure::{GrowthAccountingOptions, GrowthSeries, LabourShare, MeasureError, compare_productivity, decades, growth_accounting};

const CHINA: &str = include_str!("data/pwt1001_china.csv");
const UNITED_STATES: &str = include_str!("data/pwt1001_united_states.csv");

fn column(table: &str, name: &str) -> Vec<f64> {
    let mut lines = table.lines();
    let at = lines.next().unwrap().split(',').position(|c| c == name).unwrap();
    lines.map(|line| line.split(',').nth(at).unwrap().parse().unwrap()).collect()
}

fn series(table: &str, capital: &str) -> GrowthSeries {
    GrowthSeries {
        years: column(table, "year").iter().map(|y| *y as i32).collect(),
        output: column(table, "rgdpna"),
        capital: column(table, capital),
        employment: column(table, "emp"),
        human_capital: Some(column(table, "hc")),
        labour_share: column(table, "labsh"),
        hours: Some(column(table, "avh")),
    }
}

/// With capital services, hours and human capital the residual is the published `rtfpna`, year by year, to the single precision in
/// which the table is published.
#[test]
fn capital_services_and_hours_repeat_the_published_productivity() {
    for table in [CHINA, UNITED_STATES] {
        let result = growth_accounting(&series(table, "rkna"), 1990, 2019, &GrowthAccountingOptions::default()).unwrap();
        let published = column(table, "rtfpna");
        assert_eq!(result.years.len(), 29);
        for (i, year) in result.years.iter().enumerate() {
            assert!((year.productivity - (published[i + 1] / published[i]).ln()).abs() < 2e-7, "{year:?}");
        }
        let comparison = compare_productivity(&result, &series(table, "rkna").years, &published).unwrap();
        assert!(comparison.difference.abs() < 1e-8, "{comparison:?}");
    }
}

/// With the capital stock the residual differs, and by the amounts computed independently (in numpy) from the same table.
#[test]
fn capital_stock_differs_from_the_published_productivity_and_says_by_how_much() {
    let years = series(CHINA, "rnna").years;
    let published = column(CHINA, "rtfpna");
    let with_hours = growth_accounting(&series(CHINA, "rnna"), 1990, 2019, &GrowthAccountingOptions::default()).unwrap();
    let persons = GrowthSeries { hours: None, ..series(CHINA, "rnna") };
    let with_persons = growth_accounting(&persons, 1990, 2019, &GrowthAccountingOptions::default()).unwrap();
    assert!((with_hours.total.productivity - 0.0070998220914665015).abs() < 1e-12);
    assert!((with_persons.total.productivity - 0.008992419873099159).abs() < 1e-12);
    assert!(with_hours.labour_in_hours && !with_persons.labour_in_hours);
    let comparison = compare_productivity(&with_hours, &years, &published).unwrap();
    assert!((comparison.published - 0.0062388898158822195).abs() < 1e-12);
    assert!((comparison.difference - (0.0070998220914665015 - 0.0062388898158822195)).abs() < 1e-12);
}

#[test]
fn contributions_add_up_and_decades_average_to_the_whole() {
    let options = GrowthAccountingOptions { sub_periods: decades(1990, 2019), ..Default::default() };
    let result = growth_accounting(&series(CHINA, "rnna"), 1990, 2019, &options).unwrap();
    assert_eq!(result.sub_periods.iter().map(|p| p.period.to_string()).collect::<Vec<_>>(), ["1990-2000", "2000-2010", "2010-2019"]);
    let direct = (series(CHINA, "rnna").output[29] / series(CHINA, "rnna").output[0]).ln() / 29.0;
    assert!((result.total.output - direct).abs() < 1e-12);
    for part in result.sub_periods.iter().chain([&result.total]) {
        let sum = part.capital + part.employment + part.human_capital.unwrap() + part.productivity;
        assert!((sum - part.output).abs() < 1e-12);
        assert!((part.extensive_share.unwrap() + part.intensive_share.unwrap() - 1.0).abs() < 1e-12);
    }
    let weighted: f64 = result.sub_periods.iter().map(|p| p.productivity * f64::from(p.period.to - p.period.from)).sum::<f64>() / 29.0;
    assert!((weighted - result.total.productivity).abs() < 1e-12);
}

#[test]
fn what_is_missing_is_refused_by_name_and_year() {
    let refuse = |change: &dyn Fn(&mut GrowthSeries), options: GrowthAccountingOptions| {
        let mut s = series(CHINA, "rnna");
        change(&mut s);
        growth_accounting(&s, 1990, 2019, &options).unwrap_err()
    };
    let default = GrowthAccountingOptions::default;
    assert_eq!(refuse(&|s| s.labour_share[3] = f64::NAN, default()), MeasureError::MissingLabourShare { year: 1993 });
    assert_eq!(refuse(&|s| s.capital[5] = f64::NAN, default()), MeasureError::MissingValue { series: "capital", year: 1995 });
    assert_eq!(refuse(&|s| s.output[0] = 0.0, default()), MeasureError::NotPositive { series: "output", year: 1990, value: 0.0 });
    assert_eq!(refuse(&|s| s.labour_share[0] = 1.2, default()), MeasureError::LabourShareRange { year: 1990, value: 1.2 });
    assert_eq!(refuse(&|s| s.years[4] = 1993, default()), MeasureError::YearOrder { year: 1993 });
    assert!(matches!(refuse(&|s| s.hours = Some(vec![]), default()), MeasureError::SeriesLength { series: "hours", .. }));
    let outside = GrowthAccountingOptions { sub_periods: vec![Period::span(1980, 1995)], ..default() };
    assert!(matches!(refuse(&|_| (), outside), MeasureError::SubPeriod { .. }));
    let short = series(CHINA, "rnna");
    assert_eq!(growth_accounting(&short, 1985, 2019, &default()).unwrap_err(), MeasureError::MissingValue { series: "output", year: 1985 });
    assert!(growth_accounting(&short, 2000, 2000, &default()).is_err());
}

#[test]
fn a_stated_constant_fills_a_missing_labour_share_and_is_named() {
    let mut s = series(CHINA, "rnna");
    s.labour_share[3] = f64::NAN;
    let options = GrowthAccountingOptions { labour_share: LabourShare::ObservedOr(0.6), ..Default::default() };
    assert_eq!(growth_accounting(&s, 1990, 2019, &options).unwrap().filled_labour_shares, [1993]);
    let constant = GrowthAccountingOptions { labour_share: LabourShare::Constant(0.6), ..Default::default() };
    let result = growth_accounting(&s, 1990, 2019, &constant).unwrap();
    assert!(result.years.iter().all(|y| y.labour_share == 0.6) && result.filled_labour_shares.is_empty());
}

#[test]
fn a_decline_has_no_shares_of_growth() {
    let s = GrowthSeries {
        years: vec![2000, 2001],
        output: vec![100.0, 90.0],
        capital: vec![300.0, 303.0],
        employment: vec![50.0, 51.0],
        labour_share: vec![0.6, 0.5],
        ..Default::default()
    };
    let total = growth_accounting(&s, 2000, 2001, &GrowthAccountingOptions::default()).unwrap().total;
    assert_eq!((total.extensive_share, total.intensive_share, total.human_capital), (None, None, None));
    assert!((total.capital - 0.45 * 1.01f64.ln()).abs() < 1e-15);
}

proptest! {
    /// The identity holds, and growth does not depend on the units in which output, capital and labour are measured.
    #[test]
    fn identity_and_units(
        rows in prop::collection::vec((1.0..1e6f64, 1.0..1e6f64, 1.0..1e6f64, 1.0..4.0f64, 0.05..0.95f64), 2..30),
        scale in 1e-3..1e3f64,
    ) {
        let pick = |f: fn(&(f64, f64, f64, f64, f64)) -> f64| rows.iter().map(f).collect::<Vec<_>>();
        let last = 1999 + rows.len() as i32;
        let s = GrowthSeries {
            years: (2000..=last).collect(),
            output: pick(|r| r.0),
            capital: pick(|r| r.1),
            employment: pick(|r| r.2),
            human_capital: Some(pick(|r| r.3)),
            labour_share: pick(|r| r.4),
            hours: None,
        };
        let a = growth_accounting(&s, 2000, last, &GrowthAccountingOptions::default()).unwrap().total;
        prop_assert!((a.capital + a.employment + a.human_capital.unwrap() + a.productivity - a.output).abs() < 1e-12);
        let scaled = GrowthSeries {
            output: s.output.iter().map(|v| v * scale).collect(),
            capital: s.capital.iter().map(|v| v * scale).collect(),
            employment: s.employment.iter().map(|v| v * scale).collect(),
            ..s.clone()
        };
        let b = growth_accounting(&scaled, 2000, last, &GrowthAccountingOptions::default()).unwrap().total;
        prop_assert!((a.productivity - b.productivity).abs() < 1e-10);
    }
}
