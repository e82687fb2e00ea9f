//! Tables that a workspace opens by mapping them: what is written is what is opened, and what is damaged is named.
//! The tables are made up by the tests.
#![allow(clippy::unwrap_used, missing_docs)]

use std::path::{Path, PathBuf};
use xinzhi_store::{
    ExportFormat, InputOutputOptions, Problem, PublishedTable, StoreError, Workspace, check, export, read_input_output, store_input_output,
};

/// A small EXIOBASE folder of made-up numbers: two regions, an industry each, one without output; an extension with flows of final demand.
fn exiobase(folder: &Path) -> PathBuf {
    let table = folder.join("IOT_2012_ixi");
    std::fs::create_dir_all(table.join("air_emissions")).unwrap();
    let head = "region\t\tA\tA\tB\nsector\t\tfarms\tworks\tfarms\n";
    let of_final = "region\t\tA\tB\ncategory\t\thouseholds\thouseholds\n";
    let write = |name: &str, text: String| std::fs::write(table.join(name), text).unwrap();
    write("Z.txt", format!("{head}A\tfarms\t1.5\t2\t0.1\nA\tworks\t0\t0\t0\nB\tfarms\t0.3\t7e-3\t4\n"));
    write("Y.txt", format!("{of_final}A\tfarms\t10\t20\nA\tworks\t0\t0\nB\tfarms\t-0.25\t30\n"));
    let flows = |head: &str| head.replace("\t\t", "\t");
    write("air_emissions/F.txt", format!("{}stressor\t\t\t\nCO2\t5\t6\t7\nCH4\t0\t1\t0\n", flows(head)));
    write("air_emissions/F_Y.txt", format!("{}stressor\t\t\nCO2\t8\t9\nCH4\t0\t0\n", flows(of_final)));
    write("air_emissions/unit.txt", "stressor\tunit\nCO2\tkg\nCH4\tg\n".to_owned());
    table
}

fn made(folder: &Path) -> PublishedTable {
    read_input_output(&[exiobase(folder)], &InputOutputOptions::default()).unwrap()
}

fn stored(folder: &Path, table: &PublishedTable, id: &str) -> PathBuf {
    let report = store_input_output(table, folder, Some(id)).unwrap();
    folder.join(report.table.file)
}

fn opened(folder: &Path, id: &str) -> Result<(), StoreError> {
    Workspace::open(folder)?.input_output(id).map(|_| ())
}

#[test]
fn what_is_written_is_opened() {
    let folder = tempfile::tempdir().unwrap();
    let table = made(folder.path());
    let space = folder.path().join("space");
    let report = store_input_output(&table, &space, None).unwrap();
    assert_eq!((report.table.id.as_str(), report.table.schema.as_str(), report.table.rows), ("exiobase3-2012", "io_dense", 3));
    assert!(report.replaced.is_none());
    let again = Workspace::open(&space).unwrap().input_output("exiobase3-2012").unwrap();
    assert_eq!((&again.industries, &again.final_demand), (&table.industries, &table.final_demand));
    assert_eq!(((*again.z).as_ref(), &again.y, &again.output), (table.z.as_slice(), &table.y, &table.output));
    assert_eq!(
        (&again.primary, &again.repairs, &again.balance, &again.files),
        (&table.primary, &table.repairs, &table.balance, &table.files)
    );
    assert_eq!(
        (again.edition.as_str(), again.system.as_str(), again.period, again.unit.as_str()),
        ("exiobase3", "exiobase3", 2012, "million EUR")
    );
    // the works of A make nothing: what they bought is gone, and said
    assert_eq!((table.repairs[0].name.as_str(), table.repairs[0].count, table.repairs[0].mass), ("zero-output", 1, 2.007));
    let (stored, read) = (&again.extensions[0], &table.extensions[0]);
    assert_eq!((again.extensions.len(), &stored.name, &stored.stressors), (1, &read.name, &read.stressors));
    assert_eq!((*stored.flows).as_ref(), [5.0, 6.0, 7.0, 0.0, 1.0, 0.0]);
    assert_eq!((**stored.final_demand_flows.as_ref().unwrap()).as_ref(), [8.0, 9.0, 0.0, 0.0]);
    // replaced under the same id, and the same bytes for the same table
    let report = store_input_output(&table, &space, None).unwrap();
    assert_eq!(report.replaced.unwrap().sha256, report.table.sha256);
    assert!(check(&Workspace::open(&space).unwrap(), &[]).unwrap().iter().all(|found| found.error.is_none()));
    // an id that is no name of a file
    let error = store_input_output(&table, &space, Some("../away")).unwrap_err();
    assert_eq!(error.problem(), Problem::Options, "{error}");
}

#[test]
fn damage_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let space = folder.path().join("space");
    let path = stored(&space, &made(folder.path()), "mine");
    let whole = std::fs::read(&path).unwrap();
    let with = |bytes: &[u8], parts: &[&str]| {
        std::fs::write(&path, bytes).unwrap();
        let error = opened(&space, "mine").unwrap_err();
        let text = error.to_string();
        assert_eq!(error.problem(), Problem::Damaged, "{text}");
        assert!(parts.iter().all(|part| text.contains(part)), "`{text}` lacks one of {parts:?}");
    };
    for length in 0..whole.len() {
        std::fs::write(&path, &whole[..length]).unwrap();
        assert_eq!(opened(&space, "mine").unwrap_err().problem(), Problem::Damaged, "{length} of {} bytes", whole.len());
    }
    with(&whole[..whole.len() - 8], &["bytes, its header asks for", "import the table again"]);
    with(&[&whole[..], &[0; 8]].concat(), &["bytes, its header asks for"]);
    with(&[], &["does not begin like"]);
    let changed = |at: usize, to: u8| {
        let mut bytes = whole.clone();
        assert_ne!(bytes[at], to);
        bytes[at] = to;
        bytes
    };
    with(&changed(0, b'Y'), &["does not begin like"]);
    with(&changed(8, 2), &["version 2", "reads 1", "newer program"]);
    with(&changed(20, 0xFF), &["ends within its header"]);
    with(&changed(30, whole[30] ^ 1), &["header is not the one that was written"]);
    for at in [60, 100, 200] {
        with(&changed(at, whole[at] ^ 1), &["header is not the one that was written"]);
    }
    // a flipped bit of a number is not looked for when it is opened, but by `check`
    let last = whole.len() - 3;
    std::fs::write(&path, changed(last, whole[last] ^ 1)).unwrap();
    opened(&space, "mine").unwrap();
    let found = check(&Workspace::open(&space).unwrap(), &["mine".into()]).unwrap();
    let error = found[0].error.as_ref().unwrap();
    assert!(error.to_string().contains("sha256"), "{error}");
    std::fs::write(&path, &whole).unwrap();
    assert!(check(&Workspace::open(&space).unwrap(), &[]).unwrap()[0].error.is_none());
    std::fs::remove_file(&path).unwrap();
    assert_eq!(opened(&space, "mine").unwrap_err().problem(), Problem::Damaged);
}

#[test]
fn an_export_reads_back_as_the_same_numbers() {
    let folder = tempfile::tempdir().unwrap();
    let rows = "region_sector,A_one,A_two,B_one,A_final,B_final\nA_one,0.1,0.2,0.30000000000000004,1e-7,12345678.9\n\
        A_two,3,4,5,6,-7.25\nB_one,1e-22,0,0,2.5,1\nVA,1,2,3,0,0\n";
    let file = folder.path().join("three 2001.csv");
    std::fs::write(&file, rows).unwrap();
    let table = read_input_output(&[file], &InputOutputOptions { tolerance: Some(0.99), ..Default::default() });
    // the columns do not balance by far, which a plain table with primary inputs must
    assert_eq!(table.unwrap_err().problem(), Problem::Value);
    let file = folder.path().join("four 2001.csv");
    std::fs::write(&file, rows.lines().take(4).map(|line| line.to_owned() + "\n").collect::<String>()).unwrap();
    let mut table = read_input_output(&[file], &InputOutputOptions::default()).unwrap();
    table.primary = vec![xinzhi_store::PrimaryInput {
        label: "VA".into(),
        kind: "value-added".into(),
        industries: (0..3).map(|j| table.output[j] - (0..3).map(|i| table.z[i * 3 + j]).sum::<f64>()).collect(),
        final_demand: vec![0.0; 2],
    }];
    let space = folder.path().join("space");
    stored(&space, &table, "three");
    let workspace = Workspace::open(&space).unwrap();
    let mut text = Vec::new();
    export(&workspace, "three", ExportFormat::Csv, &mut text).unwrap();
    let again = folder.path().join("exported 2001.csv");
    std::fs::write(&again, &text).unwrap();
    let read = read_input_output(&[again], &InputOutputOptions::default()).unwrap();
    assert_eq!(read.edition, "io-csv-two-labels");
    assert_eq!((&read.industries, &read.final_demand, &read.z, &read.y), (&table.industries, &table.final_demand, &table.z, &table.y));
    assert_eq!(read.primary, table.primary);
    for format in [ExportFormat::Json, ExportFormat::Parquet, ExportFormat::Xlsx] {
        let error = export(&workspace, "three", format, &mut Vec::new()).unwrap_err();
        assert!(error.to_string().contains("csv"), "{error}");
    }
}

#[test]
fn systems_list_both_kinds_of_tables() {
    let folder = tempfile::tempdir().unwrap();
    let mut table = made(folder.path());
    let space = folder.path().join("space");
    stored(&space, &table, "first");
    table.period = 2013;
    stored(&space, &table, "second");
    table.system = "other".into();
    stored(&space, &table, "third");
    let workspace = Workspace::open(&space).unwrap();
    let both = vec![(2012, "first".to_owned()), (2013, "second".to_owned())];
    assert_eq!(workspace.io_tables("exiobase3").unwrap(), both);
    assert_eq!(workspace.io_systems().unwrap(), [("exiobase3".to_owned(), both), ("other".to_owned(), vec![(2013, "third".to_owned())])]);
    // the tables compiled in are stored by rows, and listed and opened the same way
    let embedded = Workspace::embedded().unwrap();
    let (_, tables) = embedded.io_systems().unwrap().into_iter().find(|(system, _)| system == "wiod2013").unwrap();
    let (year, id) = tables.last().unwrap().clone();
    let opened = embedded.input_output(&id).unwrap();
    let rows = embedded.io(&id).unwrap();
    assert_eq!((opened.period, &opened.industries), (year, &rows.columns));
    assert_eq!((*opened.z).as_ref(), rows.block("domestic").unwrap().z);
    // by the other name a dense table is not stored by rows
    assert!(workspace.io("first").is_err());
}
