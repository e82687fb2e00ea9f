//! The places most like a country, and how it stands against them.

use crate::engine::TRADE_YEAR;
use crate::figures::{Figures, NewFigure};
use crate::world_industry::WorldIndustry;
use crate::{Cell, Column, Format, Section, StrategyError, Table, print};
use frame::{Classification, Period, Place, TableReference, Text, Unit};
use industry::{FitReference, PeerInput, PeerOptions, PeerWeights, Quadrant, StructureMeasure, peers, strengths_and_weaknesses};

/// Peers named.
const PEERS: usize = 5;
/// Headings a quadrant.
const HEADINGS: usize = 5;

pub(crate) fn write(
    world: &WorldIndustry,
    place: &Place,
    headings: &Classification,
    tables: &[TableReference],
    figures: &mut Figures,
    section: &mut Section,
) -> Result<(), StrategyError> {
    let (panel, standing) = (&world.panel, &world.tracks.standing);
    let income = panel.of_places(&panel.income, standing.period)?;
    let size = panel.of_places(&panel.population, standing.period)?;
    let known = |figures: &Option<frame::LabelledVector>| {
        figures.as_ref().and_then(|f| f.get(&place.code)).is_some_and(|v| v.is_finite() && v > 0.0)
    };
    let weight = |known: bool| f64::from(u8::from(known));
    let (has_income, has_size) = (known(&income), known(&size));
    let options = PeerOptions {
        structure: StructureMeasure::CosineShares,
        // what is not known of the place cannot be compared
        weights: PeerWeights { structure: 1.0, income: weight(has_income), size: weight(has_size) },
        count: PEERS,
    };
    // a territory of a few thousand people is nobody's peer
    let comparable = |other: &str| other == place.code || world.core.position(other).is_some();
    let values = standing.values.select_rows(comparable)?;
    let density = standing.all.density.select_rows(comparable)?;
    let presence = standing.all.presence.select_places(values.rows().iter())?;
    let input = PeerInput { values: &values, presence: &presence, income: income.as_ref(), size: size.as_ref() };
    let found = peers(&input, &place.code, &options)?.combined;
    if found.peers.is_empty() {
        section.missing.extend(found.missing);
        return Ok(());
    }
    let name = |code: &str| panel.names.get(code).cloned().unwrap_or_else(|| Text::same(code));
    let eci = |code: &str| standing.all.eci.get(code).unwrap_or(f64::NAN);
    let mut indices: Vec<f64> = found.peers.iter().map(|p| eci(&p.place)).filter(|v| v.is_finite()).collect();
    indices.sort_by(f64::total_cmp);
    let middle = match indices.len() {
        0 => f64::NAN,
        n => f64::midpoint(indices[(n - 1) / 2], indices[n / 2]),
    };
    let median = figures.add(NewFigure {
        id: "industry/peers_eci",
        label: Text::new("Median complexity of its peers", "同类经济体经济复杂度的中位数"),
        value: middle,
        unit: Unit::Ratio,
        period: Period::year(TRADE_YEAR),
        rank: None,
        tables: tables.to_vec(),
        method: "peers",
        formula: "median ECI of the 5 places of the core with the smallest mean of the standardised differences of structure, income and size",
        options: &[
            ("structure", "cosine of export shares".into()),
            ("income", if has_income { "GDP a head, logarithm".into() } else { "not known, left out".into() }),
            ("size", if has_size { "population, logarithm".into() } else { "not known, left out".into() }),
            ("peers", found.peers.iter().map(|p| p.place.as_str()).collect::<Vec<_>>().join(", ")),
        ],
        inputs: vec![],
    });
    let names: Vec<Text> = found.peers.iter().map(|p| name(&p.place)).collect();
    section.text.push(figures.sentence(
        "The economies most like it are {1}; the median of their complexity indices is {0}.",
        "与其最相近的经济体为{1}，其经济复杂度指数的中位数为{0}。",
        &[&median],
        &[&print::list(&names)],
    ));
    let number = |value: f64| if value.is_finite() { Cell::Number(value) } else { Cell::Missing };
    section.tables.push(Table {
        id: "peers".into(),
        title: Text::new("The economies most like it", "最相近的经济体"),
        columns: vec![
            Column { label: Text::new("Economy", "经济体"), format: None },
            Column { label: Text::new("Distance", "距离"), format: Some(Format::Decimal(2)) },
            Column { label: Text::new("Likeness of exports", "出口结构相似度"), format: Some(Format::Decimal(2)) },
            Column { label: Text::new("Income, times its", "收入为其倍数"), format: Some(Format::Decimal(2)) },
            Column { label: Text::new("Population, times its", "人口为其倍数"), format: Some(Format::Decimal(2)) },
            Column { label: Text::new("ECI", "ECI"), format: Some(Format::Decimal(2)) },
        ],
        rows: found
            .peers
            .iter()
            .map(|p| {
                vec![
                    Cell::Text(name(&p.place)),
                    number(p.distance),
                    number(p.similarity),
                    number(p.income_difference.exp()),
                    number(p.size_difference.exp()),
                    number(eci(&p.place)),
                ]
            })
            .collect(),
        note: print::fill("{0} Places of the core only; 2017.", "{0}仅在核心样本中选取；2017 年。", &[&found.rule]),
    });
    let codes: Vec<&str> = found.peers.iter().map(|p| p.place.as_str()).collect();
    // against the peers' median a place more diverse than its peers would fit nearly everywhere, a less diverse one nowhere
    let stands = strengths_and_weaknesses(&values, &density, &place.code, &codes, FitReference::OwnMean)?;
    let wanted = [Quadrant::Strength, Quadrant::Opportunity, Quadrant::Weakness, Quadrant::Threat];
    let rows: Vec<Vec<Cell>> = stands
        .quadrants
        .iter()
        .filter(|list| wanted.contains(&list.quadrant))
        .flat_map(|list| {
            list.activities.iter().take(HEADINGS).map(|a| {
                vec![
                    Cell::Text(list.quadrant.name()),
                    Cell::Text(Text::same(a.activity.clone())),
                    Cell::Text(headings.name(&a.activity)),
                    number(a.share),
                    number(a.peers_share),
                    number(a.relative_presence),
                    number(a.fit),
                ]
            })
        })
        .collect();
    if rows.is_empty() {
        return Ok(());
    }
    let counts: Vec<Text> = stands
        .quadrants
        .iter()
        .filter(|list| wanted.contains(&list.quadrant))
        .map(|list| print::fill("{0} {1}", "{0} {1} 项", &[&list.quadrant.name(), &print::whole(list.activities.len() as f64)]))
        .collect();
    section.tables.push(Table {
        id: "against-peers".into(),
        title: Text::new("Strengths, opportunities, weaknesses and threats against them", "相对同类的优势、机会、劣势与威胁"),
        columns: vec![
            Column { label: Text::new("Stands as", "属于"), format: None },
            Column { label: Text::new("HS", "HS"), format: None },
            Column { label: Text::new("Product", "产品"), format: None },
            Column { label: Text::new("Share of its exports", "占其出口"), format: Some(Format::Percent) },
            Column { label: Text::new("Mean share at the peers", "同类平均占比"), format: Some(Format::Percent) },
            Column { label: Text::new("Times the peers", "为同类倍数"), format: Some(Format::Decimal(2)) },
            Column { label: Text::new("Fit", "适配度"), format: Some(Format::Decimal(2)) },
        ],
        rows,
        note: print::fill(
            "Strength: share at least the peers' mean, and it fits; opportunity: smaller share, though it fits; weakness: smaller share and no fit; threat: larger share, though it does not fit. Fit: its density around the heading, in deviations from the mean over all its headings; 0 or more fits. The five largest of each; in all {0}. 2017.",
            "优势：占比不低于同类平均且适配；机会：占比较低但适配；劣势：占比较低且不适配；威胁：占比较高但不适配。适配度为其在该品目周围的密度与全部品目均值之差（以标准差计），不低于 0 为适配。每类列出最大的五项；合计{0}。2017 年。",
            &[&print::list(&counts)],
        ),
    });
    Ok(())
}
