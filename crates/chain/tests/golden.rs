//! Published examples, peers' numbers and independently computed ones.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use serde_json::Value;
use xinzhi_chain::*;

fn pair(a: &str, b: &str) -> (String, String) {
    (a.to_owned(), b.to_owned())
}

fn mini() -> InputOutputSystem {
    let regions = ["AAA", "BBB", "CCC"];
    let (mut z, mut y) = (Vec::new(), Vec::new());
    for line in include_str!("data/mini.csv").lines() {
        let row: Vec<f64> = line.split(',').map(|cell| cell.parse().unwrap()).collect();
        z.extend(&row[..9]);
        y.extend(&row[9..]);
    }
    let sectors = regions.iter().flat_map(|r| ["D01", "D02", "D03"].map(|s| pair(r, s))).collect();
    let categories = regions.iter().flat_map(|r| ["C", "I"].map(|c| pair(r, c))).collect();
    InputOutputSystem::new("mini (made up)", 2020, "units", sectors, z, categories, y, SystemOptions::default()).unwrap()
}

fn golden() -> Value {
    serde_json::from_str(include_str!("data/mini_golden.json")).unwrap()
}

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(|v| v.as_f64().unwrap()).collect()
}

#[track_caller]
fn close(found: f64, expected: f64, tolerance: f64) {
    assert!((found - expected).abs() <= tolerance * expected.abs().max(1.0), "found {found}, expected {expected}");
}

#[track_caller]
fn all_close(found: &[f64], expected: &[f64], tolerance: f64) {
    assert_eq!(found.len(), expected.len());
    found.iter().zip(expected).for_each(|(f, e)| close(*f, *e, tolerance));
}

#[test]
fn core_matrices_of_the_mini_table() {
    let (system, golden) = (mini(), golden());
    all_close(system.output(), &numbers(&golden["x"]), 1e-15);
    all_close(system.value_added_coefficients(), &numbers(&golden["va_coef"]), 1e-14);
    let inverse = Factor::new(&system).unwrap().leontief_inverse();
    close(inverse.at(0, 0), golden["L_00"].as_f64().unwrap(), 1e-13);
    let sum: f64 = inverse.columns(0..9).iter().sum();
    close(sum, golden["L_sum"].as_f64().unwrap(), 1e-13);
    let positions = chain_position(&inverse);
    let up: Vec<f64> = positions.iter().map(|p| p.upstreamness.unwrap()).collect();
    let down: Vec<f64> = positions.iter().map(|p| p.downstreamness.unwrap()).collect();
    all_close(&up, &numbers(&golden["output_upstreamness_rowsum_G"]), 1e-13);
    all_close(&down, &numbers(&golden["input_downstreamness_colsum_L"]), 1e-13);
    close(up.iter().sum(), golden["G_sum"].as_f64().unwrap(), 1e-13);
}

#[test]
fn value_added_in_exports_agrees_with_exvatools_and_with_the_long_way() {
    let (system, golden) = (mini(), golden());
    let factor = Factor::new(&system).unwrap();
    let all = value_added_in_all_exports(&factor).unwrap();
    for one in &all {
        for (name, term) in ValueAddedInExports::TERMS.iter().zip(one.terms()) {
            close(term, golden["exvatools_bm_src"][&one.region][name].as_f64().unwrap(), 1e-12);
            close(term, golden["BM_source_country"][&one.region][name].as_f64().unwrap(), 1e-12);
        }
        close(one.residual, 0.0, 1e-10);
        let alone = value_added_in_exports(&factor.leontief_inverse(), &one.region).unwrap();
        all_close(&alone.terms(), &one.terms(), 1e-12);
    }
}

#[test]
fn value_added_flows_agree_with_the_tiva_indicators_of_exvatools() {
    let (system, golden) = (mini(), golden());
    let tiva = &golden["exvatools_tiva"];
    let factor = Factor::new(&system).unwrap();
    all_close(system.value_added_by_region().unwrap().values(), &numbers(&tiva["VA"]), 1e-13);
    for (r, region) in ["AAA", "BBB", "CCC"].into_iter().enumerate() {
        let indicator = |name: &str| numbers(&tiva[name])[r];
        let origin = value_added_origin(&factor, region, FlowBasis::Exports, &Scope::All).unwrap();
        let own = origin.by_region.get(region).unwrap();
        close(own, indicator("EXGR_DVA"), 1e-12);
        close(origin.total - own, indicator("EXGR_FVA"), 1e-12);
        let destination = value_added_destination(&factor, region).unwrap();
        let home = destination.by_region.get(region).unwrap();
        close(home, indicator("DXD_DVA"), 1e-12);
        close(destination.total - home, indicator("FFD_DVA"), 1e-12);
        close(destination.by_region.values().iter().sum(), destination.total, 1e-12);
        let (top, rest) = destination.top(1);
        close(top[0].1 + rest, indicator("FFD_DVA"), 1e-12);
    }
}

#[test]
fn exposure_of_the_mini_table() {
    let (system, golden) = (mini(), golden());
    let factor = Factor::new(&system).unwrap();
    let exposures = look_through_exposures(&factor, &ExposureOptions::default()).unwrap();
    for (supplier, region) in ["AAA", "BBB", "CCC"].into_iter().enumerate() {
        let expected = numbers(&golden["FIR_lookthrough_source_by_user"][supplier]);
        let face = numbers(&golden["FIR_facevalue"][supplier]);
        for (user, exposure) in exposures.iter().enumerate() {
            let mut weighted = 0.0;
            for sector in 0..3 {
                close(exposure.by_industry.at(sector, supplier), expected[user * 3 + sector], 1e-13);
                close(exposure.by_industry_face_value.at(sector, supplier), face[user * 3 + sector], 1e-13);
                weighted += expected[user * 3 + sector] * system.output()[user * 3 + sector];
            }
            let output: f64 = system.output()[user * 3..user * 3 + 3].iter().sum();
            close(exposure.look_through.get(region).unwrap(), weighted / output, 1e-13);
        }
    }
    let two = Scope::sectors(["D02"]);
    let narrow = ExposureOptions { user_industries: two.clone(), supplier_industries: two, top: 1 };
    let exposure = look_through_exposure(&factor, "AAA", &narrow).unwrap();
    let inverse = factor.leontief_inverse();
    let l = [1, 4, 7].map(|i| inverse.at(i, 1));
    all_close(exposure.look_through.values(), &l.map(|v| v / l.iter().sum::<f64>()), 1e-13);
    assert_eq!((exposure.suppliers.len(), exposure.suppliers[0].region.as_str()), (1, "CCC"));
}

/// The small two-region, three-sector table of pymrio's own tests, with the inverse printed there.
#[test]
fn leontief_inverse_of_the_pymrio_test_table() {
    let z = [
        [10.0, 5.0, 1.0, 6.0, 5.0, 7.0],
        [0.0, 2.0, 0.0, 0.0, 5.0, 3.0],
        [10.0, 3.0, 20.0, 4.0, 2.0, 0.0],
        [5.0, 0.0, 0.0, 1.0, 10.0, 9.0],
        [0.0, 10.0, 1.0, 0.0, 20.0, 1.0],
        [5.0, 0.0, 0.0, 1.0, 10.0, 10.0],
    ];
    let y = [[14.0, 3.0], [2.5, 2.5], [13.0, 6.0], [5.0, 20.0], [10.0, 10.0], [3.0, 10.0]];
    let sectors = ["reg1", "reg2"].iter().flat_map(|r| ["sector1", "sector2", "sector3"].map(|s| pair(r, s))).collect();
    let demand = vec![pair("reg1", "final demand"), pair("reg2", "final demand")];
    let system =
        InputOutputSystem::new("pymrio test", 2020, "units", sectors, z.concat(), demand, y.concat(), SystemOptions::default()).unwrap();
    all_close(system.output(), &[51.0, 15.0, 58.0, 50.0, 52.0, 39.0], 0.0);
    let inverse = Factor::new(&system).unwrap().leontief_inverse();
    let expected = [
        (0, 0, 1.3387146304736708),
        (0, 5, 0.4985179148178926),
        (1, 1, 1.3716472861392823),
        (2, 2, 1.5492942759220427),
        (4, 1, 1.5325472495862535),
        (5, 3, 0.05562707205933412),
        (5, 5, 1.4849251515157111),
    ];
    for (i, j, value) in expected {
        close(inverse.at(i, j), value, 1e-13);
    }
    // G = x̂⁻¹ L x̂; pymrio gives G12 = 0.28499301
    close(inverse.at(0, 1) * system.output()[1] / system.output()[0], 0.28499301, 1e-7);
}

#[test]
fn miller_and_blair() {
    let demand = vec![pair("A", "final")];
    let sectors = vec![pair("A", "1"), pair("A", "2")];
    let z = vec![150.0, 500.0, 200.0, 100.0];
    let system =
        InputOutputSystem::new("Miller and Blair", 2009, "dollars", sectors, z, demand, vec![350.0, 1700.0], SystemOptions::default())
            .unwrap();
    all_close(system.output(), &[1000.0, 2000.0], 0.0);
    let a: Vec<f64> = (0..4).map(|k| system.input_coefficient(k / 2, k % 2)).collect();
    all_close(&a, &[0.15, 0.25, 0.20, 0.05], 1e-15);
    let inverse = Factor::new(&system).unwrap().leontief_inverse();
    all_close(&inverse.rows(0..2), &[1.25412541, 0.330033, 0.2640264, 1.12211221], 1e-6);
}

/// The closed form of a row extraction on the supply side, where the whole row goes: the loss of all industries from the golden file.
#[test]
fn supply_side_extraction_of_one_row() {
    let (system, golden) = (mini(), golden());
    let inverse = Factor::new(&system).unwrap().leontief_inverse();
    let (k, x) = (4, system.output());
    // x_k (G_k· − e_k) / G_kk with G = x̂⁻¹ L x̂: what single_cuts restricts to the columns of one user
    let loss: f64 = (0..9).map(|j| (inverse.at(k, j) * x[j] - if j == k { x[k] } else { 0.0 }) / inverse.at(k, k)).sum();
    close(loss, golden["HEM_BBB_D02_forward_row_ghosh"].as_f64().unwrap(), 1e-12);
}
