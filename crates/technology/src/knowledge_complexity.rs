use crate::TechnologyError;
use complexity::{
    ComplexityWarning, EconomicComplexity, EconomicComplexityOptions, Presence, PresenceMatrix, economic_complexity, presence,
    revealed_comparative_advantage,
};
use frame::{LabelledMatrix, LabelledVector, Labels};

/// Options of [`knowledge_complexity`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct KnowledgeComplexityOptions {
    /// Places with fewer patents are dropped: their mix is chance (50).
    pub minimum_patents: f64,
    /// When a place counts as having a field (relative advantage of at least 1).
    pub presence: Presence,
    /// How the index is solved and scaled.
    pub complexity: EconomicComplexityOptions,
}

impl Default for KnowledgeComplexityOptions {
    fn default() -> Self {
        KnowledgeComplexityOptions {
            minimum_patents: 50.0,
            presence: Presence::default(),
            complexity: EconomicComplexityOptions::default(),
        }
    }
}

/// The complexity of places and fields by who patents what.
#[derive(Debug, Clone, PartialEq)]
pub struct KnowledgeComplexity {
    /// The indices with their diagnostics, over the places kept.
    pub complexity: EconomicComplexity,
    /// Relative advantage of the places kept.
    pub advantage: LabelledMatrix,
    /// Presence of the places kept.
    pub presence: PresenceMatrix,
    /// Places dropped, with their counts.
    pub dropped: Vec<(String, f64)>,
    /// The options used.
    pub options: KnowledgeComplexityOptions,
}

impl KnowledgeComplexity {
    /// Knowledge complexity index of the places kept.
    pub fn eci(&self) -> &LabelledVector {
        &self.complexity.eci
    }

    /// Complexity of the fields.
    pub fn pci(&self) -> &LabelledVector {
        &self.complexity.pci
    }

    /// λ2.
    pub fn second_eigenvalue(&self) -> f64 {
        self.complexity.second_eigenvalue()
    }

    /// λ3.
    pub fn third_eigenvalue(&self) -> f64 {
        self.complexity.third_eigenvalue()
    }

    /// What a reader must know before trusting the index.
    pub fn warnings(&self) -> &[ComplexityWarning] {
        &self.complexity.warnings
    }
}

/// Knowledge complexity of places and technology fields (Balland and Rigby 2017): [`economic_complexity`] on relative technological
/// advantage, from counts places × fields. Places with fewer patents than the minimum are dropped first and listed; the world is the
/// sum of the places kept.
///
/// With few and broad fields (35 in the WIPO scheme) the index is coarse: read its gap and warnings.
///
/// # Errors
/// [`TechnologyError::TooFewPlaces`], [`TechnologyError::Frame`] for a count that is negative or not finite,
/// [`TechnologyError::Complexity`].
///
/// ```
/// use frame::LabelledMatrix;
/// use xinzhi_technology::{KnowledgeComplexityOptions, knowledge_complexity};
/// let counts = LabelledMatrix::from_triplets("places", "fields", [
///     ("A", "optics", 90.0), ("A", "chips", 60.0), ("A", "pumps", 40.0), ("B", "pumps", 80.0), ("B", "toys", 40.0),
///     ("C", "toys", 60.0), ("C", "chips", 20.0), ("D", "toys", 3.0),
/// ])?;
/// let knowledge = knowledge_complexity(&counts, &KnowledgeComplexityOptions::default())?;
/// assert_eq!(knowledge.dropped, [("D".to_string(), 3.0)]);
/// assert!(knowledge.eci().get("A") > knowledge.eci().get("C"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn knowledge_complexity(counts: &LabelledMatrix, options: &KnowledgeComplexityOptions) -> Result<KnowledgeComplexity, TechnologyError> {
    counts.require_non_negative("patents by place and field")?;
    let totals = counts.row_sums();
    let (kept, dropped): (Vec<usize>, Vec<usize>) = (0..totals.len()).partition(|c| totals[*c] >= options.minimum_patents);
    if kept.len() < 2 {
        let minimum = options.minimum_patents.to_string();
        return Err(TechnologyError::TooFewPlaces { kept: kept.len(), places: totals.len(), minimum });
    }
    let name = |c: &usize| counts.rows().name(*c).to_owned();
    let values = kept.iter().flat_map(|c| counts.row(*c)).copied().collect();
    let places = Labels::new(counts.rows().what(), kept.iter().map(name))?;
    let advantage = revealed_comparative_advantage(&LabelledMatrix::new(places, counts.columns().clone(), values)?)?;
    let presence = presence(&advantage, options.presence);
    Ok(KnowledgeComplexity {
        complexity: economic_complexity(&presence, &options.complexity)?,
        advantage,
        presence,
        dropped: dropped.iter().map(|c| (name(c), totals[*c])).collect(),
        options: *options,
    })
}
