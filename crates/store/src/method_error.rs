use crate::registers::{cells, optional_cells};
use crate::{StoreError, Workspace};
use std::sync::Arc;

/// How far an estimate was from the truth where a check could be made (schema `method_error`).
#[derive(Debug, Clone, PartialEq)]
pub struct MethodError {
    /// The table it is from.
    pub table: String,
    /// What it was checked against.
    pub check: String,
    /// The year of the check.
    pub period: i32,
    /// What was estimated.
    pub measure: String,
    /// `error` (estimate less truth, of one area) or a statistic over all areas.
    pub statistic: String,
    /// The area, or `all`.
    pub area: String,
    /// The places that lie in the area, where they are places of the register.
    pub places: Vec<String>,
    /// The value.
    pub value: f64,
    /// Its unit.
    pub unit: String,
}

impl Workspace {
    /// Errors of estimates, in table order; empty where the workspace holds no such table.
    ///
    /// # Errors
    /// Whatever is wrong with the tables of schema `method_error`.
    ///
    /// ```
    /// let workspace = xinzhi_store::Workspace::embedded()?;
    /// let errors = workspace.method_errors()?;
    /// let regions = errors.iter().find(|e| e.check == "china-8-regions" && e.statistic == "regions");
    /// assert_eq!(regions.map(|e| e.value), Some(8.0));
    /// # Ok::<(), xinzhi_store::StoreError>(())
    /// ```
    pub fn method_errors(&self) -> Result<Arc<Vec<MethodError>>, StoreError> {
        self.kept("", || {
            let mut all = Vec::new();
            // a workspace of one's own need not hold errors of methods
            if self.manifest().with_schema("method_error").next().is_none() {
                return Ok(all);
            }
            for (id, mut columns) in self.columns_with("method_error")? {
                let (period, value) = (columns.take_integers("period")?, columns.take_numbers("value")?);
                let (text, optional) = (cells(&columns), optional_cells(&columns));
                all.extend((0..columns.rows).map(|row| MethodError {
                    table: id.clone(),
                    check: text("check", row),
                    period: period[row],
                    measure: text("measure", row),
                    statistic: text("statistic", row),
                    area: text("area", row),
                    places: optional("places", row).map_or_else(Vec::new, |list| list.split(';').map(str::to_owned).collect()),
                    value: value[row],
                    unit: text("unit", row),
                }));
            }
            Ok(all)
        })
    }
}
