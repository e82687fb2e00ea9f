use crate::{ChainError, InputOutputSystem};
use frame::Labels;
use rayon::prelude::*;

/// Users that stand side by side in memory: what is worked on with one instruction where the machine can.
pub(crate) const USERS: usize = 8;
/// Tiles of a panel: its cells of one sector stay in the nearest caches while they are gone through twice.
const TILES: usize = 8;
/// Panels of a chunk. Chunks are what threads share out; sums over users are made chunk by chunk, whoever makes them.
const PANELS: usize = 4;

/// One number for each user of a tile and each scenario run side by side.
pub(crate) type Lanes<const L: usize> = [[f64; L]; USERS];

/// A number for each user and lane: one instruction after the other for all of them.
#[inline(always)]
pub(crate) fn lanes<const L: usize>(of: impl Fn(usize, usize) -> f64) -> Lanes<L> {
    let mut all = [[0.0; L]; USERS];
    for (u, lanes) in all.iter_mut().enumerate() {
        for (l, lane) in lanes.iter_mut().enumerate() {
            *lane = of(u, l);
        }
    }
    all
}

/// Who delivers what users buy: W_if = Z_if / Σ_{k in the sector of i} Z_kf, and A^sec_sf = Σ_{i in s} Z_if / x_f.
///
/// Orders are by supplying sector, O_if = W_if G_sf, so an order matrix n × n need never stand in memory, and everything about one user
/// depends on its own column only: one pass over W makes a day. Cells stand in the order in which that pass reads them: panels of 64
/// users, in them the supplying sectors, in them tiles of 8 users, in them the suppliers.
pub(crate) struct SupplierShares {
    /// How many industries.
    pub(crate) size: usize,
    /// Sector codes, in order of first appearance.
    pub(crate) sectors: Labels,
    /// Every industry's sector.
    pub(crate) sector_of: Vec<usize>,
    /// Suppliers sorted by sector.
    pub(crate) order: Vec<usize>,
    /// Where each sector's suppliers start; one more than there are sectors.
    pub(crate) starts: Vec<usize>,
    cells: Vec<[f64; USERS]>,
    /// A^sec, in the order of the pass.
    coefficients: Vec<[f64; USERS]>,
    per_coefficient: Vec<[f64; USERS]>,
}

/// What a rule is asked about: one supplying sector and the users of one tile.
#[derive(Clone, Copy)]
pub(crate) struct Block<'a> {
    /// Its position in the chunk.
    pub(crate) at: usize,
    /// The users are tile × 8 and after.
    pub(crate) tile: usize,
    /// The same, counted from the first of the chunk.
    pub(crate) tile_in_chunk: usize,
    /// The supplying sector.
    pub(crate) sector: usize,
    /// A^sec of the users.
    pub(crate) coefficients: &'a [f64; USERS],
    /// 1 / A^sec, 0 where that is 0.
    pub(crate) per_coefficient: &'a [f64; USERS],
}

/// What users do with what they receive. State is by chunk.
pub(crate) trait UserRule<const L: usize>: Sync {
    /// What it remembers of the users of a chunk.
    type State: Send;

    /// Takes Σ_i W_if times what of a unit ordered is delivered, and Σ_i W_if times the weights of the next orders; gives the next
    /// order for one unit of weight.
    fn update(&self, state: &mut Self::State, block: Block<'_>, delivered: &Lanes<L>, weight: &Lanes<L>) -> Lanes<L>;
}

/// Weights of suppliers, one set for each slot; users of a slot see its weights (an embargo holds for some users only).
#[derive(Clone, Default)]
pub(crate) struct Weights<const L: usize> {
    /// By slot and supplier (sorted by sector): weight of the last order times the share of orders that is delivered.
    pub(crate) delivered: Vec<Vec<[f64; L]>>,
    /// By slot and supplier: the weight of the next order.
    pub(crate) next: Vec<Vec<[f64; L]>>,
    /// Every user's slot.
    pub(crate) slot_of: Vec<[u8; L]>,
    /// By tile: the slots of its users, as bits.
    pub(crate) slots_of_tile: Vec<u64>,
}

/// What a chunk of users keeps for one set of scenarios.
pub(crate) struct ChunkWork<S, const L: usize> {
    /// What the rule remembers.
    pub(crate) state: S,
    /// By slot and supplier: Σ over the chunk's users of W_if times the next order.
    pub(crate) ordered: Vec<Vec<[f64; L]>>,
}

impl SupplierShares {
    pub(crate) fn new(system: &InputOutputSystem) -> Result<Self, ChainError> {
        let n = system.size();
        let (sectors, sector_of) = system.sector_codes()?;
        let m = sectors.len();
        let mut starts = vec![0; m + 1];
        sector_of.iter().for_each(|s| starts[s + 1] += 1);
        (0..m).for_each(|s| starts[s + 1] += starts[s]);
        let mut order: Vec<usize> = (0..n).collect();
        order.sort_by_key(|i| (sector_of[*i], *i));
        let mut by_sector = vec![0.0; m * n];
        for (row, s) in system.deliveries().chunks_exact(n).zip(&sector_of) {
            by_sector[s * n..(s + 1) * n].iter_mut().zip(row).for_each(|(sum, flow)| *sum += flow);
        }
        let tiles = n.div_ceil(USERS);
        let mut shares = SupplierShares {
            size: n,
            sectors,
            sector_of,
            order,
            starts,
            cells: vec![[0.0; USERS]; tiles * n],
            coefficients: vec![[0.0; USERS]; tiles * m],
            per_coefficient: vec![[0.0; USERS]; tiles * m],
        };
        // an industry without positive output buys nothing here; its purchases are kept apart as given demand
        let buys = |s: usize, f: usize| by_sector[s * n + f] > 0.0 && system.output()[f] > 0.0;
        for (s, f) in (0..m).flat_map(|s| (0..n).map(move |f| (s, f))).filter(|(s, f)| buys(*s, *f)) {
            let (at, u, all, output) = (shares.block_at(f / USERS, s), f % USERS, by_sector[s * n + f], system.output()[f]);
            (shares.coefficients[at][u], shares.per_coefficient[at][u]) = (all / output, output / all);
        }
        for k in 0..n {
            let (i, s) = (shares.order[k], shares.sector_of[shares.order[k]]);
            let row = &system.deliveries()[i * n..(i + 1) * n];
            for (tile, flows) in row.chunks(USERS).enumerate() {
                let at = shares.cells_at(tile, s) + k - shares.starts[s];
                for (u, flow) in flows.iter().enumerate() {
                    if buys(s, tile * USERS + u) {
                        shares.cells[at][u] = flow / by_sector[s * n + tile * USERS + u];
                    }
                }
            }
        }
        Ok(shares)
    }

    pub(crate) fn tiles(&self) -> usize {
        self.size.div_ceil(USERS)
    }

    /// Users with those that fill the last tile.
    pub(crate) fn padded(&self) -> usize {
        self.tiles() * USERS
    }

    pub(crate) fn chunks(&self) -> usize {
        self.tiles().div_ceil(TILES * PANELS)
    }

    /// The tiles of a chunk.
    pub(crate) fn tiles_of_chunk(&self, chunk: usize) -> std::ops::Range<usize> {
        chunk * TILES * PANELS..((chunk + 1) * TILES * PANELS).min(self.tiles())
    }

    fn tiles_of_panel(&self, panel: usize) -> usize {
        TILES.min(self.tiles() - panel * TILES)
    }

    fn cells_at(&self, tile: usize, sector: usize) -> usize {
        let panel = tile / TILES;
        let suppliers = self.starts[sector + 1] - self.starts[sector];
        panel * TILES * self.size + self.starts[sector] * self.tiles_of_panel(panel) + tile % TILES * suppliers
    }

    fn block_at(&self, tile: usize, sector: usize) -> usize {
        let panel = tile / TILES;
        panel * TILES * self.sectors.len() + sector * self.tiles_of_panel(panel) + tile % TILES
    }

    /// Every block of a chunk, in the order of the pass.
    pub(crate) fn blocks(&self, chunk: usize) -> impl Iterator<Item = Block<'_>> {
        let tiles = self.tiles_of_chunk(chunk);
        let first = tiles.start;
        let panels = tiles.start / TILES..tiles.end.div_ceil(TILES);
        panels
            .flat_map(move |panel| {
                (0..self.sectors.len()).flat_map(move |sector| (0..self.tiles_of_panel(panel)).map(move |t| (panel * TILES + t, sector)))
            })
            .enumerate()
            .map(move |(at, (tile, sector))| Block {
                at,
                tile,
                tile_in_chunk: tile - first,
                sector,
                coefficients: &self.coefficients[self.block_at(tile, sector)],
                per_coefficient: &self.per_coefficient[self.block_at(tile, sector)],
            })
    }

    /// One pass over W for several sets of scenarios: every user receives, uses and orders. Each set has weights, a rule and one piece
    /// of work for each chunk; work stands by chunk, then by set.
    pub(crate) fn pass<const L: usize, R: UserRule<L>>(&self, sets: &[(&Weights<L>, &R)], work: &mut [Vec<ChunkWork<R::State, L>>]) {
        work.par_iter_mut().enumerate().for_each(|(chunk, work)| {
            pulp::Arch::new().dispatch(ChunkPass { shares: self, chunk, sets, work });
        });
    }

    /// Σ over chunks of what was ordered, in the order of chunks.
    pub(crate) fn ordered<const L: usize, S>(&self, work: &[Vec<ChunkWork<S, L>>], set: usize, slot: usize) -> Vec<[f64; L]> {
        let mut sum = vec![[0.0; L]; self.size];
        for work in work {
            for (sum, ordered) in sum.iter_mut().zip(&work[set].ordered[slot]) {
                sum.iter_mut().zip(ordered).for_each(|(sum, ordered)| *sum += ordered);
            }
        }
        sum
    }
}

/// The part of a pass that one chunk of users makes, compiled for the widest registers the machine has. Fused multiplications and
/// additions round once by definition, so that the bytes are the same on every machine (a processor without them is slow).
struct ChunkPass<'a, const L: usize, R: UserRule<L>> {
    shares: &'a SupplierShares,
    chunk: usize,
    sets: &'a [(&'a Weights<L>, &'a R)],
    work: &'a mut [ChunkWork<R::State, L>],
}

impl<const L: usize, R: UserRule<L>> pulp::NullaryFnOnce for ChunkPass<'_, L, R> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        let ChunkPass { shares, chunk, sets, work } = self;
        for work in work.iter_mut() {
            work.ordered.iter_mut().for_each(|slot| slot.fill([0.0; L]));
        }
        let tiles = shares.tiles_of_chunk(chunk);
        let mut at = 0;
        for panel in tiles.start / TILES..tiles.end.div_ceil(TILES) {
            let in_panel = shares.tiles_of_panel(panel);
            for sector in 0..shares.sectors.len() {
                let (start, end) = (shares.starts[sector], shares.starts[sector + 1]);
                let suppliers = end - start;
                let from = panel * TILES * shares.size + start * in_panel;
                let cells = &shares.cells[from..from + suppliers * in_panel];
                for ((weights, rule), work) in sets.iter().zip(work.iter_mut()) {
                    let mut orders = [[[0.0; L]; USERS]; TILES];
                    let mut slots_of_panel = 0u64;
                    for (t, orders) in orders.iter_mut().enumerate().take(in_panel) {
                        let tile = panel * TILES + t;
                        let block = Block {
                            at: at + t,
                            tile,
                            tile_in_chunk: tile - tiles.start,
                            sector,
                            coefficients: &shares.coefficients[shares.block_at(tile, sector)],
                            per_coefficient: &shares.per_coefficient[shares.block_at(tile, sector)],
                        };
                        let (delivered, next) = tile_sums(weights, &cells[t * suppliers..(t + 1) * suppliers], start..end, tile);
                        *orders = rule.update(&mut work.state, block, &delivered, &next);
                        slots_of_panel |= weights.slots_of_tile[tile];
                    }
                    if slots_of_panel == 1 {
                        spread(cells, suppliers, in_panel, &orders, &mut work.ordered[0][start..end]);
                    } else {
                        for slot in (0..work.ordered.len()).filter(|slot| slots_of_panel & (1 << slot) != 0) {
                            let mut own = orders;
                            for (t, orders) in own.iter_mut().enumerate().take(in_panel) {
                                let users = &weights.slot_of[(panel * TILES + t) * USERS..];
                                for (orders, slots) in orders.iter_mut().zip(users) {
                                    for (order, of) in orders.iter_mut().zip(slots) {
                                        *order = if usize::from(*of) == slot { *order } else { 0.0 };
                                    }
                                }
                            }
                            spread(cells, suppliers, in_panel, &own, &mut work.ordered[slot][start..end]);
                        }
                    }
                }
                at += in_panel;
            }
        }
    }
}

/// Σ_i W_if times either kind of weight, for the users of a tile, each user by its slot.
#[inline(always)]
fn tile_sums<const L: usize>(
    weights: &Weights<L>,
    cells: &[[f64; USERS]],
    suppliers: std::ops::Range<usize>,
    tile: usize,
) -> (Lanes<L>, Lanes<L>) {
    let slots = weights.slots_of_tile[tile];
    if slots == 1 {
        return sums(cells, &weights.delivered[0][suppliers.clone()], &weights.next[0][suppliers]);
    }
    let (mut delivered, mut next) = ([[0.0; L]; USERS], [[0.0; L]; USERS]);
    for slot in (0..weights.next.len()).filter(|slot| slots & (1 << slot) != 0) {
        let (a, b) = sums(cells, &weights.delivered[slot][suppliers.clone()], &weights.next[slot][suppliers.clone()]);
        for u in 0..USERS {
            for l in 0..L {
                if usize::from(weights.slot_of[tile * USERS + u][l]) == slot {
                    (delivered[u][l], next[u][l]) = (a[u][l], b[u][l]);
                }
            }
        }
    }
    (delivered, next)
}

/// Two sums over suppliers, one supplier after the other, for every user and lane.
#[inline(always)]
fn sums<const L: usize>(cells: &[[f64; USERS]], first: &[[f64; L]], second: &[[f64; L]]) -> (Lanes<L>, Lanes<L>) {
    let (mut a, mut b) = ([[0.0; L]; USERS], [[0.0; L]; USERS]);
    if L == 1 {
        for (cell, (first, second)) in cells.iter().zip(first.iter().zip(second)) {
            for u in 0..USERS {
                for l in 0..L {
                    a[u][l] = cell[u].mul_add(first[l], a[u][l]);
                    b[u][l] = cell[u].mul_add(second[l], b[u][l]);
                }
            }
        }
        return (a, b);
    }
    // half the users at a time, so that the sums stay in registers
    for half in 0..2 {
        let (mut x, mut y) = ([[0.0; L]; USERS / 2], [[0.0; L]; USERS / 2]);
        for (cell, (first, second)) in cells.iter().zip(first.iter().zip(second)) {
            let cell = cell.as_chunks::<{ USERS / 2 }>().0[half];
            for u in 0..USERS / 2 {
                for l in 0..L {
                    x[u][l] = cell[u].mul_add(first[l], x[u][l]);
                    y[u][l] = cell[u].mul_add(second[l], y[u][l]);
                }
            }
        }
        a.as_chunks_mut::<{ USERS / 2 }>().0[half] = x;
        b.as_chunks_mut::<{ USERS / 2 }>().0[half] = y;
    }
    (a, b)
}

/// Adds Σ over the users of a panel of W_if times their orders to every supplier of a sector.
#[inline(always)]
fn spread<const L: usize>(cells: &[[f64; USERS]], suppliers: usize, tiles: usize, orders: &[Lanes<L>; TILES], to: &mut [[f64; L]]) {
    let mut rows: [&[[f64; USERS]]; TILES] = [&[]; TILES];
    rows.iter_mut().zip(cells.chunks_exact(suppliers)).for_each(|(row, cells)| *row = cells);
    // two suppliers at a time share what is read of the orders
    let (pairs, last) = to.as_chunks_mut::<2>();
    let even = 2 * pairs.len();
    for (i, to) in pairs.iter_mut().enumerate() {
        spread_to(&rows[..tiles], 2 * i, orders, to);
    }
    if let [to] = last {
        spread_to(&rows[..tiles], even, orders, std::array::from_mut(to));
    }
}

/// The same for neighbouring suppliers: four sums side by side for each, over the users that are four apart, and then their sum.
#[inline(always)]
fn spread_to<const L: usize, const N: usize>(rows: &[&[[f64; USERS]]], first: usize, orders: &[Lanes<L>; TILES], to: &mut [[f64; L]; N]) {
    let mut sum = [[[0.0; L]; 4]; N];
    for (row, orders) in rows.iter().zip(orders) {
        let Some(cells) = row.get(first..first + N).and_then(|cells| cells.first_chunk::<N>()) else { break };
        for u in 0..USERS {
            for (cell, sum) in cells.iter().zip(&mut sum) {
                for l in 0..L {
                    sum[u % 4][l] = cell[u].mul_add(orders[u][l], sum[u % 4][l]);
                }
            }
        }
    }
    for (to, sum) in to.iter_mut().zip(&sum) {
        for (l, to) in to.iter_mut().enumerate() {
            *to += (sum[0][l] + sum[2][l]) + (sum[1][l] + sum[3][l]);
        }
    }
}
