//! The program on made-up texts.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use assert_cmd::Command;
use predicates::prelude::*;
use std::path::Path;

fn program() -> Command {
    Command::cargo_bin("xinzhi").unwrap()
}

fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    write("2023年规划.txt", "发展人工智能，推进科技创新。\n支持低空经济。\n");
    write("2024-03-05.md", "# 报告\n加快发展新质生产力，AI 与科技创新。\n科技创新支撑新质生产力。\n");
    write("terms.tsv", "");
    folder
}

fn terms(folder: &Path) -> std::path::PathBuf {
    let path = folder.join("own.csv");
    let rows = "term,group,name_en,name_zh,forms_en\nnqpf,concept,new quality productive forces,新质生产力,\nai,emerging,artificial intelligence,人工智能,AI\ntech,enabler,technological innovation,科技创新,\n";
    std::fs::write(&path, rows).unwrap();
    path
}

#[test]
fn counts_in_both_languages_with_network_and_picture() {
    let (texts, aside) = (folder(), tempfile::tempdir().unwrap());
    let (terms, network, picture) = (terms(aside.path()), aside.path().join("n.graphml"), aside.path().join("p.svg"));
    program()
        .args(["policy", "discourse"])
        .arg(texts.path())
        .args(["--by", "years", "--format", "csv", "--lang", "zh", "--min-count", "1", "--term", "低空经济"])
        .arg("--terms")
        .arg(&terms)
        .arg("--network")
        .arg(&network)
        .arg("--picture")
        .arg(&picture)
        .assert()
        .success()
        .stdout(predicate::str::contains("nqpf,新质生产力,concept,2024,2,1,1,"))
        .stdout(predicate::str::contains("ai,人工智能,emerging,2023,1,1,1,"))
        // a word that is a spelling of a registry term counts there
        .stdout(predicate::str::contains("low-altitude-economy,低空经济,emerging,2023,1,1,1,"))
        .stderr(predicate::str::contains("your term \"nqpf\" replaces the registry's"))
        .stderr(predicate::str::contains("terms.tsv"));
    assert!(std::fs::read_to_string(network).unwrap().contains("<edge source="));
    assert!(std::fs::read_to_string(&picture).unwrap().contains("新质生产力"));
    assert!(picture.with_file_name("p-network.svg").exists());
}

#[test]
fn a_context_an_index_and_what_is_wrong() {
    let (texts, aside) = (folder(), tempfile::tempdir().unwrap());
    let terms = terms(aside.path());
    for round in 0..2 {
        let run = program()
            .args(["policy", "discourse"])
            .arg(texts.path())
            .args(["--kwic", "新质生产力", "--context", "4", "--format", "csv"])
            .arg("--terms")
            .arg(&terms)
            .arg("--index")
            .arg(aside.path().join("kept"))
            .assert()
            .success()
            .stdout(predicate::str::contains(
                "nqpf,new quality productive forces,2024-03-05.md,报告,2024-03-05,2,5,加快发展,新质生产力,，AI …",
            ));
        if round == 1 {
            run.stderr(predicate::str::contains("2 of 2 files are taken from the index"));
        }
    }
    program().args(["policy", "discourse", "absent", "--term", "x"]).assert().code(1).stderr(predicate::str::contains("absent"));
    // without terms of one's own those of the registry are counted
    let registry = program().args(["policy", "discourse"]).arg(texts.path()).args(["--by", "first", "--format", "csv"]).assert().success();
    registry.stdout(predicate::str::contains("new-quality-productive-forces,new quality productive forces,concept,2024-03-05,"));
    program()
        .args(["policy", "discourse"])
        .arg(texts.path())
        .args(["--term", "x", "--by", "cooccurence"])
        .assert()
        .code(2)
        .stderr(predicate::str::contains("nearest: cooccurrence"));
    program().args(["policy", "discourse"]).arg(texts.path()).args(["--term", "x", "--network", "n.png"]).assert().code(2);
}
