use crate::linear_program::LinearProgram;
use crate::stoppage::{CriticalInputs, Shortfall, Stoppage};
use crate::{ChainError, DAYS_OF_YEAR, PlanOptions, Risk, SupplyCut};
use std::collections::HashSet;

/// A cut made ready: what it takes, and what happens when nothing is done about it.
pub(crate) struct Case {
    pub probability: f64,
    pub days: f64,
    pub shortfall: Shortfall,
    /// The least standstill without a plan.
    pub alone: Stoppage,
    /// The value added it costs.
    pub loss: f64,
}

/// What can be kept of one critical input by one user.
struct Measure {
    /// The position in [`CriticalInputs::links`].
    link: usize,
    /// The most days of stock, and their cost a day and year; absent where a stock cannot be kept or a second source always does it as
    /// cheaply.
    stock: Option<(f64, f64)>,
    /// The largest share of second sources, and the cost of all of the use a year; absent likewise.
    second: Option<(f64, f64)>,
    /// The days of the longest cut it is felt in.
    longest: f64,
    /// Which of the two are in the program: where both are, each could do without the other, and only one pays, one is left out until the
    /// multipliers say that it would pay.
    offered: (bool, bool),
}

/// Stocks (days) and second sources (shares), by link.
#[derive(Clone)]
pub(crate) struct Cover {
    pub stock: Vec<f64>,
    pub second: Vec<f64>,
}

impl Cover {
    fn of(&self, days: f64) -> impl Fn(usize) -> f64 {
        move |link| self.second[link] + self.stock[link] / days
    }
}

/// The cheapest cover for one target.
pub(crate) struct Solved {
    pub cover: Cover,
    /// Of each case with this cover.
    pub losses: Vec<f64>,
    pub risk: f64,
    pub cost: f64,
    pub lower_bound: f64,
    /// The largest product of a multiplier and its slack.
    pub slackness: f64,
    /// The multiplier of the target.
    pub marginal_cost: f64,
    /// (case, link, multiplier) of the rows, by the first way of an input.
    pub scarcity: Vec<(usize, usize, f64)>,
    pub variables: usize,
    pub rows: usize,
    pub rounds: usize,
    pub iterations: usize,
}

/// The linear program of [`crate::resilience_plan`] for one place and its cuts, with the rows found so far.
pub(crate) struct CoverProblem<'a> {
    pub inputs: &'a CriticalInputs<'a>,
    pub cases: Vec<Case>,
    risk: Risk,
    measures: Vec<Measure>,
    /// Every row that could bind: (case, link).
    pub rows_of_all: usize,
    rows: Vec<(usize, usize)>,
    known: HashSet<(usize, usize)>,
    /// The risk without a plan.
    pub risk_alone: f64,
    /// The risk when everything allowed is kept, at any cost.
    pub best_reachable: f64,
}

/// Losses are compared with the target up to this share of the loss without a plan.
pub(crate) const TARGET_TOLERANCE: f64 = 1e-7;

/// How closely programs are solved: on the way, and at the end.
const ROUGHLY: f64 = 1e-4;
const CLOSELY: f64 = 1e-10;

/// A mean, or the mean of the worst 1 − β of the probability.
pub(crate) fn risk_of(risk: Risk, probabilities: impl Iterator<Item = f64>, losses: &[f64]) -> f64 {
    let beta = match risk {
        Risk::Expected => 0.0,
        Risk::ConditionalValueAtRisk { beta } => beta,
    };
    let mut worst: Vec<(f64, f64)> = losses.iter().copied().zip(probabilities).collect();
    worst.sort_by(|a, b| b.0.total_cmp(&a.0));
    let (mut left, mut sum) = (1.0 - beta, 0.0);
    for (loss, probability) in worst {
        let part = probability.min(left);
        sum += part * loss;
        left -= part;
    }
    sum / (1.0 - beta)
}

impl<'a> CoverProblem<'a> {
    /// `cuts` with their probabilities, which sum to 1.
    pub(crate) fn new(inputs: &'a CriticalInputs<'a>, cuts: &[(&SupplyCut, f64)], options: &PlanOptions) -> Result<Self, ChainError> {
        let cases: Vec<Case> = cuts
            .iter()
            .map(|(cut, probability)| {
                let shortfall = inputs.shortfall(cut);
                let alone = inputs.stoppage(&shortfall, |_| 0.0);
                let loss = inputs.loss(&alone, cut.years());
                Case { probability: *probability, days: cut.days, shortfall, alone, loss }
            })
            .collect();
        let binds = |case: &Case, link: usize| {
            let of = &inputs.links[link];
            let most = case.shortfall.lost[link] - of.offset + of.own.map_or(0.0, |i| of.slope * case.alone.shares[i]);
            most > case.shortfall.floor[of.user] && most > 0.0
        };
        let rows_of_all = cases.iter().map(|case| (0..inputs.links.len()).filter(|link| binds(case, *link)).count()).sum();
        let (codes, _) = inputs.system.sector_codes()?;
        let listed = |names: &[String]| -> Result<Vec<bool>, ChainError> {
            let mut listed = vec![false; codes.len()];
            for name in names {
                listed[codes.require(name)?] = true;
            }
            Ok(listed)
        };
        let (not_storable, no_second_source) = (listed(&options.not_storable)?, listed(&options.no_second_source)?);
        let mut measures = Vec::new();
        for (link, of) in inputs.links.iter().enumerate().filter(|(at, of)| of.first == *at) {
            let ways = (link..inputs.links.len()).take_while(|at| inputs.links[*at].first == link);
            let felt: Vec<f64> = cases.iter().filter(|case| ways.clone().any(|way| binds(case, way))).map(|case| case.days).collect();
            let Some(longest) = felt.iter().copied().reduce(f64::max) else { continue };
            let shortest = felt.iter().copied().fold(longest, f64::min);
            let most_days = options.most_stock_days.unwrap_or(longest).min(longest);
            let stock = (!not_storable[of.input] && most_days > 0.0)
                .then(|| (most_days, (options.capital_cost + options.storage_cost) * of.used / DAYS_OF_YEAR));
            let second = (!no_second_source[of.input] && options.most_second_source > 0.0)
                .then(|| (options.most_second_source.min(1.0), options.second_source_cost * of.used));
            // a stock of d × longest days does in every cut what a second source of share d does, and the other way round with the shortest
            let (stock, second) = match (stock, second) {
                (Some((days, by_day)), Some((share, by_share))) if by_share >= by_day * longest && days >= share * longest => {
                    (Some((days, by_day)), None)
                }
                (Some((days, by_day)), Some((share, by_share))) if by_day * shortest >= by_share && share >= (days / shortest).min(1.0) => {
                    (None, Some((share, by_share)))
                }
                both => both,
            };
            let mut offered = (stock.is_some(), second.is_some());
            if let (Some((days, by_day)), Some((share, by_share))) = (stock, second)
                && days >= longest
                && share >= 1.0
            {
                let mean = felt.iter().sum::<f64>() / felt.len() as f64;
                offered = (by_day * mean <= by_share, by_day * mean > by_share);
            }
            measures.push(Measure { link, stock, second, longest, offered });
        }
        let mut most = Cover { stock: vec![0.0; inputs.links.len()], second: vec![0.0; inputs.links.len()] };
        for measure in &measures {
            most.stock[measure.link] = measure.stock.map_or(0.0, |(days, _)| days);
            most.second[measure.link] = measure.second.map_or(0.0, |(share, _)| share);
        }
        let mut problem = CoverProblem {
            inputs,
            cases,
            risk: options.risk,
            measures,
            rows_of_all,
            rows: Vec::new(),
            known: HashSet::new(),
            risk_alone: 0.0,
            best_reachable: 0.0,
        };
        let alone: Vec<f64> = problem.cases.iter().map(|case| case.loss).collect();
        problem.risk_alone = problem.risk(&alone);
        let stoppages = problem.stoppages(&most);
        problem.best_reachable = problem.risk(&problem.losses(&stoppages));
        let causes: Vec<(usize, usize)> = problem.causes(problem.cases.iter().map(|case| &case.alone));
        problem.add(causes);
        Ok(problem)
    }

    pub(crate) fn risk(&self, losses: &[f64]) -> f64 {
        risk_of(self.risk, self.cases.iter().map(|case| case.probability), losses)
    }

    fn stoppages(&self, cover: &Cover) -> Vec<Stoppage> {
        self.cases.iter().map(|case| self.inputs.stoppage(&case.shortfall, cover.of(case.days))).collect()
    }

    fn losses(&self, stoppages: &[Stoppage]) -> Vec<f64> {
        stoppages.iter().zip(&self.cases).map(|(stoppage, case)| self.inputs.loss(stoppage, case.days / DAYS_OF_YEAR)).collect()
    }

    fn causes<'s>(&self, stoppages: impl Iterator<Item = &'s Stoppage>) -> Vec<(usize, usize)> {
        stoppages.enumerate().flat_map(|(k, stoppage)| stoppage.causes.iter().flatten().map(move |link| (k, *link))).collect()
    }

    /// Adds rows; how many were new.
    fn add(&mut self, rows: Vec<(usize, usize)>) -> usize {
        let before = self.rows.len();
        for row in rows {
            if self.known.insert(row) {
                self.rows.push(row);
            }
        }
        self.rows.len() - before
    }

    /// What doing nothing is as a solution.
    pub(crate) fn nothing(&self) -> Solved {
        let links = self.inputs.links.len();
        Solved {
            cover: Cover { stock: vec![0.0; links], second: vec![0.0; links] },
            losses: self.cases.iter().map(|case| case.loss).collect(),
            risk: self.risk_alone,
            cost: 0.0,
            lower_bound: 0.0,
            slackness: 0.0,
            marginal_cost: 0.0,
            scarcity: Vec::new(),
            variables: 0,
            rows: 0,
            rounds: 0,
            iterations: 0,
        }
    }

    /// The cheapest cover that brings the risk down to `target`, which lies between [`Self::best_reachable`] and [`Self::risk_alone`].
    ///
    /// Only a few rows bind at the end: one for each industry that stands still in a case. So the program starts with those that bind
    /// without a plan; where its solution leaves a loss above the target, the rows that bind with that solution are added, and so on. The
    /// rows left out hold at the end because the loss is computed from all of them.
    ///
    /// # Errors
    /// [`ChainError::NotConverged`].
    pub(crate) fn solve(&mut self, target: f64) -> Result<Solved, ChainError> {
        const ROUNDS: usize = 500;
        let (mut rounds, mut iterations) = (0, 0);
        // which rows bind is learnt from rough solutions
        let mut rough = true;
        loop {
            rounds += 1;
            let (program, layout) = self.program(target);
            let stuck = |residual: f64| ChainError::NotConverged {
                system: self.inputs.system.name().to_owned(),
                method: "the interior point method of the plan",
                iterations: rounds,
                place: "the linear program".to_owned(),
                residual,
                next: "loosen the target, or prepare for fewer cuts",
            };
            let found = program.solve(if rough { ROUGHLY } else { CLOSELY }).ok_or_else(|| stuck(f64::NAN))?;
            iterations += found.iterations;
            let cover = layout.cover(&found.x, self);
            let stoppages = self.stoppages(&cover);
            let losses = self.losses(&stoppages);
            let risk = self.risk(&losses);
            let far = (risk - target) / self.risk_alone;
            let enough = if rough { 0.01 } else { TARGET_TOLERANCE };
            let more = if far > enough { self.causes(stoppages.iter()) } else { Vec::new() };
            let mut added = self.add(more);
            if added == 0 {
                added = self.offers(&layout, &found.multipliers);
            }
            if added > 0 && rounds < ROUNDS {
                continue;
            }
            if rough && rounds < ROUNDS {
                rough = false;
                continue;
            }
            if far > 1e-5 || added > 0 {
                return Err(stuck(far));
            }
            return Ok(layout.solved(self, &program, found, cover, losses, risk, (rounds, iterations)));
        }
    }

    /// Puts the stocks and second sources that were left out, and would pay at some multipliers, into the program; how many.
    fn offers(&mut self, layout: &Layout, multipliers: &[f64]) -> usize {
        let mut worth = vec![(0.0, 0.0); self.inputs.links.len()];
        for ((k, link), y) in self.rows.iter().zip(multipliers) {
            let first = self.inputs.links[*link].first;
            worth[first].0 += y * layout.cost_unit / self.cases[*k].days;
            worth[first].1 += y * layout.cost_unit;
        }
        let mut offers = 0;
        for measure in &mut self.measures {
            let (by_day, by_share) = worth[measure.link];
            let stock_pays = !measure.offered.0 && measure.stock.is_some_and(|(_, cost)| by_day > cost * (1.0 + 1e-6));
            let second_pays = !measure.offered.1 && measure.second.is_some_and(|(_, cost)| by_share > cost * (1.0 + 1e-6));
            measure.offered = (measure.offered.0 || stock_pays, measure.offered.1 || second_pays);
            offers += usize::from(stock_pays) + usize::from(second_pays);
        }
        offers
    }

    /// The program with the rows known so far. Losses are in units of the risk without a plan, stocks in units of the most days, costs in
    /// units of the largest.
    fn program(&self, target: f64) -> (LinearProgram, Layout) {
        let inputs = self.inputs;
        let mut program =
            LinearProgram { cost: Vec::new(), lower: Vec::new(), upper: Vec::new(), upper_follows: Vec::new(), rows: Vec::new() };
        let price = |measure: &Measure| {
            let stock = measure.stock.map_or(0.0, |(days, cost)| days * cost);
            stock.max(measure.second.map_or(0.0, |(_, cost)| cost))
        };
        let used: HashSet<usize> = self.rows.iter().map(|(_, link)| inputs.links[*link].first).collect();
        let cost_unit = self.measures.iter().map(price).fold(0.0, f64::max);
        let cost_unit = if cost_unit > 0.0 { cost_unit } else { 1.0 };
        let mut of_link: Vec<LinkVariables> = vec![(None, None); inputs.links.len()];
        for measure in self.measures.iter().filter(|measure| used.contains(&measure.link)) {
            // nobody pays for more than covers all; what costs nothing has to be bounded
            let stock = measure.stock.filter(|_| measure.offered.0).map(|(days, cost)| {
                let follows = cost > 0.0 && days >= measure.longest;
                (program.variable(days * cost / cost_unit, (0.0, 1.0), follows), days)
            });
            let second = measure.second.filter(|_| measure.offered.1);
            let second = second.map(|(share, cost)| program.variable(cost / cost_unit, (0.0, share), cost > 0.0 && share >= 1.0));
            of_link[measure.link] = (stock, second);
        }
        // the standstill of each industry in each case where there is any
        let still: Vec<Vec<Option<usize>>> = self
            .cases
            .iter()
            .map(|case| {
                let shares = case.alone.shares.iter().zip(&case.shortfall.floor).zip(&inputs.value_added);
                // where nothing is lost by a standstill, only the bound keeps it from rising
                shares.map(|((u, floor), value)| (*u > 0.0).then(|| program.variable(0.0, (*floor, 1.0), *value > 0.0))).collect()
            })
            .collect();
        for (k, link) in &self.rows {
            let (of, case) = (&inputs.links[*link], &self.cases[*k]);
            let mut row = Vec::with_capacity(4);
            let through = of.own.and_then(|i| still[*k][i]);
            if let Some(user) = still[*k][of.user] {
                let own = if through == Some(user) { of.slope } else { 0.0 };
                row.push((user, 1.0 - own));
                through.filter(|i| *i != user).into_iter().for_each(|i| row.push((i, 0.0 - of.slope)));
            }
            let (stock, second) = of_link[of.first];
            stock.into_iter().for_each(|(variable, days)| row.push((variable, days / case.days)));
            second.into_iter().for_each(|variable| row.push((variable, 1.0)));
            program.rows.push((row, case.shortfall.lost[*link] - of.offset));
        }
        let loss_row = |case: &Case, still: &[Option<usize>], factor: f64| -> Vec<(usize, f64)> {
            let factor = factor * case.days / DAYS_OF_YEAR / self.risk_alone;
            let weighted = still.iter().zip(&inputs.value_added);
            weighted.filter_map(|(variable, value)| variable.filter(|_| *value > 0.0).map(|j| (j, factor * value))).collect()
        };
        let mut target_row = Vec::new();
        match self.risk {
            Risk::ConditionalValueAtRisk { beta } if beta > 0.0 => {
                let worst = self.cases.iter().map(|case| case.loss).fold(0.0, f64::max) / self.risk_alone;
                let quantile = program.variable(0.0, (0.0, worst), false);
                target_row.push((quantile, -1.0));
                for (case, still) in self.cases.iter().zip(&still) {
                    let beyond = program.variable(0.0, (0.0, worst), true);
                    let mut row = loss_row(case, still, -1.0);
                    row.extend([(quantile, 1.0), (beyond, 1.0)]);
                    program.rows.push((row, 0.0));
                    target_row.push((beyond, 0.0 - case.probability / (1.0 - beta)));
                }
            }
            _ => {
                for (case, still) in self.cases.iter().zip(&still) {
                    target_row.extend(loss_row(case, still, 0.0 - case.probability));
                }
            }
        }
        let target_at = program.rows.len();
        program.rows.push((target_row, 0.0 - target / self.risk_alone));
        (program, Layout { of_link, cost_unit, target_at })
    }
}

/// The variables of a link's stock (with the days of a unit) and second source.
type LinkVariables = (Option<(usize, f64)>, Option<usize>);

/// Where the variables and rows stand.
struct Layout {
    of_link: Vec<LinkVariables>,
    cost_unit: f64,
    target_at: usize,
}

impl Layout {
    /// Stocks and second sources; what is too little to matter is the solver's rounding, and nothing.
    fn cover(&self, x: &[f64], problem: &CoverProblem<'_>) -> Cover {
        const NOTHING: f64 = 1e-8;
        let kept = |value: f64| if value > NOTHING { value } else { 0.0 };
        let links = problem.inputs.links.len();
        let mut cover = Cover { stock: vec![0.0; links], second: vec![0.0; links] };
        for (link, (stock, second)) in self.of_link.iter().enumerate() {
            cover.stock[link] = stock.map_or(0.0, |(j, days)| days * kept(x[j]));
            cover.second[link] = second.map_or(0.0, |j| kept(x[j]));
        }
        cover
    }

    #[allow(clippy::too_many_arguments)]
    fn solved(
        &self,
        problem: &CoverProblem<'_>,
        program: &LinearProgram,
        found: crate::linear_program::Optimum,
        cover: Cover,
        losses: Vec<f64>,
        risk: f64,
        (rounds, iterations): (usize, usize),
    ) -> Solved {
        let cost = problem
            .measures
            .iter()
            .map(|measure| {
                let stock = measure.stock.map_or(0.0, |(_, by_day)| by_day * cover.stock[measure.link]);
                stock + measure.second.map_or(0.0, |(_, by_share)| by_share * cover.second[measure.link])
            })
            .sum();
        let y = &found.multipliers;
        let scarcity =
            problem.rows.iter().zip(y).map(|((k, link), y)| (*k, problem.inputs.links[*link].first, y * self.cost_unit)).collect();
        Solved {
            cover,
            losses,
            risk,
            cost,
            lower_bound: self.cost_unit * program.lower_bound(y),
            slackness: self.cost_unit * program.complementary_slackness(&found.x, y),
            marginal_cost: y[self.target_at] * self.cost_unit / problem.risk_alone,
            scarcity,
            variables: program.cost.len(),
            rows: program.rows.len(),
            rounds,
            iterations,
        }
    }
}
