//! The writes of a batch on PostgreSQL: one array statement per table in a fixed order, all on their way at once.
//! Rows of a unique key are sorted, so that two batches wait for each other in one direction only.

use std::collections::HashSet;

use domain::code::Code;
use domain::ledger::{AccountState, Lot, LotChange};
use tokio_postgres::Statement;

use super::burn;
use super::error::first_cause;
use super::lane::{Params, Run};
use crate::rows::{self, Columns, micros};
use crate::{BudgetSpend, Changes, Conflict, StoreError};

#[expect(clippy::many_single_char_names, reason = "sixteen outcomes that are only passed on")]
pub(super) async fn save(run: &Run<'_>, changes: &Changes<'_>) -> Result<(), StoreError> {
    let statements = run.statements;
    let (a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p) = tokio::join!(
        biased;
        accounts(run, &statements.insert_accounts, Conflict::Account, &changes.new_accounts, changes),
        accounts(run, &statements.update_accounts, Conflict::AccountChanged, &changes.accounts, changes),
        new_lots(run, changes),
        changed_lots(run, changes),
        entries(run, changes),
        postings(run, changes),
        tier_changes(run, changes),
        documents(run, changes),
        answers(run, changes),
        parked(run, changes),
        returned(run, changes),
        members(run, changes),
        identifiers(run, changes),
        programme_versions(run, changes),
        burn::save(run, &changes.burn),
        budgets(run, &changes.budget_spends),
    );
    first_cause([a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p])?;
    households(run, changes).await?;
    super::vouchers::save(run, changes).await
}

impl Run<'_> {
    /// Runs a statement that must touch as many rows as it was given.
    pub(super) async fn write(
        &self,
        name: &'static str,
        statement: &Statement,
        params: Params<'_>,
        (rows, conflict): (usize, Conflict),
    ) -> Result<(), StoreError> {
        let touched = self.execute(name, statement, params).await?;
        if usize::try_from(touched).ok() == Some(rows) { Ok(()) } else { Err(conflict.into()) }
    }
}

async fn accounts(
    run: &Run<'_>,
    statement: &Statement,
    conflict: Conflict,
    states: &[&AccountState],
    changes: &Changes<'_>,
) -> Result<(), StoreError> {
    if states.is_empty() {
        return Ok(());
    }
    let name = if conflict == Conflict::Account { "insert_accounts" } else { "update_accounts" };
    let mut sorted = states.to_vec();
    sorted.sort_by_key(|state| state.account_id);
    let columns = sorted
        .iter()
        .map(|state| rows::account_columns(state, changes.main_unit, changes.main_ladder))
        .collect::<Result<Vec<_>, _>>()?;
    let ids: Vec<i64> = sorted.iter().map(|state| state.account_id.number()).collect();
    let statuses: Vec<&str> = sorted.iter().map(|state| rows::status(state.status)).collect();
    let enrolled: Vec<i64> = sorted.iter().map(|state| micros(state.enrolled_at)).collect();
    let due: Vec<Option<i64>> = sorted.iter().map(|state| state.next_due_at.map(micros)).collect();
    let tiers: Vec<Option<&str>> = columns.iter().map(|c| c.tier.as_ref().map(Code::as_str)).collect();
    let points: Vec<i64> = columns.iter().map(|c| c.points).collect();
    let pending: Vec<i64> = columns.iter().map(|c| c.pending).collect();
    let spend: Vec<i64> = sorted.iter().map(|state| state.spend).collect();
    let counts: Vec<i64> = sorted.iter().map(|state| i64::from(state.purchase_count)).collect();
    let last: Vec<Option<i64>> = sorted.iter().map(|state| state.last_purchase_at.map(micros)).collect();
    let entry_nos: Vec<i64> = sorted.iter().map(|state| i64::from(state.last_entry_no)).collect();
    let json: Vec<&str> = columns.iter().map(|c| c.json.as_str()).collect();
    let params: Params<'_> = &[
        &ids, &statuses, &enrolled, &due, &tiers, &points, &pending, &spend, &counts, &last, &entry_nos,
        &json,
    ];
    run.write(name, statement, params, (states.len(), conflict)).await
}

/// Notes which new accounts are households.
async fn households(run: &Run<'_>, changes: &Changes<'_>) -> Result<(), StoreError> {
    let opened: Vec<_> = changes.new_accounts.iter().filter(|state| state.is_household()).collect();
    if opened.is_empty() {
        return Ok(());
    }
    let ids: Vec<i64> = opened.iter().map(|state| state.account_id.number()).collect();
    let opened_at: Vec<i64> = opened.iter().map(|state| micros(state.enrolled_at)).collect();
    let params: Params<'_> = &[&ids, &opened_at];
    let expected = (opened.len(), Conflict::Account);
    run.write("insert_households", &run.statements.insert_households, params, expected).await
}

/// The lots of a batch with a certain change, and whose they are.
fn lots<'c>(changes: &'c Changes<'_>, change: LotChange) -> Vec<(i64, &'c Lot)> {
    let states = changes.new_accounts.iter().chain(&changes.accounts);
    let mut lots: Vec<(i64, &Lot)> = states
        .flat_map(|state| state.lots.iter().map(|lot| (state.account_id.number(), lot)))
        .filter(|(_, lot)| lot.change == change)
        .collect();
    lots.sort_by_key(|(account, lot)| (*account, lot.lot_no));
    lots
}

async fn new_lots(run: &Run<'_>, changes: &Changes<'_>) -> Result<(), StoreError> {
    let lots = lots(changes, LotChange::New);
    if lots.is_empty() {
        return Ok(());
    }
    let accounts: Vec<i64> = lots.iter().map(|(account, _)| *account).collect();
    let column = |read: fn(&Lot) -> i64| lots.iter().map(|(_, lot)| read(lot)).collect::<Vec<i64>>();
    let instant = |read: fn(&Lot) -> Option<jiff::Timestamp>| {
        lots.iter().map(|(_, lot)| read(lot).map(micros)).collect()
    };
    let units: Vec<&str> = lots.iter().map(|(_, lot)| lot.unit.as_str()).collect();
    let funders: Vec<&str> = lots.iter().map(|(_, lot)| lot.funder.as_str()).collect();
    let pending: Vec<Option<i64>> = instant(|lot| lot.pending_until);
    let expires: Vec<Option<i64>> = instant(|lot| lot.expires_at);
    let origins: Vec<Option<String>> =
        lots.iter().map(|(_, lot)| lot.origin.map(|entry| entry.to_string())).collect();
    let params: Params<'_> = &[
        &accounts,
        &column(|lot| i64::from(lot.lot_no)),
        &units,
        &column(|lot| i64::from(lot.entry_no)),
        &funders,
        &column(|lot| i64::from(lot.cohort)),
        &column(|lot| micros(lot.earned_at)),
        &pending,
        &expires,
        &column(|lot| lot.issued),
        &column(|lot| lot.remaining),
        &column(|lot| lot.held),
        &column(|lot| lot.consumed),
        &column(|lot| lot.expired),
        &column(|lot| lot.clawed_back),
        &origins,
    ];
    run.write("insert_lots", &run.statements.insert_lots, params, (lots.len(), Conflict::Lot)).await
}

async fn changed_lots(run: &Run<'_>, changes: &Changes<'_>) -> Result<(), StoreError> {
    let lots = lots(changes, LotChange::Changed);
    if lots.is_empty() {
        return Ok(());
    }
    let accounts: Vec<i64> = lots.iter().map(|(account, _)| *account).collect();
    let column = |read: fn(&Lot) -> i64| lots.iter().map(|(_, lot)| read(lot)).collect::<Vec<i64>>();
    let pending: Vec<Option<i64>> = lots.iter().map(|(_, lot)| lot.pending_until.map(micros)).collect();
    let params: Params<'_> = &[
        &accounts,
        &column(|lot| i64::from(lot.lot_no)),
        &pending,
        &column(|lot| lot.remaining),
        &column(|lot| lot.held),
        &column(|lot| lot.consumed),
        &column(|lot| lot.expired),
        &column(|lot| lot.clawed_back),
    ];
    run.write("update_lots", &run.statements.update_lots, params, (lots.len(), Conflict::AccountChanged))
        .await
}

async fn entries(run: &Run<'_>, changes: &Changes<'_>) -> Result<(), StoreError> {
    let entries = &changes.entries;
    if entries.is_empty() {
        return Ok(());
    }
    let accounts: Vec<i64> = entries.iter().map(|entry| entry.id.account_id.number()).collect();
    let numbers: Vec<i64> = entries.iter().map(|entry| i64::from(entry.id.entry_no)).collect();
    let events: Vec<&str> = entries.iter().map(|entry| entry.fact.event()).collect();
    let occurred: Vec<i64> = entries.iter().map(|entry| micros(entry.occurred_at)).collect();
    let recorded: Vec<i64> = entries.iter().map(|entry| micros(entry.recorded_at)).collect();
    let versions: Vec<i64> = entries.iter().map(|entry| i64::from(entry.programme_version)).collect();
    let actors: Vec<&str> = entries.iter().map(|entry| entry.actor.as_str()).collect();
    let corrects: Vec<Option<i64>> = entries.iter().map(|entry| entry.corrects.map(i64::from)).collect();
    let bodies = entries.iter().map(|entry| rows::entry_body(entry)).collect::<Result<Vec<String>, _>>()?;
    let params: Params<'_> =
        &[&accounts, &numbers, &events, &occurred, &recorded, &versions, &actors, &corrects, &bodies];
    run.write("insert_entries", &run.statements.insert_entries, params, (entries.len(), Conflict::Entry))
        .await
}

async fn postings(run: &Run<'_>, changes: &Changes<'_>) -> Result<(), StoreError> {
    let postings: Vec<_> = changes
        .entries
        .iter()
        .flat_map(|entry| (1_i64..).zip(&entry.postings).map(|(number, posting)| (entry.id, number, posting)))
        .collect();
    if postings.is_empty() {
        return Ok(());
    }
    let accounts: Vec<i64> = postings.iter().map(|(id, ..)| id.account_id.number()).collect();
    let entry_nos: Vec<i64> = postings.iter().map(|(id, ..)| i64::from(id.entry_no)).collect();
    let numbers: Vec<i64> = postings.iter().map(|(_, number, _)| *number).collect();
    let units: Vec<&str> = postings.iter().map(|(.., posting)| posting.unit.as_str()).collect();
    let debits: Vec<&str> = postings.iter().map(|(.., posting)| posting.debit.as_str()).collect();
    let credits: Vec<&str> = postings.iter().map(|(.., posting)| posting.credit.as_str()).collect();
    let amounts: Vec<i64> = postings.iter().map(|(.., posting)| posting.amount).collect();
    let lots: Vec<i64> = postings.iter().map(|(.., posting)| i64::from(posting.lot_no)).collect();
    let rules: Vec<Option<&str>> =
        postings.iter().map(|(.., posting)| posting.rule.as_ref().map(Code::as_str)).collect();
    let funders: Vec<&str> = postings.iter().map(|(.., posting)| posting.funder.as_str()).collect();
    let params: Params<'_> =
        &[&accounts, &entry_nos, &numbers, &units, &debits, &credits, &amounts, &lots, &rules, &funders];
    run.write("insert_postings", &run.statements.insert_postings, params, (postings.len(), Conflict::Entry))
        .await
}

async fn tier_changes(run: &Run<'_>, changes: &Changes<'_>) -> Result<(), StoreError> {
    let all: Vec<_> = changes
        .entries
        .iter()
        .flat_map(|entry| {
            (1_i64..).zip(&entry.tier_changes).map(move |(number, change)| (entry, number, change))
        })
        .collect();
    if all.is_empty() {
        return Ok(());
    }
    let accounts: Vec<i64> = all.iter().map(|(entry, ..)| entry.id.account_id.number()).collect();
    let entry_nos: Vec<i64> = all.iter().map(|(entry, ..)| i64::from(entry.id.entry_no)).collect();
    let numbers: Vec<i64> = all.iter().map(|(_, number, _)| *number).collect();
    let ladders: Vec<&str> = all.iter().map(|(.., change)| change.ladder.as_str()).collect();
    let from: Vec<Option<&str>> =
        all.iter().map(|(.., change)| change.from.as_ref().map(Code::as_str)).collect();
    let to: Vec<&str> = all.iter().map(|(.., change)| change.to.as_str()).collect();
    let reasons: Vec<&str> = all.iter().map(|(.., change)| rows::tier_change_reason(change.reason)).collect();
    let occurred: Vec<i64> = all.iter().map(|(entry, ..)| micros(entry.occurred_at)).collect();
    let params: Params<'_> = &[&accounts, &entry_nos, &numbers, &ladders, &from, &to, &reasons, &occurred];
    let statement = &run.statements.insert_tier_changes;
    run.write("insert_tier_changes", statement, params, (all.len(), Conflict::Entry)).await
}

async fn documents(run: &Run<'_>, changes: &Changes<'_>) -> Result<(), StoreError> {
    if changes.documents.is_empty() {
        return Ok(());
    }
    let mut documents: Vec<_> = changes.documents.iter().collect();
    documents.sort_by(|a, b| a.key.cmp(&b.key));
    let sources: Vec<&str> = documents.iter().map(|document| document.key.source.as_str()).collect();
    let references: Vec<&str> = documents.iter().map(|document| document.key.reference.as_str()).collect();
    let accounts: Vec<i64> = documents.iter().map(|document| document.entry.account_id.number()).collect();
    let entry_nos: Vec<i64> = documents.iter().map(|document| i64::from(document.entry.entry_no)).collect();
    let fingerprints: Vec<&[u8]> = documents.iter().map(|document| &document.fingerprint[..]).collect();
    let params: Params<'_> = &[&sources, &references, &accounts, &entry_nos, &fingerprints];
    let statement = &run.statements.insert_documents;
    run.write("insert_documents", statement, params, (documents.len(), Conflict::Document)).await
}

async fn answers(run: &Run<'_>, changes: &Changes<'_>) -> Result<(), StoreError> {
    if changes.answers.is_empty() {
        return Ok(());
    }
    let mut answers: Vec<_> = changes.answers.iter().collect();
    answers.sort_by(|a, b| a.key.cmp(&b.key));
    let keys: Vec<&str> = answers.iter().map(|answer| answer.key.as_str()).collect();
    let fingerprints: Vec<&[u8]> = answers.iter().map(|answer| &answer.fingerprint[..]).collect();
    let statuses: Vec<i64> = answers.iter().map(|answer| i64::from(answer.status)).collect();
    let texts: Vec<&str> = answers.iter().map(|answer| answer.answer.as_str()).collect();
    let recorded: Vec<i64> = answers.iter().map(|answer| micros(answer.recorded_at)).collect();
    let params: Params<'_> = &[&keys, &fingerprints, &statuses, &texts, &recorded];
    let statement = &run.statements.insert_idempotency;
    run.write("insert_idempotency", statement, params, (answers.len(), Conflict::Idempotency)).await
}

/// First out, then in: a return cannot be parked twice.
async fn parked(run: &Run<'_>, changes: &Changes<'_>) -> Result<(), StoreError> {
    if !changes.unparked.is_empty() {
        let sources: Vec<&str> = changes.unparked.iter().map(|key| key.source.as_str()).collect();
        let references: Vec<&str> = changes.unparked.iter().map(|key| key.reference.as_str()).collect();
        let expected = (changes.unparked.len(), Conflict::ParkedReturn);
        run.write("delete_parked", &run.statements.delete_parked, &[&sources, &references], expected).await?;
    }
    if changes.parked.is_empty() {
        return Ok(());
    }
    let mut parked: Vec<_> = changes.parked.iter().collect();
    parked.sort_by(|a, b| a.document.key.cmp(&b.document.key));
    let sources: Vec<&str> = parked.iter().map(|p| p.document.key.source.as_str()).collect();
    let references: Vec<&str> = parked.iter().map(|p| p.document.key.reference.as_str()).collect();
    let purchase_sources: Vec<&str> = parked.iter().map(|p| p.document.purchase.source.as_str()).collect();
    let purchase_references: Vec<&str> =
        parked.iter().map(|p| p.document.purchase.reference.as_str()).collect();
    let fingerprints: Vec<&[u8]> = parked.iter().map(|p| &p.fingerprint[..]).collect();
    let bodies = parked.iter().map(|p| rows::json(&p.document)).collect::<Result<Vec<String>, _>>()?;
    let actors: Vec<&str> = parked.iter().map(|p| p.actor.as_str()).collect();
    let recorded: Vec<i64> = parked.iter().map(|p| micros(p.recorded_at)).collect();
    let params: Params<'_> = &[
        &sources,
        &references,
        &purchase_sources,
        &purchase_references,
        &fingerprints,
        &bodies,
        &actors,
        &recorded,
    ];
    let expected = (parked.len(), Conflict::ParkedReturn);
    run.write("insert_parked", &run.statements.insert_parked, params, expected).await
}

async fn returned(run: &Run<'_>, changes: &Changes<'_>) -> Result<(), StoreError> {
    if changes.returned.is_empty() {
        return Ok(());
    }
    let accounts: Vec<i64> = changes.returned.iter().map(|r| r.entry.account_id.number()).collect();
    let entry_nos: Vec<i64> = changes.returned.iter().map(|r| i64::from(r.entry.entry_no)).collect();
    let progress =
        changes.returned.iter().map(|r| rows::json(&r.progress)).collect::<Result<Vec<String>, _>>()?;
    let expected = (changes.returned.len(), Conflict::AccountChanged);
    let params: Params<'_> = &[&accounts, &entry_nos, &progress];
    run.write("upsert_returned", &run.statements.upsert_returned, params, expected).await
}

async fn members(run: &Run<'_>, changes: &Changes<'_>) -> Result<(), StoreError> {
    if !changes.new_members.is_empty() {
        let members = &changes.new_members;
        let accounts: Vec<i64> = members.iter().map(|m| m.account_id.number()).collect();
        let names: Vec<Option<&str>> = members.iter().map(|m| m.profile.name.as_deref()).collect();
        let born: Vec<Option<String>> =
            members.iter().map(|m| m.profile.born_on.map(|date| date.to_string())).collect();
        let languages: Vec<Option<&str>> = members.iter().map(|m| m.profile.language.as_deref()).collect();
        let segments =
            members.iter().map(|m| rows::json(&m.profile.segments)).collect::<Result<Vec<String>, _>>()?;
        let declined = members
            .iter()
            .map(|m| rows::json(&m.profile.declined_segments))
            .collect::<Result<Vec<String>, _>>()?;
        let search: Vec<&str> = members.iter().map(|m| m.search.as_str()).collect();
        let created: Vec<i64> = members.iter().map(|m| micros(m.created_at)).collect();
        let params: Params<'_> =
            &[&accounts, &names, &born, &languages, &segments, &declined, &search, &created];
        let expected = (members.len(), Conflict::Account);
        run.write("insert_members", &run.statements.insert_members, params, expected).await?;
    }
    if !changes.member_updates.is_empty() {
        let members = &changes.member_updates;
        let accounts: Vec<i64> = members.iter().map(|m| m.account_id.number()).collect();
        let names: Vec<Option<&str>> = members.iter().map(|m| m.profile.name.as_deref()).collect();
        let born: Vec<Option<String>> =
            members.iter().map(|m| m.profile.born_on.map(|date| date.to_string())).collect();
        let languages: Vec<Option<&str>> = members.iter().map(|m| m.profile.language.as_deref()).collect();
        let segments =
            members.iter().map(|m| rows::json(&m.profile.segments)).collect::<Result<Vec<String>, _>>()?;
        let declined = members
            .iter()
            .map(|m| rows::json(&m.profile.declined_segments))
            .collect::<Result<Vec<String>, _>>()?;
        let search: Vec<&str> = members.iter().map(|m| m.search.as_str()).collect();
        let updated: Vec<i64> = members.iter().map(|m| micros(m.updated_at)).collect();
        let versions: Vec<Option<i64>> = members.iter().map(|m| m.expected_version).collect();
        let params: Params<'_> =
            &[&accounts, &names, &born, &languages, &segments, &declined, &search, &updated, &versions];
        let expected = (members.len(), Conflict::MemberVersion);
        run.write("update_members", &run.statements.update_members, params, expected).await?;
    }
    Ok(())
}

async fn identifiers(run: &Run<'_>, changes: &Changes<'_>) -> Result<(), StoreError> {
    if changes.new_identifiers.is_empty() {
        return Ok(());
    }
    let mut new: Vec<_> = changes.new_identifiers.iter().collect();
    new.sort_by(|a, b| a.identifier.cmp(&b.identifier));
    let kinds: Vec<&str> = new.iter().map(|new| rows::kind(new.identifier.kind)).collect();
    let values: Vec<&str> = new.iter().map(|new| new.identifier.value.as_str()).collect();
    let accounts: Vec<i64> = new.iter().map(|new| new.account_id.number()).collect();
    let expected = (new.len(), Conflict::Identifier);
    let params: Params<'_> = &[&kinds, &values, &accounts];
    run.write("insert_identifiers", &run.statements.insert_identifiers, params, expected).await
}

async fn programme_versions(run: &Run<'_>, changes: &Changes<'_>) -> Result<(), StoreError> {
    let versions = &changes.programme_versions;
    if versions.is_empty() {
        return Ok(());
    }
    let numbers: Vec<i64> = versions.iter().map(|version| i64::from(version.version)).collect();
    let effective: Vec<i64> = versions.iter().map(|version| micros(version.effective_at)).collect();
    let published: Vec<i64> = versions.iter().map(|version| micros(version.published_at)).collect();
    let by: Vec<&str> = versions.iter().map(|version| version.published_by.as_str()).collect();
    let documents: Vec<&str> = versions.iter().map(|version| version.document.as_str()).collect();
    let params: Params<'_> = &[&numbers, &effective, &published, &by, &documents];
    let statement = &run.statements.insert_programme_versions;
    run.write("insert_programme_versions", statement, params, (versions.len(), Conflict::ProgrammeVersion))
        .await
}

/// Last and sorted: a budget is shared by all lanes, so its row is locked for as short as can be.
async fn budgets(run: &Run<'_>, spends: &[BudgetSpend]) -> Result<(), StoreError> {
    if spends.is_empty() {
        return Ok(());
    }
    let mut spends = spends.to_vec();
    spends.sort_by_key(|spend| spend.campaign);
    let campaigns: Vec<&str> = spends.iter().map(|spend| spend.campaign.as_str()).collect();
    let points: Vec<i64> = spends.iter().map(|spend| spend.points).collect();
    let limits: Vec<i64> = spends.iter().map(|spend| spend.limit_points).collect();
    run.execute("ensure_budgets", &run.statements.ensure_budgets, &[&campaigns, &limits]).await?;
    let params: Params<'_> = &[&campaigns, &points, &limits];
    let rows = run.query("spend_budgets", &run.statements.spend_budgets, params).await?;
    let granted = rows.iter().map(|row| row.text(0)).collect::<Result<HashSet<&str>, _>>()?;
    match spends.iter().find(|spend| !granted.contains(spend.campaign.as_str())) {
        Some(refused) => Err(Conflict::Budget(refused.campaign).into()),
        None => Ok(()),
    }
}
