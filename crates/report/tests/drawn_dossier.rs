//! What every drawing of a dossier must be: well formed, safe, free of NaN, self-contained, complete in both languages, and the same
//! bytes every time. The dossier is made up.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod made_up;

use frame::{Language, Text};
use made_up::MARKUP;
use quick_xml::events::Event;
use std::collections::BTreeSet;
use strategy::{BarRow, ChartKind, Dossier, Point};
use xinzhi_report::{ChartStyle, html, json, markdown, summary_for_terminal, svg, workbook};

const LANGUAGES: [Language; 2] = [Language::En, Language::Zh];

/// Every attribute value and every text of an XML document; panics where it is not well formed.
fn read_xml(xml: &str) -> (Vec<(String, String)>, Vec<String>) {
    let mut reader = quick_xml::Reader::from_str(xml);
    reader.config_mut().check_end_names = true;
    let (mut attributes, mut texts, mut depth) = (Vec::new(), Vec::new(), 0_i32);
    loop {
        let event = reader.read_event().unwrap_or_else(|e| panic!("{e} at {}: {}", reader.error_position(), &xml[..400.min(xml.len())]));
        match &event {
            Event::Start(e) | Event::Empty(e) => {
                depth += i32::from(matches!(event, Event::Start(_)));
                for attribute in e.attributes() {
                    let attribute = attribute.unwrap();
                    let name = attribute.key.as_ref().to_owned();
                    attributes.push((name, attribute.value.to_string()));
                }
            }
            Event::End(_) => depth -= 1,
            Event::Text(t) => texts.push(t.to_string()),
            Event::Eof => break,
            _ => {}
        }
    }
    assert_eq!(depth, 0, "an element is left open");
    (attributes, texts)
}

/// The page as XML: what HTML alone allows (the doctype, void elements) is removed.
fn page_as_xml(page: &str) -> String {
    let mut xml = page.replacen("<!DOCTYPE html>", "", 1);
    for void in ["<meta charset=\"utf-8\">", "initial-scale=1\">"] {
        assert!(xml.contains(void), "{void}");
        xml = xml.replacen(void, &void.replace('>', "/>"), 1);
    }
    let at = xml.find("<meta name=\"generator\"").unwrap();
    let end = at + xml[at..].find('>').unwrap();
    xml.insert(end, '/');
    xml
}

#[test]
fn charts_are_well_formed_and_free_of_nan() {
    let dossier = made_up::dossier();
    for language in LANGUAGES {
        for chart in &dossier.sections[0].charts {
            for width in [360.0, 720.0] {
                for heading in [false, true] {
                    let drawn = svg(chart, language, &ChartStyle { width, heading, hover: true });
                    let is_empty = chart.id.starts_with("no_") || chart.id == "absent_bar";
                    assert_eq!(drawn.is_empty(), is_empty, "{} {width}", chart.id);
                    if drawn.is_empty() {
                        continue;
                    }
                    let (attributes, texts) = read_xml(&drawn);
                    for (name, value) in attributes {
                        assert!(!value.contains("NaN") && !value.contains("inf"), "{}: {name}={value}", chart.id);
                        if ["width", "height", "r", "stroke-width"].contains(&name.as_str()) {
                            assert!(value.parse::<f64>().unwrap() >= 0.0, "{}: {name}={value}", chart.id);
                        }
                        if name == "font-size" {
                            assert!(value.parse::<f64>().unwrap() >= 12.0);
                        }
                    }
                    assert!(texts.iter().any(|t| !t.trim().is_empty()));
                }
            }
        }
    }
}

#[test]
fn values_that_are_not_finite_never_reach_a_drawing() {
    let mut dossier = made_up::dossier();
    for chart in &mut dossier.sections[0].charts {
        match &mut chart.kind {
            ChartKind::Scatter { points, .. } => {
                points.push(Point { label: Text::same("bad"), x: f64::NAN, y: f64::INFINITY, size: f64::NAN, group: 99, labelled: true })
            }
            ChartKind::Bars { rows, .. } => {
                rows.push(BarRow { label: Text::same("bad"), values: vec![Some(f64::NAN), Some(f64::INFINITY)], highlighted: false })
            }
            ChartKind::HeatMap { values, .. } => values.iter_mut().for_each(|row| row[0] = Some(f64::NAN)),
            ChartKind::Lines { series, .. } => series.iter_mut().for_each(|line| line.values[2] = Some(f64::NEG_INFINITY)),
            ChartKind::Flow { links, .. } => links.iter_mut().take(1).for_each(|link| link.value = f64::NAN),
            ChartKind::Map { shapes, .. } => shapes.iter_mut().take(1).for_each(|shape| shape.value = Some(f64::NAN)),
            ChartKind::Network { nodes, links, .. } => {
                nodes.iter_mut().take(1).for_each(|node| (node.x, node.radius, node.size) = (f64::NAN, f64::INFINITY, f64::NAN));
                links.iter_mut().take(1).for_each(|link| link.to = 999_999);
            }
            ChartKind::Timeline { entries, known_to, .. } => {
                entries.iter_mut().take(1).for_each(|entry| (entry.start, entry.kind) = (f64::NAN, 999_999));
                entries.iter_mut().skip(1).take(1).for_each(|entry| (entry.end, entry.lane) = (Some(f64::INFINITY), 999_999));
                *known_to = Some(f64::NAN);
            }
        }
    }
    for chart in &dossier.sections[0].charts {
        let drawn = svg(chart, Language::En, &ChartStyle::default());
        assert!(!drawn.contains("NaN") && !drawn.contains("inf"), "{}", chart.id);
    }
    workbook(&dossier, Language::En).unwrap();
}

#[test]
fn bars_are_as_long_as_their_values() {
    let dossier = made_up::dossier();
    let chart = dossier.sections[0].charts.iter().find(|c| c.id == "specialisation").unwrap();
    let (attributes, _) = read_xml(&svg(chart, Language::En, &ChartStyle { heading: false, ..ChartStyle::default() }));
    let widths: Vec<f64> = attributes.iter().skip(1).filter(|(name, _)| name == "width").filter_map(|(_, v)| v.parse().ok()).collect();
    // the svg's own width, the hatch pattern's, then the bars: 0.214, 0.12, −0.084
    let at = widths.windows(3).find(|w| (w[1] / w[0] - 0.12 / 0.214).abs() < 0.005 && (w[2] / w[0] - 0.084 / 0.214).abs() < 0.005);
    assert!(at.is_some(), "{widths:?}");
}

#[test]
fn labels_of_a_scatter_do_not_meet() {
    let dossier = made_up::dossier();
    let drawn = svg(&dossier.sections[0].charts[0], Language::Zh, &ChartStyle { heading: false, hover: false, width: 720.0 });
    // labels are the texts with a halo
    let baselines: Vec<(f64, f64)> = drawn
        .split("<text ")
        .filter(|t| t.contains("paint-order"))
        .map(|t| {
            let number = |name: &str| t.split(&format!("{name}=\"")).nth(1).unwrap().split('"').next().unwrap().parse().unwrap();
            (number("x"), number("y"))
        })
        .collect();
    assert!(baselines.len() >= 6, "{baselines:?}");
    for (i, a) in baselines.iter().enumerate() {
        assert!(baselines[i + 1..].iter().all(|b| (a.1 - b.1).abs() >= 13.0 || (a.0 - b.0).abs() >= 13.0), "{a:?}");
    }
}

#[test]
fn a_network_shows_every_node_and_its_names_do_not_meet() {
    let dossier = made_up::dossier();
    let chart = dossier.sections[0].charts.iter().find(|c| c.id == "related").unwrap();
    for language in LANGUAGES {
        let drawn = svg(chart, language, &ChartStyle { heading: false, hover: true, width: 1280.0 });
        let (attributes, texts) = read_xml(&drawn);
        // 200 nodes and three circles of the legend
        assert_eq!(drawn.matches("<circle ").count(), 203);
        assert_eq!(drawn.matches("<circle ").count(), attributes.iter().filter(|(name, _)| name == "r").count());
        let word = if language == Language::En { "has it not" } else { "不具备" };
        assert_eq!(
            texts.iter().filter(|t| *t == word || t.ends_with(&format!(" · {word}"))).count(),
            150 + 1,
            "three in four nodes, and the legend"
        );
        // both kinds of link, one path each
        assert_eq!(drawn.matches("<path ").count(), 2);
        let names: Vec<(f64, f64, f64)> = drawn
            .split("<text ")
            .filter(|t| t.contains("paint-order"))
            .map(|t| {
                let value = |name: &str| t.split(&format!("{name}=\"")).nth(1).unwrap().split('"').next().unwrap().parse::<f64>().unwrap();
                let text = t.split('>').nth(1).unwrap().split('<').next().unwrap();
                // narrower than the drawing thinks, so that only names that truly meet are found
                let wide = text.chars().map(|c| if c >= '\u{2E80}' { 12.0 } else { 5.0 }).sum::<f64>();
                let left = if t.contains("\"end\"") {
                    value("x") - wide
                } else if t.contains("\"middle\"") {
                    value("x") - wide / 2.0
                } else {
                    value("x")
                };
                (left, left + wide, value("y"))
            })
            .collect();
        assert!(names.len() >= 15, "{} names", names.len());
        for (i, a) in names.iter().enumerate() {
            assert!(names[i + 1..].iter().all(|b| (a.2 - b.2).abs() >= 12.0 || a.1 <= b.0 || b.1 <= a.0), "{a:?}");
        }
    }
}

#[test]
fn a_timeline_shows_every_entry_and_its_names_do_not_meet() {
    let dossier = made_up::dossier();
    let chart = dossier.sections[0].charts.iter().find(|c| c.id == "timeline").unwrap();
    let ChartKind::Timeline { entries, lanes, .. } = &chart.kind else { panic!() };
    for language in LANGUAGES {
        for width in [360.0, 720.0] {
            let drawn = svg(chart, language, &ChartStyle { heading: false, hover: true, width });
            read_xml(&drawn);
            // a mark each, with its whole name to show
            for entry in entries {
                let title = format!("{}: {}", entry.when.get(language), entry.label.get(language));
                let escaped = title.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;");
                assert!(drawn.contains(&format!("<title>{escaped}</title>")), "{title}");
            }
            assert_eq!(drawn.matches("<title>").count(), 1 + entries.len());
            let nobody = lanes[3].get(language);
            assert!(!drawn.contains(&format!(">{nobody}<")), "a lane without entries takes room");
            let value =
                |t: &str, name: &str| t.split(&format!(" {name}=\"")).nth(1).unwrap().split('"').next().unwrap().parse::<f64>().unwrap();
            let lines: Vec<(f64, f64, f64)> = drawn
                .split("<text")
                .filter(|t| t.contains("paint-order"))
                .map(|t| {
                    let body = t.split("</text>").next().unwrap().split_once('>').unwrap().1;
                    let text = body.replace("</tspan>", "").split_once("\">").map_or(body.to_owned(), |(_, rest)| rest.to_owned());
                    let text = text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&amp;", "&");
                    // narrower than the drawing thinks, so that only names that truly meet are found
                    let wide = text.chars().map(|c| if c >= '\u{2E80}' { 12.5 } else { 5.5 }).sum::<f64>();
                    let x = value(t, "x");
                    let left = if t.contains("\"end\"") { x - wide } else { x };
                    (left, left + wide, value(t, "y"))
                })
                .collect();
            assert!(lines.len() > entries.len());
            let height = value(&drawn, "height");
            for (i, a) in lines.iter().enumerate() {
                assert!(a.0 >= -0.1 && a.1 <= width + 1.0 && a.2 <= height, "{a:?} leaves the drawing of {width}");
                assert!(lines[i + 1..].iter().all(|b| (a.2 - b.2).abs() >= 12.0 || a.1 <= b.0 || b.1 <= a.0), "{a:?}");
            }
        }
    }
}

#[test]
fn the_page_is_well_formed_self_contained_and_leads_to_its_evidence() {
    let dossier = made_up::dossier();
    for language in LANGUAGES {
        let page = html(&dossier, language);
        assert!(page.len() < 600_000, "{} bytes", page.len());
        assert!(page.contains(&format!("<html lang=\"{}\">", language.tag())));
        assert!(!page.contains("<script"), "markup of a name is not escaped");
        assert!(!page.contains("href=\"javascript"), "a hostile address became a link");
        for remote in ["src=", "@import", "url(http", "<link", "<iframe", "<object"] {
            assert!(!page.contains(remote), "{remote}");
        }
        let (attributes, texts) = read_xml(&page_as_xml(&page));
        let ids: Vec<&String> = attributes.iter().filter(|(name, _)| name == "id").map(|(_, id)| id).collect();
        let unique: BTreeSet<&String> = ids.iter().copied().collect();
        assert_eq!(ids.len(), unique.len(), "an id stands twice");
        for (name, value) in &attributes {
            assert!(!value.contains("NaN") && !value.contains("Infinity"), "{name}={value}");
            if name == "href" {
                match value.strip_prefix('#') {
                    Some(target) => assert!(ids.iter().any(|id| *id == target), "{value} leads nowhere"),
                    None => assert_eq!(value, "https://example.org/made-up"),
                }
            }
        }
        assert!(!texts.iter().any(|t| t.contains("NaN")));
        // every quoted value that stands in a sentence is a link
        for quoted in ["href=\"#evidence-1\">23.4%</a>", "href=\"#evidence-3\">1.07</a>"] {
            assert!(page.contains(quoted), "{quoted}");
        }
        assert!(page.contains("xinzhi explain TST/industry/complexity"));
        assert!(!page.contains("<h2></h2>") && !page.contains("<h3></h3>") && !page.contains("<caption></caption>"));
        // charts without content leave no frame
        assert!(!page.contains("chart-section-no-"));
    }
}

#[test]
fn markdown_escapes_names_and_keeps_its_footnotes() {
    for language in LANGUAGES {
        let text = markdown(&made_up::dossier(), language);
        assert!(!text.contains("<script") && !text.contains(MARKUP));
        assert!(!text.contains("NaN"));
        for n in 1..=6 {
            assert!(text.contains(&format!("\n[^{n}]: ")), "footnote {n}");
        }
        // every table row has the cells of its header
        let mut columns = None;
        for line in text.lines() {
            let cells = line.starts_with('|').then(|| line.replace("\\|", "").matches('|').count());
            if let (Some(a), Some(b)) = (columns, cells) {
                assert_eq!(a, b, "{line}");
            }
            columns = cells;
        }
    }
}

#[test]
fn json_validates_against_the_published_schema_and_reads_back() {
    let dossier = made_up::dossier();
    let schema: serde_json::Value = serde_json::from_str(include_str!("../../../docs/dossier.schema.json")).unwrap();
    jsonschema::meta::validate(&schema).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let text = json(&dossier);
    let value: serde_json::Value = serde_json::from_str(&text).unwrap();
    let errors: Vec<String> = validator.iter_errors(&value).map(|e| format!("{}: {e}", e.instance_path())).collect();
    assert!(errors.is_empty(), "{errors:#?}");
    assert_eq!(serde_json::from_str::<Dossier>(&text).unwrap(), dossier);
    // a schema that accepts everything would prove nothing
    for (pointer, wrong) in [
        ("/place", "code"),
        ("", "figures"),
        ("/strands/0", "rule"),
        ("/sections/0/charts/0/kind", "points"),
        ("/figures/0/evidence", "tables"),
    ] {
        let mut broken = value.clone();
        broken.pointer_mut(pointer).unwrap().as_object_mut().unwrap().remove(wrong);
        assert!(!validator.is_valid(&broken), "{pointer} without {wrong} must not be valid");
    }
    let mut broken = value.clone();
    broken["surprise"] = 1.into();
    assert!(!validator.is_valid(&broken));
}

#[test]
fn the_workbook_opens_with_real_numbers() {
    use calamine::{Data, Reader, Xlsx};
    let dossier = made_up::dossier();
    for language in LANGUAGES {
        let bytes = workbook(&dossier, language).unwrap();
        let mut book: Xlsx<_> = Xlsx::new(std::io::Cursor::new(bytes)).unwrap();
        let names = book.sheet_names();
        assert!(names.iter().all(|name| name.chars().count() <= 31));
        let (title, exports) = match language {
            Language::En => ("The largest exports", "Exports"),
            Language::Zh => ("最大出口产品", "出口额"),
        };
        let sheet = book.worksheet_range(title).unwrap();
        assert_eq!(sheet.get_value((3, 1)), Some(&Data::String(exports.into())));
        assert_eq!(sheet.get_value((4, 1)), Some(&Data::Float(63.2e9)));
        // an absent cell stays empty
        assert!(matches!(sheet.get_value((4, 3)), None | Some(Data::Empty)));
        let figures = book.worksheet_range(if language == Language::En { "Figures" } else { "指标与依据" }).unwrap();
        assert_eq!(figures.height(), 4 + dossier.figures.len());
    }
}

#[test]
fn the_terminal_summary_keeps_to_its_width() {
    let mut dossier = made_up::dossier();
    dossier.summary.truncate(3);
    for (language, width) in [(Language::En, 60), (Language::Zh, 60), (Language::Zh, 100)] {
        let text = summary_for_terminal(&dossier, language, width);
        for line in text.lines() {
            let columns: usize = line.chars().map(|c| if c >= '\u{2E80}' { 2 } else { 1 }).sum();
            assert!(columns <= width, "{columns}: {line}");
        }
        assert!(text.contains(if language == Language::En { "Transform (3)" } else { "改造提升 (3)" }), "{text}");
    }
}

#[test]
fn the_same_dossier_gives_the_same_bytes() {
    let dossier = made_up::dossier();
    for language in LANGUAGES {
        assert_eq!(html(&dossier, language), html(&dossier, language));
        assert_eq!(markdown(&dossier, language), markdown(&dossier, language));
        let first = workbook(&dossier, language).unwrap();
        std::thread::sleep(std::time::Duration::from_millis(2100));
        assert!(first == workbook(&dossier, language).unwrap(), "the workbook holds the time of day");
    }
}
