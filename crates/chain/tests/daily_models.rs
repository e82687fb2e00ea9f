//! Day-by-day models: BoARIO's runs, worked numbers, identities, and options that make no sense.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod made_up_tables;

use made_up_tables::*;
use serde_json::Value;
use xinzhi_chain::*;

/// BoARIO's event on BBB.D02: 60 % of capital on day 5 for ten days, then a linear recovery over 60. It applies the recovery of a day on
/// the next, so that it starts on day 16 in terms of a course.
fn event(system: &InputOutputSystem, days: usize) -> Scenario {
    let course = Course { start: 5, end: 16, recovery: Recovery::Linear { days: 60.0 } };
    let disturbance = Disturbance::Capacity { industries: vec![system.position("BBB", "D02").unwrap()], losses: vec![0.6] };
    Scenario::new(system, "event", days, vec![Shock { name: "capital".into(), disturbance, course }]).unwrap()
}

fn boario_options(inventories: f64, restoration: f64, ordering: Ordering) -> ArioOptions {
    ArioOptions {
        ordering,
        convention: ArioConvention::BoarioAsCoded { capital_to_value_added: 4.0, decimals: 1 },
        inventories: inventories.into(),
        restoration: restoration.into(),
        keep_going: true,
        record: vec![20],
        ..Default::default()
    }
}

#[test]
fn boario_traces() {
    let golden: Value = serde_json::from_str(include_str!("data/boario.json")).unwrap();
    let system = mini();
    let scenario = event(&system, 200);
    for (name, days, restoration, ordering) in [
        ("alt_inv90", 90.0, 60.0, Ordering::Alternative),
        ("alt_inv6", 6.0, 10.0, Ordering::Alternative),
        ("noalt_inv90", 90.0, 60.0, Ordering::Proportional),
        ("noalt_inv6", 6.0, 10.0, Ordering::Proportional),
    ] {
        let golden = &golden[name];
        let run = adaptive_regional_input_output(&system, &scenario, &boario_options(days, restoration, ordering)).unwrap();
        println!("{name} {:?} {:?} trough {} recovery {:?}", run.stability, run.first_shortage, run.trough, run.recovery);
        for (day, total) in golden["total_production"].as_object().unwrap() {
            let (found, expected) = (run.world_output[day.parse::<usize>().unwrap()], total.as_f64().unwrap());
            println!("   {day:>4} {found:.12} {expected:.12} {:.1e}", found / expected - 1.0);
        }
        let production: Vec<f64> = golden["production_day20"].as_array().unwrap().iter().map(|v| v.as_f64().unwrap()).collect();
        for (found, expected) in run.recorded[0].1.iter().zip(&production) {
            println!("        {:.1e}", found / expected - 1.0);
        }
        println!("   {:.12} {}", run.cumulative_output_change(), golden["cumulative_output_change"]);
        println!("   {:.12} {}", run.unmet_final_demand.values().iter().sum::<f64>(), golden["final_demand_unmet_total"]);
        println!("   {:?}", run.invariants);
        let mut published = boario_options(days, restoration, ordering);
        published.convention = ArioConvention::AsPublished;
        let run = adaptive_regional_input_output(&system, &scenario, &published).unwrap();
        println!("   published {:.12} {:?} {:?}", run.cumulative_output_change(), run.stability, run.invariants);
    }
}
