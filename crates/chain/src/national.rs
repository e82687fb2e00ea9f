use crate::{ChainError, Factor, InputOutputSystem, Leontief, SystemOptions};
use frame::{FrameError, LabelledMatrix, LabelledVector, Labels, Text};

/// Column sums may miss output by this share of the largest output before a national table is refused as unbalanced.
const BALANCE_TOLERANCE: f64 = 1e-6;

/// The parts of a single-country table with imports apart, as published. Matrices are row by row, n sectors, m final-demand columns.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct NationalTable {
    /// Name of the table.
    pub name: String,
    /// Year.
    pub period: i32,
    /// Unit of all flows.
    pub unit: String,
    /// The country.
    pub region: String,
    /// Sector codes, the same for rows and columns.
    pub sectors: Vec<String>,
    /// Deliveries of domestic output to sectors, n × n.
    pub domestic: Vec<f64>,
    /// Imported goods used by sectors, by the sector the good belongs to, n × n.
    pub imported: Vec<f64>,
    /// Rows of value added with their names, n values each.
    pub value_added: Vec<(String, Vec<f64>)>,
    /// Names of the final-demand columns.
    pub final_demand: Vec<String>,
    /// Deliveries of domestic output to final demand, n × m.
    pub domestic_final: Vec<f64>,
    /// Imported goods delivered to final demand, n × m.
    pub imported_final: Vec<f64>,
    /// Which of the final-demand columns is exports; absent when exports are not apart.
    pub exports: Option<String>,
}

/// A single-country table with imports apart, checked and solved.
///
/// Domestic output x = Z^d 1 + Y^d 1; domestic coefficients A_d = Z^d x̂⁻¹, import coefficients A_m = Z^m x̂⁻¹ (zero columns where
/// x ≤ 0). Columns must balance: x_j = Σ_i Z^d_ij + Σ_i Z^m_ij + value added.
pub struct NationalSystem {
    system: InputOutputSystem,
    imported: Vec<f64>,
    imported_final: Vec<f64>,
    value_added: Vec<f64>,
    exports: Option<usize>,
}

impl NationalSystem {
    /// Checks a table.
    ///
    /// # Errors
    /// [`ChainError::Shape`], [`ChainError::Flow`], [`ChainError::Empty`]; [`ChainError::Balance`] when a column misses output by
    /// more than a millionth of the largest output; [`FrameError::UnknownLabel`] for an exports column that is not there.
    pub fn new(table: NationalTable) -> Result<Self, ChainError> {
        let NationalTable { name, period, unit, region, sectors, domestic, imported, value_added, final_demand, .. } = table;
        let (n, m) = (sectors.len(), final_demand.len());
        let pair = |code: &String| (region.clone(), code.clone());
        let system = InputOutputSystem::new(
            name,
            period,
            unit,
            sectors.iter().map(pair).collect(),
            domestic,
            final_demand.iter().map(pair).collect(),
            table.domestic_final,
            SystemOptions::default(),
        )?;
        let shape = |what: &str, expected: usize, found: usize| {
            let what = what.to_owned();
            if expected == found { Ok(()) } else { Err(ChainError::Shape { system: system.name().to_owned(), what, expected, found }) }
        };
        shape("imported inputs", n * n, imported.len())?;
        shape("imported final demand", n * m, table.imported_final.len())?;
        for (name, row) in &value_added {
            shape(&format!("the value-added row {name}"), n, row.len())?;
        }
        let flow = |what: &'static str, row: &str, column: &str, value: f64, next: &'static str| ChainError::Flow {
            system: system.name().to_owned(),
            what,
            row: row.to_owned(),
            column: column.to_owned(),
            value,
            next,
        };
        if let Some(at) = imported.iter().position(|v| !v.is_finite() || *v < 0.0) {
            let next = "imported inputs must be finite and not negative";
            return Err(flow("the imported input", &sectors[at / n], &sectors[at % n], imported[at], next));
        }
        if let Some(at) = table.imported_final.iter().position(|v| !v.is_finite()) {
            let next = "flows must be finite numbers";
            return Err(flow("the imported final delivery", &sectors[at / m], &final_demand[at % m], table.imported_final[at], next));
        }
        let exports = match &table.exports {
            None => None,
            Some(name) => Some(Labels::new("final-demand columns", final_demand)?.require(name)?),
        };
        let largest = system.output().iter().copied().fold(0.0, f64::max);
        let mut sums = Vec::with_capacity(n);
        for j in 0..n {
            let added: f64 = value_added.iter().map(|(_, row)| row[j]).sum();
            let inputs: f64 = (0..n).map(|i| system.delivery(i, j) + imported[i * n + j]).sum();
            let gap = system.output()[j] - inputs - added;
            if gap.is_nan() || gap.abs() > BALANCE_TOLERANCE * largest {
                let (output, costs) = (system.output()[j], inputs + added);
                return Err(ChainError::Balance { system: system.name().to_owned(), sector: sectors[j].clone(), output, costs });
            }
            sums.push(added);
        }
        Ok(NationalSystem { system, imported, imported_final: table.imported_final, value_added: sums, exports })
    }

    /// The domestic block as a system of one region: output, A_d, and what had to be repaired. Its value-added coefficients are
    /// 1 − 1'A_d and so include imported inputs.
    pub fn domestic(&self) -> &InputOutputSystem {
        &self.system
    }

    /// Value added of every sector.
    pub fn value_added(&self) -> &[f64] {
        &self.value_added
    }

    pub(crate) fn imported(&self) -> &[f64] {
        &self.imported
    }

    pub(crate) fn imported_final(&self) -> &[f64] {
        &self.imported_final
    }

    /// The position of the exports column.
    pub(crate) fn exports(&self) -> Option<usize> {
        self.exports
    }

    /// Import coefficient A_m: imported goods of sector i per unit of output of sector j, 0 where output is not positive.
    pub fn import_coefficient(&self, i: usize, j: usize) -> f64 {
        let output = self.system.output()[j];
        if output > 0.0 { self.imported[i * self.system.size() + j] / output } else { 0.0 }
    }

    /// How far each sector leans on imports, directly and through its domestic suppliers.
    ///
    /// With m = 1'A_m and L_d = (I − A_d)⁻¹: direct m, total m'L_d, by imported product M = A_m L_d, whose columns sum to the total.
    /// Vertical specialisation of exports is Σ_j (m'L_d)_j e_j / Σ_j e_j (Hummels, Ishii and Yi 2001, Journal of International
    /// Economics 54). Domestic content hidden in imports (exports that return) counts as imported.
    ///
    /// ```
    /// use xinzhi_chain::{NationalSystem, NationalTable};
    /// let national = NationalSystem::new(NationalTable {
    ///     name: "made up".into(), period: 2020, unit: "yuan".into(), region: "X".into(), sectors: vec!["chips".into(), "cars".into()],
    ///     domestic: vec![10.0, 20.0, 0.0, 10.0], imported: vec![20.0, 10.0, 0.0, 10.0],
    ///     value_added: vec![("wages".into(), vec![20.0, 50.0])], final_demand: vec!["home".into(), "exports".into()],
    ///     domestic_final: vec![20.0, 0.0, 50.0, 40.0], imported_final: vec![5.0, 0.0, 5.0, 0.0], exports: Some("exports".into()),
    /// })?;
    /// let dependence = national.import_dependence()?;
    /// assert_eq!(dependence.direct.get("cars"), Some(0.2));
    /// // a car takes 0.2 of imports itself and, through 0.2 of domestic chips (0.5 imported in all), 0.1 more; times 1 / (1 − 0.1)
    /// assert!((dependence.total.get("cars").unwrap() - 1.0 / 3.0).abs() < 1e-12);
    /// assert!((dependence.import_content_of_exports.unwrap() - 1.0 / 3.0).abs() < 1e-12);
    /// # Ok::<(), xinzhi_chain::ChainError>(())
    /// ```
    ///
    /// # Errors
    /// [`ChainError::Singular`], [`ChainError::NotProductive`] for the domestic block.
    pub fn import_dependence(&self) -> Result<ImportDependence, ChainError> {
        let n = self.system.size();
        let columns = Factor::new(&self.system)?.columns(0..n);
        let sectors = Labels::new("sectors", self.system.sectors().iter().map(|s| s.1.clone()))?;
        let coefficients: Vec<f64> = (0..n * n).map(|at| self.import_coefficient(at / n, at % n)).collect();
        let by_product: Vec<f64> = (0..n * n)
            .map(|at| coefficients[at / n * n..(at / n + 1) * n].iter().zip(&columns[at % n * n..]).map(|(a, l)| a * l).sum())
            .collect();
        let by_product = LabelledMatrix::new(sectors.clone(), sectors.clone(), by_product)?;
        let coefficients = LabelledMatrix::new(sectors.clone(), sectors.clone(), coefficients)?;
        let total = by_product.column_sums();

        let inputs = |j: usize| -> (f64, f64) {
            (0..n).fold((0.0, 0.0), |(m, all), i| {
                let imported = self.imported[i * n + j];
                (m + imported, all + imported + self.system.delivery(i, j))
            })
        };
        let uses = |i: usize| -> (f64, f64) {
            (0..n).fold((0.0, 0.0), |(m, all), j| {
                let imported = self.imported[i * n + j];
                (m + imported, all + imported + self.system.delivery(i, j))
            })
        };
        let share = |(part, whole): (f64, f64)| if whole > 0.0 { part / whole } else { 0.0 };
        let vector = |values: Vec<f64>| LabelledVector::new(sectors.clone(), values);

        let width = self.system.final_demand_columns().len();
        let column = |values: &[f64], at: usize| -> Vec<f64> { (0..n).map(|i| values[i * width + at]).collect() };
        let exports = self.exports.map(|at| column(self.system.final_demand(), at));
        let exported: f64 = exports.iter().flatten().sum();
        Ok(ImportDependence {
            system: self.system.name().to_owned(),
            direct: vector(coefficients.column_sums())?,
            direct_share_of_inputs: vector((0..n).map(inputs).map(share).collect())?,
            product_share_of_inputs: vector((0..n).map(uses).map(share).collect())?,
            import_content_of_exports: exports
                .filter(|_| exported > 0.0)
                .map(|values| values.iter().zip(&total).map(|(e, content)| e * content).sum::<f64>() / exported),
            re_exports: self.exports.map(|at| column(&self.imported_final, at).iter().sum()),
            total: vector(total)?,
            direct_by_product: coefficients,
            by_product,
            without_output: (0..n).filter(|j| self.system.output()[*j] <= 0.0).map(|j| self.system.sectors()[j].1.clone()).collect(),
        })
    }

    /// For every column of final demand, what of its spending ends as value added at home and what as imports.
    ///
    /// With Y^d, Y^m the column's deliveries of domestic and imported goods and t = m'L_d (see [`import_dependence`](Self::import_dependence)):
    /// domestic Σ_i Y^d_i (1 − t_i), imported through domestic production Σ_i Y^d_i t_i, imported outright Σ_i Y^m_i. Because columns
    /// balance, what is not imported is value added of the country.
    ///
    /// ```
    /// # use xinzhi_chain::{NationalSystem, NationalTable};
    /// # let national = NationalSystem::new(NationalTable {
    /// #     name: "made up".into(), period: 2020, unit: "yuan".into(), region: "X".into(), sectors: vec!["chips".into(), "cars".into()],
    /// #     domestic: vec![10.0, 20.0, 0.0, 10.0], imported: vec![20.0, 10.0, 0.0, 10.0],
    /// #     value_added: vec![("wages".into(), vec![20.0, 50.0])], final_demand: vec!["home".into(), "exports".into()],
    /// #     domestic_final: vec![20.0, 0.0, 50.0, 40.0], imported_final: vec![5.0, 0.0, 5.0, 0.0], exports: Some("exports".into()),
    /// # })?;
    /// let content = national.final_demand_content(&national.import_dependence()?);
    /// // home and exports together absorb the value added of 70
    /// assert!((content.iter().map(|c| c.domestic).sum::<f64>() - 70.0).abs() < 1e-9);
    /// assert_eq!(content[0].imported_outright, 10.0);
    /// # Ok::<(), xinzhi_chain::ChainError>(())
    /// ```
    pub fn final_demand_content(&self, dependence: &ImportDependence) -> Vec<FinalDemandContent> {
        let columns = self.system.final_demand_columns();
        let at = |values: &[f64], i: usize, c: usize| values[i * columns.len() + c];
        let contents = dependence.total.values();
        let columns = columns.iter().enumerate();
        columns
            .map(|(c, (_, category))| {
                let bought = |i: usize| at(self.system.final_demand(), i, c);
                FinalDemandContent {
                    category: category.clone(),
                    domestic: contents.iter().enumerate().map(|(i, t)| bought(i) * (1.0 - t)).sum(),
                    imported_in_production: contents.iter().enumerate().map(|(i, t)| bought(i) * t).sum(),
                    imported_outright: (0..contents.len()).map(|i| at(&self.imported_final, i, c)).sum(),
                }
            })
            .collect()
    }
}

/// Where the spending of a column of final demand ends; see [`NationalSystem::final_demand_content`].
#[derive(Debug, Clone, PartialEq)]
pub struct FinalDemandContent {
    /// The column.
    pub category: String,
    /// Value added of the country.
    pub domestic: f64,
    /// Imports used, in all rounds, to make what it bought of domestic output.
    pub imported_in_production: f64,
    /// Imported goods it bought as they are.
    pub imported_outright: f64,
}

/// How far the sectors of a country lean on imports; see [`NationalSystem::import_dependence`].
#[derive(Debug, Clone, PartialEq)]
pub struct ImportDependence {
    /// Name and year of the table.
    pub system: String,
    /// Imported inputs per unit of output.
    pub direct: LabelledVector,
    /// Imported share of all inputs of the sector.
    pub direct_share_of_inputs: LabelledVector,
    /// For each product, the imported share of what all sectors use of it as input.
    pub product_share_of_inputs: LabelledVector,
    /// Imports behind a unit of final delivery, through all domestic rounds.
    pub total: LabelledVector,
    /// A_m: imported product × sector, direct.
    pub direct_by_product: LabelledMatrix,
    /// M = A_m L_d: imported product × sector, through all domestic rounds; columns sum to `total`.
    pub by_product: LabelledMatrix,
    /// Imports behind a unit of exports of domestic output; absent when exports are not apart or zero.
    pub import_content_of_exports: Option<f64>,
    /// Imported goods exported again (not part of the line above); absent when exports are not apart.
    pub re_exports: Option<f64>,
    /// Sectors without positive output, for which the figures above are 0 by convention.
    pub without_output: Vec<String>,
}

/// What a province's import dependence would be if each of its sectors produced like the national sector. An estimate, not a
/// measurement: see [`assumption`](Self::assumption).
#[derive(Debug, Clone, PartialEq)]
pub struct ProvinceEstimate {
    /// The national table it stands on.
    pub system: String,
    /// Output-weighted imported inputs per unit of output.
    pub direct: f64,
    /// Output-weighted imports through all domestic rounds.
    pub total: f64,
    /// The total by imported product.
    pub by_product: LabelledVector,
    /// What each of the province's sectors adds to the total (weight × national total of the sector).
    pub by_sector: LabelledVector,
    /// National sectors for which the province gave no output.
    pub sectors_missing: Vec<String>,
    /// What is assumed, for the reader.
    pub assumption: Text,
}

/// Weights national import dependence with a province's output by sector.
///
/// With weights w_j = output_j / Σ output over the sectors given: direct Σ w_j m_j, total Σ w_j (m'L_d)_j, by product M w. Goods from
/// other provinces count as domestic.
///
/// ```
/// # use xinzhi_chain::{NationalSystem, NationalTable};
/// use frame::{LabelledVector, Labels};
/// use xinzhi_chain::province_estimate;
/// # let national = NationalSystem::new(NationalTable {
/// #     name: "made up".into(), period: 2020, unit: "yuan".into(), region: "X".into(), sectors: vec!["chips".into(), "cars".into()],
/// #     domestic: vec![10.0, 20.0, 0.0, 10.0], imported: vec![20.0, 10.0, 0.0, 10.0],
/// #     value_added: vec![("wages".into(), vec![20.0, 50.0])], final_demand: vec!["home".into(), "exports".into()],
/// #     domestic_final: vec![20.0, 0.0, 50.0, 40.0], imported_final: vec![5.0, 0.0, 5.0, 0.0], exports: Some("exports".into()),
/// # })?;
/// let output = LabelledVector::new(Labels::new("sectors", ["cars"])?, vec![7.0])?;
/// let estimate = province_estimate(&output, &national.import_dependence()?)?;
/// assert!((estimate.total - 1.0 / 3.0).abs() < 1e-12);
/// assert_eq!(estimate.sectors_missing, ["chips"]);
/// # Ok::<(), xinzhi_chain::ChainError>(())
/// ```
///
/// # Errors
/// [`FrameError::UnknownLabel`] for a sector the national table does not have; [`FrameError::Value`] for an output that is negative or not
/// finite; [`ChainError::Nothing`] when all are zero.
pub fn province_estimate(output: &LabelledVector, national: &ImportDependence) -> Result<ProvinceEstimate, ChainError> {
    let sectors = national.total.labels();
    let mut weights = vec![0.0; sectors.len()];
    for (sector, value) in output.iter() {
        let at = sectors.require(sector)?;
        if !value.is_finite() || value < 0.0 {
            return Err(FrameError::Value {
                what: "output of a province".to_owned(),
                row: sector.to_owned(),
                column: "output".to_owned(),
                value: value.to_string(),
                requirement: "outputs must be finite and not negative".to_owned(),
            }
            .into());
        }
        weights[at] = value;
    }
    let sum: f64 = weights.iter().sum();
    if sum <= 0.0 {
        return Err(ChainError::Nothing { system: national.system.clone(), what: "output".to_owned(), place: "the province".to_owned() });
    }
    weights.iter_mut().for_each(|w| *w /= sum);
    let weighted = |values: &[f64]| -> f64 { values.iter().zip(&weights).map(|(value, w)| value * w).sum() };
    let products = (0..sectors.len()).map(|i| weighted(national.by_product.row(i))).collect();
    let parts = national.total.values().iter().zip(&weights).map(|(value, w)| value * w).collect();
    Ok(ProvinceEstimate {
        system: national.system.clone(),
        direct: weighted(national.direct.values()),
        total: weighted(national.total.values()),
        by_product: LabelledVector::new(sectors.clone(), products)?,
        by_sector: LabelledVector::new(sectors.clone(), parts)?,
        sectors_missing: sectors.iter().filter(|s| output.get(s).is_none()).map(str::to_owned).collect(),
        assumption: Text::new(
            format!(
                "Estimate: each sector is assumed to produce with the national technology and import shares of {}; only the mix of sectors \
                 is the province's own, and goods from other provinces count as domestic.",
                national.system
            ),
            format!(
                "估计值：假定各部门的技术结构和进口比例与全国（{}）相同，仅部门结构为本省数据；来自其他省份的产品视为国内产品。",
                national.system
            ),
        ),
    })
}
