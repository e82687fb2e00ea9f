//! The first screen: a few sentences and numbers, taken from the figures below it.

use crate::figures::Figures;
use crate::{Section, Sentence, Strand, print};
use frame::{Place, PlaceLevel, Text};

/// Sentences and headline figures of the first screen. Nothing is computed here: every number is a figure of a section.
pub(crate) fn summary(place: &Place, figures: &Figures, strands: &[Strand], sections: &[Section]) -> (Vec<Sentence>, Vec<String>) {
    let id = |short: &str| format!("{}/{short}", place.code);
    let mut sentences = Vec::new();
    for strand in strands {
        if let Some(sentence) = strand_sentence(strand) {
            sentences.push(sentence);
        }
    }
    // one sentence a layer: the first of each section says the most
    let mut layers = Vec::new();
    for (section, wanted) in [("technology", 2), ("chain", 2), ("enablers", 2)] {
        if let Some(section) = sections.iter().find(|s| s.id == section) {
            layers.extend(section.text.iter().take(wanted).cloned());
        }
    }
    if let Some(industry) = sections.iter().find(|s| s.id == "industry") {
        sentences.splice(0..0, industry.text.iter().take(2).cloned());
    }
    sentences.extend(layers);
    let lagging = sections.iter().find(|s| s.id == "enablers").and_then(|s| s.text.last());
    sentences.extend(lagging.filter(|l| !sentences.contains(*l)).cloned());
    let wanted: &[&str] = match place.level {
        PlaceLevel::Province => &[
            "enablers/gdp",
            "enablers/growth",
            "industry/specialisation",
            "technology/rd_intensity",
            "chain/import_content",
            "enablers/investment_rate",
        ],
        _ => &[
            "industry/eci",
            "industry/diversity",
            "technology/patent_share",
            "chain/domestic_value_added",
            "chain/look_through_exposure",
            "enablers/growth_productivity_recent",
            "chain/largest_market_share",
            "technology/articles",
        ],
    };
    let headline = wanted.iter().map(|short| id(short)).filter(|id| figures.value(id).is_some()).take(6).collect();
    if sentences.is_empty() {
        sentences.push(Sentence {
            text: print::fill(
                "The embedded data hold almost nothing on {0}; each section says what is missing.",
                "内置数据几乎没有{0}的内容；各部分说明了缺少什么。",
                &[&place.name],
            ),
            figures: Vec::new(),
        });
    }
    (sentences, headline)
}

fn strand_sentence(strand: &Strand) -> Option<Sentence> {
    let names: Vec<Text> = strand.items.iter().take(3).map(|item| item.name.clone()).collect();
    if names.is_empty() {
        return None;
    }
    let (en, zh) = match strand.id.as_str() {
        "transform" => (
            "Transform: {0} lead the list of activities it holds and could move up from.",
            "改造提升：在已有活动中，{0}居改造升级清单之首。",
        ),
        "foster" => ("Foster: the nearest gains in reach are {0}.", "培育壮大：近期可及的增量主要在{0}。"),
        _ => ("Build: the long bets with the greatest gain are {0}.", "布局建设：增益最大的长期布局是{0}。"),
    };
    Some(Sentence { text: print::fill(en, zh, &[&print::list(&names)]), figures: Vec::new() })
}
