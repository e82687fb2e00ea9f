//! Totals that others have published, computed from the embedded tables.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use chain::{InputOutputSystem, SystemOptions};
use store::Workspace;
use xinzhi_strategy::Engine;

fn world(table: &str) -> InputOutputSystem {
    let rows = Workspace::embedded().unwrap().io(table).unwrap();
    let block = rows.block("domestic").unwrap();
    InputOutputSystem::new(
        rows.system.clone(),
        rows.period,
        rows.unit.clone(),
        rows.columns.clone(),
        block.z.clone(),
        rows.final_demand.clone(),
        block.y.clone(),
        SystemOptions::default(),
    )
    .unwrap()
}

/// Published output less the column sums.
fn published_value_added(table: &str) -> f64 {
    let rows = Workspace::embedded().unwrap().io(table).unwrap();
    let block = rows.block("domestic").unwrap();
    block.x.iter().sum::<f64>() - block.z.iter().sum::<f64>()
}

/// WIOD 2013 release, 2011: world value added 69.3, China 7.39, United States 15.16 trillion USD. Output is taken from the rows, which are
/// rounded in this copy, so the world stands 0.1 % under the 69.33 that published outputs give.
#[test]
fn value_added_of_the_world_and_its_largest_economies() {
    let system = world("io_wiod2013_2011");
    let added = system.value_added_by_region().unwrap();
    let trillion = |value: f64| (value / 1e4).round() / 100.0;
    let world: f64 = added.values().iter().sum();
    assert_eq!((world / 1e5).round() / 10.0, 69.3);
    assert_eq!(trillion(published_value_added("io_wiod2013_2011")), 69.33);
    assert_eq!(trillion(added.get("CHN").unwrap()), 7.39);
    assert_eq!(trillion(added.get("USA").unwrap()), 15.16);
    // what is added is what is finally used
    let (sum, used) = (added.values().iter().sum::<f64>(), system.total_final_demand());
    assert!((sum - used).abs() < 1e-6 * used, "{sum} {used}");
}

/// The figure of a dossier is the identity it says it is.
#[test]
fn content_of_exports_adds_up() {
    let engine = Engine::new(Workspace::embedded().unwrap());
    let dossier = engine.dossier("CHN").unwrap();
    let figure = |id: &str| dossier.figures.iter().find(|f| f.id == id).unwrap();
    let foreign = figure("CHN/chain/foreign_content");
    let input = |name: &str| foreign.evidence.inputs.iter().find(|i| i.name.starts_with(name)).unwrap().value;
    let (gross, domestic, abroad) = (input("gross exports"), input("domestic content"), input("foreign content"));
    assert!((gross - domestic - abroad).abs() < 1e-9 * gross);
    assert!((foreign.value.unwrap() - abroad / gross).abs() < 1e-12);
}

/// China's research spending 2022 is 30,782.9 hundred million yuan, 2.54 % of GDP; Beijing's intensity 6.83 %, Guangdong spends 4,411.9.
#[test]
fn research_spending_of_china_and_its_provinces() {
    let table = Workspace::embedded().unwrap().indicators().unwrap();
    let value = |place: &str, indicator: &str| table.get(place, indicator, 2022).unwrap();
    assert!((value("CHN", "st_rd_expenditure") - 30_782.9).abs() < 0.05);
    assert!((value("CHN", "st_rd_intensity") - 2.54).abs() < 1e-9);
    assert!((value("CN-BJ", "st_rd_intensity") - 6.83).abs() < 1e-9);
    assert!((value("CN-GD", "st_rd_expenditure") - 4_411.9).abs() < 0.05);
}

/// Customs exports of 1997, which the source holds twice, are the official 182.8 billion USD; 2017 as published.
#[test]
fn customs_exports_of_china() {
    let table = Workspace::embedded().unwrap().activity("province_output_trade").unwrap();
    let billion = |year: i32| table.rows().filter(|r| r.measure == "exports" && r.period == year).map(|r| r.value).sum::<f64>() / 1e9;
    assert!((billion(1997) - 182.8).abs() < 0.3, "{}", billion(1997));
    assert!((billion(2017) - 2_233.3).abs() < 1.0, "{}", billion(2017));
}
