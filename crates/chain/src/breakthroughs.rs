use crate::cuts::cut_by_rows;
use crate::resilience_plan::refused;
use crate::{Barrier, ChainError, Chokepoint, ChokepointOptions, InputOutputSystem, Leontief, chokepoints};
use serde::{Deserialize, Serialize};
use std::cmp::Ordering;

/// One thing breakthroughs are ordered by; the most wanted first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BreakthroughCriterion {
    /// The larger loss when no foreign industry of the sector delivers.
    Loss,
    /// The larger loss when those of the barrier regions do not deliver.
    BarrierLoss,
    /// The larger loss when the leading supplier alone does not deliver.
    LeadingLoss,
    /// The larger share of imports from barrier regions.
    Barrier,
    /// The more concentrated imports.
    Concentration,
    /// The larger foreign share in what is used.
    ForeignShare,
    /// The larger imports relative to the place's own exports of the sector.
    ImportsOverExports,
}

/// What is looked at and how it is ordered; see [`breakthroughs`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BreakthroughOptions {
    /// The asker's barrier regions with weights; a weight above 0 counts as a barrier.
    pub barriers: Vec<Barrier>,
    /// Supplier regions that are not named as the leading one (a rest of the world); they count in losses, shares and concentration.
    pub unlisted: Vec<String>,
    /// The criteria, the first decides, the next breaks its ties, and so on; what is still equal stands in table order. Default: loss.
    pub order: Vec<BreakthroughCriterion>,
    /// From which Herfindahl-Hirschman index on imports are concentrated. Default: 0.4, as in the European Commission's indicator of
    /// dependence (SWD(2021) 352) and CEPII's.
    pub concentrated: f64,
    /// From which share in the imports of a sector a supplier is its single source. Default: 0.8.
    pub single_source_share: f64,
    /// From which foreign share in use a sector counts as mostly foreign. Default: 0.5, the Commission's second indicator, there of imports
    /// from outside in all imports, here of imports in use.
    pub mostly_foreign: f64,
    /// At most so many; all when absent.
    pub top: Option<usize>,
}

impl Default for BreakthroughOptions {
    fn default() -> Self {
        BreakthroughOptions {
            barriers: Vec::new(),
            unlisted: Vec::new(),
            order: vec![BreakthroughCriterion::Loss],
            concentrated: 0.4,
            single_source_share: 0.8,
            mostly_foreign: 0.5,
            top: None,
        }
    }
}

/// Why a sector stands on the list, beside its loss.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BreakthroughReason {
    /// Its imports are concentrated.
    Concentrated,
    /// One region delivers nearly all of them.
    SingleSource,
    /// Some come from barrier regions.
    BehindBarrier,
    /// Most of what is used is foreign.
    MostlyForeign,
    /// The place imports more of it for its industries than it exports.
    ImportsExceedExports,
}

/// One sector of foreign inputs. Values in the unit of the table.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Breakthrough {
    /// The sector of the inputs.
    pub sector: String,
    /// Loss of the place's value added when no foreign industry of the sector delivers to its industries; see [`crate::cut_effect`].
    pub value_added_loss: f64,
    /// That as a share of the place's value added.
    pub value_added_loss_share: f64,
    /// Loss when only those of the barrier regions stop.
    pub barrier_loss: f64,
    /// That as a share of the place's value added.
    pub barrier_loss_share: f64,
    /// What the place's industries import of the sector.
    pub imports: f64,
    /// The foreign share in what they use of it.
    pub foreign_share_of_use: f64,
    /// The place's own share in what they use of it: what it can do already, for itself.
    pub domestic_share_of_use: f64,
    /// The place's gross exports of the sector, to anyone and for any use.
    pub own_exports: f64,
    /// The place's share in the gross exports of the sector of all regions: what it can do already, for others.
    pub own_export_share: f64,
    /// How many foreign industries deliver.
    pub suppliers: usize,
    /// The Herfindahl-Hirschman index of the imports.
    pub import_concentration: f64,
    /// The share of the imports that comes from barrier regions.
    pub barrier_share: f64,
    /// The largest weight of a barrier region that delivers.
    pub barrier: f64,
    /// The listed supplier with the largest share, as a cut of its own; see [`crate::chokepoints`].
    pub leading: Option<Chokepoint>,
    /// Why it stands here, beside the loss.
    pub reasons: Vec<BreakthroughReason>,
}

/// The result of [`breakthroughs`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Breakthroughs {
    /// The place.
    pub place: String,
    /// The place's value added.
    pub value_added: f64,
    /// The sectors in the order asked for.
    pub sectors: Vec<Breakthrough>,
    /// How many sectors were weighed.
    pub weighed: usize,
    /// Suppliers without positive output of their own, which the supply-side model cannot represent; their deliveries count as imports but
    /// not in the losses.
    pub suppliers_left_out: Vec<(String, String)>,
}

impl Breakthrough {
    fn imports_over_exports(&self) -> f64 {
        if self.own_exports > 0.0 { self.imports / self.own_exports } else { f64::INFINITY }
    }

    fn compare(&self, other: &Self, order: &[BreakthroughCriterion]) -> Ordering {
        let leading = |one: &Self| one.leading.as_ref().map_or(0.0, |cut| cut.value_added_loss);
        let by = |criterion: &BreakthroughCriterion| match criterion {
            BreakthroughCriterion::Loss => other.value_added_loss.total_cmp(&self.value_added_loss),
            BreakthroughCriterion::BarrierLoss => other.barrier_loss.total_cmp(&self.barrier_loss),
            BreakthroughCriterion::LeadingLoss => leading(other).total_cmp(&leading(self)),
            BreakthroughCriterion::Barrier => other.barrier_share.total_cmp(&self.barrier_share),
            BreakthroughCriterion::Concentration => other.import_concentration.total_cmp(&self.import_concentration),
            BreakthroughCriterion::ForeignShare => other.foreign_share_of_use.total_cmp(&self.foreign_share_of_use),
            BreakthroughCriterion::ImportsOverExports => other.imports_over_exports().total_cmp(&self.imports_over_exports()),
        };
        order.iter().map(by).find(|order| order.is_ne()).unwrap_or(Ordering::Equal)
    }
}

/// The foreign inputs of a place whose loss would hurt most, sector by sector: what the place would lose without any foreign supplier of
/// the sector, without those behind a barrier, and without the leading one alone; how concentrated the imports are; and what the place can
/// do itself.
///
/// **Losses** are those of [`crate::cut_effect`] (supply side, nobody replaces) for the set of foreign industries of a sector, and of
/// [`crate::chokepoints`] for the leading one. **Own capability** is read from the same table: the domestic share of what is used, and the
/// share in the world's exports. **Order** is lexicographic in the criteria the asker names; no weights join them into a score. The
/// `reasons` say which of the stated thresholds a sector passes.
///
/// ```
/// # use xinzhi_chain::{Factor, InputOutputSystem, SystemOptions};
/// use xinzhi_chain::{BreakthroughOptions, BreakthroughReason, breakthroughs};
/// # let pair = |a: &str, b: &str| (a.to_string(), b.to_string());
/// # let system = InputOutputSystem::new(
/// #     "two regions", 2011, "million USD", vec![pair("A", "all"), pair("B", "all")], vec![10.0, 20.0, 30.0, 40.0],
/// #     vec![pair("A", "final"), pair("B", "final")], vec![50.0, 20.0, 10.0, 20.0], SystemOptions::default(),
/// # )?;
/// let found = breakthroughs(&Factor::new(&system)?, "A", &BreakthroughOptions::default())?;
/// let all = &found.sectors[0];
/// // one supplier: without the sector from abroad is without B
/// assert!((all.value_added_loss_share - 1.0 / 3.0).abs() < 1e-9);
/// assert_eq!((all.foreign_share_of_use, all.own_export_share), (0.75, 0.5));
/// assert_eq!(all.leading.as_ref().unwrap().region, "B");
/// assert!(all.reasons.contains(&BreakthroughReason::MostlyForeign) && !all.reasons.contains(&BreakthroughReason::ImportsExceedExports));
/// # Ok::<(), xinzhi_chain::ChainError>(())
/// ```
///
/// # Errors
/// [`frame::FrameError::UnknownLabel`]; [`ChainError::Nothing`] for a place without output or value added; [`ChainError::Option`] for a
/// threshold outside 0 to 1 and the weights that [`crate::chokepoints`] refuses; [`ChainError::Singular`].
pub fn breakthroughs(leontief: &impl Leontief, place: &str, options: &BreakthroughOptions) -> Result<Breakthroughs, ChainError> {
    let system = leontief.system();
    let (n, own) = (system.size(), system.range(place)?);
    for (option, share) in [("concentrated", options.concentrated), ("mostly_foreign", options.mostly_foreign)] {
        if !(0.0..=1.0).contains(&share) {
            return Err(refused(option, share, "it is a share, from 0 to 1"));
        }
    }
    let cuts = chokepoints(
        leontief,
        &ChokepointOptions {
            users: vec![place.to_owned()],
            barriers: options.barriers.clone(),
            unlisted: options.unlisted.clone(),
            single_source_share: options.single_source_share,
            ..ChokepointOptions::default()
        },
    )?;
    let value_added: f64 = system.value_added()[own.clone()].iter().sum();
    if !cuts.users_left_out.is_empty() {
        let what = "output or value added".to_owned();
        return Err(ChainError::Nothing { system: system.name().to_owned(), what, place: place.to_owned() });
    }
    let (codes, code_of) = system.sector_codes()?;
    let region_of = system.region_positions();
    let mut weights = vec![0.0; system.regions().len()];
    for barrier in &options.barriers {
        weights[system.regions().require(&barrier.region)?] = barrier.weight;
    }
    let mut leading: Vec<Option<Chokepoint>> = vec![None; codes.len()];
    for cut in cuts.cuts {
        let held = &mut leading[codes.require(&cut.sector)?];
        if held.as_ref().is_none_or(|held| cut.flow > held.flow) {
            *held = Some(cut);
        }
    }
    let rows = leontief.rows(own.clone());
    let exports: Vec<f64> = (0..system.regions().len()).flat_map(|r| system.gross_exports_at(r)).collect();
    let flow: Vec<f64> = (0..n).map(|k| system.deliveries()[k * n..(k + 1) * n][own.clone()].iter().sum()).collect();
    let mut by_code: Vec<Vec<usize>> = vec![Vec::new(); codes.len()];
    code_of.iter().enumerate().for_each(|(i, code)| by_code[*code].push(i));
    let mut sectors = Vec::new();
    for (code, (industries, leading)) in by_code.iter().zip(leading).enumerate() {
        let (home, abroad): (Vec<usize>, Vec<usize>) = industries.iter().partition(|i| own.contains(i));
        let delivering: Vec<usize> = abroad.into_iter().filter(|k| flow[*k] > 0.0).collect();
        let imports: f64 = delivering.iter().map(|k| flow[*k]).sum();
        if imports <= 0.0 {
            continue;
        }
        let able: Vec<usize> = delivering.iter().copied().filter(|k| system.output()[*k] > 0.0).collect();
        let behind: Vec<usize> = able.iter().copied().filter(|k| weights[region_of[*k]] > 0.0).collect();
        let loss = |set: &[usize]| -> Result<f64, ChainError> {
            let shares = cut_by_rows(system, own.clone(), &rows, set)?;
            let value = |j: usize| system.value_added_coefficients()[j] * system.output()[j];
            Ok(own.clone().zip(shares).fold(0.0, |sum, (j, share)| sum + share * value(j)))
        };
        let (value_added_loss, barrier_loss) = (loss(&able)?, loss(&behind)?);
        let domestic: f64 = home.iter().map(|i| flow[*i]).sum();
        let own_exports: f64 = home.iter().map(|i| exports[*i].max(0.0)).sum();
        let of_all: f64 = industries.iter().map(|i| exports[*i].max(0.0)).sum();
        // from 0: the sum of nothing is -0
        let from_behind = delivering.iter().filter(|k| weights[region_of[**k]] > 0.0).fold(0.0, |sum, k| sum + flow[*k]);
        let mut found = Breakthrough {
            sector: codes.name(code).to_owned(),
            value_added_loss,
            value_added_loss_share: value_added_loss / value_added,
            barrier_loss,
            barrier_loss_share: barrier_loss / value_added,
            imports,
            foreign_share_of_use: imports / (imports + domestic),
            domestic_share_of_use: domestic / (imports + domestic),
            own_exports,
            own_export_share: if of_all > 0.0 { own_exports / of_all } else { 0.0 },
            suppliers: delivering.len(),
            import_concentration: delivering.iter().map(|k| (flow[*k] / imports).powi(2)).sum(),
            barrier_share: from_behind / imports,
            barrier: delivering.iter().map(|k| weights[region_of[*k]]).fold(0.0, f64::max),
            leading,
            reasons: Vec::new(),
        };
        found.reasons = [
            (BreakthroughReason::Concentrated, found.import_concentration > options.concentrated),
            (BreakthroughReason::SingleSource, found.leading.as_ref().is_some_and(|cut| cut.single_source)),
            (BreakthroughReason::BehindBarrier, found.barrier_share > 0.0),
            (BreakthroughReason::MostlyForeign, found.foreign_share_of_use > options.mostly_foreign),
            (BreakthroughReason::ImportsExceedExports, found.imports > found.own_exports),
        ]
        .into_iter()
        .filter_map(|(reason, holds)| holds.then_some(reason))
        .collect();
        sectors.push(found);
    }
    let weighed = sectors.len();
    sectors.sort_by(|a, b| a.compare(b, &options.order));
    sectors.truncate(options.top.unwrap_or(weighed));
    Ok(Breakthroughs {
        place: place.to_owned(),
        value_added,
        sectors,
        weighed,
        suppliers_left_out: suppliers_left_out(system, &flow, &own),
    })
}

fn suppliers_left_out(system: &InputOutputSystem, flow: &[f64], own: &std::ops::Range<usize>) -> Vec<(String, String)> {
    let without = |k: &usize| !own.contains(k) && flow[*k] > 0.0 && system.output()[*k] <= 0.0;
    (0..system.size()).filter(without).map(|k| system.sectors()[k].clone()).collect()
}
