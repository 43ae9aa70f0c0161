//! The clock of a sandbox on both databases: a year passes at once and leaves the ledger that punctual sweeps would
//! have left; the clock survives a restart, never goes back, and does not move where programs work in earnest.

use crate::support::{Kind, PROGRAMME, adjust, enrol, everything, place, purchase, request};
use jiff::{Timestamp, ToSpan};
use operations::{Clock, DatabaseUrl, Engine, EngineOptions, KeyMode, KeyRequest, OperationError, Scope};

async fn sandbox(url: &DatabaseUrl, sandbox: bool) -> Engine {
    let options = EngineOptions { ids_start: Some(1), lanes: 1, sandbox, ..EngineOptions::default() };
    Engine::open(url, options).await.expect("the engine opens")
}

fn days(at: Timestamp, days: i64) -> Timestamp {
    at.checked_add((24 * days).hours()).expect("in range")
}

fn refusal(error: &OperationError) -> &'static str {
    match error {
        OperationError::Refused(refusal) => refusal.code(),
        other => panic!("expected a refusal, got {other:?}"),
    }
}

async fn a_year_passes(kind: Kind) {
    let Some(place) = place(kind) else { return };
    let engine = sandbox(&place.url, true).await;
    let machine = engine.view_clock().expect("a sandbox");
    assert!(!machine.stands, "as long as it was not moved, it is the machine's");
    let begin = days(machine.now, 30);
    engine.publish_programme(PROGRAMME, days(begin, -90), "owner").await.expect("published");
    engine.advance_clock(begin, &mut |_| ()).await.expect("moved");
    assert_eq!(engine.clock().now(), begin, "it stands");
    for (name, later) in [("ada", 0), ("ben", 1), ("cleo", 2)] {
        if later > 0 {
            engine.advance_clock(days(begin, later), &mut |_| ()).await.expect("moved");
        }
        engine.carry_out(request(enrol(name))).await.expect("enrolled");
        let now = engine.clock().now();
        let bought = purchase(name, &format!("p-{name}"), Some("app"), now, &[2_500]);
        engine.carry_out(request(bought)).await.expect("recorded");
        engine.carry_out(request(adjust(name, 30, now))).await.expect("adjusted");
    }
    let year = days(begin, 366);
    let mut stops = 0;
    let report = engine.advance_clock(year, &mut |report| stops = report.stops).await.expect("moved");
    assert_eq!((report.to, report.stops), (year, stops));
    // Ada's points were released on the way to Cleo's day.
    assert_eq!((report.posted.releases, report.posted.expiries), (2, 3), "{report:?}");
    assert!(report.posted.reviews >= 3 && report.stops >= 5, "{report:?}");

    // In the order of business time, each at the instant at which it fell due: as if swept without delay.
    let feed = engine.list_events(None, 200).await.expect("the feed");
    let swept: Vec<_> = feed.events.iter().filter(|entry| entry.actor == "system").collect();
    assert!(swept.len() >= 9);
    assert!(swept.windows(2).all(|pair| pair[0].occurred_at <= pair[1].occurred_at), "{swept:#?}");
    for entry in &swept {
        let late = entry.recorded_at.as_microsecond() - entry.occurred_at.as_microsecond();
        assert!((0..10).contains(&late), "{} was due at {}", entry.id, entry.occurred_at);
    }
    for name in ["ada", "ben", "cleo"] {
        everything(&engine, name).await;
    }
    for to in [year, begin] {
        let error = engine.advance_clock(to, &mut |_| ()).await.expect_err("never back");
        assert_eq!(refusal(&error), "field_invalid");
    }
    engine.shut_down().await;
    drop(engine);

    let again = sandbox(&place.url, false).await;
    assert!(again.is_sandbox(), "a sandbox stays one");
    assert_eq!(again.clock().now(), year, "the clock survives a restart");
    again.advance_clock(days(year, 1), &mut |_| ()).await.expect("moved on");
    let report = again.verify(true, &mut |_| ()).await.expect("verified");
    assert!(report.is_clean(), "{:#?}", report.differences);
    let key = KeyRequest {
        client: "till".to_owned(),
        mode: KeyMode::Live,
        scopes: vec![Scope::PurchasesWrite],
        expires_at: None,
    };
    again.issue_api_key(key, "owner".to_owned()).await.expect("issued");
    let error = again.advance_clock(days(year, 2), &mut |_| ()).await.expect_err("keys work here");
    assert_eq!(refusal(&error), "live_keys");
    again.shut_down().await;
}

async fn only_in_a_sandbox(kind: Kind) {
    let Some(place) = place(kind) else { return };
    let engine = sandbox(&place.url, false).await;
    assert_eq!(refusal(&engine.view_clock().expect_err("no sandbox")), "not_a_sandbox");
    let to = days(engine.clock().now(), 1);
    let error = engine.advance_clock(to, &mut |_| ()).await.expect_err("no sandbox");
    assert_eq!(refusal(&error), "not_a_sandbox");
    engine.shut_down().await;
    drop(engine);
    let again = sandbox(&place.url, false).await;
    assert!(!again.is_sandbox(), "asking made it none");
    assert!(matches!(again.clock(), Clock::System));
    again.shut_down().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_year_passes_at_once_on_sqlite() {
    a_year_passes(Kind::Sqlite).await;
    only_in_a_sandbox(Kind::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_year_passes_at_once_on_postgres() {
    a_year_passes(Kind::Postgres).await;
    only_in_a_sandbox(Kind::Postgres).await;
}
