use crate::{
    DensityOf, Diagonal, EconomicComplexityOptions, FitnessOptions, Nearest, OutlookGain, Presence, PresenceRule, ProximityKind, SignRule,
    Solution, Standardisation,
};
use serde::{Deserialize, Serialize};

/// The published definitions of complexity by name: what counts as present, what stands on the diagonal of the proximity, how the
/// index is solved and scaled.
///
/// | convention | presence | diagonal | solution | scale |
/// |---|---|---|---|---|
/// | `growth-lab` (default) | RCA >= 1 | 0 | eigenvector | ECI's mean and population sd, for PCI too |
/// | `py-ecomplexity` | RCA >= 1 | 1 | eigenvector | the same |
/// | `stata` | RCA > 1 | 0 | eigenvector | the same, sd over the N·P rows of the long table |
/// | `oec` | RCA >= 1 | 0 | 20 reflections | each index by its own mean and sample sd; outlook gain less density·PCI |
/// | `econgeo` | RCA >= 1 | 0 | eigenvector | each index by its own mean and sample sd; densities in percent |
/// | `economiccomplexity` | RCA >= 1 | 1 | 20 reflections | each index by its own mean and sample sd |
///
/// `stata` also repeats that package's rounding of the k-nearest rule. `econgeo` leaves out that package's rounding of RCA, of the projected
/// matrix and of densities, gives PCI the sign of ECI, and scales both by mean and deviation. `economiccomplexity` is what the R package of
/// that name published for 2017 (`complexity_measures_2017`): 18 reflections for places and 19 for activities. Reflections are not
/// converged: on that table places are up to 0.03 standard deviations away from the eigenvector.
///
/// ```
/// use xinzhi_complexity::Convention;
/// assert_eq!(Convention::parse("stata"), Some(Convention::Stata));
/// assert!(Convention::Stata.presence().strict);
/// assert_eq!(Convention::default().name(), "growth-lab");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Convention {
    /// The Growth Lab's definition as documented (Hausmann, Hidalgo et al., Atlas of Economic Complexity), exactly solved.
    #[default]
    GrowthLab,
    /// The Growth Lab's Python package.
    PyEcomplexity,
    /// The Growth Lab's Stata package.
    Stata,
    /// The Observatory of Economic Complexity's package.
    Oec,
    /// The R package EconGeo.
    #[serde(rename = "econgeo")]
    EconGeo,
    /// The R package economiccomplexity with its method of reflections.
    #[serde(rename = "economiccomplexity")]
    EconomicComplexityR,
}

impl Convention {
    /// All of them, the default first.
    pub const ALL: [Convention; 6] = [
        Convention::GrowthLab,
        Convention::PyEcomplexity,
        Convention::Stata,
        Convention::Oec,
        Convention::EconGeo,
        Convention::EconomicComplexityR,
    ];

    /// The name users type and results carry.
    pub fn name(self) -> &'static str {
        match self {
            Convention::GrowthLab => "growth-lab",
            Convention::PyEcomplexity => "py-ecomplexity",
            Convention::Stata => "stata",
            Convention::Oec => "oec",
            Convention::EconGeo => "econgeo",
            Convention::EconomicComplexityR => "economiccomplexity",
        }
    }

    /// The convention of a name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|c| c.name() == name)
    }

    /// What counts as present.
    pub fn presence(self) -> Presence {
        Presence { strict: self == Convention::Stata, ..Presence::default() }
    }

    /// What stands on the diagonal of the proximity.
    pub fn diagonal(self) -> Diagonal {
        match self {
            Convention::GrowthLab | Convention::Stata | Convention::Oec | Convention::EconGeo => Diagonal::Zero,
            Convention::PyEcomplexity | Convention::EconomicComplexityR => Diagonal::One,
        }
    }

    /// How the index is solved and scaled.
    pub fn options(self) -> EconomicComplexityOptions {
        let (solution, standardisation) = match self {
            Convention::GrowthLab | Convention::PyEcomplexity => (Solution::Eigenvector, Standardisation::Population),
            Convention::Stata => (Solution::Eigenvector, Standardisation::LongSample),
            Convention::EconGeo => (Solution::Eigenvector, Standardisation::EachSample),
            Convention::Oec | Convention::EconomicComplexityR => (Solution::Reflections { iterations: 20 }, Standardisation::EachSample),
        };
        EconomicComplexityOptions { solution, standardisation }
    }

    /// The nearest neighbours that count in densities, by this convention's rule for ties.
    pub fn nearest(self, k: usize) -> Nearest {
        Nearest { k, stata_rounding: self == Convention::Stata }
    }
}

/// Everything that can be chosen about the indicators of one table; [`ComplexityOptions::of`] gives a convention's choices, which may then be
/// changed one by one.
///
/// ```
/// use xinzhi_complexity::{ComplexityOptions, Convention, ProximityKind};
/// let options = ComplexityOptions { proximity: ProximityKind::Cosine, ..ComplexityOptions::of(Convention::Stata) };
/// assert_eq!(options.presence.to_string(), "RCA > 1");
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ComplexityOptions {
    /// The convention the choices started from.
    pub convention: Convention,
    /// What counts as present.
    pub presence: PresenceRule,
    /// How the index is solved and scaled.
    pub index: EconomicComplexityOptions,
    /// Which end is the complex one.
    pub sign: SignRule,
    /// How near activities are.
    pub proximity: ProximityKind,
    /// What stands on the diagonal of the proximity.
    pub diagonal: Diagonal,
    /// Only so many neighbours count in densities; all where absent.
    pub nearest: Option<Nearest>,
    /// Whether every place's densities come from a proximity without it.
    pub leave_place_out: bool,
    /// What is looked for around an activity.
    pub density_of: DensityOf,
    /// What densities and relative densities are multiplied with: 1, or 100 for percent.
    pub density_scale: f64,
    /// Which outlook gain.
    pub gain: OutlookGain,
    /// How fitness and complexity are iterated; absent leaves them out.
    pub fitness: Option<FitnessOptions>,
    /// Whether to compute GENEPY.
    pub genepy: bool,
}

impl ComplexityOptions {
    /// The choices of a convention.
    pub fn of(convention: Convention) -> Self {
        ComplexityOptions {
            convention,
            presence: PresenceRule::Specialisation(convention.presence()),
            index: convention.options(),
            sign: SignRule::Diversity,
            proximity: ProximityKind::Minimum,
            diagonal: convention.diagonal(),
            nearest: None,
            leave_place_out: false,
            density_of: DensityOf::Presence,
            density_scale: if convention == Convention::EconGeo { 100.0 } else { 1.0 },
            gain: if convention == Convention::Oec { OutlookGain::Oec } else { OutlookGain::GrowthLab },
            fitness: Some(FitnessOptions::default()),
            genepy: false,
        }
    }

    /// The correlation as proximity, as the Growth Lab's packages pair it: densities then average specialisation instead of presence.
    pub fn with_correlation(mut self) -> Self {
        self.proximity = ProximityKind::Correlation;
        self.density_of = DensityOf::Specialisation;
        self
    }
}

impl Default for ComplexityOptions {
    fn default() -> Self {
        ComplexityOptions::of(Convention::default())
    }
}
