//! Merges through the engine on both databases: every identifier leads to the member who goes on, documents of before
//! are followed up, whatever races with a merge has one outcome, and undoing it is a change like any other (TS-07).

use crate::support::{
    Kind, adjust, cancel, engine, enrol, everything, hold, member, place, purchase, receipt, redeem, request,
    rounds, shop, start, take_back, transfer, void,
};
use domain::code::Code;
use domain::ids::AccountId;
use operations::{Answer, Command, Engine, OperationError, OverviewQuery, Reply, Request};
use store::Faults;

/// Rounds of each race on each database; `PERENNIAL_RACE_ROUNDS` asks for more.
const ROUNDS: u32 = 40;

fn merge(absorbed: &str, into: &str) -> Request {
    let reason = "one person, two cards".to_owned();
    request(Command::MergeMembers { absorbed: member(absorbed), into: member(into), reason })
}

fn undo(absorbed: AccountId) -> Request {
    request(Command::UndoMerge { absorbed, reason: "two persons after all".to_owned() })
}

fn code(reply: &Reply) -> &'static str {
    match reply {
        Err(OperationError::Refused(refusal)) => refusal.code(),
        other => panic!("expected a refusal, got {other:?}"),
    }
}

async fn done(engine: &Engine, request: Request) -> AccountId {
    match engine.carry_out(request).await {
        Ok(Answer::Recorded(recorded)) => recorded.entry.id.account_id,
        other => panic!("expected an entry, got {other:?}"),
    }
}

async fn id(engine: &Engine, name: &str) -> AccountId {
    engine.find_member(&member(name)).await.expect("a member")
}

async fn points(engine: &Engine, name: &str) -> (i64, i64, i64) {
    everything(engine, name).await;
    let view = engine.view_member(&member(name)).await.expect("a member");
    let balance = view.state.balance(Code::constant("points"));
    (balance.available, balance.pending, balance.debt)
}

/// Everything adds up, account by account and pair by pair.
async fn verified(engine: &Engine) {
    let report = engine.verify(true, &mut |_| {}).await.expect("a report");
    assert!(report.is_clean(), "{report:?}");
}

async fn merges_on(kind: Kind) {
    let Some(place) = place(kind) else { return };
    let engine = shop(&place.url, Faults::default()).await;
    for name in ["old", "new"] {
        done(&engine, request(enrol(name))).await;
        done(&engine, request(adjust(name, 40, start()))).await;
    }
    let old = id(&engine, "old").await;
    done(&engine, request(purchase("old", "R1", None, start(), &[1_000, 500]))).await;
    done(&engine, request(redeem("old", "pen1", "pen", start()))).await;

    // What is under way on the account that is given up has to end first.
    done(&engine, request(hold("old", "H1", 5, start()))).await;
    assert_eq!(code(&engine.carry_out(merge("old", "new")).await), "merge_waits");
    done(&engine, request(void("V1", "H1", start()))).await;
    let offer = engine.carry_out(request(transfer("old", "new", 5))).await;
    assert_eq!(code(&engine.carry_out(merge("old", "new")).await), "merge_waits");
    let transfer = offer.expect("offered").recorded().expect("an entry").entry.id;
    done(&engine, request(Command::WithdrawTransfer { transfer })).await;
    assert_eq!(code(&engine.carry_out(merge("new", "new")).await), "field_invalid");

    let trial = engine.carry_out(merge("old", "new").dry_run(true)).await;
    assert!(matches!(&trial, Ok(Answer::Recorded(recorded)) if recorded.dry_run), "{trial:?}");
    assert_eq!(points(&engine, "old").await, (33, 22, 0), "a trial moves nothing");
    let keyed = merge("old", "new").with_key(Some("merge".to_owned()));
    let first = engine.carry_out(keyed.clone()).await;
    let again = engine.carry_out(keyed).await;
    assert_eq!(receipt(&first), receipt(&again), "the same key, the same receipt");

    // Both identifiers lead to one member, who has everything.
    let new = id(&engine, "new").await;
    assert_eq!(id(&engine, "old").await, new);
    assert_eq!(points(&engine, "old").await, (73, 22, 0));
    let view = engine.view_member(&member("old")).await.expect("a member");
    assert_eq!(view.identifiers.len(), 2);
    assert_eq!(code(&engine.carry_out(merge("old", "new")).await), "field_invalid");

    // The same purchase again gets its first answer, a new one counts for the member who goes on.
    let again = engine.carry_out(request(purchase("old", "R1", None, start(), &[1_000, 500]))).await;
    assert!(matches!(&again, Ok(Answer::Recorded(recorded)) if recorded.duplicate), "{again:?}");
    assert_eq!(done(&engine, request(purchase("old", "R2", None, start(), &[200]))).await, new);
    assert_eq!(points(&engine, "new").await, (73, 25, 0));

    // A return of what was bought before takes its own points, pending as they are; a cancelled reward gives back.
    assert_eq!(done(&engine, request(take_back("B1", "R1", start(), &[(0, 1_000)]))).await, old);
    assert_eq!(points(&engine, "new").await, (73, 10, 0));
    done(&engine, request(cancel("C1", "pen1", start()))).await;
    assert_eq!(points(&engine, "new").await, (80, 10, 0));

    // A third account, a chain, and a purchase told under the first name in one batch with the merge.
    done(&engine, request(enrol("third"))).await;
    let batch = vec![merge("new", "third"), request(purchase("old", "R3", None, start(), &[200]))];
    let replies = engine.submit(batch).await.expect("answers");
    assert!(replies.iter().all(Result::is_ok), "{replies:?}");
    assert_eq!(points(&engine, "old").await, (80, 13, 0));
    done(&engine, request(take_back("B2", "R1", start(), &[(1, 500)]))).await;
    assert_eq!(points(&engine, "third").await, (80, 6, 0));
    verified(&engine).await;

    // Whoever looks at all members sees one in place of three.
    let query = OverviewQuery {
        from: "2028-02-19".parse().unwrap(),
        to: "2028-02-22".parse().unwrap(),
        compare: false,
    };
    let seen = engine.view_overview(&query).await.expect("an overview").expect("a programme");
    let mix = seen.tier_mix.last().expect("a day").tiers.iter().map(|(_, members)| members).sum::<i64>();
    assert_eq!((seen.current.members, mix), (1, 1));

    // Undone from the end: a member in the middle cannot be taken out.
    assert_eq!(code(&engine.carry_out(undo(old)).await), "account_closed");
    done(&engine, undo(new)).await;
    done(&engine, undo(old)).await;
    assert_eq!(code(&engine.carry_out(undo(old)).await), "not_merged");
    assert_eq!(id(&engine, "old").await, old);
    let sum =
        points(&engine, "old").await.0 + points(&engine, "new").await.0 + points(&engine, "third").await.0;
    assert_eq!(sum, 80, "as many as before");
    done(&engine, request(purchase("old", "R4", None, start(), &[100]))).await;
    verified(&engine).await;
    engine.shut_down().await;
}

/// A merge against the last points, against a return of what is merged, and against a merge the other way round.
async fn races_on(kind: Kind) {
    let Some(place) = place(kind) else { return };
    let mut engines = vec![shop(&place.url, Faults::default()).await];
    if kind == Kind::Postgres {
        engines.push(engine(&place.url, 1_000_000, Faults::default()).await);
    }
    let (here, there) = (engines[0].clone(), engines[engines.len() - 1].clone());
    for round in 0..rounds(ROUNDS) {
        let (old, new) = (format!("old{round}"), format!("new{round}"));
        for name in [&old, &new] {
            done(&here, request(enrol(name))).await;
            done(&here, request(adjust(name, 10, start()))).await;
        }
        let bought = format!("bought{round}");
        done(&here, request(purchase(&old, &bought, None, start(), &[1_000]))).await;
        let spend = |number: u32| request(redeem(&old, &format!("{old}-{number}"), "pen", start()));
        let back = request(take_back(&format!("{bought}-back"), &bought, start(), &[(0, 1_000)]));
        let (one, other, spent, returned, late) = tokio::join!(
            here.carry_out(merge(&old, &new)),
            there.carry_out(merge(&new, &old)),
            there.carry_out(spend(1)),
            here.carry_out(back),
            there.carry_out(spend(2)),
        );
        assert!(one.is_ok() != other.is_ok(), "one of the two goes on: {one:?} {other:?}");
        assert!(spent.is_ok() || late.is_ok(), "there are points for one: {spent:?} {late:?}");
        assert!(returned.is_ok(), "{returned:?}");
        let pens = i64::from(spent.is_ok()) + i64::from(late.is_ok());
        assert_eq!(id(&here, &old).await, id(&here, &new).await, "one member");
        assert_eq!(points(&here, &old).await, (20 - 7 * pens, 0, 0), "round {round}: nothing made or lost");
    }
    verified(&here).await;
    for engine in engines {
        engine.shut_down().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_members_become_one_on_sqlite() {
    merges_on(Kind::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_members_become_one_on_postgres() {
    merges_on(Kind::Postgres).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ts_07_what_races_with_a_merge_has_one_outcome_on_sqlite() {
    races_on(Kind::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ts_07_what_races_with_a_merge_has_one_outcome_on_postgres() {
    races_on(Kind::Postgres).await;
}
