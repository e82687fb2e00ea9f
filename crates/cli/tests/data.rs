//! The `data` verbs as a user meets them: exit status, messages, and what is left on disk.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use assert_cmd::Command;
use assert_cmd::assert::Assert;
use predicates::prelude::*;
use sha2::{Digest, Sha256};
use std::path::{Path, PathBuf};
use tempfile::TempDir;

const GOOD: &str = "place,code,period,value\nCHN,8542,2020,1.5\nDEU,8703,2020,2\n";

fn xinzhi() -> Command {
    Command::new(env!("CARGO_BIN_EXE_xinzhi"))
}

/// A folder with a workspace `w` that holds the table `good`.
struct Bench {
    folder: TempDir,
}

impl Bench {
    fn new() -> Self {
        let bench = Bench { folder: tempfile::tempdir().unwrap() };
        bench.import("good.csv", GOOD.as_bytes(), &["--id", "good"]).success();
        bench
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn workspace(&self) -> PathBuf {
        self.path("w")
    }

    fn file(&self, name: &str, content: &[u8]) -> PathBuf {
        let path = self.path(name);
        std::fs::write(&path, content).unwrap();
        path
    }

    fn import_file(&self, path: &Path, extra: &[&str]) -> Assert {
        let mut command = xinzhi();
        command.args(["data", "import", "long"]).arg(path).arg("--into").arg(self.workspace());
        if !extra.contains(&"--schema") {
            command.args(["--schema", "activity", "--set", "scheme=HS4,measure=exports,unit=USD"]);
        }
        if !extra.contains(&"--id") {
            command.args(["--id", "bad"]);
        }
        command.args(extra).assert()
    }

    fn import(&self, name: &str, content: &[u8], extra: &[&str]) -> Assert {
        self.import_file(&self.file(name, content), extra)
    }

    /// The names and bytes of everything in the workspace.
    fn hash(&self) -> Vec<u8> {
        hash(&self.workspace())
    }

    /// An import that must fail with status 1, name all of `words`, and leave the workspace as it was.
    fn refused(&self, name: &str, content: &[u8], extra: &[&str], words: &[&str]) {
        self.file(name, content);
        self.refused_file(&self.path(name), extra, words);
    }

    fn refused_file(&self, path: &Path, extra: &[&str], words: &[&str]) {
        let before = self.hash();
        let output = self.import_file(path, extra).code(1).stdout("").get_output().clone();
        let message = String::from_utf8(output.stderr).unwrap();
        assert!(message.starts_with("error: "), "{message}");
        let file = path.file_name().unwrap().to_str().unwrap();
        for word in words.iter().chain([&file]) {
            assert!(message.contains(word), "`{word}` is not in: {message}");
        }
        assert_eq!(self.hash(), before, "the workspace changed");
    }

    fn export(&self, id: &str) -> String {
        let output = xinzhi().args(["data", "export", id, "--data"]).arg(self.workspace()).assert().success().get_output().clone();
        String::from_utf8(output.stdout).unwrap()
    }
}

fn hash(folder: &Path) -> Vec<u8> {
    let mut paths: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let mut hash = Sha256::new();
    for path in paths {
        hash.update(path.to_str().unwrap());
        hash.update(std::fs::read(path).unwrap());
    }
    hash.finalize().to_vec()
}

#[test]
fn a_good_file_goes_in_and_comes_out_the_same() {
    let bench = Bench::new();
    assert_eq!(
        bench.export("good"),
        "place,scheme,code,period,measure,value,unit\nCHN,HS4,8542,2020,exports,1.5,USD\nDEU,HS4,8703,2020,exports,2,USD\n"
    );
    let data = |verb: &[&str]| xinzhi().arg("data").args(verb).arg("--data").arg(bench.workspace()).assert().success();
    data(&["list"]).stdout(predicate::str::contains("good  activity  2"));
    data(&["list", "--format", "json"]).stdout(predicate::str::contains("\"rows\": 2"));
    data(&["describe", "good"]).stdout(predicate::str::contains("exports (USD)").and(predicate::str::contains("good.csv")));
    data(&["describe", "good", "--lang", "zh"]).stdout(predicate::str::contains("导入自 good.csv"));
    data(&["check"]).stdout(predicate::str::contains("warning  good").and(predicate::str::contains("CHN, DEU")));
    for format in ["json", "parquet", "xlsx"] {
        let out = bench.path(&format!("out.{format}"));
        data(&["export", "good", "--format", format, "--out", out.to_str().unwrap()]).stdout("");
        if format != "json" {
            bench.import_file(&out, &["--id", "again", "--schema", "activity"]).success();
            assert_eq!(bench.export("again"), bench.export("good"), "{format}");
        }
    }
}

#[test]
fn columns_are_mapped_by_name_on_the_command_line_and_in_a_file() {
    let bench = Bench::new();
    let text = "iso3\thead\tyear\tusd\nCHN\t8542\t2020\t1.5\nDEU\t8703\t2020\t2\n";
    bench.import("a.tsv", text.as_bytes(), &["--map", "place=iso3,code=head", "--map", "period=year,value=usd", "--id", "a"]).success();
    let mapping = bench.file(
        "mapping.toml",
        "id = \"b\"\nschema = \"activity\"\n[map]\nplace = \"iso3\"\ncode = \"head\"\nvalue = \"usd\"\nperiod = \"absent\"\n\
         [set]\nscheme = \"HS4\"\nmeasure = \"exports\"\nunit = \"USD\"\n[title]\nen = \"Exports\"\nzh = \"出口\"\n\
         [source]\nid = \"customs\"\nproducer = \"A customs office\"\ntitle = \"Records\"\n"
            .as_bytes(),
    );
    let mapping = mapping.to_str().unwrap();
    bench.import_file(&bench.path("a.tsv"), &["--mapping", mapping, "--map", "period=year", "--schema", "activity", "--id", "b"]).success();
    assert_eq!(bench.export("a"), bench.export("good"));
    assert_eq!(bench.export("b"), bench.export("good"));
    xinzhi()
        .args(["data", "describe", "b", "--data"])
        .arg(bench.workspace())
        .assert()
        .success()
        .stdout(predicate::str::contains("A customs office").and(predicate::str::contains("Exports")));
}

#[test]
fn encodings_are_found_out_or_refused() {
    let bench = Bench::new();
    let text = "place,code,period,value\n广东省,8542,2020,1.5\n江苏,8703,2020,2\n";
    let gb = encoding_rs::GB18030.encode(text).0.into_owned();
    let utf16: Vec<u8> = std::iter::once(0xFEFF).chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect();
    let plain = bench.import("utf8.csv", text.as_bytes(), &["--id", "plain"]);
    plain.success();
    for (name, bytes) in [("bom.csv", [b"\xEF\xBB\xBF", text.as_bytes()].concat()), ("gb.csv", gb.clone()), ("utf16.csv", utf16)] {
        bench.import(name, &bytes, &["--id", "other"]).success();
        assert_eq!(bench.export("other"), bench.export("plain"), "{name}");
    }
    bench.import("gb.csv", &gb, &["--id", "other"]).success().stderr(predicate::str::contains("read as gb18030"));
    let mixed = [text.as_bytes(), &encoding_rs::GB18030.encode("浙江,8703,2020,2\n").0].concat();
    bench.refused("mixed.csv", &mixed, &[], &["mixes encodings", "line 4"]);
    bench.refused("latin.csv", b"place,code,period,value\nC\xF4te,8542,2020,1\n", &[], &["neither UTF-8", "--encoding"]);
    bench
        .import("latin.csv", b"place,code,period,value\nC\xF4te,8542,2020,1\n", &["--id", "latin", "--encoding", "windows-1252"])
        .success();
    assert!(bench.export("latin").contains("Côte"));
    bench.refused("gb2.csv", &gb, &["--encoding", "utf-8"], &["not UTF-8", "line 2"]);
}

#[test]
fn bad_values_are_named_with_file_row_column_and_value() {
    let bench = Bench::new();
    let with = |row: &str| format!("{GOOD}{row}\n").into_bytes();
    for (row, extra, words) in [
        ("FRA,8542,2020,many", &[][..], &["row 3", "line 4", "column `value`", "`many`", "not a number"][..]),
        ("FRA,8542,2020,\"1,234\"", &[], &["row 3", "1,234", "--thousands"]),
        ("FRA,8542,2020,NaN", &[], &["row 3", "`NaN`", "missing"]),
        ("FRA,8542,2020,inf", &[], &["row 3", "`inf`", "finite"]),
        ("FRA,8542,2020,1e999", &[], &["row 3", "finite"]),
        ("FRA,8542,2020,-3", &[], &["row 3", "`-3`", "negative"]),
        ("FRA,8542,2020,", &[], &["row 3", "column `value`", "missing", "--missing drop"]),
        (",8542,2020,1", &[], &["row 3", "column `place`", "missing"]),
        (",8542,2020,1", &["--missing", "zero"], &["row 3", "column `place`", "missing"]),
        ("FRA,8542,2020.5,1", &[], &["row 3", "2020.5", "whole number"]),
        ("FRA,8542,2020,1,9", &[], &["row 3", "line 4", "5 cells", "4"]),
        ("FRA,8542,2020", &[], &["row 3", "3 cells"]),
        ("CHN,8542,2020,9", &[], &["row 1 (line 2)", "row 3", "CHN, HS4, 8542, 2020, exports", "--duplicates"]),
    ] {
        bench.refused("bad.csv", &with(row), extra, words);
    }
}

#[test]
fn missing_values_and_duplicates_are_dealt_with_as_asked_and_counted() {
    let bench = Bench::new();
    let text = format!("{GOOD}CHN,8542,2020,10\nFRA,8542,2020,NA\n");
    let drop = bench.import("d.csv", text.as_bytes(), &["--id", "d", "--missing", "drop", "--duplicates", "sum"]).success();
    drop.stderr(predicate::str::contains("1 of 4 rows left out").and(predicate::str::contains("1 of 4 rows added")));
    assert!(bench.export("d").contains("CHN,HS4,8542,2020,exports,11.5,USD\n") && !bench.export("d").contains("FRA"));
    bench.import("d.csv", text.as_bytes(), &["--id", "d", "--missing", "zero", "--duplicates", "first"]).success();
    assert!(bench.export("d").contains("8542,2020,exports,1.5,USD\n") && bench.export("d").contains("FRA,HS4,8542,2020,exports,0,USD"));
    xinzhi()
        .args(["data", "describe", "d", "--data"])
        .arg(bench.workspace())
        .assert()
        .stdout(predicate::str::contains("1 of 4 missing numbers"));
    // one unit cannot be added to another
    let units = "place,code,period,value,unit\nCHN,1,2020,1,USD\nCHN,1,2020,1,CNY\n";
    let extra = ["--schema", "activity", "--set", "scheme=HS4,measure=exports", "--duplicates", "sum"];
    bench.refused("units.csv", units.as_bytes(), &extra, &["row 2", "differ in `unit`"]);
}

#[test]
fn numbers_are_read_in_the_style_that_is_named() {
    let bench = Bench::new();
    let text = "place;code;period;value\nCHN;8542;2020;1.234,5\n";
    bench.import("de.csv", text.as_bytes(), &["--id", "de", "--decimal", ",", "--thousands", "."]).success();
    assert!(bench.export("de").contains(",1234.5,"));
    bench.refused("de.csv", text.as_bytes(), &["--decimal", ","], &["row 1", "1.234,5", "--thousands"]);
}

#[test]
fn bad_files_are_named() {
    let bench = Bench::new();
    bench.refused("empty.csv", b"", &[], &["empty"]);
    bench.refused("header.csv", b"place,code,period,value\n", &[], &["no data rows"]);
    bench.refused(
        "short.csv",
        b"place,code,period,valeu\nCHN,1,2020,1\n",
        &[],
        &["`value`", "nearest: valeu", "columns present: place, code"],
    );
    bench.refused("good2.csv", GOOD.as_bytes(), &["--map", "value=usd"], &["`usd`", "columns present"]);
    bench.refused("twice.csv", b"place,code,period,value,value\nCHN,1,2020,1,2\n", &[], &["two columns", "`value`"]);
    bench.refused("table.doc", b"hello", &[], &["`doc`", "parquet"]);
    bench.refused("disguised.csv", b"PK\x03\x04rest", &[], &["not text"]);
    bench.refused("fake.xlsx", b"not a workbook", &[], &["workbook"]);
    bench.refused("fake.parquet", b"PAR1 not really PAR1", &[], &["Parquet"]);
    bench.refused_file(&bench.path("absent.csv"), &[], &["cannot be opened"]);
    // a Parquet file that breaks off
    let whole = bench.path("whole.parquet");
    xinzhi()
        .args(["data", "export", "good", "--format", "parquet", "--data"])
        .arg(bench.workspace())
        .arg("--out")
        .arg(&whole)
        .assert()
        .success();
    let bytes = std::fs::read(&whole).unwrap();
    bench.refused("cut.parquet", &bytes[..bytes.len() - 20], &[], &["truncated"]);
}

#[test]
fn workbooks_name_their_sheets_and_odd_cells() {
    let bench = Bench::new();
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet().set_name("data").unwrap();
    for (at, name) in ["place", "code", "period", "value"].iter().enumerate() {
        sheet.write(0, at as u16, *name).unwrap();
    }
    for (row, place) in [(1, "CHN"), (2, "DEU")] {
        sheet.write(row, 0, place).unwrap();
        sheet.write(row, 1, "8542").unwrap();
        sheet.write(row, 2, 2020).unwrap();
    }
    sheet.write(1, 3, 1.5).unwrap();
    sheet.write(2, 3, true).unwrap();
    book.add_worksheet().set_name("notes").unwrap();
    let path = bench.path("book.xlsx");
    book.save(&path).unwrap();
    bench.refused_file(&path, &[], &["several sheets", "data, notes"]);
    bench.refused_file(&path, &["--sheet", "dta"], &["`dta`", "data, notes"]);
    bench.refused_file(&path, &["--sheet", "data"], &["row 2", "line 3", "column `value`", "truth value"]);
}

#[test]
fn usage_errors_have_status_2() {
    let bench = Bench::new();
    let before = bench.hash();
    let good = bench.path("good.csv");
    let good = good.to_str().unwrap();
    for (extra, words) in [
        (&["--schema", "activityy"][..], "nearest: activity"),
        (&["--schema", "io"], "lists"),
        (&["--schema", "activity", "--map", "valeu=value"], "nearest: value"),
        (&["--schema", "activity", "--set", "value=1", "--map", "value=usd"], "value"),
        (&["--id", "../bad"], "letters"),
        (&["--encoding", "klingon"], "klingon"),
        (&["--schema", "places", "--duplicates", "sum"], "added up"),
    ] {
        // of a column both mapped and set, the last word on the command line would be a guess
        let assert = bench.import_file(Path::new(good), extra);
        assert.code(2).stderr(predicate::str::contains(words));
    }
    for arguments in [
        &["data", "import", "baci", good, "--into", "w"][..],
        &["data", "list", "--format", "pdf"],
        &["data"],
        &["data", "list", "--threads", "0"],
    ] {
        xinzhi().args(arguments).assert().code(2).stdout("");
    }
    xinzhi().args(["data", "import", "baci", good, "--into", "w"]).assert().stderr(predicate::str::contains("long"));
    assert_eq!(bench.hash(), before);
}

#[test]
fn a_workspace_that_was_tampered_with_is_not_read() {
    let bench = Bench::new();
    let fails = |arguments: &[&str], words: &[&str]| {
        let output = xinzhi().arg("data").args(arguments).arg("--data").arg(bench.workspace()).assert().code(1).get_output().clone();
        let text = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
        words.iter().for_each(|word| assert!(text.contains(word), "`{word}` is not in: {text}"));
    };
    fails(&["export", "godo"], &["`godo`", "nearest: good"]);
    let manifest = bench.workspace().join("xinzhi.toml");
    let text = std::fs::read_to_string(&manifest).unwrap();
    let entry = text.lines().find_map(|line| line.strip_prefix("file = ")).unwrap().trim_matches('"').to_owned();
    std::fs::write(&manifest, text.replace("rows = 2", "rows = 3")).unwrap();
    fails(&["check"], &["error", "2 rows", "says 3"]);
    std::fs::write(&manifest, text.replace("format = 1", "format = 9")).unwrap();
    fails(&["list"], &["format 9"]);
    std::fs::write(&manifest, text.replace(&entry, "../good.csv")).unwrap();
    fails(&["list"], &["../good.csv"]);
    std::fs::write(&manifest, &text).unwrap();
    let table = bench.workspace().join(&entry);
    let bytes = std::fs::read(&table).unwrap();
    let mut changed = bytes.clone();
    changed[bytes.len() / 2] ^= 1;
    std::fs::write(&table, &changed).unwrap();
    fails(&["export", "good"], &[&entry, "not the one the manifest describes"]);
    fails(&["check"], &["error", &entry]);
    std::fs::remove_file(&table).unwrap();
    fails(&["list"], &[&entry, "absent"]);
    std::fs::write(&table, &bytes).unwrap();
    xinzhi().args(["data", "check", "--data"]).arg(bench.workspace()).assert().success();
    xinzhi().args(["data", "list", "--data", "/no/such/folder"]).assert().code(1).stderr(predicate::str::contains("/no/such/folder"));
}

#[test]
fn a_replaced_table_leaves_no_old_file_behind() {
    let bench = Bench::new();
    bench
        .import("new.csv", b"place,code,period,value\nFRA,1,2020,1\n", &["--id", "good"])
        .success()
        .stderr(predicate::str::contains("replaces"));
    let files = std::fs::read_dir(bench.workspace()).unwrap().count();
    assert_eq!(files, 2, "a manifest and one table");
    assert!(bench.export("good").contains("FRA"));
    // the same again gives the same bytes
    let before = bench.hash();
    bench.import("new.csv", b"place,code,period,value\nFRA,1,2020,1\n", &["--id", "good"]).success();
    assert_eq!(bench.hash(), before);
    let places = b"place,level,name_en,name_zh\nFRA,country,France,\xE6\xB3\x95\xE5\x9B\xBD\n";
    bench.import("p.csv", places, &["--id", "good", "--schema", "places"]).code(2).stderr(predicate::str::contains("cannot become"));
    assert_eq!(bench.hash(), before);
}

#[cfg(unix)]
mod unix {
    use super::*;
    use std::fs::File;

    #[test]
    fn a_full_disk_is_an_error_and_changes_nothing() {
        if Path::new("/dev/full").exists() {
            let full = xinzhi().args(["data", "export", "places", "--out", "/dev/full"]).assert().code(1);
            full.stderr(predicate::str::contains("No space left").and(predicate::str::contains("/dev/full")));
            let program = env!("CARGO_BIN_EXE_xinzhi");
            let shell = Command::new("sh").arg("-c").arg(format!("'{program}' data export places > /dev/full")).assert().code(1);
            shell.stderr(predicate::str::contains("No space left").and(predicate::str::contains("standard output")));
        }
    }

    #[test]
    fn a_closed_pipe_is_not_an_error() {
        for format in ["csv", "json", "parquet"] {
            let mut child = std::process::Command::new(env!("CARGO_BIN_EXE_xinzhi"))
                .args(["data", "export", "trade_btige", "--format", format])
                .stdout(std::process::Stdio::piped())
                .stderr(std::process::Stdio::piped())
                .spawn()
                .unwrap();
            // the reader goes away before the table, which is larger than any pipe, is written
            drop(child.stdout.take());
            let output = child.wait_with_output().unwrap();
            assert!(output.status.success() && output.stderr.is_empty(), "{format}: {}", String::from_utf8_lossy(&output.stderr));
        }
    }

    /// Runs an import that may write no more than `blocks` of 512 bytes to a file; `trap` is what happens when it tries.
    fn limited(bench: &Bench, blocks: u32, trap: &str) -> std::process::Output {
        let rows: String = (0..20_000u32).map(|i| format!("P{},{},2020,{}\n", i % 300, i, f64::from(i).sqrt())).collect();
        let file = bench.file("large.csv", format!("place,code,period,value\n{rows}").as_bytes());
        let program = env!("CARGO_BIN_EXE_xinzhi");
        let (file, into) = (file.display(), bench.workspace());
        let script = format!(
            "{trap} ulimit -f {blocks}; exec '{program}' data import long '{file}' --into '{}' --id good --schema activity \
             --set scheme=HS4,measure=exports,unit=USD",
            into.display()
        );
        std::process::Command::new("sh").arg("-c").arg(script).output().unwrap()
    }

    #[test]
    fn an_import_that_cannot_be_written_changes_nothing() {
        let bench = Bench::new();
        let before = bench.hash();
        let output = limited(&bench, 8, "trap '' XFSZ;");
        let message = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{message}");
        assert!(message.contains("cannot be written") && message.contains("nothing was changed"), "{message}");
        assert_eq!(bench.hash(), before);
    }

    #[test]
    fn an_import_that_is_killed_while_writing_leaves_the_old_table_and_the_next_one_cleans_up() {
        let bench = Bench::new();
        let old = bench.export("good");
        let output = limited(&bench, 8, "");
        assert_eq!(output.status.code(), None, "the signal ends it");
        assert_eq!(bench.export("good"), old);
        let parts = || {
            std::fs::read_dir(bench.workspace())
                .unwrap()
                .filter(|entry| entry.as_ref().unwrap().file_name().to_str().unwrap().starts_with('.'))
                .count()
        };
        assert_eq!(parts(), 1, "what it had written");
        bench.import("good.csv", GOOD.as_bytes(), &["--id", "good"]).success();
        assert_eq!(parts(), 0);
    }

    #[test]
    fn two_writers_do_not_write_at_once() {
        let bench = Bench::new();
        let held = File::open(bench.workspace()).unwrap();
        held.lock().unwrap();
        let before = bench.hash();
        let refused = bench.import("b.csv", GOOD.as_bytes(), &["--id", "b"]).code(1);
        refused.stderr(predicate::str::contains("another program is writing"));
        assert_eq!(bench.hash(), before);
        drop(held);
        bench.import("b.csv", GOOD.as_bytes(), &["--id", "b"]).success();
    }

    #[test]
    fn a_folder_that_cannot_be_made_is_named() {
        let bench = Bench::new();
        let before = bench.hash();
        let into = bench.path("good.csv").join("inside");
        let output = xinzhi()
            .args(["data", "import", "long"])
            .arg(bench.path("good.csv"))
            .arg("--into")
            .arg(&into)
            .args(["--id", "b", "--schema", "activity", "--set", "scheme=HS4,measure=exports,unit=USD"])
            .assert()
            .code(1);
        output.stderr(predicate::str::contains("folder cannot be made"));
        assert_eq!(bench.hash(), before);
    }
}

#[test]
fn the_built_in_workspace_lists_describes_and_exports() {
    xinzhi().args(["data", "list"]).assert().success().stdout(predicate::str::contains("exports_hs4_2017"));
    xinzhi().args(["data", "describe"]).assert().success().stdout(predicate::str::contains("wiod2013"));
    xinzhi().args(["data", "describe", "io_wiod2013_2011", "--lang", "zh"]).assert().success().stdout(predicate::str::contains("百万美元"));
    let csv = xinzhi().args(["data", "export", "province_st"]).assert().success();
    csv.stdout(predicate::str::is_match("CHN,st_rd_expenditure,2022,30782\\.88\\d*,").unwrap());
    // the state stands first in each line
    xinzhi().args(["data", "check"]).assert().success().stdout(predicate::str::is_match("(?m)^error").unwrap().not());
}

#[test]
fn every_embedded_table_can_be_described_in_both_languages() {
    let list = Command::new(env!("CARGO_BIN_EXE_xinzhi")).args(["data", "list", "--format", "json"]).output().unwrap();
    let tables: serde_json::Value = serde_json::from_slice(&list.stdout).unwrap();
    let ids: Vec<&str> = tables.as_array().unwrap().iter().filter_map(|table| table["id"].as_str()).collect();
    assert!(ids.len() >= 27, "{ids:?}");
    for id in ids {
        for language in ["en", "zh"] {
            let output = Command::new(env!("CARGO_BIN_EXE_xinzhi")).args(["data", "describe", id, "--lang", language]).output().unwrap();
            assert!(output.status.success(), "{id}: {}", String::from_utf8_lossy(&output.stderr));
            assert!(String::from_utf8_lossy(&output.stdout).contains(id), "{id}");
        }
    }
}
