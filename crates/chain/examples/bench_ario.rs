//! CPU time and peak memory of day-by-day models on a made-up table (no real place) of the shape of a world table. Linux only: it reads
//! /proc.
//!
//! `cargo run --release --example bench_ario -- REGIONS SECTORS DAYS SCENARIOS [MODEL] [DIRECTORY]` with MODEL ario (default), coded (as
//! BoARIO computes it) or pbl. Every scenario takes half the capacity of one industry for thirty days. With a DIRECTORY the table is read
//! from z.f64 and y.f64 there (row by row, little endian), and world output is printed for a comparison.
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

fn read(directory: &str, name: &str, length: usize) -> Vec<f64> {
    let mut file = BufReader::with_capacity(1 << 20, File::open(format!("{directory}/{name}.f64")).unwrap());
    let mut bytes = [0; 8];
    let mut value = || {
        file.read_exact(&mut bytes).unwrap();
        f64::from_le_bytes(bytes)
    };
    (0..length).map(|_| value()).collect()
}

/// Deliveries and final demand: a shape, not an economy. Few large cells and many small ones, larger at home.
fn made_up(regions: usize, sectors: usize) -> (Vec<f64>, Vec<f64>) {
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
            z.extend((0..sectors).map(|_| size * next().powi(3)));
        }
    }
    let mut y = Vec::with_capacity(n * regions);
    for i in 0..n {
        let size = sectors as f64 / 4.0 * 1.25;
        y.extend((0..regions).map(|r| size * (0.5 + next()) * if r == i / sectors { 0.8 } else { 0.8 * abroad }));
    }
    (z, y)
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let number = |at: usize, default: usize| arguments.get(at).map_or(default, |a| a.parse().unwrap());
    let (regions, sectors, days, count) = (number(0, 77), number(1, 45), number(2, 365), number(3, 1));
    let model = arguments.get(4).map_or("ario", String::as_str);
    let n = regions * sectors;
    println!(
        "made-up table, {regions} regions × {sectors} sectors, n = {n}, {days} days, {count} scenarios, {model}, {} threads",
        rayon::current_num_threads()
    );
    let (z, y) = match arguments.get(5) {
        Some(directory) => (read(directory, "z", n * n), read(directory, "y", n * regions)),
        None => made_up(regions, sectors),
    };
    let industries = (0..n).map(|i| (format!("R{}", i / sectors), format!("s{}", i % sectors))).collect();
    let demand = (0..regions).map(|r| (format!("R{r}"), "final".to_owned())).collect();
    let system = InputOutputSystem::new("made up", 2020, "units", industries, z, demand, y, SystemOptions::default()).unwrap();
    let scenarios: Vec<Scenario> = (0..count)
        .map(|at| {
            let disturbance = Disturbance::Capacity { industries: vec![(at * 7 + 4) % n], losses: vec![0.5] };
            let course = Course { start: 1, end: 31, recovery: Recovery::AtOnce };
            Scenario::new(&system, format!("{at}"), days, vec![Shock { name: "half".into(), disturbance, course }]).unwrap()
        })
        .collect();
    let (start, wall) = (cpu_seconds(), Instant::now());
    let runs = match model {
        "ario" | "coded" => {
            let convention = match model {
                "coded" => ArioConvention::BoarioAsCoded { capital_to_value_added: 4.0, decimals: 1 },
                _ => ArioConvention::AsPublished,
            };
            let options = ArioOptions { convention, ..Default::default() };
            let cases: Vec<_> = scenarios.iter().map(|scenario| (scenario, &options)).collect();
            adaptive_regional_input_output_batch(&system, &cases).unwrap()
        }
        "pbl" => {
            let options = PartiallyBindingOptions::default();
            let cases: Vec<_> = scenarios.iter().map(|scenario| (scenario, &options)).collect();
            partially_binding_leontief_batch(&system, &cases).unwrap()
        }
        other => {
            println!("no model {other}");
            return;
        }
    };
    let (used, wall) = (cpu_seconds() - start, wall.elapsed().as_secs_f64());
    println!("all after reading {used:.2} CPU s {wall:.2} s wall peak {:.2} GB", peak_gigabytes());
    for run in runs.iter().take(3) {
        let path: Vec<String> =
            [0, 1, 5, days - 1].iter().map(|day| format!("{:.12e}", run.world_output[(*day).min(run.days - 1)])).collect();
        println!("{} {:?} lost {:.6e} output {}", run.scenario, run.stability, -run.cumulative_output_change(), path.join(" "));
    }
}
