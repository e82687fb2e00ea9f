use super::region_groups::RegionGroup;
use super::{ChainTable, refuse};
use crate::{Answer, StrategyError};
use chain::{
    ICIO45_MANUFACTURING, IndustryGroup, Reliance, Scope, WIOD35_MANUFACTURING, exposure_matrix, foreign_input_reliance,
    foreign_market_reliance,
};
use frame::Language;
use serde::{Deserialize, Serialize};
use store::RowTable;

/// On whom the industries of regions lean, directly and through their suppliers' suppliers.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "clap", derive(clap::Args))]
#[serde(default, deny_unknown_fields)]
pub struct ExposureRequest {
    /// The users' industries: all (default), manufacturing, or codes of sectors separated by commas
    #[cfg_attr(feature = "clap", arg(long, value_name = "SCOPE"))]
    pub scope: Option<String>,
    /// The supplying industries that count; the same choices
    #[cfg_attr(feature = "clap", arg(long, value_name = "SCOPE"))]
    pub supplier_scope: Option<String>,
    /// What is asked: inputs (default), on whom users lean; or markets, on whom sellers lean (by industry, the whole of a seller's sales)
    #[cfg_attr(feature = "clap", arg(long, value_name = "SIDE"))]
    pub side: Option<String>,
    /// The rows: region (default), or industry, a user or seller each
    #[cfg_attr(feature = "clap", arg(long, value_name = "ROWS"))]
    pub by: Option<String>,
    /// Only these users (or sellers)
    #[cfg_attr(feature = "clap", arg(long, value_name = "REGION", value_delimiter = ','))]
    pub users: Vec<String>,
    /// Regions as one user and one supplier: NAME=REGION+REGION, or EU27, ASEAN, NAFTA, BRICS, G7; only with inputs by region
    #[cfg_attr(feature = "clap", arg(long = "group", value_name = "GROUP", value_delimiter = ','))]
    pub groups: Vec<String>,
}

/// The industries that a scope names.
pub(super) fn scope(table: &ChainTable, option: &str, asked: Option<&str>) -> Result<Scope, StrategyError> {
    Ok(match asked {
        None | Some("all") => Scope::All,
        Some("manufacturing") => {
            let known = |codes: &[&str]| codes.iter().all(|code| table.system.sectors().iter().any(|(_, sector)| sector == code));
            if known(&WIOD35_MANUFACTURING) {
                Scope::sectors(WIOD35_MANUFACTURING)
            } else if known(&ICIO45_MANUFACTURING) {
                Scope::sectors(ICIO45_MANUFACTURING)
            } else {
                return refuse(option, "manufacturing", "codes of sectors: which of this table's are manufacturing is not known");
            }
        }
        Some(codes) => Scope::sectors(codes.split(',').map(str::trim)),
    })
}

/// Look-through and face-value exposure, and what is hidden between them: `user, supplier, look_through, face_value, hidden`, shares that
/// sum to 1 over the suppliers of a user, weighted with output over the user's industries in scope. By industry a user has a `sector` too;
/// on the side of markets the columns are `seller` and `market`.
///
/// # Errors
/// Scopes, regions or groups that are not known, and what solving the table reports.
pub fn exposure(table: &ChainTable, request: &ExposureRequest, _: Language) -> Result<Answer, StrategyError> {
    let mut notes = table.notes();
    for region in &request.users {
        table.system.range(region)?;
    }
    let wanted = |region: &str| request.users.is_empty() || request.users.iter().any(|user| user == region);
    let users = scope(table, "scope", request.scope.as_deref())?;
    let suppliers = scope(table, "supplier-scope", request.supplier_scope.as_deref())?;
    let by_industry = match request.by.as_deref() {
        None | Some("region") => false,
        Some("industry") => true,
        Some(other) => return refuse("by", other, "region or industry"),
    };
    let markets = match request.side.as_deref() {
        None | Some("inputs") => false,
        Some("markets") => true,
        Some(other) => return refuse("side", other, "inputs or markets"),
    };
    if !request.groups.is_empty() && (markets || by_industry) {
        return refuse("group", &request.groups.join(","), "groups with --side inputs --by region only");
    }
    let rows = if markets || by_industry {
        let factor = table.factor()?;
        let found = if markets { foreign_market_reliance(factor)? } else { foreign_input_reliance(factor, &suppliers)? };
        if !found.left_out.is_empty() {
            notes.push(format!("{} industries have nothing to take shares of and are left out", found.left_out.len()));
        }
        if by_industry {
            by_industries(table, &found, &users, markets, wanted)?
        } else {
            if users != Scope::All {
                return refuse("scope", request.scope.as_deref().unwrap_or_default(), "all with --side markets --by region");
            }
            by_regions(&found.by_region(&table.system)?, wanted)?
        }
    } else {
        let mut members: Vec<IndustryGroup> = IndustryGroup::every_region(&table.system);
        for text in &request.groups {
            let group = RegionGroup::parse(text, &table.system, &mut notes)?;
            members.retain(|one| !group.regions.contains(&one.name));
            members.push(IndustryGroup::regions(group.name, group.regions));
        }
        let asked = members.iter().filter(|one| wanted(&one.name)).cloned().map(|one| one.with_sectors(users.clone())).collect::<Vec<_>>();
        let found = exposure_matrix(table.factor()?, &asked, &members, &suppliers)?;
        if !found.left_out.is_empty() {
            notes.push(format!("without output in scope and left out: {}", found.left_out.join(", ")));
        }
        let pairs = found.pairs();
        RowTable::new("exposure")
            .text("user", pairs.iter().map(|pair| pair.user.as_str()))?
            .text("supplier", pairs.iter().map(|pair| pair.supplier.as_str()))?
            .number("look_through", pairs.iter().map(|pair| pair.look_through))?
            .number("face_value", pairs.iter().map(|pair| pair.face_value))?
            .number("hidden", pairs.iter().map(|pair| pair.hidden))?
    };
    Ok(Answer { tables: vec![rows], record: table.record(request), notes })
}

fn by_regions(found: &Reliance, wanted: impl Fn(&str) -> bool) -> Result<RowTable, StrategyError> {
    let regions = found.look_through.rows();
    let pairs: Vec<(usize, usize)> =
        (0..regions.len()).filter(|r| wanted(regions.name(*r))).flat_map(|r| (0..regions.len()).map(move |s| (r, s))).collect();
    Ok(RowTable::new("exposure")
        .text("seller", pairs.iter().map(|(r, _)| regions.name(*r)))?
        .text("market", pairs.iter().map(|(_, s)| regions.name(*s)))?
        .number("look_through", pairs.iter().map(|(r, s)| found.look_through.at(*r, *s)))?
        .number("face_value", pairs.iter().map(|(r, s)| found.face_value.at(*r, *s)))?
        .number("hidden", pairs.iter().map(|(r, s)| found.hidden.at(*r, *s)))?)
}

fn by_industries(
    table: &ChainTable,
    found: &Reliance,
    scope: &Scope,
    markets: bool,
    wanted: impl Fn(&str) -> bool,
) -> Result<RowTable, StrategyError> {
    let (industries, regions) = (table.system.sectors(), table.system.regions());
    let in_scope = |sector: &String| match scope {
        Scope::All => true,
        Scope::Sectors(codes) => codes.contains(sector),
    };
    let there = |i: usize| !found.left_out.contains(&industries[i]);
    let kept: Vec<usize> =
        (0..industries.len()).filter(|i| wanted(&industries[*i].0) && in_scope(&industries[*i].1) && there(*i)).collect();
    let pairs: Vec<(usize, usize)> = kept.into_iter().flat_map(|i| (0..regions.len()).map(move |r| (i, r))).collect();
    let (from, to) = if markets { ("seller", "market") } else { ("user", "supplier") };
    Ok(RowTable::new("exposure")
        .text(from, pairs.iter().map(|(i, _)| industries[*i].0.as_str()))?
        .text("sector", pairs.iter().map(|(i, _)| industries[*i].1.as_str()))?
        .text(to, pairs.iter().map(|(_, r)| regions.name(*r)))?
        .number("look_through", pairs.iter().map(|(i, r)| found.look_through.at(*i, *r)))?
        .number("face_value", pairs.iter().map(|(i, r)| found.face_value.at(*i, *r)))?
        .number("hidden", pairs.iter().map(|(i, r)| found.hidden.at(*i, *r)))?)
}
