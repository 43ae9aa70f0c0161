//! Every reason for which the platform says no, as named sentences that say what to do.
//! Doors translate the kind to a status; nothing internal ever appears here.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::code::Code;
use crate::ids::{AccountId, EntryId};
use crate::member::IdentifierKind;
use crate::money::{AMOUNT_MAX, Currency};

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

    /// The stable code, as in the API.
    pub fn code(&self) -> &'static str {
        match self {
            Self::FieldInvalid { .. } => "field_invalid",
            Self::AmountTooLarge { .. } => "amount_too_large",
            Self::MemberUnknown { .. } => "member_unknown",
            Self::IdentifierTaken { .. } => "identifier_taken",
            Self::AccountClosed { .. } => "account_closed",
            Self::NoProgrammeInForce { .. } => "no_programme_in_force",
            Self::CurrencyDiffers { .. } => "currency_differs",
            Self::InFuture { .. } => "in_future",
            Self::TooLate { .. } => "too_late",
            Self::DocumentDiffers { .. } => "document_differs",
            Self::ReturnLineUnknown { .. } => "return_line_unknown",
            Self::ReturnExceedsPurchase { .. } => "return_exceeds_purchase",
            Self::NothingToReturn => "nothing_to_return",
            Self::NotAPurchase { .. } => "not_a_purchase",
            Self::UnitUnknown { .. } => "unit_unknown",
            Self::InsufficientPoints { .. } => "insufficient_points",
            Self::TransfersOff { .. } => "transfers_off",
            Self::TransferTooSmall { .. } => "transfer_too_small",
            Self::TransferLimit { .. } => "transfer_limit",
            Self::AccountTooYoung { .. } => "account_too_young",
            Self::TooFewTransferable { .. } => "too_few_transferable",
            Self::OffersWaiting { .. } => "offers_waiting",
            Self::TransferNotOpen { .. } => "transfer_not_open",
            Self::ApprovalNeeded { .. } => "approval_needed",
            Self::ApproverIsRequester { .. } => "approver_is_requester",
            Self::ProgrammeInvalid { .. } => "programme_invalid",
            Self::NoticeTooShort { .. } => "notice_too_short",
            Self::VersionOutOfOrder { .. } => "version_out_of_order",
            Self::IdempotencyKeyReused { .. } => "idempotency_key_reused",
            Self::NotASandbox => "not_a_sandbox",
            Self::LiveKeys { .. } => "live_keys",
            Self::Unknown { .. } => "unknown",
        }
    }

    /// What kind of “no” it is.
    pub fn kind(&self) -> RefusalKind {
        match self {
            Self::FieldInvalid { .. } | Self::AmountTooLarge { .. } | Self::ProgrammeInvalid { .. } => {
                RefusalKind::Invalid
            }
            Self::MemberUnknown { .. } | Self::UnitUnknown { .. } | Self::Unknown { .. } => {
                RefusalKind::NotFound
            }
            Self::DocumentDiffers { .. }
            | Self::IdentifierTaken { .. }
            | Self::IdempotencyKeyReused { .. } => RefusalKind::Conflict,
            _ => RefusalKind::Business,
        }
    }

    /// The offending field of the request, where one can be named.
    pub fn offending_field(&self) -> Option<&str> {
        Some(match self {
            Self::FieldInvalid { field, .. } | Self::AmountTooLarge { field } => field,
            Self::MemberUnknown { .. } => "member",
            Self::CurrencyDiffers { .. } => "currency",
            Self::InFuture { .. } | Self::TooLate { .. } | Self::NoProgrammeInForce { .. } => "occurred_at",
            Self::DocumentDiffers { .. } => "reference",
            Self::ReturnLineUnknown { .. } | Self::ReturnExceedsPurchase { .. } | Self::NothingToReturn => {
                "lines"
            }
            Self::NotAPurchase { .. } => "purchase",
            Self::UnitUnknown { .. } | Self::TransfersOff { .. } => "unit",
            Self::InsufficientPoints { .. }
            | Self::ApprovalNeeded { .. }
            | Self::TransferTooSmall { .. }
            | Self::TransferLimit { .. }
            | Self::TooFewTransferable { .. } => "points",
            Self::ApproverIsRequester { .. } => "approved_by",
            Self::NoticeTooShort { .. } | Self::VersionOutOfOrder { .. } => "effective_at",
            Self::IdempotencyKeyReused { .. } => "Idempotency-Key",
            Self::ProgrammeInvalid { .. } => "document",
            Self::IdentifierTaken { .. }
            | Self::AccountClosed { .. }
            | Self::AccountTooYoung { .. }
            | Self::OffersWaiting { .. }
            | Self::TransferNotOpen { .. }
            | Self::NotASandbox
            | Self::LiveKeys { .. }
            | Self::Unknown { .. } => return None,
        })
    }
}
