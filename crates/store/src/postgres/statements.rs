//! The statements of a batch on PostgreSQL. Each takes arrays, so that its number does not grow with the batch.

use tokio_postgres::{Client, Statement};

use super::error::store_error;
use crate::StoreError;

/// What every lane's session is set to. The tables' keys are the only access paths a batch may take, however
/// small or stale the statistics are; with them fixed, planning each time anew would be wasted.
pub(super) const SESSION: &str = "SET enable_seqscan = off; SET enable_hashjoin = off; SET enable_mergejoin = off; \
     SET jit = off; SET plan_cache_mode = force_generic_plan; SET lock_timeout = '10s'";

macro_rules! statements {
    ($($name:ident = $sql:expr;)*) => {
        /// The prepared statements of one connection.
        pub(super) struct Statements {
            $(pub(super) $name: Statement,)*
        }

        impl Statements {
            /// Prepares them all; they are sent one after the other, once per connection.
            pub(super) async fn prepare(client: &Client) -> Result<Self, StoreError> {
                Ok(Self { $($name: client.prepare($sql).await.map_err(store_error)?,)* })
            }
        }
    };
}

statements! {
    read_identifiers = "SELECT i.kind, i.value, i.account_id FROM unnest($1::text[], $2::text[]) AS k (kind, value) \
        JOIN identifier i ON i.kind = k.kind AND i.value = k.value";
    read_documents = "SELECT d.source, d.reference, d.account_id, d.entry_no, d.fingerprint \
        FROM unnest($1::text[], $2::text[]) AS k (source, reference) \
        JOIN document d ON d.source = k.source AND d.reference = k.reference";
    read_idempotency = "SELECT key, fingerprint, status, answer FROM idempotency WHERE key = ANY ($1)";
    read_waiting = "SELECT p.source, p.reference, p.purchase_source, p.purchase_reference, p.fingerprint, p.body, \
        p.actor, p.recorded_at FROM unnest($1::text[], $2::text[]) AS k (source, reference) \
        JOIN parked_return p ON p.purchase_source = k.source AND p.purchase_reference = k.reference \
        ORDER BY p.recorded_at, p.source, p.reference";
    read_parked = "SELECT p.source, p.reference, p.purchase_source, p.purchase_reference, p.fingerprint, p.body, \
        p.actor, p.recorded_at FROM unnest($1::text[], $2::text[]) AS k (source, reference) \
        JOIN parked_return p ON p.source = k.source AND p.reference = k.reference";
    read_budgets = "SELECT campaign, spent FROM budget";

    // The locks of a batch, always in this order, so that two batches cannot wait for each other.
    lock_accounts = "SELECT account_id, state FROM account WHERE account_id = ANY ($1) ORDER BY account_id \
        FOR UPDATE";
    read_lots = "SELECT l.account_id, l.lot_no, l.unit, l.entry_no, l.funder, l.cohort, l.earned_at, \
        l.pending_until, l.expires_at, l.issued, l.remaining, l.held, l.consumed, l.expired, l.clawed_back, \
        l.origin FROM account a JOIN lot l ON l.account_id = a.account_id \
        WHERE a.account_id = ANY ($1) AND (a.next_due_at <= $2 OR a.account_id = ANY ($3)) \
        AND l.remaining + l.held > 0 ORDER BY l.account_id, l.lot_no";
    read_issued_lots = "SELECT l.account_id, l.lot_no, l.unit, l.entry_no, l.funder, l.cohort, l.earned_at, \
        l.pending_until, l.expires_at, l.issued, l.remaining, l.held, l.consumed, l.expired, l.clawed_back, \
        l.origin FROM unnest($1::bigint[], $2::bigint[], $3::text[]) AS k (account_id, entry_no, entry_id) \
        JOIN lot l ON l.account_id = k.account_id AND (l.entry_no = k.entry_no OR l.origin = k.entry_id) ORDER BY l.account_id, l.lot_no";
    read_persons = "SELECT account_id, born_on, segments FROM member WHERE account_id = ANY ($1)";
    read_entries = "SELECT e.account_id, e.entry_no, e.occurred_at, e.recorded_at, e.programme_version, e.actor, \
        e.corrects, e.body FROM unnest($1::bigint[], $2::bigint[]) AS k (account_id, entry_no) \
        JOIN entry e ON e.account_id = k.account_id AND e.entry_no = k.entry_no";
    read_postings = "SELECT p.account_id, p.entry_no, p.unit, p.debit, p.credit, p.amount, p.lot_no, p.rule, \
        p.funder FROM unnest($1::bigint[], $2::bigint[]) AS k (account_id, entry_no) \
        JOIN posting p ON p.account_id = k.account_id AND p.entry_no = k.entry_no \
        ORDER BY p.account_id, p.entry_no, p.posting_no";
    read_returned = "SELECT r.account_id, r.entry_no, r.progress \
        FROM unnest($1::bigint[], $2::bigint[]) AS k (account_id, entry_no) \
        JOIN returned r ON r.account_id = k.account_id AND r.entry_no = k.entry_no";

    insert_accounts = "INSERT INTO account (account_id, status, enrolled_at, next_due_at, tier, points, pending, \
        spend, purchase_count, last_purchase_at, last_entry_no, state) SELECT * FROM unnest($1::bigint[], \
        $2::text[], $3::bigint[], $4::bigint[], $5::text[], $6::bigint[], $7::bigint[], $8::bigint[], $9::bigint[], \
        $10::bigint[], $11::bigint[], $12::text[])";
    update_accounts = "UPDATE account a SET status = u.status, enrolled_at = u.enrolled_at, \
        next_due_at = u.next_due_at, tier = u.tier, points = u.points, pending = u.pending, spend = u.spend, \
        purchase_count = u.purchase_count, last_purchase_at = u.last_purchase_at, \
        last_entry_no = u.last_entry_no, state = u.state FROM unnest($1::bigint[], $2::text[], $3::bigint[], \
        $4::bigint[], $5::text[], $6::bigint[], $7::bigint[], $8::bigint[], $9::bigint[], $10::bigint[], \
        $11::bigint[], $12::text[]) AS u (account_id, status, enrolled_at, next_due_at, tier, points, pending, \
        spend, purchase_count, last_purchase_at, last_entry_no, state) WHERE a.account_id = u.account_id";
    insert_lots = "INSERT INTO lot (account_id, lot_no, unit, entry_no, funder, cohort, earned_at, pending_until, \
        expires_at, issued, remaining, held, consumed, expired, clawed_back, origin) SELECT * FROM unnest($1::bigint[], \
        $2::bigint[], $3::text[], $4::bigint[], $5::text[], $6::bigint[], $7::bigint[], $8::bigint[], $9::bigint[], \
        $10::bigint[], $11::bigint[], $12::bigint[], $13::bigint[], $14::bigint[], $15::bigint[], $16::text[])";
    update_lots = "UPDATE lot l SET pending_until = u.pending_until, remaining = u.remaining, held = u.held, \
        consumed = u.consumed, expired = u.expired, clawed_back = u.clawed_back FROM unnest($1::bigint[], \
        $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[], $8::bigint[]) \
        AS u (account_id, lot_no, pending_until, remaining, held, consumed, expired, clawed_back) \
        WHERE l.account_id = u.account_id AND l.lot_no = u.lot_no";
    insert_entries = "INSERT INTO entry (account_id, entry_no, event, occurred_at, recorded_at, programme_version, \
        actor, corrects, body) SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::text[], $4::bigint[], \
        $5::bigint[], $6::bigint[], $7::text[], $8::bigint[], $9::text[])";
    insert_postings = "INSERT INTO posting (account_id, entry_no, posting_no, unit, debit, credit, amount, lot_no, \
        rule, funder) SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::text[], $5::text[], \
        $6::text[], $7::bigint[], $8::bigint[], $9::text[], $10::text[])";
    insert_tier_changes = "INSERT INTO tier_change (account_id, entry_no, change_no, ladder, from_tier, to_tier, \
        reason, occurred_at) SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::text[], $5::text[], \
        $6::text[], $7::text[], $8::bigint[])";
    insert_documents = "INSERT INTO document (source, reference, account_id, entry_no, fingerprint) \
        SELECT * FROM unnest($1::text[], $2::text[], $3::bigint[], $4::bigint[], $5::bytea[])";
    insert_idempotency = "INSERT INTO idempotency (key, fingerprint, status, answer, recorded_at) \
        SELECT * FROM unnest($1::text[], $2::bytea[], $3::bigint[], $4::text[], $5::bigint[])";
    delete_parked = "DELETE FROM parked_return p USING unnest($1::text[], $2::text[]) AS k (source, reference) \
        WHERE p.source = k.source AND p.reference = k.reference";
    insert_parked = "INSERT INTO parked_return (source, reference, purchase_source, purchase_reference, fingerprint, \
        body, actor, recorded_at) SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::bytea[], \
        $6::text[], $7::text[], $8::bigint[])";
    upsert_returned = "INSERT INTO returned (account_id, entry_no, progress) \
        SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::text[]) \
        ON CONFLICT (account_id, entry_no) DO UPDATE SET progress = excluded.progress";
    insert_members = "INSERT INTO member (account_id, name, born_on, language, segments, search, created_at, \
        updated_at, version) SELECT *, 1 FROM unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::text[], \
        $6::text[], $7::bigint[], $7::bigint[])";
    update_members = "UPDATE member m SET name = u.name, born_on = u.born_on, language = u.language, \
        segments = u.segments, search = u.search, updated_at = u.updated_at, version = m.version + 1 \
        FROM unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::bigint[], \
        $8::bigint[]) AS u (account_id, name, born_on, language, segments, search, updated_at, expected) \
        WHERE m.account_id = u.account_id AND m.version = coalesce(u.expected, m.version)";
    insert_identifiers = "INSERT INTO identifier (kind, value, account_id) \
        SELECT * FROM unnest($1::text[], $2::text[], $3::bigint[])";
    insert_programme_versions = "INSERT INTO programme_version (version, effective_at, published_at, published_by, \
        document) SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::text[], $5::text[])";
    ensure_budgets = "INSERT INTO budget (campaign, spent, limit_points) \
        SELECT campaign, 0, limit_points FROM unnest($1::text[], $2::bigint[]) AS u (campaign, limit_points) \
        ON CONFLICT (campaign) DO NOTHING";
    spend_budgets = "UPDATE budget b SET spent = b.spent + u.points, \
        limit_points = greatest(u.limit_points, b.spent + u.points) \
        FROM unnest($1::text[], $2::bigint[], $3::bigint[]) AS u (campaign, points, limit_points) \
        WHERE b.campaign = u.campaign AND (u.points <= 0 OR b.spent + u.points <= u.limit_points) \
        RETURNING b.campaign";
}
