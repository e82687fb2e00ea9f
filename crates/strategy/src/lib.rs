//! Joins the layers into a [`Dossier`]: what to transform, foster and build in one place, with the chain risks, the technology, the
//! enablers, and the evidence of every figure.
//!
//! ```
//! let engine = xinzhi_strategy::Engine::new(store::Workspace::embedded()?);
//! let dossier = engine.dossier("CHN")?;
//! assert_eq!(dossier.place.name.zh, "中国");
//! assert!(dossier.figures.iter().all(|f| !f.evidence.tables.is_empty()));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod answer;
pub mod chain_verbs;
mod country_chain;
mod country_enablers;
mod country_industry;
mod country_peers;
mod country_resilience;
mod country_technology;
mod dossier;
mod enablers;
mod engine;
mod error;
mod explain;
mod figures;
pub mod industry_verbs;
mod listed_industries;
pub mod policy_verbs;
mod print;
mod product_shares;
mod product_space_picture;
mod province_chain;
mod province_enablers;
mod province_industry;
mod province_method_error;
mod province_suppliers;
mod province_technology;
mod relatedness_picture;
mod resilience_section;
mod scenario_file;
mod sector_feasibility;
mod shock_picture;
mod summary;
mod value_added_accounts;
mod world_industry;

pub use answer::Answer;
pub use country_resilience::{CountryBreakthroughs, CountryPlan};
pub use dossier::*;
pub use engine::Engine;
pub use error::StrategyError;
pub use explain::Explanation;
pub use figures::print_value;
pub use relatedness_picture::{PictureNode, PictureOptions, relatedness_picture};
pub use scenario_file::{ModelSettings, ResolvedScenario, Route, ScenarioFile, ShockEntry, Touched};
pub use sector_feasibility::Feasibility;

use figures::Figures;
use frame::{ENGINE_VERSION, Place, PlaceLevel, TableReference, Text};
use std::collections::{BTreeMap, BTreeSet};

impl Engine {
    /// The dossier of a country or province, found by code or name in English or Chinese.
    ///
    /// # Errors
    /// [`StrategyError::UnknownPlace`] with the nearest places, [`StrategyError::NotAPlace`] for aggregates, and what the workspace or a
    /// method reports. A layer that has no data on the place is not an error: its section says why in a sentence.
    pub fn dossier(&self, asked: &str) -> Result<Dossier, StrategyError> {
        let place = self.find_place(asked)?;
        let mut figures = Figures::new(&place.code);
        let (strands, sections) = match place.level {
            PlaceLevel::Province => {
                let (strands, industry) = province_industry::section(self, &place, &mut figures)?;
                let technology = province_technology::section(self, &place, &mut figures)?;
                let chain = province_chain::section(self, &place, &mut figures)?;
                let enablers = province_enablers::section(self, &place, &mut figures)?;
                let policy = listed_industries::province_section(self, &place, &mut figures)?;
                (strands, vec![technology, industry, policy, chain, enablers])
            }
            _ => {
                // the two layers that take most of the time have nothing in common
                let (world, history) = rayon::join(|| self.world_industry().map(drop), || self.chain_over_time(&place.code));
                let (history, ()) = (history?, world?);
                let (strands, industry) = country_industry::section(self, &place, &mut figures)?;
                let technology = country_technology::section(self, &place, &mut figures)?;
                let chain = country_chain::section(self, &place, &history, &mut figures)?;
                let enablers = country_enablers::section(self, &place, &mut figures)?;
                let policy = listed_industries::country_section(self, &place, &mut figures)?;
                (strands, vec![technology, industry, policy, chain, enablers])
            }
        };
        let (summary, headline) = summary::summary(&place, &figures, &strands, &sections);
        let (figures, tables) = figures.finish();
        Ok(Dossier {
            schema_version: SCHEMA_VERSION,
            engine: ENGINE_VERSION.to_owned(),
            workspace: self.workspace().manifest().name.clone(),
            place: PlaceHeader {
                code: place.code.clone(),
                name: place.name.clone(),
                level: match place.level {
                    PlaceLevel::Province => "province",
                    _ => "country",
                }
                .to_owned(),
                parent: match (&place.parent, place.level) {
                    (Some(parent), PlaceLevel::Province) => Some(self.places()?.name(parent)),
                    _ => None,
                },
            },
            summary,
            headline,
            strands,
            sections,
            figures,
            sources: self.sources(&tables),
            limits: limits(place.level),
        })
    }

    /// All places a dossier can be made of: countries and provinces, in table order.
    ///
    /// # Errors
    /// What the workspace reports.
    pub fn dossier_places(&self) -> Result<Vec<Place>, StrategyError> {
        Ok(self.places()?.iter().filter(|p| matches!(p.level, PlaceLevel::Country | PlaceLevel::Province)).cloned().collect())
    }

    fn find_place(&self, asked: &str) -> Result<Place, StrategyError> {
        let places = self.places()?;
        let Some(place) = places.find(asked) else {
            let nearest = places.nearest(asked, 5, |a, b| if a.is_empty() { 1.0 } else { 1.0 - strsim::jaro_winkler(a, b) });
            return Err(StrategyError::UnknownPlace {
                asked: asked.to_owned(),
                nearest: nearest.into_iter().map(|p| (p.code.clone(), p.name.en.clone(), p.name.zh.clone())).collect(),
            });
        };
        let what = match place.level {
            PlaceLevel::Country | PlaceLevel::Province => return Ok(place.clone()),
            PlaceLevel::World => "the world",
            PlaceLevel::Aggregate => "a sum of places or a state that no longer exists",
        };
        Err(StrategyError::NotAPlace { code: place.code.clone(), name: place.name.en.clone(), what })
    }

    fn sources(&self, tables: &BTreeSet<TableReference>) -> Vec<Source> {
        let mut used: BTreeMap<&str, Vec<String>> = BTreeMap::new();
        for table in tables {
            for source in &table.sources {
                used.entry(source).or_default().push(table.table.clone());
            }
        }
        let manifest = self.workspace().manifest();
        used.into_iter()
            .filter_map(|(id, tables)| {
                manifest.source(id).map(|s| Source {
                    id: s.id.clone(),
                    producer: s.producer.clone(),
                    title: s.title.clone(),
                    vintage: s.vintage.clone(),
                    licence: s.licence.clone(),
                    licence_status: s.licence_status.clone(),
                    citation: s.citation.clone(),
                    url: s.url.clone(),
                    tables,
                })
            })
            .collect()
    }
}

fn limits(level: PlaceLevel) -> Vec<Text> {
    let mut limits = vec![Text::new(
        "The layers are of different years (each says which): read them side by side, do not subtract one from another.",
        "各层数据年份不同（均已标注）：可并列阅读，不可相互加减。",
    )];
    match level {
        PlaceLevel::Province => limits.extend([
            Text::new(
                "Import dependence of a province is an estimate: it gives the province's industries the nation's technology and import shares.",
                "省份的进口依赖为估计值：假定该省各行业采用全国的技术与进口份额。",
            ),
            Text::new("Customs trade of provinces is by the place of the operating firm.", "分省海关贸易按经营单位所在地统计。"),
        ]),
        _ => limits.extend([
            Text::new(
                "Product trade of 2017 is mirrored from importers, so levels stand 15–30% above official exports; shares and specialisation are what to read. Romania, South Sudan and Taiwan (China) are not in that table.",
                "2017 年产品贸易采用进口方镜像数据，数值比官方出口额高 15%—30%，应以份额与专业化程度为准；该表不含罗马尼亚、南苏丹和中国台湾。",
            ),
            Text::new(
                "The world input-output table ends in 2011: exposures have moved since.",
                "世界投入产出表截至 2011 年：此后依赖关系已有变化。",
            ),
        ]),
    }
    limits.push(Text::new("Ranks count from the highest value, whether high is good or not.", "位次均由高到低排列，与高低优劣无关。"));
    limits.push(Text::new(
        "Lists of traditional, emerging and future industries are China's official lists, applied to every place so that places compare; a trade or industry code is rarely the industry itself, hence bounds.",
        "传统、新兴与未来产业采用中国官方清单，并统一用于各地以便比较；贸易或行业代码很少恰好等于某一产业，故以上下限表示。",
    ));
    limits
}
