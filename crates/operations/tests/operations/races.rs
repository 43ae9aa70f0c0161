//! Races on both databases: the same purchase 32 times at once, two first purchases of one new member, the last units
//! of a budget, the cap of a day, transfers that cross, the last points given and spent; in `races/spend.rs` the last
//! points, the last stock, one hold; in `races/documents.rs` one document and a return told together with its purchase.
//! On PostgreSQL three engines share the database, as three servers would.

mod documents;
mod spend;

use std::collections::BTreeSet;

use crate::support::{
    Kind, Place, adjust, available, engines, enrol, everything, member, place, purchase, receipt, request,
    shop, start, transfer,
};
use domain::ledger::Fact;
use operations::{Answer, Command, Engine, Recorded, Reply, Request};
use store::Faults;

const RACERS: u32 = 32;

/// The engines that race on one database.
async fn racing(place: &Place, kind: Kind) -> Vec<Engine> {
    engines(shop(&place.url, Faults::default()).await, place, kind).await
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
    let engines = racing(&place, kind).await;
    for round in 0..4 {
        the_same_purchase(&engines, round).await;
        two_first_purchases(&engines, round).await;
        the_cap_of_a_day(&engines, round).await;
    }
    for round in 0..4 {
        transfers_that_cross(&engines, round).await;
        the_last_points_given_and_spent(&engines, round).await;
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

/// Everybody gives to everybody at once, both ways: nobody waits for ever, no point is lost or made.
async fn transfers_that_cross(engines: &[Engine], round: u32) {
    let (ada, ben) = (format!("ada{round}"), format!("ben{round}"));
    for name in [&ada, &ben] {
        recorded(engines[0].carry_out(request(enrol(name))).await);
        recorded(engines[0].carry_out(request(adjust(name, 40, start()))).await);
    }
    let offer = |number: u32| match number % 2 {
        0 => request(transfer(&ada, &ben, 1)),
        _ => request(transfer(&ben, &ada, 1)),
    };
    let offers = race(engines, (0..RACERS).map(offer).collect()).await;
    let ids: Vec<_> = offers.into_iter().map(|reply| recorded(reply).entry.id).collect();
    let accept = |(number, transfer)| {
        let receiver = if number % 2 == 0 { &ben } else { &ada };
        request(Command::AcceptTransfer { member: member(receiver), transfer })
    };
    let accepts: Vec<_> = ids.iter().copied().enumerate().map(accept).collect();
    // Each twice: one of the two finds the offer answered.
    let replies = race(engines, accepts.iter().chain(&accepts).cloned().collect()).await;
    assert_eq!(replies.iter().filter(|reply| reply.is_ok()).count(), ids.len(), "{replies:?}");
    for name in [&ada, &ben] {
        assert_eq!(available(&engines[0], name).await, 40, "as many came as went");
    }
}

/// Ten points, once to be given and once to be spent, at the same time: one of the two wins.
async fn the_last_points_given_and_spent(engines: &[Engine], round: u32) {
    let (ada, ben) = (format!("last{round}"), format!("friend{round}"));
    for name in [&ada, &ben] {
        recorded(engines[0].carry_out(request(enrol(name))).await);
    }
    recorded(engines[0].carry_out(request(adjust(&ada, 10, start()))).await);
    let id = recorded(engines[0].carry_out(request(transfer(&ada, &ben, 10))).await).entry.id;
    let accept = request(Command::AcceptTransfer { member: member(&ben), transfer: id });
    let mut requests = vec![accept; 4];
    requests.extend((0..4).map(|_| request(adjust(&ada, -10, start()))));
    let won = race(engines, requests).await.iter().filter(|reply| reply.is_ok()).count();
    assert_eq!(won, 1, "the points are given or spent");
    assert_eq!(available(&engines[0], &ada).await, 0);
    assert!([0, 10].contains(&available(&engines[0], &ben).await));
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
