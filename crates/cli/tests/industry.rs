//! The `industry` verbs as a user meets them: the program as a process, its output, its exit status and its messages.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use assert_cmd::Command;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

const CORE: [&str; 4] = ["--core-population", "1e6", "--core-value", "1e9"];

fn xinzhi() -> Command {
    Command::cargo_bin("xinzhi").unwrap()
}

/// The Growth Lab's trade sample (600 rows, see `crates/complexity/tests/data/SOURCE-growth-lab.md`).
fn sample() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../complexity/tests/data/growth_lab_trade.csv")
}

fn on_sample(verb: &str, more: &[&str]) -> Command {
    let mut command = xinzhi();
    command.args(["industry", verb]).args(more).arg("--input").arg(sample());
    command.args(["--time", "year", "--place", "place", "--activity", "activity", "--value", "value"]);
    command
}

fn output(command: &mut Command) -> String {
    let done = command.assert().success();
    String::from_utf8(done.get_output().stdout.clone()).unwrap()
}

fn rows(csv_text: &str) -> Vec<BTreeMap<String, String>> {
    csv::Reader::from_reader(csv_text.as_bytes()).deserialize().map(|row| row.unwrap()).collect()
}

fn failure(command: &mut Command) -> String {
    let done = command.assert().failure().code(1);
    String::from_utf8(done.get_output().stderr.clone()).unwrap()
}

#[test]
fn complexity_has_a_row_for_every_period_place_and_activity() {
    let text = output(&mut on_sample("complexity", &["--format", "csv"]));
    let header = "time,place,activity,value,rca,mcp,diversity,ubiquity,eci,pci,density,distance,coi,cog,fitness,complexity";
    assert!(text.starts_with(header), "{}", &text[..200]);
    let rows = rows(&text);
    assert_eq!(rows.len(), 2 * 10 * 30);
    let first = &rows[0];
    assert_eq!(
        (first["time"].as_str(), first["place"].as_str(), first["activity"].as_str(), first["mcp"].as_str()),
        ("1995", "aut", "1704", "0")
    );
    for row in rows.iter().filter(|row| row["mcp"] == "1") {
        assert_eq!(row["cog"], "0");
        assert!(row["rca"].parse::<f64>().unwrap() >= 1.0);
    }
    // the published Stata figure, at the precision of the sample in double precision
    let stata = output(&mut on_sample("complexity", &["--format", "csv", "--convention", "stata", "--period", "1995", "--what", "places"]));
    let aut = super_rows(&stata, "place", "aut");
    assert!((aut["eci"].parse::<f64>().unwrap() - 1.073207217992253).abs() < 1e-12);
}

fn super_rows(text: &str, column: &str, value: &str) -> BTreeMap<String, String> {
    rows(text).into_iter().find(|row| row[column] == value).unwrap()
}

#[test]
fn the_bytes_do_not_depend_on_threads_or_the_order_of_rows() {
    let folder = tempfile::tempdir().unwrap();
    let text = std::fs::read_to_string(sample()).unwrap();
    let mut lines: Vec<&str> = text.lines().skip(1).collect();
    lines.reverse();
    lines.swap(3, 400);
    let shuffled = folder.path().join("shuffled.csv");
    std::fs::write(&shuffled, format!("{}\n{}\n", text.lines().next().unwrap(), lines.join("\n"))).unwrap();
    let more = ["--format", "csv", "--with", "relative_density,genepy"];
    let one = output(on_sample("complexity", &more).args(["--threads", "1"]));
    assert_eq!(one, output(on_sample("complexity", &more).args(["--threads", "8"])));
    let mut other = xinzhi();
    other.args(["industry", "complexity"]).args(more).arg("--input").arg(&shuffled);
    other.args(["--time", "year", "--place", "place", "--activity", "activity", "--value", "value"]);
    assert_eq!(one, output(&mut other));
    let places = ["--what", "places", "--bootstrap", "50", "--format", "csv"];
    assert_eq!(
        output(on_sample("complexity", &places).args(["--threads", "1"])),
        output(on_sample("complexity", &places).args(["--threads", "3"]))
    );
}

#[test]
fn the_record_keeps_what_a_reader_must_know() {
    let folder = tempfile::tempdir().unwrap();
    let record = folder.path().join("record.json");
    output(on_sample("complexity", &["--what", "places", "--bootstrap", "50", "--format", "csv"]).arg("--record").arg(&record));
    let record: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(record).unwrap()).unwrap();
    assert_eq!(record["input_sha256"].as_str().unwrap().len(), 64);
    let run = &record["periods"][0]["run"];
    assert_eq!(run["eigenvalues"].as_array().unwrap().len(), 4);
    assert!(run["gap"].as_f64().unwrap() > 0.0 && run["residual"].as_f64().unwrap() < 1e-12);
    assert_eq!(run["components"], 1);
    assert_eq!(record["periods"][0]["bootstrap"]["options"]["replicates"], 50);
}

#[test]
fn parquet_and_csv_hold_the_same_numbers() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("cells.parquet");
    output(on_sample("complexity", &["--format", "parquet"]).arg("--out").arg(&file));
    // our own output is an input again: ECI as a value is no amount, rca is
    let mut again = xinzhi();
    again.args(["industry", "complexity", "--what", "places", "--format", "csv", "--time", "time", "--place", "place"]);
    again.args(["--activity", "activity", "--value", "value"]).arg("--input").arg(&file);
    let (ours, direct) = (rows(&output(&mut again)), rows(&output(&mut on_sample("complexity", &["--what", "places", "--format", "csv"]))));
    assert_eq!(ours, direct);
}

#[test]
fn entries_proximities_and_activities_come_as_rows() {
    let entries = rows(&output(&mut on_sample("complexity", &["--what", "entries", "--format", "csv"])));
    assert!(!entries.is_empty());
    for row in &entries {
        let (before, after): (f64, f64) = (row["rca_before"].parse().unwrap(), row["rca_after"].parse().unwrap());
        assert_eq!(row["change"] == "entry", before < 1.0 && after >= 1.0, "{row:?}");
    }
    let pairs = rows(&output(&mut on_sample("complexity", &["--what", "proximity", "--period", "1995", "--format", "csv"])));
    assert!(pairs.len() > 200 && pairs.iter().all(|row| row["activity"] < row["neighbour"]));
    let asymmetric = rows(&output(&mut on_sample(
        "complexity",
        &["--what", "proximity", "--proximity", "asymmetric", "--period", "1995", "--format", "csv"],
    )));
    assert_eq!(asymmetric.len(), 2 * pairs.len());
}

#[test]
fn bad_input_is_refused_with_its_place() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path
    };
    let run = |path: &Path, more: &[&str]| {
        let mut command = xinzhi();
        command.args(["industry", "complexity", "--time", "t", "--place", "c", "--activity", "p", "--value", "v", "--format", "csv"]);
        command.args(more).arg("--input").arg(path);
        command
    };
    let good = "t,c,p,v\n2000,A,x,3\n2000,A,y,1\n2000,B,y,4\n2000,C,x,2\n2000,C,z,5\n";
    let twice = write("twice.csv", &format!("{good}2000,A,x,1\n"));
    let message = failure(&mut run(&twice, &[]));
    assert!(message.contains("--duplicates sum") && message.contains("row 6"), "{message}");
    let summed = rows(&output(&mut run(&twice, &["--duplicates", "sum"])));
    assert_eq!(summed[0]["value"], "4");
    let negative = write("negative.csv", &good.replace(",4\n", ",-4\n"));
    let message = failure(&mut run(&negative, &[]));
    assert!(message.contains("row 3") && message.contains("-4"), "{message}");
    let missing = write("missing.csv", &good.replace(",4\n", ",NaN\n"));
    let message = failure(&mut run(&missing, &[]));
    assert!(message.contains("row 3") && message.contains("--missing"), "{message}");
    assert_eq!(rows(&output(&mut run(&missing, &["--missing", "zero"]))).len(), 9);
    let text = write("text.csv", &good.replace(",4\n", ",four\n"));
    assert!(failure(&mut run(&text, &[])).contains("four"));
    let mut unknown = xinzhi();
    unknown.args(["industry", "complexity", "--place", "country", "--activity", "p", "--value", "v", "--input"]).arg(&twice);
    assert!(failure(&mut unknown).contains("t, c, p, v"));
    // a table that cannot bear an index is no failure: it says so, period by period
    let small = write("small.csv", "t,c,p,v\n2000,A,x,3\n2000,A,y,1\n2001,A,x,3\n2001,B,y,1\n2001,B,x,0\n2002,A,x,0\n");
    let done = run(&small, &[]).assert().success();
    let told = String::from_utf8(done.get_output().stderr.clone()).unwrap();
    assert!(told.contains("2000:") && told.contains("2002:"), "{told}");
    let found = rows(&String::from_utf8(done.get_output().stdout.clone()).unwrap());
    assert_eq!(found.len(), 3 * 2 * 2);
    assert!(found.iter().any(|row| row["place_reason"] == "no_value"));
    // wrong names of options
    assert!(failure(&mut run(&twice, &["--convention", "mine", "--duplicates", "sum"])).contains("growth-lab"));
    run(&twice, &["--nonsense"]).assert().failure().code(2);
}

#[test]
fn two_universes_and_the_other_rules_are_there() {
    let folder = tempfile::tempdir().unwrap();
    let core = folder.path().join("core.csv");
    std::fs::write(&core, "place\naut\nblx\nche\ndeu\ndnk\nesp\ngbr\nita\n").unwrap();
    let with_core =
        output(on_sample("complexity", &["--what", "places", "--format", "csv", "--period", "1995"]).arg("--universe").arg(&core));
    assert!(super_rows(&with_core, "place", "pol")["eci"].parse::<f64>().unwrap().is_finite());
    let pci = folder.path().join("pci.csv");
    std::fs::write(&pci, "activity,pci\n1704,-1\n3917,2\n9403,-3\n").unwrap();
    let given = output(on_sample("complexity", &["--what", "places", "--format", "csv", "--period", "1995"]).arg("--pci").arg(&pci));
    assert!(rows(&given).iter().filter(|row| !row["eci"].is_empty()).all(|row| (-3.0..=2.0).contains(&row["eci"].parse::<f64>().unwrap())));
    let population = folder.path().join("people.csv");
    std::fs::write(&population, "place,population\naut,8\nblx,10\nche,7\ndeu,82\ndnk,5\nesp,39\ngbr,58\nita,57\npol,38\nsvn,2\n").unwrap();
    let either = ["--presence", "rca:1,rpop:2", "--with", "rpop", "--format", "csv", "--period", "1995"];
    let cells = output(
        xinzhi()
            .args(["industry", "complexity", "--place", "place", "--activity", "activity", "--value", "value"])
            .args(either)
            .args(["--time", "year"])
            .arg("--input")
            .arg(sample())
            .arg("--population")
            .arg(without_time(&population)),
    );
    for row in rows(&cells) {
        let number = |name: &str| row[name].parse::<f64>().unwrap();
        assert_eq!(row["mcp"] == "1", number("rca") >= 1.0 || number("rpop") >= 2.0);
    }
    assert!(failure(&mut on_sample("complexity", &["--presence", "rpop:1"])).contains("population"));
}

/// A file of places repeated for the sample's years, because the table has a column of years.
fn without_time(path: &Path) -> PathBuf {
    let text = std::fs::read_to_string(path).unwrap();
    let rows = text.lines().skip(1).flat_map(|line| ["1995", "1996"].map(|year| format!("{year},{line}\n")));
    let longer = path.with_file_name("people_by_year.csv");
    std::fs::write(&longer, format!("year,place,population\n{}", rows.collect::<String>())).unwrap();
    longer
}

#[test]
fn opportunities_on_the_data_inside_carry_their_evidence() {
    let folder = tempfile::tempdir().unwrap();
    let record = folder.path().join("record.json");
    let done = xinzhi()
        .args(["industry", "opportunities", "越南", "--items", "5", "--format", "csv", "--folds", "5", "--record"])
        .arg(&record)
        .args(CORE)
        .assert()
        .success();
    let told = String::from_utf8(done.get_output().stderr.clone()).unwrap();
    for word in ["place type", "transform:", "foster:", "build:", "probabilities come from"] {
        assert!(told.contains(word), "{word} in {told}");
    }
    let found = rows(&String::from_utf8(done.get_output().stdout.clone()).unwrap());
    assert_eq!(found.len(), 15);
    let number = |row: &BTreeMap<String, String>, name: &str| row[name].parse::<f64>().unwrap();
    for row in &found {
        match row["track"].as_str() {
            "transform" => assert!(number(row, "rca") >= 1.0 && !row["towards"].is_empty()),
            "foster" => {
                // what nobody traded then is not known to have risen or fallen
                assert!((0.25..1.0).contains(&number(row, "rca")));
                assert!(row["rca_before"].is_empty() || row["rca_before"].parse::<f64>().is_ok_and(|before| before < number(row, "rca")));
                assert!((0.0..=1.0).contains(&number(row, "entry_prob")) && (0.0..=1.0).contains(&number(row, "hit_rate")));
            }
            _ => assert!(number(row, "rca") < 0.25),
        }
        assert_eq!(row["nearest_held"].split("; ").count(), 5, "{row:?}");
    }
    assert!(found.iter().any(|row| row["comparators"].contains("1980-2017")));
    let record: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(record).unwrap()).unwrap();
    assert!(record["backtest"]["scores"].as_array().unwrap().len() >= 3);
    assert!(record["place_type"]["kind"].is_string());
}

#[test]
fn the_back_test_reports_every_model_beside_the_baselines() {
    // 17 years of exports by industry in the world's input-output table; a few of them
    let found = xinzhi()
        .args(["industry", "backtest", "--table", "output_wiod2013", "--scheme", "WIOD35", "--period", "1995,2003,2011", "--folds", "5"])
        .args(["--format", "json"])
        .assert()
        .success();
    let answer: serde_json::Value = serde_json::from_slice(&found.get_output().stdout).unwrap();
    let models: Vec<&str> = answer["models"].as_array().unwrap().iter().map(|m| m["model"].as_str().unwrap()).collect();
    assert_eq!(models, ["rca_level", "density", "logistic", "boosted_trees"]);
    for model in answer["models"].as_array().unwrap() {
        assert!((0.0..=1.0).contains(&model["auc"].as_f64().unwrap()) && model["p_at_10"].is_number());
    }
    assert!(answer["over_time"].as_array().unwrap().len() == 4);
    let told = String::from_utf8(found.get_output().stderr.clone()).unwrap();
    assert!(told.contains("density") && told.contains("AUC"), "{told}");
    let one = xinzhi().args(["industry", "backtest", "--period", "2017"]).assert().failure().code(1);
    assert!(String::from_utf8(one.get_output().stderr.clone()).unwrap().contains("two periods"));
}

#[test]
fn portfolios_are_proven_and_sequences_no_worse_than_greedy() {
    let places = tempfile::tempdir().unwrap();
    let book = places.path().join("portfolio.json");
    xinzhi().args(["industry", "portfolio", "--gain", "0.1", "--format", "json", "--out"]).arg(&book).args(CORE).assert().success();
    let answer: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(book).unwrap()).unwrap();
    let all = answer["places"].as_array().unwrap();
    let with_index = all.iter().filter(|p| p["eci_before"].is_number()).count();
    assert!(with_index > 200);
    for place in all.iter().filter(|p| p["eci_before"].is_number()) {
        assert_eq!(place["gap"].as_f64(), Some(0.0), "{place}");
        assert!(["reached", "best_reachable"].contains(&place["outcome"].as_str().unwrap()));
    }
    let record = places.path().join("sequence.json");
    xinzhi()
        .args(["industry", "sequence", "VNM", "--portfolio-gain", "0.1", "--threshold", "0.4", "--format", "csv", "--record"])
        .arg(&record)
        .args(CORE)
        .assert()
        .success();
    let record: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(record).unwrap()).unwrap();
    let number = |name: &str| record[name].as_f64().unwrap();
    assert!(number("lower_bound") <= number("total_time") * (1.0 + 1e-12) && number("total_time") <= number("greedy_time") * (1.0 + 1e-12));
    assert_eq!(record["exact"], true);
}

#[test]
fn the_space_is_drawn_and_written_for_other_programs() {
    let svg = output(xinzhi().args(["industry", "space", "--mark", "China", "--format", "svg", "--lang", "zh"]).args(CORE));
    assert!(svg.starts_with("<svg") && svg.contains("中国") && svg.len() > 100_000);
    let graph = output(&mut on_sample("space", &["--period", "1995", "--mark", "deu", "--format", "graphml"]));
    assert!(graph.contains("<graphml") && graph.matches("<node ").count() == 30);
    let book = output(&mut on_sample("space", &["--period", "1995", "--significance", "--format", "json"]));
    let answer: serde_json::Value = serde_json::from_str(&book).unwrap();
    let tree = answer["edges"].as_array().unwrap().iter().filter(|e| e["in_tree"] == true).count();
    assert_eq!(tree, 29);
    assert!(answer["edges"][0]["p_value"].is_number());
}

#[test]
fn peers_stand_beside_a_place() {
    let text = output(xinzhi().args(["industry", "peers", "Germany", "--count", "3", "--format", "json"]).args(CORE));
    let answer: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(answer["peers"].as_array().unwrap().len(), 12);
    let quadrants: std::collections::BTreeSet<&str> =
        answer["standing"].as_array().unwrap().iter().map(|row| row["quadrant"].as_str().unwrap()).collect();
    assert!(quadrants.contains("strength") && quadrants.contains("opportunity"), "{quadrants:?}");
    assert!(failure(xinzhi().args(["industry", "peers", "Atlantis"])).contains("Atlantis"));
}
