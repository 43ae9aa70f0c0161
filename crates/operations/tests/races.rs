//! Races on both databases: the same purchase 32 times at once, two first purchases of one new member, the last units
//! of a budget, the cap of a day; and, in `races/spend.rs`, the last points, the last stock, one hold. On PostgreSQL three
//! engines share the database, as three servers would.
#![allow(clippy::pedantic, reason = "tests read as stories; casts and lengths do no harm here")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests say what must be there")]
#![allow(unreachable_pub, missing_docs, reason = "one test crate, private as a whole")]

#[path = "races/spend.rs"]
mod spend;
mod support;

use std::collections::BTreeSet;

use domain::ledger::Fact;
use operations::{Answer, Engine, Recorded, Reply, Request};
use store::Faults;
use support::{Kind, Place, engine, enrol, everything, place, purchase, receipt, request, shop, start};

const RACERS: u32 = 32;

/// The engines that race on one database.
async fn engines(place: &Place, kind: Kind) -> Vec<Engine> {
    let mut engines = vec![shop(&place.url, Faults::default()).await];
    if kind == Kind::Postgres {
        for number in 1..3 {
            engines.push(engine(&place.url, number * 1_000_000, Faults::default()).await);
        }
    }
    engines
}

/// Sends all requests at once and waits for all answers.
async fn race(engines: &[Engine], requests: Vec<Request>) -> Vec<Reply> {
    let tasks: Vec<_> = requests
        .into_iter()
        .zip(engines.iter().cycle())
        .map(|(request, engine)| {
            let engine = engine.clone();
            tokio::spawn(async move { engine.carry_out(request).await })
        })
        .collect();
    let mut replies = Vec::new();
    for task in tasks {
        replies.push(task.await.expect("no panic"));
    }
    replies
}

fn recorded(reply: Reply) -> Recorded {
    match reply {
        Ok(Answer::Recorded(recorded)) => recorded,
        other => panic!("expected an entry, got {other:?}"),
    }
}

fn points_of(recorded: &Recorded, rule: &str) -> i64 {
    let Fact::PurchaseRecorded { awards, .. } = &recorded.entry.fact else { panic!("expected a purchase") };
    awards.iter().filter(|award| award.rule.as_str() == rule).map(|award| award.points).sum()
}

async fn race_on(kind: Kind) {
    let Some(place) = place(kind) else { return };
    let engines = engines(&place, kind).await;
    for round in 0..4 {
        the_same_purchase(&engines, round).await;
        two_first_purchases(&engines, round).await;
        the_cap_of_a_day(&engines, round).await;
    }
    the_last_units_of_a_budget(&engines).await;
    for engine in engines {
        engine.shut_down().await;
    }
}

async fn the_same_purchase(engines: &[Engine], round: u32) {
    let name = format!("same{round}");
    let same = || request(purchase(&name, &format!("same{round}"), None, start(), &[500, 250]));
    let replies = race(engines, (0..RACERS).map(|_| same()).collect()).await;
    let receipts: BTreeSet<String> = replies.iter().map(receipt).collect();
    assert_eq!(receipts.len(), 1, "one answer, byte for byte: {receipts:#?}");
    let first = replies.into_iter().map(recorded).filter(|recorded| !recorded.duplicate).count();
    assert_eq!(first, 1, "recorded once");
    let known = everything(&engines[0], &name).await;
    assert!(known.contains("\"purchase_count\":1,"), "{known}");
}

async fn two_first_purchases(engines: &[Engine], round: u32) {
    let name = format!("new{round}");
    let first =
        |number: u32| request(purchase(&name, &format!("new{round}-{number}"), None, start(), &[500]));
    let replies = race(engines, (0..RACERS).map(first).collect()).await;
    let accounts: BTreeSet<_> =
        replies.into_iter().map(|reply| recorded(reply).entry.id.account_id).collect();
    assert_eq!(accounts.len(), 1, "one account");
    let known = everything(&engines[0], &name).await;
    assert!(known.contains(&format!("\"purchase_count\":{RACERS},")), "{known}");
}

async fn the_cap_of_a_day(engines: &[Engine], round: u32) {
    let name = format!("cap{round}");
    recorded(engines[0].carry_out(request(enrol(&name))).await);
    let buy =
        |number: u32| request(purchase(&name, &format!("cap{round}-{number}"), Some("app"), start(), &[500]));
    let replies = race(engines, (0..RACERS).map(buy).collect()).await;
    let given: i64 = replies.into_iter().map(|reply| points_of(&recorded(reply), "daily")).sum();
    assert_eq!(given, 5, "the cap of the day");
    everything(&engines[0], &name).await;
}

async fn the_last_units_of_a_budget(engines: &[Engine]) {
    // 20 units, 64 members who each want one.
    let buy = |number: u32| {
        request(purchase(
            &format!("budget{number}"),
            &format!("budget{number}"),
            Some("web"),
            start(),
            &[500],
        ))
    };
    let replies = race(engines, (0..2 * RACERS).map(buy).collect()).await;
    let given: Vec<i64> = replies.into_iter().map(|reply| points_of(&recorded(reply), "campaign")).collect();
    assert_eq!(given.iter().sum::<i64>(), 20, "the budget, all of it and no more: {given:?}");
    for number in 0..2 * RACERS {
        everything(&engines[0], &format!("budget{number}")).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn races_on_sqlite_have_one_outcome() {
    race_on(Kind::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn races_between_three_engines_on_postgres_have_one_outcome() {
    race_on(Kind::Postgres).await;
}
