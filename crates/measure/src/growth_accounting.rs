use crate::MeasureError;
use frame::Period;
use serde::{Deserialize, Serialize};

/// The series of one place that growth accounting needs, one value a year, NaN where missing.
///
/// The names in brackets are those of the Penn World Table.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct GrowthSeries {
    /// Years, increasing.
    pub years: Vec<i32>,
    /// Real output at constant national prices (`rgdpna`).
    pub output: Vec<f64>,
    /// Capital stock (`rnna`) or capital services (`rkna`) at constant national prices.
    pub capital: Vec<f64>,
    /// Persons engaged (`emp`).
    pub employment: Vec<f64>,
    /// Human capital per person (`hc`); without it labour quality stays in productivity.
    pub human_capital: Option<Vec<f64>>,
    /// Share of labour compensation in output (`labsh`).
    pub labour_share: Vec<f64>,
    /// Average hours worked per person (`avh`); with it labour quantity is hours, without it persons.
    pub hours: Option<Vec<f64>>,
}

/// Which labour share weighs labour.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LabourShare {
    /// The series; a missing year is refused.
    #[default]
    Observed,
    /// The series, and this constant for every year of it that is missing.
    ObservedOr(f64),
    /// This constant throughout.
    Constant(f64),
}

/// Options of [`growth_accounting`].
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct GrowthAccountingOptions {
    /// Which labour share is used.
    pub labour_share: LabourShare,
    /// Parts of the period to report besides the whole, e.g. [`decades`]; a part runs from its first year as base to its last.
    pub sub_periods: Vec<Period>,
}

/// Average annual logarithmic growth over a period and what it came from.
///
/// `output = capital + employment + human_capital + productivity`, to rounding.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct GrowthContributions {
    /// Base year and last year.
    pub period: Period,
    /// Growth of output a year.
    pub output: f64,
    /// Contribution of capital, `ᾱ_K · Δln K`.
    pub capital: f64,
    /// Contribution of labour quantity (persons, or hours where given), `ᾱ_L · Δln L`.
    pub employment: f64,
    /// Contribution of labour quality, `ᾱ_L · Δln h`; absent where human capital was not given, and then part of productivity.
    pub human_capital: Option<f64>,
    /// Total factor productivity: what is left.
    pub productivity: f64,
    /// Mean of the two-period labour shares used.
    pub labour_share: f64,
    /// Share of growth from more inputs, `(capital + employment) / output`; absent unless output grew by more than 0.05 % a year,
    /// because shares of almost nothing, or of a decline, mislead.
    pub extensive_share: Option<f64>,
    /// Share of growth from better inputs and their use, `(human capital + productivity) / output`; absent likewise.
    pub intensive_share: Option<f64>,
}

/// The contributions of one year (growth on the year before).
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct YearContributions {
    /// The later of the two years.
    pub year: i32,
    /// `Δln Y`.
    pub output: f64,
    /// `ᾱ_K · Δln K`.
    pub capital: f64,
    /// `ᾱ_L · Δln L`.
    pub employment: f64,
    /// `ᾱ_L · Δln h`.
    pub human_capital: Option<f64>,
    /// `Δln A`.
    pub productivity: f64,
    /// `ᾱ_L`, the mean of the labour shares of the two years.
    pub labour_share: f64,
}

/// Growth accounting of one place.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GrowthAccounting {
    /// The whole period.
    pub total: GrowthContributions,
    /// The sub-periods asked for, in the order given.
    pub sub_periods: Vec<GrowthContributions>,
    /// Year by year.
    pub years: Vec<YearContributions>,
    /// The rule of the labour share.
    pub labour_share: LabourShare,
    /// Years whose share was missing and filled by the stated constant.
    pub filled_labour_shares: Vec<i32>,
    /// True when labour quantity is hours, false when it is persons.
    pub labour_in_hours: bool,
}

/// Below this growth of output a year no shares of it are given.
const SMALLEST_GROWTH: f64 = 0.0005;

/// Sources of growth between two years (Solow residual with Törnqvist weights).
///
/// Year by year, with `ᾱ_L = (α_t + α_{t−1}) / 2` the mean labour share of the two years and `ᾱ_K = 1 − ᾱ_L` (constant returns):
///
/// `Δln Y = ᾱ_K Δln K + ᾱ_L (Δln L + Δln h) + Δln A`
///
/// with output `Y`, capital `K`, labour quantity `L` (persons, times hours where given), human capital per person `h`, and total factor
/// productivity `A` as the residual. Annual terms are summed in order of years and divided by their number. Productivity is a residual:
/// it holds everything that the inputs do not, errors of measurement included.
///
/// Solow (1957), *Review of Economics and Statistics* 39, 312-320; Törnqvist weights as in Diewert (1976), *Journal of Econometrics* 4,
/// 115-145. With capital services, hours and human capital the productivity term repeats the Penn World Table's `rtfpna`
/// (Feenstra, Inklaar and Timmer 2015, *American Economic Review* 105, 3150-3182); with the capital stock it differs, because the
/// stock weighs structures and equipment by price and not by their rental.
///
/// # Errors
/// A refusal that names the series and year: a year of the period missing, a value that is not positive, a labour share missing or
/// outside 0 to 1, a sub-period outside the period, years out of order, series of unequal length.
///
/// ```
/// use xinzhi_measure::{GrowthAccountingOptions, GrowthSeries, growth_accounting};
/// let series = GrowthSeries {
///     years: vec![2000, 2001],
///     output: vec![100.0, 110.0],
///     capital: vec![300.0, 330.0],
///     employment: vec![50.0, 50.0],
///     human_capital: None,
///     labour_share: vec![0.6, 0.6],
///     hours: None,
/// };
/// let a = growth_accounting(&series, 2000, 2001, &GrowthAccountingOptions::default())?;
/// assert!((a.total.capital - 0.4 * 1.1f64.ln()).abs() < 1e-15);
/// assert!((a.total.productivity - 0.6 * 1.1f64.ln()).abs() < 1e-15);
/// # Ok::<(), xinzhi_measure::MeasureError>(())
/// ```
pub fn growth_accounting(
    series: &GrowthSeries,
    from: i32,
    to: i32,
    options: &GrowthAccountingOptions,
) -> Result<GrowthAccounting, MeasureError> {
    if to <= from {
        return Err(MeasureError::PeriodOrder { from, to });
    }
    check_shape(series)?;
    for part in &options.sub_periods {
        if part.from < from || part.to > to || part.from >= part.to {
            return Err(MeasureError::SubPeriod { sub_from: part.from, sub_to: part.to, from, to });
        }
    }
    let mut filled = Vec::new();
    let mut before = state(series, from, options.labour_share, &mut filled)?;
    let mut years = Vec::with_capacity(to.abs_diff(from) as usize);
    for year in from + 1..=to {
        let now = state(series, year, options.labour_share, &mut filled)?;
        let labour_share = (before.labour_share + now.labour_share) / 2.0;
        let output = now.output - before.output;
        let capital = (1.0 - labour_share) * (now.capital - before.capital);
        let employment = labour_share * (now.labour - before.labour);
        let human_capital = now.human_capital.zip(before.human_capital).map(|(a, b)| labour_share * (a - b));
        let productivity = output - capital - employment - human_capital.unwrap_or(0.0);
        years.push(YearContributions { year, output, capital, employment, human_capital, productivity, labour_share });
        before = now;
    }
    Ok(GrowthAccounting {
        total: average(&years, Period { from, to }),
        sub_periods: options.sub_periods.iter().map(|part| average(&years, *part)).collect(),
        years,
        labour_share: options.labour_share,
        filled_labour_shares: filled,
        labour_in_hours: series.hours.is_some(),
    })
}

/// The calendar decades of a period, each from its base year: 1990-2019 gives 1990-2000, 2000-2010, 2010-2019.
///
/// ```
/// use frame::Period;
/// assert_eq!(xinzhi_measure::decades(1995, 2011), vec![Period::span(1995, 2000), Period::span(2000, 2010), Period::span(2010, 2011)]);
/// ```
pub fn decades(from: i32, to: i32) -> Vec<Period> {
    let mut parts = Vec::new();
    let mut start = from;
    while start < to {
        let end = ((start.div_euclid(10) + 1) * 10).min(to);
        parts.push(Period { from: start, to: end });
        start = end;
    }
    parts
}

/// Our productivity growth beside a published index of it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct ProductivityComparison {
    /// Average annual growth of productivity as computed here.
    pub computed: f64,
    /// Average annual logarithmic growth of the published index.
    pub published: f64,
    /// `computed − published`.
    pub difference: f64,
}

/// Sets the productivity growth of the whole period beside a published index of productivity (e.g. `rtfpna` of the Penn World Table).
/// The two differ where capital, labour or shares are measured otherwise; the difference is reported, not explained away.
///
/// # Errors
/// [`MeasureError::MissingValue`], [`MeasureError::NotPositive`] when the index has no positive value in the first or last year.
pub fn compare_productivity(
    accounting: &GrowthAccounting,
    years: &[i32],
    published_index: &[f64],
) -> Result<ProductivityComparison, MeasureError> {
    const SERIES: &str = "the published productivity index";
    let Period { from, to } = accounting.total.period;
    let at = |year: i32| {
        let position = years.iter().position(|y| *y == year).ok_or(MeasureError::MissingValue { series: SERIES, year })?;
        logarithm(SERIES, year, published_index.get(position).copied().unwrap_or(f64::NAN))
    };
    let published = (at(to)? - at(from)?) / f64::from(to.abs_diff(from));
    let computed = accounting.total.productivity;
    Ok(ProductivityComparison { computed, published, difference: computed - published })
}

/// Logarithms of the levels of one year.
struct State {
    output: f64,
    capital: f64,
    labour: f64,
    human_capital: Option<f64>,
    labour_share: f64,
}

fn state(series: &GrowthSeries, year: i32, rule: LabourShare, filled: &mut Vec<i32>) -> Result<State, MeasureError> {
    let at = series.years.binary_search(&year).map_err(|_| MeasureError::MissingValue { series: "output", year })?;
    let human_capital = series.human_capital.as_ref().map(|h| logarithm("human capital", year, h[at])).transpose()?;
    let hours = series.hours.as_ref().map(|h| logarithm("hours", year, h[at])).transpose()?;
    let observed = series.labour_share[at];
    let labour_share = match rule {
        LabourShare::Constant(constant) => constant,
        LabourShare::Observed if observed.is_nan() => return Err(MeasureError::MissingLabourShare { year }),
        LabourShare::ObservedOr(constant) if observed.is_nan() => {
            filled.push(year);
            constant
        }
        LabourShare::Observed | LabourShare::ObservedOr(_) => observed,
    };
    if !(labour_share > 0.0 && labour_share < 1.0) {
        return Err(MeasureError::LabourShareRange { year, value: labour_share });
    }
    Ok(State {
        output: logarithm("output", year, series.output[at])?,
        capital: logarithm("capital", year, series.capital[at])?,
        labour: logarithm("employment", year, series.employment[at])? + hours.unwrap_or(0.0),
        human_capital,
        labour_share,
    })
}

fn logarithm(series: &'static str, year: i32, value: f64) -> Result<f64, MeasureError> {
    if value.is_nan() {
        return Err(MeasureError::MissingValue { series, year });
    }
    if !value.is_finite() || value <= 0.0 {
        return Err(MeasureError::NotPositive { series, year, value });
    }
    Ok(value.ln())
}

fn check_shape(series: &GrowthSeries) -> Result<(), MeasureError> {
    let expected = series.years.len();
    let lengths = [
        ("output", Some(series.output.len())),
        ("capital", Some(series.capital.len())),
        ("employment", Some(series.employment.len())),
        ("human capital", series.human_capital.as_ref().map(Vec::len)),
        ("labour share", Some(series.labour_share.len())),
        ("hours", series.hours.as_ref().map(Vec::len)),
    ];
    for (name, found) in lengths {
        if let Some(found) = found.filter(|found| *found != expected) {
            return Err(MeasureError::SeriesLength { series: name, expected, found });
        }
    }
    match series.years.windows(2).find(|w| w[1] <= w[0]) {
        Some(pair) => Err(MeasureError::YearOrder { year: pair[1] }),
        None => Ok(()),
    }
}

/// Averages the years after the base year of a period; the caller made sure that the period lies inside the years.
fn average(years: &[YearContributions], period: Period) -> GrowthContributions {
    let within: Vec<&YearContributions> = years.iter().filter(|y| y.year > period.from && y.year <= period.to).collect();
    let n = within.len() as f64;
    let mean = |pick: fn(&YearContributions) -> f64| within.iter().map(|y| pick(y)).sum::<f64>() / n;
    let output = mean(|y| y.output);
    let capital = mean(|y| y.capital);
    let employment = mean(|y| y.employment);
    let human_capital = within.iter().all(|y| y.human_capital.is_some()).then(|| mean(|y| y.human_capital.unwrap_or(0.0)));
    let productivity = mean(|y| y.productivity);
    let share = |part: f64| (output > SMALLEST_GROWTH).then_some(part / output);
    GrowthContributions {
        period,
        output,
        capital,
        employment,
        human_capital,
        productivity,
        labour_share: mean(|y| y.labour_share),
        extensive_share: share(capital + employment),
        intensive_share: share(human_capital.unwrap_or(0.0) + productivity),
    }
}
