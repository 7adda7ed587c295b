//! Random numbers that are the same on every machine and in every version.

/// A small generator (SplitMix64: Steele, Lea and Flood, "Fast splittable pseudorandom number
/// generators", 2014). Written here because a library's stream may change with its version, and then
/// the figures of two releases could not be compared. Not for secrets.
#[derive(Debug, Clone)]
pub struct Random(u64);

/// The generator's step: the golden ratio in 64 bits.
const STEP: u64 = 0x9e37_79b9_7f4a_7c15;

impl Random {
    /// The stream of a seed, for one purpose (such as the name of an edit) and one thing (such as
    /// the number of a photo). Other purposes and things have streams of their own.
    #[must_use]
    pub fn new(seed: u64, purpose: &str, thing: u64) -> Self {
        let mut random = Self(seed);
        for part in purpose.bytes().map(u64::from).chain([thing]) {
            random.0 = random.next_u64() ^ part;
        }
        random
    }

    /// The next 64 bits.
    pub fn next_u64(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(STEP);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A real number, 0 inclusive to 1 exclusive.
    pub fn unit(&mut self) -> f64 {
        (self.next_u64() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// A real number from `low` inclusive to `high` exclusive.
    pub fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.unit()
    }

    /// A whole number from 0 to `limit` exclusive; 0 when there is none.
    pub fn below(&mut self, limit: usize) -> usize {
        ((self.unit() * limit as f64) as usize).min(limit.saturating_sub(1))
    }

    /// True in a share of the cases, 0 to 1.
    pub fn chance(&mut self, share: f64) -> bool {
        self.unit() < share
    }

    /// A number of the standard normal distribution (Box and Muller 1958).
    pub fn normal(&mut self) -> f64 {
        let (radius, turn) = (1.0 - self.unit(), self.unit());
        (-2.0 * radius.ln()).sqrt() * (std::f64::consts::TAU * turn).cos()
    }

    /// One of the choices.
    pub fn pick<T: Copy, const N: usize>(&mut self, choices: [T; N]) -> T {
        const { assert!(N > 0, "there must be something to choose from") };
        choices[self.below(N)]
    }

    /// Brings the items into another order (Fisher and Yates).
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            items.swap(last, self.below(last + 1));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stream_is_that_of_the_paper() {
        // The first numbers of seed 0, as published implementations give them.
        let mut random = Random(0);
        assert_eq!(random.next_u64(), 0xe220_a839_7b1d_cdaf);
        assert_eq!(random.next_u64(), 0x6e78_9e6a_a1b9_65f4);
    }

    #[test]
    fn streams_repeat_and_differ_by_seed_purpose_and_thing() {
        let first = |seed, purpose, thing| Random::new(seed, purpose, thing).next_u64();
        assert_eq!(first(1, "crop", 7), first(1, "crop", 7));
        let other = [
            first(2, "crop", 7),
            first(1, "crop", 8),
            first(1, "blur", 7),
        ];
        assert!(other.iter().all(|&o| o != first(1, "crop", 7)));
    }

    #[test]
    fn numbers_stay_in_their_range_and_reach_all_of_it() {
        let mut random = Random::new(1, "range", 0);
        let mut seen = [false; 5];
        for _ in 0..200 {
            seen[random.below(5)] = true;
            assert!((2.0..3.0).contains(&random.between(2.0, 3.0)));
        }
        assert_eq!(seen, [true; 5]);
        assert_eq!(random.below(0), 0);
    }
}
