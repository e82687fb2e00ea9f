//! Ranks a place on the indicators of its enablers and names the one that lags, where one does.

use crate::engine::Engine;
use crate::figures::{Figures, NewFigure, print_rank};
use crate::{Cell, Column, Format, Section, Sentence, StrategyError, Table, print};
use frame::{Period, Place, Rank, Text, Unit};
use measure::{BindingOptions, Dimension, Direction};

/// An enabler's indicator: how it is made from the tables, which way is better, and its value for every place.
pub(crate) struct Enabler {
    pub id: &'static str,
    pub dimension: &'static str,
    pub label: Text,
    pub unit: Unit,
    pub direction: Direction,
    pub period: Period,
    pub tables: &'static [&'static str],
    pub formula: &'static str,
    pub values: Vec<(String, f64)>,
}

/// Adds a figure and a table row for every indicator that covers the place, and a sentence on the dimension that lags.
pub(crate) fn rank_table(
    engine: &Engine,
    place: &Place,
    figures: &mut Figures,
    section: &mut Section,
    all: Vec<Enabler>,
) -> Result<(), StrategyError> {
    let mut rows = Vec::new();
    let mut standings = Vec::new();
    for enabler in all {
        let Some(result) = measure::rank(&enabler.values, &place.code, enabler.direction) else { continue };
        let tables = enabler.tables.iter().map(|id| engine.workspace.reference(id)).collect::<Result<Vec<_>, _>>()?;
        let id = figures.add(NewFigure {
            id: &format!("enablers/{}", enabler.id),
            label: enabler.label.clone(),
            value: result.value,
            unit: enabler.unit.clone(),
            period: enabler.period,
            rank: Some(Rank { rank: result.rank, of: result.of }),
            tables,
            method: "indicator-ranks",
            formula: enabler.formula,
            options: &[("ties", "competition ranking: equal values share the better rank".into())],
            inputs: vec![("value", result.value, ""), ("median", result.median, "")],
        });
        standings.push((enabler.dimension, enabler.id, result.percentile));
        rows.push(vec![
            Cell::Text(enabler.label),
            Cell::Text(print::years(enabler.period)),
            Cell::Text(figures.printed(&id)),
            Cell::Text(print_rank(Rank { rank: result.rank, of: result.of })),
            Cell::Number(result.percentile),
        ]);
    }
    if rows.is_empty() {
        section.missing.push(print::fill(
            "No indicator of talent, environment or technology in the embedded data covers {0}.",
            "内置数据中没有覆盖{0}的人才、环境或技术指标。",
            &[&place.name],
        ));
        return Ok(());
    }
    section.tables.push(Table {
        id: "enabler-ranks".into(),
        title: Text::new("How it ranks", "所处位次"),
        columns: vec![
            Column { label: Text::new("Indicator", "指标"), format: None },
            Column { label: Text::new("Years", "年份"), format: None },
            Column { label: Text::new("Value", "数值"), format: None },
            Column { label: Text::new("Rank", "位次"), format: None },
            Column { label: Text::new("Share of places it is ahead of", "领先的国家和地区占比"), format: Some(Format::Percent) },
        ],
        rows,
        note: Text::new(
            "Among the places that have the figure; equal values share the better rank.",
            "在有该数据的国家和地区中排序；数值相同者并列较前位次。",
        ),
    });
    section.text.push(lagging(&standings));
    Ok(())
}

/// The enabler that lags, or why none can be named.
fn lagging(standings: &[(&str, &str, f64)]) -> Sentence {
    let mut dimensions: Vec<Dimension> = Vec::new();
    for (dimension, indicator, percentile) in standings {
        let entry = ((*indicator).to_owned(), *percentile);
        match dimensions.iter_mut().find(|d| d.id == *dimension) {
            Some(found) => found.indicators.push(entry),
            None => dimensions.push(Dimension { id: (*dimension).to_owned(), indicators: vec![entry] }),
        }
    }
    let binding = measure::lagging_dimension(&dimensions, &BindingOptions::default());
    let mean = |id: &str| binding.dimensions.iter().find(|d| d.id == id).and_then(|d| d.mean).unwrap_or(f64::NAN);
    let text = match (&binding.lagging, &binding.refusal) {
        (Some(lagging), _) => {
            let others: Vec<Text> = binding
                .dimensions
                .iter()
                .filter(|d| d.compared && d.id != *lagging)
                .map(|d| print::fill("{0} {1}", "{0}{1}", &[&dimension_name(&d.id), &print::share(d.mean.unwrap_or(f64::NAN))]))
                .collect();
            print::fill(
                "The enabler that lags is {0}: its indicators put it ahead of {1} of places on average, against {2}.",
                "最薄弱的支撑要素是{0}：其各项指标平均领先{1}的对象，而{2}。",
                &[&dimension_name(lagging), &print::share(mean(lagging)), &print::list(&others)],
            )
        }
        (None, Some(refusal)) => {
            // the refusal speaks of dimensions by their ids
            let named = dimensions.iter().fold(without_stop(refusal), |text, dimension| {
                let name = dimension_name(&dimension.id);
                Text::new(text.en.replace(&dimension.id, &name.en), text.zh.replace(&dimension.id, &name.zh))
            });
            print::fill("Which enabler lags: {0}.", "哪项支撑要素落后：{0}。", &[&named])
        }
        (None, None) => Text::new("No single enabler clearly lags.", "没有哪一项支撑要素明显落后。"),
    };
    Sentence { text, figures: Vec::new() }
}

fn without_stop(text: &Text) -> Text {
    Text::new(text.en.trim_end_matches('.'), text.zh.trim_end_matches('。'))
}

/// The name of a dimension of the enablers.
pub(crate) fn dimension_name(dimension: &str) -> Text {
    match dimension {
        "talent" => Text::new("talent", "人才"),
        "environment" => Text::new("environment", "环境"),
        "technology" => Text::new("technology", "技术"),
        "reform" => Text::new("reform", "改革"),
        "growth" => Text::new("productivity", "生产率"),
        other => Text::same(other),
    }
}
