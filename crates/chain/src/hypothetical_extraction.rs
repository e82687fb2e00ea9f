use crate::industry_group::{columns_at, rows_at};
use crate::leontief::Lu;
use crate::{ChainError, IndustryGroup, InputOutputSystem, Leontief};
use faer::Mat;
use frame::LabelledVector;
use serde::{Deserialize, Serialize};

/// What is taken out of the table when a set K of industries is extracted. In all kinds the coefficients of the others stay.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ExtractionKind {
    /// Demand side: the rows and columns of K in A, and final demand for K. Δx = L_·K (L_KK)⁻¹ x_K; K loses all its output. What K
    /// buys does not matter then, so this is also the extraction of its sales, to industries and to final demand.
    #[default]
    Full,
    /// Demand side: the rows and columns of K in A; final demand for K stays and K makes just that. Δx = L_·K (L_KK)⁻¹ x_K − I_·K y_K.
    FullKeepingFinalDemand,
    /// Demand side: the columns of K in A, its purchases (backward linkage). Δx = (L_·K − I_·K) (L_KK)⁻¹ x_K.
    Purchases,
    /// Demand side: the rows of K in A, its sales to industries; final demand for K stays, and K goes on buying for it.
    /// Δx = L_·K (L_KK)⁻¹ (x_K − y_K).
    Sales,
    /// Supply side (Ghosh, primary inputs fixed): the rows of K in B, what it sells to industries (forward linkage).
    /// Δx' = x_K' (G_KK)⁻¹ (G_K· − I_K·).
    SupplySideSales,
    /// Supply side: the rows and columns of K in B, and its primary inputs. Δx' = x_K' (G_KK)⁻¹ G_K·; K loses all its output.
    SupplySideFull,
}

impl ExtractionKind {
    /// All of them, in the order of [`SingleExtraction::losses`].
    pub const ALL: [Self; 6] =
        [Self::Full, Self::FullKeepingFinalDemand, Self::Purchases, Self::Sales, Self::SupplySideSales, Self::SupplySideFull];

    fn supply_side(self) -> bool {
        matches!(self, Self::SupplySideSales | Self::SupplySideFull)
    }
}

/// What the world loses in a hypothetical extraction, in the unit of the table; losses are positive.
#[derive(Debug, Clone, PartialEq)]
pub struct Extraction {
    /// The name of the set.
    pub extracted: String,
    /// What was taken out.
    pub kind: ExtractionKind,
    /// Loss of output of every industry, in the system's order.
    pub output_loss_by_industry: Vec<f64>,
    /// Loss of output of every region, that of the extracted industries included.
    pub output_loss: LabelledVector,
    /// Loss of value added of every region, v_j Δx_j.
    pub value_added_loss: LabelledVector,
    /// Loss of output of the extracted industries themselves.
    pub own_output_loss: f64,
    /// Purchases from the extracted industries for which no other supplier was found, at the flows of the table: inputs and final
    /// goods. Zero where nothing was to be replaced ([`hypothetical_extraction`]).
    pub not_replaced: f64,
}

impl Extraction {
    /// Loss of output of the whole world.
    pub fn total_output_loss(&self) -> f64 {
        self.output_loss_by_industry.iter().sum()
    }

    /// Loss of value added of the whole world.
    pub fn total_value_added_loss(&self) -> f64 {
        self.value_added_loss.values().iter().sum()
    }

    fn new(
        system: &InputOutputSystem,
        group: &IndustryGroup,
        set: &[usize],
        kind: ExtractionKind,
        losses: Vec<f64>,
        not_replaced: f64,
    ) -> Result<Self, ChainError> {
        let value: Vec<f64> = losses.iter().zip(system.value_added_coefficients()).map(|(x, v)| v * x).collect();
        Ok(Extraction {
            extracted: group.name.clone(),
            kind,
            output_loss: system.by_region(&losses)?,
            value_added_loss: system.by_region(&value)?,
            own_output_loss: set.iter().map(|k| losses[*k]).sum(),
            output_loss_by_industry: losses,
            not_replaced,
        })
    }
}

/// The hypothetical extraction of any set of industries, in closed form on the shared factor; the formulas stand with
/// [`ExtractionKind`].
///
/// |K| solves give the columns (supply side: the rows) of L of the set; then only L_KK is solved, |K| × |K|. The supply side uses
/// G = x̂⁻¹Lx̂. Value added is lost in proportion to output. Nobody replaces what is missing; for that see
/// [`extraction_with_replacement`]. Source: Strassert (1968), Jahrbücher für Nationalökonomie und Statistik 182; Dietzenbacher and van der
/// Linden (1997), Journal of Regional Science 37 (purchases and sales apart); Miller and Lahr (2001), in Regional Science Perspectives
/// in Economic Analysis (the kinds).
///
/// ```
/// # use xinzhi_chain::{Factor, InputOutputSystem, SystemOptions};
/// use xinzhi_chain::{ExtractionKind, IndustryGroup, hypothetical_extraction};
/// # let pair = |a: &str, b: &str| (a.to_string(), b.to_string());
/// # let system = InputOutputSystem::new(
/// #     "two regions", 2011, "million USD", vec![pair("A", "all"), pair("B", "all")], vec![10.0, 20.0, 30.0, 40.0],
/// #     vec![pair("A", "final"), pair("B", "final")], vec![50.0, 20.0, 10.0, 20.0], SystemOptions::default(),
/// # )?;
/// let factor = Factor::new(&system)?;
/// let loss = hypothetical_extraction(&factor, &IndustryGroup::region("B"), ExtractionKind::Full)?;
/// // without B, A makes its final demand of 70 over 1 − 0.1: 77.78 of 100
/// assert!((loss.output_loss.get("A").unwrap() - (100.0 - 70.0 / 0.9)).abs() < 1e-9);
/// assert!((loss.own_output_loss - 100.0).abs() < 1e-9);
/// # Ok::<(), xinzhi_chain::ChainError>(())
/// ```
///
/// # Errors
/// Those of [`IndustryGroup::positions`]; on the supply side [`ChainError::Cut`] for an industry without positive output, whose sales
/// have no coefficients; [`ChainError::Singular`].
pub fn hypothetical_extraction(leontief: &impl Leontief, group: &IndustryGroup, kind: ExtractionKind) -> Result<Extraction, ChainError> {
    let system = leontief.system();
    let (n, set) = (system.size(), group.positions(system)?);
    let x = system.output();
    let mut losses = vec![0.0; n];
    if kind.supply_side() {
        if let Some(k) = set.iter().find(|k| x[**k] <= 0.0) {
            return Err(ChainError::Cut {
                system: system.name().to_owned(),
                supplier: system.industry(*k),
                user: "all users".to_owned(),
                why: "its own output is not positive, which the supply-side model cannot represent".to_owned(),
            });
        }
        let rows = rows_at(leontief, &set);
        // x_K' G_KK⁻¹ G_K· = 1' L_KK⁻¹ L_K· x̂
        let mut shares = vec![1.0; set.len()];
        own_block(system, &rows, &set, true)?.solve_transposed(&mut shares);
        for (row, share) in rows.chunks_exact(n).zip(&shares) {
            losses.iter_mut().zip(row).zip(x).for_each(|((loss, l), output)| *loss += share * l * output);
        }
        if kind == ExtractionKind::SupplySideSales {
            set.iter().zip(&shares).for_each(|(k, share)| losses[*k] -= share * x[*k]);
        }
        // an industry without output has none to lose
        losses.iter_mut().zip(x).filter(|(_, output)| **output <= 0.0).for_each(|(loss, _)| *loss = 0.0);
    } else {
        let columns = columns_at(leontief, &set);
        let final_demand = system.all_final_demand();
        let mut weights: Vec<f64> = match kind {
            ExtractionKind::Sales => set.iter().map(|k| x[*k] - final_demand[*k]).collect(),
            _ => set.iter().map(|k| x[*k]).collect(),
        };
        own_block(system, &columns, &set, false)?.solve(&mut weights);
        for (column, weight) in columns.chunks_exact(n).zip(&weights) {
            losses.iter_mut().zip(column).for_each(|(loss, l)| *loss += weight * l);
        }
        match kind {
            ExtractionKind::FullKeepingFinalDemand => set.iter().for_each(|k| losses[*k] -= final_demand[*k]),
            ExtractionKind::Purchases => set.iter().zip(&weights).for_each(|(k, weight)| losses[*k] -= weight),
            _ => {}
        }
    }
    Extraction::new(system, group, &set, kind, losses, 0.0)
}

/// The factor of L_KK, from the columns or the rows of L of the set.
fn own_block(system: &InputOutputSystem, vectors: &[f64], set: &[usize], rows: bool) -> Result<Lu, ChainError> {
    let n = system.size();
    let at = |i: usize, j: usize| if rows { vectors[i * n + set[j]] } else { vectors[j * n + set[i]] };
    Lu::new(Mat::from_fn(set.len(), set.len(), at))
        .ok_or_else(|| ChainError::Singular { system: system.name().to_owned(), what: "the block of L of the extracted set".to_owned() })
}

/// Losses of output and of value added of the whole world.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct Loss {
    /// Output.
    pub output: f64,
    /// Value added.
    pub value_added: f64,
}

/// What the world loses when one industry is extracted, for every kind; the industry's own loss is included.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SingleExtraction {
    /// The region.
    pub region: String,
    /// The sector.
    pub sector: String,
    /// Its output.
    pub output: f64,
    /// The losses in the order of [`ExtractionKind::ALL`]. On the supply side zero for an industry without positive output, whose
    /// sales have no coefficients.
    pub losses: [Loss; 6],
}

impl SingleExtraction {
    /// The loss of one kind.
    pub fn loss(&self, kind: ExtractionKind) -> Loss {
        ExtractionKind::ALL.iter().zip(self.losses).find(|(k, _)| **k == kind).map(|(_, loss)| loss).unwrap_or_default()
    }
}

/// Every single-industry extraction at once, all kinds, in the system's order.
///
/// With d = diag(L), c = 1'L, r = Lx and y final demand, the losses of output are: full c_i x_i / d_i; keeping final demand
/// c_i x_i / d_i − y_i; purchases (c_i − 1) x_i / d_i; sales c_i (x_i − y_i) / d_i; supply-side sales (r_i − x_i) / d_i; supply-side full
/// r_i / d_i. For value added c = v'L and r = L(v∘x), with v_i in place of 1. So two vectors solved for on each side, and the
/// diagonal of L, are enough; there is no solve for each industry. Source: see [`hypothetical_extraction`].
///
/// **Cost.** With L at hand ([`crate::LeontiefInverse`]) this is a few passes over it. From a factor alone the diagonal costs about as
/// much as the factorisation; see [`leontief_diagonal`].
///
/// ```
/// # use xinzhi_chain::{Factor, InputOutputSystem, SystemOptions};
/// use xinzhi_chain::{ExtractionKind, single_extractions};
/// # let pair = |a: &str, b: &str| (a.to_string(), b.to_string());
/// # let system = InputOutputSystem::new(
/// #     "two regions", 2011, "million USD", vec![pair("A", "all"), pair("B", "all")], vec![10.0, 20.0, 30.0, 40.0],
/// #     vec![pair("A", "final"), pair("B", "final")], vec![50.0, 20.0, 10.0, 20.0], SystemOptions::default(),
/// # )?;
/// let singles = single_extractions(&Factor::new(&system)?.leontief_inverse());
/// assert!((singles[1].loss(ExtractionKind::Full).output - (200.0 - 70.0 / 0.9)).abs() < 1e-9);
/// # Ok::<(), xinzhi_chain::ChainError>(())
/// ```
pub fn single_extractions(leontief: &impl Leontief) -> Vec<SingleExtraction> {
    let system = leontief.system();
    let (n, x, v) = (system.size(), system.output(), system.value_added_coefficients());
    let (diagonal, final_demand) = (leontief_diagonal(leontief), system.all_final_demand());
    let upstream = leontief.solve_transposed([vec![1.0; n], v.to_vec()].concat());
    let downstream = leontief.solve([x.to_vec(), system.value_added()].concat());
    let (c, c_value) = upstream.split_at(n);
    let (r, r_value) = downstream.split_at(n);
    let single = |i: usize| {
        let (y, d) = (final_demand[i], diagonal[i]);
        // + 0 turns a negative zero into zero
        let loss = |output: f64, value_added: f64| Loss { output: output + 0.0, value_added: value_added + 0.0 };
        let supply = |output: f64, value_added: f64| if x[i] > 0.0 { loss(output, value_added) } else { Loss::default() };
        let (region, sector) = system.sectors()[i].clone();
        let losses = [
            loss(c[i] * x[i] / d, c_value[i] * x[i] / d),
            loss(c[i] * x[i] / d - y, c_value[i] * x[i] / d - v[i] * y),
            loss((c[i] - 1.0) * x[i] / d, (c_value[i] - v[i]) * x[i] / d),
            loss(c[i] * (x[i] - y) / d, c_value[i] * (x[i] - y) / d),
            supply((r[i] - x[i]) / d, (r_value[i] - v[i] * x[i]) / d),
            supply(r[i] / d, r_value[i] / d),
        ];
        SingleExtraction { region, sector, output: x[i], losses }
    };
    (0..n).map(single).collect()
}

/// How many columns of L are asked for together: enough for fast solves, few enough to stay small.
const COLUMNS: usize = 64;

/// The diagonal of L: how much of its own output every industry calls forth, its own unit included.
///
/// ```
/// # use xinzhi_chain::{Factor, InputOutputSystem, SystemOptions};
/// # let pair = |a: &str, b: &str| (a.to_string(), b.to_string());
/// # let system = InputOutputSystem::new(
/// #     "Miller and Blair", 2009, "dollars", vec![pair("A", "1"), pair("A", "2")], vec![150.0, 500.0, 200.0, 100.0],
/// #     vec![pair("A", "final")], vec![350.0, 1700.0], SystemOptions::default(),
/// # )?;
/// let diagonal = xinzhi_chain::leontief_diagonal(&Factor::new(&system)?);
/// assert!((diagonal[0] - 1.254_125_41).abs() < 1e-8);
/// # Ok::<(), xinzhi_chain::ChainError>(())
/// ```
pub fn leontief_diagonal(leontief: &impl Leontief) -> Vec<f64> {
    let n = leontief.system().size();
    let mut diagonal = Vec::with_capacity(n);
    for start in (0..n).step_by(COLUMNS) {
        let block = start..(start + COLUMNS).min(n);
        let columns = leontief.columns(block.clone());
        diagonal.extend(columns.chunks_exact(n).zip(block).map(|(column, i)| column[i]));
    }
    diagonal
}

/// Who takes over when a supplier falls away.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Replacement {
    /// Nobody.
    #[default]
    None,
    /// The same sector of other regions but the user's own, in proportion to what the user buys from each: the replacing goods are
    /// imported. This is the convention of the global extraction method.
    Imports,
    /// The same sector of all other regions, the user's own included, in proportion to what the user buys from each.
    AllSuppliers,
}

impl Replacement {
    /// Whether a supplier's region may replace for a user's region.
    pub(crate) fn allows(self, supplier: usize, user: usize) -> bool {
        match self {
            Replacement::None => false,
            Replacement::Imports => supplier != user,
            Replacement::AllSuppliers => true,
        }
    }
}

/// The full extraction of a set K after which every user buys what K sold it from other suppliers of the same sector.
///
/// **Convention.** For user j (an industry or the final demand of a region) the missing purchases of a sector, Σ_{k∈K} a_kj over the
/// members of K in that sector, are given to the allowed suppliers outside K with the same sector code, in proportion to what j bought
/// from each before. Where j bought from none of them, the purchase is lost and counted in [`Extraction::not_replaced`]. Negative final
/// demand (inventories) is removed and not re-allocated, and takes no part in the proportions. With A* and y* so changed,
/// x* = (I − A*)⁻¹y*; Δx = x − x*, and a loss of a replacing industry is negative: it gains. Only the rows R of K and of its replacements change, so that
/// x* = x⁰ + L_·R (I − D_R· L_·R)⁻¹ D_R· x⁰ with D = A* − A and x⁰ = Ly*: |R| solves and one system of that size.
///
/// Source: Dietzenbacher, van Burken and Kondo (2019), Hypothetical extractions from a global perspective, Economic Systems Research 31,
/// whose abstract requires that it be said from where the replaced inputs come. Their full text was not read: the proportional rule
/// and the exclusion of domestic suppliers ([`Replacement::Imports`]) follow a public re-implementation of the method.
///
/// ```
/// # use xinzhi_chain::{Factor, InputOutputSystem, SystemOptions};
/// use xinzhi_chain::{IndustryGroup, Replacement, extraction_with_replacement};
/// # let pair = |a: &str, b: &str| (a.to_string(), b.to_string());
/// # let system = InputOutputSystem::new(
/// #     "two regions", 2011, "million USD", vec![pair("A", "all"), pair("B", "all")], vec![10.0, 20.0, 30.0, 40.0],
/// #     vec![pair("A", "final"), pair("B", "final")], vec![50.0, 20.0, 10.0, 20.0], SystemOptions::default(),
/// # )?;
/// let factor = Factor::new(&system)?;
/// let loss = extraction_with_replacement(&factor, &IndustryGroup::region("B"), Replacement::AllSuppliers)?;
/// // A takes over all final demand, 100, and makes its inputs of 0.1 + 0.3 itself: 100 / 0.6
/// assert!((loss.output_loss.get("A").unwrap() - (100.0 - 100.0 / 0.6)).abs() < 1e-9);
/// # Ok::<(), xinzhi_chain::ChainError>(())
/// ```
///
/// # Errors
/// Those of [`IndustryGroup::positions`]; [`ChainError::Singular`].
pub fn extraction_with_replacement(
    leontief: &impl Leontief,
    group: &IndustryGroup,
    replacement: Replacement,
) -> Result<Extraction, ChainError> {
    let system = leontief.system();
    let (n, regions, set) = (system.size(), system.regions().len(), group.positions(system)?);
    let mut extracted = vec![false; n];
    set.iter().for_each(|k| extracted[*k] = true);
    let region_of = system.region_positions();
    let change = SupplyChange::new(system, &set, &extracted);

    // D = A* − A on the rows R, and the change of final demand there
    let rows = &change.rows;
    let mut by_user = Mat::<f64>::zeros(rows.len(), n);
    let mut not_replaced = 0.0;
    for j in (0..n).filter(|j| system.output()[*j] > 0.0) {
        let buys = |k: usize| system.input_coefficient(k, j);
        let lost = change.reallocate(buys, |k| replacement.allows(region_of[k], region_of[j]), |at, change| by_user[(at, j)] = change);
        // what the extracted industries would have bought is not missing
        if !extracted[j] {
            not_replaced += lost * system.output()[j];
        }
    }
    let mut demand = vec![0.0; rows.len()];
    for r in 0..regions {
        let buys = |k: usize| system.final_delivery(k, r);
        not_replaced += change.reallocate(buys, |k| replacement.allows(region_of[k], r), |at, change| demand[at] += change);
    }

    let columns = columns_at(leontief, rows);
    let columns = faer::MatRef::from_column_major_slice(&columns, n, rows.len());
    let add = |to: &mut [f64], weights: &[f64]| {
        let to = faer::MatMut::from_column_major_slice_mut(to, n, 1);
        let weights = faer::MatRef::from_column_major_slice(weights, rows.len(), 1);
        faer::linalg::matmul::matmul(to, faer::Accum::Add, columns, weights, 1.0, faer::Par::Seq);
    };
    let mut after = system.output().to_vec();
    add(&mut after, &demand);
    let mut matrix = Mat::<f64>::identity(rows.len(), rows.len());
    faer::linalg::matmul::matmul(matrix.as_mut(), faer::Accum::Add, by_user.as_ref(), columns, -1.0, faer::Par::Seq);
    let mut taken = vec![0.0; rows.len()];
    faer::linalg::matmul::matmul(
        faer::MatMut::from_column_major_slice_mut(&mut taken, rows.len(), 1),
        faer::Accum::Replace,
        by_user.as_ref(),
        faer::MatRef::from_column_major_slice(&after, n, 1),
        1.0,
        faer::Par::Seq,
    );
    let singular = || ChainError::Singular { system: system.name().to_owned(), what: "I − A after replacement".to_owned() };
    Lu::new(matrix).ok_or_else(singular)?.solve(&mut taken);
    add(&mut after, &taken);
    let losses = system.output().iter().zip(&after).map(|(before, after)| before - after).collect();
    Extraction::new(system, group, &set, ExtractionKind::Full, losses, not_replaced)
}

/// The suppliers that fall away and those of the same sectors that may replace them, as rows of a small matrix.
pub(crate) struct SupplyChange {
    /// All of them, ascending.
    pub(crate) rows: Vec<usize>,
    /// For every sector that loses a supplier: the rows that fall away, and the others of that sector, as places in `rows`.
    sectors: Vec<(Vec<usize>, Vec<usize>)>,
}

impl SupplyChange {
    pub(crate) fn new(system: &InputOutputSystem, set: &[usize], falls_away: &[bool]) -> Self {
        let mut codes: Vec<&str> = set.iter().map(|k| system.sectors()[*k].1.as_str()).collect();
        codes.sort_unstable();
        codes.dedup();
        let mut rows = Vec::new();
        let mut sectors = vec![(Vec::new(), Vec::new()); codes.len()];
        for (k, (_, sector)) in system.sectors().iter().enumerate() {
            if let Ok(code) = codes.binary_search(&sector.as_str()) {
                let (gone, others) = &mut sectors[code];
                if falls_away[k] { gone } else { others }.push(rows.len());
                rows.push(k);
            }
        }
        SupplyChange { rows, sectors }
    }

    /// Suppliers that nobody replaces.
    pub(crate) fn only(set: &[usize]) -> Self {
        SupplyChange { rows: set.to_vec(), sectors: vec![((0..set.len()).collect(), Vec::new())] }
    }

    /// Gives the changes of one user's purchases, at the places where they are not zero; returns the purchases that nobody replaces.
    pub(crate) fn reallocate(&self, buys: impl Fn(usize) -> f64, allowed: impl Fn(usize) -> bool, mut set: impl FnMut(usize, f64)) -> f64 {
        let mut not_replaced = 0.0;
        for (gone, others) in &self.sectors {
            let mut missing = 0.0;
            for at in gone {
                let bought = buys(self.rows[*at]);
                missing += bought.max(0.0);
                set(*at, -bought);
            }
            if missing <= 0.0 {
                continue;
            }
            let weights = || {
                let able = others.iter().filter(|at| allowed(self.rows[**at]));
                able.map(|at| (*at, buys(self.rows[*at]))).filter(|(_, bought)| *bought > 0.0)
            };
            let total: f64 = weights().map(|(_, bought)| bought).sum();
            if total > 0.0 {
                weights().for_each(|(at, bought)| set(at, missing * bought / total));
            } else {
                not_replaced += missing;
            }
        }
        not_replaced
    }
}
