//! Deciding about two members who may be one person: they are, and one of them goes on; they are not; or later.

use domain::ids::AccountId;
use domain::refusal::Refusal;
use store::DuplicateState;

use crate::command::{Command, MemberReference, Request};
use crate::engine::Engine;
use crate::error::OperationError;
use crate::find_duplicates::ordered;
use crate::list_duplicates::DuplicateView;

/// What somebody decides about a pair.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DuplicateDecision {
    /// They are one person: the other one is merged into this one.
    Merge {
        /// Who goes on.
        survivor: AccountId,
        /// Why, in words.
        reason: String,
    },
    /// They are two persons. It stays decided until what is known of either changes.
    NotSame,
    /// Somebody has to look again.
    Later,
    /// As before anybody decided.
    Reopen,
}

impl Engine {
    /// Decides about a pair of members, named in either order. A merge is that of `merge_members`, with its refusals;
    /// decided twice, it is done once.
    pub async fn decide_duplicate(
        &self,
        (one, other): (AccountId, AccountId),
        decision: &DuplicateDecision,
        actor: &str,
    ) -> Result<DuplicateView, OperationError> {
        let (left, right) = ordered(one, other);
        let pair = self.view_duplicate(left, right).await?;
        let state = match decision {
            DuplicateDecision::Merge { survivor, reason } => {
                if pair.state == DuplicateState::Merged {
                    return Ok(pair);
                }
                self.merge_pair((left, right), *survivor, reason, actor).await?;
                DuplicateState::Merged
            }
            DuplicateDecision::NotSame => DuplicateState::NotSame,
            DuplicateDecision::Later => DuplicateState::Later,
            DuplicateDecision::Reopen => DuplicateState::Open,
        };
        let now = self.clock().now();
        if !self.database().decide_duplicate((left, right), state, actor, now).await? {
            let remedy = "the two were merged: undo the merge instead";
            return Err(Refusal::field("decision", name(decision), remedy).into());
        }
        self.view_duplicate(left, right).await
    }

    async fn merge_pair(
        &self,
        (left, right): (AccountId, AccountId),
        survivor: AccountId,
        reason: &str,
        actor: &str,
    ) -> Result<(), OperationError> {
        let absorbed = match survivor {
            _ if survivor == left => right,
            _ if survivor == right => left,
            _ => {
                let remedy = format!("use {left} or {right}: one of the two goes on");
                return Err(Refusal::field("survivor", survivor, remedy).into());
            }
        };
        // A merge whose mark on the pair was lost is found done.
        let leads_to = self.find_member(&MemberReference::Id(absorbed)).await?;
        if leads_to == self.find_member(&MemberReference::Id(survivor)).await? {
            return Ok(());
        }
        let (absorbed, into) = (MemberReference::Id(absorbed), MemberReference::Id(survivor));
        let command = Command::MergeMembers { absorbed, into, reason: reason.to_owned() };
        self.carry_out(Request::new(command, actor)).await.map(drop)
    }
}

fn name(decision: &DuplicateDecision) -> &'static str {
    match decision {
        DuplicateDecision::Merge { .. } => "merge",
        DuplicateDecision::NotSame => "not_same",
        DuplicateDecision::Later => "later",
        DuplicateDecision::Reopen => "reopen",
    }
}
