//! What must hold for every programme and purchase: the engine says what the slow reference says, parts add up,
//! more spend never earns less, and the same inputs give the same awards.

use std::cell::RefCell;
use std::collections::BTreeMap;

use jiff::Timestamp;
use proptest::prelude::*;
use proptest::test_runner::{Config, RngSeed, TestRunner};

use super::random;
use super::reference::{self, Case, Given};
use crate::programme::{CompiledProgramme, Effect, Evaluation, MultiplierStacking, Outcome, outcomes};

/// A runner of at least so many cases. `PROPTEST_RNG_SEED` and `PROPTEST_CASES` choose other and more cases.
fn runner(cases: u32) -> TestRunner {
    let standard = Config::default();
    let rng_seed = match standard.rng_seed {
        RngSeed::Random => RngSeed::Fixed(2026),
        fixed @ RngSeed::Fixed(_) => fixed,
    };
    println!("seed {rng_seed:?}");
    TestRunner::new(Config {
        cases: cases.max(standard.cases),
        rng_seed,
        failure_persistence: None,
        ..standard
    })
}

fn evaluate(case: &Case) -> Evaluation {
    let programme = CompiledProgramme::compile(case.programme.clone(), 1, Timestamp::UNIX_EPOCH)
        .unwrap_or_else(|findings| panic!("{}", super::listed(&findings)));
    let recorded_at = case.local.to_zoned(programme.zone().clone()).unwrap().timestamp();
    programme.evaluate_purchase(&case.purchase, &case.circumstances, case.local, recorded_at, case, case)
}

#[test]
fn the_index_says_what_the_slow_reference_says() {
    let seen: RefCell<BTreeMap<char, u32>> = RefCell::default();
    runner(8_000)
        .run(&random::case(), |case| {
            let evaluation = evaluate(&case);
            let (given, expected) = reference::judge(&case);
            let found: Vec<Outcome> = outcomes(&evaluation.outcomes).collect();
            for outcome in &found {
                *seen.borrow_mut().entry(outcome.letter()).or_default() += 1;
            }
            if chains_over_lines(&case, &found) {
                *seen.borrow_mut().entry('>').or_default() += 1;
            }
            let awards: Vec<Given> = evaluation
                .awards
                .into_iter()
                .map(|award| Given {
                    rule: award.rule,
                    points: award.points,
                    shares: award.shares,
                    funding: award.funding,
                })
                .collect();
            prop_assert_eq!(found, expected);
            prop_assert_eq!(awards, given);
            Ok(())
        })
        .unwrap();
    let chains = seen.borrow().get(&'>').copied().unwrap_or(0);
    println!("multipliers of different lines on top of each other: {chains}");
    assert!(chains >= 20, "only {chains} chains: the generator went quiet");
    for outcome in Outcome::ALL {
        let times = seen.borrow().get(&outcome.letter()).copied().unwrap_or(0);
        println!("{outcome:?}: {times}");
        assert!(times >= 20, "{outcome:?} occurred only {times} times: the generator went quiet");
    }
}

/// Whether multipliers that choose lines met others of the same unit, each on top of those before.
fn chains_over_lines(case: &Case, found: &[Outcome]) -> bool {
    let multiplies = case.programme.multiplier_stacking == MultiplierStacking::Multiply;
    let fired = case.programme.rules.iter().zip(found).filter(|(rule, outcome)| {
        outcome.fired() && rule.unit.as_str() == "points" && matches!(rule.effect, Effect::Multiplier(_))
    });
    multiplies && fired.filter(|(rule, _)| rule.conditions.chooses_lines()).count() >= 2
}

#[test]
fn shares_and_funding_add_up_to_the_points() {
    runner(1_000)
        .run(&random::case(), |case| {
            for award in evaluate(&case).awards {
                prop_assert!(award.points > 0);
                prop_assert_eq!(award.shares.iter().sum::<i64>(), award.points);
                prop_assert_eq!(award.funding.iter().map(|(_, points)| points).sum::<i64>(), award.points);
                prop_assert!(award.shares.iter().all(|share| *share >= 0));
                prop_assert_eq!(award.shares.len(), case.purchase.lines.len());
            }
            Ok(())
        })
        .unwrap();
}

/// Caps, budgets, groups, upper limits and the choice of one best multiplier may take away when more is spent.
fn without_limits(mut case: Case) -> Case {
    for rule in &mut case.programme.rules {
        rule.caps.clear();
        rule.budget = None;
        rule.group = None;
        rule.conditions.amount_max = None;
    }
    case
}

#[test]
fn more_spend_on_any_line_never_earns_less() {
    let more = (any::<prop::sample::Index>(), 1_i64..5_000);
    runner(2_000)
        .run(&(random::case().prop_map(without_limits), more), |(case, (line, more))| {
            let total = |case: &Case, unit: &str| -> i64 {
                let awards = evaluate(case).awards;
                awards.iter().filter(|award| award.unit.as_str() == unit).map(|award| award.points).sum()
            };
            let mut larger = case.clone();
            let line = line.index(larger.purchase.lines.len());
            larger.purchase.lines[line].amount += more;
            for unit in ["points", "growth"] {
                let (small, large) = (total(&case, unit), total(&larger, unit));
                prop_assert!(large >= small, "{unit}: {small} became {large}");
            }
            Ok(())
        })
        .unwrap();
}

#[test]
fn the_same_inputs_give_the_same_awards() {
    runner(200)
        .run(&random::case(), |case| {
            prop_assert_eq!(evaluate(&case), evaluate(&case));
            Ok(())
        })
        .unwrap();
}
