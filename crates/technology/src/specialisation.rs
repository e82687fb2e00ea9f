use crate::TechnologyError;
use complexity::revealed_comparative_advantage;
use frame::{LabelledMatrix, Labels, Period, Rank, Text};
use serde::{Deserialize, Serialize};

/// Windows and minimum of a [`field_profile`].
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct FieldProfileOptions {
    /// The years summed in the earlier table.
    pub base: Period,
    /// The years summed in the recent table.
    pub recent: Period,
    /// Counts under this are too small to speak of growth or advantage (10).
    pub minimum_count: f64,
}

impl FieldProfileOptions {
    /// The default minimum with the first and last year of both windows.
    ///
    /// ```
    /// let options = xinzhi_technology::FieldProfileOptions::years((2006, 2010), (2016, 2020));
    /// assert_eq!((options.base.years(), options.minimum_count), (5, 10.0));
    /// ```
    pub fn years(base: (i32, i32), recent: (i32, i32)) -> Self {
        FieldProfileOptions { base: Period::span(base.0, base.1), recent: Period::span(recent.0, recent.1), minimum_count: 10.0 }
    }

    /// Years from the middle of one window to the middle of the other.
    fn elapsed(&self) -> f64 {
        f64::from(self.recent.from + self.recent.to - self.base.from - self.base.to) / 2.0
    }
}

/// Where one place stands in every field.
#[derive(Debug, Clone, PartialEq)]
pub struct FieldProfile {
    /// The place.
    pub place: String,
    /// Every field of the recent table, in table order.
    pub fields: Vec<FieldStanding>,
    /// Counts of the place over all fields in the recent window.
    pub recent: f64,
    /// Its share of the counts of all places.
    pub world_share: f64,
    /// The options used.
    pub options: FieldProfileOptions,
}

/// One field of one place. "World" is the sum of the places in the table.
#[derive(Debug, Clone, PartialEq)]
pub struct FieldStanding {
    /// Code of the field.
    pub code: String,
    /// Count in the recent window.
    pub recent: f64,
    /// Count in the base window.
    pub base: f64,
    /// Share of the field in the place's recent count.
    pub share: f64,
    /// The place's share of the world's recent count of the field.
    pub world_share: f64,
    /// Relative technological advantage in the recent window; NaN where both the count and the count expected from the world's mix are
    /// under the minimum.
    pub advantage: f64,
    /// Growth a year between the windows; nothing where [`FieldStanding::refusal`] says why.
    pub growth: Option<f64>,
    /// 95 % interval of the growth if counts are Poisson, which treats the spread of real counts kindly.
    pub growth_interval: Option<(f64, f64)>,
    /// The world's growth of the field a year.
    pub world_growth: Option<f64>,
    /// Whether the field rises: the world's count grows and the place's grows faster; nothing where growth is refused.
    pub rising: Option<bool>,
    /// Rank by recent count among the places that have any (1 is the largest).
    pub rank: Option<Rank>,
    /// Why there is no growth.
    pub refusal: Option<Text>,
}

/// Standard normal quantile of a two-sided 95 % interval.
const NORMAL_95: f64 = 1.959_963_984_540_054;

/// Strength and growth of one place by technology field, from its counts (patents, publications) summed over two windows.
///
/// * relative technological advantage `(P_cf / P_c) / (P_f / P)` (Soete 1987), on the recent window;
/// * growth a year `((P_recent / years_recent) / (P_base / years_base))^(1/T) − 1`, T the years between the middles of the windows, for
///   the place and for the sum of all places; its interval takes `√(1/P_recent + 1/P_base)` as the standard error of the log ratio.
///
/// Refusals: growth where either count is under the minimum, advantage where both the count and the count the world's mix would give
/// are. Places or fields the base table lacks count 0 there.
///
/// # Errors
/// [`TechnologyError::Frame`] for an unknown place or a count that is negative or not finite, [`TechnologyError::Windows`],
/// [`TechnologyError::NoCommonField`].
///
/// ```
/// use frame::LabelledMatrix;
/// use xinzhi_technology::{FieldProfileOptions, field_profile};
/// let table = |a: f64| LabelledMatrix::from_triplets("places", "fields", [("A", "optics", a), ("A", "pumps", 50.0), ("B", "optics", 100.0), ("B", "pumps", 300.0)]);
/// let profile = field_profile(&table(50.0)?, &table(200.0)?, "A", &FieldProfileOptions::years((2006, 2010), (2016, 2020)))?;
/// let optics = &profile.fields[0];
/// assert!((optics.growth.unwrap_or(0.0) - (4.0_f64.powf(0.1) - 1.0)).abs() < 1e-12);
/// assert_eq!(optics.rising, Some(true));
/// assert!((optics.advantage - (200.0 / 250.0) / (300.0 / 650.0)).abs() < 1e-12);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn field_profile(
    base: &LabelledMatrix,
    recent: &LabelledMatrix,
    place: &str,
    options: &FieldProfileOptions,
) -> Result<FieldProfile, TechnologyError> {
    let row = recent.rows().require(place)?;
    if options.elapsed() <= 0.0 {
        return Err(TechnologyError::Windows { base: options.base, recent: options.recent });
    }
    if !recent.columns().iter().any(|field| base.columns().position(field).is_some()) {
        return Err(TechnologyError::NoCommonField { base: options.base, recent: options.recent });
    }
    base.require_non_negative("counts of the base window")?;
    let advantage = revealed_comparative_advantage(recent)?;
    let (world, world_base) = (recent.column_sums(), base.column_sums());
    let (total, world_total) = (recent.row(row).iter().sum::<f64>(), world.iter().sum::<f64>());
    let minimum = options.minimum_count;
    let fields = recent.columns().iter().enumerate().map(|(f, field)| {
        let (now, before) = (recent.at(row, f), base.get(place, field).unwrap_or(0.0));
        let before_world = base.columns().position(field).map_or(0.0, |column| world_base[column]);
        let refusal = (now < minimum || before < minimum).then(|| {
            Text::new(
                format!(
                    "too few to speak of growth: {before:.0} in {} and {now:.0} in {}, at least {minimum:.0} are needed in both",
                    options.base, options.recent
                ),
                format!(
                    "数量过少，不计算增长：{} 年 {before:.0} 件、{} 年 {now:.0} 件，两个时段均需不少于 {minimum:.0} 件",
                    options.base, options.recent
                ),
            )
        });
        let growth = if refusal.is_none() { annual_growth(before, now, options) } else { None };
        let world_growth =
            if world[f] >= minimum && before_world >= minimum { annual_growth(before_world, world[f], options) } else { None };
        let spread = (NORMAL_95 * (1.0 / now + 1.0 / before).sqrt() / options.elapsed()).exp();
        let larger = |c: &usize| recent.at(*c, f) > now;
        FieldStanding {
            code: field.to_owned(),
            recent: now,
            base: before,
            share: if total > 0.0 { now / total } else { 0.0 },
            world_share: if world[f] > 0.0 { now / world[f] } else { 0.0 },
            advantage: stated_advantage(advantage.at(row, f), now, total * world[f] / world_total, minimum),
            growth,
            growth_interval: growth.map(|g| ((1.0 + g) / spread - 1.0, (1.0 + g) * spread - 1.0)),
            world_growth,
            rising: growth.zip(world_growth).map(|(own, world)| world > 0.0 && own > world),
            rank: (now > 0.0).then(|| Rank {
                rank: 1 + (0..recent.rows().len()).filter(larger).count(),
                of: (0..recent.rows().len()).filter(|c| recent.at(*c, f) > 0.0).count(),
            }),
            refusal,
        }
    });
    Ok(FieldProfile {
        place: place.to_owned(),
        fields: fields.collect(),
        recent: total,
        world_share: total / world_total,
        options: *options,
    })
}

fn annual_growth(base: f64, recent: f64, options: &FieldProfileOptions) -> Option<f64> {
    let a_year = |count: f64, window: Period| count / f64::from(window.years());
    let ratio = a_year(recent, options.recent) / a_year(base, options.base);
    Some(ratio.powf(1.0 / options.elapsed()) - 1.0).filter(|g| g.is_finite())
}

/// An advantage says something when there is enough, or when there would be enough if the place were like the world.
fn stated_advantage(advantage: f64, count: f64, expected: f64, minimum: f64) -> f64 {
    if count.max(expected) >= minimum { advantage } else { f64::NAN }
}

/// Minimum of [`advantage_over_time`].
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct AdvantageOptions {
    /// Where both the count and the count expected from the world's mix are under this, no advantage is given (10).
    pub minimum_count: f64,
}

impl Default for AdvantageOptions {
    fn default() -> Self {
        AdvantageOptions { minimum_count: 10.0 }
    }
}

/// Relative technological advantage of one place by field and window, fields × periods: the numbers of a heat map.
///
/// Each window is a table of counts, places × fields, summed over its years. The fields are those of any window, sorted; NaN where the
/// counts are too small, the place is not in the window's table, or the field is not.
///
/// # Errors
/// [`TechnologyError::NoPeriods`]; [`TechnologyError::Frame`] for a place that is in no window, for a window given twice, or for a
/// count that is negative or not finite.
///
/// ```
/// use frame::{LabelledMatrix, Period};
/// use xinzhi_technology::{AdvantageOptions, advantage_over_time};
/// let table = LabelledMatrix::from_triplets("places", "fields", [("A", "optics", 30.0), ("A", "pumps", 10.0), ("B", "pumps", 40.0)])?;
/// let map = advantage_over_time(&[(Period::span(2016, 2020), table)], "A", &AdvantageOptions::default())?;
/// assert_eq!(map.get("optics", "2016-2020"), Some((30.0 / 40.0) / (30.0 / 80.0)));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn advantage_over_time(
    windows: &[(Period, LabelledMatrix)],
    place: &str,
    options: &AdvantageOptions,
) -> Result<LabelledMatrix, TechnologyError> {
    let Some((_, first)) = windows.first() else { return Err(TechnologyError::NoPeriods) };
    if !windows.iter().any(|(_, counts)| counts.rows().position(place).is_some()) {
        first.rows().require(place)?;
    }
    let mut names: Vec<&str> = windows.iter().flat_map(|(_, counts)| counts.columns().iter()).collect();
    names.sort_unstable();
    names.dedup();
    let fields = Labels::new(first.columns().what(), names)?;
    let periods = Labels::new("periods", windows.iter().map(|(period, _)| period.to_string()))?;
    let mut values = vec![f64::NAN; fields.len() * periods.len()];
    for (t, (_, counts)) in windows.iter().enumerate() {
        let advantage = revealed_comparative_advantage(counts)?;
        let Some(row) = counts.rows().position(place) else { continue };
        let world = counts.column_sums();
        let (total, world_total) = (counts.row(row).iter().sum::<f64>(), world.iter().sum::<f64>());
        for (f, field) in fields.iter().enumerate() {
            if let Some(column) = counts.columns().position(field) {
                let expected = total * world[column] / world_total;
                values[f * periods.len() + t] =
                    stated_advantage(advantage.at(row, column), counts.at(row, column), expected, options.minimum_count);
            }
        }
    }
    Ok(LabelledMatrix::new(fields, periods, values)?)
}
