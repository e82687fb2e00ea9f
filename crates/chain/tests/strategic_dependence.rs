//! Strategic dependence by product: cases worked by hand, the definition applied the long way, and (where the data are) real records.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use proptest::prelude::*;
use std::collections::BTreeMap;
use std::io::Read;
use xinzhi_chain::*;

fn record<'a>(period: i32, exporter: &'a str, importer: &'a str, product: &'a str, value: f64) -> TradeRecord<'a> {
    TradeRecord { period, exporter, importer, product, value }
}

#[track_caller]
fn close(found: f64, expected: f64) {
    assert!((found - expected).abs() < 1e-12 * expected.abs().max(1.0), "found {found}, expected {expected}");
}

/// A made-up market of rare magnets: the group EU (DE, FR) buys 60 from CN, 20 from JP, 20 from US, and 40 of DE's go to FR; it sells 10
/// to US. CN also sells 100 to US, JP 30 to CN.
fn magnets(period: i32) -> Vec<TradeRecord<'static>> {
    vec![
        record(period, "CN", "DE", "magnets", 50.0),
        record(period, "CN", "FR", "magnets", 10.0),
        record(period, "JP", "DE", "magnets", 20.0),
        record(period, "US", "FR", "magnets", 20.0),
        record(period, "DE", "FR", "magnets", 40.0),
        record(period, "FR", "US", "magnets", 10.0),
        record(period, "CN", "US", "magnets", 100.0),
        record(period, "JP", "CN", "magnets", 30.0),
        record(period, "CN", "CN", "magnets", 7.0),
    ]
}

#[test]
fn by_hand() {
    let mut trade =
        TradeAccumulator::new([ImportingRegion::group("EU", ["DE", "FR"]), ImportingRegion::country("FR"), ImportingRegion::country("US")])
            .unwrap();
    trade.extend(magnets(2020)).unwrap();
    let commission = trade.assess(&DependenceRule::european_commission()).unwrap();
    assert_eq!((commission.self_deliveries, commission.self_delivery_value), (1, 7.0));
    let [eu, fr, us] = &commission.products[..] else { panic!("three rows") };

    close(eu.imports, 100.0);
    close(eu.imports_within, 40.0);
    close(eu.import_concentration, 0.36 + 0.04 + 0.04);
    close(eu.foreign_share, 100.0 / 140.0);
    close(eu.imports_over_exports, 100.0 / 50.0);
    assert_eq!((eu.origins, eu.largest_origin.as_str()), (3, "CN"));
    close(eu.largest_origin_share, 0.6);
    // JP sells 50 to all, US 20: 70 over the 60 from CN
    close(eu.alternative_exports_over_imports, 70.0 / 60.0);
    assert!(eu.dependent && eu.lasting == Some(true));
    // exports of CN 160, JP 50, US 20, DE 40, FR 10: 280
    close(
        eu.world_export_concentration,
        (160.0f64.powi(2) + 50.0f64.powi(2) + 20.0f64.powi(2) + 40.0f64.powi(2) + 10.0f64.powi(2)) / 280.0f64.powi(2),
    );
    assert_eq!(eu.criteria.world_export_concentration, None);

    // for FR alone DE is abroad: 10 from CN, 20 from US, 40 from DE
    close(fr.imports, 70.0);
    close(fr.import_concentration, (100.0 + 400.0 + 1600.0) / 4900.0);
    close(fr.foreign_share, 1.0);
    close(fr.imports_over_exports, 7.0);
    assert_eq!(fr.largest_origin, "DE");
    assert!(fr.dependent);
    // US buys 10 from FR, 100 from CN, and sells 20
    close(us.imports_over_exports, 5.5);
    close(us.import_concentration, (100.0 + 10000.0) / 12100.0);

    let strict = DependenceRule { import_concentration: Some(0.44), ..DependenceRule::european_commission() };
    let at_the_threshold = trade.assess(&strict).unwrap();
    assert!((at_the_threshold.products[0].import_concentration - 0.44).abs() < 1e-15);
    let abroad = DependenceRule {
        exports: ExportBasis::Abroad,
        world_exporters: WorldExporters::RegionAsOne,
        ..DependenceRule::european_commission()
    };
    let other = trade.assess(&abroad).unwrap();
    close(other.products[0].imports_over_exports, 10.0);
    // EU as one exporter sells 10 abroad: 160, 50, 20, 10 of 240
    close(
        other.products[0].world_export_concentration,
        (160.0f64.powi(2) + 50.0f64.powi(2) + 20.0f64.powi(2) + 10.0f64.powi(2)) / 240.0f64.powi(2),
    );
}

#[test]
fn nothing_exported_and_thresholds_are_strict() {
    let mut trade = TradeAccumulator::new([ImportingRegion::country("FI")]).unwrap();
    trade.add(record(2020, "CN", "FI", "a", 5.0)).unwrap();
    // two equal origins: a concentration of exactly one half
    trade.add(record(2020, "CN", "FI", "b", 5.0)).unwrap();
    trade.add(record(2020, "BR", "FI", "b", 5.0)).unwrap();
    trade.add(record(2020, "FI", "SE", "b", 10.0)).unwrap();
    let rule = DependenceRule { import_concentration: Some(0.5), world_export_concentration: Some(0.3), ..DependenceRule::geodep() };
    let found = trade.assess(&rule).unwrap();
    let [a, b] = &found.products[..] else { panic!("two rows") };
    assert_eq!(a.imports_over_exports, 9999.0);
    assert!(a.dependent && a.lasting.is_none(), "one year is no window of three");
    assert_eq!(b.criteria.import_concentration, Some(false), "0.5 does not exceed 0.5");
    assert_eq!(b.criteria.imports_over_exports, Some(false), "1 does not exceed 1");
    assert_eq!(b.criteria.world_export_concentration, Some(true));
    assert_eq!(b.largest_origin, "BR", "the first by name among equals");
}

/// Dependence that comes and goes: x in 2019, 2020 and 2022; y always until it is no longer imported in 2022.
#[test]
fn windows_and_stability() {
    let mut trade = TradeAccumulator::new([ImportingRegion::country("FI")]).unwrap();
    for year in 2019..=2022 {
        let other = if year == 2021 { 10.0 } else { 1.0 };
        trade.add(record(year, "CN", "FI", "x", 10.0)).unwrap();
        trade.add(record(year, "BR", "FI", "x", other)).unwrap();
        trade.add(record(year, "US", "FI", "x", other)).unwrap();
        if year < 2022 {
            trade.add(record(year, "CN", "FI", "y", 10.0)).unwrap();
        }
        trade.add(record(year, "SE", "FI", "z", 1.0)).unwrap();
        trade.add(record(year, "FI", "NO", "z", 2.0)).unwrap();
    }
    let found = trade.assess(&DependenceRule::geodep()).unwrap();
    let list = |year, list| found.dependent("FI", year, list).iter().map(|p| p.product.clone()).collect::<Vec<_>>();
    assert_eq!(list(2019, DependenceList::Yearly), ["x", "y"]);
    assert_eq!(list(2021, DependenceList::Yearly), ["y"]);
    assert_eq!(list(2022, DependenceList::Yearly), ["x"]);
    assert_eq!(list(2020, DependenceList::Lasting), [""; 0], "2018 is not covered");
    assert_eq!(list(2021, DependenceList::Lasting), ["x", "y"]);
    assert_eq!(list(2022, DependenceList::Lasting), ["x"], "y has no row when it is not imported");
    let yearly = found.stability(1, DependenceList::Yearly);
    let counts: Vec<_> = yearly.iter().map(|s| (s.from, s.to, s.dependent, s.still, s.dropped, s.entered)).collect();
    assert_eq!(counts, [(2019, 2020, 2, 2, 0, 0), (2020, 2021, 2, 1, 1, 0), (2021, 2022, 1, 0, 1, 1)]);
    assert_eq!(yearly[1].dropped_share, Some(0.5));
    assert_eq!(found.stability(3, DependenceList::Yearly).len(), 1);
    assert_eq!(found.stability(1, DependenceList::Lasting).len(), 1);
    assert!(found.stability(0, DependenceList::Yearly).is_empty());
}

#[test]
fn what_is_refused_and_what_is_reported() {
    let message = |result: Result<(), ChainError>| result.unwrap_err().to_string();
    let mut trade = TradeAccumulator::new([ImportingRegion::group("EU", ["DE", "XX"])]).unwrap();
    let negative = message(trade.add(record(2020, "CN", "DE", "magnets", -1.0)));
    assert_eq!(negative, "2020, product magnets, CN to DE: the value is -1; trade values must be finite and not negative");
    assert!(message(trade.add(record(2020, "CN", "DE", "magnets", f64::NAN))).contains("NaN"));
    assert!(message(trade.add_numbered(2020, 99, 0, 0, 1.0)).contains("given out"));
    let nothing = trade.assess(&DependenceRule::geodep()).unwrap_err();
    assert_eq!(
        nothing.to_string(),
        "the trade records: the value of imports from outside is zero for EU, so there is nothing to take shares of"
    );
    trade.add(record(2020, "CN", "DE", "magnets", 1.0)).unwrap();
    let found = trade.assess(&DependenceRule::geodep()).unwrap();
    assert_eq!(found.members_without_records, [("EU".to_owned(), "XX".to_owned())]);
    for rule in [
        DependenceRule { window: 0, ..DependenceRule::geodep() },
        DependenceRule { required: 4, ..DependenceRule::geodep() },
        DependenceRule { import_concentration: Some(f64::NAN), ..DependenceRule::geodep() },
        DependenceRule {
            import_concentration: None,
            imports_over_exports: None,
            world_export_concentration: None,
            ..DependenceRule::geodep()
        },
    ] {
        assert!(matches!(trade.assess(&rule), Err(ChainError::Option { .. })));
    }
    assert!(TradeAccumulator::new([ImportingRegion::group("none", [""; 0])]).is_err());
    assert!(TradeAccumulator::new([ImportingRegion::country("DE"), ImportingRegion::country("DE")]).is_err());
    assert!(TradeAccumulator::new([ImportingRegion::group("EU", ["DE", "DE"])]).is_err());
}

const COUNTRIES: [&str; 6] = ["a", "b", "c", "d", "e", "f"];
const PRODUCTS: [&str; 3] = ["p", "q", "r"];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Every figure from its definition, over records in any order; two groups that share a country.
    #[test]
    fn by_definition(
        records in prop::collection::vec((2020..2023i32, 0..6usize, 0..6usize, 0..3usize, prop_oneof![Just(0.0), 0.1..50.0f64]), 1..200),
        as_one in prop::bool::ANY, all in prop::bool::ANY,
    ) {
        let groups: [(&str, &[usize]); 2] = [("G", &[0, 1, 2]), ("H", &[2, 3])];
        let regions = groups.map(|(name, members)| ImportingRegion::group(name, members.iter().map(|m| COUNTRIES[*m])));
        let mut trade = TradeAccumulator::new(regions).unwrap();
        let mut numbered = trade.clone();
        trade.extend(records.iter().map(|(t, i, j, p, v)| record(*t, COUNTRIES[*i], COUNTRIES[*j], PRODUCTS[*p], *v))).unwrap();
        for (t, i, j, p, v) in records.iter().rev() {
            let (i, j, p) = (numbered.country(COUNTRIES[*i]), numbered.country(COUNTRIES[*j]), numbered.product(PRODUCTS[*p]));
            numbered.add_numbered(*t, i, j, p, *v).unwrap();
        }
        let rule = DependenceRule {
            world_exporters: if as_one { WorldExporters::RegionAsOne } else { WorldExporters::Countries },
            exports: if all { ExportBasis::All } else { ExportBasis::Abroad },
            foreign_share: Some(0.5),
            ..DependenceRule::geodep()
        };
        let (Ok(found), Ok(reversed)) = (trade.assess(&rule), numbered.assess(&rule)) else { return Ok(()) };
        prop_assert_eq!(found.products.len(), reversed.products.len());
        let mut rows = 0;
        for (name, members) in groups {
            for (p, product) in PRODUCTS.iter().enumerate() {
                let mut held = BTreeMap::new();
                for year in 2020..2023 {
                    let mut flow = [[0.0; 6]; 6];
                    for (t, i, j, q, v) in &records {
                        if *t == year && *q == p && i != j {
                            flow[*i][*j] += v;
                        }
                    }
                    let inside = |c: usize| members.contains(&c);
                    let origins: Vec<f64> = (0..6).map(|i| if inside(i) { 0.0 } else { members.iter().map(|j| flow[i][*j]).sum() }).collect();
                    let imports: f64 = origins.iter().sum();
                    let row = found.products.iter().find(|r| r.region == name && r.period == year && r.product == *product);
                    let Some(row) = row else { prop_assert!(imports == 0.0); continue };
                    rows += 1;
                    let within: f64 = members.iter().flat_map(|i| members.iter().map(|j| flow[*i][*j])).sum();
                    let abroad: f64 = members.iter().flat_map(|i| (0..6).filter(|j| !inside(*j)).map(|j| flow[*i][j])).sum();
                    let exports = if all { within + abroad } else { abroad };
                    let sold = |i: usize| flow[i].iter().sum::<f64>();
                    let exporters: Vec<f64> = if as_one { (0..6).filter(|i| !inside(*i)).map(sold).chain([abroad]).collect() } else { (0..6).map(sold).collect() };
                    let hhi = |values: &[f64]| values.iter().map(|v| v * v).sum::<f64>() / values.iter().sum::<f64>().powi(2);
                    let ratio = if exports > 0.0 { imports / exports } else { 9999.0 };
                    let share = imports / (imports + within);
                    let largest = origins.iter().copied().fold(0.0, f64::max);
                    let top = COUNTRIES.iter().position(|c| *c == row.largest_origin).unwrap();
                    let others: f64 = (0..6).filter(|i| !inside(*i) && *i != top).map(sold).sum();
                    for (f, e) in [
                        (row.imports, imports), (row.imports_within, within), (row.exports, exports), (row.import_concentration, hhi(&origins)),
                        (row.world_export_concentration, hhi(&exporters)), (row.foreign_share, share), (row.imports_over_exports, ratio),
                        (row.largest_origin_share, largest / imports), (row.alternative_exports_over_imports, others / largest),
                    ] {
                        prop_assert!((f - e).abs() <= 1e-10 * e.abs().max(1.0), "{row:?}: {f} {e}");
                    }
                    let dependent = row.import_concentration > 0.4 && row.world_export_concentration > 0.4 && row.imports_over_exports > 1.0 && row.foreign_share > 0.5;
                    prop_assert_eq!(row.dependent, dependent);
                    held.insert(year, dependent);
                    let covered = (year - 2..=year).all(|t| found.periods.contains(&t));
                    let lasts = held.range(year - 2..=year).filter(|(_, h)| **h).count() >= 2;
                    prop_assert_eq!(row.lasting, covered.then_some(lasts));
                }
            }
        }
        prop_assert_eq!(rows, found.products.len());
        for s in found.stability(1, DependenceList::Yearly) {
            prop_assert_eq!(s.still + s.dropped, s.dependent);
        }
    }
}

/// OECD bilateral trade by industry, 2021 to 2023, where the folder of shared data is named by XINZHI_SHARED_DATA. The expected numbers
/// were computed apart with pandas. Only nine importers are in these files, so exports are those to them: this checks the arithmetic on
/// real records, and says nothing about real dependence.
#[test]
fn oecd_records() {
    let Ok(folder) = std::env::var("XINZHI_SHARED_DATA") else {
        eprintln!("skipped: XINZHI_SHARED_DATA is not set");
        return;
    };
    let path = std::path::Path::new(&folder).join("oecd_btige_bilateral/btige_2021_2023_all_exporters_to_9_importers.csv.gz");
    let mut text = String::new();
    flate2::read::MultiGzDecoder::new(std::fs::File::open(path).unwrap()).read_to_string(&mut text).unwrap();
    let mut trade = TradeAccumulator::new([
        ImportingRegion::country("USA"),
        ImportingRegion::group("DEU+FRA", ["DEU", "FRA"]),
        ImportingRegion::country("JPN"),
    ])
    .unwrap();
    let records = text.lines().skip(1).map(|line| {
        let cells: Vec<&str> = line.split(',').collect();
        record(cells[0].parse().unwrap(), cells[1], cells[2], cells[3], cells[4].parse().unwrap())
    });
    trade.extend(records).unwrap();
    let found = trade.assess(&DependenceRule::european_commission()).unwrap();
    let row = |region: &str| found.products.iter().find(|p| p.region == region && p.period == 2022 && p.product == "CPA_2_1_C21").unwrap();
    let pharmaceuticals = row("DEU+FRA");
    for (f, e) in [
        (pharmaceuticals.imports, 90258304.027),
        (pharmaceuticals.import_concentration, 0.09600767258775474),
        (pharmaceuticals.foreign_share, 0.8985073549578582),
        (pharmaceuticals.imports_over_exports, 1.5617936715336562),
        (pharmaceuticals.world_export_concentration, 0.09250016228144912),
        (row("USA").imports_over_exports, 6.156012256273073),
    ] {
        assert!((f - e).abs() < 1e-10 * e, "{f} {e}");
    }
    let counts = |region: &str| [2021, 2022, 2023].map(|year| found.dependent(region, year, DependenceList::Yearly).len());
    assert_eq!((counts("USA"), counts("DEU+FRA"), counts("JPN")), ([3, 7, 4], [0, 1, 1], [8, 8, 7]));
    let stable: Vec<_> = found.stability(1, DependenceList::Yearly).iter().map(|s| (s.still, s.dropped)).collect();
    assert_eq!(stable, [(3, 0), (4, 3), (0, 0), (0, 1), (6, 2), (7, 1)]);
    let lasting = DependenceRule { window: 3, required: 2, ..DependenceRule::european_commission() };
    let found = trade.assess(&lasting).unwrap();
    let names: Vec<_> = found.dependent("USA", 2023, DependenceList::Lasting).iter().map(|p| p.product.as_str()).collect();
    assert_eq!(names, ["CPA_2_1_B", "CPA_2_1_B06", "CPA_2_1_C18", "CPA_2_1_D35"]);
    assert_eq!(found.dependent("JPN", 2023, DependenceList::Lasting).len(), 7);
}
