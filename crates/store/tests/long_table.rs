//! One long table: read from every kind of file, refused when it is wrong, the same whatever the order of its rows.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use arrow_array::types::Int16Type;
use arrow_array::*;
use parquet::arrow::ArrowWriter;
use proptest::prelude::*;
use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use xinzhi_store::{Duplicates, LongCounts, LongTable, LongTableOptions, Missing, Problem, StoreError};

fn options() -> LongTableOptions {
    LongTableOptions { time: Some("year".into()), place: "place".into(), activity: "hs4".into(), value: "usd".into(), ..Default::default() }
}

fn read_as(name: &str, bytes: &[u8], options: &LongTableOptions) -> Result<LongTable, StoreError> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    std::fs::write(&path, bytes).unwrap();
    LongTable::read(&path, options)
}

fn read(text: &str, options: &LongTableOptions) -> Result<LongTable, StoreError> {
    read_as("t.csv", text.as_bytes(), options)
}

/// The rows of a table: period, place, activity, value.
fn rows(table: &LongTable) -> Vec<(String, String, String, f64)> {
    let mut rows = Vec::new();
    for (at, period) in table.periods().iter().enumerate() {
        for cell in table.cells(at) {
            let (place, activity) = (table.places().name(cell.place), table.activities().name(cell.activity));
            rows.push((period.clone(), place.to_owned(), activity.to_owned(), cell.value));
        }
    }
    rows
}

fn row(period: &str, place: &str, activity: &str, value: f64) -> (String, String, String, f64) {
    (period.into(), place.into(), activity.into(), value)
}

const GOOD: &str = "year,place,hs4,usd\n2020,DEU,0101,2\n2019,CHN,8542,1.5\n2020,CHN,0101,0\n";

fn good() -> Vec<(String, String, String, f64)> {
    vec![row("2019", "CHN", "8542", 1.5), row("2020", "CHN", "0101", 0.0), row("2020", "DEU", "0101", 2.0)]
}

#[test]
fn a_table_is_sorted_and_keeps_its_zeros_and_leading_zeros() {
    let table = read(GOOD, &options()).unwrap();
    assert_eq!(rows(&table), good());
    assert_eq!(table.counts(), LongCounts { read: 3, zero: 1, ..Default::default() });
    let matrix = table.matrix(table.require_period("2020").unwrap()).unwrap();
    assert_eq!((matrix.get("DEU", "0101"), matrix.get("DEU", "8542")), (Some(2.0), Some(0.0)));
    assert_eq!(matrix.values().len(), 4);
    assert_eq!(table.require_period("2021").unwrap_err().problem(), Problem::Unknown);
    assert_eq!(table.matrix(2).unwrap_err().problem(), Problem::Unknown);
}

#[test]
fn periods_are_sorted_as_numbers_when_all_are() {
    let text = "year,place,hs4,usd\n10,A,1,1\n9,A,1,1\n-3,A,1,1\n";
    assert_eq!(read(text, &options()).unwrap().periods(), ["-3", "9", "10"]);
    let text = "year,place,hs4,usd\n10,A,1,1\n9,A,1,1\n2019Q1,A,1,1\n";
    assert_eq!(read(text, &options()).unwrap().periods(), ["10", "2019Q1", "9"]);
    let table = read(GOOD, &LongTableOptions { time: None, duplicates: Duplicates::Sum, ..options() }).unwrap();
    assert_eq!((table.periods(), table.len()), (&[String::new()][..], 3));
}

#[test]
fn the_way_text_is_written_makes_no_difference() {
    let expected = read(GOOD, &options()).unwrap();
    let quoted =
        "\"year\",\"place\",\"hs4\",\"usd\"\r\n2020,\"DEU\",\"0101\",2\r\n2019,\"CHN\",\"8542\",1.5\r\n2020,\"CHN\",\"0101\",0\r\n";
    let odd = "year,note,place,hs4,usd\n2020,\"a, \"\"b\"\"\nc\",DEU,0101,2\n2019,,CHN,8542,1.5\n2020,,CHN,0101,0";
    for (name, text) in [
        ("t.csv", GOOD.to_owned()),
        ("t.csv", GOOD.trim_end().to_owned()),
        ("t.csv", GOOD.replace('\n', "\r\n")),
        ("t.csv", GOOD.replace('\n', "\r")),
        ("t.csv", format!("\u{FEFF}{GOOD}")),
        ("t.csv", GOOD.replace('\n', "\n\n")),
        ("t.csv", format!("\n{GOOD}")),
        ("t.tsv", GOOD.replace(',', "\t")),
        ("t.txt", GOOD.replace(',', " ; ")),
        ("T.CSV", quoted.to_owned()),
        ("t.csv", quoted.replace("\"DEU\"", "\" DEU \"")),
        ("t.csv", odd.to_owned()),
        ("t.csv", GOOD.replace(",2\n", ",+2.0e0\n")),
    ] {
        let table = read_as(name, text.as_bytes(), &options()).unwrap_or_else(|error| panic!("{text:?}: {error}"));
        assert_eq!((rows(&table), table.sha256()), (good(), expected.sha256()), "{text:?}");
    }
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    packed.write_all(GOOD.as_bytes()).unwrap();
    assert_eq!(read_as("t.csv.gz", &packed.finish().unwrap(), &options()).unwrap().sha256(), expected.sha256());
    let german = LongTableOptions { decimal: Some(','), delimiter: Some(';'), ..options() };
    let text = GOOD.replace(',', ";").replace("1.5", "1,5");
    assert_eq!(read(&text, &german).unwrap().sha256(), expected.sha256());
}

#[test]
fn chinese_text_is_read_in_either_encoding() {
    let text = "年份,地区,行业,产值\n2020,广东省,通用设备制造业和专用设备,3\n2020,江苏省,汽车,4\n";
    let options = LongTableOptions {
        time: Some("年份".into()),
        place: "地区".into(),
        activity: "行业".into(),
        value: "产值".into(),
        ..Default::default()
    };
    let utf8 = read(text, &options).unwrap();
    let chinese = read_as("t.csv", &encoding_rs::GB18030.encode(text).0, &options).unwrap();
    assert_eq!(utf8.places().names(), ["广东省", "江苏省"]);
    assert_eq!((utf8.encoding(), chinese.encoding()), (None, Some("gb18030")));
    assert_eq!(utf8.sha256(), chinese.sha256());
    let wrong = LongTableOptions { encoding: Some("utf-8".into()), ..options.clone() };
    let error = read_as("t.csv", &encoding_rs::GB18030.encode(text).0, &wrong).unwrap_err();
    assert_eq!(error.problem(), Problem::Encoding, "{error}");
    let latin = b"year,place,hs4,usd\n2020,C\xF4te d'Ivoire,0101,1\n2020,M\xE9xico,0101,2\n";
    let error = read_as("t.csv", latin, &self::options()).unwrap_err();
    assert_eq!(error.problem(), Problem::Encoding, "{error}");
}

/// A file of several blocks, so that lines are cut between reads.
#[test]
fn long_files_are_read_whole() {
    let mut text = "year,place,hs4,usd\n".to_owned();
    let mut total = 0.0;
    for at in 0..60_000 {
        text.push_str(&format!("20{:02},P{:03},{:04},{at}\n", at % 20, at / 20 % 100, at / 2000));
        total += f64::from(at);
    }
    let table = read(&text, &options()).unwrap();
    assert_eq!((table.len(), table.counts().read), (60_000, 60_000));
    assert_eq!(rows(&table).iter().map(|row| row.3).sum::<f64>(), total);
    // a fault far down is found where it is, also by the reader for odd quotes
    let bad = text.replacen(",59000\n", ",-59000\n", 1);
    for text in [bad.clone(), bad.replacen(",P000,", ",\"P\"\"0\",", 1)] {
        let error = read(&text, &options()).unwrap_err().to_string();
        assert!(error.contains("row 59001, line 59002, column `usd`, value `-59000`"), "{error}");
    }
}

/// Every kind of bad input: the text, what the message must say, and the kind of problem.
#[test]
fn bad_input_is_refused_with_its_row() {
    let head = "year,place,hs4,usd\n";
    let cases: &[(&str, Problem, &[&str])] = &[
        ("2020,A,1,1\n2020,B,1,1\n2020,A,1,2\n", Problem::Duplicate, &["row 1 and row 3", "value `2020 A 1`", "--duplicates sum"]),
        (
            "2020,A,1,1\n2020,A,1,1\n2020,A,1,2\n2020,B,1,2\n2020,B,1,2\n",
            Problem::Duplicate,
            &["2 keys", "3 rows too many", "2020 B 1 in rows 4 and 5"],
        ),
        (
            "2020,A,1,1\n2020,B,1,-4\n2020,C,1,-5\n",
            Problem::Value,
            &["negative in 2 rows: 2, 3", "row 2, line 3", "column `usd`", "value `-4`"],
        ),
        ("2020,A,1,1\n2020,B,1,NaN\n", Problem::Value, &["missing", "row 2", "--missing zero", "--missing drop"]),
        ("2020,A,1,1\n2020,B,1,\n", Problem::Value, &["missing", "row 2", "--missing zero"]),
        ("2020,A,1,inf\n", Problem::Value, &["number", "row 1", "value `inf`"]),
        ("2020,A,1,1e999\n", Problem::Value, &["not a finite number", "row 1"]),
        ("2020,A,1,many\n2020,B,1,-1\n", Problem::Value, &["is not a number", "value `many`", "also", "negative in row 2", "--value"]),
        ("2020,A,1,\"1,234\"\n", Problem::Value, &["comma", "--thousands"]),
        ("2020,A,1,1\n2020,,1,1\n", Problem::Value, &["missing", "row 2", "column `place`", "--missing drop"]),
        ("2020,A,1,1\n2020,B, ,1\n", Problem::Value, &["row 2", "column `hs4`"]),
        (",A,1,1\n", Problem::Value, &["row 1", "column `year`"]),
        ("2020,A,1,1\n2020,B,1\n", Problem::Input, &["3 cells", "header has 4", "row 2", "line 3"]),
        ("2020,A,1,1\n2020,B,1,1,1\n", Problem::Input, &["5 cells", "row 2"]),
        ("2020,A,1,1\n2020,\"B,1,1\n2020,C,1,1\n", Problem::Input, &["row 2", "quote"]),
        ("", Problem::Input, &["no data rows"]),
    ];
    for (body, problem, parts) in cases {
        for text in [format!("{head}{body}"), format!("\"year\",place,hs4,usd\n{body}")] {
            let error = read(&text, &options()).expect_err(body);
            assert_eq!(error.problem(), *problem, "{body:?}: {error}");
            for part in *parts {
                assert!(error.to_string().contains(part), "{body:?}: {error} should say {part}");
            }
            assert!(error.to_string().contains("t.csv") && error.next_step().is_some(), "{error}");
        }
    }
    let message = |options: &LongTableOptions| read(GOOD, options).unwrap_err().to_string();
    let error = message(&LongTableOptions { value: "usdd".into(), ..options() });
    assert!(
        error.contains("no column `usdd`")
            && error.contains("nearest: usd; columns present: year, place, hs4, usd")
            && error.contains("--value"),
        "{error}"
    );
    let error = message(&LongTableOptions { place: String::new(), ..options() });
    assert!(error.contains("--place"), "{error}");
    let error = message(&LongTableOptions { duplicates: Duplicates::First, ..options() });
    assert!(error.contains("order of the rows"), "{error}");
    let error = message(&LongTableOptions { place: "hs4".into(), ..options() });
    assert!(error.contains("two things"), "{error}");
    for (name, bytes, part) in [
        ("t.csv", &b""[..], "empty"),
        ("t.json", b"{}", "not read"),
        ("t.parquet", b"PAR1", "Parquet"),
        ("t.csv", b"PAR1\n", "Parquet"),
        ("t.xlsx", b"x", "workbook"),
        ("t.csv.gz", b"x", "cannot be read"),
    ] {
        let error = read_as(name, bytes, &options()).unwrap_err().to_string();
        assert!(error.contains(part), "{name}: {error}");
    }
    assert!(LongTable::read("no/such.csv", &options()).is_err());
}

#[test]
fn what_is_asked_for_is_done_and_counted() {
    let text = "year,place,hs4,usd\n2020,A,1,1\n2020,B,1,NA\n2020,,1,3\n2020,A,1,4\n2020,C,1,0\n";
    let drop = LongTableOptions { missing: Missing::Drop, duplicates: Duplicates::Sum, ..options() };
    let table = read(text, &drop).unwrap();
    assert_eq!(rows(&table), [row("2020", "A", "1", 5.0), row("2020", "C", "1", 0.0)]);
    assert_eq!(table.counts(), LongCounts { read: 5, summed: 1, zeroed: 0, dropped: 2, zero: 1 });
    // a place with nothing but dropped rows is not in the table
    assert_eq!(table.places().names(), ["A", "C"]);
    // rows that were dropped still count when a later row is named
    let error = read(text, &LongTableOptions { missing: Missing::Drop, ..options() }).unwrap_err().to_string();
    assert!(error.contains("row 1 and row 4"), "{error}");
    let zero = LongTableOptions { missing: Missing::Zero, duplicates: Duplicates::Sum, ..options() };
    assert!(read(text, &zero).unwrap_err().to_string().contains("column `place`"));
    let table = read(&text.replace(",,", ",D,"), &zero).unwrap();
    assert_eq!(table.counts(), LongCounts { read: 5, summed: 1, zeroed: 1, dropped: 0, zero: 2 });
    let error = read("year,place,hs4,usd\n2020,A,1,\n", &drop).unwrap_err().to_string();
    assert!(error.contains("all 1 rows"), "{error}");
    let error = read("year,place,hs4,usd\n2020,A,1,1.5e308\n2020,A,1,1.5e308\n", &drop).unwrap_err().to_string();
    assert!(error.contains("not finite") && error.contains("2020 A 1"), "{error}");
}

#[test]
fn extra_columns_come_along() {
    let text = "year,place,hs4,usd,people\n2020,B,1,1,20\n2020,A,2,1,10\n2020,A,1,2,\n2021,A,1,2,11\n";
    let extra = LongTableOptions { extra: vec!["people".into()], ..options() };
    let table = read(text, &extra).unwrap();
    assert_eq!(table.by_place("people", 0).unwrap().values(), [10.0, 20.0]);
    let later = table.by_place("people", 1).unwrap();
    assert!(later.values()[0] == 11.0 && later.values()[1].is_nan());
    assert_eq!(table.extra("people").unwrap()[1..], [10.0, 20.0, 11.0]);
    assert!(table.by_place("usd", 0).is_err() && table.by_place("people", 2).is_err());
    let table = read(&text.replace("2,\n", "2,12\n"), &extra).unwrap();
    let error = table.by_place("people", 0).unwrap_err().to_string();
    assert!(error.contains("2020 A") && error.contains("12") && error.contains("10"), "{error}");
    let error = read(&text.replace(",20\n", ",x\n"), &extra).unwrap_err().to_string();
    assert!(error.contains("row 1") && error.contains("column `people`"), "{error}");
    let twice = format!("{text}2020,B,1,5,21\n");
    let error = read(&twice, &LongTableOptions { duplicates: Duplicates::Sum, ..extra.clone() }).unwrap_err().to_string();
    assert!(error.contains("people") && error.contains("2020 B 1"), "{error}");
}

fn write_parquet(path: &Path, batch: &RecordBatch) {
    let mut writer = ArrowWriter::try_new(File::create(path).unwrap(), batch.schema(), None).unwrap();
    writer.write(batch).unwrap();
    writer.close().unwrap();
}

#[test]
fn every_type_of_column_gives_the_same_table() {
    let expected = read(GOOD, &options()).unwrap().sha256();
    let years: [ArrayRef; 5] = [
        Arc::new(Int32Array::from(vec![2020, 2019, 2020])),
        Arc::new(Int64Array::from(vec![2020, 2019, 2020])),
        Arc::new(UInt64Array::from(vec![2020, 2019, 2020])),
        Arc::new(Float64Array::from(vec![2020.0, 2019.0, 2020.0])),
        Arc::new(StringArray::from(vec!["2020", "2019", "2020"])),
    ];
    let places: [ArrayRef; 3] = [
        Arc::new(StringArray::from(vec!["DEU", "CHN", "CHN"])),
        Arc::new(LargeStringArray::from(vec!["DEU", "CHN", " CHN"])),
        Arc::new(StringViewArray::from(vec!["DEU", "CHN", "CHN"])),
    ];
    let codes: DictionaryArray<Int16Type> = vec!["0101", "8542", "0101"].into_iter().collect();
    let decimals = Decimal128Array::from(vec![200, 150, 0]).with_precision_and_scale(10, 2).unwrap();
    let values: [ArrayRef; 4] = [
        Arc::new(Float64Array::from(vec![2.0, 1.5, 0.0])),
        Arc::new(Float32Array::from(vec![2.0, 1.5, -0.0])),
        Arc::new(StringArray::from(vec!["2", "1.5", "0"])),
        Arc::new(decimals),
    ];
    let folder = tempfile::tempdir().unwrap();
    let path: PathBuf = folder.path().join("t.parquet");
    for at in 0..5 {
        let batch = RecordBatch::try_from_iter([
            ("usd", values[at % 4].clone()),
            ("note", Arc::new(BooleanArray::from(vec![true, false, true])) as ArrayRef),
            ("year", years[at].clone()),
            ("hs4", Arc::new(codes.clone()) as ArrayRef),
            ("place", places[at % 3].clone()),
        ])
        .unwrap();
        // two batches, the second first
        let parts = [Ok(batch.slice(2, 1)), Ok(batch.slice(0, 2))];
        assert_eq!(LongTable::from_batches(parts, &options()).unwrap().sha256(), expected, "{at}");
        write_parquet(&path, &batch);
        assert_eq!(LongTable::read(&path, &options()).unwrap().sha256(), expected, "{at}");
        let error = LongTable::read(&path, &LongTableOptions { value: "note".into(), ..options() }).unwrap_err();
        assert_eq!(error.problem(), Problem::Schema, "{error}");
    }
    // words of a dictionary that no row uses are not in the table
    let unused = DictionaryArray::new(Int32Array::from(vec![1, 1]), Arc::new(StringArray::from(vec!["AAA", "CHN"])));
    let batch = RecordBatch::try_from_iter([
        ("place", Arc::new(unused) as ArrayRef),
        ("hs4", Arc::new(Int32Array::from(vec![1, 2])) as ArrayRef),
        ("usd", Arc::new(Int64Array::from(vec![1, 2])) as ArrayRef),
    ])
    .unwrap();
    let table = LongTable::from_batches([Ok(batch)], &LongTableOptions { time: None, ..options() }).unwrap();
    assert_eq!((table.places().names().len(), table.cells(0).len()), (1, 2));
    let from_rows = [("2020", "DEU", "0101", 2.0), ("2019", "CHN", "8542", 1.5), ("2020", "CHN", "0101", 0.0)];
    assert_eq!(LongTable::from_rows(from_rows, &LongTableOptions::default()).unwrap().sha256(), expected);
}

#[test]
fn bad_batches_are_refused_with_their_row() {
    let batch = |place: Vec<Option<&str>>, value: Vec<Option<f64>>| {
        RecordBatch::try_from_iter_with_nullable([
            ("place", Arc::new(StringArray::from(place)) as ArrayRef, true),
            ("hs4", Arc::new(Int32Array::from(vec![1, 1])) as ArrayRef, true),
            ("usd", Arc::new(Float64Array::from(value)) as ArrayRef, true),
        ])
        .unwrap()
    };
    let options = LongTableOptions { time: None, ..options() };
    let first = || batch(vec![Some("A"), Some("B")], vec![Some(1.0), Some(2.0)]);
    for (second, part) in [
        (batch(vec![Some("C"), Some("D")], vec![Some(1.0), Some(-2.0)]), "row 4, column `usd`, value `-2`"),
        (batch(vec![Some("C"), Some("D")], vec![Some(1.0), Some(f64::NAN)]), "row 4"),
        (batch(vec![Some("C"), Some("D")], vec![None, Some(1.0)]), "row 3"),
        (batch(vec![Some("C"), Some("D")], vec![Some(f64::INFINITY), Some(1.0)]), "not finite (row 3"),
        (batch(vec![Some("C"), None], vec![Some(1.0), Some(1.0)]), "row 4, column `place`"),
        (batch(vec![Some("C"), Some("A")], vec![Some(1.0), Some(1.0)]), "row 1 and row 4"),
    ] {
        let error = LongTable::from_batches([Ok(first()), Ok(second)], &options).unwrap_err().to_string();
        assert!(error.contains(part), "{error} should say {part}");
    }
    assert!(LongTable::from_batches([], &options).is_err());
}

#[test]
fn a_sheet_of_a_workbook_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("t.xlsx");
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet();
    for (row, line) in GOOD.lines().enumerate() {
        for (column, cell) in line.split(',').enumerate() {
            match cell.parse::<f64>() {
                Ok(number) if column != 2 => sheet.write(row as u32, column as u16, number).unwrap(),
                _ => sheet.write(row as u32, column as u16, cell).unwrap(),
            };
        }
    }
    book.save(&path).unwrap();
    assert_eq!(LongTable::read(&path, &options()).unwrap().sha256(), read(GOOD, &options()).unwrap().sha256());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    /// Whatever is written is read back, in any order, with and without quotes, and duplicates add up the same.
    #[test]
    fn what_is_written_is_read_back(
        cells in prop::collection::vec((1990i64..1995, "[A-Z]{1,3}|[一-十]{1,9}", "[0-9]{1,20}", 0.0..1e12f64), 1..80),
        order in any::<u64>(),
    ) {
        let line = |quote: &str, cell: &(i64, String, String, f64)| format!("{},{quote}{}{quote},{quote}{}{quote},{}\n", cell.0, cell.1, cell.2, cell.3);
        let text = |quote: &str, cells: &[(i64, String, String, f64)]| {
            "year,place,hs4,usd\n".to_owned() + &cells.iter().map(|cell| line(quote, cell)).collect::<String>()
        };
        let mut shuffled = cells.clone();
        shuffled.sort_by_key(|cell| (cell.3.to_bits() ^ order).wrapping_mul(0x9E37_79B9_7F4A_7C15));
        let sum = LongTableOptions { duplicates: Duplicates::Sum, ..options() };
        let a = read(&text("", &cells), &sum).unwrap();
        let b = read(&text("\"", &shuffled), &sum).unwrap();
        prop_assert_eq!(rows(&a), rows(&b));
        prop_assert_eq!(a.sha256(), b.sha256());
        let mut expected = std::collections::BTreeMap::<(i64, String, String), Vec<f64>>::new();
        for (year, place, code, value) in &cells {
            expected.entry((*year, place.clone(), code.clone())).or_default().push(*value);
        }
        let expected: Vec<_> = expected
            .into_iter()
            .map(|((year, place, code), mut values)| {
                values.sort_by(f64::total_cmp);
                (year.to_string(), place, code, values.iter().sum::<f64>())
            })
            .collect();
        prop_assert_eq!(rows(&a), expected);
        prop_assert_eq!(a.counts().summed as usize + a.len(), cells.len());
    }
}
