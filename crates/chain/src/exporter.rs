use crate::leontief::Lu;
use crate::trade_decomposition::Names;
use crate::{ChainError, InputOutputSystem};
use faer::Mat;
use frame::FrameError;
use serde::{Deserialize, Serialize};
use std::collections::{HashMap, HashSet};

/// An exporter: a region, or several regions taken as one, what they deliver to each other being domestic.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exporter {
    /// Its name in results.
    pub name: String,
    /// Its regions.
    pub regions: Vec<String>,
}

impl Exporter {
    /// One region by its own name.
    pub fn region(region: impl Into<String>) -> Self {
        let name: String = region.into();
        Exporter { regions: vec![name.clone()], name }
    }

    /// A group under a name.
    pub fn group<S: Into<String>>(name: impl Into<String>, regions: impl IntoIterator<Item = S>) -> Self {
        Exporter { name: name.into(), regions: regions.into_iter().map(Into::into).collect() }
    }
}

/// Labels of partners and sectors, and the sector of every industry as a position among the latter.
pub(crate) fn names(system: &InputOutputSystem) -> (Names, Vec<usize>) {
    let mut known: HashMap<&str, usize> = HashMap::new();
    let mut sectors: Vec<String> = Vec::new();
    let mut of_industry = Vec::with_capacity(system.size());
    for (_, code) in system.sectors() {
        let at = *known.entry(code).or_insert(sectors.len());
        if at == sectors.len() {
            sectors.push(code.clone());
        }
        of_industry.push(at);
    }
    (Names { partners: system.regions().names().to_vec(), sectors }, of_industry)
}

/// An exporter found in a system, with the factor of I − A among its own industries.
pub(crate) struct ExporterBlock {
    pub(crate) name: String,
    /// Its regions, by position.
    pub(crate) regions: Vec<usize>,
    /// Whether a region belongs to it, by region.
    pub(crate) inside: Vec<bool>,
    /// The other regions.
    pub(crate) partners: Vec<usize>,
    /// Its industries, by position.
    pub(crate) industries: Vec<usize>,
    /// The sector of each of its industries, by position among all sectors.
    pub(crate) sectors: Vec<usize>,
    /// Of I − A_ss.
    pub(crate) local: Lu,
}

impl ExporterBlock {
    fn new(system: &InputOutputSystem, name: String, regions: Vec<usize>, sector_of: &[usize]) -> Result<Self, ChainError> {
        let mut inside = vec![false; system.regions().len()];
        regions.iter().for_each(|r| inside[*r] = true);
        let partners = (0..inside.len()).filter(|r| !inside[*r]).collect();
        let industries: Vec<usize> = regions.iter().flat_map(|r| system.range_at(*r)).collect();
        let matrix = Mat::from_fn(industries.len(), industries.len(), |i, j| {
            f64::from(u8::from(i == j)) - system.input_coefficient(industries[i], industries[j])
        });
        let local = Lu::new(matrix)
            .ok_or_else(|| ChainError::Singular { system: system.name().to_owned(), what: format!("I − A of the exporter ({name})") })?;
        let sectors = industries.iter().map(|i| sector_of[*i]).collect();
        Ok(ExporterBlock { name, regions, inside, partners, industries, sectors, local })
    }

    /// The sectors it has, in the order of all sectors.
    pub(crate) fn sector_list(&self) -> Vec<usize> {
        let mut list = self.sectors.clone();
        list.sort_unstable();
        list.dedup();
        list
    }

    /// The values of a vector of the system's length at its industries.
    pub(crate) fn restrict(&self, vector: &[f64]) -> Vec<f64> {
        self.industries.iter().map(|i| vector[*i]).collect()
    }

    /// A vector of the system's length, zero outside the exporter's industries.
    pub(crate) fn embed(&self, values: &[f64], size: usize) -> Vec<f64> {
        let mut vector = vec![0.0; size];
        self.industries.iter().zip(values).for_each(|(i, value)| vector[*i] = *value);
        vector
    }

    /// What each of its industries delivers to all regions outside.
    pub(crate) fn exports(&self, system: &InputOutputSystem) -> Vec<f64> {
        let n = system.size();
        let delivered = |i: &usize| {
            let row = &system.deliveries()[i * n..(i + 1) * n];
            let to = |r: &usize| row[system.range_at(*r)].iter().sum::<f64>() + system.final_delivery(*i, *r);
            self.partners.iter().map(to).sum()
        };
        self.industries.iter().map(delivered).collect()
    }

    /// (I − A_ss)' p.
    pub(crate) fn local_transposed(&self, system: &InputOutputSystem, p: &[f64]) -> Vec<f64> {
        let n = system.size();
        let mut result = p.to_vec();
        let mut inputs = vec![0.0; p.len()];
        for (i, weight) in self.industries.iter().zip(p) {
            let row = &system.deliveries()[i * n..(i + 1) * n];
            inputs.iter_mut().zip(&self.industries).for_each(|(sum, j)| *sum += row[*j] * weight);
        }
        for ((value, sum), j) in result.iter_mut().zip(inputs).zip(&self.industries) {
            *value -= sum * reciprocal(system.output()[*j]);
        }
        result
    }

    /// (I − A_ss) z.
    pub(crate) fn local_product(&self, system: &InputOutputSystem, z: &[f64]) -> Vec<f64> {
        let n = system.size();
        let scaled: Vec<f64> = self.industries.iter().zip(z).map(|(j, z)| z * reciprocal(system.output()[*j])).collect();
        let product = |i: &usize| {
            let row = &system.deliveries()[i * n..(i + 1) * n];
            self.industries.iter().zip(&scaled).map(|(j, z)| row[*j] * z).sum::<f64>()
        };
        self.industries.iter().zip(z).map(|(i, z)| z - product(i)).collect()
    }
}

/// 1/x, 0 where x ≤ 0: the convention for the columns of A.
pub(crate) fn reciprocal(output: f64) -> f64 {
    if output > 0.0 { 1.0 / output } else { 0.0 }
}

/// Finds exporters in a system; none asked for means every region.
pub(crate) fn find_exporters(
    system: &InputOutputSystem,
    asked: &[Exporter],
    sector_of: &[usize],
) -> Result<Vec<ExporterBlock>, ChainError> {
    if asked.is_empty() {
        let name = |r| system.regions().name(r).to_owned();
        return (0..system.regions().len()).map(|r| ExporterBlock::new(system, name(r), vec![r], sector_of)).collect();
    }
    let mut seen = HashSet::new();
    asked
        .iter()
        .map(|exporter| {
            if !seen.insert(exporter.name.as_str()) {
                return Err(FrameError::DuplicateLabel { label: exporter.name.clone(), what: "exporters".to_owned() }.into());
            }
            let mut regions = exporter.regions.iter().map(|r| system.regions().require(r)).collect::<Result<Vec<_>, _>>()?;
            regions.sort_unstable();
            if let Some(twice) = regions.windows(2).find(|pair| pair[0] == pair[1]) {
                let label = system.regions().name(twice[0]).to_owned();
                return Err(FrameError::DuplicateLabel { label, what: format!("regions of {}", exporter.name) }.into());
            }
            if regions.is_empty() {
                return Err(ChainError::Nothing {
                    system: system.name().to_owned(),
                    what: "the number of regions".to_owned(),
                    place: exporter.name.clone(),
                });
            }
            ExporterBlock::new(system, exporter.name.clone(), regions, sector_of)
        })
        .collect()
}
