//! Stored value at the shell: paid in, shown apart from points, paid back, and within the limits of the law.

use serde_json::{Value, json};

use super::shop::Shop;

const MEMBER: &str = "phone:13800138000";

/// A guest of the hotel of the examples, which accepts documents of any age.
fn hotel() -> Shop {
    let shop = Shop::new();
    let programme = shop.run(["new-programme", "--example", "hotel"]).stdout;
    let programme = programme.replace("[guard_rails]", "[policies]\nlateness_days = 3650\n\n[guard_rails]");
    shop.write("hotel.toml", &programme);
    shop.publish("hotel.toml");
    shop.run(["enrol-member", "--identifier", MEMBER]).succeeded();
    shop
}

fn money(reference: &str, amount: i64, holder: Option<&str>) -> String {
    let mut document: Value = json!({
        "member": { "phone": "13800138000" },
        "source": "desk",
        "reference": reference,
        "occurred_at": "2026-03-01T04:00:00Z",
        "amount": amount,
        "currency": "CNY",
        "method": "card",
    });
    if let Some(holder) = holder {
        document["holder"] = json!(holder);
    }
    document.to_string()
}

#[test]
fn money_is_paid_in_and_back_at_the_shell() {
    let hotel = hotel();
    let top_up = money("t1", 100_000, Some("registered"));
    hotel
        .run_with(["top-up", "-"], &top_up)
        .succeeded()
        .says("wallet: 100000 paid in, 0 paid back by card")
        .says("earned 8000 wallet_bonus");
    hotel
        .run(["show-member", MEMBER])
        .succeeded()
        .says("wallet: 100000 available")
        .says("wallet_bonus: 8000");
    let refund = money("w1", 50_000, None);
    hotel
        .run_with(["refund-stored-value", "-"], &refund)
        .succeeded()
        .says("wallet: 0 paid in, 50000 paid back by card")
        .says("with it went 4000 wallet_bonus");
    hotel.run(["verify", "--deep"]).succeeded();
}

#[test]
fn a_stranger_tops_up_within_the_limit_of_the_law() {
    let hotel = hotel();
    let refused = hotel.run_with(["--json", "top-up", "-"], &money("t1", 100_001, None));
    refused.expect_code(3);
    assert_eq!(refused.error_code(), "stored_value_limit");
}
