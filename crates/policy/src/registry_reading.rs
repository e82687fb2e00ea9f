//! From text tables to a [`Registry`], with every fault told by file and line.

use crate::registry_words::{COMPLETENESS, ITEM_LEVELS, SOURCE_TIERS, STRATEGY_KINDS, STRATEGY_LEVELS};
use crate::word::words;
use crate::{
    ChangeMade, Comparison, Confidence, CrosswalkRow, DefinitionElement, DefinitionKind, EventKind, Industry, ListItem, ListStrand,
    Membership, Observation, ObservationKind, PolicyDate, PolicyError, PolicyEvent, PolicySource, PolicyTerm, Registry, Relation, Role,
    Strand, Strategy, Target, TermGroup, Theme, nearest,
};
use frame::{Language, Text};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::fmt;

words! {
    /// A table of the registry; its word is the stem of its file's name.
    RegistryTable, "table of the registry" {
        /// Where the facts can be read.
        Sources = "sources", "Sources", "来源";
        /// Official lists and plans.
        Strategies = "strategies", "Strategies", "战略文件";
        /// The entries of the lists.
        Items = "items", "Items of the lists", "清单条目";
        /// The registry's own industries.
        Industries = "industries", "Industries in three strands", "三类产业";
        /// Which item names which industry.
        Memberships = "memberships", "Which item names which industry", "条目与产业的对应";
        /// Codes of the industries in classifications.
        Crosswalk = "crosswalk", "Codes of the industries", "产业与分类编码的对应";
        /// Themes on which lists are compared.
        Themes = "themes", "Themes of comparison", "比较主题";
        /// What falls under each theme.
        ThemeMembers = "theme_members", "Members of the themes", "主题成员";
        /// Dated events.
        Events = "events", "Events", "事件";
        /// Quantified targets.
        Targets = "targets", "Targets", "量化目标";
        /// What is known of the targets' indicators.
        Observations = "observations", "Observations of targets", "目标指标的已知数值";
        /// The framework.
        Definition = "definition", "The framework of new quality productive forces", "新质生产力框架";
        /// The dictionary of terms.
        Terms = "terms", "Dictionary of terms", "术语词典";
    }
}

impl RegistryTable {
    /// The columns, in order.
    pub fn columns(self) -> &'static [&'static str] {
        match self {
            RegistryTable::Sources => &["source", "title", "publisher", "date", "tier", "url", "note"],
            RegistryTable::Strategies => &[
                "strategy",
                "jurisdiction",
                "level",
                "name_en",
                "name_zh",
                "issuer_en",
                "issuer_zh",
                "document",
                "date",
                "until",
                "until_basis",
                "kind",
                "completeness",
                "note_en",
                "note_zh",
                "sources",
            ],
            RegistryTable::Items => &[
                "item",
                "strategy",
                "strand",
                "tier",
                "level",
                "parent",
                "order",
                "code",
                "name_en",
                "name_zh",
                "ours",
                "confidence",
                "note_en",
                "note_zh",
                "sources",
            ],
            RegistryTable::Industries => &["industry", "strand", "name_en", "name_zh", "note_en", "note_zh"],
            RegistryTable::Memberships => &["item", "industry", "relation", "confidence", "note_en", "note_zh"],
            RegistryTable::Crosswalk => &["industry", "scheme", "code", "label", "role", "confidence", "basis_en", "basis_zh", "sources"],
            RegistryTable::Themes => &["theme", "name_en", "name_zh"],
            RegistryTable::ThemeMembers => &["theme", "kind", "member", "note_en", "note_zh"],
            RegistryTable::Events => &[
                "event",
                "date",
                "until",
                "jurisdiction",
                "against",
                "kind",
                "title_en",
                "title_zh",
                "strategies",
                "industries",
                "changes",
                "confidence",
                "note_en",
                "note_zh",
                "sources",
            ],
            RegistryTable::Targets => &[
                "target",
                "strategy",
                "indicator_en",
                "indicator_zh",
                "op",
                "value",
                "unit_en",
                "unit_zh",
                "year",
                "note_en",
                "note_zh",
                "sources",
            ],
            RegistryTable::Observations => &["target", "year", "kind", "op", "value", "note_en", "note_zh", "sources"],
            RegistryTable::Definition => &["element", "kind", "order", "name_en", "name_zh", "text_en", "text_zh", "date", "sources"],
            RegistryTable::Terms => &["term", "group", "name_en", "name_zh", "forms_en", "forms_zh", "industry", "note_en", "note_zh"],
        }
    }

    /// The columns that tell one row from another.
    pub fn key(self) -> &'static [&'static str] {
        match self {
            RegistryTable::Memberships => &["item", "industry"],
            RegistryTable::Crosswalk => &["industry", "scheme", "code"],
            RegistryTable::ThemeMembers => &["theme", "kind", "member"],
            RegistryTable::Observations => &["target", "year", "kind"],
            other => &other.columns()[..1],
        }
    }

    /// The name of its file.
    pub fn file(self) -> String {
        format!("{}.csv", self.word())
    }
}

/// The text of a table of the registry.
#[derive(Debug, Clone, Copy)]
pub struct RegistryText<'a> {
    /// Which table it is.
    pub table: RegistryTable,
    /// The file it comes from, for messages.
    pub origin: &'a str,
    /// The text, CSV with a header.
    pub text: &'a str,
}

/// Something in a table that cannot be, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The file.
    pub file: String,
    /// The line, from 1.
    pub line: u64,
    /// What is wrong.
    pub what: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.file, self.line, self.what)
    }
}

/// A file and a line of it.
type FileLine = (String, u64);

/// A row before it is understood.
struct Row<'a> {
    origin: &'a str,
    line: u64,
    cells: csv::StringRecord,
}

impl Row<'_> {
    fn get(&self, column: usize) -> &str {
        self.cells.get(column).unwrap_or("").trim()
    }
}

/// The rows of one table from all files; a later file's row takes the place of an earlier one's with the same key.
struct Sheet<'a> {
    table: RegistryTable,
    rows: Vec<Row<'a>>,
}

impl Sheet<'_> {
    fn column(&self, name: &str) -> usize {
        self.table.columns().iter().position(|c| *c == name).unwrap_or(usize::MAX)
    }

    /// The ids and names of the rows, for what points at them.
    fn ids(&self) -> HashMap<String, String> {
        let name = ["name_en", "title_en", "indicator_en", "title"].iter().map(|n| self.column(n)).find(|c| *c != usize::MAX);
        self.rows.iter().map(|row| (row.get(0).to_owned(), name.map_or_else(String::new, |c| row.get(c).to_owned()))).collect()
    }
}

#[derive(Default)]
struct Faults(Vec<Fault>);

impl Faults {
    fn add(&mut self, origin: &str, line: u64, what: impl Into<String>) {
        self.0.push(Fault { file: origin.to_owned(), line, what: what.into() });
    }
}

fn sheet<'a>(table: RegistryTable, texts: &[RegistryText<'a>], faults: &mut Faults) -> Sheet<'a> {
    let columns = table.columns();
    let key: Vec<usize> = table.key().iter().filter_map(|k| columns.iter().position(|c| c == k)).collect();
    let mut rows: Vec<Row<'a>> = Vec::new();
    let mut at: HashMap<String, (usize, usize, u64)> = HashMap::new();
    for (file, text) in texts.iter().enumerate().filter(|(_, t)| t.table == table) {
        let content = text.text.strip_prefix('\u{feff}').unwrap_or(text.text);
        let mut reader = csv::ReaderBuilder::new().flexible(true).has_headers(false).from_reader(content.as_bytes());
        let mut header = true;
        for record in reader.records() {
            let record = match record {
                Ok(record) => record,
                Err(error) => {
                    let line = error.position().map_or(1, csv::Position::line);
                    faults.add(text.origin, line, format!("the line does not read as CSV: {error}"));
                    continue;
                }
            };
            let line = record.position().map_or(1, csv::Position::line);
            if header {
                header = false;
                let found: Vec<&str> = record.iter().map(str::trim).collect();
                if found != columns {
                    faults.add(text.origin, line, format!("the header is {}; it must be {}", found.join(","), columns.join(",")));
                    break;
                }
                continue;
            }
            if record.len() != columns.len() {
                let what = format!("the row has {} cells, the header {}: look for a comma that needs quotes", record.len(), columns.len());
                faults.add(text.origin, line, what);
                continue;
            }
            if record.iter().any(|cell| cell.contains('\n')) {
                faults.add(text.origin, line, "a cell holds a line break: keep every row on one line");
                continue;
            }
            let row = Row { origin: text.origin, line, cells: record };
            let id = key.iter().map(|c| row.get(*c)).collect::<Vec<_>>().join("\u{1f}");
            if row.get(0).is_empty() {
                faults.add(text.origin, line, format!("the row has no {}", columns[0]));
                continue;
            }
            match at.get(&id) {
                Some((_, earlier, first)) if *earlier == file => {
                    let shown = key.iter().map(|c| row.get(*c)).collect::<Vec<_>>().join(", ");
                    faults.add(text.origin, line, format!("{shown} stands twice: it is already on line {first}"));
                }
                Some((position, ..)) => {
                    let position = *position;
                    at.insert(id, (position, file, line));
                    rows[position] = row;
                }
                None => {
                    at.insert(id, (rows.len(), file, line));
                    rows.push(row);
                }
            }
        }
        if header {
            faults.add(text.origin, 1, format!("the file is empty; it needs the header {}", columns.join(",")));
        }
    }
    Sheet { table, rows }
}

/// Reads cells of one row, noting what is wrong with them.
struct Cells<'r, 'a> {
    sheet: &'r Sheet<'a>,
    row: &'r Row<'a>,
    ids: &'r Ids,
    faults: &'r mut Faults,
}

/// The ids that rows may point at.
struct Ids {
    sources: HashMap<String, String>,
    strategies: HashMap<String, String>,
    items: HashMap<String, String>,
    industries: HashMap<String, String>,
    themes: HashMap<String, String>,
    events: HashMap<String, String>,
    targets: HashMap<String, String>,
}

impl Cells<'_, '_> {
    fn fault(&mut self, what: impl Into<String>) {
        self.faults.add(self.row.origin, self.row.line, what);
    }

    fn text(&self, column: &str) -> String {
        self.row.get(self.sheet.column(column)).to_owned()
    }

    fn needed(&mut self, column: &str) -> String {
        let text = self.text(column);
        if text.is_empty() {
            self.fault(format!("{column} is empty"));
        }
        text
    }

    /// A text in both languages: both or neither.
    fn both(&mut self, stem: &str) -> Text {
        let (en, zh) = (self.text(&format!("{stem}_en")), self.text(&format!("{stem}_zh")));
        match (en.is_empty(), zh.is_empty()) {
            (true, false) => self.fault(format!("{stem}_en is empty, {stem}_zh is not")),
            (false, true) => self.fault(format!("{stem}_zh is empty, {stem}_en is not")),
            _ => {}
        }
        Text::new(en, zh)
    }

    fn both_needed(&mut self, stem: &str) -> Text {
        let text = self.both(stem);
        if text.en.is_empty() && text.zh.is_empty() {
            self.fault(format!("{stem}_en and {stem}_zh are empty"));
        }
        text
    }

    fn list(&mut self, column: &str) -> Vec<String> {
        let text = self.text(column);
        let parts: Vec<String> = text.split(';').map(|part| part.trim().to_owned()).filter(|part| !part.is_empty()).collect();
        let mut seen = HashSet::new();
        for part in &parts {
            if !seen.insert(part.as_str()) {
                self.fault(format!("{column} names {part} twice"));
            }
        }
        parts
    }

    fn known(&mut self, what: &str, id: &str, known: &HashMap<String, String>) -> bool {
        let found = known.contains_key(id);
        if !found {
            let near = nearest(id, known.iter().map(|(id, name)| (id.as_str(), name.as_str())));
            let near = if near.is_empty() { String::new() } else { format!("; nearest: {}", near.join(", ")) };
            self.fault(format!("there is no {what} \"{id}\"{near}"));
        }
        found
    }

    fn pointer(&mut self, column: &str, what: &str, known: &HashMap<String, String>) -> String {
        let id = self.needed(column);
        if !id.is_empty() {
            self.known(what, &id, known);
        }
        id
    }

    fn pointers(&mut self, column: &str, what: &str, known: &HashMap<String, String>) -> Vec<String> {
        let ids = self.list(column);
        for id in &ids {
            self.known(what, id, known);
        }
        ids
    }

    fn sources(&mut self) -> Vec<String> {
        let ids = self.ids;
        let found = self.pointers("sources", "source", &ids.sources);
        if found.is_empty() {
            self.fault("the row has no source");
        }
        found
    }

    fn one_of(&mut self, column: &str, words: &[&str]) -> String {
        let word = self.text(column);
        if !words.contains(&word.as_str()) {
            self.fault(format!("{column} is \"{word}\": use one of {}", words.join(", ")));
        }
        word
    }

    fn word<T>(&mut self, column: &str, parse: impl Fn(&str) -> Result<T, PolicyError>) -> Option<T> {
        match parse(&self.text(column)) {
            Ok(word) => Some(word),
            Err(error) => {
                self.fault(format!("{column}: {error}"));
                None
            }
        }
    }

    fn date(&mut self, column: &str) -> Option<PolicyDate> {
        let text = self.text(column);
        if text.is_empty() { None } else { self.word(column, PolicyDate::parse) }
    }

    /// When something begins, which is needed, and its last day.
    fn span(&mut self, what: &str) -> (Option<PolicyDate>, Option<PolicyDate>) {
        let (date, until) = (self.date("date"), self.date("until"));
        if self.text("date").is_empty() {
            self.fault("date is empty");
        }
        if let (Some(date), Some(until)) = (date, until)
            && until.last_day() < date.first_day()
        {
            self.fault(format!("the {what} ends on {until}, before its date {date}"));
        }
        (date, until)
    }

    fn number<T: std::str::FromStr>(&mut self, column: &str, what: &str) -> Option<T> {
        let text = self.text(column);
        let parsed = text.parse().ok();
        if parsed.is_none() {
            self.fault(format!("{column} is \"{text}\", which is no {what}"));
        }
        parsed
    }

    fn value(&mut self) -> Option<f64> {
        self.number::<f64>("value", "number").filter(|v| v.is_finite())
    }
}

/// Which files a registry is read from, and how.
impl Registry {
    /// Reads a registry from its tables and checks all of it: columns, words, ids that point nowhere, sources that are not there, rows that
    /// stand twice, names in one language only, dates that are none or out of order, gaps in the order of a list.
    ///
    /// Several texts of one table may be given: a row of a later one takes the place of the row with the same key in an earlier one, or is
    /// added at the end.
    ///
    /// # Errors
    /// [`PolicyError::Faults`] with every fault, its file and its line.
    ///
    /// ```
    /// use xinzhi_policy::{PolicyError, Registry, RegistryTable, RegistryText};
    /// let text = "industry,strand,name_en,name_zh,note_en,note_zh\nE-IC,emerging,Integrated circuits,集成电路,,\nE-AI,emergin,AI,,,\n";
    /// let table = RegistryText { table: RegistryTable::Industries, origin: "industries.csv", text };
    /// let Err(PolicyError::Faults(faults)) = Registry::read(&[table]) else { panic!() };
    /// assert_eq!(faults[0].to_string(), "industries.csv:3: name_zh is empty, name_en is not");
    /// assert!(faults[1].to_string().starts_with("industries.csv:3: strand: \"emergin\" is no strand"));
    /// ```
    pub fn read(texts: &[RegistryText<'_>]) -> Result<Self, PolicyError> {
        let mut faults = Faults::default();
        let mut read = |table| sheet(table, texts, &mut faults);
        let sources = read(RegistryTable::Sources);
        let strategies = read(RegistryTable::Strategies);
        let items = read(RegistryTable::Items);
        let industries = read(RegistryTable::Industries);
        let memberships = read(RegistryTable::Memberships);
        let crosswalk = read(RegistryTable::Crosswalk);
        let themes = read(RegistryTable::Themes);
        let theme_members = read(RegistryTable::ThemeMembers);
        let events = read(RegistryTable::Events);
        let targets = read(RegistryTable::Targets);
        let observations = read(RegistryTable::Observations);
        let definition = read(RegistryTable::Definition);
        let terms = read(RegistryTable::Terms);
        let ids = Ids {
            sources: sources.ids(),
            strategies: strategies.ids(),
            items: items.ids(),
            industries: industries.ids(),
            themes: themes.ids(),
            events: events.ids(),
            targets: targets.ids(),
        };
        let sources = rows(&sources, &ids, &mut faults, source);
        let strategies = rows(&strategies, &ids, &mut faults, strategy);
        let at_items: Vec<FileLine> = places(&items);
        let items = rows(&items, &ids, &mut faults, item);
        let industries = rows(&industries, &ids, &mut faults, industry);
        let memberships = rows(&memberships, &ids, &mut faults, membership);
        let crosswalk = rows(&crosswalk, &ids, &mut faults, crosswalk_row);
        let mut themes = rows(&themes, &ids, &mut faults, theme);
        let members = rows(&theme_members, &ids, &mut faults, theme_member);
        for (of, kind, member) in members.into_iter().flatten() {
            if let Some(theme) = themes.iter_mut().flatten().find(|t| t.id == of) {
                if kind == "industry" { theme.industries.push(member) } else { theme.items.push(member) }
            }
        }
        let at_events = places(&events);
        let events = rows(&events, &ids, &mut faults, event);
        let targets = rows(&targets, &ids, &mut faults, target);
        let at_observations = places(&observations);
        let observations = rows(&observations, &ids, &mut faults, observation);
        let at_definition = places(&definition);
        let definition = rows(&definition, &ids, &mut faults, element);
        let terms = rows(&terms, &ids, &mut faults, term);
        check_items(&items, &at_items, &strategies, &mut faults);
        check_events(&events, &at_events, &mut faults);
        check_observations(&observations, &at_observations, &targets, &mut faults);
        check_orders(
            definition.iter().zip(&at_definition).filter_map(|(e, at)| e.as_ref().map(|e| (e.kind.word().to_owned(), e.order, at))),
            &mut faults,
        );
        if !faults.0.is_empty() {
            return Err(PolicyError::Faults(faults.0));
        }
        let mut registry = Registry::new(industries.into_iter().flatten().collect(), crosswalk.into_iter().flatten().collect())?;
        registry.sources = sources.into_iter().flatten().collect();
        registry.strategies = strategies.into_iter().flatten().collect();
        registry.items = items.into_iter().flatten().collect();
        registry.memberships = memberships.into_iter().flatten().collect();
        registry.themes = themes.into_iter().flatten().collect();
        registry.events = events.into_iter().flatten().collect();
        registry.events.sort_by_key(|e| (e.date.first_day(), e.date.last_day()));
        registry.targets = targets.into_iter().flatten().collect();
        registry.observations = observations.into_iter().flatten().collect();
        registry.definition = definition.into_iter().flatten().collect();
        registry.terms = terms.into_iter().flatten().collect();
        Ok(registry.indexed())
    }

    /// The sources that no row cites.
    pub fn uncited_sources(&self) -> Vec<&PolicySource> {
        let mut cited: HashSet<&str> = HashSet::new();
        let lists = (self.strategies.iter().map(|r| &r.sources))
            .chain(self.items.iter().map(|r| &r.sources))
            .chain(self.crosswalk().map(|(_, r)| &r.sources))
            .chain(self.events.iter().map(|r| &r.sources))
            .chain(self.targets.iter().map(|r| &r.sources))
            .chain(self.observations.iter().map(|r| &r.sources))
            .chain(self.definition.iter().map(|r| &r.sources));
        for list in lists {
            cited.extend(list.iter().map(String::as_str));
        }
        self.sources.iter().filter(|s| !cited.contains(s.id.as_str())).collect()
    }
}

fn places(sheet: &Sheet<'_>) -> Vec<FileLine> {
    sheet.rows.iter().map(|row| (row.origin.to_owned(), row.line)).collect()
}

fn rows<T>(sheet: &Sheet<'_>, ids: &Ids, faults: &mut Faults, of: impl Fn(&mut Cells<'_, '_>) -> Option<T>) -> Vec<Option<T>> {
    sheet.rows.iter().map(|row| of(&mut Cells { sheet, row, ids, faults })).collect()
}

fn source(c: &mut Cells<'_, '_>) -> Option<PolicySource> {
    let url = c.text("url");
    if !url.is_empty() && !url.starts_with("http://") && !url.starts_with("https://") {
        c.fault(format!("url is \"{url}\", which is no web address"));
    }
    Some(PolicySource {
        id: c.text("source"),
        title: c.needed("title"),
        publisher: c.needed("publisher"),
        date: c.text("date"),
        tier: c.one_of("tier", SOURCE_TIERS),
        url,
        note: c.text("note"),
    })
}

fn jurisdiction(c: &mut Cells<'_, '_>) -> String {
    let code = c.needed("jurisdiction");
    check_place(c, &code);
    code
}

/// Codes of places are capitals, with a hyphen in a province's; whether the workspace knows them is not seen here.
fn check_place(c: &mut Cells<'_, '_>, code: &str) {
    let right = !code.is_empty() && code.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'-');
    if !right {
        c.fault(format!("\"{code}\" is no code of a place, such as CHN, CN-BJ or EU"));
    }
}

fn strategy(c: &mut Cells<'_, '_>) -> Option<Strategy> {
    let ids = c.ids;
    let (date, until) = c.span("list");
    let basis = c.text("until_basis");
    let mut replaced_by = None;
    match basis.as_str() {
        "open" if until.is_some() => c.fault("until_basis is open, but until is given"),
        "period" if until.is_none() => c.fault("until_basis is period, but until is empty"),
        "open" | "period" => {}
        other => match other.strip_prefix("replaced_by:") {
            Some(by) => {
                c.known("strategy", by, &ids.strategies);
                if until.is_none() {
                    c.fault("a replaced list needs its last day in until");
                }
                replaced_by = Some(by.to_owned());
            }
            None => c.fault(format!("until_basis is \"{other}\": use period, open or replaced_by:STRATEGY")),
        },
    }
    Some(Strategy {
        id: c.text("strategy"),
        jurisdiction: jurisdiction(c),
        level: c.one_of("level", STRATEGY_LEVELS),
        name: c.both_needed("name"),
        issuer: c.both("issuer"),
        document: c.text("document"),
        date: date?,
        until,
        replaced_by,
        kind: c.one_of("kind", STRATEGY_KINDS),
        completeness: c.one_of("completeness", COMPLETENESS),
        note: c.both("note"),
        sources: c.sources(),
    })
}

fn item(c: &mut Cells<'_, '_>) -> Option<ListItem> {
    let ids = c.ids;
    let strategy = c.pointer("strategy", "strategy", &ids.strategies);
    let parent = Some(c.text("parent")).filter(|p| !p.is_empty());
    if let Some(parent) = &parent {
        c.known("item", parent, &ids.items);
    }
    let pillar = match c.text("tier").as_str() {
        "" => false,
        "pillar" => true,
        other => {
            c.fault(format!("tier is \"{other}\": use pillar or leave it empty"));
            false
        }
    };
    let ours = match c.text("ours").as_str() {
        "" => None,
        "en" => Some(Language::En),
        "zh" => Some(Language::Zh),
        other => {
            c.fault(format!("ours is \"{other}\": use en, zh or leave it empty"));
            None
        }
    };
    let (strand, confidence) = (c.word("strand", ListStrand::parse), c.word("confidence", Confidence::parse));
    let order = c.number("order", "whole number");
    if pillar && strand.is_some_and(|s| s != ListStrand::Emerging) {
        c.fault("a pillar industry stands in the strand emerging");
    }
    Some(ListItem {
        id: c.text("item"),
        strategy,
        level: c.one_of("level", ITEM_LEVELS),
        code: c.text("code"),
        name: c.both_needed("name"),
        note: c.both("note"),
        sources: c.sources(),
        strand: strand?,
        pillar,
        parent,
        order: order?,
        ours,
        confidence: confidence?,
    })
}

fn industry(c: &mut Cells<'_, '_>) -> Option<Industry> {
    let name = c.both_needed("name");
    c.both("note");
    Some(Industry { id: c.text("industry"), strand: c.word("strand", Strand::parse)?, name, named_in: Vec::new() })
}

fn membership(c: &mut Cells<'_, '_>) -> Option<Membership> {
    let ids = c.ids;
    let (item, industry) = (c.pointer("item", "item", &ids.items), c.pointer("industry", "industry", &ids.industries));
    let (relation, confidence) = (c.word("relation", Relation::parse), c.word("confidence", Confidence::parse));
    Some(Membership { item, industry, note: c.both("note"), relation: relation?, confidence: confidence? })
}

fn crosswalk_row(c: &mut Cells<'_, '_>) -> Option<CrosswalkRow> {
    let ids = c.ids;
    let industry = c.pointer("industry", "industry", &ids.industries);
    let (scheme, code) = (c.needed("scheme"), c.needed("code"));
    let digits = match scheme.as_str() {
        "HS2012" | "HS2017" | "HS2022" => Some([2, 4, 6].as_slice()),
        "ISIC4" | "NACE2" | "GBT4754-2017" => Some([1, 2, 3, 4].as_slice()),
        _ => None,
    };
    let plain = code.replace('.', "");
    if digits.is_some_and(|lengths| !lengths.contains(&plain.len()) || (plain.len() > 1 && !plain.bytes().all(|b| b.is_ascii_digit()))) {
        c.fault(format!("\"{code}\" is no code of {scheme}"));
    }
    let (role, confidence) = (c.word("role", Role::parse), c.word("confidence", Confidence::parse));
    Some(CrosswalkRow {
        industry,
        scheme,
        code,
        label: c.text("label"),
        basis: c.both("basis"),
        sources: c.sources(),
        role: role?,
        confidence: confidence?,
    })
}

fn theme(c: &mut Cells<'_, '_>) -> Option<Theme> {
    Some(Theme { id: c.text("theme"), name: c.both_needed("name"), industries: Vec::new(), items: Vec::new() })
}

fn theme_member(c: &mut Cells<'_, '_>) -> Option<(String, String, String)> {
    let ids = c.ids;
    let theme = c.pointer("theme", "theme", &ids.themes);
    let kind = c.one_of("kind", &["industry", "item"]);
    let known = if kind == "industry" { &ids.industries } else { &ids.items };
    let member = c.pointer("member", if kind == "industry" { "industry" } else { "item" }, known);
    c.both("note");
    Some((theme, kind, member))
}

fn event(c: &mut Cells<'_, '_>) -> Option<PolicyEvent> {
    let ids = c.ids;
    let (date, until) = c.span("event");
    let (kind, confidence) = (c.word("kind", EventKind::parse), c.word("confidence", Confidence::parse));
    let against = c.list("against");
    for place in against.iter().filter(|place| *place != "*") {
        check_place(c, place);
    }
    match kind.map(EventKind::is_barrier) {
        Some(true) if against.is_empty() => c.fault("a barrier needs the places it is aimed at in against (* for every other place)"),
        Some(false) if !against.is_empty() => c.fault("against is for export_control and trade_barrier only"),
        _ => {}
    }
    let mut changes = Vec::new();
    for change in c.list("changes") {
        match change.split_once(':').map(|(word, event)| (ChangeMade::parse(word), event)) {
            Some((Ok(word), event)) => {
                c.known("event", event, &ids.events);
                changes.push((word, event.to_owned()));
            }
            _ => c.fault(format!("changes has \"{change}\": use suspends:EVENT, ends:EVENT, eases:EVENT or extends:EVENT")),
        }
    }
    let strategies = c.pointers("strategies", "strategy", &ids.strategies);
    let industries = c.pointers("industries", "industry", &ids.industries);
    Some(PolicyEvent {
        id: c.text("event"),
        jurisdiction: jurisdiction(c),
        title: c.both_needed("title"),
        note: c.both("note"),
        sources: c.sources(),
        until,
        against,
        strategies,
        industries,
        changes,
        date: date?,
        kind: kind?,
        confidence: confidence?,
    })
}

fn target(c: &mut Cells<'_, '_>) -> Option<Target> {
    let ids = c.ids;
    let strategy = c.pointer("strategy", "strategy", &ids.strategies);
    let (comparison, value) = (c.word("op", Comparison::parse), c.value());
    let year = c.number("year", "year");
    Some(Target {
        id: c.text("target"),
        strategy,
        indicator: c.both_needed("indicator"),
        unit: c.both_needed("unit"),
        note: c.both("note"),
        sources: c.sources(),
        comparison: comparison?,
        value: value?,
        year: year?,
    })
}

fn observation(c: &mut Cells<'_, '_>) -> Option<Observation> {
    let ids = c.ids;
    let target = c.pointer("target", "target", &ids.targets);
    let (kind, comparison) = (c.word("kind", ObservationKind::parse), c.word("op", Comparison::parse));
    let (value, year) = (c.value(), c.number("year", "year"));
    Some(Observation {
        target,
        note: c.both("note"),
        sources: c.sources(),
        year: year?,
        kind: kind?,
        comparison: comparison?,
        value: value?,
    })
}

fn element(c: &mut Cells<'_, '_>) -> Option<DefinitionElement> {
    let (kind, order) = (c.word("kind", DefinitionKind::parse), c.number("order", "whole number"));
    Some(DefinitionElement {
        id: c.text("element"),
        name: c.both_needed("name"),
        text: c.both("text"),
        date: c.date("date"),
        sources: c.sources(),
        kind: kind?,
        order: order?,
    })
}

fn term(c: &mut Cells<'_, '_>) -> Option<PolicyTerm> {
    let ids = c.ids;
    let industry = Some(c.text("industry")).filter(|i| !i.is_empty());
    if let Some(industry) = &industry {
        c.known("industry", industry, &ids.industries);
    }
    Some(PolicyTerm {
        id: c.text("term"),
        name: c.both_needed("name"),
        forms_en: c.list("forms_en"),
        forms_zh: c.list("forms_zh"),
        note: c.both("note"),
        industry,
        group: c.word("group", TermGroup::parse)?,
    })
}

/// Orders must run 1, 2, 3, ... within each list.
fn check_orders<'a>(rows: impl Iterator<Item = (String, u32, &'a FileLine)>, faults: &mut Faults) {
    let mut lists: BTreeMap<String, Vec<(u32, &FileLine)>> = BTreeMap::new();
    for (list, order, at) in rows {
        lists.entry(list).or_default().push((order, at));
    }
    for (list, mut orders) in lists {
        orders.sort_by_key(|(order, _)| *order);
        for (position, (order, (file, line))) in orders.into_iter().enumerate() {
            let expected = position as u32 + 1;
            if order != expected {
                faults.add(file, *line, format!("order is {order} where {expected} comes next in the list {list}"));
                break;
            }
        }
    }
}

fn check_items(items: &[Option<ListItem>], at: &[FileLine], strategies: &[Option<Strategy>], faults: &mut Faults) {
    let list = |i: &ListItem| {
        [i.strategy.as_str(), i.standing(), i.level.as_str(), i.parent.as_deref().unwrap_or("")].join(" ").trim_end().to_owned()
    };
    let known = || items.iter().zip(at).filter_map(|(item, at)| item.as_ref().map(|item| (item, at)));
    check_orders(known().map(|(item, at)| (list(item), item.order, at)), faults);
    let by_id: HashMap<&str, &ListItem> = known().map(|(item, _)| (item.id.as_str(), item)).collect();
    let mut names: HashMap<(String, &str), u64> = HashMap::new();
    for (item, (file, line)) in known() {
        if !item.id.starts_with(&format!("{}/", item.strategy)) {
            faults.add(file, *line, format!("the id {} does not begin with its strategy: {}/...", item.id, item.strategy));
        }
        match item.parent.as_deref().and_then(|p| by_id.get(p)) {
            Some(parent) if parent.strategy != item.strategy => {
                faults.add(file, *line, format!("its parent {} stands in another strategy", parent.id));
            }
            Some(parent) if parent.id == item.id => faults.add(file, *line, "the item is its own parent"),
            _ => {}
        }
        let (en, zh) = (item.name.en.as_str(), item.name.zh.as_str());
        for name in [Some(en), Some(zh).filter(|zh| *zh != en)].into_iter().flatten() {
            if let Some(first) = names.insert((list(item), name), *line) {
                faults.add(file, *line, format!("\"{name}\" is already on line {first} in the same list"));
            }
        }
    }
    let with_items: BTreeSet<&str> = known().map(|(item, _)| item.strategy.as_str()).collect();
    for strategy in strategies.iter().flatten() {
        if strategy.completeness == "header_only" && with_items.contains(strategy.id.as_str()) {
            let line = known().find(|(item, _)| item.strategy == strategy.id).map(|(_, at)| at.clone());
            if let Some((file, line)) = line {
                faults.add(&file, line, format!("{} is header_only, but has items", strategy.id));
            }
        }
    }
}

fn check_events(events: &[Option<PolicyEvent>], at: &[FileLine], faults: &mut Faults) {
    let by_id: HashMap<&str, &PolicyEvent> = events.iter().flatten().map(|e| (e.id.as_str(), e)).collect();
    let mut before: Option<(&str, &PolicyEvent)> = None;
    for (event, (file, line)) in events.iter().zip(at).filter_map(|(e, at)| e.as_ref().map(|e| (e, at))) {
        if let Some((last_file, last)) = before
            && last_file == file
            && event.date.first_day() < last.date.first_day()
        {
            faults.add(file, *line, format!("the date {} comes after {}: keep the rows in order of their dates", event.date, last.date));
        }
        before = Some((file, event));
        for (_, id) in &event.changes {
            if by_id.get(id.as_str()).is_some_and(|changed| changed.date.first_day() > event.date.last_day()) {
                faults.add(file, *line, format!("it changes {id}, which comes later"));
            }
        }
    }
}

fn check_observations(observations: &[Option<Observation>], at: &[FileLine], targets: &[Option<Target>], faults: &mut Faults) {
    let years: HashMap<&str, i32> = targets.iter().flatten().map(|t| (t.id.as_str(), t.year)).collect();
    for (observation, (file, line)) in observations.iter().zip(at).filter_map(|(o, at)| o.as_ref().map(|o| (o, at))) {
        if observation.kind == ObservationKind::Base && years.get(observation.target.as_str()).is_some_and(|year| observation.year > *year)
        {
            faults.add(file, *line, format!("its year {} comes after the target's", observation.year));
        }
    }
}
