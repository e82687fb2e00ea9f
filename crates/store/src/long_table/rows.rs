use super::{LinkTable, LongCounts, LongTable, LongTableOptions};
use crate::error::nearest;
use crate::import::{Cell, RowSink};
use crate::number::{NumberStyle, is_missing, parse_number};
use crate::{Duplicates, Missing, Problem, StoreError};
use frame::Labels;
use std::collections::{BTreeSet, HashMap};
use std::hash::{BuildHasherDefault, Hasher};
use std::path::Path;
use std::sync::Arc;

/// Until all rows are read, a key is the numbers under which its period, place and activity were first met.
const PLACE_BITS: u32 = 24;
const ACTIVITY_BITS: u32 = 24;
const PERIOD_BITS: u32 = 16;
/// Words up to this many bytes are looked up as one number.
const SHORT: usize = 15;
/// How many rows an error names.
const NAMED: usize = 5;

/// Where a row stands: the data row counted from 1, and the line of the file where it has lines.
#[derive(Debug, Clone, Copy)]
pub(super) struct At {
    pub(super) row: u64,
    pub(super) line: Option<u64>,
}

/// Mixes a number that stands for a word; the words are codes from the user's own file, so no defence against chosen keys is needed.
#[derive(Default)]
struct Mix(u64);

impl Hasher for Mix {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.write_u128(u128::from(*byte));
        }
    }

    fn write_u128(&mut self, value: u128) {
        let folded = (value as u64 ^ self.0).wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ ((value >> 64) as u64).rotate_left(29);
        let wide = u128::from(folded) * 0xD6E8_FEB8_6659_FD93;
        self.0 = (wide as u64) ^ (wide >> 64) as u64;
    }
}

/// Different words, numbered in the order met.
#[derive(Default)]
pub(super) struct Words {
    names: Vec<Arc<str>>,
    short: HashMap<u128, u32, BuildHasherDefault<Mix>>,
    long: HashMap<Arc<str>, u32>,
    last: usize,
}

impl Words {
    /// The number of a word, which is taken in when it is new.
    pub(super) fn intern(&mut self, word: &str) -> u32 {
        if self.names.get(self.last).is_some_and(|last| **last == *word) {
            return self.last as u32;
        }
        let next = self.names.len() as u32;
        let bytes = word.as_bytes();
        let code = if bytes.len() <= SHORT {
            let mut padded = [0; SHORT + 1];
            padded[..bytes.len()].copy_from_slice(bytes);
            padded[SHORT] = bytes.len() as u8;
            *self.short.entry(u128::from_le_bytes(padded)).or_insert(next)
        } else if let Some(code) = self.long.get(word) {
            *code
        } else {
            // held once, in the list and under which it is looked up
            let word: Arc<str> = word.into();
            self.long.insert(word.clone(), next);
            self.names.push(word);
            next
        };
        if code as usize == self.names.len() {
            self.names.push(word.into());
        }
        self.last = code as usize;
        code
    }
}

/// One kind of thing wrong with one column, wherever it occurs.
struct Fault {
    problem: Problem,
    what: String,
    column: String,
    value: String,
    next: String,
    first: Vec<At>,
    count: u64,
}

/// The key of a row whose words are numbered; `None` when a word is missing.
pub(super) type Key = Option<u64>;

/// The numbers of a place and an activity in a key.
pub(super) fn ends(key: u64) -> (u32, u32) {
    let mask = |bits: u32| (1u64 << bits) - 1;
    ((key >> ACTIVITY_BITS & mask(PLACE_BITS)) as u32, (key & mask(ACTIVITY_BITS)) as u32)
}

/// Takes in rows in any order and makes a [`LongTable`] of them.
pub(super) struct Builder<'a> {
    pub(super) options: &'a LongTableOptions,
    /// The rows are links: places and activities are of one kind and numbered together.
    links: bool,
    pub(super) path: Option<&'a Path>,
    style: NumberStyle,
    plain: bool,
    /// The positions in the file of time, place, activity, value and the extra columns.
    pub(super) positions: Positions,
    pub(super) periods: Words,
    pub(super) places: Words,
    pub(super) activities: Words,
    /// Key and value.
    cells: Vec<(u64, f64)>,
    extra: Vec<Vec<f64>>,
    /// Rows that have no cell, ascending.
    passed: Vec<u64>,
    last_row: u64,
    counts: LongCounts,
    faults: Vec<Fault>,
}

/// Where the columns stand in the file.
#[derive(Debug, Clone, Default)]
pub(super) struct Positions {
    pub(super) time: Option<usize>,
    pub(super) place: usize,
    pub(super) activity: usize,
    pub(super) value: usize,
    pub(super) extra: Vec<usize>,
}

impl<'a> Builder<'a> {
    pub(super) fn new(options: &'a LongTableOptions, path: Option<&'a Path>) -> Result<Self, StoreError> {
        let refuse = |what: String| StoreError::new(Problem::Options, what);
        if options.duplicates == Duplicates::First {
            return Err(refuse(
                "of rows with the same key the first cannot be kept: the result would depend on the order of the rows".into(),
            )
            .next("use --duplicates error or sum"));
        }
        let style = NumberStyle { decimal: options.decimal.unwrap_or('.'), thousands: options.thousands };
        if style.thousands == Some(style.decimal) {
            return Err(refuse("the decimal and the thousands sign are the same".into()));
        }
        let mut names = BTreeSet::new();
        for name in options.time.iter().chain([&options.place, &options.activity, &options.value]).chain(&options.extra) {
            if !name.is_empty() && !names.insert(name) {
                return Err(refuse(format!("column `{name}` is named for two things")));
            }
        }
        Ok(Builder {
            options,
            links: false,
            path,
            style,
            plain: style.decimal == '.' && style.thousands.is_none(),
            positions: Positions::default(),
            periods: Words::default(),
            places: Words::default(),
            activities: Words::default(),
            cells: Vec::new(),
            extra: vec![Vec::new(); options.extra.len()],
            passed: Vec::new(),
            last_row: 0,
            counts: LongCounts::default(),
            faults: Vec::new(),
        })
    }

    /// A builder of links between things of one kind: from the places to the activities.
    pub(super) fn of_links(options: &'a LongTableOptions, path: Option<&'a Path>) -> Result<Self, StoreError> {
        Ok(Builder { links: true, ..Builder::new(options, path)? })
    }

    /// Whether the rows are links.
    pub(super) fn links(&self) -> bool {
        self.links
    }

    /// An error about the file, if there is one.
    pub(super) fn error(&self, problem: Problem, what: impl Into<String>) -> StoreError {
        let error = StoreError::new(problem, what);
        self.path.map_or(error.clone(), |path| error.file(path))
    }

    /// Counts a fault, and keeps where it occurs first.
    pub(super) fn fault(&mut self, problem: Problem, what: &str, column: &str, value: &str, next: &str, at: At) {
        match self.faults.iter_mut().find(|fault| fault.what == what && fault.column == column) {
            Some(fault) => {
                fault.count += 1;
                if fault.first.len() < NAMED {
                    fault.first.push(at);
                }
            }
            None => self.faults.push(Fault {
                problem,
                what: what.to_owned(),
                column: column.to_owned(),
                value: value.to_owned(),
                next: next.to_owned(),
                first: vec![at],
                count: 1,
            }),
        }
    }

    /// Numbers a period, place and activity.
    pub(super) fn key(&mut self, period: &str, place: &str, activity: &str, at: At) -> Result<Key, StoreError> {
        let no_time = self.options.time.is_none();
        if (period.is_empty() && !no_time) || place.is_empty() || activity.is_empty() {
            self.missing_word(!no_time && period.is_empty(), place.is_empty(), activity.is_empty(), at);
            return Ok(None);
        }
        let period = self.periods.intern(period);
        let place = self.places.intern(place);
        let activity = if self.links { &mut self.places } else { &mut self.activities }.intern(activity);
        self.packed(period, place, activity).map(Some)
    }

    /// The key of words already numbered.
    pub(super) fn packed(&self, period: u32, place: u32, activity: u32) -> Result<u64, StoreError> {
        if period >> PERIOD_BITS != 0 || place >> PLACE_BITS != 0 || activity >> ACTIVITY_BITS != 0 {
            return Err(self.too_many(period));
        }
        Ok((u64::from(period) << (PLACE_BITS + ACTIVITY_BITS)) | (u64::from(place) << ACTIVITY_BITS) | u64::from(activity))
    }

    #[cold]
    fn too_many(&self, period: u32) -> StoreError {
        if self.links {
            return self.error(Problem::Input, format!("there are more than {} different firms", 1u32 << PLACE_BITS));
        }
        let (what, limit) = if period >> PERIOD_BITS != 0 { ("periods", PERIOD_BITS) } else { ("places or activities", PLACE_BITS) };
        self.error(Problem::Input, format!("there are more than {} different {what}", 1u32 << limit))
            .next("see that --time, --place and --activity name the right columns")
    }

    #[cold]
    pub(super) fn missing_word(&mut self, period: bool, place: bool, activity: bool, at: At) {
        if self.options.missing == Missing::Drop {
            return;
        }
        let options = self.options;
        let columns = [(period, options.time.as_deref().unwrap_or("")), (place, &options.place), (activity, &options.activity)];
        for (_, column) in columns.into_iter().filter(|(missing, _)| *missing) {
            let what = if self.links { "the supplier or the buyer is missing" } else { "a period, place or activity is missing" };
            let next = "--missing drop leaves such rows out and counts them";
            self.fault(Problem::Value, what, column, "", next, at);
        }
    }

    /// Reads a number written as text; `Err` when it is none.
    pub(super) fn parse(&self, text: &str) -> Result<f64, (&'static str, Option<&'static str>)> {
        if self.plain
            && text.bytes().all(|b| b.is_ascii_digit() || b"+-.eE".contains(&b))
            && let Some(value) = text.parse::<f64>().ok().filter(|value| value.is_finite())
        {
            return Ok(value);
        }
        if is_missing(text) { Ok(f64::NAN) } else { parse_number(text, self.style) }
    }

    /// Takes in a row whose value is written as text. The extra numbers of the row, if any, must have been taken in before.
    pub(super) fn text(&mut self, key: Key, text: &str, at: At) {
        match self.parse(text) {
            Ok(value) if value.is_nan() => self.missing(key, text, at),
            Ok(value) => self.number(key, value, at),
            Err(fault) => self.no_number(key, fault, text, at),
        }
    }

    #[cold]
    pub(super) fn no_number(&mut self, key: Key, fault: (&'static str, Option<&'static str>), text: &str, at: At) {
        let options = self.options;
        self.fault(
            Problem::Value,
            &format!("the value {}", fault.0),
            &options.value,
            text,
            fault.1.unwrap_or("--value names another column"),
            at,
        );
        self.take(key, 0.0, at.row);
    }

    #[cold]
    fn missing(&mut self, key: Key, text: &str, at: At) {
        match (self.options.missing, key) {
            (Missing::Drop, _) => self.take(None, 0.0, at.row),
            (Missing::Zero, key) => {
                self.counts.zeroed += u64::from(key.is_some());
                self.take(key, 0.0, at.row);
            }
            (Missing::Error, key) => {
                let next = "--missing zero takes a missing value for 0, --missing drop leaves such rows out; both are counted";
                let options = self.options;
                self.fault(Problem::Value, "the value is missing", &options.value, text, next, at);
                self.take(key, 0.0, at.row);
            }
        }
    }

    /// Takes in a row. The extra numbers of the row, if any, must have been taken in before.
    pub(super) fn number(&mut self, key: Key, value: f64, at: At) {
        if (0.0..f64::INFINITY).contains(&value) {
            // no negative zero
            return self.take(key, value + 0.0, at.row);
        }
        if value.is_nan() {
            return self.missing(key, "NaN", at);
        }
        let options = self.options;
        let (what, next) = if value.is_infinite() {
            ("the value is not finite", "correct it in the file, or write an empty cell and choose with --missing")
        } else {
            ("the value is negative", "shares need amounts that are not negative; correct it or leave the row out of the file")
        };
        self.fault(Problem::Value, what, &options.value, &crate::columns::number_text(value), next, at);
        self.take(key, 0.0, at.row);
    }

    /// Takes in a number of an extra column for the row that comes next; NaN is a missing one.
    pub(super) fn extra_number(&mut self, at: usize, value: f64, row: At) {
        if value.is_infinite() {
            let options = self.options;
            self.fault(
                Problem::Value,
                "the value is not finite",
                &options.extra[at],
                &crate::columns::number_text(value),
                "correct it in the file",
                row,
            );
        }
        self.extra[at].push(if value.is_nan() { f64::NAN } else { value + 0.0 });
    }

    /// The same for a number written as text.
    pub(super) fn extra_text(&mut self, at: usize, text: &str, row: At) {
        let value = self.parse(text).unwrap_or_else(|fault| {
            let options = self.options;
            self.fault(
                Problem::Value,
                &format!("the value {}", fault.0),
                &options.extra[at],
                text,
                fault.1.unwrap_or("an extra column holds numbers"),
                row,
            );
            f64::NAN
        });
        self.extra_number(at, value, row);
    }

    fn take(&mut self, key: Key, value: f64, row: u64) {
        self.counts.read += 1;
        if row != self.last_row + 1 {
            self.passed.extend(self.last_row + 1..row);
        }
        self.last_row = row;
        match key {
            Some(key) => self.cells.push((key, value)),
            None => {
                self.counts.dropped += u64::from(self.options.missing == Missing::Drop);
                self.passed.push(row);
                for numbers in &mut self.extra {
                    numbers.truncate(self.cells.len());
                }
            }
        }
    }

    /// How many rows were taken in or passed over.
    pub(super) fn last_row(&self) -> u64 {
        self.last_row
    }

    /// The data row of the cell that was taken in at a position.
    fn row_of(&self, cell: usize) -> u64 {
        // passed[j] − j is the row without the rows passed before it; it never falls
        let cell = cell as u64 + 1;
        let (mut low, mut high) = (0, self.passed.len());
        while low < high {
            let middle = low.midpoint(high);
            if self.passed[middle] - middle as u64 <= cell { low = middle + 1 } else { high = middle }
        }
        cell + low as u64
    }

    /// The error for the fault that stands first, with all others counted.
    fn complaint(&mut self) -> Option<StoreError> {
        self.faults.sort_by_key(|fault| fault.first.first().map(|at| at.row));
        let mut faults = self.faults.iter();
        let fault = faults.next()?;
        let mut what = fault.what.clone();
        if fault.count > 1 {
            let rows: Vec<String> = fault.first.iter().map(|at| at.row.to_string()).collect();
            let more = if fault.count > NAMED as u64 { ", …" } else { "" };
            what = format!("{what} in {} rows: {}{more}", fault.count, rows.join(", "));
        }
        for other in faults {
            let first = other.first.first().map_or(0, |at| at.row);
            let rows = if other.count == 1 { format!("in row {first}") } else { format!("in {} rows from row {first} on", other.count) };
            what = format!("{what}; also {} {rows} (column `{}`)", other.what, other.column);
        }
        let at = fault.first.first()?;
        let mut error = self.error(fault.problem, what).row(at.row).column(&fault.column).value(&fault.value);
        if let Some(line) = at.line {
            error = error.line(line);
        }
        Some(error.next(&fault.next))
    }

    /// The links in the order of their rows.
    pub(super) fn finish_links(mut self) -> Result<LinkTable, StoreError> {
        if let Some(error) = self.complaint() {
            return Err(error);
        }
        if self.cells.is_empty() {
            return Err(self.no_rows());
        }
        self.cells.shrink_to_fit();
        Ok(LinkTable { names: self.places.names, cells: self.cells, passed: self.passed, counts: self.counts, encoding: None })
    }

    fn no_rows(&self) -> StoreError {
        match self.counts.read {
            0 => self.error(Problem::Input, "there are no data rows").next("the table needs at least one row below its header"),
            read => self.error(Problem::Input, format!("no row is left: all {read} rows have missing values")),
        }
    }

    /// Sorts, sees to keys that stand twice, and makes the table.
    pub(super) fn finish(mut self) -> Result<LongTable, StoreError> {
        if let Some(error) = self.complaint() {
            return Err(error);
        }
        if self.cells.is_empty() {
            return Err(self.no_rows());
        }
        let mask = |bits: u32| (1u64 << bits) - 1;
        let parts = |key: u64| {
            let (period, place) = (key >> (PLACE_BITS + ACTIVITY_BITS), key >> ACTIVITY_BITS & mask(PLACE_BITS));
            [period as usize, place as usize, (key & mask(ACTIVITY_BITS)) as usize]
        };
        // words of rows left out, and of dictionaries, may have no cell
        let mut used = [&self.periods, &self.places, &self.activities].map(|words| vec![false; words.names.len()]);
        for (key, _) in &self.cells {
            for (used, part) in used.iter_mut().zip(parts(*key)) {
                used[part] = true;
            }
        }
        let (periods, period_ranks) = sorted(&self.periods.names, &used[0], true);
        let (places, place_ranks) = sorted(&self.places.names, &used[1], false);
        let (activities, activity_ranks) = sorted(&self.activities.names, &used[2], false);

        // the position in the dense cube above, the row below: sorting brings equal keys together in the order of their rows
        let row_bits = u64::BITS - (self.cells.len() as u64).leading_zeros();
        let cube = [periods.len(), places.len(), activities.len()].iter().try_fold(1u64, |size, by| size.checked_mul(*by as u64));
        if cube.is_none_or(|cube| u64::BITS - cube.leading_zeros() + row_bits > u64::BITS) {
            let (t, p, a) = (periods.len(), places.len(), activities.len());
            let what = format!("{t} periods × {p} places × {a} activities with {} rows are too many", self.cells.len());
            return Err(self.error(Problem::Input, what).next("see that --time, --place and --activity name the right columns"));
        }
        let (across, wide) = (activities.len() as u64, activities.len() as u64 * places.len() as u64);
        for (row, (key, _)) in self.cells.iter_mut().enumerate() {
            let [period, place, activity] = parts(*key);
            let (period, place) = (u64::from(period_ranks[period]), u64::from(place_ranks[place]));
            let activity = u64::from(activity_ranks[activity]);
            *key = ((period * wide + place * across + activity) << row_bits) | row as u64;
        }
        self.cells.sort_unstable_by_key(|cell| cell.0);
        let row = |key: u64| (key & mask(row_bits)) as usize;
        for numbers in &mut self.extra {
            *numbers = self.cells.iter().map(|(key, _)| numbers[row(*key)]).collect();
        }
        let doubled = self.cells.windows(2).any(|pair| pair[0].0 >> row_bits == pair[1].0 >> row_bits);
        if doubled {
            let name = |at: u64| {
                let names =
                    [periods[(at / wide) as usize].as_str(), &places[(at % wide / across) as usize], &activities[(at % across) as usize]];
                names.join(" ").trim_start().to_owned()
            };
            match self.options.duplicates {
                Duplicates::Sum => self.add_up(row_bits, name)?,
                _ => return Err(self.doubled(row_bits, name)),
            }
        }
        for (key, value) in &mut self.cells {
            *key >>= row_bits;
            self.counts.zero += u64::from(*value == 0.0);
        }
        self.cells.shrink_to_fit();
        let mut starts = Vec::with_capacity(periods.len() + 1);
        for period in 0..=periods.len() as u64 {
            starts.push(self.cells.partition_point(|(at, _)| *at < period * wide));
        }
        Ok(LongTable {
            periods,
            places: Labels::new("places", places)?,
            activities: Labels::new("activities", activities)?,
            cells: self.cells,
            starts,
            extra: self.options.extra.iter().cloned().zip(self.extra).collect(),
            counts: self.counts,
            encoding: None,
        })
    }

    /// The error for keys that stand in several rows.
    fn doubled(&self, row_bits: u32, name: impl Fn(u64) -> String) -> StoreError {
        let same = |pair: &[(u64, f64)]| pair[0].0 >> row_bits == pair[1].0 >> row_bits;
        let row = |key: u64| self.row_of((key & ((1 << row_bits) - 1)) as usize);
        let mut rows = 0u64;
        let mut groups: Vec<(u64, u64, u64)> = Vec::new();
        let mut keys = 0u64;
        let mut before = None;
        for pair in self.cells.windows(2).filter(|pair| same(pair)) {
            rows += 1;
            let at = pair[0].0 >> row_bits;
            if before == Some(at) {
                continue;
            }
            before = Some(at);
            keys += 1;
            // the few that stand first in the file
            groups.push((row(pair[1].0), row(pair[0].0), at));
            groups.sort_unstable();
            groups.truncate(3);
        }
        let (second, first, at) = groups.first().copied().unwrap_or_default();
        let mut what = format!("two rows have the same key: row {first} and row {second}");
        if rows > 1 {
            let others: Vec<String> =
                groups.iter().skip(1).map(|(second, first, at)| format!("{} in rows {first} and {second}", name(*at))).collect();
            let listed = if others.is_empty() { String::new() } else { format!(": {}", others.join(", ")) };
            what = format!("{what}; in all {keys} keys stand more than once, in {rows} rows too many{listed}");
        }
        let options = self.options;
        let columns: Vec<&str> = options.time.as_deref().into_iter().chain([&*options.place, &*options.activity]).collect();
        let error = self.error(Problem::Duplicate, what).row(second).column(&columns.join(", ")).value(name(at));
        error.next("--duplicates sum adds such rows up and counts them")
    }

    /// Adds up the rows of every key, from the least value to the greatest so that their order does not matter.
    fn add_up(&mut self, row_bits: u32, name: impl Fn(u64) -> String) -> Result<(), StoreError> {
        let mut kept = 0;
        let mut from = 0;
        while from < self.cells.len() {
            let at = self.cells[from].0 >> row_bits;
            let length = self.cells[from..].iter().take_while(|cell| cell.0 >> row_bits == at).count();
            let to = from + length;
            let second = self.row_of((self.cells[to - 1].0 & ((1 << row_bits) - 1)) as usize);
            let group = &mut self.cells[from..to];
            let key = group[0].0;
            group.sort_unstable_by(|a, b| a.1.total_cmp(&b.1));
            let total: f64 = group.iter().map(|cell| cell.1).sum();
            if total.is_infinite() {
                let what = "the sum of the rows of a key is not finite";
                return Err(self.error(Problem::Value, what).row(second).column(&self.options.value).value(name(at)));
            }
            self.cells[kept] = (key, total + 0.0);
            for (column, numbers) in self.options.extra.iter().zip(&mut self.extra) {
                let known = numbers[from..to].iter().copied().find(|number| !number.is_nan()).unwrap_or(f64::NAN);
                if numbers[from..to].iter().any(|number| !number.is_nan() && *number != known) {
                    let what = "rows of one key cannot be added up: they differ in an extra column";
                    let error = StoreError::new(Problem::Duplicate, what).row(second).column(column).value(name(at));
                    return Err(self.path.map_or(error.clone(), |path| error.file(path)));
                }
                numbers[kept] = known;
            }
            self.counts.summed += length as u64 - 1;
            kept += 1;
            from = to;
        }
        self.cells.truncate(kept);
        for numbers in &mut self.extra {
            numbers.truncate(kept);
        }
        Ok(())
    }
}

/// The words in use in order, and the rank of each; whole numbers in the order of their size when `numbers` is set and all are such.
fn sorted(names: &[Arc<str>], used: &[bool], numbers: bool) -> (Vec<String>, Vec<u32>) {
    let size = |at: usize| if used[at] { names[at].parse().ok() } else { Some(0) };
    let sizes: Option<Vec<i64>> = if numbers { (0..names.len()).map(size).collect() } else { None };
    let mut order: Vec<u32> = (0..names.len() as u32).filter(|at| used[*at as usize]).collect();
    order.sort_unstable_by(|a, b| {
        let (a, b) = (*a as usize, *b as usize);
        let by_size = sizes.as_ref().map(|sizes| sizes[a].cmp(&sizes[b]));
        by_size.unwrap_or(std::cmp::Ordering::Equal).then_with(|| names[a].cmp(&names[b]))
    });
    let mut ranks = vec![0; names.len()];
    for (rank, at) in order.iter().enumerate() {
        ranks[*at as usize] = rank as u32;
    }
    (order.iter().map(|at| names[*at as usize].to_string()).collect(), ranks)
}

impl RowSink for Builder<'_> {
    fn header(&mut self, names: &[String]) -> Result<(), StoreError> {
        let options = self.options;
        let find = |option: &str, wanted: &str| -> Result<usize, StoreError> {
            let mut found = names.iter().enumerate().filter(|(_, name)| *name == wanted).map(|(at, _)| at);
            match (found.next(), found.next()) {
                (Some(_), Some(_)) => Err(self.error(Problem::Input, format!("two columns are called `{wanted}`")).column(wanted)),
                (Some(at), None) => Ok(at),
                (None, _) => {
                    let near =
                        nearest(wanted, names.iter().map(String::as_str)).map_or_else(String::new, |near| format!("nearest: {near}; "));
                    let what = if wanted.is_empty() {
                        format!("no column is named for --{option}")
                    } else {
                        format!("the table has no column `{wanted}`")
                    };
                    Err(self
                        .error(Problem::Schema, what)
                        .next(format!("{near}columns present: {}; name one with --{option} COLUMN", names.join(", "))))
                }
            }
        };
        let positions = Positions {
            time: options.time.as_ref().map(|name| find("time", name)).transpose()?,
            place: find(if self.links { "supplier" } else { "place" }, &options.place)?,
            activity: find(if self.links { "buyer" } else { "activity" }, &options.activity)?,
            value: find("value", &options.value)?,
            extra: options.extra.iter().map(|name| find("extra", name)).collect::<Result<_, _>>()?,
        };
        self.positions = positions;
        Ok(())
    }

    fn row(&mut self, row: u64, line: Option<u64>, cells: &[Cell<'_>]) -> Result<(), StoreError> {
        let at = At { row, line };
        let cell = |position: usize| cells.get(position).unwrap_or(&Cell::Empty);
        let positions = self.positions.clone();
        let options = self.options;
        let keys = [
            (positions.time, options.time.as_deref().unwrap_or("")),
            (Some(positions.place), options.place.as_str()),
            (Some(positions.activity), options.activity.as_str()),
        ];
        for (position, column) in keys {
            if let Some(Cell::Odd(what)) = position.map(cell) {
                self.fault(Problem::Value, "a code is neither text nor a number", column, what, "write it as text", at);
            }
        }
        for (extra, position) in positions.extra.iter().enumerate() {
            match cell(*position) {
                Cell::Text(text) => self.extra_text(extra, text, at),
                Cell::Integer(value) => self.extra_number(extra, *value as f64, at),
                Cell::Number(value) => self.extra_number(extra, *value, at),
                Cell::Empty => self.extra_number(extra, f64::NAN, at),
                Cell::Odd(what) => self.extra_text(extra, what, at),
            }
        }
        let period = positions.time.map(|time| cell(time).printed()).unwrap_or_default();
        let key = self.key(&period, &cell(positions.place).printed(), &cell(positions.activity).printed(), at)?;
        match cell(positions.value) {
            Cell::Text(text) => self.text(key, text, at),
            Cell::Integer(value) => self.number(key, *value as f64, at),
            Cell::Number(value) => self.number(key, *value, at),
            Cell::Empty => self.text(key, "", at),
            Cell::Odd(what) => self.no_number(key, ("is not a number", None), what, at),
        }
        Ok(())
    }
}
