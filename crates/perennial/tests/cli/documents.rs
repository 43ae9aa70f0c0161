//! Members and documents at the shell: enrol, record, take back, adjust, show, explain.

use serde_json::{Value, json};

use super::shop::Shop;

fn purchase(reference: &str, amount: i64) -> Value {
    json!({
        "member": { "phone": "138 0013 8000" },
        "source": "till",
        "reference": reference,
        "occurred_at": "2026-03-01T04:00:00Z",
        "currency": "CNY",
        "lines": [{ "sku": "tea", "amount": amount }],
    })
}

/// A shop whose programme accepts documents of any age, with one member.
fn shop() -> Shop {
    let shop = Shop::new();
    let programme = shop.run(["new-programme"]).stdout.replace("lateness_days = 30", "lateness_days = 3650");
    shop.write("programme.toml", &programme);
    shop.publish("programme.toml");
    let enrol =
        ["enrol-member", "--identifier", "phone:13800138000", "--name", "张伟", "--born-on", "1990-05-17"];
    shop.run(enrol.into_iter().chain(["--enrolled-at", "2026-02-01T00:00:00Z"])).succeeded();
    shop
}

#[test]
fn a_purchase_is_recorded_once_shown_and_explained() {
    let shop = shop();
    let file = shop.write("purchase.json", &purchase("r1", 10_000).to_string());
    let file = file.to_str().unwrap();
    let trial = shop.json(["record-purchase", file, "--dry-run"]);
    assert_eq!(trial["status"], "decided");
    let first = shop.json(["record-purchase", file]);
    assert_eq!((&first["status"], &first["duplicate"]), (&json!("recorded"), &json!(false)));
    let again = shop.json(["record-purchase", file]);
    assert_eq!(again["duplicate"], true);
    assert_eq!(again["receipt"], first["receipt"]);
    // 100 points, and 200 for the first purchase.
    assert_eq!(first["receipt"]["earned"][0]["points"], 300);

    let shown = shop.json(["show-member", "phone:+8613800138000"]);
    assert_eq!(shown["profile"]["name"], "张伟");
    assert_eq!(shown["standing"]["balances"][0]["available"], 300, "the two weeks of waiting are over");
    let entries = shop.json(["list-entries", "phone:+8613800138000"]);
    assert_eq!(entries["entries"][0]["fact"]["event"], "purchase_recorded");
    let entry = first["receipt"]["entry_id"].as_str().unwrap();
    shop.run(["explain", entry, "--language", "zh-CN"]).succeeded().says("消费");
    shop.run(["explain", entry]).succeeded().says("Purchase of");
}

#[test]
fn other_content_under_the_same_reference_is_refused() {
    let shop = shop();
    shop.run_with(["record-purchase", "-"], &purchase("r1", 10_000).to_string()).succeeded();
    let ran = shop.run_with(["--json", "record-purchase", "-"], &purchase("r1", 9_999).to_string());
    ran.expect_code(3);
    assert_eq!(ran.error_code(), "document_differs");
}

#[test]
fn of_many_documents_each_gets_its_own_answer() {
    let shop = shop();
    let many = json!([purchase("r1", 10_000), purchase("r2", 0), { "member": { "external": "nobody" }, "source": "till",
        "reference": "r3", "occurred_at": "2026-03-01T04:00:00Z", "currency": "CNY", "lines": [{ "amount": 1 }] }]);
    let ran = shop.run_with(["--json", "record-purchase", "-"], &many.to_string());
    ran.expect_code(3);
    let answers: Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(answers[0]["status"], "recorded");
    assert_eq!(answers[1]["status"], "recorded");
    assert_eq!((&answers[2]["status"], &answers[2]["code"]), (&json!("refused"), &json!("member_unknown")));
}

#[test]
fn a_return_takes_back_and_an_early_one_waits() {
    let shop = shop();
    let back = json!({ "source": "till", "reference": "b1", "purchase": { "source": "till", "reference": "r1" },
        "occurred_at": "2026-03-02T04:00:00Z", "lines": [{ "line": 0, "amount": 4_000 }] });
    shop.run_with(["record-return", "-"], &back.to_string()).succeeded().says("waits for its purchase");
    shop.run_with(["record-purchase", "-"], &purchase("r1", 10_000).to_string()).succeeded();
    let entries = shop.json(["list-entries", "phone:13800138000"]);
    assert_eq!(entries["entries"][0]["fact"]["event"], "return_recorded");
    assert_eq!(
        entries["entries"][0]["fact"]["clawback"][0]["due"], 120,
        "40 % of 100 and of the 200 for the first"
    );
}

#[test]
fn activities_profiles_and_identifiers() {
    let shop = shop();
    let installed = json!({ "member": { "phone": "13800138000" }, "source": "app", "reference": "i1",
        "kind": "app_installed", "occurred_at": "2026-03-01T04:00:00Z" });
    shop.run_with(["record-activity", "-"], &installed.to_string()).succeeded().says("earned 100 points");
    let member = "phone:13800138000";
    shop.run(["link-identifier", member, "email:Wei@Example.org"]).succeeded();
    shop.run(["update-member", "email:wei@example.org", "--name", "张炜"]).succeeded();
    shop.run(["update-member", member, "--name", "张炜"]).expect_code(2).says("nothing would change");
    assert_eq!(shop.json(["show-member", member])["profile"]["name"], "张炜");
    shop.run(["enrol-member", "--identifier", "email:wei@example.org"])
        .expect_code(3)
        .says("already belongs");
}

#[test]
fn large_adjustments_need_a_second_person() {
    let shop = shop();
    let adjust =
        ["adjust-points", "phone:13800138000", "5000", "--reason", "goodwill", "--note", "late parcel"];
    let ran = shop.run(["--json"].into_iter().chain(adjust));
    ran.expect_code(3);
    assert_eq!(ran.error_code(), "approval_needed");
    shop.run(adjust.into_iter().chain(["--approved-by", "shell"])).expect_code(3);
    shop.run(adjust.into_iter().chain(["--approved-by", "ada"])).succeeded().says("5000 available");
    let take = ["adjust-points", "phone:13800138000", "-900", "--reason", "redemption", "--note", "voucher"];
    shop.run(take).succeeded().says("4100 available");
}

#[test]
fn time_passes_at_the_shell_too() {
    let shop = shop();
    shop.run_with(["record-purchase", "-"], &purchase("r1", 10_000).to_string()).succeeded();
    let swept = shop.json(["expire-points", "--now", "2028-01-01T00:00:00Z"]);
    assert_eq!((&swept["accounts"], &swept["points_expired"]), (&json!(1), &json!(300)));
    let again = shop.json(["review-tiers", "--now", "2028-01-01T00:00:00Z"]);
    assert_eq!(again["accounts"], 0);
    shop.run(["verify"]).succeeded().says("all holds");
}

#[test]
fn wrong_command_lines_and_missing_databases_say_what_to_do() {
    let shop = Shop::new();
    shop.run(["show-member", "phone:13800138000"]).expect_code(2).says("does not exist");
    shop.run(["show-member", "x", "--database", "mysql://h/d"]).expect_code(2).says("sqlite:PATH");
    shop.run(Vec::<&str>::new()).expect_code(2).says("Usage");
    shop.run(["--help"]).succeeded().says("Exit codes");
    let shop = self::shop();
    shop.run(["show-member", "138"]).expect_code(2).says("card:");
    shop.run(["show-member", "external:nobody"]).expect_code(3).says("enrol the member first");
    shop.run_with(["record-purchase", "-"], "{").expect_code(2).says("-:");
}
