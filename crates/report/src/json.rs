use strategy::Dossier;

/// A dossier as indented JSON, keys in the order of the type, lists in their own order: the same dossier gives the same bytes. Validates
/// against `docs/dossier.schema.json`, and reads back into the same value.
pub fn json(dossier: &Dossier) -> String {
    // Writing fails only for maps whose keys are not text, and a dossier has none.
    serde_json::to_string_pretty(dossier).map(|text| text + "\n").unwrap_or_default()
}
