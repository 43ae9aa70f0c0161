//! The stored value of a history: money paid in with its bonus, held, spent, restored and paid back, mostly all there is
//! of it or a coin more.

use domain::burn::HoldRequest;
use domain::code::Code;
use domain::document::{Payment, Purchase};
use domain::ledger::{Entry, Fact};
use domain::money::Currency;
use domain::stored_value::{Holder, StoredValueRefund, StoredValueTender, TopUp};

use super::counters::Event;
use super::history::History;
use super::live::Done;

const WALLET: Code = Code::constant("wallet");
const GIFT: Code = Code::constant("gift");

/// What was paid in and back so far, to be sent again.
#[derive(Default)]
pub struct PaidIn {
    top_ups: Vec<(usize, TopUp)>,
    refunds: Vec<(usize, StoredValueRefund)>,
}

fn yuan() -> Currency {
    Currency::new("CNY").expect("a currency")
}

impl History {
    pub(super) fn store_value(&mut self, member: usize) -> Result<(), String> {
        match self.random.below(10) {
            0..=3 => self.top_up(member),
            4 | 5 => self.hold_money(member),
            6 | 7 => self.pay_back(member),
            _ => self.repeat_stored(),
        }
    }

    fn available(&self, member: usize, unit: Code) -> i64 {
        self.live.accounts[member].as_ref().expect("enrolled").state.balance(unit).available
    }

    fn top_up(&mut self, member: usize) -> Result<(), String> {
        let top_up = TopUp {
            key: self.key("t"),
            occurred_at: if self.random.once_in(3) { self.business_time() } else { self.now },
            unit: self.random.pick(&[None, Some(WALLET)]),
            amount: self.random.pick(&[3, 49, 50, 51, 120, 150, 211]),
            currency: yuan(),
            method: "cash".to_owned(),
            holder: Holder::Registered,
        };
        let live = self.live.top_up(member, &top_up, self.now);
        let reference = self.reference.top_up(member, &top_up, self.now);
        self.paid_in.top_ups.push((member, top_up));
        self.compare(member, live, reference)
    }

    fn hold_money(&mut self, member: usize) -> Result<(), String> {
        let available = self.available(member, WALLET);
        let points = match self.random.below(4) {
            0 if available > 0 => available,
            1 => available + 1,
            _ => self.random.between(1, available.max(2)),
        };
        let hold = HoldRequest {
            key: self.key("h"),
            occurred_at: self.now,
            unit: Some(WALLET),
            points,
            minutes: None,
            purpose: None,
            programme_version: None,
            spender: None,
        };
        let live = self.live.hold(member, &hold, self.now);
        let reference = self.reference.hold(member, &hold, self.now);
        if matches!(live, Done::Recorded(_)) {
            self.counters.count(Event::MoneyHeld);
            self.asked.holds.push((member, hold.key.clone()));
        }
        self.compare(member, live, reference)
    }

    fn pay_back(&mut self, member: usize) -> Result<(), String> {
        let available = self.available(member, WALLET);
        let amount = match self.random.below(4) {
            0 if available > 0 => available,
            1 => available + 1,
            _ => self.random.between(1, available.max(2)),
        };
        let refund = StoredValueRefund {
            key: self.key("w"),
            occurred_at: if self.random.once_in(3) { self.business_time() } else { self.now },
            unit: self.random.pick(&[None, Some(WALLET)]),
            amount,
            currency: yuan(),
            method: "cash".to_owned(),
        };
        let live = self.live.pay_back(member, &refund, self.now);
        let reference = self.reference.pay_back(member, &refund, self.now);
        let refused = live == Done::Refused("insufficient_points");
        self.counters.count_if(refused, Event::RefundAboveMoneyRefused);
        self.paid_in.refunds.push((member, refund));
        self.compare(member, live, reference)
    }

    /// The same document again, or another amount under the same key.
    fn repeat_stored(&mut self) -> Result<(), String> {
        let altered = i64::from(self.random.once_in(3));
        let now = self.now;
        let (top_ups, refunds) = (self.paid_in.top_ups.len(), self.paid_in.refunds.len());
        let (member, live, reference) = if self.random.once_in(2) && refunds > 0 {
            let (member, mut refund) = self.paid_in.refunds[self.random.index(refunds)].clone();
            refund.amount += altered;
            (member, self.live.pay_back(member, &refund, now), self.reference.pay_back(member, &refund, now))
        } else if top_ups > 0 {
            let (member, mut top_up) = self.paid_in.top_ups[self.random.index(top_ups)].clone();
            top_up.amount += altered;
            (member, self.live.top_up(member, &top_up, now), self.reference.top_up(member, &top_up, now))
        } else {
            return Ok(());
        };
        self.counters.count_if(live == Done::Duplicate, Event::SpendingRepeated);
        self.counters.count_if(live == Done::Refused("document_differs"), Event::AlteredDuplicate);
        self.compare(member, live, reference)
    }

    /// Lets stored value pay a part of a purchase: what there is, a coin more, or what a hold keeps.
    pub(super) fn draw_stored_payment(&mut self, member: usize, purchase: &mut Purchase) {
        let all = self.available(member, WALLET) + self.available(member, GIFT);
        let state = &self.live.accounts[member].as_ref().expect("enrolled").state;
        let held =
            state.holds.iter().find(|hold| hold.unit == WALLET).map(|hold| (hold.key.clone(), hold.points()));
        if (all == 0 && held.is_none()) || !self.random.once_in(3) {
            return;
        }
        let held = held.filter(|_| self.random.once_in(2));
        let most = held.as_ref().map_or(all, |(_, points)| *points).max(1);
        let amount = match self.random.below(6) {
            0 => most + 1,
            1 => most,
            _ => self.random.between(1, most),
        };
        let tender = StoredValueTender { unit: None, hold: held.map(|(key, _)| key) };
        purchase.payments.push(Payment {
            method: "stored_value".to_owned(),
            amount,
            stored_value: Some(tender),
            ..Payment::default()
        });
        // Large enough, mostly, for what pays it.
        if !self.random.once_in(4) {
            purchase.lines[0].amount += amount;
        }
    }

    pub(super) fn count_stored(&mut self, entry: &Entry) {
        match &entry.fact {
            Fact::ToppedUp { bonus, .. } => {
                self.counters.count(Event::ToppedUp);
                self.counters.count_if(bonus.is_some(), Event::BonusGiven);
            }
            Fact::StoredValueRefunded { bonus, .. } => {
                self.counters.count(Event::MoneyPaidBack);
                self.counters.count_if(!bonus.is_empty(), Event::BonusTakenBack);
            }
            Fact::PurchaseRecorded { spent, .. } => {
                let of = |unit: Code| spent.iter().any(|spent| spent.unit == unit);
                self.counters.count_if(of(WALLET), Event::PaidWithMoney);
                self.counters.count_if(of(WALLET) && of(GIFT), Event::PaidWithMoneyAndBonus);
            }
            Fact::ReturnRecorded { refunds, .. } => {
                let back = refunds.iter().any(|refund| refund.unit == WALLET);
                self.counters.count_if(back, Event::MoneyRestored);
            }
            _ => {}
        }
    }
}
