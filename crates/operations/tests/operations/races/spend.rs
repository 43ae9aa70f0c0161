//! Races to spend: 32 clients on PostgreSQL, 16 on SQLite, want the points of one balance, the units of one stock, the
//! points of one hold, or to capture and to void one hold. Exactly as many succeed as there is for.

use std::collections::BTreeSet;

use domain::refusal::Refusal;
use operations::{Engine, OperationError, Reply};

use super::{race, racing, recorded};
use crate::support::{
    Kind, adjust, cancel, capture, enrol, everything, hold, pay_back, pay_with_money, place, receipt, redeem,
    request, rounds, start, top_up, void,
};

/// Rounds of each race on each database; `PERENNIAL_RACE_ROUNDS` asks for more.
const ROUNDS: u32 = 200;

/// How many were answered with an entry, and what the others were told.
fn outcome(replies: &[Reply]) -> (i64, BTreeSet<&'static str>) {
    let mut told = BTreeSet::new();
    let mut succeeded = 0;
    for reply in replies {
        match reply {
            Ok(_) => succeeded += 1,
            Err(OperationError::Refused(refusal)) => {
                told.insert(refusal.code());
            }
            Err(error) => panic!("neither yes nor no: {error:?}"),
        }
    }
    (succeeded, told)
}

async fn with_points(engine: &Engine, name: &str, points: i64) {
    recorded(engine.carry_out(request(enrol(name))).await);
    recorded(engine.carry_out(request(adjust(name, points, start()))).await);
}

/// 7 points each of 50: seven get a pen.
async fn the_last_points(engines: &[Engine], clients: u32, round: u32) {
    let name = format!("points{round}");
    with_points(&engines[0], &name, 50).await;
    let want = |number: u32| request(redeem(&name, &format!("{name}-{number}"), "pen", start()));
    let replies = race(engines, (0..clients).map(want).collect()).await;
    assert_eq!(outcome(&replies), (7, BTreeSet::from(["insufficient_points"])), "round {round}");
    everything(&engines[0], &name).await;
}

/// 60 of money and 9 of bonus, 10 for each till: six are paid. Then 30 that tills and the desk want whole: one gets them.
async fn the_last_money(engines: &[Engine], clients: u32, round: u32) {
    let name = format!("money{round}");
    recorded(engines[0].carry_out(request(enrol(&name))).await);
    recorded(engines[0].carry_out(request(top_up(&name, &format!("{name}-t"), 60, start()))).await);
    let till = |number: u32| request(pay_with_money(&name, &format!("{name}-{number}"), 10, start()));
    let replies = race(engines, (0..clients).map(till).collect()).await;
    assert_eq!(outcome(&replies), (6, BTreeSet::from(["insufficient_points"])), "round {round}");
    let known = everything(&engines[0], &name).await;
    assert!(known.contains("\"unit\":\"wallet\",\"available\":0,"), "{known}");
    // The last 30 of money, wanted by tills and by the desk that pays back.
    recorded(engines[0].carry_out(request(top_up(&name, &format!("{name}-u"), 30, start()))).await);
    let want = |number: u32| {
        let reference = format!("{name}-d{number}");
        let command = match number % 2 {
            0 => pay_with_money(&name, &reference, 30, start()),
            _ => pay_back(&name, &reference, 30, start()),
        };
        request(command)
    };
    let replies = race(engines, (0..clients).map(want).collect()).await;
    assert_eq!(outcome(&replies), (1, BTreeSet::from(["insufficient_points"])), "round {round}");
    everything(&engines[0], &name).await;
}

/// Five mugs, as many members as clients. The winners cancel, and the stock is there again.
async fn the_last_stock(engines: &[Engine], clients: u32, round: u32) {
    let name = |number: u32| format!("stock{number}");
    let reference = |number: u32| format!("stock{round}-{number}");
    let want = |number: u32| request(redeem(&name(number), &reference(number), "mug", start()));
    let replies = race(engines, (0..clients).map(want).collect()).await;
    assert_eq!(outcome(&replies), (5, BTreeSet::from(["reward_out_of_stock"])), "round {round}");
    let winners = (0..clients).zip(&replies).filter(|(_, reply)| reply.is_ok()).map(|(number, _)| number);
    let give_up =
        |number: u32| request(cancel(&format!("x{}", reference(number)), &reference(number), start()));
    let cancelled = race(engines, winners.map(give_up).collect()).await;
    assert_eq!(outcome(&cancelled), (5, BTreeSet::new()), "round {round}");
}

/// 4 points each of a hold of 30: seven captures succeed, and 2 points stay reserved.
async fn the_points_of_a_hold(engines: &[Engine], clients: u32, round: u32) {
    let name = format!("hold{round}");
    with_points(&engines[0], &name, 50).await;
    recorded(engines[0].carry_out(request(hold(&name, &name, 30, start()))).await);
    let want = |number: u32| request(capture(&format!("{name}-{number}"), &name, Some(4), start()));
    let replies = race(engines, (0..clients).map(want).collect()).await;
    assert_eq!(outcome(&replies), (7, BTreeSet::from(["capture_exceeds_hold"])), "round {round}");
    let known = everything(&engines[0], &name).await;
    assert!(known.contains("\"held\":2,"), "{known}");
}

/// TS-19: captured and voided at the same moment, one wins; whoever asks again gets the first answer again.
async fn capture_against_void(engines: &[Engine], clients: u32, round: u32) {
    let name = format!("duel{round}");
    with_points(&engines[0], &name, 50).await;
    recorded(engines[0].carry_out(request(hold(&name, &name, 30, start()))).await);
    let duel = |number: u32| {
        let reference = format!("{name}-{number}");
        let command = if number.is_multiple_of(2) {
            capture(&reference, &name, None, start())
        } else {
            void(&reference, &name, start())
        };
        request(command).with_key(Some(reference))
    };
    let first = race(engines, (0..clients).map(duel).collect()).await;
    assert_eq!(outcome(&first), (1, BTreeSet::from(["hold_ended"])), "round {round}");
    let ended = first.iter().find_map(|reply| match reply {
        Err(OperationError::Refused(refusal @ Refusal::HoldEnded { .. })) => Some(refusal.clone()),
        _ => None,
    });
    assert!(ended.expect("the others are told").kind().is_frozen());
    for _ in 0..3 {
        let again = race(engines, (0..clients).map(duel).collect()).await;
        for (first, again) in first.iter().zip(&again) {
            assert_eq!(receipt(first), receipt(again), "round {round}: the answer changed");
        }
    }
    everything(&engines[0], &name).await;
}

async fn spend_on(kind: Kind) {
    let Some(place) = place(kind) else { return };
    let engines = racing(&place, kind).await;
    let clients = if kind == Kind::Postgres { 32 } else { 16 };
    for number in 0..clients {
        with_points(&engines[0], &format!("stock{number}"), 50).await;
    }
    for round in 0..rounds(ROUNDS) {
        the_last_points(&engines, clients, round).await;
        the_last_money(&engines, clients, round).await;
        the_last_stock(&engines, clients, round).await;
        the_points_of_a_hold(&engines, clients, round).await;
        capture_against_void(&engines, clients, round).await;
    }
    let report = engines[0].verify(true, &mut |_| {}).await.expect("verified");
    assert!(report.is_clean(), "{:#?}", report.differences);
    for engine in engines {
        engine.shut_down().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_spent_twice_on_sqlite() {
    spend_on(Kind::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_spent_twice_between_three_engines_on_postgres() {
    spend_on(Kind::Postgres).await;
}
