//! A seeded source of random numbers that gives the same values on every platform and in every version.
//! The cipher `ChaCha8` (Bernstein 2008) gives the bits; the draws from distributions are written out here,
//! on libm's functions, because neither other crates' samplers nor C libraries promise equal bits.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

use crate::normal;

/// Means above this are drawn as a sum of smaller Poisson draws.
const POISSON_CHUNK: f64 = 16.0;

/// A stream of random numbers: one seed has 2^64 independent streams.
#[derive(Debug, Clone)]
pub struct Random(ChaCha8Rng);

/// The key that a seed stands for: makes many streams without repeating the key set-up.
#[derive(Debug, Clone)]
pub struct RandomKey(ChaCha8Rng);

impl RandomKey {
    /// Spreads the seed over the 256 bits of the key by `SplitMix64` (Steele, Lea, Flood 2014).
    pub fn new(seed: u64) -> Self {
        let mut state = seed;
        let mut key = [0; 32];
        for part in key.chunks_exact_mut(8) {
            state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mut mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            part.copy_from_slice(&(mixed ^ (mixed >> 31)).to_le_bytes());
        }
        Self(ChaCha8Rng::from_seed(key))
    }

    /// The stream of this number, from its beginning.
    pub fn stream(&self, number: u64) -> Random {
        let mut source = self.0.clone();
        source.set_stream(number);
        Random(source)
    }
}

impl Random {
    /// Stream 0 of a seed.
    pub fn new(seed: u64) -> Self {
        RandomKey::new(seed).stream(0)
    }

    /// 64 random bits.
    pub fn bits(&mut self) -> u64 {
        self.0.next_u64()
    }

    /// Uniform in the open interval (0, 1): the middles of 2^53 equal steps.
    #[expect(clippy::cast_precision_loss, reason = "53 bits fit a double exactly")]
    pub fn uniform(&mut self) -> f64 {
        ((self.bits() >> 11) as f64 + 0.5) * (1.0 / 9_007_199_254_740_992.0)
    }

    /// True with the given probability.
    pub fn chance(&mut self, probability: f64) -> bool {
        self.uniform() < probability
    }

    /// Uniform over `0..bound`, without bias (Lemire 2019, algorithm 5); 0 for a bound of 0 or 1.
    #[expect(clippy::cast_possible_truncation, reason = "takes the low half of a product on purpose")]
    pub fn below(&mut self, bound: u64) -> u64 {
        if bound < 2 {
            return 0;
        }
        let threshold = bound.wrapping_neg() % bound;
        loop {
            let product = u128::from(self.bits()) * u128::from(bound);
            if product as u64 >= threshold {
                return (product >> 64) as u64;
            }
        }
    }

    /// One of the items, each equally likely; `None` of an empty slice.
    pub fn pick<'a, T>(&mut self, items: &'a [T]) -> Option<&'a T> {
        let index = self.below(items.len() as u64);
        usize::try_from(index).ok().and_then(|index| items.get(index))
    }

    /// Exponential with the given mean, by inversion (Devroye 1986, II.2).
    pub fn exponential(&mut self, mean: f64) -> f64 {
        -mean * libm::log(self.uniform())
    }

    /// Standard normal, by inversion.
    pub fn normal(&mut self) -> f64 {
        normal::quantile(self.uniform())
    }

    /// Log-normal with the given median and the given standard deviation of the logarithm.
    pub fn log_normal(&mut self, median: f64, sigma: f64) -> f64 {
        median * libm::exp(sigma * self.normal())
    }

    /// Gamma with the given shape and scale, so of mean `shape × scale`. Marsaglia and Tsang (2000), ACM TOMS
    /// 26(3), with their section 6 for shapes below 1.
    pub fn gamma(&mut self, shape: f64, scale: f64) -> f64 {
        if shape < 1.0 {
            let boost = libm::pow(self.uniform(), 1.0 / shape);
            return self.gamma(shape + 1.0, scale) * boost;
        }
        let d = shape - 1.0 / 3.0;
        let c = 1.0 / (9.0 * d).sqrt();
        loop {
            let x = self.normal();
            let root = 1.0 + c * x;
            if root <= 0.0 {
                continue;
            }
            let v = root * root * root;
            if libm::log(self.uniform()) < 0.5 * x * x + d - d * v + d * libm::log(v) {
                return d * v * scale;
            }
        }
    }

    /// Poisson with the given mean: inversion by sequential search (Devroye 1986, X.3.3); a large mean is the
    /// sum of smaller ones. 0 for a mean of 0 or less.
    pub fn poisson(&mut self, mean: f64) -> u32 {
        let mut count = 0;
        let mut rest = mean;
        while rest > 0.0 {
            count += self.poisson_chunk(rest.min(POISSON_CHUNK));
            rest -= POISSON_CHUNK;
        }
        count
    }

    fn poisson_chunk(&mut self, mean: f64) -> u32 {
        let mut left = self.uniform();
        let mut probability = libm::exp(-mean);
        let mut count = 0;
        // The bound only stops rounding from searching for ever: beyond it lies less than 2^-53.
        while left > probability && count < 200 {
            left -= probability;
            count += 1;
            probability *= mean / f64::from(count);
        }
        count
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::{Random, RandomKey};

    const DRAWS: u32 = 100_000;

    /// Mean and variance of many draws.
    fn moments(mut draw: impl FnMut() -> f64) -> (f64, f64) {
        let (mut sum, mut squares) = (0.0, 0.0);
        for _ in 0..DRAWS {
            let value = draw();
            sum += value;
            squares += value * value;
        }
        let mean = sum / f64::from(DRAWS);
        (mean, squares / f64::from(DRAWS) - mean * mean)
    }

    /// Means within five standard errors, variances within 5 % (seeded, so the test never wavers).
    fn check(name: &str, draw: impl FnMut() -> f64, mean: f64, variance: f64) {
        let (found_mean, found_variance) = moments(draw);
        let error = 5.0 * (variance / f64::from(DRAWS)).sqrt();
        assert!((found_mean - mean).abs() < error, "{name}: mean {found_mean}, expected {mean}");
        assert!((found_variance / variance - 1.0).abs() < 0.05, "{name}: variance {found_variance}");
    }

    #[test]
    fn the_zero_key_gives_the_published_chacha8_key_stream() {
        // Strombergson, test vectors for ChaCha, TC1 (256-bit key of zeros, 8 rounds): 3e00ef2f895f40d6…
        use rand_chacha::ChaCha8Rng;
        use rand_chacha::rand_core::{Rng, SeedableRng};
        let mut source = ChaCha8Rng::from_seed([0; 32]);
        assert_eq!(source.next_u64().to_le_bytes(), [0x3e, 0x00, 0xef, 0x2f, 0x89, 0x5f, 0x40, 0xd6]);
    }

    #[test]
    fn first_values_never_change() {
        // Golden values of this project: a change here changes every generated history.
        let mut random = Random::new(1);
        assert_eq!([random.bits(), random.bits(), random.bits()], GOLDEN_BITS);
        let mut random = RandomKey::new(1).stream(7);
        let draws = [
            random.uniform(),
            random.normal(),
            random.exponential(2.0),
            random.gamma(0.7, 3.0),
            random.log_normal(10.0, 0.5),
            f64::from(random.poisson(40.0)),
        ];
        assert_eq!(draws.map(f64::to_bits), GOLDEN_DRAWS.map(f64::to_bits), "{draws:?}");
    }

    const GOLDEN_BITS: [u64; 3] =
        [17_254_111_457_321_727_320, 9_958_508_360_252_413_363, 882_713_562_349_892_078];
    const GOLDEN_DRAWS: [f64; 6] = [
        0.024_270_100_027_081_91,
        -1.637_884_230_058_633,
        0.034_917_062_143_09,
        1.307_385_936_577_888_8,
        5.143_306_252_720_619,
        46.0,
    ];

    #[test]
    fn streams_of_one_seed_differ_and_repeat() {
        let key = RandomKey::new(42);
        let first = |stream| key.stream(stream).bits();
        assert_eq!(first(3), first(3));
        assert_ne!(first(3), first(4));
        assert_ne!(first(0), Random::new(43).bits());
    }

    #[test]
    fn draws_have_the_moments_of_their_distribution() {
        let mut random = Random::new(5);
        check("uniform", || random.uniform(), 0.5, 1.0 / 12.0);
        check("exponential", || random.exponential(3.0), 3.0, 9.0);
        check("normal", || random.normal(), 0.0, 1.0);
        for (shape, scale) in [(0.3, 2.0), (1.0, 1.0), (4.5, 0.5)] {
            check("gamma", || random.gamma(shape, scale), shape * scale, shape * scale * scale);
        }
        for mean in [0.2, 3.0, 16.0, 75.0] {
            check("poisson", || f64::from(random.poisson(mean)), mean, mean);
        }
        // Mean exp(σ²/2) and variance (exp σ² − 1) exp σ² of a log-normal of median 1.
        let square = 0.16_f64;
        check(
            "log-normal",
            || random.log_normal(1.0, 0.4),
            (square / 2.0).exp(),
            (square.exp() - 1.0) * square.exp(),
        );
        assert_eq!(random.poisson(0.0), 0);
    }

    #[test]
    fn numbers_below_a_bound_are_even() {
        let mut random = Random::new(9);
        let mut counts = [0_u32; 6];
        for _ in 0..60_000 {
            let face = usize::try_from(random.below(6)).expect("a small number");
            counts[face] += 1;
        }
        assert!(counts.iter().all(|count| count.abs_diff(10_000) < 500), "{counts:?}");
        assert_eq!((random.below(0), random.below(1)), (0, 0));
        assert_eq!(random.pick::<u8>(&[]), None);
    }
}
