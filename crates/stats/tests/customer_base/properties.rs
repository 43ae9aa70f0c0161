//! What must hold for any parameters and histories: no result is anything but a number in its range, grouping changes
//! nothing, and more recent, longer or later means what it should.

use proptest::prelude::*;
use stats::customer_base::{
    BetaGeometricBetaBinomial, BetaGeometricNbd, CustomerBaseError, FirstDropout, GammaGamma, Groups,
    History, Nbd, OpportunityHistory, ParetoNbd, Renewals, ShiftedBetaGeometric, Spend,
};
use stats::random::Random;

use crate::simulate;

/// From 10⁻³ to 10³, evenly by logarithm.
fn parameter() -> impl Strategy<Value = f64> {
    (-7.0..7.0_f64).prop_map(f64::exp)
}

/// Up to a thousand purchases in up to some 1,100 units of time.
fn history() -> impl Strategy<Value = History> {
    (0..1_000_u32, 0.0..=1.0_f64, -3.0..7.0_f64).prop_map(|(repeats, share, ln_age)| {
        let age = ln_age.exp();
        let recency = if repeats == 0 { 0.0 } else { share * age };
        History::new(repeats, recency, age).expect("a history")
    })
}

/// The three questions, whichever model answers.
struct Answers {
    alive: Box<dyn Fn(&History) -> f64>,
    expected: Box<dyn Fn(f64) -> f64>,
    given: Box<Given>,
}

type Given = dyn Fn(&History, f64) -> f64;

fn models([one, two, three, four]: [f64; 4]) -> Vec<(&'static str, Answers)> {
    let pareto = ParetoNbd::new(one, two, three, four).expect("a model");
    let mut all = vec![(
        "Pareto/NBD",
        Answers {
            alive: Box::new(move |history| pareto.probability_alive(history)),
            expected: Box::new(move |span| pareto.expected(span).expect("a span")),
            given: Box::new(move |history, span| pareto.expected_given(history, span).expect("a span")),
        },
    )];
    for (name, dropout) in [("BG/NBD", FirstDropout::AfterRepeat), ("MBG/NBD", FirstDropout::AfterFirst)] {
        let model = BetaGeometricNbd::new(dropout, one, two, three, four).expect("a model");
        all.push((
            name,
            Answers {
                alive: Box::new(move |history| model.probability_alive(history)),
                expected: Box::new(move |span| model.expected(span).expect("a span")),
                given: Box::new(move |history, span| model.expected_given(history, span).expect("a span")),
            },
        ));
    }
    all
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn answers_are_numbers_in_their_range(
        at in [parameter(), parameter(), parameter(), parameter()], history in history(), ln_span in -5.0..14.0_f64,
    ) {
        let span = ln_span.exp();
        for (name, model) in models(at) {
            let alive = (model.alive)(&history);
            prop_assert!((0.0..=1.0).contains(&alive), "{name}: P(alive) {alive}");
            let rate = (at[0] + f64::from(history.repeats())) / (at[1] + history.age());
            let given = (model.given)(&history, span);
            // Nobody buys more than one who never leaves.
            prop_assert!(given >= 0.0 && given <= rate * span * (1.0 + 1e-9), "{name}: {given} given {history:?}");
            let expected = (model.expected)(span);
            prop_assert!(expected >= 0.0 && expected <= at[0] / at[1] * span * (1.0 + 1e-9), "{name}: {expected}");
        }
    }

    #[test]
    fn likelihoods_and_their_derivatives_are_finite(
        at in [parameter(), parameter(), parameter(), parameter()], history in history(),
    ) {
        let groups = Groups::of(vec![history]);
        let [one, two, three, four] = at;
        let mut expansions = vec![ParetoNbd::new(one, two, three, four).expect("a model").log_likelihood(&groups)];
        for dropout in [FirstDropout::AfterRepeat, FirstDropout::AfterFirst] {
            let model = BetaGeometricNbd::new(dropout, one, two, three, four).expect("a model");
            expansions.push(model.log_likelihood(&groups));
        }
        for found in expansions {
            prop_assert!(found.value.is_finite(), "{found:?}");
            prop_assert!(found.gradient.iter().chain(found.hessian.iter().flatten()).all(|d| d.is_finite()), "{found:?}");
        }
        let nbd = Nbd::new(one, two).expect("a model").log_likelihood(&groups);
        prop_assert!(nbd.value.is_finite() && nbd.gradient.iter().all(|d| d.is_finite()));
    }

    #[test]
    fn a_later_last_purchase_makes_it_likelier_to_be_there(
        at in [parameter(), parameter(), parameter(), parameter()], repeats in 1..200_u32, age in 0.1..500.0_f64,
        earlier in 0.0..1.0_f64, later in 0.0..1.0_f64,
    ) {
        let (earlier, later) = (earlier.min(later) * age, earlier.max(later) * age);
        let seen = |recency| History::new(repeats, recency, age).expect("a history");
        for (name, model) in models(at) {
            let (before, after) = ((model.alive)(&seen(earlier)), (model.alive)(&seen(later)));
            prop_assert!(after >= before * (1.0 - 1e-12), "{name}: {before} at {earlier}, {after} at {later}");
        }
    }

    #[test]
    fn expectations_grow_with_the_span_and_ever_more_slowly(
        at in [parameter(), parameter(), parameter(), parameter()], history in history(), ln_span in -3.0..8.0_f64,
    ) {
        let span = ln_span.exp();
        for (name, model) in models(at) {
            let [one, two, three] = [1.0, 2.0, 3.0].map(|times| (model.given)(&history, times * span));
            let slack = 1e-9 * three;
            prop_assert!(one <= two + slack && two <= three + slack, "{name}: {one} {two} {three}");
            prop_assert!(two - one <= one + slack && three - two <= two - one + slack, "{name}: {one} {two} {three}");
        }
    }

    #[test]
    fn a_discount_takes_something_and_a_longer_horizon_gives_something(
        at in [parameter(), parameter(), parameter(), parameter()], history in history(), ln_rate in -7.0..0.0_f64,
        horizon in 1.0..300.0_f64,
    ) {
        let rate = ln_rate.exp();
        let [r, alpha, s, beta] = at;
        let model = ParetoNbd::new(r, alpha, s, beta).expect("a model");
        let plain = model.expected_given(&history, horizon).expect("a span");
        let worth = |horizon| model.discounted_given(&history, rate, horizon).expect("finite");
        let (near, far, ever) = (worth(horizon), worth(2.0 * horizon), worth(f64::INFINITY));
        // Probabilities below 10⁻³⁰⁸ keep few digits.
        let slack = 1e-8 * ever + 1e-300;
        prop_assert!((-rate * horizon).exp() * plain <= near + slack && near <= plain + slack, "{near} of {plain}");
        prop_assert!(near <= far + slack && far <= ever + slack, "{near} {far} {ever}");
    }

    #[test]
    fn grouped_histories_are_as_likely_as_single_ones(
        at in [parameter(), parameter(), parameter(), parameter()],
        few in prop::collection::vec(history(), 1..6), picks in prop::collection::vec(0..6_usize, 1..40),
    ) {
        let picked: Vec<History> = picks.iter().map(|pick| few[pick % few.len()]).collect();
        let grouped = Groups::of(picked.clone());
        prop_assert!(grouped.as_slice().len() <= few.len());
        let [one, two, three, four] = at;
        let pareto = ParetoNbd::new(one, two, three, four).expect("a model");
        let bg = BetaGeometricNbd::new(FirstDropout::AfterRepeat, one, two, three, four).expect("a model");
        let single = |history: &History| Groups::of(vec![*history]);
        for (together, apart) in [
            (pareto.log_likelihood(&grouped).value, picked.iter().map(|h| pareto.log_likelihood(&single(h)).value).sum::<f64>()),
            (bg.log_likelihood(&grouped).value, picked.iter().map(|h| bg.log_likelihood(&single(h)).value).sum::<f64>()),
        ] {
            prop_assert!((together - apart).abs() <= 1e-10 * (1.0 + apart.abs()), "{together} {apart}");
        }
    }

    #[test]
    fn probabilities_of_discrete_histories_sum_to_one(
        at in [parameter(), parameter(), parameter(), parameter()], opportunities in 1..9_u32,
    ) {
        let [alpha, beta, gamma, delta] = at;
        let model = BetaGeometricBetaBinomial::new(alpha, beta, gamma, delta).expect("a model");
        let mut sum = 0.0;
        let mut mean = 0.0;
        for last in 0..=opportunities {
            for purchases in u32::from(last > 0)..=last {
                let history = OpportunityHistory::new(purchases, last, opportunities).expect("a history");
                // The likelihood is of one order of uses; (last − 1 choose purchases − 1) orders share the counts.
                let orders = (1..purchases).fold(1.0, |product, i| product * f64::from(last - i) / f64::from(i));
                let probability = orders * model.log_likelihood(&Groups::of(vec![history])).value.exp();
                sum += probability;
                mean += probability * f64::from(purchases);
                let alive = model.probability_alive(&history);
                prop_assert!((0.0..=1.0).contains(&alive));
            }
        }
        prop_assert!((sum - 1.0).abs() < 1e-9, "{sum}");
        prop_assert!((mean - model.expected(opportunities)).abs() < 1e-9 * (1.0 + mean));
    }

    #[test]
    fn expected_spend_lies_between_the_customers_mean_and_everybodys(
        p in parameter(), q in 1.01..50.0_f64, gamma in parameter(), purchases in 1..500_u32, mean in parameter(),
    ) {
        let model = GammaGamma::new(p, q, gamma).expect("a model");
        let everybody = model.population_mean().expect("finite");
        let found = model.expected_spend(&Spend::new(purchases, mean).expect("spend")).expect("finite");
        prop_assert!(found >= mean.min(everybody) * (1.0 - 1e-12) && found <= mean.max(everybody) * (1.0 + 1e-12));
    }

    #[test]
    fn those_who_renewed_often_renew_again_and_sums_agree(
        alpha in parameter(), beta in parameter(), renewed in 0..40_u32, periods in 1..30_u32, discount in 0.01..1.0_f64,
    ) {
        let model = ShiftedBetaGeometric::new(alpha, beta).expect("a model");
        prop_assert!(model.retention_rate(renewed + 1) >= model.retention_rate(renewed));
        let summed: f64 = (1..=periods).map(|more| model.survival(renewed, more)).sum();
        prop_assert!((model.expected_renewals(renewed, periods) - summed).abs() < 1e-9 * (1.0 + summed));
        let worth = model.discounted_renewals(renewed, discount).expect("finite");
        let (mut direct, mut term) = (0.0, 1.0);
        for more in 0..5_000 {
            term *= model.retention_rate(renewed + more);
            direct += term;
            term /= 1.0 + discount;
        }
        prop_assert!((worth - direct).abs() < 1e-9 * (1.0 + direct), "{worth} {direct}");
    }
}

#[test]
fn the_formula_holds_through_one_where_the_papers_divides_by_zero() {
    // s = 1 and a = 1 are removable: values there lie between those beside them.
    let one = History::new(3, 20.0, 39.0).expect("a history");
    let around = |answer: &dyn Fn(f64) -> f64| {
        let [below, at, above] = [1.0 - 1e-6, 1.0, 1.0 + 1e-6].map(answer);
        assert!(
            (below - at) * (at - above) > 0.0 && (below / above - 1.0).abs() < 1e-4,
            "{below} {at} {above}"
        );
    };
    around(&|s| {
        ParetoNbd::new(0.5, 10.0, s, 12.0).expect("a model").expected_given(&one, 39.0).expect("a span")
    });
    for span in [39.0, 1e5] {
        around(&|a| {
            let model = BetaGeometricNbd::new(FirstDropout::AfterRepeat, 0.5, 10.0, a, 2.0).expect("a model");
            model.expected_given(&one, span).expect("a span")
        });
    }
}

#[test]
fn the_series_and_the_quadrature_meet() {
    // z = span/(α + T + span) passes 0.98 between these spans; expectations must pass it without a jump.
    let one = History::new(3, 20.0, 39.0).expect("a history");
    for a in [0.1, 0.8, 1.0, 3.0] {
        let model = BetaGeometricNbd::new(FirstDropout::AfterRepeat, 0.5, 10.0, a, 2.0).expect("a model");
        let border = 49.0 * 0.98 / 0.02;
        let given = |span: f64| model.expected_given(&one, span).expect("a span");
        let [below, near, beyond, above] =
            [border * (1.0 - 2e-4), border * (1.0 - 1e-6), border * (1.0 + 1e-6), border * (1.0 + 2e-4)]
                .map(given);
        let slope = (above - below) / (4e-4 * border);
        assert!((beyond - near - slope * 2e-6 * border).abs() < 1e-10 * near, "{near} {beyond}");
    }
}

#[test]
fn the_same_customers_in_any_order_give_the_same_bits() {
    let mut random = Random::new(5);
    let drawn: Vec<History> = (0..3_000)
        .map(|_| {
            let customer = simulate::pareto_nbd([0.5, 10.0, 0.6, 12.0], 35.0, &mut random);
            customer.rounded(1.0 / 7.0).expect("a step")
        })
        .collect();
    let forwards = ParetoNbd::fit(&Groups::of(drawn.clone())).expect("a fit");
    let backwards = ParetoNbd::fit(&Groups::of(drawn.into_iter().rev().collect())).expect("a fit");
    assert_eq!(forwards, backwards);
}

#[test]
fn data_that_say_nothing_are_refused_by_name() {
    let silent = Groups::of(vec![History::new(0, 0.0, 10.0).expect("a history"); 5]);
    let refused = "none of 5 customers bought again; the model cannot be fitted to that";
    assert_eq!(ParetoNbd::fit(&silent).unwrap_err().to_string(), refused);
    assert_eq!(Nbd::fit(&silent).unwrap_err().to_string(), refused);
    assert_eq!(BetaGeometricNbd::fit(&silent, FirstDropout::AfterFirst).unwrap_err().to_string(), refused);
    let nobody: Groups<History> = Groups::of(vec![]);
    assert_eq!(ParetoNbd::fit(&nobody).unwrap_err(), CustomerBaseError::NoCustomers);
    assert_eq!(GammaGamma::fit(&Groups::of(vec![])).unwrap_err(), CustomerBaseError::NoCustomers);
    assert_eq!(
        BetaGeometricBetaBinomial::fit(&Groups::of(vec![])).unwrap_err(),
        CustomerBaseError::NoCustomers
    );
    assert_eq!(ShiftedBetaGeometric::fit(&Renewals::default()).unwrap_err(), CustomerBaseError::NoCustomers);

    let mut steady = Renewals::default();
    steady.add_cohort(&[10, 10, 10]).expect("a cohort");
    assert!(
        ShiftedBetaGeometric::fit(&steady).unwrap_err().to_string().contains("none of 10 customers left")
    );
    let growing = Renewals::default().add_cohort(&[10, 9, 12]).unwrap_err().to_string();
    assert_eq!(growing, "row 2: 12 customers remain of 9; survivors never increase");
    assert_eq!(Renewals::default().add_cohort(&[]).unwrap_err(), CustomerBaseError::NoCustomers);

    let refused =
        BetaGeometricNbd::new(FirstDropout::AfterRepeat, 1.0, 1.0, 0.0, 1.0).unwrap_err().to_string();
    assert_eq!(refused, "parameter a is 0; give a finite number above 0");
    let refused = Nbd::new(1.0, 1.0).expect("a model").expected(-1.0).unwrap_err().to_string();
    assert_eq!(refused, "span is -1; give a finite number that is not negative");
    let refused = GammaGamma::new(1.0, 0.9, 1.0).expect("a model").population_mean().unwrap_err().to_string();
    assert!(refused.starts_with("mean spend is infinite at q = 0.9"), "{refused}");
}

#[test]
fn customers_all_alike_make_a_parameter_run_off_and_it_is_named() {
    // Poisson counts of one rate: a gamma distribution of rates shrinks to a point, r and alpha grow together.
    let mut random = Random::new(8);
    let alike: Vec<History> = (0..500)
        .map(|number| {
            let repeats = 4 + number % 2;
            History::new(repeats, 39.0 * random.uniform(), 39.0).expect("a history")
        })
        .collect();
    let refused = Nbd::fit(&Groups::of(alike)).unwrap_err();
    assert!(matches!(refused, CustomerBaseError::ParameterRanOff { .. }), "{refused}");
}
