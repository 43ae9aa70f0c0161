//! Transfers through the engine on both databases: in one batch and in several, with trials, repeated keys and an
//! answer from the sender whose friend the command does not name; verification compares both sides.

use crate::support::{
    Kind, adjust, available, cancel, enrol, everything, hold, member, pay, place, receipt, redeem, request,
    shop, start, take_back, transfer, void,
};
use domain::ids::EntryId;
use operations::{Answer, Command, OperationError, Reply};
use store::Faults;

fn entry(reply: &Reply) -> EntryId {
    match reply {
        Ok(Answer::Recorded(recorded)) => recorded.entry.id,
        other => panic!("expected an entry, got {other:?}"),
    }
}

fn code(reply: &Reply) -> &'static str {
    match reply {
        Err(OperationError::Refused(refusal)) => refusal.code(),
        other => panic!("expected a refusal, got {other:?}"),
    }
}

fn accept(name: &str, transfer: EntryId) -> Command {
    Command::AcceptTransfer { member: member(name), transfer }
}

async fn transfers_on(kind: Kind) {
    let Some(place) = place(kind) else { return };
    let engine = shop(&place.url, Faults::default()).await;
    let before = [enrol("ada"), enrol("ben"), enrol("cleo"), adjust("ada", 50, start())];
    for reply in engine.submit(before.map(request).to_vec()).await.expect("answers") {
        reply.expect("prepared");
    }

    let offer = request(transfer("ada", "ben", 30)).with_key(Some("k1".to_owned()));
    let trial = engine.carry_out(offer.clone().with_key(None).dry_run(true)).await;
    assert!(matches!(&trial, Ok(Answer::Recorded(recorded)) if recorded.dry_run), "{trial:?}");
    let first = engine.carry_out(offer.clone()).await;
    let again = engine.carry_out(offer).await;
    assert_eq!(receipt(&first), receipt(&again), "the same key, the same receipt");
    let id = entry(&first);
    assert_eq!(available(&engine, "ada").await, 50, "an offer moves nothing");
    let (_, waiting) = engine.list_transfers(&member("ben")).await.expect("a member");
    assert_eq!(waiting.iter().map(|offer| offer.id).collect::<Vec<_>>(), [id]);

    assert_eq!(code(&engine.carry_out(request(accept("cleo", id))).await), "transfer_not_open");
    let unknown = EntryId { entry_no: 99, ..id };
    assert_eq!(code(&engine.carry_out(request(accept("ben", unknown))).await), "transfer_not_open");
    engine.carry_out(request(accept("ben", id))).await.expect("accepted");
    assert_eq!((available(&engine, "ada").await, available(&engine, "ben").await), (20, 30));

    // Offered, passed on and taken back in one batch: each command sees what those before it did.
    let whole = engine
        .submit(vec![
            request(transfer("ben", "cleo", 10)),
            request(transfer("ada", "cleo", 20)),
            request(transfer("ada", "ben", 20)),
            request(adjust("ada", -15, start())),
        ])
        .await
        .expect("answers");
    let [from_ben, from_ada, to_ben] = [entry(&whole[0]), entry(&whole[1]), entry(&whole[2])];
    let answers = engine
        .submit(vec![
            request(accept("cleo", from_ada)),
            request(Command::WithdrawTransfer { transfer: from_ada }),
            request(Command::DeclineTransfer { member: member("ben"), transfer: to_ben }),
            request(accept("cleo", from_ben)),
            request(accept("cleo", from_ben)),
        ])
        .await
        .expect("answers");
    assert_eq!(code(&answers[0]), "too_few_transferable", "15 of the 20 were spent meanwhile");
    let events: Vec<_> = [1, 2, 3].map(|position: usize| entry(&answers[position])).to_vec();
    assert_eq!(code(&answers[4]), "transfer_not_open");
    let (ada, ben, cleo) = (id.account_id, entry(&whole[0]).account_id, events[2].account_id);
    let whose: Vec<_> = events.iter().map(|id| id.account_id).collect();
    assert_eq!(whose, [ada, ben, cleo], "each gets the receipt of the own account");
    assert_eq!(available(&engine, "cleo").await, 10);
    assert_eq!((available(&engine, "ada").await, available(&engine, "ben").await), (5, 20));

    // The sender's command alone: the batch has to find out whose offer it takes back.
    let last = entry(&engine.carry_out(request(transfer("ada", "cleo", 5))).await);
    engine.carry_out(request(Command::WithdrawTransfer { transfer: last })).await.expect("taken back");
    for name in ["ada", "cleo"] {
        assert!(engine.list_transfers(&member(name)).await.expect("a member").1.is_empty());
        everything(&engine, name).await;
    }
    let report = engine.verify(true, &mut |_| ()).await.expect("verified");
    assert!(report.is_clean(), "{:#?}", report.differences);
    engine.shut_down().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn transfers_are_one_change_on_two_accounts_on_sqlite() {
    transfers_on(Kind::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn transfers_are_one_change_on_two_accounts_on_postgres() {
    transfers_on(Kind::Postgres).await;
}

/// Held points stay where they are; points that were given are spent, and come back to whom they were given.
async fn holds_and_rewards_on(kind: Kind) {
    let Some(place) = place(kind) else { return };
    let engine = shop(&place.url, Faults::default()).await;
    let before = [enrol("ada"), enrol("ben"), adjust("ada", 50, start()), hold("ada", "h1", 40, start())];
    for reply in engine.submit(before.map(request).to_vec()).await.expect("answers") {
        reply.expect("prepared");
    }
    assert_eq!(code(&engine.carry_out(request(transfer("ada", "ben", 30))).await), "too_few_transferable");
    engine.carry_out(request(void("v1", "h1", start()))).await.expect("given back");
    let id = entry(&engine.carry_out(request(transfer("ada", "ben", 30))).await);
    // Held between offer and answer: the offer reserved nothing.
    engine.carry_out(request(hold("ada", "h2", 21, start()))).await.expect("held");
    assert_eq!(code(&engine.carry_out(request(accept("ben", id))).await), "too_few_transferable");
    engine.carry_out(request(void("v2", "h2", start()))).await.expect("given back");
    engine.carry_out(request(accept("ben", id))).await.expect("accepted");
    assert_eq!((available(&engine, "ada").await, available(&engine, "ben").await), (20, 30));

    engine.carry_out(request(redeem("ben", "r1", "pen", start()))).await.expect("redeemed");
    engine.carry_out(request(pay("ben", "p1", start(), 100, 20, None))).await.expect("paid");
    assert_eq!(available(&engine, "ben").await, 3);
    engine.carry_out(request(cancel("c1", "r1", start()))).await.expect("cancelled");
    engine.carry_out(request(take_back("b1", "p1", start(), &[]))).await.expect("returned");
    assert_eq!((available(&engine, "ada").await, available(&engine, "ben").await), (20, 30));
    let report = engine.verify(true, &mut |_| ()).await.expect("verified");
    assert!(report.is_clean(), "{:#?}", report.differences);
    engine.shut_down().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn held_points_are_not_given_and_given_points_are_spent_on_sqlite() {
    holds_and_rewards_on(Kind::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn held_points_are_not_given_and_given_points_are_spent_on_postgres() {
    holds_and_rewards_on(Kind::Postgres).await;
}
