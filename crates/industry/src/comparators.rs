use crate::IndustryError;
use crate::entry::{EntryOptions, Panel, PeriodTable, check_entry_options};
use complexity::PresenceMatrix;
use serde::{Deserialize, Serialize};

/// Which structure of the place others are compared with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ComparedStructure {
    /// What the place had when the other entered: who stood where it stood then.
    #[default]
    SamePeriod,
    /// What the place has in the last period: who stood then where it stands now.
    LastPeriod,
}

/// Another place that entered an activity.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Comparator {
    /// The place.
    pub place: String,
    /// The last period in which it did not have the activity.
    pub from: String,
    /// The next period, in which it has it.
    pub to: String,
    /// Its RCA before.
    pub rca_before: f64,
    /// Its RCA after.
    pub rca_after: f64,
    /// Cosine of the two structures before the entry, 0 to 1.
    pub similarity: f64,
}

/// Places that entered an activity, most similar to a place first: evidence that an entry of the kind has been made.
///
/// An entry is a candidate cell (RCA under `candidate_rca`) that reaches `entry_rca` at the next period (and stays, by option). The
/// similarity is the cosine of presences before the entry, `|A ∩ B| / √(|A|·|B|)`; ties go to the later entry, then by label. Of a place
/// that entered more than once the most similar time counts. Entries at a time when the place or the other has no activity at all cannot be
/// compared and are passed over.
///
/// # Errors
/// [`IndustryError::Frame`] for a place or an activity that is in no period, [`IndustryError::TooFewPeriods`],
/// [`IndustryError::PeriodOrder`], [`IndustryError::Option`].
///
/// ```
/// use frame::LabelledMatrix;
/// use xinzhi_industry::{ComparedStructure, EntryOptions, PeriodTable, comparators};
/// let table = |ships: f64| LabelledMatrix::from_triplets("places", "products", [
///     ("A", "steel", 8.0), ("B", "steel", 8.0), ("B", "ships", ships), ("C", "wheat", 9.0), ("C", "ships", 1.0),
/// ]);
/// let (before, after) = (table(0.1)?, table(9.0)?);
/// let periods = [PeriodTable { period: "2000", values: &before }, PeriodTable { period: "2010", values: &after }];
/// let found = comparators(&periods, "A", "ships", 3, ComparedStructure::SamePeriod, &EntryOptions::default())?;
/// assert_eq!((found.len(), found[0].place.as_str(), found[0].to.as_str(), found[0].similarity), (1, "B", "2010", 1.0));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn comparators(
    periods: &[PeriodTable<'_>],
    place: &str,
    activity: &str,
    most: usize,
    structure: ComparedStructure,
    options: &EntryOptions,
) -> Result<Vec<Comparator>, IndustryError> {
    Comparators::new(periods, options)?.find(place, activity, most, structure)
}

/// The same for many places and activities: what does not depend on them is computed once.
pub struct Comparators {
    panel: Panel,
    options: EntryOptions,
}

impl Comparators {
    /// Prepares the periods.
    ///
    /// # Errors
    /// As [`comparators`].
    pub fn new(periods: &[PeriodTable<'_>], options: &EntryOptions) -> Result<Self, IndustryError> {
        check_entry_options(options)?;
        if periods.len() < 2 {
            return Err(crate::backtest::too_few_periods(periods));
        }
        Ok(Comparators { panel: Panel::new(periods, options.entry_rca)?, options: *options })
    }

    /// As [`comparators`].
    ///
    /// # Errors
    /// As [`comparators`].
    pub fn find(&self, place: &str, activity: &str, most: usize, structure: ComparedStructure) -> Result<Vec<Comparator>, IndustryError> {
        let panel = &self.panel;
        let (own, activity) = (panel.places.require(place)?, panel.activities.require(activity)?);
        let last = panel.snapshots.len() - 1;
        // the best time of every place
        let mut found: Vec<Option<(f64, usize)>> = vec![None; panel.places.len()];
        for t in 0..last {
            let (before, after) = (&panel.snapshots[t], &panel.snapshots[t + 1]);
            let reference = match structure {
                ComparedStructure::SamePeriod => before,
                ComparedStructure::LastPeriod => &panel.snapshots[last],
            };
            for other in (0..panel.places.len()).filter(|c| *c != own) {
                let stays = !self.options.must_stay || panel.snapshots.get(t + 2).is_none_or(|s| s.presence.at(other, activity));
                // a place or an activity that the table before lacks was not absent but unseen
                let seen = before.has_values(other, activity);
                if !(seen && before.rca.at(other, activity) < self.options.candidate_rca && after.presence.at(other, activity) && stays) {
                    continue;
                }
                let Some(similarity) = cosine(&reference.presence, own, &before.presence, other) else { continue };
                if found[other].is_none_or(|(best, _)| similarity >= best) {
                    found[other] = Some((similarity, t));
                }
            }
        }
        let mut ranked: Vec<(f64, usize, usize)> =
            found.into_iter().enumerate().filter_map(|(c, best)| best.map(|(similarity, t)| (similarity, t, c))).collect();
        // places are sorted by label
        ranked.sort_by(|a, b| b.0.total_cmp(&a.0).then(b.1.cmp(&a.1)).then(a.2.cmp(&b.2)));
        ranked.truncate(most);
        let comparator = |(similarity, t, c): (f64, usize, usize)| Comparator {
            place: panel.places.name(c).to_owned(),
            from: panel.snapshots[t].period.clone(),
            to: panel.snapshots[t + 1].period.clone(),
            rca_before: panel.snapshots[t].rca.at(c, activity),
            rca_after: panel.snapshots[t + 1].rca.at(c, activity),
            similarity,
        };
        Ok(ranked.into_iter().map(comparator).collect())
    }
}

/// Cosine of two rows of presence over the same activities; nothing where one is empty.
fn cosine(a: &PresenceMatrix, row_a: usize, b: &PresenceMatrix, row_b: usize) -> Option<f64> {
    let (held_a, held_b) = (a.held(row_a).count(), b.held(row_b).count());
    let both = a.held(row_a).filter(|p| b.at(row_b, *p)).count();
    (held_a > 0 && held_b > 0).then(|| both as f64 / ((held_a * held_b) as f64).sqrt())
}
