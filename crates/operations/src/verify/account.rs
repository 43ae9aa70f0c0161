//! One page of accounts: each audited from its entries, its columns and person compared, and what it adds to the
//! sums of the whole.

use std::collections::BTreeMap;

use domain::audit::{Audited, audit_account};
use domain::code::Code;
use domain::document::DocumentKey;
use domain::history::Sums;
use domain::ids::{AccountId, EntryId};
use domain::ledger::{AccountState, Award, Entry, Fact};
use domain::programme::{CompiledLadder, Programmes};
use domain::voucher::as_reported;
use store::{AccountColumns, Fingerprint, HoldRow, RedemptionRow};

use super::Found;
use super::multiset::Multiset;
use super::pairs::half_of;
use crate::fingerprint::fingerprint;

/// Accounts with all that is stored about them.
pub(super) struct Page {
    pub(super) accounts: Vec<(AccountState, Vec<Entry>)>,
    pub(super) columns: Vec<AccountColumns>,
    pub(super) persons: Vec<AccountId>,
    pub(super) holds: Vec<HoldRow>,
    pub(super) redemptions: Vec<RedemptionRow>,
}

/// Sums over all accounts.
#[derive(Default)]
pub(super) struct Tally {
    pub(super) accounts: u64,
    pub(super) entries: u64,
    pub(super) postings: u64,
    pub(super) lots: u64,
    /// Documents as the entries hold them.
    pub(super) documents: Multiset,
    /// Ids of all entries.
    pub(super) entry_ids: Multiset,
    /// Entries of changes on two accounts, those with the lower id.
    pub(super) lower_halves: Multiset,
    /// Those with the higher id.
    pub(super) higher_halves: Multiset,
    /// Points that rules gave, by rule.
    pub(super) awarded: BTreeMap<Code, i64>,
    /// Units taken of rewards while they had a stock, less those put back.
    pub(super) taken: BTreeMap<Code, i64>,
    /// Vouchers that statements issued, and their face value in minor units.
    pub(super) statement_vouchers: (i64, i64),
    /// What all members have, by unit.
    pub(super) balances: BTreeMap<Code, Sums>,
}

/// A document as an entry or a row of its own knows it.
pub(super) type KnownDocument = (DocumentKey, EntryId, Fingerprint);

impl Tally {
    fn add_statement(&mut self, (count, value): (i64, i64)) {
        let sums = &mut self.statement_vouchers;
        *sums = (sums.0.saturating_add(count), sums.1.saturating_add(value));
    }

    pub(super) fn append(&mut self, other: &Self) {
        self.accounts += other.accounts;
        self.entries += other.entries;
        self.postings += other.postings;
        self.lots += other.lots;
        self.documents.append(&other.documents);
        self.entry_ids.append(&other.entry_ids);
        self.add_statement(other.statement_vouchers);
        self.lower_halves.append(&other.lower_halves);
        self.higher_halves.append(&other.higher_halves);
        for (rule, points) in &other.awarded {
            let sum = self.awarded.entry(*rule).or_default();
            *sum = sum.saturating_add(*points);
        }
        for (reward, units) in &other.taken {
            let sum = self.taken.entry(*reward).or_default();
            *sum = sum.saturating_add(*units);
        }
        for (unit, sums) in &other.balances {
            let all = self.balances.entry(*unit).or_default();
            all.available = all.available.saturating_add(sums.available);
            all.pending = all.pending.saturating_add(sums.pending);
            all.held = all.held.saturating_add(sums.held);
            all.debt = all.debt.saturating_add(sums.debt);
        }
    }

    fn add(&mut self, state: &AccountState, entries: &[Entry]) {
        self.accounts += 1;
        self.lots += state.lots.len() as u64;
        for balance in &state.balances {
            let all = self.balances.entry(balance.unit).or_default();
            all.available = all.available.saturating_add(balance.available);
            all.pending = all.pending.saturating_add(balance.pending);
            all.held = all.held.saturating_add(balance.held);
            all.debt = all.debt.saturating_add(balance.debt);
        }
        for entry in entries {
            self.entries += 1;
            self.postings += entry.postings.len() as u64;
            self.entry_ids.add(&entry.id);
            if let Fact::StatementMade { voucher, .. } = &entry.fact {
                self.add_statement((1, voucher.value));
            }
            if let Some(document) = document_of(entry) {
                self.documents.add(&document);
            }
            match half_of(entry) {
                Some((true, half)) => self.lower_halves.add(&half),
                Some((false, half)) => self.higher_halves.add(&half),
                None => {}
            }
            for Award { rule, points, .. } in awards_of(entry) {
                let sum = self.awarded.entry(*rule).or_default();
                *sum = sum.saturating_add(*points);
            }
        }
    }
}

/// Audits a page. Runs where it may take its time.
pub(super) fn audit(page: &Page, programmes: &Programmes) -> (Found, Tally) {
    let (mut found, mut tally) = (Found::default(), Tally::default());
    super::burn::compare(page, &mut found);
    for (state, entries) in &page.accounts {
        tally.add(state, entries);
        super::burn::count_units(entries, programmes, &mut tally.taken);
        for finding in audit_account(Audited { state, entries, programmes }) {
            found.finding(finding);
        }
        let id = Some(state.account_id);
        match page.columns.binary_search_by_key(&state.account_id, |columns| columns.account_id) {
            Ok(position) => compare_columns(state, &page.columns[position], programmes, &mut found),
            Err(_) => found.on(id, "columns", "columns of the account", "none"),
        }
        if page.persons.binary_search(&state.account_id).is_err() {
            found.on(id, "persons", "a person of this account", "none");
        }
    }
    for person in &page.persons {
        if page.accounts.binary_search_by_key(person, |(state, _)| state.account_id).is_err() {
            found.on(Some(*person), "persons", "an account of this person", "none");
        }
    }
    (found, tally)
}

fn compare_columns(
    state: &AccountState,
    stored: &AccountColumns,
    programmes: &Programmes,
    found: &mut Found,
) {
    let units: Vec<Code> = programmes.iter().map(|programme| programme.main_unit().code()).collect();
    let ladders: Vec<Option<Code>> =
        programmes.iter().map(|programme| programme.main_ladder().map(CompiledLadder::code)).collect();
    let mut expected = AccountColumns {
        account_id: state.account_id,
        status: state.status,
        enrolled_at: state.enrolled_at,
        next_due_at: state.next_due_at,
        tier: stored.tier,
        points: stored.points,
        pending: stored.pending,
        spend: state.spend,
        purchase_count: state.purchase_count,
        last_purchase_at: state.last_purchase_at,
        last_entry_no: state.last_entry_no,
    };
    // Where versions differ in their main unit or ladder, columns show what was main when the account last changed.
    if let Some(unit) = units.first().filter(|unit| units.iter().all(|other| other == *unit)) {
        let balance = state.balance(*unit);
        expected.points = balance.available.saturating_sub(balance.debt);
        expected.pending = balance.pending;
    }
    if let Some(ladder) = ladders.first().filter(|ladder| ladders.iter().all(|other| other == *ladder)) {
        let standing = state.tiers.iter().find(|standing| Some(standing.ladder) == *ladder);
        expected.tier = standing.map(|standing| standing.tier);
    }
    if expected != *stored {
        found.on(Some(state.account_id), "columns", format!("{expected:?}"), format!("{stored:?}"));
    }
}

/// The document that an entry records, if it records one.
pub(super) fn document_of(entry: &Entry) -> Option<KnownDocument> {
    let key = entry.fact.document_key()?;
    let print = match &entry.fact {
        Fact::PurchaseRecorded { purchase, .. } if purchase.vouchers.is_empty() => fingerprint(purchase),
        Fact::PurchaseRecorded { purchase, .. } => fingerprint(&as_reported(purchase)),
        Fact::ReturnRecorded { document, .. } => fingerprint(document),
        Fact::ActivityRecorded { activity, .. } => fingerprint(activity),
        Fact::PointsHeld { hold, .. } => fingerprint(hold),
        Fact::HoldCaptured { capture, .. } => fingerprint(capture),
        Fact::HoldVoided { void, .. } => fingerprint(void),
        Fact::RewardRedeemed { order, .. } => fingerprint(order),
        Fact::ToppedUp { top_up, .. } => fingerprint(top_up),
        Fact::StoredValueRefunded { refund, .. } => fingerprint(refund),
        Fact::RedemptionCancelled { cancellation, .. } => fingerprint(cancellation),
        Fact::RedemptionFulfilled { fulfilment, .. } => fingerprint(fulfilment),
        _ => return None,
    };
    // Documents always have a JSON form.
    Some((key.clone(), entry.id, print.unwrap_or_default()))
}

fn awards_of(entry: &Entry) -> &[Award] {
    match &entry.fact {
        Fact::MemberEnrolled { awards, .. }
        | Fact::PurchaseRecorded { awards, .. }
        | Fact::ActivityRecorded { awards, .. } => awards,
        _ => &[],
    }
}
