//! Every figure of the Growth Lab's own Stata outputs (18 runs, see `data/SOURCE-growth-lab.md`) against the `stata` convention.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use frame::{LabelledMatrix, LabelledVector};
use std::collections::BTreeMap;
use xinzhi_complexity::{
    ComplexityOptions, Convention, Core, PeriodComplexity, Presence, PresenceRule, ProximityKind, period_complexity, proximity_of,
};

fn rows(name: &str) -> Vec<BTreeMap<String, String>> {
    let path = format!("{}/tests/data/{name}", env!("CARGO_MANIFEST_DIR"));
    csv::Reader::from_path(path).unwrap().deserialize().map(|row| row.unwrap()).collect()
}

/// Stata holds what it imports in single precision.
fn single(text: &str) -> f64 {
    f64::from(text.parse::<f64>().unwrap() as f32)
}

fn trade(year: &str, keep: impl Fn(&str) -> bool) -> LabelledMatrix {
    let rows = rows("growth_lab_trade.csv");
    let cells = rows.iter().filter(|row| row["year"] == year && keep(&row["place"]));
    LabelledMatrix::from_triplets(
        "places",
        "products",
        cells.map(|row| (row["place"].as_str(), row["activity"].as_str(), single(&row["value"]))),
    )
    .unwrap()
}

fn strict(threshold: f64) -> Presence {
    Presence { threshold, strict: true }
}

fn computed(fixture: &str, year: &str) -> PeriodComplexity {
    let stata = ComplexityOptions::of(Convention::Stata);
    let with_population = fixture.contains("rpop");
    let populations = rows("growth_lab_population.csv");
    let population_of =
        |place: &str| populations.iter().find(|row| row["year"] == year && row["place"] == place).map(|row| single(&row["population"]));
    // with a population given, the package drops places without one before anything else
    let values = trade(year, |place| !with_population || population_of(place).is_some());
    let population = with_population.then(|| {
        let people = values.rows().iter().map(|place| population_of(place).unwrap()).collect();
        LabelledVector::new(values.rows().clone(), people).unwrap()
    });
    let presence = |rule| ComplexityOptions { presence: rule, ..stata.clone() };
    let nearest = |k, options: ComplexityOptions| ComplexityOptions { nearest: Some(Convention::Stata.nearest(k)), ..options };
    let options = match fixture {
        "rca_05" => presence(PresenceRule::Specialisation(strict(0.5))),
        "rca_2" => presence(PresenceRule::Specialisation(strict(2.0))),
        "rpop_default" => presence(PresenceRule::Population(strict(1.0))),
        "rpop_2" => presence(PresenceRule::Population(strict(2.0))),
        "rca_rpop_combined" => presence(PresenceRule::Either { specialisation: strict(1.0), population: strict(1.0) }),
        "discrete_asymmetric" => ComplexityOptions { proximity: ProximityKind::Asymmetric, ..stata },
        "continuous" => stata.with_correlation(),
        "continuous_rpop" => presence(PresenceRule::Population(strict(1.0))).with_correlation(),
        "continuous_knn_10" => nearest(10, stata.with_correlation()),
        "knn_5" => nearest(5, stata),
        "knn_10" => nearest(10, stata),
        "knn_20" => nearest(20, stata),
        "ground_truth"
        | "manual_mcp"
        | "single_year_1995"
        | "proximity_discrete_sym"
        | "proximity_discrete_asym"
        | "proximity_continuous" => stata,
        other => panic!("no options for the fixture {other}"),
    };
    period_complexity(&values, population.as_ref(), Core::All, &options).unwrap()
}

#[test]
fn every_figure_of_the_stata_outputs_is_reproduced() {
    let mut runs: BTreeMap<(String, String), PeriodComplexity> = BTreeMap::new();
    let mut compared: BTreeMap<String, (usize, f64)> = BTreeMap::new();
    let (mut left_missing_there, mut around_nothing) = (0, 0);
    for row in rows("growth_lab_stata.csv") {
        let (fixture, year, quantity) = (row["fixture"].as_str(), row["year"].as_str(), row["quantity"].as_str());
        let (place, activity) = (row["place"].as_str(), row["activity"].as_str());
        let run = runs.entry((fixture.to_owned(), year.to_owned())).or_insert_with(|| computed(fixture, year));
        let ours = match quantity {
            "eci" => run.eci.get(place),
            "pci" => run.pci.get(activity),
            "coi" => run.coi.get(place),
            "diversity" => run.presence.places().position(place).map(|c| f64::from(run.diversity[c])),
            "ubiquity" => run.presence.activities().position(activity).map(|p| f64::from(run.ubiquity[p])),
            "density" => run.density.get(place, activity),
            "cog" => run.cog.get(place, activity),
            "rca" => run.rca.get(place, activity),
            "rpop" => run.rpop.as_ref().unwrap().get(place, activity),
            "presence" => run.presence.get(place, activity).map(|m| f64::from(u8::from(m))),
            "proximity" => {
                let kind = match fixture {
                    "proximity_discrete_sym" => ProximityKind::Minimum,
                    "proximity_discrete_asym" => ProximityKind::Asymmetric,
                    _ => ProximityKind::Correlation,
                };
                proximity_of(kind, &run.presence, Some(&run.rca), Convention::Stata.diagonal()).unwrap().get(place, activity)
            }
            other => panic!("no quantity {other}"),
        };
        let ours = ours.unwrap_or_else(|| panic!("{fixture} {year} {quantity} {place} {activity} is not there"));
        if row["value"].is_empty() {
            // where one place or product has nothing, the package gives up all of them; we give up that one alone
            left_missing_there += 1;
            continue;
        }
        let theirs: f64 = row["value"].parse().unwrap();
        if quantity == "density" && run.record.excluded_places.iter().any(|e| e.label == place) {
            // the package reports 0 around a place that has nothing; here it is not a number, like everything else of that place
            assert!(ours.is_nan() && theirs == 0.0);
            around_nothing += 1;
            continue;
        }
        let error = (ours - theirs).abs() / theirs.abs().max(1.0);
        assert!(error <= 1e-9, "{fixture} {year} {quantity} {place} {activity}: {ours} against {theirs}");
        let entry = compared.entry(fixture.to_owned()).or_default();
        *entry = (entry.0 + 1, entry.1.max(error));
    }
    assert_eq!(compared.len(), 18, "{compared:?}");
    let total: usize = compared.values().map(|(n, _)| n).sum();
    assert_eq!((total + around_nothing, left_missing_there), (3974, 207), "{compared:?}");
    assert!(around_nothing < 100, "{around_nothing}");
}

#[test]
fn where_the_package_gives_up_the_others_keep_their_numbers() {
    // RCA > 2 leaves places without any product in this sample
    let run = computed("rca_2", "1995");
    assert!(!run.record.excluded_places.is_empty() || !run.record.excluded_activities.is_empty());
    let kept: Vec<String> =
        run.presence.places().iter().filter(|place| run.eci.get(place).is_some_and(f64::is_finite)).map(str::to_owned).collect();
    assert!(kept.len() >= 3, "{kept:?}");
    for (place, value) in run.eci.iter() {
        let empty = run.record.excluded_places.iter().any(|e| e.label == place);
        assert_eq!(value.is_nan(), empty, "{place}");
    }
}
