use crate::leontief::Lu;
use crate::{ChainError, InputOutputSystem, Leontief};
use frame::{LabelledVector, Labels};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::ops::Range;

/// Which cuts to return.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct CutOptions {
    /// At most so many, those with the largest loss of value added; all when absent.
    pub top: Option<usize>,
}

/// What a user region would lose if one foreign industry stopped delivering inputs to it. Values in the unit of the table.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Cut {
    /// The supplying region.
    pub region: String,
    /// The supplying sector.
    pub sector: String,
    /// Loss of the user region's value added.
    pub value_added_loss: f64,
    /// That as a share of the user's value added.
    pub value_added_loss_share: f64,
    /// Loss of the user region's output.
    pub output_loss: f64,
    /// That as a share of the user's output.
    pub output_loss_share: f64,
    /// The flow that is cut: the supplier's deliveries to the user's industries.
    pub flow: f64,
    /// The supplier's share in what the user's industries import of that sector's goods.
    pub share_of_imports: f64,
    /// The supplier's share in all that sector's goods used by the user's industries, domestic ones included.
    pub share_of_use: f64,
    /// Concentration of those imports: the Herfindahl-Hirschman index of the foreign suppliers of that sector (1: a single one).
    /// A rest-of-the-world region counts as one supplier.
    pub import_concentration: f64,
}

/// All cuts of single foreign suppliers of one user region, largest loss of value added first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SingleCuts {
    /// The user.
    pub user: String,
    /// The user's output.
    pub output: f64,
    /// The user's value added.
    pub value_added: f64,
    /// How many foreign industries deliver inputs to the user, before `top` was applied.
    pub suppliers: usize,
    /// The cuts.
    pub cuts: Vec<Cut>,
    /// Suppliers left out because their own output is not positive, which the supply-side model cannot represent.
    pub left_out: Vec<(String, String)>,
}

/// Every cut of one foreign industry k from the industries of a user region s, in closed form.
///
/// **Convention.** The supply-side (Ghosh) model x' = w'G with G = (I − B)⁻¹, B = x̂⁻¹Z and primary inputs w fixed; the cut sets the
/// entries of row k of B in the columns of s to zero. With that piece of the row called b, the Sherman-Morrison formula gives
/// Δx' = −x_k (b'G) / (1 + b'G e_k), and since G = x̂⁻¹Lx̂, the relative loss of the output of industry j of s is
///
/// Δx_j / x_j = −(Σ_m a_km l_mj) / (1 + Σ_m a_km l_mk), sums over the industries m of s.
///
/// Only the rows of L that belong to s are needed. Value added is lost in proportion to output (v_j Δx_j). Losses of other regions are
/// not counted, but what s loses because its own goods come back to it as inputs is.
///
/// **What it means.** Nobody finds another supplier, nothing is in stock and each user's output falls by the value (not the
/// indispensability) of what it did not get: without substitution an upper kind of estimate; but a cheap, irreplaceable part counts
/// only at its price, so the ranking is one of value at risk. The Ghosh model as a description of quantities is disputed
/// (Oosterhaven 1988, Journal of Regional Science 28; Dietzenbacher 1997, ibid. 37, reads it as a price model). The demand-side
/// alternative, extraction from the Leontief model, would show the supplier's loss of sales rather than the user's.
/// Source of the extraction: Dietzenbacher and van der Linden (1997), Journal of Regional Science 37.
///
/// ```
/// # use xinzhi_chain::{Factor, InputOutputSystem, SystemOptions};
/// use xinzhi_chain::{CutOptions, single_cuts};
/// # let pair = |a: &str, b: &str| (a.to_string(), b.to_string());
/// # let system = InputOutputSystem::new(
/// #     "two regions", 2011, "million USD", vec![pair("A", "all"), pair("B", "all")], vec![10.0, 20.0, 30.0, 40.0],
/// #     vec![pair("A", "final"), pair("B", "final")], vec![50.0, 20.0, 10.0, 20.0], SystemOptions::default(),
/// # )?;
/// let cuts = single_cuts(&Factor::new(&system)?, "A", CutOptions::default())?;
/// // 0.3 · 1.25 / (1 + 0.3 · 0.41667): cut off from B, A keeps its primary inputs 60 / (1 − 0.1) = 66.67 of its output of 100
/// assert!((cuts.cuts[0].output_loss - 100.0 / 3.0).abs() < 1e-9);
/// assert_eq!(cuts.cuts[0].import_concentration, 1.0);
/// # Ok::<(), xinzhi_chain::ChainError>(())
/// ```
///
/// # Errors
/// [`frame::FrameError::UnknownLabel`]; [`ChainError::Nothing`] for a user without output or value added.
pub fn single_cuts(leontief: &impl Leontief, user: &str, options: CutOptions) -> Result<SingleCuts, ChainError> {
    let system = leontief.system();
    let (n, own) = (system.size(), system.range(user)?);
    let (output, value_added) = user_totals(system, user)?;
    let rows = leontief.rows(own.clone());
    // what one unit of each of the user's goods carries on to the user's output and value added: L_ss x_s and L_ss (v∘x)_s
    let carried =
        |weights: &[f64]| -> Vec<f64> { rows.chunks_exact(n).map(|row| own.clone().map(|j| row[j] * weights[j]).sum()).collect() };
    let to_output = carried(system.output());
    let to_value_added = carried(&system.value_added());

    let purchases: Vec<f64> = (0..n).map(|k| own.clone().map(|j| system.delivery(k, j)).sum()).collect();
    let mut left_out = Vec::new();
    let mut cuts = Vec::new();
    for k in (0..n).filter(|k| !own.contains(k) && purchases[*k] > 0.0) {
        let (region, sector) = system.sectors()[k].clone();
        if system.output()[k] <= 0.0 {
            left_out.push((region, sector));
            continue;
        }
        let (mut output_loss, mut value_added_loss, mut feedback) = (0.0, 0.0, 1.0);
        for (m, row) in own.clone().zip(rows.chunks_exact(n)) {
            let a = system.input_coefficient(k, m);
            output_loss += a * to_output[m - own.start];
            value_added_loss += a * to_value_added[m - own.start];
            feedback += a * row[k];
        }
        output_loss /= feedback;
        value_added_loss /= feedback;
        cuts.push((
            k,
            Cut {
                region,
                sector,
                value_added_loss,
                value_added_loss_share: value_added_loss / value_added,
                output_loss,
                output_loss_share: output_loss / output,
                flow: purchases[k],
                share_of_imports: 0.0,
                share_of_use: 0.0,
                import_concentration: 0.0,
            },
        ));
    }
    let suppliers = cuts.len();
    cuts.sort_by(|(i, a), (j, b)| b.value_added_loss.total_cmp(&a.value_added_loss).then(i.cmp(j)));
    cuts.truncate(options.top.unwrap_or(suppliers));
    for (_, cut) in &mut cuts {
        let (mut imports, mut squares, mut use_of_all) = (0.0, 0.0, 0.0);
        for (k, flow) in purchases.iter().enumerate().filter(|(k, _)| system.sectors()[*k].1 == cut.sector) {
            use_of_all += flow;
            if !own.contains(&k) {
                imports += flow;
                squares += flow * flow;
            }
        }
        cut.share_of_imports = cut.flow / imports;
        cut.share_of_use = cut.flow / use_of_all;
        cut.import_concentration = squares / (imports * imports);
    }
    let cuts = cuts.into_iter().map(|(_, cut)| cut).collect();
    Ok(SingleCuts { user: user.to_owned(), output, value_added, suppliers, cuts, left_out })
}

/// What a user region loses when several foreign industries are cut off together.
#[derive(Debug, Clone, PartialEq)]
pub struct CutEffect {
    /// The user.
    pub user: String,
    /// The suppliers cut off.
    pub suppliers: Vec<(String, String)>,
    /// Share of its output that each of the user's industries loses (0 for an industry without output).
    pub output_loss_share_by_industry: LabelledVector,
    /// Loss of the user region's value added.
    pub value_added_loss: f64,
    /// That as a share of the user's value added.
    pub value_added_loss_share: f64,
    /// Loss of the user region's output.
    pub output_loss: f64,
    /// That as a share of the user's output.
    pub output_loss_share: f64,
    /// The flows that are cut.
    pub flow: f64,
}

/// The loss of a user region s when a set K of foreign industries stops delivering inputs to it (one industry, or all of a region).
///
/// The convention is that of [`single_cuts`]; for a set, the Woodbury formula gives the relative losses
/// 1'(I + P)⁻¹ Q with P = A_Ks L_sK and Q = A_Ks L_ss. The loss of a set is at most the sum of the losses of its members (for
/// non-negative primary inputs), because a good may pass through several of them.
///
/// ```
/// # use xinzhi_chain::{Factor, InputOutputSystem, SystemOptions};
/// use xinzhi_chain::cut_effect;
/// # let pair = |a: &str, b: &str| (a.to_string(), b.to_string());
/// # let system = InputOutputSystem::new(
/// #     "two regions", 2011, "million USD", vec![pair("A", "all"), pair("B", "all")], vec![10.0, 20.0, 30.0, 40.0],
/// #     vec![pair("A", "final"), pair("B", "final")], vec![50.0, 20.0, 10.0, 20.0], SystemOptions::default(),
/// # )?;
/// let effect = cut_effect(&Factor::new(&system)?, "A", &[pair("B", "all")])?;
/// assert!((effect.output_loss_share - 1.0 / 3.0).abs() < 1e-12);
/// # Ok::<(), xinzhi_chain::ChainError>(())
/// ```
///
/// # Errors
/// [`frame::FrameError::UnknownLabel`]; [`ChainError::Cut`] for a supplier of the user's own region, or without positive output, or
/// named twice; [`ChainError::Nothing`] for a user without output or value added.
pub fn cut_effect(leontief: &impl Leontief, user: &str, suppliers: &[(String, String)]) -> Result<CutEffect, ChainError> {
    let system = leontief.system();
    let own = system.range(user)?;
    let (output, value_added) = user_totals(system, user)?;
    let mut set = BTreeSet::new();
    for (region, sector) in suppliers {
        let k = system.position(region, sector)?;
        let why = if own.contains(&k) {
            "it belongs to the user's own region"
        } else if system.output()[k] <= 0.0 {
            "its own output is not positive, which the supply-side model cannot represent"
        } else if !set.insert(k) {
            "it is named twice"
        } else {
            continue;
        };
        let supplier = format!("{region} {sector}");
        return Err(ChainError::Cut { system: system.name().to_owned(), supplier, user: user.to_owned(), why: why.to_owned() });
    }
    let set: Vec<usize> = set.into_iter().collect();
    let losses = cut_by_rows(system, own.clone(), &leontief.rows(own.clone()), &set)?;
    let weighted = |weights: &[f64]| -> f64 { own.clone().zip(&losses).map(|(j, loss)| weights[j] * loss).sum() };
    let (output_loss, value_added_loss) = (weighted(system.output()), weighted(&system.value_added()));
    let flow = set.iter().map(|k| own.clone().map(|j| system.delivery(*k, j)).sum::<f64>()).sum();
    let labels = Labels::new(format!("industries of {user}"), system.sectors()[own.clone()].iter().map(|s| s.1.clone()))?;
    Ok(CutEffect {
        user: user.to_owned(),
        suppliers: set.iter().map(|k| system.sectors()[*k].clone()).collect(),
        output_loss_share_by_industry: LabelledVector::new(labels, losses.clone())?,
        value_added_loss,
        value_added_loss_share: value_added_loss / value_added,
        output_loss,
        output_loss_share: output_loss / output,
        flow,
    })
}

/// The share of its output that each industry of a user loses by the cut of a set of foreign industries with positive output, from the
/// user's rows of L.
pub(crate) fn cut_by_rows(system: &InputOutputSystem, own: Range<usize>, rows: &[f64], set: &[usize]) -> Result<Vec<f64>, ChainError> {
    let n = system.size();
    let through =
        |k: usize, j: usize| -> f64 { own.clone().zip(rows.chunks_exact(n)).map(|(m, row)| system.input_coefficient(k, m) * row[j]).sum() };
    let identity = |i: usize, j: usize| f64::from(u8::from(i == j));
    let matrix = faer::Mat::from_fn(set.len(), set.len(), |i, j| identity(i, j) + through(set[i], set[j]));
    let mut shares = vec![1.0; set.len()];
    let singular = || ChainError::Singular { system: system.name().to_owned(), what: "I + P of the cut".to_owned() };
    if !set.is_empty() {
        Lu::new(matrix).ok_or_else(singular)?.solve_transposed(&mut shares);
    }
    Ok(own
        .clone()
        .map(|j| if system.output()[j] > 0.0 { set.iter().zip(&shares).map(|(k, share)| share * through(*k, j)).sum() } else { 0.0 })
        .collect())
}

fn user_totals(system: &InputOutputSystem, user: &str) -> Result<(f64, f64), ChainError> {
    let own = system.range(user)?;
    let output: f64 = system.output()[own.clone()].iter().sum();
    let value_added: f64 = system.value_added()[own].iter().sum();
    for (what, total) in [("output", output), ("value added", value_added)] {
        if total <= 0.0 {
            return Err(ChainError::Nothing { system: system.name().to_owned(), what: what.to_owned(), place: user.to_owned() });
        }
    }
    Ok((output, value_added))
}
