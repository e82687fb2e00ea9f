//! The fixed words around a dossier's own text, and the way a figure is written, alike in every output.

use frame::{Figure, Language, TableReference, number};
use std::collections::BTreeMap;
use strategy::{Dossier, Source};

/// One of two versions of a fixed text.
pub(crate) fn pick<'a>(language: Language, en: &'a str, zh: &'a str) -> &'a str {
    match language {
        Language::En => en,
        Language::Zh => zh,
    }
}

/// The kind of document.
pub(crate) fn kind(language: Language) -> &'static str {
    pick(language, "Industrial strategy dossier", "产业战略档案")
}

/// The level of a place in words; an unknown level stands as it is.
pub(crate) fn level(level: &str, language: Language) -> String {
    let known = match level {
        "world" => ("World", "世界"),
        "country" => ("Country", "国家或地区"),
        "province" => ("Province", "省级行政区"),
        "aggregate" => ("Group of places", "地区合计"),
        other => (other, other),
    };
    pick(language, known.0, known.1).to_owned()
}

/// The value of a figure with its unit, or why there is none.
pub(crate) fn value(figure: &Figure, language: Language) -> String {
    match (figure.value, &figure.refusal) {
        (Some(value), _) => number::with_unit(value, &figure.unit, language),
        (None, Some(refusal)) => format!("{} ({})", number::ABSENT, refusal.get(language)),
        (None, None) => number::ABSENT.to_owned(),
    }
}

/// A table and the start of its hash.
pub(crate) fn table(reference: &TableReference) -> String {
    let hash: String = reference.sha256.chars().take(12).collect();
    if hash.is_empty() { reference.table.clone() } else { format!("{} · sha256 {hash}…", reference.table) }
}

/// A licence and whether it was read at the source.
pub(crate) fn licence(source: &Source, language: Language) -> String {
    let status = match source.licence_status.as_str() {
        "stated" => pick(language, "stated at the source", "来源已声明"),
        "expected" => pick(language, "expected, not read at the source", "推定，未在来源处核实"),
        other => other,
    };
    format!("{} ({status})", source.licence)
}

/// The figures of a dossier by id, each with its number in the appendix (from 1, in the order of the ids).
pub(crate) fn numbered(dossier: &Dossier) -> BTreeMap<&str, (usize, &Figure)> {
    dossier.figures.iter().enumerate().map(|(i, figure)| (figure.id.as_str(), (i + 1, figure))).collect()
}
