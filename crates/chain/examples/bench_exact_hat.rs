//! CPU time and accuracy of exact-hat general equilibrium on a made-up table (no real place) of the size of the world tables:
//! `cargo run --release --example bench_exact_hat [REGIONS SECTORS]`, by default 77 × 45. Linux only: it reads /proc.
#![allow(clippy::unwrap_used)]

use std::fs::read_to_string;
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

fn main() {
    let size: Vec<usize> = std::env::args().skip(1).map(|a| a.parse().unwrap()).collect();
    let (regions, sectors) = if size.len() == 2 { (size[0], size[1]) } else { (77, 45) };
    println!("made-up table, {regions} regions × {sectors} sectors, n = {}, {} threads", regions * sectors, rayon::current_num_threads());
    let mut next = random();
    let system = made_up(regions, sectors, &mut next);
    let all_of = |region: usize| -> Vec<usize> { system.range_at(region).collect() };
    let embargo = |from: usize, to: usize, loss: f64| Disturbance::Flow {
        suppliers: all_of(from),
        losses: vec![loss; sectors],
        users: all_of(to),
        final_users: vec![to],
    };
    let duty =
        |on: usize, by: usize, rate: f64| Disturbance::Tariff { suppliers: all_of(on), rates: vec![rate; sectors], importers: vec![by] };
    let others = || (1..regions).collect::<Vec<_>>();
    let isolated: Vec<_> = others().into_iter().flat_map(|other| [embargo(0, other, 1.0), embargo(other, 0, 1.0)]).collect();
    let trade_war: Vec<_> = others().into_iter().flat_map(|other| [duty(0, other, 1.0), duty(other, 0, 1.0)]).collect();
    let half_lost = Disturbance::Capacity { industries: all_of(0), losses: vec![0.5; sectors] };
    let cases = [
        ("no shock", vec![]),
        ("full embargo of one region against another", vec![embargo(0, 1, 1.0)]),
        ("full embargo both ways", vec![embargo(0, 1, 1.0), embargo(1, 0, 1.0)]),
        ("duty of 25 % on one region's goods in another", vec![duty(0, 1, 0.25)]),
        ("embargo and duty", vec![embargo(0, 1, 1.0), duty(2, 3, 0.25)]),
        ("duties of 100 % between one region and all", trade_war),
        ("one region loses half of its capacity", vec![half_lost]),
        ("one region without any trade", isolated),
    ];
    let drawn: Vec<f64> = (0..sectors).map(|_| 1.0 + 11.0 * next()).collect();
    for (name, elasticities) in [("θ from 1 to 12", TradeElasticities::BySector(drawn)), ("θ = 0.5", TradeElasticities::Uniform(0.5))] {
        for (what, disturbances) in &cases {
            let shocks = disturbances
                .iter()
                .map(|disturbance| Shock { name: "shock".to_owned(), disturbance: disturbance.clone(), course: Course::always(365) })
                .collect();
            let scenario = Scenario::new(&system, *what, 365, shocks).unwrap();
            let start = cpu_seconds();
            let options = HatOptions { elasticities: elasticities.clone(), ..HatOptions::default() };
            match exact_hat_equilibrium(&system, &scenario, &options) {
                Ok(hats) => {
                    let residual = hats.invariants.iter().map(|invariant| invariant.residual).fold(0.0, f64::max);
                    println!(
                        "{name:<16} {what:<46} {:>7.3} CPU s  {:>3} wages tried  largest residual {residual:.1e}  world {:>9.5} %  peak {:>5.0} MB",
                        cpu_seconds() - start,
                        hats.iterations,
                        100.0 * hats.world_welfare_change(),
                        peak_megabytes()
                    );
                }
                Err(error) => println!("{name:<16} {what:<46} {:>7.3} CPU s  {error}", cpu_seconds() - start),
            }
        }
    }
}

fn random() -> impl FnMut() -> f64 {
    let mut seed = 1u64;
    move || {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) as f64 / f64::from(1u32 << 31)
    }
}

/// Random deliveries and final demand, larger at home, between regions of sizes from 1 to 100: a shape, not an economy.
fn made_up(regions: usize, sectors: usize, next: &mut impl FnMut() -> f64) -> InputOutputSystem {
    let n = regions * sectors;
    let sizes: Vec<f64> = (0..regions).map(|_| 100f64.powf(next())).collect();
    let world: f64 = sizes.iter().sum();
    // at home four fifths, the rest from all in proportion to their sizes
    let trade = |i: usize, j: usize| sizes[j] * (0.2 * sizes[i] / world + if i == j { 0.8 } else { 0.0 });
    let z: Vec<f64> = (0..n * n).map(|at| next() * trade(at / n / sectors, at % n / sectors) / sectors as f64).collect();
    let y: Vec<f64> = (0..n * regions).map(|at| next() * trade(at / regions / sectors, at % regions)).collect();
    let industries: Vec<_> = (0..n).map(|i| (format!("R{}", i / sectors), format!("s{}", i % sectors))).collect();
    let demand: Vec<_> = (0..regions).map(|r| (format!("R{r}"), "final".to_owned())).collect();
    InputOutputSystem::new("made up", 2020, "units", industries, z, demand, y, SystemOptions::default()).unwrap()
}
