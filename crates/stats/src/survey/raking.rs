//! Weights that make a sample agree with known margins of its population (raking, iterative proportional fitting).
//! Deming and Stephan (1940), Annals of Mathematical Statistics 11(4).

use crate::real::real;
use crate::unfit::{Unfit, at_least, in_range, length};

/// Rounds after which margins that still disagree are taken to contradict one another.
const ROUNDS_MAX: usize = 1_000;

/// One known margin: which category each answer falls into, and what share of the population each category has.
#[derive(Debug, Clone, Copy)]
pub struct Margin<'a> {
    /// The category of each answer, an index into `shares`.
    pub categories: &'a [usize],
    /// Shares of the population, adding up to 1.
    pub shares: &'a [f64],
}

/// Weights of mean 1, one per answer, under which every margin agrees with its shares to `tolerance`. Starts from
/// equal weights. Refuses margins that contradict each other and a category of the population nobody answered from.
pub fn rake(margins: &[Margin<'_>], tolerance: f64) -> Result<Vec<f64>, Unfit> {
    at_least("the list of margins", margins.len(), 1)?;
    let answers = margins[0].categories.len();
    at_least("the sample", answers, 1)?;
    in_range("the tolerance", tolerance, "above 0", |tolerance| tolerance > 0.0)?;
    for margin in margins {
        check(margin, answers)?;
    }
    let mut weights = vec![1.0; answers];
    for _ in 0..ROUNDS_MAX {
        let mut worst = 0.0_f64;
        for margin in margins {
            worst = worst.max(fit(margin, &mut weights));
        }
        if worst <= tolerance {
            return Ok(weights);
        }
    }
    let remedy = "the margins contradict each other in this sample; merge small categories";
    Err(Unfit::Unsettled { what: "raking", rounds: ROUNDS_MAX, remedy })
}

fn check(margin: &Margin<'_>, answers: usize) -> Result<(), Unfit> {
    length("the categories", margin.categories.len(), answers)?;
    for &share in margin.shares {
        in_range("a population share", share, "from 0 to 1", |share| (0.0..=1.0).contains(&share))?;
    }
    let sum = margin.shares.iter().sum();
    in_range("the sum of population shares", sum, "of 1", |sum: f64| (sum - 1.0).abs() < 1e-6)?;
    let mut seen = vec![0_usize; margin.shares.len()];
    for &category in margin.categories {
        let Some(count) = seen.get_mut(category) else {
            let range = "below the number of population shares";
            return Err(Unfit::OutOfRange { what: "a category", value: real(category), range });
        };
        *count += 1;
    }
    for (count, share) in seen.iter().zip(margin.shares) {
        if *share > 0.0 {
            at_least("a category of the population", *count, 1)?;
        }
    }
    Ok(())
}

/// Scales the weights of each category to its share; returns the largest share that was off before.
fn fit(margin: &Margin<'_>, weights: &mut [f64]) -> f64 {
    let mut sums = vec![0.0; margin.shares.len()];
    for (&category, weight) in margin.categories.iter().zip(&*weights) {
        sums[category] += weight;
    }
    let answers = real(weights.len());
    let factors: Vec<f64> = sums
        .iter()
        .zip(margin.shares)
        .map(|(sum, share)| if *sum > 0.0 { share * answers / sum } else { 0.0 })
        .collect();
    for (&category, weight) in margin.categories.iter().zip(weights) {
        *weight *= factors[category];
    }
    sums.iter().zip(margin.shares).map(|(sum, share)| (sum / answers - share).abs()).fold(0.0, f64::max)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::{Margin, rake};
    use crate::random::Random;

    #[test]
    fn one_margin_is_plain_post_stratification() {
        // Three answers of category 0 and one of 1, half and half in the population: weights 2/3 and 2.
        let margin = Margin { categories: &[0, 0, 0, 1], shares: &[0.5, 0.5] };
        let weights = rake(&[margin], 1e-12).expect("a fit");
        for (found, expected) in weights.iter().zip([2.0 / 3.0, 2.0 / 3.0, 2.0 / 3.0, 2.0]) {
            assert!((found - expected).abs() < 1e-12, "{weights:?}");
        }
    }

    #[test]
    fn raking_undoes_answering_that_depends_on_the_margins() {
        // The chance to answer is a product of one factor per margin, so raking can undo it. The outcome differs by
        // cell; its population mean is 1 + 0.5·2 + 0.3·4 = 3.2.
        let mut random = Random::new(41);
        let (mut first, mut second, mut outcomes) = (Vec::new(), Vec::new(), Vec::new());
        while outcomes.len() < 20_000 {
            let (a, b) = (usize::from(random.chance(0.5)), usize::from(random.chance(0.3)));
            if random.chance([0.2, 0.9][a] * [0.4, 1.0][b]) {
                first.push(a);
                second.push(b);
                outcomes.push(1.0 + [0.0, 2.0][a] + [0.0, 4.0][b] + random.normal());
            }
        }
        let margins = [
            Margin { categories: &first, shares: &[0.5, 0.5] },
            Margin { categories: &second, shares: &[0.7, 0.3] },
        ];
        let weights = rake(&margins, 1e-9).expect("a fit");
        let mean = |weights: &[f64]| {
            outcomes.iter().zip(weights).map(|(value, weight)| value * weight).sum::<f64>()
                / weights.iter().sum::<f64>()
        };
        assert!((mean(&weights) - 3.2).abs() < 0.06, "{}", mean(&weights));
        assert!((mean(&vec![1.0; outcomes.len()]) - 3.2).abs() > 0.1, "the sample was not skewed");
        assert!((weights.iter().sum::<f64>() / 20_000.0 - 1.0).abs() < 1e-9);
    }

    #[test]
    fn margins_that_cannot_hold_are_refused() {
        let refuse = |margins: &[Margin<'_>]| rake(margins, 1e-6).expect_err("a refusal").to_string();
        let empty = Margin { categories: &[0, 0], shares: &[0.5, 0.5] };
        assert_eq!(refuse(&[empty]), "a category of the population has 0: give at least 1");
        let beyond = Margin { categories: &[0, 2], shares: &[0.5, 0.5] };
        assert!(refuse(&[beyond]).starts_with("a category is 2"));
        // The same two groups cannot be half and half and nine to one at once.
        let half = Margin { categories: &[0, 1], shares: &[0.5, 0.5] };
        let ninth = Margin { categories: &[0, 1], shares: &[0.9, 0.1] };
        assert!(refuse(&[half, ninth]).starts_with("raking did not settle"));
    }
}
