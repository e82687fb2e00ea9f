use super::{Choices, Panel};
use crate::StrategyError;
use complexity::{Core, PeriodComplexity, PresenceMatrix, Proximity, period_complexity, proximity_of};
use frame::{LabelledMatrix, LabelledVector};
use industry::PeriodTable;

/// One period of a panel with everything that does not depend on the place asked for.
pub(crate) struct Standing {
    pub(crate) period: usize,
    pub(crate) values: LabelledMatrix,
    pub(crate) all: PeriodComplexity,
    /// PCI over all activities; NaN where the core does not have it.
    pub(crate) pci: LabelledVector,
    pub(crate) proximity: Proximity,
    /// What the core has.
    pub(crate) core_presence: PresenceMatrix,
}

impl Standing {
    pub(crate) fn new(panel: &Panel, period: usize, choices: &Choices, universe: Option<&[String]>) -> Result<Self, StrategyError> {
        let mut options = choices.resolve(panel, period)?;
        // not used by any of these verbs
        options.fitness = None;
        let values = panel.matrix(period)?;
        let population = panel.of_places(&panel.population, period)?.filter(|_| options.presence.needs_population());
        let core = choices.core(panel, period, universe)?;
        let all = period_complexity(&values, population.as_ref(), core.as_deref().map_or(Core::All, Core::Places), &options)?;
        if let Some(reason) = &all.record.refusal {
            let what = format!("the index of complexity is not defined for {}: {reason}", panel.period_name(period));
            return Err(store::StoreError::new(store::Problem::Value, what).into());
        }
        let core_presence = match &core {
            Some(places) => {
                let kept: std::collections::HashSet<&str> = places.iter().map(String::as_str).collect();
                all.presence.select_places(values.rows().iter().filter(|place| kept.contains(place)))?
            }
            None => all.presence.clone(),
        };
        let specialisation = match &core {
            Some(places) => all.rca.select_rows(|place| places.iter().any(|p| p == place))?,
            None => all.rca.clone(),
        };
        let proximity = proximity_of(options.proximity, &core_presence, Some(&specialisation), options.diagonal)?;
        let pci = LabelledVector::new(
            values.columns().clone(),
            values.columns().iter().map(|code| all.pci.get(code).unwrap_or(f64::NAN)).collect(),
        )?;
        Ok(Standing { period, values, all, pci, proximity, core_presence })
    }

    /// The rank of a place by ECI among the places of the core, and how many they are.
    pub(crate) fn rank(&self, place: &str) -> Option<(usize, usize)> {
        let own = self.all.eci.get(place).filter(|v| v.is_finite())?;
        let core: Vec<f64> = self.core_presence.places().iter().filter_map(|p| self.all.eci.get(p)).filter(|v| v.is_finite()).collect();
        Some((1 + core.iter().filter(|v| **v > own).count(), core.len()))
    }
}

/// The values of all periods up to one, over the places of the core, by name.
pub(crate) struct History {
    names: Vec<String>,
    tables: Vec<LabelledMatrix>,
}

impl History {
    /// Periods in which the panel has any value, the last one `until`.
    pub(crate) fn new(panel: &Panel, until: usize, choices: &Choices, universe: Option<&[String]>) -> Result<Self, StrategyError> {
        let core = choices.core(panel, until, universe)?;
        let (mut names, mut tables) = (Vec::new(), Vec::new());
        for period in 0..=until {
            let values = panel.matrix(period)?;
            let values = match &core {
                Some(places) => values.select_rows(|place| places.iter().any(|p| p == place))?,
                None => values,
            };
            if values.values().iter().any(|v| *v > 0.0) {
                names.push(panel.period_name(period).to_owned());
                tables.push(values);
            }
        }
        Ok(History { names, tables })
    }

    pub(crate) fn periods(&self) -> Vec<PeriodTable<'_>> {
        self.names.iter().zip(&self.tables).map(|(period, values)| PeriodTable { period, values }).collect()
    }

    /// The same with years as numbers; nothing where a period is no year.
    pub(crate) fn years(&self) -> Option<Vec<industry::YearTable<'_>>> {
        let year = |name: &String| name.parse::<i32>().ok();
        self.names.iter().zip(&self.tables).map(|(name, values)| Some(industry::YearTable { period: year(name)?, values })).collect()
    }
}
