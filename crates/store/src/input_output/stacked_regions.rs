use super::published::{DraftTable, PrimaryInput};
use crate::{Problem, StoreError};

/// Puts tables of single regions into one: every region a block on the diagonal, nothing between them.
///
/// # Errors
/// [`Problem::Duplicate`] for a region that stands twice, [`Problem::Input`] when only some state a total or a year.
pub(crate) fn stack(blocks: Vec<DraftTable>) -> Result<DraftTable, StoreError> {
    let (n, m) = (blocks.iter().map(|block| block.industries.len()).sum(), blocks.iter().map(|block| block.final_demand.len()).sum());
    let mut whole = DraftTable { z: vec![0.0; n * n], y: vec![0.0; n * m], ..DraftTable::default() };
    let mut regions: Vec<String> = Vec::new();
    let states = |block: &DraftTable| {
        let totals = &block.totals;
        [
            !totals.row_output.is_empty(),
            !totals.row_intermediate.is_empty(),
            !totals.row_final.is_empty(),
            !totals.column_output.is_empty(),
            !totals.column_intermediate.is_empty(),
            !totals.column_primary.is_empty(),
        ]
    };
    let first = blocks.first().map(|block| (states(block), block.period));
    for block in blocks {
        let differ = |what: &str| StoreError::new(Problem::Input, format!("the sheets differ in {what} they state")).file(&block.file);
        if first.is_some_and(|(stated, _)| stated != states(&block)) {
            return Err(differ("the totals"));
        }
        if first.is_some_and(|(_, period)| period != block.period) {
            return Err(differ("the year"));
        }
        let region = block.industries.first().map(|(region, _)| region.clone()).unwrap_or_default();
        if regions.contains(&region) {
            return Err(StoreError::new(Problem::Duplicate, format!("two sheets are of the region `{region}`")).file(&block.file));
        }
        regions.push(region);
        let (rows, columns) = (whole.industries.len(), whole.final_demand.len());
        let (k, c) = (block.industries.len(), block.final_demand.len());
        for (at, row) in block.z.chunks_exact(k.max(1)).enumerate() {
            whole.z[(rows + at) * n + rows..][..k].copy_from_slice(row);
        }
        for (at, row) in block.y.chunks_exact(c.max(1)).enumerate() {
            whole.y[(rows + at) * m + columns..][..c].copy_from_slice(row);
        }
        for row in block.primary {
            let at = whole.primary.iter().position(|known| known.label == row.label).unwrap_or_else(|| {
                whole.primary.push(PrimaryInput {
                    label: row.label.clone(),
                    kind: row.kind.clone(),
                    industries: vec![0.0; n],
                    final_demand: vec![0.0; m],
                });
                whole.primary.len() - 1
            });
            whole.primary[at].industries[rows..rows + k].copy_from_slice(&row.industries);
            whole.primary[at].final_demand[columns..columns + c].copy_from_slice(&row.final_demand);
        }
        for (label, values) in block.discrepancies {
            let at = whole.discrepancies.iter().position(|(known, _)| *known == label).unwrap_or_else(|| {
                whole.discrepancies.push((label, vec![0.0; n]));
                whole.discrepancies.len() - 1
            });
            whole.discrepancies[at].1[rows..rows + k].copy_from_slice(&values);
        }
        whole.industries.extend(block.industries);
        whole.final_demand.extend(block.final_demand);
        let (into, from) = (&mut whole.totals, block.totals);
        into.row_output.extend(from.row_output);
        into.row_intermediate.extend(from.row_intermediate);
        into.row_final.extend(from.row_final);
        into.column_output.extend(from.column_output);
        into.column_intermediate.extend(from.column_intermediate);
        into.column_primary.extend(from.column_primary);
        if whole.file.is_empty() {
            whole.file = block.file;
        }
        whole.period = whole.period.or(block.period);
    }
    // the sheet of the first region says nothing of the others
    if let Some((file, _)) = whole.file.split_once(", sheet ") {
        whole.file = file.to_owned();
    }
    Ok(whole)
}
