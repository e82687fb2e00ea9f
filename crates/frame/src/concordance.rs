use crate::{FrameError, LabelledVector, Labels};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// One link of a concordance: a share of `from` belongs to `to`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Link {
    /// Code linked from.
    pub from: String,
    /// Code linked to.
    pub to: String,
    /// How much of `from` goes to `to`; the weights of one `from` are scaled to sum to 1 when applied.
    pub weight: f64,
}

/// Weighted links from one scheme to another.
///
/// A value `v` of code `f` is split over its targets as `v · w(f,t) / Σ_t w(f,t)`, so totals are kept; what has no link is not
/// dropped in silence but returned as [`Loss`].
///
/// ```
/// use xinzhi_frame::{Concordance, LabelledVector, Labels, Link};
/// let link = |f: &str, t: &str, w| Link { from: f.into(), to: t.into(), weight: w };
/// let c = Concordance::new("HS4", "ISIC", vec![link("8542", "26", 3.0), link("8542", "27", 1.0)])?;
/// let exports = LabelledVector::new(Labels::new("products", ["8542", "9999"])?, vec![8.0, 1.0])?;
/// let (by_industry, loss) = c.apply(&exports)?;
/// assert_eq!(by_industry.get("26"), Some(6.0));
/// assert_eq!((loss.value, loss.codes.as_slice()), (1.0, ["9999".to_string()].as_slice()));
/// # Ok::<(), xinzhi_frame::FrameError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Concordance {
    from_scheme: String,
    to_scheme: String,
    /// Raw links, per code linked from, sorted by target.
    links: BTreeMap<String, Vec<(String, f64)>>,
}

/// What a concordance could not carry over.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Loss {
    /// Codes without a link, in the order met.
    pub codes: Vec<String>,
    /// The sum of their values.
    pub value: f64,
    /// That sum as a share of the total of absolute values.
    pub share: f64,
}

impl Concordance {
    /// A concordance from its links; the same pair given twice adds up.
    ///
    /// # Errors
    /// [`FrameError::Weight`] for a weight that is not finite and positive.
    pub fn new(from_scheme: impl Into<String>, to_scheme: impl Into<String>, links: Vec<Link>) -> Result<Self, FrameError> {
        let mut merged: BTreeMap<String, BTreeMap<String, f64>> = BTreeMap::new();
        for link in links {
            if !link.weight.is_finite() || link.weight <= 0.0 {
                return Err(FrameError::Weight { from: link.from, to: link.to, weight: link.weight.to_string() });
            }
            *merged.entry(link.from).or_default().entry(link.to).or_insert(0.0) += link.weight;
        }
        let links = merged.into_iter().map(|(from, targets)| (from, targets.into_iter().collect())).collect();
        Ok(Concordance { from_scheme: from_scheme.into(), to_scheme: to_scheme.into(), links })
    }

    /// The scheme linked from.
    pub fn from_scheme(&self) -> &str {
        &self.from_scheme
    }

    /// The scheme linked to.
    pub fn to_scheme(&self) -> &str {
        &self.to_scheme
    }

    /// Targets of a code with their shares (they sum to 1), empty where there is no link.
    pub fn shares(&self, from: &str) -> Vec<(&str, f64)> {
        let Some(targets) = self.links.get(from) else { return Vec::new() };
        let total: f64 = targets.iter().map(|t| t.1).sum();
        targets.iter().map(|(to, weight)| (to.as_str(), weight / total)).collect()
    }

    /// Carries values over, keeping totals. The result holds every target of the concordance, sorted.
    ///
    /// # Errors
    /// None today beyond those of the labels.
    pub fn apply(&self, values: &LabelledVector) -> Result<(LabelledVector, Loss), FrameError> {
        let mut targets: BTreeMap<&str, f64> = self.links.values().flatten().map(|(to, _)| (to.as_str(), 0.0)).collect();
        let mut loss = Loss::default();
        let mut total = 0.0;
        for (code, value) in values.iter() {
            total += value.abs();
            let shares = self.shares(code);
            if shares.is_empty() {
                loss.codes.push(code.to_owned());
                loss.value += value;
                loss.share += value.abs();
            }
            for (to, share) in shares {
                if let Some(sum) = targets.get_mut(to) {
                    *sum += value * share;
                }
            }
        }
        loss.share = if total > 0.0 { loss.share / total } else { 0.0 };
        let labels = Labels::new(self.to_scheme.clone(), targets.keys().copied())?;
        Ok((LabelledVector::new(labels, targets.into_values().collect())?, loss))
    }

    /// The links turned round, with the same raw weights; shares are then taken over the new sources. Inverting twice gives the
    /// links back, but applying a concordance and then its inverse does not give the values back unless every link is one to one.
    pub fn invert(&self) -> Self {
        let mut links: BTreeMap<String, Vec<(String, f64)>> = BTreeMap::new();
        for (from, targets) in &self.links {
            for (to, weight) in targets {
                links.entry(to.clone()).or_default().push((from.clone(), *weight));
            }
        }
        Concordance { from_scheme: self.to_scheme.clone(), to_scheme: self.from_scheme.clone(), links }
    }
}
