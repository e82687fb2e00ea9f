use crate::registers::{cells, optional_cells};
use crate::{StoreError, Workspace};
use frame::Text;
use std::sync::Arc;

/// An industry that a strategy names (schema `policy_industries`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyIndustry {
    /// Its id.
    pub industry: String,
    /// The strand it belongs to.
    pub strand: String,
    /// Its name.
    pub name: Text,
    /// The strategies that name it.
    pub named_in: String,
    /// A remark.
    pub note: Option<String>,
}

/// A code that measures a policy industry (schema `policy_crosswalk`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyLink {
    /// The policy industry.
    pub industry: String,
    /// The scheme of the code.
    pub scheme: String,
    /// The code.
    pub code: String,
    /// What the code is called there.
    pub label: Option<String>,
    /// What the code is to the industry.
    pub role: String,
    /// How sure the link is.
    pub confidence: String,
    /// The code in HS 2022.
    pub hs2022: Option<String>,
    /// Why the code belongs there.
    pub basis: Option<String>,
    /// Who says so.
    pub source: String,
}

/// A strategy of a government (schema `policy_strategies`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyStrategy {
    /// Its id.
    pub strategy: String,
    /// Whose it is.
    pub jurisdiction: String,
    /// Its name.
    pub name: Text,
    /// Who issued it.
    pub issuer: Option<String>,
    /// When.
    pub date: Option<String>,
    /// Where it can be read.
    pub source: String,
}

impl Workspace {
    /// The industries that strategies name, in table order.
    ///
    /// # Errors
    /// Whatever is wrong with the tables of schema `policy_industries`.
    pub fn policy_industries(&self) -> Result<Arc<Vec<PolicyIndustry>>, StoreError> {
        self.kept("", || {
            let mut all = Vec::new();
            for (_, columns) in self.columns_with("policy_industries")? {
                let (text, optional) = (cells(&columns), optional_cells(&columns));
                all.extend((0..columns.rows).map(|row| PolicyIndustry {
                    industry: text("industry", row),
                    strand: text("strand", row),
                    name: Text::new(text("name_en", row), text("name_zh", row)),
                    named_in: text("named_in", row),
                    note: optional("note", row),
                }));
            }
            Ok(all)
        })
    }

    /// The codes that measure policy industries, in table order.
    ///
    /// # Errors
    /// Whatever is wrong with the tables of schema `policy_crosswalk`.
    pub fn policy_crosswalk(&self) -> Result<Arc<Vec<PolicyLink>>, StoreError> {
        self.kept("", || {
            let mut all = Vec::new();
            for (_, columns) in self.columns_with("policy_crosswalk")? {
                let (text, optional) = (cells(&columns), optional_cells(&columns));
                all.extend((0..columns.rows).map(|row| PolicyLink {
                    industry: text("industry", row),
                    scheme: text("scheme", row),
                    code: text("code", row),
                    label: optional("label", row),
                    role: text("role", row),
                    confidence: text("confidence", row),
                    hs2022: optional("hs2022", row),
                    basis: optional("basis", row),
                    source: text("source", row),
                }));
            }
            Ok(all)
        })
    }

    /// The strategies, in table order.
    ///
    /// # Errors
    /// Whatever is wrong with the tables of schema `policy_strategies`.
    pub fn policy_strategies(&self) -> Result<Arc<Vec<PolicyStrategy>>, StoreError> {
        self.kept("", || {
            let mut all = Vec::new();
            for (_, columns) in self.columns_with("policy_strategies")? {
                let (text, optional) = (cells(&columns), optional_cells(&columns));
                all.extend((0..columns.rows).map(|row| PolicyStrategy {
                    strategy: text("strategy", row),
                    jurisdiction: text("jurisdiction", row),
                    name: Text::new(text("name_en", row), text("name_zh", row)),
                    issuer: optional("issuer", row),
                    date: optional("date", row),
                    source: text("source", row),
                }));
            }
            Ok(all)
        })
    }
}
