use crate::IndustryError;
use crate::effort::same_labels;
use complexity::PresenceMatrix;
use frame::{LabelledMatrix, LabelledVector, Language, Text, number};
use serde::{Deserialize, Serialize};

/// How alike the structures of two places are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StructureMeasure {
    /// Cosine of the vectors of shares, `Σ a_p b_p / (‖a‖ ‖b‖)`: what is large counts most.
    #[default]
    CosineShares,
    /// Cosine of the presences, `|A ∩ B| / √(|A| |B|)`.
    CosinePresence,
    /// Jaccard index of the presences, `|A ∩ B| / |A ∪ B|`.
    JaccardPresence,
}

/// What each part counts in the combined distance; only their proportions matter.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct PeerWeights {
    /// Structure.
    pub structure: f64,
    /// Income.
    pub income: f64,
    /// Size.
    pub size: f64,
}

impl Default for PeerWeights {
    fn default() -> Self {
        PeerWeights { structure: 1.0, income: 1.0, size: 1.0 }
    }
}

/// Options of [`peers`].
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct PeerOptions {
    /// How structures are compared.
    pub structure: StructureMeasure,
    /// What counts how much in the combined list.
    pub weights: PeerWeights,
    /// Peers a list (10).
    pub count: usize,
}

impl Default for PeerOptions {
    fn default() -> Self {
        PeerOptions { structure: StructureMeasure::CosineShares, weights: PeerWeights::default(), count: 10 }
    }
}

/// What places are compared by.
#[derive(Debug, Clone, Copy)]
pub struct PeerInput<'a> {
    /// Exports, output or employment, places × activities.
    pub values: &'a LabelledMatrix,
    /// Presence over the same places and activities.
    pub presence: &'a PresenceMatrix,
    /// Income a head, by label; NaN, missing or not positive is unknown.
    pub income: Option<&'a LabelledVector>,
    /// Population, workforce or output, by label; unknown likewise.
    pub size: Option<&'a LabelledVector>,
}

/// One place beside the one asked about. What is not known is NaN.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Peer {
    /// The place.
    pub place: String,
    /// What the list is ordered by: the standardised difference of its part, or their weighted mean.
    pub distance: f64,
    /// Similarity of structure, 0 to 1.
    pub similarity: f64,
    /// Logarithm of its income over that of the place asked about.
    pub income_difference: f64,
    /// Logarithm of its size over that of the place asked about.
    pub size_difference: f64,
}

/// One list of peers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PeerList {
    /// Nearest first, ties by label.
    pub peers: Vec<Peer>,
    /// How the list is ordered.
    pub rule: Text,
    /// Places that cannot be compared, by label, with the reason.
    pub excluded: Vec<ExcludedPlace>,
    /// Why there is no list at all.
    pub missing: Option<Text>,
}

/// A place left out of a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExcludedPlace {
    /// The place.
    pub place: String,
    /// Why.
    pub reason: Text,
}

/// The places most like one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Peers {
    /// The place.
    pub place: String,
    /// Nearest by structure.
    pub by_structure: PeerList,
    /// Nearest by income.
    pub by_income: PeerList,
    /// Nearest by size.
    pub by_size: PeerList,
    /// Nearest by the weighted mean of the parts.
    pub combined: PeerList,
    /// The options used.
    pub options: PeerOptions,
}

/// One of the three ways to compare, for every place of the table.
struct Part {
    name: Text,
    /// Standardised distance; NaN where it is not known.
    distance: Vec<f64>,
    /// Why it is not known for a place.
    unknown: Text,
    rule: Text,
}

/// The places nearest to one by structure, income and size, apart and together.
///
/// * **Structure**: similarity s by [`StructureMeasure`]; the distance is `(1 − s) / σ` with σ the population deviation of 1 − s over the
///   other places.
/// * **Income, size**: `|ln v − ln v_0| / σ` with σ the population deviation of the logarithm over all places that have a figure.
/// * **Combined**: the mean of the distances with the weights of [`PeerWeights`].
///
/// A place without a figure that a list needs is left out of that list with the reason; when the place asked about has none, the list is
/// empty and says so. Where nothing differs, distances are 0. After the peer groups of Metroverse (Growth Lab), which takes places
/// one of these ways at a time.
///
/// # Errors
/// [`IndustryError::Frame`] for an unknown place or a bad value, [`IndustryError::LabelsDiffer`], [`IndustryError::NoValues`] for a place
/// without any value, [`IndustryError::Option`] for weights that are negative or all 0.
///
/// ```
/// use complexity::{Presence, presence, revealed_comparative_advantage};
/// use frame::{LabelledMatrix, LabelledVector, Labels};
/// use xinzhi_industry::{PeerInput, PeerOptions, peers};
/// let values = LabelledMatrix::from_triplets("places", "products", [
///     ("A", "ships", 8.0), ("A", "wheat", 2.0), ("B", "ships", 7.0), ("B", "wheat", 3.0), ("C", "wheat", 5.0),
/// ])?;
/// let present = presence(&revealed_comparative_advantage(&values)?, Presence::default());
/// let income = LabelledVector::new(Labels::new("places", ["A", "B", "C"])?, vec![10.0, f64::NAN, 12.0])?;
/// let input = PeerInput { values: &values, presence: &present, income: Some(&income), size: None };
/// let found = peers(&input, "A", &PeerOptions::default())?;
/// assert_eq!(found.by_structure.peers[0].place, "B");
/// assert_eq!((found.by_income.peers.len(), found.by_income.excluded[0].place.as_str()), (1, "B"));
/// assert!(found.by_size.missing.is_some(), "no sizes were given");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn peers(input: &PeerInput<'_>, place: &str, options: &PeerOptions) -> Result<Peers, IndustryError> {
    let (presence, values) = (input.presence, input.values);
    same_labels("presence", "table", (presence.places(), presence.activities()), (values.rows(), values.columns()))?;
    let PeerWeights { structure, income, size } = options.weights;
    let weights = [structure, income, size];
    if weights.iter().any(|w| !w.is_finite() || *w < 0.0) || weights.iter().sum::<f64>() <= 0.0 {
        return Err(IndustryError::Option {
            option: "weights",
            value: format!("{structure}, {income}, {size}"),
            requirement: "not negative and not all 0",
        });
    }
    values.require_non_negative("the comparison of places")?;
    let row = values.rows().require(place)?;
    if values.row(row).iter().sum::<f64>() <= 0.0 {
        return Err(IndustryError::NoValues { place: place.to_owned() });
    }
    let similarity: Vec<f64> = (0..values.rows().len()).map(|other| similarity(input, row, other, options.structure)).collect();
    let logs = |figures: Option<&LabelledVector>| -> Vec<f64> {
        let known = |place| figures.and_then(|f| f.get(place)).filter(|v| *v > 0.0 && v.is_finite()).map_or(f64::NAN, f64::ln);
        values.rows().iter().map(known).collect()
    };
    let (income, size) = (logs(input.income), logs(input.size));
    let others: Vec<f64> = similarity.iter().enumerate().filter(|(other, _)| *other != row).map(|(_, s)| 1.0 - s).collect();
    let scale = deviation(&others);
    let measure = match options.structure {
        StructureMeasure::CosineShares => Text::new("cosine of the shares of activities", "各活动占比的余弦相似度"),
        StructureMeasure::CosinePresence => Text::new("cosine of what is present", "已具备活动的余弦相似度"),
        StructureMeasure::JaccardPresence => Text::new("Jaccard index of what is present", "已具备活动的杰卡德系数"),
    };
    let parts = [
        Part {
            name: Text::new("structure", "结构"),
            distance: similarity.iter().map(|s| standardised(1.0 - s, scale)).collect(),
            unknown: Text::new("It has no structure to compare.", "没有可供比较的结构。"),
            rule: Text::new(
                format!("Nearest by structure: {}, highest first.", measure.en),
                format!("按结构相近：{}，由高到低。", measure.zh),
            ),
        },
        by_logarithm(Text::new("income", "收入"), &income, row),
        by_logarithm(Text::new("size", "规模"), &size, row),
    ];
    let list = |weights: [f64; 3], rule: Text| {
        let used: Vec<(&Part, f64)> = parts.iter().zip(weights).filter(|(_, w)| *w > 0.0).collect();
        if let Some((part, _)) = used.iter().find(|(part, _)| part.distance[row].is_nan()) {
            let missing = Text::new(
                format!("{place} has no known {}, so nothing can be compared with it.", part.name.en),
                format!("{place} 的{}未知，无法比较。", part.name.zh),
            );
            return PeerList { peers: Vec::new(), rule, excluded: Vec::new(), missing: Some(missing) };
        }
        let total: f64 = used.iter().map(|(_, w)| w).sum();
        let (mut found, mut excluded) = (Vec::new(), Vec::new());
        for (other, name) in values.rows().iter().enumerate().filter(|(other, _)| *other != row) {
            match used.iter().find(|(part, _)| part.distance[other].is_nan()) {
                Some((part, _)) => excluded.push(ExcludedPlace { place: name.to_owned(), reason: part.unknown.clone() }),
                None => found.push(Peer {
                    place: name.to_owned(),
                    distance: used.iter().map(|(part, w)| w * part.distance[other]).sum::<f64>() / total,
                    similarity: similarity[other],
                    income_difference: income[other] - income[row],
                    size_difference: size[other] - size[row],
                }),
            }
        }
        found.sort_by(|a, b| a.distance.total_cmp(&b.distance).then_with(|| a.place.cmp(&b.place)));
        found.truncate(options.count);
        excluded.sort_by(|a, b| a.place.cmp(&b.place));
        PeerList { peers: found, rule, excluded, missing: None }
    };
    let [a, b, c] = weights.map(|w| number::percent(w / weights.iter().sum::<f64>(), 0, Language::En));
    let together = Text::new(
        format!(
            "Nearest by structure ({a}), income ({b}) and size ({c}): the weighted mean of the standardised differences, lowest first."
        ),
        format!("按结构（{a}）、收入（{b}）和规模（{c}）综合相近：标准化差异的加权平均，由低到高。"),
    );
    Ok(Peers {
        place: place.to_owned(),
        by_structure: list([1.0, 0.0, 0.0], parts[0].rule.clone()),
        by_income: list([0.0, 1.0, 0.0], parts[1].rule.clone()),
        by_size: list([0.0, 0.0, 1.0], parts[2].rule.clone()),
        combined: list(weights, together),
        options: *options,
    })
}

fn similarity(input: &PeerInput<'_>, a: usize, b: usize, measure: StructureMeasure) -> f64 {
    let common = || input.presence.held(a).filter(|p| input.presence.at(b, *p)).count() as f64;
    let (held_a, held_b) = (input.presence.held(a).count() as f64, input.presence.held(b).count() as f64);
    match measure {
        StructureMeasure::CosineShares => {
            let (x, y) = (input.values.row(a), input.values.row(b));
            let dot = |x: &[f64], y: &[f64]| x.iter().zip(y).map(|(x, y)| x * y).sum::<f64>();
            // 0/0 is NaN: no structure
            dot(x, y) / (dot(x, x).sqrt() * dot(y, y).sqrt())
        }
        StructureMeasure::CosinePresence => common() / (held_a * held_b).sqrt(),
        StructureMeasure::JaccardPresence if held_a == 0.0 || held_b == 0.0 => f64::NAN,
        StructureMeasure::JaccardPresence => {
            let both = common();
            both / (held_a + held_b - both)
        }
    }
}

fn by_logarithm(name: Text, logs: &[f64], row: usize) -> Part {
    let scale = deviation(logs);
    Part {
        distance: logs.iter().map(|v| standardised((v - logs[row]).abs(), scale)).collect(),
        unknown: Text::new(format!("Its {} is not known.", name.en), format!("其{}未知。", name.zh)),
        rule: Text::new(
            format!("Nearest by {}: smallest difference of logarithms first.", name.en),
            format!("按{}相近：对数之差由小到大。", name.zh),
        ),
        name,
    }
}

/// 0 where nothing differs.
fn standardised(difference: f64, deviation: f64) -> f64 {
    if difference == 0.0 { 0.0 } else { difference / deviation }
}

/// Population deviation of the known values.
fn deviation(values: &[f64]) -> f64 {
    let known: Vec<f64> = values.iter().copied().filter(|v| v.is_finite()).collect();
    let n = known.len() as f64;
    let mean = known.iter().sum::<f64>() / n;
    (known.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / n).sqrt()
}

/// What the technological fit is measured against.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FitReference {
    /// The density less the median density of the peers around the same activity: is the place better placed than they are? A place with
    /// more activities than its peers fits nearly everything.
    #[default]
    PeersMedian,
    /// The density standardised over the place's own activities: which activities fit this place best, whatever its diversity?
    OwnMean,
}

/// Where an activity stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Quadrant {
    /// Relatively more of it than the peers, and it fits.
    Strength,
    /// There is some, relatively less than at the peers, though it fits.
    Opportunity,
    /// There is some, relatively less than at the peers, and it does not fit.
    Weakness,
    /// Relatively more of it than the peers, though it does not fit: hard to hold.
    Threat,
    /// There is none, at least one peer has it, and it fits.
    PossibleEntrant,
    /// There is none, and it does not fit or no peer has it.
    Absent,
}

impl Quadrant {
    /// Its name.
    pub fn name(self) -> Text {
        match self {
            Quadrant::Strength => Text::new("strength", "优势"),
            Quadrant::Opportunity => Text::new("opportunity", "机会"),
            Quadrant::Weakness => Text::new("weakness", "劣势"),
            Quadrant::Threat => Text::new("threat", "威胁"),
            Quadrant::PossibleEntrant => Text::new("possible entrant", "潜在进入"),
            Quadrant::Absent => Text::new("absent", "缺失"),
        }
    }
}

/// One activity of a place against its peers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ActivityAgainstPeers {
    /// Code.
    pub activity: String,
    /// Where it stands; nothing where its fit is not defined.
    pub quadrant: Option<Quadrant>,
    /// Its share in the place.
    pub share: f64,
    /// The mean of its shares in the peers.
    pub peers_share: f64,
    /// Share over the peers' mean share; infinite where only the place has it, NaN where nobody has.
    pub relative_presence: f64,
    /// Density of the place around it.
    pub density: f64,
    /// Technological fit by the [`FitReference`]; NaN where the activity has no neighbour.
    pub fit: f64,
    /// Peers that have any of it.
    pub peers_with_it: usize,
}

/// The activities of one quadrant.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct QuadrantList {
    /// Which one.
    pub quadrant: Quadrant,
    /// The rule in words and numbers.
    pub rule: Text,
    /// Its activities: those of the place by share, entrants by the peers' mean share, highest first, ties by code.
    pub activities: Vec<ActivityAgainstPeers>,
}

/// A place against its peers, activity by activity.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StrengthsAndWeaknesses {
    /// The place.
    pub place: String,
    /// The peers it is held against.
    pub peers: Vec<String>,
    /// Strengths, opportunities, weaknesses, threats and possible entrants, in this order.
    pub quadrants: Vec<QuadrantList>,
    /// Every activity in table order.
    pub activities: Vec<ActivityAgainstPeers>,
    /// What the fit was measured against.
    pub fit: FitReference,
}

/// A place's strengths, opportunities, weaknesses and threats against its peers (after Metroverse of the Growth Lab): two questions an
/// activity,
///
/// * *relative presence*: its share in the place over the mean of its shares in the peers, at least 1 or under 1;
/// * *technological fit*: the density of the place around it against [`FitReference`], at least 0 or under 0.
///
/// | | fits | does not fit |
/// | --- | --- | --- |
/// | relative presence ≥ 1 | strength | threat |
/// | under 1 | opportunity | weakness |
/// | none, but a peer has it | possible entrant | absent |
///
/// Convention: what only the place has is relatively present. The mean of shares lets every peer count alike, whatever its size.
///
/// # Errors
/// [`IndustryError::Frame`] for an unknown place or peer or a bad value, [`IndustryError::LabelsDiffer`], [`IndustryError::NoValues`] for a
/// place or peer without any value, [`IndustryError::Option`] when there is no peer or the place is its own.
///
/// ```
/// use frame::LabelledMatrix;
/// use xinzhi_industry::{FitReference, Quadrant, strengths_and_weaknesses};
/// let table = |v: [f64; 6]| LabelledMatrix::from_triplets("places", "products", [
///     ("A", "ships", v[0]), ("A", "steel", v[1]), ("A", "wheat", v[2]), ("B", "ships", v[3]), ("B", "steel", v[4]), ("B", "wheat", v[5]),
/// ]);
/// let (values, density) = (table([6.0, 4.0, 0.0, 2.0, 6.0, 2.0])?, table([0.5, 0.2, 0.4, 0.3, 0.3, 0.3])?);
/// let found = strengths_and_weaknesses(&values, &density, "A", &["B"], FitReference::PeersMedian)?;
/// let quadrants: Vec<_> = found.activities.iter().filter_map(|a| a.quadrant).collect();
/// assert_eq!(quadrants, [Quadrant::Strength, Quadrant::Weakness, Quadrant::PossibleEntrant]);
/// assert!((found.activities[0].relative_presence - 3.0).abs() < 1e-12);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn strengths_and_weaknesses(
    values: &LabelledMatrix,
    density: &LabelledMatrix,
    place: &str,
    peers: &[&str],
    fit: FitReference,
) -> Result<StrengthsAndWeaknesses, IndustryError> {
    same_labels("density", "table", (density.rows(), density.columns()), (values.rows(), values.columns()))?;
    values.require_non_negative("the comparison of places")?;
    let row = values.rows().require(place)?;
    let peers = frame::Labels::new("peers", peers.iter().copied())?;
    if peers.is_empty() || peers.position(place).is_some() {
        let value = if peers.is_empty() { "none" } else { place };
        return Err(IndustryError::Option { option: "peers", value: value.to_owned(), requirement: "at least one other place" });
    }
    let rows = peers.iter().map(|peer| values.rows().require(peer)).collect::<Result<Vec<_>, _>>()?;
    let totals = values.row_sums();
    if let Some(empty) = std::iter::once(&row).chain(&rows).find(|r| totals[**r] <= 0.0) {
        return Err(IndustryError::NoValues { place: values.rows().name(*empty).to_owned() });
    }
    let own: Vec<f64> = density.row(row).iter().copied().filter(|v| v.is_finite()).collect();
    let (mean, deviation) = (own.iter().sum::<f64>() / own.len() as f64, deviation(&own));
    let stand = |p: usize| {
        let share = values.at(row, p) / totals[row];
        let peers_share = rows.iter().map(|r| values.at(*r, p) / totals[*r]).sum::<f64>() / rows.len() as f64;
        let near = density.at(row, p);
        let fit = match fit {
            FitReference::PeersMedian => near - median(rows.iter().map(|r| density.at(*r, p))),
            FitReference::OwnMean => standardised(near - mean, deviation),
        };
        let peers_with_it = rows.iter().filter(|r| values.at(**r, p) > 0.0).count();
        let relative_presence = share / peers_share;
        let quadrant = match (share > 0.0, fit >= 0.0) {
            _ if fit.is_nan() => None,
            (true, true) if relative_presence >= 1.0 => Some(Quadrant::Strength),
            (true, true) => Some(Quadrant::Opportunity),
            (true, false) if relative_presence >= 1.0 => Some(Quadrant::Threat),
            (true, false) => Some(Quadrant::Weakness),
            (false, true) if peers_with_it > 0 => Some(Quadrant::PossibleEntrant),
            (false, _) => Some(Quadrant::Absent),
        };
        let activity = values.columns().name(p).to_owned();
        ActivityAgainstPeers { activity, quadrant, share, peers_share, relative_presence, density: near, fit, peers_with_it }
    };
    let activities: Vec<ActivityAgainstPeers> = (0..values.columns().len()).map(stand).collect();
    let order = [Quadrant::Strength, Quadrant::Opportunity, Quadrant::Weakness, Quadrant::Threat, Quadrant::PossibleEntrant];
    let quadrants = order.map(|quadrant| {
        let mut members: Vec<ActivityAgainstPeers> = activities.iter().filter(|a| a.quadrant == Some(quadrant)).cloned().collect();
        let by = |a: &ActivityAgainstPeers| if quadrant == Quadrant::PossibleEntrant { a.peers_share } else { a.share };
        members.sort_by(|a, b| by(b).total_cmp(&by(a)).then_with(|| a.activity.cmp(&b.activity)));
        QuadrantList { quadrant, rule: rule(quadrant, fit, peers.len()), activities: members }
    });
    Ok(StrengthsAndWeaknesses { place: place.to_owned(), peers: peers.names().to_vec(), quadrants: quadrants.into(), activities, fit })
}

fn rule(quadrant: Quadrant, fit: FitReference, peers: usize) -> Text {
    let (fits, not) = match fit {
        FitReference::PeersMedian => (
            Text::new("density at least the median of the peers (fit >= 0)", "密度不低于同类地区的中位数（适配度 ≥ 0）"),
            Text::new("density below the median of the peers (fit < 0)", "密度低于同类地区的中位数（适配度 < 0）"),
        ),
        FitReference::OwnMean => (
            Text::new("density at least the mean over the place's activities (fit >= 0)", "密度不低于该地各活动的均值（适配度 ≥ 0）"),
            Text::new("density below the mean over the place's activities (fit < 0)", "密度低于该地各活动的均值（适配度 < 0）"),
        ),
    };
    let more = Text::new(
        format!("Share at least the mean share of the {peers} peers (relative presence >= 1)"),
        format!("占比不低于 {peers} 个同类地区的平均占比（相对存在度 ≥ 1）"),
    );
    let less = Text::new(
        format!("Share above 0, but below the mean share of the {peers} peers (relative presence < 1)"),
        format!("占比大于 0 但低于 {peers} 个同类地区的平均占比（相对存在度 < 1）"),
    );
    let none = Text::new(
        format!("Nothing there, but at least one of the {peers} peers has it"),
        format!("本地没有，但 {peers} 个同类地区中至少一个具备"),
    );
    let (presence, fit) = match quadrant {
        Quadrant::Strength => (more, fits),
        Quadrant::Threat => (more, not),
        Quadrant::Opportunity => (less, fits),
        Quadrant::Weakness => (less, not),
        Quadrant::PossibleEntrant | Quadrant::Absent => (none, fits),
    };
    Text::new(format!("{}; {}.", presence.en, fit.en), format!("{}；{}。", presence.zh, fit.zh))
}

/// The middle value, or the mean of the two middle ones; NaN when one is.
fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut sorted: Vec<f64> = values.collect();
    sorted.sort_by(f64::total_cmp);
    let n = sorted.len();
    if n == 0 || sorted.iter().any(|v| v.is_nan()) {
        return f64::NAN;
    }
    (sorted[(n - 1) / 2] + sorted[n / 2]) / 2.0
}
