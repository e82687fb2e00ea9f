use crate::{Barrier, ChainError, DAYS_OF_YEAR, Disturbance, InputOutputSystem, Scenario};
use serde::{Deserialize, Serialize};

/// A foreign industry that delivers less to a place.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LostSupply {
    /// The supplier, a position in the system.
    pub supplier: usize,
    /// The share of its deliveries that is lost.
    pub share: f64,
    /// The industries of the place, as positions in the system, that lose it; all of them when empty.
    #[serde(default)]
    pub users: Vec<usize>,
}

/// A stop of deliveries to one place: what one is to be prepared for. See [`crate::resilience_plan`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SupplyCut {
    /// Its name.
    pub name: String,
    /// How probable it is relative to the others; the weights of a list are brought to a sum of 1.
    pub weight: f64,
    /// How long it lasts.
    pub days: f64,
    /// What is lost while it lasts.
    pub losses: Vec<LostSupply>,
    /// Industries of the place, as positions in the system, that cannot work in full themselves, with the share they lose.
    #[serde(default)]
    pub own_capacity: Vec<(usize, f64)>,
}

/// Which cuts to make; see [`supply_cuts`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CutOff {
    /// One foreign industry (region × sector) at a time.
    #[default]
    Industries,
    /// All industries of one foreign region at a time.
    Regions,
}

/// Every cut of one foreign industry, or of one foreign region, from the industries of a place, complete and of equal length.
///
/// All have the same weight, or with a list of barriers the weight of the supplying region there; regions that are not on the list are
/// then left out, as are those in `except` (a rest of the world, which no one decision cuts off). Only suppliers that deliver are listed.
///
/// ```
/// # use xinzhi_chain::{InputOutputSystem, SystemOptions};
/// use xinzhi_chain::{CutOff, supply_cuts};
/// # let pair = |a: &str, b: &str| (a.to_string(), b.to_string());
/// # let system = InputOutputSystem::new(
/// #     "two regions", 2011, "million USD", vec![pair("A", "all"), pair("B", "all")], vec![10.0, 20.0, 30.0, 40.0],
/// #     vec![pair("A", "final"), pair("B", "final")], vec![50.0, 20.0, 10.0, 20.0], SystemOptions::default(),
/// # )?;
/// let cuts = supply_cuts(&system, "A", CutOff::Industries, 90.0, &[], &[])?;
/// assert_eq!((cuts.len(), cuts[0].name.as_str(), cuts[0].days), (1, "B all", 90.0));
/// # Ok::<(), xinzhi_chain::ChainError>(())
/// ```
///
/// # Errors
/// [`frame::FrameError::UnknownLabel`] for a place, barrier or exception that is not there; [`ChainError::Option`] for a weight that is
/// negative or not finite, a barrier named twice, or days that are not positive.
pub fn supply_cuts(
    system: &InputOutputSystem,
    place: &str,
    which: CutOff,
    days: f64,
    barriers: &[Barrier],
    except: &[String],
) -> Result<Vec<SupplyCut>, ChainError> {
    let refused =
        |option: &str, value: String, why: &str| Err(ChainError::Option { option: option.to_owned(), value, why: why.to_owned() });
    if !(days > 0.0 && days.is_finite()) {
        return refused("days", days.to_string(), "a cut lasts a positive number of days");
    }
    let (regions, own, n) = (system.regions(), system.range(place)?, system.size());
    let mut weights = vec![f64::from(u8::from(barriers.is_empty())); regions.len()];
    let mut named = vec![false; regions.len()];
    for barrier in barriers {
        let r = regions.require(&barrier.region)?;
        if !(barrier.weight >= 0.0 && barrier.weight.is_finite()) {
            return refused("barriers", format!("{} for {}", barrier.weight, barrier.region), "a weight must be finite and not negative");
        }
        if std::mem::replace(&mut named[r], true) {
            return refused("barriers", barrier.region.clone(), "the region is named twice");
        }
        weights[r] = barrier.weight;
    }
    for region in except {
        weights[regions.require(region)?] = 0.0;
    }
    weights[regions.require(place)?] = 0.0;
    let delivers = |k: &usize| system.deliveries()[k * n..(k + 1) * n][own.clone()].iter().any(|flow| *flow > 0.0);
    let lost = |supplier: usize| LostSupply { supplier, share: 1.0, users: Vec::new() };
    let mut cuts = Vec::new();
    for (r, weight) in weights.into_iter().enumerate().filter(|(_, weight)| *weight > 0.0) {
        let losses: Vec<LostSupply> = system.range_at(r).filter(delivers).map(lost).collect();
        let cut = |name: String, losses| SupplyCut { name, weight, days, losses, own_capacity: Vec::new() };
        match which {
            CutOff::Industries => cuts.extend(losses.into_iter().map(|one| cut(system.industry(one.supplier), vec![one]))),
            CutOff::Regions if losses.is_empty() => {}
            CutOff::Regions => cuts.push(cut(regions.name(r).to_owned(), losses)),
        }
    }
    Ok(cuts)
}

impl SupplyCut {
    /// The cut that a scenario is for one place, and what of the scenario it cannot hold.
    ///
    /// It lasts until the last of its shocks is over; each loses its mean over that time. With one shock that ends at once nothing is
    /// averaged. Deliveries that the place's industries lose and capacity lost abroad become lost supply, capacity lost at home stays what
    /// it is; demand, tariffs, lost final goods and lost deliveries within the place are named in the second part of the result.
    ///
    /// # Errors
    /// [`frame::FrameError::UnknownLabel`]; [`ChainError::Shock`] where nothing of the scenario is felt by the place.
    pub fn of_scenario(
        system: &InputOutputSystem,
        place: &str,
        scenario: &Scenario,
        weight: f64,
    ) -> Result<(Self, Vec<String>), ChainError> {
        let own = system.range(place)?;
        let (mut left_out, mut felt) = (Vec::new(), Vec::new());
        for shock in scenario.shocks() {
            let (mut losses, mut capacity) = (Vec::new(), Vec::new());
            match &shock.disturbance {
                Disturbance::Capacity { industries, losses: shares } => {
                    for (i, share) in industries.iter().zip(shares) {
                        if own.contains(i) {
                            capacity.push((*i, *share));
                        } else {
                            losses.push(LostSupply { supplier: *i, share: *share, users: Vec::new() });
                        }
                    }
                }
                Disturbance::Flow { suppliers, losses: shares, users, final_users } => {
                    let users: Vec<usize> = users.iter().copied().filter(|j| own.contains(j)).collect();
                    let abroad = suppliers.iter().zip(shares).filter(|(i, _)| !own.contains(i) && !users.is_empty());
                    losses.extend(abroad.map(|(i, share)| LostSupply { supplier: *i, share: *share, users: users.clone() }));
                    if suppliers.iter().any(|i| own.contains(i)) {
                        left_out.push(format!("{}: what the place itself does not deliver", shock.name));
                    }
                    if !final_users.is_empty() {
                        left_out.push(format!("{}: deliveries to final demand", shock.name));
                    }
                }
                Disturbance::Demand { .. } => left_out.push(format!("{}: lost demand", shock.name)),
                Disturbance::Tariff { .. } => left_out.push(format!("{}: a tariff", shock.name)),
            }
            if !losses.is_empty() || !capacity.is_empty() {
                felt.push((shock.course, losses, capacity));
            }
        }
        let days = felt.iter().map(|(course, _, _)| course.over(scenario.days())).max().unwrap_or(0);
        if days == 0 {
            return Err(ChainError::Shock {
                scenario: scenario.name().to_owned(),
                shock: "all of them".to_owned(),
                why: format!("{place} loses no deliveries and no capacity by it, so there is nothing to prepare for"),
            });
        }
        let mut cut =
            SupplyCut { name: scenario.name().to_owned(), weight, days: days as f64, losses: Vec::new(), own_capacity: Vec::new() };
        for (course, losses, capacity) in felt {
            let mean = course.mean(days);
            cut.losses.extend(losses.into_iter().map(|lost| LostSupply { share: lost.share * mean, ..lost }));
            cut.own_capacity.extend(capacity.into_iter().map(|(i, share)| (i, share * mean)));
        }
        Ok((cut, left_out))
    }

    /// The part of a year it lasts.
    pub(crate) fn years(&self) -> f64 {
        self.days / DAYS_OF_YEAR
    }
}
