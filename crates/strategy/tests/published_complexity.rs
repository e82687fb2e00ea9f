//! The complexity of 2017 on the embedded world trade, against what the R package economiccomplexity published for it.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use complexity::{Convention, economic_complexity, presence, revealed_comparative_advantage};
use frame::{LabelledVector, Period};

fn published(text: &str) -> Vec<(&str, f64)> {
    let rows = text.lines().filter(|line| !line.starts_with('#')).skip(1);
    rows.map(|line| line.split_once(',').unwrap()).map(|(code, value)| (code, value.parse().unwrap())).collect()
}

fn largest_difference(found: &LabelledVector, expected: &[(&str, f64)]) -> f64 {
    assert_eq!(found.labels().len(), expected.len());
    expected.iter().map(|(code, value)| (found.get(code).unwrap() - value).abs()).fold(0.0, f64::max)
}

#[test]
fn published_indices_of_2017_are_reproduced() {
    let eci = published(include_str!("../../complexity/tests/data/economiccomplexity_2017_eci.csv"));
    let pci = published(include_str!("../../complexity/tests/data/economiccomplexity_2017_pci.csv"));
    let table = store::Workspace::embedded().unwrap().activity("exports_hs4_2017").unwrap();
    let exports = table.matrix("exports", Period::year(2017), "HS4").unwrap();
    let rca = revealed_comparative_advantage(&exports).unwrap();
    let solve = |convention: Convention| economic_complexity(&presence(&rca, convention.presence()), &convention.options()).unwrap();

    let r = solve(Convention::EconomicComplexityR);
    assert!(largest_difference(&r.eci, &eci) < 1e-8, "{}", largest_difference(&r.eci, &eci));
    assert!(largest_difference(&r.pci, &pci) < 1e-8, "{}", largest_difference(&r.pci, &pci));

    // the published figures are reflections stopped early; the eigenvector is near them, not equal
    let lab = solve(Convention::GrowthLab);
    let expected = [1.0, 0.26903187, 0.19392976, 0.15724689];
    assert!(lab.eigenvalues.iter().zip(expected).all(|(found, expected)| (found - expected).abs() < 1e-8), "{:?}", lab.eigenvalues);
    let difference = largest_difference(&lab.eci, &eci);
    assert!((0.01..0.05).contains(&difference), "{difference}");
    assert!(lab.residual < 1e-12 && lab.warnings.is_empty(), "{} {:?}", lab.residual, lab.warnings);
}
