use super::refuse;
use crate::answer::as_json;
use crate::{Answer, StrategyError};
use chain::{
    Cascade, CascadeModel, CascadeOptions, CascadeTotal, ChainError, Connection, FirmRegister, InputRole, InputRoles, InputRule, Link,
    ProductionNetwork, ProductionNetworkOptions, SupplierStanding, UNKNOWN_SECTOR, components, input_dependence, supplier_standing,
};
use frame::Language;
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::collections::BTreeSet;
use store::{FirmTable, LinkTable, Problem, RowTable, StoreError};

/// What to do about links and firms that would not be in a clean table.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "clap", derive(clap::Args))]
#[serde(default, deny_unknown_fields)]
pub struct NetworkChoice {
    /// Several links of the same two firms: sum (default; they are added up and counted) or error
    #[cfg_attr(feature = "clap", arg(long, value_name = "RULE", help_heading = "Tables"))]
    pub duplicates: Option<String>,
    /// Links of a firm with itself: drop (default; they are counted) or error
    #[cfg_attr(feature = "clap", arg(long, value_name = "RULE", help_heading = "Tables"))]
    pub self_links: Option<String>,
    /// Firms of which no sector is known: error (default) or unknown (they form a sector of that name, and are counted)
    #[cfg_attr(feature = "clap", arg(long, value_name = "RULE", help_heading = "Tables"))]
    pub without_sector: Option<String>,
}

/// A production network, and what a record of the run says of its origin.
pub struct FirmNetwork {
    /// The network.
    pub network: ProductionNetwork,
    /// Where it comes from.
    pub source: serde_json::Value,
    /// Whether a table of sectors was given.
    sectors_known: bool,
    notes: Vec<String>,
}

impl FirmNetwork {
    /// A network of a table of links and one of firms. Without a table of firms all have one sector, which is enough for
    /// [components](FirmsRequest::components) only. `source` is for the record.
    ///
    /// # Errors
    /// [`Problem::Unknown`] for a firm of which no sector is known, unless the choice allows it, [`Problem::Options`] for a choice that is
    /// not known, and what [`ProductionNetwork::new`] and [`FirmRegister::add`] refuse.
    pub fn new(
        links: &LinkTable,
        firms: Option<&FirmTable>,
        choice: &NetworkChoice,
        source: serde_json::Value,
    ) -> Result<Self, StrategyError> {
        let allows = |option: &str, given: &Option<String>, yes: &str, no: &str, default: bool| match given.as_deref() {
            None => Ok(default),
            Some(given) if given == yes => Ok(true),
            Some(given) if given == no => Ok(false),
            Some(given) => refuse(option, given, &format!("{yes} or {no}")),
        };
        let unknown_allowed = allows("without-sector", &choice.without_sector, "unknown", "error", false)?;
        let options = ProductionNetworkOptions {
            refuse_repeated: !allows("duplicates", &choice.duplicates, "sum", "error", true)?,
            refuse_self_links: !allows("self-links", &choice.self_links, "drop", "error", true)?,
        };
        let mut register = FirmRegister::default();
        for row in firms.map_or(&[][..], |table| &table.rows) {
            if row.sector.is_empty() && !row.firm.is_empty() {
                if !unknown_allowed {
                    let what = format!("the firm {} has no sector (row {} of the firms)", row.firm, row.row);
                    let next = "give it one, or --without-sector unknown puts such firms into a sector \"unknown\" and counts them";
                    return Err(StoreError::new(Problem::Value, what).next(next).into());
                }
                register.add_without_sector(&row.firm, row.size, row.row)?;
            } else {
                register.add(&row.firm, &row.sector, row.size, row.row)?;
            }
        }
        let mut positions: Vec<Option<u32>> = vec![None; links.names()];
        for row in links.rows() {
            for word in [row.supplier, row.buyer] {
                if positions[word as usize].is_some() {
                    continue;
                }
                let name = links.name(word);
                positions[word as usize] = Some(match register.position(name) {
                    Some(position) => position,
                    None if unknown_allowed || firms.is_none() => register.add_without_sector(name, None, row.row)?,
                    None => {
                        let near = register.names().nearest(name, 3);
                        let near = if near.is_empty() { String::new() } else { format!("nearest: {}; ", near.join(", ")) };
                        let what = format!("the firm {name} (row {} of the links) is not in the table of firms", row.row);
                        let next =
                            format!("{near}add it, or --without-sector unknown puts such firms into a sector \"unknown\" and counts them");
                        return Err(StoreError::new(Problem::Unknown, what).next(next).into());
                    }
                });
            }
        }
        let position = |word: u32| positions[word as usize].unwrap_or(u32::MAX);
        let rows = links.rows();
        let rows = rows.map(|row| Link { supplier: position(row.supplier), buyer: position(row.buyer), value: row.value, row: row.row });
        let network = ProductionNetwork::new("the network", register, rows, &options)?;
        let mut notes = notes_of(&network, firms.is_some());
        let counts = links.counts();
        if counts.dropped > 0 {
            notes.push(format!("{} links were left out because something was missing", counts.dropped));
        }
        if counts.zeroed > 0 {
            notes.push(format!("{} missing values were taken for 0", counts.zeroed));
        }
        if let Some(encoding) = links.encoding() {
            notes.push(format!("the links were read as {encoding}"));
        }
        Ok(FirmNetwork { network, source, sectors_known: firms.is_some(), notes })
    }
}

fn notes_of(network: &ProductionNetwork, sectors_known: bool) -> Vec<String> {
    let report = network.report();
    let mut notes = Vec::new();
    let mut note = |count: u64, text: String| {
        if count > 0 {
            notes.push(text);
        }
    };
    note(report.repeated_links, format!("{} links were added to another of the same two firms", report.repeated_links));
    note(report.self_links, format!("{} links of a firm with itself were left out, {} in all", report.self_links, report.self_link_value));
    note(report.zero_links, format!("{} links of value 0 were left out", report.zero_links));
    note(
        report.isolated_firms as u64,
        format!("{} firms neither sell to nor buy from another; they are kept, and lose only by their own failure", report.isolated_firms),
    );
    if sectors_known {
        note(
            report.firms_without_sector as u64,
            format!("{} firms have no known sector and form the sector \"{UNKNOWN_SECTOR}\"", report.firms_without_sector),
        );
    }
    note(report.sizes_missing as u64, format!("{} firms have no size; their sales in the network serve", report.sizes_missing));
    note(
        report.sizes_below_sales as u64,
        format!(
            "{} firms have a size that is less than their sales in the network; their demand is measured by these sales",
            report.sizes_below_sales
        ),
    );
    notes
}

/// Whose failure would cost an economy most, and who would lose.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "clap", derive(clap::Args))]
#[serde(default, deny_unknown_fields)]
pub struct FirmsRequest {
    /// Instead of every firm alone, these together: FIRM, or FIRM=SHARE of its output that is lost
    #[cfg_attr(feature = "clap", arg(long, value_name = "FIRM[=SHARE]", value_delimiter = ','))]
    pub failing: Vec<String>,
    /// Instead, the connected parts of the network
    #[cfg_attr(feature = "clap", arg(long))]
    pub components: bool,
    /// Instead, the suppliers of one firm and who could stand in for them
    #[cfg_attr(feature = "clap", arg(long, value_name = "FIRM"))]
    pub inputs_of: Option<String>,
    /// List only so many firms, the most critical first
    #[cfg_attr(feature = "clap", arg(long, value_name = "N"))]
    pub top: Option<usize>,
    /// Compute only so many firms, evenly drawn from the ranking by size
    #[cfg_attr(feature = "clap", arg(long, value_name = "N"))]
    pub sample: Option<usize>,
    /// Which inputs are essential where --essential does not say: nace, gb-t-4754, leontief (all) or linear (none); found out from the sectors' codes without it
    #[cfg_attr(feature = "clap", arg(long, value_name = "RULE"))]
    pub rule: Option<String>,
    /// Supplying sector, buying sector and role (essential, non-essential or ignored); * stands for every sector.
    #[cfg_attr(feature = "clap", arg(skip))]
    pub essential: Vec<(String, String, String)>,
    /// A cascade ends when no firm moves by more than this share of the largest initial loss [default: 0.01]
    #[cfg_attr(feature = "clap", arg(long, value_name = "SHARE"))]
    pub tolerance: Option<f64>,
    /// A cascade ends after so many steps at the latest [default: 1000]
    #[cfg_attr(feature = "clap", arg(long, value_name = "N"))]
    pub max_steps: Option<u32>,
    /// Changes smaller than this share of a firm's output are held back; 0 passes on everything [default: 1e-12]
    #[cfg_attr(feature = "clap", arg(long, value_name = "SHARE"))]
    pub negligible: Option<f64>,
}

/// A firm and the share of its output that it loses, of `FIRM=SHARE` or `FIRM`; a name may itself hold `=`.
fn failing_firm<'a>(text: &'a str, network: &ProductionNetwork) -> Result<(&'a str, f64), StrategyError> {
    if network.firms().position(text).is_some() {
        return Ok((text, 1.0));
    }
    match text.rsplit_once('=') {
        None => Ok((text, 1.0)),
        Some((firm, share)) => match share.trim().parse() {
            Ok(share) => Ok((firm, share)),
            Err(_) => refuse("failing", text, "FIRM, or FIRM=SHARE with a share of its output such as 0.5"),
        },
    }
}

/// The economic systemic risk of every firm, ranked, with how it stands as a supplier; or one cascade; or the components; or the suppliers
/// of one firm. `watch` is told how many firms are done and says whether to go on.
///
/// # Errors
/// Firms and options that are not known or contradict each other.
pub fn firms(
    of: &FirmNetwork,
    request: &FirmsRequest,
    _: Language,
    watch: &(dyn Fn(usize, usize) -> bool + Sync),
) -> Result<Answer, StrategyError> {
    let network = &of.network;
    let questions = [!request.failing.is_empty(), request.components, request.inputs_of.is_some(), request.sample.is_some()];
    if questions.iter().filter(|asked| **asked).count() > 1 {
        let what = "failing, components, inputs-of and sample are different questions";
        return Err(StoreError::new(Problem::Options, what).next("ask one at a time").into());
    }
    let mut notes = of.notes.clone();
    let mut record = json!({
        "engine": frame::ENGINE_VERSION, "source": of.source, "request": as_json(request), "network": as_json(network.report()),
        "firms": network.len(), "links": network.links(), "sectors": network.sectors().len(),
    });
    if request.components {
        return Ok(Answer { tables: component_tables(network)?, record, notes });
    }
    if !of.sectors_known {
        let what = "without the firms' sectors nobody can say who could stand in for whom";
        return Err(StoreError::new(Problem::Options, what)
            .next("name a table of firms with --sectors; only --components does without")
            .into());
    }
    if let Some(firm) = &request.inputs_of {
        return Ok(Answer { tables: vec![input_table(network, network.firm(firm)?)?], record, notes });
    }
    let roles = input_roles(network, request, &mut notes)?;
    record["input_rule"] = as_json(&roles.rule());
    record["input_roles_given"] = json!(roles.given());
    let default = CascadeOptions::default();
    let options = CascadeOptions {
        tolerance: request.tolerance.unwrap_or(default.tolerance),
        max_steps: request.max_steps.unwrap_or(default.max_steps),
        negligible: request.negligible.unwrap_or(default.negligible),
    };
    record["options"] = as_json(&options);
    let model = CascadeModel::new(network, &roles, options)?;
    if !request.failing.is_empty() {
        let failing = request.failing.iter().map(|text| failing_firm(text, network)).collect::<Result<Vec<_>, _>>()?;
        let failing = network.initial_losses(failing)?;
        let found = model.cascade(&failing)?;
        if !found.total.converged {
            notes.push(format!("the cascade was still moving after {} steps; --max-steps allows more", found.total.steps));
        }
        record["converged"] = json!(found.total.converged);
        let failed: Vec<u32> = failing.iter().map(|failing| failing.firm).collect();
        let tables = cascade_tables(network, &failed, &found, request.top)?;
        return Ok(Answer { tables, record, notes });
    }
    let asked = match request.sample {
        Some(0) => return refuse("sample", "0", "a number of firms"),
        sample => drawn(network, sample.unwrap_or(usize::MAX)),
    };
    if asked.len() < network.len() {
        notes.push(format!("{} of {} firms, evenly drawn from the ranking by size", asked.len(), network.len()));
    }
    let found = model.each_alone(&asked, &|done| watch(done, asked.len()))?;
    let mut ranked: Vec<(u32, CascadeTotal)> = Vec::with_capacity(asked.len());
    for (firm, total) in asked.iter().zip(found) {
        let Some(total) = total else { return Err(StoreError::new(Problem::Options, "interrupted").into()) };
        ranked.push((*firm, total));
    }
    let name = |firm: u32| network.firms().name(firm);
    ranked.sort_unstable_by(|a, b| b.1.loss.total_cmp(&a.1.loss).then_with(|| name(a.0).cmp(name(b.0))));
    let moving: Vec<&str> = ranked.iter().filter(|(_, total)| !total.converged).map(|(firm, _)| name(*firm)).collect();
    if !moving.is_empty() {
        let some = moving.iter().take(5).copied().collect::<Vec<_>>().join(", ");
        notes.push(format!("{} cascades were still moving after {} steps: of {some}", moving.len(), options.max_steps));
    }
    record["not_converged"] = json!(moving.len());
    ranked.truncate(request.top.unwrap_or(usize::MAX));
    let tables = vec![risk_table(network, &ranked, &supplier_standing(network))?, network_table(network)?];
    Ok(Answer { tables, record, notes })
}

/// Firms evenly drawn from the ranking by size (ties by name), in the order of the network.
fn drawn(network: &ProductionNetwork, count: usize) -> Vec<u32> {
    let mut firms: Vec<u32> = (0..network.len() as u32).collect();
    if count >= firms.len() {
        return firms;
    }
    let name = |firm: u32| network.firms().name(firm);
    firms.sort_unstable_by(|a, b| network.size(*b).total_cmp(&network.size(*a)).then_with(|| name(*a).cmp(name(*b))));
    let mut drawn: Vec<u32> = (0..count).map(|at| firms[at * network.len() / count]).collect();
    drawn.sort_unstable();
    drawn
}

fn input_roles(network: &ProductionNetwork, request: &FirmsRequest, notes: &mut Vec<String>) -> Result<InputRoles, StrategyError> {
    let rule = match request.rule.as_deref() {
        None => None,
        Some("nace") => Some(InputRule::Nace),
        Some("gb-t-4754") => Some(InputRule::GbT4754),
        Some("leontief") => Some(InputRule::Leontief),
        Some("linear") => Some(InputRule::Linear),
        Some(other) => return refuse("rule", other, "nace, gb-t-4754, leontief or linear"),
    };
    let mut roles = InputRoles::new(network, rule);
    let mut strange = BTreeSet::new();
    for (supplying, buying, role) in &request.essential {
        let role = match role.trim().to_lowercase().as_str() {
            "essential" | "2" => InputRole::Essential,
            "non-essential" | "non_essential" | "nonessential" | "1" => InputRole::NonEssential,
            "ignored" | "0" => InputRole::Ignored,
            other => return refuse("a role of the table of essential inputs", other, "essential (2), non-essential (1) or ignored (0)"),
        };
        let code = |text: &'_ str| (text.trim() != "*").then(|| text.trim().to_owned());
        let (supplying, buying) = (code(supplying), code(buying));
        let unknown: Vec<_> =
            [&supplying, &buying].into_iter().flatten().filter(|code| network.sectors().position(code).is_none()).collect();
        if unknown.is_empty() {
            roles.set(network, supplying.as_deref(), buying.as_deref(), role)?;
        } else {
            strange.extend(unknown.into_iter().cloned());
        }
    }
    if !strange.is_empty() {
        let some = strange.iter().take(8).map(String::as_str).collect::<Vec<_>>().join(", ");
        notes.push(format!("{} sectors of the table of essential inputs have no firm: {some}", strange.len()));
        if roles.given() == 0 {
            return Err(ChainError::ProductionNetwork {
                place: "the table of essential inputs".to_owned(),
                what: format!("none of its rows is about sectors of the firms; there are {}", listed(network)),
                next: "use the codes of the table of firms".to_owned(),
            }
            .into());
        }
    }
    let others = if request.essential.is_empty() { "" } else { " where the table of essential inputs says nothing" };
    notes.push(match roles.rule() {
        InputRule::Leontief => format!("every input is essential{others} (rule leontief)"),
        InputRule::Linear => format!("no input is essential{others} (rule linear)"),
        InputRule::Nace => {
            format!("goods of NACE sections A to F are essential to firms of the same sections, nothing else is{others} (rule nace, an assumption of this engine)")
        }
        InputRule::GbT4754 => {
            format!("goods of GB/T 4754 sections A to E are essential to firms of the same sections, nothing else is{others} (rule gb-t-4754, an assumption of this engine)")
        }
    });
    Ok(roles)
}

fn listed(network: &ProductionNetwork) -> String {
    let some: Vec<&str> = network.sectors().iter().take(12).collect();
    let more = if network.sectors().len() > some.len() { ", …" } else { "" };
    format!("{}{more}", some.join(", "))
}

fn risk_table(
    network: &ProductionNetwork,
    ranked: &[(u32, CascadeTotal)],
    standing: &[SupplierStanding],
) -> Result<RowTable, StrategyError> {
    let of = |firm: u32| &standing[firm as usize];
    let firms = || ranked.iter().map(|(firm, _)| *firm);
    Ok(RowTable::new("firms")
        .count("rank", 1..=ranked.len())?
        .text("firm", firms().map(|firm| network.firms().name(firm)))?
        .text("sector", firms().map(|firm| network.sector_code(firm)))?
        .number("esri", ranked.iter().map(|(_, total)| total.loss))?
        .number("downstream", ranked.iter().map(|(_, total)| total.downstream))?
        .number("upstream", ranked.iter().map(|(_, total)| total.upstream))?
        .count("firms_hit", ranked.iter().map(|(_, total)| total.firms as usize))?
        .number("size", firms().map(|firm| network.size(firm)))?
        .number("sales", firms().map(|firm| network.sales(firm)))?
        .number("market_share", firms().map(|firm| of(firm).market_share))?
        .count("rivals", firms().map(|firm| of(firm).rivals))?
        .count("customers", firms().map(|firm| of(firm).customers))?
        .count("suppliers", firms().map(|firm| of(firm).suppliers))?
        .count("only_supplier_of", firms().map(|firm| of(firm).only_supplier_of))?
        .number("mean_dependence", firms().map(|firm| of(firm).mean_dependence))?
        .count("steps", ranked.iter().map(|(_, total)| total.steps as usize))?)
}

/// The network in figures.
fn network_table(network: &ProductionNetwork) -> Result<RowTable, StrategyError> {
    let report = network.report();
    let largest = |connection| components(network, connection).sizes.first().map_or(0.0, |size| f64::from(*size));
    let total: f64 = (0..network.len() as u32).map(|firm| network.size(firm)).sum();
    let rows = [
        ("firms", network.len() as f64),
        ("links", network.links() as f64),
        ("sectors", network.sectors().len() as f64),
        ("size", total),
        ("isolated_firms", report.isolated_firms as f64),
        ("largest_weak_component", largest(Connection::Weak)),
        ("largest_strong_component", largest(Connection::Strong)),
        ("repeated_links", report.repeated_links as f64),
        ("self_links", report.self_links as f64),
        ("firms_without_sector", report.firms_without_sector as f64),
    ];
    Ok(RowTable::new("network").text("measure", rows.map(|(name, _)| name))?.number("value", rows.map(|(_, value)| value))?)
}

fn cascade_tables(
    network: &ProductionNetwork,
    failing: &[u32],
    found: &Cascade,
    top: Option<usize>,
) -> Result<Vec<RowTable>, StrategyError> {
    let name = |firm: u32| network.firms().name(firm);
    let lost = |firm: u32| found.loss(firm) * network.size(firm);
    let mut hit: Vec<u32> = (0..network.len() as u32).filter(|firm| found.loss(*firm) > 0.0).collect();
    hit.sort_unstable_by(|a, b| {
        lost(*b).total_cmp(&lost(*a)).then(found.loss(*b).total_cmp(&found.loss(*a))).then_with(|| name(*a).cmp(name(*b)))
    });
    let mut sectors = vec![(0.0, 0.0, 0usize); network.sectors().len()];
    for firm in 0..network.len() as u32 {
        let of = &mut sectors[network.sector(firm)];
        *of = (of.0 + network.size(firm), of.1 + lost(firm), of.2 + usize::from(found.loss(firm) > 0.0));
    }
    let mut order: Vec<usize> = (0..sectors.len()).filter(|sector| sectors[*sector].2 > 0).collect();
    let code = |sector: usize| network.sectors().name(sector);
    order.sort_unstable_by(|a, b| sectors[*b].1.total_cmp(&sectors[*a].1).then_with(|| code(*a).cmp(code(*b))));
    let shown = &hit[..hit.len().min(top.unwrap_or(usize::MAX))];
    let firms = RowTable::new("losses")
        .text("firm", shown.iter().map(|firm| name(*firm)))?
        .text("sector", shown.iter().map(|firm| network.sector_code(*firm)))?
        .number("loss", shown.iter().map(|firm| found.loss(*firm)))?
        .number("downstream", shown.iter().map(|firm| found.downstream[*firm as usize]))?
        .number("upstream", shown.iter().map(|firm| found.upstream[*firm as usize]))?
        .number("size", shown.iter().map(|firm| network.size(*firm)))?
        .number("lost", shown.iter().map(|firm| lost(*firm)))?
        .flag("failed", shown.iter().map(|firm| failing.contains(firm)))?;
    let by_sector = RowTable::new("sectors")
        .text("sector", order.iter().map(|sector| code(*sector)))?
        .number("size", order.iter().map(|sector| sectors[*sector].0))?
        .number("lost", order.iter().map(|sector| sectors[*sector].1))?
        .number("loss", order.iter().map(|sector| sectors[*sector].1 / sectors[*sector].0))?
        .count("firms_hit", order.iter().map(|sector| sectors[*sector].2))?;
    let total = &found.total;
    let whole = RowTable::new("total")
        .number("loss", [total.loss])?
        .number("downstream", [total.downstream])?
        .number("upstream", [total.upstream])?
        .count("firms_hit", [total.firms as usize])?
        .count("steps", [total.steps as usize])?
        .flag("converged", [total.converged])?;
    Ok(vec![firms, by_sector, whole])
}

fn component_tables(network: &ProductionNetwork) -> Result<Vec<RowTable>, StrategyError> {
    let name = |firm: u32| network.firms().name(firm);
    let both = [("weak", components(network, Connection::Weak)), ("strong", components(network, Connection::Strong))];
    // connection, number, components, firms, sales, largest firm
    let mut rows = Vec::new();
    for (connection, found) in &both {
        let mut sales = vec![0.0; found.sizes.len()];
        let mut largest: Vec<Option<u32>> = vec![None; found.sizes.len()];
        for firm in 0..network.len() as u32 {
            let of = found.of[firm as usize] as usize;
            sales[of] += network.sales(firm);
            let before = largest[of];
            let larger = before.is_none_or(|before| {
                network.sales(firm).total_cmp(&network.sales(before)).then_with(|| name(before).cmp(name(firm))).is_gt()
            });
            if larger {
                largest[of] = Some(firm);
            }
        }
        let several = found.sizes.iter().take_while(|size| **size > 1).count();
        for at in 0..several {
            let firm = largest[at].map_or("", name).to_owned();
            rows.push((*connection, Some(at as i64 + 1), 1, found.sizes[at] as usize, sales[at], firm));
        }
        let single = found.sizes.len() - several;
        if single > 0 {
            rows.push((*connection, None, single, single, sales[several..].iter().sum(), String::new()));
        }
    }
    let summary = RowTable::new("components")
        .text("connection", rows.iter().map(|row| row.0))?
        .integer("component", rows.iter().map(|row| row.1))?
        .count("components", rows.iter().map(|row| row.2))?
        .count("firms", rows.iter().map(|row| row.3))?
        .number("sales", rows.iter().map(|row| row.4))?
        .text("largest_firm", rows.iter().map(|row| row.5.as_str()))?;
    let number = |of: usize| both[of].1.of.iter().map(|component| Some(i64::from(*component) + 1));
    let members = RowTable::new("members")
        .text("firm", network.firms().iter())?
        .text("sector", (0..network.len() as u32).map(|firm| network.sector_code(firm)))?
        .integer("weak", number(0))?
        .integer("strong", number(1))?;
    Ok(vec![summary, members])
}

fn input_table(network: &ProductionNetwork, firm: u32) -> Result<RowTable, StrategyError> {
    let found = input_dependence(network, firm);
    Ok(RowTable::new("inputs")
        .text("supplier", found.iter().map(|input| network.firms().name(input.supplier)))?
        .text("sector", found.iter().map(|input| network.sector_code(input.supplier)))?
        .number("value", found.iter().map(|input| input.value))?
        .number("share_of_purchases", found.iter().map(|input| input.share_of_purchases))?
        .number("share_of_sector", found.iter().map(|input| input.share_of_sector))?
        .count("other_suppliers", found.iter().map(|input| input.other_suppliers))?
        .count("alternatives", found.iter().map(|input| input.alternatives))?)
}
