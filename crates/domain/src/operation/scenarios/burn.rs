//! Stories of spending: holds and their ends, points at the till, rewards, and what comes back. Numbers by the ids of the
//! reliability book (TS, PT) and its written policies (2.3).

use std::sync::Arc;

use jiff::{Timestamp, ToSpan};

use super::{POINTS, Story, key};
use crate::burn::{Cancellation, Capture, Fulfilment, HoldRequest, HoldVoid, PointsTender, RewardOrder};
use crate::code::Code;
use crate::document::{Payment, Purchase, PurchaseLine};
use crate::ledger::{Entry, Fact, HoldState, PointsRefund, RedemptionState, Released};
use crate::money::Currency;
use crate::operation::{
    BudgetLedger, Context, Entries, Failure, Person, cancel_redemption, capture_hold, fulfil_redemption,
    hold_points, missing_hold, record_purchase, redeem_reward, void_hold,
};
use crate::programme::{CompiledProgramme, parse_toml};
use crate::refusal::Refusal;

const SHOP: &str = r#"
code = "shop"
name = { zh = "店", en = "shop" }
currency = "CNY"
time_zone = "Asia/Shanghai"
earning = { excluded_payments = ["points"] }
policies = { adjustment_approval_above = 1000000 }
ladders = [{ code = "club", name = { zh = "等", en = "club" }, basis = "spend", window = "calendar_year", tiers = [
  { code = "silver", name = { zh = "银", en = "silver" }, threshold = 0 },
  { code = "gold", name = { zh = "金", en = "gold" }, threshold = "1000.00" } ] }]

[[units]]
code = "points"
name = { zh = "积分", en = "points" }
money_value_minor = "1"
expiry = { rolling = { months = 12 } }
[units.redemption]
value = { points = 100, money = "1.00" }
step = 50
minimum = 100
maximum = 5000
share_percent = 60
hold_minutes = 30
return_grace_days = 30

[[units]]
code = "growth"
name = { zh = "成长值", en = "growth" }
kind = "growth_value"

[[rules]]
code = "base"
name = { zh = "基础", en = "base" }
unit = "points"
effect.rate = { points = 1, per = "1.00" }

[[rewards]]
code = "mug"
name = { zh = "杯子", en = "mug" }
unit = "points"
price = { points = 300, money = "2.50" }
tier_prices = [{ tier = "gold", points = 200 }]
from = "2025-01-01"
until = "2025-06-30"
limits = [{ per = "month", times = 3 }]
stock = 4

[[rewards]]
code = "lounge"
name = { zh = "贵宾室", en = "lounge" }
unit = "points"
price = { points = 100 }
tier = ["gold"]
"#;

fn at(moment: &str) -> Timestamp {
    format!("{moment}+08:00").parse().unwrap()
}

fn code(text: &str) -> Code {
    Code::new(text).unwrap()
}

/// A refusal by its code, or none.
fn code_of<T: std::fmt::Debug>(decided: &Result<T, Failure>) -> &'static str {
    match decided {
        Err(Failure::Refused(refusal)) => refusal.code(),
        Err(Failure::LotsNeeded) => "lots_needed",
        Ok(_) => "decided",
    }
}

/// A payment of `amount` minor units with points, from a hold if one is named.
fn points(points: i64, amount: i64, hold: Option<&str>) -> Payment {
    let tender = PointsTender { unit: None, points, hold: hold.map(key) };
    Payment { method: "points".to_owned(), amount, points: Some(tender), stored_value: None }
}

impl Story {
    /// A member of the shop with so many points since noon of 10 January 2025.
    fn with_points(points: i64) -> Self {
        let mut story = Self::of(SHOP, "2025-01-10");
        story.adjusts("2025-01-10", points).unwrap();
        story
    }

    /// The programme from an instant on, with a text of it replaced.
    fn changes_terms(&mut self, moment: &str, old: &str, new: &str) {
        assert!(SHOP.contains(old), "{old}");
        let version = self.programmes.next_version();
        let programme = parse_toml(&SHOP.replace(old, new)).unwrap();
        let compiled = CompiledProgramme::compile(programme, version, at(moment)).unwrap();
        self.programmes.publish(Arc::new(compiled));
    }

    fn decides(
        &mut self,
        moment: &str,
        decide: impl FnOnce(&mut Self, Context<'_>) -> Result<Entries, Failure>,
    ) -> Result<&Entry, Failure> {
        let programmes = self.programmes.clone();
        let state = self.state.clone();
        let context = Context { programmes: &programmes, now: at(moment), actor: "shop" };
        match decide(self, context) {
            Ok(entries) => Ok(self.keep(entries)),
            Err(failure) => {
                self.state = state;
                Err(failure)
            }
        }
    }

    fn holds_points(&mut self, moment: &str, reference: &str, points: i64) -> Result<&Entry, Failure> {
        self.asks_for(moment, HoldRequest { points, ..request(moment, reference) })
    }

    fn asks_for(&mut self, moment: &str, hold: HoldRequest) -> Result<&Entry, Failure> {
        self.decides(moment, |story, context| hold_points(&mut story.state, hold, &context))
    }

    fn captures(
        &mut self,
        moment: &str,
        hold: &str,
        points: Option<i64>,
        release_rest: bool,
    ) -> Result<&Entry, Failure> {
        let reference = key(&format!("{hold}-c{}", self.entries.len()));
        let capture =
            Capture { key: reference, hold: key(hold), occurred_at: at(moment), points, release_rest };
        self.decides(moment, |story, context| capture_hold(&mut story.state, capture, &context))
    }

    fn voids(&mut self, moment: &str, hold: &str) -> Result<&Entry, Failure> {
        let void = HoldVoid {
            key: key(&format!("{hold}-v")),
            hold: key(hold),
            occurred_at: at(moment),
            reason: None,
        };
        self.decides(moment, |story, context| void_hold(&mut story.state, void, &context))
    }

    fn pays(
        &mut self,
        moment: &str,
        reference: &str,
        amounts: &[i64],
        payments: Vec<Payment>,
    ) -> Result<&Entry, Failure> {
        let line =
            |amount: &i64| PurchaseLine { amount: *amount, quantity_milli: 1_000, ..PurchaseLine::default() };
        let purchase = Purchase {
            key: key(reference),
            occurred_at: at(moment),
            currency: Currency::new("CNY").unwrap(),
            store: None,
            channel: None,
            vouchers: Vec::new(),
            payments,
            lines: amounts.iter().map(line).collect(),
        };
        self.decides(moment, |story, context| {
            let mut budgets = BudgetLedger::default();
            record_purchase(&mut story.state, &Person::default(), purchase, &context, &mut budgets)
        })
    }

    fn redeems(
        &mut self,
        moment: &str,
        reference: &str,
        (reward, quantity): (&str, u32),
        budgets: &mut BudgetLedger,
    ) -> Result<&Entry, Failure> {
        let order = RewardOrder {
            key: key(reference),
            occurred_at: at(moment),
            reward: code(reward),
            quantity,
            programme_version: None,
            spender: None,
        };
        self.decides(moment, |story, context| {
            redeem_reward(&mut story.state, &Person::default(), order, &context, budgets)
        })
    }

    fn entry_of(&self, reference: &str) -> Entry {
        let named = |entry: &&Entry| entry.fact.document_key() == Some(&key(reference));
        self.entries.iter().find(named).unwrap().clone()
    }

    fn cancels(
        &mut self,
        moment: &str,
        reference: &str,
        stands: RedemptionState,
        budgets: &mut BudgetLedger,
    ) -> Result<&Entry, Failure> {
        let redemption = self.entry_of(reference);
        let number = redemption.id.entry_no;
        let cancellation = Cancellation {
            key: key(&format!("{reference}-x{}", self.entries.len())),
            redemption: key(reference),
            occurred_at: at(moment),
            reason: None,
        };
        let before = self.returns.iter().find(|(no, _)| *no == number).map(|(_, progress)| progress.clone());
        let mut progress = before.unwrap_or_default();
        self.decides(moment, |story, context| {
            let entries = cancel_redemption(
                &mut story.state,
                &redemption,
                stands,
                &mut progress,
                cancellation,
                &context,
                budgets,
            )?;
            story.returns.retain(|(no, _)| *no != number);
            story.returns.push((number, progress));
            Ok(entries)
        })
    }

    /// Available, held, spent and lapsed points.
    fn stands(&self) -> (i64, i64, i64, i64) {
        let balance = self.state.balance(POINTS);
        (balance.available, balance.held, balance.redeemed, balance.expired)
    }
}

fn request(moment: &str, reference: &str) -> HoldRequest {
    HoldRequest {
        key: key(reference),
        occurred_at: at(moment),
        unit: None,
        points: 0,
        minutes: None,
        purpose: None,
        programme_version: None,
        spender: None,
    }
}

fn released(entry: &Entry) -> Released {
    match &entry.fact {
        Fact::HoldCaptured { released, .. }
        | Fact::HoldVoided { released, .. }
        | Fact::HoldExpired { released, .. } => *released,
        other => panic!("{other:?}"),
    }
}

fn refunds(entry: &Entry) -> Vec<(i64, i64, i64)> {
    let back = |refund: &PointsRefund| (refund.points, refund.amount, refund.graced);
    match &entry.fact {
        Fact::ReturnRecorded { refunds, .. } => refunds.iter().map(back).collect(),
        Fact::RedemptionCancelled { refund, .. } => vec![back(refund)],
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_hold_is_captured_in_parts_and_gives_the_rest_back_to_its_lots() {
    let mut story = Story::with_points(700);
    story.adjusts("2025-01-11", 600).unwrap();
    story.holds_points("2025-01-12T10:00", "h", 1_000).unwrap();
    assert_eq!(story.stands(), (300, 1_000, 0, 0));
    assert_eq!(story.state.holds[0].lots, [(1, 700), (2, 300)], "what ends first is held first");
    story.captures("2025-01-12T10:05", "h", Some(650), false).unwrap();
    assert_eq!(story.stands(), (300, 350, 650, 0));
    assert_eq!(story.state.holds[0].lots, [(1, 50), (2, 300)], "and captured first");
    let entry = story.captures("2025-01-12T10:06", "h", Some(100), true).unwrap();
    assert_eq!(released(entry), Released { points: 250, lapsed: 0 });
    assert_eq!((story.stands(), story.state.holds.len()), ((550, 0, 750, 0), 0));
    let left: Vec<i64> = story.state.lots.iter().map(|lot| lot.remaining).collect();
    assert_eq!(left, [0, 550]);
    story.holds();
}

#[test]
fn a_hold_has_one_end_and_late_captures_are_refused_ts_11_ts_19() {
    // What is done with a hold of 500, what a capture of 100 a moment later is told, and what the member then has.
    for (end, refusal, stands) in [
        ("capture", "hold_unknown", (0, 0, 500, 0)),
        ("void", "hold_unknown", (500, 0, 0, 0)),
        ("wait 29:59", "decided", (400, 0, 100, 0)),
        ("wait 30:00", "hold_expired", (500, 0, 0, 0)),
        ("wait 30:01", "hold_expired", (500, 0, 0, 0)),
    ] {
        let mut story = Story::with_points(500);
        story.holds_points("2025-01-12T10:00:00", "h", 500).unwrap();
        let moment = match end {
            "capture" => {
                story.captures("2025-01-12T10:01:00", "h", None, false).unwrap();
                "2025-01-12T10:02:00".to_owned()
            }
            "void" => {
                story.voids("2025-01-12T10:01:00", "h").unwrap();
                "2025-01-12T10:02:00".to_owned()
            }
            wait => format!("2025-01-12T10:{}", wait.trim_start_matches("wait ")),
        };
        let late = code_of(&story.captures(&moment, "h", Some(100), true));
        assert_eq!(late, refusal, "{end}");
        story.passes_to("2025-01-13");
        assert_eq!(story.stands(), stands, "{end}");
        story.holds();
    }
    let ended = |state| missing_hold(&key("h"), Some((state, at("2025-01-12T10:30")))).kind();
    assert!(ended(HoldState::Expired).is_frozen() && ended(HoldState::Voided).is_frozen());
}

#[test]
fn a_hold_protects_its_lot_and_what_comes_back_late_lapses_at_once_policy_2_3_3() {
    for void in [false, true] {
        let mut story = Story::of(&SHOP.replace("hold_minutes = 30", "hold_minutes = 43200"), "2025-01-10");
        story.adjusts("2025-01-10", 500).unwrap();
        story.holds_points("2026-01-09T10:00", "h", 300).unwrap();
        // The lot ends with 10 January 2026: what is free lapses, what is held does not.
        story.passes_to("2026-01-12");
        assert_eq!(story.stands(), (0, 300, 0, 200));
        story.captures("2026-01-13T10:00", "h", Some(100), false).unwrap();
        assert_eq!(story.stands(), (0, 200, 100, 200));
        let before = story.entries.len();
        let given_back = if void {
            released(story.voids("2026-01-14T10:00", "h").unwrap())
        } else {
            story.passes_to("2026-03-01");
            released(&story.entries[before])
        };
        assert_eq!(given_back, Released { points: 200, lapsed: 200 });
        assert_eq!(story.entries.len(), before + 1, "the return and the lapse are one entry");
        assert_eq!(story.stands(), (0, 0, 100, 400));
        story.holds();
    }
}

#[test]
fn points_and_money_come_back_in_the_stated_order_ts_13() {
    // 500 points pay 5.00 of 25.00. Parts returned, and for each: points back and what they had paid.
    for (split, parts, back) in [
        ("proportional", &[1_250, 1_250][..], &[(250, 250), (250, 250)][..]),
        ("proportional", &[833, 833, 834], &[(166, 166), (167, 167), (167, 167)]),
        ("points_first", &[300, 300, 1_900], &[(300, 300), (200, 200), (0, 0)]),
        ("money_first", &[1_999, 101, 400], &[(0, 0), (100, 100), (400, 400)]),
    ] {
        let text = SHOP.replace("hold_minutes", &format!("return_split = \"{split}\"\nhold_minutes"));
        let mut story = Story::of(&text, "2025-01-10");
        story.adjusts("2025-01-10", 500).unwrap();
        story.pays("2025-01-11T10:00", "p", &[2_500], vec![points(500, 500, None)]).unwrap();
        assert_eq!(story.stands(), (20, 0, 500, 0), "the 20.00 paid in money earned 20");
        for (position, (part, (points, amount))) in parts.iter().zip(back).enumerate() {
            let entry = story.returns("2025-01-12", &format!("b{position}"), "p", &[(0, *part)]);
            let expected = if *points == 0 { vec![] } else { vec![(*points, *amount, 0)] };
            assert_eq!(refunds(entry), expected, "{split}, part {position}");
        }
        assert_eq!(story.stands(), (500, 0, 0, 0), "{split}: all as before");
        story.holds();
    }
}

#[test]
fn points_come_back_to_their_own_lots_and_the_longest_lasting_first() {
    let mut story = Story::with_points(300);
    story.adjusts("2025-02-10", 400).unwrap();
    story.pays("2025-03-01T10:00", "p", &[1_000], vec![points(600, 600, None)]).unwrap();
    assert_eq!(story.state.lots.iter().map(|lot| lot.consumed).collect::<Vec<_>>(), [300, 300, 0]);
    story.returns("2025-03-02", "b1", "p", &[(0, 500)]);
    assert_eq!(story.state.lots.iter().map(|lot| lot.consumed).collect::<Vec<_>>(), [300, 0, 0]);
    story.returns("2025-03-03", "b2", "p", &[]);
    let left: Vec<i64> = story.state.lots.iter().map(|lot| lot.remaining).collect();
    assert_eq!(left, [300, 400, 0], "the third lot was earned by the purchase and is taken back");
    story.holds();
}

#[test]
fn points_that_come_back_after_their_lot_ended_have_grace_policy_2_3_2() {
    let mut story = Story::with_points(300);
    story.pays("2026-01-10T10:00", "p", &[1_000], vec![points(300, 300, None)]).unwrap();
    let entry = story.returns("2026-01-20", "b", "p", &[]);
    assert_eq!(refunds(entry), [(300, 300, 300)]);
    let lot = story.state.lots.last().unwrap();
    assert_eq!((lot.entry_no, lot.expires_at), (2, Some(at("2026-02-20T00:00"))), "through 19 February");
    assert_eq!(story.stands(), (300, 0, 0, 0));
    story.passes_to("2026-02-19");
    assert_eq!(story.stands(), (300, 0, 0, 0));
    story.passes_to("2026-02-20");
    assert_eq!(story.stands(), (0, 0, 0, 300));
    story.holds();
}

#[test]
fn points_that_come_back_repay_debt_first() {
    let mut story = Story::of(SHOP, "2025-01-10");
    story.buys("2025-01-10", "earner", &[30_000]);
    story.pays("2025-01-11T10:00", "p", &[1_000], vec![points(300, 300, None)]).unwrap();
    assert_eq!(story.stands(), (7, 0, 300, 0));
    story.returns("2025-01-12", "b1", "earner", &[]);
    assert_eq!(story.points("points"), (0, 0, 293), "300 due back, 7 there");
    story.returns("2025-01-13", "b2", "p", &[]);
    // 300 come back and repay 293; of the other 7 earned by the purchase all are taken back.
    assert_eq!(story.points("points"), (0, 0, 0));
    story.holds();
}

#[test]
fn a_payment_with_points_keeps_the_programmes_bounds() {
    // Basket, points, amount, what is wrong with it.
    for (basket, pay, refusal) in [
        (2_000, points(100, 100, None), "decided"),
        (2_000, points(150, 150, None), "decided"),
        (2_000, points(50, 50, None), "points_below_minimum"),
        (2_000, points(125, 125, None), "points_not_in_steps"),
        (20_000, points(5_050, 5_050, None), "points_above_maximum"),
        (2_000, points(1_200, 1_200, None), "decided"),
        (2_000, points(1_250, 1_250, None), "points_share_exceeded"),
        (2_000, points(500, 499, None), "points_worth_differs"),
        (20_000, points(3_050, 3_050, None), "insufficient_points"),
        (2_000, points(0, 0, None), "field_invalid"),
        (2_000, points(-100, -100, None), "field_invalid"),
        (2_000, points(100, 100, Some("none")), "hold_unknown"),
        (2_000, Payment { method: "cash".to_owned(), ..points(100, 100, None) }, "field_invalid"),
        (2_000, tender("growth", 100), "unit_not_redeemable"),
        (2_000, tender("miles", 100), "unit_unknown"),
    ] {
        let mut story = Story::with_points(3_000);
        let found = code_of(&story.pays("2025-01-11T10:00", "p", &[basket], vec![pay.clone()]));
        assert_eq!(found, refusal, "{pay:?}");
    }
    let mut story = Story::with_points(500);
    let twice = vec![points(300, 300, None), points(300, 300, None)];
    assert_eq!(code_of(&story.pays("2025-01-11T10:00", "p", &[2_000], twice)), "insufficient_points");
}

fn tender(unit: &str, amount: i64) -> Payment {
    let mut payment = points(amount, amount, None);
    payment.points.as_mut().unwrap().unit = Some(code(unit));
    payment
}

#[test]
fn a_purchase_paid_from_a_hold_ends_it_at_the_terms_it_was_made_under_ts_08() {
    let mut story = Story::with_points(1_000);
    story.changes_terms(
        "2025-01-12T10:10",
        "points = 100, money = \"1.00\"",
        "points = 100, money = \"0.50\"",
    );
    let quoted = HoldRequest { points: 800, programme_version: Some(1), ..request("2025-01-12T10:00", "h") };
    story.asks_for("2025-01-12T10:00", quoted).unwrap();
    let half = vec![points(500, 250, Some("h"))];
    assert_eq!(code_of(&story.pays("2025-01-12T10:20", "p", &[2_000], half)), "points_worth_differs");
    let paid = story.pays("2025-01-12T10:20", "p", &[2_000], vec![points(500, 500, Some("h"))]).unwrap();
    let Fact::PurchaseRecorded { spent, .. } = &paid.fact else { panic!("{paid:?}") };
    assert_eq!((spent[0].programme_version, paid.programme_version), (1, 2));
    assert_eq!(spent[0].released, Released { points: 300, lapsed: 0 });
    assert_eq!((story.state.holds.len(), story.stands()), (0, (515, 0, 500, 0)));

    let stale = HoldRequest { points: 100, programme_version: Some(1), ..request("2025-01-12T10:21", "h2") };
    let refusal = story.asks_for("2025-01-12T10:21", stale).unwrap_err();
    assert_eq!(refusal, Failure::Refused(Refusal::TermsChanged { quoted: 1, version: 2 }));
    let after = vec![points(100, 50, None)];
    story.pays("2025-01-12T10:22", "p2", &[2_000], after).unwrap();
    story.holds();
}

#[test]
fn a_reward_costs_what_the_members_tier_pays_and_is_given_within_its_limits() {
    let stock = |left| BudgetLedger::default().with_stock(vec![(code("mug"), left)]);
    for (moment, spend, reward, left, outcome) in [
        ("2025-01-12T10:00", 0, ("mug", 1), 4, "decided"),
        ("2025-01-12T10:00", 0, ("mug", 4), 9, "reward_limit_reached"),
        ("2025-01-12T10:00", 0, ("mug", 3), 2, "reward_out_of_stock"),
        ("2025-07-01T00:00", 0, ("mug", 1), 4, "reward_not_offered"),
        ("2025-01-12T10:00", 0, ("pen", 1), 4, "reward_unknown"),
        ("2025-01-12T10:00", 0, ("mug", 0), 4, "field_invalid"),
        ("2025-01-12T10:00", 0, ("lounge", 1), 0, "reward_not_for_member"),
        ("2025-01-12T10:00", 100_000, ("lounge", 1), 0, "decided"),
        ("2025-01-12T10:00", 0, ("mug", 3), 4, "insufficient_points"),
    ] {
        let mut story = Story::with_points(800);
        if spend > 0 {
            story.buys("2025-01-11", "earner", &[spend]);
        }
        let found = code_of(&story.redeems(moment, "r", reward, &mut stock(left)));
        assert_eq!(found, outcome, "{reward:?} with {left} left");
    }
    // The gold member's price has no money besides.
    let mut story = Story::with_points(2_000);
    story.buys("2025-01-11", "earner", &[100_000]);
    let entry = story.redeems("2025-01-12T10:00", "r", ("mug", 2), &mut stock(4)).unwrap();
    let Fact::RewardRedeemed { points, money, .. } = &entry.fact else { panic!("{entry:?}") };
    assert_eq!((*points, *money), (400, 0));
    story.holds();
}

#[test]
fn a_cancelled_reward_is_as_if_it_had_not_been_redeemed() {
    let mut story = Story::with_points(900);
    let mut budgets = BudgetLedger::default().with_stock(vec![(code("mug"), 4)]);
    story.redeems("2025-01-12T10:00", "r", ("mug", 3), &mut budgets).unwrap();
    assert_eq!((budgets.units_left(code("mug")), story.stands()), (1, (0, 0, 900, 0)));
    assert_eq!(story.state.reward_counters[0].times, 3);
    let entry = story.cancels("2025-01-13T10:00", "r", RedemptionState::Requested, &mut budgets).unwrap();
    assert_eq!(refunds(entry), [(900, 0, 0)]);
    assert_eq!((budgets.units_left(code("mug")), story.stands()), (4, (900, 0, 0, 0)));
    assert!(story.state.reward_counters.is_empty() && budgets.taken() == [(code("mug"), 0)]);
    for stands in [RedemptionState::Requested, RedemptionState::Cancelled] {
        let again = story.cancels("2025-01-13T10:01", "r", stands, &mut budgets);
        assert_eq!(code_of(&again), "redemption_ended");
    }
    story.holds();
}

#[test]
fn a_fulfilled_reward_cannot_be_cancelled() {
    let mut story = Story::with_points(900);
    let mut budgets = BudgetLedger::default();
    story.redeems("2025-01-12T10:00", "r", ("mug", 1), &mut budgets).unwrap();
    let redemption = story.entry_of("r");
    for (stands, outcome) in [
        (RedemptionState::Requested, "decided"),
        (RedemptionState::Fulfilled, "redemption_ended"),
        (RedemptionState::Cancelled, "redemption_ended"),
    ] {
        let fulfilment =
            Fulfilment { key: key("f"), redemption: key("r"), occurred_at: at("2025-01-13T10:00") };
        let done = story.decides("2025-01-13T10:00", |story, context| {
            fulfil_redemption(&mut story.state, &redemption, stands, fulfilment, &context)
        });
        assert_eq!(code_of(&done), outcome);
    }
    let late = story.cancels("2025-01-14T10:00", "r", RedemptionState::Fulfilled, &mut budgets);
    assert_eq!(code_of(&late), "redemption_ended");
    story.holds();
}

#[test]
fn a_captured_hold_can_be_taken_back_once() {
    let mut story = Story::with_points(900);
    let mut budgets = BudgetLedger::default();
    story.holds_points("2025-01-12T10:00", "h", 500).unwrap();
    let captured = story.captures("2025-01-12T10:01", "h", Some(200), false).unwrap();
    let reference = captured.fact.document_key().unwrap().reference.clone();
    story.cancels("2025-01-12T10:02", &reference, RedemptionState::Requested, &mut budgets).unwrap();
    assert_eq!(story.stands(), (600, 300, 0, 0));
    let again = story.cancels("2025-01-12T10:03", &reference, RedemptionState::Requested, &mut budgets);
    assert_eq!(code_of(&again), "redemption_ended");
    let other = story.cancels("2025-01-12T10:03", "h", RedemptionState::Requested, &mut budgets);
    assert_eq!(code_of(&other), "not_a_redemption");
    story.holds();
}

#[test]
fn a_hold_lasts_as_long_as_asked_for_up_to_the_programmes_term() {
    for (minutes, lasts) in [(None, 30), (Some(5), 5), (Some(31), 30)] {
        let mut story = Story::with_points(500);
        let asked = HoldRequest { points: 100, minutes, ..request("2025-01-12T10:00", "h") };
        story.asks_for("2025-01-12T10:00", asked).unwrap();
        let end = at("2025-01-12T10:00").checked_add(i64::from(lasts).minutes()).unwrap();
        assert_eq!((story.state.holds[0].ends_at, story.state.next_due_at), (end, Some(end)));
    }
}

#[test]
fn holds_keep_the_programmes_bounds_and_no_member_has_too_many() {
    let mut story = Story::with_points(50_000);
    for (points, outcome) in [
        (0, "field_invalid"),
        (50, "points_below_minimum"),
        (125, "points_not_in_steps"),
        (5_050, "points_above_maximum"),
    ] {
        let found = code_of(&story.holds_points("2025-01-12T10:00", "h", points));
        assert_eq!(found, outcome, "{points}");
    }
    for number in 0..super::super::HOLDS_MAX {
        story.holds_points("2025-01-12T10:00", &format!("h{number}"), 100).unwrap();
    }
    assert_eq!(code_of(&story.holds_points("2025-01-12T10:00", "h", 100)), "too_many_holds");
    let growth = HoldRequest { unit: Some(code("growth")), points: 100, ..request("2025-01-12T10:00", "g") };
    assert_eq!(code_of(&story.asks_for("2025-01-12T10:00", growth)), "unit_not_redeemable");
    story.holds();
}
