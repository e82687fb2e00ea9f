//! The rows of the registry's tables.

use crate::{
    ChangeMade, Comparison, Confidence, Coverage, DefinitionKind, EventKind, ListStrand, ObservationKind, PolicyDate, Relation, Role,
    Strand, TermGroup,
};
use frame::{Language, Text};
use serde::{Deserialize, Serialize};

/// Where a fact can be read (`sources.csv`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PolicySource {
    /// Its id.
    pub id: String,
    /// Its title, as published.
    pub title: String,
    /// Who published it.
    pub publisher: String,
    /// When, as the source says it.
    pub date: String,
    /// What it is: `official`, `press`, `reprint`, ...
    pub tier: String,
    /// Its address; empty where none is kept.
    pub url: String,
    /// A remark.
    pub note: String,
}

/// An official list or plan (`strategies.csv`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Strategy {
    /// Its id (`cn-fyp15-2026`).
    pub id: String,
    /// Whose it is: a place code, `EU` or `INT`.
    pub jurisdiction: String,
    /// `national`, `provincial`, `union`, `think-tank` or `analysis`.
    pub level: String,
    /// Its name.
    pub name: Text,
    /// Who issued it.
    pub issuer: Text,
    /// Its number.
    pub document: String,
    /// When it was issued.
    pub date: PolicyDate,
    /// The last day on which it stands; absent where no end is known.
    pub until: Option<PolicyDate>,
    /// The strategy that takes its place, where that ends it.
    pub replaced_by: Option<String>,
    /// What kind of document it is.
    pub kind: String,
    /// How much of it is held here.
    pub completeness: String,
    /// A remark.
    pub note: Text,
    /// Ids of sources.
    pub sources: Vec<String>,
}

/// One entry of an official list (`items.csv`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListItem {
    /// Its id (`cn-fyp15-2026/001`).
    pub id: String,
    /// The document it stands in.
    pub strategy: String,
    /// What the list is a list of.
    pub strand: ListStrand,
    /// One of the pillar industries of 2026: between emerging and future.
    pub pillar: bool,
    /// `item`, `direction`, `landmark_product`, `field`, `group`, ...
    pub level: String,
    /// The item it stands under.
    pub parent: Option<String>,
    /// Its place in its list, from 1.
    pub order: u32,
    /// Its code in its own document.
    pub code: String,
    /// Its name.
    pub name: Text,
    /// The language of the name that is our own translation, if one is.
    pub ours: Option<Language>,
    /// How sure it is.
    pub confidence: Confidence,
    /// A remark.
    pub note: Text,
    /// Ids of sources.
    pub sources: Vec<String>,
}

impl ListItem {
    /// The word that says where the item stands: its strand, or `pillar`.
    pub fn standing(&self) -> &'static str {
        if self.pillar { "pillar" } else { self.strand.word() }
    }
}

/// An official item that names an industry of the registry (`memberships.csv`): our reading.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Membership {
    /// The item.
    pub item: String,
    /// The industry.
    pub industry: String,
    /// How the item stands to the industry.
    pub relation: Relation,
    /// How sure that is.
    pub confidence: Confidence,
    /// A remark.
    pub note: Text,
}

/// A listed industry (`industries.csv`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Industry {
    /// Its id (`E-IC`).
    pub id: String,
    /// Its strand.
    pub strand: Strand,
    /// Its name.
    pub name: Text,
    /// The documents that name it (ids of strategies), from the memberships.
    pub named_in: Vec<String>,
}

/// A code of an industry in a classification (`crosswalk.csv`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CrosswalkRow {
    /// The industry.
    pub industry: String,
    /// The scheme of the code (`HS2017`, `ISIC4`, `IPC`, ...).
    pub scheme: String,
    /// The code.
    pub code: String,
    /// What the code is called in its scheme.
    pub label: String,
    /// How it stands to the industry.
    pub role: Role,
    /// How sure that is.
    pub confidence: Confidence,
    /// Why.
    pub basis: Text,
    /// Ids of sources.
    pub sources: Vec<String>,
}

impl CrosswalkRow {
    /// A row without label, basis and sources.
    pub fn new(
        industry: impl Into<String>,
        scheme: impl Into<String>,
        code: impl Into<String>,
        role: Role,
        confidence: Confidence,
    ) -> Self {
        CrosswalkRow {
            industry: industry.into(),
            scheme: scheme.into(),
            code: code.into(),
            label: String::new(),
            role,
            confidence,
            basis: Text::default(),
            sources: Vec::new(),
        }
    }

    /// How much of a table's code this row says is the industry: all of it when the row is `core` and its code is the same or a group
    /// above (`72` for `7208`); an unknown part when the role is `partial`, `broad` or `host`, or when the row's code is finer than the
    /// table's (`870380` within `8703`); nothing when the codes do not meet or the role is another.
    ///
    /// ```
    /// use xinzhi_policy::{Confidence, Coverage, CrosswalkRow, Role};
    /// let row = |code: &str, role| CrosswalkRow::new("E-NEV", "HS2017", code, role, Confidence::High);
    /// assert_eq!(row("72", Role::Core).coverage("7208"), Some(Coverage::Whole));
    /// assert_eq!(row("870380", Role::Core).coverage("8703"), Some(Coverage::Part));
    /// assert_eq!(row("8507", Role::Input).coverage("8507"), None);
    /// let mining = CrosswalkRow::new("T-MIN", "WIOD2013", "c2", Role::Core, Confidence::High);
    /// assert_eq!((mining.coverage("c2"), mining.coverage("c20")), (Some(Coverage::Whole), None));
    /// ```
    pub fn coverage(&self, table_code: &str) -> Option<Coverage> {
        let within = self.meets(table_code).filter(|_| self.role.holds_the_industry())?;
        Some(if within && self.role == Role::Core { Coverage::Whole } else { Coverage::Part })
    }

    /// How the row's code meets a table's, whatever its role: true when the table's is the same or a part of it, false when it is wider.
    /// Codes of classifications by level nest by their first digits (`85` holds `8542`); sectors of input-output tables and technology
    /// fields are plain numbers, of which `c2` does not hold `c20`, and meet only their like.
    pub(crate) fn meets(&self, table_code: &str) -> Option<bool> {
        // most codes differ in the first character, and every row is held against every code
        if self.code.is_empty() || self.code.as_bytes().first() != table_code.as_bytes().first() {
            None
        } else if ["WIOD", "ICIO", "WIPO"].iter().any(|flat| self.scheme.starts_with(flat)) {
            (self.code == table_code).then_some(true)
        } else if table_code.starts_with(&self.code) {
            Some(true)
        } else {
            self.code.starts_with(table_code).then_some(false)
        }
    }
}

/// A theme on which lists of several jurisdictions are compared (`themes.csv`, `theme_members.csv`): titles only, our reading.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Theme {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: Text,
    /// The industries of the registry that fall under it.
    pub industries: Vec<String>,
    /// The items of official lists that fall under it.
    pub items: Vec<String>,
}

/// Something that happened on a day (`events.csv`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PolicyEvent {
    /// Its id.
    pub id: String,
    /// When.
    pub date: PolicyDate,
    /// The last day of the measure, or of the suspension; absent where it is not known.
    pub until: Option<PolicyDate>,
    /// Whose it is.
    pub jurisdiction: String,
    /// The places a barrier is aimed at; `*` for every other place.
    pub against: Vec<String>,
    /// What kind of event it is.
    pub kind: EventKind,
    /// What happened.
    pub title: Text,
    /// Strategies it is about.
    pub strategies: Vec<String>,
    /// Industries it touches.
    pub industries: Vec<String>,
    /// What it does to earlier events.
    pub changes: Vec<(ChangeMade, String)>,
    /// How sure it is.
    pub confidence: Confidence,
    /// A remark.
    pub note: Text,
    /// Ids of sources.
    pub sources: Vec<String>,
}

/// A quantified target of a strategy (`targets.csv`).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Target {
    /// Its id.
    pub id: String,
    /// The strategy that set it.
    pub strategy: String,
    /// What is measured.
    pub indicator: Text,
    /// How the indicator should stand to the value.
    pub comparison: Comparison,
    /// The value.
    pub value: f64,
    /// Its unit.
    pub unit: Text,
    /// The year it is set for.
    pub year: i32,
    /// A remark.
    pub note: Text,
    /// Ids of sources.
    pub sources: Vec<String>,
}

/// A figure known of a target's indicator (`observations.csv`).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Observation {
    /// The target.
    pub target: String,
    /// The year.
    pub year: i32,
    /// Where the plan started from, or what came of it.
    pub kind: ObservationKind,
    /// How the indicator stood to the value.
    pub comparison: Comparison,
    /// The value, in the target's unit.
    pub value: f64,
    /// A remark.
    pub note: Text,
    /// Ids of sources.
    pub sources: Vec<String>,
}

/// A part of the framework of new quality productive forces (`definition.csv`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DefinitionElement {
    /// Its id.
    pub id: String,
    /// What it is.
    pub kind: DefinitionKind,
    /// Its place among those of its kind, from 1.
    pub order: u32,
    /// Its name.
    pub name: Text,
    /// What is said of it.
    pub text: Text,
    /// When it was said.
    pub date: Option<PolicyDate>,
    /// Ids of sources.
    pub sources: Vec<String>,
}

/// A term of the dictionary with which texts are read (`terms.csv`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PolicyTerm {
    /// Its id.
    pub id: String,
    /// What it is about.
    pub group: TermGroup,
    /// Its name.
    pub name: Text,
    /// Further spellings in English.
    pub forms_en: Vec<String>,
    /// Further spellings in Chinese.
    pub forms_zh: Vec<String>,
    /// The industry that it names.
    pub industry: Option<String>,
    /// A remark.
    pub note: Text,
}
