use crate::{ComplexityError, RelatednessNetwork};
use frame::FrameError;
use std::fmt::Write;

/// A column of further node attributes for [`graphml`], one value a node; a number that is not finite is left out.
#[derive(Debug, Clone, PartialEq)]
pub enum NodeAttribute {
    /// Text (`string`).
    Text(Vec<String>),
    /// Numbers (`double`).
    Number(Vec<f64>),
    /// Whole numbers (`long`).
    Whole(Vec<i64>),
    /// Yes or no (`boolean`).
    Flag(Vec<bool>),
}

impl NodeAttribute {
    fn len(&self) -> usize {
        match self {
            NodeAttribute::Text(v) => v.len(),
            NodeAttribute::Number(v) => v.len(),
            NodeAttribute::Whole(v) => v.len(),
            NodeAttribute::Flag(v) => v.len(),
        }
    }

    fn type_name(&self) -> &'static str {
        match self {
            NodeAttribute::Text(_) => "string",
            NodeAttribute::Number(_) => "double",
            NodeAttribute::Whole(_) => "long",
            NodeAttribute::Flag(_) => "boolean",
        }
    }

    fn value(&self, at: usize) -> Option<String> {
        match self {
            NodeAttribute::Text(v) => Some(v[at].clone()),
            NodeAttribute::Number(v) => number(v[at]),
            NodeAttribute::Whole(v) => Some(v[at].to_string()),
            NodeAttribute::Flag(v) => Some(v[at].to_string()),
        }
    }
}

/// A number so that it reads back to the last digit; nothing for what is not finite, which readers disagree about.
fn number(value: f64) -> Option<String> {
    value.is_finite().then(|| format!("{value:?}"))
}

/// Text made safe for XML; characters that XML does not allow are left out.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            // as they stand they would read back as spaces
            '\t' | '\n' | '\r' => {
                let _ = write!(out, "&#{};", c as u32);
            }
            c if (c as u32) < 0x20 || matches!(c, '\u{FFFE}' | '\u{FFFF}') => {}
            c => out.push(c),
        }
    }
    out
}

/// The network as GraphML (Brandes, Eiglsperger, Herman, Himsolt and Marshall 2002), undirected, with typed attributes as networkx, igraph
/// and Gephi read them. Nodes: `label`, `degree`, `strength`, `component`, `isolated`, `betweenness` and `community` where known, then
/// `attributes`; links: `weight` (the proximity), `in_tree`, `significance` and `validated` where known. A node's id is its label.
///
/// Gephi places nodes by attributes named `x`, `y` and `size`.
///
/// # Errors
/// [`ComplexityError::Frame`] when an attribute has another length than the nodes or the name of another attribute.
///
/// ```
/// use xinzhi_complexity::*;
/// use frame::{LabelledMatrix, Labels};
/// let fields = Labels::new("fields", ["R&D", "tea"])?;
/// let similar = LabelledMatrix::new(fields.clone(), fields, vec![0.0, 0.7, 0.7, 0.0])?;
/// let network = relatedness_network_from_matrix(&similar, &RelatednessNetworkOptions::default())?;
/// let xml = graphml(&network, &[("trade", NodeAttribute::Number(vec![1.5, 2.0]))])?;
/// assert!(xml.contains(r#"<node id="R&amp;D">"#) && xml.contains(r#"attr.name="trade" attr.type="double""#));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn graphml(network: &RelatednessNetwork, attributes: &[(&str, NodeAttribute)]) -> Result<String, ComplexityError> {
    let nodes = &network.nodes;
    let mut columns: Vec<(&str, NodeAttribute)> = vec![
        ("label", NodeAttribute::Text(nodes.iter().map(|n| n.activity.clone()).collect())),
        ("degree", NodeAttribute::Whole(nodes.iter().map(|n| n.degree as i64).collect())),
        ("strength", NodeAttribute::Number(nodes.iter().map(|n| n.strength).collect())),
        ("component", NodeAttribute::Whole(nodes.iter().map(|n| n.component as i64).collect())),
        ("isolated", NodeAttribute::Flag(nodes.iter().map(|n| n.isolated).collect())),
    ];
    if nodes.iter().any(|n| n.betweenness.is_some()) {
        columns.push(("betweenness", NodeAttribute::Number(nodes.iter().map(|n| n.betweenness.unwrap_or(f64::NAN)).collect())));
    }
    let has_communities = nodes.iter().any(|n| n.community.is_some());
    for (name, attribute) in attributes {
        if attribute.len() != nodes.len() {
            let what = format!("the node attribute \"{name}\"");
            return Err(FrameError::Shape { what, expected: nodes.len(), found: attribute.len() }.into());
        }
        // a caller's label replaces the bare one
        if *name == "label" {
            columns[0].1 = attribute.clone();
            continue;
        }
        if columns.iter().any(|(known, _)| known == name) || *name == "community" {
            return Err(FrameError::DuplicateLabel { label: (*name).to_owned(), what: "node attributes".to_owned() }.into());
        }
        columns.push((name, attribute.clone()));
    }
    let mut out = String::from(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<graphml xmlns=\"http://graphml.graphdrawing.org/xmlns\" xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xsi:schemaLocation=\"http://graphml.graphdrawing.org/xmlns http://graphml.graphdrawing.org/xmlns/1.0/graphml.xsd\">\n",
    );
    for (k, (name, attribute)) in columns.iter().enumerate() {
        let kind = attribute.type_name();
        let _ = writeln!(out, "<key id=\"n{k}\" for=\"node\" attr.name=\"{}\" attr.type=\"{kind}\"/>", escape(name));
    }
    if has_communities {
        out.push_str("<key id=\"community\" for=\"node\" attr.name=\"community\" attr.type=\"long\"/>\n");
    }
    for (id, name, kind) in EDGE_KEYS {
        let _ = writeln!(out, "<key id=\"{id}\" for=\"edge\" attr.name=\"{name}\" attr.type=\"{kind}\"/>");
    }
    out.push_str("<graph id=\"relatedness\" edgedefault=\"undirected\">\n");
    for (at, node) in nodes.iter().enumerate() {
        let _ = write!(out, "<node id=\"{}\">", escape(&node.activity));
        for (k, (_, attribute)) in columns.iter().enumerate() {
            if let Some(value) = attribute.value(at) {
                let _ = write!(out, "<data key=\"n{k}\">{}</data>", escape(&value));
            }
        }
        if let Some(community) = node.community {
            let _ = write!(out, "<data key=\"community\">{community}</data>");
        }
        out.push_str("</node>\n");
    }
    for (at, edge) in network.edges.iter().enumerate() {
        let name = |i: usize| escape(&nodes[i].activity);
        let _ = write!(out, "<edge id=\"e{at}\" source=\"{}\" target=\"{}\">", name(edge.a), name(edge.b));
        let values = [
            number(edge.proximity),
            Some(edge.in_tree.to_string()),
            edge.significance.and_then(number),
            edge.validated.map(|v| v.to_string()),
        ];
        for ((id, _, _), value) in EDGE_KEYS.iter().zip(values) {
            if let Some(value) = value {
                let _ = write!(out, "<data key=\"{id}\">{value}</data>");
            }
        }
        out.push_str("</edge>\n");
    }
    out.push_str("</graph>\n</graphml>\n");
    Ok(out)
}

const EDGE_KEYS: [(&str, &str, &str); 4] =
    [("e0", "weight", "double"), ("e1", "in_tree", "boolean"), ("e2", "significance", "double"), ("e3", "validated", "boolean")];
