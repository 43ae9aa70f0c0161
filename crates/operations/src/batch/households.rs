//! Households in a batch: opening, joining and leaving, and what of their members is due before a pool is spent.

use domain::ids::AccountId;
use domain::member::Profile;
use domain::operation::{self, Person};
use domain::refusal::Refusal;
use store::Loaded;

use super::{Batch, Stop};
use crate::batch::between::Answers;
use crate::command::{Answer, Command, MemberReference, Request};

/// The members of households whose points a batch may spend: what is due on their accounts counts.
pub(super) fn gathered(requests: &[Request], loaded: &Loaded) -> Vec<AccountId> {
    let spends = |request: &Request| {
        matches!(request.command, Command::HoldPoints { .. } | Command::RedeemReward { .. })
    };
    if !requests.iter().any(spends) {
        return Vec::new();
    }
    let pools = loaded.states.values().filter_map(|state| state.pool.as_ref());
    pools.flat_map(|pool| &pool.members).map(|member| member.account_id).collect()
}

impl Batch<'_> {
    pub(super) fn create_household(&mut self, request: &Request, name: &str) -> Result<Answer, Stop> {
        if name.trim().is_empty() {
            return Err(Refusal::field("name", name, "say what the household is called").into());
        }
        let profile = Profile { name: Some(name.to_owned()), ..Profile::default() };
        operation::check_profile(&profile)?;
        let context = self.context(request);
        let account_id = self.ids.next(context.now);
        let (state, entries) = operation::create_household(account_id, &context)?;
        if !request.dry_run {
            self.open_account(account_id, state, Person::default(), &[], &profile, context.now);
            self.keep_entries(&entries);
        }
        self.recorded(entries, request.dry_run)
    }

    pub(super) fn join_household(
        &mut self,
        request: &Request,
        (member, household): (&MemberReference, AccountId),
        may_spend: bool,
    ) -> Result<Answer, Stop> {
        let accounts = (self.find(member)?, self.find(&MemberReference::Id(household))?);
        let context = self.context(request);
        self.on_pair(request, accounts, Answers::First, |member, household| {
            operation::join_household(member, household, may_spend, &context)
        })
    }

    pub(super) fn change_household_member(
        &mut self,
        request: &Request,
        (member, household): (&MemberReference, AccountId),
        may_spend: bool,
    ) -> Result<Answer, Stop> {
        let (member, household) = (self.find(member)?, self.find(&MemberReference::Id(household))?);
        let context = self.context(request);
        self.on_account(request, household, |state, _, _| {
            operation::change_household_member(state, (member, may_spend), context.now, &context)
        })
    }

    pub(super) fn leave_household(
        &mut self,
        request: &Request,
        (member, household): (&MemberReference, AccountId),
    ) -> Result<Answer, Stop> {
        let accounts = (self.find(member)?, self.find(&MemberReference::Id(household))?);
        let context = self.context(request);
        self.on_pair(request, accounts, Answers::First, |member, household| {
            operation::leave_household(member, household, &context)
        })
    }

    /// Sends what a member of a household can spend now into the pool.
    pub(super) fn pool(&mut self, request: &Request, account_id: AccountId) -> Result<(), Stop> {
        let Some(state) = self.states.get(&account_id) else { return Ok(()) };
        if state.household.is_some() {
            let (before, mut state) = (state.clone(), state.clone());
            let forwarded = self.forward(request, Some(before), &mut state, &[])?;
            self.keep_state(state);
            self.keep_forwarded(forwarded);
        }
        Ok(())
    }

    /// Posts what is due on the accounts of a household's members, so that a late sweep keeps nothing from its pool.
    pub(super) fn gather(&mut self, request: &Request, account_id: AccountId) -> Result<(), Stop> {
        let now = self.context(request).now;
        let pool = self.states.get(&account_id).and_then(|state| state.pool.as_ref());
        let members = pool.iter().flat_map(|pool| &pool.members).map(|member| member.account_id);
        let due = |id: &AccountId| {
            self.states.get(id).is_some_and(|state| state.next_due_at.is_some_and(|at| at <= now))
        };
        let due: Vec<AccountId> = members.filter(due).collect();
        for member in due {
            self.advance(request, member)?;
        }
        Ok(())
    }
}
