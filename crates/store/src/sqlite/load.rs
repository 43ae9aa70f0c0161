//! The reads of a batch on SQLite: one prepared statement per kind of row, run once per key. In one process a
//! lookup costs a few microseconds, less than packing the keys into a list would.

use std::collections::{HashMap, HashSet};

use domain::code::Code;
use domain::ids::{AccountId, EntryId};
use domain::ledger::{LedgerAccount, Posting};
use rusqlite::{CachedStatement, Connection, Params, Row};

use super::burn;
use super::error::store_error;
use crate::faults::Faults;
use crate::rows::{self, Columns};
use crate::{
    AudienceSet, Keys, Loaded, LoadedEntry, Loads, Person, Resolved, StoreError, StoredAnswer, StoredDocument,
};

/// A prepared read with the hook around it.
pub(super) struct Lookup<'c> {
    statement: CachedStatement<'c>,
    faults: &'c Faults,
    name: &'static str,
}

impl<'c> Lookup<'c> {
    pub(super) fn new(
        connection: &'c Connection,
        faults: &'c Faults,
        name: &'static str,
        sql: &str,
    ) -> Result<Self, StoreError> {
        Ok(Self { statement: connection.prepare_cached(sql).map_err(store_error)?, faults, name })
    }

    pub(super) fn all<T>(
        &mut self,
        params: impl Params,
        mut read: impl FnMut(&Row<'_>) -> Result<T, StoreError>,
    ) -> Result<Vec<T>, StoreError> {
        let call = self.faults.before(self.name)?;
        let mut found = Vec::new();
        let mut rows = self.statement.query(params).map_err(store_error)?;
        while let Some(row) = rows.next().map_err(store_error)? {
            found.push(read(row)?);
        }
        self.faults.after(call)?;
        Ok(found)
    }

    pub(super) fn one<T>(
        &mut self,
        params: impl Params,
        read: impl FnOnce(&Row<'_>) -> Result<T, StoreError>,
    ) -> Result<Option<T>, StoreError> {
        let call = self.faults.before(self.name)?;
        let mut rows = self.statement.query(params).map_err(store_error)?;
        let found = rows.next().map_err(store_error)?.map(read).transpose()?;
        self.faults.after(call)?;
        Ok(found)
    }
}

pub(super) fn resolve(connection: &Connection, faults: &Faults, keys: &Keys) -> Result<Resolved, StoreError> {
    let mut resolved = Resolved::default();
    resolve_identifiers(connection, faults, keys, &mut resolved)?;
    resolve_documents(connection, faults, keys, &mut resolved)?;
    resolve_answers(connection, faults, keys, &mut resolved)?;
    resolve_parked(connection, faults, keys, &mut resolved)?;
    if keys.stocks {
        burn::resolve(connection, faults, &mut resolved)?;
    }
    if keys.budgets {
        let sql = "SELECT campaign, spent FROM budget";
        let spent = Lookup::new(connection, faults, "read_budgets", sql)?
            .all([], |row| Ok((rows::code(row.text(0)?)?, row.int(1)?)))?;
        resolved.budgets.extend(spent);
    }
    resolved.vouchers = super::vouchers::resolve(connection, faults, &keys.vouchers)?;
    Ok(resolved)
}

fn resolve_identifiers(
    connection: &Connection,
    faults: &Faults,
    keys: &Keys,
    resolved: &mut Resolved,
) -> Result<(), StoreError> {
    let sql = "SELECT account_id FROM identifier WHERE kind = ?1 AND value = ?2";
    let mut lookup = Lookup::new(connection, faults, "read_identifier", sql)?;
    for identifier in &keys.identifiers {
        let params = (rows::kind(identifier.kind), identifier.value.as_str());
        if let Some(account_id) = lookup.one(params, |row| rows::account_id(row.int(0)?))? {
            resolved.accounts.insert(identifier.clone(), account_id);
        }
    }
    Ok(())
}

fn resolve_documents(
    connection: &Connection,
    faults: &Faults,
    keys: &Keys,
    resolved: &mut Resolved,
) -> Result<(), StoreError> {
    let sql = "SELECT account_id, entry_no, fingerprint FROM document WHERE source = ?1 AND reference = ?2";
    let mut lookup = Lookup::new(connection, faults, "read_document", sql)?;
    for key in &keys.documents {
        let read = |row: &Row<'_>| {
            let entry = entry_id(row, 0)?;
            Ok(StoredDocument { entry, fingerprint: rows::fingerprint(row.bytes(2)?)? })
        };
        if let Some(document) = lookup.one((&key.source, &key.reference), read)? {
            resolved.documents.insert(key.clone(), document);
        }
    }
    Ok(())
}

fn resolve_answers(
    connection: &Connection,
    faults: &Faults,
    keys: &Keys,
    resolved: &mut Resolved,
) -> Result<(), StoreError> {
    let sql = "SELECT fingerprint, status, answer FROM idempotency WHERE key = ?1";
    let mut lookup = Lookup::new(connection, faults, "read_idempotency", sql)?;
    for key in &keys.idempotency_keys {
        let read = |row: &Row<'_>| {
            Ok(StoredAnswer {
                fingerprint: rows::fingerprint(row.bytes(0)?)?,
                status: rows::number(row.int(1)?)?,
                answer: row.text(2)?.to_owned(),
            })
        };
        if let Some(answer) = lookup.one([key], read)? {
            resolved.answers.insert(key.clone(), answer);
        }
    }
    Ok(())
}

/// Parked returns are rare: as long as there are none at all, no key is looked up.
fn resolve_parked(
    connection: &Connection,
    faults: &Faults,
    keys: &Keys,
    resolved: &mut Resolved,
) -> Result<(), StoreError> {
    if keys.purchases_awaited.is_empty() && keys.documents.is_empty() {
        return Ok(());
    }
    let any = Lookup::new(connection, faults, "any_parked", "SELECT 1 FROM parked_return LIMIT 1")?
        .one([], |_| Ok(()))?;
    if any.is_none() {
        return Ok(());
    }
    let columns = rows::PARKED_COLUMNS;
    let sql = format!(
        "SELECT {columns} FROM parked_return WHERE purchase_source = ?1 AND purchase_reference = ?2 \
         ORDER BY recorded_at, source, reference"
    );
    let mut lookup = Lookup::new(connection, faults, "read_waiting", &sql)?;
    for key in &keys.purchases_awaited {
        let waiting = lookup.all((&key.source, &key.reference), |row| rows::parked_return(row, 0))?;
        if !waiting.is_empty() {
            resolved.waiting.insert(key.clone(), waiting);
        }
    }
    let sql = format!("SELECT {columns} FROM parked_return WHERE source = ?1 AND reference = ?2");
    let mut lookup = Lookup::new(connection, faults, "read_parked", &sql)?;
    for key in &keys.documents {
        if let Some(parked) = lookup.one((&key.source, &key.reference), |row| rows::parked_return(row, 0))? {
            resolved.parked.insert(key.clone(), parked);
        }
    }
    Ok(())
}

pub(super) fn load(connection: &Connection, faults: &Faults, loads: &Loads) -> Result<Loaded, StoreError> {
    let mut loaded = Loaded::default();
    load_states(connection, faults, loads, &mut loaded)?;
    load_lots(connection, faults, loads, &mut loaded)?;
    if loads.persons {
        load_persons(connection, faults, loads, &mut loaded)?;
    }
    if let Some(known) = &loads.audiences {
        loaded.audiences = load_audiences(connection, faults, known)?;
    }
    load_entries(connection, faults, loads, &mut loaded)?;
    load_redeemed_lots(connection, faults, &mut loaded)?;
    loaded.burn = burn::load(connection, faults, &loads.burn)?;
    super::vouchers::load(connection, faults, loads, &mut loaded)?;
    Ok(loaded)
}

fn load_states(
    connection: &Connection,
    faults: &Faults,
    loads: &Loads,
    loaded: &mut Loaded,
) -> Result<(), StoreError> {
    let sql = "SELECT state FROM account WHERE account_id = ?1";
    let mut lookup = Lookup::new(connection, faults, "read_account", sql)?;
    loaded.states.reserve(loads.accounts.len());
    for account_id in &loads.accounts {
        if let Some(state) = lookup.one([account_id.number()], |row| rows::state(row.text(0)?))? {
            loaded.states.insert(*account_id, state);
        }
    }
    Ok(())
}

fn load_lots(
    connection: &Connection,
    faults: &Faults,
    loads: &Loads,
    loaded: &mut Loaded,
) -> Result<(), StoreError> {
    let columns = rows::LOT_COLUMNS;
    let asked: HashSet<AccountId> = loads.with_lots.iter().copied().collect();
    let sql = format!("SELECT {columns} FROM lot l WHERE l.account_id = ?1 AND l.remaining + l.held > 0");
    let mut lookup = Lookup::new(connection, faults, "read_lots", &sql)?;
    for (account_id, state) in &mut loaded.states {
        let due = state.next_due_at.is_some_and(|due| loads.due_before.is_some_and(|limit| due <= limit));
        if due || asked.contains(account_id) {
            state.lots = lookup.all([account_id.number()], |row| rows::lot(row, 0))?;
            state.lots_loaded = true;
        }
    }
    let sql =
        format!("SELECT {columns} FROM lot l WHERE l.account_id = ?1 AND (l.entry_no = ?2 OR l.origin = ?3)");
    let mut lookup = Lookup::new(connection, faults, "read_issued_lots", &sql)?;
    for entry in &loads.entries {
        if let Some(state) = loaded.states.get_mut(&entry.account_id) {
            let key = (entry.account_id.number(), entry.entry_no, entry.to_string());
            let issued = lookup.all(key, |row| rows::lot(row, 0))?;
            rows::add_lots(state, issued);
        }
    }
    Ok(())
}

fn load_persons(
    connection: &Connection,
    faults: &Faults,
    loads: &Loads,
    loaded: &mut Loaded,
) -> Result<(), StoreError> {
    let sql = "SELECT m.born_on, m.segments, m.declined_segments, n.number FROM member m \
               LEFT JOIN member_number n ON n.account_id = m.account_id WHERE m.account_id = ?1";
    let mut lookup = Lookup::new(connection, faults, "read_person", sql)?;
    for account_id in &loads.accounts {
        let person: Option<Person> = lookup.one([account_id.number()], |row| rows::person(row, 0))?;
        loaded.persons.extend(person.map(|person| (*account_id, person)));
    }
    Ok(())
}

/// The versions of all audiences, and the sets of those that are not known in that version.
fn load_audiences(
    connection: &Connection,
    faults: &Faults,
    known: &HashMap<Code, u64>,
) -> Result<Vec<AudienceSet>, StoreError> {
    let sql = "SELECT segment, version FROM audience";
    let mut found = Lookup::new(connection, faults, "read_audiences", sql)?.all([], |row| {
        let (segment, version) = (rows::code(row.text(0)?)?, rows::number(row.int(1)?)?);
        Ok(AudienceSet { segment, version, members: None })
    })?;
    let sql = "SELECT members FROM audience WHERE segment = ?1";
    for audience in &mut found {
        if known.get(&audience.segment) != Some(&audience.version) {
            let mut lookup = Lookup::new(connection, faults, "read_audience", sql)?;
            audience.members = lookup.one([audience.segment.as_str()], |row| Ok(row.bytes(0)?.to_vec()))?;
        }
    }
    Ok(found)
}

fn load_entries(
    connection: &Connection,
    faults: &Faults,
    loads: &Loads,
    loaded: &mut Loaded,
) -> Result<(), StoreError> {
    if loads.entries.is_empty() {
        return Ok(());
    }
    let sql = format!(
        "SELECT e.sequence, {} FROM entry e WHERE e.account_id = ?1 AND e.entry_no = ?2",
        rows::ENTRY_COLUMNS
    );
    let mut entries = Lookup::new(connection, faults, "read_entry", &sql)?;
    let sql = format!(
        "SELECT {} FROM posting p WHERE p.sequence = ?1 ORDER BY p.posting_no",
        rows::POSTING_COLUMNS
    );
    let mut postings = Lookup::new(connection, faults, "read_postings", &sql)?;
    let sql = "SELECT progress FROM returned WHERE account_id = ?1 AND entry_no = ?2";
    let mut returned = Lookup::new(connection, faults, "read_returned", sql)?;
    for id in &loads.entries {
        let key = (id.account_id.number(), id.entry_no);
        let Some((sequence, mut entry)) = entries.one(key, |row| Ok((row.int(0)?, rows::entry(row, 1)?)))?
        else {
            continue;
        };
        let moved: Vec<Posting> = postings.all([sequence], |row| rows::posting(row, 0))?;
        entry.postings = moved;
        let progress = returned.one(key, |row| rows::parse("returned", row.text(0)?))?;
        loaded.entries.insert(*id, LoadedEntry { entry, returned: progress.unwrap_or_default() });
    }
    Ok(())
}

/// The lots that loaded entries redeemed points of: giving points back needs them although nothing may be left.
fn load_redeemed_lots(
    connection: &Connection,
    faults: &Faults,
    loaded: &mut Loaded,
) -> Result<(), StoreError> {
    let mut named: Vec<(AccountId, u32)> = Vec::new();
    for found in loaded.entries.values() {
        let redeemed =
            found.entry.postings.iter().filter(|posting| posting.credit == LedgerAccount::Redeemed);
        named.extend(redeemed.map(|posting| (found.entry.id.account_id, posting.lot_no)));
    }
    if named.is_empty() {
        return Ok(());
    }
    let columns = rows::LOT_COLUMNS;
    let sql = format!("SELECT {columns} FROM lot l WHERE l.account_id = ?1 AND l.lot_no = ?2");
    let mut lookup = Lookup::new(connection, faults, "read_redeemed_lots", &sql)?;
    named.sort_unstable();
    named.dedup();
    for (account_id, lot_no) in named {
        if let Some(state) = loaded.states.get_mut(&account_id) {
            let lot = lookup.one((account_id.number(), lot_no), |row| rows::lot(row, 0))?;
            rows::add_lots(state, lot.into_iter().collect());
        }
    }
    Ok(())
}

fn entry_id(row: &Row<'_>, first: usize) -> Result<EntryId, StoreError> {
    Ok(EntryId {
        account_id: rows::account_id(row.int(first)?)?,
        entry_no: rows::number(row.int(first + 1)?)?,
    })
}
