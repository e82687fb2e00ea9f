use crate::MeasureError;
use serde::{Deserialize, Serialize};

/// The growth rate a year between two years.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct AnnualGrowth {
    /// `ln(v_to / v_from) / (to − from)`: adds up over periods.
    pub logarithmic: f64,
    /// `(v_to / v_from)^(1 / (to − from)) − 1`: the rate people quote.
    pub compound: f64,
    /// Number of years between the two.
    pub years: u32,
}

/// Growth a year from `base` in year `from` to `value` in year `to`.
///
/// The logarithmic rate is computed as `(ln v_to − ln v_from) / n`, the compound rate from it as `exp(rate) − 1`.
///
/// # Errors
/// [`MeasureError::PeriodOrder`] when `to` is not after `from`; [`MeasureError::NotPositive`] when either value is zero, negative or
/// not finite: a rate from a base of zero or less has no meaning.
///
/// ```
/// let g = xinzhi_measure::annual_growth(2000, 100.0, 2010, 200.0)?;
/// assert!((g.compound - (2f64.powf(0.1) - 1.0)).abs() < 1e-15);
/// assert!(xinzhi_measure::annual_growth(2000, 0.0, 2010, 200.0).is_err());
/// # Ok::<(), xinzhi_measure::MeasureError>(())
/// ```
pub fn annual_growth(from: i32, base: f64, to: i32, value: f64) -> Result<AnnualGrowth, MeasureError> {
    if to <= from {
        return Err(MeasureError::PeriodOrder { from, to });
    }
    for (year, v) in [(from, base), (to, value)] {
        if !v.is_finite() || v <= 0.0 {
            return Err(MeasureError::NotPositive { series: "the value", year, value: v });
        }
    }
    let years = to.abs_diff(from);
    let logarithmic = (value.ln() - base.ln()) / f64::from(years);
    Ok(AnnualGrowth { logarithmic, compound: logarithmic.exp_m1(), years })
}
