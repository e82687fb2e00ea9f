use crate::error::require_same;
use crate::{ComplexityError, PresenceMatrix};
use serde::{Deserialize, Serialize};

/// What happened to an activity in a place between two periods.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// It was absent and is present.
    Entry,
    /// It was present and is absent.
    Exit,
}

/// Entries and exits between two periods.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntriesAndExits {
    /// Every change as positions of place and activity, in table order.
    pub changes: Vec<(usize, usize, Change)>,
    /// How many activities each place entered.
    pub entered_by_place: Vec<u32>,
    /// How many each place left.
    pub left_by_place: Vec<u32>,
    /// How many activities each place had in both periods.
    pub kept_by_place: Vec<u32>,
}

/// Which activities places entered and left between two periods: entry is absence before and presence after, exit the reverse.
///
/// # Errors
/// [`ComplexityError::LabelsDiffer`] when the periods are not over the same places and activities.
///
/// ```
/// use xinzhi_complexity::{Change, PresenceMatrix, entries_and_exits};
/// use frame::Labels;
/// let (places, products) = (Labels::new("places", ["A"])?, Labels::new("products", ["x", "y"])?);
/// let before = PresenceMatrix::new(places.clone(), products.clone(), [true, false])?;
/// let after = PresenceMatrix::new(places, products, [false, true])?;
/// assert_eq!(entries_and_exits(&before, &after)?.changes, [(0, 0, Change::Exit), (0, 1, Change::Entry)]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn entries_and_exits(before: &PresenceMatrix, after: &PresenceMatrix) -> Result<EntriesAndExits, ComplexityError> {
    require_same("places", ("the earlier period", before.places()), ("the later period", after.places()))?;
    require_same("activities", ("the earlier period", before.activities()), ("the later period", after.activities()))?;
    let places = before.places().len();
    let mut result = EntriesAndExits {
        changes: Vec::new(),
        entered_by_place: vec![0; places],
        left_by_place: vec![0; places],
        kept_by_place: vec![0; places],
    };
    for place in 0..places {
        for activity in 0..before.activities().len() {
            match (before.at(place, activity), after.at(place, activity)) {
                (true, true) => result.kept_by_place[place] += 1,
                (true, false) => {
                    result.left_by_place[place] += 1;
                    result.changes.push((place, activity, Change::Exit));
                }
                (false, true) => {
                    result.entered_by_place[place] += 1;
                    result.changes.push((place, activity, Change::Entry));
                }
                (false, false) => {}
            }
        }
    }
    Ok(result)
}
