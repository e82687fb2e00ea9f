use crate::calendar::Day;
use thiserror::Error;

/// Why a dossier, or another document, could not be drawn.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ReportError {
    /// The workbook could not be put together.
    #[error("sheet \"{sheet}\" of the workbook could not be written: {source}; the other formats (html, md, json) do not have this limit")]
    Workbook {
        /// The sheet that was being written.
        sheet: String,
        /// What the writer said.
        source: rust_xlsxwriter::XlsxError,
    },
    /// A calendar entry speaks of a day that does not exist.
    #[error("{what}: {} is no day of the calendar (years 1 to 9999); correct the date in the data", written(.day))]
    CalendarDay {
        /// The entry's identity.
        what: String,
        /// The day.
        day: Day,
    },
    /// A calendar entry ends before it starts.
    #[error("calendar entry {uid}: it starts {} and ends {}, which is before; exchange the dates or leave out the end", written(.start), written(.end))]
    CalendarOrder {
        /// The entry's identity.
        uid: String,
        /// Its first day.
        start: Day,
        /// Its last day.
        end: Day,
    },
    /// A calendar entry has no identity of its own.
    #[error("the identity \"{uid}\" of the calendar entry \"{summary}\" is empty or stands twice; give every entry one of its own")]
    CalendarIdentity {
        /// The identity.
        uid: String,
        /// The entry's title.
        summary: String,
    },
    /// A calendar entry's address is none.
    #[error("calendar entry {uid}: the address \"{url}\" holds {found:?}, which no address may; write it percent-encoded")]
    CalendarAddress {
        /// The entry's identity.
        uid: String,
        /// The address.
        url: String,
        /// The character.
        found: char,
    },
}

fn written((year, month, day): &Day) -> String {
    format!("{year}-{month:02}-{day:02}")
}
