use super::paragraphs;
use super::{RefusedText, TextDocument, TextOptions, TextReading, date_in, encoded_text, ending, one};
use encoding_rs::GB18030;
use serde_json::{Map, Value};
use std::io::{Cursor, Read};

/// The documents of a zip, in the order of their names. Its members are unpacked one after the other and no further than the options allow.
pub(super) fn read_zip(name: &str, bytes: &[u8], options: &TextOptions, out: &mut TextReading) {
    let refuse = |out: &mut TextReading, name: String, reason: String| out.refused.push(RefusedText { name, reason });
    let mut archive = match zip::ZipArchive::new(Cursor::new(bytes)) {
        Ok(archive) => archive,
        Err(error) => return refuse(out, name.to_owned(), format!("it is no whole zip (truncated or damaged): {error}")),
    };
    let mut members: Vec<(String, usize)> = Vec::new();
    for at in 0..archive.len() {
        match archive.by_index_raw(at) {
            Ok(member) => {
                let raw = member.name_raw();
                // names that are not marked as UTF-8 come from Chinese systems here
                let inner = std::str::from_utf8(raw).map_or_else(|_| GB18030.decode(raw).0.into_owned(), str::to_owned).replace('\\', "/");
                let file = inner.rsplit('/').next().unwrap_or_default();
                if !member.is_dir() && !file.is_empty() && !file.starts_with(['.', '~']) && !inner.starts_with("__MACOSX/") {
                    members.push((inner, at));
                }
            }
            Err(error) => refuse(out, format!("{name}/{at}"), format!("it cannot be found in the zip: {error}")),
        }
    }
    members.sort();
    let mut left = options.largest_archive;
    for (inner, at) in members {
        let full = format!("{name}/{inner}");
        if options.exclude.iter().any(|part| full.contains(part.as_str())) {
            continue;
        }
        if !super::ENDINGS.contains(&ending(&inner).as_str()) {
            refuse(out, full, format!("files of the kind .{} are not read", ending(&inner)));
            continue;
        }
        let allowed = options.largest_document.min(left);
        let mut unpacked = Vec::new();
        let read = match archive.by_index(at) {
            Ok(member) => member.take(allowed.saturating_add(1)).read_to_end(&mut unpacked).map_err(|error| error.to_string()),
            Err(error) => Err(error.to_string()),
        };
        match read {
            Err(error) => refuse(out, full, format!("it cannot be unpacked: {error}")),
            Ok(_) if unpacked.len() as u64 > allowed => {
                refuse(out, full, format!("it unpacks to more than {allowed} bytes, so it was left out"));
            }
            Ok(_) => {
                left -= unpacked.len() as u64;
                match ending(&inner).as_str() {
                    "jsonl" | "ndjson" => read_json_lines(&full, &unpacked, options, out),
                    _ => one(&full, &unpacked, options, out),
                }
            }
        }
    }
}

/// The documents of a file with a JSON object a line.
pub(super) fn read_json_lines(name: &str, bytes: &[u8], options: &TextOptions, out: &mut TextReading) {
    let text = match encoded_text::decode(bytes) {
        Ok(text) => text,
        Err(reason) => return out.refused.push(RefusedText { name: name.to_owned(), reason }),
    };
    let mut any = false;
    for (at, line) in text.lines().enumerate() {
        if line.trim().is_empty() {
            continue;
        }
        any = true;
        let name = format!("{name}#{}", at + 1);
        match json_line(&name, line, options) {
            Ok(document) => out.documents.push(document),
            Err(reason) => out.refused.push(RefusedText { name, reason }),
        }
    }
    if !any {
        out.refused.push(RefusedText { name: name.to_owned(), reason: "there is no text in it".to_owned() });
    }
}

fn field<'a>(of: &'a Map<String, Value>, asked: Option<&String>, usual: &[&str]) -> Option<&'a Value> {
    match asked {
        Some(name) => of.get(name),
        None => usual.iter().find_map(|name| of.get(*name)),
    }
    .filter(|value| !value.is_null())
}

fn json_line(name: &str, line: &str, options: &TextOptions) -> Result<TextDocument, String> {
    let value: Value = serde_json::from_str(line).map_err(|error| format!("the line is not JSON: {error}"))?;
    let Value::Object(of) = value else { return Err("the line is not a JSON object".to_owned()) };
    let fields = || of.keys().cloned().collect::<Vec<_>>().join(", ");
    let text = match field(&of, options.text_field.as_ref(), &["text", "content", "body", "正文", "内容"]) {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Array(parts)) => parts.iter().filter_map(Value::as_str).collect::<Vec<_>>().join("\n\n"),
        Some(_) => return Err("the field of the text is not text".to_owned()),
        None => return Err(format!("there is no field of text; it has {}; name the one with --text-field", fields())),
    };
    let printed = |value: &Value| match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let title = field(&of, options.title_field.as_ref(), &["title", "name", "标题"]).map(printed).unwrap_or_default();
    let dates = ["date", "published", "pubdate", "year", "日期", "发布日期", "年份"];
    let dated = match &options.date_field {
        Some(asked) => of.get(asked).and_then(|value| date_in(&printed(value))),
        None => dates.iter().find_map(|name| of.get(*name).and_then(|value| date_in(&printed(value)))),
    };
    let paragraphs = paragraphs::of_text(&text);
    if paragraphs.is_empty() {
        return Err("there is no text in it".to_owned());
    }
    let date = dated.or_else(|| date_in(&title));
    Ok(TextDocument { name: name.to_owned(), title: paragraphs::single_spaced(&title), date, paragraphs, note: String::new() })
}
