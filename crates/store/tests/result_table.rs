//! A long result is the same in every format and in however many blocks.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int64Type, UInt32Type};
use arrow_array::{Array, RecordBatch};
use arrow_cast::cast;
use arrow_schema::DataType;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use proptest::prelude::*;
use xinzhi_store::{Axis, ColumnValues, Problem, ResultBlock, ResultFormat, ResultWriter};

struct Data {
    places: Vec<String>,
    activities: Vec<String>,
    eci: Vec<f64>,
    ubiquity: Vec<u32>,
    value: Vec<f64>,
}

fn data(places: usize, activities: usize) -> Data {
    Data {
        places: (0..places).map(|at| if at == 1 { "C\u{f4}te, \"d'\u{4e2d}\"".to_owned() } else { format!("P{at}") }).collect(),
        activities: (0..activities).map(|at| format!("{at:04}")).collect(),
        eci: (0..places).map(|at| if at == 0 { f64::NAN } else { 1.0 / at as f64 - 0.5 }).collect(),
        ubiquity: (0..activities as u32).collect(),
        value: (0..places * activities).map(|at| if at % 7 == 3 { f64::NAN } else { (at as f64).sqrt() * 1e-3 }).collect(),
    }
}

fn write(data: &Data, years: &[i64], format: ResultFormat) -> Vec<u8> {
    let wide = data.activities.len();
    let distance = |row: usize, column: usize| 1.0 - data.value[row * wide + column];
    let present = |row: usize, column: usize| data.value[row * wide + column] >= 0.002;
    let flags: Vec<bool> = data.places.iter().enumerate().map(|(at, _)| at % 2 == 0).collect();
    let mut writer = ResultWriter::new(Vec::new(), format);
    for year in years {
        let year = [*year];
        let block = ResultBlock::new(data.places.len(), wide)
            .with("time", Axis::Block, ColumnValues::Integers(&year))
            .with("place", Axis::Row, ColumnValues::Text(&data.places))
            .with("activity", Axis::Column, ColumnValues::Text(&data.activities))
            .with("value", Axis::Cell, ColumnValues::Numbers(&data.value))
            .with("mcp", Axis::Cell, ColumnValues::FlagOf(&present))
            .with("ubiquity", Axis::Column, ColumnValues::Counts(&data.ubiquity))
            .with("eci", Axis::Row, ColumnValues::Numbers(&data.eci))
            .with("core", Axis::Row, ColumnValues::Flags(&flags))
            .with("distance", Axis::Cell, ColumnValues::NumberOf(&distance));
        writer.write(&block).unwrap();
    }
    writer.finish().unwrap()
}

/// What a cell must say in CSV, worked out one by one.
fn expected(data: &Data, years: &[i64]) -> Vec<Vec<String>> {
    let number = |value: f64| if value.is_nan() { String::new() } else { value.to_string() };
    let mut lines = Vec::new();
    for year in years {
        for (row, place) in data.places.iter().enumerate() {
            for (column, activity) in data.activities.iter().enumerate() {
                let value = data.value[row * data.activities.len() + column];
                lines.push(vec![
                    year.to_string(),
                    place.clone(),
                    activity.clone(),
                    number(value),
                    u8::from(value >= 0.002).to_string(),
                    data.ubiquity[column].to_string(),
                    number(data.eci[row]),
                    u8::from(row % 2 == 0).to_string(),
                    number(1.0 - value),
                ]);
            }
        }
    }
    lines
}

const NAMES: [&str; 9] = ["time", "place", "activity", "value", "mcp", "ubiquity", "eci", "core", "distance"];

/// The same number, however written.
fn same(a: &str, b: &str) -> bool {
    a == b || matches!((a.parse::<f64>(), b.parse::<f64>()), (Ok(a), Ok(b)) if a.to_bits() == b.to_bits())
}

#[test]
fn csv_says_every_cell_in_full() {
    let data = data(40, 90);
    let bytes = write(&data, &[2019, 2020], ResultFormat::Csv);
    let mut reader = csv::Reader::from_reader(bytes.as_slice());
    assert_eq!(reader.headers().unwrap(), NAMES.as_slice());
    let mut count = 0;
    for (record, wanted) in reader.records().zip(expected(&data, &[2019, 2020])) {
        count += 1;
        for (found, wanted) in record.unwrap().iter().zip(&wanted) {
            assert!(same(found, wanted), "{found} {wanted}");
        }
    }
    assert_eq!(count, 2 * 40 * 90);
}

#[test]
fn json_says_the_same() {
    let data = data(30, 50);
    let wanted = expected(&data, &[2019, 2020]);
    let array: Vec<serde_json::Value> = serde_json::from_slice(&write(&data, &[2019, 2020], ResultFormat::Json)).unwrap();
    let lines = String::from_utf8(write(&data, &[2019, 2020], ResultFormat::JsonLines)).unwrap();
    let lines: Vec<serde_json::Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!((array.len(), &lines), (wanted.len(), &array));
    for (object, wanted) in array.iter().zip(&wanted) {
        assert_eq!(object.as_object().unwrap().keys().collect::<Vec<_>>(), NAMES);
        for (name, wanted) in NAMES.iter().zip(wanted) {
            let found = match &object[name] {
                serde_json::Value::Null => String::new(),
                serde_json::Value::Bool(flag) => u8::from(*flag).to_string(),
                serde_json::Value::String(text) => text.clone(),
                other => other.to_string(),
            };
            assert!(same(&found, wanted), "{name}: {found} {wanted}");
        }
    }
    assert_eq!(ResultWriter::new(Vec::new(), ResultFormat::Json).finish().unwrap(), b"[]\n");
}

fn batch_says(batch: &RecordBatch, wanted: &[Vec<String>]) {
    assert_eq!((batch.num_rows(), batch.num_columns()), (wanted.len(), NAMES.len()));
    for (at, name) in NAMES.iter().enumerate() {
        let array = batch.column_by_name(name).unwrap();
        for (row, wanted) in wanted.iter().enumerate() {
            let found = match array.data_type() {
                _ if array.is_null(row) => String::new(),
                DataType::Int64 => array.as_primitive::<Int64Type>().value(row).to_string(),
                DataType::UInt32 => array.as_primitive::<UInt32Type>().value(row).to_string(),
                DataType::Float64 => array.as_primitive::<Float64Type>().value(row).to_string(),
                DataType::Boolean => u8::from(array.as_boolean().value(row)).to_string(),
                _ => cast(&array.slice(row, 1), &DataType::Utf8).unwrap().as_string::<i32>().value(0).to_owned(),
            };
            assert!(same(&found, &wanted[at]), "{name} of row {row}: {found} {}", wanted[at]);
        }
    }
}

#[test]
fn parquet_and_arrow_say_the_same() {
    // several batches a block, and blocks of more than a row group's least
    let data = data(120, 1100);
    let bytes = write(&data, &[2019, 2020], ResultFormat::Parquet);
    let reader = ParquetRecordBatchReaderBuilder::try_new(bytes::Bytes::from(bytes)).unwrap();
    assert_eq!(reader.metadata().num_row_groups(), 2);
    let wanted = expected(&data, &[2019, 2020]);
    let mut at = 0;
    for batch in reader.with_batch_size(50_000).build().unwrap() {
        let batch = batch.unwrap();
        batch_says(&batch, &wanted[at..at + batch.num_rows()]);
        at += batch.num_rows();
    }
    assert_eq!(at, wanted.len());
}

#[test]
fn the_screen_shows_the_first_rows_and_says_so() {
    let text = String::from_utf8(write(&data(3, 4), &[2020], ResultFormat::Screen(5))).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), 7, "{text}");
    assert!(lines[0].contains("activity") && lines[1].contains("P0") && lines[1].contains('–'), "{text}");
    assert!(lines[6].contains("first 5 of 12"), "{text}");
    assert!(!String::from_utf8(write(&data(1, 4), &[2020], ResultFormat::Screen(5))).unwrap().contains("first"));
}

#[test]
fn blocks_that_do_not_fit_are_refused() {
    let two = [1.0, 2.0];
    let mut writer = ResultWriter::new(Vec::new(), ResultFormat::Csv);
    let short = ResultBlock::new(3, 1).with("eci", Axis::Row, ColumnValues::Numbers(&two));
    let error = writer.write(&short).unwrap_err();
    assert!(error.problem() == Problem::Schema && error.to_string().contains("2 values where 3"), "{error}");
    writer.write(&ResultBlock::new(2, 1).with("eci", Axis::Row, ColumnValues::Numbers(&two))).unwrap();
    let other = ResultBlock::new(2, 1).with("pci", Axis::Row, ColumnValues::Numbers(&two));
    assert!(writer.write(&other).unwrap_err().to_string().contains("pci, not eci"));
    let value = |_: usize, _: usize| 1.0;
    assert!(ResultBlock::new(2, 1).with("eci", Axis::Row, ColumnValues::NumberOf(&value)).record_batch().is_err());
    assert_eq!(writer.finish().unwrap(), b"eci\n1\n2\n");
}

#[test]
fn a_pipe_that_closes_is_told_by_its_kind() {
    struct Closed;
    impl std::io::Write for Closed {
        fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
            Err(std::io::ErrorKind::BrokenPipe.into())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let block = ResultBlock::new(1, 1).with("eci", Axis::Row, ColumnValues::Numbers(&[1.0]));
    for format in [ResultFormat::Csv, ResultFormat::Json, ResultFormat::Parquet] {
        let mut writer = ResultWriter::new(Closed, format);
        let error = writer.write(&block).and_then(|()| writer.finish().map(|_| ())).unwrap_err();
        assert_eq!(error.io_kind(), Some(std::io::ErrorKind::BrokenPipe), "{error}");
    }
}

proptest! {
    /// Numbers come back bit by bit.
    #[test]
    fn numbers_read_back_the_same(values in prop::collection::vec(prop::num::f64::NORMAL | prop::num::f64::SUBNORMAL | prop::num::f64::ZERO, 1..50)) {
        let mut writer = ResultWriter::new(Vec::new(), ResultFormat::Csv);
        writer.write(&ResultBlock::new(values.len(), 1).with("x", Axis::Cell, ColumnValues::Numbers(&values))).unwrap();
        let text = String::from_utf8(writer.finish().unwrap()).unwrap();
        let back: Vec<f64> = text.lines().skip(1).map(|line| line.parse().unwrap()).collect();
        // zero has no sign here
        prop_assert!(values.len() == back.len() && values.iter().zip(&back).all(|(a, b)| (*a + 0.0).to_bits() == b.to_bits() || *a == 0.0));
    }
}
