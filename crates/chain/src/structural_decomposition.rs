use crate::{ChainError, InputOutputSystem, Leontief};
use frame::{LabelledMatrix, LabelledVector, Labels};
use serde::{Deserialize, Serialize};

/// How the order in which factors change is settled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DecompositionMethod {
    /// The mean of the two polar orders: factors changed one after the other from the first, and from the last.
    TwoPolar,
    /// The mean of all k! orders, exactly (the Shapley value of each factor); 2^k evaluations suffice for it.
    #[default]
    AllOrders,
}

/// Into which factors final demand is taken apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DemandFactors {
    /// One factor: y.
    Whole,
    /// Its level (the sum of all final demand) and its composition.
    LevelAndComposition,
    /// Its level, its destination (shares of the final-demand columns in the level) and its structure (shares of products in every
    /// column).
    #[default]
    LevelDestinationStructure,
}

/// Conventions of [`structural_decomposition`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct DecompositionOptions {
    /// The order of changes.
    pub method: DecompositionMethod,
    /// The parts of final demand.
    pub demand: DemandFactors,
}

/// What changed between two systems, by cause.
#[derive(Debug, Clone, PartialEq)]
pub struct StructuralDecomposition {
    /// Effects of each factor on what arises in each industry ("region sector"): industries × factors.
    pub by_industry: LabelledMatrix,
    /// Their sums over industries.
    pub effects: LabelledVector,
    /// The technology effect by the industry whose recipe changed (s' L₁ ΔA)_j (L₀ y)_j, mean over both polar ways to evaluate it,
    /// industries in table order. Its sum is the technology effect when intensity and demand are held at their mean, and differs a
    /// little from that of `effects` where they change much.
    pub technology_by_purchaser: LabelledVector,
    /// The account in the first system.
    pub before: f64,
    /// The account in the second.
    pub after: f64,
    /// after − before − Σ effects: rounding only.
    pub residual: f64,
}

/// Structural decomposition of the change of s' L y between two systems with the same labels.
///
/// Factors: intensity (stressor coefficients s; left out, the account is output), technology (A, through L) and the parts of final
/// demand y = B d t, with t its level, d the shares of its columns and B the products' shares in each. Every combination of old and
/// new factors is evaluated with solves on the two factors; no inverse and no difference of inverses is formed. By the identity
/// L₁ − L₀ = L₁ (A₁ − A₀) L₀ the technology effect also splits over the industries whose inputs changed.
///
/// The mean over all k! orders is exact and leaves no residual: Dietzenbacher and Los (1998), Structural Decomposition Techniques:
/// Sense and Sensitivity, Economic Systems Research 10, who also show that the two polar orders come close to it. Both systems
/// should be in the same prices: otherwise inflation passes for growth of the level and lower intensity.
///
/// `before` and `after` carry stressor flows F by industry (n values each) or nothing.
///
/// ```
/// use xinzhi_chain::{DecompositionOptions, Factor, InputOutputSystem, SystemOptions, structural_decomposition};
/// let pair = |a: &str, b: &str| (a.to_string(), b.to_string());
/// let system = |period, z, y| InputOutputSystem::new(
///     "made up", period, "units", vec![pair("A", "1"), pair("A", "2")], z, vec![pair("A", "final")], y, SystemOptions::default(),
/// );
/// let before = Factor::new(&system(2000, vec![10.0, 20.0, 30.0, 10.0], vec![50.0, 60.0])?)?;
/// let after = Factor::new(&system(2010, vec![20.0, 30.0, 30.0, 20.0], vec![90.0, 80.0])?)?;
/// let parts = structural_decomposition(&before, None, &after, None, &DecompositionOptions::default())?;
/// assert_eq!((parts.before, parts.after), (180.0, 270.0));
/// assert!(parts.residual.abs() < 1e-10 && parts.effects.get("level of final demand").unwrap() > 90.0);
/// # Ok::<(), xinzhi_chain::ChainError>(())
/// ```
///
/// # Errors
/// [`ChainError::Different`] when labels differ; [`ChainError::Shape`]; [`ChainError::Refused`] when only one side has stressor flows;
/// [`ChainError::Nothing`] when the level of final demand, or one of its columns on one side only, is zero, so that there are no shares.
pub fn structural_decomposition(
    before: &impl Leontief,
    stressor_before: Option<&[f64]>,
    after: &impl Leontief,
    stressor_after: Option<&[f64]>,
    options: &DecompositionOptions,
) -> Result<StructuralDecomposition, ChainError> {
    let systems = [before.system(), after.system()];
    same_labels(systems[0], systems[1])?;
    let n = systems[0].size();
    let intensities = match (stressor_before, stressor_after) {
        (None, None) => None,
        (Some(before), Some(after)) => {
            let per_output = |system: &InputOutputSystem, flows: &[f64]| {
                if flows.len() != n {
                    let (system, what) = (system.name().to_owned(), "the stressor".to_owned());
                    return Err(ChainError::Shape { system, what, expected: n, found: flows.len() });
                }
                Ok(flows.iter().zip(system.output()).map(|(f, x)| if *x > 0.0 { f / x } else { 0.0 }).collect::<Vec<f64>>())
            };
            Some([per_output(systems[0], before)?, per_output(systems[1], after)?])
        }
        _ => {
            let why = "it stands on one side only; give it for both systems or for neither".to_owned();
            return Err(ChainError::Refused { system: systems[0].name().to_owned(), what: "the stressor".to_owned(), why });
        }
    };
    let demand = [DemandParts::new(systems[0], options.demand)?, DemandParts::new(systems[1], options.demand)?];
    demand[0].same_columns(&demand[1], systems)?;

    let mut names: Vec<&str> = Vec::new();
    if intensities.is_some() {
        names.push("intensity");
    }
    names.push("technology");
    let first_demand = names.len();
    names.extend(match options.demand {
        DemandFactors::Whole => &["final demand"][..],
        DemandFactors::LevelAndComposition => &["composition of final demand", "level of final demand"],
        DemandFactors::LevelDestinationStructure => &["structure of final demand", "destination of final demand", "level of final demand"],
    });
    let k = names.len();

    // every combination of old (bit 0) and new (bit 1) factors, bit f for factor f
    let demand_factors = k - first_demand;
    let vectors: Vec<f64> = (0..1_usize << demand_factors).flat_map(|bits| DemandParts::combined(&demand, bits, demand_factors)).collect();
    let outputs = [before.solve(vectors.clone()), after.solve(vectors)];
    let account = |combination: usize| -> Vec<f64> {
        let bits = combination >> first_demand;
        let technology = usize::from(combination >> (first_demand - 1) & 1 == 1);
        let made = &outputs[technology][bits * n..(bits + 1) * n];
        match &intensities {
            None => made.to_vec(),
            Some(intensities) => made.iter().zip(&intensities[combination & 1]).map(|(x, s)| x * s).collect(),
        }
    };
    let accounts: Vec<Vec<f64>> = (0..1_usize << k).map(account).collect();
    let mut effects = vec![0.0; n * k];
    for factor in 0..k {
        for (without, weight) in steps(options.method, factor, k) {
            let (from, to) = (&accounts[without], &accounts[without | 1 << factor]);
            for (i, (from, to)) in from.iter().zip(to).enumerate() {
                effects[i * k + factor] += weight * (to - from);
            }
        }
    }

    let labels = |what: &str| Labels::new(what, (0..n).map(|i| systems[0].industry(i)));
    let by_industry = LabelledMatrix::new(labels("industries")?, Labels::new("factors", names.iter().copied())?, effects)?;
    let sums = by_industry.column_sums();
    let (start, end): (f64, f64) = (accounts[0].iter().sum(), accounts[(1 << k) - 1].iter().sum());
    let technology = technology_by_purchaser(before, after, intensities.as_ref(), &outputs, demand_factors);
    Ok(StructuralDecomposition {
        effects: LabelledVector::new(by_industry.columns().clone(), sums.clone())?,
        by_industry,
        technology_by_purchaser: LabelledVector::new(labels("purchasing industries")?, technology)?,
        before: start,
        after: end,
        residual: end - start - sums.iter().sum::<f64>(),
    })
}

/// The weighted steps "factor changes while those of the set have changed already" whose mean a method takes.
fn steps(method: DecompositionMethod, factor: usize, k: usize) -> Vec<(usize, f64)> {
    match method {
        DecompositionMethod::TwoPolar => {
            let before = (1 << factor) - 1;
            let behind = ((1 << k) - 1) & !((1 << (factor + 1)) - 1);
            vec![(before, 0.5), (behind, 0.5)]
        }
        DecompositionMethod::AllOrders => {
            let factorial = |m: usize| (1..=m).map(|v| v as f64).product::<f64>();
            (0..1_usize << k)
                .filter(|set| set >> factor & 1 == 0)
                .map(|set| {
                    let size = set.count_ones() as usize;
                    (set, factorial(size) * factorial(k - size - 1) / factorial(k))
                })
                .collect()
        }
    }
}

/// ½ [ (s₀' L₁ ΔA)_j (L₀ y₀)_j + (s₁' L₁ ΔA)_j (L₀ y₁)_j ].
fn technology_by_purchaser(
    before: &impl Leontief,
    after: &impl Leontief,
    intensities: Option<&[Vec<f64>; 2]>,
    outputs: &[Vec<f64>; 2],
    demand_factors: usize,
) -> Vec<f64> {
    let (first, second) = (before.system(), after.system());
    let n = first.size();
    let weights: Vec<f64> = match intensities {
        None => vec![1.0; 2 * n],
        Some(both) => both.concat(),
    };
    let multipliers = after.solve_transposed(weights);
    let mut changed = vec![0.0; 2 * n];
    for i in 0..n {
        for (side, changed) in changed.chunks_exact_mut(n).enumerate() {
            let m = multipliers[side * n + i];
            for (j, changed) in changed.iter_mut().enumerate() {
                *changed += m * (second.input_coefficient(i, j) - first.input_coefficient(i, j));
            }
        }
    }
    let last = (1 << demand_factors) - 1;
    let (old, new) = (&outputs[0][..n], &outputs[0][last * n..(last + 1) * n]);
    (0..n).map(|j| 0.5 * (changed[j] * old[j] + changed[n + j] * new[j])).collect()
}

fn same_labels(first: &InputOutputSystem, second: &InputOutputSystem) -> Result<(), ChainError> {
    let pairs = [
        ("industries", first.sectors(), second.sectors()),
        ("final-demand columns", first.final_demand_columns(), second.final_demand_columns()),
    ];
    for (what, a, b) in pairs {
        if a == b {
            continue;
        }
        let label = match a.iter().zip(b).find(|(a, b)| a != b) {
            Some((a, b)) => format!("{} {} against {} {}", a.0, a.1, b.0, b.1),
            None => format!("{} against {}", a.len(), b.len()),
        };
        return Err(ChainError::Different { first: first.name().to_owned(), second: second.name().to_owned(), what, label });
    }
    Ok(())
}

/// y = B d t, or coarser: products' shares in every column (n × m), columns' shares, level.
struct DemandParts {
    n: usize,
    structure: Vec<f64>,
    destination: Vec<f64>,
    level: f64,
    empty: Vec<bool>,
}

impl DemandParts {
    fn new(system: &InputOutputSystem, factors: DemandFactors) -> Result<Self, ChainError> {
        let (n, m) = (system.size(), system.final_demand_columns().len());
        let y = system.final_demand();
        let whole: Vec<f64> = (0..n).map(|i| y[i * m..(i + 1) * m].iter().sum()).collect();
        let level: f64 = whole.iter().sum();
        if factors == DemandFactors::Whole {
            return Ok(DemandParts { n, structure: whole, destination: vec![1.0], level: 1.0, empty: vec![false] });
        }
        if level == 0.0 {
            let what = "the level of final demand".to_owned();
            return Err(ChainError::Nothing { system: system.name().to_owned(), what, place: "all columns".to_owned() });
        }
        if factors == DemandFactors::LevelAndComposition {
            let structure = whole.iter().map(|v| v / level).collect();
            return Ok(DemandParts { n, structure, destination: vec![1.0], level, empty: vec![false] });
        }
        let mut sums = vec![0.0; m];
        let mut masses = vec![0.0; m];
        for row in y.chunks_exact(m) {
            for (value, (sum, mass)) in row.iter().zip(sums.iter_mut().zip(masses.iter_mut())) {
                *sum += value;
                *mass += value.abs();
            }
        }
        let mut structure = vec![0.0; n * m];
        for (from, to) in y.chunks_exact(m).zip(structure.chunks_exact_mut(m)) {
            for ((value, to), sum) in from.iter().zip(to).zip(&sums) {
                *to = if *sum != 0.0 { value / sum } else { 0.0 };
            }
        }
        // a column that sums to (nearly) nothing but is not empty, such as inventories, has no shares
        if let Some(j) = (0..m).find(|j| masses[*j] > 0.0 && sums[*j].abs() <= 1e-9 * masses[*j]) {
            let (region, category) = &system.final_demand_columns()[j];
            let what = "the sum of a final-demand column with entries of both signs".to_owned();
            return Err(ChainError::Nothing { system: system.name().to_owned(), what, place: format!("{region} {category}") });
        }
        let empty = masses.iter().map(|mass| *mass == 0.0).collect();
        Ok(DemandParts { n, structure, destination: sums.iter().map(|s| s / level).collect(), level, empty })
    }

    fn same_columns(&self, other: &Self, systems: [&InputOutputSystem; 2]) -> Result<(), ChainError> {
        let Some(j) = (0..self.empty.len()).find(|j| self.empty[*j] != other.empty[*j]) else { return Ok(()) };
        let system = systems[usize::from(other.empty[j])];
        let (region, category) = &system.final_demand_columns()[j];
        let what = "the sum of a final-demand column that is not empty in the other system".to_owned();
        Err(ChainError::Nothing { system: system.name().to_owned(), what, place: format!("{region} {category}") })
    }

    /// The final demand of old and new parts: the lowest bit for the structure, the next for destination, the last for the level, as
    /// far as there are so many factors.
    fn combined(parts: &[Self; 2], bits: usize, factors: usize) -> Vec<f64> {
        let pick = |bit: usize| usize::from(bits >> bit & 1 == 1);
        let structure = &parts[pick(0)];
        let destination = &parts[if factors == 3 { pick(1) } else { 0 }].destination;
        let level = parts[if factors > 1 { pick(factors - 1) } else { 0 }].level;
        let m = destination.len();
        let product = |row: &[f64]| level * row.iter().zip(destination).map(|(b, d)| b * d).sum::<f64>();
        structure.structure.chunks_exact(m).take(structure.n).map(product).collect()
    }
}

/// Logarithmic mean Divisia index decomposition of a sum of products, in additive and multiplicative form.
#[derive(Debug, Clone, PartialEq)]
pub struct LogarithmicMeanDivisia {
    /// Δ_k: effects that sum to after − before.
    pub additive: LabelledVector,
    /// D_k: effects whose product is after / before; absent where either total is not positive.
    pub multiplicative: Option<LabelledVector>,
    /// Σ over categories of the product of all factors, before.
    pub before: f64,
    /// The same after.
    pub after: f64,
    /// after − before − Σ Δ_k: rounding only.
    pub residual: f64,
}

/// LMDI-I: V = Σ_c Π_k x_kc taken apart by factor k.
///
/// Δ_k = Σ_c w(V_c¹, V_c⁰) ln(x_kc¹ / x_kc⁰) with the logarithmic mean w(a, b) = (a − b) / ln(a / b); D_k = exp(Σ_c w(V_c¹, V_c⁰) /
/// w(V¹, V⁰) ln(x_kc¹ / x_kc⁰)). A ratio such as energy per unit of output is a sum of products like any other: shares × intensities.
/// Zeros take their analytical limits (Ang, Zhang and Choi 1998): where a category appears or vanishes, the factors that are zero on
/// one side carry the whole change in equal parts. Source: Ang (2005), The LMDI Approach to Decomposition Analysis, Energy Policy 33;
/// Ang and Liu (2001), Energy 26.
///
/// `before` and `after` hold the factors: categories × factors, with the same labels, no value negative.
///
/// ```
/// use xinzhi_chain::logarithmic_mean_divisia;
/// use frame::{LabelledMatrix, Labels};
/// let factors = |values| Ok::<_, frame::FrameError>(LabelledMatrix::new(
///     Labels::new("industries", ["steel", "other"])?, Labels::new("factors", ["activity", "intensity"])?, values,
/// )?);
/// let parts = logarithmic_mean_divisia(&factors(vec![10.0, 2.0, 50.0, 1.0])?, &factors(vec![20.0, 2.0, 50.0, 1.0])?)?;
/// assert!((parts.additive.get("activity").unwrap() - 20.0).abs() < 1e-12);
/// assert_eq!(parts.additive.get("intensity"), Some(0.0));
/// assert!((parts.multiplicative.unwrap().get("activity").unwrap() - 90.0 / 70.0).abs() < 1e-12);
/// # Ok::<(), xinzhi_chain::ChainError>(())
/// ```
///
/// # Errors
/// [`ChainError::Different`]; [`frame::FrameError::Value`] for a factor that is negative or not finite.
pub fn logarithmic_mean_divisia(before: &LabelledMatrix, after: &LabelledMatrix) -> Result<LogarithmicMeanDivisia, ChainError> {
    for (what, a, b) in [("categories", before.rows(), after.rows()), ("factors", before.columns(), after.columns())] {
        if a != b {
            let label = a.iter().zip(b.iter()).find(|(a, b)| a != b).map_or_else(String::new, |(a, b)| format!("{a} against {b}"));
            return Err(ChainError::Different {
                first: "the factors before".to_owned(),
                second: "the factors after".to_owned(),
                what,
                label,
            });
        }
    }
    before.require_non_negative("the factors before")?;
    after.require_non_negative("the factors after")?;
    let (categories, k) = (before.rows().len(), before.columns().len());
    let products: Vec<(f64, f64)> = (0..categories).map(|c| (before.row(c).iter().product(), after.row(c).iter().product())).collect();
    let (start, end) = products.iter().fold((0.0, 0.0), |(a, b), (v0, v1)| (a + v0, b + v1));
    let mut additive = vec![0.0; k];
    for (c, (v0, v1)) in products.iter().enumerate() {
        if *v0 == 0.0 && *v1 == 0.0 {
            continue;
        }
        let factors = || before.row(c).iter().zip(after.row(c));
        if *v0 > 0.0 && *v1 > 0.0 {
            let weight = logarithmic_mean(*v1, *v0);
            additive.iter_mut().zip(factors()).for_each(|(sum, (x0, x1))| *sum += weight * (x1 / x0).ln());
        } else {
            let on_one_side = |(x0, x1): (&f64, &f64)| (*x0 == 0.0) != (*x1 == 0.0);
            let carriers = factors().filter(|pair| on_one_side(*pair)).count();
            // products of positive factors that vanish by underflow have no carrier; they change by nothing that can be told from zero
            if carriers > 0 {
                let part = (v1 - v0) / carriers as f64;
                additive.iter_mut().zip(factors()).filter(|(_, pair)| on_one_side(*pair)).for_each(|(sum, _)| *sum += part);
            }
        }
    }
    let multiplicative = if start > 0.0 && end > 0.0 {
        let mean = logarithmic_mean(end, start);
        Some(LabelledVector::new(before.columns().clone(), additive.iter().map(|effect| (effect / mean).exp()).collect())?)
    } else {
        None
    };
    let residual = end - start - additive.iter().sum::<f64>();
    let additive = LabelledVector::new(before.columns().clone(), additive)?;
    Ok(LogarithmicMeanDivisia { additive, multiplicative, before: start, after: end, residual })
}

/// (a − b) / ln(a / b), a where both are equal; by way of ln(1 + x), which is exact near there.
fn logarithmic_mean(a: f64, b: f64) -> f64 {
    let difference = a - b;
    if difference == 0.0 { a } else { difference / (difference / b).ln_1p() }
}
