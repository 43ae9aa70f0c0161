//! Points between members and the clock of a sandbox, from a shell; verification finds a pair that was tampered with.

use serde_json::Value;

use super::shop::Shop;

const TRANSFERS: &str =
    "\n[transfers]\nunits = [\"points\"]\naccount_age_days_min = 0\npoints_age_days_min = 0\n";

fn friends() -> Shop {
    let shop = Shop::new();
    shop.run(["new-programme", "--output", "programme.toml"]).succeeded();
    let text = std::fs::read_to_string(shop.path("programme.toml")).unwrap();
    shop.write("programme.toml", &(text + TRANSFERS));
    shop.publish("programme.toml");
    for name in ["external:ada", "external:ben"] {
        shop.run(["enrol-member", "--identifier", name]).succeeded();
    }
    shop.run(["adjust-points", "external:ada", "200", "--reason", "goodwill", "--note", "hello"]).succeeded();
    shop
}

fn transfer_of(answer: &Value) -> String {
    answer["receipt"]["entry_id"].as_str().unwrap().to_owned()
}

#[test]
fn points_are_given_away_in_two_steps_and_a_forged_half_is_found() {
    let shop = friends();
    shop.run(["transfer-points", "external:ada", "external:ben", "49"]).expect_code(3).says("at least 50");
    let offered = shop.json(["transfer-points", "external:ada", "external:ben", "60"]);
    let id = transfer_of(&offered);
    shop.run(["list-transfers", "external:ben"]).succeeded().says("60 points from mem_");
    shop.run(["accept-transfer", "external:ben", &id]).succeeded().says("60 available");
    let other = transfer_of(&shop.json(["transfer-points", "external:ada", "external:ben", "50"]));
    shop.run(["decline-transfer", "external:ben", &other]).succeeded();
    let third = transfer_of(&shop.json(["transfer-points", "external:ada", "external:ben", "50"]));
    shop.run(["withdraw-transfer", &third]).succeeded();
    shop.run(["withdraw-transfer", &third]).expect_code(3).says("does not wait");
    shop.run(["explain", &id]).succeeded().says("Offered 60");
    shop.run(["verify", "--deep"]).succeeded().says("all holds");

    // One half says that other points came in than left.
    let forged = "UPDATE entry SET body = replace(body, '\"points\":60', '\"points\":61') \
        WHERE event = 'points_transferred' AND account_id = (SELECT max(account_id) FROM account)";
    if !(shop.tamper("DROP TRIGGER entry_is_never_changed") && shop.tamper(forged)) {
        return;
    }
    let ran = shop.run(["--json", "verify"]);
    let report: Value = serde_json::from_str(&ran.expect_code(4).stdout).unwrap();
    let pairs = report["checks"].as_array().unwrap().iter().find(|check| check["check"] == "pairs").unwrap();
    assert_eq!(pairs["differences"], 2, "{}", ran.stdout);
}

#[test]
fn a_household_is_opened_joined_and_left_at_the_shell() {
    let shop = Shop::new();
    let programme = shop.run(["new-programme"]).stdout;
    shop.write("programme.toml", &format!("{programme}\n[households]\nunits = [\"points\"]\n"));
    shop.publish("programme.toml");
    for name in ["external:ada", "external:ben"] {
        shop.run(["enrol-member", "--identifier", name]).succeeded();
        shop.run(["adjust-points", name, "50", "--reason", "goodwill", "--note", "hello"]).succeeded();
    }
    let opened = shop.json(["create-household", "Chen"]);
    let home = opened["receipt"]["member_id"].as_str().unwrap();
    shop.run(["join-household", home, "external:ada", "--may-spend"]).succeeded();
    shop.run(["join-household", home, "external:ada"]).expect_code(3).says("let them leave it first");
    shop.run(["join-household", home, "external:ben", "--dry-run"]).succeeded();
    shop.run(["leave-household", home, "external:ben"]).expect_code(3).says("does not belong");
    shop.run(["join-household", home, "external:ben"]).succeeded();
    shop.run(["show-member", home]).succeeded().says("100");
    shop.run(["change-household-member", home, "external:ben"]).expect_code(2);
    for (flag, told) in [("--may-spend", "may spend here"), ("--may-not-spend", "may no longer spend here")] {
        let changed = shop.json(["change-household-member", home, "external:ben", flag]);
        let entry = changed["receipt"]["entry_id"].as_str().unwrap();
        shop.run(["explain", entry]).succeeded().says(told);
    }
    let listed = shop.run(["list-households"]);
    listed.succeeded().says("Chen: 100 points available").says("may not spend");
    let listed = shop.json(["list-households", "--member", "external:ben", "--text", "che"]);
    assert_eq!(listed["households"][0]["members"][0]["share"][0]["points"], 50, "{listed}");
    assert_eq!(shop.json(["list-households", "--text", "wang"])["households"], Value::Array(Vec::new()));
    shop.run(["leave-household", home, "external:ada"]).succeeded().says("50 available");
    let entries = shop.json(["list-entries", home]);
    for (position, title) in
        [(0, "left on"), (3, "who may not spend"), (4, "who may spend"), (5, "Household opened")]
    {
        let id = entries["entries"][position]["id"].as_str().unwrap();
        shop.run(["explain", id]).succeeded().says(title);
        shop.run(["explain", id, "--language", "zh-CN"]).succeeded();
    }
    shop.run(["verify", "--deep"]).succeeded().says("all holds");
}

#[test]
fn the_clock_of_a_sandbox_is_moved_from_a_shell_and_survives() {
    let shop = friends();
    shop.run(["view-clock"]).expect_code(3).says("no sandbox");
    shop.run(["advance-clock", "--days", "400"]).expect_code(3).says("no sandbox");
    let moved = shop.json(["advance-clock", "--days", "800", "--sandbox"]);
    assert!(moved["posted"]["expiries"].as_u64() > Some(0), "{moved}");
    let stands = shop.json(["view-clock"]);
    assert_eq!((&stands["now"], &stands["stands"]), (&moved["to"], &Value::Bool(true)));
    shop.run(["advance-clock", "--to", "2020-01-01T00:00:00Z"]).expect_code(3).says("never goes back");
    shop.run(["verify", "--deep"]).succeeded().says("all holds");
}
