use serde::{Deserialize, Serialize};
use std::fmt;

/// A year, or the first and last year of a span (both included).
///
/// ```
/// use xinzhi_frame::Period;
/// assert_eq!(Period::span(2016, 2020).to_string(), "2016-2020");
/// assert_eq!(Period::year(2017).to_string(), "2017");
/// assert_eq!(Period::span(2016, 2020).years(), 5);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Period {
    /// First year.
    pub from: i32,
    /// Last year, included.
    pub to: i32,
}

impl Period {
    /// One year.
    pub fn year(year: i32) -> Self {
        Period { from: year, to: year }
    }

    /// From the first to the last year, both included; the order of the arguments does not matter.
    pub fn span(a: i32, b: i32) -> Self {
        Period { from: a.min(b), to: a.max(b) }
    }

    /// How many years the period covers.
    pub fn years(&self) -> u32 {
        self.to.abs_diff(self.from) + 1
    }

    /// True when the year lies in the period.
    pub fn contains(&self, year: i32) -> bool {
        (self.from..=self.to).contains(&year)
    }
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.from == self.to { write!(f, "{}", self.from) } else { write!(f, "{}-{}", self.from, self.to) }
    }
}
