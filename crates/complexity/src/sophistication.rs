use crate::error::require_same;
use crate::{ComplexityError, PresenceMatrix};
use frame::{LabelledMatrix, LabelledVector};

/// PRODY: the income that goes with an activity (Hausmann, Hwang and Rodrik 2007), the mean income of the places weighted by the part the
/// activity has in each, `PRODY_p = Σ_c s_cp Y_c / Σ_c s_cp` with `s_cp = X_cp / X_c`. In the unit of the income; NaN for an activity no
/// place with a known income has. Places without a known income (NaN) are left out.
///
/// # Errors
/// [`ComplexityError::Frame`] for a value that is negative or not finite, [`ComplexityError::LabelsDiffer`] when the income is not over the
/// table's places.
///
/// ```
/// use frame::{LabelledMatrix, LabelledVector};
/// use xinzhi_complexity::{expy, prody};
/// let x = LabelledMatrix::from_triplets("places", "products", [("A", "ships", 1.0), ("A", "wheat", 1.0), ("B", "wheat", 5.0)])?;
/// let income = LabelledVector::new(x.rows().clone(), vec![30.0, 6.0])?;
/// let prody = prody(&x, &income)?;
/// assert_eq!(prody.values(), [30.0, (0.5 * 30.0 + 6.0) / 1.5]);
/// assert_eq!(expy(&x, &prody)?.get("A"), Some((30.0 + 14.0) / 2.0));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn prody(values: &LabelledMatrix, income: &LabelledVector) -> Result<LabelledVector, ComplexityError> {
    weighted_by_share(values, None, income)
}

/// EXPY: the income that goes with what a place has (Hausmann, Hwang and Rodrik 2007), the mean PRODY of its activities weighted by their
/// part in it, `EXPY_c = Σ_p s_cp PRODY_p` over activities with a PRODY. NaN for a place without any.
///
/// # Errors
/// As [`prody`].
///
/// See there for an example.
pub fn expy(values: &LabelledMatrix, prody: &LabelledVector) -> Result<LabelledVector, ComplexityError> {
    values.require_non_negative("sophistication")?;
    require_same("activities", ("the table", values.columns()), ("the PRODY", prody.labels()))?;
    let expy = (0..values.rows().len()).map(|c| {
        let known = values.row(c).iter().zip(prody.values()).filter(|(v, y)| **v > 0.0 && y.is_finite());
        let (sum, total) = known.fold((0.0, 0.0), |(sum, total), (v, y)| (sum + v * y, total + v));
        if total > 0.0 { sum / total } else { f64::NAN }
    });
    Ok(LabelledVector::new(values.rows().clone(), expy.collect())?)
}

/// The mean of something known of places over those that have an activity, weighted by the part the activity has in each:
/// `Σ_c M_cp s_cp G_c / Σ_c M_cp s_cp`. With G the Gini index of incomes it is the product Gini index (Hartmann, Guevara, Jara-Figueroa,
/// Aristarán and Hidalgo 2017), with G emissions a unit of output the product emission intensity.
///
/// # Errors
/// As [`prody`].
///
/// ```
/// use frame::{LabelledMatrix, LabelledVector};
/// use xinzhi_complexity::{Presence, presence, presence_weighted_mean, revealed_comparative_advantage};
/// let x = LabelledMatrix::from_triplets("places", "products", [("A", "ships", 3.0), ("A", "wheat", 1.0), ("B", "wheat", 5.0)])?;
/// let present = presence(&revealed_comparative_advantage(&x)?, Presence::default());
/// let gini = LabelledVector::new(x.rows().clone(), vec![0.3, 0.5])?;
/// assert_eq!(presence_weighted_mean(&x, &present, &gini)?.get("wheat"), Some(0.5), "A has wheat, but not as a specialisation");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn presence_weighted_mean(
    values: &LabelledMatrix,
    presence: &PresenceMatrix,
    known: &LabelledVector,
) -> Result<LabelledVector, ComplexityError> {
    require_same("activities", ("the table", values.columns()), ("the presence", presence.activities()))?;
    require_same("places", ("the table", values.rows()), ("the presence", presence.places()))?;
    weighted_by_share(values, Some(presence), known)
}

fn weighted_by_share(
    values: &LabelledMatrix,
    presence: Option<&PresenceMatrix>,
    known: &LabelledVector,
) -> Result<LabelledVector, ComplexityError> {
    values.require_non_negative("sophistication")?;
    require_same("places", ("the table", values.rows()), ("what is known of them", known.labels()))?;
    let n = values.columns().len();
    let (mut sums, mut totals) = (vec![0.0; n], vec![0.0; n]);
    for (c, (total, known)) in values.row_sums().into_iter().zip(known.values()).enumerate() {
        if total > 0.0 && known.is_finite() {
            for (p, value) in values.row(c).iter().enumerate() {
                if presence.is_none_or(|m| m.at(c, p)) {
                    sums[p] += value / total * known;
                    totals[p] += value / total;
                }
            }
        }
    }
    let means = sums.iter().zip(&totals).map(|(sum, total)| if *total > 0.0 { sum / total } else { f64::NAN });
    Ok(LabelledVector::new(values.columns().clone(), means.collect())?)
}
