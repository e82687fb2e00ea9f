use crate::{ChainError, InputOutputSystem};
use frame::LabelledVector;

/// θ of the 20 goods sectors of Caliendo and Parro (2015), as in the data file that their counterfactuals read: the estimates of the
/// sample without the 1 % smallest trade flows, and the mean of 8.22 for motor vehicles and other transport equipment.
const AGRICULTURE: f64 = 9.11;
const MINING: f64 = 13.53;
const FOOD: f64 = 2.62;
const TEXTILES: f64 = 8.10;
const WOOD: f64 = 11.50;
const PAPER: f64 = 16.52;
const PETROLEUM: f64 = 64.85;
const CHEMICALS: f64 = 3.13;
const PLASTICS: f64 = 1.67;
const MINERALS: f64 = 2.41;
const BASIC_METALS: f64 = 3.28;
const METAL_PRODUCTS: f64 = 6.99;
const MACHINERY: f64 = 1.45;
const OFFICE: f64 = 12.95;
const ELECTRICAL: f64 = 12.91;
const COMMUNICATION: f64 = 3.95;
const MEDICAL: f64 = 8.71;
const TRANSPORT: f64 = 8.22;
const OTHER_GOODS: f64 = 3.98;

/// The elasticity of trade in services where none is given: none is estimated in the paper, and this is its elasticity of trade as a whole.
const SERVICES: f64 = 4.55;

/// Trade elasticities θ by sector: a rise of a supplier's price by 1 % against all others' lowers its share by θ %.
///
/// θ is the dispersion of productivities in the model of Eaton and Kortum, or the elasticity of substitution between suppliers less 1
/// in the one of Armington; the equations in changes are the same. These are elasticities of the long run, over years in which buyers
/// find other suppliers; within months they are far lower.
///
/// ```
/// # use xinzhi_chain::{InputOutputSystem, SystemOptions};
/// use xinzhi_chain::TradeElasticities;
/// # let pair = |a: &str, b: &str| (a.to_string(), b.to_string());
/// # let system = InputOutputSystem::new(
/// #     "two regions", 2011, "million USD", vec![pair("A", "c3"), pair("B", "c3")], vec![10.0, 20.0, 30.0, 40.0],
/// #     vec![pair("A", "final"), pair("B", "final")], vec![50.0, 20.0, 10.0, 20.0], SystemOptions::default(),
/// # )?;
/// let published = TradeElasticities::default().of(&system)?;
/// assert_eq!(published.get("c3"), Some(2.62));
/// // drawn anew, for example by Monte Carlo
/// let drawn = TradeElasticities::BySector(published.values().iter().map(|theta| 1.1 * theta).collect());
/// assert_eq!(drawn.of(&system)?.get("c3"), Some(1.1 * 2.62));
/// # Ok::<(), xinzhi_chain::ChainError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub enum TradeElasticities {
    /// The default: Caliendo and Parro (2015), Estimates of the Trade and Welfare Effects of NAFTA, Review of Economic Studies 82, for
    /// the goods sectors of the 35-industry list of WIOD and the 45-industry list of the OECD tables. Where one of their sectors holds
    /// several of the paper's, it has their mean.
    CaliendoParro {
        /// For services, which the paper does not estimate. Default: 4.55, the paper's elasticity of trade as a whole.
        services: f64,
    },
    /// One for all sectors.
    Uniform(f64),
    /// One for every sector code of the system, in order of first appearance (the labels of [`of`](Self::of)).
    BySector(Vec<f64>),
}

impl Default for TradeElasticities {
    fn default() -> Self {
        TradeElasticities::CaliendoParro { services: SERVICES }
    }
}

impl TradeElasticities {
    /// θ of every sector code of a system, in order of first appearance.
    ///
    /// A code that nobody sells under (that of a region that only buys) has the elasticity of services: it is not used.
    ///
    /// # Errors
    /// [`ChainError::Option`] for an elasticity that is not positive and finite, or a sector without a published one;
    /// [`ChainError::Shape`] where there are more or fewer than sector codes.
    pub fn of(&self, system: &InputOutputSystem) -> Result<LabelledVector, ChainError> {
        let (labels, positions) = system.sector_codes()?;
        let values = match self {
            TradeElasticities::Uniform(theta) => vec![*theta; labels.len()],
            TradeElasticities::BySector(values) if values.len() == labels.len() => values.clone(),
            TradeElasticities::BySector(values) => {
                let (system, what) = (system.name().to_owned(), "the list of trade elasticities".to_owned());
                return Err(ChainError::Shape { system, what, expected: labels.len(), found: values.len() });
            }
            TradeElasticities::CaliendoParro { services } => {
                let mut sold = vec![false; labels.len()];
                positions.iter().zip(system.output()).for_each(|(code, x)| sold[*code] |= *x != 0.0);
                let published = |(code, sold): (&str, &bool)| match published(code) {
                    Some(Published::Goods(theta)) => Ok(theta),
                    Some(Published::Services) => Ok(*services),
                    None if !sold => Ok(*services),
                    None => Err(ChainError::Option {
                        option: "trade elasticities".to_owned(),
                        value: "those of Caliendo and Parro".to_owned(),
                        why: format!("none is known for sector {code} of {}; give one for all sectors or a list by sector", system.name()),
                    }),
                };
                labels.iter().zip(&sold).map(published).collect::<Result<_, _>>()?
            }
        };
        if let Some((code, theta)) = labels.iter().zip(&values).find(|(_, theta)| !(**theta > 0.0 && theta.is_finite())) {
            return Err(ChainError::Option {
                option: format!("trade elasticity of sector {code}"),
                value: theta.to_string(),
                why: "it must be a positive number; near 0 suppliers keep their shares of spending, for large ones the cheapest gets all"
                    .to_owned(),
            });
        }
        Ok(LabelledVector::new(labels, values)?)
    }
}

enum Published {
    Goods(f64),
    Services,
}

fn published(code: &str) -> Option<Published> {
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
    Some(Published::Goods(match code {
        "c1" | "A01_02" | "A03" => AGRICULTURE,
        "c2" | "B05_06" | "B07_08" | "B09" => MINING,
        "c3" | "C10T12" => FOOD,
        "c4" | "c5" | "C13T15" => TEXTILES,
        "c6" | "C16" => WOOD,
        "c7" | "C17_18" => PAPER,
        "c8" | "C19" => PETROLEUM,
        "c9" | "C20" | "C21" => CHEMICALS,
        "c10" | "C22" => PLASTICS,
        "c11" | "C23" => MINERALS,
        "c12" => mean(&[BASIC_METALS, METAL_PRODUCTS]),
        "C24" => BASIC_METALS,
        "C25" => METAL_PRODUCTS,
        "c13" | "C28" => MACHINERY,
        "c14" => mean(&[OFFICE, ELECTRICAL, COMMUNICATION, MEDICAL]),
        "C26" => mean(&[OFFICE, COMMUNICATION, MEDICAL]),
        "C27" => ELECTRICAL,
        "c15" | "C29" | "C30" => TRANSPORT,
        "c16" | "C31T33" => OTHER_GOODS,
        "D" | "E" | "F" | "G" | "H49" | "H50" | "H51" | "H52" | "H53" | "I" | "J58T60" | "J61" | "J62_63" | "K" | "L" | "M" | "N" | "O"
        | "P" | "Q" | "R" | "S" | "T" => return Some(Published::Services),
        wiod => {
            let number: u32 = wiod.strip_prefix('c')?.parse().ok()?;
            return (17..=35).contains(&number).then_some(Published::Services);
        }
    }))
}
