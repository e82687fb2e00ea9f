use super::choices::refuse;
use super::standing::Standing;
use super::{Answer, Choices, Panel, as_json};
use crate::{Chart, ChartKind, Format, PictureNode, PictureOptions, StrategyError, relatedness_picture};
use complexity::{
    CommunityOptions, NodeAttribute, RelatednessNetworkOptions, SignificanceOptions, bipartite_configuration_model,
    co_occurrence_significance, communities, graphml, relatedness_network,
};
use frame::{Language, Text};
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::RowTable;

/// The relatedness network of a period.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "clap", derive(clap::Args))]
#[serde(default, deny_unknown_fields)]
pub struct SpaceRequest {
    /// How indicators are computed.
    #[cfg_attr(feature = "clap", command(flatten))]
    pub choices: Choices,
    /// The period; the last one without it
    #[cfg_attr(feature = "clap", arg(long, value_name = "PERIOD"))]
    pub period: Option<String>,
    /// Mark what this place has
    #[cfg_attr(feature = "clap", arg(long = "mark", value_name = "PLACE"))]
    pub mark: Option<String>,
    /// Keep links of at least this proximity besides the tree [default: 0.55]
    #[cfg_attr(feature = "clap", arg(long, value_name = "PROXIMITY"))]
    pub threshold: Option<f64>,
    /// Keep the strongest links until activities have so many on average, instead of a threshold
    #[cfg_attr(feature = "clap", arg(long, value_name = "LINKS", conflicts_with = "threshold"))]
    pub mean_degree: Option<f64>,
    /// Test every link against a null model that keeps how many activities places have and how many places activities have
    #[cfg_attr(feature = "clap", arg(long))]
    pub significance: bool,
    /// False discovery rate of that test
    #[cfg_attr(feature = "clap", arg(long, value_name = "RATE"))]
    pub fdr: Option<f64>,
    /// How many characters of a code name its group in the picture: 2 for HS chapters; communities without it
    #[cfg_attr(feature = "clap", arg(long, value_name = "CHARACTERS"))]
    pub group_by: Option<usize>,
    /// The places over which proximity is taken; all without it
    #[cfg_attr(feature = "clap", arg(skip))]
    pub universe: Option<Vec<String>>,
}

/// The network as tables (nodes, edges), as GraphML and as a picture to draw.
#[derive(Debug, Clone)]
pub struct Space {
    /// Tables `edges` and `nodes`, the record and notes.
    pub answer: Answer,
    /// GraphML, which Gephi, Cytoscape, networkx and igraph read.
    pub graphml: String,
    /// The picture, for the report room to draw.
    pub picture: Chart,
}

/// Groups a legend can tell apart.
const GROUPS: usize = 10;

/// The relatedness network ("product space") of a panel's period.
///
/// # Errors
/// An unknown period or place, options that make no sense, and what the methods report.
pub fn space_of_panel(panel: &Panel, request: &SpaceRequest) -> Result<Space, StrategyError> {
    let period = panel.period(request.period.as_deref())?;
    let standing = Standing::new(panel, period, &request.choices, request.universe.as_deref())?;
    let row = request.mark.as_deref().map(|place| standing.values.rows().require(place)).transpose()?;
    let threshold = if request.mean_degree.is_some() { None } else { Some(request.threshold.unwrap_or(0.55)) };
    let options = RelatednessNetworkOptions { threshold, mean_degree: request.mean_degree, ..RelatednessNetworkOptions::default() };
    let mut network = relatedness_network(&standing.proximity, &options)?;
    let groups = communities(network.activities(), &network.weighted_edges(), &CommunityOptions::default())?;
    network.set_communities(&groups)?;
    let mut notes = Vec::new();
    let mut significance_record = serde_json::Value::Null;
    if request.significance || request.fdr.is_some() {
        let margins = bipartite_configuration_model(&standing.core_presence)?;
        let usual = SignificanceOptions::default();
        let tested = co_occurrence_significance(
            &standing.core_presence,
            &margins,
            &SignificanceOptions { level: request.fdr.unwrap_or(usual.level), ..usual },
        )?;
        network.set_significance(&tested)?;
        notes.push(format!(
            "{} of {} pairs have more places in common than diversity and ubiquity explain (false discovery rate {})",
            tested.validated, tested.tests, tested.options.level
        ));
        significance_record = json!({
            "tests": tested.tests, "validated": tested.validated, "threshold": tested.threshold,
            "method": as_json(&tested.method), "error_bound": tested.error_bound, "margin_residual": margins.residual,
        });
    }
    if !network.is_connected() {
        notes.push(format!("the proximity falls into {} parts without a link, so there is a spanning forest, not a tree", network.trees));
    }
    if network.isolated > 0 {
        notes.push(format!("{} activities are related to nothing; they stand as nodes without a link", network.isolated));
    }
    let totals = standing.values.column_sums();
    let names = network.activities().clone();
    let present = |p: usize| row.is_some_and(|row| standing.all.presence.at(row, p));
    let rca = |p: usize| row.map_or(f64::NAN, |row| standing.all.rca.at(row, p));
    let n = names.len();
    let mut nodes = RowTable::new("nodes")
        .text("activity", names.iter())?
        .text("name", names.iter().map(|code| panel.name(code, Language::En)))?
        .number("value", totals.iter().copied())?
        .number("pci", standing.pci.values().iter().copied())?
        .count("degree", network.nodes.iter().map(|node| node.degree))?
        .number("strength", network.nodes.iter().map(|node| node.strength))?
        .integer("community", network.nodes.iter().map(|node| node.community.and_then(|c| i64::try_from(c).ok())))?
        .count("component", network.nodes.iter().map(|node| node.component))?;
    if row.is_some() {
        nodes = nodes.flag("present", (0..n).map(present))?.number("rca", (0..n).map(rca))?;
    }
    let mut edges = RowTable::new("edges")
        .text("source", network.edges.iter().map(|edge| names.name(edge.a)))?
        .text("target", network.edges.iter().map(|edge| names.name(edge.b)))?
        .number("proximity", network.edges.iter().map(|edge| edge.proximity))?
        .flag("in_tree", network.edges.iter().map(|edge| edge.in_tree))?;
    if network.edges.iter().any(|edge| edge.significance.is_some()) {
        edges = edges
            .number("p_value", network.edges.iter().map(|edge| edge.significance.unwrap_or(f64::NAN)))?
            .flag("validated", network.edges.iter().map(|edge| edge.validated.unwrap_or(false)))?;
    }
    let mut attributes = vec![
        ("name", NodeAttribute::Text(names.iter().map(|code| panel.name(code, Language::En)).collect())),
        ("value", NodeAttribute::Number(totals.clone())),
        ("pci", NodeAttribute::Number(standing.pci.values().to_vec())),
    ];
    if row.is_some() {
        attributes.push(("present", NodeAttribute::Flag((0..n).map(present).collect())));
    }
    let graphml = graphml(&network, &attributes)?;
    let picture = picture(panel, request, &network, &totals, period, row.map(|_| &present as &dyn Fn(usize) -> bool))?;
    let record = json!({
        "engine": frame::ENGINE_VERSION,
        "source": panel.source,
        "input_sha256": panel.table.sha256(),
        "request": as_json(request),
        "period": panel.period_name(period),
        "run": as_json(&standing.all.record),
        "nodes": n, "edges": network.edges.len(), "trees": network.trees, "isolated": network.isolated,
        "communities": groups.sizes.len(), "modularity": groups.modularity,
        "significance": significance_record,
    });
    Ok(Space { answer: Answer { tables: vec![edges, nodes], record, notes }, graphml, picture })
}

fn picture(
    panel: &Panel,
    request: &SpaceRequest,
    network: &complexity::RelatednessNetwork,
    totals: &[f64],
    period: usize,
    present: Option<&dyn Fn(usize) -> bool>,
) -> Result<Chart, StrategyError> {
    let names = network.activities();
    let key = |p: usize| -> String {
        match request.group_by {
            Some(characters) => names.name(p).chars().take(characters).collect(),
            None => network.nodes[p].community.map_or_else(String::new, |c| format!("{c:06}")),
        }
    };
    if request.group_by == Some(0) {
        return refuse("group-by", "0", "at least 1 character");
    }
    // the largest groups by value get a colour of their own
    let mut sizes: std::collections::BTreeMap<String, f64> = std::collections::BTreeMap::new();
    (0..names.len()).for_each(|p| *sizes.entry(key(p)).or_default() += totals[p]);
    let mut order: Vec<(String, f64)> = sizes.into_iter().filter(|(key, _)| !key.is_empty()).collect();
    order.sort_by(|a, b| b.1.total_cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    order.truncate(GROUPS - 1);
    let largest_of = |group: &str| {
        let of_group = (0..names.len()).filter(|p| key(*p) == group);
        of_group.max_by(|a, b| totals[*a].total_cmp(&totals[*b])).map_or_else(Text::default, |p| {
            let code = names.name(p);
            panel.names.get(code).cloned().unwrap_or_else(|| Text::same(code))
        })
    };
    let mut groups: Vec<Text> = order
        .iter()
        .map(|(group, _)| match request.group_by {
            Some(_) => Text::same(group.clone()),
            None => {
                let largest = largest_of(group);
                Text::new(format!("with {}", largest.en), format!("含{}", largest.zh))
            }
        })
        .collect();
    groups.push(Text::new("others", "其他"));
    let group = |p: usize| order.iter().position(|(group, _)| *group == key(p)).unwrap_or(groups.len() - 1);
    let nodes: Vec<PictureNode> = (0..names.len())
        .map(|p| PictureNode {
            name: panel.names.get(names.name(p)).cloned().unwrap_or_else(|| Text::same(names.name(p))),
            size: totals[p],
            group: group(p),
            present: present.is_none_or(|present| present(p)),
            marked: false,
        })
        .collect();
    let place = request.mark.as_deref().map(|code| panel.names.get(code).cloned().unwrap_or_else(|| Text::same(code)));
    let (present_label, absent_label) = match &place {
        Some(place) => (
            Text::new(format!("{} has it", place.en), format!("{}已具备", place.zh)),
            Text::new(format!("{} does not", place.en), format!("{}未具备", place.zh)),
        ),
        None => (Text::new("activity", "活动"), Text::default()),
    };
    let options = PictureOptions {
        size_label: Text::new("value of all places", "各地合计"),
        size_format: Format::Whole,
        present_label,
        absent_label,
        groups,
        labels: 40,
    };
    let kind: ChartKind = relatedness_picture(network, &nodes, &options)?;
    let year = panel.period_name(period);
    let title = match &place {
        Some(place) => Text::new(
            format!("The relatedness network, and what {} has, {year}", place.en),
            format!("关联网络与{}的现有活动，{year}", place.zh),
        ),
        None => Text::new(format!("The relatedness network, {year}"), format!("关联网络，{year}")),
    };
    Ok(Chart { id: "space".into(), title, caption: Text::same(panel.source.clone()), kind })
}
