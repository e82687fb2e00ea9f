use crate::{Problem, StoreError, Workspace};
use frame::Text;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// All tables of schema `indicators`: one number a place, indicator and year. An indicator lives in one table only, so that
/// [`IndicatorTable::table_of`] names the evidence of any of its values.
#[derive(Debug, Clone, Default)]
pub struct IndicatorTable {
    indicators: BTreeMap<String, Indicator>,
}

#[derive(Debug, Clone)]
struct Indicator {
    table: String,
    unit: String,
    /// By place, sorted by year.
    series: BTreeMap<String, Vec<(i32, f64)>>,
}

impl IndicatorTable {
    /// The indicators, sorted.
    pub fn indicators(&self) -> impl Iterator<Item = &str> {
        self.indicators.keys().map(String::as_str)
    }

    /// The value of a place in a year.
    pub fn get(&self, place: &str, indicator: &str, year: i32) -> Option<f64> {
        let series = self.indicators.get(indicator)?.series.get(place)?;
        series.binary_search_by_key(&year, |(at, _)| *at).ok().map(|at| series[at].1)
    }

    /// All years of a place, sorted; empty where there is none.
    pub fn series(&self, place: &str, indicator: &str) -> Vec<(i32, f64)> {
        self.indicators.get(indicator).and_then(|found| found.series.get(place)).cloned().unwrap_or_default()
    }

    /// All places in a year, sorted by place.
    pub fn cross_section(&self, indicator: &str, year: i32) -> Vec<(String, f64)> {
        let places = self.indicators.get(indicator).into_iter().flat_map(|found| found.series.keys());
        places.filter_map(|place| Some((place.clone(), self.get(place, indicator, year)?))).collect()
    }

    /// The latest year in which any place has a value.
    pub fn latest_year(&self, indicator: &str) -> Option<i32> {
        self.indicators.get(indicator)?.series.values().filter_map(|series| series.last()).map(|(year, _)| *year).max()
    }

    /// The table an indicator comes from; empty text for an indicator that is not there.
    pub fn table_of(&self, indicator: &str) -> &str {
        self.indicators.get(indicator).map_or("", |found| &found.table)
    }

    /// The unit of an indicator; empty text for an indicator that is not there.
    pub fn unit(&self, indicator: &str) -> &str {
        self.indicators.get(indicator).map_or("", |found| &found.unit)
    }
}

/// What an indicator is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IndicatorDefinition {
    /// Its id.
    pub indicator: String,
    /// What it belongs to: `talent`, `environment`, `reform`, `technology`, `growth` or `size`.
    pub dimension: String,
    /// 1: more is better, -1: less is better, 0: neither.
    pub direction: i32,
    /// Its name.
    pub name: Text,
    /// Its unit.
    pub unit: String,
}

impl Workspace {
    /// Every indicator of the workspace.
    ///
    /// # Errors
    /// [`Problem::Duplicate`] for an indicator that stands in two tables, [`Problem::Units`] for one in two units, or whatever is wrong
    /// with a table.
    ///
    /// ```
    /// let workspace = xinzhi_store::Workspace::embedded()?;
    /// if workspace.manifest().table("province_st").is_ok() {
    ///     // R&D expenditure of China in 2022, published as 30,782.9 hundred million yuan
    ///     let value = workspace.indicators()?.get("CHN", "st_rd_expenditure", 2022);
    ///     assert_eq!(value.map(|value| (value * 10.0).round() / 10.0), Some(30_782.9));
    /// }
    /// # Ok::<(), xinzhi_store::StoreError>(())
    /// ```
    pub fn indicators(&self) -> Result<Arc<IndicatorTable>, StoreError> {
        self.kept("", || {
            let mut all = IndicatorTable::default();
            for (id, mut columns) in self.columns_with("indicators")? {
                let (place, name) = (columns.take_text("place")?, columns.take_text("indicator")?);
                let (period, value, unit) = (columns.take_integers("period")?, columns.take_numbers("value")?, columns.take_text("unit")?);
                // one look-up in the tree for every indicator and place, not for every row
                let mut series: HashMap<(u32, u32), Vec<(i32, f64)>> = HashMap::new();
                let mut first_row: HashMap<u32, usize> = HashMap::new();
                for row in 0..columns.rows {
                    let first = *first_row.entry(name.code(row)).or_insert(row);
                    if unit.code(first) != unit.code(row) {
                        let what = format!(
                            "indicator `{}` comes in `{}` and in `{}`, which cannot be compared",
                            name.text(row),
                            unit.text(first),
                            unit.text(row)
                        );
                        let file = self.path(self.manifest().table(&id)?);
                        return Err(StoreError::new(Problem::Units, what).file(file).row(row as u64 + 1));
                    }
                    series.entry((name.code(row), place.code(row))).or_default().push((period[row], value[row]));
                }
                for row in first_row.into_values() {
                    let entry = Indicator { table: id.clone(), unit: unit.text(row).to_owned(), series: BTreeMap::new() };
                    if let Some(other) = all.indicators.insert(name.text(row).to_owned(), entry) {
                        let what = format!("indicator `{}` stands in the tables `{}` and `{id}`", name.text(row), other.table);
                        return Err(StoreError::new(Problem::Duplicate, what).next("rename it in one of them, or import both as one table"));
                    }
                }
                let names: Vec<&str> = name.words().collect();
                let places: Vec<&str> = place.words().collect();
                for ((name, place), mut values) in series {
                    values.sort_unstable_by_key(|(year, _)| *year);
                    if let Some(indicator) = all.indicators.get_mut(names[name as usize]) {
                        indicator.series.insert(places[place as usize].to_owned(), values);
                    }
                }
            }
            Ok(all)
        })
    }

    /// What the indicators are, in table order.
    ///
    /// # Errors
    /// Whatever is wrong with the tables of schema `indicator_definitions`.
    pub fn indicator_definitions(&self) -> Result<Arc<Vec<IndicatorDefinition>>, StoreError> {
        self.kept("", || {
            let mut all = Vec::new();
            for (_, mut columns) in self.columns_with("indicator_definitions")? {
                let direction = columns.take_integers("direction")?;
                let text = crate::registers::cells(&columns);
                all.extend(direction.iter().enumerate().map(|(row, direction)| IndicatorDefinition {
                    indicator: text("indicator", row),
                    dimension: text("dimension", row),
                    direction: *direction,
                    name: Text::new(text("name_en", row), text("name_zh", row)),
                    unit: text("unit", row),
                }));
            }
            Ok(all)
        })
    }
}
