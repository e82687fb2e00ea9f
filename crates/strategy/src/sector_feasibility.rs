//! How near a country is to the products behind a sector of the input-output table: the industry layer joined to the chain layer.

use crate::StrategyError;
use crate::engine::{Engine, TRADE_YEAR};
use chain::Breakthrough;
use std::collections::BTreeMap;

/// The scheme of sectors that products are linked to.
const SECTORS: &str = "WIOD35";
/// How many headings that are near are named.
const NEAREST: usize = 3;

/// The products behind one sector, as a place stands to them.
#[derive(Debug, Clone, PartialEq)]
pub struct Feasibility {
    /// Headings linked to the sector.
    pub headings: usize,
    /// The share of them that the place exports with comparative advantage, weighted with the world's trade and the link.
    pub held_share: f64,
    /// The mean density (relatedness to what the place exports) of the others; not a number where it has all.
    pub density: f64,
    /// The mean effort of entry of the others (what is missing to comparative advantage × how unrelated it is).
    pub effort: f64,
    /// Headings it does not have, the most related first.
    pub nearest: Vec<String>,
}

/// Feasibility by sector.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct SectorFeasibility {
    pub sectors: BTreeMap<String, Feasibility>,
    /// The year of the exports.
    pub year: i32,
}

impl SectorFeasibility {
    /// Of some sectors; in words why nothing can be said, where the workspace lacks a table or the place is not in it.
    pub(crate) fn of(engine: &Engine, place: &str, sectors: &[Breakthrough]) -> Result<Result<Self, String>, StrategyError> {
        let Ok(links) = engine.workspace.concordance("HS4", SECTORS) else {
            return Ok(Err(format!("the workspace links no products (HS4) to the sectors of {SECTORS}")));
        };
        let Ok(space) = engine.product_space() else {
            return Ok(Err("the workspace has no exports by product".to_owned()));
        };
        let Some(row) = space.exports.rows().position(place).filter(|row| space.presence.held(*row).next().is_some()) else {
            return Ok(Err(format!("the exports by product of {TRADE_YEAR} do not hold {place}")));
        };
        let headings = space.exports.columns();
        let world = space.exports.column_sums();
        let effort = industry::gap_effort(&space.rca, &space.density, 1.0)?;
        let mut held = vec![false; headings.len()];
        space.presence.held(row).for_each(|p| held[p] = true);
        let mut found = BTreeMap::new();
        for sector in sectors {
            let behind: Vec<(usize, f64)> = (0..headings.len())
                .filter_map(|p| {
                    let share = links.shares(headings.name(p)).into_iter().find(|(to, _)| *to == sector.sector)?.1;
                    space.density.columns().position(headings.name(p)).map(|_| (p, share))
                })
                .collect();
            if behind.is_empty() {
                continue;
            }
            let mean = |value: &dyn Fn(usize) -> Option<f64>| -> f64 {
                let known = behind.iter().filter_map(|(p, share)| value(*p).filter(|v| v.is_finite()).map(|v| (v, share * world[*p])));
                let (sum, weight) = known.fold((0.0, 0.0), |(sum, weight), (v, w)| (sum + v * w, weight + w));
                if weight > 0.0 { sum / weight } else { f64::NAN }
            };
            let density = |p: usize| space.density.get(place, headings.name(p));
            // a heading that is mostly of another sector says little of this one
            let mut near: Vec<(f64, usize)> = behind
                .iter()
                .filter(|(p, share)| !held[*p] && *share >= 0.5)
                .filter_map(|(p, _)| density(*p).filter(|d| d.is_finite()).map(|d| (d, *p)))
                .collect();
            near.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
            let feasibility = Feasibility {
                headings: behind.len(),
                held_share: mean(&|p| Some(f64::from(u8::from(held[p])))),
                density: mean(&|p| density(p).filter(|_| !held[p])),
                effort: mean(&|p| effort.get(place, headings.name(p)).filter(|_| !held[p])),
                nearest: near.into_iter().take(NEAREST).map(|(_, p)| headings.name(p).to_owned()).collect(),
            };
            found.insert(sector.sector.clone(), feasibility);
        }
        Ok(Ok(SectorFeasibility { sectors: found, year: TRADE_YEAR }))
    }
}
