use crate::{ChainError, InputOutputSystem, Leontief, Scope};
use frame::{FrameError, Labels};
use serde::{Deserialize, Serialize};
use std::collections::HashSet;
use std::ops::Range;

/// A named set of industries: one industry, some sectors of a region, a region, or a group of regions (EU27, a set of provinces).
///
/// ```
/// # use xinzhi_chain::{InputOutputSystem, SystemOptions};
/// use xinzhi_chain::{IndustryGroup, Scope};
/// # let pair = |a: &str, b: &str| (a.to_string(), b.to_string());
/// # let system = InputOutputSystem::new(
/// #     "two regions", 2011, "million USD", vec![pair("A", "all"), pair("B", "all")], vec![10.0, 20.0, 30.0, 40.0],
/// #     vec![pair("A", "final"), pair("B", "final")], vec![50.0, 20.0, 10.0, 20.0], SystemOptions::default(),
/// # )?;
/// let both = IndustryGroup::regions("world", ["A", "B"]).with_sectors(Scope::sectors(["all"]));
/// assert_eq!(both.positions(&system)?, [0, 1]);
/// assert_eq!(IndustryGroup::industry("B", "all").name, "B all");
/// # Ok::<(), xinzhi_chain::ChainError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IndustryGroup {
    /// What the group is called in results.
    pub name: String,
    /// Its regions, each with the sectors that belong to the group.
    pub members: Vec<(String, Scope)>,
}

impl IndustryGroup {
    /// All industries of one region, named like it.
    pub fn region(region: impl Into<String>) -> Self {
        let region = region.into();
        IndustryGroup { name: region.clone(), members: vec![(region, Scope::All)] }
    }

    /// All industries of several regions.
    pub fn regions<S: Into<String>>(name: impl Into<String>, regions: impl IntoIterator<Item = S>) -> Self {
        IndustryGroup { name: name.into(), members: regions.into_iter().map(|region| (region.into(), Scope::All)).collect() }
    }

    /// One industry, named "region sector".
    pub fn industry(region: impl Into<String>, sector: impl Into<String>) -> Self {
        let (region, sector) = (region.into(), sector.into());
        IndustryGroup { name: format!("{region} {sector}"), members: vec![(region, Scope::sectors([sector]))] }
    }

    /// Any set of (region, sector) pairs.
    pub fn industries(name: impl Into<String>, industries: impl IntoIterator<Item = (String, String)>) -> Self {
        let members = industries.into_iter().map(|(region, sector)| (region, Scope::sectors([sector]))).collect();
        IndustryGroup { name: name.into(), members }
    }

    /// The same regions, narrowed to some sectors.
    #[must_use]
    pub fn with_sectors(mut self, sectors: Scope) -> Self {
        self.members.iter_mut().for_each(|(_, scope)| *scope = sectors.clone());
        self
    }

    /// Every region of a system as a group of its own, in the system's order.
    pub fn every_region(system: &InputOutputSystem) -> Vec<Self> {
        system.regions().iter().map(IndustryGroup::region).collect()
    }

    /// The positions of the group's industries, ascending.
    ///
    /// # Errors
    /// [`FrameError::UnknownLabel`] for a region, or for a sector that no region of the system has; [`FrameError::DuplicateLabel`] for
    /// an industry named twice; [`ChainError::Nothing`] for a group without industries.
    pub fn positions(&self, system: &InputOutputSystem) -> Result<Vec<usize>, ChainError> {
        let mut positions = Vec::new();
        for (region, scope) in &self.members {
            let range = system.range(region)?;
            match scope {
                Scope::All => positions.extend(range),
                Scope::Sectors(codes) => {
                    let own = &system.sectors()[range.clone()];
                    // a code that this region lacks is fine when another one has it
                    if codes.iter().any(|code| !own.iter().any(|(_, sector)| sector == code)) {
                        scope.mask(system)?;
                    }
                    positions.extend(range.filter(|i| codes.contains(&system.sectors()[*i].1)));
                }
            }
        }
        let mut seen = HashSet::with_capacity(positions.len());
        if let Some(twice) = positions.iter().find(|i| !seen.insert(**i)) {
            let what = format!("industries of the group {}", self.name);
            return Err(FrameError::DuplicateLabel { label: system.industry(*twice), what }.into());
        }
        if positions.is_empty() {
            let (what, place) = ("the number of industries".to_owned(), self.name.clone());
            return Err(ChainError::Nothing { system: system.name().to_owned(), what, place });
        }
        positions.sort_unstable();
        Ok(positions)
    }

    /// The names of some groups as labels.
    pub(crate) fn labels(what: &str, groups: &[Self]) -> Result<Labels, ChainError> {
        Ok(Labels::new(what, groups.iter().map(|group| group.name.clone()))?)
    }
}

/// The rows of L of any industries, ascending, one after the other.
pub(crate) fn rows_at(leontief: &impl Leontief, positions: &[usize]) -> Vec<f64> {
    match runs(positions) {
        Some(runs) => runs.into_iter().flat_map(|run| leontief.rows(run)).collect(),
        None => leontief.solve_transposed(unit_vectors(leontief.system().size(), positions)),
    }
}

/// The columns of L of any industries, ascending, one after the other.
pub(crate) fn columns_at(leontief: &impl Leontief, positions: &[usize]) -> Vec<f64> {
    match runs(positions) {
        Some(runs) => runs.into_iter().flat_map(|run| leontief.columns(run)).collect(),
        None => leontief.solve(unit_vectors(leontief.system().size(), positions)),
    }
}

/// Ascending positions as runs of neighbours, unless they are so scattered that solving all at once is better than run by run.
fn runs(positions: &[usize]) -> Option<Vec<Range<usize>>> {
    let mut runs: Vec<Range<usize>> = Vec::new();
    for i in positions {
        match runs.last_mut() {
            Some(run) if run.end == *i => run.end += 1,
            _ => runs.push(*i..*i + 1),
        }
    }
    (runs.len() <= 1 || 8 * runs.len() <= positions.len()).then_some(runs)
}

fn unit_vectors(n: usize, positions: &[usize]) -> Vec<f64> {
    let mut vectors = vec![0.0; n * positions.len()];
    for (vector, i) in vectors.chunks_exact_mut(n).zip(positions) {
        vector[*i] = 1.0;
    }
    vectors
}
