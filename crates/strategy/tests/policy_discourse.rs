//! Terms in extracts of real reports, and in made-up folders.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use discourse::Term;
use frame::{Language, Text};
use std::path::{Path, PathBuf};
use store::{ExportFormat, RowTable};
use xinzhi_strategy::StrategyError;
use xinzhi_strategy::policy_verbs::{DiscourseAnswer, DiscourseRequest, DiscourseSources, discourse};

fn reports() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/work_reports")
}

fn term(id: &str, group: &str, en: &str, zh: &str, forms: &[&str]) -> Term {
    let forms_zh = forms.iter().map(|f| (*f).to_owned()).collect();
    Term { id: id.into(), group: group.into(), name: Text::new(en, zh), forms_zh, ..Term::default() }
}

/// A small dictionary for tests only.
fn terms() -> Vec<Term> {
    vec![
        term("nqpf", "concept", "new quality productive forces", "新质生产力", &[]),
        term("low-altitude", "emerging", "low-altitude economy", "低空经济", &[]),
        term("emerging-industries", "layer", "emerging industries", "新兴产业", &["战略性新兴产业"]),
        term("future-industries", "layer", "future industries", "未来产业", &[]),
        term("technology", "enabler", "technological innovation", "科技创新", &[]),
        term("innovation", "concept", "innovation", "创新", &[]),
        term("high-tech", "concept", "high technology", "高新技术", &[]),
        term("nev", "emerging", "new energy vehicles", "新能源汽车", &[]),
        term("new-energy", "emerging", "new energy", "新能源", &[]),
    ]
}

fn ask(folder: &Path, index: Option<&Path>, request: DiscourseRequest) -> Result<DiscourseAnswer, StrategyError> {
    discourse(&DiscourseSources { folder, reference: None, index }, terms(), Vec::new(), &request, Language::En, &|_, _, _| true)
}

fn by(tables: &[&str]) -> DiscourseRequest {
    DiscourseRequest { by: tables.iter().map(|t| (*t).to_owned()).collect(), ..DiscourseRequest::default() }
}

fn csv(table: &RowTable) -> String {
    let mut out = Vec::new();
    table.write(ExportFormat::Csv, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

fn column(table: &RowTable, name: &str) -> Vec<String> {
    let rows = table.json();
    let text = |row: &serde_json::Value| match &row[name] {
        serde_json::Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    rows.as_array().unwrap().iter().map(text).collect()
}

fn count(table: &RowTable, term: &str, year: &str) -> u64 {
    let row = table.json().as_array().unwrap().iter().find(|row| row["term"] == term && row["year"] == year).cloned();
    row.map_or(0, |row| row["count"].as_u64().unwrap())
}

#[test]
fn counts_of_the_extracts_are_those_of_grep() {
    let found = ask(&reports(), None, by(&["years"])).unwrap();
    let years = &found.answer.tables[0];
    // README.md beside the extracts says how these were counted
    for (term, year, times) in [
        ("nqpf", "2003", 0),
        ("nqpf", "2024", 1),
        ("nqpf", "2025", 2),
        ("low-altitude", "2024", 1),
        ("low-altitude", "2025", 1),
        ("emerging-industries", "2024", 2),
        ("emerging-industries", "2025", 3),
        ("future-industries", "2024", 3),
        ("future-industries", "2025", 3),
        ("high-tech", "2003", 6),
        ("technology", "2024", 1),
        ("technology", "2025", 1),
        // without those inside 科技创新: 5 - 1 and 4 - 1
        ("innovation", "2024", 4),
        ("innovation", "2025", 3),
        // 新能源 stands in 新能源汽车 only
        ("nev", "2024", 1),
        ("new-energy", "2024", 0),
    ] {
        assert_eq!(count(years, term, year), times, "{term} {year}");
    }
    let nested = ask(&reports(), None, DiscourseRequest { nested: true, ..by(&["years"]) }).unwrap();
    let years = &nested.answer.tables[0];
    assert_eq!((count(years, "innovation", "2024"), count(years, "innovation", "2025"), count(years, "new-energy", "2024")), (5, 4, 1));
}

#[test]
fn first_appearance_and_every_context_point_into_the_text() {
    let request = DiscourseRequest { kwic: vec!["新质生产力".into()], context: Some(6), ..by(&["first", "kwic"]) };
    let found = ask(&reports(), None, request).unwrap();
    let [first, kwic] = found.answer.tables.as_slice() else { panic!() };
    let row = first.json()[0].clone();
    assert_eq!((row["term"].as_str(), row["first_date"].as_str(), row["last_date"].as_str()), (Some("nqpf"), Some("2024"), Some("2025")));
    let rows = kwic.json();
    assert_eq!(rows.as_array().unwrap().len(), 3);
    for row in rows.as_array().unwrap() {
        let text = std::fs::read_to_string(reports().join(row["document"].as_str().unwrap())).unwrap();
        let paragraph = text.lines().nth(row["paragraph"].as_u64().unwrap() as usize - 1).unwrap();
        let at = row["position"].as_u64().unwrap() as usize - 1;
        let said: String = paragraph.chars().skip(at).take(5).collect();
        assert_eq!((said.as_str(), row["keyword"].as_str().unwrap()), ("新质生产力", "新质生产力"));
        let left: String = paragraph.chars().take(at).collect();
        assert!(left.ends_with(row["left"].as_str().unwrap().trim_start_matches('…')));
    }
}

#[test]
fn ties_and_pairs_are_of_the_windows() {
    let found = ask(&reports(), None, DiscourseRequest { min_count: Some(1), ..by(&["cooccurrence", "ties"]) }).unwrap();
    let [pairs, ties] = found.answer.tables.as_slice() else { panic!() };
    for row in ties.json().as_array().unwrap() {
        assert!(["layer", "enabler"].contains(&row["tie_group"].as_str().unwrap()));
        assert!(!["layer", "enabler"].contains(&row["group"].as_str().unwrap()));
    }
    for row in pairs.json().as_array().unwrap() {
        let number = |name: &str| row[name].as_f64().unwrap();
        let windows = found.answer.record["windows"].as_f64().unwrap();
        let pmi = (number("windows_with_both") * windows / (number("windows_with_a") * number("windows_with_b"))).log2();
        assert!((number("pmi") - pmi).abs() < 1e-12);
        assert!((number("expected") - number("windows_with_a") * number("windows_with_b") / windows).abs() < 1e-12);
    }
    assert!(found.network.graphml().contains("<node id=\"nqpf\">"));
    assert_eq!(found.pictures.len(), 2);
}

#[test]
fn keyness_compares_years() {
    let request = DiscourseRequest { from: Some(2024), reference_to: Some(2003), min_count: Some(1), ..by(&["keyness"]) };
    let found = ask(&reports(), None, request).unwrap();
    let rows = found.answer.tables[0].json();
    let row = |term: &str| rows.as_array().unwrap().iter().find(|row| row["term"] == term).cloned().unwrap();
    assert_eq!((row("high-tech")["more_in"].as_str(), row("high-tech")["reference_count"].as_u64()), (Some("reference"), Some(6)));
    assert_eq!((row("nqpf")["more_in"].as_str(), row("nqpf")["count"].as_u64()), (Some("texts"), Some(3)));
    assert_eq!(row("nqpf")["percent_difference"], serde_json::Value::Null);
    // words that are spellings of a term are told as the term
    assert!(!column(&found.answer.tables[0], "term").contains(&"新质生产力".to_owned()));
}

#[test]
fn an_index_changes_nothing_and_is_made_anew_when_it_has_to_be() {
    let folder = tempfile::tempdir().unwrap();
    let kept = tempfile::tempdir().unwrap();
    for name in std::fs::read_dir(reports()).unwrap() {
        let path = name.unwrap().path();
        std::fs::copy(&path, folder.path().join(path.file_name().unwrap())).unwrap();
    }
    let tables = ["years", "first", "counts", "cooccurrence", "ties", "documents"];
    let all = |index: Option<&Path>| {
        let found = ask(folder.path(), index, by(&tables)).unwrap();
        let told = found.answer.notes.join("\n");
        (found.answer.tables.iter().map(csv).collect::<Vec<_>>(), told)
    };
    let (plain, _) = all(None);
    let (first, _) = all(Some(kept.path()));
    let (second, told) = all(Some(kept.path()));
    assert_eq!(plain, first);
    assert_eq!(plain, second);
    assert!(told.contains("5 of 5 files"), "{told}");
    // a new file, a changed one, and one that is gone
    std::fs::write(folder.path().join("2026.txt"), "新质生产力").unwrap();
    std::fs::write(folder.path().join("README.md"), "# nothing\nof note").unwrap();
    std::fs::remove_file(folder.path().join("opening_paragraphs.jsonl")).unwrap();
    let (plain, _) = all(None);
    let (third, told) = all(Some(kept.path()));
    assert_eq!(plain, third);
    assert!(told.contains("3 of 5 files"), "{told}");
    // another dictionary
    let words = DiscourseRequest { term: vec!["现代化产业体系".into()], ..by(&["years"]) };
    let with = ask(folder.path(), Some(kept.path()), words.clone()).unwrap();
    let without = ask(folder.path(), None, words).unwrap();
    assert_eq!(csv(&with.answer.tables[0]), csv(&without.answer.tables[0]));
    assert!(with.answer.notes.join("\n").contains("dictionary"));
    // damaged, cut off and foreign ones
    let path = kept.path().join("discourse.index");
    let whole = std::fs::read(&path).unwrap();
    let mut bent = whole.clone();
    let middle = bent.len() / 2;
    bent[middle] ^= 1;
    for bytes in [bent.as_slice(), &whole[..whole.len() / 2], b"something else", b""] {
        std::fs::write(&path, bytes).unwrap();
        let (again, told) = all(Some(kept.path()));
        assert_eq!(plain, again);
        assert!(told.contains("damaged"), "{told}");
    }
}

#[test]
fn the_bytes_are_the_same_for_any_number_of_threads() {
    let folder = tempfile::tempdir().unwrap();
    let source = std::fs::read_to_string(reports().join("2025年政府工作报告（节选）.txt")).unwrap();
    let characters: Vec<char> = source.chars().collect();
    for at in 0..300 {
        let text: String = characters.iter().cycle().skip(at * 7).take(200).collect();
        std::fs::write(folder.path().join(format!("{}-{at}.txt", 2000 + at % 20)), text).unwrap();
    }
    let run = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| {
            let request =
                DiscourseRequest { reference_to: Some(2009), ..by(&["years", "first", "counts", "keyness", "cooccurrence", "ties"]) };
            ask(folder.path(), None, request).unwrap().answer.tables.iter().map(csv).collect::<String>()
        })
    };
    let one = run(1);
    assert!(one.len() > 10_000);
    assert_eq!(one, run(2));
    assert_eq!(one, run(7));
}

#[test]
fn what_is_wrong_is_said_with_what_would_be_right() {
    let said = |request: DiscourseRequest| ask(&reports(), None, request).unwrap_err().to_string();
    assert!(said(by(&["yeers"])).contains("nearest: years"));
    assert!(said(DiscourseRequest { window: Some("page".into()), ..by(&["years"]) }).contains("sentence, paragraph"));
    assert!(said(DiscourseRequest { kwic: vec!["新质生产里".into()], ..by(&["kwic"]) }).contains("nearest: nqpf"));
    assert!(said(by(&["kwic"])).contains("--kwic"));
    assert!(said(by(&["keyness"])).contains("--reference"));
    assert!(said(DiscourseRequest { from: Some(2030), ..by(&["years"]) }).contains("no document"));
    assert!(said(DiscourseRequest { from: Some(2025), to: Some(2024), ..by(&["years"]) }).contains("earlier year first"));
    assert!(said(DiscourseRequest { group: vec!["layers".into()], ..by(&["years"]) }).contains("layer"));
    let empty = tempfile::tempdir().unwrap();
    assert!(ask(empty.path(), None, by(&["years"])).unwrap_err().to_string().contains("nothing in"));
    std::fs::write(empty.path().join("a.docx"), "no").unwrap();
    assert!(ask(empty.path(), None, by(&["years"])).unwrap_err().to_string().contains("a.docx"));
}

#[test]
fn odd_documents_are_told_and_the_run_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &[u8]| std::fs::write(folder.path().join(name), text).unwrap();
    write("无日期.txt", "新质生产力与 new quality productive forces".as_bytes());
    write("again.txt", "新质生产力与 new quality productive forces".as_bytes());
    write("broken.docx", b"PK\x03\x04");
    write("empty.txt", b"");
    write("picture.png", b"x");
    write("1954.txt", "國務院總理在會議上作報告，經濟發展與產業結構調整。".as_bytes());
    write("dates.csv", "file,date\nagain.txt,2024-03-05\n".as_bytes());
    let found = ask(folder.path(), None, by(&["years", "documents"])).unwrap();
    let told = found.answer.notes.join("\n");
    for part in ["broken.docx", "empty.txt", "picture.png", "1 documents counted as undated", "traditional", "very text of another"] {
        assert!(told.contains(part), "{part}: {told}");
    }
    assert_eq!((count(&found.answer.tables[0], "nqpf", "2024"), count(&found.answer.tables[0], "nqpf", "undated")), (2, 2));
    assert_eq!(column(&found.answer.tables[2], "document"), ["broken.docx", "empty.txt"]);
    assert_eq!(column(&found.answer.tables[1], "language")[0], "zh");
}
