//! One member, whole: the person, the identifiers, what they hold now and when it changes by itself.

use domain::code::Code;
use domain::ids::AccountId;
use domain::ledger::{AccountState, AccountStatus, Lot, Standing};
use domain::member::{Identifier, IdentifierKind, Profile};
use domain::operation::{self, ABSORBED_MAX};
use domain::programme::Programmes;
use domain::refusal::Refusal;
use jiff::Timestamp;
use store::Reader;

use crate::command::MemberReference;
use crate::engine::Engine;
use crate::error::OperationError;
use crate::view_household::{HouseholdView, gather, name_all};

/// A member as staff see them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MemberView {
    /// The account.
    pub member_id: AccountId,
    /// Counts changes of the profile: an editor sends back the one it saw.
    pub version: i64,
    /// What is known of the person.
    pub profile: Profile,
    /// All identifiers, those of accounts merged into this one among them.
    pub identifiers: Vec<Identifier>,
    /// Active or closed.
    pub status: AccountStatus,
    /// When the member joined.
    pub enrolled_at: Timestamp,
    /// Balances and tiers as of now: what is due counts, whether or not its entry has been posted yet.
    pub standing: Standing,
    /// Lots with something left, soonest expiry first.
    pub lots: Vec<Lot>,
    /// The household the member belongs to, or that the account is: with it, what of the member's own is spendable is in
    /// its pool.
    pub household: Option<HouseholdView>,
    /// The segments whose audiences the member is in, whatever the profile says.
    pub audiences: Vec<Code>,
    /// The stored state, for those who want to see it raw.
    pub state: AccountState,
}

impl Engine {
    /// A member by id or identifier; one that was merged into another is that other.
    pub async fn view_member(&self, member: &MemberReference) -> Result<MemberView, OperationError> {
        let mut reader = self.database().snapshot().await?;
        let member_id = resolve(&mut reader, member).await?;
        let unknown = || unknown(member);
        let state = reader.account(member_id).await?.ok_or_else(unknown)?;
        let person = reader.member(member_id).await?.ok_or_else(unknown)?;
        let mut ids = vec![member_id];
        ids.extend(state.absorbed.iter().map(|one| one.account_id));
        let mut found = reader.identifiers(&ids).await?;
        let identifiers = ids.iter().filter_map(|id| found.remove(id)).flatten().collect();
        let (programmes, now) = (self.programmes(), self.clock().now());
        let audiences = self.shared().audiences.segments_of(&mut reader, &ids).await?;
        let (mut later, household) = pooled(&mut reader, &state, (&programmes, now)).await?;
        reader.finish().await?;

        operation::advance(&mut later, &programmes, now, &mut Vec::new())?;
        let mut lots: Vec<Lot> = later.lots.iter().filter(|lot| lot.open()).cloned().collect();
        lots.sort_by_key(Lot::spending_order);
        Ok(MemberView {
            member_id,
            version: person.version,
            profile: person.profile,
            identifiers,
            status: state.status,
            enrolled_at: state.enrolled_at,
            standing: operation::standing(&later, &programmes, now),
            lots,
            household,
            audiences,
            state,
        })
    }

    /// The account of a member by id or identifier.
    pub async fn find_member(&self, member: &MemberReference) -> Result<AccountId, OperationError> {
        resolve(&mut self.database().reader().await?, member).await
    }
}

/// An account after what time has made spendable on it went to the pool of its household, and that household.
pub(crate) async fn pooled(
    reader: &mut Reader,
    state: &AccountState,
    at: (&Programmes, Timestamp),
) -> Result<(AccountState, Option<HouseholdView>), OperationError> {
    let id = if state.is_household() { Some(state.account_id) } else { state.household };
    let found = match id {
        Some(id) => gather(reader, &[id], at).await?,
        None => Vec::new(),
    };
    let names = name_all(reader, &found).await?;
    let Some(gathered) = found.into_iter().next() else { return Ok((state.clone(), None)) };
    let household = gathered.view(&names);
    Ok((gathered.account(state.account_id).unwrap_or_else(|| state.clone()), Some(household)))
}

pub(crate) async fn resolve(
    reader: &mut Reader,
    member: &MemberReference,
) -> Result<AccountId, OperationError> {
    let mut account_id = match member {
        MemberReference::Id(account_id) => *account_id,
        MemberReference::Identifier(identifier) => {
            reader.account_of(identifier).await?.ok_or_else(|| unknown(member))?
        }
    };
    for _ in 0..=ABSORBED_MAX {
        let Some(into) = reader.account(account_id).await?.and_then(|state| state.merged_into) else { break };
        account_id = into;
    }
    Ok(account_id)
}

/// The refusal of a member nobody knows.
pub(crate) fn unknown(member: &MemberReference) -> Refusal {
    let (kind, value) = match member {
        MemberReference::Id(account_id) => ("id", account_id.to_string()),
        MemberReference::Identifier(identifier) => (kind_name(identifier.kind), identifier.value.clone()),
    };
    Refusal::MemberUnknown { kind: kind.to_owned(), value }
}

/// The name of a kind of identifier, as in the API.
pub fn kind_name(kind: IdentifierKind) -> &'static str {
    match kind {
        IdentifierKind::Card => "card",
        IdentifierKind::Phone => "phone",
        IdentifierKind::Email => "email",
        IdentifierKind::External => "external",
    }
}
