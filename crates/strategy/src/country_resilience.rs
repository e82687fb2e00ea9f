//! What the worst cuts of a country would cost by one model and another, how long it would take to recover, which breakthroughs and which
//! stocks and second sources would help most.

use crate::engine::{Engine, WorldChain};
use crate::figures::{Figures, NewFigure};
use crate::{Cell, Column, Format, Section, StrategyError, Table, print};
use chain::{
    ArioOptions, ChainError, ClosedFormModel, Course, Cut, Disturbance, HatOptions, InputOutputSystem, Leontief, Scenario, ScenarioLoss,
    Shock, adaptive_regional_input_output_batch, closed_form, exact_hat_equilibrium,
};
use frame::{Period, Place, Text, Unit};

/// How long a cut lasts.
const CUT_DAYS: usize = 90;
/// How long what follows is watched.
const HORIZON: usize = 180;
/// How many of the worst cuts are run through all models.
const CUTS: usize = 3;

/// A cut of all inputs from one foreign industry for [`CUT_DAYS`].
fn scenario(system: &InputOutputSystem, user: usize, cut: &Cut) -> Result<Scenario, ChainError> {
    let supplier = system.position(&cut.region, &cut.sector)?;
    let users = system.range_at(user).collect();
    let disturbance = Disturbance::Flow { suppliers: vec![supplier], losses: vec![1.0], users, final_users: Vec::new() };
    let course = Course { start: 0, end: CUT_DAYS, recovery: chain::Recovery::AtOnce };
    let name = format!("{} {}", cut.region, cut.sector);
    Scenario::new(system, &name, HORIZON, vec![Shock { name: name.clone(), disturbance, course }])
}

/// One cut by every model: value added lost over the horizon, in the unit of the table.
struct CutRange {
    closed: f64,
    inventories: f64,
    equilibrium: Option<f64>,
    recovery: Option<usize>,
}

/// The worst cuts, for a quarter of a year, in closed form, day by day with inventories, and in equilibrium.
pub(crate) fn cut_range(
    engine: &Engine,
    world: &WorldChain,
    place: &Place,
    cuts: &[&Cut],
    figures: &mut Figures,
    section: &mut Section,
) -> Result<(), StrategyError> {
    let factor = world.factor();
    let system = factor.system();
    let user = system.regions().require(&place.code)?;
    let year = system.period();
    let reference = engine.workspace.reference(world.table())?;
    let (places, sectors) = (engine.places()?, engine.workspace.classification("WIOD35")?);
    let value_added: f64 = system.value_added()[system.range_at(user)].iter().sum();
    let cuts = &cuts[..cuts.len().min(CUTS)];
    let scenarios = cuts.iter().map(|cut| scenario(system, user, cut)).collect::<Result<Vec<_>, _>>()?;
    let own = |loss: &ScenarioLoss| loss.value_added_loss[system.range_at(user)].iter().sum::<f64>();
    let inventories = ArioOptions::default();
    let cases: Vec<(&Scenario, &ArioOptions)> = scenarios.iter().map(|scenario| (scenario, &inventories)).collect();
    let daily = adaptive_regional_input_output_batch(system, &cases)?;
    let mut ranges = Vec::with_capacity(cuts.len());
    for (scenario, run) in scenarios.iter().zip(&daily) {
        let equilibrium = match exact_hat_equilibrium(system, scenario, &HatOptions::default()) {
            Ok(found) => Some(own(&found.loss())),
            // a cut that leaves no source at all has no equilibrium with finite prices
            Err(ChainError::Refused { .. }) => None,
            Err(other) => return Err(other.into()),
        };
        ranges.push(CutRange {
            closed: own(&closed_form(factor, scenario, ClosedFormModel::Supply)?.loss()),
            inventories: own(&run.loss()),
            equilibrium,
            recovery: run.recovery[user],
        });
    }
    let (Some(worst), Some(cut)) = (ranges.first(), cuts.first()) else { return Ok(()) };
    let name = print::fill("{0} ({1})", "{0}“{1}”", &[&places.name(&cut.region), &sectors.name(&cut.sector)]);
    let figure = |figures: &mut Figures, id: &str, label: Text, value: f64, method: &str, formula: &str| {
        figures.add(NewFigure {
            id,
            label,
            value: value * 1e6,
            unit: Unit::Usd,
            period: Period::year(year),
            rank: None,
            tables: vec![reference.clone()],
            method,
            formula,
            options: &[(
                "scenario",
                format!("all inputs from {} {} stop for {CUT_DAYS} days; losses over {HORIZON}", cut.region, cut.sector),
            )],
            inputs: vec![("flow cut, a year", cut.flow, "million USD"), ("value added of the place", value_added, "million USD")],
        })
    };
    let closed = figure(
        figures,
        "chain/cut_range_closed_form",
        print::fill("Value added lost if {0} stopped for 90 days: closed form", "{0}断供 90 天的增加值损失：解析解", &[&name]),
        worst.closed,
        "scenario-closed-form",
        "Ghosh: x*' = x*'B* + p', at the mean of the cut over the horizon",
    );
    let stocks = figure(
        figures,
        "chain/cut_range_inventories",
        print::fill("Value added lost if {0} stopped for 90 days: with inventories", "{0}断供 90 天的增加值损失：库存动态", &[&name]),
        worst.inventories,
        "adaptive-regional-input-output",
        "ARIO, 90 days of every input in stock, orders to other suppliers",
    );
    let mut ids = vec![closed, stocks];
    let (mut en, mut zh) = (String::new(), String::new());
    if let Some(equilibrium) = worst.equilibrium {
        ids.push(figure(
            figures,
            "chain/cut_range_equilibrium",
            print::fill("Real income lost if {0} stopped for 90 days: equilibrium", "{0}断供 90 天的实际收入损失：一般均衡", &[&name]),
            equilibrium,
            "exact-hat-equilibrium",
            "exact hat algebra at the mean of the cut over the horizon; value added in terms of final goods",
        ));
        en.push_str(", and {2} once all prices and suppliers have adjusted (a negative figure is a gain)");
        zh.push_str("，价格和供应充分调整后为{2}（负值为增益）");
    }
    let ids: Vec<&String> = ids.iter().collect();
    let slot = ids.len();
    section.text.push(figures.sentence(
        &format!("If {{{slot}}} stopped for 90 days, the loss of value added over 180 days would be {{0}} with nothing stocked or replaced, {{1}} when users hold 90 days of stocks and order elsewhere{en}: the range says how much rests on stocks and other suppliers."),
        &format!("若{{{slot}}}断供 90 天，在无库存、无替代时 180 天内增加值损失{{0}}，在持有 90 天库存并可另行订货时为{{1}}{zh}：区间反映损失有多大程度取决于库存和其他供应方。"),
        &ids,
        &[&name],
    ));
    section.tables.push(Table {
        id: "cut-range".into(),
        title: Text::new("The worst cuts by three models, and time to recovery", "最大断供的三种模型估计与恢复时间"),
        columns: vec![
            Column { label: Text::new("Supplier", "供应方"), format: None },
            Column { label: Text::new("Industry", "行业"), format: None },
            Column { label: Text::new("Closed form (Ghosh)", "解析解（Ghosh）"), format: Some(Format::Usd) },
            Column { label: Text::new("With inventories (ARIO)", "库存动态（ARIO）"), format: Some(Format::Usd) },
            Column { label: Text::new("Equilibrium (exact hat)", "一般均衡（exact hat）"), format: Some(Format::Usd) },
            Column { label: Text::new("Recovered on day", "恢复所需天数"), format: Some(Format::Whole) },
        ],
        rows: cuts
            .iter()
            .zip(&ranges)
            .map(|(cut, range)| {
                vec![
                    Cell::Text(places.name(&cut.region)),
                    Cell::Text(sectors.name(&cut.sector)),
                    Cell::Number(range.closed * 1e6),
                    Cell::Number(range.inventories * 1e6),
                    range.equilibrium.map_or(Cell::Missing, |loss| Cell::Number(loss * 1e6)),
                    range.recovery.map_or(Cell::Missing, |day| Cell::Number(day as f64)),
                ]
            })
            .collect(),
        note: print::fill(
            "All inputs from the industry stop for 90 days from day 0, {0}; loss of value added over 180 days. Day of recovery: from then on output stays within 1% of its level in the model with inventories; 0 where it never leaves it. `xinzhi chain shock` runs any scenario.",
            "自第 0 天起该行业全部投入品断供 90 天，{0}；为 180 天内的增加值损失。恢复日：库存模型中自该日起产出保持在原水平 1% 以内；0 表示始终未超出。任意情景可用 `xinzhi chain shock` 运行。",
            &[&print::years(Period::year(year))],
        ),
    });
    Ok(())
}
