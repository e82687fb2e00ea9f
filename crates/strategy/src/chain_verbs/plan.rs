use super::chokepoints::barriers_of;
use super::{ChainTable, refuse};
use crate::answer::as_json;
use crate::{Answer, StrategyError};
use chain::{
    Criticality, CutOff, InputOutputSystem, LossTarget, PlanOptions, PlanStatus, Rationing, ResiliencePlan, Risk, Scope, SupplyCut,
    resilience_frontier, resilience_plan, supply_cuts,
};
use frame::Language;
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::{Problem, RowTable, StoreError};

/// The cheapest stocks and second sources for a loss target.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "clap", derive(clap::Args))]
#[serde(default, deny_unknown_fields)]
pub struct PlanRequest {
    /// The place that prepares: a region of the table
    #[cfg_attr(feature = "clap", arg(long, value_name = "REGION"))]
    pub place: String,
    /// What the loss is brought down to, as a share of the loss without a plan [default: 0.5]
    #[cfg_attr(feature = "clap", arg(long, value_name = "SHARE"))]
    pub target: Option<f64>,
    /// The same as a value in the unit of the table
    #[cfg_attr(feature = "clap", arg(long, value_name = "VALUE", conflicts_with = "target"))]
    pub target_value: Option<f64>,
    /// What is prepared for: cuts, one foreign industry at a time (default); or regions, all industries of one foreign region at a time
    #[cfg_attr(feature = "clap", arg(long, value_name = "CUTS"))]
    pub scenarios: Option<String>,
    /// How long a cut lasts, in days [default: 90]
    #[cfg_attr(feature = "clap", arg(long, value_name = "DAYS"))]
    pub days: Option<f64>,
    /// Only cuts by these regions, as probable as their weight says: REGION or REGION=WEIGHT; all regions alike without it
    #[cfg_attr(feature = "clap", arg(long, value_name = "REGION", value_delimiter = ','))]
    pub barriers: Vec<String>,
    /// No cuts by these regions, such as a rest of the world
    #[cfg_attr(feature = "clap", arg(long, value_name = "REGION", value_delimiter = ','))]
    pub without: Vec<String>,
    /// At most so many cuts, those with the largest probability × loss [default: 100]
    #[cfg_attr(feature = "clap", arg(long, value_name = "N"))]
    pub most_cuts: Option<usize>,
    /// Which loss is to reach the target: expected (default), or cvar:0.9, the mean of the worst tenth
    #[cfg_attr(feature = "clap", arg(long, value_name = "RISK"))]
    pub risk: Option<String>,
    /// From which share of a user's output an input is critical and stops it [default: 0.01]
    #[cfg_attr(feature = "clap", arg(long, value_name = "SHARE"))]
    pub critical_share: Option<f64>,
    /// The sectors whose goods can be critical; all without it
    #[cfg_attr(feature = "clap", arg(long, value_name = "SECTOR", value_delimiter = ','))]
    pub critical_sectors: Vec<String>,
    /// Who goes short when an industry of the place makes less: industries-first, final users and exports before industries (default); or
    /// proportional, all alike
    #[cfg_attr(feature = "clap", arg(long, value_name = "RULE"))]
    pub rationing: Option<String>,
    /// Cost of the capital bound in a stock, share of its value a year [default: 0.05, an assumption]
    #[cfg_attr(feature = "clap", arg(long, value_name = "SHARE"))]
    pub capital_cost: Option<f64>,
    /// Cost of keeping a stock, share of its value a year [default: 0.05, an assumption]
    #[cfg_attr(feature = "clap", arg(long, value_name = "SHARE"))]
    pub storage_cost: Option<f64>,
    /// Cost of holding a second source ready, share of its deliveries of a year [default: 0.05, an assumption]
    #[cfg_attr(feature = "clap", arg(long, value_name = "SHARE"))]
    pub second_source_cost: Option<f64>,
    /// At most so many days of use in stock; as many as the longest cut without it
    #[cfg_attr(feature = "clap", arg(long, value_name = "DAYS"))]
    pub most_stock_days: Option<f64>,
    /// At most this share of an input's use from second sources [default: 1]
    #[cfg_attr(feature = "clap", arg(long, value_name = "SHARE"))]
    pub most_second_source: Option<f64>,
    /// Sectors that cannot be kept in stock; `none`; without it services, construction and electricity where the codes are known (WIOD 2013,
    /// OECD)
    #[cfg_attr(feature = "clap", arg(long, value_name = "SECTOR", value_delimiter = ','))]
    pub not_storable: Vec<String>,
    /// The cost for targets of 0, 10, ..., 100 % of the loss without a plan, as the first table
    #[cfg_attr(feature = "clap", arg(long))]
    pub frontier: bool,
}

/// Electricity, construction and services of WIOD (release 2013).
const WIOD35_NOT_STORABLE: [&str; 19] =
    ["c17", "c18", "c19", "c20", "c21", "c22", "c23", "c24", "c25", "c26", "c27", "c28", "c29", "c30", "c31", "c32", "c33", "c34", "c35"];
/// The same of the OECD's tables (45 industries).
const ICIO45_NOT_STORABLE: [&str; 23] = [
    "D", "E", "F", "G", "H49", "H50", "H51", "H52", "H53", "I", "J58T60", "J61", "J62_63", "K", "L", "M", "N", "O", "P", "Q", "R", "S", "T",
];

/// Sectors that no stock can be kept of, where it is known of the table's codes.
fn not_storable(system: &InputOutputSystem) -> Option<Vec<String>> {
    let has = |code: &str| system.sectors().iter().any(|(_, sector)| sector == code);
    let lists: [&[&str]; 2] = [&WIOD35_NOT_STORABLE, &ICIO45_NOT_STORABLE];
    let known = lists.into_iter().find(|list| list.iter().all(|code| has(code)))?;
    Some(known.iter().map(|code| (*code).to_owned()).collect())
}

impl PlanRequest {
    /// The options of the plan, with what is known of the table's sectors; notes say what was assumed.
    ///
    /// # Errors
    /// Options that are not understood.
    pub fn options(&self, system: &InputOutputSystem, notes: &mut Vec<String>) -> Result<PlanOptions, StrategyError> {
        let usual = PlanOptions::default();
        let risk = match self.risk.as_deref() {
            None | Some("expected") => Risk::Expected,
            Some(text) => match text.strip_prefix("cvar:").and_then(|beta| beta.trim().parse().ok()) {
                Some(beta) => Risk::ConditionalValueAtRisk { beta },
                None => return refuse("risk", text, "expected, or cvar:BETA such as cvar:0.9"),
            },
        };
        let kept = match self.not_storable.as_slice() {
            [none] if none == "none" => Vec::new(),
            [] => not_storable(system).unwrap_or_else(|| {
                notes.push(
                    "which sectors cannot be kept in stock is not known of this table's codes: all can; name them with --not-storable"
                        .to_owned(),
                );
                Vec::new()
            }),
            named => named.to_vec(),
        };
        let options = PlanOptions {
            target: match (self.target_value, self.target) {
                (Some(value), _) => LossTarget::Value(value),
                (None, Some(share)) => LossTarget::Share(share),
                (None, None) => usual.target,
            },
            risk,
            criticality: Criticality::InputShare {
                at_least: self.critical_share.unwrap_or(0.01),
                sectors: if self.critical_sectors.is_empty() { Scope::All } else { Scope::sectors(self.critical_sectors.iter().cloned()) },
            },
            rationing: match self.rationing.as_deref() {
                None | Some("industries-first") => Rationing::IndustriesFirst,
                Some("proportional") => Rationing::Proportional,
                Some(other) => return refuse("rationing", other, "industries-first or proportional"),
            },
            capital_cost: self.capital_cost.unwrap_or(usual.capital_cost),
            storage_cost: self.storage_cost.unwrap_or(usual.storage_cost),
            second_source_cost: self.second_source_cost.unwrap_or(usual.second_source_cost),
            most_stock_days: self.most_stock_days,
            most_second_source: self.most_second_source.unwrap_or(usual.most_second_source),
            not_storable: kept,
            most_cuts: Some(self.most_cuts.unwrap_or(100)),
            ..usual
        };
        notes.push(format!(
            "costs are assumptions, not data: a stock costs {} of its value a year for capital and {} for keeping it, a second source {} of its deliveries",
            options.capital_cost, options.storage_cost, options.second_source_cost
        ));
        Ok(options)
    }

    /// The cuts that are prepared for.
    ///
    /// # Errors
    /// Names that are not known.
    pub fn cuts(&self, system: &InputOutputSystem) -> Result<Vec<SupplyCut>, StrategyError> {
        let which = match self.scenarios.as_deref() {
            None | Some("cuts") => CutOff::Industries,
            Some("regions") => CutOff::Regions,
            Some(other) => return refuse("scenarios", other, "cuts or regions"),
        };
        Ok(supply_cuts(system, &self.place, which, self.days.unwrap_or(90.0), &barriers_of(&self.barriers)?, &self.without)?)
    }
}

/// The cheapest stocks and second sources with which a place keeps its loss within a target, and what each supplier is worth to the plan.
/// Tables: `plan` (who keeps what), `summary`, `chokepoints` (suppliers by shadow price), `cuts`; with `frontier` that first.
///
/// # Errors
/// Regions, sectors and options that are not known or make no sense; a target that no plan within the limits reaches, with the best that
/// one does.
pub fn plan(table: &ChainTable, request: &PlanRequest, language: Language) -> Result<Answer, StrategyError> {
    plan_for(table, request, &request.cuts(&table.system)?, language)
}

/// The same for cuts of one's own, such as those of scenarios ([`SupplyCut::of_scenario`]).
///
/// # Errors
/// As [`plan`].
pub fn plan_for(table: &ChainTable, request: &PlanRequest, cuts: &[SupplyCut], _: Language) -> Result<Answer, StrategyError> {
    let (system, mut notes) = (&table.system, table.notes());
    let options = request.options(system, &mut notes)?;
    let found = resilience_plan(system, &request.place, cuts, &options)?;
    if found.status == PlanStatus::OutOfReach {
        let unit = system.unit();
        let what = format!(
            "no plan within the limits brings the loss of {} down to {} {unit}: without a plan it is {}, and everything allowed leaves {} ({:.1} % of it)",
            found.place,
            found.target,
            found.loss_without,
            found.best_reachable,
            100.0 * found.best_reachable / found.loss_without
        );
        let next = "raise the target, or the limits (--most-stock-days, --most-second-source, --not-storable)";
        return Err(StoreError::new(Problem::Value, what).next(next).into());
    }
    if found.status == PlanStatus::NothingToDo {
        notes.push(format!("the loss without a plan, {} {}, is within the target: there is nothing to do", found.loss_without, found.unit));
    }
    let (left_out, of_loss) = found.cuts_left_out;
    if left_out > 0 {
        notes.push(format!(
            "{} cuts are prepared for; {left_out} with {:.2} % of the probability × loss of all are left out (--most-cuts)",
            found.cuts.len(),
            100.0 * of_loss
        ));
    }
    if !found.without_value.is_empty() {
        notes.push(format!("industries with negative value added, whose loss counts as nothing: {}", found.without_value.join(", ")));
    }
    for certificate in &found.certificates {
        let holds = if certificate.holds() { "" } else { ": DOES NOT HOLD" };
        notes.push(format!("{}: {:.1e} (tolerance {:.0e}){holds}", certificate.name, certificate.residual, certificate.tolerance));
    }
    let mut tables = Vec::new();
    if request.frontier {
        let targets: Vec<LossTarget> = (0..=10).map(|k| LossTarget::Share(f64::from(k) / 10.0)).collect();
        let points = resilience_frontier(system, &request.place, cuts, &options, &targets)?;
        tables.push(
            RowTable::new("frontier")
                .number("target_share", points.iter().map(|point| point.target_share))?
                .number("target", points.iter().map(|point| point.target))?
                .text("status", points.iter().map(|point| status(point.status)))?
                .number("loss", points.iter().map(|point| point.loss))?
                .number("cost_per_year", points.iter().map(|p| if p.status == PlanStatus::OutOfReach { f64::NAN } else { p.cost }))?
                .number(
                    "marginal_cost",
                    points.iter().map(|p| if p.status == PlanStatus::OutOfReach { f64::NAN } else { p.marginal_cost }),
                )?
                .number("gap", points.iter().map(|point| point.gap))?,
        );
    }
    tables.extend(tables_of(&found)?);
    let mut record = table.record(request);
    record["certificates"] = as_json(&found.certificates);
    record["effort"] = as_json(&found.effort);
    record["lower_bound"] = json!(found.lower_bound);
    record["assumed_costs"] =
        json!({"capital": options.capital_cost, "storage": options.storage_cost, "second_source": options.second_source_cost});
    record["not_storable"] = json!(options.not_storable);
    Ok(Answer { tables, record, notes })
}

fn status(of: PlanStatus) -> &'static str {
    match of {
        PlanStatus::Cheapest => "cheapest",
        PlanStatus::NothingToDo => "nothing to do",
        PlanStatus::OutOfReach => "out of reach",
    }
}

fn tables_of(found: &ResiliencePlan) -> Result<Vec<RowTable>, StrategyError> {
    let (measures, suppliers, cuts) = (&found.measures, &found.chokepoints, &found.cuts);
    Ok(vec![
        RowTable::new("plan")
            .text("input_sector", measures.iter().map(|one| one.input.as_str()))?
            .text("user_sector", measures.iter().map(|one| one.user.as_str()))?
            .number("use_per_year", measures.iter().map(|one| one.used))?
            .number("stock_days", measures.iter().map(|one| one.stock_days))?
            .number("stock_value", measures.iter().map(|one| one.stock_value))?
            .number("second_source_share", measures.iter().map(|one| one.second_source_share))?
            .number("second_source_per_year", measures.iter().map(|one| one.second_source_value))?
            .number("cost_per_year", measures.iter().map(|one| one.cost))?,
        RowTable::new("summary")
            .text("place", [found.place.as_str()])?
            .text("unit", [found.unit.as_str()])?
            .text("status", [status(found.status)])?
            .number("loss_without", [found.loss_without])?
            .number("target", [found.target])?
            .number("loss_with", [found.loss_with])?
            .number("best_reachable", [found.best_reachable])?
            .number("expected_without", [found.expected_without])?
            .number("expected_with", [found.expected_with])?
            .number("cost_per_year", [found.cost])?
            .number("stock_cost_per_year", [found.stock_cost])?
            .number("second_source_cost_per_year", [found.second_source_cost])?
            .number("stock_value", [found.stock_value])?
            .number("marginal_cost", [found.marginal_cost])?
            .number("lower_bound_of_cost", [found.lower_bound])?,
        RowTable::new("chokepoints")
            .text("region", suppliers.iter().map(|one| one.region.as_str()))?
            .text("sector", suppliers.iter().map(|one| one.sector.as_str()))?
            .number("shadow_price_per_year", suppliers.iter().map(|one| one.price))?
            .number("share", suppliers.iter().map(|one| one.share))?,
        RowTable::new("cuts")
            .text("cut", cuts.iter().map(|cut| cut.name.as_str()))?
            .number("probability", cuts.iter().map(|cut| cut.probability))?
            .number("days", cuts.iter().map(|cut| cut.days))?
            .number("loss_without", cuts.iter().map(|cut| cut.loss_without))?
            .number("loss_with", cuts.iter().map(|cut| cut.loss_with))?,
    ])
}
