//! What the worst cuts of a country would cost by one model and another, how long it would take to recover, which breakthroughs and which
//! stocks and second sources would help most.

use crate::engine::{Engine, WorldChain};
use crate::figures::{Figures, NewFigure};
use crate::{Cell, Column, Format, Section, StrategyError, Table, print};
use chain::{
    ArioOptions, BreakthroughOptions, BreakthroughReason, ChainError, ClosedFormModel, Course, Cut, Disturbance, HatOptions,
    InputOutputSystem, Leontief, LossTarget, PlanStatus, Scenario, ScenarioLoss, Shock, adaptive_regional_input_output_batch, closed_form,
    exact_hat_equilibrium,
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
            inputs: vec![("flow cut, a year", cut.flow, "million USD")],
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
        en.push_str(", and {2} once all prices and suppliers have adjusted");
        zh.push_str("，价格和供应充分调整后为{2}");
    }
    let ids: Vec<&String> = ids.iter().collect();
    let slot = ids.len();
    section.text.push(figures.sentence(
        &format!("If {{{slot}}} stopped for 90 days, the loss of value added over 180 days would be {{0}} with nothing stocked or replaced, {{1}} when users hold 90 days of stocks and order elsewhere{en}: the range says how much rests on stocks and other suppliers (a negative figure is a gain)."),
        &format!("若{{{slot}}}断供 90 天，在无库存、无替代时 180 天内增加值损失{{0}}，在持有 90 天库存并可另行订货时为{{1}}{zh}：区间反映损失有多大程度取决于库存和其他供应方（负值为增益）。"),
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
            "All inputs from the industry stop for 90 days from day 0, {0}; loss of value added over 180 days. Day of recovery: from then on output stays within 1% of its level in the model with inventories; 0 where it never leaves it. xinzhi chain shock runs any scenario.",
            "自第 0 天起该行业全部投入品断供 90 天，{0}；为 180 天内的增加值损失。恢复日：库存模型中自该日起产出保持在原水平 1% 以内；0 表示始终未超出。任意情景可用 xinzhi chain shock 运行。",
            &[&print::years(Period::year(year))],
        ),
    });
    Ok(())
}

/// How many sectors the breakthrough list of a dossier has, and measures the plan.
const LISTED: usize = 5;
/// What of the loss without a plan the plan of a dossier may leave.
const TARGET: f64 = 0.5;

fn reason(of: BreakthroughReason) -> Text {
    match of {
        BreakthroughReason::Concentrated => Text::new("concentrated imports", "进口集中"),
        BreakthroughReason::SingleSource => Text::new("single source", "单一来源"),
        BreakthroughReason::BehindBarrier => Text::new("behind a barrier", "受壁垒影响"),
        BreakthroughReason::MostlyForeign => Text::new("mostly foreign", "以国外为主"),
        BreakthroughReason::ImportsExceedExports => Text::new("imports exceed exports", "进口大于出口"),
    }
}

/// The foreign inputs whose loss hurts most, sector by sector, with how near the place is to the products behind them.
pub(crate) fn breakthrough_list(engine: &Engine, place: &Place, figures: &mut Figures, section: &mut Section) -> Result<(), StrategyError> {
    let list = engine.breakthroughs(&place.code, &BreakthroughOptions { top: Some(LISTED), ..BreakthroughOptions::default() })?;
    let Some(first) = list.found.sectors.first() else { return Ok(()) };
    let (places, sectors) = (engine.places()?, engine.workspace.classification("WIOD35")?);
    let loss = figures.add(NewFigure {
        id: "chain/first_breakthrough",
        label: print::fill(
            "Value added lost without any foreign supplier of the first sector on the breakthrough list: {0}",
            "攻关清单首位行业全部国外供应中断的增加值损失：{0}",
            &[&sectors.name(&first.sector)],
        ),
        value: first.value_added_loss_share,
        unit: Unit::Share,
        period: Period::year(list.year),
        rank: None,
        tables: vec![engine.workspace.reference(&list.table)?],
        method: "breakthroughs",
        formula: "Ghosh: loss without all foreign industries of the sector / value added of the place; the list is ordered by it",
        options: &[("order", "loss".to_owned())],
        inputs: vec![
            ("imports of the sector by the place's industries", first.imports, "million USD"),
            ("foreign share of what they use of it", first.foreign_share_of_use, "share"),
            ("concentration of those imports (HHI)", first.import_concentration, "index"),
        ],
    });
    section.text.push(figures.sentence(
        "First on its list of breakthroughs stands {1}: without any foreign supplier {0} of value added would be at risk.",
        "攻关清单首位是“{1}”：若全部国外供应中断，{0}的增加值面临风险。",
        &[&loss],
        &[&sectors.name(&first.sector)],
    ));
    section.tables.push(Table {
        id: "breakthroughs".into(),
        title: Text::new("Breakthroughs: the foreign inputs whose loss would hurt most", "攻关清单：缺失影响最大的国外投入"),
        columns: vec![
            Column { label: Text::new("Sector", "行业"), format: None },
            Column { label: Text::new("Value added at risk", "面临风险的增加值"), format: Some(Format::Percent) },
            Column { label: Text::new("Foreign share of use", "使用中的国外份额"), format: Some(Format::Percent) },
            Column { label: Text::new("Concentration (HHI)", "进口集中度（HHI）"), format: Some(Format::Decimal(2)) },
            Column { label: Text::new("Leading supplier", "首要供应方"), format: None },
            Column { label: Text::new("Why else", "其他理由"), format: None },
            Column { label: Text::new("Its products held", "已具优势的产品"), format: Some(Format::Percent) },
            Column { label: Text::new("Relatedness of the others", "其余产品的相关度"), format: Some(Format::Decimal(2)) },
        ],
        rows: list
            .found
            .sectors
            .iter()
            .map(|of| {
                let near = list.feasibility.get(&of.sector);
                let number = |value: Option<f64>| value.filter(|value| value.is_finite()).map_or(Cell::Missing, Cell::Number);
                let reasons: Vec<Text> = of.reasons.iter().map(|of| reason(*of)).collect();
                let joined = |language: fn(&Text) -> &str, by: &str| reasons.iter().map(language).collect::<Vec<_>>().join(by);
                vec![
                    Cell::Text(sectors.name(&of.sector)),
                    Cell::Number(of.value_added_loss_share),
                    Cell::Number(of.foreign_share_of_use),
                    Cell::Number(of.import_concentration),
                    of.leading.as_ref().map_or(Cell::Missing, |leading| Cell::Text(places.name(&leading.region))),
                    if reasons.is_empty() {
                        Cell::Missing
                    } else {
                        Cell::Text(Text::new(joined(|text| &text.en, ", "), joined(|text| &text.zh, "、")))
                    },
                    number(near.map(|near| near.held_share)),
                    number(near.map(|near| near.density)),
                ]
            })
            .collect(),
        note: print::fill(
            "Loss without any foreign industry of the sector delivering to the place's own, {0}; supply-side closed form, nothing replaced: value at risk. Products held: share of the HS headings behind the sector that the place exports with comparative advantage; relatedness: mean density of the others (2017). Services have none.",
            "该行业全部国外供应停止向本地各行业供货的损失，{0}；供给侧解析解、无替代：为风险价值。已具优势的产品：该行业对应 HS 品目中本地具有比较优势的比重；相关度：其余品目的平均密度（2017 年）。服务业无此项。",
            &[&print::years(Period::year(list.year))],
        ),
    });
    Ok(())
}

/// The cheapest stocks and second sources that halve the expected loss of the worst cuts.
pub(crate) fn cheapest_plan(engine: &Engine, place: &Place, figures: &mut Figures, section: &mut Section) -> Result<(), StrategyError> {
    let found = engine.cheapest_plan(&place.code, LossTarget::Share(TARGET))?;
    let (plan, year) = (&found.plan, found.year);
    let sectors = engine.workspace.classification("WIOD35")?;
    match plan.status {
        PlanStatus::Cheapest => {}
        PlanStatus::NothingToDo => return Ok(()),
        PlanStatus::OutOfReach => {
            section.missing.push(Text::new(
                "No plan of stocks and second sources within the assumed limits halves the expected loss of the worst cuts.",
                "在假设的上限内，没有库存与第二来源方案能使最大断供的期望损失减半。",
            ));
            return Ok(());
        }
    }
    let reference = engine.workspace.reference(&found.table)?;
    let costs = [
        ("cost of capital in stocks, a year", found.options.capital_cost.to_string()),
        ("storage, a year, of the stock's value", found.options.storage_cost.to_string()),
        ("second source, a year, of its deliveries", found.options.second_source_cost.to_string()),
    ];
    let cost = figures.add(NewFigure {
        id: "chain/cheapest_plan_cost",
        label: Text::new(
            "Cost a year of the cheapest plan that halves the expected loss of the worst cuts",
            "使最大断供期望损失减半的最低成本方案的年成本",
        ),
        value: plan.cost * 1e6,
        unit: Unit::Usd,
        period: Period::year(year),
        rank: None,
        tables: vec![reference.clone()],
        method: "resilience-plan",
        formula: "min sum c_i stock + sum d_ij second source subject to expected loss <= half of that without a plan (linear program)",
        options: &costs,
        inputs: vec![
            ("expected loss without a plan", plan.expected_without, "million USD"),
            ("expected loss with it", plan.expected_with, "million USD"),
            ("no plan costs less than", plan.lower_bound, "million USD a year"),
        ],
    });
    let avoided = figures.add(NewFigure {
        id: "chain/expected_cut_loss",
        label: Text::new(
            "Expected loss of value added in one of the worst cuts, without a plan",
            "最大断供之一发生时的期望增加值损失（无方案）",
        ),
        value: plan.expected_without * 1e6,
        unit: Unit::Usd,
        period: Period::year(year),
        rank: None,
        tables: vec![reference],
        method: "resilience-plan",
        formula: "mean over the cuts of value added lost where critical inputs bind, without stocks or second sources",
        options: &[("cuts", format!("{} cuts of one foreign industry for 90 days, equally likely", plan.cuts.len()))],
        inputs: vec![
            ("value of the plan's stocks", plan.stock_value, "million USD"),
            ("last unit of loss avoided costs a year", plan.marginal_cost, "USD"),
        ],
    });
    let scarcest = plan.chokepoints.first().map(|of| {
        print::fill(
            "{0} ({1})",
            "{0}“{1}”",
            &[&engine.places().map(|places| places.name(&of.region)).unwrap_or_else(|_| Text::same(&of.region)), &sectors.name(&of.sector)],
        )
    });
    let (en, zh) = match &scarcest {
        Some(_) => (" The scarcest supplier, by the plan's shadow prices, is {2}.", "按方案的影子价格，最稀缺的供应方是{2}。"),
        None => ("", ""),
    };
    let (extra, count): (Vec<&Text>, usize) = (scarcest.iter().collect(), plan.cuts.len());
    section.text.push(figures.sentence(
        &format!("If one of its {count} worst cuts came, each as likely as the other, {{1}} of value added would be lost on average where critical inputs bind and nothing is prepared; the cheapest stocks and second sources that halve this cost {{0}} a year, under the costs assumed.{en}"),
        &format!("若{count}个最大断供之一等概率发生，在关键投入有约束力且毫无准备时平均损失增加值{{1}}；在所假设的成本下，使之减半的最低成本库存与第二来源方案每年需{{0}}。{zh}"),
        &[&cost, &avoided],
        &extra,
    ));
    section.tables.push(Table {
        id: "cheapest-plan".into(),
        title: Text::new("The cheapest plan that halves the expected loss", "使期望损失减半的最低成本方案"),
        columns: vec![
            Column { label: Text::new("Input", "投入"), format: None },
            Column { label: Text::new("Held by", "持有行业"), format: None },
            Column { label: Text::new("Days in stock", "库存天数"), format: Some(Format::Whole) },
            Column { label: Text::new("Value of the stock", "库存价值"), format: Some(Format::Usd) },
            Column { label: Text::new("Second sources", "第二来源份额"), format: Some(Format::Percent) },
            Column { label: Text::new("Cost a year", "年成本"), format: Some(Format::Usd) },
        ],
        rows: plan
            .measures
            .iter()
            .take(LISTED)
            .map(|of| {
                vec![
                    Cell::Text(sectors.name(&of.input)),
                    Cell::Text(sectors.name(&of.user)),
                    Cell::Number(of.stock_days),
                    Cell::Number(of.stock_value * 1e6),
                    Cell::Number(of.second_source_share),
                    Cell::Number(of.cost * 1e6),
                ]
            })
            .collect(),
        note: print::fill(
            "The dearest measures, {0}. Costs and critical inputs are assumptions (xinzhi chain plan takes yours); services are not stored; cuts by the rest of the world are left out.",
            "列出成本最高的措施，{0}。成本与关键投入均为假设（可在 xinzhi chain plan 中自定）；服务不作库存；不含“世界其他地区”的断供。",
            &[&print::years(Period::year(year))],
        ),
    });
    Ok(())
}
