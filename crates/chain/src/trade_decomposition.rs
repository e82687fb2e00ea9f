use crate::exporter::ExporterBlock;
use crate::{ChainError, Exporter};
use frame::{LabelledMatrix, Labels};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

/// How finely exports are decomposed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Breakdown {
    /// One row an exporter.
    #[default]
    Region,
    /// One row an exporter and partner.
    RegionPartner,
    /// One row an exporter and sector.
    RegionSector,
    /// One row an exporter, partner and sector.
    RegionPartnerSector,
}

impl Breakdown {
    /// Whether rows name a partner.
    pub fn by_partner(self) -> bool {
        matches!(self, Breakdown::RegionPartner | Breakdown::RegionPartnerSector)
    }

    /// Whether rows name a sector.
    pub fn by_sector(self) -> bool {
        matches!(self, Breakdown::RegionSector | Breakdown::RegionPartnerSector)
    }

    /// The name in messages.
    pub fn name(self) -> &'static str {
        match self {
            Breakdown::Region => "region",
            Breakdown::RegionPartner => "region and partner",
            Breakdown::RegionSector => "region and sector",
            Breakdown::RegionPartnerSector => "region, partner and sector",
        }
    }
}

/// Whose exports are decomposed, and how finely.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct TradeOptions {
    /// The exporters: regions, or groups of regions as one. None: every region of the system apart.
    pub exporters: Vec<Exporter>,
    /// The rows.
    pub breakdown: Breakdown,
}

/// One row of a [`TradeDecomposition`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DecompositionRow<'a> {
    /// The exporter.
    pub exporter: &'a str,
    /// The importer; with indicators of origin, the region of origin. Absent where partners are added up.
    pub partner: Option<&'a str>,
    /// The exporting sector; with indicators of origin, the sector of origin. Absent where sectors are added up.
    pub sector: Option<&'a str>,
    /// One value a term, in the unit of the table.
    pub values: &'a [f64],
}

/// Exports decomposed: rows of exporter, partner and sector, one column a term. All values are in the unit of the table.
///
/// Rows are ordered by exporter (as asked), partner (system order), sector (order of first appearance in the system).
#[derive(Debug, Clone, PartialEq)]
pub struct TradeDecomposition {
    /// The method, a short name: `kww`, `wwz`, `bm-src`, `bm-snk`, `my`, `tiva`.
    pub method: &'static str,
    /// What the rows are.
    pub breakdown: Breakdown,
    /// The terms, the columns.
    pub terms: Vec<&'static str>,
    exporters: Vec<String>,
    partners: Vec<String>,
    sectors: Vec<String>,
    /// Exporter, partner and sector of each row, as positions in the three lists above.
    keys: Vec<(usize, Option<usize>, Option<usize>)>,
    values: Vec<f64>,
}

impl TradeDecomposition {
    /// Computes the rows of every exporter: `compute` gets an exporter and its empty rows and fills them. Rows by sector stand for the
    /// exporter's own sectors, or for all sectors of the system where the sector is that of origin.
    pub(crate) fn new(
        method: &'static str,
        breakdown: Breakdown,
        terms: &[&'static str],
        names: Names,
        blocks: &[ExporterBlock],
        sectors: SectorRows,
        compute: impl Fn(usize, &mut Rows) -> Result<(), ChainError> + Sync,
    ) -> Result<Self, ChainError> {
        let parts = (0..blocks.len())
            .into_par_iter()
            .map(|b| {
                let mut rows = Rows::new(breakdown, terms.len(), &blocks[b], names.sectors.len(), sectors);
                compute(b, &mut rows)?;
                Ok(rows)
            })
            .collect::<Result<Vec<_>, ChainError>>()?;
        let (mut keys, mut values) = (Vec::new(), Vec::new());
        for (b, mut rows) in parts.into_iter().enumerate() {
            keys.extend(rows.keys.iter().map(|(partner, sector)| (b, *partner, *sector)));
            values.append(&mut rows.values);
        }
        let exporters = blocks.iter().map(|block| block.name.clone()).collect();
        Ok(TradeDecomposition {
            method,
            breakdown,
            terms: terms.to_vec(),
            exporters,
            partners: names.partners,
            sectors: names.sectors,
            keys,
            values,
        })
    }

    /// The rows in order.
    pub fn rows(&self) -> impl Iterator<Item = DecompositionRow<'_>> {
        let rows = self.keys.iter().zip(self.values.chunks_exact(self.terms.len()));
        rows.map(|((exporter, partner, sector), values)| DecompositionRow {
            exporter: &self.exporters[*exporter],
            partner: partner.map(|p| self.partners[p].as_str()),
            sector: sector.map(|s| self.sectors[s].as_str()),
            values,
        })
    }

    /// How many rows there are.
    pub fn len(&self) -> usize {
        self.keys.len()
    }

    /// Whether there is no row.
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// The exporters in order.
    pub fn exporters(&self) -> &[String] {
        &self.exporters
    }

    /// One term of the rows of an exporter, added up over those that match; partner and sector `None` match all. `None` when no row
    /// matches or there is no such term.
    pub fn get(&self, exporter: &str, partner: Option<&str>, sector: Option<&str>, term: &str) -> Option<f64> {
        let column = self.terms.iter().position(|t| *t == term)?;
        let matches = |row: &DecompositionRow| {
            row.exporter == exporter && (partner.is_none() || row.partner == partner) && (sector.is_none() || row.sector == sector)
        };
        let mut found = self.rows().filter(matches).map(|row| row.values[column]).peekable();
        found.peek().is_some().then(|| found.sum())
    }

    /// The rows added up by exporter: exporter × term.
    ///
    /// # Errors
    /// [`frame::FrameError::DuplicateLabel`] never, since exporters are distinct.
    pub fn by_exporter(&self) -> Result<LabelledMatrix, ChainError> {
        let width = self.terms.len();
        let mut sums = vec![0.0; self.exporters.len() * width];
        for ((exporter, _, _), row) in self.keys.iter().zip(self.values.chunks_exact(width)) {
            sums[exporter * width..(exporter + 1) * width].iter_mut().zip(row).for_each(|(sum, value)| *sum += value);
        }
        let exporters = Labels::new("exporters", self.exporters.iter().cloned())?;
        Ok(LabelledMatrix::new(exporters, Labels::new("terms", self.terms.iter().copied())?, sums)?)
    }
}

/// The labels of partners and sectors.
pub(crate) struct Names {
    pub(crate) partners: Vec<String>,
    pub(crate) sectors: Vec<String>,
}

/// Which sectors have rows.
#[derive(Clone, Copy)]
pub(crate) enum SectorRows {
    /// Those of the exporter.
    OfExporter,
    /// All of the system.
    All,
}

/// The rows of one exporter while they are filled.
pub(crate) struct Rows {
    keys: Vec<(Option<usize>, Option<usize>)>,
    values: Vec<f64>,
    terms: usize,
    /// Where the rows of each partner start, by region; unused for regions inside the exporter.
    partner_starts: Vec<usize>,
    /// Which row of those each sector is, by sector position.
    sector_rows: Vec<usize>,
}

impl Rows {
    fn new(breakdown: Breakdown, terms: usize, block: &ExporterBlock, sectors: usize, which: SectorRows) -> Self {
        let listed: Vec<Option<usize>> = match which {
            _ if !breakdown.by_sector() => vec![None],
            SectorRows::OfExporter => block.sector_list().into_iter().map(Some).collect(),
            SectorRows::All => (0..sectors).map(Some).collect(),
        };
        let mut sector_rows = vec![0; sectors];
        for (row, sector) in listed.iter().enumerate() {
            if let Some(sector) = sector {
                sector_rows[*sector] = row;
            }
        }
        let mut partner_starts = vec![0; block.inside.len()];
        let mut keys = Vec::new();
        if breakdown.by_partner() {
            for partner in &block.partners {
                partner_starts[*partner] = keys.len();
                keys.extend(listed.iter().map(|sector| (Some(*partner), *sector)));
            }
        } else {
            keys.extend(listed.iter().map(|sector| (None, *sector)));
        }
        let values = vec![0.0; keys.len() * terms];
        Rows { keys, values, terms, partner_starts, sector_rows }
    }

    /// The row that a sector and a partner belong to, by position among all sectors and all regions. Both must have rows.
    pub(crate) fn row(&mut self, sector: usize, partner: usize) -> &mut [f64] {
        let row = self.partner_starts[partner] + self.sector_rows[sector];
        &mut self.values[row * self.terms..(row + 1) * self.terms]
    }

    /// Adds to the row of a sector and partner.
    pub(crate) fn add(&mut self, sector: usize, partner: usize, values: &[f64]) {
        self.row(sector, partner).iter_mut().zip(values).for_each(|(sum, value)| *sum += value);
    }

    /// All rows, one after the other.
    pub(crate) fn values(&mut self) -> &mut [f64] {
        &mut self.values
    }
}
