//! Portfolios, orders of entry and peers on the embedded world trade of 2017: the worked examples of the method pages.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use complexity::*;
use frame::{LabelledMatrix, LabelledVector, Period};
use industry::*;

struct World {
    exports: LabelledMatrix,
    rca: LabelledMatrix,
    presence: PresenceMatrix,
    proximity: Proximity,
    density: LabelledMatrix,
    complexity: EconomicComplexity,
}

fn world() -> World {
    let table = store::Workspace::embedded().unwrap().activity("exports_hs4_2017").unwrap();
    // 9999 is goods not specified by kind
    let exports = table.matrix_where("exports", Period::year(2017), "HS4", |code| code != "9999").unwrap();
    let rca = revealed_comparative_advantage(&exports).unwrap();
    let presence = presence(&rca, Presence::default());
    let proximity = proximity(&presence, Diagonal::Zero);
    let density = density(&presence, &proximity).unwrap();
    let complexity = economic_complexity(&presence, &EconomicComplexityOptions::default()).unwrap();
    World { exports, rca, presence, proximity, density, complexity }
}

#[test]
fn portfolios_of_the_world_are_proven() {
    let w = world();
    let effort = gap_effort(&w.rca, &w.density, 1.0).unwrap();
    let input = PortfolioInput { presence: &w.presence, pci: &w.complexity.pci, effort: &effort };
    let all = portfolios(&input, ComplexityTarget::Gain(0.1), &PortfolioOptions::default()).unwrap();
    assert_eq!((all.len(), all.iter().filter(|p| p.outcome == PortfolioOutcome::Reached && p.gap == 0.0).count()), (224, 224));
    let of = |place: &str| all.iter().find(|p| p.place == place).unwrap();
    let vietnam = of("VNM");
    let codes: Vec<&str> = vietnam.chosen.iter().map(|c| c.activity.as_str()).collect();
    assert_eq!((codes.len(), &codes[..3]), (10, ["5505", "4803", "8211"].as_slice()));
    assert!((vietnam.effort - 0.42588778732).abs() < 1e-9, "{}", vietnam.effort);
    assert!((vietnam.eci_before + 0.01102500623).abs() < 1e-9 && (vietnam.eci_after - 0.08937114545).abs() < 1e-9);
    assert_eq!((of("CHN").chosen.len(), of("IND").chosen.len()), (28, 15));
}

#[test]
fn hubs_come_earlier_than_the_most_related_first() {
    let w = world();
    let network = ContagionNetwork::from_proximity(&w.proximity, 0.55).unwrap();
    let found = entry_sequence(&network, &w.presence, "VNM", SequenceTargets::Missing, &SequenceOptions::default()).unwrap();
    assert_eq!((found.steps.len(), found.unreachable.len()), (243, 771));
    assert!((found.greedy_time - 2766.37126).abs() < 1e-4 && found.total_time < 2704.0, "{} {}", found.greedy_time, found.total_time);
    assert!(found.lower_bound > 0.9 * found.total_time, "{}", found.gap);
    let hubs = found.hubs.unwrap();
    assert!(hubs.window.1 < hubs.greedy_window.1 && hubs.early_share > hubs.greedy_early_share);
}

#[test]
fn peers_of_the_world() {
    let w = world();
    let indicators = store::Workspace::embedded().unwrap().indicators().unwrap();
    let figures = |pick: &dyn Fn(&str) -> Option<f64>| {
        let values = w.exports.rows().iter().map(|place| pick(place).unwrap_or(f64::NAN)).collect();
        LabelledVector::new(w.exports.rows().clone(), values).unwrap()
    };
    let size = figures(&|place| indicators.get(place, "population", 2017));
    let income = figures(&|place| Some(indicators.get(place, "gdp", 2017)? / indicators.get(place, "population", 2017)?));
    let input = PeerInput { values: &w.exports, presence: &w.presence, income: Some(&income), size: Some(&size) };
    let found = peers(&input, "VNM", &PeerOptions { count: 5, ..PeerOptions::default() }).unwrap();
    let names = |list: &PeerList| -> Vec<String> { list.peers.iter().map(|p| p.place.clone()).collect() };
    assert_eq!(names(&found.by_structure)[0], "CHN");
    assert_eq!(names(&found.combined), ["CHN", "THA", "PHL", "HKG", "EST"]);
    assert_eq!((found.by_income.excluded.len(), found.by_size.excluded.len()), (30, 22));
    let combined = names(&found.combined);
    let against: Vec<&str> = combined.iter().map(String::as_str).collect();
    let standing = strengths_and_weaknesses(&w.exports, &w.density, "VNM", &against, FitReference::PeersMedian).unwrap();
    assert_eq!(standing.quadrants.iter().map(|q| q.activities.len()).collect::<Vec<_>>(), [66, 15, 918, 178, 0]);
    assert_eq!(standing.quadrants[0].activities[0].activity, "6404");
}
