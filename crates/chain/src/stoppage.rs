use crate::{ChainError, Criticality, InputOutputSystem, Rationing, SupplyCut};
use std::collections::HashMap;
use std::ops::Range;

/// One way in which one critical input stops one industry of the place: u_user ≥ slope u_own − offset + lost − cover.
pub(crate) struct Link {
    /// The first way of the same input and user, by which losses, covers and measures are counted.
    pub first: usize,
    /// The input: the number of its sector code.
    pub input: usize,
    /// The user, counted within the place.
    pub user: usize,
    /// The place's own industry of that sector, counted within the place, where this way leads through it.
    pub own: Option<usize>,
    /// By how much the user's standstill rises with that industry's, and what that industry can lose before it does.
    pub slope: f64,
    pub offset: f64,
    /// The share of the place's own industry in what the user uses of the input.
    pub home: f64,
    /// What the user uses of it a year, from all regions.
    pub used: f64,
}

/// A place whose industries stop when a critical input runs short, and so stop each other.
pub(crate) struct CriticalInputs<'a> {
    pub system: &'a InputOutputSystem,
    pub own: Range<usize>,
    pub links: Vec<Link>,
    /// The links of each user: a range of `links`.
    of_user: Vec<Range<usize>>,
    /// For every foreign industry, the links it delivers to with its share in the use of the input.
    pub of_supplier: Vec<Vec<(usize, f64)>>,
    /// Value added of each industry a year; what is negative counts as nothing.
    pub value_added: Vec<f64>,
}

/// What a cut takes away, before anything is done about it.
pub(crate) struct Shortfall {
    /// By link: the share of the input that does not come.
    pub lost: Vec<f64>,
    /// By industry of the place: the share of its own capacity that is gone.
    pub floor: Vec<f64>,
}

/// How far each industry stands still, and why.
pub(crate) struct Stoppage {
    /// By industry of the place: the share of its output that is not made.
    pub shares: Vec<f64>,
    /// The link that stops it; none where it runs in full, or where its own capacity is what is missing.
    pub causes: Vec<Option<usize>>,
}

impl<'a> CriticalInputs<'a> {
    pub(crate) fn new(
        system: &'a InputOutputSystem,
        place: &str,
        criticality: &Criticality,
        rationing: Rationing,
    ) -> Result<Self, ChainError> {
        let (own, n) = (system.range(place)?, system.size());
        let (codes, code_of) = system.sector_codes()?;
        let own_of_code: HashMap<usize, usize> =
            own.clone().filter(|i| system.output()[*i] > 0.0).map(|i| (code_of[i], i - own.start)).collect();
        let users = own.len();
        let mut used = vec![0.0; codes.len() * users];
        for k in 0..n {
            let row = &system.deliveries()[k * n..(k + 1) * n][own.clone()];
            used[code_of[k] * users..(code_of[k] + 1) * users].iter_mut().zip(row).for_each(|(sum, flow)| *sum += flow);
        }
        let critical = criticality.of(system, own.clone(), &codes, &used)?;
        let (mut links, mut of_user, mut at) = (Vec::new(), Vec::with_capacity(users), vec![None; codes.len() * users]);
        for user in 0..users {
            let first = links.len();
            for input in 0..codes.len() {
                let cell = input * users + user;
                if !critical[cell] || used[cell] <= 0.0 || system.output()[own.start + user] <= 0.0 {
                    continue;
                }
                at[cell] = Some(links.len());
                let home = own.clone().find(|i| code_of[*i] == input).map_or(0.0, |i| system.delivery(i, own.start + user) / used[cell]);
                let first = links.len();
                let way = |own, slope, offset| Link { first, input, user, own, slope, offset, home, used: used[cell] };
                match (own_of_code.get(&input).copied().filter(|_| home > 0.0), rationing) {
                    (None, _) => links.push(way(None, 0.0, 0.0)),
                    (Some(i), Rationing::Proportional) => links.push(way(Some(i), home, 0.0)),
                    (Some(i), Rationing::IndustriesFirst) => {
                        let inside: f64 =
                            own.clone().map(|j| system.delivery(own.start + i, j)).sum::<f64>() / system.output()[own.start + i];
                        let inside = inside.min(1.0);
                        links.push(way(None, 0.0, 0.0));
                        links.push(way(Some(i), home / inside, home * (1.0 - inside) / inside));
                    }
                }
            }
            of_user.push(first..links.len());
        }
        let mut of_supplier = vec![Vec::new(); n];
        for k in (0..n).filter(|k| !own.contains(k)) {
            for user in 0..users {
                if let Some(link) = at[code_of[k] * users + user] {
                    let flow = system.delivery(k, own.start + user);
                    if flow > 0.0 {
                        of_supplier[k].push((link, flow / links[link].used));
                    }
                }
            }
        }
        let value_added = system.value_added()[own.clone()].iter().map(|value| value.max(0.0)).collect();
        Ok(CriticalInputs { system, own, links, of_user, of_supplier, value_added })
    }

    /// What a cut takes from every link, and by which supplier: (link, supplier, share of the input that does not come).
    pub(crate) fn takes(&self, cut: &SupplyCut) -> Vec<(usize, usize, f64)> {
        let mut by_supplier: Vec<usize> = cut.losses.iter().map(|lost| lost.supplier).collect();
        by_supplier.sort_unstable();
        by_supplier.dedup();
        let mut taken = Vec::new();
        for supplier in by_supplier {
            let of_it: Vec<_> = cut.losses.iter().filter(|lost| lost.supplier == supplier).collect();
            for (link, share) in &self.of_supplier[supplier] {
                let user = self.own.start + self.links[*link].user;
                let felt = of_it.iter().filter(|lost| lost.users.is_empty() || lost.users.contains(&user));
                let lost = felt.map(|lost| lost.share).sum::<f64>().min(1.0);
                if lost > 0.0 {
                    taken.push((*link, supplier, lost * share));
                }
            }
        }
        taken
    }

    /// The shortfall of a cut.
    pub(crate) fn shortfall(&self, cut: &SupplyCut) -> Shortfall {
        let (mut lost, mut floor) = (vec![0.0; self.links.len()], vec![0.0; self.own.len()]);
        self.takes(cut).into_iter().for_each(|(link, _, share)| lost[link] += share);
        // a sum of shares may pass what is not made at home by a rounding error
        lost.iter_mut().zip(&self.links).for_each(|(lost, link)| *lost = lost.min(1.0 - link.home).max(0.0));
        for (at, link) in self.links.iter().enumerate() {
            lost[at] = lost[link.first];
        }
        for (i, share) in &cut.own_capacity {
            let held: &mut f64 = &mut floor[i - self.own.start];
            *held = (*held + share).min(1.0);
        }
        Shortfall { lost, floor }
    }

    /// The least standstill u with u_j ≥ floor_j and u_j ≥ slope_ij u_i − offset_ij + lost_ij − cover_ij on every critical input i; `cover` is
    /// asked for first ways only.
    ///
    /// The least solution is the same for every industry at once, whatever weighs in the sum: no choice between industries is made. It is
    /// found by strict improvement of causes: with every industry's cause fixed, u is solved exactly along the chains and cycles of causes
    /// (each industry has one), then causes are changed where another input binds harder. The values only rise and stay below the least
    /// solution, so it ends there.
    pub(crate) fn stoppage(&self, shortfall: &Shortfall, cover: impl Fn(usize) -> f64) -> Stoppage {
        const STRICTLY: f64 = 1e-13;
        let users = self.own.len();
        let missing: Vec<f64> =
            self.links.iter().enumerate().map(|(at, link)| shortfall.lost[at] - link.offset - cover(link.first)).collect();
        let mut shares = shortfall.floor.clone();
        let mut causes: Vec<Option<usize>> = vec![None; users];
        // every round raises at least one value to that of a better set of causes, of which there are finitely many; far fewer are needed
        for _ in 0..1000 + 10 * self.links.len() {
            let mut changed = false;
            for user in 0..users {
                let best = self.of_user[user].clone().map(|link| (link, self.reached(link, &missing, &shares)));
                let best =
                    best.fold(None, |best: Option<(usize, f64)>, next| if best.is_some_and(|b| b.1 >= next.1) { best } else { Some(next) });
                if let Some((link, value)) = best
                    && value > shares[user] + STRICTLY
                {
                    causes[user] = Some(link);
                    changed = true;
                }
            }
            if !changed {
                break;
            }
            self.evaluate(&causes, &missing, &shortfall.floor, &mut shares);
        }
        Stoppage { shares, causes }
    }

    fn reached(&self, link: usize, missing: &[f64], shares: &[f64]) -> f64 {
        let of = &self.links[link];
        missing[link] + of.own.map_or(0.0, |i| of.slope * shares[i])
    }

    /// u where every industry's cause is given: each leads to at most one other industry, so the causes form chains that end, or cycles.
    fn evaluate(&self, causes: &[Option<usize>], missing: &[f64], floor: &[f64], shares: &mut [f64]) {
        let next = |user: usize| causes[user].and_then(|link| self.links[link].own);
        let step = |user: usize, of_next: f64| match causes[user] {
            None => floor[user],
            Some(link) => missing[link] + self.links[link].slope * of_next,
        };
        // 0: not seen, 1: on the path walked now, 2: known
        let mut seen = vec![0u8; causes.len()];
        for start in 0..causes.len() {
            let (mut path, mut at) = (Vec::new(), Some(start));
            while let Some(user) = at.filter(|user| seen[*user] == 0) {
                seen[user] = 1;
                path.push(user);
                at = next(user);
            }
            if let Some(entry) = at.filter(|user| seen[*user] == 1) {
                // a cycle: u = factor u + constant once around, from its entry
                let from = path.iter().position(|user| *user == entry).unwrap_or(0);
                let (mut factor, mut constant) = (1.0, 0.0);
                for user in path[from..].iter().rev() {
                    let slope = causes[*user].map_or(0.0, |link| self.links[link].slope);
                    constant = step(*user, 0.0) + slope * constant;
                    factor *= slope;
                }
                // a cycle that raises u has a factor below 1: at u = 1 nothing asks for more than 1
                shares[entry] = if factor < 1.0 { (constant / (1.0 - factor)).clamp(0.0, 1.0) } else { 1.0 };
                for user in path[from + 1..].iter().rev() {
                    shares[*user] = step(*user, next(*user).map_or(0.0, |i| shares[i]));
                    seen[*user] = 2;
                }
                seen[entry] = 2;
                path.truncate(from);
            }
            for user in path.iter().rev() {
                shares[*user] = step(*user, next(*user).map_or(0.0, |i| shares[i]));
                seen[*user] = 2;
            }
        }
    }

    /// The value added that a standstill costs over some part of a year.
    pub(crate) fn loss(&self, stoppage: &Stoppage, years: f64) -> f64 {
        years * stoppage.shares.iter().zip(&self.value_added).map(|(u, value)| u * value).sum::<f64>()
    }
}
