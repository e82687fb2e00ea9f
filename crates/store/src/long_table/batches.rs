use super::rows::{At, Builder, Words};
use crate::import::RowSink;
use crate::{Problem, StoreError};
use arrow_array::cast::AsArray;
use arrow_array::types::{ArrowDictionaryKeyType, Float64Type, Int64Type};
use arrow_array::{Array, ArrayRef, RecordBatch, downcast_dictionary_array};
use arrow_schema::{DataType, Field, Schema};
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReaderBuilder};
use std::collections::HashMap;
use std::fs::File;
use std::path::Path;
use std::sync::Arc;

/// A word that is missing.
const NONE: u32 = u32::MAX;
/// Rows decoded at a time.
const BATCH: usize = 1 << 14;

/// Reads the columns that are wanted of a Parquet file, text by its dictionary.
pub(super) fn read_parquet(path: &Path, builder: &mut Builder<'_>) -> Result<(), StoreError> {
    let wrong = |what: String| StoreError::new(Problem::Input, what).file(path);
    let damaged = |error: parquet::errors::ParquetError| wrong(format!("not a whole Parquet file: {error}"));
    let file = File::open(path).map_err(|error| wrong(format!("the file cannot be opened: {error}")))?;
    // what the writing program called its columns in memory does not matter
    let plain = ArrowReaderOptions::new().with_skip_arrow_metadata(true);
    let mut metadata = ArrowReaderMetadata::load(&file, plain.clone()).map_err(damaged)?;
    let schema = metadata.schema().clone();
    let names: Vec<String> = schema.fields().iter().map(|field| field.name().clone()).collect();
    builder.header(&names)?;
    let word = |field: &Arc<Field>| match field.data_type() {
        DataType::Utf8 => {
            Arc::new(field.as_ref().clone().with_data_type(DataType::Dictionary(DataType::Int32.into(), DataType::Utf8.into())))
        }
        _ => field.clone(),
    };
    let fields: Vec<Arc<Field>> = schema.fields().iter().map(word).collect();
    metadata =
        ArrowReaderMetadata::try_new(metadata.metadata().clone(), plain.with_schema(Arc::new(Schema::new(fields)))).map_err(damaged)?;
    let wanted = &builder.positions;
    let wanted = wanted.time.into_iter().chain([wanted.place, wanted.activity, wanted.value]).chain(wanted.extra.iter().copied());
    let mask = ProjectionMask::roots(metadata.parquet_schema(), wanted);
    let rows = metadata.metadata().file_metadata().num_rows();
    let batches = ParquetRecordBatchReaderBuilder::new_with_metadata(file, metadata)
        .with_projection(mask)
        .with_batch_size(BATCH)
        .build()
        .map_err(damaged)?;
    let mut read = 0;
    for batch in batches {
        let batch = batch.map_err(|error| wrong(format!("the Parquet file breaks off after row {read} of {rows}: {error}")))?;
        read += batch.num_rows();
        builder.batch(&batch)?;
    }
    Ok(())
}

impl Builder<'_> {
    /// Takes in the rows of a record batch.
    pub(super) fn batch(&mut self, batch: &RecordBatch) -> Result<(), StoreError> {
        let names: Vec<String> = batch.schema_ref().fields().iter().map(|field| field.name().clone()).collect();
        self.header(&names)?;
        let positions = self.positions.clone();
        let options = self.options;
        let column = |at: usize| batch.column(at);
        let mut words = [std::mem::take(&mut self.periods), std::mem::take(&mut self.places), std::mem::take(&mut self.activities)];
        let [periods, places, activities] = &mut words;
        let time = positions.time.map(|at| (at, options.time.as_deref().unwrap_or("")));
        let period_codes = time.map(|(at, name)| self.codes(column(at), name, periods)).transpose()?;
        let place_codes = self.codes(column(positions.place), &options.place, places)?;
        let activity_words = if self.links() { places } else { activities };
        let activity_codes = self.codes(column(positions.activity), &options.activity, activity_words)?;
        if period_codes.is_none() {
            periods.intern("");
        }
        [self.periods, self.places, self.activities] = words;
        let values = self.numbers(column(positions.value), &options.value)?;
        let mut extra = Vec::with_capacity(positions.extra.len());
        for (at, name) in positions.extra.iter().zip(&options.extra) {
            extra.push(self.numbers(column(*at), name)?);
        }
        let before = self.last_row();
        for row in 0..batch.num_rows() {
            let at = At { row: before + row as u64 + 1, line: None };
            for (column, numbers) in extra.iter().enumerate() {
                match numbers {
                    Numbers::Number(array) if array.is_valid(row) => {
                        self.extra_number(column, array.as_primitive::<Float64Type>().value(row), at)
                    }
                    Numbers::Text(array) if array.is_valid(row) => self.extra_text(column, array.as_string::<i32>().value(row).trim(), at),
                    _ => self.extra_number(column, f64::NAN, at),
                }
            }
            let period = period_codes.as_ref().map_or(0, |codes| codes[row]);
            let (place, activity) = (place_codes[row], activity_codes[row]);
            let key = if period == NONE || place == NONE || activity == NONE {
                self.missing_word(period == NONE, place == NONE, activity == NONE, at);
                None
            } else {
                Some(self.packed(period, place, activity)?)
            };
            match &values {
                Numbers::Number(array) if array.is_valid(row) => self.number(key, array.as_primitive::<Float64Type>().value(row), at),
                Numbers::Text(array) if array.is_valid(row) => self.text(key, array.as_string::<i32>().value(row).trim(), at),
                _ => self.text(key, "", at),
            }
        }
        Ok(())
    }

    fn unusable(&self, column: &str, what: &str, kind: &DataType) -> StoreError {
        self.error(Problem::Schema, format!("a column of type {kind} cannot give {what}")).column(column).next("name another column")
    }

    /// The numbers of the words of a column.
    fn codes(&self, array: &ArrayRef, column: &str, words: &mut Words) -> Result<Vec<u32>, StoreError> {
        let unusable = || self.unusable(column, "periods, places or activities", array.data_type());
        let cast = |to: &DataType| arrow_cast::cast(array, to).map_err(|_| unusable());
        match array.data_type() {
            DataType::Dictionary(..) => {
                downcast_dictionary_array!(
                    array => dictionary_codes(array, |values| self.codes(values, column, words)),
                    _ => Err(unusable())
                )
            }
            kind if kind.is_integer() && *kind != DataType::UInt64 => {
                let array = cast(&DataType::Int64)?;
                let array = array.as_primitive::<Int64Type>();
                let mut known: HashMap<i64, u32> = HashMap::new();
                let mut last = None;
                let mut codes = Vec::with_capacity(array.len());
                for number in array {
                    let Some(number) = number else {
                        codes.push(NONE);
                        continue;
                    };
                    let code = match last {
                        Some((same, code)) if same == number => code,
                        _ => *known.entry(number).or_insert_with(|| words.intern(&number.to_string())),
                    };
                    last = Some((number, code));
                    codes.push(code);
                }
                Ok(codes)
            }
            kind if kind.is_floating() => {
                let array = cast(&DataType::Float64)?;
                // as the numbers of workbooks: 2020.0 is 2020
                let code = |number: f64, words: &mut Words| {
                    if number.is_nan() { NONE } else { words.intern(&crate::columns::number_text(number)) }
                };
                Ok(array.as_primitive::<Float64Type>().iter().map(|number| number.map_or(NONE, |number| code(number, words))).collect())
            }
            DataType::Utf8
            | DataType::LargeUtf8
            | DataType::Utf8View
            | DataType::Binary
            | DataType::LargeBinary
            | DataType::BinaryView
            | DataType::UInt64
            | DataType::Decimal32(..)
            | DataType::Decimal64(..)
            | DataType::Decimal128(..)
            | DataType::Date32
            | DataType::Date64
            | DataType::Timestamp(..)
            | DataType::Null => {
                let array = cast(&DataType::Utf8)?;
                let mut code = |word: &str| if word.is_empty() { NONE } else { words.intern(word) };
                Ok(array.as_string::<i32>().iter().map(|word| word.map_or(NONE, |word| code(word.trim()))).collect())
            }
            _ => Err(unusable()),
        }
    }

    /// A column of values as doubles or as text still to be read.
    fn numbers(&self, array: &ArrayRef, column: &str) -> Result<Numbers, StoreError> {
        let unusable = || self.unusable(column, "numbers", array.data_type());
        let cast = |to: &DataType| arrow_cast::cast(array, to).map_err(|_| unusable());
        let word = match array.data_type() {
            DataType::Dictionary(_, values) => values.as_ref(),
            kind => kind,
        };
        match word {
            DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => cast(&DataType::Utf8).map(Numbers::Text),
            DataType::Null => cast(&DataType::Float64).map(Numbers::Number),
            kind if kind.is_integer() || kind.is_floating() || kind.is_decimal() => cast(&DataType::Float64).map(Numbers::Number),
            _ => Err(unusable()),
        }
    }
}

enum Numbers {
    Number(ArrayRef),
    Text(ArrayRef),
}

fn dictionary_codes<K: ArrowDictionaryKeyType>(
    array: &arrow_array::DictionaryArray<K>,
    codes: impl FnOnce(&ArrayRef) -> Result<Vec<u32>, StoreError>,
) -> Result<Vec<u32>, StoreError> {
    let words = codes(array.values())?;
    Ok((0..array.len()).map(|row| array.key(row).map_or(NONE, |key| words[key])).collect())
}
