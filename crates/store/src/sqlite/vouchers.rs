//! Vouchers in a batch on SQLite: looked up one by one, written a row at a time.

use domain::document::DocumentKey;
use domain::voucher::{UseChange, VoucherUse};
use rusqlite::Connection;

use super::load::Lookup;
use super::save::Save;
use crate::faults::Faults;
use crate::rows::{self, Columns, micros};
use crate::vouchers::{self, VoucherId, VoucherKeys, VoucherRows};
use crate::{Changes, Conflict, Loaded, Loads, StoreError};

pub(super) fn resolve(
    connection: &Connection,
    faults: &Faults,
    keys: &VoucherKeys,
) -> Result<VoucherRows, StoreError> {
    let mut found = VoucherRows::default();
    if !keys.documents.is_empty() {
        resolve_documents(connection, faults, &keys.documents, &mut found)?;
    }
    if keys.batches.is_empty() {
        return Ok(found);
    }
    let columns = vouchers::BATCH_COLUMNS;
    let sql = format!("SELECT {columns} FROM voucher_batch WHERE reference = ?1 AND state <> 'abandoned'");
    let mut lookup = Lookup::new(connection, faults, "read_voucher_batch", &sql)?;
    for reference in &keys.batches {
        if let Some(batch) = lookup.one([reference], |row| vouchers::voucher_batch(row))? {
            found.batches.insert(reference.clone(), batch);
        }
    }
    let sql = "SELECT coalesce(max(batch_no), 0) FROM voucher_batch";
    let last = Lookup::new(connection, faults, "read_last_voucher_batch", sql)?.one([], |row| row.int(0))?;
    found.last_batch_no = last.unwrap_or(0);
    let sql = "SELECT template, issued FROM voucher_issue";
    let issued = Lookup::new(connection, faults, "read_voucher_issue", sql)?
        .all([], |row| Ok((rows::code(row.text(0)?)?, row.int(1)?)))?;
    found.issued.extend(issued);
    Ok(found)
}

fn resolve_documents(
    connection: &Connection,
    faults: &Faults,
    documents: &[DocumentKey],
    found: &mut VoucherRows,
) -> Result<(), StoreError> {
    let sql = "SELECT voucher_id FROM voucher_use WHERE source = ?1 AND reference = ?2 \
               AND state IN ('reserved', 'redeemed') ORDER BY voucher_id";
    let mut lookup = Lookup::new(connection, faults, "read_vouchers_of_document", sql)?;
    for key in documents {
        let ids = lookup.all((&key.source, &key.reference), |row| vouchers::voucher_id(row.bytes(0)?))?;
        if !ids.is_empty() {
            found.of_documents.insert(key.clone(), ids);
        }
    }
    Ok(())
}

pub(super) fn load(
    connection: &Connection,
    faults: &Faults,
    loads: &Loads,
    loaded: &mut Loaded,
) -> Result<(), StoreError> {
    if loads.vouchers.is_empty() {
        return Ok(());
    }
    let columns = vouchers::VOUCHER_COLUMNS;
    let sql = format!(
        "SELECT {columns} FROM voucher v JOIN voucher_batch b ON b.batch_no = v.batch_no WHERE v.voucher_id = ?1"
    );
    let mut lookup = Lookup::new(connection, faults, "read_voucher", &sql)?;
    let columns = vouchers::USE_COLUMNS;
    let sql = format!("SELECT {columns} FROM voucher_use WHERE voucher_id = ?1 ORDER BY use_no");
    let mut uses = Lookup::new(connection, faults, "read_voucher_uses", &sql)?;
    for id in &loads.vouchers {
        let key = &id.as_bytes()[..];
        let Some(voucher) = lookup.one([key], |row| vouchers::voucher(row))? else { continue };
        loaded.vouchers.insert(*id, voucher);
        vouchers::add_uses(&mut loaded.vouchers, uses.all([key], |row| vouchers::voucher_use(row))?);
    }
    Ok(())
}

pub(super) fn save(save: &Save<'_>, changes: &Changes<'_>) -> Result<(), StoreError> {
    if changes.vouchers.is_empty() {
        return Ok(());
    }
    save.voucher_batches(changes)?;
    save.new_vouchers(changes)?;
    save.changed_vouchers(changes)?;
    save.voucher_steps(changes)?;
    save.voucher_issues(changes)
}

impl Save<'_> {
    fn voucher_batches(&self, changes: &Changes<'_>) -> Result<(), StoreError> {
        let columns = vouchers::BATCH_COLUMNS;
        // First on, then new: a reference is free once its batch was abandoned.
        let mut update = self.write(
            "update_voucher_batch",
            Conflict::VoucherBatch,
            "UPDATE voucher_batch SET issued = ?4, state = ?5 WHERE batch_no = ?1 AND issued = ?2 AND state = ?3",
        )?;
        for batch in &changes.vouchers.batches {
            let (before, after) = (batch.before, batch.after);
            let states = (vouchers::batch_state(before.1), vouchers::batch_state(after.1));
            update.run_on_one((batch.batch_no, before.0, states.0, after.0, states.1))?;
        }
        let mut insert = self.write(
            "insert_voucher_batch",
            Conflict::VoucherBatch,
            &format!(
                "INSERT INTO voucher_batch ({columns}) \
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)"
            ),
        )?;
        for batch in &changes.vouchers.new_batches {
            insert.run((
                batch.batch_no,
                batch.reference.as_str(),
                &batch.fingerprint[..],
                batch.template.as_str(),
                batch.programme_version,
                batch.quantity,
                batch.issued,
                batch.value,
                batch.valid_from.map(micros),
                micros(batch.expires_at),
                vouchers::batch_state(batch.state),
                micros(batch.created_at),
                batch.created_by.as_str(),
            ))?;
        }
        Ok(())
    }

    fn new_vouchers(&self, changes: &Changes<'_>) -> Result<(), StoreError> {
        let mut insert = self.write(
            "insert_voucher",
            Conflict::Voucher,
            "INSERT INTO voucher (voucher_id, batch_no, state, account_id, code, value, uses_max, uses_taken, version) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 0, 1)",
        )?;
        for voucher in changes.vouchers.sorted_new() {
            insert.run((
                &voucher.id.as_bytes()[..],
                voucher.batch_no,
                vouchers::new_state(voucher),
                voucher.member.map(domain::ids::AccountId::number),
                &voucher.code,
                voucher.value,
                voucher.uses_max,
            ))?;
        }
        Ok(())
    }

    /// Uses that ended first, so that a slot is free before it is taken again.
    fn changed_vouchers(&self, changes: &Changes<'_>) -> Result<(), StoreError> {
        let mut update = self.write(
            "update_voucher",
            Conflict::Voucher,
            "UPDATE voucher SET state = ?3, account_id = ?4, code = ?5, uses_taken = ?6, version = version + 1 \
             WHERE voucher_id = ?1 AND version = ?2",
        )?;
        for voucher in changes.vouchers.sorted_changed() {
            update.run_on_one((
                &voucher.id.as_bytes()[..],
                voucher.version,
                vouchers::stored_state(voucher),
                voucher.member.map(domain::ids::AccountId::number),
                &voucher.code,
                vouchers::uses_taken(voucher),
            ))?;
        }
        let mut update = self.write(
            "update_voucher_use",
            Conflict::Voucher,
            "UPDATE voucher_use SET state = ?3, account_id = ?4, discount = ?5, changed_at = ?6, actor = ?7 \
             WHERE voucher_id = ?1 AND use_no = ?2",
        )?;
        for (id, each) in changes.vouchers.uses(UseChange::Changed) {
            update.run_on_one((
                &id.as_bytes()[..],
                each.use_no,
                vouchers::use_state(each.state),
                each.member.map(domain::ids::AccountId::number),
                each.discount,
                micros(each.changed_at),
                each.actor.as_str(),
            ))?;
        }
        let columns = vouchers::USE_COLUMNS;
        let mut insert = self.write(
            "insert_voucher_use",
            Conflict::Voucher,
            &format!(
                "INSERT INTO voucher_use ({columns}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)"
            ),
        )?;
        for (id, each) in changes.vouchers.uses(UseChange::New) {
            insert.run(use_params(&id, each))?;
        }
        Ok(())
    }

    fn voucher_steps(&self, changes: &Changes<'_>) -> Result<(), StoreError> {
        if changes.vouchers.steps.is_empty() {
            return Ok(());
        }
        let mut insert = self.write(
            "insert_voucher_step",
            Conflict::Voucher,
            "INSERT INTO voucher_step (step, batch_no, voucher_id, account_id, source, reference, discount, occurred_at) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        )?;
        for step in &changes.vouchers.steps {
            insert.run((
                step.kind.name(),
                step.batch_no,
                step.voucher.as_ref().map(|id| &id.as_bytes()[..]),
                step.member.map(domain::ids::AccountId::number),
                step.document.as_ref().map(|key| &key.source),
                step.document.as_ref().map(|key| &key.reference),
                step.discount,
                micros(step.at),
            ))?;
        }
        Ok(())
    }

    /// Last, like the budgets of campaigns.
    fn voucher_issues(&self, changes: &Changes<'_>) -> Result<(), StoreError> {
        for issue in &changes.vouchers.issues {
            let conflict = Conflict::VoucherIssue(issue.template);
            let template = issue.template.as_str();
            let mut ensure = self.write(
                "ensure_voucher_issue",
                conflict.clone(),
                "INSERT INTO voucher_issue (template, issued, issue_max) VALUES (?1, 0, ?2) \
                 ON CONFLICT (template) DO NOTHING",
            )?;
            ensure.run((template, issue.issue_max))?;
            let mut update = self.write(
                "order_vouchers",
                conflict,
                "UPDATE voucher_issue SET issued = issued + ?2, issue_max = max(?3, issued + ?2) \
                 WHERE template = ?1 AND (?2 <= 0 OR issued + ?2 <= ?3)",
            )?;
            update.run_on_one((template, issue.quantity, issue.issue_max))?;
        }
        Ok(())
    }
}

#[expect(clippy::type_complexity, reason = "the columns of a row, only passed on")]
fn use_params<'u>(
    id: &'u VoucherId,
    each: &'u VoucherUse,
) -> (&'u [u8], u32, u32, &'static str, &'u str, &'u str, Option<i64>, Option<i64>, i64, i64, i64, &'u str) {
    (
        &id.as_bytes()[..],
        each.use_no,
        each.slot,
        vouchers::use_state(each.state),
        each.document.source.as_str(),
        each.document.reference.as_str(),
        each.member.map(domain::ids::AccountId::number),
        each.reserved_until.map(micros),
        each.discount,
        micros(each.taken_at),
        micros(each.changed_at),
        each.actor.as_str(),
    )
}
