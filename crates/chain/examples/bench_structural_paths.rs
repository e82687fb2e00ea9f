//! How long structural path analysis takes on a made-up table of the size of the largest world tables, and what else here is heavy:
//! `cargo run --release -p xinzhi-chain --example bench_structural_paths [REGIONS SECTORS]` (default 49 × 200, n = 9,800).
//!
//! No number of the table is real. Its deliveries are skewed as real ones are: most are tiny, a few are large.
#![allow(clippy::unwrap_used)]

use xinzhi_chain::*;

/// User and system seconds of this process (clock ticks of 1/100 s), as the kernel counts them.
fn cpu_seconds() -> f64 {
    let Ok(stat) = std::fs::read_to_string("/proc/self/stat") else { return f64::NAN };
    let after_name = stat.rsplit(')').next().unwrap_or_default();
    after_name.split_whitespace().skip(11).take(2).filter_map(|ticks| ticks.parse::<f64>().ok()).sum::<f64>() / 100.0
}

fn peak_gigabytes() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmHWM"));
    line.and_then(|line| line.split_whitespace().nth(1)?.parse::<f64>().ok()).map_or(f64::NAN, |kib| kib / 1024.0 / 1024.0)
}

fn timed<T>(what: &str, run: impl FnOnce() -> T) -> T {
    let start = cpu_seconds();
    let result = run();
    println!("{what:<60} {:>8.2} CPU s   peak {:.2} GB", cpu_seconds() - start, peak_gigabytes());
    result
}

fn main() {
    let size: Vec<usize> = std::env::args().skip(1).map(|a| a.parse().unwrap()).collect();
    let (regions, sectors) = if size.len() == 2 { (size[0], size[1]) } else { (49, 200) };
    let n = regions * sectors;
    let mut seed = 1u64;
    let mut next = || {
        seed = seed.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (seed >> 33) as f64 / f64::from(1u32 << 31)
    };
    println!("made-up table, {regions} regions x {sectors} sectors, n = {n}");
    let mut z = Vec::with_capacity(n * n);
    for at in 0..n * n {
        let home = at / n / sectors == at % n / sectors;
        z.push(next().powi(8) * if home { 20.0 } else { 0.5 });
    }
    // final demand of the size of half the output
    let y: Vec<f64> =
        (0..n * regions).map(|at| if at / regions / sectors == at % regions { 2.0 * sectors as f64 * next() } else { next() }).collect();
    let industries: Vec<_> = (0..n).map(|i| (format!("R{}", i / sectors), format!("s{}", i % sectors))).collect();
    let demand: Vec<_> = (0..regions).map(|r| (format!("R{r}"), "final".to_owned())).collect();
    let system =
        timed("system", || InputOutputSystem::new("made up", 2020, "units", industries, z, demand, y, SystemOptions::default()).unwrap());
    let factor = timed("factor (shared with everything else)", || Factor::new(&system).unwrap());
    let stressor: Vec<f64> = (0..n).map(|_| next().powi(6)).collect();
    let y: Vec<f64> = (0..n).map(|i| system.final_delivery(i, 0)).collect();
    for paths in [100, 1_000, 10_000] {
        let options = PathOptions { paths, coverage: 1.0 };
        let found = timed(&format!("the {paths} largest paths, final demand of one region"), || {
            structural_paths(&factor, &stressor, &y, &options).unwrap()
        });
        let longest = found.paths.iter().map(|p| p.positions.len()).max().unwrap_or(0);
        println!(
            "    {} paths of up to {longest} stages cover {:.2} %; largest missing {:.3e} of {:.3e}; {} nodes",
            found.paths.len(),
            100.0 * found.coverage.unwrap_or(0.0),
            found.largest_missing,
            found.total,
            found.nodes
        );
    }
    let whole: Vec<f64> = (0..n).map(|i| (0..regions).map(|r| system.final_delivery(i, r)).sum()).collect();
    timed("the 1000 largest paths, all final demand", || {
        structural_paths(&factor, &stressor, &whole, &PathOptions { paths: 1_000, coverage: 1.0 }).unwrap()
    });
    timed("field of influence, the 100 largest", || field_of_influence(&factor, 0.01, 100, InfluenceOrder::OutputChange).unwrap());
    let blocs = Aggregation::keep_regions(["R0", "R1", "R2"], "ROW");
    timed("aggregation to four regions", || aggregate_system(&system, &blocs).unwrap());
}
