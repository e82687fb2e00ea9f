//! A calendar file against RFC 5545, read back by a small reader of its own. The entries are made up.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use frame::Language;
use xinzhi_report::{CalendarEntry, ReportError, calendar};

fn entry(uid: &str) -> CalendarEntry {
    CalendarEntry {
        uid: uid.into(),
        start: (2024, 2, 29),
        end: None,
        summary: "A made-up measure".into(),
        description: String::new(),
        categories: vec![],
        url: None,
    }
}

/// What breaks calendars: the four characters that are escaped, line breaks, control characters, long lines in both languages.
fn awkward() -> Vec<CalendarEntry> {
    let long = "虚构的出口管制公告，用于测试折行；".repeat(12);
    vec![
        entry("made-up-1@example.org"),
        CalendarEntry {
            uid: "made-up-2@example.org".into(),
            start: (2023, 12, 31),
            end: Some((2024, 12, 31)),
            summary: "Duties; 25%, \"made up\" \\ not real: {x}".into(),
            description: format!("First line\nsecond, with a comma\r\n{long}\u{7}end"),
            categories: vec!["trade barrier".into(), "a, b; c".into(), " ".into()],
            url: Some("https://example.org/made-up?a=1&b=2".into()),
        },
        CalendarEntry { summary: format!("中文{long}"), start: (9999, 12, 31), ..entry("made-up-3@example.org") },
        CalendarEntry { summary: "🧪é".repeat(60), ..entry("made-up-4@example.org") },
    ]
}

/// Content lines after unfolding (RFC 5545 3.1), each checked for its length first.
fn unfold(file: &str) -> Vec<String> {
    assert!(file.ends_with("\r\n") && !file.replace("\r\n", "").contains(['\r', '\n']), "a bare line break");
    let mut lines: Vec<String> = Vec::new();
    for line in file.trim_end_matches("\r\n").split("\r\n") {
        assert!(line.len() <= 75, "{} octets: {line}", line.len());
        assert!(!line.chars().any(char::is_control), "{line:?}");
        match line.strip_prefix(' ') {
            Some(rest) => lines.last_mut().expect("the first line is folded").push_str(rest),
            None => lines.push(line.to_owned()),
        }
    }
    lines
}

/// Values of a property, unescaped (3.3.11), split at commas that are not escaped.
fn values(raw: &str) -> Vec<String> {
    let mut out = vec![String::new()];
    let mut characters = raw.chars();
    while let Some(c) = characters.next() {
        match c {
            '\\' => match characters.next() {
                Some('n' | 'N') => out.last_mut().unwrap().push('\n'),
                Some(escaped @ ('\\' | ';' | ',')) => out.last_mut().unwrap().push(escaped),
                other => panic!("\\{other:?} is no escape"),
            },
            ',' => out.push(String::new()),
            ';' => panic!("a semicolon that is not escaped: {raw}"),
            c => out.last_mut().unwrap().push(c),
        }
    }
    out
}

type Event = Vec<(String, String)>;

/// The events of a file; panics where one is not closed or a line is no property.
fn read(file: &str) -> (Event, Vec<Event>) {
    let (mut head, mut events, mut open) = (Vec::new(), Vec::new(), Vec::new());
    for line in unfold(file) {
        let (name, value) = line.split_once(':').unwrap_or_else(|| panic!("no property: {line}"));
        match (name, value) {
            ("BEGIN", "VEVENT") => events.push(Vec::new()),
            _ if open.last().is_some_and(|o: &String| o == "VEVENT") && name != "END" => {
                events.last_mut().unwrap().push((name.to_owned(), value.to_owned()));
            }
            ("BEGIN" | "END", _) => {}
            _ => head.push((name.to_owned(), value.to_owned())),
        }
        match name {
            "BEGIN" => open.push(value.to_owned()),
            "END" => assert_eq!(open.pop().as_deref(), Some(value)),
            _ => {}
        }
    }
    assert!(open.is_empty());
    (head, events)
}

fn get<'a>(event: &'a Event, name: &str) -> Option<&'a str> {
    let is = |found: &str| found == name || found.starts_with(&format!("{name};"));
    assert!(event.iter().filter(|(n, _)| is(n)).count() <= 1, "{name} stands twice");
    event.iter().find(|(n, _)| is(n)).map(|(_, v)| v.as_str())
}

#[test]
fn a_calendar_reads_back_as_it_was_written() {
    let entries = awkward();
    for language in [Language::En, Language::Zh] {
        let file = calendar("措施, made up", &entries, (2026, 5, 14), language).unwrap();
        let (head, events) = read(&file);
        assert_eq!(get(&head, "VERSION"), Some("2.0"));
        assert!(get(&head, "PRODID").is_some_and(|id| id.starts_with("-//")));
        assert_eq!(values(get(&head, "NAME").unwrap()), ["措施, made up"]);
        assert_eq!(events.len(), entries.len());
        for (event, entry) in events.iter().zip(&entries) {
            assert_eq!(get(event, "UID"), Some(entry.uid.as_str()));
            assert_eq!(get(event, "DTSTAMP"), Some("20260514T000000Z"));
            assert_eq!(values(get(event, "SUMMARY").unwrap()), std::slice::from_ref(&entry.summary));
        }
        assert_eq!(get(&events[0], "DTSTART"), Some("20240229"));
        assert_eq!(get(&events[0], "DTEND"), Some("20240301"), "the end is the day after the last");
        assert_eq!((get(&events[0], "DESCRIPTION"), get(&events[0], "URL"), get(&events[0], "CATEGORIES")), (None, None, None));
        assert!(file.contains("DTSTART;VALUE=DATE:20231231\r\nDTEND;VALUE=DATE:20250101\r\n"));
        assert_eq!(get(&events[2], "DTEND"), None, "no day after 9999-12-31");
        let description = values(get(&events[1], "DESCRIPTION").unwrap()).concat();
        assert_eq!(description, entries[1].description.replace("\r\n", "\n").replace('\u{7}', " "));
        assert_eq!(values(get(&events[1], "CATEGORIES").unwrap()), ["trade barrier", "a, b; c"]);
        assert_eq!(get(&events[1], "URL"), entries[1].url.as_deref());
        assert_eq!(file, calendar("措施, made up", &entries, (2026, 5, 14), language).unwrap());
    }
}

#[test]
fn entries_that_no_calendar_can_hold_are_refused() {
    let made = |entries: &[CalendarEntry]| calendar("x", entries, (2026, 5, 14), Language::En).unwrap_err();
    assert!(matches!(made(&[entry("a"), entry("a")]), ReportError::CalendarIdentity { .. }));
    assert!(matches!(made(&[entry(" ")]), ReportError::CalendarIdentity { .. }));
    let early = CalendarEntry { end: Some((2024, 2, 28)), ..entry("a") };
    let message = made(&[early]).to_string();
    assert!(message.contains("2024-02-29") && message.contains("2024-02-28"), "{message}");
    assert!(matches!(made(&[CalendarEntry { start: (2025, 2, 29), ..entry("a") }]), ReportError::CalendarDay { day: (2025, 2, 29), .. }));
    assert!(matches!(made(&[CalendarEntry { url: Some("https://a b".into()), ..entry("a") }]), ReportError::CalendarAddress { .. }));
    assert!(matches!(calendar("x", &[], (2026, 2, 30), Language::En), Err(ReportError::CalendarDay { .. })));
}
