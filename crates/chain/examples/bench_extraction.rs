//! CPU time of extraction, embargoes, chokepoints and exposure on a made-up table (no real place) of the size of the world tables:
//! `cargo run --release --example bench_extraction [REGIONS SECTORS]`, by default 77 × 45. Linux only: it reads /proc.
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

fn timed<T>(what: &str, repeat: u32, run: impl Fn() -> T) -> T {
    let start = cpu_seconds();
    let mut last = run();
    for _ in 1..repeat {
        last = run();
    }
    println!("{what:<64} {:>8.3} CPU s   peak {:>6.0} MB", (cpu_seconds() - start) / f64::from(repeat), peak_megabytes());
    last
}

fn main() {
    let size: Vec<usize> = std::env::args().skip(1).map(|a| a.parse().unwrap()).collect();
    let (regions, sectors) = if size.len() == 2 { (size[0], size[1]) } else { (77, 45) };
    let n = regions * sectors;
    println!("made-up table, {regions} regions × {sectors} sectors, n = {n}, {} threads", rayon::current_num_threads());
    let system = made_up(regions, sectors);
    let factor = timed("factor", 1, || Factor::new(&system).unwrap());
    timed("exposure, all regions × all regions, factor", 3, || regional_exposure(&factor, &ExposureOptions::default()).unwrap());
    timed("FIR, all industries × all regions, factor", 3, || foreign_input_reliance(&factor, &Scope::All).unwrap());
    timed("FMR, all industries × all regions, factor", 3, || foreign_market_reliance(&factor).unwrap());
    let region = IndustryGroup::region("R0");
    timed("extraction of a region, factor", 3, || hypothetical_extraction(&factor, &region, ExtractionKind::Full).unwrap());
    let industry = IndustryGroup::industry("R0", "s1");
    timed("extraction of an industry with replacement, factor", 3, || {
        extraction_with_replacement(&factor, &industry, Replacement::Imports).unwrap()
    });
    timed("diagonal of L, factor", 1, || leontief_diagonal(&factor));
    timed("every single-industry extraction, six kinds, factor", 1, || single_extractions(&factor));
    let demand = EmbargoOptions::default();
    let supply = EmbargoOptions { model: EmbargoModel::Supply, ..demand };
    let imports = EmbargoOptions { replacement: Replacement::Imports, ..demand };
    let to = IndustryGroup::region("R1");
    timed("one embargo, region × region, demand side, factor", 3, || embargo(&factor, &region, &to, demand).unwrap());
    timed("every embargo, demand side, factor", 1, || bilateral_embargoes(&factor, demand).unwrap());
    timed("every embargo, supply side, factor", 1, || bilateral_embargoes(&factor, supply).unwrap());
    timed("every embargo, demand side, replaced by imports, factor", 1, || bilateral_embargoes(&factor, imports).unwrap());
    let barriers = vec![Barrier { region: "R3".to_owned(), weight: 1.0 }];
    let scan = ChokepointOptions { barriers, top_per_user: Some(20), ..ChokepointOptions::default() };
    timed("every chokepoint, all users, 20 each, factor", 1, || chokepoints(&factor, &scan).unwrap());

    let inverse = timed("inverse from the factor", 1, || factor.leontief_inverse());
    drop(factor);
    timed("every single-industry extraction, six kinds, inverse", 5, || single_extractions(&inverse));
    timed("  of which the diagonal", 5, || leontief_diagonal(&inverse));
    timed("every embargo, demand side, inverse", 1, || bilateral_embargoes(&inverse, demand).unwrap());
    timed("every embargo, supply side, inverse", 1, || bilateral_embargoes(&inverse, supply).unwrap());
    timed("every embargo, demand side, replaced by imports, inverse", 1, || bilateral_embargoes(&inverse, imports).unwrap());
    timed("every chokepoint, all users, 20 each, inverse", 3, || chokepoints(&inverse, &scan).unwrap());
    let all = timed("every chokepoint, all users, all named, inverse", 1, || chokepoints(&inverse, &ChokepointOptions::default()).unwrap());
    println!("{} cuts weighed", all.weighed);
    drop(inverse);
    let trade = timed("trade records of three years, added one by one", 1, made_up_trade);
    timed("  assessed by the rule of GeoDep", 1, || trade.assess(&DependenceRule::geodep()).unwrap());
}

/// Three years of 3 million made-up records each, 5,000 products and 200 countries, sorted by exporter and importer as customs data
/// are, for a group of 27 and 5 countries.
fn made_up_trade() -> TradeAccumulator {
    let countries: Vec<String> = (0..200).map(|c| format!("C{c:03}")).collect();
    let products: Vec<String> = (0..5000).map(|p| format!("{p:06}")).collect();
    let group = ImportingRegion::group("group of 27", &countries[..27]);
    let singles = countries[100..105].iter().map(ImportingRegion::country);
    let mut trade = TradeAccumulator::new([group].into_iter().chain(singles)).unwrap();
    let mut seed = 7u64;
    let mut next = |below: usize| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) as usize % below
    };
    for period in 2020..2023 {
        for exporter in &countries {
            for importer in &countries {
                for step in 0..75 {
                    let product = &products[next(66) + 66 * step];
                    trade.add(TradeRecord { period, exporter, importer, product, value: 1.0 + next(1000) as f64 }).unwrap();
                }
            }
        }
    }
    trade
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
