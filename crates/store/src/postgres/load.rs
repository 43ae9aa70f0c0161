//! The reads of a batch on PostgreSQL: one array statement per kind of row, all on their way at once.

use std::collections::{HashMap, HashSet};

use domain::code::Code;
use domain::document::DocumentKey;
use domain::ids::{AccountId, EntryId};
use domain::member::Identifier;
use tokio_postgres::Row;

use super::error::first_cause;
use super::lane::Run;
use super::{burn, parking};
use crate::rows::{self, Columns, micros};
use crate::{
    AudienceSet, Keys, Loaded, LoadedEntry, Loads, Resolved, StoreError, StoredAnswer, StoredDocument,
};

/// Outcome of one of several statements under way together.
pub(super) fn split<T: Default>(result: Result<T, StoreError>) -> (T, Result<(), StoreError>) {
    match result {
        Ok(rows) => (rows, Ok(())),
        Err(error) => (T::default(), Err(error)),
    }
}

/// The rows under the keys, and whether the batch may park returns.
pub(super) async fn resolve(run: &Run<'_>, keys: &Keys) -> Result<(Resolved, bool), StoreError> {
    let (turn, waiting, identifiers, documents, answers, parked, stocks, budgets) = tokio::join!(
        biased;
        parking::turn_of_purchases(run, keys),
        parking::waiting(run, parking::awaited_at_once(keys)),
        identifiers(run, &keys.identifiers),
        documents(run, &keys.documents),
        answers(run, &keys.idempotency_keys),
        parked(run, &keys.documents),
        burn::stocks(run, keys.stocks),
        budgets(run, keys.budgets),
    );
    let (waiting, first) = split(waiting);
    let (identifiers, second) = split(identifiers);
    let (documents, third) = split(documents);
    let (answers, fourth) = split(answers);
    let (parked, fifth) = split(parked);
    let (stocks, sixth) = split(stocks);
    let (budgets, seventh) = split(budgets);
    first_cause([turn, first, second, third, fourth, fifth, sixth, seventh])?;
    let mut resolved = Resolved::default();
    for row in &identifiers {
        let identifier = Identifier { kind: rows::parse_kind(row.text(0)?)?, value: row.text(1)?.to_owned() };
        resolved.accounts.insert(identifier, rows::account_id(row.int(2)?)?);
    }
    take_documents(&documents, &mut resolved)?;
    for row in &answers {
        let answer = StoredAnswer {
            fingerprint: rows::fingerprint(row.bytes(1)?)?,
            status: rows::number(row.int(2)?)?,
            answer: row.text(3)?.to_owned(),
        };
        resolved.answers.insert(row.text(0)?.to_owned(), answer);
    }
    parking::take_waiting(&waiting, &mut resolved)?;
    for row in &parked {
        resolved.parked.insert(document_key(row)?, rows::parked_return(row, 0)?);
    }
    for row in &stocks {
        resolved.stocks.insert(rows::code(row.text(0)?)?, row.int(1)?);
    }
    for row in &budgets {
        resolved.budgets.insert(rows::code(row.text(0)?)?, row.int(1)?);
    }
    let may_park = parking::resolve_with_returns(run, keys, &mut resolved).await?;
    resolved.vouchers = super::vouchers::resolve(run, &keys.vouchers).await?;
    Ok((resolved, may_park))
}

pub(super) fn take_documents(documents: &[Row], resolved: &mut Resolved) -> Result<(), StoreError> {
    for row in documents {
        let document =
            StoredDocument { entry: entry_id(row, 2)?, fingerprint: rows::fingerprint(row.bytes(4)?)? };
        resolved.documents.insert(document_key(row)?, document);
    }
    Ok(())
}

async fn identifiers(run: &Run<'_>, identifiers: &[Identifier]) -> Result<Vec<Row>, StoreError> {
    if identifiers.is_empty() {
        return Ok(Vec::new());
    }
    let kinds: Vec<&str> = identifiers.iter().map(|identifier| rows::kind(identifier.kind)).collect();
    let values: Vec<&str> = identifiers.iter().map(|identifier| identifier.value.as_str()).collect();
    run.query("read_identifiers", &run.statements.read_identifiers, &[&kinds, &values]).await
}

pub(super) async fn by_document(
    run: &Run<'_>,
    name: &'static str,
    statement: &tokio_postgres::Statement,
    keys: &[DocumentKey],
) -> Result<Vec<Row>, StoreError> {
    if keys.is_empty() {
        return Ok(Vec::new());
    }
    let sources: Vec<&str> = keys.iter().map(|key| key.source.as_str()).collect();
    let references: Vec<&str> = keys.iter().map(|key| key.reference.as_str()).collect();
    run.query(name, statement, &[&sources, &references]).await
}

pub(super) async fn documents(run: &Run<'_>, keys: &[DocumentKey]) -> Result<Vec<Row>, StoreError> {
    by_document(run, "read_documents", &run.statements.read_documents, keys).await
}

async fn parked(run: &Run<'_>, keys: &[DocumentKey]) -> Result<Vec<Row>, StoreError> {
    by_document(run, "read_parked", &run.statements.read_parked, keys).await
}

async fn answers(run: &Run<'_>, keys: &[String]) -> Result<Vec<Row>, StoreError> {
    if keys.is_empty() {
        return Ok(Vec::new());
    }
    run.query("read_idempotency", &run.statements.read_idempotency, &[&keys]).await
}

async fn budgets(run: &Run<'_>, needed: bool) -> Result<Vec<Row>, StoreError> {
    if !needed {
        return Ok(Vec::new());
    }
    run.query("read_budgets", &run.statements.read_budgets, &[]).await
}

pub(super) async fn load(run: &Run<'_>, loads: &Loads) -> Result<Loaded, StoreError> {
    let accounts = sorted_numbers(&loads.accounts);
    let entry_accounts: Vec<i64> = loads.entries.iter().map(|entry| entry.account_id.number()).collect();
    let entry_nos: Vec<i64> = loads.entries.iter().map(|entry| i64::from(entry.entry_no)).collect();
    let by_entry = (entry_accounts.as_slice(), entry_nos.as_slice());
    let statements = run.statements;
    let (states, lots, issued, redeemed, persons, audiences, entries, postings, returned, burn) = tokio::join!(
        biased;
        states(run, &accounts),
        lots(run, &accounts, loads),
        issued_lots(run, by_entry, &loads.entries),
        by_entry_id(run, "read_redeemed_lots", &statements.read_redeemed_lots, by_entry),
        persons(run, &accounts, loads.persons),
        audiences(run, loads.audiences.as_ref()),
        by_entry_id(run, "read_entries", &statements.read_entries, by_entry),
        by_entry_id(run, "read_postings", &statements.read_postings, by_entry),
        by_entry_id(run, "read_returned", &statements.read_returned, by_entry),
        burn::load(run, &loads.burn),
    );
    let (states, first) = split(states);
    let (lots, second) = split(lots);
    let (issued, third) = split(issued);
    let (persons, fourth) = split(persons);
    let (entries, fifth) = split(entries);
    let (postings, sixth) = split(postings);
    let (returned, seventh) = split(returned);
    let (redeemed, eighth) = split(redeemed);
    let (burn, ninth) = split(burn);
    let (audiences, tenth) = split(audiences);
    first_cause([first, second, third, eighth, fourth, tenth, fifth, sixth, seventh, ninth])?;
    let mut loaded = Loaded { audiences, burn, ..Loaded::default() };
    take_states(loads, &states, &mut loaded)?;
    take_lots(&lots, issued.iter().chain(&redeemed), &mut loaded)?;
    for row in &persons {
        loaded.persons.insert(rows::account_id(row.int(0)?)?, rows::person(row, 1)?);
    }
    take_entries(&entries, &postings, &returned, &mut loaded)?;
    super::vouchers::load(run, loads, &mut loaded).await?;
    Ok(loaded)
}

async fn states(run: &Run<'_>, accounts: &[i64]) -> Result<Vec<Row>, StoreError> {
    if accounts.is_empty() {
        return Ok(Vec::new());
    }
    run.query("lock_accounts", &run.statements.lock_accounts, &[&accounts]).await
}

async fn lots(run: &Run<'_>, accounts: &[i64], loads: &Loads) -> Result<Vec<Row>, StoreError> {
    if accounts.is_empty() || (loads.with_lots.is_empty() && loads.due_before.is_none()) {
        return Ok(Vec::new());
    }
    let due_before = loads.due_before.map_or(i64::MIN, micros);
    let with_lots = sorted_numbers(&loads.with_lots);
    run.query("read_lots", &run.statements.read_lots, &[&accounts, &due_before, &with_lots]).await
}

async fn persons(run: &Run<'_>, accounts: &[i64], needed: bool) -> Result<Vec<Row>, StoreError> {
    if accounts.is_empty() || !needed {
        return Ok(Vec::new());
    }
    run.query("read_persons", &run.statements.read_persons, &[&accounts]).await
}

/// Sent after the accounts were locked, so that what another server decided on one of them counts.
async fn audiences(
    run: &Run<'_>,
    known: Option<&HashMap<Code, u64>>,
) -> Result<Vec<AudienceSet>, StoreError> {
    let Some(known) = known else { return Ok(Vec::new()) };
    let segments: Vec<&str> = known.keys().map(Code::as_str).collect();
    let versions = known.values().map(|version| i64::try_from(*version)).collect::<Result<Vec<i64>, _>>();
    let versions = versions.map_err(|cause| StoreError::corrupt("version of an audience", &cause))?;
    let statement = &run.statements.read_audiences;
    let found = run.query("read_audiences", statement, &[&segments, &versions]).await?;
    found.iter().map(audience_set).collect()
}

fn audience_set(row: &Row) -> Result<AudienceSet, StoreError> {
    let members: Option<&[u8]> =
        row.try_get(2).map_err(|cause| StoreError::corrupt("members of an audience", &cause))?;
    Ok(AudienceSet {
        segment: rows::code(row.text(0)?)?,
        version: rows::number(row.int(1)?)?,
        members: members.map(<[u8]>::to_vec),
    })
}

async fn by_entry_id(
    run: &Run<'_>,
    name: &'static str,
    statement: &tokio_postgres::Statement,
    (accounts, numbers): (&[i64], &[i64]),
) -> Result<Vec<Row>, StoreError> {
    if accounts.is_empty() {
        return Ok(Vec::new());
    }
    run.query(name, statement, &[&accounts, &numbers]).await
}

/// The lots that entries issued, among them those that came back from another account.
async fn issued_lots(
    run: &Run<'_>,
    (accounts, numbers): (&[i64], &[i64]),
    entries: &[EntryId],
) -> Result<Vec<Row>, StoreError> {
    if entries.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<String> = entries.iter().map(ToString::to_string).collect();
    let statement = &run.statements.read_issued_lots;
    run.query("read_issued_lots", statement, &[&accounts, &numbers, &ids]).await
}

fn take_states(loads: &Loads, states: &[Row], loaded: &mut Loaded) -> Result<(), StoreError> {
    let asked: HashSet<AccountId> = loads.with_lots.iter().copied().collect();
    for row in states {
        let mut state = rows::state(row.text(1)?)?;
        // The same condition as in the statement that reads the lots.
        let due = state.next_due_at.is_some_and(|due| loads.due_before.is_some_and(|limit| due <= limit));
        state.lots_loaded = due || asked.contains(&state.account_id);
        loaded.states.insert(state.account_id, state);
    }
    Ok(())
}

fn take_lots<'r>(
    open: &[Row],
    named: impl Iterator<Item = &'r Row>,
    loaded: &mut Loaded,
) -> Result<(), StoreError> {
    for row in open {
        if let Some(state) = loaded.states.get_mut(&rows::account_id(row.int(0)?)?) {
            state.lots.push(rows::lot(row, 1)?);
        }
    }
    for row in named {
        if let Some(state) = loaded.states.get_mut(&rows::account_id(row.int(0)?)?) {
            rows::add_lots(state, vec![rows::lot(row, 1)?]);
        }
    }
    Ok(())
}

fn take_entries(
    entries: &[Row],
    postings: &[Row],
    returned: &[Row],
    loaded: &mut Loaded,
) -> Result<(), StoreError> {
    for row in entries {
        let entry = rows::entry(row, 0)?;
        loaded
            .entries
            .insert(entry.id, LoadedEntry { entry, returned: domain::ledger::ReturnProgress::default() });
    }
    for row in postings {
        if let Some(found) = loaded.entries.get_mut(&entry_id(row, 0)?) {
            found.entry.postings.push(rows::posting(row, 2)?);
        }
    }
    for row in returned {
        if let Some(found) = loaded.entries.get_mut(&entry_id(row, 0)?) {
            found.returned = rows::parse("returned", row.text(2)?)?;
        }
    }
    Ok(())
}

/// Locks are taken in ascending order, each once.
fn sorted_numbers(accounts: &[AccountId]) -> Vec<i64> {
    let mut numbers: Vec<i64> = accounts.iter().map(|account| account.number()).collect();
    numbers.sort_unstable();
    numbers.dedup();
    numbers
}

pub(super) fn entry_id(row: &Row, first: usize) -> Result<EntryId, StoreError> {
    Ok(EntryId {
        account_id: rows::account_id(row.int(first)?)?,
        entry_no: rows::number(row.int(first + 1)?)?,
    })
}

fn document_key(row: &Row) -> Result<DocumentKey, StoreError> {
    Ok(DocumentKey { source: row.text(0)?.to_owned(), reference: row.text(1)?.to_owned() })
}
