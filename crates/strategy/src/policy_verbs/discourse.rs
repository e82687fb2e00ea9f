use super::discourse_corpus::{Corpus, CorpusDocument, Progress, read_corpus};
use super::discourse_network::{DiscourseLink, DiscourseNetwork, DiscourseNode, years_picture};
use super::discourse_terms::join_terms;
use crate::answer::as_json;
use crate::{Answer, Chart, StrategyError};
use discourse::{
    Association, Dictionary, Term, Window, association, co_occurrences, deviation_of_proportions, keyness, keyword_in_context, normalised,
};
use frame::{Language, Text};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::path::Path;
use store::{Problem, RowTable, StoreError, TextOptions};

/// The tables of [`discourse`] by name.
pub const DISCOURSE_TABLES: [&str; 8] = ["years", "first", "counts", "keyness", "cooccurrence", "ties", "kwic", "documents"];
/// Groups that the ties of every other term are told to.
const TIED_TO: [&str; 2] = ["layer", "enabler"];
const PER: f64 = 10_000.0;

/// Which texts, and what is asked of them.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "clap", derive(clap::Args))]
#[serde(default, deny_unknown_fields)]
pub struct DiscourseRequest {
    /// Tables: years, first, counts, keyness, cooccurrence, ties, kwic, documents [default: years, first; with a reference also keyness;
    /// with --kwic that]
    #[cfg_attr(feature = "clap", arg(long, value_name = "TABLE", value_delimiter = ','))]
    pub by: Vec<String>,
    /// A further term to count, as it is written; again for more
    #[cfg_attr(feature = "clap", arg(long, value_name = "WORD"))]
    pub term: Vec<String>,
    /// Only terms of these groups: concept, layer, enabler, traditional, emerging, future, instrument, user
    #[cfg_attr(feature = "clap", arg(long, value_name = "GROUP", value_delimiter = ','))]
    pub group: Vec<String>,
    /// Show every occurrence of this term (id or any of its forms) in its context; again for more
    #[cfg_attr(feature = "clap", arg(long, value_name = "TERM"))]
    pub kwic: Vec<String>,
    /// Characters of context on either side of a term [default: 30]
    #[cfg_attr(feature = "clap", arg(long, value_name = "N"))]
    pub context: Option<usize>,
    /// Terms are together in one: sentence, paragraph or document [default: paragraph]
    #[cfg_attr(feature = "clap", arg(long, value_name = "WINDOW"))]
    pub window: Option<String>,
    /// Only documents from this year on
    #[cfg_attr(feature = "clap", arg(long, value_name = "YEAR"))]
    pub from: Option<i32>,
    /// Only documents up to this year
    #[cfg_attr(feature = "clap", arg(long, value_name = "YEAR"))]
    pub to: Option<i32>,
    /// The reference is what is dated from this year on (in the reference folder, else in the folder itself)
    #[cfg_attr(feature = "clap", arg(long, value_name = "YEAR"))]
    pub reference_from: Option<i32>,
    /// The reference is what is dated up to this year
    #[cfg_attr(feature = "clap", arg(long, value_name = "YEAR"))]
    pub reference_to: Option<i32>,
    /// Least count of a row: occurrences, windows with both terms [default: 1 for counts; 5 for keyness; 3 for pairs]
    #[cfg_attr(feature = "clap", arg(long, value_name = "N"))]
    pub min_count: Option<u64>,
    /// How many rows of keyness and of pairs to list; all without it
    #[cfg_attr(feature = "clap", arg(long, value_name = "N"))]
    pub top: Option<usize>,
    /// Count a term inside a longer term too (new energy in new energy vehicles)
    #[cfg_attr(feature = "clap", arg(long))]
    pub nested: bool,
    /// Leave out files whose path contains this
    #[cfg_attr(feature = "clap", arg(long, value_name = "TEXT"))]
    pub exclude: Vec<String>,
    /// The field of JSON lines with the text [default: text, content, body, 正文 or 内容]
    #[cfg_attr(feature = "clap", arg(long, value_name = "FIELD", help_heading = "JSON lines"))]
    pub text_field: Option<String>,
    /// The field with the title [default: title, name or 标题]
    #[cfg_attr(feature = "clap", arg(long, value_name = "FIELD", help_heading = "JSON lines"))]
    pub title_field: Option<String>,
    /// The field with the date or year [default: date, published, pubdate, year, 日期, 发布日期 or 年份]
    #[cfg_attr(feature = "clap", arg(long, value_name = "FIELD", help_heading = "JSON lines"))]
    pub date_field: Option<String>,
}

/// Where the texts are.
#[derive(Debug, Clone, Copy)]
pub struct DiscourseSources<'a> {
    /// The folder (or file) of texts.
    pub folder: &'a Path,
    /// The folder to compare it with.
    pub reference: Option<&'a Path>,
    /// The folder in which what was found is kept for the next run.
    pub index: Option<&'a Path>,
}

/// What was found in texts.
#[derive(Debug, Clone)]
pub struct DiscourseAnswer {
    /// The tables, record and notes.
    pub answer: Answer,
    /// The terms over the years and their network, ready to be drawn.
    pub pictures: Vec<Chart>,
    /// The network of terms that are said together.
    pub network: DiscourseNetwork,
}

fn refuse<T>(what: String, next: &str) -> Result<T, StrategyError> {
    Err(StoreError::new(Problem::Options, what).next(next).into())
}

fn per(count: u64, of: u64) -> f64 {
    if of == 0 { f64::NAN } else { count as f64 * PER / of as f64 }
}

/// What the tables are made of.
struct Asked<'a> {
    dictionary: &'a Dictionary,
    /// Positions of the terms that are told.
    shown: Vec<usize>,
    documents: Vec<&'a CorpusDocument>,
    /// Counts of all terms, document by document.
    counts: Vec<Vec<u32>>,
    request: &'a DiscourseRequest,
    language: Language,
}

impl Asked<'_> {
    fn term(&self, at: usize) -> &Term {
        &self.dictionary.terms()[at]
    }

    fn name(&self, at: usize) -> &str {
        self.term(at).name.get(self.language)
    }

    fn total(&self, at: usize) -> u64 {
        self.counts.iter().map(|counts| u64::from(counts[at])).sum()
    }
}

/// Counts terms in the texts of a folder: by document and year, their first appearance, what is said more than in a reference, what is said
/// together, and every occurrence in its context.
///
/// `registry` are the registry's terms, `own` those of the user's table, which go first (see [`join_terms`]).
///
/// # Errors
/// Options that are not known, a dictionary that is none, and what reading the texts reports ([`read_corpus`]).
pub fn discourse(
    sources: &DiscourseSources<'_>,
    registry: Vec<Term>,
    own: Vec<Term>,
    request: &DiscourseRequest,
    language: Language,
    progress: Progress<'_>,
) -> Result<DiscourseAnswer, StrategyError> {
    let has_reference = sources.reference.is_some() || request.reference_from.is_some() || request.reference_to.is_some();
    let tables = tables_of(request, has_reference)?;
    let window = match request.window.as_deref() {
        None | Some("paragraph") => Window::Paragraph,
        Some("sentence") => Window::Sentence,
        Some("document") => Window::Document,
        Some(other) => return refuse(format!("window is \"{other}\""), "use sentence, paragraph or document"),
    };
    for (from, to) in [(request.from, request.to), (request.reference_from, request.reference_to)] {
        if let (Some(from), Some(to)) = (from, to)
            && from > to
        {
            return refuse(format!("the years {from} to {to} are none"), "give the earlier year first");
        }
    }
    let (terms, mut notes) = join_terms(registry, own, &request.term);
    let dictionary = Dictionary::new(terms)?;
    let shown = shown_terms(&dictionary, request)?;
    let wanted: Vec<usize> = request.kwic.iter().map(|name| position(&dictionary, name)).collect::<Result<_, _>>()?;
    if tables.iter().any(|table| !["documents", "keyness"].contains(table)) && dictionary.terms().is_empty() {
        return refuse("there are no terms to count".to_owned(), "name some with --term, or a table of them with --terms");
    }

    let options = TextOptions {
        text_field: request.text_field.clone(),
        title_field: request.title_field.clone(),
        date_field: request.date_field.clone(),
        exclude: request.exclude.clone(),
        ..TextOptions::default()
    };
    let index = |name: &str| sources.index.map(|folder| folder.join(name));
    let corpus = read_corpus(sources.folder, &dictionary, &options, index("discourse.index").as_deref(), progress)?;
    let other = match sources.reference {
        Some(folder) => Some(read_corpus(folder, &dictionary, &options, index("reference.index").as_deref(), progress)?),
        None => None,
    };
    notes.extend(notes_of(&corpus, "", &request.from, &request.to));
    if let Some(other) = &other {
        notes.extend(notes_of(other, "reference: ", &request.reference_from, &request.reference_to));
    }
    let documents = dated_between(&corpus, request.from, request.to);
    if documents.is_empty() {
        return refuse("no document is of those years".to_owned(), "look at the dates with --by documents");
    }
    let counts = documents.iter().map(|one| one.analysis.counts(dictionary.terms().len(), request.nested)).collect();
    let asked = Asked { dictionary: &dictionary, shown, documents, counts, request, language };

    let together = co_occurrences(asked.documents.iter().map(|one| &one.analysis), dictionary.terms().len(), window, request.nested);
    let pairs = pairs_of(&asked, &together);
    let mut out = Vec::new();
    for table in &tables {
        out.push(match *table {
            "years" => years_table(&asked)?,
            "first" => first_table(&asked)?,
            "counts" => counts_table(&asked)?,
            "keyness" => {
                let source = other.as_ref().unwrap_or(&corpus);
                let reference = dated_between(source, request.reference_from, request.reference_to);
                if !has_reference || reference.is_empty() {
                    let next = "name a folder with --reference, or years with --reference-from and --reference-to";
                    return refuse("keyness needs a reference to compare with".to_owned(), next);
                }
                let (table, tests) = keyness_table(&asked, &corpus, source, &reference)?;
                notes.push(format!(
                    "keyness: p values are of single tests; {tests} were made, so about {:.0} fall below 0.05 by chance alone",
                    tests as f64 * 0.05
                ));
                table
            }
            "cooccurrence" => pairs_table(&asked, &pairs)?,
            "ties" => ties_table(&asked, &pairs)?,
            "kwic" => kwic_table(&asked, &wanted)?,
            _ => documents_table(&asked)?,
        });
        if *table == "documents" && !corpus.refused.is_empty() {
            let refused = RowTable::new("refused")
                .text("document", corpus.refused.iter().map(|one| one.name.as_str()))?
                .text("reason", corpus.refused.iter().map(|one| one.reason.as_str()))?;
            out.push(refused);
        }
    }
    let network = network_of(&asked, &together, &pairs);
    let pictures = pictures_of(&asked, &network)?;
    let record = json!({
        "engine": frame::ENGINE_VERSION,
        "request": as_json(request),
        "documents": asked.documents.len(),
        "documents_hash": store::bytes_hash(asked.documents.iter().map(|one| one.hash.as_str()).collect::<Vec<_>>().join(" ").as_bytes())?,
        "reference_documents": other.as_ref().map(|other| other.documents.len()),
        "terms": dictionary.terms().len(),
        "dictionary": as_json(&dictionary.terms()),
        "words": asked.documents.iter().map(|one| one.analysis.words).sum::<u64>(),
        "characters": asked.documents.iter().map(|one| one.analysis.characters).sum::<u64>(),
        "windows": together.windows,
        "files_from_index": corpus.from_index.0,
        "refused": corpus.refused.iter().map(|one| json!({"document": one.name, "reason": one.reason})).collect::<Vec<_>>(),
    });
    Ok(DiscourseAnswer { answer: Answer { tables: out, record, notes }, pictures, network })
}

fn tables_of(request: &DiscourseRequest, has_reference: bool) -> Result<Vec<&'static str>, StrategyError> {
    let mut tables = Vec::new();
    for name in &request.by {
        match DISCOURSE_TABLES.iter().find(|known| *known == name) {
            Some(known) if tables.contains(known) => {}
            Some(known) => tables.push(*known),
            None => {
                let near = DISCOURSE_TABLES.iter().max_by(|a, b| strsim::jaro_winkler(a, name).total_cmp(&strsim::jaro_winkler(b, name)));
                let near = near.copied().unwrap_or_default();
                return refuse(
                    format!("there is no table \"{name}\""),
                    &format!("nearest: {near}; there are {}", DISCOURSE_TABLES.join(", ")),
                );
            }
        }
    }
    if tables.is_empty() {
        tables = if request.kwic.is_empty() { vec!["years", "first"] } else { vec!["kwic"] };
        if has_reference {
            tables.push("keyness");
        }
    }
    if tables.contains(&"kwic") && request.kwic.is_empty() {
        return refuse("the table kwic needs a term".to_owned(), "name it with --kwic");
    }
    Ok(tables)
}

fn position(dictionary: &Dictionary, name: &str) -> Result<usize, StrategyError> {
    if let Some(at) = dictionary.position(name) {
        return Ok(at);
    }
    let like = |term: &Term| {
        let forms = term.forms().map(|form| strsim::normalized_damerau_levenshtein(form, name)).fold(0.0, f64::max);
        forms.max(strsim::normalized_damerau_levenshtein(&term.id, name))
    };
    let mut near: Vec<(f64, &str)> = dictionary.terms().iter().map(|term| (like(term), term.id.as_str())).collect();
    near.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(b.1)));
    let nearest: Vec<&str> = near.iter().take(3).map(|(_, id)| *id).collect();
    refuse(format!("there is no term \"{name}\""), &format!("nearest: {}; --term adds it", nearest.join(", ")))
}

fn shown_terms(dictionary: &Dictionary, request: &DiscourseRequest) -> Result<Vec<usize>, StrategyError> {
    let groups: BTreeSet<&str> = dictionary.terms().iter().map(|term| term.group.as_str()).collect();
    if let Some(unknown) = request.group.iter().find(|group| !groups.contains(group.as_str())) {
        let known = groups.into_iter().collect::<Vec<_>>().join(", ");
        return refuse(format!("there is no group \"{unknown}\" of terms"), &format!("there are {known}"));
    }
    let wanted = |term: &Term| request.group.is_empty() || request.group.contains(&term.group);
    Ok((0..dictionary.terms().len()).filter(|at| wanted(&dictionary.terms()[*at])).collect())
}

fn dated_between(corpus: &Corpus, from: Option<i32>, to: Option<i32>) -> Vec<&CorpusDocument> {
    let inside = |one: &&CorpusDocument| match one.year() {
        Some(year) => from.is_none_or(|from| year >= from) && to.is_none_or(|to| year <= to),
        None => from.is_none() && to.is_none(),
    };
    let mut documents: Vec<&CorpusDocument> = corpus.documents.iter().filter(inside).collect();
    // undated ones last
    documents.sort_by(|a, b| (a.date.is_none(), &a.date, &a.text.name).cmp(&(b.date.is_none(), &b.date, &b.text.name)));
    documents
}

fn notes_of(corpus: &Corpus, of: &str, from: &Option<i32>, to: &Option<i32>) -> Vec<String> {
    const NAMED: usize = 3;
    let listed = |names: Vec<String>| {
        let more = names.len().saturating_sub(NAMED);
        let shown = names.iter().take(NAMED).cloned().collect::<Vec<_>>().join(", ");
        if more > 0 { format!("{shown} and {more} more") } else { shown }
    };
    let mut notes: Vec<String> = corpus.notes.iter().map(|note| format!("{of}{note}")).collect();
    let (known, files) = corpus.from_index;
    if known > 0 {
        notes.push(format!("{of}{known} of {files} files are taken from the index"));
    }
    if !corpus.refused.is_empty() {
        let names = corpus.refused.iter().map(|one| format!("{} ({})", one.name, one.reason)).collect();
        notes.push(format!("{of}not read: {}", listed(names)));
    }
    if !corpus.others.is_empty() {
        notes.push(format!("{of}left out, of kinds that are not read: {}", listed(corpus.others.clone())));
    }
    let named = |keep: &dyn Fn(&CorpusDocument) -> bool| -> Vec<String> {
        corpus.documents.iter().filter(|one| keep(one)).map(|one| one.text.name.clone()).collect()
    };
    let undated = named(&|one| one.date.is_none());
    if !undated.is_empty() {
        let what = if from.is_some() || to.is_some() { "left out because no date is known" } else { "counted as undated" };
        notes.push(format!(
            "{of}{} documents {what}: {}; a table dates.csv (file,date) in the folder dates them",
            undated.len(),
            listed(undated)
        ));
    }
    let traditional = named(&|one| one.analysis.is_traditional());
    if !traditional.is_empty() {
        notes.push(format!(
            "{of}{} documents are in traditional characters, in which simplified terms are not found: {}",
            traditional.len(),
            listed(traditional)
        ));
    }
    let mut seen: HashMap<&str, &str> = HashMap::new();
    let mut twice = Vec::new();
    for one in &corpus.documents {
        match seen.get(one.hash.as_str()) {
            Some(first) => twice.push(format!("{} is {first}", one.text.name)),
            None => drop(seen.insert(&one.hash, &one.text.name)),
        }
    }
    if !twice.is_empty() {
        notes.push(format!("{of}{} documents have the very text of another and count again: {}", twice.len(), listed(twice)));
    }
    notes
}

fn years_table(asked: &Asked<'_>) -> Result<RowTable, StrategyError> {
    let mut size: BTreeMap<(bool, Option<i32>), (u64, u64, usize)> = BTreeMap::new();
    let key = |one: &CorpusDocument| (one.year().is_none(), one.year());
    for one in &asked.documents {
        let of = size.entry(key(one)).or_insert((0, 0, 0));
        *of = (of.0 + one.analysis.words, of.1 + one.analysis.characters, of.2 + 1);
    }
    let mut rows = Vec::new();
    for at in &asked.shown {
        let mut years: BTreeMap<(bool, Option<i32>), (u64, usize)> = BTreeMap::new();
        for (one, counts) in asked.documents.iter().zip(&asked.counts) {
            if counts[*at] > 0 {
                let of = years.entry(key(one)).or_insert((0, 0));
                *of = (of.0 + u64::from(counts[*at]), of.1 + 1);
            }
        }
        let least = asked.request.min_count.unwrap_or(1);
        rows.extend(years.into_iter().filter(|(_, (count, _))| *count >= least).map(|(year, found)| (*at, year, found)));
    }
    let of = |row: &(usize, (bool, Option<i32>), (u64, usize))| size.get(&row.1).copied().unwrap_or_default();
    Ok(RowTable::new("years")
        .text("term", rows.iter().map(|row| asked.term(row.0).id.as_str()))?
        .text("name", rows.iter().map(|row| asked.name(row.0)))?
        .text("group", rows.iter().map(|row| asked.term(row.0).group.as_str()))?
        .text("year", rows.iter().map(|row| row.1.1.map_or("undated".to_owned(), |year| year.to_string())))?
        .count("count", rows.iter().map(|row| row.2.0 as usize))?
        .count("documents", rows.iter().map(|row| row.2.1))?
        .count("documents_of_year", rows.iter().map(|row| of(row).2))?
        .number("per_10000_words", rows.iter().map(|row| per(row.2.0, of(row).0)))?
        .number("per_10000_characters", rows.iter().map(|row| per(row.2.0, of(row).1)))?)
}

fn counts_table(asked: &Asked<'_>) -> Result<RowTable, StrategyError> {
    let least = asked.request.min_count.unwrap_or(1).max(1);
    let mut rows: Vec<(usize, usize, u64)> = Vec::new();
    for at in &asked.shown {
        let found = asked.counts.iter().enumerate().map(|(document, counts)| (*at, document, u64::from(counts[*at])));
        rows.extend(found.filter(|row| row.2 >= least));
    }
    let one = |row: &(usize, usize, u64)| asked.documents[row.1];
    Ok(RowTable::new("counts")
        .text("term", rows.iter().map(|row| asked.term(row.0).id.as_str()))?
        .text("name", rows.iter().map(|row| asked.name(row.0)))?
        .text("group", rows.iter().map(|row| asked.term(row.0).group.as_str()))?
        .text("document", rows.iter().map(|row| one(row).text.name.as_str()))?
        .text("title", rows.iter().map(|row| one(row).text.title.as_str()))?
        .text("date", rows.iter().map(|row| one(row).date.clone().unwrap_or_default()))?
        .integer("year", rows.iter().map(|row| one(row).year().map(i64::from)))?
        .count("count", rows.iter().map(|row| row.2 as usize))?
        .number("per_10000_words", rows.iter().map(|row| per(row.2, one(row).analysis.words)))?
        .number("per_10000_characters", rows.iter().map(|row| per(row.2, one(row).analysis.characters)))?)
}

fn first_table(asked: &Asked<'_>) -> Result<RowTable, StrategyError> {
    let sizes: Vec<u64> = asked.documents.iter().map(|one| one.analysis.words).collect();
    struct First<'a> {
        term: usize,
        document: &'a CorpusDocument,
        at: discourse::Occurrence,
        last: String,
        count: u64,
        documents: usize,
        dispersion: f64,
    }
    let mut rows = Vec::new();
    let mut absent = Vec::new();
    for at in &asked.shown {
        // documents come in the order of their dates, undated ones last
        let first = asked.documents.iter().find_map(|one| {
            let found = one.analysis.occurrences.iter().find(|o| o.term as usize == *at && (asked.request.nested || !o.nested))?;
            Some((*one, *found))
        });
        let Some((document, found)) = first else {
            absent.push(*at);
            continue;
        };
        let counts: Vec<u64> = asked.counts.iter().map(|counts| u64::from(counts[*at])).collect();
        let with = asked.documents.iter().zip(&counts).filter(|(_, count)| **count > 0);
        rows.push(First {
            term: *at,
            document,
            at: found,
            last: with.clone().filter_map(|(one, _)| one.date.clone()).next_back().unwrap_or_default(),
            count: counts.iter().sum(),
            documents: with.count(),
            dispersion: deviation_of_proportions(&counts, &sizes).unwrap_or(f64::NAN),
        });
    }
    let least = asked.request.min_count.unwrap_or(1);
    rows.retain(|row| row.count >= least);
    let width = asked.request.context.unwrap_or(30);
    let context = |row: &First<'_>| {
        let paragraph = row.document.text.paragraphs.get(row.at.paragraph as usize).map_or("", String::as_str);
        let found = keyword_in_context(paragraph, row.at.start as usize, row.at.end as usize, width);
        format!("{}[{}]{}", found.left, found.keyword, found.right)
    };
    Ok(RowTable::new("first")
        .text("term", rows.iter().map(|row| asked.term(row.term).id.as_str()))?
        .text("name", rows.iter().map(|row| asked.name(row.term)))?
        .text("group", rows.iter().map(|row| asked.term(row.term).group.as_str()))?
        .text("first_date", rows.iter().map(|row| row.document.date.clone().unwrap_or_else(|| "undated".to_owned())))?
        .text("last_date", rows.iter().map(|row| row.last.clone()))?
        .count("count", rows.iter().map(|row| row.count as usize))?
        .count("documents", rows.iter().map(|row| row.documents))?
        .number("dispersion", rows.iter().map(|row| row.dispersion))?
        .text("document", rows.iter().map(|row| row.document.text.name.as_str()))?
        .text("title", rows.iter().map(|row| row.document.text.title.as_str()))?
        .count("paragraph", rows.iter().map(|row| row.at.paragraph as usize + 1))?
        .count("position", rows.iter().map(|row| row.at.start as usize + 1))?
        .text("context", rows.iter().map(context))?)
}

fn documents_table(asked: &Asked<'_>) -> Result<RowTable, StrategyError> {
    let rows = &asked.documents;
    let said = |one: &CorpusDocument| one.analysis.occurrences.iter().filter(|o| asked.request.nested || !o.nested).count();
    Ok(RowTable::new("documents")
        .text("document", rows.iter().map(|one| one.text.name.as_str()))?
        .text("title", rows.iter().map(|one| one.text.title.as_str()))?
        .text("date", rows.iter().map(|one| one.date.clone().unwrap_or_default()))?
        .integer("year", rows.iter().map(|one| one.year().map(i64::from)))?
        .text("language", rows.iter().map(|one| one.analysis.language()))?
        .flag("traditional", rows.iter().map(|one| one.analysis.is_traditional()))?
        .count("paragraphs", rows.iter().map(|one| one.analysis.paragraphs as usize))?
        .count("sentences", rows.iter().map(|one| one.analysis.sentences as usize))?
        .count("words", rows.iter().map(|one| one.analysis.words as usize))?
        .count("characters", rows.iter().map(|one| one.analysis.characters as usize))?
        .count("terms", rows.iter().map(|one| said(one)))?
        .text("hash", rows.iter().map(|one| one.hash.as_str()))?
        .text("note", rows.iter().map(|one| one.text.note.as_str()))?)
}

fn frequencies<'a>(documents: &[&'a CorpusDocument], corpus: &'a Corpus) -> HashMap<&'a str, u64> {
    let mut counts = vec![0u64; corpus.vocabulary.len()];
    for (word, count) in documents.iter().flat_map(|one| &one.analysis.frequencies) {
        if let Some(of) = counts.get_mut(*word as usize) {
            *of += u64::from(*count);
        }
    }
    counts
        .into_iter()
        .enumerate()
        .filter(|(_, count)| *count > 0)
        .map(|(word, count)| (corpus.vocabulary.word(word as u32), count))
        .collect()
}

fn keyness_table(
    asked: &Asked<'_>,
    corpus: &Corpus,
    other: &Corpus,
    reference: &[&CorpusDocument],
) -> Result<(RowTable, usize), StrategyError> {
    let words = |documents: &[&CorpusDocument]| documents.iter().map(|one| one.analysis.words).sum::<u64>();
    let (here, there) = (words(&asked.documents), words(reference));
    let least = asked.request.min_count.unwrap_or(5).max(1);
    struct Key {
        kind: &'static str,
        item: String,
        name: String,
        group: String,
        counts: (u64, u64),
        of: discourse::Keyness,
    }
    let mut rows: Vec<Key> = Vec::new();
    let mut forms: HashSet<String> = HashSet::new();
    let number = asked.dictionary.terms().len();
    let mut in_reference = vec![0u64; number];
    for one in reference {
        for (sum, count) in in_reference.iter_mut().zip(one.analysis.counts(number, asked.request.nested)) {
            *sum += u64::from(count);
        }
    }
    let wanted = |counts: (u64, u64)| counts.0.max(counts.1) >= least;
    for (at, term) in asked.dictionary.terms().iter().enumerate() {
        forms.extend(term.forms().map(|form| normalised(form).split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()));
        let counts = (asked.total(at), in_reference[at]);
        if let Some(of) = keyness(counts.0, counts.1, here, there).filter(|_| wanted(counts) && asked.shown.contains(&at)) {
            rows.push(Key { kind: "term", item: term.id.clone(), name: asked.name(at).to_owned(), group: term.group.clone(), counts, of });
        }
    }
    if asked.request.group.is_empty() {
        let (mine, theirs) = (frequencies(&asked.documents, corpus), frequencies(reference, other));
        let all: BTreeSet<&str> = mine.keys().chain(theirs.keys()).copied().filter(|word| !forms.contains(*word)).collect();
        for word in all {
            let counts = (mine.get(word).copied().unwrap_or(0), theirs.get(word).copied().unwrap_or(0));
            if let Some(of) = keyness(counts.0, counts.1, here, there).filter(|_| wanted(counts)) {
                let (item, name) = (word.to_owned(), word.to_owned());
                rows.push(Key { kind: "word", item, name, group: String::new(), counts, of });
            }
        }
    }
    let tests = rows.len();
    rows.sort_by(|a, b| b.of.log_likelihood.total_cmp(&a.of.log_likelihood).then_with(|| (a.kind, &a.item).cmp(&(b.kind, &b.item))));
    rows.truncate(asked.request.top.unwrap_or(usize::MAX));
    let table = RowTable::new("keyness")
        .text("kind", rows.iter().map(|row| row.kind))?
        .text("term", rows.iter().map(|row| row.item.as_str()))?
        .text("name", rows.iter().map(|row| row.name.as_str()))?
        .text("group", rows.iter().map(|row| row.group.as_str()))?
        .text("more_in", rows.iter().map(|row| if row.of.more { "texts" } else { "reference" }))?
        .count("count", rows.iter().map(|row| row.counts.0 as usize))?
        .count("reference_count", rows.iter().map(|row| row.counts.1 as usize))?
        .number("per_10000_words", rows.iter().map(|row| per(row.counts.0, here)))?
        .number("reference_per_10000_words", rows.iter().map(|row| per(row.counts.1, there)))?
        .number("log_likelihood", rows.iter().map(|row| row.of.log_likelihood))?
        .number("p_value", rows.iter().map(|row| row.of.p_value))?
        .number("log_ratio", rows.iter().map(|row| row.of.log_ratio))?
        .number("percent_difference", rows.iter().map(|row| row.of.percent_difference))?;
    Ok((table, tests))
}

/// Two terms and how they go together: positions, windows with each and both, measures.
struct Pair {
    first: usize,
    second: usize,
    windows: (u64, u64, u64),
    of: Association,
}

fn pairs_of(asked: &Asked<'_>, together: &discourse::CoOccurrences) -> Vec<Pair> {
    let mut pairs = Vec::new();
    for ((first, second), both) in &together.with_both {
        let (first, second) = (*first as usize, *second as usize);
        let windows = (together.with_term[first], together.with_term[second], *both);
        if let Some(of) = association(*both, windows.0, windows.1, together.windows) {
            pairs.push(Pair { first, second, windows, of });
        }
    }
    let id = |at: usize| asked.term(at).id.as_str();
    pairs.sort_by(|a, b| {
        b.of.log_likelihood.total_cmp(&a.of.log_likelihood).then_with(|| (id(a.first), id(a.second)).cmp(&(id(b.first), id(b.second))))
    });
    pairs
}

fn association_columns(table: RowTable, pairs: &[&Pair]) -> Result<RowTable, StrategyError> {
    Ok(table
        .count("windows_with_both", pairs.iter().map(|pair| pair.windows.2 as usize))?
        .number("expected", pairs.iter().map(|pair| pair.of.expected))?
        .number("pmi", pairs.iter().map(|pair| pair.of.mutual_information))?
        .number("npmi", pairs.iter().map(|pair| pair.of.normalised_mutual_information))?
        .number("log_likelihood", pairs.iter().map(|pair| pair.of.log_likelihood))?
        .number("t_score", pairs.iter().map(|pair| pair.of.t_score))?)
}

fn pairs_table(asked: &Asked<'_>, pairs: &[Pair]) -> Result<RowTable, StrategyError> {
    let least = asked.request.min_count.unwrap_or(3);
    let wanted = |pair: &&Pair| pair.windows.2 >= least && (asked.shown.contains(&pair.first) || asked.shown.contains(&pair.second));
    let rows: Vec<&Pair> = pairs.iter().filter(wanted).take(asked.request.top.unwrap_or(usize::MAX)).collect();
    let table = RowTable::new("cooccurrence")
        .text("term_a", rows.iter().map(|pair| asked.term(pair.first).id.as_str()))?
        .text("name_a", rows.iter().map(|pair| asked.name(pair.first)))?
        .text("group_a", rows.iter().map(|pair| asked.term(pair.first).group.as_str()))?
        .text("term_b", rows.iter().map(|pair| asked.term(pair.second).id.as_str()))?
        .text("name_b", rows.iter().map(|pair| asked.name(pair.second)))?
        .text("group_b", rows.iter().map(|pair| asked.term(pair.second).group.as_str()))?
        .count("windows_with_a", rows.iter().map(|pair| pair.windows.0 as usize))?
        .count("windows_with_b", rows.iter().map(|pair| pair.windows.1 as usize))?;
    association_columns(table, &rows)
}

/// Each term with each layer and enabler.
fn ties_table(asked: &Asked<'_>, pairs: &[Pair]) -> Result<RowTable, StrategyError> {
    let tied = |at: usize| TIED_TO.contains(&asked.term(at).group.as_str());
    let least = asked.request.min_count.unwrap_or(1);
    // the term first, the layer or enabler second
    let mut rows: Vec<(usize, usize, &Pair)> = Vec::new();
    for pair in pairs.iter().filter(|pair| pair.windows.2 >= least) {
        for (term, to) in [(pair.first, pair.second), (pair.second, pair.first)] {
            if tied(to) && !tied(term) && asked.shown.contains(&term) {
                rows.push((term, to, pair));
            }
        }
    }
    rows.sort_by(|a, b| a.0.cmp(&b.0).then(b.2.windows.2.cmp(&a.2.windows.2)).then(a.1.cmp(&b.1)));
    rows.truncate(asked.request.top.unwrap_or(usize::MAX));
    let windows = |row: &(usize, usize, &Pair)| if row.0 == row.2.first { row.2.windows.0 } else { row.2.windows.1 };
    let table = RowTable::new("ties")
        .text("term", rows.iter().map(|row| asked.term(row.0).id.as_str()))?
        .text("name", rows.iter().map(|row| asked.name(row.0)))?
        .text("group", rows.iter().map(|row| asked.term(row.0).group.as_str()))?
        .text("tie", rows.iter().map(|row| asked.term(row.1).id.as_str()))?
        .text("tie_name", rows.iter().map(|row| asked.name(row.1)))?
        .text("tie_group", rows.iter().map(|row| asked.term(row.1).group.as_str()))?
        .number("share_of_term_windows", rows.iter().map(|row| row.2.windows.2 as f64 / windows(row) as f64))?;
    association_columns(table, &rows.iter().map(|row| row.2).collect::<Vec<_>>())
}

fn kwic_table(asked: &Asked<'_>, wanted: &[usize]) -> Result<RowTable, StrategyError> {
    let width = asked.request.context.unwrap_or(30);
    let mut rows = Vec::new();
    for one in &asked.documents {
        for o in one.analysis.occurrences.iter().filter(|o| wanted.contains(&(o.term as usize)) && (asked.request.nested || !o.nested)) {
            let paragraph = one.text.paragraphs.get(o.paragraph as usize).map_or("", String::as_str);
            rows.push((*one, *o, keyword_in_context(paragraph, o.start as usize, o.end as usize, width)));
        }
    }
    rows.truncate(asked.request.top.unwrap_or(usize::MAX));
    Ok(RowTable::new("kwic")
        .text("term", rows.iter().map(|row| asked.term(row.1.term as usize).id.as_str()))?
        .text("name", rows.iter().map(|row| asked.name(row.1.term as usize)))?
        .text("document", rows.iter().map(|row| row.0.text.name.as_str()))?
        .text("title", rows.iter().map(|row| row.0.text.title.as_str()))?
        .text("date", rows.iter().map(|row| row.0.date.clone().unwrap_or_default()))?
        .count("paragraph", rows.iter().map(|row| row.1.paragraph as usize + 1))?
        .count("position", rows.iter().map(|row| row.1.start as usize + 1))?
        .text("left", rows.iter().map(|row| row.2.left.as_str()))?
        .text("keyword", rows.iter().map(|row| row.2.keyword.as_str()))?
        .text("right", rows.iter().map(|row| row.2.right.as_str()))?)
}

/// Terms that occur, and the pairs that meet more often than by chance and at least as often as asked.
fn network_of(asked: &Asked<'_>, together: &discourse::CoOccurrences, pairs: &[Pair]) -> DiscourseNetwork {
    let least = asked.request.min_count.unwrap_or(3);
    let told = |at: &usize| asked.shown.contains(at) || TIED_TO.contains(&asked.term(*at).group.as_str());
    let node = |at: usize| DiscourseNode {
        term: asked.term(at).id.clone(),
        name: asked.term(at).name.clone(),
        group: asked.term(at).group.clone(),
        windows: together.with_term[at],
    };
    let strong = |pair: &&Pair| pair.windows.2 >= least && pair.of.mutual_information > 0.0 && told(&pair.first) && told(&pair.second);
    DiscourseNetwork {
        nodes: (0..asked.dictionary.terms().len()).filter(|at| told(at) && together.with_term[*at] > 0).map(node).collect(),
        links: pairs
            .iter()
            .filter(strong)
            .map(|pair| DiscourseLink {
                from: asked.term(pair.first).id.clone(),
                to: asked.term(pair.second).id.clone(),
                windows: pair.windows.2,
                npmi: pair.of.normalised_mutual_information,
                log_likelihood: pair.of.log_likelihood,
            })
            .collect(),
    }
}

fn pictures_of(asked: &Asked<'_>, network: &DiscourseNetwork) -> Result<Vec<Chart>, StrategyError> {
    const LINES: usize = 8;
    const LINKS: usize = 80;
    let documents = asked.documents.len();
    let caption = Text::new(
        format!("{documents} documents; a term inside a longer one counts as the longer one only"),
        format!("共 {documents} 篇；较长词语之内的较短词语不另计"),
    );
    let mut words: BTreeMap<i32, u64> = BTreeMap::new();
    for one in &asked.documents {
        if let Some(year) = one.year() {
            *words.entry(year).or_insert(0) += one.analysis.words;
        }
    }
    let mut most: Vec<(u64, usize)> = asked.shown.iter().map(|at| (asked.total(*at), *at)).filter(|(total, _)| *total > 0).collect();
    most.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(&b.1)));
    let series = most.into_iter().take(LINES).map(|(_, at)| {
        let value = |(year, words): (&i32, &u64)| {
            let of_year = asked.documents.iter().zip(&asked.counts).filter(|(one, _)| one.year() == Some(*year));
            let count: u64 = of_year.map(|(_, counts)| u64::from(counts[at])).sum();
            Some(per(count, *words)).filter(|rate| rate.is_finite())
        };
        (asked.term(at).name.clone(), words.iter().map(value).collect())
    });
    let years = years_picture(caption.clone(), words.keys().copied().collect(), series.collect());
    Ok(years.into_iter().chain(network.picture(caption, LINKS)?).collect())
}
