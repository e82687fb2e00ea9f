//! Joins the layers into a dossier.

mod dossier;

pub use dossier::*;
