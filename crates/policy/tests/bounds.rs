//! Bounds of listed industries on an extract of real exports and of the crosswalk (see `data/README.md`), and on made tables.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use frame::{LabelledVector, Labels, Text};
use proptest::prelude::*;
use xinzhi_policy::{
    BoundsOptions, Confidence, Coverage, CrosswalkRow, Industry, PolicyError, Registry, Role, Strand, industry_bounds, joint_bounds,
};

fn exports(place: &str) -> LabelledVector {
    let mut lines = include_str!("data/exports_2017.csv").lines();
    let at = lines.next().unwrap().split(',').position(|c| c == place).unwrap();
    let cells: Vec<Vec<&str>> = lines.map(|l| l.split(',').collect()).collect();
    let labels = Labels::new("headings", cells.iter().map(|c| c[0])).unwrap();
    LabelledVector::new(labels, cells.iter().map(|c| c[at].parse().unwrap()).collect()).unwrap()
}

fn registry() -> Registry {
    let mut industries: Vec<Industry> = Vec::new();
    let mut rows = Vec::new();
    for line in include_str!("data/crosswalk.csv").lines().skip(1) {
        let cells: Vec<&str> = line.split(',').collect();
        if industries.iter().all(|i| i.id != cells[0]) {
            let strand = Strand::parse(cells[1]).unwrap();
            industries.push(Industry { id: cells[0].into(), strand, name: Text::same(cells[0]), named_in: vec![] });
        }
        rows.push(CrosswalkRow::new(cells[0], cells[2], cells[3], Role::parse(cells[4]).unwrap(), Confidence::parse(cells[5]).unwrap()));
    }
    Registry::new(industries, rows).unwrap()
}

fn close(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-12 * b.abs().max(1e-300)
}

/// Expected values were computed apart (in pandas) from the whole table.
#[test]
fn whole_headings_give_a_point() {
    let bounds = |place| industry_bounds(&registry(), "E-IC", &exports(place), &exports("world"), &BoundsOptions::default()).unwrap();
    let china = bounds("CHN");
    assert_eq!(china.whole, ["8541", "8542"]);
    assert!(china.part.is_empty() && china.not_in_table.is_empty());
    assert_eq!(china.excluded, [("8486".into(), Role::Equipment), ("381800".into(), Role::Input), ("280461".into(), Role::Input)]);
    assert_eq!((china.value.low, china.value.high), (148205379336.0, 148205379336.0));
    assert!(close(china.world_share.unwrap().low, 0.18087639313129691));
    let korea = bounds("KOR").specialisation.unwrap();
    assert!(close(korea.low, 4.764835446571776) && close(korea.high, 4.764835446571776));
}

#[test]
fn a_chapter_covers_all_its_headings() {
    let steel = industry_bounds(&registry(), "T-STEEL", &exports("DEU"), &exports("world"), &BoundsOptions::default()).unwrap();
    assert_eq!(steel.whole.iter().filter(|c| c.starts_with("72")).count(), 29);
    assert_eq!(steel.value.low, 43840126606.0);
    assert!(close(steel.specialisation_whole_codes.unwrap(), 0.9911314549046452));
    let sure = BoundsOptions { minimum_confidence: Confidence::High, ..Default::default() };
    let surely = industry_bounds(&registry(), "T-STEEL", &exports("DEU"), &exports("world"), &sure).unwrap();
    assert_eq!((surely.whole.len(), surely.below_confidence.len()), (29, 8));
}

#[test]
fn subheadings_count_only_in_the_upper_bound() {
    let cars = industry_bounds(&registry(), "E-NEV", &exports("DEU"), &exports("world"), &BoundsOptions::default()).unwrap();
    assert_eq!((cars.whole.len(), cars.part.as_slice()), (0, ["8702".to_string(), "8703".to_string()].as_slice()));
    assert_eq!((cars.value.low, cars.value.high), (0.0, 169388298570.0));
    assert_eq!((cars.world_share, cars.specialisation, cars.specialisation_whole_codes), (None, None, None));
    assert!(close(cars.specialisation_all_codes.unwrap(), 2.5350757156439836));
}

#[test]
fn what_customs_codes_cannot_show_is_refused() {
    let ask = |industry| industry_bounds(&registry(), industry, &exports("CHN"), &exports("world"), &BoundsOptions::default());
    let quantum = ask("F-QUANTUM").unwrap_err();
    assert!(quantum.to_string().contains("too coarse") && quantum.text().zh.contains("过粗"));
    assert!(matches!(ask("F-FUSION"), Err(PolicyError::NoCodes { excluded: 1, .. })));
    assert!(matches!(ask("F-NOTHING"), Err(PolicyError::Unknown { .. })));
    // a table of sectors that the crosswalk does not speak of
    let sectors = BoundsOptions { schemes: vec!["CN42-2017".into()], ..Default::default() };
    assert!(matches!(
        industry_bounds(&registry(), "T-STEEL", &exports("CHN"), &exports("world"), &sectors),
        Err(PolicyError::NoCodes { .. })
    ));
    let other = LabelledVector::new(Labels::new("headings", ["0101"]).unwrap(), vec![1.0]).unwrap();
    let default = BoundsOptions::default();
    assert!(matches!(industry_bounds(&registry(), "E-IC", &other, &other, &default), Err(PolicyError::CodesNotInTable { .. })));
    assert_eq!(industry_bounds(&registry(), "E-IC", &other, &exports("world"), &default), Err(PolicyError::DifferentCodes));
    let turned = industry_bounds(&registry(), "E-IC", &exports("world"), &exports("CHN"), &default);
    assert!(matches!(turned, Err(PolicyError::Value { .. })));
}

/// Two industries that share a heading, together: it counts once, and what is a part of the one and the whole of the other is whole.
#[test]
fn industries_together_count_a_shared_code_once() {
    let industry = |id: &str| Industry { id: id.into(), strand: Strand::Emerging, name: Text::same(id), named_in: vec![] };
    let row = |id: &str, scheme: &str, code: &str, role| CrosswalkRow::new(id, scheme, code, role, Confidence::High);
    let registry = Registry::new(
        vec![industry("A"), industry("B"), industry("C")],
        vec![
            row("A", "HS2012", "0101", Role::Core),
            row("A", "HS2012", "0102", Role::Partial),
            row("A", "HS2017", "0301", Role::Core),
            row("B", "HS2017", "01", Role::Partial),
            row("B", "HS2017", "0102", Role::Core),
        ],
    )
    .unwrap();
    let labels = Labels::new("headings", ["0101", "0102", "0103", "0301"]).unwrap();
    let place = LabelledVector::new(labels.clone(), vec![1.0, 2.0, 4.0, 8.0]).unwrap();
    let world = LabelledVector::new(labels, vec![10.0; 4]).unwrap();
    let options = BoundsOptions { schemes: vec!["HS2012".into(), "HS2017".into()], ..Default::default() };
    let of = |ids: &[&str]| joint_bounds(&registry, ids, &place, &world, &options).unwrap();
    // A is read in its own edition first: 0301 of the other is not added
    assert_eq!((of(&["A"]).value.low, of(&["A"]).value.high), (1.0, 3.0));
    assert_eq!((of(&["B"]).value.low, of(&["B"]).value.high), (2.0, 7.0));
    let both = of(&["A", "B"]);
    assert_eq!((both.value.low, both.value.high), (3.0, 7.0));
    assert_eq!(
        (both.whole.as_slice(), both.part.as_slice()),
        (["0101".to_string(), "0102".into()].as_slice(), ["0103".to_string()].as_slice())
    );
    assert_eq!(both.schemes, ["HS2012", "HS2017"]);
    assert_eq!(of(&["A", "B", "C"]).without_codes, ["C"]);
    assert!(matches!(joint_bounds(&registry, &["C"], &place, &world, &options), Err(PolicyError::NoCodes { .. })));
}

/// Technology fields are plain numbers, and never a lower bound.
#[test]
fn technology_fields_bound_from_above_only() {
    let industry = Industry { id: "A".into(), strand: Strand::Emerging, name: Text::same("A"), named_in: vec![] };
    let registry = Registry::new(vec![industry], vec![CrosswalkRow::new("A", "WIPO35", "2", Role::Tech, Confidence::Medium)]).unwrap();
    let labels = Labels::new("fields", ["2", "20", "21"]).unwrap();
    let place = LabelledVector::new(labels.clone(), vec![1.0, 2.0, 4.0]).unwrap();
    let world = LabelledVector::new(labels, vec![10.0; 3]).unwrap();
    let mut options = BoundsOptions { schemes: vec!["WIPO35".into()], ..Default::default() };
    assert!(matches!(industry_bounds(&registry, "A", &place, &world, &options), Err(PolicyError::NoCodes { excluded: 1, .. })));
    options.technologies = true;
    let fields = industry_bounds(&registry, "A", &place, &world, &options).unwrap();
    assert_eq!((fields.value.low, fields.value.high, fields.part.as_slice()), (0.0, 1.0, ["2".to_string()].as_slice()));
    assert_eq!((fields.world_share, fields.specialisation), (None, None));
}

#[test]
fn a_heading_knows_its_industries() {
    let registry = registry();
    let ids =
        |code, confidence| registry.industries_of("HS2017", code, confidence).iter().map(|(i, c)| (i.id.clone(), *c)).collect::<Vec<_>>();
    assert_eq!(ids("7208", Confidence::Low), [("T-STEEL".to_string(), Coverage::Whole)]);
    assert_eq!(ids("8703", Confidence::Low), [("E-NEV".to_string(), Coverage::Part)]);
    assert!(ids("7304", Confidence::High).is_empty() && ids("8486", Confidence::Low).is_empty());
    assert_eq!(registry.strand(Strand::Future).count(), 2);
}

#[test]
fn a_registry_that_contradicts_itself_is_refused() {
    let industry = || Industry { id: "E-IC".into(), strand: Strand::Emerging, name: Text::same("chips"), named_in: vec![] };
    assert!(matches!(Registry::new(vec![industry(), industry()], vec![]), Err(PolicyError::Duplicate { .. })));
    assert!(matches!(Registry::new(vec![industry()], vec![row("8542", Role::Core)]), Err(PolicyError::Unknown { .. })));
    let own = CrosswalkRow { industry: "E-IC".into(), ..row("8542", Role::Core) };
    assert!(matches!(Registry::new(vec![industry()], vec![own.clone(), own]), Err(PolicyError::Duplicate { .. })));
    assert!(matches!(Role::parse("main"), Err(PolicyError::UnknownWord { .. })));
}

fn row(code: &str, role: Role) -> CrosswalkRow {
    CrosswalkRow::new("X", "HS2017", code, role, Confidence::Medium)
}

/// A made registry of one industry; a code given twice keeps its first role.
fn made(rows: &[(usize, bool)]) -> Registry {
    let mut codes: Vec<CrosswalkRow> = Vec::new();
    for (at, core) in rows {
        let new = row(CODES[*at], if *core { Role::Core } else { Role::Broad });
        if codes.iter().all(|r| r.code != new.code) {
            codes.push(new);
        }
    }
    let industry = Industry { id: "X".into(), strand: Strand::Emerging, name: Text::same("X"), named_in: vec![] };
    Registry::new(vec![industry], codes).unwrap()
}

const CODES: [&str; 9] = ["01", "02", "0101", "0102", "0201", "0202", "0301", "010110", "030190"];
const HEADINGS: [&str; 6] = ["0101", "0102", "0201", "0202", "0301", "0302"];

proptest! {
    /// Whatever share of each partly covered heading is the industry, at the place and elsewhere, the bounds hold it.
    #[test]
    fn the_truth_lies_within_the_bounds(
        rows in prop::collection::vec((0..9usize, any::<bool>()), 1..6),
        values in prop::collection::vec((0.0..1e6f64, 0.0..1e6f64, 0.0..=1.0f64, 0.0..=1.0f64), 6),
    ) {
        let labels = Labels::new("headings", HEADINGS).unwrap();
        let place = LabelledVector::new(labels.clone(), values.iter().map(|v| v.0).collect()).unwrap();
        let world = LabelledVector::new(labels, values.iter().map(|v| v.0 + v.1).collect()).unwrap();
        let registry = made(&rows);
        let b = industry_bounds(&registry, "X", &place, &world, &BoundsOptions::default()).unwrap();
        prop_assert!(b.value.low <= b.value.high && b.world_value.low <= b.world_value.high);
        let (mut own, mut others) = (0.0, 0.0);
        for (code, v) in HEADINGS.iter().zip(&values) {
            let (at_place, elsewhere) = match (b.whole.iter().any(|c| c == code), b.part.iter().any(|c| c == code)) {
                (true, _) => (1.0, 1.0),
                (false, true) => (v.2, v.3),
                (false, false) => (0.0, 0.0),
            };
            own += at_place * v.0;
            others += elsewhere * v.1;
        }
        let within = |i: xinzhi_policy::Interval, x: f64| i.low <= x * (1.0 + 1e-9) + 1e-9 && x <= i.high * (1.0 + 1e-9) + 1e-9;
        prop_assert!(within(b.value, own) && within(b.world_value, own + others));
        if let Some(share) = b.world_share {
            prop_assert!(within(share, own / (own + others)), "{:?} {}", share, own / (own + others));
            prop_assert!(share.low >= 0.0 && share.high <= 1.0);
        }
    }

    /// Adding a code never lowers a bound of the value.
    #[test]
    fn more_codes_never_lower_a_bound(
        rows in prop::collection::vec((0..9usize, any::<bool>()), 2..8),
        values in prop::collection::vec((0.0..1e6f64, 0.0..1e6f64), 6),
    ) {
        let labels = Labels::new("headings", HEADINGS).unwrap();
        let place = LabelledVector::new(labels.clone(), values.iter().map(|v| v.0).collect()).unwrap();
        let world = LabelledVector::new(labels, values.iter().map(|v| v.0 + v.1).collect()).unwrap();
        let bounds = |rows: &[(usize, bool)]| industry_bounds(&made(rows), "X", &place, &world, &BoundsOptions::default()).unwrap();
        let (fewer, more) = (bounds(&rows[..rows.len() - 1]), bounds(&rows));
        prop_assert!(more.value.low >= fewer.value.low - 1e-6 && more.value.high >= fewer.value.high - 1e-6);
        prop_assert!(more.world_value.low >= fewer.world_value.low - 1e-6 && more.world_value.high >= fewer.world_value.high - 1e-6);
    }
}
