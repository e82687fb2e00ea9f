//! `xinzhi dossier` and `xinzhi explain` as a user runs them.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use assert_cmd::Command;
use predicates::prelude::PredicateBooleanExt;
use predicates::str::contains;
use serde_json::Value;

fn xinzhi() -> Command {
    Command::new(env!("CARGO_BIN_EXE_xinzhi"))
}

fn json(place: &str) -> Value {
    let output = xinzhi().args(["dossier", place, "--format", "json"]).assert().success().get_output().stdout.clone();
    serde_json::from_slice(&output).unwrap()
}

#[test]
fn the_page_is_written_and_its_path_printed() {
    let folder = tempfile::tempdir().unwrap();
    let output = xinzhi().current_dir(&folder).args(["dossier", "KOR"]).assert().success();
    let path = String::from_utf8(output.get_output().stdout.clone()).unwrap();
    assert!(path.trim().ends_with("dossier-KOR.html"), "{path}");
    let page = std::fs::read_to_string(path.trim()).unwrap();
    assert!(page.starts_with("<!DOCTYPE html>") && page.contains("South Korea"));
    xinzhi().current_dir(&folder).args(["dossier", "辽宁", "--lang", "zh"]).assert().success().stdout(contains("dossier-CN-LN-zh.html"));
    xinzhi().current_dir(&folder).args(["dossier", "deu", "--format", "xlsx"]).assert().success().stdout(contains("dossier-DEU.xlsx"));
}

#[test]
fn places_go_by_code_or_name_in_both_languages() {
    for (asked, code) in
        [("Viet Nam", "VNM"), ("越南", "VNM"), ("liaoning", "CN-LN"), ("辽宁省", "CN-LN"), ("cn-ln", "CN-LN"), ("中国", "CHN")]
    {
        assert_eq!(json(asked)["place"]["code"], code, "{asked}");
    }
}

#[test]
fn an_unknown_place_gives_the_nearest() {
    xinzhi()
        .args(["dossier", "Germny"])
        .assert()
        .code(1)
        .stderr(contains("no place is called \"Germny\"").and(contains("DEU (Germany, 德国)")));
    xinzhi().args(["dossier", "ROW"]).assert().code(1).stderr(contains("a sum of places"));
    xinzhi().args(["dossier"]).assert().code(2);
    xinzhi().args(["dossier", "CHN", "--format", "docx"]).assert().code(2).stderr(contains("html"));
}

#[test]
fn an_unwritable_folder_is_a_clear_error() {
    xinzhi().args(["dossier", "VNM", "--out", "/nowhere/at/all/x.html"]).assert().code(1).stderr(contains("/nowhere/at/all"));
}

/// A page that cannot be written whole must not stand there in part.
#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_a_clear_error() {
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let output =
        std::process::Command::new(env!("CARGO_BIN_EXE_xinzhi")).args(["dossier", "VNM", "--format", "md"]).stdout(full).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("cannot be written"), "{said}");
}

#[test]
fn explain_repeats_the_figure_of_the_dossier() {
    let dossier = json("DEU");
    let figures = dossier["figures"].as_array().unwrap();
    assert!(figures.len() > 20);
    for figure in figures.iter().step_by(7) {
        let id = figure["id"].as_str().unwrap();
        let output = xinzhi().args(["explain", id, "--format", "json"]).assert().success().get_output().stdout.clone();
        let explained: Value = serde_json::from_slice(&output).unwrap();
        assert_eq!(&explained["figure"], figure, "{id}");
        assert!(!explained["sources"].as_array().unwrap().is_empty(), "{id}");
    }
    xinzhi()
        .args(["explain", "DEU/chain/foreign_content", "--lang", "zh"])
        .assert()
        .success()
        .stdout(contains("公式").and(contains("sha256")));
    xinzhi().args(["explain", "DEU/chain/foreign"]).assert().code(1).stderr(contains("DEU/chain/foreign_content"));
    xinzhi().args(["explain", "nonsense"]).assert().code(1).stderr(contains("ids look like"));
}

#[test]
fn a_workspace_without_a_table_is_a_clear_error() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("xinzhi.toml"), "[workspace]\nname = \"empty\"\nformat = 1\n").unwrap();
    xinzhi().args(["dossier", "CHN", "--data"]).arg(folder.path()).assert().code(1).stderr(contains("error:").and(contains("places")));
}
