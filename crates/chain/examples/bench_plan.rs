//! How long the cheapest plan of stocks and second sources takes on a made-up table of the size of the world tables:
//! `cargo run --release -p xinzhi-chain --example bench_plan [REGIONS SECTORS CUTS]` (default 77 × 45, 100 cuts).
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

fn print(plan: &ResiliencePlan) {
    let effort = plan.effort;
    println!(
        "    {:?}: loss {:.4e} -> {:.4e} (target {:.4e}), cost {:.6e}, {} measures, {} prices; {} cuts, {} variables, {} of {} rows, {} programs, {} iterations",
        plan.status,
        plan.loss_without,
        plan.loss_with,
        plan.target,
        plan.cost,
        plan.measures.len(),
        plan.chokepoints.len(),
        plan.cuts.len(),
        effort.variables,
        effort.rows,
        effort.rows_of_all,
        effort.rounds,
        effort.iterations
    );
    for certificate in &plan.certificates {
        println!(
            "    {:<50} {:.1e} {}",
            certificate.name,
            certificate.residual,
            if certificate.holds() { "holds" } else { "DOES NOT HOLD" }
        );
    }
}

fn main() {
    let size: Vec<usize> = std::env::args().skip(1).map(|a| a.parse().unwrap()).collect();
    let (regions, sectors, cuts) = if size.len() == 3 { (size[0], size[1], size[2]) } else { (77, 45, 100) };
    let n = regions * sectors;
    let mut seed = 1u64;
    let mut next = || {
        seed = seed.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (seed >> 33) as f64 / f64::from(1u32 << 31)
    };
    println!("made-up table, {regions} regions x {sectors} sectors, n = {n}");
    // what an industry needs is a matter of its sector more than of its region; most of it comes from home
    let needs: Vec<f64> = (0..sectors * sectors).map(|_| next().powi(12)).collect();
    let size: Vec<f64> = (0..regions).map(|_| 0.05 + next().powi(4)).collect();
    let mut z = Vec::with_capacity(n * n);
    for at in 0..n * n {
        let (i, j) = (at / n, at % n);
        let home = i / sectors == j / sectors;
        let need = needs[i % sectors * sectors + j % sectors] * size[j / sectors];
        z.push(need * if home { 1.0 } else { 0.3 * size[i / sectors] / regions as f64 * 2.0 * next().powi(3) * 4.0 });
    }
    let y: Vec<f64> = (0..n * regions)
        .map(|at| {
            let (i, r) = (at / regions, at % regions);
            size[r] * next() * if i / sectors == r { 0.1 * sectors as f64 } else { 0.3 / regions as f64 }
        })
        .collect();
    let industries: Vec<_> = (0..n).map(|i| (format!("R{}", i / sectors), format!("s{}", i % sectors))).collect();
    let demand: Vec<_> = (0..regions).map(|r| (format!("R{r}"), "final".to_owned())).collect();
    let system =
        timed("system", || InputOutputSystem::new("made up", 2020, "units", industries, z, demand, y, SystemOptions::default()).unwrap());

    let foreign: f64 = (sectors..n).map(|i| (0..sectors).map(|j| system.delivery(i, j)).sum::<f64>()).sum();
    let all: f64 = (0..n).map(|i| (0..sectors).map(|j| system.delivery(i, j)).sum::<f64>()).sum();
    let output: f64 = system.output()[..sectors].iter().sum();
    println!("inputs {:.2} of output, {:.2} of them from abroad", all / output, foreign / all);
    // cuts of different lengths, so that a stock and a second source are not the same thing
    let mixed = |which| {
        let mut list = supply_cuts(&system, "R0", which, 90.0, &[], &[]).unwrap();
        list.iter_mut().enumerate().for_each(|(k, cut)| cut.days = [30.0, 90.0, 180.0, 365.0][k % 4]);
        list
    };
    let (industries, region) = (mixed(CutOff::Industries), mixed(CutOff::Regions));
    // some regions at once, as many cuts as asked for
    let blocs: Vec<SupplyCut> = (0..cuts)
        .map(|k| {
            let mut cut = region[k % region.len()].clone();
            cut.losses.extend(
                region[(7 * k + 3) % region.len()].losses.iter().filter(|lost| !region[k % region.len()].losses.contains(lost)).cloned(),
            );
            cut.name = format!("bloc {k}");
            cut
        })
        .collect();
    let with = |rationing, target: f64, risk, at_least: f64| PlanOptions {
        criticality: Criticality::InputShare { at_least, sectors: Scope::All },
        target: LossTarget::Share(target),
        risk,
        rationing,
        most_cuts: Some(cuts),
        ..PlanOptions::default()
    };
    let tail = Risk::ConditionalValueAtRisk { beta: 0.9 };
    let (first, alike) = (Rationing::IndustriesFirst, Rationing::Proportional);
    for (what, list, options) in [
        ("single industries, target 0.5", &industries, with(first, 0.5, Risk::Expected, 0.01)),
        ("single industries, target 0.1", &industries, with(first, 0.1, Risk::Expected, 0.01)),
        ("single industries, target 0.5 of the worst tenth", &industries, with(first, 0.5, tail, 0.01)),
        ("regions, target 0.5", &region, with(first, 0.5, Risk::Expected, 0.01)),
        ("pairs of regions, target 0.5", &blocs, with(first, 0.5, Risk::Expected, 0.01)),
        ("single industries, proportional rationing, target 0.5", &industries, with(alike, 0.5, Risk::Expected, 0.01)),
        ("single industries, every input critical, target 0.5", &industries, with(first, 0.5, Risk::Expected, 0.0)),
    ] {
        print(&timed(what, || resilience_plan(&system, "R0", list, &options).unwrap()));
    }
    let targets: Vec<LossTarget> = (0..=10).map(|k| LossTarget::Share(1.0 - 0.1 * f64::from(k))).collect();
    let points = timed("frontier of 11 targets, single industries", || {
        resilience_frontier(&system, "R0", &industries, &with(first, 0.5, Risk::Expected, 0.01), &targets).unwrap()
    });
    points.iter().for_each(|point| println!("    {:.2} {:.6e} gap {:.1e}", point.target_share, point.cost, point.gap));
}
