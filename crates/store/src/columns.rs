use crate::error::nearest;
use crate::schema::{Column, ColumnKind, Schema};
use crate::{DictionaryColumn, Problem, StoreError};
use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int32Type, Int64Type};
use arrow_array::{Array, ArrayRef, Float64Array, Int64Array, RecordBatch, StringArray};
use arrow_schema::{DataType, Field, Schema as ArrowSchema};
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::Arc;

/// A key has at most this many columns.
const KEY_WIDTH: usize = 6;

/// The numbers of a key's cells: words by their number in the column's dictionary, whole numbers by their bits.
pub(crate) type Key = [u32; KEY_WIDTH];

/// Lists of numbers, one a row, held end to end: row `r` is `values[starts[r]..starts[r + 1]]`.
#[derive(Debug, Clone)]
pub(crate) struct NumberLists {
    pub(crate) starts: Vec<usize>,
    pub(crate) values: Vec<f64>,
}

/// The values of one column. An empty number is held as NaN: a NaN in a file never gets here.
#[derive(Debug, Clone)]
pub(crate) enum Values {
    Text(DictionaryColumn),
    Integer(Vec<i32>),
    Number(Vec<f64>),
    Numbers(NumberLists),
}

impl Values {
    pub(crate) fn new(kind: ColumnKind) -> Self {
        match kind {
            ColumnKind::Text => Values::Text(DictionaryColumn::default()),
            ColumnKind::Integer => Values::Integer(Vec::new()),
            ColumnKind::Number => Values::Number(Vec::new()),
            ColumnKind::Numbers => Values::Numbers(NumberLists { starts: vec![0], values: Vec::new() }),
        }
    }
}

/// A table in memory: the columns of its schema, `None` for an optional one that it lacks.
#[derive(Debug, Clone)]
pub(crate) struct Columns {
    pub(crate) schema: &'static Schema,
    pub(crate) values: Vec<Option<Values>>,
    pub(crate) rows: usize,
}

fn wrong_type(column: &Column, found: &DataType) -> StoreError {
    StoreError::new(Problem::Schema, format!("column `{}` holds {found}, its schema asks for a {}", column.name, column.kind.name()))
        .column(column.name)
}

/// Why a number may not stand in a column, if it may not.
pub(crate) fn number_fault(column: &Column, value: f64) -> Option<&'static str> {
    if !value.is_finite() {
        Some("is not a finite number")
    } else if value < 0.0 && !column.negative {
        Some("is negative, which this schema does not allow")
    } else {
        None
    }
}

impl Columns {
    pub(crate) fn new(schema: &'static Schema) -> Self {
        Columns { schema, values: schema.columns.iter().map(|_| None).collect(), rows: 0 }
    }

    /// An empty table for the columns of a file, which must hold those the schema requires and no others.
    pub(crate) fn for_file(schema: &'static Schema, file: &ArrowSchema) -> Result<Self, StoreError> {
        let present: Vec<&str> = file.fields().iter().map(|field| field.name().as_str()).collect();
        let mut columns = Columns::new(schema);
        for (column, slot) in schema.columns.iter().zip(&mut columns.values) {
            if present.contains(&column.name) {
                *slot = Some(Values::new(column.kind));
            } else if !column.optional {
                let near = nearest(column.name, present.iter().copied()).map_or_else(String::new, |near| format!("nearest: {near}; "));
                return Err(StoreError::new(Problem::Schema, format!("column `{}` of schema `{}` is missing", column.name, schema.id))
                    .next(format!("{near}columns present: {}", present.join(", "))));
            }
        }
        if let Some(extra) = present.iter().find(|name| schema.position(name).is_none()) {
            return Err(StoreError::new(Problem::Schema, format!("column `{extra}` is not in schema `{}`", schema.id))
                .column(extra)
                .next("remove it, or store the table under another schema"));
        }
        Ok(columns)
    }

    /// Takes in a batch; errors name the row counted from the table's first.
    pub(crate) fn append(&mut self, batch: &RecordBatch) -> Result<(), StoreError> {
        for (column, slot) in self.schema.columns.iter().zip(&mut self.values) {
            let (Some(values), Some(array)) = (slot, batch.column_by_name(column.name)) else { continue };
            append_array(column, values, array, self.rows)?;
        }
        self.rows += batch.num_rows();
        Ok(())
    }

    fn get(&self, name: &str) -> Option<(&'static Column, &Values)> {
        let position = self.schema.position(name)?;
        Some((&self.schema.columns[position], self.values[position].as_ref()?))
    }

    pub(crate) fn text(&self, name: &str) -> Option<&DictionaryColumn> {
        match self.get(name) {
            Some((_, Values::Text(values))) => Some(values),
            _ => None,
        }
    }

    fn take(&mut self, name: &str) -> Option<Values> {
        self.schema.position(name).and_then(|position| self.values[position].take())
    }

    /// Moves a required text column out.
    pub(crate) fn take_text(&mut self, name: &str) -> Result<DictionaryColumn, StoreError> {
        match self.take(name) {
            Some(Values::Text(values)) => Ok(values),
            _ => Err(self.absent(name)),
        }
    }

    /// Moves a required column of whole numbers out.
    pub(crate) fn take_integers(&mut self, name: &str) -> Result<Vec<i32>, StoreError> {
        match self.take(name) {
            Some(Values::Integer(values)) => Ok(values),
            _ => Err(self.absent(name)),
        }
    }

    /// Moves a required column of numbers out.
    pub(crate) fn take_numbers(&mut self, name: &str) -> Result<Vec<f64>, StoreError> {
        match self.take(name) {
            Some(Values::Number(values)) => Ok(values),
            _ => Err(self.absent(name)),
        }
    }

    /// Moves a required column of lists out.
    pub(crate) fn take_lists(&mut self, name: &str) -> Result<NumberLists, StoreError> {
        match self.take(name) {
            Some(Values::Numbers(values)) => Ok(values),
            _ => Err(self.absent(name)),
        }
    }

    fn absent(&self, name: &str) -> StoreError {
        StoreError::new(Problem::Schema, format!("schema `{}` has no such column `{name}` here", self.schema.id)).column(name)
    }

    /// The key of a row.
    pub(crate) fn key(&self, row: usize) -> Key {
        let mut key = [0; KEY_WIDTH];
        let cells = self.schema.columns.iter().zip(&self.values).filter(|(column, _)| column.key);
        for (cell, (_, values)) in key.iter_mut().zip(cells) {
            *cell = match values {
                Some(Values::Text(values)) => values.code(row),
                Some(Values::Integer(values)) => values[row] as u32,
                _ => 0,
            };
        }
        key
    }

    /// The key of a row, printed.
    pub(crate) fn key_text(&self, row: usize) -> String {
        let keys = self.schema.columns.iter().enumerate().filter(|(_, column)| column.key);
        keys.map(|(position, _)| self.cell(position, row)).collect::<Vec<_>>().join(", ")
    }

    /// A cell, printed in full precision; empty where it is empty.
    pub(crate) fn cell(&self, position: usize, row: usize) -> String {
        match &self.values[position] {
            Some(Values::Text(values)) => values.text(row).to_owned(),
            Some(Values::Integer(values)) => values[row].to_string(),
            Some(Values::Number(values)) if !values[row].is_nan() => number_text(values[row]),
            _ => String::new(),
        }
    }

    /// Checks what the values of whole columns must obey: no empty cell, no word and no sign that the schema does not allow, no key twice.
    pub(crate) fn check(&self) -> Result<(), StoreError> {
        for (column, values) in self.schema.columns.iter().zip(&self.values) {
            let fault = match values {
                Some(Values::Text(values)) => {
                    let faults: Vec<Option<String>> = values.words().map(|word| word_fault(column, word)).collect();
                    (0..values.len()).find_map(|row| match values.get(row) {
                        None if column.null => None,
                        None => Some((row, "is empty".to_owned(), String::new())),
                        Some(word) => faults[values.code(row) as usize].clone().map(|fault| (row, fault, word.to_owned())),
                    })
                }
                Some(Values::Number(values)) => values.iter().enumerate().find_map(|(row, value)| match value {
                    value if value.is_nan() && column.null => None,
                    value if value.is_nan() => Some((row, "is empty".to_owned(), String::new())),
                    value => number_fault(column, *value).map(|fault| (row, fault.to_owned(), number_text(*value))),
                }),
                _ => None,
            };
            if let Some((row, fault, value)) = fault {
                let error = StoreError::new(Problem::Value, format!("a value of column `{}` {fault}", column.name));
                return Err(error.row(row as u64 + 1).column(column.name).value(value));
            }
        }
        let mut seen: HashMap<Key, usize> = HashMap::with_capacity(self.rows);
        for row in 0..self.rows {
            match seen.entry(self.key(row)) {
                Entry::Vacant(slot) => _ = slot.insert(row),
                Entry::Occupied(first) => {
                    return Err(duplicate(self, row)
                        .row(row as u64 + 1)
                        .next(format!("row {} has it too: a key may stand once only", first.get() + 1)));
                }
            }
        }
        Ok(())
    }

    /// The whole table as one batch of the types its schema declares.
    pub(crate) fn to_batch(&self) -> Result<RecordBatch, StoreError> {
        let (mut fields, mut arrays): (Vec<Field>, Vec<ArrayRef>) = Default::default();
        for (column, values) in self.schema.columns.iter().zip(&self.values) {
            let array: ArrayRef = match values {
                None => continue,
                Some(Values::Text(values)) => Arc::new((0..values.len()).map(|row| values.get(row)).collect::<StringArray>()),
                Some(Values::Integer(values)) => Arc::new(values.iter().map(|value| i64::from(*value)).collect::<Int64Array>()),
                Some(Values::Number(values)) => {
                    Arc::new(values.iter().map(|value| (!value.is_nan()).then_some(*value)).collect::<Float64Array>())
                }
                Some(Values::Numbers(_)) => {
                    return Err(StoreError::new(Problem::Schema, "lists of numbers are not written by this program").column(column.name));
                }
            };
            fields.push(Field::new(column.name, array.data_type().clone(), column.null));
            arrays.push(array);
        }
        RecordBatch::try_new(Arc::new(ArrowSchema::new(fields)), arrays)
            .map_err(|error| StoreError::new(Problem::Schema, format!("the table does not fit its schema: {error}")))
    }
}

/// The error for a key that stood before.
pub(crate) fn duplicate(columns: &Columns, row: usize) -> StoreError {
    let names: Vec<_> = columns.schema.key().map(|column| column.name).collect();
    StoreError::new(Problem::Duplicate, "two rows have the same key").column(&names.join(", ")).value(columns.key_text(row))
}

/// Why a word may not stand in a column, if it may not.
pub(crate) fn word_fault(column: &Column, word: &str) -> Option<String> {
    if column.key && word.trim().is_empty() {
        Some("is empty, and is part of the key".to_owned())
    } else if !column.words.is_empty() && !column.words.contains(&word) {
        Some(format!("is not one of {}", column.words.join(", ")))
    } else {
        None
    }
}

/// A number with the fewest digits that read back as the same number.
pub(crate) fn number_text(value: f64) -> String {
    let size = value.abs();
    if value != 0.0 && !(1e-5..1e16).contains(&size) { format!("{value:e}") } else { value.to_string() }
}

fn cast(column: &Column, array: &ArrayRef, to: &DataType) -> Result<ArrayRef, StoreError> {
    arrow_cast::cast(array, to).map_err(|_| wrong_type(column, array.data_type()))
}

fn numeric(found: &DataType) -> bool {
    found.is_integer() || found.is_floating()
}

fn append_array(column: &Column, values: &mut Values, array: &ArrayRef, first_row: usize) -> Result<(), StoreError> {
    let found = array.data_type();
    let at = |row: usize, what: &str| {
        StoreError::new(Problem::Value, format!("a value of column `{}` {what}", column.name))
            .row((first_row + row) as u64 + 1)
            .column(column.name)
    };
    match values {
        Values::Text(out) => {
            let word_type = match found {
                DataType::Dictionary(_, word) => word.as_ref(),
                other => other,
            };
            if !matches!(word_type, DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View) {
                return Err(wrong_type(column, found));
            }
            let array = cast(column, array, &DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8)))?;
            let dictionary = array.as_dictionary::<Int32Type>();
            let words = dictionary.values().as_string::<i32>();
            let codes: Vec<Option<u32>> =
                (0..words.len()).map(|i| if words.is_null(i) { None } else { Some(out.intern(words.value(i))) }).collect();
            for key in dictionary.keys() {
                out.push_code(key.and_then(|key| codes[key as usize]));
            }
        }
        Values::Integer(out) => {
            if !found.is_integer() {
                return Err(wrong_type(column, found));
            }
            let array = cast(column, array, &DataType::Int64)?;
            for (row, value) in array.as_primitive::<Int64Type>().iter().enumerate() {
                let value = value.ok_or_else(|| at(row, "is empty"))?;
                out.push(i32::try_from(value).map_err(|_| at(row, "is out of range").value(value))?);
            }
        }
        Values::Number(out) => {
            if !numeric(found) {
                return Err(wrong_type(column, found));
            }
            let array = cast(column, array, &DataType::Float64)?;
            for (row, value) in array.as_primitive::<Float64Type>().iter().enumerate() {
                match value {
                    Some(value) if !value.is_finite() => return Err(at(row, "is not a finite number").value(value)),
                    Some(value) => out.push(value),
                    None if column.null => out.push(f64::NAN),
                    None => return Err(at(row, "is empty")),
                }
            }
        }
        Values::Numbers(out) => {
            let item = match found {
                DataType::List(item) | DataType::LargeList(item) | DataType::FixedSizeList(item, _) if numeric(item.data_type()) => item,
                _ => return Err(wrong_type(column, found)),
            };
            let item = Field::new(item.name(), DataType::Float64, true);
            let array = cast(column, array, &DataType::LargeList(Arc::new(item)))?;
            let lists = array.as_list::<i64>();
            for row in 0..lists.len() {
                if lists.is_null(row) {
                    return Err(at(row, "is empty"));
                }
                let list = lists.value(row);
                let numbers = list.as_primitive::<Float64Type>();
                if let Some(value) = numbers.values().iter().find(|value| !value.is_finite()) {
                    return Err(at(row, "is not a finite number").value(value));
                }
                if numbers.null_count() > 0 {
                    return Err(at(row, "has an empty place in its list"));
                }
                out.values.extend_from_slice(numbers.values());
                out.starts.push(out.values.len());
            }
        }
    }
    Ok(())
}
