//! Input-output tables in workbooks and R files. Real ones are read where `XINZHI_SHARED_DATA` names a folder of them; the others are written
//! here to the published layout with made-up numbers.
#![allow(clippy::unwrap_used, missing_docs)]

use std::path::{Path, PathBuf};
use xinzhi_store::{InputOutputOptions, PublishedTable, Workspace, read_input_output, read_supply_use};

fn real(folder: &str) -> Option<PathBuf> {
    let found = std::env::var_os("XINZHI_SHARED_DATA").map(|root| Path::new(&root).join(folder));
    if found.is_none() {
        eprintln!("not run: XINZHI_SHARED_DATA names no folder of real files");
    }
    found
}

fn read(path: &Path, options: &InputOutputOptions) -> PublishedTable {
    read_input_output(&[path.to_owned()], options).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Prints what a table holds and gives the largest row difference relative to the largest output.
fn report(table: &PublishedTable) -> f64 {
    let n = table.industries.len();
    let output: f64 = table.output.iter().sum();
    let inputs: f64 = table.z.iter().sum();
    let added: f64 = table.primary.iter().filter(|row| row.kind == "value-added").flat_map(|row| &row.industries).sum();
    let largest = table.output.iter().copied().fold(0.0, f64::max);
    eprintln!(
        "{} {}: {n} industries, {} final, {} primary rows; output {output:.6e}, output less inputs {:.6e}, value added {added:.6e}; rows off by at most {:.3e} ({}), columns {:.3e} ({}); repairs {:?}",
        table.edition,
        table.period,
        table.final_demand.len(),
        table.primary.len(),
        output - inputs,
        table.balance.largest_row_difference,
        table.balance.row,
        table.balance.largest_column_difference,
        table.balance.column,
        table.repairs.iter().map(|repair| format!("{} {} {:.4e}", repair.name, repair.count, repair.mass)).collect::<Vec<_>>(),
    );
    table.balance.largest_row_difference / largest
}

#[test]
fn wiod_2013_of_all_years() {
    let Some(folder) = real("wiod2013") else { return };
    let embedded = Workspace::embedded().unwrap();
    for year in 1995..=2011 {
        let options = InputOutputOptions { no_repair: vec!["zero-output".into()], ..Default::default() };
        let table = read(&folder.join(format!("wiot_{year}.RData")), &options);
        report(&table);
        assert_eq!((table.period, table.industries.len(), table.final_demand.len()), (year, 1435, 205));
        let Ok(rows) = embedded.io(&format!("io_wiod2013_{year}")) else { continue };
        let block = rows.block("domestic").unwrap();
        assert!(block.z == table.z && block.y == table.y && block.x == table.output, "{year} differs from the embedded table");
        assert!(rows.columns == table.industries && rows.final_demand == table.final_demand);
        eprintln!("  the same as the embedded table");
    }
}

#[test]
fn national_tables_of_china() {
    let Some(folder) = real("china_national_io") else { return };
    let embedded = Workspace::embedded().unwrap();
    let mut files: Vec<PathBuf> = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|file| file.file_name().is_some_and(|name| name.to_string_lossy().starts_with("china_2")));
    files.sort();
    assert_eq!(files.len(), 12);
    for file in files {
        let table = read(&file, &InputOutputOptions::default());
        assert!(report(&table) < 1e-9);
        assert!(table.industries.iter().all(|(region, _)| region == "CHN"));
        if table.edition != "cn-national-imports-apart" {
            continue;
        }
        let rows = embedded.io(&format!("io_cn42_{}", table.period)).unwrap();
        let (domestic, import, added) =
            (rows.block("domestic").unwrap(), rows.block("import").unwrap(), rows.block("value_added").unwrap());
        assert!(domestic.z == table.z && domestic.y == table.y && domestic.x == table.output);
        let of =
            |kind: &str| table.primary.iter().filter(|row| row.kind == kind).flat_map(|row| row.industries.clone()).collect::<Vec<_>>();
        assert_eq!(of("imports"), import.z);
        assert_eq!(of("value-added"), added.z);
        let finals: Vec<f64> = table.primary.iter().filter(|row| row.kind == "imports").flat_map(|row| row.final_demand.clone()).collect();
        assert_eq!(finals, import.y);
        eprintln!("  the same as the embedded table");
    }
}

#[test]
fn national_tables_of_the_oecd() {
    let Some(folder) = real("oecd_iot_chn_jpn") else { return };
    for country in ["CHN", "JPN"] {
        let file = folder.join(format!("OECD21ed_{country}_1995to2018.rda"));
        let error = read_input_output(&[file.clone()], &InputOutputOptions::default()).unwrap_err();
        assert!(error.to_string().contains("24 tables"), "{error}");
        for year in 1995..=2018 {
            let table = read(&file, &InputOutputOptions { period: Some(year), ..Default::default() });
            report(&table);
            assert_eq!((table.period, table.industries.len(), table.industries[0].0.as_str()), (year, 45, country));
        }
    }
}

#[test]
fn interregional_tables_of_china() {
    let Some(folder) = real("china_mrio_8region_2002_2007") else { return };
    let file = folder.join("china_interregional_io_2002_2007_SIC.xls");
    for (sheet, n) in [("2002-8", 64), ("2007-8", 64), ("2002-17", 136), ("2007-17", 136)] {
        let table = read(&file, &InputOutputOptions { sheet: Some(sheet.into()), ..Default::default() });
        report(&table);
        assert_eq!(table.industries.len(), n);
        assert_eq!(format!("{}-{}", table.period, n / 8), sheet);
    }
}

#[test]
fn provincial_tables_of_china() {
    let Some(folder) = real("china_provincial_io_2007") else { return };
    let file = folder.join("China31-Hancheng.xls");
    let nation = read(&file, &InputOutputOptions { sheet: Some("00China".into()), ..Default::default() });
    report(&nation);
    let table = read(&file, &InputOutputOptions { family: Some("china-provincial".into()), ..Default::default() });
    report(&table);
    assert_eq!(table.industries.len(), 30 * 42);
}

#[test]
fn regional_tables_of_finland() {
    let Some(folder) = real("finland_regional_io_2014") else { return };
    let table = read(&folder.join("io2014.csv"), &InputOutputOptions::default());
    report(&table);
    assert_eq!(table.industries.len(), 19 * 30);
}

#[test]
fn supply_and_use_of_the_united_states() {
    let Some(folder) = real("us_bea_io") else { return };
    for (make, used, imports) in [
        ("Summary_Make_2017_BeforeRedef_17sch", "Summary_Use_2017_PRO_BeforeRedef_17sch", "Summary_Import_2017_BeforeRedef_17sch"),
        ("Summary_Make_2010_AfterRedef_12sch", "Summary_Use_2010_PRO_AfterRedef_12sch", "Summary_Import_2010_BeforeRedef_12sch"),
        ("Detail_Make_2017_BeforeRedef_17sch", "Detail_Use_2017_PRO_BeforeRedef_17sch", "Detail_Import_2017_BeforeRedef_17sch"),
    ] {
        let files: Vec<PathBuf> = [make, used, imports].iter().map(|name| folder.join(format!("{name}.rda"))).collect();
        let table = read_supply_use(&files, None).unwrap();
        eprintln!(
            "{used}: {} products, {} industries, {} final; output {:.6e}; products off by {:?}, industries by {:?}",
            table.products.len(),
            table.industries.len(),
            table.final_use_columns.len(),
            table.make.iter().sum::<f64>(),
            table.largest_product_difference,
            table.largest_industry_difference
        );
        assert!(table.imports.is_some());
    }
}
