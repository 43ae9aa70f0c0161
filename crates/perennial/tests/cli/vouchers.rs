//! Vouchers and statements at the shell, under the published Clubcard programme.

use serde_json::{Value, json};

use super::shop::{Shop, repository};

fn shop() -> Shop {
    let shop = Shop::new();
    let programme = repository().join("examples/programmes/clubcard.toml");
    shop.publish(programme.to_str().unwrap());
    shop.run(["enrol-member", "--identifier", "external:17850"]).succeeded();
    shop
}

#[test]
fn codes_are_written_once_checked_used_and_given_back() {
    let shop = shop();
    let issue = ["issue-vouchers", "spring", "--template", "wine_coupon", "--quantity", "3"];
    let told = shop.json(issue.into_iter().chain(["--codes", "codes.csv"]));
    assert_eq!(told["vouchers"], 3);
    let codes = std::fs::read_to_string(shop.path("codes.csv")).unwrap();
    let line = codes.lines().nth(1).unwrap();
    let (code, voucher) = line.split_once(',').unwrap();
    shop.run(issue).expect_code(3).says("issued before");

    let lines = json!([{ "category": "wine", "amount": 2_000 }, { "category": "bread", "amount": 500 }]);
    shop.write("lines.json", &lines.to_string());
    let check = ["check-voucher", code, "--lines", "lines.json", "--channel", "store"];
    let checked = shop.json(check);
    assert_eq!(checked[0]["result"]["shares"], json!([200, 0]), "10 % of the wine");
    shop.run(["check-voucher", code, "--lines", "lines.json"]).expect_code(3).says("another channel");

    let order = ["--source", "shop", "--reference", "o1"];
    let redeem = ["redeem-voucher", code].into_iter().chain(order);
    assert_eq!(shop.json(redeem.clone())["status"], "redeemed");
    assert_eq!(shop.json(redeem)["status"], "redeemed", "repeated");
    let other = ["redeem-voucher", code, "--source", "shop", "--reference", "o2"];
    shop.run(other).expect_code(3).says("all its uses were redeemed");
    shop.run(["release-voucher", voucher].into_iter().chain(order)).succeeded();
    assert_eq!(shop.json(other)["status"], "redeemed");
    shop.run(["void-voucher", "--batch", "spring", "--reason", "a wrong date"])
        .succeeded()
        .says("not usable");
    assert_eq!(shop.json(["show-voucher-batch", "spring"])["usable"], false);
    shop.run(["verify"]).succeeded().says("all holds");
}

#[test]
fn a_batch_cannot_be_declared_void_on_trial() {
    let shop = shop();
    shop.run(["issue-vouchers", "spring", "--template", "wine_coupon", "--quantity", "3"]).succeeded();
    let tried = shop.run(["void-voucher", "--batch", "spring", "--dry-run"]);
    tried.expect_code(2).says("--dry-run").says("cannot be used with");
    assert_eq!(shop.json(["show-voucher-batch", "spring"])["usable"], true, "nothing was done");
}

/// Codes are drawn once: where they cannot be kept, none may be drawn.
#[test]
fn nothing_is_issued_where_the_codes_cannot_be_kept() {
    let shop = shop();
    let issue = ["issue-vouchers", "spring", "--template", "wine_coupon", "--quantity", "3", "--codes"];
    let issue = |file: &'static str| issue.into_iter().chain([file]);
    shop.write("taken.csv", "something else");
    for file in ["taken.csv", "no-folder/codes.csv"] {
        shop.run(issue(file)).expect_code(1).says(file);
        shop.run(["show-voucher-batch", "spring"]).expect_code(3);
    }
    assert_eq!(std::fs::read_to_string(shop.path("taken.csv")).unwrap(), "something else");
    shop.json(issue("codes.csv"));
    assert_eq!(std::fs::read_to_string(shop.path("codes.csv")).unwrap().lines().count(), 1 + 3);
    shop.run(issue("again.csv")).expect_code(3).says("issued before");
    assert!(!shop.path("again.csv").exists(), "a batch that was not issued leaves no file");
}

/// domain.md G-T1: 265 points become 2.50 pounds, 15 are carried over.
#[test]
fn a_statement_turns_points_into_a_voucher() {
    let shop = shop();
    shop.run(["adjust-points", "external:17850", "265", "--reason", "test", "--note", "test"]).succeeded();
    let today =
        jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::get("Europe/London").unwrap()).date().to_string();
    let run = shop.json(["run-statement", "quarterly", &today]);
    let sums = ["members", "vouchers", "value", "points", "carried"].map(|name| run[name].as_i64().unwrap());
    assert_eq!(sums, [1, 1, 250, 250, 15]);
    assert_eq!(
        shop.json(["run-statement", "quarterly", &today])["vouchers"],
        1,
        "a finished run is only reported"
    );
    let statement: Value = shop.json(["show-statement", "external:17850"]);
    let code = statement["vouchers"][0]["code"].as_str().unwrap();
    let purchase = json!({
        "member": { "external": "17850" }, "source": "till", "reference": "r1",
        "occurred_at": jiff::Timestamp::now(), "currency": "GBP", "vouchers": [code],
        "lines": [{ "category": "tea", "amount": 1_000 }],
    });
    shop.write("purchase.json", &purchase.to_string());
    let recorded = shop.json(["record-purchase", "purchase.json"]);
    assert_eq!(recorded["receipt"]["vouchers"][0]["discount"], 250);
    let entry = recorded["receipt"]["entry_id"].as_str().unwrap();
    shop.run(["explain", entry, "--language", "en"]).succeeded().says("“Clubcard voucher” took 2.50 GBP off");
    shop.run(["verify"]).succeeded().says("all holds");
}
