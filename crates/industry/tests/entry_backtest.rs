//! The back-test of entry: nothing leaks, order and threads do not matter, odd input is refused or counted. All panels are made up.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::result_large_err)]

use complexity::*;
use frame::{LabelledMatrix, Labels};
use xinzhi_industry::*;

/// A number from 0 to 1 for every key (SplitMix64).
fn random(key: u64) -> f64 {
    let mut z = key.wrapping_mul(0x9E37_79B9_7F4A_7C15).wrapping_add(0x1234_5678_9ABC_DEF1);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    ((z ^ (z >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
}

fn table(places: usize, activities: usize, value: impl Fn(usize, usize) -> f64) -> LabelledMatrix {
    let rows = Labels::new("places", (0..places).map(|c| format!("c{c:02}"))).unwrap();
    let columns = Labels::new("activities", (0..activities).map(|p| format!("p{p:03}"))).unwrap();
    let value = &value;
    LabelledMatrix::new(rows, columns, (0..places).flat_map(|c| (0..activities).map(move |p| value(c, p))).collect()).unwrap()
}

/// Values drawn for every cell and period on their own: nothing can be foretold.
fn noise(places: usize, activities: usize, period: u64) -> LabelledMatrix {
    table(places, activities, |c, p| (3.0 * random(period * 1_000_003 + c as u64 * 1009 + p as u64)).exp())
}

/// Places on a ring of activities: each holds what lies near to it, and drifts; with some noise, and half of a cell's luck lasts.
fn ring(places: usize, activities: usize, period: u64) -> LabelledMatrix {
    table(places, activities, |c, p| {
        let (width, step) = (activities as f64, activities as f64 / places as f64);
        let from = (p as f64 - c as f64 * step - period as f64 * 1.5).rem_euclid(width);
        let distance = from.min(width - from) / width;
        let lasting = random(c as u64 * 7919 + p as u64);
        let passing = random(period * 999_983 + c as u64 * 104_729 + p as u64);
        (2.0 * (lasting + passing) - 12.0 * distance).exp()
    })
}

fn periods<'a>(labels: &[&'a str], tables: &'a [LabelledMatrix]) -> Vec<PeriodTable<'a>> {
    labels.iter().zip(tables).map(|(period, values)| PeriodTable { period, values }).collect()
}

fn small() -> BacktestOptions {
    BacktestOptions { trees: BoostedTreesOptions { trees: 20, minimum_leaf: 10, ..Default::default() }, ..Default::default() }
}

fn shuffled(m: &LabelledMatrix) -> LabelledMatrix {
    let order = |n: usize, by: u64| {
        let mut order: Vec<usize> = (0..n).collect();
        order.sort_by(|a, b| random(by + *a as u64).total_cmp(&random(by + *b as u64)));
        order
    };
    let (rows, columns) = (order(m.rows().len(), 1), order(m.columns().len(), 5000));
    let values = rows.iter().flat_map(|r| columns.iter().map(|c| m.at(*r, *c))).collect();
    LabelledMatrix::new(
        Labels::new("places", rows.iter().map(|r| m.rows().name(*r))).unwrap(),
        Labels::new("activities", columns.iter().map(|c| m.columns().name(*c))).unwrap(),
        values,
    )
    .unwrap()
}

fn bits(m: &LabelledMatrix) -> Vec<u64> {
    m.values().iter().map(|v| v.to_bits()).collect()
}

#[test]
fn the_density_of_a_place_is_that_of_a_world_without_it() {
    let present = presence(&revealed_comparative_advantage(&noise(9, 40, 1)).unwrap(), Presence::default());
    let quick = density_of_lacking_without_own_place(&present).unwrap();
    let with = density(&present, &proximity(&present, Diagonal::Zero)).unwrap();
    let mut moved = 0;
    for (c, place) in present.places().iter().enumerate() {
        let others = present.select_places(present.places().iter().filter(|name| *name != place)).unwrap();
        let alone = present.select_places([place]).unwrap();
        let slow = density(&alone, &proximity(&others, Diagonal::Zero)).unwrap();
        for p in 0..40 {
            if present.at(c, p) || slow.at(0, p).is_nan() {
                assert!(quick.at(c, p).is_nan());
                continue;
            }
            assert!((quick.at(c, p) - slow.at(0, p)).abs() < 1e-12);
            moved += usize::from((quick.at(c, p) - with.at(c, p)).abs() > 1e-6);
        }
    }
    assert!(moved > 100, "leaving the place out must show: {moved}");
}

#[test]
fn the_density_that_is_scored_is_the_held_out_one() {
    let tables = [noise(10, 60, 1), noise(10, 60, 2)];
    let rca = [revealed_comparative_advantage(&tables[0]).unwrap(), revealed_comparative_advantage(&tables[1]).unwrap()];
    let present = presence(&rca[0], Presence::default());
    let with = density(&present, &proximity(&present, Diagonal::Zero)).unwrap();
    for (folds, groups) in [(Folds::LeaveOnePlaceOut, 10), (Folds::Places(5), 5)] {
        let found = backtest(&periods(&["1", "2"], &tables), &BacktestOptions { folds, ..small() }).unwrap();
        let (mut held_out, mut with_place, mut entered) = (Vec::new(), Vec::new(), Vec::new());
        for c in 0..10 {
            let name = |k: usize| present.places().name(k);
            let others = present.select_places((0..10).filter(|k| k % groups != c % groups).map(name)).unwrap();
            let own = density(&present.select_places([name(c)]).unwrap(), &proximity(&others, Diagonal::Zero)).unwrap();
            for p in (0..60).filter(|p| rca[0].at(c, *p) < 1.0) {
                held_out.push(own.at(0, p));
                with_place.push(with.at(c, p));
                entered.push(rca[1].at(c, p) >= 1.0);
            }
        }
        let scores = found.scores(EntryModelKind::Density).unwrap();
        assert_eq!(scores.n, entered.len());
        // equal densities may differ in their last digit by the way they were added up, and so as ties
        let (own, other) = (area_under_curve(&held_out, &entered).unwrap(), area_under_curve(&with_place, &entered).unwrap());
        eprintln!("{} {own} {other}", scores.auc);
        assert!((scores.auc - own).abs() < 1e-4, "{folds:?}");
        assert!((scores.auc - other).abs() > 1e-3, "a density with the place would score otherwise");
    }
}

#[test]
fn what_a_place_did_next_does_not_reach_its_own_predictions() {
    let before = ring(14, 60, 0);
    let after = ring(14, 60, 1);
    // the place is so small that what it does moves nobody else's specialisation over the threshold
    let variant = |flip: bool| {
        table(14, 60, |c, p| {
            let value = after.at(c, p);
            if c == 0 { 1e-9 * if flip { 1.0 / value } else { value } } else { value }
        })
    };
    // whether to calibrate at all is decided on all places, as the choice of the model is
    let options = BacktestOptions { calibrate: false, ..small() };
    let run = |after: LabelledMatrix| backtest(&periods(&["1", "2"], &[before.clone(), after]), &options).unwrap();
    let (one, two) = (run(variant(false)), run(variant(true)));
    let rca = |flip| presence(&revealed_comparative_advantage(&variant(flip)).unwrap(), Presence::default());
    let (a, b) = (rca(false), rca(true));
    assert!((1..14).all(|c| (0..60).all(|p| a.at(c, p) == b.at(c, p))), "nobody else changes");
    assert!((0..60).filter(|p| a.at(0, *p) != b.at(0, *p)).count() > 20, "the place changes");
    for kind in EntryModelKind::ALL {
        let (x, y) = (one.out_of_sample(kind, 0).unwrap(), two.out_of_sample(kind, 0).unwrap());
        // the fits start from one on all cells, which saves iterations and may leave its trace in the last digits
        let same = |c: usize| x.row(c).iter().zip(y.row(c)).all(|(a, b)| (a.is_nan() && b.is_nan()) || (a - b).abs() < 1e-8);
        assert!(same(0), "{kind:?} has seen the outcome of the place it was to predict");
        assert!((1..14).any(|c| !same(c)), "{kind:?}: the others learn from it");
    }
}

#[test]
fn noise_cannot_be_foretold() {
    let tables = [noise(30, 120, 1), noise(30, 120, 2), noise(30, 120, 3)];
    let found = backtest(&periods(&["1", "2", "3"], &tables), &small()).unwrap();
    for scores in found.models.iter().chain(&found.over_time.as_ref().unwrap().models) {
        assert!((scores.auc - 0.5).abs() < 0.04, "{:?} {}", scores.model, scores.auc);
        assert!(scores.brier_skill < 0.01, "{:?} {}", scores.model, scores.brier_skill);
        assert!((scores.auc - 0.5).abs() < 5.0 * scores.auc_standard_error);
    }
}

#[test]
fn what_can_be_foretold_is() {
    let tables = [ring(20, 100, 0), ring(20, 100, 1), ring(20, 100, 2)];
    let found = backtest(&periods(&["2000", "2005", "2010"], &tables), &small()).unwrap();
    let auc = |kind| found.scores(kind).unwrap().auc;
    assert!(auc(EntryModelKind::Logistic) > 0.75 && auc(EntryModelKind::BoostedTrees) > 0.75);
    assert!(found.scores(found.model.kind).unwrap().brier_skill > 0.05);
    let least = found.models.iter().map(|m| m.brier).fold(f64::INFINITY, f64::min);
    assert!((found.scores(found.model.kind).unwrap().brier - least).abs() < 1e-12, "the best is chosen");
    assert_eq!(found.model.horizon.en, "within 5 years");
    assert!(found.features.contains(&EntryFeature::Growth) && found.notes.iter().any(|n| n.en.contains("2000 to 2005")));
    let test = found.over_time.as_ref().unwrap();
    assert_eq!((test.tested, test.models.len(), test.models[0].n), (1, 4, found.transitions[1].candidates));
    // numbers that must agree with each other
    for m in &found.models {
        assert_eq!(m.n, found.transitions.iter().map(|t| t.candidates).sum::<usize>());
        assert_eq!(m.calibration.iter().map(|b| b.n).sum::<usize>(), m.n);
        assert!(m.brier <= m.brier_uncalibrated && (m.auc_over_level.difference - (m.auc - auc(EntryModelKind::RcaLevel))).abs() < 1e-12);
        assert!(!m.verdict.en.is_empty() && !m.verdict.zh.is_empty());
    }
    // probabilities: candidates of the last period only, and the record of their bins
    let probable = entry_probabilities(&found.model, &periods(&["2000", "2005", "2010"], &tables)).unwrap();
    let rca = revealed_comparative_advantage(&tables[2]).unwrap();
    assert!(probable.values().iter().zip(rca.values()).all(|(p, r)| p.is_nan() == (*r >= 1.0)));
    assert!(probable.values().iter().filter(|p| p.is_finite()).all(|p| *p > 0.0 && *p < 1.0));
    assert_eq!(found.model.record.iter().map(|b| b.n).sum::<usize>(), found.models[0].n);
    for p in probable.values().iter().filter(|p| p.is_finite()) {
        let hit = found.model.hit_rate(*p).unwrap();
        assert!(hit.low <= hit.rate && hit.rate <= hit.high && hit.n >= 50);
    }
    assert_eq!(found.model.hit_rate(f64::NAN), None);
    assert_eq!(found.model.hit_rate(0.0).unwrap().rate, found.model.record[0].observed);
    assert_eq!(found.model.hit_rate(1.0).unwrap().rate, found.model.record.last().unwrap().observed);
}

#[test]
fn density_that_loses_to_the_level_is_said_to_lose() {
    // the level lasts, and where a place stands on the ring does not matter
    let tables = [0, 1].map(|t| {
        table(20, 100, |c, p| {
            (4.0 * random(c as u64 * 7919 + p as u64) + 2.0 * random((t + 1) * 999_983 + c as u64 * 104_729 + p as u64)).exp()
        })
    });
    let found = backtest(&periods(&["1", "2"], &tables), &small()).unwrap();
    let density = found.scores(EntryModelKind::Density).unwrap();
    assert!(density.auc_over_level.difference < -0.1);
    assert!(found.verdict.en.contains("density alone tells entries worse") && found.verdict.zh.contains("不如"));
}

#[test]
fn order_and_threads_do_not_matter() {
    let tables = [ring(12, 50, 0), ring(12, 50, 1), ring(12, 50, 2)];
    let mixed = [shuffled(&tables[0]), shuffled(&tables[1]), shuffled(&tables[2])];
    let labels = ["2000", "2005", "2010"];
    for folds in [Folds::LeaveOnePlaceOut, Folds::Places(4)] {
        let options = BacktestOptions { folds, ..small() };
        let run = |threads: usize, tables: &[LabelledMatrix]| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| {
                let given = periods(&labels, tables);
                let found = backtest(&given, &options).unwrap();
                let probable = entry_probabilities(&found.model, &given).unwrap();
                (found, probable)
            })
        };
        let (first, probable) = run(1, &tables);
        for (other, again) in [run(2, &tables), run(8, &tables), run(2, &mixed)] {
            for kind in EntryModelKind::ALL {
                for t in 0..2 {
                    assert_eq!(bits(&first.out_of_sample(kind, t).unwrap()), bits(&other.out_of_sample(kind, t).unwrap()), "{kind:?}");
                }
            }
            assert_eq!(format!("{:?}", first.models), format!("{:?}", other.models));
            assert_eq!(first.model.kind, other.model.kind);
            for (r, place) in probable.rows().iter().enumerate() {
                for (c, activity) in probable.columns().iter().enumerate() {
                    assert_eq!(probable.at(r, c).to_bits(), again.get(place, activity).unwrap().to_bits());
                }
            }
        }
    }
}

#[test]
fn what_is_missing_is_left_out_and_counted() {
    // c00 leaves, c20 arrives, c01 is empty first, c02 later; p000 is empty first, p001 later, p100 arrives
    let hole = |t: u64, c: usize, p: usize| (t == 0 && (c == 1 || p == 0)) || (t == 1 && (c == 2 || p == 1));
    let tables = [0, 1].map(|t| {
        let full = ring(21, 101, t);
        let (places, activities) = if t == 0 { (0..20, 0..100) } else { (1..21, 0..101) };
        let rows = Labels::new("places", places.clone().map(|c| format!("c{c:02}"))).unwrap();
        let columns = Labels::new("activities", activities.clone().map(|p| format!("p{p:03}"))).unwrap();
        let cell = |(c, p): (usize, usize)| if hole(t, c, p) { 0.0 } else { full.at(c, p) };
        let cells: Vec<f64> = places.flat_map(|c| activities.clone().map(move |p| (c, p))).map(cell).collect();
        LabelledMatrix::new(rows, columns, cells).unwrap()
    });
    let given = periods(&["1", "2"], &tables);
    let found = backtest(&given, &small()).unwrap();
    let t = &found.transitions[0];
    assert_eq!((t.places, t.activities), (17, 98));
    let mut seen: Vec<(&str, EntryExclusionReason, &str)> = Vec::new();
    for e in t.exclusions.iter().filter(|e| e.what != "cells") {
        assert_eq!(e.count, e.labels.len());
        seen.extend(e.labels.iter().map(|l| (e.what.as_str(), e.reason, l.as_str())));
    }
    use EntryExclusionReason::*;
    assert_eq!(
        seen,
        [
            ("places", NotInEarlierPeriod, "c20"),
            ("places", NotInLaterPeriod, "c00"),
            ("places", NoValueInEarlierPeriod, "c01"),
            ("places", NoValueInLaterPeriod, "c02"),
            ("activities", NotInEarlierPeriod, "p100"),
            ("activities", NoValueInEarlierPeriod, "p000"),
            ("activities", NoValueInLaterPeriod, "p001"),
        ]
    );
    let probable = entry_probabilities(&found.model, &given).unwrap();
    assert!(probable.row(probable.rows().position("c02").unwrap()).iter().all(|p| p.is_nan()), "an empty place");
    assert!(probable.rows().iter().all(|c| probable.get(c, "p001").unwrap().is_nan()), "an empty activity");
    assert!(probable.row(probable.rows().position("c20").unwrap()).iter().any(|p| p.is_finite()), "a new place has chances");
}

#[test]
fn stricter_entries_are_fewer() {
    let tables = [ring(20, 100, 0), ring(20, 100, 1), ring(20, 100, 2)];
    let given = periods(&["1", "2", "3"], &tables);
    let run = |entry| backtest(&given, &BacktestOptions { entry, ..small() }).unwrap();
    let (plain, far) = (run(EntryOptions::default()), run(EntryOptions { candidate_rca: 0.5, ..Default::default() }));
    let stays = run(EntryOptions { must_stay: true, diversity: true, ..Default::default() });
    assert!(
        far.transitions[0].candidates < plain.transitions[0].candidates && far.transitions[0].base_rate < plain.transitions[0].base_rate
    );
    assert!(stays.transitions[0].entries < plain.transitions[0].entries);
    assert_eq!(stays.transitions[1].entries, plain.transitions[1].entries);
    assert!(stays.notes.iter().any(|n| n.en.contains("staying")) && stays.features.contains(&EntryFeature::Diversity));
    let rca = revealed_comparative_advantage(&tables[2]).unwrap();
    let probable = entry_probabilities(&far.model, &given).unwrap();
    assert!(probable.values().iter().zip(rca.values()).all(|(p, r)| p.is_nan() == (*r >= 0.5)));
}

fn too_few(periods: &str) -> IndustryError {
    let needed = "two periods, between which entries are seen".to_owned();
    IndustryError::TooFewPeriods { what: "a back-test", needed, periods: periods.to_owned() }
}

#[test]
fn what_cannot_be_tested_is_refused() {
    let tables = [ring(12, 50, 0), ring(12, 50, 1)];
    let run = |given: &[PeriodTable<'_>], options: BacktestOptions| backtest(given, &options).map(|_| ());
    let given = periods(&["1", "2"], &tables);
    assert_eq!(run(&given[..1], small()), Err(too_few("1")));
    assert_eq!(run(&[], small()), Err(too_few("none")));
    let back = periods(&["2", "1"], &tables);
    assert!(matches!(run(&back, small()), Err(IndustryError::PeriodOrder { .. })));
    assert!(matches!(run(&periods(&["x", "x"], &tables), small()), Err(IndustryError::PeriodOrder { .. })));
    let same = [tables[0].clone(), tables[0].clone()];
    assert!(matches!(run(&periods(&["1", "2"], &same), small()), Err(IndustryError::OneOutcome { entries: 0, .. })));
    let few = [ring(4, 50, 0), ring(4, 50, 1)];
    assert_eq!(run(&periods(&["1", "2"], &few), small()), Err(IndustryError::TooFewPlacesToTest { places: 4, needed: 5 }));
    let folds = |k| BacktestOptions { folds: Folds::Places(k), ..small() };
    assert!(matches!(run(&given, folds(1)), Err(IndustryError::Option { .. })));
    assert!(matches!(run(&given, folds(0)), Err(IndustryError::Option { .. })));
    assert_eq!(run(&given, folds(13)), Err(IndustryError::TooFewPlacesToTest { places: 12, needed: 13 }));
    let rca = |candidate_rca| BacktestOptions { entry: EntryOptions { candidate_rca, ..Default::default() }, ..small() };
    assert!(matches!(run(&given, rca(1.5)), Err(IndustryError::Option { option: "candidate_rca", .. })));
    assert!(matches!(run(&given, rca(f64::NAN)), Err(IndustryError::Option { option: "candidate_rca", .. })));
    for wrong in [f64::NAN, -1.0] {
        let bad = [table(12, 50, |c, p| if (c, p) == (3, 7) { wrong } else { 1.0 }), tables[1].clone()];
        let error = backtest(&periods(&["1990", "2000"], &bad), &small()).unwrap_err().to_string();
        assert!(error.contains("the table of 1990") && error.contains("c03") && error.contains("p007"), "{error}");
    }
    let nothing = table(12, 50, |_, _| 0.0);
    assert!(matches!(
        run(&periods(&["1", "2"], &[nothing, tables[1].clone()]), small()),
        Err(IndustryError::TooFewPlacesToTest { places: 0, .. })
    ));
    // one place alone enters, too small to move anybody else: it leaves one activity for another
    let one = table(12, 50, |c, p| match c {
        0 if p == 3 => 1e-9,
        0 => 0.0,
        _ => tables[0].at(c, p),
    });
    let other = table(12, 50, |c, p| if c == 0 { if p == 30 { 1e-9 } else { 0.0 } } else { one.at(c, p) });
    let outcome = run(&periods(&["1", "2"], &[one, other]), small());
    assert!(matches!(&outcome, Err(IndustryError::EntriesTogether { .. })), "{outcome:?}");
}

#[test]
fn comparators_are_the_most_similar_that_entered() {
    // at first c00 has p0..p4; c01 has p0..p3, c02 p0..p1, c03 p10..p14, and c04 has p9 already; then c01, c02 and c03 enter p9
    let held = |t: usize, c: usize, p: usize| match c {
        0 => p < 5,
        1 => p < 4 || (t > 0 && p == 9),
        2 => p < 2 || (t > 0 && p == 9),
        3 => (10..15).contains(&p) || (t > 0 && p == 9),
        4 => p == 9 || p == 8,
        _ => p >= 15,
    };
    let tables = [0, 1].map(|t| table(6, 20, |c, p| f64::from(u8::from(held(t, c, p)))));
    let given = periods(&["2000", "2010"], &tables);
    let find = |most| comparators(&given, "c00", "p009", most, ComparedStructure::SamePeriod, &EntryOptions::default()).unwrap();
    let found = find(3);
    assert_eq!(found.iter().map(|c| c.place.as_str()).collect::<Vec<_>>(), ["c01", "c02", "c03"]);
    assert!((found[0].similarity - 4.0 / 20.0_f64.sqrt()).abs() < 1e-12 && (found[1].similarity - 2.0 / 10.0_f64.sqrt()).abs() < 1e-12);
    assert_eq!((found[2].similarity, found[0].from.as_str(), found[0].to.as_str()), (0.0, "2000", "2010"));
    assert!(found.iter().all(|c| c.rca_before < 1.0 && c.rca_after >= 1.0));
    assert_eq!(find(1).len(), 1);
    // c01 is no evidence for itself, and against what c01 has by 2010 (p9 too) c02 has 2 of √(5·2)
    let now = comparators(&given, "c01", "p009", 3, ComparedStructure::LastPeriod, &EntryOptions::default()).unwrap();
    assert_eq!(now[0].place, "c02");
    assert!((now[0].similarity - 2.0 / 10.0_f64.sqrt()).abs() < 1e-12);
    assert!(comparators(&given, "c00", "p000", 3, ComparedStructure::SamePeriod, &EntryOptions::default()).unwrap().is_empty());
    assert!(comparators(&given, "nowhere", "p000", 3, ComparedStructure::SamePeriod, &EntryOptions::default()).is_err());
    assert!(comparators(&given, "c00", "nothing", 3, ComparedStructure::SamePeriod, &EntryOptions::default()).is_err());
    assert!(comparators(&given[..1], "c00", "p000", 3, ComparedStructure::SamePeriod, &EntryOptions::default()).is_err());
}
