use crate::{ChainError, FirmNames};
use frame::Labels;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

/// The sector of firms of which no sector is known, where the asker lets them have one.
pub const UNKNOWN_SECTOR: &str = "unknown";

fn refuse<T>(place: impl Into<String>, what: impl Into<String>, next: impl Into<String>) -> Result<T, ChainError> {
    Err(ChainError::ProductionNetwork { place: place.into(), what: what.into(), next: next.into() })
}

/// The firms of a network before its links are known: name, sector and, where given, size.
///
/// ```
/// use xinzhi_chain::FirmRegister;
/// let mut firms = FirmRegister::default();
/// firms.add("mill", "C10", None, 1)?;
/// firms.add("bakery", "C10", Some(12.5), 2)?;
/// assert_eq!(firms.require("mill")?, 0);
/// assert!(firms.require("mil").unwrap_err().to_string().contains("mill"));
/// # Ok::<(), xinzhi_chain::ChainError>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct FirmRegister {
    names: FirmNames,
    sectors: Vec<String>,
    sector_positions: HashMap<String, u32>,
    sector_of: Vec<u32>,
    /// NaN where none is given.
    sizes: Vec<f64>,
    without_sector: usize,
}

impl FirmRegister {
    /// Takes in a firm; returns its position. `size` is its output or sales in the unit of the links, `row` where it stands, for messages.
    ///
    /// # Errors
    /// [`ChainError::ProductionNetwork`] for a firm without name or sector, one that stands twice, or a size that is negative or not finite.
    pub fn add(&mut self, firm: &str, sector: &str, size: Option<f64>, row: u64) -> Result<u32, ChainError> {
        if firm.is_empty() {
            return refuse(format!("row {row} of the firms"), "the firm has no name", "give it one or leave the row out");
        }
        if sector.is_empty() {
            return refuse(
                format!("the firm {firm} (row {row})"),
                "it has no sector",
                format!("give it one, or let such firms have the sector \"{UNKNOWN_SECTOR}\""),
            );
        }
        if let Some(size) = size
            && !(0.0..f64::INFINITY).contains(&size)
        {
            let next = "give its output or sales in the unit of the links, or nothing";
            return refuse(format!("the firm {firm} (row {row})"), format!("its size is {size}"), next);
        }
        let before = self.names.len();
        let position = self.names.intern(firm);
        if self.names.len() == before {
            return refuse(format!("the firm {firm} (row {row})"), "it stands in two rows of the firms", "leave one of them");
        }
        if self.names.len() >= u32::MAX as usize {
            return refuse(format!("the firm {firm} (row {row})"), "there are too many firms", "a network holds fewer than 4,294,967,295");
        }
        let next = self.sectors.len() as u32;
        let sector_position = *self.sector_positions.entry(sector.to_owned()).or_insert(next);
        if sector_position == next {
            self.sectors.push(sector.to_owned());
        }
        self.sector_of.push(sector_position);
        self.sizes.push(size.unwrap_or(f64::NAN));
        Ok(position)
    }

    /// Takes in a firm of which no sector is known: it goes into the sector [`UNKNOWN_SECTOR`] and is counted.
    ///
    /// # Errors
    /// As [`FirmRegister::add`].
    pub fn add_without_sector(&mut self, firm: &str, size: Option<f64>, row: u64) -> Result<u32, ChainError> {
        self.without_sector += 1;
        self.add(firm, UNKNOWN_SECTOR, size, row)
    }

    /// Where a firm stands.
    pub fn position(&self, firm: &str) -> Option<u32> {
        self.names.position(firm)
    }

    /// Where a firm stands, or an error that names the nearest.
    ///
    /// # Errors
    /// [`ChainError::ProductionNetwork`].
    pub fn require(&self, firm: &str) -> Result<u32, ChainError> {
        require(&self.names, firm)
    }

    /// The names in order.
    pub fn names(&self) -> &FirmNames {
        &self.names
    }

    /// How many firms there are.
    pub fn len(&self) -> usize {
        self.names.len()
    }

    /// True when there is none.
    pub fn is_empty(&self) -> bool {
        self.names.is_empty()
    }
}

fn require(names: &FirmNames, firm: &str) -> Result<u32, ChainError> {
    let Some(position) = names.position(firm) else {
        let near = names.nearest(firm, 3);
        let next = if near.is_empty() { "no name comes near".to_owned() } else { format!("nearest: {}", near.join(", ")) };
        return refuse(format!("the firm {firm}"), format!("it is not among the {} firms", names.len()), next);
    };
    Ok(position)
}

/// What a firm buys from another over a year, or another period.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Link {
    /// Who delivers: a position in the [`FirmRegister`].
    pub supplier: u32,
    /// Who buys.
    pub buyer: u32,
    /// For how much: finite, not negative.
    pub value: f64,
    /// Where the link stands, counted from 1, for messages.
    pub row: u64,
}

/// What to do about links that would not be in a clean list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ProductionNetworkOptions {
    /// Refuse several links of one supplier and buyer, instead of adding them up and counting them.
    pub refuse_repeated: bool,
    /// Refuse links of a firm with itself, instead of leaving them out and counting them.
    pub refuse_self_links: bool,
}

/// What became of the links and firms.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct NetworkReport {
    /// Links that came in.
    pub links_given: u64,
    /// Links added to one of the same supplier and buyer.
    pub repeated_links: u64,
    /// Links of a firm with itself, left out.
    pub self_links: u64,
    /// What they are worth.
    pub self_link_value: f64,
    /// Links of value 0, left out.
    pub zero_links: u64,
    /// Firms that neither sell to nor buy from another.
    pub isolated_firms: usize,
    /// Firms in the sector [`UNKNOWN_SECTOR`] for want of a known one.
    pub firms_without_sector: usize,
    /// Firms with a size; without any, sales in the network serve for all.
    pub sizes_given: usize,
    /// Firms without a size where others have one: their sales in the network serve.
    pub sizes_missing: usize,
    /// Firms whose size is less than what they sell in the network.
    pub sizes_below_sales: usize,
}

/// Who supplies whom: firms with their sectors, and what each sells to each, up to some ten million links.
///
/// Links are held twice, by supplier and by buyer: 8 + 4 bytes a link with its value, and 4 + 4 without. A firm's suppliers stand by
/// sector, so that what it buys from a sector is a stretch of its list. The order of the links makes no difference to anything.
///
/// Size s_i is what is given, else sales in the network (out-strength), as in Diem et al. (2022).
///
/// ```
/// use xinzhi_chain::{FirmRegister, Link, ProductionNetwork};
/// let mut firms = FirmRegister::default();
/// for (row, (firm, sector)) in [("farm", "A01"), ("mill", "C10"), ("bakery", "C10")].into_iter().enumerate() {
///     firms.add(firm, sector, None, row as u64 + 1)?;
/// }
/// let links = [(0, 1, 5.0), (1, 2, 8.0), (1, 2, 1.0)];
/// let links = links.iter().map(|(supplier, buyer, value)| Link { supplier: *supplier, buyer: *buyer, value: *value, row: 1 });
/// let network = ProductionNetwork::new("an example", firms, links, &Default::default())?;
/// assert_eq!((network.links(), network.report().repeated_links, network.sales(1)), (2, 1, 9.0));
/// # Ok::<(), xinzhi_chain::ChainError>(())
/// ```
#[derive(Debug, Clone)]
pub struct ProductionNetwork {
    name: String,
    firms: FirmNames,
    sectors: Labels,
    pub(crate) sector_of: Vec<u32>,
    pub(crate) size: Vec<f64>,
    sales: Vec<f64>,
    purchases: Vec<f64>,
    /// Where the links of a supplier begin; one more than firms.
    pub(crate) customer_starts: Vec<u32>,
    pub(crate) customers: Vec<u32>,
    pub(crate) values: Vec<f64>,
    /// Where the links of a buyer begin; one more than firms.
    pub(crate) supplier_starts: Vec<u32>,
    pub(crate) suppliers: Vec<u32>,
    /// The position of a buyer's link among the suppliers' links.
    pub(crate) supply_link: Vec<u32>,
    /// Where the sectors that a buyer buys from begin; one more than firms.
    pub(crate) group_starts: Vec<u32>,
    /// Where the links of a buyer with a sector begin; one more than there are.
    pub(crate) group_links: Vec<u32>,
    report: NetworkReport,
}

impl ProductionNetwork {
    /// A network of firms and their links; the links are run through three times, so that no copy of them is needed.
    ///
    /// # Errors
    /// [`ChainError::ProductionNetwork`] without firms or links, for a link with a negative value or one that is no finite number, for
    /// positions that no firm has, and for what the options refuse.
    pub fn new(
        name: impl Into<String>,
        firms: FirmRegister,
        links: impl Iterator<Item = Link> + Clone,
        options: &ProductionNetworkOptions,
    ) -> Result<Self, ChainError> {
        let name = name.into();
        let count = firms.len();
        let mut report = NetworkReport { firms_without_sector: firms.without_sector, ..NetworkReport::default() };
        let mut customer_starts = counted(&name, &firms, links.clone(), options, &mut report)?;
        let (mut customers, mut values) = (vec![0; last(&customer_starts)], vec![0.0; last(&customer_starts)]);
        let mut next = customer_starts.clone();
        for link in links.clone().filter(kept) {
            let at = next[link.supplier as usize] as usize;
            next[link.supplier as usize] += 1;
            (customers[at], values[at]) = (link.buyer, link.value);
        }
        drop(next);
        report.repeated_links = added_up(&mut customer_starts, &mut customers, &mut values);
        if options.refuse_repeated && report.repeated_links > 0 {
            return Err(repeated(&firms.names, links, report.repeated_links));
        }
        let FirmRegister { names, sectors, sector_of, sizes, .. } = firms;
        let mut network = ProductionNetwork {
            sectors: Labels::new("sectors", sectors)?,
            firms: names,
            // the sum of nothing is −0
            sales: (0..count).map(|i| values[range(&customer_starts, i)].iter().sum::<f64>() + 0.0).collect(),
            size: sizes,
            customer_starts,
            customers,
            values,
            name,
            sector_of,
            purchases: Vec::new(),
            supplier_starts: Vec::new(),
            suppliers: Vec::new(),
            supply_link: Vec::new(),
            group_starts: Vec::new(),
            group_links: Vec::new(),
            report,
        };
        network.turn_to_buyers();
        network.settle_sizes();
        Ok(network)
    }

    /// The links by buyer, from the sector of the supplier that comes first to that which comes last.
    fn turn_to_buyers(&mut self) {
        let (count, links) = (self.firms.len(), self.customers.len());
        let mut starts = vec![0u32; count + 1];
        for customer in &self.customers {
            starts[*customer as usize + 1] += 1;
        }
        for at in 0..count {
            starts[at + 1] += starts[at];
        }
        let mut by_sector: Vec<u32> = (0..count as u32).collect();
        by_sector.sort_by_key(|firm| self.sector_of[*firm as usize]);
        (self.suppliers, self.supply_link) = (vec![0; links], vec![0; links]);
        let mut next = starts.clone();
        for supplier in by_sector {
            for link in range(&self.customer_starts, supplier as usize) {
                let to = &mut next[self.customers[link] as usize];
                (self.suppliers[*to as usize], self.supply_link[*to as usize]) = (supplier, link as u32);
                *to += 1;
            }
        }
        self.supplier_starts = starts;
        self.group_starts = Vec::with_capacity(count + 1);
        for buyer in 0..count {
            self.group_starts.push(self.group_links.len() as u32);
            let mut before = None;
            for at in range(&self.supplier_starts, buyer) {
                let sector = self.sector_of[self.suppliers[at] as usize];
                if before != Some(sector) {
                    self.group_links.push(at as u32);
                    before = Some(sector);
                }
            }
        }
        self.group_starts.push(self.group_links.len() as u32);
        self.group_links.push(links as u32);
        self.purchases = (0..count).map(|buyer| self.suppliers(buyer as u32).map(|(_, value)| value).sum::<f64>() + 0.0).collect();
    }

    fn settle_sizes(&mut self) {
        let report = &mut self.report;
        report.sizes_given = self.size.iter().filter(|size| !size.is_nan()).count();
        report.sizes_missing = if report.sizes_given == 0 { 0 } else { self.size.len() - report.sizes_given };
        for (size, sales) in self.size.iter_mut().zip(&self.sales) {
            report.sizes_below_sales += usize::from(*size < *sales);
            if size.is_nan() {
                *size = *sales;
            }
        }
        let isolated = |i: usize| range(&self.customer_starts, i).is_empty() && range(&self.supplier_starts, i).is_empty();
        report.isolated_firms = (0..self.sales.len()).filter(|i| isolated(*i)).count();
    }

    /// Its name, for messages.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// How many firms there are.
    pub fn len(&self) -> usize {
        self.firms.len()
    }

    /// True when there is none, which [`ProductionNetwork::new`] does not let happen.
    pub fn is_empty(&self) -> bool {
        self.firms.is_empty()
    }

    /// How many links there are after those of the same firms were added up.
    pub fn links(&self) -> usize {
        self.customers.len()
    }

    /// The names of the firms.
    pub fn firms(&self) -> &FirmNames {
        &self.firms
    }

    /// Where a firm stands, or an error that names the nearest.
    ///
    /// # Errors
    /// [`ChainError::ProductionNetwork`].
    pub fn firm(&self, name: &str) -> Result<u32, ChainError> {
        require(&self.firms, name)
    }

    /// The sectors, in the order in which the register met them.
    pub fn sectors(&self) -> &Labels {
        &self.sectors
    }

    /// The position of a firm's sector.
    pub fn sector(&self, firm: u32) -> usize {
        self.sector_of[firm as usize] as usize
    }

    /// The code of a firm's sector.
    pub fn sector_code(&self, firm: u32) -> &str {
        self.sectors.name(self.sector(firm))
    }

    /// A firm's size: as given, else [sales](ProductionNetwork::sales).
    pub fn size(&self, firm: u32) -> f64 {
        self.size[firm as usize]
    }

    /// What a firm sells to firms of the network.
    pub fn sales(&self, firm: u32) -> f64 {
        self.sales[firm as usize]
    }

    /// What a firm buys from firms of the network.
    pub fn purchases(&self, firm: u32) -> f64 {
        self.purchases[firm as usize]
    }

    /// To whom a firm sells, and for how much.
    pub fn customers(&self, firm: u32) -> impl ExactSizeIterator<Item = (u32, f64)> + '_ {
        range(&self.customer_starts, firm as usize).map(|link| (self.customers[link], self.values[link]))
    }

    /// From whom a firm buys, and for how much, by sector of the supplier.
    pub fn suppliers(&self, firm: u32) -> impl ExactSizeIterator<Item = (u32, f64)> + '_ {
        range(&self.supplier_starts, firm as usize).map(|at| (self.suppliers[at], self.values[self.supply_link[at] as usize]))
    }

    /// What became of the links and firms that came in.
    pub fn report(&self) -> &NetworkReport {
        &self.report
    }

    /// The stretches of a buyer's list of suppliers, one for each sector it buys from.
    pub(crate) fn input_groups(&self, buyer: u32) -> impl Iterator<Item = std::ops::Range<usize>> + '_ {
        range(&self.group_starts, buyer as usize).map(|group| range(&self.group_links, group))
    }

    /// The value of a link by its position in the buyers' lists.
    pub(crate) fn bought(&self, at: usize) -> f64 {
        self.values[self.supply_link[at] as usize]
    }
}

/// The stretch of a list that belongs to an entry.
pub(crate) fn range(starts: &[u32], at: usize) -> std::ops::Range<usize> {
    starts[at] as usize..starts[at + 1] as usize
}

fn last(starts: &[u32]) -> usize {
    starts.last().map_or(0, |end| *end as usize)
}

fn kept(link: &Link) -> bool {
    link.supplier != link.buyer && link.value != 0.0
}

fn described(firms: &FirmNames, link: &Link) -> String {
    format!("the link from {} to {} (row {})", firms.name(link.supplier), firms.name(link.buyer), link.row)
}

/// Checks every link and counts them by supplier: where the links of each begin.
fn counted(
    name: &str,
    firms: &FirmRegister,
    links: impl Iterator<Item = Link>,
    options: &ProductionNetworkOptions,
    report: &mut NetworkReport,
) -> Result<Vec<u32>, ChainError> {
    let count = firms.len();
    if count == 0 {
        return refuse(name, "there are no firms", "give at least two firms and a link");
    }
    let mut starts = vec![0u32; count + 1];
    let (mut total, mut worth) = (0u64, 0.0);
    for link in links {
        worth += link.value;
        report.links_given += 1;
        let highest = link.supplier.max(link.buyer);
        if highest as usize >= count {
            let next = "positions come from the register of the same network";
            return refuse(format!("the link of row {}", link.row), format!("there is no firm {highest}, only {count}"), next);
        }
        if !(0.0..f64::INFINITY).contains(&link.value) {
            let what = format!("its value is {}", link.value);
            return refuse(described(firms.names(), &link), what, "values are finite and not negative; turn returned goods round");
        }
        if link.supplier == link.buyer {
            if options.refuse_self_links {
                let next = "leave it out, or let such links be dropped";
                return refuse(described(firms.names(), &link), "a firm does not supply itself", next);
            }
            report.self_links += 1;
            report.self_link_value += link.value;
        } else if link.value == 0.0 {
            report.zero_links += 1;
        } else {
            starts[link.supplier as usize + 1] += 1;
            total += 1;
        }
    }
    if total == 0 {
        let what = format!("no link is left of {}", report.links_given);
        return refuse(name, what, "a network needs a link of positive value between two firms");
    }
    if !f64::is_finite(worth) {
        return refuse(name, "the sum of all links is not finite", "give values in a larger unit");
    }
    if total >= u64::from(u32::MAX) {
        return refuse(name, format!("{total} links are too many"), "a network holds fewer than 4,294,967,295");
    }
    for at in 0..count {
        starts[at + 1] += starts[at];
    }
    Ok(starts)
}

/// Sorts every supplier's links by customer and adds up those of one customer, from the least to the greatest so that their order does
/// not matter; returns how many were added to another.
fn added_up(starts: &mut [u32], customers: &mut Vec<u32>, values: &mut Vec<f64>) -> u64 {
    let mut row: Vec<(u32, f64)> = Vec::new();
    let mut end = 0;
    let mut from = 0;
    for firm in 0..starts.len() - 1 {
        let to = starts[firm + 1] as usize;
        row.clear();
        row.extend(customers[from..to].iter().copied().zip(values[from..to].iter().copied()));
        row.sort_unstable_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)));
        let begin = end;
        for (customer, value) in &row {
            if end > begin && customers[end - 1] == *customer {
                values[end - 1] += value;
            } else {
                (customers[end], values[end]) = (*customer, *value);
                end += 1;
            }
        }
        starts[firm + 1] = end as u32;
        from = to;
    }
    let repeated = customers.len() - end;
    customers.truncate(end);
    values.truncate(end);
    if repeated > 0 {
        customers.shrink_to_fit();
        values.shrink_to_fit();
    }
    repeated as u64
}

/// The error for several links of the same firms: the first in the order of the rows.
fn repeated(firms: &FirmNames, links: impl Iterator<Item = Link>, count: u64) -> ChainError {
    let mut met: HashMap<(u32, u32), u64> = HashMap::new();
    let mut found = None;
    for link in links.filter(kept) {
        if let Some(first) = met.insert((link.supplier, link.buyer), link.row) {
            found = Some((first, link));
            break;
        }
    }
    let place = found.map_or_else(String::new, |(_, link)| described(firms, &link));
    let what = match found {
        Some((first, _)) if count == 1 => format!("it stands also in row {first}"),
        Some((first, _)) => format!("it stands also in row {first}; in all {count} rows repeat another"),
        None => format!("{count} rows repeat another"),
    };
    ChainError::ProductionNetwork { place, what, next: "leave one of them, or let such links be added up".to_owned() }
}

/// Whether a component follows the direction of deliveries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Connection {
    /// Firms joined by links in any direction.
    Weak,
    /// Firms each of which supplies every other, directly or through others.
    Strong,
}

/// The components of a network, the largest first (ties: the one whose first firm stands first).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Components {
    /// The component of every firm.
    pub of: Vec<u32>,
    /// How many firms each has.
    pub sizes: Vec<u32>,
}

/// The components of a network: union by links for weak ones, Tarjan's depth-first search for strong ones.
///
/// ```
/// use xinzhi_chain::{Connection, FirmRegister, Link, ProductionNetwork, components};
/// let mut firms = FirmRegister::default();
/// for firm in ["a", "b", "c", "alone"] {
///     firms.add(firm, "x", None, 1)?;
/// }
/// let links = [(0, 1), (1, 0), (1, 2)].map(|(supplier, buyer)| Link { supplier, buyer, value: 1.0, row: 1 });
/// let network = ProductionNetwork::new("an example", firms, links.into_iter(), &Default::default())?;
/// assert_eq!(components(&network, Connection::Weak).sizes, [3, 1]);
/// assert_eq!(components(&network, Connection::Strong).sizes, [2, 1, 1]);
/// # Ok::<(), xinzhi_chain::ChainError>(())
/// ```
///
/// # Source
/// Tarjan (1972), Depth-first search and linear graph algorithms, SIAM Journal on Computing 1(2).
pub fn components(network: &ProductionNetwork, connection: Connection) -> Components {
    let of = match connection {
        Connection::Weak => weak(network),
        Connection::Strong => strong(network),
    };
    // numbered anew: the largest first
    let count = of.iter().map(|c| *c as usize + 1).max().unwrap_or(0);
    let mut sizes = vec![(0u32, u32::MAX); count];
    for (firm, component) in of.iter().enumerate() {
        let (size, first) = &mut sizes[*component as usize];
        *size += 1;
        *first = (*first).min(firm as u32);
    }
    let mut order: Vec<u32> = (0..count as u32).filter(|c| sizes[*c as usize].0 > 0).collect();
    order.sort_unstable_by_key(|c| (std::cmp::Reverse(sizes[*c as usize].0), sizes[*c as usize].1));
    let mut rank = vec![0; count];
    for (at, component) in order.iter().enumerate() {
        rank[*component as usize] = at as u32;
    }
    Components { of: of.iter().map(|c| rank[*c as usize]).collect(), sizes: order.iter().map(|c| sizes[*c as usize].0).collect() }
}

fn weak(network: &ProductionNetwork) -> Vec<u32> {
    let mut parent: Vec<u32> = (0..network.len() as u32).collect();
    let root = |parent: &mut Vec<u32>, mut firm: u32| {
        while parent[firm as usize] != firm {
            let above = parent[parent[firm as usize] as usize];
            parent[firm as usize] = above;
            firm = above;
        }
        firm
    };
    for supplier in 0..network.len() as u32 {
        for link in range(&network.customer_starts, supplier as usize) {
            let (a, b) = (root(&mut parent, supplier), root(&mut parent, network.customers[link]));
            parent[a.max(b) as usize] = a.min(b);
        }
    }
    (0..network.len() as u32).map(|firm| root(&mut parent, firm)).collect()
}

fn strong(network: &ProductionNetwork) -> Vec<u32> {
    const NEW: u32 = u32::MAX;
    let count = network.len();
    let (mut number, mut low, mut of) = (vec![NEW; count], vec![0u32; count], vec![NEW; count]);
    let (mut open, mut path): (Vec<u32>, Vec<(u32, u32)>) = (Vec::new(), Vec::new());
    let (mut numbers, mut found) = (0, 0);
    for start in 0..count as u32 {
        if number[start as usize] != NEW {
            continue;
        }
        path.push((start, network.customer_starts[start as usize]));
        while let Some((firm, link)) = path.last_mut() {
            let here = *firm as usize;
            if number[here] == NEW {
                (number[here], low[here]) = (numbers, numbers);
                numbers += 1;
                open.push(*firm);
            }
            if *link < network.customer_starts[here + 1] {
                let next = network.customers[*link as usize];
                *link += 1;
                if number[next as usize] == NEW {
                    path.push((next, network.customer_starts[next as usize]));
                } else if of[next as usize] == NEW {
                    low[here] = low[here].min(number[next as usize]);
                }
                continue;
            }
            path.pop();
            if let Some((above, _)) = path.last() {
                low[*above as usize] = low[*above as usize].min(low[here]);
            }
            if low[here] == number[here] {
                while let Some(member) = open.pop() {
                    of[member as usize] = found;
                    if member as usize == here {
                        break;
                    }
                }
                found += 1;
            }
        }
    }
    of
}

/// How a firm stands as a supplier: who else could deliver, and who leans on it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SupplierStanding {
    /// The firm.
    pub firm: u32,
    /// How many firms it sells to.
    pub customers: usize,
    /// How many it buys from.
    pub suppliers: usize,
    /// Its size over that of its sector, s_i / Σ s; NaN in a sector without size.
    pub market_share: f64,
    /// Other firms of its sector that sell to firms.
    pub rivals: usize,
    /// Customers that buy from its sector from nobody else.
    pub only_supplier_of: usize,
    /// Its share in its customers' purchases from its sector, the mean weighted with what they buy from it; NaN without customers.
    pub mean_dependence: f64,
}

/// How every firm stands as a supplier: substitutability seen from the market and from its customers.
///
/// With w_ib what b buys from i and W_kb what it buys from the whole sector k of i, `mean_dependence` = Σ_b w_ib (w_ib / W_kb) / Σ_b w_ib.
///
/// ```
/// use xinzhi_chain::{FirmRegister, Link, ProductionNetwork, supplier_standing};
/// let mut firms = FirmRegister::default();
/// for (firm, sector) in [("a", "x"), ("b", "x"), ("c", "y"), ("d", "y")] {
///     firms.add(firm, sector, None, 1)?;
/// }
/// let links = [(0, 2, 3.0), (1, 2, 1.0), (0, 3, 1.0)].map(|(supplier, buyer, value)| Link { supplier, buyer, value, row: 1 });
/// let network = ProductionNetwork::new("an example", firms, links.into_iter(), &Default::default())?;
/// let a = supplier_standing(&network)[0];
/// assert_eq!((a.market_share, a.rivals, a.only_supplier_of), (0.8, 1, 1));
/// assert_eq!(a.mean_dependence, (3.0 * 0.75 + 1.0) / 4.0);
/// # Ok::<(), xinzhi_chain::ChainError>(())
/// ```
pub fn supplier_standing(network: &ProductionNetwork) -> Vec<SupplierStanding> {
    let mut sector_size = vec![0.0; network.sectors().len()];
    let mut sellers = vec![0usize; network.sectors().len()];
    for firm in 0..network.len() as u32 {
        sector_size[network.sector(firm)] += network.size(firm);
        sellers[network.sector(firm)] += usize::from(network.sales(firm) > 0.0);
    }
    let mut only = vec![0usize; network.len()];
    let mut leaning = vec![0.0; network.len()];
    for buyer in 0..network.len() as u32 {
        for group in network.input_groups(buyer) {
            let whole: f64 = group.clone().map(|at| network.bought(at)).sum();
            for at in group.clone() {
                let supplier = network.suppliers[at] as usize;
                only[supplier] += usize::from(group.len() == 1);
                leaning[supplier] += network.bought(at) * (network.bought(at) / whole);
            }
        }
    }
    (0..network.len() as u32)
        .map(|firm| {
            let (at, sector) = (firm as usize, network.sector(firm));
            SupplierStanding {
                firm,
                customers: network.customers(firm).len(),
                suppliers: network.suppliers(firm).len(),
                market_share: network.size(firm) / sector_size[sector],
                rivals: sellers[sector] - usize::from(network.sales(firm) > 0.0),
                only_supplier_of: only[at],
                mean_dependence: leaning[at] / network.sales(firm),
            }
        })
        .collect()
}

/// One supplier of a firm, and who could stand in.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct InputDependence {
    /// The supplier.
    pub supplier: u32,
    /// What is bought from it.
    pub value: f64,
    /// Its share in what the firm buys from the supplier's sector.
    pub share_of_sector: f64,
    /// Its share in all that the firm buys.
    pub share_of_purchases: f64,
    /// Other firms of the sector that already deliver to this firm.
    pub other_suppliers: usize,
    /// Firms of the sector that sell to others but not to this firm.
    pub alternatives: usize,
}

/// The suppliers of a firm, the largest purchase first (ties by name).
///
/// ```
/// use xinzhi_chain::{FirmRegister, Link, ProductionNetwork, input_dependence};
/// let mut firms = FirmRegister::default();
/// for (firm, sector) in [("a", "x"), ("b", "x"), ("c", "y"), ("d", "y")] {
///     firms.add(firm, sector, None, 1)?;
/// }
/// let links = [(0, 2, 3.0), (1, 2, 1.0), (0, 3, 1.0)].map(|(supplier, buyer, value)| Link { supplier, buyer, value, row: 1 });
/// let network = ProductionNetwork::new("an example", firms, links.into_iter(), &Default::default())?;
/// let of_d = input_dependence(&network, network.firm("d")?);
/// assert_eq!((of_d[0].share_of_sector, of_d[0].other_suppliers, of_d[0].alternatives), (1.0, 0, 1));
/// # Ok::<(), xinzhi_chain::ChainError>(())
/// ```
pub fn input_dependence(network: &ProductionNetwork, buyer: u32) -> Vec<InputDependence> {
    let mut found = Vec::with_capacity(network.suppliers(buyer).len());
    for group in network.input_groups(buyer) {
        let Some(sector) = group.clone().next().map(|at| network.sector_of[network.suppliers[at] as usize]) else { continue };
        let whole: f64 = group.clone().map(|at| network.bought(at)).sum();
        let sellers = (0..network.len()).filter(|i| network.sector_of[*i] == sector && network.sales[*i] > 0.0 && *i != buyer as usize);
        let sellers = sellers.count();
        found.extend(group.clone().map(|at| InputDependence {
            supplier: network.suppliers[at],
            value: network.bought(at),
            share_of_sector: network.bought(at) / whole,
            share_of_purchases: network.bought(at) / network.purchases(buyer),
            other_suppliers: group.len() - 1,
            alternatives: sellers - group.len(),
        }));
    }
    let name = |firm: u32| network.firms().name(firm);
    found.sort_unstable_by(|a, b| b.value.total_cmp(&a.value).then_with(|| name(a.supplier).cmp(name(b.supplier))));
    found
}
