//! How long the main questions take on a made-up table of the size of the world tables: `cargo run --release --example timing [REGIONS SECTORS]`.
#![allow(clippy::unwrap_used)]

use std::time::Instant;
use xinzhi_chain::*;

fn timed<T>(what: &str, run: impl Fn() -> T) -> T {
    let mut seconds: Vec<f64> = Vec::new();
    let mut last = None;
    for _ in 0..3 {
        let start = Instant::now();
        last = Some(run());
        seconds.push(start.elapsed().as_secs_f64());
    }
    println!("{what:<40} {:.4} s", seconds.into_iter().fold(f64::INFINITY, f64::min));
    last.unwrap()
}

fn main() {
    let size: Vec<usize> = std::env::args().skip(1).map(|a| a.parse().unwrap()).collect();
    let (regions, sectors) = if size.len() == 2 { (size[0], size[1]) } else { (41, 35) };
    let n = regions * sectors;
    let mut seed = 1u64;
    let mut next = || {
        seed = seed.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (seed >> 33) as f64 / f64::from(1u32 << 31)
    };
    let z: Vec<f64> = (0..n * n).map(|at| next() * if at / n / sectors == at % n / sectors { 10.0 } else { 0.1 }).collect();
    let y: Vec<f64> = (0..n * regions).map(|_| 10.0 * next()).collect();
    let industries: Vec<_> = (0..n).map(|i| (format!("R{}", i / sectors), format!("s{}", i % sectors))).collect();
    let demand: Vec<_> = (0..regions).map(|r| (format!("R{r}"), "final".to_owned())).collect();
    println!("{regions} regions, {sectors} sectors, {n} industries, {} threads; best of three", rayon::current_num_threads());
    let system = timed("system", || {
        InputOutputSystem::new("made up", 2020, "units", industries.clone(), z.clone(), demand.clone(), y.clone(), SystemOptions::default())
            .unwrap()
    });
    let factor = timed("factor", || Factor::new(&system).unwrap());
    timed("value added in exports, one", || value_added_in_exports(&factor, "R0").unwrap());
    timed("value added in exports, all", || value_added_in_all_exports(&factor).unwrap());
    timed("single cuts, one user", || single_cuts(&factor, "R0", CutOptions::default()).unwrap());
    timed("exposure, one user", || look_through_exposure(&factor, "R0", &ExposureOptions::default()).unwrap());
    timed("exposure, all users", || look_through_exposures(&factor, &ExposureOptions::default()).unwrap());
    timed("position", || chain_position(&factor));
    timed("inverse", || factor.leontief_inverse());
}
