use crate::{ChainError, IndustryGroup, InputOutputSystem, Leontief};
use frame::{FrameError, LabelledMatrix, LabelledVector, Labels};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

/// The manufacturing industries of the 35-industry list of the World Input-Output Database, release 2013 (NACE rev. 1 section D).
pub const WIOD35_MANUFACTURING: [&str; 14] = ["c3", "c4", "c5", "c6", "c7", "c8", "c9", "c10", "c11", "c12", "c13", "c14", "c15", "c16"];

/// The manufacturing industries of the 45-industry list of the OECD Inter-Country Input-Output tables, editions 2021 and 2023 (ISIC
/// rev. 4 section C).
pub const ICIO45_MANUFACTURING: [&str; 17] =
    ["C10T12", "C13T15", "C16", "C17_18", "C19", "C20", "C21", "C22", "C23", "C24", "C25", "C26", "C27", "C28", "C29", "C30", "C31T33"];

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

/// Exposure of any users to any suppliers: matrices users × suppliers, all users at once.
#[derive(Debug, Clone, PartialEq)]
pub struct ExposureMatrix {
    /// Look-through shares.
    pub look_through: LabelledMatrix,
    /// Face-value shares.
    pub face_value: LabelledMatrix,
    /// look-through − face value.
    pub hidden: LabelledMatrix,
    /// Users without output, or without suppliers in scope: they have no row.
    pub left_out: Vec<String>,
}

/// One pair of an [`ExposureMatrix`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ExposureRow {
    /// The user.
    pub user: String,
    /// The supplier.
    pub supplier: String,
    /// Look-through share.
    pub look_through: f64,
    /// Face-value share.
    pub face_value: f64,
    /// Their difference.
    pub hidden: f64,
}

impl ExposureMatrix {
    /// The pairs one by one, users in order, suppliers in order within each.
    pub fn pairs(&self) -> Vec<ExposureRow> {
        let (users, suppliers) = (self.look_through.rows(), self.look_through.columns());
        let pair = |u: usize, s: usize| ExposureRow {
            user: users.name(u).to_owned(),
            supplier: suppliers.name(s).to_owned(),
            look_through: self.look_through.at(u, s),
            face_value: self.face_value.at(u, s),
            hidden: self.hidden.at(u, s),
        };
        (0..users.len()).flat_map(|u| (0..suppliers.len()).map(move |s| (u, s))).map(|(u, s)| pair(u, s)).collect()
    }
}

/// How many users are solved for together; bounds the memory when every industry is a user.
const USERS: usize = 256;

/// The exposure of any user groups to any supplier groups, with one solve for each user.
///
/// With c_j = Σ_{i counted} L_ij (one transposed solve for all j), the share of supplier i in user group u, averaged over its industries
/// with their outputs as weights, is Σ_{j∈u} (x_j / x_u) L_ij / c_j: one solve L ω_u with ω_uj = x_j / (x_u c_j), x_u = Σ_{j∈u} x_j. The
/// face value is (I + A) ω_u. The shares of all counted suppliers sum to 1. `counted` is the scope of supplying industries over which
/// shares are taken (see [`ExposureOptions::supplier_industries`]); suppliers outside it have a share of 0. Source: see
/// [`LookThroughExposure`], whose numbers for a region are the same.
///
/// ```
/// # use xinzhi_chain::{Factor, InputOutputSystem, SystemOptions};
/// use xinzhi_chain::{IndustryGroup, Scope, exposure_matrix};
/// # let pair = |a: &str, b: &str| (a.to_string(), b.to_string());
/// # let system = InputOutputSystem::new(
/// #     "two regions", 2011, "million USD", vec![pair("A", "all"), pair("B", "all")], vec![10.0, 20.0, 30.0, 40.0],
/// #     vec![pair("A", "final"), pair("B", "final")], vec![50.0, 20.0, 10.0, 20.0], SystemOptions::default(),
/// # )?;
/// let regions = IndustryGroup::every_region(&system);
/// let exposure = exposure_matrix(&Factor::new(&system)?, &regions, &regions, &Scope::All)?;
/// // a third of the production behind A's output stands in B, 0.16 of it at face value
/// assert!((exposure.look_through.get("A", "B").unwrap() - 1.0 / 3.0).abs() < 1e-12);
/// assert!((exposure.hidden.get("A", "B").unwrap() - (1.0 / 3.0 - 0.16)).abs() < 1e-12);
/// # Ok::<(), xinzhi_chain::ChainError>(())
/// ```
///
/// # Errors
/// Those of [`IndustryGroup::positions`]; [`FrameError::DuplicateLabel`] for groups of the same name; [`FrameError::UnknownLabel`] for an
/// unknown code in `counted`; [`ChainError::Nothing`] when no user has output.
pub fn exposure_matrix(
    leontief: &impl Leontief,
    users: &[IndustryGroup],
    suppliers: &[IndustryGroup],
    counted: &Scope,
) -> Result<ExposureMatrix, ChainError> {
    let system = leontief.system();
    let (n, counted) = (system.size(), counted.mask(system)?);
    let supplier_labels = IndustryGroup::labels("suppliers", suppliers)?;
    IndustryGroup::labels("users", users)?;
    let suppliers = suppliers
        .iter()
        .map(|group| Ok(group.positions(system)?.into_iter().filter(|i| counted[*i]).collect()))
        .collect::<Result<Vec<Vec<usize>>, ChainError>>()?;
    let behind_one_unit = leontief.solve_transposed(counted.iter().map(|yes| f64::from(u8::from(*yes))).collect());
    let mut kept: Vec<(&str, Vec<usize>, f64)> = Vec::new();
    let mut left_out = Vec::new();
    for group in users {
        let mut members = group.positions(system)?;
        members.retain(|j| system.output()[*j] > 0.0 && behind_one_unit[*j] > 0.0);
        if members.is_empty() {
            left_out.push(group.name.clone());
        } else {
            let output = members.iter().map(|j| system.output()[*j]).sum();
            kept.push((&group.name, members, output));
        }
    }
    if kept.is_empty() {
        let (what, place) = ("the output of the users".to_owned(), left_out.join(", "));
        return Err(ChainError::Nothing { system: system.name().to_owned(), what, place });
    }

    let (mut look_through, mut face_value) = (Vec::new(), Vec::new());
    for some in kept.chunks(USERS) {
        let mut weights = vec![0.0; n * some.len()];
        for (vector, (_, members, output)) in weights.chunks_exact_mut(n).zip(some) {
            members.iter().for_each(|j| vector[*j] = system.output()[*j] / (output * behind_one_unit[*j]));
        }
        let direct = direct_use(system, some.iter().map(|(_, members, _)| members.as_slice()), &weights);
        let through = leontief.solve(weights);
        let summed = |values: &[f64]| -> Vec<f64> { suppliers.iter().map(|group| group.iter().map(|i| values[*i]).sum()).collect() };
        look_through.extend(through.chunks_exact(n).flat_map(summed));
        face_value.extend(direct.chunks_exact(n).flat_map(summed));
    }
    let hidden = look_through.iter().zip(&face_value).map(|(all, face)| all - face).collect();
    let rows = Labels::new("users", kept.iter().map(|(name, _, _)| *name))?;
    let matrix = |values: Vec<f64>| LabelledMatrix::new(rows.clone(), supplier_labels.clone(), values);
    Ok(ExposureMatrix { look_through: matrix(look_through)?, face_value: matrix(face_value)?, hidden: matrix(hidden)?, left_out })
}

/// (I + A) ω for vectors that are zero outside their members.
fn direct_use<'a>(system: &InputOutputSystem, members: impl Iterator<Item = &'a [usize]>, vectors: &[f64]) -> Vec<f64> {
    let n = system.size();
    let mut direct = vectors.to_vec();
    for (sums, members) in direct.chunks_exact_mut(n).zip(members) {
        // weights over x, so that the table itself can be used
        let per_output: Vec<(usize, f64)> = members.iter().map(|j| (*j, sums[*j] / system.output()[*j])).collect();
        for (sum, row) in sums.iter_mut().zip(system.deliveries().chunks_exact(n)) {
            *sum += per_output.iter().map(|(j, weight)| row[*j] * weight).sum::<f64>();
        }
    }
    direct
}

/// The exposure of every region to every region: the table `user, supplier, look_through, face_value, hidden` for all pairs.
///
/// As [`exposure_matrix`] with the industries of each region in [`ExposureOptions::user_industries`] as users. Regions that have none of
/// them, or no output in them, are listed in [`ExposureMatrix::left_out`].
///
/// # Errors
/// As [`exposure_matrix`].
pub fn regional_exposure(leontief: &impl Leontief, options: &ExposureOptions) -> Result<ExposureMatrix, ChainError> {
    let system = leontief.system();
    let mask = options.user_industries.mask(system)?;
    let suppliers = IndustryGroup::every_region(system);
    let has_users = |(r, _): &(usize, &IndustryGroup)| system.range_at(*r).any(|i| mask[i]);
    let (with, without): (Vec<_>, Vec<_>) = suppliers.iter().enumerate().partition(has_users);
    let users: Vec<IndustryGroup> =
        with.into_iter().map(|(_, region)| region.clone().with_sectors(options.user_industries.clone())).collect();
    let mut exposure = exposure_matrix(leontief, &users, &suppliers, &options.supplier_industries)?;
    exposure.left_out.extend(without.into_iter().map(|(_, region)| region.name.clone()));
    Ok(exposure)
}

/// Reliance of every industry on every region, on the input side ([`foreign_input_reliance`]) or the market side
/// ([`foreign_market_reliance`]): matrices industries × regions, whose rows sum to 1.
#[derive(Debug, Clone, PartialEq)]
pub struct Reliance {
    /// Look-through shares.
    pub look_through: LabelledMatrix,
    /// Face-value shares: the unit itself and the direct link only, over the same sum.
    pub face_value: LabelledMatrix,
    /// look-through − face value.
    pub hidden: LabelledMatrix,
    /// Industries without a sum to take shares of (no positive output, or nothing in scope behind it): their rows are zero.
    pub left_out: Vec<(String, String)>,
}

impl Reliance {
    /// The reliance of every region on every region: its industries averaged with their outputs as weights, those left out not counted.
    /// A region of which nothing is left has a row of zeros.
    ///
    /// # Errors
    /// None today beyond those of the labels.
    pub fn by_region(&self, system: &InputOutputSystem) -> Result<Reliance, ChainError> {
        let regions = system.regions();
        let averaged = |matrix: &LabelledMatrix| -> Result<LabelledMatrix, ChainError> {
            let mut values = vec![0.0; regions.len() * regions.len()];
            for (r, sums) in values.chunks_exact_mut(regions.len()).enumerate() {
                // rows sum to 1 or, where there is nothing, to 0
                let weighed = |i: &usize| system.output()[*i] > 0.0 && self.look_through.row(*i).iter().sum::<f64>() > 0.5;
                let output: f64 = system.range_at(r).filter(weighed).map(|i| system.output()[i]).sum();
                for i in system.range_at(r).filter(weighed) {
                    sums.iter_mut().zip(matrix.row(i)).for_each(|(sum, share)| *sum += share * system.output()[i] / output);
                }
            }
            Ok(LabelledMatrix::new(regions.clone(), regions.clone(), values)?)
        };
        Ok(Reliance {
            look_through: averaged(&self.look_through)?,
            face_value: averaged(&self.face_value)?,
            hidden: averaged(&self.hidden)?,
            left_out: self.left_out.clone(),
        })
    }
}

/// Foreign input reliance (FIR) of every industry j on every region r: Σ_{i∈r} L_ij / Σ_i L_ij, sums over the supplying industries in
/// `counted`.
///
/// The face value puts I + A in place of L in the numerator. One transposed solve for each region. FIR of a user region on a supplier
/// region is [`Reliance::by_region`], the same as [`regional_exposure`]. Source: see [`LookThroughExposure`]; the name is the authors', the
/// scope of their published figures is not verified (see the method page).
///
/// ```
/// # use xinzhi_chain::{Factor, InputOutputSystem, SystemOptions};
/// use xinzhi_chain::{Scope, foreign_input_reliance};
/// # let pair = |a: &str, b: &str| (a.to_string(), b.to_string());
/// # let system = InputOutputSystem::new(
/// #     "two regions", 2011, "million USD", vec![pair("A", "all"), pair("B", "all")], vec![10.0, 20.0, 30.0, 40.0],
/// #     vec![pair("A", "final"), pair("B", "final")], vec![50.0, 20.0, 10.0, 20.0], SystemOptions::default(),
/// # )?;
/// let reliance = foreign_input_reliance(&Factor::new(&system)?, &Scope::All)?;
/// assert!((reliance.look_through.get("A all", "B").unwrap() - 1.0 / 3.0).abs() < 1e-12);
/// # Ok::<(), xinzhi_chain::ChainError>(())
/// ```
///
/// # Errors
/// [`FrameError::UnknownLabel`] for an unknown code in `counted`.
pub fn foreign_input_reliance(leontief: &impl Leontief, counted: &Scope) -> Result<Reliance, ChainError> {
    let system = leontief.system();
    let (n, regions, counted) = (system.size(), system.regions().len(), counted.mask(system)?);
    let mut masks = vec![0.0; n * regions];
    for (r, mask) in masks.chunks_exact_mut(n).enumerate() {
        system.range_at(r).filter(|i| counted[*i]).for_each(|i| mask[i] = 1.0);
    }
    let mut direct = masks.clone();
    for (r, sums) in direct.chunks_exact_mut(n).enumerate() {
        for i in system.range_at(r).filter(|i| counted[*i]) {
            let row = &system.deliveries()[i * n..(i + 1) * n];
            for ((sum, flow), output) in sums.iter_mut().zip(row).zip(system.output()) {
                *sum += if *output > 0.0 { flow / output } else { 0.0 };
            }
        }
    }
    let through = leontief.solve_transposed(masks);
    reliance(system, &through, &direct, |j| system.output()[j] > 0.0)
}

/// Foreign market reliance (FMR) of every industry i on every market r: Σ_{j∈r} G_ij / Σ_j G_ij, with the Ghosh inverse G = (I − B)⁻¹,
/// B = x̂⁻¹Z.
///
/// G = x̂⁻¹Lx̂, so that the shares are those of L_ij x_j and one solve for each region is enough; G is never formed. The face value puts
/// I + B in place of G in the numerator. Source: Baldwin, Freeman and Theodorakopoulos, see [`LookThroughExposure`]; the name is the
/// authors'.
///
/// ```
/// # use xinzhi_chain::{Factor, InputOutputSystem, SystemOptions};
/// use xinzhi_chain::foreign_market_reliance;
/// # let pair = |a: &str, b: &str| (a.to_string(), b.to_string());
/// # let system = InputOutputSystem::new(
/// #     "two regions", 2011, "million USD", vec![pair("A", "all"), pair("B", "all")], vec![10.0, 20.0, 30.0, 40.0],
/// #     vec![pair("A", "final"), pair("B", "final")], vec![50.0, 20.0, 10.0, 20.0], SystemOptions::default(),
/// # )?;
/// // outputs are equal, so G = L: 0.41667 / (1.25 + 0.41667)
/// let reliance = foreign_market_reliance(&Factor::new(&system)?)?;
/// assert!((reliance.look_through.get("A all", "B").unwrap() - 0.25).abs() < 1e-12);
/// # Ok::<(), xinzhi_chain::ChainError>(())
/// ```
///
/// # Errors
/// None today beyond those of the labels.
pub fn foreign_market_reliance(leontief: &impl Leontief) -> Result<Reliance, ChainError> {
    let system = leontief.system();
    let (n, regions) = (system.size(), system.regions().len());
    let mut outputs = vec![0.0; n * regions];
    for (r, vector) in outputs.chunks_exact_mut(n).enumerate() {
        system.range_at(r).filter(|j| system.output()[*j] > 0.0).for_each(|j| vector[j] = system.output()[j]);
    }
    let mut direct = outputs.clone();
    for (r, sums) in direct.chunks_exact_mut(n).enumerate() {
        let markets = system.range_at(r);
        for (sum, row) in sums.iter_mut().zip(system.deliveries().chunks_exact(n)) {
            // the columns of industries without output are zero in A and hence in L
            let bought = row[markets.clone()].iter().zip(&system.output()[markets.clone()]);
            *sum += bought.filter(|(_, output)| **output > 0.0).map(|(flow, _)| flow).sum::<f64>();
        }
    }
    let through = leontief.solve(outputs);
    reliance(system, &through, &direct, |i| system.output()[i] > 0.0)
}

/// Shares from sums, which stand region by region, n values each.
fn reliance(system: &InputOutputSystem, through: &[f64], direct: &[f64], counts: impl Fn(usize) -> bool) -> Result<Reliance, ChainError> {
    let (n, regions) = (system.size(), system.regions().len());
    let mut left_out = Vec::new();
    let (mut look_through, mut face_value) = (vec![0.0; n * regions], vec![0.0; n * regions]);
    for (i, (shares, faces)) in look_through.chunks_exact_mut(regions).zip(face_value.chunks_exact_mut(regions)).enumerate() {
        let total: f64 = (0..regions).map(|r| through[r * n + i]).sum();
        if !counts(i) || total <= 0.0 {
            left_out.push(system.sectors()[i].clone());
            continue;
        }
        for (r, (share, face)) in shares.iter_mut().zip(faces).enumerate() {
            *share = through[r * n + i] / total;
            *face = direct[r * n + i] / total;
        }
    }
    let hidden = look_through.iter().zip(&face_value).map(|(all, face)| all - face).collect();
    let rows = system.industry_labels()?;
    let matrix = |values: Vec<f64>| LabelledMatrix::new(rows.clone(), system.regions().clone(), values);
    Ok(Reliance { look_through: matrix(look_through)?, face_value: matrix(face_value)?, hidden: matrix(hidden)?, left_out })
}
