use serde::{Deserialize, Serialize};

/// Which end of an indicator is the good one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// More is better: the highest value has rank 1.
    HigherIsBetter,
    /// Less is better: the lowest value has rank 1.
    LowerIsBetter,
}

/// Where a place stands in a cross-section.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct RankResult {
    /// Standard competition rank ("1224"): one more than the number of places that are strictly better.
    pub rank: usize,
    /// Number of places with a value.
    pub of: usize,
    /// The mean rank as a share: `(worse + ties / 2) / (of − 1)` over the *other* places; 1 is best, 0 is worst.
    pub percentile: f64,
    /// Median of all values (mean of the two middle ones when their number is even).
    pub median: f64,
    /// The place's own value.
    pub value: f64,
    /// Other places with the same value.
    pub ties: usize,
    /// Places left out because their value is missing (NaN) or infinite.
    pub excluded: usize,
}

/// The rank of a place among the places of one cross-section (one indicator, one year).
///
/// Ties share the best rank (standard competition ranking); the percentile gives ties the middle of their ranks instead, so that it
/// does not depend on which side they are counted on. Each place must stand once, as the key of an indicator table ensures.
///
/// Returns nothing when the place has no finite value, or no other place has one: a rank among one says nothing.
///
/// ```
/// use xinzhi_measure::{Direction, rank};
/// let spending = [("KOR", 4.8), ("DEU", 3.1), ("JPN", 3.3), ("USA", 3.3), ("XXX", f64::NAN)].map(|(p, v)| (p.to_string(), v));
/// let usa = rank(&spending, "USA", Direction::HigherIsBetter).ok_or("no rank")?;
/// assert_eq!((usa.rank, usa.of, usa.ties, usa.excluded), (2, 4, 1, 1));
/// assert_eq!(usa.percentile, 0.5);
/// assert!(rank(&spending, "XXX", Direction::HigherIsBetter).is_none());
/// # Ok::<(), &str>(())
/// ```
pub fn rank(cross_section: &[(String, f64)], place: &str, direction: Direction) -> Option<RankResult> {
    let value = cross_section.iter().find(|(name, v)| name == place && v.is_finite()).map(|(_, v)| *v)?;
    let mut values: Vec<f64> = cross_section.iter().map(|(_, v)| *v).filter(|v| v.is_finite()).collect();
    let of = values.len();
    if of < 2 {
        return None;
    }
    let higher = values.iter().filter(|v| **v > value).count();
    let lower = values.iter().filter(|v| **v < value).count();
    let ties = of - higher - lower - 1;
    let (better, worse) = match direction {
        Direction::HigherIsBetter => (higher, lower),
        Direction::LowerIsBetter => (lower, higher),
    };
    values.sort_by(f64::total_cmp);
    // halves are added after halving, so that two huge values do not overflow
    let median = if of % 2 == 1 { values[of / 2] } else { values[of / 2 - 1] / 2.0 + values[of / 2] / 2.0 };
    Some(RankResult {
        rank: better + 1,
        of,
        percentile: (worse as f64 + ties as f64 / 2.0) / (of - 1) as f64,
        median,
        value,
        ties,
        excluded: cross_section.len() - of,
    })
}
