use crate::Text;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

/// What kind of place it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PlaceLevel {
    /// The whole world.
    World,
    /// A country or customs territory.
    Country,
    /// A sum of places ("rest of the world"), or a state that no longer exists.
    Aggregate,
    /// A province, state or region of a country.
    Province,
}

impl PlaceLevel {
    /// The level from its name in a table.
    pub fn parse(name: &str) -> Option<Self> {
        Some(match name {
            "world" => PlaceLevel::World,
            "country" => PlaceLevel::Country,
            "aggregate" => PlaceLevel::Aggregate,
            "province" => PlaceLevel::Province,
            _ => return None,
        })
    }
}

/// A place: a country (ISO 3166-1 alpha-3) or a province (ISO 3166-2).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// The code.
    pub code: String,
    /// What kind of place it is.
    pub level: PlaceLevel,
    /// The place it belongs to.
    pub parent: Option<String>,
    /// Its name.
    pub name: Text,
    /// Other codes and names it goes by.
    pub aliases: Vec<String>,
}

/// All places of a workspace, found by code, name or alias in either language.
///
/// ```
/// use xinzhi_frame::{Place, PlaceLevel, Places, Text};
/// let places = Places::new(vec![Place {
///     code: "KOR".into(), level: PlaceLevel::Country, parent: None,
///     name: Text::new("South Korea", "韩国"), aliases: vec!["KR".into()],
/// }]);
/// assert_eq!(places.find("韩国").map(|p| p.code.as_str()), Some("KOR"));
/// assert_eq!(places.find("south korea").map(|p| p.code.as_str()), Some("KOR"));
/// ```
#[derive(Debug, Clone, Default)]
pub struct Places {
    places: Vec<Place>,
    index: HashMap<String, usize>,
}

/// Names are compared without case, spaces and punctuation.
fn key(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

impl Places {
    /// The register of places. Codes win over names, names over aliases; among equals the first wins.
    pub fn new(places: Vec<Place>) -> Self {
        let mut index = HashMap::new();
        for (i, place) in places.iter().enumerate() {
            index.entry(key(&place.code)).or_insert(i);
        }
        for (i, place) in places.iter().enumerate() {
            index.entry(key(&place.name.en)).or_insert(i);
            index.entry(key(&place.name.zh)).or_insert(i);
        }
        for (i, place) in places.iter().enumerate() {
            for alias in &place.aliases {
                index.entry(key(alias)).or_insert(i);
            }
        }
        index.remove("");
        Places { places, index }
    }

    /// All places, in table order.
    pub fn iter(&self) -> impl Iterator<Item = &Place> {
        self.places.iter()
    }

    /// A place by code.
    pub fn get(&self, code: &str) -> Option<&Place> {
        self.index.get(&key(code)).map(|i| &self.places[*i]).filter(|p| p.code == code)
    }

    /// A place by code, name or alias in either language, whatever the case and spacing.
    pub fn find(&self, what: &str) -> Option<&Place> {
        self.index.get(&key(what)).map(|i| &self.places[*i])
    }

    /// The name of a place, or its code where the register does not hold it.
    pub fn name(&self, code: &str) -> Text {
        self.get(code).map_or_else(|| Text::same(code), |p| p.name.clone())
    }

    /// Up to `count` places whose code or names come nearest to what was asked, by `distance` (smaller is nearer, e.g. an edit distance).
    pub fn nearest(&self, what: &str, count: usize, distance: impl Fn(&str, &str) -> f64) -> Vec<&Place> {
        let wanted = key(what);
        let mut scored: Vec<(f64, usize)> = self
            .places
            .iter()
            .enumerate()
            .map(|(i, place)| {
                let best = [&place.code, &place.name.en, &place.name.zh]
                    .into_iter()
                    .chain(&place.aliases)
                    .map(|name| distance(&wanted, &key(name)))
                    .fold(f64::INFINITY, f64::min);
                (best, i)
            })
            .collect();
        scored.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        scored.into_iter().take(count).map(|(_, i)| &self.places[i]).collect()
    }
}
