use crate::{Engine, StrategyError};
use discourse::{Term, normalised};
use frame::Text;
use std::collections::{BTreeMap, BTreeSet};
use store::{Problem, StoreError, TextRows};

/// Terms of a table: columns `term`, `group`, `name_en`, `name_zh`, `forms_en`, `forms_zh` (several forms separated by `;`), of which one of
/// `term`, `name_en` and `name_zh` is enough. A term without a group is of the group `user`.
///
/// # Errors
/// [`Problem::Schema`] for a table with none of those columns, [`Problem::Value`] for a row without a name.
///
/// ```
/// let folder = tempfile::tempdir()?;
/// let file = folder.path().join("terms.csv");
/// std::fs::write(&file, "term,name_zh,forms_en\nteqi,特色产业,special industries;specialty industries\n")?;
/// let terms = xinzhi_strategy::policy_verbs::terms_of_rows(&store::TextRows::read(&file, &Default::default())?)?;
/// assert_eq!((terms[0].id.as_str(), terms[0].name.zh.as_str(), terms[0].forms_en.len()), ("teqi", "特色产业", 2));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn terms_of_rows(rows: &TextRows) -> Result<Vec<Term>, StrategyError> {
    let known: Vec<&str> = rows.names().collect();
    if !known.iter().any(|name| ["term", "name_en", "name_zh"].contains(name)) {
        let what = "the table of terms has neither a column `term` nor `name_en` nor `name_zh`";
        return Err(StoreError::new(Problem::Schema, what).next(format!("its columns are {}", known.join(", "))).into());
    }
    let column = |name: &str| if known.contains(&name) { rows.column(Some(name)).map(Some) } else { Ok(None) };
    let columns = ["term", "group", "name_en", "name_zh", "forms_en", "forms_zh"].map(column);
    let mut cells = Vec::new();
    for found in columns {
        cells.push(found?);
    }
    let length = rows.column(None)?.len();
    let cell = |at: usize, row: usize| cells[at].as_ref().map_or("", |column| column[row].trim());
    let forms = |text: &str| text.split(';').map(str::trim).filter(|form| !form.is_empty()).map(str::to_owned).collect::<Vec<_>>();
    let mut terms = Vec::with_capacity(length);
    for row in 0..length {
        let [term, group, en, zh, forms_en, forms_zh] = [0, 1, 2, 3, 4, 5].map(|at| cell(at, row));
        let first = [term, en, zh]
            .into_iter()
            .find(|text| !text.is_empty())
            .ok_or_else(|| StoreError::new(Problem::Value, format!("row {} of the table of terms has no name", row + 1)))?;
        let name = match (en.is_empty(), zh.is_empty()) {
            (true, true) => Text::same(term),
            (false, false) => Text::new(en, zh),
            (false, true) => Text::same(en),
            (true, false) => Text::same(zh),
        };
        terms.push(Term {
            id: first.to_owned(),
            group: if group.is_empty() { "user" } else { group }.to_owned(),
            name,
            forms_en: forms(forms_en),
            forms_zh: forms(forms_zh),
        });
    }
    Ok(terms)
}

/// The registry's dictionary of terms, as texts are read with it.
///
/// # Errors
/// What reading the registry reports.
pub fn registry_terms(engine: &Engine) -> Result<Vec<Term>, StrategyError> {
    let registry = engine.policy_registry()?;
    let term = |term: &policy::PolicyTerm| Term {
        id: term.id.clone(),
        group: term.group.word().to_owned(),
        name: term.name.clone(),
        forms_en: term.forms_en.clone(),
        forms_zh: term.forms_zh.clone(),
    };
    Ok(registry.terms().iter().map(term).collect())
}

fn same(form: &str) -> String {
    normalised(form).split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}

/// The registry's terms with the user's own, which go first: a registry term of the same id gives way, a spelling that the user claims is
/// taken from the registry's term, and a registry term whose name is claimed gives way too. Words are terms of one spelling; those
/// that are a spelling already are not added. What was changed is told.
pub fn join_terms(registry: Vec<Term>, own: Vec<Term>, words: &[String]) -> (Vec<Term>, Vec<String>) {
    let mut notes = Vec::new();
    let mut claimed: BTreeMap<String, String> = BTreeMap::new();
    for term in &own {
        for form in term.forms() {
            claimed.insert(same(form), term.id.clone());
        }
    }
    let own_ids: BTreeSet<&str> = own.iter().map(|term| term.id.as_str()).collect();
    let mut terms = Vec::new();
    for mut term in registry {
        let name_of = |text: &str| claimed.get(&same(text)).filter(|_| !text.trim().is_empty());
        if own_ids.contains(term.id.as_str()) {
            notes.push(format!("your term \"{0}\" replaces the registry's \"{0}\"", term.id));
            continue;
        }
        if let Some(owner) = name_of(&term.name.en).or_else(|| name_of(&term.name.zh)) {
            notes.push(format!("your term \"{owner}\" replaces the registry's \"{}\"", term.id));
            continue;
        }
        for forms in [&mut term.forms_en, &mut term.forms_zh] {
            forms.retain(|form| {
                let owner = claimed.get(&same(form));
                notes.extend(
                    owner.map(|owner| format!("\"{form}\" counts for your term \"{owner}\", not for the registry's \"{}\"", term.id)),
                );
                owner.is_none()
            });
        }
        terms.push(term);
    }
    terms.extend(own);
    for word in words.iter().map(|word| word.trim()).filter(|word| !word.is_empty()) {
        match terms.iter().find(|term| term.id == word || term.forms().any(|form| same(form) == same(word))) {
            Some(known) if known.id == word => {}
            Some(known) => notes.push(format!("\"{word}\" is a form of the term \"{}\" and counts there", known.id)),
            None => {
                let name = Text::same(word);
                terms.push(Term { id: word.to_owned(), group: "user".to_owned(), name, ..Term::default() });
            }
        }
    }
    (terms, notes)
}
