//! What one batch of commands asks of the store about vouchers, and how they look in columns: the types of both
//! engines, and the readers and writers of rows that they share.

use std::collections::HashMap;

use domain::code::Code;
use domain::document::DocumentKey;
use domain::ids::AccountId;
use domain::voucher::{UseChange, UseState, VoucherUse};
use jiff::Timestamp;

pub(crate) use domain::voucher::{Voucher, VoucherId, VoucherStep};

use crate::batch::Fingerprint;
use crate::rows::{self, Columns};
use crate::{Conflict, StoreError};

/// Keys about vouchers whose rows a batch needs before it loads.
#[derive(Debug, Clone, Default)]
pub struct VoucherKeys {
    /// Purchases that may come back: the vouchers whose uses they hold are looked for.
    pub documents: Vec<DocumentKey>,
    /// References of batches of vouchers.
    pub batches: Vec<String>,
}

/// What was found under [`VoucherKeys`].
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct VoucherRows {
    /// Vouchers with an open use, by the document that has it.
    pub of_documents: HashMap<DocumentKey, Vec<VoucherId>>,
    /// Batches by reference, abandoned ones left out.
    pub batches: HashMap<String, VoucherBatch>,
    /// The highest number of a batch; 0 before the first. Read if any batch was asked for.
    pub last_batch_no: i64,
    /// How many of each template were ordered. Read if any batch was asked for.
    pub issued: HashMap<Code, i64>,
}

/// What a batch of vouchers is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BatchState {
    /// Being written; none of its vouchers can be used yet.
    Open,
    /// Whole.
    Ready,
    /// Declared void, with all its vouchers.
    Void,
    /// Its writing was interrupted: its codes were never handed out and never will work.
    Abandoned,
}

/// Vouchers of one template issued together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VoucherBatch {
    /// Its number, from 1.
    pub batch_no: i64,
    /// The name its issuer chose.
    pub reference: String,
    /// The order, condensed.
    pub fingerprint: Fingerprint,
    /// The template.
    pub template: Code,
    /// The programme version whose terms its vouchers keep.
    pub programme_version: u32,
    /// Vouchers ordered.
    pub quantity: i64,
    /// Vouchers written so far.
    pub issued: i64,
    /// Face value in minor units, where the template has none.
    pub value: Option<i64>,
    /// First instant of use; at once when absent.
    pub valid_from: Option<Timestamp>,
    /// First instant at which its vouchers can no longer be used.
    pub expires_at: Timestamp,
    /// What it is doing.
    pub state: BatchState,
    /// When it was ordered.
    pub created_at: Timestamp,
    /// By whom.
    pub created_by: String,
}

/// A voucher to write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewVoucher {
    /// Its id.
    pub id: VoucherId,
    /// Its batch.
    pub batch_no: i64,
    /// The member it is issued to, if to one.
    pub member: Option<AccountId>,
    /// Its code, if it is issued to a member.
    pub code: Option<String>,
    /// Its own face value in minor units.
    pub value: Option<i64>,
    /// How often it can be used.
    pub uses_max: u32,
}

/// How a batch of vouchers moves on. It must not have been moved by anybody else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BatchUpdate {
    /// The batch.
    pub batch_no: i64,
    /// Vouchers written and state before.
    pub before: (i64, BatchState),
    /// Vouchers written and state after.
    pub after: (i64, BatchState),
}

/// Vouchers of a template that are ordered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct VoucherIssue {
    /// The template.
    pub template: Code,
    /// How many more.
    pub quantity: i64,
    /// The most that may be ordered in all, from the programme.
    pub issue_max: i64,
}

/// What one batch of commands changes about vouchers.
#[derive(Debug, Clone, Default)]
pub struct VoucherChanges {
    /// Batches that did not exist.
    pub new_batches: Vec<VoucherBatch>,
    /// Batches that moved on.
    pub batches: Vec<BatchUpdate>,
    /// Vouchers that did not exist.
    pub new: Vec<NewVoucher>,
    /// Vouchers that changed, with their new and changed uses.
    pub changed: Vec<Voucher>,
    /// Vouchers ordered, one row for each template.
    pub issues: Vec<VoucherIssue>,
    /// What all this comes to, for the feed.
    pub steps: Vec<VoucherStep>,
}

impl VoucherChanges {
    /// Whether there is nothing to write.
    pub fn is_empty(&self) -> bool {
        self.new_batches.is_empty()
            && self.batches.is_empty()
            && self.new.is_empty()
            && self.changed.is_empty()
    }

    /// New vouchers in the order of their ids, so that neighbours are written side by side.
    pub(crate) fn sorted_new(&self) -> Vec<&NewVoucher> {
        let mut new: Vec<&NewVoucher> = self.new.iter().collect();
        new.sort_unstable_by_key(|voucher| voucher.id);
        new
    }

    /// Changed vouchers in the order of their ids.
    pub(crate) fn sorted_changed(&self) -> Vec<&Voucher> {
        let mut changed: Vec<&Voucher> = self.changed.iter().collect();
        changed.sort_unstable_by_key(|voucher| voucher.id);
        changed
    }

    /// Uses of changed vouchers with a certain change.
    pub(crate) fn uses(&self, change: UseChange) -> Vec<(VoucherId, &VoucherUse)> {
        let uses = self.sorted_changed().into_iter().flat_map(|voucher| {
            voucher.uses.iter().filter(move |each| each.change == change).map(|each| (voucher.id, each))
        });
        uses.collect()
    }
}

/// The state of a row: what does not depend on time.
pub(crate) fn stored_state(voucher: &Voucher) -> &'static str {
    let taken = uses_taken(voucher);
    if voucher.void {
        "void"
    } else if voucher.redeemed() >= voucher.uses_max {
        "redeemed"
    } else if taken >= i64::from(voucher.uses_max) {
        "reserved"
    } else if voucher.member.is_some() {
        "registered"
    } else {
        "issued"
    }
}

/// The state of a row not written before.
pub(crate) fn new_state(voucher: &NewVoucher) -> &'static str {
    if voucher.member.is_some() { "registered" } else { "issued" }
}

/// Uses redeemed or held, whether or not the time of a reservation is over: it ends when somebody looks.
pub(crate) fn uses_taken(voucher: &Voucher) -> i64 {
    let taken =
        voucher.uses.iter().filter(|each| matches!(each.state, UseState::Reserved | UseState::Redeemed));
    i64::try_from(taken.count()).unwrap_or(i64::MAX)
}

/// The columns that [`voucher`] reads, of a voucher `v` and its batch `b`.
pub(crate) const VOUCHER_COLUMNS: &str = "v.voucher_id, v.batch_no, v.state, v.account_id, v.code, \
     coalesce(v.value, b.value), v.uses_max, v.version, b.template, b.programme_version, b.valid_from, b.expires_at, \
     b.state";

/// A voucher without its uses. Columns, from the first: those of [`VOUCHER_COLUMNS`].
pub(crate) fn voucher(row: &impl Columns) -> Result<Voucher, StoreError> {
    Ok(Voucher {
        id: voucher_id(row.bytes(0)?)?,
        batch_no: row.int(1)?,
        void: row.text(2)? == "void",
        member: row.int_or_null(3)?.map(rows::account_id).transpose()?,
        code: row.text_or_null(4)?.map(str::to_owned),
        value: row.int_or_null(5)?,
        uses_max: rows::number(row.int(6)?)?,
        version: row.int(7)?,
        template: rows::code(row.text(8)?)?,
        programme_version: rows::number(row.int(9)?)?,
        valid_from: row.int_or_null(10)?.map(rows::timestamp).transpose()?,
        expires_at: rows::timestamp(row.int(11)?)?,
        batch_void: parse_batch_state(row.text(12)?)? != BatchState::Ready,
        uses: Vec::new(),
        changed: false,
    })
}

/// The columns that [`voucher_use`] reads.
pub(crate) const USE_COLUMNS: &str = "voucher_id, use_no, slot, state, source, reference, account_id, \
     reserved_until, discount, taken_at, changed_at, actor";

/// A use and its voucher. Columns, from the first: those of [`USE_COLUMNS`].
pub(crate) fn voucher_use(row: &impl Columns) -> Result<(VoucherId, VoucherUse), StoreError> {
    let document = DocumentKey { source: row.text(4)?.to_owned(), reference: row.text(5)?.to_owned() };
    let found = VoucherUse {
        use_no: rows::number(row.int(1)?)?,
        slot: rows::number(row.int(2)?)?,
        state: parse_use_state(row.text(3)?)?,
        document,
        member: row.int_or_null(6)?.map(rows::account_id).transpose()?,
        reserved_until: row.int_or_null(7)?.map(rows::timestamp).transpose()?,
        discount: row.int(8)?,
        taken_at: rows::timestamp(row.int(9)?)?,
        changed_at: rows::timestamp(row.int(10)?)?,
        actor: row.text(11)?.to_owned(),
        change: UseChange::None,
    };
    Ok((voucher_id(row.bytes(0)?)?, found))
}

/// The columns that [`voucher_batch`] reads.
pub(crate) const BATCH_COLUMNS: &str = "batch_no, reference, fingerprint, template, programme_version, quantity, \
     issued, value, valid_from, expires_at, state, created_at, created_by";

/// A batch. Columns, from the first: those of [`BATCH_COLUMNS`].
pub(crate) fn voucher_batch(row: &impl Columns) -> Result<VoucherBatch, StoreError> {
    Ok(VoucherBatch {
        batch_no: row.int(0)?,
        reference: row.text(1)?.to_owned(),
        fingerprint: rows::fingerprint(row.bytes(2)?)?,
        template: rows::code(row.text(3)?)?,
        programme_version: rows::number(row.int(4)?)?,
        quantity: row.int(5)?,
        issued: row.int(6)?,
        value: row.int_or_null(7)?,
        valid_from: row.int_or_null(8)?.map(rows::timestamp).transpose()?,
        expires_at: rows::timestamp(row.int(9)?)?,
        state: parse_batch_state(row.text(10)?)?,
        created_at: rows::timestamp(row.int(11)?)?,
        created_by: row.text(12)?.to_owned(),
    })
}

pub(crate) fn voucher_id(bytes: &[u8]) -> Result<VoucherId, StoreError> {
    let bytes = bytes.try_into().map_err(|cause| StoreError::corrupt("voucher id", &cause))?;
    Ok(VoucherId::from_bytes(bytes))
}

pub(crate) fn batch_state(state: BatchState) -> &'static str {
    match state {
        BatchState::Open => "open",
        BatchState::Ready => "ready",
        BatchState::Void => "void",
        BatchState::Abandoned => "abandoned",
    }
}

fn parse_batch_state(text: &str) -> Result<BatchState, StoreError> {
    Ok(match text {
        "open" => BatchState::Open,
        "ready" => BatchState::Ready,
        "void" => BatchState::Void,
        "abandoned" => BatchState::Abandoned,
        _ => return Err(StoreError::Corrupt(format!("state of a batch “{text}”"))),
    })
}

pub(crate) fn use_state(state: UseState) -> &'static str {
    match state {
        UseState::Reserved => "reserved",
        UseState::Redeemed => "redeemed",
        UseState::Released => "released",
        UseState::TimedOut => "timed_out",
        UseState::Restored => "restored",
    }
}

fn parse_use_state(text: &str) -> Result<UseState, StoreError> {
    Ok(match text {
        "reserved" => UseState::Reserved,
        "redeemed" => UseState::Redeemed,
        "released" => UseState::Released,
        "timed_out" => UseState::TimedOut,
        "restored" => UseState::Restored,
        _ => return Err(StoreError::Corrupt(format!("state of a use “{text}”"))),
    })
}

/// Puts uses, in order of their numbers, to their vouchers.
pub(crate) fn add_uses(
    vouchers: &mut HashMap<VoucherId, Voucher>,
    uses: impl IntoIterator<Item = (VoucherId, VoucherUse)>,
) {
    for (id, found) in uses {
        if let Some(voucher) = vouchers.get_mut(&id) {
            voucher.uses.push(found);
        }
    }
}

/// The order of a template's vouchers could not be fitted into its limit.
pub(crate) fn issue_refused(issue: &VoucherIssue) -> StoreError {
    Conflict::VoucherIssue(issue.template).into()
}
