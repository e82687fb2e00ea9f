use crate::daily_market::{SectorDays, positive};
use crate::{ArioOptions, ChainError, InputOutputSystem, PartiallyBindingOptions, ScenarioLoss, assumed_criticality};
use frame::{LabelledMatrix, Labels};
use serde::{Deserialize, Serialize};

/// What an unknown number may be.
///
/// Draws are made by counting: the number of a (seed, draw, index) is the same wherever and in whatever order it is asked for.
///
/// ```
/// use xinzhi_chain::Distribution;
/// let days = Distribution::Triangular { low: 10.0, mode: 30.0, high: 90.0 };
/// let first = days.draw(2024, 0, 7);
/// assert!((10.0..=90.0).contains(&first));
/// assert_eq!(first, days.draw(2024, 0, 7));
/// assert_ne!(first, days.draw(2024, 1, 7));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "shape")]
pub enum Distribution {
    /// Always the same.
    Fixed {
        /// The value.
        value: f64,
    },
    /// Every value of a range alike.
    Uniform {
        /// The least.
        low: f64,
        /// The greatest.
        high: f64,
    },
    /// Most often near the mode, never outside the range.
    Triangular {
        /// The least.
        low: f64,
        /// The most frequent.
        mode: f64,
        /// The greatest.
        high: f64,
    },
    /// Half of draws below the median, and the logarithm normal with a standard deviation.
    LogNormal {
        /// The median.
        median: f64,
        /// The standard deviation of the logarithm.
        deviation: f64,
    },
}

impl Distribution {
    /// One draw.
    pub fn draw(&self, seed: u64, draw: u64, index: u64) -> f64 {
        let u = uniform(seed, draw, index, 0);
        match *self {
            Distribution::Fixed { value } => value,
            Distribution::Uniform { low, high } => low + (high - low) * u,
            Distribution::Triangular { low, mode, high } => {
                let left = if high > low { (mode - low) / (high - low) } else { 0.0 };
                if u < left {
                    low + (u * (high - low) * (mode - low)).sqrt()
                } else {
                    high - ((1.0 - u) * (high - low) * (high - mode)).sqrt()
                }
            }
            Distribution::LogNormal { median, deviation } => {
                let angle = std::f64::consts::TAU * uniform(seed, draw, index, 1);
                median * (deviation * (-2.0 * u.ln()).sqrt() * angle.cos()).exp()
            }
        }
    }

    /// Refuses a range that is upside down or not finite.
    ///
    /// # Errors
    /// [`ChainError::Option`].
    pub fn check(&self, option: &str) -> Result<(), ChainError> {
        let fine = match *self {
            Distribution::Fixed { value } => value.is_finite(),
            Distribution::Uniform { low, high } => low <= high && low.is_finite() && high.is_finite(),
            Distribution::Triangular { low, mode, high } => low <= mode && mode <= high && low.is_finite() && high.is_finite(),
            Distribution::LogNormal { median, deviation } => {
                median > 0.0 && median.is_finite() && deviation >= 0.0 && deviation.is_finite()
            }
        };
        if fine {
            return Ok(());
        }
        Err(ChainError::Option {
            option: option.to_owned(),
            value: format!("{self:?}"),
            why: "give finite numbers in rising order, a positive median, a deviation that is not negative".to_owned(),
        })
    }
}

/// A number between 0 and 1, both excluded, from counters alone (SplitMix64, Steele, Lea and Flood 2014, over each counter in turn).
fn uniform(seed: u64, draw: u64, index: u64, part: u64) -> f64 {
    let mut state = 0u64;
    for counter in [seed, draw, index, part] {
        state = state.wrapping_add(counter).wrapping_add(0x9E37_79B9_7F4A_7C15);
        state = (state ^ (state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        state = (state ^ (state >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        state ^= state >> 31;
    }
    ((state >> 11) as f64 + 0.5) / (1u64 << 53) as f64
}

/// Which streams of numbers there are; the rest of an index counts sectors or pairs of them.
const STREAM: u64 = 1 << 32;

/// How inventories are uncertain, in every model with inventories: factors on the days of the options, drawn for each supplying sector.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct InventoryDraws {
    /// Factor on inventories. Infinite ones stay infinite.
    pub inventories: Distribution,
    /// Factor on the days of restoration; the product is at least one day.
    pub restoration: Distribution,
}

impl Default for InventoryDraws {
    /// Half to twice the days, most often near them: a range that is assumed, not measured.
    fn default() -> Self {
        let factor = Distribution::Triangular { low: 0.5, mode: 1.0, high: 2.0 };
        InventoryDraws { inventories: factor, restoration: factor }
    }
}

impl InventoryDraws {
    fn check(&self) -> Result<(), ChainError> {
        self.inventories.check("draws.inventories")?;
        self.restoration.check("draws.restoration")
    }

    fn days(&self, inventories: &SectorDays, restoration: &SectorDays, sectors: &Labels, seed: u64, draw: u64) -> (SectorDays, SectorDays) {
        let drawn = |days: &SectorDays, by: &Distribution, stream: u64, least: f64| SectorDays {
            default: days.default,
            by_sector: sectors
                .iter()
                .zip(0u64..)
                .map(|(code, at)| {
                    let days = days.by_sector.get(code).copied().unwrap_or(days.default);
                    (code.to_owned(), (days * by.draw(seed, draw, stream + at)).max(least))
                })
                .collect(),
        };
        // what is no more than a day is for the model to take as it does
        (drawn(inventories, &self.inventories, STREAM, 1.0), drawn(restoration, &self.restoration, 2 * STREAM, 1.0))
    }
}

/// How the options of [`crate::adaptive_regional_input_output`] are uncertain.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct ArioDraws {
    /// Inventories and their restoration.
    pub inventories: InventoryDraws,
    /// ψ; what is drawn above 1 or below 0.01 is taken as that.
    pub psi: Distribution,
    /// α_max; what is drawn below 1 is taken as 1.
    pub overproduction_max: Distribution,
}

impl Default for ArioDraws {
    /// ψ between 0.5 and 1, α_max between 1.1 and 1.4: ranges that are assumed, not measured.
    fn default() -> Self {
        ArioDraws {
            inventories: InventoryDraws::default(),
            psi: Distribution::Triangular { low: 0.5, mode: 0.8, high: 1.0 },
            overproduction_max: Distribution::Triangular { low: 1.1, mode: 1.25, high: 1.4 },
        }
    }
}

/// The options of one draw: those given, with what is uncertain drawn.
///
/// ```
/// # use xinzhi_chain::{InputOutputSystem, SystemOptions};
/// use xinzhi_chain::{ArioDraws, ArioOptions, ario_options_of_draw};
/// # let pair = |a: &str, b: &str| (a.to_string(), b.to_string());
/// # let system = InputOutputSystem::new(
/// #     "two regions", 2011, "million USD", vec![pair("A", "all"), pair("B", "all")], vec![10.0, 20.0, 30.0, 40.0],
/// #     vec![pair("A", "final"), pair("B", "final")], vec![50.0, 20.0, 10.0, 20.0], SystemOptions::default(),
/// # )?;
/// let options = ario_options_of_draw(&system, &ArioOptions::default(), &ArioDraws::default(), 1, 0)?;
/// assert!(options.psi >= 0.5 && options.inventories.by_sector["all"] <= 180.0);
/// # Ok::<(), xinzhi_chain::ChainError>(())
/// ```
///
/// # Errors
/// [`ChainError::Option`] for a distribution that makes no sense.
pub fn ario_options_of_draw(
    system: &InputOutputSystem,
    options: &ArioOptions,
    draws: &ArioDraws,
    seed: u64,
    draw: u64,
) -> Result<ArioOptions, ChainError> {
    draws.inventories.check()?;
    draws.psi.check("draws.psi")?;
    draws.overproduction_max.check("draws.overproduction_max")?;
    let (sectors, _) = system.sector_codes()?;
    let (inventories, restoration) = draws.inventories.days(&options.inventories, &options.restoration, &sectors, seed, draw);
    Ok(ArioOptions {
        inventories,
        restoration,
        psi: draws.psi.draw(seed, draw, 3 * STREAM).clamp(0.01, 1.0),
        overproduction_max: draws.overproduction_max.draw(seed, draw, 4 * STREAM).max(1.0),
        ..options.clone()
    })
}

/// How the options of [`crate::partially_binding_leontief`] are uncertain.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct PartiallyBindingDraws {
    /// Inventories and their restoration.
    pub inventories: InventoryDraws,
    /// The chance that a rating is off by a step: critical or not critical becomes important, important either of the two alike.
    pub misrated: f64,
}

impl Default for PartiallyBindingDraws {
    /// One rating in ten off by a step: assumed, not measured.
    fn default() -> Self {
        PartiallyBindingDraws { inventories: InventoryDraws::default(), misrated: 0.1 }
    }
}

/// The options of one draw: those given, with what is uncertain drawn.
///
/// ```
/// # use xinzhi_chain::{InputOutputSystem, SystemOptions};
/// use xinzhi_chain::{PartiallyBindingDraws, PartiallyBindingOptions, partially_binding_options_of_draw};
/// # let pair = |a: &str, b: &str| (a.to_string(), b.to_string());
/// # let system = InputOutputSystem::new(
/// #     "two regions", 2011, "million USD", vec![pair("A", "all"), pair("B", "all")], vec![10.0, 20.0, 30.0, 40.0],
/// #     vec![pair("A", "final"), pair("B", "final")], vec![50.0, 20.0, 10.0, 20.0], SystemOptions::default(),
/// # )?;
/// let sure = PartiallyBindingDraws { misrated: 1.0, ..Default::default() };
/// let options = partially_binding_options_of_draw(&system, &PartiallyBindingOptions::default(), &sure, 1, 0)?;
/// assert_eq!(options.criticality.unwrap().values(), [0.5]);
/// # Ok::<(), xinzhi_chain::ChainError>(())
/// ```
///
/// # Errors
/// [`ChainError::Option`] for a distribution that makes no sense or a chance outside 0 to 1.
pub fn partially_binding_options_of_draw(
    system: &InputOutputSystem,
    options: &PartiallyBindingOptions,
    draws: &PartiallyBindingDraws,
    seed: u64,
    draw: u64,
) -> Result<PartiallyBindingOptions, ChainError> {
    draws.inventories.check()?;
    positive("draws.misrated", draws.misrated, |chance| (0.0..=1.0).contains(&chance), "give a chance between 0 and 1")?;
    let (sectors, _) = system.sector_codes()?;
    let (inventories, restoration) = draws.inventories.days(&options.inventories, &options.restoration, &sectors, seed, draw);
    let given = match &options.criticality {
        Some(given) => given.clone(),
        None => assumed_criticality(&sectors)?,
    };
    let values = given.values().iter().zip(0u64..).map(|(value, at)| {
        if uniform(seed, draw, 5 * STREAM + at, 0) >= draws.misrated {
            *value
        } else if *value != 0.5 {
            0.5
        } else if uniform(seed, draw, 5 * STREAM + at, 1) < 0.5 {
            0.0
        } else {
            1.0
        }
    });
    let criticality = LabelledMatrix::new(given.rows().clone(), given.columns().clone(), values.collect())?;
    Ok(PartiallyBindingOptions { inventories, restoration, criticality: Some(criticality), ..options.clone() })
}

/// What losses are over draws: quantiles by region and for the world. In the unit of the table; positive where lost.
#[derive(Debug, Clone, PartialEq)]
pub struct LossQuantiles {
    /// How many draws.
    pub draws: usize,
    /// The shares of draws that lie below, one for each column.
    pub probabilities: Vec<f64>,
    /// Loss of output, regions × probabilities.
    pub output_loss: LabelledMatrix,
    /// Loss of value added.
    pub value_added_loss: LabelledMatrix,
    /// Final demand not met.
    pub final_demand_loss: LabelledMatrix,
    /// The same for the world: quantiles of the sums, which are not the sums of the quantiles.
    pub world_output_loss: Vec<f64>,
    /// The world's loss of value added.
    pub world_value_added_loss: Vec<f64>,
    /// The world's final demand not met.
    pub world_final_demand_loss: Vec<f64>,
}

/// Quantiles of the losses of many draws, of any model: linear between the draws in order (Hyndman and Fan 1996, type 7).
///
/// ```
/// # use xinzhi_chain::{InputOutputSystem, SystemOptions};
/// use xinzhi_chain::{ScenarioLoss, loss_quantiles};
/// # let pair = |a: &str, b: &str| (a.to_string(), b.to_string());
/// # let system = InputOutputSystem::new(
/// #     "two regions", 2011, "million USD", vec![pair("A", "all"), pair("B", "all")], vec![10.0, 20.0, 30.0, 40.0],
/// #     vec![pair("A", "final"), pair("B", "final")], vec![50.0, 20.0, 10.0, 20.0], SystemOptions::default(),
/// # )?;
/// let loss = |a: f64| ScenarioLoss {
///     model: "any".into(), output_loss: vec![a, 1.0], value_added_loss: vec![a, 1.0], final_demand_loss: vec![0.0; 2], invariants: vec![],
/// };
/// let quantiles = loss_quantiles(&system, &[loss(3.0), loss(1.0), loss(2.0)], &[0.0, 0.5, 0.75])?;
/// assert_eq!(quantiles.output_loss.row(0), [1.0, 2.0, 2.5]);
/// assert_eq!(quantiles.world_output_loss, [2.0, 3.0, 3.5]);
/// # Ok::<(), xinzhi_chain::ChainError>(())
/// ```
///
/// # Errors
/// [`ChainError::Option`] for a probability outside 0 to 1 or no draws; [`ChainError::Shape`] for losses of another table;
/// [`ChainError::Refused`] for a loss that is not finite.
pub fn loss_quantiles(system: &InputOutputSystem, losses: &[ScenarioLoss], probabilities: &[f64]) -> Result<LossQuantiles, ChainError> {
    let regions = system.regions();
    for p in probabilities {
        positive("probabilities", *p, |p| (0.0..=1.0).contains(&p), "give shares between 0 and 1")?;
    }
    positive("draws", losses.len() as f64, |draws| draws > 0.0, "there is nothing to take quantiles of")?;
    let mut by_region: [Vec<Vec<f64>>; 3] = std::array::from_fn(|_| vec![Vec::with_capacity(losses.len()); regions.len()]);
    let mut world: [Vec<f64>; 3] = Default::default();
    for (at, loss) in losses.iter().enumerate() {
        let shapes = [("output loss", &loss.output_loss, system.size()), ("value added loss", &loss.value_added_loss, system.size())];
        for (what, found, expected) in shapes.into_iter().chain([("final demand loss", &loss.final_demand_loss, regions.len())]) {
            if found.len() != expected {
                return Err(ChainError::Shape { system: system.name().to_owned(), what: what.to_owned(), expected, found: found.len() });
            }
            if !found.iter().all(|value| value.is_finite()) {
                return Err(ChainError::Refused {
                    system: system.name().to_owned(),
                    what: format!("quantiles of the {what}"),
                    why: format!("draw {at} has a loss that is not finite; leave diverging runs out and say how many"),
                });
            }
        }
        let sums = [system.by_region(&loss.output_loss)?.values().to_vec(), system.by_region(&loss.value_added_loss)?.values().to_vec()];
        for (k, sums) in sums.iter().chain([&loss.final_demand_loss]).enumerate() {
            by_region[k].iter_mut().zip(sums).for_each(|(all, value)| all.push(*value));
            world[k].push(sums.iter().sum());
        }
    }
    let quantiles = |values: &mut Vec<f64>| -> Vec<f64> {
        values.sort_by(f64::total_cmp);
        let at = |p: &f64| {
            let place = p * (values.len() - 1) as f64;
            let (below, above) = (values[place.floor() as usize], values[place.ceil() as usize]);
            below + (above - below) * (place - place.floor())
        };
        probabilities.iter().map(at).collect()
    };
    let columns = Labels::new("probabilities", probabilities.iter().map(|p| p.to_string()))?;
    let mut matrices = by_region.into_iter().map(|mut of| {
        let values = of.iter_mut().flat_map(quantiles).collect();
        LabelledMatrix::new(regions.clone(), columns.clone(), values)
    });
    let mut next = || matrices.next().unwrap_or_else(|| LabelledMatrix::new(regions.clone(), columns.clone(), Vec::new()));
    let (output_loss, value_added_loss, final_demand_loss) = (next()?, next()?, next()?);
    let [world_output_loss, world_value_added_loss, world_final_demand_loss] = world.map(|mut values| quantiles(&mut values));
    Ok(LossQuantiles {
        draws: losses.len(),
        probabilities: probabilities.to_vec(),
        output_loss,
        value_added_loss,
        final_demand_loss,
        world_output_loss,
        world_value_added_loss,
        world_final_demand_loss,
    })
}
