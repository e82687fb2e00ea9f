//! Reading the registry's tables: every kind of fault is told with file and line. All rows here are made up.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use proptest::prelude::*;
use xinzhi_policy::{
    BarrierStatus, ListChangeKind, ListQuery, OverlapColumn, OverlapRows, PolicyDate, PolicyError, Registry, RegistryTable, RegistryText,
    TargetStatus, barrier_status, list_changes, list_overlap, standing_lists, target_progress,
};

/// Tables that hold together: two documents, three items, two industries.
fn tables() -> Vec<(RegistryTable, String)> {
    use RegistryTable::*;
    let rows: [(RegistryTable, &[&str]); 13] = [
        (Sources, &["s,Made up,Nobody,2020,press,https://example.org,", "t,Made up too,Nobody,,official,,"]),
        (
            Strategies,
            &[
                "a-2020,CHN,national,Plan A,规划甲,,,No. 1,2020-03,2021-12-31,period,plan,complete,,,s",
                "b-2022,CHN,national,Plan B,规划乙,,,,2022-01-01,,open,plan,complete,,,s;t",
                "c-2022,USA,national,List C,清单丙,,,,2022,,open,list,areas_complete,,,t",
            ],
        ),
        (
            Items,
            &[
                "a-2020/1,a-2020,emerging,,item,,1,,Robots,机器人,,high,,,s",
                "a-2020/2,a-2020,emerging,,item,,2,,Hydrogen and storage,氢能与储能,,high,,,s",
                "b-2022/1,b-2022,emerging,pillar,item,,1,,Smart robots,智能机器人,en,high,,,s",
                "b-2022/2,b-2022,future,,item,,1,,Hydrogen,氢能,,high,,,s",
                "c-2022/1,c-2022,critical_technology,,area,,1,,Robotics,机器人技术,zh,medium,,,t",
                "c-2022/2,c-2022,critical_technology,,area,,2,,Lasers,激光,zh,medium,,,t",
            ],
        ),
        (Industries, &["R,emerging,Robots,机器人,,", "H,future,Hydrogen,氢能,,"]),
        (
            Memberships,
            &[
                "a-2020/1,R,same,high,,",
                "a-2020/2,H,includes,high,,",
                "b-2022/1,R,part_of,high,,",
                "b-2022/2,H,same,high,,",
                "c-2022/1,R,same,medium,,",
            ],
        ),
        (Crosswalk, &["R,HS2017,8479,Machines,partial,medium,reading,判读,s", "H,HS2017,280410,Hydrogen,core,high,reading,判读,s"]),
        (Themes, &["robots,Robots,机器人", "hydrogen,Hydrogen,氢能"]),
        (ThemeMembers, &["robots,industry,R,,", "robots,item,c-2022/1,,", "hydrogen,industry,H,,"]),
        (
            Events,
            &[
                "e1,2023-01-01,,USA,CHN,export_control,Control,管制,,R,,high,,,s",
                "e2,2024-01-01,2024-12-31,USA,CHN,export_control,Pause,暂停,,,suspends:e1,high,,,s",
                "e3,2024-06-01,,CHN,,nqpf,Speech,讲话,b-2022,,,high,,,s",
                "e4,2026-01-01,,USA,CHN,export_control,End,终止,,,ends:e1,high,,,s",
            ],
        ),
        (Targets, &["a-2020/t1,a-2020,Share,份额,>,17,%,%,2025,,,s", "a-2020/t2,a-2020,Intensity,强度,<=,5,%,%,2021,,,s"]),
        (Observations, &["a-2020/t1,2022,outturn,>,13,,,s", "a-2020/t2,2021,outturn,=,4.5,,,s"]),
        (Definition, &["layer-1,layer,1,Technology,科技,,,2024-01-31,s"]),
        (Terms, &["robots,emerging,Robots,机器人,robot;robotics,智能机器人,R,,"]),
    ];
    rows.into_iter().map(|(table, rows)| (table, format!("{}\n{}\n", table.columns().join(","), rows.join("\n")))).collect()
}

fn read(tables: &[(RegistryTable, String)]) -> Result<Registry, PolicyError> {
    let files: Vec<String> = tables.iter().map(|(table, _)| table.file()).collect();
    let texts: Vec<RegistryText<'_>> =
        tables.iter().zip(&files).map(|((table, text), origin)| RegistryText { table: *table, origin, text }).collect();
    Registry::read(&texts)
}

/// The faults of the tables with one text changed.
fn faults(table: RegistryTable, from: &str, to: &str) -> Vec<String> {
    let mut all = tables();
    let (_, text) = all.iter_mut().find(|(t, _)| *t == table).unwrap();
    assert!(text.contains(from), "{from:?} is not in {text:?}");
    *text = text.replacen(from, to, 1);
    match read(&all) {
        Err(PolicyError::Faults(faults)) => faults.iter().map(ToString::to_string).collect(),
        other => panic!("{from:?} -> {to:?} gave {other:?}"),
    }
}

#[test]
fn tables_that_hold_together_are_read() {
    let registry = read(&tables()).unwrap();
    assert_eq!(registry.industry("R").unwrap().named_in, ["a-2020", "b-2022", "c-2022"]);
    assert!(registry.uncited_sources().is_empty());
    assert_eq!(registry.find_industry("氢能").unwrap().id, "H");
    assert_eq!(registry.items().iter().filter(|i| i.pillar).count(), 1);
}

#[test]
fn every_kind_of_fault_is_told_with_file_and_line() {
    use RegistryTable::*;
    for (table, from, to, told) in [
        (Items, "a-2020/2,a-2020", "a-2020/2,a-2021", "items.csv:3: there is no strategy \"a-2021\"; nearest: a-2020"),
        (Items, "high,,,s\na-2020/2", "high,,,x\na-2020/2", "items.csv:2: there is no source \"x\""),
        (
            Items,
            "a-2020/2,a-2020,emerging,,item,,2",
            "a-2020/1,a-2020,emerging,,item,,2",
            "items.csv:3: a-2020/1 stands twice: it is already on line 2",
        ),
        (Items, ",,2,,Hydrogen and storage", ",,3,,Hydrogen and storage", "items.csv:3: order is 3 where 2 comes next"),
        (Items, "Hydrogen and storage,氢能与储能", "Hydrogen and storage,", "items.csv:3: name_zh is empty, name_en is not"),
        (Items, "Hydrogen and storage,氢能与储能", ",", "items.csv:3: name_en and name_zh are empty"),
        (Items, "Hydrogen and storage", "Robots", "items.csv:3: \"Robots\" is already on line 2 in the same list"),
        (Items, "emerging,pillar", "future,pillar", "items.csv:4: a pillar industry stands in the strand emerging"),
        (Items, "emerging,,item,,1", "emergent,,item,,1", "items.csv:2: strand: \"emergent\" is no strand"),
        (Items, "a-2020/2,", "a/2,", "items.csv:3: the id a/2 does not begin with its strategy"),
        (Items, "item,,2,,Hydrogen", "item,c-2022/1,1,,Hydrogen", "items.csv:3: its parent c-2022/1 stands in another strategy"),
        (Items, "智能机器人,en", "智能机器人,fr", "items.csv:4: ours is \"fr\""),
        (Items, "Robots,机器人,,high,,,s", "Robots,机器人,,high,,s", "items.csv:2: the row has 14 cells, the header 15"),
        (Items, "item,strategy,", "items,strategy,", "items.csv:1: the header is"),
        (Strategies, "2020-03,2021-12-31", "2020-13,2021-12-31", "strategies.csv:2: date: \"2020-13\" is no date"),
        (Strategies, "2020-03,2021-12-31", "2020-03,2019-12-31", "strategies.csv:2: the list ends on 2019-12-31, before its date 2020-03"),
        (Strategies, ",open,plan", ",period,plan", "strategies.csv:3: until_basis is period, but until is empty"),
        (Strategies, "2021-12-31,period", "2021-12-31,replaced_by:z", "strategies.csv:2: there is no strategy \"z\""),
        (Strategies, "complete,,,s\nb", "header_only,,,s\nb", "items.csv:2: a-2020 is header_only, but has items"),
        (Strategies, "a-2020,CHN", "a-2020,China", "strategies.csv:2: \"China\" is no code of a place"),
        (Strategies, "complete,,,s\nb", "complete,,,\nb", "strategies.csv:2: the row has no source"),
        (Memberships, "a-2020/1,R", "a-2020/1,Q", "memberships.csv:2: there is no industry \"Q\""),
        (Memberships, "same,high", "equals,high", "memberships.csv:2: relation: \"equals\" is no relation"),
        (Crosswalk, "8479", "84790", "crosswalk.csv:2: \"84790\" is no code of HS2017"),
        (Crosswalk, "H,HS2017,280410", "R,HS2017,8479", "crosswalk.csv:3: R, HS2017, 8479 stands twice"),
        (Crosswalk, "reading,判读", "reading,", "crosswalk.csv:2: basis_zh is empty"),
        (ThemeMembers, "item,c-2022/1", "item,c-2022/9", "theme_members.csv:3: there is no item \"c-2022/9\"; nearest: c-2022/1"),
        (Events, "2024-01-01,2024-12-31", "2022-01-01,2024-12-31", "events.csv:3: the date 2022-01-01 comes after 2023-01-01"),
        (Events, "suspends:e1", "suspends:e4", "events.csv:3: it changes e4, which comes later"),
        (Events, "suspends:e1", "stops:e1", "events.csv:3: changes has \"stops:e1\""),
        (
            Events,
            "USA,CHN,export_control,Control",
            "USA,,export_control,Control",
            "events.csv:2: a barrier needs the places it is aimed at",
        ),
        (Events, "CHN,,nqpf", "CHN,USA,nqpf", "events.csv:4: against is for export_control and trade_barrier only"),
        (Targets, ",>,17,", ",>,about 17,", "targets.csv:2: value is \"about 17\", which is no number"),
        (Targets, ",>,17,", ",over,17,", "targets.csv:2: op: \"over\" is no comparison"),
        (Observations, "a-2020/t1,2022,outturn", "a-2020/t1,2026,base", "observations.csv:2: its year 2026 comes after the target's"),
        (Sources, "https://example.org", "index:1", "sources.csv:2: url is \"index:1\", which is no web address"),
        (Terms, ",R,,", ",Z,,", "terms.csv:2: there is no industry \"Z\""),
        (Definition, "layer,1", "layer,2", "definition.csv:2: order is 2 where 1 comes next"),
    ] {
        let found = faults(table, from, to);
        assert!(found.iter().any(|fault| fault.starts_with(told)), "{from:?} -> {to:?}: wanted {told:?}, found {found:#?}");
    }
}

#[test]
fn later_rows_replace_earlier_ones_and_add_to_them() {
    let header = RegistryTable::Industries.columns().join(",");
    let mut all = tables();
    all.push((RegistryTable::Industries, format!("{header}\nR,traditional,Robots and arms,机器人与机械臂,,\nL,future,Lasers,激光,,\n")));
    let registry = read(&all).unwrap();
    let ids: Vec<&str> = registry.industries().iter().map(|i| i.id.as_str()).collect();
    assert_eq!(ids, ["R", "H", "L"]);
    assert_eq!(registry.industry("R").unwrap().name.en, "Robots and arms");
}

fn on(registry: &Registry, day: &str) -> Vec<String> {
    let at = PolicyDate::parse(day).unwrap().last_day();
    standing_lists(registry, &ListQuery::at(at)).unwrap().iter().map(|i| i.item.id.clone()).collect()
}

#[test]
fn lists_changes_barriers_and_targets() {
    let registry = read(&tables()).unwrap();
    assert_eq!(on(&registry, "2021"), ["a-2020/1", "a-2020/2"]);
    // a list of a year that is known no closer stands from the end of that year
    assert_eq!(on(&registry, "2022-06-30"), ["b-2022/1", "b-2022/2"]);
    assert_eq!(on(&registry, "2022").len(), 4);
    let side = |day: &str| standing_lists(&registry, &ListQuery::at(PolicyDate::parse(day).unwrap().last_day())).unwrap();
    let (before, after) = (side("2021"), side("2022"));
    let changes = list_changes(&before, &after);
    let kinds: Vec<(&str, &str, ListChangeKind)> = changes.iter().map(|c| (c.jurisdiction, c.subject.id(), c.kind)).collect();
    assert_eq!(
        kinds,
        [
            ("CHN", "H", ListChangeKind::Moved),
            ("CHN", "R", ListChangeKind::Moved),
            ("USA", "R", ListChangeKind::Added),
            ("USA", "", ListChangeKind::Added)
        ]
    );
    assert_eq!(changes[0].on.unwrap().to_string(), "2022-01-01");
    // against itself nothing changes
    assert!(list_changes(&after, &after).iter().all(|c| c.kind == ListChangeKind::Kept));

    let event = &registry.events()[0];
    let status = |day: &str| barrier_status(&registry, event, PolicyDate::parse(day).unwrap().last_day());
    assert_eq!(status("2022"), BarrierStatus::NotYet);
    assert_eq!(status("2023"), BarrierStatus::InForce);
    assert!(matches!(status("2024-06"), BarrierStatus::Suspended(Some(_))));
    assert!(matches!(status("2025-06"), BarrierStatus::UnknownSince(_)));
    assert_eq!(status("2026"), BarrierStatus::Ended);

    let progress = target_progress(&registry, 2026);
    assert_eq!((progress[0].status, progress[0].distance), (TargetStatus::Unknown, Some(4.0)));
    // a ceiling of 5 with 4.5 in its year
    assert_eq!((progress[1].status, progress[1].distance), (TargetStatus::Met, Some(-0.5)));
}

#[test]
fn an_overlap_counts_what_both_hold() {
    let registry = read(&tables()).unwrap();
    let column = |jurisdiction: &str| OverlapColumn {
        id: jurisdiction.to_owned(),
        name: frame::Text::same(jurisdiction),
        strategies: registry.strategies().iter().filter(|s| s.jurisdiction == jurisdiction).collect(),
    };
    let found = list_overlap(&registry, vec![column("CHN"), column("USA")], OverlapRows::Themes).unwrap();
    let pair = &found.pairs[0];
    assert_eq!((pair.first, pair.second, pair.shared), (2, 1, 1));
    assert_eq!((pair.jaccard, pair.overlap), (Some(0.5), Some(1.0)));
    assert_eq!((pair.first_alone.clone(), pair.second_alone.len()), (vec![1], 0));
    assert_eq!(found.outside[1].iter().map(|i| i.id.as_str()).collect::<Vec<_>>(), ["c-2022/2"]);
    assert!(list_overlap(&registry, vec![column("KOR")], OverlapRows::Themes).is_err());
}

proptest! {
    /// Whatever stands in a file, reading it is an answer or faults, never a panic; a fault names a line of the file.
    #[test]
    fn any_text_is_read_or_refused(text in "[a-z0-9,;\"\\n 氢能-]{0,300}", which in 0usize..13) {
        let table = RegistryTable::ALL[which];
        let lines = text.lines().count() as u64 + 1;
        let given = RegistryText { table, origin: "any.csv", text: &text };
        if let Err(PolicyError::Faults(faults)) = Registry::read(&[given]) {
            prop_assert!(!faults.is_empty());
            prop_assert!(faults.iter().all(|f| f.line >= 1 && f.line <= lines));
        }
    }

    /// A date that is read is written as it was; one that is not is refused.
    #[test]
    fn dates_are_read_as_written(year in 1i32..=9999, month in 0u32..=14, day in 0u32..=32) {
        let text = format!("{year:04}-{month:02}-{day:02}");
        match PolicyDate::parse(&text) {
            Ok(date) => {
                prop_assert_eq!(date.to_string(), text);
                prop_assert_eq!(date.first_day(), date.last_day());
            }
            Err(PolicyError::Date { nearest, .. }) => prop_assert!(nearest.iter().all(|near| PolicyDate::parse(near).is_ok())),
            Err(other) => prop_assert!(false, "{other}"),
        }
    }
}
