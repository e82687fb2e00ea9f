//! Collects the figures of a dossier while its sections are written, so that no number is quoted without its evidence.

use crate::{Sentence, print};
use frame::{ENGINE_VERSION, Evidence, Figure, Input, Period, Rank, TableReference, Text, Unit, number};
use std::collections::{BTreeMap, BTreeSet};

/// The figures of one place, gathered section by section.
pub(crate) struct Figures {
    place: String,
    figures: BTreeMap<String, Figure>,
    tables: BTreeSet<TableReference>,
}

/// A figure being described.
pub(crate) struct NewFigure<'a> {
    /// Id below the place, e.g. `chain/foreign_content`.
    pub id: &'a str,
    /// What it is.
    pub label: Text,
    /// Its value.
    pub value: f64,
    /// Its unit.
    pub unit: Unit,
    /// Year or years.
    pub period: Period,
    /// Rank among places.
    pub rank: Option<Rank>,
    /// Tables it was computed from.
    pub tables: Vec<TableReference>,
    /// The method's page in `docs/methods`.
    pub method: &'a str,
    /// The formula.
    pub formula: &'a str,
    /// Options and conventions.
    pub options: &'a [(&'a str, String)],
    /// Values that went in.
    pub inputs: Vec<(&'a str, f64, &'a str)>,
}

impl Figures {
    pub(crate) fn new(place: &str) -> Self {
        Figures { place: place.to_owned(), figures: BTreeMap::new(), tables: BTreeSet::new() }
    }

    /// Adds a figure and returns its full id. A value that is not finite becomes a refusal, never a number.
    pub(crate) fn add(&mut self, new: NewFigure<'_>) -> String {
        let id = format!("{}/{}", self.place, new.id);
        self.tables.extend(new.tables.iter().cloned());
        let finite = new.value.is_finite();
        let figure = Figure {
            id: id.clone(),
            label: new.label,
            value: finite.then_some(new.value),
            unit: new.unit,
            period: new.period,
            rank: new.rank,
            refusal: (!finite).then(|| {
                Text::new(
                    "the method gives no finite value on these data (an empty total stands in a denominator)",
                    "该方法在这些数据上得不到有限值（分母合计为零）",
                )
            }),
            evidence: Evidence {
                tables: new.tables,
                method: new.method.to_owned(),
                formula: new.formula.to_owned(),
                options: new.options.iter().map(|(k, v)| ((*k).to_owned(), v.clone())).collect(),
                inputs: new
                    .inputs
                    .into_iter()
                    .filter(|(_, value, _)| value.is_finite())
                    .map(|(name, value, unit)| Input { name: name.to_owned(), value, unit: unit.to_owned() })
                    .collect(),
                engine: ENGINE_VERSION.to_owned(),
            },
        };
        self.figures.insert(id.clone(), figure);
        id
    }

    /// Notes that a table was used by a chart or table of the dossier.
    pub(crate) fn uses(&mut self, tables: impl IntoIterator<Item = TableReference>) {
        self.tables.extend(tables);
    }

    /// The value of a figure, printed as its unit asks.
    pub(crate) fn printed(&self, id: &str) -> Text {
        match self.figures.get(id) {
            Some(Figure { value: Some(value), unit, .. }) => print_value(*value, unit),
            _ => Text::same("–"),
        }
    }

    /// The value of a figure.
    pub(crate) fn value(&self, id: &str) -> Option<f64> {
        self.figures.get(id).and_then(|f| f.value)
    }

    /// A sentence that quotes figures: `{0}`, `{1}` … stand for their printed values, and `extra` texts follow them.
    pub(crate) fn sentence(&self, en: &str, zh: &str, ids: &[&String], extra: &[&Text]) -> Sentence {
        let printed: Vec<Text> = ids.iter().map(|id| self.printed(id)).collect();
        let parts: Vec<&Text> = printed.iter().chain(extra.iter().copied()).collect();
        Sentence { text: print::fill(en, zh, &parts), figures: ids.iter().map(|id| (*id).clone()).collect() }
    }

    /// Every figure, sorted by id, and the tables used.
    pub(crate) fn finish(self) -> (Vec<Figure>, BTreeSet<TableReference>) {
        (self.figures.into_values().collect(), self.tables)
    }
}

/// A value as its unit asks, in both languages.
pub fn print_value(value: f64, unit: &Unit) -> Text {
    print::both(|l| number::with_unit(value, unit, l))
}

/// A rank as it stands in a sentence.
pub(crate) fn print_rank(rank: Rank) -> Text {
    Text::new(format!("rank {} of {}", rank.rank, rank.of), format!("在 {} 个中排第 {}", rank.of, rank.rank))
}
