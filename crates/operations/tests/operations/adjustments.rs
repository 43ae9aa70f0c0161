//! Adjustments that need a second person, on both databases: asked for once, posted once, finished after a crash, and
//! never refused for ever.

use crate::support::{
    Kind, Place, adjust, after_minutes, enrol, everything, member, place, request, shop, start,
};
use domain::code::Code;
use domain::ids::AccountId;
use domain::operation::Adjustment;
use operations::{Engine, OperationError, RequestState};
use store::{ApprovalState, Database, Faults, OpenOptions};

const ON: [Kind; 2] = [Kind::Sqlite, Kind::Postgres];

async fn prepared(kind: Kind) -> Option<(Place, Engine, AccountId)> {
    let place = place(kind)?;
    let engine = shop(&place.url, Faults::default()).await;
    engine.carry_out(request(enrol("ada"))).await.expect("enrolled");
    let ada = engine.view_member(&member("ada")).await.expect("a member").member_id;
    Some((place, engine, ada))
}

fn adjustment(points: i64) -> Adjustment {
    Adjustment {
        unit: Code::constant("points"),
        points,
        reason: Code::constant("goodwill"),
        note: "test".to_owned(),
        occurred_at: start(),
        approved_by: None,
    }
}

async fn available(engine: &Engine) -> i64 {
    everything(engine, "ada").await;
    let view = engine.view_member(&member("ada")).await.expect("a member");
    view.state.balance(Code::constant("points")).available
}

async fn state(engine: &Engine, id: &str) -> RequestState {
    let requests = engine.list_adjustment_requests(100).await.expect("requests");
    requests.into_iter().find(|request| request.request_id == id).expect("the request").state
}

fn code<T: std::fmt::Debug>(answer: Result<T, OperationError>) -> &'static str {
    match answer {
        Err(OperationError::Refused(refusal)) => refusal.code(),
        Err(OperationError::Changed) => "changed",
        other => panic!("expected a refusal, got {other:?}"),
    }
}

/// The other process, or this one a moment before it was killed.
async fn beside(place: &Place) -> Database {
    Database::open(&place.url, &OpenOptions::default().beside_server(true)).await.expect("a database")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_form_sent_twice_asks_once() {
    for kind in ON {
        let Some((_place, engine, ada)) = prepared(kind).await else { continue };
        let ask =
            |points, number: &'static str| engine.request_adjustment(ada, adjustment(points), "ann", number);
        let (first, second) = tokio::join!(ask(60, "form-1"), ask(60, "form-1"));
        let id = first.expect("asked");
        assert_eq!(second.expect("asked"), id);
        assert_eq!(code(ask(70, "form-1").await), "idempotency_key_reused");
        let other = ask(60, "form-2").await.expect("asked");
        assert_ne!(other, id, "another form is another request");
        assert_eq!(engine.list_adjustment_requests(100).await.expect("requests").len(), 2);

        engine.approve_adjustment(&id, "ben").await.expect("approved");
        assert_eq!(ask(60, "form-1").await.expect("the same"), id, "also after it was decided");
        engine.reject_adjustment(&other, "ben").await.expect("rejected");
        assert_eq!(code(engine.approve_adjustment(&other, "cleo").await), "changed");
        assert_eq!(available(&engine).await, 60);
        engine.shut_down().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_who_approve_at_once_post_once() {
    for kind in ON {
        let Some((_place, engine, ada)) = prepared(kind).await else { continue };
        let id = engine.request_adjustment(ada, adjustment(60), "ann", "").await.expect("asked");
        assert_eq!(code(engine.approve_adjustment(&id, "ann").await), "approver_is_requester");
        let (ben, cleo) =
            tokio::join!(engine.approve_adjustment(&id, "ben"), engine.approve_adjustment(&id, "cleo"));
        assert!(ben.is_ok() || cleo.is_ok(), "{ben:?} {cleo:?}");
        engine.approve_adjustment(&id, "dora").await.expect("approved before, and told so");
        assert_eq!(available(&engine).await, 60);
        assert_eq!(state(&engine, &id).await, RequestState::Approved);
        engine.shut_down().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_decided_and_not_posted_is_finished_by_whoever_comes() {
    for kind in ON {
        let Some((place, engine, ada)) = prepared(kind).await else { continue };
        let id = engine.request_adjustment(ada, adjustment(60), "ann", "").await.expect("asked");
        let decided = beside(&place).await.decide_approval(&id, ApprovalState::Approved, "ben", None).await;
        assert!(decided.expect("the decision is stored, and then the server is killed"));
        assert_eq!(state(&engine, &id).await, RequestState::Unposted);
        assert_eq!(code(engine.reject_adjustment(&id, "cleo").await), "changed", "it is decided");
        assert_eq!(code(engine.approve_adjustment(&id, "ann").await), "approver_is_requester");
        let posted = engine.approve_adjustment(&id, "cleo").await.expect("finished");
        let fact = format!("{:?}", posted.entry.fact);
        assert!(fact.contains("ben") && !fact.contains("cleo"), "the second person decided: {fact}");
        assert_eq!((available(&engine).await, state(&engine, &id).await), (60, RequestState::Approved));
        let report = engine.verify(true, &mut |_| ()).await.expect("verified");
        assert!(report.is_clean(), "{:#?}", report.differences);
        engine.shut_down().await;
    }
}

/// Between the decision and the posting the member spends the points: that is a refusal of that moment only.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refusal_of_one_moment_is_not_kept_for_ever() {
    for kind in ON {
        let Some((place, engine, ada)) = prepared(kind).await else { continue };
        engine.carry_out(request(adjust("ada", 50, start()))).await.expect("50");
        engine.carry_out(request(adjust("ada", 50, start()))).await.expect("100");
        let id = engine.request_adjustment(ada, adjustment(-80), "ann", "").await.expect("asked");
        let early = engine.request_adjustment(ada, adjustment(-90), "ann", "").await.expect("asked");
        engine.carry_out(request(adjust("ada", -50, after_minutes(1)))).await.expect("spent");
        assert_eq!(code(engine.approve_adjustment(&early, "ben").await), "insufficient_points");
        assert_eq!(state(&engine, &early).await, RequestState::Waiting, "what is refused stays undecided");

        assert!(
            beside(&place)
                .await
                .decide_approval(&id, ApprovalState::Approved, "ben", None)
                .await
                .expect("stored")
        );
        for _ in 0..3 {
            assert_eq!(code(engine.approve_adjustment(&id, "ben").await), "insufficient_points");
        }
        engine.carry_out(request(adjust("ada", 50, after_minutes(2)))).await.expect("100 again");
        for _ in 0..2 {
            engine.approve_adjustment(&id, "ben").await.expect("posted, once");
        }
        assert_eq!((available(&engine).await, state(&engine, &id).await), (20, RequestState::Approved));
        engine.shut_down().await;
    }
}
