//! Entries and postings: what happened, why, and which points moved between which accounts.
//! An entry is never changed; a correction is a new entry that names the one it corrects.

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::burn::{Cancellation, Capture, Fulfilment, HoldRequest, HoldVoid, RewardOrder};
use crate::code::Code;
use crate::document::{Activity, DocumentKey, Purchase, Return};
use crate::ids::{AccountId, EntryId};
use crate::ledger::{Carried, Membership, Merge, Moved, MovedLot, OfferEnd, TransferOffer};
use crate::ledger::{PointsRefund, PointsSpent, Released};
use crate::stored_value::{BonusGiven, BonusTaken, StoredValueRefund, TopUp};
use crate::voucher::VoucherId;

/// The accounts points move between. Member accounts belong to the entry's account, the others to the house.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LedgerAccount {
    /// Source of all points earned by rules.
    Issuer,
    /// The member's points that are not yet spendable.
    MemberPending,
    /// The member's spendable points.
    MemberAvailable,
    /// The member's points reserved by holds.
    MemberHeld,
    /// What the member owes.
    MemberDebt,
    /// Points spent.
    Redeemed,
    /// Points lapsed.
    Expired,
    /// Source and sink of manual adjustments.
    Adjustment,
    /// Points deducted at a tier review.
    TierDeduction,
    /// Clawbacks nobody could pay.
    WrittenOff,
    /// Money that members paid in, less what they got back: the counterpart of stored value.
    PaidIn,
    /// Points on their way between two accounts: the two entries of a pair leave it at zero.
    Transfer,
}

impl LedgerAccount {
    /// Its name, as it is stored and sent.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Issuer => "issuer",
            Self::MemberPending => "member_pending",
            Self::MemberAvailable => "member_available",
            Self::MemberHeld => "member_held",
            Self::MemberDebt => "member_debt",
            Self::Redeemed => "redeemed",
            Self::Expired => "expired",
            Self::Adjustment => "adjustment",
            Self::TierDeduction => "tier_deduction",
            Self::WrittenOff => "written_off",
            Self::PaidIn => "paid_in",
            Self::Transfer => "transfer",
        }
    }
}

/// Points moving from the debited to the credited account: balanced because it is one row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Posting {
    /// The unit.
    pub unit: Code,
    /// Where the points come from.
    pub debit: LedgerAccount,
    /// Where they go.
    pub credit: LedgerAccount,
    /// Points, more than 0.
    pub amount: i64,
    /// The lot they are part of; 0 for debt, which has no lot.
    pub lot_no: u32,
    /// The rule that decided, if a rule did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<Code>,
    /// Who bears the cost.
    pub funder: Code,
}

/// Who asked for an entry: an API key, a console user, an import, or the system itself.
pub type Actor = String;

/// Points one rule gave for one document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Award {
    /// The rule.
    pub rule: Code,
    /// The unit.
    pub unit: Code,
    /// Points given, after caps and budget.
    pub points: i64,
    /// Who pays for how much of it; sums to `points`.
    pub funding: Vec<(Code, i64)>,
    /// How much of it each line of the purchase earned; sums to `points`. Empty for activities.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub shares: Vec<i64>,
    /// When these points become spendable, if later than at once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pending_until: Option<Timestamp>,
    /// First instant at which these points can no longer be spent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Timestamp>,
}

/// What was true of the member and the programme when a document was judged, beyond the document itself.
/// Stored so that the decision can be repeated.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Circumstances {
    /// Which purchase of the member it was, from 1; 0 for activities.
    pub purchase_no: u32,
    /// Tiers held at the business time, as (ladder, tier).
    pub tiers: Vec<(Code, Code)>,
    /// Segments the member was in.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub segments: Vec<Code>,
    /// Whether it was the member's birthday.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub on_birthday: bool,
    /// Whether it was the month of the member's birthday.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub in_birthday_month: bool,
}

/// Where a clawback took its points.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClawbackPart {
    /// The unit.
    pub unit: Code,
    /// Points due back.
    pub due: i64,
    /// Of these, taken from the purchase's own lots.
    pub own_lots: i64,
    /// Already lapsed in the purchase's own lots: nothing left to take, nothing owed.
    pub lapsed: i64,
    /// Taken from other lots, soonest expiry first.
    pub other_lots: i64,
    /// Became debt.
    pub debt: i64,
    /// Written off by the programme's policy.
    pub written_off: i64,
}

impl ClawbackPart {
    /// Nothing taken back yet.
    pub const fn none(unit: Code) -> Self {
        Self { unit, due: 0, own_lots: 0, lapsed: 0, other_lots: 0, debt: 0, written_off: 0 }
    }
}

/// A voucher that points became: what it is worth, what it costs whom, how long it can be used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IssuedVoucher {
    /// The voucher.
    pub voucher: VoucherId,
    /// Its template.
    pub template: Code,
    /// Its face value in minor units.
    pub value: i64,
    /// Who bears the cost of its use; none: the programme.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub funder: Option<Code>,
    /// What its use costs them, in minor units.
    pub cost: i64,
    /// First instant at which it can be used; absent if at once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_from: Option<Timestamp>,
    /// First instant at which it can no longer be used.
    pub expires_at: Timestamp,
}

/// What an entry records.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Fact {
    /// A member joined.
    MemberEnrolled {
        /// What the decision depended on.
        circumstances: Circumstances,
        /// What each rule gave.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        awards: Vec<Award>,
        /// One letter for each rule of the programme version.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        outcomes: String,
    },
    /// Fields of a member's profile changed; the values are personal and stay outside the ledger.
    MemberUpdated {
        /// Names of the fields.
        fields: Vec<String>,
    },
    /// The member joined an interest club, or left it: then no audience puts them back.
    ClubChosen {
        /// The segment that is the club.
        club: Code,
        /// Whether they joined.
        joined: bool,
    },
    /// An identifier was linked; its value is personal and stays outside the ledger.
    IdentifierLinked {
        /// For instance `phone`.
        kind: String,
    },
    /// A purchase was recorded.
    PurchaseRecorded {
        /// The purchase as reported.
        purchase: Purchase,
        /// What else the decision depended on.
        circumstances: Circumstances,
        /// What each rule gave.
        awards: Vec<Award>,
        /// One letter for each rule of the programme version, in its order: see `programme::Outcome`.
        outcomes: String,
        /// The points that paid a part, for each such payment in order.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        spent: Vec<PointsSpent>,
    },
    /// A return was recorded.
    ReturnRecorded {
        /// The return as reported.
        #[serde(rename = "return")]
        document: Return,
        /// The entry of the purchase.
        purchase_entry_no: u32,
        /// The value returned by line in this return, after resolving “everything”.
        lines: Vec<crate::ledger::ReturnedLine>,
        /// What was taken back, by unit.
        clawback: Vec<ClawbackPart>,
        /// The points given back that had paid, for each payment in points that gives some back.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        refunds: Vec<PointsRefund>,
    },
    /// An activity was recorded.
    ActivityRecorded {
        /// The activity as reported.
        activity: Activity,
        /// What else the decision depended on.
        circumstances: Circumstances,
        /// What each rule gave.
        awards: Vec<Award>,
        /// One letter for each rule of the programme version.
        outcomes: String,
    },
    /// Points were added or taken by hand.
    PointsAdjusted {
        /// The unit.
        unit: Code,
        /// More than 0 adds, less than 0 takes.
        points: i64,
        /// Why, as a code the programme's staff know.
        reason: Code,
        /// Why, in words.
        note: String,
        /// The second person, where the programme asks for one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        approved_by: Option<Actor>,
    },
    /// Points were reserved.
    PointsHeld {
        /// As asked for.
        hold: HoldRequest,
        /// The unit.
        unit: Code,
        /// First instant at which it has timed out.
        ends_at: Timestamp,
    },
    /// Points of a hold were spent.
    HoldCaptured {
        /// As reported.
        capture: Capture,
        /// The entry of the hold.
        hold_no: u32,
        /// The unit.
        unit: Code,
        /// Points spent.
        points: i64,
        /// Points the hold still keeps; at 0 it has ended.
        left: i64,
        /// What it gave back, if the rest was released.
        #[serde(default, skip_serializing_if = "Released::is_nothing")]
        released: Released,
    },
    /// A hold was given up.
    HoldVoided {
        /// As reported.
        void: HoldVoid,
        /// The entry of the hold.
        hold_no: u32,
        /// The unit.
        unit: Code,
        /// What it gave back.
        released: Released,
    },
    /// A hold ended because its time had come.
    HoldExpired {
        /// The entry of the hold.
        hold_no: u32,
        /// The unit.
        unit: Code,
        /// What it gave back.
        released: Released,
    },
    /// A reward was paid with points.
    RewardRedeemed {
        /// As reported.
        order: RewardOrder,
        /// What the decision depended on.
        circumstances: Circumstances,
        /// The unit.
        unit: Code,
        /// Points spent.
        points: i64,
        /// Money to pay besides, in minor units.
        #[serde(default, skip_serializing_if = "is_zero")]
        money: i64,
    },
    /// A redemption was taken back.
    RedemptionCancelled {
        /// As reported.
        cancellation: Cancellation,
        /// The entry of the reward order or capture.
        redemption_no: u32,
        /// The reward and how many of it; none for a capture.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reward: Option<(Code, u32)>,
        /// The points given back.
        refund: PointsRefund,
    },
    /// A reward was handed out.
    RedemptionFulfilled {
        /// As reported.
        fulfilment: Fulfilment,
        /// The entry of the reward order.
        redemption_no: u32,
    },
    /// Money was paid in.
    ToppedUp {
        /// As reported.
        top_up: TopUp,
        /// The unit.
        unit: Code,
        /// What it earned.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        bonus: Option<BonusGiven>,
    },
    /// Money was paid back.
    StoredValueRefunded {
        /// As reported.
        refund: StoredValueRefund,
        /// The unit.
        unit: Code,
        /// What went with it of the bonus of the same top-ups.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        bonus: Vec<BonusTaken>,
    },
    /// A statement turned points into a voucher.
    StatementMade {
        /// The statement.
        statement: Code,
        /// Its date.
        made_on: Date,
        /// The unit.
        unit: Code,
        /// Points that became the voucher.
        points: i64,
        /// Points carried over.
        carried: i64,
        /// The voucher.
        voucher: IssuedVoucher,
    },
    /// Points were offered to another member. The same fact stands in both accounts.
    TransferOffered {
        /// What was offered.
        offer: TransferOffer,
        /// The entry in the other account.
        counterpart: EntryId,
    },
    /// Offered points moved: out of the sender's account, into the receiver's.
    PointsTransferred {
        /// What had been offered.
        offer: TransferOffer,
        /// The entry in the other account.
        counterpart: EntryId,
        /// The lots they were part of, in the order in which they were taken.
        parts: Vec<MovedLot>,
    },
    /// An offer ended without points being moved.
    TransferEnded {
        /// What had been offered.
        offer: TransferOffer,
        /// The entry in the other account.
        counterpart: EntryId,
        /// How.
        end: OfferEnd,
    },
    /// Two accounts of one person became one. The same fact stands in both.
    MembersMerged {
        /// Which into which.
        merge: Merge,
        /// Why, in words.
        reason: String,
        /// Points and debts that moved.
        moved: Moved,
        /// What else went along.
        carried: Carried,
    },
    /// What came back to a merged account went on to the one it was merged into. The same fact stands in both.
    PointsForwarded {
        /// Which into which.
        merge: Merge,
        /// Points and debts that moved.
        moved: Moved,
        /// What else changed.
        carried: Carried,
    },
    /// A merge was undone. The same fact stands in both accounts.
    MergeUndone {
        /// Which had been merged into which.
        merge: Merge,
        /// Why, in words.
        reason: String,
        /// What was left of the points that had come.
        moved: Moved,
        /// What else goes back, as changes of the account that goes on.
        carried: Carried,
    },
    /// A household was opened; nobody belongs to it yet.
    HouseholdCreated,
    /// A member joined a household. The same fact stands in both accounts.
    HouseholdJoined {
        /// Who joined which.
        membership: Membership,
        /// Whether they may spend what is pooled.
        may_spend: bool,
        /// Points that went into the pool, and what was owed.
        moved: Moved,
    },
    /// A member of this household may spend what is pooled from now on, or no more.
    HouseholdMemberChanged {
        /// Who.
        member: AccountId,
        /// Whether they may spend.
        may_spend: bool,
    },
    /// A member left a household. The same fact stands in both accounts.
    HouseholdLeft {
        /// Who left which.
        membership: Membership,
        /// What was left of the points they had brought.
        moved: Moved,
    },
    /// What became spendable on a member's account went into the pool. The same fact stands in both accounts.
    PointsPooled {
        /// Whose, into which.
        membership: Membership,
        /// Points that went into the pool, and what was owed.
        moved: Moved,
    },
    /// The member came into an audience.
    AudienceEntered {
        /// The segment whose members the audience holds.
        segment: Code,
        /// The version of the set.
        version: u64,
    },
    /// The member is in an audience no more.
    AudienceLeft {
        /// The segment whose members the audience holds.
        segment: Code,
        /// The version of the set.
        version: u64,
    },
    /// Pending points became spendable because their time had come.
    PointsReleased,
    /// Points lapsed because their time had come.
    PointsExpired,
    /// A tier was reviewed.
    TiersReviewed {
        /// The ladder.
        ladder: Code,
    },
}

/// Why a tier changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TierChangeReason {
    /// The first tier, on joining.
    Enrolment,
    /// A threshold was reached.
    Upgrade,
    /// A review kept the tier for another period.
    Requalified,
    /// A review lowered the tier.
    Downgrade,
    /// The higher tier of two accounts that became one.
    Merged,
    /// The account was merged into another: it holds the tier no more, `to` is the one it held.
    Left,
    /// The merge was undone: the account holds its tier again.
    Rejoined,
}

/// A change of tier decided by an entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TierChange {
    /// The ladder.
    pub ladder: Code,
    /// The tier before, if any.
    pub from: Option<Code>,
    /// The tier after.
    pub to: Code,
    /// Why.
    pub reason: TierChangeReason,
}

/// Where a member stands on a ladder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TierPosition {
    /// The ladder.
    pub ladder: Code,
    /// The tier held.
    pub tier: Code,
    /// What counts towards it in the current window.
    pub qualifying: i64,
    /// The next tier up and what it takes, if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<(Code, i64)>,
    /// When the tier is next reviewed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub review_at: Option<Timestamp>,
}

/// Balances and tiers right after an entry: the member's statement at that point of the ledger.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Standing {
    /// One for each unit the member ever had.
    pub balances: Vec<crate::ledger::Balance>,
    /// One for each ladder.
    pub tiers: Vec<TierPosition>,
}

/// One journal entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Account and number within it.
    pub id: EntryId,
    /// Business time.
    pub occurred_at: Timestamp,
    /// System time, strictly increasing within the account.
    pub recorded_at: Timestamp,
    /// The programme version that decided; 0 before any was published.
    pub programme_version: u32,
    /// Who asked for it.
    pub actor: Actor,
    /// The entry this one corrects, if any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub corrects: Option<u32>,
    /// What happened.
    pub fact: Fact,
    /// Points that moved, in order.
    pub postings: Vec<Posting>,
    /// Tiers that changed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tier_changes: Vec<TierChange>,
    /// The member's standing after it.
    pub standing: Standing,
}

impl Fact {
    /// The name of the event, in the past tense of its operation.
    pub fn event(&self) -> &'static str {
        match self {
            Self::MemberEnrolled { .. } => "member_enrolled",
            Self::MemberUpdated { .. } => "member_updated",
            Self::ClubChosen { joined: true, .. } => "club_joined",
            Self::ClubChosen { joined: false, .. } => "club_left",
            Self::IdentifierLinked { .. } => "identifier_linked",
            Self::PurchaseRecorded { .. } => "purchase_recorded",
            Self::ReturnRecorded { .. } => "return_recorded",
            Self::ActivityRecorded { .. } => "activity_recorded",
            Self::PointsAdjusted { .. } => "points_adjusted",
            Self::PointsHeld { .. } => "points_held",
            Self::HoldCaptured { .. } => "hold_captured",
            Self::HoldVoided { .. } => "hold_voided",
            Self::HoldExpired { .. } => "hold_expired",
            Self::RewardRedeemed { .. } => "reward_redeemed",
            Self::RedemptionCancelled { .. } => "redemption_cancelled",
            Self::RedemptionFulfilled { .. } => "redemption_fulfilled",
            Self::ToppedUp { .. } => "topped_up",
            Self::StoredValueRefunded { .. } => "stored_value_refunded",
            Self::StatementMade { .. } => "statement_made",
            Self::TransferOffered { .. } => "transfer_offered",
            Self::PointsTransferred { .. } => "points_transferred",
            Self::TransferEnded { end: OfferEnd::Declined, .. } => "transfer_declined",
            Self::TransferEnded { end: OfferEnd::Withdrawn, .. } => "transfer_withdrawn",
            Self::MembersMerged { .. } => "members_merged",
            Self::PointsForwarded { .. } => "points_forwarded",
            Self::MergeUndone { .. } => "merge_undone",
            Self::HouseholdCreated => "household_created",
            Self::HouseholdJoined { .. } => "household_joined",
            Self::HouseholdMemberChanged { .. } => "household_member_changed",
            Self::HouseholdLeft { .. } => "household_left",
            Self::PointsPooled { .. } => "points_pooled",
            Self::AudienceEntered { .. } => "audience_entered",
            Self::AudienceLeft { .. } => "audience_left",
            Self::PointsReleased => "points_released",
            Self::PointsExpired => "points_expired",
            Self::TiersReviewed { .. } => "tiers_reviewed",
        }
    }

    /// The natural key of the document that was recorded, if one was.
    pub fn document_key(&self) -> Option<&DocumentKey> {
        Some(match self {
            Self::PurchaseRecorded { purchase, .. } => &purchase.key,
            Self::ReturnRecorded { document, .. } => &document.key,
            Self::ActivityRecorded { activity, .. } => &activity.key,
            Self::PointsHeld { hold, .. } => &hold.key,
            Self::HoldCaptured { capture, .. } => &capture.key,
            Self::HoldVoided { void, .. } => &void.key,
            Self::RewardRedeemed { order, .. } => &order.key,
            Self::RedemptionCancelled { cancellation, .. } => &cancellation.key,
            Self::RedemptionFulfilled { fulfilment, .. } => &fulfilment.key,
            Self::ToppedUp { top_up, .. } => &top_up.key,
            Self::StoredValueRefunded { refund, .. } => &refund.key,
            _ => return None,
        })
    }

    /// Whether time alone brought it about: it is decided as of its business time, however late it is recorded.
    pub fn by_time_alone(&self) -> bool {
        matches!(
            self,
            Self::PointsReleased
                | Self::PointsExpired
                | Self::HoldExpired { .. }
                | Self::TiersReviewed { .. }
        )
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature serde asks for")]
fn is_zero(amount: &i64) -> bool {
    *amount == 0
}
