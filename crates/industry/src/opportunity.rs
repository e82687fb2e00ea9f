use crate::IndustryError;
use complexity::{PresenceMatrix, Proximity, quantile};
use frame::{LabelledMatrix, LabelledVector, Labels, Language, Text, number};
use serde::{Deserialize, Serialize};

/// What the strands are found from: all over the same places and activities, as the functions of the complexity room return them.
#[derive(Debug, Clone, Copy)]
pub struct OpportunityInput<'a> {
    /// Exports (or output, or employment), places × activities.
    pub exports: &'a LabelledMatrix,
    /// Revealed comparative advantage.
    pub rca: &'a LabelledMatrix,
    /// Presence.
    pub presence: &'a PresenceMatrix,
    /// Product complexity index; NaN where an activity has none, which then never appears.
    pub pci: &'a LabelledVector,
    /// Density of every place around every activity.
    pub density: &'a LabelledMatrix,
    /// Complexity outlook gain.
    pub cog: &'a LabelledMatrix,
    /// Proximity of the activities.
    pub proximity: &'a Proximity,
    /// What was an earlier period's; without it nothing is known of what rises and falls, and the rules say so.
    pub earlier: Option<EarlierPeriod<'a>>,
    /// Probability of entry of every place and activity ([`crate::entry_probabilities`]); without it *foster* is ordered by density and gain.
    pub probability: Option<&'a LabelledMatrix>,
}

/// An earlier period over the same places and activities.
#[derive(Debug, Clone, Copy)]
pub struct EarlierPeriod<'a> {
    /// Exports then; an activity nobody had then counts as not known.
    pub exports: &'a LabelledMatrix,
    /// Revealed comparative advantage then.
    pub rca: &'a LabelledMatrix,
    /// Years since then.
    pub years: f64,
    /// Its name, for the rules.
    pub period: &'a str,
}

/// The numbers in the rules of the three strands.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct OpportunityOptions {
    /// Items a strand (10).
    pub items: usize,
    /// RCA from which an activity that is not present counts as a marginal presence (0.25).
    pub marginal_rca: f64,
    /// Quantile of PCI over all activities above which something is worth building (0.75).
    pub build_complexity_quantile: f64,
    /// Quantile of the place's density over what it lacks below which a bet is unrelated (0.5).
    pub build_density_quantile: f64,
    /// Quantile of world size over all activities above which a market is large enough to foster or build for (0.5).
    pub world_quantile: f64,
    /// Held activities quoted as evidence of an item (5).
    pub neighbours: usize,
    /// Where the capability of an item to transform could move (3).
    pub targets: usize,
}

impl Default for OpportunityOptions {
    fn default() -> Self {
        OpportunityOptions {
            items: 10,
            marginal_rca: 0.25,
            build_complexity_quantile: 0.75,
            build_density_quantile: 0.5,
            world_quantile: 0.5,
            neighbours: 5,
            targets: 3,
        }
    }
}

/// The three strands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Strand {
    /// Upgrade what is there.
    Transform,
    /// Help what has begun.
    Foster,
    /// Bet on what is new.
    Build,
}

/// One activity in one place.
#[derive(Debug, Clone, PartialEq)]
pub struct ActivityStanding {
    /// Code of the activity.
    pub code: String,
    /// Value in the unit of the table.
    pub value: f64,
    /// Share of the place's total.
    pub share: f64,
    /// The world's total of the activity.
    pub world: f64,
    /// The place's share of it.
    pub world_share: f64,
    /// Revealed comparative advantage.
    pub rca: f64,
    /// Whether the place has it.
    pub present: bool,
    /// Product complexity index; NaN where it has none.
    pub pci: f64,
    /// Density, 0 to 1; NaN where the activity has no neighbour.
    pub density: f64,
    /// Complexity outlook gain; 0 where present.
    pub cog: f64,
    /// Revealed comparative advantage in the earlier period; NaN where not known.
    pub rca_before: f64,
    /// Change of the place's share of the world since then, in shares of 1; NaN where not known.
    pub share_change: f64,
    /// Growth of the world's total a year since then; NaN where not known.
    pub world_growth: f64,
    /// Probability of entry; NaN where present or not known.
    pub probability: f64,
}

/// An activity the place has, near to the item it is evidence for.
#[derive(Debug, Clone, PartialEq)]
pub struct HeldNeighbour {
    /// Code.
    pub code: String,
    /// Proximity to the item.
    pub proximity: f64,
}

/// Where the capability behind an item to transform could move.
#[derive(Debug, Clone, PartialEq)]
pub struct Target {
    /// Code.
    pub code: String,
    /// Proximity to the item.
    pub proximity: f64,
    /// PCI of the target minus that of the item.
    pub complexity_gain: f64,
    /// Whether the place already has it.
    pub present: bool,
}

/// One item of a strand with its evidence.
#[derive(Debug, Clone, PartialEq)]
pub struct Opportunity {
    /// The activity.
    pub standing: ActivityStanding,
    /// What the strand is ordered by.
    pub score: f64,
    /// The held activities nearest to it, nearest first.
    pub held: Vec<HeldNeighbour>,
    /// For *transform*: where to, best first.
    pub targets: Vec<Target>,
}

/// One condition of a rule and how many activities met it and all before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// The condition.
    pub condition: Text,
    /// How many are left.
    pub left: usize,
}

/// One strand of one place.
#[derive(Debug, Clone, PartialEq)]
pub struct Track {
    /// Which one.
    pub strand: Strand,
    /// The rule in words and numbers.
    pub rule: Text,
    /// The rule condition by condition, with how many activities were left after each.
    pub steps: Vec<Step>,
    /// The best items, best first.
    pub items: Vec<Opportunity>,
    /// What the rule cannot see, where a reader must know.
    pub caveat: Option<Text>,
    /// Why there are fewer items than asked for.
    pub missing: Option<Text>,
}

/// The three strands of one place.
#[derive(Debug, Clone, PartialEq)]
pub struct Opportunities {
    /// The place.
    pub place: String,
    /// The mean PCI of what the place has: its complexity on the scale of the PCI.
    pub mean_complexity: f64,
    /// Every activity, in table order.
    pub activities: Vec<ActivityStanding>,
    /// Present, simpler than the place's mean, large.
    pub transform: Track,
    /// Marginally present, more complex than the place's mean, near.
    pub foster: Track,
    /// Absent, among the most complex, unrelated, with a large world market.
    pub build: Track,
    /// The options used.
    pub options: OpportunityOptions,
}

/// The three strands of one place from what it exports (or makes, or employs people in).
///
/// * **Transform**: present (M = 1), PCI below the mean PCI of what the place has or, with an earlier period, a falling share of the world;
///   the largest by value. Each comes with the activities its capability could move to: the nearest by proximity among those above that
///   mean, present or not.
/// * **Foster**: absent (M = 0) with RCA of at least 0.25 and, with an earlier period, a higher RCA than then; PCI above that mean, a world
///   market of at least median size; ordered by the probability of entry where one is given, or else by the mean of density and
///   complexity outlook gain, each standardised over what the place lacks.
/// * **Build**: absent with RCA under 0.25, PCI in the top quarter of all activities, density below the median of what the place lacks
///   (an unrelated bet), a world market of at least median size and, with an earlier period, of faster growth than the median; ordered by
///   the mean of PCI and outlook gain, standardised likewise.
///
/// The thresholds are the [`OpportunityOptions`]; quantiles interpolate linearly; ties are broken by code. Evidence of an item are the
/// held activities with most proximity to it. Without an earlier period whether something rises cannot be tested, and the caveats say so;
/// with one, an activity that nobody had then meets the conditions on change, because nothing is known against it.
/// Sources: the strands of the new-quality framework; option sets and standardised density after Hausmann, Hidalgo et al. (2014), the
/// unrelated bet after Pinheiro, Hartmann, Boschma and Hidalgo (2022).
///
/// # Errors
/// [`IndustryError::Frame`] for an unknown place, [`IndustryError::LabelsDiffer`], [`IndustryError::NothingPresent`],
/// [`IndustryError::Option`].
///
/// ```
/// use complexity::*;
/// use frame::LabelledMatrix;
/// use xinzhi_industry::{OpportunityInput, OpportunityOptions, opportunities};
/// let exports = LabelledMatrix::from_triplets("places", "products", [
///     ("A", "chips", 9.0), ("A", "ships", 7.0), ("A", "steel", 2.0), ("B", "ships", 4.0), ("B", "steel", 4.0), ("B", "wheat", 2.0),
///     ("C", "wheat", 9.0), ("C", "steel", 2.0), ("C", "ships", 2.0),
/// ])?;
/// let rca = revealed_comparative_advantage(&exports)?;
/// let present = presence(&rca, Presence::default());
/// let complexity = economic_complexity(&present, &EconomicComplexityOptions::default())?;
/// let near = proximity(&present, Diagonal::Zero);
/// let dense = density(&present, &near)?;
/// let outlook = complexity_outlook(&present, &dense, &near, &complexity)?;
/// let found = opportunities(&OpportunityInput {
///     exports: &exports, rca: &rca, presence: &present, pci: &complexity.pci, density: &dense, cog: &outlook.cog, proximity: &near,
///     earlier: None, probability: None,
/// }, "B", &OpportunityOptions::default())?;
/// assert!(found.transform.items.iter().all(|item| item.standing.present && item.standing.pci < found.mean_complexity));
/// assert!(found.foster.missing.is_some());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn opportunities(input: &OpportunityInput<'_>, place: &str, options: &OpportunityOptions) -> Result<Opportunities, IndustryError> {
    check(input, options)?;
    let row = input.exports.rows().require(place)?;
    let activities = standings(input, row);
    let present: Vec<f64> = activities.iter().filter(|a| a.present && a.pci.is_finite()).map(|a| a.pci).collect();
    if present.is_empty() {
        return Err(IndustryError::NothingPresent { place: place.to_owned() });
    }
    let mean = present.iter().sum::<f64>() / present.len() as f64;
    let view = View { input, row, activities: &activities, mean, options };
    Ok(Opportunities {
        place: place.to_owned(),
        mean_complexity: mean,
        transform: view.transform(),
        foster: view.foster(),
        build: view.build(),
        activities,
        options: *options,
    })
}

fn check(input: &OpportunityInput<'_>, options: &OpportunityOptions) -> Result<(), IndustryError> {
    let (places, activities) = (input.exports.rows(), input.exports.columns());
    let mut over_places: Vec<(&'static str, &Labels)> = vec![
        ("specialisation", input.rca.rows()),
        ("presence", input.presence.places()),
        ("density", input.density.rows()),
        ("outlook gain", input.cog.rows()),
    ];
    let mut over_activities: Vec<(&'static str, &Labels)> = vec![
        ("specialisation", input.rca.columns()),
        ("presence", input.presence.activities()),
        ("complexity", input.pci.labels()),
        ("density", input.density.columns()),
        ("outlook gain", input.cog.columns()),
        ("proximity", input.proximity.activities()),
    ];
    let earlier = input.earlier.iter().flat_map(|e| [("earlier exports", e.exports), ("earlier specialisation", e.rca)]);
    for (name, matrix) in earlier.chain(input.probability.map(|m| ("probability of entry", m))) {
        over_places.push((name, matrix.rows()));
        over_activities.push((name, matrix.columns()));
    }
    if let Some(years) = input.earlier.map(|e| e.years).filter(|years| !years.is_finite() || *years <= 0.0) {
        return Err(IndustryError::Option { option: "years", value: years.to_string(), requirement: "a positive number" });
    }
    let differs = |what, wanted: &Labels, inputs: &[(&'static str, &Labels)]| match inputs.iter().find(|(_, labels)| *labels != wanted) {
        Some((name, _)) => Err(IndustryError::LabelsDiffer { input: name, what, reference: "exports" }),
        None => Ok(()),
    };
    differs("places", places, &over_places)?;
    differs("activities", activities, &over_activities)?;
    for (option, value) in [
        ("build_complexity_quantile", options.build_complexity_quantile),
        ("build_density_quantile", options.build_density_quantile),
        ("world_quantile", options.world_quantile),
    ] {
        if !(0.0..=1.0).contains(&value) {
            return Err(IndustryError::Option { option, value: value.to_string(), requirement: "between 0 and 1" });
        }
    }
    if !options.marginal_rca.is_finite() || options.marginal_rca < 0.0 {
        let value = options.marginal_rca.to_string();
        return Err(IndustryError::Option { option: "marginal_rca", value, requirement: "a number that is not negative" });
    }
    Ok(())
}

fn standings(input: &OpportunityInput<'_>, row: usize) -> Vec<ActivityStanding> {
    let total: f64 = input.exports.row(row).iter().sum();
    let ratio = |value: f64, of: f64| if of > 0.0 { value / of } else { 0.0 };
    let then = input.earlier.map(|earlier| (earlier, earlier.exports.column_sums()));
    input
        .exports
        .columns()
        .iter()
        .zip(input.exports.column_sums())
        .enumerate()
        .map(|(p, (code, world))| {
            let value = input.exports.at(row, p);
            let before = then.as_ref().filter(|(_, worlds)| worlds[p] > 0.0);
            let unknown = f64::NAN;
            ActivityStanding {
                rca_before: before.map_or(unknown, |(earlier, _)| earlier.rca.at(row, p)),
                share_change: before
                    .map_or(unknown, |(earlier, worlds)| ratio(value, world) - ratio(earlier.exports.at(row, p), worlds[p])),
                world_growth: before
                    .filter(|_| world > 0.0)
                    .map_or(unknown, |(earlier, worlds)| (world / worlds[p]).powf(1.0 / earlier.years) - 1.0),
                probability: input.probability.map_or(unknown, |probability| probability.at(row, p)),
                code: code.to_owned(),
                value,
                share: ratio(value, total),
                world,
                world_share: ratio(value, world),
                rca: input.rca.at(row, p),
                present: input.presence.at(row, p),
                pci: input.pci.values()[p],
                density: input.density.at(row, p),
                cog: input.cog.at(row, p),
            }
        })
        .collect()
}

/// One place and what its strands are chosen from.
struct View<'a> {
    input: &'a OpportunityInput<'a>,
    row: usize,
    activities: &'a [ActivityStanding],
    mean: f64,
    options: &'a OpportunityOptions,
}

/// Conditions applied one after the other, keeping count.
struct Funnel<'a> {
    activities: &'a [ActivityStanding],
    left: Vec<usize>,
    steps: Vec<Step>,
}

impl<'a> Funnel<'a> {
    fn keep(mut self, en: String, zh: String, condition: impl Fn(&ActivityStanding) -> bool) -> Self {
        self.left.retain(|p| condition(&self.activities[*p]));
        self.steps.push(Step { condition: Text::new(en, zh), left: self.left.len() });
        self
    }
}

impl View<'_> {
    /// Activities with every number the rules use; what is present has no outlook gain to miss.
    fn funnel(&self) -> Funnel<'_> {
        let known = |a: &ActivityStanding| a.pci.is_finite() && a.density.is_finite() && a.cog.is_finite();
        let left = (0..self.activities.len()).filter(|p| known(&self.activities[*p])).collect();
        Funnel { activities: self.activities, left, steps: Vec::new() }
    }

    /// What the place lacks: the set densities and gains are standardised over.
    fn lacking(&self) -> Vec<usize> {
        let mut left = self.funnel().left;
        left.retain(|p| !self.activities[*p].present);
        left
    }

    fn transform(&self) -> Track {
        let mean = self.mean;
        let present = self.funnel().keep("present".into(), "已具备".into(), |a| a.present);
        if let Some(EarlierPeriod { period, .. }) = self.input.earlier {
            let funnel = present.keep(
                format!("PCI below the place's mean {mean:.2}, or a smaller share of the world than in {period}"),
                format!("产品复杂度低于该地均值 {mean:.2}，或占世界份额低于 {period} 年"),
                |a| a.pci < mean || a.share_change < 0.0,
            );
            let rule = Text::new(
                format!(
                    "Present, and simpler than the mean of what the place has (PCI below {mean:.2}) or with a smaller share of the world than in {period}; the largest by value. Beside each, the activities nearest to it by proximity that are more complex and lie above that mean."
                ),
                format!(
                    "已具备，且比该地现有产品平均水平简单（产品复杂度低于 {mean:.2}）或占世界份额低于 {period} 年；按规模排序。并列出与其邻近度最高、复杂度更高且不低于该均值的产品。"
                ),
            );
            return self.track(Strand::Transform, rule, funnel, |p| self.activities[p].value, None);
        }
        let funnel =
            present.keep(format!("PCI below the place's mean {mean:.2}"), format!("产品复杂度低于该地均值 {mean:.2}"), |a| {
                a.pci < mean
            });
        let rule = Text::new(
            format!(
                "Present, simpler than the mean of what the place has (PCI below {mean:.2}); the largest by value. Beside each, the activities nearest to it by proximity that lie above that mean."
            ),
            format!(
                "已具备、且比该地现有产品平均水平简单（产品复杂度低于 {mean:.2}）；按规模排序。并列出与其邻近度最高、且复杂度不低于该均值的产品。"
            ),
        );
        self.track(Strand::Transform, rule, funnel, |p| self.activities[p].value, None)
    }

    fn foster(&self) -> Track {
        let (mean, marginal) = (self.mean, self.options.marginal_rca);
        let large = self.large_market();
        let (market, percentile) = (number::whole(large, Language::En), (self.options.world_quantile * 100.0).round());
        let lacking = self.lacking();
        let (density, cog) = (self.standardised(&lacking, |a| a.density), self.standardised(&lacking, |a| a.cog));
        let funnel = self
            .funnel()
            .keep("not present".into(), "尚未具备".into(), |a| !a.present)
            .keep(format!("RCA of at least {marginal}"), format!("显性比较优势不低于 {marginal}"), |a| a.rca >= marginal)
            .keep(format!("PCI above the place's mean {mean:.2}"), format!("产品复杂度高于该地均值 {mean:.2}"), |a| a.pci > mean)
            .keep(
                format!("world market of at least {market} (percentile {percentile})"),
                format!("世界市场规模不低于 {market}（第 {percentile} 百分位）"),
                |a| a.world >= large,
            );
        let funnel = match self.input.earlier {
            Some(EarlierPeriod { period, .. }) => funnel.keep(
                format!("RCA above that of {period}, where there was any trade in it"),
                format!("显性比较优势高于 {period} 年（当年有贸易的产品）"),
                |a| a.rca_before.is_nan() || a.rca > a.rca_before,
            ),
            None => funnel,
        };
        if self.input.probability.is_some() {
            let rising = |en: bool| match self.input.earlier {
                Some(EarlierPeriod { period, .. }) if en => format!(" and rising (RCA above that of {period})"),
                Some(EarlierPeriod { period, .. }) => format!("、且处于上升之中（显性比较优势高于 {period} 年）"),
                None => String::new(),
            };
            let rule = Text::new(
                format!(
                    "Not yet present but begun (RCA of at least {marginal}){}, more complex than the mean of what the place has (PCI above {mean:.2}), with a world market of at least {market} in the unit of the table; ordered by the probability of entry.",
                    rising(true)
                ),
                format!(
                    "尚未具备但已起步（显性比较优势不低于 {marginal}）{}、比该地现有产品平均水平复杂（产品复杂度高于 {mean:.2}）、世界市场规模不低于 {market}（数据表单位）；按进入概率排序。",
                    rising(false)
                ),
            );
            let score = |p: usize| {
                let probability = self.activities[p].probability;
                if probability.is_finite() { probability } else { 0.0 }
            };
            return self.track(Strand::Foster, rule, funnel, score, None);
        }
        let rule = Text::new(
            format!(
                "Not yet present but begun (RCA of at least {marginal}), more complex than the mean of what the place has (PCI above {mean:.2}), with a world market of at least {market} in the unit of the table; ordered by density and complexity outlook gain in equal parts, each standardised over what the place lacks."
            ),
            format!(
                "尚未具备但已起步（显性比较优势不低于 {marginal}）、比该地现有产品平均水平复杂（产品复杂度高于 {mean:.2}）、世界市场规模不低于 {market}（数据表单位）；按密度与复杂度前景增益（各占一半，在该地尚未具备的产品中标准化）排序。"
            ),
        );
        let caveat = Text::new(
            "There is one year of data, so whether these activities are rising cannot be tested.",
            "仅有一年数据，无法检验这些产品是否处于上升之中。",
        );
        self.track(Strand::Foster, rule, funnel, |p| (density(p) + cog(p)) / 2.0, Some(caveat))
    }

    fn build(&self) -> Track {
        let options = self.options;
        let marginal = options.marginal_rca;
        let lacking = self.lacking();
        let (pci, cog) = (self.standardised(&lacking, |a| a.pci), self.standardised(&lacking, |a| a.cog));
        let complex = quantile(&sorted_finite(self.activities.iter().map(|a| a.pci)), options.build_complexity_quantile);
        let large = self.large_market();
        let market = number::whole(large, Language::En);
        let far = quantile(&sorted_finite(lacking.iter().map(|p| self.activities[*p].density)), options.build_density_quantile);
        let percent = |q: f64| (q * 100.0).round();
        let funnel = self
            .funnel()
            .keep("not present".into(), "尚未具备".into(), |a| !a.present)
            .keep(format!("RCA below {marginal}"), format!("显性比较优势低于 {marginal}"), |a| a.rca < marginal)
            .keep(
                format!("PCI of at least {complex:.2} (percentile {})", percent(options.build_complexity_quantile)),
                format!("产品复杂度不低于 {complex:.2}（第 {} 百分位）", percent(options.build_complexity_quantile)),
                |a| a.pci >= complex,
            )
            .keep(
                format!("density below {far:.3} (percentile {} of what the place lacks)", percent(options.build_density_quantile)),
                format!("密度低于 {far:.3}（该地尚未具备产品的第 {} 百分位）", percent(options.build_density_quantile)),
                |a| a.density < far,
            )
            .keep(
                format!("world market of at least {market} (percentile {})", percent(options.world_quantile)),
                format!("世界市场规模不低于 {market}（第 {} 百分位）", percent(options.world_quantile)),
                |a| a.world >= large,
            );
        if let Some(EarlierPeriod { period, .. }) = self.input.earlier {
            let growth = quantile(&sorted_finite(self.activities.iter().map(|a| a.world_growth)), 0.5);
            let faster = number::percent(growth, 1, Language::En);
            let funnel = funnel.keep(
                format!("world market grown by at least {faster} a year since {period} (the median), where there was any"),
                format!("世界市场自 {period} 年以来年均增长不低于 {faster}（中位数；当年无贸易者除外）"),
                |a| a.world_growth.is_nan() || a.world_growth >= growth,
            );
            let rule = Text::new(
                format!(
                    "Not present and not begun (RCA below {marginal}), among the most complex of all (PCI of at least {complex:.2}), unrelated to what the place has (density below {far:.3}, the middle of what it lacks), with a world market of at least {market} in the unit of the table that has grown by at least {faster} a year since {period}; ordered by PCI and complexity outlook gain in equal parts, each standardised over what the place lacks."
                ),
                format!(
                    "尚未具备且未起步（显性比较优势低于 {marginal}）、复杂度居前（产品复杂度不低于 {complex:.2}）、与现有产品不相关（密度低于 {far:.3}）、世界市场规模不低于 {market}（数据表单位）且自 {period} 年以来年均增长不低于 {faster}；按产品复杂度与复杂度前景增益（各占一半，在该地尚未具备的产品中标准化）排序。"
                ),
            );
            let caveat = Text::new(
                "An unrelated bet: few places succeed at such a distance; see the probability and the hit rate beside each.",
                "此为非相关性押注：跨越如此距离而成功的地区不多；请参看所附概率与命中率。",
            );
            return self.track(Strand::Build, rule, funnel, |p| (pci(p) + cog(p)) / 2.0, Some(caveat));
        }
        let rule = Text::new(
            format!(
                "Not present and not begun (RCA below {marginal}), among the most complex of all (PCI of at least {complex:.2}), unrelated to what the place has (density below {far:.3}, the middle of what it lacks) and with a world market of at least {market} in the unit of the table; ordered by PCI and complexity outlook gain in equal parts, each standardised over what the place lacks."
            ),
            format!(
                "尚未具备且未起步（显性比较优势低于 {marginal}）、复杂度居前（产品复杂度不低于 {complex:.2}）、与现有产品不相关（密度低于 {far:.3}）、世界市场规模不低于 {market}（数据表单位）；按产品复杂度与复杂度前景增益（各占一半，在该地尚未具备的产品中标准化）排序。"
            ),
        );
        let caveat = Text::new(
            "An unrelated bet: few places succeed at such a distance, and one year of data cannot show whether the market grows.",
            "此为非相关性押注：跨越如此距离而成功的地区不多；且仅有一年数据，无法判断市场是否增长。",
        );
        self.track(Strand::Build, rule, funnel, |p| (pci(p) + cog(p)) / 2.0, Some(caveat))
    }

    /// The world size from which a market counts as large.
    fn large_market(&self) -> f64 {
        quantile(&sorted_finite(self.activities.iter().map(|a| a.world)), self.options.world_quantile)
    }

    fn track(&self, strand: Strand, rule: Text, funnel: Funnel<'_>, score: impl Fn(usize) -> f64, caveat: Option<Text>) -> Track {
        let Funnel { left, steps, .. } = funnel;
        let found = left.len();
        let mut scored: Vec<(f64, usize)> = left.into_iter().map(|p| (score(p), p)).collect();
        scored.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| self.activities[a.1].code.cmp(&self.activities[b.1].code)));
        scored.truncate(self.options.items);
        let items = scored.into_iter().map(|(score, p)| Opportunity {
            standing: self.activities[p].clone(),
            score,
            held: self.held_neighbours(p),
            targets: if strand == Strand::Transform { self.targets(p) } else { Vec::new() },
        });
        let missing = (found < self.options.items).then(|| {
            // the first condition nothing met, or else the last one
            let narrowest = steps.iter().find(|s| s.left == 0).or(steps.last());
            let condition = narrowest.map_or_else(Text::default, |s| s.condition.clone());
            if found == 0 {
                Text::new(format!("No activity meets the condition: {}.", condition.en), format!("没有产品满足条件：{}。", condition.zh))
            } else {
                Text::new(format!("Only {found} meet all conditions."), format!("仅有 {found} 项满足全部条件。"))
            }
        });
        Track { strand, rule, steps, items: items.collect(), caveat, missing }
    }

    fn held_neighbours(&self, p: usize) -> Vec<HeldNeighbour> {
        let mut near: Vec<(f64, usize)> = self
            .input
            .presence
            .held(self.row)
            .filter(|q| *q != p)
            .map(|q| (self.input.proximity.at(p, q), q))
            .filter(|n| n.0 > 0.0)
            .collect();
        near.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| self.activities[a.1].code.cmp(&self.activities[b.1].code)));
        near.truncate(self.options.neighbours);
        near.into_iter().map(|(proximity, q)| HeldNeighbour { code: self.activities[q].code.clone(), proximity }).collect()
    }

    fn targets(&self, p: usize) -> Vec<Target> {
        let own = self.activities[p].pci;
        let mut better: Vec<(f64, usize)> = self
            .activities
            .iter()
            .enumerate()
            .filter(|(_, a)| a.pci > own && a.pci >= self.mean)
            .map(|(q, _)| (self.input.proximity.at(p, q), q))
            .filter(|t| t.0 > 0.0)
            .collect();
        better.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| self.activities[a.1].code.cmp(&self.activities[b.1].code)));
        better.truncate(self.options.targets);
        let target = |q: usize| Target {
            code: self.activities[q].code.clone(),
            proximity: self.input.proximity.at(p, q),
            complexity_gain: self.activities[q].pci - own,
            present: self.activities[q].present,
        };
        better.into_iter().map(|(_, q)| target(q)).collect()
    }

    /// Standard score over a set, by its mean and population deviation; 0 where they do not differ.
    fn standardised(&self, set: &[usize], pick: fn(&ActivityStanding) -> f64) -> impl Fn(usize) -> f64 + '_ {
        let n = set.len() as f64;
        let mean = set.iter().map(|p| pick(&self.activities[*p])).sum::<f64>() / n;
        let deviation = (set.iter().map(|p| (pick(&self.activities[*p]) - mean).powi(2)).sum::<f64>() / n).sqrt();
        move |p| if deviation > 0.0 { (pick(&self.activities[p]) - mean) / deviation } else { 0.0 }
    }
}

fn sorted_finite(values: impl Iterator<Item = f64>) -> Vec<f64> {
    let mut sorted: Vec<f64> = values.filter(|v| v.is_finite()).collect();
    sorted.sort_by(f64::total_cmp);
    sorted
}
