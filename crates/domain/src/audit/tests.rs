//! A clean account passes; each defect, planted into a copy of it, is found by its own check.

use jiff::Timestamp;

use super::{Audited, Check, Finding, audit_account};
use crate::burn::{Cancellation, Capture, HoldRequest};
use crate::code::Code;
use crate::document::{DocumentKey, Purchase, PurchaseLine, Return, ReturnLine};
use crate::history::rederive;
use crate::ids::AccountId;
use crate::ledger::{AccountState, Entry, Fact, LedgerAccount, RedemptionState, ReturnProgress};
use crate::money::Currency;
use crate::operation::{
    Adjustment, BudgetLedger, Context, Person, adjust_points, advance, cancel_redemption, capture_hold,
    enrol_member, hold_points, record_purchase, record_return,
};
use crate::programme::{CompiledProgramme, Programmes, parse_toml};

const PROGRAMME: &str = r#"
code = "shop"
name = { zh = "小店", en = "Shop" }
currency = "CNY"
time_zone = "Asia/Shanghai"

[[units]]
code = "points"
name = { zh = "积分", en = "Points" }
money_value_minor = "1"
pending = { days = 7 }
expiry = { rolling = { months = 6 } }
redemption = { hold_minutes = 43200 }

[[rules]]
code = "base"
name = { zh = "消费积分", en = "Base points" }
unit = "points"
effect = { rate = { points = "1", per = "1.00" } }

[policies]
adjustment_approval_above = 100
"#;

fn instant(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn key(reference: &str) -> DocumentKey {
    DocumentKey { source: "till".to_owned(), reference: reference.to_owned() }
}

fn purchase(reference: &str, at: &str, amount: i64) -> Purchase {
    Purchase {
        key: key(reference),
        occurred_at: instant(at),
        currency: Currency::new("CNY").unwrap(),
        store: None,
        channel: None,
        vouchers: Vec::new(),
        payments: Vec::new(),
        lines: vec![PurchaseLine { amount, quantity_milli: 1_000, ..PurchaseLine::default() }],
    }
}

/// An account with purchases, a return in part, an adjustment, releases and an expiry.
struct Account {
    programmes: Programmes,
    state: AccountState,
    entries: Vec<Entry>,
}

impl Account {
    fn new() -> Self {
        let programme = parse_toml(PROGRAMME).unwrap();
        let compiled = CompiledProgramme::compile(programme, 1, instant("2026-01-01T00:00:00Z")).unwrap();
        let mut programmes = Programmes::default();
        programmes.publish(std::sync::Arc::new(compiled));
        let mut budgets = BudgetLedger::default();
        let person = Person::default();
        let joined = instant("2026-01-02T00:00:00Z");
        let at = |now: &str| Context { programmes: &programmes, now: instant(now), actor: "till" };
        let enrolled = enrol_member(
            AccountId::new(7).unwrap(),
            joined,
            &person,
            &at("2026-01-02T00:00:00Z"),
            &mut budgets,
        );
        let (mut state, mut entries) = enrolled.unwrap();
        for (reference, now, amount) in [
            ("r1", "2026-01-02T01:00:00Z", 30_000),
            ("r2", "2026-03-01T01:00:00Z", 20_000),
            ("r3", "2026-03-02T01:00:00Z", 5_000),
        ] {
            let bought = purchase(reference, now, amount);
            entries.extend(record_purchase(&mut state, &person, bought, &at(now), &mut budgets).unwrap());
        }
        let bought = entries.iter().rfind(|entry| entry.fact.event() == "purchase_recorded").unwrap().clone();
        let document = Return {
            key: key("b1"),
            purchase: key("r3"),
            occurred_at: instant("2026-03-03T01:00:00Z"),
            lines: vec![ReturnLine { line: 0, amount: 2_000 }],
        };
        let mut progress = ReturnProgress::default();
        let now = at("2026-03-03T01:00:00Z");
        entries.extend(record_return(&mut state, &bought, &mut progress, document, &now).unwrap());
        let adjustment = Adjustment {
            unit: Code::constant("points"),
            points: -50,
            reason: Code::constant("redemption"),
            note: "voucher".to_owned(),
            occurred_at: instant("2026-03-04T01:00:00Z"),
            approved_by: None,
        };
        entries.extend(adjust_points(&mut state, adjustment, &at("2026-03-04T01:00:00Z")).unwrap());
        advance(&mut state, &programmes, instant("2026-08-01T00:00:00Z"), &mut entries).unwrap();
        let occurred_at = instant("2026-08-02T00:00:00Z");
        let now = at("2026-08-02T00:00:00Z");
        let hold = HoldRequest {
            key: key("h1"),
            occurred_at,
            unit: None,
            points: 40,
            minutes: None,
            purpose: None,
            programme_version: None,
            spender: None,
        };
        entries.extend(hold_points(&mut state, hold, &now).unwrap());
        let capture = |reference: &str, points| Capture {
            key: key(reference),
            hold: key("h1"),
            occurred_at,
            points: Some(points),
            release_rest: false,
        };
        entries.extend(capture_hold(&mut state, capture("c1", 15), &now).unwrap());
        let captured = entries.last().unwrap().clone();
        let (stands, mut back) = (RedemptionState::Requested, ReturnProgress::default());
        let cancellation = Cancellation { key: key("x1"), redemption: key("c1"), occurred_at, reason: None };
        let cancelled =
            cancel_redemption(&mut state, &captured, stands, &mut back, cancellation, &now, &mut budgets);
        entries.extend(cancelled.unwrap());
        entries.extend(capture_hold(&mut state, capture("c2", 10), &now).unwrap());
        Self { programmes, state, entries }
    }

    fn audit(&self) -> Vec<Finding> {
        let Self { programmes, state, entries } = self;
        audit_account(Audited { state, entries, programmes })
    }

    fn entry(&mut self, event: &str) -> &mut Entry {
        self.entries.iter_mut().rfind(|entry| entry.fact.event() == event).unwrap()
    }
}

/// Plants a defect and expects the check among those that find something.
fn finds(check: Check, plant: impl FnOnce(&mut Account)) {
    let mut account = Account::new();
    plant(&mut account);
    let findings = account.audit();
    assert!(findings.iter().any(|finding| finding.check == check), "{check:?} is not in {findings:#?}");
}

#[test]
fn a_clean_account_passes_every_check() {
    let account = Account::new();
    let events: Vec<&str> = account.entries.iter().map(|entry| entry.fact.event()).collect();
    for event in ["points_released", "points_expired", "return_recorded", "points_adjusted"] {
        assert!(events.contains(&event), "the account has no {event}: {events:?}");
    }
    assert_eq!(account.audit(), Vec::new());
    assert!(rederive(&account.entries, &account.programmes).unwrap().is_some());
}

#[test]
fn order_and_postings() {
    finds(Check::EntryOrder, |account| {
        account.entries.remove(3);
    });
    finds(Check::EntryOrder, |account| account.entries[2].recorded_at = account.entries[1].recorded_at);
    finds(Check::EntryOrder, |account| account.state.last_entry_no += 1);
    finds(Check::Postings, |account| account.entry("purchase_recorded").postings[0].amount = 0);
    finds(Check::Postings, |account| {
        account.entry("purchase_recorded").postings[0].debit = LedgerAccount::MemberPending;
    });
}

#[test]
fn balances_and_debt() {
    finds(Check::Balances, |account| account.state.balances[0].available += 1);
    finds(Check::Balances, |account| {
        account.entries.last_mut().unwrap().standing.balances[0].earned += 1;
    });
    finds(Check::LotSums, |account| account.state.balances[0].pending += 1);
    finds(Check::Debt, |account| {
        account.state.balances[0].debt = 1;
        account.state.balances[0].available = 1;
    });
}

#[test]
fn lots() {
    finds(Check::LotParts, |account| account.state.lots[0].remaining += 1);
    finds(Check::LotPostings, |account| {
        account.state.lots[0].expired -= 1;
        account.state.lots[0].consumed += 1;
    });
    finds(Check::LotPostings, |account| {
        account.state.lots.remove(1);
    });
    finds(Check::SpentAfterExpiry, |account| {
        account.state.lots[0].expires_at = Some(instant("2026-03-04T01:00:00Z"));
    });
}

#[test]
fn adjustments_returns_and_clawbacks() {
    finds(Check::Adjustments, |account| {
        let Fact::PointsAdjusted { note, .. } = &mut account.entry("points_adjusted").fact else { panic!() };
        note.clear();
    });
    finds(Check::Adjustments, |account| {
        let Fact::PointsAdjusted { points, .. } = &mut account.entry("points_adjusted").fact else {
            panic!()
        };
        *points = -101;
    });
    finds(Check::Returns, |account| {
        let Fact::ReturnRecorded { lines, .. } = &mut account.entry("return_recorded").fact else { panic!() };
        lines[0].amount = 5_001;
    });
    finds(Check::Returns, |account| {
        let Fact::ReturnRecorded { purchase_entry_no, .. } = &mut account.entry("return_recorded").fact
        else {
            panic!()
        };
        *purchase_entry_no = 1;
    });
    finds(Check::Clawback, |account| {
        let Fact::ReturnRecorded { clawback, .. } = &mut account.entry("return_recorded").fact else {
            panic!()
        };
        clawback[0].debt += 1;
    });
}

#[test]
fn holds_and_refunds() {
    finds(Check::Holds, |account| {
        account.state.holds.clear();
    });
    finds(Check::Holds, |account| account.state.holds[0].lots[0].1 += 1);
    finds(Check::Holds, |account| {
        let Fact::HoldCaptured { points, .. } = &mut account.entry("hold_captured").fact else { panic!() };
        *points += 1;
    });
    finds(Check::Holds, |account| {
        let Fact::HoldCaptured { left, .. } = &mut account.entry("hold_captured").fact else { panic!() };
        *left = 0;
    });
    finds(Check::Holds, |account| {
        let Fact::HoldCaptured { hold_no, .. } = &mut account.entry("hold_captured").fact else { panic!() };
        *hold_no = 1;
    });
    finds(Check::Refunds, |account| {
        let Fact::RedemptionCancelled { refund, .. } = &mut account.entry("redemption_cancelled").fact else {
            panic!()
        };
        refund.points += 1;
    });
}

#[test]
fn decisions_and_state() {
    finds(Check::Decisions, |account| {
        let Fact::PurchaseRecorded { awards, .. } = &mut account.entry("purchase_recorded").fact else {
            panic!()
        };
        awards[0].points += 1;
    });
    finds(Check::Decisions, |account| account.entries.clear());
    finds(Check::State, |account| account.state.spend += 1);
    finds(Check::State, |account| account.state.next_due_at = None);
    finds(Check::State, |account| account.state.lots[0].cohort += 1);
}
