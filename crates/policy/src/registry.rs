use crate::PolicyError;
use frame::Text;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeSet, HashMap};

/// The strand of a listed industry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Strand {
    /// To be transformed and upgraded.
    Traditional,
    /// To be fostered.
    Emerging,
    /// To be built.
    Future,
}

impl Strand {
    /// A strand from its word in a table.
    ///
    /// # Errors
    /// [`PolicyError::UnknownWord`].
    pub fn parse(word: &str) -> Result<Self, PolicyError> {
        Ok(match word {
            "traditional" => Strand::Traditional,
            "emerging" => Strand::Emerging,
            "future" => Strand::Future,
            _ => return Err(unknown("strand", word, "traditional, emerging, future")),
        })
    }

    /// Its name.
    pub fn name(self) -> Text {
        match self {
            Strand::Traditional => Text::new("traditional industries", "传统产业"),
            Strand::Emerging => Text::new("emerging industries", "新兴产业"),
            Strand::Future => Text::new("future industries", "未来产业"),
        }
    }
}

/// How a code stands to an industry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// The code is the industry, or a part of it.
    Core,
    /// A part of the code is the industry.
    Partial,
    /// The code is wider than the industry.
    Broad,
    /// The sector that holds the industry among others.
    Host,
    /// What the industry buys.
    Input,
    /// What the industry works with.
    Equipment,
    /// Something that moves with the industry.
    Proxy,
    /// A technology of the industry.
    Tech,
    /// No code was found.
    None,
}

impl Role {
    /// A role from its word in a table.
    ///
    /// # Errors
    /// [`PolicyError::UnknownWord`].
    pub fn parse(word: &str) -> Result<Self, PolicyError> {
        Ok(match word {
            "core" => Role::Core,
            "partial" => Role::Partial,
            "broad" => Role::Broad,
            "host" => Role::Host,
            "input" => Role::Input,
            "equipment" => Role::Equipment,
            "proxy" => Role::Proxy,
            "tech" => Role::Tech,
            "none" => Role::None,
            _ => return Err(unknown("role", word, "core, partial, broad, host, input, equipment, proxy, tech, none")),
        })
    }

    /// True for the roles whose codes hold the industry or a part of it.
    pub fn holds_the_industry(self) -> bool {
        matches!(self, Role::Core | Role::Partial | Role::Broad | Role::Host)
    }
}

/// How sure a row of the crosswalk is, from unsure to sure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Confidence {
    /// Nothing was found.
    None,
    /// A guess.
    Low,
    /// Our reading.
    Medium,
    /// The titles agree, or an official text names the code.
    High,
}

impl Confidence {
    /// A confidence from its word in a table.
    ///
    /// # Errors
    /// [`PolicyError::UnknownWord`].
    pub fn parse(word: &str) -> Result<Self, PolicyError> {
        Ok(match word {
            "none" => Confidence::None,
            "low" => Confidence::Low,
            "medium" => Confidence::Medium,
            "high" => Confidence::High,
            _ => return Err(unknown("confidence", word, "none, low, medium, high")),
        })
    }
}

fn unknown(what: &'static str, found: &str, allowed: &'static str) -> PolicyError {
    PolicyError::UnknownWord { what, found: found.to_owned(), allowed }
}

/// A listed industry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Industry {
    /// Its id (`E-IC`).
    pub id: String,
    /// Its strand.
    pub strand: Strand,
    /// Its name.
    pub name: Text,
    /// The documents that name it (ids of strategies).
    pub named_in: Vec<String>,
}

/// A code of an industry in a classification.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CrosswalkRow {
    /// The industry.
    pub industry: String,
    /// The scheme of the code (`HS2017`, `ISIC4`, `IPC`, ...).
    pub scheme: String,
    /// The code.
    pub code: String,
    /// How it stands to the industry.
    pub role: Role,
    /// How sure that is.
    pub confidence: Confidence,
    /// Successors of the code in HS 2022, for codes of HS 2017.
    pub hs2022: Vec<String>,
}

/// How much of a table's code is a listed industry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Coverage {
    /// All of it.
    Whole,
    /// An unknown part of it.
    Part,
}

impl CrosswalkRow {
    /// How much of a table's code this row says is the industry: all of it when the row is `core` and its code is the same or a group
    /// above (`72` for `7208`); an unknown part when the role is `partial`, `broad` or `host`, or when the row's code is finer than the
    /// table's (`870380` within `8703`); nothing when the codes do not meet or the role is another.
    ///
    /// ```
    /// use xinzhi_policy::{Confidence, Coverage, CrosswalkRow, Role};
    /// let row = |code: &str, role| CrosswalkRow {
    ///     industry: "E-NEV".into(), scheme: "HS2017".into(), code: code.into(), role, confidence: Confidence::High, hs2022: vec![],
    /// };
    /// assert_eq!(row("72", Role::Core).coverage("7208"), Some(Coverage::Whole));
    /// assert_eq!(row("870380", Role::Core).coverage("8703"), Some(Coverage::Part));
    /// assert_eq!(row("8507", Role::Input).coverage("8507"), None);
    /// ```
    pub fn coverage(&self, table_code: &str) -> Option<Coverage> {
        if self.code.is_empty() || table_code.is_empty() || !self.role.holds_the_industry() {
            None
        } else if table_code.starts_with(&self.code) {
            Some(if self.role == Role::Core { Coverage::Whole } else { Coverage::Part })
        } else {
            self.code.starts_with(table_code).then_some(Coverage::Part)
        }
    }
}

/// The listed industries and their codes.
///
/// ```
/// use frame::Text;
/// use xinzhi_policy::{Confidence, Coverage, CrosswalkRow, Industry, Registry, Role, Strand};
/// let chips = Industry {
///     id: "E-IC".into(), strand: Strand::Emerging, name: Text::new("Integrated circuits", "集成电路"), named_in: vec!["cn-fyp15-2026".into()],
/// };
/// let code = CrosswalkRow {
///     industry: "E-IC".into(), scheme: "HS2017".into(), code: "8542".into(), role: Role::Core, confidence: Confidence::High, hs2022: vec![],
/// };
/// let registry = Registry::new(vec![chips], vec![code])?;
/// let (industry, coverage) = registry.industries_of("HS2017", "8542", Confidence::Low)[0];
/// assert_eq!((industry.id.as_str(), coverage), ("E-IC", Coverage::Whole));
/// # Ok::<(), xinzhi_policy::PolicyError>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct Registry {
    industries: Vec<Industry>,
    /// Rows of each industry, in table order.
    rows: Vec<Vec<CrosswalkRow>>,
    index: HashMap<String, usize>,
}

impl Registry {
    /// The registry from its two tables.
    ///
    /// # Errors
    /// [`PolicyError::Duplicate`] for an industry, or a code of an industry, that stands twice; [`PolicyError::UnknownIndustry`] for a row
    /// of an industry that is not listed.
    pub fn new(industries: Vec<Industry>, crosswalk: Vec<CrosswalkRow>) -> Result<Self, PolicyError> {
        let mut index = HashMap::with_capacity(industries.len());
        for (at, industry) in industries.iter().enumerate() {
            if index.insert(industry.id.clone(), at).is_some() {
                return Err(PolicyError::Duplicate { what: format!("the industry {}", industry.id) });
            }
        }
        let mut rows = vec![Vec::new(); industries.len()];
        let mut seen = BTreeSet::new();
        for row in crosswalk {
            let Some(at) = index.get(&row.industry) else { return Err(PolicyError::UnknownIndustry { industry: row.industry }) };
            if !seen.insert((row.industry.clone(), row.scheme.clone(), row.code.clone())) {
                return Err(PolicyError::Duplicate { what: format!("the code {} {} of {}", row.scheme, row.code, row.industry) });
            }
            rows[*at].push(row);
        }
        Ok(Registry { industries, rows, index })
    }

    /// All industries, in table order.
    pub fn industries(&self) -> &[Industry] {
        &self.industries
    }

    /// The industries of a strand, in table order.
    pub fn strand(&self, strand: Strand) -> impl Iterator<Item = &Industry> {
        self.industries.iter().filter(move |i| i.strand == strand)
    }

    /// An industry by id.
    ///
    /// # Errors
    /// [`PolicyError::UnknownIndustry`].
    pub fn industry(&self, id: &str) -> Result<&Industry, PolicyError> {
        self.position(id).map(|at| &self.industries[at])
    }

    /// The codes of an industry, in table order.
    ///
    /// # Errors
    /// [`PolicyError::UnknownIndustry`].
    pub fn codes(&self, id: &str) -> Result<&[CrosswalkRow], PolicyError> {
        self.position(id).map(|at| self.rows[at].as_slice())
    }

    /// The listed industries that a table's code holds or belongs to, in table order of the industries, from rows of at least the given
    /// confidence.
    pub fn industries_of(&self, scheme: &str, table_code: &str, minimum_confidence: Confidence) -> Vec<(&Industry, Coverage)> {
        self.industries
            .iter()
            .zip(&self.rows)
            .filter_map(|(industry, rows)| {
                rows.iter()
                    .filter(|row| row.scheme == scheme && row.confidence >= minimum_confidence)
                    .filter_map(|row| row.coverage(table_code))
                    .min()
                    .map(|coverage| (industry, coverage))
            })
            .collect()
    }

    fn position(&self, id: &str) -> Result<usize, PolicyError> {
        self.index.get(id).copied().ok_or_else(|| PolicyError::UnknownIndustry { industry: id.to_owned() })
    }
}
