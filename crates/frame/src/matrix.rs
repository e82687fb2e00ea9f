use crate::{FrameError, Labels};

/// One number a label.
///
/// ```
/// use xinzhi_frame::{LabelledVector, Labels};
/// let v = LabelledVector::new(Labels::new("places", ["CHN", "DEU"])?, vec![1.0, 2.0])?;
/// assert_eq!(v.get("DEU"), Some(2.0));
/// # Ok::<(), xinzhi_frame::FrameError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct LabelledVector {
    labels: Labels,
    values: Vec<f64>,
}

impl LabelledVector {
    /// A vector from its labels and as many values.
    ///
    /// # Errors
    /// [`FrameError::Shape`] when the numbers of labels and values differ.
    pub fn new(labels: Labels, values: Vec<f64>) -> Result<Self, FrameError> {
        if labels.len() != values.len() {
            return Err(FrameError::Shape {
                what: format!("a vector over {}", labels.what()),
                expected: labels.len(),
                found: values.len(),
            });
        }
        Ok(LabelledVector { labels, values })
    }

    /// The labels.
    pub fn labels(&self) -> &Labels {
        &self.labels
    }

    /// The values, in label order.
    pub fn values(&self) -> &[f64] {
        &self.values
    }

    /// The value of a label.
    pub fn get(&self, label: &str) -> Option<f64> {
        self.labels.position(label).map(|i| self.values[i])
    }

    /// Labels and values together.
    pub fn iter(&self) -> impl Iterator<Item = (&str, f64)> {
        self.labels.iter().zip(self.values.iter().copied())
    }
}

/// A dense matrix with labelled rows and columns, stored row by row.
///
/// ```
/// use xinzhi_frame::{LabelledMatrix, Labels};
/// let rows = Labels::new("places", ["CHN", "DEU"])?;
/// let columns = Labels::new("products", ["8542", "8703"])?;
/// let exports = LabelledMatrix::new(rows, columns, vec![1.0, 2.0, 3.0, 4.0])?;
/// assert_eq!(exports.get("DEU", "8542"), Some(3.0));
/// assert_eq!(exports.row_sums(), vec![3.0, 7.0]);
/// # Ok::<(), xinzhi_frame::FrameError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct LabelledMatrix {
    rows: Labels,
    columns: Labels,
    values: Vec<f64>,
}

impl LabelledMatrix {
    /// A matrix from its labels and `rows × columns` values, row by row.
    ///
    /// # Errors
    /// [`FrameError::Shape`] when the values do not fill it.
    pub fn new(rows: Labels, columns: Labels, values: Vec<f64>) -> Result<Self, FrameError> {
        let expected = rows.len() * columns.len();
        if values.len() != expected {
            return Err(FrameError::Shape {
                what: format!("a matrix of {} by {}", rows.what(), columns.what()),
                expected,
                found: values.len(),
            });
        }
        Ok(LabelledMatrix { rows, columns, values })
    }

    /// A matrix from (row, column, value) triplets, zero elsewhere; rows and columns are sorted by label.
    ///
    /// # Errors
    /// [`FrameError::DuplicateLabel`] when a cell is given twice: sum or choose before coming here.
    pub fn from_triplets<'a>(
        row_what: &str,
        column_what: &str,
        triplets: impl IntoIterator<Item = (&'a str, &'a str, f64)>,
    ) -> Result<Self, FrameError> {
        let triplets: Vec<_> = triplets.into_iter().collect();
        let sorted = |pick: fn(&(&'a str, &'a str, f64)) -> &'a str| {
            let mut names: Vec<&str> = triplets.iter().map(pick).collect();
            names.sort_unstable();
            names.dedup();
            names
        };
        let rows = Labels::new(row_what, sorted(|t| t.0))?;
        let columns = Labels::new(column_what, sorted(|t| t.1))?;
        let mut values = vec![0.0; rows.len() * columns.len()];
        let mut seen = vec![false; values.len()];
        for (row, column, value) in triplets {
            let at = rows.require(row)? * columns.len() + columns.require(column)?;
            if std::mem::replace(&mut seen[at], true) {
                return Err(FrameError::DuplicateLabel {
                    label: format!("{row} × {column}"),
                    what: format!("{row_what} by {column_what}"),
                });
            }
            values[at] = value;
        }
        Ok(LabelledMatrix { rows, columns, values })
    }

    /// Row labels.
    pub fn rows(&self) -> &Labels {
        &self.rows
    }

    /// Column labels.
    pub fn columns(&self) -> &Labels {
        &self.columns
    }

    /// All values, row by row.
    pub fn values(&self) -> &[f64] {
        &self.values
    }

    /// One row.
    pub fn row(&self, position: usize) -> &[f64] {
        let width = self.columns.len();
        &self.values[position * width..(position + 1) * width]
    }

    /// The value at a position.
    pub fn at(&self, row: usize, column: usize) -> f64 {
        self.values[row * self.columns.len() + column]
    }

    /// The value of a pair of labels.
    pub fn get(&self, row: &str, column: &str) -> Option<f64> {
        Some(self.at(self.rows.position(row)?, self.columns.position(column)?))
    }

    /// The sum of every row.
    pub fn row_sums(&self) -> Vec<f64> {
        (0..self.rows.len()).map(|r| self.row(r).iter().sum()).collect()
    }

    /// The sum of every column.
    pub fn column_sums(&self) -> Vec<f64> {
        let mut sums = vec![0.0; self.columns.len()];
        for r in 0..self.rows.len() {
            for (sum, value) in sums.iter_mut().zip(self.row(r)) {
                *sum += value;
            }
        }
        sums
    }

    /// The rows whose label is accepted, in order.
    ///
    /// ```
    /// use xinzhi_frame::LabelledMatrix;
    /// let m = LabelledMatrix::from_triplets("places", "fields", [("CHN", "x", 1.0), ("WLD", "x", 5.0)])?;
    /// assert_eq!(m.select_rows(|place| place != "WLD")?.column_sums(), vec![1.0]);
    /// # Ok::<(), xinzhi_frame::FrameError>(())
    /// ```
    ///
    /// # Errors
    /// None beyond those of the labels.
    pub fn select_rows(&self, keep: impl Fn(&str) -> bool) -> Result<Self, FrameError> {
        let kept: Vec<usize> = (0..self.rows.len()).filter(|r| keep(self.rows.name(*r))).collect();
        let rows = Labels::new(self.rows.what(), kept.iter().map(|r| self.rows.name(*r)))?;
        let values = kept.iter().flat_map(|r| self.row(*r)).copied().collect();
        LabelledMatrix::new(rows, self.columns.clone(), values)
    }

    /// Checks that every value is finite and not negative.
    ///
    /// # Errors
    /// [`FrameError::Value`] with the first offending cell.
    pub fn require_non_negative(&self, what: &str) -> Result<(), FrameError> {
        // whole stretches at a time, which is quick as long as all is well
        let fine = |part: &[f64]| part.iter().fold(true, |fine, v| fine & (*v >= 0.0) & (*v < f64::INFINITY));
        let part = self.values.chunks(256).position(|part| !fine(part));
        let from = part.map(|part| part * 256);
        let at = from.and_then(|from| Some(from + self.values[from..].iter().position(|v| !v.is_finite() || *v < 0.0)?));
        match at {
            None => Ok(()),
            Some(at) => Err(FrameError::Value {
                what: what.to_owned(),
                row: self.rows.name(at / self.columns.len()).to_owned(),
                column: self.columns.name(at % self.columns.len()).to_owned(),
                value: self.values[at].to_string(),
                requirement: "values must be finite and not negative".to_owned(),
            }),
        }
    }
}
