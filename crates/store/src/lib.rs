//! The workspace on disk and the embedded default: tables, schemas, import and export.
