//! A calendar file (iCalendar, RFC 5545) of all-day entries: for any calendar program, and the same bytes every time.

use crate::ReportError;
use frame::{Language, Text};
use std::collections::BTreeSet;
use strategy::policy_verbs::TimelineAnswer;

/// A day: year, month, day of the proleptic Gregorian calendar.
pub type Day = (i32, u32, u32);

/// One all-day entry of a calendar. Texts are in the language the calendar is wanted in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CalendarEntry {
    /// Identity of the entry, unique in the calendar and the same in every later edition, so that a program that reads the calendar again
    /// replaces entries and does not repeat them.
    pub uid: String,
    /// First day.
    pub start: Day,
    /// Last day, itself included; absent for an entry of one day. A date known to its month only is an entry over that month.
    pub end: Option<Day>,
    /// Title.
    pub summary: String,
    /// What there is to say besides, or nothing.
    pub description: String,
    /// Words that a calendar program can filter by.
    pub categories: Vec<String>,
    /// Address of a page about it.
    pub url: Option<String>,
}

/// A timeline of plans and measures as a calendar: what happened on its day, with what stands of it.
///
/// # Errors
/// As [`calendar`], which a timeline of the registry does not run into.
pub fn timeline_calendar(of: &TimelineAnswer, language: Language) -> Result<String, ReportError> {
    let entries: Vec<CalendarEntry> = of
        .calendar
        .iter()
        .map(|day| CalendarEntry {
            uid: format!("{}@xinzhi", day.id),
            start: day.start,
            end: day.end,
            summary: day.title.get(language).to_owned(),
            description: day.description.get(language).to_owned(),
            categories: vec![day.kind.get(language).to_owned()],
            url: day.url.clone(),
        })
        .collect();
    calendar(Text::new("Plans and measures", "规划与措施").get(language), &entries, of.made, language)
}

/// A calendar as the text of an `.ics` file.
///
/// Every entry is a `VEVENT` over whole days (`VALUE=DATE`; `DTEND` is the day after the last, as RFC 5545 3.6.1 has it) that blocks no
/// time (`TRANSP:TRANSPARENT`). Lines end in CRLF and are folded at 75 octets between characters (3.1); backslash, semicolon, comma and line
/// break are escaped (3.3.11); control characters, which the format does not allow, become spaces. `made` is written as `DTSTAMP` at
/// midnight UTC: give the date of the data, not of the clock, and the same data give the same bytes. `title` is the calendar's name
/// (`NAME` of RFC 7986, and `X-WR-CALNAME` for programs that know only that).
///
/// # Errors
/// [`ReportError::CalendarDay`] for a day that does not exist (the years are 1 to 9999), [`ReportError::CalendarOrder`] for an entry that
/// ends before it starts, [`ReportError::CalendarIdentity`] for an identity that is empty or stands twice, [`ReportError::CalendarAddress`]
/// for an address with characters that no address has.
///
/// ```
/// use frame::Language;
/// use xinzhi_report::{CalendarEntry, calendar};
/// let entry = CalendarEntry {
///     uid: "ev052@example.org".into(),
///     start: (2026, 1, 1),
///     end: Some((2026, 12, 31)),
///     summary: "An example, made up".into(),
///     description: String::new(),
///     categories: vec!["trade barrier".into()],
///     url: None,
/// };
/// let file = calendar("Measures", &[entry], (2026, 5, 14), Language::En)?;
/// assert!(file.contains("DTSTART;VALUE=DATE:20260101\r\nDTEND;VALUE=DATE:20270101\r\n"));
/// assert!(file.contains("SUMMARY;LANGUAGE=en:An example\\, made up\r\n"));
/// # Ok::<(), xinzhi_report::ReportError>(())
/// ```
pub fn calendar(title: &str, entries: &[CalendarEntry], made: Day, language: Language) -> Result<String, ReportError> {
    let stamp = compact("the date of the data", made)?;
    let mut out = String::new();
    let tag = language.tag();
    for line in ["BEGIN:VCALENDAR", "VERSION:2.0"] {
        fold(&mut out, line);
    }
    fold(&mut out, &format!("PRODID:-//Xinzhi//xinzhi {}//{}", frame::ENGINE_VERSION, tag.to_uppercase()));
    fold(&mut out, "CALSCALE:GREGORIAN");
    if !title.trim().is_empty() {
        fold(&mut out, &format!("NAME;LANGUAGE={tag}:{}", escape(title)));
        fold(&mut out, &format!("X-WR-CALNAME:{}", escape(title)));
    }
    let mut seen = BTreeSet::new();
    for entry in entries {
        let uid = entry.uid.trim();
        if uid.is_empty() || !seen.insert(uid) {
            return Err(ReportError::CalendarIdentity { uid: uid.to_owned(), summary: entry.summary.clone() });
        }
        let start = compact(uid, entry.start)?;
        let last = entry.end.unwrap_or(entry.start);
        compact(uid, last)?;
        if last < entry.start {
            return Err(ReportError::CalendarOrder { uid: uid.to_owned(), start: entry.start, end: last });
        }
        fold(&mut out, "BEGIN:VEVENT");
        fold(&mut out, &format!("UID:{}", escape(uid)));
        fold(&mut out, &format!("DTSTAMP:{stamp}T000000Z"));
        fold(&mut out, &format!("DTSTART;VALUE=DATE:{start}"));
        // the last day of the last year has no day after it that four digits can write: the entry then ends with its first day
        if let Some(after) = day_after(last) {
            fold(&mut out, &format!("DTEND;VALUE=DATE:{}", compact(uid, after)?));
        }
        fold(&mut out, &format!("SUMMARY;LANGUAGE={tag}:{}", escape(&entry.summary)));
        if !entry.description.trim().is_empty() {
            fold(&mut out, &format!("DESCRIPTION;LANGUAGE={tag}:{}", escape(&entry.description)));
        }
        let categories: Vec<String> = entry.categories.iter().filter(|c| !c.trim().is_empty()).map(|c| escape(c)).collect();
        if !categories.is_empty() {
            fold(&mut out, &format!("CATEGORIES;LANGUAGE={tag}:{}", categories.join(",")));
        }
        if let Some(url) = entry.url.as_deref().map(str::trim).filter(|url| !url.is_empty()) {
            if let Some(found) = url.chars().find(|c| c.is_whitespace() || c.is_control() || "<>\"{}|\\^`".contains(*c)) {
                return Err(ReportError::CalendarAddress { uid: uid.to_owned(), url: url.to_owned(), found });
            }
            fold(&mut out, &format!("URL:{url}"));
        }
        fold(&mut out, "TRANSP:TRANSPARENT");
        fold(&mut out, "END:VEVENT");
    }
    fold(&mut out, "END:VCALENDAR");
    Ok(out)
}

fn days_in(year: i32, month: u32) -> u32 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        _ => 31,
    }
}

/// The day as eight digits.
fn compact(what: &str, (year, month, day): Day) -> Result<String, ReportError> {
    if !(1..=9999).contains(&year) || !(1..=12).contains(&month) || day == 0 || day > days_in(year, month) {
        return Err(ReportError::CalendarDay { what: what.to_owned(), day: (year, month, day) });
    }
    Ok(format!("{year:04}{month:02}{day:02}"))
}

fn day_after((year, month, day): Day) -> Option<Day> {
    match (month, day) {
        (12, 31) => (year < 9999).then_some((year + 1, 1, 1)),
        _ if day == days_in(year, month) => Some((year, month + 1, 1)),
        _ => Some((year, month, day + 1)),
    }
}

/// Text as a value: the four escapes of RFC 5545, and no control character but those.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.trim().replace("\r\n", "\n").chars() {
        match c {
            '\\' | ';' | ',' => out.extend(['\\', c]),
            '\n' | '\r' => out.push_str("\\n"),
            c if c.is_control() => out.push(' '),
            c => out.push(c),
        }
    }
    out
}

/// Writes a content line: at most 75 octets a line without its end, each further line begins with a space that counts.
fn fold(out: &mut String, line: &str) {
    const LIMIT: usize = 75;
    let mut used = 0;
    for c in line.chars() {
        if used + c.len_utf8() > LIMIT {
            out.push_str("\r\n ");
            used = 1;
        }
        out.push(c);
        used += c.len_utf8();
    }
    out.push_str("\r\n");
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn the_day_after_the_last_is_right_at_every_end() {
        let cases = [
            ((2026, 12, 31), Some((2027, 1, 1))),
            ((2024, 2, 28), Some((2024, 2, 29))),
            ((2024, 2, 29), Some((2024, 3, 1))),
            ((2100, 2, 28), Some((2100, 3, 1))),
            ((2026, 11, 30), Some((2026, 12, 1))),
            ((9999, 12, 31), None),
        ];
        for (day, after) in cases {
            assert_eq!(day_after(day), after, "{day:?}");
        }
    }

    #[test]
    fn days_that_do_not_exist_are_refused() {
        for day in [(2023, 2, 29), (2026, 13, 1), (2026, 0, 1), (2026, 4, 31), (2026, 1, 0), (0, 1, 1), (10_000, 1, 1)] {
            assert!(matches!(compact("x", day), Err(ReportError::CalendarDay { .. })), "{day:?}");
        }
        assert_eq!(compact("x", (2000, 2, 29)).unwrap(), "20000229");
    }
}
