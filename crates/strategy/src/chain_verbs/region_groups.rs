use super::refuse;
use crate::StrategyError;
use chain::InputOutputSystem;

/// Groups that are known by name, with their members as ISO 3166 codes: the European Union since 2020, the Association of Southeast Asian
/// Nations (with Timor-Leste since 2025), the three of the North American agreement, the five first BRICS, the Group of Seven.
const KNOWN: [(&str, &str); 5] = [
    ("EU27", "AUT BEL BGR HRV CYP CZE DNK EST FIN FRA DEU GRC HUN IRL ITA LVA LTU LUX MLT NLD POL PRT ROU SVK SVN ESP SWE"),
    ("ASEAN", "BRN KHM IDN LAO MYS MMR PHL SGP THA VNM TLS"),
    ("NAFTA", "USA CAN MEX"),
    ("BRICS", "BRA RUS IND CHN ZAF"),
    ("G7", "CAN FRA DEU ITA JPN GBR USA"),
];

/// The members of a known group, separated by blanks.
pub(crate) fn known_members(name: &str) -> Option<(&'static str, &'static str)> {
    KNOWN.iter().find(|(known, _)| known.eq_ignore_ascii_case(name.trim())).copied()
}

/// Regions under one name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct RegionGroup {
    pub name: String,
    pub regions: Vec<String>,
}

impl RegionGroup {
    /// A group as the user writes it: `NAME=REGION+REGION`, or the name of a known one, of which the members in the table count and the
    /// others are told in `notes`.
    pub fn parse(text: &str, system: &InputOutputSystem, notes: &mut Vec<String>) -> Result<Self, StrategyError> {
        if let Some((name, members)) = text.split_once('=') {
            let regions: Vec<String> = members.split('+').map(|region| region.trim().to_owned()).filter(|r| !r.is_empty()).collect();
            for region in &regions {
                system.range(region)?;
            }
            if regions.is_empty() || name.trim().is_empty() {
                return refuse("group", text, "NAME=REGION+REGION");
            }
            return Ok(RegionGroup { name: name.trim().to_owned(), regions });
        }
        let Some((name, members)) = known_members(text) else {
            return refuse("group", text, "NAME=REGION+REGION, or one of EU27, ASEAN, NAFTA, BRICS, G7");
        };
        let (inside, outside): (Vec<&str>, Vec<&str>) = members.split(' ').partition(|region| system.range(region).is_ok());
        if !outside.is_empty() {
            notes.push(format!("{name}: the table has no region {}; they are not in the group", outside.join(", ")));
        }
        if inside.is_empty() {
            return refuse("group", text, "a group of which the table has a member");
        }
        Ok(RegionGroup { name: name.to_owned(), regions: inside.into_iter().map(str::to_owned).collect() })
    }
}
