//! How domain types look in columns, for both engines alike: reading goes through [`Columns`], which the rows of
//! either driver implement.

use domain::code::Code;
use domain::ids::{AccountId, EntryId};
use domain::ledger::{
    AccountState, AccountStatus, Entry, Fact, HoldState, LedgerAccount, Lot, LotChange, Posting,
    RedemptionState, Standing, TierChange, TierChangeReason,
};
use domain::member::IdentifierKind;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::StoreError;
use crate::batch::{Fingerprint, ParkedReturn, Person};

/// A row of either driver, read by position.
pub(crate) trait Columns {
    fn int(&self, column: usize) -> Result<i64, StoreError>;
    fn int_or_null(&self, column: usize) -> Result<Option<i64>, StoreError>;
    fn text(&self, column: usize) -> Result<&str, StoreError>;
    fn text_or_null(&self, column: usize) -> Result<Option<&str>, StoreError>;
    fn bytes(&self, column: usize) -> Result<&[u8], StoreError>;
}

impl Columns for rusqlite::Row<'_> {
    fn int(&self, column: usize) -> Result<i64, StoreError> {
        self.get(column).map_err(|cause| StoreError::corrupt("column", &cause))
    }
    fn int_or_null(&self, column: usize) -> Result<Option<i64>, StoreError> {
        self.get(column).map_err(|cause| StoreError::corrupt("column", &cause))
    }
    fn text(&self, column: usize) -> Result<&str, StoreError> {
        let value = self.get_ref(column).map_err(|cause| StoreError::corrupt("column", &cause))?;
        value.as_str().map_err(|cause| StoreError::corrupt("text", &cause))
    }
    fn text_or_null(&self, column: usize) -> Result<Option<&str>, StoreError> {
        let value = self.get_ref(column).map_err(|cause| StoreError::corrupt("column", &cause))?;
        value.as_str_or_null().map_err(|cause| StoreError::corrupt("text", &cause))
    }
    fn bytes(&self, column: usize) -> Result<&[u8], StoreError> {
        let value = self.get_ref(column).map_err(|cause| StoreError::corrupt("column", &cause))?;
        value.as_blob().map_err(|cause| StoreError::corrupt("bytes", &cause))
    }
}

impl Columns for tokio_postgres::Row {
    fn int(&self, column: usize) -> Result<i64, StoreError> {
        self.try_get(column).map_err(|cause| StoreError::corrupt("column", &cause))
    }
    fn int_or_null(&self, column: usize) -> Result<Option<i64>, StoreError> {
        self.try_get(column).map_err(|cause| StoreError::corrupt("column", &cause))
    }
    fn text(&self, column: usize) -> Result<&str, StoreError> {
        self.try_get(column).map_err(|cause| StoreError::corrupt("column", &cause))
    }
    fn text_or_null(&self, column: usize) -> Result<Option<&str>, StoreError> {
        self.try_get(column).map_err(|cause| StoreError::corrupt("column", &cause))
    }
    fn bytes(&self, column: usize) -> Result<&[u8], StoreError> {
        self.try_get(column).map_err(|cause| StoreError::corrupt("column", &cause))
    }
}

/// The part of an entry that has no column of its own, to write.
#[derive(Serialize)]
struct BodyRef<'a> {
    fact: &'a Fact,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    tier_changes: &'a [TierChange],
    standing: &'a Standing,
}

/// The part of an entry that has no column of its own, read.
#[derive(Deserialize)]
struct Body {
    fact: Fact,
    #[serde(default)]
    tier_changes: Vec<TierChange>,
    standing: Standing,
}

pub(crate) fn entry_body(entry: &Entry) -> Result<String, StoreError> {
    let body = BodyRef { fact: &entry.fact, tier_changes: &entry.tier_changes, standing: &entry.standing };
    json(&body)
}

/// Columns, from `first`: `account_id, entry_no, occurred_at, recorded_at, programme_version, actor, corrects, body`.
/// The postings are read apart.
pub(crate) fn entry(row: &impl Columns, first: usize) -> Result<Entry, StoreError> {
    let body: Body = parse("entry", row.text(first + 7)?)?;
    Ok(Entry {
        id: EntryId { account_id: account_id(row.int(first)?)?, entry_no: number(row.int(first + 1)?)? },
        occurred_at: timestamp(row.int(first + 2)?)?,
        recorded_at: timestamp(row.int(first + 3)?)?,
        programme_version: number(row.int(first + 4)?)?,
        actor: row.text(first + 5)?.to_owned(),
        corrects: row.int_or_null(first + 6)?.map(number).transpose()?,
        fact: body.fact,
        postings: Vec::new(),
        tier_changes: body.tier_changes,
        standing: body.standing,
    })
}

/// The columns that [`entry`] reads, of a table called `e`.
pub(crate) const ENTRY_COLUMNS: &str = "e.account_id, e.entry_no, e.occurred_at, e.recorded_at, e.programme_version, e.actor, e.corrects, e.body";

/// Columns, from `first`: `unit, debit, credit, amount, lot_no, rule, funder`.
pub(crate) fn posting(row: &impl Columns, first: usize) -> Result<Posting, StoreError> {
    Ok(Posting {
        unit: code(row.text(first)?)?,
        debit: ledger_account(row.text(first + 1)?)?,
        credit: ledger_account(row.text(first + 2)?)?,
        amount: row.int(first + 3)?,
        lot_no: number(row.int(first + 4)?)?,
        rule: row.text_or_null(first + 5)?.map(code).transpose()?,
        funder: code(row.text(first + 6)?)?,
    })
}

/// The columns that [`posting`] reads, of a table called `p`.
pub(crate) const POSTING_COLUMNS: &str = "p.unit, p.debit, p.credit, p.amount, p.lot_no, p.rule, p.funder";

/// Columns, from `first`: those of [`LOT_COLUMNS`].
pub(crate) fn lot(row: &impl Columns, first: usize) -> Result<Lot, StoreError> {
    Ok(Lot {
        lot_no: number(row.int(first)?)?,
        unit: code(row.text(first + 1)?)?,
        entry_no: number(row.int(first + 2)?)?,
        funder: code(row.text(first + 3)?)?,
        cohort: i32::try_from(row.int(first + 4)?).map_err(|cause| StoreError::corrupt("cohort", &cause))?,
        earned_at: timestamp(row.int(first + 5)?)?,
        pending_until: row.int_or_null(first + 6)?.map(timestamp).transpose()?,
        expires_at: row.int_or_null(first + 7)?.map(timestamp).transpose()?,
        issued: row.int(first + 8)?,
        remaining: row.int(first + 9)?,
        held: row.int(first + 10)?,
        consumed: row.int(first + 11)?,
        expired: row.int(first + 12)?,
        clawed_back: row.int(first + 13)?,
        origin: row.text_or_null(first + 14)?.map(entry_id).transpose()?,
        change: LotChange::None,
    })
}

/// The columns that [`lot`] reads, of a table called `l`.
pub(crate) const LOT_COLUMNS: &str = "l.lot_no, l.unit, l.entry_no, l.funder, l.cohort, l.earned_at, \
     l.pending_until, l.expires_at, l.issued, l.remaining, l.held, l.consumed, l.expired, l.clawed_back, l.origin";

/// A state without its lots.
pub(crate) fn state(text: &str) -> Result<AccountState, StoreError> {
    parse("account", text)
}

/// Columns, from `first`: `source, reference, purchase_source, purchase_reference, fingerprint, body, actor,
/// recorded_at`.
pub(crate) fn parked_return(row: &impl Columns, first: usize) -> Result<ParkedReturn, StoreError> {
    Ok(ParkedReturn {
        document: parse("parked return", row.text(first + 5)?)?,
        fingerprint: fingerprint(row.bytes(first + 4)?)?,
        actor: row.text(first + 6)?.to_owned(),
        recorded_at: timestamp(row.int(first + 7)?)?,
    })
}

/// The columns that [`parked_return`] reads.
pub(crate) const PARKED_COLUMNS: &str =
    "source, reference, purchase_source, purchase_reference, fingerprint, body, actor, recorded_at";

/// What lists show of an account, copied from its state into columns.
pub(crate) struct AccountColumns {
    pub(crate) tier: Option<Code>,
    pub(crate) points: i64,
    pub(crate) pending: i64,
    pub(crate) json: String,
}

pub(crate) fn account_columns(
    state: &AccountState,
    main_unit: Option<Code>,
    main_ladder: Option<Code>,
) -> Result<AccountColumns, StoreError> {
    let balance = main_unit.map(|unit| state.balance(unit));
    let standing = state.tiers.iter().find(|standing| Some(standing.ladder) == main_ladder);
    Ok(AccountColumns {
        tier: standing.map(|standing| standing.tier),
        points: balance.map_or(0, |balance| balance.available - balance.debt),
        pending: balance.map_or(0, |balance| balance.pending),
        json: json(state)?,
    })
}

pub(crate) fn json(value: &impl Serialize) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|cause| StoreError::corrupt("value to store", &cause))
}

pub(crate) fn parse<'a, T: Deserialize<'a>>(what: &str, text: &'a str) -> Result<T, StoreError> {
    serde_json::from_str(text).map_err(|cause| StoreError::corrupt(what, &cause))
}

pub(crate) fn micros(instant: Timestamp) -> i64 {
    instant.as_microsecond()
}

pub(crate) fn timestamp(micros: i64) -> Result<Timestamp, StoreError> {
    Timestamp::from_microsecond(micros).map_err(|cause| StoreError::corrupt("instant", &cause))
}

pub(crate) fn account_id(number: i64) -> Result<AccountId, StoreError> {
    AccountId::new(number).ok_or_else(|| StoreError::Corrupt(format!("account id {number} is negative")))
}

pub(crate) fn entry_id(text: &str) -> Result<EntryId, StoreError> {
    text.parse().map_err(|cause| StoreError::corrupt("entry id", &cause))
}

pub(crate) fn number<T: TryFrom<i64, Error: std::fmt::Display>>(number: i64) -> Result<T, StoreError> {
    T::try_from(number).map_err(|cause| StoreError::corrupt("number", &cause))
}

pub(crate) fn code(text: &str) -> Result<Code, StoreError> {
    Code::new(text).map_err(|cause| StoreError::corrupt("code", &cause))
}

pub(crate) fn fingerprint(bytes: &[u8]) -> Result<Fingerprint, StoreError> {
    bytes.try_into().map_err(|cause| StoreError::corrupt("fingerprint", &cause))
}

pub(crate) fn status(status: AccountStatus) -> &'static str {
    match status {
        AccountStatus::Active => "active",
        AccountStatus::Closed => "closed",
    }
}

pub(crate) fn parse_status(text: &str) -> Result<AccountStatus, StoreError> {
    match text {
        "active" => Ok(AccountStatus::Active),
        "closed" => Ok(AccountStatus::Closed),
        _ => Err(StoreError::Corrupt(format!("status “{text}”"))),
    }
}

pub(crate) fn hold_state(text: &str) -> Result<HoldState, StoreError> {
    HoldState::from_name(text).ok_or_else(|| StoreError::Corrupt(format!("state of a hold “{text}”")))
}

pub(crate) fn redemption_state(text: &str) -> Result<RedemptionState, StoreError> {
    let state = RedemptionState::from_name(text);
    state.ok_or_else(|| StoreError::Corrupt(format!("state of a redemption “{text}”")))
}

pub(crate) fn kind(kind: IdentifierKind) -> &'static str {
    match kind {
        IdentifierKind::Card => "card",
        IdentifierKind::Phone => "phone",
        IdentifierKind::Email => "email",
        IdentifierKind::External => "external",
    }
}

pub(crate) fn parse_kind(text: &str) -> Result<IdentifierKind, StoreError> {
    Ok(match text {
        "card" => IdentifierKind::Card,
        "phone" => IdentifierKind::Phone,
        "email" => IdentifierKind::Email,
        "external" => IdentifierKind::External,
        _ => return Err(StoreError::Corrupt(format!("kind of identifier “{text}”"))),
    })
}

pub(crate) fn tier_change_reason(reason: TierChangeReason) -> &'static str {
    match reason {
        TierChangeReason::Enrolment => "enrolment",
        TierChangeReason::Upgrade => "upgrade",
        TierChangeReason::Requalified => "requalified",
        TierChangeReason::Downgrade => "downgrade",
        TierChangeReason::Merged => "merged",
        TierChangeReason::Left => "left",
        TierChangeReason::Rejoined => "rejoined",
    }
}

pub(crate) fn ledger_account(text: &str) -> Result<LedgerAccount, StoreError> {
    Ok(match text {
        "issuer" => LedgerAccount::Issuer,
        "member_pending" => LedgerAccount::MemberPending,
        "member_available" => LedgerAccount::MemberAvailable,
        "member_held" => LedgerAccount::MemberHeld,
        "member_debt" => LedgerAccount::MemberDebt,
        "redeemed" => LedgerAccount::Redeemed,
        "expired" => LedgerAccount::Expired,
        "adjustment" => LedgerAccount::Adjustment,
        "tier_deduction" => LedgerAccount::TierDeduction,
        "written_off" => LedgerAccount::WrittenOff,
        "paid_in" => LedgerAccount::PaidIn,
        "transfer" => LedgerAccount::Transfer,
        _ => return Err(StoreError::Corrupt(format!("ledger account “{text}”"))),
    })
}

/// Columns, from `first`: `born_on, segments, declined_segments, number`.
pub(crate) fn person(row: &impl Columns, first: usize) -> Result<Person, StoreError> {
    let born_on = row.text_or_null(first)?.map(str::parse).transpose();
    Ok(Person {
        born_on: born_on.map_err(|cause| StoreError::corrupt("date of birth", &cause))?,
        segments: parse("segments", row.text(first + 1)?)?,
        declined: parse("declined segments", row.text(first + 2)?)?,
        number: row.int_or_null(first + 3)?.map(number).transpose()?,
    })
}

/// Adds lots that are not in the state yet and keeps all in order of their numbers.
pub(crate) fn add_lots(state: &mut AccountState, lots: Vec<Lot>) {
    for lot in lots {
        if !state.lots.iter().any(|known| known.lot_no == lot.lot_no) {
            state.lots.push(lot);
        }
    }
    state.lots.sort_by_key(|lot| lot.lot_no);
}
