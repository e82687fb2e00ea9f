//! Measures the full set of indicators on a synthetic, nested panel (made up by formula, not real data): CPU seconds and peak memory.
//! `cargo run --release -p xinzhi-complexity --example full_set -- PLACES ACTIVITIES PERIODS [REPLICATES]`

use frame::{LabelledMatrix, Labels};
use xinzhi_complexity::{BootstrapOptions, ComplexityOptions, Core, PresenceRule, complexity_intervals, period_complexity};

/// User and system CPU seconds of this process, and its peak memory in MiB (Linux).
fn used() -> (f64, f64) {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or("").split_whitespace().collect();
    let ticks = |at: usize| fields.get(at).and_then(|f| f.parse::<f64>().ok()).unwrap_or(f64::NAN);
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")?.trim().split(' ').next()?.parse::<f64>().ok());
    ((ticks(11) + ticks(12)) / 100.0, peak.unwrap_or(f64::NAN) / 1024.0)
}

fn noise(a: u64, b: u64, c: u64) -> f64 {
    let mut z = a.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ b.wrapping_mul(0xbf58_476d_1ce4_e5b9) ^ c.wrapping_mul(0x94d0_49bb_1331_11eb);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    ((z ^ (z >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
}

/// Places differ in capability, activities in what they ask for; about `part` of the cells have a value.
fn panel(places: usize, activities: usize, period: u64, part: f64) -> Result<LabelledMatrix, Box<dyn std::error::Error>> {
    let mut values = vec![0.0; places * activities];
    for c in 0..places {
        let capability = (c as f64 + 0.5) / places as f64;
        for p in 0..activities {
            let asked = (p as f64 + 0.5) / activities as f64;
            let chance = part * 2.0 / (1.0 + (6.0 * (asked - capability)).exp());
            if noise(c as u64, p as u64, 7) < chance {
                let size = (8.0 * capability - 3.0 * (asked - capability).abs()
                    + 5.0 * (noise(c as u64, p as u64, 11) + noise(c as u64, p as u64, period)))
                .exp();
                values[c * activities + p] = size;
            }
        }
    }
    let rows = Labels::new("places", (0..places).map(|c| format!("P{c:03}")))?;
    Ok(LabelledMatrix::new(rows, Labels::new("activities", (0..activities).map(|p| format!("A{p:04}")))?, values)?)
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<usize> = std::env::args().skip(1).filter_map(|a| a.parse().ok()).collect();
    let at = |i: usize, default: usize| arguments.get(i).copied().unwrap_or(default);
    let (places, activities, periods, replicates) = (at(0, 230), at(1, 1200), at(2, 20), at(3, 0));
    let part = if activities > 3000 { 0.3 } else { 0.5 };
    let tables: Vec<LabelledMatrix> = (0..periods.min(3) as u64).map(|t| panel(places, activities, t, part)).collect::<Result<_, _>>()?;
    let options = ComplexityOptions::default();
    let (before, memory) = used();
    let mut total = 0.0;
    for t in 0..periods {
        let all = period_complexity(&tables[t % tables.len()], None, Core::All, &options)?;
        total += all.density.values().iter().filter(|v| v.is_finite()).sum::<f64>() + all.eci.values()[0];
        if t == 0 {
            let present: u32 = all.diversity.iter().sum();
            println!(
                "cells {} present {} lambda {:?} fitness {:?} warnings {:?}",
                all.record.cells, present, &all.record.eigenvalues, all.record.fitness, all.record.warnings
            );
        }
    }
    let (after, peak) = used();
    println!(
        "{places} x {activities} x {periods}: {:.2} CPU s, {:.0} MiB over the input (checksum {total:.6})",
        after - before,
        peak - memory
    );
    if replicates > 0 {
        let base = period_complexity(&tables[0], None, Core::All, &options)?.complexity.ok_or("no index")?;
        let (before, _) = used();
        let bootstrap = BootstrapOptions { replicates: replicates as u32, ..BootstrapOptions::default() };
        let sure = complexity_intervals(&tables[0], None, PresenceRule::default(), &base, &bootstrap)?;
        println!(
            "{replicates} replicates: {:.2} CPU s, first place ECI {:?}, agreement {:.3}",
            used().0 - before,
            sure.eci[0],
            sure.agreement
        );
    }
    Ok(())
}
