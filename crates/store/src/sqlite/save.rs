//! The writes of a batch on SQLite: prepared statements in a fixed order, a row at a time.

use domain::code::Code;
use domain::ledger::{AccountState, Entry, LotChange};
use rusqlite::{CachedStatement, Connection, Params};

use super::error::{insert_error, store_error};
use crate::faults::Faults;
use crate::rows::{self, micros};
use crate::{Changes, Conflict, StoreError};

/// The connection of a save, with the hook around each of its statements.
pub(super) struct Save<'c> {
    connection: &'c Connection,
    faults: &'c Faults,
}

/// A prepared write.
pub(super) struct Write<'c> {
    statement: CachedStatement<'c>,
    faults: &'c Faults,
    name: &'static str,
    conflict: Conflict,
}

impl<'c> Save<'c> {
    pub(super) fn write(
        &self,
        name: &'static str,
        conflict: Conflict,
        sql: &str,
    ) -> Result<Write<'c>, StoreError> {
        let statement = self.connection.prepare_cached(sql).map_err(store_error)?;
        Ok(Write { statement, faults: self.faults, name, conflict })
    }
}

impl Write<'_> {
    /// Runs the statement and says how many rows it touched.
    pub(super) fn run(&mut self, params: impl Params) -> Result<usize, StoreError> {
        let call = self.faults.before(self.name)?;
        let touched =
            self.statement.execute(params).map_err(|error| insert_error(error, self.conflict.clone()))?;
        self.faults.after(call)?;
        Ok(touched)
    }

    /// Runs a statement that must touch exactly one row.
    pub(super) fn run_on_one(&mut self, params: impl Params) -> Result<(), StoreError> {
        match self.run(params)? {
            1 => Ok(()),
            _ => Err(self.conflict.clone().into()),
        }
    }
}

pub(super) fn save(
    connection: &Connection,
    faults: &Faults,
    changes: &Changes<'_>,
) -> Result<(), StoreError> {
    let save = Save { connection, faults };
    save.new_accounts(changes)?;
    save.changed_accounts(changes)?;
    save.lots(changes)?;
    save.entries(&changes.entries)?;
    save.documents(changes)?;
    save.answers(changes)?;
    save.parked_returns(changes)?;
    save.returned(changes)?;
    save.members(changes)?;
    save.identifiers(changes)?;
    save.programme_versions(changes)?;
    save.burn(&changes.burn)?;
    save.budgets(changes)?;
    super::vouchers::save(&save, changes)
}

impl Save<'_> {
    fn new_accounts(&self, changes: &Changes<'_>) -> Result<(), StoreError> {
        if changes.new_accounts.is_empty() {
            return Ok(());
        }
        let mut insert = self.write(
            "insert_account",
            Conflict::Account,
            "INSERT INTO account (account_id, status, enrolled_at, next_due_at, tier, points, pending, spend, \
             purchase_count, last_purchase_at, last_entry_no, state) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
        )?;
        for state in &changes.new_accounts {
            run_account(&mut insert, state, changes.main_unit, changes.main_ladder)?;
        }
        let mut note = self.write(
            "insert_household",
            Conflict::Account,
            "INSERT INTO household (account_id, opened_at) VALUES (?1, ?2)",
        )?;
        for state in changes.new_accounts.iter().filter(|state| state.is_household()) {
            note.run_on_one((state.account_id.number(), micros(state.enrolled_at)))?;
        }
        Ok(())
    }

    fn changed_accounts(&self, changes: &Changes<'_>) -> Result<(), StoreError> {
        if changes.accounts.is_empty() {
            return Ok(());
        }
        let mut update = self.write(
            "update_account",
            Conflict::AccountChanged,
            "UPDATE account SET status = ?2, enrolled_at = ?3, next_due_at = ?4, tier = ?5, points = ?6, \
             pending = ?7, spend = ?8, purchase_count = ?9, last_purchase_at = ?10, last_entry_no = ?11, \
             state = ?12 WHERE account_id = ?1",
        )?;
        for state in &changes.accounts {
            run_account(&mut update, state, changes.main_unit, changes.main_ladder)?;
        }
        Ok(())
    }

    fn lots(&self, changes: &Changes<'_>) -> Result<(), StoreError> {
        let mut insert = self.write(
            "insert_lot",
            Conflict::Lot,
            "INSERT INTO lot (account_id, lot_no, unit, entry_no, funder, cohort, earned_at, pending_until, \
             expires_at, issued, remaining, held, consumed, expired, clawed_back, origin) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)",
        )?;
        let mut update = self.write(
            "update_lot",
            Conflict::AccountChanged,
            "UPDATE lot SET pending_until = ?3, remaining = ?4, held = ?5, consumed = ?6, expired = ?7, \
             clawed_back = ?8 WHERE account_id = ?1 AND lot_no = ?2",
        )?;
        for state in changes.new_accounts.iter().chain(&changes.accounts) {
            let account_id = state.account_id.number();
            for lot in &state.lots {
                let pending_until = lot.pending_until.map(micros);
                match lot.change {
                    LotChange::None => {}
                    LotChange::New => {
                        insert.run((
                            account_id,
                            lot.lot_no,
                            lot.unit.as_str(),
                            lot.entry_no,
                            lot.funder.as_str(),
                            lot.cohort,
                            micros(lot.earned_at),
                            pending_until,
                            lot.expires_at.map(micros),
                            lot.issued,
                            lot.remaining,
                            lot.held,
                            lot.consumed,
                            lot.expired,
                            lot.clawed_back,
                            lot.origin.map(|entry| entry.to_string()),
                        ))?;
                    }
                    LotChange::Changed => update.run_on_one((
                        account_id,
                        lot.lot_no,
                        pending_until,
                        lot.remaining,
                        lot.held,
                        lot.consumed,
                        lot.expired,
                        lot.clawed_back,
                    ))?,
                }
            }
        }
        Ok(())
    }

    fn entries(&self, entries: &[&Entry]) -> Result<(), StoreError> {
        let mut insert = self.write(
            "insert_entry",
            Conflict::Entry,
            "INSERT INTO entry (account_id, entry_no, event, occurred_at, recorded_at, programme_version, actor, \
             corrects, body) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        )?;
        let mut insert_posting = self.write(
            "insert_posting",
            Conflict::Entry,
            "INSERT INTO posting (sequence, posting_no, account_id, entry_no, unit, debit, credit, amount, lot_no, \
             rule, funder) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
        )?;
        for entry in entries {
            let account_id = entry.id.account_id.number();
            insert.run((
                account_id,
                entry.id.entry_no,
                entry.fact.event(),
                micros(entry.occurred_at),
                micros(entry.recorded_at),
                entry.programme_version,
                entry.actor.as_str(),
                entry.corrects,
                rows::entry_body(entry)?,
            ))?;
            let sequence = self.connection.last_insert_rowid();
            for (posting_no, posting) in (1_i64..).zip(&entry.postings) {
                insert_posting.run((
                    sequence,
                    posting_no,
                    account_id,
                    entry.id.entry_no,
                    posting.unit.as_str(),
                    posting.debit.as_str(),
                    posting.credit.as_str(),
                    posting.amount,
                    posting.lot_no,
                    posting.rule.as_ref().map(Code::as_str),
                    posting.funder.as_str(),
                ))?;
            }
            self.tier_changes(entry)?;
        }
        Ok(())
    }

    fn tier_changes(&self, entry: &Entry) -> Result<(), StoreError> {
        if entry.tier_changes.is_empty() {
            return Ok(());
        }
        let mut insert = self.write(
            "insert_tier_change",
            Conflict::Entry,
            "INSERT INTO tier_change (account_id, entry_no, change_no, ladder, from_tier, to_tier, reason, \
             occurred_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        )?;
        for (change_no, change) in (1_i64..).zip(&entry.tier_changes) {
            insert.run((
                entry.id.account_id.number(),
                entry.id.entry_no,
                change_no,
                change.ladder.as_str(),
                change.from.as_ref().map(Code::as_str),
                change.to.as_str(),
                rows::tier_change_reason(change.reason),
                micros(entry.occurred_at),
            ))?;
        }
        Ok(())
    }

    fn documents(&self, changes: &Changes<'_>) -> Result<(), StoreError> {
        let mut insert = self.write(
            "insert_document",
            Conflict::Document,
            "INSERT INTO document (source, reference, account_id, entry_no, fingerprint) \
             VALUES (?1, ?2, ?3, ?4, ?5)",
        )?;
        for document in &changes.documents {
            insert.run((
                document.key.source.as_str(),
                document.key.reference.as_str(),
                document.entry.account_id.number(),
                document.entry.entry_no,
                &document.fingerprint[..],
            ))?;
        }
        Ok(())
    }

    fn answers(&self, changes: &Changes<'_>) -> Result<(), StoreError> {
        let mut insert = self.write(
            "insert_idempotency",
            Conflict::Idempotency,
            "INSERT INTO idempotency (key, fingerprint, status, answer, recorded_at) VALUES (?1, ?2, ?3, ?4, ?5)",
        )?;
        for answer in &changes.answers {
            insert.run((
                answer.key.as_str(),
                &answer.fingerprint[..],
                answer.status,
                answer.answer.as_str(),
                micros(answer.recorded_at),
            ))?;
        }
        Ok(())
    }

    fn parked_returns(&self, changes: &Changes<'_>) -> Result<(), StoreError> {
        if changes.parked.is_empty() && changes.unparked.is_empty() {
            return Ok(());
        }
        // First out, then in: a return cannot be parked twice.
        let mut delete = self.write(
            "delete_parked_return",
            Conflict::ParkedReturn,
            "DELETE FROM parked_return WHERE source = ?1 AND reference = ?2",
        )?;
        for key in &changes.unparked {
            delete.run_on_one((key.source.as_str(), key.reference.as_str()))?;
        }
        let mut insert = self.write(
            "insert_parked_return",
            Conflict::ParkedReturn,
            "INSERT INTO parked_return (source, reference, purchase_source, purchase_reference, fingerprint, body, \
             actor, recorded_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        )?;
        for parked in &changes.parked {
            let document = &parked.document;
            insert.run((
                document.key.source.as_str(),
                document.key.reference.as_str(),
                document.purchase.source.as_str(),
                document.purchase.reference.as_str(),
                &parked.fingerprint[..],
                rows::json(document)?,
                parked.actor.as_str(),
                micros(parked.recorded_at),
            ))?;
        }
        Ok(())
    }

    fn returned(&self, changes: &Changes<'_>) -> Result<(), StoreError> {
        if changes.returned.is_empty() {
            return Ok(());
        }
        let mut upsert = self.write(
            "upsert_returned",
            Conflict::AccountChanged,
            "INSERT INTO returned (account_id, entry_no, progress) VALUES (?1, ?2, ?3) \
             ON CONFLICT (account_id, entry_no) DO UPDATE SET progress = excluded.progress",
        )?;
        for returned in &changes.returned {
            let progress = rows::json(&returned.progress)?;
            upsert.run((returned.entry.account_id.number(), returned.entry.entry_no, progress))?;
        }
        Ok(())
    }

    fn members(&self, changes: &Changes<'_>) -> Result<(), StoreError> {
        if changes.new_members.is_empty() && changes.member_updates.is_empty() {
            return Ok(());
        }
        let mut insert = self.write(
            "insert_member",
            Conflict::Account,
            "INSERT INTO member (account_id, name, born_on, language, segments, declined_segments, search, created_at, \
             updated_at, version) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?8, 1)",
        )?;
        for member in &changes.new_members {
            let profile = &member.profile;
            insert.run((
                member.account_id.number(),
                &profile.name,
                profile.born_on.map(|date| date.to_string()),
                &profile.language,
                rows::json(&profile.segments)?,
                rows::json(&profile.declined_segments)?,
                member.search.as_str(),
                micros(member.created_at),
            ))?;
        }
        let mut update = self.write(
            "update_member",
            Conflict::MemberVersion,
            "UPDATE member SET name = ?2, born_on = ?3, language = ?4, segments = ?5, declined_segments = ?6, \
             search = ?7, updated_at = ?8, version = version + 1 \
             WHERE account_id = ?1 AND version = coalesce(?9, version)",
        )?;
        for member in &changes.member_updates {
            let profile = &member.profile;
            update.run_on_one((
                member.account_id.number(),
                &profile.name,
                profile.born_on.map(|date| date.to_string()),
                &profile.language,
                rows::json(&profile.segments)?,
                rows::json(&profile.declined_segments)?,
                member.search.as_str(),
                micros(member.updated_at),
                member.expected_version,
            ))?;
        }
        Ok(())
    }

    fn identifiers(&self, changes: &Changes<'_>) -> Result<(), StoreError> {
        let mut insert = self.write(
            "insert_identifier",
            Conflict::Identifier,
            "INSERT INTO identifier (kind, value, account_id) VALUES (?1, ?2, ?3)",
        )?;
        for new in &changes.new_identifiers {
            let kind = rows::kind(new.identifier.kind);
            insert.run((kind, new.identifier.value.as_str(), new.account_id.number()))?;
        }
        Ok(())
    }

    fn programme_versions(&self, changes: &Changes<'_>) -> Result<(), StoreError> {
        let mut insert = self.write(
            "insert_programme_version",
            Conflict::ProgrammeVersion,
            "INSERT INTO programme_version (version, effective_at, published_at, published_by, document) \
             VALUES (?1, ?2, ?3, ?4, ?5)",
        )?;
        for version in &changes.programme_versions {
            insert.run((
                version.version,
                micros(version.effective_at),
                micros(version.published_at),
                version.published_by.as_str(),
                version.document.as_str(),
            ))?;
        }
        Ok(())
    }

    /// Last, because on the other engine a budget is shared by all lanes and must be locked briefly.
    fn budgets(&self, changes: &Changes<'_>) -> Result<(), StoreError> {
        for spend in &changes.budget_spends {
            let conflict = Conflict::Budget(spend.campaign);
            let campaign = spend.campaign.as_str();
            let mut ensure = self.write(
                "ensure_budget",
                conflict.clone(),
                "INSERT INTO budget (campaign, spent, limit_points) VALUES (?1, 0, ?2) \
                 ON CONFLICT (campaign) DO NOTHING",
            )?;
            ensure.run((campaign, spend.limit_points))?;
            // Giving back is always possible, even when the limit was lowered in between.
            let mut update = self.write(
                "spend_budget",
                conflict,
                "UPDATE budget SET spent = spent + ?2, limit_points = max(?3, spent + ?2) \
                 WHERE campaign = ?1 AND (?2 <= 0 OR spent + ?2 <= ?3)",
            )?;
            update.run_on_one((campaign, spend.points, spend.limit_points))?;
        }
        Ok(())
    }
}

fn run_account(
    write: &mut Write<'_>,
    state: &AccountState,
    main_unit: Option<Code>,
    main_ladder: Option<Code>,
) -> Result<(), StoreError> {
    let columns = rows::account_columns(state, main_unit, main_ladder)?;
    write.run_on_one((
        state.account_id.number(),
        rows::status(state.status),
        micros(state.enrolled_at),
        state.next_due_at.map(micros),
        columns.tier.as_ref().map(Code::as_str),
        columns.points,
        columns.pending,
        state.spend,
        state.purchase_count,
        state.last_purchase_at.map(micros),
        state.last_entry_no,
        columns.json,
    ))
}
