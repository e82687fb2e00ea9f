/// How unevenly a term is spread over parts of a corpus: the deviation of proportions (Gries 2008), `DP = ½ Σ |vᵢ − sᵢ|`, where `vᵢ` is the
/// share of the term's occurrences in part `i` and `sᵢ` the share of all words in it. 0 is spread as the words are, 1 is all in a tiny part.
///
/// `None` for a term that does not occur, parts without words, or lists of different length.
///
/// ```
/// let spread = xinzhi_discourse::deviation_of_proportions(&[1, 2, 3, 4, 5], &[10, 20, 30, 40, 50]);
/// assert!(spread.is_some_and(|dp| dp.abs() < 1e-15));
/// // all in the first of four equal parts
/// assert_eq!(xinzhi_discourse::deviation_of_proportions(&[8, 0, 0, 0], &[5, 5, 5, 5]), Some(0.75));
/// ```
pub fn deviation_of_proportions(occurrences: &[u64], sizes: &[u64]) -> Option<f64> {
    let (all, size) = (occurrences.iter().sum::<u64>() as f64, sizes.iter().sum::<u64>() as f64);
    if occurrences.len() != sizes.len() || all == 0.0 || size == 0.0 {
        return None;
    }
    Some(occurrences.iter().zip(sizes).map(|(o, s)| (*o as f64 / all - *s as f64 / size).abs()).sum::<f64>() / 2.0)
}
