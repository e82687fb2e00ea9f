//! What must hold for every table, and what must be refused.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use frame::{FrameError, LabelledVector, Labels};
use proptest::prelude::*;
use xinzhi_chain::*;

const REGIONS: usize = 3;
const SECTORS: usize = 3;
const N: usize = REGIONS * SECTORS;

fn pair(a: impl ToString, b: impl ToString) -> (String, String) {
    (a.to_string(), b.to_string())
}

fn system_of(z: Vec<f64>, y: Vec<f64>) -> Result<InputOutputSystem, ChainError> {
    let sectors = (0..N).map(|i| pair(format!("R{}", i / SECTORS), format!("s{}", i % SECTORS))).collect();
    let demand = (0..REGIONS).map(|r| pair(format!("R{r}"), "final")).collect();
    InputOutputSystem::new("random", 2020, "units", sectors, z, demand, y, SystemOptions::default())
}

/// A balanced world with positive value added: deliveries are scaled so that no column uses more than 80 % of what its row delivers.
fn table() -> impl Strategy<Value = (Vec<f64>, Vec<f64>)> {
    (
        prop::collection::vec(0.0..10.0f64, N * N),
        prop::collection::vec(0.5..20.0f64, N * REGIONS),
        prop::collection::vec(prop::bool::ANY, N * N),
    )
        .prop_map(|(mut z, y, absent)| {
            z.iter_mut().zip(absent).filter(|(_, absent)| *absent).for_each(|(flow, _)| *flow = 0.0);
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
        })
}

/// Output when primary inputs stay and the entries of B named by `cut` are zero, by solving x' = x'B + w' from scratch (Gauss-Seidel).
fn ghosh_output(system: &InputOutputSystem, cut: impl Fn(usize, usize) -> bool) -> Vec<f64> {
    let x = system.output();
    let w: Vec<f64> = (0..N).map(|j| x[j] - (0..N).map(|i| system.delivery(i, j)).sum::<f64>()).collect();
    let mut after = w.clone();
    for _ in 0..2000 {
        for j in 0..N {
            after[j] = w[j] + (0..N).filter(|i| !cut(*i, j)).map(|i| after[i] * system.delivery(i, j) / x[i]).sum::<f64>();
        }
    }
    after
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn accounts_close((z, y) in table()) {
        let system = system_of(z, y).unwrap();
        let factor = Factor::new(&system).unwrap();
        let x: f64 = system.output().iter().sum();
        let tolerance = 1e-10 * x;
        let value_added: f64 = system.value_added().iter().sum();
        prop_assert!((value_added - system.total_final_demand()).abs() < tolerance);
        let demand = (0..N).map(|i| (0..REGIONS).map(|r| system.final_delivery(i, r)).sum()).collect();
        for (solved, output) in factor.solve(demand).iter().zip(system.output()) {
            prop_assert!((solved - output).abs() < tolerance);
        }
        for exports in value_added_in_all_exports(&factor).unwrap() {
            let e = &exports;
            prop_assert!((e.dva + e.ddc + e.fva + e.fdc - e.exgr).abs() < tolerance);
            prop_assert!((e.vax + e.reflection + e.ddc + e.fc - e.exgr).abs() < tolerance);
            prop_assert!((e.davax + e.gvcb + e.gvcf - e.exgr).abs() < tolerance);
            prop_assert!((e.origins.values().iter().sum::<f64>() - e.exgr).abs() < tolerance);
            for term in [e.dc, e.dva, e.vax, e.reflection, e.ddc, e.fc, e.fva, e.fdc, e.davax, e.gvcf] {
                prop_assert!(term > -tolerance, "{exports:?}");
            }
            let destination = value_added_destination(&factor, &e.region).unwrap();
            let abroad: f64 = destination.by_region.iter().filter(|(r, _)| *r != e.region).map(|(_, v)| v).sum();
            prop_assert!((abroad - e.vax).abs() < tolerance);
            prop_assert!((destination.by_region.values().iter().sum::<f64>() - destination.total).abs() < tolerance);
        }
        for exposure in look_through_exposures(&factor, &ExposureOptions::default()).unwrap() {
            prop_assert!((exposure.look_through.values().iter().sum::<f64>() - 1.0).abs() < 1e-12);
            prop_assert!(exposure.hidden.values().iter().all(|h| *h > -1e-12));
            prop_assert!(exposure.suppliers.is_sorted_by(|a, b| a.look_through >= b.look_through));
            let listed: f64 = exposure.suppliers.iter().map(|s| s.look_through).sum();
            prop_assert!((listed - exposure.foreign()).abs() < 1e-12, "all six foreign industries are listed");
        }
        for position in chain_position(&factor) {
            prop_assert!(position.upstreamness.unwrap() >= 1.0 - 1e-12 && position.downstreamness.unwrap() >= 1.0 - 1e-12);
        }
    }

    /// The all-exporters shortcut against the definition: the inverse of the world with the exporter's foreign deliveries of inputs cut.
    #[test]
    fn domestic_value_added_by_definition((z, y) in table()) {
        let system = system_of(z.clone(), y).unwrap();
        let exports = value_added_in_exports(&Factor::new(&system).unwrap(), "R1").unwrap();
        let gross = system.gross_exports("R1").unwrap();
        let own = system.range("R1").unwrap();
        // A with the rows of R1 zeroed outside its own block, applied as a power series to the exports
        let cut = |i: usize, j: usize| if own.contains(&i) && !own.contains(&j) { 0.0 } else { system.input_coefficient(i, j) };
        let mut term = vec![0.0; N];
        term[own.clone()].copy_from_slice(&gross);
        let mut made = term.clone();
        for _ in 0..2000 {
            term = (0..N).map(|i| (0..N).map(|j| cut(i, j) * term[j]).sum()).collect();
            made.iter_mut().zip(&term).for_each(|(m, t)| *m += t);
        }
        let value: Vec<f64> = made.iter().zip(system.value_added_coefficients()).map(|(x, v)| x * v).collect();
        let dva: f64 = value[own.clone()].iter().sum();
        let all: f64 = value.iter().sum();
        prop_assert!((dva - exports.dva).abs() < 1e-9 * exports.exgr);
        prop_assert!((all - dva - exports.fva).abs() < 1e-9 * exports.exgr);
    }

    #[test]
    fn cuts_by_brute_force((z, y) in table()) {
        let system = system_of(z, y).unwrap();
        let factor = Factor::new(&system).unwrap();
        let cuts = single_cuts(&factor, "R1", CutOptions::default()).unwrap();
        let own = system.range("R1").unwrap();
        let x = system.output();
        prop_assert_eq!(cuts.cuts.len(), cuts.suppliers);
        prop_assert!(cuts.cuts.is_sorted_by(|a, b| a.value_added_loss >= b.value_added_loss));
        for cut in &cuts.cuts {
            let k = system.position(&cut.region, &cut.sector).unwrap();
            let after = ghosh_output(&system, |i, j| i == k && own.contains(&j));
            let output: f64 = own.clone().map(|j| x[j] - after[j]).sum();
            let added: f64 = own.clone().map(|j| system.value_added_coefficients()[j] * (x[j] - after[j])).sum();
            prop_assert!((output - cut.output_loss).abs() < 1e-9 * cuts.output, "{output} {cut:?}");
            prop_assert!((added - cut.value_added_loss).abs() < 1e-9 * cuts.output, "{added} {cut:?}");
            prop_assert!((0.0..=1.0).contains(&cut.output_loss_share));
            let one = cut_effect(&factor, "R1", &[pair(&cut.region, &cut.sector)]).unwrap();
            prop_assert!((one.value_added_loss - cut.value_added_loss).abs() < 1e-10 * cuts.output);
            prop_assert!((one.flow - cut.flow).abs() < 1e-12 * cuts.output);
            prop_assert!(cut.share_of_use <= cut.share_of_imports + 1e-15 && cut.share_of_imports <= 1.0 + 1e-15);
            prop_assert!(cut.import_concentration >= cut.share_of_imports.powi(2) - 1e-15 && cut.import_concentration <= 1.0 + 1e-15);
        }
        let set: Vec<_> = (0..3).map(|s| pair("R2", format!("s{s}"))).collect();
        let effect = cut_effect(&factor, "R1", &set).unwrap();
        let after = ghosh_output(&system, |i, j| system.range("R2").unwrap().contains(&i) && own.contains(&j));
        for (j, loss) in own.clone().zip(effect.output_loss_share_by_industry.values()) {
            prop_assert!(((x[j] - after[j]) / x[j] - loss).abs() < 1e-9);
        }
        let sum: f64 = cuts.cuts.iter().filter(|c| c.region == "R2").map(|c| c.output_loss).sum();
        prop_assert!(effect.output_loss <= sum + 1e-9 * cuts.output);
    }

    /// Reordering rows and columns changes nothing but the order.
    #[test]
    fn rows_in_any_order((z, y) in table()) {
        let system = system_of(z.clone(), y.clone()).unwrap();
        // sector by sector instead of region by region
        let order: Vec<usize> = (0..N).map(|k| (k % REGIONS) * SECTORS + k / REGIONS).collect();
        let sectors = order.iter().map(|i| system.sectors()[*i].clone()).collect();
        let shuffled_z = order.iter().flat_map(|i| order.iter().map(|j| z[i * N + j]).collect::<Vec<_>>()).collect();
        let shuffled_y = order.iter().flat_map(|i| y[i * REGIONS..(i + 1) * REGIONS].to_vec()).collect();
        let demand = system.final_demand_columns().to_vec();
        let other = InputOutputSystem::new("random", 2020, "units", sectors, shuffled_z, demand, shuffled_y, SystemOptions::default()).unwrap();
        prop_assert!(other.repairs().reordered && !system.repairs().reordered);
        prop_assert_eq!(other.sectors(), system.sectors());
        prop_assert_eq!(other.deliveries(), system.deliveries());
        prop_assert_eq!(other.final_demand(), system.final_demand());
    }

    #[test]
    fn national_shares_add_up((z, y) in table(), imported in prop::collection::vec(0.0..1.0f64, N * N)) {
        let system = system_of(z.clone(), y.clone()).unwrap();
        // imports take part of what is left of each column, the rest is value added
        let added = system.value_added();
        let imported: Vec<f64> = (0..N * N).map(|at| imported[at] * added[at % N] / N as f64).collect();
        let rest: Vec<f64> = (0..N).map(|j| added[j] - (0..N).map(|i| imported[i * N + j]).sum::<f64>()).collect();
        let national = NationalSystem::new(NationalTable {
            name: "random".into(), period: 2020, unit: "units".into(), region: "X".into(),
            sectors: (0..N).map(|i| format!("s{i}")).collect(), domestic: z, imported, value_added: vec![("all".into(), rest.clone())],
            final_demand: vec!["home".into(), "stocks".into(), "exports".into()], domestic_final: y, imported_final: vec![0.5; N * 3],
            exports: Some("exports".into()),
        }).unwrap();
        let dependence = national.import_dependence().unwrap();
        let inverse = Factor::new(national.domestic()).unwrap().leontief_inverse();
        for j in 0..N {
            let value_added: f64 = (0..N).map(|i| rest[i] / national.domestic().output()[i] * inverse.at(i, j)).sum();
            prop_assert!((dependence.total.values()[j] + value_added - 1.0).abs() < 1e-10);
            prop_assert!(dependence.total.values()[j] >= dependence.direct.values()[j] - 1e-12);
            let products: f64 = (0..N).map(|i| dependence.by_product.at(i, j)).sum();
            prop_assert!((products - dependence.total.values()[j]).abs() < 1e-12);
        }
        let content = dependence.import_content_of_exports.unwrap();
        prop_assert!((0.0..1.0).contains(&content));
        prop_assert!((dependence.re_exports.unwrap() - 0.5 * N as f64).abs() < 1e-12);
        // a province with the nation's own outputs has the nation's output-weighted mean
        let output = LabelledVector::new(dependence.total.labels().clone(), national.domestic().output().to_vec()).unwrap();
        let estimate = province_estimate(&output, &dependence).unwrap();
        prop_assert!((estimate.by_product.values().iter().sum::<f64>() - estimate.total).abs() < 1e-12);
        prop_assert!((estimate.by_sector.values().iter().sum::<f64>() - estimate.total).abs() < 1e-12);
        let all: f64 = national.domestic().output().iter().sum();
        let mean: f64 = dependence.direct.values().iter().zip(national.domestic().output()).map(|(d, x)| d * x / all).sum();
        prop_assert!((estimate.direct - mean).abs() < 1e-12);
    }
}

fn two(z: [f64; 4], y: [f64; 4]) -> Result<InputOutputSystem, ChainError> {
    let (sectors, demand) = (vec![pair("A", "i"), pair("B", "i")], vec![pair("A", "f"), pair("B", "f")]);
    InputOutputSystem::new("two", 2020, "units", sectors, z.to_vec(), demand, y.to_vec(), SystemOptions::default())
}

#[test]
fn zero_and_negative_output_become_zero_columns_and_are_listed() {
    let system = two([10.0, 5.0, 0.0, 0.0], [60.0, 5.0, 0.0, 0.0]).unwrap();
    assert_eq!(system.repairs().without_output, [pair("B", "i")]);
    assert_eq!(system.repairs().inputs_left_out, 5.0);
    assert_eq!(system.input_coefficient(0, 1), 0.0);
    let factor = Factor::new(&system).unwrap();
    let positions = chain_position(&factor);
    assert_eq!((positions[1].upstreamness, positions[1].downstreamness), (None, None));
    let exports = value_added_in_exports(&factor, "B").unwrap();
    assert_eq!((exports.exgr, exports.shares()), (0.0, None));
    assert!(matches!(look_through_exposure(&factor, "B", &ExposureOptions::default()), Err(ChainError::Nothing { .. })));
    assert!(matches!(single_cuts(&factor, "B", CutOptions::default()), Err(ChainError::Nothing { .. })));
    assert_eq!(look_through_exposures(&factor, &ExposureOptions::default()).unwrap().len(), 1);

    // B delivers 3 to A out of stocks that are run down by 4
    let system = two([10.0, 5.0, 3.0, 0.0], [60.0, 5.0, 0.0, -4.0]).unwrap();
    assert_eq!(system.repairs().negative_output, [("B".to_owned(), "i".to_owned(), -1.0)]);
    assert_eq!((system.repairs().negative_final_demand, system.repairs().negative_final_demand_mass), (1, -4.0));
    let factor = Factor::new(&system).unwrap();
    let cuts = single_cuts(&factor, "A", CutOptions::default()).unwrap();
    assert_eq!((cuts.cuts.len(), cuts.left_out), (0, vec![pair("B", "i")]));
    assert!(matches!(cut_effect(&factor, "A", &[pair("B", "i")]), Err(ChainError::Cut { .. })));
}

#[test]
fn regions_that_do_not_trade() {
    let system = two([10.0, 0.0, 0.0, 20.0], [30.0, 0.0, 0.0, 40.0]).unwrap();
    let factor = Factor::new(&system).unwrap();
    let exports = value_added_in_exports(&factor, "A").unwrap();
    assert_eq!((exports.exgr, exports.fc, exports.shares()), (0.0, 0.0, None));
    assert_eq!(look_through_exposure(&factor, "A", &ExposureOptions::default()).unwrap().foreign(), 0.0);
    assert_eq!(single_cuts(&factor, "A", CutOptions::default()).unwrap().suppliers, 0);
    let destination = value_added_destination(&factor, "A").unwrap();
    assert!((destination.own_share().unwrap() - 1.0).abs() < 1e-15);
}

#[test]
fn systems_that_cannot_be_solved_are_refused() {
    // A = [1 0; 0 0.5]: I − A is singular
    let singular = two([10.0, 0.0, 0.0, 5.0], [0.0, 0.0, 0.0, 5.0]).unwrap();
    assert!(matches!(Factor::new(&singular), Err(ChainError::Singular { .. })));
    // each sells 15 to the other out of an output of 10, drawing down stocks: A = [0 1.5; 1.5 0], solvable but not productive
    let draining = two([0.0, 15.0, 15.0, 0.0], [-5.0, 0.0, 0.0, -5.0]).unwrap();
    assert!(matches!(Factor::new(&draining), Err(ChainError::NotProductive { .. })));
}

#[test]
fn faulty_tables_are_refused() {
    assert!(matches!(two([1.0, -2.0, 1.0, 1.0], [9.0; 4]), Err(ChainError::Flow { value: -2.0, .. })));
    assert!(matches!(two([1.0, f64::NAN, 1.0, 1.0], [9.0; 4]), Err(ChainError::Flow { .. })));
    assert!(matches!(two([1.0; 4], [9.0, f64::INFINITY, 1.0, 1.0]), Err(ChainError::Flow { .. })));
    let make = |sectors: Vec<_>, z: Vec<f64>, demand: Vec<_>, y: Vec<f64>, options| {
        InputOutputSystem::new("faulty", 2020, "units", sectors, z, demand, y, options)
    };
    let default = SystemOptions::default();
    let sectors = || vec![pair("A", "i"), pair("B", "i")];
    let demand = || vec![pair("A", "f")];
    assert!(matches!(make(vec![], vec![], vec![], vec![], default), Err(ChainError::Empty { .. })));
    assert!(matches!(make(sectors(), vec![1.0; 3], demand(), vec![1.0; 2], default), Err(ChainError::Shape { expected: 4, found: 3, .. })));
    assert!(matches!(make(sectors(), vec![1.0; 4], demand(), vec![1.0; 3], default), Err(ChainError::Shape { expected: 2, found: 3, .. })));
    let foreign = vec![pair("C", "f")];
    assert!(matches!(make(sectors(), vec![1.0; 4], foreign, vec![1.0; 2], default), Err(ChainError::FinalDemandRegion { .. })));
    let twice = vec![pair("A", "i"), pair("A", "i")];
    assert!(matches!(
        make(twice, vec![1.0; 4], demand(), vec![1.0; 2], default),
        Err(ChainError::Frame(FrameError::DuplicateLabel { .. }))
    ));
    let cleared = SystemOptions { negative_flows: NegativeFlows::SetToZero };
    let system = make(sectors(), vec![1.0, -2.0, 1.0, 1.0], demand(), vec![9.0; 2], cleared).unwrap();
    assert_eq!((system.repairs().negative_flows, system.repairs().negative_flow_mass), (1, -2.0));
    assert_eq!(system.output(), [10.0, 11.0]);
    let factor = Factor::new(&system).unwrap();
    assert!(matches!(value_added_in_exports(&factor, "Z"), Err(ChainError::Frame(FrameError::UnknownLabel { .. }))));
    let unknown = ExposureOptions { user_industries: Scope::sectors(["j"]), ..ExposureOptions::default() };
    assert!(matches!(look_through_exposure(&factor, "A", &unknown), Err(ChainError::Frame(FrameError::UnknownLabel { .. }))));
    for suppliers in [vec![pair("A", "i")], vec![pair("B", "i"), pair("B", "i")]] {
        assert!(matches!(cut_effect(&factor, "A", &suppliers), Err(ChainError::Cut { .. })));
    }
    assert_eq!(cut_effect(&factor, "A", &[]).unwrap().output_loss, 0.0);
}

#[test]
fn national_tables_must_balance() {
    let table = NationalTable {
        name: "made up".into(),
        period: 2020,
        unit: "units".into(),
        region: "X".into(),
        sectors: vec!["i".into()],
        domestic: vec![2.0],
        imported: vec![3.0],
        value_added: vec![("wages".into(), vec![5.0])],
        final_demand: vec!["home".into()],
        domestic_final: vec![8.0],
        imported_final: vec![1.0],
        exports: None,
    };
    let dependence = NationalSystem::new(table.clone()).unwrap().import_dependence().unwrap();
    assert_eq!((dependence.direct.get("i"), dependence.import_content_of_exports, dependence.re_exports), (Some(0.3), None, None));
    let wages = vec![("wages".to_owned(), vec![4.0])];
    assert!(matches!(NationalSystem::new(NationalTable { value_added: wages, ..table.clone() }), Err(ChainError::Balance { .. })));
    assert!(matches!(NationalSystem::new(NationalTable { imported: vec![-3.0], ..table.clone() }), Err(ChainError::Flow { .. })));
    assert!(matches!(NationalSystem::new(NationalTable { imported_final: vec![], ..table.clone() }), Err(ChainError::Shape { .. })));
    assert!(NationalSystem::new(NationalTable { exports: Some("abroad".into()), ..table }).is_err());
    let zero = LabelledVector::new(Labels::new("sectors", ["i"]).unwrap(), vec![0.0]).unwrap();
    assert!(matches!(province_estimate(&zero, &dependence), Err(ChainError::Nothing { .. })));
}

/// The same bytes on one thread and on many.
#[test]
fn any_number_of_threads() {
    let n = 160;
    let mut seed = 1u64;
    let mut next = || {
        seed = seed.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (seed >> 33) as f64 / f64::from(1u32 << 31)
    };
    let z: Vec<f64> = (0..n * n).map(|_| next()).collect();
    let y: Vec<f64> = (0..n * 8).map(|_| 20.0 * next()).collect();
    let sectors: Vec<_> = (0..n).map(|i| pair(format!("R{}", i / 20), i % 20)).collect();
    let demand: Vec<_> = (0..8).map(|r| pair(format!("R{r}"), "f")).collect();
    let system = InputOutputSystem::new("random", 2020, "units", sectors, z, demand, y, SystemOptions::default()).unwrap();
    let run = |threads| {
        rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap().install(|| {
            let factor = Factor::new(&system).unwrap();
            let terms: Vec<_> = value_added_in_all_exports(&factor).unwrap().iter().flat_map(|e| e.terms()).map(f64::to_bits).collect();
            let inverse: Vec<_> = factor.leontief_inverse().columns(0..n).into_iter().map(f64::to_bits).collect();
            (terms, inverse)
        })
    };
    assert_eq!(run(1), run(4));
}
