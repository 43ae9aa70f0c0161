//! The steps of a voucher's life as the feed tells them: what lies between how it was and how it is. A voucher moves no
//! points, so that the ledger's entries do not tell them.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{UseState, Voucher, VoucherId, VoucherUse};
use crate::document::DocumentKey;
use crate::ids::AccountId;

/// What happened to a voucher. That its time is over is no step: it follows from the end of its batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StepKind {
    /// It can be used from now on.
    Issued,
    /// It became a member's.
    Registered,
    /// An order holds a use.
    Reserved,
    /// A use was spent.
    Redeemed,
    /// An order gave back the use it held.
    Released,
    /// A reservation ended by itself.
    TimedOut,
    /// A spent use was given back: the purchase came back whole or was cancelled.
    Restored,
    /// It was declared void.
    Void,
}

/// A step in the life of a voucher, or of all vouchers of a batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VoucherStep {
    /// What happened.
    pub kind: StepKind,
    /// The batch.
    pub batch_no: i64,
    /// The voucher; none if it happened to all of the batch.
    pub voucher: Option<VoucherId>,
    /// The member it concerns: who used it, else whose it is.
    pub member: Option<AccountId>,
    /// The purchase or order that took or gave back the use.
    pub document: Option<DocumentKey>,
    /// Minor units that the use took off, or that were given back with it.
    pub discount: i64,
    /// When.
    pub at: Timestamp,
}

impl StepKind {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::Issued,
        Self::Registered,
        Self::Reserved,
        Self::Redeemed,
        Self::Released,
        Self::TimedOut,
        Self::Restored,
        Self::Void,
    ];

    /// Its name: in the database and in the lake.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Issued => "issued",
            Self::Registered => "registered",
            Self::Reserved => "reserved",
            Self::Redeemed => "redeemed",
            Self::Released => "released",
            Self::TimedOut => "timed_out",
            Self::Restored => "restored",
            Self::Void => "void",
        }
    }
}

impl VoucherStep {
    /// What happened to a whole batch.
    pub const fn of_batch(kind: StepKind, batch_no: i64, at: Timestamp) -> Self {
        Self { kind, batch_no, voucher: None, member: None, document: None, discount: 0, at }
    }
}

impl Voucher {
    /// What happened to it since it was as `before`, in the order of time. What has no instant of its own happened `now`.
    pub fn steps_since(&self, before: &Self, now: Timestamp) -> Vec<VoucherStep> {
        let own = |kind: StepKind| VoucherStep {
            voucher: Some(self.id),
            member: self.member,
            ..VoucherStep::of_batch(kind, self.batch_no, now)
        };
        let mut steps: Vec<VoucherStep> = self
            .uses
            .iter()
            .filter(|each| before.state_of(each.use_no) != Some(each.state))
            .map(|each| self.step_of(each))
            .collect();
        if self.member != before.member {
            steps.push(own(StepKind::Registered));
        }
        if self.void && !before.void {
            steps.push(own(StepKind::Void));
        }
        steps.sort_by_key(|step| step.at);
        steps
    }

    fn state_of(&self, use_no: u32) -> Option<UseState> {
        self.uses.iter().find(|each| each.use_no == use_no).map(|each| each.state)
    }

    fn step_of(&self, each: &VoucherUse) -> VoucherStep {
        let kind = match each.state {
            UseState::Reserved => StepKind::Reserved,
            UseState::Redeemed => StepKind::Redeemed,
            UseState::Released => StepKind::Released,
            UseState::TimedOut => StepKind::TimedOut,
            UseState::Restored => StepKind::Restored,
        };
        VoucherStep {
            voucher: Some(self.id),
            member: each.member.or(self.member),
            document: Some(each.document.clone()),
            discount: each.discount,
            ..VoucherStep::of_batch(kind, self.batch_no, each.changed_at)
        }
    }
}
