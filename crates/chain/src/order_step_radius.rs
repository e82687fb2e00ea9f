use crate::adaptive_regional_input_output::{ArioOptions, days_of};
use crate::daily_market::DailyTable;
use crate::supplier_shares::{Block, ChunkWork, Lanes, USERS, UserRule, Weights, lanes};
use crate::{ChainError, InputOutputSystem};

/// By how much a small deviation of orders grows in a day, where output follows demand: the spectral radius of the day's step of
/// [`crate::adaptive_regional_input_output`], linear around the table without shock.
///
/// Where nothing limits output, inventories move by ΔS = G − A^sec d and orders by G = A^sec d (1 + s/τ) − S/τ, with d the demand that
/// the orders of the day before add up to. For one duration s and one τ, and λ the spectral radius of A, the radius is the larger root
/// of μ² − (1 + λ (1 + (s + 1)/τ) − 1/τ) μ + λ (1 + s/τ), so that it exceeds 1 about where λ (1 + s/τ) does. Above 1, orders amplify
/// what happens to demand (the bullwhip effect), and only capacity, α_max and the fact that nobody orders less than nothing keep them
/// in bounds: with the usual 90 days filled up in 60, that is so in most tables. The larger it is, the more a path of the model says
/// about its own inventory rule.
///
/// Found by power iteration on the whole table, about sixty passes over it, and independent of the runs themselves. It says nothing about
/// collapse for want of inputs; that is seen in a run ([`crate::RunStability`]).
///
/// ```
/// # use xinzhi_chain::{InputOutputSystem, SystemOptions};
/// use xinzhi_chain::{ArioOptions, order_step_radius};
/// # let pair = |a: &str, b: &str| (a.to_string(), b.to_string());
/// # let system = InputOutputSystem::new(
/// #     "two regions", 2011, "million USD", vec![pair("A", "all"), pair("B", "all")], vec![10.0, 20.0, 30.0, 40.0],
/// #     vec![pair("A", "final"), pair("B", "final")], vec![50.0, 20.0, 10.0, 20.0], SystemOptions::default(),
/// # )?;
/// let usual = order_step_radius(&system, &ArioOptions::default())?;
/// let in_a_day = order_step_radius(&system, &ArioOptions { restoration: 1.0.into(), ..Default::default() })?;
/// assert!(in_a_day > 10.0 * usual);
/// # Ok::<(), xinzhi_chain::ChainError>(())
/// ```
///
/// # Errors
/// Those of [`crate::adaptive_regional_input_output`].
pub fn order_step_radius(system: &InputOutputSystem, options: &ArioOptions) -> Result<f64, ChainError> {
    let table = DailyTable::new(system)?;
    let (inventories, restoration) = days_of(&table, options)?;
    let shares = &table.shares;
    let finite = |s: usize| inventories[s].is_finite();
    let mut rule = LinearOrders {
        demand: vec![[0.0]; shares.padded()],
        days: (0..inventories.len()).map(|s| if finite(s) { inventories[s] } else { 0.0 }).collect(),
        rate: (0..inventories.len()).map(|s| if finite(s) { 1.0 / restoration[s] } else { 0.0 }).collect(),
    };
    let weights = Weights {
        delivered: vec![vec![[1.0]; shares.size]],
        next: vec![vec![[1.0]; shares.size]],
        slot_of: vec![[0]; shares.padded()],
        slots_of_tile: vec![1; shares.tiles()],
    };
    let mut work: Vec<Vec<ChunkWork<Held, 1>>> = (0..shares.chunks())
        .map(|chunk| {
            let zero = vec![[[0.0]; USERS]; shares.blocks(chunk).count()];
            vec![ChunkWork { state: Held { inventories: zero.clone(), orders: zero }, ordered: vec![vec![[0.0]; shares.size]] }]
        })
        .collect();
    // a demand of all industries a little higher
    let mut demand: Vec<f64> = table.output.clone();
    let (mut sums, mut sizes) = (Vec::with_capacity(STEPS), Vec::with_capacity(STEPS));
    for _ in 0..STEPS {
        let size = demand.iter().map(|d| d.abs()).sum::<f64>();
        if size == 0.0 {
            return Ok(0.0);
        }
        // scale everything, so that nothing runs over
        for work in work.iter_mut().flatten() {
            for block in work.state.inventories.iter_mut().chain(&mut work.state.orders) {
                *block = lanes(|u, l| block[u][l] / size);
            }
        }
        rule.demand.iter_mut().zip(&demand).for_each(|(to, d)| to[0] = d / size);
        sizes.push(size);
        sums.push(demand.iter().sum::<f64>() / size);
        shares.pass(&[(&weights, &rule)], &mut work);
        for (i, ordered) in shares.order.iter().zip(shares.ordered(&work, 0, 0)) {
            demand[*i] = ordered[0];
        }
    }
    // the last four sums on the scale of the first of them
    let mut scale = 1.0;
    let last: Vec<f64> = (STEPS - 4..STEPS)
        .map(|step| {
            scale *= if step > STEPS - 4 { sizes[step] } else { 1.0 };
            sums[step] * scale
        })
        .collect();
    Ok(larger_root(last[0], last[1], last[2], last[3]))
}

/// The larger root, in size, of the recurrence a_{k+1} = p a_k − q a_{k−1} that four numbers in a row follow. Two roots may be near each
/// other, or complex; a ratio of two numbers would not show either.
fn larger_root(a: f64, b: f64, c: f64, d: f64) -> f64 {
    let determinant = a * c - b * b;
    if determinant.abs() <= 1e-10 * b * b {
        return (d / c).abs();
    }
    let (p, q) = ((a * d - b * c) / determinant, (b * d - c * c) / determinant);
    let discriminant = p * p - 4.0 * q;
    if discriminant < 0.0 { q.sqrt() } else { (p.abs() + discriminant.sqrt()) / 2.0 }
}

/// Steps of the iteration.
const STEPS: usize = 60;

struct LinearOrders {
    demand: Vec<[f64; 1]>,
    days: Vec<f64>,
    rate: Vec<f64>,
}

struct Held {
    inventories: Vec<Lanes<1>>,
    orders: Vec<Lanes<1>>,
}

impl UserRule<1> for LinearOrders {
    type State = Held;

    #[inline(always)]
    fn update(&self, state: &mut Held, block: Block<'_>, _: &Lanes<1>, _: &Lanes<1>) -> Lanes<1> {
        let (held, orders) = (&mut state.inventories[block.at], &mut state.orders[block.at]);
        let demand = &self.demand[block.tile * USERS..(block.tile + 1) * USERS];
        let (days, rate) = (self.days[block.sector], self.rate[block.sector]);
        let use_of: Lanes<1> = lanes(|u, l| block.coefficients[u] * demand[u][l]);
        *held = lanes(|u, l| held[u][l] + orders[u][l] - use_of[u][l]);
        *orders = lanes(|u, l| use_of[u][l] + (days * use_of[u][l] - held[u][l]) * rate);
        *orders
    }
}
