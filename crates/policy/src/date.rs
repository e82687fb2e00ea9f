use crate::PolicyError;
use serde::{Deserialize, Serialize};
use std::fmt;

/// A day of the Gregorian calendar; days compare as they follow one another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Day {
    year: i32,
    month: u8,
    day: u8,
}

/// A date as exact as its source gives it: a year, a month or a day.
///
/// ```
/// use xinzhi_policy::PolicyDate;
/// let month = PolicyDate::parse("2024-02")?;
/// assert_eq!(month.first_day().to_string(), "2024-02-01");
/// assert_eq!(month.last_day().to_string(), "2024-02-29");
/// let error = PolicyDate::parse("2026-02-30").unwrap_err().to_string();
/// assert!(error.contains("2026-02-28") && error.contains("2026-03-01"), "{error}");
/// # Ok::<(), xinzhi_policy::PolicyError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PolicyDate {
    year: i32,
    month: Option<u8>,
    day: Option<u8>,
}

/// Days of a month.
fn length(year: i32, month: u8) -> u8 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

impl Day {
    /// A day of the calendar, `None` where there is none such.
    pub fn new(year: i32, month: u8, day: u8) -> Option<Self> {
        let exists = (1..=9999).contains(&year) && (1..=12).contains(&month) && day >= 1 && day <= length(year, month);
        exists.then_some(Day { year, month, day })
    }

    /// The day (UTC) of a time in seconds since the start of 1970.
    ///
    /// ```
    /// use xinzhi_policy::Day;
    /// assert_eq!(Day::of_unix_time(1_709_164_800).to_string(), "2024-02-29");
    /// ```
    pub fn of_unix_time(seconds: i64) -> Self {
        let mut left = seconds.div_euclid(86_400);
        let mut year = 1970;
        let days = |year: i32| if length(year, 2) == 29 { 366 } else { 365 };
        while left < 0 && year > 1 {
            year -= 1;
            left += days(year);
        }
        while left >= days(year) && year < 9999 {
            left -= days(year);
            year += 1;
        }
        let mut month = 1;
        while month < 12 && left >= i64::from(length(year, month)) {
            left -= i64::from(length(year, month));
            month += 1;
        }
        let last = i64::from(length(year, month)) - 1;
        Day { year, month, day: left.clamp(0, last) as u8 + 1 }
    }

    /// The year.
    pub fn year(self) -> i32 {
        self.year
    }

    /// The month, 1 to 12.
    pub fn month(self) -> u8 {
        self.month
    }

    /// The day of the month.
    pub fn day(self) -> u8 {
        self.day
    }

    /// The day after.
    #[must_use]
    pub fn next(self) -> Self {
        if self.day < length(self.year, self.month) {
            Day { day: self.day + 1, ..self }
        } else if self.month < 12 {
            Day { month: self.month + 1, day: 1, ..self }
        } else {
            Day { year: self.year + 1, month: 1, day: 1 }
        }
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

impl From<Day> for String {
    fn from(day: Day) -> Self {
        day.to_string()
    }
}

impl TryFrom<String> for Day {
    type Error = PolicyError;

    fn try_from(text: String) -> Result<Self, PolicyError> {
        PolicyDate::parse(&text).map(PolicyDate::first_day)
    }
}

impl PolicyDate {
    /// Reads `2024`, `2024-03` or `2024-03-05`.
    ///
    /// # Errors
    /// [`PolicyError::Date`], with the nearest dates there are.
    pub fn parse(text: &str) -> Result<Self, PolicyError> {
        let refuse = || PolicyError::Date { found: text.to_owned(), nearest: nearest_dates(text) };
        let parts: Vec<&str> = text.split('-').collect();
        let number = |part: &str, digits: usize| {
            (part.len() == digits && part.bytes().all(|b| b.is_ascii_digit())).then(|| part.parse::<i32>().ok()).flatten()
        };
        let small = |part: &str| number(part, 2).and_then(|n| u8::try_from(n).ok());
        let found = match parts.as_slice() {
            [year] => number(year, 4).filter(|y| *y > 0).map(|year| PolicyDate { year, month: None, day: None }),
            [year, month] => number(year, 4)
                .zip(small(month))
                .and_then(|(year, month)| Day::new(year, month, 1).map(|_| PolicyDate { year, month: Some(month), day: None })),
            [year, month, day] => number(year, 4).zip(small(month)).zip(small(day)).and_then(|((year, month), day)| {
                Day::new(year, month, day).map(|_| PolicyDate { year, month: Some(month), day: Some(day) })
            }),
            _ => None,
        };
        found.ok_or_else(refuse)
    }

    /// The first day it can be.
    pub fn first_day(self) -> Day {
        Day { year: self.year, month: self.month.unwrap_or(1), day: self.day.unwrap_or(1) }
    }

    /// The last day it can be.
    pub fn last_day(self) -> Day {
        let month = self.month.unwrap_or(12);
        Day { year: self.year, month, day: self.day.unwrap_or_else(|| length(self.year, month)) }
    }

    /// `year`, `month` or `day`.
    pub fn precision(self) -> &'static str {
        match (self.month, self.day) {
            (None, _) => "year",
            (_, None) => "month",
            _ => "day",
        }
    }
}

impl fmt::Display for PolicyDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}", self.year)?;
        if let Some(month) = self.month {
            write!(f, "-{month:02}")?;
        }
        if let Some(day) = self.day {
            write!(f, "-{day:02}")?;
        }
        Ok(())
    }
}

impl From<PolicyDate> for String {
    fn from(date: PolicyDate) -> Self {
        date.to_string()
    }
}

impl TryFrom<String> for PolicyDate {
    type Error = PolicyError;

    fn try_from(text: String) -> Result<Self, PolicyError> {
        PolicyDate::parse(&text)
    }
}

/// Dates that somebody may have meant: the numbers of the text read as year, month and day, brought into the calendar.
fn nearest_dates(text: &str) -> Vec<String> {
    let mut numbers: Vec<String> = text.split(|c: char| !c.is_ascii_digit()).filter(|part| !part.is_empty()).map(str::to_owned).collect();
    if let [all] = numbers.as_slice()
        && (all.len() == 8 || all.len() == 6)
    {
        numbers =
            [Some(&all[..4]), Some(&all[4..6]), all.get(6..)].into_iter().flatten().filter(|p| !p.is_empty()).map(str::to_owned).collect();
    }
    // 5.3.2024 as well as 2024-3-5
    if numbers.len() == 3 && numbers[0].len() < 4 && numbers[2].len() == 4 {
        numbers.reverse();
    }
    let mut numbers = numbers.iter().map(|n| n.parse::<i32>().ok());
    let (Some(Some(year)), month, day) = (numbers.next(), numbers.next().flatten(), numbers.next().flatten()) else { return Vec::new() };
    if !(1..=9999).contains(&year) {
        return Vec::new();
    }
    let Some(month) = month else { return vec![format!("{year:04}")] };
    let within = month.clamp(1, 12) as u8;
    let Some(day) = day else { return vec![format!("{year:04}-{within:02}")] };
    let clamped = day.clamp(1, i32::from(length(year, within))) as u8;
    let nearest = Day { year, month: within, day: clamped };
    let mut found = vec![nearest.to_string()];
    if day > i32::from(clamped) {
        found.push(nearest.next().to_string());
    }
    found
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn what_somebody_meant() {
        let near = |text| nearest_dates(text);
        assert_eq!(near("2026-02-30"), ["2026-02-28", "2026-03-01"]);
        assert_eq!(near("2026-3-5"), ["2026-03-05"]);
        assert_eq!(near("20260305"), ["2026-03-05"]);
        assert_eq!(near("2026/13"), ["2026-12"]);
        assert_eq!(near("5.3.2026"), ["2026-03-05"]);
        assert_eq!(near("2026年3月5日"), ["2026-03-05"]);
        assert!(near("yesterday").is_empty());
    }

    #[test]
    fn days_follow_one_another() {
        let mut day = Day::new(1999, 12, 30).unwrap();
        for _ in 0..800 {
            let next = day.next();
            assert!(next > day && Day::new(next.year(), next.month(), next.day()).is_some());
            day = next;
        }
        assert_eq!(day.to_string(), "2002-03-09");
    }
}
