use super::Content;
use super::paragraphs;
use encoding_rs::GB18030;
use lopdf::content::Content as Operations;
use lopdf::{Dictionary, Document, Encoding, LoadOptions, Object};
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// How deep drawings inside drawings are followed.
const DEEPEST: usize = 8;
/// A gap between letters wider than this many thousandths of the font's size is a space.
const GAP: f32 = -180.0;
/// No page's content or font takes more than this when unpacked.
const LARGEST_PAGE: usize = 64 << 20;

/// The text layer of a PDF, page by page in the order in which the file draws it.
///
/// Codes become characters by the font's map to Unicode, or by its encoding (Latin ones, UniGB and GBK). What has neither is left out and
/// told. A document that has pages but no text is a scan; one that asks for a password is not read.
pub(super) fn read(bytes: &[u8], largest: u64) -> Result<Content, String> {
    // whatever is wrong with one document must not end the reading of the others
    catch_unwind(AssertUnwindSafe(|| read_document(bytes, largest)))
        .unwrap_or_else(|_| Err("the PDF is damaged in a way its reader does not survive".to_owned()))
}

fn read_document(bytes: &[u8], largest: u64) -> Result<Content, String> {
    let limit = usize::try_from(largest).unwrap_or(usize::MAX).min(LARGEST_PAGE);
    let options = LoadOptions { max_decompressed_size: Some(limit), ..LoadOptions::default() };
    let document = Document::load_mem_with_options(bytes, options).map_err(|error| match error {
        lopdf::Error::InvalidPassword | lopdf::Error::Decryption(_) => locked(),
        other => format!("it is no readable PDF: {other}"),
    })?;
    if document.is_encrypted() && document.encryption_state.is_none() {
        return Err(locked());
    }
    let pages = document.get_pages();
    if pages.is_empty() && memchr::memmem::find(bytes, b"/Encrypt").is_some() {
        return Err(locked());
    }
    let mut page_text = PageText { document: &document, limit, text: String::new(), unknown: 0, shown: 0 };
    let mut broken = 0;
    for page in pages.values() {
        if page_text.page(*page).is_none() {
            broken += 1;
        }
        page_text.text.push('\n');
        if page_text.text.len() as u64 > largest {
            return Err(format!("its text has more than {largest} bytes"));
        }
    }
    let PageText { text, unknown, shown, .. } = page_text;
    let mut content = Content { paragraphs: paragraphs::of_text(&text), ..Content::default() };
    if content.paragraphs.is_empty() {
        return Err(match (pages.len(), broken, unknown) {
            (0, ..) => "the PDF has no pages".to_owned(),
            (_, 0, 0) => "the PDF has no text layer, it is a scan; run character recognition on it first".to_owned(),
            (_, 0, _) => "the PDF's fonts do not say which characters they show; run character recognition on it first".to_owned(),
            _ => "the PDF's pages are damaged".to_owned(),
        });
    }
    let mut notes = Vec::new();
    if broken > 0 {
        notes.push(format!("{broken} of {} pages cannot be read", pages.len()));
    }
    if unknown > 0 {
        notes.push(format!("{unknown} of {shown} pieces of text are in fonts that do not say which characters they show, and are left out"));
    }
    content.note = notes.join("; ");
    Ok(content)
}

fn locked() -> String {
    "the PDF asks for a password; save it without one".to_owned()
}

struct PageText<'a> {
    document: &'a Document,
    limit: usize,
    text: String,
    /// Pieces of text that could not be turned into characters, and all of them.
    unknown: usize,
    shown: usize,
}

type Fonts<'a> = BTreeMap<Vec<u8>, Codes<'a>>;

/// How the codes of a font become characters.
enum Codes<'a> {
    /// By its map to Unicode.
    Mapped(UnicodeMap),
    /// By its encoding.
    Encoded(Encoding<'a>),
}

impl<'a> PageText<'a> {
    fn page(&mut self, page: lopdf::ObjectId) -> Option<()> {
        let document = self.document;
        let fonts = self.encodings(document.get_page_fonts(page).ok()?);
        let content = document.get_page_content_with_limit(page, self.limit).ok()?;
        let (own, referred) = document.get_page_resources(page).ok()?;
        let resources = own.into_iter().chain(referred.iter().filter_map(|id| document.get_dictionary(*id).ok())).collect::<Vec<_>>();
        self.draw(&content, &fonts, &resources, 0)
    }

    fn encodings(&self, fonts: BTreeMap<Vec<u8>, &'a Dictionary>) -> Fonts<'a> {
        fonts.into_iter().filter_map(|(name, font)| Some((name, self.codes(font)?))).collect()
    }

    fn codes(&self, font: &'a Dictionary) -> Option<Codes<'a>> {
        let map = font.get(b"ToUnicode").ok().and_then(|map| self.document.dereference(map).ok()?.1.as_stream().ok());
        if let Some(stream) = map {
            let text = stream.decompressed_content_with_limit(self.limit).unwrap_or_else(|_| stream.content.clone());
            let map = UnicodeMap::parse(&text);
            if !map.characters.is_empty() {
                return Some(Codes::Mapped(map));
            }
        }
        let encoding = font.get_font_encoding_with_limit(self.document, self.limit).ok()?;
        let composite = font.get(b"Subtype").and_then(Object::as_name).is_ok_and(|kind| kind == b"Type0");
        // a font of many characters whose codes nobody explains; what stands in for its encoding would give wrong ones
        let unexplained = composite && !matches!(encoding, Encoding::SimpleEncoding(_));
        (!unexplained).then_some(Codes::Encoded(encoding))
    }

    fn draw(&mut self, content: &[u8], fonts: &Fonts<'a>, resources: &[&'a Dictionary], depth: usize) -> Option<()> {
        let operations = Operations::decode(content).ok()?.operations;
        let mut font: Option<&Codes<'a>> = None;
        let mut line: Option<f32> = None;
        for operation in &operations {
            let operands = &operation.operands;
            let number = |at: usize| operands.get(at).and_then(|value| value.as_float().ok());
            match operation.operator.as_str() {
                "Tf" => font = operands.first().and_then(|name| name.as_name().ok()).and_then(|name| fonts.get(name)),
                "Tj" | "TJ" => self.show(font, operands),
                "'" => {
                    self.end_line();
                    self.show(font, operands);
                }
                "\"" => {
                    self.end_line();
                    self.show(font, operands.get(2..).unwrap_or_default());
                }
                "Td" | "TD" => match (number(0), number(1)) {
                    (_, Some(down)) if down != 0.0 => self.end_line(),
                    (Some(right), _) if right > 0.0 => self.space(),
                    _ => {}
                },
                "T*" => self.end_line(),
                "Tm" => {
                    let height = number(5);
                    if line.is_some() && line != height {
                        self.end_line();
                    }
                    line = height;
                }
                "ET" => self.end_line_unless_drawn_by_letters(),
                "Do" if depth < DEEPEST => {
                    let drawn = operands.first().and_then(|name| name.as_name().ok()).and_then(|name| self.form(name, resources));
                    if let Some((content, own)) = drawn {
                        let fonts = own.map_or_else(BTreeMap::new, |own| self.encodings(fonts_of(self.document, own)));
                        let resources = own.map_or_else(|| resources.to_vec(), |own| vec![own]);
                        // what one drawing does not give must not take the page with it
                        let _ = self.draw(&content, &fonts, &resources, depth + 1);
                    }
                }
                _ => {}
            }
        }
        Some(())
    }

    /// The content and resources of a drawing that a page refers to, when it is one and not a picture.
    fn form(&self, name: &[u8], resources: &[&'a Dictionary]) -> Option<(Vec<u8>, Option<&'a Dictionary>)> {
        let document = self.document;
        let object = resources.iter().find_map(|resources| {
            let drawings = document.dereference(resources.get(b"XObject").ok()?).ok()?.1.as_dict().ok()?;
            document.dereference(drawings.get(name).ok()?).ok()
        })?;
        let stream = object.1.as_stream().ok()?;
        if stream.dict.get(b"Subtype").and_then(Object::as_name).ok()? != b"Form" {
            return None;
        }
        let own = stream.dict.get(b"Resources").ok().and_then(|value| document.dereference(value).ok()?.1.as_dict().ok());
        Some((stream.decompressed_content_with_limit(self.limit).unwrap_or_else(|_| stream.content.clone()), own))
    }

    fn show(&mut self, font: Option<&Codes<'a>>, operands: &[Object]) {
        for operand in operands {
            match operand {
                Object::Array(parts) => self.show(font, parts),
                Object::String(codes, _) => {
                    self.shown += 1;
                    match font.and_then(|font| characters(font, codes)) {
                        Some(text) => self.text.extend(text.chars().filter(|c| *c == '\t' || !c.is_control())),
                        None => self.unknown += 1,
                    }
                }
                other => {
                    if other.as_float().is_ok_and(|gap| gap < GAP) {
                        self.space();
                    }
                }
            }
        }
    }

    fn end_line(&mut self) {
        if !self.text.is_empty() && !self.text.ends_with('\n') {
            self.text.push('\n');
        }
    }

    /// Some programs draw every letter as a text of its own; a new height ends the line there.
    fn end_line_unless_drawn_by_letters(&mut self) {
        let last = self.text.rsplit('\n').next().unwrap_or_default();
        if last.chars().count() > 1 {
            self.end_line();
        }
    }

    /// A space between letters that have any.
    fn space(&mut self) {
        if self.text.chars().next_back().is_some_and(|c| c < '\u{2e80}' && !c.is_whitespace()) {
            self.text.push(' ');
        }
    }
}

fn fonts_of<'a>(document: &'a Document, resources: &'a Dictionary) -> BTreeMap<Vec<u8>, &'a Dictionary> {
    let fonts = resources.get(b"Font").ok().and_then(|value| document.dereference(value).ok()?.1.as_dict().ok());
    let fonts = fonts.into_iter().flat_map(|fonts| fonts.iter());
    fonts.filter_map(|(name, font)| Some((name.clone(), document.dereference(font).ok()?.1.as_dict().ok()?))).collect()
}

fn characters(font: &Codes<'_>, codes: &[u8]) -> Option<String> {
    let encoding = match font {
        Codes::Mapped(map) => {
            let text = map.characters(codes);
            let lacking = text.chars().filter(|c| *c == char::REPLACEMENT_CHARACTER).count();
            return (lacking * 2 <= text.chars().count()).then_some(text);
        }
        Codes::Encoded(encoding) => encoding,
    };
    Some(match encoding {
        Encoding::SimpleEncoding(name) if name.starts_with(b"GB") && !name.starts_with(b"GBT") => {
            GB18030.decode_without_bom_handling_and_without_replacement(codes)?.into_owned()
        }
        Encoding::SimpleEncoding(name) if name.starts_with(b"UniGB-UCS2") || name.starts_with(b"UniGB-UTF16") => {
            encoding_rs::UTF_16BE.decode_without_bom_handling(codes).0.into_owned()
        }
        other => other.bytes_to_string(codes).ok()?,
    })
}

/// The characters that codes of a font stand for, as its `ToUnicode` says (ISO 32000-1, 9.10.3).
#[derive(Debug, Default)]
struct UnicodeMap {
    /// By the number of bytes of a code and the code.
    characters: BTreeMap<(usize, u32), String>,
    /// How many bytes codes have, the most first.
    lengths: Vec<usize>,
}

impl UnicodeMap {
    /// Reads the sections `bfchar` and `bfrange`, whatever stands around them.
    fn parse(text: &[u8]) -> Self {
        const LONGEST_RANGE: u32 = 0xffff;
        let mut map = UnicodeMap::default();
        let mut section = "";
        let mut held: Vec<Vec<u8>> = Vec::new();
        let mut list: Option<Vec<Vec<u8>>> = None;
        let mut at = 0;
        while at < text.len() {
            match text[at] {
                b'<' if text.get(at + 1) != Some(&b'<') => {
                    let end = text[at..].iter().position(|byte| *byte == b'>').map_or(text.len(), |end| at + end);
                    let bytes = hexadecimal(&text[at + 1..end]);
                    at = end + 1;
                    match &mut list {
                        Some(list) => list.push(bytes),
                        None => held.push(bytes),
                    }
                }
                b'[' => {
                    list = Some(Vec::new());
                    at += 1;
                }
                b']' => {
                    if let (Some(targets), [low, _]) = (list.take(), held.as_slice())
                        && section == "bfrange"
                    {
                        for (step, target) in targets.iter().enumerate() {
                            map.put(low, step as u32, target, 0);
                        }
                    }
                    held.clear();
                    at += 1;
                }
                byte if byte.is_ascii_alphabetic() => {
                    let end = text[at..].iter().position(|b| !b.is_ascii_alphanumeric()).map_or(text.len(), |end| at + end);
                    match &text[at..end] {
                        b"beginbfchar" => section = "bfchar",
                        b"beginbfrange" => section = "bfrange",
                        b"endbfchar" | b"endbfrange" => section = "",
                        _ => {}
                    }
                    held.clear();
                    at = end;
                }
                _ => at += 1,
            }
            match (section, held.as_slice()) {
                ("bfchar", [code, target]) => {
                    map.put(code, 0, target, 0);
                    held.clear();
                }
                ("bfrange", [low, high, target]) => {
                    let steps = code_of(high).saturating_sub(code_of(low)).min(LONGEST_RANGE);
                    for step in 0..=steps {
                        map.put(low, step, target, step);
                    }
                    held.clear();
                }
                _ => {}
            }
        }
        let mut lengths: Vec<usize> = map.characters.keys().map(|(length, _)| *length).collect();
        lengths.dedup();
        lengths.reverse();
        map.lengths = lengths;
        map
    }

    /// Code `low` + `step` stands for `target`, its last unit raised by `raised`.
    fn put(&mut self, low: &[u8], step: u32, target: &[u8], raised: u32) {
        let mut units: Vec<u16> = target.chunks(2).map(|pair| pair.iter().fold(0u16, |n, byte| n << 8 | u16::from(*byte))).collect();
        if let Some(last) = units.last_mut() {
            *last = last.wrapping_add(raised as u16);
        }
        if (1..=4).contains(&low.len()) {
            self.characters.insert((low.len(), code_of(low).wrapping_add(step)), String::from_utf16_lossy(&units));
        }
    }

    fn characters(&self, codes: &[u8]) -> String {
        let mut out = String::new();
        let mut rest = codes;
        while !rest.is_empty() {
            let known = self.lengths.iter().filter(|length| **length <= rest.len());
            let found = known.filter_map(|length| Some((*length, self.characters.get(&(*length, code_of(&rest[..*length])))?))).next();
            let length = match found {
                Some((length, text)) => {
                    out.push_str(text);
                    length
                }
                None => {
                    out.push(char::REPLACEMENT_CHARACTER);
                    self.lengths.first().copied().unwrap_or(1)
                }
            };
            rest = rest.get(length..).unwrap_or_default();
        }
        out
    }
}

fn code_of(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0, |n, byte| n << 8 | u32::from(*byte))
}

fn hexadecimal(text: &[u8]) -> Vec<u8> {
    let digits: Vec<u8> = text.iter().filter_map(|byte| char::from(*byte).to_digit(16)).map(|digit| digit as u8).collect();
    digits.chunks(2).map(|pair| pair[0] << 4 | pair.get(1).copied().unwrap_or(0)).collect()
}
