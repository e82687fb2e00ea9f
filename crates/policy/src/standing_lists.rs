use crate::{Day, Industry, ListItem, ListStrand, Membership, PolicyError, Registry, Strategy};

/// Which lists are asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListQuery {
    /// The day.
    pub at: Day,
    /// These strategies only; all without any. A strategy that is named is given also when its list no longer stands.
    pub strategies: Vec<String>,
    /// These strands only; all without any.
    pub strands: Vec<ListStrand>,
    /// Pillar industries only.
    pub pillars: bool,
    /// Only what these jurisdictions said: codes of places, `EU` or `INT`; all without any.
    pub jurisdictions: Vec<String>,
    /// The provinces of these jurisdictions too.
    pub within: bool,
    /// Items under other items too; without it only the heads of each list.
    pub every_level: bool,
    /// Lists that no longer stand too.
    pub lapsed: bool,
}

impl ListQuery {
    /// All lists that stand on a day.
    pub fn at(at: Day) -> Self {
        ListQuery {
            at,
            strategies: Vec::new(),
            strands: Vec::new(),
            pillars: false,
            jurisdictions: Vec::new(),
            within: false,
            every_level: false,
            lapsed: false,
        }
    }
}

/// An item of a list, with who said it and what it names.
#[derive(Debug, Clone)]
pub struct StandingItem<'a> {
    /// The document.
    pub strategy: &'a Strategy,
    /// The item.
    pub item: &'a ListItem,
    /// The industries of the registry that it names.
    pub industries: Vec<(&'a Industry, &'a Membership)>,
    /// The list no longer stands on the day.
    pub lapsed: bool,
}

impl Strategy {
    /// True from the last day on which it can have been issued, so that nothing is said to stand before that is sure.
    pub fn is_issued(&self, day: Day) -> bool {
        self.date.last_day() <= day
    }

    /// True where its list has ended before the day.
    pub fn is_lapsed(&self, day: Day) -> bool {
        self.until.is_some_and(|until| until.last_day() < day)
    }

    /// True for a document of a place: of the place itself, or, `within` it, of one of its provinces.
    pub fn is_of(&self, jurisdiction: &str, within: bool) -> bool {
        self.jurisdiction == jurisdiction || within && province_of(&self.jurisdiction, jurisdiction)
    }
}

/// The registry holds provinces of China only: `CN-JS`.
fn province_of(code: &str, country: &str) -> bool {
    country == "CHN" && code.starts_with("CN-")
}

/// What was on the lists on a day, and who said it: by date of the document, then in the order of the document.
///
/// A list stands from the day its document was issued (the last day that the date can mean, where only the month or the year is known) to
/// the last day of its period; lists without an end stand until today. What a list held on the day is what the document says: the
/// registry knows no changes within a document.
///
/// # Errors
/// [`PolicyError::Unknown`] for a strategy or a jurisdiction that the registry does not hold, with the nearest.
///
/// ```
/// use xinzhi_policy::{ListQuery, PolicyDate, Registry, RegistryTable, RegistryText, standing_lists};
/// let text = |table, text| RegistryText { table, origin: "made up", text };
/// let registry = Registry::read(&[
///     text(RegistryTable::Sources, "source,title,publisher,date,tier,url,note\ns,Made up,Nobody,2020,press,,\n"),
///     text(RegistryTable::Strategies, "strategy,jurisdiction,level,name_en,name_zh,issuer_en,issuer_zh,document,date,until,until_basis,kind,completeness,note_en,note_zh,sources\n\
///         a,CHN,national,A list,一份清单,,,,2020-03,2021-12-31,period,plan,complete,,,s\n"),
///     text(RegistryTable::Items, "item,strategy,strand,tier,level,parent,order,code,name_en,name_zh,ours,confidence,note_en,note_zh,sources\n\
///         a/001,a,emerging,,item,,1,,Robots,机器人,,high,,,s\n"),
/// ])?;
/// let on = |day: &str| -> Result<usize, xinzhi_policy::PolicyError> {
///     Ok(standing_lists(&registry, &ListQuery::at(PolicyDate::parse(day)?.last_day()))?.len())
/// };
/// assert_eq!((on("2020-03-30")?, on("2020-03-31")?, on("2021-12-31")?, on("2022-01-01")?), (0, 1, 1, 0));
/// # Ok::<(), xinzhi_policy::PolicyError>(())
/// ```
pub fn standing_lists<'a>(registry: &'a Registry, query: &ListQuery) -> Result<Vec<StandingItem<'a>>, PolicyError> {
    for id in &query.strategies {
        registry.strategy(id)?;
    }
    for code in &query.jurisdictions {
        registry.jurisdiction(code)?;
    }
    let mut strategies: Vec<&Strategy> = registry
        .strategies()
        .iter()
        .filter(|s| s.is_issued(query.at))
        .filter(|s| query.strategies.is_empty() || query.strategies.contains(&s.id))
        .filter(|s| query.lapsed || !query.strategies.is_empty() || !s.is_lapsed(query.at))
        .filter(|s| query.jurisdictions.is_empty() || query.jurisdictions.iter().any(|j| s.is_of(j, query.within)))
        .collect();
    strategies.sort_by_key(|s| (s.date.last_day(), s.id.as_str()));
    let mut found = Vec::new();
    for strategy in strategies {
        let items = registry
            .items()
            .iter()
            .filter(|i| i.strategy == strategy.id)
            .filter(|i| query.every_level || i.parent.is_none())
            .filter(|i| query.strands.is_empty() && !query.pillars || query.strands.contains(&i.strand) || query.pillars && i.pillar);
        found.extend(items.map(|item| StandingItem {
            strategy,
            item,
            industries: registry.industries_named(&item.id).collect(),
            lapsed: strategy.is_lapsed(query.at),
        }));
    }
    Ok(found)
}

impl Registry {
    /// The code of a jurisdiction that some strategy or event is of.
    ///
    /// # Errors
    /// [`PolicyError::Unknown`], with the nearest.
    pub fn jurisdiction(&self, code: &str) -> Result<&str, PolicyError> {
        let known = self.jurisdictions();
        known.iter().find(|k| **k == code).copied().ok_or_else(|| PolicyError::Unknown {
            what: "jurisdiction",
            found: code.to_owned(),
            nearest: crate::nearest(code, known.iter().map(|k| (*k, ""))),
        })
    }

    /// The codes of all jurisdictions that some strategy or event is of, sorted.
    pub fn jurisdictions(&self) -> Vec<&str> {
        let strategies = self.strategies.iter().map(|s| s.jurisdiction.as_str());
        let mut all: Vec<&str> = strategies.chain(self.events.iter().map(|e| e.jurisdiction.as_str())).collect();
        all.sort_unstable();
        all.dedup();
        all
    }
}
