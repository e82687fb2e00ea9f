use crate::IndustryError;
use frame::{LabelledVector, Text};
use serde::{Deserialize, Serialize};

/// Which strategy suits a place, in the words of the Growth Lab's Atlas.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PlaceType {
    /// Among the nine most complex places.
    Frontier,
    /// Few complex activities lie near what it has (COI at most 0).
    LongJump,
    /// Much lies near, and it is already more complex than its income suggests.
    LowHangingFruit,
    /// Much lies near, and it is less complex than its income suggests.
    BalancedPortfolio,
}

impl PlaceType {
    /// Its name.
    pub fn name(self) -> Text {
        match self {
            PlaceType::Frontier => Text::new("frontier", "前沿型"),
            PlaceType::LongJump => Text::new("long jump", "远跳型"),
            PlaceType::LowHangingFruit => Text::new("low-hanging fruit", "近果型"),
            PlaceType::BalancedPortfolio => Text::new("balanced portfolio", "均衡组合型"),
        }
    }

    /// What it asks for.
    pub fn advice(self) -> Text {
        match self {
            PlaceType::Frontier => {
                Text::new("maintain the competitive edge and develop what is new to the world", "保持竞争优势，开拓全球前所未有的新领域")
            }
            PlaceType::LongJump => {
                Text::new("reinvent the industrial base: a few large, coordinated bets", "重塑产业基础：以少数重大协同项目实现突破")
            }
            PlaceType::LowHangingFruit => Text::new("harness what lies near", "充分利用邻近机会"),
            PlaceType::BalancedPortfolio => Text::new(
                "climb the ladder of complexity, balancing what is near with what is complex",
                "沿复杂度阶梯攀升，兼顾邻近机会与高复杂度产业",
            ),
        }
    }
}

/// Places this high by complexity are the frontier.
const FRONTIER_RANK: usize = 9;

/// The type of a place by the Growth Lab's rule: *frontier* when its rank by ECI is at most 9; otherwise *long jump* when its complexity
/// outlook index is at most 0; otherwise *low-hanging fruit* when its ECI is at least what its income suggests (`eci_residual` ≥ 0, see
/// [`income_controlled_residual`]); otherwise *balanced portfolio*.
///
/// Convention: the Growth Lab adds the United States to the frontier by hand; here the rank alone decides. Nothing when a number the
/// rule needs is not finite.
///
/// ```
/// use xinzhi_industry::{PlaceType, place_type};
/// assert_eq!(place_type(3, -1.0, -1.0), Some(PlaceType::Frontier));
/// assert_eq!(place_type(40, 0.0, 1.0), Some(PlaceType::LongJump));
/// assert_eq!(place_type(40, 0.5, 0.0), Some(PlaceType::LowHangingFruit));
/// assert_eq!(place_type(40, 0.5, -0.1), Some(PlaceType::BalancedPortfolio));
/// assert_eq!(place_type(40, 0.5, f64::NAN), None);
/// ```
pub fn place_type(eci_rank: usize, coi: f64, eci_residual: f64) -> Option<PlaceType> {
    if eci_rank <= FRONTIER_RANK {
        Some(PlaceType::Frontier)
    } else if coi <= 0.0 {
        Some(PlaceType::LongJump)
    } else if coi > 0.0 && eci_residual >= 0.0 {
        Some(PlaceType::LowHangingFruit)
    } else if coi > 0.0 && eci_residual < 0.0 {
        Some(PlaceType::BalancedPortfolio)
    } else {
        None
    }
}

/// ECI beyond what income suggests: the residuals of the ordinary least-squares line `ECI = a + b·ln(income)` over all places with
/// both, in units of ECI; NaN for the others. Income is a head, in any currency.
///
/// # Errors
/// [`IndustryError::TooFewPlaces`].
///
/// ```
/// use frame::{LabelledVector, Labels};
/// let places = Labels::new("places", ["A", "B", "C", "D"])?;
/// let eci = LabelledVector::new(places.clone(), vec![0.0, 1.0, 2.0, 9.0])?;
/// let income = LabelledVector::new(places, vec![1.0, 10.0, 100.0, f64::NAN])?;
/// let residual = xinzhi_industry::income_controlled_residual(&eci, &income)?;
/// assert!(residual.values()[..3].iter().all(|r| r.abs() < 1e-12) && residual.values()[3].is_nan());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn income_controlled_residual(eci: &LabelledVector, income: &LabelledVector) -> Result<LabelledVector, IndustryError> {
    let points: Vec<Option<(f64, f64)>> = eci
        .iter()
        .map(|(place, y)| income.get(place).filter(|v| v.is_finite() && *v > 0.0 && y.is_finite()).map(|v| (v.ln(), y)))
        .collect();
    let known: Vec<(f64, f64)> = points.iter().flatten().copied().collect();
    let n = known.len() as f64;
    let (mean_x, mean_y) = (known.iter().map(|p| p.0).sum::<f64>() / n, known.iter().map(|p| p.1).sum::<f64>() / n);
    let variance: f64 = known.iter().map(|p| (p.0 - mean_x).powi(2)).sum();
    if known.len() < 3 || variance <= 0.0 {
        return Err(IndustryError::TooFewPlaces { places: known.len() });
    }
    let slope = known.iter().map(|p| (p.0 - mean_x) * (p.1 - mean_y)).sum::<f64>() / variance;
    let residual = |(x, y): (f64, f64)| y - mean_y - slope * (x - mean_x);
    let values = points.into_iter().map(|point| point.map_or(f64::NAN, residual)).collect();
    Ok(LabelledVector::new(eci.labels().clone(), values)?)
}
