use crate::{ChainError, InputOutputSystem, Leontief};
use frame::{FrameError, LabelledMatrix, LabelledVector, Labels};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

/// The manufacturing industries of the 35-industry list of the World Input-Output Database, release 2013 (NACE rev. 1 section D).
pub const WIOD35_MANUFACTURING: [&str; 14] = ["c3", "c4", "c5", "c6", "c7", "c8", "c9", "c10", "c11", "c12", "c13", "c14", "c15", "c16"];

/// Which industries a question is about.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// All of them.
    #[default]
    All,
    /// Those with these sector codes, in every region that has them.
    Sectors(Vec<String>),
}

impl Scope {
    /// A scope of the given sector codes.
    pub fn sectors<S: Into<String>>(codes: impl IntoIterator<Item = S>) -> Self {
        Scope::Sectors(codes.into_iter().map(Into::into).collect())
    }

    /// For every industry of the system, whether it is in scope.
    pub(crate) fn mask(&self, system: &InputOutputSystem) -> Result<Vec<bool>, ChainError> {
        let Scope::Sectors(codes) = self else { return Ok(vec![true; system.size()]) };
        for code in codes {
            if !system.sectors().iter().any(|(_, sector)| sector == code) {
                let what = format!("sectors of {}", system.name());
                return Err(FrameError::UnknownLabel { label: code.clone(), what, nearest: Vec::new() }.into());
            }
        }
        Ok(system.sectors().iter().map(|(_, sector)| codes.contains(sector)).collect())
    }
}

/// Conventions of [`look_through_exposure`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExposureOptions {
    /// The user's industries, averaged with their output as weight. Default: all.
    pub user_industries: Scope,
    /// The supplying industries that count as inputs; shares are taken over these. Default: all.
    pub supplier_industries: Scope,
    /// How many foreign suppliers (region × sector) to list. Default: 20.
    pub top: usize,
}

impl Default for ExposureOptions {
    fn default() -> Self {
        ExposureOptions { user_industries: Scope::All, supplier_industries: Scope::All, top: 20 }
    }
}

/// On whom the industries of one region lean for their production.
///
/// The look-through share of supplier i in the production of user industry j is L_ij / Σ_i L_ij: the gross output of i in all rounds
/// of production that stand behind one unit of j, over that of all suppliers (j's own unit included). The face-value share counts
/// only j itself and its direct inputs, (I + A)_ij / Σ_i L_ij, over the same sum; what is hidden is the difference. Shares of the
/// user's industries are averaged with their outputs as weights.
///
/// Source: Baldwin, Freeman and Theodorakopoulos (2022), Horses for Courses: Measuring Foreign Supply Chain Exposure, NBER Working
/// Paper 30525; (2023), Hidden Exposure: Measuring US Supply Chain Reliance, Brookings Papers on Economic Activity. Being gross
/// output, the measure counts a good again in every round it passes through: it says how much production abroad takes part, not
/// how much value comes from there (for that see [`crate::value_added_origin`]).
#[derive(Debug, Clone, PartialEq)]
pub struct LookThroughExposure {
    /// The user.
    pub user: String,
    /// Look-through share of every supplying region, the user's own included; they sum to 1.
    pub look_through: LabelledVector,
    /// Face-value share of every supplying region.
    pub face_value: LabelledVector,
    /// look-through − face value.
    pub hidden: LabelledVector,
    /// Look-through shares by user industry (those in scope with output) × supplying region.
    pub by_industry: LabelledMatrix,
    /// Face-value shares in the same shape.
    pub by_industry_face_value: LabelledMatrix,
    /// The foreign industries with the largest look-through shares, largest first.
    pub suppliers: Vec<SupplierExposure>,
}

impl LookThroughExposure {
    /// Foreign input reliance: the look-through share of all other regions together.
    pub fn foreign(&self) -> f64 {
        self.look_through.iter().filter(|(region, _)| *region != self.user).map(|(_, share)| share).sum()
    }

    /// The face-value share of all other regions together.
    pub fn foreign_face_value(&self) -> f64 {
        self.face_value.iter().filter(|(region, _)| *region != self.user).map(|(_, share)| share).sum()
    }
}

/// The part of one foreign industry in a region's exposure.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SupplierExposure {
    /// The supplying region.
    pub region: String,
    /// The supplying sector.
    pub sector: String,
    /// Look-through share.
    pub look_through: f64,
    /// Face-value share.
    pub face_value: f64,
    /// Their difference.
    pub hidden: f64,
}

/// The exposure of one region's industries to all suppliers; see [`LookThroughExposure`].
///
/// ```
/// # use xinzhi_chain::{Factor, InputOutputSystem, SystemOptions};
/// use xinzhi_chain::{ExposureOptions, look_through_exposure};
/// # let pair = |a: &str, b: &str| (a.to_string(), b.to_string());
/// # let system = InputOutputSystem::new(
/// #     "two regions", 2011, "million USD", vec![pair("A", "all"), pair("B", "all")], vec![10.0, 20.0, 30.0, 40.0],
/// #     vec![pair("A", "final"), pair("B", "final")], vec![50.0, 20.0, 10.0, 20.0], SystemOptions::default(),
/// # )?;
/// let exposure = look_through_exposure(&Factor::new(&system)?, "A", &ExposureOptions::default())?;
/// // L = [1.25, ...; 0.625, ...], so a third of the production behind A's output stands in B; at face value 0.3 / 1.875
/// assert!((exposure.foreign() - 1.0 / 3.0).abs() < 1e-12);
/// assert!((exposure.foreign_face_value() - 0.16).abs() < 1e-12);
/// # Ok::<(), xinzhi_chain::ChainError>(())
/// ```
///
/// # Errors
/// [`FrameError::UnknownLabel`]; [`ChainError::Nothing`] when none of the region's industries in scope has output or suppliers in
/// scope.
pub fn look_through_exposure(leontief: &impl Leontief, user: &str, options: &ExposureOptions) -> Result<LookThroughExposure, ChainError> {
    let system = leontief.system();
    let users = options.user_industries.mask(system)?;
    let suppliers = options.supplier_industries.mask(system)?;
    exposure_of(leontief, system.regions().require(user)?, &users, &suppliers, options.top)
}

/// The exposure of every region, in region order. A region without output in scope has none and is left out.
///
/// # Errors
/// As [`look_through_exposure`], except that regions without output in scope are left out.
pub fn look_through_exposures(leontief: &impl Leontief, options: &ExposureOptions) -> Result<Vec<LookThroughExposure>, ChainError> {
    let system = leontief.system();
    let users = options.user_industries.mask(system)?;
    let suppliers = options.supplier_industries.mask(system)?;
    let all: Vec<_> = (0..system.regions().len())
        .into_par_iter()
        .map(|region| match exposure_of(leontief, region, &users, &suppliers, options.top) {
            Err(ChainError::Nothing { .. }) => Ok(None),
            other => other.map(Some),
        })
        .collect::<Result<_, _>>()?;
    Ok(all.into_iter().flatten().collect())
}

fn exposure_of(
    leontief: &impl Leontief,
    region: usize,
    users: &[bool],
    suppliers: &[bool],
    top: usize,
) -> Result<LookThroughExposure, ChainError> {
    let system = leontief.system();
    let (n, own) = (system.size(), system.range_at(region));
    let user = system.regions().name(region);
    let columns = leontief.columns(own.clone());
    let mut industries = Vec::new();
    for j in own.clone().filter(|j| users[*j] && system.output()[*j] > 0.0) {
        let column = &columns[(j - own.start) * n..(j - own.start + 1) * n];
        let total: f64 = (0..n).filter(|i| suppliers[*i]).map(|i| column[i]).sum();
        if total > 0.0 {
            industries.push((j, column, total));
        }
    }
    let output: f64 = industries.iter().map(|(j, _, _)| system.output()[*j]).sum();
    if industries.is_empty() {
        let what = "the output of the industries in scope".to_owned();
        return Err(ChainError::Nothing { system: system.name().to_owned(), what, place: user.to_owned() });
    }

    let regions = system.regions().len();
    let (mut look_through, mut face_value) = (vec![0.0; n], vec![0.0; n]);
    let (mut by_industry, mut by_industry_face_value) = (Vec::new(), Vec::new());
    for (j, column, total) in &industries {
        let weight = system.output()[*j] / output;
        for supplier in 0..regions {
            let (mut hidden_too, mut face) = (0.0, 0.0);
            for i in system.range_at(supplier).filter(|i| suppliers[*i]) {
                let share = column[i] / total;
                let direct = (f64::from(u8::from(i == *j)) + system.input_coefficient(i, *j)) / total;
                look_through[i] += weight * share;
                face_value[i] += weight * direct;
                hidden_too += share;
                face += direct;
            }
            by_industry.push(hidden_too);
            by_industry_face_value.push(face);
        }
    }

    let mut foreign: Vec<usize> = (0..n).filter(|i| !own.contains(i) && look_through[*i] > 0.0).collect();
    foreign.sort_by(|a, b| look_through[*b].total_cmp(&look_through[*a]).then(a.cmp(b)));
    let named = foreign.into_iter().take(top).map(|i| {
        let (region, sector) = system.sectors()[i].clone();
        SupplierExposure {
            region,
            sector,
            look_through: look_through[i],
            face_value: face_value[i],
            hidden: look_through[i] - face_value[i],
        }
    });
    let rows = Labels::new(format!("industries of {user}"), industries.iter().map(|(j, _, _)| system.sectors()[*j].1.clone()))?;
    let hidden: Vec<f64> = look_through.iter().zip(&face_value).map(|(all, face)| all - face).collect();
    Ok(LookThroughExposure {
        user: user.to_owned(),
        look_through: system.by_region(&look_through)?,
        face_value: system.by_region(&face_value)?,
        hidden: system.by_region(&hidden)?,
        by_industry: LabelledMatrix::new(rows.clone(), system.regions().clone(), by_industry)?,
        by_industry_face_value: LabelledMatrix::new(rows, system.regions().clone(), by_industry_face_value)?,
        suppliers: named.collect(),
    })
}
