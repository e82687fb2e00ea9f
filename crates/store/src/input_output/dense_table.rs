//! An input-output table in one file whose numbers stand as a program holds them, so that opening it is mapping it.
//!
//! Layout: 8 bytes `XINZHIIO`, the version and the length of the header as little-endian 64-bit numbers, the header's SHA-256 (32 bytes),
//! the header as JSON, then blocks of little-endian doubles, each starting at a multiple of 64 bytes.

use super::balance::BalanceReport;
use super::published::{PrimaryInput, PublishedTable, ReadFile};
use super::repairs::RepairMade;
use crate::{Problem, StoreError};
use memmap2::Mmap;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::fs::File;
use std::io::{self, Write};
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

const MAGIC: &[u8; 8] = b"XINZHIIO";
const VERSION: u64 = 1;
/// Magic, version, length of the header, its hash.
const PREAMBLE: usize = 56;
/// Blocks start at multiples of this many bytes, a cache line.
const ALIGNMENT: usize = 64;
/// A header longer than this is no header.
const LONGEST_HEADER: u64 = 1 << 30;

/// Numbers that stand in memory once and are read by many: a memory map, or a vector.
pub type SharedNumbers = Arc<dyn AsRef<[f64]> + Send + Sync>;

/// What the header says.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct DenseHeader {
    pub(crate) edition: String,
    pub(crate) system: String,
    pub(crate) title: String,
    pub(crate) period: i32,
    pub(crate) unit: String,
    pub(crate) industries: Vec<(String, String)>,
    pub(crate) final_demand: Vec<(String, String)>,
    /// Label and kind of every row of primary inputs.
    pub(crate) primary: Vec<(String, String)>,
    pub(crate) extensions: Vec<ExtensionHeader>,
    pub(crate) repairs: Vec<RepairMade>,
    pub(crate) balance: BalanceReport,
    pub(crate) files: Vec<ReadFile>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct ExtensionHeader {
    pub(crate) name: String,
    pub(crate) stressors: Vec<(String, String)>,
    pub(crate) with_final_demand: bool,
}

impl DenseHeader {
    /// How many numbers each block holds: Z, Y, output, primary inputs of industries and of final demand, then the extensions.
    fn blocks(&self) -> Option<Vec<usize>> {
        let (n, m, p) = (self.industries.len(), self.final_demand.len(), self.primary.len());
        let mut blocks = vec![n.checked_mul(n)?, n.checked_mul(m)?, n, p.checked_mul(n)?, p.checked_mul(m)?];
        for extension in &self.extensions {
            let k = extension.stressors.len();
            blocks.push(k.checked_mul(n)?);
            blocks.push(if extension.with_final_demand { k.checked_mul(m)? } else { 0 });
        }
        Some(blocks)
    }
}

fn aligned(at: usize) -> usize {
    at.next_multiple_of(ALIGNMENT)
}

/// Writes a table.
pub(crate) fn write_dense(table: &PublishedTable, out: &mut dyn Write) -> io::Result<()> {
    let header = DenseHeader {
        edition: table.edition.clone(),
        system: table.system.clone(),
        title: table.title.clone(),
        period: table.period,
        unit: table.unit.clone(),
        industries: table.industries.clone(),
        final_demand: table.final_demand.clone(),
        primary: table.primary.iter().map(|row| (row.label.clone(), row.kind.clone())).collect(),
        extensions: table
            .extensions
            .iter()
            .map(|extension| ExtensionHeader {
                name: extension.name.clone(),
                stressors: extension.stressors.clone(),
                with_final_demand: extension.final_demand_flows.is_some(),
            })
            .collect(),
        repairs: table.repairs.clone(),
        balance: table.balance.clone(),
        files: table.files.clone(),
    };
    let text = serde_json::to_vec(&header)?;
    out.write_all(MAGIC)?;
    out.write_all(&VERSION.to_le_bytes())?;
    out.write_all(&(text.len() as u64).to_le_bytes())?;
    out.write_all(&Sha256::digest(&text))?;
    out.write_all(&text)?;
    let mut at = PREAMBLE + text.len();
    let mut block = |parts: &[&[f64]]| -> io::Result<()> {
        out.write_all(&[0; ALIGNMENT][..aligned(at) - at])?;
        at = aligned(at);
        for values in parts {
            at += values.len() * 8;
            if cfg!(target_endian = "little") {
                out.write_all(bytemuck::cast_slice(values))?;
            } else {
                for value in *values {
                    out.write_all(&value.to_le_bytes())?;
                }
            }
        }
        Ok(())
    };
    block(&[&table.z])?;
    block(&[&table.y])?;
    block(&[&table.output])?;
    block(&table.primary.iter().map(|row| row.industries.as_slice()).collect::<Vec<_>>())?;
    block(&table.primary.iter().map(|row| row.final_demand.as_slice()).collect::<Vec<_>>())?;
    for extension in &table.extensions {
        block(&[&extension.flows])?;
        block(&[extension.final_demand_flows.as_deref().unwrap_or_default()])?;
    }
    Ok(())
}

/// A block of a mapped file.
struct MappedNumbers {
    map: Arc<Mmap>,
    bytes: Range<usize>,
}

impl AsRef<[f64]> for MappedNumbers {
    fn as_ref(&self) -> &[f64] {
        // alignment and length were found right when the file was opened
        bytemuck::try_cast_slice(self.map.get(self.bytes.clone()).unwrap_or_default()).unwrap_or_default()
    }
}

/// A table whose numbers are mapped.
pub(crate) struct DenseTable {
    pub(crate) header: DenseHeader,
    map: Arc<Mmap>,
    blocks: Vec<Range<usize>>,
}

fn damaged(what: impl Into<String>, path: &Path) -> StoreError {
    StoreError::new(Problem::Damaged, what).file(path).next("the file is truncated or not one of these: import the table again")
}

/// The header of a file of this layout, and where the blocks start.
fn header(map: &[u8], path: &Path) -> Result<(DenseHeader, usize), StoreError> {
    let number = |at: usize| map.get(at..at + 8).and_then(|bytes| bytes.try_into().ok()).map(u64::from_le_bytes);
    if map.get(..8) != Some(MAGIC.as_slice()) {
        return Err(damaged("the file does not begin like a dense input-output table", path));
    }
    match number(8) {
        Some(VERSION) => {}
        Some(other) => {
            let what = format!("the file has version {other} of the layout of dense tables, this program reads {VERSION}");
            return Err(StoreError::new(Problem::Damaged, what).file(path).next("use a newer program, or import the table again"));
        }
        None => return Err(damaged("the file ends within its first bytes", path)),
    }
    let length = number(16).filter(|length| *length <= LONGEST_HEADER).and_then(|length| usize::try_from(length).ok());
    let text = length.and_then(|length| map.get(PREAMBLE..PREAMBLE + length));
    let (Some(text), Some(hash)) = (text, map.get(24..PREAMBLE)) else { return Err(damaged("the file ends within its header", path)) };
    if Sha256::digest(text).as_slice() != hash {
        return Err(damaged("the header is not the one that was written", path));
    }
    let header = serde_json::from_slice(text).map_err(|error| damaged(format!("the header does not read: {error}"), path))?;
    Ok((header, PREAMBLE + text.len()))
}

impl DenseTable {
    /// Maps a file. Of the numbers only the length is checked: their hash is compared by `xinzhi data check`, finiteness when a system is
    /// made of them.
    pub(crate) fn open(path: &Path) -> Result<Self, StoreError> {
        if cfg!(target_endian = "big") {
            return Err(StoreError::new(Problem::Damaged, "dense tables are little-endian and this machine is not").file(path));
        }
        let file = File::open(path)
            .map_err(|error| StoreError::new(Problem::Damaged, format!("the table's file cannot be opened: {error}")).file(path))?;
        // SAFETY: the mapping is read only, and files of a workspace are named after their content and replaced, never written to, so
        // the bytes do not change while they are mapped unless somebody breaks that from outside; then numbers would be wrong, as they
        // would be in any file that changes while it is read, but no reference is to anything but plain bytes.
        #[allow(unsafe_code)]
        let map = unsafe { Mmap::map(&file) };
        let map = map.map_err(|error| damaged(format!("the table's file cannot be mapped: {error}"), path))?;
        let (header, end) = header(&map, path)?;
        let too_large = || damaged("the header speaks of more numbers than a file can hold", path);
        let mut at = end;
        let mut blocks = Vec::new();
        for length in header.blocks().ok_or_else(too_large)? {
            at = aligned(at);
            let stop = length.checked_mul(8).and_then(|bytes| bytes.checked_add(at)).ok_or_else(too_large)?;
            blocks.push(at..stop);
            at = stop;
        }
        if map.len() != at {
            return Err(damaged(format!("the file has {} bytes, its header asks for {at}", map.len()), path));
        }
        Ok(DenseTable { header, map: Arc::new(map), blocks })
    }

    pub(crate) fn block(&self, which: usize) -> SharedNumbers {
        let bytes = self.blocks.get(which).cloned().unwrap_or(0..0);
        Arc::new(MappedNumbers { map: self.map.clone(), bytes })
    }

    pub(crate) fn z(&self) -> SharedNumbers {
        self.block(0)
    }

    pub(crate) fn y(&self) -> Vec<f64> {
        (*self.block(1)).as_ref().to_vec()
    }

    pub(crate) fn output(&self) -> Vec<f64> {
        (*self.block(2)).as_ref().to_vec()
    }

    pub(crate) fn primary(&self) -> Vec<PrimaryInput> {
        let (industries, final_demand) = (self.block(3), self.block(4));
        let (n, m) = (self.header.industries.len(), self.header.final_demand.len());
        let row = |values: &[f64], at: usize, width: usize| values.get(at * width..(at + 1) * width).unwrap_or_default().to_vec();
        let named = self.header.primary.iter().enumerate();
        named
            .map(|(at, (label, kind))| PrimaryInput {
                label: label.clone(),
                kind: kind.clone(),
                industries: row((*industries).as_ref(), at, n),
                final_demand: row((*final_demand).as_ref(), at, m),
            })
            .collect()
    }
}
