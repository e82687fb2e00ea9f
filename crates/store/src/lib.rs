//! The workspace on disk and the embedded default: tables, schemas, import and export.
//!
//! * [`Workspace`]: the default compiled into the program ([`Workspace::embedded`]) or a folder ([`Workspace::open`]), with one
//!   typed reader a schema ([`ActivityTable`], [`TradeTable`], [`IndicatorTable`], [`InputOutputRows`], ...);
//! * [`Manifest`]: the tables, their hashes, titles and caveats, and the sources with their licences;
//! * [`SCHEMAS`]: the columns, types and keys of every kind of table, checked at the door;
//! * [`import`]: a file of another program's into a workspace's folder, atomically;
//! * [`LongTable`]: one long table from a file or from memory, without a workspace;
//! * [`export`]: a table as CSV, JSON, Parquet or a workbook;
//! * [`text_folder`], [`read_text_file`]: the documents of a folder as paragraphs, and [`TextIndex`], what is kept of them between runs;
//! * [`ResultWriter`]: a long result as CSV, JSON, Parquet or a table for the screen, block by block;
//! * [`RegistryFile`]: the texts of the policy registry, built in or in a workspace's folder;
//! * [`check`]: everything that can be wrong with a workspace, table by table;
//! * [`StoreError`]: what went wrong, in which file, row and column, and what to do next.

mod activity;
mod check;
mod columns;
mod delimited;
mod dictionary;
mod error;
mod export;
mod firm_table;
mod import;
mod indicators;
mod input_output;
mod long_table;
mod manifest;
mod map;
mod method_error;
mod number;
mod r_data;
mod registers;
mod registry_files;
mod result_table;
mod row_table;
mod schema;
mod spreadsheet;
mod text_documents;
mod text_index;
mod text_rows;
mod trade;
mod workspace;
mod write;

pub use activity::{ActivityRow, ActivityTable};
pub use check::{TableCheck, check};
pub use dictionary::DictionaryColumn;
pub use error::{Problem, StoreError};
pub use export::{ExportFormat, export};
pub use firm_table::{FirmColumns, FirmRow, FirmTable};
pub use import::{Duplicates, ImportOptions, ImportReport, Missing, import};
pub use indicators::{IndicatorDefinition, IndicatorTable};
pub use input_output::{
    BalanceReport, Edition, InputOutputBlock, InputOutputOptions, InputOutputRows, Layout, PrimaryInput, PublishedExtension,
    PublishedSupplyUse, PublishedTable, REPAIRS, ReadFile, RepairMade, SharedNumbers, StoredExtension, StoredInputOutput, StoredReport,
    read_input_output, read_supply_use, store_input_output,
};
pub use long_table::{LinkRow, LinkTable, LongCell, LongCounts, LongTable, LongTableOptions};
pub use manifest::{MANIFEST_FILE, Manifest, SourceEntry, TableEntry};
pub use map::Outline;
pub use method_error::MethodError;
pub use r_data::{RObject, RValue, read_r_data};
pub use registry_files::RegistryFile;
pub use result_table::{Axis, ColumnValues, ResultBlock, ResultFormat, ResultWriter};
pub use row_table::{RowColumn, RowTable, workbook};
pub use schema::{Column, ColumnKind, SCHEMAS, Schema};
pub use text_documents::{
    RefusedText, TextDocument, TextFile, TextFolder, TextOptions, TextReading, bytes_hash, date_in, read_text_file, text_folder,
};
pub use text_index::{IndexedFile, IndexedText, TextIndex};
pub use text_rows::TextRows;
pub use trade::{TradeRow, TradeTable};
pub use workspace::Workspace;
pub use write::write_file;
