use crate::{ChainError, InputOutputSystem, Invariant, Scenario, ScenarioLoss};
use frame::{LabelledMatrix, LabelledVector, Labels};
use serde::Serialize;

/// What a day-by-day run turned out to be.
///
/// The judgement is made on the path of world output alone, so that it does not share a mistake with the model:
///
/// * *diverging*, with the day: output is not finite or more than ten times what it was; or less than a twentieth of what capacities
///   allow; or, once every shock is over, farther below its starting level than it was from it while they lasted (by half and a
///   hundredth) and still falling over ten days;
/// * *oscillating*: since the shocks last changed, output has swung at least three times by more than half a per cent of its starting
///   level, the largest swing by more than one per cent, and in the last third of that time one is at least half the largest;
/// * *overshooting*: once every shock is over, output rises above its starting level by more than a hundredth and by more than half of
///   what it was off under the shocks. Inventories are filled up in a burst that no stock is there for later (the bullwhip effect);
/// * *stable* otherwise, within the days that were run.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "verdict")]
pub enum RunStability {
    /// Neither of the others.
    Stable,
    /// Output swings up and down without calming.
    Oscillating {
        /// How many swings.
        swings: usize,
        /// The largest, as a share of the starting level.
        largest: f64,
    },
    /// Output rises far above its level after the shocks, and comes back.
    Overshooting {
        /// The day of the peak.
        day: usize,
        /// How far above, as a share of the starting level.
        above: f64,
    },
    /// Output runs away or collapses.
    Diverging {
        /// The first day on which that shows.
        day: usize,
    },
}

/// Parts of a table that a day-by-day model has to take in a way of its own, with their masses a day, in the table's unit.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize)]
pub struct DailyTreatment {
    /// Final demand below zero after the categories of a region are added up: taken as goods drawn from stock at a constant rate, which
    /// are there beside output and come first.
    pub drawn_from_stock: f64,
    /// Purchases of industries whose output is not positive: taken as demand that stays the same.
    pub bought_without_output: f64,
    /// Output below zero, taken as zero.
    pub negative_output: f64,
    /// Value added below zero: such industries have no capital to lose or to rebuild.
    pub negative_value_added: f64,
}

/// A path of the world day by day, and what it adds up to. In the table's unit; a day's flow is a 365th of a year's.
///
/// Where a run was stopped because it diverged, everything covers the days that were run, and nothing counts as recovered.
#[derive(Debug, Clone, PartialEq)]
pub struct DailyRun {
    /// The model.
    pub model: String,
    /// The scenario.
    pub scenario: String,
    /// How many days were run.
    pub days: usize,
    /// What it turned out to be.
    pub stability: RunStability,
    /// What a reader must know: short restoration, inventories that were lengthened, duties that are not felt.
    pub warnings: Vec<String>,
    /// Output of the world on a day without shock.
    pub baseline_output: f64,
    /// Output of the world on every day.
    pub world_output: Vec<f64>,
    /// Output of every region on every day, days × regions.
    pub output_by_region: LabelledMatrix,
    /// Output of every industry over all days.
    pub output: Vec<f64>,
    /// What of every industry's output was lost, positive where lost.
    pub output_loss: Vec<f64>,
    /// What of every industry's value added was lost: its share in output stays.
    pub value_added_loss: Vec<f64>,
    /// Final demand of every region that was asked for and not delivered.
    pub unmet_final_demand: LabelledVector,
    /// Final demand of every region that was not asked for because of a shock to demand. No part of the unmet.
    pub final_demand_not_asked: LabelledVector,
    /// The day with the lowest output of the world.
    pub trough: usize,
    /// For every region: the first day from which its output stays within 1 % of its level without shock; `None` where it does not.
    pub recovery: Vec<Option<usize>>,
    /// The first day on which an industry made less than it could for want of an input.
    pub first_shortage: Option<usize>,
    /// How parts of the table were taken.
    pub treatment: DailyTreatment,
    /// Output of every industry on the days asked for.
    pub recorded: Vec<(usize, Vec<f64>)>,
    /// The identities it keeps.
    pub invariants: Vec<Invariant>,
}

impl DailyRun {
    /// The losses over the days that were run, in the terms all models of shocks share.
    pub fn loss(&self) -> ScenarioLoss {
        ScenarioLoss {
            model: self.model.clone(),
            output_loss: self.output_loss.clone(),
            value_added_loss: self.value_added_loss.clone(),
            final_demand_loss: self.unmet_final_demand.values().to_vec(),
            invariants: self.invariants.clone(),
        }
    }

    /// World output less its level without shock, over all days: negative where output was lost.
    pub fn cumulative_output_change(&self) -> f64 {
        self.world_output.iter().map(|output| output - self.baseline_output).sum()
    }
}

/// How far from its level without shock output may be to count as recovered.
const RECOVERED: f64 = 0.01;
/// Swings below this share of output are not counted.
const SWING: f64 = 0.005;
/// Days over which output must still be moving away to be diverging.
const MOVING: usize = 10;

/// Judges a path of world output as it grows.
#[derive(Debug)]
pub(crate) struct PathGuard {
    baseline: f64,
    /// The first day on which no shock is felt.
    over: usize,
    /// The first day after which no shock changes.
    steady: usize,
    worst_under_shock: f64,
    path: Vec<f64>,
    diverging: Option<usize>,
}

impl PathGuard {
    pub(crate) fn new(scenario: &Scenario, baseline: f64) -> Self {
        let days = scenario.days();
        let over = scenario.shocks().iter().map(|shock| shock.course.over(days)).max().unwrap_or(0);
        let changes = |day: &usize| {
            scenario.shocks().iter().any(|shock| (shock.course.intensity(*day) - shock.course.intensity(day - 1)).abs() >= 1e-3)
        };
        let starts = scenario.shocks().iter().map(|shock| shock.course.start).max().unwrap_or(0);
        let steady = (1..days).rev().find(changes).unwrap_or(0).max(starts);
        PathGuard { baseline, over, steady, worst_under_shock: 0.0, path: Vec::with_capacity(days), diverging: None }
    }

    /// Whether the day just added shows that the run diverges. `able`: what capacities allow the world to make.
    pub(crate) fn add(&mut self, output: f64, able: f64) -> bool {
        let day = self.path.len();
        self.path.push(output);
        let away = |output: f64| (output / self.baseline - 1.0).abs();
        if day < self.over && output.is_finite() {
            self.worst_under_shock = self.worst_under_shock.max(away(output));
        }
        let left = !output.is_finite() || output > 10.0 * self.baseline || output < 0.05 * able;
        let moving = day >= self.over + MOVING
            && 1.0 - output / self.baseline > 1.5 * self.worst_under_shock + RECOVERED
            && output < self.path[day - MOVING];
        if (left || moving) && self.diverging.is_none() && self.baseline > 0.0 {
            self.diverging = Some(day);
        }
        self.diverging.is_some()
    }

    pub(crate) fn verdict(&self) -> RunStability {
        if let Some(day) = self.diverging {
            return RunStability::Diverging { day };
        }
        let path = self.path.get(self.steady..).unwrap_or_default();
        let heights = swings(path, SWING * self.baseline);
        let largest = |heights: &[f64]| heights.iter().copied().fold(0.0, f64::max) / self.baseline;
        let (all, late) = (largest(&heights), largest(&swings(&path[path.len() - path.len() / 3..], SWING * self.baseline)));
        if heights.len() >= 3 && all > RECOVERED && late >= 0.5 * all {
            return RunStability::Oscillating { swings: heights.len(), largest: all };
        }
        let after = self.path.iter().enumerate().skip(self.over);
        let peak = after.fold((0, 0.0), |peak, (day, output)| if *output > peak.1 { (day, *output) } else { peak });
        let above = peak.1 / self.baseline - 1.0;
        if above > RECOVERED && above > 0.5 * self.worst_under_shock {
            return RunStability::Overshooting { day: peak.0, above };
        }
        RunStability::Stable
    }
}

/// The heights of the moves up and down between turning points, those smaller than `least` left out. The last may still be under way.
fn swings(path: &[f64], least: f64) -> Vec<f64> {
    let mut heights = Vec::new();
    let Some(first) = path.first() else { return heights };
    // the turning point the present move started from, and its farthest point so far
    let (mut from, mut to, mut direction) = (*first, *first, 0.0);
    for value in path {
        if direction == 0.0 {
            if (value - from).abs() > least {
                direction = (value - from).signum();
                to = *value;
            }
        } else if (value - to) * direction > 0.0 {
            to = *value;
        } else if (to - value) * direction > least {
            heights.push((to - from).abs());
            (from, to, direction) = (to, *value, -direction);
        }
    }
    if direction != 0.0 {
        heights.push((to - from).abs());
    }
    heights
}

/// Writes down one scenario's path.
#[derive(Debug)]
pub(crate) struct Recorder {
    pub(crate) guard: PathGuard,
    keep_going: bool,
    record: Vec<usize>,
    days: usize,
    by_region: Vec<f64>,
    world: Vec<f64>,
    output: Vec<f64>,
    lost: Vec<f64>,
    recorded: Vec<(usize, Vec<f64>)>,
    pub(crate) unmet: Vec<f64>,
    pub(crate) not_asked: Vec<f64>,
    pub(crate) first_shortage: Option<usize>,
    largest_deviation: f64,
    /// The largest relative gap of a day between what a sector delivers and what users receive of it.
    pub(crate) delivery_gap: f64,
    /// Σ over days of what was delivered, what was used, and what was used without being there, by supplying sector.
    pub(crate) received: Vec<f64>,
    pub(crate) used: Vec<f64>,
    pub(crate) overdrawn: f64,
    /// Whether the last day has been written down.
    pub(crate) done: bool,
    /// Whether what users did on the last day has been counted, too.
    closed: bool,
}

/// What does not change from day to day, for the recorder.
pub(crate) struct Frame<'a> {
    pub(crate) system: &'a InputOutputSystem,
    /// Output of every industry on a day without shock.
    pub(crate) baseline: &'a [f64],
    pub(crate) region_of: &'a [usize],
    pub(crate) treatment: DailyTreatment,
}

impl Recorder {
    pub(crate) fn new(frame: &Frame<'_>, scenario: &Scenario, sectors: usize, keep_going: bool, record: &[usize]) -> Self {
        let (n, regions) = (frame.system.size(), frame.system.regions().len());
        Recorder {
            guard: PathGuard::new(scenario, frame.baseline.iter().sum()),
            keep_going,
            record: record.to_vec(),
            days: scenario.days(),
            by_region: Vec::with_capacity(scenario.days() * regions),
            world: Vec::with_capacity(scenario.days()),
            output: vec![0.0; n],
            lost: vec![0.0; n],
            recorded: Vec::new(),
            unmet: vec![0.0; regions],
            not_asked: vec![0.0; regions],
            first_shortage: None,
            largest_deviation: 0.0,
            delivery_gap: 0.0,
            received: vec![0.0; sectors],
            used: vec![0.0; sectors],
            overdrawn: 0.0,
            done: false,
            closed: false,
        }
    }

    /// Whether what users do today still counts.
    pub(crate) fn counts(&self) -> bool {
        !self.closed && !self.world.is_empty()
    }

    /// Whether this is the day written down last, and the last of all.
    pub(crate) fn ends_on(&self, day: usize) -> bool {
        self.done && self.world.len() == day + 1
    }

    /// After the users' part of a day.
    pub(crate) fn close(&mut self) {
        self.closed = self.done;
    }

    /// Takes the day's output of every industry; `able` is what capacities allow the world to make.
    pub(crate) fn day(&mut self, frame: &Frame<'_>, output: impl Iterator<Item = f64>, able: f64) {
        let day = self.world.len();
        let mut by_region = vec![0.0; frame.system.regions().len()];
        let record = self.record.contains(&day);
        let mut all = Vec::new();
        for (i, output) in output.enumerate() {
            by_region[frame.region_of[i]] += output;
            self.output[i] += output;
            self.lost[i] += frame.baseline[i] - output;
            let scale = frame.baseline[i].max(1e-12 * self.guard.baseline);
            self.largest_deviation = self.largest_deviation.max((output - frame.baseline[i]).abs() / scale);
            if record {
                all.push(output);
            }
        }
        if record {
            self.recorded.push((day, all));
        }
        let world: f64 = by_region.iter().sum();
        self.by_region.extend(by_region);
        self.world.push(world);
        let diverging = self.guard.add(world, able);
        self.done = self.world.len() == self.days || (diverging && !self.keep_going);
    }

    pub(crate) fn finish(
        self,
        frame: &Frame<'_>,
        model: &str,
        scenario: &Scenario,
        mut warnings: Vec<String>,
        stock_gap: f64,
    ) -> Result<DailyRun, ChainError> {
        let (system, days) = (frame.system, self.world.len());
        let regions = system.regions();
        let baseline_output: f64 = frame.baseline.iter().sum();
        let v = system.value_added_coefficients();
        let mut baseline = vec![0.0; regions.len()];
        frame.baseline.iter().zip(frame.region_of).for_each(|(output, r)| baseline[*r] += output);
        let recovered = |r: usize| {
            let within = |day: usize| (self.by_region[day * regions.len() + r] - baseline[r]).abs() <= RECOVERED * baseline[r];
            let first = (0..days).rev().find(|day| !within(*day)).map_or(0, |day| day + 1);
            (days == self.days && first < days).then_some(first)
        };
        let stability = self.guard.verdict();
        if scenario.has_tariffs() {
            warnings.push("duties are not felt: this model has no prices".to_owned());
        }
        let mut invariants = vec![
            Invariant {
                name: "deliveries equal output and stocks drawn, by supplying sector, every day",
                residual: self.delivery_gap,
                tolerance: 1e-9,
            },
            Invariant { name: "inventories end where deliveries and use lead, by supplying sector", residual: stock_gap, tolerance: 1e-9 },
            Invariant {
                name: "no input that production needs is used without being there",
                residual: self.overdrawn / self.used.iter().sum::<f64>().max(f64::MIN_POSITIVE),
                tolerance: 1e-9,
            },
        ];
        if scenario.shocks().is_empty() {
            invariants.push(Invariant { name: "no shock, no change", residual: self.largest_deviation, tolerance: 1e-9 });
        }
        let trough = (0..days).reduce(|low, day| if self.world[day] < self.world[low] { day } else { low }).unwrap_or(0);
        Ok(DailyRun {
            model: model.to_owned(),
            scenario: scenario.name().to_owned(),
            days,
            stability,
            warnings,
            baseline_output,
            output_by_region: LabelledMatrix::new(
                Labels::new("days", (0..days).map(|day| day.to_string()))?,
                regions.clone(),
                self.by_region.clone(),
            )?,
            trough,
            recovery: (0..regions.len()).map(recovered).collect(),
            output: self.output,
            value_added_loss: self.lost.iter().zip(v).map(|(lost, v)| lost * v).collect(),
            output_loss: self.lost,
            unmet_final_demand: LabelledVector::new(regions.clone(), self.unmet)?,
            final_demand_not_asked: LabelledVector::new(regions.clone(), self.not_asked)?,
            first_shortage: self.first_shortage,
            treatment: frame.treatment,
            recorded: self.recorded,
            invariants,
            world_output: self.world,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{PathGuard, RunStability, swings};

    #[test]
    fn swings_of_a_path() {
        assert!(swings(&[1.0, 1.001, 0.999, 1.0], 0.01).is_empty());
        assert_eq!(swings(&[0.0, 1.0, 0.99, 2.0, 1.0, 1.5], 0.1), [2.0, 1.0, 0.5]);
        assert!(swings(&[], 0.1).is_empty());
    }

    fn judged(path: impl Fn(f64) -> f64) -> RunStability {
        let mut guard = PathGuard { baseline: 1.0, over: 20, steady: 20, worst_under_shock: 0.0, path: Vec::new(), diverging: None };
        (0..300).for_each(|day| {
            guard.add(if day < 20 { 0.9 } else { path(f64::from(day)) }, 1.0);
        });
        guard.verdict()
    }

    #[test]
    fn paths_are_judged() {
        assert_eq!(judged(|_| 1.0), RunStability::Stable);
        assert_eq!(judged(|day| 1.0 - 0.1 * (-day / 30.0).exp()), RunStability::Stable);
        // a wave that dies down, one that does not, one that is too small to speak of
        assert_eq!(judged(|day| 1.0 + 0.1 * (day / 8.0).sin() * (-day / 40.0).exp()), RunStability::Stable);
        assert!(
            matches!(judged(|day| 1.0 + 0.05 * (day / 8.0).sin()), RunStability::Oscillating { swings: 10..13, largest } if largest > 0.09)
        );
        assert_eq!(judged(|day| 1.0 + 0.004 * (day / 8.0).sin()), RunStability::Stable);
        // a burst above the level that is over after a while
        let burst = judged(|day| if (60.0..80.0).contains(&day) { 1.08 } else { 1.0 });
        assert!(matches!(burst, RunStability::Overshooting { day: 60, above } if (above - 0.08).abs() < 1e-12));
        // a collapse long after the shock, one to nothing, one to what is not a number
        assert!(matches!(judged(|day| 0.95 - 0.001 * day), RunStability::Diverging { day: 100..125 }));
        assert_eq!(judged(|day| if day < 50.0 { 1.0 } else { 0.01 }), RunStability::Diverging { day: 50 });
        assert_eq!(judged(|day| if day < 50.0 { 1.0 } else { f64::NAN }), RunStability::Diverging { day: 50 });
    }
}
