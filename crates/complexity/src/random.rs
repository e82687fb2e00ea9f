//! Random numbers that depend on their place alone (seed, replicate, position), so that any thread may draw any of them.

/// One of 2^64 numbers, from a seed, a stream and a position: two rounds of the SplitMix64 finaliser (Steele, Lea and Flood 2014) over a
/// Weyl sequence.
pub(crate) fn bits(seed: u64, stream: u64, position: u64) -> u64 {
    let mixed = |mut z: u64| {
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    };
    const STEP: u64 = 0x9e37_79b9_7f4a_7c15;
    let start = mixed(seed.wrapping_add(STEP)) ^ mixed(stream.wrapping_mul(STEP).wrapping_add(0x632b_e59b_d9b4_e019));
    mixed(start.wrapping_add(position.wrapping_add(1).wrapping_mul(STEP)))
}

/// Uniform on [0, 1), with 53 bits.
pub(crate) fn uniform(seed: u64, stream: u64, position: u64) -> f64 {
    (bits(seed, stream, position) >> 11) as f64 / (1_u64 << 53) as f64
}

/// A whole number below `bound`, each as likely as the others up to 2^-64.
pub(crate) fn below(bound: usize, seed: u64, stream: u64, position: u64) -> usize {
    ((u128::from(bits(seed, stream, position)) * bound as u128) >> 64) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn draws_are_spread_evenly_and_do_not_repeat() {
        let n = 100_000;
        let draws: Vec<f64> = (0..n).map(|i| uniform(1, 2, i)).collect();
        let mean = draws.iter().sum::<f64>() / n as f64;
        assert!((mean - 0.5).abs() < 0.005, "{mean}");
        let mut counts = [0_u32; 10];
        (0..n).for_each(|i| counts[below(10, 1, 3, i)] += 1);
        assert!(counts.iter().all(|c| c.abs_diff(10_000) < 500), "{counts:?}");
        let streams: std::collections::HashSet<u64> = (0..1000).flat_map(|s| (0..10).map(move |i| bits(7, s, i))).collect();
        assert_eq!(streams.len(), 10_000);
    }
}
