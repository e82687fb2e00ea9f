//! Exposure, hypothetical extraction, embargoes and chokepoints: worked numbers, and every closed form against solving from scratch.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod made_up_tables;

use frame::FrameError;
use made_up_tables::{mini, pair};
use proptest::prelude::*;
use serde_json::Value;
use xinzhi_chain::*;

const REGIONS: usize = 4;
const SECTORS: usize = 3;
const N: usize = REGIONS * SECTORS;

fn golden(key: &str) -> Value {
    let all: Value = serde_json::from_str(include_str!("data/mini_extraction.json")).unwrap();
    all[key].clone()
}

#[track_caller]
fn close(found: f64, expected: f64, tolerance: f64) {
    assert!((found - expected).abs() <= tolerance * expected.abs().max(1.0), "found {found}, expected {expected}");
}

fn total(losses: &frame::LabelledVector) -> f64 {
    losses.values().iter().sum()
}

#[test]
fn extraction_of_one_industry_of_the_mini_table() {
    let system = mini();
    let factor = Factor::new(&system).unwrap();
    let golden = golden("HEM_BBB_D02");
    let group = IndustryGroup::industry("BBB", "D02");
    for (kind, name, printed) in [
        (ExtractionKind::Full, "full", 754.6651697445906),
        (ExtractionKind::Purchases, "backward_col", 400.0923279074),
        (ExtractionKind::SupplySideSales, "forward_row_ghosh", 349.7925194450),
    ] {
        let expected = golden[name].as_f64().unwrap();
        close(printed, expected, 1e-12);
        let loss = hypothetical_extraction(&factor, &group, kind).unwrap();
        close(loss.total_output_loss(), expected, 1e-9);
        close(total(&loss.output_loss), expected, 1e-9);
        let singles = single_extractions(&factor);
        let single = singles.iter().find(|s| (s.region.as_str(), s.sector.as_str()) == ("BBB", "D02")).unwrap();
        close(single.loss(kind).output, expected, 1e-9);
        close(single.loss(kind).value_added, loss.total_value_added_loss(), 1e-12);
    }
    let full = hypothetical_extraction(&factor, &group, ExtractionKind::Full).unwrap();
    close(full.own_output_loss, 467.0, 1e-12);
}

#[test]
fn market_reliance_of_the_mini_table() {
    let system = mini();
    let reliance = foreign_market_reliance(&Factor::new(&system).unwrap()).unwrap();
    for (i, expected) in golden("FMR_lookthrough_seller_by_market").as_array().unwrap().iter().enumerate() {
        for (r, share) in expected.as_array().unwrap().iter().enumerate() {
            close(reliance.look_through.at(i, r), share.as_f64().unwrap(), 1e-12);
        }
    }
}

/// A world where 1 in 2 deliveries is absent and no industry spends more than 80 % of its output on inputs.
fn table() -> impl Strategy<Value = (Vec<f64>, Vec<f64>)> {
    let cell = prop_oneof![Just(0.0), 0.0..10.0f64];
    (prop::collection::vec(cell.clone(), N * N), prop::collection::vec(prop_oneof![Just(0.0), 0.5..20.0f64], N * REGIONS)).prop_map(
        |(mut z, mut y)| {
            (0..N).for_each(|i| y[i * REGIONS + i / SECTORS] += 1.0);
            for _ in 0..200 {
                for j in 0..N {
                    let inputs: f64 = (0..N).map(|i| z[i * N + j]).sum();
                    let output: f64 = z[j * N..(j + 1) * N].iter().sum::<f64>() + y[j * REGIONS..(j + 1) * REGIONS].iter().sum::<f64>();
                    if inputs > 0.8 * output {
                        (0..N).for_each(|i| z[i * N + j] *= 0.8 * output / inputs);
                    }
                }
            }
            (z, y)
        },
    )
}

fn system_of(z: Vec<f64>, y: Vec<f64>) -> InputOutputSystem {
    let sectors = (0..N).map(|i| pair(format!("R{}", i / SECTORS), format!("s{}", i % SECTORS))).collect();
    let demand = (0..REGIONS).map(|r| pair(format!("R{r}"), "final")).collect();
    InputOutputSystem::new("random", 2020, "units", sectors, z, demand, y, SystemOptions::default()).unwrap()
}

fn coefficients(system: &InputOutputSystem) -> Vec<Vec<f64>> {
    (0..N).map(|i| (0..N).map(|j| system.input_coefficient(i, j)).collect()).collect()
}

fn allocations(system: &InputOutputSystem) -> Vec<Vec<f64>> {
    (0..N).map(|i| (0..N).map(|j| system.delivery(i, j) / system.output()[i]).collect()).collect()
}

fn final_demand(system: &InputOutputSystem) -> Vec<Vec<f64>> {
    (0..N).map(|i| (0..REGIONS).map(|r| system.final_delivery(i, r)).collect()).collect()
}

/// (I − M) x = b by Gaussian elimination with row exchanges: the long way, sharing nothing with the crate.
fn solve(m: &[Vec<f64>], b: &[f64]) -> Vec<f64> {
    let n = b.len();
    let mut rows: Vec<Vec<f64>> = (0..n).map(|i| (0..n).map(|j| f64::from(u8::from(i == j)) - m[i][j]).chain([b[i]]).collect()).collect();
    for k in 0..n {
        let pivot = (k..n).max_by(|a, b| rows[*a][k].abs().total_cmp(&rows[*b][k].abs())).unwrap();
        rows.swap(k, pivot);
        let (above, below) = rows.split_at_mut(k + 1);
        let pivot = &above[k];
        for row in below {
            let factor = row[k] / pivot[k];
            row.iter_mut().zip(pivot).skip(k).for_each(|(cell, p)| *cell -= factor * p);
        }
    }
    let mut x = vec![0.0; n];
    for k in (0..n).rev() {
        x[k] = (rows[k][n] - (k + 1..n).map(|j| rows[k][j] * x[j]).sum::<f64>()) / rows[k][k];
    }
    x
}

fn transposed(m: &[Vec<f64>]) -> Vec<Vec<f64>> {
    (0..N).map(|i| (0..N).map(|j| m[j][i]).collect()).collect()
}

fn row_sums(m: &[Vec<f64>]) -> Vec<f64> {
    m.iter().map(|row| row.iter().sum()).collect()
}

fn primary(system: &InputOutputSystem) -> Vec<f64> {
    (0..N).map(|j| system.output()[j] - (0..N).map(|i| system.delivery(i, j)).sum::<f64>()).collect()
}

fn losses(system: &InputOutputSystem, after: &[f64]) -> Vec<f64> {
    system.output().iter().zip(after).map(|(x, a)| x - a).collect()
}

/// The extraction as it is defined: zeros in the table, then a new solution.
fn extraction_by_definition(system: &InputOutputSystem, set: &[usize], kind: ExtractionKind) -> Vec<f64> {
    let (mut a, mut b, mut y, mut w) = (coefficients(system), allocations(system), row_sums(&final_demand(system)), primary(system));
    for k in set {
        for i in 0..N {
            match kind {
                ExtractionKind::Full | ExtractionKind::FullKeepingFinalDemand => (a[*k][i], a[i][*k]) = (0.0, 0.0),
                ExtractionKind::Purchases => a[i][*k] = 0.0,
                ExtractionKind::Sales => a[*k][i] = 0.0,
                ExtractionKind::SupplySideSales => b[*k][i] = 0.0,
                ExtractionKind::SupplySideFull => (b[*k][i], b[i][*k]) = (0.0, 0.0),
            }
        }
        match kind {
            ExtractionKind::Full => y[*k] = 0.0,
            ExtractionKind::SupplySideFull => w[*k] = 0.0,
            _ => {}
        }
    }
    let supply = matches!(kind, ExtractionKind::SupplySideSales | ExtractionKind::SupplySideFull);
    let after = if supply { solve(&transposed(&b), &w) } else { solve(&a, &y) };
    losses(system, &after)
}

/// What one user buys once the purchases from `gone` go to the others of the same sector; returns what nobody replaces.
fn replaced(purchases: &mut [f64], gone: &[usize], allowed: impl Fn(usize) -> bool) -> f64 {
    let mut lost = 0.0;
    for s in 0..SECTORS {
        let missing: f64 = gone.iter().filter(|k| **k % SECTORS == s).map(|k| purchases[*k]).sum();
        let others: Vec<usize> = (0..N).filter(|k| k % SECTORS == s && !gone.contains(k) && allowed(*k)).collect();
        let total: f64 = others.iter().map(|k| purchases[*k]).sum();
        if total > 0.0 {
            others.iter().for_each(|k| purchases[*k] *= 1.0 + missing / total);
        } else {
            lost += missing;
        }
    }
    gone.iter().for_each(|k| purchases[*k] = 0.0);
    lost
}

fn may_replace(replacement: Replacement, supplier: usize, user_region: usize) -> bool {
    match replacement {
        Replacement::None => false,
        Replacement::Imports => supplier / SECTORS != user_region,
        Replacement::AllSuppliers => true,
    }
}

fn group(system: &InputOutputSystem, set: &[usize]) -> IndustryGroup {
    IndustryGroup::industries("some", set.iter().map(|k| system.sectors()[*k].clone()))
}

fn sets() -> impl Strategy<Value = Vec<usize>> {
    prop::collection::btree_set(0..N, 1..5).prop_map(|set| set.into_iter().collect())
}

const REPLACEMENTS: [Replacement; 3] = [Replacement::None, Replacement::Imports, Replacement::AllSuppliers];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn extraction_by_brute_force((z, y) in table(), set in sets()) {
        let system = system_of(z, y);
        let factor = Factor::new(&system).unwrap();
        let tolerance = 1e-10 * system.output().iter().sum::<f64>();
        let singles = single_extractions(&factor);
        for kind in ExtractionKind::ALL {
            let expected = extraction_by_definition(&system, &set, kind);
            let found = hypothetical_extraction(&factor, &group(&system, &set), kind).unwrap();
            for (f, e) in found.output_loss_by_industry.iter().zip(&expected) {
                prop_assert!((f - e).abs() < tolerance, "{kind:?}: {f} {e}");
            }
            let value: f64 = expected.iter().zip(system.value_added_coefficients()).map(|(x, v)| x * v).sum();
            prop_assert!((found.total_value_added_loss() - value).abs() < tolerance);
            for (k, single) in singles.iter().enumerate() {
                let alone = extraction_by_definition(&system, &[k], kind);
                let value: f64 = alone.iter().zip(system.value_added_coefficients()).map(|(x, v)| x * v).sum();
                prop_assert!((single.loss(kind).output - alone.iter().sum::<f64>()).abs() < tolerance);
                prop_assert!((single.loss(kind).value_added - value).abs() < tolerance);
            }
        }
    }

    #[test]
    fn extraction_with_replacement_by_brute_force((z, y) in table(), set in sets()) {
        let system = system_of(z, y);
        let factor = Factor::new(&system).unwrap();
        let scale = system.output().iter().sum::<f64>();
        for replacement in REPLACEMENTS {
            let (mut a, mut demand) = (transposed(&coefficients(&system)), final_demand(&system));
            let mut lost = 0.0;
            for (j, purchases) in a.iter_mut().enumerate() {
                let not = replaced(purchases, &set, |k| may_replace(replacement, k, j / SECTORS));
                lost += if set.contains(&j) { 0.0 } else { not * system.output()[j] };
            }
            for r in 0..REGIONS {
                let mut bought: Vec<f64> = demand.iter().map(|row| row[r]).collect();
                lost += replaced(&mut bought, &set, |k| may_replace(replacement, k, r));
                demand.iter_mut().zip(bought).for_each(|(row, b)| row[r] = b);
            }
            let after = solve(&transposed(&a), &row_sums(&demand));
            let found = extraction_with_replacement(&factor, &group(&system, &set), replacement).unwrap();
            // replacement may ask much of one supplier, so the scale is that of what comes out
            let tolerance = 1e-9 * after.iter().map(|x| x.abs()).sum::<f64>().max(scale);
            for (f, e) in found.output_loss_by_industry.iter().zip(losses(&system, &after)) {
                prop_assert!((f - e).abs() < tolerance, "{replacement:?}: {f} {e}");
            }
            prop_assert!((found.not_replaced - lost).abs() < tolerance);
            prop_assert!(set.iter().all(|k| (found.output_loss_by_industry[*k] - system.output()[*k]).abs() < tolerance));
            if replacement == Replacement::None {
                let plain = hypothetical_extraction(&factor, &group(&system, &set), ExtractionKind::Full).unwrap();
                prop_assert!((plain.total_output_loss() - found.total_output_loss()).abs() < tolerance);
            }
        }
    }

    #[test]
    fn embargo_by_brute_force((z, y) in table(), from in sets(), to in sets(), final_demand_too in prop::bool::ANY) {
        let system = system_of(z, y);
        let factor = Factor::new(&system).unwrap();
        let regions: Vec<usize> = to.iter().map(|j| j / SECTORS).collect();
        let from: Vec<usize> = from.into_iter().filter(|k| !regions.contains(&(k / SECTORS))).collect();
        prop_assume!(!from.is_empty());
        let (suppliers, users) = (group(&system, &from), group(&system, &to));
        let scale = system.output().iter().sum::<f64>();
        for replacement in REPLACEMENTS {
            let (mut a, mut demand) = (transposed(&coefficients(&system)), final_demand(&system));
            let mut lost = 0.0;
            for j in &to {
                lost += replaced(&mut a[*j], &from, |k| may_replace(replacement, k, j / SECTORS)) * system.output()[*j];
            }
            for r in (0..REGIONS).filter(|r| final_demand_too && regions.contains(r)) {
                let mut bought: Vec<f64> = demand.iter().map(|row| row[r]).collect();
                lost += replaced(&mut bought, &from, |k| may_replace(replacement, k, r));
                demand.iter_mut().zip(bought).for_each(|(row, b)| row[r] = b);
            }
            let after = solve(&transposed(&a), &row_sums(&demand));
            let options = EmbargoOptions { model: EmbargoModel::Demand, replacement, final_demand: final_demand_too };
            let found = embargo(&factor, &suppliers, &users, options).unwrap();
            let tolerance = 1e-9 * after.iter().map(|x| x.abs()).sum::<f64>().max(scale);
            for (f, e) in found.output_loss_by_industry.iter().zip(losses(&system, &after)) {
                prop_assert!((f - e).abs() < tolerance, "{replacement:?}: {f} {e}");
            }
            let value: f64 = losses(&system, &after).iter().zip(system.value_added_coefficients()).map(|(x, v)| x * v).sum();
            prop_assert!((total(&found.value_added_loss) - value).abs() < tolerance);
            let expected = if replacement == Replacement::None { 0.0 } else { lost };
            prop_assert!((found.not_replaced - expected).abs() < tolerance, "{} {expected}", found.not_replaced);
        }
        let mut b = allocations(&system);
        from.iter().for_each(|k| to.iter().for_each(|j| b[*k][*j] = 0.0));
        let after = solve(&transposed(&b), &primary(&system));
        let options = EmbargoOptions { model: EmbargoModel::Supply, ..EmbargoOptions::default() };
        let found = embargo(&factor, &suppliers, &users, options).unwrap();
        for (f, e) in found.output_loss_by_industry.iter().zip(losses(&system, &after)) {
            prop_assert!((f - e).abs() < 1e-10 * scale, "supply: {f} {e}");
        }
    }

    /// All pairs at once give what each gives alone, and the supply side gives the losses of `cut_effect` for the user.
    #[test]
    fn bilateral_embargoes_are_the_single_ones((z, y) in table()) {
        let system = system_of(z, y);
        let factor = Factor::new(&system).unwrap();
        let inverse = factor.leontief_inverse();
        let tolerance = 1e-9 * system.output().iter().sum::<f64>();
        let supply = EmbargoOptions { model: EmbargoModel::Supply, ..EmbargoOptions::default() };
        let demand = REPLACEMENTS.map(|replacement| EmbargoOptions { replacement, ..EmbargoOptions::default() });
        for options in demand.into_iter().chain([supply]) {
            let all = bilateral_embargoes(&factor, options).unwrap();
            prop_assert_eq!(all.len(), REGIONS * (REGIONS - 1));
            let again = bilateral_embargoes(&inverse, options).unwrap();
            for (one, other) in all.iter().zip(&again) {
                let (from, to) = (IndustryGroup::region(&one.supplier), IndustryGroup::region(&one.user));
                let alone = embargo(&factor, &from, &to, options).unwrap();
                let near = |a: &[f64], b: &[f64]| a.iter().zip(b).all(|(a, b)| (a - b).abs() < tolerance);
                prop_assert!(near(&one.output_loss, alone.output_loss.values()));
                prop_assert!(near(&one.value_added_loss, alone.value_added_loss.values()));
                prop_assert!(near(&one.output_loss, &other.output_loss));
                prop_assert!((one.flow_of_inputs - alone.flow_of_inputs).abs() < tolerance);
                prop_assert!((one.flow_of_final_goods - alone.flow_of_final_goods).abs() < tolerance);
                prop_assert!((one.not_replaced - alone.not_replaced).abs() < tolerance);
                if options.model == EmbargoModel::Supply {
                    let suppliers: Vec<_> = system.sectors()[system.range(&one.supplier).unwrap()].to_vec();
                    let effect = cut_effect(&factor, &one.user, &suppliers).unwrap();
                    let user = system.regions().position(&one.user).unwrap();
                    prop_assert!((effect.output_loss - one.output_loss[user]).abs() < tolerance);
                    prop_assert!((effect.value_added_loss - one.value_added_loss[user]).abs() < tolerance);
                }
            }
        }
    }

    #[test]
    fn exposure_of_all_users((z, y) in table()) {
        let system = system_of(z, y);
        let factor = Factor::new(&system).unwrap();
        let narrow = ExposureOptions {
            user_industries: Scope::sectors(["s0", "s2"]), supplier_industries: Scope::sectors(["s0", "s1"]), top: 0,
        };
        for options in [ExposureOptions::default(), narrow] {
            let matrix = regional_exposure(&factor, &options).unwrap();
            for one in look_through_exposures(&factor, &options).unwrap() {
                for (supplier, share) in one.look_through.iter() {
                    prop_assert!((matrix.look_through.get(&one.user, supplier).unwrap() - share).abs() < 1e-12);
                    prop_assert!((matrix.face_value.get(&one.user, supplier).unwrap() - one.face_value.get(supplier).unwrap()).abs() < 1e-12);
                    prop_assert!((matrix.hidden.get(&one.user, supplier).unwrap() - one.hidden.get(supplier).unwrap()).abs() < 1e-12);
                }
            }
            let reliance = foreign_input_reliance(&factor, &options.supplier_industries).unwrap();
            if options.user_industries == Scope::All {
                let by_region = reliance.by_region(&system).unwrap();
                for pair in matrix.pairs() {
                    prop_assert!((by_region.look_through.get(&pair.user, &pair.supplier).unwrap() - pair.look_through).abs() < 1e-12);
                    prop_assert!((by_region.face_value.get(&pair.user, &pair.supplier).unwrap() - pair.face_value).abs() < 1e-12);
                }
            }
            // every industry as a user of its own
            let users: Vec<_> = system.sectors().iter().map(|(r, s)| IndustryGroup::industry(r, s)).collect();
            let single = exposure_matrix(&factor, &users, &IndustryGroup::every_region(&system), &options.supplier_industries).unwrap();
            for pair in single.pairs() {
                prop_assert!((reliance.look_through.get(&pair.user, &pair.supplier).unwrap() - pair.look_through).abs() < 1e-12);
                prop_assert!((reliance.hidden.get(&pair.user, &pair.supplier).unwrap() - pair.hidden).abs() < 1e-12);
            }
        }
        // a union of regions is the average of its regions with outputs as weights, and a union of suppliers the sum
        let union = [IndustryGroup::regions("R0+R1", ["R0", "R1"])];
        let both = exposure_matrix(&factor, &union, &union, &Scope::All).unwrap();
        let all = regional_exposure(&factor, &ExposureOptions::default()).unwrap();
        let x = system.output_by_region().unwrap();
        let (x0, x1) = (x.get("R0").unwrap(), x.get("R1").unwrap());
        let inside = |user: &str| all.look_through.get(user, "R0").unwrap() + all.look_through.get(user, "R1").unwrap();
        prop_assert!((both.look_through.at(0, 0) - (x0 * inside("R0") + x1 * inside("R1")) / (x0 + x1)).abs() < 1e-12);
    }

    /// Every chokepoint against `single_cuts`, which has its own test by brute force, and its other columns by their definition.
    #[test]
    fn chokepoints_by_definition((z, y) in table()) {
        let system = system_of(z, y);
        let factor = Factor::new(&system).unwrap();
        let barriers = vec![Barrier { region: "R2".to_owned(), weight: 0.5 }, Barrier { region: "R1".to_owned(), weight: 2.0 }];
        let options = ChokepointOptions { barriers, ..ChokepointOptions::default() };
        let all = chokepoints(&factor, &options).unwrap();
        prop_assert!(all.cuts.is_sorted_by(|a, b| a.value_added_loss_share >= b.value_added_loss_share));
        prop_assert_eq!(all.weighed, all.cuts.len());
        for user in ["R0", "R1", "R2", "R3"] {
            let expected = single_cuts(&factor, user, CutOptions::default()).unwrap();
            let found: Vec<_> = all.cuts.iter().filter(|c| c.user == user).collect();
            prop_assert_eq!(found.len(), expected.suppliers);
            for cut in found {
                let same = expected.cuts.iter().find(|c| (&c.region, &c.sector) == (&cut.region, &cut.sector)).unwrap();
                for (a, b) in [
                    (cut.value_added_loss_share, same.value_added_loss_share),
                    (cut.output_loss_share, same.output_loss_share),
                    (cut.share_of_imports, same.share_of_imports),
                    (cut.share_of_use, same.share_of_use),
                    (cut.import_concentration, same.import_concentration),
                    (cut.flow, same.flow),
                ] {
                    prop_assert!((a - b).abs() < 1e-11 * b.abs().max(1.0), "{cut:?} {same:?}");
                }
                prop_assert_eq!(cut.barrier, match cut.region.as_str() { "R1" => 2.0, "R2" => 0.5, _ => 0.0 });
                prop_assert_eq!(cut.single_source, cut.share_of_imports >= 0.8);
                let others = ["R0", "R1", "R2", "R3"].into_iter().filter(|r| *r != user && *r != cut.region);
                let exports: Vec<f64> = others.clone().map(|r| {
                    let at = system.sectors_of(r).unwrap().position(&cut.sector).unwrap();
                    system.gross_exports(r).unwrap()[at]
                }).collect();
                prop_assert!((cut.alternative_exports_over_flow * cut.flow - exports.iter().sum::<f64>()).abs() < 1e-9 * cut.flow.max(1.0));
                prop_assert_eq!(cut.able_exporters, exports.iter().filter(|e| **e >= cut.flow).count());
                let delivers = |r: &str| {
                    let k = system.position(r, &cut.sector).unwrap();
                    system.range(user).unwrap().any(|j| system.delivery(k, j) > 0.0)
                };
                prop_assert_eq!(cut.other_suppliers, others.filter(|r| delivers(r)).count());
            }
        }
        // barriers first, and within them the loss; the lists shortened
        use ChokepointCriterion::{AlternativeExports, Barrier as B, Concentration, Loss, ShareOfImports, SingleSource};
        let order = vec![B, Loss];
        let short = chokepoints(&factor, &ChokepointOptions { order, top_per_user: Some(2), top: Some(5), ..options.clone() }).unwrap();
        prop_assert!(short.cuts.len() <= 5 && short.weighed == all.weighed);
        prop_assert!(short.cuts.is_sorted_by(|a, b| (b.barrier, b.value_added_loss_share) <= (a.barrier, a.value_added_loss_share)));
        prop_assert!(short.cuts.iter().all(|c| short.cuts.iter().filter(|o| o.user == c.user).count() <= 2));
        let order = vec![SingleSource, Concentration, ShareOfImports, AlternativeExports];
        let one = ChokepointOptions { order, users: vec!["R3".to_owned()], unlisted: vec!["R0".to_owned()], ..options };
        let other = chokepoints(&factor.leontief_inverse(), &one).unwrap();
        prop_assert!(other.cuts.iter().all(|c| c.user == "R3" && c.region != "R0"));
        let key = |c: &Chokepoint| (c.single_source, c.import_concentration, c.share_of_imports, -c.alternative_exports_over_flow);
        prop_assert!(other.cuts.is_sorted_by(|a, b| key(b) <= key(a)));
    }

    /// Market reliance by the Ghosh inverse formed as it is defined.
    #[test]
    fn market_reliance_by_definition((z, y) in table()) {
        let system = system_of(z, y);
        let reliance = foreign_market_reliance(&Factor::new(&system).unwrap()).unwrap();
        let b = allocations(&system);
        for i in 0..N {
            // row i of G: g' (I − B) = e_i'
            let unit: Vec<f64> = (0..N).map(|j| f64::from(u8::from(i == j))).collect();
            let row = solve(&transposed(&b), &unit);
            let total: f64 = row.iter().sum();
            for r in 0..REGIONS {
                let share: f64 = system.range_at(r).map(|j| row[j]).sum::<f64>() / total;
                let face: f64 = system.range_at(r).map(|j| unit[j] + b[i][j]).sum::<f64>() / total;
                prop_assert!((reliance.look_through.at(i, r) - share).abs() < 1e-11);
                prop_assert!((reliance.face_value.at(i, r) - face).abs() < 1e-11);
                prop_assert!((reliance.hidden.at(i, r) - (share - face)).abs() < 1e-11);
            }
        }
    }
}

#[test]
fn groups_and_embargoes_that_make_no_sense() {
    let system = mini();
    let factor = Factor::new(&system).unwrap();
    let a = IndustryGroup::region("AAA");
    let unknown = IndustryGroup::region("XXX").positions(&system);
    assert!(matches!(unknown, Err(ChainError::Frame(FrameError::UnknownLabel { .. }))));
    let twice = IndustryGroup::regions("twice", ["AAA", "AAA"]).positions(&system);
    assert_eq!(
        twice.unwrap_err().to_string(),
        "label \"AAA D01\" appears twice among the industries of the group twice: labels must be unique, merge or rename one of them"
    );
    assert!(matches!(IndustryGroup::regions("none", [""; 0]).positions(&system), Err(ChainError::Nothing { .. })));
    let own = embargo(&factor, &IndustryGroup::industry("AAA", "D01"), &a, EmbargoOptions::default());
    assert!(matches!(own, Err(ChainError::Cut { .. })));
    let options = EmbargoOptions { model: EmbargoModel::Supply, replacement: Replacement::Imports, final_demand: false };
    assert!(matches!(bilateral_embargoes(&factor, options), Err(ChainError::Cut { .. })));
}

#[test]
fn chokepoint_options_that_make_no_sense() {
    let factor = Factor::new(&mini()).unwrap();
    let barrier = |region: &str, weight: f64| Barrier { region: region.to_owned(), weight };
    for (options, message) in [
        (ChokepointOptions { barriers: vec![barrier("AAA", -1.0)], ..Default::default() }, "a weight must be finite"),
        (ChokepointOptions { barriers: vec![barrier("AAA", 1.0), barrier("AAA", 2.0)], ..Default::default() }, "named twice"),
        (ChokepointOptions { barriers: vec![barrier("AAB", 1.0)], ..Default::default() }, "there is no \"AAB\""),
        (ChokepointOptions { single_source_share: f64::NAN, ..Default::default() }, "from 0 to 1"),
        (ChokepointOptions { users: vec!["ZZZ".to_owned()], ..Default::default() }, "there is no \"ZZZ\""),
        (ChokepointOptions { unlisted: vec!["ROW".to_owned()], ..Default::default() }, "there is no \"ROW\""),
    ] {
        let error = chokepoints(&factor, &options).unwrap_err().to_string();
        assert!(error.contains(message), "{error}");
    }
}

/// An industry that makes nothing: its column is zero, nothing is lost with it, and the supply side says so.
#[test]
fn industries_without_output() {
    let mut z = vec![0.5; N * N];
    (0..N).for_each(|j| z[4 * N + j] = 0.0);
    let mut y = vec![2.0; N * REGIONS];
    y[4 * REGIONS..5 * REGIONS].fill(0.0);
    let system = system_of(z, y);
    let factor = Factor::new(&system).unwrap();
    let singles = single_extractions(&factor);
    assert!(singles[4].losses.iter().all(|loss| loss.output == 0.0 && loss.value_added == 0.0));
    let refused = hypothetical_extraction(&factor, &IndustryGroup::industry("R1", "s1"), ExtractionKind::SupplySideFull);
    assert!(matches!(refused, Err(ChainError::Cut { .. })));
    let supply = EmbargoOptions { model: EmbargoModel::Supply, ..EmbargoOptions::default() };
    let effect = embargo(&factor, &IndustryGroup::region("R1"), &IndustryGroup::region("R2"), supply).unwrap();
    assert_eq!(effect.left_out, [pair("R1", "s1")]);
    assert!(effect.output_loss.get("R2").unwrap() > 0.0);
    let found = chokepoints(&factor, &ChokepointOptions::default()).unwrap();
    assert!(found.cuts.iter().all(|c| (c.region.as_str(), c.sector.as_str()) != ("R1", "s1")));
    assert_eq!(found.weighed, N * (REGIONS - 1) - (REGIONS - 1));
    let market = foreign_market_reliance(&factor).unwrap();
    assert_eq!(market.left_out, [pair("R1", "s1")]);
    assert!(foreign_input_reliance(&factor, &Scope::All).unwrap().left_out.contains(&pair("R1", "s1")));
}

/// The same bytes with one thread and with four.
#[test]
fn any_number_of_threads() {
    let z = (0..N * N).map(|at| ((at * 7919) % 101) as f64 / 30.0).collect();
    let y = (0..N * REGIONS).map(|at| 3.0 + ((at * 104_729) % 97) as f64).collect();
    let system = system_of(z, y);
    let run = |threads: usize| {
        rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap().install(|| {
            let factor = Factor::new(&system).unwrap();
            let supply = EmbargoOptions { model: EmbargoModel::Supply, ..EmbargoOptions::default() };
            let imports = EmbargoOptions { replacement: Replacement::Imports, ..EmbargoOptions::default() };
            (
                [supply, imports].map(|options| bilateral_embargoes(&factor, options).unwrap()),
                chokepoints(&factor, &ChokepointOptions::default()).unwrap(),
                single_extractions(&factor),
                regional_exposure(&factor, &ExposureOptions::default()).unwrap(),
                foreign_market_reliance(&factor).unwrap(),
            )
        })
    };
    assert_eq!(run(1), run(4));
}
