use super::Content;
use super::paragraphs;
use encoding_rs::GB18030;
use lopdf::{Dictionary, Document, Encoding, LoadOptions, Object};
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;

/// How deep drawings inside drawings are followed.
const DEEPEST: usize = 8;
/// A gap between letters wider than this share of the font's size is a space.
const GAP: f32 = 0.16;
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
    let mut page_text = PageText { document: &document, limit, text: String::new(), unknown: 0, shown: 0, fonts: BTreeMap::new() };
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
        notes
            .push(format!("{unknown} of {shown} pieces of text are in fonts that do not say which characters they show, and are left out"));
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
    /// Fonts made ready, by where their dictionaries are: pages share them.
    fonts: BTreeMap<*const Dictionary, Option<Rc<Font<'a>>>>,
}

type Fonts<'a> = BTreeMap<Vec<u8>, Rc<Font<'a>>>;

/// What letters are drawn with.
struct Font<'a> {
    codes: Codes<'a>,
    /// Bytes of a code.
    bytes: usize,
    /// Widths of codes, as shares of the size.
    widths: BTreeMap<u32, f32>,
    /// The width of all others.
    usual: f32,
}

impl Font<'_> {
    fn width(&self, codes: &[u8]) -> f32 {
        codes.chunks(self.bytes).map(|code| self.widths.get(&code_of(code)).copied().unwrap_or(self.usual)).sum()
    }
}

/// Where the next letter goes, in the unit of the text.
#[derive(Default)]
struct Pen {
    size: f32,
    letter_spacing: f32,
    line_start: f32,
    x: f32,
    /// Where the last letter ended.
    end: f32,
    height: Option<f32>,
}

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

    fn encodings(&mut self, fonts: BTreeMap<Vec<u8>, &'a Dictionary>) -> Fonts<'a> {
        let mut out = BTreeMap::new();
        for (name, font) in fonts {
            let known = match self.fonts.get(&std::ptr::from_ref(font)) {
                Some(known) => known.clone(),
                None => {
                    let made = self.font(font).map(Rc::new);
                    self.fonts.insert(std::ptr::from_ref(font), made.clone());
                    made
                }
            };
            out.extend(known.map(|font| (name, font)));
        }
        out
    }

    fn font(&self, font: &'a Dictionary) -> Option<Font<'a>> {
        let codes = self.codes(font)?;
        let document = self.document;
        let of =
            |dictionary: &'a Dictionary, key: &[u8]| dictionary.get(key).ok().and_then(|value| Some(document.dereference(value).ok()?.1));
        let list = |dictionary: &'a Dictionary, key: &[u8]| of(dictionary, key).and_then(|value| value.as_array().ok());
        let number = |value: &Object| document.dereference(value).ok().and_then(|(_, value)| value.as_float().ok());
        let mut widths = BTreeMap::new();
        if let Some(inner) = list(font, b"DescendantFonts").and_then(|all| document.dereference(all.first()?).ok()?.1.as_dict().ok()) {
            let usual = of(inner, b"DW").and_then(number).unwrap_or(1000.0);
            let mut parts = list(inner, b"W").into_iter().flatten();
            while let (Some(first), Some(next)) = (parts.next().and_then(number), parts.next()) {
                let first = first.max(0.0) as u32;
                match document.dereference(next).map(|(_, value)| value) {
                    Ok(Object::Array(each)) => {
                        widths.extend(each.iter().zip(first..).filter_map(|(width, code)| Some((code, number(width)? / 1000.0))));
                    }
                    Ok(last) => {
                        let (last, width) = (number(last).unwrap_or(0.0).clamp(0.0, 65535.0) as u32, parts.next().and_then(number)?);
                        widths.extend((first..=last).map(|code| (code, width / 1000.0)));
                    }
                    Err(_) => {}
                }
            }
            return Some(Font { codes, bytes: 2, widths, usual: usual / 1000.0 });
        }
        let first = of(font, b"FirstChar").and_then(number).unwrap_or(0.0).max(0.0) as u32;
        let matrix = list(font, b"FontMatrix").and_then(|all| number(all.first()?)).unwrap_or(0.001);
        let each = list(font, b"Widths").into_iter().flatten();
        widths.extend(each.zip(first..).filter_map(|(width, code)| Some((code, number(width)? * matrix))));
        Some(Font { codes, bytes: 1, widths, usual: 0.5 })
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
        let mut font: Option<&Font<'a>> = None;
        let mut pen = Pen::default();
        let mut drawings: Vec<Vec<u8>> = Vec::new();
        for_each_operation(content, &mut |operator, operands| {
            let number = |at: usize| operands.get(at).and_then(Operand::number);
            match operator {
                b"BT" => pen.x = 0.0,
                b"Tf" => {
                    font = operands.first().and_then(Operand::name).and_then(|name| fonts.get(name)).map(Rc::as_ref);
                    pen.size = number(1).unwrap_or(0.0).abs();
                }
                b"Tc" => pen.letter_spacing = number(0).unwrap_or(0.0),
                b"Tj" | b"TJ" => self.show(font, operands, &mut pen),
                b"'" | b"\"" => {
                    self.end_line();
                    self.show(font, operands.get(if operator == b"'" { 0 } else { 2 }..).unwrap_or_default(), &mut pen);
                }
                b"Td" | b"TD" => {
                    if number(1).is_some_and(|down| down != 0.0) {
                        self.end_line();
                    }
                    pen.line_start += number(0).unwrap_or(0.0);
                    pen.x = pen.line_start;
                }
                b"T*" => self.end_line(),
                b"Tm" => {
                    let height = number(5);
                    if pen.height.is_some() && pen.height != height {
                        self.end_line();
                    }
                    pen.height = height;
                    let scale = number(0).filter(|scale| *scale != 0.0).unwrap_or(1.0);
                    pen.line_start = number(4).unwrap_or(0.0) / scale;
                    pen.x = pen.line_start;
                }
                b"Do" => drawings.extend(operands.first().and_then(Operand::name).map(<[u8]>::to_vec)),
                _ => {}
            }
        });
        self.end_line();
        // what a page draws by reference comes after its own text
        if depth < DEEPEST {
            for name in drawings {
                let Some((content, own)) = self.form(&name, resources) else { continue };
                let inner = own.map(|own| self.encodings(fonts_of(self.document, own))).unwrap_or_default();
                let resources = own.map_or_else(|| resources.to_vec(), |own| vec![own]);
                // what one drawing does not give must not take the page with it
                let _ = self.draw(&content, if own.is_some() { &inner } else { fonts }, &resources, depth + 1);
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

    fn show(&mut self, font: Option<&Font<'a>>, operands: &[Operand], pen: &mut Pen) {
        for operand in operands {
            match operand {
                Operand::List(parts) => self.show(font, parts, pen),
                Operand::Text(codes) => {
                    self.shown += 1;
                    let gap = pen.x - pen.end;
                    if gap > GAP * pen.size || pen.x < pen.end - 2.0 * pen.size {
                        self.space();
                    }
                    match font.and_then(|font| characters(&font.codes, codes)) {
                        Some(text) => self.text.extend(text.chars().filter(|c| *c == '\t' || !c.is_control()).map(unified)),
                        None => self.unknown += 1,
                    }
                    pen.x += font.map_or(0.0, |font| font.width(codes)) * pen.size + pen.letter_spacing * codes.len() as f32;
                    pen.end = pen.x;
                }
                Operand::Number(back) => pen.x -= back / 1000.0 * pen.size,
                _ => {}
            }
        }
    }

    fn end_line(&mut self) {
        if !self.text.is_empty() && !self.text.ends_with('\n') {
            self.text.push('\n');
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

/// Radicals that fonts give in place of the characters they look like: those of Kangxi's dictionary, all with their Unicode equivalents, and the
/// simplified ones of the supplement.
fn unified(character: char) -> char {
    const KANGXI: &str = "一丨丶丿乙亅二亠人儿入八冂冖冫几凵刀力勹匕匚匸十卜卩厂厶又口囗土士夂夊夕大女子宀寸小尢尸屮山巛工己巾干幺广廴廾弋弓彐彡彳心戈戶手支攴文斗斤方无日曰月木欠止歹殳毋比毛氏气水火爪父爻爿片牙牛犬玄玉瓜瓦甘生用田疋疒癶白皮皿目矛矢石示禸禾穴立竹米糸缶网羊羽老而耒耳聿肉臣自至臼舌舛舟艮色艸虍虫血行衣襾見角言谷豆豕豸貝赤走足身車辛辰辵邑酉釆里金長門阜隶隹雨靑非面革韋韭音頁風飛食首香馬骨高髟鬥鬯鬲鬼魚鳥鹵鹿麥麻黃黍黑黹黽鼎鼓鼠鼻齊齒龍龜龠";
    const SUPPLEMENT: &str = "⺟母⺠民⻁虎⻄西⻅见⻆角⻉贝⻋车⻑長⻓长⻔门⻘青⻙韦⻚页⻛风⻜飞⻝食⻢马⻤鬼⻥鱼⻦鸟⻨麦⻩黄⻬齐⻮齿⻰龙⻳龟";
    match character {
        '\u{2f00}'..='\u{2fd5}' => KANGXI.chars().nth(character as usize - 0x2f00).unwrap_or(character),
        '\u{2e80}'..='\u{2eff}' => {
            let mut pairs = SUPPLEMENT.chars();
            while let (Some(radical), Some(whole)) = (pairs.next(), pairs.next()) {
                if radical == character {
                    return whole;
                }
            }
            character
        }
        other => other,
    }
}

/// What stands before an operator.
#[derive(Debug, PartialEq)]
enum Operand {
    Number(f32),
    Name(Vec<u8>),
    Text(Vec<u8>),
    List(Vec<Operand>),
}

impl Operand {
    fn number(&self) -> Option<f32> {
        if let Operand::Number(value) = self { Some(*value) } else { None }
    }

    fn name(&self) -> Option<&[u8]> {
        if let Operand::Name(name) = self { Some(name) } else { None }
    }
}

fn is_white(byte: u8) -> bool {
    matches!(byte, b' ' | b'\n' | b'\r' | b'\t' | 0x0c | 0)
}

fn is_delimiter(byte: u8) -> bool {
    matches!(byte, b'(' | b')' | b'<' | b'>' | b'[' | b']' | b'{' | b'}' | b'/' | b'%')
}

/// Calls for every operator of a content stream with its operands (ISO 32000-1, 7.8.2). What is malformed is passed over.
fn for_each_operation(content: &[u8], each: &mut dyn FnMut(&[u8], &[Operand])) {
    const MOST: usize = 1 << 16;
    let mut operands: Vec<Operand> = Vec::new();
    let mut list: Option<Vec<Operand>> = None;
    let mut at = 0;
    while let Some(byte) = content.get(at).copied() {
        let mut found = None;
        match byte {
            _ if is_white(byte) => at += 1,
            b'%' => at = content[at..].iter().position(|b| matches!(b, b'\n' | b'\r')).map_or(content.len(), |end| at + end),
            b'(' => {
                let (text, end) = literal(content, at);
                (found, at) = (Some(Operand::Text(text)), end);
            }
            b'<' if content.get(at + 1) == Some(&b'<') => at += 2,
            b'<' => {
                let end = content[at..].iter().position(|b| *b == b'>').map_or(content.len(), |end| at + end);
                (found, at) = (Some(Operand::Text(hexadecimal(&content[at + 1..end]))), end + 1);
            }
            b'[' => {
                list = Some(Vec::new());
                at += 1;
            }
            b']' => {
                operands.extend(list.take().map(Operand::List));
                at += 1;
            }
            b'/' => {
                let end = token_end(content, at + 1);
                (found, at) = (Some(Operand::Name(name(&content[at + 1..end]))), end);
            }
            _ if is_delimiter(byte) => at += 1,
            _ => {
                let end = token_end(content, at).max(at + 1);
                let token = &content[at..end];
                at = end;
                match std::str::from_utf8(token).ok().and_then(|text| text.parse::<f32>().ok()).filter(|value| value.is_finite()) {
                    Some(value) => found = Some(Operand::Number(value)),
                    None => {
                        if token == b"ID" {
                            // the bytes of a picture, up to its end
                            let end = memchr::memmem::find_iter(&content[at..], b"EI")
                                .map(|end| at + end)
                                .find(|end| is_white(content[end - 1]) && content.get(end + 2).is_none_or(|after| is_white(*after)));
                            at = end.map_or(content.len(), |end| end + 2);
                        } else {
                            each(token, &operands);
                        }
                        operands.clear();
                        list = None;
                    }
                }
            }
        }
        if let Some(found) = found {
            match &mut list {
                Some(list) if list.len() < MOST => list.push(found),
                None if operands.len() < MOST => operands.push(found),
                _ => {}
            }
        }
    }
}

fn token_end(content: &[u8], from: usize) -> usize {
    content[from..].iter().position(|b| is_white(*b) || is_delimiter(*b)).map_or(content.len(), |end| from + end)
}

fn name(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut at = 0;
    while at < text.len() {
        match text.get(at + 1..at + 3).filter(|_| text[at] == b'#').filter(|pair| pair.iter().all(u8::is_ascii_hexdigit)) {
            Some(pair) => {
                out.extend(hexadecimal(pair));
                at += 3;
            }
            None => {
                out.push(text[at]);
                at += 1;
            }
        }
    }
    out
}

/// A text in parentheses that begins at `from`, and where it ends (ISO 32000-1, 7.3.4.2).
fn literal(content: &[u8], from: usize) -> (Vec<u8>, usize) {
    let mut out = Vec::new();
    let (mut depth, mut at) = (0usize, from);
    while let Some(byte) = content.get(at).copied() {
        at += 1;
        match byte {
            b'(' => {
                depth += 1;
                if depth > 1 {
                    out.push(byte);
                }
            }
            b')' => {
                depth -= 1;
                if depth == 0 {
                    break;
                }
                out.push(byte);
            }
            b'\\' => {
                let Some(escaped) = content.get(at).copied() else { break };
                at += 1;
                match escaped {
                    b'n' => out.push(b'\n'),
                    b'r' => out.push(b'\r'),
                    b't' => out.push(b'\t'),
                    b'b' => out.push(8),
                    b'f' => out.push(12),
                    b'\r' => at += usize::from(content.get(at) == Some(&b'\n')),
                    b'\n' => {}
                    b'0'..=b'7' => {
                        let more = content[at..].iter().take(2).take_while(|b| (b'0'..=b'7').contains(b)).count();
                        let code = content[at - 1..at + more].iter().fold(0u32, |n, b| n << 3 | u32::from(b - b'0'));
                        out.push((code & 0xff) as u8);
                        at += more;
                    }
                    other => out.push(other),
                }
            }
            other => out.push(other),
        }
    }
    (out, at)
}
