//! Adjustments above the limit of one person: asked for by one, decided by another, posted once. The decision is
//! stored first, so that nobody can reject what is being posted; what was decided and not posted can be finished.

use domain::ids::AccountId;
use domain::operation::Adjustment;
use domain::refusal::Refusal;
use jiff::Timestamp;
use store::{Approval, ApprovalState, Conflict, StoreError};

use crate::command::{Command, MemberReference, Recorded, Request};
use crate::engine::Engine;
use crate::error::OperationError;
use crate::secret::{digest, hexadecimal, random_secret};

/// Refusals that can stand between a decision and its posting, each of which keeps its key for ever.
const POSTING_TRIES_MAX: u32 = 100;
/// Statuses from here on say that a kept answer is a refusal.
const REFUSED_FROM: u16 = 400;

/// What became of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RequestState {
    /// Nobody has decided yet.
    Waiting,
    /// Approved, and not posted yet: something came between.
    Unposted,
    /// Approved and posted.
    Approved,
    /// Rejected.
    Rejected,
}

/// An adjustment that needs, or needed, a second person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AdjustmentRequest {
    /// Its id.
    pub request_id: String,
    /// The member.
    pub member_id: AccountId,
    /// What is asked for.
    pub adjustment: Adjustment,
    /// The first person, as the ledger names them.
    pub requested_by: String,
    /// When they asked.
    pub requested_at: Timestamp,
    /// What became of it.
    pub state: RequestState,
    /// The second person.
    pub decided_by: Option<String>,
    /// When they decided; absent until it is posted.
    pub decided_at: Option<Timestamp>,
}

impl Engine {
    /// Asks for an adjustment that one person may not make alone. It is tried out first, so that nobody is asked to
    /// approve what cannot be posted. Asked again under the same number it is the same request.
    pub async fn request_adjustment(
        &self,
        member_id: AccountId,
        adjustment: Adjustment,
        requested_by: &str,
        number: &str,
    ) -> Result<String, OperationError> {
        let approval_id = match number {
            "" => random_secret()?,
            number => hexadecimal(&digest(&format!("{requested_by}\n{number}"))),
        };
        if let Some(earlier) = self.database().reader().await?.approval(&approval_id).await? {
            return same_request(earlier, member_id, &adjustment, number);
        }
        let assumed = Adjustment { approved_by: Some("second person".to_owned()), ..adjustment.clone() };
        self.carry_out(adjust(member_id, assumed, requested_by).dry_run(true)).await?;
        let approval = Approval {
            approval_id,
            account_id: member_id,
            command: serde_json::to_string(&adjustment).map_err(|cause| internal(&cause))?,
            requested_by: requested_by.to_owned(),
            requested_at: self.clock().now(),
            state: ApprovalState::Pending,
            decided_by: None,
            decided_at: None,
        };
        match self.database().request_approval(&approval).await {
            Ok(()) => Ok(approval.approval_id),
            // The other click of two was faster.
            Err(StoreError::Conflict(Conflict::Taken)) => {
                let earlier = self.database().reader().await?.approval(&approval.approval_id).await?;
                same_request(earlier.ok_or(OperationError::Changed)?, member_id, &adjustment, number)
            }
            Err(error) => Err(error.into()),
        }
    }

    /// The requests that wait, then those not posted yet, then those decided, latest first; at most `limit` of each kind.
    pub async fn list_adjustment_requests(
        &self,
        limit: u32,
    ) -> Result<Vec<AdjustmentRequest>, OperationError> {
        let mut reader = self.database().reader().await?;
        let mut found = Vec::new();
        for state in [ApprovalState::Pending, ApprovalState::Approved, ApprovalState::Refused] {
            found.extend(reader.approvals(state, limit).await?);
        }
        let mut requests = found.into_iter().map(AdjustmentRequest::read).collect::<Result<Vec<_>, _>>()?;
        requests.sort_by_key(|request| {
            let place = match request.state {
                RequestState::Waiting => 0,
                RequestState::Unposted => 1,
                RequestState::Approved | RequestState::Rejected => 2,
            };
            (place, std::cmp::Reverse(request.decided_at.unwrap_or(request.requested_at)))
        });
        Ok(requests)
    }

    /// Approves a request: posts the adjustment, once, however often it is approved. What the ledger refuses stays
    /// undecided.
    pub async fn approve_adjustment(
        &self,
        request_id: &str,
        approved_by: &str,
    ) -> Result<Recorded, OperationError> {
        let request = self.adjustment_request(request_id).await?;
        if request.requested_by == approved_by {
            return Err(Refusal::ApproverIsRequester { actor: approved_by.to_owned() }.into());
        }
        // Whoever finishes it does not become the second person: that is who decided.
        let second = request.decided_by.clone().unwrap_or_else(|| approved_by.to_owned());
        let adjustment = Adjustment { approved_by: Some(second), ..request.adjustment };
        let command = adjust(request.member_id, adjustment, &request.requested_by);
        match request.state {
            RequestState::Rejected => return Err(OperationError::Changed),
            RequestState::Unposted | RequestState::Approved => {}
            RequestState::Waiting => {
                self.carry_out(command.clone().dry_run(true)).await?;
                let state = ApprovalState::Approved;
                if !self.database().decide_approval(request_id, state, approved_by, None).await? {
                    return Err(OperationError::Changed);
                }
            }
        }
        let posted = self.post_once(request_id, command).await?;
        self.database().complete_approval(request_id, self.clock().now()).await?;
        Ok(posted)
    }

    /// Posts what was decided. Its key makes a repetition harmless, but keeps a refusal as well: then the next key is
    /// used, once the refusal would not be given again. All before it hold refusals, so the points move once.
    async fn post_once(&self, request_id: &str, command: Request) -> Result<Recorded, OperationError> {
        for number in 1..=POSTING_TRIES_MAX {
            let key = format!("approval:{request_id}:{number}");
            match self.database().reader().await?.answer_status(&key).await? {
                Some(status) if status >= REFUSED_FROM => continue,
                Some(_) => {}
                None => self.carry_out(command.clone().dry_run(true)).await.map(drop)?,
            }
            return self.carry_out(command.with_key(Some(key))).await?.recorded();
        }
        Err(OperationError::Changed)
    }

    /// Rejects a request.
    pub async fn reject_adjustment(&self, request_id: &str, rejected_by: &str) -> Result<(), OperationError> {
        let (now, state) = (Some(self.clock().now()), ApprovalState::Refused);
        let decided = self.database().decide_approval(request_id, state, rejected_by, now).await?;
        if decided { Ok(()) } else { Err(OperationError::Changed) }
    }

    async fn adjustment_request(&self, request_id: &str) -> Result<AdjustmentRequest, OperationError> {
        let found = self.database().reader().await?.approval(request_id).await?;
        let unknown = || Refusal::Unknown { what: "request".to_owned(), value: request_id.to_owned() };
        AdjustmentRequest::read(found.ok_or_else(unknown)?)
    }
}

impl AdjustmentRequest {
    fn read(approval: Approval) -> Result<Self, OperationError> {
        Ok(Self {
            request_id: approval.approval_id,
            member_id: approval.account_id,
            adjustment: serde_json::from_str(&approval.command).map_err(|cause| internal(&cause))?,
            requested_by: approval.requested_by,
            requested_at: approval.requested_at,
            state: match approval.state {
                ApprovalState::Pending => RequestState::Waiting,
                ApprovalState::Approved if approval.decided_at.is_none() => RequestState::Unposted,
                ApprovalState::Approved => RequestState::Approved,
                ApprovalState::Refused => RequestState::Rejected,
            },
            decided_by: approval.decided_by,
            decided_at: approval.decided_at,
        })
    }
}

/// The id of a request that was made before, if it asked for the same.
fn same_request(
    earlier: Approval,
    member_id: AccountId,
    adjustment: &Adjustment,
    number: &str,
) -> Result<String, OperationError> {
    let asked = AdjustmentRequest::read(earlier)?;
    if (asked.member_id, &asked.adjustment) == (member_id, adjustment) {
        return Ok(asked.request_id);
    }
    Err(Refusal::IdempotencyKeyReused { key: number.to_owned() }.into())
}

fn adjust(member_id: AccountId, adjustment: Adjustment, actor: &str) -> Request {
    Request::new(Command::AdjustPoints { member: MemberReference::Id(member_id), adjustment }, actor)
}

fn internal(cause: &impl ToString) -> OperationError {
    OperationError::Internal(cause.to_string())
}
