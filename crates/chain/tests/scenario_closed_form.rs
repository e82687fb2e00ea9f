//! Scenarios in closed form: against embargo and extraction, and every mix of shocks against the table changed and solved from scratch.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod made_up_tables;

use made_up_tables::{N, REGIONS, SECTORS, all_close, close, mini, pair, system_of, table};
use proptest::prelude::*;
use xinzhi_chain::*;

const REPLACEMENTS: [Replacement; 2] = [Replacement::Imports, Replacement::AllSuppliers];
const MODELS: [ClosedFormModel; 4] = [
    ClosedFormModel::Demand,
    ClosedFormModel::Supply,
    ClosedFormModel::Replacement(Replacement::Imports),
    ClosedFormModel::Replacement(Replacement::AllSuppliers),
];

fn shock(name: &str, disturbance: Disturbance) -> Shock {
    Shock { name: name.into(), disturbance, course: Course::always(365) }
}

fn scenario(system: &InputOutputSystem, disturbances: Vec<Disturbance>) -> Scenario {
    let shocks = disturbances.into_iter().enumerate().map(|(at, d)| shock(&format!("shock {at}"), d)).collect();
    Scenario::new(system, "made up", 365, shocks).unwrap()
}

fn flow(suppliers: &[usize], loss: f64, users: &[usize], final_users: &[usize]) -> Disturbance {
    let losses = vec![loss; suppliers.len()];
    Disturbance::Flow { suppliers: suppliers.to_vec(), losses, users: users.to_vec(), final_users: final_users.to_vec() }
}

fn capacity(industries: &[usize], loss: f64) -> Disturbance {
    Disturbance::Capacity { industries: industries.to_vec(), losses: vec![loss; industries.len()] }
}

fn region(r: usize) -> Vec<usize> {
    (r * SECTORS..(r + 1) * SECTORS).collect()
}

#[track_caller]
fn kept(result: &ClosedForm) {
    for invariant in &result.invariants {
        assert!(invariant.holds(), "{:?}: {invariant:?}", result.model);
    }
    assert!(result.spectral_radius_at_most < 1.0);
}

/// M x = b by Gaussian elimination with row exchanges: the long way, sharing nothing with the crate.
fn solve(m: &[Vec<f64>], b: &[f64]) -> Vec<f64> {
    let n = b.len();
    let mut rows: Vec<Vec<f64>> = (0..n).map(|i| m[i].iter().copied().chain([b[i]]).collect()).collect();
    for k in 0..n {
        let pivot = (k..n).max_by(|a, b| rows[*a][k].abs().total_cmp(&rows[*b][k].abs())).unwrap();
        rows.swap(k, pivot);
        let (above, below) = rows.split_at_mut(k + 1);
        for row in below {
            let factor = row[k] / above[k][k];
            row.iter_mut().zip(&above[k]).skip(k).for_each(|(cell, p)| *cell -= factor * p);
        }
    }
    let mut x = vec![0.0; n];
    for k in (0..n).rev() {
        x[k] = (rows[k][n] - (k + 1..n).map(|j| rows[k][j] * x[j]).sum::<f64>()) / rows[k][k];
    }
    x
}

/// What a scenario does to the table, cell by cell.
struct Changed {
    a: Vec<Vec<f64>>,
    y: Vec<Vec<f64>>,
    capacity: Vec<f64>,
    not_replaced: f64,
}

fn changed(system: &InputOutputSystem, scenario: &Scenario, model: ClosedFormModel) -> Changed {
    let n = system.size();
    let regions = system.regions().len();
    let region_of = |i: usize| (0..regions).find(|r| system.range_at(*r).contains(&i)).unwrap();
    let mut a: Vec<Vec<f64>> = (0..n).map(|i| (0..n).map(|j| system.input_coefficient(i, j)).collect()).collect();
    let mut y: Vec<Vec<f64>> = (0..n).map(|i| (0..regions).map(|r| system.final_delivery(i, r)).collect()).collect();
    let (mut s, mut f, mut gone) = (vec![vec![0.0; n]; n], vec![vec![0.0; regions]; n], vec![vec![0.0; regions]; n]);
    let mut capacity = vec![0.0; n];
    for disturbance in scenario.mean_disturbances() {
        match disturbance {
            Disturbance::Capacity { industries, losses } => {
                industries.iter().zip(losses).for_each(|(k, loss)| {
                    if system.output()[*k] > 0.0 {
                        capacity[*k] += loss
                    }
                });
            }
            Disturbance::Flow { suppliers, losses, users, final_users } => {
                for (k, loss) in suppliers.iter().zip(losses) {
                    users.iter().for_each(|j| s[*k][*j] += loss);
                    final_users.iter().for_each(|r| f[*k][*r] += loss);
                }
            }
            Disturbance::Demand { suppliers, losses, final_users } => {
                suppliers.iter().zip(losses).for_each(|(k, loss)| final_users.iter().for_each(|r| gone[*k][*r] += loss));
            }
            Disturbance::Tariff { .. } => {}
        }
    }
    let ClosedFormModel::Replacement(replacement) = model else {
        for k in 0..n {
            (0..n).for_each(|j| a[k][j] *= 1.0 - s[k][j]);
            (0..regions).for_each(|r| y[k][r] *= (1.0 - f[k][r]) * (1.0 - gone[k][r]));
        }
        return Changed { a, y, capacity, not_replaced: 0.0 };
    };
    let code = |k: usize| &system.sectors()[k].1;
    let may = |i: usize, r: usize| capacity[i] == 0.0 && (replacement == Replacement::AllSuppliers || region_of(i) != r);
    let mut not_replaced = 0.0;
    for k in 0..n {
        (0..regions).for_each(|r| y[k][r] *= 1.0 - gone[k][r]);
    }
    let (before, asked) = (a.clone(), y.clone());
    for j in 0..n {
        let lost = |k: usize| {
            let own = if capacity[k] > capacity[j] { 1.0 - (1.0 - capacity[k]) / (1.0 - capacity[j]) } else { 0.0 };
            1.0 - (1.0 - s[k][j]) * (1.0 - own)
        };
        for k in (0..n).filter(|k| lost(*k) > 0.0) {
            let missing = lost(k) * before[k][j];
            a[k][j] -= missing;
            let others: Vec<usize> = (0..n).filter(|i| code(*i) == code(k) && lost(*i) == 0.0 && may(*i, region_of(j))).collect();
            let total: f64 = others.iter().map(|i| before[*i][j]).sum();
            if total > 0.0 {
                others.iter().for_each(|i| a[*i][j] += missing * before[*i][j] / total);
            } else {
                not_replaced += missing * (1.0 - capacity[j]) * system.output()[j].max(0.0);
            }
        }
    }
    for r in 0..regions {
        let lost = |k: usize| 1.0 - (1.0 - f[k][r]) * (1.0 - capacity[k]);
        for k in (0..n).filter(|k| lost(*k) > 0.0) {
            y[k][r] -= lost(k) * asked[k][r];
            let missing = lost(k) * asked[k][r].max(0.0);
            let others: Vec<usize> = (0..n).filter(|i| code(*i) == code(k) && lost(*i) == 0.0 && may(*i, r)).collect();
            let total: f64 = others.iter().map(|i| asked[*i][r].max(0.0)).sum();
            if total > 0.0 {
                others.iter().for_each(|i| y[*i][r] += missing * asked[*i][r].max(0.0) / total);
            } else {
                not_replaced += missing;
            }
        }
    }
    Changed { a, y, capacity, not_replaced }
}

/// The losses by definition: of all choices of industries that are held, the one where nobody exceeds its capacity and nobody is forced
/// to make as much.
fn by_definition(system: &InputOutputSystem, scenario: &Scenario, model: ClosedFormModel) -> (Vec<f64>, f64) {
    let (n, x) = (system.size(), system.output());
    let after = changed(system, scenario, model);
    let supply = model == ClosedFormModel::Supply;
    // the exogenous part: final demand and deliveries to industries without output; or primary inputs
    let exogenous: Vec<f64> = (0..n)
        .map(|i| {
            if supply {
                // an industry without positive output has no sales coefficients; what it delivers stays as it is
                x[i] - (0..n).filter(|k| x[*k] > 0.0).map(|k| system.delivery(k, i)).sum::<f64>()
            } else {
                let unproductive: f64 = (0..n).filter(|j| x[*j] <= 0.0).map(|j| system.delivery(i, j)).sum();
                after.y[i].iter().sum::<f64>() + unproductive
            }
        })
        .collect();
    // what i gets from or delivers to j for each unit of j's output
    let weight = |i: usize, j: usize| if supply { if x[j] > 0.0 { after.a[j][i] * x[i] / x[j] } else { 0.0 } } else { after.a[i][j] };
    let limited: Vec<usize> = (0..n).filter(|k| after.capacity[*k] > 0.0).collect();
    let scale = x.iter().sum::<f64>();
    for choice in 0..1usize << limited.len() {
        let held: Vec<usize> = limited.iter().enumerate().filter(|(at, _)| choice >> at & 1 == 1).map(|(_, k)| *k).collect();
        let cap = |k: usize| (1.0 - after.capacity[k]) * x[k];
        let row = |i: usize| -> Vec<f64> {
            (0..n).map(|j| f64::from(u8::from(i == j)) - if held.contains(&i) { 0.0 } else { weight(i, j) }).collect()
        };
        let matrix: Vec<Vec<f64>> = (0..n).map(row).collect();
        let right: Vec<f64> = (0..n).map(|i| if held.contains(&i) { cap(i) } else { exogenous[i] }).collect();
        let found = solve(&matrix, &right);
        let back = |k: usize| exogenous[k] + (0..n).map(|j| weight(k, j) * found[j]).sum::<f64>() - found[k];
        let fine = limited.iter().all(|k| {
            let closed = after.capacity[*k] >= 1.0;
            if held.contains(k) { closed || back(*k) >= -1e-12 * scale } else { !closed && found[*k] <= cap(*k) + 1e-12 * scale }
        });
        if fine {
            return (
                x.iter().zip(&found).map(|(x, after)| if supply && *x <= 0.0 { 0.0 } else { x - after }).collect(),
                after.not_replaced,
            );
        }
    }
    panic!("no choice of held industries is a solution")
}

#[track_caller]
fn as_defined(system: &InputOutputSystem, factor: &impl Leontief, scenario: &Scenario) {
    for model in MODELS {
        let found = closed_form(factor, scenario, model).unwrap();
        kept(&found);
        let (expected, not_replaced) = by_definition(system, scenario, model);
        let tolerance = 1e-9 * system.output().iter().sum::<f64>().max(expected.iter().map(|loss| loss.abs()).sum());
        let year = scenario.days() as f64 / 365.0;
        for (i, (f, e)) in found.output_loss.iter().zip(&expected).enumerate() {
            assert!((f - e * year).abs() < tolerance, "{model:?}, industry {i}: {f} {e}");
            assert!((found.value_added_loss[i] - f * system.value_added_coefficients()[i]).abs() < tolerance);
        }
        assert!((found.not_replaced - not_replaced * year).abs() < tolerance, "{model:?}: {} {not_replaced}", found.not_replaced);
    }
}

#[test]
fn one_industry_of_the_mini_table() {
    let system = mini();
    let factor = Factor::new(&system).unwrap();
    let k = system.position("BBB", "D02").unwrap();
    // the published extraction of this industry, worked out apart
    let all = closed_form(&factor, &scenario(&system, vec![capacity(&[k], 1.0)]), ClosedFormModel::Demand).unwrap();
    close(all.total_output_loss(), 754.6651697445906, 1e-9);
    assert_eq!(all.output_loss[k], system.output()[k]);
    assert_eq!(all.capacity_binds, [k]);
    kept(&all);
    // of one industry alone, the loss is in proportion
    for model in [ClosedFormModel::Demand, ClosedFormModel::Supply] {
        let all = closed_form(&factor, &scenario(&system, vec![capacity(&[k], 1.0)]), model).unwrap();
        let part = closed_form(&factor, &scenario(&system, vec![capacity(&[k], 0.3)]), model).unwrap();
        all_close(&part.output_loss, &all.output_loss.iter().map(|loss| 0.3 * loss).collect::<Vec<_>>(), 1e-10);
        kept(&part);
    }
    as_defined(&system, &factor, &scenario(&system, vec![capacity(&[k], 0.3)]));
    as_defined(&system, &factor, &scenario(&system, vec![flow(&[k], 0.7, &[0], &[0])]));
    // one supplier to the whole world, the whole world to one region
    let everybody: Vec<usize> = (0..N).collect();
    as_defined(&system, &factor, &scenario(&system, vec![flow(&[k], 1.0, &everybody, &[0, 1, 2])]));
    as_defined(&system, &factor, &scenario(&system, vec![flow(&everybody, 0.9, &region(2), &[2])]));
    as_defined(&system, &factor, &scenario(&system, vec![flow(&everybody, 1.0, &everybody, &[])]));
}

#[test]
fn partial_extraction_in_closed_form() {
    let system = mini();
    let factor = Factor::new(&system).unwrap();
    let (set, losses) = (vec![1, 3, 7], vec![0.3, 0.35, 0.4]);
    let disturbance = Disturbance::Capacity { industries: set.clone(), losses: losses.clone() };
    let columns = factor.solve(set.iter().flat_map(|k| (0..N).map(move |i| f64::from(u8::from(i == *k)))).collect());
    // L_KK⁻¹ (ℓ∘x)_K, then L_·K times it
    let block: Vec<Vec<f64>> = set.iter().map(|i| (0..3).map(|k| columns[k * N + i]).collect()).collect();
    let weights = solve(&block, &set.iter().zip(&losses).map(|(k, loss)| loss * system.output()[*k]).collect::<Vec<_>>());
    let expected: Vec<f64> = (0..N).map(|i| (0..3).map(|k| columns[k * N + i] * weights[k]).sum()).collect();
    let found = closed_form(&factor, &scenario(&system, vec![disturbance]), ClosedFormModel::Demand).unwrap();
    assert_eq!(found.capacity_binds, set);
    all_close(&found.output_loss, &expected, 1e-11);
    kept(&found);
}

#[test]
fn a_capacity_that_does_not_bind_costs_nothing_more() {
    let system = mini();
    let factor = Factor::new(&system).unwrap();
    let hard = closed_form(&factor, &scenario(&system, vec![capacity(&[4], 0.9)]), ClosedFormModel::Demand).unwrap();
    let dependent = (0..N).find(|i| *i != 4 && hard.output_loss[*i] > 0.01 * system.output()[*i]).unwrap();
    let both = Disturbance::Capacity { industries: vec![4, dependent], losses: vec![0.9, 0.001] };
    let with_both = closed_form(&factor, &scenario(&system, vec![both]), ClosedFormModel::Demand).unwrap();
    assert_eq!(with_both.capacity_binds, [4]);
    all_close(&with_both.output_loss, &hard.output_loss, 1e-11);
    kept(&with_both);
}

#[test]
fn whose_final_demand_is_not_met() {
    let system = mini();
    let factor = Factor::new(&system).unwrap();
    let finals = |set: &[usize], r: usize| set.iter().map(|k| system.final_delivery(*k, r)).sum::<f64>();
    let everybody: Vec<usize> = (0..N).collect();
    // a fifth of everything is a fifth of all final demand, and nobody goes without inputs
    let fifth = closed_form(&factor, &scenario(&system, vec![capacity(&everybody, 0.2)]), ClosedFormModel::Demand).unwrap();
    (0..REGIONS).for_each(|r| close(fifth.final_demand_loss[r], 0.2 * finals(&everybody, r), 1e-10));
    assert!(fifth.inputs_not_delivered.abs() < 1e-9);
    close(fifth.total_value_added_loss(), 0.2 * system.total_final_demand(), 1e-10);
    // without a region, what it delivered to final demand, and inputs at the outputs after
    let gone = closed_form(&factor, &scenario(&system, vec![capacity(&region(1), 1.0)]), ClosedFormModel::Demand).unwrap();
    (0..REGIONS).for_each(|r| close(gone.final_demand_loss[r], finals(&region(1), r), 1e-12));
    let after = |j: usize| system.output()[j] - gone.output_loss[j];
    let inputs: f64 =
        region(1).iter().flat_map(|k| (0..N).map(move |j| (*k, j))).map(|(k, j)| system.input_coefficient(k, j) * after(j)).sum();
    close(gone.inputs_not_delivered, inputs, 1e-10);
    // an embargo: the final deliveries cut, in the region cut off alone
    let cut = scenario(&system, vec![flow(&region(1), 0.4, &region(0), &[0])]);
    let embargoed = closed_form(&factor, &cut, ClosedFormModel::Demand).unwrap();
    all_close(&embargoed.final_demand_loss, &[0.4 * finals(&region(1), 0), 0.0, 0.0], 1e-12);
    // supply side: in proportion to the supplier's output
    let supply = closed_form(&factor, &cut, ClosedFormModel::Supply).unwrap();
    for r in 0..REGIONS {
        let expected: f64 = (0..N).map(|k| supply.output_loss[k] / system.output()[k] * system.final_delivery(k, r)).sum();
        close(supply.final_demand_loss[r], expected, 1e-12);
    }
}

#[test]
fn no_shock_costs_exactly_nothing() {
    let system = mini();
    let factor = Factor::new(&system).unwrap();
    let everybody: Vec<usize> = (0..N).collect();
    let nothing = vec![
        capacity(&everybody, 0.0),
        flow(&everybody, 0.0, &everybody, &[0, 1, 2]),
        Disturbance::Demand { suppliers: everybody.clone(), losses: vec![0.0; N], final_users: vec![0, 1, 2] },
        Disturbance::Tariff { suppliers: everybody, rates: vec![0.25; N], importers: vec![0] },
    ];
    for scenario in [scenario(&system, nothing), scenario(&system, vec![])] {
        for model in MODELS {
            let result = closed_form(&factor, &scenario, model).unwrap();
            assert!(result.output_loss.iter().chain(&result.value_added_loss).chain(&result.final_demand_loss).all(|loss| *loss == 0.0));
            assert_eq!((result.inputs_not_delivered, result.inputs_left_idle, result.not_replaced), (0.0, 0.0, 0.0));
            assert!(result.capacity_binds.is_empty());
            assert!(result.invariants.iter().all(|invariant| invariant.residual == 0.0));
            kept(&result);
        }
    }
}

#[test]
fn the_horizon_and_the_course_of_shocks() {
    let system = mini();
    let factor = Factor::new(&system).unwrap();
    let cut = |course: Course, days: usize| {
        let shocks = vec![Shock { name: "cut".into(), disturbance: flow(&[4], 0.8, &region(0), &[0]), course }];
        Scenario::new(&system, "made up", days, shocks).unwrap()
    };
    let at = |course: Course, days: usize| closed_form(&factor, &cut(course, days), ClosedFormModel::Demand).unwrap();
    let year = at(Course::always(365), 365);
    let half = at(Course::always(73), 73);
    all_close(&half.output_loss, &year.output_loss.iter().map(|loss| loss / 5.0).collect::<Vec<_>>(), 1e-12);
    // a fifth of the year is a fifth of the cut
    let fifth = at(Course { start: 100, end: 173, recovery: Recovery::AtOnce }, 365);
    let mild = closed_form(&factor, &scenario(&system, vec![flow(&[4], 0.16, &region(0), &[0])]), ClosedFormModel::Demand).unwrap();
    all_close(&fifth.output_loss, &mild.output_loss, 1e-12);
    // two halves of a year one after the other are a year
    let halves: Vec<Shock> = [(0, 180), (180, 365)]
        .into_iter()
        .map(|(start, end)| Shock {
            name: format!("from {start}"),
            disturbance: flow(&[4], 0.8, &region(0), &[0]),
            course: Course { start, end, recovery: Recovery::AtOnce },
        })
        .collect();
    let joined = Scenario::new(&system, "made up", 365, halves).unwrap();
    all_close(&closed_form(&factor, &joined, ClosedFormModel::Demand).unwrap().output_loss, &year.output_loss, 1e-12);
}

#[test]
fn what_is_felt_is_said() {
    let system = mini();
    let factor = Factor::new(&system).unwrap();
    let all = scenario(
        &system,
        vec![
            capacity(&[1], 0.2),
            flow(&[4], 0.5, &[0], &[0]),
            flow(&[5], 0.5, &[], &[0]),
            flow(&[8], 0.5, &[0], &[]),
            Disturbance::Demand { suppliers: vec![7], losses: vec![0.1], final_users: vec![1] },
            Disturbance::Tariff { suppliers: vec![7], rates: vec![0.25], importers: vec![0] },
        ],
    );
    let felt = |model| {
        let result = closed_form(&factor, &all, model).unwrap();
        kept(&result);
        assert!(result.shocks.iter().all(|reading| !reading.why.en.is_empty() && !reading.why.zh.is_empty()));
        assert_eq!(result.shocks[5].shock, "shock 5");
        assert_eq!(result.loss().model, model.name());
        assert_eq!(result.loss().output_loss, result.output_loss);
        result.shocks.into_iter().map(|reading| reading.felt).collect::<Vec<_>>()
    };
    use Felt::{Fully, Ignored, Partly};
    assert_eq!(felt(ClosedFormModel::Demand), [Fully, Fully, Fully, Fully, Fully, Ignored]);
    assert_eq!(felt(ClosedFormModel::Replacement(Replacement::Imports)), [Fully, Fully, Fully, Fully, Fully, Ignored]);
    assert_eq!(felt(ClosedFormModel::Supply), [Fully, Partly, Ignored, Fully, Ignored, Ignored]);
    // and is true: without the shocks that are not felt the losses are the same to the last bit
    let supply_only = scenario(&system, vec![capacity(&[1], 0.2), flow(&[4], 0.5, &[0], &[]), flow(&[8], 0.5, &[0], &[])]);
    let with = closed_form(&factor, &all, ClosedFormModel::Supply).unwrap();
    let without = closed_form(&factor, &supply_only, ClosedFormModel::Supply).unwrap();
    assert_eq!(with.output_loss, without.output_loss);
}

#[test]
fn a_closed_market_is_others_gain() {
    let system = mini();
    let factor = Factor::new(&system).unwrap();
    let exporter = system.position("BBB", "D02").unwrap();
    let closed = scenario(&system, vec![flow(&[exporter], 1.0, &region(0), &[0])]);
    let imports = closed_form(&factor, &closed, ClosedFormModel::Replacement(Replacement::Imports)).unwrap();
    let replacing = system.position("CCC", "D02").unwrap();
    assert!(imports.output_loss[exporter] > 0.0 && imports.output_loss[replacing] < 0.0);
    assert_eq!(imports.not_replaced, 0.0);
    // what is replaced in full leaves final demand and the world's value added as they were
    assert!(imports.total_value_added_loss().abs() < 1e-9);
    assert!(imports.final_demand_loss.iter().sum::<f64>().abs() < 1e-9);

    for (replacement, model) in [
        (Replacement::None, ClosedFormModel::Demand),
        (Replacement::Imports, ClosedFormModel::Replacement(Replacement::Imports)),
        (Replacement::AllSuppliers, ClosedFormModel::Replacement(Replacement::AllSuppliers)),
    ] {
        let view = market_closure(&factor, &closed, replacement).unwrap();
        assert!(view.invariants.iter().all(Invariant::holds));
        let whole = closed_form(&factor, &closed, model).unwrap();
        let own: f64 = view.markets.iter().map(|market| market.own_value_added).sum();
        let others: f64 = view.markets.iter().flat_map(|market| market.value_added_of_others.values()).sum();
        assert!((own + others - whole.total_value_added_loss()).abs() < 1e-9);
        let flows = (0..SECTORS).map(|j| system.delivery(exporter, j)).sum::<f64>() + system.final_delivery(exporter, 0);
        let first = view.markets.iter().find(|market| market.industry == exporter).unwrap();
        close(first.lost_exports, flows, 1e-12);
        assert_eq!((first.region.as_str(), first.sector.as_str()), ("BBB", "D02"));
        let gained: f64 = view.markets.iter().filter(|market| market.industry != exporter).map(|market| market.lost_exports).sum();
        match replacement {
            Replacement::None => assert_eq!(view.markets.len(), 1),
            // imports replace from abroad only, so that exports are lost to one and won by the other
            Replacement::Imports => close(-gained, flows, 1e-12),
            Replacement::AllSuppliers => assert!(-gained < flows && view.markets.len() == 3),
        }
    }
    // the split of one exporter by hand: v_i l_ik times the sales lost
    let view = market_closure(&factor, &closed, Replacement::None).unwrap();
    let column = factor.columns(exporter..exporter + 1);
    let v = system.value_added_coefficients();
    let one = &view.markets[0];
    close(one.own_value_added, v[exporter] * column[exporter] * one.lost_sales, 1e-12);
    let in_region: f64 = (3..6).filter(|i| *i != exporter).map(|i| v[i] * column[i] * one.lost_sales).sum();
    close(one.value_added_of_others.get("BBB").unwrap(), in_region, 1e-12);
}

#[test]
fn any_number_of_threads_and_any_factor() {
    let system = mini();
    let factor = Factor::new(&system).unwrap();
    let everybody: Vec<usize> = (0..N).collect();
    let all = scenario(&system, vec![capacity(&region(1), 0.2), flow(&everybody, 0.4, &region(0), &[0])]);
    let run = |threads: usize, model| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| serde_json::to_string(&closed_form(&factor, &all, model).unwrap()).unwrap())
    };
    for model in MODELS {
        assert_eq!(run(1, model), run(3, model));
        let expected = closed_form(&factor, &all, model).unwrap();
        for method in [FactorMethod::LuSingle, FactorMethod::Iterative] {
            let other = Factor::with_options(&system, FactorOptions { method, ..FactorOptions::default() }).unwrap();
            let found = closed_form(&other, &all, model).unwrap();
            kept(&found);
            all_close(&found.output_loss, &expected.output_loss, 1e-9);
        }
        let inverse = factor.leontief_inverse();
        all_close(&closed_form(&inverse, &all, model).unwrap().output_loss, &expected.output_loss, 1e-10);
    }
}

/// Industries without output and with negative output, negative inventories, inputs above output, value added given apart.
#[test]
fn tables_as_they_are() {
    let mut z = vec![0.0; N * N];
    for (at, cell) in z.iter_mut().enumerate() {
        *cell = ((at * 7 + at / N * 3) % 11) as f64;
    }
    let mut y: Vec<f64> = (0..N * REGIONS).map(|at| 20.0 + ((at * 5) % 13) as f64).collect();
    // nobody buys from industry 2, which still buys; industry 6 draws down its stocks below what it delivers
    z[2 * N..3 * N].fill(0.0);
    y[2 * REGIONS..3 * REGIONS].fill(0.0);
    y[6 * REGIONS + 1] = -150.0;
    y[4 * REGIONS] = -9.0;
    z[3 * N + 8] = 150.0;
    let system = system_of(z, y);
    assert!(system.output()[2] == 0.0 && system.output()[6] < 0.0 && !system.repairs().negative_value_added.is_empty());
    let apart: Vec<f64> = system.value_added().iter().map(|v| 0.9 * v).collect();
    let everybody: Vec<usize> = (0..N).collect();
    for system in [system.clone(), system.with_value_added(&apart).unwrap()] {
        let factor = Factor::new(&system).unwrap();
        let scenarios = [
            vec![flow(&region(0), 0.6, &region(1), &[1])],
            vec![flow(&everybody, 0.8, &region(2), &[2])],
            vec![capacity(&[2, 6, 4, 7], 0.5)],
            vec![capacity(&region(1), 1.0), flow(&region(2), 0.5, &region(0), &[0])],
            vec![
                capacity(&[3, 4], 0.3),
                Disturbance::Demand { suppliers: everybody.clone(), losses: vec![0.1; N], final_users: vec![0, 1] },
            ],
        ];
        for disturbances in scenarios {
            as_defined(&system, &factor, &scenario(&system, disturbances));
        }
        let none = closed_form(&factor, &scenario(&system, vec![capacity(&[2, 6], 1.0)]), ClosedFormModel::Demand).unwrap();
        assert!(none.output_loss.iter().all(|loss| *loss == 0.0));
        assert_eq!(none.shocks[0].felt, Felt::Ignored);
    }
}

#[test]
fn replacement_that_uses_up_more_than_it_makes_is_refused() {
    // J buys 0.89 of its output from A s and next to nothing from B s, which buys more from J than it makes
    let sectors = vec![pair("A", "s"), pair("B", "s"), pair("B", "j")];
    let z = vec![0.0, 0.0, 89.0, 0.0, 0.0, 1.0, 0.0, 14.4, 0.0];
    let y = vec![11.0, 0.0, 0.0, 11.0, 0.0, 85.6];
    let system = InputOutputSystem::new(
        "loop",
        2020,
        "units",
        sectors,
        z,
        vec![pair("A", "final"), pair("B", "final")],
        y,
        SystemOptions::default(),
    )
    .unwrap();
    let factor = Factor::new(&system).unwrap();
    let cut = |loss| scenario(&system, vec![flow(&[0], loss, &[2], &[])]);
    let model = ClosedFormModel::Replacement(Replacement::AllSuppliers);
    let error = closed_form(&factor, &cut(1.0), model).unwrap_err();
    assert!(matches!(&error, ChainError::NotProductive { system, .. } if system.contains("after the shock")), "{error}");
    assert!(market_closure(&factor, &cut(1.0), Replacement::AllSuppliers).is_err());
    // a smaller cut, with multipliers that grow but stay finite, is proven productive by the second vector
    let half = closed_form(&factor, &cut(0.5), model).unwrap();
    kept(&half);
    as_defined(&system, &factor, &cut(0.5));
    kept(&closed_form(&factor, &cut(1.0), ClosedFormModel::Demand).unwrap());
}

#[test]
fn bad_input_is_refused_before_computing() {
    let system = mini();
    let refused = |shocks: Vec<Shock>, words: &[&str]| {
        let message = Scenario::new(&system, "made up", 365, shocks).unwrap_err().to_string();
        assert!(words.iter().all(|word| message.contains(word)), "{message}");
    };
    let with = |disturbance, start, end| {
        vec![Shock { name: "cut".into(), disturbance, course: Course { start, end, recovery: Recovery::AtOnce } }]
    };
    refused(with(flow(&[9], 0.5, &[0], &[0]), 0, 365), &["made up, cut", "industry 9 is not in the table", "9"]);
    refused(with(flow(&[4], 0.5, &[12], &[]), 0, 365), &["user 12 is not in the table"]);
    refused(with(flow(&[4], 0.5, &[], &[3]), 0, 365), &["region 3 is not in the table, which has 3"]);
    refused(with(flow(&[4], 1.5, &[0], &[]), 0, 365), &["it takes 1.5 of BBB D02", "no more can be cut than flows"]);
    refused(with(capacity(&[4], -0.1), 0, 365), &["it takes -0.1 of BBB D02"]);
    refused(with(capacity(&[4], f64::NAN), 0, 365), &["it takes NaN of BBB D02"]);
    refused(with(capacity(&[4], 0.5), 30, 10), &["ends on day 10 but starts on day 30"]);
    refused(with(capacity(&[4], 0.5), 400, 500), &["starts on day 400, after the horizon"]);
    refused(with(capacity(&[4, 4], 0.5), 0, 365), &["it names BBB D02 twice"]);
    refused(with(capacity(&[], 0.5), 0, 365), &["it touches nothing"]);
    let twice = [with(capacity(&[4], 0.5), 0, 100), with(capacity(&[3, 4], 0.5), 50, 60)].concat();
    refused(twice, &["on day 50 it touches BBB D02 as \"cut\" does already"]);
    // flows that are all zero
    let empty = InputOutputSystem::new(
        "two",
        2020,
        "units",
        vec![pair("A", "s"), pair("B", "s")],
        vec![1.0, 0.0, 2.0, 3.0],
        vec![pair("A", "final"), pair("B", "final")],
        vec![5.0, 0.0, 1.0, 7.0],
        SystemOptions::default(),
    )
    .unwrap();
    let message = Scenario::new(&empty, "made up", 365, vec![shock("cut", flow(&[0], 1.0, &[1], &[1]))]).unwrap_err().to_string();
    assert!(message.contains("nothing flows from A s"), "{message}");

    // and by the model itself
    let factor = Factor::new(&empty).unwrap();
    let larger = scenario(&system, vec![flow(&[4], 0.5, &[0], &[0])]);
    let message = closed_form(&factor, &larger, ClosedFormModel::Demand).unwrap_err().to_string();
    assert!(message.contains("shock 0") && message.contains("larger table"), "{message}");
    let fine = scenario(&empty, vec![flow(&[1], 0.5, &[0], &[0])]);
    let message = closed_form(&factor, &fine, ClosedFormModel::Replacement(Replacement::None)).unwrap_err().to_string();
    assert!(message.contains("somebody has to replace"), "{message}");
}

fn sets(most: usize) -> impl Strategy<Value = Vec<usize>> {
    prop::collection::btree_set(0..N, 1..most).prop_map(|set| set.into_iter().collect())
}

/// A share of exactly nothing, of all, or in between, for every industry.
fn shares() -> impl Strategy<Value = Vec<f64>> {
    prop::collection::vec(prop_oneof![Just(0.0), Just(1.0), 0.01..0.99f64, 0.01..0.99f64], N)
}

fn some_regions() -> impl Strategy<Value = Vec<usize>> {
    prop::collection::btree_set(0..REGIONS, 0..=REGIONS).prop_map(|set| set.into_iter().collect())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn a_full_embargo_is_the_embargo((z, y) in table(), from in 0..REGIONS, to in 0..REGIONS) {
        prop_assume!(from != to);
        let system = system_of(z, y);
        let factor = Factor::new(&system).unwrap();
        let (supplier, user) = (IndustryGroup::region(format!("R{from}")), IndustryGroup::region(format!("R{to}")));
        let scenario = scenario(&system, vec![flow(&region(from), 1.0, &region(to), &[to])]);
        let demand = EmbargoOptions::default();
        let cases = [
            (ClosedFormModel::Demand, demand),
            (ClosedFormModel::Supply, EmbargoOptions { model: EmbargoModel::Supply, ..demand }),
            (ClosedFormModel::Replacement(Replacement::Imports), EmbargoOptions { replacement: Replacement::Imports, ..demand }),
            (ClosedFormModel::Replacement(Replacement::AllSuppliers), EmbargoOptions { replacement: Replacement::AllSuppliers, ..demand }),
        ];
        let scale = system.output().iter().copied().fold(0.0, f64::max);
        for (model, options) in cases {
            let expected = embargo(&factor, &supplier, &user, options).unwrap();
            let found = closed_form(&factor, &scenario, model).unwrap();
            kept(&found);
            for (f, e) in found.output_loss.iter().zip(&expected.output_loss_by_industry) {
                prop_assert!((f - e).abs() < 1e-10 * scale, "{model:?}: {f} {e}");
            }
            prop_assert!((found.not_replaced - expected.not_replaced).abs() < 1e-10 * scale);
        }
    }

    #[test]
    fn a_full_loss_of_capacity_is_the_extraction((z, y) in table(), set in sets(5)) {
        let system = system_of(z, y);
        let factor = Factor::new(&system).unwrap();
        let group = IndustryGroup::industries("some", set.iter().map(|k| system.sectors()[*k].clone()));
        let scenario = scenario(&system, vec![capacity(&set, 1.0)]);
        let scale = system.output().iter().copied().fold(0.0, f64::max);
        for (model, kind) in [(ClosedFormModel::Demand, ExtractionKind::Full), (ClosedFormModel::Supply, ExtractionKind::SupplySideFull)] {
            let expected = hypothetical_extraction(&factor, &group, kind).unwrap();
            let found = closed_form(&factor, &scenario, model).unwrap();
            kept(&found);
            for (f, e) in found.output_loss.iter().zip(&expected.output_loss_by_industry) {
                prop_assert!((f - e).abs() < 1e-10 * scale, "{model:?}: {f} {e}");
            }
        }
        for replacement in REPLACEMENTS {
            let expected = extraction_with_replacement(&factor, &group, replacement).unwrap();
            let found = closed_form(&factor, &scenario, ClosedFormModel::Replacement(replacement)).unwrap();
            kept(&found);
            let scale = expected.output_loss_by_industry.iter().fold(scale, |largest, loss| largest.max(loss.abs()));
            for (f, e) in found.output_loss.iter().zip(&expected.output_loss_by_industry) {
                prop_assert!((f - e).abs() < 1e-10 * scale, "{replacement:?}: {f} {e}");
            }
            prop_assert!((found.not_replaced - expected.not_replaced).abs() < 1e-9 * scale);
        }
    }

    #[test]
    fn any_mix_of_shocks_by_brute_force(
        (z, mut y) in table(),
        inventories in prop::collection::vec(prop_oneof![4 => Just(0.0), 1 => 0.0..2.0f64], N),
        (one, other, limited, gone) in (sets(10), sets(4), sets(5), sets(4)),
        (flow_losses, other_losses, capacity_losses, demand_losses) in (shares(), shares(), shares(), shares()),
        (users, finals, other_finals) in (sets(10), some_regions(), some_regions()),
        days in 30..400usize,
    ) {
        // some final deliveries are negative; row sums stay positive
        (0..N).for_each(|i| y[i * REGIONS] -= (inventories[i]).min(0.5 * y[i * REGIONS + 1] + y[i * REGIONS]));
        let system = system_of(z, y);
        prop_assume!(system.output().iter().all(|x| *x > 0.0));
        let factor = Factor::new(&system).unwrap();
        let of = |set: &[usize], losses: &[f64]| set.iter().map(|k| losses[*k]).collect::<Vec<f64>>();
        let early = Course { start: 0, end: 10, recovery: Recovery::AtOnce };
        let late = Course { start: 20, end: days.max(21), recovery: Recovery::AtOnce };
        let flow = |set: &[usize], losses: &[f64], finals: &[usize]| Disturbance::Flow {
            suppliers: set.to_vec(), losses: of(set, losses), users: users.clone(), final_users: finals.to_vec(),
        };
        let shocks = vec![
            Shock { name: "early".into(), disturbance: flow(&one, &flow_losses, &finals), course: early },
            Shock { name: "late".into(), disturbance: flow(&other, &other_losses, &other_finals), course: late },
            Shock {
                name: "capacity".into(),
                disturbance: Disturbance::Capacity { losses: of(&limited, &capacity_losses), industries: limited },
                course: Course::always(days),
            },
            Shock {
                name: "demand".into(),
                disturbance: Disturbance::Demand { losses: of(&gone, &demand_losses), suppliers: gone, final_users: vec![0, 2] },
                course: Course { start: 5, end: 25, recovery: Recovery::Linear { days: 60.0 } },
            },
        ];
        // a shock to flows that are all zero is refused by the scenario
        if let Ok(mixed) = Scenario::new(&system, "mixed", days, shocks) {
            as_defined(&system, &factor, &mixed);
            let view = market_closure(&factor, &mixed, Replacement::Imports).unwrap();
            prop_assert!(view.invariants.iter().all(Invariant::holds));
        }
    }
}
