use super::Panel;
use crate::StrategyError;
use complexity::{
    BootstrapOptions, ComplexityError, ComplexityOptions, Convention, Diagonal, FitnessMap, FitnessOptions, PresenceRule, ProximityKind,
    Resampling, SignRule, Solution, Standardisation,
};
use serde::{Deserialize, Serialize};

/// How indicators are computed. Without any of them the Growth Lab's documented definitions hold.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "clap", derive(clap::Args))]
#[serde(default, deny_unknown_fields)]
pub struct Choices {
    /// Published definitions to start from: growth-lab (default), py-ecomplexity, stata, oec, econgeo, economiccomplexity
    #[cfg_attr(feature = "clap", arg(long, value_name = "NAME", help_heading = "Conventions"))]
    pub convention: Option<String>,
    /// When a place has an activity: rca:1, rpop:1, rca:1,rpop:2 (either), or given (value > 0)
    #[cfg_attr(feature = "clap", arg(long, value_name = "RULE", help_heading = "Conventions"))]
    pub presence: Option<String>,
    /// Presence asks for more than the threshold (>) instead of at least it (>=)
    #[cfg_attr(feature = "clap", arg(long, help_heading = "Conventions"))]
    pub strict: bool,
    /// How near activities are: minimum, asymmetric, correlation, cosine, jaccard, association, probability, taxonomy
    #[cfg_attr(feature = "clap", arg(long, value_name = "KIND", help_heading = "Conventions"))]
    pub proximity: Option<String>,
    /// Whether an activity is its own neighbour in densities: 0 or 1
    #[cfg_attr(feature = "clap", arg(long, value_name = "0|1", help_heading = "Conventions"))]
    pub diagonal: Option<u8>,
    /// Only the K nearest neighbours count in densities
    #[cfg_attr(feature = "clap", arg(long, value_name = "K", help_heading = "Conventions"))]
    pub knn: Option<usize>,
    /// Take each place's densities from a proximity without the place
    #[cfg_attr(feature = "clap", arg(long, help_heading = "Conventions"))]
    pub leave_out: bool,
    /// Standard deviation behind the indices: population, long-sample or each-sample
    #[cfg_attr(feature = "clap", arg(long, value_name = "RULE", help_heading = "Conventions"))]
    pub sd: Option<String>,
    /// Reflections of this even order instead of the eigenvector (at least 4)
    #[cfg_attr(feature = "clap", arg(long, value_name = "ORDER", help_heading = "Conventions"))]
    pub reflections: Option<u32>,
    /// Which end is complex: diversity (default), anchor:PLACE[+PLACE...], or income (the end with higher --income)
    #[cfg_attr(feature = "clap", arg(long, value_name = "RULE", help_heading = "Conventions"))]
    pub sign: Option<String>,
    /// Iteration of fitness: classic (default), servedio, servedio:DELTA, or none
    #[cfg_attr(feature = "clap", arg(long, value_name = "MAP", help_heading = "Conventions"))]
    pub fitness: Option<String>,
    /// Activities get their index, their proximity and the world its totals from places with at least this total value; others are projected
    #[cfg_attr(feature = "clap", arg(long, value_name = "VALUE", help_heading = "Conventions"))]
    pub core_value: Option<f64>,
    /// The same for places with at least this population
    #[cfg_attr(feature = "clap", arg(long, value_name = "PEOPLE", help_heading = "Conventions"))]
    pub core_population: Option<f64>,
}

pub(super) fn refuse<T>(option: &'static str, value: &str, requirement: &'static str) -> Result<T, StrategyError> {
    Err(ComplexityError::Option { option, value: value.to_owned(), requirement }.into())
}

impl Choices {
    /// The choices as options for one period of a panel.
    ///
    /// # Errors
    /// [`ComplexityError::Option`] for a name or number that is not known.
    pub fn resolve(&self, panel: &Panel, period: usize) -> Result<ComplexityOptions, StrategyError> {
        let convention = match &self.convention {
            None => Convention::default(),
            Some(name) => match Convention::parse(name) {
                Some(convention) => convention,
                None => {
                    return refuse("convention", name, "growth-lab, py-ecomplexity, stata, oec, econgeo or economiccomplexity");
                }
            },
        };
        let mut options = ComplexityOptions::of(convention);
        let strict = self.strict || convention.presence().strict;
        options.presence = PresenceRule::parse(self.presence.as_deref().unwrap_or("rca:1"), strict)?;
        if let Some(name) = &self.proximity {
            match ProximityKind::parse(name) {
                Some(ProximityKind::Correlation) => options = options.with_correlation(),
                Some(kind) => options.proximity = kind,
                None => {
                    return refuse(
                        "proximity",
                        name,
                        "minimum, asymmetric, correlation, cosine, jaccard, association, probability or taxonomy",
                    );
                }
            }
        }
        match self.diagonal {
            None => {}
            Some(0) => options.diagonal = Diagonal::Zero,
            Some(1) => options.diagonal = Diagonal::One,
            Some(other) => return refuse("diagonal", &other.to_string(), "0 or 1"),
        }
        if let Some(k) = self.knn {
            options.nearest = Some(convention.nearest(k));
        }
        options.leave_place_out = self.leave_out;
        match self.sd.as_deref() {
            None => {}
            Some("population") => options.index.standardisation = Standardisation::Population,
            Some("long-sample") => options.index.standardisation = Standardisation::LongSample,
            Some("each-sample") => options.index.standardisation = Standardisation::EachSample,
            Some(other) => return refuse("sd", other, "population, long-sample or each-sample"),
        }
        if let Some(iterations) = self.reflections {
            options.index.solution = Solution::Reflections { iterations };
        }
        options.sign = match self.sign.as_deref() {
            None | Some("diversity") => SignRule::Diversity,
            Some("income") => {
                let Some(income) = &panel.income else {
                    return refuse("sign", "income", "used together with the income of places (--income)");
                };
                let values = income.at(panel.period_name(period), panel.table.places().names());
                let known = panel.table.places().iter().map(str::to_owned).zip(values);
                SignRule::Column { name: "income".into(), values: known.collect() }
            }
            Some(rule) => match rule.strip_prefix("anchor:") {
                Some(places) => SignRule::Anchor(places.split('+').map(|place| place.trim().to_owned()).collect()),
                None => return refuse("sign", rule, "diversity, anchor:PLACE, anchor:PLACE+PLACE or income"),
            },
        };
        options.fitness = match self.fitness.as_deref() {
            None | Some("classic") => Some(FitnessOptions::default()),
            Some("none") => None,
            Some("servedio") => Some(FitnessOptions { map: FitnessMap::Servedio { delta: 1e-3 }, ..FitnessOptions::default() }),
            Some(other) => match other.strip_prefix("servedio:").and_then(|delta| delta.parse().ok()) {
                Some(delta) => Some(FitnessOptions { map: FitnessMap::Servedio { delta }, ..FitnessOptions::default() }),
                None => return refuse("fitness", other, "classic, servedio, servedio:DELTA or none"),
            },
        };
        Ok(options)
    }
}

impl Choices {
    /// The places that make the core in a period: those given, or those above the thresholds, or nothing for all.
    ///
    /// # Errors
    /// [`ComplexityError::NoPopulation`] for a threshold of population that is not known, [`ComplexityError::TooSmall`] for a core of fewer
    /// than two places.
    pub fn core(&self, panel: &Panel, period: usize, given: Option<&[String]>) -> Result<Option<Vec<String>>, StrategyError> {
        if let Some(places) = given {
            return Ok(Some(places.to_vec()));
        }
        if self.core_value.is_none() && self.core_population.is_none() {
            return Ok(None);
        }
        let values = panel.matrix(period)?;
        let population = panel.of_places(&panel.population, period)?;
        if self.core_population.is_some() && population.is_none() {
            return Err(ComplexityError::NoPopulation.into());
        }
        let totals = values.row_sums();
        let places: Vec<String> = (0..totals.len())
            .filter(|c| {
                let large = self.core_value.is_none_or(|least| totals[*c] >= least);
                let peopled = |least: f64| population.as_ref().is_some_and(|n| n.values()[*c] >= least);
                large && self.core_population.is_none_or(peopled)
            })
            .map(|c| values.rows().name(c).to_owned())
            .collect();
        if places.len() < 2 {
            return Err(ComplexityError::TooSmall { places: places.len(), activities: values.columns().len() }.into());
        }
        Ok(Some(places))
    }
}

/// How sure the indices are.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "clap", derive(clap::Args))]
#[serde(default, deny_unknown_fields)]
pub struct Bootstrap {
    /// Replicates behind the intervals of ECI, rank and PCI; 0 leaves them out
    #[cfg_attr(feature = "clap", arg(long, value_name = "N", default_value_t = 0, help_heading = "Doubt"))]
    pub bootstrap: u32,
    /// What is drawn anew: places, activities or values (multinomial noise)
    #[cfg_attr(feature = "clap", arg(long, value_name = "WHAT", default_value = "places", help_heading = "Doubt"))]
    pub resample: String,
    /// Units drawn for each place with --resample values; without it the values are counts
    #[cfg_attr(feature = "clap", arg(long, value_name = "N", help_heading = "Doubt"))]
    pub draws: Option<u32>,
    /// Where the random numbers start
    #[cfg_attr(feature = "clap", arg(long, value_name = "N", default_value_t = 1, help_heading = "Doubt"))]
    pub seed: u64,
    /// The part of the replicates inside an interval
    #[cfg_attr(feature = "clap", arg(long, value_name = "PART", default_value_t = 0.9, help_heading = "Doubt"))]
    pub level: f64,
}

impl Default for Bootstrap {
    fn default() -> Self {
        Bootstrap { bootstrap: 0, resample: "places".into(), draws: None, seed: 1, level: 0.9 }
    }
}

impl Bootstrap {
    pub(crate) fn options(&self) -> Result<Option<BootstrapOptions>, StrategyError> {
        if self.bootstrap == 0 {
            return Ok(None);
        }
        let resampling = match self.resample.as_str() {
            "places" => Resampling::Places,
            "activities" => Resampling::Activities,
            "values" => Resampling::Values { draws: self.draws },
            other => return refuse("resample", other, "places, activities or values"),
        };
        Ok(Some(BootstrapOptions { resampling, replicates: self.bootstrap, seed: self.seed, level: self.level }))
    }
}
