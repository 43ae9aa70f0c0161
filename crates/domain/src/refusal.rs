//! Every reason for which the platform says no, as named sentences that say what to do.
//! Doors translate the kind to a status; nothing internal ever appears here.

mod classes;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::code::Code;
use crate::ids::{AccountId, EntryId};
use crate::member::IdentifierKind;
use crate::money::{AMOUNT_MAX, Currency};
use crate::voucher::VoucherOutcome;

/// What kind of “no” it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RefusalKind {
    /// The request itself is malformed or out of bounds; found before anything is decided, so never frozen.
    Invalid,
    /// Something named in the request does not exist.
    NotFound,
    /// The request contradicts what is already recorded.
    Conflict,
    /// The rules say no. Frozen under its idempotency key: the same key gets the same answer for ever.
    Business,
    /// What the request is about has ended in another way. Frozen like every no of the rules.
    Ended,
    /// What the request is about has timed out. Frozen like every no of the rules.
    TimedOut,
}

impl RefusalKind {
    /// Whether the answer is kept under the caller's idempotency key.
    pub const fn is_frozen(self) -> bool {
        matches!(self, Self::Business | Self::Ended | Self::TimedOut)
    }
}

/// A refusal. `Display` is the English sentence.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[serde(tag = "code", rename_all = "snake_case")]
pub enum Refusal {
    /// A field has a value it may not have.
    #[error("{field} is “{value}”: {remedy}")]
    FieldInvalid {
        /// Path of the field, for instance `lines[2].amount`.
        field: String,
        /// The value found.
        value: String,
        /// What to write instead.
        remedy: String,
    },
    /// An amount beyond ±(2^53 − 1), or a sum that leaves the range.
    #[error("{field} is out of range: amounts and their sums must stay within ±{AMOUNT_MAX}")]
    AmountTooLarge {
        /// Path of the field.
        field: String,
    },
    /// No member has this identifier or id.
    #[error(
        "no member has the {kind} “{value}”: enrol the member first, or send the identifier they enrolled with"
    )]
    MemberUnknown {
        /// `id`, `card`, `phone`, `email` or `external`.
        kind: String,
        /// The value sent.
        value: String,
    },
    /// The identifier belongs to another member.
    #[error("this {kind:?} already belongs to another member: look that member up, or merge the two")]
    IdentifierTaken {
        /// The kind of identifier.
        kind: IdentifierKind,
    },
    /// The account no longer takes part.
    #[error("account {account_id} is closed: it neither earns nor spends")]
    AccountClosed {
        /// The account.
        account_id: AccountId,
    },
    /// No programme version was in force at the business time.
    #[error("no programme was in force at {occurred_at}: publish one with an earlier effective date")]
    NoProgrammeInForce {
        /// The business time.
        occurred_at: Timestamp,
    },
    /// The purchase is in another currency than the programme.
    #[error(
        "currency is {found}, but the programme counts in {expected}: convert the amounts before sending them"
    )]
    CurrencyDiffers {
        /// Currency of the purchase.
        found: Currency,
        /// Currency of the programme.
        expected: Currency,
    },
    /// The business time lies in the future.
    #[error("occurred_at is {occurred_at}, which lies in the future: check the clock of the sender")]
    InFuture {
        /// The business time.
        occurred_at: Timestamp,
    },
    /// The document is older than the programme accepts.
    #[error("occurred_at is {occurred_at}, older than the {lateness_days} days the programme accepts")]
    TooLate {
        /// The business time.
        occurred_at: Timestamp,
        /// Days accepted.
        lateness_days: u32,
    },
    /// The same source and reference were recorded with other content.
    #[error(
        "{source_name} {reference} was recorded before with other content: send a return, or use another reference"
    )]
    DocumentDiffers {
        /// The source.
        source_name: String,
        /// The reference.
        reference: String,
    },
    /// The line is not in the purchase.
    #[error("lines[{position}].line is {line}, but the purchase has lines 0 to {last}")]
    ReturnLineUnknown {
        /// Position in the return.
        position: usize,
        /// The line named.
        line: u32,
        /// The last line of the purchase.
        last: usize,
    },
    /// More would come back than was bought.
    #[error("lines[{position}].amount is {amount}, but only {left} of line {line} has not come back yet")]
    ReturnExceedsPurchase {
        /// Position in the return.
        position: usize,
        /// The line of the purchase.
        line: u32,
        /// The value to return.
        amount: i64,
        /// The value left.
        left: i64,
    },
    /// All of the purchase has come back already.
    #[error("everything of this purchase has come back already")]
    NothingToReturn,
    /// The document that a return names is not a purchase.
    #[error("{source_name} {reference} is not a purchase")]
    NotAPurchase {
        /// The source.
        source_name: String,
        /// The reference.
        reference: String,
    },
    /// The programme has no such unit.
    #[error("the programme has no unit {unit}")]
    UnitUnknown {
        /// The unit named.
        unit: Code,
    },
    /// Not enough spendable points.
    #[error("{asked} {unit} were asked for, but only {available} can be spent")]
    InsufficientPoints {
        /// The unit.
        unit: Code,
        /// Points asked for.
        asked: i64,
        /// Points that can be spent.
        available: i64,
    },
    /// The unit takes no part in redemption.
    #[error("{unit} cannot be {what} in this programme: use another unit, or give it terms of redemption")]
    UnitNotRedeemable {
        /// The unit.
        unit: Code,
        /// `held` or `used to pay`.
        what: String,
    },
    /// Fewer points than the programme takes at a time.
    #[error("{field} is {points}: {unit} are taken from {minimum} on")]
    PointsBelowMinimum {
        /// Path of the field.
        field: String,
        /// The unit.
        unit: Code,
        /// Points asked for.
        points: i64,
        /// Fewest points.
        minimum: i64,
    },
    /// More points than the programme takes at a time.
    #[error("{field} is {points}: at most {maximum} {unit} are taken at a time")]
    PointsAboveMaximum {
        /// Path of the field.
        field: String,
        /// The unit.
        unit: Code,
        /// Points asked for.
        points: i64,
        /// Most points.
        maximum: i64,
    },
    /// Points that do not come in whole steps.
    #[error("{field} is {points}: {unit} are taken in steps of {step}")]
    PointsNotInSteps {
        /// Path of the field.
        field: String,
        /// The unit.
        unit: Code,
        /// Points asked for.
        points: i64,
        /// The step.
        step: i64,
    },
    /// The money that points are said to pay is not what they are worth.
    #[error(
        "{field} is {amount}, but {points} {unit} pay {worth} under programme version {version}: send that amount"
    )]
    PointsWorthDiffers {
        /// Path of the field.
        field: String,
        /// The unit.
        unit: Code,
        /// Points.
        points: i64,
        /// The amount sent, in minor units.
        amount: i64,
        /// What the points pay.
        worth: i64,
        /// The version whose terms hold.
        version: u32,
    },
    /// Points pay more of a purchase than the programme allows.
    #[error(
        "points pay {paid} of this purchase, but at most {allowed} may be paid in {unit}: pay the rest otherwise"
    )]
    PointsShareExceeded {
        /// The unit whose terms are exceeded.
        unit: Code,
        /// What points pay, in minor units.
        paid: i64,
        /// The most they may pay.
        allowed: i64,
    },
    /// Other terms are in force than those the member was quoted.
    #[error(
        "the quote was made under programme version {quoted}, but version {version} is in force: ask again"
    )]
    TermsChanged {
        /// The version quoted.
        quoted: u32,
        /// The version in force.
        version: u32,
    },
    /// More holds at once than one member may have.
    #[error("this member has {open} open holds, as many as can be: capture or void one first")]
    TooManyHolds {
        /// Open holds.
        open: usize,
    },
    /// No such hold, or one of another member.
    #[error("there is no hold {source_name} {reference} of this member: make the hold first")]
    HoldUnknown {
        /// The source.
        source_name: String,
        /// The reference.
        reference: String,
    },
    /// The hold has timed out.
    #[error("hold {source_name} {reference} timed out at {ended_at}: make a new one")]
    HoldExpired {
        /// The source.
        source_name: String,
        /// The reference.
        reference: String,
        /// When it timed out.
        ended_at: Timestamp,
    },
    /// The hold was captured or voided.
    #[error(
        "hold {source_name} {reference} has been {how} already: make a new one if points are to be spent"
    )]
    HoldEnded {
        /// The source.
        source_name: String,
        /// The reference.
        reference: String,
        /// `captured` or `voided`.
        how: String,
    },
    /// More would be captured than the hold keeps.
    #[error("{field} is {points}, but the hold keeps only {held}")]
    CaptureExceedsHold {
        /// Path of the field.
        field: String,
        /// Points asked for.
        points: i64,
        /// Points kept.
        held: i64,
    },
    /// The programme has no such reward.
    #[error("the programme has no reward {reward}: see the catalogue")]
    RewardUnknown {
        /// The reward named.
        reward: Code,
    },
    /// The reward is not on offer on that day.
    #[error("{reward} is not on offer on {on}: it is from {from} until {until}")]
    RewardNotOffered {
        /// The reward.
        reward: Code,
        /// The local day.
        on: String,
        /// First day, or `ever`.
        from: String,
        /// Last day, or `ever`.
        until: String,
    },
    /// The reward is for other members.
    #[error("{reward} is only for {whom}")]
    RewardNotForMember {
        /// The reward.
        reward: Code,
        /// Tiers or segments.
        whom: String,
    },
    /// The member has had all that one member gets.
    #[error(
        "{asked} {reward} were asked for, but only {left} more are left for this member in this {period}"
    )]
    RewardLimitReached {
        /// The reward.
        reward: Code,
        /// How many were asked for.
        asked: u32,
        /// How many are left.
        left: u32,
        /// `day`, `month` or `lifetime`.
        period: String,
    },
    /// Too few are left for anybody.
    #[error("{asked} {reward} were asked for, but only {left} are in stock")]
    RewardOutOfStock {
        /// The reward.
        reward: Code,
        /// How many were asked for.
        asked: u32,
        /// How many are left.
        left: i64,
    },
    /// The document named is no redemption that can be followed up so.
    #[error("{source_name} {reference} is not a redemption that can be {what}")]
    NotARedemption {
        /// The source.
        source_name: String,
        /// The reference.
        reference: String,
        /// `cancelled` or `fulfilled`.
        what: String,
    },
    /// The redemption was fulfilled or cancelled.
    #[error("redemption {source_name} {reference} has been {how} already")]
    RedemptionEnded {
        /// The source.
        source_name: String,
        /// The reference.
        reference: String,
        /// `fulfilled` or `cancelled`.
        how: String,
    },
    /// The programme lets nobody give points of the unit away.
    #[error("{unit} cannot be given to other members: the programme does not allow it")]
    TransfersOff {
        /// The unit.
        unit: Code,
    },
    /// Fewer points than the programme transfers.
    #[error("points is {points}, but a transfer takes at least {least}: give more at once")]
    TransferTooSmall {
        /// Points asked for.
        points: i64,
        /// Fewest points.
        least: i64,
    },
    /// More points than may change hands on one day.
    #[error("points is {points}, but only {left} of the {limit} of this day are left: try again tomorrow")]
    TransferLimit {
        /// Points asked for.
        points: i64,
        /// What the day has left.
        left: i64,
        /// The limit of a day.
        limit: i64,
    },
    /// One of the accounts has not existed long enough.
    #[error(
        "account {account_id} has not existed for {days} days: until then it neither gives nor gets points"
    )]
    AccountTooYoung {
        /// The account.
        account_id: AccountId,
        /// Days asked for.
        days: u32,
    },
    /// Too few points that are old enough.
    #[error("{asked} {unit} were to be given away, but only {points} are spendable and {days} days old")]
    TooFewTransferable {
        /// The unit.
        unit: Code,
        /// Points asked for.
        asked: i64,
        /// Points that may be given away.
        points: i64,
        /// Days points must have been held.
        days: u32,
    },
    /// Too many offers wait for an answer.
    #[error("{most} offers of account {account_id} wait for an answer: let one be answered first")]
    OffersWaiting {
        /// The account.
        account_id: AccountId,
        /// Most that may wait.
        most: usize,
    },
    /// The offer was answered, taken back, has lapsed, or never was.
    #[error("transfer {transfer} does not wait for an answer: it was answered, taken back or has lapsed")]
    TransferNotOpen {
        /// The transfer.
        transfer: EntryId,
    },
    /// A merge, or undoing one, waits for what is under way on an account.
    #[error(
        "account {account_id} has {holds} open holds and {transfers} transfers that wait for an answer: capture, void, \
         answer or take them back first"
    )]
    MergeWaits {
        /// The account.
        account_id: AccountId,
        /// Its open holds.
        holds: usize,
        /// Its transfers that wait.
        transfers: usize,
    },
    /// Too many accounts were merged into one.
    #[error("{most} accounts have been merged into account {account_id}, and no more may be")]
    MergesExhausted {
        /// The account.
        account_id: AccountId,
        /// Most that may be.
        most: usize,
    },
    /// There is no merge to undo.
    #[error("account {account_id} is not merged into another: name the member that was given up")]
    NotMerged {
        /// The account.
        account_id: AccountId,
    },
    /// The programme has no households.
    #[error("the programme in force pools no points in households: publish one with the part `households`")]
    HouseholdsOff,
    /// A household was asked for, and the account is none.
    #[error(
        "account {account_id} is no household: name a household, and nobody as spender for a member's own points"
    )]
    NotAHousehold {
        /// The account.
        account_id: AccountId,
    },
    /// A member was asked for, and the account is a household.
    #[error(
        "account {account_id} is a household, which only holds and spends points: name one of its members"
    )]
    IsHousehold {
        /// The account.
        account_id: AccountId,
    },
    /// The member belongs to a household.
    #[error("member {account_id} belongs to household {household}: let them leave it first")]
    InHousehold {
        /// The member.
        account_id: AccountId,
        /// Their household.
        household: AccountId,
    },
    /// The member does not belong to the household.
    #[error("member {account_id} does not belong to household {household}: name one of its members")]
    NotInHousehold {
        /// The member.
        account_id: AccountId,
        /// The household.
        household: AccountId,
    },
    /// The household has as many members as it may.
    #[error("household {household} has {most} members, and no more may join")]
    HouseholdFull {
        /// The household.
        household: AccountId,
        /// Most it may have.
        most: u32,
    },
    /// What a member takes along is not known while points of the pool are held.
    #[error(
        "household {household} has {holds} open holds: capture or void them first, then who leaves takes along what is \
         left of the points they brought"
    )]
    HouseholdWaits {
        /// The household.
        household: AccountId,
        /// Its open holds.
        holds: usize,
    },
    /// Nobody said who spends.
    #[error("the points of household {household} are spent by a member who may: name the spender")]
    SpenderNeeded {
        /// The household.
        household: AccountId,
    },
    /// Who wants to spend may not.
    #[error("{spender} is no member of household {household} who may spend its points: name one who may")]
    SpenderNotAllowed {
        /// The household.
        household: AccountId,
        /// Who asked.
        spender: AccountId,
    },
    /// A second person must approve.
    #[error("{points} points are more than the {limit} one person may adjust: a second person must approve")]
    ApprovalNeeded {
        /// Points of the adjustment.
        points: i64,
        /// The programme's limit.
        limit: i64,
    },
    /// The second person is the first.
    #[error("{actor} asked for this adjustment and cannot approve it too: a second person must")]
    ApproverIsRequester {
        /// The person.
        actor: String,
    },
    /// A programme that does not pass its checks.
    #[error("the programme has {count} errors; the first: {first}")]
    ProgrammeInvalid {
        /// Number of errors.
        count: usize,
        /// The first of them.
        first: String,
    },
    /// The effective date is too soon or in the past.
    #[error(
        "effective_at is {effective_at}, but the programme promises {notice_days} days of notice: use {earliest} or later"
    )]
    NoticeTooShort {
        /// The date asked for.
        effective_at: Timestamp,
        /// Days of notice promised.
        notice_days: u32,
        /// The earliest date allowed.
        earliest: Timestamp,
    },
    /// A new version must not take effect before an existing one.
    #[error(
        "effective_at is {effective_at}, but version {version} takes effect at {existing}: use a later date"
    )]
    VersionOutOfOrder {
        /// The date asked for.
        effective_at: Timestamp,
        /// The newest version.
        version: u32,
        /// When that one takes effect.
        existing: Timestamp,
    },
    /// The same idempotency key came with another request.
    #[error("idempotency key “{key}” was used for another request: use a new key for a new request")]
    IdempotencyKeyReused {
        /// The key.
        key: String,
    },
    /// A voucher cannot be used, registered or given back.
    #[error("voucher: {reason}")]
    Voucher {
        /// Why not.
        reason: VoucherOutcome,
    },
    /// The batch of vouchers was issued before; its codes are shown once.
    #[error(
        "voucher batch “{reference}” was issued before and its codes are shown once: declare it void and issue another"
    )]
    VoucherBatchIssued {
        /// The reference of the batch.
        reference: String,
    },
    /// More vouchers than the template allows.
    #[error(
        "{asked} more of {template} are too many: {issued} of {most} have been issued, raise issue_max first"
    )]
    VoucherIssueExceeded {
        /// The template.
        template: Code,
        /// Vouchers asked for.
        asked: i64,
        /// Vouchers issued so far.
        issued: i64,
        /// The most that may be issued in all.
        most: i64,
    },
    /// More stored value than the law lets such a member have.
    #[error(
        "{amount} more would make {balance} of {unit}, but {holder} members may have {limit}: top up {room} at the most"
    )]
    StoredValueLimit {
        /// The unit.
        unit: Code,
        /// Minor units to pay in.
        amount: i64,
        /// What the member would have.
        balance: i64,
        /// How well the member is known.
        holder: String,
        /// The limit.
        limit: i64,
        /// What can still be paid in.
        room: i64,
    },
    /// So much was topped up that the member's identity must be known.
    #[error("{total} topped up in all reaches {limit}: see an identity document and set holder to real_name")]
    RealNameNeeded {
        /// Minor units paid in so far and now.
        total: i64,
        /// From which on a real name is needed.
        limit: i64,
    },
    /// The clock of a database that is used in earnest cannot be moved.
    #[error(
        "this is no sandbox: start the server with --sandbox on a database that holds nothing but trials"
    )]
    NotASandbox,
    /// Programs use the database in earnest.
    #[error(
        "{count} live API keys work here, so this is no place to move the clock: revoke them, use test keys"
    )]
    LiveKeys {
        /// Live keys that work.
        count: usize,
    },
    /// A set of members that is not newer than the one that stands.
    #[error(
        "version {version} of audience {segment} is not newer than {current}, which stands: look at what changed, \
         then send the set under a higher version"
    )]
    AudienceNotNewer {
        /// The segment whose members the audience holds.
        segment: Code,
        /// The version sent.
        version: u64,
        /// The version that stands.
        current: u64,
    },
    /// Nothing of that name exists.
    #[error("there is no {what} “{value}”")]
    Unknown {
        /// Kind of thing, for instance `entry`.
        what: String,
        /// The value sent.
        value: String,
    },
}

impl Refusal {
    /// A field with a value it may not have.
    pub fn field(field: impl Into<String>, value: impl std::fmt::Display, remedy: impl Into<String>) -> Self {
        let mut value = value.to_string();
        if value.chars().count() > 80 {
            value = value.chars().take(80).chain(['…']).collect();
        }
        Self::FieldInvalid { field: field.into(), value, remedy: remedy.into() }
    }
}
