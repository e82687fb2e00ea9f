use crate::{Industry, ListItem, PolicyError, Registry, Strategy, Theme};
use frame::Text;
use std::collections::BTreeSet;

/// What the rows of an overlap are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum OverlapRows {
    /// Themes: broad titles under which items of all lists were put.
    #[default]
    Themes,
    /// Industries of the registry, through the items that name them.
    Industries,
}

/// A column of an overlap: the lists of one jurisdiction, or one list.
#[derive(Debug, Clone)]
pub struct OverlapColumn<'a> {
    /// The jurisdiction's code or the strategy's id.
    pub id: String,
    /// Its name.
    pub name: Text,
    /// The lists that count.
    pub strategies: Vec<&'a Strategy>,
}

/// A row of an overlap.
#[derive(Debug, Clone)]
pub struct OverlapRow<'a> {
    /// The theme's or industry's id.
    pub id: &'a str,
    /// Its name.
    pub name: &'a Text,
    /// The items that fall under it, column by column, in table order.
    pub cells: Vec<Vec<&'a ListItem>>,
}

impl OverlapRow<'_> {
    /// In how many columns something falls under it.
    pub fn columns(&self) -> usize {
        self.cells.iter().filter(|c| !c.is_empty()).count()
    }
}

/// How alike two columns are.
#[derive(Debug, Clone, PartialEq)]
pub struct OverlapPair {
    /// The columns' positions.
    pub columns: (usize, usize),
    /// Rows that the first holds.
    pub first: usize,
    /// Rows that the second holds.
    pub second: usize,
    /// Rows that both hold.
    pub shared: usize,
    /// Jaccard index: shared over held by either; absent where neither holds any.
    pub jaccard: Option<f64>,
    /// Overlap coefficient: shared over the smaller of the two; absent where one holds none.
    pub overlap: Option<f64>,
    /// Rows that the first holds alone, by position.
    pub first_alone: Vec<usize>,
    /// Rows that the second holds alone.
    pub second_alone: Vec<usize>,
}

/// Which lists name the same.
#[derive(Debug, Clone)]
pub struct ListOverlap<'a> {
    /// The columns.
    pub columns: Vec<OverlapColumn<'a>>,
    /// The rows.
    pub rows: Vec<OverlapRow<'a>>,
    /// Every pair of columns.
    pub pairs: Vec<OverlapPair>,
    /// Items of the columns' lists that fall under no row, column by column.
    pub outside: Vec<Vec<&'a ListItem>>,
}

/// Compares lists on themes or industries: a matrix of items, the similarity of every two columns (Jaccard 1901; Szymkiewicz–Simpson
/// overlap coefficient), and what each holds alone.
///
/// Titles only: two items under one theme need not have the same scope. Under a theme fall the items that the registry puts there; for
/// lists of China and its provinces, which the registry's industries consolidate, also the items that name one of the theme's industries.
///
/// # Errors
/// [`PolicyError::Unknown`] for a column without a list.
pub fn list_overlap<'a>(registry: &'a Registry, columns: Vec<OverlapColumn<'a>>, by: OverlapRows) -> Result<ListOverlap<'a>, PolicyError> {
    if let Some(empty) = columns.iter().find(|c| c.strategies.is_empty()) {
        let with_lists: BTreeSet<&str> = registry.strategies().iter().map(|s| s.jurisdiction.as_str()).collect();
        return Err(PolicyError::Unknown {
            what: "list of",
            found: empty.id.clone(),
            nearest: with_lists.into_iter().map(str::to_owned).collect(),
        });
    }
    let chinese = |strategy: &Strategy| strategy.jurisdiction == "CHN" || strategy.jurisdiction.starts_with("CN-");
    let items_of = |column: &OverlapColumn<'a>| -> Vec<(&'a ListItem, bool)> {
        let mut found = Vec::new();
        for strategy in &column.strategies {
            found.extend(registry.items().iter().filter(|i| i.strategy == strategy.id).map(|i| (i, chinese(strategy))));
        }
        found
    };
    let items: Vec<Vec<(&'a ListItem, bool)>> = columns.iter().map(items_of).collect();
    let names = |item: &ListItem, industry: &str| registry.industries_named(&item.id).any(|(i, _)| i.id == industry);
    let under_theme = |theme: &Theme, item: &ListItem, chinese: bool| {
        theme.items.contains(&item.id) || chinese && theme.industries.iter().any(|industry| names(item, industry))
    };
    let under_industry = |industry: &Industry, item: &ListItem| names(item, &industry.id);
    let cells = |holds: &dyn Fn(&ListItem, bool) -> bool| -> Vec<Vec<&'a ListItem>> {
        items.iter().map(|of| of.iter().filter(|(item, chinese)| holds(item, *chinese)).map(|(item, _)| *item).collect()).collect()
    };
    let rows: Vec<OverlapRow<'a>> = match by {
        OverlapRows::Themes => registry
            .themes()
            .iter()
            .map(|theme| OverlapRow { id: &theme.id, name: &theme.name, cells: cells(&|item, c| under_theme(theme, item, c)) })
            .collect(),
        OverlapRows::Industries => registry
            .industries()
            .iter()
            .map(|industry| OverlapRow { id: &industry.id, name: &industry.name, cells: cells(&|item, _| under_industry(industry, item)) })
            .collect(),
    };
    let outside = items
        .iter()
        .enumerate()
        .map(|(at, of)| {
            let held: BTreeSet<&str> = rows.iter().flat_map(|r| r.cells[at].iter().map(|i| i.id.as_str())).collect();
            of.iter().map(|(item, _)| *item).filter(|item| !held.contains(item.id.as_str())).collect()
        })
        .collect();
    let holds = |column: usize| -> Vec<bool> { rows.iter().map(|r| !r.cells[column].is_empty()).collect() };
    let held: Vec<Vec<bool>> = (0..columns.len()).map(holds).collect();
    let mut pairs = Vec::new();
    for first in 0..columns.len() {
        for second in first + 1..columns.len() {
            let (a, b) = (&held[first], &held[second]);
            let alone = |one: &[bool], other: &[bool]| (0..rows.len()).filter(|r| one[*r] && !other[*r]).collect::<Vec<_>>();
            let (first_alone, second_alone) = (alone(a, b), alone(b, a));
            let (in_a, in_b) = (a.iter().filter(|h| **h).count(), b.iter().filter(|h| **h).count());
            let shared = in_a - first_alone.len();
            let ratio = |of: usize| (of > 0).then(|| shared as f64 / of as f64);
            pairs.push(OverlapPair {
                columns: (first, second),
                first: in_a,
                second: in_b,
                shared,
                jaccard: ratio(in_a + in_b - shared),
                overlap: ratio(in_a.min(in_b)),
                first_alone,
                second_alone,
            });
        }
    }
    Ok(ListOverlap { columns, rows, pairs, outside })
}
