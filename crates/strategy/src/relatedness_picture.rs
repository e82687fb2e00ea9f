use crate::{ChartKind, Format, NetworkLink, NetworkNode, StrategyError};
use complexity::{GraphLayoutOptions, RelatednessNetwork, graph_layout};
use frame::Text;

/// What the picture needs to know of an activity besides the network.
#[derive(Debug, Clone, PartialEq)]
pub struct PictureNode {
    /// Its name.
    pub name: Text,
    /// What the area of its node stands for (world trade, say); what is not a positive number is drawn smallest.
    pub size: f64,
    /// Index into the groups.
    pub group: usize,
    /// The place has it.
    pub present: bool,
    /// Its name is wanted in the drawing whatever its size.
    pub marked: bool,
}

/// How the picture is laid out and what its legend says.
#[derive(Debug, Clone, PartialEq)]
pub struct PictureOptions {
    /// What the area of a node means.
    pub size_label: Text,
    /// How sizes are printed.
    pub size_format: Format,
    /// What a strongly drawn node means.
    pub present_label: Text,
    /// What a pale node means.
    pub absent_label: Text,
    /// Names of the groups.
    pub groups: Vec<Text>,
    /// Names asked for, the largest nodes first; how many find room depends on the width of the drawing.
    pub labels: usize,
}

/// The frame in which nodes are placed, and the radii in its unit.
const FRAME: (f64, f64) = (1280.0, 860.0);
const SMALLEST: f64 = 3.0;
const LARGEST: f64 = 26.0;

/// The product-space picture of a place: nodes placed by [`complexity::graph_layout`] with areas proportional to `size`, ready to be drawn.
/// One `PictureNode` an activity, in the order of the network.
///
/// # Errors
/// [`StrategyError`] when the nodes are not as many as the network's.
///
/// ```
/// use complexity::{RelatednessNetworkOptions, relatedness_network_from_matrix};
/// use frame::{LabelledMatrix, Labels, Text};
/// use xinzhi_strategy::{ChartKind, Format, PictureNode, PictureOptions, relatedness_picture};
/// let labels = Labels::new("products", ["chips", "ships"])?;
/// let similar = LabelledMatrix::new(labels.clone(), labels, vec![0.0, 0.7, 0.7, 0.0])?;
/// let network = relatedness_network_from_matrix(&similar, &RelatednessNetworkOptions::default())?;
/// let node = |name: &str, size, present| PictureNode { name: Text::same(name), size, group: 0, present, marked: false };
/// let options = PictureOptions {
///     size_label: Text::new("World trade", "世界贸易额"),
///     size_format: Format::Usd,
///     present_label: Text::new("present", "具备"),
///     absent_label: Text::new("absent", "不具备"),
///     groups: vec![Text::new("Machinery", "机械")],
///     labels: 1,
/// };
/// let picture = relatedness_picture(&network, &[node("Chips", 4.0, true), node("Ships", 1.0, false)], &options)?;
/// let ChartKind::Network { nodes, .. } = picture else { panic!() };
/// // four times the trade, twice the radius
/// assert_eq!((nodes[0].radius, nodes[1].radius, nodes[0].labelled, nodes[1].labelled), (26.0, 13.0, true, false));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn relatedness_picture(
    network: &RelatednessNetwork,
    nodes: &[PictureNode],
    options: &PictureOptions,
) -> Result<ChartKind, StrategyError> {
    let size = |node: &PictureNode| if node.size.is_finite() { node.size.max(0.0) } else { 0.0 };
    let largest = nodes.iter().map(size).fold(0.0, f64::max);
    let radii: Vec<f64> = nodes
        .iter()
        .map(|node| if largest > 0.0 { (LARGEST * (size(node) / largest).sqrt()).max(SMALLEST) } else { LARGEST / 4.0 })
        .collect();
    let layout = GraphLayoutOptions { width: FRAME.0, height: FRAME.1, ..GraphLayoutOptions::default() };
    let placed = graph_layout(network.activities(), &network.weighted_edges(), &radii, &layout)?;
    let mut by_size: Vec<usize> = (0..nodes.len()).collect();
    by_size.sort_by(|a, b| {
        size(&nodes[*b]).total_cmp(&size(&nodes[*a])).then_with(|| network.nodes[*a].activity.cmp(&network.nodes[*b].activity))
    });
    let mut labelled: Vec<bool> = nodes.iter().map(|node| node.marked).collect();
    by_size.iter().take(options.labels).for_each(|i| labelled[*i] = true);
    // a tenth of a unit is finer than any drawing shows, and keeps the file small
    let tenth = |v: f64| (v * 10.0).round() / 10.0;
    let nodes = nodes
        .iter()
        .enumerate()
        .map(|(i, node)| NetworkNode {
            code: network.nodes[i].activity.clone(),
            label: node.name.clone(),
            x: tenth(placed.x[i]),
            y: tenth(placed.y[i]),
            radius: tenth(radii[i]),
            size: size(node),
            group: node.group,
            present: node.present,
            labelled: labelled[i],
        })
        .collect();
    let links = network.edges.iter().map(|e| NetworkLink { from: e.a, to: e.b, weight: e.proximity, in_tree: e.in_tree }).collect();
    Ok(ChartKind::Network {
        size_label: options.size_label.clone(),
        size_format: options.size_format,
        present_label: options.present_label.clone(),
        absent_label: options.absent_label.clone(),
        groups: options.groups.clone(),
        frame: FRAME,
        nodes,
        links,
    })
}
