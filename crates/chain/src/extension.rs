use crate::{ChainError, InputOutputSystem};
use frame::{LabelledMatrix, LabelledVector, Labels};

/// What industries use or emit beside their inputs: emissions, energy, jobs, value added. The factor requirements F of an extended
/// input-output table, with those of final demand, F_Y (households' own emissions), where there are any. Cheap enough to clone.
///
/// Names are pymrio's: coefficients S = F x̂⁻¹ (0 where x ≤ 0), S_Y = F_Y over the column sums of Y (0 where such a sum is 0).
/// Source: Stadler (2021), Pymrio: A Python Based Multi-Regional Input-Output Analysis Toolbox, Journal of Open Research Software 9;
/// Miller and Blair (2009), Input-Output Analysis, chapters 9 and 10.
///
/// ```
/// # use xinzhi_chain::{InputOutputSystem, SystemOptions};
/// use xinzhi_chain::Extension;
/// # let pair = |a: &str, b: &str| (a.to_string(), b.to_string());
/// # let system = InputOutputSystem::new(
/// #     "two regions", 2011, "million USD", vec![pair("A", "all"), pair("B", "all")], vec![10.0, 20.0, 30.0, 40.0],
/// #     vec![pair("A", "final"), pair("B", "final")], vec![50.0, 20.0, 10.0, 20.0], SystemOptions::default(),
/// # )?;
/// let carbon = Extension::new(&system, "emissions (made up)", vec![("CO2".into(), "kt".into())], vec![20.0, 50.0], Some(vec![3.0, 1.0]))?;
/// assert_eq!(carbon.coefficients(), [0.2, 0.5]);
/// assert_eq!(carbon.coefficients_of_final_demand(), Some(vec![3.0 / 60.0, 1.0 / 40.0]));
/// # Ok::<(), xinzhi_chain::ChainError>(())
/// ```
#[derive(Debug, Clone)]
pub struct Extension {
    system: InputOutputSystem,
    name: String,
    stressors: Labels,
    units: Vec<String>,
    flows: Vec<f64>,
    final_demand_flows: Option<Vec<f64>>,
    coefficients: Vec<f64>,
}

impl Extension {
    /// An extension of a system.
    ///
    /// `stressors` are the (label, unit) pairs of the k rows; `flows` is F, k × n row by row, its columns in the order of
    /// [`InputOutputSystem::sectors`]; `final_demand_flows` is F_Y, k × m row by row, its columns in the order of
    /// [`InputOutputSystem::final_demand_columns`]. Negative flows are kept (sinks, subsidies).
    ///
    /// # Errors
    /// [`ChainError::Shape`]; [`ChainError::Flow`] for a value that is not finite;
    /// [`frame::FrameError::DuplicateLabel`] for a repeated stressor.
    pub fn new(
        system: &InputOutputSystem,
        name: &str,
        stressors: Vec<(String, String)>,
        flows: Vec<f64>,
        final_demand_flows: Option<Vec<f64>>,
    ) -> Result<Self, ChainError> {
        let (n, m, k) = (system.size(), system.final_demand_columns().len(), stressors.len());
        let (names, units): (Vec<String>, Vec<String>) = stressors.into_iter().unzip();
        let stressors = Labels::new(format!("stressors of {name}"), names)?;
        let check = |what: &'static str, width: usize, values: &[f64], column: &dyn Fn(usize) -> String| {
            if values.len() != k * width {
                let (system, what) = (system.name().to_owned(), format!("{what} of {name}"));
                return Err(ChainError::Shape { system, what, expected: k * width, found: values.len() });
            }
            match values.iter().position(|value| !value.is_finite()) {
                None => Ok(()),
                Some(at) => Err(ChainError::Flow {
                    system: system.name().to_owned(),
                    what,
                    row: stressors.name(at / width).to_owned(),
                    column: column(at % width),
                    value: values[at],
                    next: "flows of an extension must be finite numbers",
                }),
            }
        };
        check("the flow", n, &flows, &|j| system.industry(j))?;
        if let Some(values) = &final_demand_flows {
            let columns = system.final_demand_columns();
            check("the flow of final demand", m, values, &|j| format!("{} {}", columns[j].0, columns[j].1))?;
        }
        let mut coefficients = flows.clone();
        for row in coefficients.chunks_exact_mut(n) {
            row.iter_mut().zip(system.inverse_output()).for_each(|(flow, inverse)| *flow *= inverse);
        }
        Ok(Extension { system: system.clone(), name: name.to_owned(), stressors, units, flows, final_demand_flows, coefficients })
    }

    /// Value added as an extension of one row, `value added`, so that its footprints are trade in value added.
    ///
    /// ```
    /// # use xinzhi_chain::{Extension, InputOutputSystem, SystemOptions};
    /// # let pair = |a: &str, b: &str| (a.to_string(), b.to_string());
    /// # let system = InputOutputSystem::new(
    /// #     "two regions", 2011, "million USD", vec![pair("A", "all"), pair("B", "all")], vec![10.0, 20.0, 30.0, 40.0],
    /// #     vec![pair("A", "final"), pair("B", "final")], vec![50.0, 20.0, 10.0, 20.0], SystemOptions::default(),
    /// # )?;
    /// assert_eq!(Extension::value_added(&system)?.flows(), [60.0, 40.0]);
    /// # Ok::<(), xinzhi_chain::ChainError>(())
    /// ```
    ///
    /// # Errors
    /// None today beyond those of the labels.
    pub fn value_added(system: &InputOutputSystem) -> Result<Self, ChainError> {
        let row = vec![("value added".to_owned(), system.unit().to_owned())];
        let mut extension = Self::new(system, "value added", row, system.value_added(), None)?;
        // the coefficients of the system, not their product with x divided by x again
        extension.coefficients = system.value_added_coefficients().to_vec();
        Ok(extension)
    }

    /// Gross output as an extension of one row, `output`, so that its multipliers are output multipliers.
    ///
    /// ```
    /// # use xinzhi_chain::{Extension, InputOutputSystem, SystemOptions};
    /// # let pair = |a: &str, b: &str| (a.to_string(), b.to_string());
    /// # let system = InputOutputSystem::new(
    /// #     "two regions", 2011, "million USD", vec![pair("A", "all"), pair("B", "all")], vec![10.0, 20.0, 30.0, 40.0],
    /// #     vec![pair("A", "final"), pair("B", "final")], vec![50.0, 20.0, 10.0, 20.0], SystemOptions::default(),
    /// # )?;
    /// assert_eq!(Extension::output(&system)?.coefficients(), [1.0, 1.0]);
    /// # Ok::<(), xinzhi_chain::ChainError>(())
    /// ```
    ///
    /// # Errors
    /// None today beyond those of the labels.
    pub fn output(system: &InputOutputSystem) -> Result<Self, ChainError> {
        let row = vec![("output".to_owned(), system.unit().to_owned())];
        let mut extension = Self::new(system, "output", row, system.output().to_vec(), None)?;
        extension.coefficients = system.output().iter().map(|x| f64::from(u8::from(*x > 0.0))).collect();
        Ok(extension)
    }

    /// The system it belongs to.
    pub fn system(&self) -> &InputOutputSystem {
        &self.system
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its rows.
    pub fn stressors(&self) -> &Labels {
        &self.stressors
    }

    /// The unit of every row.
    pub fn units(&self) -> &[String] {
        &self.units
    }

    /// F, k × n, row by row.
    pub fn flows(&self) -> &[f64] {
        &self.flows
    }

    /// F_Y, k × m, row by row.
    pub fn final_demand_flows(&self) -> Option<&[f64]> {
        self.final_demand_flows.as_deref()
    }

    /// S = F x̂⁻¹, k × n, row by row; 0 where x ≤ 0.
    pub fn coefficients(&self) -> &[f64] {
        &self.coefficients
    }

    /// S_Y = F_Y over the column sums of Y, k × m, row by row; 0 where such a sum is 0.
    pub fn coefficients_of_final_demand(&self) -> Option<Vec<f64>> {
        let flows = self.final_demand_flows.as_ref()?;
        let m = self.system.final_demand_columns().len();
        let mut sums = vec![0.0; m];
        for row in self.system.final_demand().chunks_exact(m) {
            sums.iter_mut().zip(row).for_each(|(sum, value)| *sum += value);
        }
        let share = |(flow, sum): (&f64, &f64)| if *sum == 0.0 { 0.0 } else { flow / sum };
        Some(flows.chunks_exact(m).flat_map(|row| row.iter().zip(&sums).map(share)).collect())
    }

    /// F_Y summed to regions, stressors × regions; zero where there is none.
    ///
    /// # Errors
    /// None today beyond those of the labels.
    pub fn final_demand_flows_by_region(&self) -> Result<LabelledMatrix, ChainError> {
        let regions = self.system.regions();
        let (m, g) = (self.system.final_demand_columns().len(), regions.len());
        let mut sums = vec![0.0; self.stressors.len() * g];
        if let Some(flows) = &self.final_demand_flows {
            let of = self.system.final_demand_regions();
            for (sums, row) in sums.chunks_exact_mut(g).zip(flows.chunks_exact(m)) {
                for (value, region) in row.iter().zip(&of) {
                    sums[*region] += value;
                }
            }
        }
        Ok(LabelledMatrix::new(self.stressors.clone(), regions.clone(), sums)?)
    }

    /// The flows of industries without positive output, which have no coefficient and so are in no account, summed by stressor.
    ///
    /// # Errors
    /// None today beyond those of the labels.
    pub fn left_out(&self) -> Result<LabelledVector, ChainError> {
        let x = self.system.output();
        let sum = |row: &[f64]| row.iter().zip(x).filter(|(_, x)| **x <= 0.0).map(|(flow, _)| flow).sum();
        Ok(LabelledVector::new(self.stressors.clone(), self.flows.chunks_exact(x.len()).map(sum).collect())?)
    }

    /// A stressors × industries matrix.
    pub(crate) fn over_industries(&self, values: Vec<f64>) -> Result<LabelledMatrix, ChainError> {
        Ok(LabelledMatrix::new(self.stressors.clone(), self.system.industry_labels()?, values)?)
    }
}
