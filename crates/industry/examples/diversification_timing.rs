//! CPU seconds of portfolios and sequences on a SYNTHETIC nested panel, 230 places × 1,200 activities × 20 years (no real data):
//! `RAYON_NUM_THREADS=1 cargo run --release -p xinzhi-industry --example diversification_timing [--write PANEL.csv | --solve DIR]`.
//!
//! `--write` writes the panel as `time,place,activity,value`. `--solve` reads `presence.csv`, `pci.csv`, `effort.csv` and `target.csv`
//! (numbers only, one place a line) that another program derived from it, and prints effort, bound and nodes of every place.
#![allow(clippy::unwrap_used)]

use complexity::*;
use frame::{LabelledMatrix, LabelledVector, Labels};
use std::fmt::Write as _;
use std::time::Instant;
use xinzhi_industry::*;

const PLACES: usize = 230;
const ACTIVITIES: usize = 1200;
const YEARS: i32 = 20;

/// Processor time of the process in seconds where the system tells it (Linux, in hundredths).
fn cpu_seconds() -> Option<f64> {
    let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
    let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
    Some((fields.get(11)?.parse::<f64>().ok()? + fields.get(12)?.parse::<f64>().ok()?) / 100.0)
}

fn timed<T>(what: &str, run: impl FnOnce() -> T) -> T {
    let (wall, cpu) = (Instant::now(), cpu_seconds());
    let result = run();
    let cpu = cpu.and_then(|from| Some(cpu_seconds()? - from)).unwrap_or(f64::NAN);
    println!("{what:<55} {cpu:7.2} CPU s {:9.3} s", wall.elapsed().as_secs_f64());
    result
}

/// A number in (0, 1) from a place in the panel: SplitMix64.
fn noise(stream: u64, at: u64) -> f64 {
    let mut z = (stream.wrapping_mul(0x9E37_79B9_7F4A_7C15)).wrapping_add(at.wrapping_mul(0xD1B5_4A32_D192_ED03));
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    ((z ^ (z >> 31)) >> 11) as f64 / (1_u64 << 53) as f64 + 1e-12
}

/// Places of rising capability, activities of rising demand, clusters, a slow random walk: nested like trade, but made up.
fn panel(places: &Labels, activities: &Labels) -> Vec<(i32, LabelledMatrix)> {
    let normal = |stream: u64, at: u64| (-2.0 * noise(stream, at).ln()).sqrt() * (std::f64::consts::TAU * noise(stream + 7, at)).cos();
    let mut walk: Vec<f64> = (0..PLACES * ACTIVITIES).map(|at| 0.7 * normal(11, at as u64)).collect();
    (0..YEARS)
        .map(|year| {
            let values = (0..PLACES * ACTIVITIES).map(|at| {
                let (c, p) = (at / ACTIVITIES, at % ACTIVITIES);
                walk[at] = 0.98 * walk[at] + 0.14 * normal(100 + year as u64, at as u64);
                let (capability, demand) = (c as f64 / PLACES as f64, p as f64 / ACTIVITIES as f64);
                let cluster = if (c * 7) % 12 == (p * 5) % 12 { 1.2 } else { 0.0 };
                let logit = 9.0 * (capability - demand) + cluster + walk[at];
                if logit < -0.8 { 0.0 } else { (0.8 * logit + 2.0 * capability).exp() }
            });
            (2000 + year, LabelledMatrix::new(places.clone(), activities.clone(), values.collect()).unwrap())
        })
        .collect()
}

fn numbers(dir: &str, file: &str) -> Vec<f64> {
    let text = std::fs::read_to_string(format!("{dir}/{file}")).unwrap();
    text.lines().flat_map(|line| line.split(',')).map(|cell| cell.parse().unwrap_or(f64::NAN)).collect()
}

fn solve(dir: &str, places: Labels, activities: Labels) {
    let presence = PresenceMatrix::new(places.clone(), activities.clone(), numbers(dir, "presence.csv").iter().map(|v| *v > 0.5)).unwrap();
    let pci = LabelledVector::new(activities.clone(), numbers(dir, "pci.csv")).unwrap();
    let effort = LabelledMatrix::new(places.clone(), activities, numbers(dir, "effort.csv")).unwrap();
    let targets = LabelledVector::new(places, numbers(dir, "target.csv")).unwrap();
    let input = PortfolioInput { presence: &presence, pci: &pci, effort: &effort };
    let found = timed("portfolios of the numbers read", || {
        portfolios(&input, ComplexityTarget::Levels(&targets), &PortfolioOptions::default()).unwrap()
    });
    let mut text = "place,outcome,effort,lower_bound,gap,nodes,chosen,eci_after\n".to_owned();
    for p in &found {
        let Portfolio { place, outcome, effort, lower_bound, gap, nodes, chosen, eci_after, .. } = p;
        writeln!(text, "{place},{outcome:?},{effort:?},{lower_bound:?},{gap:e},{nodes},{},{eci_after}", chosen.len()).unwrap();
    }
    std::fs::write(format!("{dir}/solved.csv"), text).unwrap();
    report(&found);
}

fn report(found: &[Portfolio]) {
    let count = |outcome| found.iter().filter(|p| p.outcome == outcome).count();
    println!(
        "  {} places: {} reached, {} there already, {} best reachable, {} without target; largest gap {:.1e}; nodes {} in all, {} at most; candidates {} at most",
        found.len(),
        count(PortfolioOutcome::Reached),
        count(PortfolioOutcome::AlreadyReached),
        count(PortfolioOutcome::BestReachable),
        count(PortfolioOutcome::NoTarget),
        found.iter().map(|p| p.gap).fold(0.0, f64::max),
        found.iter().map(|p| p.nodes).sum::<u64>(),
        found.iter().map(|p| p.nodes).max().unwrap_or(0),
        found.iter().map(|p| p.candidates).max().unwrap_or(0),
    );
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let places = Labels::new("places", (0..PLACES).map(|c| format!("c{c:03}"))).unwrap();
    let activities = Labels::new("activities", (0..ACTIVITIES).map(|p| format!("p{p:04}"))).unwrap();
    println!("SYNTHETIC nested panel, {PLACES} × {ACTIVITIES} × {YEARS}; {} threads", rayon::current_num_threads());
    if let [flag, dir] = arguments.as_slice()
        && flag == "--solve"
    {
        return solve(dir, places, activities);
    }
    let tables = panel(&places, &activities);
    if let [flag, file] = arguments.as_slice()
        && flag == "--write"
    {
        let mut text = "time,place,activity,value\n".to_owned();
        for (year, table) in &tables {
            for (at, value) in table.values().iter().enumerate() {
                writeln!(text, "{year},{},{},{value}", places.name(at / ACTIVITIES), activities.name(at % ACTIVITIES)).unwrap();
            }
        }
        return std::fs::write(file, text).unwrap();
    }
    let panel: Vec<YearTable<'_>> = tables.iter().map(|(period, values)| YearTable { period: *period, values }).collect();
    let model = timed("calibration, 10 first years", || calibrate_stepping_stone(&panel, &SteppingStoneOptions::default()).unwrap());
    for c in &model.entry.coefficients {
        println!("  entry {:<22} {:9.5} ({:.5}; clustered {:.5})", c.regressor, c.estimate, c.standard_error, c.clustered_error);
    }
    println!(
        "  entry n {} R² {:.3}; exit n {} R² {:.3}",
        model.entry.observations, model.entry.r_squared, model.exit.observations, model.exit.r_squared
    );
    let last = &tables.last().unwrap().1;
    let rca = revealed_comparative_advantage(last).unwrap();
    let here = presence(&rca, Presence::default());
    let near = proximity(&here, Diagonal::Zero);
    let dense = density(&here, &near).unwrap();
    let pci = economic_complexity(&here, &EconomicComplexityOptions::default()).unwrap().pci;
    let effort = stepping_stone_effort(&model, &rca, &dense).unwrap();
    let gap = gap_effort(&rca, &dense, 1.0).unwrap();
    for (name, effort) in [("stepping-stone effort", &effort), ("gap effort", &gap)] {
        let input = PortfolioInput { presence: &here, pci: &pci, effort };
        for gain in [0.02, 0.1, 0.3] {
            let run = || portfolios(&input, ComplexityTarget::Gain(gain), &PortfolioOptions::default()).unwrap();
            report(&timed(&format!("230 portfolios, {name}, ECI + {gain}"), run));
        }
    }
    let diversity = here.diversity();
    let place = (0..PLACES).min_by_key(|c| (ACTIVITIES - diversity[*c] as usize).abs_diff(700)).unwrap();
    let missing = ACTIVITIES - diversity[place] as usize;
    // the made-up panel is less clustered than trade, so lower thresholds stand for denser networks
    for (threshold, contagion) in [0.55, 0.45, 0.4, 0.35].into_iter().flat_map(|t| [(t, Contagion::PRODUCTS), (t, Contagion::RESEARCH)]) {
        let network = ContagionNetwork::from_proximity(&near, threshold).unwrap();
        let degree = (0..ACTIVITIES).map(|p| network.degree(p)).sum::<usize>() as f64 / ACTIVITIES as f64;
        let options = SequenceOptions { contagion, ..SequenceOptions::default() };
        let run = || entry_sequence(&network, &here, places.name(place), SequenceTargets::Missing, &options).unwrap();
        let found = timed(&format!("sequence of {missing}, φ ≥ {threshold}, B {}, α {}", contagion.scale, contagion.exponent), run);
        println!(
            "  {} entered, {} unreachable, mean degree {degree:.0}; total {:.3}, greedy {:.3} ({:.4} % better), bound {:.3}, gap {:.2} %",
            found.steps.len(),
            found.unreachable.len(),
            found.total_time,
            found.greedy_time,
            100.0 * (1.0 - found.total_time / found.greedy_time),
            found.lower_bound,
            100.0 * found.gap
        );
        if let Some(hubs) = found.hubs {
            println!("  {}", hubs.rule.en);
        }
    }
}
