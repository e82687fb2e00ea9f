//! The cheapest stocks and second sources: cases solved by hand, the optimum against a grid, multipliers against finite differences, and
//! what must hold for any made-up table. No number here is real.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod made_up_tables;

use made_up_tables::{mini, pair};
use proptest::prelude::*;
use std::collections::BTreeMap;
use xinzhi_chain::*;

#[track_caller]
fn close(found: f64, expected: f64, tolerance: f64) {
    assert!((found - expected).abs() <= tolerance * expected.abs().max(1.0), "found {found}, expected {expected}");
}

/// A table of regions with the same sectors each, row by row, and one column of final demand a region.
fn table(regions: &[&str], sectors: &[&str], z: Vec<f64>, y: Vec<f64>) -> InputOutputSystem {
    let industries = regions.iter().flat_map(|r| sectors.iter().map(move |s| pair(r, s))).collect();
    let demand = regions.iter().map(|r| pair(r, "final")).collect();
    InputOutputSystem::new("made up", 2020, "units", industries, z, demand, y, SystemOptions::default()).unwrap()
}

/// A (one industry) uses 36.5 a year of B's good and nothing else: value added 63.5 of an output of 100.
fn one_input() -> InputOutputSystem {
    table(&["A", "B"], &["all"], vec![0.0, 20.0, 36.5, 40.0], vec![53.0, 27.0, 10.0, 20.0])
}

fn cut(system: &InputOutputSystem, name: &str, weight: f64, days: f64, losses: &[(&str, &str, f64)]) -> SupplyCut {
    let lost = |(region, sector, share): &(&str, &str, f64)| LostSupply {
        supplier: system.position(region, sector).unwrap(),
        share: *share,
        users: Vec::new(),
    };
    SupplyCut { name: name.to_owned(), weight, days, losses: losses.iter().map(lost).collect(), own_capacity: Vec::new() }
}

fn to(target: LossTarget) -> PlanOptions {
    let criticality = Criticality::InputShare { at_least: 0.0, sectors: Scope::All };
    PlanOptions { target, criticality, rationing: Rationing::Proportional, ..PlanOptions::default() }
}

#[track_caller]
fn proven(plan: &ResiliencePlan) {
    assert_eq!(plan.status, PlanStatus::Cheapest);
    assert_eq!(plan.certificates.len(), 3);
    for certificate in &plan.certificates {
        assert!(certificate.holds(), "{certificate:?}");
    }
    assert!(plan.lower_bound <= plan.cost * (1.0 + 1e-6) + 1e-12);
}

/// The mean of the worst 1 − β, from the definition: min over η of η + Σ p (L − η)⁺ / (1 − β), which is reached at a loss.
fn tail(cuts: &[PlannedCut], beta: f64, loss: fn(&PlannedCut) -> f64) -> f64 {
    let at = |eta: f64| eta + cuts.iter().map(|one| one.probability * (loss(one) - eta).max(0.0)).sum::<f64>() / (1.0 - beta);
    cuts.iter().map(|one| at(loss(one))).fold(f64::INFINITY, f64::min)
}

/// Days in stock and share of second sources, by input and user.
type Kept = BTreeMap<(String, String), (f64, f64)>;

/// The loss of one cut, by repeating u_j := max(own, h u_i + l - cover) from zero, which is another way than the engine's.
fn loss_by_repetition(system: &InputOutputSystem, place: &str, cut: &SupplyCut, cover: &Kept) -> f64 {
    loss_where(system, place, cut, cover, Rationing::Proportional)
}

fn loss_where(system: &InputOutputSystem, place: &str, cut: &SupplyCut, cover: &Kept, rationing: Rationing) -> f64 {
    let (own, sectors) = (system.range(place).unwrap(), system.sectors());
    let mut u = vec![0.0; own.len()];
    for _ in 0..20_000 {
        let before = u.clone();
        for j in own.clone() {
            let mut worst: f64 = cut.own_capacity.iter().filter(|(i, _)| *i == j).map(|(_, share)| share).sum();
            for code in sectors[own.clone()].iter().map(|(_, code)| code) {
                let suppliers: Vec<usize> = (0..system.size()).filter(|k| sectors[*k].1 == *code).collect();
                let used: f64 = suppliers.iter().map(|k| system.delivery(*k, j)).sum();
                if used <= 0.0 {
                    continue;
                }
                let home = own.clone().find(|i| sectors[*i].1 == *code).unwrap();
                let lost: f64 =
                    cut.losses.iter().filter(|l| sectors[l.supplier].1 == *code).map(|l| l.share * system.delivery(l.supplier, j)).sum();
                let (days, share) = cover.get(&(code.clone(), sectors[j].1.clone())).copied().unwrap_or_default();
                let made = system.output()[home] * (1.0 - u[home - own.start]);
                let wanted: f64 = own.clone().map(|j| system.delivery(home, j)).sum();
                let missing = match rationing {
                    Rationing::Proportional => u[home - own.start],
                    Rationing::IndustriesFirst if wanted > 0.0 => (1.0 - made / wanted).max(0.0),
                    Rationing::IndustriesFirst => 0.0,
                };
                worst = worst.max(system.delivery(home, j) / used * missing + lost / used - share - days / cut.days);
            }
            u[j - own.start] = worst;
        }
        if u == before {
            break;
        }
    }
    let value = system.value_added();
    own.clone().map(|j| u[j - own.start] * value[j].max(0.0)).sum::<f64>() * cut.days / DAYS_OF_YEAR
}

fn cover(plan: &ResiliencePlan) -> Kept {
    plan.measures.iter().map(|one| ((one.input.clone(), one.user.clone()), (one.stock_days, one.second_source_share))).collect()
}

#[test]
fn one_input_and_one_cut_by_hand() {
    let system = one_input();
    let with = |days: f64, share: f64, options: PlanOptions| {
        let cuts = [cut(&system, "B stops", 1.0, days, &[("B", "all", 1.0)])];
        resilience_plan(&system, "A", &cuts, &PlanOptions { target: LossTarget::Share(share), ..options }).unwrap()
    };
    // a day of stock is 0.1 of goods and costs 0.01 a year; a second source for all costs 0.05 * 36.5 = 1.825: a stock below 182.5 days
    let short = with(73.0, 0.0, PlanOptions::default());
    proven(&short);
    close(short.loss_without, 63.5 * 0.2, 1e-12);
    close(short.measures[0].stock_days, 73.0, 1e-6);
    close(short.measures[0].stock_value, 7.3, 1e-6);
    close(short.cost, 0.73, 1e-7);
    assert_eq!((short.measures.len(), short.measures[0].second_source_share), (1, 0.0));
    // one unit of loss less is 1/63.5 of a year's output, which is 365/63.5 days of stock at 0.01
    let half = with(73.0, 0.5, PlanOptions::default());
    close(half.measures[0].stock_days, 36.5, 1e-6);
    close(half.loss_with, 0.5 * half.loss_without, 1e-6);
    close(half.marginal_cost, 3.65 / 63.5, 1e-6);
    // the only chokepoint: all that B does not deliver is worth what covers all of it
    assert_eq!((half.chokepoints.len(), half.chokepoints[0].region.as_str()), (1, "B"));
    close(half.chokepoints[0].price, 0.73, 1e-6);

    let long = with(365.0, 0.0, PlanOptions::default());
    proven(&long);
    close(long.measures[0].second_source_share, 1.0, 1e-6);
    close(long.cost, 1.825, 1e-6);
    assert_eq!((long.measures[0].stock_days, long.stock_cost), (0.0, 0.0));

    // 20 days at most, the rest from a second source
    let limited = with(73.0, 0.0, PlanOptions { most_stock_days: Some(20.0), ..PlanOptions::default() });
    proven(&limited);
    close(limited.measures[0].stock_days, 20.0, 1e-5);
    close(limited.measures[0].second_source_share, 53.0 / 73.0, 1e-5);
    close(limited.cost, 0.2 + 1.825 * 53.0 / 73.0, 1e-6);
    // what cannot be stored is bought elsewhere
    let service = with(73.0, 0.0, PlanOptions { not_storable: vec!["all".to_owned()], ..PlanOptions::default() });
    close(service.cost, 1.825, 1e-6);
}

#[test]
fn a_stock_where_the_cut_is_felt_protects_what_stands_behind_it() {
    // A: mine (m) feeds plant (p); only the mine uses what B's machines (e) deliver
    let (regions, sectors) = (["A", "B"], ["m", "p", "e"]);
    let mut z = vec![0.0; 36];
    z[1] = 50.0; // A m to A p
    z[5 * 6] = 10.0; // B e to A m
    let y = vec![50.0, 0.0, 100.0, 0.0, 1.0, 0.0, 0.0, 1.0, 0.0, 1.0, 0.0, 90.0];
    let system = table(&regions, &sectors, z, y);
    let cuts = [cut(&system, "no machines", 1.0, 73.0, &[("B", "e", 1.0)])];
    // both stop: the plant has half of its output of 100 as value added, the mine 90 of 100
    close(bottleneck_losses(&system, "A", &cuts, &Criticality::default(), Rationing::Proportional).unwrap()[0], 0.2 * (90.0 + 50.0), 1e-12);
    let plan = resilience_plan(&system, "A", &cuts, &to(LossTarget::Share(0.0))).unwrap();
    proven(&plan);
    // machines in stock at the mine (2 units) do for both; ore at the plant would come to 10 units
    assert_eq!((plan.measures.len(), plan.measures[0].input.as_str(), plan.measures[0].user.as_str()), (1, "e", "m"));
    close(plan.cost, 0.2, 1e-6);
    // where machines cannot be kept nor bought elsewhere, the plant still can be saved, by ore
    let closed = PlanOptions { not_storable: vec!["e".to_owned()], no_second_source: vec!["e".to_owned()], ..to(LossTarget::Value(18.0)) };
    let ore = resilience_plan(&system, "A", &cuts, &closed).unwrap();
    proven(&ore);
    close(ore.best_reachable, 18.0, 1e-12);
    assert_eq!((ore.measures[0].input.as_str(), ore.measures[0].user.as_str()), ("m", "p"));
    close(ore.cost, 1.0, 1e-5);
    // and an input that is not critical stops nobody
    let labels = |what: &str, name: &str| frame::Labels::new(what, [name]).unwrap();
    let matrix = frame::LabelledMatrix::new(labels("inputs", "e"), labels("users", "m"), vec![0.0]).unwrap();
    assert_eq!(bottleneck_losses(&system, "A", &cuts, &Criticality::Matrix(matrix), Rationing::Proportional).unwrap(), [0.0]);
    let matrix = frame::LabelledMatrix::new(labels("inputs", "e"), labels("users", "m"), vec![1.0]).unwrap();
    close(bottleneck_losses(&system, "A", &cuts, &Criticality::Matrix(matrix), Rationing::Proportional).unwrap()[0], 18.0, 1e-12);
}

/// A with two industries that feed each other; B and C deliver both goods; two cuts of different length.
fn two_by_two() -> (InputOutputSystem, Vec<SupplyCut>) {
    let mut z = vec![0.0; 36];
    for (at, flow) in
        [(0, 4.0), (1, 6.0), (6, 5.0), (7, 3.0), (12, 8.0), (13, 3.0), (18, 2.0), (19, 9.0), (24, 4.0), (25, 1.0), (30, 3.0), (31, 2.0)]
    {
        z[at] = flow;
    }
    let y = vec![40.0, 3.0, 2.0, 50.0, 4.0, 1.0, 5.0, 60.0, 2.0, 3.0, 70.0, 4.0, 1.0, 2.0, 30.0, 2.0, 1.0, 45.0];
    let system = table(&["A", "B", "C"], &["s", "t"], z, y);
    let cuts = vec![
        cut(&system, "B", 0.7, 60.0, &[("B", "s", 1.0), ("B", "t", 0.5)]),
        cut(&system, "C", 0.3, 200.0, &[("C", "s", 0.9), ("C", "t", 1.0)]),
    ];
    (system, cuts)
}

#[test]
fn where_final_users_go_short_first_a_shortage_stays_small() {
    // A: an industry that uses 20 of its own 100 and 5 of B's; without B it makes four fifths, which does for its own needs
    let system = table(&["A", "B"], &["all"], vec![20.0, 0.0, 5.0, 0.0], vec![70.0, 10.0, 5.0, 50.0]);
    let cuts = supply_cuts(&system, "A", CutOff::Regions, 365.0, &[], &[]).unwrap();
    let loss = |rationing| bottleneck_losses(&system, "A", &cuts, &Criticality::default(), rationing).unwrap()[0];
    close(loss(Rationing::IndustriesFirst), 0.2 * 75.0, 1e-12);
    // u = 0.8 u + 0.2
    close(loss(Rationing::Proportional), 75.0, 1e-12);
    let (system, cuts) = two_by_two();
    let options = PlanOptions { rationing: Rationing::IndustriesFirst, ..to(LossTarget::Share(0.3)) };
    let plan = resilience_plan(&system, "A", &cuts, &options).unwrap();
    proven(&plan);
    for (one, cut) in plan.cuts.iter().zip(&cuts) {
        close(one.loss_with, loss_where(&system, "A", cut, &cover(&plan), Rationing::IndustriesFirst), 1e-9);
        assert!(one.loss_without <= loss_by_repetition(&system, "A", cut, &BTreeMap::new()) * (1.0 + 1e-12));
    }
}

#[test]
fn the_optimum_against_a_grid() {
    let (system, cuts) = two_by_two();
    let options = PlanOptions { capital_cost: 0.03, storage_cost: 0.02, second_source_cost: 0.01, ..to(LossTarget::Share(0.4)) };
    let plan = resilience_plan(&system, "A", &cuts, &options).unwrap();
    proven(&plan);
    for (one, cut) in plan.cuts.iter().zip(&cuts) {
        close(one.loss_without, loss_by_repetition(&system, "A", cut, &BTreeMap::new()), 1e-9);
        close(one.loss_with, loss_by_repetition(&system, "A", cut, &cover(&plan)), 1e-9);
    }
    // every second-source share on a grid and every stock on a coarser one: none within the target is cheaper, and one is nearly as cheap
    let pairs = [("s", "s"), ("s", "t"), ("t", "s"), ("t", "t")];
    let used = |input: &str, user: &str| -> f64 {
        let j = system.position("A", user).unwrap();
        ["A", "B", "C"].iter().map(|r| system.delivery(system.position(r, input).unwrap(), j)).sum()
    };
    let (shares, days) = (7, 4);
    let (mut best, mut steps) = (f64::INFINITY, vec![0usize; 8]);
    loop {
        let mut kept = BTreeMap::new();
        let mut cost = 0.0;
        for (k, (input, user)) in pairs.iter().enumerate() {
            let (share, stock) = (0.6 * steps[k] as f64 / (shares - 1) as f64, 40.0 * steps[4 + k] as f64 / (days - 1) as f64);
            cost += used(input, user) * (0.01 * share + 0.05 * stock / 365.0);
            kept.insert(((*input).to_owned(), (*user).to_owned()), (stock, share));
        }
        // dearer ones need not be tried
        if cost < best {
            let loss: f64 = cuts.iter().map(|cut| cut.weight * loss_by_repetition(&system, "A", cut, &kept)).sum();
            if loss <= plan.target * (1.0 + 1e-9) {
                best = cost;
            }
        }
        let Some(next) = (0..8).find(|k| steps[*k] + 1 < if *k < 4 { shares } else { days }) else { break };
        steps[next] += 1;
        steps[..next].fill(0);
    }
    assert!(best >= plan.cost * (1.0 - 1e-6), "the grid found {best}, below {}", plan.cost);
    assert!(best <= plan.cost * 1.25, "the grid found nothing near: {best} against {}", plan.cost);
}

#[test]
fn multipliers_are_what_finite_differences_say() {
    let (system, cuts) = two_by_two();
    for risk in [Risk::Expected, Risk::ConditionalValueAtRisk { beta: 0.6 }] {
        let base = PlanOptions { risk, second_source_cost: 0.013, ..to(LossTarget::Share(0.35)) };
        let plan = resilience_plan(&system, "A", &cuts, &base).unwrap();
        proven(&plan);
        let at = |cuts: &[SupplyCut], target: f64| {
            resilience_plan(&system, "A", cuts, &PlanOptions { target: LossTarget::Value(target), ..base.clone() }).unwrap().cost
        };
        let step = 1e-4 * plan.loss_without;
        close((at(&cuts, plan.target - step) - at(&cuts, plan.target + step)) / (2.0 * step), plan.marginal_cost, 1e-4);
        assert!(!plan.chokepoints.is_empty());
        let of_price = |supplier: usize| {
            let (region, sector) = &system.sectors()[supplier];
            plan.chokepoints.iter().find(|one| one.region == *region && one.sector == *sector).map_or(0.0, |one| one.price)
        };
        for (k, l) in (0..2).flat_map(|k| (0..2).map(move |l| (k, l))) {
            let mut changed = cuts.clone();
            let less = 1e-4;
            changed[k].losses[l].share *= 1.0 - less;
            let saved = (at(&cuts, plan.target) - at(&changed, plan.target)) / less;
            close(saved, of_price(cuts[k].losses[l].supplier), 2e-3);
        }
        close(plan.chokepoints.iter().map(|one| one.share).sum(), 1.0, 1e-6);
        assert!(plan.chokepoints.windows(2).all(|two| two[0].price >= two[1].price));
    }
}

#[test]
fn the_worst_part_costs_more_than_the_mean() {
    let (system, cuts) = two_by_two();
    let at = |risk, target| resilience_plan(&system, "A", &cuts, &PlanOptions { risk, ..to(target) }).unwrap();
    let mean = at(Risk::Expected, LossTarget::Share(0.4));
    let tail_of = at(Risk::ConditionalValueAtRisk { beta: 0.8 }, LossTarget::Value(mean.target));
    proven(&tail_of);
    // beta 0.8 with probabilities of 0.3 and 0.7: the longer cut alone
    close(tail_of.loss_without, mean.cuts[1].loss_without, 1e-12);
    close(tail_of.loss_without, tail(&tail_of.cuts, 0.8, |one| one.loss_without), 1e-12);
    close(tail_of.loss_with, tail(&tail_of.cuts, 0.8, |one| one.loss_with), 1e-9);
    assert!(tail_of.loss_with >= tail_of.expected_with && tail_of.cost > mean.cost);
    let none = at(Risk::ConditionalValueAtRisk { beta: 0.0 }, LossTarget::Share(0.4));
    close(none.cost, mean.cost, 1e-7);
}

#[test]
fn the_frontier_falls_and_is_convex() {
    let (system, cuts) = two_by_two();
    let targets: Vec<LossTarget> = (0..=10).map(|k| LossTarget::Share(f64::from(k) / 10.0)).collect();
    let points = resilience_frontier(&system, "A", &cuts, &to(LossTarget::Share(0.5)), &targets).unwrap();
    assert_eq!(points.len(), 11);
    for two in points.windows(2) {
        assert!(two[0].cost > two[1].cost && two[0].marginal_cost >= two[1].marginal_cost * (1.0 - 1e-6), "{two:?}");
    }
    for three in points.windows(3) {
        assert!(three[0].cost + three[2].cost >= 2.0 * three[1].cost * (1.0 - 1e-9), "{three:?}");
    }
    for (point, target) in points.iter().zip(targets) {
        let plan = resilience_plan(&system, "A", &cuts, &to(target)).unwrap();
        close(point.cost, plan.cost, 1e-7);
        assert!(point.gap < 1e-6);
    }
    assert_eq!((points[10].status, points[10].cost), (PlanStatus::NothingToDo, 0.0));
}

#[test]
fn a_target_out_of_reach_is_stated_with_what_can_be_reached() {
    let (system, cuts) = two_by_two();
    let limited = PlanOptions { most_stock_days: Some(5.0), most_second_source: 0.1, ..to(LossTarget::Share(0.1)) };
    let plan = resilience_plan(&system, "A", &cuts, &limited).unwrap();
    assert_eq!((plan.status, plan.cost, plan.measures.len(), plan.effort.rounds), (PlanStatus::OutOfReach, 0.0, 0, 0));
    let everything: Kept =
        ["s", "t"].iter().flat_map(|i| ["s", "t"].iter().map(move |j| (((*i).to_owned(), (*j).to_owned()), (5.0, 0.1)))).collect();
    let least: f64 = cuts.iter().map(|cut| cut.weight * loss_by_repetition(&system, "A", cut, &everything)).sum();
    close(plan.best_reachable, least, 1e-9);
    assert!(plan.best_reachable > plan.target && plan.best_reachable < plan.loss_without);
    // what can be reached can be planned
    let just = PlanOptions { target: LossTarget::Value(plan.best_reachable * 1.000001), ..limited.clone() };
    proven(&resilience_plan(&system, "A", &cuts, &just).unwrap());
    // nothing may be kept at all
    let nothing = PlanOptions { most_stock_days: Some(0.0), most_second_source: 0.0, ..limited };
    let plan = resilience_plan(&system, "A", &cuts, &nothing).unwrap();
    assert_eq!((plan.status, plan.best_reachable), (PlanStatus::OutOfReach, plan.loss_without));
}

#[test]
fn a_place_without_foreign_inputs_has_nothing_to_do() {
    let system = table(&["A", "B"], &["all"], vec![10.0, 20.0, 0.0, 40.0], vec![50.0, 20.0, 10.0, 20.0]);
    let cuts = supply_cuts(&system, "A", CutOff::Industries, 90.0, &[], &[]).unwrap();
    assert!(cuts.is_empty() && supply_cuts(&system, "A", CutOff::Regions, 90.0, &[], &[]).unwrap().is_empty());
    let plan = resilience_plan(&system, "A", &cuts, &to(LossTarget::Share(0.0))).unwrap();
    assert_eq!((plan.status, plan.cost, plan.loss_without, plan.cuts.len()), (PlanStatus::NothingToDo, 0.0, 0.0, 0));
    // a target that is kept anyway
    let plan = resilience_plan(
        &one_input(),
        "A",
        &supply_cuts(&one_input(), "A", CutOff::Regions, 90.0, &[], &[]).unwrap(),
        &to(LossTarget::Share(1.0)),
    );
    assert_eq!(plan.unwrap().status, PlanStatus::NothingToDo);
    // measures that cost nothing
    let free = PlanOptions { capital_cost: 0.0, storage_cost: 0.0, second_source_cost: 0.0, ..to(LossTarget::Share(0.2)) };
    let (system, cuts) = two_by_two();
    let plan = resilience_plan(&system, "A", &cuts, &free).unwrap();
    assert!(plan.cost == 0.0 && plan.loss_with <= plan.target * (1.0 + 1e-6));
}

#[test]
fn options_and_cuts_that_make_no_sense() {
    let (system, cuts) = two_by_two();
    let usual = to(LossTarget::Share(0.5));
    let refused: Vec<(&str, PlanOptions)> = vec![
        ("capital_cost", PlanOptions { capital_cost: -0.1, ..usual.clone() }),
        ("storage_cost", PlanOptions { storage_cost: f64::NAN, ..usual.clone() }),
        ("second_source_cost", PlanOptions { second_source_cost: f64::INFINITY, ..usual.clone() }),
        ("target", to(LossTarget::Share(1.5))),
        ("target", to(LossTarget::Share(f64::NAN))),
        ("target", to(LossTarget::Share(-0.1))),
        ("target", to(LossTarget::Value(f64::NAN))),
        ("target", to(LossTarget::Value(-1.0))),
        ("beta", PlanOptions { risk: Risk::ConditionalValueAtRisk { beta: 1.0 }, ..usual.clone() }),
        ("beta", PlanOptions { risk: Risk::ConditionalValueAtRisk { beta: f64::NAN }, ..usual.clone() }),
        ("most_stock_days", PlanOptions { most_stock_days: Some(-1.0), ..usual.clone() }),
        ("most_second_source", PlanOptions { most_second_source: 1.1, ..usual.clone() }),
        ("most_cuts", PlanOptions { most_cuts: Some(0), ..usual.clone() }),
        ("criticality", PlanOptions { criticality: Criticality::InputShare { at_least: f64::NAN, sectors: Scope::All }, ..usual.clone() }),
    ];
    for (option, options) in refused {
        let error = resilience_plan(&system, "A", &cuts, &options).unwrap_err();
        assert!(matches!(&error, ChainError::Option { option: named, .. } if named == option), "{option}: {error}");
    }
    let unknown = PlanOptions { not_storable: vec!["x".to_owned()], ..usual.clone() };
    assert!(resilience_plan(&system, "A", &cuts, &unknown).unwrap_err().to_string().contains('x'));
    assert!(resilience_plan(&system, "Z", &cuts, &usual).unwrap_err().to_string().contains('Z'));
    let with = |change: &dyn Fn(&mut SupplyCut)| {
        let mut changed = cuts.clone();
        change(&mut changed[0]);
        resilience_plan(&system, "A", &changed, &usual).unwrap_err().to_string()
    };
    assert!(with(&|cut| cut.days = 0.0).contains("days"));
    assert!(with(&|cut| cut.weight = -1.0).contains("weight"));
    assert!(with(&|cut| cut.losses[0].share = 1.5).contains("between 0 and 1"));
    assert!(with(&|cut| cut.losses[0].supplier = 0).contains("belongs to the place"));
    assert!(with(&|cut| cut.losses[0].supplier = 99).contains("not in the table"));
    assert!(with(&|cut| cut.own_capacity = vec![(5, 0.5)]).contains("own_capacity"));
    for days in [0.0, f64::NAN, -3.0] {
        assert!(supply_cuts(&system, "A", CutOff::Regions, days, &[], &[]).unwrap_err().to_string().contains("days"));
    }
    let barrier = |weight| Barrier { region: "B".to_owned(), weight };
    assert!(supply_cuts(&system, "A", CutOff::Regions, 9.0, &[barrier(-1.0)], &[]).is_err());
    assert!(supply_cuts(&system, "A", CutOff::Regions, 9.0, &[barrier(1.0), barrier(1.0)], &[]).is_err());
    assert!(supply_cuts(&system, "A", CutOff::Regions, 9.0, &[], &["Z".to_owned()]).is_err());
    let weighted = supply_cuts(&system, "A", CutOff::Industries, 9.0, &[barrier(3.0)], &[]).unwrap();
    assert!(weighted.len() == 2 && weighted.iter().all(|cut| cut.weight == 3.0 && cut.name.starts_with('B')));
}

#[test]
fn a_scenario_becomes_a_cut() {
    let system = mini();
    let shock = |name: &str, disturbance, start, end| Shock {
        name: name.to_owned(),
        disturbance,
        course: Course { start, end, recovery: Recovery::AtOnce },
    };
    let embargo = Disturbance::Flow { suppliers: vec![3, 4], losses: vec![1.0, 0.5], users: vec![0, 2], final_users: vec![0] };
    let fire = Disturbance::Capacity { industries: vec![1, 8], losses: vec![0.25, 0.5] };
    let scenario = Scenario::new(&system, "both", 365, vec![shock("embargo", embargo, 0, 60), shock("fire", fire, 0, 30)]).unwrap();
    let (cut, left_out) = SupplyCut::of_scenario(&system, "AAA", &scenario, 2.0).unwrap();
    assert_eq!((cut.days, cut.weight, cut.losses.len()), (60.0, 2.0, 3));
    assert_eq!(cut.losses[1], LostSupply { supplier: 4, share: 0.5, users: vec![0, 2] });
    // half of the capacity for half of the time
    assert_eq!(cut.losses[2], LostSupply { supplier: 8, share: 0.25, users: Vec::new() });
    assert_eq!(cut.own_capacity, [(1, 0.125)]);
    assert!(left_out.len() == 1 && left_out[0].contains("final demand"));
    let plan = resilience_plan(&system, "AAA", std::slice::from_ref(&cut), &to(LossTarget::Share(0.6))).unwrap();
    proven(&plan);
    // only own capacity is left when everything is covered: the second industry and whom it feeds
    assert!(plan.best_reachable >= system.value_added()[1] * 0.125 * 60.0 / 365.0 * (1.0 - 1e-12));
    let demand = Disturbance::Demand { suppliers: vec![0], losses: vec![0.5], final_users: vec![1] };
    let scenario = Scenario::new(&system, "no buyers", 365, vec![shock("demand", demand, 0, 60)]).unwrap();
    assert!(SupplyCut::of_scenario(&system, "AAA", &scenario, 1.0).unwrap_err().to_string().contains("nothing to prepare"));
}

#[test]
fn the_worst_cuts_are_kept() {
    let system = mini();
    let cuts = supply_cuts(&system, "AAA", CutOff::Industries, 90.0, &[], &[]).unwrap();
    let losses = bottleneck_losses(&system, "AAA", &cuts, &Criticality::default(), Rationing::Proportional).unwrap();
    let few = resilience_plan(
        &system,
        "AAA",
        &cuts,
        &PlanOptions { most_cuts: Some(2), rationing: Rationing::Proportional, ..PlanOptions::default() },
    )
    .unwrap();
    let mut sorted = losses.clone();
    sorted.sort_by(|a, b| b.total_cmp(a));
    let mut kept: Vec<f64> = few.cuts.iter().map(|cut| cut.loss_without).collect();
    kept.sort_by(|a, b| b.total_cmp(a));
    assert_eq!(kept, sorted[..2]);
    assert_eq!(few.cuts_left_out.0, cuts.len() - 2);
    close(few.cuts_left_out.1, sorted[2..].iter().sum::<f64>() / sorted.iter().sum::<f64>(), 1e-12);
    close(few.cuts[0].probability, 0.5, 1e-15);
}

#[test]
fn breakthroughs_by_definition() {
    let system = mini();
    let factor = Factor::new(&system).unwrap();
    let barriers = vec![Barrier { region: "CCC".to_owned(), weight: 2.0 }];
    let options = BreakthroughOptions { barriers, ..BreakthroughOptions::default() };
    let found = breakthroughs(&factor, "AAA", &options).unwrap();
    assert_eq!((found.sectors.len(), found.weighed), (3, 3));
    assert!(found.sectors.windows(2).all(|two| two[0].value_added_loss >= two[1].value_added_loss));
    let singles = single_cuts(&factor, "AAA", CutOptions::default()).unwrap();
    for one in &found.sectors {
        let both: Vec<_> = ["BBB", "CCC"].iter().map(|r| pair(r, &one.sector)).collect();
        let without = cut_effect(&factor, "AAA", &both).unwrap();
        close(one.value_added_loss, without.value_added_loss, 1e-12);
        close(one.value_added_loss_share, without.value_added_loss_share, 1e-12);
        close(one.imports, without.flow, 1e-12);
        let behind = cut_effect(&factor, "AAA", &both[1..]).unwrap();
        close(one.barrier_loss, behind.value_added_loss, 1e-12);
        close(one.barrier_share, behind.flow / without.flow, 1e-12);
        assert_eq!(one.barrier, 2.0);
        let leading = one.leading.as_ref().unwrap();
        // of equal flows the one with the larger loss, which stands first
        let larger = singles.cuts.iter().rev().filter(|cut| cut.sector == one.sector).max_by(|a, b| a.flow.total_cmp(&b.flow)).unwrap();
        assert_eq!((leading.region.as_str(), leading.value_added_loss), (larger.region.as_str(), larger.value_added_loss));
        close(one.import_concentration, larger.import_concentration, 1e-12);
        close(one.foreign_share_of_use, larger.share_of_use / larger.share_of_imports, 1e-12);
        let exports = |region: &str| {
            let at = system.sectors_of(region).unwrap().require(&one.sector).unwrap();
            system.gross_exports(region).unwrap()[at]
        };
        close(one.own_exports, exports("AAA"), 1e-12);
        close(one.own_export_share, exports("AAA") / (exports("AAA") + exports("BBB") + exports("CCC")), 1e-12);
        assert_eq!(one.reasons.contains(&BreakthroughReason::Concentrated), one.import_concentration > 0.4);
        assert_eq!(one.reasons.contains(&BreakthroughReason::ImportsExceedExports), one.imports > one.own_exports);
        assert!(one.reasons.contains(&BreakthroughReason::BehindBarrier));
    }
    let by_share = BreakthroughOptions { order: vec![BreakthroughCriterion::ForeignShare], top: Some(1), ..BreakthroughOptions::default() };
    let first = breakthroughs(&factor, "AAA", &by_share).unwrap();
    let most = found.sectors.iter().map(|one| one.foreign_share_of_use).fold(0.0, f64::max);
    assert_eq!((first.sectors.len(), first.sectors[0].foreign_share_of_use, first.sectors[0].barrier_loss), (1, most, 0.0));
    let wrong = BreakthroughOptions { concentrated: f64::NAN, ..BreakthroughOptions::default() };
    assert!(breakthroughs(&factor, "AAA", &wrong).unwrap_err().to_string().contains("concentrated"));
    assert!(breakthroughs(&factor, "aaa", &BreakthroughOptions::default()).is_err());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn any_table(flows in prop::collection::vec(0.0f64..1.0, 144), demand in prop::collection::vec(1.0f64..4.0, 48),
                 days in prop::collection::vec(5.0f64..400.0, 3), weights in prop::collection::vec(0.1f64..1.0, 3),
                 share in 0.02f64..0.95, beta in 0.0f64..0.9, second in 0.002f64..0.2, tail_risk: bool, alike: bool) {
        // some inputs are not used at all
        let z: Vec<f64> = flows.iter().map(|f| if *f < 0.3 { 0.0 } else { *f }).collect();
        let system = table(&["A", "B", "C", "D"], &["s", "t", "u"], z, demand);
        let mut cuts = supply_cuts(&system, "A", CutOff::Regions, 30.0, &[], &[]).unwrap();
        for (cut, (days, weight)) in cuts.iter_mut().zip(days.iter().zip(&weights)) {
            (cut.days, cut.weight) = (*days, *weight);
        }
        let risk = if tail_risk { Risk::ConditionalValueAtRisk { beta } } else { Risk::Expected };
        let rationing = if alike { Rationing::Proportional } else { Rationing::IndustriesFirst };
        let options = PlanOptions { risk, rationing, second_source_cost: second, ..to(LossTarget::Share(share)) };
        let plan = resilience_plan(&system, "A", &cuts, &options).unwrap();
        if plan.loss_without > 0.0 {
            for certificate in &plan.certificates {
                prop_assert!(certificate.holds(), "{certificate:?}");
            }
            let bought = cover(&plan);
            for (one, cut) in plan.cuts.iter().zip(&cuts) {
                let loss = loss_where(&system, "A", cut, &bought, rationing);
                prop_assert!((one.loss_with - loss).abs() <= 1e-9 * one.loss_without.max(1e-3), "{} {loss}", one.loss_with);
            }
            let beta = if tail_risk { beta } else { 0.0 };
            prop_assert!((plan.loss_with - tail(&plan.cuts, beta, |one| one.loss_with)).abs() <= 1e-9 * plan.loss_without);
            prop_assert!(plan.loss_with <= plan.target + 2e-7 * plan.loss_without);
            prop_assert!(plan.expected_with <= plan.loss_with + 1e-9 * plan.loss_without);
            prop_assert!((plan.cost - plan.measures.iter().map(|one| one.cost).sum::<f64>()).abs() <= 1e-9 * plan.cost.max(1e-9));
        }
    }
}
