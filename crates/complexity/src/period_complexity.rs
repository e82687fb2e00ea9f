use crate::complexity_outlook::outlook;
use crate::density::{Around, leave_place_out};
use crate::error::require_same;
use crate::proximity::{ProximitySource, Tiles};
use crate::{
    ComplexityError, ComplexityOptions, ComplexityWarning, DensityOf, EconomicComplexity, Exclusion, ExclusionReason, FitnessComplexity,
    FitnessEnd, PresenceMatrix, PresenceRule, ProximityKind, economic_complexity_signed, fitness_complexity, genepy, presence,
    revealed_comparative_advantage_over, revealed_population_advantage,
};
use frame::{LabelledMatrix, LabelledVector, Labels};
use serde::Serialize;

/// Over which places activities get their index, their proximity and the world its totals; all others are measured by the result.
#[derive(Debug, Clone, Copy, Default)]
pub enum Core<'a> {
    /// All places of the table.
    #[default]
    All,
    /// Some places of the table (reliable reporters of a certain size), as the Growth Lab's production does.
    Places(&'a [String]),
    /// Another table over the same activities (the world, for the regions of one country).
    Table {
        /// Its values, places × activities.
        values: &'a LabelledMatrix,
        /// Its population, where presence asks for it.
        population: Option<&'a LabelledVector>,
    },
    /// An index of activities from elsewhere; proximity and totals are the table's own.
    Pci(&'a LabelledVector),
}

/// All indicators of one place × activity table.
#[derive(Debug, Clone)]
pub struct PeriodComplexity {
    /// Revealed comparative advantage; NaN where presence was given instead of values, and for activities the core does not have.
    pub rca: LabelledMatrix,
    /// Revealed population advantage, where a population is known.
    pub rpop: Option<LabelledMatrix>,
    /// Which places have which activities.
    pub presence: PresenceMatrix,
    /// How many activities every place has.
    pub diversity: Vec<u32>,
    /// How many places of the core have every activity.
    pub ubiquity: Vec<u32>,
    /// Economic complexity index; NaN where it is not defined.
    pub eci: LabelledVector,
    /// Product complexity index.
    pub pci: LabelledVector,
    /// Density, 0 to 1 (or percent by convention).
    pub density: LabelledMatrix,
    /// Complexity outlook index.
    pub coi: LabelledVector,
    /// Complexity outlook gain.
    pub cog: LabelledMatrix,
    /// Fitness, where asked for.
    pub fitness: Option<FitnessComplexity>,
    /// GENEPY of places and activities, where asked for.
    pub genepy: Option<crate::Genepy>,
    /// The index of complexity with its diagnostics; absent where it is not defined, and then `record.refusal` says why.
    pub complexity: Option<EconomicComplexity>,
    /// What a reader must know of the run.
    pub record: RunRecord,
}

/// What a reader must know of one period's computation.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RunRecord {
    /// The choices, each by name.
    pub options: Vec<(String, String)>,
    /// Places in the table and in the core.
    pub places: usize,
    /// Places of the core.
    pub core_places: usize,
    /// Activities.
    pub activities: usize,
    /// Cells with a value above 0.
    pub cells: usize,
    /// λ1 to λ4, as many as there are.
    pub eigenvalues: Vec<f64>,
    /// λ2 − λ3.
    pub gap: f64,
    /// Groups of places and activities without a link between them.
    pub components: usize,
    /// How far the solution is from the eigenvector.
    pub residual: f64,
    /// Correlation of the index with what its sign was taken from.
    pub sign_correlation: f64,
    /// Places without an index, and why.
    pub excluded_places: Vec<Exclusion>,
    /// Activities without an index, and why.
    pub excluded_activities: Vec<Exclusion>,
    /// How the iteration of fitness ended, and after how many steps.
    pub fitness: Option<(FitnessEnd, u32)>,
    /// What to doubt.
    pub warnings: Vec<String>,
    /// Why there is no index at all.
    pub refusal: Option<String>,
}

/// All indicators of one place × activity table: specialisation, presence, diversity and ubiquity, ECI and PCI, density, outlook index and
/// gain, fitness, and what is needed to doubt them. Units without any value or presence get NaN, are listed with a reason, and touch
/// nobody else: the others' numbers are those of the table without them. A table for which the index is not defined (one place, one
/// activity, no differences) still gets its other indicators, and `record.refusal` says why.
///
/// The proximity is never stored as a whole: memory is a few numbers a cell. Cost grows with places × presences × activities.
///
/// # Errors
/// Values that are negative or not finite, options that make no sense, labels that differ; never a property of the data alone.
///
/// ```
/// use xinzhi_complexity::{ComplexityOptions, Core, period_complexity};
/// use frame::LabelledMatrix;
/// let exports = LabelledMatrix::from_triplets("places", "products", [
///     ("A", "wheat", 9.0), ("A", "ships", 1.0), ("B", "ships", 5.0), ("B", "chips", 5.0),
///     ("C", "wheat", 3.0), ("C", "chips", 7.0), ("C", "ships", 4.0), ("D", "wheat", 0.0),
/// ])?;
/// let all = period_complexity(&exports, None, Core::All, &ComplexityOptions::default())?;
/// assert!(all.eci.get("B") > all.eci.get("A"));
/// assert!(all.eci.get("D").is_some_and(f64::is_nan));
/// assert_eq!(all.record.excluded_places[0].reason.code(), "no_value");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn period_complexity(
    values: &LabelledMatrix,
    population: Option<&LabelledVector>,
    core: Core<'_>,
    options: &ComplexityOptions,
) -> Result<PeriodComplexity, ComplexityError> {
    check(options)?;
    values.require_non_negative("complexity")?;
    if let Core::Table { values: other, .. } = core {
        require_same("activities", ("the table", values.columns()), ("the core table", other.columns()))?;
    }
    let core_positions: Option<Vec<usize>> = match core {
        Core::Places(places) => {
            let labels = Labels::new("core places", places.iter().cloned())?;
            Some(labels.iter().map(|place| values.rows().require(place)).collect::<Result<_, _>>()?)
        }
        _ => None,
    };
    let world = match (&core, &core_positions) {
        (Core::Table { values: other, .. }, _) => other.column_sums(),
        (_, Some(positions)) => sums_of(values, positions),
        _ => values.column_sums(),
    };
    let measured = measure(values, population, &LabelledVector::new(values.columns().clone(), world)?, core_positions.as_deref(), options)?;
    // what the core has
    let core_measured = match core {
        Core::Table { values: other, population } => {
            let world = LabelledVector::new(other.columns().clone(), other.column_sums())?;
            Some(measure(other, population, &world, None, options)?)
        }
        Core::Places(places) => {
            let keep: std::collections::HashSet<&str> = places.iter().map(String::as_str).collect();
            let part = |matrix: &LabelledMatrix| matrix.select_rows(|place| keep.contains(place));
            let rca = part(&measured.rca)?;
            let rpop = measured.rpop.as_ref().map(part).transpose()?;
            let presence = measured.presence.select_places(rca.rows().iter())?;
            Some(Measured { rca, rpop, presence })
        }
        Core::All | Core::Pci(_) => None,
    };
    let of_core = core_measured.as_ref().unwrap_or(&measured);
    let solved = match core {
        Core::Pci(pci) => EconomicComplexity::from_given(&measured.presence, pci),
        _ => economic_complexity_signed(&of_core.presence, &options.index, &options.sign),
    };
    let (complexity, refusal) = match solved {
        Ok(complexity) => (Some(complexity), None),
        // the data, not the caller, are at fault: everything else can still be told
        Err(error @ (ComplexityError::TooSmall { .. } | ComplexityError::NoStructure { .. } | ComplexityError::NotConverged { .. })) => {
            (None, Some(error.to_string()))
        }
        Err(error) => return Err(error),
    };
    let source = ProximitySource::new(options.proximity, &of_core.presence, of_core.specialisation(options), options.diagonal)?;
    let tiles = Tiles::of(&source);
    let diversity = measured.presence.diversity();
    let (mut density, totals) = if options.leave_place_out {
        (leave_place_out(&measured.presence, options.diagonal), tiles.totals())
    } else {
        let specialisation = match options.density_of {
            DensityOf::Presence => None,
            DensityOf::Specialisation => measured.specialisation(options),
        };
        Around { presence: &measured.presence, specialisation, nearest: options.nearest }.densities(&tiles)?
    };
    if options.nearest.is_some_and(|nearest| nearest.stata_rounding) {
        // where all neighbours were lost the package reports 0
        density.iter_mut().filter(|v| v.is_nan()).for_each(|v| *v = 0.0);
    }
    let n = values.columns().len();
    for (row, d) in density.chunks_exact_mut(n.max(1)).zip(&diversity) {
        if *d == 0 {
            row.fill(f64::NAN);
        }
    }
    let mut density = LabelledMatrix::new(values.rows().clone(), values.columns().clone(), density)?;
    let nothing = |labels: &Labels| LabelledVector::new(labels.clone(), vec![f64::NAN; labels.len()]);
    let (eci, pci, coi, cog) = match &complexity {
        Some(complexity) => {
            let own = core_measured.is_none();
            let eci = if own { complexity.eci.clone() } else { complexity.project(&measured.presence)? };
            // COI and its scale are those of the core's places where they are in the table
            let outlook = outlook(&measured.presence, &density, &tiles, &totals, complexity, options.gain)?;
            (eci, complexity.pci.clone(), outlook.coi, outlook.cog)
        }
        None => (
            nothing(values.rows())?,
            nothing(values.columns())?,
            nothing(values.rows())?,
            LabelledMatrix::new(values.rows().clone(), values.columns().clone(), vec![f64::NAN; values.values().len()])?,
        ),
    };
    if options.density_scale != 1.0 {
        let scaled = density.values().iter().map(|v| v * options.density_scale).collect();
        density = LabelledMatrix::new(values.rows().clone(), values.columns().clone(), scaled)?;
    }
    let fitness = match &options.fitness {
        Some(fitness) => fitness_complexity(&measured.presence, fitness).ok(),
        None => None,
    };
    let genepy = if options.genepy { genepy(&measured.presence).ok() } else { None };
    let record = record(values, population, of_core, &diversity, complexity.as_ref(), fitness.as_ref(), refusal, options);
    let ubiquity = of_core.presence.ubiquity();
    Ok(PeriodComplexity {
        rca: measured.rca,
        rpop: measured.rpop,
        ubiquity,
        presence: measured.presence,
        diversity,
        eci,
        pci,
        density,
        coi,
        cog,
        fitness,
        genepy,
        complexity,
        record,
    })
}

/// Specialisation and presence of one table.
struct Measured {
    rca: LabelledMatrix,
    rpop: Option<LabelledMatrix>,
    presence: PresenceMatrix,
}

impl Measured {
    /// What correlations and densities of specialisation are taken from: the number that decides presence.
    fn specialisation(&self, options: &ComplexityOptions) -> Option<&LabelledMatrix> {
        match options.presence {
            PresenceRule::Population(_) => self.rpop.as_ref(),
            PresenceRule::Given => None,
            _ => Some(&self.rca),
        }
    }
}

fn sums_of(values: &LabelledMatrix, rows: &[usize]) -> Vec<f64> {
    let mut sums = vec![0.0; values.columns().len()];
    for row in rows {
        sums.iter_mut().zip(values.row(*row)).for_each(|(sum, value)| *sum += value);
    }
    sums
}

fn measure(
    values: &LabelledMatrix,
    population: Option<&LabelledVector>,
    world: &LabelledVector,
    core: Option<&[usize]>,
    options: &ComplexityOptions,
) -> Result<Measured, ComplexityError> {
    let rpop = population.map(|population| revealed_population_advantage(values, population, core)).transpose()?;
    if options.presence == PresenceRule::Given {
        let cells = values.values().iter().map(|v| *v > 0.0);
        let presence = PresenceMatrix::from_cells(values.rows().clone(), values.columns().clone(), cells);
        let unknown = vec![f64::NAN; values.values().len()];
        return Ok(Measured { rca: LabelledMatrix::new(values.rows().clone(), values.columns().clone(), unknown)?, rpop, presence });
    }
    let rca = revealed_comparative_advantage_over(values, world)?;
    let presence = match (options.presence, &rpop) {
        (PresenceRule::Specialisation(rule), _) => presence(&rca, rule),
        (PresenceRule::Population(rule), Some(rpop)) => presence(rpop, rule),
        (PresenceRule::Either { specialisation, population }, Some(rpop)) => {
            let either = rca.values().iter().zip(rpop.values()).map(|(a, b)| specialisation.holds(*a) || population.holds(*b));
            PresenceMatrix::from_cells(values.rows().clone(), values.columns().clone(), either)
        }
        _ => return Err(ComplexityError::NoPopulation),
    };
    Ok(Measured { rca, rpop, presence })
}

fn check(options: &ComplexityOptions) -> Result<(), ComplexityError> {
    let refuse = |option, value: &str, requirement| Err(ComplexityError::Option { option, value: value.to_owned(), requirement });
    if options.leave_place_out {
        if options.proximity != ProximityKind::Minimum {
            return refuse("leave-place-out", options.proximity.name(), "used with the minimum proximity");
        }
        if options.nearest.is_some() || options.density_of == DensityOf::Specialisation {
            return refuse("leave-place-out", "on", "used with all neighbours and densities of presence");
        }
    }
    if options.presence == PresenceRule::Given && options.density_of == DensityOf::Specialisation {
        return refuse("density", "of specialisation", "of presence where presence is given");
    }
    let thresholds: Vec<f64> = match options.presence {
        PresenceRule::Specialisation(rule) | PresenceRule::Population(rule) => vec![rule.threshold],
        PresenceRule::Either { specialisation, population } => vec![specialisation.threshold, population.threshold],
        PresenceRule::Given => Vec::new(),
    };
    match thresholds.iter().find(|t| !t.is_finite() || **t < 0.0) {
        Some(threshold) => refuse("presence", &threshold.to_string(), "a threshold that is not negative"),
        None => Ok(()),
    }
}

#[allow(clippy::too_many_arguments)]
fn record(
    values: &LabelledMatrix,
    population: Option<&LabelledVector>,
    core: &Measured,
    diversity: &[u32],
    complexity: Option<&EconomicComplexity>,
    fitness: Option<&FitnessComplexity>,
    refusal: Option<String>,
    options: &ComplexityOptions,
) -> RunRecord {
    let ubiquity = core.presence.ubiquity();
    let no_population =
        |place: usize| matches!(options.presence, PresenceRule::Population(_)) && population.is_some_and(|n| n.values()[place].is_nan());
    let row_sums = values.row_sums();
    let column_sums = values.column_sums();
    let place_reason = |place: usize| {
        if row_sums[place] == 0.0 {
            ExclusionReason::NoValue
        } else if no_population(place) {
            ExclusionReason::NoPopulation
        } else {
            ExclusionReason::NoPresence
        }
    };
    let excluded_places = (0..diversity.len())
        .filter(|c| diversity[*c] == 0)
        .map(|place| Exclusion { label: values.rows().name(place).to_owned(), reason: place_reason(place) });
    let excluded_activities = (0..ubiquity.len()).filter(|p| ubiquity[*p] == 0).map(|activity| Exclusion {
        label: values.columns().name(activity).to_owned(),
        reason: if column_sums[activity] == 0.0 { ExclusionReason::NoValue } else { ExclusionReason::NoPresence },
    });
    let mut warnings: Vec<String> = complexity.iter().flat_map(|c| c.warnings.iter().map(ComplexityWarning::to_string)).collect();
    if let Some(fitness) = fitness.filter(|f| f.end != FitnessEnd::Converged) {
        let end = match fitness.end {
            FitnessEnd::RanksSettled => "the order has settled: read fitness as ranks",
            _ => "the order has not settled",
        };
        warnings.push(format!(
            "fitness has not converged after {} steps ({} places on their way to 0); {end}",
            fitness.steps, fitness.vanishing
        ));
    }
    RunRecord {
        options: describe(options),
        places: values.rows().len(),
        core_places: core.presence.places().len(),
        activities: values.columns().len(),
        cells: values.values().iter().filter(|v| **v > 0.0).count(),
        eigenvalues: complexity.map(|c| c.eigenvalues.clone()).unwrap_or_default(),
        gap: complexity.map_or(f64::NAN, |c| c.gap),
        components: complexity.map_or(0, |c| c.components),
        residual: complexity.map_or(f64::NAN, |c| c.residual),
        sign_correlation: complexity.map_or(f64::NAN, |c| c.sign_correlation),
        excluded_places: excluded_places.collect(),
        excluded_activities: excluded_activities.collect(),
        fitness: fitness.map(|f| (f.end, f.steps)),
        warnings,
        refusal,
    }
}

/// The choices by name, as results carry them.
fn describe(options: &ComplexityOptions) -> Vec<(String, String)> {
    let solution = match options.index.solution {
        crate::Solution::Eigenvector => "eigenvector".to_owned(),
        crate::Solution::Reflections { iterations } => format!("{iterations} reflections"),
    };
    let scale = match options.index.standardisation {
        crate::Standardisation::Population => "population",
        crate::Standardisation::LongSample => "long-sample",
        crate::Standardisation::EachSample => "each-sample",
    };
    let nearest = options.nearest.map_or("all".to_owned(), |nearest| nearest.k.to_string());
    [
        ("convention", options.convention.name().to_owned()),
        ("presence", options.presence.to_string()),
        ("solution", solution),
        ("sd", scale.to_owned()),
        ("sign", options.sign.to_string()),
        ("proximity", options.proximity.name().to_owned()),
        ("diagonal", u8::from(options.diagonal == crate::Diagonal::One).to_string()),
        ("neighbours", nearest),
        ("leave_place_out", options.leave_place_out.to_string()),
        ("density_of", if options.density_of == DensityOf::Presence { "presence" } else { "specialisation" }.to_owned()),
        ("gain", if options.gain == crate::OutlookGain::Oec { "oec" } else { "growth-lab" }.to_owned()),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .to_vec()
}
