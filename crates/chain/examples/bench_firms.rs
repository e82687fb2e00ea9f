//! CPU time and memory of production networks and economic systemic risk on made-up, heavy-tailed networks (no real firm):
//! `cargo run --release --example bench_firms [FIRMS LINKS [SAMPLE]]`. Without arguments: 90,000 firms with 250,000 links, all firms; then
//! 1,000,000 firms with 10,000,000 links, a sample of 1,000 firms. Linux only: it reads /proc.
//!
//! Links are drawn with a probability that grows with the fitness of supplier and buyer, which follow power laws (exponents 2.2 and 2.6 of the
//! tails of the numbers of customers and suppliers); values are log-normal around the geometric mean of both fitnesses; firms fall into 88 divisions of
//! NACE of unequal size. Nine in ten links of a firm stay within a seventh of the divisions.
#![allow(clippy::unwrap_used, clippy::panic)]

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

fn megabytes(line: &str) -> f64 {
    let status = read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|at| at.starts_with(line)).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<f64>().unwrap() / 1024.0
}

fn timed<T>(what: &str, run: impl FnOnce() -> T) -> T {
    let (start, wall) = (cpu_seconds(), Instant::now());
    let result = run();
    let (cpu, wall) = (cpu_seconds() - start, wall.elapsed().as_secs_f64());
    println!("{what:<60} {cpu:>8.2} CPU s {wall:>8.2} s   now {:>6.0} MB, peak {:>6.0} MB", megabytes("VmRSS"), megabytes("VmHWM"));
    result
}

struct Random(u64);

impl Random {
    fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((mixed ^ (mixed >> 31)) >> 11) as f64 / (1u64 << 53) as f64
    }

    fn normal(&mut self) -> f64 {
        (-2.0 * (1.0 - self.next()).ln()).sqrt() * (std::f64::consts::TAU * self.next()).cos()
    }
}

/// Divisions of NACE.
fn divisions() -> Vec<u32> {
    let skipped = [4, 34, 40, 44, 48, 54, 57, 67, 76, 83, 89];
    (1..=99).filter(|division| !skipped.contains(division)).collect()
}

/// Draws by weight from a list of cumulated weights.
fn draw(sums: &[f64], random: &mut Random) -> usize {
    let at = random.next() * sums.last().copied().unwrap();
    sums.partition_point(|sum| *sum <= at).min(sums.len() - 1)
}

fn made_up(count: usize, links: usize) -> (FirmRegister, Vec<Link>) {
    let mut random = Random(count as u64);
    let divisions = divisions();
    let sector_sums: Vec<f64> = (0..divisions.len())
        .scan(0.0, |sum, at| {
            *sum += 1.0 / (1.0 + (at * 37 % divisions.len()) as f64).powf(0.8);
            Some(*sum)
        })
        .collect();
    let mut firms = FirmRegister::default();
    let mut fitness = Vec::with_capacity(count);
    let mut groups: Vec<Vec<u32>> = vec![Vec::new(); 7];
    for firm in 0..count {
        let sector = draw(&sector_sums, &mut random);
        firms.add(&format!("F{firm:08}"), &format!("{:02}", divisions[sector]), None, firm as u64 + 1).unwrap();
        let draw = 1.0 - random.next();
        // one ranking for both sides, so that large sellers are large buyers, as firms are
        fitness.push((draw.powf(-1.0 / 1.2), draw.powf(-1.0 / 1.6)));
        groups[sector % 7].push(firm as u32);
    }
    let cap = (count as f64).sqrt() * 20.0;
    let cumulated = |members: &[u32], of: &dyn Fn(u32) -> f64| -> Vec<f64> {
        members
            .iter()
            .scan(0.0, |sum, firm| {
                *sum += of(*firm).min(cap);
                Some(*sum)
            })
            .collect()
    };
    let everyone: Vec<u32> = (0..count as u32).collect();
    let selling = cumulated(&everyone, &|firm| fitness[firm as usize].0);
    let buying = cumulated(&everyone, &|firm| fitness[firm as usize].1);
    let sector_group: Vec<usize> = {
        let mut group_of = vec![0; count];
        for (group, members) in groups.iter().enumerate() {
            for firm in members {
                group_of[*firm as usize] = group;
            }
        }
        group_of
    };
    let buying_in: Vec<Vec<f64>> = groups.iter().map(|members| cumulated(members, &|firm| fitness[firm as usize].1)).collect();
    let mut made = Vec::with_capacity(links);
    while made.len() < links {
        let supplier = draw(&selling, &mut random);
        let group = sector_group[supplier];
        let buyer =
            if random.next() < 0.9 { groups[group][draw(&buying_in[group], &mut random)] as usize } else { draw(&buying, &mut random) };
        if supplier != buyer {
            let value = (fitness[supplier].0.min(cap) * fitness[buyer].1.min(cap)).sqrt() * (1.5 * random.normal()).exp();
            made.push(Link { supplier: supplier as u32, buyer: buyer as u32, value, row: made.len() as u64 + 1 });
        }
    }
    (firms, made)
}

fn run(count: usize, links: usize, sample: usize) {
    println!("made-up network, {count} firms, {links} links drawn, {} threads", rayon::current_num_threads());
    let (firms, made) = timed("made up (not part of the engine)", || made_up(count, links));
    let options = ProductionNetworkOptions::default();
    let network = timed("network", || ProductionNetwork::new("made up", firms, made.iter().copied(), &options).unwrap());
    drop(made);
    let longest = |of: &dyn Fn(u32) -> usize| (0..count as u32).map(of).max().unwrap();
    println!(
        "  {} links, {} isolated firms, most customers {}, most suppliers {}",
        network.links(),
        network.report().isolated_firms,
        longest(&|firm| network.customers(firm).len()),
        longest(&|firm| network.suppliers(firm).len())
    );
    let weak = timed("weak components", || components(&network, Connection::Weak));
    let strong = timed("strong components", || components(&network, Connection::Strong));
    println!("  largest: {} weak, {} strong", weak.sizes[0], strong.sizes[0]);
    timed("substitutability of every firm", || supplier_standing(&network));
    let roles = InputRoles::new(&network, None);
    let firms: Vec<u32> = (0..count as u32).step_by((count / sample).max(1)).collect();
    let mut before: Option<Vec<CascadeTotal>> = None;
    // everything passed on (NEGLIGIBLE=0) takes twice as long
    let settings = std::env::var("NEGLIGIBLE")
        .map_or(vec![CascadeOptions::default().negligible], |text| text.split(',').map(|number| number.parse().unwrap()).collect());
    for negligible in settings {
        let options = CascadeOptions { negligible, ..CascadeOptions::default() };
        let model = timed("made ready for cascades", || CascadeModel::new(&network, &roles, options).unwrap());
        let found = timed(&format!("economic systemic risk of {} firms, negligible {negligible:e}", firms.len()), || {
            model.each_alone(&firms, &|_| true).unwrap()
        });
        let found: Vec<CascadeTotal> = found.into_iter().flatten().collect();
        if let Some(before) = &before {
            let apart =
                |scale: fn(f64) -> f64| before.iter().zip(&found).map(|(a, b)| (a.loss - b.loss).abs() / scale(a.loss)).fold(0.0, f64::max);
            println!("  differs from the one before by {:.1e} at most, relative {:.1e}", apart(|_| 1.0), apart(|loss| loss.max(1e-300)));
        }
        let mut losses: Vec<f64> = found.iter().map(|total| total.loss).collect();
        losses.sort_unstable_by(|a, b| b.total_cmp(a));
        println!(
            "  largest {:.4}, 10th {:.4}, median {:.2e}; steps: mean {:.1}, most {}; firms reached: mean {:.0}; all converged: {}",
            losses[0],
            losses[9.min(losses.len() - 1)],
            losses[losses.len() / 2],
            found.iter().map(|total| f64::from(total.steps)).sum::<f64>() / found.len() as f64,
            found.iter().map(|total| total.steps).max().unwrap(),
            found.iter().map(|total| f64::from(total.firms)).sum::<f64>() / found.len() as f64,
            found.iter().all(|total| total.converged)
        );
        before = Some(found);
    }
}

fn main() {
    let sizes: Vec<usize> = std::env::args().skip(1).map(|a| a.parse().unwrap()).collect();
    match sizes.as_slice() {
        [] => {
            run(90_000, 250_000, 90_000);
            run(1_000_000, 10_000_000, 1_000);
        }
        [firms, links] => run(*firms, *links, *firms),
        [firms, links, sample, ..] => run(*firms, *links, *sample),
        _ => panic!("give FIRMS and LINKS"),
    }
}
