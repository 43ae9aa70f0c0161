//! Vouchers as callers see them: issued once, checked, used, given back, guessed in vain; and statements.

use serde_json::{Value, json};

use crate::house::{Actor, House};
use crate::samples::{CODE, adjustment, full_return, purchase, voucher_release, voucher_use, with};

fn issue(manager: &Actor, reference: &str, quantity: u32) -> Vec<String> {
    let body = json!({ "reference": reference, "template": "ten_off", "quantity": quantity });
    let issued = manager.post("/v1/voucher-batches", &body).expect(201).json();
    assert_eq!(issued["batch"]["funnel"], json!([{ "status": "issued", "vouchers": quantity }]));
    let codes = issued["vouchers"].as_array().unwrap().iter();
    codes.map(|voucher| voucher["code"].as_str().unwrap().to_owned()).collect()
}

fn sale(reference: &str, amount: i64, codes: &[&str]) -> Value {
    with(purchase(reference, "17850", amount), "vouchers", json!(codes))
}

#[test]
fn codes_are_shown_once_and_a_batch_can_be_stopped_at_once() {
    let house = House::open();
    let manager = house.manager();
    let codes = issue(&manager, "spring", 3);
    assert_eq!(codes[0].len(), 19, "{}", codes[0]);
    let again = json!({ "reference": "spring", "template": "ten_off", "quantity": 3 });
    assert_eq!(manager.post("/v1/voucher-batches", &again).expect(409).problem().0, "voucher_batch_issued");
    let other = with(again, "quantity", json!(4));
    assert_eq!(manager.post("/v1/voucher-batches", &other).expect(409).problem().0, "document_differs");
    let many = json!({ "reference": "many", "template": "ten_off", "quantity": 998 });
    assert_eq!(manager.post("/v1/voucher-batches", &many).expect(422).problem().0, "voucher_issue_exceeded");
    let unknown = json!({ "reference": "typo", "template": "ten_of", "quantity": 3 });
    let told = manager.post("/v1/voucher-batches", &unknown).expect(400);
    assert_eq!(told.problem(), ("field_invalid".to_owned(), Some("template".to_owned())));
    assert!(told.json()["detail"].as_str().unwrap().contains("but ten_off"), "{}", told.json());
    let empty = json!({ "reason": "" });
    let refused = manager.send("POST", "/v1/voucher-batches/spring/void", &[], Some(&empty.to_string()));
    assert_eq!(refused.problem(), ("field_invalid".to_owned(), Some("reason".to_owned())));
    let why = json!({ "reason": "printed twice" });
    let view = manager
        .send("POST", "/v1/voucher-batches/spring/void", &[], Some(&why.to_string()))
        .expect(200)
        .json();
    assert_eq!((&view["usable"], &view["funnel"][0]["status"]), (&json!(false), &json!("void")));
    let used = manager.post("/v1/vouchers/redeem", &voucher_use(&codes[0], "o1")).expect(422);
    assert_eq!(used.problem(), ("voucher_void".to_owned(), Some("code".to_owned())));
    manager.get("/v1/voucher-batches/summer").expect(404);
}

#[test]
fn a_purchase_says_what_its_vouchers_took_off_or_why_nothing() {
    let house = House::open();
    let manager = house.manager();
    let codes = issue(&manager, "spring", 2);
    let small = manager.post("/v1/purchases", &sale("r1", 4_999, &[&codes[0]])).expect(201).json();
    let told = &small["receipt"]["vouchers"][0];
    assert_eq!((&told["outcome"], &told["missing"]), (&json!("below_minimum"), &json!(1)));
    let answer = manager.post("/v1/purchases", &sale("r2", 5_000, &[&codes[0]])).expect(201);
    let receipt = answer.json()["receipt"].clone();
    assert_eq!(receipt["vouchers"][0]["discount"], 1_000);
    assert_eq!(receipt["earned"][0]["points"], 40, "a point per yuan that was paid");
    let entry = receipt["entry_id"].as_str().unwrap();
    let why = manager.get(&format!("/v1/entries/{entry}/explanation?language=en")).expect(200).json();
    assert_eq!(why["vouchers"], json!(["“Ten off” took 10.00 CNY off"]));
    let again = manager.post("/v1/purchases", &sale("r2", 5_000, &[&codes[0]])).expect(200).json();
    assert_eq!(again["receipt"], receipt);
    manager.post("/v1/purchases", &sale("r2", 5_000, &[&codes[1]])).expect(409);
    let wrong = manager.post("/v1/purchases", &sale("r3", 5_000, &["7XQ0-9M2T"])).expect(400);
    assert_eq!(wrong.problem(), ("field_invalid".to_owned(), Some("vouchers[0]".to_owned())));
    manager.post("/v1/returns", &full_return("b2", "r2")).expect(201);
    let check =
        json!({ "codes": [codes[0]], "basket": { "lines": [{ "amount": 8_000 }, { "amount": 2_000 }] } });
    let checked = manager.post("/v1/vouchers/check", &check).expect(200).json();
    assert_eq!(checked["results"][0]["result"]["shares"], json!([800, 200]));
    assert_eq!(
        (&checked["discount"], &checked["results"][0]["sentence"]),
        (&json!(1_000), &json!("applies"))
    );
}

#[test]
fn an_order_reserves_pays_and_cancels() {
    let house = House::open();
    let manager = house.manager();
    let code = issue(&manager, "spring", 1).remove(0);
    let held = manager.post("/v1/vouchers/reserve", &voucher_use(&code, "o1")).expect(200).json();
    assert_eq!((&held["status"], &held["use"]["state"]), (&json!("reserved"), &json!("reserved")));
    let other = manager.post("/v1/vouchers/redeem", &voucher_use(&code, "o2")).expect(422);
    assert_eq!(other.problem().0, "voucher_reserved_elsewhere");
    let paid = manager.post_once("/v1/vouchers/redeem", "k1", &voucher_use(&code, "o1")).expect(200);
    manager.post("/v1/vouchers/release", &voucher_release(&code, "o1")).expect(200);
    let again = manager.post_once("/v1/vouchers/redeem", "k1", &voucher_use(&code, "o1")).expect(200);
    assert_eq!(paid.text, again.text, "the frozen answer");
    let after = manager.post("/v1/vouchers/redeem", &voucher_use(&code, "o1")).expect(422);
    assert_eq!(after.problem().0, "voucher_use_ended");
    let dry = manager.post("/v1/vouchers/redeem?dry_run=true", &voucher_use(&code, "o3")).expect(200).json();
    assert_eq!(dry["status"], "redeemed");
    manager.post("/v1/vouchers/redeem", &voucher_use(&code, "o2")).expect(200);
    let register = json!({ "code": code, "member": { "external": "17850" } });
    assert_eq!(manager.post("/v1/vouchers/register", &register).expect(404).problem().0, "member_unknown");
}

#[test]
fn wrong_codes_are_counted_by_who_tries_them() {
    let house = House::open();
    let manager = house.manager();
    let code = issue(&manager, "spring", 1).remove(0);
    let tried = |code: &str, person: &str| {
        manager.post("/v1/vouchers/check", &json!({ "codes": [code], "typed_by": person }))
    };
    for _ in 0..5 {
        let answer = tried(CODE, "203.0.113.7").expect(200).json();
        assert_eq!(answer["results"][0]["result"]["outcome"], "unknown");
    }
    for guess in [CODE, &code] {
        let stopped = tried(guess, "203.0.113.7").expect(429);
        assert_eq!(stopped.problem().0, "voucher_tries_exceeded");
        assert_eq!(stopped.header("retry-after"), "3600");
    }
    tried(&code, "203.0.113.8").expect(200);
    house.set_clock("2026-05-11T03:00:00Z");
    tried(&code, "203.0.113.7").expect(200);
    // A slip of the pen costs no try: the check character tells it from a guess.
    let slip = tried("0000-0000-0000-0001", "203.0.113.9").expect(400);
    assert_eq!(slip.problem(), ("field_invalid".to_owned(), Some("codes[0]".to_owned())));
}

#[test]
fn a_statement_is_run_in_the_background_and_read_by_its_member() {
    let house = House::open();
    let manager = house.manager();
    let enrolled = json!({ "identifiers": [{ "kind": "external", "value": "17850" }] });
    let id = manager.post_once("/v1/members", "m1", &enrolled).expect(201).json()["receipt"]["member_id"]
        .as_str()
        .unwrap()
        .to_owned();
    manager.post_once(&format!("/v1/members/{id}/adjustments"), "a1", &adjustment(265)).expect(201);
    let run = json!({ "statement": "quarterly", "made_on": "2026-05-11" });
    manager.post("/v1/operations/run-statement", &run).expect(202);
    let wait = || {
        manager.get("/v1/operations/statement-runs?statement=quarterly&made_on=2026-05-11").expect(200).json()
    };
    let deadline = std::time::Instant::now() + std::time::Duration::from_mins(1);
    let mut report = wait();
    while report["state"] == "running" {
        assert!(std::time::Instant::now() < deadline, "{report}");
        std::thread::yield_now();
        report = wait();
    }
    let sums =
        ["members", "vouchers", "value", "points", "carried"].map(|name| report[name].as_i64().unwrap());
    assert_eq!((&report["state"], sums), (&json!("finished"), [1, 1, 250, 250, 15]), "domain.md G-T1");
    manager.post("/v1/operations/run-statement", &run).expect(200);
    let statement = manager.get(&format!("/v1/members/{id}/statement")).expect(200).json();
    assert_eq!(statement["statements"][0]["last"]["value"], 250);
    assert_eq!(statement["statements"][0]["missing"], 135);
    let voucher = &statement["vouchers"][0];
    assert_eq!((&voucher["voucher"]["value"], &voucher["name"]["en"]), (&json!(250), &json!("Letter")));
    assert_eq!(voucher["voucher"]["expires_at"], "2028-05-11T16:00:00Z");
    let code = voucher["code"].as_str().unwrap();
    let bought = manager.post("/v1/purchases", &sale("r1", 1_000, &[code])).expect(201).json();
    assert_eq!(bought["receipt"]["vouchers"][0]["discount"], 250);
    let late = json!({ "statement": "quarterly", "made_on": "2026-05-12" });
    assert_eq!(
        manager.post("/v1/operations/run-statement", &late).expect(400).problem().1.unwrap(),
        "made_on"
    );
}
