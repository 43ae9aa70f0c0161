//! Purchases, returns, activities and adjustments: what is answered, once and again.

use serde_json::{Value, json};

use crate::house::House;
use crate::samples::{activity, adjustment, full_return, purchase, with};

fn rule<'a>(receipt: &'a Value, code: &str) -> &'a Value {
    receipt["rules"].as_array().unwrap().iter().find(|rule| rule["rule"] == code).unwrap()
}

#[test]
fn a_purchase_is_answered_with_what_it_earned_and_why() {
    let house = House::open();
    let answer = house.till().post("/v1/purchases", &purchase("r1", "17850", 12_345)).expect(201);
    let body = answer.json();
    assert_eq!((&body["duplicate"], &body["dry_run"]), (&json!(false), &json!(false)));
    let receipt = &body["receipt"];
    assert_eq!(receipt["event"], "purchase_recorded");
    assert_eq!(receipt["earned"][0]["points"], 123, "a point per yuan, rounded down");
    assert_eq!(
        receipt["earned"][0]["pending_until"], "2026-05-23T16:00:00Z",
        "the start of the 14th day, in Shanghai"
    );
    assert_eq!(rule(receipt, "base")["outcome"], "fired");
    assert_eq!(rule(receipt, "member_day")["outcome"], "day_of_month");
    assert_eq!(rule(receipt, "app_only")["outcome"], "channel");
    assert_eq!(receipt["balances"][0]["pending"], 123);
    assert_eq!(receipt["tiers"][0]["tier"], "member");
    assert_eq!(receipt["tiers"][0]["next"], json!(["gold", 50_000]));
}

#[test]
fn a_repeated_purchase_gets_the_same_receipt_byte_for_byte() {
    let house = House::open();
    let (till, sale) = (house.till(), purchase("r1", "17850", 9_900));
    let first = till.post("/v1/purchases", &sale).expect(201);
    till.post("/v1/purchases", &purchase("r2", "17850", 100_000)).expect(201);
    let again = till.post("/v1/purchases", &sale).expect(200);
    assert_eq!(again.json()["duplicate"], true);
    let receipt = |text: &str| text.split_once("\"receipt\":").unwrap().1.to_owned();
    assert_eq!(receipt(&again.text), receipt(&first.text));
    let other = till.post("/v1/purchases", &purchase("r1", "17850", 9_901)).expect(409);
    assert_eq!(other.problem(), ("document_differs".to_owned(), Some("reference".to_owned())));
}

/// A query that nobody reads would be believed: who asks for a trial must not get the real thing.
#[test]
fn what_cannot_be_tried_refuses_to_be_tried() {
    let house = House::open();
    let manager = house.manager();
    for (path, body) in [
        (
            "/v1/programmes",
            json!({ "document": crate::house::PROGRAMME, "effective_at": "2026-06-01T00:00:00Z" }),
        ),
        ("/v1/voucher-batches", json!({ "reference": "b", "template": "none", "quantity": 1 })),
        ("/v1/voucher-batches/b/void", Value::Null),
        ("/v1/operations/run-statement", json!({ "statement": "none", "made_on": "2026-05-01" })),
        ("/v1/operations/find-duplicates", Value::Null),
        ("/v1/operations/cancel-find-duplicates", Value::Null),
        ("/v1/operations/expire-points", Value::Null),
        ("/v1/operations/review-tiers", Value::Null),
        ("/v1/sandbox/clock", json!({ "to": "2026-06-01T00:00:00Z" })),
    ] {
        let body = (body != Value::Null).then(|| body.to_string());
        for (query, field, remedy) in
            [("dry_run=true", "dry_run", "cannot be tried"), ("colour=red", "colour", "leave it out")]
        {
            let headers = [("Idempotency-Key", "k1")];
            let answer = manager.send("POST", &format!("{path}?{query}"), &headers, body.as_deref());
            let answer = answer.expect(400);
            assert_eq!(answer.problem(), ("field_invalid".to_owned(), Some(field.to_owned())), "{path}");
            assert!(answer.text.contains(remedy), "{}", answer.text);
        }
    }
    let versions = manager.get("/v1/programmes").expect(200).json();
    assert_eq!(versions["data"].as_array().unwrap().len(), 1, "nothing was published");
}

#[test]
fn a_change_of_a_profile_is_tried_like_any_other_write() {
    let house = House::open();
    let shop = house.shop();
    let path = format!("/v1/members/{}", enrolled(&shop, "17850"));
    let tag = shop.get(&path).expect(200).header("etag").to_owned();
    let change = json!({ "name": "Ada" }).to_string();
    let headers = [("If-Match", tag.as_str())];
    let tried = shop.send("PUT", &format!("{path}?dry_run=true"), &headers, Some(&change)).expect(200);
    assert_eq!(tried.json()["profile"]["name"], "Ada", "the member as they would be");
    assert_eq!(tried.header("etag"), tag);
    assert_ne!(shop.get(&path).json()["profile"]["name"], "Ada", "as they are");
    let changed = shop.send("PUT", &path, &headers, Some(&change)).expect(200);
    assert_eq!(changed.json()["profile"]["name"], "Ada");
}

#[test]
fn a_dry_run_tells_what_would_happen_and_changes_nothing() {
    let house = House::open();
    let shop = house.shop();
    let id = enrolled(&shop, "17850");
    let balance = || shop.get(&format!("/v1/members/{id}/balance")).expect(200).json()["units"].clone();
    let before = balance();
    let tried = shop.post("/v1/purchases?dry_run=true", &purchase("r1", "17850", 5_000)).expect(200).json();
    assert_eq!((&tried["dry_run"], &tried["receipt"]["earned"][0]["points"]), (&json!(true), &json!(50)));
    shop.post("/v1/purchases?dry_run=true", &purchase("r2", "unheard-of", 5_000)).expect(200);
    assert_eq!(balance(), before);
    let unknown = shop.get("/v1/members/lookup?kind=external&value=unheard-of").expect(404);
    assert_eq!(unknown.problem().0, "member_unknown");
    let real = shop.post("/v1/purchases", &purchase("r1", "17850", 5_000)).expect(201).json();
    assert_eq!(real["receipt"]["earned"], tried["receipt"]["earned"]);
}

#[test]
fn a_list_answers_each_purchase_and_a_bad_one_does_not_touch_the_others() {
    let house = House::open();
    let list: Vec<Value> = (0..1_000)
        .map(|number| match number {
            500 => with(purchase("r500", "m0", 100), "currency", json!("USD")),
            501 => with(purchase("r501", "m0", 100), "member", json!({ "card": "79927398710" })),
            502 => purchase("r499", "m499", 49_900),
            _ => purchase(&format!("r{number}"), &format!("m{number}"), number * 100),
        })
        .collect();
    let answer = house.till().post("/v1/purchases", &Value::from(list)).expect(200).json();
    let results = answer["results"].as_array().unwrap();
    assert_eq!(results.len(), 1_000);
    for (number, result) in results.iter().enumerate() {
        match number {
            500 => assert_eq!(
                (&result["status"], &result["problem"]["code"]),
                (&json!(422), &json!("currency_differs"))
            ),
            501 => assert_eq!(
                (&result["status"], &result["problem"]["field"]),
                (&json!(400), &json!("member.card"))
            ),
            502 => assert_eq!((&result["status"], &result["duplicate"]), (&json!(200), &json!(true))),
            _ => assert_eq!(result["status"], 201, "{number}: {result}"),
        }
    }
    assert_eq!(results[502]["receipt"], results[499]["receipt"]);
    assert_eq!(results[999]["receipt"]["earned"][0]["points"], 999);
}

#[test]
fn a_list_of_the_wrong_length_is_refused_as_a_whole() {
    let house = House::open();
    let till = house.till();
    for length in [0, 1_001] {
        let list: Vec<Value> = (0..length).map(|number| purchase(&format!("r{number}"), "m", 100)).collect();
        let answer = till.post("/v1/purchases", &Value::from(list)).expect(400);
        assert_eq!(answer.problem().0, "batch_size");
    }
}

#[test]
fn a_return_takes_back_what_was_earned_and_one_that_is_too_early_waits() {
    let house = House::open();
    let till = house.till();
    till.post("/v1/purchases", &purchase("r1", "17850", 10_000)).expect(201);
    let taken = till.post("/v1/returns", &full_return("b1", "r1")).expect(201).json();
    assert_eq!(taken["receipt"]["clawback"][0]["due"], 100);
    let twice = till.post("/v1/returns", &full_return("b2", "r1")).expect(422);
    assert_eq!(twice.problem().0, "nothing_to_return");

    let early = till.post("/v1/returns", &full_return("b3", "r2")).expect(202).json();
    assert_eq!(early, json!({ "parked": true, "document": { "source": "till", "reference": "b3" } }));
    let waiting = till.get("/v1/parked-returns").expect(200).json();
    assert_eq!(waiting["data"][0]["purchase"]["reference"], "r2");
    till.post("/v1/purchases", &purchase("r2", "17850", 20_000)).expect(201);
    assert_eq!(till.get("/v1/parked-returns").expect(200).json()["data"], json!([]));
    let applied = till.post("/v1/returns", &full_return("b3", "r2")).expect(200).json();
    assert_eq!(
        (&applied["duplicate"], &applied["receipt"]["clawback"][0]["due"]),
        (&json!(true), &json!(200))
    );
}

#[test]
fn a_one_time_activity_counts_once() {
    let house = House::open();
    let shop = house.shop();
    enrolled(&shop, "17850");
    let first = shop.post("/v1/activities", &activity("a1", "17850")).expect(201).json();
    assert_eq!(first["receipt"]["earned"][0]["points"], 100);
    let second = shop.post("/v1/activities", &activity("a2", "17850")).expect(201).json();
    assert_eq!(rule(&second["receipt"], "app_installed")["outcome"], "cap_reached");
}

#[test]
fn a_write_without_a_natural_key_needs_an_idempotency_key() {
    let house = House::open();
    let manager = house.manager();
    let id = enrolled(&manager, "17850");
    let path = format!("/v1/members/{id}/adjustments");
    let missing = manager.post(&path, &adjustment(200)).expect(400);
    assert_eq!(missing.problem(), ("idempotency_key_missing".to_owned(), Some("Idempotency-Key".to_owned())));
    let first = manager.post_once(&path, "goodwill-1", &adjustment(200)).expect(201);
    let again = manager.post_once(&path, "goodwill-1", &adjustment(200)).expect(200);
    assert_eq!(first.json()["receipt"], again.json()["receipt"]);
    let other = manager.post_once(&path, "goodwill-1", &adjustment(300)).expect(409);
    assert_eq!(other.problem(), ("idempotency_key_reused".to_owned(), Some("Idempotency-Key".to_owned())));
    assert!(other.text.contains("“goodwill-1”"), "{}", other.text);
    let elsewhere =
        manager.post_once("/v1/purchases", "goodwill-1", &purchase("r1", "17850", 100)).expect(409);
    assert_eq!(elsewhere.problem().0, "idempotency_key_reused");
    let balance = manager.get(&format!("/v1/members/{id}/balance")).expect(200).json();
    assert_eq!(balance["units"][0]["available"], 200);
}

#[test]
fn two_callers_may_choose_the_same_idempotency_key() {
    let house = House::open();
    let till = house.till();
    till.post_once("/v1/purchases", "1", &purchase("r1", "17850", 100)).expect(201);
    house.shop().post_once("/v1/purchases", "1", &purchase("r2", "17850", 200)).expect(201);
    let bad = till.post_once("/v1/purchases", &"x".repeat(256), &purchase("r3", "17850", 100)).expect(400);
    assert_eq!(bad.problem().1.as_deref(), Some("Idempotency-Key"));
}

#[test]
fn above_the_limit_an_adjustment_needs_a_second_person() {
    let house = House::open();
    let manager = house.manager();
    let id = enrolled(&manager, "17850");
    let answer =
        manager.post_once(&format!("/v1/members/{id}/adjustments"), "k", &adjustment(1_001)).expect(422);
    assert_eq!(answer.problem(), ("approval_needed".to_owned(), Some("points".to_owned())));
}

#[test]
fn whatever_does_not_fit_is_named_by_its_path() {
    let house = House::open();
    let till = house.till();
    let sale = || purchase("r1", "17850", 100);
    let line = |line: Value| with(sale(), "lines", json!([{ "amount": 1 }, line]));
    for (body, field) in [
        (with(sale(), "colour", json!("red")), Some("colour")),
        (line(json!({ "amount": "1.00" })), Some("lines[1].amount")),
        (line(json!({ "amount": 9_007_199_254_740_992_i64 })), Some("lines[1].amount")),
        (line(json!({ "amount": 1, "sku": "x".repeat(129) })), Some("lines[1].sku")),
        (with(sale(), "lines", json!([])), Some("lines")),
        (with(sale(), "occurred_at", json!("yesterday")), Some("occurred_at")),
        (with(sale(), "currency", json!("yuan")), Some("currency")),
        (with(sale(), "source", json!("")), Some("source")),
        (with(sale(), "member", json!({ "phone": "12" })), Some("member.phone")),
        (with(sale(), "member", json!({ "id": "mem_1" })), Some("member.id")),
        (with(sale(), "member", json!({ "name": "x" })), Some("member")),
    ] {
        let answer = till.post("/v1/purchases", &body).expect(400);
        assert_eq!(answer.problem().1.as_deref(), field, "{}", answer.text);
    }
    let nested =
        till.post("/v1/purchases", &json!([sale(), line(json!({ "amount": 1, "amuont": 2 }))])).expect(400);
    assert_eq!(nested.problem().1.as_deref(), Some("[1].lines[1].amuont"));
    let broken = till.send("POST", "/v1/purchases", &[], Some("{\"member\":")).expect(400);
    assert_eq!(broken.problem(), ("malformed".to_owned(), None));
}

/// Enrols a member known by an external number; its id.
pub(crate) fn enrolled(actor: &crate::house::Actor, external: &str) -> String {
    let body = json!({ "identifiers": [{ "kind": "external", "value": external }] });
    let answer = actor.post_once("/v1/members", &format!("enrol-{external}"), &body).expect(201);
    answer.json()["receipt"]["member_id"].as_str().unwrap().to_owned()
}
