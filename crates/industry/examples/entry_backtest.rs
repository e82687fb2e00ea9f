//! A back-test over a long table: `entry_backtest FILE.csv [one|K] [candidate RCA]` with the columns time, place, activity, value.
//! Prints the scores, the notes and the calibration of the chosen model.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use frame::LabelledMatrix;
use std::collections::BTreeMap;
use xinzhi_industry::*;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().collect();
    let mut tables: BTreeMap<String, Vec<(String, String, f64)>> = BTreeMap::new();
    for record in csv::Reader::from_path(&arguments[1])?.deserialize::<(String, String, String, f64)>() {
        let (time, place, activity, value) = record?;
        tables.entry(time).or_default().push((place, activity, value));
    }
    let tables: Vec<(String, LabelledMatrix)> = tables
        .into_iter()
        .map(|(time, rows)| {
            let triplets = rows.iter().map(|(place, activity, value)| (place.as_str(), activity.as_str(), *value));
            Ok((time, LabelledMatrix::from_triplets("places", "activities", triplets)?))
        })
        .collect::<Result<_, frame::FrameError>>()?;
    let periods: Vec<PeriodTable<'_>> = tables.iter().map(|(period, values)| PeriodTable { period, values }).collect();
    let folds = match arguments.get(2).map(String::as_str) {
        None | Some("one") => Folds::LeaveOnePlaceOut,
        Some(k) => Folds::Places(k.parse()?),
    };
    let candidate_rca = arguments.get(3).map_or(Ok(1.0), |t| t.parse())?;
    let entry = EntryOptions { candidate_rca, ..Default::default() };
    let begun = std::time::Instant::now();
    let found = backtest(&periods, &BacktestOptions { entry, folds, ..Default::default() })?;
    eprintln!("{:.2} s", begun.elapsed().as_secs_f64());
    for t in &found.transitions {
        println!(
            "{} to {}: {} places, {} activities, {} candidates, {} entries ({:.4})",
            t.from, t.to, t.places, t.activities, t.candidates, t.entries, t.base_rate
        );
        t.exclusions.iter().for_each(|e| println!("  left out: {} {}, {}", e.count, e.what, e.reason.name().en));
    }
    let print = |models: &[ModelScores]| {
        println!("model          AUC    (se)     AP     P@10  best  all    Brier   raw     log loss ECE    calibrated");
        for m in models {
            let p = m.precision_at_top;
            println!(
                "{:13} {:.4} ({:.4}) {:.4} {:.4} {:.3} {:.2} {:.5} {:.5} {:.5} {:.4} {}",
                m.model.code(),
                m.auc,
                m.auc_standard_error,
                m.average_precision,
                p.mean,
                p.best_possible,
                p.overall,
                m.brier,
                m.brier_uncalibrated,
                m.log_loss,
                m.expected_calibration_error,
                m.calibrated
            );
        }
        models.iter().for_each(|m| println!("{}\n{}", m.verdict.en, m.verdict.zh));
    };
    print(&found.models);
    if let Some(test) = &found.over_time {
        println!("over time: {}", test.models[0].scheme.en);
        print(&test.models);
    }
    println!("{}\n{}\n{}", found.verdict.en, found.verdict.zh, found.selection_rule.en);
    found.notes.iter().for_each(|note| println!("note: {}\n      {}", note.en, note.zh));
    println!("logistic: intercept {:.4}", found.logistic.intercept);
    for (name, b) in found.logistic.names().iter().zip(&found.logistic.coefficients) {
        println!("  {name} {b:.4}");
    }
    println!("record of {} ({}):", found.model.kind.code(), found.model.horizon.en);
    for b in &found.model.record {
        println!(
            "  {:.4}-{:.4} n {} predicted {:.4} observed {:.4} ({:.4}-{:.4})",
            b.from, b.to, b.n, b.mean_predicted, b.observed, b.low, b.high
        );
    }
    let begun = std::time::Instant::now();
    let probable = entry_probabilities(&found.model, &periods)?;
    eprintln!("{:.2} s", begun.elapsed().as_secs_f64());
    if let (Some(place), Some(most)) = (arguments.get(4), arguments.get(5)) {
        let row = probable.rows().require(place)?;
        let mut best: Vec<usize> = (0..probable.columns().len()).filter(|p| probable.at(row, *p).is_finite()).collect();
        best.sort_by(|a, b| probable.at(row, *b).total_cmp(&probable.at(row, *a)));
        let compared = Comparators::new(&periods, &entry)?;
        for p in best.into_iter().take(most.parse()?) {
            let (code, probability) = (probable.columns().name(p), probable.at(row, p));
            let hit = found.model.hit_rate(probability);
            println!("{place} {code} {probability:.4} {hit:?}");
            compared.find(place, code, 3, ComparedStructure::SamePeriod)?.iter().for_each(|c| println!("  {c:?}"));
        }
    }
    Ok(())
}
