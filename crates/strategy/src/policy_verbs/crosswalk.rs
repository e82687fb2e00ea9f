use super::words;
use crate::{ActivityBounds, ActivityMeasure, ActivityQuery, Answer, BoundsOf, Engine, StrategyError, industry_activity};
use frame::Language;
use policy::{Confidence, CrosswalkQuery, CrosswalkRow, Industry, IndustryBounds, Interval, Role, Strand, crosswalk_rows};
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::{Problem, RowTable, StoreError};

/// The codes of listed industries in classifications, and the industries of codes.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "clap", derive(clap::Args))]
#[serde(default, deny_unknown_fields)]
pub struct CrosswalkRequest {
    /// Only these industries: ids, or names in either language
    #[cfg_attr(feature = "clap", arg(long, value_name = "INDUSTRY", value_delimiter = ','))]
    pub industry: Vec<String>,
    /// Only industries of these strands: traditional, emerging, future
    #[cfg_attr(feature = "clap", arg(long, value_name = "STRAND", value_delimiter = ','))]
    pub strand: Vec<String>,
    /// Only codes of these schemes: HS2012, HS2017, HS2022, ISIC4, NACE2, GBT4754-2017, SEI2018, ICIO45, ICIO50, WIOD2013, WIOD2016, IPC, CPC,
    /// WIPO35
    #[cfg_attr(feature = "clap", arg(long, value_name = "SCHEME", value_delimiter = ','))]
    pub scheme: Vec<String>,
    /// Only rows that meet these codes: the same, a group above, or one below
    #[cfg_attr(feature = "clap", arg(long, value_name = "CODE", value_delimiter = ','))]
    pub code: Vec<String>,
    /// Only these roles: core, partial, broad, host, input, equipment, proxy, tech
    #[cfg_attr(feature = "clap", arg(long, value_name = "ROLE", value_delimiter = ','))]
    pub role: Vec<String>,
    /// Only rows of at least this confidence: low, medium, high [default: low]
    #[cfg_attr(feature = "clap", arg(long, value_name = "CONFIDENCE"))]
    pub min_confidence: Option<String>,
    /// Tell what the industries are worth at these places, low and high, in place of the codes: codes or names of places
    #[cfg_attr(feature = "clap", arg(long, value_name = "PLACE", value_delimiter = ','))]
    pub place: Vec<String>,
    /// With --place: exports, patents or output [default: exports]
    #[cfg_attr(feature = "clap", arg(long, value_name = "MEASURE"))]
    pub measure: Option<String>,
    /// With --place: the year [default: the newest held]
    #[cfg_attr(feature = "clap", arg(long, value_name = "YEAR"))]
    pub period: Option<i32>,
}

/// The rows of the crosswalk that were asked for.
///
/// # Errors
/// Industries, schemes, codes, roles and confidences that are not known, with the nearest.
pub fn crosswalk(engine: &Engine, request: &CrosswalkRequest, language: Language) -> Result<Answer, StrategyError> {
    let registry = engine.policy_registry()?;
    let confidence = request.min_confidence.clone().into_iter().collect::<Vec<_>>();
    let known = [Confidence::Low, Confidence::Medium, Confidence::High];
    let roles: Vec<Role> = Role::ALL.iter().copied().filter(|r| *r != Role::None).collect();
    let minimum_confidence = words("min_confidence", &confidence, &known, |c| c.word())?.first().copied().unwrap_or(Confidence::Low);
    if !request.place.is_empty() {
        return at_places(engine, request, minimum_confidence, language);
    }
    if request.measure.is_some() || request.period.is_some() {
        let what = "a measure or a year was asked for without a place";
        return Err(StoreError::new(Problem::Options, what).next("add a place, e.g. --place CHN").into());
    }
    let query = CrosswalkQuery {
        industries: request.industry.clone(),
        strands: words("strand", &request.strand, Strand::ALL, |s| s.word())?,
        schemes: request.scheme.clone(),
        codes: request.code.clone(),
        roles: words("role", &request.role, &roles, |r| r.word())?,
        minimum_confidence,
    };
    let rows = crosswalk_rows(&registry, &query)?;
    let mut notes = Vec::new();
    if rows.is_empty() {
        let without: Vec<&str> = query.industries.iter().map(String::as_str).collect();
        notes.push(format!(
            "no row: the schemes asked for have no code for {}, or none of that role and confidence",
            if without.is_empty() { "these industries".to_owned() } else { without.join(", ") }
        ));
    }
    let record = json!({ "verb": "policy crosswalk", "request": request });
    Ok(Answer { tables: vec![table(&rows, language)?], record, notes })
}

fn table(rows: &[(&Industry, &CrosswalkRow)], language: Language) -> Result<RowTable, StrategyError> {
    Ok(RowTable::new("crosswalk")
        .text("industry", rows.iter().map(|(i, _)| i.id.as_str()))?
        .text("name_en", rows.iter().map(|(i, _)| i.name.en.as_str()))?
        .text("name_zh", rows.iter().map(|(i, _)| i.name.zh.as_str()))?
        .text("strand", rows.iter().map(|(i, _)| i.strand.word()))?
        .text("scheme", rows.iter().map(|(_, r)| r.scheme.as_str()))?
        .text("code", rows.iter().map(|(_, r)| r.code.as_str()))?
        .text("role", rows.iter().map(|(_, r)| r.role.word()))?
        .text("confidence", rows.iter().map(|(_, r)| r.confidence.word()))?
        .text("label", rows.iter().map(|(_, r)| r.label.as_str()))?
        .text("basis", rows.iter().map(|(_, r)| r.basis.get(language)))?
        .text("sources", rows.iter().map(|(_, r)| r.sources.join("; ")))?)
}

/// What the industries are worth at places: bounds, never values.
fn at_places(
    engine: &Engine,
    request: &CrosswalkRequest,
    minimum_confidence: Confidence,
    language: Language,
) -> Result<Answer, StrategyError> {
    for (given, option) in [(&request.scheme, "scheme"), (&request.code, "code"), (&request.role, "role")] {
        if !given.is_empty() {
            let what = format!("{option} says which codes to list, and with a place none are listed");
            return Err(StoreError::new(Problem::Options, what).next(format!("leave {option} or place out")).into());
        }
    }
    let measures = request.measure.clone().into_iter().collect::<Vec<_>>();
    let measure = words("measure", &measures, &ActivityMeasure::ALL, |m| m.word())?.first().copied().unwrap_or(ActivityMeasure::Exports);
    let strands = words("strand", &request.strand, Strand::ALL, |s| s.word())?;
    let mut found = Vec::new();
    for place in &request.place {
        let query = |strand| ActivityQuery {
            period: request.period,
            industries: request.industry.clone(),
            strand,
            minimum_confidence,
            ..ActivityQuery::new(place.clone(), measure)
        };
        if strands.is_empty() {
            found.extend(industry_activity(engine, &query(None))?);
        }
        for strand in &strands {
            found.extend(industry_activity(engine, &query(Some(*strand)))?);
        }
    }
    let mut notes = vec![
        "low counts the codes that are wholly the industry, high also those of which an unknown part is: the industry lies between, if the codes were read rightly"
            .to_owned(),
    ];
    if found.iter().any(|row| row.of == BoundsOf::TechnologyFields) {
        notes.push("patents are those of the technology fields in which the industry's lie: an upper bound, the lower is 0".to_owned());
    }
    let without = found.iter().filter(|row| row.bounds.is_err()).count();
    if without > 0 {
        notes.push(format!("{without} of {} rows have no bounds: no code stands for the industry (column why)", found.len()));
    }
    let record = json!({ "verb": "policy crosswalk", "request": request });
    Ok(Answer { tables: vec![bounds_table(&found, language)?], record, notes })
}

fn bounds_table(rows: &[ActivityBounds], language: Language) -> Result<RowTable, StrategyError> {
    let bounds = |row: &ActivityBounds, of: fn(&IndustryBounds) -> Option<f64>| row.bounds.as_ref().ok().and_then(of).unwrap_or(f64::NAN);
    let codes = |row: &ActivityBounds, of: fn(&IndustryBounds) -> &Vec<String>| {
        row.bounds.as_ref().map_or_else(|_| String::new(), |b| of(b).join("; "))
    };
    let low = |interval: Option<Interval>| interval.map(|i| i.low);
    let high = |interval: Option<Interval>| interval.map(|i| i.high);
    let growth = |row: &ActivityBounds, of: fn(&crate::GrowthBounds) -> Option<f64>| row.growth.as_ref().and_then(of).unwrap_or(f64::NAN);
    Ok(RowTable::new("bounds")
        .text("place", rows.iter().map(|r| r.place.as_str()))?
        .text("industry", rows.iter().map(|r| r.subject.id()))?
        .text("name_en", rows.iter().map(|r| r.name.en.as_str()))?
        .text("name_zh", rows.iter().map(|r| r.name.zh.as_str()))?
        .text("strand", rows.iter().map(|r| r.strand.map_or("", Strand::word)))?
        .text("measure", rows.iter().map(|r| r.measure.word()))?
        .text(
            "bounds_of",
            rows.iter().map(|r| match r.of {
                BoundsOf::Industry => "industry",
                BoundsOf::TechnologyFields => "technology fields",
            }),
        )?
        .integer("period", rows.iter().map(|r| Some(i64::from(r.period))))?
        .text("unit", rows.iter().map(|r| r.unit.as_str()))?
        .number("low", rows.iter().map(|r| bounds(r, |b| Some(b.value.low))))?
        .number("high", rows.iter().map(|r| bounds(r, |b| Some(b.value.high))))?
        .number("share_low", rows.iter().map(|r| r.bounds.as_ref().ok().and_then(|b| low(b.share_of_place)).unwrap_or(f64::NAN)))?
        .number("share_high", rows.iter().map(|r| r.bounds.as_ref().ok().and_then(|b| high(b.share_of_place)).unwrap_or(f64::NAN)))?
        .number("world_share_low", rows.iter().map(|r| r.bounds.as_ref().ok().and_then(|b| low(b.world_share)).unwrap_or(f64::NAN)))?
        .number("world_share_high", rows.iter().map(|r| r.bounds.as_ref().ok().and_then(|b| high(b.world_share)).unwrap_or(f64::NAN)))?
        .number("specialisation_low", rows.iter().map(|r| r.bounds.as_ref().ok().and_then(|b| low(b.specialisation)).unwrap_or(f64::NAN)))?
        .number(
            "specialisation_high",
            rows.iter().map(|r| r.bounds.as_ref().ok().and_then(|b| high(b.specialisation)).unwrap_or(f64::NAN)),
        )?
        .number("specialisation_whole_codes", rows.iter().map(|r| bounds(r, |b| b.specialisation_whole_codes)))?
        .number("specialisation_all_codes", rows.iter().map(|r| bounds(r, |b| b.specialisation_all_codes)))?
        .integer("growth_from", rows.iter().map(|r| r.growth.as_ref().map(|g| i64::from(g.from))))?
        .number("growth_low_sum", rows.iter().map(|r| growth(r, |g| g.low_sum)))?
        .number("growth_high_sum", rows.iter().map(|r| growth(r, |g| g.high_sum)))?
        .number("growth_least", rows.iter().map(|r| growth(r, |g| g.least)))?
        .number("growth_most", rows.iter().map(|r| growth(r, |g| g.most)))?
        .text("whole_codes", rows.iter().map(|r| codes(r, |b| &b.whole)))?
        .text("part_codes", rows.iter().map(|r| codes(r, |b| &b.part)))?
        .text("not_in_table", rows.iter().map(|r| codes(r, |b| &b.not_in_table)))?
        .text("why", rows.iter().map(|r| r.bounds.as_ref().err().map_or_else(String::new, |error| error.text().get(language).to_owned())))?
        .text("tables", rows.iter().map(|r| r.tables.iter().map(|t| t.table.as_str()).collect::<Vec<_>>().join("; ")))?)
}
