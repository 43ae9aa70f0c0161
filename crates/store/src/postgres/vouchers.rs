//! Vouchers in a batch on PostgreSQL: array statements, locks after those of the accounts, in the order of ids.

use domain::document::DocumentKey;
use domain::ids::AccountId;
use domain::voucher::UseChange;

use super::lane::{Params, Run};
use crate::rows::{self, Columns, micros};
use crate::vouchers::{self, VoucherKeys, VoucherRows};
use crate::{Changes, Conflict, Loaded, Loads, StoreError};

pub(super) async fn resolve(run: &Run<'_>, keys: &VoucherKeys) -> Result<VoucherRows, StoreError> {
    let mut found = VoucherRows::default();
    let statements = run.statements;
    if !keys.documents.is_empty() {
        let sources: Vec<&str> = keys.documents.iter().map(|key| key.source.as_str()).collect();
        let references: Vec<&str> = keys.documents.iter().map(|key| key.reference.as_str()).collect();
        let params: Params<'_> = &[&sources, &references];
        let statement = &statements.read_vouchers_of_documents;
        for row in run.query("read_vouchers_of_documents", statement, params).await? {
            let key = DocumentKey { source: row.text(0)?.to_owned(), reference: row.text(1)?.to_owned() };
            found.of_documents.entry(key).or_default().push(vouchers::voucher_id(row.bytes(2)?)?);
        }
    }
    if keys.batches.is_empty() {
        return Ok(found);
    }
    let batches =
        run.query("read_voucher_batches", &statements.read_voucher_batches, &[&keys.batches]).await?;
    for row in &batches {
        let batch = vouchers::voucher_batch(row)?;
        found.batches.insert(batch.reference.clone(), batch);
    }
    for row in run.query("read_last_voucher_batch", &statements.read_last_voucher_batch, &[]).await? {
        found.last_batch_no = row.int(0)?;
    }
    for row in run.query("read_voucher_issue", &statements.read_voucher_issue, &[]).await? {
        found.issued.insert(rows::code(row.text(0)?)?, row.int(1)?);
    }
    Ok(found)
}

pub(super) async fn load(run: &Run<'_>, loads: &Loads, loaded: &mut Loaded) -> Result<(), StoreError> {
    if loads.vouchers.is_empty() {
        return Ok(());
    }
    let mut ids: Vec<&[u8]> = loads.vouchers.iter().map(|id| &id.as_bytes()[..]).collect();
    ids.sort_unstable();
    ids.dedup();
    for row in run.query("lock_vouchers", &run.statements.lock_vouchers, &[&ids]).await? {
        let voucher = vouchers::voucher(&row)?;
        loaded.vouchers.insert(voucher.id, voucher);
    }
    let uses = run.query("read_voucher_uses", &run.statements.read_voucher_uses, &[&ids]).await?;
    let uses = uses.iter().map(vouchers::voucher_use).collect::<Result<Vec<_>, _>>()?;
    vouchers::add_uses(&mut loaded.vouchers, uses);
    Ok(())
}

pub(super) async fn save(run: &Run<'_>, changes: &Changes<'_>) -> Result<(), StoreError> {
    if changes.vouchers.is_empty() {
        return Ok(());
    }
    batches(run, changes).await?;
    new_vouchers(run, changes).await?;
    changed_vouchers(run, changes).await?;
    uses(run, changes).await?;
    steps(run, changes).await?;
    issues(run, changes).await
}

/// First on, then new: a reference is free once its batch was abandoned.
async fn batches(run: &Run<'_>, changes: &Changes<'_>) -> Result<(), StoreError> {
    for batch in &changes.vouchers.batches {
        let ((before, old), (after, new)) = (batch.before, batch.after);
        let params: Params<'_> =
            &[&batch.batch_no, &before, &vouchers::batch_state(old), &after, &vouchers::batch_state(new)];
        let expected = (1, Conflict::VoucherBatch);
        run.write("update_voucher_batch", &run.statements.update_voucher_batch, params, expected).await?;
    }
    for batch in &changes.vouchers.new_batches {
        let params: Params<'_> = &[
            &batch.batch_no,
            &batch.reference,
            &&batch.fingerprint[..],
            &batch.template.as_str(),
            &i64::from(batch.programme_version),
            &batch.quantity,
            &batch.issued,
            &batch.value,
            &batch.valid_from.map(micros),
            &micros(batch.expires_at),
            &vouchers::batch_state(batch.state),
            &micros(batch.created_at),
            &batch.created_by,
        ];
        let expected = (1, Conflict::VoucherBatch);
        run.write("insert_voucher_batch", &run.statements.insert_voucher_batch, params, expected).await?;
    }
    Ok(())
}

async fn new_vouchers(run: &Run<'_>, changes: &Changes<'_>) -> Result<(), StoreError> {
    let new = changes.vouchers.sorted_new();
    if new.is_empty() {
        return Ok(());
    }
    let ids: Vec<&[u8]> = new.iter().map(|voucher| &voucher.id.as_bytes()[..]).collect();
    let batches: Vec<i64> = new.iter().map(|voucher| voucher.batch_no).collect();
    let states: Vec<&str> = new.iter().map(|voucher| vouchers::new_state(voucher)).collect();
    let members: Vec<Option<i64>> = new.iter().map(|voucher| voucher.member.map(AccountId::number)).collect();
    let codes: Vec<Option<&str>> = new.iter().map(|voucher| voucher.code.as_deref()).collect();
    let values: Vec<Option<i64>> = new.iter().map(|voucher| voucher.value).collect();
    let uses: Vec<i64> = new.iter().map(|voucher| i64::from(voucher.uses_max)).collect();
    let params: Params<'_> = &[&ids, &batches, &states, &members, &codes, &values, &uses];
    let expected = (new.len(), Conflict::Voucher);
    run.write("insert_vouchers", &run.statements.insert_vouchers, params, expected).await
}

async fn changed_vouchers(run: &Run<'_>, changes: &Changes<'_>) -> Result<(), StoreError> {
    let moved = changes.vouchers.sorted_changed();
    if moved.is_empty() {
        return Ok(());
    }
    let ids: Vec<&[u8]> = moved.iter().map(|voucher| &voucher.id.as_bytes()[..]).collect();
    let versions: Vec<i64> = moved.iter().map(|voucher| voucher.version).collect();
    let states: Vec<&str> = moved.iter().map(|voucher| vouchers::stored_state(voucher)).collect();
    let members: Vec<Option<i64>> =
        moved.iter().map(|voucher| voucher.member.map(AccountId::number)).collect();
    let codes: Vec<Option<&str>> = moved.iter().map(|voucher| voucher.code.as_deref()).collect();
    let taken: Vec<i64> = moved.iter().map(|voucher| vouchers::uses_taken(voucher)).collect();
    let params: Params<'_> = &[&ids, &versions, &states, &members, &codes, &taken];
    let expected = (moved.len(), Conflict::Voucher);
    run.write("update_vouchers", &run.statements.update_vouchers, params, expected).await
}

/// Uses that ended first, so that a slot is free before it is taken again.
async fn uses(run: &Run<'_>, changes: &Changes<'_>) -> Result<(), StoreError> {
    let moved = changes.vouchers.uses(UseChange::Changed);
    if !moved.is_empty() {
        let ids: Vec<&[u8]> = moved.iter().map(|(id, _)| &id.as_bytes()[..]).collect();
        let numbers: Vec<i64> = moved.iter().map(|(_, each)| i64::from(each.use_no)).collect();
        let states: Vec<&str> = moved.iter().map(|(_, each)| vouchers::use_state(each.state)).collect();
        let members: Vec<Option<i64>> =
            moved.iter().map(|(_, each)| each.member.map(AccountId::number)).collect();
        let discounts: Vec<i64> = moved.iter().map(|(_, each)| each.discount).collect();
        let at: Vec<i64> = moved.iter().map(|(_, each)| micros(each.changed_at)).collect();
        let actors: Vec<&str> = moved.iter().map(|(_, each)| each.actor.as_str()).collect();
        let params: Params<'_> = &[&ids, &numbers, &states, &members, &discounts, &at, &actors];
        let expected = (moved.len(), Conflict::Voucher);
        run.write("update_voucher_uses", &run.statements.update_voucher_uses, params, expected).await?;
    }
    let new = changes.vouchers.uses(UseChange::New);
    if new.is_empty() {
        return Ok(());
    }
    let ids: Vec<&[u8]> = new.iter().map(|(id, _)| &id.as_bytes()[..]).collect();
    let numbers: Vec<i64> = new.iter().map(|(_, each)| i64::from(each.use_no)).collect();
    let slots: Vec<i64> = new.iter().map(|(_, each)| i64::from(each.slot)).collect();
    let states: Vec<&str> = new.iter().map(|(_, each)| vouchers::use_state(each.state)).collect();
    let sources: Vec<&str> = new.iter().map(|(_, each)| each.document.source.as_str()).collect();
    let references: Vec<&str> = new.iter().map(|(_, each)| each.document.reference.as_str()).collect();
    let members: Vec<Option<i64>> = new.iter().map(|(_, each)| each.member.map(AccountId::number)).collect();
    let until: Vec<Option<i64>> = new.iter().map(|(_, each)| each.reserved_until.map(micros)).collect();
    let discounts: Vec<i64> = new.iter().map(|(_, each)| each.discount).collect();
    let taken: Vec<i64> = new.iter().map(|(_, each)| micros(each.taken_at)).collect();
    let at: Vec<i64> = new.iter().map(|(_, each)| micros(each.changed_at)).collect();
    let actors: Vec<&str> = new.iter().map(|(_, each)| each.actor.as_str()).collect();
    let params: Params<'_> = &[
        &ids,
        &numbers,
        &slots,
        &states,
        &sources,
        &references,
        &members,
        &until,
        &discounts,
        &taken,
        &at,
        &actors,
    ];
    let expected = (new.len(), Conflict::Voucher);
    run.write("insert_voucher_uses", &run.statements.insert_voucher_uses, params, expected).await
}

async fn steps(run: &Run<'_>, changes: &Changes<'_>) -> Result<(), StoreError> {
    let steps = &changes.vouchers.steps;
    if steps.is_empty() {
        return Ok(());
    }
    let kinds: Vec<&str> = steps.iter().map(|step| step.kind.name()).collect();
    let batches: Vec<i64> = steps.iter().map(|step| step.batch_no).collect();
    let ids: Vec<Option<&[u8]>> =
        steps.iter().map(|step| step.voucher.as_ref().map(|id| &id.as_bytes()[..])).collect();
    let members: Vec<Option<i64>> = steps.iter().map(|step| step.member.map(AccountId::number)).collect();
    let documents = || steps.iter().map(|step| step.document.as_ref());
    let sources: Vec<Option<&str>> = documents().map(|key| key.map(|key| key.source.as_str())).collect();
    let references: Vec<Option<&str>> =
        documents().map(|key| key.map(|key| key.reference.as_str())).collect();
    let discounts: Vec<i64> = steps.iter().map(|step| step.discount).collect();
    let at: Vec<i64> = steps.iter().map(|step| micros(step.at)).collect();
    let params: Params<'_> = &[&kinds, &batches, &ids, &members, &sources, &references, &discounts, &at];
    let expected = (steps.len(), Conflict::Voucher);
    run.write("insert_voucher_steps", &run.statements.insert_voucher_steps, params, expected).await
}

/// Last, like the budgets of campaigns.
async fn issues(run: &Run<'_>, changes: &Changes<'_>) -> Result<(), StoreError> {
    let mut issues = changes.vouchers.issues.clone();
    issues.sort_by_key(|issue| issue.template);
    for issue in &issues {
        let template = issue.template.as_str();
        let ensure = &run.statements.ensure_voucher_issue;
        run.execute("ensure_voucher_issue", ensure, &[&template, &issue.issue_max]).await?;
        let params: Params<'_> = &[&template, &issue.quantity, &issue.issue_max];
        if run.execute("order_vouchers", &run.statements.order_vouchers, params).await? != 1 {
            return Err(vouchers::issue_refused(issue));
        }
    }
    Ok(())
}
