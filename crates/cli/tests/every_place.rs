//! Dossiers of every place in the embedded data, in both languages and all formats.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use frame::{Language, Text};
use std::collections::BTreeSet;
use std::path::Path;
use strategy::{Cell, ChartKind, Dossier, Engine, Sentence};

/// Every text of a dossier.
fn texts(dossier: &Dossier) -> Vec<&Text> {
    let mut texts: Vec<&Text> = vec![&dossier.place.name];
    texts.extend(dossier.summary.iter().map(|s| &s.text));
    texts.extend(&dossier.limits);
    texts.extend(dossier.figures.iter().map(|f| &f.label));
    for strand in &dossier.strands {
        texts.push(&strand.title);
        texts.extend(&strand.missing);
        for item in &strand.items {
            texts.extend([&item.name, &item.reason]);
            texts.extend(item.near.iter().chain(&item.evidence));
            texts.extend(item.metrics.iter().map(|m| &m.label));
        }
    }
    for section in &dossier.sections {
        texts.extend([&section.title, &section.source_line]);
        texts.extend(section.text.iter().map(|s| &s.text));
        texts.extend(&section.missing);
        for chart in &section.charts {
            texts.extend([&chart.title, &chart.caption]);
        }
        for table in &section.tables {
            texts.extend([&table.title, &table.note]);
            texts.extend(table.columns.iter().map(|c| &c.label));
            texts.extend(table.rows.iter().flatten().filter_map(|c| if let Cell::Text(text) = c { Some(text) } else { None }));
        }
    }
    texts
}

fn is_empty(kind: &ChartKind) -> bool {
    match kind {
        ChartKind::Scatter { points, .. } => points.is_empty(),
        ChartKind::Bars { rows, .. } => rows.is_empty(),
        ChartKind::Flow { links, .. } => links.is_empty(),
        ChartKind::HeatMap { values, .. } => values.iter().flatten().all(Option::is_none),
        ChartKind::Lines { series, .. } => series.iter().flat_map(|s| &s.values).all(Option::is_none),
        ChartKind::Map { shapes, .. } => shapes.iter().all(|s| s.value.is_none()),
        ChartKind::Network { nodes, .. } => nodes.is_empty(),
        ChartKind::Timeline { entries, .. } => entries.is_empty(),
    }
}

fn check(dossier: &Dossier, methods: &Path) {
    let code = &dossier.place.code;
    for text in texts(dossier) {
        assert!(!text.en.is_empty() && !text.zh.is_empty(), "{code}: an empty text in one language: {text:?}");
        for version in [&text.en, &text.zh] {
            assert!(!version.contains("{0}") && !version.contains("{1}") && !version.contains("{2}"), "{code}: unfilled: {version}");
            assert!(!version.contains("NaN") && !version.contains("inf%"), "{code}: {version}");
        }
        // a Chinese sentence of some length holds Chinese
        assert!(
            text.zh.chars().count() < 60 || text.zh.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c)),
            "{code}: not Chinese: {}",
            text.zh
        );
    }
    let ids: BTreeSet<&str> = dossier.figures.iter().map(|f| f.id.as_str()).collect();
    assert_eq!(ids.len(), dossier.figures.len(), "{code}: a figure stands twice");
    let sentences: Vec<&Sentence> = dossier.summary.iter().chain(dossier.sections.iter().flat_map(|s| &s.text)).collect();
    for id in sentences.iter().flat_map(|s| &s.figures).chain(&dossier.headline) {
        assert!(ids.contains(id.as_str()), "{code}: {id} is quoted but not there");
    }
    for figure in &dossier.figures {
        assert!(!figure.evidence.tables.is_empty() && !figure.evidence.formula.is_empty(), "{code}: {} has no evidence", figure.id);
        let page = methods.join(format!("{}.md", figure.evidence.method));
        assert!(page.exists(), "{code}: the method of {} has no page {}", figure.id, page.display());
        assert!(figure.value.is_some() != figure.refusal.is_some(), "{code}: {} must have a value or a refusal", figure.id);
    }
    assert!(!dossier.summary.is_empty(), "{code}: no summary");
    for section in &dossier.sections {
        let says = section.text.len() + section.charts.len() + section.tables.len() + section.missing.len();
        assert!(says > 0, "{code}: section {} is empty and does not say why", section.id);
        assert!(section.charts.iter().all(|chart| !is_empty(&chart.kind)), "{code}: an empty chart in {}", section.id);
        assert!(section.tables.iter().all(|table| !table.rows.is_empty()), "{code}: an empty table in {}", section.id);
    }
    assert_eq!(dossier.strands.len(), 3, "{code}");
    for strand in &dossier.strands {
        assert!(!strand.items.is_empty() || strand.missing.is_some(), "{code}: {} is empty and does not say why", strand.id);
    }
}

#[test]
fn every_place_has_a_dossier_in_both_languages() {
    let methods = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/methods");
    let schema: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(methods.join("../dossier.schema.json")).unwrap()).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let engine = Engine::new(store::Workspace::embedded().unwrap());
    let places = engine.dossier_places().unwrap();
    assert_eq!(places.len(), 281, "250 countries and territories and 31 provinces");
    // places with an interval, places with a 1980
    let mut seen = (0, 0);
    for (at, place) in places.iter().enumerate() {
        let dossier = engine.dossier(&place.code).unwrap_or_else(|error| panic!("{}: {error}", place.code));
        check(&dossier, &methods);
        if place.level == frame::PlaceLevel::Country {
            check_industry(&dossier, &mut seen);
        }
        let json: serde_json::Value = serde_json::from_str(&report::json(&dossier)).unwrap();
        assert!(validator.is_valid(&json), "{}: {:?}", place.code, validator.iter_errors(&json).next().map(|e| e.to_string()));
        for language in [Language::En, Language::Zh] {
            let page = report::html(&dossier, language);
            assert!(page.contains(place.name.get(language)), "{}", place.code);
            assert!(!page.contains("NaN"), "{}", place.code);
            assert!(report::markdown(&dossier, language).len() > 500, "{}", place.code);
        }
        // workbooks are slow to zip: every tenth is enough to meet every kind of place
        if at % 10 == 0 {
            assert!(report::workbook(&dossier, Language::Zh).unwrap().starts_with(b"PK"), "{}", place.code);
        }
    }
    assert_eq!(seen, (142, 117), "the core, and those of it that the table of 1980 has");
}

/// What the industry section of a country must hold when it holds anything.
fn check_industry(dossier: &Dossier, seen: &mut (usize, usize)) {
    let code = &dossier.place.code;
    let value = |id: &str| dossier.figures.iter().find(|f| f.id == format!("{code}/industry/{id}")).and_then(|f| f.value);
    let rank = |id: &str| dossier.figures.iter().find(|f| f.id == format!("{code}/industry/{id}")).and_then(|f| f.rank);
    let section = dossier.sections.iter().find(|s| s.id == "industry").unwrap();
    let Some(eci) = value("eci") else {
        assert!(!section.missing.is_empty(), "{code}: no trade and no reason");
        return;
    };
    let picture = section.charts.iter().find(|c| c.id == "product-space").unwrap_or_else(|| panic!("{code}: no product space"));
    let ChartKind::Network { nodes, .. } = &picture.kind else { panic!("{code}") };
    assert!(nodes.len() == 400, "{code}");
    let trading = section.text.iter().any(|s| s.figures.iter().any(|f| f.ends_with("entry_auc_logistic")));
    assert_eq!(trading, rank("eci").is_some(), "{code}: the back-test is quoted for places of the core, and for no other");
    if let Some(at) = rank("eci") {
        let ends = ["eci_low", "eci_high", "eci_rank_best", "eci_rank_worst"].map(|id| value(id).unwrap_or(f64::NAN));
        assert!(ends[0] < ends[1] && ends[2] <= ends[3] && ends[2] >= 1.0 && ends[3] <= at.of as f64, "{code}: {ends:?}");
        seen.0 += 1;
        if ["CHN", "DEU", "VNM"].contains(&code.as_str()) {
            assert!(ends[0] <= eci && eci <= ends[1], "{code}: {eci} outside {ends:?}");
            assert!(ends[2] <= at.rank as f64 && at.rank as f64 <= ends[3], "{code}: {at:?} outside {ends:?}");
            assert!(nodes.iter().any(|n| n.present) && nodes.iter().any(|n| !n.present), "{code}");
        }
        assert!(section.tables.iter().any(|t| t.id == "peers" && t.rows.len() == 5), "{code}: no peers");
    }
    if let (Some(had), Some(has)) = (value("diversity_earlier"), value("diversity_comparable")) {
        assert_eq!(had + value("entered").unwrap() - value("left").unwrap(), has, "{code}: entries and exits do not add up");
        seen.1 += 1;
    } else {
        assert!(section.missing.iter().any(|m| m.en.contains("1980")), "{code}: no 1980 and no reason");
    }
    for strand in dossier.strands.iter().filter(|s| s.id != "transform") {
        for item in &strand.items {
            let labels: Vec<&str> = item.metrics.iter().map(|m| m.label.en.as_str()).collect();
            assert!(labels.contains(&"effort"), "{code}: {} has no effort", item.code);
            let told = labels.contains(&"probability of entry");
            assert_eq!(told, item.evidence.iter().any(|e| e.en.starts_with("Probability")), "{code}: {}", item.code);
        }
    }
}

#[test]
fn the_same_bytes_on_one_and_on_many_threads() {
    let json = |threads: usize| {
        rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap().install(|| {
            let engine = Engine::new(store::Workspace::embedded().unwrap());
            ["KOR", "CN-LN"].map(|place| report::json(&engine.dossier(place).unwrap()))
        })
    };
    let one = json(1);
    assert!(one == json(2), "2 threads");
    assert!(one == json(8), "8 threads");
}
