use crate::{Problem, StoreError};
use std::fs::File;
use std::io::{BufReader, Read};
use std::path::Path;
use std::sync::Arc;

/// Lists within lists deeper than this are not data.
const DEEPEST: usize = 200;
/// An honest file holds less than this when unpacked (a table of 9,800 industries is 0.8 GB); a hostile one stops here.
const LARGEST: u64 = 2 << 30;
/// R's mark for a missing integer or truth value.
const MISSING_INTEGER: i32 = i32::MIN;

/// A value of R: a vector of one type, a list, or what holds no data, with its attributes (names, dim, dimnames, levels, class, ...).
#[derive(Debug, Clone, PartialEq, Default)]
pub struct RObject {
    /// The value itself.
    pub value: RValue,
    /// The attributes in the order of the file.
    pub attributes: Vec<(String, RObject)>,
}

/// The data of an [`RObject`].
#[derive(Debug, Clone, PartialEq, Default)]
pub enum RValue {
    /// Nothing.
    #[default]
    Null,
    /// Truth values and whole numbers; a missing one is `i32::MIN`. The codes of a factor, too.
    Integers(Vec<i32>),
    /// Real numbers; a missing one is not a number.
    Numbers(Vec<f64>),
    /// Text; a missing one is `None`.
    Texts(Vec<Option<Arc<str>>>),
    /// A list.
    List(Vec<RObject>),
    /// What holds no table: functions, environments, raw bytes and so on, by name.
    Other(&'static str),
}

impl RObject {
    /// An attribute by name.
    pub fn attribute(&self, name: &str) -> Option<&RObject> {
        self.attributes.iter().find(|(known, _)| known == name).map(|(_, value)| value)
    }

    /// The number of elements.
    pub fn len(&self) -> usize {
        match &self.value {
            RValue::Null | RValue::Other(_) => 0,
            RValue::Integers(values) => values.len(),
            RValue::Numbers(values) => values.len(),
            RValue::Texts(values) => values.len(),
            RValue::List(values) => values.len(),
        }
    }

    /// True when there is no element.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// True for an object of this class.
    pub fn is(&self, class: &str) -> bool {
        self.attribute("class")
            .is_some_and(|classes| matches!(&classes.value, RValue::Texts(names) if names.iter().flatten().any(|name| **name == *class)))
    }

    /// The names of the elements; `None` without.
    pub fn names(&self) -> Option<Vec<String>> {
        self.attribute("names")?.texts()
    }

    /// An element of a named list.
    pub fn element(&self, name: &str) -> Option<&RObject> {
        let RValue::List(elements) = &self.value else { return None };
        let at = self.names()?.iter().position(|known| known == name)?;
        elements.get(at)
    }

    /// The numbers of a vector of integers or reals, what is missing as not a number; `None` for anything else, a factor among it.
    pub fn numbers(&self) -> Option<Vec<f64>> {
        match &self.value {
            RValue::Integers(_) if self.attribute("levels").is_some() => None,
            RValue::Integers(values) => {
                Some(values.iter().map(|&value| if value == MISSING_INTEGER { f64::NAN } else { f64::from(value) }).collect())
            }
            RValue::Numbers(values) => Some(values.clone()),
            _ => None,
        }
    }

    /// The texts of a vector of text or of a factor, what is missing as empty text; `None` for anything else.
    pub fn texts(&self) -> Option<Vec<String>> {
        match (&self.value, self.attribute("levels").map(|levels| &levels.value)) {
            (RValue::Texts(texts), _) => Some(texts.iter().map(|text| text.as_deref().unwrap_or_default().to_owned()).collect()),
            (RValue::Integers(codes), Some(RValue::Texts(levels))) => {
                let level = |code: &i32| usize::try_from(*code).ok().and_then(|code| levels.get(code.checked_sub(1)?)?.as_deref());
                Some(codes.iter().map(|code| level(code).unwrap_or_default().to_owned()).collect())
            }
            _ => None,
        }
    }

    /// Rows and columns of a matrix, whose numbers stand column by column; `None` for anything else.
    pub fn shape(&self) -> Option<(usize, usize)> {
        let dim = self.attribute("dim")?.numbers()?;
        let [rows, columns] = dim.as_slice() else { return None };
        let whole = |value: &f64| (*value >= 0.0 && *value <= f64::from(i32::MAX)).then_some(*value as usize);
        let (rows, columns) = (whole(rows)?, whole(columns)?);
        (rows.checked_mul(columns)? == self.len()).then_some((rows, columns))
    }

    /// The names of a matrix's rows (`side` 0) or columns (`side` 1); `None` where it has none.
    pub fn dimension_names(&self, side: usize) -> Option<Vec<String>> {
        let RValue::List(sides) = &self.attribute("dimnames")?.value else { return None };
        sides.get(side)?.texts()
    }

    /// The names of a data frame's rows; numbers where it has none of its own. `None` for what is no data frame.
    pub fn row_names(&self) -> Option<Vec<String>> {
        let names = self.attribute("row.names")?;
        match &names.value {
            // the compact form: a missing number, then the count, negative when the names are automatic
            RValue::Integers(values) if values.len() == 2 && values[0] == MISSING_INTEGER => {
                Some((1..=i64::from(values[1]).unsigned_abs().min(LARGEST / 64)).map(|row| row.to_string()).collect())
            }
            RValue::Integers(values) => Some(values.iter().map(i32::to_string).collect()),
            RValue::Numbers(values) => Some(values.iter().map(f64::to_string).collect()),
            _ => names.texts(),
        }
    }
}

/// Reads a file written by R's `save` (`.RData`, `.rda`) or `saveRDS` (`.rds`): the objects with their names, in the order of the file; the
/// one of `saveRDS` has an empty name.
///
/// What is read: the XDR format, versions 2 and 3, plain or packed with gzip, bzip2 or xz: vectors, factors, matrices, data frames, lists, and
/// the compact forms (ALTREP) of version 3. Functions and environments are passed over where their form allows it. Format: "Serialization
/// Formats" in R Internals, <https://cran.r-project.org/doc/manuals/r-release/R-ints.html>.
///
/// # Errors
/// [`Problem::Input`] for a file that cannot be opened, is no R file, breaks off, contradicts itself, holds compiled code, nests deeper than
/// 200 lists or unpacks to more than 2 GiB.
///
/// ```
/// let folder = tempfile::tempdir()?;
/// let file = folder.path().join("two.rds");
/// // written by R's saveRDS(c(3L, 5L), compress = FALSE)
/// std::fs::write(&file, b"X\n\0\0\0\x02\0\x03\x06\0\0\x02\x03\0\0\0\0\x0d\0\0\0\x02\0\0\0\x03\0\0\0\x05")?;
/// let objects = xinzhi_store::read_r_data(&file)?;
/// assert_eq!(objects[0].1.numbers(), Some(vec![3.0, 5.0]));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn read_r_data(path: impl AsRef<Path>) -> Result<Vec<(String, RObject)>, StoreError> {
    let path = path.as_ref();
    let file = File::open(path).map_err(|error| input(format!("the file cannot be opened: {error}")).io(&error).file(path))?;
    read(BufReader::new(file)).map_err(|error| error.file(path))
}

fn input(what: impl Into<String>) -> StoreError {
    StoreError::new(Problem::Input, what)
}

/// The encoding of text that is not in the one it claims: UTF-8 where it is that, GB18030 where bytes beyond ASCII come in the pairs of Chinese
/// text, else that of Western Windows.
fn likely(bytes: &[u8]) -> &'static encoding_rs::Encoding {
    let high = |byte: &u8| *byte >= 0xa1;
    if std::str::from_utf8(bytes).is_ok() {
        encoding_rs::UTF_8
    } else if bytes.chunk_by(|a, b| high(a) == high(b)).all(|run| if high(&run[0]) { run.len() % 2 == 0 } else { run.is_ascii() }) {
        encoding_rs::GB18030
    } else {
        encoding_rs::WINDOWS_1252
    }
}

type Packed<'a> = (Box<dyn Read + 'a>, &'static str);

/// The bytes behind the packing, which the first bytes tell, with its name.
fn unpacked<'a>(mut file: impl Read + 'a) -> Result<Packed<'a>, StoreError> {
    let mut start = [0; 6];
    let mut held = 0;
    while held < start.len() {
        match file.read(&mut start[held..]) {
            Ok(0) => break,
            Ok(count) => held += count,
            Err(error) => return Err(input(format!("the file cannot be read: {error}")).io(&error)),
        }
    }
    let whole = std::io::Cursor::new(start[..held].to_vec()).chain(file);
    let held = &start[..held];
    Ok(if held.starts_with(&[0x1f, 0x8b]) {
        (Box::new(BufReader::with_capacity(1 << 16, flate2::read::MultiGzDecoder::new(whole))), "gzip")
    } else if held.starts_with(b"BZh") {
        (Box::new(BufReader::with_capacity(1 << 16, bzip2::read::MultiBzDecoder::new(whole))), "bzip2")
    } else if held.starts_with(&[0xfd, b'7', b'z', b'X', b'Z', 0]) {
        (Box::new(BufReader::with_capacity(1 << 16, lzma_rust2::XzReader::new(whole, false))), "xz")
    } else {
        (Box::new(whole), "no")
    })
}

pub(crate) fn read<'a>(file: impl Read + 'a) -> Result<Vec<(String, RObject)>, StoreError> {
    let (bytes, packing) = unpacked(file)?;
    let mut source = Source { bytes, packing, native: None, taken: 0, charged: 0, references: Vec::new() };
    let objects = source.objects()?;
    // to the end of the packing, whose check sum stands there
    source.finish()?;
    Ok(objects)
}

/// What a place in the stream may refer back to: symbols by name; environments and the like only by being there.
#[derive(Clone)]
enum Reference {
    Symbol(Arc<str>),
    Other(&'static str),
}

/// One item of the stream.
enum Item {
    Object(RObject),
    Symbol(Arc<str>),
    /// A pair list: tags and values.
    Pairs(Vec<(String, RObject)>),
    /// A string of text or `NA`.
    Characters(Option<Arc<str>>),
}

impl Item {
    fn object(self) -> RObject {
        match self {
            Item::Object(object) => object,
            Item::Symbol(name) => RObject { value: RValue::Texts(vec![Some(name)]), attributes: Vec::new() },
            Item::Pairs(pairs) => {
                let names = pairs.iter().map(|(name, _)| Some(Arc::from(name.as_str()))).collect();
                let names = RObject { value: RValue::Texts(names), attributes: Vec::new() };
                let value = RValue::List(pairs.into_iter().map(|(_, value)| value).collect());
                RObject { value, attributes: vec![("names".to_owned(), names)] }
            }
            Item::Characters(text) => RObject { value: RValue::Texts(vec![text]), attributes: Vec::new() },
        }
    }
}

struct Source<'a> {
    bytes: Box<dyn Read + 'a>,
    packing: &'static str,
    /// The encoding of text that claims none, where the file says it.
    native: Option<&'static encoding_rs::Encoding>,
    taken: u64,
    charged: u64,
    references: Vec<Reference>,
}

impl Source<'_> {
    fn broken(&self, what: impl std::fmt::Display) -> StoreError {
        input(format!("the R file is damaged after {} bytes ({} packing): {what}", self.taken, self.packing))
            .next("fetch it again, or save it again in R")
    }

    fn fill(&mut self, into: &mut [u8]) -> Result<(), StoreError> {
        match self.bytes.read_exact(into) {
            Ok(()) => {
                self.taken += into.len() as u64;
                Ok(())
            }
            Err(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => Err(self.broken("it breaks off here")),
            Err(error) => Err(self.broken(error)),
        }
    }

    fn integer(&mut self) -> Result<i32, StoreError> {
        let mut bytes = [0; 4];
        self.fill(&mut bytes)?;
        Ok(i32::from_be_bytes(bytes))
    }

    /// Counts memory against the bound before it is asked for.
    fn charge(&mut self, count: usize, each: usize) -> Result<(), StoreError> {
        self.charged = self.charged.saturating_add((count as u64).saturating_mul(each as u64));
        if self.charged > LARGEST {
            return Err(self.broken("it unpacks to more than 2 GiB"));
        }
        Ok(())
    }

    fn length(&mut self) -> Result<usize, StoreError> {
        let length = self.integer()?;
        let length = match length {
            -1 => (i64::from(self.integer()?) << 32) | i64::from(self.integer()? as u32),
            length => i64::from(length),
        };
        usize::try_from(length).map_err(|_| self.broken(format!("a vector of length {length}")))
    }

    fn bytes_of(&mut self, length: usize) -> Result<Vec<u8>, StoreError> {
        self.charge(length, 1)?;
        let mut bytes = vec![0; length.min(1 << 16)];
        let mut held = 0;
        while held < length {
            let take = (length - held).min(1 << 16);
            bytes.resize(held + take, 0);
            self.fill(&mut bytes[held..])?;
            held += take;
        }
        bytes.truncate(length);
        Ok(bytes)
    }

    /// A vector of fixed-width elements, block by block, so that a false length costs nothing.
    fn elements<const WIDTH: usize, T>(&mut self, decode: fn([u8; WIDTH]) -> T) -> Result<Vec<T>, StoreError> {
        const BLOCK: usize = 8192;
        let length = self.length()?;
        self.charge(length, WIDTH)?;
        let mut values = Vec::with_capacity(length.min(BLOCK));
        let mut buffer = vec![0; WIDTH * length.min(BLOCK)];
        while values.len() < length {
            let take = (length - values.len()).min(BLOCK);
            let block = &mut buffer[..take * WIDTH];
            self.fill(block)?;
            let (elements, _) = block.as_chunks::<WIDTH>();
            values.extend(elements.iter().map(|bytes| decode(*bytes)));
        }
        Ok(values)
    }

    fn objects(&mut self) -> Result<Vec<(String, RObject)>, StoreError> {
        let mut start = [0; 2];
        let no_r =
            || input("this is no R file: it does not begin with RDX2, RDX3 or X").next("give a file written by R's save() or saveRDS()");
        self.fill(&mut start).map_err(|_| no_r())?;
        let saved = if start == *b"RD" {
            let mut rest = [0; 5];
            self.fill(&mut rest).map_err(|_| no_r())?;
            match &rest {
                b"X2\nX\n" | b"X3\nX\n" => true,
                [b'A' | b'B', ..] | [b'X', _, b'\n', ..] => {
                    return Err(input("this R file is in the text or the native format").next("save it again in R without `ascii`"));
                }
                _ => return Err(no_r()),
            }
        } else {
            match &start {
                b"X\n" => false,
                b"A\n" | b"B\n" => {
                    return Err(input("this R file is in the text or the native format").next("save it again in R without `ascii`"));
                }
                _ => return Err(no_r()),
            }
        };
        let version = self.integer()?;
        let (_writer, _oldest_reader) = (self.integer()?, self.integer()?);
        match version {
            2 => {}
            3 => {
                let length = self.length()?;
                if length > 64 {
                    return Err(self.broken(format!("the name of an encoding of {length} bytes")));
                }
                let name = String::from_utf8_lossy(&self.bytes_of(length)?).into_owned();
                self.native = match name.as_str() {
                    "CP936" => Some(encoding_rs::GBK),
                    "CP950" => Some(encoding_rs::BIG5),
                    name => encoding_rs::Encoding::for_label(name.as_bytes()),
                };
            }
            other => {
                return Err(input(format!("R files of format version {other} are not read; 2 and 3 are"))
                    .next("save it again in R with `version = 2`"));
            }
        }
        match self.item(0)? {
            Item::Pairs(pairs) if saved => Ok(pairs),
            other if saved => match other.object() {
                RObject { value: RValue::Null, .. } => Ok(Vec::new()),
                _ => Err(self.broken("it does not hold a list of objects")),
            },
            other => Ok(vec![(String::new(), other.object())]),
        }
    }

    fn finish(&mut self) -> Result<(), StoreError> {
        let mut rest = [0; 4096];
        loop {
            match self.bytes.read(&mut rest) {
                Ok(0) => return Ok(()),
                Ok(count) => self.charge(count, 1)?,
                Err(error) => return Err(self.broken(error)),
            }
        }
    }

    fn object(&mut self, depth: usize) -> Result<RObject, StoreError> {
        Ok(self.item(depth)?.object())
    }

    fn attributes(&mut self, depth: usize) -> Result<Vec<(String, RObject)>, StoreError> {
        match self.item(depth)? {
            Item::Pairs(pairs) => Ok(pairs),
            Item::Object(RObject { value: RValue::Null, .. }) => Ok(Vec::new()),
            _ => Err(self.broken("attributes that are no list")),
        }
    }

    fn item(&mut self, depth: usize) -> Result<Item, StoreError> {
        let flags = self.integer()? as u32;
        self.item_of(flags, depth)
    }

    /// The item whose flags were read already: the type in the first byte, then whether attributes and a tag follow.
    fn item_of(&mut self, flags: u32, depth: usize) -> Result<Item, StoreError> {
        if depth > DEEPEST {
            return Err(self.broken(format!("lists nested deeper than {DEEPEST}")));
        }
        let (kind, with_attributes) = (flags & 0xff, flags & 0x200 != 0);
        let other = |what| Ok(Item::Object(RObject { value: RValue::Other(what), attributes: Vec::new() }));
        let value = match kind {
            0 | 254 => return Ok(Item::Object(RObject::default())),
            241 | 242 | 250 | 253 => return other("an environment"),
            251 | 252 => return other("nothing bound"),
            255 => {
                let at = match flags >> 8 {
                    0 => self.integer()? as u32,
                    at => at,
                } as usize;
                return match at.checked_sub(1).and_then(|at| self.references.get(at)).cloned() {
                    Some(Reference::Symbol(name)) => Ok(Item::Symbol(name)),
                    Some(Reference::Other(what)) => other(what),
                    None => Err(self.broken(format!("it refers to item {at}, which is not there"))),
                };
            }
            1 => {
                let name: Arc<str> = match self.item(depth + 1)? {
                    Item::Characters(text) => text.unwrap_or_else(|| Arc::from("NA")),
                    _ => return Err(self.broken("a symbol without a name")),
                };
                self.charge(1, 64 + name.len())?;
                self.references.push(Reference::Symbol(name.clone()));
                return Ok(Item::Symbol(name));
            }
            2 | 3 | 5 | 6 | 17 | 239 | 240 => return self.pairs(flags, depth),
            4 => {
                self.integer()?;
                self.references.push(Reference::Other("an environment"));
                for _ in 0..4 {
                    self.item(depth + 1)?;
                }
                return other("an environment");
            }
            7 | 8 => {
                let length = self.length()?;
                self.bytes_of(length)?;
                return other("a function");
            }
            9 => {
                let length = self.integer()?;
                if length == -1 {
                    return Ok(Item::Characters(None));
                }
                let length = usize::try_from(length).map_err(|_| self.broken(format!("a text of {length} bytes")))?;
                let bytes = self.bytes_of(length)?;
                let encoding = match flags >> 12 {
                    marks if marks & 8 != 0 => encoding_rs::UTF_8,
                    marks if marks & 4 != 0 => encoding_rs::WINDOWS_1252,
                    _ => self.native.unwrap_or(encoding_rs::UTF_8),
                };
                let (text, wrong) = encoding.decode_without_bom_handling(&bytes);
                // packages hold text under a false mark, which R only shows as bytes
                let text = if wrong { likely(&bytes).decode_without_bom_handling(&bytes).0 } else { text };
                return Ok(Item::Characters(Some(Arc::from(text))));
            }
            10 | 13 => RValue::Integers(self.elements(i32::from_be_bytes)?),
            14 => RValue::Numbers(self.elements(f64::from_be_bytes)?),
            15 => {
                self.elements::<16, ()>(|_| ())?;
                RValue::Other("complex numbers")
            }
            16 => {
                let length = self.length()?;
                self.charge(length, 24)?;
                let mut texts = Vec::with_capacity(length.min(1 << 12));
                for _ in 0..length {
                    match self.item(depth + 1)? {
                        Item::Characters(text) => texts.push(text),
                        _ => return Err(self.broken("a vector of text with something else in it")),
                    }
                }
                RValue::Texts(texts)
            }
            19 | 20 => {
                let length = self.length()?;
                self.charge(length, size_of::<RObject>())?;
                let mut elements = Vec::with_capacity(length.min(1 << 12));
                for _ in 0..length {
                    elements.push(self.object(depth + 1)?);
                }
                RValue::List(elements)
            }
            22 => {
                self.references.push(Reference::Other("a pointer"));
                for _ in 0..2 {
                    self.item(depth + 1)?;
                }
                RValue::Other("a pointer")
            }
            23 => {
                self.references.push(Reference::Other("a weak reference"));
                RValue::Other("a weak reference")
            }
            24 => {
                self.elements::<1, u8>(|[byte]| byte)?;
                RValue::Other("raw bytes")
            }
            25 => RValue::Other("an object of an S4 class"),
            238 => return self.compact(depth),
            247..=249 => {
                self.integer()?;
                let length = self.length()?;
                for _ in 0..length {
                    self.item(depth + 1)?;
                }
                self.references.push(Reference::Other("an environment"));
                return other("an environment");
            }
            21 => {
                return Err(input("the R file holds compiled code, which is not read").next("save only the tables, not the functions"));
            }
            kind => return Err(self.broken(format!("an item of the unknown type {kind}"))),
        };
        let attributes = if with_attributes { self.attributes(depth + 1)? } else { Vec::new() };
        Ok(Item::Object(RObject { value, attributes }))
    }

    /// A pair list, along its chain without recursion; calls and functions have the same form.
    fn pairs(&mut self, first: u32, depth: usize) -> Result<Item, StoreError> {
        let data = matches!(first & 0xff, 2 | 239);
        let mut flags = first;
        let mut pairs = Vec::new();
        loop {
            let kind = flags & 0xff;
            if flags & 0x200 != 0 || matches!(kind, 239 | 240) {
                self.attributes(depth + 1)?;
            }
            let tag = match flags & 0x400 != 0 {
                false => String::new(),
                true => match self.item(depth + 1)? {
                    Item::Symbol(name) => name.to_string(),
                    // the environment of a function stands here
                    _ if matches!(kind, 3 | 5) => String::new(),
                    Item::Object(RObject { value: RValue::Null, .. }) => String::new(),
                    _ => return Err(self.broken("a list with a tag that is no symbol")),
                },
            };
            let value = self.object(depth + 1)?;
            self.charge(1, size_of::<(String, RObject)>() + tag.len())?;
            pairs.push((tag, value));
            if kind != 2 && kind != 239 {
                // calls and functions: their rest is read as an item of its own
                self.item(depth + 1)?;
                break;
            }
            flags = self.integer()? as u32;
            match flags & 0xff {
                0 | 254 => break,
                2 | 239 => {}
                // a pair whose second half is a value
                _ => {
                    let last = self.item_of(flags, depth + 1)?.object();
                    pairs.push((String::new(), last));
                    break;
                }
            }
        }
        Ok(if data {
            Item::Pairs(pairs)
        } else {
            Item::Object(RObject { value: RValue::Other("a call or a function"), attributes: Vec::new() })
        })
    }

    /// A vector in a compact form (ALTREP): class, state, attributes.
    fn compact(&mut self, depth: usize) -> Result<Item, StoreError> {
        let class = self.object(depth + 1)?;
        let class = match &class.value {
            RValue::List(parts) => parts.first().and_then(RObject::texts).and_then(|names| names.into_iter().next()),
            _ => None,
        };
        let class = class.ok_or_else(|| self.broken("a compact vector without a class"))?;
        let state = self.object(depth + 1)?;
        let attributes = self.attributes(depth + 1)?;
        let first = match &state.value {
            RValue::List(parts) => parts.first(),
            _ => None,
        };
        let value = match (class.as_str(), first) {
            ("compact_intseq" | "compact_realseq", _) => {
                let sequence = state.numbers().unwrap_or_default();
                let [count, start, step] = sequence.as_slice() else {
                    return Err(self.broken("a compact sequence without count, start and step"));
                };
                if !(*count >= 0.0 && *count <= LARGEST as f64 && start.is_finite() && step.is_finite()) {
                    return Err(self.broken(format!("a compact sequence of {count} numbers from {start}")));
                }
                let count = *count as usize;
                self.charge(count, 8)?;
                let numbers = (0..count).map(|at| start + at as f64 * step);
                match class.as_str() {
                    "compact_intseq" => RValue::Integers(numbers.map(|number| number as i32).collect()),
                    _ => RValue::Numbers(numbers.collect()),
                }
            }
            ("deferred_string", Some(source)) => {
                self.charge(source.len(), 40)?;
                let text = |number: f64| (!number.is_nan()).then(|| Arc::from(number.to_string()));
                match source.numbers() {
                    Some(numbers) => RValue::Texts(numbers.into_iter().map(text).collect()),
                    None => return Err(self.broken("text made from what is no number")),
                }
            }
            (wrapped, Some(inner)) if wrapped.starts_with("wrap_") => inner.value.clone(),
            _ => {
                return Err(input(format!("the R file holds a vector in the compact form `{class}`, which is not read"))
                    .next("save it again in R with `version = 2`"));
            }
        };
        Ok(Item::Object(RObject { value, attributes }))
    }
}
