/// A term with what stands before and after it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeywordInContext {
    /// What stands before it in its paragraph.
    pub left: String,
    /// The term as it is written there.
    pub keyword: String,
    /// What stands after it.
    pub right: String,
}

/// The term at characters `start..end` of a paragraph with at most `width` characters of the paragraph on either side; `…` where more was
/// cut off.
///
/// ```
/// let found = xinzhi_discourse::keyword_in_context("因地制宜发展新质生产力。", 6, 11, 3);
/// assert_eq!((found.left.as_str(), found.keyword.as_str(), found.right.as_str()), ("…宜发展", "新质生产力", "。"));
/// ```
pub fn keyword_in_context(paragraph: &str, start: usize, end: usize, width: usize) -> KeywordInContext {
    let characters: Vec<char> = paragraph.chars().collect();
    let end = end.min(characters.len());
    let start = start.min(end);
    let (from, to) = (start.saturating_sub(width), end.saturating_add(width).min(characters.len()));
    let text = |range: &[char]| range.iter().collect::<String>();
    let mut left = text(&characters[from..start]);
    let mut right = text(&characters[end..to]);
    if from > 0 {
        left.insert(0, '…');
    }
    if to < characters.len() {
        right.push('…');
    }
    KeywordInContext { left, keyword: text(&characters[start..end]), right }
}
