use crate::error::unknown;
use crate::{DictionaryColumn, Problem, StoreError, Workspace};
use frame::{LabelledMatrix, Labels, Period};
use std::sync::Arc;

/// A table of schema `activity`, held by column: what places did (exports, output, employment, patents, ...), by activity and year.
#[derive(Debug, Clone)]
pub struct ActivityTable {
    /// The table's id.
    pub id: String,
    /// Place of every row.
    pub place: DictionaryColumn,
    /// Scheme of every row's code.
    pub scheme: DictionaryColumn,
    /// Activity of every row.
    pub code: DictionaryColumn,
    /// Year of every row.
    pub period: Vec<i32>,
    /// Measure of every row (`exports`, `output`, ...).
    pub measure: DictionaryColumn,
    /// Value of every row.
    pub value: Vec<f64>,
    /// Unit of every row.
    pub unit: DictionaryColumn,
}

/// One row of an [`ActivityTable`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ActivityRow<'a> {
    /// The place.
    pub place: &'a str,
    /// The scheme of the code.
    pub scheme: &'a str,
    /// The activity.
    pub code: &'a str,
    /// The year.
    pub period: i32,
    /// The measure.
    pub measure: &'a str,
    /// The value.
    pub value: f64,
    /// Its unit.
    pub unit: &'a str,
}

pub(crate) fn sorted_years(years: &[i32]) -> Vec<i32> {
    let mut years = years.to_vec();
    years.sort_unstable();
    years.dedup();
    years
}

/// Cells `(row word, column word, value)` added up into a matrix over the words that occur, sorted; sums are taken in the cells' order.
pub(crate) fn add_up(
    rows: (&str, &DictionaryColumn),
    columns: (&str, &DictionaryColumn),
    cells: &[(u32, u32, f64)],
) -> Result<LabelledMatrix, StoreError> {
    let labels = |what: &str, words: &DictionaryColumn, pick: fn(&(u32, u32, f64)) -> u32| -> Result<(Labels, Vec<usize>), StoreError> {
        let words: Vec<&str> = words.words().collect();
        let mut used = vec![false; words.len()];
        cells.iter().for_each(|cell| used[pick(cell) as usize] = true);
        let mut codes: Vec<usize> = (0..words.len()).filter(|code| used[*code]).collect();
        codes.sort_unstable_by_key(|code| words[*code]);
        let mut position = vec![0; words.len()];
        codes.iter().enumerate().for_each(|(at, code)| position[*code] = at);
        Ok((Labels::new(what, codes.iter().map(|code| words[*code]))?, position))
    };
    let (row_labels, row_at) = labels(rows.0, rows.1, |cell| cell.0)?;
    let (column_labels, column_at) = labels(columns.0, columns.1, |cell| cell.1)?;
    let width = column_labels.len();
    let mut values = vec![0.0; row_labels.len() * width];
    for (row, column, value) in cells {
        values[row_at[*row as usize] * width + column_at[*column as usize]] += value;
    }
    Ok(LabelledMatrix::new(row_labels, column_labels, values)?)
}

impl ActivityTable {
    /// How many rows there are.
    pub fn len(&self) -> usize {
        self.value.len()
    }

    /// True when there is none.
    pub fn is_empty(&self) -> bool {
        self.value.is_empty()
    }

    /// The rows, in table order.
    pub fn rows(&self) -> impl Iterator<Item = ActivityRow<'_>> {
        (0..self.len()).map(|row| ActivityRow {
            place: self.place.text(row),
            scheme: self.scheme.text(row),
            code: self.code.text(row),
            period: self.period[row],
            measure: self.measure.text(row),
            value: self.value[row],
            unit: self.unit.text(row),
        })
    }

    /// The years, sorted.
    pub fn periods(&self) -> Vec<i32> {
        sorted_years(&self.period)
    }

    /// The measures, sorted.
    pub fn measures(&self) -> Vec<&str> {
        self.measure.sorted()
    }

    /// The schemes, sorted.
    pub fn schemes(&self) -> Vec<&str> {
        self.scheme.sorted()
    }

    /// The places, sorted.
    pub fn places(&self) -> Vec<&str> {
        self.place.sorted()
    }

    /// The unit of a measure.
    ///
    /// # Errors
    /// [`Problem::Unknown`] for a measure that is not there, [`Problem::Units`] when it comes in more than one unit.
    pub fn unit(&self, measure: &str) -> Result<&str, StoreError> {
        let code = self.code_of("measure", &self.measure, measure)?;
        self.one_unit(measure, (0..self.len()).filter(|row| self.measure.code(*row) == code))
    }

    fn code_of(&self, what: &str, column: &DictionaryColumn, word: &str) -> Result<u32, StoreError> {
        column.position(word).ok_or_else(|| unknown(&format!("{what} in table `{}`:", self.id), word, column.words()))
    }

    fn one_unit(&self, measure: &str, rows: impl Iterator<Item = usize>) -> Result<&str, StoreError> {
        let mut unit: Option<usize> = None;
        for row in rows {
            let first = *unit.get_or_insert(row);
            if self.unit.code(first) != self.unit.code(row) {
                let what = format!(
                    "measure `{measure}` of table `{}` comes in `{}` and in `{}`, which do not add up",
                    self.id,
                    self.unit.text(first),
                    self.unit.text(row)
                );
                return Err(StoreError::new(Problem::Units, what).row(row as u64 + 1).next("give each unit a measure of its own"));
            }
        }
        Ok(unit.map_or("", |row| self.unit.text(row)))
    }

    /// Place × activity: the values of a measure, added up over the years of `period` (both ends included). Rows and columns are
    /// the places and codes that have a row there, sorted; a pair without a row is 0.
    ///
    /// # Errors
    /// [`Problem::Unknown`] when the measure, the scheme or the years have no row; [`Problem::Units`] when they mix units.
    ///
    /// ```
    /// use frame::Period;
    /// let workspace = xinzhi_store::Workspace::embedded()?;
    /// if workspace.manifest().table("exports_hs4_2017").is_ok() {
    ///     let table = workspace.activity("exports_hs4_2017")?;
    ///     let exports = table.matrix(table.measures()[0], Period::year(2017), table.schemes()[0])?;
    ///     assert!(exports.rows().position("CHN").is_some());
    /// }
    /// # Ok::<(), xinzhi_store::StoreError>(())
    /// ```
    pub fn matrix(&self, measure: &str, period: Period, scheme: &str) -> Result<LabelledMatrix, StoreError> {
        self.matrix_where(measure, period, scheme, |_| true)
    }

    /// The same over the codes that `keep` accepts.
    ///
    /// # Errors
    /// As [`ActivityTable::matrix`]; also [`Problem::Unknown`] when no code is accepted.
    pub fn matrix_where(
        &self,
        measure: &str,
        period: Period,
        scheme: &str,
        keep: impl Fn(&str) -> bool,
    ) -> Result<LabelledMatrix, StoreError> {
        let measure_code = self.code_of("measure", &self.measure, measure)?;
        let scheme_code = self.code_of("scheme", &self.scheme, scheme)?;
        let kept: Vec<bool> = self.code.words().map(keep).collect();
        let rows: Vec<usize> = (0..self.len())
            .filter(|row| {
                self.measure.code(*row) == measure_code
                    && self.scheme.code(*row) == scheme_code
                    && period.contains(self.period[*row])
                    && kept[self.code.code(*row) as usize]
            })
            .collect();
        if rows.is_empty() {
            let years: Vec<String> = self.periods().iter().map(ToString::to_string).collect();
            let what = format!("table `{}` has no `{measure}` by `{scheme}` for {period} and the codes asked for", self.id);
            return Err(StoreError::new(Problem::Unknown, what).next(format!("it has the years {}", years.join(", "))));
        }
        self.one_unit(measure, rows.iter().copied())?;
        let cells: Vec<_> = rows.iter().map(|row| (self.place.code(*row), self.code.code(*row), self.value[*row])).collect();
        add_up(("places", &self.place), ("activities", &self.code), &cells)
    }
}

impl Workspace {
    /// A table of schema `activity`.
    ///
    /// # Errors
    /// [`Problem::Unknown`] or whatever is wrong with the table.
    pub fn activity(&self, table_id: &str) -> Result<Arc<ActivityTable>, StoreError> {
        self.kept(table_id, || {
            let mut columns = self.columns_of(table_id, "activity")?;
            Ok(ActivityTable {
                id: table_id.to_owned(),
                place: columns.take_text("place")?,
                scheme: columns.take_text("scheme")?,
                code: columns.take_text("code")?,
                period: columns.take_integers("period")?,
                measure: columns.take_text("measure")?,
                value: columns.take_numbers("value")?,
                unit: columns.take_text("unit")?,
            })
        })
    }
}
