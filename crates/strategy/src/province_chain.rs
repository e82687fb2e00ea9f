//! Layer 3 of a Chinese province: which imports stand behind its industries and exports (an estimate, with its measured error), its
//! footprint, and its customs trade.

use crate::engine::Engine;
use crate::figures::{Figures, NewFigure, print_rank};
use crate::{Cell, Column, Format, Section, StrategyError, Table, print, province_method_error, province_suppliers};
use chain::{ImportDependence, NationalSystem, NationalTable};
use frame::{Classification, LabelledMatrix, LabelledVector, Period, Place, Rank, TableReference, Text, Unit};
use measure::Direction;

/// The year of both the national table and the provincial outputs it is weighted with.
pub(crate) const YEAR: i32 = 2017;
pub(crate) const NATIONAL_TABLE: &str = "io_cn42_2017";
pub(crate) const SCHEME: &str = "CN42-2017";

pub(crate) fn section(engine: &Engine, place: &Place, figures: &mut Figures) -> Result<Section, StrategyError> {
    let mut section = Section {
        id: "chain".into(),
        title: Text::new("Chains: which imports stand behind its industries", "产业链：各行业背后的进口投入"),
        text: Vec::new(),
        charts: Vec::new(),
        tables: Vec::new(),
        missing: vec![Text::new(
            "What it buys from other provinces and sells to them, and which of them stand behind its imports, need an interregional table; none of a recent year with a licence to embed is at hand. Its suppliers abroad are the nation's, not its own.",
            "与其他省份之间的买卖及其背后的进口，需要地区间投入产出表；目前没有年份较近且许可允许内置的此类表。其国外供应方按全国份额推算，并非该省实际数据。",
        )],
        source_line: Text::new(
            "Estimate: China's national input-output table 2017 (42 sectors, imported inputs apart) weighted with the province's output of 2017; suppliers abroad at China's shares in the world table of 2011 (WIOD 2013 release); customs trade 2017. Error of the method measured on interregional tables of China 2007 and Finland 2014",
            "估计值：2017 年中国投入产出表（42 部门，区分进口投入）按该省 2017 年各部门产出加权；国外供应方采用 2011 年世界表（WIOD 2013 版）中的中国份额；2017 年海关贸易。方法误差以中国 2007 年、芬兰 2014 年地区间投入产出表检验",
        ),
    };
    imports(engine, place, figures, &mut section)?;
    customs(engine, place, figures, &mut section)?;
    Ok(section)
}

/// The national table with imported inputs apart, solved.
pub(crate) struct Nation {
    /// The table.
    pub system: NationalSystem,
    /// How far its sectors lean on imports.
    pub dependence: ImportDependence,
}

fn nation(engine: &Engine) -> Result<Nation, StrategyError> {
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
    let dependence = system.import_dependence()?;
    Ok(Nation { system, dependence })
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
    let nation = nation(engine)?;
    let dependence = &nation.dependence;
    let estimate = |row: usize| -> Result<chain::ProvinceEstimate, StrategyError> {
        Ok(chain::province_estimate(&LabelledVector::new(outputs.columns().clone(), outputs.row(row).to_vec())?, dependence)?)
    };
    let own = estimate(row)?;
    let all: Vec<(String, f64)> = (0..outputs.rows().len())
        .map(|r| Ok((outputs.rows().name(r).to_owned(), estimate(r)?.total)))
        .collect::<Result<_, StrategyError>>()?;
    let nation_output = LabelledVector::new(outputs.columns().clone(), outputs.column_sums())?;
    let average = chain::province_estimate(&nation_output, dependence)?;
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
            ("nation, weights from the sum of provinces", average.total, "share of output"),
        ],
    });
    let at_home = figures.add(NewFigure {
        id: "chain/import_content_nation",
        label: Text::new("Imported content of a unit of output, nation", "单位产出的进口含量（全国）"),
        value: average.total,
        unit: Unit::Share,
        period: Period::year(YEAR),
        rank: None,
        tables: tables.clone(),
        method: "import-dependence",
        formula: "sum over sectors j of w_j (m'(I - A_d)^-1)_j, w_j = output share of the sector in the sum of the provinces",
        options: &[],
        inputs: vec![("direct", average.direct, "share of output")],
    });
    let mut products: Vec<(&str, f64)> = own.by_product.iter().collect();
    products.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(b.0)));
    let largest: Vec<(&str, f64)> = products.iter().take(3).map(|(code, value)| (*code, value / own.total)).collect();
    let (names, quoted) = named_shares(
        &largest,
        &sectors,
        figures,
        &Shares {
            id: "chain/imported_input",
            label: ("Share of the imported content: {0} (estimate)", "占进口含量的份额：{0}（估计）"),
            tables: &tables,
            method: "import-dependence",
            formula: "(M w)_i / sum of M w, M = A_m (I - A_d)^-1, w = output shares of the province",
            whole: ("imported content of a unit of output", own.total, "share of output"),
        },
    );
    section.text.push(figures.sentence(
        "Estimate: {0} of the value of its output rests on imported inputs, directly or through domestic suppliers ({3} among provinces, highest first; nation {1}). The largest imported inputs are {2}, in shares of the total.",
        "估计：其产出价值中有{0}直接或经国内供应商间接依赖进口投入（由高到低{3}；全国{1}）。最大的进口投入是{2}（占合计的份额）。",
        &[&total, &at_home],
        &[&print::list(&names), &rank.map(print_rank).unwrap_or_default()],
    ));
    if let Some(sentence) = section.text.last_mut() {
        sentence.figures.extend(quoted);
    }
    province_method_error::add(engine, place, figures, section)?;
    exports(engine, place, dependence, figures, section)?;
    let suppliers = match engine.has_world_table()? {
        true => Some(province_suppliers::suppliers(engine, &own, figures, section)?),
        false => {
            section.missing.push(Text::new(
                "Suppliers abroad and their cuts are left out: the workspace holds no world input-output table.",
                "未列国外供应方及断供损失：工作区中没有世界投入产出表。",
            ));
            None
        }
    };
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
                    average.by_product.get(code).map_or(Cell::Missing, Cell::Number),
                    dependence.product_share_of_inputs.get(code).filter(|v| v.is_finite()).map_or(Cell::Missing, Cell::Number),
                ]
            })
            .collect(),
        note: own.assumption.clone(),
    });
    let made = LabelledVector::new(outputs.columns().clone(), outputs.row(row).to_vec())?;
    if let Some(suppliers) = &suppliers {
        province_suppliers::cuts(engine, &nation, &made, figures, section)?;
        province_suppliers::flow(engine, place, &made, dependence, suppliers, section)?;
    }
    footprint(engine, place, &nation, figures, section)
}

/// What the figures of [`named_shares`] have in common.
struct Shares<'a> {
    id: &'a str,
    label: (&'a str, &'a str),
    tables: &'a [TableReference],
    method: &'a str,
    formula: &'a str,
    whole: (&'a str, f64, &'a str),
}

/// Sectors with their shares as they stand in a sentence, each share a figure of its own; and the ids of the figures.
fn named_shares(largest: &[(&str, f64)], sectors: &Classification, figures: &mut Figures, common: &Shares<'_>) -> (Vec<Text>, Vec<String>) {
    let mut names = Vec::new();
    let mut ids = Vec::new();
    for (at, (code, share)) in largest.iter().enumerate() {
        let name = sectors.name(code);
        let id = figures.add(NewFigure {
            id: &format!("{}_{}", common.id, at + 1),
            label: print::fill(common.label.0, common.label.1, &[&name]),
            value: *share,
            unit: Unit::Share,
            period: Period::year(YEAR),
            rank: None,
            tables: common.tables.to_vec(),
            method: common.method,
            formula: common.formula,
            options: &[("sector", (*code).to_owned())],
            inputs: vec![common.whole],
        });
        names.push(print::fill("{0} ({1})", "{0}（{1}）", &[&name, &figures.printed(&id)]));
        ids.push(id);
    }
    (names, ids)
}

/// What of the customs exports was value added in China and what came from abroad.
fn exports(
    engine: &Engine,
    place: &Place,
    dependence: &ImportDependence,
    figures: &mut Figures,
    section: &mut Section,
) -> Result<(), StrategyError> {
    let exports = engine.workspace.activity("province_output_trade")?.matrix("exports", Period::year(YEAR), SCHEME)?;
    let content = |row: usize| -> Result<Option<f64>, StrategyError> {
        let goods = LabelledVector::new(exports.columns().clone(), exports.row(row).to_vec())?;
        if goods.values().iter().sum::<f64>() <= 0.0 {
            return Ok(None);
        }
        Ok(Some(chain::province_estimate(&goods, dependence)?.total))
    };
    let Some(row) = exports.rows().position(&place.code) else { return Ok(()) };
    let Some(own) = content(row)? else { return Ok(()) };
    let mut all = Vec::new();
    for r in 0..exports.rows().len() {
        if let Some(content) = content(r)? {
            all.push((exports.rows().name(r).to_owned(), 1.0 - content));
        }
    }
    let rank = measure::rank(&all, &place.code, Direction::HigherIsBetter).map(|r| Rank { rank: r.rank, of: r.of });
    let domestic = figures.add(NewFigure {
        id: "chain/domestic_value_added",
        label: Text::new("Value added in China in its exports (estimate)", "出口中的国内增加值（估计）"),
        value: 1.0 - own,
        unit: Unit::Share,
        period: Period::year(YEAR),
        rank,
        tables: vec![engine.workspace.reference(NATIONAL_TABLE)?, engine.workspace.reference("province_output_trade")?],
        method: "import-dependence",
        formula: "1 - sum over sectors j of e_j (m'(I - A_d)^-1)_j, e_j = the sector's share in the province's customs exports",
        options: &[(
            "assumption",
            "each sector exports what the nation's sector makes: the same technology and import shares; value added in other provinces counts as domestic; customs exports are goods, by the place of the operating firm".to_owned(),
        )],
        inputs: vec![("imported content of the exports", own, "share of exports")],
    });
    section.text.push(figures.sentence(
        "Estimate: of the value of its customs exports {0} was added in China, here or in other provinces ({1} among provinces, highest first); processing trade, which uses more imports than a sector's average, is not told apart.",
        "估计：其海关出口价值中有{0}是在国内（含其他省份）增加的（由高到低{1}）；未区分进口含量更高的加工贸易。",
        &[&domestic],
        &[&rank.map(print_rank).unwrap_or_default()],
    ));
    Ok(())
}

/// What its final demand calls on, at home and abroad, against what it makes.
fn footprint(engine: &Engine, place: &Place, nation: &Nation, figures: &mut Figures, section: &mut Section) -> Result<(), StrategyError> {
    let accounts = engine.workspace.indicators()?;
    let of = |name: &str| accounts.get(&place.code, name, YEAR);
    let sum = |names: &[&str]| names.iter().map(|name| of(name)).sum::<Option<f64>>();
    // inventories may fall: they join fixed capital, so that no category is negative
    let spending = [
        (sum(&["prov_rural_consumption", "prov_urban_consumption", "prov_government_consumption"]), &["final_consumption"][..]),
        (sum(&["prov_fixed_capital_formation", "prov_inventory_change"]), &["fixed_capital_formation", "inventory_change"][..]),
    ];
    let Some(product) = of("prov_gdp") else { return Ok(()) };
    let content = nation.system.final_demand_content(&nation.dependence);
    let (mut demand, mut abroad) = (0.0, 0.0);
    for (amount, categories) in spending {
        let Some(amount) = amount else { return Ok(()) };
        let own = || content.iter().filter(|c| categories.contains(&c.category.as_str()));
        let imported: f64 = own().map(|c| c.imported_in_production + c.imported_outright).sum();
        let all: f64 = own().map(|c| c.domestic + c.imported_in_production + c.imported_outright).sum();
        if all <= 0.0 {
            return Ok(());
        }
        demand += amount;
        abroad += amount * imported / all;
    }
    if demand <= 0.0 {
        return Ok(());
    }
    // the accounts are in 100 million yuan
    let trillion = 1e4;
    let yuan = Unit::Named(Text::new("trillion yuan", "万亿元"));
    let accounts = engine.workspace.reference("province_accounts")?;
    let mut add = |id: &str, label: Text, value: f64, unit: Unit, tables: Vec<TableReference>, formula: &str| {
        figures.add(NewFigure {
            id,
            label,
            value,
            unit,
            period: Period::year(YEAR),
            rank: None,
            tables,
            method: "value-added-footprint",
            formula,
            options: &[],
            inputs: vec![("final demand", demand, "100 million yuan"), ("of it imports (estimate)", abroad, "100 million yuan")],
        })
    };
    let consumption = add(
        "chain/consumption_account",
        Text::new("Final demand of the province", "本省最终需求"),
        demand / trillion,
        yuan.clone(),
        vec![accounts.clone()],
        "consumption of households and government, fixed capital and inventories",
    );
    let foreign = add(
        "chain/imports_of_value_added",
        Text::new("Imports in its final demand (estimate)", "最终需求中的进口份额（估计）"),
        abroad / demand,
        Unit::Share,
        vec![accounts.clone(), engine.workspace.reference(NATIONAL_TABLE)?],
        "sum over consumption and capital formation of the province's spending times the nation's imported share, bought outright or used in domestic production",
    );
    let production = add(
        "chain/production_account",
        Text::new("Value added it produces", "本省生产的增加值"),
        product / trillion,
        yuan,
        vec![accounts],
        "gross regional product",
    );
    section.text.push(figures.sentence(
        "Footprint in value added, {3}, an estimate at the nation's mix of goods: its final demand of {0} called on imports for {1}, the rest being value added in China; it produced {2} itself, so the two accounts differ by what it sends out or takes in net.",
        "{3}增加值足迹（按全国产品结构估计）：其最终需求为{0}，其中{1}依靠进口，其余为国内增加值；本省生产的增加值为{2}，两者之差为净流出或净流入。",
        &[&consumption, &foreign, &production],
        &[&print::years(Period::year(YEAR))],
    ));
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
    let largest: Vec<(&str, f64)> = ranked.iter().take(3).map(|(v, code)| (*code, v / own)).collect();
    let (names, quoted) = named_shares(
        &largest,
        &sectors,
        figures,
        &Shares {
            id: "chain/customs_export",
            label: ("Share of the customs exports: {0}", "占海关出口的份额：{0}"),
            tables: std::slice::from_ref(&reference),
            method: "market-concentration",
            formula: "exports of the sector / sum over 42 sectors",
            whole: ("customs exports", own, "USD"),
        },
    );
    section.text.push(figures.sentence(
        "Customs exports were {0} in {1} ({2}), led by {3}.",
        "{1}海关出口{0}（{2}），以{3}为主。",
        &[&amount],
        &[&print::years(Period::year(YEAR)), &rank.map(print_rank).unwrap_or_default(), &print::list(&names)],
    ));
    if let Some(sentence) = section.text.last_mut() {
        sentence.figures.extend(quoted);
    }
    Ok(())
}
