//! Properties of single decisions: returns in any parts and order, the clawback waterfall, the choice of lots,
//! uploads in any order. Each test names the property of the specification.

use domain::code::Code;
use domain::document::{DocumentKey, Purchase, PurchaseLine, Return, ReturnLine};
use domain::ledger::{ClawbackPart, Entry, Fact};
use domain::money::Currency;
use domain::operation::Adjustment;
use domain::programme::{CompiledProgramme, parse_toml};
use jiff::{Timestamp, ToSpan};

use crate::campaign::live::{Done, Live};
use crate::campaign::random::Random;

const POINTS: Code = Code::constant("points");

const PROGRAMME: &str = r#"
code = "shop"
name = { zh = "店", en = "Shop" }
currency = "CNY"
time_zone = "Asia/Shanghai"

[[units]]
code = "points"
name = { zh = "分", en = "Points" }
money_value_minor = "1"
expiry = { rolling = { days = 40 } }

[[rules]]
code = "base"
name = { zh = "规", en = "Base" }
unit = "points"
effect = { rate = { points = "1.7", per = "1.00" } }
round = "half_up"
funders = [{ code = "brand", percent = "33.33" }, { code = "shop", percent = "66.67" }]

[[rules]]
code = "gold"
name = { zh = "金", en = "Gold" }
unit = "points"
conditions = { tier = ["gold"] }
effect = { multiplier = { factor = "2" } }

[[ladders]]
code = "club"
name = { zh = "级", en = "Club" }
basis = "spend"
window = { rolling_months = 2 }
review = { on = "window_end" }
[[ladders.tiers]]
code = "blue"
name = { zh = "蓝", en = "Blue" }
threshold = 0
[[ladders.tiers]]
code = "gold"
name = { zh = "金", en = "Gold" }
threshold = "20.00"

[policies]
lateness_days = 400
adjustment_approval_above = 1_000_000
"#;

fn start() -> Timestamp {
    "2028-01-10T04:00:00Z".parse().expect("an instant")
}

fn after(days: i64) -> Timestamp {
    start().checked_add((days * 24).hours()).expect("in range")
}

fn shop(members: usize) -> Live {
    let mut live = Live::new(members, false);
    let programme = parse_toml(PROGRAMME).unwrap_or_else(|findings| panic!("{findings:?}"));
    let compiled = CompiledProgramme::compile(programme, 1, after(-500)).expect("valid");
    live.programmes.publish(std::sync::Arc::new(compiled));
    for member in 0..members {
        live.enrol(member, after(-401), after(-401));
    }
    live
}

fn key(reference: String) -> DocumentKey {
    DocumentKey { source: "till".to_owned(), reference }
}

fn purchase(reference: &str, at: Timestamp, amounts: &[i64]) -> Purchase {
    let line =
        |amount: &i64| PurchaseLine { amount: *amount, quantity_milli: 1_000, ..PurchaseLine::default() };
    Purchase {
        key: key(reference.to_owned()),
        occurred_at: at,
        currency: Currency::new("CNY").expect("a currency"),
        store: None,
        channel: None,
        vouchers: Vec::new(),
        payments: Vec::new(),
        lines: amounts.iter().map(line).collect(),
    }
}

fn recorded(done: Done) -> Vec<Entry> {
    match done {
        Done::Recorded(entries) => entries,
        other => panic!("expected entries, got {other:?}"),
    }
}

fn earned(entries: &[Entry]) -> i64 {
    match &entries.last().expect("an entry").fact {
        Fact::PurchaseRecorded { awards, .. } => awards.iter().map(|award| award.points).sum(),
        other => panic!("expected a purchase, got {other:?}"),
    }
}

fn clawback(entries: &[Entry]) -> ClawbackPart {
    match &entries.last().expect("an entry").fact {
        Fact::ReturnRecorded { clawback, .. } => {
            clawback.first().copied().unwrap_or(ClawbackPart::none(POINTS))
        }
        other => panic!("expected a return, got {other:?}"),
    }
}

fn take_back(number: usize, of: &str, at: Timestamp, lines: Vec<ReturnLine>) -> Return {
    Return { key: key(format!("b{number}")), purchase: key(of.to_owned()), occurred_at: at, lines }
}

fn adjust(points: i64, at: Timestamp) -> Adjustment {
    let reason = Code::constant("redemption");
    Adjustment { unit: POINTS, points, reason, note: "test".to_owned(), occurred_at: at, approved_by: None }
}

/// Cuts an amount into parts that are not 0.
fn parts(random: &mut Random, amount: i64) -> Vec<i64> {
    let mut left = amount;
    let mut parts = Vec::new();
    while left > 0 {
        let part = if parts.len() == 11 { left } else { random.between(1, left) };
        parts.push(part);
        left -= part;
    }
    parts
}

#[test]
fn pt_06_any_partition_of_a_purchase_into_returns_takes_back_exactly_what_it_earned() {
    for seed in 0..2_000 {
        let mut random = Random::new(seed);
        let mut live = shop(1);
        let amounts: Vec<i64> = (0..random.between(1, 4)).map(|_| random.between(1, 3_000)).collect();
        let given = earned(&recorded(live.purchase(0, &purchase("p", start(), &amounts), start(), true)));
        let mut returns: Vec<ReturnLine> = Vec::new();
        for (line, amount) in (0..).zip(&amounts) {
            returns.extend(parts(&mut random, *amount).into_iter().map(|amount| ReturnLine { line, amount }));
        }
        for position in (1..returns.len()).rev() {
            returns.swap(position, random.index(position + 1));
        }
        let (mut due, mut now) = (0, start());
        for (number, line) in returns.into_iter().enumerate() {
            // Tiers change and points lapse in between.
            now = now.checked_add((random.between(0, 15) * 24).hours()).expect("in range");
            let other = format!("x{number}");
            recorded(live.purchase(0, &purchase(&other, now, &[random.between(1, 3_000)]), now, true));
            let part = clawback(&recorded(live.take_back(&take_back(number, "p", now, vec![line]), now)));
            due += part.due;
            assert!(due <= given, "seed {seed}: takes back {due} of {given}");
        }
        assert_eq!(due, given, "seed {seed}: everything came back");
        assert_eq!(
            live.take_back(&take_back(99, "p", now, Vec::new()), now),
            Done::Refused("nothing_to_return")
        );
    }
}

#[test]
fn pt_07_the_waterfall_is_own_lots_then_others_then_debt_and_new_points_repay_first() {
    for seed in 0..2_000 {
        let mut random = Random::new(seed);
        let mut live = shop(1);
        let first = earned(&recorded(live.purchase(
            0,
            &purchase("p", start(), &[random.between(100, 3_000)]),
            start(),
            true,
        )));
        let other = earned(&recorded(live.purchase(
            0,
            &purchase("q", after(1), &[random.between(100, 1_000)]),
            after(1),
            true,
        )));
        let spent = random.between(0, first + other);
        if spent > 0 {
            recorded(live.adjust(0, &adjust(-spent, after(2)), "till", after(2)));
        }
        let part = clawback(&recorded(live.take_back(&take_back(1, "p", after(3), Vec::new()), after(3))));
        // What ends first is spent first: all of the first purchase, then the other.
        let own = (first - spent).max(0);
        let others = other.min(first + other - spent).min(first - own);
        let expected = [first, own, 0, others, first - own - others, 0];
        let found = [part.due, part.own_lots, part.lapsed, part.other_lots, part.debt, part.written_off];
        assert_eq!(found, expected, "seed {seed}");
        let balance = live.accounts[0].as_ref().expect("enrolled").state.balance(POINTS);
        assert_eq!(balance.available, (first + other - spent - first).max(0), "seed {seed}");
        if part.debt > 0 {
            let again = live.adjust(0, &adjust(-1, after(3)), "till", after(3));
            assert_eq!(again, Done::Refused("insufficient_points"));
            let more = earned(&recorded(live.purchase(
                0,
                &purchase("r", after(4), &[random.between(1, 3_000)]),
                after(4),
                true,
            )));
            let balance = live.accounts[0].as_ref().expect("enrolled").state.balance(POINTS);
            assert_eq!(balance.debt, (part.debt - more).max(0), "seed {seed}: debt is repaid first");
            assert_eq!(balance.available, (more - part.debt).max(0), "seed {seed}: the rest can be spent");
        }
    }
}

#[test]
fn pt_04_the_choice_of_lots_depends_on_their_terms_alone() {
    for seed in 0..2_000 {
        let mut random = Random::new(seed);
        let mut live = shop(1);
        let mut total = 0;
        for number in 0..random.between(2, 8) {
            let at = after(random.between(-5, 5));
            let purchase = purchase(&format!("p{number}"), at, &[random.between(60, 800)]);
            total += earned(&recorded(live.purchase(0, &purchase, after(6), true)));
        }
        let (a, b) = (random.between(1, total / 2), random.between(1, total / 2));
        let lots = |live: &Live| {
            let mut lots = live.accounts[0].as_ref().expect("enrolled").state.lots.clone();
            lots.sort_by_key(|lot| lot.lot_no);
            lots.into_iter().map(|lot| (lot.lot_no, lot.remaining)).collect::<Vec<_>>()
        };
        let (mut once, mut twice, mut shuffled) = (live.clone(), live.clone(), live);
        recorded(once.adjust(0, &adjust(-a - b, after(7)), "till", after(7)));
        recorded(twice.adjust(0, &adjust(-a, after(7)), "till", after(7)));
        recorded(twice.adjust(0, &adjust(-b, after(7)), "till", after(7)));
        let stored = &mut shuffled.accounts[0].as_mut().expect("enrolled").state.lots;
        for position in (1..stored.len()).rev() {
            stored.swap(position, random.index(position + 1));
        }
        recorded(shuffled.adjust(0, &adjust(-a - b, after(7)), "till", after(7)));
        assert_eq!(lots(&once), lots(&twice), "seed {seed}: in one step or in two");
        assert_eq!(lots(&once), lots(&shuffled), "seed {seed}: in whatever order they are stored");
    }
}

#[test]
fn pt_10_duplicates_change_nothing_and_order_does_not_matter_where_rules_do_not_look_back() {
    for seed in 0..1_000 {
        let mut random = Random::new(seed);
        let purchases: Vec<Purchase> = (0..random.between(2, 10))
            .map(|number| {
                purchase(&format!("p{number}"), after(random.between(-9, 9)), &[random.between(1, 199)])
            })
            .collect();
        let mut clean = shop(1);
        for purchase in &purchases {
            recorded(clean.purchase(0, purchase, after(10), true));
        }
        let mut uploads: Vec<&Purchase> = purchases.iter().chain(&purchases).chain(&purchases[..1]).collect();
        for position in (1..uploads.len()).rev() {
            uploads.swap(position, random.index(position + 1));
        }
        let mut messy = shop(1);
        let mut kept = 0;
        for purchase in uploads {
            match messy.purchase(0, purchase, after(10), true) {
                Done::Recorded(_) => kept += 1,
                other => assert_eq!(other, Done::Duplicate, "seed {seed}"),
            }
        }
        assert_eq!(kept, purchases.len(), "seed {seed}");
        let sums = |live: &Live| {
            let state = &live.accounts[0].as_ref().expect("enrolled").state;
            let mut lots: Vec<_> = state
                .lots
                .iter()
                .map(|lot| (lot.earned_at, lot.funder, lot.expires_at, lot.remaining))
                .collect();
            lots.sort_unstable();
            (state.balance(POINTS), state.spend, state.purchase_count, lots)
        };
        assert_eq!(sums(&clean), sums(&messy), "seed {seed}");
    }
}

#[test]
fn pt_11_a_purchase_that_came_back_whole_leaves_the_balance_of_a_history_without_it() {
    for seed in 0..1_000 {
        let mut random = Random::new(seed);
        let amounts: Vec<i64> = (0..random.between(2, 6)).map(|_| random.between(1, 190)).collect();
        let dropped = random.index(amounts.len());
        let (mut with, mut without) = (shop(1), shop(1));
        for (number, amount) in amounts.iter().enumerate() {
            let purchase = purchase(&format!("p{number}"), start(), &[*amount]);
            recorded(with.purchase(0, &purchase, start(), true));
            if number != dropped {
                recorded(without.purchase(0, &purchase, start(), true));
            }
        }
        let everything = take_back(1, &format!("p{dropped}"), after(1), Vec::new());
        recorded(with.take_back(&everything, after(1)));
        assert_eq!(with.take_back(&everything, after(1)), Done::Duplicate, "seed {seed}: once only");
        let sums = |live: &Live| {
            let state = &live.accounts[0].as_ref().expect("enrolled").state;
            let balance = state.balance(POINTS);
            let counts: i64 = state.qualifying.iter().map(|counted| counted.amount).sum();
            (balance.available, balance.pending, balance.debt, state.spend, counts)
        };
        assert_eq!(sums(&with), sums(&without), "seed {seed}");
    }
}

#[test]
fn a_trial_leaves_no_trace_whenever_it_is_asked_for() {
    for seed in 0..500 {
        let mut random = Random::new(seed);
        let mut live = shop(1);
        for number in 0..random.between(1, 5) {
            let now = after(number * 30);
            let purchase = purchase(&format!("p{number}"), now, &[random.between(1, 3_000)]);
            let before =
                serde_json::to_string(&live.accounts[0].as_ref().expect("enrolled").state).expect("JSON");
            let trial = live.purchase(0, &purchase, now, false);
            let unchanged =
                serde_json::to_string(&live.accounts[0].as_ref().expect("enrolled").state).expect("JSON");
            assert_eq!(before, unchanged, "seed {seed}");
            assert_eq!(
                trial,
                live.purchase(0, &purchase, now, true),
                "seed {seed}: the trial told the truth"
            );
        }
    }
}
