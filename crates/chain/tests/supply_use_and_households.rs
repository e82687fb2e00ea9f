//! Supply and use tables made input-output; households made endogenous.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod made_up_tables;

use frame::{FrameError, LabelledVector, Labels};
use made_up_tables::*;
use proptest::prelude::*;
use serde_json::Value;
use xinzhi_chain::*;

const MODELS: [SupplyUseModel; 4] = [
    SupplyUseModel::ProductTechnology,
    SupplyUseModel::IndustryTechnology,
    SupplyUseModel::FixedIndustrySales,
    SupplyUseModel::FixedProductSales,
];

/// The published tables are rounded to a million dollars and balance to six of them.
const ROUNDED: f64 = 1e-5;

/// The published summary tables of the Bureau of Economic Analysis for 2017, before redefinitions, producer prices.
fn united_states() -> SupplyUseTables {
    let read = |text: &str| -> Vec<Vec<String>> { text.lines().map(|l| l.split(',').map(str::to_owned).collect()).collect() };
    let make = read(include_str!("data/us_bea_summary_2017_make.csv"));
    let used = read(include_str!("data/us_bea_summary_2017_use.csv"));
    let number = |cell: &String| cell.parse::<f64>().unwrap();
    let usa = |code: &String| pair("USA", code);
    let (products, industries): (Vec<_>, Vec<_>) = (make[0][1..].iter().map(usa).collect(), make[1..].iter().map(|r| usa(&r[0])).collect());
    let (p, k) = (products.len(), industries.len());
    SupplyUseTables {
        name: "US summary make and use".to_owned(),
        period: 2017,
        unit: "million USD".to_owned(),
        make: make[1..].iter().flat_map(|r| r[1..].iter().map(number)).collect(),
        intermediate_use: used[1..=p].iter().flat_map(|r| r[1..=k].iter().map(number)).collect(),
        final_use_columns: used[0][k + 1..].iter().map(usa).collect(),
        final_use: used[1..=p].iter().flat_map(|r| r[k + 1..].iter().map(number)).collect(),
        value_added: used[p + 1..].iter().map(|r| (r[0].clone(), r[1..=k].iter().map(number).collect())).collect(),
        products,
        industries,
    }
}

/// The same with used and non-comparable goods counted to the products of state enterprises, only to have as many products as industries.
fn united_states_square() -> SupplyUseTables {
    let mut tables = united_states();
    let (k, m) = (71, tables.final_use_columns.len());
    for row in [71, 72] {
        for j in 0..k {
            tables.intermediate_use[70 * k + j] += tables.intermediate_use[row * k + j];
            tables.make[j * 73 + 70] += tables.make[j * 73 + row];
        }
        for j in 0..m {
            tables.final_use[70 * m + j] += tables.final_use[row * m + j];
        }
    }
    tables.make = tables.make.chunks_exact(73).flat_map(|r| r[..71].to_vec()).collect();
    tables.intermediate_use.truncate(71 * k);
    tables.final_use.truncate(71 * m);
    tables.products.truncate(71);
    tables
}

fn position(labels: &[(String, String)], code: &str) -> usize {
    labels.iter().position(|l| l.1 == code).unwrap()
}

/// Held against the four models computed apart in numpy (`data/us_bea_supply_use_golden.json`).
#[test]
fn four_models_of_the_united_states() {
    let golden: Value = serde_json::from_str(include_str!("data/us_bea_supply_use_golden.json")).unwrap();
    let value = |key: &str| golden[key].as_f64().unwrap();
    let (whole, square) = (united_states(), united_states_square());
    assert_eq!((whole.products.len(), whole.industries.len()), (73, 71));
    for (model, tables, letter) in
        [(MODELS[0], &square, 'A'), (MODELS[1], &whole, 'B'), (MODELS[2], &square, 'C'), (MODELS[3], &whole, 'D')]
    {
        let table = input_output_from_supply_use(tables, model, ROUNDED).unwrap();
        let n = table.sectors.len();
        assert_eq!(n, if letter == 'B' { 73 } else { 71 });
        close(table.deliveries.iter().sum(), value(&format!("{letter}_sum_Z")), 1e-9);
        let (semiconductors, cars) = (position(&table.sectors, "334"), position(&table.sectors, "3361MV"));
        close(table.deliveries[semiconductors * n + cars], value(&format!("{letter}_334_3361MV")), 1e-9);
        // the published tables balance to six million; the inverse in model C makes more of such differences
        let rounding = if letter == 'C' { 20.0 } else { 7.0 };
        let (rows, columns) = (table.row_residual, table.column_residual);
        assert!(rows < rounding && columns < rounding, "{letter}: {rows} {columns}");
        let value_added: f64 = table.value_added.iter().flat_map(|r| &r.1).sum();
        assert!((value_added - 19_612_097.0).abs() < 0.5, "{letter}: {value_added}");
        assert!(table.without_producer.is_empty());
    }
    let a = input_output_from_supply_use(&square, MODELS[0], ROUNDED).unwrap();
    assert_eq!(a.negative_flows.len() as f64, value("A_negative_count"));
    close(a.negative_mass, value("A_negative_mass"), 1e-8);
    close(a.negative_flows[0].value, value("A_min"), 1e-8);
    let error = a.system(NegativeFlows::Refuse).unwrap_err();
    assert!(matches!(error, ChainError::Flow { .. }));
    assert!(a.system(NegativeFlows::SetToZero).unwrap().repairs().negative_flows >= a.negative_flows.len());
    let c = input_output_from_supply_use(&square, MODELS[2], ROUNDED).unwrap();
    close(c.negative_mass, value("C_negative_mass"), 1e-8);
    // D makes no negative flow of its own: two are left of the five negative uses (of used goods) that were published
    let d = input_output_from_supply_use(&whole, MODELS[3], ROUNDED).unwrap();
    assert_eq!((whole.intermediate_use.iter().filter(|u| **u < 0.0).count(), d.negative_flows.len()), (5, 2));
    close(d.negative_mass, -98.21345342526133, 1e-9);
    close(d.deliveries[0], value("D_Z_0_0"), 1e-9);
    let system = d.system(NegativeFlows::SetToZero).unwrap();
    let inverse: f64 = Factor::new(&system).unwrap().columns(0..71).iter().sum();
    // numpy keeps the two and divides by the row sums of the make table, the system by its own, up to six million apart
    assert!((inverse / value("D_L_sum") - 1.0).abs() < 1e-4, "{inverse}");
}

/// Model A's product technology: every industry's inputs are those of its products.
#[test]
fn technologies_and_sales_are_what_the_models_assume() {
    let tables = united_states_square();
    let n = 71;
    let a = input_output_from_supply_use(&tables, MODELS[0], ROUNDED).unwrap();
    let c = input_output_from_supply_use(&tables, MODELS[2], ROUNDED).unwrap();
    for (i, j) in [(0, 0), (12, 14), (20, 3), (55, 60)] {
        // U = A V' with A the product-by-product coefficients
        let inputs: f64 = (0..n).map(|p| a.deliveries[i * n + p] / a.output[p] * tables.make[j * n + p]).sum();
        close(inputs, tables.intermediate_use[i * n + j], 1e-8);
        // V' ĝ⁻¹ Z = U: each industry's sales are in the shares of what it makes
        let uses: f64 = (0..n).map(|k| tables.make[k * n + i] / c.output[k] * c.deliveries[k * n + j]).sum();
        close(uses, tables.intermediate_use[i * n + j], 1e-7);
    }
}

#[test]
fn diagonal_supply_gives_the_use_table_itself() {
    let tables = SupplyUseTables {
        name: "made up".to_owned(),
        period: 2020,
        unit: "units".to_owned(),
        products: vec![pair("A", "p1"), pair("A", "p2")],
        industries: vec![pair("A", "i1"), pair("A", "i2")],
        make: vec![100.0, 0.0, 0.0, 80.0],
        intermediate_use: vec![20.0, 10.0, 30.0, 30.0],
        final_use_columns: vec![pair("A", "final")],
        final_use: vec![70.0, 20.0],
        value_added: vec![("wages".to_owned(), vec![30.0, 30.0]), ("profits".to_owned(), vec![20.0, 10.0])],
    };
    for model in MODELS {
        let table = input_output_from_supply_use(&tables, model, 1e-9).unwrap();
        all_close(&table.deliveries, &tables.intermediate_use, 1e-14);
        all_close(&table.final_demand, &tables.final_use, 1e-14);
        all_close(&table.value_added[1].1, &[20.0, 10.0], 1e-14);
        assert_eq!(table.sectors[0].1, if model.by_product() { "p1" } else { "i1" });
    }
    let with = |change: &dyn Fn(&mut SupplyUseTables)| {
        let mut tables = tables.clone();
        change(&mut tables);
        input_output_from_supply_use(&tables, SupplyUseModel::FixedIndustrySales, 1e-9).unwrap_err()
    };
    assert!(matches!(with(&|t| t.make.truncate(3)), ChainError::Shape { .. }));
    let error = with(&|t| t.final_use[1] = 21.0);
    assert!(error.to_string().contains("product A p2: 80 is made of it and 81 used"), "{error}");
    assert!(matches!(with(&|t| t.value_added[0].1[1] = 31.0), ChainError::Balance { sector, .. } if sector == "A i2"));
    assert!(matches!(with(&|t| t.value_added[0].1.truncate(1)), ChainError::Shape { .. }));
    assert!(matches!(with(&|t| t.intermediate_use[0] = f64::NAN), ChainError::Refused { .. }));
    assert!(matches!(with(&|t| *t = SupplyUseTables::default()), ChainError::Empty { .. }));
    // two industries that make the same mixture cannot be told apart
    let same = with(&|t| {
        t.make = vec![50.0, 40.0, 50.0, 40.0];
        t.intermediate_use = vec![20.0, 10.0, 30.0, 30.0];
        t.value_added = vec![("all".to_owned(), vec![40.0, 50.0])];
    });
    assert!(matches!(same, ChainError::Singular { .. }), "{same}");
    // a third product that nobody makes: imported as much as used
    let mut imported = tables.clone();
    imported.products.push(pair("A", "p3"));
    imported.make = vec![100.0, 0.0, 0.0, 0.0, 80.0, 0.0];
    imported.intermediate_use.extend([5.0, 0.0]);
    imported.final_use.push(-5.0);
    imported.value_added[0].1[0] = 25.0;
    let error = input_output_from_supply_use(&imported, SupplyUseModel::ProductTechnology, 1e-9).unwrap_err();
    assert!(error.to_string().contains("as many products as industries, but there are 3 and 2"), "{error}");
    let table = input_output_from_supply_use(&imported, SupplyUseModel::FixedProductSales, 1e-9).unwrap();
    assert_eq!(table.without_producer, [("A".to_owned(), "p3".to_owned(), 5.0)]);
    assert_eq!(table.value_added[2], ("inputs without domestic producer".to_owned(), vec![5.0, 0.0]));
    assert!(table.column_residual < 1e-12 && table.row_residual < 1e-12);
}

/// Miller and Blair's two-sector example closed for households: printed with three decimals in the book's sections 2.5 and 6.2 (and in
/// MIT's course 11.481 of 2009 after its first edition); more digits from numpy.
fn miller_and_blair() -> (InputOutputSystem, HouseholdClosure) {
    let sectors = vec![pair("A", "1"), pair("A", "2")];
    let columns = vec![pair("A", "households"), pair("A", "other")];
    let (z, y) = (vec![150.0, 500.0, 200.0, 100.0], vec![50.0, 300.0, 400.0, 1300.0]);
    let system = InputOutputSystem::new("Miller and Blair", 2009, "dollars", sectors, z, columns, y, SystemOptions::default()).unwrap();
    let of = |value| LabelledVector::new(Labels::new("regions", ["A"]).unwrap(), vec![value]).unwrap();
    let closure = HouseholdClosure {
        wages: vec![300.0, 500.0],
        consumption: vec!["households".to_owned()],
        spending: Spending::OutOfIncome(of(1000.0)),
        between_households: Some(of(50.0)),
    };
    (system, closure)
}

#[test]
fn closed_model_of_miller_and_blair() {
    let (system, closure) = miller_and_blair();
    let factor = Factor::new(&system).unwrap();
    let closed = ClosedSystem::new(&factor, &closure).unwrap();
    let expected = [
        [1.365086115245588, 0.425260472039124, 0.25090367850308315],
        [0.5273229853285138, 1.348075696364023, 0.5953646608547737],
        [0.5698490325324261, 0.48904954284499264, 1.2885392302785457],
    ];
    let printed = [[1.365, 0.425, 0.251], [0.527, 1.348, 0.595], [0.570, 0.489, 1.289]];
    for j in 0..3 {
        let mut unit = [0.0; 3];
        unit[j] = 1.0;
        let (output, income) = closed.solve(&unit[..2], &unit[2..]).unwrap();
        for (i, found) in output.iter().chain(&income).enumerate() {
            close(*found, expected[i][j], 1e-12);
            assert!((found - printed[i][j]).abs() < 6e-4);
        }
    }
    let jobs = Measure { name: "jobs".to_owned(), flows: vec![220.0, 350.0] };
    let multipliers = closed.multipliers(&[jobs]).unwrap();
    let row = |measure: &str, sector: &str| multipliers.rows.iter().find(|r| r.measure == measure && r.sector == sector).unwrap();
    // simple output multipliers 1.518 and 1.452, with households 2.462 and 2.262, of which households' own rows are .570 and .489
    for (sector, simple, total, own) in [("1", 1.518, 2.462, 0.570), ("2", 1.452, 2.262, 0.489)] {
        let (output, income) = (row("output", sector), row("income", sector));
        assert!((output.simple - simple).abs() < 6e-4 && (output.total + own - total).abs() < 1.1e-3);
        assert_eq!((output.direct, output.type_one, output.type_two), (1.0, Some(output.simple), Some(output.total)));
        assert!((income.total - own).abs() < 6e-4);
    }
    // income: Type I and II ratios, .3 × 1.254 + .25 × .264 = .442 over .3
    let income = row("income", "1");
    close(income.direct, 0.3, 1e-15);
    close(income.simple, 0.3 * 1.2541254125412542 + 0.25 * 0.264026402640264, 1e-12);
    close(income.type_one.unwrap(), income.simple / 0.3, 1e-15);
    // in one region both types stand in one proportion for all industries (Bradley and Gander 1969)
    let ratio = |sector| row("income", sector).type_two.unwrap() / row("income", sector).type_one.unwrap();
    close(ratio("1"), ratio("2"), 1e-12);
    close(ratio("1"), multipliers.income_generated[0].1, 1e-12);
    close(row("jobs", "1").total, 0.22 * expected[0][0] + 0.175 * expected[1][0], 1e-12);
    close(multipliers.propensity[0].1, 0.5, 1e-15);
}

#[test]
fn impossible_closures_are_refused_by_name() {
    let (system, closure) = miller_and_blair();
    let factor = Factor::new(&system).unwrap();
    let with = |change: &dyn Fn(&mut HouseholdClosure)| {
        let mut closure = closure.clone();
        change(&mut closure);
        ClosedSystem::new(&factor, &closure).err().expect("must be refused")
    };
    assert!(matches!(with(&|c| c.wages.truncate(1)), ChainError::Shape { .. }));
    let error = with(&|c| c.wages[1] = -1.0);
    assert!(error.to_string().contains("A 2: the wages are -1"), "{error}");
    assert!(matches!(with(&|c| c.consumption[0] = "house".to_owned()), ChainError::Frame(FrameError::UnknownLabel { .. })));
    assert!(matches!(with(&|c| c.spending = Spending::Share(1.5)), ChainError::Refused { .. }));
    // nothing is consumed: no pattern for a share, but no feedback either when income is given
    let none = |c: &mut HouseholdClosure| (c.consumption, c.spending) = (Vec::new(), Spending::Share(0.9));
    assert!(matches!(with(&none), ChainError::Nothing { place, .. } if place == "A"));
    let open = HouseholdClosure { consumption: Vec::new(), between_households: None, ..closure.clone() };
    let rows = ClosedSystem::new(&factor, &open).unwrap().multipliers(&[]).unwrap().rows;
    assert!(rows.iter().all(|r| r.total == r.simple));
    let of = |value| LabelledVector::new(Labels::new("regions", ["A"]).unwrap(), vec![value]).unwrap();
    assert!(matches!(with(&|c| c.spending = Spending::OutOfIncome(of(0.0))), ChainError::Nothing { .. }));
    // consumption of 450 out of an income of 80, of which all comes from wages of 800: more is spent than can be earned
    assert!(matches!(with(&|c| c.spending = Spending::OutOfIncome(of(80.0))), ChainError::NotProductive { .. }));
    let closed = ClosedSystem::new(&factor, &closure).unwrap();
    assert!(matches!(closed.solve(&[1.0], &[0.0]), Err(ChainError::Shape { .. })));
    assert!(matches!(closed.multipliers(&[Measure { name: "x".to_owned(), flows: vec![] }]), Err(ChainError::Shape { .. })));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Three regions' households at once, against the bordered matrix itself.
    #[test]
    fn households_of_all_regions_by_the_bordered_matrix((z, y) in table(), wage in 0.05..0.19f64, share in 0.3..1.0f64, f in prop::collection::vec(0.0..2.0f64, N)) {
        let system = system_of(z, y);
        let factor = Factor::new(&system).unwrap();
        let wages: Vec<f64> = system.output().iter().map(|x| wage * x).collect();
        let closure = HouseholdClosure { wages, consumption: vec!["final".to_owned()], spending: Spending::Share(share), between_households: None };
        let closed = ClosedSystem::new(&factor, &closure).unwrap();
        let size = N + REGIONS;
        let mut bordered = vec![0.0; size * size];
        for i in 0..N {
            for j in 0..N {
                bordered[i * size + j] = system.input_coefficient(i, j);
            }
            for r in 0..REGIONS {
                let spent: f64 = (0..N).map(|k| system.final_delivery(k, r)).sum();
                bordered[i * size + N + r] = share * system.final_delivery(i, r) / spent;
            }
            bordered[(N + i / SECTORS) * size + i] = wage;
        }
        let multipliers = closed.multipliers(&[Measure { name: "f".to_owned(), flows: f.iter().zip(system.output()).map(|(f, x)| f * x).collect() }]).unwrap();
        for j in [0, 4, N + 1] {
            let mut unit = vec![0.0; size];
            unit[j] = 1.0;
            let expected = solved(&bordered, &unit);
            let (output, income) = closed.solve(&unit[..N], &unit[N..]).unwrap();
            for (found, expected) in output.iter().chain(&income).zip(&expected) {
                prop_assert!((found - expected).abs() < 1e-9 * expected.abs().max(1.0));
            }
            if j < N {
                let total = |measure: usize| multipliers.rows[measure * N + j].total;
                let weighted: f64 = (0..N).map(|i| f[i] * expected[i]).sum();
                prop_assert!((total(0) - expected[..N].iter().sum::<f64>()).abs() < 1e-9 * total(0));
                prop_assert!((total(1) - expected[N..].iter().sum::<f64>()).abs() < 1e-9);
                prop_assert!((total(2) - weighted).abs() < 1e-9 * weighted.max(1.0));
            } else {
                prop_assert!((multipliers.income_generated[j - N].1 - expected[N..].iter().sum::<f64>()).abs() < 1e-9);
            }
        }
        for row in &multipliers.rows {
            prop_assert!(row.total >= row.simple - 1e-12 && row.simple >= row.direct - 1e-12);
        }
    }

    /// Every model keeps the accounts, whatever secondary products there are.
    #[test]
    fn models_keep_the_accounts(
        main in prop::collection::vec(50.0..100.0f64, 4),
        by in prop::collection::vec(0.0..8.0f64, 16),
        uses in prop::collection::vec(0.0..10.0f64, 16),
    ) {
        let codes = |letter: &str| (0..4).map(|i| pair("A", format!("{letter}{i}"))).collect::<Vec<_>>();
        let make: Vec<f64> = (0..16).map(|at| if at / 4 == at % 4 { main[at / 4] } else { by[at] }).collect();
        let (q, g): (Vec<f64>, Vec<f64>) = (0..4).map(|i| ((0..4).map(|k| make[k * 4 + i]).sum::<f64>(), make[i * 4..i * 4 + 4].iter().sum::<f64>())).unzip();
        let final_use: Vec<f64> = (0..4).map(|i| q[i] - uses[i * 4..i * 4 + 4].iter().sum::<f64>()).collect();
        let value_added: Vec<f64> = (0..4).map(|j| g[j] - (0..4).map(|i| uses[i * 4 + j]).sum::<f64>()).collect();
        let tables = SupplyUseTables {
            name: "random".to_owned(), period: 2020, unit: "units".to_owned(), products: codes("p"), industries: codes("i"), make,
            intermediate_use: uses.clone(), final_use_columns: vec![pair("A", "final")], final_use,
            value_added: vec![("value added".to_owned(), value_added.clone())],
        };
        for model in MODELS {
            let table = input_output_from_supply_use(&tables, model, 1e-9).unwrap();
            prop_assert!(table.row_residual < 1e-9 && table.column_residual < 1e-9, "{table:?}");
            let sum: f64 = table.value_added[0].1.iter().sum();
            prop_assert!((sum - value_added.iter().sum::<f64>()).abs() < 1e-9);
            prop_assert!((table.deliveries.iter().sum::<f64>() - uses.iter().sum::<f64>()).abs() < 1e-9 || !model.by_product());
            // B and D make no negative flow
            prop_assert!(table.negative_flows.is_empty() || matches!(model, SupplyUseModel::ProductTechnology | SupplyUseModel::FixedIndustrySales));
        }
    }
}
