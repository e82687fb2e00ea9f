//! The product space as every country's dossier draws it: laid out once, marked for each place.

use crate::engine::Engine;
use crate::industry_verbs::Standing;
use crate::{Chart, ChartKind, Format, PictureNode, PictureOptions, StrategyError, print, relatedness_picture};
use complexity::{RelatednessNetworkOptions, relatedness_network_from_matrix};
use frame::{LabelledMatrix, Labels, Place, Text};
use std::collections::BTreeMap;

/// Headings drawn: those with the largest world trade.
const DRAWN: usize = 400;
/// Sections with a colour of their own, the largest by trade; the rest share one.
const SECTIONS: usize = 9;
/// Names asked for, the largest nodes first.
const NAMES: usize = 40;

/// The network of the largest headings, placed; nothing is marked yet.
pub(crate) struct ProductSpacePicture {
    kind: ChartKind,
    /// The part of world trade in the headings drawn.
    share: f64,
}

/// The HS section of every heading.
pub(crate) fn sections_of(engine: &Engine, headings: &Labels) -> Result<Vec<String>, StrategyError> {
    let (of_headings, of_chapters) = (engine.workspace.classification("HS4")?, engine.workspace.classification("HS2")?);
    let section = |code: &str| -> Option<String> {
        let chapter = of_headings.get(code)?.parent.clone()?;
        of_chapters.get(&chapter)?.parent.clone()
    };
    Ok(headings.iter().map(|code| section(code).unwrap_or_else(|| "?".into())).collect())
}

impl ProductSpacePicture {
    pub(crate) fn of(engine: &Engine, standing: &Standing) -> Result<Self, StrategyError> {
        let headings = standing.values.columns();
        let trade = standing.values.column_sums();
        let mut order: Vec<usize> = (0..headings.len()).filter(|p| trade[*p] > 0.0).collect();
        order.sort_by(|a, b| trade[*b].total_cmp(&trade[*a]).then_with(|| headings.name(*a).cmp(headings.name(*b))));
        order.truncate(DRAWN);
        order.sort_unstable();
        // a proximity hangs on its two headings only, so the part taken out is exact
        let labels = Labels::new("headings", order.iter().map(|p| headings.name(*p)))?;
        let near = order.iter().flat_map(|a| order.iter().map(move |b| if a == b { 0.0 } else { standing.proximity.at(*a, *b) }));
        let near = LabelledMatrix::new(labels.clone(), labels.clone(), near.collect())?;
        let network = relatedness_network_from_matrix(&near, &RelatednessNetworkOptions::default())?;
        let sections = sections_of(engine, &labels)?;
        let mut sizes: BTreeMap<&str, f64> = BTreeMap::new();
        sections.iter().zip(&order).for_each(|(section, p)| *sizes.entry(section).or_default() += trade[*p]);
        let mut largest: Vec<(&str, f64)> = sizes.into_iter().collect();
        largest.sort_by(|a, b| b.1.total_cmp(&a.1).then_with(|| a.0.cmp(b.0)));
        largest.truncate(SECTIONS);
        let names = engine.workspace.classification("HS-SECTION")?;
        let mut groups: Vec<Text> = largest.iter().map(|(section, _)| names.name(section)).collect();
        groups.push(Text::new("Other sections", "其他类"));
        let of_headings = engine.workspace.classification("HS4")?;
        let nodes: Vec<PictureNode> = order
            .iter()
            .zip(&sections)
            .map(|(p, section)| PictureNode {
                name: of_headings.name(headings.name(*p)),
                size: trade[*p],
                group: largest.iter().position(|(own, _)| own == section).unwrap_or(largest.len()),
                present: false,
                marked: false,
            })
            .collect();
        let options = PictureOptions {
            size_label: Text::new("World trade", "世界贸易额"),
            size_format: Format::Usd,
            present_label: Text::default(),
            absent_label: Text::default(),
            groups,
            labels: NAMES,
        };
        let kind = relatedness_picture(&network, &nodes, &options)?;
        let share = order.iter().map(|p| trade[*p]).sum::<f64>() / trade.iter().sum::<f64>();
        Ok(ProductSpacePicture { kind, share })
    }

    /// The picture with what a place has.
    pub(crate) fn marked(&self, place: &Place, standing: &Standing, row: usize) -> Chart {
        let mut kind = self.kind.clone();
        if let ChartKind::Network { nodes, present_label, absent_label, .. } = &mut kind {
            *present_label = print::fill("{0} has it (RCA at least 1)", "{0}已具备（RCA ≥ 1）", &[&place.name]);
            *absent_label = Text::new("not there", "未具备");
            let headings = standing.values.columns();
            for node in nodes {
                node.present = headings.position(&node.code).is_some_and(|p| standing.all.presence.at(row, p));
            }
        }
        Chart {
            id: "product-space".into(),
            title: Text::new("Where it stands in the product space", "在产品空间中的位置"),
            caption: print::fill(
                "Product headings that the same places export with advantage lie together (proximity over the core, 2017; spanning tree and links of at least 0.55). Strong colour: held. Area: world trade. The {0} headings with the largest world trade are drawn, {1} of it.",
                "常由相同地区出口的产品品目彼此靠近（2017 年核心样本的邻近度；最大生成树与不低于 0.55 的联系）。深色为已具备，面积为世界贸易额。仅绘出世界贸易额最大的 {0} 个品目，占全部的 {1}。",
                &[&print::whole(DRAWN as f64), &print::share(self.share)],
            ),
            kind,
        }
    }
}
