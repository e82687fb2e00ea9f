use crate::daily_market::{Counted, DailyModel, DailyTable, Lane, LaneSet, Ordering, SectorDays, Stage, positive, run_days};
use crate::daily_run::DailyRun;
use crate::scenario::Scenario;
use crate::supplier_shares::{Block, Lanes, USERS, UserRule, lanes};
use crate::{ChainError, InputOutputSystem};
use frame::{LabelledMatrix, Labels};
use serde::{Deserialize, Serialize};

/// Which inputs limit output (Pichler et al. 2022). Critical inputs have criticality 1, important ones ½, others 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum BindingRule {
    /// Every input.
    Leontief,
    /// Critical and important inputs.
    StronglyCritical,
    /// Critical inputs; running out of an important one takes half of output.
    #[default]
    HalfCritical,
    /// Critical inputs.
    WeaklyCritical,
    /// All inputs together, each standing in for any other.
    Linear,
}

/// What an input is to output under a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Binding {
    No,
    Fully,
    Half,
}

impl BindingRule {
    fn binding(self, criticality: f64) -> Binding {
        match self {
            BindingRule::Leontief => Binding::Fully,
            BindingRule::StronglyCritical if criticality > 0.0 => Binding::Fully,
            BindingRule::HalfCritical | BindingRule::WeaklyCritical if criticality > 0.5 => Binding::Fully,
            BindingRule::HalfCritical if criticality > 0.0 => Binding::Half,
            _ => Binding::No,
        }
    }
}

/// What inventories allow industries to make, under one of the five rules.
///
/// With inventories S, coefficients A and criticality, each m inputs × n industries row by row, x⁰ the output without shock, r = S / A,
/// V the critical inputs and U the important ones of an industry:
///
/// Leontief min r; strongly critical min_{V ∪ U} r; half critical min(min_V r, ½ min_U (r + x⁰)); weakly critical min_V r; linear
/// Σ S / Σ A. Inputs with A = 0 do not count. Infinite where nothing limits output. Source: Pichler, Pangallo, del Rio-Chanona, Lafond
/// and Farmer (2022), Forecasting the propagation of pandemic shocks with a dynamic input-output model, Journal of Economic Dynamics and
/// Control 144.
///
/// ```
/// use xinzhi_chain::{BindingRule, output_allowed_by_inventories};
/// // one industry, two inputs of 0.1 and 0.3: enough of the first for 100, of the second, which is important, for 60
/// let allowed = |rule| output_allowed_by_inventories(rule, &[10.0, 18.0], &[0.1, 0.3], &[1.0, 0.5], &[100.0]).unwrap()[0];
/// assert!((allowed(BindingRule::Leontief) - 60.0).abs() < 1e-12);
/// assert!((allowed(BindingRule::HalfCritical) - 80.0).abs() < 1e-12);
/// assert!((allowed(BindingRule::WeaklyCritical) - 100.0).abs() < 1e-12);
/// ```
///
/// # Errors
/// [`ChainError::Shape`] when the three matrices do not have m × n cells; [`ChainError::Option`] for a criticality other than 0, ½, 1.
pub fn output_allowed_by_inventories(
    rule: BindingRule,
    inventories: &[f64],
    coefficients: &[f64],
    criticality: &[f64],
    output: &[f64],
) -> Result<Vec<f64>, ChainError> {
    let n = output.len();
    for (what, found) in [("coefficients", coefficients.len()), ("criticality", criticality.len())] {
        if found != inventories.len() || n == 0 || found % n != 0 {
            return Err(ChainError::Shape { system: "inventories".to_owned(), what: what.to_owned(), expected: inventories.len(), found });
        }
    }
    criticality.iter().try_for_each(|value| check_criticality("criticality", *value))?;
    let allowed = |f: usize| {
        let (mut full, mut half, mut stock, mut need) = (f64::INFINITY, f64::INFINITY, 0.0, 0.0);
        for at in (f..inventories.len()).step_by(n).filter(|at| coefficients[*at] > 0.0) {
            let enough = inventories[at] / coefficients[at];
            match rule.binding(criticality[at]) {
                Binding::Fully => full = enough.min(full),
                Binding::Half => half = enough.min(half),
                Binding::No => {}
            }
            stock += inventories[at];
            need += coefficients[at];
        }
        match rule {
            BindingRule::Linear if need > 0.0 => stock / need,
            _ => full.min(0.5 * (half + output[f])),
        }
    };
    Ok((0..n).map(allowed).collect())
}

fn check_criticality(option: &str, value: f64) -> Result<(), ChainError> {
    positive(option, value, |value| [0.0, 0.5, 1.0].contains(&value), "an input is critical (1), important (0.5) or neither (0)")
}

/// Kinds of sectors in the plain assumption.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Energy,
    Goods,
    Construction,
    BusinessServices,
    Other,
    Unknown,
}

/// The kind of a sector code: the 35 codes c1 to c35 of WIOD 2013, or codes that begin with a section letter of ISIC rev. 4, as those of
/// WIOD 2016 and of the OECD do.
fn kind(code: &str) -> Kind {
    let digits = |rest: &str| rest.chars().next().is_none_or(|c| c.is_ascii_digit());
    if let Some(number) = code.strip_prefix('c').and_then(|rest| rest.parse::<u32>().ok()) {
        return match number {
            8 | 17 => Kind::Energy,
            1..=16 => Kind::Goods,
            18 => Kind::Construction,
            23..=28 | 30 => Kind::BusinessServices,
            19..=35 => Kind::Other,
            _ => Kind::Unknown,
        };
    }
    let mut letters = code.chars();
    match (letters.next(), digits(letters.as_str())) {
        (Some('D' | 'E'), true) => Kind::Energy,
        (Some('C'), true) if code.starts_with("C19") => Kind::Energy,
        (Some('A'..='C'), true) => Kind::Goods,
        (Some('F'), true) => Kind::Construction,
        (Some('H' | 'J' | 'K' | 'M' | 'N'), true) => Kind::BusinessServices,
        (Some('G'..='U'), true) => Kind::Other,
        _ => Kind::Unknown,
    }
}

/// A plain assumption about which inputs are critical, supplying sectors × using sectors. **It is this engine's own, not the survey of
/// Pichler et al.**, whose ratings are not used here.
///
/// | supplied | to industries that make goods, energy or buildings | to others |
/// | --- | --- | --- |
/// | energy and utilities (WIOD c8, c17; ISIC C19, D, E) | critical | critical |
/// | other goods (c1–c16; A, B, C) | critical | not |
/// | business services: transport, communication, finance, professional and support services (c23–c28, c30; H, J, K, M, N) | important | important |
/// | construction, trade, hotels, real estate, public and personal services | not | not |
///
/// A code that is neither is taken as critical to all and in need of all goods: the cautious side.
///
/// ```
/// use frame::Labels;
/// use xinzhi_chain::assumed_criticality;
/// let criticality = assumed_criticality(&Labels::new("sectors", ["C26", "D", "M", "P"])?)?;
/// assert_eq!(criticality.row(0), [1.0, 1.0, 0.0, 0.0]); // electronics
/// assert_eq!(criticality.row(1), [1.0, 1.0, 1.0, 1.0]); // electricity
/// assert_eq!(criticality.row(2), [0.5, 0.5, 0.5, 0.5]); // professional services
/// assert_eq!(criticality.row(3), [0.0, 0.0, 0.0, 0.0]); // education
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// None today beyond those of the labels.
pub fn assumed_criticality(sectors: &Labels) -> Result<LabelledMatrix, ChainError> {
    let mut values = Vec::with_capacity(sectors.len() * sectors.len());
    for supplier in sectors.iter() {
        for user in sectors.iter() {
            let makes = matches!(kind(user), Kind::Energy | Kind::Goods | Kind::Construction | Kind::Unknown);
            values.push(match kind(supplier) {
                Kind::Energy | Kind::Unknown => 1.0,
                Kind::Goods if makes => 1.0,
                Kind::BusinessServices => 0.5,
                Kind::Goods | Kind::Construction | Kind::Other => 0.0,
            });
        }
    }
    Ok(LabelledMatrix::new(sectors.clone(), sectors.clone(), values)?)
}

/// Conventions of [`partially_binding_leontief`].
#[derive(Debug, Clone, PartialEq)]
pub struct PartiallyBindingOptions {
    /// Which inputs limit output.
    pub rule: BindingRule,
    /// Criticality of supplying sectors (rows) for using sectors (columns), 1, ½ or 0; it must hold every sector of the table. By default
    /// [`assumed_criticality`].
    pub criticality: Option<LabelledMatrix>,
    /// Who gets the orders. By default the same suppliers always, as published; with [`Ordering::Alternative`] blocked suppliers are
    /// replaced by others of their sector (capacity does not weigh).
    pub ordering: Ordering,
    /// Inventories in days of use, by supplying sector; infinite where users are never short.
    pub inventories: SectorDays,
    /// τ, days over which inventories are filled up.
    pub restoration: SectorDays,
    /// γ_H, days over which industries hire.
    pub hiring_days: f64,
    /// γ_F, days over which they fire.
    pub firing_days: f64,
    /// Whether a run that diverges goes on to its last day. By default it is stopped.
    pub keep_going: bool,
    /// Days on which the output of every industry is written down.
    pub record: Vec<usize>,
}

impl Default for PartiallyBindingOptions {
    fn default() -> Self {
        PartiallyBindingOptions {
            rule: BindingRule::HalfCritical,
            criticality: None,
            ordering: Ordering::Proportional,
            inventories: 30.0.into(),
            restoration: 10.0.into(),
            hiring_days: 30.0,
            firing_days: 15.0,
            keep_going: false,
            record: Vec::new(),
        }
    }
}

/// Scenarios that share registers, and sets of them that share a pass over the table.
const LANES: usize = 4;
const SETS: usize = 8;
const SHORT_RESTORATION: f64 = 3.0;

/// The path of the world after shocks, day by day, where only some inputs limit output (partially binding Leontief).
///
/// Flows of a day are a 365th of the year's; inventories S_sf are by supplying sector and user, n days of use at first. Every day:
///
/// 1. output x = min(x_cap, x_inp, d): what labour allows, x_cap = x⁰ l with l the labour there is; what inventories allow
///    ([`output_allowed_by_inventories`]); and demand;
/// 2. deliveries in proportion to orders, x / d;
/// 3. S becomes max(S + received − A^sec x, 0): inputs that do not limit output are done without where they have run out;
/// 4. orders for the next day max(A^sec d + (n A^sec x⁰ − S) / τ, 0), to suppliers in fixed proportions;
/// 5. labour moves by (min(x_inp, d) − x_cap) / x⁰ over γ_H days where industries hire and γ_F where they fire, and never above what a
///    shock to capacity leaves.
///
/// So capacity lost comes back by hiring, not at once. Final demand is given (income does not feed back). Shocks, treatment of negative
/// cells, the guard and the result are those of [`crate::adaptive_regional_input_output`]. Source: as
/// [`output_allowed_by_inventories`], which has one country; here shares of suppliers are those of the table in all regions.
///
/// ```
/// # use xinzhi_chain::{InputOutputSystem, SystemOptions};
/// use xinzhi_chain::{Course, Disturbance, PartiallyBindingOptions, Scenario, Shock, partially_binding_leontief};
/// # let pair = |a: &str, b: &str| (a.to_string(), b.to_string());
/// # let system = InputOutputSystem::new(
/// #     "two regions", 2011, "million USD", vec![pair("A", "all"), pair("B", "all")], vec![10.0, 20.0, 30.0, 40.0],
/// #     vec![pair("A", "final"), pair("B", "final")], vec![50.0, 20.0, 10.0, 20.0], SystemOptions::default(),
/// # )?;
/// let half = Disturbance::Capacity { industries: vec![1], losses: vec![0.5] };
/// let shock = Shock { name: "half of B".into(), disturbance: half, course: Course { start: 5, end: 35, recovery: Default::default() } };
/// let run = partially_binding_leontief(&system, &Scenario::new(&system, "B", 365, vec![shock])?, &PartiallyBindingOptions::default())?;
/// assert!(run.output_loss[1] > 0.5 * 30.0 * 100.0 / 365.0);
/// # Ok::<(), xinzhi_chain::ChainError>(())
/// ```
///
/// # Errors
/// [`ChainError::Option`] for days that are not positive or a criticality other than 0, ½, 1; [`frame::FrameError::UnknownLabel`] for a
/// sector the criticality has not.
pub fn partially_binding_leontief(
    system: &InputOutputSystem,
    scenario: &Scenario,
    options: &PartiallyBindingOptions,
) -> Result<DailyRun, ChainError> {
    let mut runs = partially_binding_leontief_batch(system, &[(scenario, options)])?;
    runs.pop().ok_or_else(|| ChainError::Empty { system: system.name().to_owned() })
}

/// Many runs of [`partially_binding_leontief`] in shared passes over the table: the same bytes as one by one.
///
/// ```
/// # use xinzhi_chain::{InputOutputSystem, SystemOptions};
/// use xinzhi_chain::{PartiallyBindingOptions, Scenario, partially_binding_leontief_batch};
/// # let pair = |a: &str, b: &str| (a.to_string(), b.to_string());
/// # let system = InputOutputSystem::new(
/// #     "two regions", 2011, "million USD", vec![pair("A", "all"), pair("B", "all")], vec![10.0, 20.0, 30.0, 40.0],
/// #     vec![pair("A", "final"), pair("B", "final")], vec![50.0, 20.0, 10.0, 20.0], SystemOptions::default(),
/// # )?;
/// let (calm, options) = (Scenario::new(&system, "no shock", 30, vec![])?, PartiallyBindingOptions::default());
/// assert_eq!(partially_binding_leontief_batch(&system, &[(&calm, &options); 2])?.len(), 2);
/// # Ok::<(), xinzhi_chain::ChainError>(())
/// ```
///
/// # Errors
/// As [`partially_binding_leontief`], before anything is run.
pub fn partially_binding_leontief_batch(
    system: &InputOutputSystem,
    cases: &[(&Scenario, &PartiallyBindingOptions)],
) -> Result<Vec<DailyRun>, ChainError> {
    let table = DailyTable::new(system)?;
    let cases: Vec<Case<'_>> = cases.iter().map(|(scenario, options)| Case::new(&table, scenario, options)).collect::<Result<_, _>>()?;
    let (mut left, mut runs) = (cases.as_slice(), Vec::with_capacity(cases.len()));
    while !left.is_empty() {
        let take = if left.len() < LANES { left.len() } else { (left.len() / LANES * LANES).min(LANES * SETS) };
        let (now, rest) = left.split_at(take);
        runs.extend(if take < LANES { run_sets::<1>(&table, now)? } else { run_sets::<LANES>(&table, now)? });
        left = rest;
    }
    Ok(runs)
}

fn run_sets<const L: usize>(table: &DailyTable, cases: &[Case<'_>]) -> Result<Vec<DailyRun>, ChainError> {
    let sets = cases.as_chunks::<L>().0.iter().map(|cases| LaneSet {
        lanes: std::array::from_fn(|l| cases[l].lane()),
        model: PartiallyBinding::<'_, L>::new(table, std::array::from_fn(|l| &cases[l])),
    });
    run_days(table, "partially binding Leontief", sets.collect())
}

/// A scenario with its options, checked.
struct Case<'a> {
    scenario: &'a Scenario,
    options: &'a PartiallyBindingOptions,
    inventories: Vec<f64>,
    restoration: Vec<f64>,
    /// By supplying and using sector.
    binding: Vec<Binding>,
}

impl<'a> Case<'a> {
    fn new(table: &DailyTable, scenario: &'a Scenario, options: &'a PartiallyBindingOptions) -> Result<Self, ChainError> {
        let sectors = &table.shares.sectors;
        for (option, days) in [("hiring_days", options.hiring_days), ("firing_days", options.firing_days)] {
            positive(option, days, |days| days >= 1.0 && days.is_finite(), "give one day or more")?;
        }
        let assumed;
        let criticality = match &options.criticality {
            Some(given) => given,
            None => {
                assumed = assumed_criticality(sectors)?;
                &assumed
            }
        };
        let mut binding = Vec::with_capacity(sectors.len() * sectors.len());
        for supplier in sectors.iter() {
            let row = criticality.rows().require(supplier)?;
            for user in sectors.iter() {
                let value = criticality.at(row, criticality.columns().require(user)?);
                check_criticality(&format!("criticality of {supplier} for {user}"), value)?;
                binding.push(options.rule.binding(value));
            }
        }
        let restoration = options.restoration.resolved("restoration", sectors, false)?;
        positive(
            "restoration",
            restoration.iter().copied().fold(f64::INFINITY, f64::min),
            |days| days >= 1.0,
            "inventories cannot be filled up in less than a day, which is the step of the model",
        )?;
        let inventories = options.inventories.resolved("inventories", sectors, true)?;
        positive(
            "inventories",
            inventories.iter().copied().fold(f64::INFINITY, f64::min),
            |days| days >= 1.0,
            "with less than a day's use in stock nothing can be made; give one day or more",
        )?;
        Ok(Case { scenario, options, inventories, restoration, binding })
    }

    fn lane(&self) -> Lane<'a> {
        let shortest = self.restoration.iter().copied().fold(f64::INFINITY, f64::min);
        let short = format!(
            "inventories are filled up in {shortest} days: below {SHORT_RESTORATION} orders overshoot, and what swings may be the method"
        );
        Lane {
            scenario: self.scenario,
            ordering: self.options.ordering,
            keep_going: self.options.keep_going,
            record: &self.options.record,
            warnings: if shortest < SHORT_RESTORATION { vec![short] } else { Vec::new() },
        }
    }
}

/// What users do with what they receive.
struct PartiallyBindingRule<const L: usize> {
    stage: Stage,
    /// x, d and x⁰ of every user.
    output: Vec<[f64; L]>,
    demand: Vec<[f64; L]>,
    baseline: Vec<[f64; L]>,
    /// n, 0 where infinite, and 1/τ, by sector.
    days: Vec<[f64; L]>,
    rate: Vec<[f64; L]>,
    /// 1, or 0 where inventories are infinite.
    tracked: Vec<[f64; L]>,
    /// 0 where an input binds fully or half, infinite where it does not; by supplying and using sector.
    not_fully: Vec<[f64; L]>,
    not_half: Vec<[f64; L]>,
    sector_of: Vec<usize>,
    sectors: usize,
    alternative: [f64; L],
}

/// What the users of a chunk hold.
struct PartiallyBindingState<const L: usize> {
    inventories: Vec<Lanes<L>>,
    orders: Vec<Lanes<L>>,
    /// By user: min r over inputs that bind fully, over those that bind half, Σ S, Σ A.
    full: Vec<[f64; L]>,
    half: Vec<[f64; L]>,
    stock: Vec<[f64; L]>,
    need: Vec<[f64; L]>,
    counted: Counted<L>,
}

impl<const L: usize> UserRule<L> for PartiallyBindingRule<L> {
    type State = PartiallyBindingState<L>;

    #[inline(always)]
    fn update(&self, state: &mut Self::State, block: Block<'_>, delivered: &Lanes<L>, weight: &Lanes<L>) -> Lanes<L> {
        let (s, first) = (block.sector, block.tile * USERS);
        let (output, demand) = (&self.output[first..first + USERS], &self.demand[first..first + USERS]);
        let baseline = &self.baseline[first..first + USERS];
        let (days, rate, tracked) = (&self.days[s], &self.rate[s], &self.tracked[s]);
        let (held, orders) = (&mut state.inventories[block.at], &mut state.orders[block.at]);
        let a = |u: usize| block.coefficients[u];
        if self.stage == Stage::Day {
            let add: Lanes<L> = lanes(|u, l| orders[u][l] * delivered[u][l]);
            let after: Lanes<L> = lanes(|u, l| held[u][l] + add[u][l] - a(u) * output[u][l]);
            let after: Lanes<L> = lanes(|u, l| tracked[l] * if after[u][l] > 0.0 { after[u][l] } else { 0.0 });
            for u in 0..USERS {
                for l in 0..L {
                    // what is used is what was there and is not any more
                    state.counted.received[s][l] += tracked[l] * add[u][l];
                    state.counted.used[s][l] += tracked[l] * (held[u][l] + add[u][l] - after[u][l]);
                }
            }
            *held = after;
        }
        let order: Lanes<L> = lanes(|u, l| a(u) * demand[u][l] + (days[l] * (a(u) * baseline[u][l]) - held[u][l]) * rate[l]);
        let divisor: Lanes<L> = lanes(|u, l| {
            let over = if self.alternative[l] > 0.0 { weight[u][l] } else { 1.0 };
            if over > 0.0 { over } else { f64::INFINITY }
        });
        *orders = lanes(|u, l| (if order[u][l] > 0.0 { order[u][l] } else { 0.0 }) / divisor[u][l]);
        let counts = |u: usize, l: usize| a(u) > 0.0 && tracked[l] > 0.0;
        let enough: Lanes<L> = lanes(|u, l| if counts(u, l) { held[u][l] * block.per_coefficient[u] } else { f64::INFINITY });
        let stock: Lanes<L> = lanes(|u, l| tracked[l] * held[u][l]);
        for (u, (enough, stock)) in enough.iter().zip(&stock).enumerate() {
            let user = block.tile_in_chunk * USERS + u;
            let pair = s * self.sectors + self.sector_of.get(first + u).copied().unwrap_or(0);
            if s == 0 {
                (state.full[user], state.half[user]) = ([f64::INFINITY; L], [f64::INFINITY; L]);
                (state.stock[user], state.need[user]) = ([0.0; L], [0.0; L]);
            }
            let (not_fully, not_half) = (&self.not_fully[pair], &self.not_half[pair]);
            for (l, enough) in enough.iter().enumerate() {
                let (full, half) = (enough + not_fully[l], enough + not_half[l]);
                state.full[user][l] = if full < state.full[user][l] { full } else { state.full[user][l] };
                state.half[user][l] = if half < state.half[user][l] { half } else { state.half[user][l] };
                state.stock[user][l] += stock[l];
                state.need[user][l] += tracked[l] * a(u);
            }
        }
        *orders
    }
}

/// The model for L scenarios.
struct PartiallyBinding<'a, const L: usize> {
    rule: PartiallyBindingRule<L>,
    cases: [&'a Case<'a>; L],
    /// x_inp.
    allowed: Vec<[f64; L]>,
    /// l, of what there is without shock.
    labour: Vec<[f64; L]>,
    able: [f64; L],
    short: [bool; L],
}

impl<'a, const L: usize> PartiallyBinding<'a, L> {
    fn new(table: &DailyTable, cases: [&'a Case<'a>; L]) -> Self {
        let (shares, sectors) = (&table.shares, table.shares.sectors.len());
        let by_sector = |of: &dyn Fn(&Case<'_>, usize) -> f64| -> Vec<[f64; L]> {
            (0..sectors).map(|s| std::array::from_fn(|l| of(cases[l], s))).collect()
        };
        let finite = |case: &Case<'_>, s: usize| case.inventories[s].is_finite();
        let unless = |binding: Binding| -> Vec<[f64; L]> {
            (0..sectors * sectors)
                .map(|pair| std::array::from_fn(|l| if cases[l].binding[pair] == binding { 0.0 } else { f64::INFINITY }))
                .collect()
        };
        let mut baseline: Vec<[f64; L]> = table.output.iter().map(|x| [*x; L]).collect();
        baseline.resize(shares.padded(), [0.0; L]);
        PartiallyBinding {
            rule: PartiallyBindingRule {
                stage: Stage::First,
                output: baseline.clone(),
                demand: baseline.clone(),
                baseline,
                days: by_sector(&|case, s| if finite(case, s) { case.inventories[s] } else { 0.0 }),
                rate: by_sector(&|case, s| if finite(case, s) { 1.0 / case.restoration[s] } else { 0.0 }),
                tracked: by_sector(&|case, s| if finite(case, s) { 1.0 } else { 0.0 }),
                not_fully: unless(Binding::Fully),
                not_half: unless(Binding::Half),
                sector_of: shares.sector_of.clone(),
                sectors,
                alternative: cases.map(|case| if case.options.ordering == Ordering::Alternative { 1.0 } else { 0.0 }),
            },
            allowed: vec![[f64::INFINITY; L]; shares.padded()],
            labour: vec![[1.0; L]; shares.size],
            able: [0.0; L],
            short: [false; L],
            cases,
        }
    }
}

impl<const L: usize> DailyModel<L> for PartiallyBinding<'_, L> {
    type Rule = PartiallyBindingRule<L>;

    fn rule(&self) -> &Self::Rule {
        &self.rule
    }

    fn stage(&mut self, stage: Stage) {
        self.rule.stage = stage;
    }

    fn state(&self, table: &DailyTable, chunk: usize) -> PartiallyBindingState<L> {
        let shares = &table.shares;
        let users = shares.tiles_of_chunk(chunk).len() * USERS;
        let inventories: Vec<Lanes<L>> = shares
            .blocks(chunk)
            .map(|block| {
                lanes(|u, l| {
                    let use_of = block.coefficients[u] * self.rule.baseline[block.tile * USERS + u][l];
                    self.rule.days[block.sector][l] * use_of
                })
            })
            .collect();
        PartiallyBindingState {
            orders: vec![[[0.0; L]; USERS]; inventories.len()],
            full: vec![[f64::INFINITY; L]; users],
            half: vec![[f64::INFINITY; L]; users],
            stock: vec![[0.0; L]; users],
            need: vec![[0.0; L]; users],
            counted: Counted::new(shares.sectors.len()),
            inventories,
        }
    }

    fn added_demand(&mut self, _: usize) -> Option<&[[f64; L]]> {
        None
    }

    fn produce(&mut self, table: &DailyTable, day: usize, _: &[[f64; L]], to_make: &[[f64; L]]) {
        let lost: [Vec<f64>; L] = std::array::from_fn(|l| self.cases[l].scenario.capacity_loss(table.shares.size, day));
        (self.able, self.short) = ([0.0; L], [false; L]);
        for i in 0..table.shares.size {
            for l in 0..L {
                let (baseline, left) = (table.output[i], (1.0 - lost[l][i]).max(0.0));
                let labour = self.labour[i][l].min(left);
                let (capacity, demand, allowed) = (baseline * labour, to_make[i][l], self.allowed[i][l]);
                self.able[l] += baseline * left;
                self.short[l] |= allowed < demand.min(capacity);
                self.rule.demand[i][l] = demand;
                self.rule.output[i][l] = capacity.min(allowed).min(demand);
                if baseline > 0.0 {
                    let change = (allowed.min(demand) - capacity) / baseline;
                    let options = self.cases[l].options;
                    self.labour[i][l] = (labour + change / if change > 0.0 { options.hiring_days } else { options.firing_days }).max(0.0);
                }
            }
        }
    }

    fn output(&self) -> &[[f64; L]] {
        &self.rule.output
    }

    fn able(&self, lane: usize) -> f64 {
        self.able[lane]
    }

    fn short(&self, lane: usize) -> bool {
        self.short[lane]
    }

    fn order_weights(&self, weights: &mut [[f64; L]]) {
        weights.fill([1.0; L]);
    }

    fn delivered(&mut self, _: &DailyTable, _: &[[f64; L]]) {}

    fn collect(&mut self, table: &DailyTable, chunk: usize, state: &mut PartiallyBindingState<L>) -> Counted<L> {
        let first = table.shares.tiles_of_chunk(chunk).start * USERS;
        for (user, allowed) in self.allowed[first..first + state.full.len()].iter_mut().enumerate() {
            for (l, allowed) in allowed.iter_mut().enumerate() {
                *allowed = match self.cases[l].options.rule {
                    BindingRule::Linear if state.need[user][l] > 0.0 => state.stock[user][l] / state.need[user][l],
                    _ => state.full[user][l].min(0.5 * (state.half[user][l] + self.rule.baseline[first + user][l])),
                };
            }
        }
        std::mem::replace(&mut state.counted, Counted::new(table.shares.sectors.len()))
    }

    fn inventories(&self, table: &DailyTable, chunk: usize, state: &PartiallyBindingState<L>) -> Vec<[f64; L]> {
        let mut sum = vec![[0.0; L]; table.shares.sectors.len()];
        for (block, inventories) in table.shares.blocks(chunk).zip(&state.inventories) {
            for of in inventories {
                (0..L).for_each(|l| sum[block.sector][l] += of[l]);
            }
        }
        sum
    }
}
