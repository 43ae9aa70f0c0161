//! The demo: a retailer out of a seed, the same every time, never on top of anything.

use super::shop::Shop;

const SMALL: [&str; 8] =
    ["demo", "--members", "50", "--months", "6", "--ends-on", "2026-06-30", "--no-serve"];

#[test]
fn the_same_seed_gives_the_same_ledger() {
    let digests: Vec<String> = (0..2)
        .map(|_| {
            let shop = Shop::new();
            let ran = shop.run(SMALL.into_iter().chain(["--database", "sqlite:shop.db"]));
            ran.succeeded().says("replayed: 50 members").says("member: ");
            // Programmes carry the time of their publication; the ledger does not.
            let report = shop.json(["backup", "copy.db"]);
            shop.run(["verify", "--deep"]).succeeded().says("all holds");
            let export = shop.run(["export", "postings", "--format", "jsonl"]);
            assert!(report["rows"].as_array().expect("tables").len() > 5);
            export.succeeded().stdout.clone()
        })
        .collect();
    assert!(digests[0].lines().count() > 500, "{} postings", digests[0].lines().count());
    assert_eq!(digests[0], digests[1]);
}

#[test]
fn points_are_burned_as_well_as_earned() {
    let shop = Shop::new();
    shop.run(SMALL.into_iter().chain(["--database", "sqlite:shop.db"])).succeeded();
    let export = shop.run(["export", "postings"]);
    for account in ["issuer", "redeemed", "member_pending", "member_available"] {
        assert!(export.stdout.contains(account), "no posting of {account}");
    }
}

#[test]
fn a_database_that_holds_something_is_refused() {
    let shop = Shop::with_programme();
    let ran = shop.run(SMALL.into_iter().chain(["--database", "sqlite:shop.db"]));
    ran.expect_code(3).says("it holds a programme already");
}

#[test]
fn the_demos_own_file_is_made_anew() {
    let shop = Shop::new();
    for _ in 0..2 {
        shop.run(SMALL).succeeded().says("database: sqlite:perennial-data/demo.db");
    }
}

#[test]
fn a_retailer_that_cannot_be_is_a_wrong_command_line() {
    let shop = Shop::new();
    shop.run(["demo", "--months", "0", "--no-serve"]).expect_code(2).says("months");
    shop.run(["demo", "--data", "somewhere", "--no-serve"]).expect_code(2).says("--map");
}
