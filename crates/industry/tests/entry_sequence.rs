//! Orders of entry against all permutations, and what always holds.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::result_large_err)]

use complexity::PresenceMatrix;
use frame::Labels;
use proptest::prelude::*;
use xinzhi_industry::*;

fn names(n: usize) -> Labels {
    Labels::new("activities", (0..n).map(|i| format!("a{i:03}"))).unwrap()
}

/// A network of n activities from pairs, with one place that has the first `held`.
fn world(n: usize, held: usize, links: &[(usize, usize)]) -> (ContagionNetwork, PresenceMatrix) {
    let activities = names(n);
    let links: Vec<(String, String)> = links.iter().map(|(a, b)| (format!("a{:03}", a % n), format!("a{:03}", b % n))).collect();
    let network = ContagionNetwork::from_links(activities.clone(), links.iter().map(|(a, b)| (a.as_str(), b.as_str()))).unwrap();
    let presence = PresenceMatrix::new(Labels::new("places", ["A"]).unwrap(), activities, (0..n).map(|i| i < held)).unwrap();
    (network, presence)
}

/// The time of an order from the formula alone.
fn time(network: &ContagionNetwork, held: usize, order: &[usize], contagion: Contagion) -> f64 {
    let mut there: Vec<usize> = (0..held).collect();
    let mut total = 0.0;
    for p in order {
        let related = network.neighbours(*p).iter().filter(|q| there.contains(q)).count() as f64;
        total += 1.0 / (contagion.scale * (related / network.degree(*p) as f64).powf(contagion.exponent));
        there.push(*p);
    }
    total
}

fn permutations(items: &[usize], visit: &mut dyn FnMut(&[usize])) {
    fn go(done: &mut Vec<usize>, left: &mut Vec<usize>, visit: &mut dyn FnMut(&[usize])) {
        if left.is_empty() {
            return visit(done);
        }
        for i in 0..left.len() {
            let item = left.remove(i);
            done.push(item);
            go(done, left, visit);
            done.pop();
            left.insert(i, item);
        }
    }
    go(&mut Vec::new(), &mut items.to_vec(), visit);
}

fn positions(found: &EntrySequence, network: &ContagionNetwork) -> Vec<usize> {
    found.steps.iter().map(|s| network.activities().position(&s.activity).unwrap()).collect()
}

fn links(n: usize, count: usize) -> impl Strategy<Value = Vec<(usize, usize)>> {
    prop::collection::vec((0..n, 0..n), 0..count)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 250, ..ProptestConfig::default() })]

    #[test]
    fn no_permutation_takes_less(pairs in links(10, 26), held in 2..4_usize, exponent in prop::sample::select(vec![0.5, 1.0, 1.03, 2.0])) {
        let contagion = Contagion { scale: 0.5, exponent };
        let (network, presence) = world(10, held, &pairs);
        let exact = SequenceOptions { contagion, ..SequenceOptions::default() };
        let searched = SequenceOptions { exact_up_to: 0, ..exact };
        let found = entry_sequence(&network, &presence, "A", SequenceTargets::Missing, &exact).unwrap();
        let order = positions(&found, &network);
        let mut best = f64::INFINITY;
        permutations(&order, &mut |order| best = best.min(time(&network, held, order, contagion)));
        if order.is_empty() { best = 0.0; }
        prop_assert!((found.total_time - best).abs() <= 1e-9 * best.max(1.0), "{} against {best}", found.total_time);
        prop_assert!(found.exact && found.gap == 0.0 && found.greedy_time >= found.total_time);
        // nobody left out could have been entered: none has a neighbour that is present at the end
        for left in &found.unreachable {
            let p = network.activities().position(&left.activity).unwrap();
            prop_assert!(network.neighbours(p).iter().all(|q| *q >= held && !order.contains(q)));
            prop_assert_eq!(left.reason == UnreachableReason::Isolated, network.degree(p) == 0);
        }
        prop_assert_eq!(order.len() + found.unreachable.len() + held, 10);
        // the search is never worse than greedy, never better than the best, and its bound never above the best
        let near = entry_sequence(&network, &presence, "A", SequenceTargets::Missing, &searched).unwrap();
        prop_assert!(near.total_time >= best * (1.0 - 1e-9) && near.total_time <= near.greedy_time);
        prop_assert!(near.lower_bound <= best * (1.0 + 1e-9), "bound {} above {best}", near.lower_bound);
        prop_assert!((near.total_time - time(&network, held, &positions(&near, &network), contagion)).abs() <= 1e-9 * best.max(1.0));
    }

    #[test]
    fn larger_searches_keep_their_books(pairs in links(60, 400), held in 1..8_usize) {
        let (network, presence) = world(60, held, &pairs);
        let options = SequenceOptions::default();
        let found = entry_sequence(&network, &presence, "A", SequenceTargets::Missing, &options).unwrap();
        let order = positions(&found, &network);
        let again = time(&network, held, &order, options.contagion);
        prop_assert!((found.total_time - again).abs() <= 1e-9 * again.max(1.0));
        prop_assert!(found.total_time <= found.greedy_time && found.lower_bound <= found.total_time && found.lower_bound >= 0.0);
        // the simple bound, by hand: all other targets present
        let mut there: Vec<usize> = (0..held).collect();
        there.extend(&order);
        let simple: f64 = order.iter().map(|p| {
            let related = network.neighbours(*p).iter().filter(|q| there.contains(q)).count() as f64;
            1.0 / (options.contagion.scale * (related / network.degree(*p) as f64).powf(options.contagion.exponent))
        }).sum();
        prop_assert!(found.lower_bound >= simple * (1.0 - 1e-9));
        let again = entry_sequence(&network, &presence, "A", SequenceTargets::Missing, &options).unwrap();
        prop_assert_eq!(&found, &again);
    }
}

/// Taking the most related first is not the best: each of two leaves is a little nearer than the hub, and the hub makes both easy.
#[test]
fn a_hub_is_worth_entering_early() {
    let activities = Labels::new("activities", ["b1", "b2", "hub", "x", "y", "z"]).unwrap();
    // hub: 2 of 5 present; x, y, z: 1 of 2 present, 2 of 2 after the hub
    let pairs = [("b1", "hub"), ("b2", "hub"), ("hub", "x"), ("hub", "y"), ("hub", "z"), ("b1", "x"), ("b1", "y"), ("b2", "z")];
    let network = ContagionNetwork::from_links(activities.clone(), pairs).unwrap();
    let presence = PresenceMatrix::new(Labels::new("places", ["A"]).unwrap(), activities, (0..6).map(|i| i < 2)).unwrap();
    let options = SequenceOptions { contagion: Contagion { scale: 1.0, exponent: 1.0 }, ..SequenceOptions::default() };
    let found = entry_sequence(&network, &presence, "A", SequenceTargets::Missing, &options).unwrap();
    assert_eq!(found.steps[0].activity, "hub");
    // 5/2 + 1 + 1 + 1 against 2 + 2 + ... greedy: x 2, then hub 3 of 5, then y 1, z 1
    assert!((found.total_time - 5.5).abs() < 1e-12 && found.greedy_time > 5.5);
    let searched =
        entry_sequence(&network, &presence, "A", SequenceTargets::Missing, &SequenceOptions { exact_up_to: 0, ..options }).unwrap();
    assert!((searched.total_time - 5.5).abs() < 1e-12 && searched.lower_bound <= 5.5, "local search finds it too");
    let hubs = found.hubs.unwrap();
    assert_eq!((hubs.degree, hubs.hubs, hubs.window, hubs.early_share), (5, 1, (0.0, 0.0), 1.0));
    assert!(hubs.greedy_window.0 > 0.0 && hubs.rule.en.contains("5 neighbours") && hubs.rule.zh.contains("不少于 5 个"));
}

/// In a complete group without a base beyond one link the bound by places is tight, which the simple bound is far from.
#[test]
fn the_bound_knows_that_somebody_is_first() {
    let n = 25;
    let mut pairs: Vec<(usize, usize)> = (1..n).map(|i| (0, i)).collect();
    pairs.extend((1..n).flat_map(|i| (i + 1..n).map(move |j| (i, j))));
    let (network, presence) = world(n, 1, &pairs);
    let options = SequenceOptions { contagion: Contagion { scale: 1.0, exponent: 1.0 }, ..SequenceOptions::default() };
    let found = entry_sequence(&network, &presence, "A", SequenceTargets::Missing, &options).unwrap();
    let expected: f64 = (1..n).map(|h| (n - 1) as f64 / h as f64).sum();
    assert!(!found.exact && (found.total_time - expected).abs() < 1e-9);
    assert!(found.gap < 1e-9, "gap {}", found.gap);
}

#[test]
fn refusals_and_targets() {
    let (network, presence) = world(5, 2, &[(0, 2), (2, 3)]);
    let run =
        |targets: &[&str], options: &SequenceOptions| entry_sequence(&network, &presence, "A", SequenceTargets::Given(targets), options);
    let options = SequenceOptions::default();
    let found = run(&["a003", "a001"], &options).unwrap();
    assert_eq!(found.already_present, ["a001"]);
    assert_eq!(found.unreachable, [Unreachable { activity: "a003".into(), reason: UnreachableReason::NoPath }], "a002 is not a target");
    assert!(found.steps.is_empty() && found.hubs.is_none() && found.total_time == 0.0);
    assert_eq!(run(&["a003", "a002"], &options).unwrap().steps.len(), 2);
    assert!(run(&["zzz"], &options).unwrap_err().to_string().contains("zzz"));
    assert!(run(&["a002", "a002"], &options).unwrap_err().to_string().contains("twice"));
    for (scale, exponent) in [(0.0, 1.0), (1.5, 1.0), (f64::NAN, 1.0), (0.5, 0.0), (0.5, f64::INFINITY)] {
        let options = SequenceOptions { contagion: Contagion { scale, exponent }, ..options };
        assert!(matches!(run(&[], &options), Err(IndustryError::Option { .. })));
    }
    assert!(matches!(run(&[], &SequenceOptions { exact_up_to: 30, ..options }), Err(IndustryError::Option { .. })));
}
