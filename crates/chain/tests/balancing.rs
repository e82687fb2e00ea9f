//! RAS and GRAS: published examples, what must hold, what must be refused.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod made_up_tables;

use frame::{FrameError, LabelledMatrix, LabelledVector, Labels};
use made_up_tables::{all_close, close};
use proptest::prelude::*;
use xinzhi_chain::*;

fn labels(what: &str, n: usize) -> Labels {
    Labels::new(what, (1..=n).map(|i| i.to_string())).unwrap()
}

fn matrix(m: usize, n: usize, values: Vec<f64>) -> LabelledMatrix {
    LabelledMatrix::new(labels("rows", m), labels("columns", n), values).unwrap()
}

fn totals(what: &str, values: &[f64]) -> LabelledVector {
    LabelledVector::new(labels(what, values.len()), values.to_vec()).unwrap()
}

fn run(gras_: bool, table: &LabelledMatrix, u: &[f64], v: &[f64], options: &BalancingOptions) -> Result<Balanced, ChainError> {
    let (u, v) = (totals("rows", u), totals("columns", v));
    if gras_ { gras(table, &u, &v, options) } else { ras(table, &u, &v, options) }
}

/// Miller and Blair (2009), section 7.4: the printed digits, and more of them from a second implementation (numpy).
#[test]
fn ras_example_of_miller_and_blair() {
    let (a, x) = ([0.120, 0.100, 0.049, 0.210, 0.247, 0.265, 0.026, 0.249, 0.145], [421.0, 284.0, 283.0]);
    let z = matrix(3, 3, a.iter().enumerate().map(|(at, a)| a * x[at % 3]).collect());
    let balanced = run(false, &z, &[245.0, 136.0, 159.0], &[251.0, 107.0, 182.0], &BalancingOptions::default()).unwrap();
    let updated: Vec<f64> = balanced.matrix.values().iter().enumerate().map(|(at, z)| z / x[at % 3]).collect();
    let printed = [0.392423, 0.121879, 0.159633, 0.150899, 0.066149, 0.189700, 0.052877, 0.188733, 0.293776];
    updated.iter().zip(printed).for_each(|(found, printed)| assert!((found - printed).abs() < 6e-7, "{found} {printed}"));
    let computed = [
        0.39242315487211904,
        0.12187888957562593,
        0.1596333821885516,
        0.1508993341619008,
        0.06614851392042763,
        0.18970036171179622,
        0.05287703590659772,
        0.18873315988422812,
        0.2937757967356946,
    ];
    updated.iter().zip(computed).for_each(|(found, computed)| assert!((found / computed - 1.0).abs() < 1e-9));
    assert!(balanced.row_residual < 1e-9 && balanced.column_residual < 1e-9 && balanced.last_change <= 1e-12);
}

/// The example of Junius and Oosterhaven (2003) with the corrected result of Temurshoev et al. (2013): 19 iterations to 1e-12.
#[test]
fn gras_example_of_junius_and_oosterhaven() {
    let table = matrix(3, 4, vec![7.0, 3.0, 5.0, -3.0, 2.0, 9.0, 8.0, 1.0, -2.0, 0.0, 2.0, 1.0]);
    let balanced = run(true, &table, &[15.0, 26.0, -1.0], &[9.0, 16.0, 17.0, -2.0], &BalancingOptions::default()).unwrap();
    assert_eq!(balanced.iterations, 19);
    for (row, column, printed, computed) in [
        (0, 0, 8.976440, 8.976440309989146),
        (0, 3, -3.441329, -3.441328994897732),
        (2, 3, 0.489818, 0.4898178162897523),
        (1, 1, 12.256840, 12.256839754986641),
    ] {
        let found = balanced.matrix.at(row, column);
        assert!((found - printed).abs() < 6e-7 && (found / computed - 1.0).abs() < 1e-9, "{found}");
    }
    assert_eq!(balanced.matrix.at(2, 1), 0.0);
    // both sides are defined up to one factor
    let product = balanced.row_multipliers.values()[0] * balanced.column_multipliers.values()[0];
    close(product, 8.976440309989146 / 7.0, 1e-9);
    assert_eq!(balanced.sign_changes, 0);
    // a looser stop takes fewer rounds
    let loose = BalancingOptions { tolerance: 1e-6, total_tolerance: 1e-5, ..BalancingOptions::default() };
    let balanced = run(true, &table, &[15.0, 26.0, -1.0], &[9.0, 16.0, 17.0, -2.0], &loose).unwrap();
    assert_eq!(balanced.iterations, 9);
}

#[test]
fn known_cells_stay() {
    let table = matrix(2, 3, vec![5.0, 1.0, 2.0, 3.0, 4.0, 6.0]);
    let known = BalancingOptions { known: vec![("1".into(), "1".into()), ("1".into(), "1".into())], ..BalancingOptions::default() };
    let (u, v) = ([12.0, 10.0], [9.0, 6.0, 7.0]);
    let balanced = run(false, &table, &u, &v, &known).unwrap();
    assert_eq!(balanced.matrix.at(0, 0), 5.0);
    all_close(&balanced.matrix.row_sums(), &u, 1e-10);
    all_close(&balanced.matrix.column_sums(), &v, 1e-10);
    assert!((run(false, &table, &u, &v, &BalancingOptions::default()).unwrap().matrix.at(0, 0) - 5.0).abs() > 0.1);
    // the only free cell of a row takes what is left
    let most = BalancingOptions { known: vec![("1".into(), "1".into()), ("1".into(), "2".into())], ..BalancingOptions::default() };
    assert!((run(false, &table, &[8.0, 14.0], &[8.0, 6.0, 8.0], &most).unwrap().matrix.at(0, 2) - 2.0).abs() < 1e-10);
    let missing = BalancingOptions { known: vec![("7".into(), "1".into())], ..BalancingOptions::default() };
    assert!(matches!(run(false, &table, &u, &v, &missing), Err(ChainError::Frame(FrameError::UnknownLabel { .. }))));
    // known cells above a total leave a negative one for positive cells
    let error = run(false, &table, &[4.0, 18.0], &[9.0, 6.0, 7.0], &known).unwrap_err();
    assert!(matches!(&error, ChainError::Target { side: "row", label, .. } if label == "1"), "{error}");
}

#[test]
fn labels_decide_not_order() {
    let table = matrix(2, 2, vec![1.0, 2.0, 3.0, 4.0]);
    let turned = LabelledVector::new(Labels::new("rows", ["2", "1"]).unwrap(), vec![30.0, 10.0]).unwrap();
    let v = totals("columns", &[15.0, 25.0]);
    let balanced = ras(&table, &turned, &v, &BalancingOptions::default()).unwrap();
    all_close(&balanced.matrix.row_sums(), &[10.0, 30.0], 1e-10);
    let other = LabelledVector::new(Labels::new("rows", ["1", "3"]).unwrap(), vec![30.0, 10.0]).unwrap();
    assert!(
        matches!(ras(&table, &other, &v, &BalancingOptions::default()), Err(ChainError::Frame(FrameError::UnknownLabel { label, .. })) if label == "3")
    );
}

#[test]
fn rows_without_a_total_are_emptied() {
    let table = matrix(3, 2, vec![1.0, 2.0, 0.0, 0.0, -3.0, -1.0]);
    let balanced = run(true, &table, &[4.0, 0.0, 0.0], &[1.0, 3.0], &BalancingOptions::default()).unwrap();
    assert_eq!(&balanced.matrix.values()[2..], [0.0; 4]);
    all_close(balanced.matrix.row(0), &[1.0, 3.0], 1e-10);
    assert_eq!(&balanced.row_multipliers.values()[1..], [0.0, 0.0]);
    // a row of both signs may well sum to zero
    let both = matrix(2, 2, vec![2.0, -1.0, 1.0, 3.0]);
    let balanced = run(true, &both, &[0.0, 4.0], &[3.0, 1.0], &BalancingOptions::default()).unwrap();
    assert!(balanced.matrix.at(0, 0) > 0.0 && balanced.matrix.at(0, 1) < 0.0);
    all_close(&balanced.matrix.row_sums(), &[0.0, 4.0], 1e-9);
}

#[test]
fn impossible_totals_are_refused_by_name() {
    let table = matrix(2, 2, vec![1.0, 2.0, 0.0, 0.0]);
    let refused = |gras_, table: &LabelledMatrix, u: &[f64], v: &[f64]| run(gras_, table, u, v, &BalancingOptions::default()).unwrap_err();
    for method in [false, true] {
        let error = refused(method, &table, &[2.0, 1.0], &[1.0, 2.0]);
        assert!(matches!(&error, ChainError::Target { side: "row", label, target, .. } if label == "2" && *target == 1.0), "{error}");
        assert!(error.to_string().contains("zero cells stay zero"));
        let error = refused(method, &table, &[3.0, 0.0], &[1.0, 3.0]);
        assert!(error.to_string().contains("make both sums equal"), "{error}");
        let error = refused(method, &table, &[f64::NAN, 0.0], &[1.0, 3.0]);
        assert!(matches!(error, ChainError::Target { .. }));
    }
    let error = refused(false, &matrix(1, 2, vec![1.0, -2.0]), &[1.0], &[2.0, -1.0]);
    assert!(error.to_string().contains("use GRAS"), "{error}");
    let error = refused(false, &matrix(1, 2, vec![1.0, 2.0]), &[1.0], &[2.0, -1.0]);
    assert!(matches!(&error, ChainError::Target { side: "column", label, .. } if label == "2"), "{error}");
    let error = refused(true, &matrix(2, 2, vec![1.0, 2.0, -1.0, -3.0]), &[3.0, 1.0], &[2.0, 2.0]);
    assert!(matches!(&error, ChainError::Target { label, .. } if label == "2") && error.to_string().contains("only negative"), "{error}");
    let error = refused(true, &matrix(2, 1, vec![1.0, f64::INFINITY]), &[3.0, 1.0], &[4.0]);
    assert!(matches!(error, ChainError::Frame(FrameError::Value { .. })));
    // emptying column 1 leaves row 2 nothing
    let error = refused(false, &matrix(2, 2, vec![1.0, 2.0, 3.0, 0.0]), &[2.0, 1.0], &[0.0, 3.0]);
    assert!(matches!(&error, ChainError::Target { side: "row", label, .. } if label == "2"), "{error}");
    // no zero row, and still no way: the one cell of row 1 must be 2 and at most 1
    let error = refused(false, &matrix(2, 2, vec![1.0, 0.0, 1.0, 1.0]), &[2.0, 1.0], &[1.0, 2.0]);
    assert!(matches!(&error, ChainError::NotConverged { .. }), "{error}");
    assert!(matches!(run(false, &matrix(0, 0, vec![]), &[], &[], &BalancingOptions::default()), Err(ChainError::Empty { .. })));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Totals that some multipliers do reach are reached, with the same sign everywhere and RAS's cross ratios kept.
    #[test]
    fn totals_are_reached_and_signs_kept(
        values in prop::collection::vec(0.1..10.0f64, 20),
        negative in prop::collection::vec(prop::bool::weighted(0.2), 20),
        r in prop::collection::vec(0.5..2.0f64, 4),
        s in prop::collection::vec(0.5..2.0f64, 5),
    ) {
        let signed: Vec<f64> = values.iter().zip(&negative).map(|(v, n)| if *n { -v } else { *v }).collect();
        for (gras_, from) in [(false, &values), (true, &signed)] {
            let target: Vec<f64> = from
                .iter()
                .enumerate()
                .map(|(at, v)| if *v > 0.0 { v * r[at / 5] * s[at % 5] } else { v / (r[at / 5] * s[at % 5]) })
                .collect();
            let target = matrix(4, 5, target);
            let table = matrix(4, 5, from.clone());
            let balanced = run(gras_, &table, &target.row_sums(), &target.column_sums(), &BalancingOptions::default()).unwrap();
            // the solution is unique, so it is the one the totals came from
            for (found, expected) in balanced.matrix.values().iter().zip(target.values()) {
                prop_assert!((found - expected).abs() < 1e-8 * expected.abs().max(1.0), "{found} {expected}");
            }
            prop_assert!(balanced.sign_changes == 0 && balanced.row_residual < 1e-8 && balanced.column_residual < 1e-8);
        }
        // without negative cells both are one method
        let (u, v) = (vec![10.0, 20.0, 30.0, 40.0], vec![25.0, 25.0, 20.0, 20.0, 10.0]);
        let table = matrix(4, 5, values);
        let (one, two) = (run(false, &table, &u, &v, &BalancingOptions::default()).unwrap(), run(true, &table, &u, &v, &BalancingOptions::default()).unwrap());
        prop_assert_eq!(one.matrix.values(), two.matrix.values());
    }
}
