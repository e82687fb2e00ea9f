use crate::{ChainError, InputOutputSystem};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

/// Days of a year: flows of a table are divided by it to become daily.
pub const DAYS_OF_YEAR: f64 = 365.0;

/// How a shock fades after its end.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "shape")]
pub enum Recovery {
    /// All at once: on the day of its end the shock is over.
    #[default]
    AtOnce,
    /// In equal steps over some days: intensity 1 − t / days, t days after the end.
    Linear {
        /// Days until nothing is left.
        days: f64,
    },
    /// Fast at first: intensity exp(−t / τ) with τ = days / ln 20, so that after `days` 5 % are left.
    Exponential {
        /// Days until a twentieth is left.
        days: f64,
    },
}

/// When a shock is felt, and how strongly: in full on the days from `start` up to but not including `end`, then fading.
///
/// ```
/// use xinzhi_chain::{Course, Recovery};
/// let course = Course { start: 5, end: 15, recovery: Recovery::Linear { days: 60.0 } };
/// assert_eq!([course.intensity(4), course.intensity(5), course.intensity(14)], [0.0, 1.0, 1.0]);
/// assert_eq!(course.intensity(45), 0.5);
/// assert_eq!(Course::always(365).mean(365), 1.0);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Course {
    /// First day, from 0.
    pub start: usize,
    /// First day on which it fades.
    pub end: usize,
    /// How it fades.
    #[serde(default)]
    pub recovery: Recovery,
}

impl Course {
    /// In full on every day of a horizon.
    pub fn always(days: usize) -> Self {
        Course { start: 0, end: days, recovery: Recovery::AtOnce }
    }

    /// The share of the shock felt on a day, between 0 and 1.
    pub fn intensity(&self, day: usize) -> f64 {
        if day < self.start {
            return 0.0;
        }
        if day < self.end {
            return 1.0;
        }
        let since = (day - self.end) as f64;
        match self.recovery {
            Recovery::AtOnce => 0.0,
            Recovery::Linear { days } => (1.0 - since / days).max(0.0),
            Recovery::Exponential { days } => (-since * 20f64.ln() / days).exp(),
        }
    }

    /// The mean intensity over the first `days` days: what models of a year as a whole take.
    pub fn mean(&self, days: usize) -> f64 {
        (0..days).map(|day| self.intensity(day)).sum::<f64>() / days.max(1) as f64
    }

    /// The first day after which nothing is felt (less than a thousandth); `days` where it is felt to the end of the horizon.
    pub fn over(&self, days: usize) -> usize {
        (self.end.min(days)..days).find(|day| self.intensity(*day) < 1e-3).unwrap_or(days)
    }
}

/// What a shock does. Industries and regions are positions in the system; losses and rates stand one beside each supplier or industry,
/// since a product or a route may be a different share of each.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Disturbance {
    /// Industries can make only a part of what they made.
    Capacity {
        /// The industries.
        industries: Vec<usize>,
        /// The share of capacity lost, each between 0 and 1.
        losses: Vec<f64>,
    },
    /// Deliveries that do not arrive: an embargo, an export control, a closed port, a closed market.
    Flow {
        /// Who cannot deliver.
        suppliers: Vec<usize>,
        /// The share of each supplier's deliveries to these users that is lost.
        losses: Vec<f64>,
        /// The industries that are not delivered to.
        users: Vec<usize>,
        /// The regions whose final demand is not delivered to.
        final_users: Vec<usize>,
    },
    /// Final demand that is not asked for any more.
    Demand {
        /// Whose goods.
        suppliers: Vec<usize>,
        /// The share of the demand for each that is lost.
        losses: Vec<f64>,
        /// The regions whose final demand it is.
        final_users: Vec<usize>,
    },
    /// A duty on deliveries. Only models with prices (exact hat) feel it.
    Tariff {
        /// Whose goods.
        suppliers: Vec<usize>,
        /// The rate on each, as a share of value.
        rates: Vec<f64>,
        /// The regions that levy it, on inputs and on final goods.
        importers: Vec<usize>,
    },
}

impl Disturbance {
    fn parts(&self) -> (&'static str, &[usize], &[f64], &[usize], &[usize]) {
        match self {
            Disturbance::Capacity { industries, losses } => ("capacity", industries, losses, &[], &[]),
            Disturbance::Flow { suppliers, losses, users, final_users } => ("flow", suppliers, losses, users, final_users),
            Disturbance::Demand { suppliers, losses, final_users } => ("demand", suppliers, losses, &[], final_users),
            Disturbance::Tariff { suppliers, rates, importers } => ("tariff", suppliers, rates, &[], importers),
        }
    }
}

/// A disturbance and its course.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Shock {
    /// Its name, for messages.
    pub name: String,
    /// What it does.
    pub disturbance: Disturbance,
    /// When.
    pub course: Course,
}

/// Shocks to one system, checked: what every model of shocks takes.
///
/// ```
/// # use xinzhi_chain::{InputOutputSystem, SystemOptions};
/// use xinzhi_chain::{Course, Disturbance, Scenario, Shock};
/// # let pair = |a: &str, b: &str| (a.to_string(), b.to_string());
/// # let system = InputOutputSystem::new(
/// #     "two regions", 2011, "million USD", vec![pair("A", "all"), pair("B", "all")], vec![10.0, 20.0, 30.0, 40.0],
/// #     vec![pair("A", "final"), pair("B", "final")], vec![50.0, 20.0, 10.0, 20.0], SystemOptions::default(),
/// # )?;
/// let embargo = Disturbance::Flow { suppliers: vec![1], losses: vec![1.0], users: vec![0], final_users: vec![0] };
/// let shock = Shock { name: "B against A".into(), disturbance: embargo, course: Course::always(365) };
/// let scenario = Scenario::new(&system, "embargo", 365, vec![shock.clone()])?;
/// assert_eq!(scenario.shocks().len(), 1);
/// // the same flow cannot be cut twice on the same day
/// assert!(Scenario::new(&system, "embargo", 365, vec![shock.clone(), shock]).is_err());
/// # Ok::<(), xinzhi_chain::ChainError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Scenario {
    name: String,
    days: usize,
    shocks: Vec<Shock>,
}

impl Scenario {
    /// Checks shocks against a system: `days` is the horizon.
    ///
    /// # Errors
    /// [`ChainError::Shock`] for a horizon of no days; a shock that touches nothing, names an industry or region twice or one that is
    /// not in the system, loses more than all or less than nothing, ends before it starts, starts after the horizon, has a recovery of
    /// no days, cuts flows that are all zero, or touches what another shock of the same kind touches on the same day.
    pub fn new(system: &InputOutputSystem, name: impl Into<String>, days: usize, shocks: Vec<Shock>) -> Result<Self, ChainError> {
        let scenario = Scenario { name: name.into(), days, shocks };
        let refuse = |shock: &str, why: String| Err(ChainError::Shock { scenario: scenario.name.clone(), shock: shock.to_owned(), why });
        if days == 0 {
            return refuse("the horizon", "it has no days; give at least one".to_owned());
        }
        let (n, regions) = (system.size(), system.regions());
        for shock in &scenario.shocks {
            let (kind, suppliers, losses, users, final_users) = shock.disturbance.parts();
            let Course { start, end, recovery } = shock.course;
            if end <= start {
                return refuse(&shock.name, format!("it ends on day {end} but starts on day {start}; the end is the first day after it"));
            }
            if start >= days {
                return refuse(&shock.name, format!("it starts on day {start}, after the horizon of {days} days"));
            }
            if let Recovery::Linear { days } | Recovery::Exponential { days } = recovery
                && !(days > 0.0 && days.is_finite())
            {
                return refuse(&shock.name, format!("its recovery takes {days} days; give a positive number, or recovery at once"));
            }
            if suppliers.is_empty() || (kind != "capacity" && users.is_empty() && final_users.is_empty()) {
                return refuse(&shock.name, "it touches nothing; name industries, suppliers and users".to_owned());
            }
            if losses.len() != suppliers.len() {
                return refuse(&shock.name, format!("{} losses for {} industries", losses.len(), suppliers.len()));
            }
            for (what, list, limit) in [("industry", suppliers, n), ("user", users, n), ("region", final_users, regions.len())] {
                let mut sorted = list.to_vec();
                sorted.sort_unstable();
                if let Some(at) = sorted.last().filter(|at| **at >= limit) {
                    return refuse(&shock.name, format!("its {what} {at} is not in the table, which has {limit}"));
                }
                if let Some(pair) = sorted.windows(2).find(|pair| pair[0] == pair[1]) {
                    let label = if what == "region" { regions.name(pair[0]).to_owned() } else { system.industry(pair[0]) };
                    return refuse(&shock.name, format!("it names {label} twice"));
                }
            }
            let largest = if kind == "tariff" { f64::INFINITY } else { 1.0 };
            let smallest = if kind == "tariff" { -1.0 } else { 0.0 };
            if let Some((i, loss)) = suppliers.iter().zip(losses).find(|(_, loss)| !(**loss >= smallest && **loss <= largest)) {
                let industry = system.industry(*i);
                return refuse(
                    &shock.name,
                    match kind {
                        "tariff" => format!("the rate on {industry} is {loss}; give a share of value, such as 0.25"),
                        _ => format!("it takes {loss} of {industry}; a share lies between 0 and 1, and no more can be cut than flows"),
                    },
                );
            }
            if kind != "capacity" {
                let flow = |i: &usize| {
                    users.iter().any(|j| system.delivery(*i, *j) != 0.0)
                        || final_users.iter().any(|r| {
                            system.final_delivery(*i, *r) != 0.0
                                || (kind == "tariff" && system.range_at(*r).any(|j| system.delivery(*i, j) != 0.0))
                        })
                };
                if !suppliers.iter().any(flow) {
                    let first = suppliers.first().map(|i| system.industry(*i)).unwrap_or_default();
                    return refuse(&shock.name, format!("nothing flows from {first} and the others it names to the users it names"));
                }
            }
        }
        scenario.without_overlap(system)?;
        Ok(scenario)
    }

    /// No two shocks of a kind may touch the same thing on the same day; where both have to be felt, the user says how by one shock.
    fn without_overlap(&self, system: &InputOutputSystem) -> Result<(), ChainError> {
        // by kind and supplier: the shocks that name it
        let mut by_supplier: HashMap<(&'static str, usize), Vec<usize>> = HashMap::new();
        for (at, shock) in self.shocks.iter().enumerate() {
            let (kind, suppliers, _, _, _) = shock.disturbance.parts();
            for i in suppliers {
                by_supplier.entry((kind, *i)).or_default().push(at);
            }
        }
        let mut overlaps = Vec::new();
        for ((_, supplier), shocks) in &by_supplier {
            for (k, a) in shocks.iter().enumerate() {
                for b in &shocks[k + 1..] {
                    let (kind, _, _, users, final_users) = self.shocks[*a].disturbance.parts();
                    let (_, _, _, others, final_others) = self.shocks[*b].disturbance.parts();
                    let same = kind == "capacity"
                        || users.iter().any(|j| others.contains(j))
                        || final_users.iter().any(|r| final_others.contains(r));
                    let (x, y) = (self.shocks[*a].course, self.shocks[*b].course);
                    let (from, to) = (x.start.max(y.start), x.over(self.days).min(y.over(self.days)));
                    if same && from < to {
                        overlaps.push((*a, *b, *supplier, from));
                    }
                }
            }
        }
        match overlaps.into_iter().min() {
            None => Ok(()),
            Some((a, b, supplier, day)) => Err(ChainError::Shock {
                scenario: self.name.clone(),
                shock: self.shocks[b].name.clone(),
                why: format!(
                    "on day {day} it touches {} as \"{}\" does already; let one end (recovery included) before the other starts, or join them",
                    system.industry(supplier),
                    self.shocks[a].name
                ),
            }),
        }
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The horizon in days.
    pub fn days(&self) -> usize {
        self.days
    }

    /// The shocks.
    pub fn shocks(&self) -> &[Shock] {
        &self.shocks
    }

    /// Whether any shock is a tariff, which models without prices do not feel.
    pub fn has_tariffs(&self) -> bool {
        self.shocks.iter().any(|shock| matches!(shock.disturbance, Disturbance::Tariff { .. }))
    }

    /// The share of every industry's capacity that is lost on a day.
    pub fn capacity_loss(&self, size: usize, day: usize) -> Vec<f64> {
        let mut lost = vec![0.0; size];
        for shock in &self.shocks {
            if let Disturbance::Capacity { industries, losses } = &shock.disturbance {
                let intensity = shock.course.intensity(day);
                industries.iter().zip(losses).for_each(|(i, loss)| lost[*i] += loss * intensity);
            }
        }
        lost
    }

    /// The shocks with their losses and rates at the mean of their course over the horizon, for models of a year as a whole.
    pub fn mean_disturbances(&self) -> Vec<Disturbance> {
        let scaled = |shock: &Shock| {
            let mean = shock.course.mean(self.days);
            let mut disturbance = shock.disturbance.clone();
            let (Disturbance::Capacity { losses, .. }
            | Disturbance::Flow { losses, .. }
            | Disturbance::Demand { losses, .. }
            | Disturbance::Tariff { rates: losses, .. }) = &mut disturbance;
            losses.iter_mut().for_each(|loss| *loss *= mean);
            disturbance
        };
        self.shocks.iter().map(scaled).collect()
    }
}

/// An identity that a model must keep, and by how much it missed.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Invariant {
    /// The identity, in words.
    pub name: &'static str,
    /// By how much it is missed, relative to the size of what it is about.
    pub residual: f64,
    /// By how much it may be missed.
    pub tolerance: f64,
}

impl Invariant {
    /// Whether it holds.
    pub fn holds(&self) -> bool {
        self.residual <= self.tolerance
    }
}

/// What a model says a scenario costs over its horizon, in the terms that all models share; in the unit of the table. Losses are positive,
/// gains negative.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ScenarioLoss {
    /// The model.
    pub model: String,
    /// Output lost by every industry.
    pub output_loss: Vec<f64>,
    /// Value added lost by every industry.
    pub value_added_loss: Vec<f64>,
    /// Final demand of every region that is not met; in models with prices, the loss of real consumption.
    pub final_demand_loss: Vec<f64>,
    /// The identities it keeps.
    pub invariants: Vec<Invariant>,
}
