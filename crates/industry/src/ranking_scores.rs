use crate::IndustryError;
use crate::isotonic_calibration::rising;
use serde::{Deserialize, Serialize};

/// Cases by falling score, as groups of equal scores: (cases, entries) of each.
fn groups_from_the_top(scores: &[f64], entered: &[bool]) -> Result<Vec<(usize, usize)>, IndustryError> {
    require_scores(scores, entered)?;
    let mut order: Vec<usize> = (0..scores.len()).collect();
    order.sort_unstable_by(|a, b| scores[*b].total_cmp(&scores[*a]));
    let mut groups: Vec<(usize, usize)> = Vec::new();
    let mut last = f64::NAN;
    for i in order {
        if scores[i] != last {
            groups.push((0, 0));
            last = scores[i];
        }
        if let Some(group) = groups.last_mut() {
            *group = (group.0 + 1, group.1 + usize::from(entered[i]));
        }
    }
    Ok(groups)
}

fn require_scores(scores: &[f64], entered: &[bool]) -> Result<(), IndustryError> {
    if scores.len() != entered.len() || scores.is_empty() {
        let found = format!("{} scores for {} outcomes", scores.len(), entered.len());
        return Err(IndustryError::Cases { what: "scores", found, requirement: "one for every outcome, and at least one" });
    }
    match scores.iter().position(|s| !s.is_finite()) {
        Some(at) => {
            let found = format!("{} for case {at}", scores[at]);
            Err(IndustryError::Cases { what: "scores", found, requirement: "finite numbers" })
        }
        None => Ok(()),
    }
}

fn require_both(entered: &[bool]) -> Result<(f64, f64), IndustryError> {
    let entries = entered.iter().filter(|e| **e).count();
    if entries == 0 || entries == entered.len() {
        return Err(IndustryError::OneOutcome { entries, cases: entered.len() });
    }
    Ok((entries as f64, (entered.len() - entries) as f64))
}

/// Area under the receiver operating characteristic: the probability that a case that entered scores above one that did not, equal
/// scores counting one half (midranks); 0.5 is chance.
///
/// # Errors
/// [`IndustryError::Cases`], [`IndustryError::OneOutcome`] when all or none entered.
///
/// Source: Hanley and McNeil (1982), Radiology 143.
///
/// ```
/// assert_eq!(xinzhi_industry::area_under_curve(&[0.9, 0.5, 0.5, 0.1], &[true, true, false, false])?, 0.875);
/// # Ok::<(), xinzhi_industry::IndustryError>(())
/// ```
pub fn area_under_curve(scores: &[f64], entered: &[bool]) -> Result<f64, IndustryError> {
    let groups = groups_from_the_top(scores, entered)?;
    let (with, without) = require_both(entered)?;
    let mut below = without;
    let mut wins = 0.0;
    for (cases, entries) in groups {
        let (entries, others) = (entries as f64, (cases - entries) as f64);
        below -= others;
        wins += entries * (below + others / 2.0);
    }
    Ok(wins / (with * without))
}

/// For every case the share of cases of the other outcome that it is ranked rightly against, ties one half: the placement values whose
/// mean over either outcome is the area under the curve.
pub(crate) fn placements(scores: &[f64], entered: &[bool]) -> Result<Vec<f64>, IndustryError> {
    require_scores(scores, entered)?;
    let (with, without) = require_both(entered)?;
    let mut order: Vec<usize> = (0..scores.len()).collect();
    order.sort_unstable_by(|a, b| scores[*a].total_cmp(&scores[*b]));
    let mut values = vec![0.0; scores.len()];
    let (mut with_below, mut without_below) = (0.0, 0.0);
    for group in order.chunk_by(|a, b| scores[*a] == scores[*b]) {
        let entries = group.iter().filter(|i| entered[**i]).count() as f64;
        let others = group.len() as f64 - entries;
        for i in group {
            values[*i] =
                if entered[*i] { (without_below + others / 2.0) / without } else { (with - with_below - entries + entries / 2.0) / with };
        }
        with_below += entries;
        without_below += others;
    }
    Ok(values)
}

/// A difference of two areas under the curve on the same cases.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct CurveDifference {
    /// The first minus the second.
    pub difference: f64,
    /// Its standard error with whole places as the independent units; NaN for fewer than two.
    pub standard_error: f64,
}

/// The area under one curve minus that under another over the same cases, with the standard error that holds when the cases of one
/// `cluster` (a place) move together: the method of DeLong for clustered data. Against a constant second score it is the area minus one
/// half.
///
/// # Errors
/// [`IndustryError::Cases`], [`IndustryError::OneOutcome`].
///
/// Source: Obuchowski (1997), Biometrics 53; DeLong, DeLong and Clarke-Pearson (1988), Biometrics 44.
///
/// ```
/// let entered = [true, false, true, false, true, false];
/// let d = xinzhi_industry::curve_difference(&[0.9, 0.1, 0.8, 0.3, 0.4, 0.5], &[0.5; 6], &entered, &[0, 0, 1, 1, 2, 2])?;
/// assert!((d.difference - (8.0 / 9.0 - 0.5)).abs() < 1e-12 && d.standard_error > 0.0);
/// # Ok::<(), xinzhi_industry::IndustryError>(())
/// ```
pub fn curve_difference(first: &[f64], second: &[f64], entered: &[bool], cluster: &[u32]) -> Result<CurveDifference, IndustryError> {
    difference_of(&placements(first, entered)?, &placements(second, entered)?, entered, cluster)
}

/// The same from placement values.
pub(crate) fn difference_of(a: &[f64], b: &[f64], entered: &[bool], cluster: &[u32]) -> Result<CurveDifference, IndustryError> {
    if cluster.len() != entered.len() {
        let found = format!("{} clusters for {} outcomes", cluster.len(), entered.len());
        return Err(IndustryError::Cases { what: "clusters", found, requirement: "one for every outcome" });
    }
    let (with, without) = require_both(entered)?;
    let mut order: Vec<usize> = (0..cluster.len()).collect();
    // a stable sort, so that sums run in the order of the cases
    order.sort_by_key(|i| cluster[*i]);
    // per cluster: entries, others, and the sums of differences of placements over either
    let mut sums: Vec<[f64; 4]> = Vec::new();
    for own in order.chunk_by(|i, j| cluster[*i] == cluster[*j]) {
        let mut sum = [0.0; 4];
        for i in own {
            let side = usize::from(!entered[*i]);
            sum[side] += 1.0;
            sum[2 + side] += a[*i] - b[*i];
        }
        sums.push(sum);
    }
    let difference = sums.iter().map(|s| s[2]).sum::<f64>() / with;
    let clusters_of = |side: usize| sums.iter().filter(|s| s[side] > 0.0).count() as f64;
    let deviation = |s: &[f64; 4], side: usize| s[2 + side] - s[side] * difference;
    let spread = |side: usize| {
        let n = clusters_of(side);
        n / (n - 1.0) * sums.iter().map(|s| deviation(s, side).powi(2)).sum::<f64>()
    };
    let all = sums.len() as f64;
    let both = all / (all - 1.0) * sums.iter().map(|s| deviation(s, 0) * deviation(s, 1)).sum::<f64>();
    let variance = spread(0) / (with * with) + spread(1) / (without * without) + 2.0 * both / (with * without);
    // rounding may leave a tiny negative number
    let standard_error = if variance.is_finite() { variance.max(0.0).sqrt() } else { f64::NAN };
    Ok(CurveDifference { difference, standard_error })
}

/// Average precision: `Σ_k (R_k − R_{k−1}) P_k` over the distinct scores from the top, with P precision and R recall; the base rate is
/// chance. No interpolation; equal scores enter together (as in scikit-learn).
///
/// # Errors
/// [`IndustryError::Cases`], [`IndustryError::OneOutcome`].
///
/// ```
/// assert_eq!(xinzhi_industry::average_precision(&[0.9, 0.8, 0.7, 0.6], &[true, false, true, false])?, (1.0 + 2.0 / 3.0) / 2.0);
/// # Ok::<(), xinzhi_industry::IndustryError>(())
/// ```
pub fn average_precision(scores: &[f64], entered: &[bool]) -> Result<f64, IndustryError> {
    let groups = groups_from_the_top(scores, entered)?;
    let (with, _) = require_both(entered)?;
    let (mut taken, mut hits, mut sum) = (0.0, 0.0, 0.0);
    for (cases, entries) in groups {
        taken += cases as f64;
        hits += entries as f64;
        sum += entries as f64 * (hits / taken);
    }
    Ok(sum / with)
}

/// Precision among the `k` best scores: the share that entered. Where equal scores straddle the cut, the expected share over all
/// orders of them, so that the order of the cases does not matter. With fewer than `k` cases, among all.
///
/// # Errors
/// [`IndustryError::Cases`], also for a `k` of 0.
///
/// ```
/// assert_eq!(xinzhi_industry::precision_at(2, &[0.9, 0.5, 0.5, 0.1], &[true, true, false, false])?, 0.75);
/// # Ok::<(), xinzhi_industry::IndustryError>(())
/// ```
pub fn precision_at(k: usize, scores: &[f64], entered: &[bool]) -> Result<f64, IndustryError> {
    if k == 0 {
        return Err(IndustryError::Cases { what: "top scores", found: "0".to_owned(), requirement: "at least 1" });
    }
    let k = k.min(scores.len());
    let (mut left, mut hits) = (k as f64, 0.0);
    for (cases, entries) in groups_from_the_top(scores, entered)? {
        let taken = left.min(cases as f64);
        hits += entries as f64 * taken / cases as f64;
        left -= taken;
        if left <= 0.0 {
            break;
        }
    }
    Ok(hits / k as f64)
}

/// Precision at the top of every place's list.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct PrecisionAtTop {
    /// How many of each list are looked at.
    pub k: usize,
    /// The mean over lists; NaN when no list is long enough.
    pub mean: f64,
    /// The mean a perfect ranking would reach: lists with fewer than `k` entries keep it under 1.
    pub best_possible: f64,
    /// How many lists hold at least `k` cases; the shorter ones are left out.
    pub lists: usize,
    /// Lists left out.
    pub short_lists: usize,
    /// Precision among the `k` best of all cases together.
    pub overall: f64,
}

/// [`precision_at`] for the list of every place (equal numbers in `list`), its mean over the lists with at least `k` cases, and over
/// all cases together.
///
/// # Errors
/// [`IndustryError::Cases`].
///
/// ```
/// let p = xinzhi_industry::precision_at_top(1, &[0.9, 0.1, 0.2, 0.7], &[true, false, true, false], &[0, 0, 1, 1])?;
/// assert_eq!((p.mean, p.best_possible, p.lists, p.overall), (0.5, 1.0, 2, 1.0));
/// # Ok::<(), xinzhi_industry::IndustryError>(())
/// ```
pub fn precision_at_top(k: usize, scores: &[f64], entered: &[bool], list: &[u32]) -> Result<PrecisionAtTop, IndustryError> {
    let overall = precision_at(k, scores, entered)?;
    if list.len() != scores.len() {
        let found = format!("{} lists for {} scores", list.len(), scores.len());
        return Err(IndustryError::Cases { what: "lists", found, requirement: "one for every score" });
    }
    let mut order: Vec<usize> = (0..list.len()).collect();
    order.sort_by_key(|i| list[*i]);
    let (mut sum, mut best, mut lists, mut short_lists) = (0.0, 0.0, 0, 0);
    for own in order.chunk_by(|a, b| list[*a] == list[*b]) {
        if own.len() < k {
            short_lists += 1;
            continue;
        }
        let (scores, entered): (Vec<f64>, Vec<bool>) = own.iter().map(|i| (scores[*i], entered[*i])).unzip();
        sum += precision_at(k, &scores, &entered)?;
        best += entered.iter().filter(|e| **e).count().min(k) as f64 / k as f64;
        lists += 1;
    }
    Ok(PrecisionAtTop { k, mean: sum / lists as f64, best_possible: best / lists as f64, lists, short_lists, overall })
}

/// Brier score: the mean squared difference of probability and outcome, 0 best; a constant at the base rate b scores b(1 − b).
///
/// # Errors
/// [`IndustryError::Cases`].
///
/// Source: Brier (1950), Monthly Weather Review 78.
///
/// ```
/// assert_eq!(xinzhi_industry::brier_score(&[0.5, 1.0], &[true, true])?, 0.125);
/// # Ok::<(), xinzhi_industry::IndustryError>(())
/// ```
pub fn brier_score(probabilities: &[f64], entered: &[bool]) -> Result<f64, IndustryError> {
    require_scores(probabilities, entered)?;
    let squares = probabilities.iter().zip(entered).map(|(p, e)| (p - f64::from(u8::from(*e))).powi(2));
    Ok(squares.sum::<f64>() / entered.len() as f64)
}

/// Log loss: the mean of `−ln P(outcome)`, in nats, 0 best. Probabilities are kept within 1e-15 of 0 and 1.
///
/// # Errors
/// [`IndustryError::Cases`].
///
/// ```
/// assert_eq!(xinzhi_industry::log_loss(&[0.5, 0.5], &[true, false])?, std::f64::consts::LN_2);
/// # Ok::<(), xinzhi_industry::IndustryError>(())
/// ```
pub fn log_loss(probabilities: &[f64], entered: &[bool]) -> Result<f64, IndustryError> {
    require_scores(probabilities, entered)?;
    let loss = |(p, e): (&f64, &bool)| -(if *e { *p } else { 1.0 - p }).clamp(1e-15, 1.0).ln();
    Ok(probabilities.iter().zip(entered).map(loss).sum::<f64>() / entered.len() as f64)
}

/// Wilson's interval of a share at the given normal quantile (1.96 for 95 %); NaN of nothing. It takes the cases as independent, which
/// the cells of one place are not quite.
///
/// Source: Wilson (1927), JASA 22.
///
/// ```
/// let (low, high) = xinzhi_industry::wilson_interval(5, 10, 1.96);
/// assert!((low - 0.236590).abs() < 1e-5 && (high - 0.763410).abs() < 1e-5);
/// ```
pub fn wilson_interval(hits: usize, cases: usize, quantile: f64) -> (f64, f64) {
    let (n, z2) = (cases as f64, quantile * quantile);
    let p = hits as f64 / n;
    let middle = (p + z2 / (2.0 * n)) / (1.0 + z2 / n);
    let half = quantile / (1.0 + z2 / n) * (p * (1.0 - p) / n + z2 / (4.0 * n * n)).sqrt();
    // at 0 and n hits an end is exactly 0 or 1, up to rounding
    let (low, high) = (if hits == 0 { 0.0 } else { middle - half }, if hits == cases { 1.0 } else { middle + half });
    if cases == 0 { (f64::NAN, f64::NAN) } else { (low, high) }
}

/// Cases of similar predicted probability: what was said against what happened.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct CalibrationBin {
    /// The lowest probability in the bin.
    pub from: f64,
    /// The highest.
    pub to: f64,
    /// How many cases.
    pub n: usize,
    /// How many of them entered.
    pub entries: usize,
    /// The mean of the predicted probabilities.
    pub mean_predicted: f64,
    /// The share that entered.
    pub observed: f64,
    /// Lower end of Wilson's 95 % interval of that share.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

/// 95 % of the normal distribution lie within this many deviations.
const NORMAL_95: f64 = 1.959963984540054;

/// A calibration table: cases sorted by probability and cut into at most `bins` bins of about equal number; equal probabilities are never
/// parted, so there may be fewer bins. With rare entries bins of equal width would leave most of them empty.
///
/// # Errors
/// [`IndustryError::Cases`], [`IndustryError::Option`] for no bins.
///
/// ```
/// let table = xinzhi_industry::calibration_table(&[0.1, 0.1, 0.8, 0.9], &[false, true, true, true], 2)?;
/// assert_eq!((table.len(), table[0].n, table[0].observed, table[1].observed), (2, 2, 0.5, 1.0));
/// # Ok::<(), xinzhi_industry::IndustryError>(())
/// ```
pub fn calibration_table(probabilities: &[f64], entered: &[bool], bins: usize) -> Result<Vec<CalibrationBin>, IndustryError> {
    require_scores(probabilities, entered)?;
    if bins == 0 {
        return Err(IndustryError::Option { option: "bins", value: "0".to_owned(), requirement: "at least 1" });
    }
    let n = probabilities.len();
    Ok(table_cut_at(probabilities, entered, (1..=bins).map(|bin| bin * n / bins)))
}

/// Bins that end after these numbers of cases from the lowest probability, equal ones never parted.
pub(crate) fn table_cut_at(probabilities: &[f64], entered: &[bool], ends: impl Iterator<Item = usize>) -> Vec<CalibrationBin> {
    // sums run by probability, then case
    let order = rising(probabilities);
    let mut table = Vec::new();
    let mut from = 0;
    for mut to in ends {
        if to <= from {
            continue;
        }
        while to < order.len() && probabilities[order[to]] == probabilities[order[to - 1]] {
            to += 1;
        }
        let own = &order[from..to];
        let entries = own.iter().filter(|i| entered[**i]).count();
        let (low, high) = wilson_interval(entries, own.len(), NORMAL_95);
        table.push(CalibrationBin {
            from: probabilities[own[0]],
            to: probabilities[own[own.len() - 1]],
            n: own.len(),
            entries,
            mean_predicted: own.iter().map(|i| probabilities[*i]).sum::<f64>() / own.len() as f64,
            observed: entries as f64 / own.len() as f64,
            low,
            high,
        });
        from = to;
    }
    table
}

/// Expected calibration error: the mean over bins, weighted by their cases, of |mean predicted − observed|.
///
/// ```
/// let table = xinzhi_industry::calibration_table(&[0.1, 0.1, 0.8, 0.9], &[false, true, true, true], 2)?;
/// assert!((xinzhi_industry::expected_calibration_error(&table) - (0.4 + 0.15) / 2.0).abs() < 1e-12);
/// # Ok::<(), xinzhi_industry::IndustryError>(())
/// ```
pub fn expected_calibration_error(table: &[CalibrationBin]) -> f64 {
    let cases: usize = table.iter().map(|bin| bin.n).sum();
    table.iter().map(|bin| bin.n as f64 * (bin.mean_predicted - bin.observed).abs()).sum::<f64>() / cases as f64
}
