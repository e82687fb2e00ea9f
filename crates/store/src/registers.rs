use crate::columns::Columns;
use crate::error::unknown;
use crate::{Problem, StoreError, Workspace};
use frame::{Activity, Classification, Concordance, Link, Place, PlaceLevel, Places, Text};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The text of a column and row, empty where it is empty.
pub(crate) fn cells(columns: &Columns) -> impl Fn(&str, usize) -> String + '_ {
    |name, row| columns.text(name).map_or_else(String::new, |column| column.text(row).to_owned())
}

/// The text of a column and row, `None` where it is empty.
pub(crate) fn optional_cells(columns: &Columns) -> impl Fn(&str, usize) -> Option<String> + '_ {
    |name, row| columns.text(name).and_then(|column| column.get(row)).filter(|text| !text.is_empty()).map(str::to_owned)
}

type Links = BTreeMap<(String, String), Vec<Link>>;

impl Workspace {
    /// The register of places: all tables of schema `places`. A place is also found by its two-letter and numeric codes.
    ///
    /// # Errors
    /// Whatever is wrong with the tables.
    ///
    /// ```
    /// let workspace = xinzhi_store::Workspace::embedded()?;
    /// if workspace.manifest().table("places").is_ok() {
    ///     let places = workspace.places()?;
    ///     assert_eq!(places.find("德国").map(|place| place.code.as_str()), Some("DEU"));
    /// }
    /// # Ok::<(), xinzhi_store::StoreError>(())
    /// ```
    pub fn places(&self) -> Result<Arc<Places>, StoreError> {
        self.kept("", || {
            let mut all = Vec::new();
            for (id, columns) in self.columns_with("places")? {
                let (text, optional) = (cells(&columns), optional_cells(&columns));
                for row in 0..columns.rows {
                    let level = text("level", row);
                    let level = PlaceLevel::parse(&level).ok_or_else(|| {
                        StoreError::new(Problem::Value, format!("table `{id}`: no such level of a place"))
                            .row(row as u64 + 1)
                            .column("level")
                            .value(level)
                    })?;
                    let listed = text("aliases", row);
                    let aliases = listed.split(';').map(str::trim).filter(|alias| !alias.is_empty()).map(str::to_owned);
                    all.push(Place {
                        code: text("place", row),
                        level,
                        parent: optional("parent", row),
                        name: Text::new(text("name_en", row), text("name_zh", row)),
                        aliases: optional("alpha2", row).into_iter().chain(optional("numeric", row)).chain(aliases).collect(),
                    });
                }
            }
            Ok(Places::new(all))
        })
    }

    /// A scheme of activities, from all tables of schema `activities`.
    ///
    /// # Errors
    /// [`Problem::Unknown`] for a scheme that no table holds, listing those there are.
    pub fn classification(&self, scheme: &str) -> Result<Arc<Classification>, StoreError> {
        let all = self.kept("", || {
            let mut schemes: BTreeMap<String, Vec<Activity>> = BTreeMap::new();
            for (_, columns) in self.columns_with("activities")? {
                let (text, optional) = (cells(&columns), optional_cells(&columns));
                for row in 0..columns.rows {
                    schemes.entry(text("scheme", row)).or_default().push(Activity {
                        code: text("code", row),
                        name: Text::new(text("name_en", row), text("name_zh", row)),
                        parent: optional("parent", row),
                    });
                }
            }
            Ok(schemes
                .into_iter()
                .map(|(id, activities)| (id.clone(), Arc::new(Classification::new(id, activities))))
                .collect::<BTreeMap<_, _>>())
        })?;
        all.get(scheme).cloned().ok_or_else(|| unknown("scheme of activities", scheme, all.keys().map(String::as_str)))
    }

    /// The links from one scheme to another, from all tables of schema `links`.
    ///
    /// # Errors
    /// [`Problem::Unknown`] for a pair of schemes that no table links, listing those there are.
    pub fn concordance(&self, from: &str, to: &str) -> Result<Arc<Concordance>, StoreError> {
        let links = self.kept("", || {
            let mut links = Links::new();
            for (_, mut columns) in self.columns_with("links")? {
                let weight = columns.take_numbers("weight")?;
                let text = cells(&columns);
                for (row, weight) in weight.into_iter().enumerate() {
                    let link = Link { from: text("from_code", row), to: text("to_code", row), weight };
                    links.entry((text("from_scheme", row), text("to_scheme", row))).or_default().push(link);
                }
            }
            Ok(links)
        })?;
        let name = format!("{from} -> {to}");
        self.kept(&name, || match links.get(&(from.to_owned(), to.to_owned())) {
            Some(found) => Ok(Concordance::new(from, to, found.clone())?),
            None => {
                let pairs: Vec<String> = links.keys().map(|(from, to)| format!("{from} -> {to}")).collect();
                Err(unknown("concordance", &name, pairs.iter().map(String::as_str)))
            }
        })
    }
}
