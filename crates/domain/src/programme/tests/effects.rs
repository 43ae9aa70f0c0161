//! Effects, exclusions and what a purchase paid in several ways earns, as tables.

use jiff::Timestamp;
use jiff::civil::Date;

use super::{at, judge, line, outcomes, payment, points, programme_of, purchase, rule};
use crate::code::Code;
use crate::document::{Activity, DocumentKey, PurchaseLine};
use crate::ledger::{CapPeriod, Circumstances};
use crate::money::AMOUNT_MAX;
use crate::programme::{Budgets, Evaluation, Granted, Outcome, Untouched};

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

#[test]
fn tax_earns_only_where_the_programme_says_so() {
    let taxed = purchase(vec![PurchaseLine { tax: 1_300, ..line(11_300) }]);
    for (tax_earns, expected) in [(true, 113), (false, 100)] {
        let programme = programme_of(&format!("[earning]\ntax_earns = {tax_earns}\n{}", base()));
        assert_eq!(points(&judge(&programme, &taxed)), expected);
    }
}

#[test]
fn negative_lines_lower_the_base_and_it_never_falls_below_nothing() {
    let programme = programme_of(&base());
    for (lines, expected) in [(vec![10_000, -2_500], 75), (vec![1_000, -2_500], 0), (vec![-100], 0)] {
        let evaluation = judge(&programme, &purchase(lines.iter().copied().map(line).collect()));
        assert_eq!(points(&evaluation), expected, "{lines:?}");
    }
}

#[test]
fn points_are_shared_among_lines_by_largest_remainder() {
    let programme = programme_of(&base());
    let evaluation = judge(&programme, &purchase(vec![line(150), line(150), line(-50), line(50)]));
    assert_eq!((points(&evaluation), &evaluation.awards[0].shares[..]), (3, &[1, 1, 0, 1][..]));
}

#[test]
fn rounding_is_what_the_rule_says() {
    for (round, expected) in [("down", [0, 1, 1]), ("half_up", [1, 1, 2])] {
        let rule = rule(
            "base",
            &format!("round = \"{round}\"\neffect.rate = {{ points = \"0.5\", per = \"1.00\" }}"),
        );
        let programme = programme_of(&rule);
        let found = [100, 200, 300].map(|amount| points(&judge(&programme, &purchase(vec![line(amount)]))));
        assert_eq!(found, expected, "{round}");
    }
}

/// Points by rule of a purchase of 199.99 yuan with two multipliers, in the order of posting.
fn stacked(stacking: &str) -> Vec<(String, i64)> {
    let programme = programme_of(&format!(
        "{}{}{}{}",
        "",
        rule("triple", "effect.multiplier = { factor = 3 }"),
        rule("double_in_app", "conditions.channel = [\"app\"]\neffect.multiplier = { factor = 2 }"),
        base(),
    ));
    let mut document = programme.programme().clone();
    document.multiplier_stacking = serde_json::from_value(stacking.into()).unwrap();
    let programme = super::CompiledProgramme::compile(document, 1, Timestamp::UNIX_EPOCH).unwrap();
    let mut bought = purchase(vec![line(19_999)]);
    bought.channel = Some("app".to_owned());
    let awards = judge(&programme, &bought).awards;
    awards.into_iter().map(|award| (award.rule.to_string(), award.points)).collect()
}

#[test]
fn multipliers_stack_as_the_programme_says_channel_first() {
    let named = |awards: &[(&str, i64)]| {
        awards.iter().map(|(rule, points)| ((*rule).to_owned(), *points)).collect::<Vec<_>>()
    };
    assert_eq!(stacked("multiply"), named(&[("base", 199), ("double_in_app", 199), ("triple", 796)]));
    assert_eq!(stacked("add"), named(&[("base", 199), ("double_in_app", 199), ("triple", 398)]));
    assert_eq!(stacked("best"), named(&[("base", 199), ("triple", 398)]));
}

#[test]
fn a_multiplier_with_a_line_filter_multiplies_only_those_lines() {
    let coffee = PurchaseLine { category: "coffee".to_owned(), ..line(3_000) };
    let programme = programme_of(&format!(
        "{}{}",
        base(),
        rule("coffee", "conditions.category = [\"coffee\"]\neffect.multiplier = { factor = 3 }")
    ));
    let evaluation = judge(&programme, &purchase(vec![line(7_000), coffee]));
    assert_eq!(evaluation.awards[1].points, 60);
    assert_eq!(evaluation.awards[1].shares, [0, 60]);
}

#[test]
fn of_a_group_only_the_best_applies() {
    let programme = programme_of(&format!(
        "{}{}{}",
        rule("small", "group = \"gift\"\neffect.bonus = { points = 5 }"),
        rule("large", "group = \"gift\"\neffect.bonus = { points = 9 }"),
        rule("equal", "group = \"gift\"\neffect.bonus = { points = 9 }"),
    ));
    let evaluation = judge(&programme, &purchase(vec![line(100)]));
    assert_eq!(outcomes(&evaluation), [Outcome::BeatenInGroup, Outcome::Fired, Outcome::BeatenInGroup]);
}

#[test]
fn a_multiplier_without_base_points_says_so() {
    let programme =
        programme_of(&format!("{}{}", base(), rule("double", "effect.multiplier = { factor = 2 }")));
    let evaluation = judge(&programme, &purchase(vec![line(99)]));
    assert_eq!(outcomes(&evaluation), [Outcome::RoundsToZero, Outcome::NoBase]);
}

/// What a member was granted before and what the budget holds.
struct Past {
    times: u32,
    points: i64,
    budget: i64,
}

impl Granted for Past {
    fn granted(&self, _: Code, _: CapPeriod, _: i32) -> (u32, i64) {
        (self.times, self.points)
    }
    fn shopping_days(&self, _: Date) -> u32 {
        1
    }
}

impl Budgets for Past {
    fn points_left(&self, _: Code) -> i64 {
        self.budget
    }
}

fn limited(limits: &str, past: &Past) -> Evaluation {
    let programme =
        programme_of(&rule("base", &format!("effect.rate = {{ points = 1, per = \"1.00\" }}\n{limits}")));
    let bought = purchase(vec![line(10_000)]);
    let (local, now) = (at("2026-06-15T12:00"), Timestamp::UNIX_EPOCH);
    programme.evaluate_purchase(&bought, &Circumstances::default(), local, now, past, past)
}

#[test]
fn caps_and_budgets_cut_what_a_rule_gives() {
    let past = |times, points, budget| Past { times, points, budget };
    let cases = [
        ("caps = [{ per = \"purchase\", points = 60 }]", past(0, 0, 0), 60, Outcome::FiredCapped),
        ("caps = [{ per = \"purchase\", points = 100 }]", past(0, 0, 0), 100, Outcome::Fired),
        ("caps = [{ per = \"day\", points = 100 }]", past(1, 70, 0), 30, Outcome::FiredCapped),
        ("caps = [{ per = \"month\", points = 100 }]", past(1, 100, 0), 0, Outcome::CapReached),
        ("caps = [{ per = \"lifetime\", times = 1 }]", past(0, 0, 0), 100, Outcome::Fired),
        ("caps = [{ per = \"lifetime\", times = 1 }]", past(1, 0, 0), 0, Outcome::CapReached),
        ("caps = [{ per = \"day\", times = 2, points = 150 }]", past(1, 100, 0), 50, Outcome::FiredCapped),
        ("budget = { points = 500 }", past(0, 0, 100), 100, Outcome::Fired),
        ("budget = { points = 500 }", past(0, 0, 40), 40, Outcome::FiredBudget),
        ("budget = { points = 500 }", past(0, 0, 0), 0, Outcome::BudgetExhausted),
        (
            "budget = { points = 500 }\ncaps = [{ per = \"day\", points = 50 }]",
            past(0, 0, 60),
            50,
            Outcome::FiredCapped,
        ),
    ];
    for (limits, past, expected, outcome) in cases {
        let evaluation = limited(limits, &past);
        assert_eq!((points(&evaluation), outcomes(&evaluation)), (expected, vec![outcome]), "{limits}");
    }
}

#[test]
fn funders_pay_by_largest_remainder() {
    let funders = "funders = [{ code = \"maker\", percent = \"33.33\" }, { code = \"bank\", percent = \"33.33\" }, \
                   { code = \"programme\", percent = \"33.34\" }]";
    let evaluation = limited(funders, &Past { times: 0, points: 0, budget: 0 });
    let paid: Vec<(&str, i64)> =
        evaluation.awards[0].funding.iter().map(|(code, points)| (code.as_str(), *points)).collect();
    assert_eq!(paid, [("maker", 33), ("bank", 33), ("programme", 34)]);
}

#[test]
fn the_largest_amounts_stay_within_the_largest_number_of_points() {
    let programme = programme_of(&rule("base", "effect.rate = { points = 1000, per = \"1.00\" }"));
    let evaluation = judge(&programme, &purchase(vec![line(AMOUNT_MAX); 1_000]));
    assert_eq!(points(&evaluation), AMOUNT_MAX);
    assert_eq!(evaluation.awards[0].shares.iter().sum::<i64>(), AMOUNT_MAX);
}

#[test]
fn an_activity_earns_for_each_it_counts_and_joining_earns_once() {
    let programme = programme_of(&format!(
        "{}{}",
        rule("photo", "trigger = { activity = \"photo\" }\neffect.bonus = { points = 20, each = true }"),
        rule("welcome", "trigger = \"enrolment\"\neffect.bonus = { points = 50 }"),
    ));
    let key = DocumentKey { source: "app".to_owned(), reference: "1".to_owned() };
    let photos = Activity { key, kind: "photo".to_owned(), occurred_at: Timestamp::UNIX_EPOCH, count: 3 };
    let (member, local) = (Circumstances::default(), at("2026-06-15T12:00"));
    let taken =
        programme.evaluate_activity(&photos, &member, local, Timestamp::UNIX_EPOCH, &Untouched, &Untouched);
    assert_eq!((points(&taken), outcomes(&taken)), (60, vec![Outcome::Fired, Outcome::OtherTrigger]));
    assert!(taken.awards[0].shares.is_empty());
    let joined = programme.evaluate_enrolment(&member, local, Timestamp::UNIX_EPOCH, &Untouched, &Untouched);
    assert_eq!((points(&joined), outcomes(&joined)), (50, vec![Outcome::OtherTrigger, Outcome::Fired]));
}
