use clarabel::algebra::CscMatrix;
use clarabel::solver::{DefaultSettings, DefaultSolver, IPSolver, NonnegativeConeT, SolverStatus};

/// min c'x where Gx ≥ h and l ≤ x ≤ u; all bounds are finite, so that any multipliers give a lower bound of the minimum.
pub(crate) struct LinearProgram {
    /// c.
    pub cost: Vec<f64>,
    /// l.
    pub lower: Vec<f64>,
    /// u.
    pub upper: Vec<f64>,
    /// Variables whose upper bound follows from the rest; the solver is not told of it, the lower bound of the minimum uses it.
    pub upper_follows: Vec<bool>,
    /// The rows of G with h.
    pub rows: Vec<(Vec<(usize, f64)>, f64)>,
}

/// What the solver found.
pub(crate) struct Optimum {
    /// x.
    pub x: Vec<f64>,
    /// The multipliers of the rows, not negative: by how much the minimum rises when h does.
    pub multipliers: Vec<f64>,
    /// Iterations of the interior point method.
    pub iterations: usize,
}

impl LinearProgram {
    /// A variable more; its position.
    pub(crate) fn variable(&mut self, cost: f64, bounds: (f64, f64), upper_follows: bool) -> usize {
        self.cost.push(cost);
        self.lower.push(bounds.0);
        self.upper.push(bounds.1);
        self.upper_follows.push(upper_follows);
        self.cost.len() - 1
    }

    /// Solves it to a tolerance (relative, of gap and feasibility) with the interior point method of Clarabel (homogeneous embedding, sparse LDL'; one thread, so that the bytes do not depend
    /// on how many there are). Of several optima it comes to the middle, and so do the multipliers.
    ///
    /// `None` where it does not converge; this program is feasible and bounded whenever it is asked.
    pub(crate) fn solve(&self, tolerance: f64) -> Option<Optimum> {
        let (n, rows) = (self.cost.len(), self.rows.len());
        let bounded: Vec<usize> = (0..n).filter(|j| !self.upper_follows[*j]).collect();
        let m = rows + n + bounded.len();
        // Ax + s = b with s ≥ 0: −Gx ≤ −h, −x ≤ −l, x ≤ u
        let mut columns: Vec<Vec<(usize, f64)>> = vec![Vec::new(); n];
        let mut b = Vec::with_capacity(m);
        for (at, (row, h)) in self.rows.iter().enumerate() {
            row.iter().for_each(|(j, g)| columns[*j].push((at, 0.0 - g)));
            b.push(0.0 - h);
        }
        for (j, l) in self.lower.iter().enumerate() {
            columns[j].push((rows + j, -1.0));
            b.push(0.0 - l);
        }
        for (at, j) in bounded.iter().enumerate() {
            columns[*j].push((rows + n + at, 1.0));
            b.push(self.upper[*j]);
        }
        let (mut starts, mut at, mut values) = (vec![0], Vec::new(), Vec::new());
        for column in columns {
            at.extend(column.iter().map(|(row, _)| *row));
            values.extend(column.iter().map(|(_, value)| *value));
            starts.push(at.len());
        }
        let a = CscMatrix::new(m, n, starts, at, values);
        let settings = DefaultSettings {
            verbose: false,
            max_threads: 1,
            direct_solve_method: "qdldl".to_owned(),
            tol_gap_abs: tolerance,
            tol_gap_rel: tolerance,
            tol_feas: tolerance,
            ..DefaultSettings::default()
        };
        let mut solver = DefaultSolver::new(&CscMatrix::zeros((n, n)), &self.cost, &a, &b, &[NonnegativeConeT(m)], settings).ok()?;
        solver.solve();
        let found = &solver.solution;
        let gap = (found.obj_val - found.obj_val_dual).abs() / found.obj_val.abs().max(1e-300);
        let usable = found.x.iter().chain(&found.z).all(|value| value.is_finite());
        // a solution that falls short of what was asked is kept: the certificates say how far
        match found.status {
            SolverStatus::Solved => {}
            SolverStatus::AlmostSolved
            | SolverStatus::InsufficientProgress
            | SolverStatus::NumericalError
            | SolverStatus::MaxIterations
                if usable && gap < 1e-3 => {}
            _ => return None,
        }
        let x = found.x.iter().zip(self.lower.iter().zip(&self.upper)).map(|(x, (l, u))| x.clamp(*l, *u)).collect();
        let multipliers = found.z[..rows].iter().map(|y| y.max(0.0)).collect();
        Some(Optimum { x, multipliers, iterations: found.iterations as usize })
    }

    /// c − G'y: what a unit more of each variable costs beyond what it is worth at the multipliers y.
    pub(crate) fn reduced_costs(&self, multipliers: &[f64]) -> Vec<f64> {
        let mut reduced = self.cost.clone();
        for ((row, _), y) in self.rows.iter().zip(multipliers) {
            row.iter().for_each(|(j, g)| reduced[*j] -= y * g);
        }
        reduced
    }

    /// h'y + Σ_j min(r_j l_j, r_j u_j) with r = c − G'y: no x that keeps to the rows and bounds costs less, whatever y ≥ 0 is. So it proves
    /// the minimum from below even where the multipliers are only nearly right.
    pub(crate) fn lower_bound(&self, multipliers: &[f64]) -> f64 {
        let of_rows: f64 = self.rows.iter().zip(multipliers).map(|((_, h), y)| h * y).sum();
        let reduced = self.reduced_costs(multipliers);
        let of_bounds: f64 = reduced.iter().zip(self.lower.iter().zip(&self.upper)).map(|(r, (l, u))| (r * l).min(r * u)).sum();
        of_rows + of_bounds
    }

    /// The largest of y_i (Gx − h)_i over the rows and of r_j times the distance to the bound that its sign asks for: 0 at an optimum.
    pub(crate) fn complementary_slackness(&self, x: &[f64], multipliers: &[f64]) -> f64 {
        let of_rows = self.rows.iter().zip(multipliers).map(|((row, h), y)| {
            let slack = row.iter().map(|(j, g)| g * x[*j]).sum::<f64>() - h;
            (y * slack).abs()
        });
        let reduced = self.reduced_costs(multipliers);
        let of_bounds = (0..x.len()).map(|j| (reduced[j] * (x[j] - if reduced[j] > 0.0 { self.lower[j] } else { self.upper[j] })).abs());
        of_rows.chain(of_bounds).fold(0.0, f64::max)
    }
}
