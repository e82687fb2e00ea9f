use crate::{ChainError, CutOptions, InputOutputSystem, Leontief, single_cuts};
use frame::{FrameError, LabelledMatrix, LabelledVector, Labels};
use serde::{Deserialize, Serialize};

/// Which foreign regions would stand behind a province's imports if it bought every good where its country buys it. An estimate.
#[derive(Debug, Clone, PartialEq)]
pub struct ProvinceSuppliers {
    /// The country whose shares of suppliers were used.
    pub country: String,
    /// Imports by region that sells them; the country's own entry is zero. In the unit of the imports given.
    pub sellers: LabelledVector,
    /// The same imports by region where their value was added, the country itself included.
    pub value_added: LabelledVector,
    /// Share of every region in what the country's industries import of a sector's goods, sector × region; rows sum to 1, or to 0 for a
    /// sector of which the country imports nothing.
    pub shares: LabelledMatrix,
    /// Imports of sectors of which the country imports nothing in the world table, so that no supplier can be named.
    pub unplaced: f64,
}

/// Splits a province's imported inputs by sector over foreign suppliers.
///
/// With q_i the imports of goods of sector i and Z the world table, the country s buys for its industries the share
/// σ_ri = Σ_{j in s} Z_(r,i),j / Σ_{t≠s} Σ_{j in s} Z_(t,i),j from region r. Sellers: Σ_i q_i σ_ri. Looking through: the value of these
/// deliveries f_(r,i) = q_i σ_ri by the region where it was added, v̂ L f. Only the mix of products is the province's own.
///
/// ```
/// # use xinzhi_chain::{Factor, InputOutputSystem, SystemOptions};
/// use frame::{LabelledVector, Labels};
/// use xinzhi_chain::province_suppliers;
/// # let pair = |a: &str, b: &str| (a.to_string(), b.to_string());
/// # let system = InputOutputSystem::new(
/// #     "two regions", 2011, "million USD", vec![pair("A", "all"), pair("B", "all")], vec![10.0, 20.0, 30.0, 40.0],
/// #     vec![pair("A", "final"), pair("B", "final")], vec![50.0, 20.0, 10.0, 20.0], SystemOptions::default(),
/// # )?;
/// let imports = LabelledVector::new(Labels::new("sectors", ["all"])?, vec![4.0])?;
/// let suppliers = province_suppliers(&Factor::new(&system)?, "A", &imports)?;
/// assert_eq!(suppliers.sellers.get("B"), Some(4.0));
/// // of B's goods a quarter of the value was added in A: 0.6 · 0.41667
/// assert!((suppliers.value_added.get("A").unwrap() - 1.0).abs() < 1e-12);
/// # Ok::<(), xinzhi_chain::ChainError>(())
/// ```
///
/// # Errors
/// [`FrameError::UnknownLabel`] for a country or sector the table does not have; [`FrameError::Value`] for imports that are negative or not
/// finite.
pub fn province_suppliers(leontief: &impl Leontief, country: &str, imports: &LabelledVector) -> Result<ProvinceSuppliers, ChainError> {
    let system = leontief.system();
    let own = system.range(country)?;
    let sectors = system.sectors_of(country)?;
    let regions = system.regions();
    let amounts = non_negative(imports, &sectors, "imports of a province")?;
    let mut shares = vec![0.0; sectors.len() * regions.len()];
    for k in (0..system.size()).filter(|k| !own.contains(k)) {
        if let Some(sector) = sectors.position(&system.sectors()[k].1) {
            shares[sector * regions.len() + region_of(system, k)] += own.clone().map(|j| system.delivery(k, j)).sum::<f64>();
        }
    }
    let mut unplaced = 0.0;
    for (row, amount) in shares.chunks_exact_mut(regions.len()).zip(&amounts) {
        let total: f64 = row.iter().sum();
        if total > 0.0 {
            row.iter_mut().for_each(|share| *share /= total);
        } else {
            row.fill(0.0);
            unplaced += amount;
        }
    }
    let mut delivered = vec![0.0; system.size()];
    let mut sellers = vec![0.0; regions.len()];
    for (k, (_, code)) in system.sectors().iter().enumerate() {
        let Some(sector) = sectors.position(code) else { continue };
        let region = region_of(system, k);
        delivered[k] = amounts[sector] * shares[sector * regions.len() + region];
        sellers[region] += delivered[k];
    }
    let made = leontief.solve(delivered);
    let value_added: Vec<f64> = made.iter().zip(system.value_added_coefficients()).map(|(x, v)| x * v).collect();
    Ok(ProvinceSuppliers {
        country: country.to_owned(),
        sellers: LabelledVector::new(regions.clone(), sellers)?,
        value_added: system.by_region(&value_added)?,
        shares: LabelledMatrix::new(sectors, regions.clone(), shares)?,
        unplaced,
    })
}

/// What a province would lose if one foreign industry stopped delivering inputs to its country. An estimate.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ProvinceCut {
    /// The supplying region.
    pub region: String,
    /// The supplying sector.
    pub sector: String,
    /// Loss of the province's value added, as a share of it.
    pub value_added_loss_share: f64,
    /// The same cut for the country as a whole.
    pub country_loss_share: f64,
    /// The supplier's share in what the country's industries import of that sector's goods.
    pub share_of_imports: f64,
    /// Concentration of those imports (Herfindahl-Hirschman).
    pub import_concentration: f64,
}

/// The cuts of [`single_cuts`] for a part of a country whose industries each lose the share that the country's industry loses.
///
/// With ρ_j the relative loss of the country's industry j (see [`single_cuts`]) and w_j the value added of the province in it, the loss is
/// Σ_j w_j ρ_j / Σ_j w_j. Largest first, ties in table order. Only the mix of industries is the province's own: what it buys from whom, and
/// what passes through other provinces, is the country's.
///
/// ```
/// # use xinzhi_chain::{Factor, InputOutputSystem, SystemOptions};
/// use frame::{LabelledVector, Labels};
/// use xinzhi_chain::province_cuts;
/// # let pair = |a: &str, b: &str| (a.to_string(), b.to_string());
/// # let system = InputOutputSystem::new(
/// #     "two regions", 2011, "million USD", vec![pair("A", "all"), pair("B", "all")], vec![10.0, 20.0, 30.0, 40.0],
/// #     vec![pair("A", "final"), pair("B", "final")], vec![50.0, 20.0, 10.0, 20.0], SystemOptions::default(),
/// # )?;
/// let value_added = LabelledVector::new(Labels::new("sectors", ["all"])?, vec![7.0])?;
/// let cuts = province_cuts(&Factor::new(&system)?, "A", &value_added)?;
/// assert!((cuts[0].value_added_loss_share - 1.0 / 3.0).abs() < 1e-12);
/// assert!((cuts[0].country_loss_share - 1.0 / 3.0).abs() < 1e-12);
/// # Ok::<(), xinzhi_chain::ChainError>(())
/// ```
///
/// # Errors
/// As [`single_cuts`] for the country; [`FrameError::UnknownLabel`] for a sector it does not have, [`FrameError::Value`] for value added
/// that is negative or not finite, [`ChainError::Nothing`] when all of it is zero.
pub fn province_cuts(leontief: &impl Leontief, country: &str, value_added: &LabelledVector) -> Result<Vec<ProvinceCut>, ChainError> {
    let system = leontief.system();
    let (n, own) = (system.size(), system.range(country)?);
    let weights = non_negative(value_added, &system.sectors_of(country)?, "value added of a province")?;
    let total: f64 = weights.iter().sum();
    if total <= 0.0 {
        let (what, place) = ("value added".to_owned(), "the province".to_owned());
        return Err(ChainError::Nothing { system: system.name().to_owned(), what, place });
    }
    let rows = leontief.rows(own.clone());
    let carried: Vec<f64> = rows.chunks_exact(n).map(|row| own.clone().zip(&weights).map(|(j, w)| row[j] * w).sum()).collect();
    let mut cuts = Vec::new();
    for cut in single_cuts(leontief, country, CutOptions { top: None })?.cuts {
        let k = system.position(&cut.region, &cut.sector)?;
        let (mut loss, mut feedback) = (0.0, 1.0);
        for ((m, row), carried) in own.clone().zip(rows.chunks_exact(n)).zip(&carried) {
            let a = system.input_coefficient(k, m);
            loss += a * carried;
            feedback += a * row[k];
        }
        cuts.push(ProvinceCut {
            region: cut.region,
            sector: cut.sector,
            value_added_loss_share: loss / feedback / total,
            country_loss_share: cut.value_added_loss_share,
            share_of_imports: cut.share_of_imports,
            import_concentration: cut.import_concentration,
        });
    }
    // a stable sort: equal losses stay in the country's order
    cuts.sort_by(|a, b| b.value_added_loss_share.total_cmp(&a.value_added_loss_share));
    Ok(cuts)
}

/// Amounts in the order of the sectors, 0 where none is given.
fn non_negative(amounts: &LabelledVector, sectors: &Labels, what: &str) -> Result<Vec<f64>, ChainError> {
    let mut ordered = vec![0.0; sectors.len()];
    for (sector, value) in amounts.iter() {
        let at = sectors.require(sector)?;
        if !value.is_finite() || value < 0.0 {
            let requirement = "amounts must be finite and not negative".to_owned();
            let (row, column, value) = (sector.to_owned(), "amount".to_owned(), value.to_string());
            return Err(FrameError::Value { what: what.to_owned(), row, column, value, requirement }.into());
        }
        ordered[at] = value;
    }
    Ok(ordered)
}

/// The position of the region that an industry belongs to.
fn region_of(system: &InputOutputSystem, industry: usize) -> usize {
    (0..system.regions().len()).find(|r| system.range_at(*r).contains(&industry)).unwrap_or(0)
}
