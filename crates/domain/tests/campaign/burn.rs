//! The spending of a history: holds and what becomes of them, payments in points, rewards. Documents are drawn so that
//! they often name what is about to end, has just ended, or belongs to somebody else.

use domain::burn::{Cancellation, Capture, Fulfilment, HoldRequest, HoldVoid, PointsTender, RewardOrder};
use domain::code::Code;
use domain::document::{DocumentKey, Payment, Purchase};
use domain::ledger::{Entry, Fact, LedgerAccount, PointsRefund, Released};
use domain::operation::Adjustment;

use super::counters::Event;
use super::history::{History, MEMBERS, POINTS};
use super::live::Done;
use crate::reference::burn::worth;
use crate::reference::version_at;

/// What has been asked for so far, to be named by what follows.
#[derive(Default)]
pub struct Asked {
    pub(super) holds: Vec<(usize, DocumentKey)>,
    redemptions: Vec<(usize, DocumentKey)>,
    repeatable: Vec<Repeatable>,
}

#[derive(Clone)]
enum Repeatable {
    Hold(usize, HoldRequest),
    Capture(usize, Capture),
    Void(usize, HoldVoid),
    Redeem(usize, RewardOrder),
    Cancel(usize, Cancellation),
}

impl History {
    pub(super) fn spend(&mut self, member: usize) -> Result<(), String> {
        match self.random.below(20) {
            0..=4 => self.hold_and_follow(member),
            5 | 6 => self.straddle(member),
            7..=10 => self.capture(),
            11 | 12 => self.void(),
            13..=16 => self.redeem(member),
            17 => self.cancel(),
            18 => self.fulfil(),
            _ => self.repeat_spending(),
        }
    }

    /// The version a member was quoted: mostly none is named, else that of now or of before.
    fn quoted(&mut self) -> Option<u32> {
        let now = self.live.programmes.version_at(self.now);
        match self.random.below(6) {
            0 => Some(now),
            1 if now > 1 => Some(now - 1),
            _ => None,
        }
    }

    /// Whether something is held then.
    fn hold(&mut self, member: usize) -> Result<bool, String> {
        let available =
            self.live.accounts[member].as_ref().expect("enrolled").state.balance(POINTS).available;
        if available < 3 && !self.random.once_in(3) {
            // Somebody has to have points before any can be held.
            self.grant(member)?;
        }
        let available =
            self.live.accounts[member].as_ref().expect("enrolled").state.balance(POINTS).available;
        let points = match self.random.below(6) {
            0 if available > 0 => available,
            1 => available + 1,
            _ => self.random.between(1, available.clamp(2, 6)),
        };
        let hold = HoldRequest {
            key: self.key("h"),
            occurred_at: if self.random.once_in(6) { self.business_time() } else { self.now },
            unit: self.random.pick(&[None, None, None, Some(POINTS), Some(Code::constant("growth"))]),
            points,
            minutes: self.random.pick(&[None, None, Some(1), Some(90)]),
            purpose: None,
            programme_version: self.quoted(),
            spender: None,
        };
        if self.random.once_in(8) {
            let quote = self.live.quote(member, &hold, self.now);
            let real = self.live.clone_for_trial(member).hold(member, &hold, self.now);
            let same = match (&quote, &real) {
                (Ok(quote), Done::Recorded(real)) => quote == real,
                (Err(_), Done::Refused(_)) => true,
                _ => false,
            };
            if !same {
                return Err(format!("a quote differs from the hold: {quote:?}\n{real:?}"));
            }
        }
        let live = self.live.hold(member, &hold, self.now);
        let reference = self.reference.hold(member, &hold, self.now);
        self.counters.count_if(live == Done::Refused("terms_changed"), Event::TermsChangedSinceQuote);
        if matches!(live, Done::Recorded(_)) {
            self.counters.count(Event::Hold);
            self.asked.holds.push((member, hold.key.clone()));
        }
        let reserved = matches!(live, Done::Recorded(_));
        self.asked.repeatable.push(Repeatable::Hold(member, hold));
        self.compare(member, live, reference)?;
        Ok(reserved)
    }

    /// A hold, and mostly what becomes of it soon.
    fn hold_and_follow(&mut self, member: usize) -> Result<(), String> {
        if self.hold(member)? { self.follow(member) } else { Ok(()) }
    }

    fn follow(&mut self, member: usize) -> Result<(), String> {
        match self.random.below(8) {
            0..=2 => self.capture(),
            3 => self.void(),
            4 | 5 => self.purchase(member),
            _ => Ok(()),
        }
    }

    /// A hold over something that changes: the end of one of its lots, or a new version of the programme.
    fn straddle(&mut self, member: usize) -> Result<(), String> {
        if !self.hold(member)? {
            return Ok(());
        }
        let state = &self.live.accounts[member].as_ref().expect("enrolled").state;
        let hold = state.holds.last().expect("held").clone();
        let reserves = |lot_no: u32| hold.lots.iter().any(|(lot, _)| *lot == lot_no);
        let ends =
            state.lots.iter().filter(|lot| reserves(lot.lot_no)).filter_map(|lot| lot.expires_at).min();
        let target = match ends.filter(|end| *end < hold.ends_at) {
            Some(end) => end,
            None => self.publish()?.unwrap_or(self.now),
        };
        self.now = self.now.max(target);
        self.follow(member)
    }

    /// Points by hand, so that there is something to spend.
    fn grant(&mut self, member: usize) -> Result<(), String> {
        let adjustment = Adjustment {
            unit: POINTS,
            points: self.random.between(4, 20),
            reason: Code::constant("goodwill"),
            note: "seeded".to_owned(),
            occurred_at: self.now,
            approved_by: Some("chief".to_owned()),
        };
        let live = self.live.adjust(member, &adjustment, "clerk", self.now);
        let reference = self.reference.adjust(member, &adjustment, "clerk", self.now);
        self.compare(member, live, reference)
    }

    /// A hold made before, mostly an open one; rarely none at all.
    fn draw_hold(&mut self) -> (usize, DocumentKey) {
        let count = self.asked.holds.len();
        if count == 0 || self.random.once_in(30) {
            return (0, DocumentKey { source: "till".to_owned(), reference: "nothing".to_owned() });
        }
        if !self.random.once_in(4) {
            let members = self.live.accounts.iter().enumerate();
            let open: Vec<(usize, DocumentKey)> = members
                .flat_map(|(member, account)| {
                    let holds = account.as_ref().expect("enrolled").state.holds.iter();
                    let lasting = holds.filter(|hold| hold.ends_at > self.now);
                    lasting.map(move |hold| (member, hold.key.clone()))
                })
                .collect();
            if !open.is_empty() {
                return open[self.random.index(open.len())].clone();
            }
        }
        let back =
            if self.random.once_in(3) { self.random.index(count) } else { self.random.index(count.min(3)) };
        self.asked.holds[count - 1 - back].clone()
    }

    /// Right before, at or after the time-out of an open hold.
    pub(super) fn move_next_to_a_time_out(&mut self) {
        let members = self.live.accounts.iter().flatten();
        let ends = members.flat_map(|account| &account.state.holds).map(|hold| hold.ends_at);
        if let Some(end) = ends.filter(|end| *end > self.now).min() {
            let shift = self.random.pick(&[-1, 0, 0, 1]);
            let target = end.checked_add(jiff::SignedDuration::from_micros(shift)).expect("in range");
            self.now = self.now.max(target);
        }
    }

    fn capture(&mut self) -> Result<(), String> {
        if self.random.once_in(6) {
            self.move_next_to_a_time_out();
        }
        let (member, hold) = self.draw_hold();
        let open = self.live.accounts[member].as_ref().expect("enrolled").state.hold(&hold).cloned();
        let kept = open.as_ref().map_or(3, domain::ledger::Hold::points);
        let points = match self.random.below(6) {
            0 | 1 => None,
            2 => Some(kept + 1),
            3 => Some(kept),
            _ => Some(self.random.between(1, kept.max(1))),
        };
        let capture = Capture {
            key: self.key("c"),
            hold,
            occurred_at: self.business_time(),
            points,
            release_rest: self.random.once_in(3),
        };
        let live = self.live.capture(&capture, self.now);
        let reference = self.reference.capture(&capture, self.now);
        self.count_end(&live);
        if let Done::Recorded(_) = &live {
            self.asked.redemptions.push((member, capture.key.clone()));
            let in_force = self.live.programmes.version_at(self.now);
            let changed = open.is_some_and(|hold| hold.programme_version != in_force);
            self.counters.count_if(changed, Event::RuleChangedBeforeCapture);
        }
        self.asked.repeatable.push(Repeatable::Capture(member, capture));
        self.compare(member, live, reference)
    }

    fn void(&mut self) -> Result<(), String> {
        let (member, hold) = self.draw_hold();
        let void = HoldVoid { key: self.key("v"), hold, occurred_at: self.business_time(), reason: None };
        let live = self.live.void(&void, self.now);
        let reference = self.reference.void(&void, self.now);
        self.count_end(&live);
        self.asked.repeatable.push(Repeatable::Void(member, void));
        self.compare(member, live, reference)
    }

    fn count_end(&mut self, live: &Done) {
        self.counters.count_if(*live == Done::Refused("hold_expired"), Event::UseAfterTimeOut);
        self.counters.count_if(*live == Done::Refused("hold_ended"), Event::UseAfterEnd);
    }

    /// Lets points pay a part of a purchase, mostly at what they are worth.
    pub(super) fn draw_payment(&mut self, member: usize, purchase: &mut Purchase) {
        self.draw_stored_payment(member, purchase);
        if !self.random.once_in(4) {
            return;
        }
        let hold = if self.random.once_in(2) { Some(self.draw_hold()) } else { None };
        let owned = hold.as_ref().filter(|(owner, _)| *owner == member || self.random.once_in(8)).cloned();
        let open = owned.as_ref().and_then(|(owner, key)| {
            self.live.accounts[*owner].as_ref().expect("enrolled").state.hold(key).cloned()
        });
        let points = match &open {
            Some(hold) if self.random.once_in(2) => hold.points(),
            Some(hold) => self.random.between(1, hold.points() + 1),
            None => self.random.between(1, 5),
        };
        let under = open.as_ref().map(|hold| hold.programme_version);
        let version = match under {
            Some(number) => self.reference.versions.iter().find(|version| version.number == number),
            None => version_at(&self.reference.versions, purchase.occurred_at),
        };
        let terms = version.and_then(|version| version.programme.units[0].redemption.as_ref());
        let amount = terms.and_then(|terms| worth(terms, points)).unwrap_or(points);
        let amount = if self.random.once_in(12) { amount + 1 } else { amount };
        let tender = PointsTender { unit: None, points, hold: owned.map(|(_, key)| key) };
        purchase.payments.push(Payment {
            method: "points".to_owned(),
            amount,
            points: Some(tender),
            stored_value: None,
        });
        // Large enough that the share of points is not always too much.
        if self.random.once_in(2) {
            purchase.lines[0].amount += 2 * amount;
        }
    }

    fn redeem(&mut self, member: usize) -> Result<(), String> {
        let order = RewardOrder {
            key: self.key("r"),
            occurred_at: if self.random.once_in(3) { self.business_time() } else { self.now },
            reward: Code::new(self.random.pick(&["mug", "mug", "mug", "pen", "lounge", "boat"]))
                .expect("a code"),
            quantity: self.random.pick(&[1, 1, 1, 2]),
            programme_version: self.quoted(),
            spender: None,
        };
        let left = self.reference.stock_left(order.reward);
        let live = self.live.redeem(member, &order, self.now);
        let reference = self.reference.redeem(member, &order, self.now);
        self.counters.count_if(live == Done::Refused("terms_changed"), Event::TermsChangedSinceQuote);
        self.counters.count_if(live == Done::Refused("reward_out_of_stock"), Event::OutOfStock);
        self.counters.count_if(live == Done::Refused("reward_limit_reached"), Event::RewardLimitReached);
        if matches!(live, Done::Recorded(_)) {
            self.counters.count(Event::RewardRedeemed);
            self.counters.count_if(left == Some(i64::from(order.quantity)), Event::StockHitsExactlyZero);
            self.asked.redemptions.push((member, order.key.clone()));
        }
        self.asked.repeatable.push(Repeatable::Redeem(member, order));
        self.compare(member, live, reference)
    }

    fn draw_redemption(&mut self) -> (usize, DocumentKey) {
        let named = match self.random.below(12) {
            0 => &self.asked.holds,
            _ => &self.asked.redemptions,
        };
        if named.is_empty() || self.random.once_in(30) {
            return (0, DocumentKey { source: "till".to_owned(), reference: "nothing".to_owned() });
        }
        let count = named.len();
        let position = count - 1 - self.random.index(count.min(6));
        named[position].clone()
    }

    fn cancel(&mut self) -> Result<(), String> {
        let (member, redemption) = self.draw_redemption();
        let cancellation =
            Cancellation { key: self.key("x"), redemption, occurred_at: self.business_time(), reason: None };
        let live = self.live.cancel(&cancellation, self.now);
        let reference = self.reference.cancel(&cancellation, self.now);
        self.counters.count_if(matches!(live, Done::Recorded(_)), Event::RedemptionCancelled);
        self.counters.count_if(live == Done::Refused("redemption_ended"), Event::CancelledAfterEnd);
        self.asked.repeatable.push(Repeatable::Cancel(member, cancellation));
        self.compare(member, live, reference)
    }

    fn fulfil(&mut self) -> Result<(), String> {
        let (member, redemption) = self.draw_redemption();
        let fulfilment = Fulfilment { key: self.key("f"), redemption, occurred_at: self.now };
        let live = self.live.fulfil(&fulfilment, self.now);
        let reference = self.reference.fulfil(&fulfilment, self.now);
        self.compare(member, live, reference)
    }

    /// The same document again, or another one under the same key.
    fn repeat_spending(&mut self) -> Result<(), String> {
        if self.asked.repeatable.is_empty() {
            return Ok(());
        }
        let count = self.asked.repeatable.len();
        let position = count - 1 - self.random.index(count.min(8));
        let altered = i64::from(self.random.once_in(3));
        let now = self.now;
        let (member, live, reference) = match self.asked.repeatable[position].clone() {
            Repeatable::Hold(member, mut hold) => {
                hold.points += altered;
                (member, self.live.hold(member, &hold, now), self.reference.hold(member, &hold, now))
            }
            Repeatable::Capture(member, mut capture) => {
                capture.release_rest ^= altered == 1;
                (member, self.live.capture(&capture, now), self.reference.capture(&capture, now))
            }
            Repeatable::Void(member, void) => {
                (member, self.live.void(&void, now), self.reference.void(&void, now))
            }
            Repeatable::Redeem(member, mut order) => {
                order.quantity += u32::try_from(altered).expect("small");
                let live = self.live.redeem(member, &order, now);
                // What was refused before may be recorded now: others then name it.
                if matches!(live, Done::Recorded(_)) {
                    self.asked.redemptions.push((member, order.key.clone()));
                }
                (member, live, self.reference.redeem(member, &order, now))
            }
            Repeatable::Cancel(member, cancellation) => {
                (member, self.live.cancel(&cancellation, now), self.reference.cancel(&cancellation, now))
            }
        };
        self.counters.count_if(live == Done::Duplicate, Event::SpendingRepeated);
        self.counters.count_if(live == Done::Refused("document_differs"), Event::AlteredDuplicate);
        self.compare(member, live, reference)
    }

    pub(super) fn count_spending(&mut self, entry: &Entry) {
        self.count_stored(entry);
        let lapsed = |released: &Released| released.lapsed > 0;
        match &entry.fact {
            Fact::HoldCaptured { released, .. } => {
                self.counters.count(Event::HoldCaptured);
                self.counters.count_if(released.points > 0, Event::RestReleased);
                self.counters.count_if(lapsed(released), Event::GivenBackAfterExpiry);
                let ended = self.ended_lot(entry);
                self.counters.count_if(ended, Event::HoldAcrossExpiry);
            }
            Fact::HoldVoided { released, .. } => {
                self.counters.count(Event::HoldVoided);
                self.counters.count_if(lapsed(released), Event::GivenBackAfterExpiry);
            }
            Fact::HoldExpired { released, .. } => {
                self.counters.count(Event::HoldTimedOut);
                self.counters.count_if(lapsed(released), Event::GivenBackAfterExpiry);
            }
            Fact::PurchaseRecorded { spent, .. } => {
                self.counters.count_if(spent.iter().any(|part| part.unit == POINTS), Event::PaidWithPoints);
                for part in spent.iter().filter(|part| part.hold_no.is_some()) {
                    self.counters.count(Event::PaidFromHold);
                    let changed = part.programme_version != self.live.programmes.version_at(self.now);
                    self.counters.count_if(changed, Event::RuleChangedBeforeCapture);
                }
            }
            Fact::ReturnRecorded { refunds, .. } => {
                let points = refunds.iter().any(|refund| refund.unit == POINTS);
                self.counters.count_if(points, Event::PointsRefunded);
                for refund in refunds {
                    self.count_refund(refund);
                }
                self.counters.count_if(repays_debt(entry) && !refunds.is_empty(), Event::RefundRepaidDebt);
            }
            Fact::RedemptionCancelled { refund, .. } => {
                self.count_refund(refund);
                self.counters.count_if(repays_debt(entry), Event::RefundRepaidDebt);
            }
            _ => {}
        }
    }

    fn count_refund(&mut self, refund: &PointsRefund) {
        self.counters.count_if(refund.graced > 0, Event::PointsGraced);
    }

    /// Whether points were taken out of a lot that has ended.
    fn ended_lot(&self, entry: &Entry) -> bool {
        let account = |number: usize| self.live.accounts[number].as_ref().expect("enrolled");
        let owner = (0..MEMBERS).find(|number| account(*number).state.account_id == entry.id.account_id);
        let lots = &account(owner.expect("a member")).state.lots;
        entry.postings.iter().any(|posting| {
            let lot = lots.iter().find(|lot| lot.lot_no == posting.lot_no).expect("a lot");
            posting.debit == LedgerAccount::MemberHeld
                && lot.expires_at.is_some_and(|end| end <= entry.recorded_at)
        })
    }
}

fn repays_debt(entry: &Entry) -> bool {
    entry.postings.iter().any(|posting| posting.credit == LedgerAccount::MemberDebt)
}
