//! The golden numbers of the requirements (domain.md section 4), each under its id.

use super::{judge, line, points, programme_of, purchase, rule};
use crate::document::PurchaseLine;

fn check(programme: &str, cases: &[(i64, i64)]) {
    let programme = programme_of(programme);
    for (amount, expected) in cases {
        let evaluation = judge(&programme, &purchase(vec![line(*amount)]));
        assert_eq!(points(&evaluation), *expected, "{amount} minor units: {}", evaluation.outcomes);
    }
}

#[test]
fn g_t2_clubcard_of_1995_gives_one_point_per_full_five_pounds_from_ten_pounds() {
    check(
        &rule("base", "effect.step = { points = 1, per = \"5.00\", minimum = \"10.00\" }"),
        &[(999, 0), (1_000, 2), (1_499, 2), (4_730, 9), (10_000, 20)],
    );
}

#[test]
fn g_b1_bank_gives_one_point_per_full_twenty_yuan() {
    check(
        &rule("base", "effect.step = { points = 1, per = \"20.00\" }"),
        &[(1_999, 0), (2_000, 1), (19_999, 9), (100_000, 50)],
    );
}

#[test]
fn g_j1_jd_growth_value_follows_the_coefficient_of_the_goods() {
    let programme = programme_of(&format!(
        "{}{}",
        rule(
            "base",
            "effect.rate = { points = 1, per = \"1.00\" }\nconditions.except_tag = [\"coefficient_0\"]"
        ),
        rule("k12", "effect.multiplier = { factor = \"1.2\" }\nconditions.tag = [\"coefficient_1_2\"]"),
    ));
    for (tag, expected) in [("coefficient_1_2", 1_800), ("coefficient_1", 1_500), ("coefficient_0", 0)] {
        let tagged = PurchaseLine { tags: vec![tag.to_owned()], ..line(150_000) };
        assert_eq!(points(&judge(&programme, &purchase(vec![tagged]))), expected, "{tag}");
    }
}
