//! Where the door says stop: too often, too large, too busy, the wrong type or method; and how the server ends.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use domain::document::{DocumentKey, Purchase, PurchaseLine};
use domain::member::{Identifier, IdentifierKind};
use domain::money::Currency;
use operations::{Command, Engine, MemberReference, Request};
use perennial::api::{ApiOptions, RateLimit};
use serde_json::Value;

use crate::house::House;
use crate::samples::purchase;

#[test]
fn a_key_that_calls_too_often_is_told_when_to_come_back() {
    let limited = ApiOptions { rate_limit: RateLimit { per_second: 1, burst: 3 }, ..ApiOptions::default() };
    let house = House::with(limited);
    let (till, auditor) = (house.till(), house.auditor());
    let mut answers: Vec<_> = (0..20).map(|_| till.get("/v1/parked-returns")).collect();
    assert_eq!((answers[0].header("ratelimit-limit"), answers[0].header("ratelimit-remaining")), ("3", "2"));
    let refused = answers.iter().position(|answer| answer.status == 429).expect("the bucket empties");
    let refused = answers.swap_remove(refused);
    assert_eq!(refused.problem().0, "rate_limited");
    assert_eq!((refused.header("retry-after"), refused.header("ratelimit-remaining")), ("1", "0"));
    auditor.get("/v1/parked-returns").expect(200);
}

#[test]
fn a_body_that_is_too_large_or_no_json_is_refused() {
    let house = House::with(ApiOptions { body_bytes_max: 2_000, ..ApiOptions::default() });
    let till = house.till();
    let list: Vec<Value> = (0..50).map(|number| purchase(&format!("r{number}"), "m", 100)).collect();
    let large = till.post("/v1/purchases", &Value::from(list)).expect(413);
    assert_eq!(large.problem().0, "body_too_large");
    let body = purchase("r1", "m", 100).to_string();
    for kind in ["text/plain", "application/xml", "application/jsonp"] {
        let answer = till.send("POST", "/v1/purchases", &[("Content-Type", kind)], Some(&body)).expect(415);
        assert_eq!(answer.problem(), ("media_type_unsupported".to_owned(), Some("Content-Type".to_owned())));
    }
    let kind = [("Content-Type", "application/json; charset=utf-8")];
    till.send("POST", "/v1/purchases", &kind, Some(&body)).expect(201);
}

#[test]
fn a_full_queue_is_answered_at_once_with_when_to_come_back() {
    let house = House::open();
    let till = house.till();
    let stop = Arc::new(AtomicBool::new(false));
    let (engine, filling) = (house.engine.clone(), stop.clone());
    let filler = house.runtime.spawn(async move {
        // A few thousand purchases keep the one writer busy; calls of one fill its queue behind them.
        for call in 0..8 {
            tokio::spawn(submit(
                engine.clone(),
                (0..1_000).map(|n| command(&format!("{call}-{n}"))).collect(),
            ));
        }
        while !filling.load(Ordering::Relaxed) {
            tokio::spawn(submit(engine.clone(), vec![command("one")]));
            tokio::task::yield_now().await;
        }
    });
    let answer = (0..1_000)
        .map(|_| till.post("/v1/purchases", &purchase("r1", "m", 100)))
        .find(|one| one.status == 503);
    stop.store(true, Ordering::Relaxed);
    house.runtime.block_on(filler).unwrap();
    let answer = answer.expect("the queue fills");
    assert_eq!((answer.problem().0.as_str(), answer.header("retry-after")), ("busy", "1"));
    assert!(house.engine.counts().busy > 0);
}

async fn submit(engine: Engine, requests: Vec<Request>) {
    let _ = engine.submit(requests).await;
}

fn command(reference: &str) -> Request {
    let purchase = Purchase {
        key: DocumentKey { source: "filler".to_owned(), reference: reference.to_owned() },
        occurred_at: "2026-05-10T02:00:00Z".parse().unwrap(),
        currency: Currency::new("CNY").unwrap(),
        store: None,
        channel: None,
        vouchers: Vec::new(),
        payments: Vec::new(),
        lines: vec![PurchaseLine { amount: 100, ..PurchaseLine::default() }],
    };
    let identifier = Identifier { kind: IdentifierKind::External, value: reference.to_owned() };
    let member = MemberReference::Identifier(identifier);
    Request::new(Command::RecordPurchase { member, enrol: true, purchase }, "filler")
}

#[test]
fn addresses_and_methods_that_do_not_exist_are_problems_too() {
    let house = House::open();
    let till = house.till();
    for path in ["/v1", "/v1/nothing", "/v1/members/mem_0000000000001/nothing"] {
        assert_eq!(till.get(path).expect(404).problem().0, "not_found", "{path}");
    }
    let answer = till.send("DELETE", "/v1/purchases", &[], None).expect(405);
    assert_eq!(answer.problem().0, "method_not_allowed");
    assert_eq!(answer.header("allow"), "POST");
}

#[test]
fn every_answer_names_its_request() {
    let house = House::open();
    let till = house.till();
    let own = till.send("GET", "/v1/parked-returns", &[("X-Request-Id", "order-7")], None).expect(200);
    assert_eq!(own.header("x-request-id"), "order-7");
    let refused = till.send("GET", "/v1/nothing", &[("X-Request-Id", "order-8")], None).expect(404);
    assert_eq!(refused.json()["request_id"], "order-8");
    let unusable = till.send("GET", "/v1/parked-returns", &[("X-Request-Id", "a b")], None).expect(200);
    assert_ne!(unusable.header("x-request-id"), "a b");
    assert_eq!(unusable.header("cache-control"), "no-store");
    assert_eq!(unusable.header("content-security-policy"), "default-src 'none'; frame-ancestors 'none'");
}

#[test]
fn what_is_served_is_counted() {
    let house = House::open();
    let till = house.till();
    till.post("/v1/purchases", &purchase("r1", "m", 100)).expect(201);
    till.post("/v1/purchases", &purchase("r1", "m", 200)).expect(409);
    let text = house.visitor().get("/metrics").expect(200).text;
    for line in [
        "http_requests_total{operation=\"record_purchase\",status=\"201\"} 1",
        "http_requests_total{operation=\"record_purchase\",status=\"409\"} 1",
        "http_request_duration_seconds_count{operation=\"record_purchase\"} 2",
        "ledger_waiting_calls 0",
    ] {
        assert!(text.lines().any(|found| found == line), "{line} is not in\n{text}");
    }
}

#[test]
fn a_server_that_is_told_to_stop_answers_first_and_loses_nothing() {
    let mut house = House::open();
    let till = house.till();
    till.post("/v1/purchases", &purchase("r1", "m", 100)).expect(201);
    house.stop();
    let reply = house.runtime.block_on(house.engine.submit(Vec::new()));
    assert!(reply.is_ok_and(|replies| replies.is_empty()));
    assert!(std::net::TcpStream::connect(house.address()).is_err(), "the port is free again");
}

#[test]
fn the_viewer_needs_nothing_from_elsewhere() {
    let house = House::open();
    let visitor = house.visitor();
    let page = visitor.get("/docs/").expect(200);
    let policy = page.header("content-security-policy");
    assert!(policy.contains("script-src 'self';") && !policy.contains("http"), "{policy}");
    for part in page.text.split("=\"").skip(1).filter_map(|rest| rest.split('"').next()) {
        assert!(!part.contains("//"), "{part}");
        if part.starts_with('/') {
            assert!(!visitor.get(part).expect(200).text.is_empty(), "{part}");
        }
    }
    assert!(!page.text.contains("<script>"));
    assert_eq!(visitor.get("/docs").expect(308).header("location"), "/docs/");
}
