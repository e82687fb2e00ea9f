//! The three strands on a small world worked out by hand, and what always holds.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use complexity::*;
use frame::{Concordance, LabelledMatrix, LabelledVector, Labels, Link};
use proptest::prelude::*;
use xinzhi_industry::*;

struct World {
    exports: LabelledMatrix,
    rca: LabelledMatrix,
    presence: PresenceMatrix,
    pci: LabelledVector,
    density: LabelledMatrix,
    cog: LabelledMatrix,
    proximity: Proximity,
}

impl World {
    fn new(exports: LabelledMatrix) -> Option<World> {
        let rca = revealed_comparative_advantage(&exports).unwrap();
        let presence = presence(&rca, Presence::default());
        let complexity = economic_complexity(&presence, &EconomicComplexityOptions::default()).ok()?;
        let proximity = proximity(&presence, Diagonal::Zero);
        let density = density(&presence, &proximity).unwrap();
        let outlook = complexity_outlook(&presence, &density, &proximity, &complexity).unwrap();
        Some(World { exports, rca, presence, pci: complexity.pci, density, cog: outlook.cog, proximity })
    }

    fn input(&self) -> OpportunityInput<'_> {
        OpportunityInput {
            exports: &self.exports,
            rca: &self.rca,
            presence: &self.presence,
            pci: &self.pci,
            density: &self.density,
            cog: &self.cog,
            proximity: &self.proximity,
            earlier: None,
            probability: None,
        }
    }
}

fn matrix(names: &[&str], columns: &[&str], values: &[f64]) -> LabelledMatrix {
    let (rows, columns) =
        (Labels::new("places", names.iter().copied()).unwrap(), Labels::new("products", columns.iter().copied()).unwrap());
    LabelledMatrix::new(rows, columns, values.to_vec()).unwrap()
}

/// Numbers are put in by hand, so that every condition can be followed: place A has a and b; c is begun; d, e, f are absent.
fn by_hand() -> World {
    let columns = ["a", "b", "c", "d", "e", "f"];
    let exports = matrix(&["A", "W"], &columns, &[50.0, 40.0, 5.0, 0.0, 1.0, 0.0, 100.0, 100.0, 150.0, 200.0, 300.0, 10.0]);
    let rca = matrix(&["A", "W"], &columns, &[2.0, 1.5, 0.5, 0.0, 0.1, 0.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0]);
    let presence = presence(&rca, Presence::default());
    let pci = LabelledVector::new(exports.columns().clone(), vec![-1.0, 0.0, 1.0, 2.0, 3.0, 4.0]).unwrap();
    let density = matrix(&["A", "W"], &columns, &[0.5, 0.5, 0.4, 0.3, 0.1, 0.2, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5]);
    let cog = matrix(&["A", "W"], &columns, &[0.0, 0.0, 0.1, 0.2, 0.3, 0.4, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]);
    let proximity = proximity(&presence, Diagonal::Zero);
    World { exports, rca, presence, pci, density, cog, proximity }
}

fn codes(track: &Track) -> Vec<&str> {
    track.items.iter().map(|item| item.standing.code.as_str()).collect()
}

#[test]
fn every_condition_does_what_the_rule_says() {
    let world = by_hand();
    let options = OpportunityOptions { build_complexity_quantile: 0.5, ..Default::default() };
    let found = opportunities(&world.input(), "A", &options).unwrap();
    assert_eq!(found.mean_complexity, -0.5);
    assert_eq!(codes(&found.transform), ["a"]);
    assert_eq!(codes(&found.foster), ["c"]);
    // of d, e, f (PCI at least the median 1.5): density under the median 0.25 of c–f leaves e and f; f's world market (10) is under
    // the median (of 150, 140, 155, 200, 301, 10: 152.5), which c's 155 just passes
    assert_eq!(codes(&found.build), ["e"]);
    let left: Vec<usize> = found.build.steps.iter().map(|s| s.left).collect();
    assert_eq!(left, [4, 3, 3, 2, 1]);
    // φ of a with b is 1 (both in A and W), with the others 1/2, which come in the order of their codes
    let targets: Vec<(&str, f64, f64)> =
        found.transform.items[0].targets.iter().map(|t| (t.code.as_str(), t.proximity, t.complexity_gain)).collect();
    assert_eq!(targets, [("b", 1.0, 1.0), ("c", 0.5, 2.0), ("d", 0.5, 3.0)]);
    // evidence of c: both held activities, equally near, in the order of their codes
    let held: Vec<(&str, f64)> = found.foster.items[0].held.iter().map(|h| (h.code.as_str(), h.proximity)).collect();
    assert_eq!(held, [("a", 0.5), ("b", 0.5)]);
    let standing = &found.activities[1];
    assert_eq!((standing.share, standing.world, standing.world_share), (40.0 / 96.0, 140.0, 40.0 / 140.0));
    // over c, d, e, f: density 0.4, 0.3, 0.1, 0.2 and gain 0.1, 0.2, 0.3, 0.4 both have deviation √0.0125
    let deviation = 0.0125_f64.sqrt();
    assert!((found.foster.items[0].score - ((0.4 - 0.25) / deviation + (0.1 - 0.25) / deviation) / 2.0).abs() < 1e-12);
    assert_eq!(found.foster.missing.as_ref().map(|m| m.en.as_str()), Some("Only 1 meet all conditions."));
    assert!(found.foster.caveat.as_ref().unwrap().en.contains("one year"));
    assert!(found.foster.rule.en.contains("0.25") && found.foster.rule.zh.contains("0.25"));
}

#[test]
fn refusals_name_the_reason() {
    let world = by_hand();
    assert!(opportunities(&world.input(), "Z", &OpportunityOptions::default()).unwrap_err().to_string().contains("\"Z\""));
    let none = matrix(&["A", "W"], &["a", "b", "c", "d", "e", "f"], &[0.0; 12]);
    let empty = presence(&none, Presence::default());
    let input = OpportunityInput { presence: &empty, ..world.input() };
    assert_eq!(opportunities(&input, "A", &OpportunityOptions::default()), Err(IndustryError::NothingPresent { place: "A".into() }));
    let other = LabelledVector::new(Labels::new("products", ["a"]).unwrap(), vec![1.0]).unwrap();
    let input = OpportunityInput { pci: &other, ..world.input() };
    assert_eq!(
        opportunities(&input, "A", &OpportunityOptions::default()),
        Err(IndustryError::LabelsDiffer { input: "complexity", what: "activities", reference: "exports" })
    );
    let options = OpportunityOptions { world_quantile: 1.5, ..Default::default() };
    assert!(matches!(opportunities(&world.input(), "A", &options), Err(IndustryError::Option { option: "world_quantile", .. })));
}

#[test]
fn income_explains_complexity_by_least_squares() {
    let places = Labels::new("places", ["A", "B", "C", "D"]).unwrap();
    let eci = LabelledVector::new(places.clone(), vec![0.0, 2.0, 1.0, 3.0]).unwrap();
    let income = LabelledVector::new(places, [1.0_f64, 1.0, 2.0, 2.0].map(f64::exp).to_vec()).unwrap();
    let residual = income_controlled_residual(&eci, &income).unwrap();
    for (found, expected) in residual.values().iter().zip([-1.0, 1.0, -1.0, 1.0]) {
        assert!((found - expected).abs() < 1e-12);
    }
    let same = LabelledVector::new(eci.labels().clone(), vec![5.0; 4]).unwrap();
    assert_eq!(income_controlled_residual(&eci, &same), Err(IndustryError::TooFewPlaces { places: 4 }));
}

#[test]
fn growth_goes_through_a_concordance_and_reports_its_loss() {
    let earlier = matrix(&["A", "B"], &["old", "gone", "same"], &[100.0, 50.0, 50.0, 100.0, 0.0, 100.0]);
    let later = matrix(&["A", "B"], &["new1", "new2", "same"], &[50.0, 100.0, 200.0, 100.0, 100.0, 100.0]);
    let link = |from: &str, to: &str| Link { from: from.into(), to: to.into(), weight: 1.0 };
    let concordance = Concordance::new("old", "new", vec![link("old", "new1"), link("old", "new2"), link("same", "same")]).unwrap();
    let growth = sector_growth(&earlier, &later, "A", 2.0, Some(&concordance)).unwrap();
    assert_eq!((growth.loss.codes.as_slice(), growth.loss.value), (["gone".to_string()].as_slice(), 50.0));
    let values: Vec<(f64, f64)> = growth.sectors.iter().map(|s| (s.earlier, s.later)).collect();
    assert_eq!(values, [(50.0, 50.0), (50.0, 100.0), (50.0, 200.0)]);
    assert_eq!(growth.sectors[0].growth, Some(0.0));
    assert!((growth.sectors[2].growth.unwrap() - 1.0).abs() < 1e-12);
    assert!((growth.sectors[2].national_growth.unwrap() - (2.0_f64.sqrt() - 1.0)).abs() < 1e-12);
    assert!((growth.sectors[2].share_change - (200.0 / 350.0 - 0.25)).abs() < 1e-12);
    assert!(matches!(sector_growth(&earlier, &later, "A", 2.0, None), Err(IndustryError::LabelsDiffer { .. })));
    assert!(matches!(sector_growth(&earlier, &earlier, "A", 0.0, None), Err(IndustryError::Option { .. })));
}

#[test]
fn structure_ranks_and_concentration() {
    let output = matrix(&["A", "B", "C"], &["steel", "food", "none"], &[30.0, 10.0, 0.0, 0.0, 40.0, 0.0, 10.0, 10.0, 0.0]);
    let a = structure(&output, "A").unwrap();
    let steel = &a.sectors[0];
    assert_eq!((steel.rank.unwrap().rank, steel.rank.unwrap().of), (1, 2));
    assert_eq!(steel.share_of_nation, 0.75);
    let none = &a.sectors[2];
    assert_eq!((none.location_quotient, none.rank, none.density), (0.0, None, None));
    // the rest has 10 steel and 50 food of 60
    assert!((a.krugman - ((0.75_f64 - 10.0 / 60.0).abs() + (0.25_f64 - 50.0 / 60.0).abs())).abs() < 1e-15);
    assert_eq!(a.herfindahl, 0.625);
    assert!(structure(&matrix(&["A"], &["x"], &[2.0]), "A").unwrap().krugman.is_nan());
    assert_eq!(structure(&matrix(&["A", "B"], &["x"], &[0.0, 1.0]), "A"), Err(IndustryError::NoValues { place: "A".into() }));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn strands_are_disjoint_and_keep_their_rules(values in proptest::collection::vec(prop_oneof![Just(0.0), 0.0..1e6_f64], 96), place in 0_usize..8) {
        let names: Vec<String> = (0..12).map(|i| format!("p{i:02}")).collect();
        let columns: Vec<&str> = names.iter().map(String::as_str).collect();
        let Some(world) = World::new(matrix(&["A", "B", "C", "D", "E", "F", "G", "H"], &columns, &values)) else { return Ok(()) };
        let place = world.exports.rows().name(place).to_owned();
        let options = OpportunityOptions::default();
        let Ok(found) = opportunities(&world.input(), &place, &options) else { return Ok(()) };
        let mut seen = std::collections::BTreeSet::new();
        for track in [&found.transform, &found.foster, &found.build] {
            prop_assert!(track.items.windows(2).all(|w| w[0].score >= w[1].score));
            prop_assert!(track.steps.windows(2).all(|w| w[0].left >= w[1].left));
            prop_assert_eq!(track.items.len(), track.steps.last().unwrap().left.min(options.items));
            prop_assert_eq!(track.missing.is_some(), track.items.len() < options.items);
            for item in &track.items {
                prop_assert!(seen.insert(item.standing.code.clone()), "{} stands in two strands", item.standing.code);
                prop_assert!(item.held.iter().all(|h| world.presence.get(&place, &h.code) == Some(true) && h.code != item.standing.code));
                prop_assert!(item.held.windows(2).all(|w| w[0].proximity >= w[1].proximity));
                prop_assert!(item.targets.iter().all(|t| t.complexity_gain > 0.0 && t.proximity > 0.0));
            }
        }
        prop_assert!(found.transform.items.iter().all(|i| i.standing.present && i.standing.pci < found.mean_complexity));
        prop_assert!(found.foster.items.iter().all(|i| !i.standing.present && (0.25..1.0).contains(&i.standing.rca) && i.standing.pci > found.mean_complexity));
        prop_assert!(found.build.items.iter().all(|i| !i.standing.present && i.standing.rca < 0.25));
    }

    #[test]
    fn concentration_is_in_its_bounds(values in proptest::collection::vec(0.0..1e6_f64, 12)) {
        let output = matrix(&["A", "B", "C"], &["w", "x", "y", "z"], &values);
        let Ok(found) = structure(&output, "B") else { return Ok(()) };
        prop_assert!((0.0..=2.0 + 1e-12).contains(&found.krugman));
        prop_assert!((0.25 - 1e-12..=1.0 + 1e-12).contains(&found.herfindahl));
        let weighted: f64 = found.sectors.iter().map(|s| s.location_quotient * s.national_share).sum();
        prop_assert!((weighted - 1.0).abs() < 1e-12);
    }
}
