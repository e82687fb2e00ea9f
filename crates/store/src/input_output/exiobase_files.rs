use super::matrix_files::{labelled_numbers, named, wrong};
use super::published::{DraftTable, PublishedExtension};
use super::source_files::SourceFile;
use crate::{Problem, StoreError};
use std::collections::HashMap;

/// Reads an EXIOBASE 3 folder or zip: `Z.txt`, or `A.txt` and `x.txt`; `Y.txt`; every folder with an `F.txt` is an extension, its
/// final demand in `F_Y.txt` or `F_hh.txt`, its units in `unit.txt`. `None` where the files are not there.
///
/// # Errors
/// Files that do not fit each other, naming the label, and what is wrong in one.
pub(super) fn exiobase(sources: &[SourceFile]) -> Result<Option<DraftTable>, StoreError> {
    let core: Vec<SourceFile> = {
        // extensions have files of the same names in folders of their own
        let Some(y) = named(sources, &["Y.txt"]) else { return Ok(None) };
        sources.iter().filter(|source| source.folder() == y.folder()).cloned().collect()
    };
    let (z, a, x, y) = (named(&core, &["Z.txt"]), named(&core, &["A.txt"]), named(&core, &["x.txt"]), named(&core, &["Y.txt"]));
    let (Some(square), Some(y)) = (z.or(a), y) else { return Ok(None) };
    let mut matrix = labelled_numbers(square, 2, None)?;
    let pair = |file: &SourceFile, labels: &[String]| -> Result<(String, String), StoreError> {
        match labels {
            [region, code, ..] if !region.is_empty() && !code.is_empty() => Ok((region.clone(), code.clone())),
            _ => Err(wrong(file, Problem::Input, format!("the label `{}` is not a region and a code", labels.join(" ")))),
        }
    };
    let industries = matrix.columns.iter().map(|labels| pair(square, labels)).collect::<Result<Vec<_>, _>>()?;
    let n = industries.len();
    let same = |file: &SourceFile, rows: &[Vec<String>]| -> Result<(), StoreError> {
        for (at, expected) in industries.iter().enumerate() {
            let found = rows.get(at).map(|labels| pair(file, labels)).transpose()?;
            if found.as_ref() != Some(expected) {
                let found = found.map_or("the end of the file".to_owned(), |(region, code)| format!("`{region} {code}`"));
                let what = format!("row {} is {found} where the columns of {} have `{} {}`", at + 1, square.base(), expected.0, expected.1);
                return Err(wrong(file, Problem::Input, what).next("rows and columns must stand in one order; get the files again"));
            }
        }
        if rows.len() > n {
            return Err(wrong(file, Problem::Input, format!("there are {} rows for {n} industries", rows.len())));
        }
        Ok(())
    };
    same(square, &matrix.rows)?;
    let final_demand = labelled_numbers(y, 2, None)?;
    same(y, &final_demand.rows)?;
    let columns = final_demand.columns.iter().map(|labels| pair(y, labels)).collect::<Result<Vec<_>, _>>()?;
    let m = columns.len();
    let mut output = Vec::new();
    if let Some(x) = x {
        let stated = labelled_numbers(x, 1, Some(2))?;
        same(x, &stated.rows)?;
        output = stated.values;
    }
    if z.is_none() {
        if output.is_empty() {
            return Err(wrong(square, Problem::Input, "the folder has A.txt without Z.txt or x.txt, which turn it into deliveries"));
        }
        for row in matrix.values.chunks_exact_mut(n) {
            row.iter_mut().zip(&output).for_each(|(a, x)| *a *= x);
        }
    }
    let mut draft =
        DraftTable { file: square.name.clone(), z: matrix.values, y: final_demand.values, final_demand: columns, ..DraftTable::default() };
    draft.totals.row_output = output;
    for f in sources.iter().filter(|source| source.base().eq_ignore_ascii_case("F.txt") && source.folder() != square.folder()) {
        let beside: Vec<SourceFile> = sources.iter().filter(|source| source.folder() == f.folder()).cloned().collect();
        let flows = labelled_numbers(f, 2, None)?;
        if flows.columns.len() != n {
            return Err(wrong(f, Problem::Input, format!("there are {} columns for {n} industries", flows.columns.len())));
        }
        if let Some((at, labels)) =
            flows.columns.iter().enumerate().find(|(at, labels)| pair(f, labels).ok().as_ref() != industries.get(*at))
        {
            return Err(wrong(f, Problem::Input, format!("column {} is `{}`, which is out of order", at + 1, labels.join(" "))));
        }
        let units: HashMap<String, String> = match named(&beside, &["unit.txt"]) {
            None => HashMap::new(),
            Some(file) => super::delimited_rows::text_rows(file, '\t')?
                .into_iter()
                .filter(|row| row.len() > 1)
                .map(|mut row| (row.remove(0), row.pop().unwrap_or_default()))
                .collect(),
        };
        let names: Vec<String> = flows.rows.iter().map(|labels| labels.join(" ")).collect();
        let unit_of = |labels: &[String]| labels.first().and_then(|name| units.get(name)).cloned().unwrap_or_default();
        let stressors: Vec<(String, String)> = names.iter().cloned().zip(flows.rows.iter().map(|labels| unit_of(labels))).collect();
        let final_demand_flows = match named(&beside, &["F_Y.txt", "F_hh.txt"]) {
            None => None,
            Some(file) => {
                let own = labelled_numbers(file, 2, None)?;
                let rows: Vec<String> = own.rows.iter().map(|labels| labels.join(" ")).collect();
                let fits = own.columns.len() == m && rows == names;
                if !fits {
                    let what = format!(
                        "it has {} rows and {} columns, F.txt has {} rows and Y.txt {m} columns",
                        rows.len(),
                        own.columns.len(),
                        names.len()
                    );
                    return Err(wrong(file, Problem::Input, what).next("get the files again, or take this one out of the folder"));
                }
                Some(own.values)
            }
        };
        let name = f.folder().rsplit('/').next().unwrap_or(f.folder()).to_owned();
        draft.extensions.push(PublishedExtension { name, stressors, flows: flows.values, final_demand_flows });
    }
    draft.industries = industries;
    Ok(Some(draft))
}
