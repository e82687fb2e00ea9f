//! CPU time of scenarios in closed form on a made-up table (no real place) of the size of the world tables:
//! `cargo run --release --example bench_scenario [REGIONS SECTORS]`, by default 77 × 45. Linux only: it reads /proc.
#![allow(clippy::unwrap_used)]

use std::fs::read_to_string;
use std::time::Instant;
use xinzhi_chain::*;

/// User and system seconds of this process.
fn cpu_seconds() -> f64 {
    let stat = read_to_string("/proc/self/stat").unwrap();
    // the name in brackets may hold spaces; ticks are hundredths
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap().split_whitespace().collect();
    (fields[11].parse::<f64>().unwrap() + fields[12].parse::<f64>().unwrap()) / 100.0
}

fn peak_megabytes() -> f64 {
    let status = read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<f64>().unwrap() / 1024.0
}

fn timed<T>(what: &str, run: impl Fn() -> T) -> T {
    let (start, wall) = (cpu_seconds(), Instant::now());
    let result = run();
    let (cpu, wall) = (cpu_seconds() - start, wall.elapsed().as_secs_f64());
    println!("{what:<72} {cpu:>8.2} CPU s {wall:>8.2} s   peak {:>6.0} MB", peak_megabytes());
    result
}

fn main() {
    let size: Vec<usize> = std::env::args().skip(1).map(|a| a.parse().unwrap()).collect();
    let (regions, sectors) = if size.len() == 2 { (size[0], size[1]) } else { (77, 45) };
    let n = regions * sectors;
    println!("made-up table, {regions} regions × {sectors} sectors, n = {n}, {} threads", rayon::current_num_threads());
    let system = made_up(regions, sectors);
    let factor = timed("factor", || Factor::new(&system).unwrap());
    let everybody: Vec<usize> = (0..n).collect();
    let every_region: Vec<usize> = (0..regions).collect();
    let region = |r: usize| (r * sectors..(r + 1) * sectors).collect::<Vec<usize>>();
    let flow = |suppliers: Vec<usize>, loss: f64, users: Vec<usize>, final_users: Vec<usize>| Disturbance::Flow {
        losses: vec![loss; suppliers.len()],
        suppliers,
        users,
        final_users,
    };
    let capacity = |industries: Vec<usize>, loss: f64| Disturbance::Capacity { losses: vec![loss; industries.len()], industries };
    // half of the industries of a region lose much, the others little: not all of these bind
    let uneven =
        Disturbance::Capacity { losses: region(0).iter().map(|i| if i % 2 == 0 { 0.8 } else { 0.01 }).collect(), industries: region(0) };
    let scenarios = [
        ("region to region, embargo", vec![flow(region(0), 1.0, region(1), vec![1])]),
        ("one supplier to the whole world", vec![flow(vec![1], 0.7, everybody.clone(), every_region.clone())]),
        ("the whole world to one region", vec![flow(everybody.clone(), 0.7, region(1), vec![1])]),
        ("everybody to everybody, half", vec![flow(everybody.clone(), 0.5, everybody.clone(), every_region)]),
        ("earthquake in a region, half of its capacity", vec![capacity(region(0), 0.5)]),
        ("uneven loss of capacity in a region", vec![uneven]),
        ("embargo and earthquake", vec![flow(region(0), 1.0, region(1), vec![1]), capacity(region(2), 0.5)]),
        ("the whole world loses a tenth of its capacity", vec![capacity(everybody, 0.1)]),
    ];
    let models = [ClosedFormModel::Demand, ClosedFormModel::Supply, ClosedFormModel::Replacement(Replacement::Imports)];
    for (name, disturbances) in scenarios {
        let shocks = disturbances.into_iter().map(|disturbance| Shock { name: name.into(), disturbance, course: Course::always(365) });
        let scenario = Scenario::new(&system, name, 365, shocks.collect()).unwrap();
        for model in models {
            let result = timed(&format!("{name}, {}", model.name()), || closed_form(&factor, &scenario, model).unwrap());
            let worst = result.invariants.iter().map(|invariant| invariant.residual).fold(0.0, f64::max);
            let spectral = result.spectral_radius_at_most;
            println!("    binding {}, largest residual {worst:.1e}, spectral radius ≤ {spectral:.4}", result.capacity_binds.len());
        }
        if !scenario.shocks().iter().any(|shock| matches!(shock.disturbance, Disturbance::Capacity { .. })) {
            let view = timed(&format!("{name}, market closure"), || market_closure(&factor, &scenario, Replacement::None).unwrap());
            println!("    {} exporters", view.markets.len());
        }
    }
}

/// Random deliveries, larger at home, and final demand: a shape, not an economy.
fn made_up(regions: usize, sectors: usize) -> InputOutputSystem {
    let n = regions * sectors;
    let mut seed = 1u64;
    let mut next = || {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) as f64 / f64::from(1u32 << 31)
    };
    let z: Vec<f64> = (0..n * n).map(|at| next() * if at / n / sectors == at % n / sectors { 10.0 } else { 0.1 }).collect();
    let y: Vec<f64> = (0..n * regions).map(|_| 10.0 * next()).collect();
    let industries: Vec<_> = (0..n).map(|i| (format!("R{}", i / sectors), format!("s{}", i % sectors))).collect();
    let demand: Vec<_> = (0..regions).map(|r| (format!("R{r}"), "final".to_owned())).collect();
    InputOutputSystem::new("made up", 2020, "units", industries, z, demand, y, SystemOptions::default()).unwrap()
}
