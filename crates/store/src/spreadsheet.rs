use crate::import::{Cell, ImportOptions, RowSink};
use crate::workspace::read_parquet;
use crate::{Problem, StoreError};
use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int64Type};
use arrow_array::{Array, ArrayRef, RecordBatch};
use arrow_schema::DataType;
use calamine::{Data, Reader};
use std::fs::File;
use std::path::Path;

/// Reads a sheet of a workbook into a sink: the first row that holds anything is the header.
pub(crate) fn read_workbook(path: &Path, options: &ImportOptions, sink: &mut dyn RowSink) -> Result<(), StoreError> {
    let wrong = |what: String| StoreError::new(Problem::Input, what).file(path);
    let mut book = calamine::open_workbook_auto(path).map_err(|error| wrong(format!("not a readable workbook: {error}")))?;
    let sheets = book.sheet_names();
    let sheet = match (&options.sheet, sheets.as_slice()) {
        (Some(name), _) if sheets.contains(name) => name.clone(),
        (Some(name), _) => return Err(wrong(format!("there is no sheet `{name}`")).next(format!("sheets: {}", sheets.join(", ")))),
        (None, [only]) => only.clone(),
        (None, _) => {
            return Err(wrong("the workbook has several sheets".to_owned()).next(format!("choose one with --sheet: {}", sheets.join(", "))));
        }
    };
    let range = book.worksheet_range(&sheet).map_err(|error| wrong(format!("sheet `{sheet}` cannot be read: {error}")))?;
    let first_line = u64::from(range.start().map_or(0, |(row, _)| row)) + 1;
    let mut rows = range.rows();
    let header = rows.next().ok_or_else(|| wrong(format!("sheet `{sheet}` is empty")).next("it needs a header row and data rows"))?;
    let names: Vec<String> = header.iter().map(|cell| cell.to_string().trim().to_owned()).collect();
    sink.header(&names)?;
    for (at, row) in rows.enumerate() {
        let (number, line) = (at as u64 + 1, first_line + at as u64 + 1);
        if row.iter().all(|cell| matches!(cell, Data::Empty)) {
            continue;
        }
        let mut cells = Vec::with_capacity(row.len());
        for cell in row {
            cells.push(match cell {
                Data::Empty => Cell::Empty,
                Data::Int(value) => Cell::Integer(*value),
                Data::Float(value) => Cell::Number(*value),
                Data::String(text) => Cell::Text(text.trim()),
                // an error only where the column is wanted: see the sink
                other => Cell::Odd(odd(other)),
            });
        }
        sink.row(number, Some(line), &cells)?;
    }
    Ok(())
}

fn odd(cell: &Data) -> String {
    match cell {
        Data::Error(error) => format!("the error {error}"),
        Data::Bool(value) => format!("the truth value {value}"),
        other => format!("the date or time {other}"),
    }
}

/// A column of a Parquet file in the type it is handed on in.
enum Handed {
    Text(ArrayRef),
    Integer(ArrayRef),
    Number(ArrayRef),
    Odd(String),
}

/// Reads a Parquet file into a sink.
pub(crate) fn read_parquet_rows(path: &Path, sink: &mut dyn RowSink) -> Result<(), StoreError> {
    let wrong = |what: String| StoreError::new(Problem::Input, what).file(path);
    let file = File::open(path).map_err(|error| wrong(format!("the file cannot be opened: {error}")))?;
    let table = read_parquet(file, false).map_err(|error| error.file(path))?;
    let names: Vec<String> = table.schema.fields().iter().map(|field| field.name().clone()).collect();
    sink.header(&names)?;
    let mut number = 0;
    for batch in table.batches {
        let batch = batch.map_err(|error| wrong(format!("the Parquet file breaks off after row {number}: {error}")))?;
        read_batch(&batch, &mut number, sink).map_err(|error| error.file(path))?;
    }
    Ok(())
}

/// Hands the rows of a record batch on to a sink; `number` counts them.
pub(crate) fn read_batch(batch: &RecordBatch, number: &mut u64, sink: &mut dyn RowSink) -> Result<(), StoreError> {
    let wrong = |what: String| StoreError::new(Problem::Input, what);
    let columns: Vec<Handed> = batch
        .columns()
        .iter()
        .map(|array| {
            let cast = |to: &DataType| arrow_cast::cast(array, to);
            let handed = match array.data_type() {
                DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => cast(&DataType::Utf8).map(Handed::Text),
                DataType::Dictionary(_, word) if matches!(word.as_ref(), DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View) => {
                    cast(&DataType::Utf8).map(Handed::Text)
                }
                kind if kind.is_integer() => cast(&DataType::Int64).map(Handed::Integer),
                kind if kind.is_floating() || matches!(kind, DataType::Decimal128(..)) => cast(&DataType::Float64).map(Handed::Number),
                kind => Ok(Handed::Odd(format!("a {kind}"))),
            };
            handed.map_err(|error| wrong(format!("a column cannot be read: {error}")))
        })
        .collect::<Result<_, _>>()?;
    for row in 0..batch.num_rows() {
        *number += 1;
        let cells: Vec<Cell<'_>> = columns
            .iter()
            .map(|column| match column {
                Handed::Text(array) | Handed::Integer(array) | Handed::Number(array) if array.is_null(row) => Cell::Empty,
                Handed::Text(array) => Cell::Text(array.as_string::<i32>().value(row).trim()),
                Handed::Integer(array) => Cell::Integer(array.as_primitive::<Int64Type>().value(row)),
                Handed::Number(array) => Cell::Number(array.as_primitive::<Float64Type>().value(row)),
                Handed::Odd(what) => Cell::Odd(what.clone()),
            })
            .collect();
        sink.row(*number, None, &cells)?;
    }
    Ok(())
}
