use std::collections::BTreeSet;

/// The known words most like one that is not known, the likest first: three at most.
///
/// ```
/// let known = [("cn-fyp15-2026", "15th FYP Outline"), ("cn-fyp14-2021", "14th FYP Outline"), ("us-cet-2024", "")];
/// assert_eq!(xinzhi_policy::nearest("cn-fyp15-2025", known)[0], "cn-fyp15-2026 (15th FYP Outline)");
/// let two_names = [("T-SHIP", "Shipbuilding"), ("T-SHIP", "船舶")];
/// assert_eq!(xinzhi_policy::nearest("T-SHP", two_names).len(), 1);
/// ```
pub fn nearest<'a>(wanted: &str, known: impl IntoIterator<Item = (&'a str, &'a str)>) -> Vec<String> {
    let wanted = wanted.to_lowercase();
    let likeness = |word: &str| {
        let word = word.to_lowercase();
        let contained = wanted.chars().count() > 1 && !word.is_empty() && (word.contains(&wanted) || wanted.contains(&word));
        strsim::jaro_winkler(&wanted, &word) + if contained { 0.5 } else { 0.0 }
    };
    let mut scored: Vec<(f64, &str, &str)> =
        known.into_iter().map(|(word, name)| (likeness(word).max(likeness(name)), word, name)).filter(|(score, ..)| *score > 0.6).collect();
    scored.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.cmp(b.1)));
    // a word may be known by several names; its likest stands for it
    let mut told_once = BTreeSet::new();
    scored.retain(|(_, word, _)| told_once.insert(*word));
    let told = |(_, word, name): (f64, &str, &str)| if name.is_empty() { word.to_owned() } else { format!("{word} ({name})") };
    scored.into_iter().take(3).map(told).collect()
}
