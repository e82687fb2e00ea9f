//! Aggregated systems, extensions and results; provinces nested under their country.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod made_up_tables;

use frame::{Concordance, FrameError, LabelledMatrix, LabelledVector, Labels, Link};
use made_up_tables::*;
use proptest::prelude::*;
use xinzhi_chain::*;

fn sectors_merged() -> Aggregation {
    Aggregation {
        regions: Grouping::new("regions", [("AAA", "west"), ("CCC", "west")], Unmapped::Keep).unwrap(),
        sectors: Grouping::new("sectors", [("D01", "goods"), ("D02", "goods")], Unmapped::Keep).unwrap(),
        categories: Grouping::total("final-demand categories", "final"),
    }
}

#[test]
fn names_and_flows_of_an_aggregated_system() {
    let system = mini();
    let coarse = aggregate_system(&system, &sectors_merged()).unwrap();
    assert_eq!(coarse.name(), "mini (made up) 2020");
    assert_eq!(coarse.sectors(), [pair("west", "goods"), pair("west", "D03"), pair("BBB", "goods"), pair("BBB", "D03")]);
    assert_eq!(coarse.final_demand_columns(), [pair("west", "final"), pair("BBB", "final")]);
    // BBB D02 and D01 to AAA and CCC D03, by hand from mini.csv
    let by_hand: f64 = [(3, 2), (3, 8), (4, 2), (4, 8)].iter().map(|(i, j)| system.delivery(*i, *j)).sum();
    assert_eq!(coarse.delivery(2, 1), by_hand);
    close(coarse.output().iter().sum::<f64>(), system.output().iter().sum(), 1e-14);
    close(coarse.value_added().iter().sum::<f64>(), system.value_added().iter().sum(), 1e-12);
    // a group's value added is its members'
    let groups = Groups::new(&system, &sectors_merged()).unwrap();
    all_close(&coarse.value_added(), &groups.sum(&system.value_added()).unwrap(), 1e-12);
    assert_eq!(groups.industry_groups(), [0, 0, 1, 2, 2, 3, 0, 0, 1]);
    // the identity changes nothing
    let same = aggregate_system(&system, &Aggregation::default()).unwrap();
    assert_eq!((same.deliveries(), same.final_demand(), same.sectors()), (system.deliveries(), system.final_demand(), system.sectors()));
}

#[test]
fn removed_regions_go_into_the_rest_of_the_world() {
    let system = mini();
    let kept = aggregate_system(&system, &Aggregation::keep_regions(["BBB"], "ROW")).unwrap();
    assert_eq!(kept.regions().names(), ["ROW", "BBB"]);
    let bbb = system.range("BBB").unwrap();
    assert_eq!(&kept.output()[3..], &system.output()[bbb]);
    all_close(&kept.gross_exports("BBB").unwrap(), &system.gross_exports("BBB").unwrap(), 1e-14);
    let removed = aggregate_system(&system, &Aggregation::merge_regions(["AAA"], "CCC").unwrap()).unwrap();
    // the group stands where its first member stood
    assert_eq!(removed.regions().names(), ["CCC", "BBB"]);
    assert!(matches!(
        aggregate_system(&system, &Aggregation::keep_regions(["BBD"], "ROW")),
        Err(ChainError::Frame(FrameError::UnknownLabel { label, .. })) if label == "BBD"
    ));
}

#[test]
fn what_is_not_mapped_stays_or_is_refused() {
    let strict = Grouping::new("sectors", [("D01", "goods"), ("D02", "goods")], Unmapped::Refuse).unwrap();
    let error = aggregate_system(&mini(), &Aggregation { sectors: strict, ..Aggregation::default() }).unwrap_err();
    assert!(matches!(&error, ChainError::Unmapped { label, .. } if label == "D03"), "{error}");
    assert!(matches!(
        Grouping::new("sectors", [("D01", "a"), ("D01", "b")], Unmapped::Keep),
        Err(ChainError::Frame(FrameError::DuplicateLabel { .. }))
    ));
    assert!(Grouping::new("sectors", [("D01", "a"), ("D01", "a")], Unmapped::Keep).is_ok());
    let groups = Groups::new(&mini(), &Aggregation::default()).unwrap();
    assert!(matches!(groups.sum(&[1.0; 10]), Err(ChainError::Shape { .. })));
}

#[test]
fn extensions_and_given_value_added_are_aggregated() {
    let system = mini();
    let flows: Vec<f64> = (0..18).map(f64::from).collect();
    let of_final_demand: Vec<f64> = (0..12).map(f64::from).collect();
    let stressors = vec![("CO2".to_owned(), "kt".to_owned()), ("jobs".to_owned(), "persons".to_owned())];
    let extension = Extension::new(&system, "made up", stressors, flows, Some(of_final_demand)).unwrap();
    let coarse = aggregate_system(&system, &sectors_merged()).unwrap();
    let aggregated = aggregate_extension(&extension, &coarse, &sectors_merged()).unwrap();
    assert_eq!(aggregated.flows(), [0.0 + 1.0 + 6.0 + 7.0, 2.0 + 8.0, 7.0, 5.0, 9.0 + 10.0 + 15.0 + 16.0, 11.0 + 17.0, 25.0, 14.0]);
    assert_eq!(aggregated.final_demand_flows(), Some([0.0 + 1.0 + 4.0 + 5.0, 5.0, 6.0 + 7.0 + 10.0 + 11.0, 17.0].as_slice()));
    assert_eq!((aggregated.name(), aggregated.units()), ("made up", extension.units()));
    assert!(matches!(aggregate_extension(&extension, &system, &sectors_merged()), Err(ChainError::Different { .. })));
    let given: Vec<f64> = system.value_added().iter().map(|v| 0.9 * v).collect();
    let coarse = aggregate_system(&system.with_value_added(&given).unwrap(), &sectors_merged()).unwrap();
    close(coarse.value_added().iter().sum(), given.iter().sum(), 1e-12);
    assert!(coarse.other_costs().is_some());
}

#[test]
fn labelled_results_keep_their_names() {
    let regions = Labels::new("regions", ["AAA", "BBB", "CCC"]).unwrap();
    let vector = LabelledVector::new(regions.clone(), vec![1.0, 2.0, 4.0]).unwrap();
    let west = Grouping::new("regions", [("AAA", "west"), ("CCC", "west")], Unmapped::Keep).unwrap();
    let sum = aggregate_vector(&vector, &west).unwrap();
    assert_eq!((sum.labels().names(), sum.values()), (&["west".to_owned(), "BBB".to_owned()][..], &[5.0, 2.0][..]));
    let matrix = LabelledMatrix::new(regions.clone(), regions, (1..=9).map(f64::from).collect()).unwrap();
    let rows = aggregate_matrix(&matrix, Some(&west), None).unwrap();
    assert_eq!((rows.get("west", "BBB"), rows.columns().len()), (Some(10.0), 3));
    let groups = Groups::new(&mini(), &sectors_merged()).unwrap();
    let means = groups.mean(&[1.0, 3.0, 0.0, 0.0, 0.0, 0.0, 5.0, 0.0, 0.0], &[1.0, 1.0, 0.0, 1.0, 0.0, 0.0, 2.0, 0.0, 0.0]).unwrap();
    assert_eq!(means, [Some(3.5), None, Some(0.0), None]);
}

/// Miller and Blair (2009), section 4.9: no bias where industries of a group buy alike.
#[test]
fn no_bias_among_industries_that_buy_alike() {
    let sectors = ["1", "2", "3"].map(|s| pair("A", s)).to_vec();
    // columns 1 and 2 have the same coefficients .1, .2, .3 and output 100, 200
    let z = vec![10.0, 20.0, 30.0, 20.0, 40.0, 15.0, 30.0, 60.0, 5.0];
    let system = InputOutputSystem::new(
        "made up",
        2020,
        "units",
        sectors,
        z,
        vec![pair("A", "final")],
        vec![40.0, 125.0, 55.0],
        SystemOptions::default(),
    )
    .unwrap();
    assert_eq!(system.output(), [100.0, 200.0, 150.0]);
    let merged = |pairs: [(&str, &str); 2]| Aggregation {
        sectors: Grouping::new("sectors", pairs, Unmapped::Keep).unwrap(),
        ..Aggregation::default()
    };
    let factor = Factor::new(&system).unwrap();
    let alike = aggregation_bias(&factor, &merged([("1", "12"), ("2", "12")]), &[3.0, 0.5, 7.0], None).unwrap();
    assert!(alike.relative.unwrap() < 1e-14, "{alike:?}");
    let unlike = aggregation_bias(&factor, &merged([("2", "23"), ("3", "23")]), &[3.0, 0.5, 7.0], None).unwrap();
    assert!(unlike.relative.unwrap() > 1e-3);
    let fine: f64 = factor.solve(vec![3.0, 0.5, 7.0]).iter().sum();
    close(unlike.total, fine, 1e-14);
    close(unlike.total_bias, unlike.groups.iter().map(GroupBias::bias).sum(), 1e-15);
    assert!(matches!(aggregation_bias(&factor, &Aggregation::default(), &[1.0], None), Err(ChainError::Shape { .. })));
}

fn link(from: &str, to: &str, weight: f64) -> Link {
    Link { from: from.to_owned(), to: to.to_owned(), weight }
}

fn one_to_one() -> Concordance {
    Concordance::new("provincial", "world", ["D01", "D02", "D03"].map(|s| link(s, s, 1.0)).to_vec()).unwrap()
}

fn categories() -> Concordance {
    Concordance::new("provincial", "world", ["C", "I"].map(|s| link(s, s, 1.0)).to_vec()).unwrap()
}

/// AAA and BBB of the made-up table as provinces of one country "XXX", with their trade with CCC apart.
fn provinces() -> ProvincialTable {
    let system = mini();
    let (m, inside) = (6, 0..6);
    let outside: Vec<usize> = (6..9).collect();
    let y = |i: usize, j: usize| system.final_demand()[i * m + j];
    ProvincialTable {
        name: "provinces of XXX (made up)".to_owned(),
        sectors: system.sectors()[..6].to_vec(),
        deliveries: inside.clone().flat_map(|i| (0..6).map(move |j| (i, j))).map(|(i, j)| system.delivery(i, j)).collect(),
        final_demand_columns: system.final_demand_columns()[..4].to_vec(),
        final_demand: inside.clone().flat_map(|i| (0..4).map(move |j| (i, j))).map(|(i, j)| y(i, j)).collect(),
        exports: inside.clone().map(|i| outside.iter().map(|j| system.delivery(i, *j)).sum::<f64>() + y(i, 4) + y(i, 5)).collect(),
        imports: inside.map(|j| outside.iter().map(|i| system.delivery(*i, j)).sum()).collect(),
        final_imports: (0..4).map(|j| outside.iter().map(|i| y(*i, j)).sum()).collect(),
        ..ProvincialTable::default()
    }
}

fn country() -> InputOutputSystem {
    aggregate_system(&mini(), &Aggregation::merge_regions(["AAA", "BBB"], "XXX").unwrap()).unwrap()
}

fn back_together(nested: &InputOutputSystem, regions: &[&str]) -> InputOutputSystem {
    aggregate_system(nested, &Aggregation::merge_regions(regions.iter().copied(), "XXX").unwrap()).unwrap()
}

#[track_caller]
fn same_flows(a: &InputOutputSystem, b: &InputOutputSystem, tolerance: f64) {
    assert_eq!((a.sectors(), a.final_demand_columns()), (b.sectors(), b.final_demand_columns()));
    all_close(a.deliveries(), b.deliveries(), tolerance);
    all_close(a.final_demand(), b.final_demand(), tolerance);
}

/// A provincial table that agrees with the country's: everything that is known comes back, and nothing has to be balanced.
#[test]
fn a_consistent_provincial_table_comes_back() {
    let (truth, world) = (mini(), country());
    let options = NestingOptions { categories: Some(categories()), tolerance: 1e-12, ..NestingOptions::new(one_to_one()) };
    let nested = nest_regions(&world, "XXX", &provinces(), &options).unwrap();
    assert_eq!((nested.iterations, nested.provinces.as_slice()), (0, ["AAA".to_owned(), "BBB".to_owned()].as_slice()));
    assert_eq!(nested.system.sectors(), truth.sectors());
    assert_eq!(nested.system.final_demand_columns(), truth.final_demand_columns());
    all_close(nested.system.output(), truth.output(), 1e-12);
    all_close(&nested.system.value_added(), &truth.value_added(), 1e-12);
    for i in 0..6 {
        for j in 0..6 {
            close(nested.system.delivery(i, j), truth.delivery(i, j), 1e-12);
        }
    }
    same_flows(&back_together(&nested.system, &["AAA", "BBB"]), &world, 1e-12);
    let moved: f64 = nested.discrepancies.iter().map(|d| d.moved).sum();
    assert!(moved < 1e-9, "{:?}", nested.discrepancies);
    // what cannot be known: all provinces export a sector's goods in the country's proportions
    let shares = |i: usize| nested.system.delivery(i, 6) / nested.system.delivery(i, 7);
    close(shares(1), shares(4), 1e-12);
}

/// One that disagrees: the country's cells are kept to the last digit, provinces' outputs reached, and everything moved is named.
#[test]
fn an_inconsistent_provincial_table_is_balanced() {
    let world = country();
    let mut table = provinces();
    table.deliveries.iter_mut().enumerate().for_each(|(at, v)| *v *= 1.0 + 0.4 * ((at * 7 % 5) as f64 - 2.0) / 2.0);
    table.exports.iter_mut().enumerate().for_each(|(at, v)| *v *= 1.0 + 0.1 * at as f64);
    table.imports[2] *= 3.0;
    let options = NestingOptions { tolerance: 1e-10, ..NestingOptions::new(one_to_one()) };
    let nested = nest_regions(&world, "XXX", &table, &options).unwrap();
    assert!(nested.iterations > 1 && nested.residual <= 1e-10);
    same_flows(&back_together(&nested.system, &["AAA", "BBB"]), &world, 1e-12);
    // outputs in the provincial table's proportions, of the country's totals
    let outputs: Vec<f64> = (0..6)
        .map(|i| {
            let row = table.deliveries[i * 6..(i + 1) * 6].iter().chain(&table.final_demand[i * 4..(i + 1) * 4]);
            row.sum::<f64>() + table.exports[i]
        })
        .collect();
    for i in 0..6 {
        let expected = outputs[i] / (outputs[i % 3] + outputs[3 + i % 3]) * world.output()[i % 3];
        close(nested.system.output()[i], expected, 1e-9);
    }
    let of = |step| nested.discrepancies.iter().filter(move |d| d.step == step);
    assert_eq!(of(NestingStep::Balancing).count(), 2);
    assert!(of(NestingStep::Balancing).all(|d| d.moved > 0.1));
    assert_eq!(of(NestingStep::SectorOutput).map(|d| d.place.as_str()).collect::<Vec<_>>(), ["D01", "D02", "D03"]);
    assert!(matches!(
        nest_regions(&world, "XXX", &table, &NestingOptions { max_iterations: 1, ..options }),
        Err(ChainError::NotConverged { .. })
    ));
}

/// Another classification, with a sector that goes to two and one that two make up; flows add up to the country all the same.
#[test]
fn many_to_many_concordance_and_missing_structure() {
    let world = country();
    let mut table = provinces();
    for (_, sector) in &mut table.sectors {
        *sector = sector.replace("D01", "farms").replace("D02", "factories").replace("D03", "offices");
    }
    let links = vec![link("farms", "D01", 3.0), link("farms", "D02", 1.0), link("factories", "D02", 1.0), link("offices", "D02", 1.0)];
    let concordance = Concordance::new("provincial", "world", links).unwrap();
    let nested = nest_regions(&world, "XXX", &table, &NestingOptions { tolerance: 1e-9, ..NestingOptions::new(concordance) }).unwrap();
    same_flows(&back_together(&nested.system, &["AAA", "BBB"]), &world, 1e-12);
    // nothing of the provincial table goes to D03
    let without: Vec<&str> =
        nested.discrepancies.iter().filter(|d| d.step == NestingStep::WithoutStructure).map(|d| d.place.as_str()).collect();
    assert!(without.contains(&"D03"), "{without:?}");
}

/// One province alone, the rest of the country by difference.
#[test]
fn a_single_province_with_the_rest_of_its_country() {
    let (truth, world, all) = (mini(), country(), provinces());
    let y = |i: usize, j: usize| truth.final_demand()[i * 6 + j];
    let half = |v: &f64| 0.5 * v;
    let table = ProvincialTable {
        name: "AAA alone (made up)".to_owned(),
        sectors: all.sectors[..3].to_vec(),
        deliveries: (0..3).flat_map(|i| all.deliveries[i * 6..i * 6 + 3].iter().map(half)).collect(),
        final_demand_columns: all.final_demand_columns[..2].to_vec(),
        final_demand: (0..3).flat_map(|i| all.final_demand[i * 4..i * 4 + 2].iter().map(half)).collect(),
        exports: all.exports[..3].iter().map(half).collect(),
        imports: all.imports[..3].iter().map(half).collect(),
        final_imports: all.final_imports[..2].iter().map(half).collect(),
        outflows: (0..3).map(|i| 0.5 * ((3..6).map(|j| truth.delivery(i, j)).sum::<f64>() + y(i, 2) + y(i, 3))).collect(),
        inflows: (0..3).map(|j| 0.5 * (3..6).map(|i| truth.delivery(i, j)).sum::<f64>()).collect(),
    };
    let rest = Some(RestOfCountry { region: "rest of XXX".to_owned(), scale: 2.0 });
    let options =
        NestingOptions { rest_of_country: rest, categories: Some(categories()), tolerance: 1e-9, ..NestingOptions::new(one_to_one()) };
    let nested = nest_regions(&world, "XXX", &table, &options).unwrap();
    assert_eq!(nested.provinces, ["AAA", "rest of XXX"]);
    same_flows(&back_together(&nested.system, &["AAA", "rest of XXX"]), &world, 1e-12);
    // the province's own flows and output are those of the table, in the world table's unit
    for i in 0..3 {
        close(nested.system.output()[i] / truth.output()[i], 1.0, 0.02);
        for j in 0..3 {
            close(nested.system.delivery(i, j) / truth.delivery(i, j), 1.0, 0.1);
        }
    }
    let wrong = NestingOptions { rest_of_country: Some(RestOfCountry { region: "rest".to_owned(), scale: 0.0 }), ..options.clone() };
    assert!(matches!(nest_regions(&world, "XXX", &table, &wrong), Err(ChainError::Refused { .. })));
    // ten times too large: the country bounds it, and it is said where
    let large =
        NestingOptions { rest_of_country: Some(RestOfCountry { region: "rest".to_owned(), scale: 4.0 }), tolerance: 0.5, ..options };
    let nested = nest_regions(&world, "XXX", &table, &large).unwrap();
    assert!(nested.discrepancies.iter().any(|d| d.step == NestingStep::ExceedsCountry && d.moved > 0.0));
    same_flows(&back_together(&nested.system, &["AAA", "rest"]), &world, 1e-12);
}

#[test]
fn impossible_nestings_are_refused_by_name() {
    let world = country();
    let refused = |change: &dyn Fn(&mut ProvincialTable), options: &NestingOptions| {
        let mut table = provinces();
        change(&mut table);
        nest_regions(&world, "XXX", &table, options).unwrap_err()
    };
    let options = NestingOptions::new(one_to_one());
    assert!(matches!(refused(&|t| t.exports.truncate(2), &options), ChainError::Shape { .. }));
    let error = refused(&|t| t.deliveries[7] = -1.0, &options);
    assert!(matches!(&error, ChainError::Refused { .. }) && error.to_string().contains("AAA D02 is -1"), "{error}");
    assert!(matches!(refused(&|t| t.final_demand[3] = f64::NAN, &options), ChainError::Refused { .. }));
    let error = refused(&|t| t.sectors[0].1 = "D99".to_owned(), &options);
    assert!(matches!(&error, ChainError::Unmapped { label, .. } if label == "D99"), "{error}");
    let elsewhere = Concordance::new("a", "b", ["D01", "D02", "D03"].map(|s| link(s, "D77", 1.0)).to_vec()).unwrap();
    assert!(matches!(refused(&|_| (), &NestingOptions::new(elsewhere)), ChainError::Frame(FrameError::UnknownLabel { .. })));
    let error = refused(&|t| t.sectors[..3].iter_mut().for_each(|s| s.0 = "CCC".to_owned()), &options);
    assert!(error.to_string().contains("has a region CCC already"), "{error}");
    assert!(matches!(nest_regions(&world, "YYY", &provinces(), &options), Err(ChainError::Frame(FrameError::UnknownLabel { .. }))));
    assert!(matches!(nest_regions(&world, "XXX", &ProvincialTable::default(), &options), Err(ChainError::Empty { .. })));
}

#[test]
fn costs_apart_from_value_added_stay_apart_when_nested() {
    let world = country();
    let given: Vec<f64> = world.value_added().iter().map(|v| 0.9 * v).collect();
    let options = NestingOptions { categories: Some(categories()), ..NestingOptions::new(one_to_one()) };
    let nested = nest_regions(&world.with_value_added(&given).unwrap(), "XXX", &provinces(), &options).unwrap();
    close(nested.system.value_added().iter().sum(), given.iter().sum(), 1e-12);
    let back = nested.system.value_added();
    close(back[0] + back[3], given[0], 1e-12);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn aggregation_keeps_what_it_must((z, y) in table(), stressor in prop::collection::vec(0.0..5.0f64, N)) {
        let system = system_of(z, y);
        let factor = Factor::new(&system).unwrap();
        let aggregation = Aggregation {
            regions: Grouping::new("regions", [("R0", "west"), ("R2", "west")], Unmapped::Keep).unwrap(),
            sectors: Grouping::new("sectors", [("s1", "rest"), ("s2", "rest")], Unmapped::Keep).unwrap(),
            ..Aggregation::default()
        };
        let demand: Vec<f64> = (0..N).map(|i| (0..REGIONS).map(|r| system.final_delivery(i, r)).sum()).collect();
        let x: f64 = system.output().iter().sum();
        // the table's own final demand: no bias in output, none in any stressor either
        for stressor in [None, Some(stressor.as_slice())] {
            let bias = aggregation_bias(&factor, &aggregation, &demand, stressor).unwrap();
            prop_assert!(bias.groups.iter().all(|g| g.bias().abs() < 1e-10 * x.max(g.solved_then_aggregated)), "{bias:?}");
        }
        // region by region there is a bias, but it cancels over regions
        let mut total = 0.0;
        for r in 0..REGIONS {
            let of_region: Vec<f64> = (0..N).map(|i| system.final_delivery(i, r)).collect();
            total += aggregation_bias(&factor, &aggregation, &of_region, Some(&stressor)).unwrap().total_bias;
        }
        prop_assert!(total.abs() < 1e-9 * x.max(1.0));
        // in two steps as in one
        let first = Aggregation { regions: aggregation.regions.clone(), ..Aggregation::default() };
        let second = Aggregation { sectors: aggregation.sectors.clone(), ..Aggregation::default() };
        let (one, two) = (aggregate_system(&system, &aggregation).unwrap(), aggregate_system(&aggregate_system(&system, &first).unwrap(), &second).unwrap());
        prop_assert_eq!(one.sectors(), two.sectors());
        for (a, b) in one.deliveries().iter().zip(two.deliveries()) {
            prop_assert!((a - b).abs() < 1e-12 * x.max(1.0));
        }
        // results aggregated after solving: footprints keep their total
        let groups = Groups::new(&system, &aggregation).unwrap();
        let solved = factor.solve(demand);
        prop_assert!((groups.sum(&solved).unwrap().iter().sum::<f64>() - x).abs() < 1e-9 * x);
    }

    /// Whatever the provinces look like, the country comes back.
    #[test]
    fn nested_provinces_add_up_to_the_country(noise in prop::collection::vec(0.3..3.0f64, 36), exports in prop::collection::vec(0.3..3.0f64, 6)) {
        let world = country();
        let mut table = provinces();
        table.deliveries.iter_mut().zip(&noise).for_each(|(v, f)| *v *= f);
        table.exports.iter_mut().zip(&exports).for_each(|(v, f)| *v *= f);
        let options = NestingOptions { tolerance: 1e-6, max_iterations: 20_000, ..NestingOptions::new(one_to_one()) };
        match nest_regions(&world, "XXX", &table, &options) {
            Ok(nested) => {
                let back = back_together(&nested.system, &["AAA", "BBB"]);
                for (a, b) in back.deliveries().iter().zip(world.deliveries()).chain(back.final_demand().iter().zip(world.final_demand())) {
                    prop_assert!((a - b).abs() < 1e-9 * b.abs().max(1.0));
                }
                prop_assert!(nested.system.deliveries().iter().all(|v| *v >= 0.0));
            }
            // some provinces fit into no country: that is said, with the place
            Err(error) => prop_assert!(matches!(error, ChainError::NotConverged { .. }), "{error}"),
        }
    }
}
