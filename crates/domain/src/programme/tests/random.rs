//! Random programmes and purchases that stay within what the check allows, from small vocabularies so that rules
//! and purchases meet often.

use jiff::civil::{DateTime, date};
use proptest::option::weighted;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};

use super::reference::{Book, Case};
use crate::code::Code;
use crate::document::{Payment, Purchase, PurchaseLine};
use crate::ledger::Circumstances;
use crate::programme::{
    Birthday, Bonus, Budget, Cap, CapSpan, Conditions, DateWindow, Earning, Effect, Exact, Funder,
    Multiplier, MultiplierStacking, Names, Programme, PurchaseNumber, Rate, Rounding, Rule, Step, TimeWindow,
    Trigger, Weekday, parse_toml,
};

const UNITS: [&str; 2] = ["points", "growth"];
const CHANNELS: [&str; 3] = ["app", "web", "store"];
const STORES: [&str; 2] = ["s1", "s2"];
const TIERS: [&str; 3] = ["bronze", "silver", "gold"];
const SEGMENTS: [&str; 2] = ["parents", "students"];
const CATEGORIES: [&str; 3] = ["coffee", "tea", "toys"];
const BRANDS: [&str; 2] = ["north", "south"];
const SKUS: [&str; 3] = ["k1", "k2", "k3"];
const TAGS: [&str; 3] = ["new", "organic", "tobacco"];
const METHODS: [&str; 3] = ["card", "points", "cash"];

fn code(text: &str) -> Code {
    Code::new(text).unwrap()
}

fn exact(text: &str) -> Exact {
    text.parse().unwrap()
}

/// Values asked for and values refused, never both.
fn sides(values: &'static [&'static str]) -> impl Strategy<Value = (Vec<String>, Vec<String>)> {
    let some = || subsequence(values, 1..values.len());
    prop_oneof![
        6 => Just((Vec::new(), Vec::new())),
        1 => some().prop_map(|chosen| (texts(&chosen), Vec::new())),
        1 => some().prop_map(|chosen| (Vec::new(), texts(&chosen))),
    ]
}

fn texts(values: &[&str]) -> Vec<String> {
    values.iter().map(ToString::to_string).collect()
}

fn codes(values: &[String]) -> Vec<Code> {
    values.iter().map(|value| code(value)).collect()
}

/// Every other rule asks only which lines count, so that rules also meet each other.
fn conditions() -> impl Strategy<Value = Conditions> {
    prop_oneof![all_conditions(), line_conditions()]
}

fn line_conditions() -> impl Strategy<Value = Conditions> {
    let lists = (subsequence(CATEGORIES.to_vec(), 0..3), subsequence(BRANDS.to_vec(), 0..2));
    (lists, weighted(0.1, 1_i64..100), weighted(0.1, 1_i64..4)).prop_map(
        |((category, except_brand), amount, quantity)| Conditions {
            category: texts(&category),
            except_brand: texts(&except_brand),
            lines_amount_min: amount.map(Exact::whole),
            quantity_min: quantity.map(Exact::whole),
            ..Conditions::default()
        },
    )
}

fn all_conditions() -> impl Strategy<Value = Conditions> {
    let lists = (
        (sides(&CHANNELS), sides(&STORES), sides(&TIERS), sides(&SEGMENTS), sides(&METHODS)),
        (sides(&CATEGORIES), sides(&BRANDS), sides(&SKUS), sides(&TAGS)),
    );
    let days = (
        prop_oneof![6 => Just(vec![]), 1 => subsequence(Weekday::ALL.to_vec(), 1..7)],
        prop_oneof![6 => Just(vec![]), 1 => subsequence(vec![10_u8, 11, 12], 1..3)],
        windows(),
        windows(),
        weighted(0.1, (0_i8..24, 0_i8..24).prop_filter("not empty", |(a, b)| a != b)),
    );
    let member = (
        weighted(0.1, select(vec![Birthday::Day, Birthday::Month])),
        weighted(
            0.1,
            prop_oneof![
                Just(PurchaseNumber::First),
                (1_u32..4).prop_map(PurchaseNumber::Exactly),
                (1_u32..4).prop_map(PurchaseNumber::Every)
            ],
        ),
        weighted(0.1, 1_u32..4),
    );
    let amounts = (
        weighted(0.1, 0_i64..300),
        weighted(0.1, 300_i64..600),
        weighted(0.1, 1_i64..100),
        weighted(0.1, 1_i64..4),
    );
    (lists, days, member, amounts).prop_map(|(lists, days, member, amounts)| {
        let ((channel, store, tier, segment, payment), (category, brand, sku, tag)) = lists;
        let hour = |hour| jiff::civil::time(hour, 0, 0, 0);
        Conditions {
            channel: channel.0,
            except_channel: channel.1,
            store: store.0,
            except_store: store.1,
            tier: codes(&tier.0),
            except_tier: codes(&tier.1),
            segment: codes(&segment.0),
            except_segment: codes(&segment.1),
            weekday: days.0,
            day_of_month: days.1,
            dates: days.2,
            except_dates: days.3,
            time: days.4.map(|(from, until)| TimeWindow { from: hour(from), until: hour(until) }),
            birthday: member.0,
            purchase_number: member.1,
            payment: payment.0,
            except_payment: payment.1,
            shopping_days_min: member.2,
            amount_min: amounts.0.map(Exact::whole),
            amount_max: amounts.1.map(Exact::whole),
            category: category.0,
            except_category: category.1,
            brand: brand.0,
            except_brand: brand.1,
            sku: sku.0,
            except_sku: sku.1,
            tag: tag.0,
            except_tag: tag.1,
            lines_amount_min: amounts.2.map(Exact::whole),
            quantity_min: amounts.3.map(Exact::whole),
        }
    })
}

fn windows() -> impl Strategy<Value = Vec<DateWindow>> {
    let window = (8_i8..13, 0_i8..3)
        .prop_map(|(from, more)| DateWindow { from: date(2026, 6, from), until: date(2026, 6, from + more) });
    prop_oneof![8 => Just(vec![]), 1 => prop::collection::vec(window, 1..3)]
}

fn effect() -> impl Strategy<Value = Effect> {
    let factors = select(vec!["1.1", "1.2", "1.5", "2", "2.5", "3"]);
    prop_oneof![
        2 => (select(vec!["1", "0.05", "1.5", "7"]), select(vec!["1.00", "0.01", "3.00", "20.00"]))
            .prop_map(|(points, per)| Effect::Rate(Rate { points: exact(points), per: exact(per) })),
        2 => (1_i64..4, select(vec!["1.00", "5.00", "20.00"]), weighted(0.4, 1_i64..60)).prop_map(
            |(points, per, minimum)| {
                Effect::Step(Step { points, per: exact(per), minimum: minimum.map(Exact::whole) })
            }
        ),
        4 => factors.prop_map(|factor| Effect::Multiplier(Multiplier { factor: exact(factor) })),
        2 => (1_i64..200).prop_map(|points| Effect::Bonus(Bonus { points, each: false })),
    ]
}

fn caps() -> impl Strategy<Value = Vec<Cap>> {
    let spans = select(vec![CapSpan::Purchase, CapSpan::Day, CapSpan::Month, CapSpan::Lifetime]);
    let cap =
        (spans, 1_i64..300, weighted(0.5, 1_u32..3), any::<bool>()).prop_map(|(per, points, times, both)| {
            let times = times.filter(|_| per != CapSpan::Purchase);
            Cap { per, points: Some(points).filter(|_| both || times.is_none()), times }
        });
    prop_oneof![3 => Just(vec![]), 1 => prop::collection::vec(cap, 1..3)]
}

fn funders() -> impl Strategy<Value = Vec<Funder>> {
    let funder = |name: &str, percent: &str| Funder { code: code(name), percent: exact(percent) };
    let three = vec![funder("maker", "33.33"), funder("bank", "33.33"), funder("programme", "33.34")];
    prop_oneof![
        3 => Just(vec![]),
        1 => (1_i64..100).prop_map(move |percent| vec![
            Funder { code: code("maker"), percent: Exact::whole(percent) },
            Funder { code: code("programme"), percent: Exact::whole(100 - percent) },
        ]),
        1 => Just(three),
    ]
}

fn rule() -> impl Strategy<Value = Rule> {
    let terms = (
        select(UNITS.to_vec()),
        select(vec![Rounding::Down, Rounding::Down, Rounding::HalfUp]),
        weighted(0.5, select(vec!["a", "a", "b"])),
        prop_oneof![9 => Just(Trigger::Purchase), 1 => Just(Trigger::Enrolment)],
    );
    let window = weighted(0.2, (8_i8..13, 0_i8..4));
    (terms, window, conditions(), effect(), caps(), weighted(0.2, 1_i64..1_000), funders()).prop_map(
        |((unit, round, group, trigger), window, mut conditions, effect, caps, budget, funders)| {
            let (from, until) = match window {
                Some((from, more)) => (Some(date(2026, 6, from)), Some(date(2026, 6, from + more))),
                None => (None, None),
            };
            if from.is_some() {
                conditions.dates.clear(); // a window outside the rule's own would be refused
            }
            let mut rule = Rule {
                code: code("rule"),
                name: Names { zh: String::new(), en: String::new() },
                trigger: Trigger::Purchase,
                unit: code(unit),
                from,
                until,
                conditions,
                effect,
                round,
                group: None,
                caps,
                budget: budget.map(|points| Budget { points }),
                funders,
                available: None,
            };
            if trigger == Trigger::Enrolment && matches!(rule.effect, Effect::Bonus(_)) {
                rule.trigger = trigger;
                rule.conditions = Conditions::default();
            }
            rule.group = group.map(|group| group_code(group, &rule));
            rule
        },
    )
}

/// Groups keep to one unit, one stage and one trigger.
fn group_code(group: &str, rule: &Rule) -> Code {
    let stage = match &rule.effect {
        Effect::Rate(_) | Effect::Step(_) => "base",
        Effect::Bonus(_) => "bonus",
        Effect::Multiplier(_) if !rule.conditions.channel.is_empty() => "channel",
        Effect::Multiplier(_) if !rule.conditions.tier.is_empty() => "tier",
        Effect::Multiplier(_) => "other",
    };
    let trigger = if rule.trigger == Trigger::Purchase { "p" } else { "e" };
    code(&format!("{group}_{stage}_{}_{trigger}", rule.unit))
}

const FRAME: &str = r#"
code = "random"
name = { zh = "随机", en = "Random" }
currency = "CNY"
time_zone = "Asia/Shanghai"
units = [
  { code = "points", name = { zh = "积分", en = "points" } },
  { code = "growth", name = { zh = "成长值", en = "growth" } },
]
segments = [
  { code = "parents", name = { zh = "父母", en = "Parents" } },
  { code = "students", name = { zh = "学生", en = "Students" } },
]
[[ladders]]
code = "club"
name = { zh = "等级", en = "Tiers" }
basis = "spend"
tiers = [
  { code = "bronze", name = { zh = "铜", en = "Bronze" }, threshold = 0 },
  { code = "silver", name = { zh = "银", en = "Silver" }, threshold = 100 },
  { code = "gold", name = { zh = "金", en = "Gold" }, threshold = 1000 },
]
[[rules]]
code = "base_points"
name = { zh = "基础", en = "Base" }
unit = "points"
effect.rate = { points = 1, per = "1.00" }
[[rules]]
code = "base_growth"
name = { zh = "成长", en = "Growth" }
unit = "growth"
effect.step = { points = 1, per = "10.00" }
"#;

/// A programme with two base rules and up to eight random ones.
pub(super) fn programme() -> impl Strategy<Value = Programme> {
    let stacking =
        select(vec![MultiplierStacking::Multiply, MultiplierStacking::Add, MultiplierStacking::Best]);
    let earning = (weighted(0.5, Just("tobacco")), weighted(0.5, Just("points")), any::<bool>());
    (prop::collection::vec(rule(), 1..9), stacking, earning).prop_map(|(rules, stacking, earning)| {
        let mut programme = parse_toml(FRAME).unwrap();
        programme.multiplier_stacking = stacking;
        programme.earning = Earning {
            excluded_tags: earning.0.into_iter().map(str::to_owned).collect(),
            excluded_payments: earning.1.into_iter().map(str::to_owned).collect(),
            tax_earns: earning.2,
        };
        for (number, mut rule) in rules.into_iter().enumerate() {
            rule.code = code(&format!("rule{number}"));
            programme.rules.push(rule);
        }
        programme
    })
}

fn line() -> impl Strategy<Value = PurchaseLine> {
    let amount = prop_oneof![8 => 0_i64..20_000, 1 => -5_000_i64..0, 1 => 0_i64..5];
    let texts = (
        select(CATEGORIES.to_vec()),
        select(BRANDS.to_vec()),
        select(SKUS.to_vec()),
        subsequence(TAGS.to_vec(), 0..3),
    );
    (amount, 0_i64..4, 0_i64..15, texts).prop_map(
        |(amount, items, tax_percent, (category, brand, sku, tags))| PurchaseLine {
            sku: sku.to_owned(),
            category: category.to_owned(),
            brand: brand.to_owned(),
            quantity_milli: items * 500,
            amount,
            tax: amount * tax_percent / 100,
            tags: tags.iter().map(ToString::to_string).collect(),
        },
    )
}

/// A purchase of one to six lines, now and then of thirty.
pub(super) fn purchase() -> impl Strategy<Value = Purchase> {
    let lines =
        prop_oneof![20 => prop::collection::vec(line(), 1..7), 1 => prop::collection::vec(line(), 17..30)];
    let where_ = (weighted(0.8, select(CHANNELS.to_vec())), weighted(0.8, select(STORES.to_vec())));
    let payments = prop::collection::vec((select(METHODS.to_vec()), 0_i64..8_000), 0..3);
    (lines, where_, payments).prop_map(|(lines, (channel, store), payments)| Purchase {
        channel: channel.map(str::to_owned),
        store: store.map(str::to_owned),
        vouchers: Vec::new(),
        payments: payments
            .into_iter()
            .map(|(method, amount)| Payment {
                method: method.to_owned(),
                amount,
                points: None,
                stored_value: None,
            })
            .collect(),
        ..super::purchase(lines)
    })
}

fn circumstances() -> impl Strategy<Value = Circumstances> {
    let who = (1_u32..5, select(TIERS.to_vec()), subsequence(SEGMENTS.to_vec(), 0..3));
    (who, any::<bool>(), any::<bool>()).prop_map(|((purchase_no, tier, segments), month, day)| {
        Circumstances {
            purchase_no,
            tiers: vec![(code("club"), code(tier))],
            segments: segments.iter().map(|segment| code(segment)).collect(),
            on_birthday: month && day,
            in_birthday_month: month,
        }
    })
}

fn local() -> impl Strategy<Value = DateTime> {
    (8_i8..15, 0_i8..24, 0_i8..60).prop_map(|(day, hour, minute)| date(2026, 6, day).at(hour, minute, 0, 0))
}

/// A programme, a purchase and a member's past.
pub(super) fn case() -> impl Strategy<Value = Case> {
    let granted = prop_oneof![2 => Just((0, 0)), 1 => (0_u32..3, 0_i64..300)];
    let granted = prop::collection::vec(prop::array::uniform3(granted), 10);
    let left = prop_oneof![1 => Just(0_i64), 3 => 1_i64..1_000];
    let book = (granted, prop::collection::vec(left, 10), 1_u32..4)
        .prop_map(|(granted, budget_left, shopping_days)| Book { granted, budget_left, shopping_days });
    (programme(), purchase(), circumstances(), local(), book).prop_map(
        |(programme, purchase, circumstances, local, book)| Case {
            programme,
            purchase,
            circumstances,
            local,
            book,
        },
    )
}
