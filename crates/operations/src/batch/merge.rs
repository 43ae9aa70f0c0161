//! Merged accounts in a batch: who goes on, and undoing it; what goes on to another account, from a merged one or from a
//! member to their household.

use domain::ids::{AccountId, EntryId};
use domain::ledger::{AccountState, Entry, Fact};
use domain::operation::{self, ABSORBED_MAX};
use domain::refusal::Refusal;

use super::between::Answers;
use super::{Batch, Stop};
use crate::command::{Answer, MemberReference, Request};
use crate::error::OperationError;

/// The states and entries of the accounts that something went on to.
#[derive(Default)]
pub(super) struct Forwarded {
    states: Vec<AccountState>,
    entries: Vec<Entry>,
}

impl Batch<'_> {
    pub(super) fn merge_members(
        &mut self,
        request: &Request,
        (absorbed, into): (&MemberReference, &MemberReference),
        reason: &str,
    ) -> Result<Answer, Stop> {
        let accounts = (self.find(absorbed)?, self.find(into)?);
        let context = self.context(request);
        let answer = self.on_pair(request, accounts, Answers::Second, |absorbed, into| {
            operation::merge_members(absorbed, into, reason, &context)
        })?;
        self.announce_both(request, accounts)?;
        Ok(answer)
    }

    pub(super) fn undo_merge(
        &mut self,
        request: &Request,
        absorbed: AccountId,
        reason: &str,
    ) -> Result<Answer, Stop> {
        let unknown = || Refusal::MemberUnknown { kind: "id".to_owned(), value: absorbed.to_string() };
        let into = self.states.get(&absorbed).ok_or_else(unknown)?.merged_into;
        let into = into.ok_or(Refusal::NotMerged { account_id: absorbed })?;
        let context = self.context(request);
        let answer = self.on_pair(request, (absorbed, into), Answers::First, |absorbed, into| {
            operation::undo_merge(absorbed, into, reason, &context)
        })?;
        self.announce_both(request, (absorbed, into))?;
        Ok(answer)
    }

    /// The account that goes on where an account was merged into another.
    pub(super) fn survivor(&self, account_id: AccountId) -> AccountId {
        let into = |id: &AccountId| self.states.get(id).and_then(|state| state.merged_into);
        std::iter::successors(Some(account_id), into).take(ABSORBED_MAX + 1).last().unwrap_or(account_id)
    }

    /// Sends what an operation left on a merged account on to the one it was merged into, and from there on; what it
    /// left on the account of a member of a household, into the pool. `before` is the account before the operation; none
    /// if nothing goes on.
    pub(super) fn forward(
        &self,
        request: &Request,
        before: Option<AccountState>,
        state: &mut AccountState,
        entries: &[Entry],
    ) -> Result<Forwarded, Stop> {
        let mut forwarded = Forwarded::default();
        let (Some(mut before), context) = (before, self.context(request)) else { return Ok(forwarded) };
        let of = entries.last().and_then(taken_back);
        let mut from = state.clone();
        for step in 0..=ABSORBED_MAX {
            let Some(into) = from.merged_into.or(from.household) else { break };
            let missing = || OperationError::Internal(format!("account {into} was not loaded"));
            let untouched = self.states.get(&into).ok_or_else(missing)?;
            let mut next = untouched.clone();
            let pair = if from.merged_into.is_some() {
                operation::forward_points(&mut from, &mut next, (&before, of), &context)?
            } else {
                operation::pool_points(&mut from, &mut next, of, &context)?
            };
            let Some((left, came)) = pair else { break };
            forwarded.entries.extend(left);
            forwarded.entries.extend(came);
            let done = std::mem::replace(&mut from, next);
            if step == 0 {
                *state = done;
            } else {
                forwarded.states.push(done);
            }
            before = untouched.clone();
        }
        if from.account_id != state.account_id {
            forwarded.states.push(from);
        }
        Ok(forwarded)
    }

    pub(super) fn keep_forwarded(&mut self, forwarded: Forwarded) {
        for state in forwarded.states {
            self.keep_state(state);
        }
        self.keep_entries(&forwarded.entries);
    }
}

/// The entry whose points an entry takes back.
fn taken_back(entry: &Entry) -> Option<EntryId> {
    match entry.fact {
        Fact::ReturnRecorded { purchase_entry_no, .. } => {
            Some(EntryId { entry_no: purchase_entry_no, ..entry.id })
        }
        _ => None,
    }
}
