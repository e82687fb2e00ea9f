//! CPU seconds of the decompositions of exports on a made-up table: `cargo run --release --example bench_value_added [REGIONS SECTORS]`,
//! 44 × 56 (n = 2,464, the size of WIOD 2016) unless told otherwise. Every line counts the factorisation; the table is synthetic.
#![allow(clippy::unwrap_used)]

use xinzhi_chain::*;

/// User and system seconds of this process so far (Linux; clock ticks are 1/100 s).
fn cpu_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
    let fields: Vec<&str> = stat.rsplit_once(')').unwrap().1.split_whitespace().collect();
    (fields[11].parse::<f64>().unwrap() + fields[12].parse::<f64>().unwrap()) / 100.0
}

fn peak_megabytes() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() / 1024
}

fn run(what: &str, system: &InputOutputSystem, compute: impl Fn(&Factor) -> usize) {
    let mut seconds: Vec<f64> = Vec::new();
    let mut rows = 0;
    for _ in 0..3 {
        let start = cpu_seconds();
        let factor = Factor::new(system).unwrap();
        rows = compute(&factor);
        seconds.push(cpu_seconds() - start);
    }
    seconds.sort_by(f64::total_cmp);
    println!("{what:<58} {rows:>7} rows  CPU {:.2} s (median of three)  peak {} MB", seconds[1], peak_megabytes());
}

fn main() {
    let size: Vec<usize> = std::env::args().skip(1).map(|a| a.parse().unwrap()).collect();
    let (regions, sectors) = if size.len() == 2 { (size[0], size[1]) } else { (44, 56) };
    let n = regions * sectors;
    let mut seed = 1u64;
    let mut next = || {
        seed = seed.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (seed >> 33) as f64 / f64::from(1u32 << 31)
    };
    let z: Vec<f64> = (0..n * n).map(|at| next() * if at / n / sectors == at % n / sectors { 10.0 } else { 0.1 }).collect();
    let y: Vec<f64> = (0..n * regions).map(|at| next() * if at / regions / sectors == at % regions { 500.0 } else { 1.0 }).collect();
    let industries: Vec<_> = (0..n).map(|i| (format!("R{}", i / sectors), format!("s{}", i % sectors))).collect();
    let demand: Vec<_> = (0..regions).map(|r| (format!("R{r}"), "final".to_owned())).collect();
    println!("made-up table, {regions} regions x {sectors} sectors, n = {n}, {} threads", rayon::current_num_threads());
    let system = InputOutputSystem::new("made up", 2020, "units", industries, z, demand, y, SystemOptions::default()).unwrap();
    let fine = |breakdown| TradeOptions { breakdown, ..TradeOptions::default() };
    run("factorisation alone", &system, |_| 0);
    run("Borin-Mancini source, all exporters", &system, |factor| value_added_in_all_exports(factor).unwrap().len());
    run("Borin-Mancini source, all exporters x partners x sectors", &system, |factor| {
        borin_mancini_source(factor, Perspective::Exporter, &fine(Breakdown::RegionPartnerSector)).unwrap().len()
    });
    run("KWW and WWZ, all (partners x sectors)", &system, |factor| {
        koopman_wang_wei(factor, &fine(Breakdown::Region)).unwrap().len()
            + wang_wei_zhu(factor, &fine(Breakdown::RegionPartnerSector)).unwrap().len()
    });
    run("Borin-Mancini sink, all", &system, |factor| borin_mancini_sink(factor, &fine(Breakdown::Region)).unwrap().len());
    for perspective in [Perspective::Sector, Perspective::Bilateral, Perspective::BilateralSector, Perspective::Importer] {
        run(&format!("Borin-Mancini source, {perspective:?} perspective, all"), &system, |factor| {
            borin_mancini_source(factor, perspective, &fine(Breakdown::Region)).unwrap().len()
        });
    }
    run("TiVA indicators, all (partners x sectors)", &system, |factor| {
        tiva_indicators(factor, &fine(Breakdown::RegionPartnerSector)).unwrap().len()
    });
    let third = (0..regions / 3).map(|r| format!("R{r}"));
    let group = TradeOptions { exporters: vec![Exporter::group("a third of the regions", third)], ..TradeOptions::default() };
    run("Borin-Mancini source, a third of the regions as one", &system, |factor| {
        borin_mancini_source(factor, Perspective::Exporter, &group).unwrap().len()
    });
}
