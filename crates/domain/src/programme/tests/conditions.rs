//! Every condition, as a table: the condition, what it is tried on, whether the rule applies, else the outcome.

use super::{at, line, outcomes, payment, programme_of, purchase, rule};
use crate::code::Code;
use crate::document::{Purchase, PurchaseLine};
use crate::ledger::Circumstances;
use crate::programme::{CompiledProgramme, Outcome};

const LADDER: &str = r#"
[[segments]]
code = "parents"
name = { zh = "父母", en = "Parents" }
[[ladders]]
code = "club"
name = { zh = "等级", en = "Tiers" }
basis = "spend"
tiers = [
  { code = "member", name = { zh = "普通", en = "Member" }, threshold = 0 },
  { code = "gold", name = { zh = "金", en = "Gold" }, threshold = 1000 },
]
"#;

fn programme(condition: &str) -> CompiledProgramme {
    let rest = format!("effect.bonus = {{ points = 10 }}\n{condition}");
    programme_of(&format!("{LADDER}{}", rule("probe", &rest)))
}

/// What a rule with a condition makes of a purchase of 100.00 yuan on Monday 15 June 2026 at noon, changed.
fn check(condition: &str, change: impl Fn(&mut Purchase, &mut Circumstances), expected: Outcome) {
    check_at(condition, "2026-06-15T12:00", change, expected);
}

fn check_at(
    condition: &str,
    local: &str,
    change: impl Fn(&mut Purchase, &mut Circumstances),
    expected: Outcome,
) {
    let mut bought = purchase(vec![PurchaseLine {
        category: "coffee".to_owned(),
        brand: "north".to_owned(),
        sku: "k1".to_owned(),
        tags: vec!["new".to_owned()],
        ..line(10_000)
    }]);
    bought.channel = Some("app".to_owned());
    bought.store = Some("s1".to_owned());
    bought.payments = vec![payment("card", 10_000)];
    let code = |text| Code::new(text).unwrap();
    let mut member = Circumstances {
        purchase_no: 1,
        tiers: vec![(code("club"), code("member"))],
        ..Circumstances::default()
    };
    change(&mut bought, &mut member);
    let evaluation = super::judge_at(&programme(condition), &bought, local, &member);
    assert_eq!(outcomes(&evaluation), [expected], "{condition} at {local}");
}

fn as_is(_: &mut Purchase, _: &mut Circumstances) {}

#[test]
fn lists_ask_for_any_of_their_values_and_their_twins_refuse_them() {
    for (name, there, other, refusal) in [
        ("channel", "app", "web", Outcome::Channel),
        ("store", "s1", "s2", Outcome::Store),
        ("tier", "member", "gold", Outcome::Tier),
        ("payment", "card", "cash", Outcome::Payment),
        ("category", "coffee", "tea", Outcome::NoMatchingLine),
        ("brand", "north", "south", Outcome::NoMatchingLine),
        ("sku", "k1", "k2", Outcome::NoMatchingLine),
        ("tag", "new", "old", Outcome::NoMatchingLine),
    ] {
        check(&format!("conditions.{name} = [\"{other}\", \"{there}\"]"), as_is, Outcome::Fired);
        check(&format!("conditions.{name} = [\"{other}\"]"), as_is, refusal);
        check(&format!("conditions.except_{name} = [\"{other}\"]"), as_is, Outcome::Fired);
        check(&format!("conditions.except_{name} = [\"{there}\"]"), as_is, refusal);
    }
}

#[test]
fn what_is_not_reported_is_not_asked_for_nor_refused() {
    let blank = |bought: &mut Purchase, _: &mut Circumstances| {
        bought.channel = None;
        bought.payments.clear();
        bought.lines[0].tags.clear();
    };
    check("conditions.channel = [\"app\"]", blank, Outcome::Channel);
    check("conditions.except_channel = [\"app\"]", blank, Outcome::Fired);
    check("conditions.payment = [\"card\"]", blank, Outcome::Payment);
    check("conditions.except_tag = [\"new\"]", blank, Outcome::Fired);
}

#[test]
fn segments_and_birthdays_come_with_the_member() {
    let parent = |_: &mut Purchase, member: &mut Circumstances| {
        member.segments = vec![Code::new("parents").unwrap()];
        member.in_birthday_month = true;
    };
    check("conditions.segment = [\"parents\"]", parent, Outcome::Fired);
    check("conditions.segment = [\"parents\"]", as_is, Outcome::Segment);
    check("conditions.except_segment = [\"parents\"]", parent, Outcome::Segment);
    check("conditions.birthday = \"month\"", parent, Outcome::Fired);
    check("conditions.birthday = \"day\"", parent, Outcome::Birthday);
    check("conditions.birthday = \"month\"", as_is, Outcome::Birthday);
    check("conditions.birthday = \"day\"", |_, member| member.on_birthday = true, Outcome::Fired);
}

#[test]
fn days_and_times_are_local_and_both_ends_of_a_window_count() {
    let check = |condition: &str, local: &str, expected| check_at(condition, local, as_is, expected);
    check("conditions.weekday = [\"monday\"]", "2026-06-15T00:00", Outcome::Fired);
    check("conditions.weekday = [\"monday\"]", "2026-06-14T23:59", Outcome::Weekday);
    check("conditions.day_of_month = [11, 31]", "2026-07-31T12:00", Outcome::Fired);
    check("conditions.day_of_month = [11]", "2026-06-12T12:00", Outcome::DayOfMonth);
    for (local, fired) in [
        ("2026-06-09T23:59", false),
        ("2026-06-10T00:00", true),
        ("2026-06-12T23:59", true),
        ("2026-06-13T00:00", false),
    ] {
        let or = |outcome| if fired { Outcome::Fired } else { outcome };
        let not = |outcome| if fired { outcome } else { Outcome::Fired };
        check("from = \"2026-06-10\"\nuntil = \"2026-06-12\"", local, or(Outcome::NotLive));
        let window = "[{ from = \"2026-06-10\", until = \"2026-06-12\" }]";
        check(&format!("conditions.dates = {window}"), local, or(Outcome::Date));
        check(&format!("conditions.except_dates = {window}"), local, not(Outcome::Date));
    }
    let evening = "conditions.time = { from = \"18:00\", until = \"20:00\" }";
    check(evening, "2026-06-15T18:00", Outcome::Fired);
    check(evening, "2026-06-15T20:00", Outcome::Time);
    let night = "conditions.time = { from = \"22:00\", until = \"02:00\" }";
    check(night, "2026-06-15T01:59", Outcome::Fired);
    check(night, "2026-06-15T02:00", Outcome::Time);
}

#[test]
fn purchases_are_counted_from_one() {
    let check = |condition: &str, number, expected| {
        check(
            condition,
            |_: &mut Purchase, member: &mut Circumstances| member.purchase_no = number,
            expected,
        );
    };
    check("conditions.purchase_number = \"first\"", 1, Outcome::Fired);
    check("conditions.purchase_number = \"first\"", 2, Outcome::PurchaseNumber);
    check("conditions.purchase_number = { exactly = 3 }", 3, Outcome::Fired);
    check("conditions.purchase_number = { exactly = 3 }", 6, Outcome::PurchaseNumber);
    check("conditions.purchase_number = { every = 3 }", 6, Outcome::Fired);
    check("conditions.purchase_number = { every = 3 }", 7, Outcome::PurchaseNumber);
}

#[test]
fn amounts_and_quantities_are_of_the_receipt_or_of_the_lines_that_count() {
    check("conditions.amount_min = \"100.00\"", as_is, Outcome::Fired);
    check("conditions.amount_min = \"100.01\"", as_is, Outcome::AmountMinimum);
    check("conditions.amount_max = \"100.00\"", as_is, Outcome::Fired);
    check("conditions.amount_max = \"99.99\"", as_is, Outcome::AmountMaximum);
    let tea_too = |bought: &mut Purchase, _: &mut Circumstances| {
        bought.lines.push(PurchaseLine { category: "tea".to_owned(), quantity_milli: 2_000, ..line(5_000) });
    };
    let tea = "conditions.category = [\"tea\"]\n";
    check(&format!("{tea}conditions.amount_min = \"150.00\""), tea_too, Outcome::Fired);
    check(&format!("{tea}conditions.lines_amount_min = \"50.00\""), tea_too, Outcome::Fired);
    check(&format!("{tea}conditions.lines_amount_min = \"50.01\""), tea_too, Outcome::LinesMinimum);
    check(&format!("{tea}conditions.quantity_min = 2"), tea_too, Outcome::Fired);
    check(&format!("{tea}conditions.quantity_min = \"2.5\""), tea_too, Outcome::Quantity);
}

#[test]
fn shopping_days_include_the_day_itself() {
    // The probe's past has one shopping day: this one.
    check("conditions.shopping_days_min = 1", as_is, Outcome::Fired);
    check("conditions.shopping_days_min = 2", as_is, Outcome::ShoppingDays);
    assert_eq!(at("2026-06-15T12:00").date().weekday(), jiff::civil::Weekday::Monday);
}
