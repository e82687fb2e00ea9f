//! Importing an input-output table, and what the other verbs make of it, as a user meets them. The table is MADE UP and written in the
//! layout of the OECD's ICIO 2023.
#![allow(clippy::unwrap_used)]

use assert_cmd::Command;
use sha2::{Digest, Sha256};
use std::path::{Path, PathBuf};
use tempfile::TempDir;

const REGIONS: [&str; 3] = ["AUS", "FRA", "ROW"];
const SECTORS: [&str; 2] = ["A01_02", "C"];
const FINAL: [&str; 3] = ["HFCE", "GFCF", "INVNT"];

/// A table whose numbers are multiples of 1/8, so that its sums are exact; ROW A01_02 makes and uses nothing.
fn icio() -> String {
    let pairs = |of: &[&str]| REGIONS.iter().flat_map(|r| of.iter().map(move |c| format!("{r}_{c}"))).collect::<Vec<_>>();
    let (industries, categories) = (pairs(&SECTORS), pairs(&FINAL));
    let (n, m) = (industries.len(), categories.len());
    let value = |at: usize| ((at * 7919 + 13) % 1009) as f64 / 8.0;
    let here = |i: usize| if i == 4 { 0.0 } else { 1.0 };
    let z = |i: usize, j: usize| (value(i * n + j) / 16.0).floor() * here(i) * here(j);
    let y = |i: usize, k: usize| (if k % 3 == 2 { -1.0 } else { value(i * m + k + 700) }) * here(i);
    let line = |label: &str, numbers: &[f64]| {
        let cells: Vec<String> = numbers.iter().map(f64::to_string).collect();
        format!("{label},{}\n", cells.join(","))
    };
    let mut text = format!("V1,{},{},OUT\n", industries.join(","), categories.join(","));
    let mut output = Vec::new();
    for (i, label) in industries.iter().enumerate() {
        let mut row: Vec<f64> = (0..n).map(|j| z(i, j)).chain((0..m).map(|k| y(i, k))).collect();
        output.push(row.iter().sum::<f64>());
        row.push(output[i]);
        text += &line(label, &row);
    }
    let zeros = vec![0.0; m + 1];
    let added: Vec<f64> = (0..n).map(|j| output[j] - (0..n).map(|i| z(i, j)).sum::<f64>()).collect();
    text += &line("TLS", &[vec![0.0; n], zeros.clone()].concat());
    text += &line("VA", &[added, zeros.clone()].concat());
    text + &line("OUT", &[output, zeros].concat())
}

struct Bench(TempDir);

impl Bench {
    fn new() -> Self {
        Bench(tempfile::tempdir().unwrap())
    }

    fn space(&self) -> PathBuf {
        self.0.path().join("space")
    }

    /// Runs the program; status, what it printed, what it said.
    fn run(&self, arguments: &[&str]) -> (bool, String, String) {
        let output = Command::new(env!("CARGO_BIN_EXE_xinzhi")).args(arguments).output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        (output.status.success(), text(output.stdout), text(output.stderr))
    }

    fn import(&self, format: &str, name: &str, content: &str, more: &[&str]) -> (bool, String) {
        let path = self.0.path().join(name);
        std::fs::write(&path, content).unwrap();
        let space = self.space();
        let head = ["data", "import", format, path.to_str().unwrap(), "--into", space.to_str().unwrap()];
        let (good, printed, said) = self.run(&[&head[..], more].concat());
        assert!(printed.is_empty());
        (good, said)
    }

    fn data(&self, arguments: &[&str]) -> String {
        let space = self.space();
        let (good, printed, said) = self.run(&[arguments, &["--data", space.to_str().unwrap()]].concat());
        assert!(good, "{arguments:?}: {said}");
        printed
    }
}

fn contents(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut all: Vec<(PathBuf, Vec<u8>)> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| (path.clone(), Sha256::digest(std::fs::read(path).unwrap()).to_vec()))
        .collect();
    all.sort();
    all
}

fn holds(text: &str, parts: &[&str]) {
    for part in parts {
        assert!(text.contains(part), "`{part}` is not in: {text}");
    }
}

#[test]
fn a_table_is_imported_listed_checked_exported_and_computed_on() {
    let bench = Bench::new();
    let (good, said) = bench.import("icio", "2019_SML.csv", &icio(), &[]);
    assert!(good, "{said}");
    holds(
        &said,
        &[
            "icio-2019: 6 rows",
            "edition icio: 6 industries, 9 columns of final demand, 2019, million USD",
            "repair zero-output: 1 cells or labels, 0 million USD (ROW A01_02); --no-repair zero-output leaves it",
            "largest difference of a row from its stated total: 0.000 (AUS A01_02)",
            "largest difference of a column from its output: 0.000 (AUS A01_02)",
            "primary inputs less final demand: 0.00e0 of final demand",
        ],
    );
    holds(&bench.data(&["data", "list"]), &["icio-2019  io_dense  6", "OECD Inter-Country Input-Output table 2019"]);
    holds(&bench.data(&["data", "list", "--format", "json"]), &["\"schema\": \"io_dense\""]);
    let page = bench.data(&["data", "describe", "icio-2019"]);
    holds(&page, &["icio", "2019", "million USD", "2019_SML.csv", "VA (value-added)", "zero-output (0 million USD)"]);
    let page = bench.data(&["data", "describe", "icio-2019", "--lang", "zh", "--format", "json"]);
    assert!(page.contains("\"industries\""), "{page}");
    holds(&bench.data(&["data", "check"]), &["ok", "icio-2019", "6"]);

    // as a plain table it reads back to the same numbers
    let exported = bench.data(&["data", "export", "icio-2019"]);
    let (good, said) = bench.import("io-csv", "again 2019.csv", &exported, &["--id", "again", "--unit", "million USD"]);
    assert!(good, "{said}");
    holds(&said, &["edition io-csv-two-labels: 6 industries, 9 columns"]);
    assert_eq!(bench.data(&["data", "export", "again"]), exported);

    // gross exports and their parts, summed by hand from the file
    let table = bench.data(&["chain", "gvc", "--system", "icio", "--format", "csv"]);
    let mut rows = csv::Reader::from_reader(table.as_bytes());
    let header = rows.headers().unwrap().clone();
    assert!(header.iter().any(|name| name == "DVA") || table.contains("DVA"), "{table}");
    let cells: Vec<Vec<f64>> =
        icio().lines().skip(1).take(6).map(|line| line.split(',').skip(1).map(|cell| cell.parse().unwrap()).collect()).collect();
    let exports: f64 = (0..2).map(|i| (2..6).map(|j| cells[i][j]).sum::<f64>() + (9..15).map(|k| cells[i][k]).sum::<f64>()).sum();
    let found = table.split([',', '\n']).filter_map(|cell| cell.trim().parse::<f64>().ok());
    assert!(found.into_iter().any(|value| (value - exports).abs() < 1e-9 * exports), "{exports} is not in {table}");
}

#[test]
fn an_import_that_fails_leaves_the_workspace_as_it_was() {
    let bench = Bench::new();
    let good = icio();
    let refused = |name: &str, content: &str, more: &[&str], parts: &[&str]| {
        let before = bench.space().exists().then(|| contents(&bench.space()));
        let (done, said) = bench.import("icio", name, content, more);
        assert!(!done, "{name} was imported: {said}");
        holds(&said, &["error: "]);
        holds(&said, parts);
        assert_eq!(bench.space().exists().then(|| contents(&bench.space())), before, "the workspace changed");
    };
    let unbalanced = good.replacen("\nAUS_A01_02,", "\nAUS_A01_02,99", 1);
    // before there is a workspace, and beside a table that is there
    for round in 0..2 {
        refused("2019_SML.csv", &unbalanced, &[], &["does not balance", "AUS A01_02", "2019_SML.csv"]);
        refused("2019_SML.csv", &good.replacen("AUS_C,", "AUS_C,n.a.", 2), &[], &["AUS_C"]);
        refused("2019_SML.csv", &good[..good.len() / 2], &[], &["2019_SML.csv"]);
        refused("tables.csv", &good, &[], &["--period"]);
        refused("2019_SML.csv", &good, &["--edition", "figaro"], &["not that of edition `figaro`"]);
        refused("2019_SML.csv", &good, &["--repair", "everything"], &["everything"]);
        refused("2019_SML.csv", &good, &["--tolerance", "3"], &["share"]);
        refused("2019_SML.csv", &good, &["--id", "../away"], &["../away"]);
        if round == 0 {
            assert!(!bench.space().exists(), "a refused import made the workspace");
            let (done, said) = bench.import("icio", "2019_SML.csv", &good, &[]);
            assert!(done, "{said}");
        }
    }
    let (done, said) = bench.import("icio", "2019_SML.csv", &good, &["--no-repair", "zero-output"]);
    assert!(done, "{said}");
    holds(&said, &["replaces the table of that id"]);
    assert!(!said.contains("repair zero-output"), "{said}");
    // an option of the other kind of import
    let (done, said) = bench.import("icio", "2019_SML.csv", &good, &["--schema", "trade"]);
    assert!(!done && said.contains("--schema"), "{said}");
}
