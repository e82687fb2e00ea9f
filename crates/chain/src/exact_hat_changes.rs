use crate::exact_hat_calibration::Economy;
use crate::{ChainError, Disturbance, InputOutputSystem, Scenario};
use serde::Serialize;
use std::collections::BTreeMap;

/// What cuts of some users only become when inputs and final goods of a region come from one pool; in the table's unit.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct PooledCuts {
    /// Deliveries that the scenario cuts, at unchanged prices and over a year.
    pub cut: f64,
    /// Those among them that are cut off from some users of a region only, or more from some than from others: the model spreads them
    /// over all the region's users of that sector.
    pub spread: f64,
}

/// What a scenario changes, in the terms of the model. Triples and pairs as in [`Economy`].
#[derive(Debug, Clone)]
pub(crate) struct Changes {
    /// The share of every flow that is left at unchanged prices, κ^−θ of the iceberg cost; 0 where it is cut off.
    pub(crate) left: Vec<f64>,
    /// What duties rise by.
    pub(crate) duties: Vec<f64>,
    /// What is left of a supplier's share in spending, at unchanged prices, because it is not asked for.
    pub(crate) taste: Vec<f64>,
    /// What is left of a sector's share in final spending.
    pub(crate) final_taste: Vec<f64>,
    /// Â; 0 where an industry is shut.
    pub(crate) productivity: Vec<f64>,
}

impl Changes {
    pub(crate) fn none(economy: &Economy) -> Self {
        let (triples, pairs) = (economy.shares.len(), economy.purchases.len());
        Changes {
            left: vec![1.0; triples],
            duties: vec![0.0; triples],
            taste: vec![1.0; triples],
            final_taste: vec![1.0; pairs],
            productivity: vec![1.0; pairs],
        }
    }

    /// The changes of a scenario at the mean of its course.
    pub(crate) fn of(system: &InputOutputSystem, economy: &Economy, scenario: &Scenario) -> Result<(Self, PooledCuts), ChainError> {
        let (regions, sectors) = (economy.regions, economy.sectors);
        let mut changes = Changes::none(economy);
        let triple = |p: usize, n: usize| {
            let pair = economy.pairs[p];
            (pair % sectors * regions + n) * regions + pair / sectors
        };
        let disturbances = scenario.mean_disturbances();
        let mut not_asked = vec![0.0; economy.purchases.len()];
        let mut cuts: BTreeMap<usize, Vec<Cut<'_>>> = BTreeMap::new();
        for (disturbance, shock) in disturbances.iter().zip(scenario.shocks()) {
            match disturbance {
                Disturbance::Capacity { industries, losses } => {
                    for (p, loss) in industries.iter().zip(losses) {
                        changes.productivity[economy.pairs[*p]] -= loss;
                    }
                }
                Disturbance::Tariff { suppliers, rates, importers } => {
                    for (p, rate) in suppliers.iter().zip(rates) {
                        for n in importers {
                            let at = triple(*p, *n);
                            changes.duties[at] += rate;
                            let duty = economy.tariffs[at] + changes.duties[at];
                            if !(1.0 + duty > 0.0 && duty.is_finite()) {
                                return Err(ChainError::Shock {
                                    scenario: scenario.name().to_owned(),
                                    shock: shock.name.clone(),
                                    why: format!(
                                        "it makes the duty of {} on {} {duty}; a duty must be more than −1, else the goods cost nothing",
                                        system.regions().name(*n),
                                        system.industry(*p)
                                    ),
                                });
                            }
                        }
                    }
                }
                Disturbance::Demand { suppliers, losses, final_users } => {
                    for (p, loss) in suppliers.iter().zip(losses) {
                        for n in final_users {
                            let (at, flow) = (triple(*p, *n), system.final_delivery(*p, *n));
                            if flow > 0.0 && economy.shares[at] > 0.0 {
                                changes.taste[at] -= loss * flow / table_flow(system, *p, *n);
                                not_asked[n * sectors + economy.pairs[*p] % sectors] += loss * flow * (1.0 + economy.tariffs[at]);
                            }
                        }
                    }
                }
                Disturbance::Flow { suppliers, losses, users, final_users } => {
                    for (p, loss) in suppliers.iter().zip(losses) {
                        cuts.entry(*p).or_default().push((*loss, users, final_users));
                    }
                }
            }
        }
        for (pair, lost) in not_asked.iter().enumerate().filter(|(_, lost)| **lost > 0.0) {
            let asked = economy.final_shares[pair] * economy.spending[pair / sectors];
            changes.final_taste[pair] = if asked > 0.0 { (1.0 - lost / asked).max(0.0) } else { 1.0 };
        }
        changes.taste.iter_mut().for_each(|share| *share = share.clamp(0.0, 1.0));
        changes.productivity.iter_mut().for_each(|left| *left = left.clamp(0.0, 1.0));

        let mut pooled = PooledCuts::default();
        let (mut of_users, mut of_final) = (vec![0.0; system.size()], vec![0.0; regions]);
        for (p, parts) in cuts {
            of_users.fill(0.0);
            of_final.fill(0.0);
            for (loss, users, final_users) in parts {
                users.iter().for_each(|u| of_users[*u] += loss);
                final_users.iter().for_each(|n| of_final[*n] += loss);
            }
            for (n, of_final) in of_final.iter().enumerate() {
                let at = triple(p, n);
                let final_flow = system.final_delivery(p, n);
                let flows = system.range_at(n).map(|u| (system.delivery(p, u), of_users[u])).chain([(final_flow, *of_final)]);
                let (mut all, mut left, mut least, mut most) = (0.0, 0.0, f64::INFINITY, 0.0f64);
                for (flow, loss) in flows.filter(|(flow, _)| *flow != 0.0) {
                    let loss = loss.min(1.0);
                    all += flow;
                    left += flow * (1.0 - loss);
                    (least, most) = (least.min(loss), most.max(loss));
                }
                if economy.shares[at] <= 0.0 || most == 0.0 {
                    continue;
                }
                let share = if least == most { 1.0 - most } else { (left / all).clamp(0.0, 1.0) };
                changes.left[at] = share;
                pooled.cut += all * (1.0 - share);
                if least < most {
                    pooled.spread += all * (1.0 - share);
                }
            }
        }
        Ok((changes, pooled))
    }
}

/// A loss, and the users and the regions' final demand that feel it.
type Cut<'a> = (f64, &'a [usize], &'a [usize]);

/// What an industry delivers to a region, inputs and final goods.
fn table_flow(system: &InputOutputSystem, p: usize, n: usize) -> f64 {
    system.range_at(n).map(|u| system.delivery(p, u)).sum::<f64>() + system.final_delivery(p, n)
}
