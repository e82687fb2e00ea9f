use crate::economic_complexity::correlation;
use crate::eigenvectors::largest_eigenvectors;
use crate::{ComplexityError, EconomicComplexity, Presence, PresenceRule, Solution, random};
use frame::{LabelledMatrix, LabelledVector};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

/// What is drawn anew in every replicate.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Resampling {
    /// As many places as there are, with replacement: how far the index hangs on which places are in the table. Places not drawn are
    /// projected on the activities of those drawn, so every place has an index in every replicate.
    #[default]
    Places,
    /// As many activities as there are, with replacement: how far it hangs on which activities the classification tells apart.
    Activities,
    /// Every place's values, as a multinomial draw of so many units at the place's shares: how far it hangs on small, noisy cells. With
    /// counts (patents, people) the natural number is the place's own total.
    Values {
        /// Units a place; absent takes the place's total, rounded.
        draws: Option<u32>,
    },
}

/// Options of [`complexity_intervals`].
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct BootstrapOptions {
    /// What is drawn anew.
    pub resampling: Resampling,
    /// How often (1,000).
    pub replicates: u32,
    /// Where the random numbers start; the same seed gives the same intervals on any number of threads.
    pub seed: u64,
    /// The part of the replicates an interval holds (0.9).
    pub level: f64,
}

impl Default for BootstrapOptions {
    fn default() -> Self {
        BootstrapOptions { resampling: Resampling::Places, replicates: 1000, seed: 1, level: 0.9 }
    }
}

/// The middle part of the replicates.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Interval {
    /// Its lower end.
    pub low: f64,
    /// Its upper end.
    pub high: f64,
}

/// The middle part of the ranks, 1 the most complex.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct RankInterval {
    /// The best rank in it.
    pub low: f64,
    /// The worst.
    pub high: f64,
}

/// How sure the index is.
#[derive(Debug, Clone, PartialEq)]
pub struct ComplexityIntervals {
    /// ECI of every place, in the order of the table; NaN where it has none in any replicate.
    pub eci: Vec<Interval>,
    /// Rank of every place by ECI among all places of the table.
    pub rank: Vec<RankInterval>,
    /// PCI of every activity, from the replicates in which it has one.
    pub pci: Vec<Interval>,
    /// Replicates that gave an index; the others had no structure (all drawn places alike).
    pub replicates: u32,
    /// Part of the replicates in which the index runs the other way than diversity, and was turned to agree with the whole table's.
    pub turned: f64,
    /// Median over replicates of the correlation of the places' index with the whole table's.
    pub agreement: f64,
    /// The options used.
    pub options: BootstrapOptions,
}

/// Bootstrap intervals of ECI, of ranks and of PCI (percentile method, Efron 1979): everything from specialisation on is computed again in
/// every replicate. The sign of a replicate is that which agrees with the whole table's index. Quantiles interpolate linearly.
///
/// `base` is the index of the whole table, `values`, computed over all its places with the eigenvector; indices of replicates are scaled
/// by the mean and population deviation over the places drawn, so that the intervals belong to conventions with that scale.
///
/// # Errors
/// [`ComplexityError::Option`] for no replicates, a level outside 0 to 1, presence that is given (its values cannot be drawn anew except
/// by place or activity), or totals that are no counts; [`ComplexityError::NoPopulation`]; [`ComplexityError::LabelsDiffer`];
/// [`ComplexityError::NoStructure`] when no replicate gives an index.
///
/// ```
/// use xinzhi_complexity::*;
/// use frame::LabelledMatrix;
/// let exports = LabelledMatrix::from_triplets("places", "products", [
///     ("A", "wheat", 9.0), ("A", "ships", 1.0), ("B", "ships", 5.0), ("B", "chips", 5.0), ("C", "wheat", 3.0), ("C", "chips", 7.0),
///     ("C", "ships", 4.0), ("D", "wheat", 2.0), ("D", "ships", 2.0),
/// ])?;
/// let base = period_complexity(&exports, None, Core::All, &ComplexityOptions::default())?.complexity.ok_or("no index")?;
/// let options = BootstrapOptions { replicates: 50, ..BootstrapOptions::default() };
/// let sure = complexity_intervals(&exports, None, PresenceRule::default(), &base, &options)?;
/// assert!(sure.eci[0].low <= sure.eci[0].high && sure.rank[0].high <= 4.0);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn complexity_intervals(
    values: &LabelledMatrix,
    population: Option<&LabelledVector>,
    rule: PresenceRule,
    base: &EconomicComplexity,
    options: &BootstrapOptions,
) -> Result<ComplexityIntervals, ComplexityError> {
    check(values, population, rule, base, options)?;
    let table = Table::new(values, population, rule);
    let (places, n) = (values.rows().len(), values.columns().len());
    let made: Vec<Option<Replicate>> =
        (0..u64::from(options.replicates)).into_par_iter().map(|replicate| table.replicate(replicate, options, base)).collect();
    let made: Vec<Replicate> = made.into_iter().flatten().collect();
    if made.is_empty() {
        return Err(ComplexityError::NoStructure { second_eigenvalue: "0 in every replicate".to_owned() });
    }
    let tail = (1.0 - options.level) / 2.0;
    let middle = |mut values: Vec<f64>| {
        values.retain(|v| v.is_finite());
        values.sort_by(f64::total_cmp);
        (quantile(&values, tail), quantile(&values, 1.0 - tail))
    };
    let of_places: Vec<(Interval, RankInterval)> = (0..places)
        .into_par_iter()
        .map(|c| {
            let (low, high) = middle(made.iter().map(|r| r.eci[c]).collect());
            let (best, worst) = middle(made.iter().map(|r| f64::from(r.rank[c])).collect());
            let known = base.eci.values()[c].is_finite();
            let rank = if known { RankInterval { low: best, high: worst } } else { RankInterval { low: f64::NAN, high: f64::NAN } };
            (if known { Interval { low, high } } else { Interval { low: f64::NAN, high: f64::NAN } }, rank)
        })
        .collect();
    let pci = (0..n).into_par_iter().map(|p| {
        let (low, high) = middle(made.iter().map(|r| f64::from(r.pci[p])).collect());
        Interval { low, high }
    });
    let mut agreement: Vec<f64> = made.iter().map(|r| r.agreement).collect();
    agreement.sort_by(f64::total_cmp);
    let (eci, rank) = of_places.into_iter().unzip();
    Ok(ComplexityIntervals {
        eci,
        rank,
        pci: pci.collect(),
        replicates: made.len() as u32,
        turned: made.iter().filter(|r| r.turned).count() as f64 / made.len() as f64,
        agreement: quantile(&agreement, 0.5),
        options: *options,
    })
}

fn check(
    values: &LabelledMatrix,
    population: Option<&LabelledVector>,
    rule: PresenceRule,
    base: &EconomicComplexity,
    options: &BootstrapOptions,
) -> Result<(), ComplexityError> {
    let refuse = |option, value: String, requirement| Err(ComplexityError::Option { option, value, requirement });
    crate::error::require_same("places", ("the table", values.rows()), ("the complexity", base.eci.labels()))?;
    crate::error::require_same("activities", ("the table", values.columns()), ("the complexity", base.pci.labels()))?;
    values.require_non_negative("complexity")?;
    if options.replicates == 0 {
        return refuse("bootstrap", "0".to_owned(), "at least 1 replicate");
    }
    if !(options.level > 0.0 && options.level < 1.0) {
        return refuse("level", options.level.to_string(), "between 0 and 1");
    }
    if !matches!(base.options.solution, Solution::Eigenvector) {
        return refuse("bootstrap", "reflections".to_owned(), "used with the eigenvector solution");
    }
    if rule.needs_population() {
        match population {
            Some(population) => {
                crate::error::require_same("places", ("the table", values.rows()), ("the population", population.labels()))?;
            }
            None => return Err(ComplexityError::NoPopulation),
        }
    }
    if let Resampling::Values { draws } = options.resampling {
        if rule == PresenceRule::Given {
            return refuse("bootstrap", "values".to_owned(), "places or activities where presence is given");
        }
        let largest = values.row_sums().into_iter().fold(0.0, f64::max);
        if draws.is_none() && !(1.0..=1e6).contains(&largest) {
            return refuse(
                "draws",
                format!("absent, with totals up to {largest}"),
                "given where the values are not counts below a million",
            );
        }
        if draws == Some(0) {
            return refuse("draws", "0".to_owned(), "at least 1");
        }
    }
    Ok(())
}

/// The whole table in the form replicates are drawn from.
struct Table<'a> {
    values: &'a LabelledMatrix,
    population: Option<&'a LabelledVector>,
    rule: PresenceRule,
}

struct Replicate {
    eci: Vec<f64>,
    rank: Vec<u32>,
    pci: Vec<f32>,
    turned: bool,
    agreement: f64,
}

impl<'a> Table<'a> {
    fn new(values: &'a LabelledMatrix, population: Option<&'a LabelledVector>, rule: PresenceRule) -> Self {
        Table { values, population, rule }
    }

    fn replicate(&self, replicate: u64, options: &BootstrapOptions, base: &EconomicComplexity) -> Option<Replicate> {
        let (places, n) = (self.values.rows().len(), self.values.columns().len());
        let (mut of_places, mut of_activities) = (vec![1.0; places], vec![1.0; n]);
        let drawn_again = |weights: &mut Vec<f64>| {
            let count = weights.len();
            weights.fill(0.0);
            (0..count as u64).for_each(|i| weights[random::below(count, options.seed, replicate, i)] += 1.0);
        };
        let mut drawn = None;
        match options.resampling {
            Resampling::Places => drawn_again(&mut of_places),
            Resampling::Activities => drawn_again(&mut of_activities),
            Resampling::Values { draws } => drawn = Some(self.draw_values(replicate, options.seed, draws)),
        }
        let values = drawn.as_deref().unwrap_or(self.values.values());
        let held = self.presence(values, &of_places, &of_activities);
        solve(&held, &of_places, &of_activities, base)
    }

    /// Every place's values as a multinomial draw, from sorted uniform numbers made of exponential gaps.
    fn draw_values(&self, replicate: u64, seed: u64, draws: Option<u32>) -> Vec<f64> {
        let n = self.values.columns().len();
        let mut drawn = vec![0.0; self.values.values().len()];
        for (place, cells) in drawn.chunks_exact_mut(n.max(1)).enumerate() {
            let row = self.values.row(place);
            let total: f64 = row.iter().sum();
            let count = draws.map_or(total.round() as u64, u64::from);
            if total <= 0.0 || count == 0 {
                continue;
            }
            let stream = replicate.wrapping_mul(1 << 24).wrapping_add(place as u64);
            let gap = |i: u64| -(1.0 - random::uniform(seed ^ 0x5eed, stream, i)).ln();
            let whole: f64 = (0..=count).map(gap).sum();
            let (mut at, mut reached, mut bound) = (0, 0.0, row[0]);
            for i in 0..count {
                reached += gap(i);
                let position = reached / whole * total;
                while position > bound && at + 1 < n {
                    at += 1;
                    bound += row[at];
                }
                cells[at] += 1.0;
            }
        }
        drawn
    }

    /// What every place holds when places and activities weigh so much.
    fn presence(&self, values: &[f64], of_places: &[f64], of_activities: &[f64]) -> Vec<Vec<u32>> {
        let n = of_activities.len();
        let rows = || values.chunks_exact(n.max(1));
        let uniform = of_activities.iter().all(|v| *v == 1.0);
        let totals: Vec<f64> = rows()
            .map(|row| if uniform { row.iter().sum() } else { row.iter().zip(of_activities).map(|(x, v)| x * v).sum::<f64>() })
            .collect();
        let mut world = vec![0.0; n];
        for (row, weight) in rows().zip(of_places).filter(|(_, weight)| **weight > 0.0) {
            world.iter_mut().zip(row).for_each(|(sum, x)| *sum += weight * x);
        }
        let all: f64 = world.iter().zip(of_activities).map(|(x, v)| x * v).sum();
        let known = |place: usize| self.population.map_or(f64::NAN, |n| n.values()[place]);
        let people: f64 = of_places.iter().enumerate().filter(|(c, _)| known(*c).is_finite()).map(|(c, w)| w * known(c)).sum();
        // x / total / (world / all) >= t, without a division a cell
        let reaches = |rule: Presence, x: f64, own: f64, world: f64, of: f64| {
            let (left, right) = (x * of, rule.threshold * own * world);
            x > 0.0 && world > 0.0 && if rule.strict { left > right } else { left >= right }
        };
        rows()
            .enumerate()
            .map(|(c, row)| {
                let own = totals[c];
                let there = |p: usize, x: f64| match self.rule {
                    PresenceRule::Given => x > 0.0,
                    PresenceRule::Specialisation(rule) => reaches(rule, x, own, world[p], all),
                    PresenceRule::Population(rule) => known(c).is_finite() && reaches(rule, x, known(c), world[p], people),
                    PresenceRule::Either { specialisation, population } => {
                        reaches(specialisation, x, own, world[p], all)
                            || (known(c).is_finite() && reaches(population, x, known(c), world[p], people))
                    }
                };
                let mut held = Vec::with_capacity(n / 3);
                for (p, x) in row.iter().enumerate() {
                    if of_activities[p] > 0.0 && there(p, *x) {
                        held.push(p as u32);
                    }
                }
                held
            })
            .collect()
    }
}

/// ECI and PCI of one replicate, on the scale of the places drawn.
fn solve(held: &[Vec<u32>], of_places: &[f64], of_activities: &[f64], base: &EconomicComplexity) -> Option<Replicate> {
    let (places, n) = (held.len(), of_activities.len());
    let mut ubiquity = vec![0.0; n];
    for (list, weight) in held.iter().zip(of_places).filter(|(_, weight)| **weight > 0.0) {
        list.iter().for_each(|p| ubiquity[*p as usize] += weight);
    }
    // an activity that no drawn place has does not exist in this world
    let counts = |p: u32| if ubiquity[p as usize] > 0.0 { of_activities[p as usize] } else { 0.0 };
    let diversity: Vec<f64> = held.iter().map(|list| list.iter().map(|p| counts(*p)).sum()).collect();
    let kept: Vec<usize> = (0..places).filter(|c| of_places[*c] > 0.0 && diversity[*c] > 0.0).collect();
    let size = kept.len();
    if size < 3 {
        return None;
    }
    // A = M V U⁻¹ Mᵀ over the kept places, by activity
    let mut makers: Vec<Vec<u32>> = vec![Vec::new(); n];
    for (i, c) in kept.iter().enumerate() {
        held[*c].iter().for_each(|p| makers[*p as usize].push(i as u32));
    }
    let mut similarity = vec![0.0; size * size];
    for (p, makers) in makers.iter().enumerate() {
        if ubiquity[p] > 0.0 && of_activities[p] > 0.0 {
            let weight = of_activities[p] / ubiquity[p];
            for (k, i) in makers.iter().enumerate() {
                let row = &mut similarity[*i as usize * size..(*i as usize + 1) * size];
                makers[..=k].iter().for_each(|j| row[*j as usize] += weight);
            }
        }
    }
    let scale: Vec<f64> = kept.iter().map(|c| (of_places[*c] / diversity[*c]).sqrt()).collect();
    let mut trivial: Vec<f64> = kept.iter().map(|c| (of_places[*c] * diversity[*c]).sqrt()).collect();
    let length = trivial.iter().map(|v| v * v).sum::<f64>().sqrt();
    trivial.iter_mut().for_each(|v| *v /= length);
    for i in 0..size {
        for j in 0..=i {
            let value = similarity[i * size + j] * scale[i] * scale[j];
            similarity[i * size + j] = value;
            similarity[j * size + i] = value;
        }
    }
    let apply = |from: &[f64], to: &mut [f64]| {
        for (cell, row) in to.iter_mut().zip(similarity.chunks_exact(size)) {
            *cell = crate::eigenvectors::dot(row, from);
        }
    };
    let (values, vectors) = largest_eigenvectors(size, 1, 1e-10, &[trivial], apply)?;
    if values[0] < 1e-12 {
        return None;
    }
    let kc: Vec<f64> = vectors[0].iter().zip(&kept).map(|(v, c)| v / (of_places[*c] * diversity[*c]).sqrt()).collect();
    let mut kp = vec![0.0; n];
    for (k, c) in kc.iter().zip(&kept) {
        held[*c].iter().for_each(|p| kp[*p as usize] += of_places[*c] * k);
    }
    kp.iter_mut().zip(&ubiquity).for_each(|(k, u)| *k = if *u > 0.0 { *k / u } else { f64::NAN });
    // kc of every place, drawn or not, as the mean of kp
    let mean_of = |list: &[u32], d: f64| {
        let known = list.iter().filter(|p| ubiquity[**p as usize] > 0.0);
        known.map(|p| of_activities[*p as usize] * kp[*p as usize]).sum::<f64>() / d
    };
    let all: Vec<f64> = held.iter().zip(&diversity).map(|(list, d)| if *d > 0.0 { mean_of(list, *d) } else { f64::NAN }).collect();
    let weight: f64 = kept.iter().map(|c| of_places[*c]).sum();
    let mean = kept.iter().map(|c| of_places[*c] * all[*c]).sum::<f64>() / weight;
    let deviation = (kept.iter().map(|c| of_places[*c] * (all[*c] - mean).powi(2)).sum::<f64>() / weight).sqrt();
    if deviation.is_nan() || deviation <= 0.0 {
        return None;
    }
    let common: Vec<usize> = (0..places).filter(|c| all[*c].is_finite() && base.eci.values()[*c].is_finite()).collect();
    let pick = |values: &[f64]| common.iter().map(|c| values[*c]).collect::<Vec<f64>>();
    let agreement = correlation(&pick(&all), &pick(base.eci.values()));
    let with_diversity = correlation(&pick(&all), &pick(&diversity));
    let sign = if agreement < 0.0 { -1.0 } else { 1.0 };
    let eci: Vec<f64> = all.iter().map(|k| sign * (k - mean) / deviation).collect();
    let mut order: Vec<usize> = (0..places).filter(|c| eci[*c].is_finite()).collect();
    order.sort_by(|a, b| eci[*b].total_cmp(&eci[*a]).then(a.cmp(b)));
    let mut rank = vec![places as u32; places];
    order.iter().enumerate().for_each(|(at, c)| rank[*c] = at as u32 + 1);
    Some(Replicate {
        eci,
        rank,
        pci: kp.iter().map(|k| (sign * (k - mean) / deviation) as f32).collect(),
        turned: sign * with_diversity < 0.0,
        agreement: agreement.abs(),
    })
}

/// The quantile `q` of ascending values, from 0 to 1: linear interpolation between order statistics (Hyndman and Fan 1996, type 7); NaN of
/// nothing.
///
/// ```
/// assert_eq!(xinzhi_complexity::quantile(&[1.0, 2.0, 4.0], 0.75), 3.0);
/// assert!(xinzhi_complexity::quantile(&[], 0.5).is_nan());
/// ```
pub fn quantile(sorted: &[f64], q: f64) -> f64 {
    let Some(last) = sorted.len().checked_sub(1) else { return f64::NAN };
    let at = q * last as f64;
    let (below, above) = (at.floor() as usize, at.ceil() as usize);
    sorted[below] + (sorted[above] - sorted[below]) * (at - below as f64)
}
