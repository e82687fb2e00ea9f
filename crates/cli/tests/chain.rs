//! The `chain` verbs as a user meets them: the program as a process, its output, its exit status and its messages.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use assert_cmd::Command;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

type Row = BTreeMap<String, String>;

const BORIN_MANCINI: &str = "region,EXGR,DC,DVA,VAX,REF,DDC,FC,FVA,FDC,DAVAX,GVC,GVCB,GVCF";
const KOOPMAN_WANG_WEI: &str = "region,DVA_FIN,DVA_INT,DVA_INTrex,RDV_FIN,RDV_INT,DDC,FVA_FIN,FVA_INT,FDC";

/// A verb, on the built-in world table of 2011 unless told otherwise.
fn chain(verb: &str, more: &[&str]) -> Command {
    let mut command = Command::cargo_bin("xinzhi").unwrap();
    command.args(["chain", verb]).args(more);
    command
}

fn output(command: &mut Command) -> String {
    let done = command.assert().success();
    String::from_utf8(done.get_output().stdout.clone()).unwrap()
}

/// The output as text, and what was said beside it.
fn told(command: &mut Command) -> String {
    let done = command.assert().success();
    String::from_utf8(done.get_output().stderr.clone()).unwrap()
}

fn failure(command: &mut Command) -> String {
    let done = command.assert().failure().code(1);
    String::from_utf8(done.get_output().stderr.clone()).unwrap()
}

fn csv_of(verb: &str, more: &[&str]) -> String {
    output(chain(verb, more).args(["--format", "csv"]))
}

fn rows(text: &str) -> Vec<Row> {
    csv::Reader::from_reader(text.as_bytes()).deserialize().map(|row| row.unwrap()).collect()
}

fn header(text: &str) -> &str {
    text.lines().next().unwrap()
}

fn number(row: &Row, column: &str) -> f64 {
    row[column].parse().unwrap_or_else(|_| panic!("{column} is `{}` in {row:?}", row[column]))
}

fn total(rows: &[Row], column: &str) -> f64 {
    rows.iter().map(|row| number(row, column)).sum()
}

fn row_of<'a>(rows: &'a [Row], wanted: &[(&str, &str)]) -> &'a Row {
    rows.iter().find(|row| wanted.iter().all(|(column, value)| row[*column] == *value)).unwrap_or_else(|| panic!("no row {wanted:?}"))
}

#[track_caller]
fn close(found: f64, expected: f64, tolerance: f64) {
    assert!((found - expected).abs() <= tolerance * expected.abs().max(1.0), "found {found}, expected {expected}");
}

/// The made-up table of three regions and three sectors (`crates/chain/tests/data/mini.csv`) with labels, as a user would keep it.
fn mini() -> (TempDir, PathBuf) {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("../chain/tests/data/mini.csv");
    let numbers = std::fs::read_to_string(source).unwrap();
    let (regions, sectors, categories) = (["AAA", "BBB", "CCC"], ["D01", "D02", "D03"], ["final1", "final2"]);
    let (mut first, mut second) = (vec!["region", ""], vec!["", "sector"]);
    for labels in [&sectors[..], &categories[..]] {
        for region in regions {
            for label in labels {
                first.push(region);
                second.push(label);
            }
        }
    }
    let mut text = format!("{}\n{}\n", first.join(","), second.join(","));
    for (at, line) in numbers.lines().enumerate() {
        text.push_str(&format!("{},{},{line}\n", regions[at / 3], sectors[at % 3]));
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("mini.csv");
    std::fs::write(&path, text).unwrap();
    (folder, path)
}

fn on_mini(file: &Path, verb: &str, more: &[&str]) -> Command {
    let mut command = chain(verb, more);
    command.arg("--input").arg(file).args(["--period", "2020", "--format", "csv"]);
    command
}

#[test]
fn exports_split_by_borin_and_mancini_add_up() {
    for period in ["1995", "2011"] {
        let text = csv_of("gvc", &["--period", period, "--method", "bm-src"]);
        assert_eq!(header(&text), BORIN_MANCINI);
        let rows = rows(&text);
        assert_eq!(rows.len(), 41);
        for row in &rows {
            let exports = number(row, "EXGR");
            close(number(row, "DC") + number(row, "FC"), exports, 1e-12);
            close(number(row, "DAVAX") + number(row, "GVC"), exports, 1e-12);
            for (whole, first, second) in
                [("DC", "DVA", "DDC"), ("FC", "FVA", "FDC"), ("DVA", "VAX", "REF"), ("GVC", "GVCB", "GVCF"), ("GVCB", "FC", "DDC")]
            {
                assert!((number(row, first) + number(row, second) - number(row, whole)).abs() < 1e-11 * exports, "{whole}: {row:?}");
            }
        }
    }
    assert_eq!(csv_of("gvc", &["--method", "bm-src", "--period", "2011"]), csv_of("gvc", &[]), "the defaults");
}

#[test]
fn the_terms_of_koopman_and_of_wang_add_up_to_gross_exports() {
    let exports = rows(&csv_of("gvc", &["--period", "2011"]));
    for (method, expected) in [
        ("kww", KOOPMAN_WANG_WEI),
        (
            "wwz",
            "region,DVA_FIN,DVA_INT,DVA_INTrexI1,DVA_INTrexF,DVA_INTrexI2,RDV_INT,RDV_FIN,RDV_FIN2,OVA_FIN,MVA_FIN,OVA_INT,MVA_INT,DDC_FIN,DDC_INT,ODC,MDC",
        ),
    ] {
        let text = csv_of("gvc", &["--period", "2011", "--method", method]);
        assert_eq!(header(&text), expected);
        let found = rows(&text);
        assert_eq!(found.len(), exports.len());
        for (row, gross) in found.iter().zip(&exports) {
            assert_eq!(row["region"], gross["region"]);
            let sum: f64 = row.iter().filter(|(name, _)| *name != "region").map(|(name, _)| number(row, name)).sum();
            close(sum, number(gross, "EXGR"), 1e-12);
        }
    }
    // double counting is the same in two decompositions that define it alike
    let terms = rows(&csv_of("gvc", &["--period", "2011", "--method", "kww"]));
    for (row, gross) in terms.iter().zip(&exports) {
        assert!((number(row, "DDC") - number(gross, "DDC")).abs() < 1e-11 * number(gross, "EXGR"), "{row:?}");
    }
}

#[test]
fn partners_and_sectors_add_up_to_regions_and_a_group_exports_only_abroad() {
    let whole = rows(&csv_of("gvc", &["--exporters", "CHN"]));
    for (by, count) in [("partner", 40), ("sector", 35), ("partner-sector", 40 * 35)] {
        let parts = rows(&csv_of("gvc", &["--exporters", "CHN", "--by", by]));
        assert_eq!(parts.len(), count, "{by}");
        for term in ["EXGR", "DVA", "VAX", "DDC", "FVA"] {
            close(total(&parts, term), number(&whole[0], term), 1e-10);
        }
    }
    let members = rows(&csv_of("gvc", &["--exporters", "USA,CAN,MEX"]));
    let group = rows(&csv_of("gvc", &["--group", "NAFTA"]));
    assert_eq!((group.len(), group[0]["region"].as_str()), (1, "NAFTA"));
    assert!(number(&group[0], "EXGR") < 0.8 * total(&members, "EXGR"));
    close(number(&group[0], "DC") + number(&group[0], "FC"), number(&group[0], "EXGR"), 1e-12);
    let named = rows(&csv_of("gvc", &["--group", "ours=USA+CAN+MEX"]));
    assert_eq!((named[0]["region"].as_str(), &named[0]["DVA"]), ("ours", &group[0]["DVA"]));
    let notes = told(&mut chain("gvc", &["--group", "EU27"]));
    assert!(notes.contains("EU27: the table has no region HRV"), "{notes}");
}

#[test]
fn exposure_shares_sum_to_one() {
    for more in [&["--period", "2011", "--scope", "manufacturing"][..], &["--period", "1995"], &["--group", "EU27", "--scope", "c14,c15"]] {
        let text = csv_of("exposure", more);
        assert_eq!(header(&text), "user,supplier,look_through,face_value,hidden");
        let mut users: BTreeMap<String, (f64, f64)> = BTreeMap::new();
        for row in rows(&text) {
            let (look_through, face_value) = (number(&row, "look_through"), number(&row, "face_value"));
            assert!((look_through - face_value - number(&row, "hidden")).abs() < 1e-14, "{row:?}");
            let sums = users.entry(row["user"].clone()).or_default();
            *sums = (sums.0 + look_through, sums.1 + face_value);
        }
        assert_eq!(users.len(), if more.contains(&"EU27") { 41 - 26 + 1 } else { 41 });
        for (user, (look_through, face_value)) in users {
            assert!((look_through - 1.0).abs() < 1e-12, "{user}: {look_through}");
            assert!(face_value < 1.0, "{user}: {face_value}");
        }
    }
    let industries = csv_of("exposure", &["--users", "CHN", "--by", "industry"]);
    assert_eq!(header(&industries), "user,sector,supplier,look_through,face_value,hidden");
    let markets = csv_of("exposure", &["--users", "CHN", "--side", "markets"]);
    assert_eq!(header(&markets), "seller,market,look_through,face_value,hidden");
}

#[test]
fn positions_are_at_least_one() {
    let text = csv_of("position", &["--period", "2011"]);
    assert_eq!(header(&text), "region,sector,output,upstreamness,downstreamness");
    let rows = rows(&text);
    assert_eq!(rows.len(), 1435);
    let (mut positive, mut empty) = (0, 0);
    for row in &rows {
        if row["upstreamness"].is_empty() {
            empty += 1;
            assert!(number(row, "output") <= 0.0, "{row:?}");
        } else {
            positive += 1;
            assert!(number(row, "upstreamness") > 1.0 - 1e-12 && number(row, "downstreamness") > 1.0 - 1e-12, "{row:?}");
        }
    }
    assert_eq!((positive, empty), (1413, 22));
    let two = self::rows(&csv_of("position", &["--regions", "CHN,USA"]));
    assert_eq!(two.len(), 70);
}

#[test]
fn consumption_and_production_account_for_the_same_whole() {
    let text = csv_of("footprint", &["--period", "2011"]);
    assert_eq!(header(&text), "stressor,unit,region,D_cba,D_pba,D_imp,D_exp");
    let regions = rows(&text);
    assert_eq!(regions.len(), 41);
    close(total(&regions, "D_cba"), total(&regions, "D_pba"), 1e-12);
    close(total(&regions, "D_imp"), total(&regions, "D_exp"), 1e-12);
    for row in &regions {
        close(number(row, "D_pba") - number(row, "D_exp") + number(row, "D_imp"), number(row, "D_cba"), 1e-12);
    }
    let bilateral = rows(&csv_of("footprint", &["--period", "2011", "--by", "bilateral"]));
    let from_china: Vec<Row> = bilateral.into_iter().filter(|row| row["from"] == "CHN").collect();
    close(total(&from_china, "value"), number(row_of(&regions, &[("region", "CHN")]), "D_pba"), 1e-12);
    let sectors = rows(&csv_of("footprint", &["--period", "2011", "--by", "sector"]));
    close(total(&sectors, "D_pba"), total(&regions, "D_pba"), 1e-12);
    close(total(&sectors, "D_cba"), total(&regions, "D_cba"), 1e-12);
    assert_eq!(header(&csv_of("footprint", &["--by", "eebt"])), "stressor,unit,from,to,value");
    let trade = csv_of("footprint", &["--by", "trade"]);
    assert_eq!(header(&trade), "from,to,inputs,final_goods,total");
    let trade = rows(&trade);
    assert_eq!(trade.len(), 41 * 40);
    let exports = rows(&csv_of("gvc", &["--exporters", "CHN"]));
    let from_china: Vec<Row> = trade.into_iter().filter(|row| row["from"] == "CHN").collect();
    close(total(&from_china, "total"), number(&exports[0], "EXGR"), 1e-12);
    let scopes = csv_of("footprint", &["--by", "scopes", "--energy", "c17"]);
    assert_eq!(header(&scopes), "stressor,unit,industry,scope_1,scope_2,scope_3_upstream,scope_3_downstream");
}

#[test]
fn value_added_behind_a_unit_of_final_demand_is_one() {
    let text = csv_of("multipliers", &["--variation"]);
    assert_eq!(
        header(&text),
        "region,sector,output,output_multiplier,direct_backward,power_of_dispersion,direct_forward,total_forward,sensitivity_of_dispersion,key_sector,backward_variation,forward_variation,value_added_direct,value_added_multiplier,value_added_type_one"
    );
    let rows = rows(&text);
    let with_output: Vec<&Row> = rows.iter().filter(|row| number(row, "output") > 0.0).collect();
    assert_eq!(with_output.len(), 1413);
    // every row holds its own industry's numbers, though industries without output have none
    let accounts = self::rows(&csv_of("footprint", &["--by", "sector"]));
    let services = [("region", "USA"), ("sector", "c31")];
    close(number(row_of(&rows, &services), "value_added_direct"), number(row_of(&accounts, &services), "S"), 1e-12);
    for row in with_output {
        close(number(row, "value_added_multiplier"), 1.0, 1e-10);
        assert!(number(row, "output_multiplier") >= 1.0, "{row:?}");
    }
}

#[test]
fn cuts_are_listed_by_what_was_asked() {
    let text = csv_of("chokepoints", &["--place", "CHN", "--period", "2011", "--top", "30"]);
    assert!(
        text.starts_with("user,region,sector,value_added_loss,value_added_loss_share,output_loss,output_loss_share,flow,share_of_imports,")
    );
    let cuts = rows(&text);
    assert_eq!(cuts.len(), 30);
    assert!(cuts.iter().all(|row| row["user"] == "CHN" && row["region"] != "CHN"));
    assert!(cuts.windows(2).all(|two| number(&two[0], "value_added_loss_share") >= number(&two[1], "value_added_loss_share")));
    let unlisted = rows(&csv_of("chokepoints", &["--place", "CHN", "--unlisted", "ROW", "--top", "5"]));
    assert_eq!(unlisted.len(), 5);
    assert!(unlisted.iter().all(|row| row["region"] != "ROW"));
    let barriers = rows(&csv_of("chokepoints", &["--place", "DEU", "--barriers", "RUS", "--order", "barrier,loss", "--top", "20"]));
    assert!(barriers.iter().all(|row| row["region"] == "RUS" && number(row, "barrier") == 1.0));
    let one_each = rows(&csv_of("chokepoints", &["--top-per-user", "1", "--top", "41"]));
    let users: std::collections::BTreeSet<&String> = one_each.iter().map(|row| &row["user"]).collect();
    assert_eq!(users.len(), one_each.len());
}

#[test]
fn a_plan_reaches_its_target_at_the_least_cost_and_proves_it() {
    let (_folder, file) = mini();
    let asked = ["--place", "AAA", "--days", "60", "--critical-share", "0"];
    let json = |more: &[&str]| -> serde_json::Value {
        let mut command = chain("plan", &asked);
        let text = output(command.arg("--input").arg(&file).args(["--period", "2020", "--format", "json"]).args(more));
        serde_json::from_str(&text).unwrap()
    };
    let half = json(&[]);
    let summary = &half["summary"][0];
    let of = |value: &serde_json::Value, name: &str| value[name].as_f64().unwrap();
    close(of(summary, "loss_with"), 0.5 * of(summary, "loss_without"), 1e-6);
    close(of(summary, "lower_bound_of_cost"), of(summary, "cost_per_year"), 1e-6);
    let cost: f64 = half["plan"].as_array().unwrap().iter().map(|row| of(row, "cost_per_year")).sum();
    close(cost, of(summary, "cost_per_year"), 1e-9);
    let prices = half["chokepoints"].as_array().unwrap();
    assert!(!prices.is_empty() && prices.iter().all(|row| row["region"] != "AAA"));
    assert_eq!(half["cuts"].as_array().unwrap().len(), 6);
    // dearer second sources leave it to stocks, dearer stocks to second sources
    let stocks = json(&["--second-source-cost", "10"]);
    assert_eq!(of(&stocks["summary"][0], "second_source_cost_per_year"), 0.0);
    let sources = json(&["--storage-cost", "10"]);
    assert_eq!(of(&sources["summary"][0], "stock_cost_per_year"), 0.0);
    let worst = json(&["--risk", "cvar:0.8", "--target-value", &of(summary, "target").to_string()]);
    assert!(of(&worst["summary"][0], "cost_per_year") > of(summary, "cost_per_year"));
    assert!(of(&worst["summary"][0], "loss_with") >= of(&worst["summary"][0], "expected_with"));

    let frontier = rows(&output(on_mini(&file, "plan", &asked).arg("--frontier")));
    assert_eq!(frontier.len(), 11);
    assert!(frontier.windows(2).all(|two| number(&two[0], "cost_per_year") > number(&two[1], "cost_per_year")));
    close(number(&frontier[5], "cost_per_year"), of(summary, "cost_per_year"), 1e-6);

    let regions = rows(&csv_of("plan", &["--place", "CHN", "--scenarios", "regions", "--without", "ROW", "--most-cuts", "10"]));
    assert_eq!(
        header(&csv_of("plan", &["--place", "CHN", "--barriers", "JPN", "--most-cuts", "3"])),
        "input_sector,user_sector,use_per_year,stock_days,stock_value,second_source_share,second_source_per_year,cost_per_year"
    );
    // services are not kept in stock
    assert!(regions.iter().any(|row| number(row, "stock_days") > 0.0));
    assert!(regions.iter().all(|row| number(row, "stock_days") == 0.0 || row["input_sector"][1..].parse::<u32>().unwrap() < 17));
    let said = told(&mut chain("plan", &["--place", "CHN", "--scenarios", "regions", "--most-cuts", "5"]));
    assert!(said.contains("assumptions") && said.contains("lower bound") && said.contains("left out"), "{said}");
    assert!(!said.contains("DOES NOT HOLD"), "{said}");

    let limits = ["--most-stock-days", "1", "--most-second-source", "0.01", "--target", "0.1"];
    let unreachable = failure(on_mini(&file, "plan", &asked).args(limits));
    assert!(unreachable.contains("no plan within the limits") && unreachable.contains("everything allowed leaves"), "{unreachable}");
    for (more, says) in [
        (&["--target", "1.5"][..], "target"),
        (&["--target", "NaN"], "target"),
        (&["--storage-cost=-1"], "storage_cost"),
        (&["--days", "0"], "days"),
        (&["--risk", "cvar:1"], "beta"),
        (&["--risk", "worst"], "cvar"),
        (&["--scenarios", "ports"], "cuts or regions"),
        (&["--barriers", "ZZZ"], "ZZZ"),
        (&["--not-storable", "D99"], "D99"),
    ] {
        let done = on_mini(&file, "plan", &asked).args(more).assert().failure();
        let said = String::from_utf8(done.get_output().stderr.clone()).unwrap();
        assert!(said.contains(says) && done.get_output().stdout.is_empty(), "{more:?}: {said}");
    }
    chain("plan", &[]).assert().failure().code(2);
}

#[test]
fn breakthroughs_by_sector_with_what_the_place_can_do() {
    let text = csv_of("breakthroughs", &["--place", "CHN"]);
    assert_eq!(
        header(&text),
        "sector,value_added_loss,value_added_loss_share,barrier_loss,barrier_loss_share,leading_supplier,leading_share_of_imports,\
         leading_loss,imports,import_concentration,barrier_share,domestic_share_of_use,own_exports,own_export_share,suppliers,reasons,\
         products_held_share,density,entry_effort,nearest_products"
    );
    let all = rows(&text);
    assert!(all.len() > 25 && all.windows(2).all(|two| number(&two[0], "value_added_loss") >= number(&two[1], "value_added_loss")));
    // the leading supplier's cut is the one that `chokepoints` knows, and no larger than that of the whole sector
    let cuts = rows(&csv_of("chokepoints", &["--place", "CHN", "--top", "2000"]));
    for row in &all {
        let cut = row_of(&cuts, &[("region", row["leading_supplier"].as_str()), ("sector", row["sector"].as_str())]);
        assert_eq!(row["leading_loss"], cut["value_added_loss"]);
        close(number(row, "import_concentration"), number(cut, "import_concentration"), 1e-12);
        assert!(number(row, "leading_loss") <= number(row, "value_added_loss") * (1.0 + 1e-12));
    }
    let machinery = row_of(&all, &[("sector", "c13")]);
    assert!((0.0..=1.0).contains(&number(machinery, "products_held_share")) && number(machinery, "entry_effort") > 0.0);
    assert!(machinery["nearest_products"].split(' ').all(|code| code.len() == 4));
    assert_eq!(row_of(&all, &[("sector", "c23")])["density"], "", "inland transport has no products");
    let barriers = rows(&csv_of("breakthroughs", &["--place", "CHN", "--barriers", "JPN,USA", "--top", "5"]));
    assert!(barriers.windows(2).all(|two| number(&two[0], "barrier_loss") >= number(&two[1], "barrier_loss")));
    assert!(barriers.iter().all(|row| row["reasons"].contains("behind a barrier")));
    let (_folder, file) = mini();
    let own = told(&mut on_mini(&file, "breakthroughs", &["--place", "AAA"]));
    assert!(own.contains("nothing is said of feasibility"), "{own}");
    assert!(failure(&mut chain("breakthroughs", &["--place", "chn"])).contains("nearest: CHN"));
    chain("breakthroughs", &["--place", "CHN", "--order", "nonsense"]).assert().failure().code(2);
    chain("breakthroughs", &[]).assert().failure().code(2);
}

#[test]
fn an_embargo_hits_the_supplier_first_and_replacement_softens_it() {
    let asked = ["--from", "CHN", "--to", "DEU", "--period", "2011"];
    let text = csv_of("embargo", &asked);
    assert_eq!(header(&text), "region,output_loss,value_added_loss");
    let alone = rows(&text);
    assert_eq!(alone.len(), 41);
    let china = number(row_of(&alone, &[("region", "CHN")]), "value_added_loss");
    assert!(alone.iter().all(|row| number(row, "value_added_loss") <= china));
    // final goods and inputs that are not sold are all income that is lost, wherever it would have arisen
    let notes = told(&mut chain("embargo", &asked));
    assert!(notes.contains("not delivered: inputs of 66055 and final goods of 57207 million USD"), "{notes}");
    let replaced = rows(&csv_of("embargo", &["--from", "CHN", "--to", "DEU", "--replacement", "imports"]));
    let others_gain = replaced.iter().any(|row| row["region"] != "CHN" && number(row, "value_added_loss") < 0.0);
    assert!(others_gain && total(&replaced, "value_added_loss").abs() < 1e-3 * total(&alone, "value_added_loss"));
    let supply = rows(&csv_of("embargo", &["--from", "CHN", "--to", "DEU", "--model", "supply"]));
    assert!(supply.iter().all(|row| number(row, "value_added_loss") <= number(row_of(&supply, &[("region", "DEU")]), "value_added_loss")));
    // all pairs hold what one of them says
    let (_folder, file) = mini();
    let pairs = rows(&output(&mut on_mini(&file, "embargo", &[])));
    assert_eq!(pairs.len(), 6);
    for pair in &pairs {
        let one = rows(&output(&mut on_mini(&file, "embargo", &["--from", &pair["from"], "--to", &pair["to"]])));
        close(total(&one, "value_added_loss"), number(pair, "world_value_added_loss"), 1e-11);
        close(number(row_of(&one, &[("region", &pair["to"])]), "output_loss"), number(pair, "to_output_loss"), 1e-11);
    }
}

#[test]
fn the_golden_table_gives_its_published_numbers() {
    let (_folder, file) = mini();
    let text = output(&mut on_mini(&file, "extraction", &[]));
    assert_eq!(header(&text), "region,sector,output,output_loss,value_added_loss");
    let one_by_one = rows(&text);
    assert_eq!(one_by_one.len(), 9);
    let wanted = [("region", "BBB"), ("sector", "D02")];
    close(number(row_of(&one_by_one, &wanted), "output_loss"), 754.6651697445906, 1e-9);
    for (kind, expected) in [("full", 754.6651697445906), ("purchases", 400.0923279074), ("supply-side-sales", 349.7925194450)] {
        let set = rows(&output(&mut on_mini(&file, "extraction", &["--extract", "BBB:D02", "--kind", kind])));
        assert_eq!(set.len(), 3);
        close(total(&set, "output_loss"), expected, 1e-9);
        let single = rows(&output(&mut on_mini(&file, "extraction", &["--kind", kind])));
        close(number(row_of(&single, &wanted), "output_loss"), expected, 1e-9);
    }
    let text = output(&mut on_mini(&file, "gvc", &[]));
    assert_eq!(header(&text), BORIN_MANCINI);
    close(number(row_of(&rows(&text), &[("region", "AAA")]), "DVA"), 144.06639898085885, 1e-9);
    // single precision with refinement and iteration come to the same
    for solver in ["lu", "single", "iterative"] {
        let solved = rows(&output(&mut on_mini(&file, "gvc", &["--solver", solver])));
        close(number(row_of(&solved, &[("region", "AAA")]), "DVA"), 144.06639898085885, 1e-9);
    }
}

#[test]
fn an_extension_of_ones_own_is_accounted_for() {
    let (folder, file) = mini();
    let satellite = folder.path().join("air.csv");
    std::fs::write(&satellite, "region,sector,stressor,unit,value\nAAA,D01,CO2,t,3\nBBB,D02,CO2,t,5\nCCC,D03,jobs,persons,7\n").unwrap();
    let named = format!("air={}", satellite.display());
    let found = rows(&output(&mut on_mini(&file, "footprint", &["--satellite", &named, "--extension", "air"])));
    assert_eq!(found.len(), 6);
    for (stressor, unit, sum) in [("CO2", "t", 8.0), ("jobs", "persons", 7.0)] {
        let of: Vec<Row> = found.iter().filter(|row| row["stressor"] == stressor).cloned().collect();
        assert!(of.iter().all(|row| row["unit"] == unit));
        close(total(&of, "D_pba"), sum, 1e-12);
        close(total(&of, "D_cba"), sum, 1e-12);
    }
    let message = failure(&mut on_mini(&file, "footprint", &["--satellite", &named, "--extension", "water"]));
    assert!(message.contains("water") && message.contains("air, value_added, output"), "{message}");
    std::fs::write(&satellite, "region,sector,value\nAAA,D01,3\nAAA,D01,4\n").unwrap();
    let message = failure(&mut on_mini(&file, "footprint", &["--satellite", &named, "--extension", "air"]));
    assert!(message.contains("AAA D01") && message.contains("twice") && message.contains("air.csv"), "{message}");
    std::fs::write(&satellite, "region,sector,value\nAAA,D01,three\n").unwrap();
    assert!(failure(&mut on_mini(&file, "footprint", &["--satellite", &named, "--extension", "air"])).contains("three"));
}

#[test]
fn paths_are_ordered_and_bounded() {
    let text = csv_of("paths", &["--place", "USA", "--goods", "CHN:c14", "--top", "25"]);
    assert_eq!(header(&text), "order,path,stages,contribution,share,with_all_above");
    let paths = rows(&text);
    assert_eq!(paths.len(), 25);
    assert_eq!(paths[0]["path"], "CHN c14");
    assert!(paths.windows(2).all(|two| number(&two[0], "contribution") >= number(&two[1], "contribution")));
    assert!(
        paths
            .iter()
            .all(|row| row["path"].ends_with("CHN c14") && row["path"].matches(" > ").count() as f64 + 1.0 == number(row, "stages"))
    );
    assert!(total(&paths, "share") < 1.0);
    let covered = rows(&csv_of("paths", &["--place", "USA", "--goods", "CHN:c14", "--top", "10000", "--coverage", "0.25"]));
    assert!(total(&covered, "share") >= 0.25 && covered.len() < 25, "{}", covered.len());
}

#[test]
fn effects_of_a_decomposition_add_up_to_the_change() {
    let text = csv_of("decomposition", &["--from", "1995", "--period", "2011"]);
    assert_eq!(header(&text), "region,technology,structure_of_final_demand,destination_of_final_demand,level_of_final_demand,change");
    let before = rows(&csv_of("position", &["--period", "1995"]));
    let after = rows(&csv_of("position", &["--period", "2011"]));
    let effects = rows(&text);
    let change = total(&after, "output") - total(&before, "output");
    close(total(&effects, "change"), change, 1e-9);
    let parts = ["technology", "structure_of_final_demand", "destination_of_final_demand", "level_of_final_demand"];
    close(parts.iter().map(|part| total(&effects, part)).sum(), change, 1e-9);
    let none = rows(&csv_of("decomposition", &["--from", "2011", "--period", "2011", "--by", "total"]));
    assert_eq!(none.len(), 1);
    assert!(number(&none[0], "change").abs() < 1e-3);
    let value_added = csv_of("decomposition", &["--from", "2005", "--extension", "value_added", "--demand", "whole", "--by", "total"]);
    assert!(header(&value_added).contains("intensity,technology,"), "{value_added}");
}

#[test]
fn the_most_influential_coefficients_come_first() {
    let text = csv_of("influence", &["--top", "12"]);
    assert_eq!(header(&text), "from_region,from_sector,to_region,to_sector,coefficient,field,output_change");
    let found = rows(&text);
    assert_eq!(found.len(), 12);
    assert!(found.windows(2).all(|two| number(&two[0], "output_change") >= number(&two[1], "output_change")));
    let by_field = rows(&csv_of("influence", &["--top", "12", "--order", "field"]));
    assert!(by_field.windows(2).all(|two| number(&two[0], "field") >= number(&two[1], "field")));
}

#[test]
fn spent_wages_raise_multipliers() {
    let asked = ["--table", "io_cn42_2018", "--wages", "primary_inputs:labour_compensation", "--consumption", "final_consumption"];
    let text = csv_of("households", &[&asked[..], &["--share", "0.5"]].concat());
    assert_eq!(header(&text), "region,sector,measure,direct,simple,total,type_one,type_two");
    let rows = rows(&text);
    assert_eq!(rows.len(), 42 * 2);
    for row in &rows {
        assert!(number(row, "simple") >= number(row, "direct") && number(row, "total") >= number(row, "simple"), "{row:?}");
    }
    let message = failure(&mut chain("households", &[&asked[..4], &["--consumption", "tea"]].concat()));
    assert!(message.contains("tea") && message.contains("final_consumption"), "{message}");
}

#[test]
fn dependence_by_the_commission_and_by_geodep() {
    let columns = "region,time,product,imports,exports,import_concentration,foreign_share,imports_over_exports,world_export_concentration,origins,largest_origin,largest_origin_share,alternative_exports_over_imports,dependent,lasting";
    let eu = csv_of("dependence", &["--region", "EU27", "--rule", "eu"]);
    assert_eq!(header(&eu), columns);
    let dependent = rows(&eu);
    assert!(!dependent.is_empty());
    for row in &dependent {
        assert_eq!(row["dependent"], "true");
        assert!(
            number(row, "import_concentration") > 0.4 && number(row, "foreign_share") > 0.5 && number(row, "imports_over_exports") > 1.0
        );
    }
    let geodep = csv_of("dependence", &["--region", "EU27", "--rule", "geodep"]);
    assert_eq!(header(&geodep), columns);
    for row in rows(&geodep) {
        assert!(number(&row, "world_export_concentration") > 0.4, "{row:?}");
    }
    // with thresholds that a product meets, GeoDep's rule lists it too
    let lower = ["--region", "EU27", "--rule", "geodep", "--world-export-concentration", "0.1"];
    assert!(rows(&csv_of("dependence", &lower)).iter().any(|row| row["product"] == "H53"));
    let every = rows(&csv_of("dependence", &["--region", "EU27", "--rule", "geodep", "--all", "--periods", "2022"]));
    assert!(every.len() > 50 && every.iter().all(|row| row["time"] == "2022"));
}

#[test]
fn the_bytes_do_not_depend_on_threads() {
    let (_folder, file) = mini();
    for (verb, more) in [
        ("gvc", &["--method", "wwz"][..]),
        ("exposure", &[]),
        ("position", &[]),
        ("footprint", &["--by", "sector"]),
        ("multipliers", &["--variation"]),
        ("extraction", &[]),
        ("embargo", &[]),
        ("chokepoints", &[]),
        ("paths", &["--place", "AAA"]),
        ("influence", &[]),
    ] {
        let one = output(on_mini(&file, verb, more).args(["--threads", "1"]));
        assert_eq!(one, output(on_mini(&file, verb, more).args(["--threads", "8"])), "{verb}");
        let world =
            output(chain(verb, &["--format", "csv", "--threads", "1"]).args(if verb == "paths" { &["--place", "CHN"][..] } else { more }));
        let eight =
            output(chain(verb, &["--format", "csv", "--threads", "8"]).args(if verb == "paths" { &["--place", "CHN"][..] } else { more }));
        assert_eq!(world, eight, "{verb}");
    }
}

#[test]
fn the_record_keeps_what_a_reader_must_know() {
    let (folder, file) = mini();
    let path = folder.path().join("record.json");
    let read = || -> serde_json::Value { serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap() };
    output(on_mini(&file, "extraction", &["--extract", "BBB:D02"]).arg("--record").arg(&path));
    let record = read();
    assert!(record["engine"].as_str().unwrap().starts_with(|c: char| c.is_ascii_digit()));
    assert_eq!(record["source"]["files"][0]["sha256"].as_str().unwrap().len(), 64);
    assert_eq!(record["source"]["edition"], "io-csv-two-labels");
    assert_eq!((record["regions"].as_u64(), record["industries"].as_u64()), (Some(3), Some(9)));
    assert_eq!(record["repairs"]["negative_flows"], 0);
    assert_eq!(record["request"]["extract"][0], "BBB:D02");
    assert_eq!(record["solver"]["method"], "lu");
    assert!(record["solver"]["residual"].as_f64().unwrap() < 1e-12);
    let radius = record["solver"]["spectral_radius_at_most"].as_f64().unwrap();
    assert!(radius > 0.0 && radius < 1.0);
    assert!(!record["notes"].as_array().unwrap().is_empty());
    output(chain("position", &["--format", "csv", "--period", "2011"]).arg("--record").arg(&path));
    let record = read();
    assert_eq!(record["source"]["table"], "io_wiod2013_2011");
    assert_eq!(record["source"]["sha256"].as_str().unwrap().len(), 64);
    assert_eq!(record["repairs"]["negative_final_demand"], 352);
}

#[test]
fn every_format_holds_the_same_rows() {
    let folder = tempfile::tempdir().unwrap();
    let json: serde_json::Value =
        serde_json::from_str(&output(&mut chain("gvc", &["--format", "json", "--exporters", "CHN,USA"]))).unwrap();
    let csv = rows(&csv_of("gvc", &["--exporters", "CHN,USA"]));
    assert_eq!(json.as_array().unwrap().len(), csv.len());
    close(json[0]["DVA"].as_f64().unwrap(), number(&csv[0], "DVA"), 1e-15);
    for (format, magic) in [("parquet", &b"PAR1"[..]), ("xlsx", &b"PK"[..])] {
        let file = folder.path().join(format);
        output(chain("gvc", &["--format", format]).arg("--out").arg(&file));
        assert!(std::fs::read(&file).unwrap().starts_with(magic), "{format}");
    }
    let english = output(&mut chain("position", &["--regions", "CHN"]));
    let mut chinese = Command::cargo_bin("xinzhi").unwrap();
    chinese.args(["--lang", "zh", "chain", "position", "--regions", "CHN"]);
    let chinese = output(&mut chinese);
    assert_eq!(english.lines().count(), 36);
    assert_eq!(chinese.lines().count(), english.lines().count());
    assert!(chinese.contains("2.8068"), "{chinese}");
}

#[test]
fn what_is_not_known_is_refused_with_what_there_is() {
    let told_with = |code: i32, verb: &str, more: &[&str], said: &[&str]| {
        let done = chain(verb, more).assert().failure().code(code);
        let message = String::from_utf8(done.get_output().stderr.clone()).unwrap();
        assert!(said.iter().all(|part| message.contains(part)), "{verb} {more:?}: {message}");
    };
    // what is not in the data
    told_with(1, "gvc", &["--period", "2003"], &["2003", "1995, 2000, 2005, 2011"]);
    told_with(1, "decomposition", &["--from", "1994"], &["1994", "1995, 2000, 2005, 2011"]);
    told_with(1, "position", &["--system", "nosuch"], &["nosuch", "wiod2013"]);
    told_with(1, "gvc", &["--exporters", "chn"], &["chn", "regions", "nearest: CHN"]);
    told_with(1, "exposure", &["--users", "usa"], &["usa", "nearest: USA"]);
    told_with(1, "exposure", &["--scope", "c99"], &["c99"]);
    told_with(1, "position", &["--regions", "deu"], &["deu", "nearest: DEU"]);
    told_with(1, "chokepoints", &["--place", "chn"], &["chn", "nearest: CHN"]);
    told_with(1, "embargo", &["--from", "CHN", "--to", "XXX"], &["XXX"]);
    told_with(1, "extraction", &["--extract", "CHN:c99"], &["c99", "CHN"]);
    told_with(1, "paths", &["--extension", "nonsense"], &["value_added, output"]);
    // choices that there are not
    told_with(2, "gvc", &["--method", "nonsense"], &["nonsense", "bm-src", "kww", "wwz"]);
    told_with(2, "gvc", &["--by", "nonsense"], &["partner-sector"]);
    told_with(2, "gvc", &["--group", "XYZ"], &["XYZ", "NAME=REGION+REGION"]);
    told_with(2, "gvc", &["--method", "kww", "--perspective", "world"], &["perspective", "bm-src"]);
    told_with(2, "exposure", &["--by", "nonsense"], &["region or industry"]);
    told_with(2, "position", &["--solver", "nonsense"], &["auto, lu, single or iterative"]);
    told_with(2, "position", &["--negative-flows", "nonsense"], &["refuse or zero"]);
    told_with(2, "chokepoints", &["--order", "nonsense"], &["loss, barrier, single-source"]);
    told_with(2, "embargo", &["--from", "CHN"], &["both"]);
    told_with(2, "extraction", &["--kind", "nonsense"], &["full, keeping-final-demand, purchases"]);
    told_with(2, "extraction", &["--replacement", "imports"], &["--extract"]);
    told_with(2, "paths", &["--goods", "c99"], &["REGION:SECTOR"]);
    told_with(2, "footprint", &["--by", "nonsense"], &["bilateral", "eebt"]);
    told_with(2, "influence", &["--order", "nonsense"], &["output-change or field"]);
    told_with(2, "decomposition", &["--from", "1995", "--method", "nonsense"], &["all-orders or two-polar"]);
    told_with(2, "dependence", &["--region", "EU27", "--rule", "nonsense"], &["eu or geodep"]);
    told_with(2, "gvc", &["--format", "nonsense"], &["nonsense", "parquet"]);
    chain("gvc", &["--nonsense"]).assert().failure().code(2);
    chain("decomposition", &[]).assert().failure().code(2);
    chain("gvc", &["--table", "io_wiod2013_2011", "--period", "2011"]).assert().failure().code(2);
}

#[test]
fn a_table_that_is_wrong_is_refused_before_anything_is_computed() {
    let (folder, file) = mini();
    let good = std::fs::read_to_string(&file).unwrap();
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path
    };
    let out = folder.path().join("out.csv");
    let refused = |path: &Path| {
        let message = failure(on_mini(path, "gvc", &[]).arg("--out").arg(&out));
        assert!(!out.exists(), "something was written: {message}");
        message
    };
    let text = write("text.csv", &good.replace("\nAAA,D01,20,", "\nAAA,D01,twenty,"));
    let message = refused(&text);
    assert!(message.contains("twenty") && message.contains("text.csv"), "{message}");
    let twice = write("twice.csv", &good.replace("\nAAA,D02,", "\nAAA,D01,"));
    let message = refused(&twice);
    assert!(message.contains("D01"), "{message}");
    let negative = write("negative.csv", &good.replace("\nAAA,D01,20,", "\nAAA,D01,-20,"));
    let message = refused(&negative);
    assert!(message.contains("-20") && message.contains("D01"), "{message}");
    let zeroed = told(&mut on_mini(&negative, "gvc", &["--negative-flows", "zero"]));
    assert!(zeroed.contains("1 negative deliveries"), "{zeroed}");
    let empty = write("empty.csv", "");
    assert!(!refused(&empty).is_empty());
    let missing = folder.path().join("nothing.csv");
    assert!(refused(&missing).contains("nothing.csv"));
}

/// A scenario on the made-up table: one shock with these fields.
fn scenario(folder: &TempDir, fields: &str) -> String {
    let path = folder.path().join("scenario.toml");
    std::fs::write(&path, format!("name = \"made up\"\nplace = \"AAA\"\n[[shock]]\n{fields}\n")).unwrap();
    path.to_str().unwrap().to_owned()
}

#[test]
fn the_models_of_a_scenario_stand_side_by_side_and_keep_their_invariants() {
    let (folder, file) = mini();
    let toml = scenario(&folder, "what = 'flow'\nwho = ['BBB']\nagainst = ['AAA']\nloss = 1.0\n[models]\nelasticity = 5");
    let found = output(&mut on_mini(&file, "shock", &[&toml, "--by", "models"]));
    let models = rows(&found);
    let names: Vec<&str> = models.iter().map(|row| row["model"].as_str()).collect();
    assert_eq!(names, ["leontief", "replacement", "ghosh", "pbl", "ario", "hat"]);
    for row in &models {
        assert!(number(row, "value_added_loss").is_finite() && number(row, "largest_residual") < 1e-7, "{row:?}");
    }
    // the demand side is the embargo verb's: what B does not sell to A
    let embargo = rows(&output(&mut on_mini(&file, "embargo", &["--from", "BBB", "--to", "AAA"])));
    let regions = rows(&output(&mut on_mini(&file, "shock", &[&toml, "--by", "regions", "--model", "leontief"])));
    for row in &embargo {
        let own = row_of(&regions, &[("region", &row["region"])]);
        close(number(own, "output_loss"), number(row, "output_loss"), 1e-9);
        close(number(own, "value_added_loss"), number(row, "value_added_loss"), 1e-9);
    }
    let checks = rows(&output(&mut on_mini(&file, "shock", &[&toml, "--by", "checks"])));
    assert!(checks.len() > 10 && checks.iter().all(|row| row["holds"] == "true"), "{checks:?}");
    // output falls while the embargo lasts, and the path has every day of two models
    let days = rows(&output(&mut on_mini(&file, "shock", &[&toml, "--by", "days"])));
    assert_eq!(days.len(), 2 * 365);
    let mut overview = chain("shock", &[&toml, "--period", "2020"]);
    let overview = output(overview.arg("--input").arg(&file));
    for title in ["models", "why", "checks", "shocks"] {
        assert!(overview.lines().any(|line| line == title), "{overview}");
    }
}

#[test]
fn a_scenario_that_is_wrong_is_refused_before_anything_is_computed() {
    let (folder, file) = mini();
    let out = folder.path().join("out.csv");
    let refused = |fields: &str, said: &[&str]| {
        let toml = scenario(&folder, fields);
        let done = on_mini(&file, "shock", &[&toml]).arg("--out").arg(&out).assert().failure();
        let message = String::from_utf8(done.get_output().stderr.clone()).unwrap();
        assert!(said.iter().all(|part| message.contains(part)), "{fields}: {message}");
        assert!(!out.exists(), "something was written: {message}");
    };
    let flow = "what = 'flow'\nwho = ['BBB:D02']\nagainst = ['AAA']\n";
    refused("what = 'flow'\nwho = ['BBB:D20']\nagainst = ['AAA']", &["D20", "nearest", "D02"]);
    refused("what = 'flow'\nwho = ['BBC']\nagainst = ['AAA']", &["BBC", "nearest: BBB"]);
    refused("what = 'flows'\nwho = ['BBB']", &["flows", "nearest: flow"]);
    refused(&format!("{flow}loss = 1.5"), &["1.5", "no more can be cut than flows"]);
    refused(&format!("{flow}loss = -0.5"), &["-0.5"]);
    refused(&format!("{flow}loss = nan"), &["NaN"]);
    refused(&format!("{flow}amount = 1e9"), &["1000000000", "larger than the flow"]);
    refused(&format!("{flow}amount = 1.0\nloss = 0.5"), &["both"]);
    refused(&format!("{flow}from = 20\nto = 10"), &["ends on day 10 but starts on day 20"]);
    refused(&format!("{flow}from = 400\nto = 500"), &["after the horizon of 365 days"]);
    refused(&format!("{flow}to = 30\nrecovery = {{ shape = 'linear', days = 0 }}"), &["recovery takes 0 days"]);
    refused(&format!("{flow}to = 30\n[[shock]]\n{flow}from = 20\nto = 40"), &["on day 20 it touches BBB D02", "shock 1"]);
    refused(
        &format!("{flow}to = 30\nrecovery = {{ shape = 'linear', days = 20 }}\n[[shock]]\n{flow}from = 40\nto = 60"),
        &["on day 40", "recovery included"],
    );
    refused(&format!("{flow}rate = 0.2"), &["rate", "tariff"]);
    refused("what = 'tariff'\nwho = ['BBB']\nagainst = ['AAA']", &["needs one"]);
    refused("what = 'capacity'\nwho = ['BBB']\nagainst = ['AAA']", &["not against anybody"]);
    refused(&format!("{flow}products = ['8542']"), &["WIOD35", "D01"]);
    refused("what = 'flow'\nroute = 'the strait'", &["no route"]);
    refused("what = 'capacity'\nfirms = ['ACME']", &["xinzhi chain firms"]);
    refused("what = 'flow'\nlos = 1.0", &["los", "loss", "line"]);
    let toml = scenario(&folder, flow);
    let said = |more: &[&str], part: &str| {
        let done = on_mini(&file, "shock", &[&[toml.as_str()][..], more].concat()).assert().failure();
        let message = String::from_utf8(done.get_output().stderr.clone()).unwrap();
        assert!(message.contains(part), "{more:?}: {message}");
    };
    said(&["--model", "leontieff"], "nearest: leontief");
    said(&["--by", "nonsense"], "models, why, checks");
    said(&["--place", "AAB"], "nearest: AAA");
    assert!(failure(&mut chain("shock", &["chipcut"])).contains("nearest: chip-cut"));
    assert!(failure(&mut chain("shock", &["nowhere.toml"])).contains("nowhere.toml"));
    let latin = folder.path().join("latin.toml");
    std::fs::write(&latin, b"name = \"caf\xe9\"").unwrap();
    assert!(failure(&mut chain("shock", &[latin.to_str().unwrap()])).contains("UTF-8"));
    std::fs::write(&latin, b"").unwrap();
    assert!(failure(&mut chain("shock", &[latin.to_str().unwrap()])).contains("name"));
}

#[test]
fn a_run_that_diverges_is_stopped_and_told_with_the_day() {
    let (folder, file) = mini();
    let toml = scenario(
        &folder,
        "what = 'capacity'\nwho = ['BBB:D02']\nloss = 0.6\nfrom = 5\nto = 15\nrecovery = { shape = 'linear', days = 60 }\n\
         [models]\ninventory-days = 6\nrestoration-days = 10\nordering = 'fixed'",
    );
    let mut command = on_mini(&file, "shock", &[&toml, "--model", "ario", "--by", "models"]);
    let done = command.assert().success();
    let (found, said) = (done.get_output().stdout.clone(), String::from_utf8(done.get_output().stderr.clone()).unwrap());
    let row = &rows(&String::from_utf8(found).unwrap())[0];
    assert!(row["state"].starts_with("diverging on day "), "{row:?}");
    assert!(said.contains("was stopped"), "{said}");
}

#[test]
fn the_scenarios_that_come_with_the_program_run() {
    for (name, place) in [
        ("machine-tool-embargo", "CHN"),
        ("chip-cut", "CHN"),
        ("rare-earth-export-control", "JPN"),
        ("closed-ev-market", "CHN"),
        ("port-closure", "NLD"),
        ("earthquake", "JPN"),
    ] {
        let printed = output(&mut chain("shock", &[name, "--print"]));
        assert!(printed.contains("[[shock]]"), "{printed}");
        let models = rows(&csv_of("shock", &[name, "--model", "leontief,replacement,ghosh"]));
        assert_eq!(models.len(), 3, "{name}");
        for row in &models {
            assert_eq!(row["region"], place, "{name}");
            assert!(number(row, "largest_residual") < 1e-9 && number(row, "value_added_loss") != 0.0, "{name}: {row:?}");
        }
    }
    // a tariff is felt by the equilibrium alone
    let folder = TempDir::new().unwrap();
    let toml = scenario(&folder, "what = 'tariff'\nwho = ['CHN']\nagainst = ['USA']\nrate = 0.25").replace("AAA", "USA");
    std::fs::write(&toml, std::fs::read_to_string(&toml).unwrap().replace("AAA", "USA")).unwrap();
    let models = rows(&csv_of("shock", &[&toml]));
    let felt: Vec<&str> = models.iter().filter(|row| !row["state"].starts_with("not felt")).map(|row| row["model"].as_str()).collect();
    assert_eq!(felt, ["hat"]);
    let picture = folder.path().join("models.svg");
    output(&mut chain("shock", &["earthquake", "--model", "ghosh,ario", "--picture", picture.to_str().unwrap()]));
    for path in [picture, folder.path().join("models-days.svg")] {
        assert!(std::fs::read_to_string(&path).unwrap().starts_with("<svg"), "{}", path.display());
    }
}
