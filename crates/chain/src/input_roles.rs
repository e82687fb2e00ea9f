use crate::{ChainError, ProductionNetwork, UNKNOWN_SECTOR};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

/// What becomes of a buyer's output when an input is missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum InputRole {
    /// Output falls with the share of the input that is missing, whatever else is there (Leontief).
    Essential,
    /// Output falls by the share of the missing input in all purchases (linear).
    NonEssential,
    /// Output does not fall.
    Ignored,
}

/// Which inputs are essential where no table says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum InputRule {
    /// Every input is essential.
    Leontief,
    /// No input is essential.
    Linear,
    /// Sectors are codes of NACE (Rev. 2 or 2.1) or ISIC (Rev. 4): goods of sections A to F (agriculture, mining, manufacturing, energy,
    /// water and waste, construction; divisions 01 to 43) are essential to firms of the same sections; everything else is not essential.
    Nace,
    /// Sectors are codes of GB/T 4754-2017 with their section letter: the same for its sections A to E (divisions 01 to 50).
    GbT4754,
}

/// The role of every sector's goods in every sector's production.
///
/// A table goes before the rule: the role of a pair of sectors, else that of a supplying sector for all buyers, else that of all suppliers
/// for a buying sector, else the rule's.
///
/// The rules are assumptions of this engine in the spirit of the generalised Leontief function of Diem et al. (2022); ratings of single
/// inputs by analysts (Pichler et al. 2022) can be given as a table.
///
/// ```
/// use xinzhi_chain::{FirmRegister, InputRole, InputRoles, InputRule, Link, ProductionNetwork};
/// let mut firms = FirmRegister::default();
/// firms.add("steelworks", "C24", None, 1)?;
/// firms.add("car maker", "C29", None, 2)?;
/// firms.add("advertiser", "M73", None, 3)?;
/// let links = [(0, 1), (2, 1)].map(|(supplier, buyer)| Link { supplier, buyer, value: 1.0, row: 1 });
/// let network = ProductionNetwork::new("an example", firms, links.into_iter(), &Default::default())?;
/// let mut roles = InputRoles::new(&network, None);
/// assert_eq!(roles.rule(), InputRule::Nace);
/// assert_eq!((roles.role(0, 1), roles.role(2, 1)), (InputRole::Essential, InputRole::NonEssential));
/// roles.set(&network, Some("M73"), None, InputRole::Ignored)?;
/// assert_eq!(roles.role(2, 1), InputRole::Ignored);
/// # Ok::<(), xinzhi_chain::ChainError>(())
/// ```
///
/// # Source
/// Diem, Borsos, Reisch, Kertész, Thurner (2022), Quantifying firm-level economic systemic risk from nation-wide supply networks,
/// Scientific Reports 12: 7719. Pichler, Pangallo, del Rio-Chanona, Lafond, Farmer (2022), Forecasting the propagation of pandemic shocks
/// with a dynamic input-output model, Journal of Economic Dynamics and Control 144: 104527.
#[derive(Debug, Clone, PartialEq)]
pub struct InputRoles {
    rule: InputRule,
    /// Whether a sector makes goods, by the rule.
    goods: Vec<bool>,
    given: HashMap<(Option<u32>, Option<u32>), InputRole>,
}

impl InputRoles {
    /// Roles by a rule; without one by [`InputRule::Nace`] where every sector's code is one of NACE, else by [`InputRule::GbT4754`] where
    /// every code is one of that, else by [`InputRule::Leontief`]. The sector [`UNKNOWN_SECTOR`] has no say and makes no goods.
    pub fn new(network: &ProductionNetwork, rule: Option<InputRule>) -> Self {
        let codes = || network.sectors().iter().filter(|code| *code != UNKNOWN_SECTOR);
        let all = |read: fn(&str) -> Option<bool>| codes().next().is_some() && codes().all(|code| read(code).is_some());
        let rule = rule.unwrap_or_else(|| {
            if all(nace_goods) {
                InputRule::Nace
            } else if all(gbt_goods) {
                InputRule::GbT4754
            } else {
                InputRule::Leontief
            }
        });
        let goods = |code: &str| match rule {
            InputRule::Nace => nace_goods(code).unwrap_or(false),
            InputRule::GbT4754 => gbt_goods(code).unwrap_or(false),
            InputRule::Leontief | InputRule::Linear => false,
        };
        InputRoles { rule, goods: network.sectors().iter().map(goods).collect(), given: HashMap::new() }
    }

    /// The rule.
    pub fn rule(&self) -> InputRule {
        self.rule
    }

    /// Gives the role of a supplying sector's goods for a buying sector; `None` stands for all.
    ///
    /// # Errors
    /// [`ChainError::ProductionNetwork`] for a sector that no firm has, and a pair that has another role already.
    pub fn set(
        &mut self,
        network: &ProductionNetwork,
        supplying: Option<&str>,
        buying: Option<&str>,
        role: InputRole,
    ) -> Result<(), ChainError> {
        let position = |code: Option<&str>| {
            code.map(|code| network.sectors().require(code).map(|at| at as u32)).transpose().map_err(|error| {
                ChainError::ProductionNetwork {
                    place: "the table of essential inputs".to_owned(),
                    what: error.to_string(),
                    next: "leave the row out, or correct the code".to_owned(),
                }
            })
        };
        match self.given.insert((position(supplying)?, position(buying)?), role) {
            Some(other) if other != role => Err(ChainError::ProductionNetwork {
                place: format!("the table of essential inputs, {} to {}", supplying.unwrap_or("*"), buying.unwrap_or("*")),
                what: "the pair stands twice, with different roles".to_owned(),
                next: "leave one of them".to_owned(),
            }),
            _ => Ok(()),
        }
    }

    /// How many roles a table gave.
    pub fn given(&self) -> usize {
        self.given.len()
    }

    /// The role of a supplying sector's goods for a buying sector, by their positions.
    pub fn role(&self, supplying: usize, buying: usize) -> InputRole {
        let (from, to) = (Some(supplying as u32), Some(buying as u32));
        let given = [(from, to), (from, None), (None, to), (None, None)].into_iter().find_map(|pair| self.given.get(&pair));
        given.copied().unwrap_or(match self.rule {
            InputRule::Leontief => InputRole::Essential,
            InputRule::Linear => InputRole::NonEssential,
            InputRule::Nace | InputRule::GbT4754 if self.goods[supplying] && self.goods[buying] => InputRole::Essential,
            InputRule::Nace | InputRule::GbT4754 => InputRole::NonEssential,
        })
    }
}

/// Section letter, if any, and division of a code such as `C26`, `C26.11`, `26.11`, `2611`, `C` or `C10T12`.
fn section_and_division(code: &str) -> Option<(Option<u8>, Option<u32>)> {
    let bytes = code.as_bytes();
    let section = bytes.first().copied().filter(u8::is_ascii_uppercase);
    let rest = if section.is_some() { &bytes[1..] } else { bytes };
    if rest.is_empty() {
        return section.map(|letter| (Some(letter), None));
    }
    let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let clean = rest.iter().all(|byte| byte.is_ascii_digit() || b".T_-".contains(byte));
    if digits < 2 || !clean {
        return None;
    }
    Some((section, Some(u32::from(rest[0] - b'0') * 10 + u32::from(rest[1] - b'0'))))
}

/// Whether a code of NACE or ISIC is one of sections A to F; `None` for what is no such code.
fn nace_goods(code: &str) -> Option<bool> {
    let section_of = |division: u32| match division {
        1..=3 => Some(b'A'),
        5..=9 => Some(b'B'),
        10..=33 => Some(b'C'),
        35 => Some(b'D'),
        36..=39 => Some(b'E'),
        41..=43 => Some(b'F'),
        // later letters differ between the revisions
        45..=47 | 49..=53 | 55..=56 | 58..=66 | 68..=75 | 77..=82 | 84..=88 | 90..=99 => Some(b'G'),
        _ => None,
    };
    match section_and_division(code)? {
        (Some(letter), None) => (letter <= b'V').then_some(letter <= b'F'),
        (letter, Some(division)) => {
            let section = section_of(division)?;
            let fits = letter.is_none_or(|letter| letter == section || (section == b'G' && (b'G'..=b'V').contains(&letter)));
            fits.then_some(section <= b'F')
        }
        (None, None) => None,
    }
}

/// Whether a code of GB/T 4754-2017 is one of sections A to E; `None` for what is no such code.
fn gbt_goods(code: &str) -> Option<bool> {
    const LAST: [(u8, u32); 20] = [
        (b'A', 5),
        (b'B', 12),
        (b'C', 43),
        (b'D', 46),
        (b'E', 50),
        (b'F', 52),
        (b'G', 60),
        (b'H', 62),
        (b'I', 65),
        (b'J', 69),
        (b'K', 70),
        (b'L', 72),
        (b'M', 75),
        (b'N', 79),
        (b'O', 82),
        (b'P', 83),
        (b'Q', 85),
        (b'R', 90),
        (b'S', 96),
        (b'T', 97),
    ];
    let (Some(letter), division) = section_and_division(code)? else { return None };
    let at = LAST.iter().position(|(section, _)| *section == letter)?;
    let first = if at == 0 { 1 } else { LAST[at - 1].1 + 1 };
    let fits = division.is_none_or(|division| (first..=LAST[at].1).contains(&division));
    fits.then_some(letter <= b'E')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_told_by_their_sections_and_divisions() {
        for (code, goods) in
            [("C26", true), ("26.11", true), ("2611", true), ("01", true), ("A", true), ("C10T12", true), ("G46", false), ("9609", false)]
        {
            assert_eq!(nace_goods(code), Some(goods), "{code}");
        }
        for code in ["1", "C39", "34", "c26", "steel", "X12", "", "2a"] {
            assert_eq!(nace_goods(code), None, "{code}");
        }
        // C39 makes computers in the Chinese classification and there is none of it in NACE; F is trade there
        assert_eq!([gbt_goods("C39"), gbt_goods("E48"), gbt_goods("F51"), gbt_goods("39")], [Some(true), Some(true), Some(false), None]);
    }
}
