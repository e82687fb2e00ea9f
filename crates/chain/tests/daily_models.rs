//! Day-by-day models: BoARIO's runs, worked numbers, identities, and options that make no sense.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod made_up_tables;

use frame::{LabelledMatrix, Labels};
use made_up_tables::*;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use serde_json::Value;
use xinzhi_chain::*;

fn capacity(industries: Vec<usize>, loss: f64, course: Course) -> Shock {
    let losses = vec![loss; industries.len()];
    Shock { name: "capacity".into(), disturbance: Disturbance::Capacity { industries, losses }, course }
}

fn course(start: usize, end: usize) -> Course {
    Course { start, end, recovery: Recovery::AtOnce }
}

/// BoARIO's event on BBB.D02: 60 % of capital on day 5 for ten days, then a linear recovery over 60. It applies the recovery of a day on
/// the next, so that it starts on day 16 in terms of a course.
fn event(system: &InputOutputSystem, end: usize) -> Scenario {
    let course = Course { start: 5, end, recovery: Recovery::Linear { days: 60.0 } };
    Scenario::new(system, "event", 200, vec![capacity(vec![system.position("BBB", "D02").unwrap()], 0.6, course)]).unwrap()
}

fn boario_options(inventories: f64, restoration: f64, ordering: Ordering, decimals: u32) -> ArioOptions {
    ArioOptions {
        ordering,
        convention: ArioConvention::BoarioAsCoded { capital_to_value_added: 4.0, decimals },
        inventories: inventories.into(),
        restoration: restoration.into(),
        keep_going: true,
        record: vec![20],
        ..Default::default()
    }
}

#[track_caller]
fn relatively_close(found: f64, expected: f64, tolerance: f64) {
    assert!((found - expected).abs() <= tolerance * expected.abs(), "found {found}, expected {expected}");
}

/// Every day and industry that was written down, the sum of losses and of demand not met.
#[track_caller]
fn same_trace(run: &DailyRun, golden: &Value, tolerance: f64) {
    for (day, total) in golden["total_production"].as_object().unwrap() {
        relatively_close(run.world_output[day.parse::<usize>().unwrap()], total.as_f64().unwrap(), tolerance);
    }
    for (found, expected) in run.recorded[0].1.iter().zip(golden["production_day20"].as_array().unwrap()) {
        relatively_close(*found, expected.as_f64().unwrap(), tolerance);
    }
    if let Some(change) = golden["cumulative_output_change"].as_f64() {
        relatively_close(run.cumulative_output_change(), change, tolerance);
    }
    let unmet = golden["final_demand_unmet_total"].as_f64().unwrap();
    relatively_close(run.unmet_final_demand.values().iter().sum(), unmet, tolerance);
    if let Some(shortage) = golden["had_shortage"].as_bool() {
        assert_eq!(run.first_shortage.is_some(), shortage);
    }
}

#[test]
fn boario_runs_are_repeated() {
    let golden: Value = serde_json::from_str(include_str!("data/boario.json")).unwrap();
    let system = mini();
    let scenario = event(&system, 16);
    for (name, days, restoration, ordering) in [
        ("alt_inv90", 90.0, 60.0, Ordering::Alternative),
        ("alt_inv6", 6.0, 10.0, Ordering::Alternative),
        ("noalt_inv90", 90.0, 60.0, Ordering::Proportional),
        ("noalt_inv6", 6.0, 10.0, Ordering::Proportional),
    ] {
        let as_coded = boario_options(days, restoration, ordering, 1);
        let run = adaptive_regional_input_output(&system, &scenario, &as_coded).unwrap();
        same_trace(&run, &golden[name], 1e-9);
        // as published the path is another one, but not by much
        let published = ArioOptions { convention: ArioConvention::AsPublished, ..as_coded };
        let other = adaptive_regional_input_output(&system, &scenario, &published).unwrap();
        relatively_close(other.cumulative_output_change(), run.cumulative_output_change(), 5e-3);
        assert_ne!(other.cumulative_output_change(), run.cumulative_output_change());
        assert!(other.invariants.iter().all(Invariant::holds), "{:?}", other.invariants);
        // BoARIO gives the last run without a word; here it is a collapse, seen while a third of output is left or more
        for run in [run, other] {
            match run.stability {
                RunStability::Diverging { day } => {
                    assert_eq!(name, "noalt_inv6");
                    assert!(day > 76 && run.world_output[day] > run.baseline_output / 3.0, "{day}");
                    assert!(run.recovery.iter().all(Option::is_none));
                }
                RunStability::Stable => assert_ne!(name, "noalt_inv6"),
                other => panic!("{name}: {other:?}"),
            }
        }
    }
}

#[test]
fn boario_rebuilding_and_days_by_sector() {
    let golden: Value = serde_json::from_str(include_str!("data/boario_more.json")).unwrap();
    let system = mini();
    let rebuilding = Rebuilding { days: 60.0, sectors: [("D02".into(), 0.7), ("D03".into(), 0.3)].into(), capital_to_value_added: 4.0 };
    for (name, days, restoration, ordering, decimals) in [
        ("rebuild_alt_factor1", 90.0, 60.0, Ordering::Alternative, 1),
        ("rebuild_alt_factor1000000", 90.0, 60.0, Ordering::Alternative, 7),
        ("rebuild_noalt_inv6_factor1000000", 6.0, 10.0, Ordering::Proportional, 7),
    ] {
        let options = ArioOptions { rebuilding: Some(rebuilding.clone()), ..boario_options(days, restoration, ordering, decimals) };
        let run = adaptive_regional_input_output(&system, &event(&system, 15), &options).unwrap();
        same_trace(&run, &golden[name], 1e-6);
    }
    let days =
        |list: [f64; 3]| SectorDays { default: 1.0, by_sector: ["D01", "D02", "D03"].map(String::from).into_iter().zip(list).collect() };
    let options = ArioOptions {
        inventories: days([10.0, 30.0, f64::INFINITY]),
        restoration: days([5.0, 20.0, 40.0]),
        psi: 0.9,
        overproduction_max: 1.4,
        overproduction_days: 100.0,
        ..boario_options(90.0, 60.0, Ordering::Alternative, 7)
    };
    same_trace(&adaptive_regional_input_output(&system, &event(&system, 16), &options).unwrap(), &golden["by_sector"], 1e-6);
}

#[test]
fn input_rules() {
    let golden: Value = serde_json::from_str(include_str!("data/pichler_input_rules.json")).unwrap();
    let list = |key: &str| -> Vec<f64> {
        let flat = |v: &Value| -> Vec<f64> {
            v.as_array().map_or_else(|| vec![v.as_f64().unwrap()], |row| row.iter().map(|v| v.as_f64().unwrap()).collect())
        };
        golden[key].as_array().unwrap().iter().flat_map(flat).collect()
    };
    for (rule, key) in [
        (BindingRule::Leontief, "leontief"),
        (BindingRule::StronglyCritical, "strongly_critical"),
        (BindingRule::HalfCritical, "half_critical"),
        (BindingRule::WeaklyCritical, "weakly_critical"),
        (BindingRule::Linear, "linear"),
    ] {
        let found = output_allowed_by_inventories(rule, &list("S"), &list("A"), &list("crit"), &list("x0")).unwrap();
        all_close(&found, &list(key), 1e-12);
    }
    assert!(output_allowed_by_inventories(BindingRule::Linear, &[1.0], &[1.0], &[0.7], &[1.0]).is_err());
}

/// A day-by-day run of the partially binding model in the plainest way: full matrices, one loop after the other.
fn plain_partially_binding(system: &InputOutputSystem, scenario: &Scenario, rule: BindingRule, criticality: &[f64]) -> Vec<Vec<f64>> {
    let (n, days) = (system.size(), scenario.days());
    let (stock_days, tau) = (30.0, 10.0);
    let x0: Vec<f64> = system.output().iter().map(|x| x / 365.0).collect();
    let y: Vec<f64> = (0..n).map(|i| (0..REGIONS).map(|r| system.final_delivery(i, r) / 365.0).sum()).collect();
    // by supplying sector and user
    let z = |s: usize, f: usize| (0..n).filter(|i| i % SECTORS == s).map(|i| system.delivery(i, f)).sum::<f64>();
    let a: Vec<f64> = (0..SECTORS * n).map(|at| z(at / n, at % n) / system.output()[at % n]).collect();
    let rated: Vec<f64> = (0..SECTORS * n).map(|at| criticality[at / n * SECTORS + at % n % SECTORS]).collect();
    let mut stock: Vec<f64> = (0..SECTORS * n).map(|at| stock_days * a[at] * x0[at % n]).collect();
    let mut orders: Vec<f64> = (0..SECTORS * n).map(|at| a[at] * x0[at % n]).collect();
    let (mut labour, mut path) = (vec![1.0; n], Vec::new());
    let share = |i: usize, f: usize| if z(i % SECTORS, f) > 0.0 { system.delivery(i, f) / z(i % SECTORS, f) } else { 0.0 };
    for day in 0..days {
        let lost = scenario.capacity_loss(n, day);
        let d: Vec<f64> = (0..n).map(|i| y[i] + (0..n).map(|f| share(i, f) * orders[i % SECTORS * n + f]).sum::<f64>()).collect();
        let allowed = output_allowed_by_inventories(rule, &stock, &a, &rated, &x0).unwrap();
        for i in 0..n {
            labour[i] = f64::min(labour[i], 1.0 - lost[i]);
        }
        let x: Vec<f64> = (0..n).map(|i| (x0[i] * labour[i]).min(allowed[i]).min(d[i])).collect();
        for at in 0..SECTORS * n {
            let (s, f) = (at / n, at % n);
            let got: f64 = (0..n).filter(|i| i % SECTORS == s).map(|i| share(i, f) * orders[at] * x[i] / d[i]).sum();
            stock[at] = (stock[at] + got - a[at] * x[f]).max(0.0);
        }
        for at in 0..SECTORS * n {
            orders[at] = (a[at] * d[at % n] + (stock_days * a[at] * x0[at % n] - stock[at]) / tau).max(0.0);
        }
        for i in 0..n {
            let change = allowed[i].min(d[i]) / x0[i] - labour[i];
            labour[i] += change / if change > 0.0 { 30.0 } else { 15.0 };
        }
        path.push(x);
    }
    path
}

fn criticality(values: Vec<f64>) -> LabelledMatrix {
    let sectors = Labels::new("sectors", ["s0", "s1", "s2"]).unwrap();
    LabelledMatrix::new(sectors.clone(), sectors, values).unwrap()
}

const RATED: [f64; 9] = [1.0, 0.5, 0.0, 0.5, 0.0, 1.0, 1.0, 1.0, 0.5];

#[test]
fn partially_binding_against_the_plain_way() {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    for rule in
        [BindingRule::Leontief, BindingRule::StronglyCritical, BindingRule::HalfCritical, BindingRule::WeaklyCritical, BindingRule::Linear]
    {
        let (z, y) = table().new_tree(&mut runner).unwrap().current();
        let system = system_of(z, y);
        let shocks = vec![capacity(vec![1, 4], 0.7, course(3, 40))];
        let scenario = Scenario::new(&system, "two", 150, shocks).unwrap();
        let options = PartiallyBindingOptions {
            rule,
            criticality: Some(criticality(RATED.to_vec())),
            record: (0..150).collect(),
            keep_going: true,
            ..Default::default()
        };
        let run = partially_binding_leontief(&system, &scenario, &options).unwrap();
        for ((_, found), expected) in run.recorded.iter().zip(plain_partially_binding(&system, &scenario, rule, &RATED)) {
            all_close(found, &expected, 1e-10);
        }
        assert_eq!(run.recorded.len(), 150);
        assert!(run.invariants.iter().all(Invariant::holds), "{:?}", run.invariants);
        assert!(run.output_loss[1] > 37.0 * 0.7 * system.output()[1] / 365.0, "hiring takes time");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Without shock nothing moves, whatever the table and the options.
    #[test]
    fn no_shock_no_change((z, y) in table(), psi in 0.1..1.0f64, days in 2.0..100.0f64, tau in 1.0..80.0f64, alternative: bool) {
        let system = system_of(z, y);
        let calm = Scenario::new(&system, "calm", 120, vec![]).unwrap();
        let ordering = if alternative { Ordering::Alternative } else { Ordering::Proportional };
        let options = ArioOptions { psi, inventories: days.into(), ordering, ..Default::default() };
        let binding = PartiallyBindingOptions { ordering, inventories: days.into(), ..Default::default() };
        for run in [
            adaptive_regional_input_output(&system, &calm, &options).unwrap(),
            partially_binding_leontief(&system, &calm, &binding).unwrap(),
        ] {
            prop_assert_eq!(run.stability, RunStability::Stable);
            prop_assert!(run.invariants.len() == 4 && run.invariants.iter().all(Invariant::holds), "{:?}", run.invariants);
            prop_assert!(run.output_loss.iter().all(|loss| loss.abs() < 1e-9));
            prop_assert_eq!(&run.recovery, &vec![Some(0); REGIONS]);
        }
        let short = ArioOptions { restoration: tau.into(), ..options };
        let run = adaptive_regional_input_output(&system, &calm, &short).unwrap();
        prop_assert_eq!(run.warnings.iter().any(|warning| warning.contains("filled up")), tau < 3.0);
    }

    /// Shocks of every kind at once: the identities hold and the day's demand is met or not met, never both.
    #[test]
    fn identities_hold_under_shocks((z, y) in table(), loss in 0.1..1.0f64, blocked in 0.1..=1.0f64, alternative: bool) {
        let system = system_of(z, y);
        let flow = Disturbance::Flow { suppliers: vec![3, 4, 5], losses: vec![blocked; 3], users: vec![0, 1, 2], final_users: vec![0] };
        let demand = Disturbance::Demand { suppliers: vec![6], losses: vec![loss], final_users: vec![1, 2] };
        let shocks = vec![
            capacity(vec![8], loss, Course { start: 10, end: 20, recovery: Recovery::Exponential { days: 30.0 } }),
            Shock { name: "flow".into(), disturbance: flow, course: course(5, 60) },
            Shock { name: "demand".into(), disturbance: demand, course: course(0, 30) },
        ];
        let Ok(scenario) = Scenario::new(&system, "all", 150, shocks) else { return Ok(()) };
        let ordering = if alternative { Ordering::Alternative } else { Ordering::Proportional };
        let options = ArioOptions { ordering, keep_going: true, inventories: 10.0.into(), ..Default::default() };
        let binding = PartiallyBindingOptions { ordering, keep_going: true, ..Default::default() };
        for run in [
            adaptive_regional_input_output(&system, &scenario, &options).unwrap(),
            partially_binding_leontief(&system, &scenario, &binding).unwrap(),
        ] {
            prop_assert!(run.invariants.len() == 3 && run.invariants.iter().all(Invariant::holds), "{:?}", run.invariants);
            prop_assert!(run.world_output.iter().all(|x| *x >= 0.0 && *x <= 1.25 * run.baseline_output));
            let asked: Vec<f64> = (0..REGIONS).map(|r| (0..N).map(|i| system.final_delivery(i, r)).sum::<f64>() / 365.0 * 150.0).collect();
            for (r, asked) in asked.iter().enumerate() {
                let (unmet, not_asked) = (run.unmet_final_demand.values()[r], run.final_demand_not_asked.values()[r]);
                prop_assert!(unmet >= 0.0 && not_asked >= 0.0 && unmet + not_asked <= asked * (1.0 + 1e-12));
            }
            let expected = 30.0 / 365.0 * loss * system.final_delivery(6, 1);
            prop_assert!((run.final_demand_not_asked.values()[1] - expected).abs() < 1e-9);
            let sums: f64 = run.output_loss.iter().sum();
            prop_assert!((sums + run.cumulative_output_change()).abs() < 1e-9 * run.baseline_output * 150.0);
            prop_assert_eq!(run.loss().output_loss, run.output_loss);
        }
    }
}

#[test]
fn batches_and_threads_give_the_same_bytes() {
    // more users than one tile, panel and chunk: 90 regions of the mini table's kind, three sectors each
    let (regions, n) = (90, 270);
    let mut seed = 7u64;
    let mut next = || {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) as f64 / f64::from(1u32 << 31)
    };
    let z = (0..n * n).map(|_| next().powi(6)).collect();
    let y = (0..n * regions).map(|_| next()).collect();
    let sectors = (0..n).map(|i| pair(format!("R{}", i / 3), ["A01", "C26", "M"][i % 3])).collect();
    let demand = (0..regions).map(|r| pair(format!("R{r}"), "final")).collect();
    let system = InputOutputSystem::new("made up", 2020, "units", sectors, z, demand, y, SystemOptions::default()).unwrap();
    let scenarios: Vec<Scenario> = (0..11)
        .map(|at| {
            let disturbance = Disturbance::Flow {
                suppliers: vec![3 * at, 3 * at + 1],
                losses: vec![1.0, 0.4],
                users: (100..100 + 13 * (at + 1)).collect(),
                final_users: vec![at, 40],
            };
            let flow = Shock { name: "flow".into(), disturbance, course: course(at, 20) };
            Scenario::new(&system, format!("{at}"), 20 + 3 * at, vec![capacity(vec![7 * at], 0.8, course(1, 9)), flow]).unwrap()
        })
        .collect();
    let days = |at: usize| [6.0, 20.0, 90.0][at % 3];
    let options: Vec<ArioOptions> = (0..11)
        .map(|at| ArioOptions {
            inventories: days(at).into(),
            restoration: 10.0.into(),
            psi: 0.7 + 0.02 * at as f64,
            ordering: if at % 4 == 1 { Ordering::Proportional } else { Ordering::Alternative },
            convention: if at == 6 {
                ArioConvention::BoarioAsCoded { capital_to_value_added: 4.0, decimals: 7 }
            } else {
                Default::default()
            },
            record: vec![3, 15],
            ..Default::default()
        })
        .collect();
    let binding: Vec<PartiallyBindingOptions> =
        (0..11).map(|at| PartiallyBindingOptions { inventories: days(at).into(), record: vec![3], ..Default::default() }).collect();
    let ario: Vec<_> = scenarios.iter().zip(&options).collect();
    let partially: Vec<_> = scenarios.iter().zip(&binding).collect();
    let together = adaptive_regional_input_output_batch(&system, &ario).unwrap();
    let bound = partially_binding_leontief_batch(&system, &partially).unwrap();
    for at in 0..11 {
        assert_eq!(together[at], adaptive_regional_input_output(&system, ario[at].0, ario[at].1).unwrap(), "{at}");
        assert_eq!(bound[at], partially_binding_leontief(&system, partially[at].0, partially[at].1).unwrap(), "{at}");
        let holds = |run: &DailyRun| run.invariants.iter().all(Invariant::holds);
        assert!((at == 6 || holds(&together[at])) && holds(&bound[at]));
        assert_eq!((together[at].days, together[at].scenario.as_str()), (20 + 3 * at, format!("{at}").as_str()));
    }
    for threads in [1, 3] {
        let pool = rayon_pool(threads);
        assert_eq!(pool.install(|| adaptive_regional_input_output_batch(&system, &ario).unwrap()), together);
    }
}

fn rayon_pool(threads: usize) -> rayon::ThreadPool {
    rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap()
}

#[test]
fn embargoes_block_and_alternatives_take_over() {
    let system = mini();
    // D02 of BBB delivers nothing to AAA, to industries and final demand, from day 2 to day 11
    let supplier = system.position("BBB", "D02").unwrap();
    let users: Vec<usize> = system.range("AAA").unwrap().collect();
    let disturbance = Disturbance::Flow { suppliers: vec![supplier], losses: vec![1.0], users: users.clone(), final_users: vec![0] };
    let shock = Shock { name: "embargo".into(), disturbance, course: course(2, 12) };
    let scenario = Scenario::new(&system, "embargo", 40, vec![shock]).unwrap();
    let daily = |flow: f64| flow / 365.0;
    let cut_final = daily(system.final_delivery(supplier, 0));
    let cut: f64 = daily(users.iter().map(|j| system.delivery(supplier, *j)).sum::<f64>()) + cut_final;

    // nobody replaces: on the first day the supplier makes what it can still deliver, and what AAA asks for is not met
    let fixed = ArioOptions { ordering: Ordering::Proportional, record: vec![1, 2], ..Default::default() };
    let run = adaptive_regional_input_output(&system, &scenario, &fixed).unwrap();
    let (before, on) = (&run.recorded[0].1, &run.recorded[1].1);
    close(before[supplier], daily(system.output()[supplier]), 1e-12);
    close(on[supplier], before[supplier] - cut, 1e-12);
    assert!(on.iter().enumerate().all(|(i, x)| i == supplier || (x - before[i]).abs() < 1e-12));
    assert!(run.unmet_final_demand.values()[0] > 10.0 * cut_final * (1.0 - 1e-9));
    assert!(run.invariants.iter().all(Invariant::holds));

    // with alternatives, D02 of the two others is asked for as much more, in proportion to what they sold before; they are at capacity
    let others = [system.position("AAA", "D02").unwrap(), system.position("CCC", "D02").unwrap()];
    let with = ArioOptions { ordering: Ordering::Alternative, ..fixed };
    let run = adaptive_regional_input_output(&system, &scenario, &with).unwrap();
    let on = &run.recorded[1].1;
    assert!(on[supplier] < daily(system.output()[supplier]) - 0.99 * cut);
    for other in others {
        close(on[other], daily(system.output()[other]), 1e-12);
    }
    assert!(run.invariants.iter().all(Invariant::holds));
    // what AAA's final demand does not get is less, since the others share what they have
    assert!(run.unmet_final_demand.values()[0] > 0.0);
    assert!(run.unmet_final_demand.values()[1] > 0.0, "others go short, too: AAA's orders are on top of theirs");

    // nobody left to ask: all D02 blocked; AAA lives on its stocks of 90 days, then stops where D02 is needed
    let all = Disturbance::Flow {
        suppliers: vec![system.position("AAA", "D02").unwrap(), supplier, others[1]],
        losses: vec![1.0; 3],
        users,
        final_users: vec![],
    };
    let scenario =
        Scenario::new(&system, "all", 365, vec![Shock { name: "all".into(), disturbance: all, course: Course::always(365) }]).unwrap();
    let run = adaptive_regional_input_output(&system, &scenario, &ArioOptions { keep_going: true, ..Default::default() }).unwrap();
    assert!(
        run.first_shortage.is_some_and(|day| (17..=30).contains(&day)),
        "a fifth of 90 days is used up, sooner or later as demand falls: {:?}",
        run.first_shortage
    );
    let aaa = |day: usize| run.output_by_region.row(day)[0];
    assert!(aaa(1) > 0.9 * aaa(0) && aaa(364) < 0.1 * aaa(0));
    assert!(run.invariants.iter().all(Invariant::holds), "{:?}", run.invariants);
    assert_eq!(run.recovery[0], None);
}

#[test]
fn negative_cells_are_drawn_from_stock() {
    // the first industry of region 0 runs its stocks down by 5 a year, the second has no output but buys, the third sells less than nothing
    let sectors = ["R0", "R1"].iter().flat_map(|r| ["s0", "s1", "s2"].map(|s| pair(r, s))).collect();
    let z = vec![
        2.0, 3.0, 1.0, 1.0, 1.0, 1.0, //
        0.0, 0.0, 0.0, 0.0, 0.0, 0.0, //
        0.0, 0.0, 0.0, 1.0, 0.0, 0.0, //
        1.0, 1.0, 2.0, 1.0, 1.0, 1.0, //
        1.0, 1.0, 0.0, 1.0, 2.0, 1.0, //
        1.0, 1.0, 0.0, 1.0, 1.0, 2.0,
    ];
    let y = vec![-5.0, 30.0, 0.0, 0.0, -3.0, 0.0, 20.0, 10.0, 20.0, 10.0, 10.0, 20.0];
    let demand = vec![pair("R0", "final"), pair("R1", "final")];
    let system = InputOutputSystem::new("odd", 2020, "units", sectors, z, demand, y, SystemOptions::default()).unwrap();
    let calm = Scenario::new(&system, "calm", 200, vec![]).unwrap();
    let shocked = Scenario::new(&system, "shock", 200, vec![capacity(vec![3], 0.5, course(3, 30))]).unwrap();
    for (scenario, flat) in [(&calm, true), (&shocked, false)] {
        let runs = [
            adaptive_regional_input_output(&system, scenario, &ArioOptions::default()).unwrap(),
            partially_binding_leontief(&system, scenario, &PartiallyBindingOptions::default()).unwrap(),
        ];
        for run in runs {
            close(run.treatment.drawn_from_stock, 8.0 / 365.0, 1e-12);
            // s1 bought 3 + 1 + 1 + 1 without output, s2 bought 1 + 2
            close(run.treatment.bought_without_output, 9.0 / 365.0, 1e-12);
            close(run.treatment.negative_output, -2.0 / 365.0, 1e-12);
            close(run.baseline_output, (34.0 + 37.0 + 36.0 + 36.0) / 365.0, 1e-12);
            assert!(run.invariants.iter().all(Invariant::holds), "{:?}", run.invariants);
            assert_eq!(run.stability, RunStability::Stable);
            assert_eq!(run.output_loss.iter().all(|loss| loss.abs() < 1e-12), flat);
        }
    }
}

#[test]
fn guard_against_instability() {
    let system = mini();
    // λ of A is .4787172650 (golden); one duration and one τ have a closed form
    let lambda: f64 = 0.478_717_265_0;
    for (s, tau) in [(90.0, 60.0), (30.0, 3.0), (6.0, 2.0), (90.0, 1.0)] {
        let options = ArioOptions { inventories: SectorDays::from(s), restoration: SectorDays::from(tau), ..Default::default() };
        let (trace, det) = (1.0 + lambda * (1.0 + (s + 1.0) / tau) - 1.0 / tau, lambda * (1.0 + s / tau));
        let discriminant = trace * trace - 4.0 * det;
        let expected = if discriminant < 0.0 { det.sqrt() } else { (trace + discriminant.sqrt()) / 2.0 };
        relatively_close(order_step_radius(&system, &options).unwrap(), expected, 1e-6);
    }
    // half of a region for 92 days: the usual options come back quietly, fast restoration with much overproduction in a burst, after which
    // nothing is left of it
    let course = Course { start: 5, end: 97, recovery: Recovery::AtOnce };
    let scenario = Scenario::new(&system, "half", 500, vec![capacity((3..6).collect(), 0.5, course)]).unwrap();
    let usual = adaptive_regional_input_output(&system, &scenario, &ArioOptions::default()).unwrap();
    assert_eq!(usual.stability, RunStability::Stable);
    let fast = ArioOptions { restoration: 3.0.into(), overproduction_max: 2.0, overproduction_days: 10.0, ..Default::default() };
    let run = adaptive_regional_input_output(&system, &scenario, &fast).unwrap();
    assert!(matches!(run.stability, RunStability::Overshooting { day: 98..160, above } if above > 0.3), "{:?}", run.stability);
    close(run.world_output[499], run.baseline_output, 1e-3);
    // the usual 90 days filled up in 60 amplify, too, by the linear step: only capacity holds them
    assert!(order_step_radius(&system, &ArioOptions::default()).unwrap() > 1.1);
}

#[test]
fn a_diverging_run_is_stopped() {
    let system = mini();
    let options = ArioOptions { keep_going: false, ..boario_options(6.0, 10.0, Ordering::Proportional, 1) };
    let options = ArioOptions { convention: ArioConvention::AsPublished, ..options };
    let run = adaptive_regional_input_output(&system, &event(&system, 16), &options).unwrap();
    let RunStability::Diverging { day } = run.stability else { panic!("{:?}", run.stability) };
    assert_eq!((run.days, run.world_output.len(), run.output_by_region.rows().len()), (day + 1, day + 1, day + 1));
    assert!(run.invariants.iter().all(Invariant::holds), "{:?}", run.invariants);
    // the same in a batch beside runs that go on
    let calm = ArioOptions::default();
    let scenario = event(&system, 16);
    let runs =
        adaptive_regional_input_output_batch(&system, &[(&scenario, &calm), (&scenario, &options), (&scenario, &calm), (&scenario, &calm)])
            .unwrap();
    assert_eq!((&runs[1], runs[0].days), (&run, 200));
}

#[test]
fn options_that_make_no_sense() {
    let system = mini();
    let calm = Scenario::new(&system, "calm", 5, vec![]).unwrap();
    let refused = |options: ArioOptions, word: &str| {
        let error = adaptive_regional_input_output(&system, &calm, &options).unwrap_err();
        assert!(error.to_string().contains(word), "{error}");
        error
    };
    let usual = ArioOptions::default;
    for psi in [0.0, -0.5, 1.01, f64::NAN] {
        assert!(matches!(refused(ArioOptions { psi, ..usual() }, "psi"), ChainError::Option { .. }));
    }
    for days in [0.0, -1.0, 0.5, f64::NAN, f64::INFINITY] {
        assert!(matches!(refused(ArioOptions { restoration: days.into(), ..usual() }, "restoration"), ChainError::Option { .. }));
    }
    for days in [0.0, -1.0, f64::NAN] {
        refused(ArioOptions { inventories: days.into(), ..usual() }, "inventories");
    }
    refused(ArioOptions { overproduction_max: 0.9, ..usual() }, "overproduction_max");
    refused(ArioOptions { overproduction_days: f64::NAN, ..usual() }, "overproduction_days");
    refused(ArioOptions { initial_inventories: 0.0, ..usual() }, "initial_inventories");
    let unknown = SectorDays { default: 9.0, by_sector: [("D99".to_owned(), 3.0)].into() };
    refused(ArioOptions { inventories: unknown, ..usual() }, "D99");
    let rebuilding = Rebuilding { days: 60.0, sectors: [("D02".to_owned(), 0.5)].into(), capital_to_value_added: 4.0 };
    refused(ArioOptions { rebuilding: Some(rebuilding), ..usual() }, "add");
    let day = ArioOptions { inventories: 1.0.into(), ..usual() };
    assert!(adaptive_regional_input_output(&system, &calm, &day).unwrap().warnings.iter().any(|warning| warning.contains("taken as two")));

    let binding = |options: PartiallyBindingOptions, word: &str| {
        let error = partially_binding_leontief(&system, &calm, &options).unwrap_err();
        assert!(error.to_string().contains(word), "{error}");
    };
    binding(PartiallyBindingOptions { hiring_days: 0.0, ..Default::default() }, "hiring_days");
    binding(PartiallyBindingOptions { inventories: 0.5.into(), ..Default::default() }, "inventories");
    binding(PartiallyBindingOptions { criticality: Some(criticality(RATED.to_vec())), ..Default::default() }, "D01");
    let tariff = Disturbance::Tariff { suppliers: vec![0], rates: vec![0.25], importers: vec![1] };
    let shock = Shock { name: "duty".into(), disturbance: tariff, course: Course::always(5) };
    let duty = Scenario::new(&system, "duty", 5, vec![shock]).unwrap();
    let run = adaptive_regional_input_output(&system, &duty, &usual()).unwrap();
    assert!(run.warnings.iter().any(|warning| warning.contains("duties")));
    assert!(run.output_loss.iter().all(|loss| loss.abs() < 1e-12));
}

#[test]
fn draws_are_counted_and_bounded() {
    let system = mini();
    let scenario = event(&system, 16);
    let draws: Vec<ArioOptions> =
        (0..24).map(|draw| ario_options_of_draw(&system, &ArioOptions::default(), &ArioDraws::default(), 5, draw).unwrap()).collect();
    assert_eq!(draws[7], ario_options_of_draw(&system, &ArioOptions::default(), &ArioDraws::default(), 5, 7).unwrap());
    assert_ne!(draws[7], ario_options_of_draw(&system, &ArioOptions::default(), &ArioDraws::default(), 6, 7).unwrap());
    for options in &draws {
        assert!(options.inventories.by_sector.values().all(|days| (45.0..=180.0).contains(days)));
        assert!((0.5..=1.0).contains(&options.psi) && (1.1..=1.4).contains(&options.overproduction_max));
    }
    let cases: Vec<_> = draws.iter().map(|options| (&scenario, options)).collect();
    let losses: Vec<ScenarioLoss> = adaptive_regional_input_output_batch(&system, &cases).unwrap().iter().map(DailyRun::loss).collect();
    let quantiles = loss_quantiles(&system, &losses, &[0.05, 0.5, 0.95]).unwrap();
    for r in 0..REGIONS {
        let row = quantiles.output_loss.row(r);
        assert!(row[0] <= row[1] && row[1] <= row[2] && row[0] < row[2]);
    }
    // means and quantiles of many draws against those of the distributions
    let sample = |of: Distribution| -> Vec<f64> {
        let mut values: Vec<f64> = (0..20_000).map(|draw| of.draw(1, draw, 3)).collect();
        values.sort_by(f64::total_cmp);
        values
    };
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
    close(mean(&sample(Distribution::Uniform { low: 2.0, high: 4.0 })), 3.0, 0.01);
    close(mean(&sample(Distribution::Triangular { low: 0.0, mode: 1.0, high: 5.0 })), 2.0, 0.02);
    let skewed = sample(Distribution::LogNormal { median: 2.0, deviation: 0.5 });
    relatively_close(skewed[10_000], 2.0, 0.02);
    relatively_close(mean(&skewed), 2.0 * 0.125f64.exp(), 0.02);
    assert!(Distribution::Uniform { low: 2.0, high: 1.0 }.check("x").is_err());
    assert!(loss_quantiles(&system, &[], &[0.5]).is_err() && loss_quantiles(&system, &losses, &[1.5]).is_err());

    let base = PartiallyBindingOptions::default();
    let tenth =
        |draw| partially_binding_options_of_draw(&system, &base, &PartiallyBindingDraws::default(), 5, draw).unwrap().criticality.unwrap();
    let changed: usize = (0..200).map(|draw| tenth(draw).values().iter().filter(|value| **value != 1.0).count()).sum();
    assert!((120..=240).contains(&changed), "one in ten of 1800 ratings: {changed}");
}
