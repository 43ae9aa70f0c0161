//! Recognises interesting events in the entries of a history and counts them.

use domain::calendar;
use domain::ledger::{ClawbackPart, Entry, Fact, LedgerAccount, TierChangeReason};
use jiff::{Timestamp, ToSpan};

use super::counters::Event;
use super::history::History;
use super::live::Account;

impl History {
    pub(super) fn count_entry(&mut self, member: usize, entry: &Entry, account: &Account) {
        let lots: Vec<_> = entry
            .postings
            .iter()
            .map(|posting| account.state.lots.iter().find(|lot| lot.lot_no == posting.lot_no))
            .collect();
        let repaid = entry.postings.iter().any(|posting| posting.credit == LedgerAccount::MemberDebt);
        self.counters.count_if(repaid, Event::DebtRepaid);
        match &entry.fact {
            Fact::PointsReleased => self.counters.count(Event::Released),
            Fact::PointsExpired => {
                self.counters.count(Event::Expired);
                let idle = lots.iter().flatten().any(|lot| lot.expires_at.is_none());
                self.counters.count_if(idle, Event::ExpiredForInactivity);
                self.count_day(entry.occurred_at);
            }
            Fact::ReturnRecorded { clawback, purchase_entry_no, .. } => {
                self.count_return(member, *purchase_entry_no, entry, clawback);
            }
            Fact::PurchaseRecorded { awards, outcomes, purchase, .. } => {
                self.counters.count_if(outcomes.contains('C'), Event::CutByCap);
                self.counters
                    .count_if(outcomes.contains('w') && !outcomes.contains('C'), Event::CapHitExactly);
                self.counters.count_if(outcomes.contains('U'), Event::BudgetHitsExactlyZero);
                self.counters
                    .count_if(awards.iter().any(|award| award.funding.len() > 1), Event::SplitFunding);
                let late =
                    purchase.occurred_at < entry.recorded_at.checked_sub(24.hours()).expect("in range");
                let floored = awards
                    .iter()
                    .any(|award| award.expires_at.is_some_and(|end| end < self.later(91 * 86_400_000_000)));
                self.counters.count_if(late && floored, Event::LateFloorKept);
                self.counters.count_if(self.live.thin && entry.postings.len() < 3, Event::LotsLeftOut);
            }
            _ => {}
        }
        for change in &entry.tier_changes {
            let deducted =
                entry.postings.iter().any(|posting| posting.credit == LedgerAccount::TierDeduction);
            let returned = self.reference.members[member]
                .as_ref()
                .expect("enrolled")
                .bought
                .iter()
                .any(|bought| bought.returned.iter().any(|amount| *amount != 0));
            match change.reason {
                TierChangeReason::Upgrade => {
                    self.counters.count(Event::Upgrade);
                    self.counters.count_if(returned, Event::UpgradeAfterReturn);
                }
                TierChangeReason::Downgrade => {
                    self.counters.count(Event::Downgrade);
                    self.counters.count_if(deducted, Event::DowngradeWithDeduction);
                    let soft = change.from.is_some_and(|from| from.as_str() == "black")
                        && change.to.as_str() == "gold";
                    self.counters.count_if(soft, Event::SoftLanding);
                }
                TierChangeReason::Requalified => self.counters.count(Event::Requalified),
                TierChangeReason::Enrolment
                | TierChangeReason::Merged
                | TierChangeReason::Left
                | TierChangeReason::Rejoined => {}
            }
        }
    }

    fn count_day(&mut self, ended_at: Timestamp) {
        let zone = &self.reference.zone;
        let day = zone.day_of(ended_at.checked_sub(1.microsecond()).expect("in range"));
        let length = zone.end_of(day).as_second() - zone.start_of(day).as_second();
        self.counters.count_if((day.1, day.2) == (2, 29), Event::LapsedOnLeapDay);
        self.counters.count_if(length != calendar::DAY_SECONDS, Event::LapsedOnClockChangeDay);
    }

    fn count_return(
        &mut self,
        member: usize,
        purchase_entry_no: u32,
        entry: &Entry,
        clawback: &[ClawbackPart],
    ) {
        let known = self.reference.members[member].as_ref().expect("enrolled");
        let bought = known
            .bought
            .iter()
            .find(|bought| u32::try_from(bought.entry) == Ok(purchase_entry_no))
            .expect("bought");
        let whole =
            bought.purchase.lines.iter().zip(&bought.returned).all(|(line, back)| line.amount == *back);
        let changed = known.climbs.iter().any(|climb| climb.tier_at(bought.occurred_at) != climb.tier());
        self.counters.count_if(!whole, Event::PartialReturn);
        self.counters.count_if(!whole && changed, Event::PartialReturnAfterTierChange);
        self.counters.count_if(whole, Event::LastPartReturned);
        self.counters.count_if(clawback.iter().any(|part| part.lapsed > 0), Event::ReturnAfterLotExpired);
        self.counters.count_if(clawback.iter().any(|part| part.other_lots > 0), Event::ReturnTookOtherLots);
        self.counters.count_if(clawback.iter().any(|part| part.debt > 0), Event::DebtCreated);
        self.counters.count_if(clawback.iter().any(|part| part.written_off > 0), Event::WrittenOff);
        let pending = entry.postings.iter().any(|posting| posting.debit == LedgerAccount::MemberPending);
        self.counters.count_if(pending, Event::ReturnOfPending);
    }
}
