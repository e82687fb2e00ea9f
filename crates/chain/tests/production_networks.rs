//! Firms: the published example of twelve links, the cascade against a computation of every firm anew, the network against its
//! definition, and bad input. Random networks are made up.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use proptest::prelude::*;
use std::collections::{BTreeMap, HashMap};
use xinzhi_chain::*;

/// The example of the published program (github.com/vitelot/Economic-Systemic-Risk, data/test_list.csv before its last link was added).
const EXAMPLE: &str = include_str!("data/firm_example.csv");

fn example() -> (ProductionNetwork, InputRoles) {
    let rows: Vec<Vec<&str>> = EXAMPLE.lines().skip(1).map(|line| line.split(',').collect()).collect();
    let mut firms = FirmRegister::default();
    for (at, row) in rows.iter().enumerate() {
        for (firm, sector) in [(row[0], row[2]), (row[1], row[3])] {
            if firms.position(firm).is_none() {
                firms.add(firm, sector, None, at as u64 + 1).unwrap();
            }
        }
    }
    let links: Vec<Link> = rows
        .iter()
        .enumerate()
        .map(|(at, row)| Link {
            supplier: firms.require(row[0]).unwrap(),
            buyer: firms.require(row[1]).unwrap(),
            value: row[4].parse().unwrap(),
            row: at as u64 + 1,
        })
        .collect();
    let network = ProductionNetwork::new("the published example", firms, links.into_iter(), &Default::default()).unwrap();
    let mut roles = InputRoles::new(&network, None);
    assert_eq!(roles.rule(), InputRule::Leontief, "1 is no code of NACE");
    for row in &rows {
        let role = [InputRole::Ignored, InputRole::NonEssential, InputRole::Essential][row[5].parse::<usize>().unwrap()];
        roles.set(&network, Some(row[2]), Some(row[3]), role).unwrap();
    }
    (network, roles)
}

#[test]
fn the_published_example_to_machine_precision() {
    // what the program prints in data/test_esri.csv and the golden file of the field
    let expected = [
        ("A", 0.4166666666666667),
        ("X", 1.0),
        ("B", 0.1369047619047619),
        ("C", 0.1369047619047619),
        ("D", 0.1369047619047619),
        ("E", 0.12320402298850575),
        ("F", 0.12320402298850575),
        ("G", 0.12320402298850575),
        ("H", 0.08333333333333333),
        ("I", 0.3055555555555556),
        ("J", 0.3055555555555556),
        ("K", 0.3888888888888889),
        ("L", 0.3888888888888889),
    ];
    let (network, roles) = example();
    assert_eq!((network.len(), network.links()), (13, 12));
    for tolerance in [1e-2, 1e-12] {
        let options = CascadeOptions { tolerance, ..CascadeOptions::default() };
        let risk = economic_systemic_risk(&network, &roles, &options).unwrap();
        for (firm, index) in expected {
            let found = risk[network.firm(firm).unwrap() as usize];
            assert!((found.loss - index).abs() <= 2e-16, "{firm}: {} instead of {index}", found.loss);
            assert!(found.converged && found.loss >= found.downstream.max(found.upstream));
        }
    }
    // the failure of A: X loses everything for want of its only supplier in its own sector, K with it; nobody supplies A
    let failed = cascade(&network, &roles, &network.initial_losses([("A", 1.0)]).unwrap(), &Default::default()).unwrap();
    let lost = |firm: &str| failed.loss(network.firm(firm).unwrap());
    assert_eq!([lost("X"), lost("K"), lost("L"), lost("B"), lost("H")], [1.0, 1.0, 1.0, 0.0, 0.0]);
}

/// Every firm anew in every step, by the formulas, with what is left as state.
struct Naive<'a> {
    network: &'a ProductionNetwork,
    roles: &'a InputRoles,
    tolerance: f64,
}

impl Naive<'_> {
    fn run(&self, losses: &[InitialLoss]) -> (Vec<f64>, Vec<f64>, u32) {
        let (network, n) = (self.network, self.network.len());
        let mut psi = vec![1.0; n];
        for InitialLoss { firm, loss } in losses {
            psi[*firm as usize] = 1.0 - loss;
        }
        let size = |i: usize| network.size(i as u32);
        let sector = |i: usize| network.sector(i as u32);
        let (mut down, mut up) = (vec![1.0; n], vec![1.0; n]);
        let largest = losses.iter().map(|failing| failing.loss).fold(0.0, f64::max);
        for step in 1.. {
            let left = |k: usize| (0..n).filter(|i| sector(*i) == k).map(|i| size(i) * down[i]).sum::<f64>();
            let lefts: Vec<f64> = (0..network.sectors().len()).map(left).collect();
            let mut next_down = psi.clone();
            let mut next_up = psi.clone();
            for i in 0..n {
                let bought: Vec<(u32, f64)> = network.suppliers(i as u32).collect();
                let all: f64 = bought.iter().map(|(_, value)| value).sum();
                let mut essential: BTreeMap<usize, (f64, f64)> = BTreeMap::new();
                let mut linear = 0.0;
                for (j, value) in bought {
                    let j = j as usize;
                    let replaceability = if size(j) >= lefts[sector(j)] { 1.0 } else { size(j) / lefts[sector(j)] };
                    let missing = replaceability * value * (1.0 - down[j]);
                    match self.roles.role(sector(j), sector(i)) {
                        InputRole::Essential => {
                            let of = essential.entry(sector(j)).or_default();
                            *of = (of.0 + missing, of.1 + value);
                        }
                        InputRole::NonEssential => linear += missing / all,
                        InputRole::Ignored => {}
                    }
                }
                let worst = essential.values().map(|(missing, whole)| missing / whole).fold(linear, f64::max);
                next_down[i] = psi[i].min(1.0 - worst);
                let demand = size(i).max(network.sales(i as u32));
                let lost: f64 = network.customers(i as u32).map(|(m, value)| value / demand * (1.0 - up[m as usize])).sum();
                next_up[i] = psi[i].min(1.0 - lost);
            }
            let moved = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
            let error = moved(&down, &next_down).max(moved(&up, &next_up));
            (down, up) = (next_down, next_up);
            if error <= self.tolerance * largest {
                return (down, up, step);
            }
        }
        unreachable!()
    }
}

/// A made-up network: sectors by firm, links, sizes where `sized`.
fn made_up(sectors: &[usize], links: &[(usize, usize, f64)], sizes: Option<&[f64]>) -> Option<ProductionNetwork> {
    let codes = ["C24", "C29", "D35", "G46", "M73"];
    let mut firms = FirmRegister::default();
    for (at, sector) in sectors.iter().enumerate() {
        firms.add(&format!("firm {at}"), codes[*sector], sizes.map(|sizes| sizes[at]), at as u64 + 1).unwrap();
    }
    let n = sectors.len();
    let links: Vec<Link> = links
        .iter()
        .enumerate()
        .map(|(row, (from, to, value))| Link { supplier: (from % n) as u32, buyer: (to % n) as u32, value: *value, row: row as u64 + 1 })
        .collect();
    ProductionNetwork::new("made up", firms, links.into_iter(), &Default::default()).ok()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, ..ProptestConfig::default() })]

    #[test]
    fn what_changed_passed_on_is_every_firm_anew(
        sectors in prop::collection::vec(0usize..5, 2..24),
        links in prop::collection::vec((0usize..24, 0usize..24, 0.1f64..10.0), 1..70),
        sizes in prop::option::of(prop::collection::vec(0.1f64..30.0, 24)),
        failing in prop::collection::btree_map(0usize..24, 0.05f64..=1.0, 1..4),
        rule in prop::option::of(prop::sample::select(vec![InputRule::Leontief, InputRule::Linear])),
        // no step lands on these by chance
        tolerance in prop::sample::select(vec![0.010_000_123, 1.234_567e-5]),
    ) {
        let Some(network) = made_up(&sectors, &links, sizes.as_deref()) else { return Ok(()) };
        let mut roles = InputRoles::new(&network, rule);
        // the second sector's goods do not matter to the third, where both are there
        let _ = roles.set(&network, Some("C29"), Some("D35"), InputRole::Ignored);
        let losses: BTreeMap<u32, f64> = failing.iter().map(|(firm, loss)| ((firm % network.len()) as u32, *loss)).collect();
        let losses: Vec<InitialLoss> = losses.into_iter().map(|(firm, loss)| InitialLoss { firm, loss }).collect();
        let options = CascadeOptions { tolerance, max_steps: 1_000_000, negligible: 0.0 };
        let found = cascade(&network, &roles, &losses, &options).unwrap();
        let (down, up, steps) = Naive { network: &network, roles: &roles, tolerance }.run(&losses);
        prop_assert_eq!(found.total.steps, steps);
        prop_assert!(found.total.converged);
        // where demand goes round in a circle the rounding of every step stays, here and in the computation it is held against
        let close = 1e-12 + 1e-15 * f64::from(steps);
        let (mut lost, mut all) = (0.0, 0.0);
        for i in 0..network.len() {
            prop_assert!((found.downstream[i] - (1.0 - down[i])).abs() < close, "downstream of {}: {} and {}", i, found.downstream[i], 1.0 - down[i]);
            prop_assert!((found.upstream[i] - (1.0 - up[i])).abs() < close, "upstream of {}: {} and {}", i, found.upstream[i], 1.0 - up[i]);
            lost += network.size(i as u32) * (1.0 - down[i].min(up[i]));
            all += network.size(i as u32);
        }
        prop_assert!((found.total.loss - lost / all).abs() < close);
        // each alone is the cascade of one, whatever was computed in the same memory before
        let firms: Vec<u32> = (0..network.len() as u32).collect();
        let model = CascadeModel::new(&network, &roles, options).unwrap();
        for (firm, total) in model.each_alone(&firms, &|_| true).unwrap().into_iter().enumerate() {
            let alone = model.cascade(&[InitialLoss { firm: firm as u32, loss: 1.0 }]).unwrap();
            prop_assert_eq!(total, Some(alone.total));
        }
    }

    #[test]
    fn the_network_is_its_list_of_links(
        sectors in prop::collection::vec(0usize..5, 2..12),
        links in prop::collection::vec((0usize..12, 0usize..12, prop::sample::select(vec![0.0, 0.5, 1.0, 3.0])), 1..60),
    ) {
        let n = sectors.len();
        let mut wanted: HashMap<(usize, usize), f64> = HashMap::new();
        let (mut own, mut zero) = (0, 0);
        for (from, to, value) in &links {
            let (from, to) = (from % n, to % n);
            if from == to { own += 1 } else if *value == 0.0 { zero += 1 } else { *wanted.entry((from, to)).or_default() += value }
        }
        let Some(network) = made_up(&sectors, &links, None) else {
            prop_assert!(wanted.is_empty());
            return Ok(())
        };
        let report = network.report();
        prop_assert_eq!((report.links_given, report.self_links, report.zero_links), (links.len() as u64, own, zero));
        prop_assert_eq!(report.repeated_links, links.len() as u64 - own - zero - wanted.len() as u64);
        prop_assert_eq!(network.links(), wanted.len());
        let standing = supplier_standing(&network);
        for i in 0..n as u32 {
            let sold: HashMap<(usize, usize), f64> = network.customers(i).map(|(to, value)| ((i as usize, to as usize), value)).collect();
            let bought: HashMap<(usize, usize), f64> = network.suppliers(i).map(|(from, value)| ((from as usize, i as usize), value)).collect();
            prop_assert!(sold.iter().chain(&bought).all(|(key, value)| wanted[key] == *value));
            prop_assert_eq!(sold.len(), wanted.keys().filter(|key| key.0 == i as usize).count());
            prop_assert_eq!(bought.len(), wanted.keys().filter(|key| key.1 == i as usize).count());
            prop_assert_eq!(network.sales(i), wanted.iter().filter(|(key, _)| key.0 == i as usize).map(|(_, value)| value).sum::<f64>());
            // substitutability, by its definition
            let of_sector = |buyer: usize, sector: usize| -> Vec<f64> {
                wanted.iter().filter(|(key, _)| key.1 == buyer && sectors[key.0] == sector).map(|(_, value)| *value).collect()
            };
            let own_sector = sectors[i as usize];
            let mut weighted = 0.0;
            let mut only = 0;
            for ((_, buyer), value) in &sold {
                let group = of_sector(*buyer, own_sector);
                weighted += value * value / group.iter().sum::<f64>();
                only += usize::from(group.len() == 1);
            }
            let found = standing[i as usize];
            prop_assert_eq!((found.customers, found.suppliers, found.only_supplier_of), (sold.len(), bought.len(), only));
            if !sold.is_empty() {
                prop_assert!((found.mean_dependence - weighted / network.sales(i)).abs() < 1e-12);
            }
            let inputs = input_dependence(&network, i);
            prop_assert_eq!(inputs.len(), bought.len());
            for input in inputs {
                let group = of_sector(i as usize, sectors[input.supplier as usize]);
                prop_assert!((input.share_of_sector - input.value / group.iter().sum::<f64>()).abs() < 1e-12);
                prop_assert_eq!(input.other_suppliers, group.len() - 1);
                let rivals = standing[input.supplier as usize].rivals;
                let self_sells = usize::from(sectors[i as usize] == sectors[input.supplier as usize] && network.sales(i) > 0.0);
                prop_assert_eq!(input.alternatives + input.other_suppliers, rivals - self_sells);
            }
        }
        // components by reachability
        let mut reach = vec![vec![false; n]; n];
        for (at, row) in reach.iter_mut().enumerate() {
            row[at] = true;
        }
        for (from, to) in wanted.keys() {
            reach[*from][*to] = true;
        }
        let closed = |mut reach: Vec<Vec<bool>>| {
            for k in 0..n { for i in 0..n { for j in 0..n { reach[i][j] |= reach[i][k] && reach[k][j]; } } }
            reach
        };
        let both = (0..n).map(|i| (0..n).map(|j| reach[i][j] || reach[j][i]).collect()).collect();
        let (directed, undirected) = (closed(reach), closed(both));
        let (weak, strong) = (components(&network, Connection::Weak), components(&network, Connection::Strong));
        for i in 0..n {
            for j in 0..n {
                prop_assert_eq!(weak.of[i] == weak.of[j], undirected[i][j]);
                prop_assert_eq!(strong.of[i] == strong.of[j], directed[i][j] && directed[j][i]);
            }
        }
        for found in [weak, strong] {
            prop_assert!(found.sizes.is_sorted_by(|a, b| a >= b));
            prop_assert_eq!(found.sizes.iter().sum::<u32>() as usize, n);
            for (component, size) in found.sizes.iter().enumerate() {
                prop_assert_eq!(found.of.iter().filter(|of| **of as usize == component).count(), *size as usize);
            }
        }
    }
}

/// A heavy-tailed network, made up from a counter.
fn heavy_tailed(firms: usize, links: usize) -> ProductionNetwork {
    let mut state = 7u64;
    let mut random = move || {
        state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (state ^ (state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((mixed ^ (mixed >> 31)) >> 11) as f64 / (1u64 << 53) as f64
    };
    let sectors: Vec<usize> = (0..firms).map(|_| (random() * 5.0) as usize).collect();
    let links: Vec<(usize, usize, f64)> = (0..links)
        .map(|_| ((firms as f64 * random().powi(3)) as usize, (firms as f64 * random().powi(2)) as usize, 1.0 / (random() + 1e-4)))
        .collect();
    made_up(&sectors, &links, None).unwrap()
}

#[test]
fn any_number_of_threads_and_any_order_of_links() {
    let network = heavy_tailed(400, 1500);
    let roles = InputRoles::new(&network, None);
    let with = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| economic_systemic_risk(&network, &roles, &Default::default()).unwrap())
    };
    let (one, three) = (with(1), with(3));
    assert_eq!(one, three);
    assert!(one.iter().all(|total| total.converged && total.loss > 0.0 && total.loss <= 1.0 || total.loss == 0.0));
    let spread = one.iter().filter(|total| total.firms > 20).count();
    assert!(spread > 50, "{spread} of 400 failures spread to more than 20 firms");

    let rows = [(0, 2, 0.1), (1, 2, 0.2), (0, 2, 0.3), (2, 3, 0.7), (0, 2, 0.6), (3, 1, 0.05)];
    let sectors = [0, 0, 1, 2];
    let forward = made_up(&sectors, &rows, None).unwrap();
    let backward: Vec<_> = rows.iter().rev().copied().collect();
    let backward = made_up(&sectors, &backward, None).unwrap();
    let risk = |network: &ProductionNetwork| economic_systemic_risk(network, &InputRoles::new(network, None), &Default::default()).unwrap();
    assert_eq!(risk(&forward), risk(&backward));
}

#[test]
fn negligible_changes_held_back_make_no_difference_to_speak_of() {
    let network = heavy_tailed(400, 1500);
    let roles = InputRoles::new(&network, None);
    let apart = |negligible| {
        let risk = |negligible| {
            let options = CascadeOptions { negligible, ..CascadeOptions::default() };
            economic_systemic_risk(&network, &roles, &options).unwrap()
        };
        risk(0.0).iter().zip(&risk(negligible)).map(|(a, b)| (a.loss - b.loss).abs()).fold(0.0, f64::max)
    };
    let default = CascadeOptions::default().negligible;
    assert!(default > 0.0 && apart(default) < 1e-12, "{}", apart(default));
    assert!(apart(1e-4) > 1e-9, "the option does nothing");
}

#[test]
fn a_cascade_that_is_cut_short_says_so() {
    let links: Vec<(usize, usize, f64)> = (0..30).map(|at| (at, at + 1, 1.0)).collect();
    let network = made_up(&[0; 31], &links, None).unwrap();
    let roles = InputRoles::new(&network, Some(InputRule::Leontief));
    let failing = network.initial_losses([("firm 30", 1.0)]).unwrap();
    let options = CascadeOptions { max_steps: 3, ..CascadeOptions::default() };
    let cut = cascade(&network, &roles, &failing, &options).unwrap();
    assert!(!cut.total.converged);
    assert_eq!((cut.total.steps, cut.total.firms), (3, 3));
    assert!(cascade(&network, &roles, &failing, &Default::default()).unwrap().total.converged);
}

#[test]
fn sizes_beyond_sales_are_demand_from_outside() {
    // a sells 1 to b; with a size of 4 three quarters of its demand comes from outside
    let links = [(0, 1, 1.0)];
    let with = made_up(&[0, 1], &links, Some(&[4.0, 5.0])).unwrap();
    let found =
        cascade(&with, &InputRoles::new(&with, None), &with.initial_losses([("firm 1", 1.0)]).unwrap(), &Default::default()).unwrap();
    assert_eq!(found.upstream, [0.25, 1.0]);
    assert!((found.total.loss - (0.25 * 4.0 + 5.0) / 9.0).abs() < 1e-15);
    // a size in another unit that is less than sales: shares of sales, and counted
    let less = made_up(&[0, 1], &links, Some(&[0.5, 5.0])).unwrap();
    assert_eq!(less.report().sizes_below_sales, 1);
    let found =
        cascade(&less, &InputRoles::new(&less, None), &less.initial_losses([("firm 1", 1.0)]).unwrap(), &Default::default()).unwrap();
    assert_eq!(found.upstream, [1.0, 1.0]);
}

#[test]
fn input_that_cannot_be_is_refused() {
    let register = || {
        let mut firms = FirmRegister::default();
        for (row, firm) in ["alpha", "beta", "gamma"].iter().enumerate() {
            firms.add(firm, "C24", None, row as u64 + 1).unwrap();
        }
        firms
    };
    let mut firms = register();
    let said = |result: Result<u32, ChainError>| result.unwrap_err().to_string();
    assert!(said(firms.add("alpha", "C24", None, 9)).contains("stands in two rows"));
    assert!(said(firms.add("delta", "", None, 9)).contains("unknown"));
    assert!(said(firms.add("", "C24", None, 9)).contains("no name"));
    assert!(said(firms.add("delta", "C24", Some(-1.0), 9)).contains("its size is -1"));
    assert!(said(firms.add("epsilon", "C24", Some(f64::NAN), 9)).contains("NaN"));
    assert!(said(firms.require("alfa")).contains("nearest: alpha"));

    let link = |supplier, buyer, value, row| Link { supplier, buyer, value, row };
    let built = |links: Vec<Link>, options| ProductionNetwork::new("three firms", register(), links.into_iter(), &options);
    let lenient = ProductionNetworkOptions::default();
    let strict = ProductionNetworkOptions { refuse_repeated: true, refuse_self_links: true };
    let said = |result: Result<ProductionNetwork, ChainError>| result.unwrap_err().to_string();
    for value in [-1.0, f64::NAN, f64::INFINITY] {
        let message = said(built(vec![link(0, 1, 1.0, 1), link(1, 2, value, 2)], lenient));
        assert!(message.contains("from beta to gamma (row 2)"), "{message}");
    }
    assert!(said(built(vec![link(0, 7, 1.0, 1)], lenient)).contains("no firm 7"));
    assert!(said(built(vec![link(0, 0, 1.0, 1)], lenient)).contains("no link is left of 1"));
    assert!(said(built(Vec::new(), lenient)).contains("no link is left"));
    assert!(said(built(vec![link(0, 0, 1.0, 4)], strict)).contains("from alpha to alpha (row 4)"));
    let twice = vec![link(0, 1, 1.0, 1), link(1, 2, 1.0, 2), link(0, 1, 1.0, 3)];
    assert!(said(built(twice.clone(), strict)).contains("from alpha to beta (row 3): it stands also in row 1"));
    let network = built(twice, lenient).unwrap();
    assert_eq!((network.report().repeated_links, network.sales(0)), (1, 2.0));

    let mut roles = InputRoles::new(&network, None);
    assert!(roles.set(&network, Some("C2"), None, InputRole::Ignored).unwrap_err().to_string().contains("C24"));
    roles.set(&network, Some("C24"), None, InputRole::Ignored).unwrap();
    assert!(roles.set(&network, Some("C24"), None, InputRole::Essential).is_err());
    for failing in [("alpha", 0.0), ("alpha", 1.5), ("alpha", f64::NAN), ("alpa", 1.0)] {
        assert!(network.initial_losses([failing]).is_err(), "{failing:?}");
    }
    assert!(network.initial_losses([("alpha", 1.0), ("alpha", 0.5)]).is_err());
    for options in [
        CascadeOptions { tolerance: 0.0, ..Default::default() },
        CascadeOptions { tolerance: f64::NAN, ..Default::default() },
        CascadeOptions { max_steps: 0, ..Default::default() },
        CascadeOptions { negligible: -1.0, ..Default::default() },
    ] {
        assert!(economic_systemic_risk(&network, &roles, &options).is_err(), "{options:?}");
    }
}
