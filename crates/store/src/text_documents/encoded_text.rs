use crate::delimited::two_byte_pairs;
use encoding_rs::{Encoding, GB18030, UTF_8, UTF_16BE, UTF_16LE};

/// Text of bytes: by a byte-order mark, else UTF-8 when all bytes are, else UTF-16 when every second byte of Latin text is zero, else
/// GB18030 when all of it reads as Chinese. Wrong guesses are refused rather than made.
pub(super) fn decode(bytes: &[u8]) -> Result<String, String> {
    if let Some((encoding, mark)) = Encoding::for_bom(bytes) {
        return decoded(encoding, &bytes[mark..]);
    }
    if let Ok(text) = std::str::from_utf8(bytes) {
        return if text.contains('\0') { utf_16(bytes).ok_or_else(binary) } else { Ok(text.to_owned()) };
    }
    if bytes.contains(&0) {
        return utf_16(bytes).ok_or_else(binary);
    }
    let (pairs, odd) = two_byte_pairs(bytes);
    match GB18030.decode_without_bom_handling_and_without_replacement(bytes) {
        Some(text) if odd * 2 <= pairs => Ok(text.into_owned()),
        _ => Err("its text is neither UTF-8 nor UTF-16 nor clearly GB18030; save it as UTF-8".to_owned()),
    }
}

fn binary() -> String {
    "it is not text".to_owned()
}

fn decoded(encoding: &'static Encoding, bytes: &[u8]) -> Result<String, String> {
    let (text, failed) = encoding.decode_without_bom_handling(bytes);
    if failed { Err(format!("its text is not {}, which it begins as", encoding.name())) } else { Ok(text.into_owned()) }
}

/// UTF-16 without a mark: most zeros stand in one half of the pairs.
fn utf_16(bytes: &[u8]) -> Option<String> {
    let zeros = |half: usize| bytes.iter().skip(half).step_by(2).filter(|byte| **byte == 0).count();
    let (first, second) = (zeros(0), zeros(1));
    let encoding = if second > 4 * first {
        UTF_16LE
    } else if first > 4 * second {
        UTF_16BE
    } else {
        return None;
    };
    (bytes.len().is_multiple_of(2))
        .then(|| encoding.decode_without_bom_handling_and_without_replacement(bytes))?
        .map(|text| text.into_owned())
}

/// Text of a web page: what it says its encoding is, where it can be read so; else as any text.
pub(super) fn decode_page(bytes: &[u8]) -> Result<String, String> {
    if Encoding::for_bom(bytes).is_none() && std::str::from_utf8(bytes).is_err() {
        let head = String::from_utf8_lossy(&bytes[..bytes.len().min(4096)]).to_lowercase();
        let label = head.split("charset=").nth(1).map(|rest| {
            let rest = rest.trim_start_matches(['"', '\'', ' ']);
            rest.split(|c: char| !(c.is_ascii_alphanumeric() || "-_:.".contains(c))).next().unwrap_or_default()
        });
        // gb2312 and gbk are read as the standard they are parts of
        if let Some(encoding) = label.and_then(|label| Encoding::for_label(label.as_bytes())).filter(|found| *found != UTF_8) {
            return Ok(encoding.decode_without_bom_handling(bytes).0.into_owned());
        }
    }
    decode(bytes)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn encodings_are_found_or_refused() {
        let text = "加快发展新质生产力。\nSecond line\n";
        assert_eq!(decode(text.as_bytes()).unwrap(), text);
        assert_eq!(decode(&GB18030.encode(text).0).unwrap(), text);
        let utf16: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(decode(&[&[0xff, 0xfe], utf16.as_slice()].concat()).unwrap(), text);
        let latin: Vec<u8> = "plain text".encode_utf16().flat_map(u16::to_be_bytes).collect();
        assert_eq!(decode(&latin).unwrap(), "plain text");
        assert!(decode(b"C\xF4te d'Ivoire\nM\xE9xico\n").is_err());
        assert!(decode(b"\x7fELF\0\x01\x02\0\0\xff\xfe\0").is_err());
        let page = [b"<meta charset=\"gb2312\">".as_slice(), &GB18030.encode("政策").0].concat();
        assert!(decode_page(&page).unwrap().ends_with("政策"));
    }
}
