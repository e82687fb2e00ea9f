use super::refuse;
use super::region_groups::known_members;
use crate::answer::as_json;
use crate::{Answer, StrategyError};
use chain::{DependenceList, DependenceRule, ImportingRegion, TradeAccumulator, TradeRecord};
use frame::Language;
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::{Problem, RowTable, StoreError, Workspace};

/// On which products a country, or a group of countries, depends on few suppliers from outside.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "clap", derive(clap::Args))]
#[serde(default, deny_unknown_fields)]
pub struct DependenceRequest {
    /// Who imports: a country; NAME=COUNTRY+COUNTRY as one; or EU27, ASEAN, NAFTA, BRICS, G7
    #[cfg_attr(feature = "clap", arg(long = "region", value_name = "REGION", value_delimiter = ',', required = true))]
    pub regions: Vec<String>,
    /// The rule: eu (default; shares of imports from outside, one year) or geodep (with the concentration of world exports, two of three years)
    #[cfg_attr(feature = "clap", arg(long, value_name = "RULE"))]
    pub rule: Option<String>,
    /// Another threshold for the concentration of imports
    #[cfg_attr(feature = "clap", arg(long, value_name = "INDEX"))]
    pub import_concentration: Option<f64>,
    /// Another threshold for the share of imports from outside
    #[cfg_attr(feature = "clap", arg(long, value_name = "SHARE"))]
    pub foreign_share: Option<f64>,
    /// Another threshold for imports over exports
    #[cfg_attr(feature = "clap", arg(long, value_name = "RATIO"))]
    pub imports_over_exports: Option<f64>,
    /// Another threshold for the concentration of the world's exports
    #[cfg_attr(feature = "clap", arg(long, value_name = "INDEX"))]
    pub world_export_concentration: Option<f64>,
    /// Only these years
    #[cfg_attr(feature = "clap", arg(long, value_name = "YEAR", value_delimiter = ','))]
    pub periods: Vec<i32>,
    /// List every product, not only those that a region depends on
    #[cfg_attr(feature = "clap", arg(long))]
    pub all: bool,
    /// Over how many years stability is measured [default: 1]
    #[cfg_attr(feature = "clap", arg(long, value_name = "YEARS"))]
    pub lag: Option<u32>,
}

/// Records of trade for [`dependence`], with what a record of the run says of their origin.
pub struct TradeRecords {
    /// Feeds every record to the function.
    #[allow(clippy::type_complexity, reason = "a stream of borrowed records")]
    pub feed: Box<dyn FnOnce(&mut dyn FnMut(TradeRecord<'_>) -> Result<(), StrategyError>) -> Result<(), StrategyError>>,
    /// Where they come from.
    pub source: serde_json::Value,
}

impl TradeRecords {
    /// The trade tables of a workspace: the one named, or all.
    ///
    /// # Errors
    /// [`Problem::Unknown`] for a workspace without such a table, and what is wrong with it.
    pub fn of_workspace(workspace: &Workspace, table: Option<&str>) -> Result<Self, StrategyError> {
        let ids: Vec<String> = match table {
            Some(id) => vec![id.to_owned()],
            None => workspace.manifest().with_schema("trade").map(|entry| entry.id.clone()).collect(),
        };
        if ids.is_empty() {
            let next = "`xinzhi data import long FILE --schema trade ... --into DIR`, then --data DIR";
            return Err(StoreError::new(Problem::Unknown, "the workspace has no table of trade").next(next).into());
        }
        let tables = ids.iter().map(|id| workspace.trade(id)).collect::<Result<Vec<_>, _>>()?;
        let feed = move |take: &mut dyn FnMut(TradeRecord<'_>) -> Result<(), StrategyError>| {
            for table in &tables {
                for row in table.rows() {
                    take(TradeRecord {
                        period: row.period,
                        exporter: row.exporter,
                        importer: row.importer,
                        product: row.code,
                        value: row.value,
                    })?;
                }
            }
            Ok(())
        };
        Ok(TradeRecords { feed: Box::new(feed), source: json!({"tables": ids}) })
    }
}

/// Strategic dependence product by product: the criteria of a rule, who supplies, who else could; and how stable the list is.
///
/// # Errors
/// Regions and rules that are not known, values of trade that cannot be counted, and regions that import nothing.
pub fn dependence(trade: TradeRecords, request: &DependenceRequest, _: Language) -> Result<Answer, StrategyError> {
    let mut rule = match request.rule.as_deref() {
        None | Some("eu") => DependenceRule::european_commission(),
        Some("geodep") => DependenceRule::geodep(),
        Some(other) => return refuse("rule", other, "eu or geodep"),
    };
    for (given, threshold) in [
        (request.import_concentration, &mut rule.import_concentration),
        (request.foreign_share, &mut rule.foreign_share),
        (request.imports_over_exports, &mut rule.imports_over_exports),
        (request.world_export_concentration, &mut rule.world_export_concentration),
    ] {
        if given.is_some() {
            *threshold = given;
        }
    }
    if request.regions.is_empty() {
        return refuse("region", "", "a country, a group NAME=COUNTRY+COUNTRY, or EU27, ASEAN, NAFTA, BRICS, G7");
    }
    let regions = request.regions.iter().map(|text| match text.split_once('=') {
        Some((name, members)) => ImportingRegion::group(name.trim(), members.split('+').map(str::trim)),
        None => known_members(text)
            .map_or_else(|| ImportingRegion::country(text.as_str()), |(name, members)| ImportingRegion::group(name, members.split(' '))),
    });
    let mut collected = TradeAccumulator::new(regions)?;
    (trade.feed)(&mut |record| {
        if request.periods.is_empty() || request.periods.contains(&record.period) {
            collected.add(record)?;
        }
        Ok(())
    })?;
    let found = collected.assess(&rule)?;
    let list = if rule.window > 1 { DependenceList::Lasting } else { DependenceList::Yearly };
    let listed: Vec<_> = found.products.iter().filter(|product| request.all || product.is_on(list)).collect();
    let flag = |met: Option<bool>| met.map_or("", |met| if met { "yes" } else { "no" });
    let products = RowTable::new("dependence")
        .text("region", listed.iter().map(|row| row.region.as_str()))?
        .integer("time", listed.iter().map(|row| Some(i64::from(row.period))))?
        .text("product", listed.iter().map(|row| row.product.as_str()))?
        .number("imports", listed.iter().map(|row| row.imports))?
        .number("exports", listed.iter().map(|row| row.exports))?
        .number("import_concentration", listed.iter().map(|row| row.import_concentration))?
        .number("foreign_share", listed.iter().map(|row| row.foreign_share))?
        .number("imports_over_exports", listed.iter().map(|row| row.imports_over_exports))?
        .number("world_export_concentration", listed.iter().map(|row| row.world_export_concentration))?
        .count("origins", listed.iter().map(|row| row.origins))?
        .text("largest_origin", listed.iter().map(|row| row.largest_origin.as_str()))?
        .number("largest_origin_share", listed.iter().map(|row| row.largest_origin_share))?
        .number("alternative_exports_over_imports", listed.iter().map(|row| row.alternative_exports_over_imports))?
        .flag("dependent", listed.iter().map(|row| row.dependent))?
        .text("lasting", listed.iter().map(|row| flag(row.lasting)))?;
    let changes = found.stability(request.lag.unwrap_or(1), list);
    let stability = RowTable::new("stability")
        .text("region", changes.iter().map(|row| row.region.as_str()))?
        .integer("from", changes.iter().map(|row| Some(i64::from(row.from))))?
        .integer("to", changes.iter().map(|row| Some(i64::from(row.to))))?
        .count("dependent", changes.iter().map(|row| row.dependent))?
        .count("still", changes.iter().map(|row| row.still))?
        .count("dropped", changes.iter().map(|row| row.dropped))?
        .count("entered", changes.iter().map(|row| row.entered))?
        .number("dropped_share", changes.iter().map(|row| row.dropped_share.unwrap_or(f64::NAN)))?;
    let mut notes = Vec::new();
    if found.self_deliveries > 0 {
        notes.push(format!(
            "{} records from a country to itself were left out, {} in all",
            found.self_deliveries, found.self_delivery_value
        ));
    }
    for (region, member) in &found.members_without_records {
        notes.push(format!("{region}: {member} stands in no record"));
    }
    let record = json!({
        "engine": frame::ENGINE_VERSION, "source": trade.source, "request": as_json(request), "rule": as_json(&found.rule),
        "periods": found.periods,
    });
    Ok(Answer { tables: vec![products, stability], record, notes })
}
