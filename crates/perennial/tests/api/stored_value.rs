//! Stored value: money paid in with its bonus, spent, restored, paid back, apart from points in every answer.

use serde_json::{Value, json};

use crate::house::{Actor, House};
use crate::samples::{full_return, money, purchase, with};

/// Somebody who may do everything, and the member 17850.
fn manager(house: &House) -> (Actor, String) {
    let manager = house.manager();
    let member = json!({ "identifiers": [{ "kind": "external", "value": "17850" }] });
    let enrolled = manager.post_once("/v1/members", "enrol", &member).expect(201).json();
    (manager, enrolled["receipt"]["member_id"].as_str().unwrap().to_owned())
}

/// Kind and what can be spent of each unit.
fn holdings(actor: &Actor, id: &str) -> Vec<(String, String, i64)> {
    let answer = actor.get(&format!("/v1/members/{id}/balance")).expect(200).json();
    let text = |unit: &Value, field: &str| unit[field].as_str().unwrap().to_owned();
    let units = answer["units"].as_array().unwrap().iter();
    units.map(|unit| (text(unit, "unit"), text(unit, "kind"), unit["available"].as_i64().unwrap())).collect()
}

fn held(unit: &str, kind: &str, available: i64) -> (String, String, i64) {
    (unit.to_owned(), kind.to_owned(), available)
}

fn sale(reference: &str, amount: i64) -> Value {
    let payments = json!([{ "method": "stored_value", "amount": amount, "stored_value": {} }]);
    let sale = with(purchase(reference, "17850", amount), "payments", payments);
    with(sale, "occurred_at", json!("2026-05-11T01:30:00Z"))
}

#[test]
fn money_is_paid_in_spent_restored_and_paid_back_apart_from_points() {
    let house = House::open();
    let (desk, id) = manager(&house);
    let top_up = desk.post("/v1/top-ups", &money("t1", 10_000)).expect(201).json();
    assert_eq!(top_up["receipt"]["event"], "topped_up");
    assert_eq!(top_up["receipt"]["stored_value"]["paid_in"], 10_000);
    assert_eq!(top_up["receipt"]["earned"][0]["points"], 1_000, "the bonus is shown apart");
    let again = desk.post("/v1/top-ups", &money("t1", 10_000)).expect(200).json();
    assert_eq!((&again["duplicate"], &again["receipt"]), (&json!(true), &top_up["receipt"]));
    desk.post("/v1/top-ups", &money("t1", 10_001)).expect(409);
    let full = [held("wallet", "stored_value", 10_000), held("gift", "points", 1_000)];
    assert_eq!(holdings(&desk, &id), full);

    let paid = desk.post("/v1/purchases", &sale("r1", 10_200)).expect(201).json();
    let spent = paid["receipt"]["spent"].as_array().unwrap();
    let parts: Vec<_> = spent.iter().map(|part| (part["unit"].as_str(), part["amount"].as_i64())).collect();
    assert_eq!(parts, [(Some("wallet"), Some(10_000)), (Some("gift"), Some(200))]);
    let more = desk.post("/v1/purchases", &sale("r2", 10_000)).expect(422);
    assert_eq!(more.problem().0, "insufficient_points");
    let back = with(full_return("b1", "r1"), "occurred_at", json!("2026-05-11T01:45:00Z"));
    desk.post("/v1/returns", &back).expect(201);
    assert_eq!(holdings(&desk, &id)[..2], full);

    let refund = desk.post("/v1/stored-value-refunds", &money("w1", 4_000)).expect(201).json();
    assert_eq!(refund["receipt"]["stored_value"]["paid_back"], 4_000);
    assert_eq!(refund["receipt"]["stored_value"]["bonus_taken"][0]["points"], 400);
    assert_eq!(holdings(&desk, &id)[0], held("wallet", "stored_value", 6_000));
    let entry = refund["receipt"]["entry_id"].as_str().unwrap();
    let why = desk.get(&format!("/v1/entries/{entry}/explanation?language=en")).expect(200).json();
    assert!(why["title"].as_str().unwrap().contains("40.00"), "{why}");
}

#[test]
fn whoever_only_reports_sales_takes_no_money_from_members() {
    let house = House::open();
    let (desk, _) = manager(&house);
    desk.post("/v1/top-ups", &money("t1", 10_000)).expect(201);
    let refused = house.till().post("/v1/purchases", &sale("r1", 100)).expect(403);
    assert_eq!(refused.problem(), ("scope_missing".to_owned(), Some("redemptions:write".to_owned())));
    let by_hand = json!({ "unit": "wallet", "points": 100, "reason": "goodwill", "note": "a gift",
        "occurred_at": "2026-05-11T01:00:00Z" });
    let id = desk.get("/v1/members/lookup?kind=external&value=17850").expect(200).json();
    let id = id["id"].as_str().or(id["member_id"].as_str()).unwrap();
    let adjusted = desk.post_once(&format!("/v1/members/{id}/adjustments"), "gift", &by_hand).expect(400);
    assert_eq!(adjusted.problem(), ("field_invalid".to_owned(), Some("unit".to_owned())));
}
