use crate::{ChainError, Extension, InputOutputSystem, Leontief};
use frame::{LabelledMatrix, LabelledVector, Labels};

/// What [`footprints`] works out beyond the accounts that every call gives.
#[derive(Debug, Clone, Default)]
pub struct FootprintOptions {
    /// The population of every region: accounts a head are added.
    pub population: Option<LabelledVector>,
    /// Whether D_imp is split by the product consumed: one solve more for every stressor and region.
    pub imports_by_sector: bool,
}

/// Accounts of regions, stressors × regions: [`Footprints::regional`], [`Footprints::per_capita`].
#[derive(Debug, Clone)]
pub struct RegionalAccounts {
    /// Consumption-based: what the world emits for a region's final demand, and what that final demand emits itself (F_Y).
    pub d_cba: LabelledMatrix,
    /// Production-based: what a region's industries and its final demand (F_Y) emit.
    pub d_pba: LabelledMatrix,
    /// What is emitted abroad for a region's final demand, without F_Y.
    pub d_imp: LabelledMatrix,
    /// What is emitted in a region for the final demand of others, without F_Y.
    pub d_exp: LabelledMatrix,
}

/// Multipliers and accounts of an [`Extension`], under pymrio's names. Rows are stressors, in the extension's units.
#[derive(Debug, Clone)]
pub struct Footprints {
    /// The extension.
    pub extension: String,
    /// The unit of every stressor.
    pub units: Vec<String>,
    /// S = F x̂⁻¹, by industry: direct, for one unit of output.
    pub s: LabelledMatrix,
    /// M = S L, by industry: direct and upstream, for one unit of final demand.
    pub m: LabelledMatrix,
    /// M_up = M − S: upstream alone.
    pub m_up: LabelledMatrix,
    /// M_down = S (G' − I): downstream, for one unit of primary inputs (Ghosh).
    pub m_down: LabelledMatrix,
    /// S_Y: direct, for one unit of each column of final demand. Absent without F_Y.
    pub s_y: Option<LabelledMatrix>,
    /// D_cba, by consuming region and product consumed ("region sector"), wherever the product is made; without F_Y.
    pub d_cba: LabelledMatrix,
    /// D_pba = S hat(L Y 1), by industry; without F_Y.
    pub d_pba: LabelledMatrix,
    /// D_imp, as D_cba but of what is emitted outside the consuming region. Absent unless asked for.
    pub d_imp: Option<LabelledMatrix>,
    /// D_exp, by industry: for the final demand of other regions.
    pub d_exp: LabelledMatrix,
    /// By region (pymrio's `D_cba_reg` and so on).
    pub regional: RegionalAccounts,
    /// By region and head (pymrio's `D_cba_cap` and so on). Absent without population.
    pub per_capita: Option<RegionalAccounts>,
    /// For every stressor what each region (row) emits for the final demand of each (column), without F_Y: S_r (L Y)_rs.
    pub bilateral: Vec<LabelledMatrix>,
}

/// Multipliers, footprints and trade accounts of an extension.
///
/// With Y_c final demand of region c and G = x̂⁻¹ L x̂ the Ghosh inverse: M = S L by one transposed solve a stressor; L Y by one solve a
/// region; M_down by one solve a stressor, since S G' = x̂⁻¹ (L F')'. The inverse is never formed. D_imp is S times L diag(Y_c) with
/// the rows of c set to zero and D_exp its mirror image, as pymrio computes them; the formula S L Y_t (domestic final demand set to
/// zero), which its manual prints, is another number.
/// Source: Stadler (2021), Pymrio: A Python Based Multi-Regional Input-Output Analysis Toolbox, Journal of Open Research Software 9;
/// Miller and Blair (2009), Input-Output Analysis, chapters 9 and 10.
///
/// ```
/// # use xinzhi_chain::{InputOutputSystem, SystemOptions};
/// use xinzhi_chain::{Extension, Factor, FootprintOptions, footprints};
/// # let pair = |a: &str, b: &str| (a.to_string(), b.to_string());
/// # let system = InputOutputSystem::new(
/// #     "two regions", 2011, "million USD", vec![pair("A", "all"), pair("B", "all")], vec![10.0, 20.0, 30.0, 40.0],
/// #     vec![pair("A", "final"), pair("B", "final")], vec![50.0, 20.0, 10.0, 20.0], SystemOptions::default(),
/// # )?;
/// let carbon = Extension::new(&system, "emissions (made up)", vec![("CO2".into(), "kt".into())], vec![20.0, 50.0], None)?;
/// let accounts = footprints(&Factor::new(&system)?, &carbon, &FootprintOptions::default())?;
/// // [M_A, M_B] = [0.2, 0.5] L, with L = [0.6 0.2; 0.3 0.9] / 0.48
/// assert!((accounts.m.at(0, 0) - 0.27 / 0.48).abs() < 1e-12);
/// assert!((accounts.regional.d_cba.get("CO2", "A").unwrap() - (0.27 * 50.0 + 0.49 * 10.0) / 0.48).abs() < 1e-12);
/// assert!((accounts.regional.d_pba.get("CO2", "B").unwrap() - 50.0).abs() < 1e-12);
/// # Ok::<(), xinzhi_chain::ChainError>(())
/// ```
///
/// # Errors
/// [`ChainError::Different`] for an extension of another system; [`frame::FrameError::UnknownLabel`] for a region without population;
/// [`ChainError::Option`] for a population that is not positive.
pub fn footprints(leontief: &impl Leontief, extension: &Extension, options: &FootprintOptions) -> Result<Footprints, ChainError> {
    let system = leontief.system();
    require_same(system, extension)?;
    let (n, g, k) = (system.size(), system.regions().len(), extension.stressors().len());
    let (s, x, inverse) = (extension.coefficients(), system.output(), system.inverse_output());
    let population = options.population.as_ref().map(|population| population_of(system, population)).transpose()?;

    let m = leontief.solve_transposed(s.to_vec());
    let mut forward: Vec<f64> = (0..g).flat_map(|r| system.final_demand_of(r)).collect();
    forward.extend(s.chunks_exact(n).flat_map(|s| s.iter().zip(x).map(|(s, x)| s * x)));
    let forward = leontief.solve(forward);
    let (made, downstream) = forward.split_at(n * g);

    let m_up = m.iter().zip(s).map(|(m, s)| m - s).collect();
    let m_down = downstream.chunks_exact(n).zip(s.chunks_exact(n)).flat_map(|(all, s)| {
        all.iter().zip(inverse).zip(s).map(|((all, inverse), s)| if *inverse > 0.0 { all * inverse - s } else { 0.0 })
    });
    let m_down = m_down.collect();

    let (mut whole, mut for_others) = (vec![0.0; n], vec![0.0; n]);
    for (c, made) in made.chunks_exact(n).enumerate() {
        let own = system.range_at(c);
        for (i, made) in made.iter().enumerate() {
            whole[i] += made;
            if !own.contains(&i) {
                for_others[i] += made;
            }
        }
    }
    let times_s = |output: &[f64]| s.chunks_exact(n).flat_map(|s| s.iter().zip(output).map(|(s, x)| s * x)).collect::<Vec<f64>>();
    let (d_pba, d_exp) = (times_s(&whole), times_s(&for_others));

    let mut bilateral = Vec::with_capacity(k);
    for s in s.chunks_exact(n) {
        let mut cells = vec![0.0; g * g];
        for r in 0..g {
            let own = system.range_at(r);
            for (c, made) in made.chunks_exact(n).enumerate() {
                cells[r * g + c] = s[own.clone()].iter().zip(&made[own.clone()]).map(|(s, x)| s * x).sum();
            }
        }
        bilateral.push(LabelledMatrix::new(system.regions().clone(), system.regions().clone(), cells)?);
    }

    let products = Products::new(system)?;
    let rows: Vec<(usize, &[f64])> = m.chunks_exact(n).flat_map(|m| (0..g).map(move |c| (c, m))).collect();
    let d_cba = products.consumed(system, &rows);
    let d_imp = if options.imports_by_sector { Some(imports_by_sector(leontief, extension, &products)) } else { None };

    let over_regions = |sum: &dyn Fn(usize, usize) -> f64| {
        let cells = (0..k).flat_map(|k| (0..g).map(move |r| (k, r))).map(|(k, r)| sum(k, r)).collect();
        LabelledMatrix::new(extension.stressors().clone(), system.regions().clone(), cells)
    };
    let own_flows = extension.final_demand_flows_by_region()?;
    let industries_of = |values: &[f64], k: usize, r: usize| values[k * n..][..n][system.range_at(r)].iter().sum::<f64>();
    let abroad = |k: usize, r: usize| (0..g).filter(|p| *p != r).map(|p| bilateral[k].at(p, r)).sum::<f64>();
    let width = products.width();
    let regional = RegionalAccounts {
        d_cba: over_regions(&|k, r| d_cba[(k * g + r) * width..][..width].iter().sum::<f64>() + own_flows.at(k, r))?,
        d_pba: over_regions(&|k, r| industries_of(&d_pba, k, r) + own_flows.at(k, r))?,
        d_imp: over_regions(&abroad)?,
        d_exp: over_regions(&|k, r| industries_of(&d_exp, k, r))?,
    };
    let per_capita = match population {
        None => None,
        Some(heads) => {
            let by_head = |account: &LabelledMatrix| over_regions(&|k, r| account.at(k, r) / heads[r]);
            Some(RegionalAccounts {
                d_cba: by_head(&regional.d_cba)?,
                d_pba: by_head(&regional.d_pba)?,
                d_imp: by_head(&regional.d_imp)?,
                d_exp: by_head(&regional.d_exp)?,
            })
        }
    };
    let by_product = |cells| LabelledMatrix::new(extension.stressors().clone(), products.labels.clone(), cells);
    let s_y = match extension.coefficients_of_final_demand() {
        None => None,
        Some(cells) => {
            let columns = system.final_demand_columns().iter().map(|(region, category)| format!("{region} {category}"));
            Some(LabelledMatrix::new(extension.stressors().clone(), Labels::new("final demand", columns)?, cells)?)
        }
    };
    Ok(Footprints {
        extension: extension.name().to_owned(),
        units: extension.units().to_vec(),
        s: extension.over_industries(s.to_vec())?,
        m: extension.over_industries(m.clone())?,
        m_up: extension.over_industries(m_up)?,
        m_down: extension.over_industries(m_down)?,
        s_y,
        d_cba: by_product(d_cba)?,
        d_pba: extension.over_industries(d_pba)?,
        d_imp: d_imp.map(by_product).transpose()?,
        d_exp: extension.over_industries(d_exp)?,
        regional,
        per_capita,
        bilateral,
    })
}

/// D_imp: for every region and stressor the row S L of the industries outside the region, weighted with what the region buys.
fn imports_by_sector(leontief: &impl Leontief, extension: &Extension, products: &Products) -> Vec<f64> {
    /// How many rows are held at once, where that is a choice.
    const ROWS: usize = 256;
    let system = leontief.system();
    let (n, g, width) = (system.size(), system.regions().len(), products.width());
    let pairs: Vec<(usize, usize)> = (0..extension.stressors().len()).flat_map(|k| (0..g).map(move |c| (k, c))).collect();
    let mut imports = Vec::with_capacity(pairs.len() * width);
    for pairs in pairs.chunks(ROWS) {
        let mut rows = Vec::with_capacity(pairs.len() * n);
        for (k, c) in pairs {
            let start = rows.len();
            rows.extend_from_slice(&extension.coefficients()[k * n..(k + 1) * n]);
            let own = system.range_at(*c);
            rows[start + own.start..start + own.end].fill(0.0);
        }
        let rows = leontief.solve_transposed(rows);
        let rows: Vec<(usize, &[f64])> = pairs.iter().map(|(_, c)| *c).zip(rows.chunks_exact(n)).collect();
        imports.extend(products.consumed(system, &rows));
    }
    imports
}

/// Products as consumed: a code, wherever made, in every consuming region.
struct Products {
    labels: Labels,
    /// How many codes there are, and which of them every industry makes.
    codes: usize,
    code_of: Vec<usize>,
}

impl Products {
    fn new(system: &InputOutputSystem) -> Result<Self, ChainError> {
        let (codes, code_of) = system.sector_codes()?;
        let labels = system.regions().iter().flat_map(|region| codes.iter().map(move |code| format!("{region} {code}")));
        Ok(Products { labels: Labels::new("products consumed", labels)?, codes: codes.len(), code_of })
    }

    fn width(&self) -> usize {
        self.codes
    }

    /// Σ_s m_(s,i) Y_(s,i),c by product i, for every (c, m).
    fn consumed(&self, system: &InputOutputSystem, rows: &[(usize, &[f64])]) -> Vec<f64> {
        let mut consumed = vec![0.0; rows.len() * self.codes];
        for ((c, row), sums) in rows.iter().zip(consumed.chunks_exact_mut(self.codes)) {
            for (i, (m, code)) in row.iter().zip(&self.code_of).enumerate() {
                sums[*code] += m * system.final_delivery(i, *c);
            }
        }
        consumed
    }
}

pub(crate) fn require_same(system: &InputOutputSystem, extension: &Extension) -> Result<(), ChainError> {
    let other = extension.system();
    let difference = system.sectors().iter().zip(other.sectors()).find(|(a, b)| a != b).map(|(a, b)| (a.clone(), b.clone()));
    let label = match difference {
        Some((a, b)) => format!("{} {} against {} {}", a.0, a.1, b.0, b.1),
        None if system.size() != other.size() => format!("{} industries against {}", system.size(), other.size()),
        None if system.final_demand_columns() != other.final_demand_columns() => "the columns of final demand".to_owned(),
        None if system.output() != other.output() => "the same industries with other outputs".to_owned(),
        None => return Ok(()),
    };
    let (first, second) = (system.name().to_owned(), format!("{} of {}", extension.name(), other.name()));
    Err(ChainError::Different { first, second, what: "industries", label })
}

fn population_of(system: &InputOutputSystem, population: &LabelledVector) -> Result<Vec<f64>, ChainError> {
    let of = |region: &str| {
        let heads = population.values()[population.labels().require(region)?];
        if heads.is_finite() && heads > 0.0 {
            Ok(heads)
        } else {
            let option = format!("the population of {region}");
            Err(ChainError::Option { option, value: heads.to_string(), why: "it must be a finite number above zero".to_owned() })
        }
    };
    system.regions().iter().map(of).collect()
}

/// The three scopes of every industry for one unit of its output, stressors × industries.
#[derive(Debug, Clone)]
pub struct EmissionScopes {
    /// Scope 1: direct, S.
    pub scope_1: LabelledMatrix,
    /// Scope 2: the direct emissions of the energy sectors for what the industry buys from them itself, Σ_e S_e A_ej.
    pub scope_2: LabelledMatrix,
    /// Scope 3, upstream: the rest, M − scope 1 − scope 2, with the fuel chain of the energy bought.
    pub scope_3_upstream: LabelledMatrix,
    /// Scope 3, downstream: M_down.
    pub scope_3_downstream: LabelledMatrix,
}

/// Scopes 1 to 3 from accounts already made, for energy sectors given by code (electricity, steam, hot water).
///
/// The corporate standard counts as scope 2 the generation of purchased electricity, steam, heat and cooling, and everything else
/// upstream as scope 3. Scopes of different industries overlap by construction and must not be added up.
/// Source: World Resources Institute and World Business Council for Sustainable Development (2004), The Greenhouse Gas Protocol: A
/// Corporate Accounting and Reporting Standard; on input-output tables Hertwich and Wood (2018), The Growing Importance of Scope 3
/// Greenhouse Gas Emissions from Industry, Environmental Research Letters 13. pymrio gives scope 1 as S and scopes 2 and 3 together as M_up.
///
/// ```
/// # use xinzhi_chain::{InputOutputSystem, SystemOptions};
/// use xinzhi_chain::{Extension, Factor, FootprintOptions, emission_scopes, footprints};
/// # let pair = |a: &str, b: &str| (a.to_string(), b.to_string());
/// # let system = InputOutputSystem::new(
/// #     "made up", 2011, "million USD", vec![pair("A", "power"), pair("A", "goods")], vec![10.0, 20.0, 30.0, 40.0],
/// #     vec![pair("A", "final")], vec![70.0, 30.0], SystemOptions::default(),
/// # )?;
/// let carbon = Extension::new(&system, "emissions (made up)", vec![("CO2".into(), "kt".into())], vec![20.0, 50.0], None)?;
/// let accounts = footprints(&Factor::new(&system)?, &carbon, &FootprintOptions::default())?;
/// let scopes = emission_scopes(&system, &accounts, &["power"])?;
/// assert!((scopes.scope_2.get("CO2", "A goods").unwrap() - 0.2 * 0.2).abs() < 1e-15);
/// # Ok::<(), xinzhi_chain::ChainError>(())
/// ```
///
/// # Errors
/// [`frame::FrameError::UnknownLabel`] for a sector that no region has; [`ChainError::Shape`] for accounts of another system.
pub fn emission_scopes(system: &InputOutputSystem, accounts: &Footprints, energy_sectors: &[&str]) -> Result<EmissionScopes, ChainError> {
    let n = system.size();
    if accounts.s.columns().len() != n {
        let (system, found) = (system.name().to_owned(), accounts.s.columns().len());
        return Err(ChainError::Shape { system, what: "the accounts".to_owned(), expected: n, found });
    }
    let (codes, code_of) = system.sector_codes()?;
    let mut energy = vec![false; codes.len()];
    for sector in energy_sectors {
        energy[codes.require(sector)?] = true;
    }
    let mut second = vec![0.0; accounts.s.values().len()];
    for e in (0..n).filter(|e| energy[code_of[*e]]) {
        let row = &system.deliveries()[e * n..(e + 1) * n];
        for (second, s) in second.chunks_exact_mut(n).zip(accounts.s.values().chunks_exact(n)) {
            let cells = second.iter_mut().zip(row.iter().zip(system.inverse_output()));
            cells.for_each(|(second, (flow, inverse))| *second += s[e] * (flow * inverse));
        }
    }
    let third = accounts.m_up.values().iter().zip(&second).map(|(up, second)| up - second).collect();
    let labelled = |cells| LabelledMatrix::new(accounts.s.rows().clone(), accounts.s.columns().clone(), cells);
    Ok(EmissionScopes {
        scope_1: accounts.s.clone(),
        scope_2: labelled(second)?,
        scope_3_upstream: labelled(third)?,
        scope_3_downstream: accounts.m_down.clone(),
    })
}
