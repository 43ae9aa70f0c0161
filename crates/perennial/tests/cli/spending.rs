//! Spending at the shell: holds, payments with points, rewards and what becomes of them; and what verification finds
//! when somebody changes their rows.

use serde_json::{Value, json};

use super::shop::Shop;

const MEMBER: &str = "phone:13800138000";

/// A member with 5,000 points under the starter programme, which accepts documents of any age.
fn shop() -> Shop {
    let shop = Shop::new();
    let programme = shop.run(["new-programme"]).stdout.replace("lateness_days = 30", "lateness_days = 3650");
    shop.write("programme.toml", &programme);
    shop.publish("programme.toml");
    shop.run(["enrol-member", "--identifier", MEMBER]).succeeded();
    let adjust = ["adjust-points", MEMBER, "5000", "--reason", "goodwill", "--note", "test"];
    shop.run(adjust.into_iter().chain(["--approved-by", "ada"])).succeeded();
    shop
}

fn document(reference: &str, rest: &Value) -> String {
    let mut document =
        json!({ "source": "shop", "reference": reference, "occurred_at": "2026-03-01T04:00:00Z" });
    for (name, value) in rest.as_object().unwrap() {
        document[name] = value.clone();
    }
    document.to_string()
}

fn named(reference: &str) -> Value {
    json!({ "source": "shop", "reference": reference })
}

fn spent(shop: &Shop) {
    let member = json!({ "phone": "13800138000" });
    let hold = document("h1", &json!({ "member": member, "points": 1_000 }));
    shop.run_with(["hold-points", "-"], &hold).succeeded().says("hold h1 keeps 1000 points until");
    let capture = document("c1", &json!({ "hold": named("h1"), "points": 400 }));
    shop.run_with(["capture-hold", "-"], &capture).succeeded().says("hold h1 keeps 600 points");
    let order = document("r1", &json!({ "member": member, "reward": "tote_bag" }));
    shop.run_with(["redeem-reward", "-"], &order).succeeded().says("1 × tote_bag for 1500 points");
}

#[test]
fn holds_and_rewards_at_the_shell() {
    let shop = shop();
    shop.run(["list-rewards", MEMBER]).succeeded().says("tote_bag").says("only for gold, platinum");
    spent(&shop);
    shop.run(["list-holds"]).succeeded().says("600 points until").says("shop h1");
    shop.run(["list-redemptions"]).succeeded().says("1 × tote_bag");
    assert_eq!(shop.json(["list-rewards"])["rewards"][0]["in_stock"], 1_999);
    let void = document("v1", &json!({ "hold": named("h1") }));
    let voided = shop.run_with(["--json", "void-hold", "-"], &void);
    let voided: Value = serde_json::from_str(&voided.succeeded().stdout).unwrap();
    assert_eq!(voided["receipt"]["hold"]["released"]["points"], 600);
    let late = document("c2", &json!({ "hold": named("h1") }));
    let refused = shop.run_with(["--json", "capture-hold", "-"], &late);
    refused.expect_code(3);
    assert_eq!(refused.error_code(), "hold_ended");
    let cancel = document("x1", &json!({ "redemption": named("r1") }));
    shop.run_with(["cancel-redemption", "-"], &cancel).succeeded().says("given back 1500 points");
    let order = document("r2", &json!({ "member": { "phone": "13800138000" }, "reward": "tote_bag" }));
    shop.run_with(["redeem-reward", "-"], &order).succeeded();
    let fulfil = document("f1", &json!({ "redemption": named("r2") }));
    shop.run_with(["fulfil-redemption", "-"], &fulfil).succeeded();
    assert_eq!(shop.json(["list-redemptions", "--state", "fulfilled"])["redemptions"][0]["quantity"], 1);
    let entries = shop.json(["list-entries", MEMBER]);
    for (position, title) in
        [(0, "fulfilled on"), (1, "redeemed on"), (2, "cancelled on"), (3, "Void of hold h1")]
    {
        let id = entries["entries"][position]["id"].as_str().unwrap();
        shop.run(["explain", id]).succeeded().says(title);
        shop.run(["explain", id, "--language", "zh-CN"]).succeeded();
    }
    shop.run(["verify"]).succeeded().says("all holds");
}

#[test]
fn a_purchase_paid_with_points_and_returned() {
    let shop = shop();
    let sale = document(
        "p1",
        &json!({
            "member": { "phone": "13800138000" }, "currency": "CNY", "lines": [{ "amount": 2_000 }],
            "payments": [{ "method": "points", "amount": 1_000, "points": { "points": 1_000 } }],
        }),
    );
    shop.run_with(["record-purchase", "-"], &sale).succeeded().says("1000 points paid 1000 in minor units");
    let back = document("b1", &json!({ "purchase": named("p1"), "lines": [{ "line": 0, "amount": 1_000 }] }));
    shop.run_with(["record-return", "-"], &back).succeeded().says("given back 500 points");
    shop.run(["verify"]).succeeded().says("all holds");
}

#[test]
fn changed_rows_of_holds_redemptions_and_stocks_are_found() {
    for (sql, check) in [
        ("UPDATE hold SET captured = captured + 1", "hold_rows"),
        ("UPDATE hold SET account_id = 1", "hold_rows"),
        ("UPDATE redemption SET state = 'fulfilled'", "redemption_rows"),
        ("DELETE FROM stock", "stocks"),
        ("UPDATE stock SET taken = taken + 1", "stocks"),
    ] {
        let shop = shop();
        spent(&shop);
        if !shop.tamper(sql) {
            return;
        }
        let ran = shop.run(["--json", "verify"]);
        ran.expect_code(4);
        let report: Value = serde_json::from_str(&ran.stdout).unwrap();
        let found =
            report["checks"].as_array().unwrap().iter().find(|found| found["check"] == check).unwrap();
        assert!(found["differences"].as_u64() > Some(0), "{check} found nothing after {sql}: {}", ran.stdout);
    }
}
