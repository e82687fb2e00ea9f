//! Effort, growth targets and portfolios: by hand, against brute force, and what always holds.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::result_large_err)]

use complexity::*;
use frame::{LabelledMatrix, LabelledVector, Labels};
use proptest::prelude::*;
use xinzhi_industry::*;

fn names(what: &str, n: usize) -> Labels {
    Labels::new(what, (0..n).map(|i| format!("{}{i:03}", &what[..1]))).unwrap()
}

/// A made-up nested table with noise that depends on the year.
fn made_up(places: usize, activities: usize, year: usize) -> LabelledMatrix {
    let mut seed = 12345 + 977 * year as u64;
    let values = (0..places * activities).map(|at| {
        seed = seed.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        let noise = (seed >> 33) as f64 / f64::from(1u32 << 31);
        let (c, p) = ((at / activities) as f64 / places as f64, (at % activities) as f64 / activities as f64);
        // what stays from year to year, besides the noise
        let lasting = ((at as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 40) as f64 / f64::from(1u32 << 24);
        (4.0 * (c - p) + 3.0 * lasting + 0.8 * noise).exp()
    });
    LabelledMatrix::new(names("places", places), names("activities", activities), values.collect()).unwrap()
}

struct World {
    presence: PresenceMatrix,
    pci: LabelledVector,
    effort: LabelledMatrix,
}

impl World {
    fn new(held: &[bool], pci: &[f64], effort: &[f64]) -> World {
        let activities = names("activities", pci.len());
        let places = names("places", held.len() / pci.len());
        World {
            presence: PresenceMatrix::new(places.clone(), activities.clone(), held.iter().copied()).unwrap(),
            pci: LabelledVector::new(activities.clone(), pci.to_vec()).unwrap(),
            effort: LabelledMatrix::new(places, activities, effort.to_vec()).unwrap(),
        }
    }

    fn input(&self) -> PortfolioInput<'_> {
        PortfolioInput { presence: &self.presence, pci: &self.pci, effort: &self.effort }
    }

    fn solve(&self, target: ComplexityTarget<'_>) -> Portfolio {
        portfolio(&self.input(), "p000", target, &PortfolioOptions::default()).unwrap()
    }
}

/// The least effort over all sets whose mean reaches the target, and the highest mean of all, straight from the definition.
fn by_hand(held: &[bool], pci: &[f64], effort: &[f64], target: f64) -> (Option<f64>, f64) {
    let base: Vec<f64> = held.iter().zip(pci).filter(|(h, v)| **h && v.is_finite()).map(|(_, v)| *v).collect();
    let open: Vec<usize> = (0..pci.len()).filter(|p| !held[*p] && pci[*p].is_finite() && effort[*p].is_finite()).collect();
    let (mut least, mut highest): (Option<f64>, f64) = (None, f64::NEG_INFINITY);
    for set in 0..1_u32 << open.len() {
        let chosen = || open.iter().enumerate().filter(move |(i, _)| set >> i & 1 == 1).map(|(_, p)| *p);
        let all: Vec<f64> = base.iter().copied().chain(chosen().map(|p| pci[p])).collect();
        if all.is_empty() {
            continue;
        }
        let mean = all.iter().sum::<f64>() / all.len() as f64;
        highest = highest.max(mean);
        let total: f64 = chosen().map(|p| effort[p].max(0.0)).sum();
        if mean >= target - 1e-12 * target.abs().max(1.0) {
            least = Some(least.map_or(total, |l| l.min(total)));
        }
    }
    (least, highest)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3000, ..ProptestConfig::default() })]

    /// Values in eighths, so that ties, exact hits, zero and negative gains and free activities all happen; some index and effort missing.
    #[test]
    fn no_set_takes_less_effort(
        cells in prop::collection::vec((0..4_u32, -16..17_i32, -4..24_i32), 1..13), target in -20..21_i32, smooth in any::<bool>(),
    ) {
        let held: Vec<bool> = cells.iter().map(|c| c.0 == 0).collect();
        let bend = |v: f64, i: usize| if smooth { v + (i as f64 * 1.7).sin() / 3.0 } else { v };
        let pci: Vec<f64> = cells.iter().enumerate().map(|(i, c)| if c.1 == 16 { f64::NAN } else { bend(f64::from(c.1) / 8.0, i) }).collect();
        let effort: Vec<f64> = cells.iter().enumerate().map(|(i, c)| if c.2 == 23 { f64::NAN } else { bend(f64::from(c.2) / 8.0, i) }).collect();
        let target = f64::from(target) / 8.0;
        let world = World::new(&held, &pci, &effort);
        let found = world.solve(ComplexityTarget::Level(target));
        let (least, highest) = by_hand(&held, &pci, &effort, target);
        let held_mean = found.eci_before;
        match least {
            Some(least) => {
                prop_assert!((found.effort - least).abs() <= 1e-12 * least.max(1.0), "{} instead of {least}", found.effort);
                prop_assert!(found.eci_after >= target - 2e-12 * target.abs().max(1.0));
                prop_assert!(matches!(found.outcome, PortfolioOutcome::Reached | PortfolioOutcome::AlreadyReached));
                prop_assert_eq!(found.outcome == PortfolioOutcome::AlreadyReached, held_mean >= target - 1e-12 * target.abs().max(1.0));
                prop_assert_eq!((found.gap, found.lower_bound), (0.0, found.effort));
            }
            None => {
                prop_assert_eq!(found.outcome, PortfolioOutcome::BestReachable);
                prop_assert!(highest == f64::NEG_INFINITY && found.eci_after.is_nan() || (found.eci_after - highest).abs() < 1e-12);
            }
        }
        prop_assert!(highest == f64::NEG_INFINITY || (found.best_reachable_eci - highest).abs() < 1e-12);
        if found.outcome == PortfolioOutcome::AlreadyReached {
            prop_assert!(found.chosen.is_empty() && found.effort == 0.0);
        }
        prop_assert!(found.chosen.iter().all(|c| world.presence.get("p000", &c.activity) == Some(false)));
    }
}

#[test]
fn every_outcome_is_named() {
    let nan = f64::NAN;
    let world = World::new(&[true, false, false, true], &[0.0, 2.0, -1.0, 1.0], &[nan, 3.0, 0.0, nan]);
    assert_eq!(world.solve(ComplexityTarget::Level(0.5)).outcome, PortfolioOutcome::AlreadyReached);
    assert_eq!(world.solve(ComplexityTarget::Gain(0.0)).outcome, PortfolioOutcome::AlreadyReached);
    let reached = world.solve(ComplexityTarget::Gain(0.25));
    assert_eq!((reached.outcome, reached.effort, reached.eci_after, reached.candidates), (PortfolioOutcome::Reached, 3.0, 1.0, 2));
    let far = world.solve(ComplexityTarget::Level(1.5));
    assert_eq!((far.outcome, far.eci_after, far.best_reachable_eci), (PortfolioOutcome::BestReachable, 1.0, 1.0));
    let nobody = World::new(&[true, false], &[1.0, 0.5], &[nan, 1.0]).solve(ComplexityTarget::Level(2.0));
    assert_eq!((nobody.outcome, nobody.chosen.len(), nobody.eci_after), (PortfolioOutcome::BestReachable, 0, 1.0), "none would raise it");
    let empty = World::new(&[false, false, false], &[0.0, 1.0, 3.0], &[0.5, 2.0, 1.0]);
    assert_eq!(empty.solve(ComplexityTarget::Gain(0.1)).outcome, PortfolioOutcome::NoTarget);
    let single = empty.solve(ComplexityTarget::Level(1.0));
    assert_eq!((single.chosen.len(), single.chosen[0].activity.as_str(), single.effort), (1, "a002", 1.0));
    let levels = LabelledVector::new(Labels::new("places", ["p000"]).unwrap(), vec![nan]).unwrap();
    assert_eq!(world.solve(ComplexityTarget::Levels(&levels)).outcome, PortfolioOutcome::NoTarget);
    // a negative effort is free, and only as many free ones as are needed
    let free = World::new(&[true, false, false, false], &[0.0, 1.0, 1.0, 5.0], &[nan, -1.0, 0.0, 4.0]).solve(ComplexityTarget::Level(0.5));
    assert_eq!((free.effort, free.chosen.len(), free.chosen[0].effort), (0.0, 1, -1.0));
}

#[test]
fn refusals_name_the_reason() {
    let world = World::new(&[true, false], &[0.0, 1.0], &[f64::NAN, 1.0]);
    let options = PortfolioOptions::default();
    assert!(portfolio(&world.input(), "Z", ComplexityTarget::Gain(0.1), &options).unwrap_err().to_string().contains("\"Z\""));
    let refused = portfolios(&world.input(), ComplexityTarget::Level(f64::NAN), &options);
    assert!(matches!(refused, Err(IndustryError::Option { option: "target", .. })));
    let refused = portfolios(&world.input(), ComplexityTarget::Gain(0.1), &PortfolioOptions { node_limit: 0 });
    assert!(matches!(refused, Err(IndustryError::Option { option: "node_limit", .. })));
    let other = LabelledVector::new(names("activities", 1), vec![1.0]).unwrap();
    let refused = portfolios(&PortfolioInput { pci: &other, ..world.input() }, ComplexityTarget::Gain(0.1), &options);
    assert_eq!(refused, Err(IndustryError::LabelsDiffer { input: "complexity", what: "activities", reference: "presence" }));
}

/// Every place of a table comes back, proven, and the same for one and for several threads.
#[test]
fn all_places_are_proven_and_threads_do_not_matter() {
    let table = made_up(60, 200, 0);
    let rca = revealed_comparative_advantage(&table).unwrap();
    let presence = presence(&rca, Presence::default());
    let pci = economic_complexity(&presence, &EconomicComplexityOptions::default()).unwrap();
    let density = density(&presence, &proximity(&presence, Diagonal::Zero)).unwrap();
    let effort = gap_effort(&rca, &density, 1.0).unwrap();
    let input = PortfolioInput { presence: &presence, pci: &pci.pci, effort: &effort };
    let with = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| portfolios(&input, ComplexityTarget::Gain(0.1), &PortfolioOptions::default())).unwrap()
    };
    let one = with(1);
    assert_eq!((one.len(), format!("{one:?}")), (60, format!("{:?}", with(4))));
    for (found, eci) in one.iter().zip(pci.eci.values()) {
        assert!((found.eci_before - eci).abs() < 1e-9, "the ECI is the mean PCI");
        assert_eq!(found.gap, 0.0, "{}", found.place);
        assert!(found.outcome != PortfolioOutcome::Reached || found.eci_after >= found.target - 1e-11);
    }
    assert!(one.iter().filter(|p| p.outcome == PortfolioOutcome::Reached).count() > 40);
    let limited = portfolios(&input, ComplexityTarget::Gain(0.1), &PortfolioOptions { node_limit: 1 }).unwrap();
    for (short, full) in limited.iter().zip(&one) {
        assert!(short.lower_bound <= full.effort * (1.0 + 1e-12) && short.effort >= full.effort * (1.0 - 1e-12), "{}", full.place);
    }
    assert!(limited.iter().any(|p| p.gap > 0.0), "a limit of one leaves a gap somewhere");
}

/// The fit is that of the normal equations solved apart; the effort solves the model for its threshold; the forecast is the model.
#[test]
fn effort_brings_the_model_to_its_threshold() {
    let tables: Vec<LabelledMatrix> = (0..4).map(|year| made_up(25, 40, year)).collect();
    let panel: Vec<YearTable<'_>> =
        tables.iter().zip([2000, 2005, 2010, 2015]).map(|(values, period)| YearTable { period, values }).collect();
    let model = calibrate_stepping_stone(&panel, &SteppingStoneOptions::default()).unwrap();
    assert_eq!((model.horizon, model.stepping_stone, model.first_periods.clone()), (10, 5, vec![2000, 2005]));
    assert_eq!(model.entry.observations + model.exit.observations + model.without_relatedness, 2 * 25 * 40);

    let features = |table: &LabelledMatrix| {
        let rca = revealed_comparative_advantage(table).unwrap();
        let here = presence(&rca, Presence::default());
        let near = density(&here, &proximity(&here, Diagonal::Zero)).unwrap();
        let relative = relative_relatedness(&rca, &near, 1.0).unwrap();
        (rca, near, relative)
    };
    // residuals of the entry cells are orthogonal to every regressor
    let mut products = [0.0; 5];
    let estimates =
        ["stepping_stone", "level", "relatedness", "relative_relatedness", "constant"].map(|r| model.entry.estimate(r).unwrap());
    for first in 0..2 {
        let (rca, near, relative) = features(&tables[first]);
        let (step, last) = (features(&tables[first + 1]).0, features(&tables[first + 2]).0);
        for at in (0..rca.values().len()).filter(|at| rca.values()[*at] < 1.0) {
            let row = [step.values()[at].ln_1p(), rca.values()[at].ln_1p(), near.values()[at], relative.values()[at], 1.0];
            let residual = last.values()[at].ln_1p() - row.iter().zip(estimates).map(|(x, b)| x * b).sum::<f64>();
            products.iter_mut().zip(row).for_each(|(sum, x)| *sum += x * residual);
        }
    }
    assert!(products.iter().all(|p| p.abs() < 1e-9), "{products:?}");

    let (rca, near, relative) = features(&tables[3]);
    let effort = stepping_stone_effort(&model, &rca, &near).unwrap();
    let later = expected_specialisation(&model, &rca, &near).unwrap();
    let [b1, b2, b3, b4, b0] = estimates;
    for (at, w) in effort.values().iter().enumerate() {
        let (level, r) = (rca.values()[at], rca.values()[at].ln_1p());
        assert_eq!(w.is_nan(), level >= 1.0);
        if level < 1.0 {
            let rest = b2 * r + b3 * near.values()[at] + b4 * relative.values()[at] + b0;
            assert!((b1 * (level + w).ln_1p() + rest - 2.0_f64.ln()).abs() < 1e-9);
            // without a push the model reaches the threshold exactly where no effort is needed
            assert_eq!(later.values()[at] >= 1.0, *w <= 0.0);
        }
    }
    // means of periods against regressions of one period each
    let averaged =
        calibrate_stepping_stone(&panel, &SteppingStoneOptions { pooling: Pooling::MeanOfPeriods, ..Default::default() }).unwrap();
    let apart = [&panel[..3], &panel[1..]].map(|panel| calibrate_stepping_stone(panel, &SteppingStoneOptions::default()).unwrap());
    for (i, c) in averaged.exit.coefficients.iter().enumerate() {
        let [a, b] = [&apart[0], &apart[1]].map(|m| m.exit.coefficients[i].estimate);
        assert!((c.estimate - (a + b) / 2.0).abs() < 1e-12 && (c.standard_error - ((a - b) / 2.0).abs()).abs() < 1e-12);
    }
}

#[test]
fn panels_that_are_too_short_are_refused_with_the_periods_named() {
    let tables: Vec<LabelledMatrix> = (0..3).map(|year| made_up(8, 12, year)).collect();
    let panel = |periods: [i32; 3]| -> Vec<YearTable<'_>> {
        tables.iter().zip(periods).map(|(values, period)| YearTable { period, values }).collect()
    };
    let run = |periods, horizon| calibrate_stepping_stone(&panel(periods), &SteppingStoneOptions { horizon, ..Default::default() });
    let given = Horizon::Given { horizon: 10, stepping_stone: 5 };
    let refused = run([2000, 2004, 2010], given).unwrap_err().to_string();
    assert!(refused.contains("t+5 and t+10") && refused.contains("2000, 2004, 2010"), "{refused}");
    let longest = run([2000, 2004, 2010], Horizon::Longest).unwrap();
    assert_eq!((longest.horizon, longest.stepping_stone), (10, 4));
    assert!(run([2000, 2008, 2020], Horizon::Longest).unwrap_err().to_string().contains("three periods"), "12 apart is too far");
    assert!(matches!(run([2000, 2000, 2010], given), Err(IndustryError::RepeatedPeriod { period: 2000 })));
    assert!(matches!(run([2000, 2005, 2010], Horizon::Given { horizon: 5, stepping_stone: 5 }), Err(IndustryError::Option { .. })));
    let same: Vec<YearTable<'_>> = [2000, 2005, 2010].map(|period| YearTable { period, values: &tables[0] }).to_vec();
    // nothing changes: the stepping stone and the level are one
    assert!(matches!(
        calibrate_stepping_stone(&same, &SteppingStoneOptions::default()),
        Err(IndustryError::Collinear { what: "entry", .. })
    ));
    let other = made_up(8, 11, 0);
    let mixed =
        [YearTable { period: 1, values: &tables[0] }, YearTable { period: 2, values: &other }, YearTable { period: 3, values: &tables[2] }];
    assert!(matches!(calibrate_stepping_stone(&mixed, &SteppingStoneOptions::default()), Err(IndustryError::LabelsDiffer { .. })));
}

#[test]
fn growth_targets_invert_the_regression() {
    let places = names("places", 12);
    let vector = |f: &dyn Fn(usize) -> f64| LabelledVector::new(places.clone(), (0..12).map(f).collect()).unwrap();
    let eci = vector(&|c| ((c * 7) % 12) as f64 / 4.0 - 1.5);
    let income = vector(&|c| 500.0 * (1.0 + c as f64).powf(1.5));
    let truth = GrowthCoefficients { complexity: 0.012, income: -0.015, interaction: -0.004, period: 0.025 };
    let step = |income: &LabelledVector, period: f64| {
        let z = standardised_log(income).unwrap();
        let truth = GrowthCoefficients { period, ..truth };
        vector(&|c| income.values()[c] * (5.0 * truth.expected(eci.values()[c], z.values()[c])).exp())
    };
    let middle = step(&income, 0.025);
    let last = step(&middle, 0.01);
    let panel = [(2000, &income), (2005, &middle), (2010, &last)].map(|(period, income)| GrowthPeriod { period, income, eci: &eci });
    let model = calibrate_growth(&panel, 5).unwrap();
    assert_eq!((model.first_periods.as_slice(), model.regression.observations), ([2000, 2005].as_slice(), 24));
    let (first, latest) = (model.of_period(2000).unwrap(), model.latest());
    for (a, b) in
        [(latest.complexity, 0.012), (latest.income, -0.015), (latest.interaction, -0.004), (latest.period, 0.01), (first.period, 0.025)]
    {
        assert!((a - b).abs() < 1e-12, "{a} {b}");
    }
    assert!(model.of_period(2010).is_none());
    let target = latest.complexity_for(0.03, -0.5).unwrap();
    assert!((latest.expected(target, -0.5) - 0.03).abs() < 1e-12);
    // 0.012 − 0.004 z is negative beyond z = 3: less complexity would mean more growth
    let refused = latest.complexity_for(0.03, 3.5).unwrap_err();
    assert!(matches!(refused, IndustryError::GrowthDoesNotRise { .. }));
    assert!(matches!(calibrate_growth(&panel, 10), Ok(m) if m.first_periods == [2000]));
    assert!(calibrate_growth(&panel, 7).unwrap_err().to_string().contains("t+7"));
}
