use crate::import::{Cell, ImportOptions, RowSink};
use crate::{Problem, StoreError};
use encoding_rs::{Encoding, GB18030, UTF_8, UTF_16BE, UTF_16LE};
use flate2::read::MultiGzDecoder;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Cursor, Read};
use std::path::Path;

const DELIMITERS: [char; 4] = ['\t', ';', ',', '|'];

/// A file's bytes, unpacked when its name ends in `.gz`.
pub(crate) fn open(path: &Path) -> io::Result<Box<dyn Read>> {
    let file = File::open(path)?;
    let packed = path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("gz"));
    Ok(if packed { Box::new(MultiGzDecoder::new(BufReader::with_capacity(1 << 16, file))) } else { Box::new(file) })
}

pub(crate) fn unreadable(path: &Path) -> impl Fn(io::Error) -> StoreError + '_ {
    move |error| match error.downcast::<StoreError>() {
        Ok(error) => error.file(path),
        Err(error) => StoreError::new(Problem::Input, format!("the file cannot be read: {error}")).file(path),
    }
}

/// Pairs of bytes that begin with one above ASCII, and those among them whose second byte is ASCII: many of the latter make a Chinese
/// reading unlikely.
pub(crate) fn two_byte_pairs(bytes: &[u8]) -> (u64, u64) {
    let (mut pairs, mut odd) = (0, 0);
    let mut rest = bytes.iter().copied();
    while let Some(byte) = rest.next() {
        if byte >= 0x80 {
            pairs += 1;
            odd += u64::from(rest.next().is_none_or(|second| second < 0x80));
        }
    }
    (pairs, odd)
}

/// Finds the encoding of a file: a byte-order mark, else UTF-8 when all bytes are, else GB18030 when all lines read as Chinese text.
/// A file that is partly UTF-8 and partly not is an error that names the first line of either kind.
fn detect(path: &Path) -> Result<&'static Encoding, StoreError> {
    let wrong = |what: String, line: u64| StoreError::new(Problem::Encoding, what).file(path).line(line);
    let mut input = BufReader::with_capacity(1 << 16, open(path).map_err(unreadable(path))?);
    let mut line = Vec::new();
    let mut at = 0;
    let (mut utf8, mut not_utf8, mut not_chinese) = (None, None, None);
    let (mut pairs, mut odd_pairs) = (0u64, 0u64);
    while {
        line.clear();
        input.read_until(b'\n', &mut line).map_err(unreadable(path))? > 0
    } {
        at += 1;
        if at == 1 {
            if let Some((encoding, _)) = Encoding::for_bom(&line).filter(|(encoding, _)| *encoding != UTF_8) {
                return Ok(encoding);
            }
            if line.starts_with(b"PK\x03\x04") || line.starts_with(b"PAR1") || line.starts_with(b"\xD0\xCF\x11\xE0") {
                return Err(
                    wrong("the file is not text but a workbook or Parquet file".to_owned(), 1).next("give it the extension it should have")
                );
            }
        }
        match std::str::from_utf8(&line) {
            Ok(_) if line.is_ascii() => continue,
            // two-byte characters could be Chinese text in the other encoding by chance
            Ok(_) if utf8.is_none() && line.iter().any(|byte| *byte >= 0xE0) => utf8 = Some(at),
            Ok(_) => {}
            Err(_) => not_utf8 = not_utf8.or(Some(at)),
        }
        if GB18030.decode_without_bom_handling_and_without_replacement(&line).is_none() {
            not_chinese = not_chinese.or(Some(at));
        }
        let (found, odd) = two_byte_pairs(&line);
        pairs += found;
        odd_pairs += odd;
        if let (Some(utf8), Some(other)) = (utf8, not_utf8) {
            return Err(wrong(format!("the file mixes encodings: line {utf8} is UTF-8, line {other} is not"), other)
                .next("save the whole file in one encoding, or say which one with --encoding"));
        }
    }
    match not_utf8 {
        None => Ok(UTF_8),
        Some(first) if not_chinese.is_some() || odd_pairs * 2 > pairs => {
            let line = not_chinese.unwrap_or(first);
            Err(wrong("the text is neither UTF-8 nor clearly GB18030".to_owned(), line)
                .next("say what it is, e.g. --encoding windows-1252"))
        }
        Some(_) => Ok(GB18030),
    }
}

/// A file as UTF-8, decoded line by line; bytes that the encoding does not allow are an error that names the line.
struct DecodedLines {
    input: BufReader<Box<dyn Read>>,
    encoding: &'static Encoding,
    line: u64,
    raw: Vec<u8>,
    text: Cursor<Vec<u8>>,
}

impl Read for DecodedLines {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.text.position() >= self.text.get_ref().len() as u64 {
            self.raw.clear();
            if self.input.read_until(b'\n', &mut self.raw)? == 0 {
                return Ok(0);
            }
            self.line += 1;
            let decoded = if self.line == 1 {
                self.encoding.decode_with_bom_removal(&self.raw)
            } else {
                self.encoding.decode_without_bom_handling(&self.raw)
            };
            if decoded.1 {
                let shown = String::from_utf8_lossy(&self.raw).trim().to_owned();
                let error = StoreError::new(Problem::Encoding, format!("the text is not {}", self.encoding.name()));
                return Err(io::Error::other(error.line(self.line).value(shown)));
            }
            let text = decoded.0.into_owned().into_bytes();
            self.text = Cursor::new(text);
        }
        self.text.read(out)
    }
}

fn decoded(path: &Path, encoding: &'static Encoding) -> Result<Box<dyn Read>, StoreError> {
    let file = open(path).map_err(unreadable(path))?;
    if encoding == UTF_16LE || encoding == UTF_16BE {
        // a newline is two bytes here, so lines cannot be cut before decoding
        let mut raw = Vec::new();
        BufReader::new(file).read_to_end(&mut raw).map_err(unreadable(path))?;
        let (text, failed) = encoding.decode_with_bom_removal(&raw);
        if failed {
            return Err(StoreError::new(Problem::Encoding, format!("the text is not {}", encoding.name())).file(path));
        }
        return Ok(Box::new(Cursor::new(text.into_owned().into_bytes())));
    }
    let input = BufReader::with_capacity(1 << 16, file);
    Ok(Box::new(DecodedLines { input, encoding, line: 0, raw: Vec::new(), text: Cursor::default() }))
}

/// The separator that occurs most often in the header outside quotes; a tab wins over `;`, `,` and `|` among equals.
pub(crate) fn sniff(header: &str) -> char {
    let mut counts = [0; DELIMITERS.len()];
    let mut quoted = false;
    for character in header.chars() {
        match character {
            '"' => quoted = !quoted,
            _ if quoted => {}
            other => {
                if let Some(at) = DELIMITERS.iter().position(|delimiter| *delimiter == other) {
                    counts[at] += 1;
                }
            }
        }
    }
    let most = counts.iter().copied().max().unwrap_or(0);
    if most == 0 { ',' } else { DELIMITERS[counts.iter().position(|count| *count == most).unwrap_or(2)] }
}

/// Reads delimited text into a sink; returns the name of the encoding.
pub(crate) fn read(path: &Path, options: &ImportOptions, sink: &mut dyn RowSink) -> Result<&'static str, StoreError> {
    let encoding = match &options.encoding {
        None => detect(path)?,
        Some(name) => Encoding::for_label(name.as_bytes()).ok_or_else(|| {
            StoreError::new(Problem::Options, format!("there is no encoding `{name}`"))
                .next("e.g. utf-8, gb18030, utf-16le, windows-1252, shift_jis")
        })?,
    };
    let mut input = BufReader::with_capacity(1 << 16, decoded(path, encoding)?);
    let start = input.fill_buf().map_err(unreadable(path))?;
    let empty = || StoreError::new(Problem::Input, "the file is empty").file(path).next("it needs a header line and data rows");
    if start.is_empty() {
        return Err(empty());
    }
    let header = start.split(|byte| *byte == b'\n').next().unwrap_or(start);
    let delimiter = options.delimiter.unwrap_or_else(|| sniff(&String::from_utf8_lossy(header)));
    let delimiter = u8::try_from(delimiter)
        .ok()
        .filter(u8::is_ascii)
        .ok_or_else(|| StoreError::new(Problem::Options, format!("the delimiter `{delimiter}` is not one ASCII character")))?;
    let mut reader = csv::ReaderBuilder::new().delimiter(delimiter).flexible(true).has_headers(false).from_reader(input);
    let failed = |error: csv::Error| {
        let what = error.to_string();
        match error.into_kind() {
            csv::ErrorKind::Io(error) => unreadable(path)(error),
            _ => StoreError::new(Problem::Input, what).file(path),
        }
    };
    let mut record = csv::StringRecord::new();
    if !reader.read_record(&mut record).map_err(failed)? {
        return Err(empty());
    }
    let names: Vec<String> = record.iter().map(|name| name.trim().to_owned()).collect();
    sink.header(&names)?;
    let mut row = 0;
    while reader.read_record(&mut record).map_err(failed)? {
        row += 1;
        let line = record.position().map_or(0, csv::Position::line);
        if record.len() != names.len() {
            let what = format!("the row has {} cells, the header has {}", record.len(), names.len());
            return Err(StoreError::new(Problem::Input, what)
                .file(path)
                .row(row)
                .line(line)
                .value(record.iter().collect::<Vec<_>>().join(char::from(delimiter).encode_utf8(&mut [0; 4])))
                .next("look for a missing or extra separator, or an unclosed quote; --delimiter names the separator"));
        }
        let cells: Vec<Cell<'_>> = record.iter().map(|text| Cell::Text(text.trim())).collect();
        sink.row(row, Some(line), &cells)?;
    }
    Ok(encoding.name())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn the_separator_is_the_most_frequent_outside_quotes() {
        assert_eq!(sniff("a;b;c"), ';');
        assert_eq!(sniff("a\tb,c\td"), '\t');
        assert_eq!(sniff("\"a,b,c\"|d"), '|');
        assert_eq!(sniff("one"), ',');
    }

    fn detected(bytes: &[u8]) -> Result<&'static Encoding, StoreError> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.csv");
        std::fs::write(&path, bytes).unwrap();
        detect(&path)
    }

    #[test]
    fn the_encoding_is_found_or_refused() {
        let chinese = "地区,数值\n广东,1\n江苏省,2\n";
        assert_eq!(detected(chinese.as_bytes()).unwrap(), UTF_8);
        assert_eq!(detected(&GB18030.encode(chinese).0).unwrap(), GB18030);
        assert_eq!(detected(b"\xFF\xFEa\0\n\0").unwrap(), UTF_16LE);
        // Latin-1 would read as Chinese here and there
        assert_eq!(detected(b"place\nC\xF4te d'Ivoire\nM\xE9xico\n").unwrap_err().problem(), Problem::Encoding);
        let mixed = [chinese.as_bytes(), &GB18030.encode("浙江,3\n").0].concat();
        let error = detected(&mixed).unwrap_err();
        assert_eq!(error.problem(), Problem::Encoding);
        assert!(error.to_string().contains("line 4"), "{error}");
    }
}
