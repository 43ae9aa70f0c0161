//! One batch of commands between load and save: which rows it needs, and what it decides. Pure but for new ids.
//! Commands of one batch see each other's changes; a refusal of one does not touch the others.

mod audiences;
mod between;
mod burn;
mod commands;
mod households;
mod merge;
mod save;
mod vouchers;

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use domain::code::Code;
use domain::document::DocumentKey;
use domain::ids::{AccountId, EntryId};
use domain::ledger::{AccountState, Entry, HoldState, RedemptionState, ReturnProgress};
use domain::member::Identifier;
use domain::operation::{BudgetLedger, Failure, Person};
use domain::programme::Programmes;
use domain::refusal::{Refusal, RefusalKind};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use store::{Fingerprint, Keys, Loaded, Loads, NewIdempotency, ParkedReturn, Resolved, StoredDocument};

pub(crate) use self::audiences::asks_for_audiences;
pub(crate) use self::between::missing;
use self::save::Saved;
use self::vouchers::Shelf;
use crate::audience::Audiences;
use crate::command::{Answer, Command, MemberReference, Recorded, Reply, Request};
use crate::error::OperationError;
use crate::fingerprint::fingerprint;
use crate::identity::AccountIds;
use crate::voucher::{VoucherAnswer, VoucherView};

/// What is frozen under an idempotency key: the entry whose receipt is the answer, or the refusal.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Frozen {
    Entry(EntryId),
    Parked(DocumentKey),
    Published(u32),
    Voucher(Box<VoucherView>),
    Refused(Refusal),
}

/// The keys whose rows a batch needs before it knows its accounts.
pub(crate) fn keys(requests: &[Request]) -> Keys {
    let mut keys = Keys { budgets: false, ..Keys::default() };
    for request in requests {
        keys.idempotency_keys.extend(request.idempotency_key.clone());
        match &request.command {
            Command::EnrolMember { identifiers, .. } => {
                keys.identifiers.extend(identifiers.iter().cloned());
                keys.budgets = true;
            }
            Command::UpdateMember { member, .. }
            | Command::ChooseClub { member, .. }
            | Command::AdjustPoints { member, .. } => {
                keys.identifiers.extend(member.identifier().cloned());
            }
            Command::LinkIdentifier { member, identifier } => {
                keys.identifiers.extend(member.identifier().cloned());
                keys.identifiers.push(identifier.clone());
            }
            Command::RecordPurchase { member, purchase, .. } => {
                keys.identifiers.extend(member.identifier().cloned());
                keys.documents.push(purchase.key.clone());
                keys.documents.extend(purchase.holds().cloned());
                keys.purchases_awaited.push(purchase.key.clone());
                keys.budgets = true;
            }
            Command::RecordReturn { document } => {
                keys.documents.extend([document.key.clone(), document.purchase.clone()]);
                keys.purchases_returned.push(document.purchase.clone());
                keys.vouchers.documents.push(document.purchase.clone());
            }
            Command::RecordActivity { member, activity } => {
                keys.identifiers.extend(member.identifier().cloned());
                keys.documents.push(activity.key.clone());
                keys.budgets = true;
            }
            Command::HoldPoints { .. }
            | Command::CaptureHold { .. }
            | Command::VoidHold { .. }
            | Command::RedeemReward { .. }
            | Command::TopUp { .. }
            | Command::RefundStoredValue { .. }
            | Command::CancelRedemption { .. }
            | Command::FulfilRedemption { .. } => burn::keys(&request.command, &mut keys),
            Command::Voucher(command) => command.add_keys(&mut keys),
            Command::TransferPoints { .. }
            | Command::AcceptTransfer { .. }
            | Command::DeclineTransfer { .. }
            | Command::WithdrawTransfer { .. }
            | Command::MergeMembers { .. }
            | Command::UndoMerge { .. }
            | Command::JoinHousehold { .. }
            | Command::ChangeHouseholdMember { .. }
            | Command::LeaveHousehold { .. } => {
                let members = between::members(&request.command).into_iter().flatten();
                keys.identifiers.extend(members.filter_map(|member| member.identifier().cloned()));
            }
            Command::CreateHousehold { .. }
            | Command::PublishProgramme { .. }
            | Command::AnnounceAudiences { .. }
            | Command::Advance { .. } => {}
        }
    }
    keep_storable(&mut keys);
    keys
}

/// Text with a NUL is in no database, and PostgreSQL refuses to look for it: the command that brings it is refused by
/// its checks.
fn keep_storable(keys: &mut Keys) {
    let storable = |text: &String| !text.contains('\0');
    let document = |key: &DocumentKey| storable(&key.source) && storable(&key.reference);
    keys.identifiers.retain(|identifier| storable(&identifier.value));
    keys.documents.retain(document);
    keys.purchases_returned.retain(document);
    keys.purchases_awaited.retain(document);
    keys.vouchers.documents.retain(document);
    keys.vouchers.batches.retain(storable);
    keys.idempotency_keys.retain(storable);
}

/// Longest idempotency key in bytes.
const IDEMPOTENCY_KEY_LENGTH_MAX: usize = 255;

/// What an earlier attempt found out that a batch needs.
#[derive(Debug, Clone, Default)]
pub(crate) struct Needs {
    /// Whether the lots of every account are: commands lie so far apart in time that lots fall due between them.
    pub(crate) all_lots: bool,
    /// Accounts that the commands do not name themselves.
    pub(crate) accounts: Vec<AccountId>,
}

/// The accounts and entries a batch needs, once its keys are resolved.
pub(crate) fn loads(requests: &[Request], resolved: &Resolved, now: Timestamp, needs: &Needs) -> Loads {
    let (accounts, with_lots) = (needs.accounts.clone(), needs.accounts.clone());
    let mut loads = Loads { persons: true, accounts, with_lots, ..Loads::default() };
    let mut latest = now;
    for request in requests {
        latest = latest.max(request.now.unwrap_or(now));
        let account = |reference: &MemberReference| match reference {
            MemberReference::Id(account_id) => Some(*account_id),
            MemberReference::Identifier(identifier) => resolved.accounts.get(identifier).copied(),
        };
        let mut document = |key: &DocumentKey| {
            let found = resolved.documents.get(key).map(|stored| stored.entry);
            loads.entries.extend(found);
            found
        };
        burn::followed(&request.command, resolved, &mut loads.burn);
        let (account_id, with_lots) = match &request.command {
            Command::EnrolMember { .. }
            | Command::CreateHousehold { .. }
            | Command::PublishProgramme { .. } => (None, false),
            Command::UpdateMember { member, .. }
            | Command::ChooseClub { member, .. }
            | Command::LinkIdentifier { member, .. } => (account(member), false),
            Command::AdjustPoints { member, .. } => (account(member), true),
            Command::RecordPurchase { member, purchase, .. } => {
                document(&purchase.key);
                loads.vouchers.extend(purchase.vouchers.iter().map(|voucher| voucher.voucher));
                for hold in purchase.holds() {
                    document(hold);
                }
                let pays = purchase.pays_from_balances();
                (account(member), pays || resolved.waiting.contains_key(&purchase.key))
            }
            Command::RecordActivity { member, activity } => {
                document(&activity.key);
                (account(member), false)
            }
            Command::RecordReturn { document: returned } => {
                document(&returned.key);
                let held = resolved.vouchers.of_documents.get(&returned.purchase);
                loads.vouchers.extend(held.into_iter().flatten());
                (document(&returned.purchase).map(|entry| entry.account_id), true)
            }
            Command::HoldPoints { member, hold } => {
                document(&hold.key);
                (account(member), true)
            }
            Command::TopUp { member, top_up } => {
                document(&top_up.key);
                (account(member), false)
            }
            Command::RefundStoredValue { member, refund } => {
                document(&refund.key);
                (account(member), true)
            }
            Command::RedeemReward { member, order } => {
                document(&order.key);
                (account(member), true)
            }
            Command::CaptureHold { .. }
            | Command::VoidHold { .. }
            | Command::CancelRedemption { .. }
            | Command::FulfilRedemption { .. } => {
                let (key, followed) = burn::follows(&request.command);
                key.map(&mut document);
                (followed.and_then(document).map(|entry| entry.account_id), true)
            }
            Command::TransferPoints { .. }
            | Command::AcceptTransfer { .. }
            | Command::DeclineTransfer { .. }
            | Command::WithdrawTransfer { .. }
            | Command::MergeMembers { .. }
            | Command::UndoMerge { .. }
            | Command::JoinHousehold { .. }
            | Command::ChangeHouseholdMember { .. }
            | Command::LeaveHousehold { .. } => {
                between::add_accounts(&request.command, account, &mut loads);
                (None, false)
            }
            Command::AnnounceAudiences { account_id } => (Some(*account_id), false),
            Command::Advance { account_id } => (Some(*account_id), true),
            Command::Voucher(command) => {
                loads.vouchers.extend(command.voucher());
                command.account(&account)
            }
        };
        loads.accounts.extend(account_id);
        loads.with_lots.extend(account_id.filter(|_| with_lots || needs.all_lots));
        let frozen = request.idempotency_key.as_ref().and_then(|key| resolved.answers.get(key));
        if let Some(Ok(Frozen::Entry(entry))) = frozen.map(|stored| serde_json::from_str(&stored.answer)) {
            loads.entries.push(entry);
        }
    }
    loads.due_before = Some(latest);
    each_once(&mut loads.accounts);
    each_once(&mut loads.with_lots);
    each_once(&mut loads.entries);
    each_once(&mut loads.vouchers);
    loads
}

/// In order, so that rows are locked in the same order by everybody, and none twice.
fn each_once(list: &mut Vec<impl Ord>) {
    list.sort_unstable();
    list.dedup();
}

/// A batch being decided: the state as loaded, changed by each command in turn, and what has to be saved.
pub(crate) struct Batch<'a> {
    programmes: &'a Programmes,
    ids: &'a AccountIds,
    now: Timestamp,
    accounts: HashMap<Identifier, AccountId>,
    documents: HashMap<DocumentKey, StoredDocument>,
    answers: HashMap<String, (Fingerprint, Frozen)>,
    waiting: HashMap<DocumentKey, Vec<ParkedReturn>>,
    parked: HashMap<DocumentKey, Fingerprint>,
    states: HashMap<AccountId, AccountState>,
    persons: HashMap<AccountId, Person>,
    audiences: Arc<Audiences>,
    /// By which numbers audiences name the members.
    numbers: HashMap<AccountId, u32>,
    /// What the members do not want to be in.
    declined: HashMap<AccountId, Vec<Code>>,
    entries: HashMap<EntryId, Arc<Entry>>,
    progress: HashMap<EntryId, ReturnProgress>,
    budgets: BudgetLedger,
    holds: HashMap<EntryId, (HoldState, Timestamp)>,
    redemptions: HashMap<EntryId, RedemptionState>,
    shelf: Shelf,
    saved: Saved,
}

impl<'a> Batch<'a> {
    /// Starts from what was resolved and loaded.
    pub(crate) fn new(
        programmes: &'a Programmes,
        ids: &'a AccountIds,
        now: Timestamp,
        resolved: Resolved,
        loaded: Loaded,
        audiences: Arc<Audiences>,
    ) -> Self {
        let limits = budget_limits(programmes);
        let left = limits.iter().map(|(rule, limit)| {
            (*rule, limit.saturating_sub(resolved.budgets.get(rule).copied().unwrap_or(0)))
        });
        let stocks = stock_limits(programmes);
        let units = stocks.iter().map(|(reward, limit)| {
            (*reward, limit.saturating_sub(resolved.stocks.get(reward).copied().unwrap_or(0)))
        });
        let person =
            |person: store::Person| Person::Known { born_on: person.born_on, segments: person.segments };
        let mut entries = HashMap::new();
        let mut progress = HashMap::new();
        for (id, found) in loaded.entries {
            entries.insert(id, Arc::new(found.entry));
            progress.insert(id, found.returned);
        }
        Self {
            programmes,
            ids,
            now,
            accounts: resolved.accounts,
            documents: resolved.documents,
            answers: resolved
                .answers
                .into_iter()
                .filter_map(|(key, stored)| {
                    Some((key, (stored.fingerprint, serde_json::from_str(&stored.answer).ok()?)))
                })
                .collect(),
            waiting: resolved.waiting,
            parked: resolved.parked.into_iter().map(|(key, parked)| (key, parked.fingerprint)).collect(),
            states: loaded.states,
            audiences,
            numbers: loaded.persons.iter().filter_map(|(id, found)| Some((*id, found.number?))).collect(),
            declined: (loaded.persons.iter())
                .filter(|(_, found)| !found.declined.is_empty())
                .map(|(id, found)| (*id, found.declined.clone()))
                .collect(),
            persons: loaded.persons.into_iter().map(|(id, found)| (id, person(found))).collect(),
            entries,
            progress,
            budgets: BudgetLedger::new(left.collect()).with_stock(units.collect()),
            holds: loaded.burn.holds,
            redemptions: loaded.burn.redemptions,
            shelf: Shelf::new(resolved.vouchers, loaded.vouchers),
            saved: Saved::default(),
        }
    }

    /// Decides all commands in order. `Err(LotsNeeded)` asks for the batch to be loaded again with all lots.
    pub(crate) fn decide(&mut self, requests: &[Request]) -> Result<Vec<Reply>, LotsNeeded> {
        requests.iter().map(|request| self.answer(request)).collect()
    }

    /// Whether nothing has to be saved: all commands were refused, repeated or trials.
    pub(crate) fn is_unchanged(&self) -> bool {
        self.saved.is_empty() && self.shelf.is_unchanged()
    }

    fn answer(&mut self, request: &Request) -> Result<Reply, LotsNeeded> {
        let Some(key) = &request.idempotency_key else { return self.carry_out(request) };
        if let Err(refusal) = check_idempotency_key(key) {
            return Ok(Err(refusal.into()));
        }
        let print = match fingerprint(&(&request.command, request.dry_run)) {
            Ok(print) => print,
            Err(error) => return Ok(Err(error)),
        };
        if let Some((stored, frozen)) = self.answers.get(key) {
            let reused = Refusal::IdempotencyKeyReused { key: key.clone() };
            return Ok(if *stored == print { self.thaw(&frozen.clone()) } else { Err(reused.into()) });
        }
        let reply = self.carry_out(request)?;
        let frozen = match &reply {
            Ok(Answer::Recorded(recorded)) if !recorded.dry_run => Some(Frozen::Entry(recorded.entry.id)),
            Ok(Answer::Parked(document)) => Some(Frozen::Parked(document.clone())),
            Ok(Answer::Published(version)) => Some(Frozen::Published(*version)),
            Ok(Answer::Voucher(VoucherAnswer::Voucher(view))) => Some(Frozen::Voucher(view.clone())),
            Err(OperationError::Refused(refusal)) if refusal.kind().is_frozen() => {
                Some(Frozen::Refused(refusal.clone()))
            }
            _ => None,
        };
        if let Some(frozen) = frozen.filter(|_| !request.dry_run) {
            let status = status(&frozen);
            let answer = match serde_json::to_string(&frozen) {
                Ok(answer) => answer,
                Err(cause) => return Ok(Err(OperationError::Internal(cause.to_string()))),
            };
            let recorded_at = request.now.unwrap_or(self.now);
            self.saved.answers.push(NewIdempotency {
                key: key.clone(),
                fingerprint: print,
                status,
                answer,
                recorded_at,
            });
            self.answers.insert(key.clone(), (print, frozen));
        }
        Ok(reply)
    }

    fn thaw(&self, frozen: &Frozen) -> Reply {
        match frozen {
            Frozen::Refused(refusal) => Err(refusal.clone().into()),
            Frozen::Parked(key) => Ok(Answer::Parked(key.clone())),
            Frozen::Published(version) => Ok(Answer::Published(*version)),
            Frozen::Voucher(view) => Ok(Answer::Voucher(VoucherAnswer::Voucher(view.clone()))),
            Frozen::Entry(id) => self.duplicate(*id),
        }
    }

    fn duplicate(&self, id: EntryId) -> Reply {
        let missing = || OperationError::Internal(format!("entry {id} was not loaded"));
        let entry = self.entries.get(&id).ok_or_else(missing)?.clone();
        let programme = self.programmes.version(entry.programme_version).cloned();
        Ok(Answer::Recorded(Recorded { entry, programme, duplicate: true, dry_run: false }))
    }

    fn carry_out(&mut self, request: &Request) -> Result<Reply, LotsNeeded> {
        let outcome = match &request.command {
            Command::EnrolMember { identifiers, profile, enrolled_at } => {
                self.enrol(request, identifiers, profile, *enrolled_at)
            }
            Command::UpdateMember { member, profile, fields, expected_version } => {
                self.update(request, member, profile, fields, *expected_version)
            }
            Command::ChooseClub { member, club, joined, profile, expected_version } => {
                self.choose_club(request, member, (*club, *joined), (profile, *expected_version))
            }
            Command::LinkIdentifier { member, identifier } => self.link(request, member, identifier),
            Command::RecordPurchase { member, enrol, purchase } => {
                self.purchase(request, member, *enrol, purchase)
            }
            Command::RecordReturn { document } => self.take_return(request, document),
            Command::RecordActivity { member, activity } => self.activity(request, member, activity),
            Command::AdjustPoints { member, adjustment } => self.adjust(request, member, adjustment),
            Command::HoldPoints { member, hold } => self.hold(request, member, hold),
            Command::CaptureHold { capture } => self.capture(request, capture),
            Command::VoidHold { void } => self.void(request, void),
            Command::RedeemReward { member, order } => self.redeem(request, member, order),
            Command::TopUp { member, top_up } => self.top_up(request, member, top_up),
            Command::RefundStoredValue { member, refund } => {
                self.refund_stored_value(request, member, refund)
            }
            Command::CancelRedemption { cancellation } => self.cancel(request, cancellation),
            Command::FulfilRedemption { fulfilment } => self.fulfil(request, fulfilment),
            Command::TransferPoints { from, to, unit, points } => {
                self.transfer(request, (from, to), (*unit, *points))
            }
            Command::AcceptTransfer { member, transfer } => self.accept_transfer(request, member, *transfer),
            Command::DeclineTransfer { member, transfer } => {
                self.decline_transfer(request, member, *transfer)
            }
            Command::WithdrawTransfer { transfer } => self.withdraw_transfer(request, *transfer),
            Command::MergeMembers { absorbed, into, reason } => {
                self.merge_members(request, (absorbed, into), reason)
            }
            Command::UndoMerge { absorbed, reason } => self.undo_merge(request, *absorbed, reason),
            Command::CreateHousehold { name } => self.create_household(request, name),
            Command::JoinHousehold { household, member, may_spend } => {
                self.join_household(request, (member, *household), *may_spend)
            }
            Command::ChangeHouseholdMember { household, member, may_spend } => {
                self.change_household_member(request, (member, *household), *may_spend)
            }
            Command::LeaveHousehold { household, member } => {
                self.leave_household(request, (member, *household))
            }
            Command::PublishProgramme { programme, effective_at } => {
                self.publish(request, programme, *effective_at)
            }
            Command::AnnounceAudiences { account_id } => self.announce_audiences(request, *account_id),
            Command::Advance { account_id } => self.advance(request, *account_id),
            Command::Voucher(command) => self.voucher(request, command),
        };
        match outcome {
            Err(Stop::LotsNeeded) => Err(LotsNeeded),
            Err(Stop::Error(error)) => Ok(Err(error)),
            Ok(answer) => Ok(Ok(answer)),
        }
    }
}

fn check_idempotency_key(key: &str) -> Result<(), Refusal> {
    if key.len() <= IDEMPOTENCY_KEY_LENGTH_MAX && !key.chars().any(char::is_control) {
        return Ok(());
    }
    let remedy = format!("use 1 to {IDEMPOTENCY_KEY_LENGTH_MAX} bytes without control characters");
    Err(Refusal::field("Idempotency-Key", key, remedy))
}

/// The lots of accounts in the batch were left out although something falls due.
pub(crate) struct LotsNeeded;

/// Why a command of a batch has no answer of its own.
enum Stop {
    LotsNeeded,
    Error(OperationError),
}

impl From<Failure> for Stop {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::LotsNeeded => Self::LotsNeeded,
            Failure::Refused(refusal) => Self::Error(refusal.into()),
        }
    }
}

impl From<Refusal> for Stop {
    fn from(refusal: Refusal) -> Self {
        Self::Error(refusal.into())
    }
}

impl From<OperationError> for Stop {
    fn from(error: OperationError) -> Self {
        Self::Error(error)
    }
}

/// The budget of every budgeted rule, as its newest version says.
fn budget_limits(programmes: &Programmes) -> BTreeMap<Code, i64> {
    programmes.iter().flat_map(|programme| programme.budgets()).collect()
}

/// The stock of every reward that has one, as the newest version that gives it one says.
fn stock_limits(programmes: &Programmes) -> BTreeMap<Code, i64> {
    programmes.iter().flat_map(|programme| programme.stocks()).collect()
}

/// What a door answers to something frozen, kept with it for whoever reads the table.
fn status(frozen: &Frozen) -> u16 {
    match frozen {
        Frozen::Refused(refusal) => match refusal.kind() {
            RefusalKind::Ended => 409,
            RefusalKind::TimedOut => 410,
            _ => 422,
        },
        _ => 200,
    }
}
