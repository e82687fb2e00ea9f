//! Exact-hat general equilibrium against closed forms, limits and an independent solver, on made-up tables only.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod made_up_tables;

use made_up_tables::*;
use proptest::prelude::*;
use xinzhi_chain::*;

const YEAR: usize = 365;

fn shock(disturbance: Disturbance) -> Shock {
    Shock { name: "made up".to_owned(), disturbance, course: Course::always(YEAR) }
}

fn run(system: &InputOutputSystem, disturbances: Vec<Disturbance>, options: &HatOptions) -> Result<HatEquilibrium, ChainError> {
    let scenario = Scenario::new(system, "made up", YEAR, disturbances.into_iter().map(shock).collect())?;
    exact_hat_equilibrium(system, &scenario, options)
}

fn uniform(theta: f64) -> HatOptions {
    HatOptions { elasticities: TradeElasticities::Uniform(theta), tolerance: 1e-12, ..HatOptions::default() }
}

/// One sector without inputs: `flows` from row to column, final goods.
fn armington(flows: &[&[f64]]) -> InputOutputSystem {
    let n = flows.len();
    let regions: Vec<String> = (0..n).map(|r| format!("R{r}")).collect();
    let industries = regions.iter().map(|r| pair(r, "s")).collect();
    let columns = regions.iter().map(|r| pair(r, "final")).collect();
    InputOutputSystem::new("one sector", 2020, "units", industries, vec![0.0; n * n], columns, flows.concat(), SystemOptions::default())
        .unwrap()
}

fn of_region(region: usize, per_region: usize) -> Vec<usize> {
    (region * per_region..(region + 1) * per_region).collect()
}

/// All deliveries of a region to another.
fn embargo_of(system: &InputOutputSystem, from: usize, to: usize, loss: f64) -> Disturbance {
    let per_region = system.size() / system.regions().len();
    let suppliers = of_region(from, per_region);
    Disturbance::Flow { losses: vec![loss; suppliers.len()], suppliers, users: of_region(to, per_region), final_users: vec![to] }
}

fn duty_of(system: &InputOutputSystem, from: usize, on: usize, rate: f64) -> Disturbance {
    let suppliers = of_region(from, system.size() / system.regions().len());
    Disturbance::Tariff { rates: vec![rate; suppliers.len()], suppliers, importers: vec![on] }
}

fn holds(hats: &HatEquilibrium) {
    assert!(hats.invariants.len() >= 7);
    for invariant in &hats.invariants {
        assert!(invariant.holds(), "{}: {:e}", invariant.name, invariant.residual);
    }
}

/// The share of what a region buys that it buys at home, all sectors together, without duties.
fn home_share(trade: &frame::LabelledMatrix, n: usize) -> f64 {
    let regions = trade.rows().len();
    trade.at(n, n) / (0..regions).map(|i| trade.at(i, n)).sum::<f64>()
}

// ---- no shock

fn is_unit(hats: &HatEquilibrium) {
    let scale: f64 = hats.output_before.iter().sum();
    let vectors = [&hats.wage_hats, &hats.consumer_price_hats, &hats.welfare_hats, &hats.spending_hats];
    let hats_only = vectors.iter().flat_map(|v| v.values()).chain(hats.price_hats.values()).chain(&hats.cost_hats);
    hats_only.for_each(|hat| close(*hat, 1.0, 1e-12));
    let loss = hats.loss();
    let losses = loss.output_loss.iter().chain(&loss.value_added_loss).chain(&loss.final_demand_loss);
    losses.for_each(|loss| assert!(loss.abs() <= 1e-12 * scale, "{loss}"));
    hats.trade_before.values().iter().zip(hats.trade_after.values()).for_each(|(b, a)| assert!((a - b).abs() <= 1e-12 * scale));
    holds(hats);
}

#[test]
fn no_shock_gives_unit_hats() {
    let deficits = [TradeDeficits::Fixed, TradeDeficits::Scaled, TradeDeficits::Balanced];
    for deficits in deficits {
        is_unit(&run(&mini(), vec![], &HatOptions { deficits, ..uniform(4.0) }).unwrap());
        let elasticities = TradeElasticities::BySector(vec![0.4, 3.0, 30.0]);
        is_unit(&run(&mini(), vec![], &HatOptions { deficits, elasticities, ..uniform(4.0) }).unwrap());
    }
    // with duties in the base, too, and then zero duties are a change
    let base_tariffs: Vec<f64> = (0..27).map(|at| if at / 9 == at % 3 { 0.0 } else { 0.01 * at as f64 }).collect();
    let options = HatOptions { base_tariffs: Some(base_tariffs), ..uniform(4.0) };
    let hats = run(&mini(), vec![], &options).unwrap();
    is_unit(&hats);
    assert!(hats.duties_before.values().iter().all(|duties| *duties > 0.0));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]
    #[test]
    fn no_shock_gives_unit_hats_in_any_table((z, mut y) in table(), drawn in prop::collection::vec(0.0..1.0f64, 6), theta in 0.2..40.0f64) {
        // some stocks are run down
        for (at, share) in drawn.iter().enumerate() {
            let cell = at * 4 % y.len();
            y[cell] -= 3.0 * share * y[cell];
        }
        let system = system_of(z, y);
        prop_assume!(system.output().iter().all(|x| *x > 0.1));
        is_unit(&run(&system, vec![], &uniform(theta)).unwrap());
        // and a shock keeps the identities
        let hats = run(&system, vec![embargo_of(&system, 0, 1, 0.7), duty_of(&system, 1, 2, 0.3)], &uniform(theta));
        if let Ok(hats) = hats { holds(&hats) }
    }
}

#[test]
fn free_of_unit_and_numeraire() {
    let small = mini();
    let industries = small.sectors().to_vec();
    let big = InputOutputSystem::new(
        "mini in thousandths",
        2020,
        "thousandths",
        industries,
        small.deliveries().iter().map(|z| 1000.0 * z).collect(),
        small.final_demand_columns().to_vec(),
        small.final_demand().iter().map(|y| 1000.0 * y).collect(),
        SystemOptions::default(),
    )
    .unwrap();
    for deficits in [TradeDeficits::Fixed, TradeDeficits::Scaled, TradeDeficits::Balanced] {
        let options = HatOptions { deficits, ..uniform(3.0) };
        let changes = || vec![embargo_of(&small, 1, 0, 1.0), duty_of(&small, 2, 1, 0.25)];
        let (a, b) = (run(&small, changes(), &options).unwrap(), run(&big, changes(), &options).unwrap());
        all_close(a.welfare_hats.values(), b.welfare_hats.values(), 1e-10);
        all_close(a.wage_hats.values(), b.wage_hats.values(), 1e-10);
        let (a, b) = (a.loss(), b.loss());
        let thousandfold: Vec<f64> = a.output_loss.iter().map(|loss| 1000.0 * loss).collect();
        all_close(&b.output_loss, &thousandfold, 1e-8);
    }
}

// ---- closed forms

#[test]
fn welfare_is_the_share_bought_at_home() {
    // balanced trade, one sector: Arkolakis, Costinot and Rodríguez-Clare (2012)
    let system = armington(&[&[90.0, 6.0, 4.0], &[8.0, 50.0, 12.0], &[2.0, 14.0, 70.0]]);
    let balanced = system
        .value_added_by_region()
        .unwrap()
        .values()
        .iter()
        .enumerate()
        .all(|(n, made)| (0..3).map(|i| system.final_delivery(i, n)).sum::<f64>() == *made);
    assert!(balanced);
    for (theta, loss) in [(0.5, 0.3), (2.0, 0.3), (8.0, 0.3), (8.0, 0.95), (60.0, 0.6)] {
        let capacity = Disturbance::Capacity { industries: vec![1], losses: vec![loss] };
        let hats = run(&system, vec![embargo_of(&system, 2, 1, 1.0), embargo_of(&system, 1, 2, 0.6), capacity], &uniform(theta)).unwrap();
        holds(&hats);
        for n in 0..3 {
            let share = home_share(&hats.trade_after, n) / home_share(&hats.trade_before, n);
            let productivity: f64 = if n == 1 { 1.0 - loss } else { 1.0 };
            close(hats.welfare_hats.values()[n], productivity * share.powf(-1.0 / theta), 1e-9);
        }
    }
}

#[test]
fn inputs_multiply_the_gains_from_trade() {
    // one sector whose goods are inputs, too: the exponent is divided by the share of factors in costs
    let (z, y) = (vec![40.0, 10.0, 20.0, 80.0], vec![40.0, 10.0, 0.0, 100.0]);
    let industries = vec![pair("A", "s"), pair("B", "s")];
    let columns = vec![pair("A", "final"), pair("B", "final")];
    let system = InputOutputSystem::new("with inputs", 2020, "units", industries, z, columns, y, SystemOptions::default()).unwrap();
    let theta = 4.0;
    let hats = run(&system, vec![embargo_of(&system, 0, 1, 0.5), embargo_of(&system, 1, 0, 0.5)], &uniform(theta)).unwrap();
    holds(&hats);
    for n in 0..2 {
        let factors = system.value_added()[n] / system.output()[n];
        let share = home_share(&hats.trade_after, n) / home_share(&hats.trade_before, n);
        close(hats.welfare_hats.values()[n], share.powf(-1.0 / theta / factors), 1e-9);
    }
}

/// Shares of a table's sectors: π_nnj, γ_n,kj, γ_nj, α_nj of a region, straight from its cells.
struct Region {
    at_home: Vec<f64>,
    inputs: Vec<Vec<f64>>,
    final_shares: Vec<f64>,
    earned: f64,
    spent: f64,
}

fn region(system: &InputOutputSystem, n: usize) -> Region {
    let (size, per_region) = (system.size(), SECTORS);
    let own = of_region(n, per_region);
    let flow = |p: usize| own.iter().map(|u| system.delivery(p, *u)).sum::<f64>() + system.final_delivery(p, n);
    let of_sector = |j: usize| (0..size).filter(move |p| p % SECTORS == j);
    let final_demand: Vec<f64> = (0..SECTORS).map(|j| of_sector(j).map(|p| system.final_delivery(p, n)).sum()).collect();
    let spent: f64 = final_demand.iter().sum();
    Region {
        at_home: (0..SECTORS).map(|j| flow(n * SECTORS + j) / of_sector(j).map(flow).sum::<f64>()).collect(),
        inputs: own
            .iter()
            .map(|u| (0..SECTORS).map(|k| of_sector(k).map(|p| system.delivery(p, *u)).sum::<f64>() / system.output()[*u]).collect())
            .collect(),
        final_shares: final_demand.iter().map(|y| y / spent).collect(),
        earned: own.iter().map(|u| system.value_added()[*u]).sum(),
        spent,
    }
}

#[test]
fn autarky_in_closed_form() {
    let system = mini();
    let theta = [1.5, 4.0, 9.0];
    let elasticities = TradeElasticities::BySector(theta.to_vec());
    let all: Vec<Disturbance> =
        (0..3).flat_map(|a| (0..3).filter(move |b| *b != a).map(move |b| (a, b))).map(|(a, b)| embargo_of(&system, a, b, 1.0)).collect();
    for deficits in [TradeDeficits::Fixed, TradeDeficits::Scaled] {
        let hats = run(&system, all.clone(), &HatOptions { elasticities: elasticities.clone(), deficits, ..uniform(1.0) }).unwrap();
        holds(&hats);
        for n in 0..3 {
            let region = region(&system, n);
            // ln P_j / w = −ln π_nnj / θ_j + Σ_k γ_kj ln P_k / w
            let mut prices = [0.0; SECTORS];
            for _ in 0..500 {
                for j in 0..SECTORS {
                    let inputs: f64 = region.inputs[j].iter().zip(prices).map(|(share, price)| share * price).sum();
                    prices[j] = inputs - region.at_home[j].ln() / theta[j];
                }
            }
            let consumer: f64 = region.final_shares.iter().zip(prices).map(|(share, price)| share * price).sum();
            // it lives on what it earns, and on no deficit
            close(hats.welfare_hats.values()[n], region.earned / region.spent * (-consumer).exp(), 1e-9);
            close(hats.wage_hats.values()[n], 1.0, 1e-12);
            assert_eq!(hats.deficits_after.values()[n], 0.0);
        }
    }
}

#[test]
fn regions_alike_stay_alike() {
    let flows: Vec<Vec<f64>> = (0..4).map(|i| (0..4).map(|n| if i == n { 70.0 } else { 10.0 }).collect()).collect();
    let system = armington(&flows.iter().map(Vec::as_slice).collect::<Vec<_>>());
    let (theta, rate) = (5.0, 0.4);
    let pairs = || (0..4).flat_map(|i| (0..4).filter(move |n| *n != i).map(move |n| (i, n)));
    let hats = run(&system, pairs().map(|(i, n)| duty_of(&system, i, n, rate)).collect(), &uniform(theta)).unwrap();
    holds(&hats);
    // everybody levies the same duty: P = (π + (1 − π)(1 + τ)^−θ)^(−1/θ), and what is levied is given back
    let level = 0.7 + 0.3 * (1.0 + rate).powf(-theta);
    let home = 0.7 / level;
    let income = 1.0 / (1.0 - rate / (1.0 + rate) * (1.0 - home));
    for n in 0..4 {
        close(hats.wage_hats.values()[n], 1.0, 1e-12);
        close(hats.spending_hats.values()[n], income, 1e-10);
        close(hats.welfare_hats.values()[n], income * level.powf(1.0 / theta), 1e-10);
        close(hats.duties_after.values()[n], 100.0 * (income - 1.0), 1e-10);
        assert_eq!(hats.duties_before.values()[n], 0.0);
    }
}

#[test]
fn duties_are_levied_and_spent() {
    let system = mini();
    let base_tariffs: Vec<f64> = (0..27).map(|at| if at / 9 == at % 3 { 0.0 } else { 0.05 }).collect();
    let options = HatOptions { base_tariffs: Some(base_tariffs), ..uniform(4.0) };
    let hats = run(&system, vec![duty_of(&system, 1, 0, 0.2)], &options).unwrap();
    holds(&hats);
    let (before, after) = (&hats.trade_before, &hats.trade_after);
    // AAA levies 5 % on CCC's and 25 % on BBB's goods now
    close(hats.duties_before.values()[0], 0.05 * (before.at(1, 0) + before.at(2, 0)), 1e-12);
    close(hats.duties_after.values()[0], 0.25 * after.at(1, 0) + 0.05 * after.at(2, 0), 1e-12);
    close(hats.duties_after.values()[1], 0.05 * (after.at(0, 1) + after.at(2, 1)), 1e-12);
    assert!(after.at(1, 0) < before.at(1, 0) && after.at(2, 0) > before.at(2, 0));
    // terms of first order and the rest are the whole
    for (change, welfare) in hats.welfare_changes.iter().zip(hats.welfare_hats.values()) {
        close(change.terms_of_trade + change.volume_of_trade + change.productivity + change.rest, welfare - 1.0, 1e-14);
        assert_ne!(change.volume_of_trade, 0.0);
    }
    // doing away with duties again leads back
    let small = run(&system, vec![duty_of(&system, 1, 0, 1e-4)], &options).unwrap();
    small.welfare_changes.iter().for_each(|change| assert!(change.rest.abs() < 1e-6, "{change:?}"));
}

// ---- limits

#[test]
fn an_embargo_is_the_limit_of_growing_costs() {
    let system = mini();
    let options = HatOptions { elasticities: TradeElasticities::BySector(vec![2.0, 5.0, 9.0]), ..uniform(1.0) };
    let full = run(&system, vec![embargo_of(&system, 1, 0, 1.0)], &options).unwrap();
    holds(&full);
    assert_eq!(full.trade_after.at(1, 0), 0.0);
    let mut last = f64::INFINITY;
    for digits in [1, 2, 4, 6, 8] {
        let nearly = run(&system, vec![embargo_of(&system, 1, 0, 1.0 - 10f64.powi(-digits))], &options).unwrap();
        let off = |n: usize| (nearly.welfare_hats.values()[n] - full.welfare_hats.values()[n]).abs();
        let off = (0..3).map(off).fold(0.0, f64::max);
        assert!(off < last && nearly.trade_after.at(1, 0) > 0.0);
        last = off;
    }
    assert!(last < 1e-7, "{last}");
}

#[test]
fn small_elasticities_are_cobb_douglas() {
    // spending shares stay, so wages do, and prices are linear in logarithms
    let system = mini();
    let (industry, loss) = (4, 0.2);
    let lost = || vec![Disturbance::Capacity { industries: vec![industry], losses: vec![loss] }];
    let hats = run(&system, lost(), &uniform(1e-7)).unwrap();
    holds(&hats);
    hats.wage_hats.values().iter().for_each(|wage| close(*wage, 1.0, 1e-6));
    let regions: Vec<Region> = (0..3).map(|n| region(&system, n)).collect();
    let flow = |p: usize, n: usize| of_region(n, 3).iter().map(|u| system.delivery(p, *u)).sum::<f64>() + system.final_delivery(p, n);
    let (mut costs, mut prices) = ([0.0; N], [0.0; N]);
    for _ in 0..2000 {
        for n in 0..REGIONS {
            for j in 0..SECTORS {
                let all: f64 = (0..REGIONS).map(|i| flow(i * SECTORS + j, n)).sum();
                prices[n * SECTORS + j] = (0..REGIONS).map(|i| flow(i * SECTORS + j, n) / all * costs[i * SECTORS + j]).sum();
            }
        }
        for p in 0..N {
            let productivity: f64 = if p == industry { 1.0 - loss } else { 1.0 };
            let inputs = &regions[p / SECTORS].inputs[p % SECTORS];
            costs[p] = (0..SECTORS).map(|k| inputs[k] * prices[p / SECTORS * SECTORS + k]).sum::<f64>() - productivity.ln();
        }
    }
    for n in 0..REGIONS {
        let consumer: f64 = (0..SECTORS).map(|j| regions[n].final_shares[j] * prices[n * SECTORS + j]).sum();
        close(hats.welfare_hats.values()[n], (-consumer).exp(), 1e-6);
    }
    // output falls by as much as productivity where money is spent as before
    close(hats.real_output_after[industry] / hats.output_before[industry], (-costs[industry]).exp(), 1e-6);
}

#[test]
fn large_elasticities_make_suppliers_alike() {
    // what is cut off from one is bought from others at hardly another price
    let system = mini();
    let mut last = f64::INFINITY;
    for theta in [4.0, 40.0, 400.0, 4000.0] {
        let hats = run(&system, vec![embargo_of(&system, 1, 0, 0.9)], &HatOptions { tolerance: 1e-9, ..uniform(theta) }).unwrap();
        holds(&hats);
        let off = hats.welfare_hats.values().iter().map(|hat| (hat - 1.0).abs()).fold(0.0, f64::max);
        assert!(off < last);
        last = off;
    }
    assert!(last < 1e-3, "{last}");
}

#[test]
fn shocks_on_which_accelerated_steps_get_stuck() {
    // elasticities from 0.1 to 60, duties of 1,000 % between all, and cuts: every identity holds all the same
    let system = mini();
    let elasticities = TradeElasticities::BySector(vec![60.0, 0.1, 8.0]);
    for deficits in [TradeDeficits::Scaled, TradeDeficits::Balanced] {
        let all = (0..3).flat_map(|a| (0..3).filter(move |b| *b != a).map(move |b| (a, b)));
        let mut changes: Vec<Disturbance> = all.map(|(a, b)| duty_of(&system, a, b, 10.0)).collect();
        changes.push(embargo_of(&system, 1, 0, 0.9));
        changes.push(Disturbance::Capacity { industries: vec![6, 7, 8], losses: vec![0.8, 0.5, 0.2] });
        holds(&run(&system, changes, &HatOptions { elasticities: elasticities.clone(), deficits, ..HatOptions::default() }).unwrap());
    }
}

// ---- productivity (Hulten; Baqaee and Farhi)

#[test]
fn hulten_first_order_is_the_domar_weight() {
    let system = mini();
    let world: f64 = system.total_final_demand();
    for industry in [0, 4, 8] {
        for deficits in [TradeDeficits::Fixed, TradeDeficits::Scaled] {
            let loss = 1e-5;
            let hats = run(
                &system,
                vec![Disturbance::Capacity { industries: vec![industry], losses: vec![loss] }],
                &HatOptions { deficits, ..uniform(4.0) },
            )
            .unwrap();
            close(-hats.world_welfare_change() / loss, system.output()[industry] / world, 1e-4);
        }
    }
}

#[test]
fn one_region_is_cobb_douglas() {
    // the second order of Baqaee and Farhi is zero: Ŵ = Π Â^λ
    let (z, y) = (vec![10.0, 30.0, 5.0, 20.0, 15.0, 25.0, 0.0, 5.0, 10.0], vec![60.0, 40.0, 85.0]);
    let industries = ["a", "b", "c"].map(|s| pair("World", s)).to_vec();
    let columns = vec![pair("World", "final")];
    let system = InputOutputSystem::new("one region", 2020, "units", industries, z, columns, y, SystemOptions::default()).unwrap();
    let losses = vec![0.5, 0.1, 0.3];
    let hats = run(&system, vec![Disturbance::Capacity { industries: vec![0, 1, 2], losses: losses.clone() }], &uniform(4.0)).unwrap();
    holds(&hats);
    let world = system.total_final_demand();
    let expected: f64 = losses.iter().zip(system.output()).map(|(loss, x)| x / world * (1.0 - loss).ln()).sum();
    close(hats.welfare_hats.values()[0], expected.exp(), 1e-12);
    // money is spent as before
    all_close(&hats.output_after, system.output(), 1e-10);
}

#[test]
fn second_order_of_baqaee_and_farhi() {
    // two regions of one taste without trade costs are one buyer of two goods, made by fixed factors:
    // Y = (Σ λ Â^(θ/(1+θ)))^((1+θ)/θ), so d² ln Y / d ln A² = θ/(1+θ) λ (1 − λ)
    let system = armington(&[&[36.0, 24.0], &[24.0, 16.0]]);
    let (share, theta): (f64, f64) = (0.6, 3.0);
    let welfare = |loss: f64| {
        let hats = run(&system, vec![Disturbance::Capacity { industries: vec![0], losses: vec![loss] }], &uniform(theta)).unwrap();
        (1.0 + hats.world_welfare_change()).ln()
    };
    let power = theta / (1.0 + theta);
    let exact = |loss: f64| (share * (1.0 - loss).powf(power) + 1.0 - share).ln() / power;
    for loss in [0.01, 0.2, 0.7] {
        close(welfare(loss), exact(loss), 1e-10);
    }
    let step: f64 = (1.0f64 - 0.02).ln();
    let second = 2.0 * (welfare(0.02) - share * step) / step.powi(2);
    close(second, power * share * (1.0 - share), 5e-3);
}

// ---- an independent solver

/// The equations of the paper by plain loops over every region and sector of a 3 × 3 table and damped steps; changes of costs and
/// duties by (n, i, j), of productivity by industry.
struct Plain {
    welfare: Vec<f64>,
    wages: Vec<f64>,
    sales: Vec<f64>,
}

fn plain(
    system: &InputOutputSystem,
    theta: &[f64],
    base_duty: f64,
    cost: impl Fn(usize, usize) -> f64,
    duty: impl Fn(usize, usize) -> f64,
    lost: &[f64],
) -> Plain {
    let (g, m) = (REGIONS, SECTORS);
    let base = |n: usize, i: usize| if n == i { 0.0 } else { base_duty };
    let (gross, m2) = (g * m, m * m);
    let flows: Vec<f64> = (0..g * gross)
        .map(|at| (at / gross, at % gross))
        .map(|(n, p)| {
            let all = of_region(n, m).iter().map(|u| system.delivery(p, *u)).sum::<f64>() + system.final_delivery(p, n);
            all * (1.0 + base(n, p / m))
        })
        .collect();
    let flow = |n: usize, i: usize, j: usize| flows[n * gross + i * m + j];
    let inputs: Vec<f64> = (0..g * m2)
        .map(|at| (at / m2, at / m % m, at % m))
        .map(|(n, k, j)| (0..g).map(|i| system.delivery(i * m + k, n * m + j) * (1.0 + base(n, i))).sum())
        .collect();
    let input = |n: usize, k: usize, j: usize| inputs[n * m2 + k * m + j];
    let x = |n: usize, j: usize| system.output()[n * m + j];
    let factor = |n: usize, j: usize| (x(n, j) - (0..m).map(|k| input(n, k, j)).sum::<f64>()) / x(n, j);
    let earned = |n: usize| (0..m).map(|j| factor(n, j) * x(n, j)).sum::<f64>();
    let consumed = |n: usize, j: usize| (0..g).map(|i| flow(n, i, j)).sum::<f64>() - (0..m).map(|k| input(n, j, k)).sum::<f64>();
    let spent = |n: usize| (0..m).map(|j| consumed(n, j)).sum::<f64>();
    let levied = |n: usize| (0..gross).map(|p| flow(n, p / m, p % m) * base(n, p / m) / (1.0 + base(n, p / m))).sum::<f64>();
    let deficit: Vec<f64> = (0..g).map(|n| spent(n) - earned(n) - levied(n)).collect();
    let (mut w, mut p, mut c) = (vec![1.0f64; g], vec![1.0f64; g * m], vec![1.0f64; g * m]);
    let mut bought: Vec<f64> = (0..g * m).map(|at| (0..g).map(|i| flow(at / m, i, at % m)).sum()).collect();
    let mut sales = vec![0.0; g * m];
    let share = |n: usize, i: usize, j: usize| flow(n, i, j) / (0..g).map(|s| flow(n, s, j)).sum::<f64>();
    let mut income = vec![0.0; g];
    for _ in 0..400 {
        for _ in 0..40 {
            for n in 0..g {
                for j in 0..m {
                    let inputs: f64 = (0..m).map(|k| p[n * m + k].powf(input(n, k, j) / x(n, j))).product();
                    c[n * m + j] = w[n].powf(factor(n, j)) * inputs / (1.0 - lost[n * m + j]);
                }
            }
            for n in 0..g {
                for j in 0..m {
                    let kappa = |i: usize| cost(n, i).powf(1.0 / theta[j]) * (1.0 + duty(n, i)) / (1.0 + base(n, i));
                    let sum: f64 = (0..g).map(|i| share(n, i, j) * (kappa(i) * c[i * m + j]).powf(-theta[j])).sum();
                    p[n * m + j] = sum.powf(-1.0 / theta[j]);
                }
            }
        }
        let new_share = |n: usize, i: usize, j: usize| {
            let kappa = cost(n, i).powf(1.0 / theta[j]) * (1.0 + duty(n, i)) / (1.0 + base(n, i));
            share(n, i, j) * (kappa * c[i * m + j] / p[n * m + j]).powf(-theta[j])
        };
        let shares: Vec<f64> = (0..g * g * m).map(|at| new_share(at / (g * m), at / m % g, at % m)).collect();
        for _ in 0..40 {
            for i in 0..g {
                for j in 0..m {
                    sales[i * m + j] = (0..g).map(|n| shares[(n * g + i) * m + j] / (1.0 + duty(n, i)) * bought[n * m + j]).sum();
                }
            }
            for n in 0..g {
                let revenue: f64 = (0..g * m)
                    .map(|at| (at / m, at % m))
                    .map(|(i, j)| shares[(n * g + i) * m + j] * duty(n, i) / (1.0 + duty(n, i)) * bought[n * m + j])
                    .sum();
                income[n] = w[n] * earned(n) + revenue + deficit[n];
                for k in 0..m {
                    let inputs: f64 = (0..m).map(|j| input(n, k, j) / x(n, j) * sales[n * m + j]).sum();
                    bought[n * m + k] = inputs + consumed(n, k) / spent(n) * income[n];
                }
            }
        }
        for n in 0..g {
            let demand: f64 = (0..m).map(|j| factor(n, j) * sales[n * m + j]).sum();
            w[n] *= 1.0 + 0.15 * (demand / (w[n] * earned(n)) - 1.0);
        }
        let world: f64 = (0..g).map(&earned).sum();
        let now: f64 = (0..g).map(|n| w[n] * earned(n)).sum();
        w.iter_mut().for_each(|wage| *wage *= world / now);
    }
    let consumer = |n: usize| (0..m).map(|j| p[n * m + j].powf(consumed(n, j) / spent(n))).product::<f64>();
    let welfare = (0..g).map(|n| income[n] / spent(n) / consumer(n)).collect();
    Plain { welfare, wages: w, sales }
}

#[test]
fn agrees_with_plain_loops() {
    let system = mini();
    let theta = [2.0, 4.0, 6.0];
    let mut lost = [0.0; N];
    lost[7] = 0.25;
    // BBB delivers 60 % less to AAA, AAA levies 30 % on CCC, an industry of CCC loses a quarter
    let cost = |n: usize, i: usize| if (n, i) == (0, 1) { 1.0 / 0.4 } else { 1.0 };
    for base_duty in [0.0, 0.08] {
        let duty = |n: usize, i: usize| if n == i { 0.0 } else { base_duty + if (n, i) == (0, 2) { 0.3 } else { 0.0 } };
        let expected = plain(&system, &theta, base_duty, cost, duty, &lost);
        let base_tariffs = (0..27).map(|at| if at / 9 == at % 3 { 0.0 } else { base_duty }).collect();
        let options =
            HatOptions { elasticities: TradeElasticities::BySector(theta.to_vec()), base_tariffs: Some(base_tariffs), ..uniform(1.0) };
        let capacity = Disturbance::Capacity { industries: vec![7], losses: vec![0.25] };
        let hats = run(&system, vec![embargo_of(&system, 1, 0, 0.6), duty_of(&system, 2, 0, 0.3), capacity], &options).unwrap();
        holds(&hats);
        all_close(hats.welfare_hats.values(), &expected.welfare, 1e-9);
        all_close(hats.wage_hats.values(), &expected.wages, 1e-9);
        all_close(&hats.output_after, &expected.sales, 1e-7);
        assert!(hats.welfare_hats.values().iter().all(|hat| (hat - 1.0).abs() > 1e-3));
    }
}

// ---- shocks that the model has to translate

#[test]
fn cuts_of_some_users_are_spread() {
    let system = mini();
    // BBB's D02 for AAA's final demand only
    let (p, n) = (4, 0);
    let final_flow = system.final_delivery(p, n);
    let all = final_flow + of_region(n, 3).iter().map(|u| system.delivery(p, *u)).sum::<f64>();
    assert!(final_flow > 0.0 && final_flow < all);
    let some = Disturbance::Flow { suppliers: vec![p], losses: vec![1.0], users: vec![], final_users: vec![n] };
    let hats = run(&system, vec![some], &uniform(4.0)).unwrap();
    close(hats.pooled_cuts.cut, final_flow, 1e-12);
    close(hats.pooled_cuts.spread, final_flow, 1e-12);
    let spread = Disturbance::Flow { suppliers: vec![p], losses: vec![final_flow / all], users: of_region(n, 3), final_users: vec![n] };
    let alike = run(&system, vec![spread], &uniform(4.0)).unwrap();
    all_close(hats.welfare_hats.values(), alike.welfare_hats.values(), 1e-12);
    close(alike.pooled_cuts.cut, final_flow, 1e-12);
    assert_eq!(alike.pooled_cuts.spread, 0.0);
    // κ = (1 − s)^(−1/θ) lets the flow fall by s at unchanged prices: for a tiny share of the world, nearly so
    let flows: [&[f64]; 3] = [&[1e6, 1e5, 1.0], &[1e5, 1e6, 1e5], &[1.0, 1e5, 1e6]];
    let open = armington(&flows);
    let hats = run(&open, vec![embargo_of(&open, 0, 2, 0.4)], &uniform(3.0)).unwrap();
    close(hats.trade_after.at(0, 2), 0.6, 1e-4);
}

#[test]
fn lost_demand_is_spent_on_the_rest() {
    // one region, one factor: prices stay, and money moves
    let industries = ["a", "b", "c"].map(|s| pair("World", s)).to_vec();
    let columns = vec![pair("World", "final")];
    let y = vec![50.0, 30.0, 20.0];
    let world =
        InputOutputSystem::new("one region", 2020, "units", industries, vec![0.0; 9], columns, y, SystemOptions::default()).unwrap();
    let lost = |loss: f64| Disturbance::Demand { suppliers: vec![0], losses: vec![loss], final_users: vec![0] };
    let hats = run(&world, vec![lost(0.4)], &uniform(4.0)).unwrap();
    holds(&hats);
    all_close(&hats.real_output_after, &[100.0 * 30.0 / 80.0, 100.0 * 30.0 / 80.0, 100.0 * 20.0 / 80.0], 1e-10);
    close(hats.welfare_hats.values()[0], 1.0, 1e-12);
    // in a world of three, the supplier sells less and earns less
    let system = mini();
    let of_all = Disturbance::Demand { suppliers: of_region(1, 3), losses: vec![1.0; 3], final_users: vec![0, 2] };
    let hats = run(&system, vec![of_all], &uniform(4.0)).unwrap();
    holds(&hats);
    assert!(hats.trade_after.at(1, 0) < hats.trade_before.at(1, 0));
    assert!(hats.wage_hats.values()[1] < 1.0 && hats.welfare_hats.values()[1] < 1.0);
    // all of it
    let everything = Disturbance::Demand { suppliers: (0..9).collect(), losses: vec![1.0; 9], final_users: vec![0] };
    let error = run(&system, vec![everything], &uniform(4.0)).unwrap_err().to_string();
    assert!(error.contains("AAA") && error.contains("nothing to spend its income on"), "{error}");
}

#[test]
fn an_industry_that_is_shut() {
    let system = mini();
    let shut = |losses: f64| Disturbance::Capacity { industries: vec![4], losses: vec![losses] };
    let hats = run(&system, vec![shut(1.0)], &uniform(4.0)).unwrap();
    holds(&hats);
    assert_eq!((hats.output_after[4], hats.real_output_after[4]), (0.0, 0.0));
    assert!(hats.welfare_hats.values()[1] < 1.0);
    let nearly = run(&system, vec![shut(1.0 - 1e-4)], &uniform(4.0)).unwrap();
    all_close(nearly.welfare_hats.values(), hats.welfare_hats.values(), 1e-6);
    // nobody else makes it
    let all = Disturbance::Capacity { industries: vec![1, 4, 7], losses: vec![1.0; 3] };
    let error = run(&system, vec![all.clone()], &uniform(4.0)).unwrap_err().to_string();
    assert!(error.contains("AAA") && error.contains("D02") && error.contains("floor"), "{error}");
    let kept = run(&system, vec![all], &HatOptions { floor: 0.01, ..uniform(4.0) }).unwrap();
    holds(&kept);
    assert_eq!(kept.floored.len(), 3);
    assert!(kept.welfare_hats.values().iter().all(|hat| *hat < 0.9));
    assert!(hats.floored.is_empty());
}

#[test]
fn only_one_way_is_refused() {
    let system = armington(&[&[80.0, 20.0], &[20.0, 80.0]]);
    let error = run(&system, vec![embargo_of(&system, 0, 1, 1.0)], &uniform(4.0)).unwrap_err().to_string();
    assert!(error.contains("nobody to") && error.contains("both directions"), "{error}");
    // with a deficit that pays for it, there is an equilibrium: R1 buys for 20 and sells nothing
    let gift = armington(&[&[80.0, 25.0], &[5.0, 80.0]]);
    let hats = run(&gift, vec![embargo_of(&gift, 1, 0, 1.0)], &uniform(4.0)).unwrap();
    holds(&hats);
    close(hats.trade_after.at(0, 1), 20.0, 1e-9);
    assert!(run(&gift, vec![embargo_of(&gift, 0, 1, 1.0)], &uniform(4.0)).is_err());
    // or with a little that still gets through
    let kept = run(&system, vec![embargo_of(&system, 0, 1, 1.0)], &HatOptions { floor: 1e-3, ..uniform(4.0) }).unwrap();
    let cut = run(&system, vec![embargo_of(&system, 0, 1, 0.999)], &uniform(4.0)).unwrap();
    all_close(kept.welfare_hats.values(), cut.welfare_hats.values(), 1e-12);
}

#[test]
fn parts_of_the_world_without_trade() {
    let apart = armington(&[&[80.0, 20.0, 0.0, 0.0], &[20.0, 30.0, 0.0, 0.0], &[0.0, 0.0, 60.0, 5.0], &[0.0, 0.0, 10.0, 70.0]]);
    let hats = run(&apart, vec![duty_of(&apart, 0, 1, 0.5)], &uniform(4.0)).unwrap();
    holds(&hats);
    let alone = armington(&[&[80.0, 20.0], &[20.0, 30.0]]);
    let expected = run(&alone, vec![duty_of(&alone, 0, 1, 0.5)], &uniform(4.0)).unwrap();
    all_close(&hats.welfare_hats.values()[..2], expected.welfare_hats.values(), 1e-10);
    all_close(&hats.welfare_hats.values()[2..], &[1.0, 1.0], 1e-12);
    // one region alone in the world
    let single = armington(&[&[80.0]]);
    let hats = run(&single, vec![Disturbance::Capacity { industries: vec![0], losses: vec![0.25] }], &uniform(4.0)).unwrap();
    close(hats.welfare_hats.values()[0], 0.75, 1e-12);
    close(hats.loss().final_demand_loss[0], 20.0, 1e-10);
}

// ---- tables as they are

#[test]
fn stocks_subsidies_and_empty_industries() {
    let base = mini();
    let (mut y, mut z) = (base.final_demand().to_vec(), base.deliveries().to_vec());
    // AAA runs down stocks of CCC's D01 by more than it uses, and of its own D03 beyond all final demand for it
    let used = of_region(0, 3).iter().map(|u| z[6 * 9 + u]).sum::<f64>() + y[6 * 6];
    y[6 * 6 + 1] = -used - 3.0;
    for p in [2, 5, 8] {
        y[p * 6] = 0.0;
        y[p * 6 + 1] = 0.0;
    }
    y[2 * 6 + 1] = -2.0;
    // BBB's D03 pays more than it sells for
    z[9 + 5] += 1.2 * base.output()[5];
    // CCC's D02 makes nothing, though it buys and a little of it is run down
    z[7 * 9..8 * 9].fill(0.0);
    y[7 * 6..8 * 6].fill(0.0);
    y[7 * 6 + 5] = -1.0;
    let base = mini();
    let system = InputOutputSystem::new(
        "odd",
        2020,
        "units",
        base.sectors().to_vec(),
        z,
        base.final_demand_columns().to_vec(),
        y,
        SystemOptions::default(),
    )
    .unwrap();
    for deficits in [TradeDeficits::Fixed, TradeDeficits::Scaled, TradeDeficits::Balanced] {
        let options = HatOptions { deficits, ..uniform(4.0) };
        let hats = run(&system, vec![], &options).unwrap();
        is_unit(&hats);
        let repairs = &hats.repairs;
        assert_eq!(repairs.negative_flows, 1);
        close(repairs.negative_flow_mass, -3.0, 1e-10);
        assert_eq!(repairs.negative_final_demand, 1);
        close(repairs.negative_final_demand_mass, -2.0, 1e-10);
        assert_eq!(repairs.subsidised.len(), 1);
        assert_eq!(repairs.subsidised[0].1, "D03");
        let inputs: f64 = (0..9).filter(|p| *p != 7).map(|p| system.delivery(p, 7)).sum();
        assert_eq!((repairs.without_output[0].0.as_str(), repairs.without_output[0].1.as_str()), ("CCC", "D02"));
        close(repairs.without_output[0].2, inputs, 1e-12);
        close(repairs.without_output[0].3, 1.0, 1e-12);
        if deficits != TradeDeficits::Balanced {
            all_close(&hats.output_before[..7], &system.output()[..7], 1e-12);
            assert_eq!(hats.output_before[7], 0.0);
        }
        let hats = run(&system, vec![embargo_of(&system, 1, 0, 1.0), duty_of(&system, 0, 2, 0.4)], &options).unwrap();
        holds(&hats);
        assert!(hats.welfare_hats.values().iter().all(|hat| hat.is_finite() && *hat > 0.0));
    }
}

#[test]
fn a_region_that_only_buys() {
    let system = armington(&[&[80.0, 20.0, 5.0], &[25.0, 60.0, 10.0], &[0.0, 0.0, 0.0]]);
    let hats = run(&system, vec![duty_of(&system, 0, 2, 0.2), embargo_of(&system, 1, 0, 0.5)], &uniform(4.0)).unwrap();
    holds(&hats);
    // it goes on spending what it does not earn, and what it levies
    assert_eq!(hats.wage_hats.values()[2], 1.0);
    close(hats.duties_after.values()[2], 0.2 * hats.trade_after.at(0, 2), 1e-12);
    close(hats.spending_hats.values()[2], 1.0 + hats.duties_after.values()[2] / 15.0, 1e-10);
    let error = run(&system, vec![], &HatOptions { deficits: TradeDeficits::Balanced, ..uniform(4.0) }).unwrap_err().to_string();
    assert!(error.contains("R2") && error.contains("deficit"), "{error}");
}

#[test]
fn deficits_move_as_asked() {
    let system = mini();
    let change = || vec![embargo_of(&system, 1, 0, 0.8)];
    let by = |deficits| run(&system, change(), &HatOptions { deficits, ..uniform(4.0) }).unwrap();
    let (fixed, scaled, balanced) = (by(TradeDeficits::Fixed), by(TradeDeficits::Scaled), by(TradeDeficits::Balanced));
    [&fixed, &scaled, &balanced].into_iter().for_each(holds);
    all_close(fixed.deficits_after.values(), fixed.deficits_before.values(), 1e-12);
    assert!(fixed.deficits_before.values().iter().any(|deficit| deficit.abs() > 1.0));
    assert!(scaled.deficits_after.values().iter().zip(scaled.deficits_before.values()).any(|(a, b)| (a - b).abs() > 1e-3));
    all_close(balanced.deficits_before.values(), &[0.0; 3], 1e-12);
    all_close(balanced.deficits_after.values(), &[0.0; 3], 1e-12);
    // the balanced base is an equilibrium of its own: spending is what is earned
    let earned: f64 = system.value_added().iter().sum();
    close(balanced.spending.values().iter().sum::<f64>(), earned, 1e-9);
    assert!((balanced.spending.values()[0] - fixed.spending.values()[0]).abs() > 1.0);
    // a surplus of 60 of an income of 100 cannot be held when productivity, and with it the price of what is sold, collapses
    let surplus = armington(&[&[35.0, 65.0], &[5.0, 900.0]]);
    let collapse = || vec![Disturbance::Flow { suppliers: vec![0], losses: vec![0.99], users: vec![], final_users: vec![1] }];
    let error = run(&surplus, collapse(), &uniform(0.5)).unwrap_err().to_string();
    assert!(error.contains("R0") && error.contains("surplus"), "{error}");
    for deficits in [TradeDeficits::Scaled, TradeDeficits::Balanced] {
        holds(&run(&surplus, collapse(), &HatOptions { deficits, ..uniform(0.5) }).unwrap());
    }
}

// ---- bad input

#[test]
fn refuses_what_makes_no_sense() {
    let system = mini();
    let with = |elasticities| run(&system, vec![], &HatOptions { elasticities, ..HatOptions::default() }).unwrap_err().to_string();
    for theta in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        let error = with(TradeElasticities::Uniform(theta));
        assert!(error.contains("trade elasticity of sector D01") && error.contains("positive"), "{error}");
    }
    assert!(with(TradeElasticities::BySector(vec![4.0, f64::NAN, 4.0])).contains("sector D02"));
    assert!(with(TradeElasticities::BySector(vec![4.0])).contains("holds 1 values"));
    let error = with(TradeElasticities::default());
    assert!(error.contains("D01") && error.contains("Caliendo"), "{error}");
    let error = run(&system, vec![duty_of(&system, 0, 1, -1.0)], &uniform(4.0)).unwrap_err();
    assert!(matches!(error, ChainError::Shock { .. }) && error.to_string().contains("BBB"), "{error}");
    assert!(run(&system, vec![duty_of(&system, 0, 1, -0.5)], &uniform(4.0)).is_ok());
    for (base_tariffs, words) in [(vec![0.0; 5], "27"), (vec![-1.0; 27], "more than −1"), (vec![f64::NAN; 27], "more than −1")] {
        let error = run(&system, vec![], &HatOptions { base_tariffs: Some(base_tariffs), ..uniform(4.0) }).unwrap_err().to_string();
        assert!(error.contains(words), "{error}");
    }
    for floor in [-0.1, 1.0, f64::NAN] {
        assert!(run(&system, vec![], &HatOptions { floor, ..uniform(4.0) }).is_err());
    }
    for tolerance in [0.0, 1e-3, f64::NAN] {
        assert!(run(&system, vec![], &HatOptions { tolerance, ..uniform(4.0) }).is_err());
    }
    let error = run(&system, vec![embargo_of(&system, 0, 1, 1.0)], &HatOptions { max_iterations: 2, ..uniform(4.0) }).unwrap_err();
    assert!(matches!(error, ChainError::NotConverged { iterations: 2, .. }), "{error}");
    assert!(["AAA", "BBB", "CCC"].iter().any(|region| error.to_string().contains(region)));
    // earns without final demand
    let error = run(&armington(&[&[0.0, 20.0], &[0.0, 50.0]]), vec![], &uniform(4.0)).unwrap_err().to_string();
    assert!(error.contains("R0") && error.contains("no final demand"), "{error}");
}

#[test]
fn published_elasticities_know_both_lists() {
    let of = |codes: Vec<String>| {
        let n = codes.len();
        let industries = codes.iter().map(|code| pair("A", code)).collect();
        let columns = vec![pair("A", "final")];
        let system =
            InputOutputSystem::new("codes", 2020, "units", industries, vec![0.0; n * n], columns, vec![1.0; n], SystemOptions::default())
                .unwrap();
        TradeElasticities::default().of(&system)
    };
    let wiod = of((1..=35).map(|c| format!("c{c}")).collect()).unwrap();
    assert_eq!(wiod.get("c1"), Some(9.11));
    close(wiod.get("c12").unwrap(), (3.28 + 6.99) / 2.0, 1e-12);
    assert_eq!(wiod.get("c35"), Some(4.55));
    let icio = "A01_02 A03 B05_06 B07_08 B09 C10T12 C13T15 C16 C17_18 C19 C20 C21 C22 C23 C24 C25 C26 C27 C28 C29 C30 C31T33 D E F G H49 H50 \
                H51 H52 H53 I J58T60 J61 J62_63 K L M N O P Q R S T";
    let icio = of(icio.split_whitespace().map(str::to_owned).collect()).unwrap();
    assert_eq!(icio.values().len(), 45);
    assert_eq!(icio.get("C19"), Some(64.85));
    for unknown in ["c36", "c0", "C10T14", "(none)"] {
        assert!(of(vec![unknown.to_owned()]).is_err(), "{unknown}");
    }
}

// ---- the same on any machine, in any order, over any horizon

#[test]
fn any_number_of_threads_and_any_order() {
    let system = mini();
    let change = || vec![embargo_of(&system, 1, 0, 1.0), duty_of(&system, 2, 1, 0.25)];
    let with = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| run(&system, change(), &uniform(4.0)).unwrap())
    };
    assert_eq!(with(1), with(3));
    // regions in reverse
    let order: Vec<usize> = (0..3).rev().flat_map(|r| of_region(r, 3)).collect();
    let z = order.iter().flat_map(|i| order.iter().map(|j| system.delivery(*i, *j)).collect::<Vec<_>>()).collect();
    let y = order.iter().flat_map(|i| (0..3).rev().map(|r| system.final_delivery(*i, r)).collect::<Vec<_>>()).collect();
    let sectors = order.iter().map(|i| system.sectors()[*i].clone()).collect();
    let columns = ["CCC", "BBB", "AAA"].map(|r| pair(r, "final")).to_vec();
    let reversed = InputOutputSystem::new("reversed", 2020, "units", sectors, z, columns, y, SystemOptions::default()).unwrap();
    let mirrored = run(&reversed, vec![embargo_of(&reversed, 1, 2, 1.0), duty_of(&reversed, 0, 1, 0.25)], &uniform(4.0)).unwrap();
    let forward = with(1);
    for region in ["AAA", "BBB", "CCC"] {
        close(mirrored.welfare_hats.get(region).unwrap(), forward.welfare_hats.get(region).unwrap(), 1e-10);
    }
}

#[test]
fn losses_are_over_the_horizon() {
    let system = mini();
    let embargo = |course| vec![Shock { course, ..shock(embargo_of(&system, 1, 0, 1.0)) }];
    let options = uniform(4.0);
    let year =
        exact_hat_equilibrium(&system, &Scenario::new(&system, "year", 365, embargo(Course::always(365))).unwrap(), &options).unwrap();
    let short =
        exact_hat_equilibrium(&system, &Scenario::new(&system, "fifth", 73, embargo(Course::always(73))).unwrap(), &options).unwrap();
    let fifth: Vec<f64> = year.loss().final_demand_loss.iter().map(|loss| loss / 5.0).collect();
    all_close(&short.loss().final_demand_loss, &fifth, 1e-10);
    // half of the year is half of the flow
    let course = Course { start: 0, end: 50, recovery: Recovery::AtOnce };
    let half = exact_hat_equilibrium(&system, &Scenario::new(&system, "half", 100, embargo(course)).unwrap(), &options).unwrap();
    let expected = run(&system, vec![embargo_of(&system, 1, 0, 0.5)], &options).unwrap();
    all_close(half.welfare_hats.values(), expected.welfare_hats.values(), 1e-10);
    // the loss of real consumption is the equivalent variation
    let loss = year.loss();
    for n in 0..3 {
        close(loss.final_demand_loss[n], year.spending.values()[n] * (1.0 - year.welfare_hats.values()[n]), 1e-12);
    }
    assert_eq!(loss.model, "exact hat");
    assert_eq!(loss.invariants, year.invariants);
    let real: f64 = year.output_before.iter().zip(&year.real_output_after).map(|(b, a)| b - a).sum();
    close(loss.output_loss.iter().sum::<f64>(), real, 1e-12);
}
