//! Stories that a loyalty manager can check by hand: JD's yearly deduction, a return after a change of tier,
//! debt and its repayment, expiry around a spend. Numbers by the ids of the requirements book.
#![allow(clippy::unwrap_used)]

mod burn;
mod stored_value;

use std::sync::Arc;

use jiff::Timestamp;

use super::{
    Adjustment, BudgetLedger, Context, Entries, Failure, Person, adjust_points, advance, enrol_member,
    record_purchase, record_return,
};
use crate::code::Code;
use crate::document::{DocumentKey, Purchase, PurchaseLine, Return, ReturnLine};
use crate::ids::AccountId;
use crate::ledger::{AccountState, Entry, Fact, ReturnProgress};
use crate::money::Currency;
use crate::programme::{CompiledProgramme, Programmes, examples, parse_toml};
use crate::refusal::Refusal;

const POINTS: Code = Code::constant("points");

/// A member whose story is told at noon of one day after the other.
struct Story {
    programmes: Programmes,
    state: AccountState,
    entries: Entries,
    returns: Vec<(u32, ReturnProgress)>,
}

fn noon(day: &str) -> Timestamp {
    format!("{day}T12:00:00+08:00").parse().unwrap()
}

fn key(reference: &str) -> DocumentKey {
    DocumentKey { source: "till".to_owned(), reference: reference.to_owned() }
}

impl Story {
    fn of(programme: &str, joined: &str) -> Self {
        let effective: Timestamp = "2020-01-01T00:00:00Z".parse().unwrap();
        let compiled = CompiledProgramme::compile(parse_toml(programme).unwrap(), 1, effective).unwrap();
        let programmes = Programmes::new(vec![Arc::new(compiled)]);
        let context = Context { programmes: &programmes, now: noon(joined), actor: "desk" };
        let mut budgets = BudgetLedger::default();
        let (state, entries) =
            enrol_member(AccountId::ZERO, noon(joined), &Person::default(), &context, &mut budgets).unwrap();
        Self { programmes, state, entries, returns: Vec::new() }
    }

    fn buys(&mut self, day: &str, reference: &str, amounts: &[i64]) -> &Entry {
        let line =
            |amount: &i64| PurchaseLine { amount: *amount, quantity_milli: 1_000, ..PurchaseLine::default() };
        let purchase = Purchase {
            key: key(reference),
            occurred_at: noon(day),
            currency: Currency::new("CNY").unwrap(),
            store: None,
            channel: None,
            vouchers: Vec::new(),
            payments: Vec::new(),
            lines: amounts.iter().map(line).collect(),
        };
        let context = Context { programmes: &self.programmes, now: noon(day), actor: "till" };
        let mut budgets = BudgetLedger::default();
        let entries =
            record_purchase(&mut self.state, &Person::default(), purchase, &context, &mut budgets).unwrap();
        self.keep(entries)
    }

    fn returns(&mut self, day: &str, reference: &str, of: &str, lines: &[(u32, i64)]) -> &Entry {
        let bought = |entry: &&Entry| matches!(&entry.fact, Fact::PurchaseRecorded { purchase, .. } if purchase.key == key(of));
        let purchase = self.entries.iter().find(bought).unwrap().clone();
        let number = purchase.id.entry_no;
        let position = self.returns.iter().position(|(no, _)| *no == number).unwrap_or_else(|| {
            self.returns.push((number, ReturnProgress::default()));
            self.returns.len() - 1
        });
        let document = Return {
            key: key(reference),
            purchase: key(of),
            occurred_at: noon(day),
            lines: lines.iter().map(|(line, amount)| ReturnLine { line: *line, amount: *amount }).collect(),
        };
        let context = Context { programmes: &self.programmes, now: noon(day), actor: "till" };
        let progress = &mut self.returns[position].1;
        let entries = record_return(&mut self.state, &purchase, progress, document, &context).unwrap();
        self.keep(entries)
    }

    fn adjusts(&mut self, day: &str, points: i64) -> Result<(), Failure> {
        let adjustment = Adjustment {
            unit: POINTS,
            points,
            reason: Code::constant("redemption"),
            note: "a reward from the desk".to_owned(),
            occurred_at: noon(day),
            approved_by: Some("chief".to_owned()),
        };
        let context = Context { programmes: &self.programmes, now: noon(day), actor: "desk" };
        let entries = adjust_points(&mut self.state, adjustment, &context)?;
        self.keep(entries);
        Ok(())
    }

    fn passes_to(&mut self, day: &str) {
        advance(&mut self.state, &self.programmes, noon(day), &mut self.entries).unwrap();
    }

    fn keep(&mut self, entries: Entries) -> &Entry {
        self.entries.extend(entries);
        self.entries.last().unwrap()
    }

    fn tier(&self) -> &str {
        self.state.tiers[0].tier.as_str()
    }

    /// Available, pending and debt.
    fn points(&self, unit: &str) -> (i64, i64, i64) {
        let balance = self.state.balance(Code::new(unit).unwrap());
        (balance.available, balance.pending, balance.debt)
    }

    /// Every story, decided again from its entries, gives the same entries and the same state.
    fn holds(&self) {
        let again = crate::history::rederive(&self.entries, &self.programmes).unwrap().unwrap();
        assert_eq!(again, self.state);
        assert!(again.lots.iter().all(crate::ledger::Lot::balanced));
    }
}

fn jd() -> &'static str {
    examples().iter().find(|example| example.name == "jd").unwrap().toml
}

#[test]
fn a_year_later_growth_value_is_deducted_and_the_tier_judged_again_g_j2() {
    for (growth, tier, after, tier_after) in [
        (12_500, "gold", 8_500, "silver"),
        (35_000, "diamond", 25_000, "gold"),
        (2_600, "silver", 1_600, "bronze"),
    ] {
        let mut story = Story::of(jd(), "2025-03-01");
        story.buys("2025-03-01", "r1", &[growth * 100]);
        assert_eq!(story.tier(), tier);
        story.passes_to("2026-02-28");
        assert_eq!((story.points("growth").0, story.tier()), (growth, tier));
        story.passes_to("2026-03-01");
        assert_eq!((story.points("growth").0, story.tier()), (after, tier_after));
        story.holds();
    }
}

const GOLD_DOUBLES: &str = r#"
code = "shop"
name = { zh = "店", en = "shop" }
currency = "CNY"
time_zone = "Asia/Shanghai"
units = [{ code = "points", name = { zh = "积分", en = "points" }, money_value_minor = "1", expiry = { rolling = { months = 12 } } }]
policies = { debt_limits = { points = 150 } }
ladders = [{ code = "club", name = { zh = "等", en = "club" }, basis = "spend", window = "calendar_year", review = { on = "window_end" }, tiers = [
  { code = "silver", name = { zh = "银", en = "silver" }, threshold = 0 },
  { code = "gold", name = { zh = "金", en = "gold" }, threshold = "1000.00" } ] }]

[[rules]]
code = "base"
name = { zh = "基础", en = "base" }
unit = "points"
effect.rate = { points = 1, per = "1.00" }

[[rules]]
code = "gold_double"
name = { zh = "金卡双倍", en = "gold double" }
unit = "points"
conditions.tier = ["gold"]
effect.multiplier = { factor = 2 }
"#;

#[test]
fn a_return_takes_back_what_the_tier_of_the_purchase_gave_ts_01() {
    let mut story = Story::of(GOLD_DOUBLES, "2025-01-10");
    story.buys("2025-01-10", "r1", &[100_000]);
    story.buys("2025-06-01", "r2", &[10_000]);
    assert_eq!((story.tier(), story.points("points")), ("gold", (1_200, 0, 0)));
    story.passes_to("2026-01-02");
    assert_eq!(story.tier(), "gold", "the year just ended kept it");
    story.passes_to("2027-01-02");
    assert_eq!((story.tier(), story.points("points")), ("silver", (0, 0, 0)));

    // The same purchase while its points are still there.
    let mut story = Story::of(GOLD_DOUBLES, "2025-01-10");
    story.buys("2025-01-10", "r1", &[100_000]);
    story.buys("2025-06-01", "r2", &[10_000]);
    story.returns("2025-06-02", "b1", "r2", &[(0, 3_000)]);
    assert_eq!(story.points("points"), (1_140, 0, 0), "30 % of 200 is 60");
    story.returns("2025-06-03", "b2", "r2", &[(0, 7_000)]);
    assert_eq!(story.points("points"), (1_000, 0, 0), "the other 70 % is 140");
    assert_eq!(story.state.qualifying[0].amount, 100_000, "what counts towards the tier is back as before");
    assert_eq!(story.tier(), "gold", "the past is not judged again");
    story.holds();
}

#[test]
fn a_return_of_spent_points_is_owed_up_to_the_limit_and_repaid_first() {
    let mut story = Story::of(GOLD_DOUBLES, "2025-01-10");
    story.buys("2025-01-10", "r1", &[20_000]);
    story.adjusts("2025-01-11", -180).unwrap();
    let entry = story.returns("2025-01-12", "b1", "r1", &[]);
    let Fact::ReturnRecorded { clawback, .. } = &entry.fact else { panic!("{entry:?}") };
    let part = &clawback[0];
    assert_eq!((part.due, part.own_lots, part.debt, part.written_off), (200, 20, 150, 30));
    assert_eq!(story.points("points"), (0, 0, 150));
    story.buys("2025-01-13", "r2", &[10_000]);
    assert_eq!(story.points("points"), (0, 0, 50));
    story.buys("2025-01-14", "r3", &[10_000]);
    assert_eq!(story.points("points"), (50, 0, 0));
    story.holds();
}

#[test]
fn lapsed_points_of_a_returned_purchase_are_neither_taken_nor_owed() {
    let mut story = Story::of(GOLD_DOUBLES, "2025-01-10");
    story.buys("2025-01-10", "r1", &[20_000]);
    story.adjusts("2025-01-11", -50).unwrap();
    story.passes_to("2026-01-11");
    assert_eq!(story.points("points"), (0, 0, 0), "150 lapsed after the 10th");
    let entry = story.returns("2026-01-12", "b1", "r1", &[]);
    let Fact::ReturnRecorded { clawback, .. } = &entry.fact else { panic!("{entry:?}") };
    assert_eq!((clawback[0].due, clawback[0].lapsed, clawback[0].debt), (200, 150, 50));
    story.holds();
}

#[test]
fn points_are_good_through_their_last_local_day_and_not_after() {
    let mut story = Story::of(GOLD_DOUBLES, "2025-01-10");
    story.buys("2025-01-10", "r1", &[20_000]);
    story.adjusts("2026-01-10", -1).unwrap();
    let refusal = story.adjusts("2026-01-11", -1);
    assert_eq!(
        refusal,
        Err(Failure::Refused(Refusal::InsufficientPoints { unit: POINTS, asked: 1, available: 0 }))
    );
}
