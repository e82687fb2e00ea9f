use super::words;
use crate::{Answer, Engine, StrategyError};
use frame::Language;
use policy::DefinitionKind;
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::RowTable;

/// The framework of new quality productive forces: definition, layers, enablers, strands, outcome.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "clap", derive(clap::Args))]
#[serde(default, deny_unknown_fields)]
pub struct DefinitionRequest {
    /// Only elements of these kinds: term, definition, origin, connotation, hallmark, essence, variant, caution, layer, enabler, strand,
    /// strand_rule, link, lever, sequence
    #[cfg_attr(feature = "clap", arg(long, value_name = "KIND", value_delimiter = ','))]
    pub kind: Vec<String>,
}

/// The elements of the framework in both languages, with who said them when.
///
/// # Errors
/// Kinds that are not known, with the nearest.
pub fn definition(engine: &Engine, request: &DefinitionRequest, _: Language) -> Result<Answer, StrategyError> {
    let registry = engine.policy_registry()?;
    let kinds = words("kind", &request.kind, DefinitionKind::ALL, |k| k.word())?;
    let rows: Vec<_> = registry.definition().iter().filter(|e| kinds.is_empty() || kinds.contains(&e.kind)).collect();
    let table = RowTable::new("definition")
        .text("element", rows.iter().map(|e| e.id.as_str()))?
        .text("kind", rows.iter().map(|e| e.kind.word()))?
        .integer("order", rows.iter().map(|e| Some(i64::from(e.order))))?
        .text("name_en", rows.iter().map(|e| e.name.en.as_str()))?
        .text("name_zh", rows.iter().map(|e| e.name.zh.as_str()))?
        .text("text_en", rows.iter().map(|e| e.text.en.as_str()))?
        .text("text_zh", rows.iter().map(|e| e.text.zh.as_str()))?
        .text("date", rows.iter().map(|e| e.date.map(|d| d.to_string()).unwrap_or_default()))?
        .text("sources", rows.iter().map(|e| e.sources.join("; ")))?;
    Ok(Answer { tables: vec![table], record: json!({ "verb": "policy definition", "request": request }), notes: Vec::new() })
}
