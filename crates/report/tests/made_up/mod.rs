//! A dossier made up for the tests: no number in it is about any real place. It holds what breaks drawings: markup in names, very long
//! names, absent cells, empty tables and charts, negative bars, a scatter of one point, a place too small to see.

use frame::{Evidence, Figure, Input, Period, Rank, TableReference, Text, Unit};
use strategy::*;

/// A name that must be escaped wherever it is printed.
pub const MARKUP: &str = "<script>alert(\"x\")</script> & 'Söhne' | *AG*";

fn text(en: &str, zh: &str) -> Text {
    Text::new(en, zh)
}

fn long() -> Text {
    text(
        "Machinery, plant or laboratory equipment, whether or not electrically heated, for the treatment of materials by a process involving a change of temperature, not elsewhere specified or included",
        "利用温度变化处理材料的机器、装置及类似的实验室设备，不论是否电热（不包括家用的机器、装置或设备），其他税目未列名的非电热快速热水器或贮备式热水器",
    )
}

fn figure(id: &str, label: Text, value: Option<f64>, unit: Unit, rank: Option<(usize, usize)>) -> Figure {
    let refused = value.is_none().then(|| text("too few years to say", "年份太少，无法判断"));
    Figure {
        id: format!("TST/{id}"),
        label,
        value,
        unit,
        period: Period::year(2017),
        rank: rank.map(|(rank, of)| Rank { rank, of }),
        refusal: refused,
        evidence: Evidence {
            tables: vec![TableReference {
                table: "made_up_exports".into(),
                sha256: "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef".into(),
                sources: vec!["made_up".into()],
            }],
            method: "revealed_comparative_advantage".into(),
            formula: "(x_pa / sum_a x_pa) / (sum_p x_pa / sum_pa x_pa) >= 1 & x < 2".into(),
            options: [("threshold".to_owned(), "1".to_owned()), ("diagonal".to_owned(), "excluded".to_owned())].into(),
            inputs: vec![Input { name: "exports".into(), value: 123_456_789.25, unit: "USD".into() }],
            engine: "0.1.0".into(),
        },
    }
}

fn item(code: &str, name: Text, n: usize) -> StrandItem {
    StrandItem {
        scheme: "HS4".into(),
        code: code.into(),
        name,
        listed: if n.is_multiple_of(2) {
            vec![("F3".into(), text("New energy", "新能源")), ("F7".into(), text("High-end equipment", "高端装备"))]
        } else {
            vec![]
        },
        reason: text(
            "Exported with advantage for ten years, growth below the world's, complexity above the place's average.",
            "十年来出口具有比较优势，增速低于世界平均，复杂度高于本地平均。",
        ),
        metrics: vec![
            Metric { label: text("Share of exports", "出口占比"), value: 0.034 / (n as f64 + 1.0), format: Format::Percent },
            Metric { label: text("RCA", "比较优势"), value: 2.31, format: Format::Decimal(2) },
            Metric { label: text("Density", "密度"), value: 0.27, format: Format::Percent },
        ],
        near: vec![text("Electric motors", "电动机"), Text::same(MARKUP)],
        evidence: vec![text("Made by Elsewhere between 1980 and 2017.", "“别处”在 1980 至 2017 年间实现。"), Text::same(MARKUP)],
    }
}

fn chart(id: &str, en: &str, zh: &str, kind: ChartKind) -> Chart {
    Chart {
        id: id.into(),
        title: text(en, zh),
        caption: text("Made up for the tests, 2017. Bars to the left are falls.", "测试用虚构数据，2017 年。"),
        kind,
    }
}

fn bars(id: &str, en: &str, zh: &str, series: Vec<Text>, rows: Vec<(Text, Vec<Option<f64>>, bool)>) -> Chart {
    let rows = rows.into_iter().map(|(label, values, highlighted)| BarRow { label, values, highlighted }).collect();
    chart(id, en, zh, ChartKind::Bars { format: Format::Percent, series, rows })
}

/// A pseudo-random number in 0..1 that is the same every time.
fn noise(n: usize) -> f64 {
    ((n as f64 * 12.9898).sin() * 43758.5453).rem_euclid(1.0)
}

fn timeline(id: &str, count: usize) -> Chart {
    let names = [
        text("A made-up plan for an industry that is not real, with targets for its share of output", "虚构的产业规划，含产出占比目标"),
        text("Made-up licences", "虚构的许可证管理"),
        text("A list of technologies, made up", "虚构的技术清单"),
        Text::same(MARKUP),
        long(),
    ];
    let entries = (0..count)
        .map(|n| {
            // many at the end, few at the start, as such lists are
            let start = 2009.0 + 17.0 * noise(n + 300).sqrt();
            let year = start.floor() as i32;
            TimelineEntry {
                label: names[n % names.len()].clone(),
                when: if n % 4 == 1 {
                    text(&format!("{year} to {}", year + 5), &format!("{year} 至 {} 年", year + 5))
                } else {
                    Text::same(year.to_string())
                },
                lane: n % 3,
                kind: n % 5,
                start,
                end: (n % 4 == 1).then(|| year_of_day(year + 5, 12, 32)),
                open: n % 7 == 2,
            }
        })
        .collect();
    let kinds = ["Plan|规划", "List|清单", "Export control|出口管制", "Trade barrier|贸易壁垒", "Talks|会谈"];
    chart(
        id,
        "What was decided, by whom",
        "谁作出了哪些决定",
        ChartKind::Timeline {
            kinds: kinds.iter().map(|k| k.split_once('|').map(|(a, b)| text(a, b)).unwrap()).collect(),
            lanes: vec![text("Testland", "测试国"), text("Elsewhere", "别处"), Text::same(MARKUP), text("Nobody", "无人")],
            known_to: (count > 1).then(|| year_of_day(2026, 5, 15)),
            entries,
        },
    )
}

fn scatter(id: &str, count: usize) -> Chart {
    let names = [
        text("Electric accumulators", "蓄电池"),
        text("Machine tools for working any material by removal", "特种加工机床"),
        text("Optical fibres", "光导纤维"),
        Text::same(MARKUP),
        long(),
    ];
    let points = (0..count)
        .map(|n| Point {
            label: if n < 12 { names[n % names.len()].clone() } else { Text::same(format!("HS4 {:04}", n)) },
            x: 0.05 + 0.4 * noise(n),
            y: -2.0 + 4.0 * noise(n + 7000),
            size: 1e9 * noise(n + 9000).powi(4),
            group: n % 4,
            labelled: n < 12,
        })
        .collect();
    chart(
        id,
        "What is near and complex: candidates to foster lie to the upper right",
        "又近又复杂：右上方为值得培育的产品",
        ChartKind::Scatter {
            x_label: text("Density: how much of what it needs is here", "密度：本地已具备多少相关能力"),
            y_label: text("Product complexity", "产品复杂度"),
            x_format: Format::Percent,
            y_format: Format::Decimal(2),
            groups: vec![
                text("Other products", "其他产品"),
                text("Transform", "改造提升"),
                text("Foster", "培育壮大"),
                text("Build", "布局建设"),
            ],
            points,
        },
    )
}

fn map_shape(place: &str, name: Text, (lon, lat): (f32, f32), size: f32, value: Option<f64>, highlighted: bool) -> MapShape {
    let ring = vec![(lon, lat), (lon + size, lat), (lon + size, lat + size), (lon, lat + size), (lon, lat)];
    MapShape { place: place.into(), label: name, rings: vec![ring], value, highlighted }
}

fn network(id: &str, count: usize) -> Chart {
    let nodes: Vec<NetworkNode> = (0..count)
        .map(|n| NetworkNode {
            code: format!("{n:04}"),
            label: if n == 3 {
                Text::same(MARKUP)
            } else if n == 4 {
                long()
            } else {
                text(&format!("Product {n}"), &format!("产品{n}"))
            },
            x: 20.0 + 1240.0 * noise(n + 40),
            y: 20.0 + 820.0 * noise(n + 5000),
            radius: 3.0 + 20.0 * noise(n + 600).powi(8),
            size: 1e11 * noise(n + 600).powi(16),
            group: n % 3,
            present: n.is_multiple_of(4),
            labelled: n < 24,
        })
        .collect();
    let links = (1..count).map(|n| NetworkLink { from: n / 2, to: n, weight: 0.6, in_tree: n.is_multiple_of(2) }).collect();
    chart(
        id,
        "Where it stands among related products",
        "在相关产品中的位置",
        ChartKind::Network {
            size_label: text("World exports", "世界出口额"),
            size_format: Format::Usd,
            present_label: text("has it", "具备"),
            absent_label: text("has it not", "不具备"),
            groups: vec![text("Machinery", "机械"), text("Chemicals & <others>", "化工"), text("Other products", "其他产品")],
            frame: (1280.0, 860.0),
            nodes,
            links,
        },
    )
}

/// The made-up dossier.
pub fn dossier() -> Dossier {
    let figures = vec![
        figure(
            "chain/foreign_share",
            text("Foreign value added in exports", "出口中的国外增加值"),
            Some(0.234),
            Unit::Share,
            Some((31, 40)),
        ),
        figure(
            "growth/productivity",
            text("Growth of total factor productivity", "全要素生产率增速"),
            Some(-0.012),
            Unit::AnnualGrowth,
            Some((112, 113)),
        ),
        figure("industry/complexity", text("Economic complexity", "经济复杂度"), Some(1.074), Unit::Ratio, Some((22, 143))),
        figure("industry/exports", Text::same(MARKUP), Some(2.31e12), Unit::Usd, Some((1, 143))),
        figure("talent/years", text("Years of schooling", "受教育年限"), Some(7.6), Unit::Named(text("years", "年")), None),
        figure("technology/maturity", text("Maturity of its technology", "技术成熟度"), None, Unit::Ratio, None),
    ];
    let id = |n: usize| figures[n].id.clone();
    let charts = vec![
        scatter("space", 400),
        bars(
            "specialisation",
            "Textiles still weigh most, electronics grow fastest",
            "纺织占比最高，电子增长最快",
            vec![text("Share", "份额")],
            vec![
                (text("Textiles", "纺织"), vec![Some(0.214)], false),
                (long(), vec![Some(0.12)], true),
                (text("Electronics", "电子"), vec![Some(-0.084)], false),
                (Text::same(MARKUP), vec![None], false),
                (text("Chemicals", "化工"), vec![Some(0.0)], false),
            ],
        ),
        bars(
            "growth",
            "Growth came from capital",
            "增长主要来自资本",
            vec![text("Capital", "资本"), text("Labour", "劳动"), text("Productivity", "生产率")],
            vec![
                (text("1995–2000", "1995—2000"), vec![Some(0.051), Some(0.012), Some(-0.021)], false),
                (text("2000–2007", "2000—2007"), vec![Some(0.047), Some(0.006), Some(0.032)], true),
                (text("2007–2017", "2007—2017"), vec![Some(0.06), None, Some(-0.004)], false),
            ],
        ),
        chart(
            "flow",
            "Where the value in the exports of electronics comes from",
            "电子产品出口中的增加值来自何处",
            ChartKind::Flow {
                format: Format::Usd,
                nodes: [
                    "Here|本地",
                    "Japan|日本",
                    "Korea|韩国",
                    "United States of America|美利坚合众国",
                    "Rest of the world|世界其他",
                    "Electronics|电子",
                    "Machinery|机械",
                    "Europe|欧洲",
                    "Asia|亚洲",
                ]
                .iter()
                .enumerate()
                .map(|(i, name)| {
                    let (en, zh) = name.split_once('|').unwrap();
                    FlowNode {
                        label: text(en, zh),
                        column: if i < 5 {
                            0
                        } else if i < 7 {
                            1
                        } else {
                            2
                        },
                    }
                })
                .collect(),
                links: [
                    (0, 5, 310.0),
                    (0, 6, 120.0),
                    (1, 5, 60.0),
                    (2, 5, 44.0),
                    (3, 5, 38.0),
                    (3, 6, 9.0),
                    (4, 6, 1.0),
                    (5, 7, 220.0),
                    (5, 8, 232.0),
                    (6, 7, 90.0),
                    (6, 8, 40.0),
                    (8, 8, 5.0),
                    (0, 99, 5.0),
                ]
                .iter()
                .map(|(from, to, value)| FlowLink { from: *from, to: *to, value: value * 1e9 })
                .collect(),
            },
        ),
        chart(
            "heat",
            "Exposure to suppliers by industry",
            "各行业对供应方的依赖",
            ChartKind::HeatMap {
                rows: vec![
                    text("Electronics", "电子"),
                    text("Machinery and equipment", "机械设备"),
                    text("Chemicals", "化工"),
                    text("Transport equipment", "交通运输设备"),
                ],
                columns: [
                    "Japan|日本",
                    "Korea|韩国",
                    "United States|美国",
                    "Germany|德国",
                    "Taiwan|台湾",
                    "Australia|澳大利亚",
                    "Russia|俄罗斯",
                ]
                .iter()
                .map(|n| n.split_once('|').map(|(a, b)| text(a, b)).unwrap())
                .collect(),
                values: (0..4).map(|r| (0..7).map(|c| (r + c != 5).then(|| 3.0 * noise(r * 7 + c).powi(2))).collect()).collect(),
                midpoint: 1.0,
                format: Format::Decimal(2),
            },
        ),
        chart(
            "lines",
            "Output per worker caught up until 2011",
            "劳动生产率追赶至 2011 年",
            ChartKind::Lines {
                years: (1995..=2017).collect(),
                format: Format::Whole,
                series: ["Testland|测试国", "Japan|日本", "Korea|韩国", "Viet Nam|越南", "Comparable places|可比地区"]
                    .iter()
                    .enumerate()
                    .map(|(s, name)| LineSeries {
                        label: name.split_once('|').map(|(a, b)| text(a, b)).unwrap(),
                        values: (0..23)
                            .map(|y| (s != 3 || y % 7 != 3).then_some(9000.0 + 4000.0 * s as f64 + 700.0 * y as f64 * (1.0 + noise(s))))
                            .collect(),
                        highlighted: s == 0,
                    })
                    .collect(),
            },
        ),
        chart(
            "map",
            "Economic complexity in the world",
            "世界各地的经济复杂度",
            ChartKind::Map {
                legend: text("Economic complexity index", "经济复杂度指数"),
                format: Format::Decimal(2),
                projection: "world".into(),
                shapes: vec![
                    map_shape("AAA", text("A-land", "甲国"), (-120.0, -30.0), 60.0, Some(1.2), false),
                    map_shape("BBB", Text::same(MARKUP), (0.0, 0.0), 50.0, Some(-0.4), false),
                    map_shape("CCC", text("C-land", "丙国"), (80.0, 20.0), 40.0, None, false),
                    map_shape("TST", text("Testland", "测试国"), (103.0, 1.0), 0.4, Some(2.0), true),
                ],
            },
        ),
        chart(
            "provinces",
            "A part of a country",
            "国家的一部分",
            ChartKind::Map {
                legend: text("Share", "份额"),
                format: Format::Percent,
                projection: "china".into(),
                shapes: vec![
                    map_shape("P1", text("One", "一"), (100.0, 30.0), 8.0, Some(0.2), true),
                    map_shape("P2", text("Two", "二"), (108.0, 30.0), 8.0, Some(0.3), false),
                ],
            },
        ),
        timeline("timeline", 40),
        timeline("one_entry", 1),
        timeline("no_entry", 0),
        scatter("one_point", 1),
        scatter("no_point", 0),
        bars("no_bar", "Nothing", "空", vec![text("Share", "份额")], vec![]),
        bars("absent_bar", "Nothing known", "全部缺失", vec![text("Share", "份额")], vec![(text("A", "甲"), vec![None], false)]),
        network("related", 200),
        network("one_node", 1),
        network("no_node", 0),
        chart("no_line", "No line", "无线", ChartKind::Lines { years: vec![], format: Format::Whole, series: vec![] }),
        chart("no_flow", "No flow", "无流", ChartKind::Flow { format: Format::Usd, nodes: vec![], links: vec![] }),
        chart(
            "no_cell",
            "No cell",
            "无格",
            ChartKind::HeatMap { rows: vec![], columns: vec![], values: vec![], midpoint: 1.0, format: Format::Whole },
        ),
        chart(
            "no_map",
            "No map",
            "无图",
            ChartKind::Map { legend: text("x", "x"), format: Format::Whole, projection: "world".into(), shapes: vec![] },
        ),
    ];
    let columns = vec![
        Column { label: text("Product", "产品"), format: None },
        Column { label: text("Exports", "出口额"), format: Some(Format::Usd) },
        Column { label: text("Share", "份额"), format: Some(Format::Percent) },
        Column { label: text("Specialisation (RCA)", "比较优势"), format: Some(Format::Decimal(2)) },
        Column { label: text("Since", "起始年"), format: Some(Format::Year) },
        Column { label: text("Listed as", "列入"), format: None },
    ];
    let row = |name: Text, n: f64| {
        vec![
            Cell::Text(name),
            Cell::Number(n * 1e9),
            Cell::Number(n / 300.0),
            Cell::Missing,
            Cell::Number(2008.0),
            Cell::Text(text("New energy", "新能源")),
        ]
    };
    let table = Table {
        id: "products".into(),
        title: text("The largest exports", "最大出口产品"),
        columns: columns.clone(),
        rows: vec![
            row(text("Integrated circuits", "集成电路"), 63.2),
            row(long(), 12.0),
            row(Text::same(MARKUP), -0.4),
            vec![Cell::Text(text("A short row", "短行"))],
        ],
        note: text("Made up for the tests. RCA of 1 is the world's average.", "测试用虚构数据。比较优势为 1 即世界平均。"),
    };
    let empty = Table { id: "empty".into(), title: text("A table without rows", "空表"), columns, rows: vec![], note: Text::default() };
    let sentence = |en: &str, zh: &str, figures: Vec<String>| Sentence { text: text(en, zh), figures };
    let section = |id: &str, en: &str, zh: &str, charts: Vec<Chart>, tables: Vec<Table>| Section {
        id: id.into(),
        title: text(en, zh),
        text: vec![sentence(
            "Of every dollar exported, 23.4% was earned abroad; complexity is 1.07, and 2.31 of something else is not a figure.",
            "每一美元出口中有 23.4% 由国外创造；复杂度为 1.07。",
            vec![id_of("chain/foreign_share"), id_of("industry/complexity"), id_of("talent/years")],
        )],
        charts,
        tables,
        missing: vec![text("Nothing is said about patents: the workspace has none for this place.", "未涉及专利：数据中没有本地专利。")],
        source_line: text("Exports 2017 · Made-up Statistical Office", "2017 年出口 · 虚构统计局"),
    };
    let strand = |id: &str, en: &str, zh: &str, items: Vec<StrandItem>, missing: Option<Text>| Strand {
        id: id.into(),
        title: text(en, zh),
        rule: text(
            "Held with RCA of at least 1, share above 0.5%, growth below the world's. Ranked by share.",
            "RCA 不低于 1、份额高于 0.5%、增速低于世界。按份额排序。",
        ),
        items,
        missing,
    };
    Dossier {
        schema_version: SCHEMA_VERSION,
        engine: "0.1.0".into(),
        workspace: "Made-up data for tests".into(),
        place: PlaceHeader {
            code: "TST".into(),
            name: text("Testland", "测试国"),
            level: "province".into(),
            parent: Some(text("Nowhere", "乌有国")),
        },
        summary: vec![
            sentence(
                "Testland exported $2.31 trillion in 2017, more than any other of 143 places.",
                "2017 年测试国出口 2.31 万亿美元，居 143 个地区之首。",
                vec![id(3)],
            ),
            sentence("Productivity fell by −1.2% a year; growth came from capital.", "生产率年均 −1.2%；增长来自资本。", vec![id(1)]),
            sentence(
                "Its exports are complex (1.07, 22nd of 143) and lean on foreign inputs (23.4%).",
                "出口复杂度较高（1.07，第 22 位），依赖国外投入（23.4%）。",
                vec![id(2), id(0)],
            ),
            Sentence { text: Text::same(MARKUP), figures: vec!["TST/not/there".into()] },
        ],
        headline: vec![id(3), id(2), id(1), id(0), id(5), "TST/not/there".into()],
        strands: vec![
            strand(
                "transform",
                "Transform",
                "改造提升",
                vec![
                    item("6109", text("T-shirts, singlets and other vests", "T 恤衫"), 0),
                    item("9403", Text::same(MARKUP), 1),
                    item("8419", long(), 2),
                ],
                None,
            ),
            strand(
                "foster",
                "Foster",
                "培育壮大",
                vec![
                    item("8507", text("Electric accumulators", "蓄电池"), 0),
                    item("8541", text("Semiconductor devices", "半导体器件"), 3),
                ],
                None,
            ),
            strand(
                "build",
                "Build",
                "布局建设",
                vec![],
                Some(text("No listed future industry has a product in the trade data.", "未来产业在贸易数据中没有对应产品。")),
            ),
        ],
        sections: vec![
            section("industry", "Industry", "产业", charts, vec![table, empty]),
            section("chain", "Chain", "产业链", vec![], vec![]),
        ],
        figures: figures.clone(),
        sources: vec![
            Source {
                id: "made_up".into(),
                producer: "Made-up Statistical Office".into(),
                title: "Exports that never were".into(),
                vintage: "2017".into(),
                licence: "CC0".into(),
                licence_status: "stated".into(),
                citation: "Made up for the tests of the report (2017).".into(),
                url: "https://example.org/made-up".into(),
                tables: vec!["made_up_exports".into()],
            },
            Source {
                id: "bad_address".into(),
                producer: MARKUP.into(),
                title: "A source with a hostile address".into(),
                vintage: String::new(),
                licence: "unknown".into(),
                licence_status: "expected".into(),
                citation: String::new(),
                url: "javascript:alert(1)".into(),
                tables: vec![],
            },
        ],
        limits: vec![text("Everything here is made up for the tests.", "以上内容均为测试而虚构。")],
    }
}

fn id_of(id: &str) -> String {
    format!("TST/{id}")
}
