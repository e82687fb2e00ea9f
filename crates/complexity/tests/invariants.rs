//! Properties that hold for every presence matrix.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use frame::{LabelledMatrix, Labels};
use proptest::prelude::*;
use xinzhi_complexity::*;

fn labels(what: &str, names: impl IntoIterator<Item = usize>) -> Labels {
    Labels::new(what, names.into_iter().map(|i| format!("{}{i:04}", &what[..1]))).unwrap()
}

fn matrix(places: usize, activities: usize, cells: &[bool]) -> PresenceMatrix {
    PresenceMatrix::new(labels("places", 0..places), labels("activities", 0..activities), cells.iter().copied()).unwrap()
}

/// Presence of the given size, each cell with its own chance.
fn any_presence(places: std::ops::Range<usize>, activities: std::ops::Range<usize>) -> impl Strategy<Value = PresenceMatrix> {
    (places, activities, 1_u32..9).prop_flat_map(|(n, p, tenths)| {
        proptest::collection::vec(proptest::bool::weighted(f64::from(tenths) / 10.0), n * p).prop_map(move |cells| matrix(n, p, &cells))
    })
}

fn transposed(m: &PresenceMatrix) -> PresenceMatrix {
    let (n, p) = (m.places().len(), m.activities().len());
    let cells = (0..p).flat_map(|a| (0..n).map(move |c| (c, a))).map(|(c, a)| m.at(c, a));
    PresenceMatrix::new(m.activities().clone(), m.places().clone(), cells).unwrap()
}

/// Well separated: the vector is unique, so results may be compared number by number.
fn unique(result: &EconomicComplexity) -> bool {
    result.components == 1 && result.gap > 1e-3 && result.second_eigenvalue() > 1e-3 && result.sign_correlation.abs() > 1e-3
}

/// A nested panel with noise, from a congruential generator: the size and shape of a world trade table.
fn panel(places: usize, activities: usize) -> LabelledMatrix {
    let mut state = 7_u64;
    let mut uniform = move || {
        state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (state >> 11) as f64 / (1_u64 << 53) as f64
    };
    let mut values = Vec::with_capacity(places * activities);
    for c in 0..places {
        for p in 0..activities {
            let able = 1.0 - c as f64 / places as f64;
            let hard = p as f64 / activities as f64;
            values.push(if uniform() < 0.2 + 0.7 * (able - 0.5 * hard) {
                (3.0 * uniform() + 4.0 * able * (1.0 - hard)).exp()
            } else {
                0.0
            });
        }
    }
    LabelledMatrix::new(labels("places", 0..places), labels("activities", 0..activities), values).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn defining_equations(m in any_presence(3..12, 3..20)) {
        let Ok(result) = economic_complexity(&m, &EconomicComplexityOptions::default()) else { return Ok(()) };
        prop_assert!((result.eigenvalues[0] - 1.0).abs() < 1e-12);
        prop_assert!(result.eigenvalues.windows(2).all(|w| w[0] + 1e-12 >= w[1]));
        prop_assert!(result.residual < 1e-10, "residual {}", result.residual);
        // λ2 = 1 exactly when the network falls apart
        prop_assert_eq!(result.components > 1, result.second_eigenvalue() > 1.0 - 1e-9);
        // the raw place vector is orthogonal to diversity, and ECI is the mean PCI of what a place has
        let weighted: f64 = m.diversity().iter().zip(result.kc.values()).filter(|(d, _)| **d > 0).map(|(d, k)| f64::from(*d) * k).sum();
        prop_assert!(weighted.abs() < 1e-9, "weighted {weighted}");
        for c in 0..m.places().len() {
            let pci: Vec<f64> = m.held(c).map(|p| result.pci.values()[p]).collect();
            let eci = result.eci.values()[c];
            if pci.is_empty() {
                prop_assert!(eci.is_nan());
            } else {
                prop_assert!((eci - pci.iter().sum::<f64>() / pci.len() as f64).abs() < 1e-9 * (1.0 + eci.abs()));
            }
        }
        prop_assert!(result.sign_correlation >= -1e-12);
        prop_assert_eq!(result.excluded_places.len(), m.diversity().iter().filter(|d| **d == 0).count());
        prop_assert_eq!(result.excluded_activities.len(), m.ubiquity().iter().filter(|u| **u == 0).count());
    }

    #[test]
    fn both_sides_have_the_same_eigenvalues(m in any_presence(3..10, 3..10)) {
        let options = EconomicComplexityOptions::default();
        let (Ok(one), Ok(other)) = (economic_complexity(&m, &options), economic_complexity(&transposed(&m), &options)) else { return Ok(()) };
        prop_assert!((one.second_eigenvalue() - other.second_eigenvalue()).abs() < 1e-12);
    }

    #[test]
    fn order_does_not_matter(m in any_presence(4..9, 4..14), seed in any::<u64>()) {
        let options = EconomicComplexityOptions::default();
        let Ok(result) = economic_complexity(&m, &options) else { return Ok(()) };
        prop_assume!(unique(&result));
        let order = |n: usize, by: u64| { let mut o: Vec<usize> = (0..n).collect(); o.sort_by_key(|i| (*i as u64 + 1).wrapping_mul(by | 1).rotate_left(17)); o };
        let (rows, columns) = (order(m.places().len(), seed), order(m.activities().len(), seed.rotate_left(32)));
        let cells = rows.iter().flat_map(|c| columns.iter().map(|p| m.at(*c, *p))).collect::<Vec<_>>();
        let shuffled = PresenceMatrix::new(labels("places", rows.iter().copied()), labels("activities", columns.iter().copied()), cells).unwrap();
        let again = economic_complexity(&shuffled, &options).unwrap();
        for (name, value) in result.eci.iter().chain(result.pci.iter()) {
            let other = again.eci.get(name).or_else(|| again.pci.get(name)).unwrap();
            prop_assert!(value.is_nan() && other.is_nan() || (value - other).abs() < 1e-9, "{name}: {value} {other}");
        }
        let (near, again) = (proximity(&m, Diagonal::One), proximity(&shuffled, Diagonal::One));
        prop_assert_eq!(near.get("a0001", "a0003"), again.get("a0001", "a0003"));
    }

    #[test]
    fn empty_rows_and_columns_touch_nothing_else(m in any_presence(4..9, 4..14)) {
        let options = EconomicComplexityOptions::default();
        let Ok(result) = economic_complexity(&m, &options) else { return Ok(()) };
        let (n, p) = (m.places().len(), m.activities().len());
        let cells = (0..=n).flat_map(|c| (0..=p).map(move |a| (c, a))).map(|(c, a)| c < n && a < p && m.at(c, a)).collect::<Vec<_>>();
        let wider = matrix(n + 1, p + 1, &cells);
        let again = economic_complexity(&wider, &options).unwrap();
        prop_assert!(again.eci.values()[n].is_nan() && again.pci.values()[p].is_nan());
        prop_assert_eq!(again.excluded_places.last().map(|e| (e.label.clone(), e.reason)), Some((format!("p{n:04}"), ExclusionReason::NoPresence)));
        let same = |a: &[f64], b: &[f64]| a.iter().zip(b).all(|(a, b)| a.is_nan() && b.is_nan() || (a - b).abs() <= 1e-12);
        prop_assert!(same(result.eci.values(), again.eci.values()) && same(result.pci.values(), again.pci.values()));
        let diagonal = Diagonal::Zero;
        let (one, two) = (proximity(&m, diagonal), proximity(&wider, diagonal));
        let (near, nearer) = (density(&m, &one).unwrap(), density(&wider, &two).unwrap());
        let (out, outer) = (complexity_outlook(&m, &near, &one, &result).unwrap(), complexity_outlook(&wider, &nearer, &two, &again).unwrap());
        prop_assert!(outer.coi.values()[n].is_nan());
        // with every place at the same outlook the standardised index is 0/0 in both
        prop_assert!(same(out.coi_raw.values(), outer.coi_raw.values()));
        for c in 0..n {
            prop_assert!(same(near.row(c), &nearer.row(c)[..p]) && same(out.cog.row(c), &outer.cog.row(c)[..p]));
        }
    }

    #[test]
    fn proximity_density_and_outlook_follow_their_formulas(m in any_presence(2..70, 2..12), one in any::<bool>()) {
        let diagonal = if one { Diagonal::One } else { Diagonal::Zero };
        let near = proximity(&m, diagonal);
        let (n, p, u) = (m.places().len(), m.activities().len(), m.ubiquity());
        for a in 0..p {
            for b in 0..p {
                let both = (0..n).filter(|c| m.at(*c, a) && m.at(*c, b)).count();
                let expected = match (a == b && !one, both) { (true, _) | (_, 0) => 0.0, _ => both as f64 / f64::from(u[a].max(u[b])) };
                prop_assert_eq!(near.at(a, b), expected);
                prop_assert_eq!(near.at(a, b), near.at(b, a));
            }
        }
        let dense = density(&m, &near).unwrap();
        for c in 0..n {
            for a in 0..p {
                let total: f64 = (0..p).map(|b| near.at(a, b)).sum();
                let held: f64 = m.held(c).map(|b| near.at(a, b)).sum();
                let found = dense.at(c, a);
                let follows = if total == 0.0 { found.is_nan() } else { (found - held / total).abs() < 1e-14 && (0.0..=1.0).contains(&found) };
                prop_assert!(follows, "{found}");
            }
        }
        let Ok(complexity) = economic_complexity(&m, &EconomicComplexityOptions::default()) else { return Ok(()) };
        let outlook = complexity_outlook(&m, &dense, &near, &complexity).unwrap();
        // the deviation that scales the indices, from any two places that differ
        let kc: Vec<f64> = complexity.kc.values().iter().copied().filter(|v| v.is_finite()).collect();
        let mean = kc.iter().sum::<f64>() / kc.len() as f64;
        let deviation = (kc.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / kc.len() as f64).sqrt();
        for c in (0..n).filter(|c| m.diversity()[*c] > 0) {
            for a in 0..p {
                let missing = (0..p).filter(|b| !m.at(c, *b) && u[*b] > 0);
                let gain: f64 = missing.map(|b| { let t: f64 = near.row(b).iter().sum(); if t > 0.0 { near.at(a, b) * complexity.kp.values()[b] / t } else { 0.0 } }).sum();
                let expected = if m.at(c, a) { 0.0 } else { gain / deviation };
                prop_assert!((outlook.cog.at(c, a) - expected).abs() < 1e-9 * (1.0 + expected.abs()), "{} {expected}", outlook.cog.at(c, a));
            }
        }
    }

    #[test]
    fn specialisation_of_the_world_is_one(values in proptest::collection::vec(0.0..1e9_f64, 12)) {
        let x = LabelledMatrix::new(labels("places", 0..3), labels("activities", 0..4), values).unwrap();
        let rca = revealed_comparative_advantage(&x).unwrap();
        let (rows, columns, total) = (x.row_sums(), x.column_sums(), x.values().iter().sum::<f64>());
        prop_assume!(rows.iter().chain(&columns).all(|s| *s > 0.0));
        // weighted by the place's share of the world, and by the activity's
        for p in 0..4 {
            let mean: f64 = (0..3).map(|c| rca.at(c, p) * rows[c] / total).sum();
            prop_assert!((mean - 1.0).abs() < 1e-12);
        }
        for c in 0..3 {
            let mean: f64 = (0..4).map(|p| rca.at(c, p) * columns[p] / total).sum();
            prop_assert!((mean - 1.0).abs() < 1e-12);
        }
    }
}

/// The same bytes on one thread and on several.
#[test]
fn threads_do_not_change_a_bit() {
    let run = || {
        let rca = revealed_comparative_advantage(&panel(100, 300)).unwrap();
        let m = presence(&rca, Presence::default());
        let complexity = economic_complexity(&m, &EconomicComplexityOptions::default()).unwrap();
        let near = proximity(&m, Diagonal::Zero);
        let dense = density(&m, &near).unwrap();
        let outlook = complexity_outlook(&m, &dense, &near, &complexity).unwrap();
        let all = [complexity.eci.values(), complexity.pci.values(), dense.values(), outlook.coi.values(), outlook.cog.values()];
        all.concat().iter().map(|v| v.to_bits()).collect::<Vec<u64>>()
    };
    let with = |threads| rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap().install(run);
    let one = with(1);
    assert_eq!(one, with(2));
    assert_eq!(one, with(5));
}

/// The whole set on a table of the size of world trade by HS heading; `--nocapture` prints the times.
#[test]
fn a_world_trade_table_is_solved_accurately() {
    let exports = panel(224, 1222);
    let clock = std::time::Instant::now();
    let step = |what: &str, last: &mut f64| {
        let now = clock.elapsed().as_secs_f64();
        println!("{what:12} {:7.2} ms", (now - *last) * 1e3);
        *last = now;
    };
    let mut last = 0.0;
    let rca = revealed_comparative_advantage(&exports).unwrap();
    let m = presence(&rca, Presence::default());
    step("presence", &mut last);
    let complexity = economic_complexity(&m, &EconomicComplexityOptions::default()).unwrap();
    step("complexity", &mut last);
    let near = proximity(&m, Diagonal::Zero);
    step("proximity", &mut last);
    let dense = density(&m, &near).unwrap();
    step("density", &mut last);
    let outlook = complexity_outlook(&m, &dense, &near, &complexity).unwrap();
    step("outlook", &mut last);
    assert!(complexity.residual < 1e-12, "{}", complexity.residual);
    assert!(complexity.warnings.is_empty(), "{:?}", complexity.warnings);
    assert!(outlook.cog.values().iter().all(|v| v.is_finite()));
}
