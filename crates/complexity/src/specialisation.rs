use crate::ComplexityError;
use crate::error::require_same;
use frame::{LabelledMatrix, LabelledVector};

/// Revealed comparative advantage (Balassa 1965), also called location quotient or, for patents, relative technological advantage:
/// the share of an activity in a place over its share in the world,
/// `RCA_cp = (X_cp / X_c) / (X_p / X)`, places × activities, a ratio; 1 is the world's own mix.
///
/// Convention: 0/0 is 0, so a place without any activity and an activity nobody has get zeros. The world is the sum of the places
/// in the table; see [`revealed_comparative_advantage_over`] for another world.
///
/// # Errors
/// [`ComplexityError::Frame`] naming the first cell that is negative or not finite.
///
/// ```
/// use xinzhi_complexity::revealed_comparative_advantage;
/// use frame::LabelledMatrix;
/// let x = LabelledMatrix::from_triplets("places", "products", [("A", "wheat", 3.0), ("A", "ships", 1.0), ("B", "ships", 4.0)])?;
/// let rca = revealed_comparative_advantage(&x)?;
/// assert_eq!(rca.get("A", "wheat"), Some((3.0 / 4.0) / (3.0 / 8.0)));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn revealed_comparative_advantage(values: &LabelledMatrix) -> Result<LabelledMatrix, ComplexityError> {
    let world = LabelledVector::new(values.columns().clone(), values.column_sums())?;
    revealed_comparative_advantage_over(values, &world)
}

/// Revealed comparative advantage against world totals given from outside, one an activity, in the units of the table: for regions
/// measured against the world, or for all places measured against a core of reliable ones. Convention: 0/0 is 0; an activity that a
/// place has and the world does not is NaN, for there is nothing to compare with.
///
/// # Errors
/// [`ComplexityError::Frame`] naming the first value that is negative or not finite; [`ComplexityError::LabelsDiffer`] when the
/// totals are not over the table's activities.
///
/// ```
/// use xinzhi_complexity::revealed_comparative_advantage_over;
/// use frame::{LabelledMatrix, LabelledVector};
/// let x = LabelledMatrix::from_triplets("places", "products", [("A", "ships", 1.0), ("A", "wheat", 1.0)])?;
/// let world = LabelledVector::new(x.columns().clone(), vec![30.0, 10.0])?;
/// let rca = revealed_comparative_advantage_over(&x, &world)?;
/// assert_eq!(rca.values(), [0.5 / 0.75, 0.5 / 0.25]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn revealed_comparative_advantage_over(values: &LabelledMatrix, world: &LabelledVector) -> Result<LabelledMatrix, ComplexityError> {
    values.require_non_negative("specialisation")?;
    require_same("activities", ("the table", values.columns()), ("the world totals", world.labels()))?;
    let row = frame::Labels::new("world totals", ["world"])?;
    LabelledMatrix::new(row, world.labels().clone(), world.values().to_vec())?.require_non_negative("specialisation")?;
    let total: f64 = world.values().iter().sum();
    // NaN where the world has nothing, so that only 0/0 comes out as 0
    let world_shares: Vec<f64> = world.values().iter().map(|v| if *v > 0.0 { v / total } else { f64::NAN }).collect();
    let mut rca = Vec::with_capacity(values.values().len());
    for (r, place_total) in values.row_sums().into_iter().enumerate() {
        rca.extend(values.row(r).iter().zip(&world_shares).map(|(v, share)| if *v == 0.0 { 0.0 } else { (v / place_total) / share }));
    }
    Ok(LabelledMatrix::new(values.rows().clone(), values.columns().clone(), rca)?)
}

/// Revealed population advantage (RPOP): the value a head in a place over the world's value a head, `(X_cp / n_c) / (X_p / Σ_c n_c)` with
/// n the population, places × activities, a ratio. It says whether a place has much of an activity for its size, whatever else it has
/// (Growth Lab, Atlas of Economic Complexity).
///
/// The world is the sum over `world_places` (all places of the table when absent). Convention: 0/0 is 0; an activity that a place has and
/// the world does not is NaN, and so is a place without a known population.
///
/// # Errors
/// [`ComplexityError::Frame`] naming the first value that is negative or not finite; [`ComplexityError::LabelsDiffer`] when the
/// population is not over the table's places; [`ComplexityError::NoPopulation`] when no place of the world has one.
///
/// ```
/// use xinzhi_complexity::revealed_population_advantage;
/// use frame::{LabelledMatrix, LabelledVector};
/// let x = LabelledMatrix::from_triplets("places", "products", [("A", "ships", 6.0), ("B", "ships", 6.0)])?;
/// let population = LabelledVector::new(x.rows().clone(), vec![1.0, 3.0])?;
/// assert_eq!(revealed_population_advantage(&x, &population, None)?.values(), [6.0 / 3.0, 2.0 / 3.0]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn revealed_population_advantage(
    values: &LabelledMatrix,
    population: &LabelledVector,
    world_places: Option<&[usize]>,
) -> Result<LabelledMatrix, ComplexityError> {
    values.require_non_negative("specialisation")?;
    require_same("places", ("the table", values.rows()), ("the population", population.labels()))?;
    let known = |place: usize| Some(population.values()[place]).filter(|n| n.is_finite() && *n > 0.0);
    let all: Vec<usize> = (0..values.rows().len()).collect();
    let world: Vec<usize> = world_places.unwrap_or(&all).iter().copied().filter(|place| known(*place).is_some()).collect();
    if world.is_empty() {
        return Err(ComplexityError::NoPopulation);
    }
    let people: f64 = world.iter().filter_map(|place| known(*place)).sum();
    let mut totals = vec![0.0; values.columns().len()];
    for place in &world {
        totals.iter_mut().zip(values.row(*place)).for_each(|(total, value)| *total += value);
    }
    let mut advantage = Vec::with_capacity(values.values().len());
    for place in 0..values.rows().len() {
        let own = known(place).unwrap_or(f64::NAN);
        advantage.extend(values.row(place).iter().zip(&totals).map(|(value, total)| {
            if own.is_nan() {
                f64::NAN
            } else if *value == 0.0 {
                0.0
            } else if *total > 0.0 {
                (value / own) / (total / people)
            } else {
                f64::NAN
            }
        }));
    }
    Ok(LabelledMatrix::new(values.rows().clone(), values.columns().clone(), advantage)?)
}
