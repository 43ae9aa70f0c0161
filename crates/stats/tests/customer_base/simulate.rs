//! Customers drawn from each model as its paper tells the story, one purchase at a time: nothing here knows a formula
//! of the likelihood.

use stats::customer_base::{FirstDropout, History, OpportunityHistory, Spend};
use stats::random::Random;

/// Beta distributed, as a share of two gammas (Devroye 1986, IX.3).
pub(crate) fn beta(a: f64, b: f64, random: &mut Random) -> f64 {
    let (one, other) = (random.gamma(a, 1.0), random.gamma(b, 1.0));
    one / (one + other)
}

/// Where the customer's story ends: purchases up to `age` until `stays` says no.
fn history(rate: f64, age: f64, random: &mut Random, mut leaves: impl FnMut(&mut Random) -> bool) -> History {
    let (mut repeats, mut recency) = (0, 0.0);
    let mut time = random.exponential(1.0 / rate);
    while time <= age {
        repeats += 1;
        recency = time;
        if leaves(random) {
            break;
        }
        time += random.exponential(1.0 / rate);
    }
    History::new(repeats, recency, age).expect("a simulated history")
}

/// One customer of the BG/NBD or the MBG/NBD.
pub(crate) fn beta_geometric(
    dropout: FirstDropout,
    [r, alpha, a, b]: [f64; 4],
    age: f64,
    random: &mut Random,
) -> History {
    let rate = random.gamma(r, 1.0 / alpha);
    let leaving = beta(a, b, random);
    if dropout == FirstDropout::AfterFirst && random.chance(leaving) {
        return History::new(0, 0.0, age).expect("a simulated history");
    }
    history(rate, age, random, |random| random.chance(leaving))
}

/// One customer of the Pareto/NBD.
pub(crate) fn pareto_nbd([r, alpha, s, beta]: [f64; 4], age: f64, random: &mut Random) -> History {
    let rate = random.gamma(r, 1.0 / alpha);
    let leaving = random.gamma(s, 1.0 / beta);
    let departure = random.exponential(1.0 / leaving);
    let seen = history(rate, age.min(departure), random, |_| false);
    History::new(seen.repeats(), seen.recency(), age).expect("a simulated history")
}

/// One customer of the NBD.
pub(crate) fn nbd([r, alpha]: [f64; 2], age: f64, random: &mut Random) -> History {
    let rate = random.gamma(r, 1.0 / alpha);
    history(rate, age, random, |_| false)
}

/// One customer of the BG/BB.
pub(crate) fn beta_binomial(
    [alpha, beta_, gamma, delta]: [f64; 4],
    opportunities: u32,
    random: &mut Random,
) -> OpportunityHistory {
    let (uses, leaves) = (beta(alpha, beta_, random), beta(gamma, delta, random));
    let (mut purchases, mut last) = (0, 0);
    for opportunity in 1..=opportunities {
        if random.chance(leaves) {
            break;
        }
        if random.chance(uses) {
            purchases += 1;
            last = opportunity;
        }
    }
    OpportunityHistory::new(purchases, last, opportunities).expect("a simulated history")
}

/// One customer's mean spend, by the Gamma-Gamma model.
pub(crate) fn spend([p, q, gamma]: [f64; 3], purchases: u32, random: &mut Random) -> Spend {
    let rate = random.gamma(q, 1.0 / gamma);
    let sum: f64 = (0..purchases).map(|_| random.gamma(p, 1.0 / rate)).sum();
    Spend::new(purchases, sum / f64::from(purchases)).expect("a simulated mean")
}

/// Renewals until the customer leaves, by the shifted beta-geometric model; at most `renewals_max`.
pub(crate) fn renewals([alpha, beta_]: [f64; 2], renewals_max: usize, random: &mut Random) -> usize {
    let leaving = beta(alpha, beta_, random);
    (0..renewals_max).find(|_| random.chance(leaving)).unwrap_or(renewals_max)
}

/// Many customers, observed for 27 to 39 weeks like those of CDNOW: times in whole days of so many a week, or
/// continuous.
pub(crate) fn customers(
    count: u32,
    days: Option<f64>,
    seed: u64,
    draw: impl Fn(f64, &mut Random) -> History,
) -> Vec<History> {
    let mut random = Random::new(seed);
    (0..count)
        .map(|_| {
            let age = 27.0 + 12.0 * random.uniform();
            let drawn = draw(age, &mut random);
            days.map_or(drawn, |days| drawn.rounded(1.0 / days).expect("a step"))
        })
        .collect()
}
