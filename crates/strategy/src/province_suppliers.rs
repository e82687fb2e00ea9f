//! Which suppliers abroad stand behind a province's imported inputs and what single cuts would cost it: estimates that give the province
//! the suppliers of the nation in the world table.

use crate::engine::{Engine, WorldFactor};
use crate::figures::{Figures, NewFigure};
use crate::province_chain::{NATIONAL_TABLE, Nation, SCHEME, YEAR};
use crate::value_added_accounts::{FlowPicture, largest, slot};
use crate::{Cell, Chart, Column, Format, Section, StrategyError, Table, print};
use chain::{ImportDependence, Leontief, ProvinceEstimate, ProvinceSuppliers};
use frame::{Concordance, LabelledVector, Period, Place, Places, TableReference, Text, Unit};
use std::sync::Arc;

/// The country whose suppliers are used.
const COUNTRY: &str = "CHN";
/// The industries of the world table.
const WORLD_SCHEME: &str = "WIOD35";
/// Suppliers and cuts listed.
const LISTED: usize = 10;

/// The nation's suppliers by product of the world table, and what they make of the province's imports.
pub(crate) struct Suppliers {
    found: ProvinceSuppliers,
    concordance: Arc<Concordance>,
    places: Arc<Places>,
}

fn tables(engine: &Engine, world: &WorldFactor) -> Result<Vec<TableReference>, StrategyError> {
    ["province_output_trade", NATIONAL_TABLE, &world.table, "links"].into_iter().map(|t| Ok(engine.workspace.reference(t)?)).collect()
}

/// Who sells the imports behind its output, and where their value was added.
pub(crate) fn suppliers(
    engine: &Engine,
    own: &ProvinceEstimate,
    figures: &mut Figures,
    section: &mut Section,
) -> Result<Suppliers, StrategyError> {
    let world = engine.world_factor()?;
    let places = engine.places()?;
    let concordance = engine.workspace.concordance(SCHEME, WORLD_SCHEME)?;
    let (imports, _) = concordance.apply(&own.by_product)?;
    let found = chain::province_suppliers(&world.factor, COUNTRY, &imports)?;
    let year = world.factor.system().period();
    let total: f64 = found.sellers.values().iter().sum();
    let suppliers = Suppliers { found, concordance, places: places.clone() };
    let found = &suppliers.found;
    if total <= 0.0 {
        return Ok(suppliers);
    }
    let mut regions: Vec<(&str, f64, f64)> = found
        .sellers
        .iter()
        .zip(found.value_added.values())
        .filter(|((region, _), _)| *region != COUNTRY)
        .map(|((region, sold), added)| (region, sold / total, added / total))
        .collect();
    regions.sort_by(|a, b| b.2.total_cmp(&a.2).then(a.0.cmp(b.0)));
    let assumption =
        [("assumption", format!("every imported product comes from the nation's suppliers of {year}, whichever province uses it"))];
    let mut add = |id: &str, label: Text, value: f64, formula: &str| -> Result<String, StrategyError> {
        Ok(figures.add(NewFigure {
            id,
            label,
            value,
            unit: Unit::Share,
            period: Period { from: year, to: YEAR },
            rank: None,
            tables: tables(engine, &world)?,
            method: "province-suppliers",
            formula,
            options: &assumption,
            inputs: vec![
                ("imports per unit of output", own.total, "share of output"),
                ("no supplier known", found.unplaced, "share of output"),
            ],
        }))
    };
    // the rest of the world is not a supplier one could name
    if let Some((first, sold, added)) = regions.iter().copied().find(|r| r.0 != "ROW") {
        let name = places.name(first);
        let origin = add(
            "chain/largest_supplier",
            print::fill("Share of {0} in the value of its imported inputs (estimate)", "{0}在其进口投入价值中的份额（估计）", &[&name]),
            added,
            "v_r L_r. f / sum of f, f = imports by product x the nation's shares of suppliers",
        )?;
        let direct = add(
            "chain/largest_supplier_direct",
            print::fill(
                "Share of {0} as direct seller of its imported inputs (estimate)",
                "{0}作为其进口投入直接售方的份额（估计）",
                &[&name],
            ),
            sold,
            "sum over products of imports x the nation's share of the seller / sum of imports",
        )?;
        let home = found.value_added.get(COUNTRY).unwrap_or(0.0) / total;
        let returned = add(
            "chain/returned_value",
            Text::new("Value added in China inside its imported inputs (estimate)", "进口投入中的中国增加值（估计）"),
            home,
            "v_CHN L_CHN. f / sum of f",
        )?;
        section.text.push(figures.sentence(
            "Estimate, at the nation's suppliers of {4} in 35 industries (oil, ores and coal are one): of named places {3} stands first behind its imported inputs by origin of value with {0} (as direct seller {1}); {2} of their value was added in China itself.",
            "估计（按全国 {4} 35 个行业的供应方份额，石油、矿石与煤炭同属一个行业）：按增加值来源，单一国家或地区中居其进口投入背后首位的是{3}，占{0}（作为直接售方占{1}）；其中{2}的价值是在中国增加的。",
            &[&origin, &direct, &returned],
            &[&name, &Text::new(year.to_string(), format!("{year} 年"))],
        ));
    }
    section.tables.push(Table {
        id: "supplier-exposure".into(),
        title: Text::new("Foreign suppliers behind its imported inputs (estimate)", "进口投入背后的国外供应方（估计）"),
        columns: vec![
            Column { label: Text::new("Supplier", "供应方"), format: None },
            Column { label: Text::new("Share as direct seller", "作为直接售方的份额"), format: Some(Format::Percent) },
            Column { label: Text::new("Share by origin of value", "按增加值来源的份额"), format: Some(Format::Percent) },
            Column { label: Text::new("Hidden part", "隐藏部分"), format: Some(Format::Percent) },
        ],
        rows: regions
            .iter()
            .take(LISTED)
            .map(|(region, sold, added)| {
                vec![Cell::Text(places.name(region)), Cell::Number(*sold), Cell::Number(*added), Cell::Number(added - sold)]
            })
            .collect(),
        note: print::fill(
            "Imported inputs of {0} by product, split over suppliers as the nation's imports of {1} were (WIOD 2013 release). Its 35 industries put oil, ores and coal together: a province that imports oil is given the sellers of ores as well, too much of Australia and too little of the Middle East, which is in the rest of the world. A negative hidden part: the place sells more than it adds. Not checked against a true table: none that knows a region's suppliers abroad is at hand.",
            "{0}分产品的进口投入，按全国 {1}进口的供应方份额分摊（WIOD 2013 版）。其 35 个行业不区分石油、矿石与煤炭：进口石油的省份也按矿石供应方分摊，澳大利亚偏高，中东（含在“世界其他地区”中）偏低。隐藏部分为负表示其售出多于其增加值。尚无含各地区国外供应方的真实表可供检验。",
            &[&print::years(Period::year(YEAR)), &print::years(Period::year(year))],
        ),
    });
    Ok(suppliers)
}

/// The ten single cuts that would cost the province most.
pub(crate) fn cuts(
    engine: &Engine,
    nation: &Nation,
    output: &LabelledVector,
    figures: &mut Figures,
    section: &mut Section,
) -> Result<(), StrategyError> {
    let world = engine.world_factor()?;
    let places = engine.places()?;
    let sectors = engine.workspace.classification(WORLD_SCHEME)?;
    let year = world.factor.system().period();
    let system = nation.system.domestic();
    // the province's value added by sector: its output at the nation's shares of value added
    let added: Vec<f64> = output
        .iter()
        .map(|(code, made)| {
            let at = system.sectors().iter().position(|(_, sector)| sector == code);
            at.filter(|j| system.output()[*j] > 0.0).map_or(0.0, |j| made * (nation.system.value_added()[j] / system.output()[j]).max(0.0))
        })
        .collect();
    let (value_added, _) =
        engine.workspace.concordance(SCHEME, WORLD_SCHEME)?.apply(&LabelledVector::new(output.labels().clone(), added)?)?;
    let all = chain::province_cuts(&world.factor, COUNTRY, &value_added)?;
    let named: Vec<&chain::ProvinceCut> = all.iter().filter(|c| c.region != "ROW").take(LISTED).collect();
    let Some(worst) = named.first() else { return Ok(()) };
    let supplier = print::fill("{0} ({1})", "{0}“{1}”", &[&places.name(&worst.region), &sectors.name(&worst.sector)]);
    let cut = |id: &str, label: Text, value: f64, formula: &str, figures: &mut Figures| -> Result<String, StrategyError> {
        Ok(figures.add(NewFigure {
            id,
            label,
            value,
            unit: Unit::Share,
            period: Period { from: year, to: YEAR },
            rank: None,
            tables: tables(engine, &world)?,
            method: "single-cuts",
            formula,
            options: &[(
                "model",
                format!("each industry of the province loses the share that the nation's industry would have lost in {year}; Ghosh: shortages pass on in proportion to value, no substitution"),
            )],
            inputs: vec![("supplier's share of the nation's imports of these inputs", worst.share_of_imports, "share")],
        }))
    };
    let loss = cut(
        "chain/worst_cut",
        print::fill("Value added lost if one supplier stopped (estimate): {0}", "单一供应方断供的增加值损失（估计）：{0}", &[&supplier]),
        worst.value_added_loss_share,
        "sum over industries j of w_j dx_j / x_j, w_j = share of j in the province's value added, dx_j / x_j as for the nation",
        figures,
    )?;
    let country = cut(
        "chain/worst_cut_nation",
        print::fill("The same cut for the nation: {0}", "同一断供对全国的损失：{0}", &[&supplier]),
        worst.country_loss_share,
        "dx' = -x_k (b'G) / (1 + b'G e_k), loss = sum over the nation's industries of v_j dx_j / its value added",
        figures,
    )?;
    section.text.push(figures.sentence(
        "Estimate: of all single foreign suppliers of China the one whose stop would cost the province most was {2}: {0} of value added, with nothing replaced (nation {1}).",
        "估计：在向中国供货的所有单一国外供应方中，断供对本省损失最大的是{2}：在完全没有替代的情况下，损失相当于增加值的{0}（全国为{1}）。",
        &[&loss, &country],
        &[&supplier],
    ));
    section.tables.push(Table {
        id: "worst-cuts".into(),
        title: Text::new("The ten worst single cuts (estimate)", "损失最大的十个单一断供（估计）"),
        columns: vec![
            Column { label: Text::new("Supplier", "供应方"), format: None },
            Column { label: Text::new("Industry", "行业"), format: None },
            Column { label: Text::new("Value added lost", "增加值损失"), format: Some(Format::Percent) },
            Column { label: Text::new("Nation", "全国"), format: Some(Format::Percent) },
            Column { label: Text::new("Share of the nation's imports of these inputs", "占全国该类进口投入的份额"), format: Some(Format::Percent) },
            Column { label: Text::new("Concentration of those imports (HHI)", "该类进口集中度（HHI）"), format: Some(Format::Decimal(2)) },
        ],
        rows: named
            .iter()
            .map(|c| {
                vec![
                    Cell::Text(places.name(&c.region)),
                    Cell::Text(sectors.name(&c.sector)),
                    Cell::Number(c.value_added_loss_share),
                    Cell::Number(c.country_loss_share),
                    Cell::Number(c.share_of_imports),
                    Cell::Number(c.import_concentration),
                ]
            })
            .collect(),
        note: print::fill(
            "Each row removes the sales of inputs of one foreign industry to China as a whole, {0}; each industry of the province is given the nation's relative loss. Supply-side (Ghosh) closed form, nothing replaced: losses rank cuts, they do not forecast them. WIOD 2013 release; not checked against a true table.",
            "每行表示一个国外行业停止向中国出售投入品，{0}；本省各行业采用全国该行业的相对损失。供给侧（Ghosh）解析解，无替代：用于排序而非预测。资料来源：WIOD 2013 版；无真实表可供检验。",
            &[&print::years(Period::year(year))],
        ),
    });
    Ok(())
}

/// Foreign sellers → imported products → the province's sectors. Products are those of the world table, because its sellers are known by
/// these only.
pub(crate) fn flow(
    engine: &Engine,
    place: &Place,
    output: &LabelledVector,
    dependence: &ImportDependence,
    suppliers: &Suppliers,
    section: &mut Section,
) -> Result<(), StrategyError> {
    let (sectors, products) = (engine.workspace.classification(SCHEME)?, engine.workspace.classification(WORLD_SCHEME)?);
    let by_product = &dependence.by_product;
    let shares = &suppliers.found.shares;
    let columns: Vec<(usize, f64)> =
        output.iter().filter_map(|(code, made)| by_product.columns().position(code).map(|at| (at, made))).collect();
    // imports of product p of the world table behind the output of sector s
    let mut flows = vec![vec![0.0; columns.len()]; shares.rows().len()];
    for (row, code) in by_product.rows().iter().enumerate() {
        for (sector, weight) in suppliers.concordance.shares(code) {
            let Some(p) = shares.rows().position(sector) else { continue };
            for (flow, (column, made)) in flows[p].iter_mut().zip(&columns) {
                *flow += weight * by_product.at(row, *column) * made;
            }
        }
    }
    let of_product: Vec<f64> = flows.iter().map(|row| row.iter().sum()).collect();
    let of_sector: Vec<f64> = (0..columns.len()).map(|s| flows.iter().map(|row| row[s]).sum()).collect();
    let total: f64 = of_product.iter().sum();
    if total <= 0.0 {
        return Ok(());
    }
    let regions = shares.columns();
    let of_region: Vec<f64> =
        (0..regions.len()).map(|r| of_product.iter().enumerate().map(|(p, imports)| shares.at(p, r) * imports).sum()).collect();
    let top_regions = largest(&of_region, |r| regions.name(r) != "ROW");
    let top_products = largest(&of_product, |_| true);
    let top_sectors = largest(&of_sector, |_| true);
    let mut picture = FlowPicture::default();
    picture.column(top_regions.iter().map(|r| suppliers.places.name(regions.name(*r))), Text::new("All other places", "其他地区"));
    picture.column(top_products.iter().map(|p| products.name(shares.rows().name(*p))), Text::new("All other products", "其他产品"));
    let sector_name = |s: usize| sectors.name(by_product.columns().name(columns[s].0));
    picture.column(top_sectors.iter().map(|s| sector_name(*s)), Text::new("All other sectors", "其他部门"));
    for (p, imports) in of_product.iter().enumerate() {
        let to = slot(&top_products, p);
        for (r, share) in shares.row(p).iter().enumerate() {
            picture.add(0, slot(&top_regions, r), to, share * imports / total);
        }
        // products of which the nation's suppliers are not known
        let known: f64 = shares.row(p).iter().sum();
        picture.add(0, top_regions.len(), to, (1.0 - known).max(0.0) * imports / total);
        for (s, value) in flows[p].iter().enumerate() {
            picture.add(1, to, slot(&top_sectors, s), value / total);
        }
    }
    let year = engine.world_factor()?.factor.system().period();
    section.charts.push(Chart {
        id: "import-flow".into(),
        title: Text::new("From foreign sellers through imported products to its sectors (estimate)", "从国外售方经进口产品到本省各部门（估计）"),
        caption: print::fill(
            "Shares of all imported inputs behind the output of {0}, direct and through domestic suppliers. National technology and import shares and output of the province {1}; sellers at the nation's shares of {2} (WIOD 2013 release).",
            "{0}产出背后全部进口投入（含经国内供应商间接投入）的份额。{1}全国技术与进口份额、该省产出；售方采用 {2}全国份额（WIOD 2013 版）。",
            &[&place.name, &print::years(Period::year(YEAR)), &print::years(Period::year(year))],
        ),
        kind: picture.finish(Format::Percent),
    });
    Ok(())
}
