//! Writes a workbook in the layout of WIOD 2013 with made-up numbers (41 regions x 35 industries, about 22 MB) and times reading it: opening, header, balance checks, repairs.
//!
//! `bench_books [FILE]`: the file is kept when a name is given and read as it is when it exists (peak memory is that of reading only then).
#![allow(clippy::unwrap_used, missing_docs)]

use std::path::Path;
use xinzhi_store::{InputOutputOptions, read_input_output};

fn cpu_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap().split_whitespace().collect();
    (fields[11].parse::<f64>().unwrap() + fields[12].parse::<f64>().unwrap()) / 100.0
}

fn peak_memory() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    status.lines().find(|line| line.starts_with("VmHWM")).unwrap().trim_start_matches("VmHWM:").trim().to_owned()
}

/// A number between 0 and 1 that depends only on its place.
fn drawn(at: u64) -> f64 {
    let mut z = at.wrapping_mul(0x9e37_79b9_7f4a_7c15).wrapping_add(0x0123_4567_89ab_cdef);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    (z ^ (z >> 31)) as f64 / u64::MAX as f64
}

/// The layout as published: title, system and unit in the first column over the header, four header rows from row 3, four label columns,
/// a column of totals, rows r60 to r69.
fn write(path: &Path) {
    let (regions, industries) = (41, 35);
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet();
    sheet.set_name("WIOT_2011").unwrap();
    let codes = "AUS AUT BEL BGR BRA CAN CHN CYP CZE DEU DNK ESP EST FIN FRA GBR GRC HUN IDN IND IRL ITA JPN KOR LTU LUX LVA MEX MLT NLD POL PRT ROU RUS SVK SVN SWE TUR TWN USA RoW";
    let codes: Vec<&str> = codes.split(' ').collect();
    let region = |at: usize| codes[at].to_owned();
    let n = regions * industries;
    let finals = ["c37", "c38", "c39", "c41", "c42"];
    let columns: Vec<[String; 4]> = (0..n)
        .map(|j| {
            [
                format!("I{}", j % industries + 1),
                format!("Industry {}", j % industries + 1),
                region(j / industries),
                format!("c{}", j % industries + 1),
            ]
        })
        .chain((0..regions * 5).map(|k| [String::new(), format!("Final demand {}", k % 5 + 1), region(k / 5), finals[k % 5].to_owned()]))
        .collect();
    let titles = ["MADE-UP NUMBERS in the layout of the World Input-Output Table, 2011", "", "(industry-by-industry)", "(millions of US$)"];
    let final_demand = |i: usize, k: usize| {
        if k / 5 == i / industries {
            1e4 * drawn((i * 4001 + k + 7) as u64).powi(3)
        } else {
            10.0 * drawn((i * 4001 + k + 7) as u64).powi(9)
        }
    };
    let flow = |i: usize, j: usize| {
        let u = drawn((i * 2003 + j) as u64);
        match (i / industries == j / industries, u) {
            (false, u) if u < 0.45 => 0.0,
            (false, u) => 50.0 * u.powi(12),
            (true, u) => 1e3 * u.powi(4),
        }
    };
    let mut inputs = vec![0.0; n];
    let mut outputs = vec![0.0; n];
    for (i, output) in outputs.iter_mut().enumerate() {
        for (j, input) in inputs.iter_mut().enumerate() {
            let value = flow(i, j);
            *input += value;
            *output += value;
        }
        *output += (0..regions * 5).map(|k| final_demand(i, k)).sum::<f64>();
    }
    for row in 0..6u32 {
        if let Some(title) = titles.get(row as usize).filter(|title| !title.is_empty()) {
            sheet.write(row, 0, *title).unwrap();
        }
        let level = row.checked_sub(2).map(|level| level as usize);
        if let Some(level) = level.filter(|level| *level < 4) {
            for (at, names) in columns.iter().enumerate() {
                if !names[level].is_empty() {
                    sheet.write(row, at as u16 + 4, names[level].as_str()).unwrap();
                }
            }
            let total = ["", "Total output", "TOT", "c60"][level];
            if !total.is_empty() {
                sheet.write(row, columns.len() as u16 + 4, total).unwrap();
            }
        }
    }
    for i in 0..n {
        let row = i as u32 + 6;
        for (at, name) in columns[i].iter().enumerate() {
            sheet.write(row, at as u16, name.as_str()).unwrap();
        }
        for j in 0..n {
            sheet.write(row, j as u16 + 4, flow(i, j)).unwrap();
        }
        for k in 0..regions * 5 {
            sheet.write(row, (n + k) as u16 + 4, final_demand(i, k)).unwrap();
        }
        sheet.write(row, columns.len() as u16 + 4, outputs[i]).unwrap();
    }
    let names = [
        ("r60", "Total intermediate consumption"),
        ("r61", "taxes less subsidies on products"),
        ("r62", "Cif/ fob adjustments on exports"),
        ("r63", "Direct purchases abroad by residents"),
        ("r64", "Purchases on the domestic territory by non-residents"),
        ("r65", "Value added at basic prices"),
        ("r66", "International Transport Margins"),
        ("r69", "Output at basic prices"),
    ];
    for (at, (code, name)) in names.iter().enumerate() {
        let row = (n + 6 + at) as u32;
        sheet.write(row, 1, *name).unwrap();
        sheet.write(row, 2, "TOT").unwrap();
        sheet.write(row, 3, *code).unwrap();
        for j in 0..n {
            let value = match *code {
                "r60" => inputs[j],
                "r65" => outputs[j] - inputs[j],
                "r69" => outputs[j],
                _ => 0.0,
            };
            sheet.write(row, j as u16 + 4, value).unwrap();
        }
    }
    book.save(path).unwrap();
}

fn main() {
    let folder = tempfile::tempdir().unwrap();
    let path = std::env::args().nth(1).map_or_else(|| folder.path().join("wiot11_row_made_up.xlsx"), Into::into);
    if !path.exists() {
        write(&path);
    }
    println!("workbook in the layout of WIOD 2013, MADE-UP NUMBERS: {:.1} MB", std::fs::metadata(&path).unwrap().len() as f64 / 1e6);
    let before = cpu_seconds();
    let table = read_input_output(&[path], &InputOutputOptions::default()).unwrap();
    println!(
        "{} {}: n = {}, output {:.6e}, rows off by at most {:.1e}: {:.2} CPU s, peak {}",
        table.edition,
        table.period,
        table.industries.len(),
        table.output.iter().sum::<f64>(),
        table.balance.largest_row_difference,
        cpu_seconds() - before,
        peak_memory()
    );
}
