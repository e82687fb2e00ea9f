//! Repeats one figure of a dossier and shows what it was computed from.

use crate::{Dossier, Engine, Source, StrategyError};
use frame::Figure;

/// A figure computed again, with the sources behind its tables.
#[derive(Debug, Clone)]
pub struct Explanation {
    /// The figure, computed now.
    pub figure: Figure,
    /// The sources behind its tables.
    pub sources: Vec<Source>,
}

impl Engine {
    /// Computes the figure with this id again. The id starts with the place: `CHN/chain/foreign_content`.
    ///
    /// ```
    /// let engine = xinzhi_strategy::Engine::new(store::Workspace::embedded()?);
    /// let explanation = engine.explain("CN-LN/technology/rd_intensity")?;
    /// assert_eq!(explanation.figure.id, "CN-LN/technology/rd_intensity");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`StrategyError::UnknownPlace`] or [`StrategyError::UnknownFigure`], both with the nearest that exist.
    pub fn explain(&self, id: &str) -> Result<Explanation, StrategyError> {
        let (place, rest) = id.split_once('/').ok_or_else(|| StrategyError::UnknownFigure { asked: id.to_owned(), nearest: Vec::new() })?;
        let dossier = self.dossier(place)?;
        let wanted = format!("{}/{rest}", dossier.place.code);
        match dossier.figures.iter().find(|f| f.id == wanted) {
            Some(figure) => Ok(Explanation { sources: sources_of(&dossier, figure), figure: figure.clone() }),
            None => {
                let mut scored: Vec<(f64, &str)> =
                    dossier.figures.iter().map(|f| (strsim::jaro_winkler(&wanted, &f.id), f.id.as_str())).collect();
                scored.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(b.1)));
                Err(StrategyError::UnknownFigure {
                    asked: id.to_owned(),
                    nearest: scored.into_iter().take(5).map(|(_, id)| id.to_owned()).collect(),
                })
            }
        }
    }
}

fn sources_of(dossier: &Dossier, figure: &Figure) -> Vec<Source> {
    let ids: Vec<&String> = figure.evidence.tables.iter().flat_map(|t| &t.sources).collect();
    dossier.sources.iter().filter(|s| ids.contains(&&s.id)).cloned().collect()
}
