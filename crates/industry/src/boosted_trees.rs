use crate::IndustryError;
use crate::features::{Features, all_rows};
use crate::logistic::sigmoid;
use frame::Labels;
use serde::{Deserialize, Serialize};

/// Options of [`boosted_trees`].
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct BoostedTreesOptions {
    /// How many trees (50).
    pub trees: u32,
    /// How much of each tree's correction is taken, over 0 to 1 (0.2).
    pub shrinkage: f64,
    /// Questions from the root to a leaf (3).
    pub depth: u32,
    /// Training cases a leaf must hold (50).
    pub minimum_leaf: u32,
    /// The weight λ of the penalty on the values of leaves (1).
    pub ridge: f64,
    /// Bins per feature, cut at quantiles of the training cases, 2 to 256 (64).
    pub bins: usize,
}

impl Default for BoostedTreesOptions {
    fn default() -> Self {
        BoostedTreesOptions { trees: 50, shrinkage: 0.2, depth: 3, minimum_leaf: 50, ridge: 1.0, bins: 64 }
    }
}

/// Fitted gradient-boosted trees.
#[derive(Debug, Clone, PartialEq)]
pub struct BoostedTrees {
    names: Labels,
    /// The log odds before the first tree.
    base: f64,
    trees: Vec<Vec<Node>>,
    /// Mean log loss of the training cases before the first tree and after every tree, falling throughout.
    pub training_loss: Vec<f64>,
    /// The options used.
    pub options: BoostedTreesOptions,
}

/// A question (go to `below` where the feature is at most the threshold, else to `above`), or a leaf, which points to itself.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Node {
    feature: usize,
    threshold: f64,
    below: usize,
    above: usize,
    value: f64,
}

/// Gradient-boosted trees for the log loss: each tree is grown on first and second derivatives (g = p − y, h = p(1 − p)) of the loss at the
/// scores so far, level by level on histograms; a split gains `G_l²/(H_l + λ) + G_r²/(H_r + λ) − G²/(H + λ)`, a leaf holds
/// `−G/(H + λ)`, of which `shrinkage` is added. A tree that would not lower the training loss is halved until it does, or ends the
/// boosting.
///
/// Without any random numbers: no sampling of rows or columns; equal gains go to the first feature and the lowest threshold. One
/// thread, so that the bytes do not depend on how many there are.
///
/// # Errors
/// [`IndustryError::Cases`], [`IndustryError::OneOutcome`] when all or none entered, [`IndustryError::Option`].
///
/// Source: Friedman (2001), Annals of Statistics 29; the second-order form of Chen and Guestrin (2016), KDD.
///
/// ```
/// use frame::Labels;
/// use xinzhi_industry::{BoostedTreesOptions, Features, boosted_trees};
/// // entry needs the middle of x, which no straight line can say
/// let x = Features::new(Labels::new("features", ["x"])?, (0..300).map(f64::from).collect())?;
/// let entered: Vec<bool> = (0..300).map(|i| (100..200).contains(&i)).collect();
/// let model = boosted_trees(&x, &entered, &BoostedTreesOptions::default())?;
/// assert!(model.probability(&[150.0]) > 0.9 && model.probability(&[20.0]) < 0.1 && model.probability(&[280.0]) < 0.1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn boosted_trees(features: &Features, entered: &[bool], options: &BoostedTreesOptions) -> Result<BoostedTrees, IndustryError> {
    fit(features, entered, &all_rows(features.len()), options)
}

/// The same on some rows.
pub(crate) fn fit(
    features: &Features,
    entered: &[bool],
    rows: &[u32],
    options: &BoostedTreesOptions,
) -> Result<BoostedTrees, IndustryError> {
    check(options)?;
    features.require_outcomes(entered, rows)?;
    let binned = Binned::new(features, rows, options.bins);
    let outcomes: Vec<bool> = rows.iter().map(|r| entered[*r as usize]).collect();
    let share = outcomes.iter().filter(|e| **e).count() as f64 / outcomes.len() as f64;
    let base = (share / (1.0 - share)).ln();
    let mut scores = vec![base; outcomes.len()];
    let mut slopes = vec![[0.0; 2]; outcomes.len()];
    let mut loss = slopes_and_loss(&scores, &outcomes, &mut slopes);
    let (mut trees, mut training_loss) = (Vec::new(), vec![loss]);
    let mut order = vec![0_u32; outcomes.len()];
    let mut next = scores.clone();
    let mut leaves = scores.clone();
    for _ in 0..options.trees {
        let mut tree = Growth { binned: &binned, slopes: &slopes, options }.grow(&mut order, &mut next);
        if tree.len() == 1 {
            break;
        }
        // `next` holds the leaf value of every case; it becomes the score after this tree
        let mut length = options.shrinkage;
        let mut lower = None;
        leaves.copy_from_slice(&next);
        while length > options.shrinkage / 64.0 {
            next.iter_mut().zip(&scores).zip(&leaves).for_each(|((n, s), leaf)| *n = s + length * leaf);
            lower = Some(slopes_and_loss(&next, &outcomes, &mut slopes)).filter(|l| *l < loss);
            if lower.is_some() {
                break;
            }
            length /= 2.0;
        }
        let Some(lower) = lower else { break };
        std::mem::swap(&mut scores, &mut next);
        loss = lower;
        tree.iter_mut().for_each(|node| node.value *= length);
        trees.push(tree);
        training_loss.push(loss);
    }
    Ok(BoostedTrees { names: features.names().clone(), base, trees, training_loss, options: *options })
}

fn check(options: &BoostedTreesOptions) -> Result<(), IndustryError> {
    let refuse = |option, value: String, requirement| Err(IndustryError::Option { option, value, requirement });
    if !(options.shrinkage > 0.0 && options.shrinkage <= 1.0) {
        return refuse("shrinkage", options.shrinkage.to_string(), "over 0 and at most 1");
    }
    if !(1..=12).contains(&options.depth) {
        return refuse("depth", options.depth.to_string(), "from 1 to 12");
    }
    if options.minimum_leaf == 0 {
        return refuse("minimum_leaf", options.minimum_leaf.to_string(), "at least 1");
    }
    if !options.ridge.is_finite() || options.ridge < 0.0 {
        return refuse("ridge", options.ridge.to_string(), "a number that is not negative");
    }
    if !(2..=256).contains(&options.bins) {
        return refuse("bins", options.bins.to_string(), "from 2 to 256");
    }
    Ok(())
}

impl BoostedTrees {
    /// The features, in the order of a row.
    pub fn names(&self) -> &Labels {
        &self.names
    }

    /// How many trees there are: fewer than asked for when no further split gained anything.
    pub fn len(&self) -> usize {
        self.trees.len()
    }

    /// True when no split gained anything, so that every case has the base rate.
    pub fn is_empty(&self) -> bool {
        self.trees.is_empty()
    }

    /// The probability of entry of one case.
    pub fn probability(&self, row: &[f64]) -> f64 {
        let mut score = self.base;
        for tree in &self.trees {
            let mut at = 0;
            while tree[at].below != at {
                let node = &tree[at];
                at = if row[node.feature] <= node.threshold { node.below } else { node.above };
            }
            score += tree[at].value;
        }
        sigmoid(score)
    }

    /// The probabilities of all cases.
    ///
    /// # Errors
    /// [`IndustryError::LabelsDiffer`] for features of other names.
    pub fn probabilities(&self, features: &Features) -> Result<Vec<f64>, IndustryError> {
        features.require_names(&self.names)?;
        Ok((0..features.len()).map(|case| self.probability(features.row(case))).collect())
    }
}

/// First and second derivatives of the loss of every case, and the mean loss.
fn slopes_and_loss(scores: &[f64], outcomes: &[bool], slopes: &mut [[f64; 2]]) -> f64 {
    let (mut loss, mut product) = (0.0_f64, 1.0_f64);
    for (k, ((score, entered), slope)) in scores.iter().zip(outcomes).zip(slopes.iter_mut()).enumerate() {
        let e = (-score.abs()).exp();
        let p = if *score >= 0.0 { 1.0 / (1.0 + e) } else { e / (1.0 + e) };
        *slope = [p - f64::from(u8::from(*entered)), e / ((1.0 + e) * (1.0 + e))];
        loss += if *entered { (-score).max(0.0) } else { score.max(0.0) };
        // one logarithm in 64 cases, of a product of factors between 1 and 2
        product *= 1.0 + e;
        if k % 64 == 63 {
            loss += product.ln();
            product = 1.0;
        }
    }
    (loss + product.ln()) / scores.len() as f64
}

/// The training cases with every feature as the number of its bin.
struct Binned {
    width: usize,
    /// Case after case.
    bins: Vec<u8>,
    /// Per feature the upper end of every bin but the last.
    edges: Vec<Vec<f64>>,
}

impl Binned {
    fn new(features: &Features, rows: &[u32], most: usize) -> Self {
        let width = features.names().len();
        let mut bins = vec![0_u8; rows.len() * width];
        let edges: Vec<Vec<f64>> = (0..width)
            .map(|j| {
                let own: Vec<f64> = rows.iter().map(|r| features.row(*r as usize)[j]).collect();
                let mut sorted = own.clone();
                sorted.sort_unstable_by(f64::total_cmp);
                let edges = edges(&sorted, most);
                for (case, value) in own.iter().enumerate() {
                    // at most 255 edges
                    bins[case * width + j] = edges.partition_point(|edge| edge < value) as u8;
                }
                edges
            })
            .collect();
        Binned { width, bins, edges }
    }
}

/// Cuts between different values, at the quantiles nearest above.
fn edges(sorted: &[f64], most: usize) -> Vec<f64> {
    let mut edges: Vec<f64> = Vec::new();
    let n = sorted.len();
    for k in 1..most {
        let at = (k * n / most).max(1);
        if at >= n {
            break;
        }
        // first place from here on where the value changes
        let below = sorted[at - 1];
        let next = at - 1 + sorted[at - 1..].partition_point(|v| *v <= below);
        let Some(above) = sorted.get(next) else { break };
        let middle = below + (above - below) / 2.0;
        // the middle of neighbouring numbers may round to the upper one
        let edge = if middle < *above { middle } else { below };
        if edges.last().is_none_or(|last| *last < edge) {
            edges.push(edge);
        }
    }
    edges
}

/// Sum of g, sum of h and number of cases of a bin; the fourth is 0 and makes it a size that adds up fast.
type Bin = [f64; 4];
/// The bins of a feature, as many as a byte can name, so that no index is out of range.
type Bins = [Bin; 256];

struct Growth<'a> {
    binned: &'a Binned,
    slopes: &'a [[f64; 2]],
    options: &'a BoostedTreesOptions,
}

/// A node whose question is still open.
struct Open {
    node: usize,
    from: usize,
    to: usize,
    histogram: Vec<Bins>,
}

struct Split {
    gain: f64,
    feature: usize,
    bin: usize,
    low: Bin,
    high: Bin,
}

impl Growth<'_> {
    /// One tree; `leaves` becomes the leaf value of every case.
    fn grow(&self, order: &mut [u32], leaves: &mut [f64]) -> Vec<Node> {
        order.iter_mut().zip(0..).for_each(|(o, i)| *o = i);
        let mut tree = vec![leaf(0)];
        let mut level = vec![Open { node: 0, from: 0, to: order.len(), histogram: self.histogram(order) }];
        let mut aside = Vec::with_capacity(order.len());
        for depth in 0..self.options.depth {
            let last = depth + 1 == self.options.depth;
            let mut next = Vec::new();
            for open in level {
                let Some(split) = self.best_split(&open.histogram) else {
                    self.close(&open, order, leaves, &mut tree);
                    continue;
                };
                let middle = open.from + self.partition(&mut order[open.from..open.to], &split, &mut aside);
                let (below, above) = (tree.len(), tree.len() + 1);
                tree.extend([leaf(below), leaf(above)]);
                let threshold = self.binned.edges[split.feature][split.bin];
                tree[open.node] = Node { feature: split.feature, threshold, below, above, value: 0.0 };
                let (low, high) = if last {
                    // leaves need the sums only
                    (vec![one_bin(split.low)], vec![one_bin(split.high)])
                } else {
                    // the larger side is what the smaller one leaves over
                    let low_is_smaller = middle - open.from <= open.to - middle;
                    let small = self.histogram(if low_is_smaller { &order[open.from..middle] } else { &order[middle..open.to] });
                    let mut large = open.histogram;
                    for (large, small) in large.iter_mut().flatten().zip(small.iter().flatten()) {
                        (0..4).for_each(|k| large[k] -= small[k]);
                    }
                    if low_is_smaller { (small, large) } else { (large, small) }
                };
                next.push(Open { node: below, from: open.from, to: middle, histogram: low });
                next.push(Open { node: above, from: middle, to: open.to, histogram: high });
            }
            level = next;
        }
        for open in level {
            self.close(&open, order, leaves, &mut tree);
        }
        tree
    }

    /// Sums per feature and bin.
    fn histogram(&self, cases: &[u32]) -> Vec<Bins> {
        let width = self.binned.width;
        let mut sums = vec![[[0.0; 4]; 256]; width];
        for case in cases {
            let case = *case as usize;
            let [g, h] = self.slopes[case];
            let add = [g, h, 1.0, 0.0];
            for (bin, sums) in self.binned.bins[case * width..(case + 1) * width].iter().zip(sums.iter_mut()) {
                let sum = &mut sums[usize::from(*bin)];
                (0..4).for_each(|k| sum[k] += add[k]);
            }
        }
        sums
    }

    fn best_split(&self, histogram: &[Bins]) -> Option<Split> {
        let (ridge, least) = (self.options.ridge, f64::from(self.options.minimum_leaf));
        let score = |sum: Bin| if sum[1] + ridge > 0.0 { sum[0] * sum[0] / (sum[1] + ridge) } else { 0.0 };
        let mut best: Option<Split> = None;
        for ((feature, edges), own) in self.binned.edges.iter().enumerate().zip(histogram) {
            let all = total(own);
            let mut low = [0.0; 4];
            for (bin, sum) in own.iter().enumerate().take(edges.len()) {
                (0..4).for_each(|k| low[k] += sum[k]);
                let high = [all[0] - low[0], all[1] - low[1], all[2] - low[2], 0.0];
                if low[2] < least || high[2] < least {
                    continue;
                }
                let gain = score(low) + score(high) - score(all);
                // what is left of two equal numbers is no gain
                if gain > best.as_ref().map_or(1e-12, |b| b.gain) {
                    best = Some(Split { gain, feature, bin, low, high });
                }
            }
        }
        best
    }

    /// Cases at most at the threshold first, each side in its old order; returns how many they are.
    fn partition(&self, cases: &mut [u32], split: &Split, aside: &mut Vec<u32>) -> usize {
        aside.clear();
        let mut kept = 0;
        for k in 0..cases.len() {
            let case = cases[k];
            if usize::from(self.binned.bins[case as usize * self.binned.width + split.feature]) <= split.bin {
                cases[kept] = case;
                kept += 1;
            } else {
                aside.push(case);
            }
        }
        cases[kept..].copy_from_slice(aside);
        kept
    }

    fn close(&self, open: &Open, order: &[u32], leaves: &mut [f64], tree: &mut [Node]) {
        let [g, h, ..] = open.histogram.first().map_or([0.0; 4], total);
        let value = if h + self.options.ridge > 0.0 { -g / (h + self.options.ridge) } else { 0.0 };
        tree[open.node].value = value;
        order[open.from..open.to].iter().for_each(|case| leaves[*case as usize] = value);
    }
}

fn leaf(at: usize) -> Node {
    Node { feature: 0, threshold: 0.0, below: at, above: at, value: 0.0 }
}

/// Sums that no split will ask about.
fn one_bin(sum: Bin) -> Bins {
    let mut bins = [[0.0; 4]; 256];
    bins[0] = sum;
    bins
}

fn total(bins: &Bins) -> Bin {
    bins.iter().fold([0.0; 4], |sum, bin| [sum[0] + bin[0], sum[1] + bin[1], sum[2] + bin[2], 0.0])
}
