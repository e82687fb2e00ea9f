//! All indicators of one table together: against numbers of other programs, and what must hold whatever the table.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use frame::{LabelledMatrix, LabelledVector, Labels};
use proptest::prelude::*;
use xinzhi_complexity::*;

/// The Growth Lab's trade sample of 1995 (`data/SOURCE-growth-lab.md`).
fn trade() -> LabelledMatrix {
    let path = format!("{}/tests/data/growth_lab_trade.csv", env!("CARGO_MANIFEST_DIR"));
    let rows: Vec<(String, String, String, f64)> = csv::Reader::from_path(path).unwrap().deserialize().map(|row| row.unwrap()).collect();
    let cells = rows.iter().filter(|row| row.0 == "1995").map(|row| (row.1.as_str(), row.2.as_str(), row.3));
    LabelledMatrix::from_triplets("places", "products", cells).unwrap()
}

fn run(values: &LabelledMatrix, options: &ComplexityOptions) -> PeriodComplexity {
    period_complexity(values, None, Core::All, options).unwrap()
}

fn close(ours: Option<f64>, theirs: f64, tolerance: f64) {
    let ours = ours.unwrap();
    assert!((ours - theirs).abs() <= tolerance * theirs.abs().max(1.0), "{ours} against {theirs}");
}

/// numpy 2.4 on the same table: plain iteration of the two maps until no value changes by 1e-14, and `eigh` for GENEPY.
#[test]
fn fitness_and_genepy_equal_an_independent_computation() {
    let options = ComplexityOptions { genepy: true, ..ComplexityOptions::default() };
    let all = run(&trade(), &options);
    let fitness = all.fitness.unwrap();
    assert_eq!(fitness.end, FitnessEnd::Converged);
    close(fitness.fitness.get("aut"), 0.9913133408505399, 1e-10);
    close(fitness.fitness.get("gbr"), 1.5838825739705642, 1e-10);
    close(fitness.fitness.get("pol"), 0.3398142477032792, 1e-10);
    close(fitness.complexity.get("1704"), 0.592115858127539, 1e-10);
    close(fitness.complexity.get("3917"), 1.3434054476677262, 1e-10);
    let servedio = FitnessOptions { map: FitnessMap::Servedio { delta: 1e-3 }, ..FitnessOptions::default() };
    let servedio = fitness_complexity(&all.presence, &servedio).unwrap();
    close(servedio.fitness.get("aut"), 9.197187404236535, 1e-9);
    close(servedio.fitness.get("pol"), 4.215080121078322, 1e-9);
    let genepy = all.genepy.unwrap();
    close(genepy.places.get("aut"), 1.218484962622771, 1e-9);
    close(genepy.places.get("gbr"), 1.5649714201865477, 1e-9);
    close(genepy.places.get("pol"), 0.55822062414207, 1e-9);
    close(genepy.activities.get("1704"), 0.5895938625030691, 1e-9);
    close(genepy.activities.get("9403"), 0.5263192325077781, 1e-9);
}

/// The OEC's package economic-complexity 0.3.0 on the same table.
#[test]
fn the_oec_convention_equals_its_package() {
    let all = run(&trade(), &ComplexityOptions::of(Convention::Oec));
    close(all.eci.get("aut"), 1.0063420906086677, 1e-10);
    close(all.eci.get("che"), 1.02205457199787, 1e-10);
    close(all.pci.get("1704"), -0.9770377834086916, 1e-10);
    close(all.pci.get("9403"), -2.26348410699471, 1e-10);
    // its outlook gain: Σ_q (1 − M_cq) PCI_q φ_qp / Σ_r φ_rp − density_cp PCI_p, for every cell
    let near = proximity(&all.presence, Diagonal::Zero);
    for (c, place) in all.presence.places().iter().enumerate() {
        for (p, product) in all.presence.activities().iter().enumerate() {
            let missing = (0..30).filter(|q| !all.presence.at(c, *q));
            let sum: f64 = missing.map(|q| all.pci.values()[q] * near.at(q, p)).sum();
            let total: f64 = near.row(p).iter().sum();
            close(all.cog.get(place, product), sum / total - all.density.at(c, p) * all.pci.values()[p], 1e-12);
        }
    }
}

#[test]
fn the_mean_complexity_of_what_a_place_has_is_its_own() {
    let all = run(&trade(), &ComplexityOptions::default());
    for (c, place) in all.presence.places().iter().enumerate() {
        let held: Vec<f64> = all.presence.held(c).map(|p| all.pci.values()[p]).collect();
        close(all.eci.get(place), held.iter().sum::<f64>() / held.len() as f64, 1e-12);
    }
    assert!((all.record.eigenvalues[0] - 1.0).abs() < 1e-12 && all.record.residual < 1e-12);
}

#[test]
fn the_sign_follows_the_rule_and_both_indices_keep_it() {
    let values = trade();
    let usual = run(&values, &ComplexityOptions::default());
    let turned = run(&values, &ComplexityOptions { sign: SignRule::Anchor(vec!["pol".into()]), ..ComplexityOptions::default() });
    close(turned.eci.get("pol"), -usual.eci.get("pol").unwrap(), 1e-12);
    close(turned.pci.get("3917"), -usual.pci.get("3917").unwrap(), 1e-12);
    let income = values.rows().iter().map(|place| (place.to_owned(), if place == "pol" || place == "svn" { 1.0 } else { 9.0 })).collect();
    let by_income = SignRule::Column { name: "income".into(), values: income };
    let column = run(&values, &ComplexityOptions { sign: by_income, ..ComplexityOptions::default() });
    close(column.eci.get("pol"), usual.eci.get("pol").unwrap(), 1e-12);
    assert!(column.record.sign_correlation > 0.2);
    let unknown = ComplexityOptions { sign: SignRule::Anchor(vec!["usa".into()]), ..ComplexityOptions::default() };
    assert!(matches!(period_complexity(&values, None, Core::All, &unknown), Err(ComplexityError::Anchor { .. })));
}

#[test]
fn a_core_measures_the_others_and_stays_as_it_is_without_them() {
    let values = trade();
    let core: Vec<String> = values.rows().iter().filter(|place| *place != "pol").map(str::to_owned).collect();
    let alone = run(&values.select_rows(|place| place != "pol").unwrap(), &ComplexityOptions::default());
    let with = period_complexity(&values, None, Core::Places(&core), &ComplexityOptions::default()).unwrap();
    for place in &core {
        close(with.eci.get(place), alone.eci.get(place).unwrap(), 1e-12);
        close(with.coi.get(place), alone.coi.get(place).unwrap(), 1e-12);
    }
    for product in values.columns().iter() {
        close(with.pci.get(product), alone.pci.get(product).unwrap(), 1e-12);
    }
    // the one outside stands at the mean complexity of what it has by the core's totals
    let pol = values.rows().position("pol").unwrap();
    let held: Vec<f64> = with.presence.held(pol).map(|p| with.pci.values()[p]).collect();
    close(with.eci.get("pol"), held.iter().sum::<f64>() / held.len() as f64, 1e-12);
    // the same core as a table of its own
    let world = values.select_rows(|place| place != "pol").unwrap();
    let region = values.select_rows(|place| place == "pol").unwrap();
    let measured =
        period_complexity(&region, None, Core::Table { values: &world, population: None }, &ComplexityOptions::default()).unwrap();
    close(measured.eci.get("pol"), with.eci.get("pol").unwrap(), 1e-12);
    // and its index alone, without its table
    let given = period_complexity(&values, None, Core::Pci(&with.pci), &ComplexityOptions::default()).unwrap();
    assert!(given.record.eigenvalues.is_empty() && given.eci.values().iter().all(|v| v.is_finite()));
}

#[test]
fn k_nearest_and_leaving_the_place_out_follow_their_definitions() {
    let values = trade();
    let all = run(&values, &ComplexityOptions { nearest: Some(Nearest { k: 5, stata_rounding: false }), ..ComplexityOptions::default() });
    let near = proximity(&all.presence, Diagonal::Zero);
    let out = run(&values, &ComplexityOptions { leave_place_out: true, ..ComplexityOptions::default() });
    for c in 0..10 {
        let others: Vec<&str> = all.presence.places().iter().enumerate().filter(|(o, _)| *o != c).map(|(_, name)| name).collect();
        let without = proximity(&all.presence.select_places(others).unwrap(), Diagonal::Zero);
        for p in 0..30 {
            let mut ranked: Vec<f64> = (0..30).filter(|q| *q != p).map(|q| near.at(p, q)).collect();
            ranked.sort_by(|a, b| b.total_cmp(a));
            let kept: Vec<usize> = (0..30).filter(|q| *q != p && near.at(p, *q) >= ranked[4]).collect();
            let total: f64 = kept.iter().map(|q| near.at(p, *q)).sum();
            let held: f64 = kept.iter().filter(|q| all.presence.at(c, **q)).map(|q| near.at(p, *q)).sum();
            close(Some(all.density.at(c, p)), held / total, 1e-12);
            let total: f64 = (0..30).map(|q| without.at(p, q)).sum();
            let held: f64 = all.presence.held(c).map(|q| without.at(p, q)).sum();
            if total > 0.0 {
                close(Some(out.density.at(c, p)), held / total, 1e-12);
            }
        }
    }
}

#[test]
fn every_proximity_follows_its_formula() {
    let all = run(&trade(), &ComplexityOptions::default());
    let m = &all.presence;
    let both = |p: usize, q: usize| (0..10).filter(|c| m.at(*c, p) && m.at(*c, q)).count() as f64;
    let u: Vec<f64> = m.ubiquity().into_iter().map(f64::from).collect();
    let d: Vec<f64> = m.diversity().into_iter().map(f64::from).collect();
    let s: Vec<f64> = (0..30).map(|p| (0..30).filter(|q| *q != p).map(|q| both(p, q)).sum()).collect();
    let t: f64 = s.iter().sum();
    for kind in ProximityKind::ALL {
        let near = proximity_of(kind, m, Some(&all.rca), Diagonal::Zero).unwrap();
        for p in 0..30 {
            for q in (0..30).filter(|q| *q != p) {
                let c = both(p, q);
                let expected = match kind {
                    ProximityKind::Minimum => c / u[p].max(u[q]),
                    ProximityKind::Asymmetric => c / u[p],
                    ProximityKind::Cosine => c / (u[p] * u[q]).sqrt(),
                    ProximityKind::Jaccard => c / (u[p] + u[q] - c),
                    ProximityKind::Association => c * t / (s[p] * s[q]),
                    ProximityKind::Probability => c / ((s[p] / t * (s[q] / (t - s[p])) + s[q] / t * (s[p] / (t - s[q]))) * t / 2.0),
                    ProximityKind::Taxonomy => {
                        (0..10).filter(|c| m.at(*c, p) && m.at(*c, q)).map(|c| 1.0 / d[c]).sum::<f64>() / u[p].max(u[q])
                    }
                    ProximityKind::Correlation => {
                        let column = |p: usize| (0..10).map(|c| all.rca.at(c, p)).collect::<Vec<f64>>();
                        let centred = |v: Vec<f64>| {
                            let mean = v.iter().sum::<f64>() / 10.0;
                            v.into_iter().map(|x| x - mean).collect::<Vec<f64>>()
                        };
                        let (a, b) = (centred(column(p)), centred(column(q)));
                        let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(x, y)| x * y).sum::<f64>();
                        (1.0 + dot(&a, &b) / (dot(&a, &a) * dot(&b, &b)).sqrt()) / 2.0
                    }
                };
                close(Some(near.at(p, q)), expected, 1e-12);
            }
        }
    }
}

#[test]
fn intervals_hold_the_index_and_do_not_depend_on_threads() {
    let values = trade();
    let base = run(&values, &ComplexityOptions::default()).complexity.unwrap();
    for resampling in [Resampling::Places, Resampling::Activities, Resampling::Values { draws: Some(2000) }] {
        let options = BootstrapOptions { replicates: 200, resampling, ..BootstrapOptions::default() };
        let on = |threads: usize| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| complexity_intervals(&values, None, PresenceRule::default(), &base, &options).unwrap())
        };
        let sure = on(1);
        assert_eq!(format!("{sure:?}"), format!("{:?}", on(3)));
        let inside = sure.eci.iter().zip(base.eci.values()).filter(|(i, v)| i.low <= **v && **v <= i.high).count();
        assert!(inside >= 7, "{inside} of 10 with {resampling:?}");
        assert!(sure.rank.iter().all(|r| 1.0 <= r.low && r.low <= r.high && r.high <= 10.0));
        assert!(sure.replicates > 150);
    }
    // more noise, wider intervals
    let width = |draws: u32| -> f64 {
        let options =
            BootstrapOptions { replicates: 200, resampling: Resampling::Values { draws: Some(draws) }, ..BootstrapOptions::default() };
        let sure = complexity_intervals(&values, None, PresenceRule::default(), &base, &options).unwrap();
        sure.eci.iter().map(|i| i.high - i.low).sum()
    };
    assert!(width(100) > width(5_000));
}

#[test]
fn tables_that_cannot_bear_an_index_still_give_the_rest() {
    let one_place = LabelledMatrix::from_triplets("places", "products", [("A", "x", 1.0), ("A", "y", 2.0)]).unwrap();
    let one_activity = LabelledMatrix::from_triplets("places", "products", [("A", "x", 1.0), ("B", "x", 2.0)]).unwrap();
    let nothing = LabelledMatrix::from_triplets("places", "products", [("A", "x", 0.0), ("B", "y", 0.0)]).unwrap();
    for table in [&one_place, &one_activity, &nothing] {
        let all = run(table, &ComplexityOptions::default());
        assert!(all.record.refusal.is_some() && all.eci.values().iter().all(|v| v.is_nan()));
        assert_eq!(all.rca.values().len(), table.values().len());
    }
    let all = run(&nothing, &ComplexityOptions::default());
    assert!(all.record.excluded_places.iter().all(|e| e.reason == ExclusionReason::NoValue));
    // two groups without anything in common: flagged, whatever the index says
    let apart = LabelledMatrix::from_triplets(
        "places",
        "products",
        [("A", "x", 1.0), ("B", "x", 1.0), ("B", "y", 1.0), ("C", "u", 1.0), ("D", "u", 1.0), ("D", "v", 1.0)],
    );
    let all = run(&apart.unwrap(), &ComplexityOptions::default());
    assert_eq!(all.record.components, 2);
    assert!(all.record.warnings.iter().any(|w| w.contains("2 groups")), "{:?}", all.record.warnings);
    let negative = LabelledMatrix::from_triplets("places", "products", [("A", "x", -1.0), ("B", "x", 1.0)]).unwrap();
    assert!(period_complexity(&negative, None, Core::All, &ComplexityOptions::default()).is_err());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    /// Empty places and activities change nobody else's numbers, and rows and columns may stand in any order.
    #[test]
    fn empty_units_touch_nobody_and_order_does_not_matter(
        values in proptest::collection::vec(prop_oneof![Just(0.0), 0.1..100.0_f64], 8 * 20), empty_place in 0..9_usize, empty_activity in 0..21_usize,
    ) {
        let names = |what: &str, n: usize| Labels::new(what, (0..n).map(|i| format!("{what}{i:02}"))).unwrap();
        let table = LabelledMatrix::new(names("p", 8), names("a", 20), values.clone()).unwrap();
        let base = run(&table, &ComplexityOptions::default());
        prop_assume!(base.record.refusal.is_none() && base.record.warnings.is_empty());
        // the same with an empty place and an empty activity somewhere, and everything turned round
        let mut places: Vec<String> = table.rows().iter().map(str::to_owned).collect();
        let mut activities: Vec<String> = table.columns().iter().map(str::to_owned).collect();
        places.insert(empty_place, "empty place".into());
        activities.insert(empty_activity, "empty activity".into());
        places.reverse();
        activities.reverse();
        let wide = places.iter().flat_map(|c| activities.iter().map(|p| table.get(c, p).unwrap_or(0.0))).collect();
        let wide = LabelledMatrix::new(Labels::new("p", places).unwrap(), Labels::new("a", activities).unwrap(), wide).unwrap();
        let other = run(&wide, &ComplexityOptions::default());
        prop_assert!(other.eci.get("empty place").unwrap().is_nan() && other.pci.get("empty activity").unwrap().is_nan());
        let same = |a: f64, b: f64| (a.is_nan() && b.is_nan()) || (a - b).abs() <= 1e-9 * a.abs().max(1.0);
        for (place, value) in base.eci.iter() {
            prop_assert!(same(value, other.eci.get(place).unwrap()));
            prop_assert!(same(base.coi.get(place).unwrap(), other.coi.get(place).unwrap()));
            for activity in table.columns().iter() {
                prop_assert!(same(base.density.get(place, activity).unwrap(), other.density.get(place, activity).unwrap()));
                prop_assert!(same(base.cog.get(place, activity).unwrap(), other.cog.get(place, activity).unwrap()));
            }
        }
    }

    /// PRODY lies between the lowest and the highest income of those that have the activity.
    #[test]
    fn prody_is_a_mean(values in proptest::collection::vec(0.0..100.0_f64, 12), income in proptest::collection::vec(1.0..1e5_f64, 3)) {
        let names = |what: &str, n: usize| Labels::new(what, (0..n).map(|i| format!("{what}{i}"))).unwrap();
        let table = LabelledMatrix::new(names("p", 3), names("a", 4), values).unwrap();
        let income = LabelledVector::new(table.rows().clone(), income).unwrap();
        let (low, high) = income.values().iter().fold((f64::MAX, 0.0_f64), |(l, h), v| (l.min(*v), h.max(*v)));
        let found = prody(&table, &income).unwrap();
        prop_assert!(found.values().iter().all(|v| v.is_nan() || (low * (1.0 - 1e-12)..=high * (1.0 + 1e-12)).contains(v)));
    }
}
