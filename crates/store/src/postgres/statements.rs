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
    share_parking = "SELECT pg_advisory_xact_lock_shared($1)";
    lock_parking = "SELECT pg_advisory_xact_lock($1)";
    read_parked = "SELECT p.source, p.reference, p.purchase_source, p.purchase_reference, p.fingerprint, p.body, \
        p.actor, p.recorded_at FROM unnest($1::text[], $2::text[]) AS k (source, reference) \
        JOIN parked_return p ON p.source = k.source AND p.reference = k.reference";
    read_budgets = "SELECT campaign, spent FROM budget";
    read_stocks = "SELECT reward, taken FROM stock";

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
        JOIN lot l ON l.account_id = k.account_id \
        AND (l.entry_no = k.entry_no OR l.origin = k.entry_id) ORDER BY l.account_id, l.lot_no";
    read_redeemed_lots = "SELECT l.account_id, l.lot_no, l.unit, l.entry_no, l.funder, l.cohort, l.earned_at, \
        l.pending_until, l.expires_at, l.issued, l.remaining, l.held, l.consumed, l.expired, l.clawed_back, \
        l.origin FROM (SELECT DISTINCT p.account_id, p.lot_no FROM unnest($1::bigint[], $2::bigint[]) \
        AS k (account_id, entry_no) JOIN posting p ON p.account_id = k.account_id AND p.entry_no = k.entry_no \
        WHERE p.credit = 'redeemed') AS r JOIN lot l ON l.account_id = r.account_id AND l.lot_no = r.lot_no \
        ORDER BY l.account_id, l.lot_no";
    read_holds = "SELECT h.account_id, h.hold_no, h.state, h.ends_at \
        FROM unnest($1::bigint[], $2::bigint[]) AS k (account_id, hold_no) \
        JOIN hold h ON h.account_id = k.account_id AND h.hold_no = k.hold_no";
    read_redemptions = "SELECT r.account_id, r.redemption_no, r.state \
        FROM unnest($1::bigint[], $2::bigint[]) AS k (account_id, redemption_no) \
        JOIN redemption r ON r.account_id = k.account_id AND r.redemption_no = k.redemption_no";
    read_persons = "SELECT m.account_id, m.born_on, m.segments, m.declined_segments, n.number FROM member m \
        LEFT JOIN member_number n ON n.account_id = m.account_id WHERE m.account_id = ANY ($1)";
    // A set that is known in this version is not read: it may be large, its version is not.
    read_audiences = "SELECT a.segment, a.version, \
        CASE WHEN k.version IS DISTINCT FROM a.version THEN a.members END \
        FROM audience a LEFT JOIN unnest($1::text[], $2::bigint[]) AS k (segment, version) ON k.segment = a.segment";
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
    insert_households = "INSERT INTO household (account_id, opened_at) SELECT * FROM unnest($1::bigint[], $2::bigint[])";
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
    insert_members = "INSERT INTO member (account_id, name, born_on, language, segments, declined_segments, \
        search, created_at, updated_at, version) SELECT *, 1 FROM unnest($1::bigint[], $2::text[], $3::text[], \
        $4::text[], $5::text[], $6::text[], $7::text[], $8::bigint[], $8::bigint[])";
    update_members = "UPDATE member m SET name = u.name, born_on = u.born_on, language = u.language, \
        segments = u.segments, declined_segments = u.declined_segments, search = u.search, \
        updated_at = u.updated_at, version = m.version + 1 \
        FROM unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], \
        $8::bigint[], $9::bigint[]) \
        AS u (account_id, name, born_on, language, segments, declined_segments, search, updated_at, expected) \
        WHERE m.account_id = u.account_id AND m.version = coalesce(u.expected, m.version)";
    insert_identifiers = "INSERT INTO identifier (kind, value, account_id) \
        SELECT * FROM unnest($1::text[], $2::text[], $3::bigint[])";
    insert_programme_versions = "INSERT INTO programme_version (version, effective_at, published_at, published_by, \
        document) SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::text[], $5::text[])";
    insert_holds = "INSERT INTO hold (account_id, hold_no, source, reference, unit, points, captured, state, \
        opened_at, ends_at) SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::text[], $4::text[], $5::text[], \
        $6::bigint[], $7::bigint[], $8::text[], $9::bigint[], $10::bigint[])";
    update_holds = "UPDATE hold h SET captured = h.captured + u.captured, state = u.state \
        FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::text[]) \
        AS u (account_id, hold_no, captured, state) \
        WHERE h.account_id = u.account_id AND h.hold_no = u.hold_no AND h.state = 'open'";
    insert_redemptions = "INSERT INTO redemption (account_id, redemption_no, source, reference, reward, quantity, \
        unit, points, money, state, requested_at) SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::text[], \
        $4::text[], $5::text[], $6::bigint[], $7::text[], $8::bigint[], $9::bigint[], $10::text[], $11::bigint[])";
    update_redemptions = "UPDATE redemption r SET state = u.state \
        FROM unnest($1::bigint[], $2::bigint[], $3::text[]) AS u (account_id, redemption_no, state) \
        WHERE r.account_id = u.account_id AND r.redemption_no = u.redemption_no AND r.state = 'requested'";
    ensure_stocks = "INSERT INTO stock (reward, taken, limit_units) \
        SELECT reward, 0, limit_units FROM unnest($1::text[], $2::bigint[]) AS u (reward, limit_units) \
        ON CONFLICT (reward) DO NOTHING";
    take_stocks = "UPDATE stock s SET taken = s.taken + u.units, \
        limit_units = greatest(u.limit_units, s.taken + u.units) \
        FROM unnest($1::text[], $2::bigint[], $3::bigint[]) AS u (reward, units, limit_units) \
        WHERE s.reward = u.reward AND (u.units <= 0 OR s.taken + u.units <= u.limit_units) RETURNING s.reward";
    ensure_budgets = "INSERT INTO budget (campaign, spent, limit_points) \
        SELECT campaign, 0, limit_points FROM unnest($1::text[], $2::bigint[]) AS u (campaign, limit_points) \
        ON CONFLICT (campaign) DO NOTHING";
    spend_budgets = "UPDATE budget b SET spent = b.spent + u.points, \
        limit_points = greatest(u.limit_points, b.spent + u.points) \
        FROM unnest($1::text[], $2::bigint[], $3::bigint[]) AS u (campaign, points, limit_points) \
        WHERE b.campaign = u.campaign AND (u.points <= 0 OR b.spent + u.points <= u.limit_points) \
        RETURNING b.campaign";

    read_vouchers_of_documents = "SELECT u.source, u.reference, u.voucher_id \
        FROM unnest($1::text[], $2::text[]) AS k (source, reference) \
        JOIN voucher_use u ON u.source = k.source AND u.reference = k.reference \
        WHERE u.state IN ('reserved', 'redeemed') ORDER BY u.voucher_id";
    read_voucher_batches = "SELECT batch_no, reference, fingerprint, template, programme_version, quantity, issued, \
        value, valid_from, expires_at, state, created_at, created_by FROM voucher_batch \
        WHERE reference = ANY ($1) AND state <> 'abandoned'";
    read_last_voucher_batch = "SELECT coalesce(max(batch_no), 0) FROM voucher_batch";
    read_voucher_issue = "SELECT template, issued FROM voucher_issue";
    // After the accounts, in the order of their ids.
    lock_vouchers = "SELECT v.voucher_id, v.batch_no, v.state, v.account_id, v.code, coalesce(v.value, b.value), \
        v.uses_max, v.version, b.template, b.programme_version, b.valid_from, b.expires_at, b.state \
        FROM voucher v JOIN voucher_batch b ON b.batch_no = v.batch_no WHERE v.voucher_id = ANY ($1) \
        ORDER BY v.voucher_id FOR UPDATE OF v";
    read_voucher_uses = "SELECT voucher_id, use_no, slot, state, source, reference, account_id, reserved_until, \
        discount, taken_at, changed_at, actor FROM voucher_use WHERE voucher_id = ANY ($1) \
        ORDER BY voucher_id, use_no";
    update_voucher_batch = "UPDATE voucher_batch SET issued = $4, state = $5 \
        WHERE batch_no = $1 AND issued = $2 AND state = $3";
    insert_voucher_batch = "INSERT INTO voucher_batch (batch_no, reference, fingerprint, template, programme_version, \
        quantity, issued, value, valid_from, expires_at, state, created_at, created_by) \
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)";
    insert_vouchers = "INSERT INTO voucher (voucher_id, batch_no, state, account_id, code, value, uses_max, \
        uses_taken, version) SELECT *, 0, 1 FROM unnest($1::bytea[], $2::bigint[], $3::text[], $4::bigint[], \
        $5::text[], $6::bigint[], $7::bigint[])";
    update_vouchers = "UPDATE voucher v SET state = u.state, account_id = u.account_id, code = u.code, \
        uses_taken = u.uses_taken, version = v.version + 1 FROM unnest($1::bytea[], $2::bigint[], $3::text[], \
        $4::bigint[], $5::text[], $6::bigint[]) AS u (voucher_id, version, state, account_id, code, uses_taken) \
        WHERE v.voucher_id = u.voucher_id AND v.version = u.version";
    update_voucher_uses = "UPDATE voucher_use v SET state = u.state, account_id = u.account_id, \
        discount = u.discount, changed_at = u.changed_at, actor = u.actor FROM unnest($1::bytea[], $2::bigint[], \
        $3::text[], $4::bigint[], $5::bigint[], $6::bigint[], $7::text[]) \
        AS u (voucher_id, use_no, state, account_id, discount, changed_at, actor) \
        WHERE v.voucher_id = u.voucher_id AND v.use_no = u.use_no";
    insert_voucher_uses = "INSERT INTO voucher_use (voucher_id, use_no, slot, state, source, reference, account_id, \
        reserved_until, discount, taken_at, changed_at, actor) SELECT * FROM unnest($1::bytea[], $2::bigint[], \
        $3::bigint[], $4::text[], $5::text[], $6::text[], $7::bigint[], $8::bigint[], $9::bigint[], $10::bigint[], \
        $11::bigint[], $12::text[])";
    insert_voucher_steps = "INSERT INTO voucher_step (step, batch_no, voucher_id, account_id, source, reference, \
        discount, occurred_at) SELECT * FROM unnest($1::text[], $2::bigint[], $3::bytea[], $4::bigint[], $5::text[], \
        $6::text[], $7::bigint[], $8::bigint[])";
    ensure_voucher_issue = "INSERT INTO voucher_issue (template, issued, issue_max) VALUES ($1, 0, $2) \
        ON CONFLICT (template) DO NOTHING";
    order_vouchers = "UPDATE voucher_issue SET issued = issued + $2::bigint, \
        issue_max = greatest($3::bigint, issued + $2::bigint) \
        WHERE template = $1 AND ($2::bigint <= 0 OR issued + $2::bigint <= $3::bigint)";
}
