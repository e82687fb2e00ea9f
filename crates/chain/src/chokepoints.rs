use crate::embargo::purchases_of;
use crate::{ChainError, InputOutputSystem, Leontief};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use std::cmp::Ordering;

/// A region from which deliveries are at risk, in the asker's judgement.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Barrier {
    /// The region.
    pub region: String,
    /// How much at risk: 1 for a plain list, or any non-negative number of the asker's own. It only orders; nothing is multiplied by
    /// it.
    pub weight: f64,
}

/// One thing chokepoints are ordered by; the worst first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChokepointCriterion {
    /// The larger share of the user's value added lost.
    Loss,
    /// The larger weight of the supplier's region in the asker's list of barriers.
    Barrier,
    /// Single sources before others.
    SingleSource,
    /// The larger share in the user's imports of the sector.
    ShareOfImports,
    /// The more concentrated imports.
    Concentration,
    /// The smaller exports of others relative to the flow.
    AlternativeExports,
}

/// What to scan and how to order it; see [`chokepoints`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ChokepointOptions {
    /// The user regions; all when empty.
    pub users: Vec<String>,
    /// The asker's barrier regions. Regions that are not listed have a weight of 0.
    pub barriers: Vec<Barrier>,
    /// Supplier regions that are not listed (a rest of the world); they count in shares, concentrations and losses all the same.
    pub unlisted: Vec<String>,
    /// From which share in the user's imports of a sector a supplier counts as its single source. Default: 0.8.
    pub single_source_share: f64,
    /// The criteria, the first decides, the next breaks its ties, and so on; what is still equal stands in table order. Default: loss.
    pub order: Vec<ChokepointCriterion>,
    /// At most so many for each user; all when absent.
    pub top_per_user: Option<usize>,
    /// At most so many in all; all when absent.
    pub top: Option<usize>,
}

impl Default for ChokepointOptions {
    fn default() -> Self {
        ChokepointOptions {
            users: Vec::new(),
            barriers: Vec::new(),
            unlisted: Vec::new(),
            single_source_share: 0.8,
            order: vec![ChokepointCriterion::Loss],
            top_per_user: None,
            top: None,
        }
    }
}

/// One foreign industry on whose deliveries a user region leans. Values in the unit of the table.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Chokepoint {
    /// The user region.
    pub user: String,
    /// The supplying region.
    pub region: String,
    /// The supplying sector.
    pub sector: String,
    /// Loss of the user's value added when it is cut off; see [`crate::single_cuts`].
    pub value_added_loss: f64,
    /// That as a share of the user's value added.
    pub value_added_loss_share: f64,
    /// Loss of the user's output.
    pub output_loss: f64,
    /// That as a share of the user's output.
    pub output_loss_share: f64,
    /// The flow that is cut: deliveries to the user's industries.
    pub flow: f64,
    /// The supplier's share in what the user's industries import of that sector's goods.
    pub share_of_imports: f64,
    /// The supplier's share in all that sector's goods used by the user's industries, domestic ones included.
    pub share_of_use: f64,
    /// The Herfindahl-Hirschman index of the foreign suppliers of those imports (1: a single one).
    pub import_concentration: f64,
    /// The weight of the supplying region in the asker's list; 0 when it is not there.
    pub barrier: f64,
    /// Whether the share of imports reaches [`ChokepointOptions::single_source_share`].
    pub single_source: bool,
    /// How many other foreign industries of that sector deliver to the user's industries.
    pub other_suppliers: usize,
    /// How many other foreign industries of that sector export, to anyone and for any use, at least the flow.
    pub able_exporters: usize,
    /// Exports of that sector by all other foreign regions, to anyone and for any use, over the flow: how many times over the flow is
    /// traded without this supplier. It is what is exported today, not what could be.
    pub alternative_exports_over_flow: f64,
}

/// The result of [`chokepoints`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Chokepoints {
    /// The cuts in the order asked for.
    pub cuts: Vec<Chokepoint>,
    /// How many cuts were weighed before the lists were shortened.
    pub weighed: usize,
    /// Users without positive output or value added, which have no shares.
    pub users_left_out: Vec<String>,
    /// Suppliers without positive output of their own, which the supply-side model cannot represent.
    pub suppliers_left_out: Vec<(String, String)>,
}

/// A cut before it is named.
struct Found {
    supplier: usize,
    user: usize,
    value_added: f64,
    value_added_share: f64,
    output: f64,
    output_share: f64,
    flow: f64,
    share_of_imports: f64,
    share_of_use: f64,
    concentration: f64,
    barrier: f64,
    single_source: bool,
    other_suppliers: usize,
    able_exporters: usize,
    alternative: f64,
}

impl Found {
    fn compare(&self, other: &Self, order: &[ChokepointCriterion]) -> Ordering {
        let by = |criterion: &ChokepointCriterion| match criterion {
            ChokepointCriterion::Loss => other.value_added_share.total_cmp(&self.value_added_share),
            ChokepointCriterion::Barrier => other.barrier.total_cmp(&self.barrier),
            ChokepointCriterion::SingleSource => other.single_source.cmp(&self.single_source),
            ChokepointCriterion::ShareOfImports => other.share_of_imports.total_cmp(&self.share_of_imports),
            ChokepointCriterion::Concentration => other.concentration.total_cmp(&self.concentration),
            ChokepointCriterion::AlternativeExports => self.alternative.total_cmp(&other.alternative),
        };
        let asked = order.iter().map(by).find(|o| o.is_ne()).unwrap_or(Ordering::Equal);
        asked.then(self.user.cmp(&other.user)).then(self.supplier.cmp(&other.supplier))
    }
}

/// Every cut of one foreign industry from the industries of one user region, for all users: its closed-form loss, how concentrated the
/// supply is, whether the supplier stands on the asker's list of barriers, and who else could deliver.
///
/// **Loss.** That of [`crate::single_cuts`] (supply side, nobody replaces), for every supplier and every user; the rows of L of each user
/// are asked for once. **Order.** Lexicographic in the criteria the asker names, every one of which is printed: no weights join them
/// into one number. For a list of barrier countries first and the loss within, ask for `[Barrier, Loss]`.
///
/// ```
/// # use xinzhi_chain::{Factor, InputOutputSystem, SystemOptions};
/// use xinzhi_chain::{Barrier, ChokepointCriterion, ChokepointOptions, chokepoints};
/// # let pair = |a: &str, b: &str| (a.to_string(), b.to_string());
/// # let system = InputOutputSystem::new(
/// #     "two regions", 2011, "million USD", vec![pair("A", "all"), pair("B", "all")], vec![10.0, 20.0, 30.0, 40.0],
/// #     vec![pair("A", "final"), pair("B", "final")], vec![50.0, 20.0, 10.0, 20.0], SystemOptions::default(),
/// # )?;
/// let options = ChokepointOptions {
///     barriers: vec![Barrier { region: "A".to_owned(), weight: 1.0 }],
///     order: vec![ChokepointCriterion::Barrier, ChokepointCriterion::Loss],
///     ..ChokepointOptions::default()
/// };
/// let found = chokepoints(&Factor::new(&system)?, &options)?;
/// // B's dependence on A comes first because of the list, though A would lose more
/// assert_eq!((found.cuts[0].user.as_str(), found.cuts[0].barrier), ("B", 1.0));
/// assert!((found.cuts[1].output_loss - 100.0 / 3.0).abs() < 1e-9);
/// assert!(found.cuts[1].single_source && found.cuts[1].alternative_exports_over_flow == 0.0);
/// # Ok::<(), xinzhi_chain::ChainError>(())
/// ```
///
/// # Errors
/// [`frame::FrameError::UnknownLabel`] for a user, barrier or unlisted region that is not there; [`ChainError::Option`] for a weight that
/// is negative or not finite, for a share outside 0 to 1, or a barrier named twice.
pub fn chokepoints(leontief: &impl Leontief, options: &ChokepointOptions) -> Result<Chokepoints, ChainError> {
    let system = leontief.system();
    let regions = system.regions();
    let refused = |option: &str, value: String, why: &str| ChainError::Option { option: option.to_owned(), value, why: why.to_owned() };
    if !(0.0..=1.0).contains(&options.single_source_share) {
        return Err(refused("single_source_share", options.single_source_share.to_string(), "it is a share of imports, from 0 to 1"));
    }
    let mut barriers = vec![None; regions.len()];
    for barrier in &options.barriers {
        if !(barrier.weight >= 0.0 && barrier.weight.is_finite()) {
            let value = format!("{} for {}", barrier.weight, barrier.region);
            return Err(refused("barriers", value, "a weight must be finite and not negative"));
        }
        if barriers[regions.require(&barrier.region)?].replace(barrier.weight).is_some() {
            return Err(refused("barriers", barrier.region.clone(), "the region is named twice"));
        }
    }
    let mut listed = vec![true; regions.len()];
    for region in &options.unlisted {
        listed[regions.require(region)?] = false;
    }
    let mut users = options.users.iter().map(|user| regions.require(user)).collect::<Result<Vec<_>, _>>()?;
    if users.is_empty() {
        users = (0..regions.len()).collect();
    }
    users.sort_unstable();
    users.dedup();

    let scan = Scan::new(system, options.single_source_share, barriers, listed)?;
    let (without, users): (Vec<usize>, Vec<usize>) = users.into_iter().partition(|user| scan.totals(*user).is_none());
    let by_user: Vec<(usize, Vec<Found>)> = users
        .into_par_iter()
        .map(|user| {
            let mut found = scan.cuts_of(leontief, user);
            let weighed = found.len();
            found.sort_by(|a, b| a.compare(b, &options.order));
            found.truncate(options.top_per_user.unwrap_or(weighed));
            (weighed, found)
        })
        .collect();
    let weighed = by_user.iter().map(|(weighed, _)| weighed).sum();
    let mut found: Vec<Found> = by_user.into_iter().flat_map(|(_, found)| found).collect();
    found.sort_by(|a, b| a.compare(b, &options.order));
    found.truncate(options.top.unwrap_or(found.len()));
    let sells = |k: &usize| system.deliveries()[k * system.size()..(k + 1) * system.size()].iter().any(|flow| *flow > 0.0);
    let suppliers_left_out = (0..system.size()).filter(|k| system.output()[*k] <= 0.0 && sells(k)).map(|k| system.sectors()[k].clone());
    Ok(Chokepoints {
        cuts: found.into_iter().map(|one| scan.named(one)).collect(),
        weighed,
        users_left_out: without.into_iter().map(|user| regions.name(user).to_owned()).collect(),
        suppliers_left_out: suppliers_left_out.collect(),
    })
}

/// What is the same for every user.
struct Scan<'a> {
    system: &'a InputOutputSystem,
    single_source_share: f64,
    barriers: Vec<Option<f64>>,
    listed: Vec<bool>,
    region_of: Vec<usize>,
    /// For every industry, the number of its sector code.
    code_of: Vec<usize>,
    /// The industries of every code.
    by_code: Vec<Vec<usize>>,
    /// Gross exports of every industry, to all regions and all uses.
    exports: Vec<f64>,
    value_added: Vec<f64>,
}

impl<'a> Scan<'a> {
    fn new(
        system: &'a InputOutputSystem,
        single_source_share: f64,
        barriers: Vec<Option<f64>>,
        listed: Vec<bool>,
    ) -> Result<Self, ChainError> {
        let (codes, code_of) = system.sector_codes()?;
        let mut by_code = vec![Vec::new(); codes.len()];
        code_of.iter().enumerate().for_each(|(i, code)| by_code[*code].push(i));
        let exports = (0..system.regions().len()).flat_map(|r| system.gross_exports_at(r)).collect();
        let (region_of, value_added) = (system.region_positions(), system.value_added());
        Ok(Scan { system, single_source_share, barriers, listed, region_of, code_of, by_code, exports, value_added })
    }

    /// A user's output and value added, where both are positive.
    fn totals(&self, user: usize) -> Option<(f64, f64)> {
        let sum = |values: &[f64]| -> f64 { values[self.system.range_at(user)].iter().sum() };
        let (output, value_added) = (sum(self.system.output()), sum(&self.value_added));
        (output > 0.0 && value_added > 0.0).then_some((output, value_added))
    }

    fn cuts_of(&self, leontief: &impl Leontief, user: usize) -> Vec<Found> {
        let system = self.system;
        let (n, own) = (system.size(), system.range_at(user));
        let Some((output, value_added)) = self.totals(user) else { return Vec::new() };
        let rows = leontief.rows(own.clone());
        let carried =
            |weights: &[f64], row: &[f64]| -> f64 { row[own.clone()].iter().zip(&weights[own.clone()]).map(|(l, w)| l * w).sum() };
        let (mut output_loss, mut value_added_loss, mut feedback) = (vec![0.0; n], vec![0.0; n], vec![1.0; n]);
        let columns: Vec<usize> = own.clone().collect();
        for (bought, row) in purchases_of(system, &columns).chunks_exact(n).zip(rows.chunks_exact(n)) {
            // what one unit of this good of the user carries on to its output and value added
            let (to_output, to_value_added) = (carried(system.output(), row), carried(&self.value_added, row));
            let losses = output_loss.iter_mut().zip(&mut value_added_loss).zip(&mut feedback);
            for (((of_output, of_value), feedback), (a, l)) in losses.zip(bought.iter().zip(row)) {
                *of_output += a * to_output;
                *of_value += a * to_value_added;
                *feedback += a * l;
            }
        }
        let flow: Vec<f64> = (0..n).map(|k| system.deliveries()[k * n..(k + 1) * n][own.clone()].iter().sum()).collect();
        let markets: Vec<Market> = self.by_code.iter().map(|industries| self.market(industries, user, &flow)).collect();
        let is_cut = |k: &usize| !own.contains(k) && flow[*k] > 0.0 && system.output()[*k] > 0.0 && self.listed[self.region_of[*k]];
        let found = |k: usize| {
            let market = &markets[self.code_of[k]];
            let (output_loss, value_added_loss) = (output_loss[k] / feedback[k], value_added_loss[k] / feedback[k]);
            let share_of_imports = flow[k] / market.imports;
            Found {
                supplier: k,
                user,
                value_added: value_added_loss,
                value_added_share: value_added_loss / value_added,
                output: output_loss,
                output_share: output_loss / output,
                flow: flow[k],
                share_of_imports,
                share_of_use: flow[k] / market.used,
                concentration: market.squares / (market.imports * market.imports),
                barrier: self.barriers[self.region_of[k]].unwrap_or(0.0),
                single_source: share_of_imports >= self.single_source_share,
                other_suppliers: market.suppliers - 1,
                able_exporters: market.foreign.iter().filter(|i| **i != k && self.exports[**i] >= flow[k]).count(),
                // summed anew: taking the supplier's own exports off the total would leave the noise of a large sum
                alternative: market.foreign.iter().filter(|i| **i != k).map(|i| self.exports[*i].max(0.0)).sum::<f64>() / flow[k],
            }
        };
        (0..n).filter(is_cut).map(found).collect()
    }

    fn market(&self, industries: &[usize], user: usize, flow: &[f64]) -> Market {
        let mut market = Market { imports: 0.0, squares: 0.0, used: 0.0, suppliers: 0, foreign: Vec::new() };
        for k in industries {
            market.used += flow[*k];
            if self.region_of[*k] != user {
                market.foreign.push(*k);
                market.imports += flow[*k];
                market.squares += flow[*k] * flow[*k];
                market.suppliers += usize::from(flow[*k] > 0.0);
            }
        }
        market
    }

    fn named(&self, found: Found) -> Chokepoint {
        let (region, sector) = self.system.sectors()[found.supplier].clone();
        Chokepoint {
            user: self.system.regions().name(found.user).to_owned(),
            region,
            sector,
            value_added_loss: found.value_added,
            value_added_loss_share: found.value_added_share,
            output_loss: found.output,
            output_loss_share: found.output_share,
            flow: found.flow,
            share_of_imports: found.share_of_imports,
            share_of_use: found.share_of_use,
            import_concentration: found.concentration,
            barrier: found.barrier,
            single_source: found.single_source,
            other_suppliers: found.other_suppliers,
            able_exporters: found.able_exporters,
            alternative_exports_over_flow: found.alternative,
        }
    }
}

/// A user's purchases of one sector's goods for its industries.
struct Market {
    imports: f64,
    squares: f64,
    used: f64,
    /// Foreign industries that deliver.
    suppliers: usize,
    /// All foreign industries of the sector.
    foreign: Vec<usize>,
}
