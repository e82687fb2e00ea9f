//! What must hold for a province's estimates and for accounts of value added.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use frame::{LabelledVector, Labels};
use proptest::prelude::*;
use xinzhi_chain::*;

const REGIONS: usize = 3;
const SECTORS: usize = 3;
const N: usize = REGIONS * SECTORS;

fn pair(a: impl ToString, b: impl ToString) -> (String, String) {
    (a.to_string(), b.to_string())
}

fn close(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-9 * (1.0 + a.abs().max(b.abs()))
}

/// A random world whose columns use at most 80 % of what their rows deliver.
fn world() -> impl Strategy<Value = InputOutputSystem> {
    (prop::collection::vec(0.0..10.0f64, N * N), prop::collection::vec(0.5..20.0f64, N * REGIONS)).prop_map(|(mut z, y)| {
        for _ in 0..200 {
            for j in 0..N {
                let inputs: f64 = (0..N).map(|i| z[i * N + j]).sum();
                let output: f64 = z[j * N..(j + 1) * N].iter().sum::<f64>() + y[j * REGIONS..(j + 1) * REGIONS].iter().sum::<f64>();
                if inputs > 0.8 * output {
                    (0..N).for_each(|i| z[i * N + j] *= 0.8 * output / inputs);
                }
            }
        }
        let sectors = (0..N).map(|i| pair(format!("R{}", i / SECTORS), format!("s{}", i % SECTORS))).collect();
        let demand = (0..REGIONS).map(|r| pair(format!("R{r}"), "final")).collect();
        InputOutputSystem::new("random", 2020, "units", sectors, z, demand, y, SystemOptions::default()).unwrap()
    })
}

fn by_sector(values: &[f64]) -> LabelledVector {
    LabelledVector::new(Labels::new("sectors", (0..values.len()).map(|i| format!("s{i}"))).unwrap(), values.to_vec()).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn what_all_absorb_is_what_all_add(system in world()) {
        let factor = Factor::new(&system).unwrap();
        let absorbed: Vec<_> = system.regions().iter().map(|r| value_added_absorbed(&factor, r).unwrap()).collect();
        for (at, origin) in system.regions().iter().enumerate() {
            let by_all: f64 = absorbed.iter().map(|a| a.by_region.values()[at]).sum();
            let produced = value_added_destination(&factor, origin).unwrap();
            prop_assert!(close(by_all, produced.total), "{origin}: {by_all} against {}", produced.total);
            // pair by pair, the two accounts are the same numbers
            for (absorber, account) in system.regions().iter().zip(&absorbed) {
                prop_assert!(close(account.by_region.values()[at], produced.by_region.get(absorber).unwrap()));
            }
        }
        for account in &absorbed {
            prop_assert!(close(account.by_region.values().iter().sum(), account.total));
        }
    }

    #[test]
    fn the_balance_in_value_added_is_the_gross_balance(system in world()) {
        let factor = Factor::new(&system).unwrap();
        for (at, region) in system.regions().iter().enumerate() {
            let exports: f64 = system.gross_exports(region).unwrap().iter().sum();
            let own = system.range(region).unwrap();
            let imports: f64 = (0..N)
                .filter(|i| !own.contains(i))
                .map(|i| own.clone().map(|j| system.delivery(i, j)).sum::<f64>() + system.final_delivery(i, at))
                .sum();
            let sold = value_added_destination(&factor, region).unwrap();
            let bought = value_added_absorbed(&factor, region).unwrap();
            let net: f64 = (0..REGIONS).map(|r| sold.by_region.values()[r] - bought.by_region.values()[r]).sum();
            prop_assert!(close(net, exports - imports), "{net} against {}", exports - imports);
        }
    }

    #[test]
    fn shares_of_all_regions_are_those_of_each(system in world()) {
        let inverse = Factor::new(&system).unwrap().leontief_inverse();
        let (content, exports) = foreign_content_of_exports(&inverse).unwrap();
        let options = ExposureOptions { user_industries: Scope::sectors(["s0", "s2"]), ..ExposureOptions::default() };
        let exposure = regional_exposure(&inverse, &options).unwrap().look_through;
        for region in system.regions().iter() {
            let one = value_added_in_exports(&inverse, region).unwrap();
            prop_assert!(close(content.get(region).unwrap(), one.fc) && close(exports.get(region).unwrap(), one.exgr));
            let of_one = look_through_exposure(&inverse, region, &options).unwrap();
            prop_assert!(close(1.0 - exposure.get(region, region).unwrap(), of_one.foreign()));
        }
    }

    #[test]
    fn exports_flow_through_without_loss(system in world()) {
        let factor = Factor::new(&system).unwrap();
        for exporter in system.regions().iter() {
            let flows = export_flows(&factor, exporter).unwrap();
            let content = value_added_in_exports(&factor, exporter).unwrap();
            for (industry, exported) in system.gross_exports(exporter).unwrap().into_iter().enumerate() {
                prop_assert!(close(flows.buyers.row(industry).iter().sum(), exported));
                prop_assert!(close((0..REGIONS).map(|r| flows.origins.at(r, industry)).sum(), exported));
            }
            for (origin, value) in flows.origins.rows().iter().zip(flows.origins.row_sums()) {
                prop_assert!(close(value, content.origins.get(origin).unwrap()), "{exporter} from {origin}");
            }
            prop_assert_eq!(flows.buyers.column_sums()[flows.buyers.columns().position(exporter).unwrap()], 0.0);
        }
    }

    #[test]
    fn a_province_like_its_country_has_its_countrys_cuts(system in world(), share in 0.01..1.0f64) {
        let factor = Factor::new(&system).unwrap();
        let own = system.range("R1").unwrap();
        let value_added = system.value_added();
        let province: Vec<f64> = own.map(|j| share * value_added[j]).collect();
        prop_assume!(province.iter().all(|v| *v >= 0.0));
        let cuts = province_cuts(&factor, "R1", &by_sector(&province)).unwrap();
        prop_assert_eq!(cuts.len(), N - SECTORS);
        for cut in &cuts {
            prop_assert!(close(cut.value_added_loss_share, cut.country_loss_share), "{cut:?}");
            // and by the general formula for sets, industry by industry
            let alone = cut_effect(&factor, "R1", &[pair(&cut.region, &cut.sector)]).unwrap();
            let weights = province.iter().zip(alone.output_loss_share_by_industry.values());
            let loss = weights.map(|(w, loss)| w * loss).sum::<f64>() / province.iter().sum::<f64>();
            prop_assert!(close(cut.value_added_loss_share, loss));
        }
        // a province of one industry loses what that industry loses
        let only = province_cuts(&factor, "R1", &by_sector(&[0.0, 3.0])).unwrap();
        for cut in &only {
            let alone = cut_effect(&factor, "R1", &[pair(&cut.region, &cut.sector)]).unwrap();
            prop_assert!(close(cut.value_added_loss_share, alone.output_loss_share_by_industry.get("s1").unwrap()));
        }
        prop_assert!(only.windows(2).all(|w| w[0].value_added_loss_share >= w[1].value_added_loss_share));
    }

    #[test]
    fn suppliers_share_out_all_imports(system in world(), imports in prop::collection::vec(0.0..5.0f64, SECTORS)) {
        let factor = Factor::new(&system).unwrap();
        let found = province_suppliers(&factor, "R0", &by_sector(&imports)).unwrap();
        let total: f64 = imports.iter().sum();
        prop_assert!(close(found.sellers.values().iter().sum::<f64>() + found.unplaced, total));
        prop_assert!(close(found.value_added.values().iter().sum::<f64>() + found.unplaced, total));
        prop_assert_eq!(found.sellers.get("R0"), Some(0.0));
        prop_assert!(found.value_added.get("R0").unwrap() >= 0.0);
        for row in 0..SECTORS {
            let sum: f64 = found.shares.row(row).iter().sum();
            prop_assert!(sum == 0.0 || close(sum, 1.0));
        }
    }

    /// Regions alike in everything but size: the estimate that the dossier makes for a province is then the truth of the interregional table.
    #[test]
    fn a_nation_of_equal_regions_is_estimated_without_error(
        z in prop::collection::vec(0.1..1.0f64, SECTORS * SECTORS),
        imports in prop::collection::vec(0.0..0.5f64, SECTORS * SECTORS),
        at_home in 0.1..0.9f64,
        sizes in prop::collection::vec(0.5..4.0f64, REGIONS),
    ) {
        // coefficients of a region: inputs from everywhere in the nation in proportion to size, a share at home; and imports
        let (inputs, imported) = (|i: usize, j: usize| 0.5 * z[i * SECTORS + j] / 3.0, |i: usize, j: usize| 0.3 * imports[i * SECTORS + j]);
        let all: f64 = sizes.iter().sum();
        let from = |s: usize, r: usize| (1.0 - at_home) * sizes[s] / all + if s == r { at_home } else { 0.0 };
        let x: Vec<f64> = (0..N).map(|j| sizes[j / SECTORS]).collect();
        let mut flows = vec![0.0; N * N];
        for (i, j) in (0..N).flat_map(|i| (0..N).map(move |j| (i, j))) {
            flows[i * N + j] = from(i / SECTORS, j / SECTORS) * inputs(i % SECTORS, j % SECTORS) * x[j];
        }
        // final demand closes the rows and may be negative, as changes in inventories are
        let y: Vec<f64> = (0..N).map(|i| x[i] - flows[i * N..(i + 1) * N].iter().sum::<f64>()).collect();
        let sectors: Vec<(String, String)> = (0..N).map(|i| pair(format!("R{}", i / SECTORS), format!("s{}", i % SECTORS))).collect();
        let system = InputOutputSystem::new(
            "nation", 2020, "units", sectors, flows.clone(), vec![pair("R0", "final")], y.clone(), SystemOptions::default(),
        ).unwrap();
        let content = Factor::new(&system).unwrap().solve_transposed(
            (0..N).map(|j| (0..SECTORS).map(|i| imported(i, j % SECTORS)).sum()).collect(),
        );
        let sum = |pick: &dyn Fn(usize, usize) -> f64| -> Vec<f64> {
            let mut sums = vec![0.0; SECTORS * SECTORS];
            (0..N).for_each(|i| (0..N).for_each(|j| sums[i % SECTORS * SECTORS + j % SECTORS] += pick(i, j)));
            sums
        };
        let domestic = sum(&|i, j| flows[i * N + j]);
        let national_imports = sum(&|i, j| if i < SECTORS { imported(i, j % SECTORS) * x[j] } else { 0.0 });
        let demand: Vec<f64> = (0..SECTORS).map(|i| (0..REGIONS).map(|r| y[r * SECTORS + i]).sum()).collect();
        let rest = (0..SECTORS).map(|j| {
            let costs: f64 = (0..SECTORS).map(|i| domestic[i * SECTORS + j] + national_imports[i * SECTORS + j]).sum();
            all - costs
        }).collect();
        let nation = NationalSystem::new(NationalTable {
            name: "nation".into(), period: 2020, unit: "units".into(), region: "nation".into(),
            sectors: (0..SECTORS).map(|i| format!("s{i}")).collect(), domestic, imported: national_imports,
            value_added: vec![("rest".into(), rest)], final_demand: vec!["final".into()], domestic_final: demand,
            imported_final: vec![0.0; SECTORS], exports: None,
        }).unwrap();
        let dependence = nation.import_dependence().unwrap();
        for r in 0..REGIONS {
            let output: Vec<f64> = (0..SECTORS).map(|i| x[r * SECTORS + i] * (1.0 + i as f64)).collect();
            let estimate = province_estimate(&by_sector(&output), &dependence).unwrap();
            let truth = output.iter().enumerate().map(|(i, w)| w * content[r * SECTORS + i]).sum::<f64>() / output.iter().sum::<f64>();
            prop_assert!(close(estimate.total, truth), "R{r}: {} against {truth}", estimate.total);
        }
    }
}

#[test]
fn final_demand_of_the_nation_absorbs_its_value_added() {
    let table = || NationalTable {
        name: "made up".into(),
        period: 2020,
        unit: "yuan".into(),
        region: "X".into(),
        sectors: vec!["chips".into(), "cars".into()],
        domestic: vec![10.0, 20.0, 0.0, 10.0],
        imported: vec![20.0, 10.0, 0.0, 10.0],
        value_added: vec![("wages".into(), vec![15.0, 40.0]), ("taxes".into(), vec![5.0, 10.0])],
        final_demand: vec!["home".into(), "exports".into()],
        domestic_final: vec![20.0, 0.0, 50.0, 40.0],
        imported_final: vec![5.0, 1.0, 5.0, 2.0],
        exports: Some("exports".into()),
    };
    let nation = NationalSystem::new(table()).unwrap();
    let dependence = nation.import_dependence().unwrap();
    let content = nation.final_demand_content(&dependence);
    assert_eq!(content.iter().map(|c| c.category.as_str()).collect::<Vec<_>>(), ["home", "exports"]);
    assert!(close(content.iter().map(|c| c.domestic).sum(), 70.0));
    // all imported inputs are in some final delivery
    assert!(close(content.iter().map(|c| c.imported_in_production).sum(), 40.0));
    assert_eq!(content.iter().map(|c| c.imported_outright).collect::<Vec<_>>(), [10.0, 3.0]);
    assert!(close(content[1].imported_in_production / 40.0, dependence.import_content_of_exports.unwrap()));
}

#[test]
fn what_is_not_there_is_refused() {
    let world = InputOutputSystem::new(
        "two",
        2020,
        "units",
        vec![pair("A", "s0"), pair("B", "s0")],
        vec![10.0, 20.0, 30.0, 40.0],
        vec![pair("A", "final"), pair("B", "final")],
        vec![50.0, 20.0, 10.0, 20.0],
        SystemOptions::default(),
    )
    .unwrap();
    let factor = Factor::new(&world).unwrap();
    assert!(province_suppliers(&factor, "C", &by_sector(&[1.0])).unwrap_err().to_string().contains('C'));
    assert!(province_suppliers(&factor, "A", &by_sector(&[1.0, 1.0])).unwrap_err().to_string().contains("s1"));
    assert!(province_suppliers(&factor, "A", &by_sector(&[-1.0])).unwrap_err().to_string().contains("-1"));
    assert!(province_cuts(&factor, "A", &by_sector(&[f64::NAN])).unwrap_err().to_string().contains("NaN"));
    assert!(matches!(province_cuts(&factor, "A", &by_sector(&[0.0])), Err(ChainError::Nothing { .. })));
    assert!(export_flows(&factor, "nowhere").is_err() && value_added_absorbed(&factor, "nowhere").is_err());
}
