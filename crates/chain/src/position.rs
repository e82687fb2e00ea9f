use crate::leontief::Lu;
use crate::{ChainError, Leontief, NationalSystem};
use faer::Mat;
use serde::{Deserialize, Serialize};

/// How far an industry stands from final use and from primary inputs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Position {
    /// The region.
    pub region: String,
    /// The sector.
    pub sector: String,
    /// Its output.
    pub output: f64,
    /// Output upstreamness: the average number of stages to final use, at least 1. Absent for an industry without positive output.
    pub upstreamness: Option<f64>,
    /// Input downstreamness: the average number of stages from primary inputs. Absent for an industry without positive output.
    pub downstreamness: Option<f64>,
}

/// Upstreamness and downstreamness of every industry.
///
/// Upstreamness is the row sum of the Ghosh inverse, G1 = x̂⁻¹ L x; downstreamness the column sum of the Leontief inverse, 1'L, that
/// is its total backward linkage. Both count every border crossing and every domestic round alike. Being made for a closed world
/// table, they need no correction for trade; inventories are taken as final use.
/// Source: Miller and Temurshoev (2017), Output Upstreamness and Input Downstreamness of Industries/Countries in World Production,
/// International Regional Science Review 40; the first is the measure of Antràs, Chor, Fally and Hillberry (2012), American Economic
/// Review 102.
///
/// ```
/// # use xinzhi_chain::{Factor, InputOutputSystem, SystemOptions};
/// use xinzhi_chain::chain_position;
/// # let pair = |a: &str, b: &str| (a.to_string(), b.to_string());
/// # let system = InputOutputSystem::new(
/// #     "two regions", 2011, "million USD", vec![pair("A", "all"), pair("B", "all")], vec![10.0, 20.0, 30.0, 40.0],
/// #     vec![pair("A", "final"), pair("B", "final")], vec![50.0, 20.0, 10.0, 20.0], SystemOptions::default(),
/// # )?;
/// let positions = chain_position(&Factor::new(&system)?);
/// assert!((positions[0].downstreamness.unwrap() - 1.875).abs() < 1e-12);
/// assert!((positions[0].upstreamness.unwrap() - 5.0 / 3.0).abs() < 1e-12);
/// # Ok::<(), xinzhi_chain::ChainError>(())
/// ```
pub fn chain_position(leontief: &impl Leontief) -> Vec<Position> {
    let system = leontief.system();
    let made = leontief.solve(system.output().to_vec());
    let multipliers = leontief.solve_transposed(vec![1.0; system.size()]);
    let industries = system.sectors().iter().zip(system.output()).zip(made.iter().zip(&multipliers));
    industries
        .map(|(((region, sector), output), (made, multiplier))| Position {
            region: region.clone(),
            sector: sector.clone(),
            output: *output,
            upstreamness: (*output > 0.0).then(|| made / output),
            downstreamness: (*output > 0.0).then_some(*multiplier),
        })
        .collect()
}

/// Upstreamness of a sector of a single-country table, corrected for trade and inventories.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OpenPosition {
    /// The sector.
    pub sector: String,
    /// What the country absorbs of the sector's goods, made at home or imported, without exports and changes in inventories.
    pub absorption: f64,
    /// The average number of stages to final use. Absent where nothing is absorbed.
    pub upstreamness: Option<f64>,
}

/// Upstreamness in a single-country table, where exports and imports would otherwise pass for final use: the open-economy measure of
/// Antràs, Chor, Fally and Hillberry, with their correction for inventories.
///
/// A sector's exports are taken to be used as its goods are at home: δ_ij = z_ij / (x_i − e_i + m_i − n_i), with z_ij inputs from home
/// and abroad, e exports, m imports and n the change in inventories, so that the divisor is what the country absorbs; U = (I − δ)⁻¹ 1.
/// `inventories` names the columns of final demand that hold changes in inventories. In a world table use [`chain_position`].
/// Source: Antràs, Chor, Fally and Hillberry (2012), Measuring the Upstreamness of Production and Trade Flows, American Economic Review
/// 102; their program for the US table of 2002 divides inputs by all uses but exports, imports and inventories, as is done here.
///
/// ```
/// use xinzhi_chain::{NationalSystem, NationalTable, open_economy_position};
/// let national = NationalSystem::new(NationalTable {
///     name: "made up".into(), period: 2020, unit: "yuan".into(), region: "X".into(), sectors: vec!["chips".into(), "cars".into()],
///     domestic: vec![10.0, 20.0, 0.0, 10.0], imported: vec![20.0, 10.0, 0.0, 10.0],
///     value_added: vec![("wages".into(), vec![20.0, 50.0])], final_demand: vec!["home".into(), "exports".into()],
///     domestic_final: vec![20.0, 0.0, 50.0, 40.0], imported_final: vec![5.0, 0.0, 5.0, 0.0], exports: Some("exports".into()),
/// })?;
/// let rows = open_economy_position(&national, &[])?;
/// // of 75 cars absorbed 20 are inputs of car makers: 1 / (1 − 20 / 75); the exports of 40 are taken to be used alike
/// assert!((rows[1].upstreamness.unwrap() - 75.0 / 55.0).abs() < 1e-12);
/// # Ok::<(), xinzhi_chain::ChainError>(())
/// ```
///
/// # Errors
/// [`ChainError::Refused`] where exports are not apart; [`frame::FrameError::UnknownLabel`] for a column that is not there;
/// [`ChainError::Singular`] for sectors that only deliver to each other.
pub fn open_economy_position(national: &NationalSystem, inventories: &[&str]) -> Result<Vec<OpenPosition>, ChainError> {
    let system = national.domestic();
    let Some(exports) = national.exports() else {
        return Err(ChainError::Refused {
            system: system.name().to_owned(),
            what: "upstreamness in an open economy".to_owned(),
            why: "exports are not apart from other final demand; name their column".to_owned(),
        });
    };
    let (n, m) = (system.size(), system.final_demand_columns().len());
    let mut left_out = vec![exports];
    for name in inventories {
        let found = system.final_demand_columns().iter().position(|(_, category)| category == name);
        left_out.push(found.ok_or_else(|| frame::FrameError::UnknownLabel {
            label: (*name).to_owned(),
            what: format!("final-demand columns of {}", system.name()),
            nearest: system.final_demand_columns().iter().map(|c| c.1.clone()).take(5).collect(),
        })?);
    }
    let (imported, imported_final) = (national.imported(), national.imported_final());
    let inputs = |i: usize, j: usize| system.delivery(i, j) + imported[i * n + j];
    let absorption: Vec<f64> = (0..n)
        .map(|i| {
            let goods = (0..m).filter(|f| !left_out.contains(f)).map(|f| system.final_demand()[i * m + f] + imported_final[i * m + f]);
            (0..n).map(|j| inputs(i, j)).sum::<f64>() + goods.sum::<f64>()
        })
        .collect();
    let share = |i: usize, j: usize| if absorption[i] > 0.0 { inputs(i, j) / absorption[i] } else { 0.0 };
    let Some(factor) = Lu::new(Mat::from_fn(n, n, |i, j| f64::from(u8::from(i == j)) - share(i, j))) else {
        return Err(ChainError::Singular { system: system.name().to_owned(), what: "I − δ (uses of absorption)".to_owned() });
    };
    let mut upstreamness = vec![1.0; n];
    factor.solve(&mut upstreamness);
    let rows = system.sectors().iter().zip(absorption).zip(upstreamness);
    Ok(rows
        .map(|(((_, sector), absorption), upstreamness)| OpenPosition {
            sector: sector.clone(),
            absorption,
            upstreamness: (absorption > 0.0).then_some(upstreamness),
        })
        .collect())
}
