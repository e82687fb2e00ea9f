//! A country's accounts of value added: what its final demand calls on and what its own production ends in, and the picture of its exports
//! from the origin of their value through the exporting industry to the buyer.

use crate::engine::{Engine, WorldChain};
use crate::figures::{Figures, NewFigure};
use crate::{BarRow, Chart, ChartKind, FlowLink, FlowNode, Format, Section, StrategyError, print};
use chain::Leontief;
use frame::{Period, Place, Text, Unit};

/// How many partners of the footprint are drawn by name.
const PARTNERS: usize = 10;
/// How many nodes of a column of the flow are drawn by name; the others are one node.
const NAMED: usize = 6;
/// The unit of the world table, in USD.
const MILLION: f64 = 1e6;

/// Production against consumption of value added, in all and by partner.
pub(crate) fn footprint(
    engine: &Engine,
    world: &WorldChain,
    place: &Place,
    figures: &mut Figures,
    section: &mut Section,
) -> Result<(), StrategyError> {
    let places = engine.places()?;
    let year = world.factor().system().period();
    let reference = engine.workspace.reference(world.table())?;
    let produced = chain::value_added_destination(world.factor(), &place.code)?;
    let absorbed = chain::value_added_absorbed(world.factor(), &place.code)?;
    let abroad = |flow: &chain::ValueAddedFlow| -> f64 { flow.by_region.iter().filter(|(r, _)| *r != place.code).map(|(_, v)| v).sum() };
    let (sold, bought) = (abroad(&produced), abroad(&absorbed));
    let mut add = |id: &str, label: Text, value: f64, unit: Unit, formula: &str, inputs: Vec<(&str, f64, &str)>| {
        figures.add(NewFigure {
            id,
            label,
            value,
            unit,
            period: Period::year(year),
            rank: None,
            tables: vec![reference.clone()],
            method: "value-added-footprint",
            formula,
            options: &[],
            inputs,
        })
    };
    let consumption = add(
        "chain/consumption_account",
        Text::new("Final demand: the value added it calls on", "最终需求所拉动的增加值"),
        absorbed.total * MILLION,
        Unit::Usd,
        "1' Y_s, of all origins",
        vec![("of it its own", absorbed.total - bought, "million USD"), ("of it from abroad", bought, "million USD")],
    );
    let imported = add(
        "chain/imports_of_value_added",
        Text::new("Share of final demand that is value added abroad", "最终需求中的国外增加值份额"),
        bought / absorbed.total,
        Unit::Share,
        "sum over t != s of v_t L_t. Y_s / 1' Y_s",
        vec![("value added abroad in its final demand", bought, "million USD"), ("final demand", absorbed.total, "million USD")],
    );
    let production = add(
        "chain/production_account",
        Text::new("Value added it produces", "本地生产的增加值"),
        produced.total * MILLION,
        Unit::Usd,
        "v_s x_s",
        vec![("absorbed at home", produced.total - sold, "million USD"), ("absorbed abroad", sold, "million USD")],
    );
    let exported = add(
        "chain/exports_of_value_added",
        Text::new("Share of its value added that others' final demand absorbs", "本地增加值被他方最终需求吸收的份额"),
        sold / produced.total,
        Unit::Share,
        "sum over r != s of v_s L_s. Y_r / v_s x_s",
        vec![("value added absorbed abroad (VAX)", sold, "million USD"), ("value added", produced.total, "million USD")],
    );
    section.text.push(figures.sentence(
        "Footprint in value added, {4}: its final demand of {0} called on value added abroad for {1}; of the {2} it added itself, {3} ended in the final demand of others.",
        "{4}增加值足迹：其最终需求为{0}，其中{1}为国外增加值；本地生产的增加值为{2}，其中{3}被他方的最终需求吸收。",
        &[&consumption, &imported, &production, &exported],
        &[&print::years(Period::year(year))],
    ));
    let mut partners: Vec<(&str, f64, f64)> = produced
        .by_region
        .iter()
        .zip(absorbed.by_region.values())
        .filter(|((region, _), _)| *region != place.code)
        .map(|((region, sold), bought)| (region, sold, *bought))
        .collect();
    partners.sort_by(|a, b| (b.1 + b.2).total_cmp(&(a.1 + a.2)).then(a.0.cmp(b.0)));
    section.charts.push(Chart {
        id: "footprint".into(),
        title: Text::new("Whose value added its final demand absorbs, and who absorbs its own", "其最终需求吸收谁的增加值，谁吸收其增加值"),
        caption: print::fill(
            "Right: value added of the place in the partner's final demand; left: value added of the partner in the place's final demand; the number is the balance. However many borders the goods crossed on the way. {0}, WIOD 2013 release.",
            "右：对方最终需求中的本地增加值；左：本地最终需求中的对方增加值；数字为两者差额。无论途中跨境几次，均按增加值来源与最终吸收地计。{0}，资料来源：WIOD 2013 版。",
            &[&print::years(Period::year(year))],
        ),
        kind: ChartKind::Bars {
            format: Format::Usd,
            series: vec![Text::new("Its value added absorbed there", "被对方吸收的本地增加值"), Text::new("Their value added absorbed here", "本地吸收的对方增加值")],
            rows: partners
                .iter()
                .take(PARTNERS)
                .map(|(region, sold, bought)| BarRow {
                    label: places.name(region),
                    values: vec![Some(sold * MILLION), Some(-bought * MILLION)],
                    highlighted: false,
                })
                .collect(),
        },
    });
    Ok(())
}

/// Exports from where their value was added, through the industry that exports, to who buys.
pub(crate) fn flow(engine: &Engine, world: &WorldChain, place: &Place, section: &mut Section) -> Result<(), StrategyError> {
    let places = engine.places()?;
    let sectors = engine.workspace.classification("WIOD35")?;
    let year = world.factor().system().period();
    let flows = chain::export_flows(world.factor(), &place.code)?;
    if flows.buyers.row_sums().iter().sum::<f64>() <= 0.0 {
        return Ok(());
    }
    // the rest of the world is a sum of places: it joins "all others"
    let is_named = |code: &str| code != "ROW";
    let own_first = |mut named: Vec<usize>| {
        let own = flows.origins.rows().position(&place.code);
        named.sort_by_key(|i| Some(*i) != own);
        named
    };
    let origins = own_first(largest(&flows.origins.row_sums(), |i| is_named(flows.origins.rows().name(i))));
    let industries = largest(&flows.buyers.row_sums(), |_| true);
    let buyers = largest(&flows.buyers.column_sums(), |i| is_named(flows.buyers.columns().name(i)));
    let other_places = Text::new("All other places", "其他地区");
    let other_industries = Text::new("All other industries", "其他行业");
    let mut picture = FlowPicture::default();
    picture.column(origins.iter().map(|i| places.name(flows.origins.rows().name(*i))), other_places.clone());
    picture.column(industries.iter().map(|i| sectors.name(flows.buyers.rows().name(*i))), other_industries);
    picture.column(buyers.iter().map(|i| places.name(flows.buyers.columns().name(*i))), other_places);
    for r in 0..flows.origins.rows().len() {
        for j in 0..flows.origins.columns().len() {
            picture.add(0, slot(&origins, r), slot(&industries, j), flows.origins.at(r, j) * MILLION);
            picture.add(1, slot(&industries, j), slot(&buyers, r), flows.buyers.at(j, r) * MILLION);
        }
    }
    section.charts.push(Chart {
        id: "value-flow".into(),
        title: Text::new("Its exports: where the value was added, who sold it, who bought it", "出口的价值：在何处增加、由何行业售出、由谁购买"),
        caption: print::fill(
            "Gross exports of goods and services, {0}: on the left by the place where the value was added in all tiers, in the middle by exporting industry, on the right by direct buyer, who may use it up or export it again. WIOD 2013 release.",
            "{0}货物与服务总出口：左为各级环节中增加值的来源地，中为出口行业，右为直接购买方（可能自用，也可能再出口）。资料来源：WIOD 2013 版。",
            &[&print::years(Period::year(year))],
        ),
        kind: picture.finish(Format::Usd),
    });
    Ok(())
}

/// The positions of the largest positive sums among those wanted, largest first, ties in order.
pub(crate) fn largest(sums: &[f64], wanted: impl Fn(usize) -> bool) -> Vec<usize> {
    let mut order: Vec<usize> = (0..sums.len()).filter(|i| sums[*i] > 0.0 && wanted(*i)).collect();
    order.sort_by(|a, b| sums[*b].total_cmp(&sums[*a]).then(a.cmp(b)));
    order.truncate(NAMED);
    order
}

/// Where something stands among the named; after them when it is one of the others.
pub(crate) fn slot(named: &[usize], i: usize) -> usize {
    named.iter().position(|n| *n == i).unwrap_or(named.len())
}

/// A flow picture under construction: columns of named nodes and a last one for all others, and flows from each column to the next.
#[derive(Default)]
pub(crate) struct FlowPicture {
    nodes: Vec<FlowNode>,
    /// Where each column starts.
    starts: Vec<usize>,
    /// Flows by column left, node in it, node in the next.
    flows: std::collections::BTreeMap<(usize, usize, usize), f64>,
}

impl FlowPicture {
    /// A further column.
    pub(crate) fn column(&mut self, names: impl Iterator<Item = Text>, others: Text) {
        let column = self.starts.len();
        self.starts.push(self.nodes.len());
        self.nodes.extend(names.chain([others]).map(|label| FlowNode { label, column }));
    }

    /// More of a flow from a node of a column to a node of the next.
    pub(crate) fn add(&mut self, column: usize, from: usize, to: usize, value: f64) {
        *self.flows.entry((column, from, to)).or_insert(0.0) += value;
    }

    /// The chart.
    pub(crate) fn finish(self, format: Format) -> ChartKind {
        let links = self.flows.iter().filter(|(_, value)| **value > 0.0);
        let links = links.map(|((column, from, to), value)| FlowLink {
            from: self.starts[*column] + from,
            to: self.starts[column + 1] + to,
            value: *value,
        });
        ChartKind::Flow { format, links: links.collect(), nodes: self.nodes }
    }
}
