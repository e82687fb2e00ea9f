use frame::Text;
use serde::{Deserialize, Serialize};

/// The indicators of one enabler, each with the place's rank percentile (1 is best, 0 is worst).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Dimension {
    /// The dimension: `talent`, `environment`, `reform`, `technology`.
    pub id: String,
    /// Indicators and rank percentiles, already turned so that more is better.
    pub indicators: Vec<(String, f64)>,
}

/// When a dimension counts as lagging.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct BindingOptions {
    /// Fewest indicators of a dimension that is compared (default 2).
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
    /// The dimension.
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

/// The enabler that lags, or why none does clearly.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Binding {
    /// Every dimension, in the order given.
    pub dimensions: Vec<DimensionScore>,
    /// The dimension that lags behind the others, by the rule of [`lagging_dimension`].
    pub lagging: Option<String>,
    /// Mean of the second lowest compared dimension less that of the lowest.
    pub gap: Option<f64>,
    /// What the gap had to exceed.
    pub required_gap: Option<f64>,
    /// Why no dimension is named.
    pub refusal: Option<Text>,
}

/// Compares the mean rank percentiles of the enablers and names the lowest one only where it clearly lags.
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
/// ```
/// use xinzhi_measure::{BindingOptions, Dimension, lagging_dimension};
/// let dimension = |id: &str, percentiles: &[f64]| Dimension {
///     id: id.into(),
///     indicators: percentiles.iter().enumerate().map(|(i, p)| (format!("{id}{i}"), *p)).collect(),
/// };
/// let clear = [dimension("talent", &[0.8, 0.9]), dimension("reform", &[0.2, 0.3]), dimension("technology", &[0.7, 0.8])];
/// assert_eq!(lagging_dimension(&clear, &BindingOptions::default()).lagging.as_deref(), Some("reform"));
/// let close = [dimension("talent", &[0.8, 0.4]), dimension("reform", &[0.3, 0.7])];
/// assert!(lagging_dimension(&close, &BindingOptions::default()).refusal.is_some());
/// ```
pub fn lagging_dimension(dimensions: &[Dimension], options: &BindingOptions) -> Binding {
    // a mean needs one indicator and a spread two, whatever the options say
    let minimum = options.minimum_indicators.max(2);
    let mut scores = Vec::with_capacity(dimensions.len());
    let (mut squares, mut freedom) = (0.0, 0usize);
    for dimension in dimensions {
        let valid: Vec<f64> = dimension.indicators.iter().map(|(_, p)| *p).filter(|p| (0.0..=1.0).contains(p)).collect();
        let n = valid.len();
        let mean = (n > 0).then(|| valid.iter().sum::<f64>() / n as f64);
        let deviations = mean.map_or(0.0, |m| valid.iter().map(|p| (p - m).powi(2)).sum::<f64>());
        let compared = n >= minimum;
        if compared {
            squares += deviations;
            freedom += n - 1;
        }
        scores.push(DimensionScore {
            id: dimension.id.clone(),
            mean,
            indicators: n,
            excluded: dimension.indicators.len() - n,
            spread: (n > 1).then(|| (deviations / (n - 1) as f64).sqrt()),
            compared,
        });
    }
    let mut ordered: Vec<(f64, usize, &str)> =
        scores.iter().filter(|s| s.compared).filter_map(|s| s.mean.map(|mean| (mean, s.indicators, s.id.as_str()))).collect();
    ordered.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.2.cmp(b.2)));
    let refuse = |en: String, zh: String| Some(Text::new(en, zh));
    let (lagging, gap, required_gap, refusal) = match ordered.as_slice() {
        [(lowest, n1, id), (second, n2, next), ..] => {
            let error = (squares / freedom as f64).sqrt() * (1.0 / *n1 as f64 + 1.0 / *n2 as f64).sqrt();
            let required = options.minimum_gap.max(options.standard_errors * error);
            let gap = second - lowest;
            if gap > required {
                (Some((*id).to_owned()), Some(gap), Some(required), None)
            } else {
                let refusal = refuse(
                    format!(
                        "nothing binds clearly: the lowest mean percentile ({id}, {lowest:.2}) is {gap:.2} below the next ({next}, \
                         {second:.2}), but the indicators spread so much that the gap would have to exceed {required:.2}"
                    ),
                    format!(
                        "没有明显的短板：平均百分位最低的维度（{}，{lowest:.2}）比次低的维度（{}，{second:.2}）低 {gap:.2}，\
                         而按指标离散程度，差距须超过 {required:.2} 才能认定",
                        chinese(id),
                        chinese(next)
                    ),
                );
                (None, Some(gap), Some(required), refusal)
            }
        }
        fewer => (
            None,
            None,
            None,
            refuse(
                format!(
                    "nothing can be compared: {} of {} dimensions have at least {minimum} indicators, and two are needed",
                    fewer.len(),
                    scores.len()
                ),
                format!("无法比较：{} 个维度中只有 {} 个具备至少 {minimum} 项指标，至少需要两个", scores.len(), fewer.len()),
            ),
        ),
    };
    Binding { dimensions: scores, lagging, gap, required_gap, refusal }
}

/// The Chinese name of an enabler, or its id where it has none here.
fn chinese(dimension: &str) -> &str {
    match dimension {
        "talent" => "人才",
        "environment" => "环境",
        "reform" => "改革",
        "technology" => "技术",
        other => other,
    }
}
