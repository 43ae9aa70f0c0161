//! The golden numbers of the requirements (domain.md section 4), each under its id.

use jiff::Timestamp;
use jiff::civil::Date;

use super::{at, judge, line, points, programme_of, purchase, rule};
use crate::code::Code;
use crate::document::{Activity, DocumentKey, Purchase, PurchaseLine};
use crate::ledger::{CapPeriod, Circumstances};
use crate::programme::{CompiledProgramme, Granted, Untouched, examples, parse_toml};

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

fn example(name: &str) -> CompiledProgramme {
    let example = examples().iter().find(|example| example.name == name).unwrap();
    CompiledProgramme::compile(parse_toml(example.toml).unwrap(), 1, Timestamp::UNIX_EPOCH).unwrap()
}

fn activity(kind: &str) -> Activity {
    let key = DocumentKey { source: "app".to_owned(), reference: "1".to_owned() };
    Activity { key, kind: kind.to_owned(), occurred_at: Timestamp::UNIX_EPOCH, count: 1 }
}

fn points_for_activity(programme: &CompiledProgramme, kind: &str, granted: &impl Granted) -> i64 {
    let member = Circumstances::default();
    let local = at("2013-06-15T12:00");
    points(&programme.evaluate_activity(
        &activity(kind),
        &member,
        local,
        Timestamp::UNIX_EPOCH,
        granted,
        &Untouched,
    ))
}

#[test]
fn g_p6_a_first_stay_booked_in_the_app_and_the_login_earn_998() {
    let programme = example("hotel");
    let stay = Purchase {
        channel: Some("app".to_owned()),
        ..purchase(vec![PurchaseLine { category: "room".to_owned(), ..line(19_900) }])
    };
    let stayed = judge(&programme, &stay);
    let given: Vec<i64> = stayed.awards.iter().map(|award| award.points).collect();
    assert_eq!(given, [199, 199, 500]);
    assert_eq!(points(&stayed) + points_for_activity(&programme, "app_login", &Untouched), 998);
}

/// Some times granted in every period, and so many shopping days.
struct Before(u32, u32);

impl Granted for Before {
    fn granted(&self, _: Code, _: CapPeriod, _: i32) -> (u32, i64) {
        (self.0, 0)
    }
    fn shopping_days(&self, _: Date) -> u32 {
        self.1
    }
}

#[test]
fn g_p6_one_time_bonuses_are_not_given_twice() {
    let programme = example("hotel");
    assert_eq!(points_for_activity(&programme, "app_login", &Before(1, 1)), 0);
}

#[test]
fn g_j3_a_month_of_growth_value_at_jd() {
    let programme = example("jd");
    let tagged = PurchaseLine { tags: vec!["coefficient_1_1".to_owned()], ..line(60_000) };
    let local = at("2013-06-20T12:00");
    let recorded_at = local.to_zoned(programme.zone().clone()).unwrap().timestamp();
    let third_day = programme.evaluate_purchase(
        &purchase(vec![tagged]),
        &Circumstances::default(),
        local,
        recorded_at,
        &Before(0, 3),
        &Untouched,
    );
    let given: Vec<i64> = third_day.awards.iter().map(|award| award.points).collect();
    assert_eq!(given, [600, 60, 100]);
    // The 100 for the shopping days post next month.
    let next_month = Some("2013-07-01T00:00:00+08:00".parse().unwrap());
    assert_eq!(third_day.awards[2].pending_until, next_month);
    assert_eq!(third_day.awards[0].pending_until, None);
    let logins = 20 * points_for_activity(&programme, "login", &Untouched);
    let reviews = 2 * points_for_activity(&programme, "review", &Untouched);
    let photos = points_for_activity(&programme, "photo_review", &Untouched);
    assert_eq!((logins, reviews, photos), (100, 40, 20));
    assert_eq!(points(&third_day) + logins + reviews + photos, 920);
}

#[test]
fn g_j2_the_yearly_deduction_moves_jd_members_down() {
    let programme = example("jd");
    let ladder = programme.main_ladder().unwrap();
    let position = |tier: &str| ladder.position(Code::new(tier).unwrap()).unwrap();
    for (tier, balance, left, after) in [
        ("gold", 12_500, 8_500, "silver"),
        ("diamond", 35_000, 25_000, "gold"),
        ("silver", 2_600, 1_600, "bronze"),
    ] {
        let remaining = balance - ladder.deduction(position(tier));
        assert_eq!(remaining, left, "{tier}");
        assert_eq!(ladder.after_review(position(tier), remaining), position(after), "{tier}");
    }
}
