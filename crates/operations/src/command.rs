//! The commands that change a member's account, and what the platform answers to them.

use std::sync::Arc;

use domain::burn::{Cancellation, Capture, Fulfilment, HoldRequest, HoldVoid, RewardOrder};
use domain::code::Code;
use domain::document::{Activity, DocumentKey, Purchase, Return};
use domain::ids::{AccountId, EntryId};
use domain::ledger::{Actor, Entry};
use domain::member::{Identifier, Profile};
use domain::operation::Adjustment;
use domain::programme::{CompiledProgramme, Programme};
use domain::receipt::{Receipt, receipt};
use domain::refusal::Refusal;
use domain::stored_value::{StoredValueRefund, TopUp};
use jiff::Timestamp;
use serde::Serialize;

use crate::error::OperationError;
use crate::voucher::{VoucherAnswer, VoucherCommand};

/// How a command names its member.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum MemberReference {
    /// By account id.
    Id(AccountId),
    /// By a card, phone, e-mail or external id.
    Identifier(Identifier),
}

/// A change to one member's account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "operation", rename_all = "snake_case")]
pub enum Command {
    /// Opens an account.
    EnrolMember {
        /// How the member is found later; may be empty.
        identifiers: Vec<Identifier>,
        /// What is known of the person.
        profile: Profile,
        /// When the member joined, if not now.
        enrolled_at: Option<Timestamp>,
    },
    /// Replaces a member's profile.
    UpdateMember {
        /// Whose.
        member: MemberReference,
        /// The whole new profile.
        profile: Profile,
        /// Names of the fields that differ from the profile before.
        fields: Vec<String>,
        /// The version the editor saw.
        expected_version: Option<i64>,
    },
    /// A member joins an interest club, or leaves it for good.
    ChooseClub {
        /// Who.
        member: MemberReference,
        /// The segment that is the club.
        club: Code,
        /// Whether they join.
        joined: bool,
        /// The whole profile as it is then.
        profile: Profile,
        /// The version of the profile that it was made from.
        expected_version: i64,
    },
    /// Links another identifier to a member.
    LinkIdentifier {
        /// Whose.
        member: MemberReference,
        /// The identifier.
        identifier: Identifier,
    },
    /// Records a purchase.
    RecordPurchase {
        /// Whose.
        member: MemberReference,
        /// Whether a member nobody knows yet is enrolled by this purchase, at its business time.
        enrol: bool,
        /// The purchase.
        purchase: Purchase,
    },
    /// Records a return of a purchase, which names its member.
    RecordReturn {
        /// The return.
        document: Return,
    },
    /// Records an activity.
    RecordActivity {
        /// Whose.
        member: MemberReference,
        /// The activity.
        activity: Activity,
    },
    /// Adds or takes points by hand.
    AdjustPoints {
        /// Whose.
        member: MemberReference,
        /// The adjustment.
        adjustment: Adjustment,
    },
    /// Reserves points.
    HoldPoints {
        /// Whose.
        member: MemberReference,
        /// The hold.
        hold: HoldRequest,
    },
    /// Spends points of a hold, which names its member.
    CaptureHold {
        /// The capture.
        capture: Capture,
    },
    /// Gives up a hold, which names its member.
    VoidHold {
        /// The void.
        void: HoldVoid,
    },
    /// Spends points on a reward.
    RedeemReward {
        /// Whose.
        member: MemberReference,
        /// The order.
        order: RewardOrder,
    },
    /// Takes a redemption back, which names its member.
    CancelRedemption {
        /// The cancellation.
        cancellation: Cancellation,
    },
    /// Notes that a reward was handed out.
    FulfilRedemption {
        /// The fulfilment.
        fulfilment: Fulfilment,
    },
    /// Pays money in.
    TopUp {
        /// Whose.
        member: MemberReference,
        /// The top-up.
        top_up: TopUp,
    },
    /// Pays stored value back.
    RefundStoredValue {
        /// Whose.
        member: MemberReference,
        /// The refund.
        refund: StoredValueRefund,
    },
    /// Offers points to another member.
    TransferPoints {
        /// Who gives them.
        from: MemberReference,
        /// Who is to get them.
        to: MemberReference,
        /// The unit.
        unit: Code,
        /// Points.
        points: i64,
    },
    /// Accepts offered points.
    AcceptTransfer {
        /// Who gets them.
        member: MemberReference,
        /// The transfer: the sender's entry that offered them.
        transfer: EntryId,
    },
    /// Declines offered points.
    DeclineTransfer {
        /// To whom they were offered.
        member: MemberReference,
        /// The transfer.
        transfer: EntryId,
    },
    /// Takes an offer of points back.
    WithdrawTransfer {
        /// The transfer.
        transfer: EntryId,
    },
    /// Merges a member into another one.
    MergeMembers {
        /// Who is given up.
        absorbed: MemberReference,
        /// Who goes on.
        into: MemberReference,
        /// Why, in words.
        reason: String,
    },
    /// Undoes a merge.
    UndoMerge {
        /// The account that had been given up.
        absorbed: AccountId,
        /// Why, in words.
        reason: String,
    },
    /// Opens a household, an account that its members share.
    CreateHousehold {
        /// What staff and members call it.
        name: String,
    },
    /// Lets a member join a household.
    JoinHousehold {
        /// The household's account.
        household: AccountId,
        /// Who joins.
        member: MemberReference,
        /// Whether they may spend what is pooled.
        may_spend: bool,
    },
    /// Says whether a member of a household may spend what is pooled.
    ChangeHouseholdMember {
        /// The household's account.
        household: AccountId,
        /// Who.
        member: MemberReference,
        /// Whether they may spend.
        may_spend: bool,
    },
    /// Lets a member leave a household.
    LeaveHousehold {
        /// The household's account.
        household: AccountId,
        /// Who leaves.
        member: MemberReference,
    },
    /// Publishes a programme version.
    PublishProgramme {
        /// The programme, checked before.
        programme: Box<Programme>,
        /// From when on it decides.
        effective_at: Timestamp,
    },
    /// Changes vouchers.
    Voucher(Box<VoucherCommand>),
    /// Tells the feed which audiences a member entered or left.
    AnnounceAudiences {
        /// Whose.
        account_id: AccountId,
    },
    /// Posts what is due by time alone: releases, expiries, time-outs of holds, tier reviews.
    Advance {
        /// Whose.
        account_id: AccountId,
    },
}

/// A command with who asks and how.
#[derive(Debug, Clone)]
pub struct Request {
    /// What to do.
    pub command: Command,
    /// Who asks: an API key, a console user, an import.
    pub actor: Actor,
    /// The key under which the answer is frozen, if the caller chose one.
    pub idempotency_key: Option<String>,
    /// Decide and answer, but record nothing.
    pub dry_run: bool,
    /// The time at which a replayed history decides; the clock's time when absent.
    pub now: Option<Timestamp>,
}

/// What was recorded, now or when the same command came before.
#[derive(Debug, Clone)]
pub struct Recorded {
    /// The command's entry.
    pub entry: Arc<Entry>,
    /// The programme version that decided, if any.
    pub programme: Option<Arc<CompiledProgramme>>,
    /// Whether the same command was recorded before.
    pub duplicate: bool,
    /// Whether nothing was recorded because the caller only asked what would happen.
    pub dry_run: bool,
}

/// What the platform answers to a command.
#[derive(Debug, Clone)]
pub enum Answer {
    /// The command's entry.
    Recorded(Recorded),
    /// A return whose purchase is not known yet waits for it.
    Parked(DocumentKey),
    /// The number of the version that was published.
    Published(u32),
    /// What became of vouchers.
    Voucher(VoucherAnswer),
    /// The entries that were due, or still to be told.
    Advanced(Vec<Arc<Entry>>),
}

/// The answer, or why there is none.
pub type Reply = Result<Answer, OperationError>;

impl Command {
    /// The instants it brings in whole microseconds, as the databases keep them: a decision must see what will be
    /// stored, or it could not be repeated.
    fn in_microseconds(mut self) -> Self {
        let instant = match &mut self {
            Self::EnrolMember { enrolled_at, .. } => enrolled_at.as_mut(),
            Self::RecordPurchase { purchase, .. } => Some(&mut purchase.occurred_at),
            Self::RecordReturn { document } => Some(&mut document.occurred_at),
            Self::RecordActivity { activity, .. } => Some(&mut activity.occurred_at),
            Self::AdjustPoints { adjustment, .. } => Some(&mut adjustment.occurred_at),
            Self::HoldPoints { hold, .. } => Some(&mut hold.occurred_at),
            Self::CaptureHold { capture } => Some(&mut capture.occurred_at),
            Self::VoidHold { void } => Some(&mut void.occurred_at),
            Self::RedeemReward { order, .. } => Some(&mut order.occurred_at),
            Self::CancelRedemption { cancellation } => Some(&mut cancellation.occurred_at),
            Self::FulfilRedemption { fulfilment } => Some(&mut fulfilment.occurred_at),
            Self::TopUp { top_up, .. } => Some(&mut top_up.occurred_at),
            Self::RefundStoredValue { refund, .. } => Some(&mut refund.occurred_at),
            Self::PublishProgramme { effective_at, .. } => Some(effective_at),
            _ => None,
        };
        if let Some(instant) = instant {
            // Within the range of instants, because the part cut off is less than a microsecond.
            *instant = Timestamp::from_microsecond(instant.as_microsecond()).unwrap_or(*instant);
        }
        self
    }
}

impl Request {
    /// A command to carry out now.
    pub fn new(command: Command, actor: impl Into<Actor>) -> Self {
        let command = command.in_microseconds();
        Self { command, actor: actor.into(), idempotency_key: None, dry_run: false, now: None }
    }

    /// Freezes the answer under a key.
    #[must_use]
    pub fn with_key(mut self, key: Option<String>) -> Self {
        self.idempotency_key = key;
        self
    }

    /// Only asks what would happen.
    #[must_use]
    pub fn dry_run(mut self, dry_run: bool) -> Self {
        self.dry_run = dry_run;
        self
    }

    /// Decides as of a given time: for history.
    #[must_use]
    pub fn at(mut self, now: Timestamp) -> Self {
        self.now = Some(now);
        self
    }
}

impl MemberReference {
    /// The identifier, unless the member is named by account id.
    pub fn identifier(&self) -> Option<&Identifier> {
        match self {
            Self::Id(_) => None,
            Self::Identifier(identifier) => Some(identifier),
        }
    }
}

impl Recorded {
    /// The receipt of the entry.
    pub fn receipt(&self) -> Receipt {
        receipt(&self.entry, self.programme.as_deref())
    }
}

impl Answer {
    /// The recorded entry, if the answer has one.
    pub fn recorded(self) -> Result<Recorded, OperationError> {
        match self {
            Self::Recorded(recorded) => Ok(recorded),
            Self::Parked(key) => {
                Err(Refusal::Unknown { what: "purchase".to_owned(), value: key.reference }.into())
            }
            Self::Published(_) | Self::Voucher(_) | Self::Advanced(_) => {
                Err(OperationError::Internal("this command has no receipt".to_owned()))
            }
        }
    }
}
