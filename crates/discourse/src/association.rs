use crate::DocumentAnalysis;
use std::collections::BTreeMap;

/// How far apart terms may stand to be said together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Window {
    /// In one document.
    Document,
    /// In one paragraph.
    #[default]
    Paragraph,
    /// In one sentence.
    Sentence,
}

/// In how many windows terms stand, alone and in pairs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CoOccurrences {
    /// All windows, with and without terms.
    pub windows: u64,
    /// Windows with the term, by position of the term.
    pub with_term: Vec<u64>,
    /// Windows with both terms of a pair, by their positions, the smaller first; pairs that never meet are absent.
    pub with_both: BTreeMap<(u32, u32), u64>,
}

/// Counts the windows in which each of `terms` terms and each pair of them stand. A window counts once for a term however often it says it.
/// With `nested` a term inside a longer one counts too.
///
/// ```
/// use frame::Text;
/// use xinzhi_discourse::{Dictionary, Segmenter, Term, Vocabulary, Window, analyse, co_occurrences};
/// let term = |zh: &str| Term { id: zh.into(), name: Text::same(zh), ..Term::default() };
/// let dictionary = Dictionary::new(vec![term("改革"), term("创新")])?;
/// let text = ["改革。创新。".to_owned(), "改革与创新，改革。".to_owned()];
/// let found = [analyse(&text, &dictionary, Segmenter::shared()?, &mut Vocabulary::default())];
/// let sentences = co_occurrences(found.iter(), 2, Window::Sentence, false);
/// assert_eq!((sentences.windows, sentences.with_term[0], sentences.with_both[&(0, 1)]), (3, 2, 1));
/// assert_eq!(co_occurrences(found.iter(), 2, Window::Paragraph, false).with_both[&(0, 1)], 2);
/// # Ok::<(), xinzhi_discourse::DiscourseError>(())
/// ```
pub fn co_occurrences<'a>(
    documents: impl IntoIterator<Item = &'a DocumentAnalysis>,
    terms: usize,
    window: Window,
    nested: bool,
) -> CoOccurrences {
    let mut out = CoOccurrences { with_term: vec![0; terms], ..CoOccurrences::default() };
    let mut inside: Vec<(u32, u32, u32)> = Vec::new();
    for document in documents {
        out.windows += match window {
            Window::Document => u64::from(document.words > 0),
            Window::Paragraph => u64::from(document.paragraphs),
            Window::Sentence => u64::from(document.sentences),
        };
        inside.clear();
        inside.extend(document.occurrences.iter().filter(|one| (nested || !one.nested) && (one.term as usize) < terms).map(|one| {
            match window {
                Window::Document => (0, 0, one.term),
                Window::Paragraph => (one.paragraph, 0, one.term),
                Window::Sentence => (one.paragraph, one.sentence, one.term),
            }
        }));
        inside.sort_unstable();
        inside.dedup();
        for together in inside.chunk_by(|a, b| (a.0, a.1) == (b.0, b.1)) {
            for (at, (.., first)) in together.iter().enumerate() {
                out.with_term[*first as usize] += 1;
                for (.., second) in &together[at + 1..] {
                    *out.with_both.entry((*first, *second)).or_insert(0) += 1;
                }
            }
        }
    }
    out
}

/// How strongly two things go together.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Association {
    /// Windows with both if they had nothing to do with each other: `n_a n_b / N`.
    pub expected: f64,
    /// Pointwise mutual information (Church and Hanks 1990): `log₂(n_ab N / (n_a n_b))`; minus infinity for a pair that never meets.
    pub mutual_information: f64,
    /// The same between −1 (never together) and 1 (never apart): divided by `−log₂(n_ab / N)` (Bouma 2009); 1 where both are in every window.
    pub normalised_mutual_information: f64,
    /// `G² = 2 Σ O ln(O/E)` over the four cells of the table of windows with and without either (Dunning 1993).
    pub log_likelihood: f64,
    /// `t = (n_ab − E) / √n_ab` (Church et al. 1991); 0 for a pair that never meets.
    pub t_score: f64,
}

/// The association of two terms that stand in `a` and `b` of `windows` windows and in `both` of them together.
///
/// `None` for counts that cannot be: `both` above `a` or `b`, or more windows with a term than windows.
///
/// ```
/// // Dunning (1993), table of bigrams: "the swiss"
/// let swiss = xinzhi_discourse::association(110, 110 + 2442, 110 + 111, 110 + 2442 + 111 + 29114).unwrap();
/// assert_eq!((swiss.log_likelihood * 100.0).round() / 100.0, 270.72);
/// // half of all windows each, a quarter together: nothing to do with each other
/// let apart = xinzhi_discourse::association(25, 50, 50, 100).unwrap();
/// assert_eq!((apart.mutual_information, apart.log_likelihood, apart.t_score), (0.0, 0.0, 0.0));
/// ```
pub fn association(both: u64, a: u64, b: u64, windows: u64) -> Option<Association> {
    if both > a || both > b || a == 0 || b == 0 || a + b - both > windows {
        return None;
    }
    let [joint, first, second, all] = [both, a, b, windows].map(|v| v as f64);
    let expected = first * second / all;
    let mutual_information = if both == 0 { f64::NEG_INFINITY } else { (joint * all / (first * second)).log2() };
    let normalised_mutual_information = match both {
        0 => -1.0,
        _ if both == windows => 1.0,
        _ => mutual_information / -(joint / all).log2(),
    };
    let cells = [
        (joint, expected),
        (first - joint, first * (all - second) / all),
        (second - joint, (all - first) * second / all),
        (all - first - second + joint, (all - first) * (all - second) / all),
    ];
    let log_likelihood = cells.iter().map(|(seen, expected)| if *seen > 0.0 { seen * (seen / expected).ln() } else { 0.0 }).sum::<f64>();
    Some(Association {
        expected,
        mutual_information,
        normalised_mutual_information,
        log_likelihood: (2.0 * log_likelihood).max(0.0),
        t_score: if both == 0 { 0.0 } else { (joint - expected) / joint.sqrt() },
    })
}
