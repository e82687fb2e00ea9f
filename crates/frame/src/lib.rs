//! The words all rooms of Xinzhi speak.
//!
//! * [`Labels`], [`LabelledVector`], [`LabelledMatrix`]: numbers that know what they are about;
//! * [`Place`], [`Places`]: countries and provinces, found by code or by name in two languages;
//! * [`Activity`], [`Classification`]: products, industries, technologies and the scheme they belong to;
//! * [`Concordance`]: weighted links between two schemes, applied, inverted, and honest about what is lost;
//! * [`Figure`], [`Evidence`]: a number with its unit, year, method, options and the tables it came from;
//! * [`Text`]: a sentence in English and Chinese;
//! * [`number`]: how numbers are printed in both languages;
//! * [`FrameError`]: what went wrong, where, and what to do.
//!
//! This crate does no input or output and depends on no other room.

mod classification;
mod concordance;
mod error;
mod evidence;
mod labels;
mod matrix;
pub mod number;
mod period;
mod place;
mod text;

pub use classification::{Activity, Classification};
pub use concordance::{Concordance, Link, Loss};
pub use error::FrameError;
pub use evidence::{Evidence, Figure, Input, Rank, TableReference, Unit};
pub use labels::Labels;
pub use matrix::{LabelledMatrix, LabelledVector};
pub use period::Period;
pub use place::{Place, PlaceLevel, Places};
pub use text::{Language, Text};

/// The version of the engine, written into every result.
pub const ENGINE_VERSION: &str = env!("CARGO_PKG_VERSION");
