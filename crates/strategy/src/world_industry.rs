//! The industry layer of all places at once: how sure complexity is, how it changed, what tells entry, and the picture of the product space.

use crate::engine::{CORE_EXPORTS, CORE_POPULATION, Engine, TRADE_TABLE, TRADE_YEAR};
use crate::industry_verbs::{Choices, EntryChoices, EntryOfPanel, History, Panel, Standing, TracksOfPanel, WorkspaceTables};
use crate::product_space_picture::ProductSpacePicture;
use crate::{StrategyError, print};
use complexity::{BootstrapOptions, ComplexityIntervals, Convention, EntriesAndExits, PresenceMatrix, PresenceRule};
use frame::{LabelledMatrix, LabelledVector, Labels, Text};
use industry::{BacktestOptions, EntryOptions, Folds};

/// The earlier table of exports by product, where the workspace has it.
pub(crate) const EARLIER_TABLE: &str = "exports_hs4_1980";
/// Bootstrap replicates behind the intervals: more would sharpen their ends, at 3 ms of computing each.
pub(crate) const REPLICATES: u32 = 100;
/// Groups of places left out in turn by the entry models.
pub(crate) const FOLDS: u32 = 5;

/// What the industry section of every country draws on, computed once.
pub(crate) struct WorldIndustry {
    /// The exports of both years by place and heading.
    pub panel: Panel,
    /// The standing of the trade year, the entry models, and who entered what.
    pub tracks: TracksOfPanel,
    /// Places of the core.
    pub core: Labels,
    /// Intervals of their indices and ranks.
    pub intervals: ComplexityIntervals,
    /// The core then and now; nothing without the earlier table.
    pub change: Option<ChangeOfCore>,
    /// The product space, laid out.
    pub picture: ProductSpacePicture,
}

/// Complexity and presence of the places and headings that both years have.
pub(crate) struct ChangeOfCore {
    /// The earlier year.
    pub earlier: i32,
    /// Places of the core that the earlier year has.
    pub places: Labels,
    /// Headings traded in both years.
    pub headings: usize,
    /// Earlier and later index of the places.
    pub eci: [LabelledVector; 2],
    /// Earlier and later number of headings each place has.
    pub diversity: [Vec<u32>; 2],
    /// What each entered, left and kept.
    pub changes: EntriesAndExits,
}

impl WorldIndustry {
    pub(crate) fn of(engine: &Engine) -> Result<Self, StrategyError> {
        let workspace = &engine.workspace;
        let held = |table: &str| workspace.manifest().with_schema("activity").any(|entry| entry.id == table);
        let tables = [EARLIER_TABLE, TRADE_TABLE].into_iter().filter(|t| held(t)).map(str::to_owned).collect();
        let panel = Panel::of_workspace(workspace, &WorkspaceTables { tables, ..WorkspaceTables::default() })?;
        let choices = Choices { core_value: Some(CORE_EXPORTS), core_population: Some(CORE_POPULATION), ..Choices::default() };
        let period = panel.period(Some(&TRADE_YEAR.to_string()))?;
        let standing = Standing::new(&panel, period, &choices, None)?;
        let history = History::new(&panel, period, &choices, None)?;
        let core = standing.core_presence.places().clone();
        let entry = || -> Result<(EntryOfPanel, Option<ChangeOfCore>), StrategyError> {
            let usual = EntryChoices::default().options()?;
            // the trees would take most of the time and gain little (docs/methods/entry-backtest.md)
            let options = BacktestOptions { folds: Folds::Places(FOLDS), with_trees: false, ..usual };
            let entry = EntryOfPanel::of_core(&history, &standing, &options)?;
            let change = if period > 0 { Some(ChangeOfCore::of(&panel, period - 1, period, &core)?) } else { None };
            Ok((entry, change))
        };
        let rest = || -> Result<(ComplexityIntervals, ProductSpacePicture), StrategyError> {
            Ok((intervals(&standing, &core)?, ProductSpacePicture::of(engine, &standing)?))
        };
        let (entry, rest) = rayon::join(entry, rest);
        let ((entry, change), (intervals, picture)) = (entry?, rest?);
        let tracks = TracksOfPanel::new(&panel, standing, &history, entry, &EntryOptions::default())?;
        Ok(WorldIndustry { panel, tracks, core, intervals, change, picture })
    }

    /// The bootstrap interval of ECI and the rank interval (rounded outwards) of a place of the core.
    pub(crate) fn interval(&self, place: &str) -> Option<([f64; 2], [f64; 2])> {
        let at = self.core.position(place)?;
        let (eci, rank) = (self.intervals.eci.get(at)?, self.intervals.rank.get(at)?);
        let known = [eci.low, eci.high, rank.low, rank.high].iter().all(|v| v.is_finite());
        known.then(|| ([eci.low, eci.high], [rank.low.floor(), rank.high.ceil()]))
    }
}

fn intervals(standing: &Standing, core: &Labels) -> Result<ComplexityIntervals, StrategyError> {
    let values = standing.values.select_rows(|place| core.position(place).is_some())?;
    let base = complexity::economic_complexity(&standing.core_presence, &Convention::GrowthLab.options())?;
    let rule = PresenceRule::Specialisation(Convention::GrowthLab.presence());
    let options = BootstrapOptions { replicates: REPLICATES, ..BootstrapOptions::default() };
    Ok(complexity::complexity_intervals(&values, None, rule, &base, &options)?)
}

impl ChangeOfCore {
    fn of(panel: &Panel, earlier: usize, later: usize, core: &Labels) -> Result<Self, StrategyError> {
        let (then, now) = (panel.matrix(earlier)?, panel.matrix(later)?);
        let totals = then.row_sums();
        let both = |place: &str| core.position(place).is_some() && then.rows().position(place).is_some_and(|row| totals[row] > 0.0);
        let tables = [then.select_rows(both)?, now.select_rows(both)?];
        let sums = [tables[0].column_sums(), tables[1].column_sums()];
        let common: Vec<usize> = (0..then.columns().len()).filter(|p| sums.iter().all(|s| s[*p] > 0.0)).collect();
        let [before, after] = [part(&tables[0], &common)?, part(&tables[1], &common)?];
        let presence = [presence_of(&before)?, presence_of(&after)?];
        let index = |held: &PresenceMatrix| complexity::economic_complexity(held, &Convention::GrowthLab.options());
        Ok(ChangeOfCore {
            earlier: panel.period_name(earlier).parse().unwrap_or(0),
            places: before.rows().clone(),
            headings: common.len(),
            eci: [index(&presence[0])?.eci, index(&presence[1])?.eci],
            diversity: [presence[0].diversity(), presence[1].diversity()],
            changes: complexity::entries_and_exits(&presence[0], &presence[1])?,
        })
    }

    /// The rank of a place by ECI, earlier (0) or later (1), and of how many.
    pub(crate) fn rank(&self, place: &str, which: usize) -> Option<frame::Rank> {
        let own = self.eci[which].get(place).filter(|v| v.is_finite())?;
        let known = self.eci[which].values().iter().filter(|v| v.is_finite());
        Some(frame::Rank { rank: 1 + known.clone().filter(|v| **v > own).count(), of: known.count() })
    }
}

fn part(matrix: &LabelledMatrix, columns: &[usize]) -> Result<LabelledMatrix, StrategyError> {
    let names = Labels::new("headings", columns.iter().map(|p| matrix.columns().name(*p)))?;
    let values = (0..matrix.rows().len()).flat_map(|row| columns.iter().map(move |p| matrix.at(row, *p))).collect();
    Ok(LabelledMatrix::new(matrix.rows().clone(), names, values)?)
}

fn presence_of(values: &LabelledMatrix) -> Result<PresenceMatrix, StrategyError> {
    let rca = complexity::revealed_comparative_advantage(values)?;
    Ok(complexity::presence(&rca, Convention::GrowthLab.presence()))
}

/// What stood under a code in 1980 where it was not what stands there now (the note of `exports_hs4_1980`).
pub(crate) fn other_borders(code: &str) -> Option<Text> {
    let then = match code {
        "DEU" => Text::new("West Germany", "联邦德国（西德）"),
        "YEM" => Text::new("North Yemen", "北也门"),
        "BEL" => Text::new("Belgium with Luxembourg", "比利时与卢森堡"),
        "ZAF" => {
            Text::new("the customs union with Botswana, Lesotho, Namibia and Eswatini", "与博茨瓦纳、莱索托、纳米比亚、斯威士兰的关税同盟")
        }
        "ETH" => Text::new("Ethiopia with Eritrea", "埃塞俄比亚与厄立特里亚"),
        "SDN" => Text::new("Sudan with South Sudan", "苏丹与南苏丹"),
        _ => return None,
    };
    Some(print::fill("What is compared for 1980 is {0}.", "1980 年的比较对象为{0}。", &[&then]))
}
