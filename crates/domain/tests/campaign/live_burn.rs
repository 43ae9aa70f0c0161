//! Spending through the code under test, driven as the engine drives it: documents known by their keys, holds and
//! redemptions followed by the changes that entries tell.

use domain::burn::{Cancellation, Capture, Fulfilment, HoldRequest, HoldVoid, RewardOrder};
use domain::document::{DocumentKey, Purchase};
use domain::ledger::{Entry, Fact, HoldState, RedemptionState, hold_changes, redemption_change};
use domain::operation::{self, Context, Person};
use domain::stored_value::{StoredValueRefund, TopUp};
use jiff::Timestamp;

use super::live::{Copies, Decided, Done, Filed, Live, refused};

impl Live {
    pub fn hold(&mut self, member: usize, hold: &HoldRequest, now: Timestamp) -> Done {
        self.once(member, &hold.key, print(hold), |live, keep| {
            live.spend(member, now, keep, |copies, context| {
                operation::hold_points(copies.state, hold.clone(), context)
            })
        })
    }

    /// What a hold would be like, decided and thrown away.
    pub fn quote(&mut self, member: usize, hold: &HoldRequest, now: Timestamp) -> Decided {
        self.spend(member, now, false, |copies, context| {
            operation::hold_points(copies.state, hold.clone(), context)
        })
    }

    pub fn capture(&mut self, capture: &Capture, now: Timestamp) -> Done {
        let owner = self.open_hold(&capture.hold);
        let member = owner.clone().unwrap_or_default();
        self.once(member, &capture.key, print(capture), |live, keep| {
            owner?;
            live.spend(member, now, keep, |copies, context| {
                operation::capture_hold(copies.state, capture.clone(), context)
            })
        })
    }

    pub fn void(&mut self, void: &HoldVoid, now: Timestamp) -> Done {
        let owner = self.open_hold(&void.hold);
        let member = owner.clone().unwrap_or_default();
        self.once(member, &void.key, print(void), |live, keep| {
            owner?;
            live.spend(member, now, keep, |copies, context| {
                operation::void_hold(copies.state, void.clone(), context)
            })
        })
    }

    pub fn top_up(&mut self, member: usize, top_up: &TopUp, now: Timestamp) -> Done {
        self.once(member, &top_up.key, print(top_up), |live, keep| {
            live.spend(member, now, keep, |copies, context| {
                operation::top_up(copies.state, top_up.clone(), context)
            })
        })
    }

    pub fn pay_back(&mut self, member: usize, refund: &StoredValueRefund, now: Timestamp) -> Done {
        self.once(member, &refund.key, print(refund), |live, keep| {
            live.spend(member, now, keep, |copies, context| {
                operation::refund_stored_value(copies.state, refund.clone(), context)
            })
        })
    }

    pub fn redeem(&mut self, member: usize, order: &RewardOrder, now: Timestamp) -> Done {
        self.once(member, &order.key, print(order), |live, keep| {
            live.spend(member, now, keep, |copies, context| {
                let person = Person::default();
                operation::redeem_reward(copies.state, &person, order.clone(), context, copies.budgets)
            })
        })
    }

    pub fn cancel(&mut self, cancellation: &Cancellation, now: Timestamp) -> Done {
        let found = self.redemption(&cancellation.redemption);
        let member = found.as_ref().map_or(0, |(member, ..)| *member);
        self.once(member, &cancellation.key, print(cancellation), |live, keep| {
            let (_, entry, stands) = found?;
            live.spend(member, now, keep, |copies, context| {
                let progress = copies.progress.entry(entry.id.entry_no).or_default();
                let asked = cancellation.clone();
                let (state, budgets) = (copies.state, copies.budgets);
                operation::cancel_redemption(state, &entry, stands, progress, asked, context, budgets)
            })
        })
    }

    pub fn fulfil(&mut self, fulfilment: &Fulfilment, now: Timestamp) -> Done {
        let found = self.redemption(&fulfilment.redemption);
        let member = found.as_ref().map_or(0, |(member, ..)| *member);
        self.once(member, &fulfilment.key, print(fulfilment), |live, keep| {
            let (_, entry, stands) = found?;
            live.spend(member, now, keep, |copies, context| {
                operation::fulfil_redemption(copies.state, &entry, stands, fulfilment.clone(), context)
            })
        })
    }

    /// Why a purchase cannot be paid from the holds it names, as far as it is known beforehand.
    pub fn holds_refused(&self, member: usize, purchase: &Purchase) -> Option<Done> {
        for key in purchase.holds() {
            let owned = self.documents.get(key).is_some_and(|filed| filed.member == member);
            if !owned {
                return Some(Done::Refused("hold_unknown"));
            }
            if let Err(failure) = self.open_hold(key) {
                return Some(refused(&failure));
            }
        }
        None
    }

    fn once(
        &mut self,
        member: usize,
        key: &DocumentKey,
        print: String,
        act: impl FnOnce(&mut Self, bool) -> Decided,
    ) -> Done {
        if let Some(seen) = self.seen(key, &print) {
            return seen;
        }
        match act(self, true) {
            Err(failure) => refused(&failure),
            Ok(entries) => {
                let entry_no = entries.last().expect("an entry").id.entry_no;
                self.documents.insert(key.clone(), Filed { print, member, entry_no });
                Done::Recorded(entries)
            }
        }
    }

    fn spend(
        &mut self,
        member: usize,
        now: Timestamp,
        keep: bool,
        act: impl Fn(Copies<'_>, &Context<'_>) -> Decided,
    ) -> Decided {
        let programmes = self.programmes.clone();
        let context = Context { programmes: &programmes, now, actor: "shop" };
        self.decide(member, keep, |copies| act(copies, &context))
    }

    fn entry(&self, member: usize, entry_no: u32) -> &Entry {
        let account = self.accounts[member].as_ref().expect("enrolled");
        account.entries.iter().find(|entry| entry.id.entry_no == entry_no).expect("filed")
    }

    /// Whose hold it is, unless it is known to have ended.
    fn open_hold(&self, key: &DocumentKey) -> Result<usize, operation::Failure> {
        let missing = |ended| Err(operation::missing_hold(key, ended).into());
        let Some(filed) = self.documents.get(key) else { return missing(None) };
        let Fact::PointsHeld { ends_at, .. } = self.entry(filed.member, filed.entry_no).fact else {
            return missing(None);
        };
        let entries = &self.accounts[filed.member].as_ref().expect("enrolled").entries;
        let mut changes =
            entries.iter().flat_map(hold_changes).filter(|change| change.hold_no == filed.entry_no);
        match changes.next_back().map(|change| change.state) {
            Some(HoldState::Open) => Ok(filed.member),
            ended => missing(ended.map(|state| (state, ends_at))),
        }
    }

    fn redemption(&self, key: &DocumentKey) -> Result<(usize, Entry, RedemptionState), operation::Failure> {
        let Some(filed) = self.documents.get(key) else {
            let (what, value) = ("redemption".to_owned(), key.reference.clone());
            return Err(domain::refusal::Refusal::Unknown { what, value }.into());
        };
        let entries = &self.accounts[filed.member].as_ref().expect("enrolled").entries;
        let mut changes = entries.iter().filter_map(redemption_change);
        let last = changes.rfind(|change| change.redemption_no == filed.entry_no);
        let stands = last.map_or(RedemptionState::Requested, |change| change.state);
        Ok((filed.member, self.entry(filed.member, filed.entry_no).clone(), stands))
    }
}

fn print(document: &impl serde::Serialize) -> String {
    serde_json::to_string(document).expect("JSON")
}
