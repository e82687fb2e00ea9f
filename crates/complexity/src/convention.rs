use crate::{Diagonal, EconomicComplexityOptions, Presence, Solution, Standardisation};
use serde::{Deserialize, Serialize};

/// The published definitions of complexity by name: what counts as present, what stands on the diagonal of the proximity, how the
/// index is solved and scaled.
///
/// | convention | presence | diagonal | solution | scale |
/// |---|---|---|---|---|
/// | `growth-lab` (default) | RCA >= 1 | 0 | eigenvector | ECI's mean and population sd, for PCI too |
/// | `py-ecomplexity` | RCA >= 1 | 1 | eigenvector | the same |
/// | `stata` | RCA > 1 | 0 | eigenvector | the same, sd over the N·P rows of the long table |
/// | `economiccomplexity` | RCA >= 1 | 1 | 20 reflections | each index by its own mean and sample sd |
///
/// The last is what the R package of that name published for 2017 (`complexity_measures_2017`): 18 reflections for places and 19 for
/// activities. They are not converged: on that table places are up to 0.03 standard deviations away from the eigenvector.
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
    /// The R package economiccomplexity with its method of reflections.
    #[serde(rename = "economiccomplexity")]
    EconomicComplexityR,
}

impl Convention {
    /// All of them, the default first.
    pub const ALL: [Convention; 4] = [Convention::GrowthLab, Convention::PyEcomplexity, Convention::Stata, Convention::EconomicComplexityR];

    /// The name users type and results carry.
    pub fn name(self) -> &'static str {
        match self {
            Convention::GrowthLab => "growth-lab",
            Convention::PyEcomplexity => "py-ecomplexity",
            Convention::Stata => "stata",
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
            Convention::GrowthLab | Convention::Stata => Diagonal::Zero,
            Convention::PyEcomplexity | Convention::EconomicComplexityR => Diagonal::One,
        }
    }

    /// How the index is solved and scaled.
    pub fn options(self) -> EconomicComplexityOptions {
        let (solution, standardisation) = match self {
            Convention::GrowthLab | Convention::PyEcomplexity => (Solution::Eigenvector, Standardisation::Population),
            Convention::Stata => (Solution::Eigenvector, Standardisation::LongSample),
            Convention::EconomicComplexityR => (Solution::Reflections { iterations: 20 }, Standardisation::EachSample),
        };
        EconomicComplexityOptions { solution, standardisation }
    }
}
