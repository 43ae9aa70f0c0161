//! Races over documents: one purchase told at once by several servers gets one answer, also when it spends all points
//! or is a member's first, and a return told together with its purchase is never left behind.

use std::collections::BTreeSet;

use domain::ledger::Fact;
use operations::{Answer, Engine, Reply};

use super::{available, race, racing, recorded};
use crate::support::{
    Kind, adjust, enrol, everything, pay, place, purchase, receipt, request, rounds, start, take_back,
};

/// Rounds of each race on each database; `PERENNIAL_RACE_ROUNDS` asks for more.
const ROUNDS: u32 = 100;
const SENDERS: u32 = 6;

/// Whether all got the same answer, byte for byte, and one of them made the entry.
fn one_answer(replies: Vec<Reply>) {
    let receipts: BTreeSet<String> = replies.iter().map(receipt).collect();
    assert_eq!(receipts.len(), 1, "one answer, byte for byte: {receipts:#?}");
    let first = replies.into_iter().map(recorded).filter(|recorded| !recorded.duplicate).count();
    assert_eq!(first, 1, "recorded once");
}

/// The purchase that makes somebody a member.
async fn a_first_purchase(engines: &[Engine], round: u32) {
    let name = format!("first{round}");
    let same = || request(purchase(&name, &name, None, start(), &[500, 250]));
    one_answer(race(engines, (0..SENDERS).map(|_| same()).collect()).await);
}

/// A purchase that spends all points: who comes second must not be told that there are none.
async fn a_purchase_that_spends_all(engines: &[Engine], round: u32) {
    let name = format!("all{round}");
    recorded(engines[0].carry_out(request(enrol(&name))).await);
    recorded(engines[0].carry_out(request(adjust(&name, 40, start()))).await);
    let same = || request(pay(&name, &name, start(), 1_000, 40, None));
    one_answer(race(engines, (0..SENDERS).map(|_| same()).collect()).await);
    assert_eq!(available(&engines[0], &name).await, 0);
}

/// A purchase and its return: whichever comes first, both have their effect in the end.
async fn a_purchase_and_its_return(engines: &[Engine], round: u32) {
    let name = format!("both{round}");
    let back = format!("{name}-back");
    recorded(engines[0].carry_out(request(enrol(&name))).await);
    let bought = request(purchase(&name, &name, None, start(), &[500]));
    let returned = request(take_back(&back, &name, start(), &[(0, 500)]));
    let pair = if round.is_multiple_of(2) { vec![bought, returned] } else { vec![returned, bought] };
    for reply in race(engines, pair).await {
        assert!(matches!(reply, Ok(Answer::Recorded(_) | Answer::Parked(_))), "{reply:?}");
    }
    everything(&engines[0], &name).await;
    let again = engines[0].carry_out(request(take_back(&back, &name, start(), &[(0, 500)]))).await;
    let returned = recorded(again);
    assert!(returned.duplicate, "round {round}: the return was applied");
    assert!(matches!(returned.entry.fact, Fact::ReturnRecorded { .. }), "{returned:?}");
}

async fn race_on(kind: Kind) {
    let Some(place) = place(kind) else { return };
    let engines = racing(&place, kind).await;
    for round in 0..rounds(ROUNDS) {
        a_first_purchase(&engines, round).await;
        a_purchase_that_spends_all(&engines, round).await;
        a_purchase_and_its_return(&engines, round).await;
    }
    for engine in engines {
        engine.shut_down().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_document_has_one_outcome_on_sqlite() {
    race_on(Kind::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_document_has_one_outcome_between_three_engines_on_postgres() {
    race_on(Kind::Postgres).await;
}
