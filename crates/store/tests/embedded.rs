//! The tables compiled into the program, and the numbers that must come out of them.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use frame::Period;
use std::sync::Arc;
use xinzhi_store::{ExportFormat, SCHEMAS, Workspace, check, export};

#[test]
fn every_table_obeys_its_schema_and_its_hash() {
    for table in check(&Workspace::embedded().unwrap(), &[]).unwrap() {
        assert!(table.error.is_none(), "{}: {}", table.table, table.error.unwrap());
        assert!(table.warnings.is_empty(), "{}: {:?}", table.table, table.warnings);
    }
}

#[test]
fn every_schema_has_a_key_that_fits() {
    // a dense table has a layout of its own and no columns
    for schema in SCHEMAS.iter().filter(|schema| schema.id != "io_dense") {
        assert!((1..=6).contains(&schema.key().count()), "{}", schema.id);
    }
}

#[test]
fn exports_of_2017_add_up_row_by_row() {
    let workspace = Workspace::embedded().unwrap();
    let table = workspace.activity("exports_hs4_2017").unwrap();
    let matrix = table.matrix("exports", Period::year(2017), table.schemes()[0]).unwrap();
    assert_eq!(matrix.rows().len(), 224);
    let of_china: f64 = table.rows().filter(|row| row.place == "CHN").map(|row| row.value).sum();
    let row = matrix.rows().position("CHN").unwrap();
    let sum: f64 = matrix.row(row).iter().sum();
    assert!((sum - of_china).abs() <= 1e-12 * of_china, "{sum} {of_china}");
    // parsed once, shared afterwards
    assert!(Arc::ptr_eq(&table, &workspace.activity("exports_hs4_2017").unwrap()));
    assert!(table.matrix("exports", Period::year(1900), table.schemes()[0]).is_err());
    assert!(table.matrix("no such measure", Period::year(2017), table.schemes()[0]).is_err());
}

/// 2.020 trillion USD; 116 headings of 2017 are empty in 1980, because of the producer's conversion, and hold 17 % of 2017's exports.
#[test]
fn exports_of_1980_add_up_and_cover_a_part_of_the_headings_of_2017() {
    let workspace = Workspace::embedded().unwrap();
    let [old, new] = [1980, 2017].map(|year| {
        let table = workspace.activity(&format!("exports_hs4_{year}")).unwrap();
        table.matrix("exports", Period::year(year), "HS4").unwrap()
    });
    assert_eq!((old.rows().len(), old.columns().len()), (192, 1106));
    let total = |matrix: &frame::LabelledMatrix| matrix.values().iter().sum::<f64>();
    assert_eq!((total(&old) / 1e9).round(), 2020.0);
    let of = |place: &str| (old.row(old.rows().position(place).unwrap()).iter().sum::<f64>() / 1e8).round() / 10.0;
    assert_eq!([of("USA"), of("DEU"), of("DDR"), of("SUN"), of("CHN")], [261.3, 201.0, 3.2, 20.8, 15.9]);
    assert!(old.columns().iter().all(|code| new.columns().position(code).is_some()));
    let sums = new.column_sums();
    let only_new: Vec<f64> =
        new.columns().iter().zip(sums).filter(|(code, _)| old.columns().position(code).is_none()).map(|s| s.1).collect();
    assert_eq!(only_new.len(), 116);
    let share = only_new.iter().sum::<f64>() / total(&new);
    assert!((share - 0.171).abs() < 5e-4, "{share}");
    // every place of 1980 is in the register; what no longer exists is no place that can have a dossier
    let places = workspace.places().unwrap();
    assert!(old.rows().iter().all(|code| places.get(code).is_some()));
    for code in ["ANT", "CSK", "DDR", "PCI", "SUN", "YMD", "YUG"] {
        assert_eq!(places.get(code).unwrap().level, frame::PlaceLevel::Aggregate, "{code}");
    }
}

/// WIOD 2013 release, 2011: world output 141.77 and value added 69.33, China 22.27, 7.39 and 2.08 trillion USD.
#[test]
fn output_by_industry_is_that_of_the_input_output_tables() {
    let workspace = Workspace::embedded().unwrap();
    let table = workspace.activity("output_wiod2013").unwrap();
    assert_eq!(table.periods(), (1995..=2011).collect::<Vec<_>>());
    let trillion = |measure: &str, place: Option<&str>| {
        let rows = table.rows().filter(|r| r.period == 2011 && r.measure == measure && place.is_none_or(|p| r.place == p));
        (rows.map(|row| row.value).sum::<f64>() / 1e4).round() / 100.0
    };
    assert_eq!([trillion("output", None), trillion("value_added", None)], [141.77, 69.33]);
    assert_eq!(["output", "value_added", "exports"].map(|m| trillion(m, Some("CHN"))), [22.27, 7.39, 2.08]);
    // industry by industry, the stored tables give the same; what is absent is zero, or exports below zero
    for (year, id) in workspace.io_tables("wiod2013").unwrap() {
        let system = workspace.io(&id).unwrap();
        let block = system.block("domestic").unwrap();
        let (n, m) = (system.columns.len(), system.final_demand.len());
        let of = |measure: &str| table.matrix(measure, Period::year(year), "WIOD35").unwrap();
        let (output, added, exports) = (of("output"), of("value_added"), of("exports"));
        let mut used = vec![0.0; n];
        for row in 0..n {
            for (column, value) in used.iter_mut().enumerate() {
                *value += block.z[row * n + column];
            }
        }
        for (row, (region, industry)) in block.rows.iter().enumerate() {
            let at = |matrix: &frame::LabelledMatrix| match (matrix.rows().position(region), matrix.columns().position(industry)) {
                (Some(i), Some(j)) => matrix.row(i)[j],
                _ => 0.0,
            };
            let inputs: f64 = (0..n).filter(|&j| system.columns[j].0 != *region).map(|j| block.z[row * n + j]).sum();
            let final_use: f64 = (0..m).filter(|&j| system.final_demand[j].0 != *region).map(|j| block.y[row * m + j]).sum();
            assert_eq!(at(&output), block.x[row], "{year} {region} {industry}");
            assert_eq!(at(&added), block.x[row] - used[row], "{year} {region} {industry}");
            assert_eq!(at(&exports), (inputs + final_use).max(0.0), "{year} {region} {industry}");
        }
    }
}

#[test]
fn world_input_output_tables_balance_up_to_rounding() {
    let workspace = Workspace::embedded().unwrap();
    let tables = workspace.io_tables("wiod2013").unwrap();
    assert_eq!(tables.iter().map(|table| table.0).collect::<Vec<_>>(), [1995, 2000, 2005, 2011]);
    let table = workspace.io(&tables[3].1).unwrap();
    let block = table.block("domestic").unwrap();
    let (n, m) = (table.columns.len(), table.final_demand.len());
    assert_eq!((n, block.rows.len(), block.x.len()), (1435, 1435, 1435));
    assert_eq!((block.z.len(), m), (n * n, 41 * 5));
    assert_eq!(block.y.len(), block.rows.len() * m);
    assert_eq!(block.rows, table.columns);
    let sold: f64 = block.z.iter().chain(&block.y).sum();
    let output: f64 = block.x.iter().sum();
    assert!((sold / output - 1.0).abs() < 1e-3, "{sold} {output}");
}

#[test]
fn the_national_table_keeps_imports_apart_and_balances() {
    let workspace = Workspace::embedded().unwrap();
    for (year, id) in workspace.io_tables("cn42").unwrap() {
        let table = workspace.io(&id).unwrap();
        assert_eq!(table.period, year);
        let n = table.columns.len();
        let (domestic, import, added) =
            (table.block("domestic").unwrap(), table.block("import").unwrap(), table.block("value_added").unwrap());
        assert_eq!((n, domestic.rows.len(), import.rows.len()), (42, 42, 42));
        assert!(added.x.is_empty(), "value added has no row totals");
        for column in 0..n {
            let inputs: f64 = [domestic, import, added].iter().flat_map(|block| block.z.iter().skip(column).step_by(n)).sum();
            assert!((inputs - domestic.x[column]).abs() <= 1e-6 * domestic.x[column].max(1.0), "{id} column {column}");
        }
    }
    assert!(!workspace.io_tables("cn42").unwrap().is_empty());
}

#[test]
fn indicators_are_found_by_place_and_year() {
    let workspace = Workspace::embedded().unwrap();
    let all = workspace.indicators().unwrap();
    // China's expenditure on research and development in 2022 was published as 30,782.9 hundred million yuan; the table has more digits
    let value = all.get("CHN", "st_rd_expenditure", 2022).unwrap();
    assert_eq!((value * 10.0).round() / 10.0, 30_782.9);
    assert_eq!(all.table_of("st_rd_expenditure"), "province_st");
    let series = all.series("CHN", "st_rd_expenditure");
    assert!(series.windows(2).all(|pair| pair[0].0 < pair[1].0));
    assert!(series.contains(&(2022, value)));
    let year = all.latest_year("st_rd_expenditure").unwrap();
    let section = all.cross_section("st_rd_expenditure", year);
    assert!(section.len() > 30 && section.windows(2).all(|pair| pair[0].0 < pair[1].0));
    assert_eq!(all.get("CHN", "st_rd_expenditure", 1800), None);
    let definitions = workspace.indicator_definitions().unwrap();
    assert!(definitions.iter().any(|definition| definition.indicator == "st_rd_expenditure" && !definition.name.zh.is_empty()));
}

#[test]
fn registers_name_places_activities_and_policies_in_both_languages() {
    let workspace = Workspace::embedded().unwrap();
    let places = workspace.places().unwrap();
    for name in ["CHN", "China", "中国", "CN"] {
        assert_eq!(places.find(name).map(|place| place.code.as_str()), Some("CHN"), "{name}");
    }
    let schemes = workspace.activity("exports_hs4_2017").unwrap().schemes().join(",");
    let products = workspace.classification(&schemes).unwrap();
    assert!(products.len() > 1000 && !products.name("8542").zh.is_empty());
    assert!(workspace.classification("no such scheme").unwrap_err().to_string().contains(&schemes));
    assert!(workspace.concordance("no such", "scheme").unwrap_err().to_string().contains("->"));
    let registry = workspace.registry_files().unwrap();
    assert!(registry.len() == 13 && registry.iter().all(|file| file.text.lines().count() > 1 && file.sha256.len() == 64));
    for map in ["map_world", "map_china"] {
        let outlines = workspace.map(map).unwrap();
        assert!(outlines.len() > 30);
        assert!(outlines.iter().flat_map(|outline| &outline.1).flatten().all(|(x, y)| x.abs() <= 180.0 && y.abs() <= 90.0));
    }
}

#[test]
fn trade_is_read_by_row_and_by_matrix() {
    let workspace = Workspace::embedded().unwrap();
    let table = workspace.trade("trade_btige").unwrap();
    let (year, scheme) = (*table.periods().last().unwrap(), table.schemes()[0].to_owned());
    let exports = table.exports(Period::year(year), &scheme).unwrap();
    let imports = table.imports(Period::year(year), &scheme).unwrap();
    let direct: f64 = table.rows().filter(|row| row.period == year && row.scheme == scheme).map(|row| row.value).sum();
    for matrix in [&exports, &imports] {
        let total: f64 = matrix.values().iter().sum();
        assert!((total / direct - 1.0).abs() < 1e-9);
    }
}

#[test]
fn an_export_reads_back_to_the_last_digit() {
    let workspace = Workspace::embedded().unwrap();
    let mut text = Vec::new();
    export(&workspace, "province_st", ExportFormat::Csv, &mut text).unwrap();
    let mut rows = csv::Reader::from_reader(text.as_slice());
    let all = workspace.indicators().unwrap();
    let mut count = 0;
    for row in rows.records().map(Result::unwrap) {
        let value: f64 = row[3].parse().unwrap();
        assert_eq!(all.get(&row[0], &row[1], row[2].parse().unwrap()).map(f64::to_bits), Some(value.to_bits()));
        count += 1;
    }
    assert_eq!(count, workspace.manifest().table("province_st").unwrap().rows);
    let batches = workspace.table("province_st").unwrap();
    assert_eq!(batches.iter().map(arrow_array::RecordBatch::num_rows).sum::<usize>() as u64, count);
}
