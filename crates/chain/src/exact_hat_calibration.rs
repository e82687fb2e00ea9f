use crate::{ChainError, InputOutputSystem};
use serde::Serialize;

/// What the model cannot hold as it stands in the table, and how much of it there is; in the table's unit.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct HatRepairs {
    /// Flows of an industry's goods to a region, inputs and final demand together, that are negative (stocks run down by more than all
    /// other use). They count as supply from that region's stocks, in a constant share of the industry's sales.
    pub negative_flows: usize,
    /// Their sum (negative).
    pub negative_flow_mass: f64,
    /// Sectors of a region whose final demand, from all sources together, is negative. That counts as supply from the region's stocks
    /// to its own industries, in a constant share of what they use.
    pub negative_final_demand: usize,
    /// Their sum (negative).
    pub negative_final_demand_mass: f64,
    /// Industries that pay more for inputs than they sell, with the difference: a subsidy at a constant rate, paid by their region.
    pub subsidised: Vec<(String, String, f64)>,
    /// Industries without positive output that nevertheless buy or deliver, with what they buy, which counts as their region's final
    /// demand, and what they deliver (in absolute terms), which is left out.
    pub without_output: Vec<(String, String, f64, f64)>,
}

/// An economy in shares: what the equations in changes need of a table, or of an equilibrium found before.
///
/// Regions n (destination) and i (source), sectors j and k; n·J + j for a pair of region and sector, (j·N + n)·N + i for a triple.
#[derive(Debug, Clone)]
pub(crate) struct Economy {
    pub(crate) regions: usize,
    pub(crate) sectors: usize,
    /// The pair of every industry of the table.
    pub(crate) pairs: Vec<usize>,
    pub(crate) theta: Vec<f64>,
    /// π: the share of source i in what n spends on j, duties included.
    pub(crate) shares: Vec<f64>,
    /// τ.
    pub(crate) tariffs: Vec<f64>,
    /// X: what n spends on j, duties included.
    pub(crate) purchases: Vec<f64>,
    /// What every industry sells, without duties, from production and from stocks.
    pub(crate) sales: Vec<f64>,
    /// The share of production in sales.
    pub(crate) produced: Vec<f64>,
    /// Regions that own stocks of a pair's goods, and their share in its sales.
    pub(crate) stocks: Vec<(usize, usize, f64)>,
    /// The share of purchases in what a region uses of a sector; the rest comes from its own stocks.
    pub(crate) bought: Vec<f64>,
    /// Production costs over the value of production, less 1.
    pub(crate) subsidies: Vec<f64>,
    /// γ_nj: factors in costs.
    pub(crate) factor_shares: Vec<f64>,
    /// γ_n,kj: inputs of sector k in costs, at (n·J + j)·J + k.
    pub(crate) input_shares: Vec<f64>,
    /// α_nj: sectors in final spending.
    pub(crate) final_shares: Vec<f64>,
    /// w L.
    pub(crate) factor_income: Vec<f64>,
    /// Final spending.
    pub(crate) spending: Vec<f64>,
    /// D: imports less exports.
    pub(crate) deficits: Vec<f64>,
}

/// Below this share of what a sector is used, a negative final demand is rounding.
const ROUNDING: f64 = 1e-12;

impl Economy {
    pub(crate) fn pair_of_triple(&self, triple: usize) -> (usize, usize, usize) {
        (triple / (self.regions * self.regions), triple / self.regions % self.regions, triple % self.regions)
    }

    /// What i delivers to n, without duties.
    pub(crate) fn flow(&self, triple: usize) -> f64 {
        let (j, n, _) = self.pair_of_triple(triple);
        self.shares[triple] * self.purchases[n * self.sectors + j] / (1.0 + self.tariffs[triple])
    }

    /// The share in an economy of its table's numbers.
    pub(crate) fn calibrated(
        system: &InputOutputSystem,
        theta: &[f64],
        base_tariffs: Option<&[f64]>,
    ) -> Result<(Economy, HatRepairs), ChainError> {
        let (size, regions, sectors) = (system.size(), system.regions().len(), theta.len());
        let (home, (_, codes)) = (system.region_positions(), system.sector_codes()?);
        let tariff = |p: usize, n: usize| base_tariffs.map_or(0.0, |rates| rates[p * regions + n]);
        let pairs: Vec<usize> = home.iter().zip(&codes).map(|(region, code)| region * sectors + code).collect();
        let makes: Vec<bool> = system.output().iter().map(|x| *x > 0.0).collect();
        let mut repairs = HatRepairs::default();

        // deliveries by destination, and inputs by sector at the user's prices
        let mut flows = vec![0.0; sectors * regions * regions];
        let mut tariffs = vec![0.0; flows.len()];
        let mut inputs_by_sector = vec![0.0; sectors * size];
        let mut delivered_by_idle = vec![0.0; size];
        for (p, row) in system.deliveries().chunks_exact(size).enumerate() {
            for n in 0..regions {
                let users = system.range_at(n);
                let (duty, final_demand) = (tariff(p, n), system.final_delivery(p, n));
                if !makes[p] {
                    delivered_by_idle[p] += row[users].iter().sum::<f64>() + final_demand.abs();
                    continue;
                }
                let triple = (codes[p] * regions + n) * regions + home[p];
                flows[triple] = row[users.clone()].iter().sum::<f64>() + final_demand;
                tariffs[triple] = duty;
                let to = &mut inputs_by_sector[codes[p] * size..(codes[p] + 1) * size];
                to[users.clone()].iter_mut().zip(&row[users]).for_each(|(input, flow)| *input += flow * (1.0 + duty));
            }
        }

        // costs
        let pair_count = regions * sectors;
        let (mut subsidies, mut factor_shares, mut value_added) = (vec![0.0; pair_count], vec![0.0; pair_count], vec![0.0; pair_count]);
        let mut input_shares = vec![0.0; pair_count * sectors];
        let mut used = vec![0.0; pair_count];
        for (u, pair) in pairs.iter().copied().enumerate() {
            let column = || (0..sectors).map(|k| inputs_by_sector[k * size + u]);
            let (inputs, output) = (column().sum::<f64>(), system.output()[u]);
            if !makes[u] {
                if inputs > 0.0 || delivered_by_idle[u] > 0.0 {
                    let (region, sector) = system.sectors()[u].clone();
                    repairs.without_output.push((region, sector, inputs, delivered_by_idle[u]));
                }
                continue;
            }
            column().enumerate().for_each(|(k, input)| used[home[u] * sectors + k] += input);
            let costs = output.max(inputs);
            if inputs > output {
                let (region, sector) = system.sectors()[u].clone();
                repairs.subsidised.push((region, sector, inputs - output));
            }
            subsidies[pair] = costs / output - 1.0;
            value_added[pair] = costs - inputs;
            factor_shares[pair] = value_added[pair] / costs;
            column().enumerate().for_each(|(k, input)| input_shares[pair * sectors + k] = input / costs);
        }
        let factor_income: Vec<f64> = value_added.chunks_exact(sectors).map(|of| of.iter().sum()).collect();

        // trade
        let mut economy = Economy {
            regions,
            sectors,
            theta: theta.to_vec(),
            shares: vec![0.0; flows.len()],
            tariffs,
            purchases: vec![0.0; pair_count],
            sales: vec![0.0; pair_count],
            produced: vec![0.0; pair_count],
            stocks: Vec::new(),
            bought: vec![1.0; pair_count],
            subsidies,
            factor_shares,
            input_shares,
            final_shares: vec![0.0; pair_count],
            factor_income,
            spending: vec![0.0; regions],
            deficits: vec![0.0; regions],
            pairs,
        };
        for (at, flow) in flows.iter().enumerate() {
            let (j, n, i) = economy.pair_of_triple(at);
            if *flow < 0.0 {
                repairs.negative_flows += 1;
                repairs.negative_flow_mass += flow;
                economy.stocks.push((n, i * sectors + j, -flow));
            } else {
                economy.shares[at] = flow * (1.0 + economy.tariffs[at]);
                economy.purchases[n * sectors + j] += economy.shares[at];
                economy.sales[i * sectors + j] += flow;
            }
        }
        for (at, share) in economy.shares.iter_mut().enumerate() {
            let spent = economy.purchases[at / regions % regions * sectors + at / regions / regions];
            *share = if spent > 0.0 { *share / spent } else { 0.0 };
        }
        let mut from_stocks = vec![0.0; regions];
        for (owner, pair, share) in &mut economy.stocks {
            from_stocks[*owner] += *share;
            *share /= economy.sales[*pair];
        }
        // an industry whose goods nobody buys delivers to stocks only, which its output being positive rules out
        for (u, pair) in economy.pairs.iter().enumerate().filter(|(u, _)| makes[*u]) {
            economy.produced[*pair] = system.output()[u] / economy.sales[*pair];
        }

        // final demand: what is bought and not an input
        let mut final_demand = vec![0.0; pair_count];
        for pair in 0..pair_count {
            let (bought, rest) = (economy.purchases[pair], economy.purchases[pair] - used[pair]);
            if rest < -ROUNDING * used[pair] {
                repairs.negative_final_demand += 1;
                repairs.negative_final_demand_mass += rest;
                from_stocks[pair / sectors] -= rest;
                economy.bought[pair] = bought / used[pair];
            } else {
                final_demand[pair] = rest.max(0.0);
            }
        }
        for (n, from_stocks) in from_stocks.iter().enumerate() {
            let own = n * sectors..(n + 1) * sectors;
            let spending: f64 = final_demand[own.clone()].iter().sum();
            if spending <= 0.0 && economy.factor_income[n] > 0.0 {
                return Err(ChainError::Refused {
                    system: system.name().to_owned(),
                    what: format!("the equilibrium in changes for {}", system.regions().name(n)),
                    why: "it earns but has no final demand, so its welfare is not defined; merge it with another region".to_owned(),
                });
            }
            if spending > 0.0 {
                own.clone().for_each(|pair| economy.final_shares[pair] = final_demand[pair] / spending);
            }
            let subsidies: f64 = own.map(|pair| economy.subsidies[pair] * economy.produced[pair] * economy.sales[pair]).sum();
            economy.spending[n] = spending;
            economy.deficits[n] = spending - economy.factor_income[n] - from_stocks + subsidies;
        }
        for at in 0..flows.len() {
            let n = at / regions % regions;
            economy.deficits[n] -= economy.tariffs[at] * economy.flow(at);
        }
        Ok((economy, repairs))
    }
}
