use crate::IndustryError;
use frame::Labels;

/// Named numbers about cases, one row a case: what the models of entry learn from. All values are finite.
///
/// ```
/// use frame::Labels;
/// use xinzhi_industry::Features;
/// let cells = Features::new(Labels::new("features", ["level", "density"])?, vec![0.1, 0.2, 0.3, 0.4])?;
/// assert_eq!((cells.len(), cells.row(1)), (2, [0.3, 0.4].as_slice()));
/// assert!(Features::new(Labels::new("features", ["level"])?, vec![f64::NAN]).is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Features {
    names: Labels,
    values: Vec<f64>,
}

impl Features {
    /// Features from their names and the values, case after case.
    ///
    /// # Errors
    /// [`IndustryError::Cases`] when there is no feature, when the values do not fill the last case or one is not finite.
    pub fn new(names: Labels, values: Vec<f64>) -> Result<Self, IndustryError> {
        if names.is_empty() || !values.len().is_multiple_of(names.len()) {
            let found = format!("{} values for {} features", values.len(), names.len());
            return Err(IndustryError::Cases {
                what: "features",
                found,
                requirement: "at least one feature and as many values for every case",
            });
        }
        if let Some(at) = values.iter().position(|v| !v.is_finite()) {
            let found = format!("{} for {} of case {}", values[at], names.name(at % names.len()), at / names.len());
            return Err(IndustryError::Cases { what: "features", found, requirement: "finite numbers" });
        }
        Ok(Features { names, values })
    }

    /// The names, in the order of a row.
    pub fn names(&self) -> &Labels {
        &self.names
    }

    /// How many cases there are.
    pub fn len(&self) -> usize {
        self.values.len() / self.names.len()
    }

    /// True when there is none.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// The features of one case.
    pub fn row(&self, case: usize) -> &[f64] {
        let width = self.names.len();
        &self.values[case * width..(case + 1) * width]
    }

    /// One feature of all cases.
    pub fn column(&self, feature: usize) -> impl Iterator<Item = f64> + '_ {
        self.values.iter().skip(feature).step_by(self.names.len()).copied()
    }

    /// One feature alone.
    pub(crate) fn only(&self, feature: usize) -> Result<Self, IndustryError> {
        Features::new(Labels::new(self.names.what(), [self.names.name(feature)])?, self.column(feature).collect())
    }

    /// As many outcomes as cases, both kinds among them.
    pub(crate) fn require_outcomes(&self, entered: &[bool], rows: &[u32]) -> Result<(), IndustryError> {
        if entered.len() != self.len() {
            let found = format!("{} outcomes for {} cases", entered.len(), self.len());
            return Err(IndustryError::Cases { what: "outcomes", found, requirement: "one for every case" });
        }
        let entries = rows.iter().filter(|r| entered[**r as usize]).count();
        if entries == 0 || entries == rows.len() {
            return Err(IndustryError::OneOutcome { entries, cases: rows.len() });
        }
        Ok(())
    }

    /// The names must be those a model was fitted on.
    pub(crate) fn require_names(&self, names: &Labels) -> Result<(), IndustryError> {
        if &self.names == names {
            return Ok(());
        }
        Err(IndustryError::LabelsDiffer { input: "features to predict from", what: "names", reference: "features of the model" })
    }
}

/// Every case of a table.
pub(crate) fn all_rows(cases: usize) -> Vec<u32> {
    // more than 2^32 cells would not fit a matrix in memory long before
    (0..cases as u32).collect()
}
