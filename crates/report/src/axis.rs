//! Axes: round ticks over the range of the data, and where a value lies between two ends.

/// A linear axis: the range rounded out to ticks, drawn from `start` to `end` (pixels; `end` may be smaller, as on a vertical axis).
pub(crate) struct Axis {
    pub(crate) ticks: Vec<f64>,
    pub(crate) step: f64,
    low: f64,
    high: f64,
    start: f64,
    end: f64,
}

/// The largest of 1, 2, 2.5, 5 times a power of ten that is not above `rough` (next larger when above), as in Heckbert's nice numbers.
fn nice(rough: f64) -> f64 {
    let power = 10f64.powf(rough.log10().floor());
    [1.0, 2.0, 2.5, 5.0, 10.0].into_iter().map(|m| m * power).find(|step| *step >= rough * 0.999).unwrap_or(10.0 * power)
}

impl Axis {
    /// An axis over the finite values, with about `count` ticks; `None` when there is no finite value.
    pub(crate) fn new(values: impl Iterator<Item = f64>, count: usize, start: f64, end: f64) -> Option<Self> {
        let (low, high) = values.filter(|v| v.is_finite()).fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), v| (a.min(v), b.max(v)));
        if low > high {
            return None;
        }
        // one value only: give it room
        let pad = if high > low {
            0.0
        } else if high == 0.0 {
            1.0
        } else {
            high.abs() * 0.5
        };
        let (low, high) = (low - pad, high + pad);
        let step = nice((high - low) / count.max(1) as f64);
        let first = (low / step + 1e-9).floor();
        let last = (high / step - 1e-9).ceil();
        let ticks: Vec<f64> =
            (0..=(last - first) as i64).map(|i| (first + i as f64) * step).map(|t| if t == 0.0 { 0.0 } else { t }).collect();
        Some(Axis { low: first * step, high: last * step, ticks, step, start, end })
    }

    /// Whole years: every tick an integer.
    pub(crate) fn years(first: i32, last: i32, count: usize, start: f64, end: f64) -> Self {
        let span = f64::from(last - first).max(1.0);
        let step = nice(span / count.max(1) as f64).max(1.0).round();
        let (low, high) =
            if first == last { (f64::from(first) - 0.5, f64::from(first) + 0.5) } else { (f64::from(first), f64::from(last)) };
        let from = (f64::from(first) / step).ceil() as i64;
        let to = (f64::from(last) / step).floor() as i64;
        Axis { ticks: (from..=to).map(|i| i as f64 * step).collect(), step, low, high, start, end }
    }

    /// Where a value lies.
    pub(crate) fn at(&self, value: f64) -> f64 {
        self.start + (value - self.low) / (self.high - self.low) * (self.end - self.start)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round_and_cover_the_range() {
        let axis = Axis::new([0.013, 0.48].into_iter(), 5, 0.0, 100.0).unwrap();
        assert_eq!(axis.ticks.len(), 6);
        assert!((axis.ticks[1] - 0.1).abs() < 1e-12 && axis.at(0.0) == 0.0 && (axis.at(0.5) - 100.0).abs() < 1e-9);
        let negative = Axis::new([-3.0, 7.0].into_iter(), 5, 0.0, 100.0).unwrap();
        assert!(negative.ticks.contains(&0.0));
        assert!(Axis::new([f64::NAN].into_iter(), 5, 0.0, 1.0).is_none());
        let one = Axis::new([4.0].into_iter(), 4, 0.0, 100.0).unwrap();
        assert!(one.at(4.0) > 0.0 && one.at(4.0) < 100.0);
        let years = Axis::years(1995, 2011, 5, 0.0, 1.0);
        assert!(years.ticks.iter().all(|t| t.fract() == 0.0 && (1995.0..=2011.0).contains(t)), "{:?}", years.ticks);
        assert_eq!(Axis::years(2017, 2017, 5, 0.0, 1.0).at(2017.0), 0.5);
    }
}
