use frame::Text;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use thiserror::Error;

/// When a dimension counts as lagging.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct BindingOptions {
    /// Fewest indicators of a dimension that is compared (default 2, and never fewer: a spread needs two).
    pub minimum_indicators: usize,
    /// How many standard errors the gap must exceed (default 1).
    pub standard_errors: f64,
    /// The gap must also exceed this difference of percentiles (default 0.1).
    pub minimum_gap: f64,
}

impl Default for BindingOptions {
    fn default() -> Self {
        BindingOptions { minimum_indicators: 2, standard_errors: 1.0, minimum_gap: 0.1 }
    }
}

/// What one dimension shows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DimensionScore {
    /// The dimension: `talent`, `environment`, `reform`, `technology`.
    pub id: String,
    /// Mean rank percentile of its indicators; absent when it has none.
    pub mean: Option<f64>,
    /// Number of indicators with a percentile between 0 and 1.
    pub indicators: usize,
    /// Indicators left out because their percentile is missing or outside 0 to 1.
    pub excluded: usize,
    /// Sample standard deviation of its percentiles (divisor n − 1); absent below two indicators.
    pub spread: Option<f64>,
    /// True when it has enough indicators to be compared.
    pub compared: bool,
}

/// The enabler that lags behind the others compared.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Binding {
    /// The dimension that lags.
    pub dimension: String,
    /// Its mean percentile.
    pub mean: f64,
    /// The second lowest dimension compared.
    pub next: String,
    /// Its mean percentile.
    pub next_mean: f64,
    /// `next_mean − mean`.
    pub gap: f64,
    /// What the gap had to exceed.
    pub required_gap: f64,
    /// Every dimension, sorted by id.
    pub dimensions: Vec<DimensionScore>,
}

/// Why no enabler is named.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum NothingBinds {
    /// Fewer than two dimensions have enough indicators.
    #[error(
        "the enablers cannot be compared: {compared} of {} dimensions have at least {minimum} indicators, and two are needed",
        .dimensions.len()
    )]
    TooFew {
        /// Dimensions with enough indicators.
        compared: usize,
        /// Fewest indicators asked for.
        minimum: usize,
        /// Every dimension, sorted by id.
        dimensions: Vec<DimensionScore>,
    },
    /// The lowest dimension is too near the next one for the spread of the indicators.
    #[error(
        "nothing binds clearly: the lowest mean percentile ({lowest}, {mean:.2}) is {gap:.2} below the next ({next}, {next_mean:.2}), and \
         the spread of the indicators asks for more than {required_gap:.2}"
    )]
    NoClearGap {
        /// The lowest dimension.
        lowest: String,
        /// Its mean percentile.
        mean: f64,
        /// The second lowest.
        next: String,
        /// Its mean percentile.
        next_mean: f64,
        /// `next_mean − mean`.
        gap: f64,
        /// What the gap had to exceed.
        required_gap: f64,
        /// Every dimension, sorted by id.
        dimensions: Vec<DimensionScore>,
    },
}

impl NothingBinds {
    /// The reason in both languages.
    pub fn text(&self) -> Text {
        let zh = match self {
            NothingBinds::TooFew { compared, minimum, dimensions } => {
                format!("支撑要素无法比较：{} 个维度中只有 {compared} 个具备至少 {minimum} 项指标，至少需要两个", dimensions.len())
            }
            NothingBinds::NoClearGap { lowest, mean, next, next_mean, gap, required_gap, .. } => format!(
                "没有明显的短板：平均百分位最低的维度（{}，{mean:.2}）比次低的维度（{}，{next_mean:.2}）低 {gap:.2}，而按指标的离散程度，差距须超过 {required_gap:.2} 才能认定",
                chinese(lowest),
                chinese(next)
            ),
        };
        Text::new(self.to_string(), zh)
    }
}

fn chinese(dimension: &str) -> &str {
    match dimension {
        "talent" => "人才",
        "environment" => "环境",
        "reform" => "改革",
        "technology" => "技术",
        other => other,
    }
}

/// Compares the mean rank percentiles of the enablers and names the lowest one only where it clearly lags.
///
/// A standing is (dimension, indicator, rank percentile of the place: 1 is best, 0 is worst).
///
/// The rule. A dimension is compared when it has at least `minimum_indicators` indicators. Let `m₁ ≤ m₂` be the two lowest means, over
/// `n₁` and `n₂` indicators, and `s` the standard deviation of the indicators around their dimension's mean, pooled over all compared
/// dimensions: `s² = Σ_d Σ_i (p_di − m_d)² / Σ_d (n_d − 1)`. The lowest dimension lags when
///
/// `m₂ − m₁ > max(minimum_gap, standard_errors · s · √(1/n₁ + 1/n₂))`.
///
/// Pooling keeps two indicators that happen to agree from passing for certainty. The rule says that a dimension *lags among those
/// compared*, relative to other places; it does not prove that it is what holds growth back.
///
/// # Errors
/// [`NothingBinds`], with the scores of the dimensions, where fewer than two can be compared or the gap is too small.
///
/// ```
/// use xinzhi_measure::{BindingOptions, binding_dimension};
/// let mut standings = vec![
///     ("talent", "researchers", 0.8), ("talent", "articles", 0.9),
///     ("reform", "market access", 0.2), ("reform", "courts", 0.3),
/// ];
/// assert_eq!(binding_dimension(&standings, &BindingOptions::default())?.dimension, "reform");
/// standings[0].2 = 0.1;
/// assert!(binding_dimension(&standings, &BindingOptions::default()).is_err());
/// # Ok::<(), xinzhi_measure::NothingBinds>(())
/// ```
pub fn binding_dimension(standings: &[(&str, &str, f64)], options: &BindingOptions) -> Result<Binding, NothingBinds> {
    let minimum = options.minimum_indicators.max(2);
    let mut by_dimension: BTreeMap<&str, Vec<f64>> = BTreeMap::new();
    for (dimension, _, percentile) in standings {
        by_dimension.entry(dimension).or_default().push(*percentile);
    }
    let mut dimensions = Vec::with_capacity(by_dimension.len());
    let (mut squares, mut freedom) = (0.0, 0usize);
    for (id, percentiles) in by_dimension {
        let valid: Vec<f64> = percentiles.iter().copied().filter(|p| (0.0..=1.0).contains(p)).collect();
        let n = valid.len();
        let mean = (n > 0).then(|| valid.iter().sum::<f64>() / n as f64);
        let deviations = mean.map_or(0.0, |m| valid.iter().map(|p| (p - m).powi(2)).sum::<f64>());
        let compared = n >= minimum;
        if compared {
            squares += deviations;
            freedom += n - 1;
        }
        dimensions.push(DimensionScore {
            id: id.to_owned(),
            mean,
            indicators: n,
            excluded: percentiles.len() - n,
            spread: (n > 1).then(|| (deviations / (n - 1) as f64).sqrt()),
            compared,
        });
    }
    // sorted by id already, so that the stable sort breaks ties by label order
    let mut ordered: Vec<(f64, usize, String)> =
        dimensions.iter().filter(|d| d.compared).filter_map(|d| d.mean.map(|mean| (mean, d.indicators, d.id.clone()))).collect();
    ordered.sort_by(|a, b| a.0.total_cmp(&b.0));
    let [(mean, n1, lowest), (next_mean, n2, next), ..] = ordered.as_slice() else {
        return Err(NothingBinds::TooFew { compared: ordered.len(), minimum, dimensions });
    };
    let (mean, next_mean, lowest, next) = (*mean, *next_mean, lowest.clone(), next.clone());
    let error = (squares / freedom as f64).sqrt() * (1.0 / *n1 as f64 + 1.0 / *n2 as f64).sqrt();
    let required_gap = options.minimum_gap.max(options.standard_errors * error);
    let gap = next_mean - mean;
    if gap > required_gap {
        Ok(Binding { dimension: lowest, mean, next, next_mean, gap, required_gap, dimensions })
    } else {
        Err(NothingBinds::NoClearGap { lowest, mean, next, next_mean, gap, required_gap, dimensions })
    }
}
