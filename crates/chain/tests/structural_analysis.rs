//! Structural paths, structural decomposition and fields of influence, against definitions worked out the long way.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod made_up_tables;

use frame::{FrameError, LabelledMatrix, Labels};
use made_up_tables::*;
use proptest::prelude::*;
use xinzhi_chain::*;

/// All paths with |contribution| above a threshold, by walking the whole tree as far as multipliers allow.
fn every_path(a: &[f64], f: &[f64], y: &[f64], threshold: f64) -> Vec<(f64, Vec<usize>)> {
    let n = y.len();
    let transposed: Vec<f64> = (0..n * n).map(|at| a[at % n * n + at / n]).collect();
    let absolute: Vec<f64> = f.iter().map(|f| f.abs()).collect();
    let m = solved(&transposed, &absolute);
    let mut found = Vec::new();
    let mut stack: Vec<(Vec<usize>, f64)> = (0..n).map(|i| (vec![i], y[i])).collect();
    while let Some((path, purchases)) = stack.pop() {
        let last = path[path.len() - 1];
        if purchases.abs() * m[last] < threshold {
            continue;
        }
        if (f[last] * purchases).abs() >= threshold {
            found.push((f[last] * purchases, path.clone()));
        }
        for i in 0..n {
            let mut longer = path.clone();
            longer.push(i);
            stack.push((longer, purchases * a[i * n + last]));
        }
    }
    found.sort_by(|a, b| b.0.abs().total_cmp(&a.0.abs()).then(a.1.len().cmp(&b.1.len())).then(a.1.cmp(&b.1)));
    found
}

fn total_demand(system: &InputOutputSystem) -> Vec<f64> {
    (0..system.size()).map(|i| (0..system.regions().len()).map(|r| system.final_delivery(i, r)).sum()).collect()
}

#[test]
fn the_largest_paths_in_order() {
    let system = mini();
    let factor = Factor::new(&system).unwrap();
    let f: Vec<f64> = (0..9).map(|i| 0.1 + (i * 5 % 7) as f64).collect();
    let y = total_demand(&system);
    let paths = structural_paths(&factor, &f, &y, &PathOptions { paths: 200, coverage: 1.0 }).unwrap();
    let expected = every_path(&coefficients(&system), &f, &y, 0.5);
    assert!(paths.paths.len() == 200 && expected.len() > 201);
    for (path, (contribution, positions)) in paths.paths.iter().zip(&expected) {
        close(path.contribution, *contribution, 1e-12);
        assert_eq!(path.positions, *positions);
        assert_eq!(path.industries.len(), positions.len());
    }
    // the next one is the largest that is missing
    close(paths.largest_missing, expected[200].0, 1e-9);
    let total: f64 = solved(&coefficients(&system), &y).iter().zip(&f).map(|(x, f)| x * f).sum();
    close(paths.total, total, 1e-12);
    close(paths.listed, expected[..200].iter().map(|p| p.0).sum(), 1e-12);
    close(paths.coverage.unwrap(), paths.listed / total, 1e-12);
    assert!(paths.nodes < 1000, "few nodes are needed: {}", paths.nodes);
    // everything above a first stage: y times the multiplier
    let first = paths.paths.iter().find(|p| p.positions.len() == 1).unwrap();
    let inverse = factor.leontief_inverse();
    let multiplier: f64 = (0..9).map(|i| f[i] * inverse.at(i, first.positions[0])).sum();
    close(first.with_all_above, y[first.positions[0]] * multiplier, 1e-12);
    // the same from the inverse
    assert_eq!(structural_paths(&inverse, &f, &y, &PathOptions { paths: 50, coverage: 1.0 }).unwrap().paths[49].positions, expected[49].1);
}

#[test]
fn coverage_stops_the_search_and_signs_are_kept() {
    let system = mini();
    let factor = Factor::new(&system).unwrap();
    let mut y = vec![0.0; 9];
    (y[1], y[8]) = (100.0, -40.0);
    let f = [1.0, -0.5, 0.0, 2.0, 0.3, 0.0, 0.0, 1.0, 0.7];
    let half = structural_paths(&factor, &f, &y, &PathOptions { paths: usize::MAX, coverage: 0.8 }).unwrap();
    let coverage = half.coverage.unwrap();
    let last = half.paths.iter().map(|p| p.contribution.abs()).fold(f64::INFINITY, f64::min);
    assert!(coverage >= 0.8 && coverage - last / half.absolute_total < 0.8);
    assert!(half.absolute_total > half.total.abs());
    for (path, (contribution, positions)) in half.paths.iter().zip(every_path(&coefficients(&system), &f, &y, 0.2 * last)) {
        close(path.contribution, contribution, 1e-12);
        assert_eq!(path.positions, positions);
    }
    // a chain without circle has finitely many paths; all are listed and nothing is missing
    let sectors = ["1", "2", "3"].map(|s| pair("A", s)).to_vec();
    let z = vec![0.0, 20.0, 10.0, 0.0, 0.0, 30.0, 0.0, 0.0, 0.0];
    let demand = vec![pair("A", "final")];
    let system =
        InputOutputSystem::new("made up", 2020, "units", sectors, z, demand, vec![70.0, 70.0, 100.0], SystemOptions::default()).unwrap();
    let factor = Factor::new(&system).unwrap();
    let all = structural_paths(&factor, &[1.0; 3], &[0.0, 0.0, 100.0], &PathOptions::default()).unwrap();
    let positions: Vec<&[usize]> = all.paths.iter().map(|p| p.positions.as_slice()).collect();
    assert_eq!(positions, [&[2][..], &[2, 1], &[2, 0], &[2, 1, 0]]);
    assert_eq!(all.largest_missing, 0.0);
    close(all.coverage.unwrap(), 1.0, 1e-14);
    let nothing = structural_paths(&factor, &[0.0; 3], &[1.0; 3], &PathOptions::default()).unwrap();
    assert!(nothing.paths.is_empty() && nothing.coverage.is_none() && nothing.largest_missing == 0.0);
    assert!(matches!(structural_paths(&factor, &[1.0], &[1.0; 3], &PathOptions::default()), Err(ChainError::Shape { .. })));
    let error = structural_paths(&factor, &[1.0; 3], &[1.0, f64::NAN, 0.0], &PathOptions::default()).unwrap_err();
    assert!(error.to_string().contains("A 2 is NaN"), "{error}");
}

/// Two of three factors by hand: Δx = ½ ΔL (y₀ + y₁) + ½ (L₀ + L₁) Δy, Miller and Blair (2009), section 13.1.
#[test]
fn two_polar_decomposition_by_its_formula() {
    let (before, after) = (mini(), later());
    let (l0, l1) = (Factor::new(&before).unwrap().leontief_inverse(), Factor::new(&after).unwrap().leontief_inverse());
    let (y0, y1) = (total_demand(&before), total_demand(&after));
    let options = DecompositionOptions { method: DecompositionMethod::TwoPolar, demand: DemandFactors::Whole };
    let parts = structural_decomposition(&l0, None, &l1, None, &options).unwrap();
    assert_eq!(parts.effects.labels().names(), ["technology", "final demand"]);
    for i in 0..9 {
        let technology: f64 = (0..9).map(|j| 0.5 * (l1.at(i, j) - l0.at(i, j)) * (y0[j] + y1[j])).sum();
        let demand: f64 = (0..9).map(|j| 0.5 * (l1.at(i, j) + l0.at(i, j)) * (y1[j] - y0[j])).sum();
        close(parts.by_industry.at(i, 0), technology, 1e-11);
        close(parts.by_industry.at(i, 1), demand, 1e-11);
        close(technology + demand, after.output()[i] - before.output()[i], 1e-11);
    }
    // L₁ ΔA L₀ = ΔL, so purchasers' shares add up to the technology effect
    close(parts.technology_by_purchaser.values().iter().sum(), parts.effects.values()[0], 1e-10);
    assert!(parts.residual.abs() < 1e-9);
}

/// `mini` with other deliveries and other final demand.
fn later() -> InputOutputSystem {
    let system = mini();
    let z = system.deliveries().iter().enumerate().map(|(at, z)| z * (0.9 + 0.05 * (at * 11 % 9) as f64)).collect();
    let y = system.final_demand().iter().enumerate().map(|(at, y)| y * (1.2 + 0.1 * (at * 5 % 7) as f64)).collect();
    let (sectors, columns) = (system.sectors().to_vec(), system.final_demand_columns().to_vec());
    InputOutputSystem::new("mini (made up)", 2025, "units", sectors, z, columns, y, SystemOptions::default()).unwrap()
}

/// All 5! orders one by one, each factor changed with matrices.
#[test]
fn all_orders_by_brute_force() {
    let systems = [mini(), later()];
    let flows = [(1..=9).map(f64::from).collect::<Vec<_>>(), (1..=9).map(|i| f64::from(12 - i)).collect()];
    let (a, m) = (systems.each_ref().map(coefficients), 6);
    let s = [0, 1].map(|t| flows[t].iter().zip(systems[t].output()).map(|(f, x)| f / x).collect::<Vec<f64>>());
    let level = systems.each_ref().map(|s| s.total_final_demand());
    let column = |t: usize, j: usize| (0..9).map(|i| systems[t].final_demand()[i * m + j]).sum::<f64>();
    // bits: intensity, technology, structure, destination, level
    let account = |bits: usize| {
        let t = |f: usize| bits >> f & 1;
        let y: Vec<f64> = (0..9)
            .map(|i| {
                let product = |j: usize| systems[t(2)].final_demand()[i * m + j] / column(t(2), j) * column(t(3), j) / level[t(3)];
                level[t(4)] * (0..m).map(product).sum::<f64>()
            })
            .collect();
        solved(&a[t(1)], &y).iter().zip(&s[t(0)]).map(|(x, s)| x * s).sum::<f64>()
    };
    let mut effects = [0.0; 5];
    let mut orders = 0.0;
    for code in 0..5_usize.pow(5) {
        let order: Vec<usize> = (0..5).map(|k| code / 5_usize.pow(k) % 5).collect();
        if (0..5).any(|f| !order.contains(&f)) {
            continue;
        }
        let mut bits = 0;
        for factor in order {
            effects[factor] += account(bits | 1 << factor) - account(bits);
            bits |= 1 << factor;
        }
        orders += 1.0;
    }
    assert_eq!(orders, 120.0);
    let (before, after) = (Factor::new(&systems[0]).unwrap(), Factor::new(&systems[1]).unwrap());
    let parts = structural_decomposition(&before, Some(&flows[0]), &after, Some(&flows[1]), &DecompositionOptions::default()).unwrap();
    for (found, expected) in parts.effects.values().iter().zip(effects) {
        close(*found, expected / orders, 1e-9);
    }
    close(parts.before, 45.0, 1e-12);
    close(parts.after, flows[1].iter().sum(), 1e-12);
    assert_eq!(parts.effects.labels().names()[4], "level of final demand");
}

#[test]
fn systems_that_cannot_be_compared_are_refused() {
    let (before, after) = (Factor::new(&mini()).unwrap(), Factor::new(&later()).unwrap());
    let options = DecompositionOptions::default();
    let error = structural_decomposition(&before, Some(&[1.0; 9]), &after, None, &options).unwrap_err();
    assert!(error.to_string().contains("one side only"), "{error}");
    assert!(matches!(structural_decomposition(&before, Some(&[1.0; 9]), &after, Some(&[1.0; 8]), &options), Err(ChainError::Shape { .. })));
    let other = aggregate_system(&later(), &Aggregation::merge_regions(["AAA"], "CCC").unwrap()).unwrap();
    let error = structural_decomposition(&before, None, &Factor::new(&other).unwrap(), None, &options).unwrap_err();
    assert!(matches!(&error, ChainError::Different { label, .. } if label.contains("AAA D01")), "{error}");
    // a column of final demand that is empty in one year has no shares there
    let system = mini();
    let y = system.final_demand().iter().enumerate().map(|(at, y)| if at % 6 == 3 { 0.0 } else { *y }).collect();
    let (sectors, columns) = (system.sectors().to_vec(), system.final_demand_columns().to_vec());
    let empty = InputOutputSystem::new("empty", 2025, "units", sectors, system.deliveries().to_vec(), columns, y, SystemOptions::default());
    let empty = Factor::new(&empty.unwrap()).unwrap();
    let error = structural_decomposition(&before, None, &empty, None, &options).unwrap_err();
    assert!(matches!(&error, ChainError::Nothing { place, .. } if place == "BBB I"), "{error}");
    let coarser = DecompositionOptions { demand: DemandFactors::LevelAndComposition, ..options };
    assert!(structural_decomposition(&before, None, &empty, None, &coarser).unwrap().residual.abs() < 1e-9);
}

fn factors(rows: &[[f64; 3]]) -> LabelledMatrix {
    let names = Labels::new("categories", (0..rows.len()).map(|i| i.to_string())).unwrap();
    let columns = Labels::new("factors", ["activity", "structure", "intensity"]).unwrap();
    LabelledMatrix::new(names, columns, rows.concat()).unwrap()
}

#[test]
fn logarithmic_mean_divisia_by_its_formula_and_its_limits() {
    // activity 50 → 80, shares .2/.8 → .5/.5, intensities 3/.5 → 2/.4: energy 50 → 96
    let (before, after) = (factors(&[[50.0, 0.2, 3.0], [50.0, 0.8, 0.5]]), factors(&[[80.0, 0.5, 2.0], [80.0, 0.5, 0.4]]));
    let parts = logarithmic_mean_divisia(&before, &after).unwrap();
    let weight = |v1: f64, v0: f64| (v1 - v0) / (v1 / v0).ln();
    let (w1, w2) = (weight(80.0, 30.0), weight(16.0, 20.0));
    let expected = [
        (w1 + w2) * (80.0_f64 / 50.0).ln(),
        w1 * (0.5_f64 / 0.2).ln() + w2 * (0.5_f64 / 0.8).ln(),
        w1 * (2.0_f64 / 3.0).ln() + w2 * (0.4_f64 / 0.5).ln(),
    ];
    all_close(parts.additive.values(), &expected, 1e-12);
    close(expected.iter().sum(), 46.0, 1e-12);
    assert!(parts.residual.abs() < 1e-12);
    let product: f64 = parts.multiplicative.unwrap().values().iter().product();
    close(product, 96.0 / 50.0, 1e-12);
    // a category that appears: its share carries all of it
    let parts = logarithmic_mean_divisia(&factors(&[[50.0, 0.0, 3.0]]), &factors(&[[80.0, 0.5, 2.0]])).unwrap();
    assert_eq!(parts.additive.values(), [0.0, 80.0, 0.0]);
    assert!(parts.multiplicative.is_none());
    // one that vanishes in two factors
    let parts = logarithmic_mean_divisia(&factors(&[[50.0, 0.2, 3.0], [1.0, 1.0, 1.0]]), &factors(&[[50.0, 0.0, 0.0], [1.0, 1.0, 1.0]]));
    assert_eq!(parts.unwrap().additive.values(), [0.0, -15.0, -15.0]);
    // nothing changed
    let parts = logarithmic_mean_divisia(&before, &before).unwrap();
    assert_eq!((parts.additive.values(), parts.multiplicative.unwrap().values()), (&[0.0; 3][..], &[1.0; 3][..]));
    assert!(matches!(logarithmic_mean_divisia(&before, &factors(&[[1.0; 3]])), Err(ChainError::Different { .. })));
    let negative = factors(&[[50.0, 0.2, -3.0], [50.0, 0.8, 0.5]]);
    assert!(matches!(logarithmic_mean_divisia(&before, &negative), Err(ChainError::Frame(FrameError::Value { .. }))));
}

#[test]
fn influence_of_coefficients_by_changing_them() {
    let system = mini();
    let factor = Factor::new(&system).unwrap();
    let (a, y) = (coefficients(&system), total_demand(&system));
    let base: f64 = system.output().iter().sum();
    let listed = field_of_influence(&factor, 0.1, 81, InfluenceOrder::OutputChange).unwrap();
    assert_eq!(listed.len(), 81);
    let inverse = factor.leontief_inverse();
    for influence in &listed {
        let i = system.position(&influence.from_region, &influence.from_sector).unwrap();
        let j = system.position(&influence.to_region, &influence.to_sector).unwrap();
        let mut changed = a.clone();
        changed[i * 9 + j] *= 1.1;
        let output: f64 = solved(&changed, &y).iter().sum();
        assert!((influence.output_change - (output - base)).abs() < 1e-9 * base, "{influence:?}");
        let field: f64 = (0..9).flat_map(|r| (0..9).map(move |c| (r, c))).map(|(r, c)| inverse.at(r, i) * inverse.at(j, c)).sum();
        close(influence.field, field, 1e-12);
    }
    let top = field_of_influence(&factor, 0.1, 5, InfluenceOrder::Field).unwrap();
    let mut fields: Vec<f64> = listed.iter().map(|i| i.field).collect();
    fields.sort_by(|a, b| b.total_cmp(a));
    all_close(&top.iter().map(|i| i.field).collect::<Vec<_>>(), &fields[..5], 1e-12);
    assert!(matches!(field_of_influence(&factor, f64::NAN, 5, InfluenceOrder::Field), Err(ChainError::Refused { .. })));
    let error = field_of_influence(&factor, 1e3, 5, InfluenceOrder::Field).unwrap_err();
    assert!(error.to_string().contains("not productive"), "{error}");
}

#[test]
fn any_number_of_threads_gives_the_same_bytes() {
    let run = |threads| {
        rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap().install(|| {
            let system = mini();
            let factor = Factor::new(&system).unwrap();
            let paths = structural_paths(&factor, &[1.0; 9], &total_demand(&system), &PathOptions::default()).unwrap();
            let after = Factor::new(&later()).unwrap();
            let parts = structural_decomposition(&factor, None, &after, None, &DecompositionOptions::default()).unwrap();
            let bits = |values: &[f64]| values.iter().map(|v| v.to_bits()).collect::<Vec<_>>();
            (bits(&paths.paths.iter().map(|p| p.contribution).collect::<Vec<_>>()), bits(parts.by_industry.values()))
        })
    };
    assert_eq!(run(1), run(4));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn paths_of_any_table((z, y) in table(), f in prop::collection::vec(-1.0..3.0f64, N)) {
        let system = system_of(z, y);
        let factor = Factor::new(&system).unwrap();
        let demand = total_demand(&system);
        let paths = structural_paths(&factor, &f, &demand, &PathOptions { paths: 60, coverage: 1.0 }).unwrap();
        let last = paths.paths.last().unwrap().contribution.abs();
        let expected = every_path(&coefficients(&system), &f, &demand, last * (1.0 - 1e-9));
        prop_assert!(paths.largest_missing <= last * (1.0 + 1e-9));
        prop_assert!(expected.len() >= paths.paths.len());
        for (path, (contribution, _)) in paths.paths.iter().zip(&expected) {
            prop_assert!((path.contribution.abs() - contribution.abs()).abs() <= 1e-9 * contribution.abs());
        }
        let total: f64 = solved(&coefficients(&system), &demand).iter().zip(&f).map(|(x, f)| x * f).sum();
        prop_assert!((paths.total - total).abs() < 1e-9 * paths.absolute_total.max(1.0));
    }

    #[test]
    fn decompositions_leave_no_residual((z0, y0) in table(), (z1, y1) in table(), f in prop::collection::vec(0.0..3.0f64, 2 * N)) {
        let (before, after) = (Factor::new(&system_of(z0, y0)).unwrap(), Factor::new(&system_of(z1, y1)).unwrap());
        for method in [DecompositionMethod::TwoPolar, DecompositionMethod::AllOrders] {
            for demand in [DemandFactors::Whole, DemandFactors::LevelAndComposition, DemandFactors::LevelDestinationStructure] {
                let options = DecompositionOptions { method, demand };
                let parts = structural_decomposition(&before, Some(&f[..N]), &after, Some(&f[N..]), &options).unwrap();
                let size = parts.before.abs() + parts.after.abs() + parts.effects.values().iter().map(|e| e.abs()).sum::<f64>();
                prop_assert!(parts.residual.abs() <= 1e-11 * size.max(1.0), "{parts:?}");
                let whole: f64 = f[N..].iter().sum::<f64>() - f[..N].iter().sum::<f64>();
                prop_assert!((parts.after - parts.before - whole).abs() < 1e-9 * size.max(1.0));
                // backwards every effect turns its sign
                let back = structural_decomposition(&after, Some(&f[N..]), &before, Some(&f[..N]), &options).unwrap();
                for (one, other) in parts.effects.values().iter().zip(back.effects.values()) {
                    prop_assert!((one + other).abs() < 1e-9 * size.max(1.0));
                }
            }
        }
    }
}
