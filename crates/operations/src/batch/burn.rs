//! The commands of a batch that spend: holds and their ends, rewards, cancellations. Each names a document, so that
//! the same one again gets the same answer; rows of holds and redemptions follow from the entries.

use std::collections::BTreeMap;

use domain::burn::{Cancellation, Capture, Fulfilment, HoldRequest, HoldVoid, RewardOrder};
use domain::code::Code;
use domain::document::{DocumentKey, Purchase};
use domain::ids::{AccountId, EntryId};
use domain::ledger::{Entry, Fact, HoldState, RedemptionState, hold_changes, redemption_change};
use domain::operation;
use domain::refusal::Refusal;
use domain::stored_value::{StoredValueRefund, TopUp};
use serde::Serialize;
use store::{BurnChanges, BurnLoads, HoldRow, HoldUpdate, Keys, RedemptionRow, Resolved, StockTake};

use super::{Batch, Stop};
use crate::command::{Answer, Command, MemberReference, Request};
use crate::error::OperationError;
use crate::fingerprint::fingerprint;

/// The keys a command that spends needs looked up.
pub(super) fn keys(command: &Command, keys: &mut Keys) {
    match command {
        Command::HoldPoints { member, hold } => {
            keys.identifiers.extend(member.identifier().cloned());
            keys.documents.push(hold.key.clone());
        }
        Command::RedeemReward { member, order } => {
            keys.identifiers.extend(member.identifier().cloned());
            keys.documents.push(order.key.clone());
            keys.stocks = true;
        }
        Command::TopUp { member, top_up } => {
            keys.identifiers.extend(member.identifier().cloned());
            keys.documents.push(top_up.key.clone());
        }
        Command::RefundStoredValue { member, refund } => {
            keys.identifiers.extend(member.identifier().cloned());
            keys.documents.push(refund.key.clone());
        }
        _ => {
            let (key, followed) = follows(command);
            keys.documents.extend(key.into_iter().chain(followed).cloned());
            keys.stocks |= matches!(command, Command::CancelRedemption { .. });
        }
    }
}

/// The document of a command that follows up an earlier one, and that earlier one.
pub(super) fn follows(command: &Command) -> (Option<&DocumentKey>, Option<&DocumentKey>) {
    match command {
        Command::CaptureHold { capture } => (Some(&capture.key), Some(&capture.hold)),
        Command::VoidHold { void } => (Some(&void.key), Some(&void.hold)),
        Command::CancelRedemption { cancellation } => {
            (Some(&cancellation.key), Some(&cancellation.redemption))
        }
        Command::FulfilRedemption { fulfilment } => (Some(&fulfilment.key), Some(&fulfilment.redemption)),
        _ => (None, None),
    }
}

/// The holds and redemptions whose state a command needs.
pub(super) fn followed(command: &Command, resolved: &Resolved, loads: &mut BurnLoads) {
    let entry = |key: &DocumentKey| resolved.documents.get(key).map(|stored| stored.entry);
    match command {
        Command::RecordPurchase { purchase, .. } => {
            loads.holds.extend(purchase.holds().filter_map(entry));
        }
        Command::CaptureHold { capture } => loads.holds.extend(entry(&capture.hold)),
        Command::VoidHold { void } => loads.holds.extend(entry(&void.hold)),
        Command::CancelRedemption { cancellation } => {
            loads.redemptions.extend(entry(&cancellation.redemption));
        }
        Command::FulfilRedemption { fulfilment } => loads.redemptions.extend(entry(&fulfilment.redemption)),
        _ => {}
    }
}

impl Batch<'_> {
    pub(super) fn hold(
        &mut self,
        request: &Request,
        member: &MemberReference,
        hold: &HoldRequest,
    ) -> Result<Answer, Stop> {
        operation::check_hold(hold)?;
        self.once(request, (&hold.key, hold, Some(member)), |batch| {
            let context = batch.context(request);
            let account_id = batch.find(member)?;
            batch.gather(request, account_id)?;
            batch.on_account(request, account_id, |state, _, _| {
                operation::hold_points(state, hold.clone(), &context)
            })
        })
    }

    pub(super) fn capture(&mut self, request: &Request, capture: &Capture) -> Result<Answer, Stop> {
        operation::check_capture(capture)?;
        self.once(request, (&capture.key, capture, None), |batch| {
            let context = batch.context(request);
            batch.on_account(request, batch.open_hold(&capture.hold)?, |state, _, _| {
                operation::capture_hold(state, capture.clone(), &context)
            })
        })
    }

    pub(super) fn void(&mut self, request: &Request, void: &HoldVoid) -> Result<Answer, Stop> {
        operation::check_hold_void(void)?;
        self.once(request, (&void.key, void, None), |batch| {
            let context = batch.context(request);
            batch.on_account(request, batch.open_hold(&void.hold)?, |state, _, _| {
                operation::void_hold(state, void.clone(), &context)
            })
        })
    }

    pub(super) fn redeem(
        &mut self,
        request: &Request,
        member: &MemberReference,
        order: &RewardOrder,
    ) -> Result<Answer, Stop> {
        operation::check_reward_order(order)?;
        self.once(request, (&order.key, order, Some(member)), |batch| {
            let context = batch.context(request);
            let account_id = batch.find(member)?;
            batch.gather(request, account_id)?;
            batch.on_account(request, account_id, |state, person, budgets| {
                operation::redeem_reward(state, person, order.clone(), &context, budgets)
            })
        })
    }

    pub(super) fn top_up(
        &mut self,
        request: &Request,
        member: &MemberReference,
        top_up: &TopUp,
    ) -> Result<Answer, Stop> {
        operation::check_top_up(top_up)?;
        self.once(request, (&top_up.key, top_up, Some(member)), |batch| {
            let context = batch.context(request);
            batch.on_account(request, batch.find(member)?, |state, _, _| {
                operation::top_up(state, top_up.clone(), &context)
            })
        })
    }

    pub(super) fn refund_stored_value(
        &mut self,
        request: &Request,
        member: &MemberReference,
        refund: &StoredValueRefund,
    ) -> Result<Answer, Stop> {
        operation::check_stored_value_refund(refund)?;
        self.once(request, (&refund.key, refund, Some(member)), |batch| {
            let context = batch.context(request);
            batch.on_account(request, batch.find(member)?, |state, _, _| {
                operation::refund_stored_value(state, refund.clone(), &context)
            })
        })
    }

    pub(super) fn cancel(&mut self, request: &Request, cancellation: &Cancellation) -> Result<Answer, Stop> {
        operation::check_cancellation(cancellation)?;
        self.once(request, (&cancellation.key, cancellation, None), |batch| {
            let (redemption, stands) = batch.redemption(&cancellation.redemption)?;
            let id = redemption.id;
            let mut progress = batch.progress.get(&id).cloned().unwrap_or_default();
            let context = batch.context(request);
            let answer = batch.on_account(request, id.account_id, |state, _, budgets| {
                let asked = cancellation.clone();
                operation::cancel_redemption(
                    state,
                    &redemption,
                    stands,
                    &mut progress,
                    asked,
                    &context,
                    budgets,
                )
            })?;
            if !request.dry_run {
                batch.keep_progress(id, progress);
            }
            Ok(answer)
        })
    }

    pub(super) fn fulfil(&mut self, request: &Request, fulfilment: &Fulfilment) -> Result<Answer, Stop> {
        operation::check_fulfilment(fulfilment)?;
        self.once(request, (&fulfilment.key, fulfilment, None), |batch| {
            let (redemption, stands) = batch.redemption(&fulfilment.redemption)?;
            let context = batch.context(request);
            batch.on_account(request, redemption.id.account_id, |state, _, _| {
                operation::fulfil_redemption(state, &redemption, stands, fulfilment.clone(), &context)
            })
        })
    }

    /// Carries out a document once: recorded before, it gets the same answer; with other content it is refused.
    fn once(
        &mut self,
        request: &Request,
        (key, document, member): (&DocumentKey, &impl Serialize, Option<&MemberReference>),
        carry_out: impl FnOnce(&mut Self) -> Result<Answer, Stop>,
    ) -> Result<Answer, Stop> {
        let print = fingerprint(document)?;
        if let Some(answer) = self.recorded_before(key, print, member)? {
            return Ok(answer);
        }
        let answer = carry_out(self)?;
        if let Answer::Recorded(recorded) = &answer
            && !request.dry_run
        {
            self.keep_document(key, recorded.entry.id, print);
        }
        Ok(answer)
    }

    /// The entry that opened a hold.
    fn opened(&self, key: &DocumentKey) -> Option<EntryId> {
        let entry = self.entries.get(&self.documents.get(key)?.entry)?;
        matches!(entry.fact, Fact::PointsHeld { .. }).then_some(entry.id)
    }

    /// Whose hold it is, unless it is known to have ended. What time alone has ended since is for the decision to see.
    fn open_hold(&self, key: &DocumentKey) -> Result<AccountId, Stop> {
        let Some(opened) = self.opened(key) else { return Err(operation::missing_hold(key, None).into()) };
        match self.holds.get(&opened) {
            Some((state, ends_at)) if *state != HoldState::Open => {
                Err(operation::missing_hold(key, Some((*state, *ends_at))).into())
            }
            _ => Ok(opened.account_id),
        }
    }

    /// The holds that pay for a purchase must be its member's, and open. Of another member's nothing is told.
    pub(super) fn check_holds_named(&self, purchase: &Purchase, account_id: AccountId) -> Result<(), Stop> {
        for key in purchase.holds() {
            if self.opened(key).is_none_or(|opened| opened.account_id != account_id) {
                return Err(operation::missing_hold(key, None).into());
            }
            self.open_hold(key)?;
        }
        Ok(())
    }

    fn redemption(&self, key: &DocumentKey) -> Result<(std::sync::Arc<Entry>, RedemptionState), Stop> {
        let Some(stored) = self.documents.get(key) else {
            return Err(
                Refusal::Unknown { what: "redemption".to_owned(), value: key.reference.clone() }.into()
            );
        };
        let id = stored.entry;
        let missing = || OperationError::Internal(format!("entry {id} was not loaded"));
        let entry = self.entries.get(&id).ok_or_else(missing)?.clone();
        // A capture has no state of its own: what became of it shows in what has come back of it.
        Ok((entry, self.redemptions.get(&id).copied().unwrap_or(RedemptionState::Requested)))
    }

    /// Notes what an entry changes about holds and redemptions.
    pub(super) fn follow(&mut self, entry: &Entry) {
        let id = |entry_no| EntryId { account_id: entry.id.account_id, entry_no };
        for change in hold_changes(entry) {
            let hold = id(change.hold_no);
            if let Fact::PointsHeld { hold: request, unit, ends_at } = &entry.fact {
                self.saved.burn.new_holds.insert(
                    hold,
                    HoldRow {
                        entry: hold,
                        key: request.key.clone(),
                        unit: *unit,
                        points: request.points,
                        captured: 0,
                        state: HoldState::Open,
                        opened_at: entry.recorded_at,
                        ends_at: *ends_at,
                    },
                );
                self.holds.insert(hold, (HoldState::Open, *ends_at));
                continue;
            }
            if let Some((state, _)) = self.holds.get_mut(&hold) {
                *state = change.state;
            }
            self.saved.burn.change_hold(HoldUpdate {
                entry: hold,
                captured: change.captured,
                state: change.state,
            });
        }
        if let Some(change) = redemption_change(entry) {
            let redemption = id(change.redemption_no);
            self.redemptions.insert(redemption, change.state);
            match &entry.fact {
                Fact::RewardRedeemed { order, unit, points, money, .. } => {
                    let row = RedemptionRow {
                        entry: redemption,
                        key: order.key.clone(),
                        reward: order.reward,
                        quantity: order.quantity,
                        unit: *unit,
                        points: *points,
                        money: *money,
                        state: change.state,
                        requested_at: entry.recorded_at,
                    };
                    self.saved.burn.new_redemptions.insert(redemption, row);
                }
                _ => self.saved.burn.change_redemption(redemption, change.state),
            }
        }
    }
}

/// Rows of holds and redemptions to write: one for each, however often the batch changes it.
#[derive(Default)]
pub(super) struct SavedBurn {
    new_holds: BTreeMap<EntryId, HoldRow>,
    holds: BTreeMap<EntryId, HoldUpdate>,
    new_redemptions: BTreeMap<EntryId, RedemptionRow>,
    redemptions: BTreeMap<EntryId, RedemptionState>,
}

impl SavedBurn {
    fn change_hold(&mut self, update: HoldUpdate) {
        if let Some(new) = self.new_holds.get_mut(&update.entry) {
            new.captured = new.captured.saturating_add(update.captured);
            new.state = update.state;
            return;
        }
        let sum = self.holds.entry(update.entry).or_insert(HoldUpdate { captured: 0, ..update });
        sum.captured = sum.captured.saturating_add(update.captured);
        sum.state = update.state;
    }

    fn change_redemption(&mut self, entry: EntryId, state: RedemptionState) {
        match self.new_redemptions.get_mut(&entry) {
            Some(new) => new.state = state,
            None => {
                self.redemptions.insert(entry, state);
            }
        }
    }

    /// What the store writes, with what was taken of stocks.
    pub(super) fn changes(self, taken: &[(Code, i64)], limits: &BTreeMap<Code, i64>) -> BurnChanges {
        let stocks = taken.iter().filter(|(_, units)| *units != 0).filter_map(|(reward, units)| {
            Some(StockTake { reward: *reward, units: *units, limit_units: *limits.get(reward)? })
        });
        BurnChanges {
            new_holds: self.new_holds.into_values().collect(),
            holds: self.holds.into_values().collect(),
            new_redemptions: self.new_redemptions.into_values().collect(),
            redemptions: self.redemptions.into_iter().collect(),
            stocks: stocks.collect(),
        }
    }
}
