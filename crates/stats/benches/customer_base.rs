//! How long fits take: the four models of the CDNOW data on customers simulated like those, then BG/NBD on a million.
//! `cargo bench -p stats`. Prints processor time, read from the kernel's account of this thread, so that other work on
//! the machine does not count.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout, clippy::cast_precision_loss)]
#![expect(clippy::disallowed_methods, reason = "a benchmark reads the kernel's account of time")]

use std::hint::black_box;

use stats::customer_base::{BetaGeometricNbd, FirstDropout, GammaGamma, Groups, History, ParetoNbd, Spend};
use stats::random::Random;

#[path = "../tests/customer_base/simulate.rs"]
#[expect(dead_code, reason = "simulates more models than are measured")]
mod simulate;

const CDNOW_CUSTOMERS: u32 = 2_357;
const MANY_CUSTOMERS: u32 = 1_000_000;
const ROUNDS: usize = 9;

/// Estimates from the CDNOW sample (Fader, Hardie and Lee 2005; Batislam et al. 2007; Fader and Hardie 2013).
const BG_NBD: [f64; 4] = [0.243, 4.414, 0.793, 2.426];
const MBG_NBD: [f64; 4] = [0.525, 6.183, 0.891, 1.614];
const PARETO_NBD: [f64; 4] = [0.553, 10.578, 0.606, 11.669];
const GAMMA_GAMMA: [f64; 3] = [6.25, 3.74, 15.45];

fn main() {
    println!("{CDNOW_CUSTOMERS} customers like those of CDNOW, times in days:");
    for (name, dropout, truth) in
        [("BG/NBD", FirstDropout::AfterRepeat, BG_NBD), ("MBG/NBD", FirstDropout::AfterFirst, MBG_NBD)]
    {
        let histories = simulate::customers(CDNOW_CUSTOMERS, Some(7.0), 1, |age, random| {
            simulate::beta_geometric(dropout, truth, age, random)
        });
        report(name, &histories, |groups| BetaGeometricNbd::fit(groups, dropout).unwrap().evaluations);
    }
    let histories = simulate::customers(CDNOW_CUSTOMERS, Some(7.0), 1, |age, random| {
        simulate::pareto_nbd(PARETO_NBD, age, random)
    });
    report("Pareto/NBD", &histories, |groups| ParetoNbd::fit(groups).unwrap().evaluations);
    let spend = repeat_spend(&histories);
    report("Gamma-Gamma", &spend, |groups| GammaGamma::fit(groups).unwrap().evaluations);

    for (times, days) in [("times in days", Some(7.0)), ("continuous times", None)] {
        println!("{MANY_CUSTOMERS} customers, {times}:");
        let histories = simulate::customers(MANY_CUSTOMERS, days, 1, |age, random| {
            simulate::beta_geometric(FirstDropout::AfterRepeat, BG_NBD, age, random)
        });
        report("BG/NBD", &histories, |groups| {
            BetaGeometricNbd::fit(groups, FirstDropout::AfterRepeat).unwrap().evaluations
        });
        let model = BetaGeometricNbd::new(FirstDropout::AfterRepeat, 0.243, 4.414, 0.793, 2.426).unwrap();
        expect_all("BG/NBD", &Groups::of(histories), |history| model.expected_given(history, 39.0).unwrap());
    }
}

/// A mean spend for each customer who bought again, in whole cents.
fn repeat_spend(histories: &[History]) -> Vec<Spend> {
    let mut random = Random::new(2);
    let repeats = histories.iter().map(History::repeats).filter(|repeats| *repeats > 0);
    repeats
        .map(|repeats| {
            let drawn = simulate::spend(GAMMA_GAMMA, repeats, &mut random);
            Spend::new(repeats, (drawn.mean() * 100.0).round().max(1.0) / 100.0).unwrap()
        })
        .collect()
}

/// Processor time of this thread so far.
fn processor_seconds() -> f64 {
    let account = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap();
    let nanoseconds: u64 = account.split_whitespace().next().unwrap().parse().unwrap();
    nanoseconds as f64 / 1e9
}

/// Measures counting equal histories and fitting, in milliseconds each. Small fits are repeated within a round, because
/// the kernel brings its account up to date at every tick only, some milliseconds apart.
fn report<H: Ord + Copy>(name: &str, histories: &[H], fit: impl Fn(&Groups<H>) -> u32) {
    let repeats = (200_000 / histories.len()).max(1);
    let milliseconds = 1e3 / repeats as f64;
    let (mut counting, mut fitting) = (Vec::new(), Vec::new());
    let mut evaluations = 0;
    let groups = Groups::of(histories.to_vec());
    for _ in 0..ROUNDS {
        let copies = vec![histories.to_vec(); repeats];
        let began = processor_seconds();
        for copy in copies {
            black_box(Groups::of(copy));
        }
        let counted = processor_seconds();
        for _ in 0..repeats {
            evaluations = black_box(fit(&groups));
        }
        fitting.push(milliseconds * (processor_seconds() - counted));
        counting.push(milliseconds * (counted - began));
    }
    let [least, median, most] = spread(&mut fitting);
    let [_, counted, _] = spread(&mut counting);
    println!(
        "  {name}: fit {median:.2} ms (least {least:.2}, most {most:.2}), counting before it {counted:.2} ms; \
         {} distinct histories, {evaluations} evaluations",
        groups.as_slice().len()
    );
}

/// Measures one expectation per distinct history.
fn expect_all<H: Ord + Copy>(name: &str, groups: &Groups<H>, expected: impl Fn(&H) -> f64) {
    let began = processor_seconds();
    let sum: f64 = groups.as_slice().iter().map(|(history, count)| *count as f64 * expected(history)).sum();
    let taken = 1e3 * (processor_seconds() - began);
    let each = 1e6 * taken / groups.as_slice().len() as f64;
    println!("  {name}: expectations of all {taken:.1} ms, {each:.0} ns each; {sum:.0} purchases");
}

fn spread(values: &mut [f64]) -> [f64; 3] {
    values.sort_by(f64::total_cmp);
    [values[0], values[values.len() / 2], values[values.len() - 1]]
}
