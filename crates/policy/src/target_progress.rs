use crate::{Comparison, Observation, ObservationKind, Registry, Strategy, Target};
use frame::Text;
use serde::{Deserialize, Serialize};

/// How a target stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TargetStatus {
    /// The figure of its year, or an earlier one of the plan's own, reaches it.
    Met,
    /// The figure of its year does not reach it.
    Missed,
    /// Its year is not over.
    Open,
    /// Its year is over and the figure of that year is not known, or says too little.
    Unknown,
}

impl TargetStatus {
    /// Its word.
    pub fn word(self) -> &'static str {
        match self {
            TargetStatus::Met => "met",
            TargetStatus::Missed => "missed",
            TargetStatus::Open => "open",
            TargetStatus::Unknown => "unknown",
        }
    }

    /// Its name.
    pub fn name(self) -> Text {
        match self {
            TargetStatus::Met => Text::new("met", "完成"),
            TargetStatus::Missed => Text::new("missed", "未完成"),
            TargetStatus::Open => Text::new("open", "进行中"),
            TargetStatus::Unknown => Text::new("unknown", "未知"),
        }
    }
}

/// A target with what is known of it.
#[derive(Debug, Clone)]
pub struct TargetProgress<'a> {
    /// The target.
    pub target: &'a Target,
    /// Who set it.
    pub strategy: Option<&'a Strategy>,
    /// Where the plan started from: the latest base.
    pub base: Option<&'a Observation>,
    /// The latest figure known, outturn before base in the same year.
    pub latest: Option<&'a Observation>,
    /// What is missing to the target in its unit, from the latest figure: target minus latest for a floor, latest minus target for a
    /// ceiling; negative where it is exceeded. Where the latest figure is itself a bound, so is this.
    pub distance: Option<f64>,
    /// How it stands.
    pub status: TargetStatus,
}

/// A target of about a figure counts as reached from this share of it.
const ABOUT: f64 = 0.95;

/// Whether a figure reaches a target; `None` where the figure is a bound that does not say.
fn reaches(target: &Target, observed: &Observation) -> Option<bool> {
    use Comparison::{About, AtLeast, AtMost, Equal, LessThan, MoreThan};
    let (goal, value) = (target.value, observed.value);
    // a goal that is negative, or below its own start, is reached from above; only its sign is known here
    let floor = match target.comparison {
        AtLeast | MoreThan => true,
        AtMost | LessThan => false,
        Equal | About => goal >= 0.0,
    };
    let goal = if target.comparison == About { goal * ABOUT } else { goal };
    let strict = matches!(target.comparison, MoreThan | LessThan);
    let point = if floor {
        if strict { value > goal } else { value >= goal }
    } else if strict {
        value < goal
    } else {
        value <= goal
    };
    match (observed.comparison, floor) {
        (Equal | About, _) => Some(point),
        // more than a value that reaches the goal reaches it; more than a lower one does not say
        (AtLeast, true) | (AtMost, false) => point.then_some(true),
        (MoreThan, true) => (value >= goal).then_some(true),
        (LessThan, false) => (value <= goal).then_some(true),
        // less than a value that misses the goal misses it
        (AtMost, true) | (AtLeast, false) => (!point).then_some(false),
        (LessThan, true) => (value <= goal).then_some(false),
        (MoreThan, false) => (value >= goal).then_some(false),
    }
}

/// How far the targets are, as known in a year.
///
/// A target is *met* or *missed* by an outturn of its own year, *open* while its year is not over (`year` ≤ the target's year) and no
/// outturn of that year is known, and *unknown* where the year is over and no such outturn is known, or the one that is known is a bound that does
/// not decide it. Earlier outturns never decide. Targets of "about" a figure count as reached from 95 % of it, in its own direction.
///
/// ```
/// # use xinzhi_policy::{Registry, RegistryTable, RegistryText, TargetStatus, target_progress};
/// # let text = |table, text| RegistryText { table, origin: "made up", text };
/// # let registry = Registry::read(&[
/// #     text(RegistryTable::Sources, "source,title,publisher,date,tier,url,note\ns,Made up,Nobody,2020,press,,\n"),
/// #     text(RegistryTable::Strategies, "strategy,jurisdiction,level,name_en,name_zh,issuer_en,issuer_zh,document,date,until,until_basis,kind,completeness,note_en,note_zh,sources\n\
/// #         a,CHN,national,A,甲,,,,2020,,open,plan,complete,,,s\n"),
/// #     text(RegistryTable::Targets, "target,strategy,indicator_en,indicator_zh,op,value,unit_en,unit_zh,year,note_en,note_zh,sources\n\
/// #         a/t1,a,Share,份额,>,17,%,%,2025,,,s\n"),
/// #     text(RegistryTable::Observations, "target,year,kind,op,value,note_en,note_zh,sources\na/t1,2022,outturn,>,13,,,s\n"),
/// # ])?;
/// // more than 17 % in 2025 was the target; all that is known is more than 13 % in 2022
/// let progress = target_progress(&registry, 2026);
/// assert_eq!((progress[0].status, progress[0].distance), (TargetStatus::Unknown, Some(4.0)));
/// assert_eq!(target_progress(&registry, 2024)[0].status, TargetStatus::Open);
/// # Ok::<(), xinzhi_policy::PolicyError>(())
/// ```
pub fn target_progress(registry: &Registry, year: i32) -> Vec<TargetProgress<'_>> {
    registry
        .targets()
        .iter()
        .map(|target| {
            let known = || registry.observations().iter().filter(|o| o.target == target.id && o.year <= year);
            let base = known().filter(|o| o.kind == ObservationKind::Base).max_by_key(|o| o.year);
            let latest = known().max_by_key(|o| (o.year, o.kind));
            let outturn = known().find(|o| o.kind == ObservationKind::Outturn && o.year == target.year);
            let status = match outturn.and_then(|o| reaches(target, o)) {
                Some(true) => TargetStatus::Met,
                Some(false) => TargetStatus::Missed,
                None if outturn.is_none() && year <= target.year => TargetStatus::Open,
                None => TargetStatus::Unknown,
            };
            let ceiling = matches!(target.comparison, Comparison::AtMost | Comparison::LessThan);
            let distance = latest.map(|o| if ceiling { o.value - target.value } else { target.value - o.value });
            TargetProgress { target, strategy: registry.strategy(&target.strategy).ok(), base, latest, distance, status }
        })
        .collect()
}
