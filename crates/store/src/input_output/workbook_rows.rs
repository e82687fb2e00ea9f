//! The sheets of workbooks as table rows.

use super::labelled_sheet::spreadsheet_column;
use super::source_files::SourceFile;
use super::table_rows::{OwnedCell, TableCell, TableRows};
use crate::{Problem, StoreError};
use calamine::{Data, Reader};
use memchr::{memchr, memmem};
use quick_xml::events::Event;
use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use zip::ZipArchive;

/// The widest and longest sheets there are.
const COLUMNS: u32 = 16_384;
const ROWS: u32 = 1_048_576;
/// No table has more cells than this (GLORIA, the largest, does not come as a workbook).
const MOST_CELLS: usize = 100_000_000;
/// No honest row takes more than this as XML.
const LONGEST_ROW: usize = 64 << 20;
/// No honest list of texts takes more than this.
const LARGEST_TEXTS: u64 = 1 << 30;

/// The name of a cell as the sheet shows it: `AB12`; row and column are counted from 0.
fn cell_name(row: u32, column: u32) -> String {
    format!("{}{}", spreadsheet_column(column as usize), row + 1)
}

/// Cells shown as one: first and last row and column, counted from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Merged {
    rows: (u32, u32),
    columns: (u32, u32),
}

impl Merged {
    fn name(&self) -> String {
        format!("{}:{}", cell_name(self.rows.0, self.columns.0), cell_name(self.rows.1, self.columns.1))
    }
}

/// A workbook opened for reading its sheets row by row: xlsx streams through a small buffer, xlsb and xls are read by calamine.
struct Workbook {
    path: PathBuf,
    book: Book,
}

enum Book {
    Xlsx(Box<Xlsx>),
    Xlsb(Box<calamine::Xlsb<BufReader<File>>>),
    Xls(Box<calamine::Xls<BufReader<File>>>),
}

struct Xlsx {
    archive: ZipArchive<BufReader<File>>,
    /// Name and file of every sheet.
    sheets: Vec<(String, String)>,
    texts: Arc<Vec<String>>,
}

/// The sheets of a workbook, each ready to give its rows.
pub(crate) fn sheets(file: &SourceFile) -> Result<Vec<Box<dyn TableRows>>, StoreError> {
    if !file.is_plain() {
        return Err(input("a workbook inside a zip or a gzip is not read").file(&file.name).next("unpack it and import the workbook"));
    }
    let mut book = Workbook::open(file.path())?;
    let sheets = book.sheets();
    sheets.iter().map(|sheet| Ok(Box::new(book.rows(sheet)?) as Box<dyn TableRows>)).collect()
}

impl Workbook {
    /// Opens a workbook by what is in it, whatever its name ends in.
    fn open(path: &Path) -> Result<Self, StoreError> {
        let book = Self::open_book(path).map_err(|error| error.file(path))?;
        Ok(Workbook { path: path.to_owned(), book })
    }

    fn open_book(path: &Path) -> Result<Book, StoreError> {
        let mut file = BufReader::new(File::open(path).map_err(|error| input(format!("the file cannot be opened: {error}")).io(&error))?);
        let mut start = [0; 4];
        file.read_exact(&mut start).and_then(|()| file.rewind()).map_err(|_| input("not a workbook: the file is too short"))?;
        if start == [0xd0, 0xcf, 0x11, 0xe0] {
            let book = calamine::Xls::new(file).map_err(|error| input(format!("not a readable xls workbook: {error}")))?;
            return Ok(Book::Xls(Box::new(book)));
        }
        if &start != b"PK\x03\x04" {
            return Err(input("not a workbook: the file begins neither as xlsx or xlsb nor as xls"));
        }
        let archive = ZipArchive::new(file)
            .map_err(|error| input(format!("the workbook is a zip that breaks off or is damaged: {error}")).next("fetch the file again"))?;
        if archive.index_for_name("xl/workbook.bin").is_some() {
            let file = BufReader::new(File::open(path).map_err(|error| input(format!("the file cannot be opened: {error}")).io(&error))?);
            let book = calamine::Xlsb::new(file).map_err(|error| input(format!("not a readable xlsb workbook: {error}")))?;
            return Ok(Book::Xlsb(Box::new(book)));
        }
        Ok(Book::Xlsx(Box::new(Xlsx::new(path, archive)?)))
    }

    /// The names of the sheets in their order.
    fn sheets(&self) -> Vec<String> {
        match &self.book {
            Book::Xlsx(book) => book.sheets.iter().map(|(name, _)| name.clone()).collect(),
            Book::Xlsb(book) => book.sheet_names(),
            Book::Xls(book) => book.sheet_names(),
        }
    }

    /// The rows of a sheet one after the other. A label that is merged over several cells stands in each of them. Where merged
    /// cells hold a number it is not said whose it is: but for the first they are text, so that reading them as numbers fails.
    fn rows(&mut self, sheet: &str) -> Result<SheetRows, StoreError> {
        let (mut merged, rows) = self.rows_of(sheet).map_err(|error| error.file(&self.path))?;
        merged.sort_by_key(|cells| (cells.rows.0, cells.columns.0));
        Ok(SheetRows {
            file: self.path.display().to_string(),
            sheet: sheet.to_owned(),
            merged: merged.into_iter().map(|cells| (cells, None)).collect(),
            next_merged: 0,
            covered: Vec::new(),
            rows,
        })
    }

    fn rows_of(&mut self, sheet: &str) -> Result<(Vec<Merged>, Rows), StoreError> {
        Ok(match &mut self.book {
            Book::Xlsx(book) => {
                let names = || book.sheets.iter().map(|(name, _)| name.as_str());
                let file = book.sheets.iter().find(|(name, _)| name == sheet).map(|(_, file)| file.clone());
                let file = file.ok_or_else(|| crate::error::unknown("sheet", sheet, names()))?;
                let merged = merged_of(open_part(&self.path, &mut book.archive, &file)?)?;
                let rows = XmlRows::new(open_part(&self.path, &mut book.archive, &file)?, Arc::clone(&book.texts))?;
                (merged, Rows::Xml(Box::new(rows)))
            }
            Book::Xlsb(book) => {
                let broken = |error: calamine::XlsbError| damaged(sheet, &error);
                let mut cells = book.worksheet_cells_reader(sheet).map_err(broken)?;
                let mut held = HeldCells::default();
                while let Some(cell) = cells.next_cell().map_err(broken)? {
                    held.push(cell.get_position(), &Data::from(cell.get_value().clone()))?;
                }
                (Vec::new(), Rows::Held(held))
            }
            Book::Xls(book) => {
                let range = book.worksheet_range(sheet).map_err(|error| damaged(sheet, &error))?;
                let merged = book.merge_cells_by_sheet_name(sheet).unwrap_or_default();
                let merged =
                    merged.iter().map(|cells| Merged { rows: (cells.start.0, cells.end.0), columns: (cells.start.1, cells.end.1) });
                let first = range.start().unwrap_or_default();
                let mut held = HeldCells::default();
                for (row, column, value) in range.used_cells() {
                    held.push((first.0 + row as u32, first.1 + column as u32), value)?;
                }
                (merged.collect(), Rows::Held(held))
            }
        })
    }
}

fn input(what: impl Into<String>) -> StoreError {
    StoreError::new(Problem::Input, what)
}

fn damaged(sheet: &str, error: &dyn std::fmt::Display) -> StoreError {
    input(format!("sheet `{sheet}` cannot be read: {error}")).next("fetch the file again, or save it again from a spreadsheet program")
}

type Part = Box<dyn Read + Send>;

/// A part of the workbook, unpacked; its length and check sum are compared at the end.
fn open_part(path: &Path, archive: &mut ZipArchive<BufReader<File>>, name: &str) -> Result<Part, StoreError> {
    let lacking = |error: String| input(format!("the workbook lacks its part {name}: {error}")).next("fetch the file again");
    let part = archive.by_name(name).map_err(|error| lacking(error.to_string()))?;
    let start = part.data_start().ok_or_else(|| lacking("it has no place in the file".to_owned()))?;
    let file = File::open(path)
        .and_then(|mut file| file.seek(SeekFrom::Start(start)).map(|_| file))
        .map_err(|error| lacking(error.to_string()))?;
    let (size, expected) = (part.size(), part.crc32());
    let packed = BufReader::with_capacity(1 << 16, file.take(part.compressed_size()));
    match part.compression() {
        zip::CompressionMethod::Stored => Ok(Box::new(Checked { bytes: packed, crc: flate2::Crc::new(), expected, size, length: 0 })),
        zip::CompressionMethod::Deflated => {
            let bytes = flate2::read::DeflateDecoder::new(packed);
            Ok(Box::new(Checked { bytes, crc: flate2::Crc::new(), expected, size, length: 0 }))
        }
        other => Err(lacking(format!("it is packed with {other}"))),
    }
}

/// Bytes whose length and check sum must be the stated ones.
struct Checked<R> {
    bytes: R,
    crc: flate2::Crc,
    expected: u32,
    size: u64,
    length: u64,
}

impl<R: Read> Read for Checked<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let count = self.bytes.read(out)?;
        self.crc.update(&out[..count]);
        self.length += count as u64;
        if self.length > self.size || (count == 0 && !out.is_empty() && (self.length < self.size || self.crc.sum() != self.expected)) {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "its length or check sum is not the stated one"));
        }
        Ok(count)
    }
}

/// The rows of one sheet.
struct SheetRows {
    file: String,
    sheet: String,
    /// Merged cells by their first row, with the label that stands in them, once met.
    merged: Vec<(Merged, Option<String>)>,
    /// The first of them that begins below the current row.
    next_merged: usize,
    /// What of them reaches over the current row.
    covered: Vec<usize>,
    rows: Rows,
}

enum Rows {
    Xml(Box<XmlRows>),
    Held(HeldCells),
}

/// The rows of a sheet that is read whole, each with its number as the sheet shows it.
#[derive(Default)]
struct HeldCells {
    rows: Vec<(u64, Vec<OwnedCell>)>,
    /// The current row, counted from 1.
    at: usize,
    /// Cells taken, the empty ones before others counted.
    taken: usize,
}

impl HeldCells {
    fn push(&mut self, (row, column): (u32, u32), value: &Data) -> Result<(), StoreError> {
        use Data as D;
        let owned = |text: &str| match text_cell(text) {
            TableCell::Text(text) => OwnedCell::Text(text.to_owned()),
            _ => OwnedCell::Empty,
        };
        let cell = match value {
            D::Int(value) => OwnedCell::Number(*value as f64),
            D::Float(value) => OwnedCell::Number(*value),
            D::DateTime(value) => OwnedCell::Number(value.as_f64()),
            D::String(text) | D::DateTimeIso(text) | D::DurationIso(text) => owned(text),
            D::Bool(value) => owned(if *value { "TRUE" } else { "FALSE" }),
            D::Error(error) => owned(error_name(error)),
            _ => OwnedCell::Empty,
        };
        if cell == OwnedCell::Empty {
            return Ok(());
        }
        let number = u64::from(row) + 1;
        match self.rows.last() {
            Some((last, _)) if *last == number => {}
            Some((last, _)) if *last > number => return Err(broken(format!("after row {last} comes row {number}"))),
            _ => self.rows.push((number, Vec::new())),
        }
        let Some((_, cells)) = self.rows.last_mut() else { return Ok(()) };
        let wanted = column as usize + 1;
        self.taken += wanted.saturating_sub(cells.len());
        if column >= COLUMNS || row >= ROWS || self.taken > MOST_CELLS {
            return Err(broken(format!("cell {} is beyond what a table takes", cell_name(row, column))));
        }
        if cells.len() < wanted {
            cells.resize(wanted, OwnedCell::Empty);
        }
        cells[column as usize] = cell;
        Ok(())
    }

    fn current(&self) -> Option<&(u64, Vec<OwnedCell>)> {
        self.rows.get(self.at.checked_sub(1)?)
    }
}

impl Rows {
    /// The next row that holds anything.
    fn advance(&mut self) -> Result<bool, StoreError> {
        match self {
            Rows::Xml(rows) => rows.advance(),
            Rows::Held(held) => {
                held.at += 1;
                Ok(held.at <= held.rows.len())
            }
        }
    }

    fn row(&self) -> u64 {
        match self {
            Rows::Xml(rows) => u64::from(rows.number),
            Rows::Held(held) => held.current().map_or(0, |(number, _)| *number),
        }
    }

    fn width(&self) -> usize {
        match self {
            Rows::Xml(rows) => rows.cells.len(),
            Rows::Held(held) => held.current().map_or(0, |(_, cells)| cells.len()),
        }
    }

    fn cell(&self, column: usize) -> TableCell<'_> {
        match self {
            Rows::Xml(rows) => rows.cell(column),
            Rows::Held(held) => held.current().and_then(|(_, cells)| cells.get(column)).map_or(TableCell::Empty, OwnedCell::cell),
        }
    }
}

impl TableRows for SheetRows {
    /// The file, as errors name it.
    fn file(&self) -> &str {
        &self.file
    }

    /// The sheet's name.
    fn sheet(&self) -> Option<&str> {
        Some(&self.sheet)
    }

    /// Goes to the next row that holds anything; false after the last.
    fn advance(&mut self) -> Result<bool, StoreError> {
        let place = format!("{}, sheet {}", self.file, self.sheet);
        if !self.rows.advance().map_err(|error| error.file(&place))? {
            return Ok(false);
        }
        let at = self.rows.row() as u32 - 1;
        let merged = &mut self.merged;
        self.covered.retain(|number| merged.get(*number).is_some_and(|(cells, _)| cells.rows.1 >= at));
        while let Some((cells, label)) = merged.get_mut(self.next_merged).filter(|(cells, _)| cells.rows.0 <= at) {
            if cells.rows.0 == at {
                match self.rows.cell(cells.columns.0 as usize) {
                    TableCell::Text(text) => *label = Some(text.to_owned()),
                    // whose number it is is not said: text, which no row of numbers takes
                    TableCell::Number(value) => *label = Some(format!("{value} merged over {}", cells.name())),
                    TableCell::Empty => {}
                }
            }
            if label.is_some() {
                self.covered.push(self.next_merged);
            }
            self.next_merged += 1;
        }
        Ok(true)
    }

    /// The number of the current row as the sheet shows it.
    fn row(&self) -> u64 {
        self.rows.row()
    }

    /// Cells in the current row, from column A on.
    fn width(&self) -> usize {
        let covered = self.covered.iter().filter_map(|at| self.merged.get(*at)).map(|(cells, _)| cells.columns.1 as usize + 1).max();
        self.rows.width().max(covered.unwrap_or(0))
    }

    /// A cell of the current row; empty beyond its end.
    fn cell(&self, column: usize) -> TableCell<'_> {
        match self.rows.cell(column) {
            TableCell::Empty if !self.covered.is_empty() => {
                let over = |(cells, _): &&(Merged, Option<String>)| (cells.columns.0 as usize..=cells.columns.1 as usize).contains(&column);
                let label = self.covered.iter().filter_map(|at| self.merged.get(*at)).find(over).and_then(|(_, label)| label.as_deref());
                label.map_or(TableCell::Empty, TableCell::Text)
            }
            cell => cell,
        }
    }

    fn ragged(&self) -> bool {
        true
    }
}

fn text_cell(text: &str) -> TableCell<'_> {
    match text.trim() {
        "" => TableCell::Empty,
        text => TableCell::Text(text),
    }
}

fn error_name(error: &calamine::CellErrorType) -> &'static str {
    use calamine::CellErrorType as E;
    match error {
        E::Div0 => "#DIV/0!",
        E::NA => "#N/A",
        E::Name => "#NAME?",
        E::Null => "#NULL!",
        E::Num => "#NUM!",
        E::Ref => "#REF!",
        E::Value => "#VALUE!",
        _ => "#ERROR",
    }
}

impl Xlsx {
    fn new(path: &Path, mut archive: ZipArchive<BufReader<File>>) -> Result<Self, StoreError> {
        let mut files = Vec::new();
        for_each_tag(open_part(path, &mut archive, "xl/_rels/workbook.xml.rels")?, "xl/_rels/workbook.xml.rels", |name, attribute| {
            if name == "Relationship"
                && let (Some(id), Some(target)) = (attribute("Id"), attribute("Target"))
            {
                files.push((id, target));
            }
        })?;
        let mut sheets = Vec::new();
        for_each_tag(open_part(path, &mut archive, "xl/workbook.xml")?, "xl/workbook.xml", |name, attribute| {
            if name == "sheet"
                && let (Some(sheet), Some(id)) = (attribute("name"), attribute("id"))
                && let Some((_, target)) = files.iter().find(|(known, _)| *known == id)
                // a sheet of a chart has no rows
                && !target.contains("chartsheets/")
            {
                let file = target.strip_prefix('/').map_or_else(|| format!("xl/{target}"), str::to_owned);
                sheets.push((sheet, file));
            }
        })?;
        let texts = match archive.index_for_name("xl/sharedStrings.xml") {
            Some(_) => shared_texts(open_part(path, &mut archive, "xl/sharedStrings.xml")?)?,
            None => Vec::new(),
        };
        let texts = Arc::new(texts);
        Ok(Xlsx { archive, sheets, texts })
    }
}

/// Calls for every tag of a small part with its name and a look-up of attributes, both without prefixes.
fn for_each_tag(part: impl Read, file: &str, mut each: impl FnMut(&str, &dyn Fn(&str) -> Option<String>)) -> Result<(), StoreError> {
    let mut reader = quick_xml::Reader::from_reader(BufReader::new(part.take(LARGEST_TEXTS)));
    let mut buffer = Vec::new();
    loop {
        buffer.clear();
        match reader.read_event_into(&mut buffer) {
            Ok(Event::Start(tag) | Event::Empty(tag)) => {
                let attribute = |wanted: &str| {
                    let found = tag.attributes().flatten().find(|pair| pair.key.local_name().as_ref() == wanted)?;
                    quick_xml::escape::unescape(&found.value).ok().map(|text| text.into_owned())
                };
                each(tag.local_name().as_ref(), &attribute);
            }
            Ok(Event::Eof) => return Ok(()),
            Ok(_) => {}
            Err(error) => return Err(broken_part(file, &error)),
        }
    }
}

fn broken_part(file: &str, error: &dyn std::fmt::Display) -> StoreError {
    input(format!("the workbook's part {file} is damaged: {error}")).next("fetch the file again")
}

/// The texts that cells refer to by number; what is pronunciation is left out.
fn shared_texts(part: impl Read) -> Result<Vec<String>, StoreError> {
    const FILE: &str = "xl/sharedStrings.xml";
    let mut reader = quick_xml::Reader::from_reader(BufReader::new(part.take(LARGEST_TEXTS)));
    let (mut buffer, mut texts) = (Vec::new(), Vec::new());
    let (mut text, mut in_text, mut spoken) = (String::new(), false, false);
    loop {
        buffer.clear();
        match reader.read_event_into(&mut buffer) {
            Ok(Event::Start(tag)) => match tag.local_name().as_ref() {
                "si" => text.clear(),
                "t" => in_text = true,
                "rPh" => spoken = true,
                _ => {}
            },
            Ok(Event::Empty(tag)) if tag.local_name().as_ref() == "si" => texts.push(String::new()),
            Ok(Event::End(tag)) => match tag.local_name().as_ref() {
                "si" => texts.push(text.trim().to_owned()),
                "t" => in_text = false,
                "rPh" => spoken = false,
                "sst" => return Ok(texts),
                _ => {}
            },
            Ok(Event::Text(part)) if in_text && !spoken => {
                text.push_str(&part);
            }
            Ok(Event::CData(part)) if in_text && !spoken => {
                text.push_str(&part);
            }
            Ok(Event::GeneralRef(name)) if in_text && !spoken => {
                let escaped = format!("&{};", &*name);
                text.push_str(&quick_xml::escape::unescape(&escaped).map_err(|error| broken_part(FILE, &error))?);
            }
            Ok(Event::Eof) if texts.is_empty() => return Ok(texts),
            Ok(Event::Eof) => return Err(broken_part(FILE, &"it breaks off")),
            Ok(_) => {}
            Err(error) => return Err(broken_part(FILE, &error)),
        }
    }
}

/// The merged cells of a sheet, which stand behind all its rows.
fn merged_of(mut part: impl Read) -> Result<Vec<Merged>, StoreError> {
    let finder = memmem::Finder::new(b"mergeCell ");
    let mut merged = Vec::new();
    let mut buffer = vec![0; 1 << 18];
    let mut held = 0;
    loop {
        let count = part.read(&mut buffer[held..]).map_err(|error| broken_part("of a sheet", &error))?;
        let whole = &buffer[..held + count];
        let mut from = 0;
        let mut open = None;
        while let Some(at) = finder.find(&whole[from..]).map(|at| at + from) {
            let Some(length) = memchr(b'>', &whole[at..]) else {
                open = Some(at);
                break;
            };
            if let Some(cells) = attribute(&whole[at..at + length], b"ref").and_then(cells_of) {
                merged.push(cells);
            }
            from = at + length;
        }
        if count == 0 {
            return Ok(merged);
        }
        // what may be the start of a tag stays for the next block
        let keep = open.unwrap_or_else(|| whole.len().saturating_sub(finder.needle().len()).max(from)).min(whole.len());
        let keep = if whole.len() - keep > (1 << 16) { whole.len() } else { keep };
        held = whole.len() - keep;
        buffer.copy_within(keep..keep + held, 0);
    }
}

fn cells_of(text: &[u8]) -> Option<Merged> {
    let colon = memchr(b':', text)?;
    let (first, last) = (place(&text[..colon])?, place(&text[colon + 1..])?);
    (first.0 <= last.0 && first.1 <= last.1).then_some(Merged { rows: (first.0, last.0), columns: (first.1, last.1) })
}

/// Row and column, counted from 0, of a name such as `AB12`.
fn place(name: &[u8]) -> Option<(u32, u32)> {
    let letters = name.iter().take_while(|byte| byte.is_ascii_alphabetic()).count();
    if letters == 0 || letters > 3 || name.len() > letters + 7 {
        return None;
    }
    let column = name[..letters].iter().fold(0, |sum, letter| sum * 26 + u32::from(letter.to_ascii_uppercase() - b'A') + 1);
    let mut row = 0;
    for digit in &name[letters..] {
        row = row * 10 + u32::from(digit.is_ascii_digit().then(|| digit - b'0')?);
    }
    ((1..=COLUMNS).contains(&column) && (1..=ROWS).contains(&row)).then(|| (row - 1, column - 1))
}

/// An attribute of a tag by its whole name.
fn attribute<'t>(tag: &'t [u8], name: &[u8]) -> Option<&'t [u8]> {
    let mut rest = tag;
    loop {
        let space = rest.iter().position(u8::is_ascii_whitespace)?;
        rest = rest[space..].trim_ascii_start();
        let equals = memchr(b'=', rest)?;
        let found = rest[..equals].trim_ascii_end() == name;
        rest = rest[equals + 1..].trim_ascii_start();
        let quote = *rest.first()?;
        if quote != b'"' && quote != b'\'' {
            return None;
        }
        let end = memchr(quote, &rest[1..])?;
        if found {
            return Some(&rest[1..=end]);
        }
        rest = &rest[end + 2..];
    }
}

/// A cell before its text is looked up.
#[derive(Clone, Copy)]
enum Raw {
    Empty,
    Number(f64),
    Shared(usize),
    /// From where to where in the row's own text.
    Own(usize, usize),
}

/// The rows of a sheet's XML, each taken out of the stream whole and scanned by hand: a table has millions of cells.
struct XmlRows {
    part: Part,
    texts: Arc<Vec<String>>,
    buffer: Vec<u8>,
    start: usize,
    scanned: usize,
    ended: bool,
    /// The prefix of the sheet's tags with its colon; mostly none.
    prefix: Vec<u8>,
    closing: Vec<u8>,
    number: u32,
    cells: Vec<Raw>,
    own: String,
}

impl XmlRows {
    fn new(part: Part, texts: Arc<Vec<String>>) -> Result<Self, StoreError> {
        let mut rows = XmlRows {
            part,
            texts,
            buffer: Vec::new(),
            start: 0,
            scanned: 0,
            ended: false,
            prefix: Vec::new(),
            closing: Vec::new(),
            number: 0,
            cells: Vec::new(),
            own: String::new(),
        };
        loop {
            if let Some(at) = memmem::find(&rows.buffer, b"sheetData") {
                let before = memchr::memrchr(b'<', &rows.buffer[..at]).unwrap_or(at);
                rows.prefix = rows.buffer.get(before + 1..at).unwrap_or_default().to_vec();
                rows.start = at;
                break;
            }
            if !rows.more()? {
                return Err(broken("it has no rows at all"));
            }
        }
        rows.closing = [b"</", rows.prefix.as_slice(), b"row>"].concat();
        rows.scanned = rows.start;
        Ok(rows)
    }

    /// Reads on; false at the end.
    fn more(&mut self) -> Result<bool, StoreError> {
        if self.ended {
            return Ok(false);
        }
        if self.start > 0 {
            self.buffer.drain(..self.start);
            self.scanned -= self.start.min(self.scanned);
            self.start = 0;
        }
        if self.buffer.len() > LONGEST_ROW {
            return Err(broken(format!("row {} never ends", self.number + 1)));
        }
        let held = self.buffer.len();
        self.buffer.resize(held + (1 << 18), 0);
        let count = self.part.read(&mut self.buffer[held..]).map_err(broken)?;
        self.buffer.truncate(held + count);
        self.ended = count == 0;
        Ok(count > 0)
    }

    fn advance(&mut self) -> Result<bool, StoreError> {
        loop {
            let from = self.scanned;
            if let Some(at) = memmem::find(&self.buffer[from..], &self.closing).map(|at| at + from) {
                let (start, end) = (self.start, at + self.closing.len());
                self.start = end;
                self.scanned = end;
                self.scan(start, end)?;
                if self.cells.iter().any(|cell| !matches!(cell, Raw::Empty)) {
                    return Ok(true);
                }
                continue;
            }
            self.scanned = self.buffer.len().saturating_sub(self.closing.len()).max(self.start);
            if memmem::find(&self.buffer[self.start..], b"sheetData>").is_some() || self.only_empty() {
                // to the end of the part, where its check sum is compared
                self.buffer.clear();
                (self.start, self.scanned) = (0, 0);
                while self.more()? {
                    self.buffer.clear();
                }
                self.buffer.extend_from_slice(b"sheetData>");
                self.cells.clear();
                return Ok(false);
            }
            if !self.more()? {
                return Err(broken(format!("it breaks off after row {}", self.number)));
            }
        }
    }

    fn cell(&self, column: usize) -> TableCell<'_> {
        match self.cells.get(column) {
            None | Some(Raw::Empty) => TableCell::Empty,
            Some(Raw::Number(value)) => TableCell::Number(*value),
            Some(Raw::Own(from, to)) => self.own.get(*from..*to).map_or(TableCell::Empty, text_cell),
            Some(Raw::Shared(at)) => self.texts.get(*at).map_or(TableCell::Empty, |text| text_cell(text)),
        }
    }

    /// A sheet without rows: `<sheetData/>`.
    fn only_empty(&self) -> bool {
        self.number == 0 && self.buffer[self.start..].starts_with(b"sheetData/>")
    }

    /// Takes the cells out of a row's XML.
    fn scan(&mut self, start: usize, end: usize) -> Result<(), StoreError> {
        self.cells.clear();
        self.own.clear();
        let xml = &self.buffer[start..end];
        let mut at = 0;
        // row and column of the cell that is open, its type and its value
        let mut row = self.number;
        let (mut column, mut next_column) = (0, 0);
        let mut kind: &[u8] = b"";
        let mut value: Option<&[u8]> = None;
        let mut own_from = None;
        while let Some(open) = memchr(b'<', &xml[at..]).map(|found| found + at + 1) {
            let close = memchr(b'>', &xml[open..]).map(|found| found + open);
            let Some(close) = close else { return Err(broken(format!("a tag in row {} never ends", row + 1))) };
            at = close + 1;
            let tag = &xml[open..close];
            let (ending, tag) = match tag.strip_prefix(b"/") {
                Some(rest) => (true, rest),
                None => (false, tag),
            };
            let (empty, tag) = match tag.strip_suffix(b"/") {
                Some(rest) => (true, rest),
                None => (false, tag),
            };
            let Some(tag) = tag.strip_prefix(self.prefix.as_slice()) else { continue };
            let name = &tag[..tag.iter().position(u8::is_ascii_whitespace).unwrap_or(tag.len())];
            match (name, ending) {
                (b"c", false) => {
                    let named = attribute(tag, b"r");
                    column = match named.map(place) {
                        Some(Some((in_row, column))) if in_row + 1 == row || row == 0 => column,
                        None => next_column,
                        Some(_) => {
                            let name = String::from_utf8_lossy(named.unwrap_or_default()).into_owned();
                            return Err(broken(format!("a cell in row {row} is named `{name}`")));
                        }
                    };
                    if column >= COLUMNS {
                        return Err(broken(format!("row {row} has more than {COLUMNS} cells")));
                    }
                    next_column = column + 1;
                    kind = attribute(tag, b"t").unwrap_or_default();
                    value = None;
                    own_from = None;
                    if empty {
                        continue;
                    }
                }
                (b"v", false) if !empty => {
                    let length = memchr(b'<', &xml[at..]).unwrap_or(0);
                    value = Some(&xml[at..at + length]);
                }
                (b"t", false) if !empty && kind == b"inlineStr" => {
                    let length = memchr(b'<', &xml[at..]).unwrap_or(0);
                    own_from.get_or_insert(self.own.len());
                    push_text(&mut self.own, &xml[at..at + length])?;
                }
                (b"c", true) => {
                    let cell = match (kind, value) {
                        (b"inlineStr", _) => own_from.map_or(Raw::Empty, |from| Raw::Own(from, self.own.len())),
                        (_, None) => Raw::Empty,
                        (b"" | b"n", Some(digits)) => {
                            let number = std::str::from_utf8(digits).ok().and_then(|text| text.trim().parse::<f64>().ok());
                            Raw::Number(number.filter(|number| number.is_finite()).ok_or_else(|| {
                                input(format!("cell {} is not a number", cell_name(row.saturating_sub(1), column)))
                                    .value(String::from_utf8_lossy(digits))
                            })?)
                        }
                        (b"s", Some(digits)) => {
                            let at = std::str::from_utf8(digits).ok().and_then(|text| text.trim().parse::<usize>().ok());
                            Raw::Shared(at.filter(|at| *at < self.texts.len()).ok_or_else(|| {
                                broken(format!("cell {} refers to a text that is not there", cell_name(row.saturating_sub(1), column)))
                            })?)
                        }
                        (kind, Some(text)) => {
                            let from = self.own.len();
                            match (kind, text) {
                                (b"b", b"0") => self.own.push_str("FALSE"),
                                (b"b", _) => self.own.push_str("TRUE"),
                                _ => push_text(&mut self.own, text)?,
                            }
                            Raw::Own(from, self.own.len())
                        }
                    };
                    let column = column as usize;
                    if self.cells.len() <= column {
                        self.cells.resize(column + 1, Raw::Empty);
                    }
                    self.cells[column] = cell;
                }
                (b"row", false) => {
                    row = match attribute(tag, b"r") {
                        None => row + 1,
                        Some(digits) => std::str::from_utf8(digits)
                            .ok()
                            .and_then(|text| text.parse().ok())
                            .filter(|number| (1..=ROWS).contains(number) && *number > self.number)
                            .ok_or_else(|| broken(format!("after row {} comes row `{}`", self.number, String::from_utf8_lossy(digits))))?,
                    };
                    self.number = row;
                    next_column = 0;
                    self.cells.clear();
                }
                _ if name.starts_with(b"!") => return Err(broken("it holds comments or unparsed text between its cells")),
                _ => {}
            }
        }
        Ok(())
    }
}

fn broken(what: impl std::fmt::Display) -> StoreError {
    input(format!("the sheet is damaged: {what}")).next("fetch the file again, or save it again from a spreadsheet program")
}

fn push_text(own: &mut String, escaped: &[u8]) -> Result<(), StoreError> {
    let text = std::str::from_utf8(escaped).map_err(broken)?;
    own.push_str(&quick_xml::escape::unescape(text).map_err(broken)?);
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use std::io::Write;

    fn rows(path: &Path, sheet: &str) -> Result<Vec<(u64, Vec<String>)>, StoreError> {
        let mut rows = Workbook::open(path)?.rows(sheet)?;
        let mut all = Vec::new();
        while rows.advance()? {
            let printed = (0..rows.width()).map(|column| match rows.cell(column) {
                TableCell::Empty => String::new(),
                TableCell::Text(text) => format!("'{text}"),
                TableCell::Number(value) => value.to_string(),
            });
            all.push((rows.row(), printed.collect()));
        }
        Ok(all)
    }

    /// A workbook of one sheet `S` whose XML is given; `texts` are its shared texts.
    fn workbook(sheet: &str, texts: &str) -> tempfile::NamedTempFile {
        let file = tempfile::NamedTempFile::new().unwrap();
        let mut zip = zip::ZipWriter::new(file.reopen().unwrap());
        let options = zip::write::SimpleFileOptions::default();
        for (name, text) in [
            ("xl/workbook.xml", r#"<workbook xmlns:r="x"><sheets><sheet name="S &amp; T" sheetId="1" r:id="rId9"/></sheets></workbook>"#),
            (
                "xl/_rels/workbook.xml.rels",
                r#"<Relationships><Relationship Id="rId9" Type="t" Target="worksheets/sheet7.xml"/></Relationships>"#,
            ),
            ("xl/sharedStrings.xml", texts),
            ("xl/worksheets/sheet7.xml", sheet),
        ] {
            zip.start_file(name, options).unwrap();
            zip.write_all(text.as_bytes()).unwrap();
        }
        zip.finish().unwrap();
        file
    }

    #[test]
    fn every_kind_of_cell() {
        let texts =
            "<sst><si><t>a &amp; b</t></si><si><r><t>two </t></r><r><t>runs</t></r><rPh sb=\"0\"><t>spoken</t></rPh></si><si/></sst>";
        let sheet = r##"<?xml version="1.0"?><worksheet><dimension ref="A1:F9"/><sheetData>
<row r="2" spans="1:6"><c r="B2" t="s"><v>0</v></c><c r='C2' s="1" t='s'><v>1</v></c><c r="F2"><f t="shared" ref="F2:F3">A1&gt;2</f><v>-1.5e-3</v></c></row>
<row r="3"/>
<row r="5"><c r="A5" s="3"/><c r="B5" t="inlineStr"><is><t>in &lt;line&gt;</t></is></c><c r="C5" t="b"><v>1</v></c><c r="D5" t="e"><v>#REF!</v></c><c r="E5" t="str"><f>X</f><v>made</v></c><c t="s"><v>2</v></c><c><v>7</v></c></row>
</sheetData></worksheet>"##;
        let file = workbook(sheet, texts);
        assert_eq!(Workbook::open(file.path()).unwrap().sheets(), ["S & T"]);
        let printed = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
        assert_eq!(
            rows(file.path(), "S & T").unwrap(),
            [
                (2, printed(&["", "'a & b", "'two runs", "", "", "-0.0015"])),
                (5, printed(&["", "'in <line>", "'TRUE", "'#REF!", "'made", "", "7"])),
            ]
        );
        let prefixed = sheet.replace("<row", "<x:row").replace("</row", "</x:row").replace("<c ", "<x:c ").replace("<c>", "<x:c>");
        let prefixed =
            prefixed.replace("</c>", "</x:c>").replace("<v>", "<x:v>").replace("</v>", "</x:v>").replace("sheetData", "x:sheetData");
        let prefixed = prefixed.replace("<is>", "<x:is>").replace("<t>", "<x:t>").replace("</t>", "</x:t>");
        assert_eq!(rows(workbook(&prefixed, texts).path(), "S & T").unwrap(), rows(file.path(), "S & T").unwrap());
        assert!(rows(workbook("<worksheet><sheetData/></worksheet>", texts).path(), "S & T").unwrap().is_empty());
        let error = rows(file.path(), "S").unwrap_err();
        assert!(error.to_string().contains("S & T"), "{error}");
    }

    #[test]
    fn damage_is_named() {
        let data = |rows: &str| format!("<worksheet><sheetData>{rows}</sheetData></worksheet>");
        for (sheet, expected) in [
            (data(r#"<row r="4"><c r="B4"><v>12 kg</v></c></row>"#), "cell B4 is not a number"),
            (data(r#"<row r="4"><c r="B4"><v>inf</v></c></row>"#), "cell B4 is not a number"),
            (data(r#"<row r="4"><c r="B4" t="s"><v>5</v></c></row>"#), "cell B4 refers to a text that is not there"),
            (data(r#"<row r="4"><c r="B5"><v>5</v></c></row>"#), "a cell in row 4 is named `B5`"),
            (data(r#"<row r="4"><c r="B4"><v>5</v></c></row><row r="3"><c r="B3"><v>5</v></c></row>"#), "after row 4 comes row `3`"),
            (data(r#"<row r="4"><c r="ZZZ4"><v>5</v></c></row>"#), "`ZZZ4`"),
            (data(r#"<row r="4"><c r="A4"><v><![CDATA[5]]></v></c></row>"#), "unparsed text"),
            (r#"<worksheet><sheetData><row r="4"><c r="A4"><v>5</v></c></row><row r="5">"#.to_owned(), "breaks off after row 4"),
            ("<worksheet></worksheet>".to_owned(), "no rows"),
        ] {
            let error = rows(workbook(&sheet, "<sst/>").path(), "S & T").unwrap_err();
            assert!(error.to_string().contains(expected) && error.problem() == Problem::Input, "{error} lacks {expected}");
        }
        let error = rows(workbook(&data(""), "<sst><si><t>a</t></si>").path(), "S & T").unwrap_err();
        assert!(error.to_string().contains("sharedStrings"), "{error}");
    }

    /// A workbook of two label columns whose header cells and data cells are merged as asked.
    fn with_merged(merged: &[(u32, u16, u32, u16, &str)]) -> tempfile::NamedTempFile {
        let mut book = rust_xlsxwriter::Workbook::new();
        let sheet = book.add_worksheet();
        sheet.write(3, 2, 8.5).unwrap();
        for (row, column, last_row, last_column, text) in merged {
            let format = rust_xlsxwriter::Format::new();
            match text.parse::<f64>() {
                Ok(number) => {
                    sheet.merge_range(*row, *column, *last_row, *last_column, "", &format).unwrap();
                    sheet.write(*row, *column, number).unwrap();
                }
                Err(_) => {
                    sheet.merge_range(*row, *column, *last_row, *last_column, text, &format).unwrap();
                }
            }
        }
        let file = tempfile::NamedTempFile::new().unwrap();
        book.save(file.path()).unwrap();
        file
    }

    #[test]
    fn a_merged_label_stands_in_every_cell_it_covers_and_a_merged_number_in_one() {
        let file = with_merged(&[(0, 2, 0, 5, "AUS"), (1, 0, 4, 0, "domestic")]);
        let all = rows(file.path(), "Sheet1").unwrap();
        assert_eq!(all[0], (1, ["", "", "'AUS", "'AUS", "'AUS", "'AUS"].map(str::to_owned).to_vec()));
        assert_eq!(all[1].1[0], "'domestic");
        let fourth = all.iter().find(|(row, _)| *row == 4).unwrap();
        assert_eq!(fourth.1[..3], ["'domestic", "", "8.5"]);
        let merged = with_merged(&[(2, 3, 2, 4, "12.5")]);
        let third = &rows(merged.path(), "Sheet1").unwrap()[0];
        assert_eq!(third, &(3, ["", "", "", "12.5", "'12.5 merged over D3:E3"].map(str::to_owned).to_vec()));
    }

    #[test]
    fn truncated_workbooks_are_refused_at_every_length() {
        let whole = std::fs::read(with_merged(&[(0, 2, 0, 5, "AUS")]).path()).unwrap();
        let file = tempfile::NamedTempFile::new().unwrap();
        for length in (0..whole.len()).step_by(97) {
            std::fs::write(file.path(), &whole[..length]).unwrap();
            let error = rows(file.path(), "Sheet1").unwrap_err();
            assert_eq!(error.problem(), Problem::Input, "{length}: {error}");
        }
        // a bit of the sheet turned over
        let at = memmem::find(&whole, b"xl/worksheets/sheet1.xml").unwrap() + 60;
        let mut damaged = whole;
        damaged[at] ^= 0x10;
        std::fs::write(file.path(), &damaged).unwrap();
        assert!(rows(file.path(), "Sheet1").is_err());
    }

    #[test]
    fn names_of_cells() {
        for (row, column, name) in [(0, 0, "A1"), (6, 25, "Z7"), (0, 26, "AA1"), (9, 701, "ZZ10"), (1_048_575, 16_383, "XFD1048576")] {
            assert_eq!(cell_name(row, column), name);
            assert_eq!(place(name.as_bytes()), Some((row, column)));
        }
        for name in ["", "A", "7", "A0", "XFE1", "A1048577", "A1B", "AAAA1"] {
            assert_eq!(place(name.as_bytes()), None, "{name}");
        }
    }
}
