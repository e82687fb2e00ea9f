/// The form in which text is searched and cut into words: as many characters as before, so that positions stay.
///
/// Full-width letters, digits and signs become half-width (`６Ｇ` is `6G`), hyphens and all white space become a space (`low-altitude` is
/// `low altitude`), curly apostrophes straight ones. Letters keep their case.
///
/// ```
/// assert_eq!(xinzhi_discourse::normalised("６Ｇ、low‑altitude"), "6G、low altitude");
/// ```
pub fn normalised(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        out.push(match character {
            '\u{ff01}'..='\u{ff5e}' => char::from_u32(character as u32 - 0xfee0).unwrap_or(character),
            '-' | '\u{2010}' | '\u{2011}' => ' ',
            '\u{2019}' => '\'',
            c if c.is_whitespace() => ' ',
            c => c,
        });
    }
    out
}

/// True for characters that are written without spaces between words: Chinese characters, kana and hangul.
///
/// ```
/// assert!(xinzhi_discourse::is_ideograph('新') && !xinzhi_discourse::is_ideograph('G'));
/// ```
pub fn is_ideograph(character: char) -> bool {
    matches!(character,
        '\u{2e80}'..='\u{2fdf}' | '\u{3005}'..='\u{3007}' | '\u{3021}'..='\u{3029}' | '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{4dbf}'
        | '\u{4e00}'..='\u{9fff}' | '\u{ac00}'..='\u{d7af}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{323af}')
}

/// True for letters and digits of scripts that put spaces between words.
pub(crate) fn is_spaced_letter(character: char) -> bool {
    character.is_ascii_alphanumeric() || (!character.is_ascii() && character.is_alphanumeric() && !is_ideograph(character))
}
