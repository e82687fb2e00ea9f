use crate::StrategyError;
use crate::chain_verbs::{ChainTable, known_members};
use crate::product_shares::ProductShares;
use chain::{Course, Disturbance, InputOutputSystem, Recovery, Scenario, Shock};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use store::{Problem, StoreError, Workspace};

/// A scenario as its author writes it: a TOML file, or a dict in Python. Every model of `xinzhi chain shock` runs it.
///
/// ```
/// use xinzhi_strategy::ScenarioFile;
/// let file = ScenarioFile::parse(
///     r#"
///     name = "Japan stops delivering machinery to China for a quarter"
///     [[shock]]
///     what = "flow"
///     who = ["JPN:c13"]
///     against = ["CHN"]
///     loss = 1.0
///     from = 0
///     to = 90
///     "#,
/// )?;
/// assert_eq!(file.shock.len(), 1);
/// assert!(ScenarioFile::parse("name = 'x'\n[[shock]]\nwhat = 'flow'\nlos = 1").is_err());
/// # Ok::<(), xinzhi_strategy::StrategyError>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScenarioFile {
    /// What it is called.
    pub name: String,
    /// The same in Chinese.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name_zh: Option<String>,
    /// What a reader must know: assumptions and their sources.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// The same in Chinese.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note_zh: Option<String>,
    /// The region whose losses are followed; the command line may name another.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<String>,
    /// The horizon in days; 365 without it.
    #[serde(default = "a_year")]
    pub days: usize,
    /// Settings of the models by name of the model; see the documentation of `xinzhi chain shock`.
    #[serde(default)]
    pub models: ModelSettings,
    /// Routes that shocks can name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub route: Vec<Route>,
    /// The shocks.
    #[serde(default)]
    pub shock: Vec<ShockEntry>,
}

fn a_year() -> usize {
    365
}

/// How goods go: a port, a strait, a pipeline, with the share of some deliveries that takes it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Route {
    /// Its name.
    pub name: String,
    /// Whose deliveries.
    pub who: Vec<String>,
    /// To whom.
    pub against: Vec<String>,
    /// Which sectors' deliveries; all without it.
    #[serde(default)]
    pub sectors: Vec<String>,
    /// The share of those deliveries that takes the route.
    pub share: f64,
    /// Deliveries the other way take it as well.
    #[serde(default)]
    pub both_ways: bool,
}

/// One shock: who, what, against whom, from when to when, and how it ends.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ShockEntry {
    /// `capacity`, `flow`, `demand` or `tariff`.
    pub what: String,
    /// Its name; "shock 1" without it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Whose capacity, deliveries or goods: REGION, REGION:SECTOR, a group (EU27), `*` for every region.
    #[serde(default)]
    pub who: Vec<String>,
    /// The users that are not delivered to, or whose demand is lost, or who levy the tariff; every other region without it.
    #[serde(default)]
    pub against: Vec<String>,
    /// Narrows `who` to some sectors.
    #[serde(default)]
    pub sectors: Vec<String>,
    /// `all` (default), `inputs` or `final`: which of a flow.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub goods: Option<String>,
    /// HS headings: only this part of each sector, by its share in each supplier's exports of the sector.
    #[serde(default)]
    pub products: Vec<String>,
    /// A route of the file, in place of `who` and `against`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub route: Option<String>,
    /// Firms of a production network: for `xinzhi chain firms --scenario`.
    #[serde(default)]
    pub firms: Vec<String>,
    /// The share lost, between 0 and 1; all of it without `loss` and `amount`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub loss: Option<f64>,
    /// What is lost in a year, in the unit of the table, in place of `loss`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount: Option<f64>,
    /// The tariff, as a share of value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rate: Option<f64>,
    /// The first day, from 0.
    #[serde(default)]
    pub from: usize,
    /// The first day after it; the end of the horizon without it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<usize>,
    /// How it fades from then on: `{ shape = "linear", days = 60 }`, `exponential`, or at once.
    #[serde(default)]
    pub recovery: Recovery,
}

impl ShockEntry {
    fn losses_of_firms(&self, place: &str) -> Result<Vec<(String, f64)>, StrategyError> {
        if self.what != "capacity" || !self.who.is_empty() || self.amount.is_some() {
            let next = "write what = \"capacity\" with `firms` and `loss`, without `who` and `amount`";
            return Err(wrong(Problem::Options, place, "firms lose capacity", next));
        }
        Ok(self.firms.iter().map(|firm| (firm.clone(), self.loss.unwrap_or(1.0))).collect())
    }
}

/// Settings of the models that a scenario may fix.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct ModelSettings {
    /// `imports` (default) or `all`: who takes over in the model `replacement`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub replacement: Option<String>,
    /// Days of use that users hold of every input; 90 (ARIO) or 30 (PBL) without it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub inventory_days: Option<f64>,
    /// Days of use by supplying sector, over `inventory-days`.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub inventory_days_by_sector: BTreeMap<String, f64>,
    /// Days in which inventories are rebuilt.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub restoration_days: Option<f64>,
    /// `alternative` (default) or `fixed`: whether orders go to other suppliers of the same sector (ARIO).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ordering: Option<String>,
    /// `leontief`, `strongly-critical`, `half-critical` (default), `weakly-critical` or `linear` (PBL).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
    /// Elasticity of trade of every sector (exact hat).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub elasticity: Option<f64>,
    /// Elasticity of trade by sector.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub elasticity_by_sector: BTreeMap<String, f64>,
}

/// A scenario made ready for a table.
#[derive(Debug, Clone)]
pub struct ResolvedScenario {
    /// What the models take.
    pub scenario: Scenario,
    /// Firms that lose a share of their capacity.
    pub firms: Vec<(String, f64)>,
    /// What a reader should be told: members of groups that the table lacks, shares of products and routes.
    pub notes: Vec<String>,
    /// Every shock in numbers: the flow it touches and how much of it is lost at its height, per year, in the unit of the table.
    pub touched: Vec<Touched>,
}

/// What a shock touches.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Touched {
    /// The shock.
    pub shock: String,
    /// `capacity`, `flow`, `demand` or `tariff`.
    pub what: &'static str,
    /// How many industries it names.
    pub industries: usize,
    /// Output (capacity) or deliveries a year that it touches.
    pub flow: f64,
    /// What of it is lost at its height; for a tariff, the duty on it at unchanged trade.
    pub lost: f64,
    /// Its mean intensity over the horizon.
    pub mean_intensity: f64,
}

fn wrong(problem: Problem, at: &str, what: impl std::fmt::Display, next: impl Into<String>) -> StrategyError {
    StoreError::new(problem, format!("{at}: {what}")).next(next).into()
}

/// The likeliest of some names, the best first, at most five.
pub(crate) fn nearest_names<'a>(wanted: &str, among: impl IntoIterator<Item = (&'a str, &'a str)>) -> Vec<String> {
    let wanted = wanted.to_lowercase();
    let likeness = |name: &str| {
        let name = name.to_lowercase();
        let contained = !name.is_empty() && wanted.len() > 2 && (name.contains(&wanted) || wanted.contains(&name));
        strsim::jaro_winkler(&wanted, &name) + if contained { 0.5 } else { 0.0 }
    };
    let mut scored: Vec<(f64, &str, &str)> = among
        .into_iter()
        .map(|(code, name)| (likeness(code).max(likeness(name)), code, name))
        .filter(|(score, _, _)| *score > 0.55)
        .collect();
    scored.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(b.1)));
    let told =
        |(_, code, name): (f64, &str, &str)| if name.is_empty() || name == code { code.to_owned() } else { format!("{code} ({name})") };
    scored.into_iter().take(5).map(told).collect()
}

/// Names of the table's regions and sectors for people, where the workspace knows them.
pub(crate) struct Names {
    regions: BTreeMap<String, String>,
    sectors: BTreeMap<String, String>,
}

impl Names {
    pub(crate) fn of(system: &InputOutputSystem, workspace: Option<&Workspace>) -> Self {
        let mut names = Names { regions: BTreeMap::new(), sectors: BTreeMap::new() };
        if let Some(places) = workspace.and_then(|workspace| workspace.places().ok()) {
            for region in system.regions().iter() {
                names.regions.insert(region.to_owned(), places.get(region).map(|place| place.name.en.clone()).unwrap_or_default());
            }
        }
        let scheme = workspace.and_then(|workspace| workspace.classification(crate::product_shares::SECTOR_SCHEME).ok());
        for (_, code) in system.sectors() {
            let name = scheme.as_ref().and_then(|scheme| scheme.get(code)).map(|activity| activity.name.en.clone());
            names.sectors.entry(code.clone()).or_insert_with(|| name.unwrap_or_default());
        }
        for region in system.regions().iter() {
            names.regions.entry(region.to_owned()).or_default();
        }
        names
    }

    /// What to say after a region that is not there.
    pub(crate) fn nearest_region(&self, wanted: &str) -> String {
        Self::nearest(&self.regions, wanted)
    }

    fn nearest(of: &BTreeMap<String, String>, wanted: &str) -> String {
        let found = nearest_names(wanted, of.iter().map(|(code, name)| (code.as_str(), name.as_str())));
        match found.as_slice() {
            [] => format!("there are: {}", of.keys().take(60).cloned().collect::<Vec<_>>().join(", ")),
            found => format!("nearest: {}", found.join(", ")),
        }
    }
}

/// What the author of a shock wrote for `who` or `against`, against the table: region, sector if one was named, and whether the region
/// was named itself (not by `*` or a group).
struct Named {
    region: usize,
    sector: Option<String>,
    itself: bool,
}

struct Resolver<'a> {
    system: &'a InputOutputSystem,
    names: Names,
    workspace: Option<&'a Workspace>,
    notes: Vec<String>,
}

impl Resolver<'_> {
    fn region(&self, at: &str, text: &str) -> Result<usize, StrategyError> {
        let regions = self.system.regions();
        let by_name =
            || self.names.regions.iter().find(|(_, name)| name.eq_ignore_ascii_case(text)).and_then(|(code, _)| regions.position(code));
        regions.position(text).or_else(by_name).ok_or_else(|| {
            wrong(Problem::Unknown, at, format!("the table has no region \"{text}\""), Names::nearest(&self.names.regions, text))
        })
    }

    fn sector(&self, at: &str, text: &str) -> Result<String, StrategyError> {
        if self.names.sectors.contains_key(text) {
            return Ok(text.to_owned());
        }
        Err(wrong(Problem::Unknown, at, format!("the table has no sector \"{text}\""), Names::nearest(&self.names.sectors, text)))
    }

    fn named(&mut self, at: &str, texts: &[String]) -> Result<Vec<Named>, StrategyError> {
        let mut all = Vec::new();
        for text in texts {
            let (place, sector) = match text.split_once(':') {
                Some((place, sector)) => (place.trim(), Some(self.sector(at, sector.trim())?)),
                None => (text.trim(), None),
            };
            let mut add = |region: usize, itself: bool| all.push(Named { region, sector: sector.clone(), itself });
            if place == "*" {
                (0..self.system.regions().len()).for_each(|region| add(region, false));
            } else if self.system.regions().position(place).is_none()
                && let Some((name, members)) = known_members(place)
            {
                let (inside, outside): (Vec<&str>, Vec<&str>) =
                    members.split(' ').partition(|region| self.system.regions().position(region).is_some());
                if !outside.is_empty() {
                    let note = format!("{name}: the table has no region {}; they are not in the group", outside.join(", "));
                    if !self.notes.contains(&note) {
                        self.notes.push(note);
                    }
                }
                inside.iter().filter_map(|region| self.system.regions().position(region)).for_each(|region| add(region, false));
            } else {
                let region = self.region(at, place)?;
                add(region, true);
            }
        }
        Ok(all)
    }

    /// The industries of some names, narrowed to sectors: position, by region.
    fn industries(&self, at: &str, named: &[Named], sectors: &[String]) -> Result<BTreeMap<usize, Vec<usize>>, StrategyError> {
        let sectors = sectors.iter().map(|sector| self.sector(at, sector)).collect::<Result<Vec<_>, _>>()?;
        let mut found: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for one in named {
            let own = found.entry(one.region).or_default();
            for i in self.system.range_at(one.region) {
                let code = &self.system.sectors()[i].1;
                if one.sector.as_ref().is_none_or(|sector| sector == code)
                    && (sectors.is_empty() || sectors.contains(code))
                    && !own.contains(&i)
                {
                    own.push(i);
                }
            }
        }
        found.values_mut().for_each(|list| list.sort_unstable());
        found.retain(|_, list| !list.is_empty());
        if found.is_empty() && !named.is_empty() {
            return Err(wrong(
                Problem::Options,
                at,
                "no industry of the table is both in `who` and in `sectors`",
                "name industries that exist",
            ));
        }
        Ok(found)
    }
}

impl ScenarioFile {
    /// Reads a scenario.
    ///
    /// # Errors
    /// [`Problem::Input`] with line and column, and with the fields there are for one that is not known.
    pub fn parse(text: &str) -> Result<Self, StrategyError> {
        toml::from_str(text).map_err(|error| {
            StoreError::new(Problem::Input, format!("the scenario cannot be read: {}", error.to_string().trim()))
                .next("docs/guide/scenarios.md describes every field")
                .into()
        })
    }

    /// A scenario from JSON, as Python's dicts come.
    ///
    /// # Errors
    /// [`Problem::Input`].
    pub fn from_json(value: serde_json::Value) -> Result<Self, StrategyError> {
        serde_json::from_value(value).map_err(|error| {
            StoreError::new(Problem::Input, format!("the scenario is not understood: {error}"))
                .next("docs/guide/scenarios.md describes every field")
                .into()
        })
    }

    /// The firms that its shocks name, each with the share of its output that is lost: the failing firms of `xinzhi chain firms`, which has
    /// no days.
    ///
    /// ```
    /// use xinzhi_strategy::ScenarioFile;
    /// let file = ScenarioFile::parse("name = 'a mill burns'\n[[shock]]\nwhat = 'capacity'\nfirms = ['mill']\nloss = 0.5")?;
    /// assert_eq!(file.failing_firms()?, [("mill".to_owned(), 0.5)]);
    /// # Ok::<(), xinzhi_strategy::StrategyError>(())
    /// ```
    ///
    /// # Errors
    /// [`Problem::Options`] for a scenario without firms, or a shock to firms that is none of capacity.
    pub fn failing_firms(&self) -> Result<Vec<(String, f64)>, StrategyError> {
        let mut firms = Vec::new();
        for (at, entry) in self.shock.iter().enumerate().filter(|(_, entry)| !entry.firms.is_empty()) {
            let place = format!("{}, {}", self.name, entry.name.clone().unwrap_or_else(|| format!("shock {}", at + 1)));
            firms.extend(entry.losses_of_firms(&place)?);
        }
        if firms.is_empty() {
            return Err(wrong(
                Problem::Options,
                &self.name,
                "no shock of the scenario names firms",
                "write firms = [\"NAME\"] in a [[shock]]",
            ));
        }
        Ok(firms)
    }

    /// Its name in a language.
    pub fn title(&self, language: frame::Language) -> &str {
        match (language, &self.name_zh) {
            (frame::Language::Zh, Some(name)) => name,
            _ => &self.name,
        }
    }

    /// The scenario for a table. Shares of products are taken from the workspace.
    ///
    /// # Errors
    /// Regions, sectors, products and routes that are not known, with the nearest that are; options that do not go together; and what
    /// [`Scenario::new`] refuses.
    pub fn resolve(&self, table: &ChainTable, workspace: Option<&Workspace>) -> Result<ResolvedScenario, StrategyError> {
        let system = &table.system;
        let mut resolver = Resolver { system, names: Names::of(system, workspace), workspace, notes: Vec::new() };
        let (mut shocks, mut firms, mut touched) = (Vec::new(), Vec::new(), Vec::new());
        if self.shock.is_empty() {
            return Err(wrong(
                Problem::Options,
                &self.name,
                "the scenario has no shocks",
                "add a [[shock]]; docs/guide/scenarios.md shows six",
            ));
        }
        for (at, entry) in self.shock.iter().enumerate() {
            let name = entry.name.clone().unwrap_or_else(|| format!("shock {}", at + 1));
            let place = format!("{}, {name}", self.name);
            let first = shocks.len();
            self.add(&mut resolver, entry, &name, &place, &mut shocks, &mut firms)?;
            touched.extend(measured(system, &name, &shocks[first..], self.days));
        }
        let scenario = Scenario::new(system, &self.name, self.days, shocks)?;
        Ok(ResolvedScenario { scenario, firms, notes: resolver.notes, touched })
    }

    fn add(
        &self,
        resolver: &mut Resolver<'_>,
        entry: &ShockEntry,
        name: &str,
        place: &str,
        shocks: &mut Vec<Shock>,
        firms: &mut Vec<(String, f64)>,
    ) -> Result<(), StrategyError> {
        let refuse = |what: String, next: &str| Err(wrong(Problem::Options, place, what, next));
        let tariff = entry.what == "tariff";
        if !["capacity", "flow", "demand", "tariff"].contains(&entry.what.as_str()) {
            let near = nearest_names(&entry.what, ["capacity", "flow", "demand", "tariff"].map(|name| (name, "")));
            return refuse(
                format!("`what` is \"{}\"", entry.what),
                &format!("{}use capacity, flow, demand or tariff", near.first().map(|n| format!("nearest: {n}; ")).unwrap_or_default()),
            );
        }
        if tariff != entry.rate.is_some() {
            return refuse(
                "`rate` belongs to a tariff, and a tariff needs one".to_owned(),
                "write rate = 0.25 for a tariff of 25 %, loss = 0.25 elsewhere",
            );
        }
        if entry.loss.is_some() && entry.amount.is_some() {
            return refuse("both `loss` and `amount` are given".to_owned(), "give one of them");
        }
        if entry.what == "capacity" && (!entry.against.is_empty() || entry.goods.is_some()) {
            return refuse(
                "a loss of capacity is not against anybody".to_owned(),
                "leave out `against` and `goods`, or write what = \"flow\"",
            );
        }
        if entry.goods.is_some() && entry.what != "flow" {
            return refuse("`goods` belongs to a flow".to_owned(), "leave it out");
        }
        let course = Course { start: entry.from, end: entry.to.unwrap_or(self.days), recovery: entry.recovery };
        if !entry.firms.is_empty() {
            firms.extend(entry.losses_of_firms(place)?);
            return Ok(());
        }
        let (mut directions, mut scale) = (vec![(entry.who.clone(), entry.against.clone())], 1.0);
        let mut sectors = entry.sectors.clone();
        if let Some(wanted) = &entry.route {
            let Some(route) = self.route.iter().find(|route| route.name == *wanted) else {
                let near = nearest_names(wanted, self.route.iter().map(|route| (route.name.as_str(), "")));
                return refuse(format!("the file has no route \"{wanted}\""), &format!("nearest: {}", near.join(", ")));
            };
            if !(route.share > 0.0 && route.share <= 1.0) {
                return refuse(format!("the share of the route \"{wanted}\" is {}", route.share), "give a share between 0 and 1");
            }
            if entry.what != "flow" || !entry.who.is_empty() || !entry.against.is_empty() {
                return refuse(
                    "a route stands in place of `who` and `against` of a flow".to_owned(),
                    "leave them out, and write what = \"flow\"",
                );
            }
            scale = route.share;
            if sectors.is_empty() {
                sectors = route.sectors.clone();
            }
            directions = vec![(route.who.clone(), route.against.clone())];
            if route.both_ways {
                directions.push((route.against.clone(), route.who.clone()));
            }
            resolver
                .notes
                .push(format!("{name}: the route \"{wanted}\" carries {} of the deliveries named, as the file says", route.share));
        }
        for (who, against) in directions {
            if who.is_empty() {
                return refuse("`who` is empty".to_owned(), "name a region, REGION:SECTOR, a group such as EU27, or *");
            }
            let named = resolver.named(place, &who)?;
            let explicit: Vec<usize> = named.iter().filter(|one| one.itself).map(|one| one.region).collect();
            let suppliers = resolver.industries(place, &named, &sectors)?;
            let shares = self.shares_of(
                resolver,
                entry,
                place,
                &suppliers,
                &explicit,
                sectors.is_empty() && named.iter().all(|one| one.sector.is_none()),
            )?;
            let everyone = vec!["*".to_owned()];
            let buyers = resolver.named(place, if against.is_empty() { &everyone } else { &against })?;
            for (region, industries) in &suppliers {
                let industries: Vec<usize> =
                    industries.iter().copied().filter(|i| shares.get(i).is_none_or(|share| *share > 0.0)).collect();
                if industries.is_empty() {
                    continue;
                }
                let share = |i: &usize| shares.get(i).copied().unwrap_or(1.0) * scale;
                let name =
                    if suppliers.len() > 1 { format!("{name} ({})", resolver.system.regions().name(*region)) } else { name.to_owned() };
                // the whole world, or a group, means others than the supplier itself
                let others = buyers.iter().filter(|buyer| buyer.region != *region || (buyer.itself && explicit.contains(region)));
                let (mut users, mut final_users) = (Vec::new(), Vec::new());
                for buyer in others {
                    match &buyer.sector {
                        Some(sector) => {
                            users.extend(resolver.system.range_at(buyer.region).filter(|j| resolver.system.sectors()[*j].1 == *sector))
                        }
                        None => {
                            users.extend(resolver.system.range_at(buyer.region));
                            final_users.push(buyer.region);
                        }
                    }
                }
                for list in [&mut users, &mut final_users] {
                    list.sort_unstable();
                    list.dedup();
                }
                match entry.goods.as_deref() {
                    None | Some("all") => {}
                    Some("inputs") => final_users.clear(),
                    Some("final") => users.clear(),
                    Some(other) => return refuse(format!("`goods` is \"{other}\""), "use all, inputs or final"),
                }
                let system = resolver.system;
                let flow: f64 = match entry.what.as_str() {
                    "capacity" => industries.iter().map(|i| system.output()[*i] * share(i)).sum(),
                    "demand" => {
                        industries.iter().map(|i| share(i) * final_users.iter().map(|r| system.final_delivery(*i, *r)).sum::<f64>()).sum()
                    }
                    _ => industries.iter().map(|i| share(i) * delivered(system, *i, &users, &final_users)).sum(),
                };
                let loss = match (entry.loss, entry.amount, entry.rate) {
                    (_, _, Some(rate)) => rate,
                    (Some(loss), _, _) => loss,
                    (None, Some(amount), _) if suppliers.len() > 1 => {
                        return refuse(
                            format!("`amount` is {amount}, but several regions are named"),
                            "write one shock for each region, or `loss`",
                        );
                    }
                    (None, Some(amount), _) if !(amount >= 0.0 && amount <= flow) => {
                        return refuse(
                            format!("the amount {amount} is larger than the flow, which is {flow} {} a year", system.unit()),
                            "give no more than flows; a negative amount is no shock",
                        );
                    }
                    (None, Some(amount), _) => amount / flow,
                    (None, None, None) => 1.0,
                };
                let losses: Vec<f64> = industries.iter().map(|i| loss * share(i)).collect();
                let disturbance = match entry.what.as_str() {
                    "capacity" => Disturbance::Capacity { industries, losses },
                    "flow" => Disturbance::Flow { suppliers: industries, losses, users, final_users },
                    "demand" => Disturbance::Demand { suppliers: industries, losses, final_users },
                    _ => Disturbance::Tariff { suppliers: industries, rates: losses, importers: final_users },
                };
                shocks.push(Shock { name, disturbance, course });
            }
        }
        Ok(())
    }

    /// The share of the products in each industry; empty where the shock names none.
    fn shares_of(
        &self,
        resolver: &mut Resolver<'_>,
        entry: &ShockEntry,
        place: &str,
        suppliers: &BTreeMap<usize, Vec<usize>>,
        explicit: &[usize],
        any_sector: bool,
    ) -> Result<BTreeMap<usize, f64>, StrategyError> {
        let mut shares = BTreeMap::new();
        if entry.products.is_empty() {
            return Ok(shares);
        }
        let Some(workspace) = resolver.workspace else {
            return Err(wrong(
                Problem::Options,
                place,
                "shares of products need a workspace with trade by product",
                "leave out `products`, and give the share as `loss`",
            ));
        };
        let known = ProductShares::of(workspace, resolver.system, &entry.products)
            .map_err(|error| wrong(Problem::Unknown, place, error, "see `xinzhi data export activities`"))?;
        let (mut told, mut unknown) = (Vec::new(), Vec::new());
        for (region, industries) in suppliers {
            let code = resolver.system.regions().name(*region);
            // a member of a group is left out and told; one that the author named himself is refused
            if !known.exports_of(code) && !explicit.contains(region) {
                unknown.push(code);
                shares.extend(industries.iter().map(|i| (*i, 0.0)));
                continue;
            }
            for i in industries {
                let sector = &resolver.system.sectors()[*i].1;
                let Some(share) = known.share(code, sector) else {
                    return Err(wrong(
                        Problem::Unknown,
                        place,
                        format!(
                            "the trade table {} has no exports of {code}, so the share of the products in its sectors is not known",
                            known.table
                        ),
                        format!("write a shock of its own for {code} with the share as `loss`, and say where it comes from"),
                    ));
                };
                shares.insert(*i, share);
                if share > 0.0 {
                    told.push((share, format!("{code} {sector} {:.1} %", 100.0 * share)));
                }
            }
        }
        if told.is_empty() {
            let linked = known.sectors.join(", ");
            let next = if any_sector { "none of the suppliers exports them".to_owned() } else { format!("they belong to {linked}") };
            return Err(wrong(Problem::Options, place, "the suppliers named export none of these products in these sectors", next));
        }
        if !unknown.is_empty() {
            let name = entry.name.as_deref().unwrap_or("shock");
            resolver.notes.push(format!("{name}: {} has no exports of {}; they are left out", known.table, unknown.join(", ")));
        }
        told.sort_by(|a, b| b.0.total_cmp(&a.0));
        let listed: Vec<String> = told.iter().take(12).map(|(_, text)| text.clone()).collect();
        resolver.notes.push(format!(
            "{}: share of HS {} in the exports of each sector ({}): {}",
            entry.name.as_deref().unwrap_or("shock"),
            entry.products.join(", "),
            known.table,
            listed.join("; ")
        ));
        Ok(shares)
    }
}

fn delivered(system: &InputOutputSystem, i: usize, users: &[usize], final_users: &[usize]) -> f64 {
    users.iter().map(|j| system.delivery(i, *j)).sum::<f64>() + final_users.iter().map(|r| system.final_delivery(i, *r)).sum::<f64>()
}

/// What the shocks of one entry of the file touch together; nothing where they are to firms.
fn measured(system: &InputOutputSystem, name: &str, shocks: &[Shock], days: usize) -> Option<Touched> {
    let mut all: Option<Touched> = None;
    for shock in shocks {
        let (what, industries, losses, users, final_users) = match &shock.disturbance {
            Disturbance::Capacity { industries, losses } => ("capacity", industries, losses, Vec::new(), &Vec::new()),
            Disturbance::Flow { suppliers, losses, users, final_users } => ("flow", suppliers, losses, users.clone(), final_users),
            Disturbance::Demand { suppliers, losses, final_users } => ("demand", suppliers, losses, Vec::new(), final_users),
            Disturbance::Tariff { suppliers, rates, importers } => {
                ("tariff", suppliers, rates, importers.iter().flat_map(|r| system.range_at(*r)).collect(), importers)
            }
        };
        let flow = |i: usize| if what == "capacity" { system.output()[i] } else { delivered(system, i, &users, final_users) };
        let told = all.get_or_insert_with(|| Touched {
            shock: name.to_owned(),
            what,
            industries: 0,
            flow: 0.0,
            lost: 0.0,
            mean_intensity: shock.course.mean(days),
        });
        told.industries += industries.len();
        for (i, loss) in industries.iter().zip(losses) {
            told.flow += flow(*i);
            told.lost += flow(*i) * loss;
        }
    }
    all
}
