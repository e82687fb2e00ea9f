use crate::{Problem, StoreError, Workspace};
use std::sync::Arc;

/// The outline of a place: its code and its rings of (longitude, latitude) in degrees.
pub type Outline = (String, Vec<Vec<(f32, f32)>>);

fn ring(path: &str) -> Option<Vec<(f32, f32)>> {
    path.split_ascii_whitespace()
        .map(|point| {
            let (longitude, latitude) = point.split_once(',')?;
            let point: (f32, f32) = (longitude.parse().ok()?, latitude.parse().ok()?);
            (point.0.is_finite() && point.1.is_finite()).then_some(point)
        })
        .collect()
}

impl Workspace {
    /// The outlines of a table of schema `map`: places in table order, rings in the order of the table.
    ///
    /// # Errors
    /// [`Problem::Value`] for a path that is not `lon,lat lon,lat ...`, or whatever is wrong with the table.
    pub fn map(&self, table_id: &str) -> Result<Arc<Vec<Outline>>, StoreError> {
        self.kept(table_id, || {
            let mut columns = self.columns_of(table_id, "map")?;
            let (place, path) = (columns.take_text("place")?, columns.take_text("path")?);
            let mut outlines: Vec<Outline> = Vec::new();
            for row in 0..columns.rows {
                let points = ring(path.text(row)).ok_or_else(|| {
                    StoreError::new(Problem::Value, format!("a ring of map `{table_id}` is not a list of `longitude,latitude`"))
                        .row(row as u64 + 1)
                        .column("path")
                        .value(path.text(row))
                })?;
                match outlines.last_mut().filter(|outline| outline.0 == place.text(row)) {
                    Some(outline) => outline.1.push(points),
                    None => outlines.push((place.text(row).to_owned(), vec![points])),
                }
            }
            Ok(outlines)
        })
    }
}
