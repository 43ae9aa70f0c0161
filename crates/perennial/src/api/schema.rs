//! The shapes of what the API answers, as its document describes them. Where an answer is a type of the domain written
//! out as it is, the type here only describes it; the contract test holds the two together.

use domain::ledger::{AccountStatus, TierChangeReason};
use domain::member::{Identifier, IdentifierKind, Profile};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::schema_spending::{HoldShape, RedemptionShape, RefundShape, SpentShape};

/// An amount of money.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
pub(super) struct Money {
    /// Minor units: 12.99 yuan is 1299.
    #[schema(example = 1299)]
    pub(super) amount: i64,
    /// ISO 4217.
    #[schema(value_type = String, pattern = "^[A-Z]{3}$", example = "CNY")]
    pub(super) currency: domain::money::Currency,
}

/// A page of a list.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Page<T> {
    /// The items.
    pub(super) data: Vec<T>,
    /// Whether there are more.
    pub(super) has_more: bool,
    /// What to send as `after` to get them.
    pub(super) next: Option<String>,
}

/// How a member is found.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct IdentifierBody {
    /// What kind of identifier it is.
    pub(super) kind: IdentifierKindName,
    /// Card: 8 to 19 digits with a check digit. Phone: E.164, or national in the programme's country. E-mail. External: 1
    /// to 128 bytes.
    #[schema(min_length = 1, max_length = 128, example = "+8613800138000")]
    pub(super) value: String,
}

/// Kinds of identifier.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum IdentifierKindName {
    /// A card number with a check digit.
    Card,
    /// A telephone number.
    Phone,
    /// An e-mail address.
    Email,
    /// The number the member has in another system.
    External,
}

/// What is known of a member as a person; all of it optional.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ProfileBody {
    /// The name as the member writes it.
    #[serde(default)]
    #[schema(example = "张伟", max_length = 128)]
    pub(super) name: Option<String>,
    /// Date of birth.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = Date, example = "1990-05-17")]
    pub(super) born_on: Option<jiff::civil::Date>,
    /// Preferred language.
    #[serde(default)]
    #[schema(example = "zh-CN")]
    pub(super) language: Option<String>,
    /// Segments the member is in; rules can name them.
    #[serde(default)]
    #[schema(value_type = Vec<String>, max_items = 64)]
    pub(super) segments: Vec<domain::code::Code>,
    /// Segments the member does not want to be in, interest clubs they have left: no audience puts them there.
    #[serde(default)]
    #[schema(value_type = Vec<String>, required = false, max_items = 64)]
    pub(super) declined_segments: Vec<domain::code::Code>,
}

/// Whether an account takes part.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum StatusName {
    /// Earns and spends.
    Active,
    /// Kept for its history.
    Closed,
}

/// A member's points in one unit. What the member owns is `available` less `debt`.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct UnitBalance {
    /// The unit.
    #[schema(value_type = String, example = "points")]
    pub(super) unit: domain::code::Code,
    /// Can be spent now.
    pub(super) available: i64,
    /// Earned, not yet spendable.
    pub(super) pending: i64,
    /// Reserved.
    pub(super) held: i64,
    /// Owed after a return that found too little.
    pub(super) debt: i64,
    /// Ever earned.
    pub(super) earned: i64,
    /// Ever spent.
    pub(super) redeemed: i64,
    /// Ever lapsed.
    pub(super) expired: i64,
}

/// Where a member stands on a ladder.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes a type of the domain")]
pub(super) struct TierPositionShape {
    /// The ladder.
    ladder: String,
    /// The tier held.
    tier: String,
    /// What counts towards it in the current window.
    qualifying: i64,
    /// The next tier up and what it takes, as a list of two; absent at the top.
    #[schema(value_type = Option<Vec<serde_json::Value>>, nullable = false, required = false, example = json!(["gold", 500_000]))]
    next: (),
    /// When the tier is next reviewed.
    #[schema(nullable = false, required = false)]
    review_at: Option<Timestamp>,
}

/// A change of tier.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes a type of the domain")]
pub(super) struct TierChangeShape {
    /// The ladder.
    ladder: String,
    /// The tier before.
    from: Option<String>,
    /// The tier after.
    to: String,
    /// Why.
    #[schema(value_type = TierChangeReasonName)]
    reason: TierChangeReason,
}

/// Why a tier changed.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[expect(dead_code, reason = "describes a type of the domain")]
pub(super) enum TierChangeReasonName {
    /// The first tier.
    Enrolment,
    /// A threshold was reached.
    Upgrade,
    /// A review kept the tier.
    Requalified,
    /// A review lowered the tier.
    Downgrade,
}

/// Points a document earned, with their dates.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes a type of the domain")]
pub(super) struct EarnedPointsShape {
    /// The unit.
    unit: String,
    /// Points.
    points: i64,
    /// When they become spendable; absent if they are already.
    #[schema(nullable = false, required = false)]
    pending_until: Option<Timestamp>,
    /// First instant at which they can no longer be spent; absent if never.
    #[schema(nullable = false, required = false)]
    expires_at: Option<Timestamp>,
}

/// What one rule did, or why it did nothing.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes a type of the domain")]
pub(super) struct RuleResultShape {
    /// The rule.
    rule: String,
    /// What came of it; `GET /v1/outcomes` has a sentence for each.
    #[schema(example = "fired")]
    outcome: String,
    /// Points it gave.
    points: i64,
}

/// Where a clawback took its points.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes a type of the domain")]
pub(super) struct ClawbackShape {
    /// The unit.
    unit: String,
    /// Points due back.
    due: i64,
    /// Taken from the purchase's own lots.
    own_lots: i64,
    /// Already lapsed there: nothing to take, nothing owed.
    lapsed: i64,
    /// Taken from other lots.
    other_lots: i64,
    /// Became debt.
    debt: i64,
    /// Written off.
    written_off: i64,
}

/// What became of a voucher that was presented.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes a type of the domain")]
pub(super) struct VoucherResultShape {
    /// The voucher.
    #[schema(example = "vou_0fx0000000000000000000000a")]
    voucher: String,
    /// Its template; absent if there is no such voucher.
    #[schema(nullable = false, required = false)]
    template: Option<String>,
    /// `applied`, or the reason why not: `unknown`, `expired`, `below_minimum` …
    #[schema(example = "applied")]
    outcome: String,
    /// With `below_minimum`: minor units that are missing.
    #[schema(nullable = false, required = false)]
    missing: Option<i64>,
    /// With `reserved_elsewhere`: when that reservation ends at the latest.
    #[schema(nullable = false, required = false)]
    until: Option<Timestamp>,
    /// With `not_yet_valid`: the first instant of use.
    #[schema(nullable = false, required = false)]
    from: Option<Timestamp>,
    /// With `expired`: the first instant without use.
    #[schema(nullable = false, required = false)]
    at: Option<Timestamp>,
    /// Minor units it took off; absent if none.
    #[schema(nullable = false, required = false)]
    discount: Option<i64>,
    /// Minor units it took off each line.
    #[schema(nullable = false, required = false)]
    shares: Option<Vec<i64>>,
    /// The tax contained in these shares.
    #[schema(nullable = false, required = false)]
    tax_shares: Option<Vec<i64>>,
    /// Who bears the cost, if not the programme.
    #[schema(nullable = false, required = false)]
    funder: Option<String>,
    /// What it costs them, in minor units.
    #[schema(nullable = false, required = false)]
    cost: Option<i64>,
}

/// A voucher.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes a type of the operations")]
pub(super) struct VoucherShape {
    /// The voucher.
    #[schema(example = "vou_0fx0000000000000000000000a")]
    voucher: String,
    /// Its template.
    template: String,
    /// The programme version whose terms it keeps.
    programme_version: u32,
    /// Where it stands.
    status: VoucherStatusName,
    /// The member it belongs to, if to one.
    #[schema(nullable = false, required = false)]
    member_id: Option<String>,
    /// Its face value in minor units, where it has one of its own.
    #[schema(nullable = false, required = false)]
    value: Option<i64>,
    /// First instant of use, if later than its issue.
    #[schema(nullable = false, required = false)]
    valid_from: Option<Timestamp>,
    /// First instant at which it can no longer be used.
    expires_at: Timestamp,
    /// Uses that are neither redeemed nor held.
    uses_left: u32,
    /// The use of the purchase or order that was named, if it has one.
    #[schema(nullable = false, required = false)]
    r#use: Option<VoucherUseShape>,
}

/// A use of a voucher.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes a type of the operations")]
pub(super) struct VoucherUseShape {
    /// The system that knows the purchase or order.
    source: String,
    /// The number it has there.
    reference: String,
    /// What became of it.
    state: VoucherUseStateName,
    /// When a reservation ends by itself.
    #[schema(nullable = false, required = false)]
    reserved_until: Option<Timestamp>,
    /// Minor units it took off.
    discount: i64,
}

/// Where a voucher stands.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[expect(dead_code, reason = "describes a type of the domain")]
pub(super) enum VoucherStatusName {
    /// Can be used; belongs to nobody.
    Issued,
    /// Can be used by its member.
    Registered,
    /// Orders hold all uses that are left.
    Reserved,
    /// All uses were redeemed.
    Redeemed,
    /// Its time is over.
    Expired,
    /// Declared void.
    Void,
}

/// What became of a use.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[expect(dead_code, reason = "describes a type of the domain")]
pub(super) enum VoucherUseStateName {
    /// Held for an order.
    Reserved,
    /// Spent.
    Redeemed,
    /// Given back before it was spent.
    Released,
    /// Given back by time.
    TimedOut,
    /// Given back after it was spent.
    Restored,
}

/// Stored value that was paid in or paid back.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes a type of the domain")]
pub(super) struct StoredValueShape {
    /// The unit.
    unit: String,
    /// Minor units paid in; 0 for a refund.
    paid_in: i64,
    /// Minor units paid back; 0 for a top-up.
    paid_back: i64,
    /// How they were paid.
    method: String,
    /// Bonus that went with a refund; absent if none did.
    #[schema(nullable = false, required = false)]
    bonus_taken: Option<Vec<BonusTakenShape>>,
}

/// Bonus that went with a refund of stored value.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes a type of the domain")]
pub(super) struct BonusTakenShape {
    /// The unit.
    unit: String,
    /// How much.
    points: i64,
}

/// What the ledger answers to a command: a pure function of the stored entry, so a repeated request gets the same
/// receipt byte for byte.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes a type of the domain")]
pub(super) struct ReceiptShape {
    /// The entry that records it.
    #[schema(example = "ent_0cvq6w2m8z4k1_7")]
    entry_id: String,
    /// The member.
    #[schema(example = "mem_0cvq6w2m8z4k1")]
    member_id: String,
    /// What happened.
    #[schema(example = "purchase_recorded")]
    event: String,
    /// Business time.
    occurred_at: Timestamp,
    /// System time.
    recorded_at: Timestamp,
    /// The programme version that decided; 0 if none was needed.
    programme_version: u32,
    /// What was earned, by unit and dates.
    earned: Vec<EarnedPointsShape>,
    /// What was taken back; absent unless it was a return.
    #[schema(nullable = false, required = false)]
    clawback: Option<Vec<ClawbackShape>>,
    /// Points that paid a part of a purchase; absent if none did.
    #[schema(nullable = false, required = false)]
    spent: Option<Vec<SpentShape>>,
    /// Points given back that had paid; absent if none were.
    #[schema(nullable = false, required = false)]
    refunds: Option<Vec<RefundShape>>,
    /// The hold that was made or changed; absent unless one was.
    #[schema(nullable = false, required = false)]
    hold: Option<HoldShape>,
    /// Stored value that was paid in or paid back; absent unless some was.
    #[schema(nullable = false, required = false)]
    stored_value: Option<StoredValueShape>,
    /// The reward that was redeemed; absent unless one was.
    #[schema(nullable = false, required = false)]
    redemption: Option<RedemptionShape>,
    /// Each rule that was live: what it gave, or why it gave nothing.
    rules: Vec<RuleResultShape>,
    /// Each voucher that was presented: what it took off, or why nothing; absent if none was.
    #[schema(nullable = false, required = false)]
    vouchers: Option<Vec<VoucherResultShape>>,
    /// Balances right after.
    balances: Vec<UnitBalance>,
    /// Tiers right after, with what is missing to the next.
    tiers: Vec<TierPositionShape>,
    /// Tiers that changed; absent if none did.
    #[schema(nullable = false, required = false)]
    tier_changes: Option<Vec<TierChangeShape>>,
}

/// The answer to a write.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes what `answer` writes")]
pub(super) struct RecordedShape {
    /// Whether the same request was recorded before: the receipt is the one given then.
    duplicate: bool,
    /// Whether nothing was recorded, because you only asked what would happen.
    dry_run: bool,
    /// The receipt.
    receipt: ReceiptShape,
}

impl From<IdentifierKindName> for IdentifierKind {
    fn from(name: IdentifierKindName) -> Self {
        match name {
            IdentifierKindName::Card => Self::Card,
            IdentifierKindName::Phone => Self::Phone,
            IdentifierKindName::Email => Self::Email,
            IdentifierKindName::External => Self::External,
        }
    }
}

impl From<&Identifier> for IdentifierBody {
    fn from(identifier: &Identifier) -> Self {
        let kind = match identifier.kind {
            IdentifierKind::Card => IdentifierKindName::Card,
            IdentifierKind::Phone => IdentifierKindName::Phone,
            IdentifierKind::Email => IdentifierKindName::Email,
            IdentifierKind::External => IdentifierKindName::External,
        };
        Self { kind, value: identifier.value.clone() }
    }
}

impl From<ProfileBody> for Profile {
    fn from(body: ProfileBody) -> Self {
        let ProfileBody { name, born_on, language, segments, declined_segments } = body;
        Self { name, born_on, language, segments, declined_segments }
    }
}

impl From<Profile> for ProfileBody {
    fn from(profile: Profile) -> Self {
        let Profile { name, born_on, language, segments, declined_segments } = profile;
        Self { name, born_on, language, segments, declined_segments }
    }
}

impl From<AccountStatus> for StatusName {
    fn from(status: AccountStatus) -> Self {
        match status {
            AccountStatus::Active => Self::Active,
            AccountStatus::Closed => Self::Closed,
        }
    }
}

impl From<StatusName> for AccountStatus {
    fn from(status: StatusName) -> Self {
        match status {
            StatusName::Active => Self::Active,
            StatusName::Closed => Self::Closed,
        }
    }
}

impl From<&domain::ledger::Balance> for UnitBalance {
    fn from(balance: &domain::ledger::Balance) -> Self {
        let domain::ledger::Balance { unit, available, pending, held, debt, earned, redeemed, expired } =
            *balance;
        Self { unit, available, pending, held, debt, earned, redeemed, expired }
    }
}

/// An instant as the ledger keeps it: whole microseconds.
pub(super) fn microseconds(instant: Timestamp) -> Timestamp {
    Timestamp::from_microsecond(instant.as_microsecond()).unwrap_or(instant)
}
