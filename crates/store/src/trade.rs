use crate::activity::{add_up, sorted_years};
use crate::error::unknown;
use crate::{DictionaryColumn, Problem, StoreError, Workspace};
use frame::{LabelledMatrix, Period};
use std::sync::Arc;

/// A table of schema `trade`, held by column: what one place sold to another, by product and year.
#[derive(Debug, Clone)]
pub struct TradeTable {
    /// The table's id.
    pub id: String,
    /// Seller of every row.
    pub exporter: DictionaryColumn,
    /// Buyer of every row.
    pub importer: DictionaryColumn,
    /// Scheme of every row's code.
    pub scheme: DictionaryColumn,
    /// Product of every row.
    pub code: DictionaryColumn,
    /// Year of every row.
    pub period: Vec<i32>,
    /// Value of every row.
    pub value: Vec<f64>,
    /// Quantity of every row, NaN where unknown; `None` when the table has no quantities.
    pub quantity: Option<Vec<f64>>,
}

/// One row of a [`TradeTable`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TradeRow<'a> {
    /// The seller.
    pub exporter: &'a str,
    /// The buyer.
    pub importer: &'a str,
    /// The scheme of the code.
    pub scheme: &'a str,
    /// The product.
    pub code: &'a str,
    /// The year.
    pub period: i32,
    /// The value.
    pub value: f64,
    /// The quantity, where known.
    pub quantity: Option<f64>,
}

impl TradeTable {
    /// How many rows there are.
    pub fn len(&self) -> usize {
        self.value.len()
    }

    /// True when there is none.
    pub fn is_empty(&self) -> bool {
        self.value.is_empty()
    }

    /// The rows, in table order.
    pub fn rows(&self) -> impl Iterator<Item = TradeRow<'_>> {
        (0..self.len()).map(|row| TradeRow {
            exporter: self.exporter.text(row),
            importer: self.importer.text(row),
            scheme: self.scheme.text(row),
            code: self.code.text(row),
            period: self.period[row],
            value: self.value[row],
            quantity: self.quantity.as_ref().map(|quantity| quantity[row]).filter(|quantity| !quantity.is_nan()),
        })
    }

    /// The years, sorted.
    pub fn periods(&self) -> Vec<i32> {
        sorted_years(&self.period)
    }

    /// The schemes, sorted.
    pub fn schemes(&self) -> Vec<&str> {
        self.scheme.sorted()
    }

    /// The sellers, sorted.
    pub fn exporters(&self) -> Vec<&str> {
        self.exporter.sorted()
    }

    /// Exporter × product: values added up over buyers and the years of `period`.
    ///
    /// # Errors
    /// [`Problem::Unknown`] when the scheme or the years have no row.
    pub fn exports(&self, period: Period, scheme: &str) -> Result<LabelledMatrix, StoreError> {
        let rows = self.selected(period, scheme)?;
        let cells: Vec<_> = rows.iter().map(|row| (self.exporter.code(*row), self.code.code(*row), self.value[*row])).collect();
        add_up(("exporters", &self.exporter), ("products", &self.code), &cells)
    }

    /// Importer × product: values added up over sellers and the years of `period`.
    ///
    /// # Errors
    /// As [`TradeTable::exports`].
    pub fn imports(&self, period: Period, scheme: &str) -> Result<LabelledMatrix, StoreError> {
        let rows = self.selected(period, scheme)?;
        let cells: Vec<_> = rows.iter().map(|row| (self.importer.code(*row), self.code.code(*row), self.value[*row])).collect();
        add_up(("importers", &self.importer), ("products", &self.code), &cells)
    }

    fn selected(&self, period: Period, scheme: &str) -> Result<Vec<usize>, StoreError> {
        let code =
            self.scheme.position(scheme).ok_or_else(|| unknown(&format!("scheme in table `{}`:", self.id), scheme, self.scheme.words()))?;
        let rows: Vec<usize> = (0..self.len()).filter(|row| self.scheme.code(*row) == code && period.contains(self.period[*row])).collect();
        if rows.is_empty() {
            let years: Vec<String> = self.periods().iter().map(ToString::to_string).collect();
            return Err(StoreError::new(Problem::Unknown, format!("table `{}` has no trade by `{scheme}` in {period}", self.id))
                .next(format!("it has the years {}", years.join(", "))));
        }
        Ok(rows)
    }
}

impl Workspace {
    /// A table of schema `trade`.
    ///
    /// # Errors
    /// [`Problem::Unknown`] or whatever is wrong with the table.
    pub fn trade(&self, table_id: &str) -> Result<Arc<TradeTable>, StoreError> {
        self.kept(table_id, || {
            let mut columns = self.columns_of(table_id, "trade")?;
            Ok(TradeTable {
                id: table_id.to_owned(),
                exporter: columns.take_text("exporter")?,
                importer: columns.take_text("importer")?,
                scheme: columns.take_text("scheme")?,
                code: columns.take_text("code")?,
                period: columns.take_integers("period")?,
                value: columns.take_numbers("value")?,
                quantity: columns.take_numbers("quantity").ok(),
            })
        })
    }
}
