use super::LongTableOptions;
use super::rows::{At, Builder};
use crate::import::RowSink;
use crate::{Problem, StoreError, delimited};
use memchr::{memchr, memchr_iter, memchr3_iter, memrchr};
use std::io::{ErrorKind, Read};
use std::path::Path;

/// How much of a file is held at a time; a longer line makes it grow.
const BLOCK: usize = 1 << 18;

/// What stands on a line that is whole.
#[derive(Default)]
struct Line {
    start: usize,
    /// Where the separators are.
    cuts: Vec<usize>,
    quotes: bool,
}

impl Line {
    /// A field, trimmed and without its quotes; `None` when its quotes are more than a pair around it.
    fn field<'t>(&self, text: &'t str, end: usize, at: usize) -> Option<&'t str> {
        let from = if at == 0 { self.start } else { self.cuts[at - 1] + 1 };
        let to = self.cuts.get(at).copied().unwrap_or(end);
        let field = text.get(from..to)?;
        let bytes = field.as_bytes();
        if let (Some(first), Some(last)) = (bytes.first(), bytes.last()) {
            if self.quotes && *first == b'"' {
                let inner = field[1..].trim_end_matches('\r').strip_suffix('"')?;
                return memchr(b'"', inner.as_bytes()).is_none().then(|| inner.trim());
            }
            if !first.is_ascii_graphic() || !last.is_ascii_graphic() {
                return Some(field.trim());
            }
        }
        Some(field)
    }
}

/// Reads delimited UTF-8 text whose quotes, if any, enclose whole fields on one line: nearly all there is, many times faster than a
/// reader for all there can be. Returns false on meeting anything else; what the builder then holds is worthless.
pub(super) fn read(path: &Path, options: &LongTableOptions, builder: &mut Builder<'_>) -> Result<bool, StoreError> {
    if options.encoding.as_ref().is_some_and(|name| !name.eq_ignore_ascii_case("utf-8") && !name.eq_ignore_ascii_case("utf8")) {
        return Ok(false);
    }
    let mut input = delimited::open(path).map_err(delimited::unreadable(path))?;
    let mut block = vec![0; BLOCK];
    let mut filled = 0;
    let mut splitter: Option<Splitter> = None;
    loop {
        let read = match input.read(&mut block[filled..]) {
            Ok(read) => read,
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            Err(error) => return Err(delimited::unreadable(path)(error)),
        };
        filled += read;
        if read > 0 && filled < block.len() {
            continue;
        }
        let last = read == 0;
        if last && filled == 0 {
            break;
        }
        let end = if last {
            // the last line may lack its end
            if block[filled - 1] != b'\n' {
                if filled == block.len() {
                    block.push(0);
                }
                block[filled] = b'\n';
                filled += 1;
            }
            filled
        } else if let Some(end) = memrchr(b'\n', &block[..filled]) {
            end + 1
        } else {
            block.resize(block.len() * 2, 0);
            continue;
        };
        let Ok(text) = std::str::from_utf8(&block[..end]) else { return Ok(false) };
        let mut from = 0;
        if splitter.is_none() {
            match Splitter::start(text, options, builder)? {
                None => return Ok(false),
                Some((start, after)) => {
                    splitter = Some(start);
                    from = after;
                }
            }
        }
        if let Some(splitter) = &mut splitter
            && !splitter.split(text, from, path, builder)?
        {
            return Ok(false);
        }
        block.copy_within(end..filled, 0);
        filled -= end;
        if last {
            break;
        }
    }
    // a file without any line is for the other reader to complain of
    Ok(splitter.is_some())
}

struct Splitter {
    delimiter: u8,
    width: usize,
    line: Line,
    /// Lines and data rows done.
    lines: u64,
    rows: u64,
}

impl Splitter {
    /// Reads the header; returns where the line after it begins.
    fn start(text: &str, options: &LongTableOptions, builder: &mut Builder<'_>) -> Result<Option<(Self, usize)>, StoreError> {
        let bytes = text.as_bytes();
        if bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"PAR1") {
            return Ok(None);
        }
        let Some(end) = memchr(b'\n', bytes) else { return Ok(None) };
        let start = if text.starts_with('\u{FEFF}') { '\u{FEFF}'.len_utf8() } else { 0 };
        let header = text[start..end].trim_end_matches('\r');
        // empty lines before the header, and files of Macs of old
        if header.is_empty() || header.contains('\r') {
            return Ok(None);
        }
        let delimiter = options.delimiter.unwrap_or_else(|| delimited::sniff(header));
        let Some(delimiter) = u8::try_from(delimiter).ok().filter(|byte| byte.is_ascii() && !b"\"\r\n".contains(byte)) else {
            return Ok(None);
        };
        let mut names = Vec::new();
        for field in header.split(char::from(delimiter)) {
            let name = match field.strip_prefix('"') {
                Some(rest) => rest.strip_suffix('"'),
                None => Some(field),
            };
            match name.filter(|name| !name.contains('"')) {
                Some(name) => names.push(name.trim().to_owned()),
                None => return Ok(None),
            }
        }
        builder.header(&names)?;
        let width = names.len();
        Ok(Some((Splitter { delimiter, width, line: Line::default(), lines: 1, rows: 0 }, end + 1)))
    }

    /// Takes in whole lines; false when they need the other reader.
    fn split(&mut self, text: &str, from: usize, path: &Path, builder: &mut Builder<'_>) -> Result<bool, StoreError> {
        let bytes = text.as_bytes();
        // to the other reader a return alone ends a line
        if memchr_iter(b'\r', bytes).any(|at| bytes.get(at + 1) != Some(&b'\n')) {
            return Ok(false);
        }
        let positions = builder.positions.clone();
        let line = &mut self.line;
        (line.start, line.quotes) = (from, false);
        line.cuts.clear();
        let mut quoted = false;
        for hit in memchr3_iter(self.delimiter, b'\n', b'"', &bytes[from..]) {
            let hit = hit + from;
            let byte = bytes[hit];
            if byte == self.delimiter {
                if !quoted {
                    line.cuts.push(hit);
                }
                continue;
            }
            if byte == b'"' {
                let begins = line.start == hit || line.cuts.last().is_some_and(|cut| cut + 1 == hit);
                let ends = [self.delimiter, b'\n', b'\r'].contains(&bytes[hit + 1]);
                if !(if quoted { ends } else { begins }) {
                    return Ok(false);
                }
                quoted = !quoted;
                line.quotes = true;
                continue;
            }
            if quoted {
                return Ok(false);
            }
            self.lines += 1;
            let empty = line.cuts.is_empty() && matches!(&bytes[line.start..hit], b"" | b"\r");
            if !empty {
                self.rows += 1;
                let at = At { row: self.rows, line: Some(self.lines) };
                if line.cuts.len() + 1 != self.width {
                    let what = format!("the row has {} cells, the header has {}", line.cuts.len() + 1, self.width);
                    return Err(StoreError::new(Problem::Input, what)
                        .file(path)
                        .row(self.rows)
                        .line(self.lines)
                        .value(text[line.start..hit].trim_end_matches('\r'))
                        .next("look for a missing or extra separator, or an unclosed quote; --delimiter names the separator"));
                }
                for (extra, position) in positions.extra.iter().enumerate() {
                    let Some(field) = line.field(text, hit, *position) else { return Ok(false) };
                    builder.extra_text(extra, field, at);
                }
                let period = positions.time.map_or(Some(""), |time| line.field(text, hit, time));
                let place = line.field(text, hit, positions.place);
                let activity = line.field(text, hit, positions.activity);
                let value = line.field(text, hit, positions.value);
                let (Some(period), Some(place), Some(activity), Some(value)) = (period, place, activity, value) else { return Ok(false) };
                let key = builder.key(period, place, activity, at)?;
                builder.text(key, value, at);
            }
            (line.start, line.quotes) = (hit + 1, false);
            line.cuts.clear();
        }
        Ok(true)
    }
}
