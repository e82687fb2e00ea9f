use crate::StrategyError;
use frame::{LabelledMatrix, LabelledVector};
use std::collections::HashMap;
use std::path::Path;
use store::{ImportOptions, LongTable, LongTableOptions, Problem, StoreError, TextRows, Workspace};

/// What is known of the places of a panel, one number a place and, where they differ, a period: population, income.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PlaceValues {
    values: HashMap<(String, String), f64>,
}

impl PlaceValues {
    /// From (period, place, number); an empty period means every period.
    pub fn new(rows: impl IntoIterator<Item = (String, String, f64)>) -> Self {
        PlaceValues { values: rows.into_iter().map(|(period, place, value)| ((period, place), value)).collect() }
    }

    /// From a file with a column of places, one of numbers and, where `time` is given and the file has it, one of periods. Rows without a
    /// number are passed over: what is not said is not known.
    ///
    /// # Errors
    /// [`Problem::Schema`] for a column that is not there, [`Problem::Value`] for what is no number.
    pub fn read(path: impl AsRef<Path>, options: &LongTableOptions, value: &str) -> Result<Self, StrategyError> {
        let path = path.as_ref();
        let reading = ImportOptions { delimiter: options.delimiter, encoding: options.encoding.clone(), ..ImportOptions::default() };
        let rows = TextRows::read(path, &reading)?;
        let (places, numbers) = (rows.column(Some(&options.place))?, rows.column(Some(value))?);
        let periods = match &options.time {
            Some(time) if rows.names().any(|name| name == time) => rows.column(Some(time))?,
            _ => vec![String::new(); places.len()],
        };
        let mut values = HashMap::new();
        for (row, ((period, place), number)) in periods.into_iter().zip(places).zip(numbers).enumerate() {
            if number.is_empty() {
                continue;
            }
            let Some(known) = number.parse::<f64>().ok().filter(|v| v.is_finite()) else {
                let what = format!("`{number}` in column `{value}`, row {}, of {} is not a number", row + 1, path.display());
                return Err(StoreError::new(Problem::Value, what).into());
            };
            values.insert((period, place), known);
        }
        Ok(PlaceValues { values })
    }

    /// From a table whose activities are its places.
    pub fn of_table(table: &LongTable) -> Self {
        let rows = table.periods().iter().enumerate().flat_map(|(at, period)| {
            table.cells(at).map(move |cell| (period.clone(), table.places().name(cell.place).to_owned(), cell.value))
        });
        PlaceValues::new(rows)
    }

    /// The numbers of some places in a period; NaN where not known.
    pub fn at(&self, period: &str, places: &[String]) -> Vec<f64> {
        let known = |place: &String| {
            let of = |period: &str| self.values.get(&(period.to_owned(), place.clone())).copied();
            of(period).or_else(|| of("")).unwrap_or(f64::NAN)
        };
        places.iter().map(known).collect()
    }
}

/// Which tables of a workspace make a panel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkspaceTables {
    /// Tables of schema `activity`; empty takes all that hold the measure and scheme.
    pub tables: Vec<String>,
    /// The measure (`exports`).
    pub measure: String,
    /// The scheme of the activities (`HS4`).
    pub scheme: String,
}

impl Default for WorkspaceTables {
    fn default() -> Self {
        WorkspaceTables { tables: Vec::new(), measure: "exports".into(), scheme: "HS4".into() }
    }
}

/// Places × activities over periods, with what is known of the places.
#[derive(Debug, Clone)]
pub struct Panel {
    /// The values.
    pub table: LongTable,
    /// The population of places.
    pub population: Option<PlaceValues>,
    /// The income a head of places.
    pub income: Option<PlaceValues>,
    /// Another table over the same activities, in which indices and proximities are computed.
    pub world: Option<LongTable>,
    /// An index of activities from elsewhere.
    pub pci: Option<HashMap<String, f64>>,
    /// Names of places and activities by code, for documents; codes stand for themselves where empty.
    pub names: HashMap<String, frame::Text>,
    /// Where the values come from, for the record.
    pub source: String,
}

impl Panel {
    /// A panel of a table alone.
    pub fn new(table: LongTable, source: impl Into<String>) -> Self {
        Panel { table, population: None, income: None, world: None, pci: None, names: HashMap::new(), source: source.into() }
    }

    /// A panel from a workspace's tables, with the population and the income a head (GDP over population) it holds for the same years.
    ///
    /// # Errors
    /// What the workspace reports; [`Problem::Unknown`] when no table holds the measure and scheme.
    pub fn of_workspace(workspace: &Workspace, wanted: &WorkspaceTables) -> Result<Self, StrategyError> {
        let ids: Vec<String> = if wanted.tables.is_empty() {
            workspace.manifest().with_schema("activity").map(|entry| entry.id.clone()).collect()
        } else {
            wanted.tables.clone()
        };
        let tables = ids.iter().map(|id| workspace.activity(id)).collect::<Result<Vec<_>, _>>()?;
        let mut rows: Vec<(i32, &str, &str, f64)> = Vec::new();
        let mut used = Vec::new();
        for (id, table) in ids.iter().zip(&tables) {
            let before = rows.len();
            let of_tables = table.rows().filter(|row| {
                row.measure == wanted.measure && row.scheme == wanted.scheme && !crate::engine::NOT_A_PRODUCT.contains(&row.code)
            });
            rows.extend(of_tables.map(|row| (row.period, row.place, row.code, row.value)));
            if rows.len() > before {
                used.push(id.clone());
            }
        }
        if rows.is_empty() {
            let what = format!("the workspace has no table with `{}` by `{}`", wanted.measure, wanted.scheme);
            let next = "`xinzhi data list` and `xinzhi data describe TABLE` show the measures and schemes there are";
            return Err(StoreError::new(Problem::Unknown, what).next(next).into());
        }
        let periods: std::collections::BTreeMap<i32, String> = rows.iter().map(|row| (row.0, row.0.to_string())).collect();
        let cells = rows.iter().map(|(period, place, code, value)| (periods.get(period).map_or("", String::as_str), *place, *code, *value));
        let table = LongTable::from_rows(cells, &LongTableOptions::default())?;
        let mut panel = Panel::new(table, used.join(", "));
        if workspace.manifest().with_schema("indicators").next().is_some() {
            let indicators = workspace.indicators()?;
            let known = |name: &str| {
                let mut known = Vec::new();
                for period in panel.table.periods() {
                    let Ok(year) = period.parse::<i32>() else { continue };
                    for place in panel.table.places().iter() {
                        known.extend(indicators.get(place, name, year).map(|value| (period.clone(), place.to_owned(), value)));
                    }
                }
                PlaceValues::new(known)
            };
            let (population, total) = (known("population"), known("gdp"));
            let income = PlaceValues::new(total.values.iter().filter_map(|((period, place), gdp)| {
                let people = population.values.get(&(period.clone(), place.clone())).filter(|people| **people > 0.0)?;
                Some((period.clone(), place.clone(), gdp / people))
            }));
            panel.population = Some(population).filter(|p| !p.values.is_empty());
            panel.income = Some(income).filter(|p| !p.values.is_empty());
        }
        if let Ok(places) = workspace.places() {
            panel.names.extend(places.iter().map(|place| (place.code.clone(), place.name.clone())));
        }
        if let Ok(classification) = workspace.classification(&wanted.scheme) {
            for code in panel.table.activities().iter() {
                panel.names.insert(code.to_owned(), classification.name(code));
            }
        }
        Ok(panel)
    }

    /// The name of a period.
    pub fn period_name(&self, period: usize) -> &str {
        self.table.periods().get(period).map_or("", String::as_str)
    }

    /// The position of a period by name, the last one without.
    ///
    /// # Errors
    /// [`Problem::Unknown`] naming the periods there are.
    pub fn period(&self, name: Option<&str>) -> Result<usize, StrategyError> {
        match name {
            Some(name) => Ok(self.table.require_period(name)?),
            None => Ok(self.table.periods().len() - 1),
        }
    }

    /// The values of a period over all places and activities of the panel.
    ///
    /// # Errors
    /// As [`LongTable::matrix`].
    pub fn matrix(&self, period: usize) -> Result<LabelledMatrix, StrategyError> {
        Ok(self.table.matrix(period)?)
    }

    /// What is known of the places in a period.
    ///
    /// # Errors
    /// None beyond those of the labels.
    pub fn of_places(&self, known: &Option<PlaceValues>, period: usize) -> Result<Option<LabelledVector>, StrategyError> {
        let Some(known) = known else { return Ok(None) };
        let places = self.table.places();
        Ok(Some(LabelledVector::new(places.clone(), known.at(self.period_name(period), places.names()))?))
    }

    /// The other table's values of the same period (its only one where it has one), over this panel's activities, and its activities that
    /// this panel does not have are left out and counted.
    pub(crate) fn world_matrix(&self, period: usize) -> Result<Option<(LabelledMatrix, usize)>, StrategyError> {
        let Some(world) = &self.world else { return Ok(None) };
        let at = match world.periods() {
            [_] => 0,
            _ => world.require_period(self.period_name(period))?,
        };
        let whole = world.matrix(at)?;
        let activities = self.table.activities();
        let from: Vec<Option<usize>> = activities.iter().map(|code| whole.columns().position(code)).collect();
        let left_out = whole.columns().iter().filter(|code| activities.position(code).is_none()).count();
        let mut values = Vec::with_capacity(whole.rows().len() * from.len());
        for row in 0..whole.rows().len() {
            values.extend(from.iter().map(|at| at.map_or(0.0, |at| whole.at(row, at))));
        }
        Ok(Some((LabelledMatrix::new(whole.rows().clone(), activities.clone(), values)?, left_out)))
    }

    /// The code of a place asked for by its name in either language, where the panel knows names; what is not known stays as it is.
    ///
    /// ```
    /// use xinzhi_strategy::industry_verbs::Panel;
    /// let rows = [("2020", "DEU", "ships", 1.0), ("2020", "CHN", "ships", 2.0)];
    /// let mut panel = Panel::new(store::LongTable::from_rows(rows, &Default::default())?, "an example");
    /// panel.names.insert("DEU".into(), frame::Text::new("Germany", "德国"));
    /// assert_eq!((panel.place_code("德国"), panel.place_code("chn")), ("DEU".to_owned(), "CHN".to_owned()));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn place_code(&self, asked: &str) -> String {
        if self.table.places().position(asked).is_some() {
            return asked.to_owned();
        }
        let lower = asked.to_lowercase();
        let named = self.table.places().iter().find(|code| {
            let of_names = |name: &frame::Text| name.en.to_lowercase() == lower || name.zh == asked;
            self.names.get(*code).is_some_and(of_names) || code.to_lowercase() == lower
        });
        named.map_or_else(|| asked.to_owned(), str::to_owned)
    }

    /// The name of a place or activity in one language: its code where it has none.
    pub fn name(&self, code: &str, language: frame::Language) -> String {
        self.names.get(code).map_or_else(|| code.to_owned(), |name| name.get(language).to_owned())
    }
}
