//! Effects, exclusions and what a purchase paid in several ways earns, as tables.

use super::{judge, line, outcomes, payment, points, programme_of, purchase, rule};
use crate::document::PurchaseLine;
use crate::programme::Outcome;

fn base() -> String {
    rule("base", "effect.rate = { points = 1, per = \"1.00\" }")
}

#[test]
fn the_part_paid_in_an_excluded_way_earns_nothing() {
    let programme = programme_of(&format!("[earning]\nexcluded_payments = [\"points\"]\n{}", base()));
    for (by_points, expected) in [(0, 100), (2_500, 75), (3_333, 66), (9_999, 0), (10_000, 0), (20_000, 0)] {
        let mut paid = purchase(vec![line(6_000), line(4_000)]);
        paid.payments = vec![payment("points", by_points), payment("card", 10_000 - by_points)];
        assert_eq!(points(&judge(&programme, &paid)), expected, "{by_points} paid with points");
    }
}

#[test]
fn excluded_lines_count_for_nothing() {
    let programme = programme_of(&format!("[earning]\nexcluded_tags = [\"tobacco\"]\n{}", base()));
    let tobacco = PurchaseLine { tags: vec!["tobacco".to_owned()], ..line(5_000) };
    let evaluation = judge(&programme, &purchase(vec![tobacco.clone(), line(1_000)]));
    assert_eq!(evaluation.awards[0].shares, [0, 10]);
    assert_eq!(outcomes(&judge(&programme, &purchase(vec![tobacco]))), [Outcome::NoMatchingLine]);
}
