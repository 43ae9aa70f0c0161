//! What a decided batch asks the store to write.

use std::collections::BTreeSet;
use std::sync::Arc;

use domain::document::DocumentKey;
use domain::ids::{AccountId, EntryId};
use domain::ledger::Entry;
use store::{
    BudgetSpend, Changes, MemberUpdate, NewDocument, NewIdempotency, NewIdentifier, NewMember, ParkedReturn,
    ProgrammeVersion, Returned,
};

use super::burn::SavedBurn;
use super::{Batch, budget_limits, stock_limits};

/// What a batch has to save, in the order of its commands.
#[derive(Default)]
pub(super) struct Saved {
    pub(super) new_accounts: Vec<AccountId>,
    pub(super) changed_accounts: BTreeSet<AccountId>,
    pub(super) entries: Vec<Arc<Entry>>,
    pub(super) documents: Vec<NewDocument>,
    pub(super) answers: Vec<NewIdempotency>,
    pub(super) parked: Vec<ParkedReturn>,
    pub(super) unparked: Vec<DocumentKey>,
    pub(super) returned: BTreeSet<EntryId>,
    pub(super) members: Vec<NewMember>,
    pub(super) member_updates: Vec<MemberUpdate>,
    pub(super) identifiers: Vec<NewIdentifier>,
    pub(super) programme_versions: Vec<ProgrammeVersion>,
    pub(super) burn: SavedBurn,
}

impl Saved {
    pub(super) fn is_empty(&self) -> bool {
        // Whatever else is saved comes with an entry, a parked return or a frozen answer.
        self.entries.is_empty()
            && self.parked.is_empty()
            && self.answers.is_empty()
            && self.programme_versions.is_empty()
    }
}

impl Batch<'_> {
    /// Everything the batch changes, ready to be written. Empty when all commands were refused or repeated.
    pub(crate) fn changes(&mut self) -> Changes<'_> {
        let saved = std::mem::take(&mut self.saved);
        let limits = budget_limits(self.programmes);
        let new: BTreeSet<AccountId> = saved.new_accounts.iter().copied().collect();
        let latest = self.programmes.latest();
        Changes {
            main_unit: latest.map(|programme| programme.main_unit().code()),
            main_ladder: latest.and_then(|programme| Some(programme.main_ladder()?.code())),
            new_accounts: saved.new_accounts.iter().filter_map(|id| self.states.get(id)).collect(),
            accounts: saved
                .changed_accounts
                .iter()
                .filter(|id| !new.contains(id))
                .filter_map(|id| self.states.get(id))
                .collect(),
            entries: saved
                .entries
                .iter()
                .filter_map(|entry| Some(self.entries.get(&entry.id)?.as_ref()))
                .collect(),
            documents: saved.documents,
            answers: saved.answers,
            parked: saved.parked,
            unparked: saved.unparked,
            returned: saved
                .returned
                .iter()
                .filter_map(|id| Some(Returned { entry: *id, progress: self.progress.get(id)?.clone() }))
                .collect(),
            new_members: saved.members,
            member_updates: saved.member_updates,
            new_identifiers: saved.identifiers,
            programme_versions: saved.programme_versions,
            burn: saved.burn.changes(self.budgets.taken(), &stock_limits(self.programmes)),
            vouchers: self.shelf.take_changes(),
            budget_spends: self
                .budgets
                .spent()
                .iter()
                .filter_map(|(rule, points)| {
                    Some(BudgetSpend { campaign: *rule, points: *points, limit_points: *limits.get(rule)? })
                })
                .collect(),
        }
    }
}
