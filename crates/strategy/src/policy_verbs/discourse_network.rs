use crate::{Chart, ChartKind, Format, LineSeries, NetworkLink, NetworkNode, StrategyError};
use complexity::{GraphLayoutOptions, graph_layout};
use frame::{Labels, Text};
use serde::Serialize;

/// A term in the network of terms.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DiscourseNode {
    /// Its id.
    pub term: String,
    /// Its name.
    pub name: Text,
    /// Its group.
    pub group: String,
    /// Windows with it.
    pub windows: u64,
}

/// Two terms that are said together more often than by chance.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DiscourseLink {
    /// One of them.
    pub from: String,
    /// The other.
    pub to: String,
    /// Windows with both.
    pub windows: u64,
    /// Normalised pointwise mutual information.
    pub npmi: f64,
    /// Log-likelihood ratio.
    pub log_likelihood: f64,
}

/// The network of terms: those that occur, and the pairs that go together.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct DiscourseNetwork {
    /// The terms.
    pub nodes: Vec<DiscourseNode>,
    /// The pairs, the strongest first.
    pub links: Vec<DiscourseLink>,
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            c if c.is_control() && c != '\t' => out.push(' '),
            c => out.push(c),
        }
    }
    out
}

impl DiscourseNetwork {
    /// The network as GraphML, for Gephi, igraph and the like.
    pub fn graphml(&self) -> String {
        let mut out =
            String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<graphml xmlns=\"http://graphml.graphdrawing.org/xmlns\">\n");
        for (id, of, kind) in [
            ("name_en", "node", "string"),
            ("name_zh", "node", "string"),
            ("group", "node", "string"),
            ("windows", "node", "long"),
            ("windows_with_both", "edge", "long"),
            ("npmi", "edge", "double"),
            ("log_likelihood", "edge", "double"),
        ] {
            out.push_str(&format!("  <key id=\"{id}\" for=\"{of}\" attr.name=\"{id}\" attr.type=\"{kind}\"/>\n"));
        }
        out.push_str("  <graph edgedefault=\"undirected\">\n");
        for node in &self.nodes {
            let data = [("name_en", &node.name.en), ("name_zh", &node.name.zh), ("group", &node.group)];
            let data: String = data.iter().map(|(key, text)| format!("<data key=\"{key}\">{}</data>", escaped(text))).collect();
            out.push_str(&format!("    <node id=\"{}\">{data}<data key=\"windows\">{}</data></node>\n", escaped(&node.term), node.windows));
        }
        for link in &self.links {
            out.push_str(&format!(
                "    <edge source=\"{}\" target=\"{}\"><data key=\"windows_with_both\">{}</data><data key=\"npmi\">{}</data><data key=\"log_likelihood\">{}</data></edge>\n",
                escaped(&link.from), escaped(&link.to), link.windows, link.npmi, link.log_likelihood
            ));
        }
        out.push_str("  </graph>\n</graphml>\n");
        out
    }

    /// A picture of the network: at most `links` of its strongest links and the terms they join.
    ///
    /// # Errors
    /// What laying it out reports.
    pub(super) fn picture(&self, caption: Text, links: usize) -> Result<Option<Chart>, StrategyError> {
        const FRAME: (f64, f64) = (1280.0, 860.0);
        let strongest: Vec<&DiscourseLink> = self.links.iter().take(links).collect();
        let joined = |node: &&DiscourseNode| strongest.iter().any(|link| link.from == node.term || link.to == node.term);
        let nodes: Vec<&DiscourseNode> = self.nodes.iter().filter(joined).collect();
        if nodes.is_empty() {
            return Ok(None);
        }
        let labels = Labels::new("terms", nodes.iter().map(|node| node.term.clone()))?;
        let ends = |link: &DiscourseLink| Some((labels.position(&link.from)?, labels.position(&link.to)?));
        let edges: Vec<(usize, usize, f64)> =
            strongest.iter().filter_map(|link| ends(link).map(|(a, b)| (a, b, link.npmi.max(0.0)))).collect();
        let largest = nodes.iter().map(|node| node.windows).max().unwrap_or(1).max(1) as f64;
        let radii: Vec<f64> = nodes.iter().map(|node| (24.0 * (node.windows as f64 / largest).sqrt()).max(4.0)).collect();
        let layout = GraphLayoutOptions { width: FRAME.0, height: FRAME.1, ..GraphLayoutOptions::default() };
        let placed = graph_layout(&labels, &edges, &radii, &layout)?;
        let mut groups: Vec<&str> = Vec::new();
        for node in &nodes {
            if !groups.contains(&node.group.as_str()) {
                groups.push(&node.group);
            }
        }
        let tenth = |v: f64| (v * 10.0).round() / 10.0;
        let drawn = nodes.iter().enumerate().map(|(at, node)| NetworkNode {
            code: node.term.clone(),
            label: node.name.clone(),
            x: tenth(placed.x[at]),
            y: tenth(placed.y[at]),
            radius: tenth(radii[at]),
            size: node.windows as f64,
            group: groups.iter().position(|group| *group == node.group).unwrap_or(0),
            present: ["layer", "enabler"].contains(&node.group.as_str()),
            labelled: true,
        });
        let kind = ChartKind::Network {
            size_label: Text::new("Windows with the term", "含该词的窗口数"),
            size_format: Format::Whole,
            present_label: Text::new("layers and enablers", "三个层次与支撑要素"),
            absent_label: Text::new("other terms", "其他词语"),
            groups: groups.iter().map(|group| group_name(group)).collect(),
            frame: FRAME,
            nodes: drawn.collect(),
            links: edges.iter().map(|(from, to, weight)| NetworkLink { from: *from, to: *to, weight: *weight, in_tree: false }).collect(),
        };
        let title = Text::new("Terms that are said together", "词语共现网络");
        Ok(Some(Chart { id: "discourse_network".to_owned(), title, caption, kind }))
    }
}

fn group_name(group: &str) -> Text {
    match group {
        "concept" => Text::new("concepts", "概念"),
        "layer" => Text::new("layers", "层次"),
        "enabler" => Text::new("enablers", "支撑要素"),
        "traditional" => Text::new("traditional industries", "传统产业"),
        "emerging" => Text::new("emerging industries", "新兴产业"),
        "future" => Text::new("future industries", "未来产业"),
        "instrument" => Text::new("policy means", "政策工具"),
        "user" => Text::new("your terms", "自定词语"),
        other => Text::same(other),
    }
}

/// A picture of terms over years.
pub(super) fn years_picture(caption: Text, years: Vec<i32>, series: Vec<(Text, Vec<Option<f64>>)>) -> Option<Chart> {
    if years.is_empty() || series.is_empty() {
        return None;
    }
    let series = series.into_iter().enumerate().map(|(at, (label, values))| LineSeries { label, values, highlighted: at == 0 }).collect();
    Some(Chart {
        id: "discourse_years".to_owned(),
        title: Text::new("Terms over the years, occurrences per 10,000 words", "历年词频（每万词次数）"),
        caption,
        kind: ChartKind::Lines { years, format: Format::Decimal(1), series },
    })
}
