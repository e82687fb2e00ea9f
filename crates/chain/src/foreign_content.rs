use crate::{ChainError, Leontief};
use frame::LabelledVector;

/// Foreign content of every region's gross exports, Σ_{t≠s} v_t L_ts E_s, with the exports E_s themselves: the terms FC and EXGR of
/// [`crate::ValueAddedInExports`] for all exporters at the price of one solve a region, where only these two are wanted.
///
/// ```
/// # use xinzhi_chain::{Factor, InputOutputSystem, SystemOptions};
/// use xinzhi_chain::foreign_content_of_exports;
/// # let pair = |a: &str, b: &str| (a.to_string(), b.to_string());
/// # let system = InputOutputSystem::new(
/// #     "two regions", 2011, "million USD", vec![pair("A", "all"), pair("B", "all")], vec![10.0, 20.0, 30.0, 40.0],
/// #     vec![pair("A", "final"), pair("B", "final")], vec![50.0, 20.0, 10.0, 20.0], SystemOptions::default(),
/// # )?;
/// let (content, exports) = foreign_content_of_exports(&Factor::new(&system)?)?;
/// assert!((content.get("A").unwrap() - 10.0).abs() < 1e-12);
/// assert_eq!(exports.get("A"), Some(40.0));
/// # Ok::<(), xinzhi_chain::ChainError>(())
/// ```
///
/// # Errors
/// None today beyond those of the labels.
pub fn foreign_content_of_exports(leontief: &impl Leontief) -> Result<(LabelledVector, LabelledVector), ChainError> {
    let system = leontief.system();
    let (n, regions) = (system.size(), system.regions());
    let v = system.value_added_coefficients();
    let mut weights = vec![0.0; n * regions.len()];
    for r in 0..regions.len() {
        system.range_at(r).for_each(|i| weights[r * n + i] = v[i]);
    }
    let content = leontief.solve_transposed(weights);
    let (mut foreign, mut exports) = (Vec::new(), Vec::new());
    for s in 0..regions.len() {
        let exported = system.gross_exports_at(s);
        let held = |t: usize| -> f64 { system.range_at(s).zip(&exported).map(|(j, e)| content[t * n + j] * e).sum() };
        foreign.push((0..regions.len()).filter(|t| *t != s).map(held).sum());
        exports.push(exported.iter().sum());
    }
    Ok((LabelledVector::new(regions.clone(), foreign)?, LabelledVector::new(regions.clone(), exports)?))
}
