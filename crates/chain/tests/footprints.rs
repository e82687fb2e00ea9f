//! Footprints, trade accounts, multipliers and linkages against pymrio, and what must hold for every table; all of it in every factor mode.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod made_up_tables;

use frame::{FrameError, LabelledMatrix, LabelledVector, Labels};
use made_up_tables::{N, REGIONS, SECTORS, mini, pair, system_of, table};
use proptest::prelude::*;
use serde_json::Value;
use xinzhi_chain::*;

const METHODS: [(FactorMethod, f64); 3] = [(FactorMethod::Lu, 1e-9), (FactorMethod::LuSingle, 1e-9), (FactorMethod::Iterative, 1e-9)];

fn factor(system: &InputOutputSystem, method: FactorMethod) -> Factor {
    Factor::with_options(system, FactorOptions { method, ..FactorOptions::default() }).unwrap()
}

fn data(key: &str) -> Value {
    let all: Value = serde_json::from_str(include_str!("data/pymrio.json")).unwrap();
    all[key].clone()
}

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(|v| v.as_f64().unwrap()).collect()
}

fn names(value: &Value) -> Vec<String> {
    value.as_array().unwrap().iter().map(|v| v.as_str().unwrap().to_owned()).collect()
}

fn system_from(table: &Value) -> InputOutputSystem {
    let (regions, sectors, categories) = (names(&table["regions"]), names(&table["sectors"]), names(&table["categories"]));
    let product = |seconds: &[String]| -> Vec<(String, String)> {
        regions.iter().flat_map(|r| seconds.iter().map(move |s| (r.clone(), s.clone()))).collect()
    };
    let (z, y) = (numbers(&table["Z"]), numbers(&table["Y"]));
    InputOutputSystem::new("pymrio", 2020, "units", product(&sectors), z, product(&categories), y, SystemOptions::default()).unwrap()
}

fn extension_from(system: &InputOutputSystem, ext: &Value) -> Extension {
    let k = ext["k"].as_u64().unwrap();
    let stressors = (0..k).map(|i| pair(format!("stressor {i}"), "units")).collect();
    let own = ext["F_Y"].as_array().map(|_| numbers(&ext["F_Y"]));
    Extension::new(system, ext["name"].as_str().unwrap(), stressors, numbers(&ext["F"]), own).unwrap()
}

/// Relative to the number itself, or to a 1e-3 of the largest of its kind where a number is small against the others.
#[track_caller]
fn all_close(what: &str, found: &[f64], expected: &Value, tolerance: f64) {
    let expected = numbers(expected);
    assert_eq!(found.len(), expected.len(), "{what}");
    let largest = expected.iter().fold(0.0, |l: f64, v| l.max(v.abs()));
    for (i, (found, expected)) in found.iter().zip(&expected).enumerate() {
        let scale = expected.abs().max(1e-3 * largest);
        assert!((found - expected).abs() <= tolerance * scale, "{what} {i}: found {found}, expected {expected}");
    }
}

#[test]
fn accounts_agree_with_pymrio_in_every_mode() {
    for key in ["small", "load_test"] {
        let table = data(key);
        let system = system_from(&table);
        let population = table["population"]
            .as_array()
            .map(|_| LabelledVector::new(Labels::new("people", names(&table["regions"])).unwrap(), numbers(&table["population"])).unwrap());
        let sectors = numbers(&table["numpy"]["by_sector"]);
        assert_eq!(bilateral_trade(&system).unwrap().by_sector.values().len(), sectors.len());
        all_close("gross trade", bilateral_trade(&system).unwrap().by_sector.values(), &table["numpy"]["by_sector"], 1e-12);
        for (method, tolerance) in METHODS {
            let leontief = factor(&system, method);
            assert_eq!(leontief.certificate().method, method);
            for ext in table["extensions"].as_array().unwrap() {
                let extension = extension_from(&system, ext);
                let options = FootprintOptions { population: population.clone(), imports_by_sector: true };
                let f = footprints(&leontief, &extension, &options).unwrap();
                let by = |what: &str, found: &LabelledMatrix| {
                    all_close(&format!("{key} {method:?} {} {what}", f.extension), found.values(), &ext[what], tolerance);
                };
                by("S", &f.s);
                by("M", &f.m);
                by("M_up", &f.m_up);
                by("M_down", &f.m_down);
                by("D_cba", &f.d_cba);
                by("D_pba", &f.d_pba);
                by("D_imp", f.d_imp.as_ref().unwrap());
                by("D_exp", &f.d_exp);
                by("D_cba_reg", &f.regional.d_cba);
                by("D_pba_reg", &f.regional.d_pba);
                by("D_imp_reg", &f.regional.d_imp);
                by("D_exp_reg", &f.regional.d_exp);
                if let Some(heads) = &f.per_capita {
                    by("D_cba_cap", &heads.d_cba);
                    by("D_pba_cap", &heads.d_pba);
                    by("D_imp_cap", &heads.d_imp);
                    by("D_exp_cap", &heads.d_exp);
                }
                match &f.s_y {
                    Some(s_y) => by("S_Y", s_y),
                    None => assert!(ext["S_Y"].is_null()),
                }
                let flat: Vec<f64> = f.bilateral.iter().flat_map(|b| b.values().to_vec()).collect();
                all_close("bilateral", &flat, &ext["numpy"]["bilateral"], tolerance);
                let eebt = emissions_in_bilateral_trade(&extension).unwrap();
                let flat: Vec<f64> = eebt.iter().flat_map(|b| b.values().to_vec()).collect();
                all_close("EEBT", &flat, &ext["numpy"]["eebt"], 1e-9);
                let energy = names(&table["numpy"]["energy"]);
                let scopes = emission_scopes(&system, &f, &energy.iter().map(String::as_str).collect::<Vec<_>>()).unwrap();
                all_close("scope 2", scopes.scope_2.values(), &ext["numpy"]["scope_2"], 1e-9);
                for (((first, second), third), m) in
                    scopes.scope_1.values().iter().zip(scopes.scope_2.values()).zip(scopes.scope_3_upstream.values()).zip(f.m.values())
                {
                    assert!((first + second + third - m).abs() <= 1e-12 * m.abs());
                }
                all_close("multipliers", multipliers(&leontief, &extension).unwrap().total.values(), &ext["M"], tolerance);
            }
        }
    }
}

/// The numbers printed in the reference, as such.
#[test]
fn printed_numbers_of_pymrio() {
    let system = system_from(&data("small"));
    let leontief = Factor::new(&system).unwrap();
    let inverse = leontief.leontief_inverse();
    assert!((inverse.at(0, 0) / 1.3387146304736708 - 1.0).abs() < 1e-12);
    let mut unit = vec![0.0; 6];
    unit[1] = 1.0;
    assert!((leontief.ghosh_solve(unit)[0] - 0.28499301).abs() < 5e-9);
    let extension = extension_from(&system, &data("small")["extensions"][0]);
    let f = footprints(&leontief, &extension, &FootprintOptions { imports_by_sector: true, ..Default::default() }).unwrap();
    assert!((f.m_down.at(0, 0) - 0.48172779).abs() < 5e-9);
    assert!((f.d_imp.unwrap().at(0, 0) / 1.2792573306446737 - 1.0).abs() < 1e-9);
    assert!((f.d_exp.at(0, 0) / 8.251832343364468 - 1.0).abs() < 1e-9);

    let system = system_from(&data("load_test"));
    let n = system.size();
    let leontief = Factor::new(&system).unwrap();
    let inverse = leontief.leontief_inverse();
    let near = |found: f64, expected: f64| assert!((found / expected - 1.0).abs() < 1e-9, "{found} {expected}");
    near(system.output().iter().sum(), 3324005349.3050327);
    near((0..n * n).map(|at| system.input_coefficient(at / n, at % n)).sum(), 6.245417284842748);
    near(inverse.columns(0..n).iter().sum(), 55.119616504790216);
    near((0..n).map(|i| inverse.at(i, i)).sum(), 49.35071172883379);
    near(leontief.ghosh_solve(vec![1.0; n]).iter().sum(), 57.58067627371682);
    near(leontief.ghosh_solve_transposed(vec![1.0; n]).iter().sum(), 57.58067627371682);
    let extension = extension_from(&system, &data("load_test")["extensions"][1]);
    let f = footprints(&leontief, &extension, &FootprintOptions::default()).unwrap();
    let printed = [207752104.432, 115468289.281, 345798792.665, 446060180.24, 416485670.756, 824407840.666];
    for (found, printed) in f.regional.d_cba.row(0).iter().zip(printed) {
        assert!((found - printed).abs() < 1e-3, "{found} {printed}");
    }
}

#[test]
fn accounts_of_the_mini_table() {
    let all = data("mini");
    let system = mini();
    let co2 = Extension::new(&system, "co2 (made up)", vec![pair("co2", "t")], numbers(&all["co2_F"]), None).unwrap();
    for (method, tolerance) in METHODS {
        let leontief = factor(&system, method);
        let f = footprints(&leontief, &co2, &FootprintOptions::default()).unwrap();
        all_close("multipliers", f.m.values(), &all["co2_multipliers"], tolerance);
        all_close("cba", f.regional.d_cba.values(), &all["co2_D_cba_reg"], tolerance);
        all_close("pba", f.regional.d_pba.values(), &all["co2_D_pba_reg"], tolerance);
        all_close("imp", f.regional.d_imp.values(), &all["co2_D_imp_reg_pymrio"], tolerance);
        all_close("exp", f.regional.d_exp.values(), &all["co2_D_exp_reg_pymrio"], tolerance);
    }
}

#[test]
fn linkages_agree_with_the_full_inverse() {
    for key in ["small", "load_test"] {
        let table = data(key);
        let system = system_from(&table);
        for (method, tolerance) in METHODS {
            let rows = linkages(&factor(&system, method), LinkageOptions { variation: true });
            let by = |what: &str, of: &dyn Fn(&Linkage) -> f64| {
                all_close(what, &rows.iter().map(of).collect::<Vec<_>>(), &table["numpy"][what], tolerance);
            };
            by("backward", &|r| r.direct_backward);
            by("total_backward", &|r| r.total_backward);
            by("power", &|r| r.power_of_dispersion);
            by("direct_forward", &|r| r.direct_forward);
            by("total_forward", &|r| r.total_forward);
            by("sensitivity_ghosh", &|r| r.sensitivity_of_dispersion);
            by("sensitivity_leontief", &|r| r.sensitivity_by_leontief);
            by("cv_backward", &|r| r.backward_variation.unwrap());
            by("cv_forward", &|r| r.forward_variation.unwrap());
        }
    }
}

#[test]
fn accounts_are_refused_when_they_cannot_be() {
    let (small, other) = (system_from(&data("small")), mini());
    let extension = Extension::output(&other).unwrap();
    let leontief = Factor::new(&small).unwrap();
    let plain = FootprintOptions::default();
    assert!(matches!(footprints(&leontief, &extension, &plain), Err(ChainError::Different { .. })));
    assert!(matches!(multipliers(&leontief, &extension), Err(ChainError::Different { .. })));
    let extension = Extension::output(&small).unwrap();
    let people = |names: [&str; 2], heads| {
        let population = Some(LabelledVector::new(Labels::new("people", names).unwrap(), heads).unwrap());
        footprints(&leontief, &extension, &FootprintOptions { population, ..Default::default() })
    };
    assert!(matches!(people(["reg1", "reg3"], vec![1.0, 1.0]), Err(ChainError::Frame(FrameError::UnknownLabel { .. }))));
    assert!(matches!(people(["reg1", "reg2"], vec![1.0, 0.0]), Err(ChainError::Option { .. })));
    let accounts = footprints(&leontief, &extension, &plain).unwrap();
    assert!(matches!(emission_scopes(&small, &accounts, &["power"]), Err(ChainError::Frame(FrameError::UnknownLabel { .. }))));
    assert!(matches!(emission_scopes(&other, &accounts, &["D01"]), Err(ChainError::Shape { .. })));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Σ VA = Σ final demand; L Y 1 = x; Σ D_cba = Σ D_pba without F_Y; Σ D_imp = Σ D_exp: in every mode.
    #[test]
    fn accounts_close((z, y) in table(), flows in prop::collection::vec(0.0..5.0f64, 2 * N), own in prop::collection::vec(0.0..5.0f64, 2 * REGIONS)) {
        let system = system_of(z, y);
        let stressors = || vec![pair("a", "t"), pair("b", "t")];
        let extension = Extension::new(&system, "random", stressors(), flows, Some(own)).unwrap();
        let whole = |m: &LabelledMatrix| m.values().iter().sum::<f64>();
        let added: f64 = system.value_added().iter().sum();
        prop_assert!((added - system.total_final_demand()).abs() < 1e-9 * added);
        for (method, tolerance) in METHODS {
            let leontief = factor(&system, method);
            let certificate = leontief.certificate();
            let left = if method == FactorMethod::Iterative { 1e-6 } else { 1e-11 };
            prop_assert!(certificate.spectral_radius_at_most < 1.0 && certificate.residual <= left);
            let all: Vec<f64> = (0..N).map(|i| (0..REGIONS).map(|r| system.final_delivery(i, r)).sum()).collect();
            for (made, x) in leontief.solve(all).iter().zip(system.output()) {
                prop_assert!((made - x).abs() <= tolerance * x);
            }
            let f = footprints(&leontief, &extension, &FootprintOptions { imports_by_sector: true, ..Default::default() }).unwrap();
            let close = |a: f64, b: f64| (a - b).abs() <= tolerance * a.abs().max(b.abs()).max(1.0);
            let imports = f.d_imp.as_ref().unwrap();
            prop_assert!(close(whole(&f.d_cba), whole(&f.d_pba)));
            prop_assert!(close(whole(imports), whole(&f.d_exp)));
            prop_assert!(close(whole(&f.regional.d_cba), whole(&f.regional.d_pba)));
            prop_assert!(close(whole(&f.regional.d_imp), whole(&f.regional.d_exp)));
            for k in 0..2 {
                for r in 0..REGIONS {
                    // two ways to the same number: by transposed solves and by solves
                    let by_product: f64 = f.d_cba.row(k)[r * SECTORS..(r + 1) * SECTORS].iter().sum();
                    let by_producer: f64 = (0..REGIONS).map(|p| f.bilateral[k].at(p, r)).sum();
                    prop_assert!(close(by_product, by_producer));
                    let imported: f64 = imports.row(k)[r * SECTORS..(r + 1) * SECTORS].iter().sum();
                    prop_assert!(close(imported, f.regional.d_imp.at(k, r)));
                    let balance = f.regional.d_pba.at(k, r) + f.regional.d_imp.at(k, r) - f.regional.d_exp.at(k, r);
                    prop_assert!(close(balance, f.regional.d_cba.at(k, r)));
                }
                // EEBT splits production
                let traded = emissions_in_bilateral_trade(&extension).unwrap();
                for (made, sold) in (0..REGIONS).map(|r| &f.d_pba.row(k)[system.range_at(r)]).zip(traded[k].row_sums()) {
                    prop_assert!(close(made.iter().sum(), sold));
                }
            }
            // value added as an extension: M is 1 everywhere
            let ones = multipliers(&leontief, &Extension::value_added(&system).unwrap()).unwrap();
            prop_assert!(ones.total.values().iter().all(|m| close(*m, 1.0)));
        }
        let trade = bilateral_trade(&system).unwrap();
        for r in 0..REGIONS {
            let exports: f64 = system.gross_exports(&format!("R{r}")).unwrap().iter().sum();
            prop_assert!((trade.total.row_sums()[r] - exports).abs() < 1e-9);
        }
    }
}

fn national(exported: f64, imported: f64) -> NationalSystem {
    let domestic = vec![20.0, 30.0, 10.0, 5.0, 40.0, 15.0, 0.0, 10.0, 25.0];
    let abroad: Vec<f64> = domestic.iter().map(|z| z * imported).collect();
    let home = [50.0, 60.0, 70.0];
    let stocks = [3.0, -2.0, 1.0];
    let domestic_final: Vec<f64> = (0..3).flat_map(|i| [home[i], stocks[i], exported * (1.0 + i as f64)]).collect();
    let imported_final = vec![4.0 * imported, 0.0, 0.0, 6.0 * imported, 0.0, 0.0, 5.0 * imported, 0.0, 0.0];
    let output: Vec<f64> =
        (0..3).map(|i| (0..3).map(|j| domestic[i * 3 + j]).sum::<f64>() + domestic_final[i * 3..i * 3 + 3].iter().sum::<f64>()).collect();
    let wages = (0..3).map(|j| output[j] - (0..3).map(|i| domestic[i * 3 + j] + abroad[i * 3 + j]).sum::<f64>()).collect();
    NationalSystem::new(NationalTable {
        name: "made up".into(),
        period: 2020,
        unit: "units".into(),
        region: "X".into(),
        sectors: ["a", "b", "c"].map(String::from).to_vec(),
        domestic,
        imported: abroad,
        value_added: vec![("wages".into(), wages)],
        final_demand: ["home", "stocks", "exports"].map(String::from).to_vec(),
        domestic_final,
        imported_final,
        exports: Some("exports".into()),
    })
    .unwrap()
}

#[test]
fn open_economy_position_without_trade_is_the_closed_one() {
    // no trade, stocks as final use: the closed measure
    let closed = national(0.0, 0.0);
    let world = chain_position(&Factor::new(closed.domestic()).unwrap());
    let absorbed = closed.domestic().output();
    for ((row, world), x) in open_economy_position(&closed, &[]).unwrap().iter().zip(&world).zip(absorbed) {
        assert!((row.upstreamness.unwrap() - world.upstreamness.unwrap()).abs() < 1e-12);
        assert!((row.absorption - x).abs() < 1e-12);
    }
    assert!(open_economy_position(&closed, &["storage"]).is_err());

    // by repeated substitution, U_i = 1 + Σ_j z_ij U_j / (x_i − e_i + m_i − n_i)
    let open = national(8.0, 0.2);
    let rows = open_economy_position(&open, &["stocks"]).unwrap();
    let domestic = open.domestic();
    let m = [[20.0, 30.0, 10.0], [5.0, 40.0, 15.0], [0.0, 10.0, 25.0]];
    let (final_imports, stocks) = ([0.8, 1.2, 1.0], [3.0, -2.0, 1.0]);
    let mut u = [1.0; 3];
    for _ in 0..500 {
        let before = u;
        for i in 0..3 {
            let imports = 0.2 * m[i].iter().sum::<f64>() + final_imports[i];
            let divisor = domestic.output()[i] - 8.0 * (1.0 + i as f64) + imports - stocks[i];
            assert!((divisor - rows[i].absorption).abs() < 1e-12);
            u[i] = 1.0 + m[i].iter().zip(before).map(|(z, u)| 1.2 * z * u / divisor).sum::<f64>();
        }
    }
    for (row, u) in rows.iter().zip(u) {
        assert!((row.upstreamness.unwrap() - u).abs() < 1e-12);
    }
}

/// A made-up world of 11 regions × 100 sectors, large enough for every path that runs in parallel.
fn large() -> (InputOutputSystem, Extension) {
    let (regions, sectors) = (11, 100);
    let n = regions * sectors;
    let mut seed = 1u64;
    let mut next = || {
        seed = seed.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (seed >> 33) as f64 / f64::from(1u32 << 31)
    };
    let z: Vec<f64> = (0..n * n).map(|at| next() * if at / n / sectors == at % n / sectors { 1.0 } else { 0.03 }).collect();
    let y: Vec<f64> = (0..n * regions).map(|_| 10.0 * next()).collect();
    let industries = (0..n).map(|i| pair(format!("R{}", i / sectors), i % sectors)).collect();
    let demand = (0..regions).map(|r| pair(format!("R{r}"), "final")).collect();
    let system = InputOutputSystem::new("made up", 2020, "units", industries, z, demand, y, SystemOptions::default()).unwrap();
    let flows = (0..2 * n).map(|_| next()).collect();
    let extension = Extension::new(&system, "made up", vec![pair("a", "t"), pair("b", "t")], flows, None).unwrap();
    (system, extension)
}

/// The same bytes on one thread and on many, and the same numbers in every mode.
#[test]
fn any_number_of_threads_in_every_mode() {
    let (system, extension) = large();
    let run = |threads, options: FactorOptions| {
        rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap().install(|| {
            let leontief = Factor::with_options(&system, options).unwrap();
            let f = footprints(&leontief, &extension, &FootprintOptions::default()).unwrap();
            [f.m.values(), f.m_down.values(), f.d_cba.values(), f.d_exp.values(), f.regional.d_imp.values()].concat()
        })
    };
    let exact = run(1, FactorOptions { method: FactorMethod::Lu, ..FactorOptions::default() });
    let largest = exact.iter().fold(0.0, |l: f64, v| l.max(v.abs()));
    for method in [FactorMethod::Lu, FactorMethod::LuSingle, FactorMethod::Iterative] {
        for (accuracy, tolerance) in [(1e-12, 1e-9), (1e-7, 1e-6)] {
            let options = FactorOptions { method, accuracy, solves: None };
            let (one, many) = (run(1, options), run(4, options));
            assert_eq!(one.iter().map(|v| v.to_bits()).collect::<Vec<_>>(), many.iter().map(|v| v.to_bits()).collect::<Vec<_>>());
            for (found, exact) in one.iter().zip(&exact) {
                let scale = exact.abs().max(1e-6 * largest);
                assert!((found - exact).abs() <= tolerance * scale, "{method:?} {accuracy}: {found} {exact}");
            }
        }
    }
}

#[test]
fn auto_chooses_by_size_and_use() {
    let (system, _) = large();
    let method = |solves| Factor::with_options(&system, FactorOptions { solves, ..FactorOptions::default() }).unwrap().certificate().method;
    assert_eq!((method(None), method(Some(20)), method(Some(10))), (FactorMethod::Lu, FactorMethod::Lu, FactorMethod::Iterative));
    let options = FactorOptions { accuracy: 0.0, ..FactorOptions::default() };
    assert!(matches!(Factor::with_options(&system, options), Err(ChainError::Option { .. })));
}

/// Two industries that use up more than they make, or exactly all: refused in every mode, never solved to numbers.
#[test]
fn unproductive_systems_are_refused_in_every_mode() {
    for (flow, stocks) in [(15.0, -5.0), (10.0, 0.0)] {
        let (sectors, demand) = (vec![pair("A", "i"), pair("B", "i")], vec![pair("A", "f"), pair("B", "f")]);
        let (z, y) = (vec![0.0, flow, flow, 0.0], vec![stocks, 0.0, 0.0, stocks]);
        let system = InputOutputSystem::new("draining", 2020, "units", sectors, z, demand, y, SystemOptions::default()).unwrap();
        for (method, _) in METHODS {
            let refused = Factor::with_options(&system, FactorOptions { method, ..FactorOptions::default() }).map(|_| ());
            assert!(
                matches!(refused, Err(ChainError::NotProductive { .. } | ChainError::Singular { .. } | ChainError::NotConverged { .. })),
                "{method:?} {refused:?}"
            );
        }
    }
}
