//! Stories of stored value: money paid in with its bonus, spent in the stated order, held, restored by a return, paid
//! back, and the limits of the law.

use super::{Story, key, noon};
use crate::burn::HoldRequest;
use crate::code::Code;
use crate::document::{Payment, Purchase, PurchaseLine};
use crate::ledger::{Entry, Fact, LedgerAccount};
use crate::money::Currency;
use crate::operation::{
    BudgetLedger, Context, Entries, Failure, Person, hold_points, record_purchase, refund_stored_value,
    top_up,
};
use crate::refusal::Refusal;
use crate::stored_value::{Holder, StoredValueRefund, StoredValueTender, TopUp};

const HOTEL: &str = r#"
code = "hotel"
name = { zh = "酒店", en = "Hotel" }
currency = "CNY"
time_zone = "Asia/Shanghai"
[[units]]
code = "points"
name = { zh = "积分", en = "points" }
[units.redemption]
value = { points = 100, money = "1.00" }
share_percent = 50
[[units]]
code = "wallet"
name = { zh = "储值", en = "stored value" }
kind = "stored_value"
redemption = { value = { points = 100, money = "1.00" } }
[units.top_up_bonus]
unit = "gift"
spending_order = "paid_first"
steps = [{ from = "100.00", points = 1000 }, { from = "500.00", points = 6000 }]
[[units]]
code = "gift"
name = { zh = "赠金", en = "bonus" }
expiry = { rolling = { months = 6 } }
redemption = { value = { points = 100, money = "1.00" } }
[earning]
excluded_payments = ["points"]
[[rules]]
code = "base"
name = { zh = "基础", en = "Base" }
unit = "points"
effect.rate = { points = 1, per = "1.00" }
[guard_rails]
profile = "prc"
notice_days = 30
"#;

fn yuan() -> Currency {
    Currency::new("CNY").unwrap()
}

fn stored(amount: i64) -> Payment {
    let tender = Some(StoredValueTender::default());
    Payment { method: "stored_value".to_owned(), amount, stored_value: tender, ..Payment::default() }
}

fn code_of<T: std::fmt::Debug>(decided: &Result<T, Failure>) -> &'static str {
    match decided {
        Err(Failure::Refused(refusal)) => refusal.code(),
        Err(Failure::LotsNeeded) => "lots_needed",
        Ok(_) => "decided",
    }
}

impl Story {
    fn does(
        &mut self,
        day: &str,
        decide: impl FnOnce(&mut Self, Context<'_>) -> Result<Entries, Failure>,
    ) -> Result<&Entry, Failure> {
        let programmes = self.programmes.clone();
        let before = self.state.clone();
        match decide(self, Context { programmes: &programmes, now: noon(day), actor: "desk" }) {
            Ok(entries) => Ok(self.keep(entries)),
            Err(failure) => {
                self.state = before;
                Err(failure)
            }
        }
    }

    fn tops_up(&mut self, day: &str, amount: i64, holder: Holder) -> Result<&Entry, Failure> {
        let reference = key(&format!("t{}", self.entries.len()));
        let (unit, method) = (None, "card".to_owned());
        let asked =
            TopUp { key: reference, occurred_at: noon(day), unit, amount, currency: yuan(), method, holder };
        self.does(day, |story, context| top_up(&mut story.state, asked, &context))
    }

    fn is_paid_back(&mut self, day: &str, amount: i64) -> Result<&Entry, Failure> {
        let reference = key(&format!("b{}", self.entries.len()));
        let (unit, method) = (None, "card".to_owned());
        let asked = StoredValueRefund {
            key: reference,
            occurred_at: noon(day),
            unit,
            amount,
            currency: yuan(),
            method,
        };
        self.does(day, |story, context| refund_stored_value(&mut story.state, asked, &context))
    }

    fn stays(
        &mut self,
        day: &str,
        reference: &str,
        amount: i64,
        payments: Vec<Payment>,
    ) -> Result<&Entry, Failure> {
        let line = PurchaseLine { amount, quantity_milli: 1_000, ..PurchaseLine::default() };
        let purchase = Purchase {
            key: key(reference),
            occurred_at: noon(day),
            currency: yuan(),
            store: None,
            channel: None,
            vouchers: Vec::new(),
            payments,
            lines: vec![line],
        };
        self.does(day, |story, context| {
            let mut budgets = BudgetLedger::default();
            record_purchase(&mut story.state, &Person::default(), purchase, &context, &mut budgets)
        })
    }

    /// Money and bonus that can be spent.
    fn has(&self) -> (i64, i64) {
        let of = |unit: &str| self.state.balance(Code::new(unit).unwrap()).available;
        (of("wallet"), of("gift"))
    }
}

#[test]
fn a_top_up_is_money_with_its_bonus_in_a_lot_of_its_own() {
    let mut story = Story::of(HOTEL, "2025-01-10");
    let entry = story.tops_up("2025-01-11", 50_000, Holder::Registered).unwrap();
    let Fact::ToppedUp { bonus: Some(bonus), .. } = &entry.fact else { panic!("a bonus") };
    assert_eq!((bonus.unit.as_str(), bonus.points), ("gift", 6_000));
    let moved: Vec<_> = entry.postings.iter().map(|posting| (posting.debit, posting.amount)).collect();
    assert_eq!(moved, [(LedgerAccount::PaidIn, 50_000), (LedgerAccount::Issuer, 6_000)]);
    assert_eq!(story.has(), (50_000, 6_000));
    let ends: Vec<_> = story.state.lots.iter().map(|lot| lot.expires_at.is_some()).collect();
    assert_eq!(ends, [false, true], "money stays, the bonus lapses");
    story.passes_to("2026-01-11");
    assert_eq!(story.has(), (50_000, 0));
    story.holds();
}

#[test]
fn a_payment_takes_money_and_bonus_in_the_stated_order_and_earns_as_money_does() {
    let table = [("paid_first", (4_000, 1_000)), ("bonus_first", (5_000, 0)), ("apart", (4_000, 1_000))];
    for (order, left) in table {
        let mut story = Story::of(&HOTEL.replace("paid_first", order), "2025-01-10");
        story.tops_up("2025-01-11", 10_000, Holder::Anonymous).unwrap();
        assert_eq!(story.has(), (10_000, 1_000));
        let asked = 6_000;
        let paid = story.stays("2025-01-12", "s1", asked, vec![stored(asked)]).unwrap();
        let Fact::PurchaseRecorded { spent, awards, .. } = &paid.fact else { panic!("a purchase") };
        assert_eq!(spent.iter().map(|spent| spent.amount).sum::<i64>(), asked);
        assert_eq!(awards[0].points, 60, "stored value earns");
        assert_eq!(story.has(), left, "{order}");
        story.holds();
    }
}

#[test]
fn the_last_money_is_spent_once_and_bonus_fills_up_what_money_leaves_open() {
    let mut story = Story::of(HOTEL, "2025-01-10");
    story.tops_up("2025-01-11", 10_000, Holder::Anonymous).unwrap();
    let paid = story.stays("2025-01-12", "s1", 10_500, vec![stored(10_500)]).unwrap();
    let Fact::PurchaseRecorded { spent, .. } = &paid.fact else { panic!("a purchase") };
    let parts: Vec<_> = spent.iter().map(|spent| (spent.unit.as_str(), spent.amount)).collect();
    assert_eq!(parts, [("wallet", 10_000), ("gift", 500)]);
    let again = story.stays("2025-01-12", "s2", 10_500, vec![stored(10_500)]);
    assert!(
        matches!(
            again,
            Err(Failure::Refused(Refusal::InsufficientPoints { asked: 10_500, available: 500, .. }))
        ),
        "{again:?}"
    );
    story.holds();
}

#[test]
fn a_return_restores_what_was_paid_to_the_lots_it_came_from() {
    let mut story = Story::of(HOTEL, "2025-01-10");
    story.tops_up("2025-01-11", 10_000, Holder::Anonymous).unwrap();
    story.stays("2025-01-12", "s1", 10_500, vec![stored(10_500)]).unwrap();
    story.returns("2025-01-13", "r1", "s1", &[(0, 5_250)]);
    assert_eq!(story.has(), (5_000, 750));
    story.returns("2025-01-14", "r2", "s1", &[(0, 5_250)]);
    assert_eq!(story.has(), (10_000, 1_000));
    assert_eq!(story.state.lots.iter().filter(|lot| lot.unit.as_str() != "points").count(), 2);
    story.holds();
}

#[test]
fn a_refund_gives_money_back_and_takes_the_bonus_of_that_money_along() {
    let mut story = Story::of(HOTEL, "2025-01-10");
    story.tops_up("2025-01-11", 10_000, Holder::Registered).unwrap();
    story.tops_up("2025-01-12", 50_000, Holder::Registered).unwrap();
    // The oldest top-up goes first: 4,000 of its 10,000, and as much of its 1,000 of bonus.
    story.is_paid_back("2025-01-13", 4_000).unwrap();
    assert_eq!(story.has(), (56_000, 6_600));
    let entry = story.is_paid_back("2025-01-14", 56_000).unwrap();
    let Fact::StoredValueRefunded { bonus, .. } = &entry.fact else { panic!("a refund") };
    assert_eq!(bonus.iter().map(|taken| taken.points).sum::<i64>(), 6_600);
    assert_eq!(story.has(), (0, 0));
    let more = story.is_paid_back("2025-01-15", 1);
    assert_eq!(code_of(&more), "insufficient_points");
    story.holds();
}

#[test]
fn bonus_is_never_paid_back() {
    let mut story = Story::of(HOTEL, "2025-01-10");
    story.tops_up("2025-01-11", 10_000, Holder::Registered).unwrap();
    story.stays("2025-01-12", "s1", 9_000, vec![stored(9_000)]).unwrap();
    let all = story.is_paid_back("2025-01-13", 2_000);
    assert_eq!(code_of(&all), "insufficient_points", "1,000 of money and 1,000 of bonus are left");
    story.is_paid_back("2025-01-13", 1_000).unwrap();
    assert_eq!(story.has(), (0, 0));
    story.holds();
}

#[test]
fn money_on_hold_is_neither_spent_nor_paid_back_by_others_and_pays_from_its_hold() {
    let mut story = Story::of(HOTEL, "2025-01-10");
    story.tops_up("2025-01-11", 10_000, Holder::Registered).unwrap();
    let hold = HoldRequest {
        key: key("h1"),
        occurred_at: noon("2025-01-12"),
        unit: Some(Code::new("wallet").unwrap()),
        points: 8_000,
        minutes: None,
        purpose: None,
        programme_version: None,
        spender: None,
    };
    story.does("2025-01-12", |story, context| hold_points(&mut story.state, hold, &context)).unwrap();
    assert_eq!(code_of(&story.is_paid_back("2025-01-12", 2_001)), "insufficient_points");
    let other = story.stays("2025-01-12", "s1", 5_000, vec![stored(5_000)]);
    assert_eq!(code_of(&other), "insufficient_points");
    let tender = StoredValueTender { unit: None, hold: Some(key("h1")) };
    let payment = Payment { stored_value: Some(tender), ..stored(5_000) };
    story.stays("2025-01-12", "s2", 5_000, vec![payment]).unwrap();
    assert_eq!(story.has(), (5_000, 1_000), "what the hold kept beyond went back");
    story.holds();
}

#[test]
fn points_and_stored_value_pay_one_purchase_together_within_its_total() {
    let mut story = Story::of(HOTEL, "2025-01-10");
    story.adjusts("2025-01-10", 4_000).unwrap();
    story.tops_up("2025-01-11", 9_000, Holder::Anonymous).unwrap();
    let tender = crate::burn::PointsTender { unit: None, points: 4_000, hold: None };
    let points = || Payment {
        method: "points".to_owned(),
        amount: 4_000,
        points: Some(tender.clone()),
        stored_value: None,
    };
    let more = story.stays("2025-01-12", "s1", 10_000, vec![points(), stored(6_001)]);
    assert_eq!(code_of(&more), "points_share_exceeded");
    // Half may be paid in points; what money pays does not count towards that half.
    story.stays("2025-01-12", "s1", 10_000, vec![points(), stored(6_000)]).unwrap();
    assert_eq!(story.has(), (3_000, 0));
    story.holds();
}

#[test]
fn money_is_not_spent_as_points_nor_adjusted_by_hand() {
    let mut story = Story::of(HOTEL, "2025-01-10");
    story.tops_up("2025-01-11", 9_000, Holder::Anonymous).unwrap();
    let unit = Some(Code::new("wallet").unwrap());
    let tender = crate::burn::PointsTender { unit, points: 100, hold: None };
    let as_points =
        Payment { method: "points".to_owned(), amount: 100, points: Some(tender), stored_value: None };
    assert_eq!(code_of(&story.stays("2025-01-12", "s1", 1_000, vec![as_points])), "field_invalid");
    let wrong_method = Payment { method: "cash".to_owned(), ..stored(100) };
    assert_eq!(code_of(&story.stays("2025-01-12", "s1", 1_000, vec![wrong_method])), "field_invalid");
    let unit = Code::new("wallet").unwrap();
    let adjustment = crate::operation::Adjustment {
        unit,
        points: 100,
        reason: Code::constant("goodwill"),
        note: "a gift".to_owned(),
        occurred_at: noon("2025-01-12"),
        approved_by: None,
    };
    let by_hand = story.does("2025-01-12", |story, context| {
        crate::operation::adjust_points(&mut story.state, adjustment, &context)
    });
    assert_eq!(code_of(&by_hand), "field_invalid");
}

/// domain.md R15.2.
#[test]
fn the_law_limits_what_a_member_may_have_by_how_well_the_house_knows_them() {
    let mut story = Story::of(HOTEL, "2025-01-10");
    story.tops_up("2025-01-11", 100_000, Holder::Anonymous).unwrap();
    let refused = story.tops_up("2025-01-12", 1, Holder::Anonymous);
    assert!(
        matches!(refused, Err(Failure::Refused(Refusal::StoredValueLimit { room: 0, limit: 100_000, .. }))),
        "{refused:?}"
    );
    story.tops_up("2025-01-12", 400_000, Holder::Registered).unwrap();
    assert_eq!(code_of(&story.tops_up("2025-01-13", 1, Holder::RealName)), "stored_value_limit");
    // Spent and topped up again: 9,999.99 yuan in all are still nobody's business, 10,000 need a name.
    story.is_paid_back("2025-01-13", 500_000).unwrap();
    story.tops_up("2025-01-14", 499_999, Holder::Registered).unwrap();
    assert_eq!(code_of(&story.tops_up("2025-01-15", 1, Holder::Registered)), "real_name_needed");
    story.tops_up("2025-01-15", 1, Holder::RealName).unwrap();
    story.holds();
}
