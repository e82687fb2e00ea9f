//! Times reading large input-output tables of MADE-UP numbers: a csv in the layout of the OECD's ICIO 2023 (77 regions x 45 industries, about
//! 146 MB), an EXIOBASE `Z.txt`, and reopening a dense table of 9,800 industries.
//!
//! `bench_read write FOLDER` writes what is absent; `bench_read WHAT FOLDER` times one thing, so that the peak memory is that of it alone:
//! `icio` (reading), `store` (reading, hash of the file, dense table), `exiobase`, `reopen`.
#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;
use std::time::Instant;
use xinzhi_store::{BalanceReport, InputOutputOptions, PublishedTable, Workspace, read_input_output, store_input_output};

fn cpu_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap().split_whitespace().collect();
    (fields[11].parse::<f64>().unwrap() + fields[12].parse::<f64>().unwrap()) / 100.0
}

fn peak_gigabytes() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<f64>().unwrap() / 1_048_576.0
}

fn timed<T>(what: &str, run: impl FnOnce() -> T) -> T {
    let (start, wall) = (cpu_seconds(), Instant::now());
    let result = run();
    let (cpu, wall) = (cpu_seconds() - start, wall.elapsed().as_secs_f64());
    println!("{what:<64} {cpu:>6.2} CPU s  {wall:>6.2} s wall  peak {:.3} GB", peak_gigabytes());
    result
}

/// A number between 0 and 1 that depends only on its place.
fn drawn(at: usize) -> f64 {
    let mut z = (at as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15).wrapping_add(0x0123_4567_89ab_cdef);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    (z ^ (z >> 31)) as f64 / u64::MAX as f64
}

/// Rows written one after the other; outputs and value added so that it balances.
fn icio(path: &Path) {
    const FINAL: [&str; 6] = ["HFCE", "NPISH", "GGFC", "GFCF", "INVNT", "DPABR"];
    let (regions, sectors) = (77, 45);
    let n = regions * sectors;
    let region = |r: usize| format!("{}{}{}", (b'A' + (r / 26) as u8) as char, (b'A' + (r % 26) as u8) as char, "X");
    let mut out = BufWriter::new(File::create(path).unwrap());
    let names = |of: &[String]| (0..regions).flat_map(|r| of.iter().map(move |c| format!("{}_{c}", region(r)))).collect::<Vec<_>>();
    let industries = names(&(0..sectors).map(|i| format!("S{i:02}")).collect::<Vec<_>>());
    let categories = names(&FINAL.map(str::to_owned));
    writeln!(out, "V1,{},{},OUT", industries.join(","), categories.join(",")).unwrap();
    // eight decimals: about the length of the published cells
    let (mut inputs, mut outputs) = (vec![0.0; n], Vec::new());
    let places = |value: f64| format!("{value:.8}");
    for (i, label) in industries.iter().enumerate() {
        write!(out, "{label}").unwrap();
        let mut output = 0.0;
        for (j, input) in inputs.iter_mut().enumerate() {
            let own = if i / sectors == j / sectors { 900.0 } else { 1.0 };
            let text = if drawn(i * 4001 + j) < 0.05 { "0".to_owned() } else { places(own * drawn(i * 4001 + j).powi(4)) };
            let value: f64 = text.parse().unwrap();
            *input += value;
            output += value;
            write!(out, ",{text}").unwrap();
        }
        for k in 0..regions * FINAL.len() {
            let own = if i / sectors == k / FINAL.len() { 9000.0 } else { 3.0 };
            let sign = if k % 6 == 4 && drawn(i * 4001 + k + 9) < 0.5 { -0.1 } else { 1.0 };
            let text = places(sign * own * drawn(i * 4001 + k + 5).powi(3));
            output += text.parse::<f64>().unwrap();
            write!(out, ",{text}").unwrap();
        }
        writeln!(out, ",{output}").unwrap();
        outputs.push(output);
    }
    let zeros = ",0".repeat(categories.len() + 1);
    let mut row = |label: &str, values: Vec<f64>| {
        write!(out, "{label}").unwrap();
        values.iter().for_each(|value| write!(out, ",{value}").unwrap());
        writeln!(out, "{zeros}").unwrap();
    };
    row("TLS", outputs.iter().map(|output| output * 0.01).collect());
    row("VA", outputs.iter().zip(&inputs).map(|(output, input)| output - input - output * 0.01).collect());
    row("OUT", outputs);
}

/// `Z.txt` and `Y.txt` with all digits, as programs print doubles.
fn exiobase(folder: &Path) {
    std::fs::create_dir_all(folder).unwrap();
    let (regions, sectors, finals) = (20, 163, 7);
    let n = regions * sectors;
    let pairs =
        |of: usize, name: &'static str| (0..regions).flat_map(move |r| (0..of).map(move |i| (format!("R{r:02}"), format!("{name} {i}"))));
    for (file, of, name) in [("Z.txt", sectors, "Industry"), ("Y.txt", finals, "Final demand")] {
        let mut out = BufWriter::new(File::create(folder.join(file)).unwrap());
        let columns: Vec<(String, String)> = pairs(of, name).collect();
        writeln!(out, "region\t\t{}", columns.iter().map(|(r, _)| r.as_str()).collect::<Vec<_>>().join("\t")).unwrap();
        writeln!(out, "sector\t\t{}", columns.iter().map(|(_, c)| c.as_str()).collect::<Vec<_>>().join("\t")).unwrap();
        writeln!(out, "region\tsector{}", "\t".repeat(columns.len())).unwrap();
        for (i, (region, code)) in pairs(sectors, "Industry").enumerate() {
            write!(out, "{region}\t{code}").unwrap();
            for j in 0..columns.len() {
                // small ones with an exponent, as Python prints them
                match 1e3 * drawn(i * n + j).powi(5) {
                    value if value < 1e-4 => write!(out, "\t{value:e}").unwrap(),
                    value => write!(out, "\t{value}").unwrap(),
                }
            }
            writeln!(out).unwrap();
        }
    }
}

/// A dense table of the size of EXIOBASE's products by products.
fn large(folder: &Path) {
    let (regions, sectors, finals) = (49, 200, 7);
    let pairs = |of: usize| (0..regions).flat_map(|r| (0..of).map(move |i| (format!("R{r:02}"), format!("C{i:03}")))).collect::<Vec<_>>();
    let (industries, final_demand) = (pairs(sectors), pairs(finals));
    let (n, m) = (industries.len(), final_demand.len());
    let table = PublishedTable {
        edition: "exiobase3".into(),
        system: "large".into(),
        title: "MADE-UP".into(),
        period: 2020,
        unit: "million EUR".into(),
        z: (0..n * n).map(drawn).collect(),
        y: (0..n * m).map(drawn).collect(),
        output: vec![1e4; n],
        industries,
        final_demand,
        primary: Vec::new(),
        extensions: Vec::new(),
        repairs: Vec::new(),
        balance: BalanceReport::default(),
        files: Vec::new(),
    };
    store_input_output(&table, folder, Some("large")).unwrap();
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [what, folder] = arguments.as_slice() else { panic!("bench_read write|icio|store|exiobase|reopen FOLDER") };
    let folder = Path::new(folder);
    std::fs::create_dir_all(folder).unwrap();
    let (csv, text, space) = (folder.join("ICIO2023_2018.csv"), folder.join("IOT_2018_ixi"), folder.join("space"));
    let size = |path: &Path| std::fs::metadata(path).unwrap().len() as f64 / 1e6;
    match what.as_str() {
        "write" => {
            if !csv.exists() {
                icio(&csv);
            }
            if !text.exists() {
                exiobase(&text);
            }
            if !space.exists() {
                large(&space);
            }
            println!("{:.0} MB csv, {:.0} MB Z.txt", size(&csv), size(&text.join("Z.txt")));
        }
        "icio" => {
            let options = InputOutputOptions::default();
            let table =
                timed(&format!("ICIO 2023 layout, 3,465 industries, {:.0} MB: read", size(&csv)), || read_input_output(&[csv], &options));
            assert_eq!(table.unwrap().industries.len(), 3465);
        }
        "store" => {
            let into = tempfile::tempdir_in(folder).unwrap();
            timed(&format!("ICIO 2023 layout, 3,465 industries, {:.0} MB: read and store", size(&csv)), || {
                let table = read_input_output(&[csv], &InputOutputOptions::default()).unwrap();
                store_input_output(&table, into.path(), None).unwrap();
            });
        }
        "exiobase" => {
            let megabytes = size(&text.join("Z.txt"));
            let (start, cells) = (cpu_seconds(), 3260.0 * (3260.0 + 140.0));
            let table = timed(&format!("EXIOBASE layout, 3,260 industries, Z.txt of {megabytes:.0} MB: read"), || {
                read_input_output(&[text], &InputOutputOptions::default()).unwrap()
            });
            println!("{:.1} ns a cell", (cpu_seconds() - start) / cells * 1e9);
            assert_eq!(table.industries.len(), 3260);
        }
        "reopen" => {
            let table =
                timed("dense table of 9,800 industries: reopen", || Workspace::open(&space).unwrap().input_output("large").unwrap());
            let sum = timed("and go through all of Z once", || (*table.z).as_ref().iter().sum::<f64>());
            println!("sum {sum}");
        }
        other => panic!("`{other}` is none of write, icio, store, exiobase, reopen"),
    }
}
