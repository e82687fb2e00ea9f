//! CPU time and peak memory of footprints on a made-up table (no real place) of the shape of a world table. Linux only: it reads /proc.
//!
//! `cargo run --release --example bench_footprints -- REGIONS SECTORS STRESSORS METHOD [WHAT] [ACCURACY] [DIRECTORY]` with METHOD one of auto, lu,
//! lu_single, iterative; WHAT one of accounts (default), imports (with D_imp by sector), factor (no accounts); ACCURACY the
//! residual, by default 1e-12. With a DIRECTORY the
//! table is read from z.f64, y.f64, f.f64 there (row by row, little endian) instead of being made up, and totals are printed for a
//! comparison.
#![allow(clippy::unwrap_used)]

use std::fs::{File, read_to_string};
use std::io::{BufReader, Read};
use std::time::Instant;
use xinzhi_chain::*;

/// User and system seconds of this process.
fn cpu_seconds() -> f64 {
    let stat = read_to_string("/proc/self/stat").unwrap();
    // the name in brackets may hold spaces; ticks are hundredths
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap().split_whitespace().collect();
    (fields[11].parse::<f64>().unwrap() + fields[12].parse::<f64>().unwrap()) / 100.0
}

fn peak_gigabytes() -> f64 {
    let status = read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<f64>().unwrap() / 1048576.0
}

fn timed<T>(what: &str, run: impl FnOnce() -> T) -> T {
    let (start, wall) = (cpu_seconds(), Instant::now());
    let result = run();
    println!(
        "{what:<28} {:>8.2} CPU s {:>8.2} s wall   peak {:.2} GB",
        cpu_seconds() - start,
        wall.elapsed().as_secs_f64(),
        peak_gigabytes()
    );
    result
}

fn read(directory: &str, name: &str, length: usize) -> Vec<f64> {
    let mut file = BufReader::with_capacity(1 << 20, File::open(format!("{directory}/{name}.f64")).unwrap());
    let mut bytes = [0; 8];
    let mut value = || {
        file.read_exact(&mut bytes).unwrap();
        f64::from_le_bytes(bytes)
    };
    (0..length).map(|_| value()).collect()
}

/// Deliveries, final demand and flows: a shape, not an economy. A fifth or so of all inputs comes from abroad and inputs are about half
/// of output, as in the world tables; final demand is four fifths domestic.
fn made_up(regions: usize, sectors: usize, stressors: usize) -> (Vec<f64>, Vec<f64>, Vec<f64>) {
    let n = regions * sectors;
    let mut seed = 1u64;
    let mut next = || {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) as f64 / f64::from(1u32 << 31)
    };
    let abroad = 0.25 / (regions as f64 - 1.0).max(1.0);
    let mut z = Vec::with_capacity(n * n);
    for i in 0..n {
        for r in 0..regions {
            let size = if r == i / sectors { 1.0 } else { abroad };
            // cubes: few large cells, many small ones
            z.extend((0..sectors).map(|_| size * next().powi(3)));
        }
    }
    let mut y = Vec::with_capacity(n * regions);
    for i in 0..n {
        let size = sectors as f64 / 4.0 * 1.25;
        y.extend((0..regions).map(|r| size * (0.5 + next()) * if r == i / sectors { 0.8 } else { 0.8 * abroad }));
    }
    let f = (0..n * stressors).map(|_| 10.0 * next()).collect();
    (z, y, f)
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let number = |at: usize, default: usize| arguments.get(at).map_or(default, |a| a.parse().unwrap());
    let (regions, sectors, stressors) = (number(0, 77), number(1, 45), number(2, 9));
    let method = match arguments.get(3).map(String::as_str) {
        Some("lu") => FactorMethod::Lu,
        Some("lu_single") => FactorMethod::LuSingle,
        Some("iterative") => FactorMethod::Iterative,
        _ => FactorMethod::Auto,
    };
    let accuracy = arguments.get(5).map_or(1e-12, |a| a.parse().unwrap());
    let what = arguments.get(4).map_or("accounts", String::as_str);
    let n = regions * sectors;
    println!(
        "made-up table, {regions} regions × {sectors} sectors, n = {n}, {stressors} stressors, {method:?}, residual {accuracy:e}, {} threads",
        rayon::current_num_threads()
    );
    let (z, y, f) = match arguments.get(6) {
        Some(directory) => (read(directory, "z", n * n), read(directory, "y", n * regions), read(directory, "f", n * stressors)),
        None => made_up(regions, sectors, stressors),
    };
    let industries = (0..n).map(|i| (format!("R{}", i / sectors), format!("s{}", i % sectors))).collect();
    let demand = (0..regions).map(|r| (format!("R{r}"), "final".to_owned())).collect();
    println!("table in memory: peak {:.2} GB", peak_gigabytes());
    let before = cpu_seconds();
    let system = timed("system (checks, output)", || {
        InputOutputSystem::new("made up", 2020, "units", industries, z, demand, y, SystemOptions::default()).unwrap()
    });
    let rows = (0..stressors).map(|k| (format!("stressor {k}"), "units".to_owned())).collect();
    let extension = Extension::new(&system, "made up", rows, f, None).unwrap();
    let factor = timed("factor and certificate", || {
        Factor::with_options(&system, FactorOptions { method, accuracy, solves: Some(regions + 2 * stressors) }).unwrap()
    });
    println!("{:?}", factor.certificate());
    if what == "factor" {
        return;
    }
    let options = FootprintOptions { population: None, imports_by_sector: what == "imports" };
    let accounts = timed("footprints", || footprints(&factor, &extension, &options).unwrap());
    println!("{:<28} {:>8.2} CPU s {:>21}", "all after reading", cpu_seconds() - before, format!("peak {:.2} GB", peak_gigabytes()));
    for (k, (cba, imp)) in accounts
        .regional
        .d_cba
        .values()
        .chunks_exact(regions)
        .zip(accounts.regional.d_imp.values().chunks_exact(regions))
        .enumerate()
        .take(2)
    {
        println!(
            "stressor {k}: D_cba of R0 {:.12e}, D_imp of R0 {:.12e}, sum of M {:.12e}, sum of M_down {:.12e}",
            cba[0],
            imp[0],
            accounts.m.row(k).iter().sum::<f64>(),
            accounts.m_down.row(k).iter().sum::<f64>()
        );
    }
}
