//! What the policy registry says around a place: what changed on its lists, who else targets the industries that matter there, and which
//! barriers touch it.

use crate::engine::Engine;
use crate::figures::{Figures, NewFigure};
use crate::policy_verbs::jurisdiction_name;
use crate::{Cell, Column, Section, StrategyError, Table, print};
use frame::{Period, Place, PlaceLevel, Places, TableReference, Text, Unit};
use policy::{
    BarrierStatus, ChangeMade, Day, ListChange, ListChangeKind, ListQuery, OverlapColumn, OverlapRows, PolicyEvent, Registry, Strategy,
    barrier_status, list_changes, list_overlap, standing_lists,
};
use std::collections::BTreeSet;

/// Members of the European Union: its lists and measures are theirs too (since 1 February 2020).
const UNION: [&str; 27] = [
    "AUT", "BEL", "BGR", "HRV", "CYP", "CZE", "DNK", "EST", "FIN", "FRA", "DEU", "GRC", "HUN", "IRL", "ITA", "LVA", "LTU", "LUX", "MLT",
    "NLD", "POL", "PRT", "ROU", "SVK", "SVN", "ESP", "SWE",
];
/// Lists of these levels are somebody's policy, not an analysis.
const POLICY_LEVELS: [&str; 3] = ["national", "provincial", "union"];
/// Years of changes told. The lists below are cut so that the dossier of the largest place prints on 42 pages.
const YEARS: i32 = 2;
const CHANGE_ROWS: usize = 6;
const THEME_ROWS: usize = 6;
const BARRIER_ROWS: usize = 6;
const OWN_ROWS: usize = 10;

/// A place, and which industries matter there.
pub(crate) struct Around<'a> {
    pub(crate) place: &'a Place,
    pub(crate) registry: &'a Registry,
    pub(crate) matter: &'a BTreeSet<String>,
}

/// Writes everything the registry says around the place into the section.
pub(crate) fn write(engine: &Engine, around: &Around<'_>, figures: &mut Figures, section: &mut Section) -> Result<(), StrategyError> {
    let Some(day) = around.registry.last_day() else { return Ok(()) };
    let places = engine.places()?;
    own_list(engine, around, day, figures, section)?;
    changes(engine, around, day, &places, figures, section)?;
    who_else(engine, around, day, &places, figures, section)?;
    barriers(engine, around, day, &places, figures, section)
}

fn references(engine: &Engine, tables: &[&str]) -> Result<Vec<TableReference>, StrategyError> {
    tables.iter().map(|table| Ok(engine.workspace.reference(&format!("policy_{table}"))?)).collect()
}

/// Whose lists and measures are the place's own: its own, its country's, its union's.
fn own_jurisdictions(place: &Place) -> Vec<&str> {
    let mut own = vec![place.code.as_str()];
    if place.level == PlaceLevel::Province {
        own.extend(place.parent.as_deref());
    }
    if UNION.contains(&place.code.as_str()) {
        own.push("EU");
    }
    own
}

/// The name of a jurisdiction, or of every other place.
fn name(places: &Places, code: &str) -> Text {
    match code {
        "*" => Text::new("all other places", "其他各地"),
        code => jurisdiction_name(places, code),
    }
}

fn has_list(registry: &Registry, code: &str) -> bool {
    registry
        .strategies()
        .iter()
        .any(|s| s.jurisdiction == code && POLICY_LEVELS.contains(&s.level.as_str()) && registry.items().iter().any(|i| i.strategy == s.id))
}

fn marked(around: &Around<'_>, id: &str, name: &Text) -> Text {
    if around.matter.contains(id) { print::fill("★ {0}", "★ {0}", &[name]) } else { name.clone() }
}

/// A province's own list, against the nation's.
fn own_list(engine: &Engine, around: &Around<'_>, day: Day, figures: &mut Figures, section: &mut Section) -> Result<(), StrategyError> {
    let (place, registry) = (around.place, around.registry);
    if place.level != PlaceLevel::Province {
        return Ok(());
    }
    if !has_list(registry, &place.code) {
        section.missing.push(print::fill(
            "The registry holds no list of {0} of its own; the national lists apply.",
            "登记表未收录{0}自己的清单；适用国家清单。",
            &[&place.name],
        ));
        return Ok(());
    }
    let query = |jurisdiction: &str| ListQuery { jurisdictions: vec![jurisdiction.to_owned()], lapsed: true, ..ListQuery::at(day) };
    let own = standing_lists(registry, &query(&place.code))?;
    let national = standing_lists(registry, &ListQuery { lapsed: false, ..query(place.parent.as_deref().unwrap_or("CHN")) })?;
    let on_national = |industry: &str| -> BTreeSet<&'static str> {
        national.iter().filter(|s| s.industries.iter().any(|(i, _)| i.id == industry)).map(|s| s.item.standing()).collect()
    };
    let named: BTreeSet<&str> = own.iter().flat_map(|s| &s.industries).map(|(i, _)| i.id.as_str()).collect();
    let shared = named.iter().filter(|id| !on_national(id).is_empty()).count();
    let mut count = |kind: &str, label: Text, value: usize, formula: &str| -> Result<String, StrategyError> {
        Ok(figures.add(NewFigure {
            id: &format!("policy/own_list_{kind}"),
            label,
            value: value as f64,
            unit: Unit::Count,
            period: Period::year(day.year()),
            rank: None,
            tables: references(engine, &["items", "memberships", "strategies"])?,
            method: "listed-industry-bounds",
            formula,
            options: &[("as_of", day.to_string())],
            inputs: vec![("industries of the registry that its items name", named.len() as f64, "industries")],
        }))
    };
    let items = count("items", Text::new("items of its own list", "本地清单条目"), own.len(), "number of items at the head of its lists")?;
    let both = count(
        "shared",
        Text::new("industries of its own list on national lists too", "本地清单产业中同时列入国家清单者"),
        shared,
        "number of industries of the registry that its items name and an item of a standing national list names too",
    )?;
    let documents: BTreeSet<&str> = own.iter().map(|s| s.strategy.id.as_str()).collect();
    let names: Vec<Text> = documents.iter().filter_map(|id| registry.strategy(id).ok()).map(|s| s.name.clone()).collect();
    section.text.push(figures.sentence(
        "Its own list ({2}) has {0} items; of the {3} industries of the registry that they name, {1} are on standing national lists too.",
        "其自有清单（{2}）有 {0} 个条目；所涉 {3} 个登记产业中，{1} 个也在现行国家清单上。",
        &[&items, &both],
        &[&print::list(&names), &Text::same(named.len().to_string())],
    ));
    let rest = own.len().saturating_sub(OWN_ROWS);
    section.tables.push(Table {
        id: "own-list".into(),
        title: print::fill("The list of {0}", "{0}的清单", &[&place.name]),
        columns: vec![
            Column { label: Text::new("Item", "条目"), format: None },
            Column { label: Text::new("As", "类别"), format: None },
            Column { label: Text::new("Industries of the registry", "登记产业"), format: None },
            Column { label: Text::new("On national lists as", "国家清单中的类别"), format: None },
        ],
        rows: own
            .iter()
            .take(OWN_ROWS)
            .map(|s| {
                let industries: Vec<Text> = s.industries.iter().map(|(i, _)| marked(around, &i.id, &i.name)).collect();
                let standings: BTreeSet<&str> = s.industries.iter().flat_map(|(i, _)| on_national(&i.id)).collect();
                let text = |texts: Vec<Text>| if texts.is_empty() { Cell::Missing } else { Cell::Text(print::list(&texts)) };
                vec![
                    Cell::Text(s.item.name.clone()),
                    Cell::Text(standing_name(s.item.standing())),
                    text(industries),
                    text(standings.into_iter().map(standing_name).collect()),
                ]
            })
            .collect(),
        note: print::fill(
            "★ matters here. Which industries an item names is our reading of titles.{0}",
            "★ 为本地重要产业。条目与产业的对应由本项目按名称判读。{0}",
            &[&left_out(rest)],
        ),
    });
    Ok(())
}

fn left_out(rest: usize) -> Text {
    match rest {
        0 => Text::default(),
        rest => print::fill(" {0} more rows are left out.", "另有 {0} 行未列出。", &[&Text::same(rest.to_string())]),
    }
}

/// The name of a strand of a list, or of the pillar tier.
fn standing_name(word: &str) -> Text {
    match word {
        "pillar" => Text::new("pillar", "支柱"),
        "traditional" => Text::new("traditional", "传统"),
        "emerging" => Text::new("emerging", "新兴"),
        "future" => Text::new("future", "未来"),
        word => policy::ListStrand::parse(word).map_or_else(|_| Text::same(word), policy::ListStrand::name),
    }
}

/// What was added, dropped and moved on the place's lists in the last years.
fn changes(
    engine: &Engine,
    around: &Around<'_>,
    day: Day,
    places: &Places,
    figures: &mut Figures,
    section: &mut Section,
) -> Result<(), StrategyError> {
    let registry = around.registry;
    let own: Vec<&str> = own_jurisdictions(around.place).into_iter().filter(|code| has_list(registry, code)).collect();
    if own.is_empty() {
        section.missing.push(print::fill(
            "The registry holds no list of {0}, so nothing can be said of what changed on it.",
            "登记表未收录{0}的清单，因此无法说明其近期变化。",
            &[&around.place.name],
        ));
        return Ok(());
    }
    let before = Day::new(day.year() - YEARS, day.month(), day.day()).or_else(|| Day::new(day.year() - YEARS, day.month(), 28));
    let Some(before) = before else { return Ok(()) };
    let on = |at: Day| {
        standing_lists(registry, &ListQuery { jurisdictions: own.iter().map(|c| (*c).to_owned()).collect(), ..ListQuery::at(at) })
    };
    let (mut from, mut to) = (on(before)?, on(day)?);
    for side in [&mut from, &mut to] {
        side.retain(|s| POLICY_LEVELS.contains(&s.strategy.level.as_str()));
    }
    let all = list_changes(&from, &to);
    let number = |kind: ListChangeKind| all.iter().filter(|c| c.kind == kind).count();
    let mut count = |kind: ListChangeKind, label: Text| -> Result<String, StrategyError> {
        Ok(figures.add(NewFigure {
            id: &format!("policy/lists_{}", kind.word()),
            label,
            value: number(kind) as f64,
            unit: Unit::Count,
            period: Period { from: before.year(), to: day.year() },
            rank: None,
            tables: references(engine, &["items", "memberships", "strategies"])?,
            method: "listed-industry-bounds",
            formula: "number of industries (items that name none, by their own name) on no list of a jurisdiction before and on one after (added), on one before and on none after (dropped), in other strands than before (moved)",
            options: &[("from", before.to_string()), ("to", day.to_string()), ("jurisdictions", own.join(", "))],
            inputs: vec![("industries and items compared", all.len() as f64, "industries")],
        }))
    };
    let added = count(ListChangeKind::Added, Text::new("added to its lists", "清单新增"))?;
    let dropped = count(ListChangeKind::Dropped, Text::new("dropped from its lists", "退出清单"))?;
    let moved = count(ListChangeKind::Moved, Text::new("moved between strands of its lists", "清单中调整类别"))?;
    let whose: Vec<Text> = own.iter().map(|code| name(places, code)).collect();
    section.text.push(figures.sentence(
        "Between {3} and {4}, the last day the registry speaks of, {0} entries were added to the lists of {5}, {1} dropped and {2} moved between strands.",
        "{3} 至 {4}（登记表所及的最后一日），{5}的清单新增 {0} 项，退出 {1} 项，调整类别 {2} 项。",
        &[&added, &dropped, &moved],
        &[&Text::same(before.to_string()), &Text::same(day.to_string()), &print::list(&whose)],
    ));
    let mut told: Vec<&ListChange<'_>> =
        all.iter().filter(|c| matches!(c.kind, ListChangeKind::Added | ListChangeKind::Dropped | ListChangeKind::Moved)).collect();
    // what matters here first, then industries before items that name none, then the newest
    told.sort_by_key(|c| (!around.matter.contains(c.subject.id()), c.subject.id().is_empty(), std::cmp::Reverse(c.on)));
    if told.is_empty() {
        return Ok(());
    }
    let rest = told.len().saturating_sub(CHANGE_ROWS);
    let side = |side: &policy::ListSide<'_>| match side.standings.is_empty() {
        true => Cell::Missing,
        false => Cell::Text(print::list(&side.standings.iter().map(|s| standing_name(s)).collect::<Vec<_>>())),
    };
    let several = own.len() > 1;
    section.tables.push(Table {
        id: "list-changes".into(),
        title: Text::new("What changed on its lists in two years", "两年来清单的变化"),
        columns: vec![
            Column { label: Text::new("Industry or item", "产业或条目"), format: None },
            Column { label: Text::new("Change", "变化"), format: None },
            Column { label: Text::new("Before", "此前"), format: None },
            Column { label: Text::new("After", "此后"), format: None },
            Column { label: Text::new("Since", "日期"), format: None },
        ],
        rows: told
            .iter()
            .take(CHANGE_ROWS)
            .map(|c| {
                let subject = marked(around, c.subject.id(), c.subject.name());
                let kind = c.kind.name();
                vec![
                    Cell::Text(subject),
                    Cell::Text(if several { print::fill("{0} ({1})", "{0}（{1}）", &[&kind, &name(places, c.jurisdiction)]) } else { kind }),
                    side(&c.from),
                    side(&c.to),
                    c.on.map_or(Cell::Missing, |day| Cell::Text(Text::same(day.to_string()))),
                ]
            })
            .collect(),
        note: print::fill(
            "★ matters here. Items are compared through the industries that they name (our reading of titles); lists stand until the end of their own period.{0}",
            "★ 为本地重要产业。条目通过所涉产业比较（由本项目按名称判读）；清单以其自身期限为止。{0}",
            &[&left_out(rest)],
        ),
    });
    Ok(())
}

/// Who else targets the themes of the industries that matter here.
fn who_else(
    engine: &Engine,
    around: &Around<'_>,
    day: Day,
    places: &Places,
    figures: &mut Figures,
    section: &mut Section,
) -> Result<(), StrategyError> {
    let registry = around.registry;
    let mut columns: Vec<OverlapColumn<'_>> = Vec::new();
    // China's lists first, then the others in the registry's order
    let stands = |s: &Strategy| s.is_issued(day) && !s.is_lapsed(day) && ["national", "union"].contains(&s.level.as_str());
    for strategy in registry.strategies().iter().filter(|s| stands(s) && registry.items().iter().any(|i| i.strategy == s.id)) {
        match columns.iter_mut().find(|c| c.id == strategy.jurisdiction) {
            Some(column) => column.strategies.push(strategy),
            None => columns.push(OverlapColumn {
                id: strategy.jurisdiction.clone(),
                name: name(places, &strategy.jurisdiction),
                strategies: vec![strategy],
            }),
        }
    }
    if columns.is_empty() {
        return Ok(());
    }
    let overlap = list_overlap(registry, columns, OverlapRows::Themes)?;
    let own: Vec<usize> = {
        let codes = own_jurisdictions(around.place);
        overlap.columns.iter().enumerate().filter(|(_, c)| codes.contains(&c.id.as_str())).map(|(at, _)| at).collect()
    };
    let tables = references(engine, &["themes", "theme_members", "items", "memberships", "strategies"])?;
    let themes = overlap.rows.len() as f64;
    let others =
        |row: &policy::OverlapRow<'_>| row.cells.iter().enumerate().filter(|(at, cell)| !cell.is_empty() && !own.contains(at)).count();
    let mut told: Vec<&policy::OverlapRow<'_>> = overlap
        .rows
        .iter()
        .filter(|row| registry.themes().iter().any(|t| t.id == row.id && t.industries.iter().any(|i| around.matter.contains(i))))
        .collect();
    told.sort_by_key(|row| std::cmp::Reverse(others(row)));
    let china = overlap.columns.iter().position(|c| c.id == "CHN");
    let mut count = |id: &str, label: Text, value: usize, formula: &str, inputs: Vec<(&str, f64, &str)>| {
        figures.add(NewFigure {
            id: &format!("policy/{id}"),
            label,
            value: value as f64,
            unit: Unit::Count,
            period: Period::year(day.year()),
            rank: None,
            tables: tables.clone(),
            method: "listed-industry-bounds",
            formula,
            options: &[("as_of", day.to_string()), ("level", "titles".into())],
            inputs,
        })
    };
    let mut sentences: Vec<(&'static str, &'static str, Vec<String>, Vec<Text>)> = Vec::new();
    if let Some(first) = told.first() {
        let most = count(
            "themes_wanted_by_others",
            Text::new("themes of industries that matter here, on lists of others", "本地重要产业所属主题中他方清单也列入者"),
            told.iter().filter(|row| others(row) > 0).count(),
            "number of themes that hold an industry that matters here and an item of a standing list of another jurisdiction",
            vec![("themes with an industry that matters here", told.len() as f64, "themes"), ("themes", themes, "themes")],
        );
        sentences.push((
            "Industries that matter here fall under {1} of the registry's {2} themes; others list {0} of these too; the most widely listed is {3}.",
            "本地重要产业涉及登记表 {2} 个主题中的 {1} 个，其中 {0} 个也在他方清单上；列入最广的是{3}。",
            vec![most],
            vec![Text::same(told.len().to_string()), Text::same(overlap.rows.len().to_string()), first.name.clone()],
        ));
    }
    // a country with lists of its own, against China's; a union member through its union
    if let (Some(china), Some(mine)) = (china, own.iter().find(|at| Some(**at) != china)) {
        let pair = overlap.pairs.iter().find(|p| p.columns == (china.min(*mine), china.max(*mine)));
        if let Some(pair) = pair {
            let (mine_alone, china_alone) =
                if pair.columns.0 == china { (&pair.second_alone, &pair.first_alone) } else { (&pair.first_alone, &pair.second_alone) };
            let held = if pair.columns.0 == china { pair.second } else { pair.first };
            let inputs = vec![("themes on its lists", held as f64, "themes"), ("jaccard", pair.jaccard.unwrap_or(f64::NAN), "share of 1")];
            let shared = count(
                "themes_shared_with_china",
                Text::new("themes on its lists and on China's", "与中国清单共有的主题"),
                pair.shared,
                "number of themes under which items of standing lists of both fall",
                inputs,
            );
            let names = |rows: &[usize]| -> Text {
                if rows.is_empty() {
                    return Text::new("none", "无");
                }
                let mut names: Vec<Text> = rows.iter().take(4).map(|at| overlap.rows[*at].name.clone()).collect();
                if rows.len() > 4 {
                    names.push(print::fill("{0} more", "另 {0} 个", &[&Text::same((rows.len() - 4).to_string())]));
                }
                print::list(&names)
            };
            sentences.push((
                "Of the {1} themes on the lists of {2}, {0} are on China's too. On them alone: {3}; on China's alone: {4}. Titles are compared, not scopes.",
                "{2}的清单涉及 {1} 个主题，其中 {0} 个与中国清单共有。仅在其清单上：{3}；仅在中国清单上：{4}。比较的是名称而非范围。",
                vec![shared],
                vec![Text::same(held.to_string()), overlap.columns[*mine].name.clone(), names(mine_alone), names(china_alone)],
            ));
        }
    } else if let Some(china) = china.filter(|at| own.contains(at) && around.place.level != PlaceLevel::Province) {
        let mut best: Vec<(usize, usize)> = overlap
            .pairs
            .iter()
            .filter(|p| p.columns.0 == china || p.columns.1 == china)
            .map(|p| (p.shared, if p.columns.0 == china { p.columns.1 } else { p.columns.0 }))
            .collect();
        best.sort_by_key(|(shared, at)| (std::cmp::Reverse(*shared), *at));
        if let Some((shared, at)) = best.first() {
            let column = &overlap.columns[*at];
            let id = count(
                &format!("themes_shared_with_{}", column.id),
                print::fill("themes on China's lists and on those of {0}", "与{0}清单共有的主题", &[&column.name]),
                *shared,
                "number of themes under which items of standing lists of both fall",
                vec![("themes", themes, "themes")],
            );
            sentences.push((
                "China's lists share most themes with those of {1}: {0}. Titles are compared, not scopes.",
                "与中国清单共有主题最多的是{1}：{0} 个。比较的是名称而非范围。",
                vec![id],
                vec![column.name.clone()],
            ));
        }
    }
    for (en, zh, ids, texts) in sentences {
        section.text.push(figures.sentence(en, zh, &ids.iter().collect::<Vec<_>>(), &texts.iter().collect::<Vec<_>>()));
    }
    if told.is_empty() {
        return Ok(());
    }
    let rest = told.len().saturating_sub(THEME_ROWS);
    let mut header = vec![Column { label: Text::new("Theme", "主题"), format: None }];
    header.extend(overlap.columns.iter().map(|c| Column { label: c.name.clone(), format: None }));
    section.tables.push(Table {
        id: "themes-by-jurisdiction".into(),
        title: Text::new("Who targets the themes of the industries that matter here", "谁在布局本地重要产业所属主题"),
        columns: header,
        rows: told
            .iter()
            .take(THEME_ROWS)
            .map(|row| {
                let cells = row.cells.iter().map(|cell| if cell.is_empty() { Cell::Missing } else { Cell::Text(Text::same("●")) });
                std::iter::once(Cell::Text(row.name.clone())).chain(cells).collect()
            })
            .collect(),
        note: print::fill(
            "● a standing list names something under the theme, by title; – none does. Titles say nothing of scope, weight or money.{0}",
            "● 现行清单中有条目按名称属于该主题；– 为无。名称不说明范围、分量和投入。{0}",
            &[&left_out(rest)],
        ),
    });
    Ok(())
}

/// Export controls and trade barriers aimed at the place or set by it.
fn barriers(
    engine: &Engine,
    around: &Around<'_>,
    day: Day,
    places: &Places,
    figures: &mut Figures,
    section: &mut Section,
) -> Result<(), StrategyError> {
    let registry = around.registry;
    let own = own_jurisdictions(around.place);
    let set_by_own = |e: &PolicyEvent| own.contains(&e.jurisdiction.as_str());
    let touched = |e: &PolicyEvent| !set_by_own(e) && own.iter().any(|code| e.touches(code));
    // what suspends, ends or eases a measure is told with the measure
    let lightens = |made: ChangeMade| matches!(made, ChangeMade::Suspends | ChangeMade::Ends | ChangeMade::Eases);
    let is_measure = |e: &PolicyEvent| e.kind.is_barrier() && !e.changes.iter().any(|(made, _)| lightens(*made));
    let mut found: Vec<(&PolicyEvent, BarrierStatus)> = registry
        .events()
        .iter()
        .filter(|e| is_measure(e) && (set_by_own(e) || touched(e)))
        .map(|e| (e, barrier_status(registry, e, day)))
        .filter(|(_, status)| *status != BarrierStatus::Ended)
        .collect();
    let tables = references(engine, &["events"])?;
    let matters = |e: &PolicyEvent| e.industries.iter().any(|i| around.matter.contains(i));
    let mut count = |kind: &str, label: Text, value: usize| {
        figures.add(NewFigure {
            id: &format!("policy/barriers_{kind}"),
            label,
            value: value as f64,
            unit: Unit::Count,
            period: Period::year(day.year()),
            rank: None,
            tables: tables.clone(),
            method: "listed-industry-bounds",
            formula: "number of export controls and trade barriers of the registry; in force: no end and no suspension is held",
            options: &[("as_of", day.to_string()), ("jurisdictions", own.join(", "))],
            inputs: vec![("measures that have not ended", found.len() as f64, "measures")],
        })
    };
    let in_force = |aimed: bool| found.iter().filter(|(e, status)| touched(e) == aimed && *status == BarrierStatus::InForce).count();
    let aimed = count("aimed_in_force", Text::new("barriers that reach it, in force", "及于其的壁垒：有效"), in_force(true));
    let set = count("set_in_force", Text::new("barriers it set, in force", "其设置的壁垒：有效"), in_force(false));
    let weighty = count(
        "on_what_matters",
        Text::new("barriers that touch an industry that matters here", "涉及本地重要产业的壁垒"),
        found.iter().filter(|(e, _)| matters(e)).count(),
    );
    section.text.push(figures.sentence(
        "On {3}, {0} export controls and trade barriers of the registry that reach it were in force, and {1} that it set (or its country or union). With those suspended, {2} touch industries that matter here. The registry need not hold every measure.",
        "截至 {3}，登记表中及于其的出口管制和贸易壁垒有 {0} 项有效，其（或所属国家、联盟）设置的有 {1} 项有效。连同暂停者，其中 {2} 项涉及本地重要产业。登记表未必收录全部措施。",
        &[&aimed, &set, &weighty],
        &[&Text::same(day.to_string())],
    ));
    if found.is_empty() {
        return Ok(());
    }
    // what is suspended first, because what follows is open; then what reaches the place before what it set
    found.sort_by_key(|(e, status)| (!matters(e), *status == BarrierStatus::InForce, set_by_own(e), std::cmp::Reverse(e.date.first_day())));
    let rest = found.len().saturating_sub(BARRIER_ROWS);
    section.tables.push(Table {
        id: "barriers".into(),
        title: Text::new("Barriers that touch this place", "涉及本地的壁垒"),
        columns: vec![
            Column { label: Text::new("Since", "起始"), format: None },
            Column { label: Text::new("By → against", "设置方 → 针对"), format: None },
            Column { label: Text::new("Measure", "措施"), format: None },
            Column { label: print::fill("Standing on {0}", "{0} 的状态", &[&Text::same(day.to_string())]), format: None },
            Column { label: Text::new("Industries", "产业"), format: None },
        ],
        rows: found
            .iter()
            .take(BARRIER_ROWS)
            .map(|(e, status)| {
                let industries: Vec<Text> =
                    e.industries.iter().filter_map(|id| registry.industry(id).ok()).map(|i| marked(around, &i.id, &i.name)).collect();
                let against: Vec<Text> = e.against.iter().map(|code| name(places, code)).collect();
                vec![
                    Cell::Text(Text::same(e.date.to_string())),
                    Cell::Text(print::fill("{0} → {1}", "{0} → {1}", &[&name(places, &e.jurisdiction), &print::list(&against)])),
                    Cell::Text(e.title.clone()),
                    Cell::Text(standing_of(registry, e, *status)),
                    if industries.is_empty() { Cell::Missing } else { Cell::Text(print::list(&industries)) },
                ]
            })
            .collect(),
        note: print::fill(
            "★ matters here. Of the registry, to its last day; what came later, also after the end of a suspension, is not known to it. In force: no end and no suspension is held.{0}",
            "★ 为本地重要产业。据登记表，至其最后一日；其后情况（包括暂停期满之后）登记表不详。“有效”指未见终止或暂停。{0}",
            &[&left_out(rest)],
        ),
    });
    Ok(())
}

/// How a measure stands, with its own end, and what eased it.
fn standing_of(registry: &Registry, event: &PolicyEvent, status: BarrierStatus) -> Text {
    let mut text = status.text();
    if let BarrierStatus::Suspended(Some(_)) = status {
        text = print::fill("{0}; then not known", "{0}，其后不详", &[&text]);
    }
    if let (BarrierStatus::InForce, Some(until)) = (status, event.until) {
        text = print::fill("{0}, until {1}", "{0}，至 {1}", &[&text, &Text::same(until.to_string())]);
    }
    let eased = registry.events().iter().rfind(|e| e.changes.iter().any(|(made, id)| *made == ChangeMade::Eases && *id == event.id));
    match eased {
        Some(by) => print::fill("{0}; eased {1}", "{0}；{1} 放宽", &[&text, &Text::same(by.date.to_string())]),
        None => text,
    }
}
