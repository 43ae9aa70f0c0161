//! Count, mean and spread of numbers that come one at a time, alone and in pairs; parts add up to the whole.
//! Welford (1962), Technometrics 4(3); merging by Chan, Golub and `LeVeque` (1979), equation 2.1.

/// Running moments of single numbers.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Moments {
    count: f64,
    mean: f64,
    squares: f64,
}

impl Moments {
    /// Of all values of a slice.
    pub fn of(values: &[f64]) -> Self {
        let mut moments = Self::default();
        for value in values {
            moments.add(*value);
        }
        moments
    }

    /// As something else has counted them: how many, their mean, their sample variance (divisor n − 1).
    pub fn stated(count: f64, mean: f64, variance: f64) -> Self {
        Self { count, mean, squares: variance * (count - 1.0).max(0.0) }
    }

    /// Takes in one number.
    pub fn add(&mut self, value: f64) {
        self.count += 1.0;
        let distance = value - self.mean;
        self.mean += distance / self.count;
        self.squares += distance * (value - self.mean);
    }

    /// Takes in what other moments have seen.
    pub fn merge(&mut self, other: &Self) {
        let count = self.count + other.count;
        if count > 0.0 {
            let distance = other.mean - self.mean;
            self.squares += other.squares + distance * distance * self.count * other.count / count;
            self.mean += distance * other.count / count;
            self.count = count;
        }
    }

    /// How many numbers were taken in.
    pub fn count(&self) -> f64 {
        self.count
    }

    /// Their mean; 0 of none.
    pub fn mean(&self) -> f64 {
        self.mean
    }

    /// Their sample variance, with divisor n − 1; not a number below two.
    pub fn variance(&self) -> f64 {
        if self.count < 2.0 { f64::NAN } else { self.squares / (self.count - 1.0) }
    }

    /// Variance of their mean.
    pub fn mean_variance(&self) -> f64 {
        self.variance() / self.count
    }
}

/// Running moments of pairs of numbers.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct PairMoments {
    first: Moments,
    second: Moments,
    products: f64,
}

impl PairMoments {
    /// Of two slices, pair by pair, as far as the shorter goes.
    pub fn of(first: &[f64], second: &[f64]) -> Self {
        let mut moments = Self::default();
        first.iter().zip(second).for_each(|(first, second)| moments.add(*first, *second));
        moments
    }

    /// As something else has counted them: the moments of both, and their sample covariance (divisor n − 1).
    pub fn stated(first: Moments, second: Moments, covariance: f64) -> Self {
        Self { first, second, products: covariance * (first.count - 1.0).max(0.0) }
    }

    /// Moments of what the second number is above the first.
    pub fn change(&self) -> Moments {
        let squares = self.first.squares + self.second.squares - 2.0 * self.products;
        Moments {
            count: self.first.count,
            mean: self.second.mean - self.first.mean,
            squares: squares.max(0.0),
        }
    }

    /// Takes in one pair.
    pub fn add(&mut self, first: f64, second: f64) {
        let distance = first - self.first.mean;
        self.first.add(first);
        self.second.add(second);
        self.products += distance * (second - self.second.mean);
    }

    /// Takes in what other moments have seen.
    pub fn merge(&mut self, other: &Self) {
        let count = self.first.count + other.first.count;
        if count > 0.0 {
            let (across, along) = (other.first.mean - self.first.mean, other.second.mean - self.second.mean);
            self.products += other.products + across * along * self.first.count * other.first.count / count;
            self.first.merge(&other.first);
            self.second.merge(&other.second);
        }
    }

    /// Moments of the first numbers.
    pub fn first(&self) -> &Moments {
        &self.first
    }

    /// Moments of the second numbers.
    pub fn second(&self) -> &Moments {
        &self.second
    }

    /// Sample covariance, with divisor n − 1.
    pub fn covariance(&self) -> f64 {
        if self.first.count < 2.0 { f64::NAN } else { self.products / (self.first.count - 1.0) }
    }

    /// Pearson's correlation; not a number where either does not vary.
    pub fn correlation(&self) -> f64 {
        self.products / (self.first.squares * self.second.squares).sqrt()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use proptest::prelude::*;

    use super::{Moments, PairMoments};

    #[test]
    fn moments_match_a_count_by_hand() {
        let moments = PairMoments::of(&[1.0, 2.0, 3.0, 6.0], &[2.0, 2.0, 4.0, 8.0]);
        // Means 3 and 4; squares 14 and 24; products 4 + 2 + 0 + 12 = 18.
        assert_eq!((moments.first().mean(), moments.second().mean()), (3.0, 4.0));
        assert!((moments.first().variance() - 14.0 / 3.0).abs() < 1e-12);
        assert!((moments.covariance() - 6.0).abs() < 1e-12);
        assert!((moments.correlation() - 18.0 / (14.0_f64 * 24.0).sqrt()).abs() < 1e-12);
        assert!(Moments::of(&[1.0]).variance().is_nan());
        // Changes 1, 0, 1, 2 have the mean 1 and the variance 2/3; told by their moments the pairs are the same.
        assert!((moments.change().mean() - 1.0).abs() < 1e-12);
        assert!((moments.change().variance() - 2.0 / 3.0).abs() < 1e-12);
        let [first, second] =
            [moments.first(), moments.second()].map(|one| Moments::stated(4.0, one.mean(), one.variance()));
        let stated = PairMoments::stated(first, second, moments.covariance());
        assert!((stated.correlation() - moments.correlation()).abs() < 1e-12);
    }

    proptest! {
        #[test]
        fn parts_add_up_to_the_whole(pairs in prop::collection::vec((-1e3_f64..1e3, -1e3_f64..1e3), 2..60), cut in 0_usize..60) {
            let (first, second): (Vec<f64>, Vec<f64>) = pairs.into_iter().unzip();
            let cut = cut.min(first.len());
            let whole = PairMoments::of(&first, &second);
            let mut parts = PairMoments::of(&first[..cut], &second[..cut]);
            parts.merge(&PairMoments::of(&first[cut..], &second[cut..]));
            prop_assert!((parts.covariance() - whole.covariance()).abs() < 1e-6);
            prop_assert!((parts.first().variance() - whole.first().variance()).abs() < 1e-6);
            prop_assert!((parts.second().mean() - whole.second().mean()).abs() < 1e-9);
        }

        #[test]
        fn adding_a_large_constant_leaves_the_variance(values in prop::collection::vec(0.0_f64..1.0, 3..40)) {
            let far: Vec<f64> = values.iter().map(|value| value + 1e8).collect();
            prop_assert!((Moments::of(&far).variance() - Moments::of(&values).variance()).abs() < 1e-6);
        }
    }
}
