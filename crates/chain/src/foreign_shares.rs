use crate::{ChainError, ExposureOptions, Leontief};
use frame::{LabelledVector, Labels};

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

/// Foreign input reliance of every region: what [`crate::LookThroughExposure::foreign`] gives for each, at the price of one solve a region.
/// With o_rj = Σ_{i in r} L_ij the production of region r behind a unit of j, the share of j's own region is o_rj / Σ_t o_tj and the rest
/// is foreign. Regions without output in scope are left out.
///
/// ```
/// # use xinzhi_chain::{Factor, InputOutputSystem, SystemOptions};
/// use xinzhi_chain::{ExposureOptions, foreign_input_reliance};
/// # let pair = |a: &str, b: &str| (a.to_string(), b.to_string());
/// # let system = InputOutputSystem::new(
/// #     "two regions", 2011, "million USD", vec![pair("A", "all"), pair("B", "all")], vec![10.0, 20.0, 30.0, 40.0],
/// #     vec![pair("A", "final"), pair("B", "final")], vec![50.0, 20.0, 10.0, 20.0], SystemOptions::default(),
/// # )?;
/// let reliance = foreign_input_reliance(&Factor::new(&system)?, &ExposureOptions::default())?;
/// assert!((reliance.get("A").unwrap() - 1.0 / 3.0).abs() < 1e-12);
/// # Ok::<(), xinzhi_chain::ChainError>(())
/// ```
///
/// # Errors
/// [`frame::FrameError::UnknownLabel`] for a sector code that no region has.
pub fn foreign_input_reliance(leontief: &impl Leontief, options: &ExposureOptions) -> Result<LabelledVector, ChainError> {
    let system = leontief.system();
    let (n, regions) = (system.size(), system.regions());
    let users = options.user_industries.mask(system)?;
    let suppliers = options.supplier_industries.mask(system)?;
    let mut weights = vec![0.0; n * regions.len()];
    for r in 0..regions.len() {
        system.range_at(r).filter(|i| suppliers[*i]).for_each(|i| weights[r * n + i] = 1.0);
    }
    let behind = leontief.solve_transposed(weights);
    let mut found = Vec::new();
    for r in 0..regions.len() {
        let (mut foreign, mut output) = (0.0, 0.0);
        for j in system.range_at(r).filter(|j| users[*j] && system.output()[*j] > 0.0) {
            let total: f64 = (0..regions.len()).map(|t| behind[t * n + j]).sum();
            if total > 0.0 {
                let abroad: f64 = (0..regions.len()).filter(|t| *t != r).map(|t| behind[t * n + j]).sum();
                foreign += system.output()[j] * abroad / total;
                output += system.output()[j];
            }
        }
        if output > 0.0 {
            found.push((regions.name(r).to_owned(), foreign / output));
        }
    }
    let labels = Labels::new("regions", found.iter().map(|(region, _)| region.clone()))?;
    Ok(LabelledVector::new(labels, found.into_iter().map(|(_, share)| share).collect())?)
}
