//! Logistic regression, trees, scores and calibration against scikit-learn, identities and worked examples.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use frame::Labels;
use proptest::prelude::*;
use xinzhi_industry::*;

/// Made up by a formula; the same in the script that gave the expected numbers: scikit-learn 1.9 or later with numpy, Python 3.11,
/// `LogisticRegression(C=1/ridge (inf for 0), solver="newton-cholesky", tol=1e-14).fit((X - X.mean(0)) / X.std(0), y)`.
fn sixty_cases() -> (Features, Vec<bool>) {
    let (mut values, mut entered) = (Vec::new(), Vec::new());
    for i in 0..60_u32 {
        let x = [f64::from((7 * i) % 23) / 10.0, f64::from((11 * i + 3) % 19) - 9.0, f64::from((5 * i * i + 1) % 17) * 100.0];
        entered.push(f64::from((13 * i + 5 * (i % 7)) % 10) + x[0] * 2.0 - x[1] * 0.2 > 7.5);
        values.extend(x);
    }
    (Features::new(Labels::new("features", ["a", "b", "c"]).unwrap(), values).unwrap(), entered)
}

fn near(a: f64, b: f64, tolerance: f64) -> bool {
    (a - b).abs() <= tolerance
}

#[test]
fn logistic_regression_agrees_with_scikit_learn() {
    let (features, entered) = sixty_cases();
    assert_eq!(entered.iter().filter(|e| **e).count(), 25);
    let expected = [
        (0.0, -0.37315624378131945, [0.5354844118237971, -0.4253331601435611, 0.05219185272800781], 0.2916855845991398),
        (1.0, -0.367836100138107, [0.4922846316892469, -0.39020222985362174, 0.05255334093784124], 0.29937645466839025),
        (10.0, -0.3482915708503002, [0.2953446908655115, -0.23223526019318808, 0.045117272733405565], 0.33930779106900627),
    ];
    for (ridge, intercept, coefficients, first) in expected {
        let model = logistic_regression(&features, &entered, &LogisticOptions { ridge, ..Default::default() }).unwrap();
        assert!(near(model.intercept, intercept, 1e-9), "{ridge}: {}", model.intercept);
        assert!(model.coefficients.iter().zip(coefficients).all(|(a, b)| near(*a, b, 1e-9)), "{ridge}: {:?}", model.coefficients);
        assert!(near(model.probabilities(&features).unwrap()[0], first, 1e-9));
        assert!(!model.separated);
    }
    // without a penalty the mean probability is the share that entered
    let model = logistic_regression(&features, &entered, &LogisticOptions { ridge: 0.0, ..Default::default() }).unwrap();
    assert!(near(model.probabilities(&features).unwrap().iter().sum::<f64>(), 25.0, 1e-8));
}

#[test]
fn separated_collinear_and_constant_features() {
    let one = |values: Vec<f64>, names: &[&str]| Features::new(Labels::new("features", names.iter().copied()).unwrap(), values).unwrap();
    let x = one((0..40).map(f64::from).collect(), &["x"]);
    let entered: Vec<bool> = (0..40).map(|i| i >= 20).collect();
    let free = LogisticOptions { ridge: 0.0, ..Default::default() };
    assert_eq!(logistic_regression(&x, &entered, &free), Err(IndustryError::Separated));
    let held = logistic_regression(&x, &entered, &LogisticOptions::default()).unwrap();
    assert!(held.separated && held.coefficients[0].is_finite() && held.coefficients[0] > 1.0);

    let twice = one((0..40).flat_map(|i| [f64::from(i % 7), 3.0 - 2.0 * f64::from(i % 7)]).collect(), &["x", "y"]);
    let mixed: Vec<bool> = (0..40).map(|i| (i * 7) % 5 < 2).collect();
    assert_eq!(logistic_regression(&twice, &mixed, &free), Err(IndustryError::Collinear { what: "logistic", regressor: "y".to_owned() }));
    let shared = logistic_regression(&twice, &mixed, &LogisticOptions::default()).unwrap();
    assert!(near(shared.coefficients[0], -shared.coefficients[1], 1e-9), "a ridge shares between the two");

    let constant = one((0..40).flat_map(|i| [0.1, f64::from(i % 7)]).collect(), &["still", "x"]);
    let model = logistic_regression(&constant, &mixed, &free).unwrap();
    assert_eq!((model.deviations[0], model.coefficients[0]), (0.0, 0.0));
    let alone = logistic_regression(&one((0..40).map(|i| f64::from(i % 7)).collect(), &["x"]), &mixed, &free).unwrap();
    assert!(near(model.coefficients[1], alone.coefficients[0], 1e-10));
    assert_eq!(logistic_regression(&x, &[true; 40], &free), Err(IndustryError::OneOutcome { entries: 40, cases: 40 }));
    assert!(matches!(logistic_regression(&x, &[true; 3], &free), Err(IndustryError::Cases { .. })));
    let wild = LogisticOptions { ridge: -1.0, ..Default::default() };
    assert!(matches!(logistic_regression(&x, &entered, &wild), Err(IndustryError::Option { option: "ridge", .. })));
    assert!(model.probabilities(&x).is_err(), "other features");
}

#[test]
fn scores_agree_with_scikit_learn() {
    let (_, entered) = sixty_cases();
    // many ties; scikit-learn's roc_auc_score, average_precision_score, brier_score_loss and log_loss gave the numbers
    let tenths = [
        0.5, 5., 1., 6., 2., 7., 3., 8., 4., 9., 4., 0.5, 5., 2., 6., 2., 7., 3., 8., 4., 9., 5., 1., 6., 2., 6., 3., 7., 3., 8., 4., 0.5,
        5., 1., 6., 2., 7., 3., 8., 4., 8., 4., 1., 5., 1., 6., 2., 7., 3., 8., 4., 9., 5., 1., 6., 2., 7., 3., 7., 3.,
    ];
    let scores: Vec<f64> = tenths.iter().map(|t| t / 10.0).collect();
    assert!(near(area_under_curve(&scores, &entered).unwrap(), 0.45428571428571424, 1e-12));
    assert!(near(average_precision(&scores, &entered).unwrap(), 0.3954315815166814, 1e-12));
    assert!(near(brier_score(&scores, &entered).unwrap(), 0.32679166666666665, 1e-12));
    assert!(near(log_loss(&scores, &entered).unwrap(), 0.9075635700101098, 1e-12));
    assert!(area_under_curve(&scores, &[true; 60]).is_err() && average_precision(&scores, &[false; 60]).is_err());
    assert!(area_under_curve(&[f64::NAN, 1.0], &[true, false]).is_err() && brier_score(&[], &[]).is_err());
}

#[test]
fn clustered_errors_are_those_of_delong_when_every_case_is_a_cluster() {
    let (_, entered) = sixty_cases();
    let scores: Vec<f64> = (0..60).map(|i| f64::from((i * 37) % 59)).collect();
    let half = vec![0.0; 60];
    let own: Vec<u32> = (0..60).collect();
    let found = curve_difference(&scores, &half, &entered, &own).unwrap();
    let auc = area_under_curve(&scores, &entered).unwrap();
    assert!(near(found.difference, auc - 0.5, 1e-12));
    // DeLong by its definition: sample variances of the placements over entries and over the others
    let (with, without): (Vec<usize>, Vec<usize>) = (0..60).partition(|i| entered[*i]);
    let placement = |i: usize, others: &[usize], sign: f64| {
        others.iter().map(|j| if (scores[i] - scores[*j]) * sign > 0.0 { 1.0 } else { 0.0 }).sum::<f64>() / others.len() as f64
    };
    let variance = |v: Vec<f64>| v.iter().map(|x| (x - auc).powi(2)).sum::<f64>() / (v.len() as f64 - 1.0) / v.len() as f64;
    let expected = variance(with.iter().map(|i| placement(*i, &without, 1.0)).collect())
        + variance(without.iter().map(|i| placement(*i, &with, -1.0)).collect());
    assert!(near(found.standard_error, expected.sqrt(), 1e-12), "{} {}", found.standard_error, expected.sqrt());
    let same = curve_difference(&scores, &scores, &entered, &own).unwrap();
    assert_eq!((same.difference, same.standard_error), (0.0, 0.0));
}

#[test]
fn trees_learn_what_no_line_can() {
    let names = || Labels::new("features", ["a", "b"]).unwrap();
    let grid: Vec<[f64; 2]> = (0..400).map(|i| [f64::from(i % 20), f64::from(i / 20)]).collect();
    // exclusive or, slightly off the middle so that the first split gains something
    let entered: Vec<bool> = grid.iter().map(|x| (x[0] < 9.0) != (x[1] < 9.0)).collect();
    let features = Features::new(names(), grid.concat()).unwrap();
    let options = BoostedTreesOptions { minimum_leaf: 5, ..Default::default() };
    let trees = boosted_trees(&features, &entered, &options).unwrap();
    let auc = area_under_curve(&trees.probabilities(&features).unwrap(), &entered).unwrap();
    let line = logistic_regression(&features, &entered, &LogisticOptions::default()).unwrap();
    let of_line = area_under_curve(&line.probabilities(&features).unwrap(), &entered).unwrap();
    assert!(auc > 0.999 && of_line < 0.6, "{auc} {of_line}");
    assert_eq!(trees.training_loss.len(), trees.len() + 1);
    assert!(trees.training_loss.windows(2).all(|w| w[1] < w[0]));
    // a case that is not on the grid
    assert!(trees.probability(&[2.5, 15.5]) > 0.9 && trees.probability(&[2.5, 2.5]) < 0.1);
    // the loss falls with whole steps too, and without a penalty
    let wild = BoostedTreesOptions { shrinkage: 1.0, ridge: 0.0, minimum_leaf: 1, depth: 6, ..options };
    let trees = boosted_trees(&features, &entered, &wild).unwrap();
    assert!(trees.training_loss.windows(2).all(|w| w[1] < w[0]));
    // nothing to split on: the base rate
    let still = Features::new(Labels::new("features", ["a"]).unwrap(), vec![1.0; 400]).unwrap();
    let none = boosted_trees(&still, &entered, &options).unwrap();
    let share = entered.iter().filter(|e| **e).count() as f64 / 400.0;
    assert!(none.is_empty() && near(none.probability(&[7.0]), share, 1e-12));
    for wrong in [
        BoostedTreesOptions { shrinkage: 0.0, ..options },
        BoostedTreesOptions { depth: 0, ..options },
        BoostedTreesOptions { bins: 257, ..options },
        BoostedTreesOptions { minimum_leaf: 0, ..options },
        BoostedTreesOptions { ridge: f64::NAN, ..options },
    ] {
        assert!(matches!(boosted_trees(&features, &entered, &wrong), Err(IndustryError::Option { .. })));
    }
}

#[test]
fn a_leaf_holds_its_newton_step() {
    // one split, one tree: the leaves are -G/(H + ridge) from the base rate of one half
    let x = Features::new(Labels::new("features", ["x"]).unwrap(), (0..8).map(f64::from).collect()).unwrap();
    let entered = [false, false, false, true, false, true, true, true];
    let options = BoostedTreesOptions { trees: 1, shrinkage: 1.0, depth: 1, minimum_leaf: 4, ridge: 1.0, bins: 8 };
    let model = boosted_trees(&x, &entered, &options).unwrap();
    // G = 4·½ − 1 = 1 below and −1 above, H = 4·¼ = 1
    let expected = 1.0 / (1.0 + 0.5_f64.exp());
    assert!(near(model.probability(&[3.4]), expected, 1e-12) && near(model.probability(&[3.6]), 1.0 - expected, 1e-12));
}

proptest! {
    #[test]
    fn calibration_tables_add_up(cases in prop::collection::vec((0_u8..30, any::<bool>()), 1..300), bins in 1_usize..15) {
        let p: Vec<f64> = cases.iter().map(|c| f64::from(c.0) / 30.0).collect();
        let entered: Vec<bool> = cases.iter().map(|c| c.1).collect();
        let table = calibration_table(&p, &entered, bins).unwrap();
        prop_assert_eq!(table.iter().map(|b| b.n).sum::<usize>(), cases.len());
        prop_assert_eq!(table.iter().map(|b| b.entries).sum::<usize>(), entered.iter().filter(|e| **e).count());
        prop_assert!(table.len() <= bins && table.windows(2).all(|w| w[0].to < w[1].from));
        for b in &table {
            prop_assert!(b.low <= b.observed + 1e-12 && b.observed <= b.high + 1e-12 && b.low >= -1e-12 && b.high <= 1.0 + 1e-12);
            prop_assert!(b.from <= b.mean_predicted + 1e-12 && b.mean_predicted <= b.to + 1e-12);
        }
        let total: f64 = table.iter().map(|b| b.n as f64 * b.mean_predicted).sum();
        prop_assert!((total - p.iter().sum::<f64>()).abs() < 1e-9);
        let error = expected_calibration_error(&table);
        prop_assert!((0.0..=1.0).contains(&error));
    }

    #[test]
    fn an_isotonic_map_rises_and_keeps_the_mean(cases in prop::collection::vec((0_u16..1000, 0_u8..10), 1..600)) {
        let s: Vec<f64> = cases.iter().map(|c| f64::from(c.0)).collect();
        let entered: Vec<bool> = cases.iter().map(|c| u16::from(c.1) * 100 < c.0).collect();
        let map = isotonic_calibration(&s, &entered).unwrap();
        prop_assert!(map.rates.windows(2).all(|w| w[0] <= w[1]) && map.scores.windows(2).all(|w| w[0] < w[1]));
        let at: Vec<f64> = (0..=1000).map(|v| map.calibrated(f64::from(v))).collect();
        prop_assert!(at.windows(2).all(|w| w[0] <= w[1] + 1e-15) && at.iter().all(|p| *p > 0.0 && *p < 1.0));
    }

    #[test]
    fn the_area_is_the_share_of_pairs_ranked_rightly(cases in prop::collection::vec((0_u8..12, any::<bool>()), 2..60)) {
        let (s, e): (Vec<f64>, Vec<bool>) = cases.iter().map(|c| (f64::from(c.0), c.1)).unzip();
        let (mut wins, mut pairs) = (0.0, 0.0);
        for i in (0..s.len()).filter(|i| e[*i]) {
            for j in (0..s.len()).filter(|j| !e[*j]) {
                pairs += 1.0;
                wins += if s[i] > s[j] { 1.0 } else if s[i] == s[j] { 0.5 } else { 0.0 };
            }
        }
        match area_under_curve(&s, &e) {
            Ok(area) => prop_assert!((area - wins / pairs).abs() < 1e-12),
            Err(_) => prop_assert_eq!(pairs, 0.0),
        }
    }

    #[test]
    fn the_precision_at_the_top_is_that_of_all_orders_of_ties(cases in prop::collection::vec((0_u8..4, any::<bool>()), 1..40), k in 1_usize..12) {
        let (s, e): (Vec<f64>, Vec<bool>) = cases.iter().map(|c| (f64::from(c.0), c.1)).unzip();
        let (mut r, mut f) = (s.clone(), e.clone());
        r.reverse();
        f.reverse();
        prop_assert_eq!(precision_at(k, &s, &e).unwrap(), precision_at(k, &r, &f).unwrap());
        prop_assert!((precision_at(usize::MAX, &s, &e).unwrap() - e.iter().filter(|v| **v).count() as f64 / e.len() as f64).abs() < 1e-12);
    }
}
