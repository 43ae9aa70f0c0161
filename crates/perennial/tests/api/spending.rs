//! Holds, payments with points, rewards: what is answered, once and again.

use serde_json::{Value, json};

use crate::house::{Actor, House};
use crate::samples::{about, adjustment, full_return, hold, order, purchase, with};

/// Somebody who may do everything, and a member with 1,000 points that can be spent.
fn manager(house: &House) -> (Actor, String) {
    let manager = house.manager();
    let member = json!({ "identifiers": [{ "kind": "external", "value": "17850" }] });
    let enrolled = manager.post_once("/v1/members", "enrol", &member).expect(201).json();
    let id = enrolled["receipt"]["member_id"].as_str().unwrap().to_owned();
    manager.post_once(&format!("/v1/members/{id}/adjustments"), "gift", &adjustment(1_000)).expect(201);
    (manager, id)
}

fn balance(actor: &Actor, id: &str) -> (Value, Value) {
    let unit = actor.get(&format!("/v1/members/{id}/balance")).expect(200).json()["units"][0].clone();
    (unit["available"].clone(), unit["held"].clone())
}

#[test]
fn points_are_quoted_held_captured_in_parts_and_given_back() {
    let house = House::open();
    let (shop, id) = manager(&house);
    let quote = shop.post("/v1/holds?dry_run=true", &hold("h1", "17850", 500)).expect(200).json();
    assert_eq!((&quote["dry_run"], &quote["receipt"]["hold"]["held"]), (&json!(true), &json!(500)));
    assert_eq!(balance(&shop, &id), (json!(1_000), json!(0)), "a quote reserves nothing");
    let quoted = with(hold("h1", "17850", 500), "programme_version", json!(1));
    let held = shop.post("/v1/holds", &quoted).expect(201).json();
    // The ledger's time never stands still, so that the half hour begins microseconds after the clock's.
    let ends_at = held["receipt"]["hold"]["ends_at"].as_str().unwrap();
    assert!(ends_at.starts_with("2026-05-11T02:30:00.00000"), "half an hour: {ends_at}");
    assert_eq!(balance(&shop, &id), (json!(500), json!(500)));
    let listed = shop.get("/v1/holds").expect(200).json();
    assert_eq!((&listed["data"][0]["points"], &listed["data"][0]["member_id"]), (&json!(500), &json!(id)));

    let part = with(about("hold", "h1", "c1"), "points", json!(200));
    let captured = shop.post("/v1/captures", &part).expect(201).json();
    assert_eq!(captured["receipt"]["hold"]["held"], 300);
    let again = shop.post("/v1/captures", &part).expect(200).json();
    assert_eq!((&again["duplicate"], &again["receipt"]), (&json!(true), &captured["receipt"]));
    let voided = shop.post("/v1/voids", &about("hold", "h1", "v1")).expect(201).json();
    assert_eq!(voided["receipt"]["hold"]["released"]["points"], 300);
    assert_eq!(balance(&shop, &id), (json!(800), json!(0)));
    let ended = shop.post("/v1/captures", &about("hold", "h1", "c2")).expect(409);
    assert_eq!(ended.problem().0, "hold_ended");
    assert_eq!(shop.get("/v1/holds").expect(200).json()["data"], json!([]));
}

#[test]
fn a_hold_whose_time_is_up_is_gone_and_its_points_are_back() {
    let house = House::open();
    let (shop, id) = manager(&house);
    shop.post("/v1/holds", &hold("h1", "17850", 500)).expect(201);
    house.set_clock("2026-05-11T02:30:01Z");
    let late = shop.post("/v1/captures", &about("hold", "h1", "c1")).expect(410);
    assert_eq!(late.problem().0, "hold_expired");
    shop.post("/v1/captures", &about("hold", "h1", "c1")).expect(410);
    assert_eq!(balance(&shop, &id), (json!(1_000), json!(0)));
}

#[test]
fn rewards_are_ordered_handed_out_or_cancelled_within_stock_and_limits() {
    let house = House::open();
    let (shop, id) = manager(&house);
    let mine =
        |actor: &Actor| actor.get(&format!("/v1/rewards?member={id}")).expect(200).json()["data"][0].clone();
    assert_eq!(mine(&shop)["in_stock"], 3);
    for reference in ["o1", "o2"] {
        shop.post("/v1/redemptions", &order(reference, "17850")).expect(201);
    }
    let shown = mine(&shop);
    assert_eq!((&shown["available"], &shown["in_stock"]), (&json!(false), &json!(1)));
    let third = shop.post("/v1/redemptions", &order("o3", "17850")).expect(422);
    assert_eq!(Some(third.problem().0.as_str()), shown["reason"].as_str(), "the catalogue said so");
    shop.post("/v1/fulfilments", &about("redemption", "o1", "f1")).expect(201);
    shop.post("/v1/cancellations", &about("redemption", "o2", "x2")).expect(201);
    shop.post("/v1/cancellations", &about("redemption", "o1", "x1")).expect(409);
    assert_eq!(mine(&shop)["in_stock"], 2);
    assert_eq!(balance(&shop, &id), (json!(900), json!(0)));
    for (state, reference) in [("fulfilled", "o1"), ("cancelled", "o2")] {
        let listed = shop.get(&format!("/v1/redemptions?state={state}")).expect(200).json();
        assert_eq!(listed["data"][0]["document"]["reference"], reference, "{listed}");
    }
    assert_eq!(shop.get("/v1/redemptions").expect(200).json()["data"], json!([]), "nothing to hand out");
}

#[test]
fn points_pay_a_part_of_a_purchase_if_the_key_may_spend_them() {
    let house = House::open();
    let (shop, id) = manager(&house);
    let payments = json!([{ "method": "points", "amount": 400, "points": { "points": 400 } }]);
    let sale = with(purchase("r1", "17850", 1_000), "payments", payments);
    let sale = with(sale, "occurred_at", json!("2026-05-11T01:30:00Z"));
    let refused = house.till().post("/v1/purchases", &sale).expect(403);
    assert_eq!(refused.problem(), ("scope_missing".to_owned(), Some("redemptions:write".to_owned())));
    let paid = shop.post("/v1/purchases", &sale).expect(201).json();
    assert_eq!(paid["receipt"]["spent"][0]["points"], 400);
    assert_eq!(balance(&shop, &id).0, 600);
    let back = with(full_return("b1", "r1"), "occurred_at", json!("2026-05-11T01:45:00Z"));
    let back = shop.post("/v1/returns", &back).expect(201).json();
    assert_eq!(back["receipt"]["refunds"][0]["points"], 400);
    assert_eq!(balance(&shop, &id).0, 1_000);
}
