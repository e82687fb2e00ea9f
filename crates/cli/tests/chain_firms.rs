//! `xinzhi chain firms` as a user meets it: the program as a process, its output, its exit status and its messages. The network is the
//! published example of twelve links (github.com/vitelot/Economic-Systemic-Risk); larger ones are made up.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use assert_cmd::Command;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::PathBuf;
use tempfile::TempDir;

type Row = BTreeMap<String, String>;

const EXAMPLE: &str = include_str!("../../chain/tests/data/firm_example.csv");

/// A folder with the example's links, firms and roles of inputs.
struct Files {
    folder: TempDir,
}

impl Files {
    fn example() -> Self {
        let files = Files { folder: tempfile::tempdir().unwrap() };
        let rows: Vec<Vec<&str>> = EXAMPLE.lines().skip(1).map(|line| line.split(',').collect()).collect();
        let (mut links, mut firms, mut essential) = (String::from("supplier,buyer,value\n"), BTreeMap::new(), BTreeMap::new());
        for row in &rows {
            writeln!(links, "{},{},{}", row[0], row[1], row[4]).unwrap();
            firms.insert(row[0], row[2]);
            firms.insert(row[1], row[3]);
            essential.insert((row[2], row[3]), row[5]);
        }
        files.write("links.csv", &links);
        files.write(
            "firms.csv",
            &firms.iter().fold("firm,sector\n".to_owned(), |text, (firm, sector)| text + &format!("{firm},{sector}\n")),
        );
        let roles = essential.iter().map(|((from, to), role)| format!("{from},{to},{role}\n")).collect::<String>();
        files.write("essential.csv", &format!("supplying,buying,role\n{roles}"));
        files
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn write(&self, name: &str, text: &str) -> PathBuf {
        std::fs::write(self.path(name), text).unwrap();
        self.path(name)
    }

    /// The verb on the links, with sectors.
    fn firms(&self, more: &[&str]) -> Command {
        let mut command = Command::cargo_bin("xinzhi").unwrap();
        command.current_dir(self.folder.path()).args(["chain", "firms", "--input", "links.csv", "--sectors", "firms.csv"]).args(more);
        command
    }
}

fn output(command: &mut Command) -> String {
    let done = command.assert().success();
    String::from_utf8(done.get_output().stdout.clone()).unwrap()
}

fn told(command: &mut Command) -> String {
    let done = command.assert().success();
    String::from_utf8(done.get_output().stderr.clone()).unwrap()
}

/// What it says when it stops, with nothing on standard output.
fn failure(command: &mut Command, status: i32) -> String {
    let done = command.assert().failure().code(status);
    assert!(done.get_output().stdout.is_empty());
    String::from_utf8(done.get_output().stderr.clone()).unwrap()
}

fn rows(text: &str) -> Vec<Row> {
    csv::Reader::from_reader(text.as_bytes()).deserialize().map(|row| row.unwrap()).collect()
}

#[test]
fn the_published_example() {
    let files = Files::example();
    let found = rows(&output(&mut files.firms(&["--essential", "essential.csv", "--format", "csv"])));
    let expected = [
        ("X", 1.0),
        ("A", 0.4166666666666667),
        ("K", 0.3888888888888889),
        ("L", 0.3888888888888889),
        ("I", 0.3055555555555556),
        ("J", 0.3055555555555556),
        ("B", 0.1369047619047619),
        ("C", 0.1369047619047619),
        ("D", 0.1369047619047619),
        ("E", 0.12320402298850575),
        ("F", 0.12320402298850575),
        ("G", 0.12320402298850575),
        ("H", 0.08333333333333333),
    ];
    assert_eq!(found.len(), expected.len());
    for (at, (row, (firm, index))) in found.iter().zip(expected).enumerate() {
        assert_eq!((row["rank"].as_str(), row["firm"].as_str()), ((at + 1).to_string().as_str(), firm));
        assert!((row["esri"].parse::<f64>().unwrap() - index).abs() < 1e-15, "{row:?}");
    }
    let x = &found[0];
    assert_eq!([&x["sector"], &x["market_share"], &x["customers"], &x["only_supplier_of"], &x["firms_hit"]], ["1", "0.75", "3", "3", "13"]);

    let top = files.firms(&["--essential", "essential.csv", "--format", "csv", "--top", "2", "--sample", "5"]).output().unwrap();
    assert_eq!(rows(std::str::from_utf8(&top.stdout).unwrap()).len(), 2);
    assert!(String::from_utf8(top.stderr).unwrap().contains("5 of 13 firms"));
}

#[test]
fn one_cascade_of_several_firms() {
    let files = Files::example();
    let essential = ["--essential", "essential.csv"];
    let text = output(files.firms(&essential).args(["--failing", "A", "--format", "json"]));
    let found: serde_json::Value = serde_json::from_str(&text).unwrap();
    let lost = |firm: &str| {
        let row = found["losses"].as_array().unwrap().iter().find(|row| row["firm"] == firm);
        row.map(|row| row["loss"].as_f64().unwrap())
    };
    assert_eq!([lost("X"), lost("A"), lost("K"), lost("L"), lost("B")], [Some(1.0), Some(1.0), Some(1.0), Some(1.0), None]);
    assert!((found["total"][0]["loss"].as_f64().unwrap() - 5.0 / 12.0).abs() < 1e-15);
    assert_eq!(found["total"][0]["converged"], true);
    // more fails, more is lost; a part of a failure loses less than the whole
    let whole = |failing: &str| -> f64 {
        let text = output(files.firms(&essential).args(["--failing", failing, "--format", "json"]));
        let found: serde_json::Value = serde_json::from_str(&text).unwrap();
        found["total"][0]["loss"].as_f64().unwrap()
    };
    assert!(whole("A=0.3") < whole("A") && whole("A") < whole("A,H") && whole("A,H=0.5") < whole("A,H"));
}

#[test]
fn components_and_the_suppliers_of_one() {
    let files = Files::example();
    files.write("links.csv", "supplier,buyer,value\na,b,1\nb,a,2\nb,c,1\nd,e,3\n");
    // components need no sectors
    let mut command = Command::cargo_bin("xinzhi").unwrap();
    command.current_dir(files.folder.path()).args(["chain", "firms", "--input", "links.csv", "--components", "--format", "csv"]);
    let text = output(&mut command);
    assert_eq!(text.lines().next().unwrap(), "connection,component,components,firms,sales,largest_firm");
    assert!(text.contains("weak,1,1,3,4,b\nweak,2,1,2,3,d\nstrong,1,1,2,4,b\nstrong,,3,3,3,\n"), "{text}");
    let mut without = Command::cargo_bin("xinzhi").unwrap();
    without.current_dir(files.folder.path()).args(["chain", "firms", "--input", "links.csv"]);
    assert!(failure(&mut without, 2).contains("--sectors"));

    let files = Files::example();
    let inputs = rows(&output(&mut files.firms(&["--inputs-of", "X", "--format", "csv"])));
    assert_eq!(inputs.len(), 8);
    let of = |firm: &str| inputs.iter().find(|row| row["supplier"] == firm).unwrap();
    assert_eq!([&of("A")["share_of_sector"], &of("A")["other_suppliers"], &of("A")["alternatives"]], ["1", "0", "0"]);
    assert_eq!([&of("E")["share_of_sector"], &of("E")["share_of_purchases"], &of("E")["other_suppliers"]], ["0.5", "0.125", "1"]);
}

#[test]
fn any_kind_of_table_and_any_number_of_threads() {
    let files = Files::example();
    let mut links = String::from("from\tto\tsales\n");
    let mut firms = String::from("id;nace;turnover\n");
    let codes = ["C24", "C29", "D35", "G46", "M73"];
    // made up by formula
    for at in 0..300usize {
        writeln!(firms, "firm {at};{};{}", codes[at * 7 % 5], 50 + at * 13 % 90).unwrap();
        for step in [1, 17, 71] {
            writeln!(links, "firm {at}\tfirm {}\t{}", (at * step + step) % 300, 1 + at * step % 11).unwrap();
        }
    }
    files.write("links.tsv", &links);
    files.write("turnover.csv", &firms);
    let packed = std::fs::File::create(files.path("links.tsv.gz")).unwrap();
    let mut packed = flate2::write::GzEncoder::new(packed, flate2::Compression::fast());
    std::io::Write::write_all(&mut packed, links.as_bytes()).unwrap();
    packed.finish().unwrap();
    let run = |input: &str, threads: &str| {
        let mut command = Command::cargo_bin("xinzhi").unwrap();
        command.current_dir(files.folder.path()).args(["chain", "firms", "--supplier", "from", "--buyer", "to", "--value", "sales"]);
        command.args(["--firm", "id", "--sector", "nace", "--size", "turnover", "--sectors", "turnover.csv"]);
        command.args(["--input", input, "--threads", threads, "--format", "csv", "--record", "run.json"]);
        let done = command.output().unwrap();
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        (done.stdout, String::from_utf8(done.stderr).unwrap())
    };
    let (one, notes) = run("links.tsv", "1");
    assert!(notes.contains("rule nace"), "{notes}");
    assert_eq!(one, run("links.tsv", "3").0);
    assert_eq!(one, run("links.tsv.gz", "2").0);
    let record: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(files.path("run.json")).unwrap()).unwrap();
    assert_eq!((record["input_rule"].as_str(), record["not_converged"].as_u64()), (Some("nace"), Some(0)));
    assert_eq!(record["network"]["sizes_given"].as_u64(), Some(300));
    let found = rows(std::str::from_utf8(&one).unwrap());
    assert_eq!(found.len(), 300);
    assert!(found.windows(2).all(|pair| pair[0]["esri"].parse::<f64>().unwrap() >= pair[1]["esri"].parse::<f64>().unwrap()));
}

#[test]
fn bad_input_is_told_and_nothing_is_written() {
    let files = Files::example();
    let says = |links: &str, more: &[&str], status: i32, wanted: &[&str]| {
        files.write("links.csv", links);
        let message = failure(files.firms(more).args(["--out", "result.csv", "--record", "run.json"]), status);
        for part in wanted {
            assert!(message.contains(part), "{part:?} is not in {message}");
        }
        assert!(!files.path("result.csv").exists() && !files.path("run.json").exists());
    };
    let good = "supplier,buyer,value\nA,X,1\nX,K,2\n";
    says("supplier,buyer,value\nA,X,1\nX,K,-2\n", &[], 1, &["negative", "row 2", "-2"]);
    says("supplier,buyer,value\nA,X,1\nX,K,\nB,X,\n", &[], 1, &["missing in 2 rows: 2, 3", "--missing"]);
    says("supplier,buyer,value\nA,X,one\n", &[], 1, &["not a number", "one"]);
    says("supplier,buyer,value\n,X,1\n", &[], 1, &["the supplier or the buyer is missing"]);
    says("supplier,buyer,worth\nA,X,1\n", &[], 1, &["no column `value`", "columns present: supplier, buyer, worth"]);
    says("supplier,buyer,value\n", &[], 1, &["no data rows"]);
    says("", &[], 1, &["the file is empty"]);
    says("supplier,buyer,value\nA,A,1\n", &[], 1, &["no link is left of 1"]);
    says("supplier,buyer,value\nA,X,1\nA,Y2,1\n", &[], 1, &["Y2", "row 2", "--without-sector unknown"]);
    says("supplier,buyer,value\nA,X,1\nB,B,1\n", &["--self-links", "error"], 1, &["from B to B (row 2)", "does not supply itself"]);
    says("supplier,buyer,value\nA,X,1\nB,X,1\nA,X,1\n", &["--duplicates", "error"], 1, &["from A to X (row 3)", "also in row 1"]);
    says(good, &["--failing", "Q"], 1, &["the firm Q", "not among the 13 firms"]);
    says(good, &["--failing", "A=2"], 1, &["A", "its loss is 2"]);
    says(good, &["--failing", "A=much"], 2, &["FIRM=SHARE"]);
    says(good, &["--failing", "A", "--components"], 2, &["different questions"]);
    says(good, &["--tolerance", "0"], 1, &["tolerance"]);
    says(good, &["--rule", "cobb-douglas"], 2, &["nace, gb-t-4754, leontief or linear"]);
    says(good, &["--duplicates", "first"], 2, &["sum or error"]);
    says(good, &["--firm", "name"], 1, &["no column `name`", "firm, sector"]);
    let essential = files.write("strange.csv", "supplying,buying,role\nC24,C29,essential\n");
    says(good, &["--essential", essential.to_str().unwrap()], 1, &["none of its rows", "there are 1, 2"]);
    let essential = files.write("strange.csv", "supplying,buying,role\n1,2,vital\n");
    says(good, &["--essential", essential.to_str().unwrap()], 2, &["vital", "essential (2), non-essential (1) or ignored (0)"]);
    let firms = std::fs::read_to_string(files.path("firms.csv")).unwrap();
    for (line, wanted) in [("A,7\n", "stands in two rows"), ("Z,\n", "has no sector"), (",7\n", "no name")] {
        files.write("firms.csv", &(firms.clone() + line));
        says(good, &[], 1, &[wanted]);
    }
}

#[test]
fn what_is_not_clean_is_counted_and_told() {
    let files = Files::example();
    files.write("links.csv", "supplier,buyer,value\nA,X,1\nA,X,2\nB,B,5\nC,X,0\nX,new,4\n");
    let done = files.firms(&["--without-sector", "unknown", "--format", "csv"]).output().unwrap();
    assert!(done.status.success());
    let notes = String::from_utf8(done.stderr).unwrap();
    for note in [
        "1 links were added to another",
        "1 links of a firm with itself were left out, 5 in all",
        "1 links of value 0",
        "11 firms neither sell",
        "1 firms have no known sector",
        "every input is essential (rule leontief)",
    ] {
        assert!(notes.contains(note), "{note} is not in {notes}");
    }
    let found = rows(&String::from_utf8(done.stdout).unwrap());
    assert_eq!(found.len(), 14);
    let of = |firm: &str| found.iter().find(|row| row["firm"] == firm).unwrap();
    assert_eq!([&of("A")["sales"], &of("new")["sector"], &of("H")["esri"]], ["3", "unknown", "0"]);
    // sectors that no firm has are told, not refused, where others are known
    files.write("essential.csv", "supplying,buying,role\n1,1,essential\n1,77,ignored\n");
    let notes = told(&mut files.firms(&["--without-sector", "unknown", "--essential", "essential.csv"]));
    assert!(notes.contains("1 sectors of the table of essential inputs have no firm: 77"), "{notes}");
}

#[test]
fn a_scenario_names_the_firms_that_fail() {
    let files = Files::example();
    files.write("scenario.toml", "name = 'A half lost'\n[[shock]]\nwhat = 'capacity'\nfirms = ['A']\nloss = 0.5\n");
    let scenario = output(&mut files.firms(&["--essential", "essential.csv", "--scenario", "scenario.toml", "--format", "csv"]));
    let failing = output(&mut files.firms(&["--essential", "essential.csv", "--failing", "A=0.5", "--format", "csv"]));
    assert_eq!(scenario, failing);
    files.write("none.toml", "name = 'no firms'\n[[shock]]\nwhat = 'capacity'\nwho = ['DEU']\n");
    let refused = files.firms(&["--scenario", "none.toml"]).assert().failure();
    assert!(String::from_utf8_lossy(&refused.get_output().stderr).contains("no shock of the scenario names firms"));
}
