use crate::leontief::Lu;
use crate::{ChainError, Leontief};
use faer::Mat;
use frame::LabelledVector;
use serde::{Deserialize, Serialize};

/// What households spend of one unit of income, in [`HouseholdClosure`].
#[derive(Debug, Clone, PartialEq)]
pub enum Spending {
    /// All consumption of a region's households is paid from all their income, given by region: c = consumption / income, the
    /// convention of the textbook.
    OutOfIncome(LabelledVector),
    /// This share of every unit earned is spent, on the goods that households buy today: c = share × consumption / its sum.
    Share(f64),
}

/// How households are made part of the system.
#[derive(Debug, Clone, PartialEq)]
pub struct HouseholdClosure {
    /// What every industry pays to the households of its own region, in the table's unit (compensation of employees, mixed income).
    pub wages: Vec<f64>,
    /// The categories of final demand that are household consumption.
    pub consumption: Vec<String>,
    /// What of income is spent.
    pub spending: Spending,
    /// What households pay to households of their own region (domestic staff), by region; usually absent. Counted only with
    /// [`Spending::OutOfIncome`].
    pub between_households: Option<LabelledVector>,
}

/// A stressor or input whose multipliers are wanted.
#[derive(Debug, Clone, PartialEq)]
pub struct Measure {
    /// Its name ("employment").
    pub name: String,
    /// Its flow in every industry (jobs, tonnes, money).
    pub flows: Vec<f64>,
}

/// Multipliers of one industry for one measure.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct HouseholdMultiplier {
    /// The region.
    pub region: String,
    /// The sector.
    pub sector: String,
    /// "output", "income", or the name of a [`Measure`].
    pub measure: String,
    /// The direct effect of one unit of final demand: 1 for output, the coefficient otherwise.
    pub direct: f64,
    /// Direct and indirect effect, all regions together (the textbook's simple multiplier).
    pub simple: f64,
    /// Direct, indirect and induced effect (the textbook's total multiplier; for output the industries only, "truncated").
    pub total: f64,
    /// simple / direct. Absent where the direct effect is zero.
    pub type_one: Option<f64>,
    /// total / direct.
    pub type_two: Option<f64>,
}

/// Multipliers with and without households.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct HouseholdMultipliers {
    /// Measure by measure (output, income, then the given ones), industries in table order.
    pub rows: Vec<HouseholdMultiplier>,
    /// Of one unit of household income in each region, what households everywhere earn in the end: column sums of the lower right
    /// corner of the closed inverse.
    pub income_generated: Vec<(String, f64)>,
    /// What households of each region spend of one unit of income on all goods; above 1 they live on other means too.
    pub propensity: Vec<(String, f64)>,
}

/// A system closed for households, on the open system's own factor.
///
/// The closed coefficients are Ā = [A, C; H, K]: C what a region's households buy of every industry per unit of income, H what every
/// industry pays to each region's households per unit of output, K what households pay each other. With S = I − K − H L C (one row
/// and column for each region) the closed inverse is
/// L̄ = [L + L C S⁻¹ H L, L C S⁻¹; S⁻¹ H L, S⁻¹],
/// so that closing costs two solves a region and nothing is factorised anew but S.
/// Source: Miller and Blair (2009), sections 2.5 and 6.2 to 6.4.
///
/// ```
/// use xinzhi_chain::{ClosedSystem, Factor, HouseholdClosure, InputOutputSystem, Leontief, Spending, SystemOptions};
/// use frame::{LabelledVector, Labels};
/// // Miller and Blair, table 2.5: of the final demand of 350 and 1,700, households buy 50 and 400 out of an income of 1,000
/// let pair = |a: &str, b: &str| (a.to_string(), b.to_string());
/// let system = InputOutputSystem::new(
///     "Miller and Blair", 2009, "dollars", vec![pair("A", "1"), pair("A", "2")], vec![150.0, 500.0, 200.0, 100.0],
///     vec![pair("A", "households"), pair("A", "other")], vec![50.0, 300.0, 400.0, 1300.0], SystemOptions::default(),
/// )?;
/// let region = |value| LabelledVector::new(Labels::new("regions", ["A"])?, vec![value]);
/// let closure = HouseholdClosure {
///     wages: vec![300.0, 500.0],
///     consumption: vec!["households".to_string()],
///     spending: Spending::OutOfIncome(region(1000.0)?),
///     between_households: Some(region(50.0)?),
/// };
/// let factor = Factor::new(&system)?;
/// let closed = ClosedSystem::new(&factor, &closure)?;
/// let (output, income) = closed.solve(&[1.0, 0.0], &[0.0])?;
/// assert!((output[0] - 1.365).abs() < 5e-4 && (output[1] - 0.527).abs() < 5e-4 && (income[0] - 0.570).abs() < 5e-4);
/// # Ok::<(), xinzhi_chain::ChainError>(())
/// ```
pub struct ClosedSystem<'a, L: Leontief> {
    leontief: &'a L,
    /// H, by industry: the wage coefficient towards its own region.
    wage_coefficients: Vec<f64>,
    /// L C, region after region.
    consumed: Vec<f64>,
    /// Rows of H L, region after region.
    earned: Vec<f64>,
    propensity: Vec<f64>,
    corner: Lu,
}

impl<'a, L: Leontief> ClosedSystem<'a, L> {
    /// Closes a system.
    ///
    /// # Errors
    /// [`ChainError::Shape`]; [`frame::FrameError::UnknownLabel`] for a category or region that is not there; [`ChainError::Nothing`]
    /// for a region without consumption or income; [`ChainError::Refused`] for a negative wage or a share outside (0, 1];
    /// [`ChainError::NotProductive`] when households and industries together use up more than they make.
    pub fn new(leontief: &'a L, closure: &HouseholdClosure) -> Result<Self, ChainError> {
        let system = leontief.system();
        let (n, regions) = (system.size(), system.regions().len());
        let name = || system.name().to_owned();
        if closure.wages.len() != n {
            let found = closure.wages.len();
            return Err(ChainError::Shape { system: name(), what: "the wages".to_owned(), expected: n, found });
        }
        if let Some(j) = closure.wages.iter().position(|w| !w.is_finite() || *w < 0.0) {
            let why = format!("the wages are {}; they must be finite and not negative", closure.wages[j]);
            return Err(ChainError::Refused { system: name(), what: system.industry(j), why });
        }
        let categories = system.final_demand_columns();
        for category in &closure.consumption {
            if !categories.iter().any(|c| c.1 == *category) {
                let nearest = categories.iter().map(|c| c.1.clone()).take(5).collect();
                let what = format!("final-demand categories of {}", system.name());
                return Err(frame::FrameError::UnknownLabel { label: category.clone(), what, nearest }.into());
            }
        }

        // C, region after region
        let m = categories.len();
        let mut column_regions = Vec::new();
        for (j, (region, category)) in categories.iter().enumerate() {
            if closure.consumption.contains(category) {
                column_regions.push((j, system.regions().require(region)?));
            }
        }
        let mut consumption = vec![0.0; regions * n];
        for i in 0..n {
            for (j, region) in &column_regions {
                consumption[region * n + i] += system.final_demand()[i * m + j];
            }
        }
        let mut propensity = Vec::with_capacity(regions);
        let mut between = vec![0.0; regions];
        for (r, column) in consumption.chunks_exact_mut(n).enumerate() {
            let region = system.regions().name(r);
            let spent: f64 = column.iter().sum();
            let nothing = |what: &str| ChainError::Nothing { system: name(), what: what.to_owned(), place: region.to_owned() };
            let divisor = match &closure.spending {
                Spending::OutOfIncome(income) => {
                    let income = income.values()[income.labels().require(region)?];
                    if !(income.is_finite() && income > 0.0) {
                        return Err(nothing("the income of households"));
                    }
                    if let Some(paid) = &closure.between_households {
                        between[r] = paid.values()[paid.labels().require(region)?] / income;
                    }
                    income
                }
                Spending::Share(share) => {
                    if !(*share > 0.0 && *share <= 1.0) {
                        let why = format!("it is {share}; give a share above 0 and at most 1");
                        return Err(ChainError::Refused { system: name(), what: "the share of income that is spent".to_owned(), why });
                    }
                    if spent == 0.0 {
                        return Err(nothing("the consumption of households"));
                    }
                    spent / share
                }
            };
            column.iter_mut().for_each(|value| *value /= divisor);
            propensity.push(spent / divisor + between[r]);
        }
        let wage_coefficients: Vec<f64> =
            closure.wages.iter().zip(system.output()).map(|(w, x)| if *x > 0.0 { w / x } else { 0.0 }).collect();
        let mut wages = vec![0.0; regions * n];
        for r in 0..regions {
            for j in system.range_at(r) {
                wages[r * n + j] = wage_coefficients[j];
            }
        }

        let consumed = leontief.solve(consumption);
        let earned = leontief.solve_transposed(wages);
        let schur = Mat::from_fn(regions, regions, |r, s| {
            let column = &consumed[s * n..(s + 1) * n];
            let back: f64 = system.range_at(r).map(|j| wage_coefficients[j] * column[j]).sum();
            f64::from(u8::from(r == s)) * (1.0 - between[r]) - back
        });
        let unproductive = |r: usize| ChainError::NotProductive {
            system: name(),
            industry: format!("the households of {} (consumption above what income allows)", system.regions().name(r)),
        };
        let Some(corner) = Lu::new(schur) else { return Err(unproductive(0)) };
        // the same certificate as of the open system
        let mut certificate = vec![1.0; regions];
        corner.solve(&mut certificate);
        if let Some(r) = certificate.iter().position(|z| z.is_nan() || *z < 0.999_999) {
            return Err(unproductive(r));
        }
        Ok(ClosedSystem { leontief, wage_coefficients, consumed, earned, propensity, corner })
    }

    /// Output of all industries, and income of the households of all regions, for one final demand (one value for every industry, the
    /// endogenous consumption left out) and one income from outside (one value for every region).
    ///
    /// # Errors
    /// [`ChainError::Shape`].
    pub fn solve(&self, demand: &[f64], outside_income: &[f64]) -> Result<(Vec<f64>, Vec<f64>), ChainError> {
        let system = self.leontief.system();
        let (n, regions) = (system.size(), system.regions().len());
        for (what, expected, found) in
            [("the final demand", n, demand.len()), ("the households' income from outside", regions, outside_income.len())]
        {
            if expected != found {
                return Err(ChainError::Shape { system: system.name().to_owned(), what: what.to_owned(), expected, found });
            }
        }
        let mut income: Vec<f64> = self
            .earned
            .chunks_exact(n)
            .zip(outside_income)
            .map(|(row, outside)| outside + row.iter().zip(demand).map(|(h, y)| h * y).sum::<f64>())
            .collect();
        self.corner.solve(&mut income);
        let mut output = self.leontief.solve(demand.to_vec());
        for (column, income) in self.consumed.chunks_exact(n).zip(&income) {
            output.iter_mut().zip(column).for_each(|(x, c)| *x += c * income);
        }
        Ok((output, income))
    }

    /// Output, income and other multipliers of every industry, with (Type II) and without (Type I) households.
    ///
    /// # Errors
    /// [`ChainError::Shape`] for a measure of another length.
    pub fn multipliers(&self, measures: &[Measure]) -> Result<HouseholdMultipliers, ChainError> {
        let system = self.leontief.system();
        let (n, regions) = (system.size(), system.regions().len());
        let mut coefficients: Vec<(&str, Vec<f64>)> = vec![("output", vec![1.0; n]), ("income", self.wage_coefficients.clone())];
        for measure in measures {
            if measure.flows.len() != n {
                let (system, what, found) = (system.name().to_owned(), measure.name.clone(), measure.flows.len());
                return Err(ChainError::Shape { system, what, expected: n, found });
            }
            let per_output = measure.flows.iter().zip(system.output()).map(|(f, x)| if *x > 0.0 { f / x } else { 0.0 }).collect();
            coefficients.push((&measure.name, per_output));
        }
        let simple = self.leontief.solve_transposed(coefficients.iter().flat_map(|c| c.1.iter().copied()).collect());
        let mut rows = Vec::with_capacity(coefficients.len() * n);
        for (k, ((measure, direct), simple)) in coefficients.iter().zip(simple.chunks_exact(n)).enumerate() {
            // what one unit of a region's income brings about: S⁻' (LC)' f; for income itself the lower blocks, which count every
            // payment to a household, those by households too
            let mut per_income: Vec<f64> = if k == 1 {
                vec![1.0; regions]
            } else {
                self.consumed.chunks_exact(n).map(|column| column.iter().zip(direct).map(|(c, f)| c * f).sum()).collect()
            };
            self.corner.solve_transposed(&mut per_income);
            let mut total = if k == 1 { vec![0.0; n] } else { simple.to_vec() };
            for (earned, effect) in self.earned.chunks_exact(n).zip(&per_income) {
                total.iter_mut().zip(earned).for_each(|(t, h)| *t += h * effect);
            }
            for (j, (region, sector)) in system.sectors().iter().enumerate() {
                let ratio = |value: f64| (direct[j] != 0.0).then(|| value / direct[j]);
                rows.push(HouseholdMultiplier {
                    region: region.clone(),
                    sector: sector.clone(),
                    measure: (*measure).to_owned(),
                    direct: direct[j],
                    simple: simple[j],
                    total: total[j],
                    type_one: ratio(simple[j]),
                    type_two: ratio(total[j]),
                });
            }
        }
        let mut generated = vec![1.0; regions];
        self.corner.solve_transposed(&mut generated);
        let named = |values: &[f64]| system.regions().iter().map(str::to_owned).zip(values.iter().copied()).collect();
        Ok(HouseholdMultipliers { rows, income_generated: named(&generated), propensity: named(&self.propensity) })
    }
}
