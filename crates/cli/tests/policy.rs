//! The `policy` verbs as a user meets them: the program as a process, its output, its exit status and its messages.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use assert_cmd::Command;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::time::{Duration, Instant};
use tempfile::TempDir;

type Row = BTreeMap<String, String>;

fn policy(verb: &str, more: &[&str]) -> Command {
    let mut command = Command::cargo_bin("xinzhi").unwrap();
    command.args(["policy", verb]).args(more);
    command
}

fn output(command: &mut Command) -> String {
    String::from_utf8(command.assert().success().get_output().stdout.clone()).unwrap()
}

fn rows(verb: &str, more: &[&str]) -> Vec<Row> {
    let text = output(policy(verb, more).args(["--format", "csv"]));
    csv::Reader::from_reader(text.as_bytes()).deserialize().map(|row| row.unwrap()).collect()
}

/// What a command that was not understood says.
fn refusal(verb: &str, more: &[&str]) -> String {
    let done = policy(verb, more).assert().failure().code(2);
    assert!(done.get_output().stdout.is_empty());
    String::from_utf8(done.get_output().stderr.clone()).unwrap()
}

fn number(row: &Row, column: &str) -> Option<f64> {
    Some(&row[column]).filter(|text| !text.is_empty()).map(|text| text.parse().unwrap())
}

fn the<'a>(rows: &'a [Row], wanted: &[(&str, &str)]) -> &'a Row {
    let mut found = rows.iter().filter(|row| wanted.iter().all(|(column, value)| row[*column] == *value));
    let row = found.next().unwrap_or_else(|| panic!("no row {wanted:?}"));
    assert!(found.next().is_none(), "several rows {wanted:?}");
    row
}

/// The lists of the documents, typed out in `data/official_lists.csv` from the documents as reported (sources: `data/policy/sources.csv`).
fn official() -> BTreeMap<String, Vec<Row>> {
    let mut lists: BTreeMap<String, Vec<Row>> = BTreeMap::new();
    for row in csv::Reader::from_reader(include_str!("data/official_lists.csv").as_bytes()).deserialize::<Row>() {
        let row = row.unwrap();
        lists.entry(row["strategy"].clone()).or_default().push(row);
    }
    lists
}

#[test]
fn every_official_list_comes_out_as_its_document_has_it() {
    let lists = official();
    assert_eq!(lists.len(), 15);
    for (strategy, expected) in &lists {
        let found = rows("lists", &["--at", &expected[0]["date"], "--strategy", strategy]);
        let plain = |rows: &[Row]| -> Vec<[String; 5]> {
            rows.iter().map(|r| ["strand", "tier", "order", "name_en", "name_zh"].map(|column| r[column].clone())).collect()
        };
        assert_eq!(plain(&found), plain(expected), "{strategy}");
    }
    // the counts that the documents are known by
    let count = |strategy: &str, strand: &str| lists[strategy].iter().filter(|r| r["strand"] == strand).count();
    assert_eq!(count("cn-mic-2015", "emerging"), 10);
    assert_eq!((count("cn-fyp14-2021", "emerging"), count("cn-fyp14-2021", "future")), (9, 6));
    assert_eq!(count("cn-nbs-sei-2018", "emerging"), 9);
    assert_eq!((count("cn-rec15-2025", "traditional"), count("cn-rec15-2025", "emerging"), count("cn-rec15-2025", "future")), (8, 4, 6));
    assert_eq!((count("cn-fyp15-2026", "emerging"), count("cn-fyp15-2026", "future")), (8, 6));
}

#[test]
fn the_columns_that_scripts_rely_on_come_first() {
    let text = output(policy("lists", &["--at", "2025-10-28", "--strategy", "cn-rec15-2025", "--format", "csv"]).arg("--threads=1"));
    assert!(text.starts_with("strategy,order,item,name_en,name_zh,strand,"), "{}", text.lines().next().unwrap());
    assert_eq!(
        text.lines().nth(1).unwrap().split(',').take(6).collect::<Vec<_>>(),
        ["cn-rec15-2025", "1", "cn-rec15-2025/001", "Mining", "矿业", "traditional"]
    );
    let chosen =
        output(policy("lists", &["--strategy", "cn-newtrio-2023", "--columns", "name_zh,order", "--format", "csv"]).arg("--lang=zh"));
    assert_eq!(chosen, "name_zh,order\n新能源汽车,1\n锂电池,2\n光伏产品,3\n");
}

#[test]
fn a_list_stands_from_its_document_to_its_last_day() {
    let standing = |at: &str| -> BTreeSet<String> {
        rows("lists", &["--at", at, "--jurisdiction", "China"]).into_iter().map(|r| r["strategy"].clone()).collect()
    };
    assert!(rows("lists", &["--at", "2015-05-07"]).is_empty());
    assert_eq!(standing("2015-05-08"), BTreeSet::from(["cn-mic-2015".to_owned()]));
    // the Work Report stands until the next
    assert!(standing("2025-03-04").contains("cn-gwr-2024") && !standing("2025-03-04").contains("cn-gwr-2025"));
    assert!(!standing("2025-03-05").contains("cn-gwr-2024") && standing("2025-03-05").contains("cn-gwr-2025"));
    assert!(standing("2025-12-31").contains("cn-mic-2015") && !standing("2026-01-01").contains("cn-mic-2015"));
    // a strategy that is named is given when it has lapsed, and that is said
    let done = policy("lists", &["--at", "2026", "--strategy", "cn-mic-2015"]).assert().success();
    assert!(String::from_utf8_lossy(&done.get_output().stderr).contains("no longer standing on 2026-12-31: cn-mic-2015"));
    // before its day it is not
    assert!(rows("lists", &["--at", "2025", "--strategy", "cn-gwr-2026"]).is_empty());
    // heads of lists only, unless asked
    assert_eq!(rows("lists", &["--strategy", "cn-nbs-sei-2018"]).len(), 9);
    assert_eq!(rows("lists", &["--strategy", "cn-nbs-sei-2018", "--all-levels"]).len(), 49);
    // provinces on request
    let within = rows("lists", &["--at", "2025-01-01", "--jurisdiction", "CHN", "--within"]);
    assert!(within.iter().any(|r| r["jurisdiction"] == "CN-JS"));
    assert!(rows("lists", &["--at", "2025-01-01", "--jurisdiction", "江苏"]).iter().all(|r| r["jurisdiction"] == "CN-JS"));
}

#[test]
fn changes_between_two_work_reports() {
    let changes = rows("lists", &["--strategy", "cn-gwr-2026", "--since", "cn-gwr-2025"]);
    let of = |kind: &str| -> BTreeSet<&str> { changes.iter().filter(|r| r["change"] == kind).map(|r| r["industry"].as_str()).collect() };
    assert_eq!(of("dropped"), BTreeSet::from(["E-COMSPACE", "E-DEEPSEA", "F-BIOMFG"]));
    let low_altitude = the(&changes, &[("industry", "E-LOWALT")]);
    assert_eq!((low_altitude["change"].as_str(), low_altitude["from_strands"].as_str()), ("moved", "emerging"));
    assert_eq!((low_altitude["to_strands"].as_str(), low_altitude["on"].as_str()), ("pillar", "2026-03-05"));
    assert_eq!(of("added"), BTreeSet::from(["E-IC", "E-AERO", "E-BIOMED", "F-BCI", "F-FUTENERGY"]));
    // what stayed is told only when asked for
    let kept = rows("lists", &["--strategy", "cn-gwr-2026", "--since", "cn-gwr-2025", "--kept"]);
    assert_eq!(kept.iter().filter(|r| r["change"] == "kept").count() + changes.len(), kept.len());
    assert!(kept.iter().any(|r| r["industry"] == "F-QUANTUM" && r["change"] == "kept"));
    // hydrogen and biomanufacturing: emerging in 2024, future in 2025 and 2026
    let moved = rows("lists", &["--strategy", "cn-rec15-2025", "--since", "cn-gwr-2024"]);
    for industry in ["F-HYDROGEN", "F-BIOMFG"] {
        let row = the(&moved, &[("industry", industry)]);
        assert_eq!((row["from_strands"].as_str(), row["to_strands"].as_str()), ("emerging", "future"), "{industry}");
    }
    // between two days, over all standing lists
    let days = rows("lists", &["--at", "2026-03-31", "--since", "2025-01-01", "--jurisdiction", "CHN"]);
    assert!(days.iter().any(|r| r["change"] == "moved") && days.iter().all(|r| r["jurisdiction"] == "CHN"));
    let json = output(policy("lists", &["--at", "2026-03-31", "--since", "2025-01-01", "--format", "json"]).arg("--lang=zh"));
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert!(json["documents"].as_array().unwrap().iter().any(|d| d["strategy"] == "cn-fyp15-2026" && d["change"] == "came"));
}

#[test]
fn a_typo_gives_the_nearest_that_is_right() {
    for (verb, options, near) in [
        ("lists", vec!["--at", "2026-02-30"], "2026-02-28, 2026-03-01"),
        ("lists", vec!["--at", "20260305"], "2026-03-05"),
        ("lists", vec!["--strategy", "cn-fyp15-2025"], "cn-fyp15-2026"),
        ("lists", vec!["--since", "cn-gwr-2027"], "cn-gwr-2026"),
        ("lists", vec!["--strand", "emergng"], "emerging"),
        ("lists", vec!["--strand", "pilar"], "pillar"),
        ("lists", vec!["--jurisdiction", "Chna"], "CHN (China)"),
        ("lists", vec!["--industry", "E-ICC"], "E-IC"),
        ("lists", vec!["--columns", "nmae_en"], "name_en"),
        ("timeline", vec!["--kind", "export_controls"], "export_control"),
        ("crosswalk", vec!["--scheme", "HS17"], "HS2017"),
        ("crosswalk", vec!["--scheme", "HS2017", "--code", "8599"], "nearest: 85"),
        ("crosswalk", vec!["--industry", "量子"], "F-QUANTUM"),
        ("crosswalk", vec!["--min-confidence", "hihg"], "high"),
        ("crosswalk", vec!["--place", "Germny"], "Germany"),
        ("targets", vec!["--status", "mett"], "met"),
        ("overlap", vec!["--by", "pair"], "pairs"),
        ("definition", vec!["--kind", "layers"], "layer"),
    ] {
        let done = policy(verb, &options).assert().failure();
        let told = String::from_utf8_lossy(&done.get_output().stderr).into_owned();
        assert!(told.contains(near), "{verb} {options:?}: {told}");
    }
    assert!(refusal("crosswalk", &["--place", "CHN", "--scheme", "HS2017"]).contains("leave scheme or place out"));
    assert!(refusal("crosswalk", &["--measure", "exports"]).contains("--place"));
    // a place that has neither list nor event is told apart from one that is not known
    assert!(refusal("lists", &["--jurisdiction", "Brazil"]).contains("BRA"));
}

#[test]
fn lists_overlap_at_the_level_of_titles() {
    let matrix = rows("overlap", &["--at", "2026-11-25"]);
    assert_eq!(matrix.len(), 28);
    let ai = the(&matrix, &[("name_en", "Artificial intelligence")]);
    assert_eq!((ai["USA"].as_str(), ai["columns"].as_str()), ("Artificial Intelligence", "8"));
    // on all six foreign lists, and on the Chinese ones
    let everywhere = |row: &&Row| ["CHN", "USA", "GBR", "EU", "KOR", "AUS", "JPN"].iter().all(|column| !row[*column].is_empty());
    let names: BTreeSet<&str> = matrix.iter().filter(everywhere).map(|r| r["name_en"].as_str()).collect();
    for theme in ["Artificial intelligence", "Quantum", "Communications and 6G", "Biotechnology and biomanufacturing"] {
        assert!(names.contains(theme), "{theme} not in {names:?}");
    }
    // in China only at home; abroad only abroad
    assert!(the(&matrix, &[("name_en", "Hypersonics")])["CHN"].is_empty());
    assert!(!the(&matrix, &[("name_en", "Deep resource exploration")])["CHN"].is_empty());

    let pairs = rows("overlap", &["--at", "2026-11-25", "--by", "pairs"]);
    assert_eq!(pairs.len(), 8 * 7 / 2);
    for pair in &pairs {
        let [first, second, shared] = ["first_rows", "second_rows", "shared"].map(|c| number(pair, c).unwrap());
        assert!(shared <= first.min(second));
        assert!((number(pair, "jaccard").unwrap() - shared / (first + second - shared)).abs() < 1e-12);
        assert!((number(pair, "overlap_coefficient").unwrap() - shared / first.min(second)).abs() < 1e-12);
    }
    // the same from the matrix
    let held = |column: &str| matrix.iter().filter(|r| !r[column].is_empty()).count() as f64;
    let both = matrix.iter().filter(|r| !r["CHN"].is_empty() && !r["USA"].is_empty()).count() as f64;
    let pair = the(&pairs, &[("first", "CHN"), ("second", "USA")]);
    assert_eq!(
        (number(pair, "first_rows"), number(pair, "second_rows"), number(pair, "shared")),
        (Some(held("CHN")), Some(held("USA")), Some(both))
    );

    let industries = rows("overlap", &["--rows", "industries", "--strategy", "cn-fyp15-2026,cn-fyp14-2021"]);
    assert_eq!(industries.len(), 54);
    assert_eq!(the(&industries, &[("row", "E-NEWENERGY")])["cn-fyp14-2021"], "New energy");
}

#[test]
fn barriers_in_time_with_what_stands_of_them() {
    let on = |day: &str| rows("timeline", &["--kind", "export_control,trade_barrier", "--at", day]);
    let status = |rows: &[Row], id: &str| the(rows, &[("id", id)])["status"].clone();
    let (before, during, after) = (on("2025-10-31"), on("2026-01-01"), on("2026-11-25"));
    // the six announcements of October 2025, suspended from 7 November 2025 to 10 November 2026
    assert_eq!(status(&before, "ev047"), "in force");
    assert_eq!(status(&during, "ev047"), "suspended until 2026-11-10");
    assert_eq!(status(&after, "ev047"), "suspended until 2026-11-10; what followed is not known");
    assert_eq!(status(&before, "ev052"), "not yet");
    assert_eq!(status(&during, "ev052"), "in force");
    let against = rows("timeline", &["--kind", "export_control,trade_barrier", "--against", "China", "--at", "2026-05-14"]);
    assert!(against.iter().all(|r| r["jurisdiction"] != "CHN"), "nobody's own controls are aimed at himself");
    assert!(against.iter().any(|r| r["jurisdiction"] == "USA") && against.iter().any(|r| r["jurisdiction"] == "EU"));
    let vehicles = rows("timeline", &["--industry", "新能源汽车", "--kind", "trade_barrier"]);
    assert!(vehicles.len() >= 3 && vehicles.iter().all(|r| r["industries"].contains("E-NEV")));
    let dates: Vec<&str> = after.iter().map(|r| r["date"].as_str()).collect();
    assert!(dates.is_sorted());
    let window = rows("timeline", &["--from", "2024-03", "--to", "2024-07"]);
    assert!(window.iter().all(|r| ("2024-03".."2024-08").contains(&r["date"].as_str())) && window.len() >= 5);
    assert!(rows("timeline", &["--plans", "--jurisdiction", "CHN"]).iter().any(|r| r["kind"] == "plan" && r["id"] == "cn-mic-2015"));
}

#[test]
fn a_timeline_is_also_a_calendar_and_a_picture() {
    let folder = TempDir::new().unwrap();
    let file = |name: &str| folder.path().join(name);
    for (name, language) in [("en", "en"), ("zh", "zh")] {
        let (ics, svg, html) = (file(&format!("{name}.ics")), file(&format!("{name}.svg")), file(&format!("{name}.html")));
        output(policy("timeline", &["--lang", language, "--plans", "--ics"]).arg(&ics).arg("--picture").arg(&svg));
        output(policy("timeline", &["--lang", language, "--picture"]).arg(&html));
        let calendar = fs::read_to_string(&ics).unwrap();
        assert!(calendar.starts_with("BEGIN:VCALENDAR\r\n") && calendar.ends_with("END:VCALENDAR\r\n"));
        assert!(calendar.split("\r\n").all(|line| line.len() <= 75));
        let entries = calendar.matches("BEGIN:VEVENT\r\n").count();
        assert_eq!(entries, rows("timeline", &["--plans"]).len());
        let title = if language == "zh" { "十五五" } else { "15th FYP Outline adopted" };
        let unfolded = calendar.replace("\r\n ", "");
        assert!(unfolded.contains(title) || language == "zh", "{title}");
        assert!(fs::read_to_string(&svg).unwrap().starts_with("<svg"));
        let page = fs::read_to_string(&html).unwrap();
        assert!(page.starts_with("<!DOCTYPE html>") && page.contains("<table>") && page.contains("</svg>"));
    }
}

#[test]
fn codes_of_industries_and_industries_of_codes() {
    let chips = rows("crosswalk", &["--industry", "E-IC", "--scheme", "HS2017", "--role", "core"]);
    assert_eq!(chips.iter().map(|r| r["code"].as_str()).collect::<Vec<_>>(), ["8542"]);
    let back: BTreeSet<String> =
        rows("crosswalk", &["--scheme", "HS2017", "--code", "870380"]).into_iter().map(|r| r["industry"].clone()).collect();
    assert!(back.contains("E-NEV"), "{back:?}");
    let schemes: BTreeSet<String> = rows("crosswalk", &[]).into_iter().map(|r| r["scheme"].clone()).collect();
    for scheme in ["HS2012", "HS2017", "HS2022", "ISIC4", "GBT4754-2017", "NACE2", "ICIO45", "WIOD2013", "IPC", "CPC"] {
        assert!(schemes.contains(scheme), "{scheme} not in {schemes:?}");
    }
    let order = ["low", "medium", "high"];
    let high = rows("crosswalk", &["--min-confidence", "high"]);
    assert!(!high.is_empty() && high.iter().all(|r| r["confidence"] == "high"));
    let medium = rows("crosswalk", &["--min-confidence", "medium"]);
    assert!(medium.len() > high.len() && medium.iter().all(|r| order[1..].contains(&r["confidence"].as_str())));
    assert!(rows("crosswalk", &["--strand", "future"]).iter().all(|r| r["industry"].starts_with("F-")));
}

#[test]
fn industries_at_places_are_bounds() {
    let found = rows("crosswalk", &["--place", "CHN,Germany", "--measure", "exports"]);
    assert_eq!(found.iter().map(|r| r["place"].as_str()).collect::<BTreeSet<_>>(), BTreeSet::from(["CHN", "DEU"]));
    let mut bounded = 0;
    for row in &found {
        let (Some(low), Some(high)) = (number(row, "low"), number(row, "high")) else {
            assert!(!row["why"].is_empty(), "{row:?}");
            continue;
        };
        bounded += 1;
        assert!(0.0 <= low && low <= high, "{row:?}");
        assert!(number(row, "share_low").unwrap() <= number(row, "share_high").unwrap() && number(row, "share_high").unwrap() <= 1.0);
        if let (Some(low), Some(high)) = (number(row, "world_share_low"), number(row, "world_share_high")) {
            assert!(0.0 <= low && low <= high && high <= 1.0);
        }
    }
    assert!(bounded > 60);
    let output = rows("crosswalk", &["--place", "广东", "--measure", "output", "--strand", "traditional"]);
    assert!(output.iter().all(|r| r["place"] == "CN-GD"));
    let patents = rows("crosswalk", &["--place", "KOR", "--measure", "patents", "--industry", "E-IC"]);
    assert!(patents.iter().all(|r| r["bounds_of"] == "technology fields" && number(r, "low") == Some(0.0)));
}

#[test]
fn targets_say_unknown_where_nothing_is_known() {
    let all = rows("targets", &["--at", "2026-11-25"]);
    assert!(all.len() >= 32);
    let share = the(&all, &[("strategy", "cn-fyp14-2021"), ("indicator", "SEI value added in GDP")]);
    assert_eq!((share["status"].as_str(), share["latest_op"].as_str(), number(share, "latest")), ("unknown", ">", Some(13.0)));
    let patents = the(&all, &[("strategy", "cn-fyp14-2021"), ("indicator", "High-value invention patents per 10,000 people")]);
    assert_eq!((patents["status"].as_str(), number(patents, "distance")), ("met", Some(-4.0)));
    assert_eq!(the(&rows("targets", &["--at", "2024"]), &[("target", share["target"].as_str())])["status"], "open");
    for row in &all {
        let known = !row["latest"].is_empty();
        assert_eq!(known, !row["latest_year"].is_empty());
        assert!(known || ["open", "unknown"].contains(&row["status"].as_str()), "{row:?}");
    }
}

#[test]
fn the_framework_has_three_layers_three_enablers_and_an_outcome() {
    for (kind, count) in [("layer", 3), ("enabler", 3), ("strand", 3), ("hallmark", 1), ("origin", 3)] {
        assert_eq!(rows("definition", &["--kind", kind]).len(), count, "{kind}");
    }
    let hallmark = &rows("definition", &["--kind", "hallmark"])[0];
    assert!(hallmark["text_zh"].contains("全要素生产率") || hallmark["name_zh"].contains("全要素生产率"));
}

/// A workspace without tables of its own.
fn workspace() -> TempDir {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("xinzhi.toml"), "[workspace]\nname = \"mine\"\nformat = 1\n").unwrap();
    folder
}

#[test]
fn a_workspace_extends_corrects_and_replaces_the_registry() {
    let folder = workspace();
    let data = folder.path().to_str().unwrap();
    let own = folder.path().join("policy");
    fs::create_dir(&own).unwrap();
    let strategies = "strategy,jurisdiction,level,name_en,name_zh,issuer_en,issuer_zh,document,date,until,until_basis,kind,completeness,note_en,note_zh,sources\n\
        mine-2026,BRA,national,A made-up plan,虚构的规划,,,,2026-06-01,,open,plan,complete,,,mine\n";
    let items = "item,strategy,strand,tier,level,parent,order,code,name_en,name_zh,ours,confidence,note_en,note_zh,sources\n\
        mine-2026/001,mine-2026,future,,item,,1,,Made-up batteries,虚构电池,,low,,,mine\n\
        cn-newtrio-2023/002,cn-newtrio-2023,emerging,,item,,2,,Lithium cells,锂电池,en,high,,,newtrio\n";
    fs::write(own.join("sources.csv"), "source,title,publisher,date,tier,url,note\nmine,Made up,Nobody,2026,press,,\n").unwrap();
    fs::write(own.join("strategies.csv"), strategies).unwrap();
    fs::write(own.join("items.csv"), items).unwrap();
    let found = rows("lists", &["--data", data, "--at", "2026-11-25", "--strategy", "mine-2026,cn-newtrio-2023"]);
    assert_eq!(
        found.iter().map(|r| r["name_en"].as_str()).collect::<Vec<_>>(),
        ["New-energy vehicles", "Lithium cells", "Photovoltaic products", "Made-up batteries"]
    );
    // a row that does not hold is told by file and line, and nothing is answered
    fs::write(own.join("items.csv"), items.replace("mine-2026,future", "mine-2027,futur")).unwrap();
    let done = policy("check", &["--data", data]).assert().failure().code(1);
    let told = String::from_utf8_lossy(&done.get_output().stderr).into_owned();
    assert!(told.contains("items.csv:2: there is no strategy \"mine-2027\"; nearest: mine-2026"), "{told}");
    assert!(told.contains("items.csv:2: strand: \"futur\" is no strand"), "{told}");
    // a file of another name is refused with the nearest
    fs::write(own.join("item.csv"), "x\n").unwrap();
    let done = policy("check", &["--data", data]).assert().failure();
    assert!(String::from_utf8_lossy(&done.get_output().stderr).contains("nearest: items.csv"));
    fs::remove_file(own.join("item.csv")).unwrap();
    // not UTF-8
    fs::write(own.join("items.csv"), b"item,strategy\n\xff\xfe\n").unwrap();
    let done = policy("check", &["--data", data]).assert().failure();
    assert!(String::from_utf8_lossy(&done.get_output().stderr).contains("UTF-8"));
    fs::write(own.join("items.csv"), items.lines().take(2).collect::<Vec<_>>().join("\n")).unwrap();
    fs::write(own.join("replaces-built-in"), "").unwrap();
    let all = rows("lists", &["--data", data, "--at", "2026-11-25"]);
    assert_eq!(all.len(), 1);
}

#[test]
fn the_registry_can_be_written_out_corrected_and_read_back() {
    let folder = workspace();
    let data = folder.path().to_str().unwrap();
    policy("registry", &["--into", data]).assert().success();
    fs::write(folder.path().join("policy/replaces-built-in"), "").unwrap();
    let here = output(policy("lists", &["--at", "2026-11-25", "--format", "csv", "--data", data]).arg("--all-levels"));
    let built_in = output(policy("lists", &["--at", "2026-11-25", "--format", "csv"]).arg("--all-levels"));
    assert_eq!(here, built_in);
    // what is there is left as it is
    let done = policy("registry", &["--into", data, "items"]).assert().failure();
    assert!(String::from_utf8_lossy(&done.get_output().stderr).contains("left as it is"));
    assert!(refusal("registry", &["--into", data, "itms"]).contains("items"));
}

#[test]
fn the_tables_of_the_registry_are_tables_of_the_workspace() {
    let mut describe = Command::cargo_bin("xinzhi").unwrap();
    let told = output(describe.args(["data", "describe", "policy_items"]));
    assert!(told.contains("policy_items") && told.contains("Xinzhi project"), "{told}");
    let mut export = Command::cargo_bin("xinzhi").unwrap();
    let csv = output(export.args(["data", "export", "policy_events", "--format", "csv"]));
    assert!(csv.starts_with("event,date,until,"));
    let folder = TempDir::new().unwrap();
    let parquet = folder.path().join("items.parquet");
    let mut export = Command::cargo_bin("xinzhi").unwrap();
    export.args(["data", "export", "policy_items", "--format", "parquet", "--out"]).arg(&parquet).assert().success();
    assert!(fs::read(&parquet).unwrap().starts_with(b"PAR1"));
}

/// The bar is 100 ms on a quiet machine; a busy one is given ten times that, so that this fails for a slow program only.
#[test]
fn every_command_answers_at_once() {
    let commands: [(&str, &[&str]); 7] = [
        ("lists", &["--all-levels", "--lapsed"]),
        ("lists", &["--since", "2020", "--kept"]),
        ("overlap", &["--rows", "industries", "--lapsed"]),
        ("timeline", &["--plans"]),
        ("crosswalk", &[]),
        ("targets", &[]),
        ("definition", &[]),
    ];
    for (verb, more) in commands {
        let best = (0..3)
            .map(|_| {
                let start = Instant::now();
                output(policy(verb, more).args(["--format", "csv"]));
                start.elapsed()
            })
            .min()
            .unwrap();
        assert!(best < Duration::from_secs(1), "{verb} took {best:?}");
    }
}
