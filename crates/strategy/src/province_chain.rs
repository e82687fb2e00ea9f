//! Layer 3 of a Chinese province: which imports stand behind its industries (an estimate), and its customs trade.

use crate::engine::Engine;
use crate::figures::{Figures, NewFigure, print_rank};
use crate::{Cell, Chart, ChartKind, Column, FlowLink, FlowNode, Format, Section, StrategyError, Table, print};
use chain::{ImportDependence, NationalSystem, NationalTable};
use frame::{LabelledMatrix, LabelledVector, Period, Place, Rank, TableReference, Text, Unit};
use measure::Direction;

/// The year of both the national table and the provincial outputs it is weighted with.
const YEAR: i32 = 2017;
const NATIONAL_TABLE: &str = "io_cn42_2017";
const SCHEME: &str = "CN42-2017";
/// Products and sectors drawn by name in the flow.
const NAMED: usize = 6;

pub(crate) fn section(engine: &Engine, place: &Place, figures: &mut Figures) -> Result<Section, StrategyError> {
    let mut section = Section {
        id: "chain".into(),
        title: Text::new("Chains: which imports stand behind its industries", "产业链：各行业背后的进口投入"),
        text: Vec::new(),
        charts: Vec::new(),
        tables: Vec::new(),
        missing: vec![Text::new(
            "Which country the imports come from, and cuts of single suppliers, need an interregional table tied to a world table; none with a licence to embed is at hand.",
            "进口来自哪个国家、单一供应方断供的损失，需要与世界表衔接的地区间投入产出表；目前没有许可允许内置的此类表。",
        )],
        source_line: Text::new(
            "Estimate: China's national input-output table 2017 (42 sectors, imported inputs apart) weighted with the province's output of 2017; customs trade 2017",
            "估计值：2017 年中国投入产出表（42 部门，区分进口投入）按该省 2017 年各部门产出加权；2017 年海关贸易",
        ),
    };
    imports(engine, place, figures, &mut section)?;
    customs(engine, place, figures, &mut section)?;
    Ok(section)
}

/// The national table with imported inputs apart, solved.
fn national(engine: &Engine) -> Result<ImportDependence, StrategyError> {
    let rows = engine.workspace.io(NATIONAL_TABLE)?;
    let block = |kind: &str| {
        rows.block(kind).ok_or_else(|| {
            store::StoreError::new(store::Problem::Schema, format!("table `{NATIONAL_TABLE}` holds no rows of kind `{kind}`"))
        })
    };
    let (domestic, imported, added) = (block("domestic")?, block("import")?, block("value_added")?);
    let n = rows.columns.len();
    let system = NationalSystem::new(NationalTable {
        name: rows.system.clone(),
        period: rows.period,
        unit: rows.unit.clone(),
        region: "CHN".into(),
        sectors: rows.columns.iter().map(|(_, sector)| sector.clone()).collect(),
        domestic: domestic.z.clone(),
        imported: imported.z.clone(),
        value_added: added.rows.iter().enumerate().map(|(i, (_, name))| (name.clone(), added.z[i * n..(i + 1) * n].to_vec())).collect(),
        final_demand: rows.final_demand.iter().map(|(_, category)| category.clone()).collect(),
        domestic_final: domestic.y.clone(),
        imported_final: imported.y.clone(),
        exports: Some("exports".into()),
    })?;
    Ok(system.import_dependence()?)
}

/// Output by province and sector.
pub(crate) fn outputs(engine: &Engine) -> Result<LabelledMatrix, StrategyError> {
    Ok(engine.workspace.activity("province_output_trade")?.matrix("output", Period::year(YEAR), SCHEME)?)
}

fn imports(engine: &Engine, place: &Place, figures: &mut Figures, section: &mut Section) -> Result<(), StrategyError> {
    let outputs = outputs(engine)?;
    let Some(row) = outputs.rows().position(&place.code) else {
        section.missing.push(print::fill("No sector outputs for {0}.", "没有{0}的分部门产出数据。", &[&place.name]));
        return Ok(());
    };
    let dependence = national(engine)?;
    let estimate = |row: usize| -> Result<chain::ProvinceEstimate, StrategyError> {
        Ok(chain::province_estimate(&LabelledVector::new(outputs.columns().clone(), outputs.row(row).to_vec())?, &dependence)?)
    };
    let own = estimate(row)?;
    let all: Vec<(String, f64)> = (0..outputs.rows().len())
        .map(|r| Ok((outputs.rows().name(r).to_owned(), estimate(r)?.total)))
        .collect::<Result<_, StrategyError>>()?;
    let nation_output = LabelledVector::new(outputs.columns().clone(), outputs.column_sums())?;
    let nation = chain::province_estimate(&nation_output, &dependence)?;
    let sectors = engine.workspace.classification(SCHEME)?;
    let tables: Vec<TableReference> =
        vec![engine.workspace.reference(NATIONAL_TABLE)?, engine.workspace.reference("province_output_trade")?];
    let rank = measure::rank(&all, &place.code, Direction::HigherIsBetter).map(|r| Rank { rank: r.rank, of: r.of });
    let total = figures.add(NewFigure {
        id: "chain/import_content",
        label: Text::new("Imported content of a unit of output (estimate)", "单位产出的进口含量（估计）"),
        value: own.total,
        unit: Unit::Share,
        period: Period::year(YEAR),
        rank,
        tables: tables.clone(),
        method: "import-dependence",
        formula: "sum over sectors j of w_j (m'(I - A_d)^-1)_j, w_j = the province's output share, m = imported inputs per unit of output",
        options: &[("assumption", own.assumption.en.clone())],
        inputs: vec![
            ("direct", own.direct, "share of output"),
            ("nation, same weights by the sum of provinces", nation.total, "share of output"),
        ],
    });
    let mut products: Vec<(&str, f64)> = own.by_product.iter().collect();
    products.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(b.0)));
    let names: Vec<Text> = products
        .iter()
        .take(3)
        .map(|(code, value)| print::fill("{0} ({1})", "{0}（{1}）", &[&sectors.name(code), &print::share(value / own.total)]))
        .collect();
    section.text.push(figures.sentence(
        "Estimate: {0} of the value of its output rests on imported inputs, directly or through domestic suppliers ({2} of provinces, highest first; nation {3}). The largest imported inputs are {1}, in shares of the total.",
        "估计：其产出价值中有{0}直接或经国内供应商间接依赖进口投入（由高到低{2}；全国{3}）。最大的进口投入是{1}（占合计的份额）。",
        &[&total],
        &[&print::list(&names), &rank.map(print_rank).unwrap_or_default(), &print::share(nation.total)],
    ));
    section.tables.push(Table {
        id: "imported-products".into(),
        title: Text::new("Imported inputs behind its output (estimate)", "产出背后的进口投入（估计）"),
        columns: vec![
            Column { label: Text::new("Imported product", "进口产品"), format: None },
            Column { label: Text::new("Per unit of output", "单位产出含量"), format: Some(Format::Percent) },
            Column { label: Text::new("Nation", "全国"), format: Some(Format::Percent) },
            Column {
                label: Text::new("Imported share of the nation's use as input", "全国该类投入的进口占比"),
                format: Some(Format::Percent),
            },
        ],
        rows: products
            .iter()
            .take(12)
            .map(|(code, value)| {
                vec![
                    Cell::Text(sectors.name(code)),
                    Cell::Number(*value),
                    nation.by_product.get(code).map_or(Cell::Missing, Cell::Number),
                    dependence.product_share_of_inputs.get(code).filter(|v| v.is_finite()).map_or(Cell::Missing, Cell::Number),
                ]
            })
            .collect(),
        note: own.assumption.clone(),
    });
    flow(engine, place, &outputs, row, &dependence, section)
}

/// Imported products → the province's sectors.
fn flow(
    engine: &Engine,
    place: &Place,
    outputs: &LabelledMatrix,
    row: usize,
    dependence: &ImportDependence,
    section: &mut Section,
) -> Result<(), StrategyError> {
    let sectors = engine.workspace.classification(SCHEME)?;
    let by_product = &dependence.by_product;
    let value = |product: usize, sector: &str, output: f64| {
        by_product.columns().position(sector).map_or(0.0, |c| by_product.at(product, c) * output)
    };
    let products: Vec<&str> = by_product.rows().iter().collect();
    let own: Vec<(&str, f64)> = outputs.columns().iter().zip(outputs.row(row).iter().copied()).collect();
    let largest = |totals: Vec<(usize, f64)>| -> Vec<usize> {
        let mut totals = totals;
        totals.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        totals.into_iter().take(NAMED).map(|(i, _)| i).collect()
    };
    let top_products = largest((0..products.len()).map(|p| (p, own.iter().map(|(s, x)| value(p, s, *x)).sum())).collect());
    let top_sectors = largest(own.iter().enumerate().map(|(i, (s, x))| (i, (0..products.len()).map(|p| value(p, s, *x)).sum())).collect());
    let other = Text::new("All others", "其他");
    let mut nodes: Vec<FlowNode> = top_products.iter().map(|p| FlowNode { label: sectors.name(products[*p]), column: 0 }).collect();
    nodes.push(FlowNode { label: other.clone(), column: 0 });
    nodes.extend(top_sectors.iter().map(|s| FlowNode { label: sectors.name(own[*s].0), column: 1 }));
    nodes.push(FlowNode { label: other, column: 1 });
    let slot = |list: &[usize], i: usize| list.iter().position(|x| *x == i).unwrap_or(list.len());
    let mut cells = vec![0.0; (NAMED + 1) * (NAMED + 1)];
    for p in 0..products.len() {
        for (i, (s, x)) in own.iter().enumerate() {
            cells[slot(&top_products, p) * (NAMED + 1) + slot(&top_sectors, i)] += value(p, s, *x);
        }
    }
    let total: f64 = cells.iter().sum();
    if total <= 0.0 {
        return Ok(());
    }
    let links = cells
        .iter()
        .enumerate()
        .filter(|(_, v)| **v > 0.0)
        .map(|(at, v)| FlowLink { from: at / (NAMED + 1), to: top_products.len() + 1 + at % (NAMED + 1), value: v / total })
        .collect();
    section.charts.push(Chart {
        id: "import-flow".into(),
        title: Text::new("From imported products to the province's sectors (estimate)", "从进口产品到本省各部门（估计）"),
        caption: print::fill(
            "Shares of all imported inputs behind the output of {0}, direct and through domestic suppliers. National technology and import shares of 2017, output of the province 2017.",
            "{0}产出背后全部进口投入（含经国内供应商间接投入）的份额。2017 年全国技术与进口份额，2017 年该省产出。",
            &[&place.name],
        ),
        kind: ChartKind::Flow { format: Format::Percent, nodes, links },
    });
    Ok(())
}

fn customs(engine: &Engine, place: &Place, figures: &mut Figures, section: &mut Section) -> Result<(), StrategyError> {
    let table = engine.workspace.activity("province_output_trade")?;
    let sectors = engine.workspace.classification(SCHEME)?;
    let reference = engine.workspace.reference("province_output_trade")?;
    let exports = table.matrix("exports", Period::year(YEAR), SCHEME)?;
    let Some(row) = exports.rows().position(&place.code) else {
        section.missing.push(print::fill("No customs exports for {0}.", "没有{0}的海关出口数据。", &[&place.name]));
        return Ok(());
    };
    let sums = exports.row_sums();
    let own = sums[row];
    let nation: f64 = sums.iter().sum();
    let totals: Vec<(String, f64)> = exports.rows().iter().map(str::to_owned).zip(sums.iter().copied()).collect();
    let rank = measure::rank(&totals, &place.code, Direction::HigherIsBetter).map(|r| Rank { rank: r.rank, of: r.of });
    let amount = figures.add(NewFigure {
        id: "chain/customs_exports",
        label: Text::new("Customs exports", "海关出口"),
        value: own,
        unit: Unit::Usd,
        period: Period::year(YEAR),
        rank,
        tables: vec![reference.clone()],
        method: "market-concentration",
        formula: "sum over 42 sectors, by the place of the operating firm",
        options: &[],
        inputs: vec![("nation", nation, "USD")],
    });
    let mut ranked: Vec<(f64, &str)> =
        exports.columns().iter().enumerate().map(|(c, code)| (exports.at(row, c), code)).filter(|(v, _)| *v > 0.0).collect();
    ranked.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(b.1)));
    let names: Vec<Text> = ranked
        .iter()
        .take(3)
        .map(|(v, code)| print::fill("{0} ({1})", "{0}（{1}）", &[&sectors.name(code), &print::share(v / own)]))
        .collect();
    section.text.push(figures.sentence(
        "Customs exports were {0} in {1} ({2}), led by {3}.",
        "{1}海关出口{0}（{2}），以{3}为主。",
        &[&amount],
        &[&print::years(Period::year(YEAR)), &rank.map(print_rank).unwrap_or_default(), &print::list(&names)],
    ));
    Ok(())
}
