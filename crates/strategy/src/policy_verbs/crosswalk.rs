use super::words;
use crate::{Answer, Engine, StrategyError};
use frame::Language;
use policy::{Confidence, CrosswalkQuery, CrosswalkRow, Industry, Role, Strand, crosswalk_rows};
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::RowTable;

/// The codes of listed industries in classifications, and the industries of codes.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "clap", derive(clap::Args))]
#[serde(default, deny_unknown_fields)]
pub struct CrosswalkRequest {
    /// Only these industries: ids, or names in either language
    #[cfg_attr(feature = "clap", arg(long, value_name = "INDUSTRY", value_delimiter = ','))]
    pub industry: Vec<String>,
    /// Only industries of these strands: traditional, emerging, future
    #[cfg_attr(feature = "clap", arg(long, value_name = "STRAND", value_delimiter = ','))]
    pub strand: Vec<String>,
    /// Only codes of these schemes: HS2012, HS2017, HS2022, ISIC4, NACE2, GBT4754-2017, SEI2018, ICIO45, ICIO50, WIOD2013, WIOD2016, IPC, CPC,
    /// WIPO35
    #[cfg_attr(feature = "clap", arg(long, value_name = "SCHEME", value_delimiter = ','))]
    pub scheme: Vec<String>,
    /// Only rows that meet these codes: the same, a group above, or one below
    #[cfg_attr(feature = "clap", arg(long, value_name = "CODE", value_delimiter = ','))]
    pub code: Vec<String>,
    /// Only these roles: core, partial, broad, host, input, equipment, proxy, tech
    #[cfg_attr(feature = "clap", arg(long, value_name = "ROLE", value_delimiter = ','))]
    pub role: Vec<String>,
    /// Only rows of at least this confidence: low, medium, high [default: low]
    #[cfg_attr(feature = "clap", arg(long, value_name = "CONFIDENCE"))]
    pub min_confidence: Option<String>,
}

/// The rows of the crosswalk that were asked for.
///
/// # Errors
/// Industries, schemes, codes, roles and confidences that are not known, with the nearest.
pub fn crosswalk(engine: &Engine, request: &CrosswalkRequest, language: Language) -> Result<Answer, StrategyError> {
    let registry = engine.policy_registry()?;
    let confidence = request.min_confidence.clone().into_iter().collect::<Vec<_>>();
    let known = [Confidence::Low, Confidence::Medium, Confidence::High];
    let roles: Vec<Role> = Role::ALL.iter().copied().filter(|r| *r != Role::None).collect();
    let query = CrosswalkQuery {
        industries: request.industry.clone(),
        strands: words("strand", &request.strand, Strand::ALL, |s| s.word())?,
        schemes: request.scheme.clone(),
        codes: request.code.clone(),
        roles: words("role", &request.role, &roles, |r| r.word())?,
        minimum_confidence: words("min_confidence", &confidence, &known, |c| c.word())?.first().copied().unwrap_or(Confidence::Low),
    };
    let rows = crosswalk_rows(&registry, &query)?;
    let mut notes = Vec::new();
    if rows.is_empty() {
        let without: Vec<&str> = query.industries.iter().map(String::as_str).collect();
        notes.push(format!(
            "no row: the schemes asked for have no code for {}, or none of that role and confidence",
            if without.is_empty() { "these industries".to_owned() } else { without.join(", ") }
        ));
    }
    let record = json!({ "verb": "policy crosswalk", "request": request });
    Ok(Answer { tables: vec![table(&rows, language)?], record, notes })
}

fn table(rows: &[(&Industry, &CrosswalkRow)], language: Language) -> Result<RowTable, StrategyError> {
    Ok(RowTable::new("crosswalk")
        .text("industry", rows.iter().map(|(i, _)| i.id.as_str()))?
        .text("name_en", rows.iter().map(|(i, _)| i.name.en.as_str()))?
        .text("name_zh", rows.iter().map(|(i, _)| i.name.zh.as_str()))?
        .text("strand", rows.iter().map(|(i, _)| i.strand.word()))?
        .text("scheme", rows.iter().map(|(_, r)| r.scheme.as_str()))?
        .text("code", rows.iter().map(|(_, r)| r.code.as_str()))?
        .text("role", rows.iter().map(|(_, r)| r.role.word()))?
        .text("confidence", rows.iter().map(|(_, r)| r.confidence.word()))?
        .text("label", rows.iter().map(|(_, r)| r.label.as_str()))?
        .text("basis", rows.iter().map(|(_, r)| r.basis.get(language)))?
        .text("sources", rows.iter().map(|(_, r)| r.sources.join("; ")))?)
}
