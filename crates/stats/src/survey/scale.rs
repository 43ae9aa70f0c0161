//! Whether the items of a scale measure one thing, and scales of different length on one footing.
//! Cronbach (1951), Psychometrika 16(3), equation 2.

use crate::real::real;
use crate::unfit::{Unfit, at_least, finite, in_range, length};

/// Cronbach's alpha of a scale: `k/(k − 1) · (1 − Σ item variances / variance of the sums)`. One row per person,
/// one column per item, at least two of each; items must point in the same direction. Below 0.7 a mean of the
/// items is usually not reported (Nunnally 1978).
pub fn cronbach_alpha<R: AsRef<[f64]>>(people: &[R]) -> Result<f64, Unfit> {
    at_least("the list of people", people.len(), 2)?;
    let items = people[0].as_ref().len();
    at_least("the list of items", items, 2)?;
    for person in people {
        length("a person's answers", person.as_ref().len(), items)?;
        finite("an answer", person.as_ref())?;
    }
    let item_variances: f64 =
        (0..items).map(|item| variance(people.iter().map(|person| person.as_ref()[item]))).sum();
    let sum_variance = variance(people.iter().map(|person| person.as_ref().iter().sum()));
    if sum_variance <= 0.0 {
        return Err(Unfit::Constant { what: "the sum of the items" });
    }
    Ok(real(items) / real(items - 1) * (1.0 - item_variances / sum_variance))
}

/// An answer on a scale from `lowest` to `highest` as 0 to 100.
pub fn rescaled(answer: f64, lowest: f64, highest: f64) -> Result<f64, Unfit> {
    in_range("the highest answer", highest, "above the lowest", |highest| highest > lowest)?;
    let on_scale = |answer: f64| answer >= lowest && answer <= highest;
    in_range("an answer", answer, "between the lowest and the highest", on_scale)?;
    Ok((answer - lowest) / (highest - lowest) * 100.0)
}

fn variance(values: impl ExactSizeIterator<Item = f64> + Clone) -> f64 {
    let count = real(values.len());
    let mean = values.clone().sum::<f64>() / count;
    values.map(|value| (value - mean).powi(2)).sum::<f64>() / (count - 1.0)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::{cronbach_alpha, rescaled};
    use crate::random::Random;

    /// Fifteen people and ten items of one to seven points: the example of real-statistics.com, “Cronbach's
    /// Alpha” (Zaiontz), which pingouin ships as its data set `cronbach_alpha`.
    const PUBLISHED: [[u8; 10]; 15] = [
        [3, 2, 4, 1, 4, 5, 1, 4, 3, 2],
        [5, 4, 6, 3, 5, 1, 2, 5, 5, 5],
        [7, 3, 5, 5, 6, 4, 3, 3, 6, 5],
        [2, 4, 3, 3, 2, 2, 2, 6, 6, 3],
        [6, 5, 6, 5, 4, 4, 4, 6, 7, 5],
        [1, 2, 3, 4, 2, 5, 2, 3, 5, 2],
        [4, 3, 5, 3, 5, 2, 1, 2, 4, 3],
        [2, 4, 4, 3, 7, 2, 2, 4, 6, 5],
        [6, 5, 5, 5, 1, 6, 5, 2, 3, 2],
        [5, 4, 6, 4, 3, 5, 3, 1, 7, 2],
        [4, 3, 5, 2, 5, 3, 2, 3, 4, 1],
        [4, 2, 3, 2, 5, 3, 4, 2, 3, 4],
        [5, 5, 6, 2, 3, 3, 2, 4, 4, 5],
        [6, 5, 5, 4, 2, 2, 1, 4, 6, 5],
        [4, 3, 5, 5, 3, 1, 3, 2, 3, 4],
    ];

    #[test]
    fn alpha_matches_a_published_example() {
        // 0.5917188485995826, as its documentation prints it; 0.592 on the page of the example.
        let people = PUBLISHED.map(|person| person.map(f64::from));
        assert!((cronbach_alpha(&people).expect("fits") - 0.591_718_848_599_582_6).abs() < 1e-12);
    }

    #[test]
    fn alpha_matches_a_count_by_hand() {
        let people = [[1.0, 2.0, 2.0], [2.0, 1.0, 3.0], [3.0, 2.0, 3.0], [4.0, 2.0, 5.0]];
        // Item variances: 1,2,3,4 → 5/3; 2,1,2,2 → 1/4; 2,3,3,5 → 19/12; sums 5,6,8,11 → 7.
        let expected = 1.5 * (1.0 - (5.0 / 3.0 + 0.25 + 19.0 / 12.0) / 7.0);
        assert!((cronbach_alpha(&people).expect("fits") - expected).abs() < 1e-12);
    }

    #[test]
    fn alpha_recovers_the_reliability_that_was_planted() {
        // k parallel items with reliability r each have alpha k r/(1 + (k − 1) r) (Spearman–Brown): 4 items of
        // 0.5 give 0.8.
        let mut random = Random::new(51);
        let people: Vec<Vec<f64>> = (0..20_000)
            .map(|_| {
                let trait_of_person = random.normal();
                (0..4).map(|_| trait_of_person + random.normal()).collect()
            })
            .collect();
        let found = cronbach_alpha(&people).expect("fits");
        assert!((found - 0.8).abs() < 0.01, "{found}");
    }

    #[test]
    fn a_scale_that_says_nothing_is_refused() {
        assert!(cronbach_alpha(&[[1.0, 2.0]]).is_err());
        assert!(cronbach_alpha(&[[1.0], [2.0]]).is_err());
        assert!(cronbach_alpha(&[[1.0, 1.0], [1.0, 1.0]]).is_err());
        assert!(cronbach_alpha(&[vec![1.0, 2.0], vec![1.0]]).is_err());
    }

    #[test]
    fn every_scale_runs_from_0_to_100() {
        for (answer, lowest, highest, expected) in
            [(1.0, 1.0, 5.0, 0.0), (5.0, 1.0, 5.0, 100.0), (0.0, -3.0, 3.0, 50.0), (4.0, 1.0, 7.0, 50.0)]
        {
            assert!((rescaled(answer, lowest, highest).expect("fits") - expected).abs() < 1e-12);
        }
        assert!(rescaled(6.0, 1.0, 5.0).is_err());
        assert!(rescaled(1.0, 1.0, 1.0).is_err());
    }
}
