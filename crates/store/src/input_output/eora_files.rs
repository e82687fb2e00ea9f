use super::delimited_rows::text_rows;
use super::matrix_files::{bare_numbers, named, wrong};
use super::published::{DraftTable, PrimaryInput, PublishedExtension};
use super::source_files::SourceFile;
use crate::{Problem, StoreError};

/// The region under which Eora keeps what does not balance.
const DISCREPANCY: &str = "ROW";

/// Reads an Eora26 folder or zip: `*_T.txt`, `*_FD.txt`, `*_VA.txt`, `*_Q.txt`, `*_QY.txt` without labels, and `labels_T.txt` and so on
/// beside them or in `indices.zip`. Basic prices (`_bp_`) where both are there. `None` where the files are not there.
///
/// # Errors
/// Labels that do not fit the numbers, and what is wrong in a file.
pub(super) fn eora(sources: &[SourceFile]) -> Result<Option<DraftTable>, StoreError> {
    let basic = sources.iter().any(|source| source.base().contains("_bp_"));
    let part = |ending: &str| {
        let fits = |source: &&SourceFile| source.is_text() && source.base().ends_with(ending) && !source.base().starts_with("labels");
        sources.iter().filter(fits).find(|source| !basic || source.base().contains("_bp_"))
    };
    let (Some(t), Some(fd), Some(labels_t), Some(labels_fd)) =
        (part("_T.txt"), part("_FD.txt"), named(sources, &["labels_T.txt"]), named(sources, &["labels_FD.txt"]))
    else {
        return Ok(None);
    };
    // country, its code, industries or categories, their name
    let pairs = |file: &SourceFile| -> Result<Vec<(String, String)>, StoreError> {
        text_rows(file, '\t')?
            .into_iter()
            .enumerate()
            .map(|(at, row)| match (row.get(1), row.get(3)) {
                (Some(region), Some(code)) if !region.is_empty() && !code.is_empty() => Ok((region.clone(), code.clone())),
                _ => Err(wrong(file, Problem::Input, format!("line {} has no code of a country or no sector", at + 1))),
            })
            .collect()
    };
    let (industries, final_demand) = (pairs(labels_t)?, pairs(labels_fd)?);
    let (n, m) = (industries.len(), final_demand.len());
    let square = |file: &SourceFile, width: usize| -> Result<Vec<f64>, StoreError> {
        let (rows, values) = bare_numbers(file, Some(width), |_| true, |_| true)?;
        if rows != n {
            return Err(wrong(file, Problem::Input, format!("there are {rows} rows, labels_T.txt has {n}")));
        }
        Ok(values)
    };
    let mut draft = DraftTable { file: t.name.clone(), z: square(t, n)?, y: square(fd, m)?, ..DraftTable::default() };
    let label =
        |row: &[String], count: usize| row.iter().take(count).filter(|cell| !cell.is_empty()).cloned().collect::<Vec<_>>().join(", ");
    if let (Some(va), Some(labels)) = (part("_VA.txt"), named(sources, &["labels_VA.txt"])) {
        let (rows, values) = bare_numbers(va, Some(n), |_| true, |_| true)?;
        let names = text_rows(labels, '\t')?;
        if names.len() != rows {
            return Err(wrong(va, Problem::Input, format!("there are {rows} rows, labels_VA.txt has {}", names.len())));
        }
        for (name, industries) in names.iter().zip(values.chunks_exact(n)) {
            draft.primary.push(PrimaryInput {
                label: label(name, 2),
                kind: "value-added".to_owned(),
                industries: industries.to_vec(),
                final_demand: vec![0.0; m],
            });
        }
    }
    if let (Some(q), Some(labels)) = (part("_Q.txt"), named(sources, &["labels_Q.txt"])) {
        let (rows, flows) = bare_numbers(q, Some(n), |_| true, |_| true)?;
        let names = text_rows(labels, '\t')?;
        if names.len() != rows {
            return Err(wrong(q, Problem::Input, format!("there are {rows} rows, labels_Q.txt has {}", names.len())));
        }
        let final_demand_flows = match part("_QY.txt") {
            None => None,
            Some(file) => {
                let (found, values) = bare_numbers(file, Some(m), |_| true, |_| true)?;
                if found != rows {
                    return Err(wrong(file, Problem::Input, format!("there are {found} rows, labels_Q.txt has {rows}")));
                }
                Some(values)
            }
        };
        // the unit stands in brackets in the name
        let unit = |name: &str| name.rsplit_once('(').and_then(|(_, rest)| rest.strip_suffix(')')).unwrap_or_default().to_owned();
        let stressors = names.iter().map(|name| (label(name, 2), name.first().map_or(String::new(), |first| unit(first.trim())))).collect();
        draft.extensions.push(PublishedExtension { name: "Q".to_owned(), stressors, flows, final_demand_flows });
    }
    draft.discrepancy_industries = (0..n).filter(|i| industries[*i].0 == DISCREPANCY).collect();
    draft.industries = industries;
    draft.final_demand = final_demand;
    Ok(Some(draft))
}
