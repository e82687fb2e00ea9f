//! Peers and the standing against them, by hand.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::result_large_err)]

use complexity::*;
use frame::{LabelledMatrix, LabelledVector, Labels};
use xinzhi_industry::*;

fn matrix(values: &[[f64; 3]]) -> LabelledMatrix {
    let places = Labels::new("places", ["A", "B", "C", "D", "E"].into_iter().take(values.len())).unwrap();
    LabelledMatrix::new(places, Labels::new("products", ["x", "y", "z"]).unwrap(), values.concat()).unwrap()
}

fn vector(values: &[f64]) -> LabelledVector {
    let places = ["A", "B", "C", "D", "E"].into_iter().take(values.len());
    LabelledVector::new(Labels::new("places", places).unwrap(), values.to_vec()).unwrap()
}

fn order(list: &PeerList) -> Vec<&str> {
    list.peers.iter().map(|p| p.place.as_str()).collect()
}

#[test]
fn distances_are_those_of_the_rule() {
    let values = matrix(&[[3.0, 4.0, 0.0], [6.0, 8.0, 0.0], [4.0, 3.0, 0.0], [0.0, 0.0, 5.0], [0.0, 0.0, 0.0]]);
    let presence = presence(&values, Presence { threshold: 3.5, strict: false });
    let (income, size) = (vector(&[1.0, 8.0, 2.0, f64::NAN, 4.0]), vector(&[10.0, 20.0, 10.0, 80.0, -1.0]));
    let input = PeerInput { values: &values, presence: &presence, income: Some(&income), size: Some(&size) };
    let found = peers(&input, "A", &PeerOptions::default()).unwrap();
    // cosines 1, 24/25, 0
    assert_eq!(order(&found.by_structure), ["B", "C", "D"]);
    assert!((found.by_structure.peers[1].similarity - 0.96).abs() < 1e-12);
    let away = [0.0, 0.04, 1.0_f64];
    let mean = away.iter().sum::<f64>() / 3.0;
    let deviation = (away.iter().map(|d| (d - mean).powi(2)).sum::<f64>() / 3.0).sqrt();
    assert!((found.by_structure.peers[2].distance - 1.0 / deviation).abs() < 1e-9);
    assert_eq!((found.by_structure.excluded.len(), found.by_structure.excluded[0].place.as_str()), (1, "E"));
    // logarithms to the base 2 of income: 0, 3, 1, -, 2 with deviation √1.25
    assert_eq!(order(&found.by_income), ["C", "E", "B"]);
    assert!((found.by_income.peers[2].distance - 3.0 / 1.25_f64.sqrt()).abs() < 1e-12);
    assert!((found.by_income.peers[2].income_difference - 8.0_f64.ln()).abs() < 1e-12);
    let reasons: Vec<(&str, &str)> = found.by_income.excluded.iter().map(|e| (e.place.as_str(), e.reason.en.as_str())).collect();
    assert_eq!(reasons, [("D", "Its income is not known.")]);
    assert_eq!((order(&found.by_size), found.by_size.excluded[0].place.as_str()), (vec!["C", "B", "D"], "E"));
    // together: only B and C have everything
    assert_eq!(order(&found.combined), ["C", "B"]);
    let part = |list: &PeerList, place: &str| list.peers.iter().find(|p| p.place == place).unwrap().distance;
    let mean = (part(&found.by_structure, "B") + part(&found.by_income, "B") + part(&found.by_size, "B")) / 3.0;
    assert!((part(&found.combined, "B") - mean).abs() < 1e-12);
    assert_eq!(found.combined.excluded.len(), 2);
    assert!(found.combined.rule.en.contains("33%") && found.combined.rule.zh.contains("33%"));

    let weights = PeerWeights { structure: 0.0, income: 0.0, size: 2.0 };
    let by_size = peers(&input, "A", &PeerOptions { weights, count: 1, ..PeerOptions::default() }).unwrap();
    assert_eq!((order(&by_size.combined), by_size.combined.peers[0].distance), (vec!["C"], 0.0));
    // D's own income is not known: no list by income, and none together
    let unknown = peers(&input, "D", &PeerOptions::default()).unwrap();
    assert!(unknown.by_income.missing.as_ref().unwrap().en.contains("D has no known income"));
    assert!(unknown.combined.missing.is_some() && unknown.combined.peers.is_empty() && unknown.by_structure.missing.is_none());
}

#[test]
fn presences_are_compared_by_jaccard_and_cosine() {
    let values = matrix(&[[2.0, 2.0, 0.0], [2.0, 2.0, 2.0], [2.0, 0.0, 0.0]]);
    let presence = presence(&values, Presence::default());
    let input = PeerInput { values: &values, presence: &presence, income: None, size: None };
    let weights = PeerWeights { structure: 1.0, income: 0.0, size: 0.0 };
    let with = |structure| {
        let found = peers(&input, "A", &PeerOptions { structure, weights, count: 10 }).unwrap();
        assert_eq!(order(&found.combined), order(&found.by_structure));
        assert!(found.combined.peers.iter().zip(&found.by_structure.peers).all(|(a, b)| a.distance == b.distance));
        ["B", "C"].map(|place| found.by_structure.peers.iter().find(|p| p.place == place).unwrap().similarity)
    };
    assert_eq!(with(StructureMeasure::JaccardPresence), [2.0 / 3.0, 0.5]);
    assert_eq!(with(StructureMeasure::CosinePresence), [2.0 / 6.0_f64.sqrt(), 1.0 / 2.0_f64.sqrt()]);
}

#[test]
fn every_activity_stands_where_the_rule_puts_it() {
    let values = matrix(&[[5.0, 5.0, 0.0], [2.0, 8.0, 0.0], [0.0, 5.0, 5.0]]);
    let density = matrix(&[[0.2, 0.5, 0.4], [0.3, 0.2, 0.3], [0.5, 0.4, f64::NAN]]);
    let run = |peers: &[&str], fit| strengths_and_weaknesses(&values, &density, "A", peers, fit).unwrap();
    let found = run(&["B", "C"], FitReference::PeersMedian);
    // x: 0.5 against (0.2 + 0)/2, fit 0.2 − 0.4; y: 0.5 against 0.65, fit 0.5 − 0.3; z: no median
    assert_eq!(
        found.activities.iter().map(|a| a.quadrant).collect::<Vec<_>>(),
        [Some(Quadrant::Threat), Some(Quadrant::Opportunity), None]
    );
    assert!((found.activities[0].relative_presence - 5.0).abs() < 1e-12 && (found.activities[0].fit + 0.2).abs() < 1e-12);
    assert_eq!((found.activities[2].peers_with_it, found.activities[2].fit.is_nan()), (1, true));
    // own mean (0.2 + 0.5 + 0.4)/3: z fits, and C has it
    let own = run(&["B", "C"], FitReference::OwnMean);
    let of = |quadrant| -> Vec<String> {
        let list = own.quadrants.iter().find(|q| q.quadrant == quadrant).unwrap();
        assert!(list.rule.en.contains("2 peers") && list.rule.zh.contains("2 个"));
        list.activities.iter().map(|a| a.activity.clone()).collect()
    };
    assert_eq!(
        (of(Quadrant::Threat), of(Quadrant::Opportunity), of(Quadrant::PossibleEntrant)),
        (vec!["x".into()], vec!["y".into()], vec!["z".to_owned()])
    );
    // against B alone nobody has z; against C alone x is the place's own
    assert_eq!(run(&["B"], FitReference::OwnMean).activities[2].quadrant, Some(Quadrant::Absent));
    let alone = run(&["C"], FitReference::PeersMedian);
    assert_eq!((alone.activities[0].relative_presence, alone.activities[1].quadrant), (f64::INFINITY, Some(Quadrant::Strength)));
    let weak = strengths_and_weaknesses(&values, &density, "B", &["A"], FitReference::PeersMedian).unwrap();
    assert_eq!(weak.activities[0].quadrant, Some(Quadrant::Opportunity));
    let weak = strengths_and_weaknesses(&values, &density, "B", &["A"], FitReference::OwnMean).unwrap();
    assert_eq!(weak.activities[1].quadrant, Some(Quadrant::Threat));
    let weak = strengths_and_weaknesses(&values, &density, "A", &["B"], FitReference::OwnMean).unwrap();
    assert_eq!(weak.quadrants[2].quadrant, Quadrant::Weakness);
}

#[test]
fn refusals_name_the_reason() {
    let values = matrix(&[[1.0, 1.0, 0.0], [0.0, 1.0, 1.0], [0.0, 0.0, 0.0]]);
    let presence = presence(&values, Presence::default());
    let input = PeerInput { values: &values, presence: &presence, income: None, size: None };
    let options = PeerOptions::default();
    assert_eq!(peers(&input, "C", &options), Err(IndustryError::NoValues { place: "C".into() }));
    assert!(peers(&input, "Q", &options).unwrap_err().to_string().contains("\"Q\""));
    for weights in [(0.0, 0.0, 0.0), (-1.0, 1.0, 1.0), (f64::NAN, 1.0, 1.0)] {
        let weights = PeerWeights { structure: weights.0, income: weights.1, size: weights.2 };
        assert!(matches!(peers(&input, "A", &PeerOptions { weights, ..options }), Err(IndustryError::Option { option: "weights", .. })));
    }
    let against = |peers: &[&str]| strengths_and_weaknesses(&values, &values, "A", peers, FitReference::PeersMedian);
    assert!(matches!(against(&[]), Err(IndustryError::Option { option: "peers", .. })));
    assert!(matches!(against(&["A"]), Err(IndustryError::Option { option: "peers", .. })));
    assert_eq!(against(&["C"]), Err(IndustryError::NoValues { place: "C".into() }));
}
