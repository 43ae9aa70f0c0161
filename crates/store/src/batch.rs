//! What one batch of commands asks of the store and gives back: resolve keys, load states, save changes.
//! The same types serve both engines.

use std::collections::HashMap;

use domain::code::Code;
use domain::document::{DocumentKey, Return};
use domain::ids::{AccountId, EntryId};
use domain::ledger::{AccountState, Entry, ReturnProgress};
use domain::member::{Identifier, Profile};
use jiff::Timestamp;
use jiff::civil::Date;

use crate::burn::{BurnChanges, BurnLoaded, BurnLoads};
use crate::cold::audiences::AudienceSet;
use crate::vouchers::{Voucher, VoucherChanges, VoucherId, VoucherKeys, VoucherRows};

/// The content of a document or request, condensed: the same key with another fingerprint is refused.
pub type Fingerprint = [u8; 16];

/// Keys whose rows a batch needs before it knows its accounts.
#[derive(Debug, Clone, Default)]
pub struct Keys {
    /// Identifiers to find accounts by.
    pub identifiers: Vec<Identifier>,
    /// Documents that may have been recorded or parked before, and the purchases that returns name.
    pub documents: Vec<DocumentKey>,
    /// The purchases that returns name: where one is absent, the return may be parked.
    pub purchases_returned: Vec<DocumentKey>,
    /// Idempotency keys that may have been used before.
    pub idempotency_keys: Vec<String>,
    /// Purchases being recorded, for which returns may wait.
    pub purchases_awaited: Vec<DocumentKey>,
    /// Whether the budgets of campaigns are needed.
    pub budgets: bool,
    /// Whether the stocks of rewards are needed.
    pub stocks: bool,
    /// Vouchers and batches of them.
    pub vouchers: VoucherKeys,
}

/// The rows found under [`Keys`]; a key without a row is absent.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Resolved {
    /// Accounts by identifier.
    pub accounts: HashMap<Identifier, AccountId>,
    /// Recorded documents.
    pub documents: HashMap<DocumentKey, StoredDocument>,
    /// Parked returns by their own key.
    pub parked: HashMap<DocumentKey, ParkedReturn>,
    /// Answers given before.
    pub answers: HashMap<String, StoredAnswer>,
    /// Returns waiting for a purchase of [`Keys::purchases_awaited`], in order of recording.
    pub waiting: HashMap<DocumentKey, Vec<ParkedReturn>>,
    /// Points spent by campaign, where any were.
    pub budgets: HashMap<Code, i64>,
    /// Units taken by reward, where any were.
    pub stocks: HashMap<Code, i64>,
    /// What was found of vouchers and batches.
    pub vouchers: VoucherRows,
}

/// A document recorded before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StoredDocument {
    /// The entry it led to.
    pub entry: EntryId,
    /// Its content, condensed.
    pub fingerprint: Fingerprint,
}

/// An answer given before under an idempotency key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredAnswer {
    /// The request, condensed.
    pub fingerprint: Fingerprint,
    /// What the door answered.
    pub status: u16,
    /// The answer, byte for byte.
    pub answer: String,
}

/// A return that arrived before its purchase.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParkedReturn {
    /// The return as reported.
    pub document: Return,
    /// Its content, condensed.
    pub fingerprint: Fingerprint,
    /// Who reported it.
    pub actor: String,
    /// When.
    pub recorded_at: Timestamp,
}

/// What the decisions of a batch depend on.
#[derive(Debug, Clone, Default)]
pub struct Loads {
    /// Accounts to load and, where the database has row locks, to lock in ascending order.
    pub accounts: Vec<AccountId>,
    /// Whether birthday and segments of the members are needed.
    pub persons: bool,
    /// The audiences that rules may ask for, with the versions that are known already; none if no rule does.
    pub audiences: Option<HashMap<Code, u64>>,
    /// Accounts whose open lots are needed in any case.
    pub with_lots: Vec<AccountId>,
    /// Accounts due at or before this instant get their open lots, too.
    pub due_before: Option<Timestamp>,
    /// Entries needed whole, with what has come back of them: purchases that are returned, receipts shown again.
    /// Open or not, the lots they issued and those they redeemed points of are loaded into their account's state.
    pub entries: Vec<EntryId>,
    /// Holds and redemptions whose state is needed.
    pub burn: BurnLoads,
    /// Vouchers to load and, where the database has row locks, to lock after the accounts, in ascending order.
    pub vouchers: Vec<VoucherId>,
}

/// The rows found for [`Loads`]; an unknown account or entry is absent.
#[derive(Debug, Clone, Default)]
pub struct Loaded {
    /// States by account, with `lots_loaded` telling whether all open lots are there.
    pub states: HashMap<AccountId, AccountState>,
    /// Persons by account, if asked for.
    pub persons: HashMap<AccountId, Person>,
    /// The audiences as they stood once the accounts were locked, if asked for.
    pub audiences: Vec<AudienceSet>,
    /// Entries by id.
    pub entries: HashMap<EntryId, LoadedEntry>,
    /// States of holds and redemptions.
    pub burn: BurnLoaded,
    /// Vouchers by id; one that does not exist is absent.
    pub vouchers: HashMap<VoucherId, Voucher>,
}

/// What decisions may know of a person.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Person {
    /// Date of birth; birthday rules use its month and day.
    pub born_on: Option<Date>,
    /// Segments of the member's profile.
    pub segments: Vec<Code>,
    /// Segments that no audience puts the member into.
    pub declined: Vec<Code>,
    /// The number by which audiences name the member, if any ever did.
    pub number: Option<u32>,
}

/// An entry and what has come back of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoadedEntry {
    /// The entry with its postings.
    pub entry: Entry,
    /// What came back so far; empty if nothing did.
    pub returned: ReturnProgress,
}

/// Everything one batch changes. Written in this order of fields, budgets last because they are shared.
#[derive(Debug, Default)]
pub struct Changes<'a> {
    /// The unit whose points lists show.
    pub main_unit: Option<Code>,
    /// The ladder whose tier lists show.
    pub main_ladder: Option<Code>,
    /// Accounts that did not exist; their new lots are written, too.
    pub new_accounts: Vec<&'a AccountState>,
    /// Accounts that changed; their new and changed lots are written, too.
    pub accounts: Vec<&'a AccountState>,
    /// New entries, in the order in which the feed tells them.
    pub entries: Vec<&'a Entry>,
    /// Documents recorded.
    pub documents: Vec<NewDocument>,
    /// Answers to freeze.
    pub answers: Vec<NewIdempotency>,
    /// Returns to park.
    pub parked: Vec<ParkedReturn>,
    /// Parked returns that were applied.
    pub unparked: Vec<DocumentKey>,
    /// What has come back of purchases, each with all that came back.
    pub returned: Vec<Returned>,
    /// New persons.
    pub new_members: Vec<NewMember>,
    /// Changed persons.
    pub member_updates: Vec<MemberUpdate>,
    /// New identifiers.
    pub new_identifiers: Vec<NewIdentifier>,
    /// Published programme versions.
    pub programme_versions: Vec<ProgrammeVersion>,
    /// Holds, redemptions and stocks.
    pub burn: BurnChanges,
    /// What campaigns spent, one row for each campaign.
    pub budget_spends: Vec<BudgetSpend>,
    /// Vouchers, their uses and batches.
    pub vouchers: VoucherChanges,
}

/// A document to remember for ever.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewDocument {
    /// Its natural key.
    pub key: DocumentKey,
    /// The entry it led to.
    pub entry: EntryId,
    /// Its content, condensed.
    pub fingerprint: Fingerprint,
}

/// An answer to freeze under an idempotency key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewIdempotency {
    /// The key the caller chose.
    pub key: String,
    /// The request, condensed.
    pub fingerprint: Fingerprint,
    /// What the door answers.
    pub status: u16,
    /// The answer, byte for byte.
    pub answer: String,
    /// When.
    pub recorded_at: Timestamp,
}

/// What has come back of one purchase so far.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Returned {
    /// The entry of the purchase.
    pub entry: EntryId,
    /// All that came back.
    pub progress: ReturnProgress,
}

/// A person to store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewMember {
    /// The person's account.
    pub account_id: AccountId,
    /// What is known of the person.
    pub profile: Profile,
    /// Keys that staff search by: see `domain::member::name_search_keys`.
    pub search: String,
    /// When.
    pub created_at: Timestamp,
}

/// A profile to replace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MemberUpdate {
    /// The person's account.
    pub account_id: AccountId,
    /// What is now known of the person.
    pub profile: Profile,
    /// Keys that staff search by.
    pub search: String,
    /// When.
    pub updated_at: Timestamp,
    /// The version the editor saw; another one refuses the update.
    pub expected_version: Option<i64>,
}

/// An identifier to link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewIdentifier {
    /// The identifier.
    pub identifier: Identifier,
    /// Whose it is.
    pub account_id: AccountId,
}

/// A published programme version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProgrammeVersion {
    /// Its number, from 1.
    pub version: u32,
    /// From when on it decides.
    pub effective_at: Timestamp,
    /// When it was published.
    pub published_at: Timestamp,
    /// By whom.
    pub published_by: String,
    /// The document as published.
    pub document: String,
}

/// Points a campaign spends of its budget in this batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BudgetSpend {
    /// The campaign's rule.
    pub campaign: Code,
    /// Points to add to what it spent.
    pub points: i64,
    /// Its budget in points, from the programme.
    pub limit_points: i64,
}
