use crate::{
    Confidence, Coverage, CrosswalkRow, Day, DefinitionElement, Industry, ListItem, Membership, Observation, PolicyError, PolicyEvent,
    PolicySource, PolicyTerm, Strand, Strategy, Target, Theme, nearest,
};
use std::collections::{BTreeSet, HashMap};

/// The registry: strategies and their lists, the industries that these name, the codes of the industries, events, targets, terms, and
/// the source of every row.
///
/// It is read from text tables by [`Registry::read`], which checks all of it.
///
/// ```
/// use frame::Text;
/// use xinzhi_policy::{Confidence, Coverage, CrosswalkRow, Industry, Registry, Role, Strand};
/// let chips = Industry {
///     id: "E-IC".into(), strand: Strand::Emerging, name: Text::new("Integrated circuits", "集成电路"), named_in: vec!["cn-fyp15-2026".into()],
/// };
/// let code = CrosswalkRow::new("E-IC", "HS2017", "8542", Role::Core, Confidence::High);
/// let registry = Registry::new(vec![chips], vec![code])?;
/// let (industry, coverage) = registry.industries_of("HS2017", "8542", Confidence::Low)[0];
/// assert_eq!((industry.id.as_str(), coverage), ("E-IC", Coverage::Whole));
/// # Ok::<(), xinzhi_policy::PolicyError>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct Registry {
    pub(crate) sources: Vec<PolicySource>,
    pub(crate) strategies: Vec<Strategy>,
    pub(crate) items: Vec<ListItem>,
    pub(crate) memberships: Vec<Membership>,
    pub(crate) themes: Vec<Theme>,
    pub(crate) events: Vec<PolicyEvent>,
    pub(crate) targets: Vec<Target>,
    pub(crate) observations: Vec<Observation>,
    pub(crate) definition: Vec<DefinitionElement>,
    pub(crate) terms: Vec<PolicyTerm>,
    industries: Vec<Industry>,
    /// Codes of each industry, in table order.
    rows: Vec<Vec<CrosswalkRow>>,
    index: HashMap<String, usize>,
    strategy_index: HashMap<String, usize>,
    item_index: HashMap<String, usize>,
    /// Memberships of each item, in table order.
    of_item: HashMap<String, Vec<usize>>,
}

impl Registry {
    /// A registry of industries and codes alone.
    ///
    /// # Errors
    /// [`PolicyError::Duplicate`] for an industry, or a code of an industry, that stands twice; [`PolicyError::Unknown`] for a row of an
    /// industry that is not listed.
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
            let Some(at) = index.get(&row.industry) else {
                let known = industries.iter().map(|i| (i.id.as_str(), i.name.en.as_str()));
                return Err(PolicyError::Unknown { what: "industry", nearest: nearest(&row.industry, known), found: row.industry });
            };
            if !seen.insert((row.industry.clone(), row.scheme.clone(), row.code.clone())) {
                return Err(PolicyError::Duplicate { what: format!("the code {} {} of {}", row.scheme, row.code, row.industry) });
            }
            rows[*at].push(row);
        }
        Ok(Registry { industries, rows, index, ..Registry::default() })
    }

    /// Finds rows by id, and fills in which documents name each industry.
    pub(crate) fn indexed(mut self) -> Self {
        self.strategy_index = self.strategies.iter().enumerate().map(|(at, s)| (s.id.clone(), at)).collect();
        self.item_index = self.items.iter().enumerate().map(|(at, i)| (i.id.clone(), at)).collect();
        self.of_item.clear();
        for (at, membership) in self.memberships.iter().enumerate() {
            self.of_item.entry(membership.item.clone()).or_default().push(at);
        }
        let mut named: Vec<BTreeSet<usize>> = vec![BTreeSet::new(); self.industries.len()];
        for membership in &self.memberships {
            let strategy = self.item_index.get(&membership.item).and_then(|at| self.strategy_index.get(&self.items[*at].strategy));
            if let (Some(industry), Some(strategy)) = (self.index.get(&membership.industry), strategy) {
                named[*industry].insert(*strategy);
            }
        }
        for (industry, named) in self.industries.iter_mut().zip(named) {
            industry.named_in = named.into_iter().map(|at| self.strategies[at].id.clone()).collect();
        }
        self
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
    /// [`PolicyError::Unknown`], with the nearest.
    pub fn industry(&self, id: &str) -> Result<&Industry, PolicyError> {
        self.position(id).map(|at| &self.industries[at])
    }

    /// An industry by id, or by its name in either language.
    ///
    /// # Errors
    /// [`PolicyError::Unknown`], with the nearest.
    pub fn find_industry(&self, asked: &str) -> Result<&Industry, PolicyError> {
        let same = |name: &str| name.to_lowercase() == asked.to_lowercase();
        match self.industries.iter().find(|i| same(&i.id) || same(&i.name.en) || same(&i.name.zh)) {
            Some(industry) => Ok(industry),
            None => self.industry(asked),
        }
    }

    /// The codes of an industry, in table order.
    ///
    /// # Errors
    /// [`PolicyError::Unknown`], with the nearest.
    pub fn codes(&self, id: &str) -> Result<&[CrosswalkRow], PolicyError> {
        self.position(id).map(|at| self.rows[at].as_slice())
    }

    /// All codes, industry by industry.
    pub fn crosswalk(&self) -> impl Iterator<Item = (&Industry, &CrosswalkRow)> {
        self.industries.iter().zip(&self.rows).flat_map(|(industry, rows)| rows.iter().map(move |row| (industry, row)))
    }

    /// The schemes that some industry has a code in, sorted.
    pub fn schemes(&self) -> Vec<&str> {
        self.rows.iter().flatten().map(|row| row.scheme.as_str()).collect::<BTreeSet<_>>().into_iter().collect()
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
        self.index.get(id).copied().ok_or_else(|| PolicyError::Unknown {
            what: "industry",
            found: id.to_owned(),
            nearest: nearest(
                id,
                self.industries.iter().flat_map(|i| [(i.id.as_str(), i.name.en.as_str()), (i.id.as_str(), i.name.zh.as_str())]),
            ),
        })
    }

    /// The sources.
    pub fn sources(&self) -> &[PolicySource] {
        &self.sources
    }

    /// The strategies, in table order.
    pub fn strategies(&self) -> &[Strategy] {
        &self.strategies
    }

    /// A strategy by id.
    ///
    /// # Errors
    /// [`PolicyError::Unknown`], with the nearest.
    pub fn strategy(&self, id: &str) -> Result<&Strategy, PolicyError> {
        self.strategy_index.get(id).map(|at| &self.strategies[*at]).ok_or_else(|| PolicyError::Unknown {
            what: "strategy",
            found: id.to_owned(),
            nearest: nearest(id, self.strategies.iter().map(|s| (s.id.as_str(), s.name.en.as_str()))),
        })
    }

    /// The items of all lists, in table order.
    pub fn items(&self) -> &[ListItem] {
        &self.items
    }

    /// An item by id.
    ///
    /// # Errors
    /// [`PolicyError::Unknown`], with the nearest.
    pub fn item(&self, id: &str) -> Result<&ListItem, PolicyError> {
        self.item_index.get(id).map(|at| &self.items[*at]).ok_or_else(|| PolicyError::Unknown {
            what: "item",
            found: id.to_owned(),
            nearest: nearest(id, self.items.iter().map(|i| (i.id.as_str(), i.name.en.as_str()))),
        })
    }

    /// Which items name which industries.
    pub fn memberships(&self) -> &[Membership] {
        &self.memberships
    }

    /// The industries that an item names, in table order of the memberships.
    pub fn industries_named(&self, item: &str) -> impl Iterator<Item = (&Industry, &Membership)> {
        self.of_item.get(item).into_iter().flatten().filter_map(|at| {
            let membership = &self.memberships[*at];
            self.index.get(&membership.industry).map(|industry| (&self.industries[*industry], membership))
        })
    }

    /// The themes on which lists are compared.
    pub fn themes(&self) -> &[Theme] {
        &self.themes
    }

    /// The last day that the registry speaks of: of its newest event or strategy; absent where it has neither.
    pub fn last_day(&self) -> Option<Day> {
        let strategies = self.strategies.iter().map(|s| s.date.last_day());
        self.events.iter().map(|e| e.date.last_day()).chain(strategies).max()
    }

    /// The events, by date.
    pub fn events(&self) -> &[PolicyEvent] {
        &self.events
    }

    /// The targets.
    pub fn targets(&self) -> &[Target] {
        &self.targets
    }

    /// What is known of the targets' indicators.
    pub fn observations(&self) -> &[Observation] {
        &self.observations
    }

    /// The framework of new quality productive forces.
    pub fn definition(&self) -> &[DefinitionElement] {
        &self.definition
    }

    /// The dictionary of terms.
    pub fn terms(&self) -> &[PolicyTerm] {
        &self.terms
    }
}
