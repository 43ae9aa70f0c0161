//! Commands on two accounts: both are decided on copies, and both copies are kept or neither.

use domain::code::Code;
use domain::ids::{AccountId, EntryId};
use domain::ledger::{AccountState, OfferEnd};
use domain::operation::{self, Failure, Gift, PairEntries};
use domain::refusal::Refusal;
use store::{Loaded, Loads};

use super::{Batch, Stop, commands::unknown, households};
use crate::audience::Audiences;
use crate::command::{Answer, Command, MemberReference, Request};

/// Whose entry answers a command on two accounts.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Answers {
    First,
    Second,
}

/// The members that a command on two accounts names.
pub(super) fn members(command: &Command) -> [Option<MemberReference>; 2] {
    match command {
        Command::TransferPoints { from, to, .. } => [Some(from.clone()), Some(to.clone())],
        Command::AcceptTransfer { member, transfer } | Command::DeclineTransfer { member, transfer } => {
            [Some(MemberReference::Id(transfer.account_id)), Some(member.clone())]
        }
        Command::WithdrawTransfer { transfer } => [Some(MemberReference::Id(transfer.account_id)), None],
        Command::MergeMembers { absorbed, into, .. } => [Some(absorbed.clone()), Some(into.clone())],
        Command::UndoMerge { absorbed, .. } => [Some(MemberReference::Id(*absorbed)), None],
        Command::JoinHousehold { household, member, .. }
        | Command::ChangeHouseholdMember { household, member, .. }
        | Command::LeaveHousehold { household, member } => {
            [Some(member.clone()), Some(MemberReference::Id(*household))]
        }
        _ => [None, None],
    }
}

/// Both accounts of a command on two, with their lots.
pub(super) fn add_accounts(
    command: &Command,
    account: impl Fn(&MemberReference) -> Option<AccountId>,
    loads: &mut Loads,
) {
    let both = members(command).into_iter().flatten();
    let both: Vec<AccountId> = both.filter_map(|member| account(&member)).collect();
    loads.accounts.extend(&both);
    loads.with_lots.extend(&both);
}

/// Accounts that only the loaded ones know to be needed: the batch has to be loaded again with them, because accounts
/// are locked in the order of their ids.
pub(crate) fn missing(requests: &[Request], audiences: &Audiences, loaded: &Loaded) -> Vec<AccountId> {
    // What happens to a merged account, or is asked of it, concerns the one it was merged into; what becomes spendable
    // on a member's account goes to their household.
    let onward = loaded.states.values().filter_map(|state| state.merged_into.or(state.household));
    let mut missing: Vec<_> = onward.collect();
    missing.extend(households::gathered(requests, loaded));
    // Whoever goes on is in the audiences of the accounts that were merged into theirs.
    if !audiences.is_empty() {
        let absorbed = loaded.states.values().flat_map(|state| &state.absorbed);
        missing.extend(absorbed.map(|one| one.account_id));
    }
    missing.retain(|account_id| !loaded.states.contains_key(account_id));
    for request in requests {
        if let Command::WithdrawTransfer { transfer } = &request.command
            && let Some(state) = loaded.states.get(&transfer.account_id)
            && let Some(offer) = state.offers.iter().find(|offer| offer.id == *transfer)
            && !loaded.states.contains_key(&offer.to)
        {
            missing.push(offer.to);
        }
    }
    missing
}

impl Batch<'_> {
    pub(super) fn transfer(
        &mut self,
        request: &Request,
        (from, to): (&MemberReference, &MemberReference),
        (unit, points): (Code, i64),
    ) -> Result<Answer, Stop> {
        let accounts = (self.find(from)?, self.find(to)?);
        let context = self.context(request);
        self.on_pair(request, accounts, Answers::First, |from, to| {
            operation::transfer_points(from, to, Gift { unit, points }, &context)
        })
    }

    pub(super) fn accept_transfer(
        &mut self,
        request: &Request,
        member: &MemberReference,
        transfer: EntryId,
    ) -> Result<Answer, Stop> {
        let accounts = (self.sender(transfer)?, self.find(member)?);
        let context = self.context(request);
        self.on_pair(request, accounts, Answers::Second, |from, to| {
            operation::accept_transfer(from, to, transfer, &context)
        })
    }

    pub(super) fn decline_transfer(
        &mut self,
        request: &Request,
        member: &MemberReference,
        transfer: EntryId,
    ) -> Result<Answer, Stop> {
        let accounts = (self.sender(transfer)?, self.find(member)?);
        let context = self.context(request);
        self.on_pair(request, accounts, Answers::Second, |from, to| {
            operation::end_transfer(from, to, (transfer, OfferEnd::Declined), &context)
        })
    }

    pub(super) fn withdraw_transfer(&mut self, request: &Request, transfer: EntryId) -> Result<Answer, Stop> {
        let sender = self.sender(transfer)?;
        let offers = &self.states.get(&sender).ok_or(Refusal::TransferNotOpen { transfer })?.offers;
        let offer = offers.iter().find(|offer| offer.id == transfer);
        let receiver = offer.ok_or(Refusal::TransferNotOpen { transfer })?.to;
        let context = self.context(request);
        self.on_pair(request, (sender, receiver), Answers::First, |from, to| {
            operation::end_transfer(from, to, (transfer, OfferEnd::Withdrawn), &context)
        })
    }

    /// The account that offered a transfer.
    fn sender(&self, transfer: EntryId) -> Result<AccountId, Refusal> {
        let known = self.states.contains_key(&transfer.account_id);
        let unknown = || Refusal::Unknown { what: "transfer".to_owned(), value: transfer.to_string() };
        if known { Ok(transfer.account_id) } else { Err(unknown()) }
    }

    /// Decides on copies of two accounts; keeps both and all entries if the decision stands and is no trial.
    pub(super) fn on_pair(
        &mut self,
        request: &Request,
        (first, second): (AccountId, AccountId),
        answers: Answers,
        decide: impl FnOnce(&mut AccountState, &mut AccountState) -> Result<PairEntries, Failure>,
    ) -> Result<Answer, Stop> {
        let copy =
            |id: AccountId| self.states.get(&id).cloned().ok_or_else(|| unknown(&MemberReference::Id(id)));
        let (mut one, mut other) = (copy(first)?, copy(second)?);
        let (of_one, of_other) = decide(&mut one, &mut other)?;
        if !request.dry_run {
            self.keep_state(one);
            self.keep_state(other);
            self.keep_entries(&of_one);
            self.keep_entries(&of_other);
            self.pool(request, first)?;
            self.pool(request, second)?;
        }
        let entries = if answers == Answers::First { of_one } else { of_other };
        self.recorded(entries, request.dry_run)
    }
}
