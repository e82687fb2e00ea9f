use super::Content;
use super::paragraphs::single_spaced;
use quick_xml::events::Event;
use std::io::{BufReader, Cursor, Read};

/// The text of a Word document: paragraphs, those in tables and text boxes, then foot- and endnotes. Deleted text, field codes and the
/// second copy of what is there for older programs are left out.
pub(super) fn read(bytes: &[u8], largest: u64) -> Result<Content, String> {
    if bytes.starts_with(b"\xD0\xCF\x11\xE0") {
        return Err("it is an old or encrypted Word document; save it as docx without a password".to_owned());
    }
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes))
        .map_err(|error| format!("it is no whole Word document (truncated or damaged): {error}"))?;
    let mut content = Content::default();
    for (part, required) in [("word/document.xml", true), ("word/footnotes.xml", false), ("word/endnotes.xml", false)] {
        if archive.index_for_name(part).is_none() {
            if required {
                return Err("it has no word/document.xml, so it is no Word document".to_owned());
            }
            continue;
        }
        let file = archive.by_name(part).map_err(|error| format!("its part {part} is damaged: {error}"))?;
        let mut limited = file.take(largest.saturating_add(1));
        let read = paragraphs_of(BufReader::new(&mut limited), &mut content.paragraphs);
        if limited.limit() == 0 {
            return Err(format!("its part {part} unpacks to more than {largest} bytes"));
        }
        read.map_err(|error| format!("its part {part} is damaged: {error}"))?;
    }
    Ok(content)
}

fn paragraphs_of(part: impl std::io::BufRead, paragraphs: &mut Vec<String>) -> Result<(), String> {
    let mut reader = quick_xml::Reader::from_reader(part);
    let mut buffer = Vec::new();
    // a text box stands inside a paragraph and has its own
    let mut open: Vec<String> = Vec::new();
    let (mut in_text, mut skipped, mut depth) = (false, 0usize, 0usize);
    loop {
        buffer.clear();
        match reader.read_event_into(&mut buffer) {
            Ok(Event::Start(tag)) => {
                depth += 1;
                match tag.local_name().as_ref() {
                    "Fallback" => skipped += 1,
                    "p" if skipped == 0 => open.push(String::new()),
                    "t" => in_text = true,
                    _ => {}
                }
            }
            Ok(Event::Empty(tag)) if skipped == 0 => {
                if matches!(tag.local_name().as_ref(), "tab" | "br" | "cr")
                    && let Some(text) = open.last_mut()
                {
                    text.push(' ');
                } else if tag.local_name().as_ref() == "noBreakHyphen"
                    && let Some(text) = open.last_mut()
                {
                    text.push('-');
                }
            }
            Ok(Event::End(tag)) => {
                depth = depth.saturating_sub(1);
                match tag.local_name().as_ref() {
                    "Fallback" => skipped = skipped.saturating_sub(1),
                    "p" if skipped == 0 => {
                        let done = single_spaced(&open.pop().unwrap_or_default());
                        if !done.is_empty() {
                            paragraphs.push(done);
                        }
                    }
                    "t" => in_text = false,
                    _ => {}
                }
            }
            Ok(Event::Text(part)) if in_text && skipped == 0 => {
                if let Some(text) = open.last_mut() {
                    text.push_str(&part);
                }
            }
            Ok(Event::CData(part)) if in_text && skipped == 0 => {
                if let Some(text) = open.last_mut() {
                    text.push_str(&part);
                }
            }
            Ok(Event::GeneralRef(name)) if in_text && skipped == 0 => {
                let escaped = format!("&{};", &*name);
                let character = quick_xml::escape::unescape(&escaped).map_err(|error| error.to_string())?;
                if let Some(text) = open.last_mut() {
                    text.push_str(&character);
                }
            }
            Ok(Event::Eof) if depth == 0 => return Ok(()),
            Ok(Event::Eof) => return Err("it breaks off".to_owned()),
            Ok(_) => {}
            Err(error) => return Err(error.to_string()),
        }
    }
}
