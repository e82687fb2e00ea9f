use crate::{Day, Industry, StandingItem, Strategy};
use frame::Text;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// What happened to an industry on the lists of a jurisdiction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ListChangeKind {
    /// It is on no list before, and on one after.
    Added,
    /// It is on a list before, and on none after.
    Dropped,
    /// It stands in other strands than before.
    Moved,
    /// It stands in the same strands under other names.
    Renamed,
    /// Nothing changed.
    Kept,
}

impl ListChangeKind {
    /// Its word.
    pub fn word(self) -> &'static str {
        match self {
            ListChangeKind::Added => "added",
            ListChangeKind::Dropped => "dropped",
            ListChangeKind::Moved => "moved",
            ListChangeKind::Renamed => "renamed",
            ListChangeKind::Kept => "kept",
        }
    }

    /// Its name.
    pub fn name(self) -> Text {
        match self {
            ListChangeKind::Added => Text::new("added", "新增"),
            ListChangeKind::Dropped => Text::new("dropped", "退出"),
            ListChangeKind::Moved => Text::new("moved", "调整类别"),
            ListChangeKind::Renamed => Text::new("renamed", "更名"),
            ListChangeKind::Kept => Text::new("kept", "保留"),
        }
    }
}

/// What a change is about.
#[derive(Debug, Clone)]
pub enum Subject<'a> {
    /// An industry of the registry.
    Industry(&'a Industry),
    /// An item that names no industry of the registry.
    Item(Text),
}

impl Subject<'_> {
    /// The industry's id; empty for an item.
    pub fn id(&self) -> &str {
        match self {
            Subject::Industry(industry) => &industry.id,
            Subject::Item(_) => "",
        }
    }

    /// Its name.
    pub fn name(&self) -> &Text {
        match self {
            Subject::Industry(industry) => &industry.name,
            Subject::Item(name) => name,
        }
    }
}

/// How an industry stands on one side of a comparison.
#[derive(Debug, Clone, Default)]
pub struct ListSide<'a> {
    /// The strands, or `pillar`, that it stands in.
    pub standings: BTreeSet<&'static str>,
    /// The names under which it stands, each once, in the order of the documents.
    pub names: Vec<Text>,
    /// The documents, by date.
    pub strategies: Vec<&'a Strategy>,
}

/// A change on the lists of one jurisdiction.
#[derive(Debug, Clone)]
pub struct ListChange<'a> {
    /// What happened.
    pub kind: ListChangeKind,
    /// Whose lists.
    pub jurisdiction: &'a str,
    /// To what.
    pub subject: Subject<'a>,
    /// Before.
    pub from: ListSide<'a>,
    /// After.
    pub to: ListSide<'a>,
    /// The day of the change: of the first new document that names it, or the day after the last old one ended; absent where nothing
    /// changed, or a document was dropped without an end.
    pub on: Option<Day>,
}

/// What changed between two sets of list items, jurisdiction by jurisdiction.
///
/// Items are compared through the industries of the registry that they name, so that a wording that changes is not a new industry; an item
/// that names none is compared by its English name. An industry is *added* where no item named it before, *dropped* where none does
/// after, *moved* where the set of strands (traditional, emerging, pillar, future) in which items name it differs, *renamed* where the
/// strands are the same and no name stands on both sides, and *kept* otherwise. An item wider than an industry counts for it.
///
/// Take both sides from [`crate::standing_lists`], on two days or of two documents.
///
/// ```
/// # use xinzhi_policy::{ListChangeKind, ListQuery, PolicyDate, Registry, RegistryTable, RegistryText, list_changes, standing_lists};
/// # let text = |table, text| RegistryText { table, origin: "made up", text };
/// # let registry = Registry::read(&[
/// #     text(RegistryTable::Sources, "source,title,publisher,date,tier,url,note\ns,Made up,Nobody,2020,press,,\n"),
/// #     text(RegistryTable::Strategies, "strategy,jurisdiction,level,name_en,name_zh,issuer_en,issuer_zh,document,date,until,until_basis,kind,completeness,note_en,note_zh,sources\n\
/// #         a,CHN,national,A,甲,,,,2020,2020-12-31,period,plan,complete,,,s\nb,CHN,national,B,乙,,,,2021,,open,plan,complete,,,s\n"),
/// #     text(RegistryTable::Items, "item,strategy,strand,tier,level,parent,order,code,name_en,name_zh,ours,confidence,note_en,note_zh,sources\n\
/// #         a/1,a,future,,item,,1,,Robots,机器人,,high,,,s\nb/1,b,emerging,,item,,1,,Robots,机器人,,high,,,s\n"),
/// #     text(RegistryTable::Industries, "industry,strand,name_en,name_zh,note_en,note_zh\nR,emerging,Robots,机器人,,\n"),
/// #     text(RegistryTable::Memberships, "item,industry,relation,confidence,note_en,note_zh\na/1,R,same,high,,\nb/1,R,same,high,,\n"),
/// # ])?;
/// let on = |day: &str| -> Result<_, xinzhi_policy::PolicyError> {
///     standing_lists(&registry, &ListQuery::at(PolicyDate::parse(day)?.last_day()))
/// };
/// let changes = list_changes(&on("2020")?, &on("2021")?);
/// assert_eq!(changes[0].kind, ListChangeKind::Moved);
/// # Ok::<(), xinzhi_policy::PolicyError>(())
/// ```
pub fn list_changes<'a>(from: &[StandingItem<'a>], to: &[StandingItem<'a>]) -> Vec<ListChange<'a>> {
    let mut sides: BTreeMap<(&'a str, String), (Subject<'a>, ListSide<'a>, ListSide<'a>)> = BTreeMap::new();
    for (items, after) in [(from, false), (to, true)] {
        for standing in items {
            let jurisdiction = standing.strategy.jurisdiction.as_str();
            let mut subjects: Vec<(String, Subject<'a>)> =
                standing.industries.iter().map(|(i, _)| (format!("0{}", i.id), Subject::Industry(i))).collect();
            if subjects.is_empty() {
                subjects.push((format!("1{}", standing.item.name.en.to_lowercase()), Subject::Item(standing.item.name.clone())));
            }
            for (key, subject) in subjects {
                let entry = sides.entry((jurisdiction, key)).or_insert_with(|| (subject, ListSide::default(), ListSide::default()));
                let side = if after { &mut entry.2 } else { &mut entry.1 };
                side.standings.insert(standing.item.standing());
                if !side.names.contains(&standing.item.name) {
                    side.names.push(standing.item.name.clone());
                }
                if side.strategies.iter().all(|s| s.id != standing.strategy.id) {
                    side.strategies.push(standing.strategy);
                }
            }
        }
    }
    let mut changes: Vec<ListChange<'a>> = sides
        .into_iter()
        .map(|((jurisdiction, _), (subject, from, to))| {
            let kind = match (from.strategies.is_empty(), to.strategies.is_empty()) {
                (true, _) => ListChangeKind::Added,
                (_, true) => ListChangeKind::Dropped,
                _ if from.standings != to.standings => ListChangeKind::Moved,
                _ if from.names.iter().all(|n| !to.names.contains(n)) => ListChangeKind::Renamed,
                _ => ListChangeKind::Kept,
            };
            let new = to.strategies.iter().filter(|s| from.strategies.iter().all(|f| f.id != s.id)).map(|s| s.date.last_day()).min();
            let gone = from.strategies.iter().filter(|s| to.strategies.iter().all(|t| t.id != s.id));
            let ended = gone.filter_map(|s| s.until).map(|until| until.last_day().next()).max();
            let on = match kind {
                ListChangeKind::Kept => None,
                ListChangeKind::Dropped => ended,
                _ => new.or(ended),
            };
            ListChange { kind, jurisdiction, subject, from, to, on }
        })
        .collect();
    changes.sort_by_key(|c| (c.jurisdiction, c.kind));
    changes
}
