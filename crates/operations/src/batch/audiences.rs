//! Audiences in a batch: what rules know of a member includes the sets they are in at that moment, and what the feed has
//! told of them catches up.

use std::borrow::Cow;
use std::sync::Arc;

use domain::code::Code;
use domain::ids::AccountId;
use domain::ledger::AccountState;
use domain::member::Profile;
use domain::operation::{self, Context, Entries, Person, SYSTEM};
use domain::programme::Programmes;

use super::commands::{goes_on, unknown};
use super::{Batch, Stop};
use crate::command::{Answer, Command, MemberReference, Request};

/// Whether a batch needs the sets: there are none unless a programme declares segments, and where another server has
/// published the first such programme, only what tells the feed must know already.
pub(crate) fn asks_for_audiences(requests: &[Request], programmes: &Programmes) -> bool {
    let tells = |request: &Request| {
        matches!(
            request.command,
            Command::AnnounceAudiences { .. }
                | Command::MergeMembers { .. }
                | Command::UndoMerge { .. }
                | Command::UpdateMember { .. }
                | Command::ChooseClub { .. }
        )
    };
    programmes.iter().any(|version| !version.programme().segments.is_empty()) || requests.iter().any(tells)
}

impl Batch<'_> {
    /// What rules know of a member: the profile, and the audiences of now.
    pub(super) fn person(&self, state: &AccountState) -> Cow<'_, Person> {
        let Some(known) = self.persons.get(&state.account_id) else {
            return Cow::Owned(Person::default());
        };
        let Person::Known { born_on, segments } = known else { return Cow::Borrowed(known) };
        if self.audiences.is_empty() {
            return Cow::Borrowed(known);
        }
        let mut all = segments.clone();
        self.audiences.add_segments(&self.numbers_of(state), &self.declined_of(state), &mut all);
        if all.len() == segments.len() {
            return Cow::Borrowed(known);
        }
        Cow::Owned(Person::Known { born_on: *born_on, segments: all })
    }

    /// The numbers by which audiences name a member: their own and those of the accounts merged into theirs. Who was
    /// merged into another is in no audience any more.
    fn numbers_of(&self, state: &AccountState) -> Vec<u32> {
        if state.merged_into.is_some() {
            return Vec::new();
        }
        own_and_absorbed(state).filter_map(|id| self.numbers.get(&id).copied()).collect()
    }

    /// What a member does not want to be in, whichever of their accounts they said it of.
    fn declined_of(&self, state: &AccountState) -> Vec<Code> {
        own_and_absorbed(state).filter_map(|id| self.declined.get(&id)).flatten().copied().collect()
    }

    /// Remembers what the rest of the batch must know of a profile, and tells at once which audiences the member is in
    /// no more, or again, because of it.
    pub(super) fn take_profile(
        &mut self,
        request: &Request,
        account_id: AccountId,
        profile: &Profile,
    ) -> Result<(), Stop> {
        let person = Person::Known { born_on: profile.born_on, segments: profile.segments.clone() };
        self.persons.insert(account_id, person);
        let before = self.declined.insert(account_id, profile.declined_segments.clone()).unwrap_or_default();
        if before != profile.declined_segments {
            self.announce(request, account_id)?;
            let survivor = self.survivor(account_id);
            if survivor != account_id {
                self.announce(request, survivor)?;
            }
        }
        Ok(())
    }

    /// Tells what changed for a member; for one who was merged into another, what changed for that other, too.
    pub(super) fn announce_audiences(
        &mut self,
        request: &Request,
        account_id: AccountId,
    ) -> Result<Answer, Stop> {
        let mut told = self.announce(request, account_id)?;
        let survivor = self.survivor(account_id);
        if survivor != account_id {
            told.extend(self.announce(request, survivor)?);
        }
        Ok(Answer::Advanced(told.into_iter().map(Arc::new).collect()))
    }

    /// Tells of both accounts of a merge that was decided or undone.
    pub(super) fn announce_both(
        &mut self,
        request: &Request,
        (one, other): (AccountId, AccountId),
    ) -> Result<(), Stop> {
        if request.dry_run {
            return Ok(());
        }
        self.announce(request, one)?;
        self.announce(request, other)?;
        Ok(())
    }

    fn announce(&mut self, request: &Request, account_id: AccountId) -> Result<Entries, Stop> {
        let found = self.states.get(&account_id).ok_or_else(|| unknown(&MemberReference::Id(account_id)))?;
        let places = self.audiences.places(&self.numbers_of(found), &self.declined_of(found));
        let mut state = found.clone();
        let before = goes_on(&state).then(|| state.clone());
        let context = Context { actor: SYSTEM, ..self.context(request) };
        let entries = operation::announce_audiences(&mut state, &places, &context)?;
        if !entries.is_empty() && !request.dry_run {
            // What time made due before it may go on to another account.
            let forwarded = self.forward(request, before, &mut state, &entries)?;
            self.keep_state(state);
            self.keep_entries(&entries);
            self.keep_forwarded(forwarded);
        }
        Ok(entries)
    }
}

fn own_and_absorbed(state: &AccountState) -> impl Iterator<Item = AccountId> {
    std::iter::once(state.account_id).chain(state.absorbed.iter().map(|one| one.account_id))
}
