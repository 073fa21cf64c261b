//! Chance that falls the same way on every machine and with every version of every library.

/// A SplitMix64 generator: tiny, well known, and never to change, because the companies depend on it.
#[derive(Debug, Clone)]
pub(super) struct Chance {
    state: u64,
}

impl Chance {
    /// The generator of one stream (a day, usually) of one seed.
    pub(super) fn new(seed: u64, stream: u64) -> Chance {
        let mut chance = Chance { state: seed ^ stream.wrapping_mul(0xA24B_AED4_963E_E407) };
        // Neighbouring seeds and streams begin far apart once mixed.
        chance.state = chance.next().wrapping_add(stream);
        chance
    }

    fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A number from 0 to `bound` − 1; `bound` must not be 0.
    pub(super) fn below(&mut self, bound: u64) -> u64 {
        let wide = u128::from(self.next()) * u128::from(bound);
        (wide >> 64) as u64
    }

    /// A number from `low` to `high`, both included.
    pub(super) fn between(&mut self, low: i64, high: i64) -> i64 {
        low + self.below((high - low).unsigned_abs() + 1) as i64
    }

    /// True so many times in a thousand.
    pub(super) fn per_mille(&mut self, parts: u64) -> bool {
        self.below(1_000) < parts
    }

    /// One of them, each as likely.
    pub(super) fn pick<'a, T>(&mut self, choices: &'a [T]) -> &'a T {
        &choices[self.below(choices.len() as u64) as usize]
    }

    /// An index into `weights`, each as likely as it weighs.
    pub(super) fn weighted(&mut self, weights: impl Iterator<Item = u64> + Clone) -> usize {
        let mut left = self.below(weights.clone().sum());
        for (index, weight) in weights.enumerate() {
            if left < weight {
                return index;
            }
            left -= weight;
        }
        unreachable!("the number drawn is below the sum of the weights")
    }

    /// A whole number whose mean is `mean` (≥ 0).
    pub(super) fn around(&mut self, mean: f64) -> u64 {
        // Half of the mean is certain, the rest is spread evenly, so that days differ.
        let spread = mean * 0.5 + mean * (self.below(1_000_001) as f64 / 1_000_000.0);
        let whole = spread as u64;
        let rest = ((spread - whole as f64) * 1_000_000.0) as u64;
        whole + u64::from(self.below(1_000_000) < rest)
    }

    /// So many decimal digits.
    pub(super) fn digits(&mut self, count: usize) -> String {
        (0..count).map(|_| char::from(b'0' + self.below(10) as u8)).collect()
    }

    /// A text in the shape of a version 4 UUID.
    pub(super) fn uuid(&mut self) -> String {
        let (high, low) = (self.next(), self.next());
        format!(
            "{:08x}-{:04x}-4{:03x}-{:04x}-{:012x}",
            high >> 32,
            (high >> 16) & 0xffff,
            high & 0xfff,
            0x8000 | ((low >> 48) & 0x3fff),
            low & 0xffff_ffff_ffff
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_never_changes() {
        let mut chance = Chance::new(7, 20_000);
        let drawn: Vec<u64> = (0..6).map(|_| chance.below(1_000)).collect();
        assert_eq!(drawn, [721, 249, 108, 3, 658, 291]);
    }

    #[test]
    fn around_has_its_mean() {
        let mut chance = Chance::new(1, 1);
        let total: u64 = (0..10_000).map(|_| chance.around(2.3)).sum();
        assert!((22_500..23_500).contains(&total), "{total}");
    }

    #[test]
    fn weights_are_kept() {
        let mut chance = Chance::new(3, 9);
        let mut counts = [0_u32; 3];
        for _ in 0..10_000 {
            counts[chance.weighted([1, 0, 3].into_iter())] += 1;
        }
        assert_eq!(counts[1], 0);
        assert!((2_300..2_700).contains(&counts[0]), "{counts:?}");
    }
}
