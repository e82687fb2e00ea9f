use super::region_groups::RegionGroup;
use super::{ChainTable, refuse};
use crate::{Answer, StrategyError};
use chain::{
    Extraction, ExtractionKind, IndustryGroup, Replacement, Scope, extraction_with_replacement, hypothetical_extraction, single_extractions,
};
use frame::Language;
use serde::{Deserialize, Serialize};
use store::RowTable;

/// What the world would lose if industries were not there.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "clap", derive(clap::Args))]
#[serde(default, deny_unknown_fields)]
pub struct ExtractionRequest {
    /// The set to extract together: REGION, REGION:SECTOR, or a group of regions; every industry on its own without it
    #[cfg_attr(feature = "clap", arg(long, value_name = "INDUSTRY", value_delimiter = ','))]
    pub extract: Vec<String>,
    /// What goes: full (default), keeping-final-demand, purchases, sales, supply-side-sales, supply-side-full
    #[cfg_attr(feature = "clap", arg(long, value_name = "KIND"))]
    pub kind: Option<String>,
    /// Who takes over, with --extract: nobody (default), imports (from other regions) or all suppliers
    #[cfg_attr(feature = "clap", arg(long, value_name = "RULE"))]
    pub replacement: Option<String>,
}

/// The names of the kinds, in the order of [`ExtractionKind::ALL`].
const KINDS: [&str; 6] = ["full", "keeping-final-demand", "purchases", "sales", "supply-side-sales", "supply-side-full"];

/// Who replaces, by name.
pub(super) fn replacement(asked: Option<&str>) -> Result<Replacement, StrategyError> {
    Ok(match asked {
        None | Some("nobody") => Replacement::None,
        Some("imports") => Replacement::Imports,
        Some("all") => Replacement::AllSuppliers,
        Some(other) => return refuse("replacement", other, "nobody, imports or all"),
    })
}

/// Industries as the user names them: `REGION`, `REGION:SECTOR`, or a group of regions.
pub(super) fn industries(table: &ChainTable, texts: &[String], notes: &mut Vec<String>) -> Result<IndustryGroup, StrategyError> {
    let mut members: Vec<(String, Scope)> = Vec::new();
    for text in texts {
        if let Some((region, sector)) = text.split_once(':') {
            table.system.position(region, sector)?;
            let scope = members.iter_mut().find(|(known, scope)| known == region && *scope != Scope::All);
            match scope {
                Some((_, Scope::Sectors(codes))) => codes.push(sector.to_owned()),
                _ => members.push((region.to_owned(), Scope::sectors([sector]))),
            }
        } else if table.system.range(text).is_ok() {
            members.push((text.clone(), Scope::All));
        } else if text.contains('=') || text.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit()) && text.len() != 3 {
            members.extend(RegionGroup::parse(text, &table.system, notes)?.regions.into_iter().map(|region| (region, Scope::All)));
        } else {
            table.system.range(text)?;
        }
    }
    Ok(IndustryGroup { name: texts.join(", "), members })
}

/// Hypothetical extraction in closed form: of one set, what every region loses; or of every industry on its own, what the world loses.
///
/// # Errors
/// Industries, kinds and rules that are not known or do not go together, and what solving the table reports.
pub fn extraction(table: &ChainTable, request: &ExtractionRequest, _: Language) -> Result<Answer, StrategyError> {
    let mut notes = table.notes();
    let kind = match request.kind.as_deref() {
        None => ExtractionKind::Full,
        Some(name) => match KINDS.iter().zip(ExtractionKind::ALL).find(|(known, _)| **known == name) {
            Some((_, kind)) => kind,
            None => return refuse("kind", name, &KINDS.join(", ")),
        },
    };
    let replacement = replacement(request.replacement.as_deref())?;
    let rows = if request.extract.is_empty() {
        if replacement != Replacement::None {
            return refuse("replacement", request.replacement.as_deref().unwrap_or_default(), "it together with --extract");
        }
        let found = single_extractions(table.factor()?);
        RowTable::new("extraction")
            .text("region", found.iter().map(|one| one.region.as_str()))?
            .text("sector", found.iter().map(|one| one.sector.as_str()))?
            .number("output", found.iter().map(|one| one.output))?
            .number("output_loss", found.iter().map(|one| one.loss(kind).output))?
            .number("value_added_loss", found.iter().map(|one| one.loss(kind).value_added))?
    } else {
        let set = industries(table, &request.extract, &mut notes)?;
        let found: Extraction = match replacement {
            Replacement::None => hypothetical_extraction(table.factor()?, &set, kind)?,
            rule if kind == ExtractionKind::Full => extraction_with_replacement(table.factor()?, &set, rule)?,
            _ => return refuse("kind", request.kind.as_deref().unwrap_or_default(), "full together with --replacement"),
        };
        notes.push(format!(
            "the world loses output of {} and value added of {} {}; the extracted industries themselves output of {}; not replaced: {}",
            found.total_output_loss(),
            found.total_value_added_loss(),
            table.system.unit(),
            found.own_output_loss,
            found.not_replaced
        ));
        RowTable::new("extraction")
            .text("region", found.output_loss.iter().map(|(region, _)| region))?
            .number("output_loss", found.output_loss.iter().map(|(_, loss)| loss))?
            .number("value_added_loss", found.value_added_loss.iter().map(|(_, loss)| loss))?
    };
    Ok(Answer { tables: vec![rows], record: table.record(request), notes })
}
