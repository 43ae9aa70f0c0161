//! Adjustments above the limit of one person: asked for by one, decided by another, posted once.

use domain::ids::AccountId;
use domain::operation::Adjustment;
use domain::refusal::Refusal;
use jiff::Timestamp;
use store::{Approval, ApprovalState};

use crate::command::{Command, MemberReference, Recorded, Request};
use crate::engine::Engine;
use crate::error::OperationError;
use crate::secret::random_secret;

/// What became of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RequestState {
    /// Nobody has decided yet.
    Waiting,
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
    /// When they decided.
    pub decided_at: Option<Timestamp>,
}

impl Engine {
    /// Asks for an adjustment that one person may not make alone. It is tried out first, so that nobody is asked to
    /// approve what cannot be posted.
    pub async fn request_adjustment(
        &self,
        member_id: AccountId,
        adjustment: Adjustment,
        requested_by: &str,
    ) -> Result<String, OperationError> {
        let assumed = Adjustment { approved_by: Some("second person".to_owned()), ..adjustment.clone() };
        self.carry_out(adjust(member_id, assumed, requested_by).dry_run(true)).await?;
        let approval = Approval {
            approval_id: random_secret()?,
            account_id: member_id,
            command: serde_json::to_string(&adjustment).map_err(|cause| internal(&cause))?,
            requested_by: requested_by.to_owned(),
            requested_at: self.clock().now(),
            state: ApprovalState::Pending,
            decided_by: None,
            decided_at: None,
        };
        self.database().request_approval(&approval).await?;
        Ok(approval.approval_id)
    }

    /// The requests that wait, then those decided, at most `limit` of each kind.
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
            (request.state != RequestState::Waiting, std::cmp::Reverse(request.requested_at))
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
        let second = request.decided_by.clone().unwrap_or_else(|| approved_by.to_owned());
        if request.requested_by == second {
            return Err(Refusal::ApproverIsRequester { actor: second }.into());
        }
        let adjustment = Adjustment { approved_by: Some(second), ..request.adjustment };
        let command = adjust(request.member_id, adjustment, &request.requested_by);
        if request.state == RequestState::Waiting {
            self.carry_out(command.clone().dry_run(true)).await?;
            let now = self.clock().now();
            let state = ApprovalState::Approved;
            if !self.database().decide_approval(request_id, state, approved_by, now).await? {
                return Err(OperationError::Changed);
            }
        } else if request.state == RequestState::Rejected {
            return Err(OperationError::Changed);
        }
        // The decision is stored before the posting, whose key makes a repetition after a crash harmless.
        self.carry_out(command.with_key(Some(format!("approval:{request_id}")))).await?.recorded()
    }

    /// Rejects a request.
    pub async fn reject_adjustment(&self, request_id: &str, rejected_by: &str) -> Result<(), OperationError> {
        let now = self.clock().now();
        let decided =
            self.database().decide_approval(request_id, ApprovalState::Refused, rejected_by, now).await?;
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
                ApprovalState::Approved => RequestState::Approved,
                ApprovalState::Refused => RequestState::Rejected,
            },
            decided_by: approval.decided_by,
            decided_at: approval.decided_at,
        })
    }
}

fn adjust(member_id: AccountId, adjustment: Adjustment, actor: &str) -> Request {
    Request::new(Command::AdjustPoints { member: MemberReference::Id(member_id), adjustment }, actor)
}

fn internal(cause: &impl ToString) -> OperationError {
    OperationError::Internal(cause.to_string())
}
