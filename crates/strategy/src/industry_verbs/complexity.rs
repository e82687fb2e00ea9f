use super::choices::refuse;
use super::{Answer, Bootstrap, Choices, Panel, as_json};
use crate::StrategyError;
use complexity::{
    Change, ComplexityIntervals, ComplexityOptions, Core, PeriodComplexity, ProximityKind, complexity_intervals, entries_and_exits, expy,
    period_complexity, prody, proximity_of,
};
use frame::{LabelledMatrix, LabelledVector};
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::{Axis, ColumnValues, ResultBlock, RowTable};

/// All indicators of specialisation, complexity and relatedness.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "clap", derive(clap::Args))]
#[serde(default, deny_unknown_fields)]
pub struct ComplexityRequest {
    /// How indicators are computed.
    #[cfg_attr(feature = "clap", command(flatten))]
    pub choices: Choices,
    /// How sure they are.
    #[cfg_attr(feature = "clap", command(flatten))]
    pub bootstrap: Bootstrap,
    /// What a row is: cells (default; period x place x activity), places, activities, proximity (pairs of activities) or entries (what
    /// places entered and left between consecutive periods)
    #[cfg_attr(feature = "clap", arg(long, value_name = "ROWS"))]
    pub what: Option<String>,
    /// Further columns of cells: rpop, relative_density, genepy (separate by commas)
    #[cfg_attr(feature = "clap", arg(long, value_name = "COLUMNS", value_delimiter = ','))]
    pub with: Vec<String>,
    /// Periods to compute; all without it
    #[cfg_attr(feature = "clap", arg(long = "period", value_name = "PERIOD", value_delimiter = ','))]
    pub periods: Vec<String>,
    /// The places over which activities get their index and proximity and the world its totals; all without it
    #[cfg_attr(feature = "clap", arg(skip))]
    pub universe: Option<Vec<String>>,
}

/// What a row of the answer is.
#[derive(Clone, Copy, PartialEq)]
enum Rows {
    Cells,
    Places,
    Activities,
    Proximity,
    Entries,
}

/// Computes one period after the other and hands each on as a block of cells, so that memory does not grow with the periods; the other
/// kinds of rows come as the answer's table. The record has one entry a period.
///
/// # Errors
/// [`StrategyError::Complexity`] for choices that make no sense; what the sink reports. Periods that cannot bear an index are no error:
/// their record says why.
pub fn complexity_of_panel(
    panel: &Panel,
    request: &ComplexityRequest,
    sink: &mut dyn FnMut(&ResultBlock<'_>) -> Result<(), StrategyError>,
) -> Result<Answer, StrategyError> {
    let rows = match request.what.as_deref() {
        None | Some("cells") => Rows::Cells,
        Some("places") => Rows::Places,
        Some("activities") => Rows::Activities,
        Some("proximity") => Rows::Proximity,
        Some("entries") => Rows::Entries,
        Some(other) => return refuse("what", other, "cells, places, activities, proximity or entries"),
    };
    if let Some(unknown) = request.with.iter().find(|name| !["rpop", "relative_density", "genepy"].contains(&name.as_str())) {
        return refuse("with", unknown, "rpop, relative_density or genepy");
    }
    let with = |name: &str| request.with.iter().any(|wanted| wanted == name);
    if with("rpop") && panel.population.is_none() {
        return refuse("with", "rpop", "used together with the population of places (--population)");
    }
    let periods: Vec<usize> = if request.periods.is_empty() {
        (0..panel.table.periods().len()).collect()
    } else {
        let mut periods = request.periods.iter().map(|name| panel.period(Some(name))).collect::<Result<Vec<_>, _>>()?;
        periods.sort_unstable();
        periods.dedup();
        periods
    };
    let mut records = Vec::new();
    let mut notes = Vec::new();
    let mut tables: Vec<RowTable> = Vec::new();
    let mut before: Option<(usize, complexity::PresenceMatrix, LabelledMatrix)> = None;
    for period in periods {
        let options = ComplexityOptions { genepy: with("genepy"), ..request.choices.resolve(panel, period)? };
        let computed = computed(panel, period, request, &options)?;
        let name = panel.period_name(period);
        records.push(json!({
            "period": name,
            "run": as_json(&computed.all.record),
            "bootstrap": computed.sure.as_ref().map(|sure| json!({
                "replicates": sure.replicates, "turned": sure.turned, "agreement": sure.agreement, "options": as_json(&sure.options),
            })),
        }));
        let told = computed.all.record.refusal.iter().chain(&computed.all.record.warnings).chain(&computed.notes);
        notes.extend(told.map(|note| if name.is_empty() { note.clone() } else { format!("{name}: {note}") }));
        let excluded = computed.all.record.excluded_places.len();
        let without = computed.all.record.excluded_activities.len();
        if excluded + without > 0 {
            notes.push(format!("{name}: {excluded} places and {without} activities have no index; the reason columns say why"));
        }
        match rows {
            Rows::Cells => {
                let (all, whole) = (&computed.all, options.density_scale);
                let present = |c: usize, p: usize| all.presence.at(c, p);
                let distance = |c: usize, p: usize| whole - all.density.at(c, p);
                sink(&computed.block(&[name.to_owned()], &present, &distance))?;
            }
            Rows::Places => tables.push(computed.places(panel, period)?),
            Rows::Activities => tables.push(computed.activities(panel, period)?),
            Rows::Proximity => tables.push(pairs(name, &computed.all, &options)?),
            Rows::Entries => {
                if let Some((earlier, presence, rca)) = &before {
                    let from = panel.period_name(*earlier);
                    tables.push(changes((from, presence, rca), (name, &computed.all.presence, &computed.all.rca))?);
                }
                before = Some((period, computed.all.presence, computed.all.rca));
            }
        }
    }
    if rows == Rows::Entries && tables.is_empty() {
        return refuse("what", "entries", "asked for of a table with at least two periods");
    }
    let counts = panel.table.counts();
    let record = json!({
        "engine": frame::ENGINE_VERSION,
        "source": panel.source,
        "input_sha256": panel.table.sha256(),
        "rows_read": counts.read, "rows_summed": counts.summed, "missing_as_zero": counts.zeroed, "rows_dropped": counts.dropped,
        "request": as_json(request),
        "periods": records,
    });
    Ok(Answer { tables: stacked(tables)?, record, notes })
}

/// One period with what belongs to it.
struct Computed {
    values: LabelledMatrix,
    all: PeriodComplexity,
    sure: Option<ComplexityIntervals>,
    place_reasons: Vec<String>,
    activity_reasons: Vec<String>,
    notes: Vec<String>,
    nothing: Vec<f64>,
    relative_density: Vec<f64>,
}

fn computed(panel: &Panel, period: usize, request: &ComplexityRequest, options: &ComplexityOptions) -> Result<Computed, StrategyError> {
    let values = panel.matrix(period)?;
    let population = panel.of_places(&panel.population, period)?;
    let wants_population = options.presence.needs_population() || request.with.iter().any(|name| name == "rpop");
    let population = population.filter(|_| wants_population);
    let mut notes = Vec::new();
    let world = panel.world_matrix(period)?;
    if let Some((_, left_out)) = &world {
        if *left_out > 0 {
            notes.push(format!("{left_out} activities of the world's table are not in this one and were left out"));
        }
    }
    let pci = panel.pci.as_ref().map(|pci| {
        let known = values.columns().iter().map(|code| pci.get(code).copied().unwrap_or(f64::NAN)).collect();
        LabelledVector::new(values.columns().clone(), known)
    });
    let pci = pci.transpose()?;
    let universe = request.choices.core(panel, period, request.universe.as_deref())?;
    let core = match (&world, &pci, &universe) {
        (Some((world, _)), ..) => Core::Table { values: world, population: None },
        (None, Some(pci), _) => Core::Pci(pci),
        (None, None, Some(places)) => Core::Places(places),
        (None, None, None) => Core::All,
    };
    let all = period_complexity(&values, population.as_ref(), core, options)?;
    let sure = match (request.bootstrap.options()?, &all.complexity, core) {
        (None, ..) | (_, None, _) => None,
        (Some(bootstrap), Some(base), Core::All) => {
            Some(complexity_intervals(&values, population.as_ref(), options.presence, base, &bootstrap)?)
        }
        (Some(_), ..) => return refuse("bootstrap", "on", "used with indices computed over all places of the table"),
    };
    let reasons = |labels: &frame::Labels, excluded: &[complexity::Exclusion]| {
        let mut reasons = vec![String::new(); labels.len()];
        for exclusion in excluded {
            if let Some(at) = labels.position(&exclusion.label) {
                reasons[at] = exclusion.reason.code().to_owned();
            }
        }
        reasons
    };
    let relative_density =
        if request.with.iter().any(|name| name == "relative_density") { relative(&all, values.columns().len()) } else { Vec::new() };
    Ok(Computed {
        place_reasons: reasons(values.rows(), &all.record.excluded_places),
        activity_reasons: reasons(values.columns(), &all.record.excluded_activities),
        nothing: vec![f64::NAN; values.rows().len().max(values.columns().len())],
        values,
        all,
        sure,
        notes,
        relative_density,
    })
}

/// The density standardised within what the place lacks (sample deviation); NaN for what it has.
fn relative(all: &PeriodComplexity, width: usize) -> Vec<f64> {
    let mut relative = vec![f64::NAN; all.density.values().len()];
    for (place, cells) in relative.chunks_exact_mut(width.max(1)).enumerate() {
        let row = all.density.row(place);
        let lacking: Vec<usize> = (0..width).filter(|p| !all.presence.at(place, *p) && row[*p].is_finite()).collect();
        let n = lacking.len() as f64;
        let mean = lacking.iter().map(|p| row[*p]).sum::<f64>() / n;
        let deviation = (lacking.iter().map(|p| (row[*p] - mean).powi(2)).sum::<f64>() / (n - 1.0)).sqrt();
        if deviation > 0.0 {
            lacking.iter().for_each(|p| cells[*p] = (row[*p] - mean) / deviation);
        }
    }
    relative
}

impl Computed {
    fn fitness(&self) -> (&[f64], &[f64]) {
        let (places, activities) = (self.values.rows().len(), self.values.columns().len());
        match &self.all.fitness {
            Some(fitness) => (fitness.fitness.values(), fitness.complexity.values()),
            None => (&self.nothing[..places], &self.nothing[..activities]),
        }
    }

    fn block<'a>(
        &'a self,
        name: &'a [String],
        present: &'a dyn Fn(usize, usize) -> bool,
        distance: &'a dyn Fn(usize, usize) -> f64,
    ) -> ResultBlock<'a> {
        let all = &self.all;
        let (fitness, complexity) = self.fitness();
        let mut block = ResultBlock::new(self.values.rows().len(), self.values.columns().len())
            .with("time", Axis::Block, ColumnValues::Text(name))
            .with("place", Axis::Row, ColumnValues::Text(self.values.rows().names()))
            .with("activity", Axis::Column, ColumnValues::Text(self.values.columns().names()))
            .with("value", Axis::Cell, ColumnValues::Numbers(self.values.values()))
            .with("rca", Axis::Cell, ColumnValues::Numbers(all.rca.values()))
            .with("mcp", Axis::Cell, ColumnValues::FlagOf(present))
            .with("diversity", Axis::Row, ColumnValues::Counts(&all.diversity))
            .with("ubiquity", Axis::Column, ColumnValues::Counts(&all.ubiquity))
            .with("eci", Axis::Row, ColumnValues::Numbers(all.eci.values()))
            .with("pci", Axis::Column, ColumnValues::Numbers(all.pci.values()))
            .with("density", Axis::Cell, ColumnValues::Numbers(all.density.values()))
            .with("distance", Axis::Cell, ColumnValues::NumberOf(distance))
            .with("coi", Axis::Row, ColumnValues::Numbers(all.coi.values()))
            .with("cog", Axis::Cell, ColumnValues::Numbers(all.cog.values()))
            .with("fitness", Axis::Row, ColumnValues::Numbers(fitness))
            .with("complexity", Axis::Column, ColumnValues::Numbers(complexity));
        if let Some(rpop) = &all.rpop {
            block = block.with("rpop", Axis::Cell, ColumnValues::Numbers(rpop.values()));
        }
        if !self.relative_density.is_empty() {
            block = block.with("relative_density", Axis::Cell, ColumnValues::Numbers(&self.relative_density));
        }
        if let Some(genepy) = &all.genepy {
            block = block.with("genepy_place", Axis::Row, ColumnValues::Numbers(genepy.places.values())).with(
                "genepy_activity",
                Axis::Column,
                ColumnValues::Numbers(genepy.activities.values()),
            );
        }
        block.with("place_reason", Axis::Row, ColumnValues::Text(&self.place_reasons)).with(
            "activity_reason",
            Axis::Column,
            ColumnValues::Text(&self.activity_reasons),
        )
    }

    fn rank(&self) -> Vec<Option<i64>> {
        let eci = self.all.eci.values();
        eci.iter().map(|e| e.is_finite().then(|| 1 + eci.iter().filter(|other| **other > *e).count() as i64)).collect()
    }

    fn places(&self, panel: &Panel, period: usize) -> Result<RowTable, StrategyError> {
        let all = &self.all;
        let places = self.values.rows();
        let mut table = RowTable::new("places")
            .text("time", vec![panel.period_name(period); places.len()])?
            .text("place", places.iter())?
            .number("value", self.values.row_sums())?
            .count("diversity", all.diversity.iter().map(|d| *d as usize))?
            .number("eci", all.eci.values().iter().copied())?
            .integer("rank", self.rank())?
            .number("coi", all.coi.values().iter().copied())?
            .number("fitness", self.fitness().0.iter().copied())?;
        if let Some(sure) = &self.sure {
            table = table
                .number("eci_low", sure.eci.iter().map(|i| i.low))?
                .number("eci_high", sure.eci.iter().map(|i| i.high))?
                .number("rank_lo", sure.rank.iter().map(|i| i.low))?
                .number("rank_hi", sure.rank.iter().map(|i| i.high))?;
        }
        if let Some(income) = panel.of_places(&panel.income, period)? {
            let prody = prody(&self.values, &income)?;
            table = table.number("expy", expy(&self.values, &prody)?.values().iter().copied())?;
        }
        if let Some(genepy) = &all.genepy {
            table = table.number("genepy", genepy.places.values().iter().copied())?;
        }
        Ok(table.text("reason", self.place_reasons.iter())?)
    }

    fn activities(&self, panel: &Panel, period: usize) -> Result<RowTable, StrategyError> {
        let all = &self.all;
        let activities = self.values.columns();
        let mut table = RowTable::new("activities")
            .text("time", vec![panel.period_name(period); activities.len()])?
            .text("activity", activities.iter())?
            .number("value", self.values.column_sums())?
            .count("ubiquity", all.ubiquity.iter().map(|u| *u as usize))?
            .number("pci", all.pci.values().iter().copied())?
            .number("complexity", self.fitness().1.iter().copied())?;
        if let Some(sure) = &self.sure {
            table = table.number("pci_low", sure.pci.iter().map(|i| i.low))?.number("pci_high", sure.pci.iter().map(|i| i.high))?;
        }
        if let Some(income) = panel.of_places(&panel.income, period)? {
            table = table.number("prody", prody(&self.values, &income)?.values().iter().copied())?;
        }
        if let Some(genepy) = &all.genepy {
            table = table.number("genepy", genepy.activities.values().iter().copied())?;
        }
        Ok(table.text("reason", self.activity_reasons.iter())?)
    }
}

/// Every pair of activities with a proximity above 0; both directions where they differ.
fn pairs(period: &str, all: &PeriodComplexity, options: &ComplexityOptions) -> Result<RowTable, StrategyError> {
    let specialisation = (options.proximity == ProximityKind::Correlation).then_some(&all.rca);
    let near = proximity_of(options.proximity, &all.presence, specialisation, options.diagonal)?;
    let names = near.activities();
    let (mut a, mut b, mut values) = (Vec::new(), Vec::new(), Vec::new());
    for p in 0..names.len() {
        let from = if options.proximity.is_symmetric() { p + 1 } else { 0 };
        for q in (from..names.len()).filter(|q| *q != p) {
            let value = near.at(p, q);
            if value > 0.0 {
                a.push(names.name(p));
                b.push(names.name(q));
                values.push(value);
            }
        }
    }
    let time = vec![period; a.len()];
    Ok(RowTable::new("proximity").text("time", time)?.text("activity", a)?.text("neighbour", b)?.number("proximity", values)?)
}

type Standing<'a> = (&'a str, &'a complexity::PresenceMatrix, &'a LabelledMatrix);

fn changes(before: Standing<'_>, after: Standing<'_>) -> Result<RowTable, StrategyError> {
    let found = entries_and_exits(before.1, after.1)?;
    let n = found.changes.len();
    let at = |rca: &LabelledMatrix| found.changes.iter().map(|(c, p, _)| rca.at(*c, *p)).collect::<Vec<f64>>();
    Ok(RowTable::new("entries")
        .text("from", vec![before.0; n])?
        .text("to", vec![after.0; n])?
        .text("place", found.changes.iter().map(|(c, ..)| before.1.places().name(*c)))?
        .text("activity", found.changes.iter().map(|(_, p, _)| before.1.activities().name(*p)))?
        .text("change", found.changes.iter().map(|(.., change)| if *change == Change::Entry { "entry" } else { "exit" }))?
        .number("rca_before", at(before.2))?
        .number("rca_after", at(after.2))?)
}

/// Tables of the same columns one under the other.
fn stacked(tables: Vec<RowTable>) -> Result<Vec<RowTable>, StrategyError> {
    let mut tables = tables.into_iter();
    let Some(first) = tables.next() else { return Ok(Vec::new()) };
    Ok(vec![tables.try_fold(first, |all, next| all.under(next))?])
}
