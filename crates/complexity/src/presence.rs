use crate::ComplexityError;
use frame::{FrameError, LabelledMatrix, Labels};
use serde::{Deserialize, Serialize};

/// When a place counts as having an activity.
///
/// ```
/// assert_eq!(xinzhi_complexity::Presence::default(), xinzhi_complexity::Presence { threshold: 1.0, strict: false });
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Presence {
    /// The revealed comparative advantage needed, 1 by default.
    pub threshold: f64,
    /// Whether it must be exceeded (`>`) rather than reached (`>=`, the default).
    pub strict: bool,
}

impl Default for Presence {
    fn default() -> Self {
        Presence { threshold: 1.0, strict: false }
    }
}

impl Presence {
    /// Whether a value counts as a presence; NaN never does.
    pub fn holds(self, value: f64) -> bool {
        if self.strict { value > self.threshold } else { value >= self.threshold }
    }

    /// The rule in words, e.g. `RCA >= 1`.
    fn in_words(self, what: &str) -> String {
        format!("{what} {} {}", if self.strict { ">" } else { ">=" }, self.threshold)
    }
}

/// From which numbers presence is decided.
///
/// ```
/// use xinzhi_complexity::{Presence, PresenceRule};
/// let rule = PresenceRule::Either { specialisation: Presence::default(), population: Presence { threshold: 2.0, strict: false } };
/// assert_eq!(rule.to_string(), "RCA >= 1 or RPOP >= 2");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PresenceRule {
    /// Revealed comparative advantage ([`crate::revealed_comparative_advantage`]).
    Specialisation(Presence),
    /// The value a head over the world's ([`crate::revealed_population_advantage`]).
    Population(Presence),
    /// Either of the two (the Growth Lab's union, used where small places would otherwise look diverse and large ones narrow).
    Either {
        /// The rule on RCA.
        specialisation: Presence,
        /// The rule on RPOP.
        population: Presence,
    },
    /// The table itself says it: a value above 0 is a presence.
    Given,
}

impl Default for PresenceRule {
    fn default() -> Self {
        PresenceRule::Specialisation(Presence::default())
    }
}

impl std::fmt::Display for PresenceRule {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            PresenceRule::Specialisation(rule) => f.write_str(&rule.in_words("RCA")),
            PresenceRule::Population(rule) => f.write_str(&rule.in_words("RPOP")),
            PresenceRule::Either { specialisation, population } => {
                write!(f, "{} or {}", specialisation.in_words("RCA"), population.in_words("RPOP"))
            }
            PresenceRule::Given => f.write_str("given (value > 0)"),
        }
    }
}

impl PresenceRule {
    /// The rule in the short form of the command line: `rca:1`, `rpop:1`, `rca:1,rpop:2` (either) or `given`; the number may be left out and
    /// is then 1. With `strict` a threshold must be exceeded.
    ///
    /// # Errors
    /// [`ComplexityError::Option`] for anything else.
    ///
    /// ```
    /// use xinzhi_complexity::PresenceRule;
    /// assert_eq!(PresenceRule::parse("rca:1,rpop:2", true)?.to_string(), "RCA > 1 or RPOP > 2");
    /// assert!(PresenceRule::parse("lq", false).is_err());
    /// # Ok::<(), xinzhi_complexity::ComplexityError>(())
    /// ```
    pub fn parse(text: &str, strict: bool) -> Result<Self, ComplexityError> {
        let wrong = || ComplexityError::Option {
            option: "presence",
            value: text.to_owned(),
            requirement: "rca:1, rpop:1, rca:1,rpop:2 or given, with any thresholds that are not negative",
        };
        let (mut specialisation, mut population) = (None, None);
        for part in text.split(',').map(str::trim) {
            let (name, threshold) = part.split_once(':').unwrap_or((part, "1"));
            let threshold = threshold.trim().parse::<f64>().ok().filter(|t| t.is_finite() && *t >= 0.0).ok_or_else(wrong)?;
            let slot = match name.trim() {
                "given" if text.trim() == "given" => return Ok(PresenceRule::Given),
                "rca" => &mut specialisation,
                "rpop" => &mut population,
                _ => return Err(wrong()),
            };
            if slot.replace(Presence { threshold, strict }).is_some() {
                return Err(wrong());
            }
        }
        match (specialisation, population) {
            (Some(rule), None) => Ok(PresenceRule::Specialisation(rule)),
            (None, Some(rule)) => Ok(PresenceRule::Population(rule)),
            (Some(specialisation), Some(population)) => Ok(PresenceRule::Either { specialisation, population }),
            (None, None) => Err(wrong()),
        }
    }

    /// Whether the rule asks for the population of every place.
    pub fn needs_population(self) -> bool {
        matches!(self, PresenceRule::Population(_) | PresenceRule::Either { .. })
    }
}

/// Which places have which activities (the matrix M of the literature), one bit a cell.
///
/// ```
/// use xinzhi_complexity::PresenceMatrix;
/// use frame::Labels;
/// let m = PresenceMatrix::new(Labels::new("places", ["A", "B"])?, Labels::new("products", ["ships", "wheat"])?, [true, true, false, true])?;
/// assert_eq!((m.diversity(), m.ubiquity()), (vec![2, 1], vec![1, 2]));
/// assert_eq!(m.get("B", "ships"), Some(false));
/// assert_eq!(m.held(0).collect::<Vec<_>>(), [0, 1]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PresenceMatrix {
    places: Labels,
    activities: Labels,
    /// 64-bit words a place.
    words: usize,
    bits: Vec<u64>,
}

/// Presence from revealed comparative advantage: `M_cp = 1` where `RCA_cp >= threshold` (or `>`). NaN is no presence.
///
/// ```
/// use xinzhi_complexity::{Presence, presence};
/// use frame::LabelledMatrix;
/// let rca = LabelledMatrix::from_triplets("places", "products", [("A", "ships", 1.0), ("A", "wheat", 0.4)])?;
/// assert_eq!(presence(&rca, Presence::default()).diversity(), [1]);
/// assert_eq!(presence(&rca, Presence { strict: true, ..Presence::default() }).diversity(), [0]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn presence(rca: &LabelledMatrix, rule: Presence) -> PresenceMatrix {
    PresenceMatrix::from_cells(rca.rows().clone(), rca.columns().clone(), rca.values().iter().map(|v| rule.holds(*v)))
}

impl PresenceMatrix {
    /// A presence matrix given cell by cell, place after place.
    ///
    /// # Errors
    /// [`ComplexityError::Frame`] when the cells do not fill it.
    pub fn new(places: Labels, activities: Labels, cells: impl IntoIterator<Item = bool>) -> Result<Self, ComplexityError> {
        let cells: Vec<bool> = cells.into_iter().collect();
        let expected = places.len() * activities.len();
        if cells.len() != expected {
            let what = format!("a presence matrix of {} by {}", places.what(), activities.what());
            return Err(FrameError::Shape { what, expected, found: cells.len() }.into());
        }
        Ok(Self::from_cells(places, activities, cells))
    }

    /// As many cells as the labels ask for.
    pub(crate) fn from_cells(places: Labels, activities: Labels, cells: impl IntoIterator<Item = bool>) -> Self {
        let (width, words) = (activities.len(), activities.len().div_ceil(64));
        let mut bits = vec![0_u64; places.len() * words];
        for (at, there) in cells.into_iter().enumerate() {
            if there {
                let (place, activity) = (at / width, at % width);
                bits[place * words + activity / 64] |= 1 << (activity % 64);
            }
        }
        PresenceMatrix { places, activities, words, bits }
    }

    /// The places, in row order.
    pub fn places(&self) -> &Labels {
        &self.places
    }

    /// The activities, in column order.
    pub fn activities(&self) -> &Labels {
        &self.activities
    }

    /// Whether a place has an activity, by position.
    pub fn at(&self, place: usize, activity: usize) -> bool {
        self.bits[place * self.words + activity / 64] >> (activity % 64) & 1 == 1
    }

    /// Whether a place has an activity, by label; nothing where a label is not there.
    pub fn get(&self, place: &str, activity: &str) -> Option<bool> {
        Some(self.at(self.places.position(place)?, self.activities.position(activity)?))
    }

    /// Positions of the activities a place has, ascending.
    pub fn held(&self, place: usize) -> impl Iterator<Item = usize> + '_ {
        let row = &self.bits[place * self.words..(place + 1) * self.words];
        row.iter().enumerate().flat_map(|(w, word)| {
            let mut rest = *word;
            std::iter::from_fn(move || {
                let bit = (rest != 0).then(|| w * 64 + rest.trailing_zeros() as usize);
                rest &= rest.wrapping_sub(1);
                bit
            })
        })
    }

    /// How many activities each place has.
    pub fn diversity(&self) -> Vec<u32> {
        (0..self.places.len()).map(|c| self.bits[c * self.words..(c + 1) * self.words].iter().map(|w| w.count_ones()).sum()).collect()
    }

    /// How many places have each activity.
    pub fn ubiquity(&self) -> Vec<u32> {
        let mut counts = vec![0; self.activities.len()];
        for place in 0..self.places.len() {
            self.held(place).for_each(|p| counts[p] += 1);
        }
        counts
    }

    /// The rows of some places, in the order asked for.
    ///
    /// # Errors
    /// [`ComplexityError::Frame`] for a place that is not there or asked for twice.
    pub fn select_places<'a>(&self, places: impl IntoIterator<Item = &'a str>) -> Result<Self, ComplexityError> {
        let labels = Labels::new(self.places.what(), places)?;
        let mut bits = Vec::with_capacity(labels.len() * self.words);
        for name in labels.iter() {
            let at = self.places.require(name)? * self.words;
            bits.extend_from_slice(&self.bits[at..at + self.words]);
        }
        Ok(PresenceMatrix { places: labels, activities: self.activities.clone(), words: self.words, bits })
    }

    /// One row of bits over the places for every activity, and the words in a row.
    pub(crate) fn bits_by_activity(&self) -> (Vec<u64>, usize) {
        let words = self.places.len().div_ceil(64);
        let mut bits = vec![0_u64; self.activities.len() * words];
        for place in 0..self.places.len() {
            self.held(place).for_each(|p| bits[p * words + place / 64] |= 1 << (place % 64));
        }
        (bits, words)
    }
}
