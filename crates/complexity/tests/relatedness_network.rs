//! The relatedness network, its communities, its null model and its layout, held against graphs whose answer is known, other programs and
//! brute force.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use frame::{LabelledMatrix, Labels};
use proptest::prelude::*;
use std::collections::BTreeSet;
use xinzhi_complexity::*;

fn labels(n: usize) -> Labels {
    Labels::new("nodes", (0..n).map(|i| format!("n{i:04}"))).unwrap()
}

fn near(found: f64, expected: f64, tolerance: f64, what: &str) {
    assert!((found - expected).abs() <= tolerance, "{what}: {found} instead of {expected}");
}

/// A number in 0..1 of a counter.
fn uniform(counter: u64) -> f64 {
    let mut z = counter.wrapping_add(11).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    ((z ^ (z >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
}

/// A made-up nested presence with noise.
fn made_up(places: usize, activities: usize) -> PresenceMatrix {
    let cells = (0..places * activities).map(|at| {
        let (c, p) = ((at / activities) as f64 / places as f64, (at % activities) as f64 / activities as f64);
        uniform(at as u64) < 0.02 + 0.75 * (1.0 - c) * (1.0 - 0.8 * p) * (0.5 + uniform(at as u64 % activities as u64 + 999_983))
    });
    let names = |what: &str, n: usize| Labels::new(what, (0..n).map(|i| format!("{i:05}"))).unwrap();
    PresenceMatrix::new(names("places", places), names("activities", activities), cells).unwrap()
}

fn exports_1995() -> PresenceMatrix {
    let mut reader = csv::Reader::from_reader(include_str!("data/growth_lab_1995.csv").as_bytes());
    let products: Vec<String> = reader.headers().unwrap().iter().skip(1).map(str::to_owned).collect();
    let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    let values = rows.iter().flat_map(|row| row.iter().skip(1).map(|v| v.parse::<f64>().unwrap())).collect();
    let places = Labels::new("places", rows.iter().map(|row| &row[0])).unwrap();
    let exports = LabelledMatrix::new(places, Labels::new("products", products).unwrap(), values).unwrap();
    presence(&revealed_comparative_advantage(&exports).unwrap(), Presence::default())
}

/// Zachary's karate club (1977): 34 members, 78 ties.
#[rustfmt::skip]
const KARATE: [(usize, usize); 78] = [
    (0, 1), (0, 2), (0, 3), (0, 4), (0, 5), (0, 6), (0, 7), (0, 8), (0, 10), (0, 11), (0, 12), (0, 13), (0, 17), (0, 19), (0, 21),
    (0, 31), (1, 2), (1, 3), (1, 7), (1, 13), (1, 17), (1, 19), (1, 21), (1, 30), (2, 3), (2, 7), (2, 8), (2, 9), (2, 13), (2, 27),
    (2, 28), (2, 32), (3, 7), (3, 12), (3, 13), (4, 6), (4, 10), (5, 6), (5, 10), (5, 16), (6, 16), (8, 30), (8, 32), (8, 33), (9, 33),
    (13, 33), (14, 32), (14, 33), (15, 32), (15, 33), (18, 32), (18, 33), (19, 33), (20, 32), (20, 33), (22, 32), (22, 33), (23, 25),
    (23, 27), (23, 29), (23, 32), (23, 33), (24, 25), (24, 27), (24, 31), (25, 31), (26, 29), (26, 33), (27, 33), (28, 31), (28, 33),
    (29, 32), (29, 33), (30, 32), (30, 33), (31, 32), (31, 33), (32, 33),
];

fn karate() -> Vec<(usize, usize, f64)> {
    KARATE.iter().map(|(a, b)| (*a, *b, 1.0)).collect()
}

fn symmetric(n: usize, links: &[(usize, usize, f64)]) -> LabelledMatrix {
    let mut values = vec![0.0; n * n];
    for (a, b, w) in links {
        (values[a * n + b], values[b * n + a]) = (*w, *w);
    }
    LabelledMatrix::new(labels(n), labels(n), values).unwrap()
}

/// The best division of the karate club is known to have modularity 0.4197896 (Brandes et al. 2008, by integer programming).
#[test]
fn the_karate_club_reaches_its_known_optimum() {
    let found = communities(&labels(34), &karate(), &CommunityOptions::default()).unwrap();
    near(found.modularity, 0.419_789_612_1, 1e-9, "modularity");
    assert_eq!(found.sizes.len(), 4);
    // the two leaders of the split are apart
    assert_ne!(found.membership[0], found.membership[33]);
    near(modularity(&labels(34), &karate(), &found.membership, 1.0).unwrap(), found.modularity, 1e-14, "modularity again");
    // one start by label alone, without any luck of shuffles
    let one = communities(&labels(34), &karate(), &CommunityOptions { starts: 1, ..CommunityOptions::default() }).unwrap();
    assert!(one.modularity >= 0.4188, "{}", one.modularity);
}

#[test]
fn two_cliques_joined_by_an_edge_are_two_communities() {
    let clique = |from: usize| (from..from + 5).flat_map(move |a| (a + 1..from + 5).map(move |b| (a, b, 1.0)));
    let links: Vec<_> = clique(0).chain(clique(5)).chain([(4, 5, 1.0)]).collect();
    let found = communities(&labels(10), &links, &CommunityOptions::default()).unwrap();
    assert_eq!(found.membership, [vec![Some(0); 5], vec![Some(1); 5]].concat());
    near(found.modularity, 2.0 * (10.0 / 21.0 - 0.25), 1e-15, "modularity");
    // thirty cliques in a ring: the resolution limit (Fortunato and Barthélemy 2007) pairs them up at 1, not at 2
    let ring: Vec<_> = (0..30).flat_map(|k| clique(5 * k).chain([(5 * k, (5 * k + 6) % 150, 1.0)])).collect();
    let coarse = communities(&labels(150), &ring, &CommunityOptions::default()).unwrap();
    let fine = communities(&labels(150), &ring, &CommunityOptions { resolution: 2.0, ..CommunityOptions::default() }).unwrap();
    near(coarse.modularity, 315.0 / 330.0 - 1.0 / 15.0, 1e-12, "pairs of cliques");
    assert_eq!(coarse.sizes, [10; 15]);
    assert_eq!(fine.sizes, [5; 30]);
}

#[test]
fn no_links_no_communities_and_bad_links_are_named() {
    let none = communities(&labels(3), &[], &CommunityOptions::default()).unwrap();
    assert_eq!((none.membership.as_slice(), none.modularity), ([None; 3].as_slice(), 0.0));
    assert!(communities(&labels(0), &[], &CommunityOptions::default()).unwrap().sizes.is_empty());
    let beyond = communities(&labels(3), &[(0, 3, 1.0)], &CommunityOptions::default()).unwrap_err().to_string();
    assert!(beyond.contains("position 3") && beyond.contains("below 3"), "{beyond}");
    let negative = communities(&labels(3), &[(0, 2, -1.0)], &CommunityOptions::default()).unwrap_err().to_string();
    assert!(negative.contains("n0002") && negative.contains("-1"), "{negative}");
    assert!(communities(&labels(3), &[], &CommunityOptions { resolution: f64::NAN, ..CommunityOptions::default() }).is_err());
}

/// Of the 10 × 30 exports of 1995.
const TREE_WEIGHT: f64 = 21.233333333333338;
const STRONG: usize = 108;
const CHANCES: [(&str, &str, f64); 4] = [
    ("aut", "1704", 0.61563667157609),
    ("deu", "8474", 0.43631585833904335),
    ("pol", "9403", 0.1842760058451557),
    ("gbr", "1905", 0.4991530523645482),
];
const TAILS: [(&str, &str, f64); 5] = [
    ("1704", "1806", 0.2973302205908379),
    ("7307", "8309", 0.5271815303218342),
    ("3917", "8474", 0.5480737332086756),
    ("7604", "7608", 0.36727934894178454),
    ("8431", "8474", 0.6780471066208629),
];

/// The weight of networkx 3.6 `maximum_spanning_tree` on the same proximity, and its count of links of at least 0.55.
#[test]
fn the_tree_of_1995_has_the_weight_networkx_finds() {
    let near_to = proximity(&exports_1995(), Diagonal::Zero);
    let network = relatedness_network(&near_to, &RelatednessNetworkOptions::default()).unwrap();
    let tree: Vec<&RelatednessEdge> = network.edges.iter().filter(|e| e.in_tree).collect();
    assert_eq!((tree.len(), network.trees, network.components, network.isolated), (29, 1, 1, 0));
    near(tree.iter().map(|e| e.proximity).sum(), TREE_WEIGHT, 1e-12, "weight of the tree");
    assert_eq!(network.edges.iter().filter(|e| e.proximity >= 0.55).count(), STRONG);
    assert!(network.edges.iter().all(|e| e.in_tree || e.proximity >= 0.55));
    assert_eq!(network.nodes.iter().map(|n| n.degree).sum::<usize>(), 2 * network.edges.len());
    assert!(network.edges.windows(2).all(|w| w[0].proximity >= w[1].proximity));
}

/// networkx 3.6: `betweenness_centrality(karate_club_graph())`.
#[test]
fn betweenness_equals_that_of_networkx() {
    let options = RelatednessNetworkOptions { betweenness: true, ..RelatednessNetworkOptions::default() };
    let network = relatedness_network_from_matrix(&symmetric(34, &karate()), &options).unwrap();
    assert_eq!(network.edges.len(), 78);
    for (node, value) in [(0, 0.43763528138528146), (33, 0.30407497594996), (2, 0.14365680615680618), (11, 0.0)] {
        near(network.nodes[node].betweenness.unwrap(), value, 1e-12, "betweenness");
    }
}

#[test]
fn isolated_and_disconnected_activities_are_flagged() {
    let matrix = symmetric(6, &[(0, 1, 0.9), (1, 2, 0.2), (3, 4, 0.3)]);
    let network = relatedness_network_from_matrix(&matrix, &RelatednessNetworkOptions::default()).unwrap();
    assert_eq!((network.trees, network.components, network.isolated, network.edges.len()), (2, 3, 1, 3));
    assert!(!network.is_connected() && network.nodes[5].isolated && network.nodes[5].degree == 0);
    assert_eq!(network.nodes.iter().map(|n| n.component).collect::<Vec<_>>(), [0, 0, 0, 1, 1, 2]);
    // without the tree the weak links go and their activities stay
    let bare = RelatednessNetworkOptions { tree: false, ..RelatednessNetworkOptions::default() };
    let network = relatedness_network_from_matrix(&matrix, &bare).unwrap();
    assert_eq!((network.edges.len(), network.isolated, network.nodes.len()), (1, 4, 6));
    assert!(network.edges[0].in_tree);
    let mut lopsided = matrix.values().to_vec();
    lopsided[1] = 0.8;
    let error = relatedness_network_from_matrix(&LabelledMatrix::new(labels(6), labels(6), lopsided).unwrap(), &bare).unwrap_err();
    assert!(error.to_string().contains("\"n0000\" and \"n0001\" is 0.8 one way and 0.9"), "{error}");
    let nan = RelatednessNetworkOptions { threshold: Some(f64::NAN), ..bare };
    assert!(matches!(relatedness_network_from_matrix(&matrix, &nan), Err(ComplexityError::Option { .. })));
    let empty = LabelledMatrix::new(labels(0), labels(0), vec![]).unwrap();
    assert!(relatedness_network_from_matrix(&empty, &bare).unwrap().nodes.is_empty());
}

#[test]
fn a_mean_degree_is_met_without_parting_equals() {
    // a chain at 0.9, then three links at 0.6 and one at 0.5
    let links = [(0, 1, 0.9), (1, 2, 0.9), (2, 3, 0.9), (0, 2, 0.6), (0, 3, 0.6), (1, 3, 0.5)];
    let with = |mean_degree, threshold| {
        let options = RelatednessNetworkOptions { threshold, mean_degree: Some(mean_degree), ..RelatednessNetworkOptions::default() };
        relatedness_network_from_matrix(&symmetric(4, &links), &options).unwrap()
    };
    // 2.0 asks for 4 links, 1 beyond the tree: both at 0.6 or none is equally near, none is taken
    assert_eq!(with(2.0, None).edges.len(), 3);
    assert_eq!(with(2.2, None).edges.len(), 5);
    assert_eq!(with(3.0, None).edges.len(), 6);
    assert_eq!(with(3.0, Some(0.55)).edges.len(), 5);
    assert_eq!(with(3.0, Some(0.55)).weakest_extra, Some(0.6));
}

/// The probabilities of the Python package bicm 3.4.0 (`solve_tool(method="newton", tol=1e-12)`) on the same presence, and the tails of
/// the Poisson binomial by numpy convolution of them; the package's own p-values (`approx_method="poibin"`) agree.
/// Its margins are off by up to 1.9e-7, ours by no more than 1e-10, so the two can agree to about 1e-7 only.
#[test]
fn chances_and_tails_equal_those_of_the_package_bicm() {
    let m = exports_1995();
    let null = bipartite_configuration_model(&m).unwrap();
    assert!(null.residual <= 1e-10 && null.blocks == 1 && null.forced == 0);
    for (place, product, chance) in CHANCES {
        near(null.get(place, product).unwrap(), chance, 2e-7, product);
    }
    let found = co_occurrence_significance(&m, &null, &SignificanceOptions::default()).unwrap();
    assert_eq!((found.method, found.error_bound, found.tests), (TailMethod::Exact, Some(0.0), 435));
    for (a, b, tail) in TAILS {
        near(found.get(a, b).unwrap(), tail, 1e-7, a);
    }
}

/// Every p-value is the tail of the distribution over all 2^N outcomes.
#[test]
fn small_cases_equal_enumeration() {
    let m = made_up(9, 14);
    let null = bipartite_configuration_model(&m).unwrap();
    let found = co_occurrence_significance(&m, &null, &SignificanceOptions::default()).unwrap();
    for p in 0..14 {
        for q in p + 1..14 {
            let chances: Vec<f64> = (0..9).map(|c| null.at(c, p) * null.at(c, q)).collect();
            let together = (0..9).filter(|c| m.at(*c, p) && m.at(*c, q)).count();
            let tail: f64 = (0_u32..1 << 9)
                .filter(|o| o.count_ones() as usize >= together)
                .map(|o| chances.iter().enumerate().map(|(c, x)| if o >> c & 1 == 1 { *x } else { 1.0 - x }).product::<f64>())
                .sum();
            near(found.at(p, q).unwrap(), tail, 1e-12, "tail");
        }
    }
}

#[test]
fn planted_pairs_are_validated_and_noise_is_not() {
    let places = 80;
    let pair = |c: usize| uniform(c as u64 + 77) < 0.3;
    let cells: Vec<bool> =
        (0..places).flat_map(|c| (0..40).map(move |p| if p < 2 { pair(c) } else { uniform((c * 40 + p) as u64 + 5_000) < 0.3 })).collect();
    let names = |what: &str, n: usize| Labels::new(what, (0..n).map(|i| format!("{i:03}"))).unwrap();
    let m = PresenceMatrix::new(names("places", places), names("activities", 40), cells).unwrap();
    let null = bipartite_configuration_model(&m).unwrap();
    let found = co_occurrence_significance(&m, &null, &SignificanceOptions::default()).unwrap();
    assert!(found.is_validated_at(0, 1) && found.at(0, 1).unwrap() < 1e-5);
    assert!(found.validated <= 3, "{} of 780 pairs, one of them planted", found.validated);
    let mut network = relatedness_network(&proximity(&m, Diagonal::Zero), &RelatednessNetworkOptions::default()).unwrap();
    network.set_significance(&found).unwrap();
    assert_eq!((network.edges[0].a, network.edges[0].b, network.edges[0].validated), (0, 1, Some(true)));
    // the approximations find the same pair
    for method in [TailMethod::SaddlePoint, TailMethod::Poisson] {
        let other = co_occurrence_significance(&m, &null, &SignificanceOptions { method, ..SignificanceOptions::default() }).unwrap();
        assert!(other.is_validated_at(0, 1));
        assert_eq!(other.error_bound.is_some(), method == TailMethod::Poisson);
    }
}

#[test]
fn margins_that_force_cells_have_no_chance_in_them() {
    // a place with everything, one with nothing, an activity everywhere, and two blocks of which one is full and one empty
    let cells = [
        "11111", //
        "11101", "11110", "10010", "10000", "00000",
    ];
    let m = PresenceMatrix::new(labels(6), labels(5), cells.iter().flat_map(|r| r.bytes().map(|b| b == b'1'))).unwrap();
    let null = bipartite_configuration_model(&m).unwrap();
    for p in 0..5 {
        assert_eq!((null.at(0, p), null.at(5, p)), (1.0, 0.0));
    }
    for c in 0..5 {
        assert_eq!(null.at(c, 0), 1.0, "all places with anything have the first");
    }
    assert!(null.forced > 10 && null.residual <= 1e-10);
    // perfectly nested: nothing is left to chance
    let nested = PresenceMatrix::new(labels(4), labels(4), (0..16).map(|at| at % 4 <= 3 - at / 4)).unwrap();
    let null = bipartite_configuration_model(&nested).unwrap();
    assert_eq!((null.forced, null.blocks), (16, 0));
    assert!((0..4).all(|c| (0..4).all(|p| null.at(c, p) == f64::from(u8::from(nested.at(c, p))))));
    let found = co_occurrence_significance(&nested, &null, &SignificanceOptions::default()).unwrap();
    assert!((0..4).all(|p| (0..4).filter(|q| *q != p).all(|q| found.at(p, q) == Some(1.0))) && found.validated == 0);
    // the two blocks of Gale and Ryser without any full or empty row
    let blocks = ["1110", "1101", "1000", "0100"];
    let m = PresenceMatrix::new(labels(4), labels(4), blocks.iter().flat_map(|r| r.bytes().map(|b| b == b'1'))).unwrap();
    let null = bipartite_configuration_model(&m).unwrap();
    assert_eq!((null.forced, null.blocks, null.at(0, 0), null.at(2, 2)), (8, 2, 1.0, 0.0));
    near(null.at(0, 2), 0.5, 1e-10, "a cell of the upper block");
    for degenerate in [(0, 0), (1, 1), (3, 0), (1, 4)] {
        let (n, p) = degenerate;
        let m = PresenceMatrix::new(labels(n), labels(p), vec![true; n * p]).unwrap();
        assert_eq!(bipartite_configuration_model(&m).unwrap().residual, 0.0);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn margins_are_met_for_every_matrix((n, p, tenths) in (1_usize..14, 1_usize..14, 0_u64..11), seed in 0_u64..1_000_000) {
        let cells = (0..n * p).map(|at| uniform(seed * 1_000 + at as u64) * 10.0 < tenths as f64);
        let m = PresenceMatrix::new(labels(n), labels(p), cells).unwrap();
        let null = bipartite_configuration_model(&m).unwrap();
        for (c, d) in m.diversity().iter().enumerate() {
            let sum: f64 = (0..p).map(|a| null.at(c, a)).sum();
            prop_assert!((sum - f64::from(*d)).abs() <= 1e-10);
        }
        for (a, u) in m.ubiquity().iter().enumerate() {
            let sum: f64 = (0..n).map(|c| null.at(c, a)).sum();
            prop_assert!((sum - f64::from(*u)).abs() <= 1e-10);
        }
        // x y / (1 + x y) where nothing is forced
        if null.blocks == 1 && null.forced == 0 {
            let (x, y) = (null.place_fugacities(), null.activity_fugacities());
            prop_assert!((null.at(0, 0) - x[0] * y[0] / (1.0 + x[0] * y[0])).abs() <= 1e-12);
        }
    }

    #[test]
    fn the_tree_is_as_heavy_as_kruskals(n in 2_usize..20, seed in 0_u64..1_000_000) {
        // few distinct values, so that ties are many
        let links: Vec<(usize, usize, f64)> = (0..n)
            .flat_map(|a| (a + 1..n).map(move |b| (a, b, (uniform(seed * 1_000 + (a * n + b) as u64) * 6.0).floor() / 5.0)))
            .collect();
        let options = RelatednessNetworkOptions { threshold: None, ..RelatednessNetworkOptions::default() };
        let network = relatedness_network_from_matrix(&symmetric(n, &links), &options).unwrap();
        let mut sorted: Vec<_> = links.iter().filter(|l| l.2 > 0.0).collect();
        sorted.sort_by(|a, b| b.2.total_cmp(&a.2).then((a.0, a.1).cmp(&(b.0, b.1))));
        let mut group: Vec<usize> = (0..n).collect();
        let mut tree = Vec::new();
        for (a, b, _) in sorted {
            let (x, y) = (group[*a], group[*b]);
            if x != y {
                tree.push((*a, *b));
                group.iter_mut().filter(|g| **g == y).for_each(|g| *g = x);
            }
        }
        prop_assert_eq!(network.edges.iter().map(|e| (e.a, e.b)).collect::<Vec<_>>(), tree);
        prop_assert_eq!(network.components, group.iter().collect::<BTreeSet<_>>().len());
    }

    #[test]
    fn communities_are_connected_and_no_merger_gains(n in 3_usize..40, seed in 0_u64..1_000_000) {
        let links: Vec<(usize, usize, f64)> = (0..n)
            .flat_map(|a| (a + 1..n).map(move |b| (a, b, uniform(seed * 1_000 + (a * n + b) as u64))))
            .filter(|l| l.2 < 0.2)
            .collect();
        let found = communities(&labels(n), &links, &CommunityOptions::default()).unwrap();
        let value = |division: &[Option<usize>]| modularity(&labels(n), &links, division, 1.0).unwrap();
        prop_assert!((value(&found.membership) - found.modularity).abs() < 1e-12);
        for a in 0..found.sizes.len() {
            let members: Vec<usize> = (0..n).filter(|i| found.membership[*i] == Some(a)).collect();
            let mut seen = BTreeSet::from([members[0]]);
            let mut open = vec![members[0]];
            while let Some(at) = open.pop() {
                for (x, y, _) in links.iter().filter(|l| l.0 == at || l.1 == at) {
                    let other = if *x == at { *y } else { *x };
                    if members.contains(&other) && seen.insert(other) {
                        open.push(other);
                    }
                }
            }
            prop_assert_eq!(seen.len(), members.len());
            for b in a + 1..found.sizes.len() {
                let merged: Vec<Option<usize>> = found.membership.iter().map(|c| if *c == Some(b) { Some(a) } else { *c }).collect();
                prop_assert!(value(&merged) <= found.modularity + 1e-9);
            }
        }
    }
}

/// The whole chain of a matrix: everything that could depend on threads or order, printed.
fn everything(m: &PresenceMatrix) -> String {
    let null = bipartite_configuration_model(m).unwrap();
    let significance = co_occurrence_significance(m, &null, &SignificanceOptions::default()).unwrap();
    let mut network = relatedness_network(&proximity(m, Diagonal::Zero), &RelatednessNetworkOptions::default()).unwrap();
    let groups = communities(network.activities(), &network.weighted_edges(), &CommunityOptions::default()).unwrap();
    network.set_communities(&groups).unwrap();
    network.set_significance(&significance).unwrap();
    let radii: Vec<f64> = network.nodes.iter().map(|n| 2.0 + n.degree as f64 / 10.0).collect();
    let layout = graph_layout(network.activities(), &network.weighted_edges(), &radii, &GraphLayoutOptions::default()).unwrap();
    assert_eq!(layout.overlaps, 0);
    let attributes = [("x", NodeAttribute::Number(layout.x.clone())), ("y", NodeAttribute::Number(layout.y))];
    let mut lines: Vec<String> = graphml(&network, &attributes).unwrap().lines().map(str::to_owned).collect();
    lines.retain(|l| !l.starts_with("<graphml"));
    // nodes stand in the order of the table
    lines.sort();
    lines.join("\n")
}

#[test]
fn threads_and_the_order_of_the_table_change_nothing() {
    let m = made_up(40, 120);
    let on = |threads: usize| rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap().install(|| everything(&m));
    let once = on(1);
    assert!(once == on(2) && once == on(7));
    let mut order: Vec<usize> = (0..120).collect();
    order.sort_by_key(|i| (uniform(*i as u64 + 31) * 1e9) as u64);
    let shuffled = PresenceMatrix::new(
        m.places().clone(),
        Labels::new("activities", order.iter().map(|p| m.activities().name(*p))).unwrap(),
        (0..40).flat_map(|c| order.iter().map(move |p| (c, *p))).map(|(c, p)| m.at(c, p)),
    )
    .unwrap();
    assert!(everything(&shuffled) == once);
}

#[test]
fn a_layout_keeps_shape_box_and_distance() {
    // a grid of 8 × 5 is flat: its distances along links are nearly those in the plane
    let at = |x: usize, y: usize| y * 8 + x;
    let across = (0..7).flat_map(|x| (0..5).map(move |y| (at(x, y), at(x + 1, y), 1.0)));
    let down = (0..8).flat_map(|x| (0..4).map(move |y| (at(x, y), at(x, y + 1), 1.0)));
    let links: Vec<_> = across.chain(down).collect();
    let options = GraphLayoutOptions { width: 800.0, height: 500.0, ..GraphLayoutOptions::default() };
    let placed = graph_layout(&labels(40), &links, &[6.0; 40], &options).unwrap();
    assert!(placed.stress < 0.06, "{}", placed.stress);
    assert_eq!(placed.overlaps, 0);
    assert!(placed.x.iter().all(|x| (6.0..=794.0).contains(x)) && placed.y.iter().all(|y| (6.0..=494.0).contains(y)));
    let apart = |a: usize, b: usize| (placed.x[a] - placed.x[b]).hypot(placed.y[a] - placed.y[b]);
    let linked = links.iter().map(|(a, b, _)| apart(*a, *b)).fold(0.0, f64::max);
    assert!(apart(at(0, 0), at(7, 4)) > 3.0 * linked, "opposite corners are far apart");
    // nodes without links stand below, in the box, apart
    let lonely = graph_layout(&labels(60), &links, &[6.0; 60], &options).unwrap();
    let lowest = (0..40).map(|i| lonely.y[i]).fold(0.0, f64::max);
    assert!((40..60).all(|i| lonely.y[i] > lowest) && lonely.overlaps == 0);
    assert!(graph_layout(&labels(2), &[], &[1.0, f64::NAN], &options).is_err());
    assert!(graph_layout(&labels(2), &[], &[1.0], &options).is_err());
    assert!(graph_layout(&labels(0), &[], &[], &options).unwrap().x.is_empty());
}

#[test]
fn graphml_escapes_and_types_its_values() {
    let names = Labels::new("fields", ["R&D <\"x\">", "茶", "tab\there"]).unwrap();
    let m = LabelledMatrix::new(names.clone(), names, vec![0.0, 0.7, 0.1, 0.7, 0.0, 0.0, 0.1, 0.0, 0.0]).unwrap();
    let network = relatedness_network_from_matrix(&m, &RelatednessNetworkOptions::default()).unwrap();
    let xml = graphml(&network, &[("trade", NodeAttribute::Number(vec![0.1, f64::NAN, 1e300]))]).unwrap();
    assert!(xml.contains("R&amp;D &lt;&quot;x&quot;&gt;") && xml.contains("tab&#9;here") && !xml.contains("NaN"));
    assert!(xml.contains("<data key=\"e0\">0.7</data><data key=\"e1\">true</data></edge>"));
    assert!(graphml(&network, &[("degree", NodeAttribute::Whole(vec![1, 2, 3]))]).unwrap_err().to_string().contains("\"degree\""));
    assert!(graphml(&network, &[("x", NodeAttribute::Flag(vec![true]))]).is_err());
}
