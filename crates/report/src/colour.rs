//! The palette: ink, one accent, one colour a strand, and scales for values. Distinct for the common kinds of colour blindness
//! (the three strands differ in lightness as well as hue); text colours reach WCAG AA on white.

use frame::Text;

/// Text.
pub(crate) const INK: &str = "#1b2733";
/// Secondary text (7:1 on white).
pub(crate) const MUTED: &str = "#51606f";
/// Grid lines.
pub(crate) const GRID: &str = "#e3e7eb";
/// Axis lines and baselines.
pub(crate) const AXIS: &str = "#8b98a5";
/// The one accent.
pub(crate) const ACCENT: &str = "#14507a";
/// What is drawn, but not the point.
pub(crate) const QUIET: &str = "#a9b6c2";
/// Land without a value.
pub(crate) const NO_VALUE: &str = "#e6e8ea";

const TRANSFORM: &str = "#b3541e";
const FOSTER: &str = "#0d7f73";
const BUILD: &str = "#51409a";
const SERIES: [&str; 6] = [ACCENT, TRANSFORM, FOSTER, BUILD, "#9b2f5f", "#6d6a1f"];

/// The colour of a strand by its id or title, where the text names one.
pub(crate) fn strand_colour(name: &str) -> Option<&'static str> {
    let name = name.to_lowercase();
    [("transform", TRANSFORM), ("foster", FOSTER), ("build", BUILD)]
        .into_iter()
        .find(|(word, _)| name.starts_with(word))
        .map(|(_, colour)| colour)
}

/// The colours of the groups of a chart: strands keep theirs, groups that say "other" or "rest" are quiet, the rest take the palette in turn.
pub(crate) fn group_colours(groups: &[Text]) -> Vec<&'static str> {
    let mut free = SERIES.iter().cycle();
    groups
        .iter()
        .map(|group| {
            let name = group.en.to_lowercase();
            if let Some(colour) = strand_colour(&name) {
                colour
            } else if ["other", "rest", "not ", "all "].iter().any(|word| name.starts_with(word)) {
                QUIET
            } else {
                free.next().copied().unwrap_or(ACCENT)
            }
        })
        .collect()
}

/// Colours for up to twelve groups side by side: the palette, then lighter neighbours that differ from it in lightness.
const MANY: [&str; 12] =
    ["#2b6ca3", "#c8702c", "#0d7f73", "#7a63c0", "#b03a6f", "#8a8420", "#5fb0d9", "#e0a92e", "#6aa84f", "#c94f4f", "#8d6e5b", "#5d6d7d"];

/// The colours of many groups; more than twelve begin anew, and groups that say "other" or "rest" are quiet.
pub(crate) fn many_group_colours(groups: &[Text]) -> Vec<&'static str> {
    let mut free = MANY.iter().cycle();
    let is_rest = |group: &Text| ["other", "rest", "not "].iter().any(|word| group.en.to_lowercase().starts_with(word));
    groups.iter().map(|group| if is_rest(group) { QUIET } else { free.next().copied().unwrap_or(ACCENT) }).collect()
}

/// A colour moved towards white: 0 leaves it, 1 is white.
pub(crate) fn paler(colour: &str, part: f64) -> String {
    let channel = |i: usize| colour.get(i..i + 2).and_then(|digits| u8::from_str_radix(digits, 16).ok()).map_or(255.0, f64::from);
    hex(std::array::from_fn(|k| channel(1 + 2 * k) + (255.0 - channel(1 + 2 * k)) * part))
}

/// A colour moved towards black: 0 leaves it, 1 is black.
pub(crate) fn darker(colour: &str, part: f64) -> String {
    let channel = |i: usize| colour.get(i..i + 2).and_then(|digits| u8::from_str_radix(digits, 16).ok()).map_or(0.0, f64::from);
    hex(std::array::from_fn(|k| channel(1 + 2 * k) * (1.0 - part)))
}

const COOL: [(f64, [f64; 3]); 3] = [(0.0, [247.0, 247.0, 245.0]), (0.5, [150.0, 190.0, 215.0]), (1.0, [20.0, 80.0, 122.0])];
const WARM: [(f64, [f64; 3]); 3] = [(0.0, [247.0, 247.0, 245.0]), (0.5, [237.0, 172.0, 124.0]), (1.0, [154.0, 62.0, 16.0])];

fn interpolate(stops: &[(f64, [f64; 3]); 3], t: f64) -> [f64; 3] {
    let t = t.clamp(0.0, 1.0);
    let (low, high) = if t < stops[1].0 { (stops[0], stops[1]) } else { (stops[1], stops[2]) };
    let part = (t - low.0) / (high.0 - low.0);
    std::array::from_fn(|i| low.1[i] + (high.1[i] - low.1[i]) * part)
}

fn hex([r, g, b]: [f64; 3]) -> String {
    format!("#{:02x}{:02x}{:02x}", r.round() as u8, g.round() as u8, b.round() as u8)
}

/// Whether dark or white text reads better on a colour (relative luminance of WCAG 2).
pub(crate) fn text_on(colour: &str) -> &'static str {
    let channel = |i: usize| {
        let c = colour.get(i..i + 2).and_then(|digits| u8::from_str_radix(digits, 16).ok()).map_or(1.0, |v| f64::from(v) / 255.0);
        if c <= 0.04045 { c / 12.92 } else { ((c + 0.055) / 1.055).powf(2.4) }
    };
    if 0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5) > 0.22 { INK } else { "#ffffff" }
}

/// Values to colours, cool below a midpoint and warm above it. Each side reaches full colour at its own end, so that a share of an
/// index that can fall only to 0 but rise to 20 shows both; the ends are the 95th percentile of a side that has more than 20 values,
/// and the legend says so with ≤ and ≥.
pub(crate) struct Diverging {
    pub(crate) low: f64,
    pub(crate) midpoint: f64,
    pub(crate) high: f64,
    pub(crate) low_cut: bool,
    pub(crate) high_cut: bool,
}

impl Diverging {
    pub(crate) fn new(values: impl Iterator<Item = f64>, midpoint: f64) -> Self {
        let (mut below, mut above) = (Vec::new(), Vec::new());
        for value in values.filter(|v| v.is_finite()) {
            if value < midpoint {
                below.push(midpoint - value);
            } else {
                above.push(value - midpoint);
            }
        }
        let end = |side: &mut Vec<f64>| {
            side.sort_by(f64::total_cmp);
            let largest = side.last().copied().unwrap_or(0.0);
            let cut = if side.len() > 20 { side[side.len() * 95 / 100] } else { largest };
            (cut, cut < largest)
        };
        let ((low, low_cut), (high, high_cut)) = (end(&mut below), end(&mut above));
        Diverging { low: midpoint - low, midpoint, high: midpoint + high, low_cut, high_cut }
    }

    pub(crate) fn colour(&self, value: f64) -> String {
        let (stops, part, reach) = if value < self.midpoint {
            (&COOL, self.midpoint - value, self.midpoint - self.low)
        } else {
            (&WARM, value - self.midpoint, self.high - self.midpoint)
        };
        hex(interpolate(stops, if reach > 0.0 { part / reach } else { 0.0 }))
    }
}

/// Values to at most five classes of equal count (quantiles), light to dark: what a map of skewed values needs.
pub(crate) struct Classes {
    /// The lower bound of every class, ascending; the first is the smallest value.
    pub(crate) bounds: Vec<f64>,
    /// The largest value.
    pub(crate) largest: f64,
}

impl Classes {
    pub(crate) fn new(values: impl Iterator<Item = f64>) -> Option<Self> {
        let mut sorted: Vec<f64> = values.filter(|v| v.is_finite()).collect();
        sorted.sort_by(f64::total_cmp);
        let largest = *sorted.last()?;
        let count = sorted.len().min(5);
        let mut bounds: Vec<f64> = (0..count).map(|i| sorted[i * sorted.len() / count]).collect();
        bounds.dedup();
        Some(Classes { bounds, largest })
    }

    fn shade(&self, class: usize) -> String {
        let last = self.bounds.len().saturating_sub(1).max(1) as f64;
        hex(interpolate(&COOL, 0.12 + 0.88 * class as f64 / last))
    }

    pub(crate) fn colour(&self, value: f64) -> String {
        self.shade(self.bounds.iter().rposition(|bound| value >= *bound).unwrap_or(0))
    }

    /// Colour, lower and upper end of each class.
    pub(crate) fn legend(&self) -> Vec<(String, f64, f64)> {
        let upper = |i: usize| self.bounds.get(i + 1).copied().unwrap_or(self.largest);
        self.bounds.iter().enumerate().map(|(i, low)| (self.shade(i), *low, upper(i))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strands_keep_their_colours_and_others_are_quiet() {
        let groups = [Text::same("Other products"), Text::same("Foster"), Text::same("Machinery")];
        assert_eq!(group_colours(&groups), [QUIET, FOSTER, ACCENT]);
    }

    #[test]
    fn shades_move_towards_white_and_black() {
        assert_eq!((paler("#204060", 0.5).as_str(), darker("#204060", 0.5).as_str()), ("#90a0b0", "#102030"));
        let groups: Vec<Text> = (0..12).map(|i| Text::same(format!("g{i}"))).collect();
        let unique: std::collections::BTreeSet<&str> = many_group_colours(&groups).into_iter().collect();
        assert_eq!(unique.len(), 12);
    }

    #[test]
    fn a_diverging_scale_is_neutral_at_its_midpoint() {
        let scale = Diverging::new([0.0, 0.5, 1.0, 4.0].into_iter(), 1.0);
        assert_eq!((scale.low, scale.high), (0.0, 4.0));
        assert_eq!(scale.colour(1.0), "#f7f7f5");
        assert_eq!(scale.colour(0.0), ACCENT);
        assert_eq!(text_on(&scale.colour(4.0)), "#ffffff");
        assert_eq!(text_on("#f7f7f5"), INK);
        // no value above: the warm side has no reach, and nothing divides by it
        assert_eq!(Diverging::new([0.2].into_iter(), 1.0).colour(1.0), "#f7f7f5");
    }

    #[test]
    fn classes_hold_equal_counts() {
        let classes = Classes::new((0..100).map(f64::from)).unwrap();
        assert_eq!(classes.bounds, [0.0, 20.0, 40.0, 60.0, 80.0]);
        assert_eq!(Classes::new([3.0, 3.0].into_iter()).unwrap().bounds, [3.0]);
        assert!(Classes::new(std::iter::empty()).is_none());
    }
}
