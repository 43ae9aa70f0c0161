//! What a member was made of: the member's own record and every record that was merged into it, when, by whom and why.

use domain::ids::{AccountId, EntryId};
use domain::ledger::Fact;
use domain::member::Identifier;
use jiff::Timestamp;

use crate::command::MemberReference;
use crate::engine::Engine;
use crate::error::OperationError;
use crate::view_member::{resolve, unknown};

/// A record that is part of a member.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineageRecord {
    /// The record's account.
    pub member_id: AccountId,
    /// The name it came with.
    pub name: Option<String>,
    /// The identifiers it came with, or was given since.
    pub identifiers: Vec<Identifier>,
    /// When it was enrolled.
    pub enrolled_at: Timestamp,
    /// The record it was merged into; none for the one that goes on.
    pub merged_into: Option<AccountId>,
    /// When that was.
    pub merged_at: Option<Timestamp>,
    /// Who merged them.
    pub merged_by: Option<String>,
    /// Why, in words.
    pub reason: Option<String>,
}

impl Engine {
    /// The records of a member, the one that goes on first, then in the order in which they came.
    pub async fn view_lineage(&self, member: &MemberReference) -> Result<Vec<LineageRecord>, OperationError> {
        let mut reader = self.database().snapshot().await?;
        let member_id = resolve(&mut reader, member).await?;
        let own = reader.account(member_id).await?.ok_or_else(|| unknown(member))?;
        let mut ids = vec![member_id];
        ids.extend(own.absorbed.iter().map(|one| one.account_id));
        let states = reader.accounts(&ids).await?;
        let mut identifiers = reader.identifiers(&ids).await?;
        let mut records = Vec::with_capacity(ids.len());
        for id in ids {
            let Some(state) = states.get(&id) else { continue };
            let into = state.merged_into.and_then(|into| states.get(&into));
            let entry_no = into.and_then(|into| {
                let came = into.absorbed.iter().find(|one| one.account_id == id)?;
                Some(EntryId { account_id: into.account_id, entry_no: *came.entry_nos.first()? })
            });
            let entry = match entry_no {
                Some(entry_id) => reader.entry(entry_id).await?.map(|loaded| loaded.entry),
                None => None,
            };
            records.push(LineageRecord {
                member_id: id,
                name: reader.member(id).await?.and_then(|person| person.profile.name),
                identifiers: identifiers.remove(&id).unwrap_or_default(),
                enrolled_at: state.enrolled_at,
                merged_into: state.merged_into,
                merged_at: entry.as_ref().map(|entry| entry.occurred_at),
                merged_by: entry.as_ref().map(|entry| entry.actor.clone()),
                reason: entry.and_then(|entry| match entry.fact {
                    Fact::MembersMerged { reason, .. } => Some(reason),
                    _ => None,
                }),
            });
        }
        reader.finish().await?;
        Ok(records)
    }
}
