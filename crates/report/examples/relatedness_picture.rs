//! Draws the relatedness network of a long table, with one place's presence marked, as SVG in both languages, and writes it as GraphML:
//! `cargo run --release -p xinzhi-report --example relatedness_picture -- TRADE.csv ACTIVITIES.csv PLACE FOLDER`.
//!
//! TRADE.csv: `place,activity,value`. ACTIVITIES.csv: `activity,name_en,name_zh,group_en,group_zh`, groups in the order of the legend.
#![allow(clippy::unwrap_used)]

use complexity::*;
use frame::{LabelledMatrix, Language, Text};
use std::collections::BTreeMap;
use std::error::Error;
use std::time::Instant;
use strategy::{Chart, Format, PictureNode, PictureOptions, relatedness_picture};
use xinzhi_report::{ChartStyle, svg};

fn timed<T>(what: &str, run: impl FnOnce() -> T) -> T {
    let start = Instant::now();
    let out = run();
    eprintln!("{what:<16} {:.3} s", start.elapsed().as_secs_f64());
    out
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [trade, activities, place, folder] = arguments.as_slice() else {
        return Err("usage: relatedness_picture TRADE.csv ACTIVITIES.csv PLACE FOLDER".into());
    };
    let mut rows: Vec<(String, String, f64)> = Vec::new();
    for record in csv::Reader::from_path(trade)?.records() {
        let record = record?;
        rows.push((record[0].to_owned(), record[1].to_owned(), record[2].parse()?));
    }
    let exports = LabelledMatrix::from_triplets("places", "activities", rows.iter().map(|r| (r.0.as_str(), r.1.as_str(), r.2)))?;
    let mut names: BTreeMap<String, (Text, usize)> = BTreeMap::new();
    let mut groups: Vec<Text> = Vec::new();
    for record in csv::Reader::from_path(activities)?.records() {
        let record = record?;
        let group = Text::new(&record[3], &record[4]);
        let at = groups.iter().position(|g| *g == group).unwrap_or_else(|| {
            groups.push(group);
            groups.len() - 1
        });
        names.insert(record[0].to_owned(), (Text::new(&record[1], &record[2]), at));
    }

    let held = presence(&revealed_comparative_advantage(&exports)?, Presence::default());
    let near = timed("proximity", || proximity(&held, Diagonal::Zero));
    let mut network = timed("network", || relatedness_network(&near, &RelatednessNetworkOptions::default()))?;
    let found = timed("communities", || communities(network.activities(), &network.weighted_edges(), &CommunityOptions::default()))?;
    network.set_communities(&found)?;
    let null = timed("null model", || bipartite_configuration_model(&held))?;
    let significance = timed("significance", || co_occurrence_significance(&held, &null, &SignificanceOptions::default()))?;
    network.set_significance(&significance)?;
    eprintln!(
        "{} nodes, {} links, {} trees, {} isolated, {} communities (Q {:.4}); null model off by {:.1e}; {} of {} pairs validated, {} of the links",
        network.nodes.len(),
        network.edges.len(),
        network.trees,
        network.isolated,
        found.sizes.len(),
        found.modularity,
        null.residual,
        significance.validated,
        significance.tests,
        network.edges.iter().filter(|e| e.validated == Some(true)).count()
    );

    let row = held.places().require(place)?;
    let world = exports.column_sums();
    let nodes: Vec<PictureNode> = network
        .nodes
        .iter()
        .enumerate()
        .map(|(i, node)| {
            let (name, group) = names.get(&node.activity).cloned().unwrap_or_else(|| (Text::same(&node.activity), 0));
            PictureNode { name, size: world[i], group, present: held.at(row, i), marked: false }
        })
        .collect();
    let options = PictureOptions {
        size_label: Text::new("World exports", "世界出口额"),
        size_format: Format::Usd,
        present_label: Text::new(format!("{place} has an advantage (RCA ≥ 1)"), format!("{place} 具有比较优势（RCA ≥ 1）")),
        absent_label: Text::new("no advantage", "无比较优势"),
        groups,
        labels: 80,
    };
    let kind = timed("layout", || relatedness_picture(&network, &nodes, &options).map_err(Box::new))?;
    let chart = Chart {
        id: "product-space".into(),
        title: Text::new("The product space", "产品空间"),
        caption: Text::new(
            "Each circle is a product; its area is world exports. Products are linked when places that export one with advantage tend to export the other too (proximity of at least 0.55, and the maximum spanning tree).",
            "每个圆为一个产品，面积为世界出口额。若出口其一（具有比较优势）的地区往往也出口另一个，则两者相连（邻近度不低于 0.55，以及最大生成树）。",
        ),
        kind,
    };
    std::fs::create_dir_all(folder)?;
    for (name, language) in [("en", Language::En), ("zh", Language::Zh)] {
        for width in [1280.0, 820.0, 360.0] {
            let drawn = timed("drawing", || svg(&chart, language, &ChartStyle { width, ..ChartStyle::default() }));
            std::fs::write(format!("{folder}/{place}_{name}_{width}.svg"), drawn)?;
        }
    }
    let attributes = [
        ("name", NodeAttribute::Text(nodes.iter().map(|n| n.name.en.clone()).collect())),
        ("size", NodeAttribute::Number(world)),
        ("present", NodeAttribute::Flag(nodes.iter().map(|n| n.present).collect())),
    ];
    std::fs::write(format!("{folder}/network.graphml"), graphml(&network, &attributes)?)?;
    Ok(())
}
