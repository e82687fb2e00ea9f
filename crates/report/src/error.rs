use thiserror::Error;

/// Why a dossier could not be drawn.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ReportError {
    /// The workbook could not be put together.
    #[error("sheet \"{sheet}\" of the workbook could not be written: {source}; the other formats (html, md, json) do not have this limit")]
    Workbook {
        /// The sheet that was being written.
        sheet: String,
        /// What the writer said.
        source: rust_xlsxwriter::XlsxError,
    },
}
