//! The whole service on bad days: tills send over a network that loses, repeats and reorders, the server ends between
//! any two database calls, the clock jumps. Afterwards every answer anybody heard is true, exactly once.

mod day;
mod service;
mod till;

use std::collections::BTreeMap;

use crate::support::{Kind, place_in_memory};
use day::{Day, Habit};
use service::Service;
use store::testing::TemporaryPostgres;

/// Days of a normal run; `PERENNIAL_SIMULATIONS` asks for more, `PERENNIAL_FIRST_SEED` for others.
const DAYS: u64 = 10_000;
/// Of these, on PostgreSQL one in so many.
const POSTGRES_SHARE: u64 = 50;
/// Days that share a database, so that it stays small.
const DAYS_TOGETHER: u64 = 250;

/// Fewer days, as of somebody who looks at one seed, need not hold everything.
const DAYS_FOR_FLOORS: u64 = 200;

/// What must not become rare, at least so often in a thousand days: about half of what happens now.
const FLOORS: [(&str, u64); 14] = [
    ("sent again", 3_000),
    ("delivered twice", 1_000),
    ("delivered out of order", 2_500),
    ("answers lost", 900),
    ("servers ended", 600),
    ("servers opened again", 20),
    ("ended after a commit that nobody heard of", 100),
    ("calls failed once", 50),
    ("clocks set back", 300),
    ("refused", 3_000),
    ("returns waiting for their purchase", 200),
    ("the same answer again", 2_400),
    ("holds ended by time", 50),
    ("entries", 5_500),
];

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|text| text.replace('_', "").parse().expect("a number"))
}

type Counts = BTreeMap<&'static str, u64>;

/// Lives through some days on a database of their own.
async fn live(kind: Kind, seeds: std::ops::Range<u64>, habit: Habit) -> Result<Counts, String> {
    let place = place_in_memory(kind).expect("a database");
    let mut service = Service::open(&place.url).await;
    let mut counts = Counts::new();
    for seed in seeds.clone() {
        let mut day = Day::new(seed, habit);
        day.live(&mut service).await;
        let again = "cargo test -p operations --test simulation bad_days";
        day.check(&service)
            .await
            .map_err(|what| format!("{what}\nPERENNIAL_FIRST_SEED={seed} PERENNIAL_SIMULATIONS=1 {again}"))?;
        for (what, times) in day.counts {
            *counts.entry(what).or_default() += times;
        }
    }
    service.verify().await.map_err(|what| format!("days {seeds:?}: {what}"))?;
    service.close().await;
    Ok(counts)
}

/// Two databases at a time: the machine of the gate has two cores.
async fn campaign(kind: Kind, days: u64) {
    if kind == Kind::Postgres && TemporaryPostgres::shared().is_none() {
        return;
    }
    let first = number("PERENNIAL_FIRST_SEED").unwrap_or(1);
    let halves = [0, 1].map(|half| {
        tokio::spawn(async move {
            let mut counts = Counts::new();
            let mut at = first + half * DAYS_TOGETHER;
            while at < first + days {
                let seeds = at..(at + DAYS_TOGETHER).min(first + days);
                for (what, times) in live(kind, seeds, Habit::Careful).await.expect("a day without a lie") {
                    *counts.entry(what).or_default() += times;
                }
                at += 2 * DAYS_TOGETHER;
            }
            counts
        })
    });
    let mut counts = Counts::new();
    for half in halves {
        for (what, times) in half.await.expect("no panic") {
            *counts.entry(what).or_default() += times;
        }
    }
    println!("{kind:?}: {days} days from seed {first}");
    for (what, least) in FLOORS {
        let times = counts.get(what).copied().unwrap_or(0);
        println!("{times:>10}  {what}");
        assert!(
            days < DAYS_FOR_FLOORS || times * 1_000 >= least * days,
            "too few: {what}, {times} in {days} days"
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bad_days_leave_every_answer_true_on_sqlite() {
    campaign(Kind::Sqlite, number("PERENNIAL_SIMULATIONS").unwrap_or(DAYS)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bad_days_leave_every_answer_true_on_postgres() {
    campaign(Kind::Postgres, number("PERENNIAL_SIMULATIONS").unwrap_or(DAYS).div_ceil(POSTGRES_SHARE)).await;
}

/// A harness that finds nothing proves nothing: tills with bad habits must be noticed.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_till_that_sends_again_under_a_new_name_is_noticed() {
    let found = live(Kind::Sqlite, 1..200, Habit::NewNameEachTime).await.expect_err("counted twice");
    assert!(found.contains("stands 2 times") || found.contains("stands 3 times"), "{found}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_till_that_takes_silence_for_a_yes_is_noticed() {
    let found = live(Kind::Sqlite, 1..200, Habit::SilenceIsYes).await.expect_err("never recorded");
    assert!(found.contains("stands 0 times"), "{found}");
}
