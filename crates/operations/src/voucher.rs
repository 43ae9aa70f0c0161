//! What the operations on vouchers share: the commands, the answer, who tries codes, and how a code becomes an id.

use std::hash::{Hash, Hasher};
use std::sync::{Mutex, PoisonError};

use domain::code::Code;
use domain::document::{DocumentKey, PurchaseLine};
use domain::ids::AccountId;
use domain::operation::StatementOrder;
use domain::programme::{CompiledProgramme, CompiledVoucher, Programmes};
use domain::voucher::{
    Basket, CallerKind, Tries, UseState, Voucher, VoucherCall, VoucherCode, VoucherId, VoucherOutcome,
    VoucherStatus,
};
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use store::{Keys, NewVoucher, VoucherBatch};

use crate::command::MemberReference;
use crate::engine::Engine;
use crate::error::OperationError;

/// Characters by which a person who types codes is known.
const PERSON_CHARACTERS_MAX: usize = 128;

/// A change to vouchers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "voucher_operation", rename_all = "snake_case")]
pub enum VoucherCommand {
    /// Begins a batch.
    OpenBatch(BatchOrder),
    /// Writes a part of a batch; the last part makes it whole.
    AddVouchers(BatchPart),
    /// Declares a batch void, with all its vouchers.
    VoidBatch {
        /// The name its issuer chose.
        reference: String,
    },
    /// Binds a voucher to a member.
    Register {
        /// The voucher.
        voucher: VoucherId,
        /// Its code, for the member to see.
        code: String,
        /// The member.
        member: MemberReference,
    },
    /// Holds a use for an order.
    Reserve(VoucherUseRequest),
    /// Spends a use.
    Redeem(VoucherUseRequest),
    /// Gives a use back, held or spent.
    Release {
        /// The voucher.
        voucher: VoucherId,
        /// The purchase or order that has it.
        document: DocumentKey,
    },
    /// Declares a voucher void.
    Void {
        /// The voucher.
        voucher: VoucherId,
    },
    /// Makes a member's statement.
    MakeStatement {
        /// Whose.
        account_id: AccountId,
        /// Which statement, and the voucher that points become.
        order: StatementOrder,
        /// The code of that voucher.
        code: String,
        /// The batch of the run.
        batch_no: i64,
    },
}

/// A use of a voucher that somebody wants.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct VoucherUseRequest {
    /// The voucher.
    pub voucher: VoucherId,
    /// The purchase or order; the same one again changes nothing.
    pub document: DocumentKey,
    /// The member, if one is known.
    pub member: Option<MemberReference>,
    /// What is bought. Without it only the voucher itself is judged.
    pub basket: Option<BasketRequest>,
    /// How long a reservation lasts, in minutes.
    pub minutes: u32,
}

/// What is bought, at prices before vouchers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct BasketRequest {
    /// The channel.
    pub channel: Option<String>,
    /// The store.
    pub store: Option<String>,
    /// The lines.
    pub lines: Vec<PurchaseLine>,
}

/// A batch to begin.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct BatchOrder {
    /// The name its issuer chose.
    pub reference: String,
    /// The template.
    pub template: Code,
    /// How many.
    pub quantity: i64,
    /// The members they are for; empty for vouchers that belong to nobody yet.
    pub members: Vec<AccountId>,
    /// The face value, where the template has none.
    pub value: Option<i64>,
    /// The statement's date, for the batch of a run: its vouchers are written with the statements.
    pub statement_on: Option<jiff::civil::Date>,
}

/// A part of a batch, as ids alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BatchPart {
    /// The name of the batch.
    pub reference: String,
    /// Its number.
    pub batch_no: i64,
    /// Vouchers before these.
    pub first: i64,
    /// The vouchers.
    pub vouchers: Vec<NewVoucher>,
}

/// Parts are internal and carry no idempotency key: their number within the batch says it all.
impl Serialize for BatchPart {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeStruct;
        let mut part = serializer.serialize_struct("BatchPart", 2)?;
        part.serialize_field("batch_no", &self.batch_no)?;
        part.serialize_field("first", &self.first)?;
        part.end()
    }
}

/// A voucher as callers see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VoucherView {
    /// The voucher.
    pub voucher: VoucherId,
    /// Its template.
    pub template: Code,
    /// The programme version whose terms it keeps.
    pub programme_version: u32,
    /// Where it stands.
    pub status: VoucherStatus,
    /// The member it belongs to, if to one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub member_id: Option<AccountId>,
    /// Its face value in minor units, where it has one of its own.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub value: Option<i64>,
    /// First instant of use, if later than its issue.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub valid_from: Option<Timestamp>,
    /// First instant at which it can no longer be used.
    pub expires_at: Timestamp,
    /// Uses that are left: neither redeemed nor held.
    pub uses_left: u32,
    /// The use of the document that was named, if it has one.
    #[serde(rename = "use", skip_serializing_if = "Option::is_none", default)]
    pub used: Option<UseView>,
}

/// A use as callers see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UseView {
    /// The purchase or order.
    pub source: String,
    /// Its number there.
    pub reference: String,
    /// What became of it.
    pub state: UseState,
    /// When a reservation ends by itself.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub reserved_until: Option<Timestamp>,
    /// Minor units it took off.
    pub discount: i64,
}

/// What a statement came to for one member.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StatementAnswer {
    /// Points that became a voucher.
    pub points: i64,
    /// Points carried over.
    pub carried: i64,
    /// The voucher's face value in minor units.
    pub value: i64,
}

/// What the platform answers to a [`VoucherCommand`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum VoucherAnswer {
    /// A voucher as it now is.
    Voucher(Box<VoucherView>),
    /// A batch as it now is.
    Batch(Box<VoucherBatch>),
    /// A member's statement.
    Statement(StatementAnswer),
}

/// Who tries voucher codes: wrong ones are counted by it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VoucherCaller {
    /// Names with their kinds: the program that calls, and the person it says stands behind it.
    names: Vec<(String, CallerKind)>,
}

impl VoucherCaller {
    /// A till, a shop or a program, and the device or address of the person who typed the code, if it tells.
    pub fn program(name: &str, typed_by: Option<&str>) -> Self {
        let mut names = vec![(name.to_owned(), CallerKind::Till)];
        // Names are remembered, so they are bounded.
        let person = typed_by.map(|text| text.chars().take(PERSON_CHARACTERS_MAX).collect::<String>());
        names.extend(person.map(|person| (format!("{name}/{person}"), CallerKind::Member)));
        Self { names }
    }

    /// Somebody who has signed in and types codes of their own accord.
    pub fn person(name: &str) -> Self {
        Self { names: vec![(name.to_owned(), CallerKind::Member)] }
    }

    /// Somebody at the server's own console: not counted.
    pub const fn operator() -> Self {
        Self { names: Vec::new() }
    }
}

/// Wrong tries since the server began.
#[derive(Debug, Default)]
pub(crate) struct TryCounts(Mutex<Tries>);

impl Engine {
    /// Refuses a caller who has tried too many wrong codes.
    pub fn admit_voucher_try(&self, caller: &VoucherCaller) -> Result<(), OperationError> {
        let now = self.clock().now();
        let mut tries = self.shared().tries.0.lock().unwrap_or_else(PoisonError::into_inner);
        for (name, kind) in &caller.names {
            tries.admit(name, *kind, now).map_err(|refused| OperationError::TooManyTries {
                retry_after_seconds: refused.retry_after_seconds,
            })?;
        }
        Ok(())
    }

    /// Counts a wrong code.
    pub fn count_wrong_voucher(&self, caller: &VoucherCaller) {
        let now = self.clock().now();
        let mut tries = self.shared().tries.0.lock().unwrap_or_else(PoisonError::into_inner);
        for (name, kind) in &caller.names {
            tries.count_wrong(name, *kind, now);
        }
    }

    /// Runs an operation that names a code: too many wrong codes are refused, a wrong one is counted.
    pub(crate) async fn with_try<T>(
        &self,
        caller: &VoucherCaller,
        operation: impl Future<Output = Result<T, OperationError>>,
    ) -> Result<T, OperationError> {
        self.admit_voucher_try(caller)?;
        let outcome = operation.await;
        let unknown = domain::refusal::Refusal::Voucher { reason: VoucherOutcome::Unknown };
        if matches!(&outcome, Err(OperationError::Refused(refusal)) if *refusal == unknown) {
            self.count_wrong_voucher(caller);
        }
        outcome
    }
}

/// The id of the voucher with a code.
pub fn voucher_id(code: &VoucherCode) -> VoucherId {
    let digest: [u8; 32] = Sha256::digest(code.as_str().as_bytes()).into();
    VoucherId::new(code.shared(), &digest)
}

/// The terms of a voucher: those of the version it was issued under.
pub(crate) fn terms<'p>(programmes: &'p Programmes, voucher: &Voucher) -> Option<&'p CompiledVoucher> {
    programmes
        .version(voucher.programme_version)
        .and_then(|programme: &'p std::sync::Arc<CompiledProgramme>| programme.voucher(voucher.template))
}

impl VoucherCommand {
    /// The voucher it is about, if it is about one that exists.
    pub(crate) fn voucher(&self) -> Option<VoucherId> {
        match self {
            Self::Register { voucher, .. } | Self::Release { voucher, .. } | Self::Void { voucher } => {
                Some(*voucher)
            }
            Self::Reserve(wanted) | Self::Redeem(wanted) => Some(wanted.voucher),
            Self::OpenBatch(_)
            | Self::AddVouchers(_)
            | Self::VoidBatch { .. }
            | Self::MakeStatement { .. } => None,
        }
    }

    fn member(&self) -> Option<&MemberReference> {
        match self {
            Self::Register { member, .. } => Some(member),
            Self::Reserve(wanted) | Self::Redeem(wanted) => wanted.member.as_ref(),
            _ => None,
        }
    }

    /// The account it needs, and whether with its lots.
    pub(crate) fn account(
        &self,
        find: &impl Fn(&MemberReference) -> Option<AccountId>,
    ) -> (Option<AccountId>, bool) {
        match self {
            Self::MakeStatement { account_id, .. } => (Some(*account_id), true),
            _ => (self.member().and_then(find), false),
        }
    }

    pub(crate) fn add_keys(&self, keys: &mut Keys) {
        keys.identifiers.extend(self.member().and_then(MemberReference::identifier).cloned());
        match self {
            Self::OpenBatch(order) => keys.vouchers.batches.push(order.reference.clone()),
            Self::AddVouchers(part) => keys.vouchers.batches.push(part.reference.clone()),
            Self::VoidBatch { reference } => keys.vouchers.batches.push(reference.clone()),
            Self::MakeStatement { order, .. } => {
                keys.vouchers.batches.push(statement_reference(order.statement, order.made_on));
            }
            _ => {}
        }
    }

    /// What commands on the same voucher, batch or member have in common.
    pub(crate) fn hash_lane(&self, hasher: &mut impl Hasher) {
        match self {
            Self::OpenBatch(order) => order.reference.hash(hasher),
            Self::AddVouchers(part) => part.reference.hash(hasher),
            Self::VoidBatch { reference } => reference.hash(hasher),
            Self::MakeStatement { account_id, .. } => account_id.hash(hasher),
            _ => self.voucher().hash(hasher),
        }
    }
}

/// The name of the batch of a statement's run.
pub(crate) fn statement_reference(statement: Code, made_on: Date) -> String {
    format!("statement {statement} {made_on}")
}

impl VoucherView {
    pub(crate) fn new(voucher: &Voucher, document: Option<&DocumentKey>, now: Timestamp) -> Self {
        let used = voucher.uses.iter().rev().find(|each| Some(&each.document) == document);
        Self {
            voucher: voucher.id,
            template: voucher.template,
            programme_version: voucher.programme_version,
            status: voucher.status(now),
            member_id: voucher.member,
            value: voucher.value,
            valid_from: voucher.valid_from,
            expires_at: voucher.expires_at,
            uses_left: voucher.uses_max.saturating_sub(voucher.open_uses(now)),
            used: used.map(|each| UseView {
                source: each.document.source.clone(),
                reference: each.document.reference.clone(),
                state: each.state,
                reserved_until: each.reserved_until,
                discount: each.discount,
            }),
        }
    }
}

impl BasketRequest {
    pub(crate) fn basket(&self) -> Basket<'_> {
        Basket { lines: &self.lines, channel: self.channel.as_deref(), store: self.store.as_deref() }
    }
}

pub(crate) fn call<'c>(
    document: Option<&'c DocumentKey>,
    member: Option<AccountId>,
    now: Timestamp,
    actor: &'c str,
) -> VoucherCall<'c> {
    VoucherCall { document, member, absorbed: &[], now, actor }
}
