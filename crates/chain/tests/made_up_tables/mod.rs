//! Made-up tables that several test programs share. No number here is of a real place.
#![allow(dead_code)]

use proptest::prelude::*;
use xinzhi_chain::*;

pub const REGIONS: usize = 3;
pub const SECTORS: usize = 3;
pub const N: usize = REGIONS * SECTORS;

pub fn pair(a: impl ToString, b: impl ToString) -> (String, String) {
    (a.to_string(), b.to_string())
}

/// The table of `data/mini.csv`: AAA, BBB, CCC × D01, D02, D03, final demand C and I.
pub fn mini() -> InputOutputSystem {
    let regions = ["AAA", "BBB", "CCC"];
    let (mut z, mut y) = (Vec::new(), Vec::new());
    for line in include_str!("../data/mini.csv").lines() {
        let row: Vec<f64> = line.split(',').map(|cell| cell.parse().unwrap()).collect();
        z.extend(&row[..9]);
        y.extend(&row[9..]);
    }
    let sectors = regions.iter().flat_map(|r| ["D01", "D02", "D03"].map(|s| pair(r, s))).collect();
    let categories = regions.iter().flat_map(|r| ["C", "I"].map(|c| pair(r, c))).collect();
    InputOutputSystem::new("mini (made up)", 2020, "units", sectors, z, categories, y, SystemOptions::default()).unwrap()
}

pub fn system_of(z: Vec<f64>, y: Vec<f64>) -> InputOutputSystem {
    let sectors = (0..N).map(|i| pair(format!("R{}", i / SECTORS), format!("s{}", i % SECTORS))).collect();
    let demand = (0..REGIONS).map(|r| pair(format!("R{r}"), "final")).collect();
    InputOutputSystem::new("random", 2020, "units", sectors, z, demand, y, SystemOptions::default()).unwrap()
}

/// A world in which no column uses more than 80 % of what its row delivers; about half of the deliveries are zero.
pub fn table() -> impl Strategy<Value = (Vec<f64>, Vec<f64>)> {
    (
        prop::collection::vec(0.0..10.0f64, N * N),
        prop::collection::vec(0.5..20.0f64, N * REGIONS),
        prop::collection::vec(prop::bool::ANY, N * N),
    )
        .prop_map(|(mut z, y, absent)| {
            z.iter_mut().zip(absent).filter(|(_, absent)| *absent).for_each(|(flow, _)| *flow = 0.0);
            for _ in 0..200 {
                for j in 0..N {
                    let inputs: f64 = (0..N).map(|i| z[i * N + j]).sum();
                    let output: f64 = z[j * N..(j + 1) * N].iter().sum::<f64>() + y[j * REGIONS..(j + 1) * REGIONS].iter().sum::<f64>();
                    if inputs > 0.8 * output {
                        (0..N).for_each(|i| z[i * N + j] *= 0.8 * output / inputs);
                    }
                }
            }
            (z, y)
        })
}

/// x = A x + y by Gauss-Seidel, independent of any factor.
pub fn solved(a: &[f64], y: &[f64]) -> Vec<f64> {
    let n = y.len();
    let mut x = y.to_vec();
    for _ in 0..5000 {
        for i in 0..n {
            let others: f64 = (0..n).filter(|j| *j != i).map(|j| a[i * n + j] * x[j]).sum();
            x[i] = (y[i] + others) / (1.0 - a[i * n + i]);
        }
    }
    x
}

pub fn coefficients(system: &InputOutputSystem) -> Vec<f64> {
    let n = system.size();
    (0..n * n).map(|at| system.input_coefficient(at / n, at % n)).collect()
}

#[track_caller]
pub fn close(found: f64, expected: f64, tolerance: f64) {
    assert!((found - expected).abs() <= tolerance * expected.abs().max(1.0), "found {found}, expected {expected}");
}

#[track_caller]
pub fn all_close(found: &[f64], expected: &[f64], tolerance: f64) {
    assert_eq!(found.len(), expected.len());
    found.iter().zip(expected).for_each(|(f, e)| close(*f, *e, tolerance));
}
